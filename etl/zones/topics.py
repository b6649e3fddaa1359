"""The words that lines of a page share with each other: whether a line says again what others say."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from etl.arrays import Flags, Floats, Ints, Places, Slots
from etl.zones.tokens import SLOT_BITS

_CHUNK = 32
"""Pages whose words are counted at once: their slots stay in the processor's cache."""
_HIGH_BIT = 26
_HIGH = 1 << _HIGH_BIT
"""Two counts of words are made as one, a whole number that a float holds: the second one is in units of this."""


@dataclass(frozen=True)
class PageWords:
    """The words of lines that stand more than once in their page, line after line, by their number among all words.

    `line` of each, `same`, the first word in the same slot of the same page, and `last`, the last one; `first[k]` is the
    first word of line k, `size[k]` how many it has in all.
    """

    line: Ints
    same: Ints
    last: Ints
    first: Ints
    size: Ints

    def share(self, one: Flags, other: Flags) -> tuple[Floats, Floats]:
        """Share of each line's words of which one thing is true, and of which another; 0 for a line without any."""
        both = np.bincount(self.line, weights=one + other * float(_HIGH), minlength=len(self.size)).astype(np.int64)
        size = np.maximum(self.size, 1)
        return ((both & _HIGH - 1) / size).astype(np.float32), ((both >> _HIGH_BIT) / size).astype(np.float32)

    def echo(self, one: Flags, other: Flags) -> tuple[Floats, Floats]:
        """Two choices of lines -> for each: the share of every line's words that others in chosen lines of its page are like."""
        chosen = (one + other * float(_HIGH))[self.line]
        others = (np.bincount(self.same, weights=chosen)[self.same] - chosen).astype(np.int64)
        return self.share(others & _HIGH - 1 > 0, others >= _HIGH)


def find_page_words(page: Ints, look: Places, first: Ints, slots: Slots) -> PageWords:
    """Lines by page and look, and the words of the looks (`first[k]` is the place of look k's first one) -> PageWords."""
    size = np.diff(first)[look]
    end = np.cumsum(size)
    own = end - size
    number = np.arange(size.sum(), dtype=np.int32)
    line = np.arange(len(page))
    skipped, part = (first[look] - own).astype(np.int32), ((page % _CHUNK) << SLOT_BITS).astype(np.int32)
    table = np.empty(_CHUNK << SLOT_BITS, np.int32)
    found: list[tuple[Ints, ...]] = []
    # A chunk of pages after the other, each page in its own part of the table.
    change = np.flatnonzero(np.diff(page // _CHUNK)) + 1
    for low, high in pairwise([0, *change.tolist(), len(page)]):
        n, words = size[low:high], number[own[low] : end[high - 1]]
        slot = (slots[words + np.repeat(skipped[low:high], n)] + np.repeat(part[low:high], n)).astype(np.intp)
        table[slot] = words  # of several words in a slot the one that is written last stays
        last = table[slot]
        table[slot[::-1]] = words[::-1]
        same = table[slot]
        twice = np.flatnonzero(same != last)
        found.append((np.repeat(line[low:high], n)[twice], same[twice].astype(np.int64), last[twice].astype(np.int64)))
    lines, sames, lasts = (np.concatenate(parts) for parts in zip(*found, strict=True))
    return PageWords(lines, sames, lasts, own, size)
