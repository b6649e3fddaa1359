"""The titles of pages on which none stood out: what stands first in the body, or right above it, and reads as a headline.

A page that was cut out to its main text has headline and text in one; a column's title of two words has few to share with it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from etl.around import first_rows, page_bounds, place_in
from etl.arrays import Flags, Ints
from etl.bylines.parts import read_byline
from etl.dates import parse_date
from etl.dates.names import MONTH, WEEKDAY
from etl.fold import fold
from etl.names import name_kinds
from etl.pieces import number_pages, rows_where, solid_of
from etl.rules import Rule
from etl.sieve.fits import fit_lines
from etl.stems import count_shared, read_stems
from etl.titles import score_titles
from etl.titles.lines import ARABIC, BULLET, CAPTION, WORD, find_likely, read_topics

if TYPE_CHECKING:
    from etl.knowledge import Knowledge

_LEAST, _MOST = 2, 24
"""Words of such a title."""
_SCORED = (4, 14)
"""Words of one that only its words tell from the text below it, at least and at most."""
_PARTED = re.compile(r"\S\s?(?:\.{2,}|…)\s?\S|^(?:\S+\s+){0,3}\S+\s?:\s")
"""What parts a headline, which may be longer then: two dots, or a colon behind its first words."""
_SENTENCE = re.compile(r"[،,]|!\s*$|(?:\S+\s+){9}\S+[؟?]\s*$")
"""What such a one has not if no empty line follows: a comma, a cry, a question of ten words."""
_SPEAKER = re.compile(r"(?:\S+\s+){0,2}\S+\s?:\s")
"""How a line of a dialogue begins."""
_ALIKE = 2
"""Words by which lines of one form differ, at most; a line of so few has no form."""
_NEXT, _PARAGRAPH = 5, 12
"""Lines below of which one is a paragraph, and its words at least."""
_SECTION = 3
"""Words of a section's name above a title, at most."""
_SOON = 2
"""Lines below a title's second copy of which one is a paragraph."""
_TWICE = 4
"""Lines at the head of a page of which one may stand twice."""
_ABOVE = 3
"""Lines above the body without a label of which one may be the title: the others name who wrote it."""
_OTHER = re.compile(
    "|".join(
        (
            r"[.،,:؛…/\-–—|]\s*[\"»”’)\]'}]*\s*$",  # the end of a sentence, or what goes on
            r"[^\W\d_]{2}\.\s+\S",  # a second sentence
            r" (?:أن|إن|من|في|على|إلى|عن|التي|الذي|هو|هي|هنا|مرة)$",  # half a sentence
            r"^\W*(?:\.{2}|…)",  # the rest of one
            r"^\W*(?!ال)[ء-ي]{2,}[^\Wاوي]ت ",  # a verb in the past, with which reports begin and headlines do not
            r"^[^\w\s]*[﴿{(\[«\"“].*[﴾})\]»\"”][^\w\s]*$",  # a verse, a quotation, a remark
            r"^[^،,]*[،,]\s*(?:\S+\s*){1,3}$",  # a place and a time, a name and what its bearer is
            r"^(?:\S+\s+){1,4}[-–—\u0640]\s*(?:\S+\s*){1,3}$",  # a town, a paper, a name, with a dash between them
            r"^(?:\S+\s+){1,3}\([^()]+\)$",  # the same with brackets
            r"^\W*\d+\s?[-–.)/]",  # a number of a list
            r"^\W*#",  # a tag
            r"\d{1,2}:\d{2}",  # a clock
            r"[\d\u0660-\u0669]{6}",  # a telephone
            CAPTION,
            BULLET,
        )
    )
)
"""What a headline is not."""
_ARABIC = re.compile(ARABIC)
_NAME_WORDS = 5
"""Words of a paper's name at most: a headline, too, may begin with the word for one."""
_WHEN, _BESIDE_DATE = re.compile(rf"{WEEKDAY}|\S*\d\S*|(?<!\S)\S(?!\S)"), 4
"""What states a day beside the month's name, and the other words of a title that has one in it, at least."""
_DOTS = r"\s*\.{4,}\s*$"
"""More dots than a line has that is cut short: a headline that leaves something to the reader."""
_STOP = r"\s*\.\s*$"
"""A final stop, which a title may have where a date line or the text's dateline follows."""
_WHO_AND_WHEN = "^(?:byline|date|dateline|source)/"
"""Labels of lines above which nothing stands of the text."""
_SPEAKS = re.compile(
    r"^\W*(?:(?:بسم الله|السلام عليكم|(?:ان )?الحمد لله|قال (?:الله )?تعالي|قال رسول الله|عن ابي|صباح الخير|مساء الخير|عباد الله)(?: |$)"
    r"|(?:يا|ايها|ايتها|سيدي|سيدتي|عزيزي|عزيزتي|اعزائي|قراءنا|قرائنا|حضره|سعاده|اخي|اختي|الاخ|الاخت|الاخوه|الساده|السيد (?:رئيس|مدير|المحرر|محرر)"
    r"|معشر|احبتي|احبائي|حبيبي|حبيبتي|اصدقائي|ابنائي|الي(?! متي| اين)|قال|قالت|يقول|تقول|يحكي|يروي|بحسب|وفقا|نقلا"
    r"|خلال|بحضور|احد|احدي) |(?:اخبار|خبر|شؤون|مقالات|حوارات|مقابلات|لقاءات|دراسات|تحقيقات|قضايا|ملفات|قسم|صفحه|الصفحه|كتاب|نص|تقرير) \S+$)"
)
"""Folded, what opens a speech, a letter or a caption, and what a section is called, or a kind of text."""


