"""Articles and their fields: which pieces make a text, and what the filed ones say of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import polars as pl
import pytest
from doc_rows import join_text
from hypothesis import given, settings
from hypothesis import strategies as st

from etl.api import raw_frame
from etl.articles import find_articles, find_subheadings, join_pieces, list_documents, pack_pieces
from etl.errors import UserError
from etl.metadata import READ_FROM, name_outlets, rank_label, read_fields
from etl.printed_urls import read_urls
from etl.repair import repair_pages
from schemas.piece import PIECE

MARKS = frozenset({"dateline/place"})
Line = tuple[str | None, str, str]
"""Rule, zone and text of a piece."""


def frames(*pages: Sequence[Line | tuple[str | None, str, str, int]]) -> tuple[pl.DataFrame, pl.DataFrame]:
    whole = repair_pages(raw_frame(["".join(line[2] for line in page) for page in pages]))
    rows = [
        (key, None, line[3] if len(line) > 3 else 0, line[2], line[0], line[1], 0.5)
        for key, page in zip(whole["id"], pages, strict=True)
        for line in page
    ]
    return whole, pl.DataFrame(rows, schema=PIECE, orient="row")


def fields(*page: Line, **given: object) -> dict[str, Any]:
    pages, pieces = frames(page)
    pages = pages.with_columns(pl.lit(value).alias(f"given_{name}") for name, value in given.items())
    return read_fields(find_articles(pages, pieces, MARKS)).row(0, named=True)


def test_the_date_is_the_last_one_before_the_body() -> None:
    """Dates in a header stand further away, and lines that state none are passed over."""
    found = fields(
        ("date/line", "before", "السبت 1 يونيو 2024\n"),
        ("date/labelled", "before", "نشر في 20 يونيو 2024\n"),
        ("date/clock", "before", "14:32\n"),
        ("date/label-alone", "before", "تاريخ النشر\n"),
        (None, "body", "نص\n"),
        ("date/line", "after", "2 يوليو 2024\n"),
    )
    assert (found["date"], found["date_precision"]) == (dt.date(2024, 6, 20), "day")
    assert found["date_raw"] == "نشر في 20 يونيو 2024"


@pytest.mark.parametrize(
    ("line", "menu", "stated"),
    [
        ("السبت 1 يونيو 2024", 5, False),
        ("السبت 1 يونيو 2024", 4, True),
        ("نشر في 1 يونيو 2024", 5, True),
        ("السبت 1 يونيو 2024 - العدد 1186", 5, True),
        ("date 2024-06-01", 5, True),
        ("06-21-2024, 12:20 AM", 5, True),
        ("قديم 21-06-2024", 5, True),
    ],
)
def test_a_date_a_menu_above_the_title_is_that_of_the_visit(line: str, menu: int, stated: bool) -> None:
    """Unless it speaks of publication, of a printed issue, or as a dataset's row or a forum's post does; blank lines do not count."""
    head: list[Line] = [("date/line", "before", f"{line}\n"), ("zone/before", "before", "\n")]
    items: list[Line] = [("site/menu-item", "before", "رياضة\n")] * menu
    found = fields(*head, *items, ("title/headline", "before", "عنوان من أربع كلمات\n"), (None, "body", "نص\n"))
    assert (found["date"] is not None) is stated


def test_a_date_after_the_body_counts_above_what_is_related() -> None:
    """The first one there, and none of those that belong to other articles."""
    body: Line = (None, "body", "نص\n")
    date: Line = ("date/line", "after", "2 يوليو 2024\n")
    later: Line = ("date/line", "after", "5 يوليو 2024\n")
    item: Line = ("related/item", "after", "عنوان من ثلاث كلمات\n")
    assert fields(body, date, later, item)["date"] == dt.date(2024, 7, 2)
    assert fields(body, item, date)["date"] is None
    assert fields(body, item, date, date="2024-06-20")["date"] == dt.date(2024, 6, 20)


def test_a_date_of_another_article_after_the_body_is_none() -> None:
    """A network of sites puts the zone of time before the time only in its lists."""
    body: Line = (None, "body", "نص\n")
    assert fields(body, ("date/line", "after", "GMT 11:20 2017 الأحد ,05 شباط / فبراير\n"))["date"] is None
    assert fields(body, ("date/line", "after", "11:20 GMT 5 فبراير 2017\n"))["date"] == dt.date(2017, 2, 5)


def test_a_date_right_above_the_title_comes_before_one_between_paragraphs() -> None:
    """There it may be that of a link; a word for the publication counts from further away."""
    title: Line = ("title/headline", "before", "عنوان من أربع كلمات\n")
    link: Line = ("date/line", "body", "نشر في 3 مارس 2023\n")
    text: Line = (None, "body", "نص\n")
    posted: Line = ("date/line", "before", "20 يونيو 2024\n")
    assert fields(posted, title, text, link, text)["date"] == dt.date(2024, 6, 20)
    menu: list[Line] = [("site/menu-item", "before", "رياضة\n")] * 3
    assert fields(posted, *menu, title, text, link, text)["date"] == dt.date(2023, 3, 3)


def test_a_time_with_the_hijri_day_above_the_title_is_the_clock_of_the_site() -> None:
    """Above a page without a title, too; below the title it is when the text came out."""
    clock = "السبت 6 أبريل 2024 09:41 مـ 27 رمضان 1445 هـ\n"
    title: Line = ("title/headline", "before", "عنوان من أربع كلمات\n")
    text: Line = (None, "body", "نص\n")
    assert fields(("date/line", "before", clock), title, text)["date"] is None
    assert fields(("date/line", "before", clock), text)["date"] is None
    assert fields(title, ("date/line", "before", clock), text)["date"] == dt.date(2024, 4, 6)
    assert fields(("date/line", "before", f"نشر في {clock}"), title, text)["date"] == dt.date(2024, 4, 6)


def test_the_minutes_a_text_takes_to_read_may_be_glued_to_the_year() -> None:
    """In a line of the writer and the day."""
    byline: Line = ("byline/given-name", "before", "سلمى الحداد | 24 يناير، 20233 دقائق\n")
    title: Line = ("title/headline", "before", "عنوان من أربع كلمات\n")
    assert fields(title, byline, (None, "body", "نص\n"))["date"] == dt.date(2023, 1, 24)


def test_a_doubtful_date_is_not_replaced_and_a_missing_one_is() -> None:
    """What the page writes stands in `date_raw`, even where only what was given can be read."""
    doubtful = fields(("date/stamp", "before", "6/7/2024\n"), (None, "body", "نص\n"), date="2024-06-20")
    assert (doubtful["date"], doubtful["date_precision"], doubtful["date_raw"]) == (None, "ambiguous", "6/7/2024")
    clock = fields(("date/clock", "before", "14:32\n"), (None, "body", "نص\n"), date="2024-06-20")
    assert (clock["date"], clock["date_raw"]) == (dt.date(2024, 6, 20), "14:32")
    assert fields((None, "body", "نص\n"))["date_precision"] == "none"


def test_related_items_take_the_teaser_below_and_the_english_headline_above() -> None:
    """A heading, a section's name and a second teaser point to nothing; a link loses what announces it."""
    found = fields(
        ("related/heading-items", "after", "أخبار ذات صلة\n"),
        ("headline-en/card", "after", "Three English words\n"),
        ("related/item", "after", "• الخبر الأول  في القائمة\n"),
        ("related/teaser", "after", "خلاصة الأول\n"),
        ("related/teaser", "after", "خلاصة ثانية\n"),
        ("related/item", "after", "رياضة\n"),
        ("related/card", "after", "الخبر الثاني في القائمة\n"),
        ("related/see-also", "body", "اقرأ أيضا: الخبر الثالث في النص\n"),
        ("related/see-also", "body", "اقرأ أيضا: خبر\n"),
    )
    assert found["related"] == [
        {"ar": "الخبر الأول في القائمة", "en": "Three English words", "teaser": "خلاصة الأول"},
        {"ar": "الخبر الثاني في القائمة", "en": None, "teaser": None},
        {"ar": "الخبر الثالث في النص", "en": None, "teaser": None},
    ]


