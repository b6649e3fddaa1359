"""What a build holds in memory, and what a page costs, as the corpus grows.

`python -m benchmarks.growth 25000 400000` makes a corpus of each size and builds it with two workers in processes of its own;
`--corpora FOLDER` keeps the corpora there and takes those that are there.
Every half second the memory of each process of the build is read (Linux): printed are the most that one worker held, the most
that the process that started them held, both as the kernel keeps count of it, and the most that all held together at one of
these moments, pages that they share counted once.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from benchmarks.cost import SEED, run_stages
from benchmarks.generate import write_corpus
from etl.params import Params
from etl.runners import choose_runner, worker_environment

_EVERY = 0.5
"""Seconds between two readings."""


@dataclass
class Peaks:
    """The most memory that was seen, in MB."""

    worker: float = 0.0
    parent: float = 0.0
    together: float = 0.0

    def read(self, process: int) -> None:
        """Read the memory of a process and of those that it has started."""
        total = 0.0
        for number in family(process):
            most, shared_out = read_memory(number)
            total += shared_out
            if number == process:
                self.parent = max(self.parent, most)
            else:
                self.worker = max(self.worker, most)
        self.together = max(self.together, total)


def family(process: int) -> list[int]:
    """A process and all that stem from it."""
    found = [process]
    for number in found:
        for thread in Path(f"/proc/{number}/task").glob("*/children"):
            try:
                found += map(int, thread.read_text().split())
            except OSError:  # it has ended since
                continue
    return found


def read_memory(process: int) -> tuple[float, float]:
    """The most resident memory that a process has held, in MB, and what it holds now, pages shared with others shared out."""
    try:
        status, now = (Path(f"/proc/{process}/{name}").read_text() for name in ("status", "smaps_rollup"))
    except OSError:
        return 0.0, 0.0
    lines = (line.partition(":") for line in (status + now).splitlines())
    sizes = {name: int(rest.split()[0]) / 1024 for name, _, rest in lines if rest.endswith("kB")}
    return sizes.get("VmHWM", 0.0), sizes.get("Pss", 0.0)


def build_here(corpus: Path, work: Path, workers: int) -> None:
    """Build a corpus; print the CPU seconds of each stage."""
    print(json.dumps(run_stages(corpus / "raw", work, Params(), choose_runner("local", workers))))


def grow(counts: list[int], workers: int, corpora: Path) -> None:
    """Build corpora of growing size -> a table of memory and CPU time a page."""
    print(f"| pages | a worker, MB | the first process, MB | all {workers + 1}, MB | CPU µs a page | by stage |")
    print("|---:|---:|---:|---:|---:|---|")
    for count in counts:
        corpus = corpora / str(count)
        if not corpus.exists():
            write_corpus(corpus, count, SEED, workers=workers)
        with tempfile.TemporaryDirectory() as folder:
            command = [sys.executable, "-m", "benchmarks.growth", "--build", str(corpus), folder]
            peaks = Peaks()
            environment = os.environ | worker_environment()
            with subprocess.Popen(
                [*command, "--workers", str(workers)], stdout=subprocess.PIPE, text=True, env=environment
            ) as build:
                while True:
                    peaks.read(build.pid)
                    try:
                        told, _ = build.communicate(timeout=_EVERY)
                        break
                    except subprocess.TimeoutExpired:
                        continue
            if build.returncode:
                raise SystemExit(f"the build of {count} pages failed")
        stages = json.loads(told.splitlines()[-1])
        each = ", ".join(f"{name} {seconds / count * 1e6:,.0f}" for name, seconds in stages.items())
        cost = sum(stages.values()) / count * 1e6
        print(
            f"| {count:,} | {peaks.worker:,.0f} | {peaks.parent:,.0f} | {peaks.together:,.0f} | {cost:,.0f} | {each} |",
            flush=True,
        )


def main() -> None:
    """Measure the sizes given on the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pages", type=int, nargs="*", default=[25_000, 400_000])
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--corpora", type=Path, help="folder of the corpora, kept; one is made and removed otherwise")
    parser.add_argument("--build", type=Path, nargs=2, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.build:
        build_here(*given.build, given.workers)
        return
    with tempfile.TemporaryDirectory() as folder:
        grow(given.pages, given.workers, given.corpora or Path(folder))


if __name__ == "__main__":
    main()
