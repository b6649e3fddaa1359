"""Columns in numbered parts: a number in brackets alone on its line, then paragraphs, then the next number."""

from __future__ import annotations

import numpy as np
import polars as pl

from etl.arrays import Flags
from etl.pieces import number_pages, rows_where

_NUMBER = r"^\s*[(\[«-]\s*(\d{1,2})\s*[)\]»-]\s*$"
_PARTS, _LONG = 14, 80
"""Lines of a part at most, and code points of its longest line at least."""


def find_numbered(frame: pl.DataFrame) -> Flags:
    """Piece -> the numbers that follow each other by one, and what stands between them, where nothing there has a label."""
    found = np.zeros(len(frame), dtype=np.bool_)
    piece, free = frame["piece"], frame["rule"].is_null()
    stated = piece.str.extract(_NUMBER)
    at = rows_where(stated.is_not_null() & free)
    if len(at) < 2:
        return found
    page, solid = number_pages(frame), (piece.str.strip_chars() != "").to_numpy()
    numbers = [int(digits) for digits in stated.gather(at)]
    is_free, size = free.to_numpy() | ~solid, piece.str.len_chars().to_numpy()
    for here, there, number, following in zip(at[:-1].tolist(), at[1:].tolist(), numbers, numbers[1:], strict=False):
        part = slice(here + 1, there)
        fits = page[here] == page[there] and following == number + 1 and is_free[part].all()
        if fits and solid[part].sum() <= _PARTS and size[part].max(initial=0) >= _LONG:
            found[here : there + 1] = True
    found &= free.to_numpy()
    return found
