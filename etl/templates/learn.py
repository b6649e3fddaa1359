"""Lines that an outlet repeats on its pages: boilerplate that nobody wrote a rule for.

`count_lines` (etl/templates/counts.py) sees one shard and writes how often each short line stands on each outlet's pages;
`learn_templates` sees the counts of all shards and decides; `label_templates` cuts. Between the last two lies a file that
people read and edit (etl/templates/table.py): one line of an outlet, the evidence, and `cut`, `propose` or `keep`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from pydantic import BaseModel, ConfigDict, Field

from etl.around import page_bounds
from etl.arrays import Ints, Kinds
from etl.dates.outlet_orders import OrderParams
from etl.distinct import distinct
from etl.pieces import is_whole_line
from etl.templates.counts import COUNT, KEPT_DAYS, KEPT_EXAMPLES, KEPT_STORIES, MERGED, key_counts, merge_counts
from etl.templates.keys import (
    AFTER,
    BEFORE,
    BODY,
    LONGEST,
    PLACES,
    Beginnings,
    find_places,
    is_paragraph,
    make_keys,
    may_have,
    read_beginnings,
)
from etl.templates.table import name_rules

if TYPE_CHECKING:
    from etl.knowledge import Knowledge

_MARKS_AT_ONCE = 2_000_000
"""Rows of counts whose marks are held in memory at once."""
_LINES_AT_ONCE = 1 << 15
"""Repeated lines whose counts are added up at once."""
_ROWS_AT_ONCE = 50_000
"""Rows of repeated lines that are gathered before those of the same line are added up."""


class TemplateParams(BaseModel):
    """The evidence on which a repeated line is listed, and on which it is cut; and that of how an outlet writes dates."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    sample: float = Field(
        default=1.0,
        gt=0,
        le=1,
        description="Share of the pages that is counted, drawn by their ids: less costs less.",
    )
    list_pages: int = Field(
        default=5, ge=2, description="Pages of an outlet that must hold a line for it to be listed at all."
    )
    pages: int = Field(default=10, ge=2, description="Pages of an outlet that must hold a line for it to be cut.")
    share: float = Field(
        default=0.02,
        gt=0,
        le=1,
        description="Share of the outlet's pages that must hold a line for it to be cut.",
    )
    body_share: float = Field(
        default=0.3,
        gt=0,
        le=1,
        description="The same, for a line that always stands right between paragraphs, as subheadings do; one that does so "
        "in some of its places needs as much more than `share` in proportion, and then stays in those places.",
    )
    stories: int = Field(
        default=8,
        ge=2,
        le=KEPT_STORIES,
        description="Different stories, by their longest paragraphs, that it must stand beside.",
    )
    days: int = Field(
        default=3,
        ge=1,
        le=KEPT_DAYS,
        description="Different days that it must appear on, where half of its pages have a date.",
    )
    times: float = Field(
        default=1.5,
        gt=1,
        description="Lines a page, on average, from which a line between paragraphs is no subheading.",
    )
    outside: float = Field(
        default=0.9,
        ge=0.5,
        le=1,
        description="Share of its lines that must not stand right between paragraphs, or it counts as such.",
    )
    told_words: int = Field(
        default=5,
        ge=1,
        description="Words beside its numbers and dates from which a line whose numbers change is rather news than boilerplate.",
    )
    wire_outlets: int = Field(
        default=3,
        ge=2,
        description="Outlets that hold a line on fewer than `days` days: shared copy, not a template.",
    )
    day_order: OrderParams = Field(
        default_factory=OrderParams, description="Whether an outlet writes the day or the month first."
    )


# Formulas that authors close or open with, in the folded key: true text, however often it comes.
_FORMULAS = (
    "بسم الله|الحمد لله|الله اكبر|انا لله|اليه راجعون|صلي الله|رحمه الله|رحمها الله|رحمهم الله|حفظه الله|"
    "سبحان|اللهم|ان شاء الله|والله (?:من|ولي|الموفق|المستعان|اعلم)|قال تعالي|السلام عليكم|عليكم ورحمه|"
    r"فسيح جناته|امين\.?$"
)


