"""Phrase rules on a page: label the lines they claim, split off the spans they claim."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from etl.around import first_rows, page_bounds
from etl.arrays import Flags, Ints
from etl.distinct import distinct
from etl.fold import fold_texts
from etl.pieces import is_whole_line, number_pages, rows_where, split_pieces
from etl.rules import EDGES, Rule, claim_spans
from etl.sieve.fits import fit_lines
from etl.tails import OPENS

if TYPE_CHECKING:
    from etl.knowledge import Knowledge


def _open_lines(frame: pl.DataFrame) -> Ints:
    """Piece -> the rows of whole lines that nothing has labelled, empty ones aside."""
    piece = pl.col("piece")
    is_open = is_whole_line() & pl.col("rule").is_null() & (piece != "\n") & (piece != "")
    return rows_where(frame.select(is_open).to_series())


def _contexts(lines: pl.DataFrame, rules: Sequence[Rule], asked: Flags) -> Iterator[tuple[Flags, Flags]]:
    """Lines (zone, outlet) -> which lines may be claimed by which of the rules that are asked, a zone and outlet at a time."""
    some = [rule for rule, is_asked in zip(rules, asked, strict=True) if is_asked]
    zones = lines["zone"].unique().to_list() if any(rule.zone for rule in some) else []
    outlets = sorted({rule.outlet for rule in some if rule.outlet})
    of_outlet = lines["outlet"].is_in(outlets).fill_null(False)
    for outlet in (*outlets, None):
        here = lines["outlet"].eq_missing(outlet) if outlet else ~of_outlet
        those = asked & np.array([rule.outlet in (None, outlet) for rule in rules])
        for zone in zones or [None]:
            there = (lines["zone"].eq_missing(zone) & here) if zones else here
            yield there.to_numpy(), those & np.array([rule.fires_in(zone) for rule in rules])


def _first_fits(lines: pl.DataFrame, rules: Sequence[Rule], asked: Flags, know: Knowledge) -> Ints:
    """Lines (piece, zone, outlet) -> the number of the first rule, of those asked, that fits each; -1 where none does."""
    texts, which = distinct(lines["piece"])
    found = fit_lines(texts, know.rules)
    at, rule = found["_at"].to_numpy(), found["_rule"].to_numpy()
    label = np.full(len(lines), -1)
    for there, may in _contexts(lines, rules, asked):
        fits = may[rule]
        label[there] = first_rows(at[fits], len(texts), rule[fits])[which[there]]
    return label


def _write(frame: pl.DataFrame, rows: Ints, label: Ints, rules: Sequence[Rule]) -> pl.DataFrame:
    """Piece -> Piece with the rules' ids at some rows; -1 is none."""
    claimed = np.flatnonzero(label >= 0)
    ids = pl.Series([rule.id for rule in rules], dtype=pl.String)
    return frame.with_columns(frame["rule"].scatter(rows[claimed], ids.gather(label[claimed])))


def _ask_lines(rules: Sequence[Rule], zoned: bool) -> Flags:
    """Rules -> those of whole lines, in zones or anywhere."""
    return np.array([rule.kind == "line" and bool(rule.zone) == zoned for rule in rules], dtype=np.bool_)


def _label(pieces: pl.LazyFrame, know: Knowledge, zoned: bool) -> pl.LazyFrame:
    rules = know.rules.rules
    asked = _ask_lines(rules, zoned)
    if not asked.any():
        return pieces
    frame = pieces.collect()
    row = _open_lines(frame)
    lines = frame.select("piece", "zone", "outlet")[row]
    frame = _write(frame, row, _first_fits(lines, rules, asked, know), rules)
    return (label_edges(frame, know) if zoned else frame).lazy()


EDGE_LINES = 4
"""Lines at either end of a body that are looked at: above it stand a name and a date, below it initials and a role."""


