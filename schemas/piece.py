"""PIECE: one row a run of characters of a page, in order."""

from __future__ import annotations

import pandera.polars as pa
import polars as pl

from schemas.columns import ID, RULE, Strict, polars_schema, prose
from schemas.zones import ZONES


class Piece(Strict):
    """A page is a row of pieces; joined in order they are the page, character for character."""

    id: str = pa.Field(str_matches=ID, description="Id of the page.")
    outlet: str = pa.Field(nullable=True, description="Whose page it is.")
    article: pl.Int32 = pa.Field(ge=0, description="0, or 1 and up for a second article on the page.")
    piece: str = prose("The characters.")
    rule: str = pa.Field(
        nullable=True,
        str_matches=RULE,
        description="Id of the rule that claimed the piece, cut or marked; null for plain body.",
    )
    zone: str = pa.Field(
        nullable=True,
        isin=ZONES,
        description="Place in the page, seen from the article's body: `before`, `body`, `box` (in its midst), `after`.",
    )
    score: float = pa.Field(nullable=True, lt=float("inf"), description="The measured value behind a label by place.")


PIECE = polars_schema(Piece)
"""The same as a polars schema: names and types, in order."""
