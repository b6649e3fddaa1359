"""The title of an article among the lines before its body, and what stands there with it: long title, deck, captions."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from etl.around import page_bounds
from etl.distinct import distinct
from etl.fold import fold_texts
from etl.looks import Flags, Ints, Keys
from etl.pieces import split_pieces, take_solid
from etl.stems import Stems, count_shared, on_page, read_stems
from etl.values import split_summary

if TYPE_CHECKING:
    from etl.knowledge import Knowledge

FINAL = r"[.؟!?]\s*[\"»”’)\]'}]*\s*$"
BULLET = r"^\s*[•·▪●■◄►▶○◦‣*\-–—]\s*"
_HASHTAGS = r"(?:\s*#[^\s#]+)+\s*$"
_SENTENCE = r"[^.]\.\s*$|[^.\d]\.\s+\S"
"""A final stop, or one inside but `..`, which parts headlines."""
_ARABIC = "[\u0620-\u064a]"
_LATIN = "[A-Za-z]"
_WORD = r"\S+"
_BESIDE = "^(?:media|ui)/"
"""Families of labels that stand beside a caption."""
_SAME = 0.6
"""Share of the words of two headlines, of each, from which they say the same."""
_JOINT = re.compile(r" *[|\-:>]+")
"""What parts a headline from the name of its site, in a folded line."""
_TOPIC_LINES = 12
"""Lines at the head of a body that say what it is about."""
_LONG_WORDS, _LONG_SHARED = 8, 4
"""Words of a long title at least, and how many of them the head of the body has too."""
_NO_LONG = (
    "bulleted",
    "copyright sign",
    "ends in brackets",
    "breadcrumb",
    "photo",
    "clock",
    "media above",
    "media below",
    "often",
)
"""Features that a long title does not have: a caption's, a menu's, a date's."""
_GIVEN = 4.0
"""Added to the log odds of a line that is, to the letter, the title that came beside its page."""
MODEL = Path(__file__).parent / "data" / "titles.json"
_ODD = np.uint64(0x9E3779B97F4A7C15)


def find_headlines(texts: pl.Series) -> Flags:
    """Lines -> whether each reads as a headline: mostly Arabic, 3 to 40 words, and not a sentence."""
    lines = pl.DataFrame({"line": texts.str.strip_chars()}).with_row_index("row")
    line = pl.col("line").str
    lines = lines.filter(
        (line.len_chars() <= 250)
        & line.contains(rf"^{_WORD}\s+{_WORD}\s+\S")
        & line.contains(_ARABIC)
        & ~line.contains(_SENTENCE)
        & ~line.contains(_HASHTAGS)
    )
    many = lines.filter(line.contains(rf"^(?:{_WORD}\s+){{40}}\S"))
    latin = lines.filter(line.contains(_LATIN)).filter(line.count_matches(_ARABIC) <= line.count_matches(_LATIN))
    found = np.zeros(len(texts), bool)
    found[lines["row"].to_numpy()] = True
    found[many["row"].to_numpy()] = False
    found[latin["row"].to_numpy()] = False
    return found


