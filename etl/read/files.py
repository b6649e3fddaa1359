"""What lies under a source: its files in path order, and the links and folders that cannot be read.

Every folder is gone through in the order of its names, so the order is the same on every machine. Names that
begin with a dot are not looked at.
"""

from __future__ import annotations

import errno
import os
import re
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fnmatch import translate
from functools import lru_cache
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple, cast

from etl.read.params import ReadParams
from etl.read.row import Fault, ReadError, Verdict
from etl.read.sidecars import read_sidecar, sidecar_names, sidecar_owners

DATASET = frozenset({"state.json", "dataset_info.json"})
"""The two files by which a dataset saved with `save_to_disk` is known."""
SPLITS = "dataset_dict.json"
"""The file that lists the splits of a saved dataset; each split is a folder of its own."""


@dataclass(frozen=True, slots=True)
class File:
    """One file or saved dataset to read: its path as shown, where it is, or why it cannot be read."""

    path: str
    where: str
    size: int = 0
    kind: str = "file"
    sidecars: tuple[str, ...] = ()
    fault: Fault | None = None
    system: Any = None

    def open(self) -> BinaryIO:
        """Open it for reading bytes, from its beginning."""
        if self.system is not None:
            return cast(BinaryIO, self.system.open(self.where, "rb"))
        return open(self.where, "rb")  # noqa: PTH123  # a Path for each of 100,000 files is slow


class _Folder(NamedTuple):
    """A folder being gone through: its path below the source, the entries to come, all its names, those of JSON files."""

    path: str
    entries: Iterator[os.DirEntry[str]]
    names: set[str]
    records: set[str]


def list_files(source: Path | str, params: ReadParams, passed: list[str] | None = None) -> Iterator[File]:
    """Source (file, folder, fsspec URL or hf://owner/name) -> its files in path order.

    `passed` learns the paths that are passed over: hidden ones, and notes about the folder.
    """
    passed = [] if passed is None else passed
    text = str(source)
    if text.startswith("hf://"):
        yield File(text, text, kind="hub")
    elif "://" in text:
        yield from _list_remote(text, params, passed)
    else:
        yield from _list_local(Path(source), params, passed)


def _list_local(source: Path, params: ReadParams, passed: list[str]) -> Iterator[File]:
    try:
        mode = source.stat()
    except FileNotFoundError as error:
        if re.match(r"https?:/", str(source)):
            raise ReadError(
                f"{source}: an address, and nothing is fetched from the web here: save the page first"
            ) from error
        raise ReadError(f"{source}: no such file or folder; give the one that holds the pages") from error
    except (OSError, RuntimeError) as error:
        raise ReadError(f"{source}: {_words(error)}; check the path and its permissions") from error
    if stat.S_ISREG(mode.st_mode):
        names = {entry.name for entry in source.absolute().parent.iterdir()}
        yield _file(str(source.absolute()), source.name, mode.st_size, _records(names))
    elif stat.S_ISDIR(mode.st_mode):
        files = _walk(str(source), params, passed)
        first = next(files, None)
        if first is None:
            raise ReadError(f"{source}: no file to read in this folder; names that begin with a dot are not read")
        yield first
        yield from files
    else:
        raise ReadError(f"{source}: neither a file nor a folder")


def _file(where: str, path: str, size: int, records: set[str]) -> File:
    if not records:
        return File(shown_path(path), where, size)
    name = path.rpartition("/")[2]
    folder = where[: len(where) - len(name)]
    beside = tuple(folder + sidecar for sidecar in sidecar_names(name) if sidecar in records)
    return File(shown_path(path), where, size, sidecars=beside)


@lru_cache(maxsize=8)
def match_notes(patterns: tuple[str, ...]) -> Callable[[str], object]:
    """Patterns of names -> what tells a file that says something of the folder and is no page itself."""
    return re.compile("|".join(map(translate, patterns)) or "(?!)").match


def shown_path(path: str) -> str:
    """Return a path that can be stored: bytes of a name that are not UTF-8 are written as escapes."""
    return path if path.isascii() else os.fsencode(path).decode("utf-8", "backslashreplace")


def _faulty(entry: os.DirEntry[str], path: str, verdict: Verdict, why: str) -> File:
    return File(shown_path(path), entry.path, fault=Fault(verdict, f"{shown_path(path)}: {why}"))


