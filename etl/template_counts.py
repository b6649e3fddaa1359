"""How often each short line stands on an outlet's pages: what one shard tells of the lines that the outlet repeats.

Most lines stand on a page or two and nothing follows from them, so a row is small: a mark by which the rows of a key are
found in all shards, one line to make the key of, and the least few dates, stories and spellings, which add up over shards.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from etl.around import page_bounds
from etl.arrays import Ints, Places, Uints, expand
from etl.buffers import pack_lists
from etl.distinct import distinct
from etl.signatures import hash_words
from etl.template_keys import LONGEST, PLACES, find_places, is_paragraph, make_keys

KEPT_DAYS = 8
KEPT_STORIES = 64
KEPT_EXAMPLES = 3
_STORY_LINES = 3
_STORY_HEAD = 60

COUNT = pl.Schema(
    {
        "mark": pl.UInt64(),
        "outlet": pl.String(),
        "line": pl.String(),
        "pages": pl.UInt32(),
        "dated": pl.UInt32(),
        **{name: pl.UInt32() for name in PLACES},
        "days": pl.List(pl.String()),
        "stories": pl.List(pl.UInt32()),
        "spellings": pl.List(pl.String()),
    }
)
"""What `count_lines` writes, a row for each key of an outlet, in the order of `mark`: a hash that all lines of a key have,
and hardly another; the key's least line; the pages (with a date) that hold it, and its lines before, in and after the body.

`days`, `stories` and `spellings` are the least few different ones, so that counts of shards add up to the counts of all;
`spellings` are those after `line`. The row without a mark counts the outlet's pages.
"""

MERGED = pl.Schema(
    {
        "outlet": pl.String(),
        "key": pl.String(),
        **{name: pl.Int64() for name in ("pages", "dated", *PLACES)},
        "days": pl.List(pl.String()),
        "stories": pl.List(pl.UInt32()),
        "examples": pl.List(pl.String()),
    }
)
"""COUNT with its keys: what is added up over shards. `examples` are the least few spellings."""
_KEPT = {"days": KEPT_DAYS, "stories": KEPT_STORIES, "examples": KEPT_EXAMPLES}


def _tell_stories(page: Places, texts: pl.Series, text: Places, sizes: Places, pages: int) -> Uints:
    """Lines, page after page -> a number for each page's story: a hash of its three longest lines."""
    stories = np.zeros(pages, dtype=np.uint64)
    start, _ = page_bounds(page)
    # The longest line of each page, the first of several, then the longest of the others.
    rank = (sizes.astype(np.int64) << 32) - np.arange(len(page))
    for _ in range(_STORY_LINES if len(page) else 0):
        best = np.maximum.reduceat(rank, start)
        of_page = np.flatnonzero(best > 0)
        line = -best[of_page] & 0xFFFFFFFF
        rank[line] = 0
        hashes = hash_words(texts.gather(text[line]).str.slice(0, _STORY_HEAD)) + sizes[line].astype(np.uint64)
        stories[page[line]] += hashes
    return (stories >> np.uint64(32)).astype(np.uint32)


def _least(groups: int, group: Ints, value: Ints, most: int) -> tuple[Ints, Ints]:
    """Groups (each below `groups`) and values below 2 to the 32nd -> (sizes, values): each group's least `most` different ones."""
    pairs = np.sort((group << 32) | value)
    pairs = pairs[np.diff(pairs, prepend=-1) != 0]
    _, sizes = page_bounds(pairs >> 32)
    least = pairs[expand(0, sizes) < most]
    return np.bincount(least >> 32, minlength=groups), least & 0xFFFFFFFF


def _number(values: pl.Series) -> tuple[pl.Series, Ints]:
    """Strings -> the different ones in order, and the number of each string among them."""
    kinds, place = distinct(values)
    order = kinds.arg_sort()
    rank = np.empty(len(kinds), dtype=np.int64)
    rank[order.to_numpy()] = np.arange(len(kinds))
    return kinds.gather(order), rank[place]


