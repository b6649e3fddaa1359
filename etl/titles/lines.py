"""The lines before the bodies of pages: which of them may be the title, and what speaks for each.

What is found here of a line is a flag; what each flag is worth stands in `data/titles.json`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
import polars as pl

from etl.around import page_bounds, place_in
from etl.arrays import Flags, Ints, Keys, expand
from etl.distinct import distinct
from etl.fold import fold_texts
from etl.labels import LabelledLines
from etl.pieces import number_pages, rows_where, take_solid
from etl.stems import Stems, count_shared, on_page, read_stems
from etl.values import HASHTAGS

BULLET = r"^\s*[•·▪●■◄►▶○◦‣*\-–—]\s*"
_SENTENCE = r"[^.\s]\.\s*$|[^.\d]\.\s+\S"
"""A final stop right behind a word, or one inside but `..`, which parts headlines."""
ARABIC = "[\u0620-\u064a]"
_LATIN = "[A-Za-z]"
WORD = r"\S+"
_SIGNS_BEHIND = " -–—|"
"""What may stand behind a site's name, and is no word."""
MASTHEAD = (
    r"^(?:جريدة|صحيفة|موقع|وكالة|قناة|شبكة|بوابة|مجلة|إذاعة|راديو)(?:\s+(?:ال[^\s.،:؛!؟]+|للأنباء|للأخبار|نيوز|برس|أونلاين|نت|\d+|اليوم)){1,4}"
    r"(?:\s*[-–—|/،].*\d.*)?$"
)
"""A paper's name by its kind, alone or with the day: `جريدة الوطن اليوم`."""
CAPTION = r"^\W*(?:جانب(?:ا|اً|ًا)? من|لقطة من|لقطات من|[أا]ثناء|صورة (?:أرشيفية|تعبيرية|من)|من (?:اليمين|اليسار)) "
"""What opens a picture's caption, and no headline."""
_SAME = 0.6
"""Share of the words of two headlines, of each, from which they say the same."""
_CUT_OFF = 4
"""Stems at least of a title that came beside the page, for a line that goes on behind its words to say the same."""
_JOINT = re.compile(r" *[|\-:>]+")
"""What parts a headline from the name of its site, in a folded line."""
_TOPIC_LINES = 12
"""Lines at the head of a body that say what it is about."""


def find_headlines(texts: pl.Series) -> Flags:
    """Lines -> whether each reads as a headline: mostly Arabic, 3 to 40 words, and not a sentence."""
    lines = pl.DataFrame({"line": texts.str.strip_chars().str.strip_chars_end(_SIGNS_BEHIND)}).with_row_index("row")
    line = pl.col("line").str
    lines = lines.filter(
        (line.len_chars() <= 250)
        & line.contains(rf"^{WORD}\s+{WORD}\s+\S")
        & line.contains(ARABIC)
        & ~line.contains(_SENTENCE)
        & ~line.contains(HASHTAGS)
        & ~line.contains(MASTHEAD)
        & ~line.contains(CAPTION)
    )
    many = lines.filter(line.contains(rf"^(?:{WORD}\s+){{40}}\S"))
    latin = lines.filter(line.contains(_LATIN)).filter(line.count_matches(ARABIC) <= line.count_matches(_LATIN))
    found = np.zeros(len(texts), bool)
    found[lines["row"].to_numpy()] = True
    found[many["row"].to_numpy()] = False
    found[latin["row"].to_numpy()] = False
    return found


