"""Text in visual order, as some PDFs give it: the letters as they are seen from left to right, numbers in
order.
"""

from __future__ import annotations

import re
import unicodedata

from etl.edits import Repair, trim
from etl.letters import price_text
from etl.repair.forms import FORMS

MARGIN = 18.0
"""Bits that must speak for the reversed lines of a document before one is turned, as for mojibake."""

_LINE = 6.0  # bits one line must save
_VOTE = 6.0  # bits that one end of a word says when it wears the form of the other end

_WHOLE = 0.9  # share of the Arabic lines that must gain for the rest to be turned with them

BACKWARDS = "(?:^|[ \u00a0\n])[ةى][ء-ي]"
"""Pattern of a word that begins with what only ends words; Python and polars read it alike."""

_NEEDED = re.compile(f"{BACKWARDS}|[{''.join(FORMS)}]")
_BACKWARDS, _FORWARDS = re.compile(BACKWARDS), re.compile("[ء-ي][ةى](?![ء-ي])")
_TRANSLATE = str.maketrans(FORMS)
_LETTER = f"[\u0621-\u064a{''.join(FORMS)}]"
_ARABIC = re.compile(_LETTER)
_WORD = re.compile(f"(?<!{_LETTER})[{''.join(FORMS)}]{{2,}}(?!{_LETTER})")
# Runs that read from left to right inside the line: Latin words with what joins them, numbers with their
# marks.
_LEFT_TO_RIGHT = re.compile(
    r"[A-Za-z0-9]*[A-Za-z][A-Za-z0-9]*(?:[ .,:/@_&'’+-]+[A-Za-z0-9]+)*|%?[0-9٠-٩]+(?:[.,:/٫٬-][0-9٠-٩]+)*%?"
)
_MIRROR = str.maketrans("()[]{}«»<>", ")(][}{»«><")


_YEAR = re.compile(r"(?<![0-9٠-٩])(?:19|20|١٩|٢٠)[0-9٠-٩]{2}(?![0-9٠-٩])")


def turn(line: str, *, whole: bool = False) -> str:
    """Line -> the line read from the other end, its numbers and Latin words left as they are, or turned with it if `whole`."""
    turned = line[::-1] if whole else _LEFT_TO_RIGHT.sub(lambda match: match[0][::-1], line[::-1])
    mirrored = turned.translate(_MIRROR)
    return mirrored if _disorder(mirrored) < _disorder(turned) else turned


def _disorder(line: str) -> int:
    """Closing brackets that nothing has opened."""
    wrong = depth = 0
    for character in line:
        if character in "([{«":
            depth += 1
        elif character in ")]}»":
            wrong += depth == 0
            depth = max(depth - 1, 0)
    return wrong


def _shape(form: str) -> str:
    return unicodedata.decomposition(form).partition(" ")[0]


def _votes(line: str) -> int:
    """Words in presentation forms that stand the wrong way round, less those that stand right."""
    votes = 0
    for word in _WORD.findall(line):
        wrong = (_shape(word[0]) == "<final>") + (_shape(word[-1]) == "<initial>")
        right = (_shape(word[0]) == "<initial>") + (_shape(word[-1]) == "<final>")
        votes += wrong - right
    return votes


def _saved(line: str, other: str) -> float:
    """Bits that speak for turning a line; none if its presentation forms say that it stands right."""
    saved = price_text(line.translate(_TRANSLATE)) - price_text(other.translate(_TRANSLATE))
    votes = _votes(line)
    return min(saved, 0.0) if votes < 0 else saved + _VOTE * votes


def _may_be_turned(line: str) -> bool:
    """Cheap test that every reversed line of some length passes, and next to no other."""
    if _NEEDED.search(line) is None:
        return False
    return _votes(line) > 0 or len(_BACKWARDS.findall(line)) > len(_FORWARDS.findall(line))


def restore_order(text: str) -> list[Repair]:
    """Text -> its visually ordered lines in reading order: decided for the document, done where a line gains.

    Presentation forms say themselves which end of a word they belong to; plain letters are priced both ways.
    What a line holds in forms is turned first and made plain after, or `لا` would come out as `ال`.
    """
    if not _NEEDED.search(text):
        return []
    saved = (_saved(line, turn(line)) for line in text.split("\n") if _may_be_turned(line))
    if sum(bits for bits in saved if bits >= _LINE) < MARGIN:
        return []
    lines: list[tuple[int, str, str, float]] = []
    start = 0
    # A program that turns all it is given turns years, too.
    whole_lines = len(_YEAR.findall(text[::-1])) > len(_YEAR.findall(text))
    for line in text.split("\n"):
        if _ARABIC.search(line):
            other = turn(line, whole=whole_lines)
            lines.append((start, line, other, _saved(line, other)))
        start += len(line) + 1
    gaining = sum(len(line) for _, line, _, bits in lines if bits > 0)
    whole = gaining >= _WHOLE * sum(len(line) for _, line, *_ in lines)
    edits = (trim(at, line, other, "repair/visual-order") for at, line, other, bits in lines if whole or bits > 0)
    return [edit for edit in edits if edit]
