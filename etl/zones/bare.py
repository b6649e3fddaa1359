"""Pages that are an article already cut out: how far down a page is one, and which of its first lines are its head."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import polars as pl
from pydantic import BaseModel, ConfigDict, Field

from etl.around import flags_beside
from etl.arrays import Flags, Floats, Ints
from etl.bylines.parts import MAY_BE_PLACED, MAY_BE_SIGNED, is_placed, is_signature
from etl.bylines.persons import LIKELY, weigh_person
from etl.fold import fold_texts
from etl.zones.lines import GROUP, Lines

FURNITURE = [GROUP[name] for name in ("share", "related", "comment", "site")]
"""Labels that only a page with a site around its article has; dates, bylines and sources stand in bare articles too."""
NAME_WORDS = (4, 6)
"""Words of a name that is as long as a headline."""
_NO_TITLE = ("final", "teaser", "colon_end", "bullet", "number")


class BareParams(BaseModel):
    """When a page is an article already cut out, and which of its first lines are its head."""

    model_config = ConfigDict(extra="forbid")

    sure_body: float = Field(3.0, description="log odds from which a line is surely body")
    unlikely: float = Field(
        3.0,
        description="log odds against body from which a line of Arabic is unlikely: of 36,059 real articles none holds three",
    )
    unlikely_lines: int = Field(
        3, ge=1, description="unlikely lines of a page from which they are its site's furniture"
    )
    few_lines: int = Field(
        3,
        ge=0,
        description="lines above the first paragraph up to which they may be the article's on a page that has a site's furniture below",
    )
    head_lines: int = Field(
        10, ge=0, description="lines with text that stand above a bare article's first paragraph, at most"
    )
    title_words: tuple[int, int] = Field(
        (4, 16),
        description="words of a headline that is told by its looks and its place alone: of 36,059 real ones 94 in 100 have as many",
    )
    title_odds: float = Field(1.5, description="log odds from which a line is rather a short paragraph than a headline")
    prose_words: int = Field(
        10,
        ge=1,
        description="words of a line below the title that came beside the page, at least, for the line to be prose",
    )
    date_words: int = Field(14, ge=1, description="words of a line that tells when, and perhaps who and where, at most")
    day_words: int = Field(8, ge=1, description="words of a line that is hardly more than a date, at most")
    day_digits: float = Field(0.12, ge=0, le=1, description="share of its characters that are digits, at least")
    dates_below: int = Field(
        1, ge=0, description="lines further down that tell when, at most, of an article that a date stands above"
    )
    links: int = Field(4, ge=0, description="links to other articles in the midst of a text, at most")


def find_unlikely(odds: Floats, lines: Lines, params: BareParams) -> Flags:
    """Log odds -> lines of Arabic that are unlikely to be body; a sign, a number or a foreign name alone on its line says nothing."""
    unlikely: Flags = (lines.cue == 0) & (odds < -params.unlikely) & (lines.looks["arabic_letters"][lines.look] > 0)
    return unlikely


def find_bare(odds: Floats, lines: Lines, sure: float, params: BareParams, linked: bool = False) -> Flags:
    """Log odds -> the lines down to which a page is bare: no label names a line as a site's furniture, none is sure to be, nor are
    several unlikely to be anything else.

    What stands above the first line that is surely body is judged with it; more than a few lines are a site's. `linked`
    leaves articles bare that name other ones.
    """
    around = lines.around
    named = np.isin(lines.cue, FURNITURE) & ~(linked & (lines.cue == GROUP["related"]))
    unlikely = find_unlikely(odds, lines, params)
    unlikely &= around.count(unlikely) >= params.unlikely_lines
    furniture = around.first_of(named | ((lines.cue == 0) & (odds < -sure)) | unlikely)
    body = np.minimum(around.first_of((lines.cue == 0) & (odds > params.sure_body)), around.end - 1)
    short = (furniture == around.end) | (body - around.start <= params.few_lines)
    bare: Flags = (furniture > np.maximum(around.index, body)) & short
    return bare


class Titles(NamedTuple):
    """Lines at the heads of pages that may be a title, which of them say one that came beside the page, which name the writer
    behind a label, and which end in a cry: as a title does beside a date or a name, or as a sentence."""

    likely: Flags
    said: Flags
    signed: Flags
    cried: Flags


def any_titles(lines: Lines, params: BareParams) -> Titles:
    """Lines of pages without a title beside them -> the first ones of each, of which one may be it."""
    likely = lines.around.index - lines.around.start < params.head_lines
    return Titles(likely, *np.zeros((3, len(likely)), dtype=np.bool_))


def find_signed(frame: pl.DataFrame, lines: Lines, asked: Flags, params: BareParams) -> Flags:
    """Piece, its lines, those asked about -> the ones below a page's first that name their writer, perhaps with a town or a paper, and say no
    more (`بقلم سالم حسن`, `الميناء - سالم حسن`)."""
    signed = np.zeros_like(asked)
    below = lines.around.index > lines.around.start
    at = np.flatnonzero(asked & below & (lines.cue == 0) & (lines.words <= params.date_words))
    texts = frame["piece"].gather(lines.row[at]).str.strip_chars()
    for line in fold_texts(texts).str.contains(MAY_BE_SIGNED).arg_true():
        signed[at[line]] = is_signature(texts[line])
    for line in texts.str.contains(MAY_BE_PLACED).arg_true():
        signed[at[line]] |= is_placed(texts[line])
    return signed


def find_names(frame: pl.DataFrame, lines: Lines, asked: Flags) -> Flags:
    """Piece, its lines, those asked about -> the ones that are a person's name and nothing else."""
    names = np.zeros_like(asked)
    shortest, longest = NAME_WORDS
    at = np.flatnonzero(asked & (lines.cue == 0) & (lines.words >= shortest) & (lines.words <= longest))
    names[at] = [weigh_person(text) >= LIKELY for text in frame["piece"].gather(lines.row[at]).str.strip_chars()]
    return names


