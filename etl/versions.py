"""One version, one content: a release does not take the place of another that has its number, unless one says so.

Whoever has version 0.1.0 and cites it must be able to rely on it, and yesterday's release is not lost to a second run.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from etl.manifest import MANIFEST, ReleaseError, data_hashes, read_manifest
from etl.paths import is_remote


def check_inputs(out: Path, version: str, inputs: Mapping[str, str]) -> None:
    """Raise ReleaseError where `out` holds this version, made of other pages: known as soon as they are read."""
    last = _find_same(out, version)
    then = last["made_from"]["inputs"] if last else inputs
    if then != inputs:
        _refuse(out, version, f"other pages ({then['pages']} then, {inputs['pages']} now)")


def check_content(new: Path, out: Path) -> None:
    """Raise ReleaseError where `out` holds the version of the release `new`, and not the same data files.

    Card, citation and plots may differ: a name or a licence that is put right makes no other data.
    """
    made = read_manifest(new)
    last = _find_same(out, made["version"])
    if last and data_hashes(last) != data_hashes(made):
        then, now = (manifest["numbers"]["totals"]["released"] for manifest in (last, made))
        _refuse(out, made["version"], f"other content ({then:,} documents then, {now:,} now)")


def _find_same(out: Path, version: str) -> dict[str, Any] | None:
    """Return the manifest of what lies in `out`, if it is a release of this version; one without a document is none to lose."""
    if not (out / MANIFEST).exists():
        return None
    last = read_manifest(out)
    return last if last["version"] == version and last["numbers"]["totals"]["released"] else None


def _refuse(out: Path, version: str, what: str) -> None:
    aside = "at another place" if is_remote(out) else f"by another name (`mv {out} {out}-{version}`)"
    raise ReleaseError(
        f"{out}: version {version} was already made here with {what}, and is left as it is. Give the new one a version of its "
        f"own (`release: {{version: …}}` in the parameters) and keep the last {aside}, or say `--replace` to lose the last one"
    )
