"""Documents -> clusters of the same story, and the verdicts on copies.

Two steps. `sign_documents` (etl/duplicates/signatures.py) sees one shard and writes a row of half a kilobyte for each document;
`learn_duplicates` sees those rows alone and gives each document its cluster, and copies a verdict. Nothing is deleted: the
release puts both beside the documents (etl/release/fates.py).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from typing import Literal

import numpy as np
import polars as pl
from pydantic import BaseModel, ConfigDict, Field

from etl.arrays import Doubles, Flags, Hashes, Ints, Uints
from etl.duplicates.kept_columns import BANDS, KeptColumns, keep_columns
from etl.duplicates.signatures import SIGNATURE, SLOTS
from schemas.duplicates import DUPLICATES

_PAIRS = 1 << 20
"""Pairs that are compared at once."""
_HASHES = 1 << 21
"""Hashes of paragraphs that are held in memory at once."""
_SLICE = 1 << 16
"""Documents whose clusters are named at once."""


class DuplicateParams(BaseModel):
    """When two documents are the same, and which of them is kept."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    similarity: float = Field(
        default=0.6,
        ge=0.3,
        le=1.0,
        description="Estimated Jaccard similarity of word 5-grams from which two documents are joined: "
        "midway between .7, which must be found, and .5, which must not, three standard errors from both.",
    )
    bands: int = Field(
        default=32,
        ge=1,
        le=BANDS,
        description="Bands of four slots that propose pairs; 32 miss a pair of similarity .7 once in 6,600.",
    )
    neighbours: int = Field(
        default=16,
        ge=1,
        le=1024,
        description="Documents of a bucket that each is compared with: one of n costs at most n times this.",
    )
    paragraph_words: int = Field(
        default=10, ge=1, description="Words from which a paragraph counts as shared between stories."
    )
    recrawl: Literal["first", "last"] = Field(
        default="last",
        description="Which crawl of one address is kept, by date, then path: the first or the last.",
    )


def _join(labels: Ints, one: Ints, other: Ints) -> Ints:
    """Labels (each row's is the least row of its component) -> the labels after these edges are added."""
    while True:
        a, b = labels[one], labels[other]
        apart = a != b
        if not apart.any():
            return labels
        one, other, a, b = one[apart], other[apart], a[apart], b[apart]
        labels = labels.copy()
        np.minimum.at(labels, np.maximum(a, b), np.minimum(a, b))
        while True:
            nearer = labels[labels]
            if np.array_equal(nearer, labels):
                break
            labels = nearer


def _first_of_each(keys: Hashes) -> Ints:
    """Keys -> the first row with the same key; the row itself where the key is 0.

    By a sort, for here are all documents: it takes 29 bytes of each, the table of etl/distinct.py 46, and no less time.
    """
    first = np.arange(len(keys))
    order = np.argsort(keys)
    ordered = keys[order]
    same = ordered[1:] == ordered[:-1]
    shared = np.flatnonzero((np.append(same, False) | np.append(False, same)) & (ordered != 0))
    if len(shared):
        starts = np.flatnonzero(np.append(True, ordered[shared][1:] != ordered[shared][:-1]))
        order = order[shared]
        first[order] = np.repeat(np.minimum.reduceat(order, starts), np.diff(starts, append=len(order)))
    return first


def _compare(kept: KeptColumns, one: Uints, other: Uints) -> Doubles:
    """Pairs of places in the shards -> the estimated Jaccard similarity of each pair's word 5-grams, from 0 to 1."""
    equal = np.zeros(len(one), dtype=np.uint16)
    for band in range(BANDS if len(one) else 0):
        column = kept.read(f"band {band}")
        differ = (column[one] ^ column[other]).view(np.uint16).reshape(-1, 4)
        equal += np.count_nonzero(differ == 0, axis=1).astype(np.uint16)
    return equal / SLOTS


def _link(kept: KeptColumns, at: Uints, labels: Ints, rows: Ints, params: DuplicateParams) -> Ints:
    """Labels -> labels after every verified edge between `rows`, found band by band; `at` is their place in the shards.

    A bucket is read as a row of neighbours, in the order of the next band, so that a hot one costs no more
    than its size times `params.neighbours`; the next band puts others side by side. Pairs already joined
    are not compared: of the copies most are after a band or two, so that pairs of more and more bands are compared at once.
    """
    place = at[rows]
    following = kept.read("band 0")[place]
    waiting: list[Ints] = []
    bands = 1
    for band in range(params.bands):
        keys, following = following, kept.read(f"band {(band + 1) % BANDS}")[place]
        order = np.argsort(keys)
        ordered = keys[order]
        equal = ordered[1:] == ordered[:-1]
        members = np.sort(order[np.append(equal, False) | np.append(False, equal)])
        members = members[np.lexsort((following[members], keys[members]))]
        for step in range(1, params.neighbours + 1):
            near = np.flatnonzero(keys[members[step:]] == keys[members[:-step]])
            if not len(near):
                break
            one, other = rows[members[near]], rows[members[near + step]]
            apart = labels[one] != labels[other]
            waiting.append((np.minimum(one, other)[apart] << 32) | np.maximum(one, other)[apart])
            if sum(map(len, waiting)) > _PAIRS:
                labels, waiting = _join_alike(kept, at, labels, waiting, params), []
        if band + 1 == bands:
            labels, waiting, bands = _join_alike(kept, at, labels, waiting, params), [], 2 * bands
    return _join_alike(kept, at, labels, waiting, params)


