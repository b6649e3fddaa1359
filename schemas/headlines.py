"""HEADLINES: config `headlines` of a release, English and Arabic headlines that belong together."""

from __future__ import annotations

import pandera.polars as pa

from schemas.columns import ID, POSITIONS, Strict, polars_schema, prose


class Headlines(Strict):
    """Headline pairs found in the released pages, with the evidence for each."""

    id: str = pa.Field(str_matches=ID, description="Id of the document in whose page the pair stands.")
    en: str = prose("English headline.")
    ar: str = prose("Arabic headline.")
    position: str = pa.Field(
        nullable=True,
        isin=POSITIONS,
        description="Whose headlines they are: `own`, the article's of this page; `card`, those of another article's card in it.",
    )
    ratio: float = pa.Field(
        ge=0,
        lt=float("inf"),
        description="Length of the Arabic headline over the English one's, in code points.",
    )
    names: float = pa.Field(
        nullable=True,
        ge=0,
        le=1,
        description="Share of the English names that the Arabic has too; null where there is no name.",
    )
    numbers: bool = pa.Field(nullable=True, description="Whether the numbers agree.")
    verified: bool = pa.Field(description="Whether the evidence suffices to call the pair a translation.")


HEADLINES = polars_schema(Headlines)
"""The same as a polars schema: names and types, in order."""
