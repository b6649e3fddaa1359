"""The folded key: one table, several ways to use it, and a way back."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from etl.fold import TABLE, fold, fold_expr, fold_offsets, fold_texts, span_of

_text = st.text(st.one_of(st.sampled_from(sorted(TABLE)), st.characters(codec="utf-8")), max_size=40)


@given(st.lists(_text, min_size=1, max_size=5))
def test_the_ways_agree(texts: list[str]) -> None:
    """Python, polars and the key with offsets give the same key."""
    keys = pl.DataFrame({"t": texts}).select(fold_expr(pl.col("t"))).to_series().to_list()
    assert fold_texts(pl.Series(texts)).to_list() == keys
    assert keys == [fold(text) for text in texts] == [fold_offsets(text)[0] for text in texts]


@given(_text, st.data())
def test_a_span_of_the_key_folds_back_to_itself(text: str, data: st.DataObject) -> None:
    """The text that a span of the key stands for folds to that span, spaces at its edges aside."""
    key, offsets = fold_offsets(text)
    assert len(key) == len(offsets)
    assert list(offsets) == sorted(offsets)
    if key:
        start = data.draw(st.integers(0, len(key) - 1))
        end = data.draw(st.integers(start + 1, len(key)))
        first, last = span_of(text, offsets, start, end)
        assert 0 <= first < last <= len(text)
        assert key[start:end].strip() in fold(text[first:last])


@pytest.mark.parametrize(
    "spellings",
    [
        ("إقرأ أيضاً", "اقرا ايضا", "اِقْرَأْ أَيْضًا", "أقرأ أيضًا"),
        ("شـاهـد", "شاهد", "ﺷﺎﻫﺪ"),
        ("«قول»", '"قول"', "“قول”"),
        ("١٢٣ ۱۲۳", "123 123"),
        ("فی کتاب", "في كتاب", "في\u00a0 كتاب", "\u200fفي  كتاب "),
    ],
)
def test_spellings_of_one_word_share_a_key(spellings: tuple[str, ...]) -> None:
    """Hamza, marks, tatweel, presentation forms, quotes, digits and Persian letters do not matter to a key."""
    assert len({fold(spelling) for spelling in spellings}) == 1


def test_a_key_is_its_own_key() -> None:
    """Folding twice changes nothing more."""
    for character, folded in TABLE.items():
        assert fold(fold(character)) == fold(character), (character, folded)
