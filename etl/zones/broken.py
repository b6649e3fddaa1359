"""Sentences that a scraper has broken at their links: a word alone on its line, then a line that begins with a comma."""

from __future__ import annotations

import re
from functools import reduce
from operator import or_

import numpy as np
import polars as pl

from etl.arrays import Flags
from etl.pieces import number_pages, rows_where

_GOES_ON = r"^\s*(?:[،؛]|\.\s*$|\(\d)"
"""How a line begins that goes on with the sentence above it: with a number in brackets, too; a full stop may be all of it."""
_COMMA = r"^\s*(?:\S+\s+){4,}\S*[،؛]\s*$"
"""A line of five words and more that ends with a comma: the sentence goes on below."""
_DAY = r"\d{1,2} \S+ \d{4} .*\d{1,2}:\d{2}"
"""A day and a time: no sentence goes on below them, whatever sign closes the line."""
_BEGUN = re.compile(r"(?:\S+\s+){5}.*[^.!؟?:…\s]\s*$", re.DOTALL)
"""A line of six words and more whose sentence has not ended."""
_ABOVE = 4
"""Lines above within which the sentence begins."""


def find_broken(frame: pl.DataFrame) -> Flags:
    """Piece -> the parts of broken sentences, from the line in which each begins to the one that goes on with it, none with a label."""
    found = np.zeros(len(frame), dtype=np.bool_)
    piece, free = frame["piece"], frame["rule"].is_null()
    at = rows_where(piece.str.contains(_GOES_ON) & free)
    # Few lines end so: to ask for that first is faster than the pattern.
    ends = (piece.str.ends_with(f"{sign}\n") for sign in ("،", "، ", "؛"))
    commas = rows_where(reduce(or_, ends) & free)
    commas = commas[(piece.gather(commas).str.contains(_COMMA) & ~piece.gather(commas).str.contains(_DAY)).to_numpy()]
    if not len(at) + len(commas):
        return found
    page, is_free = number_pages(frame), free.to_numpy()
    solid = np.flatnonzero((piece.str.strip_chars() != "").to_numpy())
    for row, place in zip(at.tolist(), np.searchsorted(solid, at).tolist(), strict=True):
        for above in solid[max(place - _ABOVE, 0) : place][::-1].tolist():
            if page[above] != page[row] or not is_free[above]:
                break
            if found[above] or _BEGUN.match(piece[above]):
                found[above : row + 1] = True
                break
    below = solid[np.minimum(np.searchsorted(solid, commas) + 1, len(solid) - 1)]
    goes_on = is_free[below] & (page[below] == page[commas]) & (below > commas)
    for row, end in zip(commas[goes_on].tolist(), below[goes_on].tolist(), strict=True):
        found[row : end + 1] = True
    found &= is_free
    return found
