"""Live coverage: the times at which its posts were published, which part a page as the dates of a list of articles do."""

from __future__ import annotations

import re
from itertools import pairwise

import numpy as np
import polars as pl

from etl.fold import fold
from etl.looks import Flags, Ints

_CLOCK = re.compile(r"(?<!\d)([01]?\d|2[0-3])[:.]([0-5]\d)(?!\d)")
_HAS_CLOCK, _HAS_YEAR = r"\d[:.]\d\d", r"\d{4}"
_SAYS_LIVE = re.compile(
    r"تغطيه (?:مباشره|حيه|مستمره|متواصله)|لحظه بلحظه|اولا باول|اول باول|(?:^|\n)(?:مباشر|live) ?[:|.\-–]|\blive updates\b"
)
"""What a page of live coverage calls itself; a menu's `البث المباشر` is a broadcast."""
_LEAST = 3
"""Posts that make a live page."""
_PROSE = r"^(?:\S+\s+){11,}\S.*[.؟!…][\"»”’)\]]*\s*$"
"""A sentence of twelve words or more: a list of articles has headlines between its dates."""
_HALF_DAY = 12 * 60


def _goes_one_way(minutes: list[int]) -> bool:
    """Whether times only rise or only fall, past midnight once at most."""
    steps = [after - before for before, after in pairwise(minutes)]
    for way in (1, -1):
        against = [step for step in steps if way * step < 0]
        if not against or (len(against) == 1 and abs(against[0]) > _HALF_DAY):
            return True
    return False


def _are_posts(frame: pl.DataFrame, rows: list[int], end: int) -> bool:
    """Piece, the rows of a page's times, and where it ends -> whether posts stand below most of them, in their order."""
    clocks = [_CLOCK.search(frame["piece"][row]) for row in rows]
    minutes = [60 * int(clock[1]) + int(clock[2]) for clock in clocks if clock]
    told = sum(bool(frame["piece"][at:to].str.contains(_PROSE).any()) for at, to in pairwise([*rows, end]))
    return told >= max(_LEAST, 0.7 * len(rows)) and _goes_one_way(minutes)


def find_stamps(frame: pl.DataFrame) -> Flags:
    """Piece -> true on the times of a live page's posts: labelled as dates, without a day, a sentence below most of them.

    Only on pages that call themselves live above the first of them.
    """
    found = np.zeros(len(frame), dtype=np.bool_)
    at = frame["rule"].str.starts_with("date/").fill_null(False).arg_true()
    piece = frame["piece"].gather(at)
    at = at.filter(piece.str.contains(_HAS_CLOCK) & ~piece.str.contains(_HAS_YEAR))
    rows: Ints = at.cast(pl.Int64).to_numpy()
    if len(rows) < _LEAST:
        return found
    page = frame["id"].rle_id().to_numpy()
    several, count = np.unique(page[rows], return_counts=True)
    for number in several[count >= _LEAST]:
        own = rows[page[rows] == number].tolist()
        start, end = np.searchsorted(page, [number, number + 1]).tolist()
        above = "\n".join(map(fold, frame["piece"][start : own[0]].to_list()))
        if _SAYS_LIVE.search(above) and _are_posts(frame, own, end):
            found[own] = True
    return found
