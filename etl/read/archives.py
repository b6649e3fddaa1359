"""Archives: tar and zip files, whose members are read as files of a folder are.

`path` is that of the archive, then the member's own. Names that begin with a dot and notes about a folder are not read, as in
a folder; there are no sidecars, and an archive inside another is not opened.
"""

from __future__ import annotations

import io
import lzma
import re
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import IO, BinaryIO, cast

from etl.errors import UserError
from etl.read.files import File, match_notes, shown_path
from etl.read.kinds import ONE_PAGE, Kind, tell_kind
from etl.read.params import ReadParams
from etl.read.row import Fault
from etl.read.streams import HEAD, Opened, is_compressed, swollen, too_large

_OFFICE = frozenset({"[Content_Types].xml", "mimetype", "META-INF/MANIFEST.MF", "META-INF/container.xml"})
"""Members by which a zip file is known for a document, an e-book or a program."""
_DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    OSError,
    NotImplementedError,
    RuntimeError,
    UnicodeError,
)
"""What reading a member of a zip file raises: where it is damaged, of an unknown method, or needs a password."""
_UTF8_NAME = 0x800
"""The flag of a zip file's member whose name is UTF-8; without it many are all the same."""


class NoRoom(UserError):
    """The folder for temporary files has no room for a member; what is on the disk is not damaged."""


@dataclass(frozen=True, slots=True)
class Member(File):
    """A file in an archive: where its bytes are held while it is read."""

    held: BinaryIO | None = None

    def open(self) -> BinaryIO:
        """Give its bytes, from their beginning."""
        assert self.held is not None
        return self.held


class _Header(tarfile.TarInfo):
    """A header of a tar file; one that is no header, or a part of one, is told instead of taken for the archive's end."""

    @classmethod
    def fromtarfile(cls, tarfile: tarfile.TarFile) -> _Header:
        try:
            return super().fromtarfile(tarfile)
        except (_TruncatedHeader, _InvalidHeader) as error:
            raise EOFError(str(error)) from error


_TruncatedHeader: type[Exception] = getattr(tarfile, "TruncatedHeaderError", tarfile.HeaderError)
_InvalidHeader: type[Exception] = getattr(tarfile, "InvalidHeaderError", tarfile.HeaderError)


def read_tar(file: File, opened: Opened, params: ReadParams) -> Iterator[File]:
    """Tar file, in one pass -> its members as files to be read, each before the next is asked for."""
    is_read = _is_read(params)
    empty = True
    try:
        with tarfile.open(
            fileobj=cast("IO[bytes]", opened.bytes), mode="r|", tarinfo=_Header, ignore_zeros=True
        ) as archive:
            for header in archive:
                if header.isdir() or not is_read(header.name):
                    continue
                empty = False
                path = _path(file, header.name)
                data = archive.extractfile(header) if header.isreg() else None
                if data is None:
                    yield _fault_at(path, Fault("link", f"{path}: a link or a device in an archive"))
                elif header.issparse():
                    yield _fault_at(
                        path, Fault("unsupported", f"{path}: a file with holes in an archive; unpack it first")
                    )
                else:
                    yield from _give(path, file, data, header.size, params)
                archive.members.clear()  # type: ignore[attr-defined]  # It keeps every header, and an archive may have millions.
    except (tarfile.TarError, EOFError, OSError) as error:
        yield _fault_at(
            file.path, opened.fault or Fault("truncated", f"{file.path}: {error}; what came before it was read")
        )
        return
    if opened.fault is not None:
        yield _fault_at(file.path, opened.fault)
    elif empty:
        raise Fault("empty", f"{file.path}: an archive without files")


