"""Between polars and Arrow: one memory, two libraries that look at it."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from itertools import pairwise
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq


def to_arrow(values: pl.DataFrame | pl.Series) -> pa.Table | pa.Array:
    """Frame -> Arrow table, column -> Arrow array, text in one run of bytes with offsets of 64 bits: every reader knows it."""
    return values.to_arrow(compat_level=pl.CompatLevel.oldest())


def to_frame(table: pa.Table | pa.RecordBatch) -> pl.DataFrame:
    """Arrow table -> frame."""
    frame = pl.from_arrow(table)
    assert isinstance(frame, pl.DataFrame)
    return frame


def read_columns(file: Path, columns: Sequence[str]) -> pa.Table:
    """Parquet file, here or at an address -> some of its columns.

    In this thread alone. `pyarrow.parquet.read_table` scans as a dataset does: a thread of Arrow may let go of a file of Python
    after the call has returned, and where Python ends at that moment the process aborts, with all its work done.
    """
    with file.open("rb") as opened, pq.ParquetFile(opened) as table:
        return table.read(columns=list(columns), use_threads=False).select(list(columns))


def hash_texts(texts: pa.ChunkedArray | pa.Array) -> pl.Series:
    """Column of text -> the sha256 of each as UTF-8, in hex; of none as of the empty text."""
    hashes: list[str] = []
    for array in getattr(texts, "chunks", [texts]):
        _, places, data = array.buffers()
        size = np.int64 if pa.types.is_large_string(array.type) else np.int32
        ends = np.frombuffer(places, size)[array.offset : array.offset + len(array) + 1].tolist()
        whole = memoryview(data or b"")
        hashes += [sha256(whole[start:end]).hexdigest() for start, end in pairwise(ends)]
    return pl.Series(hashes, dtype=pl.String)
