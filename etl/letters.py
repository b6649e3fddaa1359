"""How much a text looks like Arabic: the bits each character costs after the one before it.

Arabic letters are priced by the pairs of Arabic news (etl/data/letters.json, written by
benchmarks/train_letters.py). Every other script is priced flat, a little above what its letters really cost,
so that a text in another language is never dearer as it stands than as the Arabic it would make when misread:
only Arabic can win by its pairs.
"""

from __future__ import annotations

import json
import unicodedata
from functools import cache
from typing import NamedTuple

import numpy as np

from etl.arrays import Bytes, Codes, Floats, Shorts
from etl.shipped import DATA

_LATIN_BITS = 5.0  # 26 letters and their capitals
_ACCENTED_BITS = 6.5
_CYRILLIC_BITS = 6.0  # 64 letters and capitals
_MARK_BITS = 3.5  # a vowel sign or a shadda after a letter, at most
_KINDRED_BITS = 8.0  # Arabic-script letters that Arabic does not use
_SYMBOL_BITS = 9.0
_SYMBOL_IN_WORD = 5.0  # more, where it follows a letter
_FOREIGN_BITS = 12.0  # Greek, Hebrew, Indian, Chinese letters
_CONTROL_BITS = 14.0
_INSIDE_WORD = 10.0  # a change of script in the middle of a word


_KINDS = 6
"""Bits of the number of a kind."""


class Table(NamedTuple):
    """Kind of each code point of the basic plane, bits within its kind, bits of a kind after a kind, at both their numbers.

    They are asked with `take`, which costs half of an index in brackets; what is beyond the plane counts as its last code.
    """

    kind: Bytes
    within: Floats
    after: Floats


def to_codes(text: str) -> Codes:
    """Text -> its code points."""
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)


def to_units(text: str) -> Shorts:
    """Text -> its units of UTF-16: they take half of the room, and a table of the basic plane has a place for each."""
    return np.frombuffer(text.encode("utf-16-le", "surrogatepass"), np.uint16)


def to_text(codes: Codes) -> str:
    """Code points -> text."""
    return codes.astype("<u4").tobytes().decode("utf-32-le", "surrogatepass")


@cache
def load_table() -> Table:
    """Read the learned prices and set the flat ones of the other scripts beside them."""
    learned = json.loads((DATA / "letters.json").read_text(encoding="utf-8"))
    signs: str = learned["signs"]
    space, mark, digit, stop, latin = (signs.index(sign) for sign in " ـ0.a")
    letters = [at for at, sign in enumerate(signs) if at not in (space, mark, digit, stop, latin)]
    accented, cyrillic, kindred, foreign, symbol, control = range(len(signs), len(signs) + 6)
    count = control + 1

    after = np.zeros((count, count), np.float32)
    after[: len(signs), : len(signs)] = learned["bits"]
    after[space, space] = 1.0  # runs of spaces are layout, not language
    # Vowels are rare in news and regular in verse and scripture: a text that has them is no less Arabic.
    after[letters, mark] = np.minimum(after[letters, mark], _MARK_BITS)
    after[mark, mark] = min(after[mark, mark], _MARK_BITS)
    alone = after[space, : len(signs)]
    # What starts a word costs the same after any mark that is not a letter.
    after[symbol, : len(signs)] = after[control, : len(signs)] = after[stop, : len(signs)]
    for script in (accented, cyrillic, kindred, foreign):
        after[script, : len(signs)] = alone + _INSIDE_WORD
        after[script, [space, stop, digit]] = 2.5, 4.0, 6.0
        others = [other for other in (*letters, mark, latin, accented, cyrillic, kindred, foreign) if other != script]
        after[others, script] += _INSIDE_WORD
    for one, other in ((latin, accented), (accented, latin)):
        after[one, other] = 0
    after[[*letters, latin, accented, cyrillic, kindred, foreign], symbol] = _SYMBOL_IN_WORD
    after[[*letters, mark], kindred] = after[kindred, kindred] = 0
    after[kindred, letters] = alone[letters]
    # A Latin word is rare in Arabic news and no evidence here.
    after[:, latin] = np.minimum(after[:, latin], 3.0)
    after[np.ix_(letters, [latin])] = _INSIDE_WORD
    after[latin, letters] = _INSIDE_WORD + alone[letters]

    kind = np.full(0x10000, symbol, np.uint8)
    within = np.zeros(0x10000, np.float32)
    names = {sign: at for at, sign in enumerate(signs)}
    for code in range(0x10000):
        character = chr(code)
        if character in names and names[character] in letters:
            kind[code] = names[character]
        elif code in (0x20, 0x0A, 0x09, 0x0D, 0xA0):
            kind[code] = space
        elif 0x64B <= code <= 0x652 or code in (0x640, 0x670):
            kind[code], within[code] = mark, 1.5
        elif 0x30 <= code <= 0x39 or 0x660 <= code <= 0x669:
            kind[code], within[code] = digit, 3.3
        elif character in learned["punctuation"]:
            kind[code], within[code] = stop, min(learned["punctuation"][character], _SYMBOL_BITS)
        elif character.isascii() and character.isalpha():
            kind[code], within[code] = latin, _LATIN_BITS
        elif unicodedata.category(character) in ("Cc", "Cf", "Co", "Cs", "Cn"):
            kind[code], within[code] = control, _CONTROL_BITS
        elif character.isalpha() and character not in "ªº":
            if code < 0x250 or 0x1E00 <= code < 0x1F00:
                kind[code], within[code] = accented, _ACCENTED_BITS
            elif 0x400 <= code < 0x530:
                kind[code], within[code] = cyrillic, _CYRILLIC_BITS
            elif 0x600 <= code < 0x780:
                kind[code], within[code] = kindred, _KINDRED_BITS
            else:
                kind[code], within[code] = foreign, _FOREIGN_BITS
        else:
            within[code] = _SYMBOL_BITS
    pairs = np.zeros((1 << _KINDS, 1 << _KINDS), np.float32)
    pairs[:count, :count] = after
    return Table(kind, within, pairs.ravel())


def price(codes: Codes) -> Floats:
    """Code points -> the bits each costs after the one before it; the first one follows a space."""
    table = load_table()
    kinds = table.kind.take(codes, mode="clip")
    pair = np.empty(len(kinds), np.uint16)
    pair[:1] = table.kind[0x20]
    pair[1:] = kinds[:-1]
    pair <<= _KINDS
    pair |= kinds
    return table.after.take(pair) + table.within.take(codes, mode="clip")


def price_text(text: str) -> float:
    """Text -> the bits it costs in all."""
    return float(price(to_codes(text)).sum())
