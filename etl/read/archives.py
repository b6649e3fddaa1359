"""Archives: tar and zip files, whose members are read as files of a folder are.

`path` is that of the archive, then the member's own. Names that begin with a dot and notes about a folder are not read, as in
a folder; there are no sidecars, and an archive inside another is not opened.
"""

from __future__ import annotations

import io
import lzma
import shutil
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import IO, BinaryIO, cast

from etl.read.files import File, match_notes, shown_path
from etl.read.kinds import Kind
from etl.read.params import ReadParams
from etl.read.row import Fault
from etl.read.streams import Opened, swollen

_OFFICE = frozenset({"[Content_Types].xml", "mimetype", "META-INF/MANIFEST.MF", "META-INF/container.xml"})
"""Members by which a zip file is known for a document, an e-book or a program."""
_DAMAGE = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, OSError, NotImplementedError, RuntimeError)
"""What reading a member of a zip file raises: where it is damaged, of an unknown method, or needs a password."""


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
        with tarfile.open(fileobj=cast("IO[bytes]", opened.bytes), mode="r|", tarinfo=_Header) as archive:
            for header in archive:
                if header.isdir() or not is_read(header.name):
                    continue
                empty = False
                path = _path(file, header.name)
                data = archive.extractfile(header) if header.isreg() else None
                if data is None:
                    yield _faulty(path, Fault("link", f"{path}: a link or a device in an archive"))
                else:
                    with _hold(data, header.size, params) as held:
                        yield Member(path, file.where, header.size, "member", held=held)
                archive.members.clear()  # type: ignore[attr-defined]  # It keeps every header, and an archive may have millions.
    except (tarfile.TarError, EOFError, OSError) as error:
        yield _faulty(
            file.path, opened.fault or Fault("truncated", f"{file.path}: {error}; what came before it was read")
        )
        return
    if opened.fault is not None:
        yield _faulty(file.path, opened.fault)
    elif empty:
        raise Fault("empty", f"{file.path}: an archive without files")


def read_zip(file: File, opened: Opened, params: ReadParams) -> Iterator[File]:
    """Zip file -> its members as files to be read, each before the next is asked for."""
    if opened.is_packed:
        raise Fault("unsupported", f"{file.path}: a zip file in a compressed file; unpack it first")
    is_read = _is_read(params)
    try:
        archive = zipfile.ZipFile(opened.packed)
    except (*_DAMAGE, ValueError) as error:
        raise Fault("unreadable", f"{file.path}: cannot be unpacked ({error}); fetch it again") from error
    with archive:
        headers = [header for header in archive.infolist() if not header.is_dir() and is_read(header.filename)]
        if not _OFFICE.isdisjoint(archive.NameToInfo):
            raise Fault(
                "binary", f"{file.path}: a document of an office program, an e-book or a program; convert it first"
            )
        if not headers:
            raise Fault("empty", f"{file.path}: an archive without files")
        for header in headers:
            path = _path(file, header.filename)
            large = header.file_size > max(params.max_page_bytes, params.max_ratio * max(header.compress_size, 1))
            if large:
                yield _faulty(path, swollen(path, header.file_size, header.compress_size))
                continue
            try:
                with archive.open(header) as data, _hold(data, header.file_size, params) as held:
                    yield Member(path, file.where, header.file_size, "member", held=held)
            except _DAMAGE as error:
                yield _faulty(
                    path, Fault("unreadable", f"{path}: cannot be unpacked ({error}); fetch the archive again")
                )


ARCHIVES: dict[Kind, Callable[[File, Opened, ReadParams], Iterator[File]]] = {"tar": read_tar, "zip": read_zip}
"""One function a kind of archive: (file, its open bytes, params) -> its members."""


def _is_read(params: ReadParams) -> Callable[[str], bool]:
    """What tells by the name of a member whether a file of that name in a folder is read."""
    is_note = match_notes(params.ignore)
    return lambda name: not any(step.startswith(".") or is_note(step) for step in _steps(name))


def _steps(name: str) -> list[str]:
    return [step for step in name.split("/") if step not in ("", ".", "..")]


def _path(file: File, name: str) -> str:
    return shown_path("/".join([file.path, *_steps(name)]))


def _faulty(path: str, fault: Fault) -> File:
    return File(path, path, fault=fault)


def _hold(data: IO[bytes], size: int, params: ReadParams) -> BinaryIO:
    """Return the bytes of a member so that they can be gone to and fro in: in memory, and those of a large one on disk."""
    if size <= params.max_page_bytes:
        return io.BytesIO(data.read())
    held = tempfile.TemporaryFile()  # noqa: SIM115  # the caller closes it
    shutil.copyfileobj(data, held)
    held.seek(0)
    return cast(BinaryIO, held)
