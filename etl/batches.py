"""A shard through a function, a batch of rows at a time, so that memory grows neither with the shard nor with its pages."""

from __future__ import annotations

import gc
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from etl.arrow import to_frame
from etl.shards import Summary
from etl.validate import InvalidTable

PAGE_BYTES = 16_000
"""Bytes of a page beyond which, on the average, fewer pages are held at once than `run.batch` says."""
ROW_GROUP = 4096
"""Rows a row group of the working shards: keeps a reader's memory flat."""


@contextmanager
def _collecting_later() -> Iterator[None]:
    """Let Python look for cycles of objects after a batch, not in the midst of one: its many small rows hold none."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


BatchWork = Callable[[pa.Table, str], pa.Table]
"""(rows of a shard, the shard's name for messages) -> rows of the next one."""


def _open(target: Path, schema: pa.Schema, unlike: Collection[str] = ()) -> pq.ParquetWriter:
    """Return the writer of a working shard; only of marks anybody asks for the least and the greatest value.

    In columns `unlike`, lists of numbers or not, hardly a value comes twice, and looking for the same ones is lost time.
    """
    leaves = [
        f"{field.name}.list.element" if pa.types.is_large_list(field.type) else field.name
        for field in schema
        if field.name not in unlike
    ]
    alike = leaves if unlike else True
    return pq.ParquetWriter(target, schema, compression="zstd", write_statistics=["mark"], use_dictionary=alike)


def cut_batch(part: pa.RecordBatch, most: int) -> Iterator[pa.RecordBatch]:
    """Rows of a shard -> the same in order, halved until no batch of several rows holds more than `most` bytes."""
    if part.num_rows < 2 or part.nbytes <= most:
        yield part
        return
    half = part.num_rows // 2
    yield from cut_batch(part.slice(0, half), most)
    yield from cut_batch(part.slice(half), most)


@contextmanager
def _opened(source: Path, needs: pl.Schema | list[str]) -> Iterator[pq.ParquetFile]:
    """Yield a shard that has these columns; an error names the file that is none."""
    what = f"{source.name}: is no shard of this build"
    cure = "remove it from there, or run the stage before this one again"
    try:
        file = pq.ParquetFile(source)
    except pa.ArrowInvalid as error:
        raise InvalidTable(f"{what}: {error}; {cure}") from error
    with file:
        found = file.schema_arrow
        if isinstance(needs, pl.Schema):
            try:
                to_frame(found.empty_table()).match_to_schema(needs)
            except pl.exceptions.SchemaError as error:
                told = str(error).replace(" in `match_to_schema`", "")
                raise InvalidTable(f"{what}: {told}; {cure}") from error
        elif missing := [name for name in needs if name not in found.names]:
            raise InvalidTable(f"{what}: missing columns: {', '.join(missing)}; {cure}")
        yield file


def stream_shard(
    source: Path,
    target: Path,
    work: BatchWork,
    batch: int,
    needs: pl.Schema | list[str],
    row_group: int = ROW_GROUP,
    unlike: Collection[str] = (),
) -> Summary:
    """Run `work` over a shard a batch at a time, so that memory grows neither with the shard nor with its pages."""
    writer: pq.ParquetWriter | None = None
    rows = pages = 0
    columns = None if isinstance(needs, pl.Schema) else needs
    with _opened(source, needs) as file:
        schema = file.schema_arrow
        batches = file.iter_batches(batch_size=batch, columns=columns)
        for part in chain.from_iterable(cut_batch(whole, batch * PAGE_BYTES) for whole in batches):
            with _collecting_later():
                result = work(pa.Table.from_batches([part]), source.name)
            writer = writer or _open(target, result.schema, unlike)
            writer.write_table(result, row_group_size=row_group)
            rows += result.num_rows
            pages += part.num_rows
            del result  # Not held while the next one is made.
        if writer is None:  # A shard without rows still has its columns.
            empty = schema.empty_table().select(columns) if columns else schema.empty_table()
            result = work(empty, source.name)
            writer = _open(target, result.schema, unlike)
            writer.write_table(result)
    writer.close()
    return {"pages": pages, "rows": rows}
