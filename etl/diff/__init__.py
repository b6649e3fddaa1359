"""What changed between two releases: documents, cuts, fields, columns; and what to call the new one.

`etl/diff/cuts.py` compares the cuts, `etl/diff/show.py` shows what was found.
"""

from __future__ import annotations

import shlex
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow.parquet as pq

from etl.diff.cuts import SAMPLES, ReleaseFiles, compare_cuts
from etl.diff.show import write_changelog
from etl.manifest import ReleaseError, data_hashes, read_manifest
from etl.wording import count_of

_RELEASE = "data/release"
"""Where a release lies in a git revision."""
_FIELDS = ("title", "date", "author", "source", "category")
"""Fields whose values are compared, document by document."""


@dataclass(frozen=True)
class Diff:
    """The differences; `rules` is sorted by risk, `fields` and `documents` hold counts and some samples."""

    old_version: str
    new_version: str
    documents: dict[str, Any]
    rules: list[dict[str, Any]]
    fields: dict[str, Any]
    columns: dict[str, list[str]]
    bump: str
    because: list[str]
    suggested_version: str
    changelog: str


def diff_releases(old: Path, new: Path) -> Diff:
    """Two releases -> what changed, and the version that says so.

    Bump, the first that applies. major: a column or a config is gone or has another type, or the schema's
    major version is another: code that reads the old release breaks. minor: documents were added, changed in
    text, moved to another split, are withheld now, or are gone without having been withdrawn, or there are new columns:
    results change. patch: only fields, clusters or the audit differ, or documents were withdrawn. none: every data
    file is the same.
    """
    before, after = (ReleaseFiles(folder, read_manifest(folder)) for folder in (old, new))
    documents = _compare_documents(before, after)
    fields = _compare_fields(before, after)
    columns = _compare_columns(before, after)
    rules = compare_cuts(before, after)
    bump, because = _suggest(before, after, documents, fields, columns)
    version = raise_version(str(before.manifest["version"]), bump)
    return Diff(
        str(before.manifest["version"]),
        str(after.manifest["version"]),
        documents,
        rules,
        fields,
        columns,
        bump,
        because,
        version,
        write_changelog(str(after.manifest["version"]), documents, rules, fields, columns),
    )


