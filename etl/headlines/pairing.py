"""What the labels of English headlines add up to: their pairs."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from etl.headlines import OWN, PAIRED
from etl.headlines.lines import find_near, read_lines, read_pages
from etl.headlines.pairs import DEFAULTS, HeadlineParams
from etl.headlines.twins import find_twin, plain_headline
from schemas.columns import PAIR


def find_pairs(pieces: pl.DataFrame, params: HeadlineParams = DEFAULTS) -> pl.DataFrame:
    """Piece, labelled -> one row a pair: id, article, en, ar, position (`own`, `card`), and the evidence."""
    paired = pl.col("rule").is_in(PAIRED)
    pages = pieces.filter(paired)["id"].unique()
    rows: list[Iterable[object]] = []
    if not pages.is_empty():
        lines = read_lines(pieces.with_row_index("_row").filter(pl.col("id").is_in(pages.implode())))
        for page in read_pages(lines.filter(find_near(lines["rule"].is_in(PAIRED).fill_null(False), params))):
            for at, line in enumerate(page):
                twin = find_twin(page, at, params) if line.rule in PAIRED else None
                if twin:
                    near, pair = twin
                    arabic = plain_headline(line.rest if near == at else page[near].text)
                    position = "own" if line.rule == OWN else "card"
                    rows.append((line.id, line.article, plain_headline(line.text), arabic, position, *pair))
    return pl.DataFrame(rows, schema={"id": pl.String(), "article": pl.Int32(), **PAIR}, orient="row")


def pair_headlines(pieces: pl.DataFrame, params: HeadlineParams = DEFAULTS) -> pl.DataFrame:
    """Piece, labelled -> (id, pairs): the pairs of each page that has any, as a list, in page order."""
    return find_pairs(pieces, params).group_by("id", maintain_order=True).agg(pairs=pl.struct(*PAIR))
