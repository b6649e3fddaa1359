"""Between polars and Arrow: one memory, two libraries that look at it."""

from __future__ import annotations

import polars as pl
import pyarrow as pa


def to_arrow(values: pl.DataFrame | pl.Series) -> pa.Table | pa.Array:
    """Frame -> Arrow table, column -> Arrow array, text in one run of bytes with offsets of 64 bits: every reader knows it."""
    return values.to_arrow(compat_level=pl.CompatLevel.oldest())


def to_frame(table: pa.Table | pa.RecordBatch) -> pl.DataFrame:
    """Arrow table -> frame."""
    frame = pl.from_arrow(table)
    assert isinstance(frame, pl.DataFrame)
    return frame