@contextmanager
def open_release(name: str) -> Iterator[Path]:
    """Folder of a release, or git revision of the project in this folder -> the folder of that release.

    The release of a revision is fetched by DVC, from its cache or its remote, and removed afterwards.
    """
    if Path(name).is_dir():
        yield Path(name)
        return
    with tempfile.TemporaryDirectory(prefix="ghirbal-release-") as scratch:
        folder = Path(scratch) / "release"
        command = [sys.executable, "-m", "dvc", "get", ".", _RELEASE, "--rev", name, "--out", str(folder)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise ReleaseError(
                f"{name}: is no folder, and DVC gives no {_RELEASE} of it as a git revision: {_tell_cause(name, done.stderr)}"
            )
        yield folder


def _tell_cause(name: str, said: str) -> str:
    """Revision, what DVC printed -> why it failed: its lines of errors, without the address of its makers below them.

    Files that DVC does not have are built beside this clone, where they overwrite no release that is to be compared. They are
    compared as a folder: where the revision's `dvc.lock` is older than its code, DVC would go on looking for others.
    """
    errors = [line.removeprefix("ERROR: ") for line in said.splitlines() if line.startswith("ERROR: ")]
    why = (
        "; ".join(error.removeprefix("unexpected error - ") for error in errors)
        or said.strip()
        or "it does not say why"
    )
    if "/cache/" not in why and "\\cache\\" not in why:
        return why
    return (
        "the revision is known, but its files are neither in this clone's DVC cache nor on a remote that it knows. "
        f"Build them beside this clone (`git worktree add --detach ../before {shlex.quote(name)}`, `make -C ../before dataset`) "
        f"and compare with ../before/{_RELEASE}, or name a remote that has them (`dvc remote add -d NAME ADDRESS`). "
        f"DVC says: {why}"
    )


def raise_version(version: str, bump: str) -> str:
    """Version and bump -> the next version; below 1.0.0 a major change raises the minor one (semver)."""
    major, minor, patch = map(int, version.split("."))
    if bump == "none":
        return version
    if bump == "patch":
        return f"{major}.{minor}.{patch + 1}"
    if bump == "minor" or major == 0:
        return f"{major}.{minor + 1}.0"
    return f"{major + 1}.0.0"


def _compare_documents(old: ReleaseFiles, new: ReleaseFiles) -> dict[str, Any]:
    """Two releases -> what became of the documents of `default`: one whose text is withheld now is gone, as is one withdrawn."""
    common = old.released.join(new.released, on="id", suffix="_new", maintain_order="left")
    added = new.released.join(old.released, on="id", how="anti").select("id").sort("id")
    gone = old.released.join(new.released, on="id", how="anti").select("id").sort("id")
    unseen = old.index.filter(~pl.col("text_released")).join(new.index, on="id", how="anti").select("id")
    changed = common.filter(pl.col("text_sha256") != pl.col("text_sha256_new"))
    moved = common.filter(pl.col("split") != pl.col("split_new"))
    return {
        "old": len(old.released),
        "new": len(new.released),
        "added": len(added),
        "added_from": _explain_absence(added, old),
        "gone": len(gone),
        "gone_to": _explain_absence(gone, new),
        "withheld_gone_to": _explain_absence(unseen, new),
        "changed": len(changed),
        "source_changed": len(common.filter(pl.col("raw_sha256") != pl.col("raw_sha256_new"))),
        "split_moved": len(moved),
        "samples": {
            name: frame["id"].head(SAMPLES).to_list()
            for name, frame in (
                ("added", added),
                ("gone", gone),
                ("changed", changed),
                ("split_moved", moved),
            )
        },
    }


def _explain_absence(documents: pl.DataFrame, other: ReleaseFiles) -> dict[str, int]:
    """Documents that the other release lacks -> how many it rejected (by verdict), withdrew, withheld, never saw."""
    if documents.is_empty():
        return {}
    known = [other.index.lazy().filter(~pl.col("text_released")).select("id", why=pl.lit("withheld"))]
    if other.files("rejected"):
        known.append(other.scan("rejected").select("id", why="verdict"))
    if other.files("withdrawn"):
        known.append(other.scan("withdrawn").select("id", why=pl.lit("withdrawn")))
    reasons = pl.concat(known).unique("id", keep="first", maintain_order=True)
    found = documents.lazy().join(reasons, on="id", how="left", maintain_order="left")
    counts = found.group_by(pl.col("why").fill_null("not in the input")).len().sort("why").collect()
    return dict(counts.iter_rows())


def _compare_fields(old: ReleaseFiles, new: ReleaseFiles) -> dict[str, Any]:
    columns = [release.scan("default").collect_schema().names() for release in (old, new)]
    names = [name for name in _FIELDS if all(name in known for known in columns)]
    left, right = (release.scan("default").select("id", *names) for release in (old, new))
    both = left.join(right, on="id", suffix="_new", maintain_order="left")
    fields: dict[str, Any] = {}
    for name in names:
        changed = both.filter(pl.col(name).ne_missing(pl.col(f"{name}_new")))
        old_new = [
            pl.col(name).cast(pl.String).alias("old"),
            pl.col(f"{name}_new").cast(pl.String).alias("new"),
        ]
        rows = changed.select("id", *old_new).collect().sort("id")
        fields[name] = {
            "changed": len(rows),
            "found": int(rows["old"].is_null().sum()),
            "lost": int(rows["new"].is_null().sum()),
            "samples": rows.head(SAMPLES).to_dicts(),
        }
    # A cluster is its members among the documents of both releases, whatever it is called.
    common = old.index.join(new.index, on="id", suffix="_new", maintain_order="left")
    number = pl.int_range(pl.len(), dtype=pl.Int64)
    members = [number.min().over("cluster_id"), number.min().over("cluster_id_new")]
    sizes = [pl.len().over("cluster_id"), pl.len().over("cluster_id_new")]
    regrouped = common.filter((members[0] != members[1]) | (sizes[0] != sizes[1]))
    fields["cluster"] = {"changed": len(regrouped), "samples": regrouped["id"].head(SAMPLES).to_list()}
    roles = common.filter(pl.col("cluster_role") != pl.col("cluster_role_new"))
    fields["cluster_role"] = {"changed": len(roles), "samples": roles["id"].head(SAMPLES).to_list()}
    return fields


def _compare_columns(old: ReleaseFiles, new: ReleaseFiles) -> dict[str, list[str]]:
    def columns(release: ReleaseFiles) -> dict[str, str]:
        found: dict[str, str] = {}
        for config in release.manifest["configs"]:
            for file in release.files(config)[:1]:
                found |= {f"{config}.{field.name}": str(field.type) for field in pq.read_schema(file)}
        return found

    left, right = columns(old), columns(new)
    return {
        "added": sorted(right.keys() - left.keys()),
        "gone": sorted(left.keys() - right.keys()),
        "retyped": sorted(name for name in left.keys() & right.keys() if left[name] != right[name]),
    }


def _suggest(
    old: ReleaseFiles,
    new: ReleaseFiles,
    documents: Mapping[str, Any],
    fields: Mapping[str, Any],
    columns: Mapping[str, list[str]],
) -> tuple[str, list[str]]:
    schemas = [str(release.manifest["schema_version"]) for release in (old, new)]
    withdrawn, withheld = (documents["gone_to"].get(why, 0) for why in ("withdrawn", "withheld"))
    major = [
        *(f"column {name} is gone" for name in columns["gone"]),
        *(f"column {name} has another type" for name in columns["retyped"]),
    ]
    if schemas[0].split(".")[0] != schemas[1].split(".")[0]:
        major.append(f"the schema is {schemas[1]}, was {schemas[0]}")
    minor = [
        f"{count_of(count, 'document')} {what}"
        for count, what in (
            (documents["added"], "added"),
            (withheld, "withheld"),
            (documents["gone"] - withdrawn - withheld, "gone, not withdrawn"),
            (documents["changed"], "with another text"),
            (documents["split_moved"], "in another split"),
        )
        if count
    ] + [f"column {name} is new" for name in columns["added"]]
    patch = [
        f"{count_of(told['changed'], 'document')} with another {name}"
        for name, told in fields.items()
        if told["changed"]
    ]
    if withdrawn:
        patch.append(f"{count_of(withdrawn, 'document')} withdrawn")
    if documents["withheld_gone_to"].get("withdrawn"):
        patch.append(f"{count_of(documents['withheld_gone_to']['withdrawn'], 'document')} withdrawn, withheld before")
    if data_hashes(old.manifest) != data_hashes(new.manifest):
        patch = patch or ["data files differ in the audit, scores or other columns"]
    for bump, because in (("major", major), ("minor", minor), ("patch", patch)):
        if because:
            return bump, because
    return "none", ["every data file is the same"]
