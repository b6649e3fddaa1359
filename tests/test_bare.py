"""Articles that come already cut out: the text stays whole, and a title, a date and a byline above it are told apart."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl
import pytest

from etl.api import raw_frame
from etl.knowledge import ship_knowledge
from etl.params import Params
from etl.pipeline import clean_pages
from etl.repair import repair_pages
from etl.zones import ZoneParams, choose_zones
from etl.zones.bare import BareParams, any_titles, find_bare, find_framed_heads
from etl.zones.lines import measure_lines
from etl.zones.path import BODY as BODY_ZONE
from etl.zones.sinks import Columns

TITLE = "بلدية الزاوية تفتح حديقة جديدة على الكورنيش"
BODY = [
    "افتتحت البلدية صباح اليوم حديقة جديدة على الكورنيش تضم ملعبا للأطفال ومسارا للمشي يمتد كيلومترين.",
    "وقال رئيس البلدية إن العمل فيها استغرق عاما كاملا، وإن الدخول إليها مجاني طوال أيام الأسبوع.",
    "وتفتح الحديقة أبوابها كل يوم من السابعة صباحا حتى منتصف الليل، وفيها مقهى وموقف للسيارات.",
]
FURNITURE = ["مواضيع ذات صلة", "افتتاح مكتبة عامة في وسط المدينة", "حملة لزراعة ألف شجرة في الأحياء"]


def clean(lines: list[str], title: str | None = None, **thresholds: Any) -> dict[str, Any]:
    """Lines of a page, the title that came beside it, thresholds that are not the usual ones -> its document."""
    params = Params(zones=ZoneParams(cut_out=BareParams(**thresholds)))
    raw = raw_frame(["\n".join(lines)]).with_columns(given_title=pl.lit(title, pl.String))
    return clean_pages(repair_pages(raw), replace(ship_knowledge(), params=params)).row(0, named=True)


def body(*lines: str) -> str:
    return "\n".join([*lines, *BODY])


@pytest.mark.parametrize("head", [[], ["شبكة الشاطئ"], ["نشرة يومية", "عن دار الموج"]])
def test_a_bare_article_gives_its_first_line_as_title(head: list[str]) -> None:
    """A headline above the first paragraph, with the name of the paper above it or without: it is no line of the body."""
    document = clean([*head, TITLE, *BODY])
    assert (document["title"], document["text"]) == (TITLE, body())


def test_a_title_below_a_date_may_end_in_a_cry() -> None:
    """As columns are called; without a date or a name beside it such a line is a sentence."""
    date, title = "2025/06/14 - 10:30 مساءً", "الحديقة التي انتظرناها عشرة أعوام !"
    assert (found := clean([date, title, *BODY]))["title"] == title and found["text"] == body()
    assert (found := clean([title, *BODY]))["title"] is None and found["text"] == body(title)


@pytest.mark.parametrize("name", ["بقلم سلمى الحداد", "كتبت سلمى الحداد", "د. سلمى الحداد", "سلمى بنت أحمد الحداد"])
def test_a_name_below_the_title_is_no_second_title(name: str) -> None:
    """With a label or without, and as long as a headline."""
    document = clean([TITLE, name, *BODY])
    assert (document["title"], document["text"]) == (TITLE, body())
    assert "سلمى" in document["author"] and document["author"].endswith("الحداد")


@pytest.mark.parametrize("name", ["الشاطئ - سلمى الحداد", "سلمى الحداد - عين الشاطئ", "سلمى الحداد (بيروت)"])
def test_a_name_and_a_town_stand_below_the_title(name: str) -> None:
    """Or a name and a paper: of whichever line it is, the one above is the headline."""
    document = clean([TITLE, name, *BODY])
    assert (document["title"], document["author"], document["text"]) == (TITLE, "سلمى الحداد", body())


def test_a_line_without_an_arabic_letter_is_no_second_title() -> None:
    document = clean(["best online casino games and slots here", TITLE, *BODY])
    assert (document["title"], document["text"]) == (TITLE, body())


@pytest.mark.parametrize("line", ["وكالة الشاطئ - 14 يونيو 2025", "الشاطئ | 14 يونيو 2025"])
def test_a_paper_and_a_day_stand_in_the_head(line: str) -> None:
    """What is hardly more than a date does not open the text, and lets the line above it be the title."""
    document = clean([TITLE, line, *BODY])
    assert (document["title"], str(document["date"]), document["text"]) == (TITLE, "2025-06-14", body())


def test_the_title_that_came_beside_the_page_is_no_line_of_the_body() -> None:
    """Wherever a site's links stand above it."""
    menu = ["الرئيسية", "أخبار محلية", "ثقافة وفن"]
    assert clean([*menu, TITLE, *BODY, *FURNITURE], TITLE)["text"] == body()


