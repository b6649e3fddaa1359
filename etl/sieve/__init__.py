"""Which rules fit which lines: a cheap look at what a line is like, then the few patterns that may fit it.

A rule is taken apart into the ways in which it may match. Each is looked up by how a line begins (`etl.sieve.codes`), or by a
string in it, and must agree with what the line is made of (`etl.sieve.signs`). Only the patterns that are likely then are run;
the result is that of running them all.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import polars as pl

from etl.arrays import Flags, Ints, Keys, expand
from etl.rules import Rule
from etl.sieve.codes import LENGTH, begin_lines
from etl.sieve.heads import Way, find_ways
from etl.sieve.signs import Needs, read_signs

LABEL_LENGTH = 400
"""Code points of the folded line beyond which no label is looked for: the longest line rules are footers of this size."""
WORTH_SIEVING = 1000
"""Lines from which a sieve is worth its making, which takes longer than asking every rule of fewer."""
FEW = 4000
"""Lines up to which a pattern of all strings takes longer to compile than it saves."""
WORTH_COMPILING = 10_000_000
"""Lines times characters of a pattern from which polars is asked: of fewer Python is, as polars would spend longer on compiling
the pattern, in every batch anew."""
_PAIRS = pl.Schema({"_at": pl.UInt32(), "_rule": pl.UInt32()})


@dataclass(frozen=True)
class Sieve:
    """The ways of some rules, and how to find which of them a line may take.

    Beginnings lie between `low` and `high`, in order, each of the way in `way_of_head`; `strings` are the strings looked
    for, those of the table with their ways; `loose` are the ways of which only `needs` is known.
    """

    rule: Ints
    needs: Needs
    low: Keys
    high: Keys
    way_of_head: Ints
    strings: pl.DataFrame
    loose: tuple[int, ...]


@lru_cache(maxsize=16)
def make_sieve(rules: tuple[tuple[str, str], ...]) -> Sieve:
    """(kind, core) of each rule, in order -> the sieve that finds the likely ones."""
    ways: list[Way] = []
    rule: list[int] = []
    for number, (kind, core) in enumerate(rules):
        found = find_ways(kind, core)
        ways += found
        rule += [number] * len(found)
    heads = sorted((head.ljust(LENGTH, b"\0"), head, way) for way, one in enumerate(ways) for head in one.heads or ())
    strings = sorted((string, way) for way, one in enumerate(ways) for string in one.strings or ())
    return Sieve(
        np.array(rule, np.int64),
        Needs([way.made for way in ways]),
        np.array([int.from_bytes(low, "big") for low, _, _ in heads], np.uint64),
        np.array([int.from_bytes(head.ljust(LENGTH, b"\xff"), "big") for _, head, _ in heads], np.uint64),
        np.array([way for _, _, way in heads], np.int64),
        pl.DataFrame(strings, schema={"_string": pl.String, "_way": pl.Int64}, orient="row"),
        tuple(way for way, one in enumerate(ways) if one.heads is None and one.strings is None),
    )


def _by_head(keys: pl.Series, sieve: Sieve) -> tuple[Ints, Ints]:
    """Lines -> lines and ways by how they begin: lines in order of their beginnings, each head is a run of them."""
    begin = begin_lines(keys)
    order = np.argsort(begin)
    begin = begin[order]
    first = np.searchsorted(begin, sieve.low, side="left")
    count = np.searchsorted(begin, sieve.high, side="right") - first
    some = np.flatnonzero(count)
    first, count = first[some], count[some]
    return order[expand(first, count)], np.repeat(sieve.way_of_head[some], count)


def _by_string(keys: pl.Series, sieve: Sieve) -> tuple[Ints, Ints]:
    """Lines -> lines and ways by the strings in them: of many lines one look whether there is any, then which."""
    strings = sieve.strings["_string"].unique(maintain_order=True).to_list()
    if not strings:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    held = pl.DataFrame({"_at": np.arange(len(keys)), "_key": keys})
    if len(keys) > FEW:
        held = held.filter(pl.col("_key").str.contains("|".join(map(re.escape, strings))))
    held = held.select("_at", _string=pl.col("_key").str.extract_many(strings, overlapping=True))
    found = held.explode("_string").join(sieve.strings, on="_string")
    return found["_at"].to_numpy(), found["_way"].to_numpy()


def sift(keys: pl.Series, sieve: Sieve) -> tuple[Ints, Ints]:
    """Folded lines -> lines and the rules that may fit them, by rule, then by line."""
    signs = read_signs(keys)
    found = [np.zeros(0, np.int64)]
    for at, way in (_by_head(keys, sieve), _by_string(keys, sieve)):
        fits = sieve.needs.fit(signs, at, way)
        found.append(sieve.rule[way[fits]] << 32 | at[fits])
    for one in sieve.loose:
        found.append(sieve.rule[one] << 32 | np.flatnonzero(sieve.needs.fit(signs, slice(None), one)))
    both = np.sort(np.concatenate(found))
    both = both[np.r_[True, both[1:] != both[:-1]]] if len(both) else both
    return both & 0xFFFFFFFF, both >> 32


def ask_rules(keys: pl.Series, rules: Sequence[Rule], before: int = 0) -> pl.DataFrame:
    """Folded lines and rules -> (_at, _rule) for every rule whose pattern fits a line, by line, then in rule order.

    Rules over whole lines are not asked of lines of more than LABEL_LENGTH code points: on a long line of one sign their
    patterns would take hours. `before` is of how many lines they were asked already.
    """
    return (sift_keys if before + len(keys) >= WORTH_SIEVING else ask_every)(keys, rules)


def ask_every(keys: pl.Series, rules: Sequence[Rule]) -> pl.DataFrame:
    """The same, by asking every rule of every line."""
    every = np.arange(len(keys))
    short = np.flatnonzero(_is_short(keys))
    texts, short_texts = keys.to_list(), keys.gather(short).to_list()
    hits = []
    for rule in rules:
        at, asked = (short, short_texts) if rule.kind == "line" else (every, texts)
        hits.append(at[np.array([*map(bool, map(rule.regex.search, asked))], np.bool_)])
    return _pairs(
        np.concatenate([*hits, np.zeros(0, np.int64)]),
        np.repeat(np.arange(len(rules)), [len(hit) for hit in hits]),
    )


def _is_short(keys: pl.Series) -> Flags:
    short: Flags = (keys.str.len_chars() <= LABEL_LENGTH).to_numpy()
    return short


def _pairs(at: Ints, rule: Ints) -> pl.DataFrame:
    order = np.lexsort((rule, at))
    return pl.DataFrame({"_at": at[order], "_rule": rule[order]}, schema=_PAIRS)


def sift_keys(keys: pl.Series, rules: Sequence[Rule]) -> pl.DataFrame:
    """The same, by asking only the rules that a sieve finds likely."""
    at, rule = sift(keys, make_sieve(tuple((rule.kind, rule.core) for rule in rules)))
    asked = _is_short(keys)[at] | np.array([rule.kind != "line" for rule in rules])[rule]
    at, rule = at[asked], rule[asked]
    near = keys.gather(at)
    fits = np.zeros(len(at), dtype=np.bool_)
    starts = np.flatnonzero(np.r_[True, rule[1:] != rule[:-1]]) if len(at) else at
    for start, end in zip(starts, [*starts[1:], len(at)], strict=False):
        one = rules[rule[start]]
        lines = near.slice(start, end - start)
        if len(lines) * len(one.pattern) > WORTH_COMPILING:
            fits[start:end] = lines.str.contains(one.pattern).to_numpy()
        else:
            fits[start:end] = [*map(bool, map(one.regex.search, lines.to_list()))]
    return _pairs(at[fits], rule[fits])
