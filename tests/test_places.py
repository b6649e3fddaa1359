"""What lines are by their place alone: tweets, and the rest outside the body."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from place_reference import Rows, frame_of

from etl.knowledge import Knowledge
from etl.pieces import take_solid
from etl.places import label_contents, label_rest, label_sliders, label_tweets
from etl.rules import Rule, Rules
from schemas.piece import PIECE

HEADING = "related/heading"
KNOW = Knowledge(rules=Rules((Rule(HEADING, "opens other articles", "line", "^$", heading="related"),)))
BY = "embed/tweet-by"
ITEM = "خبر آخر عن المدينة"
LONG = " ".join(["كلمة"] * 26)


def rest(lines: Rows) -> list[str | None]:
    return label_rest(frame_of([lines]).lazy(), KNOW).collect()["rule"].to_list()


def test_rows_with_text_are_told_and_their_texts_stripped() -> None:
    """A line feed, other white space and nothing at all are no text."""
    texts = ["سطر\n", "\n", "", " \u2003\n", " سطر آخر "]
    row, text = take_solid(pl.DataFrame({"piece": texts}), np.array([4, 3, 2, 1, 0]))
    assert row.tolist() == [4, 0]
    assert text.to_list() == ["سطر آخر", "سطر"]


def test_a_table_of_contents_says_what_stands_below() -> None:
    """Its heading and its lines, numbered or not; a list whose lines do not come again is the text's."""

    def contents(*lines: str) -> list[str]:
        frame = frame_of([[(line, "body", None) for line in lines]])
        found = label_contents(frame.lazy(), KNOW).collect()
        return [text.strip() for text, rule in found.select("piece", "rule").rows() if rule == "ui/contents"]

    table = ["محتويات المقال", "1. ما هو المغنيسيوم؟", "2. أين نجده؟"]
    text = ["المغنيسيوم معدن يحتاج إليه الجسم.", "ما هو المغنيسيوم؟", "معدن.", "أين نجده؟", "في المكسرات."]
    assert contents(*table, *text) == table
    assert contents(table[0], "إخفاء", *table[1:], *text) == [table[0], "إخفاء", *table[1:]]
    assert contents(*table, text[0]) == contents(table[0], table[1], *text[:3]) == contents(*text) == []
    source = [("المحتويات", "body", None), ("المصدر: رويترز", "body", "source/line"), (text[1], "body", None)]
    rows = [*source, *[(line, "body", None) for line in (text[0], "المصدر: رويترز", *text[1:])]]
    assert label_contents(frame_of([rows]).lazy(), KNOW).collect()["rule"][1] == "source/line"
    assert contents("المحتويات", "تحتوي العلبة على سماعة.", "سماعة", "سلك") == []


def test_a_tweet_stands_above_its_attribution() -> None:
    """Blank lines between are passed over; a line with a label, or one of the page above, is no tweet."""
    pages: list[Rows] = [
        [("تغريدة", "body", None), ("", "body", None), ("— Name (@name)", "body", BY), ("— Name (@name)", "body", BY)],
        [("— Name (@name)", "body", BY), ("نص", "body", None)],
    ]
    found = label_tweets(frame_of(pages).lazy(), KNOW).collect()["rule"].to_list()
    assert found == ["embed/tweet-text", None, BY, BY, BY, None]


def test_lines_outside_the_body_are_filed_by_their_place() -> None:
    """Before, in a box and after; blank lines and the body are left alone, and so are lines without a zone."""
    lines: Rows = [(ITEM, zone, None) for zone in ("before", "body", "box", "after", None)]
    assert rest([*lines, ("", "after", None)]) == ["zone/before", None, "zone/box", "zone/after", None, None]


