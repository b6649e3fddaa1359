"""What stands below an article's last paragraph, or a label of keywords above it: its lines, and the runs of those that may be tags
by their look."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
import polars as pl

from etl.around import first_rows, page_bounds, place_in
from etl.arrays import Flags, Ints, expand
from etl.decoration import bare_lines
from etl.distinct import distinct
from etl.labels import LabelledLines
from etl.pieces import take_solid

_LONG, _SENTENCE = 200, 80
"""Bytes (two a letter) from which a line is a paragraph whatever its end, and from which it is one that ends in a stop."""
_STOP = r"[.؟!?…][\"»”’)\]'}]*\s*$"
OPENS = r"[:،,]\s*$"
"""The end of a line that a list follows."""
REACH, _ROWS = 16, 64
"""Lines below the last paragraph among which tags stand; rows that are read for them, empty ones included."""
_SIGN = r"\s.،,:؛;؟?!()\[\]{}|/\\@«»\"“”…#%"
_WORD = f"[^{_SIGN}]+"
_TERM = rf"{_WORD}(?:\s+{_WORD})"
ITEM = rf"^(?:[•·▪*\-–،,]\s*)?{_TERM}{{0,3}}$"
"""One to four words and no sign but a bullet, or the comma between a tag and the one on the line above."""
HASHTAG = rf"^#\s?{_TERM}{{0,3}}$"
_PART = r"(?:\s*[،,|•/؛]\s*|\s[-–—·]\s)"
COMMAS = rf"^[•\s]*{_TERM}{{0,2}}(?:{_PART}{_TERM}{{0,2}}){{2,11}}$"
"""Three to twelve terms of one to three words, with commas or other signs between."""
LABELLED = rf"^[•·▪*\s-]*(?:{_TERM}{{0,3}})\s?:[\s•]*({_TERM}{{0,4}}(?:{_PART}{_TERM}{{0,4}}){{1,11}})\s*$"
"""A label that a site has made up and the terms behind it, with signs between: two to twelve of one to five words."""
_LABEL, _HINT = "keywords/label-alone", "keywords/label-below"
_BETWEEN = ("،", ",", "|", "/", "؛")
"""Signs that part tags, as lines of their own."""
_LETTERS = r"\p{L}{2}"
_FREE = "^site/(?:menu-item|weather|search-word)"
"""Labels that a tag may have got for its words alone: a section, too, is named for a topic."""
_SECTIONS = "^category/label$"
"""Labels that topics share with sections."""
WALL = "^(?:comment/|legal/copyright$)"
"""Labels below which no tags stand."""


@dataclass(frozen=True)
class Tails(LabelledLines):
    """The lines with text below the last paragraphs of pages: `row` of the frame, `page` number, place below the paragraph.

    `look` is the place of each among `texts`, the distinct ones; `own`: it is no part of a second article.
    """

    place: Ints
    own: Flags
    zone: pl.Series
    look: Ints
    texts: pl.Series

    @cached_property
    def free(self) -> Flags:
        """Lines without a label that would tell that they are no tags."""
        return self.plain | self.labelled(_FREE)

    @cached_property
    def may_be_labelled(self) -> Flags:
        """Lines without a label of ours, or with that of a section, of the form of a label and a list of terms."""
        may: Flags = (self.plain | self.labelled(_SECTIONS)) & self.says(LABELLED)
        return may

    @cached_property
    def in_body(self) -> Flags:
        """Lines that the zones took for the article's."""
        return (self.zone == "body").fill_null(False).to_numpy()

    def says(self, pattern: str) -> Flags:
        """Lines whose text has such a pattern."""
        said: Flags = self.texts.str.contains(pattern).to_numpy()[self.look]
        return said

    @cached_property
    def items(self) -> Flags:
        """Lines of a few words and no sign."""
        return self.says(ITEM) & self.worded

    @cached_property
    def worded(self) -> Flags:
        """Lines with a word: numbers are no tags."""
        return self.says(_LETTERS)

    def so_far(self, flags: Flags) -> Flags:
        """Lines on which, or above which in their page, a flag is true."""
        first, sizes = page_bounds(self.page)
        count = np.cumsum(flags)
        return count > np.repeat((count - flags)[first], sizes)


def find_last(frame: pl.DataFrame, page: Ints, kept: Flags) -> Ints:
    """Piece, the page of each, which lines the body keeps -> the row of each page's last paragraph, -1 where there is none."""
    row = np.flatnonzero(kept)
    size = frame["piece"].gather(row).str.len_bytes().to_numpy()
    last = np.full(int(page.max(initial=-1)) + 1, -1)
    long = size >= _LONG
    last[page[row[long]]] = row[long]
    # Of the shorter ones only those below it are read.
    row = row[(size >= _SENTENCE) & ~long & (row > last[page[row]])]
    row = row[frame["piece"].gather(row).str.contains(_STOP).to_numpy()]
    last[page[row]] = row
    return last


