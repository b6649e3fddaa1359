"""Between polars and Arrow: one memory, two libraries that look at it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

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
