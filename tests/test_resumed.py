"""A text that goes on behind links in its midst stays whole; a second article and a list of teasers are none of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import polars as pl
import pytest

from etl.api import clean, raw_frame
from etl.arrays import Flags
from etl.knowledge import ship_knowledge
from etl.pipeline import clean_pages
from etl.repair import repair_pages
from etl.zones.lines import measure_lines
from etl.zones.resumed import (
    ResumedParams,
    find_closed,
    find_ends,
    find_following,
    find_listed,
    find_quotes,
    find_resumed,
    find_taken_up,
)
from etl.zones.sinks import Columns

HEADINGS = ship_knowledge().rules.headings("related")
COLUMN = [
    (
        "زرت قبل أيام مكتبة الحي القديمة، وكان كل شيء فيها جديدا: الرفوف وأجهزة البحث والكراسي التي تشحن الهاتف، ولم يبق من "
        "القديم إلا وجه أمين المكتبة الذي لم يرفع عينيه عن شاشته حين سلمت عليه."
    ),
    (
        "لا أكتب هذا لأشكو أمين المكتبة، فربما كان الرجل في آخر نوبة طويلة، وإنما أكتب لأننا أنفقنا الكثير على الأجهزة ونسينا "
        "أن أول ما يراه الزائر في المكتبة إنسان، وأن الزائر لا يعود إلى مكان لم يسلم عليه فيه أحد."
    ),
]
RESUMED = [
    (
        "الذين عاشوا زمن الفهارس الورقية يتذكرون أمينا من نوع آخر، كان بطيئا، وكان يعيدك غدا، لكنه كان يعرف اسم أبيك ويسألك عن "
        "الكتاب الذي أعرته لجارك، ولا أحن إلى البطء، ولكني أزعم أن السرعة بلا مودة نصف خدمة."
    ),
    (
        "الحل في رأيي ليس دورة تدريبية تعقد في قاعة فندق، بل أن يخفف الضغط عن أمين المكتبة بزيادة عدد زملائه، وأن يرى هو نفسه "
        "ابتسامة مديره قبل أن نطالبه بأن يبتسم في وجه كل زائر."
    ),
    "عدت بعد أسبوع إلى المكتبة نفسها، وكان الرجل ذاته في مكانه، فسألته عن حاله، فرفع رأسه للمرة الأولى وابتسم.",
]
LINKS = [
    "مقالات سابقة للكاتب",
    "حين تصبح الخوارزمية مديرا",
    "التقاعد ليس نهاية الخدمة",
    "عن الاجتماعات التي تلد اجتماعات",
]
OTHER = [
    (
        "سيطرت فرق الإطفاء فجر اليوم على حريق هائل نشب داخل مخزن أخشاب بشارع الترعة، وامتدت النيران إلى طابقين قبل أن تصل "
        "سيارات الإسعاف والحماية المدنية إلى الموقع بعد نصف ساعة."
    ),
    (
        "وتبين من المعاينة الأولية أن ماسا كهربائيا وقع في لوحة التغذية، وقطعت شركة الكهرباء التيار عن المنطقة ساعتين حتى انتهت "
        "أعمال التبريد ورفع المخلفات من أمام العقارات المجاورة."
    ),
]
TAIL = ["جميع المقالات", "التعليقات"]
TALK = [
    "صوت الميناء: ما الذي يدفع الصيادين إلى ترك البحر؟",
    "سالم المينائي: الدخل أولا، فالصياد لا يعرف في أول الشهر ما سيبيعه في آخره، ثم إن القوارب صارت قديمة ولا أحد يصلحها.",
    "ومتى بدأ ذلك؟",
    "قبل عشرة أعوام على الأقل، حين أغلق مصنع الثلج الأول في المدينة ولم يفتح بعده مصنع آخر، فصار السمك يتلف قبل أن يباع.",
]
ANSWERED = [
    "هل من حل قريب؟",
    "نعم، في المدينة المجاورة أنشأ الصيادون جمعية تشتري السمك منهم بسعر ثابت طوال السنة، وتبيعه هي للمطاعم والفنادق.",
    "ما المطلوب من البلدية؟",
    "أمران: أولا أن تفتح مصنع الثلج من جديد، فالانتظار ساعات في الشمس أمر عبثي، وثانيا أن تصلح رصيف الميناء قبل الشتاء.",
    "وهل تخشى على المهنة من الزوال؟",
    "بالطبع، غير أن ما أراه كل صباح أكثر تعقيدا من الأرقام، فهناك شبان عادوا إلى قوارب آبائهم بعد أن جربوا غيرها.",
]


LIKELY = {"above": 6.0, "link": -5.0, "below": -1.0, "end": -6.0}
"""Log odds of lines as the zone model gives them: where the text goes on it is unsure."""


def resumed(
    above: list[str],
    below: list[str],
    *,
    odds: float = LIKELY["below"],
    links: list[str] = LINKS,
    label: str = "related/heading-items",
    **thresholds: Any,
) -> list[str]:
    """Text above links, what stands below them, its log odds -> the lines with which the text goes on."""
    lines = [*above, *links, *below, *TAIL]
    rule = [None] * len(above) + [label] + [None] * (len(links) - 1 + len(below))
    rule += ["related/heading-latest"] * len(TAIL)
    told = [LIKELY["above"]] * len(above) + [LIKELY["link"]] * len(links)
    told += [odds] * len(below) + [LIKELY["end"]] * len(TAIL)
    pieces = pl.DataFrame({"id": ["p"] * len(lines), "piece": [f"{line}\n" for line in lines], "rule": rule})
    measured = measure_lines(pieces, Columns(), HEADINGS)
    heading, found = find_resumed(np.array(told, np.float32), measured, ResumedParams(**thresholds))
    assert heading.sum() == found.any() and (not found.any() or heading[len(above)])
    return [line for line, is_found in zip(lines, found, strict=True) if is_found]


def test_a_column_goes_on_behind_the_writers_earlier_ones() -> None:
    """Paragraphs of the same words below a few links are the text's, in which the model is unsure of them."""
    assert resumed(COLUMN, RESUMED) == RESUMED
    assert resumed(COLUMN, RESUMED, odds=-3.0) == []


