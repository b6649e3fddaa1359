"""A phrase and its places: in the page, in the text cut from it, in the raw page before its repairs."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from etl.edits import Repair
from etl.errors import UserError
from etl.fold import fold, fold_offsets, span_of
from etl.wording import in_quotes

_UNSEEN = re.compile("[\\s\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
Span = tuple[int, int]
"""Half-open, in code points."""
_SHOWN = 90
"""Code points of a text that are shown."""


class PhraseError(UserError):
    """A phrase that is not in the document; the message shows what comes near."""


class Placed(NamedTuple):
    """A piece in its place: half-open code points of the page, and its label."""

    start: int
    end: int
    text: str
    article: int
    rule: str | None
    action: str | None
    zone: str | None
    score: float | None

    @property
    def stays(self) -> bool:
        """Whether it stays in the text of its article."""
        return self.action != "cut"


def find_phrase(
    phrase: str, page: Mapping[str, Any], text: str, pieces: Sequence[Placed], article: int
) -> tuple[list[Span], str]:
    """Phrase -> its places in the page, and what it was found in; an error names the lines that come near."""
    if not fold(phrase):
        raise PhraseError("the phrase is empty, or of signs without meaning alone; give some words")
    kept = [piece for piece in pieces if piece.article == article and piece.stays]
    repairs = place_repairs(page)
    for search, how in ((_find_exact, ""), (_find_folded, ", spelt another way")):
        if found := search(phrase, page["page"]):
            return found, f"page{how}"
        if found := search(phrase, text):
            return [_text_to_page(span, kept) for span in found], f"text{how}, across what was cut"
        if found := search(phrase, page["raw"]):
            return [_raw_to_page(span, repairs) for span in found], f"raw page{how}, before it was repaired"
    words = set(fold(phrase).split())
    lines = [line for line in page["page"].split("\n") if line.strip()]
    near = sorted(lines, key=lambda line: -len(words & set(fold(line).split())))[:3]
    shown = "; ".join(say(line) for line in near if words & set(fold(line).split()))
    raise PhraseError(
        f"{page['id']}: no {say(phrase)} in its raw page, page or text"
        + (f"; the nearest lines are {shown}" if shown else ", nor a line with one of its words")
    )


def _find_exact(phrase: str, text: str) -> list[Span]:
    found: list[Span] = []
    start = text.find(phrase)
    while start >= 0:
        found.append((start, start + len(phrase)))
        start = text.find(phrase, start + len(phrase))
    return found


def _find_folded(phrase: str, text: str) -> list[Span]:
    key, offsets = fold_offsets(text)
    return [span_of(text, offsets, start, end) for start, end in _find_exact(fold(phrase), key)]


def _text_to_page(span: Span, kept: Sequence[Placed]) -> Span:
    """Place in the text -> the place in the page, with what was cut between its first and last character."""
    at, start, end = 0, None, 0
    for piece in kept:
        size = piece.end - piece.start
        if start is None and span[0] < at + size:
            start = piece.start + span[0] - at
        if span[1] <= at + size:
            end = piece.start + span[1] - at
            break
        at += size
    return start or 0, end


def _raw_to_page(span: Span, repairs: Sequence[tuple[Span, Repair]]) -> Span:
    """Place in the raw page -> the place in the page; what a repair changed counts as a whole."""
    start, end = span
    moved_start = moved_end = 0
    for (begin, stop), repair in repairs:
        if repair.end <= span[0]:
            moved_start = stop - repair.end
        elif repair.start < span[0]:
            start, moved_start = repair.start, begin - repair.start
        if repair.end <= span[1]:
            moved_end = stop - repair.end
        elif repair.start < span[1]:
            end, moved_end = repair.end, stop - repair.end
    return start + moved_start, end + moved_end


def place_pieces(page: Mapping[str, Any]) -> list[Placed]:
    """Row of a page -> its pieces in their places, with their text."""
    placed: list[Placed] = []
    at = 0
    for piece in page["pieces"] or ():
        end = at + piece["length"]
        rest = (piece[name] for name in ("article", "rule", "action", "zone", "score"))
        placed.append(Placed(at, end, page["page"][at:end], *rest))
        at = end
    return placed


def place_repairs(page: Mapping[str, Any]) -> list[tuple[Span, Repair]]:
    """Repairs of a page, each with the place in the page that it made."""
    placed = []
    moved = 0
    for row in page["repairs"] or ():
        repair = Repair(**row)
        start = repair.start + moved
        placed.append(((start, start + len(repair.after)), repair))
        moved += len(repair.after) - len(repair.before)
    return placed


def touches(place: Span, spans: Sequence[Span] | None) -> bool:
    """Whether a place, be it empty, has a part of one of the spans; without spans every place has."""
    last = max(place[1], place[0] + 1)
    return spans is None or any(place[0] < end and start < last for start, end in spans)


def plain_id(text: str) -> str:
    """An id as it was pasted -> the id: without spaces, and without the signs of direction that stand beside Arabic."""
    return _UNSEEN.sub("", text)


def say(value: object) -> str:
    """Text, texts, a date or a number -> it in quotes, on one line, cut to length; what cannot be seen as numbers."""
    whole = "، ".join(map(str, value)) if isinstance(value, list) else str(value)
    text = " ".join(whole.split())
    if not fold(text):
        return " ".join(f"U+{ord(character):04X}" for character in whole[:8]) or "nothing"
    return in_quotes(text[:_SHOWN] + "…" * (len(text) > _SHOWN))
