"""Tags that a page prints below its article: lines of one to four words, or one with commas, of the article's own words.

Most pages print them without a label. What makes them tags is that the article has their words; what the zones took for the
article's own stays unless more than that speaks against it, as the body's last list has words of the body, too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from etl.arrays import Flags, Ints
from etl.bylines.persons import LIKELY, is_named, is_person, weigh_person
from etl.fold import fold_texts
from etl.pieces import is_kept, number_pages, take_solid
from etl.stems import count_shared, on_page, read_stems
from etl.tails import (
    COMMAS,
    HASHTAG,
    ITEM,
    LABELLED,
    OPENS,
    WALL,
    Runs,
    Tails,
    find_last,
    find_runs,
    find_tag_places,
    find_told,
    read_tails,
)
from etl.values import KEYWORDS_LABEL

if TYPE_CHECKING:
    from etl.knowledge import Knowledge

_LISTED, _HASHTAGS = "keywords/listed", "keywords/hashtags"
_ABOUT = "^(?:title|summary)/"
_CLAUSE = r"(?:^|[،,]\s*)(?:و?إن|و?أن|و?قال\S*|كما|في|من|على|عن|إلى|ثم)\s"
"""A part between commas that is of a sentence."""
_MOST = 12
"""Tags of a list; a longer one is a menu."""
_WORDS = 2.5
"""Words a line, at the mean, under a heading of other articles: headlines have more."""


class _Articles:
    """Pages' articles down to their last paragraphs, with their titles and decks: whose words the tags are."""

    def __init__(self, frame: pl.DataFrame, page: Ints, kept: Flags, last: Ints) -> None:
        """`page` of each piece, which lines the body keeps, the `last` paragraphs."""
        self.frame, self.page, self.kept, self.last = frame, page, kept, last

    def read(self, pages: Ints) -> tuple[pl.Series, Ints]:
        """Some pages -> the lines of their articles, and the page of each."""
        row = np.flatnonzero(np.isin(self.page, pages) & (np.arange(len(self.page)) <= self.last[self.page]))
        rule = self.frame["rule"].gather(row)
        about = (
            rule.str.contains(_ABOUT).fill_null(False).to_numpy() & (self.frame["article"].gather(row) == 0).to_numpy()
        )
        row = row[self.kept[row] | about]
        return self.frame["piece"].gather(row), self.page[row]

    def share(self, tails: Tails, lines: Ints) -> tuple[Ints, Ints]:
        """Some of the tails -> how many stems each has, and how many of these its article has, too."""
        looks, place = np.unique(tails.look[lines], return_inverse=True)
        stems = read_stems(tails.texts.gather(looks))
        texts, page = self.read(tails.page[lines])
        return stems.sizes()[place], count_shared(stems, place, tails.page[lines], texts, page)

    def head(self, tails: Tails, lines: Ints) -> Flags:
        """Some of the tails -> whether the same line stands above the article of each once more, as a menu's does."""
        row = np.flatnonzero(
            np.isin(self.page, tails.page[lines]) & (self.frame["zone"] == "before").fill_null(False).to_numpy()
        )
        row = np.setdiff1d(row, tails.row[lines])
        row, text = take_solid(self.frame, row)
        above = on_page(text.hash().to_numpy(), self.page[row])
        return np.isin(on_page(tails.texts.hash().to_numpy()[tails.look[lines]], tails.page[lines]), above)

    def opens(self, page: Ints) -> Flags:
        """Pages -> whether the last paragraph of each says that a list follows."""
        return self.frame["piece"].gather(self.last[page]).str.contains(OPENS).to_numpy()

    def quote(self, tails: Tails, lines: Ints) -> Flags:
        """Some of the tails -> whether a line that is no term itself has the words of each, one after the other."""
        texts, page = self.read(tails.page[lines])
        long = ~texts.str.strip_chars().str.contains(ITEM)
        plain = fold_texts(texts.filter(long)).str.replace_all(r"[^\w]+", " ")
        whole = pl.DataFrame({"page": page[long.to_numpy()], "text": " " + plain + " "})
        whole = whole.group_by("page", maintain_order=True).agg(pl.col("text").str.join("\n"))
        terms = fold_texts(tails.texts.gather(tails.look[lines])).str.replace_all(r"[^\w]+", " ").str.strip_chars()
        asked = pl.DataFrame({"page": tails.page[lines], "term": " " + terms + " "})
        asked = asked.join(whole, on="page", how="left", maintain_order="left")
        found = asked.select(pl.col("text").str.contains(pl.col("term"), literal=True)).to_series()
        return found.fill_null(False).to_numpy()


