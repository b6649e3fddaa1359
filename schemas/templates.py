"""TEMPLATES: lines that an outlet repeats across its pages, as learned; people may edit the decisions."""

from __future__ import annotations

import pandera.polars as pa
import polars as pl

from schemas.columns import RULE, Strict, count, polars_schema, prose, prose_list, share


class Template(Strict):
    """One learned line of one outlet, with the evidence and what was decided."""

    rule: str = pa.Field(
        unique=True,
        str_matches=RULE,
        description="`template/` and the first eight hex digits of the sha256 of outlet and key, sixteen where two lines share eight.",
    )
    outlet: str = pa.Field(description="Whose pages repeat it.")
    key: str = prose("The line folded, its numbers and dates masked.")
    zone: str = pa.Field(
        nullable=True,
        isin=["before", "body", "after"],
        description="Where the line may be cut: `before` the body, `after` it, anywhere but right between two paragraphs (null), "
        "or anywhere (`body`).",
    )
    count: int = count("Pages of the outlet that carry it.")
    share: float = share("Share of the outlet's pages that carry it.", nullable=False)
    decision: str = pa.Field(
        isin=["cut", "propose", "keep"],
        description="`cut`, `propose` where the evidence does not suffice, or `keep` for a reason.",
    )
    why: str = pa.Field(description="The reason for the decision.")
    examples: pl.List = prose_list("Lines as they stood, at most a few.")


TEMPLATE = polars_schema(Template)
"""The same as a polars schema: names and types, in order."""
