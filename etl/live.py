"""Live coverage: the times at which its posts were published, which part a page as the dates of a list of articles do."""

from __future__ import annotations

import re
from itertools import pairwise

import numpy as np
import polars as pl

from etl.arrays import Flags, Ints
from etl.fold import fold

_CLOCK = re.compile(r"(?<!\d)([01]?\d|2[0-3])[:.]([0-5]\d)(?!\d)")
_HAS_CLOCK, _HAS_YEAR = r"\d[:.]\d\d", r"\d{4}"
_SAYS_LIVE = re.compile(
    r"تغطيه (?:مباشره|حيه|مستمره|متواصله)|لحظه بلحظه|اولا باول|اول باول|(?:^|\n)(?:مباشر|live) ?[:|.\-–]|\blive updates\b"
)
"""What a page of live coverage calls itself; a menu's `البث المباشر` is a broadcast."""
_TIMES = "^(?:date/|wire/time$)"
_LEAST = 3
"""Posts that make a live page."""
_SHARE = 0.5
"""Of a live page's times, how many at least have a post below."""
_PROSE = r"^(?:\S+\s+){11,}\S.*[.؟!…][\"»”’)\]]*\s*$"
"""A sentence of twelve words or more: a list of articles has headlines between its dates."""
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


def find_stamps(frame: pl.DataFrame) -> Flags:
    """Piece -> true on the times of a live page's posts, and on what invites to share the post above each.

    They are labelled as dates or as an agency's times, without a day. Only on pages that call themselves live above the first.
    """
    found = np.zeros(len(frame), dtype=np.bool_)
    at = frame["rule"].str.contains(_TIMES).fill_null(False).arg_true()
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
        posts = _find_posts(frame, own, end) if _SAYS_LIVE.search(above) else []
        found[posts] = True
        for post in posts[1:]:
            share = post - 1
            while share > posts[0] and not frame["piece"][share].strip():
                share -= 1
            found[share] |= (frame["rule"][share] or "").startswith("share/")
    return found
