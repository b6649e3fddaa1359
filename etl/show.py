"""A page on a terminal: the clean article, or the page as it came with every cut in place and its rule."""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from etl.api import read_source, records
from etl.errors import mendable, tell_error
from etl.knowledge import Knowledge
from etl.reasons import tell_reasons
from etl.wording import isolate

_COLOURS = {"cut": "31", "mark": "34", "meta": "33"}
_FIELDS = (
    "id", "parent_id", "outlet", "title", "title_long", "summary", "headline_en", "date", "date_raw", "source", "author",
    "dateline", "category", "keywords",
)  # fmt: skip
META = (
    "title",
    "summary",
    "headline-en",
    "date",
    "source",
    "byline",
    "dateline",
    "category",
    "keywords",
    "media",
    "embed",
)


def _paint(text: str, colour: str, on: bool) -> str:
    return f"\033[{colour}m{text}\033[0m" if on and text else text


def print_pages(files: Sequence[Path], know: Knowledge, form: str | None = None) -> tuple[int, int]:
    """Files or folders of pages -> how many pages were rejected and how many files could not be opened.

    Each article goes to stdout, under the name of its page where there are several; with the `form` "explain" the whole page
    with its cuts, with "json" one record a line. What is rejected has no article, and its reason goes to stderr.
    """
    why = tell_reasons(know.rules)
    rejected = failed = shown = 0
    for given in files:
        try:
            with _on_disk(given) as file:
                raw = read_source(file, know)
                found = records(raw, know)
        except mendable() as error:
            print(f"ghirbal: {tell_error(error)}", file=sys.stderr)
            failed += 1
            continue
        reasons = dict(raw.select("id", "reason").iter_rows())
        children: dict[str, list[dict[str, Any]]] = {}
        for record in found:
            children.setdefault(record["parent_id"], []).append(record)
            rejected += record["verdict"] is not None
        pages = [record for record in found if record["parent_id"] is None]
        for record in found if form == "json" else pages:
            # A page in a folder or in a file of records is named by both.
            name = f"{given}/{record['path']}" if given.is_dir() else f"{given}{record['path'][len(file.name) :]}"
            if form == "json":
                print(json.dumps(record, ensure_ascii=False, default=str))
            elif form == "explain" or not record["verdict"]:
                if len(files) > 1 or len(pages) > 1:
                    print(f"{chr(10) if shown else ''}==> {name} <==")
                own = children.get(record["id"], [])
                lines = show_cuts(record, own, sys.stdout.isatty()) if form else [show_article(record)]
                print("\n".join(lines))
                shown += 1
            if record["verdict"] and record["parent_id"] is None:
                print(f"{name}: {_tell_rejected(record, reasons[record['id']], why)}", file=sys.stderr)
    return rejected, failed


def _tell_rejected(record: Mapping[str, Any], reason: str | None, why: Mapping[str, str]) -> str:
    value = "" if record["verdict_value"] is None else f" ({record['verdict_value']:g})"
    told = reason.removeprefix(f"{record['path']}: ") if reason else why.get(record["verdict"], "")
    return f"rejected: {record['verdict']}{value}: {told}"


@contextmanager
def _on_disk(given: Path) -> Iterator[Path]:
    """A path as it was given -> one that can be read like any: what comes through a pipe, `-` among it, is kept meanwhile."""
    if str(given) != "-" and (given.is_file() or given.is_dir() or not given.exists()):
        yield given
        return
    with tempfile.TemporaryDirectory(prefix="ghirbal-") as folder:
        copy = Path(folder) / "stdin"
        copy.write_bytes(sys.stdin.buffer.read() if str(given) == "-" else given.read_bytes())
        yield copy


def show_article(record: dict[str, Any]) -> str:
    """Record -> its title, if it has one, and its body."""
    title = f"{record['title']}\n\n" if record["title"] else ""
    return f"{title}{record['text']}"


def show_cuts(record: dict[str, Any], others: list[dict[str, Any]], colour: bool = False) -> Iterator[str]:
    """Record of a page and of its second articles -> lines: the fields, then the page with every cut in place.

    A kept line stands as it is. A cut line begins with ✂ and its rule, a marked part with ✎; parts of a line follow it.
    White space that was filed away is counted at the end.
    """
    for one in (record, *others):
        for name in _FIELDS:
            value = one[name]
            if value not in (None, [], ""):
                shown = "، ".join(value) if isinstance(value, list) else value
                # An id is copied from here: nothing invisible goes with it.
                yield f"{name:>12}  {shown}" if name.endswith("id") else f"{name:>12}  {isolate(shown)}"
        verdict = one["verdict"] or "kept"
        yield f"{'verdict':>12}  {verdict}" + (
            f" ({one['verdict_value']:g})" if one["verdict_value"] is not None else ""
        )
        yield ""
    page = record["page"]
    cuts = sorted((cut for one in (record, *others) for cut in one["cuts"]), key=lambda cut: cut["start"])
    at = spaces = 0
    parts: list[tuple[str, dict[str, Any] | None]] = []
    for cut in cuts:
        if cut["start"] > at:
            parts.append((page[at : cut["start"]], None))
        parts.append((cut["text"], cut))
        at = cut["end"]
    if at < len(page):
        parts.append((page[at:], None))
    for text, label in parts:
        if label is None or label["rule"].startswith("space/") or not text.strip():
            spaces += label is not None and len(text)
            if text.strip():
                yield text.strip("\n")
            continue
        kind = "mark" if label["action"] == "mark" else "meta" if label["rule"].split("/")[0] in META else "cut"
        sign = "✎" if kind == "mark" else "✂"
        score = f" {label['score']:.2f}" if label["rule"].startswith("zone/") and label["score"] is not None else ""
        yield _paint(f"{sign} {label['rule']}{score} │ {isolate(' '.join(text.split()))}", _COLOURS[kind], colour)
    families: dict[str, int] = {}
    for cut in cuts:
        if cut["action"] == "cut":
            family = cut["rule"].split("/")[0]
            families[family] = families.get(family, 0) + cut["end"] - cut["start"]
    total = sum(families.values())
    yield ""
    yield f"{len(page):,} characters, {total:,} cut ({total / max(len(page), 1):.1%}), {len(page) - total:,} kept"
    if families:
        yield "cut by family: " + ", ".join(
            f"{name} {count:,}" for name, count in sorted(families.items(), key=lambda item: -item[1])
        )
