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
from typing import NamedTuple

from etl.dates.calendars import NO_DATE, Calendar, ParsedDate, Precision, calendar_of, solar_day, to_day
from etl.dates.names import MONTH_NAME, WEEKDAY_NAME, read_months, weekday_of
from etl.fold import TABLE

LENGTH = 200
"""Code points of a line beyond which it is a sentence that mentions a date, not a date line."""
SIGHTING = 2
"""Days by which a local Hijri date, set by sighting the moon, may differ from the Umm al-Qura calendar."""
_YEAR = r"(?P<year>(?<!\d)\d{4}(?!\d))"
_DAY = r"(?P<day>(?<!\d)\d{1,2}(?!\d))(?:st|nd|rd|th|er)?"
_NAMED = rf"(?P<month>{MONTH_NAME})"
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
    # 2024 الخميس ,20 يونيو
    rf"{_YEAR}{_GAP}{WEEKDAY_NAME}{_GAP}{_DAY}{_GAP}{_NAMED}",
    # 20 2024 يونيو, of which a time stood in the middle
    rf"{_DAY} {_YEAR} {_NAMED}(?! ?\d)",
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
_COLONS = re.compile(r"(?<!\d)(20\d\d):(\d\d):(\d\d)\.(?=\d{1,2}:\d\d(?!\d))")
"""A day with colons between its parts and a point before the time."""
_CLOCK = re.compile(
    r"(?<!\d)\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?"
    r"(?: ?(?:صباحا|مساء|ظهرا|عصرا|am|pm|a\.m\.|p\.m\.|ت م|تغ|ص|م)(?![^\W\d_]))?"
    r"(?: ?(?:gmt|utc|z)(?![^\W\d_]))?(?: ?[+\-]\d{2}:?\d{2}(?!\d))?"
)
_GLUED = re.compile(
    r"(?<=[^\W\d_])(?=(?:يناير|فبراير|مارس|ابريل|مايو|يونيو|يوليو|اغسطس|سبتمبر|اكتوبر|نوفمبر|ديسمبر) \d{1,2}[،,]? ?20\d\d)|(?<=\D20\d\d)(?=\d{1,2} (?:دقائق|دقيقه|دقايق))|(?<=20\d\d-\d\d-\d\d)(?=\d{1,2} (?:دقائق|دقيقه|دقايق))|(?<=[^\W\d_] 20\d\d)(?=\d{1,2}:[0-5]\d)"
)
"""Where the name of a section is glued to a month that opens its date, and a year to the minutes that a text takes to read, or to the time of
day."""
_OFFSET = re.compile(r"(?:gmt|utc) ?[+\-](?:0?\d|1[0-4])(?::?\d{2})?(?!\d)")
_DIGIT = re.compile(r"\d")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})(?:t\d{4,6}z?)?")
_BARE_YEAR = re.compile(rf"(?:(?:ال|لل|ل)?(?:عام|سنه) )?{_YEAR}{_ERA}")
PUBLISHED = r"نشر|كتب في|حرر|اضيف|posted|published|publi[eé]|publicera[dt]|ver.ffentlicht"
CHANGED = (
    r"تحديث|محدث|حدث في|حدثت في|تعديل|عدل|جدد|نقح|updated|modified|mis [aà] jour|modifi[eé]|uppdatera[dt]|aktualisiert"
)
"""Words of a folded date line: publication, and a change of the page."""
_PUBLISHED, _CHANGED = re.compile(PUBLISHED), re.compile(CHANGED)
_LABEL = re.compile(
    r"(?:تاريخ |تم |وقت |اخر |last )*(?:ال)?"
    r"(?:نشرت|نشره|نشر|تحديث|محدثه|محدث|تعديل|اضافه|اضيف|حرر|كتب|تاريخ|زمن|posted|published|updated|date)"
    r"(?: (?:في|بتاريخ|يوم|on|at))?[ :|\-]*|(?:في|بتاريخ|يوم)[ :]*"
)
_EDGES = " .,،;:|•·()[]-"
_ACCENTS = str.maketrans({"é": "e", "è": "e", "ê": "e", "û": "u", "ù": "u", "ô": "o", "à": "a"})
_FOLDED = _ACCENTS | str.maketrans({character: key.translate(_ACCENTS) for character, key in TABLE.items()})
"""The folded key's characters (`etl.fold`) without accents; runs of white space aside."""


class _Found(NamedTuple):
    """One date in a line: the days it may mean, and what else it says."""

    start: int
    calendar: Calendar
    precision: Precision
    days: tuple[dt.date, ...]


