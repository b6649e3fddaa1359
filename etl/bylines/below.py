"""Piece -> Piece: the writer's name below the text, alone on its line, as columns are signed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from etl.bylines.persons import LIKELY, outer_names, weigh_person
from etl.pieces import number_pages, rows_where, take_solid

if TYPE_CHECKING:
    from etl.knowledge import Knowledge

SIGNED = "byline/signature"
_PARAGRAPH = 60
"""Code points of the line above, at least: below a list of names another name signs nothing."""
_NAME = re.compile(r"\W*((?:[^\W\d_]+\.? ){1,4}[^\W\d_]+)\W*")
"""A line of two to five words and no sign between them."""


_NAMELESS = ["byline/place-agency", "byline/town-agency", "byline/follow-ups", "byline/follow-ups-plus"]
"""Labels of bylines that name no person."""
_BETWEEN = re.compile(r"\s+[/،]\s+")
_WRITERS = 2
"""Names that sign a text, at most."""


def _read_names(line: str) -> list[str]:
    """Line -> the one or two persons whose names are all that it says; nobody where it says more."""
    if len(line) > _PARAGRAPH:
        return []
    found = [_NAME.fullmatch(" ".join(part.split())) for part in _BETWEEN.split(line)]
    names = [match[1] for match in found if match]
    weights = [weigh_person(name) for name in names]
    # Of two writers one may have a name that is as often another word.
    told = len(names) == len(found) <= _WRITERS and all(weights) and max(weights) >= LIKELY
    return names if told else []


def _speak_of(lines: pl.Series, name: str) -> bool:
    """Whether a line has a person's first and last name."""
    given, family = outer_names(name)
    return bool((lines.str.contains(given, literal=True) & lines.str.contains(family, literal=True)).any())


def label_signatures(pieces: pl.LazyFrame, know: Knowledge) -> pl.LazyFrame:
    """Piece -> Piece: on pages without a writer's byline, a person's name that closes the body, or stands right below it, is the writer's.

    Below a paragraph, and where the text does not speak of that person.
    """
    frame = pieces.collect()
    page, rule = number_pages(frame), frame["rule"]
    signed = np.unique(page[rows_where(rule.str.starts_with("byline/") & ~rule.is_in(_NAMELESS))])
    inside = frame["zone"].is_in(["body", "after"]) & (frame["article"] == 0)
    row, text = take_solid(frame, rows_where(inside & ~pl.Series(np.isin(page, signed))))
    body = (frame["zone"].gather(row) == "body").to_numpy() & rule.gather(row).is_null().to_numpy()
    owner, at = page[row], np.flatnonzero(body)
    last = at[np.append(np.diff(owner[at]) > 0, True)[: len(at)]]
    found: list[int] = []
    for end in last.tolist():
        first, behind = np.searchsorted(owner, [owner[end], owner[end] + 1]).tolist()
        for line in range(max(end, first + 1), min(end + 2, behind)):
            names = _read_names(text[line]) if rule[int(row[line])] is None else []
            above = text[line - 1].rstrip()
            if not names or len(above) < _PARAGRAPH or above.endswith(":"):
                continue
            others = text[first:behind].filter(pl.Series(body[first:behind] & (np.arange(first, behind) != line)))
            if not any(_speak_of(others, name) for name in names):
                found.append(int(row[line]))
                break
    return frame.with_columns(rule.scatter(found, SIGNED)).lazy() if found else frame.lazy()
