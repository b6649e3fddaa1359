"""Line -> numbers: what a line looks like by itself, whatever stands around it.

Everything is vectorised over many lines at once. The pages of a site share most of their lines, so each distinct line is
looked at once. Words are read as keys of up to eight folded letters, one byte a letter.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Keys = npt.NDArray[np.uint64]

WORDS = Path(__file__).parent / "data" / "words.json"
OTHER, ARABIC, LATIN, DIGIT, SPACE, STOP, COMMA, MARK = range(8)
_KINDS = np.zeros(0x10000, dtype=np.uint8)
_KINDS[
    [
        *range(0x0620, 0x064B),
        *range(0x066E, 0x06D4),
        *range(0x0750, 0x0780),
        *range(0xFB50, 0xFDFD),
        *range(0xFE70, 0xFEFD),
    ]
] = ARABIC
_KINDS[[*range(65, 91), *range(97, 123), *range(0xC0, 0x250)]] = LATIN
_KINDS[[*range(48, 58), *range(0x660, 0x66A), *range(0x6F0, 0x6FA)]] = DIGIT
_KINDS[[9, 10, 13, 32, 0xA0]] = SPACE
_KINDS[[ord(c) for c in ".؟!…?"]] = STOP
_KINDS[[ord(c) for c in ",،"]] = COMMA
_KINDS[[*range(0x0610, 0x061B), *range(0x064B, 0x0660), 0x0670, 0x0640, *range(0x200B, 0x2010), 0xFEFF]] = MARK

_LETTERS = np.full(0x10000, 0xFF, dtype=np.uint8)
"""A folded Arabic letter as one byte: its place in the block, 0xFF for letters of other blocks."""
_LETTERS[0x0600:0x06FF] = np.arange(0xFF)
for _from, _to in (("أإآٱ", "ا"), ("ىی", "ي"), ("ک", "ك"), ("ةہھە", "ه")):
    _LETTERS[[ord(c) for c in _from]] = ord(_to) - 0x600
_ALEF, _LAM, _WAW = (ord(c) - 0x600 for c in "الو")
_PREFIXES = np.zeros(0x100, dtype=bool)
_PREFIXES[[ord(c) - 0x600 for c in "وفبكل"]] = True
_KEY_LETTERS = 8
_ODD = np.uint64(0x9E3779B97F4A7C15)
_LEAST_TERM = 3
"""Letters that a word needs, after its prefixes, to say what a text is about."""

_FUNCTION_WORDS = [
    "في",
    "من",
    "على",
    "علي",
    "إلى",
    "إلي",
    "أن",
    "إن",
    "عن",
    "مع",
    "التي",
    "الذي",
    "هذا",
    "هذه",
    "ما",
    "لا",
    "لم",
    "قد",
    "كان",
    "كانت",
    "بين",
    "بعد",
    "قبل",
    "خلال",
    "أو",
    "ثم",
    "حتى",
    "عند",
    "وقال",
    "قال",
    "وأضاف",
    "كما",
    "وهو",
    "وهي",
    "وفي",
    "ومن",
    "وكان",
    "حيث",
    "إنه",
    "أنه",
    "أنها",
    "ذلك",
    "لن",
    "له",
    "لها",
    "به",
    "بها",
    "فيه",
    "فيها",
    "منه",
    "منها",
    "عليه",
    "عليها",
]


def read_key(word: str) -> int:
    """Word -> the key that its folded letters make, as the lines' words have them."""
    codes = [ord(c) for c in word if _KINDS[min(ord(c), 0xFFFF)] != MARK][:_KEY_LETTERS]
    return sum(int(_LETTERS[min(code, 0xFFFF)]) << (8 * place) for place, code in enumerate(codes))


@dataclass(frozen=True)
class Lexicon:
    """Words with the log odds that they speak for a kind of line; sorted keys, and a weight of each for each kind."""

    keys: Keys
    weights: dict[str, Floats]


LEXICA = ("prose", "headline", "opening", "ending")
"""What the words of a line are weighed for: running text against a site's own words; running text against headlines; the
same for the first word of a line, and for its last."""


