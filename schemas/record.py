"""RECORD: config `default` of a release, one row a released document."""

from __future__ import annotations

import pandera.polars as pa

from schemas.columns import ROLE, ROLES, count, polars_schema, share
from schemas.document import Document


class Record(Document):
    """Document, with its place among the duplicates."""

    cluster_id: str = pa.Field(description="The cluster of near-duplicates it belongs to.")
    cluster_size: int = pa.Field(ge=1, description="Documents in the cluster, those left out included.")
    cluster_outlets: int = count("Outlets in the cluster.")
    cluster_role: str = pa.Field(isin=ROLES, description=ROLE)
    similarity: float = share("Estimated similarity to the cluster's representative (word `5`-grams).")
    shared_paragraph_share: float = share("Share of its paragraphs that other stories print too.")
    masked: int = count(
        "Spans of personal data in `text` that a mask hides (since schema `1.1.0`); characters, words and sentences are counted "
        "with the masks, shares and other scores measured before."
    )


RECORD = polars_schema(Record)
"""The same as a polars schema: names and types, in order."""