def _decide(lines: pl.DataFrame, params: TemplateParams) -> pl.DataFrame:
    """MERGED with `total` pages of the outlet, `outlets` and `all_days` of the key -> TEMPLATE."""
    places = pl.sum_horizontal(*PLACES)
    key, share = pl.col("key"), pl.col("pages") / pl.col("total")
    stories, days = pl.col("stories").list.len(), pl.col("days").list.len()
    numbers = key.str.count_matches(r"\b0\b")
    bare = key.str.replace_all(r"\[(?:شهر|يوم|وقت)\]|\b(?:gmt|utc|am|pm)\b", "0")
    words = bare.str.count_matches(r"\p{L}{2,}")
    between = pl.col("body") / places
    needed = params.share + (params.body_share - params.share) * between
    # What comes several times on one page is no subheading.
    inside = (between > 1 - params.outside) & (places < params.times * pl.col("pages"))
    zone = (
        pl.when(pl.col("before") >= params.outside * places)
        .then(pl.lit("before"))
        .when(pl.col("after") >= params.outside * places)
        .then(pl.lit("after"))
        .when(inside & (share >= needed) & (share < params.body_share))
        .then(None)
        .when(between > 1 - params.outside)
        .then(pl.lit("body"))
    )
    # The first that holds decides.
    reasons: list[tuple[pl.Expr, str, str]] = [
        (
            ~bare.str.contains(r"\p{L}") & (inside | bare.str.contains("0")),
            "keep",
            "no words: a number, a date, an ornament",
        ),
        (key.str.contains(_FORMULAS), "keep", "a formula that authors write"),
        (2 * numbers > key.str.count_matches(" ") + 1, "keep", "mostly numbers: a row of a table"),
        (
            (pl.col("outlets") >= params.wire_outlets) & pl.col("all_days").is_between(1, params.days - 1),
            "keep",
            "on several outlets within days: copy that they share",
        ),
        (
            stories < pl.min_horizontal(params.stories, "pages"),
            "keep",
            "the same few stories again and again",
        ),
        (
            inside & (share < needed),
            "keep",
            "stands between paragraphs, as subheadings and quotations do",
        ),
        (
            # The evidence holds three spellings at most.
            (numbers > 0) & (pl.col("examples").list.len() == KEPT_EXAMPLES) & (words >= params.told_words),
            "propose",
            "says another number each time, as news of prices, scores and weather do",
        ),
        (pl.col("pages") < params.pages, "propose", "on too few pages"),
        (share < params.share, "propose", "on too small a share of the pages"),
        ((2 * pl.col("dated") >= pl.col("pages")) & (days < params.days), "propose", "on too few days"),
    ]
    decision: pl.Expr = pl.lit("cut")
    why: pl.Expr = pl.lit("repeated beside different stories")
    for holds, decided, reason in reversed(reasons):
        decision = pl.when(holds).then(pl.lit(decided)).otherwise(decision)
        why = pl.when(holds).then(pl.lit(reason)).otherwise(why)
    evidence = pl.format(
        "{}; days {}{}, stories {}{}, outlets {}, before {} body {} amid {} after {}",
        why, days, _full(days, KEPT_DAYS), stories, _full(stories, KEPT_STORIES), "outlets", *PLACES,
    )  # fmt: skip
    table = lines.select(
        "outlet",
        "key",
        zone=zone,
        count="pages",
        share=share,
        decision=decision,
        why=evidence,
        examples="examples",
    )
    return name_rules(table.sort("outlet", -pl.col("count"), "key"))


def _full(count: pl.Expr, most: int) -> pl.Expr:
    return pl.when(count >= most).then(pl.lit("+")).otherwise(pl.lit(""))


