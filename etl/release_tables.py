"""Documents -> the tables of a release: what becomes of each document, and its rows in each table."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
import polars as pl

from etl.privacy import Personal, find_in_column, mask_columns, mask_of, mask_text, replace_rows
from etl.release_params import ReleaseParams
from etl.splits import choose_splits
from etl.tiles import Tiles, sum_before
from schemas.audit import AUDIT, SECOND_ARTICLE
from schemas.columns import Table, text_columns
from schemas.duplicates import DUPLICATES
from schemas.headlines import HEADLINES, Headlines
from schemas.index import INDEX
from schemas.record import RECORD, Record
from schemas.rejected import REJECTED
from schemas.repairs import REPAIRS

RELEASED, INDEXED, REJECTED_FATE, WITHDRAWN = "released", "indexed", "rejected", "withdrawn"
"""What becomes of a document; `indexed` is released without its text."""
_CLUSTER = [
    "cluster_id",
    "cluster_size",
    "cluster_outlets",
    "cluster_role",
    "similarity",
    "shared_paragraph_share",
]


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


@dataclass
class Part:
    """Some documents of a shard, decided, with what of theirs is masked."""

    docs: pl.DataFrame
    """Document, with its cluster, `_fate` and `_split`; `verdict` and `verdict_value` are final."""
    tiles: Tiles
    """The pieces of those of them that are pages, in order."""
    fates: Mapping[str, str]
    """Fate by id, of these documents and of all second articles of the shard."""
    spans: Mapping[str, list[Personal]] = field(default_factory=dict)
    """Personal data in the text, by id, likewise; empty where nothing is masked."""

    @property
    def own(self) -> set[str]:
        """Ids of these documents."""
        return set(self.docs["id"].to_list())

    @property
    def hurt(self) -> set[str]:
        """Ids of the pages of which a second article was withdrawn: their whole text is not shown."""
        return {name.rsplit(".", 1)[0] for name, fate in self.fates.items() if fate == WITHDRAWN and "." in name}


def decide(docs: pl.DataFrame, known: Decisions) -> pl.DataFrame:
    """Documents (id, outlet, verdict, verdict_value, …) -> the same with cluster, fate and split."""
    docs = _add_clusters(docs, known.duplicates)
    copy = pl.col("_copy") if not known.params.keep_duplicates else pl.lit(None, pl.String)
    free = pl.col("verdict").is_null()
    docs = docs.with_columns(
        verdict=pl.coalesce("verdict", copy),
        verdict_value=pl.when(free & copy.is_not_null()).then("similarity").otherwise("verdict_value"),
    ).drop("_copy")
    docs = docs.with_columns(
        pl.when(pl.col("id").is_in(known.gone["id"].to_list()))
        .then(pl.lit(WITHDRAWN))
        .when(pl.col("verdict").is_not_null())
        .then(pl.lit(REJECTED_FATE))
        .when(text_allowed(known.params))
        .then(pl.lit(RELEASED))
        .otherwise(pl.lit(INDEXED))
        .alias("_fate")
    )
    keys = split_keys(docs, known.joined)
    return docs.with_columns(choose_splits(keys, known.params.splits, known.dates).alias("_split"))


def text_allowed(params: ReleaseParams) -> pl.Expr:
    """Expression over `outlet`: whether its text may be passed on."""
    allowed = ~pl.col("outlet").is_in(list(params.withheld_outlets)).fill_null(False)
    if params.released_outlets is not None:
        allowed &= pl.col("outlet").is_in(list(params.released_outlets)).fill_null(False)
    return allowed


def split_keys(docs: pl.DataFrame, joined: Mapping[str, str]) -> pl.Series:
    """Documents (cluster_id) -> the key that their split goes by."""
    return docs["cluster_id"].replace(dict(joined))


def cluster_of_one(name: str) -> str:
    """Return the cluster id of a document that is alone: from the sha256 of its id, as of any cluster."""
    return hashlib.sha256(name.encode()).hexdigest()[:16]


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
        *[pl.when(found).then(name).alias(name) for name in _CLUSTER],
        _copy=pl.when(found).then("verdict"),
    )
    alone = (~rows["_found"]).arg_true().to_list()
    own = replace_rows(rows["cluster_id"], alone, [cluster_of_one(docs["id"][row]) for row in alone])
    return docs.with_columns(rows.drop("_found").with_columns(own)).with_columns(
        pl.col("cluster_size").fill_null(1),
        pl.col("cluster_outlets").fill_null(pl.col("outlet").is_not_null().cast(pl.Int64)),
        pl.col("cluster_role").fill_null("only"),
    )


def find_spans(docs: pl.DataFrame, params: ReleaseParams) -> dict[str, list[Personal]]:
    """Documents (id, text) -> the personal data in their texts, by id."""
    if not params.mask_personal:
        return {}
    return {docs["id"][row]: spans for row, spans in find_in_column(docs["text"]).items()}


def make_tables(part: Part, params: ReleaseParams) -> dict[str, pl.DataFrame]:
    """Decided documents -> the rows of each table, with `_outlet` and `_n` to sort by."""
    docs = _mask_texts(part)
    released = docs.filter(pl.col("_fate") == RELEASED)
    tables = {
        "default": _records(released, params),
        "index": _index(docs),
        "headlines": _headlines(released, params),
        "repairs": _repairs(part, params),
        "audit": make_audit(part, params),
        "rejected": _rejected(docs, part, params),
    }
    return {name: table for name, table in tables.items() if len(table)}


def _sortable(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.with_columns(pl.col("outlet").alias("_outlet"), pl.lit(0, pl.Int64).alias("_n"))


def _mask_texts(part: Part) -> pl.DataFrame:
    ids = part.docs["id"].to_list()
    rows = [row for row, name in enumerate(ids) if name in part.spans]
    texts = part.docs["text"]
    masked = [mask_text(texts[row], part.spans[ids[row]]) for row in rows]
    counts = np.zeros(len(ids), np.int64)
    counts[rows] = [len(part.spans[ids[row]]) for row in rows]
    return part.docs.with_columns(replace_rows(texts, rows, masked), masked=pl.Series(counts))


def _mask_columns(
    frame: pl.DataFrame, model: Table, params: ReleaseParams, without: tuple[str, ...] = ()
) -> pl.DataFrame:
    if not params.mask_personal:
        return frame
    return mask_columns(frame, [name for name in text_columns(model) if name not in without])


def _records(released: pl.DataFrame, params: ReleaseParams) -> pl.DataFrame:
    records = _mask_columns(released.select(*RECORD, "_split"), Record, params, without=("text",))
    return _sortable(records)


def _index(docs: pl.DataFrame) -> pl.DataFrame:
    kept = docs.filter(pl.col("_fate").is_in([RELEASED, INDEXED]))
    hashes = [hashlib.sha256(text.encode()).hexdigest() for text in kept["text"].to_list()]
    kept = kept.with_columns(
        pl.Series("text_sha256", hashes, dtype=pl.String),
        split=pl.col("_split"),
        text_released=pl.col("_fate") == RELEASED,
    )
    return _sortable(kept.select(*INDEX))


def _headlines(released: pl.DataFrame, params: ReleaseParams) -> pl.DataFrame:
    pairs = (
        released.select("id", "outlet", "pairs")
        .explode("pairs", empty_as_null=False)
        .filter(pl.col("pairs").is_not_null())
        .unnest("pairs")
        .with_columns(_n=pl.int_range(pl.len(), dtype=pl.Int64).over("id"), _outlet="outlet")
    )
    return _mask_columns(pairs.select(*HEADLINES, "_outlet", "_n"), Headlines, params)


def _repairs(part: Part, params: ReleaseParams) -> pl.DataFrame:
    rows = (
        part.docs.filter((pl.col("_fate") == RELEASED) & ~pl.col("id").is_in(list(part.hurt)))
        .select("id", "outlet", "repairs")
        .explode("repairs", empty_as_null=False)
        .filter(pl.col("repairs").is_not_null())
        .unnest("repairs")
        .with_columns(_n=pl.int_range(pl.len(), dtype=pl.Int64).over("id"), _outlet="outlet")
        .select(*REPAIRS, "_outlet", "_n")
    )
    if not params.mask_personal:
        return rows
    before, after = find_in_column(rows["before"]), find_in_column(rows["after"])
    hidden = [row for row in after if len(after[row]) != len(before.get(row, []))]
    columns = [
        replace_rows(rows[name], list(found), [mask_text(rows[name][row], spans) for row, spans in found.items()])
        for name, found in (("before", before), ("after", after))
    ]
    # What the damage wrote in other characters, the mask does not see: it is left out whole.
    return rows.with_columns(replace_rows(columns[0], hidden, [None] * len(hidden)), columns[1])


def _rejected(docs: pl.DataFrame, part: Part, params: ReleaseParams) -> pl.DataFrame:
    rows = docs.filter(pl.col("_fate") == REJECTED_FATE)
    if rows.is_empty():
        return rows
    allowed = text_allowed(params)
    shown = allowed & ~pl.col("id").is_in(list(part.hurt))
    text = pl.when(allowed).then("text")
    compared = pl.col("shared_paragraph_share").is_not_null()
    rows = rows.with_columns(
        text.alias("text"),
        pl.when(allowed).then("title").alias("title"),
        pl.when(shown).then("raw").alias("raw"),
        pl.when(shown).then("page").alias("page"),
        *[pl.when(compared).then(name).alias(name) for name in _CLUSTER],
    )
    if params.mask_personal:
        # Most pages were not repaired: what is found in them is found in both.
        other = pl.when(pl.col("raw") != pl.col("page"))
        own = rows.select(pl.col("raw").fill_null(""), other.then("page").fill_null("").alias("page"))
        raw, page = find_in_column(own["raw"]), find_in_column(own["page"])
        hidden = [row for row in page if len(page[row]) != len(raw.get(row, []))]
        masked = replace_rows(
            rows["raw"], list(raw), [mask_text(rows["raw"][row], spans) for row, spans in raw.items()]
        )
        rows = mask_columns(rows.with_columns(replace_rows(masked, hidden, [None] * len(hidden))), ["title"])
    return _sortable(rows.select(*REJECTED))


def make_audit(part: Part, params: ReleaseParams) -> pl.DataFrame:
    """Decided documents -> the audit rows of the articles among them whose text is released."""
    spliced = {name.rsplit(".", 1)[0] for name, fate in part.fates.items() if fate == RELEASED and "." in name}
    pages = part.docs.filter(pl.col("parent_id").is_null())
    own = pages["_fate"] == RELEASED
    told = own | pages["id"].is_in(list(spliced))
    places = _place_pieces(part.tiles).with_columns(part.tiles.texts())
    labelled = pl.col("rule").is_not_null() | ((pl.col("article") > 0) & pl.col("_stays"))
    places = places.filter(labelled & told.gather(part.tiles.frame["doc"]))
    rows = places.with_columns(
        pages["id"].gather(places["doc"]),
        pages["outlet"].gather(places["doc"]).alias("_outlet"),
        own.gather(places["doc"]).alias("_own"),
    )
    claimed = rows.filter(pl.col("rule").is_not_null())
    # The run of a second article has left the page's own text: for the page it is a cut.
    moved = rows.filter((pl.col("article") > 0) & pl.col("_stays") & (pl.col("end") > pl.col("start"))).with_columns(
        rule=pl.lit(SECOND_ARTICLE), action=pl.lit("cut"), at="_at_own", _moved=pl.lit(True)
    )
    rows = pl.concat([claimed, moved])
    rows = rows.filter(_may_show(rows, part.fates))
    rows = rows.with_columns(
        article=pl.when("_moved").then(pl.lit(0, pl.Int32)).otherwise("article"),
        _n=pl.col("start") * 2 + pl.col("_moved"),
    )
    rows = _shift(rows, part.spans).with_columns(_plain="text")
    rows = mask_columns(rows, ["text"]) if params.mask_personal else rows
    return rows.with_columns(masked=pl.col("text") != pl.col("_plain")).select(*AUDIT, "_outlet", "_n")


def _place_pieces(tiles: Tiles) -> pl.DataFrame:
    """Tiles -> their rows with start and end in the page, and `at`, the place in the article's text."""
    frame = tiles.frame
    size = np.where(tiles.stays, frame["length"].to_numpy(), 0).astype(np.int64)
    doc, article = frame["doc"].to_numpy(), frame["article"].to_numpy()
    own = sum_before(np.where(article == 0, size, 0), doc)
    at = own.copy()
    for number in np.unique(article[article > 0]):
        rows = np.flatnonzero(article == number)
        at[rows] = sum_before(size[rows], doc[rows])
    return frame.select(
        "doc",
        "article",
        "rule",
        "action",
        "start",
        pl.Series("_stays", tiles.stays),
        pl.Series("at", at),
        pl.Series("_at_own", own),
        end=pl.col("start") + pl.col("length"),
        _moved=pl.lit(False),
    )


