"""Line -> numbers: what a line looks like by itself, whatever stands around it.

Everything is vectorised over many lines at once. The pages of a site share most of their lines, so each distinct line is
looked at once; lines share most of their words, so it is the distinct words whose characters are looked at (etl/zones/tokens.py).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from etl.arrays import Flags, Floats, Ints, Numbers, Places, Slots
from etl.buffers import slices, text_bytes
from etl.zones.lexicon import ARABIC, COMMA, DIGIT, LATIN, STOP, Lexicon
from etl.zones.tokens import ODD, Tokens, find_slots, look_at_tokens


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


def _signs(texts: pl.Series, tokens: pl.Series, have: Tokens, place: Places, start: Ints) -> dict[str, Floats]:
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


def spread(first: Ints, rows: Numbers) -> tuple[Places, Ints]:
    """Lists of things, and the list that each row has -> (the things of all rows in order, how many each row has)."""
    size = (first[1:] - first[:-1])[rows]
    skipped = (first[rows] - (np.cumsum(size) - size)).astype(np.int32)
    return np.arange(int(size.sum()), dtype=np.int32) + np.repeat(skipped, size), size


def look_at(texts: pl.Series, lexicon: Lexicon) -> Looks:
    """Distinct lines without white space at their ends, none of them empty -> Looks."""
    if texts.is_empty():
        return Looks({}, np.zeros(1, np.int64), np.zeros(0, np.int32), np.zeros(1, np.int64), np.zeros(0, np.int32))
    tokens, place, start = _split(texts)
    have = look_at_tokens(tokens, lexicon)

    def total(of_token: Numbers) -> Numbers:
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
        find_slots((key[:-1] * ODD ^ key[1:])[together]),
    )
