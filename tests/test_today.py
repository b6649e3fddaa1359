"""A day that a text calls today in its first lines."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest

from etl.dates import parse_date
from etl.dates.today import date_by_lead, read_today


@pytest.mark.parametrize(
    ("text", "said", "day"),
    [
        (
            "أعلنت الوزارة، اليوم الأحد (18 كانون الثاني 2026)، فتح السد.",
            "اليوم الأحد (18 كانون الثاني 2026",
            dt.date(2026, 1, 18),
        ),
        ("شرع الوزير، اليوم الأحد 9 أكتوبر 2022، في زيارة.", "اليوم الأحد 9 أكتوبر 2022", dt.date(2022, 10, 9)),
        ("استقبل الوالي يومه الأربعاء ١٢ جويلية ٢٠٢٣ وفداً.", "يومه الأربعاء ١٢ جويلية ٢٠٢٣", dt.date(2023, 7, 12)),
        ("قال اليوم (الثلاثاء 14 أيار/ مايو 2019) إن", "اليوم (الثلاثاء 14 أيار/ مايو 2019", dt.date(2019, 5, 14)),
        ("بلغ السعر اليوم الثلاثاء 5-3-2024 ألفاً.", "اليوم الثلاثاء 5-3-2024", dt.date(2024, 3, 5)),
        ("عقد اليوم الجمعة الموافق 24 - 7 - 2015 اجتماع", "اليوم الجمعة الموافق 24 - 7 - 2015", dt.date(2015, 7, 24)),
        (
            "الأحد 18 جمادى الأولى 1439 الموافق 04-02-2018 ورشيخ (صونا) ــــ وصل إلى المدينة",
            "الأحد 18 جمادى الأولى 1439 الموافق 04-02-2018",
            dt.date(2018, 2, 4),
        ),
        ("الأسعار اليوم الأحد الموافق 2022/2/13 في السوق", "اليوم الأحد الموافق 2022/2/13", dt.date(2022, 2, 13)),
        ("سطر\nسطر\nأمطرت اليوم، 3 مارس 2020، في سبها", "اليوم، 3 مارس 2020", dt.date(2020, 3, 3)),
    ],
)
def test_a_day_that_is_called_today_is_read(text: str, said: str, day: dt.date) -> None:
    """In whatever form a date may have, as it stands."""
    assert read_today(text) == said
    assert parse_date(said).date == day


@pytest.mark.parametrize(
    "text",
    [
        "في مثل هذا اليوم 5 مايو 1945 انتهت الحرب.",
        "وفي ذلك اليوم 5 مايو 1948 خرجوا من القرية.",
        "صدر القرار يوم الأحد 9 أكتوبر 2022.",  # what happened then may be told later
        "الأحد 9 أكتوبر 2022 كان يوما طويلا.",
        "كان الأحد 18 جمادى الأولى 1439 الموافق 04-02-2018 يوما طويلا.",
        "أعلن أمس السبت 8 أكتوبر 2022 عن النتائج.",
        "تصدر اليوم السابع 9 أكتوبر 2022 عددها.",  # a paper's name
        "قال اليوم الاثنين 9 أكتوبر 2022 إن",  # it was a Sunday
        "بلغ السعر اليوم 5-3-2024 ألفاً.",  # one of two days
        "سطر\nسطر\nسطر\nقال اليوم الأحد 9 أكتوبر 2022",  # further down others speak
        "تحتفل البلاد اليوم، وكانت قد نالت استقلالها في 26 يوليو 1956.",
    ],
)
def test_another_day_is_none(text: str) -> None:
    """Only the day of writing counts, and only without a doubt."""
    assert read_today(text) is None


def test_only_a_document_without_a_date_is_given_one() -> None:
    """A line of the page goes first; of two days that it may mean the text decides, but brings no third one."""
    text = "أعلن اليوم الثلاثاء 5 مارس 2024 عن"
    lines = {
        "15/1/2020": (dt.date(2020, 1, 15), "day"),
        None: (None, "none"),
        "5/3/2024": (None, "ambiguous"),
        "7/6/2024": (None, "ambiguous"),
    }
    docs = pl.DataFrame(
        {
            "text": [text] * len(lines),
            "date": [day for day, _ in lines.values()],
            "date_raw": list(lines),
            "date_precision": [precision for _, precision in lines.values()],
        }
    )
    told, day = "اليوم الثلاثاء 5 مارس 2024", dt.date(2024, 3, 5)
    assert date_by_lead(docs).drop("text").rows() == [
        (dt.date(2020, 1, 15), "15/1/2020", "day"),
        (day, told, "day"),
        (day, told, "day"),
        (None, "7/6/2024", "ambiguous"),
    ]
    assert date_by_lead(docs[:1]).equals(docs[:1])
    opening = docs[1:2].with_columns(text=pl.lit("الأحد 18 جمادى الأولى 1439 الموافق 04-02-2018 ورشيخ ـ وصل"))
    assert date_by_lead(opening)["date"].item() == dt.date(2018, 2, 4)
