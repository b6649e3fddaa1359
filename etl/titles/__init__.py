"""The title of an article among the lines before its body, and what stands there with it: long title, deck, captions."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from etl.around import first_rows, page_bounds
from etl.arrays import Doubles, Flags, Ints, Kinds
from etl.pieces import split_pieces
from etl.shipped import DATA
from etl.stems import on_page
from etl.titles.documents import find_document_titles
from etl.titles.lines import ARABIC, WORD, Found, LinesBefore, describe, find_likely
from etl.values import HASHTAGS, split_summary

if TYPE_CHECKING:
    from etl.knowledge import Knowledge

MODEL = DATA / "titles.json"
FINAL = r"[.؟!?]\s*[\"»”’)\]'}]*\s*$"
_BESIDE = "^(?:media|ui)/"
"""Families of labels that stand beside a caption."""
_GIVEN = 4.0
"""Added to the log odds of a line that is, to the letter, the title that came beside its page, or that of the document."""
_AGAIN_NAMED = 2.0
"""The same for a line that stands again with the name of the site."""
_THRICE, _OFTEN = 3, 2.5
"""Times that a line stands above the text at most to be a caption as well, and what is added where it stands more often."""
_ONLY, _LESS = ("of the first three", "shares 3 words", "shares 0.50 of its words"), 1.5
"""Flags of the only likely line of a page, and how far under even its log odds may be."""
_LONG_WORDS, _LONG_SHARED = 8, 4
"""Words of a long title at least, and how many of them the head of the body has too."""
KICKER = r"^\W*(?:خلال|بحضور|برعاية|تحت رعاية|ضمن|على هامش|بالتزامن|تزامنا|تزامناً|بالتعاون|في إطار|في ختام|بمناسبة|بمشاركة|نيابة عن) [^.:؟!]+$"
"""A line that says when or with whom, and nothing else: above a headline it is none."""
INTRODUCES = r"^[^:.؟!]+:\s*$"
"""A line that ends in a colon, and has no other."""
NOT_LONG = {
    "bulleted", "copyright sign", "ends in brackets", "breadcrumb", "photo", "clock", "media above", "media below", "often",
}  # fmt: skip
"""Flags that a long title does not have: a caption's, a menu's, a date's."""


@lru_cache(maxsize=1)
def load_weights() -> dict[str, float]:
    """Read what each feature adds to the log odds that a line is the title; `benchmarks/train_titles.py` learns them."""
    weights: dict[str, float] = json.loads(MODEL.read_text("utf-8"))["weights"]
    return weights


def _score(found: Found, flags: dict[str, Flags], told: Flags) -> Doubles:
    """Likely titles, their flags, lines that the title of the document says -> the log odds that each is the title, against there
    being none."""
    weights = load_weights()
    score = np.full(len(found.likely.at), weights["bias"])
    for name, flag in flags.items():
        score += weights[name] * flag
    lines, at = found.lines, found.likely.at
    given = np.isin(on_page(lines.key[at], lines.page[at]), on_page(found.given.key, found.given.page))
    score += np.where(given | told[lines.row[at]], _GIVEN, _AGAIN_NAMED * found.again)
    # A caption stands twice or three times, as alternative text and below its picture; what stands more often is the title.
    _, which, many = np.unique(on_page(lines.key, lines.page), return_inverse=True, return_counts=True)
    score += _OFTEN * (many[which][at] > _THRICE)
    return score


def _choose(found: Found, told: Flags) -> tuple[Ints, Ints]:
    """Likely titles, lines that the title of the document says -> (the title of each page, -1 without one; the longer title below it, likewise)."""
    flags = describe(found)
    score = _score(found, flags, told)
    lines, at = found.lines, found.likely.at
    page = lines.page[at]
    first, sizes = page_bounds(page)
    # The only line of its kind, among the first of its page and in the words of the text, needs less.
    sure = np.repeat(sizes == 1, sizes) & np.all([flags[name] for name in _ONLY], axis=0)
    chosen = at[(score >= np.repeat(np.maximum.reduceat(score, first), sizes)) & (score >= np.where(sure, -_LESS, 0))]
    pages = int(lines.page.max()) + 1
    title = first_rows(lines.page[chosen], pages, chosen)
    long = (found.likely.words >= _LONG_WORDS) & (found.shared >= _LONG_SHARED)
    long &= ~np.any([flags[name] for name in NOT_LONG], axis=0)
    other = at[long & (title[page] >= 0) & (at > title[page]) & (lines.key[at] != lines.key[title[page]])]
    longer = np.full(pages, -1)
    longer[lines.page[other]] = other  # of several the last stays
    # What says at whose meeting or on what day stands above the headline.
    titled = np.flatnonzero((title >= 0) & (longer == title + 1))
    over = titled[lines.texts.gather(lines.look[title[titled]]).str.contains(KICKER).to_numpy()]
    title[over], longer[over] = longer[over], -1
    # So does what ends in a colon, above a line of more words; what fewer words follow may be a headline that they go on with.
    titled = np.flatnonzero((title >= 0) & np.isin(title + 1, at) & ((longer < 0) | (longer == title + 1)))
    titled = titled[lines.page[title[titled] + 1] == titled]
    introduces, below = (lines.texts.gather(lines.look[title[titled] + down]) for down in (0, 1))
    more = below.str.count_matches(WORD) > introduces.str.count_matches(WORD)
    over = titled[(introduces.str.contains(INTRODUCES) & more).to_numpy()]
    title[over], longer[over] = title[over] + 1, -1
    return title, longer


