"""What a tool puts between and before all the lines of a page tells nothing of them: the same lines are the article's."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from etl.api import clean
from etl.zones.lines import _beyond_usual, _find_gaps

PAGES = sorted((Path(__file__).parent / "pages").glob("lifelike-*/page.txt"))[::5]
MOST = 0.03
"""Share of the pages that may differ, at most: those whose paragraphs stand on several lines, which a blank line parts."""


@cache
def _pages() -> list[list[str]]:
    texts = [path.read_text("utf-8") for path in PAGES]
    return [[line for line in text.split("\n") if line.strip()] for text in texts if "\r" not in text]


def _kept(write: Callable[[list[str]], str]) -> dict[tuple[str, int], list[str]]:
    """How the lines of a page are written -> the lines that each page and each article below one keeps."""
    records = clean([write(lines) for lines in _pages()])
    kept: dict[tuple[str, int], list[str]] = {}
    number, child = -1, 0
    for record in records:
        number, child = (number, child + 1) if record["parent_id"] else (number + 1, 0)
        kept[str(number), child] = [line.strip() for line in record["text"].split("\n") if line.strip()]
    return kept


@cache
def _kept_tight() -> dict[tuple[str, int], list[str]]:
    return _kept("\n".join)


@pytest.mark.parametrize(
    "write",
    [
        "\n\n".join,
        "\n\n\n".join,
        lambda lines: "\n".join(f"    {line}" for line in lines),
        lambda lines: "\n".join(f"\t\t{line}\t" for line in lines),
        "\r\n".join,
        lambda lines: "\n".join(f"{line}  " for line in lines),
        lambda lines: "\n".join(f"\u200f{line}\u200f" for line in lines),
    ],
    ids=["blank", "two-blank", "indented", "tabs", "crlf", "trailing", "marks"],
)
def test_the_same_lines_are_kept(write: Callable[[list[str]], str]) -> None:
    tight, spaced = _kept_tight(), _kept(write)
    differ = [key for key in tight.keys() | spaced.keys() if tight.get(key) != spaced.get(key)]
    assert len(differ) <= MOST * len(tight), differ


def test_what_a_page_has_everywhere_is_counted_off() -> None:
    """By page; a few tight lines, and a space that a tag left, say nothing against it, a page with many of them has no habit."""
    rows, page = np.array([0, 2, 4, 8, 9, 10, 11]), np.array([0, 0, 0, 0, 1, 1, 1])
    assert _find_gaps(rows, page).tolist() == [0, 0, 0, 2, 0, 0, 0]
    several = np.array([4.0, 4, 4, 4, 4, 4, 4, 0, 6], np.float32)
    assert _beyond_usual(several, np.zeros(9, np.int64), 2).tolist() == [0, 0, 0, 0, 0, 0, 0, 0, 2]
    mixed = np.array([0.0, 4, 0, 4, 4], np.float32)
    assert _beyond_usual(mixed, np.zeros(5, np.int64), 2).tolist() == mixed.tolist()
    assert _beyond_usual(np.ones(3, np.float32), np.zeros(3, np.int64), 2).tolist() == [1, 1, 1]
