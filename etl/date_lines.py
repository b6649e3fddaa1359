"""Piece -> Piece: lines near the title that state a date in a form that no rule knows.

Rules know what date lines look like, and may let any line go that looks like one. Here the place speaks for the line, on pages
where no rule found a date: what remains is whether it states one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from etl.dates import parse_date
from etl.distinct import distinct
from etl.page_heads import find_heads, number_pages

if TYPE_CHECKING:
    from etl.knowledge import Knowledge

STATED = "date/stated"
LENGTH = 90
"""Code points beyond which a line that mentions a date is a sentence."""
_WEEKDAY = "(?:ال)?(?:[اأإ]ثنين|ثلاثاء|[اأ]ربعاء|خميس|جمعة|سبت|[اأ]حد)"
_OPENS = rf"(?i)^\W*(?:[0-9٠-٩]{{1,4}}\D|{_WEEKDAY}|نُ?شر|كُ?تب في|تحديث|آخر تحديث|تاريخ|التاريخ|الموافق|published|posted|publi|updated|on )"
"""How a line begins that tells when, and not what happened then."""
_YEAR = r"(?:19|20|١٩|٢٠)[0-9٠-٩]{2}|1[34][0-9]{2}|١[٣٤][٠-٩]{2}"


def label_dates(pieces: pl.LazyFrame, know: Knowledge) -> pl.LazyFrame:
    """Piece -> Piece: on pages without a labelled date, lines near the title that state a day become `date/stated`."""
    frame = pieces.collect()
    heads = find_heads(frame, number_pages(frame))
    dated = np.zeros(int(heads.page.max(initial=-1)) + 1, dtype=np.bool_)
    dated[heads.page[heads.labelled("^date/")]] = True
    near = heads.near_title() & heads.rule.is_null().to_numpy() & ~dated[heads.page]
    at = np.flatnonzero(near)
    text = heads.text.gather(at)
    likely = (text.str.len_chars() <= LENGTH) & text.str.contains(_OPENS) & text.str.contains(_YEAR)
    at = at[likely.to_numpy()]
    texts, which = distinct(heads.text.gather(at))
    states = np.array([parse_date(line).precision == "day" for line in texts], dtype=np.bool_)
    rows = heads.row[at[states[which]]]
    return frame.with_columns(frame["rule"].scatter(rows, STATED)).lazy() if len(rows) else frame.lazy()
