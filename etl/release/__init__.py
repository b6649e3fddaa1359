"""The release: documents that are checked, divided, masked and written as Parquet, with manifest and card.

It is built beside the last one, and takes its place when it is whole and has been searched for what was
withdrawn.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from etl.arrow import to_frame
from etl.duplicates import name_cluster
from etl.edits import restore_raw
from etl.locks import locked
from etl.made_from import hash_rows
from etl.manifest import MANIFEST, ReleaseError, describe_outputs, name_files, write_environment, write_manifest
from etl.paths import is_remote, names_below, read_unfinished
from etl.privacy import Personal
from etl.progress import SILENT, Progress
from etl.release.fates import Decisions, decide
from etl.release.hub_parquet import write_shard
from etl.release.part import Part, find_spans, mask_texts
from etl.release.spill import Spill, pack_rows
from etl.release.tables import make_tables
from etl.release.tally import Tally
from etl.release_params import ReleaseParams
from etl.shards import hash_code, hash_file, sync_folder
from etl.splits import SPLITS, join_clusters
from etl.validate import InvalidTable, validate_frame, validate_tiles
from etl.versions import check_content
from etl.withdrawal import check_withdrawn, find_risen, find_unmet, match_withdrawn, read_withdrawn, settle_clusters
from schemas import SCHEMA_VERSION
from schemas.configs import CONFIGS
from schemas.doc import Doc
from schemas.duplicates import Duplicates
from schemas.withdrawn import WITHDRAWN as WITHDRAWN_SCHEMA
from schemas.withdrawn import Withdrawn

_BATCH_BYTES = 16 * 2**20
"""Bytes of documents, unpacked, that are worked on at once."""
_BATCH_ROWS = 4096
_MEGABYTE = 10**6
_UNREAD = ("pieces.list.element.zone", "pieces.list.element.score")
"""What documents say of their pieces that no release tells."""
_LOCK = Path(__file__).parents[2] / "uv.lock"
"""Versions of all that the code was run with; there in a checkout, not in an installed package."""


def write_release(
    doc_shards: Sequence[Path],
    duplicates: pl.DataFrame,
    out: Path,
    params: ReleaseParams,
    *,
    inputs: Mapping[str, str],
    made_from: Mapping[str, str | None],
    withdrawn: Path | None,
    why: Mapping[str, str],
    facts: Mapping[str, Any],
    changes: Sequence[Mapping[str, Any]],
    may_replace: bool,
    progress: Progress = SILENT,
) -> dict[str, Any]:
    """Document shards -> a release in `out`; its totals, as `not_found` the requests of withdrawal that name no document, and as `risen` the
    copies of what was withdrawn that are released now.

    `inputs` are the sha256 of what went in, by name, and `made_from` those of what else the documents depend on (all
    parameters, rules, people's decisions). `why` says of the id of a rule or a verdict what it is for; `facts` are the
    scores and audit rates of `etl.card_facts`, `changes` what its changelog says. Nothing of an earlier release in `out`
    is touched before the new one is whole; one of the same version with other data only if it `may_replace` it.
    """
    from etl.release.card import write_card

    if not doc_shards:
        raise ReleaseError("there are no documents to release: run the stage that makes them first")
    with _building(out) as building:
        shards = sorted(doc_shards)
        requests = read_withdrawn(withdrawn)
        known, bodies, unmet = _survey(shards, _checked(duplicates), params, requests)
        numbers, examples, configs = _write_tables(shards, known, building, progress)
        claimed = {rule["rule"] for rule in numbers["rules"]} | set(numbers["totals"]["verdicts"])
        manifest = {
            "name": params.name,
            "version": params.version,
            "schema_version": SCHEMA_VERSION,
            "made_from": {
                "inputs": dict(sorted(inputs.items())),
                "code": hash_code(),
                "lock": hash_file(_LOCK) if _LOCK.exists() else None,
                "withdrawn": hash_rows(requests),
                **made_from,
            },
            "params": params.model_dump(mode="json"),
            "configs": configs,
            "numbers": {**numbers, **facts},
            "examples": examples,
            "why": {name: text for name, text in sorted(why.items()) if name in claimed},
            "changes": [dict(entry) for entry in changes],
            "outputs": describe_outputs(building, configs),
        }
        write_manifest(building, manifest)
        write_card(building)
        write_environment(building)
        check_withdrawn(building, known.gone, bodies)
        if not may_replace:
            check_content(building, out)
        _swap(building, out)
    not_found = [f"{by} {key}" for by, key in unmet.select("by", "key").iter_rows()]
    return {
        "version": params.version,
        **numbers["totals"],
        "requests": len(requests),
        "not_found": not_found,
        "risen": find_risen(duplicates, known.duplicates),
    }


def check_out(out: Path) -> None:
    """Raise ReleaseError where a release may not be written: what lies there is somebody's, and no release."""
    if is_remote(out):
        list_release(out)
        return
    if out.is_file():
        raise ReleaseError(f"{out}: is a file; name an empty or a new folder")
    if out.exists() and any(out.iterdir()):
        if not (out / MANIFEST).exists():
            raise ReleaseError(f"{out}: holds something that is not a release; name an empty or a new folder")
        known = name_files(out)
        below = sorted(path.relative_to(out) for path in out.rglob("*") if path.is_file())
        strange = [name for name in below if name.as_posix() not in known and not name.parts[-1].startswith(".")]
        if strange:
            raise ReleaseError(
                f"{out / strange[0]}: is of no release, and would be lost; move it, or name another folder"
            )


def list_release(out: Path) -> list[str]:
    """An address -> the names of all files there; ReleaseError where one is of no release and of no copy cut short."""
    found = names_below(out)
    if "" in found:
        raise ReleaseError(f"{out}: is a file; name an empty or a new place")
    known = read_unfinished(out)
    if MANIFEST in found:
        known |= name_files(out)
    strange = [name for name in found if name not in known]
    if strange:
        why = "which its manifest does not list" if known else f"and no {MANIFEST}, so it is not a release"
        raise ReleaseError(f"{out}: holds {strange[0]}, {why}; name an empty or a new place")
    return found


def _checked(duplicates: pl.DataFrame) -> pl.DataFrame:
    validate_frame(duplicates, Duplicates, "duplicates")
    # They mostly are in order: a second copy of them would stay as long as the release is made.
    return duplicates if duplicates["id"].is_sorted() else duplicates.sort("id")


def _survey(
    shards: Sequence[Path], duplicates: pl.DataFrame, params: ReleaseParams, requests: pl.DataFrame
) -> tuple[Decisions, dict[str, str], pl.DataFrame]:
    """Read the small columns of every shard once: ids, second articles, withdrawals and, by date, dates.

    Beside these the bodies that are withdrawn, and the requests that name no document.
    """
    unmet = requests
    ids: list[pl.Series] = []
    links: list[pl.DataFrame] = []
    days: list[pl.DataFrame] = []
    gone: list[pl.DataFrame] = []
    bodies: dict[str, str] = {}
    for shard in shards:
        docs = _read(shard, ["id", "parent_id", "url", "outlet", "date"])
        ids.append(docs["id"])
        children = docs.filter(pl.col("parent_id").is_not_null())
        orphans = children.filter(~pl.col("parent_id").is_in(docs["id"].to_list()))
        if len(orphans):
            raise InvalidTable(
                f"{shard.name}: the page of second article {orphans['id'][0]} is missing; "
                "a second article goes with the page it stood in"
            )
        links.append(children.select("id", "parent_id"))
        days.append(
            docs.select("id", "date").drop_nulls() if params.splits.by == "date" else docs.select("id", "date").clear()
        )
        found = match_withdrawn(docs, requests)
        gone.append(found)
        unmet = find_unmet(docs, unmet)
        asked = found.filter(pl.col("by") != "outlet")["id"].to_list()
        if asked:
            rows = pl.scan_parquet(shard).filter(pl.col("id").is_in(asked)).select("id", "text").collect()
            bodies |= dict(rows.iter_rows())
    every = pl.concat(ids)
    if every.is_empty():
        raise ReleaseError("there is not one document to release: look at the pages that were read")
    if every.is_duplicated().any():
        twice = every.filter(every.is_duplicated()).unique().sort().head(5).to_list()
        raise InvalidTable(
            f"documents: id {', '.join(twice)} names several documents; give later records of a key -2, -3"
        )
    withdrawn_rows = pl.concat(gone).sort("id")
    duplicates = settle_clusters(duplicates, withdrawn_rows)
    asked_for = pl.concat([*(frame[c] for frame in links for c in frame.columns), *(frame["id"] for frame in days)])
    rows = duplicates.filter(pl.col("id").is_in(asked_for.unique().to_list())).select("id", "cluster_id")
    clusters = dict(rows.iter_rows())

    def cluster(name: str) -> str:
        return clusters.get(name) or name_cluster(name)

    joined = join_clusters((cluster(child), cluster(parent)) for frame in links for child, parent in frame.iter_rows())
    earliest: dict[str, date] = {}
    for frame in days:
        for name, day in frame.iter_rows():
            key = joined.get(cluster(name), cluster(name))
            earliest[key] = min(day, earliest.get(key, day))
    return Decisions(params, duplicates, withdrawn_rows, joined, earliest), bodies, unmet


def _write_tables(
    shards: Sequence[Path], known: Decisions, building: Path, progress: Progress
) -> tuple[dict[str, Any], list[dict[str, str]], dict[str, Any]]:
    """Read every shard once more, in batches, and write every table."""
    params = known.params
    tally = Tally()
    spill = Spill(building / ".runs", expected=sum(_unpacked(pq.read_metadata(shard)) for shard in shards))
    read = 0
    with progress.stage("release", len(shards)) as advance:
        for shard in shards:
            pages = 0
            for part in _parts(shard, known):
                read += len(part.docs)
                pages += part.docs["parent_id"].null_count()
                tally.take(part)
                for name, rows in make_tables(part, params):
                    spill.add(name, rows)
                del part  # Before the next one is read: two would be in memory.
            advance(shard.name, {"pages": pages}, kept=False)
    pa.default_memory_pool().release_unused()  # What the parts took: shards are larger, and take other memory.
    small = [split for split in SPLITS[1:] if spill.rows.get(f"default/{split}", 0) < params.splits.min_documents]
    numbers = tally.numbers(small)
    configs = _write_configs(spill, small, known, building, progress)
    spill.close()
    numbers["rows"] = {config: sum(split["rows"] for split in splits.values()) for config, splits in configs.items()}
    _check_law(numbers["totals"], numbers["rows"], read)
    return numbers, tally.shown(params.mask_personal), configs


def _parts(shard: Path, known: Decisions) -> Iterator[Part]:
    """Shard -> its documents in batches, checked and decided."""
    columns = ["id", "parent_id", "outlet", "url", "text", "raw_sha256", "date", "verdict", "verdict_value"]
    scan = pl.scan_parquet(shard).select(columns)
    second = pl.read_parquet(shard, columns=["parent_id"])["parent_id"].is_not_null()
    spliced = scan.filter(pl.col("parent_id").is_not_null()) if second.any() else scan.head(0)
    children = spliced.collect()
    fates = dict(decide(children, known).select("id", "_fate").iter_rows())
    spans = find_spans(children, known.params)
    validate_frame(pl.DataFrame(schema=pl.read_parquet_schema(shard)), Doc, shard.name)
    with pq.ParquetFile(shard) as file:
        rows = max(64, min(_BATCH_ROWS, _BATCH_BYTES * file.metadata.num_rows // max(_unpacked(file.metadata), 1)))
        told = [file.schema.column(i).path for i in range(len(file.schema))]
        batches = file.iter_batches(batch_size=rows, columns=[path for path in told if path not in _UNREAD])
        # A loop would hold each batch until it has the next.
        yield from map(partial(_decide_part, known, children, fates, spans, shard.name), batches)


def _unpacked(shard: pq.FileMetaData) -> int:
    """Bytes of a shard's rows, unpacked."""
    return sum(shard.row_group(group).total_byte_size for group in range(shard.num_row_groups))


def _decide_part(
    known: Decisions,
    children: pl.DataFrame,
    fates: Mapping[str, str],
    spans: Mapping[str, list[Personal]],
    where: str,
    batch: pa.RecordBatch,
) -> Part:
    """Documents of a shard, with all of its second articles and what is known of them -> the same, checked and decided."""
    at = batch.schema.get_field_index("pieces")
    docs = restore_raw(to_frame(pa.Table.from_batches([batch.remove_column(at)])))
    tiles = validate_tiles(docs, children, where, batch.column(at))
    own = find_spans(docs, known.params)
    return Part(mask_texts(decide(docs, known), own), tiles, fates, {**spans, **own})


def _write_configs(
    spill: Spill, small: Sequence[str], known: Decisions, building: Path, progress: Progress
) -> dict[str, Any]:
    """Write each table's shards; config -> split -> rows, bytes in memory, files."""
    params = known.params
    for split in small:
        spill.move(f"default/{split}", "default/train")
    graves = validate_frame(known.gone.select(list(WITHDRAWN_SCHEMA)), Withdrawn, "withdrawn")
    each = graves.select("id", outlet=pl.lit(None, pl.String), rows=pl.lit(1, pl.Int64))
    spill.add("withdrawn", pack_rows(graves, each))
    tables = {(config, "train"): config for config in CONFIGS if config != "default"}
    tables = {("default", split): f"default/{split}" for split in SPLITS if split not in small} | tables
    most = params.shard_megabytes * _MEGABYTE
    configs: dict[str, Any] = {config: {} for config in CONFIGS}
    with progress.stage("write", sum(spill.count_shards(table, most) for table in tables.values())) as advance:
        for (config, split), table in tables.items():
            folder, model = "data" if config == "default" else config, CONFIGS[config]
            told: dict[str, Any] = {"rows": 0, "bytes": 0, "files": []}
            for shard, shards, rows in spill.take(table, model, most):
                if config == "index":
                    rows = _merge_splits(rows, small)
                name = f"{folder}/{split}-{shard:05}-of-{shards:05}.parquet"
                size = write_shard(rows, model, building / name, params.row_group_megabytes * _MEGABYTE)
                told = {
                    "rows": told["rows"] + len(rows),
                    "bytes": told["bytes"] + size,
                    "files": [*told["files"], name],
                }
                advance(name, {"rows": len(rows)}, kept=False)
            configs[config][split] = told
    return configs


def _merge_splits(index: pa.Table, small: Sequence[str]) -> pa.Table:
    """Rows of the index -> the same, with the small splits in train."""
    at = index.schema.get_field_index("split")
    split = index["split"]
    merged = pc.if_else(pc.is_in(split, pa.array(small, pa.string())), SPLITS[0], split)
    return index.set_column(at, index.schema.field(at), merged)


def _check_law(totals: Mapping[str, Any], rows: Mapping[str, int], read: int) -> None:
    """Pages in + second articles = released + rejected, the withdrawn counted on a line of their own."""
    written = rows["index"] + rows["rejected"] + rows["withdrawn"]
    counted = totals["released"] + totals["rejected"] + totals["withdrawn"]
    entered = totals["pages"] + totals["second_articles"]
    if not (read == entered == written == counted and rows["default"] == totals["released_with_text"]):
        raise ReleaseError(
            f"documents are lost: {read} read, {entered} counted in, {counted} counted out, "
            f"{written} written ({rows['default']} with text, of {totals['released_with_text']})"
        )


def _read(shard: Path, columns: list[str]) -> pl.DataFrame:
    try:
        return pl.read_parquet(shard, columns=columns)
    except pl.exceptions.ColumnNotFoundError as error:
        raise InvalidTable(f"{shard.name}: column {error} is missing; make the documents again") from error
    except pl.exceptions.PolarsError as error:
        raise InvalidTable(f"{shard.name}: is not a whole Parquet file ({error}); make the documents again") from error


@contextmanager
def _building(out: Path) -> Iterator[Path]:
    """Yield an empty folder beside `out` to build a release in, for this process alone; what is left there goes at the end."""
    out.parent.mkdir(parents=True, exist_ok=True)
    with locked(_beside(out, "lock"), out):
        _recover(out)
        check_out(out)
        building = _beside(out, "building")
        shutil.rmtree(building, ignore_errors=True)
        building.mkdir()
        try:
            yield building
        finally:
            shutil.rmtree(building, ignore_errors=True)


def _beside(out: Path, what: str) -> Path:
    return out.with_name(f".{out.name}.{what}")


def _recover(out: Path) -> None:
    """Put back the last release, if a run was cut short between the two renames of `_swap`."""
    last = _beside(out, "last")
    if last.exists() and not out.exists():
        last.replace(out)
    shutil.rmtree(last, ignore_errors=True)


def _swap(building: Path, out: Path) -> None:
    """Let the new release take the place of the last."""
    for path in building.rglob("*"):
        if path.is_file():
            with path.open("rb+") as file:
                os.fsync(file.fileno())
    last = _beside(out, "last")
    if out.exists():
        out.replace(last)
    building.replace(out)
    sync_folder(out.parent)
    shutil.rmtree(last, ignore_errors=True)
