"""What a release was made from, as hashes: the pages as they were read, the rules, tables that people or a corpus made."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

import polars as pl

from etl.arrow import read_columns
from etl.rules import Rule
from etl.shards import hash_parts


def hash_inputs(raw: list[Path]) -> dict[str, str]:
    """Raw shards -> the number of pages and one hash of what was read, the same however it lies in shards.

    It is the sum, modulo 2 to the 256th, of the sha256 of each page's id, path and text's hash: a set has no order.
    """
    total = pages = 0
    for shard in raw:
        rows = read_columns(shard, ["id", "path", "raw_sha256"])
        for row in zip(*(column.to_pylist() for column in rows.columns), strict=True):
            total += int.from_bytes(hashlib.sha256("\0".join(row).encode()).digest())
            pages += 1
    return {"pages": str(pages), "sha256": f"{total % 2**256:064x}"}


def hash_rows(table: pl.DataFrame | None) -> str | None:
    """A table, if there is any -> the sha256 of its rows; none where it has none: then it decides nothing."""
    return None if table is None or table.is_empty() else hash_parts(table.write_json())


def hash_rules(rules: Iterable[Rule]) -> str:
    """Return one sha256 over what the rules do, the shipped ones and one's own."""
    told = ("id", "kind", "pattern", "action", "heading", "zone", "outlet", "until")
    return hash_parts(*("\0".join(str(getattr(rule, name)) for name in told) for rule in rules))
