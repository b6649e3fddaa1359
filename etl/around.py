"""What stands around a line: moves, sums and distances within a page.

The lines of many pages stand end to end, page after page; nothing crosses from one page to the next.
"""

from __future__ import annotations

import numpy as np

from etl.arrays import AnyInts, Flags, Floats, Ints, Numbers, Places, expand

FAR = 99
"""Lines, as a distance: there is none."""


def page_bounds(page: AnyInts) -> tuple[Ints, Ints]:
    """Page numbers of lines -> (the first line of each page, its number of lines)."""
    first = np.flatnonzero(np.r_[True, page[1:] != page[:-1]]) if len(page) else np.zeros(0, dtype=np.int64)
    return first, np.diff(np.r_[first, len(page)])


def place_in(page: AnyInts) -> Ints:
    """Page numbers of lines -> the place of each line in its page, from 0."""
    return expand(0, page_bounds(page)[1])


def first_rows(owner: AnyInts, count: int, rows: AnyInts, none: int = -1) -> Ints:
    """Rows, each with its owner -> the first row of each of `count` owners, `none` where there is none."""
    first = np.full(count, none)
    first[owner[::-1]] = rows[::-1]  # of several the first is written last and stays
    return first


def flags_beside(flags: Flags, page: AnyInts, *by: int) -> Flags:
    """Flags of lines, the page of each -> the lines of which one that stands `by` places further on in the same page (negative:
    before) has a flag."""
    found = np.zeros_like(flags)
    for step in by:
        here, there = (slice(-step), slice(step, None)) if step > 0 else (slice(-step, None), slice(step))
        found[here] |= flags[there] & (page[here] == page[there])
    return found


class Around:
    """The neighbours of lines within their pages: sums and moves that every feature asks for."""

    def __init__(self, page: Ints) -> None:
        """`page` numbers of the lines."""
        self.page = page
        self.first, self.sizes = page_bounds(page)
        self.start = np.repeat(self.first, self.sizes).astype(np.int32)
        self.length = np.repeat(self.sizes, self.sizes).astype(np.int32)
        self.end = self.start + self.length
        self.index = np.arange(len(page), dtype=np.int32)
        self._same: dict[int, Floats] = {}
        self._ends: dict[tuple[int, int], tuple[Ints, Ints]] = {}

    def shift(self, values: Floats, by: int, fill: float = 0.0) -> Floats:
        """Value of the line `by` places further on in the same page (negative: before), else `fill`."""
        far = abs(by)
        if far not in self._same:
            self._same[far] = (self.page[:-far] == self.page[far:]).astype(np.float32)
        same = self._same[far]
        moved = np.zeros_like(values)
        to, source = (moved[:-far], values[far:]) if by > 0 else (moved[far:], values[:-far])
        np.multiply(source, same, out=to)
        if fill:
            to[same == 0] = fill
            (moved[-far:] if by > 0 else moved[:far])[:] = fill
        return moved

    def shift_at(self, rows: Ints, values: Floats, by: int) -> Floats:
        """The same for the lines of some rows, with 0 where there is none."""
        there = rows + by
        at = np.clip(there, self.start[rows], self.end[rows] - 1)
        moved: Floats = values[at] * (at == there)
        return moved

    def reach(self, low: int, high: int, rows: Ints | None = None) -> tuple[Ints, Ints]:
        """Half-open range of the lines from `low` to `high` places away from each, within its page; of all lines or of some."""
        if rows is not None:
            return _reach(rows, self.start[rows], self.end[rows], low, high)
        if (low, high) not in self._ends:
            self._ends[low, high] = _reach(self.index, self.start, self.end, low, high)
        return self._ends[low, high]

    def running(self, values: Numbers) -> Running:
        """Values of lines -> their running sum, for windows over them."""
        return Running(self, values)

    def window(self, values: Numbers, low: int, high: int) -> Floats:
        """Sum over the lines from `low` to `high` places away, within the page."""
        return Running(self, values).window(low, high)

    def each(self, sums: Numbers) -> Numbers:
        """Repeat one value a page for each of its lines."""
        return np.repeat(sums, self.sizes)

    def total(self, values: Numbers) -> Numbers:
        """Sum over the page, one a page."""
        return np.add.reduceat(values, self.first)

    def first_of(self, flags: Flags) -> Places:
        """The first line of each page that has a flag, for each line of the page; the page's end where none has."""
        return self.each(np.minimum.reduceat(np.where(flags, self.index, self.end), self.first))

    def last_of(self, flags: Flags) -> Places:
        """The last line of each page that has a flag, for each line of the page; -1 where none has."""
        return self.each(np.maximum.reduceat(np.where(flags, self.index, np.int32(-1)), self.first))

    def count(self, flags: Flags) -> Ints:
        """How many lines of its page have a flag, for each line."""
        return self.each(np.add.reduceat(flags, self.first, dtype=np.int64))

    def any(self, flags: Flags) -> Flags:
        """Whether a line of its page has a flag, for each line."""
        return self.each(np.logical_or.reduceat(flags, self.first))

    def all(self, flags: Flags) -> Flags:
        """Whether all lines of its page have a flag, for each line."""
        return self.each(np.logical_and.reduceat(flags, self.first))

    def since(self, flag: Flags) -> Places:
        """Lines since the last true one above in the page, 0 on it, FAR where there is none."""
        at, count = np.flatnonzero(flag), len(flag)
        last = np.repeat(np.append(-1, at).astype(np.int32), np.diff(at, prepend=0, append=count))
        return np.where(last >= self.start, np.minimum(self.index - last, np.int32(FAR)), np.int32(FAR))

    def until(self, flag: Flags) -> Places:
        """Lines until the next true one below in the page, 0 on it, FAR where there is none."""
        at, count = np.flatnonzero(flag), len(flag)
        then = np.repeat(np.append(at, count).astype(np.int32), np.diff(at, prepend=-1, append=count - 1))
        far = then >= self.end
        return np.where(far, np.int32(FAR), np.minimum(then - self.index, np.int32(FAR)))


def _reach(at: Numbers, start: Places, end: Places, low: int, high: int) -> tuple[Ints, Ints]:
    return np.clip(at + low, start, end).astype(np.intp), np.clip(at + high + 1, start, end).astype(np.intp)


class Running:
    """A running sum over lines; of whole numbers, so that a page's sums do not depend on the pages before it.

    Flags are counted, other values taken in steps of 1/4096.
    """

    def __init__(self, around: Around, values: Numbers) -> None:
        """Sum up the values of lines."""
        self.around = around
        flags = values.dtype == bool
        self.unit = 1 if flags else 4096
        self.total: Numbers = np.zeros(len(values) + 1, np.int32 if flags else np.int64)
        whole = values if flags else np.rint(np.multiply(values, 4096, dtype=np.float32)).astype(np.int64)
        np.cumsum(whole, out=self.total[1:])

    def window(self, low: int, high: int, rows: Ints | None = None) -> Floats:
        """Sum over the lines from `low` to `high` places away, within the page; of all lines or those of some rows."""
        start, end = self.around.reach(low, high, rows)
        near = self.total[end] - self.total[start]
        return near.astype(np.float32) if self.unit == 1 else (near / self.unit).astype(np.float32)
