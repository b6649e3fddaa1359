"""Decided documents -> their rows in the tables of a release."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal

import polars as pl

from etl.arrow import hash_texts, to_arrow
from etl.privacy import Personal, find_in_column, mask_columns, mask_text, replace_rows
from etl.release.audit_rows import list_audit
from etl.release.fates import INDEXED, OF_CLUSTER, text_allowed
from etl.release.part import Part
from etl.release.spill import Rows, pack_rows
from etl.release_params import ReleaseParams
from etl.splits import SPLITS
from etl.validate import validate_frame
from etl.verdicts import REJECTED_FATE, RELEASED
from schemas.columns import Table, text_columns
from schemas.headlines import HEADLINES, Headlines
from schemas.index import INDEX, Index
from schemas.record import RECORD, Record
from schemas.rejected import REJECTED, Rejected
from schemas.repairs import REPAIRS, Repairs

_SIDES: tuple[Literal["left", "right"], ...] = ("left", "right")


def make_tables(part: Part, params: ReleaseParams) -> Iterator[tuple[str, Rows]]:
    """Decided documents -> the rows of each table that has any; those of `default` by split."""
    yield from _records(part, params)
    yield from _pack("index", Index, _index(part))
    yield from _pack("headlines", Headlines, *_headlines(part, params))
    yield from _pack("repairs", Repairs, *_repairs(part, params))
    yield from _pack("rejected", Rejected, _rejected(part, params))
    yield from list_audit(part, params)


def _pack(name: str, model: Table, frame: pl.DataFrame, keys: pl.DataFrame | None = None) -> Iterator[tuple[str, Rows]]:
    if len(frame):
        yield name, pack_rows(validate_frame(frame, model, name), keys)


def _mask_columns(
    frame: pl.DataFrame, model: Table, params: ReleaseParams, without: tuple[str, ...] = ()
) -> pl.DataFrame:
    if not params.mask_personal:
        return frame
    return mask_columns(frame, [name for name in text_columns(model) if name not in without])


def _records(part: Part, params: ReleaseParams) -> Iterator[tuple[str, Rows]]:
    rows = part.where(pl.col("_fate") == RELEASED)
    if not len(rows):
        return
    order = part.docs["_split"].gather(rows).arg_sort()  # Stable: within a split the order stays.
    records = part.docs.select(*RECORD, "_split")[rows.gather(order)]
    split = records["_split"]
    records = _mask_columns(records.drop("_split"), Record, params, without=("text",))
    records = validate_frame(records.select(list(RECORD)), Record, "default")
    for name in SPLITS:
        first, end = (int(split.search_sorted(name, side)) for side in _SIDES)
        if first < end:
            yield f"default/{name}", pack_rows(records[first:end])


def _index(part: Part) -> pl.DataFrame:
    kept = part.docs.select(
        *[name for name in INDEX if name in part.docs.columns],
        "text",
        split=pl.col("_split"),
        text_released=pl.col("_fate") == RELEASED,
    )[part.where(pl.col("_fate").is_in([RELEASED, INDEXED]))]
    return kept.with_columns(text_sha256=hash_texts(to_arrow(kept["text"]))).select(list(INDEX))


def _listed(part: Part, column: str, chosen: pl.Expr) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Documents with a list of structs -> a row for each of its items; and the keys of these rows."""
    count = pl.col(column).list.len().fill_null(0)
    docs = part.docs.select("id", "outlet", column, rows=count.cast(pl.Int64))[part.where(chosen & (count > 0))]
    return docs.select("id", column).explode(column).unnest(column), docs.drop(column)


def _headlines(part: Part, params: ReleaseParams) -> tuple[pl.DataFrame, pl.DataFrame]:
    pairs, keys = _listed(part, "pairs", pl.col("_fate") == RELEASED)
    return _mask_columns(pairs.select(list(HEADLINES)), Headlines, params), keys


def _repairs(part: Part, params: ReleaseParams) -> tuple[pl.DataFrame, pl.DataFrame]:
    rows, keys = _listed(part, "repairs", (pl.col("_fate") == RELEASED) & ~pl.col("id").is_in(part.hurt))
    rows = rows.select(list(REPAIRS))
    if not params.mask_personal:
        return rows, keys
    after = find_in_column(rows["after"])
    return rows.with_columns(_mask_damaged(rows["before"], after), _mask_rows(rows["after"], after)), keys


def _mask_rows(texts: pl.Series, found: Mapping[int, list[Personal]]) -> pl.Series:
    return replace_rows(texts, list(found), [mask_text(texts[row], spans) for row, spans in found.items()])


def _mask_damaged(texts: pl.Series, repaired: Mapping[int, list[Personal]]) -> pl.Series:
    """Texts as they came, and what is found in them after their repair -> the texts masked.

    What the damage wrote in other characters, the mask does not see: such a text is left out whole.
    """
    found = find_in_column(texts)
    hidden = [row for row in repaired if len(repaired[row]) != len(found.get(row, []))]
    return replace_rows(_mask_rows(texts, found), hidden, [None] * len(hidden))


def _rejected(part: Part, params: ReleaseParams) -> pl.DataFrame:
    rows = part.docs.select(*REJECTED, "page")[part.where(pl.col("_fate") == REJECTED_FATE)]
    allowed = text_allowed(params)
    shown = allowed & ~pl.col("id").is_in(part.hurt)
    compared = pl.col("shared_paragraph_share").is_not_null()
    rows = rows.with_columns(
        pl.when(allowed).then("text").alias("text"),
        pl.when(allowed).then("title").alias("title"),
        pl.when(shown).then("raw").alias("raw"),
        pl.when(shown).then("page").alias("page"),
        *[pl.when(compared).then(name).alias(name) for name in OF_CLUSTER],
        # Of nothing there is no hash: all that could not be read would seem to be one page. A second article has no raw.
        raw_sha256=pl.when(pl.col("raw").ne_missing("")).then("raw_sha256"),
    )
    if params.mask_personal:
        # Most pages were not repaired: what is found in them is found in both.
        other = pl.when(pl.col("raw") != pl.col("page")).then("page")
        repaired = find_in_column(rows.select(other).to_series())
        rows = mask_columns(rows.with_columns(_mask_damaged(rows["raw"], repaired)), ["title"])
    return rows.select(list(REJECTED))
