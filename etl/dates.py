"""The date a date line states: months of every Arab country, Hijri years, three kinds of digits; no guesses.

A line is read on its folded key (`etl.fold`): clock times go first, then every date in it is found, then
labels say which is the date of publication. What two readings fit and nothing decides stays without a date.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import Literal, NamedTuple

from hijridate import Hijri

from etl.fold import TABLE, fold

Precision = Literal["day", "month", "year", "ambiguous", "none"]
Calendar = Literal["gregorian", "hijri"]

LENGTH = 200
"""Code points of a line beyond which it is a sentence that mentions a date, not a date line."""
YEARS = (1900, 2100)
"""Gregorian years that a page of news can bear."""
HIJRI_YEARS = (1300, 1500)
"""A year in this span is Hijri, never Gregorian; `hijridate` converts 1343 to 1500 (Umm al-Qura)."""
SIGHTING = 2
"""Days by which a local Hijri date, set by sighting the moon, may differ from the Umm al-Qura calendar."""


class ParsedDate(NamedTuple):
    """A date and how much of it was stated; for a `month` or a `year` it is the first day of that span.

    `ambiguous`: a date is stated, but which day it means is in doubt; `none`: no date, or an impossible one.
    """

    date: dt.date | None
    precision: Precision
    calendar: Calendar | None


NO_DATE = ParsedDate(None, "none", None)

# Gregorian months by number: Gulf and Egypt, Levant and Iraq, Algeria and Tunisia, Morocco, English, French. `أكتوير` is how
# the Arabic pack of a content manager misspells October.
_SOLAR = (
    "يناير|كانون الثاني|كانون ثاني|كانون ?2|ك ?2|جانفي|january|jan|janvier|janv",
    "فبراير|فبرائر|شباط|فيفري|february|feb|fevrier|fevr|fev",
    "مارس|آذار|march|mar|mars",
    "أبريل|نيسان|أفريل|april|apr|avril|avr",
    "مايو|أيار|ماي|may|mai",
    "يونيو|يونيه|حزيران|جوان|june|jun|juin",
    "يوليو|يوليه|يوليوز|تموز|جويلية|july|jul|juillet|juil",
    "أغسطس|أغسطوس|أوغسطس|آب|أوت|غشت|august|aug|aout",
    "سبتمبر|سيبتمبر|أيلول|شتنبر|september|sept|sep|septembre",
    "أكتوبر|أوكتوبر|أكتوير|تشرين الأول|تشرين أول|تشرين ?1|ت ?1|october|oct|octobre",
    "نوفمبر|تشرين الثاني|تشرين ثاني|تشرين ?2|ت ?2|نونبر|november|nov|novembre",
    "ديسمبر|دسمبر|كانون الأول|كانون أول|كانون ?1|ك ?1|دجنبر|december|dec|decembre",
)
_LUNAR = (
    "محرم الحرام|المحرم|محرم",
    "صفر الخير|صفر",
    "ربيع الأول|ربيع أول",
    "ربيع الثاني|ربيع الآخر|ربيع ثاني|ربيع آخر",
    "جمادى الأولى|جمادى الأول|جماد الأول|جمادى أولى",
    "جمادى الآخرة|جمادى الآخر|جمادى الثانية|جمادى الثاني|جماد الآخر|جماد الثاني",
    "رجب",
    "شعبان",
    "رمضان المبارك|رمضان",
    "شوال",
    "ذو القعدة|ذي القعدة|ذوالقعدة|ذيالقعدة|ذو قعدة|ذي قعدة",
    "ذو الحجة|ذي الحجة|ذوالحجة|ذيالحجة|ذو حجة|ذي حجة",
)
_WEEKDAYS = (
    "الاثنين|الإثنين|اثنين|monday|mon|lundi",
    "الثلاثاء|ثلاثاء|الثلاثا|tuesday|tues|tue|mardi",
    "الأربعاء|أربعاء|الأربعا|wednesday|wed|mercredi",
    "الخميس|خميس|thursday|thurs|thu|jeudi",
    "الجمعة|جمعة|friday|fri|vendredi",
    "السبت|سبت|saturday|sat|samedi",
    "الأحد|أحد|sunday|sun|dimanche",
)


def _any(names: tuple[str, ...]) -> str:
    """Names of a table -> one pattern, the longest spelling first, that starts and ends where a word does."""
    spellings = {name for row in names for name in fold(row).split("|")}
    longest_first = "|".join(sorted(spellings, key=lambda name: (-len(name), name)))
    return rf"(?:(?<![^\W\d_])(?:{longest_first})(?![^\W\d_]|(?<=\d)\d))"


_CALENDARS: dict[Calendar, tuple[str, ...]] = {"gregorian": _SOLAR, "hijri": _LUNAR}
_MONTH = _any(_SOLAR + _LUNAR)
_NUMBERED = [
    (re.compile(fold(row)), calendar, number)
    for calendar, rows in _CALENDARS.items()
    for number, row in enumerate(rows, start=1)
]
_WEEKDAY = [(re.compile(_any((row,))), number) for number, row in enumerate(_WEEKDAYS)]
# «حزيران/يونيو», «فبراير (شباط)»: one month under two names.
_TWO = rf"{_MONTH}\.?(?: ?[/(\-] ?{_MONTH} ?\)?)?"
# «الربيع (مارس)»: Libya's own names, which alone are seasons and persons.
_LIBYAN = fold("أي النار|النوار|الربيع|الطير|الماء|الصيف|ناصر|هانيبال|الفاتح|التمور|الحرث|الكانون")
_TWICE = rf"(?:{_TWO}|(?:{_LIBYAN}) ?[/(] ?{_MONTH} ?\)?|{_MONTH} ?\( ?(?:{_LIBYAN}) ?\))"
MONTH = re.compile(_TWICE)
"""A month's name, or two of one month, in a folded line."""
_YEAR = r"(?P<year>(?<!\d)\d{4}(?!\d))"
_DAY = r"(?P<day>(?<!\d)\d{1,2}(?!\d))(?:st|nd|rd|th|er)?"
_NAMED = rf"(?P<month>{_TWICE})"
_GAP = r"[ ،,./\-]*"
_OF = r"(?:من )?(?:of )?(?:شهر )?"
_OF_YEAR = rf"{_GAP}(?:(?:من )?(?:ال|لل|ل)?(?:عام|سنه) )?"
_ERA = r"(?: ?(?P<era>ه(?:جري(?:ه)?)?|م(?:يلادي(?:ه)?)?|ad|ah)(?![^\W\d_]))?"
# 18-20 يونيو 2024: what may stand before the day of a span.
_SPAN = r"(?P<span>(?<!\d)\d{1,2} ?(?:-|الي|و|حتي) ?)?"
_A, _B = r"(?<!\d)(?<!\d[/.\-])(?P<a>\d{1,2})", r"(?P<b>\d{1,2})"
_STROKE, _SAME = r" ?(?P<sep>[/.\-]) ?", r" ?(?P=sep) ?"
_FORMS = [
    # 20 يونيو 2024
    rf"{_SPAN}{_DAY}{_GAP}{_OF}{_NAMED}{_OF_YEAR}{_YEAR}{_ERA}",
    # June 20, 2024
    rf"{_NAMED}{_GAP}{_DAY}{_GAP}{_YEAR}",
    # 2024 يونيو 20
    rf"{_YEAR}{_GAP}{_NAMED}{_GAP}{_DAY}",
    # يونيو 2024
    rf"{_NAMED}{_OF_YEAR}{_YEAR}{_ERA}",
    # 2024-06-20
    rf"(?<!\d[/.\-]){_YEAR}{_STROKE}(?P<month>\d{{1,2}}){_SAME}(?P<day>\d{{1,2}})(?!\d|[/.\-]\d){_ERA}",
    # 20/6/2024, 6/20/2024
    rf"{_A}{_STROKE}{_B}{_SAME}{_YEAR}(?![/.\-]\d){_ERA}",
    # 20/6/24: no one can say which of the three is the year
    rf"{_A}{_STROKE}{_B}{_SAME}(?P<short>\d{{2}})(?!\d|[/.\-]\d)",
]
_DATES = [re.compile(form) for form in _FORMS]
_CLOCK = re.compile(
    r"(?<!\d)\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?"
    r"(?: ?(?:صباحا|مساء|ظهرا|عصرا|am|pm|a\.m\.|p\.m\.|ت م|تغ|ص|م)(?![^\W\d_]))?"
    r"(?: ?(?:gmt|utc|z)(?![^\W\d_]))?(?: ?[+\-]\d{2}:?\d{2}(?!\d))?"
)
_OFFSET = re.compile(r"(?:gmt|utc) ?[+\-](?:0?\d|1[0-4])(?::?\d{2})?(?!\d)")
_DIGIT = re.compile(r"\d")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})(?:t\d{4,6}z?)?")
_BARE_YEAR = re.compile(rf"(?:(?:ال|لل|ل)?(?:عام|سنه) )?{_YEAR}{_ERA}")
_PUBLISHED = re.compile(r"نشر|كتب في|حرر|اضيف|posted|published|publie")
_UPDATED = re.compile(r"تحديث|محدث|حدث في|حدثت في|تعديل|عدل|جدد|updated|modified|mis a jour|modifie")
_LABEL = re.compile(
    r"(?:تاريخ |تم |وقت |اخر |last )*(?:ال)?"
    r"(?:نشرت|نشره|نشر|تحديث|محدثه|محدث|تعديل|اضافه|اضيف|حرر|كتب|تاريخ|زمن|posted|published|updated|date)"
    r"(?: (?:في|بتاريخ|يوم|on|at))?[ :|\-]*|(?:في|بتاريخ|يوم)[ :]*"
)
_EDGES = " .,،;:|•·()[]-"
_ACCENTS = str.maketrans({"é": "e", "è": "e", "ê": "e", "û": "u", "ù": "u", "ô": "o", "à": "a"})
_FOLDED = _ACCENTS | str.maketrans({character: key.translate(_ACCENTS) for character, key in TABLE.items()})
"""The folded key's characters (`etl.fold`) without accents; runs of white space aside."""

