"""Tables, a page a row: Parquet, Arrow files and streams, Hugging Face datasets on disk or by name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from itertools import chain
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlsplit

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from etl.arrays import Flags
from etl.arrow import to_arrow
from etl.fold import WHITE
from etl.read.columns import TEXTS, Columns, as_text, as_words, look_up
from etl.read.files import File
from etl.read.found import BATCH_BYTES, BATCH_ROWS, SPACE, are_utf8, list_given, to_found
from etl.read.params import ReadParams
from etl.read.records import Found, missing_text, to_pages
from etl.read.row import FOUND, GIVEN, Fault, Page, ReadError
from etl.read.streams import HEAD, Opened

ROWS = 256
"""Rows decoded at a time: whole pages are long."""
_APART = {*TEXTS, "keywords"}
_MARKUP = f"^[{SPACE}]*<"
_TEXT = f"[^{SPACE}]"


class _Table(NamedTuple):
    """A table that is open: its columns, and what gives the rows of some of them."""

    schema: pa.Schema
    read: Callable[[list[str]], Iterable[pa.RecordBatch]]


def read_parquet(file: File, opened: Opened, params: ReadParams, columns: Columns) -> Iterator[Page | pa.Table]:
    """Parquet -> pages; `path` ends in the row, from 1."""

    @contextmanager
    def open_table() -> Iterator[_Table]:
        with pq.ParquetFile(opened.packed, buffer_size=HEAD) as table:
            # In one thread: another of Arrow's might let go of Python's file while Python is ending, which aborts the process.
            yield _Table(
                table.schema_arrow,
                lambda names: table.iter_batches(batch_size=ROWS, columns=names, use_threads=False),
            )

    return _rows(file.path, open_table, opened, params, columns)


def read_arrow_file(file: File, opened: Opened, params: ReadParams, columns: Columns) -> Iterator[Page | pa.Table]:
    """Arrow IPC file (Feather) -> pages; `path` ends in the row, from 1."""

    @contextmanager
    def open_table() -> Iterator[_Table]:
        with pa.ipc.open_file(opened.packed) as table:
            batches = map(table.get_batch, range(table.num_record_batches))
            yield _Table(table.schema, lambda names: (batch.select(names) for batch in batches))

    return _rows(file.path, open_table, opened, params, columns)


def read_arrow_stream(file: File, opened: Opened, params: ReadParams, columns: Columns) -> Iterator[Page | pa.Table]:
    """Arrow IPC stream -> pages; `path` ends in the row, from 1."""

    @contextmanager
    def open_table() -> Iterator[_Table]:
        with pa.ipc.open_stream(opened.bytes) as table:
            yield _Table(table.schema, lambda names: (batch.select(names) for batch in table))

    return _rows(file.path, open_table, opened, params, columns)


def read_dataset(file: File, params: ReadParams, columns: Columns) -> Iterator[Page | pa.Table]:
    """Hugging Face dataset saved to disk -> pages; `path` ends in the row, from 1."""
    from datasets import load_from_disk  # a second to import, and few sources need it

    @contextmanager
    def open_table() -> Iterator[_Table]:
        dataset = load_from_disk(file.where)

        def read(names: list[str]) -> Iterator[pa.RecordBatch]:
            for table in dataset.select_columns(names).with_format("arrow").iter(batch_size=ROWS):
                yield from table.to_batches()

        yield _Table(dataset.features.arrow_schema, read)

    return _rows(file.path, open_table, None, params, columns)


def read_hub(file: File, params: ReadParams, columns: Columns) -> Iterator[Page]:
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
        yield from to_pages(f"{name}/{split}", _hub_rows(f"{name}/{split}", splits[split]), params, columns)


def _hub_rows(path: str, rows: Iterable[Any]) -> Iterator[Found]:
    number = 0
    try:
        for number, row in enumerate(rows, 1):
            yield Found(number, dict(row))
    except (OSError, ValueError) as error:  # the rest of the stream is lost with it: no matter of one row
        raise ReadError(f"hf://{path}: broken off after row {number} ({error}); run it again") from error


def list_columns(schema: pa.Schema) -> dict[str, Any]:
    """Columns of a table -> their names, and what is inside of those that hold objects."""
    return {field.name: _inside(field.type) for field in schema}


def _inside(kind: pa.DataType) -> dict[str, Any] | None:
    return {field.name: _inside(field.type) for field in kind} if pa.types.is_struct(kind) else None


def _wanted(names: list[str], roles: dict[str, str]) -> list[str]:
    """Return the columns that hold something of a page; where none does the first, for its rows are counted."""
    used = {column if column in names else column.partition(".")[0] for column in roles.values()}
    return [name for name in names if name in used] or names[:1]


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
    path: str,
    open_table: Callable[[], AbstractContextManager[_Table]],
    opened: Opened | None,
    params: ReadParams,
    columns: Columns,
) -> Iterator[Page | pa.Table]:
    """Table -> FOUND, many rows in one; what ends it too early is the last page, and so is a table without text or rows."""
    with ExitStack() as stack:
        try:
            table = stack.enter_context(open_table())
        except _DAMAGED as error:
            fault = opened.fault if opened is not None else None
            yield Page(f"{path}#1", fault=fault or _unreadable(path, 1, error))
            return
        there = list_columns(table.schema)
        roles = columns.match(there)
        missing = missing_text(there, roles, columns)
        wanted = _wanted(table.schema.names, roles)
        twice = next((name for name in wanted if table.schema.names.count(name) > 1), None)
        if twice is not None:
            reason = f"{path}: it has several columns {twice!r}; leave one or name them apart"
            yield Page(f"{path}#1", fault=Fault("unreadable", reason))
            return
        none = True
        for page in _tables(path, table.read(wanted), opened, params, missing, columns):
            none = False
            yield page
        if none and missing:
            yield Page(f"{path}#1", fault=Fault("missing-column", f"{path}: {missing}"))


def _tables(
    path: str,
    batches: Iterable[pa.RecordBatch],
    opened: Opened | None,
    params: ReadParams,
    missing: str,
    columns: Columns,
) -> Iterator[Page | pa.Table]:
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
                yield find_rows(path, pa.Table.from_batches(held), done, params, columns, missing)
            except Fault as fault:
                part, rows = fault, 0
            held, done, rows, size = [], done + rows, 0, 0
        if isinstance(part, Fault):
            yield Page(f"{path}#{done + 1}", fault=part)
            return


def find_rows(
    path: str, table: pa.Table, before: int, params: ReadParams, columns: Columns, missing: str = ""
) -> pa.Table:
    """Table with columns of any names -> FOUND; `before` rows of its source came before it. May raise Fault.

    A row is looked at by itself only where its text does not plainly stand there: HTML, bytes, a list of paragraphs.
    `missing` says in words that no column of the source holds the text: then every row is rejected for it.
    """
    roles = columns.match(list_columns(table.schema))
    try:
        table = _plain_types(table)
        texts = {role: _read_column(table, column) for role, column in roles.items() if role not in _APART}
        words = [as_words(value) for value in _values(table, roles["keywords"])] if "keywords" in roles else []
        raw, plain = _plain_texts(table, roles, params, bool(missing))
        odd = np.flatnonzero(~plain)
        records = table.take(odd).to_pylist() if len(odd) else []
    except _DAMAGED as error:
        raise _unreadable(path, before + 1, error) from error
    count = len(table)
    paths = pl.select(path=pl.lit(f"{path}#") + pl.int_range(before + 1, before + count + 1).cast(pl.String))["path"]
    made: dict[str, Any] = {
        "path": paths,
        "raw": raw,
        "encoding": pl.repeat("utf-8", count, dtype=pl.String, eager=True),
        "given_keywords": pa.array(words or [[]] * count, FOUND.field("given_keywords").type),
        "given_captions": pa.array([[]] * count, FOUND.field("given_captions").type),
        "given_from": _list_sources(texts, words, roles, count),
        **{name: texts[name] for name in ("url", "outlet") if name in texts},
        **{f"given_{name}": texts[name] for name in GIVEN if name in texts},
    }
    if missing:
        made["verdict"] = pl.repeat("read/missing-column", count, dtype=pl.String, eager=True)
        made["reason"] = paths + f": {missing}"
    found = pa.table([_to_type(made.get(column.name), column.type, count) for column in FOUND], schema=FOUND)
    if not len(odd):
        return found
    numbered = (Found(before + 1 + row, record) for row, record in zip(odd.tolist(), records, strict=True))
    rest = to_found(list(to_pages(path, numbered, params, columns)), params)
    place = np.where(plain, np.cumsum(plain) - 1, plain.sum() + np.cumsum(~plain) - 1)
    return pa.concat_tables([found.filter(pa.array(plain)), rest]).take(place)


def _plain_types(table: pa.Table) -> pa.Table:
    """Table -> the same with texts and bytes as such, where they come as views or by number, which Arrow can hardly take rows of."""
    schema = pa.schema([field.with_type(_plain_type(field.type)) for field in table.schema])
    return table if schema.equals(table.schema) else table.cast(schema)


def _plain_type(kind: pa.DataType) -> pa.DataType:
    if pa.types.is_dictionary(kind):
        return _plain_type(kind.value_type)
    if pa.types.is_string_view(kind):
        return pa.large_string()
    if pa.types.is_binary_view(kind):
        return pa.large_binary()
    if pa.types.is_struct(kind):
        return pa.struct([field.with_type(_plain_type(field.type)) for field in kind])
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        item = kind.value_field.with_type(_plain_type(kind.value_type))
        return pa.list_(item) if pa.types.is_list(kind) else pa.large_list(item)
    return kind


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
    text = text.str.strip_chars(WHITE)
    return text.set(text == "", None)


def _plain_texts(
    table: pa.Table, roles: dict[str, str], params: ReadParams, missing: bool
) -> tuple[pa.ChunkedArray | pa.Array, Flags]:
    """The text of every row, and of which rows it is right: where a column of text holds it as it is, or none does."""
    column = roles.get("text", "")
    if missing or not _is_text(table, column):
        return pa.array([""] * len(table)), np.full(len(table), missing)
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