def _count(values: Flags | Ints, runs: Runs) -> Ints:
    """Lines, runs -> the sum over each: how many lines are flagged."""
    total = np.r_[0, np.cumsum(values)]
    counted: Ints = total[runs.end] - total[runs.first]
    return counted


def _trim(runs: Runs, full: Flags, some: Flags) -> Runs:
    """Runs, lines with all or half of their words in the article -> the runs from their first such line to their last.

    Half is enough at an edge where another line sets the run off. Runs without such a line are left out.
    """
    lines, owner = runs.lines()
    at = np.cumsum(runs.end - runs.first) - (runs.end - runs.first)
    opens, closes = full[lines] | some[lines] & runs.above[owner], full[lines] | some[lines] & ~runs.last[owner]
    first = np.minimum.reduceat(np.where(opens, lines, len(full)), at)
    end = np.maximum.reduceat(np.where(closes, lines, -1), at) + 1
    above, below = runs.above & (first == runs.first), runs.below & (end == runs.end)
    return runs._replace(first=first, end=end, above=above, below=below).take(first < end)


def _nearly_whole(runs: Runs, lists: Runs) -> Flags:
    """Runs, the lists of which they are parts -> whether all but one line of the list is there, and labels set it off."""
    at = np.searchsorted(lists.first, runs.first, side="right") - 1
    whole: Flags = (runs.end - runs.first + 1 >= (lists.end - lists.first)[at]) & (runs.end <= lists.end[at])
    return whole & lists.above[at] & lists.below[at]


def _fill(runs: Runs, lists: Runs, tails: Tails) -> Runs:
    """Runs of tags, the lists that they are but for one line -> the whole lists: of three tags and more where labels stand above and
    below, of two where the zones took no line for the article's, and the paragraph may stand above.

    One tag may have no word of the article; what has the shape of a person's name is a signature there.
    """
    if not len(runs.first):
        return runs
    at = np.searchsorted(lists.first, runs.first, side="right") - 1
    size = runs.end - runs.first
    whole = (size >= 3) & _nearly_whole(runs, lists)
    behind = lists._replace(above=lists.above | (tails.place[lists.first] == 0))
    near = ~whole & (size >= 2) & _nearly_whole(runs, behind) & (_count(tails.in_body, lists)[at] == 0)
    for run in np.flatnonzero(near).tolist():
        lines = np.r_[lists.first[at[run]] : runs.first[run], runs.end[run] : lists.end[at[run]]]
        texts = tails.texts.gather(tails.look[lines])
        whole[run] = not any(is_person(text) and is_named(text) for text in texts)
    first, end = np.where(whole, lists.first[at], runs.first), np.where(whole, lists.end[at], runs.end)
    return runs._replace(first=first, end=end)


