"""Decided documents -> the rows of the audit: every piece that a rule claimed, with its place in the text as it is released."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from etl.arrays import Ints, Places
from etl.buffers import slices
from etl.privacy import Personal, find_in_column, mask_of, mask_text, may_be_in_slices
from etl.release.part import Part
from etl.release.spill import Rows
from etl.release_params import ReleaseParams
from etl.tiles import Tiles
from etl.validate import passes_all, validate_frame
from schemas.audit import AUDIT, SECOND_ARTICLE, Audit
from schemas.columns import split_id


def list_audit(part: Part, params: ReleaseParams) -> Iterator[tuple[str, Rows]]:
    """Decided documents -> the audit rows of the articles among them whose text is released."""
    tiles, pieces = part.tiles, part.tiles.pieces
    claimed, moved = part.audited
    # Where a piece is claimed and moved, what claimed it comes first.
    places = part.pieces(np.column_stack((claimed, moved)).ravel(), 2)
    if not len(places):
        return
    rows, is_moved = places >> 1, places % 2 > 0
    doc, start, article = tiles.doc[rows], tiles.start[rows], np.where(is_moved, 0, pieces.article[rows])
    counts = np.bincount(doc, minlength=len(part.docs))
    keys = part.docs.select("id", "outlet", rows=pl.Series(counts))[pl.Series(part.order)].filter(pl.col("rows") > 0)
    # The run of a second article has left the page's own text: for the page it is a cut.
    labels = pl.concat(
        [pieces.labels, pl.DataFrame({"rule": [SECOND_ARTICLE], "action": ["cut"]}, schema=pieces.labels.schema)]
    )
    label = np.where(is_moved, len(pieces.labels), pieces.label[rows])
    used = np.bincount(label) > 0
    labels, label = labels.head(len(used)).filter(used), (np.cumsum(used) - 1)[label]
    at = _place(tiles, rows, article)
    _shift(at, article, keys, part.spans)
    text = slices(tiles.data, tiles.bounds).take(pa.array(rows))
    masked = np.zeros(len(rows), np.bool_)
    if params.mask_personal:
        doubt = np.flatnonzero(may_be_in_slices(tiles.data, tiles.bounds)[rows])
        plain = pl.Series(text.take(pa.array(doubt)), dtype=pl.String)
        found = find_in_column(plain)
        masked[doubt[list(found)]] = True
        new = [mask_text(plain[row], spans) for row, spans in found.items()]
        if new:
            text = pc.replace_with_mask(text, pa.array(masked), pa.array(new, text.type))
    numbers = pl.DataFrame(
        {
            "article": pl.Series(article, dtype=pl.Int32),
            "start": start,
            "end": start + pieces.length[rows],
            "at": at,
            "masked": masked,
        }
    )
    coded = {
        name: pa.DictionaryArray.from_arrays(pa.array(label, pa.int32()), pa.array(labels[name].to_list(), pa.string()))
        for name in ("rule", "action")
    }
    table = numbers.to_arrow().append_column("text", text)
    for name, codes in coded.items():
        table = table.append_column(name, codes)
    # A rule is asked once and not once a row; text has no null, for it was cut out of one.
    if not passes_all((numbers, keys.select("id"), labels, pl.DataFrame(schema={"text": pl.String})), Audit):
        ids = keys["id"].gather(np.repeat(np.arange(len(keys)), keys["rows"].to_numpy()))
        told = {name: pl.Series(codes.cast(pa.string())) for name, codes in coded.items()}
        whole = numbers.with_columns(id=ids, text=pl.Series(text), **told)
        validate_frame(whole.select(list(AUDIT)), Audit, "audit")
    yield "audit", Rows(keys, table)


def _place(tiles: Tiles, rows: Ints, article: Places) -> Ints:
    """Tiles, some of them, and the article that each is told of -> its place in the article's text."""
    at = np.zeros(len(rows), np.int64)
    for number in [0, *np.unique(article[article > 0])]:
        mine = np.flatnonzero(article == number)
        size = np.where(tiles.stays & (tiles.pieces.article == number), tiles.pieces.length, 0)
        before = np.append(0, np.cumsum(size))
        at[mine] = before[rows[mine]] - before[tiles.pieces.bounds[tiles.doc[rows[mine]]]]
    return at


def _shift(at: Ints, article: Places, keys: pl.DataFrame, spans: Mapping[str, list[Personal]]) -> None:
    """Move the places of rows in the texts to places in the masked texts; the rows are those of `keys`, in order."""
    if not spans:
        return
    ends = keys["rows"].cum_sum().to_list()
    rows_of = {name: slice(end - rows, end) for (name, _, rows), end in zip(keys.iter_rows(), ends, strict=True)}
    for name, found in spans.items():
        page, number = split_id(name)
        rows = rows_of.get(page, slice(0))
        places = at[rows].copy()
        for start, end, kind in found:
            # A piece that was cut out of the middle of what is masked stands before the mask.
            moved = np.where(places >= end, len(mask_of(kind)) - (end - start), np.minimum(start - places, 0))
            at[rows] += np.where(article[rows] == number, moved, 0)
