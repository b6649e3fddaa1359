"""The documents of a build with their last verdict, as the report and the audit read them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from etl.edits import restore_raw
from schemas.duplicates import DUPLICATES

_CLUSTER = ["cluster_id", "cluster_size", "cluster_outlets", "cluster_role", "similarity"]


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

    def scan(self, shards: Sequence[Path] | Path | None = None) -> pl.LazyFrame:
        """Shards (default: all) -> Document with `cluster_*`, the last `verdict`, and `fate`.

        `fate` is released, rejected or withdrawn, by the same order of reasons as in the release.
        """
        if shards is None:
            shards = self.shards
        files = [shards] if isinstance(shards, Path) else list(shards)
        copies = self.clusters.lazy().select("id", *_CLUSTER, _copy="verdict")
        copy = pl.lit(None, pl.String) if self.keep_duplicates else pl.col("_copy")
        docs = restore_raw(pl.scan_parquet(files)).join(copies, on="id", how="left", maintain_order="left")
        return (
            docs.with_columns(
                verdict=pl.coalesce("verdict", copy),
                verdict_value=pl.when(pl.col("verdict").is_null() & copy.is_not_null())
                .then("similarity")
                .otherwise("verdict_value"),
            )
            .with_columns(
                fate=pl.when(pl.col("id").is_in(list(self.withdrawn)))
                .then(pl.lit("withdrawn"))
                .when(pl.col("verdict").is_not_null())
                .then(pl.lit("rejected"))
                .otherwise(pl.lit("released"))
            )
            .drop("_copy")
        )


def open_corpus(build: Path, release: Path | None = None) -> Corpus:
    """Build folder -> its corpus; a release, where there is one, knows what was withdrawn."""
    from etl.manifest import read_manifest

    shards = tuple(sorted((build / "docs").glob("*.parquet")))
    if not shards:
        raise FileNotFoundError(f"{build / 'docs'}: no documents; run the stages up to `clean` first")
    clusters = build / "duplicates" / "clusters.parquet"
    found = pl.read_parquet(clusters) if clusters.exists() else DUPLICATES.to_frame()
    release = release or (build / "release" if (build / "release" / "manifest.json").exists() else None)
    pages = build / "pages" if any((build / "pages").glob("*.parquet")) else None
    if release is None:
        return Corpus(shards, found, pages=pages)
    manifest = read_manifest(release)
    graves = [release / file for told in manifest["configs"]["withdrawn"].values() for file in told["files"]]
    withdrawn = {name for file in graves for name in pl.read_parquet(file, columns=["id"])["id"]}
    return Corpus(
        shards,
        found,
        tuple(sorted(withdrawn)),
        bool(manifest["params"]["keep_duplicates"]),
        str(manifest["version"]),
        pages,
    )
