"""Paragraphs that stand on several lines, as mail, PDF and old pages have them: a line goes on in the next one where that one's first
word would not have fitted on it.
"""

from __future__ import annotations

import re
from itertools import pairwise

import numpy as np
import polars as pl

from etl.around import page_bounds
from etl.arrays import Flags, Ints
from etl.pieces import number_pages

_LONGEST = 130
"""Code points of a line in Arabic beyond which its page is not wrapped, as paragraphs are on one line."""
_SHORT, _FEW = 30, 4
"""Code points up to which a line says nothing of a page's width, and words under which it is hardly part of a paragraph."""
_NARROWEST = 42
"""Code points of the width of a page at least: verses have fewer, and are not to be joined."""
_BAND, _SPARE = 10, 4
"""Code points by which full lines differ, and that a word must lack to have been left for the next line."""
_LEAST = 5
"""Full lines of a page at least."""
_SHARE = 0.75
"""Share of the lines above another one that are full, or end a sentence."""
_CHAINED = 0.2
"""Share of the lines that go on in the next of which the next one goes on, too, at least."""
_ENDS = re.compile(r"[.؟!?…:][\"»”’)\]]*$")
_ARABIC = re.compile(r"[\u0620-\u064a]")
_MARKS = re.compile(r"[\u064b-\u065f\u0670\u200b-\u200f\u202a-\u202e\u2066-\u2069]")
_BEGINS = re.compile(r"(?:[•·▪●■◄►▶○◦‣>*+–—-]|\[?[0-9٠-٩]{1,3}[.)\]–ـ-])\s*\S|[\W_]+$")
"""How the line begins that cannot go on with the one above: with a bullet or a number, or without a word."""


def _find_width(full: list[int]) -> int:
    """Lengths of lines that another one follows -> the width of their page: the greatest that several of them nearly have."""
    order = sorted(full, reverse=True)
    return next((size for size, other in zip(order, order[_LEAST - 1 :], strict=False) if size - other <= _BAND), 0)


def _find_wraps(lines: list[str], free: list[bool]) -> list[int]:
    """Lines of a page without white space around them, and which have no label -> those that go on in the next; none where not
    nearly all that another follows are full or end a sentence.

    Marks have no width. Lines without Arabic letters, such as a table's or a list of addresses, say nothing of the others.
    """
    sizes = [len(_MARKS.sub("", line)) for line in lines]
    goes_on = [
        may and _ARABIC.search(line) is not None and _BEGINS.match(line) is None
        for may, line in zip(free, lines, strict=True)
    ]
    follows = [
        at
        for at, line in enumerate(lines[:-1])
        if free[at] and goes_on[at + 1] and sizes[at] > _SHORT and len(line.split()) >= _FEW and _ARABIC.search(line)
    ]
    width = _find_width([sizes[at] for at in follows])
    full = {
        at
        for at in follows
        if width - _BAND <= sizes[at] <= width
        and sizes[at] + 1 + len(_MARKS.sub("", lines[at + 1].split()[0])) > width - _SPARE
    }
    fits = sum(at in full or _ENDS.search(lines[at]) is not None for at in follows)
    if width < _NARROWEST or len(full) < _LEAST or fits < _SHARE * len(follows):
        return []
    wraps = sorted(at for at in full if not _ENDS.search(lines[at]))
    # Paragraphs have three lines and more; lines that go on in pairs are verses.
    chained = sum(low + 1 == high for low, high in pairwise(wraps))
    return wraps if chained >= _CHAINED * len(wraps) else []


def join_wrapped(frame: pl.DataFrame) -> pl.Series:
    """Piece (one piece a line) -> the pieces, where a paragraph on several lines stands on its first one, with empty ones below."""
    pieces = frame["piece"]
    free: Flags = frame["rule"].is_null().to_numpy()
    size = (pieces.str.len_chars() * pieces.str.contains(_ARABIC.pattern)).to_numpy()
    first, sizes = page_bounds(number_pages(frame))
    if not len(first):
        return pieces
    longest = np.maximum.reduceat(np.where(free, size, 0), first)
    pages: Ints = np.flatnonzero((longest <= _LONGEST) & (longest > _SHORT) & (sizes > _LEAST))
    joined: dict[int, str] = {}
    for start, count in zip(first[pages].tolist(), sizes[pages].tolist(), strict=True):
        lines = [line.strip() for line in pieces[start : start + count]]
        for at in reversed(_find_wraps(lines, free[start : start + count].tolist())):
            lines[at], lines[at + 1] = f"{lines[at]} {lines[at + 1]}", ""
            joined |= {start + place: f"{lines[place]}\n" for place in (at + 1, at)}
    return pieces.scatter(list(joined), list(joined.values())) if joined else pieces