def _may_be_title(text: str) -> bool:
    """Whether a line may be a title by its words: no sentence, caption, date, name or address."""
    if not _ARABIC.search(text) or _OTHER.search(text) or _SPEAKS.search(fold(text)):
        return False
    is_date = (
        parse_date(text).date is not None and len(_WHEN.sub(" ", MONTH.sub(" ", fold(text))).split()) < _BESIDE_DATE
    )
    is_name = len(text.split()) <= _NAME_WORDS and bool(name_kinds(text))
    return read_byline(text) is None and not is_name and not is_date


def _fit_any(lines: pl.Series, know: Knowledge, asked: Callable[[Rule], bool]) -> Flags:
    """Lines -> whether one of the rules that are asked fits each."""
    rules = np.array([asked(rule) for rule in know.rules.rules], dtype=np.bool_)
    found = fit_lines(lines + "\n", know.rules)
    fits = np.zeros(len(lines), dtype=np.bool_)
    fits[found["_at"].to_numpy()[rules[found["_rule"].to_numpy()]]] = True
    return fits


def _is_of_head(rule: Rule) -> bool:
    """Whether a rule labels lines above the body: a section's name, a button."""
    return rule.kind == "line" and rule.fires_in("before") and not rule.outlet


def _is_dateline(rule: Rule) -> bool:
    return rule.id.startswith("dateline/")