def test_a_source_line_comes_before_a_promo_and_a_dateline() -> None:
    """And the dateline is kept as it is written, the first one of the body."""
    line: Line = ("source/line", "after", "المصدر: رويترز\n")
    promo: Line = ("follow/news", "after", "تابعوا أخبار العالم من البيان عبر غوغل نيوز\n")
    opening: Line = ("dateline/place", "body", "دمشق (د ب أ) ")
    assert fields(opening, promo, line)["source"] == "رويترز"
    assert fields(opening, promo)["source"] == "البيان"
    assert fields(opening)["source"] == "د ب أ"
    assert fields(opening)["dateline"] == "دمشق (د ب أ)"


def test_names_and_sections_count_where_they_stand() -> None:
    """A byline after the article comes last, a category outside the head is another's; else what was given is taken."""
    by: Line = ("byline/by", "before", "بقلم: محمد علي\n")
    behind: Line = ("byline/by", "after", "بقلم: سعيد خالد\n")
    assert fields(behind, by)["author"] == "محمد علي"
    assert fields(behind, author="ليلى حسن")["author"] == "ليلى حسن"
    assert fields(("category/label", "before", "القسم: اقتصاد\n"), category="x")["category"] == "اقتصاد"
    assert fields(("category/label", "after", "القسم: اقتصاد\n"), category="x")["category"] == "x"


