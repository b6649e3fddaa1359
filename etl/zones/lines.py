"""Piece -> numbers: what the lines of pages look like, alone and among their neighbours, for the zone model.

Everything is vectorised over the lines of many pages at once; a page is a run of rows. Blank lines are left out of the
sequence and remembered as a gap before the next line. Features are not kept: a sink takes each in turn, and adds it to a
matrix (to learn weights) or to the log odds of each line (to use them).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

import numpy as np
import polars as pl

from etl.around import FAR, Around, page_bounds
from etl.arrays import Flags, Floats, Ints, Kinds, Places
from etl.distinct import distinct
from etl.pieces import number_pages
from etl.zones.lexicon import Lexicon, load_lexicon
from etl.zones.looks import Looks, look_at
from etl.zones.sinks import Sink
from etl.zones.topics import PageWords, find_page_words

# Cues that the phrase rules leave on lines, in the groups that say the same of their surroundings.
GROUPS: dict[str, tuple[str, ...]] = {
    "opening": ("date/", "byline/", "category/", "counter/", "dateline/"),
    "share": ("share/", "follow/", "promo/", "contact/"),
    "related": ("related/",),
    "comment": ("comment/",),
    "closing": ("source/", "keywords/", "wire/"),
    "site": ("site/", "ui/", "ad/", "legal/", "media/", "embed/", "template/", "summary/"),
}
GROUP = {name: number for number, name in enumerate(GROUPS, start=1)}


@dataclass(frozen=True)
class Lines:
    """The lines of some pages that are not blank: `row` of the frame they came from, `page` number.

    `look` is the place of each line among `looks`, the distinct ones. `cue` is the group of the label a rule left on the
    line, 0 for none; `heading` is true on a label that opens a list of other articles; `above` is the share of the page's
    prose above the line; `indent` the white space it begins with, in bytes; `gap` the blank lines before it; `around` knows
    where its neighbours are.
    """

    row: Ints
    page: Ints
    look: Places
    looks: Looks
    words: Floats
    cue: Kinds
    heading: Flags
    above: Floats
    indent: Floats
    gap: Floats
    around: Around

    def __len__(self) -> int:
        """Return the number of lines."""
        return len(self.row)

    @cached_property
    def topics(self) -> PageWords:
        """The words that say what the lines are about."""
        return find_page_words(self.page, self.look, self.looks.first, self.looks.terms)

    def take(self, rows: Ints) -> Lines:
        """Return some of the lines, whole pages of them."""
        return Lines(
            self.row[rows],
            self.page[rows],
            self.look[rows],
            self.looks,
            self.words[rows],
            self.cue[rows],
            self.heading[rows],
            self.above[rows],
            self.indent[rows],
            self.gap[rows],
            Around(self.page[rows]),
        )


def find_echoes(lines: Lines) -> tuple[Floats, Floats]:
    """Shares of each line's pairs of words that stand again in a line above it in the page, and in one below."""
    words = find_page_words(lines.page, lines.look, lines.looks.first_pair, lines.looks.pairs)
    first = words.first[words.line]
    return words.share(words.same < first, words.last >= first + words.size[words.line])


def _describe(looks: Looks, sink: Sink) -> None:
    """Features of the distinct lines by themselves."""
    words, final = looks["words"], looks["final"]
    letters = looks["arabic_letters"] + looks["latin_letters"]
    density = looks["function"] / np.maximum(words, 1)
    per_word = {name: looks[name] / np.maximum(looks["arabic_words"], 1) for name in ("prose", "headline")}
    sink.steps("words", words, (2, 3, 4, 5, 6, 8, 10, 13, 16, 20, 25, 32, 45, 70))
    sink.add("final", final)
    sink.steps("final*words", final * words, (3, 5, 8, 12, 18, 25, 40))
    sink.steps("function", density, (0.04, 0.08, 0.12, 0.16, 0.2, 0.25))
    sink.steps("function_words", looks["function"], (1, 2, 3, 5, 8))
    sink.steps("prose", looks["prose"], (-8, -4, -2, -1, -0.3, 0.3, 1, 2, 4, 8, 16))
    sink.steps("prose a word", per_word["prose"], (-1.5, -1, -0.6, -0.3, -0.1, 0.1, 0.2, 0.3, 0.45, 0.6))
    sink.steps("headline", looks["headline"], (-6, -3, -1.5, -0.5, 0.5, 1.5, 3, 6, 12, 20))
    sink.steps("headline a word", per_word["headline"], (-0.6, -0.4, -0.2, -0.1, 0.1, 0.2, 0.3, 0.4, 0.55, 0.7))
    sink.steps("opening", looks["opening"], (-2, -1, -0.4, 0.4, 1, 2))
    sink.steps("ending", looks["ending"], (-2, -1, -0.4, 0.4, 1, 2))
    for name in (
        "teaser", "colon_end", "bullet", "spaced_bullet", "dash", "number", "waw", "headline_colon", "two_dots", "pipe",
        "date", "address", "quote_end", "quote_start", "bracket_end", "question",
    ):  # fmt: skip
        sink.add(name, looks[name])
    long = words >= 12
    for name in ("teaser", "spaced_bullet", "dash", "number", "date", "headline_colon", "two_dots", "waw", "quote_end"):
        sink.add(f"{name}*long", looks[name] * long)
    sink.add("bracket_end*open", looks["bracket_end"] * (final == 0))
    sink.add("question*dash", looks["question"] * looks["dash"])
    sink.steps("comma", looks["comma"], (1, 2, 4))
    sink.steps("stops", looks["stops"], (1, 2, 3))
    sink.add("latin_only", (looks["arabic_letters"] == 0) & (looks["latin_letters"] > 0))
    sink.steps("arabic", looks["arabic_letters"] / np.maximum(letters, 1), (0.3, 0.6, 0.9))
    sink.add("no_letters", letters == 0)
    sink.steps("digits", looks["digits"], (0.1, 0.3, 0.6))


