"""How often each short line stands on an outlet's pages: what one shard tells of the lines that the outlet repeats.

Most lines stand on a page or two and nothing follows from them, so a row is small: a mark by which the rows of a key are
found in all shards, one line to make the key of, and the least few dates, stories and spellings, which add up over shards.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import polars as pl

from etl.around import page_bounds
from etl.arrays import Hashes, Ints, Kinds, Places, Uints, expand
from etl.buffers import pack_lists
from etl.distinct import distinct
from etl.duplicates.signatures import hash_words
from etl.templates.keys import LONGEST, PLACES, find_places, is_paragraph, make_keys

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
    least_left_out = round(share * 0x10000)
    return pages if least_left_out > 0xFFFF else pages.filter(pl.col("id").str.slice(0, 4) < f"{least_left_out:04x}")


class _Lines(NamedTuple):
    """The lines with text of some pages, page after page: the `page` of each, its place among `texts`, the different ones, of
    `sizes` in bytes, and where in the page it lies, as a number of PLACES."""

    page: Places
    text: Places
    where: Kinds
    texts: pl.Series
    sizes: Places


def _read_lines(pages: pl.DataFrame) -> _Lines:
    """Pages (page) -> their lines with text, without the white space around them."""
    lines = (
        pages.lazy()
        .select(page=pl.int_range(pl.len(), dtype=pl.Int32), line=pl.col("page").fill_null("").str.split("\n"))
        .explode("line", empty_as_null=False)
        .collect(engine="in-memory")
    )
    texts, text = distinct(lines["line"])
    texts = texts.str.strip_chars()
    sizes = texts.str.len_bytes().to_numpy().astype(np.int32)
    rows = np.flatnonzero((sizes > 0)[text])
    text, page = text[rows], lines["page"].to_numpy()[rows]
    return _Lines(page, text, find_places(page, sizes[text], is_paragraph(texts)[text]), texts, sizes)


def _mark_keys(lines: _Lines) -> tuple[Hashes, Ints]:
    """Lines -> the marks of their keys, in order, and the number of the key of each text, -1 for none: it is too long, or says nothing."""
    short = np.flatnonzero((lines.sizes > 0) & (lines.sizes <= LONGEST))
    keys, key_of_short = distinct(make_keys(lines.texts.gather(short)))
    marks = hash_words(keys)
    order = np.argsort(marks, kind="stable")
    rank = np.empty(len(keys), dtype=np.int64)
    rank[order] = np.arange(len(keys))
    rank[(keys == "").arg_true().to_numpy()] = -1
    key = np.full(len(lines.texts), -1, dtype=np.int64)
    key[short] = rank[key_of_short]
    return marks[order], key


class _Groups(NamedTuple):
    """The keys of each outlet, in order: `key`, `outlet`, how many of its lines lie in each of PLACES; and every page that holds
    one: the number of its `group`, and the page's."""

    key: Ints
    outlet: Ints
    in_places: Ints
    group: Ints
    page: Ints


def _group_lines(lines: _Lines, key: Ints, outlet: Ints) -> _Groups:
    """Lines, the key of each text, the outlet of each page -> the groups of those that have one key on one outlet's pages."""
    key = key[lines.text]
    counted = np.flatnonzero(key >= 0)
    bits = len(outlet).bit_length()
    # Pages stand in the order of their outlets, so that what is sorted by key and page is sorted by key and outlet too.
    order = np.sort((key[counted] << (bits + 2)) | (lines.page[counted].astype(np.int64) << 2) | lines.where[counted])
    first, sizes = page_bounds(order >> 2)
    held = order[first] >> 2
    key, page = held >> bits, held & ((1 << bits) - 1)
    starts, pages = page_bounds(key * (outlet.max(initial=0) + 1) + outlet[page])
    group = np.repeat(np.arange(len(starts)), pages)
    in_places = np.bincount((np.repeat(group, sizes) << 2) | (order & 3), minlength=4 * len(starts)).reshape(-1, 4)
    return _Groups(key[starts], outlet[page[starts]], in_places, group, page)


