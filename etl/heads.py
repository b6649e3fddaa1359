"""How the matches of a pattern begin: a few first characters, looked up in one table, stand for most of the patterns.

A rule over whole lines is anchored, so a line that begins otherwise cannot match. A pattern is taken apart into the ways
it may begin; of those that may begin with almost anything it is asked what they cannot do without (`etl.literals`).
"""

from __future__ import annotations

from functools import lru_cache
from re import _constants as op  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any, NamedTuple

from etl.literals import needed_in

LENGTH = 4
"""Characters of a beginning: enough to part the first words of most labels."""
MOST = 4000
"""Beginnings of one way beyond which it is asked what it needs instead."""
DIGIT = "0"
"""What stands for every digit in a beginning."""
_FEW = 120
"""Characters that a class may stand for."""

_Begun = frozenset[tuple[str, bool]]
"""Beginnings so far, each with whether nothing more is known of it."""


class Ways(NamedTuple):
    """What a pattern's matches have in common: each begins with one of `heads` or holds one of `strings`.

    `open` is true where neither is known of some matches.
    """

    heads: frozenset[str]
    strings: frozenset[str]
    open: bool


def _plain(character: str) -> str:
    return DIGIT if character.isdecimal() else character


def _characters(members: Any) -> set[str] | None:
    found: set[str] = set()
    for kind, value in members:
        if kind is op.LITERAL:
            found.add(_plain(chr(value)))
        elif kind is op.RANGE and value[1] - value[0] < _FEW:
            found |= {_plain(chr(code)) for code in range(value[0], value[1] + 1)}
        elif kind is op.CATEGORY and value is op.CATEGORY_DIGIT:
            found.add(DIGIT)
        else:
            return None
    return found if len(found) <= _FEW else None


def _begin(nodes: Any, begun: _Begun) -> _Begun:
    """Beginnings, and what follows them -> longer beginnings."""
    for node in nodes:
        live = [text for text, done in begun if not done]
        if not live:
            break
        longer = frozenset(pair for pair in begun if pair[1]) | _extend(node, live)
        if len(longer) > MOST:
            return frozenset((text, True) for text, _ in begun)
        begun = longer
    return begun


def _extend(node: tuple[Any, Any], live: list[str]) -> _Begun:
    kind, value = node
    fresh: _Begun = frozenset((text, False) for text in live)
    if kind is op.LITERAL:
        return _append(live, {_plain(chr(value))})
    if kind is op.IN:
        members = _characters(value)
        return _append(live, members) if members else frozenset((text, True) for text in live)
    if kind is op.SUBPATTERN:
        return _begin(value[-1], fresh)
    if kind is op.BRANCH:
        return frozenset().union(*(_begin(branch, fresh) for branch in value[1]))
    if kind in (op.MAX_REPEAT, op.MIN_REPEAT):
        least, most, inside = value
        found: _Begun = fresh if least == 0 else frozenset()
        for count in range(1, min(int(most), LENGTH) + 1):
            fresh = _begin(inside, fresh)
            if len(fresh) > MOST:
                return frozenset((text, True) for text in live)
            found |= fresh if count >= least else frozenset(pair for pair in fresh if pair[1])
        return found | frozenset((text, True) for text, _ in fresh) if most > LENGTH else found
    if kind is op.AT:
        return fresh
    return frozenset((text, True) for text in live)


def _append(live: list[str], characters: set[str]) -> _Begun:
    return frozenset((text + more, len(text) + 1 >= LENGTH) for text in live for more in characters)


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
        if kind not in (op.LITERAL, op.IN, op.MAX_REPEAT):
            break
    return [items]


@lru_cache(maxsize=4096)
def find_ways(pattern: str, ornament: frozenset[str] = frozenset()) -> Ways:
    """Pattern -> how its matches begin, or what they hold.

    A beginning with a character of `ornament`, which may stand before a match too, is none to go by.
    """
    heads: set[str] = set()
    strings: set[str] = set()
    unknown = False
    for way in _branches(parser.parse(pattern)):
        begun = {text for text, _ in _begin(way, frozenset({("", False)}))}
        if all(text and text[0] not in ornament for text in begun):
            heads |= begun
            continue
        needed = needed_in(way)
        if needed is None:
            unknown = True
        else:
            strings |= needed
    short = {text for text in heads if not any(text[:size] in heads for size in range(1, len(text)))}
    return Ways(frozenset(short), frozenset(strings), unknown)
