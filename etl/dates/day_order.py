"""Which of two days a date line means, by what else the page says: `5/2/2020` is the fifth of February or the second of May."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator

import polars as pl

from etl.dates import parse_date, read_both
from etl.dates.names import MONTH_NAME, WEEKDAY_NAME, read_months, weekday_of
from etl.fold import fold
from etl.names import INVISIBLE

_MOST_DAY_FIRST = 12
_NUMERIC = re.compile(r"(?<!\d)(\d{1,2}) ?([/-]) ?(\d{1,2}) ?\2 ?\d{4}(?!\d)")
_NAMED_DAY = re.compile(rf"(?P<name>{WEEKDAY_NAME})[ ،,:]*(?P<date>\d{{1,2}} ?[/-] ?\d{{1,2}} ?[/-] ?\d{{4}})(?!\d)")
_SPOKEN = re.compile(
    rf"(?<![^\W\d_])(?:(?:يوم )?(?P<near>اليوم|اول امس|امس الاول|امس)[ ،]*|(?P<part>مساء|صباح|ظهر|عصر|فجر|ليل)ه? (?:يوم )?)(?P<name>{WEEKDAY_NAME})"
)
"""How a text says when: "today, Tuesday", "yesterday, Sunday", "the day before", "Tuesday evening", which was that day or the one before."""
_LATE = {"اليوم": 0, "امس": 1, "اول امس": 2, "امس الاول": 2}
"""Days between what is called so and the day of publication."""
_THIS = re.compile(r" (?:الجاري|الحالي)(?![^\W\d_])")
_MONTH_BEFORE = re.compile(rf"{MONTH_NAME}$")
_LONGEST_MONTH = 40
_DAY_BEHIND = re.compile(r"[ ،(]{1,3}\d{1,2}[^.؟!]{0,30}?(?:19|20)\d\d")
"""A date with its year right behind a weekday."""
_TELLS = re.compile(r"اليوم|[أا]مس|مساء|صباح|ظهر|عصر|فجر|ليل|الجاري|الحالي")
"""What a sentence that says when has, as it stands: folding costs more than all else here."""
_DATE_LINE = 60
"""Code points of a line beyond which it is a sentence."""
_HAS_DATE = re.compile(r"\d\W{0,2}[/-]\W{0,2}\d{1,2}\W{0,2}[/-]")
_NEAR = 7
"""Days between a page's date and that of a post it shows, or of a change, at most."""
_SENTENCE = 40
"""Code points from which a line is a sentence: a menu's or a comment's day is another's."""


def _by_order(page: str, sign: str) -> Iterator[bool]:
    """Page, the sign between the numbers -> of each date line with that sign whose date can be read in one way only, whether the day
    comes first.

    With points the day always does, and in a sentence people write as they like. Another sign is another program's: that of
    the comments, or of an archive's box.
    """
    lines = (INVISIBLE.sub("", line) for line in page.split("\n") if len(line) < _DATE_LINE and _HAS_DATE.search(line))
    for first, between, second in _NUMERIC.findall("\n".join(lines)):
        if between != sign:
            continue
        if int(first) > _MOST_DAY_FIRST >= int(second):
            yield True
        elif int(second) > _MOST_DAY_FIRST >= int(first):
            yield False


def _by_named_day(page: str, days: tuple[dt.date, dt.date], sign: str) -> Iterator[bool]:
    """Page, the two days, the sign between the numbers -> of each place where one of them stands behind a weekday that only one of
    them fits, whether it is the first; and of each date line with that sign and another date, whether the day comes first there."""
    for line in page.split("\n"):
        for match in _NAMED_DAY.finditer(fold(INVISIBLE.sub("", line))) if _HAS_DATE.search(line) else ():
            both = read_both(match["date"])
            is_own = {*both} == {*days}
            if len(both) != 2 or not (is_own or (sign and sign in match["date"] and len(line) < _DATE_LINE)):
                continue
            fits = [day.weekday() == weekday_of(match["name"]) for day in (days if is_own else both)]
            if fits[0] != fits[1]:
                yield fits[0]


