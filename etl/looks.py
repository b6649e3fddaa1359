"""Line -> numbers: what a line looks like by itself, whatever stands around it.

Everything is vectorised over many lines at once. The pages of a site share most of their lines, so each distinct line is
looked at once; lines share most of their words, so it is the distinct words whose characters are looked at. Words are read
as keys of up to eight folded letters, one byte a letter.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from etl.arrays import Flags, Floats, Ints
from etl.buffers import text_bytes
from etl.shipped import DATA, read_list
from etl.tiles import slices

Keys = npt.NDArray[np.uint64]
Slots = npt.NDArray[np.int32]
Places = npt.NDArray[np.int32]

WORDS = DATA / "words.json"
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


_FUNCTION_KEYS = np.array(sorted({read_key(word) for word in read_list("function_words")}), dtype=np.uint64)


@dataclass(frozen=True)
class Looks:
    """Distinct lines: counts and shares by name; `terms`, the slots of their words that say what they are about (`first[k]`
    is the place of line k's first one); `pairs`, those of each two words in a row (`first_pair[k]` likewise)."""

    values: dict[str, Floats]
    first: Ints
    terms: Slots
    first_pair: Ints
    pairs: Slots

    def __getitem__(self, name: str) -> Floats:
        """Return one value of every line."""
        return self.values[name]


SLOT_BITS = 13
"""Slots in which the words of a page are counted, as a power of two; two words in one slot are rare, and the same two on
every run."""


def _slots(keys: Keys) -> Slots:
    """Keys -> the slot of each."""
    return ((keys * _ODD) >> np.uint64(64 - SLOT_BITS)).astype(np.int32)


def _find_words(
    codes: npt.NDArray[np.uint16], kinds: npt.NDArray[np.uint8], token: npt.NDArray[np.int32]
) -> tuple[Ints, Ints]:
    """Characters of tokens that stand end to end -> where their Arabic words start and end."""
    letter = kinds == ARABIC
    edge = np.empty(len(codes) + 1, dtype=bool)
    edge[0] = edge[-1] = True
    edge[1:-1] = token[1:] != token[:-1]
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


@dataclass(frozen=True)
class _Tokens:
    """Distinct strings between spaces. `counts`: characters of each kind, by kind; `size`, `begins`: characters, and words
    parted by white space, marks left out; `heads`, `tails`: the code points of the first two and the last two characters,
    0 for none. `first[k]` is the place of token k's first Arabic word; of the words: `key`, `known`, the word's place in the
    lexicon or -1, `function`, whether it is a function word, and `term`, the slot of what it is about or -1."""

    counts: npt.NDArray[np.int32]
    size: npt.NDArray[np.int32]
    begins: npt.NDArray[np.int32]
    heads: npt.NDArray[np.uint16]
    tails: npt.NDArray[np.uint16]
    first: Ints
    key: Keys
    known: Ints
    function: Flags
    term: Slots


def _look_at_tokens(tokens: pl.Series, lexicon: Lexicon) -> _Tokens:
    count = len(tokens)
    wide = np.frombuffer("".join(tokens.to_list()).encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    codes = np.minimum(wide, 0xFFFF).astype(np.uint16)
    size = tokens.str.len_chars().cast(pl.Int64).to_numpy()
    padded = np.r_[codes, np.zeros(2, np.uint16)]
    at = np.cumsum(size) - size
    heads = np.stack([np.where(size > by, padded[at + by], 0) for by in (0, 1)])
    tails = np.stack([np.where(size >= by, padded[at + size - by], 0) for by in (1, 2)])
    token = np.repeat(np.arange(count, dtype=np.int32), size)
    kinds = _KINDS[codes]
    solid = kinds != MARK
    if not solid.all():
        codes, kinds, token = codes[solid], kinds[solid], token[solid]
        size = np.bincount(token, minlength=count)
    letters = _LETTERS[codes]
    blank = kinds == SPACE
    begins = ~blank
    begins[1:] &= blank[:-1] | (token[1:] != token[:-1])
    counts = np.bincount(token.astype(np.int64) * 8 + kinds, minlength=8 * count).reshape(count, 8)
    start, end = _find_words(codes, kinds, token)
    long = end - start
    key = _keys(letters, start, long)
    found = np.minimum(np.searchsorted(lexicon.keys, key), len(lexicon.keys) - 1)
    place = np.minimum(np.searchsorted(_FUNCTION_KEYS, key), len(_FUNCTION_KEYS) - 1)
    function = _FUNCTION_KEYS[place] == key
    begin, rest = _content(letters, start, long)
    term = np.where((rest >= _LEAST_TERM) & ~function, _slots(_keys(letters, begin, rest)), -1)
    return _Tokens(
        counts.astype(np.int32).T.copy(),
        size.astype(np.int32),
        np.bincount(token[begins], minlength=count).astype(np.int32),
        heads,
        tails,
        np.r_[0, np.cumsum(np.bincount(token[start], minlength=count))],
        key,
        np.where(lexicon.keys[found] == key, found, -1),
        function,
        term.astype(np.int32),
    )


_HEAD_LENGTH, _TAIL_LENGTH = 90, 12
"""Code points at a line's ends in which signs are looked for: what a line is shows there."""


def _any_of(characters: str) -> Flags:
    """Characters -> for each code point whether it is one of them."""
    flags = np.zeros(0x10000, dtype=bool)
    flags[[ord(character) for character in characters]] = True
    return flags


_FIRST = {
    "bullet": _any_of("•·▪●■◄►▶○◦‣>*»-–—"),
    "spaced_bullet": _any_of("•·▪●■◄►▶○◦‣"),
    "quote_start": _any_of("\"«“'‘"),
    "dash": _any_of("*-–—"),
}
"""Signs that the first character of a line is; a dash has something after it."""
_LETTER = _any_of("".join(map(chr, [*range(0x0620, 0x0640), *range(0x0641, 0x064B), *range(65, 91), *range(97, 123)])))
_DIGIT = _any_of("0123456789٠١٢٣٤٥٦٧٨٩")
_NUMBER = r"^[0-9٠-٩]{1,3}\s*[.)\-–ـ:]\s*\S"
_BEGINS_WAW = r"^\W*[وف][\u0620-\u064a]"
_INSIDE = {
    "headline_colon": (r"^[^:.،]{3,40}:\s", r":$|:\s"),
    "date": (
        r"(?:19|20|٢٠)[0-9٠-٩]{2}|[0-9٠-٩]{1,2}:[0-9٠-٩]{2}|منذ |قبل [0-9]",
        r"(?:19|20|٢٠)[0-9٠-٩]{2}|[0-9٠-٩]:[0-9٠-٩]{2}|منذ$|قبل$",
    ),
    "address": (r"@|https?:|www\.|©", r"@|https?:|www\.|©"),
    "pipe": (r"[|»›]|\s[-–]\s", r"[|»›]|^[-–]|[-–]$|\s[-–]\s"),
    "two_dots": (r"[^.]\.\.[^.]", r"\.\."),
}
"""Signs in the beginning of a line, each with what one of its tokens has wherever the line has the sign."""
_LAST = {
    "bracket_end": _any_of(")]"),
    "colon_end": _any_of(":："),
    "question": _any_of("؟?"),
}
"""Signs that the last character of a line is."""
_STOPS, _CLOSERS, _QUOTES, _AFTER_QUOTE = map(_any_of, (".؟!?", "\"»”’)]'}", '"»”’)', ".،؟!"))
_FINAL = r"[.؟!?]\s*[\"»”’)\]'}]*$"
_TEASER = r"(?:\[…\]|المزيد)$"


def _signs(texts: pl.Series, tokens: pl.Series, have: _Tokens, place: Places, start: Ints) -> dict[str, Floats]:
    """Signs at the ends of lines: by code points where one or two of them say it, by patterns on the few other lines."""

    def ask(rows: Flags, pattern: str, length: int) -> Floats:
        """A pattern in the first or, below zero, the last so many code points of some lines."""
        hits, at = np.zeros(len(texts), np.float32), np.flatnonzero(rows)
        some = texts.gather(at)
        some = some.str.slice(0, length) if length > 0 else some.str.slice(length)
        hits[at] = some.str.contains(pattern).to_numpy()
        return hits

    first, second = have.heads[:, place[start]]
    flags = {name: table[first] for name, table in _FIRST.items()}
    flags["dash"] &= (second > 0) | (np.diff(start, append=len(place)) > 1)
    letters = _LETTER[first]
    waw = letters & ((first == ord("و")) | (first == ord("ف"))) & (second >= 0x620) & (second <= 0x64A)
    values = {
        "waw": waw + ask(~letters, _BEGINS_WAW, _HEAD_LENGTH),
        "number": ask(_DIGIT[first], _NUMBER, _HEAD_LENGTH),
    }
    needed = (
        tokens.str.contains(needed).to_numpy().astype(np.uint8) << bit
        for bit, (_, needed) in enumerate(_INSIDE.values())
    )
    has = np.bitwise_or.reduceat(np.bitwise_or.reduce(list(needed))[place], start)
    for bit, (name, (pattern, _)) in enumerate(_INSIDE.items()):
        values[name] = ask(has >> bit & 1 > 0, pattern, _HEAD_LENGTH)
    last, before = have.tails[:, place[np.append(start[1:], len(place)) - 1]]
    flags |= {name: table[last] for name, table in _LAST.items()}
    flags["quote_end"] = _QUOTES[last] | _AFTER_QUOTE[last] & _QUOTES[before]
    dots = (last == ord("…")) | ((last == ord(".")) & (before == ord(".")))
    more = (last == ord("]")) & (before == ord("…")) | ((last == ord("د")) & (before == ord("ي")))
    values["teaser"] = dots + ask(more, _TEASER, -_TAIL_LENGTH)
    values["final"] = (_STOPS[last] + ask(_CLOSERS[last], _FINAL, -_TAIL_LENGTH)) * (1 - values["teaser"])
    return values | {name: flag.astype(np.float32) for name, flag in flags.items()}


def _split(texts: pl.Series) -> tuple[pl.Series, Places, Ints]:
    """Lines -> the different strings between their spaces, the place of each string of the lines among these, and where
    each line's first one stands."""
    data, at = text_bytes(texts + " ")
    end = np.flatnonzero(data == ord(" ")) + 1
    coded = slices(data, np.append(0, end)).dictionary_encode()
    tokens = pl.Series(coded.dictionary).str.strip_suffix(" ")
    return tokens, coded.indices.to_numpy(), np.searchsorted(end, at[:-1], side="right")


def spread(first: Ints, rows: npt.NDArray[Any]) -> tuple[Places, Ints]:
    """Lists of things, and the list that each row has -> (the things of all rows in order, how many each row has)."""
    size = (first[1:] - first[:-1])[rows]
    skipped = (first[rows] - (np.cumsum(size) - size)).astype(np.int32)
    return np.arange(int(size.sum()), dtype=np.int32) + np.repeat(skipped, size), size


def look_at(texts: pl.Series, lexicon: Lexicon) -> Looks:
    """Distinct lines without white space at their ends, none of them empty -> Looks."""
    if texts.is_empty():
        return Looks({}, np.zeros(1, np.int64), np.zeros(0, np.int32), np.zeros(1, np.int64), np.zeros(0, np.int32))
    tokens, place, start = _split(texts)
    have = _look_at_tokens(tokens, lexicon)

    def total(of_token: npt.NDArray[Any]) -> npt.NDArray[Any]:
        return np.add.reduceat(of_token[place], start)

    owner = np.repeat(np.arange(len(tokens)), have.first[1:] - have.first[:-1])
    function = np.bincount(owner[have.function], minlength=len(tokens))
    values: dict[str, Floats] = {}
    for low, some, high, more in (
        ("size", have.size, "words", have.begins),
        ("arabic_letters", have.counts[ARABIC], "latin_letters", have.counts[LATIN]),
        ("digits", have.counts[DIGIT], "function", function),
        ("stops", have.counts[STOP], "comma", have.counts[COMMA]),
    ):
        both = total(some.astype(np.int64) | more.astype(np.int64) << 32)  # two sums at once, 32 bits each
        values[low], values[high] = (both & 0xFFFFFFFF).astype(np.float32), (both >> 32).astype(np.float32)
    values["size"] += np.diff(start, append=len(place)) - 1
    values["digits"] /= np.maximum(values["size"], 1)
    for name in ("prose", "headline"):
        weight = np.where(have.known >= 0, lexicon.weights[name][have.known], np.float32(0))
        values[name] = total(np.bincount(owner, weights=weight, minlength=len(tokens))).astype(np.float32)
    word, n_words = spread(have.first, place)
    n_words = np.add.reduceat(n_words, start)
    values["arabic_words"] = n_words.astype(np.float32)
    end_word = np.cumsum(n_words)
    some = np.flatnonzero(n_words)
    for name, at in (("opening", end_word - n_words), ("ending", end_word - 1)):
        known = have.known[word[at[some]]]
        values[name] = np.zeros(len(texts), np.float32)
        values[name][some] = np.where(known >= 0, lexicon.weights[name][known], np.float32(0))
    line = np.repeat(np.arange(len(texts)), n_words)
    terms = have.term[word]
    content = terms >= 0
    key = have.key[word]
    together = line[1:] == line[:-1]
    return Looks(
        values | _signs(texts, tokens, have, place, start),
        np.r_[0, np.cumsum(np.bincount(line[content], minlength=len(texts)))],
        terms[content],
        np.r_[0, np.cumsum(np.maximum(n_words - 1, 0))],
        _slots((key[:-1] * _ODD ^ key[1:])[together]),
    )
