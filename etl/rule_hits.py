"""What single rules did in a build: how often, on how many pages, and some of the lines."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterator
from pathlib import Path

import polars as pl

from etl.corpus import list_shards
from etl.errors import UserError
from etl.phrases import say
from etl.pieces import unpack_pieces
from etl.rules import FAMILIES
from etl.wording import count_of

_EXAMPLES = 3
"""Pieces that are shown of each rule."""


class NoSuchRule(UserError):
    """A rule or family that is asked for and that nobody knows; the message names those near."""


def choose_labels(names: Collection[str], known: Collection[str]) -> list[str]:
    """Rules or families that are asked for, and the ids that there are -> the ids that they stand for, in order."""
    chosen: set[str] = set()
    for name in names:
        found = {label for label in known if name in (label, label.split("/")[0])}
        if not found:
            if name in FAMILIES:
                raise NoSuchRule(f"no rule of the family {name!r} is known, or gave a label in this build")
            near = difflib.get_close_matches(name, sorted(known), 3, 0.5)
            raise NoSuchRule(
                f"no rule or family {name!r}; "
                + (f"near are {', '.join(near)}" if near else "`ghirbal rules` lists them all")
            )
        chosen |= found
    return sorted(chosen)


def show_hits(build: Path, rules: Collection[str]) -> Iterator[str]:
    """Build and ids of rules -> lines: of each its pieces, pages and characters, and the first of its pieces with the ids of their pages."""
    shards = list_shards(build)
    pieces = pl.scan_parquet(shards).select("id", "pieces").explode("pieces").unnest("pieces")
    counts = (
        pieces.filter(pl.col("rule").is_in(sorted(rules)))
        .group_by("rule")
        .agg(pl.len(), pl.col("id").n_unique(), pl.col("length").sum())
        .sort("rule")
        .collect()
    )
    examples = find_examples(shards, counts["rule"].to_list())
    for rule, hits, pages, characters in counts.iter_rows():
        told = f"{count_of(hits, 'piece')} on {count_of(pages, 'page')}, {count_of(characters, 'character')}"
        yield f"{rule}: {told}" + (", the first of them:" if hits > _EXAMPLES else "")
        yield from (f"  {name}  {say(text)}" for name, text in examples[rule])


def find_examples(shards: Collection[Path], rules: Collection[str]) -> dict[str, list[tuple[str, str]]]:
    """Shards of documents -> the first pieces of each rule: id of the page, and text."""
    found: dict[str, list[tuple[str, str]]] = {rule: [] for rule in rules}
    for shard in shards:
        wanted = [rule for rule, rows in found.items() if len(rows) < _EXAMPLES]
        if not wanted:
            break
        mine = pl.element().struct.field("rule").is_in(wanted)
        docs = pl.scan_parquet(shard).filter(pl.col("pieces").list.eval(mine).list.any())
        rows = unpack_pieces(docs).filter(pl.col("rule").is_in(wanted)).select("rule", "id", "piece").collect()
        for rule, name, text in rows.iter_rows():
            if len(found[rule]) < _EXAMPLES:
                found[rule].append((name, text))
    return found