def test_a_text_goes_on_behind_a_single_link() -> None:
    """Right below it, or below a subheading; a heading of other articles has at least one of them under it."""
    link = ["اقرأ أيضا: مكتبة متنقلة تصل إلى القرى"]
    assert resumed(COLUMN, RESUMED, links=link, label="related/see-also") == RESUMED
    assert resumed(COLUMN, ["أمين من نوع آخر", *RESUMED], links=link, label="related/see-also") == RESUMED
    assert resumed(COLUMN, OTHER, links=link, label="related/see-also") == []
    assert resumed(COLUMN, RESUMED, links=LINKS[:1]) == []


def test_a_talk_goes_on_behind_a_single_link() -> None:
    """With one question and its answer; below a list of links that may be another talk's."""
    link, pair = ["شاهدي أيضا: سمكة تزن مئة كيلوغرام"], ANSWERED[:2]
    assert resumed(TALK, pair, links=link, label="related/see-also") == pair
    assert resumed(TALK, pair) == resumed(COLUMN, pair, links=link, label="related/see-also") == []


def test_a_short_line_below_the_last_sentence_is_none_of_the_text() -> None:
    """Tags, or a heading of what follows."""
    assert resumed(COLUMN, [*RESUMED, "مكتبة الحي فهارس"]) == RESUMED


def test_a_talk_goes_on_behind_links() -> None:
    """Questions with their answers, where such stand above; more doubt is allowed."""
    assert resumed(TALK, ANSWERED) == ANSWERED
    assert resumed(TALK, ANSWERED, odds=-2.0) == ANSWERED
    assert resumed(COLUMN, ANSWERED) == []


@pytest.mark.parametrize(
    "below",
    [
        pytest.param(OTHER, id="another article has other words"),
        pytest.param(
            [RESUMED[0], "مكتبة تفتح ليلا", RESUMED[1], "أمين المكتبة الجديد"], id="teasers have headlines between"
        ),
        pytest.param([RESUMED[0]], id="one paragraph"),
    ],
)
def test_what_is_another_articles_is_none(below: list[str]) -> None:
    """A second article under the links, a list with its teasers, a paragraph alone."""
    assert resumed(COLUMN, below) == []


def test_of_many_links_the_text_is_none() -> None:
    """A long list ends the article."""
    assert resumed(COLUMN, RESUMED, links=[*LINKS, *LINKS[1:], *LINKS[1:]]) == []


def test_the_thresholds_are_parameters() -> None:
    """What must be said again, how many links there may be, and how unsure the model."""
    assert resumed(COLUMN, OTHER, shared=0.0) == OTHER
    assert resumed(COLUMN, RESUMED, long_words=60) == []
    assert resumed(TALK, ANSWERED, odds=-2.0, answers=-1.0) == []


