"""What the stages do to a shard: raw -> pages -> docs, and the counts and signatures that are learned from.

Each function is a `ShardWork` (etl/shards.py) once it knows what it must know.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path

import polars as pl
import pyarrow as pa

from etl.addresses import keep_given
from etl.alarms import Counts, add_counts, count_outlets
from etl.arrow import to_arrow, to_frame
from etl.batches import ROW_GROUP, stream_shard
from etl.dates.outlet_orders import count_orders
from etl.duplicates.signatures import sign_documents
from etl.edits import restore_raw, store_raw
from etl.knowledge import Knowledge
from etl.pipeline import clean_pages
from etl.repair import repair_pages
from etl.shards import Summary
from etl.templates.counts import count_lines, draw_pages
from etl.validate import validate_docs, validate_frame
from schemas.page import PAGE, Page
from schemas.raw import RAW, Raw

UNLIKE = frozenset(
    ("mark", "line", "stories", "id", "path", "url", "raw_sha256", "text_sha256", "signature", "paragraphs")
)
"""Columns of side files in which hardly a value comes twice."""


def _repair(table: pa.Table, where: str, know: Knowledge) -> pa.Table:
    raw = validate_frame(to_frame(table).match_to_schema(RAW), Raw, f"raw/{where}")
    pages = repair_pages(raw, know.params.repair).select(list(PAGE))
    return to_arrow(store_raw(validate_frame(pages, Page, f"pages/{where}")))


def _clean(table: pa.Table, where: str, know: Knowledge) -> pl.DataFrame:
    pages = validate_frame(restore_raw(to_frame(table).match_to_schema(PAGE)), Page, f"pages/{where}")
    return validate_docs(clean_pages(pages, know), where=f"docs/{where}")


def _count(table: pa.Table, where: str, know: Knowledge) -> pa.Table:
    pages = draw_pages(to_frame(table), know.params.templates.sample)
    orders = count_orders(pages, know.rules)
    # The counts of an outlet's orders have rows of their own, without a mark and without a page.
    return to_arrow(pl.concat([count_lines(pages), orders.with_columns(pages=pl.lit(0, pl.UInt32))], how="diagonal"))


def _sign(table: pa.Table, where: str, know: Knowledge) -> pa.Table:
    docs = to_frame(table)
    # Two crawls of one address are told by what came with them: a page may print another's, and then one would be lost.
    docs = docs.with_columns(url=keep_given(docs["id"], docs["url"]))
    return to_arrow(sign_documents(docs, know.params.duplicates))


def repair_shard(source: Path, target: Path, *, know: Knowledge) -> Summary:
    """Raw shard -> Page shard."""
    return stream_shard(source, target, partial(_repair, know=know), know.params.run.batch, RAW)


def clean_shard(source: Path, target: Path, *, know: Knowledge) -> Summary:
    """Page shard -> Document shard; the summary counts what it says of each outlet."""
    counts: list[dict[str, Counts]] = []

    def work(table: pa.Table, where: str) -> pa.Table:
        docs = _clean(table, where, know)
        counts.append(count_outlets(docs))
        return to_arrow(store_raw(docs))

    return {**stream_shard(source, target, work, know.params.run.batch, PAGE), "outlets": add_counts(counts)}


def count_shard(source: Path, target: Path, *, know: Knowledge) -> Summary:
    """Page shard -> counts of its lines by outlet, and of the pages that show how the outlet writes dates."""
    columns = ["id", "outlet", "page", "given_date"]
    return stream_shard(
        source, target, partial(_count, know=know), know.params.run.batch * 2, columns, ROW_GROUP * 4, UNLIKE
    )


def sign_shard(source: Path, target: Path, *, know: Knowledge) -> Summary:
    """Document shard -> the signatures of its documents."""
    columns = ["id", "parent_id", "path", "url", "outlet", "date", "n_words", "raw_sha256", "text", "verdict"]
    return stream_shard(source, target, partial(_sign, know=know), know.params.run.batch * 2, columns, unlike=UNLIKE)
