"""Second articles: what a page has spliced in whole, under a heading of other articles."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import polars as pl

from etl.around import page_bounds
from etl.arrays import Flags, Ints
from etl.distinct import distinct
from etl.pieces import number_pages, rows_where, take_solid
from etl.titles.lines import BULLET, find_headlines

if TYPE_CHECKING:
    from etl.knowledge import Knowledge

_STOPS = [".", "؟", "!", "?"]
_CLOSERS = "\"»”’)]'}"
_QUOTED = ['"', "»", "”", "،"]
_PARAGRAPHS, _WORDS = 3, 8
"""Paragraphs that an article has at least, and words of each of them."""
_REACH = 3
"""Lines under a heading among which the title stands."""
_INSIDE = "^(?:related|source|keywords|media|ad|wire|note)/"
"""Families of labels that may stand between the paragraphs of an article."""
_CLOSING = "^(?:source|keywords|wire)/"
"""Those that belong to it where they stand at its end."""


def find_paragraphs(texts: pl.Series) -> Flags:
    """Lines -> whether each is a paragraph: words enough, an end as a sentence has it, no bullet and not cut short."""
    text = pl.col("text").str
    lines = pl.DataFrame({"text": texts.str.strip_chars()}).with_row_index("row")
    end = text.strip_chars_end(_CLOSERS).str.strip_chars_end().str.slice(-1)
    lines = lines.filter(
        (end.is_in(_STOPS) | text.slice(-1).is_in(_QUOTED)) & ~text.ends_with("..") & ~text.ends_with("…")
    )
    lines = lines.filter(text.contains(rf"^(?:\S+\s+){{{_WORDS - 1}}}\S") & ~text.contains(BULLET))
    found = np.zeros(len(texts), bool)
    found[lines["row"].to_numpy()] = True
    return found


class _Lines(NamedTuple):
    """Lines with text after the bodies of pages: `row` of the frame, `page` number, label, and what each may be to an article.

    `paragraph`; `last`: it may end one; `parts`: no article goes on past it.
    """

    row: Ints
    page: Ints
    free: Flags
    heading: Flags
    paragraph: Flags
    last: Flags
    parts: Flags


def _read_lines(frame: pl.DataFrame, know: Knowledge) -> _Lines | None:
    """Piece -> the lines after the bodies of those pages that have a heading there and paragraphs enough, if any do."""
    row = rows_where(frame["zone"] == "after")
    rule = frame["rule"].gather(row)
    headings = know.rules.headings("related")
    heading = rule.is_in(headings).fill_null(False).to_numpy()
    if not heading.any():
        return None
    page = number_pages(frame)
    asked = np.isin(page[row], page[row[heading]])
    free, text = take_solid(frame, row[asked & rule.is_null().to_numpy()])
    texts, which = distinct(text)
    fits = find_paragraphs(texts)[which]
    # Labels aside, paragraphs enough must follow each other.
    count = max(len(free) - _PARAGRAPHS + 1, 0)
    first, last = page[free[:count]], page[free[len(free) - count :]]
    follow = np.logical_and.reduce([fits[by : by + count] for by in range(_PARAGRAPHS)]) & (first == last)
    row, _ = take_solid(frame, row[np.isin(page[row], first[follow])])
    rule = frame["rule"].gather(row)
    heading = rule.is_in(headings).fill_null(False).to_numpy()
    flags = np.zeros(len(frame), bool)
    flags[free[fits]] = True
    paragraph = flags[row]
    inside = rule.str.contains(_INSIDE).fill_null(False).to_numpy() & ~heading
    closing = rule.str.contains(_CLOSING).fill_null(False).to_numpy() & inside
    free_row = rule.is_null().to_numpy()
    return _Lines(row, page[row], free_row, heading, paragraph, paragraph | closing, ~paragraph & ~inside)


def label_articles(pieces: pl.LazyFrame, know: Knowledge) -> pl.LazyFrame:
    """Piece -> Piece: a second article under a read-also heading gets its own number; its title is filed as a title.

    Evidence asked for: a heading that opens other articles, then within three lines a headline, then at least three
    paragraphs of sentences in a row (labels between them aside), none of them in a list.
    """
    frame = pieces.collect()
    lines = _read_lines(frame, know)
    if lines is None or not len(lines.row):
        return frame.lazy()
    count = len(lines.row)
    at = np.arange(count)
    first, sizes = page_bounds(lines.page)
    end = np.repeat(first + sizes, sizes)
    # Where what begins at a line ends: at the next line that parts, or with the page.
    stop = np.minimum.accumulate(np.where(lines.parts, at, count)[::-1])[::-1]
    stop = np.minimum(np.r_[stop[1:], count], end)
    before = np.r_[0, np.cumsum(lines.paragraph)]
    enough = lines.free & (before[stop] - before[at + 1] >= _PARAGRAPHS)
    # A title stands among the lines under a heading; the first headline there is it, whatever follows it.
    near = np.flatnonzero(lines.heading)[:, None] + np.arange(1, _REACH + 1)
    within = near < np.minimum(end[near[:, 0] - 1], count)[:, None]
    near = np.where(within, near, 0)
    some = (within & enough[near]).any(axis=1)
    near, within = near[some], within[some]
    texts = frame["piece"].gather(lines.row[near.ravel()])
    fits = find_headlines(texts) & ~texts.str.contains(BULLET).to_numpy()
    fits = within & lines.free[near] & fits.reshape(near.shape)
    title = near[np.arange(len(near)), fits.argmax(axis=1)]
    good = fits.any(axis=1) & enough[title]
    last = np.maximum.accumulate(np.where(lines.last, at, -1))
    number = frame["article"].to_numpy().copy()
    titles: list[int] = []
    bodies: list[Ints] = []
    page, taken, article = -1, -1, 0
    for heading, start in zip((near[good, 0] - 1).tolist(), title[good].tolist(), strict=True):
        if lines.page[start] != page:
            page, article = lines.page[start], 0
        if heading <= taken:
            continue
        taken, article = int(last[stop[start] - 1]), article + 1
        number[lines.row[start] : lines.row[taken] + 1] = article  # with the white space between its lines
        inside = np.arange(start + 1, taken + 1)
        bodies.append(lines.row[inside[lines.paragraph[inside]]])
        titles.append(int(lines.row[start]))
    if not titles:
        return frame.lazy()
    return frame.with_columns(
        pl.Series("article", number),
        frame["zone"].scatter(np.concatenate(bodies), "body"),
        frame["rule"].scatter(titles, "title/headline"),
    ).lazy()
