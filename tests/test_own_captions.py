"""Captions in the text that the page's own paper owns; what is a sentence stays, and so does what another paper signs."""

from __future__ import annotations

import pytest
from place_reference import frame_of

from etl.bylines.own_captions import OWN_CAPTION, ask_caption, label_own_captions
from etl.knowledge import Knowledge
from etl.rules import Rules

TEXT = "افتتحت البلدية صباح اليوم حديقة جديدة على الكورنيش تضم ملعبا للأطفال ومسارا للمشي."
RIGHTS = ("جميع الحقوق محفوظة لوكالة مدار الميناء 2024", "after", "legal/copyright")


def captions(line: str, *more: tuple[str, str, str | None]) -> list[str]:
    """A line between two paragraphs, what stands below -> the lines that are captions."""
    page = [(TEXT, "body", None), (line, "body", None), (TEXT, "body", None), *more]
    found = label_own_captions(frame_of([page]).lazy(), Knowledge(rules=Rules(()))).collect()
    return [text.strip() for text, rule in found.select("piece", "rule").rows() if rule == OWN_CAPTION]


@pytest.mark.parametrize(
    "line",
    [
        "أطفال يلعبون في الحديقة الجديدة (مدار الميناء)",
        "أطفال يلعبون في الحديقة الجديدة صباح الاثنين - مدار الميناء",
        "أطفال يلعبون في الحديقة الجديدة [سالم حسن / مدار الميناء]",
        "أطفال يلعبون في الحديقة الجديدة صباح يوم 23 سبتمبر 2024. (مدار الميناء/سالم حسن)",
    ],
)
def test_a_line_that_closes_with_the_papers_name_is_a_caption(line: str) -> None:
    """In brackets, with the photographer or without, or behind a dash; the page must say that the name is its own."""
    assert captions(line, RIGHTS) == [line]
    assert captions(line) == captions(line, ("جميع الحقوق محفوظة لوكالة الشمال", "after", "legal/copyright")) == []


@pytest.mark.parametrize(
    "line",
    [
        "وقال مدير الحديقة إن الدخول إليها مجاني. (مدار الميناء)",
        "وقال مدير الحديقة إنه تحدث إلى (مدار الميناء).",
        "أطفال يلعبون في الحديقة الجديدة (وكالة الشمال)",
        "مدار الميناء",
        "رأي - مدار الميناء",
    ],
)
def test_what_is_no_caption_stays(line: str) -> None:
    """A paragraph that an agency signs, a sentence, another's picture, the name alone."""
    assert captions(line, RIGHTS) == []


def test_the_names_that_close_a_line() -> None:
    assert ask_caption("أطفال يلعبون في الحديقة (سالم حسن / مدار الميناء)") == ("سالم حسن", "مدار الميناء")
    assert ask_caption("أطفال يلعبون في الحديقة.") == ()
