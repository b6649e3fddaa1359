"""Where shards are worked on: processes of this machine, or a Ray cluster. Nothing else in the code knows which."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import resource_tracker
from typing import Any, Literal, Protocol, TypeVar

from etl.errors import UserError
from etl.stops import SIGNALS

T = TypeVar("T")
RunnerName = Literal["local", "ray"]
TRIES = 3
"""Times a shard is tried before it is reported as failed."""
_ONE_THREAD = {
    "POLARS_MAX_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "RAYON_NUM_THREADS": "1",
    "ARROW_IO_THREADS": "2",
}


def worker_environment() -> dict[str, str]:
    """Variables of a worker, one process of one thread, which the libraries read when they are imported.

    Arrow takes its memory from jemalloc where it can: it gives back what a batch no longer holds, 75 MB of a worker's 720,
    and costs no more.
    """
    import pyarrow as pa  # a command line that starts no worker does without it

    return _ONE_THREAD | (
        {"ARROW_DEFAULT_MEMORY_POOL": "jemalloc"} if "jemalloc" in pa.supported_memory_backends() else {}
    )


@contextmanager
def worker_variables() -> Iterator[None]:
    """Let the processes started within have the environment of workers."""
    wanted = worker_environment()
    before = {name: os.environ.get(name) for name in wanted}
    os.environ.update(wanted)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


class RunnerError(UserError):
    """The runner cannot be had; the message says what is missing."""


def died(why: str = "") -> RuntimeError:
    """Return the failure of a shard whose worker never came back, however often it was tried."""
    return RuntimeError(f"its worker process died {TRIES} times" + (f" ({why})" if why else ""))


class Runner(Protocol):
    """Runs `do(work, task)` for each task, in any order, and yields each task with its result or its exception."""

    def map(self, do: Callable[[Any, T], Any], work: Any, tasks: Sequence[T]) -> Iterator[tuple[T, Any]]:
        """Yield (task, result or exception) as they come."""
        ...


class InProcess:
    """The runner of small jobs: one shard after the other, here."""

    def map(self, do: Callable[[Any, T], Any], work: Any, tasks: Sequence[T]) -> Iterator[tuple[T, Any]]:
        """Yield (task, result or exception), in order."""
        for task in tasks:
            yield task, _try(do, work, task)


def _try(do: Callable[[Any, T], Any], work: Any, task: T) -> Any:
    for again in range(TRIES - 1, -1, -1):
        try:
            return do(work, task)
        except Exception as error:  # noqa: BLE001 - a shard's failure is a result; the caller reports it by name
            if not again or isinstance(error, ValueError):
                return error
    return None


_busy = threading.Event()
"""Set while this process, a worker, is at a shard."""


def _work_at(do: Callable[[Any, T], Any], work: Any, task: T) -> Any:
    _busy.set()
    try:
        return do(work, task)
    except SystemExit:  # what was half written is gone; the pool would take this for the shard's result
        os._exit(1)
    finally:
        _busy.clear()


def _begin_worker() -> None:
    """Set up a worker: Ctrl-C is its parent's affair, a request to stop ends its shard, and it ends with its parent."""

    def stop(number: int, frame: object) -> None:
        # Asked twice, by the system and by its parent, it still clears away what is half written.
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        # A library that is left in the midst of its work takes that for a fault of its own, and prints pages about it.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
        if _busy.is_set():
            raise SystemExit
        # It waits for a shard, or imports what the first one needs: nothing is half written, and nothing need be said.
        os._exit(1)

    def follow() -> None:
        parent = multiprocessing.parent_process()
        if parent is not None:
            parent.join()
        os._exit(1)

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, stop)
    # A thread takes over the mask of its maker: a signal that came to it would not wake the main thread, which acts on it.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
    threading.Thread(target=follow, daemon=True).start()
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})


@contextmanager
def _deaf() -> Iterator[None]:
    """Hold requests to stop back within: processes started here are deaf from their first moment, to Ctrl-C for good and to the
    other until they are ready for it; this one hears them after, when it knows of the process."""
    resource_tracker.ensure_running()  # Else it is started within, and lets the signals through again.
    before = signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


class Processes:
    """Worker processes of this machine. One that dies does not end the run: its shards are tried again."""

    def __init__(self, workers: int) -> None:
        """Use `workers` processes of one thread each."""
        self.workers = workers

    def map(self, do: Callable[[Any, T], Any], work: Any, tasks: Sequence[T]) -> Iterator[tuple[T, Any]]:
        """Yield (task, result or exception) as they come; a worker that is killed is replaced."""
        if len(tasks) <= 1:
            yield from InProcess().map(do, work, tasks)
            return
        with worker_variables():
            yield from self._map(do, work, list(tasks))

    def _map(self, do: Callable[[Any, T], Any], work: Any, tasks: list[T]) -> Iterator[tuple[T, Any]]:
        tries: Counter[int] = Counter()
        waiting = deque(range(len(tasks)))
        idle = [_one_worker() for _ in range(min(self.workers, len(tasks)))]
        running: dict[Future[Any], tuple[int, ProcessPoolExecutor]] = {}
        try:
            while waiting or running:
                # What failed once goes last and alone: it has all the memory there is, and takes nobody with it.
                while waiting and idle and not (running and tries[waiting[0]]):
                    number, worker = waiting.popleft(), idle.pop()
                    running[_submit(worker, _work_at, do, work, tasks[number])] = number, worker
                finished, _ = wait(running, return_when=FIRST_COMPLETED)
                for future in finished:
                    number, worker = running.pop(future)
                    error = future.exception()
                    dead = isinstance(error, BrokenProcessPool)
                    if dead or isinstance(error, _NotStarted):
                        worker.shutdown(cancel_futures=True)
                        worker = _one_worker()
                    idle.append(worker)
                    tries[number] += 1
                    if error is not None and tries[number] < TRIES and not isinstance(error, ValueError):
                        waiting.append(number)
                    else:
                        yield tasks[number], died() if dead else error if error is not None else future.result()
        except BaseException:
            for process in multiprocessing.active_children():
                process.terminate()
            raise
        finally:
            for worker in [*idle, *(worker for _, worker in running.values())]:
                worker.shutdown(cancel_futures=True)


class _NotStarted(RuntimeError):
    """The system gave no process."""


def _one_worker() -> ProcessPoolExecutor:
    """Return a pool of one process: when that dies no other loses its work, and it is known what it was at."""
    return ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn"), initializer=_begin_worker)


def _submit(worker: ProcessPoolExecutor, *call: Any) -> Future[Any]:
    """Give a worker its next shard. One that died meanwhile or cannot be started is that shard's failure."""
    try:
        with _deaf():
            return worker.submit(*call)
    except (BrokenProcessPool, OSError) as error:
        failed: Future[Any] = Future()
        # What was handed to a worker that did not start stays with it: both are replaced.
        failed.set_exception(error if isinstance(error, BrokenProcessPool) else _NotStarted(str(error)))
        return failed


def local_runner(workers: int | None = None) -> Runner:
    """Return the runner of this machine: `workers` processes (default: one a core), or this process for one."""
    workers = (
        workers or len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else workers or os.cpu_count() or 1
    )
    return Processes(workers) if workers > 1 else InProcess()


def choose_runner(name: RunnerName, workers: int | None = None, address: str | None = None) -> Runner:
    """Return the runner of that name; `address` is that of a Ray cluster."""
    if name == "ray":
        from etl.ray_runner import OnRay  # Ray is an extra

        return OnRay(address, workers)
    if address:
        raise RunnerError("an address is for the runner `ray`: add --runner ray")
    return local_runner(workers)
