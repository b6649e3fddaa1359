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
_LEAST, _LEAST_SUNG = 2, 3
"""Lines of verse that stand one below the other, at least: of two halves, and of one half each with vowel signs."""
_SUNG = r"^\s*(?:\S+\s+){2,8}\S*[^\s.؟!?:…|]\s*$"
_ENDINGS = "[\u064c-\u0650\u0652]"
"""Vowel signs that prose leaves out; a doubled letter and the ending of `جدا` it has at times."""


def _is_verse(line: str) -> bool:
    found = _LINE.fullmatch(" ".join(line.split()))
    return found is not None and (found["sign"].strip()[0] in "*=" or len(_SIGNS.findall(line)) >= _VOWELLED)


def find_verse(frame: pl.DataFrame) -> Flags:
    """Piece -> the lines of verse without a label that stand in twos and more, one right after the other, and those with vowel
    signs, of one half each, in threes and more."""
    found = np.zeros(len(frame), dtype=np.bool_)
    piece = frame["piece"]
    at = rows_where(frame["rule"].is_null() & (piece.str.len_bytes() <= _LONG))
    lines, place = distinct(piece.gather(at))
    verse = lines.str.contains(_STARS) | lines.str.contains(_DOTS)
    found_in = np.zeros(len(lines), dtype=np.bool_)
    found_in[[row for row in rows_where(verse).tolist() if _is_verse(lines[row])]] = True
    sung = (lines.str.contains(_ENDINGS) & lines.str.contains(_SUNG)).to_numpy()
    if not found_in.any() and not sung.any():
        return found
    page = number_pages(frame)
    solid = np.cumsum((piece.str.strip_chars() != "").to_numpy())
    for which, least in ((found_in, _LEAST), (sung, _LEAST_SUNG)):
        rows = at[which[place]]
        follows = (page[rows[1:]] == page[rows[:-1]]) & (solid[rows[1:]] == solid[rows[:-1]] + 1)
        run = np.cumsum(np.r_[True, ~follows])[: len(rows)]
        found[rows[np.bincount(run, minlength=1)[run] >= least]] = True
    return found
