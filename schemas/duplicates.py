"""DUPLICATES: what the corpus taught about copies, one row a document that was compared."""

from __future__ import annotations

import pandera.polars as pa

from schemas.columns import ID, ROLE, ROLES, RULE, Strict, count, polars_schema, share


class Duplicates(Strict):
    """Each document's cluster and its part in it; a document that is missing here is alone."""

    id: str = pa.Field(unique=True, str_matches=ID, description="Id of the document.")
    cluster_id: str = pa.Field(description="The cluster of near-duplicates it belongs to.")
    cluster_size: int = pa.Field(ge=1, description="Documents in the cluster, those left out included.")
    cluster_outlets: int = count("Outlets in the cluster.")
    cluster_role: str = pa.Field(isin=ROLES, description=ROLE)
    similarity: float = share("Estimated similarity to the cluster's representative (word `5`-grams).")
    shared_paragraph_share: float = share("Share of its paragraphs that other stories print too.")
    verdict: str = pa.Field(
        nullable=True,
        str_matches=RULE,
        description="Why it is left out; null for the one that is kept. `duplicate/exact`: another of the cluster, which need not be "
        "the representative, has its text or its raw page.",
    )


DUPLICATES = polars_schema(Duplicates)
"""The same as a polars schema: names and types, in order."""