def _may_show(rows: pl.DataFrame, fates: Mapping[str, str]) -> pl.Series:
    """A page's rows show with the page; a second article's with either of them, unless withdrawn."""
    shown = rows["_own"].to_numpy().copy()
    for row in (rows["article"] > 0).arg_true().to_list():
        fate = fates.get(f"{rows['id'][row]}.{rows['article'][row]}")
        moved = rows["_moved"][row]
        shown[row] = fate != WITHDRAWN and (shown[row] or (fate == RELEASED and not moved))
    return pl.Series(shown, dtype=pl.Boolean)


def _shift(rows: pl.DataFrame, spans: Mapping[str, list[Personal]]) -> pl.DataFrame:
    """Move `at` of the masked articles from places in the text to places in the masked text."""
    pages = {name.rsplit(".", 1)[0] for name in spans} | set(spans)
    touched = rows["id"].is_in(list(pages)).arg_true().to_list() if pages else []
    if not touched:
        return rows
    at = rows["at"].to_numpy().copy()
    for row in touched:
        article = rows["article"][row]
        name = f"{rows['id'][row]}.{article}" if article else rows["id"][row]
        at[row] = _masked_place(int(at[row]), spans.get(name, []))
    return rows.with_columns(pl.Series("at", at))


def _masked_place(place: int, spans: list[Personal]) -> int:
    moved = 0
    for start, end, kind in spans:
        if place <= start:
            break
        # A piece that was cut out of the middle of what is masked stands before the mask.
        moved += len(mask_of(kind)) - (end - start) if place >= end else start - place
    return place + moved


def show_cut(page: str, pieces: list[Mapping[str, Any]], start: int, end: int) -> tuple[str, str]:
    """A page, its pieces and a cut -> the line with the cut in ⟦ ⟧, and what is left of it."""
    start += len(page[start:end]) - len(page[start:end].lstrip("\n"))
    first = page.rfind("\n", 0, start) + 1
    last = page.find("\n", max(start, end - 1))
    last = len(page) if last < 0 else last
    cut = page[start:end].rstrip("\n")
    before = f"{page[first:start]}⟦{cut}⟧{page[start + len(cut) : last]}"
    left, at = [], 0
    for piece in pieces:
        low, high = max(at, first), min(at + piece["length"], last)
        if low < high and (piece["rule"] is None or piece["action"] == "mark"):
            left.append(page[low:high])
        at += piece["length"]
    return before, "".join(left).strip()
