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


_BETWEEN = re.compile(r"\s+[/،]\s+")
_WRITERS = 2
"""Names that sign a text, at most."""


def _read_name(line: str) -> str | None:
    if len(line) > _PARAGRAPH:
        return None
    names = [_NAME.fullmatch(" ".join(part.split())) for part in _BETWEEN.split(line)]
    # Of two writers one may have a name that is as often another word.
    sure = [match is not None and weigh_person(match[1]) for match in names]
    return names[0][1] if names[0] and all(sure) and max(sure) >= LIKELY and len(names) <= _WRITERS else None


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
    owner, at = page[row], np.flatnonzero(body)
    last = at[np.append(np.diff(owner[at]) > 0, True)[: len(at)]]
    found: list[int] = []
    for end in last.tolist():
        first, behind = np.searchsorted(owner, [owner[end], owner[end] + 1]).tolist()
        for line in range(max(end, first + 1), min(end + 2, behind)):
            name = _read_name(text[line]) if rule[int(row[line])] is None else None
            if not name or len(text[line - 1]) < _PARAGRAPH:
                continue
            others = text[first:behind].filter(pl.Series(body[first:behind] & (np.arange(first, behind) != line)))
            given, family = outer_names(name)
            if not (others.str.contains(given, literal=True) & others.str.contains(family, literal=True)).any():
                found.append(int(row[line]))
                break
    return frame.with_columns(rule.scatter(found, SIGNED)).lazy() if found else frame.lazy()
