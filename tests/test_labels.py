"""Labels of lines, each different one asked once."""

from __future__ import annotations

import numpy as np
import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from etl.labels import LabelledLines

RULES = st.lists(st.sampled_from([None, "related/item", "related/heading", "title/headline", "date/line"]))


@given(RULES, st.sampled_from(["^related/", "^(?:title|date)/", "line$", "^none/"]))
def test_a_line_matches_by_its_own_label(rules: list[str | None], pattern: str) -> None:
    """As if each line were asked; one without a label never matches."""
    rule = pl.Series(rules, dtype=pl.String)
    lines = LabelledLines(np.arange(len(rule)), np.zeros(len(rule), np.int64), rule)
    assert lines.labelled(pattern).tolist() == rule.str.contains(pattern).fill_null(False).to_list()
    assert lines.plain.tolist() == rule.is_null().to_list()
