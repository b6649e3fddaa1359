"""Bundles: files that one worker reads together. What is read is kept under the hash of their bytes.

A bundle of files becomes one shard of rows, or several where they are large, and a note that says so. Ids that several
pages share are numbered when all are read, in the order of their paths: no worker knows of another's pages.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from etl.arrays import Keys
from etl.arrow import read_columns
from etl.paths import files_in, is_remote, remove
from etl.read.files import File
from etl.read.params import ReadParams
from etl.read.shards import give_ids
from etl.read.sidecars import PACKED
from etl.shards import hash_file, hash_parts, read_note, write_note

MOST_FILES = 10_000
"""Files in a bundle, however small."""
SWELLS = 4
"""Times that a compressed file grows when it is read, about: its weight in a bundle."""
_SWELLING = (*PACKED, ".zip", ".tgz", ".tbz", ".tbz2", ".txz", ".parquet")

_VERSIONS = ("ETag", "etag", "md5Hash", "content_md5", "mtime", "LastModified", "last_modified", "created")
"""What stores call that by which a file's content is known, the surest first."""


class Bundle(NamedTuple):
    """Files to read together, and what of them is written where."""

    number: int
    files: tuple[File, ...]
    out: Path
    params: ReadParams
    code: str

    @property
    def stem(self) -> str:
        """The beginning of its shards' names."""
        return f"raw-{self.number:05d}"

    @property
    def note(self) -> Path:
        """Where it is noted that it is done."""
        return self.out / f"{self.stem}.json"

    @property
    def name(self) -> str:
        """Its name in messages: the files it reaches over."""
        first, last = self.files[0].path, self.files[-1].path
        return first if len(self.files) == 1 else f"{first} … {last} ({len(self.files):,} files)"


def bundle_files(files: Iterable[File], out: Path, params: ReadParams, code: str) -> Iterator[Bundle]:
    """Files in order -> bundles of about `params.shard_bytes` of text."""
    held: list[File] = []
    size = number = 0
    for file in files:
        weight = file.size * (SWELLS if file.path.lower().endswith(_SWELLING) else 1)
        if held and (size + weight > params.shard_bytes or len(held) >= MOST_FILES):
            yield Bundle(number, tuple(held), out, params, code)
            held, size, number = [], 0, number + 1
        held.append(file)
        size += weight
    if held:
        yield Bundle(number, tuple(held), out, params, code)


def hash_reading(params: ReadParams, code: str) -> str:
    """Return the hash of what rows depend on besides the files: in which shards they lie is no matter."""
    return hash_parts(code, params.model_dump_json(exclude={"shard_bytes"}))


def hash_bundle(bundle: Bundle, known: Mapping[str, str]) -> str | None:
    """Return the hash of all that a bundle's rows depend on; None where that is not known without reading them.

    `known`: the sha256 of files that have been read just now, by their place.
    """
    total = hashlib.sha256(f"{bundle.code}\0{bundle.params.model_dump_json()}".encode())
    for file in bundle.files:
        if file.kind == "hub":
            return None
        told = file.fault.reason if file.fault is not None else ""
        total.update(f"\0{file.path}\0{file.kind}\0{told}".encode("utf-8", "backslashreplace"))
        if file.fault is None:
            for digest in _hash_bytes(file, known):
                total.update(digest.encode())
    return total.hexdigest()


def _hash_bytes(file: File, known: Mapping[str, str]) -> Iterator[str]:
    """Yield what tells the bytes of a file and of its sidecars; of a remote one what its store says of them."""
    if file.system is not None:
        told = file.system.info(file.where)
        version = next((told[name] for name in _VERSIONS if told.get(name)), None)
        if version is not None:
            yield f"{told.get('size')} {version}"
        else:
            with file.system.open(file.where, "rb") as handle:
                yield hashlib.file_digest(handle, "sha256").hexdigest()
        return
    places = [file.where, *file.sidecars]
    if file.kind == "dataset":
        places = [str(path) for path in sorted(Path(file.where).rglob("*")) if path.is_file()]
    for place in places:
        if place in known:
            yield known[place]
            continue
        try:
            with open(place, "rb") as handle:  # noqa: PTH123  # a Path for each of 100,000 files is slow
                yield hashlib.file_digest(handle, "sha256").hexdigest()
        except OSError as error:
            yield str(error)


def find_done(bundle: Bundle, key: str | None) -> dict[str, Any] | None:
    """Return what a bundle's note says, if it is done under this key and its shards are whole."""
    entry = read_note(bundle.note)
    if key is None or entry is None or entry["key"] != key:
        return None
    return entry if all(is_whole(bundle.out / name, told) for name, told in entry["shards"].items()) else None


def is_whole(shard: Path, told: Mapping[str, Any]) -> bool:
    """Whether a shard is as its note tells it: by size and hash, a remote one by its size."""
    try:
        return told["bytes"] == shard.stat().st_size and (is_remote(shard) or told["sha256"] == hash_file(shard))
    except FileNotFoundError:
        return False


def number_ids(out: Path, notes: dict[Path, dict[str, Any]]) -> None:
    """Give the pages of a repeated key the ids key, key-2, key-3 … in order; write only the shards that change."""
    order = [(note, name) for note, entry in notes.items() for name in entry["shards"]]
    repeated = _find_repeated(out / name for _, name in order)
    seen: Counter[int] = Counter()
    changed: set[Path] = set()
    for note, name in order:
        ids = _read_ids(out / name)
        keys = _keys(ids)
        places = np.flatnonzero(np.isin(keys, repeated) | (pc.binary_length(ids).to_numpy() > 16))
        if not len(places):
            continue
        given = ids.to_pylist()
        for place in places.tolist():
            key = int(keys[place])
            seen[key] += 1
            given[place] = f"{key:016x}" + (f"-{seen[key]}" if seen[key] > 1 else "")
        fresh = pa.array(given, pa.string())
        if not fresh.equals(ids):
            notes[note]["shards"][name] = give_ids(out / name, fresh)
            changed.add(note)
    for note in sorted(changed):
        write_note(note, **notes[note])


def _read_ids(shard: Path) -> pa.Array:
    return read_columns(shard, ["id"])["id"].combine_chunks()


def _keys(ids: pa.Array) -> Keys:
    """Return the 16 hex digits that an id begins with, as numbers."""
    return np.fromiter((int(name[:16], 16) for name in ids.to_pylist()), np.uint64, len(ids))


def _find_repeated(shards: Iterable[Path]) -> Keys:
    """Return the keys of several pages; 8 bytes a page are held, twice while they are sorted."""
    every = [_keys(_read_ids(shard)) for shard in shards]
    keys = np.sort(np.concatenate(every)) if every else np.empty(0, np.uint64)
    return np.unique(keys[1:][keys[1:] == keys[:-1]])


def prune_raw(out: Path, notes: dict[Path, dict[str, Any]]) -> None:
    """Remove the shards and notes of bundles that are no more, and what a killed worker has left."""
    wanted = {note.name for note in notes} | {name for entry in notes.values() for name in entry["shards"]}
    for file in files_in(out):
        stale = file.name.startswith("raw-") or (file.name.startswith(".raw-") and file.name.endswith(".part"))
        if stale and file.name not in wanted:
            remove(file)
