"""Dates: what a date line states, and what it leaves in doubt."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etl.dates import LENGTH, parse_date, read_both
from etl.dates.calendars import NO_DATE, Calendar, ParsedDate

D = dt.date
SOLAR = {
    1: "يناير|كانون الثاني|كانون ثاني|كانون 2|ك2|جانفي|January|Jan|janvier",
    2: "فبراير|شباط|فيفري|February|Feb|février",
    3: "مارس|آذار|March|Mar|mars",
    4: "أبريل|إبريل|ابريل|نيسان|أفريل|April|avril",
    5: "مايو|أيار|ماي|May|mai",
    6: "يونيو|يونيه|حزيران|جوان|June|juin",
    7: "يوليو|يوليه|تموز|جويلية|يوليوز|July|juillet",
    8: "أغسطس|اغسطس|آب|أوت|غشت|August|août",
    9: "سبتمبر|أيلول|شتنبر|September|Sept|septembre",
    10: "أكتوبر|اكتوبر|تشرين الأول|تشرين أول|تشرين 1|ت1|October|octobre",
    11: "نوفمبر|تشرين الثاني|تشرين 2|ت2|نونبر|November|novembre",
    12: "ديسمبر|كانون الأول|كانون الاول|كانون 1|دجنبر|December|décembre",
}
LUNAR = {
    1: "محرم",
    2: "صفر",
    3: "ربيع الأول",
    4: "ربيع الثاني|ربيع الآخر",
    5: "جمادى الأولى|جمادي الأولى",
    6: "جمادى الآخرة|جمادى الثانية",
    7: "رجب",
    8: "شعبان",
    9: "رمضان",
    10: "شوال",
    11: "ذو القعدة|ذي القعدة",
    12: "ذو الحجة|ذي الحجة|ذوالحجة",
}
SOLAR_CASES = [(number, name) for number, names in SOLAR.items() for name in names.split("|")]
LUNAR_CASES = [(number, name) for number, names in LUNAR.items() for name in names.split("|")]


def day(*parts: int, calendar: Calendar = "gregorian") -> ParsedDate:
    return ParsedDate(D(*parts), "day", calendar)


@pytest.mark.parametrize(("month", "name"), SOLAR_CASES)
def test_every_country_names_the_months_its_way(month: int, name: str) -> None:
    """A day, a month's name of any country, a year: one date."""
    assert parse_date(f"الخميس، 13 {name} 2019 - 10:30 ص") == day(2019, month, 13)
    assert parse_date(f"{name} 2019") == ParsedDate(D(2019, month, 1), "month", "gregorian")


@pytest.mark.parametrize(("month", "name"), LUNAR_CASES)
def test_hijri_months_are_converted(month: int, name: str) -> None:
    """A Hijri year makes a Hijri date, converted by the Umm al-Qura calendar."""
    found = parse_date(f"10 {name} 1442 هـ")
    assert found.precision == "day"
    assert found.calendar == "hijri"
    # A Hijri month has 29 or 30 days; the year 1442 began on 20 August 2020.
    assert found.date is not None
    assert abs((found.date - D(2020, 8, 20)).days - (29.53 * (month - 1) + 9)) < 2


