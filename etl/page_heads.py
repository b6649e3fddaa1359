"""Piece -> the lines with text before the bodies of pages, counted from each page's title."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl

from etl.labels import Labels
from etl.looks import Flags, Ints
from etl.pieces import take_solid

HEAD = 12
"""Lines with text, from the top of a page, among which a site writes its own name: as in `etl.outlets`."""
ABOVE = 2
"""Lines above the title in which a byline may stand, beside a section's name."""


def number_pages(frame: pl.DataFrame) -> Ints:
    """Piece -> the running number of the page of each."""
    return frame["id"].rle_id().cast(pl.Int64).to_numpy()


def solid_of(frame: pl.DataFrame, which: pl.Series) -> tuple[Ints, pl.Series]:
    """Piece, and flags of some, null for no -> the rows of those with text, and their texts without white space around."""
    return take_solid(frame, which.fill_null(False).arg_true().cast(pl.Int64).to_numpy())


@dataclass(frozen=True)
class Heads:
    """The lines with text before bodies: `row` of the frame, page, label, text; `place` counts lines from the title.

    The title's place is 0; `titled` says which lines have one on their page.
    """

    row: Ints
    page: Ints
    rule: pl.Series
    text: pl.Series
    place: Ints
    titled: Flags

    @cached_property
    def _labels(self) -> Labels:
        return Labels(self.rule)

    def labelled(self, pattern: str) -> Flags:
        """Lines with such a label."""
        return self._labels.match(pattern)

    def beside(self, flags: Flags) -> Flags:
        """Lines of which the one above or the one below, of the same page, has a flag."""
        same = self.page[1:] == self.page[:-1]
        found = np.zeros(len(flags), dtype=np.bool_)
        found[1:] |= flags[:-1] & same
        found[:-1] |= flags[1:] & same
        return found

    def last(self) -> Flags:
        """The last line of each page before its body."""
        return np.append(self.page[1:] != self.page[:-1], len(self.page) > 0)

    def near_title(self) -> Flags:
        """Lines where a byline may stand: right above the title, or below it and above any list of other articles."""
        related = np.cumsum(self.labelled("^related/"))
        title = np.flatnonzero(self.titled & (self.place == 0))
        at_title = np.zeros(int(self.page.max(initial=-1)) + 1, dtype=np.int64)
        at_title[self.page[title]] = related[title]
        listed = (related > at_title[self.page]) & (self.place > 0)
        near: Flags = self.titled & (self.place != 0) & (self.place >= -ABOVE) & ~listed
        return near


def find_heads(frame: pl.DataFrame, page: Ints) -> Heads:
    """Piece, and the page of each -> the lines before the bodies."""
    row, text = solid_of(frame, frame["zone"] == "before")
    rule, owner = frame["rule"].gather(row), page[row]
    at = (rule == "title/headline").fill_null(False).arg_true().cast(pl.Int64).to_numpy()
    title = np.full(int(owner.max(initial=-1)) + 1, -1)
    title[owner[at[::-1]]] = at[::-1]  # of several the first is written last and stays
    of_line = title[owner]
    return Heads(row, owner, rule, text, np.arange(len(row)) - of_line, of_line >= 0)
