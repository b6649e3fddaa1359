"""Verse: lines of two halves with a sign between them, which stand in an article and look like a list beside it."""

from __future__ import annotations

import re

import numpy as np
import polars as pl

from etl.arrays import Flags
from etl.distinct import distinct
from etl.pieces import number_pages, rows_where

_STARS, _DOTS = r"[ء-ي\u064b-\u0652] ?(?:\*|={2})", r"[\u064b-\u0652].*(?:\.\.|…)|(?:\.\.|…).*[\u064b-\u0652]"
_LONG = 240
"""Bytes of a line of verse, at most."""
_WORD = r"[^\s*=.…،؛:!؟?|/\d]+[،؛:!؟?]?"
_HALF = rf"{_WORD}(?: {_WORD}){{1,7}}"
_LINE = re.compile(rf"\W*{_HALF}\W?(?P<sign> ?\*{{1,5}} ?| ?={{2,5}} ?| ?\.{{2,4}} ?| ?…{{1,2}} ?){_HALF}\W*")
_SIGNS = re.compile("[\u064b-\u0652]")
_VOWELLED = 4
"""Vowel signs of a line whose halves dots part: headlines have such dots too, and no vowels."""
_LEAST = 2


def _is_verse(line: str) -> bool:
    found = _LINE.fullmatch(" ".join(line.split()))
    return found is not None and (found["sign"].strip()[0] in "*=" or len(_SIGNS.findall(line)) >= _VOWELLED)


def find_verse(frame: pl.DataFrame) -> Flags:
    """Piece -> the lines of verse without a label that stand in twos and more, one right after the other."""
    found = np.zeros(len(frame), dtype=np.bool_)
    piece = frame["piece"]
    at = rows_where(frame["rule"].is_null() & (piece.str.len_bytes() <= _LONG))
    lines, place = distinct(piece.gather(at))
    verse = lines.str.contains(_STARS) | lines.str.contains(_DOTS)
    found_in = np.zeros(len(lines), dtype=np.bool_)
    found_in[[row for row in rows_where(verse).tolist() if _is_verse(lines[row])]] = True
    at = at[found_in[place]]
    if len(at) < _LEAST:
        return found
    page = number_pages(frame)
    solid = np.cumsum((piece.str.strip_chars() != "").to_numpy())
    follows = (page[at[1:]] == page[at[:-1]]) & (solid[at[1:]] == solid[at[:-1]] + 1)
    found[at[1:][follows]] = found[at[:-1][follows]] = True
    return found
