"""A heading that the page's table of contents lists is one of the text."""

from __future__ import annotations

import polars as pl

from etl.zones.contents import find_headings


def test_what_a_table_of_contents_lists_is_a_heading() -> None:
    """Below it and in its page, without a label; without a table there is none."""
    lines = [
        ("a", "التصميم", None),
        ("a", "محتويات المقال", "ui/contents"),
        ("a", "التصميم", "ui/contents"),
        ("a", "البطارية", "ui/contents"),
        ("a", "وصلت الساعة قبل أسبوع", None),
        ("a", "  التصميم", None),
        ("a", "البطارية", "related/item"),
        ("b", "التصميم", None),
    ]
    frame = pl.DataFrame(lines, schema=["id", "piece", "rule"], orient="row")
    assert find_headings(frame).nonzero()[0].tolist() == [5]
    assert not find_headings(frame.with_columns(rule=pl.lit(None, pl.String))).any()
