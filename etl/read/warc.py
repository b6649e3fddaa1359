"""Web archives: WARC (pages as they were fetched) and WET (their text), as Common Crawl publishes them.

A page is a response of status 200 that holds HTML, a resource that does, or a conversion record; where no server says
what it holds, it is HTML if it begins so. Requests, pictures, redirects and error pages are no pages and leave no row.
`path` ends in the number of the record in its file, from 1, all kinds counted.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import BinaryIO

from fastwarc.warc import ArchiveIterator, WarcRecord, WarcRecordType

from etl.read.files import File
from etl.read.html import declared_charset, read_markup
from etl.read.kinds import begins_as_html
from etl.read.params import ReadParams
from etl.read.row import Fault, Page
from etl.read.streams import GZIP, HEAD, Opened, swollen, too_large
from etl.read.text import decode_page

_HTML = ("text/html", "application/xhtml+xml")
_MEMBER = GZIP + b"\x08"


def read_warc(file: File, opened: Opened, params: ReadParams) -> Iterator[Page]:
    """WARC or WET, plain, gzip or zstd -> pages; after a damaged record it goes on at the next whole one."""
    stream = opened.packed
    number = unpacked = start = 0
    while True:
        stream.seek(start)
        last, cut = start, False
        try:
            for record in ArchiveIterator(
                stream, record_types=WarcRecordType.any_type, parse_http=True, fsspec_args=False
            ):
                if "\n" in (record.headers.get("WARC-Type") or ""):
                    reason = f"{file.path}: its lines end in line feeds alone, as in no web archive; fetch it again"
                    yield Page(f"{file.path}#{number + 1}", fault=Fault("unreadable", reason))
                    return
                number += 1
                last = max(last, record.stream_pos)
                unpacked += record.content_length
                page = _read_record(record, f"{file.path}#{number}", params)
                cut = page is not None and page.fault is not None and page.fault.verdict == "read/truncated"
                if page is not None:
                    yield page
                packed = stream.tell()
                if opened.is_packed and unpacked > max(params.max_page_bytes, params.max_ratio * packed):
                    yield Page(f"{file.path}#{number + 1}", fault=swollen(file.path, unpacked, packed))
                    return
        except (OSError, ValueError) as error:
            reason = f"{file.path}: what follows record {number} is damaged ({error}); fetch the file again"
        else:
            if cut or not _has_torn_member(stream, last):
                return
            reason = f"{file.path}: the file ends inside the record after number {number}; fetch it again"
        number += 1
        yield Page(f"{file.path}#{number}", fault=Fault("truncated", reason))
        following = _next_record(stream, last + 1)
        if following is None:
            return
        start = following


def _read_record(record: WarcRecord, path: str, params: ReadParams) -> Page | None:
    """Record -> page, or None where it holds no page."""
    is_text = record.record_type == WarcRecordType.conversion
    kind, charset = _content(record)
    may_be_html = kind in _HTML or not kind
    if record.record_type == WarcRecordType.response:
        status = record.http_headers.status_code if record.http_headers is not None else None
        if status is not None and (status != 200 or not may_be_html):
            return None
    elif not is_text and (record.record_type != WarcRecordType.resource or not may_be_html):
        return None
    page = Page(path, url=(record.headers.get("WARC-Target-URI") or "").strip("<> ") or None)
    try:
        size = record.content_length
        data = record.reader.read(params.max_page_bytes + 1)
        if len(data) > params.max_page_bytes:
            raise too_large(path, size, params.max_page_bytes)
        if len(data) < size or (record.http_headers is None and not size):
            page.fault = Fault(
                "truncated",
                f"{path}: the record is cut short, {len(data):,} of {size:,} bytes",
                float(len(data)),
            )
        elif record.headers.get("WARC-Truncated"):
            page.fault = Fault("truncated", f"{path}: the crawler cut this page short", float(len(data)))
        if is_text:
            page.raw = decode_page(page, data, params, "utf-8")
        else:
            data, whole = _decode_body(data, record, path, params)
            if not whole:
                reason = f"{path}: the compressed page ends too early; fetch it again"
                page.fault = page.fault or Fault("truncated", reason, float(len(data)))
            if not kind and page.fault is None and not begins_as_html(data[:HEAD]):
                return None
            read_markup(page, decode_page(page, data, params, charset or declared_charset(data)), params)
    except Fault as fault:
        page.fault = page.fault or fault
    return page


def _content(record: WarcRecord) -> tuple[str, str | None]:
    """Return the media type of a record and the encoding that its server declared."""
    if record.http_headers is not None:
        return (record.http_content_type or "").lower(), record.http_charset
    return (record.headers.get("Content-Type") or "").partition(";")[0].strip().lower(), None


def _decode_body(data: bytes, record: WarcRecord, path: str, params: ReadParams) -> tuple[bytes, bool]:
    """Undo the chunks and compression of an HTTP body, and say whether it was whole.

    Archives often hold it undone under old headers.
    """
    headers = record.http_headers
    if headers is None:
        return data, True
    if "chunked" in (headers.get("Transfer-Encoding") or "").lower():
        data = _join_chunks(data)
    encoding = (headers.get("Content-Encoding") or "").lower().strip()
    if encoding in ("", "identity") or data.lstrip()[:1] == b"<":
        return data, True
    if encoding not in ("gzip", "x-gzip", "deflate"):
        raise Fault("unsupported", f"{path}: the page is compressed by {encoding!r}, which is not read here")
    bits = 47 if data.startswith(GZIP) or data[:1] == b"\x78" else -15
    unpacker = zlib.decompressobj(wbits=bits)
    try:
        plain = unpacker.decompress(data, params.max_page_bytes + 1)
    except zlib.error as error:
        raise Fault("unreadable", f"{path}: the page cannot be decompressed ({error})") from error
    if len(plain) > params.max_page_bytes:
        raise too_large(path, len(plain), params.max_page_bytes)
    return plain, unpacker.eof


def _join_chunks(data: bytes) -> bytes:
    """Undo HTTP's chunked transfer; what is not in chunks comes back as it is."""
    parts: list[bytes] = []
    at = 0
    while True:
        size, feed, _ = data[at : at + 20].partition(b"\r\n")
        try:
            length = int(size.partition(b";")[0], 16)
        except ValueError:
            return data if not parts else b"".join(parts)
        if not feed:
            return data
        at += len(size) + 2
        if length == 0:
            return b"".join(parts)
        parts.append(data[at : at + length])
        at += length + 2


