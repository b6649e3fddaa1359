"""Piece -> Piece: the writer's name below the text, alone on its line, as columns are signed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from etl.persons import LIKELY, outer_names, weigh_person
from etl.pieces import number_pages, rows_where, take_solid

if TYPE_CHECKING:
    from etl.knowledge import Knowledge

SIGNED = "byline/signature"
_PARAGRAPH = 60
"""Code points of the line above, at least: below a list of names another name signs nothing."""
_NAME = re.compile(r"\W*((?:[^\W\d_]+\.? ){1,4}[^\W\d_]+)\W*")
"""A line of two to five words and no sign between them."""


def _read_name(line: str) -> str | None:
    match = _NAME.fullmatch(" ".join(line.split())) if len(line) <= _PARAGRAPH else None
    return match[1] if match and weigh_person(match[1]) >= LIKELY else None


def label_signatures(pieces: pl.LazyFrame, know: Knowledge) -> pl.LazyFrame:
    """Piece -> Piece: on pages without a byline, a person's name that closes the body, or stands right below it, is the writer's.

    Below a paragraph, and where the text does not speak of that person.
    """
    frame = pieces.collect()
    page, rule = number_pages(frame), frame["rule"]
    signed = np.unique(page[rows_where(rule.str.starts_with("byline/").fill_null(False))])
    inside = frame["zone"].is_in(["body", "after"]) & (frame["article"] == 0)
    row, text = take_solid(frame, rows_where(inside & ~pl.Series(np.isin(page, signed))))
    body = (frame["zone"].gather(row) == "body").to_numpy() & rule.gather(row).is_null().to_numpy()
    at = np.flatnonzero(body)
    owner = page[row[at]]
    last = at[np.append(owner[1:] != owner[:-1], True)[: len(at)]] if len(at) else at
    found: list[int] = []
    for end in last.tolist():
        for line in (end, end + 1):
            above = line - 1
            if line >= len(row) or above < 0 or page[row[line]] != page[row[end]] or page[row[above]] != page[row[end]]:
                continue
            if (
                rule[int(row[line])] is not None
                or len(text[above]) < _PARAGRAPH
                or not (name := _read_name(text[line]))
            ):
                continue
            mine = text.filter(pl.Series((page[row] == page[row[end]]) & body & (np.arange(len(row)) != line)))
            first, family = outer_names(name)
            if not (mine.str.contains(first, literal=True) & mine.str.contains(family, literal=True)).any():
                found.append(int(row[line]))
                break
    return frame.with_columns(rule.scatter(found, SIGNED)).lazy() if found else frame.lazy()
