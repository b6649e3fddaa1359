"""Characters of folded keys as bytes: few enough that classes of characters can be listed and eight make one number.

What is alike to the rules shares a byte: any ornament, any digit, any character that is neither ASCII nor Arabic.
"""

from __future__ import annotations

import re
from functools import lru_cache

import numpy as np
import polars as pl

from etl.arrays import Bytes, Keys
from etl.fold import TABLE
from etl.rules import ORNAMENT

END, LOOSE, OTHER, DIGIT = 0, 1, 2, ord("0")
"""What a byte stands for that is no one character: nothing more, an ornament or space, a rare character, a digit."""
LENGTH = 8
"""Bytes of a beginning: as many as make one number, and enough to part the labels from the words of a text."""
_WINDOW = 16
"""Characters read of a line to find its beginning, after the ornament before it."""


@lru_cache(maxsize=1)
def code_table() -> Bytes:
    """Code point -> its byte."""
    table = np.full(0x110000, OTHER, dtype=np.uint8)
    table[:0x80] = np.arange(0x80)
    table[0x600:0x680] = np.arange(0x80, 0x100)
    # No digit and no ornament lies beyond these.
    every = "".join(map(chr, [*range(0xD800), *range(0xE000, 0x20000)]))
    table[[ord(digit) for digit in re.findall(r"\d", every)]] = DIGIT
    table[[ord(sign) for sign in re.findall(f"[{ORNAMENT}]", every)]] = LOOSE
    table[0] = END
    return table


@lru_cache(maxsize=1)
def single_codes() -> dict[int, str]:
    """Bytes that stand for one character each, of those that a folded key may have."""
    table = code_table()
    characters = [chr(code) for code in (*range(0x21, 0x7F), *range(0x600, 0x680))]
    return {
        int(table[ord(c)]): c
        for c in characters
        if TABLE.get(c, c) == c and table[ord(c)] not in (END, LOOSE, OTHER, DIGIT)
    }


def begin_lines(keys: pl.Series) -> Keys:
    """Folded lines -> the first LENGTH characters of each after the ornament before it, as one number, first byte first."""
    codes = _read(keys)
    lead = (codes != LOOSE).argmax(axis=1)
    begin = np.ascontiguousarray(codes[:, :LENGTH])
    moved = np.flatnonzero(lead)
    begin[moved] = codes[moved[:, None], np.minimum(lead[moved, None] + np.arange(LENGTH), _WINDOW - 1)]
    # Where ornament fills the window, it is taken away first.
    far = np.flatnonzero((codes[:, 0] == LOOSE) & ((lead == 0) | (lead > _WINDOW - LENGTH)))
    if len(far):
        bare = keys.gather(far).str.replace(f"^[{ORNAMENT}]+", "")
        begin[far] = _read(bare)[:, :LENGTH]
    return begin.view(">u8").ravel().astype(np.uint64)


def _read(keys: pl.Series) -> Bytes:
    text = keys.str.slice(0, _WINDOW).str.pad_end(_WINDOW, "\0").str.join("").item() if len(keys) else ""
    wide = np.frombuffer(text.encode("utf-32-le"), dtype=np.uint32)
    return code_table()[wide].reshape(len(keys), _WINDOW)
