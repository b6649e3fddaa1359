"""Record files, a page a record: JSON lines, JSON arrays, CSV and TSV."""

from __future__ import annotations

import codecs
import csv
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, NamedTuple

from etl.read.columns import TEXTS, Columns, as_text, look_up
from etl.read.fields import take_fields
from etl.read.files import File
from etl.read.html import declared_charset, is_markup, read_markup
from etl.read.params import ReadParams
from etl.read.row import Fault, Page
from etl.read.sidecars import suffix_of
from etl.read.streams import HEAD, Opened, read_lines, too_large
from etl.read.text import decode_bytes, decode_page

_JSON = json.JSONDecoder(strict=False)
_BETWEEN = "\x1e, \t\r\n"  # what parts records in a sequence of JSON, or in an array cut into lines
_START = re.compile(rb"[^\s,\[\]]")
_SEPARATOR = re.compile(rb"(?:\xef\xbb\xbf)?\"?sep=([,\t;|])\"?\r?\n", re.IGNORECASE)
"""The first line by which a spreadsheet says what parts the cells."""
_QUOTED = re.compile(rb'"[^"]*"')
_BARE = re.compile(rb'(?:"(?:[^"\\\n]|\\.)*"|true|false|null|-?[0-9][0-9.eE+-]*)(?=\s*[,\]])')
"""A value of an array that is no object and no list."""
_OPEN = b"{["
_OUTSIDE = re.compile(rb"[\"{}\[\]]")
_INSIDE = re.compile(rb"[\"\\]")


class Found(NamedTuple):
    """A record and its line or number from 1, or why there is none."""

    number: int
    record: dict[str, Any] | None = None
    fault: Fault | None = None
    encoding: str = "utf-8"


def to_pages(path: str, found: Iterable[Found], params: ReadParams, columns: Columns) -> Iterator[Page]:
    """Records -> pages, one each; a record that cannot be read is a page with the reason."""
    for number, record, fault, encoding in found:
        page = Page(f"{path}#{number}", fault=fault)
        if record is not None:
            page.encoding = encoding
            try:
                _fill(page, record, params, columns)
            except Fault as wrong:
                page.fault = wrong
        yield page


def missing_text(names: Iterable[str], roles: Mapping[str, str], columns: Columns) -> str:
    """Return in words that no column holds a page's text, and what to do; nothing where one does."""
    if not TEXTS.isdisjoint(roles):
        return ""
    named = [name for role in sorted(TEXTS) for name in columns.named.get(role, ())]
    asked = f"{', '.join(map(repr, named))} and no other " if named else ""
    there = ", ".join(map(repr, list(names)[:20])) or "none"
    cure = "name it in the parameters: `read: {columns: {text: NAME}}`, or `html` for `text`"
    return f"no column {asked}that is known to hold the text; there are {there}; {cure}"


def _fill(page: Page, record: dict[str, Any], params: ReadParams, columns: Columns) -> None:
    roles = columns.match(record)
    take_fields(page, record, roles, "column")
    missing = missing_text(record, roles, columns)
    if missing:
        lists = [name for name, value in record.items() if _holds_objects(value)]
        more = f"; {lists[0]!r} holds a list of objects: write each as a record of its own" if lists else ""
        raise Fault("missing-column", f"{page.path}: {missing}{more}")
    for role in ("text", "html"):
        value = look_up(record, roles[role]) if role in roles else None
        declared = None
        if isinstance(value, bytes):
            if len(value) > params.max_page_bytes:
                raise too_large(page.path, len(value), params.max_page_bytes)
            declared = declared_charset(value) if role == "html" else None
            text: str | None = decode_page(page, value, params, declared)
        else:
            text = as_text(value)
        if text is None or not text.strip():
            continue
        if (size := len(text.encode("utf-8", "surrogatepass"))) > params.max_page_bytes:
            raise too_large(page.path, size, params.max_page_bytes)
        if role == "html" or is_markup(text):
            page.source_sha256 = page.source_sha256 or sha256(text.encode()).hexdigest()
            read_markup(page, text, params)
        else:
            page.raw = text
        return
    for role in ("text", "html"):
        value = look_up(record, roles[role]) if role in roles else None
        if isinstance(value, Mapping) and value:
            keys = ", ".join(map(repr, list(value)[:20]))
            reason = (
                f"{page.path}: {roles[role]!r} holds an object, not a text; name what of it is the text, such as "
                f"{f'{roles[role]}.{next(iter(value))}'!r}, in read.columns.text or read.columns.html; there are {keys}"
            )
            raise Fault("missing-column", reason)
        if _holds_objects(value):
            reason = f"{page.path}: {roles[role]!r} holds a list of objects, not a text; write what of them is the text as one"
            raise Fault("missing-column", reason)