def find_told(frame: pl.DataFrame, page: Ints) -> list[Ints]:
    """Piece, the page of each -> the row above the first label of keywords of each page, before its body and once more behind it;
    behind the last row where there is none."""
    at = (frame["rule"] == _LABEL).fill_null(False).arg_true()
    zone, row = frame["zone"].gather(at), at.cast(pl.Int64).to_numpy()
    told = [row[(zone == where).fill_null(False).to_numpy()] for where in ("before", "after")]
    pages = int(page.max(initial=-1)) + 1
    return [first_rows(page[rows], pages, rows - 1, len(frame)) for rows in told if len(rows)]


def read_tails(frame: pl.DataFrame, page: Ints, above: Ints) -> Tails:
    """Piece, the page of each, a row of each page -> the lines with text below it, as far as tags may stand and one more."""
    row = np.arange(len(frame))
    row, text = take_solid(frame, row[(row > above[page]) & (row <= above[page] + _ROWS)])
    worded = ~text.is_in(_BETWEEN)
    row, text = row[worded.to_numpy()], text.filter(worded)
    place = place_in(page[row])
    near = place <= REACH
    row, text, place = row[near], text.filter(near), place[near]
    texts, look = distinct(bare_lines(text))
    rule, zone, article = (frame[name].gather(row) for name in ("rule", "zone", "article"))
    return Tails(row, page[row], rule, place, (article == 0).to_numpy(), zone, look.astype(np.int64), texts)


class Runs(NamedTuple):
    """Runs of lines that may be tags, by the place of their lines among the tails: `first`, and `end` behind the last.

    `above`, `below`: the line there has a label; `said`: the one above is that of keywords, `hinted`: one that may be; `under`: a
    heading of other articles stands above; `last`: nothing stands below.
    """

    first: Ints
    end: Ints
    above: Flags
    below: Flags
    said: Flags
    hinted: Flags
    under: Flags
    last: Flags

    def take(self, which: Flags) -> Runs:
        """Return some of the runs."""
        columns = {name: values[which] for name, values in self._asdict().items()}
        return Runs(**columns)

    def lines(self) -> tuple[Ints, Ints]:
        """Return the lines of the runs, and the number of the run of each."""
        size = self.end - self.first
        owner = np.repeat(np.arange(len(size)), size)
        return expand(self.first, size), owner


def find_tag_places(tails: Tails, headings: Sequence[str]) -> tuple[Flags, Flags]:
    """Tails, the ids of headings of other articles -> (lines where tags may stand, those with such a heading above).

    Below a heading they may as long as no headline has come, or under the label of keywords; below comments, or in a second
    article, never.
    """
    under = tails.so_far(tails.rule.is_in(headings).fill_null(False).to_numpy())
    listed = tails.so_far(under & tails.plain & ~tails.items)
    wall = tails.so_far(tails.labelled(WALL) | ~tails.own)
    # The label of keywords says what follows, wherever it stands: the next line, and those below it that are tags by their look.
    fits = tails.free & tails.items
    broken = np.flatnonzero(~fits | (tails.place == 0))
    above = broken[np.maximum(np.searchsorted(broken, np.arange(len(fits)), side="right") - 1, 0)]
    label = tails.labelled(f"^{_LABEL}$")
    told = (np.r_[False, label[:-1]] & (tails.place > 0)) | (fits & label[above])
    return tails.free & (~listed | told) & ~wall & (tails.place < REACH), under & ~told


def find_runs(tails: Tails, fits: Flags, under: Flags) -> Runs:
    """Tails, lines that may be tags -> the runs of them."""
    same = np.r_[False, tails.page[1:] == tails.page[:-1]]
    begins = fits & ~(np.r_[False, fits[:-1]] & same)
    first, at = np.flatnonzero(begins), np.flatnonzero(fits)
    end = first + np.diff(np.r_[np.flatnonzero(begins[at]), len(at)])
    follows = np.r_[same, False][end]
    below = follows & np.r_[~tails.free, False][end]
    above = (tails.place[first] > 0) & ~tails.free[first - 1]
    said = above & tails.labelled(f"^{_LABEL}$")[first - 1]
    hinted = above & tails.labelled(f"^{_HINT}$")[first - 1]
    return Runs(first, end, above, below, said, hinted, under[first], ~follows)
