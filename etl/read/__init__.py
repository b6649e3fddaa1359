"""Reading: files in whatever shape -> RAW, one row a page, what could not be read included.

`read_pages` gives the rows in batches, `write_raw` writes them as Parquet shards. Formats are told apart by
content as well as by name and may be mixed in one folder, plain, compressed or in archives.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa

from etl.errors import naming
from etl.paths import steps_below, to_path
from etl.progress import SILENT, Progress, peak_memory
from etl.read.archives import ARCHIVES
from etl.read.bundles import Bundle, bundle_files, find_done, hash_bundle, hash_reading, number_ids, prune_raw
from etl.read.columns import Columns
from etl.read.files import File, list_files
from etl.read.found import gather, to_raw
from etl.read.html import read_html
from etl.read.identity import Repeats
from etl.read.kinds import ONE_PAGE, Kind, tell_kind
from etl.read.mhtml import read_mhtml
from etl.read.params import ReadParams
from etl.read.records import missing_text, read_csv, read_json, read_jsonl
from etl.read.row import RAW, Fault, Page, ReadError
from etl.read.shards import RawShards
from etl.read.streams import Opened, too_large
from etl.read.tables import (
    find_rows,
    list_columns,
    read_arrow_file,
    read_arrow_stream,
    read_dataset,
    read_hub,
    read_parquet,
)
from etl.read.text import read_text
from etl.read.warc import read_warc
from etl.runners import InProcess, Runner
from etl.shards import ShardsFailed, Summary, check_code, hash_code, tell_failure, write_note
from etl.wording import count_of

__all__ = [
    "RAW",
    "ReadError",
    "ReadParams",
    "list_files",
    "read_file",
    "read_pages",
    "read_table",
    "write_raw",
]

READERS: dict[Kind, Callable[[File, Opened, ReadParams], Iterator[Page]]] = {
    "text": read_text,
    "html": read_html,
    "mhtml": read_mhtml,
    "warc": read_warc,
}
"""One function a format of pages: (file, its open bytes, params) -> its pages."""
TABLES: dict[Kind, Callable[[File, Opened, ReadParams, Columns], Iterator[Page | pa.Table]]] = {
    "jsonl": read_jsonl,
    "json": read_json,
    "csv": read_csv,
    "parquet": read_parquet,
    "arrow-file": read_arrow_file,
    "arrow-stream": read_arrow_stream,
}
"""One function a format of records, told also which columns are named: pages one by one or in tables (etl/read/found.py)."""
_LINES: frozenset[Kind] = frozenset({"jsonl", "json", "csv"})
_PACKED_ELSEWHERE: frozenset[Kind] = frozenset({"parquet", "arrow-file"})


def read_file(
    file: File, params: ReadParams, columns: Columns, hashes: dict[str, str] | None = None
) -> Iterator[Page | pa.Table]:
    """File -> its pages; what cannot be read is a page with a fault, never an exception.

    `columns` learns which columns the file has; `hashes` its sha256, where that is known when it has been read.
    """
    if file.fault is not None:
        yield Page(file.path, fault=file.fault)
    elif file.kind == "hub":
        yield from read_hub(file, params, columns)
    elif file.kind == "dataset":
        yield from read_dataset(file, params, columns)
    else:
        try:
            yield from _read_bytes(file, params, columns, {} if hashes is None else hashes)
        except Fault as fault:
            yield Page(file.path, fault=fault)
        except OSError as error:
            reason = f"{file.path}: cannot be read ({error.strerror or error}); check its permissions"
            yield Page(file.path, fault=Fault("unreadable", reason))


def _read_bytes(file: File, params: ReadParams, columns: Columns, hashes: dict[str, str]) -> Iterator[Page | pa.Table]:
    with Opened(file, params) as opened:
        if not opened.head:
            raise opened.fault or Fault("empty", f"{file.path}: an empty file")
        kind = tell_kind(file.path, opened.head, params.columns)
        if kind in ONE_PAGE and file.size > params.max_page_bytes and not opened.is_packed:
            raise too_large(file.path, file.size, params.max_page_bytes)
        if kind in _PACKED_ELSEWHERE and opened.is_packed:
            raise Fault(
                "unsupported",
                f"{file.path}: a table in a compressed file; decompress it (it is compressed inside)",
            )
        if kind in ARCHIVES:
            if file.kind == "member":
                raise Fault(
                    "unsupported",
                    f"{file.path}: an archive, or a document of an office program, inside an archive; unpack it first",
                )
            for member in ARCHIVES[kind](file, opened, params):
                yield from read_file(member, params, columns)
            return
        if kind in _LINES:
            opened.recode()
        if kind in TABLES:
            yield from TABLES[kind](file, opened, params, columns)
            return
        for page in READERS[kind](file, opened, params):
            if kind in ONE_PAGE and page.source_sha256 and not opened.is_packed:
                hashes[file.where] = page.source_sha256
            yield page


def _number(found: Iterable[Page | pa.Table], params: ReadParams) -> Iterator[pa.Table]:
    """What readers yield, in path order -> RAW, ids numbered."""
    repeats = Repeats()
    for table in gather(found, params):
        rows = to_raw(table, params)
        ids = pa.array(map(repeats.number, rows["id"].to_pylist()), pa.string())
        yield rows.set_column(0, RAW.field("id"), ids)


def read_pages(source: Path | str, params: ReadParams) -> Iterator[pa.Table]:
    """Source -> RAW, in batches of some two thousand pages or about 16 MB, in path order.

    Raise ReadError at its end where a column named for the text was nowhere in it.
    """
    columns = Columns(params.columns)
    files = list_files(source, params)
    yield from _number((page for file in files for page in read_file(file, params, columns)), params)
    columns.check()


def read_table(table: pa.Table, params: ReadParams) -> pa.Table:
    """Table with a text or html column -> RAW, a page a row; what cannot be read is a row that says why."""
    columns = Columns(params.columns)
    there = list_columns(table.schema)
    missing = missing_text(there, columns.match(there), columns)
    if missing:
        raise ReadError(f"table: {missing}")
    columns.check()
    try:
        return pa.concat_tables(_number([find_rows("table", table, 0, params, columns)], params))
    except Fault as fault:
        raise ReadError(fault.reason) from fault


def refuse_inside(source: Path | str, out: Path) -> None:
    """Raise ReadError where what is written would lie in the source, and the next run would read it as pages.

    Names that begin with a dot are not read.
    """
    below = steps_below(out, to_path(source))
    if below is not None and not any(name.startswith(".") for name in below):
        raise ReadError(f"{out}: this lies in the source {source}; write to a folder outside it")


def read_bundle(work: None, bundle: Bundle) -> Summary:
    """Read a bundle's files into its shards, unless they are there; return its note and whether it was kept."""
    check_code(bundle.code)
    # What has no note is read anyhow, and its files' hashes come with it.
    known = find_done(bundle, hash_bundle(bundle, {})) if bundle.note.exists() else None
    if known is not None:
        return {"note": known, "kept": True}
    pages = 0
    verdicts: Counter[str] = Counter()
    hashes: dict[str, str] = {}
    columns = Columns(bundle.params.columns)
    with naming(bundle.out), RawShards(bundle.out, bundle.stem, bundle.params) as shards:
        for table in _number(
            (page for file in bundle.files for page in read_file(file, bundle.params, columns, hashes)), bundle.params
        ):
            shards.add(table)
            pages += len(table)
            verdicts.update(filter(None, table["verdict"].to_pylist()))
    size = sum(file.size for file in bundle.files)
    summary = {
        **{"files": len(bundle.files), "pages": pages, "bytes": size, "verdicts": dict(sorted(verdicts.items()))},
        "columns": {"seen": list(columns.seen), "found": sorted(columns.found)},
    }
    entry = {
        "key": hash_bundle(bundle, hashes),
        "depends": hash_reading(bundle.params, bundle.code),
        "shards": shards.made,
        "summary": summary,
    }
    write_note(bundle.note, **entry)
    return {"note": entry, "kept": False, "memory_mb": peak_memory()}


