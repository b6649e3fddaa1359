"""Which rules fit which lines, asked once: the stages that label lines ask the same lines, and get the answers again."""

from __future__ import annotations

from typing import NamedTuple

import polars as pl

from etl.decoration import bare_lines
from etl.fold import fold_texts
from etl.rules import Rules
from etl.sieve import ask_rules

_KEPT = 1 << 17
"""Lines remembered: a little more than the different lines of one batch of pages."""


class _Known(NamedTuple):
    rules: Rules
    lines: pl.Series
    pairs: pl.DataFrame


_known = _Known(Rules(), pl.Series(dtype=pl.UInt64), pl.DataFrame(schema={"hash": pl.UInt64, "_rule": pl.UInt32}))


def fit_lines(texts: pl.Series, rules: Rules) -> pl.DataFrame:
    """Lines -> (_at, _rule) for every rule that fits a line, whatever its zone, by line, then in rule order.

    Lines asked for a moment ago are remembered, by a 64-bit hash; white space at their ends makes no other lines of them.
    """
    global _known
    known = _known if _known.rules is rules else _Known(rules, _known.lines.clear(), _known.pairs.clear())
    hashes = texts.str.strip_chars().hash()
    at = (hashes.is_first_distinct() & ~hashes.is_in(known.lines.implode())).arg_true()
    if len(at):
        keys = fold_texts(bare_lines(texts.gather(at)))
        fresh = hashes.gather(at)
        lines = pl.concat([known.lines, fresh])
        found = ask_rules(keys, rules.rules, len(known.lines))
        pairs = pl.concat([known.pairs, found.select(fresh.gather(found["_at"]).alias("hash"), "_rule")])
        if len(lines) > _KEPT:
            lines = hashes.unique()
            pairs = pairs.filter(pl.col("hash").is_in(lines.implode()))
        known = _known = _Known(rules, lines, pairs)
    asked = pl.DataFrame({"hash": hashes}).with_row_index("_at")
    return asked.join(known.pairs, on="hash", maintain_order="left_right").select("_at", "_rule")
