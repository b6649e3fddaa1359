"""What a file holds, told by its first bytes, and by its name where the bytes leave it open."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from tarfile import HeaderError, TarInfo
from typing import Literal

from etl.decode import tell_binary
from etl.read.columns import TEXTS, Columns
from etl.read.params import Role
from etl.read.row import Fault
from etl.read.sidecars import suffix_of

Kind = Literal[
    "text", "html", "mhtml", "warc", "jsonl", "json", "csv", "parquet", "arrow-file", "arrow-stream", "tar", "zip"
]

_HTML = re.compile(
    rb"\s*(?:<\?xml[^>]*>\s*)?(?:<!--(?:[^-]|-(?!->))*-->\s*)*<(?:!doctype\s+html|html|head|body)\b",
    re.IGNORECASE,
)
# The head of an e-mail, and of a page that a browser saved as one file.
_MAIL = re.compile(rb"(?:[A-Za-z-]+:[^\n]*\n(?:[ \t][^\n]*\n)*){0,40}MIME-Version:", re.IGNORECASE)
_PAGE_IN_MAIL = re.compile(rb"^Content-Type:\s*(?:multipart/related|text/html)\b", re.IGNORECASE | re.MULTILINE)
_XML = re.compile(rb"\s*<\?xml\b", re.IGNORECASE)
_SUFFIXES: dict[str, Kind] = {
    ".html": "html", ".htm": "html", ".xhtml": "html", ".shtml": "html",
    ".jsonl": "jsonl", ".ndjson": "jsonl", ".jsonlines": "jsonl", ".json": "json",
    ".csv": "csv", ".tsv": "csv", ".tab": "csv",
}  # fmt: skip
_STARTS: dict[bytes, Kind] = {
    b"PAR1": "parquet", b"ARROW1\0\0": "arrow-file", b"WARC/": "warc", b"PK\x03\x04": "zip", b"PK\x05\x06": "zip",
}  # fmt: skip
ONE_PAGE: frozenset[Kind] = frozenset({"text", "html"})
"""Kinds of files that are one page, held whole."""
_TAR, _HEADER = slice(257, 262), 512
"""Where a tar file says `ustar`, after the header of its first member, and the bytes of that; the oldest have no such word."""


def tell_kind(name: str, head: bytes, asked: Mapping[Role, tuple[str, ...]] | None = None) -> Kind:
    """Name + first bytes (decompressed) -> what the file holds; raise Fault where nothing here reads it.

    `asked` are the columns of a record that a person named (`read.columns`).
    """
    for start, kind in _STARTS.items():
        if head.startswith(start):
            return kind
    if head.startswith(b"\xff\xff\xff\xff") and len(head) > 8 and head[4:8] != b"\0\0\0\0":
        return "arrow-stream"
    if head[_TAR] == b"ustar" or _is_old_tar(head):
        return "tar"
    if head and not head.strip(b"\0"):
        raise Fault("empty", f"{name}: nothing but zeros")
    if words := tell_binary(head):
        raise Fault("binary", f"{name}: {words}; unpack or convert it first")
    if _MAIL.match(head):
        if _PAGE_IN_MAIL.search(head):
            return "mhtml"
        raise Fault("unsupported", f"{name}: an e-mail; save it as HTML or text first")
    suffix = suffix_of(name)
    named = _SUFFIXES.get(suffix)
    plain = _plain(head)
    if begins_as_html(plain):
        return "html"
    if named == "html":
        return "html" if b"<" in plain else "text"
    first = plain.lstrip()[:1]
    if named == "csv":
        return "csv"
    if named in ("json", "jsonl"):
        return (
            "jsonl"
            if (first == b"{" and (named == "jsonl" or _is_record(plain))) or first not in (b"{", b"[")
            else "json"
        )
    if _XML.match(plain):
        raise Fault("unsupported", f"{name}: XML; convert it to HTML, JSONL or text first")
    if first == b"{" and _is_record(plain, Columns(asked)):
        return "jsonl"
    if suffix != ".txt" and re.match(rb"\s*\[\s*\{\s*\"", plain):
        return "json"
    return "text"


def _is_old_tar(head: bytes) -> bool:
    """Whether first bytes are a header of a tar file by its sum alone."""
    if len(head) < _HEADER or b"\0" not in head[:_HEADER]:
        return False
    try:
        return bool(TarInfo.frombuf(head[:_HEADER], "utf-8", "surrogateescape").name)
    except HeaderError:
        return False


def begins_as_html(head: bytes) -> bool:
    """Whether first bytes are those of a page of HTML, told without its name or a server's word."""
    return _HTML.match(_plain(head)) is not None


def _plain(head: bytes) -> bytes:
    """First bytes as UTF-8 without a byte order mark, whatever Unicode encoding the mark tells."""
    if head.startswith(b"\xef\xbb\xbf"):
        return head[3:]
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return head[: len(head) // 2 * 2].decode("utf-16", "replace").encode("utf-8", "replace")
    return head


def _is_record(plain: bytes, columns: Columns | None = None) -> bool:
    """Whether the first line is a JSON object by itself; where columns are given, one that holds a text under one of them."""
    line, feed, rest = plain.lstrip().partition(b"\n")
    if not line.rstrip().endswith(b"}") or (feed and rest.strip() and rest.lstrip()[:1] != b"{"):
        return False
    try:
        record = json.loads(line)
    except (ValueError, RecursionError):
        return False
    if not isinstance(record, dict):
        return False
    return columns is None or not TEXTS.isdisjoint(columns.match(record))
