"""Columns of text as bytes."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from etl.buffers import byte_chunks, text_bytes


@given(st.lists(st.none() | st.text(st.characters(codec="utf-8"))), st.integers(0, 3))
def test_the_bytes_are_those_of_the_rows_one_after_the_other(texts: list[str | None], skipped: int) -> None:
    """Of a slice of a column too; a missing text is an empty one."""
    data, at = text_bytes(pl.Series(texts, dtype=pl.String)[skipped:])
    rows = [bytes(data[low:high]) for low, high in pairwise(at)]
    assert rows == [(text or "").encode() for text in texts[skipped:]]
    assert len(data) == at[-1]


@given(st.lists(st.integers(0, 9)), st.integers(1, 20))
def test_chunks_are_runs_of_rows_of_about_a_size(sizes: list[int], size: int) -> None:
    """Together they are all the rows in order; none is larger but one of a single row."""
    offsets = np.r_[0, np.cumsum(np.array(sizes, np.int64))]
    chunks = list(byte_chunks(offsets, size))
    assert [row for first, end in chunks for row in range(first, end)] == list(range(len(sizes)))
    assert all(end == first + 1 or offsets[end] - offsets[first] <= size for first, end in chunks)
