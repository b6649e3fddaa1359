"""Titles that stand first in the body or right above it, of pages on which none stood out."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from place_reference import Rows, frame_of

from etl.knowledge import Knowledge, ship_knowledge
from etl.rules import Rules
from etl.titles.openings import label_openings
from schemas.piece import PIECE

KNOW = Knowledge(rules=Rules(()))
BODY = "أعلنت الحكومة أنها أقرت خطة لدعم المزارعين في الجنوب، وقال الوزير إن الدعم سيبدأ الشهر المقبل."
TITLE = "الحكومة تقر خطة لدعم المزارعين في الجنوب"
COLUMN = "مزارع الجنوب!"
EMPTY = ("", "body", None)


def title_of(lines: Rows, beside: str | None = None) -> list[tuple[str, str | None]]:
    """Lines of a page -> those that are its title now, and their zones."""
    given_titles = pl.DataFrame(
        {"id": ["0"], "given_title": [beside]}, schema={"id": pl.String, "given_title": pl.String}
    )
    found = label_openings(frame_of([lines]).lazy(), KNOW, given_titles).collect()
    assert found["piece"].to_list() == frame_of([lines])["piece"].to_list()
    found = found.filter(pl.col("rule").str.starts_with("title/").fill_null(False))
    return [(piece.strip(), zone) for piece, zone in found.select("piece", "zone").iter_rows()]


def test_a_line_apart_with_which_a_page_begins_is_its_title() -> None:
    """If the text has a word of it, and be it one; it is in the body no more."""
    assert title_of([(COLUMN, "body", None), EMPTY, (BODY, "body", None)]) == [(COLUMN, "before")]
    assert title_of([("خصخصة الخباز!", "body", None), EMPTY, (BODY, "body", None)]) == []


@pytest.mark.parametrize("line", ["إلى متى تنتظر الحكومة؟", "السيد الوزير يزور الجنوب", "من يدعم مزارعي الجنوب؟"])
def test_first_words_of_letters_open_headlines_too(line: str) -> None:
    assert title_of([(line, "body", None), EMPTY, (BODY, "body", None)]) == [(line, "before")]


def test_without_an_empty_line_its_words_must_say_so() -> None:
    assert title_of([(TITLE, "body", None), (BODY, "body", None)]) == [(TITLE, "before")]
    assert title_of([(COLUMN, "body", None), (BODY, "body", None)]) == []


@pytest.mark.parametrize(
    "line",
    [
        "خطة جديدة لدعم المزارعين في الجنوب، وأخرى في الشمال",
        "هل تكفي خطة الحكومة لدعم المزارعين في الجنوب قبل موسم الجفاف المقبل؟",
        "الحكومة أقرت أمس خطة لدعم المزارعين في الجنوب وقال الوزير إن الدعم سيبدأ في الشهر المقبل",
    ],
)
def test_what_may_be_a_first_sentence_stays(line: str) -> None:
    """Without an empty line below it a comma, ten words that ask, or fifteen of any kind are a sentence's."""
    assert title_of([(line, "body", None), (BODY, "body", None)]) == []


def test_a_final_stop_is_a_titles_where_a_date_or_the_dateline_follows() -> None:
    """Some agencies put one behind every headline; elsewhere it ends the first sentence."""
    below: Rows = [("13/5/2019", "before", "date/line"), (BODY, "body", None)]
    assert title_of([(f"{TITLE}.", "before", None), *below]) == [(f"{TITLE}.", "before")]
    assert title_of([(f"{TITLE}.", "before", None), ("القاهرة", "before", "byline/name"), below[1]]) == []
    assert title_of([(f"{TITLE} .", "body", None), ("سرت (وال)-", "body", "dateline/place"), below[1]]) != []
    assert title_of([(f"{TITLE} .", "body", None), (BODY, "body", None)]) == []


def test_a_title_may_have_a_day_or_a_papers_name_in_it() -> None:
    """A date and a name alone are none."""
    below: Rows = [("", "body", None), (BODY, "body", None)]
    for line in (
        "صحيفة المزارعين تنشر خطة الحكومة كاملة",
        "موجز أخبار المزارعين والحكومة ليوم الأربعاء 19 فبراير 2025م",
    ):
        assert title_of([(line, "body", None), *below]) == [(line, "before")]
    for line in ("صحيفة المزارعين في الجنوب", "الأربعاء 20 شعبان 1446هـ – 19 فبراير 2025م"):
        assert title_of([(line, "body", None), *below]) == []


def test_a_byline_may_stand_above_it() -> None:
    """And a date; another line says that the page does not begin there."""
    below: Rows = [(COLUMN, "body", None), EMPTY, (BODY, "body", None)]
    assert title_of([("سالم حسن ـ جدة", "before", "byline/name-place"), *below]) == [(COLUMN, "before")]
    assert title_of([("رياضة", "before", "site/menu-item"), *below]) == []