@dataclass(frozen=True)
class _Lines:
    """The lines with text before the bodies of pages: `row` of the frame, `page` number, label.

    `look` is the place of each among `texts`, the distinct ones without white space at their ends.
    """

    row: Ints
    page: Ints
    rule: pl.Series
    look: Ints
    texts: pl.Series

    @cached_property
    def free(self) -> Flags:
        """Lines without a label."""
        return self.rule.is_null().to_numpy()

    @cached_property
    def is_open(self) -> Flags:
        """Those that are no value: what follows a label that stands alone is a topic, a section, a name."""
        return self.free & ~self.beside(self.labelled("/label-alone$"), -1)

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

    def labelled(self, pattern: str) -> Flags:
        """Lines with such a label."""
        return self.rule.str.contains(pattern).fill_null(False).to_numpy()

    def beside(self, flags: Flags, by: int) -> Flags:
        """Flag of the line `by` places further on in the same page (negative: before), false where there is none."""
        moved = np.zeros_like(flags)
        low, high = (slice(by, None), slice(None, -by)) if by > 0 else (slice(None, by), slice(-by, None))
        moved[high] = flags[low] & (self.page[high] == self.page[low])
        return moved

    def looks(self, which: Ints) -> tuple[Ints, Ints]:
        """Some lines -> their distinct texts, and the place of each line among these."""
        asked = np.zeros(len(self.texts), bool)
        asked[self.look[which]] = True
        return np.flatnonzero(asked), (np.cumsum(asked) - 1)[self.look[which]]

    def take(self, which: Flags) -> _Lines:
        """Return some of the lines, whole pages of them."""
        looks, look = self.looks(np.flatnonzero(which))
        return _Lines(self.row[which], self.page[which], self.rule.filter(which), look, self.texts.gather(looks))


def _read_lines(frame: pl.DataFrame, page: Ints) -> _Lines:
    """Piece -> the lines with text before the bodies."""
    row = ((frame["zone"] == "before") & (frame["article"] == 0)).arg_true().cast(pl.Int64).to_numpy()
    row, text = take_solid(frame, row)
    texts, look = distinct(text)
    return _Lines(row, page[row], frame["rule"].gather(row), look.astype(np.int64), texts)


class _Given(NamedTuple):
    """Titles that came beside pages: the `page` of each, its text, and the number that its folded text makes."""

    page: Ints
    texts: pl.Series
    key: Keys


def _read_given(given: pl.DataFrame | None, frame: pl.DataFrame, page: Ints) -> _Given:
    """What came beside the pages (id, given_title), Piece -> the titles of its pages."""
    titles = given.filter(pl.col("given_title") != "").select("id", "given_title") if given is not None else None
    if titles is None or titles.is_empty():
        return _Given(np.zeros(0, np.int64), pl.Series(dtype=pl.String), np.zeros(0, np.uint64))
    first, _ = page_bounds(page)
    pages = pl.DataFrame({"id": frame["id"].gather(first), "page": page[first]})
    found = pages.join(titles.unique("id", keep="last"), on="id")
    key = fold_texts(found["given_title"]).hash()
    return _Given(found["page"].to_numpy(), found["given_title"], key.to_numpy())


class _Likely(NamedTuple):
    """Lines that may be a title: `at`, their places among the lines, their words, and which of `stems` are theirs."""

    at: Ints
    words: Ints
    line: Ints
    stems: Stems

    def take(self, which: Flags) -> _Likely:
        """Return some of them."""
        return _Likely(self.at[which], self.words[which], self.line[which], self.stems)


def _find_headlines(lines: _Lines) -> Ints:
    """Lines -> the open ones that read as a headline."""
    at = np.flatnonzero(lines.is_open)
    looks, place = lines.looks(at)
    return at[find_headlines(lines.texts.gather(looks))[place]]


def _find_likely(lines: _Lines, at: Ints, given: _Given) -> _Likely:
    """Headlines -> those that say the same as the title that came beside their page, if one did."""
    looks, place = lines.looks(at)
    texts = lines.texts.gather(looks)
    words = texts.str.count_matches(_WORD).cast(pl.Int64).to_numpy()
    likely = _Likely(at, words[place], place, read_stems(texts))
    if not len(given.page):
        return likely
    size = np.full(int(max(lines.page.max(), given.page.max())) + 1, -1)
    size[given.page] = read_stems(given.texts).sizes()
    wanted, own = size[lines.page[at]], likely.stems.sizes()[place]
    shared = count_shared(likely.stems, place, lines.page[at], given.texts, given.page)
    return likely.take((wanted < 0) | ((shared >= _SAME * wanted) & (shared >= _SAME * own)))