def label_edges(frame: pl.DataFrame, know: Knowledge) -> pl.DataFrame:
    """Piece -> Piece: label the first and the last lines of a body that rules claim there.

    Where the body begins and ends is known to a line or two. A line behind one that stays is not looked at, and nothing is
    claimed in a body of which no line would stay, or that has further in what the rule claims. Below a line that
    announces a list stands the article's own: departments, names.
    """
    rules = know.rules.rules
    asked = _ask_lines(rules, zoned=True)
    if not asked.any():
        return frame
    in_body = (pl.col("zone") == "body") & (pl.col("piece").str.strip_chars() != "")
    solid = np.flatnonzero(frame.select(in_body=in_body.fill_null(False))["in_body"].to_numpy())
    first, size = page_bounds(number_pages(frame)[solid])
    index, place = np.arange(len(solid)), np.full(len(frame), -1)
    place[solid] = index
    from_top = index - np.repeat(first, size)
    from_end = np.repeat(size, size) - 1 - from_top
    open_lines = _open_lines(frame)
    open_lines = open_lines[place[open_lines] >= 0]
    is_open = frame["rule"].gather(solid).is_null().to_numpy()
    near = [open_lines[distance[place[open_lines]] < EDGE_LINES] for distance in (from_top, from_end)]
    row, edge = np.concatenate(near), np.repeat([0, 1], list(map(len, near)))
    if not len(row):
        return frame

    def ask(row: Ints, edge: Ints) -> Ints:
        lines = frame.select("piece", "outlet")[row].with_columns(zone=pl.Series(EDGES).gather(edge))
        return _first_fits(lines, rules, asked, know)

    label = ask(row, edge)
    # At each end up to the first line that stays.
    stay = np.stack([is_open, is_open])
    stay[edge[label >= 0], place[row[label >= 0]]] = False
    top = np.repeat(np.minimum.reduceat(np.where(stay[0], index, len(solid)), first), size)
    end = np.repeat(np.maximum.reduceat(np.where(stay[1], index, -1), first), size)
    opens = frame["piece"].gather(solid).str.contains(OPENS).to_numpy()[end]
    within = np.stack([index < top, (index > end) & ~opens])
    within &= top <= end  # of a body of such lines alone nothing is claimed: no line stays at both ends
    claimed = np.flatnonzero((label >= 0) & within[edge, place[row]])
    row, edge, label = row[claimed], edge[claimed], label[claimed]
    # A body that has such a line further in, too, is made of them: a chronicle begins with a date.
    page = np.repeat(np.arange(len(first)), size)
    inner = open_lines[np.isin(page[place[open_lines]], page[place[row]]) & ~np.isin(open_lines, row)]
    both, ends = np.tile(inner, 2), np.repeat([0, 1], len(inner))
    seen = zip(page[place[both]].tolist(), ends.tolist(), ask(both, ends).tolist(), strict=True) if len(inner) else ()
    made_of = set(seen)
    keys = zip(page[place[row]].tolist(), edge.tolist(), label.tolist(), strict=True)
    alone = np.array([key not in made_of for key in keys], dtype=np.bool_)
    return _write(frame, row[alone], label[alone], rules)


def label_lines(pieces: pl.LazyFrame, know: Knowledge) -> pl.LazyFrame:
    """Piece -> Piece: label each unlabelled line with the first line rule that fits it anywhere on a page."""
    return _label(pieces, know, zoned=False)


BOX_LINES = 25
"""Lines that a box may have between the line that opens it and the one that ends it."""


