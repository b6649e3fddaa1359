"""Which pages the report shows: all where they fit, else some of every rule, outlet, verdict and score."""

from __future__ import annotations

from typing import Any, NamedTuple

import polars as pl

from etl.corpus import Corpus
from etl.shards import hash_parts

_PER_STRATUM = 40
"""Pages that are looked at for each rule, outlet, verdict and score."""
_BANDS = (0.5, 0.9, 0.98)
"""Borders of the bands of `zone_score`."""
_ROW_BYTES, _PIECE_BYTES = 1500, 24
"""Bytes that a page takes in the report besides its text: its fields, and each piece."""


class Choice(NamedTuple):
    """Ids of the pages to show, the most wanted first, and how they were chosen."""

    ids: list[str]
    how: dict[str, Any]


def choose_pages(corpus: Corpus, first: list[str], budget: int, sample: int | None, seed: int) -> Choice:
    """Corpus -> pages that fit in `budget` bytes, `sample` at most; those in `first` before all others.

    Of a larger corpus strata take turns, the rarest first: each rule (learned lines by outlet), outlet,
    verdict and band of score; within a stratum the order is random, fixed by the seed.
    """
    tables = [_survey(corpus, order, seed) for order in range(len(corpus.shards))]
    sizes = pl.concat([table.select("id", "_bytes") for table in tables])
    limit = sample if sample is not None else len(sizes)
    if int(sizes["_bytes"].sum() or 0) <= budget and len(sizes) <= limit:
        return Choice(sizes["id"].to_list(), {"all": True, "of": len(sizes)})
    cost = dict(sizes.iter_rows())
    chosen: dict[str, None] = {}
    spent = 0

    def take(name: str) -> None:
        nonlocal spent
        if name in cost and name not in chosen and len(chosen) < limit and spent + cost[name] <= budget:
            chosen[name] = None
            spent += cost[name]

    for name in first:
        take(name)
    turns = _order_strata(tables)
    for turn in range(max(map(len, turns), default=0)):
        for stratum in turns:
            if turn < len(stratum):
                take(stratum[turn])
    return Choice(list(chosen), {"all": False, "of": len(sizes), "seed": seed, "strata": len(turns)})


def choose_asked(corpus: Corpus, ids: set[str]) -> Choice:
    """Corpus and the pages that an audit asks about -> those pages, in the order of the corpus."""
    found = corpus.scan().filter(pl.col("id").is_in(sorted(ids))).select("id").collect()["id"].to_list()
    of = int(corpus.scan().filter(pl.col("parent_id").is_null()).select(pl.len()).collect().item())
    return Choice(found, {"all": False, "of": of, "audit": True})


def _survey(corpus: Corpus, order: int, seed: int) -> pl.DataFrame:
    """One shard -> its pages (not withdrawn), each with its bytes, a random key, and its strata."""
    score = pl.col("zone_score").fill_null(0.0)
    band = pl.sum_horizontal(*[(score >= border).cast(pl.Int32) for border in _BANDS])
    outlet = pl.col("outlet").fill_null("")
    rule = pl.element().struct.field("rule").drop_nulls()
    labels = pl.col("pieces").list.eval(rule.str.replace("^template/.*", "template/*")).list.unique().list.sort()
    pages = (
        corpus.scan(corpus.shards[order])
        .filter(pl.col("pieces").is_not_null() & (pl.col("fate") != "withdrawn"))
        .select(
            "id",
            _bytes=pl.col("page").str.len_bytes().cast(pl.Int64) * 21 // 20
            + pl.col("pieces").list.len().cast(pl.Int64) * _PIECE_BYTES
            + _ROW_BYTES,
            _rules=labels,
            _outlet=pl.format("outlet {}", outlet),
            _verdict=pl.format("verdict {}", pl.col("verdict").fill_null("")),
            _band=pl.format("score {}", band),
            _learned=pl.when(pl.col("pieces").list.eval(rule.str.starts_with("template/")).list.any()).then(
                pl.format("learned {}", outlet)
            ),
        )
        .collect()
    )
    keys = [hash_parts(str(seed), name)[:16] for name in pages["id"]]
    strata = pl.concat_list("_outlet", "_verdict", "_band", "_learned").list.drop_nulls()
    return pages.select("id", "_bytes", pl.Series("_key", keys, dtype=pl.String), _strata=strata, _rules="_rules")


def _order_strata(tables: list[pl.DataFrame]) -> list[list[str]]:
    """Surveyed shards -> for each stratum its first pages by key; the smallest stratum comes first."""
    counts: dict[str, int] = {}
    least: list[pl.DataFrame] = []
    for table in tables:
        rows = (
            table.select("id", "_key", stratum=pl.concat_list("_strata", "_rules"))
            .explode("stratum")
            .drop_nulls("stratum")
        )
        for stratum, count in rows.group_by("stratum").agg(pl.len()).iter_rows():
            counts[stratum] = counts.get(stratum, 0) + count
        least.append(_head(rows))
    nearest = _head(pl.concat(least))
    by_stratum = {
        str(stratum): part["id"].to_list()
        for (stratum,), part in nearest.partition_by("stratum", as_dict=True, maintain_order=True).items()
    }
    return [by_stratum[stratum] for stratum in sorted(by_stratum, key=lambda name: (counts[name], name))]


def _head(rows: pl.DataFrame) -> pl.DataFrame:
    return (
        rows.sort("stratum", "_key", "id")
        .group_by("stratum", maintain_order=True)
        .head(_PER_STRATUM)
        .sort("stratum", "_key", "id")
    )
