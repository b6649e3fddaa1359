"""What a text says again: words, runs of words, lines and sentences that stood in it before."""

from __future__ import annotations

import numpy as np

from etl.arrays import Flags, Hashes, Ints, expand
from etl.words import FIRST, SECOND, Words, count_chars


def seen_before(keys: Hashes) -> Flags:
    """Keys -> which are equal to an earlier one.

    Their upper halves are sorted by themselves, which is quick; only what may repeat is then sorted as a whole.
    """
    half = (keys >> np.uint64(32)).astype(np.uint32)
    order = np.sort(half)
    twice = order[1:][order[1:] == order[:-1]]
    seen = np.zeros(len(keys), dtype=np.bool_)
    if len(twice):
        may = np.zeros(1 << 16, dtype=np.bool_)
        may[twice >> 16] = True
        some = np.flatnonzero(may[half >> 16])
        places = some[np.argsort(keys[some], kind="stable")]
        seen[places[1:][keys[places[1:]] == keys[places[:-1]]]] = True
    return seen


def span_keys(words: Words, size: int) -> Hashes:
    """Words -> a key for each run of `size` words by its first; equal for equal runs of one document.

    A run that reaches into the next document has a key of its own.
    """
    count = max(len(words.hash) - size + 1, 0)
    salts = np.arange(len(words.bounds) - 1, dtype=np.uint64) * SECOND
    salted = words.hash + np.repeat(salts, np.diff(words.bounds))
    total = np.zeros(count, dtype=np.uint64)
    factor = 1
    for step in range(size):
        factor = factor * int(FIRST) % (1 << 64)
        total += salted[step : step + count] * np.uint64(factor)
    return total


def find_repeats(words: Words, size: int) -> Ints:
    """Words -> the first words of runs of `size` words that were seen before in their document."""
    return np.flatnonzero(seen_before(span_keys(words, size)))


def repeated_chars(words: Words, again: Ints, size: int) -> Ints:
    """Words -> per document the characters of words in the runs of `size` words that begin at `again`."""
    covered = np.zeros(len(words.begin), dtype=np.bool_)
    for step in range(size):
        covered[again + step] = True
    at = np.flatnonzero(covered)
    chars = count_chars(words.data, words.begin[at], words.end[at])
    return np.bincount(words.document[at], weights=chars, minlength=len(words.bounds) - 1).astype(np.int64)


def find_repeated_lines(words: Words) -> Ints:
    """Words -> the lines, by number, that are equal to an earlier line of their document."""
    owner = words.document[words.line_first].astype(np.uint64)
    return np.flatnonzero(seen_before(_run_keys(words.hash, words.line_first) + owner * SECOND))


def _run_keys(hashes: Hashes, first: Ints) -> Hashes:
    """Hashes of words -> keys of runs of them that begin at the places `first`; equal for equal runs."""
    if len(first) == 0:
        return np.zeros(0, dtype=np.uint64)
    sizes = np.diff(np.append(first, len(hashes)))
    place = expand(0, sizes)
    weight = (place.astype(np.uint64) * FIRST) | np.uint64(1)
    return np.add.reduceat(hashes * weight, first)


def find_stutters(words: Words, again: Ints, size: int) -> Flags:
    """Words -> documents with a word three times in a row, or a sentence twice in one paragraph.

    Both are what a translation machine does when it is stuck. Short words and signs may repeat («لا لا
    لا»), and so may sentences of fewer than `size` words. `again`: the first words of runs of so many seen
    before; no other sentence can be a repeat.
    """
    count = len(words.begin)
    found = np.zeros(len(words.bounds) - 1, dtype=np.bool_)
    stop = words.closes.copy()
    stop[words.line_last] = True
    same = words.hash[1:] == words.hash[:-1]
    third = np.flatnonzero(same[1:] & same[:-1]) + 2
    third = third[(words.end[third] - words.begin[third] > 5) & ((words.data[words.begin[third]] & 0xFC) == 0xD8)]
    lines = words.line_first
    row = np.searchsorted(lines, third, side="right")
    found[words.document[third[row == np.searchsorted(lines, third - 2, side="right")]]] = True

    opens = np.append(True, stop[:-1])[:count]
    doubtful = np.zeros(len(found), dtype=np.bool_)
    doubtful[words.document[again[opens[again]]]] = True
    at = np.flatnonzero(doubtful[words.document])
    if len(at):
        first = np.flatnonzero(opens[at])
        keys = _run_keys(words.hash[at], first)
        keys += np.searchsorted(lines, at[first], side="right").astype(np.uint64) * SECOND
        long = np.diff(np.append(first, len(at))) >= size
        found[words.document[at[first[long][seen_before(keys[long])]]]] = True
    return found
