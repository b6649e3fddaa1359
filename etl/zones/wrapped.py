"""Paragraphs that stand on several lines, as mail, PDF and old pages have them: a line goes on in the next one where that one's first
word would not have fitted on it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain, pairwise

import numpy as np
import polars as pl

from etl.around import page_bounds
from etl.arrays import Flags, Ints
from etl.pieces import number_pages

_LONGEST = 130
"""Code points of a line in Arabic that is not wrapped, as a paragraph on one line."""
_MOST_LONG = 2
"""Such lines of a page at most: a menu, or what a forum says of itself."""
_SHORT, _FEW = 30, 4
"""Code points up to which a line says nothing of a page's width, and words under which it is hardly part of a paragraph."""
_NARROWEST = 42
"""Code points of the width of a page at least: verses have fewer, and are not to be joined."""
_BAND, _SPARE = 10, 4
"""Code points by which full lines differ, and that a word must lack to have been left for the next line."""
_LEAST, _FOR_EACH = 5, 4
"""Full lines of a page at least, and those beyond them for each long one."""
_SHARE = 0.75
"""Share of the lines above another one that are full, or end a sentence."""
_OF_RUN = 0.5
"""The same share of the lines between two blank ones, under which they are something else than paragraphs."""
_CHAINED = 0.2
"""Share of the lines that go on in the next of which the next one goes on, too, at least."""
_CLOSED = 0.5
"""Or the share of them of which the next one ends a sentence."""
_ENDS = re.compile(r"[.؟!?…:][\"»”’)\]]*$")
_ARABIC = re.compile(r"[\u0620-\u064a]")
_MARKS = re.compile(r"[\u064b-\u065f\u0670\u200b-\u200f\u202a-\u202e\u2066-\u2069]")
_BEGINS = re.compile(r"(?:[•·▪●■◄►▶○◦‣>*+–—-]|\[?[0-9٠-٩]{1,3}[.)\]–ـ-])\s*\S|[\W_]+$")
"""How the line begins that cannot go on with the one above: with a bullet or a number, or without a word."""


def _list_widths(full: list[int]) -> Iterator[int]:
    """Lengths of lines that another one follows -> the widths that their page may have: each the greatest that several of them nearly
    have, the greatest first."""
    order = sorted(full, reverse=True)
    last = 0
    for size, other in zip(order, order[_LEAST - 1 :], strict=False):
        if size - other <= _BAND and (not last or size < last - _SPARE):
            yield size
            last = size


def _list_runs(places: list[int]) -> list[list[int]]:
    """Places in order -> the runs of those that follow one another."""
    runs: list[list[int]] = []
    for at in places:
        if runs and runs[-1][-1] == at - 1:
            runs[-1].append(at)
        else:
            runs.append([at])
    return runs


def _find_wraps(lines: list[str], free: list[bool], least: int) -> list[int]:
    """Lines of a page without white space around them, which of them have no label, how many must be full -> those that go on in the
    next; none where not nearly all that another follows are full or end a sentence; lines between blank ones of which few do are left out.

    Marks have no width. Lines without Arabic letters, such as a table's or a list of addresses, say nothing of the others.
    """
    marked = _MARKS.search("\n".join(lines)) is not None
    sizes = [len(_MARKS.sub("", line) if marked else line) for line in lines]
    goes_on = [
        may and _ARABIC.search(line) is not None and _BEGINS.match(line) is None
        for may, line in zip(free, lines, strict=True)
    ]
    follows = [
        at
        for at, line in enumerate(lines[:-1])
        if free[at] and goes_on[at + 1] and sizes[at] > _SHORT and len(line.split()) >= _FEW and _ARABIC.search(line)
    ]
    for width in _list_widths([sizes[at] for at in follows]):
        if width < _NARROWEST:
            break
        if wraps := _find_at_width(lines, sizes, follows, width, least):
            return wraps
    return []


def _find_at_width(lines: list[str], sizes: list[int], follows: list[int], width: int, least: int) -> list[int]:
    """The lines of a page, their lengths, those that another one follows, a width -> those that go on in the next if that is its width."""
    full = {
        at
        for at in follows
        if width - _BAND <= sizes[at] <= width
        and sizes[at] + 1 + len(_MARKS.sub("", lines[at + 1].split()[0])) > width - _SPARE
    }
    fits = {at for at in follows if at in full or _ENDS.search(lines[at]) is not None}
    # A list of headlines on the same page says nothing of its paragraphs.
    runs = [run for run in _list_runs(follows) if len(fits.intersection(run)) >= _OF_RUN * len(run)]
    kept = set(chain.from_iterable(runs))
    full &= kept
    if len(full) < least or len(fits & kept) < _SHARE * len(kept):
        return []
    wraps = sorted(at for at in full if not _ENDS.search(lines[at]))
    # Paragraphs have three lines and more, or a sentence's end; lines that go on in pairs without one are verses.
    chained = sum(low + 1 == high for low, high in pairwise(wraps))
    closed = sum(_ENDS.search(lines[at + 1]) is not None for at in wraps)
    return wraps if chained >= _CHAINED * len(wraps) or closed >= _CLOSED * len(wraps) else []


def join_wrapped(frame: pl.DataFrame) -> pl.Series:
    """Piece (one piece a line) -> the pieces, where a paragraph on several lines stands on its first one, with empty ones below."""
    pieces = frame["piece"]
    free: Flags = frame["rule"].is_null().to_numpy()
    size = (pieces.str.len_chars() * pieces.str.contains(_ARABIC.pattern)).to_numpy()
    first, sizes = page_bounds(number_pages(frame))
    if not len(first):
        return pieces
    long = free & (size > _LONGEST)
    free &= ~long
    many = np.add.reduceat(long.astype(np.int64), first)
    least = _LEAST + _FOR_EACH * many
    # Few pages have as many lines that may be full, whatever their width; marks make a line no shorter.
    wide = np.add.reduceat((free & (size >= _NARROWEST - _BAND)).astype(np.int64), first)
    pages: Ints = np.flatnonzero((many <= _MOST_LONG) & (wide >= least))
    joined: dict[int, str] = {}
    for start, count, some in zip(first[pages].tolist(), sizes[pages].tolist(), least[pages].tolist(), strict=True):
        lines = [line.strip() for line in pieces[start : start + count]]
        for at in reversed(_find_wraps(lines, free[start : start + count].tolist(), some)):
            lines[at], lines[at + 1] = f"{lines[at]} {lines[at + 1]}", ""
            joined |= {start + place: f"{lines[place]}\n" for place in (at + 1, at)}
    return pieces.scatter(list(joined), list(joined.values())) if joined else pieces
