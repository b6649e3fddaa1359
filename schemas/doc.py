"""DOC: one row a document with all that the house knows of it; a page's row also holds its pieces."""

from __future__ import annotations

import pandera.polars as pa
import polars as pl

from schemas.columns import PAIRS, PIECES, REPAIRS, RULE, nested, polars_schema, prose
from schemas.document import Document


class Doc(Document):
    """Document, with the page it came from; a second article has none of its own.

    Shards of a build hold `raw` only where repairs changed it; etl/edits.py gives it back.
    """

    page: str = prose("`raw` after its repairs; null for a second article.", nullable=True)
    raw: str = prose(
        "The page's text as it came, of HTML as the extractor gave it; null for a second article.", nullable=True
    )
    pieces: pl.List = nested(
        PIECES,
        "All pieces of the page in order: length in code points, and label; null for a second article.",
        nullable=True,
    )
    repairs: pl.List = nested(
        REPAIRS, "What was repaired, in code points of `raw`; null for a second article.", nullable=True
    )
    pairs: pl.List = nested(
        PAIRS,
        "English and Arabic headlines of this page that belong together, with the evidence.",
        nullable=True,
    )
    verdict: str = pa.Field(
        nullable=True, str_matches=RULE, description="Why the document is left out; null where it is not."
    )
    verdict_value: float = pa.Field(
        nullable=True, lt=float("inf"), description="The measured value behind the verdict."
    )


DOC = polars_schema(Doc)
"""The same as a polars schema: names and types, in order."""