class _Heads:
    """The lines with text, down to the first ones of the body, of pages without a title: `row` of the frame, page, text.

    `page_of` is the page of each piece.
    """

    def __init__(self, frame: pl.DataFrame, know: Knowledge) -> None:
        """Piece -> the lines of its pages' first articles."""
        self.page_of = page = number_pages(frame)
        asked = (frame["article"] == 0) & (frame["zone"] != "after")
        body = rows_where(asked & (frame["zone"] == "body") & (frame["piece"] != "\n"))
        asked = asked.scatter(body[place_in(page[body]) > _NEXT], False)
        self.row, self.text = solid_of(frame, asked)
        self.page = page[self.row]
        self.pages = int(page[-1]) + 1
        self.words = self.text.str.count_matches(WORD).cast(pl.Int64).to_numpy()
        self.place = place_in(self.page)
        zone = frame["zone"].gather(self.row)
        self.before, self.body = ((zone == name).to_numpy() for name in ("before", "body"))
        label = frame["rule"].gather(self.row).fill_null("")
        told = label.str.contains(_WHO_AND_WHEN).to_numpy()
        start, sizes = page_bounds(self.page)
        others = np.cumsum(~told)
        # Whether nothing but who wrote it, and when, stands above a line.
        self.begins: Flags = others - ~told == np.repeat(others[start] - ~told[start], sizes)
        self.dated, self.sites = (label.str.starts_with(family).to_numpy() for family in ("date/", "site/"))
        # A dateline is split off its line later on.
        self.sent = label.str.starts_with("dateline/").to_numpy() | _fit_any(self.text, know, _is_dateline)
        self.free = frame["rule"].gather(self.row).is_null().to_numpy() | (zone == "box").to_numpy()

    def first_of(self, lines: Ints) -> Ints:
        """Return the first of the lines on each page that has one."""
        first = first_rows(self.page[lines], self.pages, lines)
        return first[first >= 0]

    def last_of(self, lines: Ints) -> Ints:
        """Return the last of the lines on each page that has one."""
        return self.first_of(lines[::-1])

    def below(self, lines: Ints) -> Ints:
        """Lines -> the next ones; the last line of all is its own."""
        below: Ints = np.minimum(lines + 1, len(self.row) - 1)
        return below

    def fitting(self, lines: Ints) -> Ints:
        """Lines -> those that may be titles by their words, with a paragraph near below."""
        near = np.minimum(lines[:, None] + np.arange(1, _NEXT + 1), len(self.row) - 1)
        below = np.where(self.page[near] == self.page[lines][:, None], self.words[near], 0).max(axis=1)
        words = self.words[lines]
        lines = lines[(words >= _LEAST) & (words <= _MOST) & (below >= _PARAGRAPH) & (below > words)]
        text, below = self.text.gather(lines), self.below(lines)
        text = text.str.replace(_DOTS, "")
        text = text.str.replace(_STOP, "").zip_with(pl.Series((self.dated | self.sent)[below], dtype=pl.Boolean), text)
        fits = np.array([_may_be_title(line) for line in text], dtype=np.bool_)
        return lines[fits]

    def single(self, lines: Ints) -> Ints:
        """Lines -> those that no line of the same form follows, as in a dialogue, a poem, a list."""
        words = self.words[self.below(lines)]
        like = (words > _ALIKE) & (words < _PARAGRAPH) & (np.abs(words - self.words[lines]) <= _ALIKE)
        pairs = zip(self.text.gather(lines), self.text.gather(self.below(lines)), like.tolist(), strict=True)
        single = [
            not (_SPEAKER.match(here) and _SPEAKER.match(below)) and not (is_like and _may_be_title(below))
            for here, below, is_like in pairs
        ]
        return lines[np.array(single, dtype=np.bool_)]

    def twice(self) -> Ints:
        """Return the first lines of pages that stand once more right below."""
        same = np.zeros(len(self.row), dtype=np.bool_)
        same[:-1] = (self.text[1:] == self.text[:-1]).to_numpy() & (self.page[1:] == self.page[:-1])
        return self.first_of(np.flatnonzero(same & self.free & np.append(self.free[1:], False) & (self.place < _TWICE)))

    def parted(self, lines: Ints) -> Flags:
        """Lines -> whether an empty one follows each."""
        parted: Flags = np.append(self.row[1:], 0)[lines] > self.row[lines] + 1
        return parted


def _find_openings(heads: _Heads, frame: pl.DataFrame, given: pl.DataFrame | None, told: Flags, lines: Ints) -> Ints:
    """Lines that may open pages, a page each -> those that are titles.

    One that shares a word with the text is, if the page begins with it and an empty line or the text's dateline follows, or if the zones
    have put it above the body; one of the body, if what speaks for a title outweighs what does not.
    """
    topics = read_topics(frame, heads.page_of, heads.page[lines], heads.row[lines])
    shared = count_shared(read_stems(heads.text.gather(lines)), np.arange(len(lines)), heads.page[lines], *topics) > 0
    begins = heads.begins[lines] & (heads.parted(lines) | heads.sent[heads.below(lines)])
    apart: Ints = lines[shared & begins & ~told[heads.page[lines]]]
    found = find_likely(frame, given, heads.row[lines])
    if found is None:
        return apart
    words, at = found.likely.words, found.likely.at
    line = np.searchsorted(heads.row, found.lines.row[at])
    parted = heads.parted(line)
    sentence = np.array([_SENTENCE.search(text) is not None for text in heads.text.gather(line)], dtype=np.bool_)
    two = np.array([_PARTED.search(text) is not None for text in heads.text.gather(line)], dtype=np.bool_)
    scored = (
        (score_titles(found) >= 0)
        & (words >= _SCORED[0] - parted)
        & ((words <= _SCORED[1]) | two)
        & (parted | ~sentence)
    )
    good: Flags = np.where(heads.body[line], scored, np.isin(line, lines[shared]))
    openings: Ints = np.r_[apart, line[good & ~np.isin(line, apart)]]
    return openings