def _read_found(match: re.Match[str]) -> _Found | None:
    part = match.groupdict()
    if part.get("short"):
        return _Found(match.start(), "gregorian", "ambiguous", ())
    year = int(part["year"])
    calendar = calendar_of(year, part.get("era"))
    if calendar is None:
        return None
    if part.get("a"):
        a, b = int(part["a"]), int(part["b"])
        # With points, and in Hijri dates, the day comes first: of 682 Hijri dates in SaudiNewsNet that show
        # their order not one has the month first. In a Gregorian date with strokes either may.
        settled = part["sep"] == "." or calendar == "hijri"
        pairs = [(a, b)] if settled and b <= 12 else [(a, b), (b, a)]
        days = [to_day(calendar, year, month, day) for day, month in pairs if month <= 12]
        return _Found(match.start(), calendar, "day", tuple(sorted({day for day in days if day is not None})))
    if part.get("sep"):
        numeric = to_day(calendar, year, int(part["month"]), int(part["day"]))
        return _Found(match.start(), calendar, "day", (numeric,) if numeric else ())
    months = read_months(part["month"])
    if len(months) != 1:
        return _Found(match.start(), calendar, "ambiguous", ())
    (named, month), *_ = months
    if named != calendar:
        return None
    if part.get("span"):
        return _Found(match.start(), calendar, "ambiguous", ())
    number = int(re.sub(r"\D", "", part["day"])) if part.get("day") else 1
    stated = to_day(calendar, year, month, number)
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
    updated = [match.start() for match in _CHANGED.finditer(key)]
    by_role: dict[int, list[_Found]] = {}
    for one in found:
        first = max((at for at in published if at < one.start), default=-1)
        last = max((at for at in updated if at < one.start), default=-1)
        role = 1 if first == last else 0 if first > last else 2
        by_role.setdefault(role, []).append(one)
    return by_role[min(by_role)]


def _settle(found: list[_Found], key: str) -> ParsedDate:
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
        lambda day: day.weekday() == weekday_of(key),
    )
    for fits in witnesses:
        if len(days) > 1:
            fitting = {day for day in days if fits(day)}
            days = fitting if len(fitting) == 1 else days
    if len(days) == 1:
        day = days.pop()
        return ParsedDate(_seen_day(day, weekday_of(key)) if calendar == "hijri" else day, "day", calendar)
    return ParsedDate(None, "ambiguous", calendar)


def _seen_day(day: dt.date, weekday: int | None) -> dt.date:
    """A day of the Umm al-Qura calendar, the weekday that stands beside it -> the day meant: its month began when the moon was seen."""
    moved = (day.weekday() - weekday + 3) % 7 - 3 if weekday is not None else 0
    return day - dt.timedelta(days=moved) if abs(moved) <= SIGHTING else day


def parse_date(raw: str) -> ParsedDate:
    """A date line as it stands -> the date it states.

    Labels, weekdays and clock times are read past. Between the two readings of `6/7/2024` the Hijri half of a double date
    decides, or the weekday, where exactly one reading fits. A time told from now ("3 hours ago") is no date: no page says when now was.
    """
    if len(raw) > LENGTH:
        return NO_DATE
    key = unicodedata.normalize("NFC", raw).translate(_FOLDED)
    key = " ".join(key.split()) if "  " in key else key
    if ":" in key:
        key = _CLOCK.sub(" ", _COLONS.sub(r"\1-\2-\3 ", key))
    key = _GLUED.sub(" ", key)
    key = _OFFSET.sub(" ", key) if "gmt" in key or "utc" in key else key
    return _parse_key(" ".join(key.split()).strip(_EDGES))


_EITHER = re.compile(r"(?<!\d)(\d{1,2}) ?[/.-] ?(\d{1,2}) ?[/.-] ?(\d{4})(?!\d)")


def read_both(raw: str) -> list[dt.date]:
    """A date line of which day and month may change places -> the days that it may mean, the day first: of `5/2/2020` two.

    Of several dates it is that of publication; none where they say several things.
    """
    key = raw.translate(_FOLDED)
    found: list[_Found] = []
    for match in _EITHER.finditer(key):
        one, other, year = map(int, match.groups())
        days = (solar_day(year, month, day) for month, day in ((other, one), (one, other)) if month <= 12)
        found.append(_Found(match.start(), "gregorian", "day", tuple(day for day in days if day)))
    told = {one.days for one in _choose_labelled(found, key)} if found else set()
    return list(told.pop()) if len(told) == 1 else []


@lru_cache(maxsize=1 << 12)
def _parse_key(key: str) -> ParsedDate:
    """A folded line without times of day, which are many -> the date it states."""
    if not _DIGIT.search(key):
        return NO_DATE
    compact = _COMPACT.fullmatch(key)
    if compact:
        day = solar_day(int(compact[1]), int(compact[2]), int(compact[3]))
        return ParsedDate(day, "day", "gregorian") if day else NO_DATE
    found = list(_find_dates(key))
    if found:
        return _settle(_choose_labelled(found, key), key)
    bare = _LABEL.sub("", key, count=1).strip(_EDGES) if _LABEL.match(key) else key
    year = _BARE_YEAR.fullmatch(bare)
    if year:
        calendar = calendar_of(int(year["year"]), year["era"])
        first = to_day(calendar, int(year["year"]), 1, 1) if calendar else None
        return ParsedDate(first, "year", calendar) if first else NO_DATE
    return NO_DATE
