"""How much of one text is in another: runs of four words, counted; characters of words in the same order."""

from __future__ import annotations

import re
from collections import Counter
from difflib import SequenceMatcher

_WORD = re.compile(r"\w+")
SHINGLE = 4
"""Words in a run; a body shorter than this is scored on single words."""


def shingles(text: str, size: int = SHINGLE) -> Counter[tuple[str, ...]]:
    """Text -> its runs of `size` words, counted."""
    words = _WORD.findall(text)
    size = min(size, max(len(words), 1))
    return Counter(zip(*(words[at:] for at in range(size)), strict=False))


def score_body(text: str, gold: str) -> tuple[float, float, float]:
    """Text and the right body -> (precision, recall, F1) on runs of four words; two empty texts agree."""
    size = SHINGLE if len(_WORD.findall(gold)) >= SHINGLE else 1
    found, wanted = shingles(text, size), shingles(gold, size)
    if not wanted:
        agree = float(not _WORD.search(text))
        return agree, 1.0, agree
    shared = sum((found & wanted).values())
    precision = shared / found.total() if found else 0.0
    recall = shared / wanted.total()
    return precision, recall, 2 * precision * recall / (precision + recall) if shared else 0.0


def score_characters(text: str, gold: str) -> tuple[float, float]:
    """Text and the right body -> (precision, recall) of characters: those of the words that stand in both, in one order."""
    found, wanted = text.split(), gold.split()
    blocks = SequenceMatcher(None, found, wanted, autojunk=False).get_matching_blocks()
    shared = sum(len(word) for block in blocks for word in found[block.a : block.a + block.size])
    own, right = sum(map(len, found)), sum(map(len, wanted))
    return shared / own if own else float(not right), shared / right if right else 1.0
