"""Sentences that a scraper has broken stay whole, to the last full stop, and so do numbered parts; other lines with such signs are none."""

from __future__ import annotations

import polars as pl
import pytest

from etl.api import clean
from etl.zones.broken import find_broken
from etl.zones.numbered import find_numbered

TITLE = "بلدية الزاوية تفتح حديقة جديدة على الكورنيش"
BODY = [
    "افتتحت البلدية صباح اليوم حديقة جديدة على الكورنيش تضم ملعبا للأطفال ومسارا للمشي يمتد كيلومترين.",
    "وقال رئيس البلدية إن العمل فيها استغرق عاما كاملا، وإن الدخول إليها مجاني طوال أيام الأسبوع.",
]
BROKEN = ["وختم رئيس البلدية جولته بلقاء في مبنى بلدية", "الزاوية", "، حيث استمع إلى مطالب رؤساء", "النوادي", "."]


def parts(lines: list[str], labels: dict[int, str] | None = None) -> list[str]:
    """Lines of a page, the labels of some -> those that are parts of broken sentences."""
    return [line for line, is_part in zip(lines, find_broken(frame_of(lines, labels)), strict=True) if is_part]


def numbered(lines: list[str], labels: dict[int, str] | None = None) -> list[str]:
    """The same -> those that are numbered parts."""
    return [line for line, is_part in zip(lines, find_numbered(frame_of(lines, labels)), strict=True) if is_part]


def frame_of(lines: list[str], labels: dict[int, str] | None) -> pl.DataFrame:
    rules = [(labels or {}).get(at) for at in range(len(lines))]
    return pl.DataFrame(
        {"id": "p", "piece": [f"{line}\n" for line in lines], "rule": rules}, schema_overrides={"rule": pl.String}
    )


def test_a_broken_sentence_stays_to_its_end() -> None:
    menu = ["الرئيسية", "محليات", "رياضة"]
    page = [*menu, TITLE, "14-11-2024", *BODY, *BROKEN, "تابع", "أخبار ذات صلة", "افتتاح مكتبة عامة في وسط المدينة"]
    assert clean(["\n".join(page)])[0]["text"] == "\n".join([*BODY, *BROKEN])


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        ([*BODY, *BROKEN], BROKEN),
        ([*BODY, "", BROKEN[0], "", "الزاوية", "، حيث استمع."], [BROKEN[0], "", "الزاوية", "، حيث استمع."]),
        (["شتاء", "، مازوت", "، مخيمات"], []),
        ([*BODY, "الرئيسية", "، محليات"], []),
        ([*BODY, "."], []),
        (["الرئيسية", "»", "جهات", "»"], []),
    ],
    ids=["whole", "blank lines", "tags", "after a sentence", "a dot", "breadcrumb"],
)
def test_it_begins_where_a_line_of_some_words_has_no_end(lines: list[str], found: list[str]) -> None:
    assert parts(lines) == found


def test_a_line_that_ends_with_a_comma_goes_on_below() -> None:
    lines = ["بعد أسبوعين كاملين وأكثر من ألف كيلومتر،", "خرجنا بانطباع واضح عن السيارة"]
    assert parts([TITLE, *lines, "طباعة"]) == lines
    assert parts(["خزف، حرف،", "نسيج"]) == []


def test_numbered_parts_of_a_column_are_text() -> None:
    """A number in brackets, paragraphs, the next number; not where a label stands between, as in comments."""
    more = [f"{line[:-1]}، كما يعرف أهل الحي جميعا." for line in BODY]
    column = ["(2)", more[0], "(3)", more[1], "- 4 -", "خاتمة"]
    assert numbered(column) == column[:-1]
    assert numbered(["(1)", "سالم", BODY[0], "(2)"], {1: "date/stamp"}) == []
    assert numbered(["1", BODY[0], "2", BODY[1], "3"]) == numbered(["(2)", BODY[0], "(4)"]) == []
    last = "ثم عاد كل منا إلى بيته في آخر النهار وفي يده غصن من شجرة الياسمين."
    page = [TITLE, "14-11-2024", *BODY, *column[:-1], last, "أخبار ذات صلة", "افتتاح مكتبة عامة في وسط المدينة"]
    assert "\n".join([*column[:-1], last]) in clean(["\n".join(page)])[0]["text"]


def test_a_label_between_parts_them() -> None:
    lines = [BROKEN[0], "الكلمات المفتاحية:", "ريما", "،", "خزف"]
    assert parts(lines, {1: "keywords/label-alone"}) == []


def test_a_day_with_commas_behind_it_is_no_sentence() -> None:
    line = "الخميس - 27 يونيو 2024 - الساعة 11:04 ص بتوقيت اليمن ،،،"
    assert parts([line, "الشاطئ الجديد/خاص", *BODY]) == []
    assert parts([f"وقال الناطق باسم البلدية يوم {line}", *BODY]) == []