def test_above_a_dateline_a_page_begins_with_its_title() -> None:
    """Of a page that is cut out to its main text the dateline says where the text begins."""
    dateline: Rows = [("سرت 9 مارس 2023 (وال)-", "body", "dateline/place-date-agency"), (BODY, "body", None)]
    assert title_of([(COLUMN, "body", None), *dateline]) == [(COLUMN, "before")]
    assert title_of([("خصخصة الخباز!", "body", None), *dateline]) == []


def test_below_other_lines_too() -> None:
    """A byline may stand between it and the first paragraph."""
    lines: Rows = [
        ("أمن 2-05-2024, 20:30", "before", "date/row"),
        (TITLE, "body", None),
        EMPTY,
        ("المشرح نيوز - ميسان", "body", None),
        (BODY, "body", None),
    ]
    assert title_of(lines) == [(TITLE, "before")]


@pytest.mark.parametrize(
    "line",
    [
        "بدأت أعمال المؤتمر الثالث في المدينة.",
        "وقال الوزير في كلمة له:",
        "جانب من مزارعين في محافظات الجنوب",
        "أثناء تكريم المزارعين في الجنوب",
        "سالم حسن",
        "وكالة الأنباء السعودية",
        "بيروت - وكالات",
        "عين اليوم – الرياض",
        "السبت 2 مايو 2020",
        "بسم الله الرحمن الرحيم",
        "السلام عليكم ورحمة الله وبركاته",
        "السادة القراء",
        "مساء الخير أيها المزارعون",
        "معشر المزارعين في الجنوب",
        "إلى المزارعين في الجنوب",
        "قالت لي الحكومة مرة",
        "بحسب الحكومة في الجنوب",
        "أعلنت الحكومة دعم المزارعين في الجنوب",
        "«الحكومة تدعم المزارعين في الجنوب»",
        "(عن المزارعين في الجنوب)",
        "...ثم جاءت الحكومة إلى الجنوب",
        "1- المزارعون في الجنوب",
        "الجنوب، مساء الخميس",
        "والحكومة تقول إن",
        "شؤون عربية",
        "نص البيان",
        "أيها الإخوة والأخوات",
        "يا أهل القرية الكرام",
        "سعادة رئيس تحرير الصحيفة الموقر",
        "* خطة لدعم المزارعين في الجنوب",
        "لبنان: 96170110022+ ديربورن: 13135550147+",
        "#المزارعون في الجنوب",
        "12:30 خطة لدعم المزارعين",
        "المزارعون",
        "Farmers in the south",
    ],
)
def test_what_opens_a_text_and_is_no_headline_stays_in_it(line: str) -> None:
    assert title_of([(line, "body", None), EMPTY, (BODY, "body", None)]) == []


def test_what_a_rule_would_label_above_the_body_is_no_title() -> None:
    """A section's name, a button: the rules know more of them than the stage does."""
    frame = frame_of([[(line, "body", None), EMPTY, (BODY, "body", None)] for line in ("أخبار العالم", COLUMN)])
    found = label_openings(frame.lazy(), ship_knowledge()).collect()
    assert found.filter(pl.col("rule") == "title/headline")["id"].to_list() == ["1"]


def test_above_no_paragraph_there_is_no_headline() -> None:
    """The first line of a poem, a list, an exchange of words."""
    verses: Rows = [("يا راحلين عن الديار وأهلها", "body", None), EMPTY, ("هل بعدكم للدار من سمار", "body", None)]
    assert title_of(verses) == []
    assert title_of([("نص قصير جدا", "body", None), EMPTY, ("سطر آخر", "body", None)]) == []


def test_a_line_that_stands_twice_at_the_head_is_the_title() -> None:
    """Once as the document's, once as the headline, wherever the zones have put them."""
    lines: Rows = [
        ("اختر لغتك", "body", None),
        ("ساعة ذكية تدخل سوق المنافسة!", "box", "zone/box"),
        ("ساعة ذكية تدخل سوق المنافسة!", "body", None),
        (BODY, "body", None),
    ]
    assert title_of(lines) == [("ساعة ذكية تدخل سوق المنافسة!", "before")] * 2


def test_above_the_body_the_last_line_that_is_no_name() -> None:
    """A column's title between a section and the writer."""
    lines: Rows = [
        ("على الرصيف", "before", None),
        (COLUMN, "before", None),
        ("حمود السالم البلوي", "before", None),
        ("العدد 13120", "before", "date/issue"),
        (BODY, "body", None),
    ]
    assert title_of(lines) == [(COLUMN, "before")]


