"""Piece -> Piece: lines that the markup of a page calls captions (`<figcaption>`) or its author.

As text they look like any short line, and stand between the paragraphs or right above them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from etl.fold import fold_texts

if TYPE_CHECKING:
    from etl.knowledge import Knowledge

CAPTION, AUTHOR = "media/caption", "byline/given"
_SPELT = 3
"""Bytes of a line for one of its key, at most: vowels, stretched letters and signs fold to nothing."""
_LABELS = {"given_captions": CAPTION, "given_author": AUTHOR}


def label_given_lines(pieces: pl.LazyFrame, know: Knowledge, given: pl.DataFrame | None = None) -> pl.LazyFrame:
    """Piece -> Piece: label the lines that `given` (id, given_captions, given_author) calls captions or the author of their page."""
    told = _read_lines(given) if given is not None else None
    if told is None or told.is_empty():
        return pieces
    frame = pieces.collect()
    # Folding costs more than all else here, and paragraphs are longer than what is looked for.
    longest = int(told["key"].str.len_bytes().max() or 0)  # type: ignore[arg-type]
    short = pl.col("rule").is_null() & (pl.col("piece").str.len_bytes() <= _SPELT * longest)
    lines = frame.select("id", "piece", "rule").with_row_index("row").filter(short)
    lines = lines.join(told.select("id").unique(), on="id", how="semi")
    keyed = lines.with_columns(key=fold_texts(lines["piece"]))
    found = keyed.join(told, on=["id", "key"], maintain_order="left").unique("row", keep="first").sort("row")
    return frame.with_columns(frame["rule"].scatter(found["row"], found["label"])).lazy()


def _read_lines(given: pl.DataFrame) -> pl.DataFrame:
    """What came beside the pages -> (id, key, label): their captions and authors, folded."""
    told = [
        given.select("id", key=pl.concat_list(column), label=pl.lit(label)).explode("key")
        for column, label in _LABELS.items()
        if column in given.columns
    ]
    empty = pl.DataFrame(schema={"id": pl.String, "key": pl.String, "label": pl.String})
    frame = pl.concat([empty, *told]).drop_nulls()
    return frame.with_columns(key=fold_texts(frame["key"])).filter(pl.col("key") != "").unique(maintain_order=True)
