"""Parquet as the ecosystem reads it: the schema of `datasets.Features`, zstd, page index, stable chunks."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from etl.arrays import Numbers
from schemas.columns import Table, polars_schema, text_columns

if TYPE_CHECKING:
    from datasets import Features

_ROW_BYTES = 64
"""What a row weighs besides its strings."""


@cache
def features_of(model: Table) -> Features:
    """Model -> the Features that `datasets` shows for its table."""
    from datasets import Features

    return Features({name: _feature(dtype) for name, dtype in polars_schema(model).items()})


def _feature(dtype: Any) -> Any:
    from datasets import List, Value

    if isinstance(dtype, pl.List):
        return List(_feature(dtype.inner))
    if isinstance(dtype, pl.Struct):
        return {field.name: _feature(field.dtype) for field in dtype.fields}
    names = {
        pl.String: "string",
        pl.Boolean: "bool",
        pl.Date: "date32",
        pl.Int32: "int32",
        pl.Int64: "int64",
        pl.Float64: "float64",
    }
    return Value(names[type(dtype) if isinstance(dtype, pl.DataType) else dtype])


def write_shard(table: pa.Table, model: Table, path: Path, row_group_bytes: int) -> int:
    """Rows of a table -> one Parquet file; about how many bytes they take in memory."""
    # Counted on the rows: the size of an Arrow table depends on how it came together.
    size = weigh(table)
    rows = max(1, len(table) * row_group_bytes // max(size, 1))
    path.parent.mkdir(parents=True, exist_ok=True)
    with pq.ParquetWriter(
        path,
        features_of(model).arrow_schema,
        compression="zstd",
        write_page_index=True,
        use_dictionary=[name for name in table.column_names if name not in _distinct(model)],
        # A small change to the corpus then changes few chunks, and an upload sends only those.
        use_content_defined_chunking=True,
    ) as writer:
        # A row group without rows is one that `datasets` cannot open.
        if len(table):
            writer.write_table(table, row_group_size=rows)
    return size


def _distinct(model: Table) -> set[str]:
    """Columns whose values hardly repeat: a dictionary of them would be built in vain."""
    return {
        *text_columns(model),
        "id",
        "parent_id",
        "path",
        "url",
        "raw_sha256",
        "text_sha256",
        "source_sha256",
    }


def weigh(table: pa.Table) -> int:
    """Rows -> their bytes, the same however they are batched."""
    return len(table) * _ROW_BYTES + sum(_string_bytes(column) for column in table.columns)


def _string_bytes(column: pa.ChunkedArray) -> int:
    """Column -> bytes of its strings; none where it holds something else."""
    if pa.types.is_dictionary(column.type):
        return sum(
            int(pc.binary_length(chunk.dictionary).to_numpy()[chunk.indices.to_numpy()].sum())
            for chunk in column.chunks
        )
    if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
        return sum(int(offsets[-1] - offsets[0]) for offsets in map(_offsets, column.chunks) if len(offsets))
    return 0


def _offsets(array: pa.StringArray | pa.LargeStringArray) -> Numbers:
    kind = np.int64 if pa.types.is_large_string(array.type) else np.int32
    offsets = np.frombuffer(array.buffers()[1] or b"", kind)
    return offsets[array.offset : array.offset + len(array) + 1]