def _read_topics(frame: pl.DataFrame, page: Ints, asked: Ints) -> tuple[pl.Series, Ints]:
    """Piece -> the first lines of the bodies of the pages asked about, and the page of each."""
    is_body = (frame["zone"] == "body") & frame["rule"].is_null() & (frame["article"] == 0)
    row = is_body.arg_true().cast(pl.Int64).to_numpy()
    wanted = np.zeros(int(page.max(initial=-1)) + 1, bool)
    wanted[asked] = True
    row, text = take_solid(frame, row[wanted[page[row]]])
    first, sizes = page_bounds(page[row])
    head = np.arange(len(row)) - np.repeat(first, sizes) < _TOPIC_LINES
    return text.filter(head), page[row[head]]


def _cut_names(key: str) -> Iterator[str]:
    """A folded headline -> what it may be without the name of its site, which a bar, a dash or a colon parts from it."""
    for joint in _JOINT.finditer(key, 0, len(key) - 1):
        first = joint.end() - len(joint[0].lstrip())
        yield from (key[:end] for end in (joint.start(), *range(first + 1, joint.end())))


def _find_named(lines: _Lines, at: Ints) -> Flags:
    """Likely titles -> whether each is another of its page with the name of the site behind it: the document's title."""
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
    some = np.flatnonzero(asked[page] & keys.str.contains(r"[|\-:>]").to_numpy()[place])
    heads = [
        (row, head)
        for row, key in zip(some.tolist(), keys.gather(place[some]), strict=True)
        for head in _cut_names(key)
    ]
    found = pl.DataFrame(heads, schema={"row": pl.Int64, "head": pl.String}, orient="row")
    row = found["row"].to_numpy()
    named = np.zeros(len(at), bool)
    whole = pl.Series(on_page(lines.key[at], page))
    named[row[pl.Series(on_page(found["head"].hash().to_numpy(), page[row])).is_in(whole.implode()).to_numpy()]] = True
    return named


def _page_numbers(frame: pl.DataFrame) -> Ints:
    """Piece -> the number of the page of each."""
    return frame["id"].rle_id().cast(pl.Int64).to_numpy()


def find_likely(frame: pl.DataFrame, given: pl.DataFrame | None = None) -> tuple[_Lines, _Likely, Ints] | None:
    """Piece -> (lines before the bodies, those of them that may be a title, the words each of these shares with its body).

    None where no page has such a line.
    """
    page = _page_numbers(frame)
    lines = _read_lines(frame, page)
    at = _find_headlines(lines)
    asked = np.zeros(int(page.max(initial=-1)) + 1, bool)
    asked[lines.page[at]] = True
    kept = asked[lines.page]
    lines, at = lines.take(kept), (np.cumsum(kept) - 1)[at]
    if not len(at):
        return None
    likely = _find_likely(lines, at, _read_given(given, frame, page))
    likely = likely.take(~_find_named(lines, likely.at))
    if not len(likely.at):
        return None
    topics = _read_topics(frame, page, lines.page[likely.at])
    return lines, likely, count_shared(likely.stems, likely.line, lines.page[likely.at], *topics)


@lru_cache(maxsize=1)
def load_weights(path: Path = MODEL) -> dict[str, float]:
    """Read what each feature adds to the log odds that a line is the title; `benchmarks/train_titles.py` learns them."""
    weights: dict[str, float] = json.loads(path.read_text("utf-8"))["weights"]
    return weights