def count_lines(pages: pl.DataFrame) -> pl.DataFrame:
    """Pages (id, outlet, page, given_date) -> COUNT: how often each short line stands on an outlet's pages.

    Pages without an outlet teach nothing.
    """
    known = pages.filter(pl.col("outlet").is_not_null()).sort("outlet", maintain_order=True)
    outlets, outlet = _number(known["outlet"])
    lines = _read_lines(known)
    marks, key = _mark_keys(lines)
    groups = _group_lines(lines, key, outlet)
    line, spellings = _spell(lines, key, outlet, groups)
    dated, days = _list_days(known, groups)
    counts = pl.DataFrame(
        {
            "mark": marks[groups.key],
            "outlet": outlets.gather(groups.outlet),
            "line": lines.texts.gather(line),
            "pages": np.bincount(groups.group, minlength=len(groups.key)),
            "dated": dated,
            **{name: groups.in_places[:, at] for at, name in enumerate(PLACES)},
            "days": days,
            "stories": _list_stories(lines, len(known), groups),
            "spellings": spellings,
        }
    )
    whole = pl.DataFrame({"outlet": outlets, "pages": np.bincount(outlet, minlength=len(outlets))})
    return pl.concat([whole, counts], how="diagonal").select(pl.col(name).cast(dtype) for name, dtype in COUNT.items())


def _spell(lines: _Lines, key: Ints, outlet: Ints, groups: _Groups) -> tuple[Ints, pl.Series]:
    """Lines, the key of each text, the outlet of each page, groups -> of each group: its least text, and the few after it."""
    known = np.flatnonzero(key >= 0)
    count = np.bincount(key[known])
    line = np.zeros(len(count), dtype=np.int64)
    line[key[known]] = known
    line = line[groups.key]
    more = np.zeros(len(line), dtype=np.int64)
    # Only keys that are written in several ways have to be looked at line by line.
    kinds = known[count[key[known]] > 1]
    _, number = _number(lines.texts.gather(kinds))
    rank = np.full(len(lines.texts), -1, dtype=np.int64)
    rank[kinds] = number
    kinds = kinds[np.unique(number, return_index=True)[1]]  # one text for each spelling, in order
    rows = np.flatnonzero(rank[lines.text] >= 0)
    text = lines.text[rows]
    whose = key[text] * (outlet.max(initial=0) + 1) + outlet[lines.page[rows]]
    bits = len(kinds).bit_length()
    pairs = np.sort((whose << bits) | rank[text])
    pairs = pairs[np.diff(pairs, prepend=-1) != 0]
    starts, sizes = page_bounds(pairs >> bits)
    nth = expand(0, sizes)
    spelling = kinds[pairs & ((1 << bits) - 1)]
    several = count[groups.key] > 1
    line[several] = spelling[starts]
    more[several] = np.minimum(sizes, KEPT_EXAMPLES) - 1
    return line, pack_lists(lines.texts.gather(spelling[(nth > 0) & (nth < KEPT_EXAMPLES)]), more)


def _list_days(pages: pl.DataFrame, groups: _Groups) -> tuple[Ints, pl.Series]:
    """Pages (given_date), groups -> of each group: how many of its pages have a date, and the least few of their days."""
    day = pl.col("given_date").str.replace(r"[T ]*[0-9]{1,2}:[0-9]{2}.*$", "").str.strip_chars()
    date = pages.select(day).to_series()
    dates, number = _number(date.fill_null(""))
    dated = date.is_not_null().to_numpy()[groups.page]
    group = groups.group[dated]
    sizes, days = _least(len(groups.key), group, number[groups.page[dated]], KEPT_DAYS)
    return np.bincount(group, minlength=len(groups.key)), pack_lists(dates.gather(days), sizes)


def _list_stories(lines: _Lines, pages: int, groups: _Groups) -> pl.Series:
    """Lines, the number of pages, groups -> the least few stories of each group's pages."""
    stories, story = np.unique(_tell_stories(lines, pages), return_inverse=True)
    sizes, least = _least(len(groups.key), groups.group, story[groups.page], KEPT_STORIES)
    return pack_lists(pl.Series(stories[least], dtype=pl.UInt32), sizes)


def _tell_stories(lines: _Lines, pages: int) -> Uints:
    """Lines, the number of pages -> a number for each page's story: a hash of its three longest lines."""
    stories = np.zeros(pages, dtype=np.uint64)
    start, _ = page_bounds(lines.page)
    sizes = lines.sizes[lines.text]
    # The longest line of each page, the first of several, then the longest of the others.
    rank = (sizes.astype(np.int64) << 32) - np.arange(len(sizes))
    for _ in range(_STORY_LINES if len(sizes) else 0):
        best = np.maximum.reduceat(rank, start)
        of_page = np.flatnonzero(best > 0)
        line = -best[of_page] & 0xFFFFFFFF
        rank[line] = 0
        hashes = hash_words(lines.texts.gather(lines.text[line]).str.slice(0, _STORY_HEAD))
        stories[lines.page[line]] += hashes + sizes[line].astype(np.uint64)
    return (stories >> np.uint64(32)).astype(np.uint32)


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
