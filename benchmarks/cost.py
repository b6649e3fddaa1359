"""What a page costs: CPU time against the floor of reading a corpus and writing it again, by stage, scored by the truth.

`python -m benchmarks.cost` makes a corpus whose truth is known, runs the whole build over it and the floor in turn, and
prints the median of each in microseconds of CPU a page (user and system, one process of one thread) and as a multiple of
the floor. A wrong answer does not count, however fast: the release is scored against the truth in the same run.
`--short` is the form CI runs: a small corpus, and an error where a ratio or a score leaves its bounds.
`--texts` reads the corpus from one .txt file a page. `--peers` puts datatrove beside it (dependency group `peers`).
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import statistics
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow.parquet as pq

from benchmarks.duplicates import shingles
from benchmarks.generate import write_corpus
from etl.build import (
    Build,
    make_docs,
    make_duplicates,
    make_pages,
    make_raw,
    make_release,
    make_templates,
)
from etl.knowledge import load_knowledge
from etl.params import Params
from etl.runners import InProcess, Runner, worker_environment

SEED = 1
DEDUP = ("duplicates",)
"""Stages that the variant without deduplication leaves out."""
BOUNDS = {"ratio": 160.0, "body": 0.80, "copies": 0.7}
"""Of the short form: floors that a page may cost, a third above what a busy machine measured; least scores."""
ALIKE = 0.7
"""Jaccard similarity of word 5-grams from which the true bodies of two pages are copies that must be found."""


def cpu_seconds() -> float:
    """CPU time of this process and of the children that have ended, in seconds."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def timed(work: Callable[[], Any]) -> float:
    """Run it; return its CPU time in seconds."""
    start = cpu_seconds()
    work()
    return cpu_seconds() - start


def copy_corpus(source: Path, target: Path) -> None:
    """The floor: read the corpus and write it as zstd Parquet, a batch at a time, nothing else."""
    target.mkdir(parents=True, exist_ok=True)
    for path in sorted(source.glob("*.parquet")):
        with (
            pq.ParquetFile(path) as file,
            pq.ParquetWriter(target / path.name, file.schema_arrow, compression="zstd") as writer,
        ):
            for batch in file.iter_batches(batch_size=2048):
                writer.write_batch(batch)


def run_stages(source: Path, work: Path, params: Params, runner: Runner | None = None) -> dict[str, float]:
    """Build a release from `source` in `work`; return the CPU seconds of each stage."""
    build = Build(work / "build", load_knowledge(params), runner=runner or InProcess())
    stages: dict[str, Callable[[], Any]] = {
        "read": lambda: make_raw(build, source),
        "repair": lambda: make_pages(build),
        "templates": lambda: make_templates(build),
        "clean": lambda: make_docs(build),
        "duplicates": lambda: make_duplicates(build),
        "release": lambda: make_release(build, work / "release"),
    }
    return {name: timed(stage) for name, stage in stages.items()}


def _shared_words(left: str, right: str) -> float:
    a, b = Counter(left.split()), Counter(right.split())
    shared = sum((a & b).values())
    return 2 * shared / max(sum(a.values()) + sum(b.values()), 1)


def _likeness(left: str, right: str) -> float:
    a, b = shingles(left), shingles(right)
    return len(a & b) / len(a | b)


def score_run(truth: Path, work: Path) -> dict[str, float]:
    """Truth and a build -> F1 of the words of Arabic bodies, share of copies found in the cluster of their story's first page."""
    known = pl.read_parquet(sorted(truth.glob("*.parquet")))
    docs = pl.read_parquet(
        sorted((work / "build" / "docs").glob("*.parquet")), columns=["id", "parent_id", "url", "text"]
    )
    raw = pl.read_parquet(sorted((work / "build" / "raw").glob("*.parquet")), columns=["id", "path"])
    own = docs.filter(pl.col("parent_id").is_null())
    # Pages are read in the order in which they were made.
    if len(raw) != len(known) or own["id"].to_list() != raw["id"].to_list():
        raise ValueError("the build has other pages than the corpus: score it against its own truth")
    joined = known.with_columns(own["id"], own["text"])
    arabic = joined.filter((pl.col("language") == "ar") & pl.col("damage").is_null())
    body = statistics.fmean(_shared_words(*pair) for pair in arabic.select("text", "body").rows())
    clusters = pl.read_parquet(work / "build" / "duplicates" / "clusters.parquet").select("id", "cluster_id")
    placed = joined.join(clusters, on="id", how="left", maintain_order="left")
    # A copy may have been edited beyond what counts as one; and a page in another language does not tell its story.
    first = placed.filter((pl.col("role") == "original") & (pl.col("language") == "ar"))
    copies = placed.filter(pl.col("role") != "original").join(
        first.select("story", _first="cluster_id", _body="body"), on="story", maintain_order="left"
    )
    copies = copies.filter(
        pl.Series([_likeness(*pair) >= ALIKE for pair in copies.select("body", "_body").rows()], dtype=pl.Boolean)
    )
    found = (copies["cluster_id"] == copies["_first"]).fill_null(False)
    return {
        "body": round(body, 4),
        "copies": round(found.sum() / max(len(copies), 1), 4),
        "n_copies": float(len(copies)),
    }


