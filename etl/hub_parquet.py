"""Parquet as the ecosystem reads it: the schema of `datasets.Features`, zstd, page index, stable chunks."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from schemas.columns import Table, polars_schema, text_columns

if TYPE_CHECKING:
    from datasets import Features

BUCKETS = 4096
"""Parts that shards are made of: three hex digits of the id; ids are hashes, so they spread evenly."""
_SPILL_BYTES = 64 * 2**20
"""Bytes of rows held in memory before they are written to disk."""
_ROW_BYTES = 64
"""What a row weighs besides its strings."""


class Rows(NamedTuple):
    """Some rows of a table; those of a document lie together and in order, the documents by id."""

    keys: pl.DataFrame
    """id, outlet, rows: one row a document, and how many rows of the table are its own."""
    table: pa.Table
    """All columns but `id`, of the types of the file, larger ones, or a dictionary of them."""


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


def pack_rows(frame: pl.DataFrame, keys: pl.DataFrame | None = None) -> Rows:
    """Frame, sorted as `Rows` are -> Rows; without `keys` each row is a document, and has its outlet."""
    keys = frame.select("id", "outlet", rows=pl.lit(1, pl.Int64)) if keys is None else keys
    return Rows(keys, frame.drop("id").to_arrow(compat_level=pl.CompatLevel.oldest()))


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


def _offsets(array: pa.StringArray | pa.LargeStringArray) -> npt.NDArray[Any]:
    kind = np.int64 if pa.types.is_large_string(array.type) else np.int32
    offsets = np.frombuffer(array.buffers()[1] or b"", kind)
    return offsets[array.offset : array.offset + len(array) + 1]


class _Run(NamedTuple):
    """Rows on disk."""

    keys: Path
    table: Path

    def read(self) -> Rows:
        """Map the rows into memory: only those that are used are read."""
        keys = pl.from_arrow(_map(self.keys))
        assert isinstance(keys, pl.DataFrame)
        return Rows(keys, _map(self.table))


def _map(path: Path) -> pa.Table:
    with pa.memory_map(str(path)) as file:
        return pa.ipc.open_file(file).read_all()


def _save(table: pa.Table, path: Path) -> Path:
    with pa.OSFile(str(path), "wb") as file, pa.ipc.new_file(file, table.schema) as writer:
        writer.write_table(table)
    return path


class Spill:
    """Tables of a release on their way to their shards, in memory and, past a limit, on disk."""

    def __init__(self, folder: Path, limit: int = _SPILL_BYTES) -> None:
        """Runs go to `folder`, which `close` removes."""
        self.folder = folder
        self.limit = limit
        self.held: dict[str, list[Rows]] = {}
        self.bytes: dict[str, int] = {}
        self.runs: dict[str, list[_Run]] = {}
        self.weights: dict[str, int] = {}
        self.rows: dict[str, int] = {}

    def add(self, table: str, rows: Rows) -> None:
        """Take some rows of a table."""
        told = pl.col("id").str.len_bytes() + pl.col("outlet").str.len_bytes().fill_null(0)
        size = weigh(rows.table) + int(rows.keys.select((told.cast(pl.Int64) * pl.col("rows")).sum()).item())
        self.weights[table] = self.weights.get(table, 0) + size
        self.rows[table] = self.rows.get(table, 0) + len(rows.table)
        self.held.setdefault(table, []).append(rows)
        self.bytes[table] = self.bytes.get(table, 0) + rows.table.nbytes
        if sum(self.bytes.values()) > self.limit:
            for name in [name for name, held in self.bytes.items() if held > self.limit // 16]:
                self._flush(name)

    def _flush(self, table: str) -> None:
        """Write what is held of a table to disk, in Arrow's own format."""
        runs = self.runs.setdefault(table, [])
        self.folder.mkdir(parents=True, exist_ok=True)
        for rows in self.held.pop(table):
            path = self.folder / f"{table.replace('/', '-')}-{len(runs)}.arrow"
            keys = rows.keys.to_arrow(compat_level=pl.CompatLevel.oldest())
            runs.append(_Run(_save(keys, path.with_suffix(".keys")), _save(rows.table, path)))
        self.bytes[table] = 0

    def move(self, table: str, other: str) -> None:
        """Add the rows of one table to those of another."""
        if table in self.rows:
            self.weights[other] = self.weights.pop(table) + self.weights.get(other, 0)
            self.rows[other] = self.rows.pop(table) + self.rows.get(other, 0)
            self.bytes[other] = self.bytes.pop(table) + self.bytes.get(other, 0)
            self.held.setdefault(other, []).extend(self.held.pop(table, []))
            self.runs.setdefault(other, []).extend(self.runs.pop(table, []))

    def take(self, table: str, model: Table, shard_bytes: int) -> Iterator[tuple[int, int, pa.Table]]:
        """Table -> (shard, number of shards, its rows by outlet, id and their order); the number is a power of two.

        So a corpus that outgrows its shards splits each in two, and no row moves between the others.
        """
        total = self.weights.get(table, 0)
        shards = 1
        while total > shards * shard_bytes and shards < BUCKETS:
            shards *= 2
        width = BUCKETS // shards
        for shard in range(shards):
            low = f"{shard * width:03x}"
            high = f"{(shard + 1) * width:03x}" if shard + 1 < shards else "g"  # Past every hex digit.
            yield shard, shards, self._in_order(table, model, low, high)

    def _in_order(self, table: str, model: Table, low: str, high: str) -> pa.Table:
        """Rows of the documents whose ids lie from `low` to before `high`, by outlet, id and their order."""
        schema = features_of(model).arrow_schema
        parts: list[pa.Table] = []
        keys: list[pl.DataFrame] = []
        before = 0
        for part in (*(run.read() for run in self.runs.get(table, [])), *self.held.get(table, [])):
            first, end = (int(part.keys["id"].search_sorted(name)) for name in (low, high))
            mine = part.keys[first:end]
            ahead = pl.col("rows").cum_sum() - pl.col("rows") + before
            keys.append(mine.with_columns(_first=ahead))
            start, count = int(part.keys["rows"][:first].sum()), int(mine["rows"].sum())
            parts.append(part.table.slice(start, count))
            before += count
        if not before:
            return schema.empty_table()
        found = pl.concat(keys).sort("outlet", "id", nulls_last=True)
        counts = found["rows"].to_numpy()
        doc = np.repeat(np.arange(len(found)), counts)
        rows = np.arange(before) + (found["_first"].to_numpy() - (np.cumsum(counts) - counts))[doc]
        wanted, together = pa.array(rows), pa.concat_tables(parts)
        columns = []
        for field in schema:
            if field.name == "id":
                column = found["id"].gather(doc).to_arrow(compat_level=pl.CompatLevel.oldest())
            else:  # One column after the other, else two whole tables were in memory; in one chunk: pages end with it.
                column = together[field.name].combine_chunks().take(wanted)
            columns.append(column.cast(field.type))
        return pa.Table.from_arrays(columns, schema=schema)

    def close(self) -> None:
        """Remove the runs."""
        shutil.rmtree(self.folder, ignore_errors=True)