def _walk(root: str, params: ReadParams, passed: list[str]) -> Iterator[File]:
    """Go through a folder in depth, with a stack of its own: Python's would end at a thousand levels."""
    top = _enter(root, "")
    if isinstance(top, OSError):
        raise ReadError(f"{root}: {_words(top)}; check its permissions") from top
    if top.names >= DATASET:
        yield File(root.rstrip("/").rpartition("/")[2], root, kind="dataset")
        return
    real_root, is_note = os.path.realpath(root), match_notes(params.ignore)
    stack = [top]
    while stack:
        folder = stack[-1]
        entry = next(folder.entries, None)
        if entry is None:
            stack.pop()
            continue
        path = f"{folder.path}/{entry.name}" if folder.path else entry.name
        if entry.name.startswith(".") or entry.name == SPLITS or is_note(entry.name):
            passed += [shown_path(path)] if entry.name != SPLITS else []
            continue
        try:
            refused = _judge_link(entry, path, real_root, params) if entry.is_symlink() else None
            if refused is not None:
                yield refused
            elif entry.is_dir():
                below = _enter(entry.path, path)
                if isinstance(below, OSError):
                    yield _faulty(entry, path, "unreadable", f"{_words(below)}; check its permissions")
                elif below.names >= DATASET:
                    yield File(shown_path(path), entry.path, kind="dataset")
                else:
                    stack.append(below)
            elif not entry.is_file():
                yield _faulty(entry, path, "unreadable", "not a regular file")
            elif not _is_sidecar(entry, folder.names):
                yield _file(entry.path, path, entry.stat().st_size, folder.records)
        except OSError as error:
            yield _faulty(entry, path, "unreadable", _words(error))


def _enter(where: str, path: str) -> _Folder | OSError:
    try:
        with os.scandir(where) as scan:
            entries = sorted(scan, key=lambda entry: entry.name)
    except OSError as error:
        return error
    names = {entry.name for entry in entries}
    return _Folder(path, iter(entries), names, _records(names))


def _records(names: set[str]) -> set[str]:
    """The names that may be those of sidecars: most folders have none, and no page of theirs need be asked for its own."""
    return {name for name in names if name.endswith(".json")}


def _judge_link(entry: os.DirEntry[str], path: str, real_root: str, params: ReadParams) -> File | None:
    """Return the refusal of a symbolic link, or None where it is followed."""
    try:
        target = os.path.realpath(entry.path, strict=True)
    except OSError as error:
        verdict: Verdict = "symlink-loop" if error.errno == errno.ELOOP else "unreadable"
        return _faulty(entry, path, verdict, f"the link leads nowhere ({_words(error)})")
    here = os.path.realpath(entry.path[: -len(entry.name)])
    if entry.is_dir() and os.path.commonpath([here, target]) == target:
        return _faulty(entry, path, "symlink-loop", "the link leads to a folder that it lies in")
    if params.follow_links:
        return None
    if os.path.commonpath([real_root, target]) != real_root:
        why = "the link leaves the source folder; set read.follow_links to follow it"
        return _faulty(entry, path, "outside", why)
    if entry.is_dir():
        why = "a link to a folder of the source, whose files are read at their own place"
        return _faulty(entry, path, "link", why)
    return None


def _is_sidecar(entry: os.DirEntry[str], names: set[str]) -> bool:
    if not entry.name.endswith(".json") or names.isdisjoint(sidecar_owners(entry.name)):
        return False
    return read_sidecar(entry.path) is not None


def _list_remote(url: str, params: ReadParams, passed: list[str]) -> Iterator[File]:
    """Files under an fsspec URL, such as s3://bucket/folder; what is passed over in a folder of this machine is here too."""
    from fsspec.core import url_to_fs  # a tenth of a second, and most sources are folders

    try:
        system, root = url_to_fs(url)
        found = system.find(root, detail=True)
    except (OSError, ValueError, ImportError) as error:
        why = "check the address, the access keys and the client library"
        raise ReadError(f"{url}: cannot be listed ({error}); {why}") from error
    if not found:
        raise ReadError(f"{url}: there is no file here; check the address")
    is_note = match_notes(params.ignore)
    for where in sorted(found, key=lambda name: name.split("/")):
        names = where[len(root) :].strip("/").split("/")  # One empty name, where the address is the file's own.
        first = next((at for at, name in enumerate(names, 1) if name.startswith(".") or is_note(name)), 0)
        if not first:
            path = "/".join(names) or where.rpartition("/")[2]
            yield File(path, where, int(found[where].get("size") or 0), system=system)
        elif (path := "/".join(names[:first])) not in passed[
            -1:
        ]:  # A folder is told once, and its files follow each other.
            passed.append(path)


def _words(error: BaseException) -> str:
    return getattr(error, "strerror", None) or str(error)
