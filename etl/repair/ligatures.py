"""Lam-alef turned round, as some readers of PDF give the one glyph of both: األردن for الأردن, خالل for خلال.

No Arabic word begins with two alefs, so that a few words tell the damage that do, and would be known the right way round.
Elsewhere the word must be of a list, and its line and those beside it hold no lam-alef the right way round.
"""

from __future__ import annotations

import re
from functools import lru_cache

from etl.edits import Repair, trim
from etl.repair.persian_letters import cut_prefixes
from etl.shipped import read_list

SIGN = "األ|اإل|اآل|اال"
"""Pattern that every text with this damage contains, in the syntax common to Python and polars."""
_SURE = re.compile("(?<![ء-ي])([وف]?[بك]?ا)([اأإآ])ل")
"""The article before a lam-alef turned round, at the beginning of a word."""
_HAMZA = re.compile("[وف]?[بك]?ا[أإآ]ل")
"""Such a beginning that is no alef typed twice."""
_LEAST = 3
"""Such words that tell the damage."""
_TURNED = re.compile("([اأإآ])ل")
_SOUND = re.compile("ل[اأإآ](?!ل)")
"""A lam-alef the right way round; what follows a lam may be the next one's alef."""
_ARTICLE = re.compile("[وف]?[بك]?ال(?=.)")
_WORD = re.compile("(?<![ء-ي\u064b-\u0652])[ء-ي]{2,}(?![ء-ي\u064b-\u0652])")
# Words with lam-alef that are more frequent than what they are with it turned round (benchmarks/train_letters.py).
_WORDS = frozenset(read_list("lam_alef"))


def _turn(word: str, start: int = 0) -> str:
    """Word -> the same with every alef from `start` on that stands before a lam behind it."""
    return word[:start] + _TURNED.sub(r"ل\1", word[start:])


def _start(word: str) -> int:
    """Where the word behind an article begins."""
    article = _ARTICLE.match(word)
    return article.end() if article else 0


def _is_known(word: str) -> bool:
    """Whether a word is of the list, with or without a prefix."""
    return not ({word} | cut_prefixes(word)).isdisjoint(_WORDS)


def _read_start(word: str) -> str:
    """Word that begins with two alefs -> what it was; the word itself where that is none: one alef was typed twice."""
    turned = _SURE.sub(r"\1ل\2", word)
    whole = _turn(turned, _start(turned))
    return whole if _is_known(whole) else turned if _is_known(turned) or _HAMZA.match(word) else word


@lru_cache(maxsize=1 << 12)
def _read_word(word: str) -> str:
    """Word of a damaged line -> what it was: the word itself where it may be sound."""
    if _SURE.match(word):
        return _read_start(word)
    start = _start(word)
    turned, whole = _turn(word, start), _turn(word)
    if turned != word and _is_known(turned):
        return turned
    # What looks like an article may be the lam-alef: العب for لاعب.
    return whole if start and whole in _WORDS else word


def turn_ligatures(text: str) -> list[Repair]:
    """Text -> the words in which a lam-alef was turned round, put right."""
    if sum(_SURE.match(word) is not None and _read_word(word) != word for word in _WORD.findall(text)) < _LEAST:
        return []
    found = []
    start = 0
    lines = text.split("\n")
    sound = [_SOUND.search(line) is not None for line in ["", *lines, ""]]
    for number, line in enumerate(lines):
        is_sound = any(sound[number : number + 3])
        for match in _WORD.finditer(line):
            word = match[0]
            was = word if is_sound and not _SURE.match(word) else _read_word(word)
            edit = trim(start + match.start(), word, was, "repair/ligature") if was != word else None
            found += [edit] if edit else []
        start += len(line) + 1
    return found