def test_a_page_is_read_whole() -> None:
    """The stage that finds zones asks for it."""
    lines = ["أمين المكتبة الذي لا يبتسم", *COLUMN, "", *LINKS, "", *RESUMED, "", "جميع الحقوق محفوظة © 2024"]
    text = clean_pages(repair_pages(raw_frame(["\n".join(lines)])), ship_knowledge())["text"][0]
    assert all(line in text for line in [*COLUMN, *RESUMED])


def told(
    found: Callable[..., Flags],
    lines: list[str],
    odds: list[float],
    rules: list[str | None] | None = None,
    **thresholds: Any,
) -> list[str]:
    """What finds lines, lines of a page, their log odds, and their labels if they have any -> the lines found."""
    pieces = pl.DataFrame(
        {"id": ["p"] * len(lines), "piece": [f"{line}\n" for line in lines], "rule": rules or [None] * len(lines)}
    )
    pieces = pieces.with_columns(pl.col("rule").cast(pl.String))
    flags = found(np.array(odds, np.float32), measure_lines(pieces, Columns(), HEADINGS), ResumedParams(**thresholds))
    return [line for line, is_found in zip(lines, flags, strict=True) if is_found]


def test_the_last_sentence_may_stand_below_links() -> None:
    """It begins with "and", is long and taken for body, or has the text's words; where another follows they are teasers."""
    last = "وأضاف أن المكتبة ستفتح أبوابها في الصيف حتى منتصف الليل، وأن الدخول بلا ثمن."

    def taken(
        line: str, odds: float = 1.0, behind: str = "أخبار المدينة", links: list[str] = LINKS, **thresholds: Any
    ) -> list[str]:
        lines = [*COLUMN, *links, line, behind]
        rules = [None, None, "related/heading-items", *[None] * (len(links) + 1)]
        scores = [*[6.0] * 2, *[-6.0] * len(links), odds, -6.0]
        return told(lambda *given: find_taken_up(*given)[1], lines, scores, rules, **thresholds)

    assert taken(last) == taken(last, links=LINKS[:2]) == [last]
    closing = "يذكر أن المكتبة فتحت أبوابها أول مرة قبل خمسين عاما في بيت صغير على أطراف المدينة."
    assert taken(closing) == [closing]
    assert taken(closing, taken_words=30) == taken("يذكر أن المكتبة قديمة في هذه المدينة الصغيرة.") == []
    assert taken(last, -1) == taken(last.rstrip(".")) == taken(closing, -0.4, taken_shared=0.9) == []
    assert taken(closing, -0.4, taken_shared=0.1) == [closing]
    assert taken(last, behind=RESUMED[2]) == taken(last, links=[LINKS[0], *LINKS[1:] * 3]) == []
    (record,) = clean(["\n".join([*COLUMN, "شاهد أيضا", LINKS[1], last, "جميع الحقوق محفوظة"])])
    assert record["text"].endswith(last)


def test_a_page_ends_with_its_last_sentence() -> None:
    """Where nothing below the text but a sentence or two is left; a name or a third one says that it is a site's."""
    end = "ويجتمع الطرفان غدا برعاية رئيس البلدية في محاولة أخيرة."
    assert told(find_ends, [*COLUMN, end], [6, 6, -1]) == [end]
    assert told(find_ends, [*COLUMN, end], [6, 6, -4]) == []
    assert told(find_ends, [*COLUMN, end, "أخبار المدينة"], [6, 6, -1, -6]) == []
    assert told(find_ends, [*COLUMN, end, end, end], [6, 6, -1, -1, -1]) == []
    assert told(find_ends, [*COLUMN, end], [6, 6, -1], end_words=20) == told(find_ends, [end], [-1]) == []


def test_a_quotation_between_paragraphs_is_the_texts() -> None:
    """On a line of its own; one that says again what the text says was put there to be seen."""
    quote = "«أردنا مكتبة يعرف فيها الأمين اسم كل طفل في الحي كما كان يعرفه في زمن آبائنا»"
    again = f"«{COLUMN[1].rpartition('،')[2].strip(' .')} في كل مرة»"
    assert told(find_quotes, [COLUMN[0], quote, COLUMN[1]], [6, -2, 6]) == [quote]
    assert told(find_quotes, [COLUMN[0], again, COLUMN[1]], [6, -2, 6]) == []
    assert told(find_quotes, [COLUMN[0], again, COLUMN[1]], [6, -2, 6], quote_again=2) == [again]
    assert told(find_quotes, [COLUMN[0], quote, COLUMN[1]], [6, -2, -6]) == []
    assert told(find_quotes, [COLUMN[0], quote, COLUMN[1]], [6, -5, 6]) == []


