"""Lines whose letters stand apart, as words."""

from __future__ import annotations

import re

from etl.edits import Repair, trim

_SPREAD = re.compile(r"(?<!\S)\S \S \S {1,8}\S \S")
_GAP = re.compile(" {2,}")
_SPREAD_LINE, _SPREAD_SHARE = 8, 0.9


def close_letters(text: str) -> list[Repair]:
    """Text -> lines whose letters stand apart and whose words further apart, as words: `ق ا ل   ا ل و ز ي ر`.

    Where letters and words are the same space apart nothing tells the words.
    """
    found: list[Repair] = []
    start = 0
    for line in text.split("\n") if _SPREAD.search(text) else ():
        parts = line.split()
        alone = sum(len(part) == 1 for part in parts)
        if alone >= _SPREAD_LINE and alone >= _SPREAD_SHARE * len(parts) and _GAP.search(line.strip()):
            words = [word.replace(" ", "") for word in _GAP.split(line)]
            edit = trim(start, line, " ".join(words), "repair/letters-apart")
            found += [edit] if edit else []
        start += len(line) + 1
    return found
