"""Lines of pages as templates see them: a key that is the same wherever a line is, and where in its page it stands.

A key is the folded line with numbers and dates masked. Where a line stands is told by the paragraphs around it: before
the first, after the last, right between two, or amid other short lines.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl

from etl.around import page_bounds
from etl.arrays import Flags, Kinds, Places
from etl.distinct import distinct
from etl.fold import fold_texts

LONGEST: Final = 300
"""Bytes of the longest line that is counted, about 160 Arabic letters; longer boilerplate is for rules."""
PLACES: Final = ("before", "body", "amid", "after")
BEFORE, BODY, AMID, AFTER = range(4)
_PARAGRAPH = 80
_LONG_PARAGRAPH = 400
_SENTENCE_END = r"(?:[^.]\.|[!؟?])[\"»”'’)]?$"


def _any(words: str) -> str:
    """Words of a table -> a pattern for a run of them, longer ones first; `_` is a space."""
    word = "(?:" + "|".join(sorted(words.split(), key=len, reverse=True)).replace("_", " ") + ")"
    return rf"{word}(?:[^\p{{L}}\p{{N}}]+{word})*"


# Beside a number: what else of a date or a time changes from page to page. In the folded key. Some of the names of
# `data/dates.toml`: with more, lines would get other keys, and tables that people have edited name lines by theirs.
_MONTHS = """
يناير فبراير مارس ابريل مايو يونيو يونيه يوليو يوليه اغسطس سبتمبر اكتوبر نوفمبر ديسمبر
كانون_الثاني شباط اذار نيسان ايار حزيران تموز اب ايلول تشرين_الاول تشرين_الثاني كانون_الاول جانفي
فيفري افريل ماي جوان جويليه اوت محرم صفر ربيع_الاول ربيع_الثاني ربيع_الاخر جمادي_الاولي
جمادي_الاخره جمادي_الثانيه رجب شعبان رمضان شوال ذو_القعده ذي_القعده ذو_الحجه ذي_الحجه jan january
feb february mar march apr april may jun june jul july aug august sep sept september oct october
nov november dec december
"""
_WEEKDAYS = """
السبت الاحد الاثنين الثلاثاء الاربعاء الخميس الجمعه mon monday tue tuesday wed wednesday thu
thursday fri friday sat saturday sun sunday
"""
_TIMES = """
صباحا مساء ظهرا فجرا ص م ه am pm gmt ثانيه ثوان ثواني دقيقه دقائق ساعه ساعات يوم يوما ايام اسبوع اسابيع شهر
شهرا اشهر شهور سنه سنوات
"""
_HEAD = 8
_APART = r"[^\p{L}\p{N}]"
_DATE_LINE = 80
_NUMBERS = (r"[0-9]+(?:[.,:/\\-][0-9]+)*", "0")
_DATES = [
    (f"(^|{_APART}){_any(_MONTHS)}($|{_APART})", "${1}[شهر]${2}"),
    (f"(^|{_APART}){_any(_WEEKDAYS)}($|{_APART})", "${1}[يوم]${2}"),
    (f"0 ?{_any(_TIMES)}($|{_APART})", "0 [وقت]${1}"),
]


def make_keys(lines: pl.Series) -> pl.Series:
    """Lines -> their keys: folded, numbers as 0; beside one, months, days and units masked."""
    keys = fold_texts(lines)
    rows = (keys.str.contains("[0-9]") & (keys.str.len_chars() <= LONGEST)).arg_true()
    # Many lines are the same but for a number, so the rest is asked of each of those once.
    masked, place = distinct(keys.gather(rows).str.replace_all(*_NUMBERS))
    short = (masked.str.contains("0", literal=True) & (masked.str.len_chars() <= _DATE_LINE)).arg_true()
    dated = masked.gather(short)
    for pattern, to in _DATES:
        dated = dated.str.replace_all(pattern, to)
    return keys.scatter(rows, masked.scatter(short, dated).gather(place))


@dataclass(frozen=True)
class Beginnings:
    """How lines that have one of some keys may begin, in their folded form.

    `begun` is each beginning up to the first number or the first date word, in every length; `dated` ends in a date word,
    after which a line may go on in any way.
    """

    begun: pl.Series
    dated: pl.Series


def read_beginnings(keys: pl.Series) -> Beginnings:
    """Keys -> how lines that have one may begin."""
    stem, mask = pl.col("key").str.extract(r"^([^0\[]*0?)"), pl.col("key").str.contains(r"^[^0\[]*\[")
    cut = keys.to_frame("key").select(stem.str.slice(0, _HEAD).alias("stem"), mask.alias("mask")).unique()
    words = pl.DataFrame({"word": [word.split("_")[0] for word in f"{_MONTHS} {_WEEKDAYS} [".split()]})
    dated = cut.filter("mask").join(words, how="cross").select(pl.concat_str("stem", "word").str.slice(0, _HEAD))
    whole = pl.concat([cut.filter(~pl.col("mask"))["stem"], dated.to_series()])
    begun = pl.concat([whole.str.slice(0, size) for size in range(_HEAD + 1)])
    return Beginnings(begun.unique(maintain_order=True).implode(), dated.to_series().unique(maintain_order=True))


def may_have(lines: pl.Series, beginnings: Beginnings) -> Flags:
    """Lines without white space around them -> false for lines that have none of the keys, by how they begin.

    Most lines of a page are no templates, and folding the first characters of those costs a tenth of making their keys.
    """
    kinds, place = distinct(lines.str.slice(0, _HEAD))
    folded = fold_texts(kinds).str.extract("^([^0-9]*[0-9]?)")
    folded = folded.str.replace("[0-9]", "0").str.slice(0, _HEAD)
    found = folded.is_in(beginnings.begun)
    sizes = beginnings.dated.str.len_chars()
    for size in sizes.unique().to_list():
        found |= folded.str.slice(0, size).is_in(beginnings.dated.filter(sizes == size).implode())
    may: Flags = found.to_numpy()[place]
    return may


def is_paragraph(lines: pl.Series) -> Flags:
    """Lines without white space around them -> which are paragraphs: 80 bytes that end a sentence, or 400."""
    sizes = lines.str.len_bytes()
    some = sizes.is_between(_PARAGRAPH, _LONG_PARAGRAPH - 1).arg_true()
    found = (sizes >= _LONG_PARAGRAPH).to_numpy().copy()
    found[some.to_numpy()] = lines.gather(some).str.slice(-3).str.contains(_SENTENCE_END).to_numpy()
    return found


def find_places(page: Places, sizes: Places, paragraph: Flags) -> Kinds:
    """Lines that are not blank, page after page -> where each stands, as a number of PLACES.

    `before` the first paragraph, `after` the last, `body`: right between two, as a subheading is; `amid`: between them,
    but beside another short line. A paragraph that is the first or the last itself lies outside the others; of a page
    that has none, its longest line is one.
    """
    if not len(page):
        return np.zeros(0, dtype=np.int8)
    start, length = page_bounds(page)
    bare = np.flatnonzero(~np.logical_or.reduceat(paragraph, start))
    if len(bare):
        longest = np.zeros(len(start), dtype=sizes.dtype)
        longest[bare] = np.maximum.reduceat(sizes, start)[bare]
        paragraph = paragraph | (sizes == np.repeat(longest, length))
    row = np.flatnonzero(paragraph)
    of_page = np.searchsorted(start, row, side="right") - 1
    first = row[np.flatnonzero(np.diff(of_page, prepend=-1))]
    last = row[np.flatnonzero(np.diff(of_page, append=len(start)))]
    places = np.full(len(page), AMID, dtype=np.int8)
    places[1:-1][paragraph[:-2] & paragraph[2:]] = BODY
    at = np.arange(len(page), dtype=np.int32)
    places[at <= np.repeat(first.astype(np.int32), length)] = BEFORE
    places[at >= np.repeat(last.astype(np.int32), length)] = AFTER
    places[first[first == last]] = BODY  # The one paragraph of a page is neither before nor after itself.
    return places