def _holds_objects(value: Any) -> bool:
    return isinstance(value, list) and any(isinstance(part, Mapping) for part in value)


def read_jsonl(file: File, opened: Opened, params: ReadParams, columns: Columns) -> Iterator[Page]:
    """JSON lines -> pages; `path` ends in the line."""
    return to_pages(file.path, _json_lines(file.path, opened, params), params, columns)


def _json_lines(path: str, opened: Opened, params: ReadParams) -> Iterator[Found]:
    number = 0
    for number, data, size in read_lines(opened, params.max_page_bytes):
        where = f"{path}#{number}"
        if opened.fault is not None and not data.endswith(b"\n"):
            number -= 1
            break
        if size:
            yield Found(number, fault=too_large(where, size, params.max_page_bytes))
        elif data.strip():
            yield _load(number, data, where)
    if opened.fault is not None:
        yield Found(number + 1, fault=opened.fault)


def _load(number: int, data: bytes, where: str) -> Found:
    try:
        text, encoding = _decode(data, where)
        record = _JSON.decode(text.strip(_BETWEEN))
    except Fault as fault:
        return Found(number, fault=fault)
    except (ValueError, RecursionError) as error:
        reason = f"{where}: not valid JSON ({error}); correct or remove this record"
        return Found(number, fault=Fault("bad-record", reason))
    if not isinstance(record, dict):
        kind = "a list" if isinstance(record, list) else "a bare value"
        return Found(number, fault=Fault("bad-record", f"{where}: {kind} where an object with keys should be"))
    return Found(number, record, encoding=encoding)


def _decode(data: bytes, where: str) -> tuple[str, str]:
    """Return a line and its encoding: UTF-8, or whatever else it is in."""
    try:
        return data.removeprefix(codecs.BOM_UTF8).decode(), "utf-8"
    except UnicodeDecodeError:
        decoded = decode_bytes(data, where)
        return decoded.text, decoded.encoding


def read_json(file: File, opened: Opened, params: ReadParams, columns: Columns) -> Iterator[Page]:
    """JSON, an array of objects or objects in a row -> pages; `path` ends in an object's number."""
    return to_pages(file.path, _json_values(file.path, opened, params), params, columns)


def _json_values(path: str, opened: Opened, params: ReadParams) -> Iterator[Found]:
    """Split JSON into its objects by counting brackets outside strings: a bad object costs only itself."""
    limit, line, begun = params.max_page_bytes, 1, 1
    number = depth = size = 0
    in_string = escaped = stray = extended = False
    held = bytearray()
    while chunk := opened.bytes.read(HEAD):
        at = 0
        while at < len(chunk):
            if depth == 0:
                match = _START.search(chunk, at) if not stray else re.compile(rb"\{").search(chunk, at)
                stop = match.start() if match else len(chunk)
                line += chunk.count(b"\n", at, stop)
                at = stop
                if match is None:
                    continue
                if chunk[at] != _OPEN[0]:
                    bare = None if stray else _BARE.match(chunk, at)
                    if bare is None and not stray and not extended and len(chunk) - at < HEAD:
                        # The value may go on in the next block.
                        chunk, at, extended = chunk[at:] + opened.bytes.read(HEAD), 0, True
                        continue
                    extended = False
                    if bare is not None:
                        number, at = number + 1, bare.end()
                        reason = f"{path}#{number}: on line {line} a bare value where an object with keys should be"
                        yield Found(number, fault=Fault("bad-record", reason))
                        continue
                    if not (line == 1 and chunk[at:].startswith(b"\xef\xbb\xbf")):
                        number += 1
                        reason = (
                            f"{path}#{number}: on line {line} an object should begin; correct or remove this record"
                        )
                        yield Found(number, fault=Fault("bad-record", reason))
                    stray = True
                    continue
                stray, depth, size, begun = False, 1, 0, line
                number += 1
                held.clear()
                start, at = at, at + 1
            else:
                start = at
            while at < len(chunk) and depth:
                if escaped:
                    escaped, at = False, at + 1
                    continue
                match = (_INSIDE if in_string else _OUTSIDE).search(chunk, at)
                if match is None:
                    at = len(chunk)
                    break
                at = match.end()
                byte = chunk[at - 1]
                if in_string:
                    in_string, escaped = byte == 0x5C, byte == 0x5C
                elif byte == 0x22:
                    in_string = True
                else:
                    depth += 1 if byte in _OPEN else -1
            size += at - start
            line += chunk.count(b"\n", start, at)
            if size <= limit:
                held += chunk[start:at]
            if depth == 0:
                where = f"{path}#{number}"
                yield (
                    Found(number, fault=too_large(where, size, limit))
                    if size > limit
                    else _load(number, bytes(held), where)
                )
    if opened.fault is not None:
        yield Found(number if depth else number + 1, fault=opened.fault)
    elif depth:
        reason = (
            f"{path}#{number}: the file ends in the object that begins on line {begun}; a bracket or quote is missing"
        )
        yield Found(number, fault=Fault("bad-record", reason, float(size)))


