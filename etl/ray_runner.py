"""The runner for a Ray cluster: every shard is one core task, done by the function that does it on one machine."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

from etl.runners import TRIES, RunnerError, died, worker_environment, worker_variables
from etl.stops import keep_handlers

T = TypeVar("T")


class OnRay:
    """Tasks of one core on a cluster. A worker or a node that dies does not end the run: its shards are tried again."""

    def __init__(self, address: str | None = None, workers: int | None = None) -> None:
        """Join the cluster at `address`; without one, start one of `workers` processes on this machine."""
        self.address, self.workers = address, workers

    def map(self, do: Callable[[Any, T], Any], work: Any, tasks: Sequence[T]) -> Iterator[tuple[T, Any]]:
        """Yield (task, result or exception) as they come."""
        if not tasks:
            return
        ray = self._connect()
        # A shard's own error is tried again as on one machine; a ValueError says the same thing each time.
        again = [OSError, RuntimeError, MemoryError]
        remote = ray.remote(num_cpus=1, max_retries=TRIES - 1, retry_exceptions=again)(do)
        held = ray.put(work)
        running = {remote.remote(held, task): task for task in tasks}
        try:
            while running:
                [done], _ = ray.wait(list(running), num_returns=1)
                yield running.pop(done), _result(ray, done)
        finally:
            for left in running:
                ray.cancel(left, force=True)

    def _connect(self) -> Any:
        os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
        os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
        try:
            import ray
        except ImportError as error:
            raise RunnerError(
                "the runner `ray` needs Ray: in the clone of Ghirbal, uv sync --extra ray, or pip install '.[ray]'"
            ) from error
        if ray.is_initialized():
            return ray
        quiet: dict[str, Any] = {"log_to_driver": False, "logging_level": "error"}
        try:
            if self.address:
                ray.init(address=self.address, runtime_env={"env_vars": worker_environment()}, **quiet)
            else:
                # "local" starts a cluster of its own: an address that a dead one has left behind is not looked at.
                # It would answer SIGTERM itself, and end this process without a word.
                with worker_variables(), keep_handlers():
                    ray.init(address="local", num_cpus=self.workers, include_dashboard=False, **quiet)
        except (ConnectionError, RuntimeError, ValueError) as error:
            where = f"at {self.address}" if self.address else "on this machine"
            raise RunnerError(
                f"no Ray cluster {where} ({error}); see `ray status`, or run without --address"
            ) from error
        return ray


def _result(ray: Any, reference: Any) -> Any:
    """Return a task's result, or the exception that the same shard would have raised on one machine."""
    try:
        return ray.get(reference)
    except ray.exceptions.RayTaskError as error:
        return error.cause if isinstance(error.cause, Exception) else RuntimeError(str(error))
    except (
        ray.exceptions.WorkerCrashedError,
        ray.exceptions.NodeDiedError,
        ray.exceptions.OutOfMemoryError,
        ray.exceptions.ObjectLostError,
        ray.exceptions.TaskUnschedulableError,
    ) as error:
        return died(type(error).__name__)