def read_zip(file: File, opened: Opened, params: ReadParams) -> Iterator[File]:
    """Zip file -> its members as files to be read, each before the next is asked for."""
    if opened.is_packed:
        raise Fault("unsupported", f"{file.path}: a zip file in a compressed file; unpack it first")
    is_read = _is_read(params)
    try:
        archive = zipfile.ZipFile(opened.packed)
    except _DAMAGE as error:
        raise Fault("unreadable", f"{file.path}: cannot be unpacked ({error}); fetch it again") from error
    with archive:
        headers = [header for header in archive.infolist() if not header.is_dir() and is_read(_name_of(header))]
        total = sum(header.file_size for header in headers if not _swells(header, params))
        if total > max(params.max_page_bytes, params.max_ratio * file.size):
            raise swollen(file.path, total, file.size)
        if not _OFFICE.isdisjoint(archive.NameToInfo):
            raise Fault(
                "binary", f"{file.path}: a document of an office program, an e-book or a program; convert it first"
            )
        if not headers:
            raise Fault("empty", f"{file.path}: an archive without files")
        for header in headers:
            path = _path(file, _name_of(header))
            if _swells(header, params):
                yield _fault_at(path, swollen(path, header.file_size, header.compress_size))
                continue
            try:
                with archive.open(header) as data:
                    yield from _give(path, file, data, header.file_size, params)
            except _DAMAGE as error:
                yield _fault_at(
                    path, Fault("unreadable", f"{path}: cannot be unpacked ({error}); fetch the archive again")
                )


ARCHIVES: dict[Kind, Callable[[File, Opened, ReadParams], Iterator[File]]] = {"tar": read_tar, "zip": read_zip}
"""One function a kind of archive: (file, its open bytes, params) -> its members."""


def _is_read(params: ReadParams) -> Callable[[str], bool]:
    """What tells by the name of a member whether a file of that name in a folder is read."""
    is_note = match_notes(params.ignore)
    return lambda name: not any(step.startswith(".") or is_note(step) for step in _steps(name))


def _steps(name: str) -> list[str]:
    return [step for step in re.split(r"[/\\]", name) if step not in ("", ".", "..")]


def _swells(header: zipfile.ZipInfo, params: ReadParams) -> bool:
    """Whether a zip file's member would become more than it may."""
    return header.file_size > max(params.max_page_bytes, params.max_ratio * max(header.compress_size, 1))


def _name_of(header: zipfile.ZipInfo) -> str:
    """The name of a zip file's member, read as UTF-8 where it is that, though no flag says so."""
    if header.flag_bits & _UTF8_NAME:
        return header.filename
    try:
        return header.filename.encode("cp437").decode("utf-8")
    except UnicodeError:
        return header.filename


def _path(file: File, name: str) -> str:
    return shown_path("/".join([file.path, *_steps(name)]))


def _fault_at(path: str, fault: Fault) -> File:
    return File(path, path, fault=fault)


def _give(path: str, file: File, data: IO[bytes], size: int, params: ReadParams) -> Iterator[File]:
    """Yield a member whose bytes can be gone to and fro in: held in memory, those of a large file of records on disk.

    A page that is too large is not unpacked to be refused.
    """
    head = data.read(HEAD)
    if size <= params.max_page_bytes:
        yield Member(path, file.where, size, "member", held=io.BytesIO(head + data.read()))
        return
    try:
        is_page = tell_kind(path, head) in ONE_PAGE
    except Fault as fault:
        # What is compressed is told when it is unpacked.
        if not is_compressed(head):
            yield _fault_at(path, fault)
            return
        is_page = False
    if is_page:
        yield _fault_at(path, too_large(path, size, params.max_page_bytes))
        return
    with tempfile.TemporaryFile() as held:
        _spill(head, held)
        while part := data.read(HEAD):
            _spill(part, held)
        held.seek(0)
        yield Member(path, file.where, size, "member", held=cast(BinaryIO, held))


def _spill(part: bytes, held: IO[bytes]) -> None:
    try:
        held.write(part)
    except OSError as error:
        raise NoRoom(
            f"{tempfile.gettempdir()}: {error.strerror}; make room there, or name another folder in TMPDIR"
        ) from error