STATED = {
    "• 6/20/2024": D(2024, 6, 20),
    "الأربعاء، 28 آب/اغسطس 2013، آخر تحديث 14:00 (GMT+0400)": D(2013, 8, 28),
    "28 آب 2013": D(2013, 8, 28),
    "الجمعة 8 فيفري 2019": D(2019, 2, 8),
    "الرياض 26 شوال 1436 هـ الموافق 11 أغسطس 2015 م واس": D(2015, 8, 11),
    "٢٠ يونيو ٢٠٢٤": D(2024, 6, 20),
    "۲۰ يونيو ۲۰۲۴": D(2024, 6, 20),
    "20 يونيه 2024": D(2024, 6, 20),
    "الخميس 20/يونيو/2024 - 03:15 م": D(2024, 6, 20),
    "11 فبراير (شباط) 2015": D(2015, 2, 11),
    "14 الربيع ( مارس ) 2022": D(2022, 3, 14),
    "14 سبتمبر (الفاتح) 2010": D(2010, 9, 14),
    "الثلاثاء, 08 تشرين1/أكتوير 2019 16:42": D(2019, 10, 8),
    "15 تشرين الثاني/نوفمبر 2020": D(2020, 11, 15),
    "18 سبتمبر/أيلول 2023": D(2023, 9, 18),
    "17:55 GMT17 مارس/ آذار 2020": D(2020, 3, 17),
    "GMT 17:27 17.03.2020(محدثة GMT 17:49 17.03.2020) انسخ الرابط": D(2020, 3, 17),
    "November 9, 2020": D(2020, 11, 9),
    "June 18, 2024": D(2024, 6, 18),
    "Feb.\n19\n2020": D(2020, 2, 19),
    "Sun, 18 Feb 2018 21:35:43 +0400": D(2018, 2, 18),
    "14 août 2021": D(2021, 8, 14),
    "1er mars 2019": D(2019, 3, 1),
    "2015-07-21 02:45:59": D(2015, 7, 21),
    "2024-06-20T10:30:00+03:00": D(2024, 6, 20),
    "20240620": D(2024, 6, 20),
    "جريدة الصباح بتاريخ 2019/02/09": D(2019, 2, 9),
    "\u200f20\u200f/\u200f06\u200f/\u200f2024": D(2024, 6, 20),
    "\u202d20-06-2024\u202c": D(2024, 6, 20),
    "20يونيو2024": D(2024, 6, 20),
    "20 من شهر يونيو عام 2024": D(2024, 6, 20),
    "2024 يونيو 20": D(2024, 6, 20),
    "20.06.2024": D(2024, 6, 20),
    "06.07.2024": D(2024, 7, 6),
    "06/06/2024": D(2024, 6, 6),
    "نشر في: 20/06/2024 | 1445 مشاهدة": D(2024, 6, 20),
    "تم النشر في 20 يونيو 2024، 2 دقائق قراءة": D(2024, 6, 20),
    "20/6/2024 م": D(2024, 6, 20),
    "20 03:15 2024 يونيو": D(2024, 6, 20),
    "الخميس 20 10:30 2024 يونيو": D(2024, 6, 20),
}


@pytest.mark.parametrize("raw", STATED)
def test_a_date_is_read_as_it_stands(raw: str) -> None:
    """Labels, weekdays, clock times and marks of direction are read past."""
    assert parse_date(raw) == ParsedDate(STATED[raw], "day", "gregorian")


@pytest.mark.parametrize(
    ("raw", "date"),
    [
        ("14 ذو الحجة 1445", D(2024, 6, 20)),
        ("26 شوال 1436", D(2015, 8, 11)),
        ("14/12/1445", D(2024, 6, 20)),
        ("1445/12/14هـ", D(2024, 6, 20)),
        ("9/10/1436هـ", D(2015, 7, 25)),
    ],
)
def test_a_year_between_1300_and_1500_is_hijri(raw: str, date: dt.date) -> None:
    """Such a year is never Gregorian, and in a Hijri date the day comes before the month."""
    assert parse_date(raw) == ParsedDate(date, "day", "hijri")


@pytest.mark.parametrize("raw", ["06-07-2024", "6/7/2024", "07/06/2024 10:30", "20/6/24", "12-10-98"])
def test_two_readings_and_nothing_to_decide_is_ambiguous(raw: str) -> None:
    """Neither month-first nor day-first is assumed, nor a century."""
    assert parse_date(raw) == ParsedDate(None, "ambiguous", "gregorian")


def test_both_readings_of_a_day_are_told() -> None:
    """Those that are days; of any other line none."""
    march, december = dt.date(2009, 3, 12), dt.date(2009, 12, 3)
    assert read_both("نشر في 12/03/2009") == read_both("١٢ - ٣ - ٢٠٠٩") == [march, december]
    assert read_both("31/12/2020") == [dt.date(2020, 12, 31)]
    assert read_both("12 مارس 2009") == read_both("1/2/09") == []