# Relative times. A site rounds them down, so from a week on they do not say which day it was.
_UNITS: dict[str, tuple[str, str, str]] = {
    "second": ("ثانيه|second|sec", "ثانيتين|ثانيتان", "ثوان|ثواني|seconds"),
    "minute": ("دقيقه|minute|min|mn", "دقيقتين|دقيقتان", "دقائق|دقايق|minutes|mins"),
    "hour": ("ساعه|hour|heure|h", "ساعتين|ساعتان", "ساعات|hours|heures"),
    "day": ("يوم|يوما|day|jour", "يومين|يومان", "ايام|days|jours"),
    "long": (
        "اسبوع|اسبوعا|شهر|شهرا|سنه|عام|عاما|week|month|year|semaine|mois|an",
        "اسبوعين|شهرين|سنتين|عامين",
        "اسابيع|اشهر|شهور|سنوات|اعوام|weeks|months|years|semaines|ans",
    ),
}
_COUNTS = ("واحد", "اثنين|اثنان", "ثلاث", "اربع", "خمس", "ست", "سبع", "ثماني|ثمان", "تسع", "عشر")
_NUMBER = rf"\d{{1,3}}|(?:{'|'.join(_COUNTS)})ه?|an?|une?"
_AMOUNT = re.compile(
    rf"(?:(?P<number>{_NUMBER}) ?)?(?:"
    + "|".join(f"(?P<{unit}{form}>{words})" for unit, forms in _UNITS.items() for form, words in enumerate(forms, 1))
    + r")(?: (?:واحده?))?"
)
_AGO = re.compile(r"(?:قبل|منذ|من قبل|il y a) (?P<amount>[^:]+?)(?: (?:فقط|تقريبا))?|(?P<english>.+?) ago")
_TODAY = ("اليوم", "الان", "قبل قليل", "منذ قليل", "قبل لحظات", "منذ لحظات", "today", "just now", "now")
_YESTERDAY = ("امس", "يوم امس", "البارحه", "yesterday", "hier")
_DAY_BEFORE = ("اول امس", "امس الاول", "اول من امس")
_DAYS_BACK = dict.fromkeys(_TODAY, 0) | dict.fromkeys(_YESTERDAY, 1) | dict.fromkeys(_DAY_BEFORE, 2)


