"""Near-duplicates, measured: what share of known pairs is found, what is joined wrongly, and what it costs.

`python -m benchmarks.duplicates` makes families of edited texts whose similarity is known exactly, and
prints two tables. `--corpora DIR --read N` prints N clusters of real articles (Parquet: id, outlet, url,
title, date, text) to be read by eye.
"""

from __future__ import annotations

import argparse
import re
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import combinations
from pathlib import Path
from random import Random

import polars as pl

from etl.duplicates import DuplicateParams, learn_duplicates
from etl.duplicates.signatures import sign_documents
from etl.fold import fold
from schemas.duplicates import DUPLICATES

LETTERS = "ابتثجحخدذرزسشصضطظعفقكلمنهوي"
WORD = re.compile(r"[^\W_]+")


def make_vocabulary(rng: Random, size: int) -> list[str]:
    """Made-up words of two to nine letters, each of them once."""
    words: dict[str, None] = {}
    while len(words) < size:
        words["".join(rng.choices(LETTERS, k=rng.randint(2, 9)))] = None
    return list(words)


def make_text(rng: Random, vocabulary: list[str], words: int) -> list[str]:
    """Words as in a real text: few of them often, most of them rarely."""
    size = len(vocabulary)
    return [vocabulary[min(int(size ** rng.random()), size) - 1] for _ in range(words)]


def edit_text(rng: Random, vocabulary: list[str], words: list[str]) -> list[str]:
    """A copy: words replaced, an end cut off, a stretch put in; hardly at all, or beyond recognition."""
    words = list(words)
    for _ in range(rng.randint(0, 3)):
        share = rng.random() ** 2 * 0.5
        kind = rng.randrange(3)
        if kind == 0:
            for _ in range(int(len(words) * share * 0.15) + 1):
                words[rng.randrange(len(words))] = rng.choice(vocabulary)
        elif kind == 1:
            words = words[: max(1, int(len(words) * (1 - share)))]
        else:
            at = rng.randrange(len(words) + 1)
            words[at:at] = make_text(rng, vocabulary, int(len(words) * share))
    return words


def make_families(rng: Random, count: int) -> Iterator[list[str]]:
    """Families of texts: one text and up to four copies, of it or of one another."""
    vocabulary = make_vocabulary(rng, 40_000)
    for _ in range(count):
        members = [make_text(rng, vocabulary, max(25, min(1500, int(rng.lognormvariate(5.6, 0.8)))))]
        for _ in range(rng.choice((1, 1, 2, 4))):
            members.append(edit_text(rng, vocabulary, rng.choice(members)))
        yield [_lay_out(rng, words) for words in members]


def _lay_out(rng: Random, words: list[str]) -> str:
    lines, at = [], 0
    while at < len(words):
        size = rng.randint(15, 60)
        lines.append(" ".join(words[at : at + size]) + ".")
        at += size
    return "\n".join(lines)


def shingles(text: str) -> set[tuple[str, ...]]:
    """The runs of five words of a text, in the folded key; of a shorter one, all of it."""
    words = WORD.findall(fold(text))
    return {tuple(words[at : at + 5]) for at in range(max(1, len(words) - 4))}


def make_documents(texts: list[str]) -> pl.DataFrame:
    """Texts -> documents, as the stage before hands them on."""
    count = len(texts)
    nothing = pl.Series([None] * count, dtype=pl.String)
    return pl.DataFrame(
        {
            "id": [f"{number:016x}" for number in range(count)],
            "path": [f"{number}.txt" for number in range(count)],
            "text": texts,
            **dict.fromkeys(("parent_id", "url", "outlet", "date", "raw_sha256", "verdict"), nothing),
        }
    )


def learn(signatures: pl.DataFrame, params: DuplicateParams) -> pl.DataFrame:
    """Signatures of one shard -> its clusters."""
    return pl.concat([DUPLICATES.to_frame(), *learn_duplicates([signatures.lazy()], params)])


def score(families: list[list[str]], params: DuplicateParams) -> pl.DataFrame:
    """Families -> by exact similarity: the pairs, and the share of them that one cluster holds."""
    texts = [text for family in families for text in family]
    docs = make_documents(texts)
    table = learn(sign_documents(docs, params), params)
    cluster = dict(zip(table["id"], table["cluster_id"], strict=True))
    ids = iter(docs["id"])
    rows = []
    for family in families:
        names = [next(ids) for _ in family]
        sets = [shingles(text) for text in family]
        pairs = {
            (a, b): len(sets[a] & sets[b]) / len(sets[a] | sets[b]) for a, b in combinations(range(len(family)), 2)
        }
        for (a, b), similarity in pairs.items():
            chained = _connected(a, b, {pair for pair, value in pairs.items() if value >= 0.5})
            rows.append((similarity, cluster[names[a]] == cluster[names[b]], chained))
    members = table.group_by("cluster_id").len()["len"].sum()
    assert members == len(texts)
    found = pl.DataFrame(rows, schema=["similarity", "together", "chained"], orient="row")
    return (
        found.group_by((pl.col("similarity") * 10).floor().alias("exact similarity") / 10)
        .agg(
            pairs=pl.len(),
            together=pl.col("together").sum(),
            share=pl.col("together").mean().round(4),
            wrong=(pl.col("together") & ~pl.col("chained")).sum(),
        )
        .sort("exact similarity")
    )


