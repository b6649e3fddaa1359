"""The different strings between the spaces of lines: their characters by kind, their words, and what these are about."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from etl.arrays import Bytes, Flags, Ints, Keys, Places, Shorts, Slots
from etl.zones.lexicon import ARABIC, FUNCTION_KEYS, KINDS, LETTERS, MARK, SPACE, Lexicon, make_keys

_ALEF, _LAM, _WAW = (ord(c) - 0x600 for c in "الو")
_PREFIXES = np.zeros(0x100, dtype=bool)
_PREFIXES[[ord(c) - 0x600 for c in "وفبكل"]] = True
ODD = np.uint64(0x9E3779B97F4A7C15)
"""Number by which keys are multiplied where they are mixed."""
_LEAST_TERM = 3
"""Letters that a word needs, after its prefixes, to say what a text is about."""
SLOT_BITS = 13
"""Slots in which the words of a page are counted, as a power of two; two words in one slot are rare, and the same two on
every run."""


def find_slots(keys: Keys) -> Slots:
    """Keys -> the slot of each."""
    return ((keys * ODD) >> np.uint64(64 - SLOT_BITS)).astype(np.int32)


def _find_words(codes: Shorts, kinds: Bytes, token: Places) -> tuple[Ints, Ints]:
    """Characters of tokens that stand end to end -> where their Arabic words start and end."""
    letter = kinds == ARABIC
    edge = np.empty(len(codes) + 1, dtype=bool)
    edge[0] = edge[-1] = True
    edge[1:-1] = token[1:] != token[:-1]
    start = np.flatnonzero(letter & (edge[:-1] | ~np.r_[False, letter[:-1]]))
    end = np.flatnonzero(letter & (edge[1:] | ~np.r_[letter[1:], False])) + 1
    return start, end


def _content(letters: Bytes, start: Ints, size: Ints) -> tuple[Ints, Ints]:
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
class Tokens:
    """Distinct strings between spaces. `counts`: characters of each kind, by kind; `size`, `begins`: characters, and words
    parted by white space, marks left out; `heads`, `tails`: the code points of the first two and the last two characters,
    0 for none. `first[k]` is the place of token k's first Arabic word; of the words: `key`, `known`, the word's place in the
    lexicon or -1, `function`, whether it is a function word, and `term`, the slot of what it is about or -1."""

    counts: Places
    size: Places
    begins: Places
    heads: Shorts
    tails: Shorts
    first: Ints
    key: Keys
    known: Ints
    function: Flags
    term: Slots


def look_at_tokens(tokens: pl.Series, lexicon: Lexicon) -> Tokens:
    """Distinct strings between spaces -> what is asked of them."""
    count = len(tokens)
    wide = np.frombuffer("".join(tokens.to_list()).encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    codes = np.minimum(wide, 0xFFFF).astype(np.uint16)
    size = tokens.str.len_chars().cast(pl.Int64).to_numpy()
    padded = np.r_[codes, np.zeros(2, np.uint16)]
    at = np.cumsum(size) - size
    heads = np.stack([np.where(size > by, padded[at + by], 0) for by in (0, 1)])
    tails = np.stack([np.where(size >= by, padded[at + size - by], 0) for by in (1, 2)])
    token = np.repeat(np.arange(count, dtype=np.int32), size)
    kinds = KINDS[codes]
    solid = kinds != MARK
    if not solid.all():
        codes, kinds, token = codes[solid], kinds[solid], token[solid]
        size = np.bincount(token, minlength=count)
    letters = LETTERS[codes]
    blank = kinds == SPACE
    begins = ~blank
    begins[1:] &= blank[:-1] | (token[1:] != token[:-1])
    counts = np.bincount(token.astype(np.int64) * 8 + kinds, minlength=8 * count).reshape(count, 8)
    start, end = _find_words(codes, kinds, token)
    long = end - start
    key = make_keys(letters, start, long)
    found = np.minimum(np.searchsorted(lexicon.keys, key), len(lexicon.keys) - 1)
    place = np.minimum(np.searchsorted(FUNCTION_KEYS, key), len(FUNCTION_KEYS) - 1)
    function = FUNCTION_KEYS[place] == key
    begin, rest = _content(letters, start, long)
    term = np.where((rest >= _LEAST_TERM) & ~function, find_slots(make_keys(letters, begin, rest)), -1)
    return Tokens(
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