_TIGHT = 0.15
"""Share of a page's lines, at most, that have fewer blank lines above them, or less white space before them, than is usual there."""
_INDENT = 2
"""Bytes of white space before nearly every line of a page that are a habit of it; one is as often left by a tag."""
_FAMILIES = {prefix.removesuffix("/"): number for name, number in GROUP.items() for prefix in GROUPS[name]}


def _read_labels(rule: pl.Series, headings: Sequence[str]) -> tuple[Kinds, Flags]:
    """Labels -> the group of each, 0 for none, and whether each opens a list of other articles."""
    cue, heading = np.zeros(len(rule), np.int8), np.zeros(len(rule), bool)
    at = rule.is_not_null().arg_true().to_numpy()
    kinds, which = distinct(rule.gather(at))
    names = kinds.to_list()
    cue[at] = np.array([_FAMILIES.get(name.split("/")[0], len(GROUPS)) for name in names], np.int8)[which]
    heading[at] = np.array([name in headings for name in names], bool)[which]
    return cue, heading


def _beyond_usual(values: Floats, page: Ints, least: int) -> Floats:
    """What is counted of each line, its page, from how many on it may be a page's habit -> how far each line is beyond what nearly all of
    its page have: that is a scraper's, and tells nothing of where a part of the page ends."""
    first, sizes = page_bounds(page)
    order = np.lexsort((values, page))
    usual = values[order[first + (_TIGHT * (sizes - 1)).astype(np.int64)]]
    beyond: Floats = np.maximum(values - np.repeat(np.where(usual >= least, usual, 0), sizes), 0)
    return beyond


def _find_gaps(row: Ints, page: Ints) -> Floats:
    """Rows of lines with text, the page of each -> the blank lines above each, beyond those that its page has above nearly every line."""
    first, sizes = page_bounds(page)
    gap = np.r_[0, np.diff(row) - 1].astype(np.float32)
    # Above its first line a page has what may be above any.
    gap[first] = gap[np.minimum(first + 1, first + sizes - 1)]
    gap = _beyond_usual(gap, page, 1)
    gap[first] = 0
    return gap


def measure_lines(pieces: pl.DataFrame, sink: Sink, headings: Sequence[str], lexicon: Lexicon | None = None) -> Lines:
    """Piece (one piece a line) -> the lines that are not blank; their features go to the sink.

    `headings` are the ids of the rules whose lines open a list of other articles.
    """
    kinds, which = distinct(pieces["piece"])
    bare = kinds.str.strip_chars()
    white = kinds.str.len_bytes().cast(pl.Int64) - kinds.str.strip_chars_start().str.len_bytes().cast(pl.Int64)
    solid = (bare != "").to_numpy()
    row = np.flatnonzero(solid[which])
    which = which[row]
    # Lines that differ in the white space around them only look alike.
    alike = np.zeros(len(kinds), np.int32)
    texts, alike[solid] = distinct(bare.filter(bare != ""))
    look = alike[which]
    page = number_pages(pieces)[row]
    looks = look_at(texts, lexicon or load_lexicon())
    none = np.zeros(0, np.float32)
    if len(row) == 0:
        return Lines(row, page, look, looks, none, none.astype(np.int8), none > 0, none, none, none, Around(page))
    alone = sink.fresh()
    _describe(looks, alone)
    sink.spread(alone, look)
    gap = _find_gaps(row, page)
    cue, heading = _read_labels(pieces["rule"].gather(row), headings)
    lines = Lines(
        row, page, look, looks, looks["words"][look], cue, heading, none,
        _beyond_usual(np.minimum(white.to_numpy()[which], 60).astype(np.float32), page, _INDENT), gap, Around(page),
    )  # fmt: skip
    return replace(lines, above=_among_neighbours(lines, sink))


