"""The build: the stages between folders of shards, as `dvc repro`, `python -m etl STAGE` and `ghirbal run` run them.

    source → raw → pages → (templates) → docs → (duplicates) → release

Each step is `each_shard` over files, or a small table learned from side files.
"""

from __future__ import annotations

import gc
import hashlib
import json
import tempfile
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from etl.alarms import Counts, add_counts, compare_builds, count_outlets, read_counts, write_counts
from etl.card_facts import read_changes, read_scores, tell_audit, tell_reasons
from etl.duplicates import CLUSTER, learn_duplicates
from etl.edits import restore_raw, store_raw
from etl.errors import naming
from etl.knowledge import Knowledge
from etl.manifest import MANIFEST, ReleaseError
from etl.params import Params
from etl.paths import is_remote, local, local_all, put_folder, steps_below, to_path
from etl.pipeline import clean_pages
from etl.progress import SILENT, Progress
from etl.rates import read_rates
from etl.read import ReadError, refuse_inside, write_raw
from etl.release import check_out, list_release, write_release
from etl.repair import repair_pages
from etl.review import check_overrides
from etl.rules import Rule, load_rules
from etl.runners import Runner
from etl.shards import Summary, each_shard, hash_code, hash_file, hash_parts, replacing
from etl.signatures import sign_documents
from etl.template_counts import count_lines
from etl.template_table import apply_edits, read_edits, read_templates, take_cuts, write_templates
from etl.templates import learn_templates
from etl.validate import InvalidTable, validate_docs, validate_frame
from etl.withdrawal import read_withdrawn
from schemas.page import PAGE, Page
from schemas.raw import RAW, Raw

MADE_BY = {"raw": "read", "pages": "repair", "docs": "clean"}
"""The stage that makes each folder of shards."""
_FOLDERS = (*MADE_BY, "templates", "duplicates", "release")
"""What the stages write, each in a folder of its own."""
_NO_MATTER: dict[str, Any] = {"run": True, "read": {"shard_bytes", "batch"}}
"""Parameters of how the work is done: no byte of a release depends on them."""
PAGE_BYTES = 16_000
"""Bytes of a page beyond which, on the average, fewer pages are held at once than `run.batch` says."""
ROW_GROUP = 4096
"""Rows a row group of the working shards: keeps a reader's memory flat."""
UNLIKE = frozenset(
    ("mark", "line", "stories", "id", "path", "url", "raw_sha256", "text_sha256", "signature", "paragraphs")
)
"""Columns of side files in which hardly a value comes twice."""


@dataclass(frozen=True)
class Build:
    """Where a build lives and what it knows."""

    folder: Path
    know: Knowledge
    runner: Runner | None = None
    progress: Progress = field(default=SILENT)

    def path(self, name: str) -> Path:
        """Return the folder of one stage's output."""
        return self.folder / name

    def shards(self, name: str) -> list[Path]:
        """Return the Parquet shards of one stage, in order; an error where there are none says which stage to run."""
        found = sorted(self.path(name).glob("*.parquet"))
        if not found:
            raise FileNotFoundError(
                f"{self.path(name)}: no shards; run the stage that makes them first (python -m etl {MADE_BY[name]})"
            )
        return found

    def depends(self, *groups: str, more: str = "") -> str:
        """Return the hash of code, rules and the named groups of parameters."""
        params = self.know.params.model_dump(mode="json")
        chosen = json.dumps({group: params[group] for group in groups}, sort_keys=True)
        return hash_parts(hash_code(), hash_rules(self.know.rules), chosen, more)


