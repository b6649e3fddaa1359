"""Each different string once: pages of a site share most of their lines, so what asks a string asks each only once."""

from __future__ import annotations

import numpy as np
import polars as pl

from etl.arrays import Keys, Places

_SPARE = 4
"""Slots for each string: with fewer, more of them meet another one in theirs and have to be sorted."""


def distinct(texts: pl.Series) -> tuple[pl.Series, Places]:
    """Strings, none of them null -> the different ones in order of first appearance, and the place of each among them.

    Strings are told apart by a 64-bit hash.
    """
    keys = texts.hash().to_numpy()
    first = _first_of_each(keys)
    is_first = first == np.arange(len(first), dtype=np.int32)
    number = np.cumsum(is_first, dtype=np.int32) - 1
    return texts.gather(np.flatnonzero(is_first)), number[first]


def _first_of_each(keys: Keys) -> Places:
    """Keys -> where each stands first: a table of slots is quicker than a hash table or a sort, and those that meet another
    key in their slot, a few in a hundred, are sorted."""
    count = len(keys)
    bits = max(int(count * _SPARE).bit_length(), 4)
    slot = (keys >> np.uint64(64 - bits)).astype(np.int32)
    row = np.arange(count, dtype=np.int32)
    table = np.empty(1 << bits, dtype=np.int32)
    table[slot[::-1]] = row[::-1]  # of several rows the first is written last and stays
    first: Places = table[slot]
    met = np.flatnonzero(keys[first] != keys)
    if len(met):
        _, where, which = np.unique(keys[met], return_index=True, return_inverse=True)
        first[met] = met[where][which]
    return first
