"""Names for the arrays that stand beside the frames: one for each type of number, two where it is used for two things. And what
many of them are made by: ranges laid end to end."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

AnyInts = npt.NDArray[np.integer[Any]]
Bytes = npt.NDArray[np.uint8]
Codes = npt.NDArray[np.uint32]
"""Code points of a text."""
Doubles = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float32]
Hashes = npt.NDArray[np.uint64]
Ints = npt.NDArray[np.int64]
Keys = npt.NDArray[np.uint64]
"""Numbers that stand for words, lines or ids, as few bytes do."""
Kinds = npt.NDArray[np.int8]
"""Which of a few kinds something is."""
Numbers = npt.NDArray[Any]
Places = npt.NDArray[np.int32]
"""Whole numbers of 32 bits: places in a table, sizes, counts."""
Shorts = npt.NDArray[np.uint16]
Slots = npt.NDArray[np.int32]
"""Slots of a table by hash."""
Uints = npt.NDArray[np.uint32]


def expand(first: AnyInts | int, count: AnyInts) -> Ints:
    """The first number of each range, and how many it has -> the numbers of all ranges, one range after the other.

    Ranges that all begin at 0 give the place of each thing within its own group.
    """
    places: Ints = np.repeat(first - (np.cumsum(count) - count), count) + np.arange(count.sum())
    return places