def test_a_page_that_has_a_title_keeps_it() -> None:
    assert title_of([(COLUMN, "before", "title/headline"), (TITLE, "body", None), (BODY, "body", None)]) == [
        (COLUMN, "before")
    ]


def test_of_a_title_that_came_beside_the_page_only_what_says_the_same() -> None:
    lines: Rows = [(COLUMN, "before", None), (TITLE, "body", None), EMPTY, (BODY, "body", None)]
    assert title_of(lines, "المنتخب يفوز على ضيفه بثلاثة أهداف") == []
    assert title_of(lines, TITLE) == [(TITLE, "before")]


def test_a_second_article_is_not_looked_at() -> None:
    frame = frame_of([[(TITLE, "body", None), EMPTY, (BODY, "body", None)]]).with_columns(article=pl.lit(1, pl.Int32))
    assert label_openings(frame.lazy(), KNOW).collect().equals(frame)


line = st.tuples(
    st.sampled_from([TITLE, COLUMN, BODY, "سالم حسن", "السبت 2 مايو 2020", "", "نص", "# -"]),
    st.sampled_from(["before", "body", "box", "after"]),
    st.sampled_from([None, None, "date/line", "title/headline", "zone/box", "related/item"]),
)


@settings(max_examples=60)
@given(st.lists(st.lists(line, min_size=1, max_size=8), min_size=1, max_size=3))
def test_pages_have_one_title_at_most_and_no_label_is_lost(pages: list[Rows]) -> None:
    """No page matters to another, and what is labelled stays so, but for lines in a box."""
    frame = frame_of(pages)
    found = label_openings(frame.lazy(), KNOW).collect()
    assert found["piece"].equals(frame["piece"])
    changed = frame.filter(frame["rule"].ne_missing(found["rule"]))
    assert changed.filter(pl.col("rule").is_not_null() & (pl.col("zone") != "box")).is_empty()
    new = found.filter(found["rule"].ne_missing(frame["rule"]) & (found["rule"] == "title/headline"))
    assert new["id"].is_unique().all()
    for at, lines in enumerate(pages):
        alone = label_openings(frame_of([lines]).lazy(), KNOW).collect()
        assert alone.drop("id").equals(found.filter(pl.col("id") == f"{at}").drop("id"))


def test_without_pages_nothing_is_done() -> None:
    assert label_openings(pl.DataFrame(schema=PIECE).lazy(), KNOW).collect().schema == PIECE


def test_below_a_sections_name_a_caption_or_a_byline_the_title_is_the_next_line() -> None:
    """The section's name is in the body no more; below a site's name stands text."""
    assert title_of([("توب ستوري", "body", None), (TITLE, "body", None), (BODY, "body", None)]) == [(TITLE, "before")]
    for label in ("media/caption", "byline/name-place"):
        assert title_of([("سطر آخر", "body", label), (TITLE, "body", None), (BODY, "body", None)]) == [
            (TITLE, "before")
        ]
    assert title_of([("اخبار الميناء-", "body", "site/name-dash"), (TITLE, "body", None), (BODY, "body", None)]) == []
    frame = frame_of([[("توب ستوري", "body", None), (TITLE, "body", None), (BODY, "body", None)]])
    given_titles = pl.DataFrame(schema={"id": pl.String, "given_title": pl.String})
    assert label_openings(frame.lazy(), KNOW, given_titles).collect()["zone"].to_list() == ["before", "before", "body"]


def test_a_headline_in_two_parts_may_be_long() -> None:
    """Two dots or a colon part it; a row of dots at its end is a headline's, too."""
    long = "الحكومة تقر خطة لدعم المزارعين في الجنوب .. الوزير: الدعم سيبدأ في الشهر المقبل لكل المزارعين"
    assert len(long.split()) > 14
    body = (f"{BODY} {BODY}", "body", None)
    assert title_of([(long, "body", None), body]) == [(long, "before")]
    assert title_of([(long.replace(" ..", "").replace(":", ""), "body", None), body]) == []
    assert title_of([(f"{TITLE} ....", "body", None), (BODY, "body", None)]) == [(f"{TITLE} ....", "before")]
    assert title_of([(f"{TITLE} ..", "body", None), (BODY, "body", None)]) == []


def test_a_title_with_which_the_body_begins_once_more_is_taken_out_of_it() -> None:
    """Above a paragraph; a poem may begin with its title, and further down it is quoted."""
    head: Rows = [(TITLE, "before", "title/headline"), ("صورة", "before", "media/caption")]
    again: Rows = [(TITLE, "body", None)]
    assert title_of([*head, *again, (BODY, "body", None)])[1:] == [(TITLE, "before")]
    assert title_of([*head, *again, ("يا ليل الجنوب", "body", None), ("متى غده", "body", None)])[1:] == []
    assert title_of([*head, (BODY, "body", None), *again, (BODY, "body", None)])[1:] == []
