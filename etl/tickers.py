"""Piece -> Piece: the headlines of a site that a scraper has strung together on one line, with wide gaps between them."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from etl.around import place_in
from etl.pieces import number_pages, rows_where, take_solid

if TYPE_CHECKING:
    from etl.knowledge import Knowledge

TICKER = "related/ticker"
_GAP = re.compile(r" {3,}|\t+")
_BYTES = 150
"""Bytes of such a line, at least."""
_FIRST_LINES = 60
"""Lines with text at the head of a page among which such a line stands."""
_HEADLINES, _WORDS = 5, (3, 25)
"""Headlines of such a line at least, and words of each."""
_MEAN_WORDS = 5
"""Words of each on average, at least: the halves of verses have fewer."""
_SHARE = 0.8
"""Share of the parts, at least, that are as long and end without a stop."""
_SIGNS = re.compile(r"\d|\.\.|[:«»\"“”؟?!]")
_SIGNED = 0.25
"""Share of the headlines that have a sign or a number, at least: verses have few."""
_RHYMED = 0.5
"""Share of the parts that end with one letter from which they are verses."""


def is_ticker(line: str) -> bool:
    """Whether a line is headlines with wide gaps between them, and neither verses nor the paragraphs of a text."""
    parts = [part for part in _GAP.split(line.strip()) if part]
    if len(parts) < _HEADLINES:
        return False
    words = [len(part.split()) for part in parts]
    shortest, longest = _WORDS
    fits = [
        shortest <= count <= longest and not part.endswith((".", "،", ","))
        for part, count in zip(parts, words, strict=True)
    ]
    ends = Counter(re.sub(r"\W", "", part)[-1:] for part in parts)
    signed = sum(_SIGNS.search(part) is not None for part in parts)
    return (
        sum(fits) >= _SHARE * len(parts)
        and sum(words) >= _MEAN_WORDS * len(parts)
        and signed >= _SIGNED * len(parts)
        and max(ends.values()) < _RHYMED * len(parts)
    )


def label_tickers(pieces: pl.LazyFrame, know: Knowledge) -> pl.LazyFrame:
    """Piece -> Piece: label such a line at the head of a page, above its text, `related/ticker`."""
    frame = pieces.collect()
    at = rows_where(frame["rule"].is_null() & (frame["piece"].str.len_bytes() >= _BYTES))
    text = frame["piece"].gather(at)
    at = at[text.str.contains(r"\S(?: {3}|\t)[^\n]*\S(?: {3}|\t)").to_numpy()]
    rows = [row for row in at.tolist() if is_ticker(frame["piece"][row])]
    if not rows:
        return frame.lazy()
    solid, _ = take_solid(frame, np.arange(len(frame)))
    page = number_pages(frame)[solid]
    high = (place_in(page) < _FIRST_LINES) & np.append(page[1:] == page[:-1], False)[: len(page)]
    rows = np.intersect1d(rows, solid[high]).tolist()
    return frame.with_columns(frame["rule"].scatter(rows, TICKER)).lazy() if rows else frame.lazy()
