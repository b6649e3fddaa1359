"""The chain: what a stage reads was made, link by link, of what lies there now, by these parameters, rules, tables and code.

Each note of a shard holds the key it was made under. A stage computes the keys that what it knows would give, and refuses
to work on any other: what a release says it was made from is then what it was made from.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from etl.build_files import CLUSTERS, ORDERS, TEMPLATES
from etl.errors import UserError
from etl.knowledge import Knowledge
from etl.made_from import hash_rows, hash_rules
from etl.paths import local
from etl.read.bundles import hash_reading, is_whole
from etl.shards import hash_code, hash_file, hash_parts, note_of, read_note, write_note

STAGES = {
    "raw": "read SRC",
    "pages": "repair",
    "templates": "templates",
    "docs": "clean",
    "duplicates": "duplicates",
}
"""Each folder that a stage writes, and the command that does."""
_GROUPS = {
    "pages": ("repair",),
    "templates": ("templates",),
    "docs": ("zones", "headlines", "dates", "language", "quality", "templates"),
    "duplicates": ("duplicates",),
}
"""The groups of parameters on which the content of a folder depends, besides what it is made of."""
_BY_RULES = ("templates", "docs")
LEARNED = "learned.json"
"""The note of the tables in `templates`, which people may edit."""

Hashes = dict[str, str]
"""Name of a shard -> its sha256."""


class Stale(UserError):
    """What a stage would read is not what these parameters make; the message names the stage to run."""


def depends_on(know: Knowledge, build: Path, folder: str) -> str:
    """Return the hash of what a folder's shards depend on besides the shards that they are made of."""
    params = know.params.model_dump(mode="json")
    parts = [hash_code(), json.dumps({group: params[group] for group in _GROUPS[folder]}, sort_keys=True)]
    if folder in _BY_RULES:
        parts.append(hash_rules(know.rules))
    if folder == "docs":
        parts += [hash_file(path) for path in learned_tables(build)]
        parts.append(hash_rows(know.overrides) or "")
    return hash_parts(*parts)


def learned_tables(build: Path) -> list[Path]:
    """Return the tables that the corpus has taught, as far as it has: lines that outlets repeat, how they write dates."""
    return [path for path in (build / TEMPLATES, build / ORDERS) if path.exists()]


def check_before(know: Knowledge, build: Path, folder: str) -> dict[Path, str]:
    """Raise Stale unless all that the stage of a folder reads is what this knowledge makes -> the shards that it reads first,
    with the sha256 of each.

    Bytes are looked at of the shards that are read; of those before them the notes tell.
    """
    raw = _check_raw(know, build, is_read=folder in ("pages", "release"))
    if folder == "pages":
        return _placed(build / "raw", raw)
    pages = _check_shards(know, build, "pages", raw, is_read=folder in ("templates", "docs"))
    if folder == "templates":
        return _placed(build / "pages", pages)
    if learned_tables(build):
        counts = _check_shards(know, build, "templates", pages, below="counts")
        if (read_note(build / "templates" / LEARNED) or {}).get("key") != _key_of(know, build, "templates", counts):
            raise _stale(build, "templates", "the tables there were")
    if folder == "docs":
        return _placed(build / "pages", pages)
    docs = _check_shards(know, build, "docs", pages, is_read=True)
    if folder == "release":
        signed = _check_shards(know, build, "duplicates", docs, below="signatures")
        clusters = build / CLUSTERS
        told = read_note(note_of(clusters))
        key = _key_of(know, build, "duplicates", signed)
        if told is None or told["key"] != key or not is_whole(clusters, told):
            raise _stale(build, "duplicates", f"{clusters.name} was")
    return _placed(build / "docs", docs)


def note_learned(know: Knowledge, build: Path) -> None:
    """Note what the tables in `templates` were learned from, and with which parameters."""
    write_note(
        build / "templates" / LEARNED, key=_key_of(know, build, "templates", _hash_shards(build, "templates/counts"))
    )


def note_clusters(know: Knowledge, build: Path) -> None:
    """Note what the clusters were learned from, and with which parameters."""
    clusters = build / CLUSTERS
    key = _key_of(know, build, "duplicates", _hash_shards(build, "duplicates/signatures"))
    with local(clusters) as file:
        write_note(note_of(clusters), key=key, sha256=hash_file(file), bytes=file.stat().st_size)


def _key_of(know: Knowledge, build: Path, folder: str, shards: Hashes) -> str:
    return hash_parts(depends_on(know, build, folder), *(f"{name} {digest}" for name, digest in sorted(shards.items())))


def _hash_shards(build: Path, folder: str) -> Hashes:
    """Return the hashes of shards that have just been made, as their notes tell them."""
    notes = {shard.name: read_note(note_of(shard)) for shard in (build / folder).glob("*.parquet")}
    return {name: str(note["sha256"]) for name, note in notes.items() if note is not None}


def _placed(folder: Path, shards: Hashes) -> dict[Path, str]:
    return {folder / name: digest for name, digest in sorted(shards.items())}


def _check_raw(know: Knowledge, build: Path, *, is_read: bool) -> Hashes:
    depends = hash_reading(know.params.read, hash_code())
    told: dict[str, Mapping[str, Any]] = {}
    for path in sorted((build / "raw").glob("raw-*.json")):
        note = read_note(path)
        if note is None or note["depends"] != depends:
            raise _stale(build, "raw", f"what {path.name} tells was")
        told |= note["shards"]
    if not told:
        raise Stale(
            f"{build / 'raw'}: no shards of pages as they were read; begin with `ghirbal read SRC --build {build}`"
        )
    return _check_files(build, "raw", build / "raw", told, told, is_read)


def _check_shards(
    know: Knowledge, build: Path, folder: str, made_of: Hashes, *, below: str = "", is_read: bool = False
) -> Hashes:
    place = build / folder / below
    depends = depends_on(know, build, folder)
    told: dict[str, Mapping[str, Any]] = {}
    for name, digest in made_of.items():
        note = read_note(note_of(place / name))
        if note is None or note["key"] != hash_parts(depends, digest):
            raise _stale(build, folder, f"{below}{'/' if below else ''}{name} was")
        told[name] = note
    return _check_files(build, folder, place, made_of, told, is_read)


def _check_files(
    build: Path, folder: str, place: Path, names: Collection[str], told: Mapping[str, Mapping[str, Any]], is_read: bool
) -> Hashes:
    """Raise where the shards there are not those of these names, or of those that are read one is not as its note tells."""
    found = {path.name: path for path in place.glob("*.parquet")}
    if strange := sorted(found.keys() - set(names)):
        raise Stale(f"{place / strange[0]}: is no shard of this build; remove it from there")
    if missing := sorted(set(names) - found.keys()):
        raise _stale(build, folder, f"{missing[0]} is not there, or was")
    if is_read:
        for name, path in sorted(found.items()):
            if not is_whole(path, told[name]):
                raise _stale(build, folder, f"{name} is damaged, or was")
    return {name: str(told[name]["sha256"]) for name in found}


def _stale(build: Path, folder: str, what: str) -> Stale:
    return Stale(
        f"{build / folder}: {what} made of other pages, or with other parameters, rules, tables or another version of the program "
        f"than this command would make it with. Make it anew with `ghirbal {STAGES[folder]} --build {build}` and the stages after it, "
        "or with `ghirbal run`, which does all that is needed; or name what it was made with (--params, --rules, --overrides)"
    )