def _find_repeated(counts: pl.LazyFrame, least: int) -> pl.Series:
    """COUNT of many shards -> the marks of what stands on at least `least` pages of an outlet: of all such lines, few others.

    Marks are taken a range at a time, so that memory does not grow with the corpus: each shard has them in order, and a
    range of them is read without the rest.
    """
    rows = counts.select(pl.len()).collect().item()
    passes = rows // _MARKS_AT_ONCE + 1
    edges = [2**64 * part // passes for part in range(passes + 1)]
    found = [
        counts.filter(pl.col("mark").is_between(pl.lit(low, pl.UInt64), pl.lit(high - 1, pl.UInt64)))
        .group_by("mark", "outlet")
        .agg(pl.col("pages").sum())
        .filter(pl.col("pages") >= least)
        .select(pl.col("mark").unique().sort())
        .collect()
        for low, high in pairwise(edges)
    ]
    return pl.concat(found).to_series()


def _gather_repeated(counts: Sequence[pl.LazyFrame], marks: pl.Series) -> pl.DataFrame:
    """COUNT of many shards, marks in order -> MERGED of the lines that have them, added up shard after shard.

    Some marks at a time: of a line up to 64 stories are held, and all lines of a large corpus would not fit into memory.
    All rows of a key have one mark.
    """
    merged = [MERGED.to_frame()]
    for start in range(0, len(marks), _LINES_AT_ONCE):
        some = marks[start : start + _LINES_AT_ONCE]
        # The range is what lets a shard's other rows go unread.
        wanted = pl.col("mark").is_between(some[0], some[-1]) & pl.col("mark").is_in(some.implode())
        merged.append(_add_up(count.filter(wanted) for count in counts))
    return pl.concat(merged)


def _add_up(counts: Iterable[pl.LazyFrame]) -> pl.DataFrame:
    """COUNT of some lines in many shards -> MERGED."""
    merged, waiting = MERGED.to_frame(), [COUNT.to_frame()]
    for count in counts:
        waiting.append(count.collect())
        if sum(map(len, waiting)) > max(_ROWS_AT_ONCE, len(merged)):
            merged, waiting = merge_counts(pl.concat([merged, key_counts(pl.concat(waiting))])), []
    return merge_counts(pl.concat([merged, key_counts(pl.concat([COUNT.to_frame(), *waiting]))]))


def learn_templates(counts: Sequence[pl.LazyFrame], params: TemplateParams) -> pl.DataFrame:
    """COUNT of every shard -> TEMPLATE: the lines that an outlet repeats, the evidence, and what follows.

    Given lazy scans of the side files, it holds no more than the repeated lines in memory. The result is the same for any
    split of the pages into shards.
    """
    scan = pl.concat([COUNT.to_frame().lazy(), *counts])
    totals = (
        scan.filter(pl.col("mark").is_null())
        .group_by("outlet")
        .agg(total=pl.col("pages").sum().cast(pl.Int64))
        .collect()
    )
    found = _gather_repeated(counts, _find_repeated(scan, params.list_pages))
    lines = found.filter(pl.col("pages") >= params.list_pages)
    found = found.join(lines.select("key").unique(), on="key", how="semi")
    outlets = found.group_by("key").agg(outlets=pl.col("outlet").n_unique())
    dates = found.select("key", "days").explode("days", empty_as_null=False)
    lines = (
        lines.join(totals, on="outlet", how="left", maintain_order="left")
        .join(outlets, on="key", how="left", maintain_order="left")
        .join(
            dates.group_by("key").agg(all_days=pl.col("days").n_unique()), on="key", how="left", maintain_order="left"
        )
    )
    return _decide(lines, params)


@dataclass(frozen=True)
class _Cuts:
    """What a table of templates cuts: a `code` for each outlet and key, in order, and the rule and the zone of each."""

    outlets: pl.DataFrame
    keys: pl.DataFrame
    beginnings: Beginnings
    codes: Ints
    rules: pl.Series
    zones: Kinds


_ANYWHERE, _OUTSIDE = len(PLACES), len(PLACES) + 1
_ready: tuple[pl.DataFrame, _Cuts] | None = None


def _cuts_of(table: pl.DataFrame) -> _Cuts:
    """TEMPLATE -> what it cuts, made once for all pages of a shard."""
    global _ready
    if _ready is None or _ready[0] is not table:
        cuts = table.filter(pl.col("decision") == "cut")
        outlets = cuts.select("outlet").unique(maintain_order=True).with_row_index("_outlet")
        keys = cuts.select("key").unique(maintain_order=True).with_row_index("_key")
        cuts = cuts.join(outlets, on="outlet", maintain_order="left").join(keys, on="key", maintain_order="left")
        codes = cuts["_outlet"].to_numpy().astype(np.int64) * len(keys) + cuts["_key"].to_numpy()
        order = np.argsort(codes)
        zone = {"before": BEFORE, "after": AFTER, "body": _ANYWHERE}
        zones = cuts["zone"].replace_strict(zone, default=_OUTSIDE, return_dtype=pl.Int8).fill_null(_OUTSIDE).to_numpy()
        ready = _Cuts(
            outlets, keys, read_beginnings(keys["key"]), codes[order], cuts["rule"].gather(order), zones[order]
        )
        _ready = table, ready
    return _ready[1]


def label_templates(pieces: pl.LazyFrame, know: Knowledge) -> pl.LazyFrame:
    """Piece -> Piece: label the lines that the table cuts on this outlet's pages, where they belong."""
    if know.templates is None:
        return pieces
    cuts = _cuts_of(know.templates)
    frame = pieces.collect()
    page = frame["id"].rle_id().cast(pl.Int32).to_numpy()
    outlets = frame["outlet"].gather(page_bounds(page)[0]).to_frame()
    numbers = outlets.join(cuts.outlets, on="outlet", how="left", maintain_order="left")["_outlet"]
    outlet = numbers.cast(pl.Int64).fill_null(-1).to_numpy()
    if not (outlet >= 0).any():
        return frame.lazy()
    texts, text = distinct(frame["piece"])
    texts = texts.str.strip_chars()
    sizes = texts.str.len_bytes().cast(pl.Int32).to_numpy()
    rows = np.flatnonzero((sizes > 0)[text])
    place = np.full(len(frame), BODY, dtype=np.int8)
    place[rows] = find_places(page[rows], sizes[text[rows]], is_paragraph(texts)[text[rows]])

    # A line that nothing has labelled, whole, of an outlet that has templates.
    whole = frame.select(is_whole_line() & pl.col("rule").is_null()).to_series().to_numpy()
    may = whole & (outlet >= 0)[page] & ((sizes > 0) & (sizes <= LONGEST))[text]
    asked = np.zeros(len(texts), dtype=np.bool_)
    asked[text[may]] = True
    some = np.flatnonzero(asked)
    some = some[may_have(texts.gather(some), cuts.beginnings)]
    key = np.full(len(texts), -1, dtype=np.int64)
    keys = make_keys(texts.gather(some)).to_frame("key").join(cuts.keys, on="key", how="left", maintain_order="left")
    key[some] = keys["_key"].cast(pl.Int64).fill_null(-1).to_numpy()
    rows = np.flatnonzero(may & (key >= 0)[text])
    code = outlet[page[rows]] * len(cuts.keys) + key[text[rows]]
    found = np.minimum(np.searchsorted(cuts.codes, code), len(cuts.codes) - 1)
    zone, where = cuts.zones[found], place[rows]
    fits = (zone == where) | (zone == _ANYWHERE) | ((zone == _OUTSIDE) & (where != BODY))
    fits &= cuts.codes[found] == code
    return frame.with_columns(rule=frame["rule"].scatter(rows[fits], cuts.rules.gather(found[fits]))).lazy()
