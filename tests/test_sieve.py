"""Which rules may fit a line: a look at its beginning never hides a rule that fits."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from etl.fold import fold, fold_lines
from etl.heads import DIGIT, LENGTH, find_ways
from etl.rules import load_rules
from etl.sieve import ask_every, sift_keys

RULES = load_rules()
EXAMPLES = sorted(
    {example.replace("⟦", "").replace("⟧", "") for rule in RULES for example in (*rule.hits, *rule.keeps)}
)
_made = st.tuples(
    st.sampled_from(["", "• ", "- ", "★ [", "12 ", "تم "]),
    st.sampled_from(EXAMPLES),
    st.sampled_from(["", " ...", " |", " 2024", "."]),
    st.sampled_from(["", *EXAMPLES]),
).map("".join)


def every_pair(keys: list[str], rules: list) -> list[tuple[int, int]]:  # type: ignore[type-arg]
    return [(at, number) for at, key in enumerate(keys) for number, rule in enumerate(rules) if rule.regex.search(key)]


@pytest.mark.parametrize("kind", ["line", "span"])
def test_the_examples_of_all_rules_get_the_rules_that_fit(kind: str) -> None:
    """On every example of every rule the result is that of running all rules on all lines."""
    rules = [rule for rule in RULES if rule.kind == kind]
    keys = sorted({fold(example) for example in EXAMPLES})
    assert sift_keys(pl.Series(keys), rules).rows() == every_pair(keys, rules)
    assert ask_every(pl.Series(keys), rules).rows() == every_pair(keys, rules)


@settings(deadline=None)
@given(st.lists(_made, min_size=1, max_size=3))
def test_lines_put_together_get_the_rules_that_fit(lines: list[str]) -> None:
    """The same for lines with ornament, digits and other lines around them."""
    rules = list(RULES)
    keys = [fold(line) for line in lines]
    assert sift_keys(pl.Series(keys), rules).rows() == every_pair(keys, rules)


def test_a_beginning_is_known_where_there_are_few() -> None:
    """The ways of a pattern are told apart: by how it begins, by what it holds, or not at all."""
    ways = find_ways(r"(?:تابع|شاهد) .*|[^:]{2,9}https://.*")
    assert {head[:4] for head in ways.heads} == {"تابع", "شاهد"} and all(len(head) <= LENGTH for head in ways.heads)
    assert any("http" in string for string in ways.strings) and not ways.open
    assert find_ways(r"\d{1,2} يوم").heads == {f"{DIGIT} يو", f"{DIGIT}{DIGIT} ي"}
    assert find_ways(r"[^ ]+ [^ ]+").open
    # A beginning that may be taken for ornament before the line is none to go by.
    assert not find_ways(r"-+ ?انتهي", frozenset("-")).heads


@settings(deadline=None)
@given(st.lists(st.text("ابت أى،…12 \u200b\u0640", max_size=8), min_size=1, max_size=6))
def test_remembered_keys_are_the_keys(texts: list[str]) -> None:
    """Lines folded once and asked for again have the same keys."""
    assert fold_lines(pl.Series(texts)).to_list() == [fold(text) for text in texts]
    assert fold_lines(pl.Series([*texts[::-1], *texts])).to_list() == [fold(text) for text in [*texts[::-1], *texts]]


def test_the_shipped_patterns_are_what_both_engines_take() -> None:
    """They are not tried out when they are read, so they are here: no group in a line rule, one at most in a span rule."""
    for rule in RULES:
        assert rule.regex.groups <= (rule.kind == "span"), rule.id
        assert pl.select(pl.lit("نص").str.contains(rule.pattern)).item() is not None
        assert not rule.until or pl.select(pl.lit("نص").str.contains(rule.until)).item() is not None
