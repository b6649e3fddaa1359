"""Piece -> Piece: lines that the markup of a page calls captions (`<figcaption>`).

As text they look like any short line, and stand between the paragraphs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from etl.fold import fold_texts
from etl.repair import repair_beside

if TYPE_CHECKING:
    from etl.knowledge import Knowledge

CAPTION = "media/caption"


def label_given_captions(pieces: pl.LazyFrame, know: Knowledge, given: pl.DataFrame | None = None) -> pl.LazyFrame:
    """Piece -> Piece: label the lines that `given` (id, given_captions, repairs) calls captions of their page, `media/caption`."""
    captions = _read_captions(given) if given is not None and "given_captions" in given.columns else None
    if captions is None or captions.is_empty():
        return pieces
    frame = pieces.collect()
    free = frame.select("id", "piece", "rule").with_row_index("row").filter(pl.col("rule").is_null())
    lines = free.join(captions.select("id").unique(), on="id", how="semi")
    keyed = lines.with_columns(key=fold_texts(lines["piece"]))
    found = keyed.join(captions, on=["id", "key"], how="semi")["row"].sort()
    rules = pl.repeat(CAPTION, len(found), dtype=pl.String, eager=True)
    return frame.with_columns(frame["rule"].scatter(found, rules)).lazy()


def _read_captions(given: pl.DataFrame) -> pl.DataFrame:
    """What came beside the pages -> (id, key): their captions, folded, and repaired where their page was."""
    told = given.filter(pl.col("given_captions").list.len() > 0).select(
        "id",
        pl.col("given_captions"),
        rules=pl.col("repairs").list.eval(pl.element().struct.field("rule").unique(maintain_order=True)),
    )
    rows = [
        (name, repair_beside(caption, rules) if rules else caption)
        for name, captions, rules in told.iter_rows()
        for caption in captions
    ]
    frame = pl.DataFrame(rows, schema={"id": pl.String, "key": pl.String}, orient="row")
    return frame.with_columns(key=fold_texts(frame["key"])).filter(pl.col("key") != "").unique(maintain_order=True)