@lru_cache(maxsize=1)
def load_lexicon(path: Path = WORDS) -> Lexicon:
    """Read the words' weights; a word that is not named weighs nothing."""
    return make_lexicon({name: table for name, table in json.loads(path.read_text("utf-8")).items() if name in LEXICA})


def make_lexicon(tables: dict[str, dict[str, float]]) -> Lexicon:
    """Tables of word → weight, by kind -> Lexicon."""
    keyed = {name: {read_key(word): weight for word, weight in tables[name].items()} for name in LEXICA}
    keys = np.array(sorted({key for table in keyed.values() for key in table} | {0}), dtype=np.uint64)
    return Lexicon(
        keys,
        {name: np.array([table.get(int(key), 0.0) for key in keys], np.float32) for name, table in keyed.items()},
    )


_FUNCTION_KEYS = np.array(sorted({read_key(word) for word in _FUNCTION_WORDS}), dtype=np.uint64)


@dataclass(frozen=True)
class Looks:
    """Distinct lines: counts and shares by name; `terms`, their words that say what they are about (`first[k]` is the
    place of line k's first one); `pairs`, a key of each two words in a row (`first_pair[k]` likewise)."""

    values: dict[str, Floats]
    first: Ints
    terms: Keys
    first_pair: Ints
    pairs: Keys

    def __getitem__(self, name: str) -> Floats:
        """Return one value of every line."""
        return self.values[name]


def _words(
    codes: npt.NDArray[np.uint16], kinds: npt.NDArray[np.uint8], line: npt.NDArray[np.int32]
) -> tuple[Ints, Ints]:
    """Characters of lines that stand end to end -> where their Arabic words start and end."""
    letter = kinds == ARABIC
    edge = np.empty(len(codes) + 1, dtype=bool)
    edge[0] = edge[-1] = True
    edge[1:-1] = line[1:] != line[:-1]
    start = np.flatnonzero(letter & (edge[:-1] | ~np.r_[False, letter[:-1]]))
    end = np.flatnonzero(letter & (edge[1:] | ~np.r_[letter[1:], False])) + 1
    return start, end


def _keys(letters: npt.NDArray[np.uint8], start: Ints, size: Ints) -> Keys:
    """Words as keys of their first letters."""
    key = np.zeros(len(start), dtype=np.uint64)
    for place in range(_KEY_LETTERS):
        longer = size > place
        value = np.where(longer, letters[np.minimum(start + place, len(letters) - 1)], 0)
        key |= value.astype(np.uint64) << np.uint64(8 * place)
    return key


def _content(letters: npt.NDArray[np.uint8], start: Ints, size: Ints) -> tuple[Ints, Ints]:
    """Words -> where they start without article and one-letter prefixes, and how long they are then."""
    last = len(letters) - 1
    a, b, c = (letters[np.minimum(start + by, last)] for by in range(3))
    skip = np.where((a == _ALEF) & (b == _LAM), 2, 0)
    skip = np.where((a == _LAM) & (b == _LAM), 2, skip)
    skip = np.where(_PREFIXES[a] & (b == _ALEF) & (c == _LAM), 3, skip)
    skip = np.where((skip == 0) & (a == _WAW) & (size >= 5), 1, skip)
    skip = np.minimum(skip, size)
    return start + skip, size - skip


_TAIL = {
    "final": r"[.؟!?]\s*[\"»”’)\]'}]*$",
    "quote_end": r"[\"»”’)][.،؟!]?$",
    "bracket_end": r"[)\]]$",
    "teaser": r"(?:\.\.\.?|…|\[…\]|المزيد)$",
    "colon_end": r"[:：]$",
    "question": r"[؟?]$",
}
_HEAD = {
    "bullet": r"^[•·▪●■◄►▶○◦‣>*»\-–—]",
    "spaced_bullet": r"^[•·▪●■◄►▶○◦‣]",
    "dash": r"^[*\-–—]\s*\S",
    "number": r"^[0-9٠-٩]{1,3}\s*[.)\-–ـ:]\s*\S",
    "waw": r"^\W*[وف][\u0620-\u064a]",
    "headline_colon": r"^[^:.،]{3,40}:\s",
    "quote_start": r"^[\"«“'‘]",
    "date": r"(?:19|20|٢٠)[0-9٠-٩]{2}|[0-9٠-٩]{1,2}:[0-9٠-٩]{2}|منذ |قبل [0-9]",
    "address": r"@|https?:|www\.|©",
    "pipe": r"[|»›]|\s[-–]\s",
    "two_dots": r"[^.]\.\.[^.]",
}
_HEAD_LENGTH, _TAIL_LENGTH = 90, 12
"""Code points at a line's ends in which signs are looked for: what a line is shows there."""


