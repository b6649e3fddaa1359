"""Documents -> the tables of a release: what becomes of each document, and its rows in each table."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from itertools import pairwise
from typing import Literal

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from etl.arrays import Flags
from etl.buffers import text_bytes
from etl.privacy import (
    Personal,
    find_in_column,
    mask_columns,
    mask_of,
    mask_text,
    may_be_in_slices,
    replace_rows,
)
from etl.release_params import ReleaseParams
from etl.spill import Rows, pack_rows
from etl.splits import SPLITS, choose_splits
from etl.tiles import Codes, Places, Tiles, slices
from etl.validate import validate_columns, validate_frame
from schemas.audit import AUDIT, SECOND_ARTICLE, Audit
from schemas.columns import Table, text_columns
from schemas.duplicates import DUPLICATES
from schemas.headlines import HEADLINES, Headlines
from schemas.index import INDEX, Index
from schemas.record import RECORD, Record
from schemas.rejected import REJECTED, Rejected
from schemas.repairs import REPAIRS, Repairs

RELEASED, INDEXED, REJECTED_FATE, WITHDRAWN = "released", "indexed", "rejected", "withdrawn"
"""What becomes of a document; `indexed` is released without its text."""
_SIDES: tuple[Literal["left", "right"], ...] = ("left", "right")
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
    """Fate by id of all second articles of the shard."""
    spans: Mapping[str, list[Personal]] = field(default_factory=dict)
    """Personal data in the text, by id, of these documents and of all second articles of the shard."""

    @cached_property
    def order(self) -> Places:
        """Rows of the documents by id: tables are made in this order."""
        return self.docs["id"].arg_sort().to_numpy().astype(np.int64)

    def where(self, chosen: pl.Expr) -> pl.Series:
        """Rows of the chosen documents, by id."""
        flags = self.docs.select(chosen.fill_null(False)).to_series().to_numpy()
        return pl.Series(self.order[flags[self.order]])

    def pieces(self, chosen: Flags, each: int = 1) -> Places:
        """Flags, `each` of them a piece -> places of those that are true, by the id of their page, and in order."""
        places = np.flatnonzero(chosen)
        bounds = np.searchsorted(places, self.tiles.pieces.bounds * each)
        counts = np.diff(bounds)[self.order]
        ahead = bounds[self.order] - (np.cumsum(counts) - counts)
        return places[np.repeat(ahead, counts) + np.arange(len(places))]

    @property
    def hurt(self) -> list[str]:
        """Ids of the pages of which a second article was withdrawn: their whole text is not shown."""
        return [name.rpartition(".")[0] for name, fate in self.fates.items() if fate == WITHDRAWN]

    @cached_property
    def audited(self) -> tuple[Flags, Flags]:
        """Pieces that a rule claimed, and those that left for a second article, as far as the audit has rows of them."""
        return _may_show(self)


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


def make_tables(part: Part, params: ReleaseParams) -> Iterator[tuple[str, Rows]]:
    """Decided documents -> the rows of each table that has any; those of `default` by split."""
    masked = replace(part, docs=_mask_texts(part))
    yield from _records(masked, params)
    yield from _pack("index", Index, _index(masked))
    yield from _pack("headlines", Headlines, *_headlines(part, params))
    yield from _pack("repairs", Repairs, *_repairs(part, params))
    yield from _pack("rejected", Rejected, _rejected(masked, params))
    yield from _audit(part, params)


def _pack(name: str, model: Table, frame: pl.DataFrame, keys: pl.DataFrame | None = None) -> Iterator[tuple[str, Rows]]:
    if len(frame):
        yield name, pack_rows(validate_frame(frame, model, name), keys)


def _mask_texts(part: Part) -> pl.DataFrame:
    ids = part.docs["id"]
    rows = ids.is_in(list(part.spans)).arg_true().to_list() if part.spans else []
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


def _records(part: Part, params: ReleaseParams) -> Iterator[tuple[str, Rows]]:
    rows = part.where(pl.col("_fate") == RELEASED)
    if not len(rows):
        return
    order = part.docs["_split"].gather(rows).arg_sort()  # Stable: within a split the order stays.
    records = part.docs.select(*RECORD, "_split")[rows.gather(order)]
    split = records["_split"]
    records = _mask_columns(records.drop("_split"), Record, params, without=("text",))
    records = validate_frame(records.select(list(RECORD)), Record, "default")
    for name in SPLITS:
        first, end = (int(split.search_sorted(name, side)) for side in _SIDES)
        if first < end:
            yield f"default/{name}", pack_rows(records[first:end])


def _index(part: Part) -> pl.DataFrame:
    kept = part.docs.select(
        *[name for name in INDEX if name in part.docs.columns],
        "text",
        split=pl.col("_split"),
        text_released=pl.col("_fate") == RELEASED,
    )[part.where(pl.col("_fate").is_in([RELEASED, INDEXED]))]
    return kept.with_columns(text_sha256=hash_texts(kept["text"])).select(list(INDEX))


def hash_texts(texts: pl.Series) -> pl.Series:
    """Column of text -> the sha256 of each, in hex."""
    data, at = text_bytes(texts)
    view = data.data
    return pl.Series(
        [hashlib.sha256(view[start:end]).hexdigest() for start, end in pairwise(at.tolist())], dtype=pl.String
    )


def _listed(part: Part, column: str, chosen: pl.Expr) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Documents with a list of structs -> a row for each of its items; and the keys of these rows."""
    count = pl.col(column).list.len().fill_null(0)
    docs = part.docs.select("id", "outlet", column, rows=count.cast(pl.Int64))[part.where(chosen & (count > 0))]
    return docs.select("id", column).explode(column).unnest(column), docs.drop(column)


