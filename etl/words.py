"""The words of texts, found over the UTF-8 bytes of many documents at once.

A word is a run of characters between white space and control characters; a paragraph is a line that has words.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl

from etl.arrays import Bytes, Flags, Hashes, Ints, expand
from etl.buffers import each_chunk, sum_by_document

FIRST, SECOND, THIRD = (np.uint64(n) for n in (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0xD6E8FEB86659FD93))
"""Odd numbers that hashes and keys are made with."""


@dataclass(frozen=True)
class Words:
    """The words of some documents, in order: byte offsets, hashes, and what they belong to."""

    data: Bytes
    begin: Ints
    end: Ints
    hash: Hashes
    document: Ints
    bounds: Ints
    line_first: Ints
    closes: Flags
    space: Ints
    suspects: Flags

    @property
    def line_bounds(self) -> Ints:
        """Index of the first word of each line, and the number of words."""
        return np.append(self.line_first, len(self.begin))

    @property
    def line_last(self) -> Ints:
        """Index of the last word of each line."""
        return self.line_bounds[1:] - 1

    def per_document(self, flags: Flags) -> Ints:
        """Flags over words -> how many are set in each document."""
        return sum_by_document(flags.view(np.uint8), self.bounds[:-1], self.bounds[1:])


def find_words(text: pl.Series) -> Iterator[Words]:
    """Column of text -> its words, some documents at a time, to be used up before the next are asked for."""
    for chunk in each_chunk(text, 5, 8):
        yield _find_words(*chunk)


def _find_words(data: Bytes, starts: Ints, ends: Ints, room: Bytes) -> Words:
    """Bytes of some documents -> their words. `room` is scratch memory: five rows, each eight bytes longer than these."""
    size = len(data)
    padded = room[0, : size + 8]
    padded[:size] = data
    padded[size:] = 0
    here, after = padded[:size], padded[1 : size + 1]
    solid, test, edge = (row[: size + 1].view(np.bool_) for row in room[1:4])
    solid[size] = test[size] = False
    np.greater(here, 0x20, out=solid[:size])
    control = np.flatnonzero(np.less(here, 0x20, out=test[:size]))
    newline = control[here[control] == 0x0A]
    kind = here[control]
    odd = [control[(kind < 9) | (kind == 11) | (kind == 12) | (kind > 13)]]

    # Characters of other blocks: white space among them parts words, and some are signs of damage.
    np.greater_equal(here, 0xC2, out=test[:size])
    np.not_equal(np.bitwise_and(here, 0xFC, out=room[4, :size]), 0xD8, out=edge[:size])
    at = np.flatnonzero(np.logical_and(test[:size], edge[:size], out=test[:size]))
    lead, second, third = here[at], after[at], padded[2 : size + 2][at]
    narrow = (lead == 0xC2) & ((second == 0xA0) | (second == 0x85))
    wide = (lead == 0xE2) & (second == 0x80) & ((third <= 0x8A) | (third == 0xA8) | (third == 0xA9) | (third == 0xAF))
    wide |= (lead == 0xE2) & (second == 0x81) & (third == 0x9F)
    wide |= (lead == 0xE3) & (second == 0x80) & (third == 0x80)
    wide |= (lead == 0xE1) & (second == 0x9A) & (third == 0x80)
    for step, which in ((0, narrow | wide), (1, narrow | wide), (2, wide)):
        solid[at[which] + step] = False
    before = at >= 2
    tah = before & (here[at - 2] == 0xD8) & ((here[at - 1] == 0xB7) | (here[at - 1] == 0xB8))
    tah &= (lead != 0xC2) | ((second != 0xA0) & (second != 0xAB) & (second != 0xBB))
    plain = (lead == 0xC2) & (second >= 0xA0) | (lead == 0xE2) | (lead == 0xE1) | ((lead >= 0xE3) & (lead < 0xEE))
    odd.append(at[tah | ~plain])
    np.equal(here, ord("?"), out=test[:size])
    odd.append(np.flatnonzero(np.logical_and(test[:size], test[1 : size + 1], out=edge[:size])))

    space = (ends - starts) - sum_by_document(solid[:size].view(np.uint8), starts, ends)
    owner = np.searchsorted(starts, at[narrow | wide], side="right") - 1
    space -= np.bincount(owner, weights=1 + wide[narrow | wide], minlength=len(starts)).astype(np.int64)
    # A word begins or ends where white space and the rest meet, and at the borders of documents.
    np.not_equal(solid[1 : size + 1], solid[:size], out=edge[1 : size + 1])
    edge[0] = size > 0 and solid[0]
    cuts = np.flatnonzero(edge[: size + 1])
    inner = starts[(starts > 0) & (ends > starts)]
    glued = np.repeat(inner[solid[inner] & solid[inner - 1]], 2)
    cuts = np.insert(cuts, np.searchsorted(cuts, glued), glued)
    begin, end = cuts[0::2].copy(), cuts[1::2].copy()
    bounds = np.append(np.searchsorted(begin, starts), len(begin))
    document = np.repeat(np.arange(len(starts)), np.diff(bounds))

    first = np.zeros(len(begin) + 1, dtype=np.bool_)
    first[np.searchsorted(begin, newline)] = True
    first[bounds] = True
    suspects = np.zeros(len(starts), dtype=np.bool_)
    suspects[np.searchsorted(starts, np.concatenate(odd), side="right") - 1] = True
    return Words(
        data=padded,
        begin=begin,
        end=end,
        hash=hash_words(padded, begin, end),
        document=document,
        bounds=bounds,
        line_first=np.flatnonzero(first[:-1]),
        closes=closes_sentence(padded, begin, end),
        space=space,
        suspects=suspects,
    )


def hash_words(padded: Bytes, begin: Ints, end: Ints) -> Hashes:
    """Words, as byte offsets -> 64-bit hashes; of a word longer than 64 bytes its first 56 and last 8 count.

    Made of multiplications alone, so it is the same on every machine; nothing stores it.
    """
    eight = np.ndarray((len(padded) - 7,), dtype="<u8", buffer=padded, strides=(1,))
    masks = np.array([(1 << 8 * n) - 1 for n in range(9)], dtype=np.uint64)
    size = end - begin
    mask = masks[np.minimum(size, 8)]
    value = size.astype(np.uint64)
    value *= FIRST
    value ^= eight[begin] & mask
    value *= SECOND
    value ^= value >> np.uint64(32)
    value ^= eight[np.maximum(end - 8, begin)] & mask
    value *= THIRD
    value ^= value >> np.uint64(29)
    live = np.flatnonzero(size > 16)
    for block in range(8, 56, 8):  # what lies between the first and the last eight bytes
        live = live[size[live] > block + 8]
        if len(live) == 0:
            break
        mixed = (value[live] ^ eight[begin[live] + block]) * SECOND
        value[live] = mixed ^ (mixed >> np.uint64(31))
    return value


def closes_sentence(padded: Bytes, begin: Ints, end: Ints) -> Flags:
    """Words, as byte offsets -> which end a sentence: in . ؟ ! ? … or ۔, and then any closing quotes.

    A single letter and its dot is a title or an initial («د.»), not an end.
    """
    closes = np.zeros(len(begin), dtype=np.bool_)
    last = padded[end - 1]
    live = np.flatnonzero(_TAILS[last])
    first, stop = begin[live], end[live].copy()
    quoted: Ints = np.arange(len(live))
    for _ in range(4):
        at = stop[quoted]
        one, two, three = (padded[np.maximum(at - n, 0)] for n in (1, 2, 3))
        strip = _CLOSERS[one].astype(np.int64)
        strip += 2 * ((two == 0xC2) & ((one == 0xBB) | (one == 0xAB)))
        strip += 3 * ((three == 0xE2) & (two == 0x80) & ((one == 0x9C) | (one == 0x9D) | (one == 0x99) | (one == 0xBA)))
        some = np.flatnonzero(strip)
        if not len(some):
            break
        quoted = quoted[some]
        stop[quoted] = np.maximum(at[some] - strip[some], first[quoted])
    one, two, three = (padded[np.maximum(stop - n, 0)] for n in (1, 2, 3))
    dot = one == ord(".")
    dot &= ~((stop - first == 3) & ((padded[first] & 0xFC) == 0xD8))
    mark = dot | (one == ord("!")) | (one == ord("?"))
    mark |= ((two == 0xD8) & (one == 0x9F)) | ((two == 0xDB) & (one == 0x94))
    mark |= (three == 0xE2) & (two == 0x80) & (one == 0xA6)
    closes[live] = mark & (stop > first)
    return closes


def byte_set(bytes_: bytes) -> Flags:
    """Some bytes -> for each byte whether it is one of them."""
    table = np.zeros(256, dtype=np.bool_)
    table[list(bytes_)] = True
    return table


_CLOSERS = byte_set(b")]}\"'")
_TAILS = byte_set(b")]}\"'.!?\xbb\xab\x9c\x9d\x99\xba\x9f\x94\xa6")


def count_chars(data: Bytes, begin: Ints, end: Ints) -> Ints:
    """Spans of bytes, none of them empty -> their lengths in code points."""
    size = end - begin
    first = np.cumsum(size) - size
    heads = (data[expand(begin, size)] & 0xC0) != 0x80
    return np.add.reduceat(heads, first, dtype=np.int64) if len(size) else np.zeros(0, dtype=np.int64)