_LABELS = ("title/headline", "title/again", "title/long", "summary/deck", "media/caption")
_HEADLINE, _AGAIN, _LONG, _DECK, _CAPTION = range(5)


def _label_lines(lines: LinesBefore, title: Ints, longer: Ints) -> Kinds:
    """Lines, the titles of their pages -> the label of each, as a place among the labels, -1 for none."""
    label = np.full(len(lines.row), -1, np.int8)
    free = lines.plain
    of_page = title[lines.page]
    label[free & (of_page >= 0) & (lines.key == lines.key[of_page])] = _AGAIN
    label[title[title >= 0]] = _HEADLINE
    label[longer[longer >= 0]] = _LONG
    left = np.flatnonzero(free & (of_page >= 0) & (np.arange(len(free)) > of_page) & (label < 0))
    looks, place = lines.looks(left)
    line = pl.col("line").str
    told = pl.DataFrame({"line": lines.texts.gather(looks)}).select(
        arabic=line.contains(ARABIC),
        words=line.count_matches(WORD),
        final=line.replace_all(HASHTAGS, "").str.contains(FINAL),
    )
    arabic, words, final = (told[name].to_numpy()[place] for name in told.columns)
    deck = left[arabic & final & (words >= 10)]
    label[deck[page_bounds(lines.page[deck])[0]]] = _DECK
    beside = lines.beside(lines.labelled(_BESIDE), -1, 1)
    caption = arabic & ~final & (words >= 2) & (words <= 30)
    label[left[caption & (lines.often | beside)[left]]] = _CAPTION
    return label


def score_titles(found: Found) -> Doubles:
    """Likely titles -> the log odds that each is the title, against there being none, whatever the title of the document says."""
    return _score(found, describe(found), np.zeros(int(found.lines.row.max()) + 1, dtype=np.bool_))


def label_titles(pieces: pl.LazyFrame, know: Knowledge, given: pl.DataFrame | None = None) -> pl.LazyFrame:
    """Piece -> Piece: label title, long title, deck and captions among the lines before the body.

    A headline is chosen by weights learned for the words it shares with the text, for standing twice on the page, for what
    stands beside it. `given` (id, given_title) is what the input said beside the page: only a line that says the
    same is a title then. None is chosen without evidence, and a sentence of the body never is.
    """
    frame = pieces.collect()
    found = find_likely(frame, given)
    if found is None:
        return frame.lazy()
    label = _label_lines(found.lines, *_choose(found, find_document_titles(frame)))
    labelled = np.flatnonzero(label >= 0)
    rules = pl.Series(_LABELS).gather(label[labelled])
    return frame.with_columns(frame["rule"].scatter(found.lines.row[labelled], rules)).lazy()


_PARTED = r"#|[.!?؟…][\"»”’)\]]*\s+\S"
"""What a deck has that is not one sentence alone: a hashtag, or something behind a sentence's end."""


def split_decks(pieces: pl.LazyFrame, know: Knowledge) -> pl.LazyFrame:
    """Piece -> Piece: a deck's call to read on becomes `promo/read-on`, its hashtags `keywords/hashtags`."""
    frame = pieces.collect()
    row = (frame["rule"] == "summary/deck").arg_true()
    decks = pl.DataFrame({"row": row, "piece": frame["piece"].gather(row), "outlet": frame["outlet"].gather(row)})
    claims: list[tuple[int, int, int, str]] = []
    for at, text, outlet in decks.filter(pl.col("piece").str.contains(_PARTED)).iter_rows():
        call, tags = split_summary(text, outlet)
        claims += [(at, *call, "promo/read-on")] if call else []
        claims += [(at, *tags, "keywords/hashtags")] if tags else []
    schema = {"row": pl.UInt32, "start": pl.Int64, "end": pl.Int64, "rule": pl.String}
    return split_pieces(frame, pl.DataFrame(claims, schema=schema, orient="row")).lazy()