def measure(corpus: Path, times: int, params: Params) -> tuple[dict[str, list[float]], dict[str, float]]:
    """Floor and build in turn, `times` times -> CPU microseconds a page by stage, and the scores of the last build."""
    pages = sum(pq.ParquetFile(path).metadata.num_rows for path in (corpus / "raw").glob("*.parquet"))
    costs: dict[str, list[float]] = {}
    scores: dict[str, float] = {}
    for _ in range(times):
        with tempfile.TemporaryDirectory(dir=corpus) as folder:
            work = Path(folder)
            floor = timed(lambda work=work: copy_corpus(corpus / "raw", work / "floor"))  # type: ignore[misc]
            for name, seconds in {"floor": floor, **run_stages(corpus / "raw", work, params)}.items():
                costs.setdefault(name, []).append(seconds / pages * 1e6)
            scores = score_run(corpus / "truth", work)
    return costs, scores


def warm_up(source: Path, params: Params) -> None:
    """Build a few pages, so that what is made once a process (tables of rules, compiled patterns) is not measured."""
    with tempfile.TemporaryDirectory() as folder:
        few = Path(folder) / "few"
        few.mkdir()
        pl.read_parquet(sorted(source.glob("*.parquet"))[0]).head(64).write_parquet(few / "part-0.parquet")
        start = cpu_seconds()
        copy_corpus(few, Path(folder) / "floor")
        run_stages(few, Path(folder), params)
        print(f"Start-up and {64} pages: {cpu_seconds() - start:.1f} s of CPU, once a process, not in the table.\n")


def tabulate(costs: dict[str, list[float]]) -> list[tuple[str, float, float]]:
    """Costs by stage -> (what, µs a page, multiple of the floor), medians, with the sums with and without dedup."""
    runs = len(costs["floor"])
    stages = [name for name in costs if name != "floor"]
    sums = {
        "whole build": [sum(costs[name][run] for name in stages) for run in range(runs)],
        "without dedup": [sum(costs[name][run] for name in stages if name not in DEDUP) for run in range(runs)],
    }
    table = []
    for name, values in {**costs, **sums}.items():
        ratio = statistics.median(value / floor for value, floor in zip(values, costs["floor"], strict=True))
        table.append((name, statistics.median(values), ratio))
    return table


def print_table(rows: list[tuple[str, float, float]]) -> None:
    """Print the table as Markdown."""
    print("| stage | CPU µs a page | × floor |\n|---|---:|---:|")
    for name, cost, ratio in rows:
        print(f"| {name} | {cost:,.0f} | {ratio:.1f} |")


def read_texts(count: int) -> None:
    """Read a corpus of one .txt file a page, and build it: what reading costs beside the rest."""
    with tempfile.TemporaryDirectory() as folder:
        write_corpus(Path(folder) / "corpus", count, SEED, texts=True)
        costs = run_stages(Path(folder) / "corpus" / "texts", Path(folder), Params())
        shutil.rmtree(Path(folder) / "corpus")
    rest = sum(seconds for name, seconds in costs.items() if name != "read")
    print("| files | reading, µs a page | the rest, µs a page |\n|---:|---:|---:|")
    print(f"| {count:,} | {costs['read'] / count * 1e6:,.0f} | {rest / count * 1e6:,.0f} |")


def check_short(rows: list[tuple[str, float, float]], scores: dict[str, float]) -> list[str]:
    """The short form's table and scores -> what is out of bounds."""
    ratio = next(ratio for name, _, ratio in rows if name == "whole build")
    wrong = [f"a page costs {ratio:.0f} floors, more than {BOUNDS['ratio']:.0f}"] if ratio > BOUNDS["ratio"] else []
    return wrong + [
        f"{name} scores {scores[name]:.3f}, less than {BOUNDS[name]}"
        for name in ("body", "copies")
        if scores[name] < BOUNDS[name]
    ]


def main() -> int:
    """Measure what is asked for on the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--n", type=int, help="pages (8000; of the short form 1200; of --texts 100000)")
    parser.add_argument("--times", type=int, default=5, help="runs, of which the median is taken")
    parser.add_argument("--short", action="store_true", help="the form CI runs")
    parser.add_argument("--texts", action="store_true", help="one .txt file a page")
    parser.add_argument("--peers", action="store_true", help="datatrove beside it")
    parser.add_argument("--workers", type=int, default=1, help="processes that make the corpus")
    given = parser.parse_args()
    wanted = worker_environment()
    if any(os.environ.get(name) != value for name, value in wanted.items()):
        # A worker of the build is one thread, and the libraries ask only when they are imported.
        os.execve(sys.executable, [sys.executable, "-m", "benchmarks.cost", *sys.argv[1:]], os.environ | wanted)
    if given.texts:
        read_texts(given.n or 100_000)
        return 0
    with tempfile.TemporaryDirectory() as folder:
        corpus = Path(folder)
        write_corpus(corpus, given.n or (1200 if given.short else 8000), SEED, workers=given.workers)
        warm_up(corpus / "raw", Params())
        costs, scores = measure(corpus, 1 if given.short else given.times, Params())
        rows = tabulate(costs)
        print_table(rows)
        print(
            f"\nWords of Arabic bodies: F1 {scores['body']:.3f}; {scores['copies']:.1%} of {scores['n_copies']:.0f} copies "
            f"whose bodies are {ALIKE} alike or more lie in the cluster of their story."
        )
        if given.peers:
            from benchmarks.peers import compare

            compare(corpus / "raw", {name: cost for name, cost, _ in rows})
    wrong = check_short(rows, scores) if given.short else []
    for message in wrong:
        print(message, file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
