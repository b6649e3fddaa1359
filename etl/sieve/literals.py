"""What a pattern cannot match without: a set of strings, one of which stands in everything it matches.

Looking for a few hundred strings at once costs one pass over the text, whatever their number; the patterns themselves then
run only where one of their strings was found.
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from functools import cache
from typing import Any

from etl.sieve.syntax import op

MOST = 150
"""Strings that a part of a pattern may stand for before it is taken as standing for anything."""
LEAST = 3
"""Characters that a string needs to be worth looking for."""

_Strings = AbstractSet[str]


def _cross(left: _Strings, right: _Strings) -> _Strings | None:
    return {a + b for a in left for b in right} if len(left) * len(right) <= MOST else None


@cache
def _rarity(string: str) -> float:
    """How often a string stands in a text, roughly: a few characters say little, and spaces stand everywhere."""
    return float(0.2 ** len(string.replace(" ", "")))


def _least(strings: _Strings) -> frozenset[str]:
    """The strings that hold no other of them."""
    return frozenset(text for text in strings if not any(other in text for other in strings if other != text))


class Needed:
    """Parsed patterns -> what they need; parts that several of them share are looked at once."""

    def __init__(self) -> None:
        """Start with nothing known."""
        self._known: dict[int, tuple[Any, _Strings | None]] = {}

    def strings(self, nodes: Any) -> frozenset[str] | None:
        """A sequence -> the rarest strings one of which stands in every match; None where none are worth looking for."""
        found = self._needed(nodes)
        return None if found is None else _least(found)

    def _exact(self, node: tuple[Any, Any]) -> _Strings | None:
        """The few strings that one element matches, if they are few."""
        known = self._known.get(id(node))
        if known is None:
            known = self._known[id(node)] = (node, self._exactly(*node))
        return known[1]

    def _exactly(self, kind: Any, value: Any) -> _Strings | None:
        if kind is op.LITERAL:
            return {chr(value)}
        if kind is op.IN:
            found: set[str] = set()
            for inner, argument in value:
                if inner is op.LITERAL:
                    found.add(chr(argument))
                elif inner is op.RANGE and argument[1] - argument[0] < 12:
                    found |= {chr(code) for code in range(argument[0], argument[1] + 1)}
                else:
                    return None
            return found if len(found) <= 12 else None
        if kind is op.SUBPATTERN:
            return self._exact_sequence(value[-1])
        if kind is op.BRANCH:
            union: set[str] = set()
            for branch in value[1]:
                inside = self._exact_sequence(branch)
                if inside is None:
                    return None
                union |= inside
            return union if len(union) <= MOST else None
        if kind in (op.MAX_REPEAT, op.MIN_REPEAT) and value[1] <= 3:
            inside = self._exact_sequence(value[2])
            if inside is None or len(inside) ** int(value[1]) > MOST:
                return None
            times: _Strings = {""}
            repeated: set[str] = set()
            for count in range(value[1] + 1):
                repeated |= times if count >= value[0] else set()
                times = {a + b for a in times for b in inside}
            return repeated
        if kind is op.AT:
            return {""}
        return None

    def _exact_sequence(self, nodes: Any) -> _Strings | None:
        strings: _Strings | None = {""}
        for node in nodes:
            inside = self._exact(node)
            strings = _cross(strings, inside) if strings is not None and inside is not None else None
            if strings is None:
                return None
        return strings

    def _needed(self, nodes: Any) -> _Strings | None:
        """The best set of strings one of which the sequence needs: the one whose members are rarest together."""
        candidates: list[_Strings] = []
        run: _Strings = {""}
        for node in [*nodes, None]:
            inside = self._exact(node) if node is not None else None
            longer = _cross(run, inside) if inside is not None else None
            if longer is not None:
                run = longer
                continue
            candidates.append(run)
            run = inside if inside is not None else {""}
            if node is None or inside is not None:
                continue
            kind, value = node
            if kind is op.SUBPATTERN:
                candidates.append(self._needed(value[-1]) or set())
            elif kind is op.BRANCH:
                parts = [self._needed(branch) or set() for branch in value[1]]
                candidates.append(set().union(*parts) if all(parts) else set())
            elif kind in (op.MAX_REPEAT, op.MIN_REPEAT) and value[0] >= 1:
                candidates.append(self._needed(value[2]) or set())
        usable = [c for c in candidates if c and len(c) <= MOST and min(map(len, c)) >= LEAST]
        return min(usable, key=lambda c: (sum(map(_rarity, c)), sorted(c)), default=None)
