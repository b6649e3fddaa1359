"""Paths of a build, on this machine or anywhere fsspec reaches (`s3://bucket/folder`), and local copies to work on.

Every function of the pipeline reads and writes files of this machine. What lies elsewhere is fetched before and put back
after, one shard at a time, so that no stage knows of it: only those who read a source, run shards and write a release ask here.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Collection, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, cast

from etl.errors import UserError

UNFINISHED = "unfinished.json"
"""Names the files of a folder that is being copied to an address; there as long as that takes, or after it was cut short."""


def to_path(text: str | Path) -> Path:
    """Return the path that a person wrote: a Path, or for an address such as s3://… something that acts as one."""
    if isinstance(text, Path) or "://" not in str(text):
        return Path(text)
    kind, _, place = str(text).partition("://")
    if kind in ("file", "local"):
        return Path(place)
    from fsspec import get_filesystem_class
    from upath import UPath  # a tenth of a second, and most builds are local

    try:
        get_filesystem_class(kind)
    except (ValueError, ImportError) as error:
        raise UserError(
            f"{text}: addresses of this kind cannot be used ({error}); check what stands before ://"
        ) from error
    # Other machines write there too: what a folder held a minute ago is not what it holds now.
    return cast(Path, UPath(str(text), use_listings_cache=False))


def is_remote(path: Path) -> bool:
    """Whether a path lies elsewhere."""
    return not isinstance(path, Path)


def steps_below(path: Path, folder: Path) -> list[str] | None:
    """Return the names that lead from a folder to a path, none where they are one; None where it does not lie there."""
    if is_remote(path) != is_remote(folder) or (is_remote(path) and _kind(path) != _kind(folder)):
        return None
    ways = [(_place(one) if is_remote(one) else one.resolve().as_posix()).split("/") for one in (path, folder)]
    here, above = ([name for name in way if name] for way in ways)
    return here[len(above) :] if here[: len(above)] == above else None


@contextmanager
def local(path: Path) -> Iterator[Path]:
    """Yield a file of this machine with the bytes of `path`: itself, or a copy that lives as long as this."""
    if not is_remote(path):
        yield path
        return
    with tempfile.TemporaryDirectory(prefix="ghirbal-") as folder:
        copy = Path(folder) / path.name
        _system(path).get_file(_place(path), str(copy))
        yield copy


@contextmanager
def local_all(paths: Iterable[Path]) -> Iterator[list[Path]]:
    """Yield files of this machine with the bytes of all `paths`, in order."""
    with ExitStack() as stack:
        yield [stack.enter_context(local(path)) for path in paths]


def put(file: Path, target: Path) -> None:
    """Copy a file of this machine to a remote path; there it is seen when it is whole."""
    target.parent.mkdir(parents=True, exist_ok=True)
    _system(target).put_file(str(file), _place(target))


def files_in(folder: Path) -> list[Path]:
    """Return the files that lie in a folder; a remote one without files is not there at all."""
    if is_remote(folder):
        return [folder / name.rpartition("/")[2] for name in _system(folder).find(_place(folder), maxdepth=1)]
    return [path for path in folder.iterdir() if path.is_file()]


def names_below(folder: Path) -> list[str]:
    """Return the names of all files below a remote folder, in order; an empty one is that of a file in its place."""
    root = _place(folder).strip("/")
    names = (name.lstrip("/").removeprefix(root) for name in _system(folder).find(_place(folder)))
    return sorted(name.lstrip("/") for name in names if not name.endswith("/"))


def remove(path: Path) -> None:
    """Remove a file; one that is not there is no error."""
    if is_remote(path):
        # One by one: not every store that speaks S3 can remove many at once.
        system = _system(path)
        if system.exists(_place(path)):
            system.rm_file(_place(path))
    else:
        path.unlink(missing_ok=True)


def put_folder(folder: Path, target: Path, last: str, known: Collection[str]) -> None:
    """Copy a folder to a remote path, where nothing can be renamed.

    The file `last` is taken away first and written last, so that a copy cut short is never taken for a whole one. Of what
    lies there the `known` names that the folder does not hold are removed, and no others. As long as it takes, UNFINISHED
    says which files are the copy's own.
    """
    names = {file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file()}
    target.mkdir(parents=True, exist_ok=True)
    note = json.dumps({"files": sorted({*names, *known} - {UNFINISHED})}, ensure_ascii=False)
    _system(target).pipe_file(_place(target / UNFINISHED), note.encode())
    remove(target / last)
    for name in sorted(names - {last}):
        put(folder / name, target / name)
    for name in sorted(set(known) - names - {UNFINISHED}):
        remove(target / name)
    put(folder / last, target / last)
    remove(target / UNFINISHED)


def read_unfinished(target: Path) -> set[str]:
    """Remote folder -> the files of a copy to it that was cut short, the note of them included; none where none was."""
    note = target / UNFINISHED
    if not note.exists():
        return set()
    try:
        return {UNFINISHED, *map(str, json.loads(note.read_text("utf-8"))["files"])}
    except (ValueError, KeyError, TypeError) as error:
        raise UserError(f"{note}: is not the note of a copy that was cut short; name another place") from error


def _system(path: Path) -> Any:
    return cast(Any, path).fs


def _kind(path: Path) -> str:
    return str(cast(Any, path).protocol)


def _place(path: Path) -> str:
    return str(cast(Any, path).path)
