"""Tables, a page a row: Parquet, Arrow files and streams, Hugging Face datasets on disk or by name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from etl.arrays import Flags
from etl.arrow import to_arrow
from etl.read.columns import TEXTS, as_text, as_words, look_up, match_columns
from etl.read.files import File
from etl.read.found import BATCH_BYTES, BATCH_ROWS, SPACE, are_utf8, list_given, to_found
from etl.read.params import ReadParams
from etl.read.records import Found, require_text, to_pages
from etl.read.row import FOUND, GIVEN, Fault, Page, ReadError
from etl.read.streams import HEAD, Opened

ROWS = 256
"""Rows decoded at a time: whole pages are long."""
_APART = {*TEXTS, "keywords"}
_SPACES = "".join(character for character in map(chr, range(0x3001)) if character.isspace())
_MARKUP = f"^[{SPACE}]*<"
_TEXT = f"[^{SPACE}]"


def read_parquet(file: File, opened: Opened, params: ReadParams) -> Iterator[Page | pa.Table]:
    """Parquet -> pages; `path` ends in the row, from 1."""

    def batches() -> Iterator[pa.RecordBatch]:
        with pq.ParquetFile(opened.packed, buffer_size=HEAD) as table:
            columns = _wanted(file.path, table.schema_arrow, params)
            yield from table.iter_batches(batch_size=ROWS, columns=columns)

    return _rows(file.path, batches(), opened, params)


def read_arrow_file(file: File, opened: Opened, params: ReadParams) -> Iterator[Page | pa.Table]:
    """Arrow IPC file (Feather) -> pages; `path` ends in the row, from 1."""

    def batches() -> Iterator[pa.RecordBatch]:
        with pa.ipc.open_file(opened.packed) as table:
            columns = _wanted(file.path, table.schema, params)
            for number in range(table.num_record_batches):
                yield table.get_batch(number).select(columns)

    return _rows(file.path, batches(), opened, params)


def read_arrow_stream(file: File, opened: Opened, params: ReadParams) -> Iterator[Page | pa.Table]:
    """Arrow IPC stream -> pages; `path` ends in the row, from 1."""

    def batches() -> Iterator[pa.RecordBatch]:
        with pa.ipc.open_stream(opened.bytes) as table:
            columns = _wanted(file.path, table.schema, params)
            for batch in table:
                yield batch.select(columns)

    return _rows(file.path, batches(), opened, params)


def read_dataset(file: File, params: ReadParams) -> Iterator[Page | pa.Table]:
    """Hugging Face dataset saved to disk -> pages; `path` ends in the row, from 1."""
    from datasets import load_from_disk  # a second to import, and few sources need it

    def batches() -> Iterator[pa.RecordBatch]:
        dataset = load_from_disk(file.where)
        columns = _wanted(file.path, dataset.features.arrow_schema, params)
        for table in dataset.select_columns(columns).with_format("arrow").iter(batch_size=ROWS):
            yield from table.to_batches()

    return _rows(file.path, batches(), None, params)


def read_hub(file: File, params: ReadParams) -> Iterator[Page]:
    """Dataset by name, `hf://owner/name?config=…&split=…&revision=…` -> pages, streamed, split by split."""
    from datasets import load_dataset

    parts = urlsplit(file.where)
    asked = dict(parse_qsl(parts.query))
    name, unknown = f"{parts.netloc}{parts.path}", asked.keys() - {"config", "split", "revision"}
    if unknown or name.count("/") > 1 or not name.strip("/"):
        raise ReadError(
            f"{file.where}: write hf://owner/name, with ?config=, split= or revision= where they are needed"
        )
    try:
        found = load_dataset(
            name,
            asked.get("config"),
            split=asked.get("split"),
            revision=asked.get("revision"),
            streaming=True,
        )
    except (OSError, ValueError) as error:
        raise ReadError(
            f"{file.where}: cannot be loaded ({error}); check the name, the network and your access to it"
        ) from error
    splits = found if isinstance(found, dict) else {asked["split"]: found}
    for split in sorted(splits):
        yield from to_pages(f"{name}/{split}", _hub_rows(f"{name}/{split}", splits[split]), params)


def _hub_rows(path: str, rows: Iterable[Any]) -> Iterator[Found]:
    number = 0
    try:
        for number, row in enumerate(rows, 1):
            yield Found(number, dict(row))
    except (OSError, ValueError) as error:  # the rest of the stream is lost with it: no matter of one row
        raise ReadError(f"hf://{path}: broken off after row {number} ({error}); run it again") from error


def _wanted(path: str, schema: pa.Schema, params: ReadParams) -> list[str]:
    """Return the columns that hold something of a page; raise Fault where none holds its text."""
    roles = match_columns(schema.names, params.columns)
    require_text(path, schema.names, roles)
    used = {column if column in schema.names else column.partition(".")[0] for column in roles.values()}
    return [name for name in schema.names if name in used]


_DAMAGED = (pa.ArrowException, LookupError, OSError, TypeError, ValueError)
"""What a damaged table raises when it is read."""


def _unreadable(path: str, number: int, error: BaseException) -> Fault:
    return Fault("unreadable", f"{path}: cannot be read from row {number} on ({error}); fetch or write it again")


def _check(part: pa.RecordBatch) -> None:
    """Raise ArrowInvalid where text is not UTF-8, which Parquet does not look at."""
    texts = [name for name in part.schema.names if _is_text(part, name)]
    binary = (part[name].cast(pa.large_binary()) for name in texts)
    sound = all(map(are_utf8, map(pl.Series, binary)))
    (part.drop_columns(texts) if sound else part).validate(full=True)


def _parts(path: str, batches: Iterable[pa.RecordBatch], opened: Opened | None) -> Iterator[pa.RecordBatch | Fault]:
    """Record batches -> the same, a few rows each, all text UTF-8; the last is what ended them too early."""
    number = 0
    try:
        for batch in batches:
            for start in range(0, batch.num_rows, ROWS):
                part = batch.slice(start, ROWS)
                _check(part)
                number += part.num_rows
                yield part
    except Fault as fault:
        yield fault
    except _DAMAGED as error:
        early = opened.fault if opened is not None else None
        yield early or _unreadable(path, number + 1, error)


def _rows(
    path: str, batches: Iterable[pa.RecordBatch], opened: Opened | None, params: ReadParams
) -> Iterator[Page | pa.Table]:
    """Record batches -> FOUND, many rows in a table; what ends them too early is the last page."""
    held: list[pa.RecordBatch] = []
    done = rows = size = 0
    for part in chain(_parts(path, batches, opened), [None]):
        if isinstance(part, pa.RecordBatch):
            held.append(part)
            rows, size = rows + part.num_rows, size + part.nbytes
            if rows < BATCH_ROWS and size < BATCH_BYTES:
                continue
        if held:
            try:
                yield find_rows(path, pa.Table.from_batches(held), done, params)
            except Fault as fault:
                part, rows = fault, 0
            held, done, rows, size = [], done + rows, 0, 0
        if isinstance(part, Fault):
            yield Page(f"{path}#{done + 1}", fault=part)
            return


def find_rows(path: str, table: pa.Table, before: int, params: ReadParams) -> pa.Table:
    """Table with columns of any names -> FOUND; `before` rows of its source came before it. May raise Fault.

    A row is looked at by itself only where its text does not plainly stand there: HTML, bytes, a list of paragraphs.
    """
    roles = match_columns(table.column_names, params.columns)
    try:
        texts = {role: _read_column(table, column) for role, column in roles.items() if role not in _APART}
        words = [as_words(value) for value in _values(table, roles["keywords"])] if "keywords" in roles else []
        raw, plain = _plain_texts(table, roles, params)
        odd = np.flatnonzero(~plain)
        records = table.take(odd).to_pylist() if len(odd) else []
    except _DAMAGED as error:
        raise _unreadable(path, before + 1, error) from error
    count = len(table)
    columns: dict[str, Any] = {
        "path": pl.select(path=pl.lit(f"{path}#") + pl.int_range(before + 1, before + count + 1).cast(pl.String))[
            "path"
        ],
        "raw": raw,
        "encoding": pl.repeat("utf-8", count, dtype=pl.String, eager=True),
        "given_keywords": pa.array(words or [[]] * count, FOUND.field("given_keywords").type),
        "given_from": _list_sources(texts, words, roles, count),
        **{name: texts[name] for name in ("url", "outlet") if name in texts},
        **{f"given_{name}": texts[name] for name in GIVEN if name in texts},
    }
    found = pa.table([_to_type(columns.get(column.name), column.type, count) for column in FOUND], schema=FOUND)
    if not len(odd):
        return found
    numbered = (Found(before + 1 + row, record) for row, record in zip(odd.tolist(), records, strict=True))
    rest = to_found(list(to_pages(path, numbered, params)), params)
    place = np.where(plain, np.cumsum(plain) - 1, plain.sum() + np.cumsum(~plain) - 1)
    return pa.concat_tables([found.filter(pa.array(plain)), rest]).take(place)


def _to_type(values: Any, kind: pa.DataType, count: int) -> pa.Array | pa.ChunkedArray:
    if values is None:
        return pa.nulls(count, kind)
    return (to_arrow(values) if isinstance(values, pl.Series) else values).cast(kind)


def _is_text(table: pa.Table | pa.RecordBatch, column: str) -> bool:
    if column not in table.schema.names:
        return False
    kind = table.schema.field(column).type
    return kind in (pa.string(), pa.large_string())


def _values(table: pa.Table, column: str) -> list[Any]:
    """Values of a column, inside objects where its name has dots."""
    base = column if column in table.column_names else column.partition(".")[0]
    return [look_up({base: value}, column) for value in table[base].to_pylist()]


def _read_column(table: pa.Table, column: str) -> pl.Series:
    """Values of a column as text without white space at its ends; null where they say nothing."""
    if _is_text(table, column):
        text = pl.Series(table[column], dtype=pl.String)
    else:
        text = pl.Series(list(map(as_text, _values(table, column))), dtype=pl.String)
    text = text.str.strip_chars(_SPACES)
    return text.set(text == "", None)


def _plain_texts(
    table: pa.Table, roles: dict[str, str], params: ReadParams
) -> tuple[pa.ChunkedArray | pa.Array, Flags]:
    """The text of every row, and of which rows it is right: where a column of text holds it as it is."""
    column = roles.get("text", "")
    if not _is_text(table, column):
        return pa.array([""] * len(table)), np.zeros(len(table), np.bool_)
    text = pl.Series(table[column], dtype=pl.String)
    said = text.str.contains(_TEXT).fill_null(False)
    odd = text.str.contains(_MARKUP) | (text.str.len_bytes() > params.max_page_bytes)
    if "html" in roles:
        odd |= ~said
    raw = table[column] if said.all() else to_arrow(text.set(~said, ""))
    return raw, ~odd.fill_null(False).to_numpy()


def _list_sources(texts: dict[str, pl.Series], words: list[list[str]], roles: dict[str, str], count: int) -> pa.Array:
    """Fields of rows -> the column `given_from`, made once for all rows that have the same fields."""
    given = {name: text.is_not_null().to_numpy() for name, text in texts.items()}
    if words:
        given["keywords"] = np.array(list(map(bool, words)))
    codes = np.zeros(count, np.int64)
    for bit, has in enumerate(given.values()):
        codes |= has.astype(np.int64) << bit
    kinds, kind = np.unique(codes, return_inverse=True)
    said = [
        {name: f"column:{roles[name]}" for bit, name in enumerate(given) if code >> bit & 1} for code in kinds.tolist()
    ]
    return list_given(said).take(pa.array(kind))
