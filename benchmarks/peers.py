"""datatrove on the same pages: its repair, line filter, quality filters and MinHash, one process, start-up subtracted.

What it does: ftfy; the line filter of C4; the Gopher and FineWeb quality filters with Arabic's tokens; MinHash in four
steps. What it does not: tell the article from its page, read fields, name the language, keep offsets or an audit,
validate. What the build here does not: sentence statistics by a trained tokenizer.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import polars as pl

LANGUAGE = "arb_Arab"
FEW = 16
"""Pages whose cost is taken for start-up."""


def run_datatrove(source: Path, out: Path, tokens: str) -> None:
    """Raw Parquet -> cleaned and deduplicated JSON lines, by datatrove."""
    from datatrove.executor import LocalPipelineExecutor
    from datatrove.pipeline.dedup.minhash import (
        MinhashConfig,
        MinhashDedupBuckets,
        MinhashDedupCluster,
        MinhashDedupFilter,
        MinhashDedupSignature,
    )
    from datatrove.pipeline.filters import C4QualityFilter, FineWebQualityFilter, GopherQualityFilter
    from datatrove.pipeline.formatters import FTFYFormatter
    from datatrove.pipeline.readers import JsonlReader, ParquetReader
    from datatrove.pipeline.writers import JsonlWriter
    from datatrove.utils.hashing import HashConfig
    from datatrove.utils.word_tokenizers import WordTokenizer

    class Whitespace(WordTokenizer):  # type: ignore[misc]
        """Words between white space: the cheapest tokens there are."""

        def word_tokenize(self, text: str) -> list[str]:
            return text.split()

        def sent_tokenize(self, text: str) -> list[str]:
            return text.split("\n")

        def span_tokenize(self, text: str) -> list[tuple[int, int]]:
            raise NotImplementedError

    language: Any = Whitespace() if tokens == "whitespace" else LANGUAGE

    def run(name: str, *steps: Any, tasks: int = 1) -> None:
        logs = str(out / "logs" / name)
        LocalPipelineExecutor(pipeline=list(steps), tasks=tasks, workers=1, logging_dir=logs).run()

    lines = C4QualityFilter(
        filter_no_terminal_punct=False, min_num_sentences=-1, filter_curly_bracket=False, language=language
    )
    run(
        "clean",
        ParquetReader(str(source), text_key="raw", id_key="path"),
        FTFYFormatter(),
        lines,
        GopherQualityFilter(min_stop_words=None, language=language),
        FineWebQualityFilter(language=language),
        JsonlWriter(str(out / "clean")),
    )
    signatures, buckets, removed = (str(out / name) for name in ("signatures", "buckets", "removed"))
    # Its default hash asks xxhash for strings, which newer ones refuse.
    config = MinhashConfig(hash_config=HashConfig(hash_fc="sha1"))
    run("sign", JsonlReader(str(out / "clean")), MinhashDedupSignature(signatures, config, language=language))
    run("pair", MinhashDedupBuckets(signatures, buckets, config=config), tasks=config.num_buckets)
    run("cluster", MinhashDedupCluster(buckets, removed, config=config))
    run("keep", JsonlReader(str(out / "clean")), MinhashDedupFilter(removed), JsonlWriter(str(out / "kept")))


def _cpu_of(source: Path, tokens: str) -> float:
    with tempfile.TemporaryDirectory() as out:
        command = [sys.executable, "-m", "benchmarks.peers", str(source), out, tokens]
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        raise RuntimeError(f"datatrove failed with tokens {tokens}:\n{done.stderr[-2000:]}")
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def compare(source: Path, costs: dict[str, float]) -> None:
    """Print datatrove's CPU a page beside that of the whole build, for the cheapest tokens and for its default."""
    pages = pl.read_parquet(sorted(source.glob("*.parquet")))
    own = costs["whole build"]
    print("\n| datatrove | CPU µs a page | × the whole build here |\n|---|---:|---:|")
    with tempfile.TemporaryDirectory() as folder:
        few = Path(folder)
        pages.head(FEW).write_parquet(few / "part-0.parquet")
        for tokens in ("whitespace", "default (spaCy)"):
            kind = tokens.split()[0]
            try:
                cost = (_cpu_of(source, kind) - _cpu_of(few, kind)) / (len(pages) - FEW) * 1e6
            except RuntimeError as error:
                print(f"| {tokens} tokens | not run: {str(error).splitlines()[-1]} | |")
                continue
            print(f"| {tokens} tokens | {cost:,.0f} | {cost / own:.1f} |", flush=True)


def main() -> None:
    """Run datatrove once, in a process of its own."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("tokens", choices=["whitespace", "default"])
    given = parser.parse_args()
    run_datatrove(given.source, given.out, given.tokens)
    print(json.dumps({"done": True}))


if __name__ == "__main__":
    main()
