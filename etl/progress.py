"""What a person or a program sees while the pipeline works: bars on a terminal, plain lines elsewhere, events as JSON."""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Protocol, TextIO

from etl.wording import count_of

Advance = Callable[..., None]


class Progress(Protocol):
    """Told when a stage starts, and of each shard that is done."""

    def stage(self, name: str, total: int) -> Any:
        """Return a context manager that yields `advance(shard, summary, kept=...)`."""
        ...

    def warn(self, event: str, text: str, **fields: Any) -> None:
        """Say something that a person should look at; `fields` are the same for machines."""
        ...


def peak_memory() -> int:
    """Return the largest resident size so far of this process and its ended workers, in MB."""
    kilobytes = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return kilobytes // (1024 * 1024 if sys.platform == "darwin" else 1024)


def _say(line: str, out: TextIO) -> None:
    """Write a line at once and whole: a request to stop is told by another thread."""
    out.write(f"{line}\n")
    out.flush()


def _warn(event: str, text: str) -> None:
    _say(f"{event}: {text}", sys.stderr)


class _Silent:
    @contextmanager
    def stage(self, name: str, total: int) -> Iterator[Advance]:
        yield lambda shard, summary, kept=False: None

    def warn(self, event: str, text: str, **fields: Any) -> None:
        _warn(event, text)


SILENT: Progress = _Silent()


class Meter:
    """Counts a stage: what is done, how fast, how long it will take, the most memory that a process of it held.

    Shards that were kept cost nothing: rate and time left come from those that were done now.
    """

    def __init__(self, total: int) -> None:
        """Start the clock of a stage of `total` shards."""
        self.total, self.done, self.kept, self.pages, self.fresh = total, 0, 0, 0, 0
        self.started = time.monotonic()
        self.memory = peak_memory()

    def count(self, summary: dict[str, Any], kept: bool) -> None:
        """Count one shard."""
        pages = int(summary.get("pages", 0))
        self.done += 1
        self.kept += kept
        self.pages += pages
        self.fresh += 0 if kept else pages
        self.memory = max(self.memory, peak_memory(), int(summary.get("memory_mb", 0)))

    @property
    def seconds(self) -> float:
        """Since the start."""
        return time.monotonic() - self.started

    @property
    def rate(self) -> float:
        """Pages a second."""
        return self.fresh / max(self.seconds, 1e-9)

    def told_pages(self, rate: str = "") -> str:
        """Return the pages to be told, and their rate in this form; of what is not counted in pages nothing."""
        return f", {count_of(self.pages, 'page')}{rate.format(self.rate)}" if self.pages else ""

    @property
    def left(self) -> float | None:
        """Seconds that the shards to come will take; None before one is done."""
        worked = self.done - self.kept
        return self.seconds / worked * (self.total - self.done) if worked else None


class PlainLines:
    """Plain lines: one when a stage starts, then at most one every `every` seconds, one when it ends."""

    def __init__(self, out: TextIO | None = None, every: float = 5.0) -> None:
        """Write to `out` (default: stderr)."""
        self.out, self.every = out or sys.stderr, every

    def _say(self, text: str) -> None:
        _say(text, self.out)

    def warn(self, event: str, text: str, **fields: Any) -> None:
        """Say it in a line."""
        self._say(f"{event}: {text}")

    @contextmanager
    def stage(self, name: str, total: int) -> Iterator[Advance]:
        """Report one stage of `total` shards."""
        meter = Meter(total)
        last = meter.started

        def advance(shard: str, summary: dict[str, Any], kept: bool = False) -> None:
            nonlocal last
            meter.count(summary, kept)
            now = time.monotonic()
            if now - last >= self.every and meter.done < total:
                last = now
                left = "" if meter.left is None else f", {meter.left:,.0f} s left"
                self._say(
                    f"{name}: {meter.done}/{count_of(total, 'shard')}{meter.told_pages(', {:,.0f} pages/s')}{left}, {meter.memory} MB"
                )

        self._say(f"{name} …")
        yield advance
        unchanged = f" ({meter.kept} unchanged)" if meter.kept else ""
        self._say(
            f"{name}: {count_of(meter.done, 'shard')}{unchanged}{meter.told_pages()}, {meter.seconds:.1f} s, {meter.memory} MB"
        )


class Events:
    """One JSON object a line, for machines; docs/runs.md lists the events."""

    def __init__(self, out: TextIO | None = None) -> None:
        """Write to `out` (default: stderr)."""
        self.out = out or sys.stderr

    def _tell(self, **event: Any) -> None:
        _say(json.dumps(event, ensure_ascii=False, sort_keys=True), self.out)

    def warn(self, event: str, text: str, **fields: Any) -> None:
        """Say it as an event of that name."""
        self._tell(event=event, text=text, **fields)

    @contextmanager
    def stage(self, name: str, total: int) -> Iterator[Advance]:
        """Report one stage of `total` shards."""
        meter = Meter(total)
        self._tell(event="start", stage=name, shards=total)

        def advance(shard: str, summary: dict[str, Any], kept: bool = False) -> None:
            meter.count(summary, kept)
            left = meter.left
            told = {
                **summary,
                "seconds": round(meter.seconds, 3),
                "done": meter.done,
                "pages_per_second": round(meter.rate, 1),
                "seconds_left": None if left is None else round(left, 1),
            }
            self._tell(event="shard", stage=name, shard=shard, kept=kept, **told)

        yield advance
        self._tell(event="end", stage=name, seconds=round(meter.seconds, 3), memory_mb=meter.memory)


class Bars:
    """Bars on a terminal."""

    def warn(self, event: str, text: str, **fields: Any) -> None:
        """Say it in a line; no bar is shown between stages."""
        _warn(event, text)

    @contextmanager
    def stage(self, name: str, total: int) -> Iterator[Advance]:
        """Show one stage of `total` shards."""
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
        from rich.progress import Progress as RichProgress

        columns = (
            TextColumn("{task.description:<12}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[told]}"),
            TimeElapsedColumn(),
        )
        with RichProgress(*columns, console=Console(stderr=True)) as bars:
            meter = Meter(total)
            task = bars.add_task(name, total=total, told="")

            def advance(shard: str, summary: dict[str, Any], kept: bool = False) -> None:
                meter.count(summary, kept)
                left = "" if meter.left is None else f", {meter.left:,.0f} s left"
                told = f"{meter.told_pages(', {:,.0f}/s')}{left}, {meter.memory} MB".removeprefix(", ")
                bars.update(task, advance=1, told=told)

            yield advance


def tell_end(event: str, text: str, as_json: bool = False) -> None:
    """Say on stderr why a command ended before its time, as an event where events were asked for."""
    if as_json:
        Events().warn(event, text)
    else:
        _warn("ghirbal" if event == "error" else event, text)


def tell_stopping(as_json: bool = False) -> None:
    """Say on stderr that a command has been asked to end."""
    tell_end("stopping", "ends with the pages it is at, which may take some seconds", as_json)


def choose_progress(as_json: bool = False, quiet: bool = False) -> Progress:
    """Return bars on a terminal, plain lines elsewhere, JSON events or nothing where asked."""
    if quiet:
        return SILENT
    if as_json:
        return Events()
    return Bars() if sys.stderr.isatty() else PlainLines()
