"""Titles and second articles, line by line in plain Python: what the stages over columns must find."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import polars as pl

from etl.fold import fold
from etl.pieces import PIECE

_FINAL = re.compile(r"[.؟!?]\s*[\"»”’)\]'}]*\s*$")
_ARABIC = re.compile("[\u0620-\u064a]")
_LATIN = re.compile("[A-Za-z]")
_PREFIX = re.compile(r"^[وفبلك]?ال|^[وفبلك](?=\w{3})")
_TEASER = re.compile(r"(?:\.\.\.?|…)\s*$")
_HASHTAGS = re.compile(r"(?:\s*#[^\s#]+)+\s*$")
_BULLET = re.compile(r"^\s*[•·▪●■◄►▶○◦‣*\-–—]\s*")
_NAMED = re.compile(r"\s*[|\-–—:»>]+\s*\S")
_FOLLOWING = frozenset({"date", "byline", "counter", "share", "media"})


Rows = list[tuple[str, str | None, str | None]]


def frame_of(pages: list[Rows]) -> pl.DataFrame:
    """Pages as lines (text, zone, rule) -> Piece."""
    rows = [
        {"id": f"{page}", "article": 0, "piece": text + "\n", "zone": zone, "rule": rule}
        for page, lines in enumerate(pages)
        for text, zone, rule in lines
    ]
    return pl.DataFrame(rows, schema=PIECE)


class Line(NamedTuple):
    """A line of a page."""

    row: int
    text: str
    rule: str | None

    @property
    def family(self) -> str:
        return self.rule.partition("/")[0] if self.rule else ""


def stems(text: str) -> set[str]:
    return {_PREFIX.sub("", word) for word in re.findall(r"\w{3,}", fold(text))}


def is_headline(text: str) -> bool:
    words = text.split()
    return (
        3 <= len(words) <= 40
        and len(text) <= 250
        and len(_ARABIC.findall(text)) > len(_LATIN.findall(text))
        and not re.search(r"[^.]\.\s*$|[^.\d]\.\s+\S", text)
        and not _HASHTAGS.search(text)
    )


def _same(text: str, given: str) -> bool:
    own, wanted = stems(text), stems(given)
    shared = len(own & wanted)
    return shared >= 0.6 * len(wanted) and shared >= 0.6 * len(own)


def choose_titles(before: Sequence[Line], body: str, given: str | None) -> dict[int, str]:
    """Lines before the body -> row -> rule id."""
    valued = {at + 1 for at, line in enumerate(before) if line.rule and line.rule.endswith("/label-alone")}
    open_lines = [(at, line) for at, line in enumerate(before) if line.rule is None and at not in valued]
    likely = [(at, line) for at, line in open_lines if is_headline(line.text.strip())]
    if given:
        likely = [(at, line) for at, line in likely if _same(line.text, given)]
    if not likely:
        return {}
    topic = stems(body)
    keys = [fold(line.text) for line in before]
    bullets = sum(1 for _, line in open_lines if _BULLET.match(line.text))
    scores: dict[int, float] = {}
    for at, line in likely:
        own, key = stems(line.text), keys[at]
        shared, words = len(own & topic), len(line.text.split())
        score = 2.5 * min(1.0, shared / 3) + shared / max(len(own), 1) + min(words, 12) / 24
        twin = key in keys[max(at - 1, 0) : at] or key in keys[at + 1 : at + 2]
        score += -1.0 if twin and words <= 6 else 1.5 * (keys.count(key) > 1)
        score += 2.0 * (given is not None and given != "" and key == fold(given))
        score += 0.8 * (not _FOLLOWING.isdisjoint(follower.family for follower in before[at + 1 : at + 4]))
        score += 0.4 * (at == 0) + 0.6 * (at >= len(before) - 4)
        if _BULLET.match(line.text):
            score -= 1.5 if bullets > 2 else 0.5
        scores[at] = score
    for at in list(scores):
        others = (keys[other] for other in scores if keys[at] != keys[other] and keys[at].startswith(keys[other]))
        scores[at] -= any(_NAMED.match(keys[at], len(other)) for other in others)
    best = max(scores.values())
    good = [at for at in scores if scores[at] >= max(1.6, best - 1.2)]
    if not good:
        return {}
    first = next(at for at in good if scores[at] >= best - 0.9)
    labels: dict[int, str] = {}
    for at, line in enumerate(before):
        if line.rule is None and keys[at] == keys[first]:
            labels[line.row] = "title/headline" if at == first else "title/again"
    longer = [at for at in good if at > first and keys[at] != keys[first] and keys.count(keys[at]) == 1]
    if longer:
        labels[before[longer[-1]].row] = "title/long"
    deck = False
    for at in range(first + 1, len(before)):
        line = before[at]
        text = line.text.strip()
        if line.rule is not None or line.row in labels or not _ARABIC.search(text):
            continue
        words, final = len(text.split()), _FINAL.search(_HASHTAGS.sub("", text))
        if words >= 10 and final and not deck:
            labels[line.row] = "summary/deck"
            deck = True
        elif 2 <= words <= 30 and not final:
            beside = [before[near].family for near in (at - 1, at + 1) if 0 <= near < len(before)]
            if keys.count(keys[at]) > 1 or "media" in beside or "ui" in beside:
                labels[line.row] = "media/caption"
    return labels


def second_articles(lines: Sequence[Line], headings: set[str]) -> Iterator[tuple[int, list[int], list[int]]]:
    """Lines after the body -> (row of the title, rows of the article, rows of its body) for each article spliced in."""
    at = 0
    while at < len(lines):
        start = next(
            (
                near
                for near in range(at + 1, min(at + 4, len(lines)))
                if lines[near].rule is None
                and is_headline(lines[near].text.strip())
                and not _BULLET.match(lines[near].text)
            ),
            None,
        )
        at += 1
        if lines[at - 1].rule not in headings or start is None:
            continue
        body: list[int] = []
        last = start
        for near in range(start + 1, len(lines)):
            line = lines[near]
            if line.rule is None:
                ends = _FINAL.search(line.text) or line.text.rstrip().endswith(('"', "»", "”", "،"))
                fits = len(line.text.split()) >= 8 and ends
                if not fits or _BULLET.match(line.text) or _TEASER.search(line.text):
                    break
                body.append(near)
                last = near
            elif line.rule in headings or line.family not in (
                *("related", "source", "keywords", "media", "ad", "wire", "note"),
            ):
                break
            elif line.family in ("source", "keywords", "wire"):
                last = near
        if len(body) >= 3:
            yield lines[start].row, [lines[i].row for i in range(start, last + 1)], [lines[i].row for i in body]
            at = last + 1
