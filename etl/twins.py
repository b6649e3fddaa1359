"""English headlines by their shape, and the Arabic line near each that its place proposes as its twin."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

import numpy as np
import polars as pl

from etl.arrays import Flags
from etl.pairs import FUNCTION_WORDS, HeadlineParams, Pair, is_pair, score_pair
from etl.pieces import line_number, rows_where
from etl.shipped import read_data

# Patterns are read by two engines, so they keep to what both understand.

ARABIC = "[\u0620-\u064a\u066e-\u06d3\u06fa-\u06ff\u0750-\u077f\u08a0-\u08ff\ufb50-\ufdff\ufe70-\ufefc]"
_OPENING = "(?:^|\\s)[\"“”‘'«(\\[]*"
_LOWER = f"{_OPENING}[a-zß-öø-ÿ]"
_UPPER = f"{_OPENING}[A-ZÀ-ÖØ-Þ]"
_WORDS = read_data("english")
_LOWER_FUNCTION = rf"\b(?:{'|'.join(FUNCTION_WORDS)})\b"
_UPPER_FUNCTION = rf"\b(?:{'|'.join(word.capitalize() for word in FUNCTION_WORDS)})\b"
_FRENCH = rf"\b(?:{'|'.join(_WORDS['french'])})\b|[éèêçàùâîôœ]"
_FURNITURE = "|".join(_WORDS["furniture"])
_BUTTONS = rf"^(?:(?:{'|'.join(_WORDS['buttons'])})[^a-z]*)+$"
_WORD_SHARE = 0.6
"""Share of lower-case and function words that makes sentence case."""
_TITLE_SHARE = 0.75
"""Share of capitalised and function words that makes title case; a sentence full of names reaches 0.83."""
LENGTH = (25, 200)
"""Code points of a headline."""


def headline_candidate(line: pl.Expr) -> pl.Expr:
    """Column of lines -> whether each has the shape of an English headline: letters, case, length."""
    text = line.str.strip_chars()
    lower, upper = text.str.count_matches(_LOWER), text.str.count_matches(_UPPER)
    words = lower + upper
    sentence = lower + text.str.count_matches(_UPPER_FUNCTION) >= _WORD_SHARE * words
    title = (words >= 5) & (upper + text.str.count_matches(_LOWER_FUNCTION) >= _TITLE_SHARE * words)
    return (
        text.str.len_chars().is_between(*LENGTH)
        & ~text.str.contains(ARABIC)
        & (words >= 4)
        & (sentence | title)
        & ~text.str.contains(_FURNITURE)
        & ~text.str.to_lowercase().str.contains(_BUTTONS)
        & (text.str.count_matches(_FRENCH) < 2)
    )


# Lines of a page.


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


# Families of labels that may stand between an English headline and its Arabic twin.
_BETWEEN = re.compile(
    r"(?:share|ui|ad|site|follow|promo|comment|contact|counter|date|category|byline|source|legal|space|keywords|"
    r"template|headline-en)/"
)
_TWINS = frozenset({"related/card", "related/item", "related/teaser"})
FINAL = r"(?:\.|…)[\"»”’)\]'\s]*$"
FINAL_STOP = re.compile(FINAL)


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
    before = pl.col("text").shift(1)
    wrapped = (
        pl.col("latin")
        & pl.col("latin").shift(1)
        & (pl.col("id") == pl.col("id").shift(1))
        & (pl.col("article") == pl.col("article").shift(1))
        & (pl.col("_line") == pl.col("_line").shift(1) + 1)
        & pl.col("rule").eq_missing(pl.col("rule").shift(1))
        & (pl.col("rule").is_null() | pl.col("rule").str.starts_with("headline-en/"))
        & pl.col("zone").eq_missing(pl.col("zone").shift(1))
        & pl.col("text").str.contains("^[a-z]")
        & before.str.contains("[A-Za-z0-9,'’]$")
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


def _propose(lines: Sequence[Line], at: int, step: int, params: HeadlineParams) -> int | None:
    """The Arabic line that an English one's place proposes as its twin: the first of substance on that side.

    Labels, other Latin lines and the one or two words of a category may stand between; a heading of other
    articles or a link ends the search.
    """
    end = at + step * (params.reach + 1)
    for near in range(at + step, max(min(end, len(lines)), -1), step):
        line = lines[near]
        words = len(line.text.split())
        rule = line.rule or ""
        if line.article != lines[at].article or (rule.startswith("related/") and rule not in _TWINS):
            return None
        if not line.arabic or _BETWEEN.match(rule) or words <= 2:
            continue
        return near if 4 <= words <= 40 and not FINAL_STOP.search(line.text) else None
    return None


def plain_headline(text: str) -> str:
    """A headline without the bar or dash that parts it from its neighbour, white space as single spaces."""
    return " ".join(text.split()).strip(" |-–—•·*")


def find_twin(lines: Sequence[Line], at: int, params: HeadlineParams) -> tuple[int, Pair] | None:
    """An English line -> its Arabic twin: below it, or above it where names prove it before the body."""
    if lines[at].rest:
        pair = score_pair(plain_headline(lines[at].text), plain_headline(lines[at].rest), params)
        return (at, pair) if is_pair(pair, params) else None
    below = _propose(lines, at, 1, params)
    if below is not None:
        pair = score_pair(lines[at].text, lines[below].text, params)
        if is_pair(pair, params):
            return below, pair
    above = _propose(lines, at, -1, params) if lines[at].zone == "before" else None
    if above is not None:
        pair = score_pair(lines[at].text, lines[above].text, params)
        if pair.verified:
            return above, pair
    return None


def measure_closeness(pair: Pair) -> tuple[bool, float, float]:
    """Pair -> how well it fits, to be compared: verified, share of names, likeness of length."""
    return pair.verified, pair.names or 0.0, -abs(pair.ratio - 1)
