"""Columns of text as their bytes: what is asked of every character is asked of arrays."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import polars as pl

from etl.arrays import Bytes, Ints


def text_bytes(text: pl.Series) -> tuple[Bytes, Ints]:
    """Column of text -> its UTF-8 bytes, row after row, and where each row begins, with the end."""
    arrow = text.fill_null("").rechunk().to_arrow(compat_level=pl.CompatLevel.oldest())
    _, offsets, data = arrow.buffers()
    if len(text) == 0 or data is None:
        return np.zeros(0, dtype=np.uint8), np.zeros(len(text) + 1, dtype=np.int64)
    at = np.frombuffer(offsets, dtype=np.int64)[arrow.offset : arrow.offset + len(text) + 1]
    return np.frombuffer(data, dtype=np.uint8)[at[0] : at[-1]], at - at[0]


def byte_chunks(offsets: Ints, size: int = 1 << 18) -> Iterator[tuple[int, int]]:
    """Offsets of rows -> runs of rows (first, end), each at least one and of about `size` bytes.

    So many bytes, with what is counted over them, stay in a processor's cache.
    """
    first = 0
    while first < len(offsets) - 1:
        end = int(np.searchsorted(offsets, offsets[first] + size, side="right")) - 1
        end = max(end, first + 1)
        yield first, end
        first = end
