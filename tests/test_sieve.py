"""Which rules may fit a line: a look at its beginning never hides a rule that fits."""

from __future__ import annotations

import dataclasses
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from etl import sieve
from etl.fold import fold
from etl.rules import Rules, load_rules
from etl.sieve import LABEL_LENGTH, ask_every, sift_keys
from etl.sieve import fits as fits_module
from etl.sieve.codes import DIGIT, END, LENGTH, LOOSE, begin_lines, single_codes
from etl.sieve.fits import fit_lines
from etl.sieve.heads import Beginner, find_ways
from etl.sieve.literals import Needed
from etl.sieve.signs import ALL, ENDLESS, SIGNS, Made, Maker, read_signs
from etl.sieve.syntax import parse_pattern

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
    return [
        (at, number)
        for at, key in enumerate(keys)
        for number, rule in enumerate(rules)
        if rule.regex.search(key) and (rule.kind == "span" or len(key) <= LABEL_LENGTH)
    ]


@pytest.mark.parametrize("kind", ["line", "span"])
def test_the_examples_of_all_rules_get_the_rules_that_fit(kind: str) -> None:
    """On every example of every rule the result is that of running all rules on all lines."""
    rules = [rule for rule in RULES if rule.kind == kind]
    keys = sorted({fold(example) for example in EXAMPLES})
    assert sift_keys(pl.Series(keys), rules).rows() == every_pair(keys, rules)
    assert ask_every(pl.Series(keys), rules).rows() == every_pair(keys, rules)


@pytest.mark.parametrize("ask", [ask_every, sift_keys])
def test_a_long_line_is_asked_of_no_rule_over_whole_lines(ask: Any) -> None:
    """On a line of a hundred thousand signs such a pattern would take hours: its answer is known before."""
    asked: list[str] = []

    class Spy:
        def search(self, line: str) -> None:
            asked.append(line)

    rules = [dataclasses.replace(rule) for rule in RULES]
    for rule in rules:
        rule.__dict__["regex"] = Spy()
    ask(pl.Series(["#" * 100_000]), [rule for rule in rules if rule.kind == "line"])
    assert asked == []


def test_many_lines_get_what_few_get(monkeypatch: pytest.MonkeyPatch) -> None:
    """That of many lines those with a string in them are looked for first, and by polars, changes nothing."""
    keys = pl.Series(sorted({fold(example) for example in EXAMPLES}))
    few = sift_keys(keys, list(RULES))
    monkeypatch.setattr(sieve, "FEW", 0)
    monkeypatch.setattr(sieve, "WORTH_COMPILING", 100_000)
    assert sift_keys(keys, list(RULES)).equals(few)


@given(st.lists(_made, min_size=1, max_size=3))
def test_lines_put_together_get_the_rules_that_fit(lines: list[str]) -> None:
    """The same for lines with ornament, digits and other lines around them."""
    rules = list(RULES)
    keys = [fold(line) for line in lines]
    assert sift_keys(pl.Series(keys), rules).rows() == every_pair(keys, rules)


def test_the_ways_of_a_pattern_are_told_apart() -> None:
    """By how it begins after ornament, by a string it holds, or only by what it is made of."""
    first, second = find_ways("line", r"(?:تابع|شاهد) .*|[^:]{2,9}https://.*")
    assert {keyed(head) for head in first.heads or ()} == {"تابع ", "شاهد "}
    assert second.heads is None and second.strings == {"https://"}
    (days,) = find_ways("line", r"-?\d{1,2} يوم")
    assert {keyed(head) for head in days.heads or ()} == {"0 يوم", "0 يوم ", "00 يوم", "00 يوم "}
    (words,) = find_ways("line", r"[^ ]+ [^ ]+")
    assert words.heads is None and words.strings is None and words.made.spaces == 1
    (part,) = find_ways("span", r"^(القاهره ?- )")
    assert {keyed(head) for head in part.heads or ()} == {"القاهره "}
    assert not find_ways("span", r"(القاهره ?- )")[0].heads


def keyed(head: bytes) -> str:
    """A beginning as text, ornament as a space, its end left out."""
    shared = {LOOSE: " ", DIGIT: "0", END: ""}
    return "".join(shared[code] if code in shared else single_codes()[code] for code in head)


