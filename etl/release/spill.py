"""Tables larger than memory on their way to their shards: rows come in any order, and go out by outlet and id."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np
import polars as pl
import pyarrow as pa

from etl.arrays import expand
from etl.arrow import to_arrow, to_frame
from etl.release.hub_parquet import features_of, weigh
from schemas.columns import Table

_PREFIXES = 4096
"""Parts that shards are made of: three hex digits of the id; ids are hashes, so they spread evenly."""
_LIMIT = 64 * 2**20
"""Bytes of rows held in memory before they are written to disk."""
_MOST_RANGES = 256
"""Ranges of ids in a run: more would make it of batches so small that each costs more than its rows."""


class Rows(NamedTuple):
    """Some rows of a table; those of a document lie together and in order, the documents by id."""

    keys: pl.DataFrame
    """id, outlet, rows: one row a document, and how many rows of the table are its own."""
    table: pa.Table
    """All columns but `id`, of the types of the file, larger ones, or a dictionary of them."""

    def between(self, low: str, high: str) -> Rows:
        """Return those of the documents whose ids lie from `low` to before `high`."""
        first, end = (int(self.keys["id"].search_sorted(edge)) for edge in (low, high))
        mine = self.keys[first:end]
        return Rows(mine, self.table.slice(int(self.keys["rows"][:first].sum()), int(mine["rows"].sum())))


def pack_rows(frame: pl.DataFrame, keys: pl.DataFrame | None = None) -> Rows:
    """Frame, sorted as `Rows` are -> Rows; without `keys` each row is a document, and has its outlet."""
    keys = frame.select("id", "outlet", rows=pl.lit(1, pl.Int64)) if keys is None else keys
    return Rows(keys, to_arrow(frame.drop("id")))


def _merge(parts: Sequence[Rows], *by: str) -> Rows:
    """Rows -> all of them as one, their documents in the order of some of their keys."""
    keys = pl.concat([part.keys for part in parts])
    keys = keys.with_columns(_first=pl.col("rows").cum_sum() - pl.col("rows")).sort(*by, nulls_last=True)
    wanted = pa.array(expand(keys["_first"].to_numpy(), keys["rows"].to_numpy()))
    together = pa.concat_tables([part.table for part in parts])
    # One column after the other, else two whole tables were in memory; in one chunk: pages end with it.
    columns = [column.combine_chunks().take(wanted) for column in together.columns]
    return Rows(keys.drop("_first"), pa.Table.from_arrays(columns, names=together.column_names))


def _ranges(parts: int) -> list[tuple[str, str]]:
    """A power of two -> so many ranges of ids, each from the first to before the second."""
    edges = [f"{part * _PREFIXES // parts:03x}" for part in range(parts)]
    return list(pairwise([*edges, "g"]))  # Past every hex digit.


def _parts_of(size: int, most: int) -> int:
    """Number of parts of at most `most` bytes each that rows of so many bytes make: a power of two."""
    parts = 1
    while size > parts * most and parts < _PREFIXES:
        parts *= 2
    return parts


class _Run(NamedTuple):
    """Rows on disk, in Arrow's own format: in each file one batch for every range of ids that has any."""

    keys: Path
    table: Path
    ranges: list[tuple[str, str]]

    def read(self, low: str, high: str) -> Iterator[Rows]:
        """Read the rows of the documents whose ids lie from `low` to before `high`, and little else.

        They are read and not mapped: the pages of all runs would be in memory at once.
        """
        with pa.OSFile(str(self.keys)) as one, pa.OSFile(str(self.table)) as two:
            names, rows = pa.ipc.open_file(one), pa.ipc.open_file(two)
            for at, (begin, end) in enumerate(self.ranges):
                if begin < high and low < end:
                    yield Rows(to_frame(names.get_batch(at)), pa.Table.from_batches([rows.get_batch(at)])).between(
                        low, high
                    )


def _save(path: Path, batches: Sequence[pa.Table]) -> Path:
    with pa.OSFile(str(path), "wb") as file, pa.ipc.new_file(file, batches[0].schema) as writer:
        for batch in batches:
            writer.write_table(batch)
    return path


class Spill:
    """Tables of a release on their way to their shards, in memory and, past a limit, on disk."""

    def __init__(self, folder: Path, limit: int = _LIMIT, expected: int = 0) -> None:
        """Runs go to `folder`, which `close` removes; `expected` are about the bytes of the largest table."""
        self.folder = folder
        self.limit = limit
        self.ranges = _ranges(min(_parts_of(expected, limit), _MOST_RANGES))
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
        """Write what is held of a table to disk."""
        runs = self.runs.setdefault(table, [])
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / f"{table.replace('/', '-')}-{len(runs)}.arrow"
        held = _merge(self.held.pop(table), "id")
        self.bytes[table] = 0
        parts = {bounds: part for bounds in self.ranges if len((part := held.between(*bounds)).keys)}
        keys = [to_arrow(part.keys) for part in parts.values()]
        tables = [part.table for part in parts.values()]
        runs.append(_Run(_save(path.with_suffix(".keys"), keys), _save(path, tables), list(parts)))

    def move(self, table: str, other: str) -> None:
        """Add the rows of one table to those of another."""
        if table in self.rows:
            self.weights[other] = self.weights.pop(table) + self.weights.get(other, 0)
            self.rows[other] = self.rows.pop(table) + self.rows.get(other, 0)
            self.bytes[other] = self.bytes.pop(table) + self.bytes.get(other, 0)
            self.held.setdefault(other, []).extend(self.held.pop(table, []))
            self.runs.setdefault(other, []).extend(self.runs.pop(table, []))

    def count_shards(self, table: str, shard_bytes: int) -> int:
        """Table -> the number of shards of about so many bytes that its rows make, one at least."""
        return _parts_of(self.weights.get(table, 0), shard_bytes)

    def take(self, table: str, model: Table, shard_bytes: int) -> Iterator[tuple[int, int, pa.Table]]:
        """Table -> (shard, number of shards, its rows by outlet, id and their order); the number is a power of two.

        So a corpus that outgrows its shards splits each in two, and no row moves between the others.
        """
        shards = self.count_shards(table, shard_bytes)
        for shard, bounds in enumerate(_ranges(shards)):
            yield shard, shards, self._in_order(table, model, *bounds)

    def _in_order(self, table: str, model: Table, low: str, high: str) -> pa.Table:
        """Rows of the documents whose ids lie from `low` to before `high`, by outlet, id and their order."""
        schema = features_of(model).arrow_schema
        parts = [part for run in self.runs.get(table, []) for part in run.read(low, high)]
        parts += [part.between(low, high) for part in self.held.get(table, [])]
        if not any(len(part.keys) for part in parts):
            return schema.empty_table()
        keys, rows = _merge(parts, "outlet", "id")
        ids = keys["id"].gather(np.repeat(np.arange(len(keys)), keys["rows"].to_numpy()))
        rows = rows.append_column("id", to_arrow(ids))
        return pa.Table.from_arrays([rows[field.name].cast(field.type) for field in schema], schema=schema)

    def close(self) -> None:
        """Remove the runs."""
        shutil.rmtree(self.folder, ignore_errors=True)
