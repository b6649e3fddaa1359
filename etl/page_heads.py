"""Piece -> the lines with text before the bodies of pages, counted from each page's title, and those given back to the body."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from etl.around import first_rows, page_bounds
from etl.arrays import Flags, Ints
from etl.cues import label_edges
from etl.dates import parse_date
from etl.fold import fold_texts
from etl.labels import LabelledLines
from etl.pieces import number_pages, rows_where, solid_of

if TYPE_CHECKING:
    from etl.knowledge import Knowledge

FEW = 3
"""Lines with text before a body of which none is the title, at most, that tell who wrote it and when."""
OPENING = 60
"""Code points of a body's first line that is no paragraph, at most."""
_INVOCATION = r"^\W*(?:ان )?(?:الحمد لله|بسم الله)(?:\s+\S+){5,}"
"""Folded, how a sermon, a ruling or a speech begins: its first line, and no part of a page's head."""
_COPIES = 2
"""Times that a title may stand again right below itself."""
ABOVE = 2
"""Lines above the title in which a byline may stand, beside a section's name."""


@dataclass(frozen=True)
class Heads(LabelledLines):
    """The lines with text before bodies: `row` of the frame, page, label, text; `place` counts lines from the title.

    The title's place is 0; `titled` says which lines have one. Of those `beside_page` have none among the lines: it came beside the
    page, and would stand just above the first.
    """

    text: pl.Series
    place: Ints
    titled: Flags
    beside_page: Flags

    def last(self) -> Flags:
        """The last line of each page before its body."""
        return np.append(self.page[1:] != self.page[:-1], len(self.page) > 0)

    def near_title(self) -> Flags:
        """Lines where a byline may stand: right above the title, or below it and above any list of other articles."""
        flags = self.labelled("^related/")
        related = np.cumsum(flags)
        first, sizes = page_bounds(self.page)
        # The title may stand once more below a list, as it does where a page shows its head to one reader and its article to all.
        start = np.repeat(first, sizes)
        titles = np.where(self.labelled("^title/(?:headline|again)$") & self.titled, np.arange(len(flags)), -1)
        above = np.maximum.accumulate(titles) if len(titles) else titles
        since = np.where(above >= start, related[np.maximum(above, start)], related[start] - flags[start])
        listed = (related > since) & (self.place > 0)
        near: Flags = self.titled & (self.place != 0) & (self.place >= -ABOVE) & ~listed
        return near


def _find_openings(frame: pl.DataFrame, page: Ints) -> pl.Series:
    """Piece, and the page of each -> true on the first line of each body that has no label, where it is too short for a paragraph."""
    free = (frame["zone"] == "body") & frame["rule"].is_null() & (frame["piece"] != "\n")
    row = rows_where(free)
    first, _ = page_bounds(page[row])
    short = frame["piece"].gather(row[first]).str.len_chars() <= OPENING
    flags = np.zeros(len(frame), dtype=np.bool_)
    flags[row[first[short.to_numpy()]]] = True
    return pl.Series(flags)


def find_heads(frame: pl.DataFrame, page: Ints, with_opening: bool = False) -> Heads:
    """Piece, and the page of each -> the lines before the bodies; `with_opening` the first one of each body as well, if it is short:
    of an article already cut out it may tell who wrote it."""
    before = frame["zone"] == "before"
    row, text = solid_of(frame, before | _find_openings(frame, page) if with_opening else before)
    rule, owner = frame["rule"].gather(row), page[row]
    at = rows_where(rule == "title/headline")
    title = first_rows(owner[at], int(owner.max(initial=-1)) + 1, at)
    # Of a page without its title, which came beside it, a few lines are left above the text: those that stood below it.
    first, sizes = page_bounds(owner)
    few = np.zeros(len(title), dtype=np.bool_)
    few[owner[first[sizes <= FEW]]] = True
    few &= title < 0
    # Right below it the title may stand once more.
    again = (rule == "title/again").fill_null(False).to_numpy()
    for _ in range(_COPIES):
        below = np.minimum(title + 1, len(row) - 1)
        title = np.where((title >= 0) & again[below] & (owner[below] == np.arange(len(title))), below, title)
    of_line = np.where(few[owner], np.repeat(first, sizes) - 1, title[owner])
    return Heads(row, owner, rule, text, np.arange(len(row)) - of_line, few[owner] | (title[owner] >= 0), few[owner])


def give_back_heads(pieces: pl.LazyFrame, know: Knowledge) -> pl.LazyFrame:
    """Piece -> Piece: a few lines above a body of which none has a name are the body's: no title, date or byline, no label
    of a site's parts says that they are anything else."""
    frame = pieces.collect()
    row, text = solid_of(frame, frame["zone"] == "before")
    page = number_pages(frame)
    owner = page[row]
    first, sizes = page_bounds(owner)
    if not len(first):
        return frame.lazy()
    named = np.logical_or.reduceat(frame["rule"].gather(row).is_not_null().to_numpy(), first)
    with_body = np.isin(owner[first], page[(frame["zone"] == "body").fill_null(False).to_numpy()])
    nameless = owner[first[(sizes <= FEW) & ~named & with_body]]
    # A line that states a day tells when the text was published, whatever else it says.
    at = np.flatnonzero(np.isin(owner, nameless))
    dated = [owner[line] for line in at.tolist() if parse_date(text[line]).precision == "day"]
    nameless = np.setdiff1d(nameless, dated)
    back = pl.Series(np.isin(page, nameless)) & (frame["zone"] == "before")
    last = np.append(owner[1:] != owner[:-1], True)
    # The last line above a body may open it.
    at = np.flatnonzero(last & frame["rule"].gather(row).is_null().to_numpy() & np.isin(owner, owner[first[with_body]]))
    opens = row[at[fold_texts(text.gather(at)).str.contains(_INVOCATION).to_numpy()]]
    back |= pl.Series(np.isin(np.arange(len(frame)), opens))
    if not back.any():
        return frame.lazy()
    frame = frame.with_columns(zone=pl.when(back).then(pl.lit("body")).otherwise("zone"))
    # Now that they are the body's first lines, what is no text there may be told.
    asked = np.flatnonzero(np.isin(page, nameless))
    return frame.with_columns(frame["rule"].scatter(asked, label_edges(frame[asked], know)["rule"])).lazy()
