"""Live coverage: its posts, and the times at which they were published, which part a page as the dates of a list of articles do."""

from __future__ import annotations

import re
from itertools import pairwise

import numpy as np
import polars as pl

from etl.arrays import Flags, Ints
from etl.fold import fold
from etl.pieces import number_pages

_CLOCK = re.compile(r"(?<!\d)([01]?\d|2[0-3])[:.]([0-5]\d)(?!\d)")
_HAS_CLOCK, _HAS_YEAR = r"\d[:.]\d\d", r"\d{4}"
_SAYS_LIVE = re.compile(
    r"تغطيه (?:مباشره|حيه|مستمره|متواصله)|لحظه بلحظه|اولا باول|اول باول|(?:^|\n)(?:مباشر|live) ?[:|.\-–]|\blive updates\b"
)
"""What a page of live coverage calls itself; a menu's `البث المباشر` is a broadcast."""
_TIMES = "^(?:date/|wire/time$)"
_TIME_ALONE = r"^\s*(?:\S+\s+){0,3}\d{1,2}[:.]\d\d(?:\s+\S+){0,4}\s*$"
"""A line that is hardly more than a time of day."""
_LONG = 80
"""Bytes beyond which a line is more than a time."""
_LEAST = 3
"""Posts that make a live page."""
_SHARE = 0.5
"""Of a live page's times, how many at least have a post below."""
_PROSE = r"^(?:\S+\s+){11,}\S.*[.؟!…][\"»”’)\]]*\s*$"
"""A sentence of twelve words or more: a list of articles has headlines between its dates."""
_SENTENCE = re.compile(r"[.؟!…][\"»”’)\]]*\s*$")
_DAY, _HALF_DAY = 24 * 60, 12 * 60


def _goes_one_way(minutes: list[int]) -> bool:
    """Whether times only rise or only fall, past midnight once at most."""
    steps = [after - before for before, after in pairwise(minutes)]
    for way in (1, -1):
        against = [step for step in steps if way * step < 0]
        if not against or (len(against) == 1 and abs(against[0]) > _HALF_DAY):
            return True
    return False


def _find_posts(frame: pl.DataFrame, rows: list[int], end: int) -> list[int]:
    """Piece, the rows of a page's times, and where it ends -> the rows of the times at which posts were published, if any.

    Sentences stand below most of them, and they go one way. Others among these may have a headline alone; a video's length
    and the times of the page itself fall out of the order.
    """
    clocks = [_CLOCK.search(frame["piece"][row]) for row in rows]
    minutes = [60 * int(clock[1]) + int(clock[2]) if clock else -1 for clock in clocks]
    told = [bool(frame["piece"][at:to].str.contains(_PROSE).any()) for at, to in pairwise([*rows, end])]
    posts = [at for at, is_told in enumerate(told) if is_told]
    if len(posts) < max(_LEAST, _SHARE * len(rows)) or not _goes_one_way([minutes[at] for at in posts]):
        return []
    found = set(posts)
    falls = sum(minutes[below] < minutes[above] for above, below in pairwise(posts)) > (len(posts) - 1) / 2
    way = -1 if falls else 1
    for above, below in pairwise(posts):
        # Past midnight as well: how far each lies from the post above, in the page's direction.
        reach = way * (minutes[below] - minutes[above]) % _DAY
        found |= {at for at in range(above + 1, below) if way * (minutes[at] - minutes[above]) % _DAY <= reach}
    return [rows[at] for at in sorted(found)]


def _told(frame: pl.DataFrame, rows: range, is_last: bool) -> list[int]:
    """Piece, the rows from below a post's time to the next -> those of what it tells: what stands right below the time, its
    heading as a rule, and the sentences further down, none of them labelled; of the last one, of which no time says where it
    ends, down to the first line that is none.
    """
    lines = [row for row in rows if frame["piece"][row].strip()]
    free = [row for row in lines if frame["rule"][row] is None]
    sentences = [row for row in free if _SENTENCE.search(frame["piece"][row])]
    found = [row for row in lines if row in sentences or (row in free[:1] and row == lines[0])]
    if is_last:
        found = [row for row, line in zip(found, lines, strict=False) if row == line]
    return found if sentences else []


def _find_times(frame: pl.DataFrame) -> Ints:
    """Piece -> the rows of times of day without a year: labelled ones, and those alone on their lines."""
    rule, piece = frame["rule"], frame["piece"]
    alone = rule.is_null() & (piece.str.len_bytes() <= _LONG) & piece.str.contains(":", literal=True)
    labels = rule.unique().drop_nulls()
    labels = labels.filter(labels.str.contains(_TIMES))
    at = (alone | rule.is_in(labels.implode())).fill_null(False).arg_true()
    piece = piece.gather(at)
    timed = piece.str.contains(_HAS_CLOCK) & ~piece.str.contains(_HAS_YEAR)
    at, piece = at.filter(timed), piece.filter(timed)
    at = at.filter(rule.gather(at).is_not_null() | piece.str.contains(_TIME_ALONE))
    found: Ints = at.cast(pl.Int64).to_numpy()
    return found


def find_live(frame: pl.DataFrame) -> tuple[Flags, Flags]:
    """Piece -> true on the times of a live page's posts and on what invites to share the post above each; true on what posts tell.

    The times are labelled as dates or as an agency's times, without a day, or stand on lines of their own. Only on pages that call
    themselves live above the first.
    """
    stamps, told = np.zeros((2, len(frame)), dtype=np.bool_)
    rows = _find_times(frame)
    if len(rows) < _LEAST:
        return stamps, told
    page = number_pages(frame)
    several, count = np.unique(page[rows], return_counts=True)
    for number in several[count >= _LEAST]:
        own = rows[page[rows] == number].tolist()
        start, end = np.searchsorted(page, [number, number + 1]).tolist()
        above = "\n".join(map(fold, frame["piece"][start : own[0]].to_list()))
        posts = _find_posts(frame, own, end) if _SAYS_LIVE.search(above) else []
        stamps[posts] = True
        for post, below in pairwise([*posts, end]):
            told[_told(frame, range(post + 1, below), is_last=below == end)] = True
            share = below - 1
            while below < end and (
                not frame["piece"][share].strip() or (frame["rule"][share] or "").startswith("share/")
            ):
                stamps[share] = bool(frame["piece"][share].strip())
                share -= 1
    return stamps, told
