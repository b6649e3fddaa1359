"""RAW: one row a page as it was read."""

from __future__ import annotations

import pandera.polars as pa
import polars as pl

from schemas.columns import (
    GIVEN,
    ID,
    PATH,
    RULE,
    SHA256,
    Strict,
    nested,
    polars_schema,
    prose,
    prose_list,
    share,
)


class Raw(Strict):
    """Pages as they came. What could not be read is a row too, with its verdict."""

    id: str = pa.Field(unique=True, str_matches=ID, description="Id of the page.")
    path: str = pa.Field(description=PATH)
    url: str = pa.Field(nullable=True, description="Address of the page, where the input gave one.")
    outlet: str = pa.Field(
        nullable=True, description="Whose page it is, where the input, the address or the markup says so."
    )
    raw: str = prose(
        "The page's text as it came, of HTML as the extractor gave it; after bytes were decoded, before any repair."
    )
    encoding: str = pa.Field(
        nullable=True, description="Encoding the bytes were read in; null where nothing could be decoded."
    )
    encoding_score: float = share("How sure the choice of encoding is; null where there was no choice.")
    raw_sha256: str = pa.Field(str_matches=SHA256, description="sha256 of `raw` as UTF-8.")
    source_sha256: str = pa.Field(
        nullable=True,
        str_matches=SHA256,
        description="sha256 of the file, or of the HTML in a record, that `raw` was read from; null for a text in a record.",
    )
    extractor: str = pa.Field(
        nullable=True, description="What made `raw` from HTML, with its version; null for other sources."
    )
    given_id: str = pa.Field(nullable=True, description="Id that the input gave.")
    given_title: str = prose("Title that the input gave beside the text.", nullable=True)
    given_date: str = pa.Field(nullable=True, description="Date that the input gave, as it stood there.")
    given_author: str = prose("Author that the input gave beside the text.", nullable=True)
    given_category: str = prose("Category that the input gave beside the text.", nullable=True)
    given_keywords: pl.List = prose_list("Keywords that the input gave beside the text.", nullable=True)
    given_outlet: str = pa.Field(
        nullable=True, description="Outlet that the input gave, as it wrote it; of HTML what the markup calls the site."
    )
    given_source: str = prose("Source of the text that the markup of a page names beside it.", nullable=True)
    given_captions: pl.List = prose_list(
        "Lines of `raw` that the markup of a page calls captions (`figcaption`).", nullable=True
    )
    given_from: pl.List = nested(GIVEN, "Where in the input each given field stood.", nullable=True)
    verdict: str = pa.Field(
        nullable=True, str_matches=RULE, description="Why the page could not be read; null where it could."
    )
    verdict_value: float = pa.Field(
        nullable=True, lt=float("inf"), description="The measured value behind the verdict."
    )
    reason: str = pa.Field(nullable=True, description="The verdict in words, for a person.")


RAW = polars_schema(Raw)
"""The same as a polars schema: names and types, in order."""