def _by_change(raw: str) -> Iterator[bool]:
    """A date line -> true where it has a second date, of a change, that lies within a week of the first if the day comes first, and
    only then; a change a month later to the day says nothing."""
    dates = [read_both(match[0]) for match in _NUMERIC.finditer(INVISIBLE.sub("", raw))]
    if len(dates) == 2 and all(len(both) == 2 for both in dates):
        near = [abs((one - other).days) <= _NEAR for one, other in zip(*dates, strict=True)]
        if near[0] and not near[1]:
            yield True


def _by_weekday(lines: list[str], days: tuple[dt.date, dt.date]) -> Iterator[bool]:
    """Sentences, folded, the two days -> of each weekday that only one of them fits, whether it is the first.

    A weekday that goes on with the date of another day is that day's: of a story below the article.
    """
    for line in lines:
        for match in _SPOKEN.finditer(line):
            behind_it = _DAY_BEHIND.match(line, match.end())
            dated = parse_date(behind_it[0]).date if behind_it else None
            if dated and dated not in days:
                continue
            weekday = weekday_of(match["name"])
            behind = (0, 1) if match["part"] else (_LATE[match["near"]],)
            fits = [any((day - dt.timedelta(late)).weekday() == weekday for late in behind) for day in days]
            if fits[0] != fits[1]:
                yield fits[0]


def _by_month(lines: list[str], days: tuple[dt.date, dt.date]) -> Iterator[bool]:
    """Sentences, folded, the two days -> of each "this month" that only one of them lies in, whether it is the first."""
    for line in lines:
        for this in _THIS.finditer(line):
            name = _MONTH_BEFORE.search(line[max(this.start() - _LONGEST_MONTH, 0) : this.start()])
            months = read_months(name[0]) if name else set()
            fits = [("gregorian", day.month) in months for day in days]
            if fits[0] != fits[1]:
                yield fits[0]


def _is_nearer(stated: dt.date, days: tuple[dt.date, dt.date]) -> bool | None:
    """A day that the page states, the two days -> whether it is within a week of the first, or of the second alone."""
    near = [abs((stated - day).days) <= _NEAR for day in days]
    return near[0] if near[0] != near[1] else None


def settle_day(raw: str, page: str, stated: set[dt.date], order: bool | None = None) -> dt.date | None:
    """A date line, its page, the days that other lines of the page state, whether its outlet writes the day first (null: nobody
    knows) -> the day it means; none where nothing says so, or two things contradict each other.

    Where the page and the outlet's other pages disagree, it is null too: a text may write dates in another order than the
    system around it, and a page may be older than its outlet's custom.
    """
    days = read_both(raw)
    if len(days) != 2 or days[0] == days[1]:
        return None
    pair = days[0], days[1]
    said = [is_first for day in stated if (is_first := _is_nearer(day, pair)) is not None]
    said += [] if order is None else [order]
    lines = [fold(line) for line in page.split("\n") if len(line) >= _SENTENCE and _TELLS.search(line)]
    numbers = _NUMERIC.search(INVISIBLE.sub("", raw))
    sign = numbers[2] if numbers else ""
    said += [
        *_by_order(page, sign),
        *_by_named_day(page, pair, sign),
        *_by_change(raw),
        *_by_weekday(lines, pair),
        *_by_month(lines, pair),
    ]
    return days[0 if said[0] else 1] if said and len(set(said)) == 1 else None


def settle_given(given: pl.Series, told: pl.DataFrame, day_first: pl.Series) -> pl.DataFrame:
    """Dates that came beside pages, what was read of each (date, precision), whether the day comes first in such dates of the outlet
    -> the same; which of two days one means these say. What a page writes says nothing of what a crawler does."""
    doubtful = ((told["precision"] == "ambiguous") & day_first.is_not_null()).arg_true()
    settled: dict[int, dt.date] = {}
    for at, raw, is_first in zip(doubtful, given.gather(doubtful), day_first.gather(doubtful), strict=True):
        days = read_both(raw)
        if len(days) == 2:
            settled[at] = days[0 if is_first else 1]
    docs, found = list(settled), list(settled.values())
    return told.with_columns(date=told["date"].scatter(docs, found), precision=told["precision"].scatter(docs, "day"))
