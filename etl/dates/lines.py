"""Piece -> Piece: lines near the title that state a date in a form that no rule knows.

Rules know what date lines look like, and may let any line go that looks like one. Here the place speaks for the line, on pages
where no rule found a date: what remains is whether it states one.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from pydantic import BaseModel, ConfigDict, Field

from etl.arrays import Flags
from etl.bylines.parts import COUNTER, read_byline
from etl.dates import CHANGED, PUBLISHED, parse_date
from etl.dates.names import MONTH, WEEKDAY
from etl.decoration import part_at_signs
from etl.distinct import distinct
from etl.fold import fold, fold_texts
from etl.page_heads import find_heads
from etl.pieces import number_pages

if TYPE_CHECKING:
    from etl.knowledge import Knowledge

STATED = "date/stated"
_WORDS = fold(
    "يوم|شهر|سنة|عام|رقم|العدد|الساعة|بتوقيت|مكة|المكرمة|غرينتش|غرينيتش|جرينتش|صباحا|مساء|ظهرا|الموافق|في|على|سا|تم|نشر|النشر|كتب|آخر|تحديث|"
    "تاريخ|التاريخ|بتاريخ|gmt|utc|kl|am|pm|published|posted|updated|publicerat|uppdaterat|publié|le|on"
)
"""What stands in a date line beside the day, folded."""
_DAY = r"(?:[0-9٠-٩]|" + WEEKDAY + r"(?:\W|$))"
_OPENS = rf"(?i)^\W*(?:{_DAY}|(?:(?:تم ال)?نُ?شر|كُ?تب|آخر تحديث|تحديث|تاريخ(?: النشر)?|التاريخ|الموافق|published|posted|updated|publiée? le|publicera[dt]|uppdatera[dt]|veröffentlicht)(?: في| on)? ?:? ?{_DAY})"
"""How a line begins that tells when: with a day, or with a label before one."""
_BEHIND = rf"^\W*[^\W\d]\S*(?: (?:[-–|/] )?[^\W\d]\S*){{0,4}} ?[-–|]? ?{_DAY}"
"""A line in which a day stands behind a name, a place or a paper."""
_LABELLED = rf"^[^\W\d]\S*(?: [^\W\d]\S*){{0,3}} ?: ?{_DAY}"
"""A day behind a label that a site has made up: `خرج إلى النور: 30 تشرين الثاني 2022`."""
_ITEM = "(?:ال)?(?:خبر|مقال|مقاله|ماده|موضوع|تقرير|تدوينه|منشور)"
_TELLS = re.compile(
    rf"(?:(?:تم|تاريخ|وقت|يوم|اخر) ?)*(?:ال)?(?:نشر|ادرج|ادراج|اضيف|اضافه|كتب|حرر|رفع|حمل|ارسل|تحديث|محدث|تعديل|نقح)(?:ت|ه|ها)?(?: {_ITEM})?"
    r"(?: (?:في|يوم|بتاريخ|علي الموقع|الي الموقع|علي الشبكه))?"
    r"|(?:دخل|خرج|ظهر|صدر|وضع)ت? (?:الي|علي|في) (?:ال)?(?:موقع|بوابه|شبكه|صفحه|نور)"
    rf"|تاريخ {_ITEM}|بتاريخ|(?:ال)?تاريخ"
    r"|(?:date|time|date[_ ]?publi\w*|pubdate|added|uploaded|posted|publi\w*|updat\w*)(?: (?:on|at|date|time|le|le \w+))?"
)
"""A label, folded, that says of a day that the text came out on it, or was changed; another speaks of what happened then."""
_PARTED = rf"(?:^|\|) ?{_DAY}"
"""A day that opens a line, or a part of it behind a stroke or a sign."""
_FILL = re.compile(rf"{WEEKDAY}|[0-9٠-٩]+|(?<!\w)(?:{_WORDS})(?!\w)|\W+")
_TOLD = re.compile(r"[0-9٠-٩]{4}\s*:")
"""A day that opens a headline."""
_PUBLISHED_ON = re.compile(
    r"(?:^|[\s|–-])(?:نشر(?:ت)? (?:في|بتاريخ|يوم)|(?:تم )?النشر (?:في|بتاريخ)|تاريخ (?:ال)?نشر|نشر) ?: ?([^:|]{6,30}(?: (?:الساعة )?\d{1,2}:\d{2}.{0,12})?)$"
)
"""What says of a day at a line's end, with a colon between them, that the text came out on it, whatever stands before: a paper, an agency."""
_BOOK = re.compile(
    r"(?<!\w)(?:(?:الكتاب|الرواية|عدد الصفحات) ?:|الناشر ?: ?(?:دار|منشورات|مكتبة|مؤسسة) |الطبعة (?!الورقية|الرقمية|الإلكترونية))"
)
"""What says of a day on its line that a book came out on it."""
_ROW = re.compile(r"\s*date [0-9]{4}-[0-9]{2}-[0-9]{2}(?!\d)")
"""The day that a dataset of web pages puts in front of each text."""
_HIGH = 5
"""Lines above the title beyond which a date is of the site's head, or of a list of other articles."""
_CERTAIN = ("day", "ambiguous")
_YEAR = r"(?:19|20|١٩|٢٠)[0-9٠-٩]{2}|1[34][0-9]{2}|١[٣٤][٠-٩]{2}"