@dataclass(frozen=True)
class LinesBefore(LabelledLines):
    """The lines with text before the bodies of pages: `row` of the frame, `page` number, label.

    `look` is the place of each among `texts`, the distinct ones without white space at their ends.
    """

    look: Ints
    texts: pl.Series

    @cached_property
    def is_open(self) -> Flags:
        """Those that are no value: what follows a label that stands alone is a topic, a section, a name."""
        return self.plain & ~self.beside(self.labelled("/label-alone$"), -1)

    @cached_property
    def keys(self) -> pl.Series:
        """The folded texts."""
        return fold_texts(self.texts)

    @cached_property
    def key(self) -> Keys:
        """A number for the folded text of each line."""
        return self.keys.hash().to_numpy()[self.look]

    @cached_property
    def often(self) -> Flags:
        """Lines whose folded text stands before the body of their page more than once."""
        return pl.Series(on_page(self.key, self.page)).is_duplicated().to_numpy()

    def looks(self, which: Ints) -> tuple[Ints, Ints]:
        """Some lines -> their distinct texts, and the place of each line among these."""
        asked = np.zeros(len(self.texts), bool)
        asked[self.look[which]] = True
        return np.flatnonzero(asked), (np.cumsum(asked) - 1)[self.look[which]]

    def take(self, which: Flags) -> LinesBefore:
        """Return some of the lines, whole pages of them."""
        looks, look = self.looks(np.flatnonzero(which))
        return LinesBefore(self.row[which], self.page[which], self.rule.filter(which), look, self.texts.gather(looks))


def _read_lines(frame: pl.DataFrame, page: Ints, opening: Ints | None) -> LinesBefore:
    """Piece -> the lines with text before the bodies; with openings, rows of Piece, only those of their pages, and them."""
    row = rows_where((frame["zone"] == "before") & (frame["article"] == 0))
    if opening is not None:
        row = np.sort(np.r_[row[np.isin(page[row], page[opening])], opening])
    row, text = take_solid(frame, row)
    texts, look = distinct(text)
    return LinesBefore(row, page[row], frame["rule"].gather(row), look.astype(np.int64), texts)


class Given(NamedTuple):
    """Titles that came beside pages: the `page` of each, its text, and the number that its folded text makes."""

    page: Ints
    texts: pl.Series
    key: Keys


def _read_given(given: pl.DataFrame | None, frame: pl.DataFrame, page: Ints) -> Given:
    """What came beside the pages (id, given_title), Piece -> the titles of its pages."""
    titles = given.filter(pl.col("given_title") != "").select("id", "given_title") if given is not None else None
    if titles is None or titles.is_empty():
        return Given(np.zeros(0, np.int64), pl.Series(dtype=pl.String), np.zeros(0, np.uint64))
    first, _ = page_bounds(page)
    pages = pl.DataFrame({"id": frame["id"].gather(first), "page": page[first]})
    found = pages.join(titles.unique("id", keep="last"), on="id")
    key = fold_texts(found["given_title"]).hash()
    return Given(found["page"].to_numpy(), found["given_title"], key.to_numpy())


class Likely(NamedTuple):
    """Lines that may be a title: `at`, their places among the lines, their words, and which of `stems` are theirs."""

    at: Ints
    words: Ints
    line: Ints
    stems: Stems

    def take(self, which: Flags) -> Likely:
        """Return some of them."""
        return Likely(self.at[which], self.words[which], self.line[which], self.stems)


def _find_headlines(lines: LinesBefore) -> Ints:
    """Lines -> the open ones that read as a headline."""
    at = np.flatnonzero(lines.is_open)
    looks, place = lines.looks(at)
    return at[find_headlines(lines.texts.gather(looks))[place]]


def _find_likely(lines: LinesBefore, at: Ints, given: Given) -> Likely:
    """Headlines -> those that say the same as the title that came beside their page, if one did."""
    looks, place = lines.looks(at)
    texts = lines.texts.gather(looks)
    words = texts.str.count_matches(WORD).cast(pl.Int64).to_numpy()
    likely = Likely(at, words[place], place, read_stems(texts))
    if not len(given.page):
        return likely
    size = np.full(int(max(lines.page.max(), given.page.max())) + 1, -1)
    size[given.page] = read_stems(given.texts).sizes()
    wanted, own = size[lines.page[at]], likely.stems.sizes()[place]
    shared = count_shared(likely.stems, place, lines.page[at], given.texts, given.page)
    number = np.zeros(len(size), np.int64)
    number[given.page] = np.arange(len(given.page))
    pair = pl.DataFrame(
        {"line": lines.keys.gather(looks[place]), "given": fold_texts(given.texts).gather(number[lines.page[at]])}
    )
    # Some pages cut their title off where it stands in the document, though not on the page.
    longer = pair.select(pl.col("line").str.starts_with(pl.col("given") + " ")).to_series().to_numpy() & (
        wanted >= _CUT_OFF
    )
    return likely.take((wanted < 0) | longer | ((shared >= _SAME * wanted) & (shared >= _SAME * own)))


