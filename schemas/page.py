"""PAGE: one row a page, after its encoding was repaired."""

from __future__ import annotations

import pandera.polars as pa
import polars as pl

from schemas.columns import REPAIRS, nested, polars_schema, prose, share
from schemas.raw import Raw


class Page(Raw):
    """Raw, with the repaired page and the repairs that lead to it; shards hold `raw` only where these changed it."""

    page: str = prose("`raw` after its repairs.")
    repairs: pl.List = nested(
        REPAIRS,
        "What was repaired: half-open code points of `raw`, the text before and after, the repair's id.",
    )
    repaired: bool = pa.Field(description="Whether anything was repaired.")
    suspect_share: float = share("Share of the characters that are lost, or look misread but too little to be sure.")


PAGE = polars_schema(Page)
"""The same as a polars schema: names and types, in order."""
