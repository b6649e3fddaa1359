"""Train, validation and test: no cluster of duplicates and no second article lies in two of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Literal

import polars as pl
from pydantic import BaseModel, ConfigDict, Field

from etl.shards import hash_number

SPLITS = ("train", "validation", "test")


class SplitParams(BaseModel):
    """How documents are divided."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    by: Literal["cluster", "date"] = Field(
        default="cluster",
        description="cluster: by hash of the duplicate cluster, so that a document stays where it is when "
        "others are added; date: by the earliest date in the cluster",
    )
    validation: float = Field(default=0.01, ge=0, lt=1, description="share of the clusters in validation, by cluster")
    test: float = Field(default=0.01, ge=0, lt=1, description="share of the clusters in test, by cluster")
    validation_from: date | None = Field(default=None, description="first day of validation, by date")
    test_from: date | None = Field(default=None, description="first day of test, by date")
    min_documents: int = Field(
        default=100, ge=1, description="a split with fewer documents is left out and joins train"
    )


def join_clusters(links: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Pairs of clusters that a page joins -> cluster: the least of all that it is joined to."""
    parents: dict[str, str] = {}

    def least(cluster: str) -> str:
        while (parent := parents.setdefault(cluster, cluster)) != cluster:
            parents[cluster] = parents[parent]
            cluster = parents[cluster]
        return cluster

    for one, other in links:
        low, high = sorted((least(one), least(other)))
        parents[high] = low
    return {cluster: least(cluster) for cluster in parents}


def choose_splits(keys: pl.Series, params: SplitParams, dates: Mapping[str, date] | None = None) -> pl.Series:
    """Keys, one a document -> its split; `dates` are the earliest dates by key, for a division by date."""
    if params.by == "date":
        chosen = [_by_date((dates or {}).get(key), params) for key in keys.to_list()]
    else:
        chosen = [_by_hash(key, params) for key in keys.to_list()]
    return pl.Series("split", chosen, dtype=pl.String)


def _by_hash(key: str, params: SplitParams) -> str:
    place = hash_number(key) / 2**64
    if place < params.test:
        return "test"
    return "validation" if place < params.test + params.validation else "train"


def _by_date(day: date | None, params: SplitParams) -> str:
    if day is None:
        return "train"
    if params.test_from and day >= params.test_from:
        return "test"
    return "validation" if params.validation_from and day >= params.validation_from else "train"