def write_raw(
    source: Path | str,
    out: Path,
    params: ReadParams,
    progress: Progress = SILENT,
    runner: Runner | None = None,
) -> dict[str, Any]:
    """Source -> `out/raw-00000-000.parquet` …, the same bytes for the same files; return counts of what was read.

    Files whose bytes, and those of the files read with them, are known are not read again.
    """
    out = to_path(out).absolute()
    refuse_inside(source, out)
    passed: list[str] = []
    bundles = list(bundle_files(list_files(source, params, passed), out, params, hash_code()))
    if passed:
        names = f"{', '.join(passed[:3])}{', …' if len(passed) > 3 else ''}"
        text = f"{count_of(len(passed), 'name')} of the source, hidden or in read.ignore: {names}"
        progress.warn("passed over", text, count=len(passed))
    out.mkdir(parents=True, exist_ok=True)
    notes: dict[Path, dict[str, Any]] = {}
    failures: list[str] = []
    read = Counter({"files": 0, "pages": 0, "bytes": 0})
    verdicts: Counter[str] = Counter()
    columns = Columns(params.columns)
    with progress.stage("read", len(bundles)) as advance:
        for bundle, result in (runner or InProcess()).map(read_bundle, None, bundles):
            if isinstance(result, ReadError):
                raise result
            if isinstance(result, BaseException):
                failures.append(f"{bundle.name}: {tell_failure(result)}")
                continue
            notes[bundle.note] = result["note"]
            summary = result["note"]["summary"]
            read.update({name: summary[name] for name in read})
            verdicts.update(summary["verdicts"])
            columns.learn(**summary["columns"])
            told = {name: summary[name] for name in read}
            memory = {"memory_mb": result["memory_mb"]} if "memory_mb" in result else {}
            advance(bundle.name, told | memory, kept=result["kept"])
        if not failures:
            unknown = columns.check()
            if not read["pages"]:
                raise ReadError(
                    f"{source}: there is no page in it ({count_of(read['files'], 'file')} read): tables without rows and web "
                    "archives without answers hold none. Look at what fills it; the last release stays as it is"
                )
            notes = {bundle.note: notes[bundle.note] for bundle in bundles}
            number_ids(out, notes)
            prune_raw(out, notes)
            if unknown:
                progress.warn("columns", f"{unknown}; correct the name in the parameters, or take it out")
    if failures:
        raise ShardsFailed(
            f"read: {len(failures)} of {len(bundles)} bundles of files failed; the others are done and kept, "
            "run again to do only these:\n  " + "\n  ".join(failures)
        )
    return {
        **read,
        "rejected": verdicts.total(),
        "verdicts": dict(sorted(verdicts.items())),
        "shards": sum(len(entry["shards"]) for entry in notes.values()),
    }