class _Evidence:
    """What speaks for lines being tags of their page's article."""

    def __init__(self, tails: Tails, articles: _Articles, asked: Ints) -> None:
        """The lines below articles, these articles, and which of the lines are asked about."""
        self.tails, self.articles = tails, articles
        self.stems, self.shared = np.zeros((2, len(tails.row)), np.int64)
        self.stems[asked], self.shared[asked] = articles.share(tails, asked)
        self.full = (self.shared == self.stems) & (self.shared > 0)
        self.some = (2 * self.shared >= self.stems) & (self.shared > 0)

    def choose_listed(self, runs: Runs) -> Ints:
        """Runs of short lines -> the lines of those that are tags: all under a label, of others the first of each page."""
        tails, lists = self.tails, runs
        # What stands between the keywords' label and another is tags, whatever the article says.
        told = runs.said | (runs.hinted & (_count(self.full, runs) > 0))
        whole = runs.take(told & runs.below & (_count(tails.in_body, runs) == 0))
        runs = _trim(runs, self.full, self.some)
        size, full, some = runs.end - runs.first, _count(self.full, runs), _count(self.some, runs)
        told = (full >= 2) | (full >= 1) & (some == size) & (size >= 3) & _nearly_whole(runs, lists)
        told &= (3 * some >= 2 * size) & (_count(self.full & tails.plain, runs) >= 1)
        runs = runs.take(told | runs.said & (2 * some >= size))
        runs = runs.take(self._are_brief(runs) & ~self._are_menus(runs))
        runs = runs.take(~self._are_persons(runs))
        held = _count(tails.in_body, runs) > 0
        told = ~held
        told[held] = self._choose_held(runs.take(held))
        runs = runs.take(told)
        runs = _fill(runs, lists, tails)
        page = tails.page[runs.first]
        first, free = runs.said.copy(), np.flatnonzero(~runs.said)
        first[free[np.unique(page[free], return_index=True)[1]]] = True
        return np.union1d(whole.lines()[0], runs.take(first).lines()[0])

    def _are_brief(self, runs: Runs) -> Flags:
        """Runs -> whether each, where it stands under a heading of other articles, is too brief for headlines."""
        lines, _ = runs.lines()
        words = np.zeros(len(self.tails.row), np.int64)
        words[lines] = self.tails.texts.gather(self.tails.look[lines]).str.count_matches(r"\S+").to_numpy()
        size = runs.end - runs.first
        brief: Flags = ~runs.under | (_count(self.some, runs) == size) & (_count(words, runs) <= _WORDS * size)
        return brief

    def _are_persons(self, runs: Runs) -> Flags:
        """Runs -> whether all lines of each are persons' names, as captions of pictures below a text are."""
        lines, owner = runs.lines()
        names = self.tails.texts.gather(self.tails.look[lines])
        person = np.array([weigh_person(name) >= LIKELY for name in names], dtype=np.bool_)
        counted = np.bincount(owner[person], minlength=len(runs.first))
        named: Flags = (counted == runs.end - runs.first) & ~runs.said
        return named

    def _are_menus(self, runs: Runs) -> Flags:
        """Runs -> whether half the lines of each stand above the article, too, as a menu's do; under a label all of them."""
        lines, _ = runs.lines()
        repeated = np.zeros(len(self.tails.row), bool)
        repeated[lines] = self.articles.head(self.tails, lines)
        count, size = _count(repeated, runs), runs.end - runs.first
        menu: Flags = np.where(runs.said, count == size, 2 * count >= size)
        return menu

    def _are_announced(self, runs: Runs) -> Flags:
        """Runs -> whether the line above each, a paragraph or another line without a label, says that a list follows."""
        tails, at = self.tails, runs.first
        above = np.maximum(at - 1, 0)
        said = tails.texts.gather(tails.look[above]).str.contains(OPENS).to_numpy() & tails.free[above]
        announced: Flags = np.where(tails.place[at] == 0, self.articles.opens(tails.page[at]), said)
        return announced

    def _choose_held(self, runs: Runs) -> Flags:
        """Runs with lines that the zones took for the article's -> whether they are tags even so.

        Its last list has words of the body, too: a list of names, subheadings, a signature. Tags are three or more, or two
        between which the body is said to end, the article quotes all but one of them, and nothing but a paragraph's end or
        another label stands above, a label below.
        """
        tails, size = self.tails, runs.end - runs.first
        behind = tails.place[runs.first] == 0
        signed = tails.labelled("^(?:date|byline)/")[np.minimum(runs.end, len(tails.row) - 1)] & ~runs.last
        signed |= tails.labelled("^date/signed$")[np.maximum(runs.first - 1, 0)] & runs.above
        enough = (size >= 3) | (_count(tails.in_body, runs) < size)
        told: Flags = enough & (_count(self.full, runs) == size) | runs.said
        ends = runs.below | (runs.last & runs.said)
        told &= (behind | runs.above) & ~self._are_announced(runs) & ends & ~signed
        some = runs.take(told & ~runs.said)
        lines, _ = some.lines()
        quoted = np.zeros(len(tails.row), bool)
        quoted[lines] = self.articles.quote(tails, lines)
        told[told & ~runs.said] = _count(quoted, some) >= some.end - some.first - 1
        return told

    def choose_hashtags(self, runs: Runs, listed: Ints) -> Ints:
        """Runs of lines that begin with `#`, the lines that are tags -> the lines of those that are, too: several, or one of the
        article's words, or one right below a tag.

        Those that the article announces, and the zones took for its own, are what it speaks of.
        """
        told = (runs.end - runs.first > 1) | (_count(self.full, runs) > 0)
        told |= np.isin(runs.first - 1, listed) & (self.tails.place[runs.first] > 0)
        held = _count(self.tails.in_body, runs) > 0
        return runs.take(told & ~(held & self._are_announced(runs))).lines()[0]

    def choose_commas(self, runs: Runs) -> Ints:
        """Runs of lines of terms with commas between -> those lines alone that are tags: the article has most of their words, or
        the label of keywords stands above."""
        tails = self.tails
        runs = runs.take((runs.end - runs.first == 1) & ~runs.under)
        at = runs.first
        told = (3 * self.shared[at] >= 2 * self.stems[at]) & (self.shared[at] >= 3)
        told &= (runs.above | (tails.place[at] == 0)) & ~self._are_announced(runs)
        clause = tails.texts.gather(tails.look[at]).str.contains(_CLAUSE).to_numpy()
        chosen: Ints = at[told | (runs.said & ~clause)]
        return chosen


