"""A time told from now: «قبل 3 ساعات», "yesterday"; its day, counted from when the page was fetched."""

from __future__ import annotations

import datetime as dt
import re

from etl.calendars import NO_DATE, YEARS, ParsedDate, solar_day
from etl.fold import fold
from etl.shipped import read_data

_DATA = read_data("dates")["ago"]
# Of each unit: one, two, several. A site rounds times down, so from a week on ("long") they do not say which day it was.
_UNITS: dict[str, list[str]] = {
    unit: ["|".join(map(fold, words)) for words in forms] for unit, forms in _DATA["units"].items()
}
_COUNTS = ["|".join(map(fold, words)) for words in _DATA["counts"]]
_NUMBER = rf"\d{{1,3}}|(?:{'|'.join(_COUNTS)})ه?|an?|une?"
_AMOUNT = re.compile(
    rf"(?:(?P<number>{_NUMBER}) ?)?(?:"
    + "|".join(f"(?P<{unit}{form}>{words})" for unit, forms in _UNITS.items() for form, words in enumerate(forms, 1))
    + r")(?: (?:واحده?))?"
)
_AGO = re.compile(r"(?:قبل|منذ|من قبل|il y a) (?P<amount>[^:]+?)(?: (?:فقط|تقريبا))?|(?P<english>.+?) ago")
_DAYS_BACK = {
    fold(word): days for days, name in enumerate(("today", "yesterday", "day_before")) for word in _DATA[name]
}


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


def read_relative(key: str, crawl: dt.date) -> ParsedDate:
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
    found = solar_day(day.year, day.month, day.day)
    return ParsedDate(found, "day", "gregorian") if found else NO_DATE
