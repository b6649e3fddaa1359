"""What a person or a program sees while the pipeline works: bars on a terminal, plain lines elsewhere, events as JSON."""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Protocol, TextIO

Advance = Callable[..., None]


class Progress(Protocol):
    """Told when a stage starts, and of each shard that is done."""

    def stage(self, name: str, total: int) -> Any:
        """Return a context manager that yields `advance(shard, summary, kept=...)`."""
        ...


def peak_memory() -> int:
    """Return the largest resident size so far of this process and its ended workers, in MB."""
    kilobytes = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return kilobytes // (1024 * 1024 if sys.platform == "darwin" else 1024)


class _Silent:
    @contextmanager
    def stage(self, name: str, total: int) -> Iterator[Advance]:
        yield lambda shard, summary, kept=False: None


SILENT: Progress = _Silent()


class Lines:
    """Plain lines: one when a stage starts, then at most one every `every` seconds, one when it ends."""

    def __init__(self, out: TextIO | None = None, every: float = 5.0) -> None:
        """Write to `out` (default: stderr)."""
        self.out, self.every = out or sys.stderr, every

    @contextmanager
    def stage(self, name: str, total: int) -> Iterator[Advance]:
        """Report one stage of `total` shards."""
        started = last = time.monotonic()
        done = pages = kept_shards = 0

        def advance(shard: str, summary: dict[str, Any], kept: bool = False) -> None:
            nonlocal done, pages, kept_shards, last
            done += 1
            kept_shards += kept
            pages += int(summary.get("pages", 0))
            now = time.monotonic()
            if now - last >= self.every and done < total:
                last = now
                rate = pages / (now - started)
                left = (now - started) / done * (total - done)
                print(
                    f"{name}: {done}/{total} shards, {pages:,} pages, {rate:,.0f} pages/s, {left:,.0f} s left, "
                    f"{peak_memory()} MB",
                    file=self.out,
                    flush=True,
                )

        print(f"{name} …", file=self.out, flush=True)
        yield advance
        seconds = time.monotonic() - started
        unchanged = f" ({kept_shards} unchanged)" if kept_shards else ""
        print(
            f"{name}: {done} shards{unchanged}, {pages:,} pages, {seconds:.1f} s, {peak_memory()} MB",
            file=self.out,
            flush=True,
        )


class Events:
    """One JSON object a line, for machines: {"event": "start" | "shard" | "end", "stage": …}."""

    def __init__(self, out: TextIO | None = None) -> None:
        """Write to `out` (default: stderr)."""
        self.out = out or sys.stderr

    def _tell(self, **event: Any) -> None:
        print(json.dumps(event, ensure_ascii=False, sort_keys=True), file=self.out, flush=True)

    @contextmanager
    def stage(self, name: str, total: int) -> Iterator[Advance]:
        """Report one stage of `total` shards."""
        started = time.monotonic()
        self._tell(event="start", stage=name, shards=total)
        yield lambda shard, summary, kept=False: self._tell(
            event="shard",
            stage=name,
            shard=shard,
            kept=kept,
            seconds=round(time.monotonic() - started, 3),
            **summary,
        )
        self._tell(event="end", stage=name, seconds=round(time.monotonic() - started, 3), memory_mb=peak_memory())


class Bars:
    """Bars on a terminal."""

    @contextmanager
    def stage(self, name: str, total: int) -> Iterator[Advance]:
        """Show one stage of `total` shards."""
        from rich.console import Console
        from rich.progress import (
            BarColumn,
            MofNCompleteColumn,
            TextColumn,
            TimeElapsedColumn,
            TimeRemainingColumn,
        )
        from rich.progress import Progress as RichProgress

        columns = (
            TextColumn("{task.description:<12}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[pages]:,} pages, {task.fields[rate]:,.0f}/s, {task.fields[memory]} MB"),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
        )
        with RichProgress(*columns, console=Console(stderr=True)) as bars:
            task = bars.add_task(name, total=total, pages=0, rate=0.0, memory=peak_memory())
            started = time.monotonic()
            pages = 0

            def advance(shard: str, summary: dict[str, Any], kept: bool = False) -> None:
                nonlocal pages
                pages += int(summary.get("pages", 0))
                rate = pages / max(time.monotonic() - started, 1e-9)
                bars.update(task, advance=1, pages=pages, rate=rate, memory=peak_memory())

            yield advance


def choose_progress(as_json: bool = False, quiet: bool = False) -> Progress:
    """Return bars on a terminal, plain lines elsewhere, JSON events or nothing where asked."""
    if quiet:
        return SILENT
    if as_json:
        return Events()
    return Bars() if sys.stderr.isatty() else Lines()