def _headlines(part: Part, params: ReleaseParams) -> tuple[pl.DataFrame, pl.DataFrame]:
    pairs, keys = _listed(part, "pairs", pl.col("_fate") == RELEASED)
    return _mask_columns(pairs.select(list(HEADLINES)), Headlines, params), keys


def _repairs(part: Part, params: ReleaseParams) -> tuple[pl.DataFrame, pl.DataFrame]:
    rows, keys = _listed(part, "repairs", (pl.col("_fate") == RELEASED) & ~pl.col("id").is_in(part.hurt))
    rows = rows.select(list(REPAIRS))
    if not params.mask_personal:
        return rows, keys
    before, after = find_in_column(rows["before"]), find_in_column(rows["after"])
    hidden = [row for row in after if len(after[row]) != len(before.get(row, []))]
    columns = [
        replace_rows(rows[name], list(found), [mask_text(rows[name][row], spans) for row, spans in found.items()])
        for name, found in (("before", before), ("after", after))
    ]
    # What the damage wrote in other characters, the mask does not see: it is left out whole.
    return rows.with_columns(replace_rows(columns[0], hidden, [None] * len(hidden)), columns[1]), keys


def _rejected(part: Part, params: ReleaseParams) -> pl.DataFrame:
    rows = part.docs.select(*REJECTED, "page")[part.where(pl.col("_fate") == REJECTED_FATE)]
    allowed = text_allowed(params)
    shown = allowed & ~pl.col("id").is_in(part.hurt)
    compared = pl.col("shared_paragraph_share").is_not_null()
    rows = rows.with_columns(
        pl.when(allowed).then("text").alias("text"),
        pl.when(allowed).then("title").alias("title"),
        pl.when(shown).then("raw").alias("raw"),
        pl.when(shown).then("page").alias("page"),
        *[pl.when(compared).then(name).alias(name) for name in _CLUSTER],
        # Of nothing there is no hash: all that could not be read would seem to be one page. A second article has no raw.
        raw_sha256=pl.when(pl.col("raw").ne_missing("")).then("raw_sha256"),
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
    return rows.select(list(REJECTED))


def _audit(part: Part, params: ReleaseParams) -> Iterator[tuple[str, Rows]]:
    """Decided documents -> the audit rows of the articles among them whose text is released."""
    tiles, pieces = part.tiles, part.tiles.pieces
    claimed, moved = part.audited
    # Where a piece is claimed and moved, what claimed it comes first.
    places = part.pieces(np.column_stack((claimed, moved)).ravel(), 2)
    if not len(places):
        return
    rows, is_moved = places >> 1, places % 2 > 0
    doc, start, article = tiles.doc[rows], tiles.start[rows], np.where(is_moved, 0, pieces.article[rows])
    counts = np.bincount(doc, minlength=len(part.docs))
    keys = part.docs.select("id", "outlet", rows=pl.Series(counts))[pl.Series(part.order)].filter(pl.col("rows") > 0)
    # The run of a second article has left the page's own text: for the page it is a cut.
    labels = pl.concat(
        [pieces.labels, pl.DataFrame({"rule": [SECOND_ARTICLE], "action": ["cut"]}, schema=pieces.labels.schema)]
    )
    label = np.where(is_moved, len(pieces.labels), pieces.label[rows])
    used = np.bincount(label) > 0
    labels, label = labels.head(len(used)).filter(used), (np.cumsum(used) - 1)[label]
    at = _place(tiles, rows, article)
    _shift(at, article, keys, part.spans)
    text = slices(tiles.data, tiles.bounds).take(pa.array(rows))
    masked = np.zeros(len(rows), np.bool_)
    if params.mask_personal:
        doubt = np.flatnonzero(may_be_in_slices(tiles.data, tiles.bounds)[rows])
        plain = pl.Series(text.take(pa.array(doubt)), dtype=pl.String)
        found = find_in_column(plain)
        masked[doubt[list(found)]] = True
        new = [mask_text(plain[row], spans) for row, spans in found.items()]
        if new:
            text = pc.replace_with_mask(text, pa.array(masked), pa.array(new, text.type))
    numbers = pl.DataFrame(
        {
            "article": pl.Series(article, dtype=pl.Int32),
            "start": start,
            "end": start + pieces.length[rows],
            "at": at,
            "masked": masked,
        }
    )
    coded = {
        name: pa.DictionaryArray.from_arrays(pa.array(label, pa.int32()), pa.array(labels[name].to_list(), pa.string()))
        for name in ("rule", "action")
    }
    table = numbers.to_arrow().append_column("text", text)
    for name, codes in coded.items():
        table = table.append_column(name, codes)

    def whole() -> pl.DataFrame:
        ids = keys["id"].gather(np.repeat(np.arange(len(keys)), keys["rows"].to_numpy()))
        told = {name: codes.cast(pa.string()) for name, codes in coded.items()}
        return numbers.with_columns(id=ids, text=pl.Series(text), **{n: pl.Series(c) for n, c in told.items()})

    # A rule is asked once and not once a row; text has no null, for it was cut out of one.
    frames = (numbers, keys.select("id"), labels, pl.DataFrame(schema={"text": pl.String}))
    validate_columns(frames, Audit, "audit", lambda: whole().select(list(AUDIT)))
    yield "audit", Rows(keys, table)


def _may_show(part: Part) -> tuple[Flags, Flags]:
    """Part -> pieces that a rule claimed, and those that left for a second article, as far as they are shown.

    A page's rows show with the page; a second article's with either of them, unless withdrawn.
    """
    tiles, pieces = part.tiles, part.tiles.pieces
    own = (part.docs["_fate"] == RELEASED).to_numpy()[tiles.doc]
    named = pieces.labels["rule"].is_not_null().to_numpy()[pieces.label]
    claimed, moved = named & own, np.zeros(len(named), np.bool_)
    second = np.flatnonzero(pieces.article)
    if len(second):
        names = part.docs["id"].gather(tiles.doc[second]) + "." + pl.Series(pieces.article[second]).cast(pl.String)
        fate = names.replace_strict(dict(part.fates), default=None, return_dtype=pl.String)
        left = (fate == WITHDRAWN).fill_null(False).to_numpy()
        free = (fate == RELEASED).fill_null(False).to_numpy()
        claimed[second] = named[second] & ~left & (own[second] | free)
        moved[second] = tiles.stays[second] & (pieces.length[second] > 0) & ~left & own[second]
    return claimed, moved


def _place(tiles: Tiles, rows: Places, article: Codes) -> Places:
    """Tiles, some of them, and the article that each is told of -> its place in the article's text."""
    at = np.zeros(len(rows), np.int64)
    for number in [0, *np.unique(article[article > 0])]:
        mine = np.flatnonzero(article == number)
        size = np.where(tiles.stays & (tiles.pieces.article == number), tiles.pieces.length, 0)
        before = np.append(0, np.cumsum(size))
        at[mine] = before[rows[mine]] - before[tiles.pieces.bounds[tiles.doc[rows[mine]]]]
    return at


def _shift(at: Places, article: Codes, keys: pl.DataFrame, spans: Mapping[str, list[Personal]]) -> None:
    """Move the places of rows in the texts to places in the masked texts; the rows are those of `keys`, in order."""
    if not spans:
        return
    ends = keys["rows"].cum_sum().to_list()
    rows_of = {name: slice(end - rows, end) for (name, _, rows), end in zip(keys.iter_rows(), ends, strict=True)}
    for name, found in spans.items():
        page, _, number = name.partition(".")
        rows = rows_of.get(page, slice(0))
        places = at[rows].copy()
        for start, end, kind in found:
            # A piece that was cut out of the middle of what is masked stands before the mask.
            moved = np.where(places >= end, len(mask_of(kind)) - (end - start), np.minimum(start - places, 0))
            at[rows] += np.where(article[rows] == int(number or 0), moved, 0)


def show_cut(tiles: Tiles, data: bytes, row: int) -> tuple[str, str]:
    """Tiles, their bytes and the row of a cut -> the line with the cut in ⟦ ⟧, and what is left of it."""
    low, high = tiles.bounds[row : row + 2].tolist()
    begin, finish = tiles.bounds[tiles.pieces.bounds[tiles.doc[row] :][:2]].tolist()
    whole = data[low:high]
    start = high - len(whole.lstrip(b"\n"))
    cut = data[start:high].rstrip(b"\n")
    first = max(data.rfind(b"\n", begin, start) + 1, begin)
    last = data.find(b"\n", max(start, high - 1), finish)
    last = finish if last < 0 else last
    before = b"%b\xe2\x9f\xa6%b\xe2\x9f\xa7%b" % (data[first:start], cut, data[start + len(cut) : last])
    if low <= first and last <= high:  # Mostly the line is the cut, and nothing of it is left.
        return before.decode(), ""
    near = np.searchsorted(tiles.bounds[:-1], (first, last), side="right").tolist()
    ends = tiles.bounds[near[0] - 1 : near[1] + 1].tolist()
    left = [
        data[max(one, first) : min(other, last)]
        for (one, other), stays in zip(pairwise(ends), tiles.stays[near[0] - 1 : near[1]].tolist(), strict=True)
        if stays
    ]
    return before.decode(), b"".join(left).decode().strip()
