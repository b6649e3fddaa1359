"""Stems of words: equal where the plain definition says so, for any text."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from place_reference import stems

from etl import stems as module
from etl.stems import count_shared, read_stems

WORDS = [
    *(
        "القاهرة",
        "والقاهرة",
        "وقاهره",
        "قاهرة",
        "ال",
        "وال",
        "فال",
        "مال",
        "لله",
        "الب",
        "باب",
        "بالباب",
        "كِتاب",
        "كـتاب",
    ),
    *(
        "ﻻعب",
        "لاعب",
        "2024",
        "٢٠٢٤",
        "New",
        "york",
        "a_b",
        "ab",
        "é́tat",
        "𝐀𝐁𝐂",
        "سطر\nآخر",
        "،",
        "…",
        "«قال»",
        "\u00a0",
        "",
    ),
]
text = st.lists(st.sampled_from(WORDS) | st.text(max_size=4), max_size=12).map(" ".join)


@given(st.lists(text, max_size=6))
def test_a_text_has_as_many_stems_as_it_has_different_ones(texts: list[str]) -> None:
    assert read_stems(pl.Series(texts, dtype=pl.String)).sizes().tolist() == [len(stems(text)) for text in texts]


@given(st.lists(st.tuples(text, st.integers(0, 2)), min_size=1, max_size=5), st.lists(text, max_size=4), st.data())
def test_stems_that_a_page_s_texts_share_with_its_lines(
    lines: list[tuple[str, int]], texts: list[str], data: st.DataObject
) -> None:
    """Counted for each line, among the texts of its page alone; the same whether texts are read together or one by one."""
    pages = data.draw(st.lists(st.integers(0, 2), min_size=len(texts), max_size=len(texts)))
    wanted = []
    for line, page in lines:
        of_page = set().union(*(stems(text) for text, owner in zip(texts, pages, strict=True) if owner == page))
        wanted.append(len(stems(line) & of_page))
    series = pl.Series([line for line, _ in lines])
    asked = (
        read_stems(series),
        pl.Series(range(len(lines))).to_numpy(),
        pl.Series([page for _, page in lines]).to_numpy(),
        pl.Series(texts, dtype=pl.String),
        pl.Series(pages, dtype=pl.Int64).to_numpy(),
    )
    assert count_shared(*asked).tolist() == wanted
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_AT_ONCE", 1)
        assert count_shared(*asked).tolist() == wanted