def draw_pages(pages: pl.DataFrame, share: float) -> pl.DataFrame:
    """Pages (id) -> this share of them, drawn by their ids."""
    return pages if share == 1 else pages.filter(pl.col("id").str.slice(0, 4) < f"{round(share * 0x10000):04x}")


def count_lines(pages: pl.DataFrame) -> pl.DataFrame:
    """Pages (id, outlet, page, given_date) -> COUNT: how often each short line stands on an outlet's pages.

    Pages without an outlet teach nothing.
    """
    known = pages.filter(pl.col("outlet").is_not_null()).sort("outlet", maintain_order=True)
    outlets, outlet = _number(known["outlet"])
    day = pl.col("given_date").str.replace(r"[T ]*[0-9]{1,2}:[0-9]{2}.*$", "").str.strip_chars()
    date = known.select(day).to_series()
    dated = date.is_not_null().to_numpy()
    dates, date_number = _number(date.fill_null(""))
    lines = (
        known.lazy()
        .select(page=pl.int_range(pl.len(), dtype=pl.Int32), line=pl.col("page").fill_null("").str.split("\n"))
        .explode("line", empty_as_null=False)
        .collect(engine="in-memory")
    )
    texts, text = distinct(lines["line"])
    texts = texts.str.strip_chars()
    sizes = texts.str.len_bytes().to_numpy().astype(np.int32)
    rows = np.flatnonzero((sizes > 0)[text])
    text, page = text[rows], lines["page"].to_numpy()[rows]
    size = sizes[text]
    places = find_places(page, size, is_paragraph(texts)[text])
    stories, story = np.unique(_tell_stories(page, texts, text, size, len(known)), return_inverse=True)

    short = np.flatnonzero((sizes > 0) & (sizes <= LONGEST))
    keys, key_of_short = distinct(make_keys(texts.gather(short)))
    marks = hash_words(keys)
    order = np.argsort(marks, kind="stable")
    marks = marks[order]
    rank = np.empty(len(keys), dtype=np.int64)
    rank[order] = np.arange(len(keys))
    rank[(keys == "").arg_true().to_numpy()] = -1
    key = np.full(len(texts), -1, dtype=np.int64)
    key[short] = rank[key_of_short]

    # Pages stand in the order of their outlets, so that what is sorted by key and page is sorted by key and outlet too.
    key_of_line = key[text]
    counted = np.flatnonzero(key_of_line >= 0)
    page_bits = len(known).bit_length()
    where = np.sort((key_of_line[counted] << (page_bits + 2)) | (page[counted].astype(np.int64) << 2) | places[counted])
    first, _ = page_bounds(where >> 2)
    on_page = where[first] >> 2
    page_of, key_of = on_page & ((1 << page_bits) - 1), on_page >> page_bits
    starts, _ = page_bounds(key_of * len(outlets) + outlet[page_of])
    is_start = np.zeros(len(on_page), dtype=np.int64)
    is_start[starts] = 1
    group = np.cumsum(is_start) - 1
    groups = len(starts)
    group_of_line = np.repeat(group, np.diff(first, append=len(where)))
    in_place = np.bincount((group_of_line << 2) | (where & 3), minlength=4 * groups).reshape(groups, 4)
    has_date = dated[page_of]
    key_of_group, outlet_of_group = key_of[starts], outlet[page_of[starts]]
    at = key_of_line[counted], outlet[page[counted]], text[counted]
    line, spelled, spellings = _spell(key, texts, len(outlets), at, (key_of_group, outlet_of_group))
    days = _least(groups, group[has_date], date_number[page_of[has_date]], KEPT_DAYS)
    beside = _least(groups, group, story[page_of], KEPT_STORIES)
    counts = pl.DataFrame(
        {
            "mark": marks[key_of_group],
            "outlet": outlets.gather(outlet_of_group),
            "line": texts.gather(line),
            "pages": np.bincount(group, minlength=groups),
            "dated": np.bincount(group[has_date], minlength=groups),
            **{name: in_place[:, at] for at, name in enumerate(PLACES)},
            "days": pack_lists(dates.gather(days[1]), days[0]),
            "stories": pack_lists(pl.Series(stories[beside[1]], dtype=pl.UInt32), beside[0]),
            "spellings": pack_lists(texts.gather(spellings), spelled),
        }
    )
    whole = pl.DataFrame({"outlet": outlets, "pages": np.bincount(outlet, minlength=len(outlets))})
    return pl.concat([whole, counts], how="diagonal").select(pl.col(name).cast(dtype) for name, dtype in COUNT.items())


