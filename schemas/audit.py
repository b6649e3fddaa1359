"""AUDIT: config `audit` of a release, one row a labelled piece."""

from __future__ import annotations

import pandera.polars as pa
import polars as pl

from schemas.columns import ID, RULE, Strict, polars_schema, prose

SECOND_ARTICLE = "zone/second-article"
"""Rule of the rows that say: this run of the page left its article for a record of its own."""


class Audit(Strict):
    """Every piece of a released page that a rule claimed; `text` with the cut rows put back is the page, masks aside.

    Of a page with a second article the rows of both are put back, by `start`.
    """

    id: str = pa.Field(str_matches=ID, description="Id of the page; the rows of a second article carry its page's id.")
    article: pl.Int32 = pa.Field(
        ge=0,
        description="0 for the page's own article, else the number after the dot of the second article's id.",
    )
    start: int = pa.Field(ge=0, description="First code point of the piece in the page.")
    end: int = pa.Field(ge=0, description="Code point of the page after the piece.")
    rule: str = pa.Field(str_matches=RULE, description="Id of the rule that claimed the piece.")
    action: str = pa.Field(
        isin=["cut", "mark"],
        description="`cut`: it left the article's text; `mark`: it was read into a field and stays.",
    )
    at: int = pa.Field(
        ge=0,
        description="Code point of the article's released `text` where the piece stands or, cut, stood.",
    )
    text: str = prose("The piece, personal data masked: where it holds any, its length is not `end` minus `start`.")
    masked: bool = pa.Field(
        description="Whether a mask hides personal data in the piece: then it does not replay (since schema `1.1.0`)."
    )

    @pa.dataframe_check(n_failure_cases=5, name="end after start")
    def end_after_start(cls, data: pa.PolarsData) -> pl.LazyFrame:
        """A piece has at least one character."""
        return data.lazyframe.select(pl.col("end") > pl.col("start"))


AUDIT = polars_schema(Audit)
"""The same as a polars schema: names and types, in order."""