def _connected(a: int, b: int, edges: set[tuple[int, int]]) -> bool:
    reached = {a}
    while more := {y for x, y in edges | {(y, x) for x, y in edges} if x in reached} - reached:
        reached |= more
    return b in reached


def measure(docs: pl.DataFrame, params: DuplicateParams, times: int = 5) -> pl.DataFrame:
    """Documents -> CPU microseconds a document of both steps, against reading and writing, in one run."""
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder) / "in.parquet", Path(folder) / "out.parquet"
        docs.write_parquet(source, compression="zstd", compression_level=3, row_group_size=4096)
        signatures = sign_documents(docs, params)
        steps: dict[str, Callable[[], object]] = {
            "floor: scan + write": lambda: pl.read_parquet(source).write_parquet(
                target, compression="zstd", compression_level=3, row_group_size=4096
            ),
            "sign_documents": lambda: sign_documents(docs, params),
            "learn_duplicates": lambda: learn(signatures, params),
        }
        spent: dict[str, list[float]] = {name: [] for name in steps}
        for _ in range(times):
            for name, step in steps.items():
                start = time.process_time()
                step()
                spent[name].append((time.process_time() - start) / len(docs) * 1e6)
    median = {name: statistics.median(values) for name, values in spent.items()}
    floor = median["floor: scan + write"]
    return pl.DataFrame(
        [(name, round(value, 1), round(value / floor, 2)) for name, value in median.items()],
        schema=["step", "us a document", "times the floor"],
        orient="row",
    )


def read_clusters(folder: Path, count: int, seed: int, params: DuplicateParams) -> None:
    """Print clusters of real articles: the representative and its least similar copy, side by side."""
    files = sorted(folder.glob("*.parquet"))
    columns = ["id", "outlet", "url", "title", "date", "text"]
    docs = pl.concat([pl.read_parquet(file).select(columns) for file in files])
    docs = docs.filter(pl.col("text").str.count_matches(r"\S+") >= 25)
    nothing = pl.lit(None, pl.String)
    docs = docs.with_columns(path="id", parent_id=nothing, raw_sha256=nothing, verdict=nothing)
    table = learn(sign_documents(docs, params), params)
    print(table["cluster_role"].value_counts(sort=True), table["verdict"].value_counts(sort=True))
    best = table.filter(pl.col("cluster_role") == "representative").select("cluster_id", best="id").sort("best")
    copies = (
        table.filter(pl.col("cluster_role") == "copy")
        .sort("similarity", "id")
        .unique("cluster_id", keep="first", maintain_order=True)
    )
    pairs = best.sample(min(count, len(best)), seed=seed).join(copies, on="cluster_id", maintain_order="left")
    rows = {row["id"]: row for row in docs.iter_rows(named=True)}
    for number, pair in enumerate(pairs.iter_rows(named=True), 1):
        print(f"\n{number}. {pair['cluster_size']} documents, {pair['similarity']:.2f} alike, {pair['verdict']}")
        for row in (rows[pair["best"]], rows[pair["id"]]):
            start, end = (" ".join(part.split()) for part in (row["text"][:160], row["text"][-60:]))
            print(f"   {row['outlet']} {row['date'][:16]} | {row['title']} | {start} … {end}")


def main() -> None:
    """Print the tables that the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--families", type=int, default=4000, help="families of texts with known similarity")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--corpora", type=Path, help="folder of real articles whose clusters to print")
    parser.add_argument("--read", type=int, default=100, help="clusters to print")
    given = parser.parse_args()
    params = DuplicateParams()
    if given.corpora:
        read_clusters(given.corpora, given.read, given.seed, params)
        return
    families = list(make_families(Random(given.seed), given.families))
    docs = make_documents([text for family in families for text in family])
    print(f"{len(docs)} texts, {docs['text'].str.len_chars().sum() // len(docs)} characters on average\n")
    with pl.Config(tbl_rows=20, tbl_hide_column_data_types=True, tbl_hide_dataframe_shape=True):
        print(score(families, params))
        print(measure(docs, params))


if __name__ == "__main__":
    main()
