"""The Arabic line near an English headline that its place proposes as its twin."""

from __future__ import annotations

import re
from collections.abc import Sequence

from etl.headlines.lines import Line
from etl.headlines.pairs import HeadlineParams, Pair, is_pair, score_pair
from etl.headlines.shape import FINAL_STOP

# Families of labels that may stand between an English headline and its Arabic twin.
_BETWEEN = re.compile(
    r"(?:share|ui|ad|site|follow|promo|comment|contact|counter|date|category|byline|source|legal|space|keywords|"
    r"template|headline-en)/"
)
_TWINS = frozenset({"related/card", "related/item", "related/teaser"})


def _propose(lines: Sequence[Line], at: int, step: int, params: HeadlineParams) -> int | None:
    """The Arabic line that an English one's place proposes as its twin: the first of substance on that side.

    Labels, other Latin lines and the one or two words of a category may stand between; a heading of other
    articles or a link ends the search.
    """
    end = at + step * (params.reach + 1)
    for near in range(at + step, max(min(end, len(lines)), -1), step):
        line = lines[near]
        words = len(line.text.split())
        rule = line.rule or ""
        if line.article != lines[at].article or (rule.startswith("related/") and rule not in _TWINS):
            return None
        if not line.arabic or _BETWEEN.match(rule) or words <= 2:
            continue
        return near if 4 <= words <= 40 and not FINAL_STOP.search(line.text) else None
    return None


def plain_headline(text: str) -> str:
    """A headline without the bar or dash that parts it from its neighbour, white space as single spaces."""
    return " ".join(text.split()).strip(" |-–—•·*")


def find_twin(lines: Sequence[Line], at: int, params: HeadlineParams) -> tuple[int, Pair] | None:
    """An English line -> its Arabic twin: below it, or above it where names prove it before the body."""
    if lines[at].rest:
        pair = score_pair(plain_headline(lines[at].text), plain_headline(lines[at].rest), params)
        return (at, pair) if is_pair(pair, params) else None
    below = _propose(lines, at, 1, params)
    if below is not None:
        pair = score_pair(lines[at].text, lines[below].text, params)
        if is_pair(pair, params):
            return below, pair
    above = _propose(lines, at, -1, params) if lines[at].zone == "before" else None
    if above is not None:
        pair = score_pair(lines[at].text, lines[above].text, params)
        if pair.verified:
            return above, pair
    return None


def measure_closeness(pair: Pair) -> tuple[bool, float, float]:
    """Pair -> how well it fits, to be compared: verified, share of names, likeness of length."""
    return pair.verified, pair.names or 0.0, -abs(pair.ratio - 1)