def _spell(
    key: Ints, texts: pl.Series, outlets: int, at: tuple[Ints, Ints, Places], groups: tuple[Ints, Ints]
) -> tuple[Ints, Ints, Ints]:
    """Keys of texts, lines (key, outlet, text), groups (key, outlet) -> of each group: its least text, how many more, those."""
    known = np.flatnonzero(key >= 0)
    count = np.bincount(key[known])
    line = np.zeros(len(count), dtype=np.int64)
    line[key[known]] = known
    line = line[groups[0]]
    more = np.zeros(len(line), dtype=np.int64)
    # Only keys that are written in several ways have to be looked at line by line.
    kinds = known[count[key[known]] > 1]
    _, number = _number(texts.gather(kinds))
    rank = np.full(len(texts), -1, dtype=np.int64)
    rank[kinds] = number
    kinds = kinds[np.unique(number, return_index=True)[1]]  # one text for each spelling, in order
    rows = np.flatnonzero(rank[at[2]] >= 0)
    whose = at[0][rows] * outlets + at[1][rows]
    bits = len(kinds).bit_length()
    pairs = np.sort((whose << bits) | rank[at[2][rows]])
    pairs = pairs[np.diff(pairs, prepend=-1) != 0]
    starts, sizes = page_bounds(pairs >> bits)
    nth = expand(0, sizes)
    spelling = kinds[pairs & ((1 << bits) - 1)]
    several = count[groups[0]] > 1
    line[several] = spelling[starts]
    more[several] = np.minimum(sizes, KEPT_EXAMPLES) - 1
    return line, more, spelling[(nth > 0) & (nth < KEPT_EXAMPLES)]


def key_counts(counts: pl.DataFrame) -> pl.DataFrame:
    """COUNT of lines -> MERGED, a row for each as before."""
    lines, place = distinct(counts["line"])  # most outlets' lines are in every shard
    with_keys = counts.with_columns(
        make_keys(lines).gather(place).alias("key"),
        pl.concat_list("line", "spellings").alias("examples"),
    )
    return with_keys.select(pl.col(name).cast(dtype) for name, dtype in MERGED.items())


def merge_counts(rows: pl.DataFrame) -> pl.DataFrame:
    """MERGED of some shards -> MERGED, one row for each key of an outlet, in order."""
    names = ["outlet", "key"]
    sums = rows.group_by(names).agg(pl.col("pages", "dated", *PLACES).sum()).sort(names).with_row_index("_group")
    groups = rows.select(names).join(sums.select(*names, "_group"), on=names, how="left", maintain_order="left")
    group = groups["_group"].to_numpy().astype(np.int64)
    for name, most in _KEPT.items():
        whose = np.repeat(group, rows[name].list.len().to_numpy())
        values = rows[name].explode(empty_as_null=False)
        kinds, number = _number(values) if values.dtype == pl.String else (None, values.to_numpy().astype(np.int64))
        sizes, least = _least(len(sums), whose, number, most)
        kept = pl.Series(least, dtype=values.dtype) if kinds is None else kinds.gather(least)
        sums = sums.with_columns(pack_lists(kept, sizes).alias(name))
    return sums.select(pl.col(name).cast(dtype) for name, dtype in MERGED.items())