def _join_alike(kept: KeptColumns, at: Uints, labels: Ints, pairs: list[Ints], params: DuplicateParams) -> Ints:
    """Labels -> labels after the edges of those pairs that are alike."""
    each = np.unique(np.concatenate([np.zeros(0, dtype=np.int64), *pairs]))
    one, other = each >> 32, each & 0xFFFFFFFF
    alike = _compare(kept, at[one], at[other]) >= params.similarity
    return _join(labels, one[alike], other[alike])


def _share_paragraphs(shards: Sequence[pl.LazyFrame], labels: Ints, sizes: Ints) -> Doubles:
    """SIGNATURE of every shard, clusters and numbers of paragraphs in their order -> the share of each document's
    paragraphs that other clusters hold too.

    Hashes are taken a range at a time, so that memory does not grow with the corpus.
    """
    shared = np.zeros(len(labels), dtype=np.int64)
    passes = int(sizes.sum()) // _HASHES + 1
    for part in range(passes):
        low, high = (np.uint64(min(2**64 * edge // passes, 2**64 - 1)) for edge in (part, part + 1))
        hashes, rows, start = [np.zeros(0, dtype=np.uint64)], [np.zeros(0, dtype=np.uint32)], 0
        for shard in shards:
            lists = shard.select("paragraphs").collect().to_series()
            found = lists.explode(empty_as_null=False).to_numpy()
            row = np.repeat(np.arange(start, start + len(lists), dtype=np.uint32), sizes[start : start + len(lists)])
            inside = (found >= low) & ((found < high) | (part + 1 == passes))
            hashes.append(found[inside])
            rows.append(row[inside])
            start += len(lists)
        found, row = np.concatenate(hashes), np.concatenate(rows)
        if not len(found):
            continue
        order = np.argsort(found)
        ordered, cluster = found[order], labels[row[order]]
        starts = np.flatnonzero(np.append(True, ordered[1:] != ordered[:-1]))
        apart = np.minimum.reduceat(cluster, starts) != np.maximum.reduceat(cluster, starts)
        held = order[np.repeat(apart, np.diff(starts, append=len(order)))]
        shared += np.bincount(row[held], minlength=len(labels))
    return shared / np.maximum(sizes, 1)


def _find_superseded(shards: Sequence[pl.LazyFrame], at: Uints, address: Ints, last: bool) -> Flags:
    """The first row of each address -> which rows are another crawl of an address than the one that is kept."""
    superseded = np.zeros(len(at), dtype=np.bool_)
    several = np.zeros(len(at), dtype=np.bool_)
    several[address[address != np.arange(len(at))]] = True
    rows = np.flatnonzero(several[address])
    rows = rows[np.argsort(at[rows])]
    if not len(rows):
        return superseded
    dates, start = [], 0
    for shard in shards:
        frame = shard.select("date", "path").collect()
        mine = at[rows][np.searchsorted(at[rows], start) : np.searchsorted(at[rows], start + len(frame))]
        dates.append(frame[mine - start])
        start += len(frame)
    crawls = pl.concat(dates).with_columns(row=rows, address=address[rows])
    crawls = crawls.sort("date", "path", "row", descending=[last, last, False], nulls_last=True)
    superseded[rows] = True
    superseded[crawls.unique("address", keep="first", maintain_order=True)["row"].to_numpy()] = False
    return superseded


def learn_duplicates(shards: Sequence[pl.LazyFrame], params: DuplicateParams) -> Iterator[pl.DataFrame]:
    """SIGNATURE of every shard -> DUPLICATES, some documents at a time: each one's cluster, its part, the verdict on a copy.

    Documents are joined by the same folded text, the same raw page, the same address (`url`, canonical; a
    site's front page says nothing), or an estimated similarity; a cluster is what is connected. Its id is
    the first 16 hex digits of the sha256 of its least document id. Its representative has a date, then the
    most words, then the least id; of one address crawled twice, only the crawl that `params.recrawl` names
    can be it. They come in the order of their ids. In memory there are a few numbers of each document at a time: what they
    are compared by lies in a temporary file, half a kilobyte a document.
    """
    ids = _read_ids(shards)
    at = ids.arg_sort().to_numpy()
    count = len(ids)
    if not count:
        return
    del ids
    kept = keep_columns(shards, count)
    rows = labels = np.arange(count)
    groups: dict[str, Ints] = {}
    for name in ("text", "raw", "address"):
        same = _first_of_each(kept.read(name)[at])
        again = np.flatnonzero(same != rows)
        labels = _join(labels, again, same[again])
        groups[name] = same.astype(np.uint32)
    labels = _link(kept, at, labels, np.flatnonzero(groups["text"] == rows), params)
    in_shards = np.empty(count, dtype=np.int64)
    in_shards[at] = labels
    share = _share_paragraphs(shards, in_shards, kept.read("paragraphs").astype(np.int64))[at]
    superseded = _find_superseded(shards, at, groups["address"], params.recrawl == "last")
    sizes = np.bincount(labels, minlength=count)[labels]
    several = np.flatnonzero(sizes > 1)
    outlet = kept.read("outlet")[at]
    ranked = _rank(
        pl.DataFrame(
            {
                "row": several,
                "cluster": labels[several],
                "superseded": superseded[several],
                "undated": kept.read("undated")[at[several]],
                "n_words": kept.read("n_words")[at[several]].astype(np.int64),
                "outlet": outlet[several],
                "text": groups["text"][several],
                "raw": groups["raw"][several],
            }
        )
    )
    best = rows.astype(np.uint32)
    best[several] = ranked["best"].to_numpy()
    outlets = (outlet != 0).astype(np.uint32)
    outlets[several] = ranked["outlets"].to_numpy()
    repeats = np.zeros(count, dtype=np.bool_)
    repeats[several] = ranked["repeats"].to_numpy()
    similarity = np.ones(count, dtype=np.float32)
    copies = np.flatnonzero(best != rows)
    for start in range(0, len(copies), _PAIRS):
        some = copies[start : start + _PAIRS]
        similarity[some] = _compare(kept, at[some], at[best[some]])
    kept.close()
    del groups, outlet, in_shards, ranked
    ids = _read_ids(shards).gather(at)
    for start in range(0, count, _SLICE):
        some = rows[start : start + _SLICE]
        yield _tell(
            ids,
            pl.DataFrame(
                {
                    "id": ids[some],
                    "label": labels[some],
                    "cluster_size": sizes[some],
                    "cluster_outlets": outlets[some],
                    "is_copy": best[some] != rows[some],
                    "similarity": similarity[some],
                    "shared_paragraph_share": share[some],
                    "superseded": superseded[some],
                    "repeats": repeats[some],
                }
            ),
        )


def _read_ids(shards: Sequence[pl.LazyFrame]) -> pl.Series:
    return pl.concat(
        [SIGNATURE.to_frame().select("id"), *(shard.select("id").collect() for shard in shards)]
    ).to_series()


def _rank(documents: pl.DataFrame) -> pl.DataFrame:
    """Documents of clusters of several, in order -> `best`, the row that stands for the cluster; the `outlets` of the cluster;
    `repeats`: one before it has its text or raw page."""
    first = {name: pl.col("row").first().over(name) for name in ("cluster", "text", "raw")}
    return (
        documents.lazy()
        .sort("cluster", "superseded", "undated", -pl.col("n_words"), "row")
        .with_columns(
            best=first["cluster"],
            repeats=(pl.col("row") != first["text"]) | (pl.col("row") != first["raw"]),
            outlets=pl.col("outlet").filter(pl.col("outlet") != 0).n_unique().over("cluster"),
        )
        .sort("row")
        .collect(engine="in-memory")
    )


def name_cluster(least: str) -> str:
    """Least document id of a cluster -> the cluster's id."""
    return hashlib.sha256(least.encode()).hexdigest()[:16]


def _tell(ids: pl.Series, documents: pl.DataFrame) -> pl.DataFrame:
    """Ids of all documents, some documents with their numbers -> DUPLICATES of these."""
    least = documents["label"].unique()
    names = [name_cluster(name) for name in ids.gather(least).to_list()]
    role = (
        pl.when(pl.col("cluster_size") == 1)
        .then(pl.lit("only"))
        .when("is_copy")
        .then(pl.lit("copy"))
        .otherwise(pl.lit("representative"))
    )
    verdict = (
        pl.when(~pl.col("is_copy"))
        .then(None)
        .when("superseded")
        .then(pl.lit("duplicate/recrawl"))
        .when("repeats")
        .then(pl.lit("duplicate/exact"))
        .otherwise(pl.lit("duplicate/near"))
    )
    return (
        documents.join(
            pl.DataFrame({"label": least, "cluster_id": names}), on="label", how="left", maintain_order="left"
        )
        .with_columns(cluster_role=role, verdict=verdict)
        .select([pl.col(name).cast(dtype) for name, dtype in DUPLICATES.items()])
    )