def _inflate_member(stream: BinaryIO, start: int) -> tuple[bytes, bytes | None]:
    """Return the first bytes of the gzip member at `start` and what follows it (None: it is not whole)."""
    stream.seek(start)
    member, first = zlib.decompressobj(wbits=31), b""
    try:
        while data := stream.read(HEAD):
            while data and not member.eof:
                plain = member.decompress(data, HEAD)
                first = first or plain[:16]
                data = member.unconsumed_tail
            if member.eof:
                return first, member.unused_data or stream.read(4)
    except zlib.error:
        pass
    return first, None


def _has_torn_member(stream: BinaryIO, last: int) -> bool:
    """Whether a gzip file was cut: the member at `last` is not whole, or another begins after it."""
    stream.seek(last)
    if stream.read(len(_MEMBER)) != _MEMBER:
        return False
    rest = _inflate_member(stream, last)[1]
    return rest is None or (rest.startswith(GZIP[: len(rest)]) and rest != b"")


def _next_record(stream: BinaryIO, start: int) -> int | None:
    """Return where the next whole record begins, from `start` on: a gzip member, or a line `WARC/1`."""
    stream.seek(0)
    packed = stream.read(len(_MEMBER)) == _MEMBER
    mark = _MEMBER if packed else b"\nWARC/1."
    at, held = start, b""
    stream.seek(start)
    while chunk := stream.read(HEAD):
        held += chunk
        while (found := held.find(mark)) >= 0:
            place = at + found
            if not packed:
                return place + 1
            first, rest = _inflate_member(stream, place)
            if first.startswith(b"WARC/") and rest is not None:
                return place
            held, at = held[found + 1 :], place + 1
            stream.seek(at + len(held))
        held, at = held[-len(mark) + 1 :], at + max(len(held) - len(mark) + 1, 0)
    return None