def test_a_witness_decides_between_two_readings() -> None:
    """The weekday or the Hijri half of a double date decides where exactly one reading fits."""
    assert parse_date("السبت 06-07-2024") == day(2024, 7, 6)
    assert parse_date("الجمعة 06-07-2024") == day(2024, 6, 7)
    assert parse_date("الأحد 06-07-2024").precision == "ambiguous"
    assert parse_date("1445/12/29 هـ الموافق 5/7/2024 م") == day(2024, 7, 5)
    assert parse_date("29 ذو القعدة 1445 - 6/7/2024") == day(2024, 6, 7)
    # An unambiguous date beside it says which it was.
    assert parse_date("9/11/2020 | November 9, 2020") == day(2020, 11, 9)


def test_the_year_may_stand_before_the_weekday() -> None:
    """As a network of Arabic sites writes it."""
    assert parse_date("GMT 11:40 2014 الجمعة ,12 كانون الأول / ديسمبر") == day(2014, 12, 12)
    assert parse_date("الجمعة 19 ديسمبر 2025 04:55 مـ 28 جمادى آخر 1447 هـ") == day(2025, 12, 19)


def test_a_weekday_moves_a_hijri_day_to_the_one_that_was_seen() -> None:
    """By two days at most: a month begins where the moon is seen, not everywhere on one day."""
    assert parse_date("الثلاثاء 08 جمادى الآخرة 1430") == day(2009, 6, 2, calendar="hijri")
    assert parse_date("الثلثاء 09 جمادى الآخرة 1430") == day(2009, 6, 2, calendar="hijri")
    assert parse_date("08 جمادى الآخرة 1430") == day(2009, 6, 1, calendar="hijri")
    assert parse_date("الجمعة 08 جمادى الآخرة 1430") == day(2009, 6, 1, calendar="hijri")


def test_labels_say_which_date_is_the_publication() -> None:
    """Published comes before updated, whichever stands first; an update alone is better than nothing."""
    assert parse_date("نشر في 20 يونيو 2024 آخر تحديث 21 يونيو 2024") == day(2024, 6, 20)
    assert parse_date("آخر تحديث: 21 يونيو 2024 - نشر في: 20 يونيو 2024") == day(2024, 6, 20)
    assert parse_date("20 يونيو 2024، محدث 21 يونيو 2024") == day(2024, 6, 20)
    assert parse_date("آخر تحديث: 20 يونيو 2024") == day(2024, 6, 20)


@pytest.mark.parametrize(
    "raw",
    [
        "18-20 يونيو 2024",
        "19 إلى 23 يوليو 2015",
        "20 يونيو 2024 - 21 يونيو 2024",
        "20 سبتمبر/أكتوبر 2024",
        "يونيو 2024 - يوليو 2024",
    ],
)
def test_spans_and_contradictions_are_ambiguous(raw: str) -> None:
    """Two dates, or two months, of which none is labelled state no one day."""
    assert parse_date(raw) == ParsedDate(None, "ambiguous", "gregorian")


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "   ",
        "آسيا",
        "31/02/2024",
        "31 يونيو 2024",
        "13/13/2024",
        "2024/20/06",
        "20 يونيو 1850",
        "20 يونيو 2150",
        "30 رمضان 1339",
        "10 رمضان 2024",
        "20 يونيو 1445",
        "20 يونيو 2024 هـ",
        "20 يونيو",
        "الأربعاء الماضي",
        "في الفترة من 18 إلى 20 يونيو الجاري.",
        "10:30 ص",
        "05224820",
        "222 238 71",
        "1.2.2024.5",
        "99/99/9999",
    ],
)
def test_what_states_no_date_gives_none(raw: str) -> None:
    """Impossible dates, dates without a year and other numbers are no dates; nothing is filled in."""
    assert parse_date(raw) == NO_DATE


