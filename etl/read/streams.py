"""Bytes of a file, decompressed as they are read, with limits on what a small file may swell to."""

from __future__ import annotations

import bz2
import codecs
import io
import lzma
import re
import zlib
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO, NamedTuple

import pyarrow as pa

from etl.read.files import File
from etl.read.params import ReadParams
from etl.read.row import Fault

GZIP, ZSTD, XZ = b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"\xfd7zXZ\0"
BZIP2 = re.compile(rb"BZh[1-9](?:1AY&SY|\x17rE8P\x90)")
HEAD = 1 << 16
"""Bytes looked at to tell what a file holds, and read at a time."""
_CHUNK = 1 << 14


class _Inflated(io.RawIOBase):
    """Decompressed bytes. What ends them too early is kept in `fault`: what came before it is not lost."""

    def __init__(self, packed: BinaryIO, path: str, params: ReadParams) -> None:
        self.fault: Fault | None = None
        self._packed, self._path, self._params = packed, path, params
        self._out = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if self.fault is not None:
            return 0
        view = memoryview(buffer).cast("B")
        try:
            data = self._inflate(len(view))
        except Fault as fault:
            self.fault = fault
            return 0
        self._out += len(data)
        packed = max(self._packed.tell(), 1)
        if self._out > self._params.max_page_bytes and self._out > packed * self._params.max_ratio:
            self.fault = swollen(self._path, self._out, packed)
            return 0
        view[: len(data)] = data
        return len(data)

    def _inflate(self, size: int) -> bytes:
        raise NotImplementedError

    def _truncated(self) -> Fault:
        return Fault("truncated", f"{self._path}: the compressed file ends too early; fetch it again")

    def _corrupt(self, error: Exception) -> Fault:
        return Fault("unreadable", f"{self._path}: cannot be decompressed ({error}); fetch it again")


class _Gunzipped(_Inflated):
    """Gzip, of one member or many; zeros or other bytes after the last member are ignored, as gzip does."""

    def __init__(self, packed: BinaryIO, path: str, params: ReadParams) -> None:
        super().__init__(packed, path, params)
        self._member = zlib.decompressobj(wbits=31)
        self._waiting = b""
        self._begun = False

    def _inflate(self, size: int) -> bytes:
        while True:
            if not self._waiting:
                self._waiting = self._packed.read(_CHUNK)
                if not self._waiting:
                    if self._begun and not self._member.eof:
                        raise self._truncated()
                    return b""
            if self._member.eof:
                if len(self._waiting) < len(GZIP):
                    self._waiting += self._packed.read(_CHUNK)
                if not self._waiting.startswith(GZIP):
                    return b""
                self._member = zlib.decompressobj(wbits=31)
            self._begun = True
            try:
                data = self._member.decompress(self._waiting, size)
            except zlib.error as error:
                raise self._corrupt(error) from error
            self._waiting = self._member.unused_data if self._member.eof else self._member.unconsumed_tail
            if data:
                return data


class _Unpacked(_Inflated):
    """Zstandard, bzip2 or xz, of one frame or many, as `plain` reads it."""

    def __init__(self, packed: BinaryIO, path: str, params: ReadParams, plain: Any) -> None:
        super().__init__(packed, path, params)
        self._plain = plain

    def _inflate(self, size: int) -> bytes:
        try:
            # `read` would gather more, and lose it where the file ends too early.
            return bytes(getattr(self._plain, "read1", self._plain.read)(min(size, HEAD)))
        except EOFError as error:
            if self._is_padded():
                return b""
            raise self._truncated() from error
        except (OSError, lzma.LZMAError) as error:
            raise (self._truncated() if "Truncated" in str(error) else self._corrupt(error)) from error

    def _is_padded(self) -> bool:
        """Whether the file ends in zeros, as xz may behind its last frame."""
        here = self._packed.tell()
        size = self._packed.seek(0, io.SEEK_END)
        self._packed.seek(max(size - _PADDING, 0))
        padded = self._packed.read() == b"\0" * _PADDING
        self._packed.seek(here)
        return padded


_PADDING = 4
"""Zeros that may follow a stream of xz, in fours."""
_UNPACKERS: dict[bytes, Callable[[BinaryIO], Any]] = {
    ZSTD: lambda packed: pa.CompressedInputStream(packed, "zstd"),
    XZ: lzma.LZMAFile,
}


def is_compressed(head: bytes) -> bool:
    """Whether first bytes are those of a file compressed in a way that is read here."""
    return head.startswith((GZIP, *_UNPACKERS)) or BZIP2.match(head) is not None


