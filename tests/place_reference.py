"""Titles and second articles, line by line in plain Python: what the stages over columns must find."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import polars as pl

from etl.fold import fold
from etl.titles import INTRODUCES, KICKER, NOT_LONG, load_weights
from etl.titles.lines import CAPTION, LABELLED, SAYS
from schemas.piece import PIECE

_FINAL = re.compile(r"[.؟!?]\s*[\"»”’)\]'}]*\s*$")
_ARABIC = re.compile("[\u0620-\u064a]")
_LATIN = re.compile("[A-Za-z]")
_PREFIX = re.compile(r"^[وفبلك]?ال|^[وفبلك](?=\w{3})")
_TEASER = re.compile(r"(?:\.\.\.?|…)\s*$")
_HASHTAGS = re.compile(r"(?:\s*#[^\s#]+)+\s*$")
_BULLET = re.compile(r"^\s*[•·▪●■◄►▶○◦‣*\-–—]\s*")
_ONLY = {"of the first three", "shares 3 words", "shares 0.50 of its words"}
_NAMED = re.compile(r"\s*[|\-–—:»>]+\s*\S")

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
    text = text.strip().rstrip(" -–—|")
    words = text.split()
    return (
        3 <= len(words) <= 40
        and len(text) <= 250
        and len(_ARABIC.findall(text)) > len(_LATIN.findall(text))
        and not re.search(r"[^.]\.\s*$|[^.\d]\.\s+\S", text)
        and not _HASHTAGS.search(text)
        and not re.search(CAPTION, text)
    )


def _same(text: str, given: str) -> bool:
    own, wanted = stems(text), stems(given)
    shared = len(own & wanted)
    return shared >= 0.6 * len(wanted) and shared >= 0.6 * len(own)


def describe(before: Sequence[Line], keys: list[str], at: int, topic: set[str], bullets: int) -> set[str]:
    """A line that may be the title -> the features it has."""
    text = before[at].text.strip()
    words, own = len(text.split()), stems(text)
    shared = len(own & topic)
    found = {f"shares {least} words" for least in (1, 2, 3, 4) if shared >= least}
    found |= {
        f"shares {least:.2f} of its words" for least in (0.15, 0.3, 0.5, 0.75) if shared / max(len(own), 1) >= least
    }
    found |= {f"{least} words" for least in (4, 5, 6, 8, 11, 15, 21) if words >= least}
    found |= {name for name, pattern in SAYS.items() if re.search(pattern, text)}
    often = keys.count(keys[at]) > 1
    follows = keys[at] in keys[max(at - 1, 0) : at] or keys[at] in keys[at + 1 : at + 2]
    for name, flag in (("often", often), ("follows itself", follows)):
        found |= {name} if flag else set()
        found |= {f"{name}, short"} if flag and words <= 6 else set()
    for name, pattern in LABELLED.items():
        at_hand = [bool(re.search(pattern, line.rule or "")) for line in before]
        found |= {f"{name} above"} if at and at_hand[at - 1] else set()
        found |= {f"{name} below"} if any(at_hand[at + 1 : at + 2]) else set()
        found |= {f"{name} near below"} if any(at_hand[at + 1 : at + 4]) else set()
    found |= {"first"} if at == 0 else set()
    found |= {"of the first three"} if at < 3 else set()
    found |= {f"of the last {most}" for most in (1, 2, 3, 4, 6, 10) if len(before) - at <= most}
    return found | ({"bulleted, like others"} if "bulleted" in found and bullets > 2 else set())


def find_document_title(lines: Sequence[str]) -> int:
    """The lines of a page that have text -> the place of the one that says what one of the first three says before a name; -1."""
    for at, line in enumerate(lines[:80]):
        for head in lines[: min(at, 3)]:
            parts = [head[: joint.start()].strip() for joint in re.finditer(r"\s+[|\-–—:•»]\s+|\s*[|]\s*", head)]
            if line in parts and len(line.split()) >= 4:
                return at
    return -1


def choose_titles(before: Sequence[Line], body: str, given: str | None, told: int = -1) -> dict[int, str]:
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

    def said(at: int) -> set[str]:
        others = {keys[other] for other, _ in likely if keys[at] != keys[other]}
        behind = {other for other in others if keys[at].startswith(other) and _NAMED.match(keys[at], len(other))}
        before_it = {
            other
            for other in others
            if other and keys[at].endswith(other) and keys[at].removesuffix(other).rstrip()[-1:] in tuple("|-:>")
        }
        return behind | before_it

    again = set().union(*(said(at) for at, _ in likely))
    likely = [(at, line) for at, line in likely if not said(at)]
    bullets = sum(1 for _, line in likely if _BULLET.match(line.text))
    flags = {at: describe(before, keys, at, topic, bullets) for at, _ in likely}
    weights = load_weights()
    scores = {
        at: weights["bias"]
        + sum(weights[name] for name in flags[at])
        + (4 if (given and keys[at] == fold(given)) or before[at].row == told else 2 * (keys[at] in again))
        + 2.5 * (keys.count(keys[at]) > 3)
        for at in flags
    }
    best = max(scores.values())
    only = len(scores) == 1 and all(flags[at] >= _ONLY for at in flags)
    if best < (-1.5 if only else 0):
        return {}
    first = next(at for at in scores if scores[at] > best - 1e-9)
    longer = [
        at
        for at, line in likely
        if at > first
        and keys[at] != keys[first]
        and len(line.text.split()) >= 8
        and len(stems(line.text) & topic) >= 4
        and flags[at].isdisjoint(NOT_LONG)
    ]
    if longer and longer[-1] == first + 1 and re.search(KICKER, before[first].text.strip()):
        first, longer = longer[-1], []
    below = first + 1
    introduces = below in scores and re.search(INTRODUCES, before[first].text.strip())
    if (
        introduces
        and longer[-1:] in ([], [below])
        and len(before[below].text.split()) > len(before[first].text.split())
    ):
        first, longer = below, []
    labels: dict[int, str] = {}
    for at, line in enumerate(before):
        if line.rule is None and keys[at] == keys[first]:
            labels[line.row] = "title/headline" if at == first else "title/again"
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