def _choose_labelled(tails: Tails, articles: _Articles, places: Flags) -> Ints:
    """Lines of a label that no rule knows and a list of terms -> those that are tags: the article has most of their words,
    or half of them behind a word for tags.

    One that the zones took for the article's may be a list of its own, of who took part: there the label must be a word for tags.
    """
    lines = np.flatnonzero(places & tails.may_be_labelled)
    if not len(lines):
        return lines
    terms = tails.texts.str.extract(LABELLED).fill_null("")
    stems, shared = articles.share(replace(tails, texts=terms), lines)
    labels = fold_texts(tails.texts.gather(tails.look[lines]))
    named = np.array([KEYWORDS_LABEL.match(label) is not None for label in labels], dtype=np.bool_)
    told = np.where(named, 2 * shared >= stems, 3 * shared >= 2 * stems) & (shared >= 2)
    section = ~tails.plain[lines] & (terms.gather(tails.look[lines]).str.count_matches(r"[،,|•/؛]").to_numpy() < 2)
    chosen: Ints = lines[told & (named | ~tails.in_body[lines]) & ~section]
    return chosen


def _choose_tags(tails: Tails, articles: _Articles, headings: Sequence[str]) -> tuple[Ints, Ints]:
    """Lines of pages, their articles, the ids of headings of other articles -> the lines that are tags, and those of hashtags."""
    open_, under = find_tag_places(tails, headings)
    lists = find_runs(tails, open_ & tails.items, under)
    size = lists.end - lists.first
    lists = lists.take((size >= 2) & (size <= _MOST) | lists.said)
    hashtags, commas = (find_runs(tails, open_ & tails.says(look) & tails.worded, under) for look in (HASHTAG, COMMAS))
    labelled = _choose_labelled(tails, articles, tails.own & ~tails.so_far(tails.labelled(WALL)))
    asked = np.concatenate([runs.lines()[0] for runs in (lists, hashtags, commas)])
    if not len(asked):
        return labelled, asked
    evidence = _Evidence(tails, articles, np.sort(asked))
    listed: Ints = np.union1d(evidence.choose_listed(lists), evidence.choose_commas(commas))
    listed = np.union1d(listed, labelled)
    return listed, evidence.choose_hashtags(hashtags, listed)


def label_tags(pieces: pl.LazyFrame, know: Knowledge) -> pl.LazyFrame:
    """Piece -> Piece: the tags below an article become `keywords/listed`, those with `#` before them `keywords/hashtags`.

    They stand among the first lines below its last paragraph: those under the label of keywords, and others where the
    article has two thirds of them and more, two to the letter; or under that label above the article.
    """
    frame = pieces.collect()
    page = number_pages(frame)
    body = ((frame["zone"] == "body") & (frame["article"] == 0)).fill_null(False).to_numpy()
    kept = body & frame.select(is_kept(know.marks)).to_series().to_numpy()
    last = find_last(frame, page, kept)
    articles, headings = _Articles(frame, page, kept, last), know.rules.headings("related")
    rule = frame["rule"]
    for above in (np.where(last < 0, len(frame), last), *find_told(frame, page)):
        tails = read_tails(frame, page, above)
        listed, marked = _choose_tags(tails, articles, headings)
        rule = rule.scatter(tails.row[listed], _LISTED).scatter(tails.row[marked], _HASHTAGS)
    return frame.with_columns(rule).lazy()
