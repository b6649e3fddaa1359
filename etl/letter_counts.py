"""The letters of texts by script, and what marks Arabic among them, counted over the UTF-8 bytes of many documents at once."""

from __future__ import annotations

import numpy as np
import polars as pl

from etl.arrays import Bytes, Ints
from etl.buffers import each_chunk, sum_by_document

LOANS = "پچژگڤڭڨ"
"""Letters that Arabic itself takes for foreign names and for the sounds of its dialects."""

# Letters of the script that Arabic never uses. Most positional forms are of letters it uses.
FOREIGN = (
    rf"[\p{{Arabic}}&&\p{{L}}--[\u0621-\u063a\u0641-\u064a\u0671{LOANS}\ufb56-\ufb59\ufb6a-\ufb6d\ufb7a-\ufb7d"
    r"\ufb8a\ufb8b\ufb92-\ufb95\ufbd3-\ufbd6\ufc00-\ufdff\ufe70-\ufefc]]"
)
ARABIC = r"[\p{Arabic}&&\p{L}]"
LATIN = r"[\p{Latin}&&\p{L}]"
LETTER = r"[\p{L}--\u0640]"
_STANDARD, _STRANGE, _ROMAN, _ABROAD, _UNKNOWN = 1, 2, 4, 8, 0xFF
_KINDS = np.full(0x110000, _UNKNOWN, dtype=np.uint8)  # filled as characters are met


def _kinds_of(codes: Ints) -> Bytes:
    """Code points -> of which script their letters are: the patterns are asked once for each character."""
    kinds = _KINDS[codes]
    new = np.unique(codes[kinds == _UNKNOWN])
    if not len(new):
        return kinds
    character = pl.DataFrame({"c": list(map(chr, new))})["c"]
    arabic, strange, roman, letter = (
        character.str.contains(pattern).to_numpy() for pattern in (ARABIC, FOREIGN, LATIN, LETTER)
    )
    _KINDS[new] = np.select([strange, arabic, roman, letter], [_STRANGE, _STANDARD, _ROMAN, _ABROAD], 0)
    return _KINDS[codes]


def _code_points(data: Bytes, at: Ints) -> Ints:
    """Bytes of UTF-8 with three more, offsets of first bytes of characters that are not ASCII -> their code points."""
    one, two, three, four = (data[at + by].astype(np.int64) for by in range(4))
    two, three, four = two & 0x3F, three & 0x3F, four & 0x3F
    short, long = (one & 0x1F) << 6 | two, (one & 0x0F) << 12 | two << 6 | three
    return np.where(one < 0xE0, short, np.where(one < 0xF0, long, (long & 0x7FFF) << 6 | four))


def _count_plain(data: Bytes, starts: Ints, ends: Ints, room: Bytes) -> Ints:
    """Bytes of documents -> counts (arabic, foreign, latin, marker, other), a column a document.

    `room` is scratch memory: passes over fresh memory would cost three times as much.
    """
    count, size = len(starts), len(data)
    filled = ends > starts
    room[0, :size] = data
    room[0, size : size + 3] = 0
    here, after, after3 = (room[0, by : size + by] for by in (0, 1, 3))
    d8, letter, found, test = (row[:size].view(np.bool_) for row in room[1:5])
    d9 = room[5, : size + 2].view(np.bool_)
    letter8, test8 = letter.view(np.uint8), test.view(np.uint8)
    counts = np.zeros((5, count), dtype=np.int64)

    # Standard letters are D8 A1 to D8 BA and D9 81 to D9 8A. Subtraction wraps: one comparison does.
    np.equal(here, 0xD8, out=d8)
    np.equal(room[0, : size + 2], 0xD9, out=d9)
    np.less_equal(np.subtract(after, 0xA1, out=letter8), 0xBA - 0xA1, out=letter)
    letter &= d8
    np.less_equal(np.subtract(after, 0x81, out=test8), 0x8A - 0x81, out=test)
    test &= d9[:size]
    letter |= test
    counts[0] = sum_by_document(letter8, starts, ends)
    # Every other character that is not ASCII is looked at by itself: there are few.
    np.greater_equal(here, 0xC2, out=test)
    test ^= letter
    rare = np.flatnonzero(test)
    # ا then ل; and ة that no letter follows. What follows a document's end is another and does not count.
    np.equal(after, 0xA7, out=found)
    found &= d8
    found &= d9[2:]
    np.equal(after3, 0x84, out=test)
    found &= test
    np.equal(after, 0xA9, out=test)
    test &= d8
    last = ends[filled] - 2
    last = last[last >= starts[filled]]
    ending = test[last]
    np.greater(test[:-2], letter[2:], out=test[:-2])
    found |= test
    found[last] = ending
    counts[3] = sum_by_document(found.view(np.uint8), starts, ends)
    np.bitwise_or(here, 0x20, out=test8)
    np.less(np.subtract(test8, ord("a"), out=test8), 26, out=test)
    counts[2] = sum_by_document(test8, starts, ends)

    kinds = _kinds_of(_code_points(room[0], rare))
    rare, kinds = rare[kinds > 0], kinds[kinds > 0]
    owner = np.searchsorted(starts, rare, side="right") - 1
    for row, which in ((0, _STANDARD | _STRANGE), (1, _STRANGE), (2, _ROMAN), (4, _ABROAD)):
        counts[row] += np.bincount(owner[(kinds & which) > 0], minlength=count)
    return counts


def count_letters(text: pl.Series) -> pl.DataFrame:
    """Column of text -> per text the letters of Arabic, Latin and other scripts, foreign letters and markers.

    `arabic`, `latin`, `other`: Unicode letters by script, tatweel and marks left out; `foreign`: letters
    of Arabic script that Arabic never uses, not even for names (`LOANS`); `marker`: the pair ال, and ة at
    the end of a word.
    """
    parts = [_count_plain(*chunk) for chunk in each_chunk(text, 6, 4)]
    counts = dict(zip(("arabic", "foreign", "latin", "marker", "other"), np.concatenate(parts, axis=1), strict=True))
    return pl.DataFrame({name: counts[name] for name in ("arabic", "foreign", "latin", "other", "marker")})