def read_topics(frame: pl.DataFrame, page: Ints, asked: Ints, opening: Ints | None) -> tuple[pl.Series, Ints]:
    """Piece, the page of each -> the first lines of the bodies of the pages asked about, openings left out, and the page of each."""
    is_body = (frame["zone"] == "body") & frame["rule"].is_null() & (frame["article"] == 0)
    row = rows_where(is_body)
    if opening is not None:
        row = np.setdiff1d(row, opening)
    row, text = take_solid(frame, row[np.isin(page[row], asked)])
    head = place_in(page[row]) < _TOPIC_LINES
    return text.filter(head), page[row[head]]


def _cut_names(key: str) -> Iterator[str]:
    """A folded headline -> what it may be without the name of its site, which a bar, a dash or a colon parts from it."""
    for joint in _JOINT.finditer(key, 0, len(key) - 1):
        first = joint.end() - len(joint[0].lstrip())
        yield from (key[:end] for end in (joint.start(), *range(first + 1, joint.end())))


def _cut_first_names(key: str) -> Iterator[str]:
    """A folded headline -> what it may be without the name of its site before it."""
    return (key[joint.end() :].lstrip() for joint in _JOINT.finditer(key, 0, len(key) - 1))


def _find_named(lines: LinesBefore, at: Ints) -> tuple[Flags, Flags]:
    """Likely titles -> whether each is another of its page with the name of the site behind it or before it, the document's title; and
    whether each is what such a one says."""
    looks, place = lines.looks(at)
    keys = lines.keys.gather(looks)
    page = lines.page[at]
    # Where one key of a page begins with another, in alphabetical order some key begins with the one before it.
    rank = np.empty(len(keys), np.int64)
    rank[keys.arg_sort().to_numpy()] = np.arange(len(keys))
    order = np.lexsort((rank[place], page))
    above, below = order[:-1], order[1:]
    pair = pl.DataFrame({"above": keys.gather(place[above]), "below": keys.gather(place[below])})
    begins = pair.select(pl.col("below").str.starts_with(pl.col("above")) & (pl.col("below") != pl.col("above")))
    asked = np.zeros(int(page.max(initial=-1)) + 1, bool)
    asked[page[below[begins.to_series().to_numpy() & (page[above] == page[below])]]] = True
    parted = keys.str.contains(r"[|\-:>]").to_numpy()[place]
    heads = [
        (row, head)
        for which, cut in ((asked[page] & parted, _cut_names), (parted, _cut_first_names))
        for row in np.flatnonzero(which).tolist()
        for head in cut(keys[int(place[row])])
    ]
    found = pl.DataFrame(heads, schema={"row": pl.Int64, "head": pl.String}, orient="row")
    row = found["row"].to_numpy()
    named = np.zeros(len(at), bool)
    whole = on_page(lines.key[at], page)
    says = on_page(found["head"].hash().to_numpy(), page[row])
    named[row[np.isin(says, whole)]] = True
    return named, np.isin(whole, says)


class Found(NamedTuple):
    """Lines before the bodies of pages, those of them that may be a title, the words each of these `shared` with the head of
    its body, which of them stand `again` with a site's name, and the titles that came beside the pages."""

    lines: LinesBefore
    likely: Likely
    shared: Ints
    again: Flags
    given: Given


