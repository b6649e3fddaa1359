"""Text that goes on where the zone model alone takes it for what surrounds an article.

Below a few links in its midst stand paragraphs, one after the other, of what the text above is about; or questions with their answers,
as above. A second article has a headline of its own and other words, and a list of teasers has headlines between them. And a page of
which nothing but a sentence is left below the text ends with that sentence; a quotation between two paragraphs is one, and so are a list
that the one above announces, a long sentence right below the text, and sentences right above the line that names its source.
"""

from __future__ import annotations

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from etl.around import flags_beside
from etl.arrays import Flags, Floats, Ints
from etl.zones.lines import GROUP, Lines, find_echoes


class ResumedParams(BaseModel):
    """When a text goes on behind links to other articles."""

    model_config = ConfigDict(extra="forbid")

    links: int = Field(6, ge=1, description="links between their heading and the text that goes on, at most")
    long_words: int = Field(18, ge=1, description="words of a sentence that is a paragraph, at least")
    odds: float = Field(-1.5, description="mean log odds of the paragraphs, at least")
    answers: float = Field(
        -2.5, description="the same of the answers to questions, where such stand above the links, too"
    )
    shared: float = Field(
        0.05, ge=0, le=1, description="share of the paragraphs' words that the text above the links holds, at least"
    )
    above: float = Field(0.05, ge=0, le=1, description="share of the page's prose that lies above the links, at least")
    gain: float = Field(1.0, description="log odds that such a line is body, at least")
    end_lines: int = Field(2, ge=0, description="sentences with which a page ends that are its article's, at most")
    end_words: int = Field(6, ge=1, description="words of such a sentence, at least")
    end_odds: float = Field(-2.5, description="log odds of it, at least")
    next_words: int = Field(
        8, ge=1, description="words of a sentence right below a line of the text that is of it, at least"
    )
    next_odds: float = Field(-2.5, description="log odds of it, at least")
    next_lines: int = Field(3, ge=0, description="such sentences one after the other, at most")
    list_words: int = Field(5, ge=1, description="words of a paragraph that announces a list, at least")
    list_items: tuple[int, int] = Field((2, 30), description="items of such a list")
    quote_words: int = Field(10, ge=1, description="words of a quotation on a line of its own, at least")
    quote_odds: float = Field(-4.0, description="log odds of it, at least")
    quote_again: float = Field(
        0.6, ge=0, description="share of its pairs of words that the page says again, from which it is a box"
    )
    taken_words: int = Field(
        11, ge=1, description="words of the last sentence below links, at least, where it does not begin with `و`"
    )
    taken_odds: float = Field(-0.5, description="log odds of the last sentence below links, at least")
    taken_shared: float = Field(
        0.2, ge=0, le=1, description="share of its words that the text above holds, at least, where nothing else tells"
    )


def _following(flags: Flags, lines: Lines, rows: Ints) -> Ints:
    """Flags of lines, some rows -> the next line below each that has it, or the end of its page."""
    at = np.append(np.flatnonzero(flags), len(flags))
    found: Ints = np.minimum(at[np.searchsorted(at, rows, side="right")], lines.around.end[rows])
    return found


def find_resumed(odds: Floats, lines: Lines, params: ResumedParams) -> tuple[Flags, Flags]:
    """Log odds -> links to other articles, and headings of such, behind which the text goes on, and the lines with which it does."""
    around, free = lines.around, lines.cue == 0
    heading, resumed = np.zeros((2, len(lines)), dtype=np.bool_)
    at = np.flatnonzero((lines.cue == GROUP["related"]) & (lines.above > params.above))
    if not len(at):
        return heading, resumed
    final, asks = (lines.looks[name][lines.look] > 0 for name in ("final", "question"))
    long = free & final & (lines.words >= params.long_words)
    answered = free & asks & flags_beside(long, lines.page, 1)
    short = free & ~long
    talk = short & answered & flags_beside(short & answered, lines.page, 2)
    told = np.append(0, np.cumsum(answered))
    is_talk = told[at] > told[around.start[at]]
    # Up to the text nothing but links stands, and the first thing that is long is where it goes on.
    first = _following(long | (short & answered), lines, at)
    # Below a single link one question with its answer tells as much as two below a list of them.
    talks = np.where(lines.heading[at], _following(talk, lines, at), _following(short & answered, lines, at)) == first
    start = np.where(is_talk & talks, first, _following(long & flags_beside(long, lines.page, 1), lines, at))
    end = np.minimum(
        _following(short & flags_beside(short, lines.page, 1), lines, start - 1), _following(~free, lines, at)
    )
    likely = (start == first) & (start < end) & (start - at > lines.heading[at]) & (start - at <= params.links + 1)
    for head, low, high, is_asked in zip(at[likely], start[likely], end[likely], is_talk[likely], strict=True):
        rows = low + np.flatnonzero(long[low:high])
        if odds[rows].mean() < (params.answers if is_asked else params.odds):
            continue
        # Below a single link most texts are sure to be body as they are.
        if not lines.heading[head] and odds[low:high].min() >= params.gain:
            continue
        page = lines.take(np.arange(around.start[head], around.end[head]))
        above = (free & (odds > 0))[around.start[head] : around.end[head]] & (
            page.around.index < head - around.start[head]
        )
        shared, _ = page.topics.echo(above, above)
        words = page.words[rows - around.start[head]]
        if is_asked or (shared[rows - around.start[head]] * words).sum() >= params.shared * words.sum():
            # A short line below the last sentence may be the page's tags, or a heading of what follows.
            last = low + np.flatnonzero(final[low:high])[-1]
            heading[head], resumed[low : last + 1] = True, True
    return heading, resumed


