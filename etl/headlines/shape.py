"""English headlines by their shape: letters, case, length."""

from __future__ import annotations

import re

import polars as pl

from etl.headlines.pairs import FUNCTION_WORDS
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
FINAL = r"(?:\.|…)[\"»”’)\]'\s]*$"
"""The end of a sentence."""
FINAL_STOP = re.compile(FINAL)


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


def goes_on(above: pl.Expr, below: pl.Expr) -> pl.Expr:
    """Two columns of lines -> whether each of the second may go on with the one above, a headline that is wrapped."""
    return below.str.contains("^[a-z]") & above.str.contains("[A-Za-z0-9,'’]$")
