"""Verdicts on whole pages: the first that holds, where there is none yet, with the value behind it."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl


def give_verdicts(docs: pl.DataFrame, tests: Sequence[tuple[str, pl.Expr, pl.Expr]]) -> pl.DataFrame:
    """Documents, (verdict, when it falls, value) in order -> Documents with the first that holds, where none is given yet."""
    verdict, number = pl.lit(None, pl.String), pl.lit(None, pl.Float64)
    for name, fails, value in reversed(tests):
        verdict = pl.when(fails).then(pl.lit(name)).otherwise(verdict)
        number = pl.when(fails).then(value).otherwise(number)
    new = pl.col("verdict").is_null()
    return docs.with_columns(
        verdict=pl.when(new).then(verdict).otherwise("verdict"),
        verdict_value=pl.when(new).then(number).otherwise("verdict_value"),
    )