def tell_titles(frame: pl.DataFrame, lines: Lines, given: pl.DataFrame | None, params: BareParams) -> Titles:
    """Piece, its lines, the titles that came beside the pages (id, given_title) -> the lines at the heads of pages that may be
    a title: those that say the given one, or most of it, and all where none was given."""
    around = lines.around
    high, says, _, cried = any_titles(lines, params)
    signed = find_signed(frame, lines, high, params)
    cried[high] = frame["piece"].gather(lines.row[high]).str.contains(r"[^!.؟?]\s*!\s*$").to_numpy()
    high &= ~find_names(frame, lines, high)
    titles = given.filter(pl.col("given_title").str.strip_chars() != "") if given is not None else None
    if titles is None or titles.is_empty():
        return Titles(high, says, signed, cried)
    pages = pl.DataFrame({"id": frame["id"].gather(lines.row[around.first])})
    titles = titles.select("id", title="given_title").unique("id", keep="last")
    told = pages.join(titles, on="id", how="left", maintain_order="left")["title"]
    titled = around.each(told.is_not_null().to_numpy())
    at = np.flatnonzero(high & titled & (lines.cue == 0))
    title = told.gather(np.searchsorted(around.first, at, side="right") - 1)
    said = pl.DataFrame(
        {"line": frame["piece"].gather(lines.row[at]).str.strip_chars(), "title": title.str.strip_chars()}
    )
    said = said.select(fold_texts(said["line"]).alias("line"), fold_texts(said["title"]).alias("title"))
    begins = pl.col("title").str.starts_with(pl.col("line"))
    most = begins & (2 * pl.col("line").str.len_chars() > pl.col("title").str.len_chars())
    says[at] = said.select(most).to_series().to_numpy()
    return Titles((high & ~titled) | says, says, signed, cried)


def tell_heads(odds: Floats, lines: Lines, bare: Flags, titles: Titles, params: BareParams) -> tuple[Flags, Flags]:
    """Log odds, lines of bare pages, lines that may be a title -> the lines that stand in a head, and those of them that stand
    there whatever their odds: a headline and what is above it, a line that is hardly more than a date; and on any page the
    title that came beside it, where no paragraph stands above.

    A head is told by a line with the looks of a headline above the first paragraph, or by a date or a byline there.
    """
    around, index, free = lines.around, lines.around.index, lines.cue == 0
    shortest, longest = params.title_words
    body = around.first_of(free & (odds > params.sure_body))
    high = bare & (index < body) & (body < around.end) & (body - around.start <= params.head_lines)
    low = free & (odds > 0)
    text = free & (odds > np.where(lines.words < shortest, params.title_odds, 0))
    looks = [lines.looks[name][lines.look] for name in _NO_TITLE]
    words = (lines.words >= shortest) & (lines.words <= longest)
    dates = (lines.looks["date"][lines.look] > 0) & (lines.words <= params.date_words)
    strict = dates & (looks[0] == 0) & (lines.words <= params.day_words)
    strict &= lines.looks["digits"][lines.look] >= params.day_digits
    dated = free & dates & (odds < np.where(strict, params.title_odds, 0))
    signed = high & free & titles.signed
    opens = high & ((lines.cue == GROUP["opening"]) | dated | signed)
    asks = (lines.looks["question"][lines.look] > 0) | (titles.cried & around.any(opens))
    no_title = np.maximum.reduce([looks[0] * ~asks, *looks[1:]])
    # Right below a date or a name at the head of the page the threshold is that of a paragraph.
    below = flags_beside(opens, lines.page, -1)
    limit = np.where(below, params.sure_body, params.title_odds)
    arabic = lines.looks["arabic_letters"][lines.look] > 0
    likely = high & free & arabic & titles.likely & words & (odds < limit) & (no_title == 0) & ~strict & ~signed
    title = around.first_of(likely)
    title = np.where((title < around.end) & (around.first_of(text) >= title), title, -1)
    # A day opens each part of a chronicle, and lines of one form are a verse, or a list of headlines.
    few = around.count(dates & (index >= body)) <= params.dates_below
    told = opens & (few | ~dates | (strict & (index == title + 1)))
    title = np.where((around.count(likely) == 1) | around.any(told), title, -1)
    last = np.maximum(around.last_of(told), title)
    head: Flags = high & (index < around.first_of(low & (index > last))) & (last >= around.start)
    # A poem is often called by its first line, which is followed by one like it.
    prose = (lines.words >= params.prose_words) | (looks[0] > 0)
    said = titles.said & flags_beside(prose, lines.page, 1)
    said &= index < around.first_of(free & (odds > params.sure_body) & ~titles.said)
    above = index < np.where(around.first_of(said) < around.end, around.first_of(said), -1)
    return head, said | above | (head & ((index <= title) | (strict & told) | signed))