def _find_repeated(keys: Ints) -> Flags:
    """Keys -> true where a key stands more than once: equal ones are neighbours when all are sorted, each with its place."""
    bits = len(keys).bit_length()
    order = np.sort(keys << bits | np.arange(len(keys)))
    alike = np.diff(order >> bits) == 0
    repeated = np.zeros(len(keys), bool)
    repeated[order[np.append(alike, False) | np.append(False, alike)] & (1 << bits) - 1] = True
    return repeated


class _Traits(NamedTuple):
    """What lines are by their label and their look: flags as numbers, and the words of those that may be text, so far as they read
    like it."""

    sentence: Floats
    headline: Floats
    short: Floats
    cued: Floats
    prose: Floats


def _tell_traits(lines: Lines) -> _Traits:
    """Lines -> the traits of each."""
    looks, look, words, plain = lines.looks, lines.look, lines.words, lines.cue == 0
    final = looks["final"][look] > 0
    arabic = (looks["arabic_letters"] / np.maximum(looks["arabic_letters"] + looks["latin_letters"], 1))[look] > 0.5
    density = (looks["function"] / np.maximum(looks["words"], 1))[look]
    prose = words * np.clip(density * 6, 0, 1.5) * np.where(final, 1.0, 0.5) * (words >= 5)
    return _Traits(
        sentence=(plain & final & (words >= 6) & arabic & (density >= 0.06)).astype(np.float32),
        headline=(plain & (words >= 4) & (words <= 22) & ~final & arabic).astype(np.float32),
        short=((words <= 3) & plain).astype(np.float32),
        cued=(~plain).astype(np.float32),
        prose=np.where(plain, prose, 0).astype(np.float32),
    )


def _describe_repeats(lines: Lines, sink: Sink) -> None:
    """Features of the lines by what stands on their page once more."""
    words, repeated = lines.words, _find_repeated(lines.look + lines.page * (int(lines.look.max()) + 1))
    sink.add("repeated", repeated)
    sink.add("repeated*short", repeated & (words < 6))
    for name, echo in zip(("above", "below"), find_echoes(lines), strict=True):
        sink.steps(f"said again {name}", echo, (0.15, 0.4, 0.7, 0.95))
        sink.steps(f"said again {name}, long", np.where(words >= 9, echo, -1), (0.15, 0.4, 0.7, 0.95))


def _describe_neighbours(lines: Lines, traits: _Traits, sink: Sink) -> None:
    """Features of the lines by what those near them are."""
    looks, look, words = lines.looks, lines.look, lines.words
    shift, window = lines.around.shift, lines.around.window
    latin_only = (looks["arabic_letters"] == 0) & (looks["latin_letters"] > 0)
    for name, values in (
        ("sentence", traits.sentence),
        ("headline", traits.headline),
        ("short", traits.short),
        ("cued", traits.cued),
        ("latin", latin_only[look].astype(np.float32)),
        ("bulleted", looks["spaced_bullet"][look]),
        ("dated", looks["date"][look]),
    ):
        wide = name in ("sentence", "headline", "cued", "short")
        moved = {by: shift(values, by) for by in ((-3, -2, -1, 1, 2, 3) if wide else (-1, 1))}
        for by, value in moved.items():
            sink.add(f"{name}[{by:+d}]", value)
        sink.steps(f"{name}[±4]", window(values > 0, -4, 4) - values, (1, 2, 3, 5))
        sink.add(f"{name}[-1]&[+1]", moved[-1] * moved[1])
    sink.steps("prose[±3]", window(traits.prose, -3, 3) - traits.prose, (5, 15, 30, 60, 120))
    sink.steps("words[-1]", shift(words, -1), (1, 3, 6, 12, 25))
    sink.steps("words[+1]", shift(words, 1), (1, 3, 6, 12, 25))


def _describe_layout(lines: Lines, sink: Sink) -> None:
    """Features of the lines by the white space and the bullets before them, beside those of their neighbours."""
    gap, indent, shift = lines.gap, lines.indent, lines.around.shift
    gap_after = shift(gap, 1)
    sink.steps("gap", gap, (1, 2, 3))
    sink.steps("gap_after", gap_after, (1, 2, 3))
    sink.add("gap==gap_after", gap == gap_after)
    sink.add("indented", indent > 0)
    sink.add("indent>[-1]", indent > shift(indent, -1, FAR))
    sink.add("indent<[-1]", indent < shift(indent, -1))
    sink.add("indent>[+1]", indent > shift(indent, 1, FAR))
    bulleted = lines.looks["spaced_bullet"][lines.look]
    sink.add("same_bullet[-1]", bulleted * shift(bulleted, -1))
    sink.add("same_bullet[+1]", bulleted * shift(bulleted, 1))


