"""The same cleaning from Python: what it takes, and what it says of what it cannot take."""

from __future__ import annotations

from typing import Any

import pytest

import etl


@pytest.mark.parametrize(
    ("pages", "told"),
    [
        ("page", r"takes a list of page texts: clean\(\[page\]\)"),
        (b"page", r"takes a list of page texts"),
        (["page", None], "page 2 is NoneType, not a text"),
        ([b"page"], "page 1 is bytes, not a text; decode it"),
    ],
    ids=["text", "bytes", "none", "bytes-in-list"],
)
def test_what_is_no_list_of_texts_is_refused(pages: Any, told: str) -> None:
    """A text alone would be cleaned a letter at a time; the message says what is wrong and where."""
    with pytest.raises(TypeError, match=told):
        etl.clean(pages)


def test_any_iterable_of_texts_is_taken_and_none_is_no_error() -> None:
    """A generator is as good as a list."""
    assert etl.clean(iter(())) == []
    assert etl.clean(["\ud800 قال"])[0]["raw_sha256"] == etl.clean(["\ufffd قال"])[0]["raw_sha256"]
    assert [record["page"] for record in etl.clean(text for text in ("خبر", ""))] == ["خبر", ""]