def test_ordinary_words_are_no_months() -> None:
    """آب, مارس and ذي mean months only beside a number, and only as whole words."""
    assert parse_date("مارس ضغوطا منذ 2019") == NO_DATE
    assert parse_date("14 ذي 1445") == NO_DATE
    assert parse_date("20 مارسيليا 2024") == NO_DATE
    assert parse_date("آب 2024").precision == "month"


def test_a_year_alone_is_a_year() -> None:
    """Only where nothing else stands on the line."""
    assert parse_date("2024") == ParsedDate(D(2024, 1, 1), "year", "gregorian")
    assert parse_date("عام 2024") == ParsedDate(D(2024, 1, 1), "year", "gregorian")
    assert parse_date("1445هـ") == ParsedDate(D(2023, 7, 19), "year", "hijri")
    assert parse_date("القرار 2024") == NO_DATE


@pytest.mark.parametrize(
    "raw", ["قبل 3 ساعات", "منذ ساعتين", "3 hours ago", "اليوم 18:00", "أمس", "منذ ٣ أيام", "نشر منذ ثلاثة أيام"]
)
def test_a_time_told_from_now_is_no_date(raw: str) -> None:
    """No page says when now was."""
    assert parse_date(raw) == NO_DATE


def test_a_sentence_is_no_date_line() -> None:
    """Past the length of a line the text only mentions a date."""
    assert parse_date("20 يونيو 2024 " + "و" * LENGTH) == NO_DATE


@given(st.text())
def test_no_text_makes_it_fail(raw: str) -> None:
    """Whatever the text, there is an answer, with a date exactly where one is claimed."""
    found = parse_date(raw)
    assert (found.date is None) == (found.precision in ("ambiguous", "none"))
    assert (found.calendar is None) == (found.precision == "none")
    assert found.date is None or 1900 <= found.date.year <= 2100


PIECES = "20 6 13 2024 1445 24 / - . يونيو رمضان شباط ( ) هـ م قبل ساعات الخميس 10:30 GMT +0400 نشر"


@given(st.lists(st.sampled_from([*PIECES.split(), " ", ","]), max_size=12))
def test_no_mixture_of_dates_makes_it_fail(parts: list[str]) -> None:
    """The same for lines made of what dates are made of."""
    found = parse_date("".join(parts))
    assert (found.date is None) == (found.precision in ("ambiguous", "none"))


@given(st.dates(D(1900, 1, 1), D(2100, 12, 31)), st.sampled_from(SOLAR_CASES))
def test_a_written_date_comes_back(date: dt.date, spelling: tuple[int, str]) -> None:
    """Every day of every month, written with any of the month's names, is read as itself."""
    month, name = spelling
    try:
        date = date.replace(month=month)
    except ValueError:
        date = date.replace(month=month, day=28)
    assert parse_date(f"{date.day} {name} {date.year}") == ParsedDate(date, "day", "gregorian")
    assert parse_date(date.isoformat()) == ParsedDate(date, "day", "gregorian")
    assert parse_date(f"{date.day:02}.{date.month:02}.{date.year}") == ParsedDate(date, "day", "gregorian")
    slashed = parse_date(f"{date.day}/{date.month}/{date.year}")
    assert slashed.date in (None, date)


@pytest.mark.parametrize(
    ("raw", "date"),
    [
        ("محليات وقضاءمارس 13, 2023, 10:22 ص", dt.date(2023, 3, 13)),
        ("سلمى حسن24 يناير، 20233 دقائق", dt.date(2023, 1, 24)),
        ("السبت 18 أكتوبر 2025 07:35 مـ 26 ربيع آخر 1447 هـ", dt.date(2025, 10, 18)),
    ],
)
def test_what_is_glued_to_a_date_is_no_part_of_it(raw: str, date: dt.date) -> None:
    """The name of a section before a month, the minutes that a text takes to read behind a year."""
    assert parse_date(raw)[:2] == (date, "day")


def test_a_day_may_have_colons_between_its_parts() -> None:
    """Before a point and the time; without these it is a time of day."""
    assert parse_date("2024:09:25.15:36") == ParsedDate(D(2024, 9, 25), "day", "gregorian")
    assert parse_date("20:24:09") == NO_DATE
