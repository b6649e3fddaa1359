"""Verdicts on whole pages: the first that holds, where there is none yet, with the value behind it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TypeVar

import polars as pl

RELEASED, REJECTED_FATE, WITHDRAWN = "released", "rejected", "withdrawn"
"""What becomes of a document."""
Frame = TypeVar("Frame", pl.DataFrame, pl.LazyFrame)


def give_verdicts(docs: Frame, tests: Sequence[tuple[str | pl.Expr, pl.Expr, pl.Expr]]) -> Frame:
    """Documents, (verdict, when it falls, value) in order -> Documents with the first that holds, where none is given yet."""
    verdict, number = pl.lit(None, pl.String), pl.lit(None, pl.Float64)
    for name, falls, value in reversed(tests):
        verdict = pl.when(falls).then(pl.lit(name) if isinstance(name, str) else name).otherwise(verdict)
        number = pl.when(falls).then(value).otherwise(number)
    new = pl.col("verdict").is_null()
    return docs.with_columns(
        verdict=pl.when(new).then(verdict).otherwise("verdict"),
        verdict_value=pl.when(new).then(number).otherwise("verdict_value"),
    )


def give_copies(docs: Frame, keep: bool) -> Frame:
    """Documents with `_copy`, the verdict on those that are copies, and `similarity` -> Documents with it as theirs, unless copies
    are kept."""
    is_copy = pl.col("_copy").is_not_null() & (not keep)
    return give_verdicts(docs, [(pl.col("_copy"), is_copy, value_copies("_copy"))]).drop("_copy")


def value_copies(verdict: str) -> pl.Expr:
    """Column of verdicts -> the value behind the one on a copy: its `similarity` to the one that stands for its cluster; of one that has
    the text or the raw page of another there, which need not be that one, the similarity to this other: 1."""
    return pl.when(pl.col(verdict) == "duplicate/exact").then(1.0).otherwise("similarity")


def choose_fate(withdrawn: Collection[str], kept: pl.Expr) -> pl.Expr:
    """Ids of the withdrawn -> what becomes of a document: withdrawn, else rejected for its verdict, else `kept`."""
    return (
        pl.when(pl.col("id").is_in(list(withdrawn)))
        .then(pl.lit(WITHDRAWN))
        .when(pl.col("verdict").is_not_null())
        .then(pl.lit(REJECTED_FATE))
        .otherwise(kept)
    )
