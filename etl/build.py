"""The build: the stages between folders of shards, as `dvc repro`, `python -m etl STAGE` and `ghirbal run` run them.

    source → raw → pages → (templates) → docs → (duplicates) → release

Each step is `each_shard` over files, or a small table learned from side files.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow.parquet as pq

from etl.alarms import Counts, add_counts, compare_builds, read_counts, write_counts
from etl.arrow import to_arrow
from etl.build_files import CLUSTERS, ORDERS, TEMPLATES
from etl.card_facts import read_changes, read_scores, tell_audit
from etl.chain import STAGES, check_before, depends_on, note_clusters, note_learned
from etl.dates.order_table import apply_order_edits, read_order_edits, read_orders, write_orders
from etl.dates.outlet_orders import ORDER_COUNT, learn_orders
from etl.duplicates import learn_duplicates
from etl.errors import naming
from etl.knowledge import Knowledge
from etl.locks import locked_folder
from etl.made_from import hash_inputs, hash_rows, hash_rules
from etl.manifest import MANIFEST, ReleaseError
from etl.paths import is_remote, local, local_all, put_folder, steps_below, to_path
from etl.progress import SILENT, Progress
from etl.rates import read_rates
from etl.read import ReadError, refuse_inside, write_raw
from etl.reasons import tell_reasons
from etl.release import check_out, list_release, write_release
from etl.review import check_overrides
from etl.runners import Runner
from etl.shard_work import clean_shard, count_shard, repair_shard, sign_shard
from etl.shards import ShardWork, Summary, each_shard, hash_file, hash_parts, read_summaries, replacing, sweep
from etl.summary import first_reasons
from etl.templates.counts import COUNT
from etl.templates.learn import learn_templates
from etl.templates.table import apply_edits, read_edits, read_templates, take_cuts, write_templates
from etl.versions import check_content, check_inputs
from etl.withdrawal import read_withdrawn
from schemas.duplicates import DUPLICATES

_FOLDERS = (*STAGES, "release")
"""What the stages write, each in a folder of its own."""
_NO_MATTER: dict[str, Any] = {"run": True, "read": {"shard_bytes", "batch"}}
"""Parameters of how the work is done: no byte of a release depends on them."""


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

    @property
    def learned(self) -> Path:
        """The table of lines that the corpus has taught, once it has."""
        return self.folder / TEMPLATES

    @property
    def orders(self) -> Path:
        """The table of which of day and month its outlets write first, once the corpus has taught it."""
        return self.folder / ORDERS

    @property
    def counts(self) -> Path:
        """The figures of each outlet, as they were in the last release."""
        return self.folder / "outlets.json"

    def shards(self, name: str) -> list[Path]:
        """Return the Parquet shards of one stage, in order; an error where there are none says which stage to run."""
        found = sorted(self.path(name).glob("*.parquet"))
        if not found:
            raise FileNotFoundError(
                f"{self.path(name)}: no shards; make them first with `ghirbal {STAGES[name]} --build {self.folder}`"
            )
        return found

    def each_shard(self, name: str, work: ShardWork, of: str, folder: str, below: str = "") -> list[Summary]:
        """Run a stage's work over the shards `of` the folder before it, if they are what these parameters make of the pages."""
        sources = self.shards(of)
        hashes = check_before(self.know, self.folder, folder)
        depends = depends_on(self.know, self.folder, folder)
        out = self.path(folder) / below
        return each_shard(
            work, sources, out, depends, hashes=hashes, name=name, runner=self.runner, progress=self.progress
        )


def make_raw(build: Build, source: Path | str) -> Summary:
    """Source -> `raw`: read the pages in whatever shape they come."""
    _refuse_working(source, build)
    return write_raw(source, build.path("raw"), build.know.params.read, build.progress, build.runner)


def make_pages(build: Build) -> list[Summary]:
    """`raw` -> `pages`: repair what encodings have done."""
    work = partial(repair_shard, know=build.know)
    return build.each_shard("repair", work, "raw", "pages")


def make_templates(build: Build) -> pl.DataFrame:
    """`pages` -> `templates`: learn the lines that each outlet repeats, and how it writes dates; both tables are files people can edit.

    What they have edited in the last ones stands: the program decides only what they have left to it.
    """
    work = partial(count_shard, know=build.know)
    sweep(build.path("templates"))
    build.each_shard("templates", work, "pages", "templates", "counts")
    counts = build.path("templates") / "counts"
    params = build.know.params.templates
    with local_all(sorted(counts.glob("*.parquet"))) as shards:
        scans = [pl.scan_parquet(shard) for shard in shards]
        table = learn_templates([scan.select(list(COUNT)) for scan in scans], params)
        orders = learn_orders(pl.concat(scan.select(list(ORDER_COUNT)) for scan in scans), params.day_order)
    _write_orders(orders, build.orders)
    path = build.learned
    edits = read_edits(path) if path.exists() else None
    if edits is not None:
        table = apply_edits(table, edits)
    with replacing(path) as beside:
        write_templates(table, beside, edits)
    note_learned(build.know, build.folder)
    return table


def _write_orders(table: pl.DataFrame, path: Path) -> None:
    """ORDER as learned -> its file, in which what people decided in the last one stands."""
    edits = read_order_edits(path) if path.exists() else None
    if edits is not None:
        table = apply_order_edits(table, edits)
    with replacing(path) as beside:
        write_orders(table, beside, edits)


def with_learned(build: Build) -> Build:
    """Return the build knowing what its corpus has taught, if it has been taught."""
    templates = read_templates(build.learned) if build.learned.exists() else None
    orders = read_orders(build.orders) if build.orders.exists() else None
    return replace(build, know=replace(build.know, templates=templates, orders=orders))


