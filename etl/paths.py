"""Paths of a build, on this machine or anywhere fsspec reaches (`s3://bucket/folder`), and local copies to work on.

Every function of the pipeline reads and writes files of this machine. What lies elsewhere is fetched before and put back
after, one shard at a time, so nothing but this file and `etl.shards` knows of it.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, cast


def to_path(text: str | Path) -> Path:
    """Return the path that a person wrote: a Path, or for an address such as s3://… something that acts as one."""
    if isinstance(text, Path) or "://" not in str(text):
        return Path(text)
    from upath import UPath  # a tenth of a second, and most builds are local

    # Other machines write there too: what a folder held a minute ago is not what it holds now.
    return cast(Path, UPath(str(text), use_listings_cache=False))


def is_remote(path: Path) -> bool:
    """Whether a path lies elsewhere."""
    return not isinstance(path, Path)


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


def remove(path: Path) -> None:
    """Remove a file; one that is not there is no error."""
    if is_remote(path):
        # One by one: not every store that speaks S3 can remove many at once.
        system = _system(path)
        if system.exists(_place(path)):
            system.rm_file(_place(path))
    else:
        path.unlink(missing_ok=True)


def put_folder(folder: Path, target: Path, last: str) -> None:
    """Copy a folder to a remote path, where nothing can be renamed.

    The file `last` is taken away first and written last, so that a copy cut short is never taken for a whole one; then
    what the folder does not hold is removed.
    """
    files = sorted(file for file in folder.rglob("*") if file.is_file())
    remove(target / last)
    names = [file.relative_to(folder).as_posix() for file in files]
    for name in sorted(names, key=lambda name: (name == last, name)):
        put(folder / name, target / name)
    system, root = _system(target), _place(target)
    wanted = {f"{root.rstrip('/')}/{name}".lstrip("/") for name in names}
    for found in system.find(root):
        if found.lstrip("/") not in wanted:
            system.rm_file(found)


def _system(path: Path) -> Any:
    return cast(Any, path).fs


def _place(path: Path) -> str:
    return str(cast(Any, path).path)