def find_taken_up(odds: Floats, lines: Lines, params: ResumedParams) -> tuple[Flags, Flags]:
    """Log odds -> links to other articles, and headings of such, below which the last sentence of the text stands, and that sentence.

    It begins with `و` ("and"), as headlines seldom do, or the model takes it for body, or it has many of the text's words; another
    sentence below it says that they are teasers. `python -m benchmarks.links` measures both.
    """
    heading, taken = np.zeros((2, len(lines)), dtype=np.bool_)
    at = np.flatnonzero((lines.cue == GROUP["related"]) & (lines.above > params.above))
    if not len(at):
        return heading, taken
    final, waw = (lines.looks[name][lines.look] > 0 for name in ("final", "waw"))
    around, free = lines.around, lines.cue == 0
    sentence = free & final & (lines.words >= params.next_words)
    first = _following(sentence, lines, at)
    inside = first < around.end[at]
    at, first = at[inside], first[inside]
    likely = (odds[first] > params.taken_odds) & (first - at <= params.links + 1)
    likely &= waw[first] | (lines.words[first] >= params.taken_words)
    likely &= _following(sentence, lines, first) == around.end[first]
    for head, last in zip(at[likely], first[likely], strict=True):
        rows = np.arange(around.start[head], around.end[head])
        above = (free & (odds > 0))[rows] & (rows < head)
        shared, _ = lines.take(rows).topics.echo(above, above)
        if waw[last] or odds[last] > 0 or shared[last - around.start[head]] >= params.taken_shared:
            heading[head] = taken[last] = True
    return heading, taken


def find_ends(odds: Floats, lines: Lines, params: ResumedParams) -> Flags:
    """Log odds -> the sentences with which a page ends: nothing below them says that they are a site's."""
    around, free = lines.around, lines.cue == 0
    last = around.last_of(free & (odds > 0))
    tail = around.index > last
    sentence = free & (lines.looks["final"][lines.look] > 0) & (lines.words >= params.end_words)
    whole = around.all((sentence & (odds > params.end_odds)) | ~tail)
    ends: Flags = tail & whole & (last >= 0) & (around.end - last <= params.end_lines + 1)
    return ends


def find_following(odds: Floats, lines: Lines, params: ResumedParams) -> Flags:
    """Log odds -> sentences right below a line that is body, one after the other, that are as long as a paragraph: what surrounds
    an article seldom begins with one, and what does has a label or odds that say so."""
    free, words = lines.cue == 0, lines.words
    body = free & (odds > 0)
    sentence = free & (lines.looks["final"][lines.look] > 0) & (words >= params.next_words) & (odds > params.next_odds)
    found: Flags = np.zeros_like(body)
    for _ in range(params.next_lines):
        found |= sentence & ~body & flags_beside(body | found, lines.page, -1)
    return found


def find_closed(odds: Floats, lines: Lines, params: ResumedParams) -> Flags:
    """Log odds -> sentences right above a line of sources or keywords, one after the other, that stand below some of the text: such a
    line closes the article, and what stands between is in boxes."""
    free, words, around = lines.cue == 0, lines.words, lines.around
    first = around.first_of(free & (odds > 0))
    closing = (lines.cue == GROUP["closing"]) & (around.index > first)
    # Further ones close other articles.
    closing &= around.index == around.first_of(closing)
    sentence = free & (lines.looks["final"][lines.look] > 0) & (words >= params.next_words) & (odds > params.next_odds)
    found: Flags = np.zeros_like(sentence)
    for _ in range(params.next_lines):
        found |= sentence & (around.index > first) & flags_beside(closing | found, lines.page, 1)
    return found


def find_listed(odds: Floats, lines: Lines, params: ResumedParams) -> Flags:
    """Log odds -> the items of lists in the text's midst: a paragraph that ends in a colon stands above, one more paragraph below."""
    around, free, looks = lines.around, lines.cue == 0, lines.looks
    text = free & (odds > 0)
    item = free & np.logical_or.reduce([looks[name][lines.look] > 0 for name in ("bullet", "dash", "number")])
    opens = text & (looks["colon_end"][lines.look] > 0) & (lines.words >= params.list_words) & ~item
    at = np.flatnonzero(opens & flags_beside(item, lines.page, 1))
    listed: Flags = np.zeros_like(item)
    for head, end in zip(at, _following(~item, lines, at), strict=True):
        goes_on = end < around.end[head] and text[end]
        if goes_on and params.list_items[0] <= end - head - 1 <= params.list_items[1]:
            listed[head + 1 : end] = True
    return listed


def find_quotes(odds: Floats, lines: Lines, params: ResumedParams) -> Flags:
    """Log odds -> quotations on lines of their own between paragraphs; one that says again what the text says is a box."""
    free, looks = lines.cue == 0, lines.looks
    quote = free & (looks["quote_start"][lines.look] > 0) & (looks["quote_end"][lines.look] > 0)
    quote &= (lines.words >= params.quote_words) & (odds > params.quote_odds)
    text = free & (odds > 0)
    found: Flags = quote & flags_beside(text, lines.page, -1) & flags_beside(text, lines.page, 1)
    for at in np.flatnonzero(found):
        page = lines.take(np.arange(lines.around.start[at], lines.around.end[at]))
        above, below = find_echoes(page)
        place = at - lines.around.start[at]
        found[at] = above[place] + below[place] < params.quote_again
    return found
