"""Different strings once, in order."""

from __future__ import annotations

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from etl import distinct as module
from etl.distinct import distinct


@given(st.lists(st.sampled_from(["", "أ", "ا", "a", "b", " ", "\n", "ab", "سطر", "سطر\n"]) | st.text(max_size=3)))
def test_each_string_is_found_again_at_its_place(texts: list[str]) -> None:
    """The different strings come in order of first appearance, and the places give the strings back."""
    series = pl.Series(texts, dtype=pl.String)
    kinds, place = distinct(series)
    assert kinds.to_list() == list(dict.fromkeys(texts))
    assert kinds.gather(place).to_list() == texts


def test_strings_that_meet_in_a_slot_stay_apart(monkeypatch) -> None:  # type: ignore[no-untyped-def]
    """A table with far fewer slots than strings still tells them all apart."""
    monkeypatch.setattr(module, "_SPARE", 0)
    texts = [f"سطر {n % 700}" for n in range(2000)]
    kinds, place = distinct(pl.Series(texts))
    assert kinds.to_list() == texts[:700]
    assert kinds.gather(place).to_list() == texts