class _Found(NamedTuple):
    """One date in a line: the days it may mean, and what else it says."""

    start: int
    calendar: Calendar
    precision: Precision
    days: tuple[dt.date, ...]


def _solar_day(year: int, month: int, day: int) -> dt.date | None:
    if not YEARS[0] <= year <= YEARS[1]:
        return None
    try:
        return dt.date(year, month, day)
    except ValueError:
        return None


def _lunar_day(year: int, month: int, day: int) -> dt.date | None:
    if not HIJRI_YEARS[0] <= year <= HIJRI_YEARS[1]:
        return None
    try:
        solar = Hijri(year, month, day).to_gregorian()
    except (ValueError, OverflowError):
        return None
    return _solar_day(solar.year, solar.month, solar.day)


def _to_day(calendar: Calendar, year: int, month: int, day: int) -> dt.date | None:
    return _lunar_day(year, month, day) if calendar == "hijri" else _solar_day(year, month, day)


def _read_months(text: str) -> set[tuple[Calendar, int]]:
    """The name of a month, or two -> (calendar, number); more than one of them where two names disagree."""
    months: set[tuple[Calendar, int]] = set()
    for name in re.findall(_MONTH, text):
        for pattern, calendar, number in _NUMBERED:
            if pattern.fullmatch(name):
                months.add((calendar, number))
    return months