@pytest.mark.parametrize(
    "first",
    [
        "حديقة جديدة.",
        "قال رئيس البلدية في كلمة ألقاها أمام الحضور:",
        "الحديقة التي انتظرها الناس عشرة أعوام..",
        "* الحدائق العامة وصحة الأطفال",
        "وأخيرا فتحت الحديقة التي وعدت البلدية بها سكان الأحياء القريبة من الكورنيش منذ عشرة أعوام ولم تفتحها.",
    ],
)
def test_a_first_sentence_is_no_title(first: str) -> None:
    """What ends as a sentence does, opens a quote, or is an item of a list stays."""
    document = clean([first, *BODY])
    assert (document["title"], document["text"]) == (None, body(first))


def test_with_a_title_beside_the_page_only_a_line_that_says_it_is_one() -> None:
    """The input knows the title: any other first line is the text's, and the same line again is not."""
    other = "حديقة الكورنيش الجديدة في الزاوية"
    assert clean([other, *BODY], TITLE)["text"] == body(other)
    assert clean([TITLE, *BODY], TITLE)["text"] == body()


def test_a_date_above_the_text_tells_a_head_too() -> None:
    """A line of name and date above the first paragraph is none of the text, whatever the title is."""
    assert clean(["جريدة الموج | سلمى الحداد 07/08/2023 آخر تحديث: 09/08/2023", *BODY], TITLE)["text"] == body()


def test_a_verse_is_no_head() -> None:
    """Short lines without a paragraph below them are a poem, and so are more of them than a head has."""
    poem = [
        "يا دار عبلة بالجواء تكلمي",
        "وعمي صباحا دار عبلة واسلمي",
        "فوقفت فيها ناقتي وكأنها",
        "فدن لأقضي حاجة المتلوم",
    ]
    assert clean(poem, "قصيدة")["text"] == "\n".join(poem)
    many = [f"{line} {number}" for number in "أبجده" for line in poem][: BareParams().head_lines + 2]
    assert clean([*many, *BODY], "قصيدة")["text"] == body(*many)


@pytest.mark.parametrize("last", ["كلمة أخيرة:", "المواهب لا يمكن أن تكون لها جنسية"])
def test_what_stands_above_the_first_furniture_is_the_articles(last: str) -> None:
    """A site's lines below do not make the lines above them doubtful where the page began with the article."""
    assert str(clean([*BODY, last, *FURNITURE], TITLE)["text"]).splitlines()[-1] == last


def test_a_long_head_above_furniture_is_a_sites() -> None:
    """Where a page has a site's lines below, more than a few short lines above its text are a site's as well."""
    head = ["الشاطئ", "أخبار المدينة", "عمل ودراسة", "دليل المدينة", "1 دينار = 0.21 دولار"]
    assert len(head) > BareParams().few_lines
    assert clean([*head, *BODY, *FURNITURE], TITLE)["text"] == body()


