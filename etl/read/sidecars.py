"""Sidecars: a small JSON object beside a page's file that says its url, date, outlet, title.

`a.txt` may have `a.json` or `a.txt.json`; the same holds for HTML files and for compressed ones.
"""

from __future__ import annotations

import json
from typing import Any

from etl.read.columns import TEXTS, match_columns

_PAGES = (".txt", ".text", ".html", ".htm", ".xhtml", "")
PACKED = (".gz", ".zst", ".zstd", ".bz2", ".xz")
"""Suffixes of compressed files."""
LIMIT = 1_000_000
"""Bytes; a JSON file larger than this is not a sidecar."""


def bare_name(name: str) -> str:
    """Return the name of a file without the suffix of its compression."""
    for suffix in PACKED:
        if name.lower().endswith(suffix):
            return name[: -len(suffix)]
    return name


def suffix_of(name: str) -> str:
    """Return the suffix of a file's name, such as `.txt`, without that of its compression; in lower case."""
    stem, dot, suffix = bare_name(name).rpartition(".")
    return dot + suffix.lower() if stem else ""


def sidecar_names(name: str) -> list[str]:
    """Return the names that the sidecar of a page's file may have, the longest first."""
    bare = bare_name(name)
    suffix = suffix_of(name)
    if suffix == ".json":
        return []
    names = [f"{name}.json", f"{bare}.json"]
    if suffix in _PAGES:
        names.append(f"{bare.removesuffix(bare[len(bare) - len(suffix) :])}.json")
    return list(dict.fromkeys(names))


def sidecar_owners(name: str) -> list[str]:
    """Return the names of the page files that a JSON file may be the sidecar of."""
    stem = name[: -len(".json")]
    return [f"{stem}{page}{packed}" for page in (*_PAGES, *map(str.upper, _PAGES)) for packed in ("", *PACKED)]


def read_sidecar(where: str) -> dict[str, Any] | None:
    """Read a sidecar; None where the file is not one: no object, no known key, or a page of its own."""
    try:
        with open(where, "rb") as file:  # noqa: PTH123  # called for every file of a folder
            data = file.read(LIMIT + 1)
        record = json.loads(data) if len(data) <= LIMIT else None
    except (OSError, ValueError, RecursionError):
        return None
    if not isinstance(record, dict):
        return None
    roles = match_columns(record)
    return record if roles and TEXTS.isdisjoint(roles) else None