def make_docs(build: Build) -> list[Summary]:
    """`pages` and `templates` -> `docs`: clean every page."""
    build = with_learned(build)
    check_decisions(build, "pages")
    # Each worker gets the table anew with each shard, and it grows with the corpus: only what is cut by goes there.
    cuts = None if build.know.templates is None else take_cuts(build.know.templates)
    work = partial(clean_shard, know=replace(build.know, templates=cuts))
    done = build.each_shard("clean", work, "pages", "docs")
    _raise_alarms(build, add_counts(summary["outlets"] for summary in done))
    return done


def check_decisions(build: Build, name: str) -> None:
    """Raise OverrideError where people's decisions are of pages that are not in the shards of this stage."""
    table = build.know.overrides
    if table is not None and len(table):
        with local_all(build.shards(name)) as shards:
            check_overrides(table, shards)


def _raise_alarms(build: Build, counts: dict[str, Counts]) -> None:
    """Say where an outlet's figures moved since the last release of this build."""
    for alarm in compare_builds(read_counts(build.counts), counts, build.know.params.run.alarms):
        build.progress.warn("alarm", str(alarm), **alarm.event())


def _keep_counts(build: Build) -> None:
    """Keep the outlets' figures of a build that has just been released, for the next one to be compared with."""
    counts = add_counts(summary["outlets"] for summary in read_summaries(build.shards("docs")))
    if counts != read_counts(build.counts):
        write_counts(build.counts, counts)


def make_duplicates(build: Build) -> None:
    """`docs` -> `duplicates`: sign every document, then find the clusters from the signatures alone."""
    work = partial(sign_shard, know=build.know)
    sweep(build.path("duplicates"))
    build.each_shard("duplicates", work, "docs", "duplicates", "signatures")
    signatures = build.path("duplicates") / "signatures"
    with (
        local_all(sorted(signatures.glob("*.parquet"))) as shards,
        replacing(build.folder / CLUSTERS) as beside,
        pq.ParquetWriter(beside, to_arrow(DUPLICATES.to_frame()).schema, compression="zstd") as writer,
    ):
        for part in learn_duplicates([pl.scan_parquet(shard) for shard in shards], build.know.params.duplicates):
            writer.write_table(to_arrow(part))
    note_clusters(build.know, build.folder)


def make_release(
    build: Build,
    out: Path,
    withdrawn: Path | None = None,
    changelog: Path | None = None,
    *,
    may_replace: bool = False,
) -> dict[str, Any]:
    """`docs` and `duplicates` -> a release in `out`, built beside and swapped in when whole.

    Its card says what `metrics.json` and `audit/rates.json` of the build say, where they are there. A release of the same
    version with other data is left in its place unless this one `may_replace` it.
    """
    docs_shards = build.shards("docs")
    sweep(build.folder)
    check_before(build.know, build.folder, "release")
    know = with_learned(build).know
    rates = read_rates(build.folder)
    scores = build.path("metrics.json")
    made_from = {
        "params": hash_parts(know.params.model_dump_json(exclude=_NO_MATTER)),
        "rules": hash_rules(know.rules),
        "templates": hash_rows(know.templates),
        "day_order": hash_rows(know.orders),
        "overrides": hash_rows(know.overrides),
        "metrics": hash_file(scores) if scores.exists() else None,
        "audit_rates": hash_parts(json.dumps(rates, sort_keys=True)) if rates else None,
        "changelog": hash_file(changelog) if changelog else None,
    }
    with (
        local(build.folder / CLUSTERS) as clusters,
        local_all(docs_shards) as docs,
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
            may_replace=may_replace,
            progress=build.progress,
        )
        if here != out and not may_replace:
            check_content(here, out)
    _keep_counts(build)
    for name in totals["not_found"]:
        text = f"{withdrawn}: {name} is of no document of this build: nothing is left out for it; look for a slip of the pen"
        build.progress.warn("withdrawn", text, key=name)
    for name in totals["risen"]:
        text = f"{name} was left out as a copy of what is withdrawn, and is released now; if it must go as well, withdraw it too"
        build.progress.warn("withdrawn", text, key=name)
    return {
        **totals,
        "reasons": first_reasons(build.shards("raw")),
        "rejected_rows": str(out / "rejected"),
        "build": str(build.folder),
        "release": str(out),
        "name": know.params.release.pretty_name,
        "authors": list(know.params.release.authors),
        "decisions": 0 if know.overrides is None else len(know.overrides),
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


def run(
    source: Path | str, out: Path, build: Build, withdrawn: Path | None = None, *, may_replace: bool = False
) -> dict[str, Any]:
    """Source -> release: every stage in order; what is done already is kept."""
    # What would stop the last stage is told before the first.
    _refuse_source(source, out, build)
    check_out(out)
    read_withdrawn(withdrawn)
    with locked_folder(build.folder):
        return _run_stages(source, out, build, withdrawn, may_replace)


def _run_stages(
    source: Path | str, out: Path, build: Build, withdrawn: Path | None, may_replace: bool
) -> dict[str, Any]:
    make_raw(build, source)
    check_decisions(build, "raw")
    if not may_replace and (out / MANIFEST).exists():
        check_inputs(out, build.know.params.release.version, hash_inputs(build.shards("raw")))
    make_pages(build)
    make_templates(build)
    make_docs(build)
    make_duplicates(build)
    return make_release(build, out, withdrawn, may_replace=may_replace)


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


def work_folder(release: Path) -> Path:
    """Return the folder of a release's working files: OUT.build beside OUT."""
    if release.name in ("", ".."):
        raise ReleaseError(
            f"{release}: is no name for a release, whose working files go to NAME.build beside it; name a folder, as in ./NAME or s3://BUCKET/NAME"
        )
    return release.with_name(release.name + ".build")
