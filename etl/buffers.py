"""Columns of text as their bytes: what is asked of every character is asked of arrays."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import polars as pl
import pyarrow as pa

from etl.arrays import AnyInts, Bytes, Flags, Ints
from etl.arrow import to_arrow

CHUNK = 1 << 18
"""Bytes looked at in one go: they, and what is made of them, stay in a processor's cache."""


def text_bytes(text: pl.Series) -> tuple[Bytes, Ints]:
    """Column of text -> its UTF-8 bytes, row after row, and where each row begins, with the end."""
    arrow = to_arrow(text.fill_null("").rechunk())
    _, offsets, data = arrow.buffers()
    if len(text) == 0 or data is None:
        return np.zeros(0, dtype=np.uint8), np.zeros(len(text) + 1, dtype=np.int64)
    at = np.frombuffer(offsets, dtype=np.int64)[arrow.offset : arrow.offset + len(text) + 1]
    return np.frombuffer(data, dtype=np.uint8)[at[0] : at[-1]], at - at[0]


def slices(data: Bytes, bounds: Ints) -> pa.LargeStringArray:
    """UTF-8 bytes, and where each slice of them begins and the last ends -> the slices; nothing is copied."""
    return pa.LargeStringArray.from_buffers(len(bounds) - 1, pa.py_buffer(bounds), pa.py_buffer(data))


def pack_lists(values: pl.Series, counts: AnyInts, null: Flags | None = None) -> pl.Series:
    """Values, one list's after another's, and how many each list has -> the lists, null where said."""
    bounds = np.r_[0, np.cumsum(counts)]
    # Built of buffers: pa.array would import pandas, which takes a second.
    ends = pa.Array.from_buffers(pa.int64(), len(bounds), [None, pa.py_buffer(bounds)])
    mask = None if null is None else to_arrow(pl.Series(null))
    flat = values.rechunk().to_arrow(compat_level=pl.CompatLevel.newest())
    return pl.Series(pa.LargeListArray.from_arrays(ends, flat, mask=mask), dtype=pl.List(values.dtype))


def array_bytes(array: pa.LargeStringArray) -> Bytes:
    """Arrow's column of text -> its bytes, one row after the other."""
    _, starts, data = array.buffers()
    at = np.frombuffer(starts, np.int64)[array.offset : array.offset + len(array) + 1]
    whole = np.frombuffer(data, np.uint8) if data is not None else np.zeros(0, np.uint8)
    return whole[at[0] : at[-1]] if len(at) else whole[:0]


def byte_chunks(offsets: Ints, size: int = CHUNK) -> Iterator[tuple[int, int]]:
    """Offsets of rows -> runs of rows (first, end), each at least one and of about `size` bytes."""
    first = 0
    while first < len(offsets) - 1:
        end = int(np.searchsorted(offsets, offsets[first] + size, side="right")) - 1
        end = max(end, first + 1)
        yield first, end
        first = end


class Chunk(NamedTuple):
    """Bytes of some rows; where each row starts and ends in them; scratch memory, whose rows are longer than they."""

    data: Bytes
    starts: Ints
    ends: Ints
    room: Bytes


def each_chunk(text: pl.Series, rows: int, spare: int) -> Iterator[Chunk]:
    """Column of text -> its bytes, some rows at a time, one chunk at least; all have the same scratch memory, of so many rows,
    `spare` bytes longer than the longest chunk."""
    data, at = text_bytes(text)
    runs = list(byte_chunks(at)) or [(0, 0)]
    room = np.zeros((rows, max(int(at[end] - at[first]) for first, end in runs) + spare), dtype=np.uint8)
    for first, end in runs:
        yield Chunk(data[at[first] : at[end]], at[first:end] - at[first], at[first + 1 : end + 1] - at[first], room)


def sum_by_document(flags: Bytes, starts: Ints, ends: Ints) -> Ints:
    """Flags over the bytes of some documents (0 or 1) -> how many are set in each document."""
    counts = np.zeros(len(starts), dtype=np.int64)
    filled = ends > starts  # reduceat gives an empty document its neighbour's first flag
    if filled.any():
        wide = np.uint16 if (ends - starts).max() < 1 << 16 else np.int64  # the narrow sum is twice as fast
        counts[filled] = np.add.reduceat(flags, starts[filled], dtype=wide)
    return counts
