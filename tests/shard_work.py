"""Work on shards for the tests of the runners; a worker process imports it by name."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any


class Watch:
    """Progress that remembers which shards were kept and which were done."""

    def __init__(self) -> None:
        self.kept: list[str] = []
        self.warned: list[dict[str, Any]] = []
        self.done: list[str] = []

    def warn(self, event: str, text: str, **fields: Any) -> None:
        self.warned.append({"event": event, "text": text, **fields})

    @contextmanager
    def stage(self, name: str, total: int) -> Iterator[Any]:
        yield lambda shard, summary, kept=False: (self.kept if kept else self.done).append(shard)


def shout(source: Path, target: Path) -> dict[str, Any]:
    """Write the source in capitals; a source named `fails…` raises, one named `kills…` kills its process once."""
    if source.name.startswith("fails"):
        raise RuntimeError("not today")
    flag = source.parent.parent / f"{source.name}.killed"
    if source.name.startswith("kills") and not flag.exists():
        flag.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    if source.name.startswith("deadly"):
        os.kill(os.getpid(), signal.SIGKILL)
    target.write_text(source.read_text("utf-8").upper(), "utf-8")
    return {"pages": 1}


def double(_: None, number: int) -> int:
    """A shard that is done at once."""
    return 2 * number
