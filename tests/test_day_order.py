"""Which of two days a date line means: what else the page says decides, if all of it agrees."""

from __future__ import annotations

import datetime as dt

import pytest

from etl.dates.day_order import settle_day

FEBRUARY, MAY = dt.date(2020, 2, 5), dt.date(2020, 5, 2)  # a Wednesday, a Saturday
RAW = "نشر في 05/02/2020"


@pytest.mark.parametrize(
    ("page", "day"),
    [
        ("منشورات أخرى\n25/1/2020\nخبر آخر", FEBRUARY),
        ("منشورات أخرى\n1/25/2020\nخبر آخر", MAY),
        ("منشورات أخرى\n25\u200f/1\u200f/2020\nخبر آخر", FEBRUARY),
        ("عاجل • وفيات الأربعاء 5-2-2020 • حالة الطقس في المدينة والجبال المحيطة بها", FEBRUARY),
        ("السبت، 02/05/2020", MAY),
        ("الأربعاء: 02/10/2024 بتوقيت المدينة", FEBRUARY),
        ("الأربعاء: 10/02/2024 بتوقيت المدينة", MAY),
        ("أغلق سكان القرية، صباح أول أمس الاثنين، الطريق الوطني احتجاجا على تأخر المشروع.", FEBRUARY),
        ("أعلنت البلدية اليوم الأربعاء فتح الحديقة الجديدة أمام الزوار مجانا.", FEBRUARY),
        ("أعلنت البلدية، مساء أمس الثلاثاء، فتح الحديقة الجديدة أمام الزوار مجانا.", FEBRUARY),
        ("أعلنت البلدية مساء الجمعة فتح الحديقة الجديدة أمام جميع الزوار مجانا.", MAY),
        (
            "أعلنت البلدية اليوم الأربعاء فتح الحديقة للزوار.\nوقال مصدر، اليوم السبت (12 تموز 2025)، إن الطريق مغلق.",
            FEBRUARY,
        ),
        ("أعلنت البلدية اليوم السبت (2 أيار 2020) فتح الحديقة الجديدة للزوار.", MAY),
        ("تفتح الحديقة أبوابها للزوار في العاشر من شباط/فبراير الجاري بعد عام من العمل.", FEBRUARY),
    ],
)
def test_a_witness_of_the_page_decides(page: str, day: dt.date) -> None:
    """Dates that can be read in one way only, the same date behind its weekday, the weekday of today or yesterday (but of
    another story below), the month that is called this one."""
    assert settle_day(RAW, page, set()) == day


@pytest.mark.parametrize(
    "page",
    [
        "",
        "فازوا بنتيجة 25-1 في مباراة لم تنته إلا عند الفجر أمام جمهور كبير.",
        "تلعب المباراة يوم الأحد المقبل على ملعب المدينة بحضور جمهور من الفريقين.",
        "أعلنت البلدية اليوم الأربعاء فتح الحديقة، وكانت أعلنت مساء الجمعة إغلاقها أمام الزوار.",
        "اليوم الأربعاء",
        "25/1/2020\n1/25/2020",
        "الأحد 5-2-2020",
        "الأربعاء 12-2-2020",
        "الأربعاء 12/2/2020 في مدينة بعيدة كان يوما لا ينسى لمن عاشه هناك",
        "25.1.2020",
        "ولد الشاعر في المدينة القديمة في 25/1/1940 وعاش فيها حتى رحل عنها إلى الأبد.",
        "تحسنت الأحوال في فبراير الماضي كما لم تتحسن من قبل في هذه المدينة الصغيرة.",
    ],
)
def test_without_a_witness_or_with_two_that_differ_it_stays_open(page: str) -> None:
    """A result, another day's weekday, a menu's line: none of them tells."""
    assert settle_day(RAW, page, set()) is None


def test_days_that_other_lines_state_decide() -> None:
    """One of the two readings; both of them, or a third day, tell nothing."""
    assert settle_day(RAW, "", {MAY}) == MAY
    assert settle_day(RAW, "", {FEBRUARY, MAY}) is settle_day(RAW, "", {dt.date(2020, 3, 1)}) is None
    assert settle_day("31/12/2020", "", {dt.date(2020, 12, 31)}) is None
    assert settle_day("05/05/2020", "", {dt.date(2020, 5, 5)}) is None


def test_dates_with_another_sign_are_another_program_s() -> None:
    """Comments and archives write dates in their own order; the page's own line has the sign that counts."""
    text = "طالب النائب، اليوم الثلاثاء، وزارة الصحة بتحويل المركز الصحي إلى مركز شامل يعمل على مدار الساعة."
    assert settle_day("8/12/2014", f"{text}\n13-08-2014", set()) == dt.date(2014, 8, 12)
    assert settle_day("8/12/2014", f"{text}\n13/08/2014", set()) is None


@pytest.mark.parametrize(
    ("raw", "day"),
    [
        ("نشر بتاريخ: 05/02/2020 ( آخر تحديث: 06/02/2020 الساعة: 09:09 )", FEBRUARY),
        ("نشر بتاريخ: 05/02/2020 ( آخر تحديث: 05/03/2020 )", None),
        ("نشر بتاريخ: 05/02/2020 ( آخر تحديث: 08/09/2020 )", None),
    ],
)
def test_a_change_soon_after_decides(raw: str, day: dt.date | None) -> None:
    """A page is changed within days of its publication rather than a month later to the day; where it is neither, it stays open."""
    assert settle_day(raw, "", set()) == day