def test_keywords_and_captions_are_told_once() -> None:
    """The lines of keywords are kept as they stand; a label before a caption is not part of it."""
    found = fields(
        ("keywords/label", "after", "الكلمات المفتاحية: مصر، النيل\n"),
        ("keywords/hashtags", "after", "#النيل #سد_النهضة\n"),
        ("media/caption", "before", "التعليق على الصورة، سد النهضة\n"),
        ("media/caption", "before", "سد النهضة\n"),
        ("media/archive", "before", "أرشيفية\n"),
        keywords=["x"],
    )
    assert found["keywords"] == ["مصر", "النيل", "سد النهضة"]
    assert found["keywords_raw"] == "الكلمات المفتاحية: مصر، النيل\n#النيل #سد_النهضة"
    assert found["captions"] == ["سد النهضة"]
    none = fields((None, "body", "نص\n"), keywords=["x"])
    assert (none["keywords"], none["keywords_raw"], none["captions"]) == (["x"], None, [])


def test_notes_and_headlines_are_told_apart() -> None:
    """A correction is a note of the editors; one after the article is none of it. Headlines lose their ornament."""
    found = fields(
        ("title/headline", "before", "[]\n"),
        ("title/headline", "before", "• عنوان  الخبر |\n"),
        ("title/long", "before", "عنوان أطول\n"),
        ("note/correction", "body", "تصحيح: ...\n"),
    )
    assert (found["title"], found["title_long"]) == ("عنوان الخبر", "عنوان أطول")
    assert found["has_editor_note"] and found["has_correction"]
    after = fields(("note/editor", "after", "ملاحظة المحرر: ...\n"), title="x")
    assert (after["title"], after["has_editor_note"], after["has_correction"]) == ("x", False, False)


def test_a_post_belongs_to_its_article() -> None:
    """The text of a post and its attribution below it; an attribution alone takes no text of another article."""
    text: Line = ("embed/tweet-text", "body", "نص التغريدة\n")
    by: Line = ("embed/tweet-by", "body", "— Name (@handle) June 18, 2024\n")
    pages, pieces = frames([text, by], [by], [text], [by, text])
    embeds = read_fields(find_articles(pages, pieces, MARKS))["embeds"].to_list()
    assert [[one["text"] for one in embed] for embed in embeds] == [["نص التغريدة"], [""], [], [""]]
    assert embeds[0][0]["handle"] == "handle" and embeds[0][0]["date"] == dt.date(2024, 6, 18)