def test_under_a_heading_of_other_articles_they_are_links() -> None:
    """Teasers where they are cut short or long; a label of another kind ends the list, some stand within it."""
    lines: Rows = [
        (ITEM, "after", None),
        ("اقرأ أيضا", "after", HEADING),
        (ITEM, "after", None),
        ("6 مارس", "after", "date/line"),
        (f"{ITEM}...", "after", None),
        (f"{ITEM}…", "after", None),
        (LONG, "after", None),
        (LONG.removesuffix(" كلمة"), "after", None),
        ("ملاحظة من المحرر", "after", "note/editor"),
        ("انشر تعليقك", "after", "comment/prompt"),
        (ITEM, "after", None),
        ("ملاحظة من المحرر", "after", "note/editor"),
    ]
    assert rest(lines) == [
        *("zone/after", HEADING, "related/item", "date/line", *["related/teaser"] * 3, "related/item"),
        *("related/item", "comment/prompt", "zone/after", "note/editor"),
    ]


def test_a_heading_counts_for_its_page_alone() -> None:
    pages: list[Rows] = [[("اقرأ أيضا", "after", HEADING)], [(ITEM, "after", None)]]
    assert label_rest(frame_of(pages).lazy(), KNOW).collect()["rule"].to_list() == [HEADING, "zone/after"]


TEXTS = [ITEM, f"{ITEM}..", f"{ITEM}… ", LONG, " ".join(["ab"] * 26), "", " ", "\u2003"]
RULES = [None, None, HEADING, "date/line", "related/card", "comment/prompt", "note/editor", BY, "template/1"]
line = st.tuples(
    st.sampled_from(TEXTS), st.sampled_from(["before", "body", "box", "after", None]), st.sampled_from(RULES)
)


def _plain_rest(lines: Rows) -> list[str | None]:
    neutral = (
        "related/",
        "headline-en/",
        "date/",
        "counter/",
        "ui/",
        "media/",
        "category/",
        "space/",
        "share/",
        "note/",
        "byline/",
    )
    found: list[str | None] = []
    under = False
    for text, zone, rule in lines:
        if rule is not None and (rule == HEADING or not rule.startswith(neutral)):
            under = rule == HEADING
        is_open = rule is None or (rule.startswith("note/") and under)
        if is_open and text.strip() and zone not in ("body", None):
            cut = text.strip().endswith(("..", "…")) or len(text.split()) > 25
            rule = ("related/teaser" if cut else "related/item") if under and zone != "before" else f"zone/{zone}"
        found.append(rule)
    return found


@given(st.lists(st.lists(line, min_size=1, max_size=12), min_size=1, max_size=3))
def test_places_are_those_of_the_plain_definition(pages: list[Rows]) -> None:
    """For any lines and labels; nothing but the labels changes."""
    frame = frame_of(pages)
    found = label_rest(frame.lazy(), KNOW).collect()
    assert found["rule"].to_list() == [rule for lines in pages for rule in _plain_rest(lines)]
    assert found.drop("rule").equals(frame.drop("rule"))


@pytest.mark.parametrize("stage", [label_tweets, label_rest])
def test_without_pages_nothing_is_done(stage) -> None:  # type: ignore[no-untyped-def]
    assert stage(pl.DataFrame(schema=PIECE).lazy(), KNOW).collect().schema == PIECE


def test_a_slider_says_each_headline_twice() -> None:
    """As an item of a list and right below it; fewer than three, or a list whose lines do not come again, are none."""

    def slides(*lines: str) -> list[str]:
        found = label_sliders(frame_of([[(line, "body", None) for line in lines]]).lazy(), KNOW).collect()
        return [text.strip() for text, rule in found.select("piece", "rule").rows() if rule == "related/slider"]

    names = ["قمة الميناء في دورتها العاشرة", "حريق السوق", "فيديوهات"]
    slider = [line for name in names for line in (f"  • {name}", "", f"    {name}")]
    assert slides("• قمة الميناء في دورتها العاشرة", *slider, ITEM, LONG) == [
        "• قمة الميناء في دورتها العاشرة",
        *[line.strip() for line in slider if line],
    ]
    assert slides(*slider[:6], ITEM, LONG) == slides(*[f"• {name}" for name in names], LONG) == []
    assert slides(*[f"• {name}" for name in names], *names) == []
    apart = [line for name in names for line in (f"• {name}", name, LONG)]
    assert slides(*apart) == []  # headings of a text, each below its entry
    verse = [line for line in ("يا بحر", "يا ليل", "يا صبح") for line in (f"- {line}", line)]
    assert slides(*verse, LONG) == []