def test_a_list_that_a_paragraph_announces_is_the_texts() -> None:
    """Items with a sign before each, below a colon; a paragraph goes on below, and the model is sure of both."""
    opening, items = "وتقدم المكتبة خدماتها للزوار بأربع لغات:", ["• العربية", "• الكردية", "- التركية", "4. الفارسية"]
    lines, odds = [opening, *items, COLUMN[0]], [4.0, *[-3.0] * 4, 6.0]
    assert told(find_listed, lines, odds) == items
    assert told(find_listed, lines, [-4.0, *odds[1:]]) == told(find_listed, lines, [*odds[:5], -6.0]) == []
    assert told(find_listed, lines[:5], odds[:5]) == told(find_listed, ["لغات:", *lines[1:]], odds) == []
    assert told(find_listed, [COLUMN[0], *lines[1:]], odds) == []
    assert told(find_listed, lines, odds, list_items=(2, 3)) == told(find_listed, lines, odds, list_words=9) == []


def test_a_sentence_right_below_the_text_is_of_it() -> None:
    """One after the other, a few at most; short ones, those without a stop and those that are sure to be none are not."""
    more = ["من جهته، قال أحد السكان إن الأهالي كانوا يقطعون ثلاثين كيلومترا للوصول إلى أقرب مكتبة."] * 5
    short = "ولم يرد رد من البلدية."
    assert told(find_following, [COLUMN[0], *more[:2], short], [6, -1, -2, -1]) == more[:2]
    assert len(told(find_following, [COLUMN[0], *more], [6, *[-1] * 5])) == ResumedParams().next_lines
    assert told(find_following, [COLUMN[0], short, more[0]], [6, -1, -1]) == []
    assert (
        told(find_following, [COLUMN[0], more[0].rstrip(".")], [6, -1])
        == told(find_following, [COLUMN[0], more[0]], [6, -3])
        == []
    )
    assert (
        told(find_following, [COLUMN[0], more[0]], [6, -1], next_words=20) == told(find_following, more[:1], [-1]) == []
    )


def test_sentences_above_a_source_line_are_the_texts() -> None:
    """Below boxes in the text, up to the first line that names its source; a few of them, and what stands below it never."""
    box = ["مساحة تجارية", "تحسن الطقس غدا في المدن الساحلية"]
    end = ["ودعت البلدية السكان إلى مراجعة مكتبها قبل إتمام أي عملية شراء هذا العام."] * 5
    lines = [COLUMN[0], *box, *end[:2], "المصدر: وكالات", end[0], "المصدر: وكالات"]
    rules = [None] * 5 + ["source/line", None, "source/line"]
    odds = [6, -3, -3, -1, -2, -9, -1, -9]
    assert told(find_closed, lines, odds, rules=rules) == end[:2]
    assert told(find_closed, lines, [6, -3, -3, -1, -3, *odds[5:]], rules=rules) == []
    assert told(find_closed, lines, [-1, *odds[1:]], rules=rules) == []
    many = told(
        find_closed,
        [COLUMN[0], *box, *end, "المصدر: وكالات"],
        [6, -3, -3, *[-1] * 5, -9],
        rules=[*[None] * 8, "source/line"],
    )
    assert len(many) == ResumedParams().next_lines


@pytest.mark.filterwarnings("error")
def test_the_next_page_answers_no_question() -> None:
    """A page that ends in one is looked at as if it were alone, whatever page comes after it in the batch."""
    page = [*TALK, "اقرأ أيضا: مكتبة متنقلة تصل إلى القرى", ANSWERED[0]]
    lines = [*page, *COLUMN]
    rule = [None] * len(TALK) + ["related/see-also"] + [None] * (1 + len(COLUMN))
    pieces = pl.DataFrame(
        {"id": ["p"] * len(page) + ["q"] * len(COLUMN), "piece": [f"{line}\n" for line in lines], "rule": rule}
    )
    odds = np.array(
        [LIKELY["above"]] * len(TALK) + [LIKELY["link"], -1.0] + [LIKELY["above"]] * len(COLUMN), np.float32
    )
    heading, found = find_resumed(odds, measure_lines(pieces, Columns(), HEADINGS), ResumedParams())
    assert not heading.any() and not found.any()
