"""What a line is made of: the signs in it and how many of its spaces stand between words, against what a pattern needs.

A pattern that cannot do without a colon fits no line that has none, and one of three words none of twenty. Both are told
of a line by the few bytes of it that are neither letters nor marks.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
import polars as pl

from etl.arrays import Flags, Ints, Keys, Places
from etl.buffers import text_bytes
from etl.sieve.syntax import op

SIGNS = "0!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~،؟©"
"""Signs that are told apart, "0" for any digit, "©" for "°" too."""
_BIT = {sign: 1 << place for place, sign in enumerate(SIGNS)}
_BIT["°"] = _BIT["©"]
ALL = (1 << len(SIGNS)) - 1
_LOOSE = sum(_BIT[sign] for sign in "-[](){}<>|*/\\#_~=+")
"""Signs that may stand around a line without being part of it."""
_UNSURE = _BIT["،"] | _BIT["؟"] | _BIT["©"]
"""Signs whose byte other characters have too, so that a line may seem to hold them and does not."""
_LETTERS = frozenset({*range(ord("a"), ord("z") + 1), *range(0x621, 0x64B)})
"""Most of what patterns are written in: no signs."""
ENDLESS = 1 << 20
_CLAUSES = 4


class Made(NamedTuple):
    """What the matches of a pattern are made of.

    Of each set of `needs` they hold a sign; they hold no sign but those of `may`; `spaces` is how many more spaces than
    signs they have at most. Sets are numbers, a bit for each sign.
    """

    needs: frozenset[int]
    may: int
    spaces: int


def _bits(character: str) -> int:
    return _BIT.get(character) or (_BIT["0"] if character.isdecimal() else 0)


def _holds(members: tuple[tuple[Any, Any], ...], character: str) -> bool:
    found = False
    for kind, value in members:
        if kind is op.LITERAL:
            found |= chr(value) == character
        elif kind is op.RANGE:
            found |= value[0] <= ord(character) <= value[1]
        elif kind is op.CATEGORY:
            found |= _CATEGORIES[value](character)
    return found != (members[0][0] is op.NEGATE)


def _counts(character: str) -> bool:
    """Whether `read_signs` takes it for a sign."""
    return character in SIGNS[1:] or character.encode()[0] in (_LATIN, *_SYMBOLS, *_STRANGE)


_CATEGORIES: dict[Any, Callable[[str], bool]] = {
    op.CATEGORY_DIGIT: str.isdecimal,
    op.CATEGORY_NOT_DIGIT: lambda character: not character.isdecimal(),
    op.CATEGORY_SPACE: str.isspace,
    op.CATEGORY_NOT_SPACE: lambda character: not character.isspace(),
    op.CATEGORY_WORD: lambda character: character.isalnum() or character == "_",
    op.CATEGORY_NOT_WORD: lambda character: not character.isalnum() and character != "_",
}


@lru_cache(maxsize=4096)
def _class(members: tuple[tuple[Any, Any], ...]) -> tuple[Made, bool]:
    """Members of a class -> what one character of it is made of; whether it is a sign that is no digit, or a space."""
    may = 0
    for sign in (*SIGNS, *"°123456789"):
        may |= _bits(sign) if _holds(members, sign) else 0
    listed = [chr(value) for kind, value in members if kind is op.LITERAL]
    kinds = {value for kind, value in members if kind is op.CATEGORY}
    plain = all(kind in (op.LITERAL, op.CATEGORY) for kind, _ in members)
    is_sign = plain and kinds <= {op.CATEGORY_DIGIT} and all(map(_bits, listed))
    row = plain and kinds <= {op.CATEGORY_SPACE} and all(_counts(character) or character == " " for character in listed)
    return Made(frozenset({may} if is_sign else ()), may, int(_holds(members, " "))), row


class Maker:
    """Parsed patterns -> what they are made of; parts that several of them share are looked at once."""

    def __init__(self) -> None:
        """Start with nothing known."""
        self._known: dict[int, tuple[Any, Made]] = {}

    def make(self, nodes: Any) -> Made:
        """A sequence -> what its matches are made of."""
        needs: frozenset[int] = frozenset()
        may = spaces = 0
        for node in nodes:
            if node[0] is op.LITERAL and node[1] in _LETTERS:
                continue
            known = self._known.get(id(node))
            if known is None:
                known = self._known[id(node)] = (node, self._one(*node))
            needs, may, spaces = needs | known[1].needs, may | known[1].may, spaces + known[1].spaces
        return Made(needs, may, min(spaces, ENDLESS))

    def _one(self, kind: Any, value: Any) -> Made:
        if kind is op.LITERAL:
            bits = _bits(chr(value))
            return Made(frozenset({bits} if bits else ()), bits, int(value == ord(" ")))
        if kind is op.NOT_LITERAL:
            return Made(frozenset(), ALL & ~_bits(chr(value)), int(value != ord(" ")))
        if kind is op.IN:
            return _class(tuple(value))[0]
        if kind is op.SUBPATTERN:
            return self.make(value[-1])
        if kind is op.BRANCH:
            return self._any([self.make(branch) for branch in value[1]])
        if kind in (op.MAX_REPEAT, op.MIN_REPEAT):
            least, most, inside = value
            inner = self.make(inside)
            spaces = min(int(most), ENDLESS) * inner.spaces
            # No two spaces stand side by side in a key, so of signs and spaces in a row there is one space more than signs.
            if len(inside) == 1 and inside[0][0] is op.IN and _class(tuple(inside[0][1]))[1]:
                spaces = min(spaces, 1)
            return Made(inner.needs if least else frozenset(), inner.may, min(spaces, ENDLESS))
        if kind is op.AT:
            return Made(frozenset(), 0, 0)
        return Made(frozenset(), ALL, ENDLESS)

    @staticmethod
    def _any(branches: list[Made]) -> Made:
        may = 0
        one = 0
        for branch in branches:
            may |= branch.may
            one |= min(branch.needs, key=int.bit_count, default=0)
        shared = branches[0].needs.intersection(*(branch.needs for branch in branches[1:]))
        either = {one} if all(branch.needs for branch in branches) else set()
        return Made(shared | either, may, max(branch.spaces for branch in branches))


class Signs(NamedTuple):
    """Lines: the signs they hold, and how many more spaces than signs they have; `strange` ones may hold any."""

    held: Keys
    strange: Flags
    spaces: Places


_COMMA, _QUESTION, _LATIN = "،".encode()[-1], "؟".encode()[-1], "©".encode()[0]
_SYMBOLS = (0xE2,)
"""First byte of the characters, beside those of `_LATIN`, that may be ornament, which counts as a sign."""
_STRANGE = (0xDF, 0xE0, 0xE1, 0xEA, 0xEF, *range(0xF0, 0xF5))
"""First bytes of characters among which are digits of other scripts: of a line that has one nothing is said."""
_KEPT = (
    *range(0x20, 0x41), *range(0x5B, 0x61), *range(0x7B, 0x7F), _COMMA, _QUESTION, _LATIN, *_SYMBOLS, *_STRANGE,
)  # fmt: skip
_HELD, _COUNT = np.zeros(256, np.uint64), np.zeros(256, np.int32)
for _sign in SIGNS[:-3]:
    _HELD[ord(_sign)] = _BIT[_sign]
_HELD[[_COMMA, _QUESTION, _LATIN]] = [_BIT[_sign] for _sign in SIGNS[-3:]]
_HELD[0x30:0x3A] = _BIT["0"]
_HELD[[*_STRANGE]] = ALL
_COUNT[[*_KEPT]] = -1
_COUNT[0x30:0x3A] = 0
_COUNT[0x20] = 1


def read_signs(keys: pl.Series) -> Signs:
    """Folded lines -> what they are made of."""
    data, at = text_bytes(keys)
    # Most bytes are those of Arabic letters.
    kept = np.flatnonzero((data < 0x80) | (data > 0xDE) | (data == _COMMA) | (data == _QUESTION) | (data == _LATIN))
    signs = np.append(data[kept], np.uint8(0))
    bounds = np.searchsorted(kept, at)
    first, empty = bounds[:-1], bounds[:-1] == bounds[1:]
    held, spaces = np.bitwise_or.reduceat(_HELD[signs], first), np.add.reduceat(_COUNT[signs], first)
    held[empty], spaces[empty] = 0, 0
    return Signs(held, held == ALL, spaces)


class Needs:
    """Many `Made` as arrays: which of them lines may fit."""

    def __init__(self, made: list[Made]) -> None:
        """Put what each needs side by side; where a pattern has fewer needs than others any sign will do, or none."""
        clauses = [sorted(one.needs, key=int.bit_count)[:_CLAUSES] for one in made]
        self._needs = np.array([[*some, *[0] * (_CLAUSES - len(some))] for some in clauses], np.uint64).reshape(
            -1, _CLAUSES
        )
        self._bars = np.array([ALL & ~(one.may | _LOOSE | _UNSURE) for one in made], np.uint64)
        self._spaces = np.array([one.spaces for one in made], np.int32)

    def fit(self, signs: Signs, line: Ints | slice, which: Ints | int) -> Flags:
        """Lines, and one of these or one for each line -> whether the line may fit it."""
        held = signs.held[line]
        fits: Flags = (signs.spaces[line] <= self._spaces[which]) & ((held & self._bars[which]) == 0)
        for place in range(_CLAUSES):
            need = self._needs[which, place]
            fits &= ((held & need) != 0) | (need == 0)
        return fits | signs.strange[line]
