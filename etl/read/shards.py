"""Rows -> Parquet shards, cut by the bytes of their text so that the same rows always give the same files."""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from etl.read.found import BATCH_BYTES
from etl.read.params import ReadParams
from etl.read.row import RAW
from etl.shards import hash_file, replacing

ROW_GROUP = 4096
"""Most rows of a row group: keeps a reader's memory flat."""
_REPEATING = [
    *("outlet", "encoding", "extractor", "given_outlet", "verdict"),
    *("given_from.list.element.field", "given_from.list.element.source"),
]


def open_writer(path: Path) -> pq.ParquetWriter:
    """Return the writer of a shard of RAW."""
    return pq.ParquetWriter(path, RAW, compression="zstd", use_dictionary=_REPEATING, write_page_index=True)


class RawShards:
    """Takes tables of RAW, writes `<stem>-000.parquet` …, each in its place when it is whole; `made` says size and sha256."""

    def __init__(self, out: Path, stem: str, params: ReadParams) -> None:
        """Write into `out`."""
        self.made: dict[str, dict[str, str | int]] = {}
        self._out, self._stem, self._params = out, stem, params
        self._held: list[pa.Table] = []
        self._held_rows = self._held_size = self._shard_size = 0
        self._writer: pq.ParquetWriter | None = None
        self._place: AbstractContextManager[Path] | None = None
        self._beside = Path()

    def __enter__(self) -> RawShards:
        """Return itself."""
        return self

    def add(self, table: pa.Table) -> None:
        """Take rows of RAW; where shards and row groups end depends on the rows alone, not on how they come."""
        # A row without a text says why: where none has one, the reasons are what fills a shard.
        reasons = pc.fill_null(pc.binary_length(table["reason"]), 0)
        sizes = pc.add(pc.binary_length(table["raw"]), reasons).to_numpy().astype(np.int64)
        at = 0
        while at < len(table):
            ends = np.cumsum(sizes[at:])
            # A shard takes what fits, but at least one text; a row group is full with the row that fills it.
            fitting = int(np.searchsorted(ends, self._params.shard_bytes - self._shard_size, side="right"))
            if not self._shard_size:
                fitting = max(fitting, int(np.searchsorted(ends, 0, side="right")) + 1)
            filling = int(np.searchsorted(ends, BATCH_BYTES - self._held_size)) + 1
            count = min(fitting, filling, ROW_GROUP - self._held_rows, len(ends))
            if not count:
                self._end_shard()
                continue
            self._held.append(table.slice(at, count))
            self._held_rows += count
            self._held_size += int(ends[count - 1])
            self._shard_size += int(ends[count - 1])
            at += count
            if self._held_rows >= ROW_GROUP or self._held_size >= BATCH_BYTES:
                self._write()

    def _name(self) -> str:
        return f"{self._stem}-{len(self.made):03d}.parquet"

    def _write(self) -> None:
        if self._writer is None:
            self._place = replacing(self._out / self._name())
            self._beside = self._place.__enter__()
            self._writer = open_writer(self._beside)
        if self._held:
            self._writer.write_table(pa.concat_tables(self._held), row_group_size=ROW_GROUP)
        self._held, self._held_rows, self._held_size = [], 0, 0

    def _end_shard(self) -> None:
        self._write()
        assert self._writer is not None and self._place is not None
        self._writer.close()
        told: dict[str, str | int] = {"sha256": hash_file(self._beside), "bytes": self._beside.stat().st_size}
        place, self._writer, self._place = self._place, None, None
        place.__exit__(None, None, None)
        self.made[self._name()] = told
        self._shard_size = 0

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the last shard; there is one even without rows. After an error nothing is left of it."""
        if kind is None and (self._held or self._writer is not None or not self.made):
            self._end_shard()
        elif self._place is not None:
            if self._writer is not None:
                self._writer.close()
            self._place.__exit__(kind, error, trace)


def give_ids(shard: Path, ids: pa.Array) -> dict[str, str | int]:
    """Write a shard anew with other ids; return its size and sha256."""
    with replacing(shard) as beside:
        with shard.open("rb") as file, pq.ParquetFile(file) as old, open_writer(beside) as writer:
            start = 0
            for number in range(old.num_row_groups):
                rows = old.read_row_group(number, use_threads=False)
                column = ids.slice(start, rows.num_rows)
                writer.write_table(rows.set_column(0, RAW.field("id"), column), row_group_size=ROW_GROUP)
                start += rows.num_rows
        told: dict[str, str | int] = {"sha256": hash_file(beside), "bytes": beside.stat().st_size}
    return told