MORE = [
    "وذكر سكان الأحياء القريبة أنهم كانوا يطالبون بحديقة منذ سنوات، وأن أقرب ملعب كان يبعد عنهم ثلاثة كيلومترات.",
    "وخصصت البلدية للمشروع مليوني دينار، وقالت إن شركة محلية ستتولى صيانة الأشجار والملاعب لمدة خمسة أعوام.",
    "وسيفتح في الحديقة مسرح صغير في الربيع المقبل، تقدم فيه فرق المدارس عروضها كل أسبوع.",
]
LINK = ["اقرأ أيضا:", "افتتاح مكتبة عامة في وسط المدينة", "حملة لزراعة ألف شجرة في الأحياء"]


def test_the_text_goes_on_after_links_in_its_midst() -> None:
    """The last two paragraphs stand below links to other articles, and nothing but them: they are no teasers of these."""
    text = str(clean([*BODY, MORE[0], *LINK, *MORE[1:]], TITLE)["text"]).splitlines()
    assert text[-2:] == MORE[1:]
    assert not {LINK[0], LINK[1]} & set(text)


def test_the_thresholds_are_parameters() -> None:
    """Where no link may stand in the midst of a text it ends above them; a headline may need more words."""
    assert clean([*BODY, MORE[0], *LINK, *MORE[1:]], TITLE, links=0)["text"] == "\n".join([*BODY, MORE[0]])
    title = "بلدية الزاوية تفتح حديقة، وتغلق ملعبا"
    assert [clean([title, *BODY], title_words=words)["title"] for words in ((4, 16), (9, 16))] == [title, None]


def test_a_list_of_links_and_teasers_at_the_end_is_none_of_the_text() -> None:
    """A link follows a sentence: they are cards of other articles."""
    opened, crowded = "افتتح رئيس الجامعة المكتبة العامة أمس.", "شارك في الحملة ألف متطوع من طلاب المدارس."
    document = clean([*BODY, *MORE, LINK[0], LINK[1], opened, LINK[2], crowded], TITLE)
    assert document["text"] == body() + "\n" + "\n".join(MORE)


@pytest.mark.parametrize(
    "head",
    [
        ["ليس كل ما يلمع ذهبا في المدينة"],
        ["قبل عشرة أعوام حلم الناس بحديقة", "قبل خمسة أعوام حلم الناس بشجرة"],
    ],
)
def test_what_nothing_names_stays(head: list[str]) -> None:
    """A line that shares no word with the text, and lines of one form, as a verse has."""
    assert clean([*head, *BODY])["text"] == body(*head)


def test_pages_with_and_without_a_title_in_one_batch() -> None:
    """What came beside one page says nothing of another."""
    texts = ["\n".join([TITLE, *BODY]), "\n".join([TITLE, *MORE]), "\n".join(["خبر آخر عن مدينة أخرى", *BODY])]
    titles = pl.Series("given_title", [TITLE, None, "عنوان غيره"], dtype=pl.String)
    pages = repair_pages(raw_frame(texts).with_columns(titles))
    found = clean_pages(pages, ship_knowledge())
    alone = pl.concat([clean_pages(pages[number : number + 1], ship_knowledge()) for number in range(3)])
    assert found.drop("path").equals(alone.drop("path"))
    assert found["text"].to_list()[0] == body()


def test_several_unlikely_lines_are_a_site_s() -> None:
    """A page whose frame no rule knows is no article cut out; of real articles one in five thousand has two such lines."""
    frame = ["هيئات", "بيانات", "بطاقات", "أدب"]
    pieces = pl.DataFrame(
        {"id": "p", "piece": [f"{line}\n" for line in [*frame, *BODY]], "rule": [None] * 7},
        schema_overrides={"rule": pl.String},
    )
    lines = measure_lines(pieces, Columns(), [])

    def is_bare(*odds: float, **thresholds: Any) -> bool:
        scores = np.array([*odds, 5, 5, 5], np.float32)
        return bool(find_bare(scores, lines, 10.0, BareParams(**thresholds)).all())

    assert is_bare(-1, -4, -4, -1) and not is_bare(-1, -4, -4, -4)
    assert is_bare(-1, -4, -4, -4, unlikely_lines=4) and is_bare(-1, -4, -4, -4, unlikely=5)


