"""Texts -> the stems of their words: which words two texts share, whatever their spelling, article and prefixes.

A word is three letters or digits and more in a row of the folded text. Its stem is what is left without ال, with or without
one of the letters و ف ب ل ك before it, or without such a letter alone where three letters follow. Everything is vectorised
over many texts; a stem is a number of 64 bits that its letters make, so that two stems are one where their numbers are.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache, lru_cache
from typing import NamedTuple

import numpy as np
import polars as pl

from etl.arrays import Codes, Flags, Ints, Keys, expand
from etl.buffers import text_bytes
from etl.fold import TABLE, fold_texts

_REMOVED, _SEVERAL = 1, 2
"""What the table of letters says of a character that folding removes, and of one that it makes several of."""
_HIGHEST = 0x33000
"""Code point from which there are no letters."""
_LEAST = 3
"""Letters of a word."""
_PREFIXES = [ord(letter) for letter in "وفبلك"]
_IS_PREFIX = np.zeros(_HIGHEST + 1, bool)
_IS_PREFIX[_PREFIXES] = True
_ALEF, _LAM = ord("ا"), ord("ل")
_ODD = np.uint64(0x9E3779B97F4A7C15)
_BASE = 0xD1342543DE82EF95
_TAIL_BITS = 10
_AT_ONCE = 1024
"""Texts that are read together: what is made of them stays in the processor's cache."""


@cache
def _letters() -> Codes:
    """Code point -> its folded letter or digit, 0 for what is none, or one of the marks above; the last entry is 0."""
    table = np.zeros(_HIGHEST + 1, np.uint32)
    for code in range(_HIGHEST):
        if chr(code).isalnum():
            table[code] = code
    table[ord("_")] = ord("_")
    for character, folded in TABLE.items():
        made = [int(table[ord(part)]) for part in folded]
        table[ord(character)] = _SEVERAL if len(made) > 1 and any(made) else made[0] if made else _REMOVED
    return table


class Words(NamedTuple):
    """Runs of letters and digits in some texts: the number of the text of each, and where among the folded `letters` it starts and ends."""

    text: Ints
    start: Ints
    end: Ints
    letters: Codes

    def long(self) -> Flags:
        """Tell which are long enough to count."""
        return self.end - self.start >= _LEAST

    def take(self, which: Flags) -> Words:
        """Return some of the words."""
        return Words(self.text[which], self.start[which], self.end[which], self.letters)


def read_words(texts: pl.Series) -> Iterator[Words]:
    """Texts -> their runs of letters and digits in order, those of some texts at a time."""
    size = texts.str.len_chars().cast(pl.Int64).to_numpy() + 1
    for low in range(0, len(texts), _AT_ONCE):
        some = texts[low : low + _AT_ONCE]
        # A line feed after each, as a word never runs over a line's end.
        text = str(text_bytes(some + "\n")[0].data, "utf-8", "surrogatepass")
        letters = _letters().take(np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32), mode="clip")
        if (letters == _SEVERAL).any():  # ligatures: so rare that their texts are folded as a whole
            for words in read_words(fold_texts(some)):
                yield words._replace(text=words.text + low)
            continue
        first = np.cumsum(size[low : low + len(some)]) - size[low : low + len(some)]
        removed = np.flatnonzero(letters == _REMOVED)
        if len(removed):
            letters = np.delete(letters, removed)
            first = first - np.searchsorted(removed, first)
        inside = np.empty(len(letters) + 1, bool)
        inside[0] = False
        np.not_equal(letters, 0, out=inside[1:])
        edges = np.flatnonzero(inside[1:] != inside[:-1])
        start, end = edges[::2], edges[1::2]  # the last character is a line feed: every word ends
        count = np.diff(np.r_[np.searchsorted(start, first), len(start)])
        yield Words(np.repeat(np.arange(low, low + len(some)), count), start, end, letters)


@lru_cache(maxsize=4)
def _powers(bits: int) -> tuple[Keys, Keys]:
    """Powers of the base, and those of its inverse, 2 ** bits of each."""
    one = np.ones(1, np.uint64)
    up, down = (np.full(1 << bits, by, np.uint64) for by in (_BASE, pow(_BASE, -1, 1 << 64)))
    return np.multiply.accumulate(np.r_[one, up]), np.multiply.accumulate(np.r_[one, down])