def _describe_lists(lines: Lines, sink: Sink) -> None:
    """Features of lists in running text: what a line ending in a colon opens, questions and answers, numbered items."""
    around, words = lines.around, lines.words
    colon_end, bullet, number, dash, question = (
        lines.looks[name][lines.look] for name in ("colon_end", "bullet", "number", "dash", "question")
    )
    colon = around.since((colon_end > 0) & (lines.cue == 0) & (words >= 3))
    listed = np.maximum(bullet, number) > 0
    run = around.since(~(listed | (colon_end > 0)))
    sink.steps("colon above", -colon, (-16, -8, -4, -2, -1, 0))
    sink.add("list after colon", listed & (colon <= run))
    sink.add("list after colon*long", listed & (colon <= run) & (words >= 6))
    for name, flag in (("dash", dash), ("number", number)):
        sink.steps(f"{name} in page", np.where(flag > 0, around.each(around.total(flag)), 0), (2, 4, 8))
        sink.add(f"{name}[-1]", around.shift(flag, -1))
        sink.add(f"{name}[+1]", around.shift(flag, 1))
    sink.add("question[-1]", around.shift(question, -1))


def _describe_place(lines: Lines, traits: _Traits, above: Floats, below: Floats, sink: Sink) -> None:
    """Features of the lines by where in the page they stand, and by what the whole page is made of."""
    around = lines.around
    length = around.length.astype(np.float32)
    position = (around.index - around.start).astype(np.float32)
    sink.steps("prose_above", above, (0.001, 0.02, 0.1, 0.3, 0.5, 0.7, 0.9, 0.98, 0.999))
    sink.steps("prose_below", below, (0.001, 0.02, 0.1, 0.3, 0.5, 0.7))
    sink.steps("position", position, (1, 2, 3, 5, 8, 15, 30, 60))
    sink.steps("from_end", length - position - 1, (1, 2, 3, 5, 8, 15, 30, 60))
    sink.steps("lines", length, (2, 4, 8, 15, 30, 60, 120))
    sink.steps("cued_share", around.each(around.total(traits.cued)) / length, (0.001, 0.05, 0.1, 0.2, 0.3))
    share = around.each(around.total(traits.sentence)) / length
    sink.steps("sentence_share", share, (0.05, 0.1, 0.2, 0.4, 0.6, 0.8))
    sink.add("sentence_share*short", share * traits.short)
    sink.add("sentence_share*headline", share * traits.headline)
    sink.add("sentence_share*waw", share * lines.looks["waw"][lines.look])


def _describe_cues(lines: Lines, traits: _Traits, above: Floats, sink: Sink) -> None:
    """Features of the lines by the labels above and below them."""
    around, cue = lines.around, lines.cue
    long = (lines.words >= 12) & (cue == 0)
    for number, group in enumerate(GROUPS, start=1):
        flag = cue == number
        last = around.since(flag)
        sink.steps(f"{group} above", -last, (-FAR + 1, -20, -8, -4, -2, -1))
        sink.steps(f"{group} below", -around.until(flag), (-FAR + 1, -20, -8, -4, -2, -1))
        # The cue seen after real text has begun says more than the same cue in the header.
        seen = (around.since(flag & (above > 0.3)) < FAR).astype(np.float32)
        sink.add(f"{group} above, after text", seen)
        near = last <= 4
        for kind, values in (("headline", traits.headline), ("sentence", traits.sentence), ("long", long)):
            sink.add(f"{group} above, after text*{kind}", seen * values)
            sink.add(f"{group} 4 above*{kind}", near * values)


def _among_neighbours(lines: Lines, sink: Sink) -> Floats:
    """Features of the lines by what stands around them -> the share of the page's prose above each."""
    traits, around = _tell_traits(lines), lines.around
    mass = around.each(np.maximum(around.total(traits.prose), 1))
    above: Floats = ((around.window(traits.prose, -len(lines), 0) - traits.prose) / mass).astype(np.float32)
    below = (1 - above - traits.prose / mass).astype(np.float32)
    for number, group in enumerate(GROUPS, start=1):
        sink.add(f"cue:{group}", lines.cue == number)
    _describe_repeats(lines, sink)
    _describe_neighbours(lines, traits, sink)
    _describe_layout(lines, sink)
    _describe_lists(lines, sink)
    _describe_place(lines, traits, above, below, sink)
    _describe_cues(lines, traits, above, sink)
    sink.add("headline*above0", traits.headline * (above <= 0.001))
    sink.add("sentence*above0", traits.sentence * (above <= 0.001))
    sink.add("headline*mid", traits.headline * (above > 0.02) * (below > 0.02))
    sink.add("short*mid", traits.short * (above > 0.02) * (below > 0.02))
    return above