def test_what_is_no_sentence_between_a_frame_and_the_text_is_its_head() -> None:
    """The title and what stands with it, of which the model is unsure; a line that is rather a paragraph opens the text."""
    frame, head = ["هيئات", "بيانات", "بطاقات"], [TITLE, "سالم حسن 13 يونيو"]
    pieces = pl.DataFrame(
        {"id": "p", "piece": [f"{line}\n" for line in [*frame, *head, *BODY]], "rule": [None] * 8},
        schema_overrides={"rule": pl.String},
    )
    lines = measure_lines(pieces, Columns(), [])

    def heads(*odds: float) -> list[int]:
        return np.flatnonzero(find_framed_heads(np.array(odds, np.float32), lines, BareParams())).tolist()

    assert heads(-4, -4, -4, -0.3, -0.4, 5, 5, 5) == [3, 4]
    assert heads(-4, -4, -1, -0.3, -0.4, 5, 5, 5) == []
    assert heads(-4, -4, -4, 2, -0.4, 5, 5, 5) == []
    assert heads(-4, -4, -4, -0.3, -0.4, -0.5, 5, 5) == [3, 4]


def test_all_above_the_line_that_names_the_writer_is_head() -> None:
    """Right above the first paragraph, on a page with the furniture of a site: what stands above may be anything but a paragraph."""
    ticker = "شقة للبيع في حي المرفأ مطلوب موظفة لعيادة أسنان محاضرة عن الزيتون في القاعة البلدية مساء اليوم"
    head = ["مدينة الزاوية", ticker, "لماذا فتحت البلدية حديقة جديدة على الكورنيش؟", "كتبت سلمى الحداد:"]
    document = clean([*head, *BODY, *FURNITURE])
    assert (document["title"], document["author"], document["text"]) == (head[2], "سلمى الحداد", body())


def test_a_paragraph_of_which_the_model_is_unsure_stays() -> None:
    """A line of many words that may be body is, and so is a sentence of some; a short one is not, nor is one that is unlikely to be."""
    long = " ".join(["كلما زرت الحديقة في الصباح وجدت الناس يمشون فيها"] * 3)
    sentence = f"{' '.join(long.split()[:14])}."
    pieces = pl.DataFrame(
        {"id": "p", "piece": [f"{line}\n" for line in [*FURNITURE, long, sentence, *BODY]], "rule": [None] * 8},
        schema_overrides={"rule": pl.String},
    )
    lines = measure_lines(pieces, Columns(), [])

    def stays(first: float, second: float, which: int, **thresholds: Any) -> bool:
        scores = np.array([-12, -12, -12, first, second, 5, 5, 5], np.float32)
        zones = choose_zones(scores, lines, any_titles(lines, BareParams()), ZoneParams(**thresholds))
        return bool(zones[which] == BODY_ZONE)

    assert stays(-2.9, 5, 3) and not stays(-3.1, 5, 3)
    assert stays(-3.9, 5, 3, long_odds=4) and not stays(-2.9, 5, 3, long_words=40)
    assert stays(-12, -1.4, 4) and not stays(-12, -1.6, 4)
    assert stays(-12, -1.9, 4, sentence_odds=2) and not stays(-12, -1.4, 4, sentence_words=18)


def test_the_title_of_the_document_tells_the_headline() -> None:
    """It stands at the page's head with the name of the site; the headline is the line that says the same without it."""
    question = "من يبيع العطش في الضاحية الشرقية؟"
    document = clean([f"{question} - دفاتر الظل", "دفاتر الظل", "تحقيقات", "بيانات", "سرب لنا", question, *BODY])
    assert (document["title"], document["text"]) == (question, body())