@contextmanager
def _collecting_later() -> Iterator[None]:
    """Let Python look for cycles of objects after a batch, not in the midst of one: its many small rows hold none."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


Batch = Callable[[pa.Table, str], pa.Table]
"""(rows of a shard, the shard's name for messages) -> rows of the next one."""


def _open(target: Path, schema: pa.Schema, unlike: Collection[str] = ()) -> pq.ParquetWriter:
    """Return the writer of a working shard; only of marks anybody asks for the least and the greatest value.

    In columns `unlike`, lists of numbers or not, hardly a value comes twice, and looking for the same ones is lost time.
    """
    leaves = [
        f"{field.name}.list.element" if pa.types.is_large_list(field.type) else field.name
        for field in schema
        if field.name not in unlike
    ]
    alike = leaves if unlike else True
    return pq.ParquetWriter(target, schema, compression="zstd", write_statistics=["mark"], use_dictionary=alike)


def cut_batch(part: pa.RecordBatch, most: int) -> Iterator[pa.RecordBatch]:
    """Rows of a shard -> the same in order, halved until no batch of several rows holds more than `most` bytes."""
    if part.num_rows < 2 or part.nbytes <= most:
        yield part
        return
    half = part.num_rows // 2
    yield from cut_batch(part.slice(0, half), most)
    yield from cut_batch(part.slice(half), most)


@contextmanager
def _opened(source: Path, needs: pl.Schema | list[str]) -> Iterator[pq.ParquetFile]:
    """Yield a shard that has these columns; an error names the file that is none."""
    what = f"{source.name}: is no shard of this build"
    cure = "remove it from there, or run the stage before this one again"
    try:
        file = pq.ParquetFile(source)
    except pa.ArrowInvalid as error:
        raise InvalidTable(f"{what}: {error}; {cure}") from error
    with file:
        found = file.schema_arrow
        if isinstance(needs, pl.Schema):
            try:
                _frame(found.empty_table()).match_to_schema(needs)
            except pl.exceptions.SchemaError as error:
                told = str(error).replace(" in `match_to_schema`", "")
                raise InvalidTable(f"{what}: {told}; {cure}") from error
        elif missing := [name for name in needs if name not in found.names]:
            raise InvalidTable(f"{what}: missing columns: {', '.join(missing)}; {cure}")
        yield file


def _stream(
    source: Path,
    target: Path,
    work: Batch,
    batch: int,
    needs: pl.Schema | list[str],
    row_group: int = ROW_GROUP,
    unlike: Collection[str] = (),
) -> Summary:
    """Run `work` over a shard a batch at a time, so that memory grows neither with the shard nor with its pages."""
    writer: pq.ParquetWriter | None = None
    rows = pages = 0
    columns = None if isinstance(needs, pl.Schema) else needs
    with _opened(source, needs) as file:
        schema = file.schema_arrow
        batches = file.iter_batches(batch_size=batch, columns=columns)
        for part in chain.from_iterable(cut_batch(whole, batch * PAGE_BYTES) for whole in batches):
            with _collecting_later():
                result = work(pa.Table.from_batches([part]), source.name)
            writer = writer or _open(target, result.schema, unlike)
            writer.write_table(result, row_group_size=row_group)
            rows += result.num_rows
            pages += part.num_rows
            del result  # Not held while the next one is made.
        if writer is None:  # A shard without rows still has its columns.
            empty = schema.empty_table().select(columns) if columns else schema.empty_table()
            result = work(empty, source.name)
            writer = _open(target, result.schema, unlike)
            writer.write_table(result)
    writer.close()
    return {"pages": pages, "rows": rows}


def _frame(table: pa.Table) -> pl.DataFrame:
    frame = pl.from_arrow(table)
    assert isinstance(frame, pl.DataFrame)
    return frame


def _table(frame: pl.DataFrame) -> pa.Table:
    return frame.to_arrow(compat_level=pl.CompatLevel.oldest())


def _repair(table: pa.Table, where: str, know: Knowledge) -> pa.Table:
    raw = validate_frame(_frame(table).match_to_schema(RAW), Raw, f"raw/{where}")
    pages = repair_pages(raw, know.params.repair).select(list(PAGE))
    return _table(store_raw(validate_frame(pages, Page, f"pages/{where}")))


def _clean(table: pa.Table, where: str, know: Knowledge) -> pl.DataFrame:
    pages = validate_frame(restore_raw(_frame(table).match_to_schema(PAGE)), Page, f"pages/{where}")
    return validate_docs(clean_pages(pages, know), where=f"docs/{where}")


def _count(table: pa.Table, where: str, know: Knowledge) -> pa.Table:
    return _table(count_lines(_frame(table), know.params.templates.sample))


def _sign(table: pa.Table, where: str, know: Knowledge) -> pa.Table:
    return _table(sign_documents(_frame(table), know.params.duplicates))


def repair_shard(source: Path, target: Path, *, know: Knowledge) -> Summary:
    """Raw shard -> Page shard."""
    return _stream(source, target, partial(_repair, know=know), know.params.run.batch, RAW)


def clean_shard(source: Path, target: Path, *, know: Knowledge) -> Summary:
    """Page shard -> Document shard; the summary counts what it says of each outlet."""
    counts: list[dict[str, Counts]] = []

    def work(table: pa.Table, where: str) -> pa.Table:
        docs = _clean(table, where, know)
        counts.append(count_outlets(docs))
        return _table(store_raw(docs))

    return {**_stream(source, target, work, know.params.run.batch, PAGE), "outlets": add_counts(counts)}


def count_shard(source: Path, target: Path, *, know: Knowledge) -> Summary:
    """Page shard -> counts of its lines by outlet."""
    columns = ["id", "outlet", "page", "given_date"]
    return _stream(
        source, target, partial(_count, know=know), know.params.run.batch * 2, columns, ROW_GROUP * 4, UNLIKE
    )


def sign_shard(source: Path, target: Path, *, know: Knowledge) -> Summary:
    """Document shard -> the signatures of its documents."""
    columns = ["id", "parent_id", "path", "url", "outlet", "date", "n_words", "raw_sha256", "text", "verdict"]
    return _stream(source, target, partial(_sign, know=know), know.params.run.batch * 2, columns, unlike=UNLIKE)


def make_raw(build: Build, source: Path | str) -> Summary:
    """Source -> `raw`: read the pages in whatever shape they come."""
    _refuse_working(source, build)
    return write_raw(source, build.path("raw"), build.know.params.read, build.progress, build.runner)


def make_pages(build: Build) -> list[Summary]:
    """`raw` -> `pages`: repair what encodings have done."""
    work = partial(repair_shard, know=build.know)
    return each_shard(
        work,
        build.shards("raw"),
        build.path("pages"),
        build.depends("repair"),
        name="repair",
        runner=build.runner,
        progress=build.progress,
    )


def make_templates(build: Build) -> pl.DataFrame:
    """`pages` -> `templates`: learn the lines that each outlet repeats; the table is a file people can edit.

    What they have edited in the last one stands: the program decides only lines that they have left to it.
    """
    work = partial(count_shard, know=build.know)
    counts = build.path("templates") / "counts"
    each_shard(
        work,
        build.shards("pages"),
        counts,
        build.depends("templates"),
        name="templates",
        runner=build.runner,
        progress=build.progress,
    )
    with local_all(sorted(counts.glob("*.parquet"))) as shards:
        table = learn_templates([pl.scan_parquet(shard) for shard in shards], build.know.params.templates)
    path = build.path("templates") / "templates.csv"
    edits = read_edits(path) if path.exists() else None
    if edits is not None:
        table = apply_edits(table, edits)
    with replacing(path) as beside:
        write_templates(table, beside, edits)
    return table


def with_templates(build: Build, path: Path | None = None) -> Build:
    """Return the build knowing what its corpus has taught, if it has been taught."""
    path = path or build.path("templates") / "templates.csv"
    table = read_templates(path) if path.exists() else None
    return replace(build, know=replace(build.know, templates=table))


def make_docs(build: Build) -> list[Summary]:
    """`pages` and `templates` -> `docs`: clean every page."""
    build = with_templates(build)
    learned = build.path("templates") / "templates.csv"
    table = build.know.overrides
    decided = "" if table is None else table.write_json()
    depends = build.depends(
        "zones",
        "headlines",
        "dates",
        "language",
        "quality",
        "templates",
        more=(hash_file(learned) if learned.exists() else "") + decided,
    )
    # Each worker gets the table anew with each shard, and it grows with the corpus: only what is cut by goes there.
    cuts = None if build.know.templates is None else take_cuts(build.know.templates)
    work = partial(clean_shard, know=replace(build.know, templates=cuts))
    done = each_shard(
        work,
        build.shards("pages"),
        build.path("docs"),
        depends,
        name="clean",
        runner=build.runner,
        progress=build.progress,
    )
    if table is not None:
        with local_all(build.shards("docs")) as shards:
            check_overrides(table, shards)
    _raise_alarms(build, add_counts(summary["outlets"] for summary in done))
    return done


def _raise_alarms(build: Build, counts: dict[str, Counts]) -> None:
    """Say where an outlet's figures moved since the last build; keep those of this one for the next."""
    path = build.folder / "outlets.json"
    last = read_counts(path)
    for alarm in compare_builds(last, counts, build.know.params.run.alarms):
        build.progress.warn("alarm", str(alarm), **alarm.event())
    if counts != last:
        write_counts(path, counts)


def make_duplicates(build: Build) -> None:
    """`docs` -> `duplicates`: sign every document, then find the clusters from the signatures alone."""
    signatures = build.path("duplicates") / "signatures"
    work = partial(sign_shard, know=build.know)
    each_shard(
        work,
        build.shards("docs"),
        signatures,
        build.depends("duplicates"),
        name="duplicates",
        runner=build.runner,
        progress=build.progress,
    )
    with (
        local_all(sorted(signatures.glob("*.parquet"))) as shards,
        replacing(build.path("duplicates") / "clusters.parquet") as beside,
        pq.ParquetWriter(beside, _table(CLUSTER.to_frame()).schema, compression="zstd") as writer,
    ):
        for part in learn_duplicates([pl.scan_parquet(shard) for shard in shards], build.know.params.duplicates):
            writer.write_table(_table(part))


def make_release(
    build: Build, out: Path, withdrawn: Path | None = None, changelog: Path | None = None
) -> dict[str, Any]:
    """`docs` and `duplicates` -> a release in `out`, built beside and swapped in when whole.

    Its card says what `metrics.json` and `audit/rates.json` of the build say, where they are there.
    """
    know = with_templates(build).know
    rates = read_rates(build.folder)
    scores = build.path("metrics.json")
    made_from = {
        "params": hash_parts(know.params.model_dump_json(exclude=_NO_MATTER)),
        "rules": hash_rules(know.rules),
        "templates": _hash_rows(know.templates),
        "overrides": _hash_rows(know.overrides),
        "metrics": hash_file(scores) if scores.exists() else None,
        "audit_rates": hash_parts(json.dumps(rates, sort_keys=True)) if rates else None,
        "changelog": hash_file(changelog) if changelog else None,
    }
    with (
        local(build.path("duplicates") / "clusters.parquet") as clusters,
        local_all(build.shards("docs")) as docs,
        _beside(out) as here,
        naming(here),
    ):
        totals = write_release(
            docs,
            pl.read_parquet(clusters),
            here,
            know.params.release,
            inputs=hash_inputs(build.shards("raw")),
            made_from=made_from,
            withdrawn=withdrawn,
            why=tell_reasons(know.rules),
            facts={**tell_audit(rates), "evaluation": read_scores(scores)},
            changes=read_changes(changelog),
        )
    for name in totals["not_found"]:
        text = f"{withdrawn}: {name} is of no document of this build: nothing is left out for it; look for a slip of the pen"
        build.progress.warn("withdrawn", text, key=name)
    return {
        **totals,
        "reasons": first_reasons(build.shards("raw")),
        "rejected_rows": str(out / "rejected"),
        "build": str(build.folder),
    }


@contextmanager
def _beside(out: Path) -> Iterator[Path]:
    """Yield the folder to write a release into: `out`, or one of this machine that is copied there when it is whole."""
    if not is_remote(out):
        yield out
        return
    known = list_release(out)
    with tempfile.TemporaryDirectory(prefix="ghirbal-") as folder:
        here = Path(folder) / out.name
        yield here
        put_folder(here, out, MANIFEST, known)


def first_reasons(raw: Iterable[Path]) -> dict[str, str]:
    """Raw shards -> the first reason of each verdict of reading, in words: of one page among those that have it."""
    reasons: dict[str, str] = {}
    for shard in raw:
        with shard.open("rb") as file:
            rows = pq.read_table(file, columns=["verdict", "reason"], filters=pc.field("reason").is_valid())
        for verdict, reason in zip(*(column.to_pylist() for column in rows.columns), strict=True):
            reasons.setdefault(verdict, reason)
    return reasons


def hash_inputs(raw: list[Path]) -> dict[str, str]:
    """Raw shards -> the number of pages and one hash of what was read, the same however it lies in shards.

    It is the sum, modulo 2 to the 256th, of the sha256 of each page's id, path and text's hash: a set has no order.
    """
    total = pages = 0
    for shard in raw:
        with shard.open("rb") as file:
            rows = pq.read_table(file, columns=["id", "path", "raw_sha256"])
        for row in zip(*(column.to_pylist() for column in rows.columns), strict=True):
            total += int.from_bytes(hashlib.sha256("\0".join(row).encode()).digest())
            pages += 1
    return {"pages": str(pages), "sha256": f"{total % 2**256:064x}"}


def _hash_rows(table: pl.DataFrame | None) -> str | None:
    """A table, if there is any -> the sha256 of its rows; none where it has none: then it decides nothing."""
    return None if table is None or table.is_empty() else hash_parts(table.write_json())


def hash_rules(rules: Iterable[Rule]) -> str:
    """Return one sha256 over what the rules do, the shipped ones and one's own."""
    told = ("id", "kind", "pattern", "action", "heading", "zone", "outlet", "until")
    return hash_parts(*("\0".join(str(getattr(rule, name)) for name in told) for rule in rules))


def run(source: Path | str, out: Path, build: Build, withdrawn: Path | None = None) -> dict[str, Any]:
    """Source -> release: every stage in order; what is done already is kept."""
    # What would stop the last stage is told before the first.
    _refuse_source(source, out, build)
    check_out(out)
    read_withdrawn(withdrawn)
    make_raw(build, source)
    make_pages(build)
    make_templates(build)
    make_docs(build)
    make_duplicates(build)
    return make_release(build, out, withdrawn)


def _refuse_working(source: Path | str, build: Build) -> None:
    """Raise where the pages lie in a folder that a stage empties of all that is not its own."""
    for name in _FOLDERS:
        if steps_below(to_path(source), build.path(name)) is not None:
            raise ReadError(
                f"{build.path(name)}: is where the build keeps its own files, and the source {source} lies in it and would be "
                "lost; move the pages, or name another folder for the build"
            )


def _refuse_source(source: Path | str, out: Path, build: Build) -> None:
    """Raise where the release or the working files would take the place of the pages, or lie among them."""
    pages = to_path(source)
    if steps_below(pages, out) == []:
        raise ReleaseError(f"{out}: is the source itself; name another folder for the release")
    if steps_below(pages, out) is not None:
        raise ReleaseError(
            f"{out}: the source {source} lies in it and would be lost; name another folder for the release"
        )
    _refuse_working(source, build)
    refuse_inside(source, out)


def load_knowledge(
    params: Params,
    rules: list[Path] | None = None,
    templates: pl.DataFrame | None = None,
    overrides: pl.DataFrame | None = None,
) -> Knowledge:
    """Return what the stages know: rules, parameters, what a corpus has taught, what people decided."""
    return Knowledge(rules=load_rules(*(rules or [])), params=params, templates=templates, overrides=overrides)


def work_folder(release: Path) -> Path:
    """Return the folder of a release's working files: OUT.build beside OUT."""
    if release.name in ("", ".."):
        raise ReleaseError(
            f"{release}: is no name for a release, whose working files go to NAME.build beside it; name a folder, as in ./NAME or s3://BUCKET/NAME"
        )
    return release.with_name(release.name + ".build")
