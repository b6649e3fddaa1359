"""Headings of a text that its table of contents lists: where the model alone takes some of them for boxes, the table says better."""

from __future__ import annotations

import numpy as np
import polars as pl

from etl.arrays import Flags
from etl.pieces import number_pages, rows_where
from etl.stems import on_page

_CONTENTS = "ui/contents"


def find_headings(frame: pl.DataFrame) -> Flags:
    """Piece -> the lines without a label that a table of contents above them in their page lists."""
    entries = (frame["rule"] == _CONTENTS).fill_null(False)
    found = np.zeros(len(frame), dtype=np.bool_)
    if not entries.any():
        return found
    page = number_pages(frame)
    at = rows_where(entries)
    rows = np.flatnonzero(np.isin(page, page[at]) & frame["rule"].is_null().to_numpy())
    keys = on_page(frame["piece"].str.strip_chars().hash().to_numpy(), page)
    last = np.zeros(int(page.max()) + 1, np.int64)
    last[page[at]] = at
    found[rows] = np.isin(keys[rows], keys[at]) & (rows > last[page[rows]])
    return found
