"""Columns of text as bytes."""

from __future__ import annotations

import re
from hashlib import sha256
from itertools import pairwise
from pathlib import Path

import numpy as np
import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from etl.arrow import hash_texts, to_arrow
from etl.buffers import array_bytes, byte_chunks, each_chunk, pack_lists, slices, sum_by_document, text_bytes


@given(st.lists(st.none() | st.text(st.characters(codec="utf-8"))), st.integers(0, 3))
def test_the_bytes_are_those_of_the_rows_one_after_the_other(texts: list[str | None], skipped: int) -> None:
    """Of a slice of a column too; a missing text is an empty one."""
    data, at = text_bytes(pl.Series(texts, dtype=pl.String)[skipped:])
    rows = [bytes(data[low:high]) for low, high in pairwise(at)]
    assert rows == [(text or "").encode() for text in texts[skipped:]]
    assert len(data) == at[-1]


@given(st.lists(st.text(st.characters(codec="utf-8"))), st.integers(0, 3))
def test_slices_and_bytes_are_each_the_way_back_of_the_other(texts: list[str], skipped: int) -> None:
    """Also of a part of the slices."""
    data, at = text_bytes(pl.Series(texts, dtype=pl.String))
    parts = slices(data, at)
    assert parts.to_pylist() == texts
    assert bytes(array_bytes(parts[skipped:])) == "".join(texts[skipped:]).encode()


@given(st.lists(st.none() | st.lists(st.none() | st.text(st.characters(codec="utf-8")), max_size=3)))
def test_lists_are_packed_of_their_values(lists: list[list[str | None] | None]) -> None:
    """One after another, the empty ones and the missing among them."""
    values = pl.Series([value for one in lists for value in one or ()], dtype=pl.String)
    packed = pack_lists(
        values, np.array([len(one or ()) for one in lists], np.int32), np.array([one is None for one in lists], bool)
    )
    assert packed.dtype == pl.List(pl.String)
    assert packed.to_list() == lists
    assert pack_lists(values[:0], np.zeros(len(lists), np.int64)).to_list() == [[] for _ in lists]


@given(st.lists(st.integers(0, 9)), st.integers(1, 20))
def test_chunks_are_runs_of_rows_of_about_a_size(sizes: list[int], size: int) -> None:
    """Together they are all the rows in order; none is larger but one of a single row."""
    offsets = np.r_[0, np.cumsum(np.array(sizes, np.int64))]
    chunks = list(byte_chunks(offsets, size))
    assert [row for first, end in chunks for row in range(first, end)] == list(range(len(sizes)))
    assert all(end == first + 1 or offsets[end] - offsets[first] <= size for first, end in chunks)


@given(st.lists(st.text(st.characters(codec="utf-8"))))
def test_chunks_hold_the_bytes_of_their_rows(texts: list[str]) -> None:
    """Each row as it stands in the column; of a column without rows there is one chunk without any."""
    chunks = list(each_chunk(pl.Series(texts, dtype=pl.String), 2, 3))
    rows = [bytes(data[low:high]) for data, starts, ends, _ in chunks for low, high in zip(starts, ends, strict=True)]
    assert rows == [text.encode() for text in texts]
    assert len(chunks) >= 1 and all(chunk.room.shape >= (2, len(chunk.data) + 3) for chunk in chunks)


@given(st.lists(st.lists(st.booleans())))
def test_flags_are_summed_by_document(documents: list[list[bool]]) -> None:
    """A document without any has none, whatever its neighbours have."""
    ends = np.cumsum([len(flags) for flags in documents], dtype=np.int64)
    starts = np.r_[0, ends][: len(documents)]
    flags = np.array([flag for of_document in documents for flag in of_document], np.uint8)
    assert sum_by_document(flags, starts, ends).tolist() == [sum(of_document) for of_document in documents]


@given(st.lists(st.none() | st.text(st.characters(codec="utf-8"))), st.integers(0, 3))
def test_a_hash_is_that_of_the_row_alone(texts: list[str | None], skipped: int) -> None:
    """Of a slice and of a column in several runs too; a missing text is an empty one."""
    column = pl.Series(texts, dtype=pl.String)
    wanted = [sha256((text or "").encode()).hexdigest() for text in texts]
    assert hash_texts(to_arrow(column[skipped:])).to_list() == wanted[skipped:]
    assert hash_texts(to_arrow(pl.DataFrame({"text": column}))["text"]).to_list() == wanted


def test_an_array_has_one_name() -> None:
    """Types of arrays are named in etl/arrays.py alone, so that a name means one type wherever it stands."""
    files = sorted((Path(__file__).parents[1] / "etl").rglob("*.py"))
    naming = [file.name for file in files if re.search(r"^\w+ = npt\.NDArray", file.read_text("utf-8"), re.MULTILINE)]
    assert naming == ["arrays.py"]
