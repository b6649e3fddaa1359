"""Pages with nothing wrong but odd spaces, line ends and invisible marks, mended a column at a time.

A quarter of healthy pages hold a no-break space or a direction mark; one by one they would cost more than all
other repairs together. So they are found by their bytes.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from etl.arrays import Bytes, Ints
from etl.buffers import slices, text_bytes
from etl.edits import pack_column
from etl.repair.controls import PLAIN

_CHARACTERS = list(PLAIN)
_FIRST_BYTES = sorted({character.encode()[0] for character in _CHARACTERS if character != "\u061c"} - {*range(0x20)})
_KIND = np.zeros(0x10000, np.uint8)
_KIND[[ord(character) for character in _CHARACTERS]] = np.arange(1, len(_CHARACTERS) + 1)
_AFTER = np.array([ord(after) if after else 0 for after, _ in PLAIN.values()], np.uint8)
_LF, _CR = 0x0A, 0x0D
_CHUNK = 1 << 17  # bytes looked at at a time: they stay in the cache of a processor


def _find(data: Bytes) -> tuple[Ints, Bytes, Ints]:
    """Bytes of UTF-8 -> where a character of PLAIN begins, which one it is, and how many bytes it has."""
    hits = [np.zeros(0, np.int64)]
    may, one = np.empty((2, _CHUNK), np.bool_)
    for start in range(0, len(data), _CHUNK):
        chunk = data[start : start + _CHUNK]
        may, one = may[: len(chunk)], one[: len(chunk)]
        np.less(chunk, 0x20, out=may)  # controls, and line feeds and tabs, which are sorted out below
        for byte in _FIRST_BYTES:
            may |= np.equal(chunk, byte, out=one)
        hits.append(np.flatnonzero(may) + start)
    at = np.concatenate(hits)
    padded = np.append(data, np.zeros(2, np.uint8))
    first, second, third = padded[at].astype(np.uint16), padded[at + 1] & 0x3F, padded[at + 2] & 0x3F
    size = 1 + (first >= 0xC0).astype(np.int64) + (first >= 0xE0)
    two = (first & 0x1F) << 6 | second
    three = (first & 0x0F) << 12 | second.astype(np.uint16) << 6 | third
    kind = _KIND[np.where(size == 1, first, np.where(size == 2, two, three))]
    hit = kind > 0
    return at[hit], kind[hit] - 1, size[hit]


def _characters_before(data: Bytes, begins: Ints, at: Ints, page: Ints) -> Ints:
    """Bytes, begins of pages, places, their pages -> code points of the page before each place."""
    marks = np.unique(np.concatenate((begins, at, [len(data)])))
    between = pl.Series(slices(data, marks)).str.len_chars().to_numpy()
    before = np.concatenate(([0], np.cumsum(between, dtype=np.int64)))
    return before[np.searchsorted(marks, at)] - before[np.searchsorted(marks, begins[page])]


def repair_plain(pages: pl.DataFrame) -> pl.DataFrame:
    """(_row, raw) -> (_row, page, repairs, suspect_share, _lost): every character of PLAIN replaced, but U+061C."""
    data, bounds = text_bytes(pages["raw"])
    at, kind, size = _find(data)
    page = np.searchsorted(bounds, at, side="right") - 1
    after = _AFTER[kind]
    # The carriage return of CR LF goes; one that ends a page does not see the next page's line feed.
    returns = np.flatnonzero(data[at] == _CR)
    returns = returns[at[returns] + 1 < bounds[page[returns] + 1]]
    after[returns[data[at[returns] + 1] == _LF]] = 0

    new = data.copy()
    new[at] = after
    gone = np.sort(np.concatenate((at[after == 0], at[size > 1] + 1, at[size > 2] + 2)))
    mended = pl.Series(slices(np.delete(new, gone), bounds - np.searchsorted(gone, bounds)))

    start = _characters_before(data, bounds[:-1], at, page)
    edits = pl.DataFrame(
        {
            "start": start,
            "end": start + 1,
            "before": pl.Series(_CHARACTERS).gather(kind),
            "after": pl.Series(["", " ", "\n"]).gather((after == 0x20) + 2 * (after == _LF)),
            "rule": pl.Series([rule for _, rule in PLAIN.values()]).gather(kind),
        }
    )
    repairs = pack_column(edits, np.bincount(page, minlength=len(pages)))
    return pages.select("_row", page=mended, repairs=repairs, suspect_share=pl.lit(0.0), _lost=pl.lit(0.0))
