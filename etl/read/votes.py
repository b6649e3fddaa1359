"""A vote on what of an HTML page is the article: two of three extractors, line by line.

The voters are readability-lxml, trafilatura in favour of precision, and trafilatura's baseline. On six saved
pages of five sites each of them alone loses a paragraph or keeps furniture (F1 of four-word shingles .972,
.989, .874); the vote loses none and, but for the dates it keeps, reaches .994 (`benchmarks/html.py`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection

import readability
import trafilatura
from lxml.etree import LxmlError
from resiliparse.extract.html2text import extract_plain_text

_WORD = re.compile(r"\w+")
_WORDS = 4
"""Words of a shingle; a shorter line must stand in an extractor's text as it is."""
ABOVE = 6
"""Lines above the article that are looked at for its date."""
_DATE_LINE = re.compile(r"(?=.*(?<!\d)(?:19|20)\d\d(?!\d)).{6,80}")
"""A line that may hold the date: short, with a year in it."""
_SENTENCE = re.compile(r"(?:\S+\s+){4,}\S*\.")
_RUN = 3
"""Sentences one below the other, or one with a bullet, that are a list's items; a link to another article ends without a stop."""
_BULLETS = "•-* \t"
_BROKEN = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    LxmlError,
    RecursionError,
    TypeError,
    ValueError,
)
"""What the voters raise on HTML that is broken enough; a voter that fails has no vote."""

Ballot = tuple[set[tuple[str, ...]], set[str]]
"""What one extractor keeps: its shingles, its lines."""


def _readability(html: str) -> str:
    return str(extract_plain_text(readability.Document(html).summary()))


def _precise(html: str) -> str:
    return trafilatura.extract(html, favor_precision=True, include_comments=False, fast=True) or ""


def _baseline(html: str) -> str:
    return trafilatura.baseline(html)[1]


VOTERS: tuple[Callable[[str], str], ...] = (_readability, _precise, _baseline)


def _shingles(text: str) -> set[tuple[str, ...]]:
    words = _WORD.findall(text)
    return {tuple(words[i : i + _WORDS]) for i in range(len(words) - _WORDS + 1)}


def vote_lines(html: str, text: str, title: str | None = None, captions: Collection[str] = ()) -> tuple[str, int]:
    """HTML + the text of its main part -> the article as lines of that text, and how many voted.

    The article reaches from the first line that two keep to the last one; between them one vote is enough, and none for a list's sentence:
    a subheading is lost more easily than made up. Blank lines stay, and so does a date above the article, and a caption above or in it; a first line
    that says what `title` says does not. Voters that keep the very same have one vote: where trafilatura finds no
    article, it falls back on its baseline.
    """
    ballots: list[Ballot] = []
    for voter in VOTERS:
        try:
            kept = voter(html)
        except _BROKEN:
            continue
        if kept.strip():
            shingles = _shingles(kept)
            if all(shingles != known for known, _ in ballots):
                ballots.append((shingles, {line.strip(_BULLETS) for line in kept.split("\n")}))
    lines = text.split("\n")
    votes = [_count_votes(line.strip(_BULLETS), ballots) for line in lines]
    said = _WORD.findall(title or "")
    heading = next((number for number, count in enumerate(votes) if count), None)
    if said and heading is not None and _WORD.findall(lines[heading]) == said:
        votes[heading] = 0
    sure = [number for number, count in enumerate(votes) if count >= 2]
    if not sure:
        return "", len(ballots)
    first, last = sure[0], sure[-1]
    above = [number for number in range(first) if lines[number].strip()][-ABOVE:]
    told = {number for number, line in enumerate(lines) if " ".join(line.split()) in captions}
    chosen = [lines[number] for number in above if number in told or _DATE_LINE.fullmatch(lines[number].strip())]
    within = range(first, last + 1)
    items = _find_items(lines, votes, within) | told
    chosen += [lines[number] for number in within if votes[number] or number in items or not lines[number].strip()]
    return "\n".join(chosen), len(ballots)


def _find_items(lines: list[str], votes: list[int], within: range) -> set[int]:
    """Lines, their votes, where the article lies -> those without a vote that are items of a list of sentences."""
    items: set[int] = set()
    run: list[int] = []
    for number in [*within, -1]:
        line = lines[number].strip() if number >= 0 else ""
        if number >= 0 and not votes[number] and _SENTENCE.fullmatch(line):
            run.append(number)
            continue
        items |= {one for one in run if len(run) >= _RUN or lines[one].strip()[0] in _BULLETS}
        run = []
    return items


def _count_votes(line: str, ballots: list[Ballot]) -> int:
    shingles = _shingles(line)
    if not shingles:
        return sum(bool(line) and line in lines for _, lines in ballots)
    return sum(2 * len(shingles & known) >= len(shingles) for known, _ in ballots)