def tell_changes(texts: pl.Series) -> Flags:
    """Date lines -> which of them tell when a page was changed, and not when it was published; a day before the word for a change, with
    a month and a year, is that of publication."""
    keys = fold_texts(texts)
    published = keys.str.contains(PUBLISHED) | keys.str.contains(rf"\d{{4}}.*(?:{CHANGED}).*\d{{4}}")
    return (keys.str.contains(CHANGED) & ~published).to_numpy()


class DateParams(BaseModel):
    """What makes a line near the title that no rule knows a date line."""

    model_config = ConfigDict(extra="forbid")

    length: int = Field(130, ge=1, description="code points beyond which a line that mentions a date is a sentence")
    words: int = Field(2, ge=0, description="words of it, at most, that say something else than when: a writer's name")


def _states_day(line: str, words: int) -> bool:
    """Whether a line, or a part of it, states a day and hardly anything else."""
    line = COUNTER.sub(" | ", part_at_signs(line)).strip(" |")
    if _TOLD.search(line) or _BOOK.search(line):
        return False
    published = _PUBLISHED_ON.search(line)
    if _ROW.match(line) or (published and parse_date(published[1]).precision in _CERTAIN):
        return True
    for parted in (r"\s[|/]\s", r"\s[|/–-]\s"):
        # Of two days on a line the first is that of publication; a later one has a label that says what it is.
        part = next((part for part in re.split(parted, line) if parse_date(part).precision in _CERTAIN), line)
        label, behind, _ = part.rpartition(": ") if re.search(_LABELLED, part) else ("", "", "")
        # Of one of two days it takes a label to say that a line tells when.
        if parse_date(part).precision != "day" and not (behind and parse_date(part).precision in _CERTAIN):
            return False
        if behind and not _TELLS.fullmatch(fold(label).rstrip(": ")):
            return False
        told = part[len(label) :] if behind else part
        rest = [word for word in _FILL.sub(" ", MONTH.sub(" ", fold(told))).split() if len(word) > 1]
        if len(rest) <= words:
            # A person beside the day is who wrote it: a byline.
            return re.match(_OPENS, line) is not None or read_byline(line) is None
    return False


def label_dates(pieces: pl.LazyFrame, know: Knowledge) -> pl.LazyFrame:
    """Piece -> Piece: on pages without a labelled date, lines near the title that state a day become `date/stated`."""
    frame, params = pieces.collect(), know.params.dates
    heads = find_heads(frame, number_pages(frame), with_opening=True)
    # A page that tells when it was changed may tell in its own words when it was published.
    told = np.flatnonzero(heads.labelled("^date/") & ((heads.place >= -_HIGH) | ~heads.titled))
    dated = np.isin(heads.page, heads.page[told[~tell_changes(heads.text.gather(told))]])
    # A line without a verb below the title may have been taken for a caption.
    free = (heads.rule.is_null() | (heads.rule == "media/caption")).to_numpy()
    near = heads.near_title() & free & ~dated
    at = np.flatnonzero(near)
    text = heads.text.gather(at)
    at = at[((text.str.len_chars() <= params.length) & text.str.contains(_YEAR)).to_numpy()]
    plain = pl.Series([part_at_signs(line) for line in heads.text.gather(at)], dtype=pl.String)
    at = at[plain.str.contains(f"{_OPENS}|{_BEHIND}|{_LABELLED}|{_PARTED}|{_PUBLISHED_ON.pattern}").to_numpy()]
    texts, which = distinct(heads.text.gather(at))
    states = np.array([_states_day(line, params.words) for line in texts], dtype=np.bool_)
    rows = heads.row[at[states[which]]]
    return frame.with_columns(frame["rule"].scatter(rows, STATED)).lazy() if len(rows) else frame.lazy()
