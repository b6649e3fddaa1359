"""Names of months and weekdays, of every Arab country and of two European languages, in a folded line."""

from __future__ import annotations

import re

from etl.dates.calendars import Calendar
from etl.fold import fold
from etl.shipped import read_data


def _any(names: list[list[str]]) -> str:
    """Names, each with its spellings -> one pattern, the longest spelling first, that starts and ends where a word does."""
    spellings = {fold(name) for row in names for name in row}
    longest_first = "|".join(sorted(spellings, key=lambda name: (-len(name), name)))
    return rf"(?:(?<![^\W\d_])(?:{longest_first})(?![^\W\d_]|(?<=\d)\d))"


_DATA = read_data("dates")
_CALENDARS: dict[Calendar, list[list[str]]] = {name: _DATA["months"][name] for name in ("gregorian", "hijri")}
_MONTH = _any([*_CALENDARS["gregorian"], *_CALENDARS["hijri"]])
_NUMBERED = [
    (re.compile(fold("|".join(row))), calendar, number)
    for calendar, rows in _CALENDARS.items()
    for number, row in enumerate(rows, start=1)
]
_WEEKDAY = [(re.compile(_any([row])), number) for number, row in enumerate(_DATA["weekdays"]["names"])]
WEEKDAY_NAME = _any(_DATA["weekdays"]["names"])
"""Pattern of a weekday's name, in a folded line."""
WEEKDAY = "(?:ال)?(?:[اأإ]ثنين|ثلاثاء|ثلثاء|[اأ]ربعاء|خميس|جمعة|سبت|[اأ]حد)"
"""The same as it is spelt on a line."""
# «حزيران/يونيو», «فبراير (شباط)»: one month under two names.
_TWO = rf"{_MONTH}\.?(?: ?[/(\-] ?{_MONTH} ?\)?)?"
# «الربيع (مارس)»: a Libyan name beside one that all know.
_LIBYAN = fold("|".join(_DATA["months"]["libyan"]))
MONTH_NAME = rf"(?:{_TWO}|(?:{_LIBYAN}) ?[/(] ?{_MONTH} ?\)?|{_MONTH} ?\( ?(?:{_LIBYAN}) ?\))"
"""Pattern of a month's name, or of two of one month, in a folded line."""
MONTH = re.compile(MONTH_NAME)


def read_months(text: str) -> set[tuple[Calendar, int]]:
    """The name of a month, or two -> (calendar, number); more than one of them where two names disagree."""
    months: set[tuple[Calendar, int]] = set()
    for name in re.findall(_MONTH, text):
        for pattern, calendar, number in _NUMBERED:
            if pattern.fullmatch(name):
                months.add((calendar, number))
    return months


def weekday_of(key: str) -> int | None:
    """Folded line -> the weekday it names, from 0 for Monday; none where it names none, or several."""
    days = {number for pattern, number in _WEEKDAY if pattern.search(key)}
    return days.pop() if len(days) == 1 else None
