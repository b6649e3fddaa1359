"""Words as keys of up to eight folded letters, one byte a letter, and what each speaks for."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from etl.arrays import Bytes, Floats, Ints, Keys
from etl.shipped import DATA, read_list

WORDS = DATA / "words.json"
OTHER, ARABIC, LATIN, DIGIT, SPACE, STOP, COMMA, MARK = range(8)
KINDS = np.zeros(0x10000, dtype=np.uint8)
"""Code point of the basic plane -> its kind."""
KINDS[
    [
        *range(0x0620, 0x064B),
        *range(0x066E, 0x06D4),
        *range(0x0750, 0x0780),
        *range(0xFB50, 0xFDFD),
        *range(0xFE70, 0xFEFD),
    ]
] = ARABIC
KINDS[[*range(65, 91), *range(97, 123), *range(0xC0, 0x250)]] = LATIN
KINDS[[*range(48, 58), *range(0x660, 0x66A), *range(0x6F0, 0x6FA)]] = DIGIT
KINDS[[9, 10, 13, 32, 0xA0]] = SPACE
KINDS[[ord(c) for c in ".؟!…?"]] = STOP
KINDS[[ord(c) for c in ",،"]] = COMMA
KINDS[[*range(0x0610, 0x061B), *range(0x064B, 0x0660), 0x0670, 0x0640, *range(0x200B, 0x2010), 0xFEFF]] = MARK

_KEY_LETTERS = 8
LETTERS = np.full(0x10000, 0xFF, dtype=np.uint8)
"""A folded Arabic letter as one byte: its place in the block, 0xFF for letters of other blocks."""
LETTERS[0x0600:0x06FF] = np.arange(0xFF)
for _from, _to in (("أإآٱ", "ا"), ("ىی", "ي"), ("ک", "ك"), ("ةہھە", "ه")):
    LETTERS[[ord(c) for c in _from]] = ord(_to) - 0x600


def read_key(word: str) -> int:
    """Word -> the key that its folded letters make, as the lines' words have them."""
    codes = [ord(c) for c in word if KINDS[min(ord(c), 0xFFFF)] != MARK][:_KEY_LETTERS]
    return sum(int(LETTERS[min(code, 0xFFFF)]) << (8 * place) for place, code in enumerate(codes))


@dataclass(frozen=True)
class Lexicon:
    """Words with the log odds that they speak for a kind of line; sorted keys, and a weight of each for each kind."""

    keys: Keys
    weights: dict[str, Floats]


LEXICA = ("prose", "headline", "opening", "ending")
"""What the words of a line are weighed for: running text against a site's own words; running text against headlines; the
same for the first word of a line, and for its last."""


@lru_cache(maxsize=1)
def load_lexicon() -> Lexicon:
    """Read the words' weights; a word that is not named weighs nothing."""
    return make_lexicon({name: table for name, table in json.loads(WORDS.read_text("utf-8")).items() if name in LEXICA})


def make_lexicon(tables: dict[str, dict[str, float]]) -> Lexicon:
    """Tables of word → weight, by kind -> Lexicon."""
    keyed = {name: {read_key(word): weight for word, weight in tables[name].items()} for name in LEXICA}
    keys = np.array(sorted({key for table in keyed.values() for key in table} | {0}), dtype=np.uint64)
    return Lexicon(
        keys,
        {name: np.array([table.get(int(key), 0.0) for key in keys], np.float32) for name, table in keyed.items()},
    )


def make_keys(letters: Bytes, start: Ints, size: Ints) -> Keys:
    """Words as keys of their first letters."""
    key = np.zeros(len(start), dtype=np.uint64)
    for place in range(_KEY_LETTERS):
        longer = size > place
        value = np.where(longer, letters[np.minimum(start + place, len(letters) - 1)], 0)
        key |= value.astype(np.uint64) << np.uint64(8 * place)
    return key


FUNCTION_KEYS = np.array(sorted({read_key(word) for word in read_list("function_words")}), dtype=np.uint64)
"""Words that say nothing of what a text is about."""
