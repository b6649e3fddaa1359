"""Phrase rules on a page: label the lines they claim, split off the spans they claim."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

import polars as pl

from etl.fold import fold_lines
from etl.pieces import line_number, split_pieces
from etl.rules import Rule, claim_spans
from etl.sieve import match_keys

if TYPE_CHECKING:
    from etl.knowledge import Knowledge

BODY = "body"
LABEL_LENGTH = 400
"""Code points of the folded line beyond which no label is looked for: the longest line rules are footers of this size."""


def find_rules(lines: pl.DataFrame, rules: Sequence[Rule]) -> pl.DataFrame:
    """Lines (_row, _key, zone, outlet) -> (_row, _rule) for every rule that fits a line, by line, then in rule order."""
    # In the body few rules hold and most of the text stands, so the others are not asked about it.
    inside = [number for number, rule in enumerate(rules) if not rule.zone or BODY in rule.zone]
    outside = [number for number in range(len(rules)) if number not in inside]
    in_body = (lines["zone"] == BODY).fill_null(False)
    found = [_find(lines, rules, inside), _find(lines.filter(~in_body), rules, outside)]
    return pl.concat(found).sort("_row", "_rule")


def _find(lines: pl.DataFrame, rules: Sequence[Rule], some: list[int]) -> pl.DataFrame:
    pairs = pl.DataFrame(
        [
            (at, number, zone, rules[number].outlet)
            for at, number in enumerate(some)
            for zone in rules[number].zone or (None,)
        ],
        schema={"_rule": pl.UInt32, "_number": pl.UInt32, "_zone": pl.String, "_outlet": pl.String},
        orient="row",
    )
    if pairs.is_empty() or lines.is_empty():
        return pl.DataFrame(schema={"_row": pl.UInt32, "_rule": pl.UInt32})
    keys = lines.select("_key").unique(maintain_order=True)
    found = match_keys(keys["_key"], [rules[number] for number in some]).join(pairs, on="_rule")
    found = found.with_columns(_key=keys["_key"].gather(found["_at"])).join(lines, on="_key")
    in_zone = pl.col("_zone").is_null() | (pl.col("_zone") == pl.col("zone")).fill_null(False)
    of_outlet = pl.col("_outlet").is_null() | (pl.col("_outlet") == pl.col("outlet")).fill_null(False)
    return found.filter(in_zone & of_outlet).select("_row", _rule="_number")


def _whole_lines() -> pl.Expr:
    line = line_number()
    return (line != line.shift(1)).fill_null(True) & (line != line.shift(-1)).fill_null(True)


def _ask_once(lines: pl.DataFrame, rules: Sequence[Rule], longest: int | None = None) -> tuple[pl.DataFrame, list[str]]:
    """Lines (piece, zone, outlet) -> each line once, with its key, and the columns that tell one from another.

    The same line of the same zone and outlet has the same rules, however many pages it stands on. `longest`, in code
    points of the key, leaves out what is longer.
    """
    told_by = ["piece"]
    told_by += ["zone"] if any(rule.zone for rule in rules) else []
    told_by += ["outlet"] if any(rule.outlet for rule in rules) else []
    once = lines.select(told_by).unique(maintain_order=True)
    if longest is not None:
        once = once.filter(pl.col("piece").str.len_chars() <= 2 * longest)
    once = once.with_columns(_key=fold_lines(once["piece"]))
    size = pl.col("_key").str.len_chars()
    once = once.filter((size >= 1) & (size <= longest if longest is not None else True)).with_row_index("_row")
    blank = [name for name in ("zone", "outlet") if name not in told_by]
    return once.with_columns(pl.lit(None, pl.String).alias(name) for name in blank), told_by


def _label(pieces: pl.LazyFrame, rules: Sequence[Rule]) -> pl.LazyFrame:
    if not rules:
        return pieces
    frame = pieces.collect()
    is_open = frame.select(pl.col("rule").is_null() & _whole_lines()).to_series()
    once, told_by = _ask_once(frame.filter(is_open), rules, LABEL_LENGTH)
    first = find_rules(once, rules).unique("_row", keep="first", maintain_order=True)
    if first.is_empty():
        return frame.lazy()
    ids = pl.Series([rule.id for rule in rules], dtype=pl.String)
    table = once[first["_row"]].select(told_by).with_columns(_rule=ids.gather(first["_rule"]))
    found = frame.select(told_by).join(table, on=told_by, how="left", maintain_order="left", nulls_equal=True)["_rule"]
    return frame.with_columns(rule=pl.when(is_open).then(pl.coalesce("rule", found)).otherwise("rule")).lazy()


def label_lines(pieces: pl.LazyFrame, know: Knowledge) -> pl.LazyFrame:
    """Piece -> Piece: label each unlabelled line with the first line rule that fits it anywhere on a page."""
    return _label(pieces, know.rules.lines(zoned=False))


BOX_LINES = 25
"""Lines that a box may have between the line that opens it and the one that ends it."""


def label_boxes(pieces: pl.LazyFrame, know: Knowledge) -> pl.LazyFrame:
    """Piece -> Piece: label what stands between a line that opens a box and the line that ends it, `related/boxed`.

    A box that nothing ends within BOX_LINES lines of its page is left alone.
    """
    ends = {rule.id: re.compile(rule.until) for rule in know.rules.boxes()}
    frame = pieces.collect()
    opens = frame.select(pl.col("rule").is_in(sorted(ends)).arg_true()).to_series().to_list()
    if not opens:
        return frame.lazy()
    # The lines that may end a box are folded once each, all together.
    near = sorted({row + by for row in opens for by in range(1, BOX_LINES + 1) if row + by < len(frame)})
    keys = dict(zip(near, fold_lines(frame["piece"].gather(near)).to_list(), strict=True))
    ids, rules = frame["id"], frame["rule"]
    inside: set[int] = set()
    for row in opens:
        is_end = ends[rules[row]].search
        page = ids[row]
        for last in range(row + 1, min(row + 1 + BOX_LINES, len(frame))):
            if ids[last] != page:
                break
            if is_end(keys[last]):
                inside.update(range(row + 1, last))
                break
    boxed = pl.int_range(pl.len()).is_in(sorted(inside)) & pl.col("rule").is_null()
    boxed &= pl.col("piece").str.strip_chars() != ""
    return frame.with_columns(rule=pl.when(boxed).then(pl.lit("related/boxed")).otherwise("rule")).lazy()


def label_zoned_lines(pieces: pl.LazyFrame, know: Knowledge) -> pl.LazyFrame:
    """Piece -> Piece: label each unlabelled line with the first line rule that fits it in the zone it lies in."""
    return _label(pieces, know.rules.lines(zoned=True))


def split_spans(pieces: pl.LazyFrame, know: Knowledge) -> pl.LazyFrame:
    """Piece -> Piece: split off and label what span rules claim in lines that nothing has labelled."""
    rules = know.rules.spans()
    if not rules:
        return pieces
    frame = pieces.collect()
    lines = frame.with_row_index("row").filter(pl.col("rule").is_null() & _whole_lines())
    once, told_by = _ask_once(lines, rules)
    found = find_rules(once, rules).group_by("_row", maintain_order=True).agg("_rule")
    texts = once["piece"].gather(found["_row"])
    claims = [
        (row, *claim)
        for row, numbers, text in zip(found["_row"], found["_rule"].to_list(), texts, strict=True)
        for claim in claim_spans([rules[number] for number in numbers], text)
    ]
    if not claims:
        return frame.lazy()
    schema = {"_row": pl.UInt32, "start": pl.Int64, "end": pl.Int64, "_rule": pl.String}
    table = pl.DataFrame(claims, schema=schema, orient="row").join(once, on="_row", maintain_order="left")
    places = lines.select("row", *told_by).join(table, on=told_by, maintain_order="left", nulls_equal=True)
    return split_pieces(frame, places.select("row", "start", "end", rule="_rule")).lazy()


def count_leftovers(docs: pl.DataFrame, know: Knowledge) -> pl.DataFrame:
    """Document -> Document with `leftover`: lines of the text that a rule would claim if they lay outside the body."""
    rules = [rule for rule in know.rules.lines(zoned=True) if rule.action == "cut"]
    lines = docs.select(
        _doc=pl.int_range(pl.len(), dtype=pl.UInt32),
        piece=pl.col("text").str.split("\n", inclusive=True),
        zone=pl.lit("after"),
    ).explode("piece")
    once, _ = _ask_once(lines.with_columns(outlet=pl.lit(None, pl.String)), rules, LABEL_LENGTH)
    hit = once[find_rules(once, rules)["_row"].unique()]
    counts = lines.join(hit, on="piece", how="semi").group_by("_doc").agg(leftover=pl.len().cast(pl.Int64))
    return (
        docs.with_row_index("_doc")
        .join(counts, on="_doc", how="left", maintain_order="left")
        .with_columns(pl.col("leftover").fill_null(0))
        .drop("_doc")
    )
