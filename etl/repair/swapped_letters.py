"""Letters swapped for letters: written in one one-byte codec and read in another; what swapping them back saves."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import numpy as np

from etl.arrays import Doubles, Flags, Ints, Uints
from etl.letters import price, to_text
from etl.repair.misread import HOLE, LINE, SWAP_WAYS, Finding, Priced, Saving, load_codec, read_byte
from etl.repair.suspicious import SPEAKS, flag_pairs

_BESIDE_ARABIC = 12.0  # the same for a part of a line whose other parts are sound Arabic letters


class Swaps(NamedTuple):
    """For each way, a row: what each code should have been; the codes both codecs have; those against the way.

    Against it: a byte that the right codec leaves undefined or to controls, a letter of such scripts that the
    wrong one does not have.
    """

    rules: tuple[str, ...]
    right: Uints
    known: Flags
    hole: Flags


@cache
def load_swaps(*rules: str) -> Swaps:
    """Rules -> their tables."""
    right = np.tile(np.arange(0x10000, dtype=np.uint32), (len(rules), 1))
    known, hole = np.zeros(right.shape, np.bool_), np.zeros(right.shape, np.bool_)
    known[:, :0x80] = True
    for row, rule in enumerate(rules):
        read_as, written_in = SWAP_WAYS[rule]
        for character, byte in load_codec(*read_as).byte.items():
            letter, code = read_byte(byte, written_in), ord(character)
            if letter is None or "\x80" <= letter < "\xa0":
                hole[row, code] = True
            else:
                right[row, code], known[row, code] = ord(letter), True
    hole |= SPEAKS & ~known
    return Swaps(rules, right, known, hole)


class Parts(NamedTuple):
    """Parts of lines that one of the ways can have changed: the way's row, where, and what that saves.

    `alone`: it is a whole line, or no other part of its line holds sound Arabic letters.
    """

    way: Ints
    start: Ints
    end: Ints
    bits: Doubles
    sure: Flags
    alone: Flags


def _cut_parts(page: Priced, swaps: Swaps) -> tuple[Parts, Uints]:
    """Text, ways -> the parts that each of them changes, and the text that each of them makes.

    The parts of a line between characters that the codec does not have are judged each for itself: a line may
    be damaged in part, and what is sound in it cannot be written in the codec it was misread as. All the ways
    are weighed in one go, as if the text stood there once for each, one copy a line after the other.
    """
    plain = np.append(np.minimum(page.codes, 0xFFFF), np.uint32(0x0A))  # beyond the basic plane no codec goes
    size, count = len(plain), len(swaps.rules)
    new = swaps.right.take(plain, axis=1, mode="clip")
    saved = np.append(page.bits, np.float32(0)) - price(new.ravel()).reshape(new.shape)
    can, feed = swaps.known.take(plain, axis=1, mode="clip").ravel(), plain == 0x0A
    feeds = np.tile(feed, count)
    starts = np.flatnonzero((can[1:] != can[:-1]) | feeds[1:] | feeds[:-1]) + 1
    starts = np.concatenate((np.zeros(1, np.int64), starts))
    changed = np.add.reduceat((new != plain).ravel(), starts, dtype=np.int64)
    touched = np.flatnonzero(changed)
    if not len(touched):
        none = np.zeros(0, np.int64)
        return Parts(none, none, none, none.astype(np.float64), none > 0, none > 0), new
    bits = np.add.reduceat(saved.ravel(), starts, dtype=np.float64)[touched]
    made = (new >= 0x621) & (new <= 0x652) & (new != plain)
    letters = np.add.reduceat(made.ravel(), starts, dtype=np.int64)[touched]
    way, start = np.divmod(starts[touched], size)
    end = np.append(starts, size * count)[touched + 1] - way * size
    # A part of a line that has sound Arabic letters elsewhere has to prove more.
    line = np.cumsum(feed) - feed
    arabic = np.bincount(line, weights=(plain >= 0x621) & (plain <= 0x6FF)) > 0
    alone = ~arabic[line[start]] | (np.append(True, feed)[start] & np.append(feed, True)[end])
    enough = bits >= np.where(alone, LINE, _BESIDE_ARABIC)
    pairs = np.append(0, np.cumsum(flag_pairs(plain)))
    sure = enough & (2 * letters > changed[touched]) & (pairs[end - 1] > pairs[start])
    return Parts(way, start, end, bits, sure, alone), new


def weigh_swaps(page: Priced) -> list[Finding]:
    """Text -> what speaks for each of the ways that swap letters, less what in the same lines speaks against it."""
    rules = tuple(SWAP_WAYS)
    swaps = load_swaps(*rules)
    parts, _ = _cut_parts(page, swaps)
    way, start, end = (part[parts.sure] for part in parts[:3])
    line = np.cumsum(page.codes == 0x0A)
    told = np.zeros((len(rules), int(line[-1]) + 1 if len(line) else 1), np.bool_)
    told[way, line[start]] = True
    against = swaps.hole.take(page.codes, axis=1, mode="clip") & told[:, line]
    bits = np.bincount(way, parts.bits[parts.sure], len(rules)) - HOLE * np.count_nonzero(against, axis=1)
    size = np.bincount(way, end - start, len(rules))
    return [Finding(float(bits[row]), rule, int(size[row])) for row, rule in enumerate(rules)]


def swap_letters(page: Priced, rule: str) -> list[Saving]:
    """Text, a way -> what it changes: parts that are evidence for it, and those with nothing sound beside."""
    parts, new = _cut_parts(page, load_swaps(rule))
    made = to_text(new[0])
    rows = zip(*(part[parts.sure | parts.alone].tolist() for part in parts[1:5]), strict=True)
    return [Saving(start, end, made[start:end], bits, sure) for start, end, bits, sure in rows]