def test_a_second_article_is_a_document_of_its_own() -> None:
    """It has its own text and fields, and neither the page nor what was given beside it."""
    pages, pieces = frames(
        [
            ("title/headline", "before", "عنوان أول\n", 0),
            (None, "body", "نص أول", 0),
            ("title/headline", "before", "\nعنوان ثان\n", 1),
            (None, "body", "نص ثان", 1),
            ("zone/after", "after", "\nذيل", 0),
        ],
        [(None, "body", "صفحة أخرى", 0)],
    )
    pages = pages.with_columns(given_author=pl.lit("ليلى حسن"), outlet=pl.Series(["الجزيرة", None]))
    articles = find_articles(pages, pieces, MARKS)
    docs = list_documents(articles)
    assert docs["id"].to_list() == [pages["id"][0], f"{pages['id'][0]}.1", pages["id"][1]]
    assert docs["parent_id"].to_list() == [None, pages["id"][0], None]
    assert docs["page"].to_list() == [pages["page"][0], None, pages["page"][1]]
    joined, told = join_pieces(articles), read_fields(articles)
    assert joined["text"].to_list() == ["نص أول", "نص ثان", "صفحة أخرى"]
    assert joined["cut_share"].is_null().to_list() == [False, True, False]
    assert told["title"].to_list() == ["عنوان أول", "عنوان ثان", None]
    assert told["author"].to_list() == ["ليلى حسن", None, "ليلى حسن"]
    # A nameless page beside it takes no outlet away.
    assert name_outlets(articles, read_urls(articles)).to_list() == ["الجزيرة", "الجزيرة", None]
    packed = pack_pieces(articles)
    assert packed.list.len().to_list() == [5, None, 1]
    assert docs["pieces"].equals(packed)
    assert packed.list.eval(pl.element().struct.field("action")).to_list()[0] == ["cut", None, "cut", None, "cut"]


def test_a_page_without_an_outlet_is_named_by_itself() -> None:
    """By what stands outside its body, and by a line of rights wherever it stands."""
    name = "صحيفة الشروق\n"
    pages, pieces = frames(
        [(None, "body", "نص\n"), ("legal/rights", "body", f"جميع الحقوق محفوظة © {name}")],
        [("site/logo", "before", f"شعار {name}"), (None, "body", "نص\n")],
        [(None, "body", "نص\n"), ("site/logo", "body", f"شعار {name}")],
    )
    articles = find_articles(pages, pieces, MARKS)
    assert name_outlets(articles, read_urls(articles)).is_null().to_list() == [False, False, True]


def test_two_pages_of_one_id_are_refused() -> None:
    """Side by side their pieces would be those of one page."""
    pages, pieces = frames([(None, "body", "نص\n")])
    with pytest.raises(UserError, match=pages["id"][0]):
        find_articles(pl.concat([pages, pages]), pl.concat([pieces, pieces]), MARKS)


PARAGRAPH = " ".join(["كلمة"] * 15)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (f"عنوان فرعي\n{PARAGRAPH}.", ["عنوان فرعي"]),
        (f"جملة تامة.\n{PARAGRAPH}.", []),
        (f"قال «نعم؟»\n{PARAGRAPH}.", []),
        (f"- بند\n{PARAGRAPH}.", []),
        (f"1. بند\n{PARAGRAPH}.", []),
        (f"{PARAGRAPH}\n{PARAGRAPH}.", []),
        ("عنوان فرعي\nسطر قصير.", []),
        (f"عنوان فرعي\n{PARAGRAPH}\nعنوان آخر\n{PARAGRAPH}", ["عنوان فرعي", "عنوان آخر"]),
        ("عنوان في الذيل", []),
        ("", []),
    ],
)
def test_a_subheading_is_short_and_stands_above_a_paragraph(text: str, found: list[str]) -> None:
    """It does not end as a sentence does, is no item of a list, and the text's next line has 15 words and more."""
    assert find_subheadings(pl.Series([text])).to_list() == [found]
    # Nor does it count that another text follows, whatever that begins with.
    assert find_subheadings(pl.Series(["", text, PARAGRAPH, ""])).to_list() == [[], found, [], []]