_LABELLED = {
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
_SAYS = {
    "bulleted": BULLET,
    "copyright sign": "©",
    "ends in brackets": r"[)\]]\s*$",
    "breadcrumb": r"\S\s*[»›>/]\s*\S+.*[»›>/]|^(?:الرئيسية|الصفحة الرئيسية)\b",
    "photo": r"صور[ةه]|تصوير|أرشيف|رويترز|أ\.?\s?ف\.?\s?ب|الأناضول|غيتي|[Gg]etty|AFP|Reuters",
    "clock": r"[\d٠-٩]{1,2}:[\d٠-٩]{2}",
    "question": r"[؟?!]\s*$",
    "two dots": r"\.\.",
    "ends in dots": r"(?:\.\.|…)\s*$",
    "comma": "[،,]",
    "latin": r"[A-Za-z]{2}",
}
"""Features of a line's text, by what it holds."""


def describe_likely(lines: _Lines, likely: _Likely, shared: Ints) -> dict[str, Flags]:
    """Likely titles -> the features of each: its words, how many it shares with the body, its like, its place, its neighbours."""
    at, words, page = likely.at, likely.words, lines.page[likely.at]
    share = shared / np.maximum(likely.stems.sizes()[likely.line], 1)
    found: dict[str, Flags] = {f"shares {least} words": shared >= least for least in (1, 2, 3, 4)}
    found |= {f"shares {least:.2f} of its words": share >= least for least in (0.15, 0.3, 0.5, 0.75)}
    found |= {f"{least} words": words >= least for least in (4, 5, 6, 8, 11, 15, 21)}
    again = np.r_[False, (lines.key[1:] == lines.key[:-1]) & (lines.page[1:] == lines.page[:-1]), False]
    follows = again[at] | again[at + 1]
    often = lines.often[at]
    found |= {"often": often, "often, short": often & (words <= 6), "follows itself": follows}
    found["follows itself, short"] = follows & (words <= 6)
    for name, pattern in _LABELLED.items():
        flag = lines.labelled(pattern)
        below = lines.beside(flag, 1)
        found[f"{name} above"] = lines.beside(flag, -1)[at]
        found[f"{name} below"] = below[at]
        found[f"{name} near below"] = (below | lines.beside(flag, 2) | lines.beside(flag, 3))[at]
    first, sizes = page_bounds(lines.page)
    place = (np.arange(len(lines.row)) - np.repeat(first, sizes))[at]
    left = np.repeat(sizes, sizes)[at] - place
    found |= {"first": place == 0, "of the first three": place < 3}
    found |= {f"of the last {most}": left <= most for most in (1, 2, 3, 4, 6, 10)}
    looks, look = lines.looks(at)
    texts = lines.texts.gather(looks)
    found |= {name: texts.str.contains(pattern).to_numpy()[look] for name, pattern in _SAYS.items()}
    bullets = np.bincount(page[found["bulleted"]], minlength=int(lines.page.max()) + 1)
    found["bulleted, like others"] = found["bulleted"] & (bullets[page] > 2)
    return found


def _score(flags: dict[str, Flags], lines: _Lines, likely: _Likely, given: _Given) -> npt.NDArray[np.float64]:
    """Likely titles and their features -> the log odds that each is the title, against there being none."""
    weights = load_weights()
    score = np.full(len(likely.at), weights["bias"])
    for name, flag in flags.items():
        score += weights.get(name, 0.0) * flag
    key = lines.key[likely.at]
    score += _GIVEN * np.isin(on_page(key, lines.page[likely.at]), on_page(given.key, given.page))
    return score


def _choose(lines: _Lines, likely: _Likely, shared: Ints, given: _Given) -> tuple[Ints, Ints]:
    """Likely titles -> (the title of each page, -1 without one; the longer title below it, likewise)."""
    at, page = likely.at, lines.page[likely.at]
    flags = describe_likely(lines, likely, shared)
    score = _score(flags, lines, likely, given)
    first, sizes = page_bounds(page)
    chosen = at[(score >= np.repeat(np.maximum.reduceat(score, first), sizes)) & (score >= 0)]
    title, longer = np.full((2, int(lines.page.max()) + 1), -1)
    title[lines.page[chosen[::-1]]] = chosen[::-1]  # of several, the one assigned last stays
    long = (
        (likely.words >= _LONG_WORDS) & (shared >= _LONG_SHARED) & ~np.any([flags[name] for name in _NO_LONG], axis=0)
    )
    other = at[long & (title[page] >= 0) & (at > title[page]) & (lines.key[at] != lines.key[title[page]])]
    longer[lines.page[other]] = other
    return title, longer


_LABELS = ("title/headline", "title/again", "title/long", "summary/deck", "media/caption")
_HEADLINE, _AGAIN, _LONG, _DECK, _CAPTION = range(5)


def _label_lines(lines: _Lines, title: Ints, longer: Ints) -> npt.NDArray[np.int8]:
    """Lines, the titles of their pages -> the label of each, as a place among the labels, -1 for none."""
    label = np.full(len(lines.row), -1, np.int8)
    free = lines.free
    of_page = title[lines.page]
    label[free & (of_page >= 0) & (lines.key == lines.key[of_page])] = _AGAIN
    label[title[title >= 0]] = _HEADLINE
    label[longer[longer >= 0]] = _LONG
    left = np.flatnonzero(free & (of_page >= 0) & (np.arange(len(free)) > of_page) & (label < 0))
    looks, place = lines.looks(left)
    line = pl.col("line").str
    told = pl.DataFrame({"line": lines.texts.gather(looks)}).select(
        arabic=line.contains(_ARABIC),
        words=line.count_matches(_WORD),
        final=line.replace_all(_HASHTAGS, "").str.contains(FINAL),
    )
    arabic, words, final = (told[name].to_numpy()[place] for name in told.columns)
    deck = left[arabic & final & (words >= 10)]
    label[deck[np.r_[True, lines.page[deck[1:]] != lines.page[deck[:-1]]][: len(deck)]]] = _DECK
    beside = lines.labelled(_BESIDE)
    beside = lines.beside(beside, 1) | lines.beside(beside, -1)
    caption = arabic & ~final & (words >= 2) & (words <= 30)
    label[left[caption & (lines.often | beside)[left]]] = _CAPTION
    return label


def label_titles(pieces: pl.LazyFrame, know: Knowledge, given: pl.DataFrame | None = None) -> pl.LazyFrame:
    """Piece -> Piece: label title, long title, deck and captions among the lines before the body.

    A headline is chosen by the words it shares with the text, by standing twice on the page, by what follows it (date,
    byline, share buttons). `given` (id, given_title) is what the input said beside the page: only a line that says the
    same is a title then. None is chosen without evidence, and a sentence of the body never is.
    """
    frame = pieces.collect()
    found = find_likely(frame, given)
    if found is None:
        return frame.lazy()
    lines, likely, shared = found
    titles = _read_given(given, frame, _page_numbers(frame))
    label = _label_lines(lines, *_choose(lines, likely, shared, titles))
    labelled = np.flatnonzero(label >= 0)
    rules = pl.Series(_LABELS).gather(label[labelled])
    return frame.with_columns(frame["rule"].scatter(lines.row[labelled], rules)).lazy()


_PARTED = r"#|[.!?؟…][\"»”’)\]]*\s+\S"
"""What a deck has that is not one sentence alone: a hashtag, or something behind a sentence's end."""


def split_decks(pieces: pl.LazyFrame, know: Knowledge) -> pl.LazyFrame:
    """Piece -> Piece: a deck's call to read on becomes `promo/read-on`, its hashtags `keywords/hashtags`."""
    frame = pieces.collect()
    row = (frame["rule"] == "summary/deck").arg_true()
    decks = pl.DataFrame({"row": row, "piece": frame["piece"].gather(row), "outlet": frame["outlet"].gather(row)})
    claims: list[tuple[int, int, int, str]] = []
    for at, text, outlet in decks.filter(pl.col("piece").str.contains(_PARTED)).iter_rows():
        _, call, tags = split_summary(text, outlet)
        claims += [(at, *call, "promo/read-on")] if call else []
        claims += [(at, *tags, "keywords/hashtags")] if tags else []
    schema = {"row": pl.UInt32, "start": pl.Int64, "end": pl.Int64, "rule": pl.String}
    return split_pieces(frame, pl.DataFrame(claims, schema=schema, orient="row")).lazy()
