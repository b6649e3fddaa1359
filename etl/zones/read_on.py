"""Text that goes on behind a box which says so: `تخطى البودكاست وواصل القراءة` opens one, `البودكاست نهاية` ends it."""

from __future__ import annotations

import numpy as np
import polars as pl

from etl.arrays import Flags
from etl.pieces import number_pages, rows_where

_BOX = "^related/(?:boxed|skip-over|skip-list)$"
_PASSED = "^(?:related/(?:boxed|skip-over|skip-list)|media/|embed/)"
"""Labels past which the text goes on once more."""
_LINES, _LONG = 30, 40
"""Lines behind such a box at most, and code points of the longest of them at least."""


def find_read_on(frame: pl.DataFrame) -> Flags:
    """Piece -> the lines without a label from a box that invites to read on to the next label that is no picture's."""
    found = np.zeros(len(frame), dtype=np.bool_)
    rule = frame["rule"]
    boxed = rule.str.contains(_BOX).fill_null(False).to_numpy()
    if not (rule == "related/skip-over").any():
        return found
    page, text = number_pages(frame), frame["piece"].str.strip_chars()
    ends = rows_where(pl.Series(boxed & ~np.append(boxed[1:], False)))
    opens = np.isin(page[ends], page[rows_where((rule == "related/skip-over").fill_null(False))])
    passed = rule.str.contains(_PASSED).fill_null(False).to_numpy()
    for end in ends[opens].tolist():
        lines: list[int] = []
        for row in range(end + 1, len(frame)):
            if page[row] != page[end] or (rule[row] is not None and not passed[row]) or len(lines) > _LINES:
                break
            if rule[row] is None and text[row]:
                lines.append(row)
        if any(len(text[row]) >= _LONG for row in lines):
            found[lines] = True
    return found
