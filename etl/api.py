"""The same cleaning without files: page texts in, records out."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import polars as pl

from etl.arrow import to_frame
from etl.knowledge import Knowledge, ship_knowledge
from etl.pieces import unpack_pieces
from etl.pipeline import clean_pages
from etl.read import read_pages
from etl.read.identity import Repeats
from etl.read.row import sound
from etl.repair import repair_pages
from schemas.columns import split_id
from schemas.raw import RAW


def raw_frame(pages: Iterable[str]) -> pl.DataFrame:
    """Page texts -> Raw, as the reader would make it of one text file each."""
    texts = list(map(sound, pages))
    digests = [hashlib.sha256(text.encode()).hexdigest() for text in texts]
    repeats = Repeats()
    rows = {
        "id": [repeats.number(digest[:16]) for digest in digests],
        "path": [f"#{number}" for number in range(1, len(texts) + 1)],
        "raw": texts,
        "encoding": ["utf-8"] * len(texts),
        "raw_sha256": digests,
    }
    frame = pl.DataFrame(rows, schema_overrides={name: RAW[name] for name in rows})
    return frame.with_columns(
        pl.lit(None, dtype).alias(name) for name, dtype in RAW.items() if name not in rows
    ).select(list(RAW))


def read_source(path: Path, know: Knowledge) -> pl.DataFrame:
    """File or folder of pages -> Raw, all of it in memory: for a few pages."""
    frames = [to_frame(table).match_to_schema(RAW) for table in read_pages(path, know.params.read)]
    return pl.concat([raw_frame([]), *frames])  # there may be none


def records(raw: pl.DataFrame, know: Knowledge | None = None) -> list[dict[str, Any]]:
    """Raw -> one record an article, each with its `cuts`: every labelled piece of the page, its place, rule and text."""
    know = know or ship_knowledge()
    docs = clean_pages(repair_pages(raw, know.params.repair), know)
    labelled = unpack_pieces(docs.lazy()).filter(pl.col("rule").is_not_null()).collect()
    cuts: dict[tuple[str, int], list[dict[str, Any]]] = {}
    for row in labelled.rename({"piece": "text"}).iter_rows(named=True):
        cuts.setdefault((row["id"], row["article"]), []).append(
            {key: row[key] for key in ("start", "end", "rule", "action", "score", "text")}
        )
    out = []
    for row in docs.drop("pieces", "raw").iter_rows(named=True):
        out.append({**row, "cuts": cuts.get(split_id(row["id"]), [])})
    return out


def clean(pages: Iterable[str], know: Knowledge | None = None) -> list[dict[str, Any]]:
    """Page texts -> records, in order; a second article in a page follows its page."""
    if isinstance(pages, str | bytes):
        raise TypeError("clean takes a list of page texts: clean([page]) for one")
    texts = list(pages)
    for number, text in enumerate(texts, 1):
        if not isinstance(text, str):
            hint = "; decode it, or read files with `ghirbal run`" if isinstance(text, bytes) else ""
            raise TypeError(f"page {number} is {type(text).__name__}, not a text{hint}")
    return records(raw_frame(texts), know)
