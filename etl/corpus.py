"""The documents of a build with their last verdict, as all that asks a build reads them: report, audit, explain, whatif, restore, rules."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from etl.build_files import CLUSTERS, find_docs
from etl.edits import restore_raw
from etl.errors import UserError
from etl.manifest import MANIFEST, list_files, read_manifest
from etl.verdicts import RELEASED, choose_fate, give_copies
from schemas.duplicates import DUPLICATES

_CLUSTER = ["cluster_id", "cluster_size", "cluster_outlets", "cluster_role", "similarity"]


class NoBuild(UserError):
    """A folder that is asked as a build and is none; the message names the one that is meant."""


@dataclass(frozen=True)
class Corpus:
    """Where the documents of a build lie, and what decides about them besides their own row."""

    shards: tuple[Path, ...]
    clusters: pl.DataFrame
    withdrawn: tuple[str, ...] = ()
    keep_duplicates: bool = False
    version: str | None = None
    pages: Path | None = None
    """Folder of the pages, which hold what the input gave beside them."""

    def scan(self, shard: Path | None = None) -> pl.LazyFrame:
        """A shard (default: all) -> Document with `cluster_*`, the last `verdict`, and `fate`.

        `fate` is released, rejected or withdrawn, by the same order of reasons as in the release.
        """
        files = [shard] if shard else list(self.shards)
        copies = self.clusters.lazy().select("id", *_CLUSTER, _copy="verdict")
        docs = restore_raw(pl.scan_parquet(files)).join(copies, on="id", how="left", maintain_order="left")
        return give_copies(docs, self.keep_duplicates).with_columns(fate=choose_fate(self.withdrawn, pl.lit(RELEASED)))


def list_shards(build: Path) -> list[Path]:
    """Build folder -> its shards of documents; an error where it is a release names the build of that."""
    shards = find_docs(build)
    if shards:
        return shards
    refuse_release(build)
    here = sorted(folder.parent for folder in Path().glob("*.build/docs") if any(folder.glob("*.parquet")))
    hint = f"; of the builds here: `--build {here[0]}`" if here else ""
    raise FileNotFoundError(f"{build / 'docs'}: no documents; run the stages up to `clean` first{hint}")


def refuse_release(build: Path) -> None:
    """Raise NoBuild where the folder is a release: pages, pieces and scores lie in the build that it was made from."""
    if not (build / MANIFEST).exists():
        return
    near = (build.with_name(build.name + ".build"), build.parent)
    found = next(filter(find_docs, near), None)
    where = (
        f"its build is {found}: say `--build {found}`"
        if found
        else "its build is not here; `run` leaves it at OUT.build"
    )
    raise NoBuild(f"{build}: is a release, not a build; {where}")


def find_release(build: Path) -> Path | None:
    """Build folder -> its release, if it has one: `release` in it, or OUT beside OUT.build."""
    beside = [build.with_name(build.name.removesuffix(".build"))] if build.name.endswith(".build") else []
    return next((folder for folder in (build / "release", *beside) if (folder / MANIFEST).exists()), None)


def open_corpus(build: Path, release: Path | None = None) -> Corpus:
    """Build folder -> its corpus; a release, where there is one, knows what was withdrawn."""
    shards = tuple(list_shards(build))
    clusters = build / CLUSTERS
    found = pl.read_parquet(clusters) if clusters.exists() else DUPLICATES.to_frame()
    release = release or find_release(build)
    pages = build / "pages" if any((build / "pages").glob("*.parquet")) else None
    if release is None:
        return Corpus(shards, found, pages=pages)
    manifest = read_manifest(release)
    graves = [release / file for file in list_files(manifest["configs"], "withdrawn")]
    withdrawn = {name for file in graves for name in pl.read_parquet(file, columns=["id"])["id"]}
    return Corpus(
        shards,
        found,
        tuple(sorted(withdrawn)),
        bool(manifest["params"]["keep_duplicates"]),
        str(manifest["version"]),
        pages,
    )
