"""The lines of pages with English headlines, as the search for these and for their twins sees them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import NamedTuple

import numpy as np
import polars as pl

from etl.arrays import Flags
from etl.headlines.pairs import HeadlineParams
from etl.headlines.shape import ARABIC, goes_on, headline_candidate
from etl.pieces import line_number, rows_where


class Line(NamedTuple):
    """A line with text, as the search for its twin sees it; a wrapped English headline is one line."""

    id: str
    article: int
    rows: list[int]
    text: str
    rule: str | None
    zone: str | None
    arabic: bool
    latin: bool
    candidate: bool
    rest: str


def _join(parts: pl.DataFrame, key: str, texts: list[str], by: str, rule: pl.Expr) -> pl.DataFrame:
    """Rows -> those of one key as one, their rows and texts joined, of the rest the first; most are alone and stay."""
    several = parts[key].is_duplicated()
    if not several.any():
        return parts
    joined = (
        parts.filter(several)
        .group_by(key, maintain_order=True)
        .agg(
            pl.exclude("rows", "rule", *texts).first(),
            pl.col("rows").explode(empty_as_null=True),
            pl.col(texts).str.join(by),
            rule=rule,
        )
    )
    return pl.concat([parts.filter(~several), joined.select(parts.columns)]).sort(key)


def read_lines(frame: pl.DataFrame) -> pl.DataFrame:
    """Piece (with `_row`) -> one row a line with text, a wrapped Latin line joined, as `Line` has it.

    `text` is the line without the pieces of white space; where an English headline was split off it is that
    headline, and `rest` is the other part of the line.
    """
    english = pl.col("rule").str.starts_with("headline-en/").fill_null(False)
    space = pl.col("rule").str.starts_with("space/").fill_null(False)
    parts = frame.with_columns(_line=line_number()).filter(~space)
    parts = parts.select(
        "id", "article", "rule", "zone", "_line", rows=pl.concat_list("_row"), whole="piece", is_english=english
    )
    parts = parts.with_columns(
        english=pl.when("is_english").then("whole").otherwise(pl.lit("")),
        other=pl.when("is_english").then(pl.lit("")).otherwise("whole"),
    )
    named = pl.coalesce(pl.col("rule").filter("is_english").first(), pl.col("rule").drop_nulls().first())
    lines = (
        _join(parts, "_line", ["whole", "english", "other"], "", named)
        .with_columns(pl.col("whole", "english", "other").str.strip_chars())
        .filter(pl.col("whole") != "")
        .with_columns(split=(pl.col("english") != "") & (pl.col("other") != ""))
        .with_columns(
            text=pl.when("split").then("english").otherwise("whole"),
            rest=pl.when("split").then("other").otherwise(pl.lit("")),
        )
        .with_columns(arabic=pl.col("text").str.contains(ARABIC))
        .with_columns(latin=~pl.col("arabic") & pl.col("text").str.contains("[A-Za-z]"))
    )
    wrapped = (
        pl.col("latin")
        & pl.col("latin").shift(1)
        & (pl.col("id") == pl.col("id").shift(1))
        & (pl.col("article") == pl.col("article").shift(1))
        & (pl.col("_line") == pl.col("_line").shift(1) + 1)
        & pl.col("rule").eq_missing(pl.col("rule").shift(1))
        & (pl.col("rule").is_null() | pl.col("rule").str.starts_with("headline-en/"))
        & pl.col("zone").eq_missing(pl.col("zone").shift(1))
        & goes_on(pl.col("text").shift(1), pl.col("text"))
    )
    lines = lines.with_columns(_unit=(~wrapped.fill_null(False)).cum_sum())
    units = _join(lines, "_unit", ["text", "rest"], " ", pl.col("rule").first())
    units = units.with_columns(pl.col("rest").str.strip_chars())
    shaped = units.filter("latin").select(pl.col("text").filter(headline_candidate(pl.col("text")))).to_series()
    return units.with_columns(candidate=pl.col("text").is_in(shaped.implode())).select(Line._fields)


def find_near(wanted: pl.Series, params: HeadlineParams) -> Flags:
    """Lines -> those among which the search for the twins of the wanted ones may look, and a line more on either side."""
    at = rows_where(wanted)
    near = np.zeros(len(wanted), bool)
    for by in range(-params.reach - 1, params.reach + 2):
        near[np.clip(at + by, 0, len(near) - 1)] = True
    return near


def read_pages(lines: pl.DataFrame) -> Iterator[list[Line]]:
    """Lines -> those of each page, in page order."""
    for _, group in groupby((Line(*row) for row in lines.iter_rows()), key=lambda line: line.id):
        yield list(group)
