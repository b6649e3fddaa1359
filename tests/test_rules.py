"""Every rule is held to its own examples; adding a rule adds nothing here."""

from __future__ import annotations

from time import process_time

import pytest

from etl.fold import fold
from etl.rulebook import (
    check_clean,
    check_engines,
    check_entry,
    check_hits,
    check_keeps,
    check_owners,
    check_rest,
    check_spelling,
    check_zones,
)
from etl.rules import Rule, load_rules

RULES = load_rules()
every_rule = pytest.mark.parametrize("rule", list(RULES), ids=lambda rule: rule.id)


@every_rule
def test_a_rule_is_complete(rule: Rule) -> None:
    """It says why in a sentence, has examples of both kinds, and never claims nothing or bare ornament."""
    assert check_entry(RULES, rule) == []


@every_rule
def test_a_rule_claims_exactly_what_the_brackets_enclose(rule: Rule) -> None:
    assert check_hits(RULES, rule) == []


@every_rule
def test_what_the_cuts_leave_is_not_cut_again(rule: Rule) -> None:
    assert check_rest(RULES, rule) == []


@every_rule
def test_no_rule_touches_a_sentence_that_some_rule_keeps(rule: Rule) -> None:
    assert check_keeps(RULES, rule) == []


@every_rule
def test_no_rule_touches_a_clean_paragraph(rule: Rule) -> None:
    assert check_clean(RULES, rule) == []


@every_rule
def test_a_rule_with_zones_is_silent_where_the_zone_is_unknown(rule: Rule) -> None:
    assert check_zones(RULES, rule) == []


@every_rule
def test_spelling_does_not_matter(rule: Rule) -> None:
    """Without hamza and dots, with vowel signs and stretched letters, the same words are claimed."""
    assert check_spelling(RULES, rule) == []


@pytest.mark.parametrize("sign", ["a", ".", "_", "#", "1", "في "])
def test_no_rule_is_slow_on_a_long_line(sign: str) -> None:
    """A line of one sign, such as a picture in base64, is gone through once: where twice the line takes four times as
    long, one page of it holds a build for hours."""
    line = fold(sign * 60_000)
    for rule in (rule for rule in RULES if rule.kind == "span"):
        start = process_time()
        rule.regex.search(line)
        assert process_time() - start < 1, rule.id


def test_both_regex_engines_agree_on_every_example() -> None:
    """The engine that sweeps the corpus and the one that finds the offsets match the same keys."""
    assert check_engines(RULES) == []


def test_no_line_is_the_example_of_two_rules() -> None:
    """A line belongs to the first rule that fits it: a second owner would never fire there."""
    assert check_owners(RULES) == []