def test_what_a_pattern_is_made_of() -> None:
    """Signs it cannot do without, signs it may hold, and how many more spaces than signs."""

    def signs(bits: int) -> str:
        return "".join(sign for place, sign in enumerate(SIGNS) if bits >> place & 1)

    made = Maker().make(parse_pattern(r"[^ .:]{2,9}(?: [^ .]+){0,3} ?[:|] ?(?:\d+|قبل -)[ ,.]*"))
    assert {signs(bits) for bits in made.needs} == {":|", "0-"}
    assert "?" in signs(made.may) and ":" in signs(made.may) and made.spaces == 3 + 1 + 1 + 1 + 1
    assert Maker().make(parse_pattern(r"(?:\d+ ?م|ص @)")).needs == {1 | 1 << SIGNS.index("@")}
    assert not Maker().make(parse_pattern(r"[^:]*")).may >> SIGNS.index(":") & 1
    for anything in (r"\D*", r"[ :5]*", r"[ a]*", r"(?: \S+)*"):
        assert Maker().make(parse_pattern(anything)).spaces == ENDLESS


def test_a_node_that_no_one_knows_may_be_anything() -> None:
    """A pattern that a later Python takes apart otherwise is asked of every line, rather than of too few."""
    unknown = [("NEW_KIND", None)]
    assert Maker().make(unknown) == Made(frozenset(), ALL, ENDLESS)
    assert Beginner().begin(unknown) == {(b"", True)}
    assert Needed().strings([*parse_pattern("شاهد"), *unknown]) == {"شاهد"}
    assert Needed().strings(unknown) is None


def test_lines_are_read_as_signs_and_beginnings() -> None:
    """Of a line its signs and its spaces between words count, and its first characters after any ornament."""
    keys = pl.Series(["خبر: 12 يوما", "- - عنوان", "• " * 20 + "نهايه", "१ ٪", ""])
    held = read_signs(keys)
    assert held.spaces.tolist()[:3] == [2 - 1, 2 - 2, 20 - 20] and held.strange.tolist() == [False] * 3 + [True, False]
    assert held.held[0] == 1 | 1 << SIGNS.index(":")
    heads = [keyed(int(number).to_bytes(LENGTH, "big")) for number in begin_lines(keys)]
    assert heads[:3] == ["خبر: 00 ", "عنوان", "نهايه"]
    assert heads[4] == ""


@pytest.mark.parametrize("kept", [1 << 17, 0, len(EXAMPLES) // 2])
def test_remembered_lines_get_the_rules_that_fit(kept: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lines asked a moment ago, alone or among others, get the answers that they got then, however many are kept."""
    monkeypatch.setattr(fits_module, "_KEPT", kept)
    long = f"{EXAMPLES[0]} {'كلمة ' * LABEL_LENGTH}"
    rules = Rules(tuple(RULES))

    def fits(lines: list[str]) -> set[tuple[str, int]]:
        return {(lines[at], number) for at, number in fit_lines(pl.Series(lines), rules).rows()}

    lines = [long, *EXAMPLES]
    expected = {
        (line, number)
        for line in lines
        for number, rule in enumerate(rules)
        if rule.regex.search(fold(line)) and (rule.kind == "span" or len(fold(line)) <= LABEL_LENGTH)
    }
    some = lines[::3]
    assert fits([f"  {line}\n" for line in some] + some) == fits(some) | {
        (f"  {line}\n", number) for line, number in expected if line in set(some)
    }
    assert fits(some) == {(line, number) for line, number in expected if line in set(some)}
    assert fits(lines) == expected and fits(lines[::-1]) == expected
    pairs = fit_lines(pl.Series(lines), rules).rows()
    assert pairs == sorted(pairs)


def test_the_shipped_patterns_are_what_both_engines_take() -> None:
    """They are not tried out when they are read, so they are here: no group in a line rule, one at most in a span rule."""
    for rule in RULES:
        assert rule.regex.groups <= (rule.kind == "span"), rule.id
        assert pl.select(pl.lit("نص").str.contains(rule.pattern)).item() is not None
        assert not rule.until or pl.select(pl.lit("نص").str.contains(rule.until)).item() is not None
