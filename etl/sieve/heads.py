"""How the matches of a pattern begin: a few first characters, looked up in one table, stand for most of the patterns.

A rule over whole lines is anchored, so a line that begins otherwise cannot match. A pattern is taken apart into the ways
it may begin; of those that may begin with almost anything it is asked what they cannot do without (`etl.sieve.literals`), and of
all of them what they are made of (`etl.sieve.signs`).
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from etl.sieve.codes import DIGIT, END, LENGTH, LOOSE, code_table, single_codes
from etl.sieve.literals import Needed
from etl.sieve.signs import ALL, ENDLESS, Made, Maker
from etl.sieve.syntax import op, parse_pattern

MOST = 120
"""Beginnings of one way beyond which those of `_ENOUGH` characters are not followed further."""
_ENOUGH = 4
_LIMIT = 4000
"""Beginnings beyond which none is."""
_FEW = 64
"""Bytes that a class may stand for."""
_COMMON = 8
"""Single letters that a way may begin with; of more, too many lines begin so."""

_Begun = frozenset[tuple[bytes, bool]]
"""Beginnings so far, each with whether nothing more is known of it."""
_NOTHING: _Begun = frozenset({(b"", False)})
_UNKNOWN: _Begun = frozenset({(b"", True)})


class Way(NamedTuple):
    """What a pattern's matches of one kind have in common.

    Each begins with one of `heads`; or, where these are None, holds one of `strings`, if they are not None; and is made
    of what `made` says.
    """

    heads: frozenset[bytes] | None
    strings: frozenset[str] | None
    made: Made


@lru_cache(maxsize=4096)
def _class(members: tuple[tuple[Any, Any], ...]) -> frozenset[int] | None:
    """Members of a class -> the bytes they stand for, if they are few."""
    table = code_table()
    found: set[int] = set()
    for kind, value in members:
        if kind is op.LITERAL:
            found.add(int(table[value]))
        elif kind is op.RANGE:
            found |= set(np.unique(table[value[0] : value[1] + 1]).tolist())
        elif kind is op.CATEGORY and value in (op.CATEGORY_DIGIT, op.CATEGORY_SPACE):
            found.add(DIGIT if value is op.CATEGORY_DIGIT else LOOSE)
        elif kind is not op.NEGATE:
            return None
    if members[0][0] is op.NEGATE:
        all_digits = (op.CATEGORY, op.CATEGORY_DIGIT) in members
        found = ({*single_codes()} - found) | {LOOSE, 2} | (set() if all_digits else {DIGIT})
    return frozenset(found) if len(found) <= _FEW else None


class Beginner:
    """Parsed patterns -> how their matches begin; parts that several of them share are looked at once."""

    def __init__(self) -> None:
        """Start with nothing known."""
        self._known: dict[int, tuple[Any, _Begun]] = {}

    def begin(self, nodes: Any) -> _Begun:
        """A sequence -> its beginnings."""
        begun = _NOTHING
        run: list[int] = []
        for node in nodes:
            if node[0] is op.LITERAL:
                run.append(node[1])
                continue
            if run:
                begun, run = _follow(begun, _literal(run)), []
            if all(done for _, done in begun):
                return begun
            known = self._known.get(id(node))
            if known is None:
                known = self._known[id(node)] = (node, self._one(*node))
            begun = _follow(begun, known[1])
        return _follow(begun, _literal(run)) if run else begun

    def _one(self, kind: Any, value: Any) -> _Begun:
        if kind is op.IN:
            members = _class(tuple(value))
            return frozenset((bytes([code]), False) for code in members) if members else _UNKNOWN
        if kind is op.SUBPATTERN:
            return self.begin(value[-1])
        if kind is op.BRANCH:
            return frozenset().union(*map(self.begin, value[1]))
        if kind in (op.MAX_REPEAT, op.MIN_REPEAT):
            least, most, inside = value
            once = self.begin(inside)
            found, fresh = (_NOTHING if least == 0 else frozenset()), _NOTHING
            for count in range(1, min(int(most), LENGTH) + 1):
                fresh = _follow(fresh, once)
                found |= fresh if count >= least else frozenset(pair for pair in fresh if pair[1])
                if all(done for _, done in fresh):
                    return found | fresh
            return found | frozenset((text, True) for text, _ in fresh) if most > LENGTH else found
        if kind is op.AT:
            return _NOTHING
        return _UNKNOWN


def _literal(characters: list[int]) -> _Begun:
    return frozenset({(code_table()[characters].tobytes(), False)})


def _follow(begun: _Begun, after: _Begun) -> _Begun:
    """Beginnings, and what may follow them -> longer beginnings."""
    live = [text for text, done in begun if not done]
    kept = frozenset(pair for pair in begun if pair[1])
    if len(live) * len(after) + len(kept) > MOST:  # what tells enough is not followed further
        kept |= {(text, True) for text in live if len(text) >= _ENOUGH}
        live = [text for text in live if len(text) < _ENOUGH]
        if len(live) * len(after) > _LIMIT:
            return kept | {(text, True) for text in live}
    longer = ((text + more, done) for text in live for more, done in after)
    return kept | {(text[:LENGTH], done or len(text) >= LENGTH) for text, done in longer}


def _branches(nodes: Any) -> list[Any]:
    """A pattern that is one alternative after another -> the alternatives, each a sequence."""
    items = list(nodes)
    if len(items) == 1 and items[0][0] is op.SUBPATTERN:
        return _branches(items[0][1][-1])
    if len(items) == 1 and items[0][0] is op.BRANCH:
        return [way for branch in items[0][1][1] for way in _branches(branch)]
    # `a(?:b|c)` is how the parser writes `ab|ac`: the first element that parts the ways parts the pattern.
    for at, (kind, value) in enumerate(items[:4]):
        if kind is op.SUBPATTERN and (inner := list(value[-1])) and inner[0][0] is op.BRANCH and len(inner) == 1:
            return [[*items[:at], *branch, *items[at + 1 :]] for branch in inner[0][1][1]]
        if kind is op.BRANCH:
            return [[*items[:at], *branch, *items[at + 1 :]] for branch in value[1]]
        if kind not in (op.LITERAL, op.IN, op.MAX_REPEAT, op.AT):
            break
    return [items]


def _heads(begun: _Begun, whole: bool) -> frozenset[bytes] | None:
    """Beginnings -> those after ornament, if they tell much; the end of a `whole` line is followed by ornament or nothing."""
    heads: set[bytes] = set()
    for text, done in begun:
        head = text.lstrip(bytes([LOOSE]))
        if whole and not done:
            heads |= {head + bytes([END]), head + bytes([LOOSE])} if head else {bytes([END])}
        else:
            heads.add(head)
    if b"" in heads or sum(len(head) == 1 and head[0] > 0x80 for head in heads) > _COMMON:
        return None
    return frozenset(head[:LENGTH] for head in heads if not any(head[:size] in heads for size in range(1, len(head))))


def find_ways(kind: str, core: str) -> list[Way]:
    """Rule's kind and core -> the ways it may match."""
    nodes = parse_pattern(core)
    maker, beginner, needed = Maker(), Beginner(), Needed()
    ways: dict[tuple[bool, frozenset[str] | None, Made], set[bytes]] = {}
    for way in _branches(nodes):
        made = maker.make(way)
        anchored = kind == "line" or (len(way) > 0 and way[0] == (op.AT, op.AT_BEGINNING))
        if kind != "line":  # what stands around the part of a line that a span claims may be anything
            made = Made(made.needs, ALL, ENDLESS)
        heads = _heads(beginner.begin(way), kind == "line") if anchored else None
        strings = needed.strings(way) if heads is None else None
        ways.setdefault((heads is not None, strings, made), set()).update(heads or ())
    return [
        Way(frozenset(heads) if by_heads else None, strings, made) for (by_heads, strings, made), heads in ways.items()
    ]
