"""Brackets and quotation marks that a reader of PDF has turned."""

from __future__ import annotations

import re

from etl.edits import Repair

_OPEN_CLOSED = {"(": ")", "«": "»", "[": "]"}
_TURNED = str.maketrans("()«»[]", ")(»«][")
TURNED = "(?:^|[ \n])[)»\\]][ء-ي0-9A-Za-z]"
"""Pattern that every text contains whose brackets a reader of PDF has turned; polars' syntax."""
_BACK, _LEAST_TURNED = re.compile(TURNED), 2


def turn_brackets(text: str) -> list[Repair]:
    """Text -> brackets and quotation marks of a kind the other way round, where all of them stand with their backs to what they hold."""
    found: list[Repair] = []
    if len(_BACK.findall(text)) < _LEAST_TURNED:
        return found
    for opening, closing in _OPEN_CLOSED.items():
        if closing not in text:
            continue
        right = len(re.findall(rf"(?<!\w){re.escape(opening)}\w|\w{re.escape(closing)}(?!\w)", text))
        wrong = len(re.findall(rf"(?<!\w){re.escape(closing)}\w|\w{re.escape(opening)}(?!\w)", text))
        if wrong >= _LEAST_TURNED + 1 and not right:
            pair = re.compile(f"[{re.escape(opening + closing)}]")
            found += [
                Repair(m.start(), m.end(), m[0], m[0].translate(_TURNED), "repair/bracket") for m in pair.finditer(text)
            ]
    return sorted(found)