_LINES = (
    ("date/line", "20 يونيو 2024"), ("date/stamp", "6/7/2024"), ("date/clock", "14:32"), ("date/relative", "منذ ساعة"),
    ("related/item", "خبر آخر من القائمة"), ("related/item", "قسم"), ("related/teaser", "خلاصة خبر"),
    ("related/see-also", "اقرأ أيضا: خبر ثالث في النص"), ("related/heading-items", "أخبار أخرى"),
    ("headline-en/card", "An English headline"), ("headline-en/own", "Its own headline"), ("title/headline", "• عنوان"),
    ("title/long", "عنوان ثان"), ("byline/by", "بقلم: محمد علي"), ("source/line", "المصدر: رويترز"),
    ("dateline/place", "دمشق (د ب أ)"), ("category/label", "القسم: اقتصاد"), ("keywords/label", "وسوم: مصر، النيل"),
    ("media/caption", "صورة"), ("embed/tweet-text", "تغريدة"), ("embed/tweet-by", "— Name (@handle) June 18, 2024"),
    ("byline/parts", "مازن خليفة | 5 أبريل 2025"), ("byline/aggregator", "سارة الطالبي نشر في اليوم 24 يوم 01 - 03 - 2020"),
    ("byline/place-agency", "دمشق - سانا"), ("wire/initials-agencies", "ع.ج/ خ.س (د ب أ)"), ("source/own-name", "المرفأ نيوز"),
    ("follow/us", "تابعوا المرفأ نيوز على تلغرام"), ("dateline/own-name", "المرفأ نيوز - دمشق"), ("summary/deck", "خلاصة"),
    ("note/editor", "ملاحظة"), ("note/correction", "تصحيح"), ("ad/label", "إعلان"), (None, "فقرة من النص."), (None, "عنوان"),
    (None, PARAGRAPH),
)  # fmt: skip
_piece = st.builds(
    lambda line, zone, article: (line[0], zone, f"{line[1]}\n", article),
    st.sampled_from(_LINES),
    st.sampled_from(["before", "body", "box", "after"]),
    st.sampled_from([0, 0, 0, 1, 2]),
)


@settings(max_examples=60)
@given(st.lists(_piece, min_size=1, max_size=12))
def test_a_field_comes_from_a_piece_of_its_article_that_the_table_names(page: list[Any]) -> None:
    """What the input did not give: so `explain` and the report can say from where."""
    articles = find_articles(*frames(page), MARKS)
    found = zip(
        list_documents(articles).iter_rows(named=True), read_fields(articles).iter_rows(named=True), strict=True
    )
    for doc, values in found:
        number = int(doc["id"].rsplit(".", 1)[1]) if doc["parent_id"] else 0
        labels = [line[0] for line in page if line[3] == number]
        for name in READ_FROM:
            if values[name] not in (None, []):
                assert any(rank_label(name, label) is not None for label in labels), name


@settings(max_examples=60)
@given(st.lists(st.lists(_piece, min_size=1, max_size=12), min_size=1, max_size=4))
def test_what_is_read_of_a_page_does_not_depend_on_its_neighbours(pages: list[Any]) -> None:
    """Nor is a text other than its kept pieces, joined."""
    whole, pieces = frames(*pages)
    whole = whole.with_columns(given_date=pl.lit("2024-06-20"), given_title=pl.lit("x"))

    def read(pages: pl.DataFrame) -> pl.DataFrame:
        articles = find_articles(pages, pieces.filter(pl.col("id").is_in(pages["id"].implode())), MARKS)
        parts = [list_documents(articles), join_pieces(articles), read_fields(articles)]
        parts.append(parts[1].select(subheadings=find_subheadings(parts[1]["text"])))
        return pl.concat(parts, how="horizontal")

    together = read(whole)
    assert together.equals(pl.concat([read(page) for page in whole.iter_slices(1)]))
    assert together["text"].to_list() == join_text(pieces.lazy(), MARKS)["text"].to_list()