def _calendar_of(year: int, era: str | None) -> Calendar | None:
    """The calendar of a year; none where the letter behind it says otherwise."""
    lunar = HIJRI_YEARS[0] <= year <= HIJRI_YEARS[1]
    if era and (era[0] == "ه" or era == "ah") != lunar:
        return None
    return "hijri" if lunar else "gregorian"


def _read_found(match: re.Match[str]) -> _Found | None:
    part = match.groupdict()
    if part.get("short"):
        return _Found(match.start(), "gregorian", "ambiguous", ())
    year = int(part["year"])
    calendar = _calendar_of(year, part.get("era"))
    if calendar is None:
        return None
    if part.get("a"):
        a, b = int(part["a"]), int(part["b"])
        # With points, and in Hijri dates, the day comes first: of 682 Hijri dates in SaudiNewsNet that show
        # their order not one has the month first. In a Gregorian date with strokes either may.
        settled = part["sep"] == "." or calendar == "hijri"
        pairs = [(a, b)] if settled and b <= 12 else [(a, b), (b, a)]
        days = [_to_day(calendar, year, month, day) for day, month in pairs if month <= 12]
        return _Found(match.start(), calendar, "day", tuple(sorted({day for day in days if day is not None})))
    if part.get("sep"):
        numeric = _to_day(calendar, year, int(part["month"]), int(part["day"]))
        return _Found(match.start(), calendar, "day", (numeric,) if numeric else ())
    months = _read_months(part["month"])
    if len(months) != 1:
        return _Found(match.start(), calendar, "ambiguous", ())
    (named, month), *_ = months
    if named != calendar:
        return None
    if part.get("span"):
        return _Found(match.start(), calendar, "ambiguous", ())
    number = int(re.sub(r"\D", "", part["day"])) if part.get("day") else 1
    stated = _to_day(calendar, year, month, number)
    return _Found(match.start(), calendar, "day" if part.get("day") else "month", (stated,) if stated else ())


def _find_dates(key: str) -> Iterator[_Found]:
    """Folded line -> its dates from left to right, none overlapping; at one place the earlier form wins."""
    at = 0
    while at < len(key):
        matches = [match for match in (form.search(key, at) for form in _DATES) if match]
        if not matches:
            return
        match = min(matches, key=lambda found: found.start())
        found = _read_found(match)
        if found:
            yield found
        at = match.end()


def _choose_labelled(found: list[_Found], key: str) -> list[_Found]:
    """The dates after a label of publication, else those after none, else those after a label of change."""
    published = [match.start() for match in _PUBLISHED.finditer(key)]
    updated = [match.start() for match in _UPDATED.finditer(key)]
    by_role: dict[int, list[_Found]] = {}
    for one in found:
        first = max((at for at in published if at < one.start), default=-1)
        last = max((at for at in updated if at < one.start), default=-1)
        role = 1 if first == last else 0 if first > last else 2
        by_role.setdefault(role, []).append(one)
    return by_role[min(by_role)]


def _weekday_of(key: str) -> int | None:
    days = {number for pattern, number in _WEEKDAY if pattern.search(key)}
    return days.pop() if len(days) == 1 else None


def _settle(found: list[_Found], key: str, crawl: dt.date | None) -> ParsedDate:
    """Dates of one line -> the one they state together, if they do."""
    usable = [one for one in found if one.days]
    if not usable:
        doubtful = next((one for one in found if one.precision == "ambiguous"), None)
        return ParsedDate(None, "ambiguous", doubtful.calendar) if doubtful else NO_DATE
    solar = [one for one in usable if one.calendar == "gregorian"]
    lunar = [one for one in usable if one.calendar == "hijri"]
    chosen = solar or lunar
    calendar = chosen[0].calendar
    stated = [set(one.days) for one in chosen if one.precision == "day"]
    if not stated:
        spans = {one.days[0] for one in chosen}
        if len(spans) == 1:
            return ParsedDate(spans.pop(), "month", calendar)
        return ParsedDate(None, "ambiguous", calendar)
    days = set.intersection(*stated)
    twins = {one.days[0] for one in lunar if one.precision == "day" and len(one.days) == 1}
    witnesses = (
        lambda day: any(abs((day - twin).days) <= SIGHTING for twin in twins),
        lambda day: day.weekday() == _weekday_of(key),
        lambda day: crawl is not None and day.toordinal() <= crawl.toordinal() + 1,
    )
    for fits in witnesses:
        if len(days) > 1:
            fitting = {day for day in days if fits(day)}
            days = fitting if len(fitting) == 1 else days
    if len(days) == 1:
        return ParsedDate(days.pop(), "day", calendar)
    return ParsedDate(None, "ambiguous", calendar)


