"""Edits of a text as rows: applied, undone, composed, so that what was done to a page can be replayed both
ways.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple, TypeVar

import numpy as np
import polars as pl

from etl.arrays import Ints
from etl.buffers import pack_lists
from schemas.columns import REPAIR, REPAIRS

T = TypeVar("T", pl.DataFrame, pl.LazyFrame)


class Repair(NamedTuple):
    """One change: `before` stood at [start, end) of raw, in code points; the page has `after` there;
    `rule` says why.
    """

    start: int
    end: int
    before: str
    after: str
    rule: str


def store_raw(rows: T) -> T:
    """Pages or documents -> the same as a working shard holds them: `raw` only where repairs have made another page of it.

    Two pages in three need no repair, and a text is most of what it costs to write a row.
    """
    return rows.with_columns(raw=pl.when(pl.col("repairs").list.len() > 0).then("raw"))


def restore_raw(rows: T) -> T:
    """Pages or documents of a working shard -> the same with all their `raw`."""
    return rows.with_columns(pl.col("raw").fill_null(pl.col("page")))


def replay(raw: str, repairs: Iterable[Repair]) -> str:
    """Raw -> page: make every change, in order."""
    parts: list[str] = []
    at = 0
    for repair in repairs:
        if repair.start < at or raw[repair.start : repair.end] != repair.before:
            raise ValueError(f"{repair.rule} at {repair.start}: the text is not the one this repair was made for")
        parts += raw[at : repair.start], repair.after
        at = repair.end
    parts.append(raw[at:])
    return "".join(parts)


def unreplay(page: str, repairs: Iterable[Repair]) -> str:
    """Page -> raw: take every change back, the other half of what a record promises; tests/test_laws.py holds it to that."""
    parts: list[str] = []
    at = 0  # in the page
    moved = 0  # page offset - raw offset, after the repairs so far
    for repair in repairs:
        start = repair.start + moved
        end = start + len(repair.after)
        if start < at or page[start:end] != repair.after:
            raise ValueError(f"{repair.rule} at {repair.start}: the page is not the one this repair made")
        parts += page[at:start], repair.before
        at = end
        moved += len(repair.after) - len(repair.before)
    parts.append(page[at:])
    return "".join(parts)


def to_column(repairs: list[list[Repair]]) -> pl.Series:
    """The repairs of some texts -> a column of them."""
    counts = [len(each) for each in repairs]
    rows = [row for each in repairs for row in each]
    flat = {name: [row[at] for row in rows] for at, name in enumerate(Repair._fields)}
    return pack_column(pl.DataFrame(flat, schema=REPAIR), np.array(counts, np.int64))


def pack_column(rows: pl.DataFrame, counts: Ints) -> pl.Series:
    """Repairs as rows, one text's after another's, and how many each text has -> a column of them."""
    return pack_lists(rows.select(Repair._fields).to_struct(), counts).cast(REPAIRS)


def trim(start: int, before: str, after: str, rule: str) -> Repair | None:
    """A change of a stretch of text -> the same change without what is equal at both ends, or nothing."""
    if before == after:
        return None
    if before and after and before[0] != after[0] and before[-1] != after[-1]:
        return Repair(start, start + len(before), before, after, rule)
    shorter = min(len(before), len(after))
    head = tail = 0
    while head < shorter and before[head] == after[head]:
        head += 1
    while tail < shorter - head and before[-1 - tail] == after[-1 - tail]:
        tail += 1
    end = len(before) - tail
    return Repair(start + head, start + end, before[head:end], after[head : len(after) - tail], rule)


def compose(raw: str, first: list[Repair], second: list[Repair]) -> list[Repair]:
    """Repairs of raw, and repairs of the text they made -> repairs of raw that do both.

    Where the two meet they become one row under the rule of the first, and a row that puts back what stood
    there goes. Every repair must have something before it: none only inserts.
    """
    if not first or not second:
        return first or second
    made: list[Repair] = []
    moved = 0  # offset in the text between - offset in raw, after the first repairs so far
    one = other = 0
    while one < len(first) or other < len(second):
        # Take whichever starts first, and then all that overlaps it, of either list.
        start = end = -1
        shift = moved
        ones: list[Repair] = []
        others: list[Repair] = []
        while True:
            if one < len(first):
                head = first[one].start + moved
                tail = head + len(first[one].after)
                before_other = other == len(second) or head <= second[other].start
                if (start < 0 and before_other) or (start >= 0 and head < end and (tail > start or head > start)):
                    start = head if start < 0 else min(start, head)
                    end = max(end, tail)
                    moved += len(first[one].after) - len(first[one].before)
                    ones.append(first[one])
                    one += 1
                    continue
            if other < len(second) and (start < 0 or second[other].start < end):
                start = second[other].start if start < 0 else min(start, second[other].start)
                end = max(end, second[other].end)
                others.append(second[other])
                other += 1
                continue
            break
        if not others:
            made += ones
        elif not ones:
            made += [repair._replace(start=repair.start - shift, end=repair.end - shift) for repair in others]
        else:
            between = replay_part(raw, ones, start - shift, end - moved)
            after = replay(between, [o._replace(start=o.start - start, end=o.end - start) for o in others])
            merged = trim(start - shift, raw[start - shift : end - moved], after, ones[0].rule)
            if merged:
                made.append(merged)
    return made


def replay_part(raw: str, repairs: list[Repair], start: int, end: int) -> str:
    """Raw, repairs that lie within [start, end) of it -> that stretch of the page."""
    return replay(raw[start:end], [r._replace(start=r.start - start, end=r.end - start) for r in repairs])