def test_keywords_that_lost_what_parted_them_are_those_that_came() -> None:
    """A line of tags with single spaces says what the page's head says with commas."""
    line = ("keywords/label", "after", "الكلمات الدالة: شوربة عدس وصفات شتوية\n")
    came = ["شوربة عدس", "وصفات شتوية"]
    assert fields((None, "body", "نص\n"), line, keywords=came)["keywords"] == came
    assert fields((None, "body", "نص\n"), line, keywords=["شوربة"])["keywords"] == ["شوربة عدس وصفات شتوية"]


def test_a_dateline_with_the_year_dates_a_story_without_another_date() -> None:
    """In its first lines, and where nothing was given; further down it is quoted."""
    title, text = ("title/headline", "before", "عنوان\n"), (None, "body", "نص.\n")
    dateline = ("dateline/place-date-agency", "body", "سوكنة 11 يونيو 2023 (وال)- ")
    assert fields(title, dateline, text)["date"] == dt.date(2023, 6, 11)
    assert fields(title, ("date/line", "before", "12 يونيو 2023\n"), dateline, text)["date"] == dt.date(2023, 6, 12)
    assert fields(title, ("dateline/place-date-agency", "body", "سوكنة 11 يونيو (وال)- "), text)["date"] is None
    assert fields(title, dateline, text, date="2024-03-10")["date"] == dt.date(2024, 3, 10)
    assert fields(title, text, text, dateline, text)["date"] is None


@pytest.mark.parametrize("unset", ["1 يناير 1970", "١ يناير ١٩٧٠", "01.01.1970", "1970-01-01"])
def test_the_day_that_a_system_writes_where_none_is_set_is_no_day(unset: str) -> None:
    """What else the line says is."""
    title, text = ("title/headline", "before", "عنوان\n"), (None, "body", "نص.\n")
    assert fields(title, ("date/line", "before", f"{unset}\n"), text)["date"] is None
    both = f"نشر: {unset} - آخر تحديث: 10 مارس 2024\n"
    assert fields(title, ("date/labelled", "before", both), text)["date"] == dt.date(2024, 3, 10)


def test_a_day_that_was_given_is_more_than_a_month_of_the_page() -> None:
    """But a day of the page is more than both."""
    head: list[Line] = [("title/headline", "before", "عنوان من أربع كلمات\n")]
    for line, day in (("مارس 2011", dt.date(2014, 2, 17)), ("3 مارس 2011", dt.date(2011, 3, 3))):
        found = fields(*head, ("date/line", "before", f"{line}\n"), (None, "body", "نص\n"), date="2014-02-17")
        assert (found["date"], found["date_precision"]) == (day, "day")
        assert found["date_raw"] == ("2014-02-17" if day.year == 2014 else line)


def test_agencies_beside_a_name_behind_the_text_are_of_another() -> None:
    """As in a list of other articles."""
    text: Line = (None, "body", "نص.\n")
    assert fields(("byline/follow-ups", "before", "الميناء نيوز + رويترز\n"), text)["source"] == "رويترز"
    assert fields(text, ("byline/follow-ups", "after", "الميناء نيوز + رويترز\n"))["source"] is None


def test_keywords_below_the_openings_of_others_are_theirs() -> None:
    """Behind the article's own; without those they are the page's."""
    own: Line = ("keywords/label", "after", "الوسوم: ميناء، سفن\n")
    other: Line = ("keywords/label", "after", "الوسوم: طقس، مطر\n")
    page: list[Line] = [(None, "body", "نص المقال هنا.\n"), own, ("related/item", "after", "عنوان آخر\n"), other]
    assert fields(*page)["keywords"] == ["ميناء", "سفن"]
    assert fields(page[0], page[2], page[3])["keywords"] == ["طقس", "مطر"]


def test_a_byline_by_its_place_names_a_person_of_no_list() -> None:
    """A stage has told it by where it stands; a paper's name is no person's."""
    title, text = ("title/headline", "before", "عمدة بلا عكاز\n"), (None, "body", "نص المقال هنا.\n")
    for name, author in (("الرشيد ود الفكي", "الرشيد ود الفكي"), ("صدى البلد", None)):
        assert fields(title, ("byline/name", "before", f"{name}\n"), text)["author"] == author
