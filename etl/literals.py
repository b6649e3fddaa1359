"""What a pattern cannot match without: a set of strings, one of which stands in everything it matches.

Looking for a thousand strings at once costs one pass over the text, whatever their number; the patterns themselves then
run only where one of their strings was found.
"""

from __future__ import annotations

from functools import lru_cache
from re import _constants as op  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

MOST = 1500
"""Strings a pattern may stand for before it is taken as needing none."""
LEAST = 2
"""Characters that a string needs to be worth looking for."""


def _cross(left: set[str], right: set[str]) -> set[str] | None:
    return {a + b for a in left for b in right} if len(left) * len(right) <= MOST else None


def _exact(node: tuple[Any, Any]) -> set[str] | None:
    """The few strings that one element matches, if they are few."""
    kind, value = node
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
        return _exact_sequence(value[-1])
    if kind is op.BRANCH:
        union: set[str] = set()
        for branch in value[1]:
            inside = _exact_sequence(branch)
            if inside is None:
                return None
            union |= inside
        return union if len(union) <= MOST else None
    if kind in (op.MAX_REPEAT, op.MIN_REPEAT) and value[1] <= 3:
        inside = _exact_sequence(value[2])
        if inside is None or len(inside) ** int(value[1]) > MOST:
            return None
        times: set[str] = {""}
        repeated: set[str] = set()
        for count in range(value[1] + 1):
            repeated |= times if count >= value[0] else set()
            times = {a + b for a in times for b in inside}
        return repeated
    if kind is op.AT:
        return {""}
    return None


def _exact_sequence(nodes: Any) -> set[str] | None:
    strings: set[str] | None = {""}
    for node in nodes:
        inside = _exact(node)
        strings = _cross(strings, inside) if strings is not None and inside is not None else None
        if strings is None:
            return None
    return strings


def _needed(nodes: Any, least: int = LEAST) -> set[str] | None:
    """The best set of strings one of which the sequence needs: the one whose shortest member is longest."""
    candidates: list[set[str]] = []
    run: set[str] = {""}
    for node in [*nodes, None]:
        inside = _exact(node) if node is not None else None
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
            candidates.append(_needed(value[-1], least) or set())
        elif kind is op.BRANCH:
            parts = [_needed(branch, least) or set() for branch in value[1]]
            candidates.append(set().union(*parts) if all(parts) else set())
        elif kind in (op.MAX_REPEAT, op.MIN_REPEAT) and value[0] >= 1:
            candidates.append(_needed(value[2], least) or set())
    usable = [c for c in candidates if c and len(c) <= MOST and min(map(len, c)) >= least]
    return max(usable, key=lambda c: (min(min(map(len, c)), 4), -len(c))) if usable else None


def needed_in(nodes: Any, least: int = LEAST) -> frozenset[str] | None:
    """Parsed pattern -> strings one of which stands in every match of it; None where it needs none worth looking for.

    A string of fewer than `least` characters is not worth looking for among all others.
    """
    found = _needed(nodes, least)
    return None if found is None else frozenset(found)


@lru_cache(maxsize=4096)
def needed_strings(pattern: str, least: int = LEAST) -> frozenset[str] | None:
    """Pattern -> what `needed_in` says of it."""
    return needed_in(parser.parse(pattern), least)