def _find_paragraphs(odds: Floats, lines: Lines, params: BareParams) -> Flags:
    """Log odds -> the lines that are surely paragraphs: of some words, with a sentence's end."""
    long = (lines.words >= params.prose_words) & (lines.looks["final"][lines.look] > 0)
    paragraphs: Flags = (lines.cue == 0) & (odds > params.sure_body) & long
    return paragraphs


def find_signed_heads(odds: Floats, lines: Lines, titles: Titles, params: BareParams) -> Flags:
    """Log odds, lines that name their writer -> the lines down to the one that does so right above the first paragraph."""
    around, index, free = lines.around, lines.around.index, lines.cue == 0
    first = around.first_of(_find_paragraphs(odds, lines, params))
    signs = free & titles.signed & (index < first) & (first < around.end) & (first - index <= params.few_lines)
    last = around.last_of(signs)
    heads: Flags = free & (index <= last) & (odds < params.sure_body)
    return heads


def find_framed_heads(odds: Floats, lines: Lines, params: BareParams) -> Flags:
    """Log odds -> lines between a site's frame and the first paragraph of an article that are no sentences: its title and what stands
    with it, of which the model is not sure.

    A frame is told by several lines above that are unlikely to be body.
    """
    around, index, free = lines.around, lines.around.index, lines.cue == 0
    looks = [lines.looks[name][lines.look] for name in ("final", "bullet", "quote_start", "colon_end")]
    plain = np.maximum.reduce(looks) == 0
    # What ends in a colon right above such a line introduces the headline, not the text.
    plain |= (np.maximum.reduce(looks[:-1]) == 0) & np.append(plain[1:] & (odds[1:] < params.title_odds), False)
    first = around.first_of(_find_paragraphs(odds, lines, params))
    unlikely = find_unlikely(odds, lines, params) & (index < first)
    framed = around.count(unlikely) >= params.unlikely_lines
    last = around.last_of(unlikely)
    # A line that is rather a short paragraph opens the text.
    text = around.first_of(free & (index > last) & ((odds >= params.title_odds) | ~plain))
    near = (index > last) & (index < text) & (first - last <= params.head_lines) & (first < around.end)
    heads: Flags = framed & near & free & (lines.words <= params.title_words[1])
    return heads


def find_links(odds: Floats, lines: Lines, bare: Flags, params: BareParams) -> Flags:
    """Log odds, lines of bare pages -> headings of other articles after which the text goes on.

    After a few links nothing but sentences stands up to the next label: two of them where the page is bare, and one that is
    surely body before a source or keywords. A list that ends a page has more links behind a sentence.
    """
    around, index, free = lines.around, lines.around.index, lines.cue == 0
    text = free & (odds > 0) & (lines.looks["final"][lines.look] > 0)
    link = free & ~text & (lines.looks["arabic_letters"][lines.look] > 0)

    def following(flags: Flags) -> Ints:
        """Flags of lines -> for each line the next one of its page that has it, or the page's end."""
        ahead = np.minimum.accumulate(np.where(flags, index, len(index))[::-1])[::-1]
        found: Ints = np.minimum(np.append(ahead[1:], len(index)), around.end)
        return found

    def between(flags: Flags, low: Ints, high: Ints) -> Ints:
        """Flags of lines -> how many have it from one place up to another."""
        count = np.append(0, np.cumsum(flags))
        many: Ints = count[high] - count[np.minimum(low, high)]
        return many

    first, end = following(text), following(lines.cue > 0)
    texts, sure = between(text, first, end), between(free & (odds > params.sure_body), first, end)
    closes = (end < around.end) & (np.append(lines.cue, 0)[end] == GROUP["closing"])
    near = (first - index <= params.links + 1) & (between(link, first, end) == 0)
    inside: Flags = lines.heading & near & ((bare & (texts > 1)) | (closes & (sure > 0)))
    return inside