def _read_amount(text: str) -> dict[str, int] | None:
    """«3 ساعات و20 دقيقة» -> {"hour": 3, "minute": 20}; nothing where a word is left over."""
    amounts: dict[str, int] = {}
    for part in re.split(r" و ?| and ", text):
        match = _AMOUNT.fullmatch(part.strip())
        if not match:
            return None
        kind = next(name for name, value in match.groupdict().items() if value and name != "number")
        word = match["number"]
        if word and word.isdecimal():
            count = int(word)
        elif word and word not in ("a", "an", "un", "une"):
            stem = word.removesuffix("ه")
            count = next((n for n, names in enumerate(_COUNTS, start=1) if stem in names.split("|")), 1)
        else:
            count = 2 if kind.endswith("2") else 1
        if kind.endswith("3") and not word:
            return None
        amounts[kind[:-1]] = count
    return amounts


def _read_relative(key: str, crawl: dt.date) -> ParsedDate:
    """A time told from now -> its day, counted from when the page was fetched.

    Where only the day of the crawl is known, half a day back is still that day's news and more is in doubt.
    """
    back = _DAYS_BACK.get(key)
    if back is None:
        match = _AGO.fullmatch(key)
        amounts = _read_amount(match["amount"] or match["english"]) if match else None
        if amounts is None:
            return NO_DATE
        if "long" in amounts:
            return ParsedDate(None, "ambiguous", "gregorian")
        delta = dt.timedelta(
            days=amounts.get("day", 0),
            hours=amounts.get("hour", 0),
            minutes=amounts.get("minute", 0),
            seconds=amounts.get("second", 0),
        )
        if not isinstance(crawl, dt.datetime):
            if delta.seconds > 12 * 3600:
                return ParsedDate(None, "ambiguous", "gregorian")
            delta = dt.timedelta(days=delta.days)
    else:
        delta = dt.timedelta(days=back)
    if crawl.year <= YEARS[0]:
        return NO_DATE
    day = crawl - delta
    found = _solar_day(day.year, day.month, day.day)
    return ParsedDate(found, "day", "gregorian") if found else NO_DATE


def parse_date(raw: str, crawl: dt.date | None = None) -> ParsedDate:
    """A date line as it stands -> the date it states.

    `crawl` is when the page was fetched (a datetime where the hour is known); without it "3 hours ago" is
    no date. Labels, weekdays and clock times are read past. Between the two readings of `6/7/2024` the Hijri
    half of a double date decides, or the weekday, or the day of the crawl, where exactly one reading fits.
    """
    if len(raw) > LENGTH:
        return NO_DATE
    key = unicodedata.normalize("NFC", raw).translate(_FOLDED)
    key = " ".join(key.split()) if "  " in key else key
    key = _CLOCK.sub(" ", key) if ":" in key else key
    key = _OFFSET.sub(" ", key) if "gmt" in key or "utc" in key else key
    return _parse_key(" ".join(key.split()).strip(_EDGES), crawl)


@lru_cache(maxsize=1 << 12)
def _parse_key(key: str, crawl: dt.date | None) -> ParsedDate:
    """A folded line without times of day, which are many -> the date it states."""
    if crawl is None and not _DIGIT.search(key):
        return NO_DATE
    compact = _COMPACT.fullmatch(key)
    if compact:
        day = _solar_day(int(compact[1]), int(compact[2]), int(compact[3]))
        return ParsedDate(day, "day", "gregorian") if day else NO_DATE
    found = list(_find_dates(key))
    if found:
        return _settle(_choose_labelled(found, key), key, crawl)
    bare = _LABEL.sub("", key, count=1).strip(_EDGES) if _LABEL.match(key) else key
    year = _BARE_YEAR.fullmatch(bare)
    if year:
        calendar = _calendar_of(int(year["year"]), year["era"])
        first = _to_day(calendar, int(year["year"]), 1, 1) if calendar else None
        return ParsedDate(first, "year", calendar) if first else NO_DATE
    if crawl is None:
        return NO_DATE
    relative = _read_relative(bare, crawl)
    return relative if relative != NO_DATE else _read_relative(key, crawl)
