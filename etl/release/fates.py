"""What becomes of each document: released, indexed without its text, rejected or withdrawn; and the split it is in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl

from etl.duplicates import name_cluster
from etl.privacy import replace_rows
from etl.release_params import ReleaseParams
from etl.splits import choose_splits
from etl.verdicts import RELEASED, choose_fate, give_copies
from schemas.duplicates import DUPLICATES

INDEXED = "indexed"
"""What becomes of a document that is released without its text."""
OF_CLUSTER = [
    "cluster_id",
    "cluster_size",
    "cluster_outlets",
    "cluster_role",
    "similarity",
    "shared_paragraph_share",
]
"""What `duplicates` says of a document and the tables tell."""


@dataclass(frozen=True)
class Decisions:
    """What decides a document's fate besides its own row."""

    params: ReleaseParams
    duplicates: pl.DataFrame
    """Sorted by id."""
    gone: pl.DataFrame
    """The withdrawn: id, date, reason."""
    joined: Mapping[str, str]
    """Clusters that a page with a second article joins -> the one that stands for them."""
    dates: Mapping[str, date]
    """Earliest date by split key, for a division by date."""


def decide(docs: pl.DataFrame, known: Decisions) -> pl.DataFrame:
    """Documents (id, outlet, verdict, verdict_value, …) -> the same with cluster, fate and split."""
    docs = give_copies(_add_clusters(docs, known.duplicates), known.params.keep_duplicates)
    kept = pl.when(text_allowed(known.params)).then(pl.lit(RELEASED)).otherwise(pl.lit(INDEXED))
    docs = docs.with_columns(_fate=choose_fate(known.gone["id"].to_list(), kept))
    keys = docs["cluster_id"].replace(dict(known.joined))
    return docs.with_columns(choose_splits(keys, known.params.splits, known.dates).alias("_split"))


def text_allowed(params: ReleaseParams) -> pl.Expr:
    """Expression over `outlet`: whether its text may be passed on."""
    allowed = ~pl.col("outlet").is_in(list(params.withheld_outlets)).fill_null(False)
    if params.released_outlets is not None:
        allowed &= pl.col("outlet").is_in(list(params.released_outlets)).fill_null(False)
    return allowed


def _add_clusters(docs: pl.DataFrame, duplicates: pl.DataFrame) -> pl.DataFrame:
    """Join by binary search, so that a batch costs no pass over the whole table."""
    count = len(duplicates)
    if count:
        at = np.minimum(duplicates["id"].search_sorted(docs["id"]).to_numpy(), count - 1)
        rows = duplicates[at].with_columns(_found=duplicates["id"].gather(at) == docs["id"])
    else:
        rows = DUPLICATES.to_frame().clear(len(docs)).with_columns(_found=pl.lit(False))
    found = pl.col("_found")
    rows = rows.select(
        "_found",
        *[pl.when(found).then(name).alias(name) for name in OF_CLUSTER],
        _copy=pl.when(found).then("verdict"),
    )
    alone = (~rows["_found"]).arg_true().to_list()
    own = replace_rows(rows["cluster_id"], alone, [name_cluster(docs["id"][row]) for row in alone])
    return docs.with_columns(rows.drop("_found").with_columns(own)).with_columns(
        pl.col("cluster_size").fill_null(1),
        pl.col("cluster_outlets").fill_null(pl.col("outlet").is_not_null().cast(pl.Int64)),
        pl.col("cluster_role").fill_null("only"),
    )