def _keys(words: Words) -> Keys:
    """Words -> their stems: the sum of their letters, each times a power of the base, the first letter's the first."""
    letters, start = words.letters, words.start
    one, two, three = (letters[start + by] for by in range(_LEAST))
    prefixed = _IS_PREFIX[one]
    skip = np.where((one == _ALEF) & (two == _LAM), 2, prefixed & (words.end - start > _LEAST))
    start = start + np.where(prefixed & (two == _ALEF) & (three == _LAM), 3, skip)
    size = words.end - start
    stop = np.cumsum(size)
    at = expand(start, size)
    powers, inverse = _powers(len(at).bit_length())
    sums = np.zeros(len(at) + 1, np.uint64)
    np.cumsum(letters[at] * powers[: len(at)], out=sums[1:])
    keys: Keys = (sums[stop] - sums[stop - size]) * inverse[stop - size]
    return keys


def _tails(letters: Codes, end: Ints) -> Ints:
    """Last three letters of each word as a small number: words of one stem have one, except those without any stem left."""
    mixed = letters[end - 1] * np.uint32(0x9E3779B1) + letters[end - 2] * np.uint32(0x85EBCA77)
    mixed += letters[end - 3] * np.uint32(0xC2B2AE3D)
    return (mixed >> np.uint32(32 - _TAIL_BITS)).astype(np.int64)


class Stems(NamedTuple):
    """Distinct stems of some texts: text k has those from `first[k]` to `first[k + 1]`; `tails` are those of their words."""

    first: Ints
    keys: Keys
    tails: Ints

    def sizes(self) -> Ints:
        """Return the number of stems of each text."""
        return np.diff(self.first)


def read_stems(texts: pl.Series) -> Stems:
    """Texts -> their distinct stems."""
    none = (np.zeros(0, np.int64), np.zeros(0, np.uint64), np.zeros(0, np.int64))
    runs = (words.take(words.long()) for words in read_words(texts))
    parts = [(words.text, _keys(words), _tails(words.letters, words.end)) for words in runs]
    text, keys, tails = map(np.concatenate, zip(none, *parts, strict=True))
    fresh = pl.Series(on_page(keys, text)).is_first_distinct().to_numpy()
    count = np.bincount(text[fresh], minlength=len(texts))
    return Stems(np.r_[0, np.cumsum(count)], keys[fresh], tails[fresh])


def on_page(keys: Keys, page: Ints) -> Keys:
    """Numbers that stand for texts or stems, and the pages they are on -> one number for both."""
    return keys + page.astype(np.uint64) * _ODD


def count_shared(stems: Stems, line: Ints, page: Ints, texts: pl.Series, text_page: Ints) -> Ints:
    """Lines (place among `stems`, page) and texts (with the page of each) -> how many of a line's stems its page's texts have.

    Pages are numbered from 0, without gaps to speak of.
    """
    if not len(line) or texts.is_empty():
        return np.zeros(len(line), np.int64)
    size = stems.sizes()[line]
    row = np.repeat(np.arange(len(line)), size)
    at = expand(stems.first[line], size)
    keys, page_of = stems.keys[at], page[row]
    # Few words of a text end as one of its lines' words does: the others are not looked at.
    ends = np.zeros((int(max(page.max(), text_page.max())) + 1) << _TAIL_BITS, bool)
    ends[(page_of << _TAIL_BITS) + stems.tails[at]] = True
    bare = page_of[keys == 0]
    for prefix in _PREFIXES if len(bare) else ():
        ends[(bare << _TAIL_BITS) + _tails(np.array([prefix, _ALEF, _LAM], np.uint32), np.array([3]))] = True
    found = [np.zeros(0, np.uint64)]
    for words in read_words(texts):
        owner = text_page[words.text]
        near = words.long() & ends[(owner << _TAIL_BITS) + _tails(words.letters, words.end)]
        found.append(on_page(_keys(words.take(near)), owner[near]))
    hit = pl.Series(on_page(keys, page_of)).is_in(pl.Series(np.concatenate(found)).implode()).to_numpy()
    return np.bincount(row[hit], minlength=len(line))