def look_at(texts: pl.Series, lexicon: Lexicon) -> Looks:
    """Distinct lines without white space at their ends, none of them empty -> Looks."""
    count = len(texts)
    wide = np.frombuffer("".join(texts.to_list()).encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    codes = np.minimum(wide, 0xFFFF).astype(np.uint16)
    size = texts.str.len_chars().cast(pl.Int64).to_numpy()
    line = np.repeat(np.arange(count, dtype=np.int32), size)
    kinds = _KINDS[codes]
    solid = kinds != MARK
    if not solid.all():
        codes, kinds, line = codes[solid], kinds[solid], line[solid]
        size = np.bincount(line, minlength=count)
    letters = _LETTERS[codes]
    total = np.bincount(line.astype(np.int64) * 8 + kinds, minlength=8 * count).reshape(count, 8).astype(np.float32)
    blank = kinds == SPACE
    begins = ~blank
    begins[1:] &= blank[:-1] | (line[1:] != line[:-1])
    digits: Floats = (total[:, DIGIT] / np.maximum(size, 1)).astype(np.float32)
    values: dict[str, Floats] = {
        "size": size.astype(np.float32),
        "words": np.bincount(line[begins], minlength=count).astype(np.float32),
        "arabic_letters": total[:, ARABIC],
        "latin_letters": total[:, LATIN],
        "digits": digits,
        "stops": total[:, STOP],
        "comma": total[:, COMMA],
    }
    start, end = _words(codes, kinds, line)
    long = end - start
    key = _keys(letters, start, long)
    owner = line[start]
    found = np.minimum(np.searchsorted(lexicon.keys, key), len(lexicon.keys) - 1)
    known = lexicon.keys[found] == key
    n_words = np.bincount(owner, minlength=count).astype(np.float32)
    first = np.r_[True, owner[1:] != owner[:-1]] if len(owner) else np.zeros(0, bool)
    last = np.r_[first[1:], True] if len(owner) else first
    for name, weights in lexicon.weights.items():
        weight = np.where(known, weights[found], np.float32(0))
        if name == "opening":
            at = first
        elif name == "ending":
            at = last
        else:
            values[name] = np.bincount(owner, weights=weight, minlength=count).astype(np.float32)
            continue
        values[name] = np.bincount(owner[at], weights=weight[at], minlength=count).astype(np.float32)
    place = np.minimum(np.searchsorted(_FUNCTION_KEYS, key), len(_FUNCTION_KEYS) - 1)
    function = _FUNCTION_KEYS[place] == key
    values["function"] = np.bincount(owner[function], minlength=count).astype(np.float32)
    values["arabic_words"] = n_words
    begin, rest = _content(letters, start, long)
    content = (rest >= _LEAST_TERM) & ~function
    terms = _keys(letters, begin[content], rest[content])
    per_line = np.bincount(owner[content], minlength=count)
    together = owner[1:] == owner[:-1]
    pairs = (key[:-1] * _ODD ^ key[1:])[together]
    per_pair = np.bincount(owner[1:][together], minlength=count)
    frame = pl.DataFrame({"head": texts.str.slice(0, _HEAD_LENGTH), "tail": texts.str.slice(-_TAIL_LENGTH)})
    signs = frame.select(
        *(pl.col("head").str.contains(pattern).alias(name) for name, pattern in _HEAD.items()),
        *(pl.col("tail").str.contains(pattern).alias(name) for name, pattern in _TAIL.items()),
    )
    for name in signs.columns:
        values[name] = signs[name].to_numpy().astype(np.float32)
    values["final"] *= 1 - values["teaser"]
    return Looks(values, np.r_[0, np.cumsum(per_line)], terms, np.r_[0, np.cumsum(per_pair)], pairs)
