"""Which rules fit which lines: a cheap look at how a line begins, then the few patterns that may fit it.

Lines repeat from page to page, so a batch's lines are looked at once each. Of the patterns only those are run that a
line's beginning, or a string in it, makes possible; the result is that of running them all.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import polars as pl

from etl.heads import DIGIT, LENGTH, find_ways
from etl.literals import needed_strings
from etl.rules import ORNAMENT, Rule

FEW = 1000
"""Lines up to which Python's engine is asked: polars would spend longer on compiling the pattern, in every batch anew."""
Indices = npt.NDArray[np.int64]
_PAIRS = pl.Schema({"_at": pl.UInt32(), "_rule": pl.UInt32()})


@dataclass(frozen=True)
class Sieve:
    """What makes a rule possible: how a line begins, by length of the beginning; a string in it; or nothing of the kind.

    The rules of `free` are asked of every line in which their own pattern, of one character or a few, is found.
    """

    heads: tuple[tuple[int, pl.DataFrame], ...]
    strings: pl.DataFrame
    patterns: pl.Series
    free: dict[int, str | None]


@lru_cache(maxsize=1)
def _ornament() -> frozenset[str]:
    one = re.compile(f"[{ORNAMENT}]")
    return frozenset(character for character in map(chr, range(0x20000)) if one.match(character))


def _table(name: str, pairs: set[tuple[str, int]]) -> pl.DataFrame:
    return pl.DataFrame(sorted(pairs), schema={name: pl.String, "_rule": pl.UInt32}, orient="row")


def _gate(core: str) -> str | None:
    """A pattern -> a small one that is found wherever it is, if it cannot do without a few short strings."""
    needed = needed_strings(core, 1) or frozenset()
    least = sorted(text for text in needed if not any(other in text for other in needed - {text}))
    return "|".join(map(re.escape, least)) if 0 < len(least) <= _GATE else None


_GATE = 8
"""Strings of a gate: more are no cheaper to look for than the pattern itself."""


@lru_cache(maxsize=16)
def make_sieve(rules: tuple[tuple[str, str], ...]) -> Sieve:
    """(kind, core) of each rule, in order -> the sieve that finds the likely ones."""
    heads: set[tuple[str, int]] = set()
    strings: set[tuple[str, int]] = set()
    free: dict[int, str | None] = {}
    for number, (kind, core) in enumerate(rules):
        if kind == "line":
            ways = find_ways(core, _ornament())
            heads |= {(head, number) for head in ways.heads}
            strings |= {(string, number) for string in ways.strings}
            if ways.open:
                free[number] = _gate(core)
        else:
            needed = needed_strings(core)
            strings |= {(string, number) for string in needed or ()}
            if needed is None:
                free[number] = _gate(core)
    strings = {pair for pair in strings if pair[1] not in free}
    heads = {pair for pair in heads if pair[1] not in free}
    by_length = [(size, {pair for pair in heads if len(pair[0]) == size}) for size in range(1, LENGTH + 1)]
    table = _table("_string", strings)
    return Sieve(
        tuple((size, _table("_head", pairs)) for size, pairs in by_length if pairs),
        table,
        table["_string"].unique().sort(),
        free,
    )


def _likely(keys: pl.Series, sieve: Sieve) -> tuple[Indices, Indices]:
    """Folded lines -> lines and the rules that may fit them, by rule, then by line; the free rules aside."""
    found = [pl.DataFrame(schema=_PAIRS)]
    lines = pl.DataFrame({"_key": keys}).with_row_index("_at")
    if sieve.heads:
        begin = pl.col("_key").str.replace(f"^[{ORNAMENT}]+", "").str.slice(0, LENGTH)
        begins = lines.select("_at", _head=begin.str.replace_all(r"\d", DIGIT))
        for size, table in sieve.heads:
            short = begins if size == LENGTH else begins.with_columns(pl.col("_head").str.slice(0, size))
            found.append(short.join(table, on="_head").select(_PAIRS.names()))
    if len(sieve.patterns):
        held = lines.select("_at", _string=pl.col("_key").str.extract_many(sieve.patterns.to_list(), overlapping=True))
        held = held.filter(pl.col("_string").list.len() > 0).explode("_string")
        found.append(held.join(sieve.strings, on="_string").select(_PAIRS.names()))
    pairs = pl.concat(found)
    both = np.unique(pairs["_rule"].to_numpy().astype(np.int64) << 32 | pairs["_at"].to_numpy())
    return both & 0xFFFFFFFF, both >> 32


def _ask_all(keys: pl.Series, pattern: str, gate: str | None) -> Indices:
    """Lines that a pattern fits, of those that pass its gate, if it has one."""
    if gate is None:
        return np.flatnonzero(keys.str.contains(pattern).to_numpy())
    near = np.flatnonzero(keys.str.contains(gate).to_numpy())
    fits: Indices = near[keys.gather(near).str.contains(pattern).to_numpy()]
    return fits


WORTH_SIEVING = 3000
"""Lines from which a sieve is worth its making, which takes longer than asking every rule of fewer."""


def match_keys(keys: pl.Series, rules: Sequence[Rule]) -> pl.DataFrame:
    """Folded lines and rules -> (_at, _rule) for every rule whose pattern fits a line, by line, then in rule order."""
    return sift_keys(keys, rules) if len(keys) >= WORTH_SIEVING else ask_every(keys, rules)


def ask_every(keys: pl.Series, rules: Sequence[Rule]) -> pl.DataFrame:
    """The same, by asking every rule of every line."""
    hits = [np.flatnonzero(keys.str.contains(rule.pattern).to_numpy()) for rule in rules]
    return _pairs(
        np.concatenate([*hits, np.zeros(0, np.int64)]),
        np.repeat(np.arange(len(rules)), [len(hit) for hit in hits]),
    )


def _pairs(at: Indices, rule: Indices) -> pl.DataFrame:
    order = np.lexsort((rule, at))
    return pl.DataFrame({"_at": at[order], "_rule": rule[order]}, schema=_PAIRS)


def sift_keys(keys: pl.Series, rules: Sequence[Rule]) -> pl.DataFrame:
    """The same, by asking only the rules that a sieve finds likely."""
    sieve = make_sieve(tuple((rule.kind, rule.core) for rule in rules))
    free = [_ask_all(keys, rules[number].pattern, strings) for number, strings in sieve.free.items()]
    at, rule = _likely(keys, sieve)
    near = keys.gather(at)
    fits = np.zeros(len(at), dtype=bool)
    starts = np.flatnonzero(np.r_[True, rule[1:] != rule[:-1]]) if len(at) else at
    for start, end in zip(starts, [*starts[1:], len(at)], strict=False):
        one = rules[rule[start]]
        lines = near.slice(start, end - start)
        if len(lines) > FEW:
            fits[start:end] = lines.str.contains(one.pattern).to_numpy()
        else:
            search = one.regex.search
            fits[start:end] = [search(key) is not None for key in lines.to_list()]
    at = np.concatenate([*free, at[fits]])
    rule = np.concatenate(
        [*(np.full(len(hit), number) for hit, number in zip(free, sieve.free, strict=True)), rule[fits]]
    )
    return _pairs(at, rule)