def label_boxes(pieces: pl.LazyFrame, know: Knowledge) -> pl.LazyFrame:
    """Piece -> Piece: label what stands behind a line that opens a box, to the line that ends it, `related/boxed`.

    A heading in it opens no list that goes on below it. A box that nothing ends within BOX_LINES lines is left alone.
    """
    boxes = know.rules.boxes()
    frame = pieces.collect()
    rule = frame["rule"]
    opens = rows_where(rule.is_in([box.id for box in boxes]))
    if not len(opens):
        return frame.lazy()
    # A row for each line that opens a box, with the lines below it that may end the box.
    below = opens[:, None] + np.arange(1, BOX_LINES + 1)
    near = np.minimum(below, len(frame) - 1).ravel()
    page = number_pages(frame)
    same_page = (below < len(frame)) & (page[near].reshape(below.shape) == page[opens, None])
    texts, which = distinct(frame["piece"].gather(near))
    keys = fold_texts(texts).to_list()
    ends = np.zeros(below.shape, dtype=np.bool_)
    for box in boxes:
        mine = np.flatnonzero((rule.gather(opens) == box.id).to_numpy())
        is_end = re.compile(box.until).search
        ends[mine] = np.array([is_end(key) is not None for key in keys])[which].reshape(below.shape)[mine]
    ends &= same_page
    # Up to the first of them.
    before: Flags = np.cumsum(ends, axis=1) - ends == 0
    boxed = np.unique(below[before & ends.any(axis=1, keepdims=True)])
    headings = know.rules.headings("related")
    label = rule.gather(boxed)
    is_free = (frame["piece"].gather(boxed).str.strip_chars() != "") & (label.is_null() | label.is_in(headings))
    return frame.with_columns(rule.scatter(boxed[is_free.to_numpy()], "related/boxed")).lazy()


def label_zoned_lines(pieces: pl.LazyFrame, know: Knowledge) -> pl.LazyFrame:
    """Piece -> Piece: label each unlabelled line with the first line rule that fits it in the zone it lies in."""
    return _label(pieces, know, zoned=True)


def split_spans(pieces: pl.LazyFrame, know: Knowledge) -> pl.LazyFrame:
    """Piece -> Piece: split off and label what span rules claim in lines that nothing has labelled."""
    rules = know.rules.rules
    asked = np.array([rule.kind == "span" for rule in rules])
    if not asked.any():
        return pieces
    frame = pieces.collect()
    row = _open_lines(frame)
    lines = frame.select("piece", "zone", "outlet")[row]
    texts, which = distinct(lines["piece"])
    fits = fit_lines(texts, know.rules)
    tables = []
    for there, may in _contexts(lines, rules, asked):
        here = np.zeros(len(texts), dtype=np.bool_)
        here[which[there]] = True
        at, rule = fits["_at"].to_numpy(), fits["_rule"].to_numpy()
        some = fits.filter(may[rule] & here[at]).group_by("_at", maintain_order=True).agg("_rule")
        claims = [
            (line, *claim)
            for line, numbers, text in zip(some["_at"], some["_rule"].to_list(), texts.gather(some["_at"]), strict=True)
            for claim in claim_spans([rules[number] for number in numbers], text)
        ]
        schema = {"_at": pl.Int32, "start": pl.Int64, "end": pl.Int64, "rule": pl.String}
        places = pl.DataFrame({"_at": which[there], "row": row[there]})
        tables.append(places.join(pl.DataFrame(claims, schema=schema, orient="row"), on="_at", maintain_order="left"))
    return split_pieces(frame, pl.concat(tables).select("row", "start", "end", "rule")).lazy()


def count_leftovers(docs: pl.DataFrame, know: Knowledge) -> pl.DataFrame:
    """Document -> Document with `leftover`: lines of the text that a rule would claim if they lay outside the body."""
    cuts = [
        rule.kind == "line" and rule.action == "cut" and "after" in rule.zone and not rule.outlet for rule in know.rules
    ]
    # With its line feed a text's last line is one that the page's pieces were asked of.
    text = (pl.col("text") + "\n").str.split("\n", inclusive=True)
    lines = docs.select(pl.int_range(pl.len()).alias("_doc"), text).explode("text")
    texts, which = distinct(lines["text"].fill_null(""))
    found = fit_lines(texts, know.rules)
    would = np.zeros(len(texts), dtype=np.bool_)
    would[found["_at"].filter(np.array(cuts)[found["_rule"].to_numpy()])] = True
    count = np.bincount(lines["_doc"].to_numpy()[would[which]], minlength=len(docs))
    return docs.with_columns(leftover=pl.Series(count, dtype=pl.Int64))