def find_likely(frame: pl.DataFrame, given: pl.DataFrame | None = None, opening: Ints | None = None) -> Found | None:
    """Piece, what came beside the pages (id, given_title) -> what may be titles; None where no page has such a line.

    Of `opening`, rows of Piece, a page each, nothing else is: they are looked at as if they stood before the bodies that they open.
    """
    page = number_pages(frame)
    lines = _read_lines(frame, page, opening)
    at = _find_headlines(lines)
    if opening is not None:
        at = at[np.isin(lines.row[at], opening)]
    kept = np.isin(lines.page, lines.page[at])
    lines, at = lines.take(kept), (np.cumsum(kept) - 1)[at]
    if not len(at):
        return None
    titles = _read_given(given, frame, page)
    likely = _find_likely(lines, at, titles)
    named, again = _find_named(lines, likely.at)
    likely, again = likely.take(~named), again[~named]
    if not len(likely.at):
        return None
    topics = read_topics(frame, page, lines.page[likely.at], opening)
    shared = count_shared(likely.stems, likely.line, lines.page[likely.at], *topics)
    return Found(lines, likely, shared, again, titles)


LABELLED = {
    "date": "^date/",
    "byline": "^byline/",
    "counter": "^counter/",
    "share": "^share/",
    "media": "^media/",
    "ui": "^ui/",
    "category": "^(?:category/|site/breadcrumb)",
    "site": "^site/",
    "related": "^related/",
    "note": "^(?:note|source|ad|follow|promo)/",
}
"""Features of a line by the labels of those beside it."""
SAYS = {
    "bulleted": BULLET,
    "copyright sign": "©",
    "ends in brackets": r"[)\]]\s*$",
    "breadcrumb": r"\S\s*[»›>/]\s*\S+.*[»›>/]|^(?:الرئيسية|الصفحة الرئيسية)\b",
    "photo": r"صور[ةه]|تصوير|أرشيف|رويترز|أ\.?\s?ف\.?\s?ب|الأناضول|غيتي|[Gg]etty|AFP|Reuters",
    "clock": r"\d{1,2}:\d{2}",
    "question": r"[؟?!]\s*$",
    "two dots": r"\.\.",
    "ends in dots": r"(?:\.\.|…)\s*$",
    "comma": "[،,]",
    "latin": r"[A-Za-z]{2}",
}
"""Features of a line's text, by what it holds."""


def describe(found: Found) -> dict[str, Flags]:
    """Likely titles -> the features of each: its words, how many it shares with the body, its like, its place, its neighbours."""
    lines, likely, shared, *_ = found
    at, words, page = likely.at, likely.words, lines.page[likely.at]
    share = shared / np.maximum(likely.stems.sizes()[likely.line], 1)
    flags: dict[str, Flags] = {f"shares {least} words": shared >= least for least in (1, 2, 3, 4)}
    flags |= {f"shares {least:.2f} of its words": share >= least for least in (0.15, 0.3, 0.5, 0.75)}
    flags |= {f"{least} words": words >= least for least in (4, 5, 6, 8, 11, 15, 21)}
    again = np.r_[False, (lines.key[1:] == lines.key[:-1]) & (lines.page[1:] == lines.page[:-1]), False]
    follows = again[at] | again[at + 1]
    often = lines.often[at]
    flags |= {"often": often, "often, short": often & (words <= 6), "follows itself": follows}
    flags["follows itself, short"] = follows & (words <= 6)
    for name, pattern in LABELLED.items():
        flag = lines.labelled(pattern)
        flags[f"{name} above"] = lines.beside(flag, -1)[at]
        flags[f"{name} below"] = lines.beside(flag, 1)[at]
        flags[f"{name} near below"] = lines.beside(flag, 1, 2, 3)[at]
    _, sizes = page_bounds(lines.page)
    place = expand(0, sizes)[at]
    left = np.repeat(sizes, sizes)[at] - place
    flags |= {"first": place == 0, "of the first three": place < 3}
    flags |= {f"of the last {most}": left <= most for most in (1, 2, 3, 4, 6, 10)}
    looks, look = lines.looks(at)
    texts = lines.texts.gather(looks)
    flags |= {name: texts.str.contains(pattern).to_numpy()[look] for name, pattern in SAYS.items()}
    bullets = np.bincount(page[flags["bulleted"]], minlength=int(lines.page.max()) + 1)
    flags["bulleted, like others"] = flags["bulleted"] & (bullets[page] > 2)
    return flags
