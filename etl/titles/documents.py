"""The title of the document that some scrapers put above a page: it has the headline, and behind it the name of the site."""

from __future__ import annotations

import re

import numpy as np
import polars as pl

from etl.around import page_bounds, place_in
from etl.arrays import Flags, Ints
from etl.pieces import number_pages, take_solid

_FIRST, _REACH = 3, 80
"""Lines at the head of a page of which one may be the document's title, and those among which the headline stands again."""
_HEAD_ROWS = 24
"""Rows at the head of a page in which its first lines are looked for, empty ones included."""
_WORDS = 4
"""Words of such a headline at least: a section's name has fewer."""
_LONGEST = 300
"""Code points of such a title at most."""
_JOINT = re.compile(r"(?<!\s)\s+[|\-–—:•»]\s+|(?<!\s)\s*[|]\s*")
_LIKELY = r"\s[|\-–—:•»]\s|\|"


def _take_first(frame: pl.DataFrame, page: Ints, begins: Ints, rows: int, lines: int) -> tuple[Ints, pl.Series]:
    """Piece, the page of each, where some pages begin -> the first so many lines with text of each, looked for in so many rows."""
    row = np.unique(np.minimum(begins[:, None] + np.arange(rows), len(page) - 1))
    row = row[np.isin(page[row], page[begins])]
    row, text = take_solid(frame, row)
    near = place_in(page[row]) < lines
    return row[near], text.filter(near)


def find_document_titles(frame: pl.DataFrame) -> Flags:
    """Piece -> the first line of each page that says what one at its head says before the name of the site: its headline."""
    found = np.zeros(len(frame), dtype=np.bool_)
    page = number_pages(frame)
    begins, _ = page_bounds(page)
    if not len(begins):
        return found
    row, text = _take_first(frame, page, begins, _HEAD_ROWS, _FIRST)
    head = ((text.str.len_chars() <= _LONGEST) & text.str.contains(_LIKELY)).to_numpy()
    cuts = [
        (int(page[row[at]]), int(row[at]), line[: joint.start()].strip())
        for at, line in zip(np.flatnonzero(head).tolist(), text.filter(head), strict=True)
        for joint in _JOINT.finditer(line)
        if len(line[: joint.start()].split()) >= _WORDS
    ]
    if not cuts:
        return found
    asked = pl.DataFrame(cuts, schema={"page": pl.Int64, "title": pl.Int64, "text": pl.String}, orient="row")
    some = begins[np.isin(page[begins], asked["page"].to_numpy())]
    row, text = _take_first(frame, page, some, 4 * _REACH, _REACH)
    lines = pl.DataFrame({"page": page[row], "row": row, "text": text})
    again = lines.join(asked, on=["page", "text"]).filter(pl.col("row") > pl.col("title"))
    found[again.group_by("page").agg(pl.col("row").min())["row"].to_numpy()] = True
    return found
