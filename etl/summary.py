"""The table at the end of a run: where every page and every character went."""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pyarrow.compute as pc

from etl.arrow import read_columns
from etl.wording import count_of


def print_summary(totals: Mapping[str, Any], files: Mapping[str, Path | None], as_json: bool = False) -> None:
    """Print the totals of a release, to stderr, as JSON to stdout: pages in + second articles = released + rejected, and characters by family.

    `files` are the parameters, overrides and requests of withdrawal that it was made with, by these names.
    """
    if as_json:
        told = {name: str(path) if path else None for name, path in files.items()}
        print(json.dumps({**totals, "files": told}, ensure_ascii=False, sort_keys=True))
        return
    out = sys.stderr
    print(
        f"\n{count_of(totals['pages'], 'page')} + {count_of(totals['second_articles'], 'second article')} "
        f"= {totals['released']:,} released + {totals['rejected']:,} rejected"
        + (f" + {totals['withdrawn']:,} withdrawn" if totals.get("withdrawn") else ""),
        file=out,
    )
    for verdict, count in sorted(totals["verdicts"].items(), key=lambda item: (-item[1], item[0])):
        print(f"  {verdict:<28} {count:>12,}", file=out)
        if verdict in totals["reasons"]:
            print(f"    {totals['reasons'][verdict]}", file=out)
    if totals["rejected"]:
        asked = f"`ghirbal explain ID --build {shlex.quote(totals['build'])}`"
        print(f"each of them: {totals['rejected_rows']}/*.parquet; why one was rejected: {asked}", file=out)
    kept, cut = totals["characters_kept"], totals["characters_cut"]
    print(f"characters of the released pages: {kept:,} kept, {sum(cut.values()):,} cut", file=out)
    for family, count in sorted(cut.items(), key=lambda item: (-item[1], item[0])):
        print(f"  {family:<28} {count:>12,}", file=out)
    for line in tell_origin(totals, files):
        print(line, file=out)


def tell_origin(totals: Mapping[str, Any], files: Mapping[str, Path | None]) -> Iterator[str]:
    """Totals and the files that a release was made with -> lines: whose it is and which version, and what was obeyed.

    Most of these files are taken from the working folder, unasked: who stands in somebody else's is to see it.
    """
    whose = f"by {', '.join(totals['authors'])}" if totals["authors"] else "without named authors"
    where = f"as {files['params']} says" if files["params"] else "no params.yaml here says otherwise"
    yield f"{totals['release']}: {totals['name']}, version {totals['version']}, {whose} ({where})"
    if files["overrides"]:
        yield f"{files['overrides']}: {count_of(totals['decisions'], 'decision')} of people obeyed"
    if files["withdrawn"]:
        asked = count_of(totals["requests"], "request")
        yield f"{files['withdrawn']}: {asked}, {count_of(totals['withdrawn'], 'document')} left out"


def first_reasons(raw: Iterable[Path]) -> dict[str, str]:
    """Raw shards -> the first reason of each verdict of reading, in words: of one page among those that have it."""
    reasons: dict[str, str] = {}
    for shard in raw:
        rows = read_columns(shard, ["verdict", "reason"])
        rows = rows.filter(pc.is_valid(rows["reason"]))
        for verdict, reason in zip(*(column.to_pylist() for column in rows.columns), strict=True):
            reasons.setdefault(verdict, reason)
    return reasons
