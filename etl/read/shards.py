"""Rows -> Parquet shards, cut by the bytes of their text so that the same rows always give the same files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType

import pyarrow as pa
import pyarrow.parquet as pq

from etl.read.params import ReadParams
from etl.read.row import RAW, Row, to_table
from etl.shards import hash_file, replacing

ROW_GROUP = 4096
"""Most rows of a row group: keeps a reader's memory flat."""
BATCH_CHARACTERS = 16_000_000
"""Code points of text held at once, however few the pages."""
_REPEATING = ["outlet", "encoding", "extractor", "verdict"]


def in_batches(rows: Iterable[Row], most: int) -> Iterator[list[Row]]:
    """Gather rows into lists of at most `most`, fewer where they are long."""
    held: list[Row] = []
    size = 0
    for row in rows:
        held.append(row)
        size += len(row.raw)
        if len(held) >= most or size >= BATCH_CHARACTERS:
            yield held
            held, size = [], 0
    if held:
        yield held


def open_writer(path: Path) -> pq.ParquetWriter:
    """Return the writer of a shard of RAW."""
    return pq.ParquetWriter(path, RAW, compression="zstd", use_dictionary=_REPEATING, write_page_index=True)


class RawShards:
    """Takes rows, writes `<stem>-000.parquet` …, each in its place when it is whole; `made` says size and sha256."""

    def __init__(self, out: Path, stem: str, params: ReadParams) -> None:
        """Write into `out`."""
        self.made: dict[str, dict[str, str | int]] = {}
        self._out, self._stem, self._params = out, stem, params
        self._held: list[Row] = []
        self._held_size = self._shard_size = 0
        self._writer: pq.ParquetWriter | None = None
        self._place: AbstractContextManager[Path] | None = None
        self._beside = Path()

    def __enter__(self) -> RawShards:
        """Return itself."""
        return self

    def add(self, row: Row) -> None:
        """Take one row."""
        size = len(row.raw.encode())
        if self._shard_size and self._shard_size + size > self._params.shard_bytes:
            self._end_shard()
        self._held.append(row)
        self._held_size += size
        self._shard_size += size
        if len(self._held) >= ROW_GROUP or self._held_size >= BATCH_CHARACTERS:
            self._write()

    def _name(self) -> str:
        return f"{self._stem}-{len(self.made):03d}.parquet"

    def _write(self) -> None:
        if self._writer is None:
            self._place = replacing(self._out / self._name())
            self._beside = self._place.__enter__()
            self._writer = open_writer(self._beside)
        if self._held:
            self._writer.write_table(to_table(self._held), row_group_size=ROW_GROUP)
        self._held, self._held_size = [], 0

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
                rows = old.read_row_group(number)
                column = ids.slice(start, rows.num_rows)
                writer.write_table(rows.set_column(0, RAW.field("id"), column), row_group_size=ROW_GROUP)
                start += rows.num_rows
        told: dict[str, str | int] = {"sha256": hash_file(beside), "bytes": beside.stat().st_size}
    return told