class _Turned(io.RawIOBase):
    """Bytes as a function turns them, read as they come; it is told the next ones and whether they are the last."""

    def __init__(self, source: BinaryIO | io.BufferedReader, turn: Callable[[bytes, bool], bytes]) -> None:
        self._source, self._turn, self._waiting = source, turn, b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._waiting:
            data = self._source.read(HEAD)
            self._waiting = self._turn(data, not data)
            if not data:
                break
        view = memoryview(buffer).cast("B")
        part, self._waiting = self._waiting[: len(view)], self._waiting[len(view) :]
        view[: len(part)] = part
        return len(part)


class Opened:
    """An open file: its bytes, decompressed; its first bytes; in `fault` what ended them too early."""

    def __init__(self, file: File, params: ReadParams) -> None:
        """Open a file; what it is compressed by is told by its first bytes."""
        self.packed = file.open()
        self._inflated: _Inflated | None = None
        self.bytes: BinaryIO | io.BufferedReader = self.packed
        try:
            self.head = self.packed.read(HEAD)
            self.packed.seek(0)
            if self.head.startswith(GZIP):
                self._inflated = _Gunzipped(self.packed, file.path, params)
            elif BZIP2.match(self.head):
                self._inflated = _Unpacked(self.packed, file.path, params, bz2.BZ2File(self.packed))
            for start, unpack in _UNPACKERS.items():
                if self.head.startswith(start):
                    self._inflated = _Unpacked(self.packed, file.path, params, unpack(self.packed))
            if self._inflated is not None:
                unpacked = io.BufferedReader(self._inflated, HEAD)
                self.bytes, self.head = unpacked, unpacked.peek(HEAD)
            elif len(self.head) < HEAD:
                self.bytes = io.BytesIO(self.head)
        except BaseException:
            self.packed.close()
            raise

    @property
    def is_packed(self) -> bool:
        """Whether the file is compressed."""
        return self._inflated is not None

    @property
    def fault(self) -> Fault | None:
        """What ended the bytes too early, once they have been read."""
        return self._inflated.fault if self._inflated is not None else None

    def recode(self) -> None:
        """From here on give UTF-16, which its byte order mark tells, as UTF-8, and lines that end in a return alone as others.

        Lines are split by bytes, at line feeds.
        """
        if self.head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            decoder = codecs.getincrementaldecoder("utf-16")("replace")
            self._turn(lambda data, last: decoder.decode(data, final=last).encode("utf-8", "replace"))
        if b"\r" in self.head and b"\n" not in self.head:
            self._turn(lambda data, last: data.replace(b"\r", b"\n"))

    def _turn(self, turn: Callable[[bytes, bool], bytes]) -> None:
        turned = io.BufferedReader(_Turned(self.bytes, turn), HEAD)
        self.bytes, self.head = turned, turned.peek(HEAD)

    def __enter__(self) -> Opened:
        """Return itself."""
        return self

    def __exit__(self, *error: object) -> None:
        """Close the file."""
        self.packed.close()


class Line(NamedTuple):
    """A line of a file, from 1; `size` is its length in bytes where it is too long to be held."""

    number: int
    data: bytes
    size: int = 0


def read_lines(opened: Opened, limit: int) -> Iterator[Line]:
    """Yield the lines of a file with their line feeds; of one longer than `limit` bytes only the start."""
    number = 0
    while data := opened.bytes.readline(limit + 1):
        number += 1
        if len(data) <= limit or data.endswith(b"\n"):
            yield Line(number, data)
            continue
        size = len(data)
        while more := opened.bytes.readline(HEAD):
            size += len(more)
            if more.endswith(b"\n"):
                break
        yield Line(number, data[:HEAD], size)


def read_whole(opened: Opened, path: str, limit: int) -> bytes:
    """Return all bytes of a file of one page; raise Fault where they are more than `limit`."""
    data = opened.bytes.read(limit + 1)
    if len(data) > limit:
        raise too_large(path, len(data), limit)
    return data


def swollen(path: str, out: int, packed: int) -> Fault:
    """Return the fault of a compressed file from which too much came."""
    reason = f"{path}: {out:,} bytes out of {packed:,}; raise read.max_ratio if this is right"
    return Fault("bomb", reason, out / max(packed, 1))


def too_large(path: str, size: int, limit: int) -> Fault:
    """Return the fault of a page, record or line of more than `limit` bytes."""
    return Fault(
        "too-large",
        f"{path}: {size:,} bytes or more, the limit is {limit:,} (read.max_page_bytes)",
        float(size),
    )
