"""The manifest of a release: what it was made from, every number of it, and the sha256 of every file.

`manifest.json` is the same on every machine; what may differ stands in `environment.json` alone.
"""

from __future__ import annotations

import json
import platform
from collections.abc import Mapping, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from etl.errors import UserError
from etl.shards import hash_file

MANIFEST, ENVIRONMENT = "manifest.json", "environment.json"
_PACKAGES = (
    "polars",
    "pyarrow",
    "numpy",
    "ftfy",
    "langdetect",
    "pandera",
    "datasets",
    "pydantic",
    "altair",
    "vl-convert-python",
)


class ReleaseError(UserError):
    """A release that cannot be made or read; yesterday's stays as it is."""


def read_manifest(release: Path) -> dict[str, Any]:
    """Release -> its manifest; an error says what is wrong with the folder."""
    try:
        manifest = json.loads((release / MANIFEST).read_text("utf-8"))
    except FileNotFoundError as error:
        raise ReleaseError(f"{release}: is not a release, it has no {MANIFEST}") from error
    except ValueError as error:
        raise ReleaseError(
            f"{release}/{MANIFEST}: cannot be read ({error}): it was damaged, or cut short. Put the file back from a copy of the release, "
            f"or move {release} away and make it again"
        ) from error
    if not isinstance(manifest, dict):
        raise ReleaseError(f"{release}/{MANIFEST}: holds no object")
    return manifest


def write_manifest(release: Path, manifest: Mapping[str, Any]) -> None:
    """Write `manifest.json`: sorted, so that the same release gives the same bytes."""
    (release / MANIFEST).write_text(json.dumps(manifest, ensure_ascii=False, indent=1, sort_keys=True) + "\n", "utf-8")


def list_files(configs: Mapping[str, Any], config: str) -> list[str]:
    """Configs of a manifest -> the names of the files of one; none where it is not among them."""
    return [name for split in configs.get(config, {}).values() for name in split["files"]]


def data_hashes(manifest: Mapping[str, Any]) -> dict[str, str]:
    """Manifest -> the sha256 of each of its data files, by name: not of cards and plots."""
    return {name: told["sha256"] for name, told in manifest["outputs"].items() if name.endswith(".parquet")}


def describe_outputs(release: Path, configs: Mapping[str, Any]) -> dict[str, Any]:
    """Data files of a release -> their sha256, bytes and rows, by name."""
    names = sorted(name for config in configs for name in list_files(configs, config))
    return {
        name: {
            "sha256": hash_file(release / name),
            "bytes": (release / name).stat().st_size,
            "rows": pq.read_metadata(release / name).num_rows,
        }
        for name in names
    }


def note_outputs(release: Path, manifest: dict[str, Any], paths: Sequence[Path]) -> None:
    """Write the size and sha256 of further files of the release into its manifest."""
    for path in paths:
        name = path.relative_to(release).as_posix()
        manifest["outputs"][name] = {"sha256": hash_file(path), "bytes": path.stat().st_size}
    write_manifest(release, manifest)


def name_files(release: Path) -> set[str]:
    """Release -> the names of all its files, as its manifest tells them; an error where it is something else's."""
    outputs = read_manifest(release).get("outputs")
    if not isinstance(outputs, dict):
        raise ReleaseError(f"{release}/{MANIFEST}: is not the manifest of a release; name another folder")
    return {*outputs, MANIFEST, ENVIRONMENT}


def check_release(release: Path) -> list[str]:
    """Release -> what differs from its manifest: files missing, changed, or not in it."""
    manifest = read_manifest(release)
    wrong = []
    for name, told in sorted(manifest["outputs"].items()):
        path = release / name
        if not path.is_file():
            wrong.append(f"{name}: is missing")
        elif hash_file(path) != told["sha256"]:
            wrong.append(f"{name}: is not the file that the manifest names")
    known = {*manifest["outputs"], MANIFEST, ENVIRONMENT}
    found = {path.relative_to(release).as_posix() for path in release.rglob("*") if path.is_file()}
    return wrong + [f"{name}: is not in the manifest" for name in sorted(found - known)]


def write_environment(release: Path) -> None:
    """Write what may differ from machine to machine: no other file of the release depends on it."""
    told = {
        "python": platform.python_version(),
        "system": platform.system(),
        "machine": platform.machine(),
        "packages": {name: metadata.version(name) for name in _PACKAGES},
    }
    (release / ENVIRONMENT).write_text(json.dumps(told, indent=1, sort_keys=True) + "\n", "utf-8")
