"""Days of two calendars, and what a date line states of one."""

from __future__ import annotations

import datetime as dt
from typing import Literal, NamedTuple

from hijridate import Hijri

Precision = Literal["day", "month", "year", "ambiguous", "none"]
Calendar = Literal["gregorian", "hijri"]

YEARS = (1900, 2100)
"""Gregorian years that a page of news can bear."""
HIJRI_YEARS = (1300, 1500)
"""A year in this span is Hijri, never Gregorian; `hijridate` converts 1343 to 1500 (Umm al-Qura)."""


class ParsedDate(NamedTuple):
    """A date and how much of it was stated; for a `month` or a `year` it is the first day of that span.

    `ambiguous`: a date is stated, but which day it means is in doubt; `none`: no date, or an impossible one.
    """

    date: dt.date | None
    precision: Precision
    calendar: Calendar | None


NO_DATE = ParsedDate(None, "none", None)


def solar_day(year: int, month: int, day: int) -> dt.date | None:
    """Gregorian year, month and day -> the day, if there is such a one that a page can bear."""
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
    return solar_day(solar.year, solar.month, solar.day)


def to_day(calendar: Calendar, year: int, month: int, day: int) -> dt.date | None:
    """Calendar, year, month and day of it -> the day, if there is such a one that a page can bear."""
    return _lunar_day(year, month, day) if calendar == "hijri" else solar_day(year, month, day)


def calendar_of(year: int, era: str | None) -> Calendar | None:
    """The calendar of a year; none where the letter behind it says otherwise."""
    lunar = HIJRI_YEARS[0] <= year <= HIJRI_YEARS[1]
    if era and (era[0] == "ه" or era == "ah") != lunar:
        return None
    return "hijri" if lunar else "gregorian"