def _find_again(frame: pl.DataFrame, page: Ints, titled: Ints) -> Ints:
    """Piece, the page of each, the rows of titles -> the lines at the head of a body that say its page's title to the letter, above a
    paragraph; the line of a poem has none below it."""
    title = np.full(int(page.max(initial=-1)) + 1, -1)
    title[page[titled[::-1]]] = titled[::-1]
    asked = frame["zone"].is_in(["body", "box"]) & (frame["article"] == 0) & frame["rule"].is_null()
    row, text = solid_of(frame, asked & pl.Series(title[page] >= 0))
    owner = page[row]
    words = text.str.count_matches(WORD).to_numpy()
    # Behind a paragraph it is a refrain, or a subheading.
    first, sizes = page_bounds(owner)
    told = np.cumsum(words >= _PARAGRAPH)
    above: Ints = told - (words >= _PARAGRAPH) - np.repeat(told[first] - (words[first] >= _PARAGRAPH), sizes)
    at = np.flatnonzero((place_in(owner) < _TWICE) & (above == 0))
    same = text.gather(at) == frame["piece"].gather(title[owner[at]]).str.strip_chars()
    at = at[same.to_numpy() & (row[at] > title[owner[at]])]
    below = np.minimum(at[:, None] + np.arange(1, _SOON + 1), len(row) - 1)
    again: Ints = row[at[((words[below] >= _PARAGRAPH) & (owner[below] == owner[at][:, None])).any(axis=1)]]
    return again


def label_openings(pieces: pl.LazyFrame, know: Knowledge, given: pl.DataFrame | None = None) -> pl.LazyFrame:
    """Piece -> Piece: label the title of a page that has none yet, and take it out of the body if it is there.

    It is a line near the head that stands twice; or the first of the text; or else one of the last lines above the body without a
    label. Beside a page that came with its title (`given`: id, given_title) it says the same. A title that the body begins with once
    more is taken out of it.
    """
    whole = pieces.collect()
    page = number_pages(whole)
    titled = rows_where((whole["rule"] == "title/headline") & (whole["article"] == 0))
    untitled = np.bincount(page[titled], minlength=int(page.max(initial=-1)) + 1) == 0
    again = _find_again(whole, page, titled)
    whole = whole.with_columns(whole["rule"].scatter(again, "title/again"), whole["zone"].scatter(again, "before"))
    some = np.flatnonzero(untitled[page])
    if not len(some):
        return whole.lazy()
    frame = whole[some]
    heads = _Heads(frame, know)
    told = np.zeros(heads.pages, dtype=np.bool_)
    if given is not None:
        beside = given.filter(pl.col("given_title") != "")["id"]
        told[heads.page_of[frame["id"].is_in(beside.implode()).to_numpy()]] = True
    twice = heads.twice()
    twice = heads.fitting(twice[~told[heads.page[twice]]])
    # Where no line above the body has a label nothing says that they are not the body's own.
    named = np.isin(heads.page, heads.page[heads.before & ~heads.free])
    opens = heads.before & ~named & ~told[heads.page]
    # Below a byline or a caption, too; what opens with the site's name is text.
    opens[heads.first_of(np.flatnonzero(heads.body & (heads.free | heads.sites)))] = True
    first = heads.first_of(np.flatnonzero(opens & ~np.isin(heads.page, heads.page[twice])))

    def open_with(lines: Ints) -> Ints:
        lines = heads.single(heads.fitting(lines[heads.free[lines]]))
        lines = lines[~_fit_any(heads.text.gather(lines), know, _is_of_head)]
        return _find_openings(heads, frame, given, told, lines)

    opened = open_with(first)
    # A section's name may stand above it.
    over = first[~np.isin(first, opened) & (heads.words[first] <= _SECTION) & heads.body[first] & heads.free[first]]
    over = over[(heads.page[heads.below(over)] == heads.page[over]) & heads.body[heads.below(over)]]
    below = open_with(heads.below(over))
    over = below - 1
    titles = np.r_[twice, opened, below]
    above = np.flatnonzero(heads.free & heads.before & named)
    above = above[place_in(heads.page[above][::-1])[::-1] < _ABOVE]
    above = above[~told[heads.page[above]] & ~np.isin(heads.page[above], heads.page[titles])]
    titles = some[heads.row[np.r_[titles, heads.last_of(heads.fitting(above))]]]
    again = some[heads.row[twice + 1]]
    return whole.with_columns(
        whole["rule"].scatter(titles, "title/headline").scatter(again, "title/again"),
        whole["zone"].scatter(np.r_[titles, again, some[heads.row[over]]], "before"),
    ).lazy()
