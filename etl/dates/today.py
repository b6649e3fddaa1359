"""Days that a text calls today in its first lines: `أعلنت الوزارة، اليوم الأحد (18 كانون الثاني 2026)`.

Such a day is that of publication, on all of the 15 pages of `tests/pages` that have one, and in all three of the 36,000
articles of SaudiNewsNet and ANT that do.
"""

from __future__ import annotations

import re

import polars as pl

from etl.dates import parse_date, read_both
from etl.dates.names import MONTH_NAME, WEEKDAY_NAME, weekday_of
from etl.fold import fold_offsets, span_of

_LINES, _LENGTH = 3, 1000
"""Lines of a text, and code points, in which it says when it was written; further down others speak."""
_TODAY = r"(?<!\w)(?<!هذا )(?<!مثل )(?<!مثل هذا )(?<!ذلك )(?<!ذاك )(?:اليوم|يومه|يومنا هذا)"
_GAP = r"[ ،,:(\[/–-]{0,4}"
_BESIDE = r"(?:(?:ال)?(?:موافق|مصادف)(?: (?:ل|في))? ?:? ?|بتاريخ |تاريخ )?"
_DAY = rf"(?:19|20)\d{{2}} ?[/-] ?\d{{1,2}} ?[/-] ?\d{{1,2}}(?!\d)|\d{{1,2}} ?(?:(?:من )?(?:شهر )?{MONTH_NAME}[ ،,/]*(?:من )?(?:(?:ال|ل)?(?:عام|سنه) )?|[/.-] ?\d{{1,2}} ?[/.-] ?)(?:19|20)\d{{2}}(?!\d)"
_SAID = re.compile(rf"{_TODAY}{_GAP}(?:{WEEKDAY_NAME})?{_GAP}{_BESIDE}{_GAP}(?:{_DAY})")
"""Today, a weekday or none, and a day with its year right behind, in a folded text."""
_HEAD = re.compile(rf"{WEEKDAY_NAME}{_GAP}[^.:؟!\n]{{0,40}}?(?:موافق|مصادف)(?: (?:ل|في))? ?:? ?(?:{_DAY})")
"""A weekday and its day in two calendars, with which a text begins."""


def read_today(text: str) -> str | None:
    """A text -> where it calls a day today in its first lines, or begins with one in two calendars, as it stands there.

    None where the weekday is another one than that day's.
    """
    head = "\n".join(text.split("\n", _LINES)[:_LINES])[:_LENGTH]
    key, offsets = fold_offsets(head)
    opening = _HEAD.match(key)
    for match in [opening] if opening else _SAID.finditer(key):
        start, end = span_of(head, offsets, *match.span())
        said = head[start:end]
        day, weekday = parse_date(said).date, weekday_of(match[0])
        if day and weekday in (None, day.weekday()):
            return said
    return None


def date_by_lead(docs: pl.DataFrame) -> pl.DataFrame:
    """Document -> Document: one without a date has the day that its text calls today in its first lines, or begins with.

    Where a line of the page can be read both ways, only one of its two days.
    """
    asked = pl.col("date").is_null() & pl.col("text").str.contains("يوم|موافق|مصادف")
    at = docs.select(asked).to_series().arg_true()
    said = [read_today(text) for text in docs["text"].gather(at)]
    stated = [parse_date(one) if one else None for one in said]
    fits = [
        day is not None and (precision != "ambiguous" or day.date in read_both(raw or ""))
        for day, (precision, raw) in zip(stated, docs.select("date_precision", "date_raw")[at].iter_rows(), strict=True)
    ]
    told = pl.DataFrame({"_row": at, "_day": [day and day.date for day in stated], "_said": said}, _TOLD).filter(
        pl.Series(fits, dtype=pl.Boolean)
    )
    if told.is_empty():
        return docs
    row = told["_row"]
    return docs.with_columns(
        date=docs["date"].scatter(row, told["_day"]),
        date_raw=docs["date_raw"].scatter(row, told["_said"]),
        date_precision=docs["date_precision"].scatter(row, "day"),
    )


_TOLD = {"_row": pl.UInt32(), "_day": pl.Date(), "_said": pl.String()}
