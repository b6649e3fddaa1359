"""Pairs of characters that come of a wrong decoding, or of another language: where a text may be damaged."""

from __future__ import annotations

import re
from functools import cache

import numpy as np

from etl.arrays import Bytes, Codes, Flags
from etl.letters import to_codes

_PLANE = "".join(map(chr, range(0x10000)))

_FIRST_OF_TWO = (
    r"\u0080-\u009f\u00aa\u00b5\u00ba\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f\u02c6\u02dc"
    r"\u0370-\u045f\u0490\u0491\u2500-\u259f"
)
_SECOND_OF_TWO = _FIRST_OF_TWO + r"\u00a1-\u00bf\u2013-\u2044\u20ac\u2122\u2190-\u22ff\ufffd"
_AFTER_TAH = "§„†‡ˆƒ¨±"
SUSPICIOUS = f"[{_FIRST_OF_TWO}][{_SECOND_OF_TWO}]|[طظ][{_AFTER_TAH}]"
"""Pattern that every damaged text of two letters or more contains; Python and polars read it alike."""
_SUSPICIOUS = re.compile(SUSPICIOUS)
LETTER = re.compile("[\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u017f\u0192\u0400-\u045f\u0490\u0491]")
"""Letters that Arabic misread by a one-byte codec is made of."""
SPEAKS = np.zeros(0x10000, np.bool_)
SPEAKS[[code for code in range(0x80, 0x492) if LETTER.match(chr(code)) or code < 0xA0]] = True
"""Code point of the basic plane -> whether it is such a letter, or a control that Windows has letters for."""
_HINT = re.compile(f"[{_FIRST_OF_TWO}{_AFTER_TAH}]")  # one class is searched several times faster


def is_suspicious(text: str) -> bool:
    """Whether a text has a pair of characters that comes of a wrong decoding, or of another language."""
    return _HINT.search(text) is not None and _SUSPICIOUS.search(text) is not None


_FIRST, _SECOND, _TAH, _AFTER = (1 << bit for bit in range(4))


@cache
def _load_pairs() -> Bytes:
    """Code point of the basic plane -> what of a suspicious pair it can be."""
    parts = {_FIRST: _FIRST_OF_TWO, _SECOND: _SECOND_OF_TWO, _TAH: "طظ", _AFTER: _AFTER_TAH}
    table = np.zeros(0x10000, np.uint8)
    for part, characters in parts.items():
        table[[match.start() for match in re.finditer(f"[{characters}]", _PLANE)]] |= part
    return table


def flag_pairs(codes: Codes) -> Flags:
    """Code points -> whether a suspicious pair begins at each; one flag less than there are characters."""
    part = _load_pairs().take(codes, mode="clip")
    first, second = part[:-1], part[1:]
    flags: Flags = ((first & _FIRST > 0) & (second & _SECOND > 0)) | ((first & _TAH > 0) & (second & _AFTER > 0))
    return flags


def find_suspicious(text: str) -> list[tuple[int, int]]:
    """Text -> the spans of its lines that are suspicious, line feeds left out."""
    codes = to_codes(text)
    at = np.flatnonzero(flag_pairs(codes))
    if not len(at):
        return []
    feeds = np.flatnonzero(codes == 0x0A)
    line = np.searchsorted(feeds, at)
    line = line[np.diff(line, prepend=-1) > 0]
    starts, ends = np.append(0, feeds + 1)[line], np.append(feeds, len(codes))[line]
    return list(zip(starts.tolist(), ends.tolist(), strict=True))