def read_csv(file: File, opened: Opened, params: ReadParams, columns: Columns) -> Iterator[Page]:
    """CSV or TSV with a line of column names -> pages; `path` ends in the line a record begins in."""
    return to_pages(file.path, _csv_records(file.path, opened, params, columns), params, columns)


def _csv_records(path: str, opened: Opened, params: ReadParams, columns: Columns) -> Iterator[Found]:
    csv.field_size_limit(max(csv.field_size_limit(), params.max_page_bytes))
    seen = _Seen()
    lines = _csv_lines(path, opened, params, seen)
    reader = csv.reader(lines, delimiter=_delimiter(path, opened.head), strict=True)
    names: list[str] | None = None
    before, ended = 0, False
    nameless: Found | None = None
    twice = ""
    while not ended:
        before, seen.encoding = reader.line_num, "utf-8"
        fields: list[str] = []
        wrong: str | None = None
        try:
            fields = next(reader)
        except StopIteration:
            ended = True
        except csv.Error as error:
            wrong = f"not a record ({error})"
        yield from seen.faults
        seen.faults.clear()
        where = f"{path}#{before + 1}"
        if wrong is None and names is not None and fields:
            while len(fields) > len(names) and not fields[-1]:
                fields.pop()
            if len(fields) != len(names):
                wrong = f"{len(fields)} fields, but the first line names {len(names)}; look for a lost quote"
            elif twice:
                wrong = f"the first line names several columns {twice!r}; leave one or name them apart"
        if wrong is not None and opened.fault is not None:
            break
        if wrong is not None:
            nameless = None
            yield Found(before + 1, fault=Fault("bad-record", f"{where}: {wrong}"))
        elif not fields or (names is None and before == 0 and _SEPARATOR.match(opened.head)):
            continue
        elif names is None:
            names = [name.strip() for name in fields]
            roles = columns.match(dict.fromkeys(names))
            twice = next((name for name in roles.values() if names.count(name) > 1), "")
            missing = missing_text(names, roles, columns)
            if missing:
                nameless = Found(before + 1, fault=Fault("missing-column", f"{where}: {missing}"))
        else:
            nameless = None
            yield Found(before + 1, dict(zip(names, fields, strict=True)), encoding=seen.encoding)
    if opened.fault is not None:
        yield Found(before + 1, fault=opened.fault)
    elif nameless is not None:  # No record follows the names: it may be a page of one line, and no table.
        yield nameless


@dataclass
class _Seen:
    """What the lines of a CSV file tell beside their text: their faults, the encoding of those of a record."""

    faults: list[Found] = field(default_factory=list)
    encoding: str = "utf-8"


def _csv_lines(path: str, opened: Opened, params: ReadParams, seen: _Seen) -> Iterator[str]:
    """Yield the lines as text; an empty one for one that cannot be read, so that the count goes on."""
    for number, data, size in read_lines(opened, params.max_page_bytes):
        where = f"{path}#{number}"
        line = "\n"
        if opened.fault is not None and not data.endswith(b"\n"):
            return
        if size:
            seen.faults.append(Found(number, fault=too_large(where, size, params.max_page_bytes)))
        else:
            try:
                line, encoding = _decode(data, where)
                # What is not UTF-8 tells how the record was read; a line of plain ASCII tells nothing.
                seen.encoding = encoding if encoding != "utf-8" else seen.encoding
            except Fault as fault:
                seen.faults.append(Found(number, fault=fault))
        yield line


def _delimiter(path: str, head: bytes) -> str:
    """Return the separator that the file says it has, in its name too, or that its column names stand between."""
    said = _SEPARATOR.match(head)
    if said:
        return said[1].decode()
    first = _QUOTED.sub(b"", head.partition(b"\n")[0])
    if b"\t" in first and suffix_of(path) in (".tsv", ".tab"):
        return "\t"
    marks = [mark for mark in "\t|;," if mark.encode() in first]  # A comma may be part of a name, the others hardly.
    return max(marks, key=lambda mark: first.count(mark.encode()), default=",")
