"""Piece -> numbers: what the lines of pages look like, alone and among their neighbours, for the zone model.

Everything is vectorised over the lines of many pages at once; a page is a run of rows. Blank lines are left out of the
sequence and remembered as a gap before the next line. Features are not kept: a sink takes each in turn, and adds it to a
matrix (to learn weights) or to the log odds of each line (to use them).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import pairwise
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import polars as pl

from etl.distinct import distinct
from etl.looks import SLOT_BITS, Flags, Floats, Ints, Lexicon, Looks, Places, Slots, load_lexicon, look_at, spread

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
FURNITURE = ("share", "related", "comment", "site")
"""Groups that only a page with a site around its article has; dates, bylines and sources stand in bare articles too."""
HEADINGS = ("related/heading-", "related/picks-", "related/neighbour")
"""Labels that open a list of other articles, unlike those of a single link."""
FAR = 99
"""Lines, as a distance: there is none."""
_CHUNK = 32
"""Pages whose words are counted at once: their slots stay in the processor's cache."""

Numbers = npt.NDArray[Any]


class Sink(Protocol):
    """Takes features one after the other, each a value a line."""

    def add(self, name: str, values: Numbers) -> None:
        """Take one feature."""
        ...

    def steps(self, name: str, values: Numbers, edges: Sequence[float]) -> None:
        """Take a number as steps: 1 where it is at least an edge, so that weights add up along the scale."""
        ...

    def fresh(self) -> Sink:
        """Return an empty sink of the same kind, for the distinct lines."""
        ...

    def spread(self, other: Any, index: Places) -> None:
        """Take all that another sink of the kind has taken, its row `index[k]` for line k."""
        ...


@dataclass
class Columns:
    """A sink that keeps every feature as a column, or those named in `only`; numbers as they are, instead of their steps.

    `values` are those of lines, `alike` those of distinct lines: line k has row `look[k]` of them.
    """

    only: frozenset[str] | None = None
    values: dict[str, Numbers] = field(default_factory=dict)
    alike: dict[str, Numbers] = field(default_factory=dict)
    look: Places | None = None

    def add(self, name: str, values: Numbers) -> None:
        """Keep one feature."""
        if self.only is None or name in self.only:
            self.values[name] = values

    def steps(self, name: str, values: Numbers, edges: Sequence[float]) -> None:
        """Keep the number itself."""
        self.add(name, values)

    def fresh(self) -> Columns:
        """Return an empty one."""
        return Columns(self.only)

    def spread(self, other: Columns, index: Places) -> None:
        """Keep the features of distinct lines, and which of them each line is."""
        self.alike, self.look = other.values, index

    def take(self, rows: Ints | slice = slice(None)) -> dict[str, Floats]:
        """Return the features of some lines, or of all."""
        alike = {name: column[self.look[rows]] for name, column in self.alike.items()} if self.look is not None else {}
        own = {name: column[rows] for name, column in self.values.items()}
        return {name: column.astype(np.float32, copy=False) for name, column in (alike | own).items()}


@dataclass
class Steps:
    """A sink that keeps every feature, a column for each step of a number, to learn a linear model from."""

    names: list[str] = field(default_factory=list)
    columns: list[Floats] = field(default_factory=list)

    def add(self, name: str, values: Numbers) -> None:
        """Keep one feature."""
        self.names.append(name)
        self.columns.append(np.asarray(values, dtype=np.float32))

    def steps(self, name: str, values: Numbers, edges: Sequence[float]) -> None:
        """Keep one feature a step."""
        for edge in edges:
            self.add(f"{name}>={edge:g}", values >= edge)

    def fresh(self) -> Steps:
        """Return an empty one."""
        return Steps()

    def spread(self, other: Steps, index: Places) -> None:
        """Keep the features of distinct lines, for each line."""
        self.names += other.names
        self.columns += [column[index] for column in other.columns]


@dataclass
class Both:
    """Two sinks that take the same features."""

    one: Any
    two: Any

    def add(self, name: str, values: Numbers) -> None:
        """Give both one feature."""
        self.one.add(name, values)
        self.two.add(name, values)

    def steps(self, name: str, values: Numbers, edges: Sequence[float]) -> None:
        """Give both a number and its steps."""
        self.one.steps(name, values, edges)
        self.two.steps(name, values, edges)

    def fresh(self) -> Both:
        """Return an empty pair."""
        return Both(self.one.fresh(), self.two.fresh())

    def spread(self, other: Both, index: Places) -> None:
        """Give each what its like has taken."""
        self.one.spread(other.one, index)
        self.two.spread(other.two, index)


@dataclass
class Odds:
    """A sink that adds each feature, weighed, to the log odds of every line."""

    weights: dict[str, float]
    total: Floats | None = None

    def _plus(self, values: Floats) -> None:
        if self.total is None:
            self.total = values
        else:
            self.total += values

    def add(self, name: str, values: Numbers) -> None:
        """Add one feature."""
        weight = self.weights.get(name, 0.0)
        if weight:
            self._plus(np.multiply(values, np.float32(weight), dtype=np.float32))

    def steps(self, name: str, values: Numbers, edges: Sequence[float]) -> None:
        """Add all steps of a number at once: the sum of the weights up to it."""
        table = np.cumsum([0.0, *(self.weights.get(f"{name}>={edge:g}", 0.0) for edge in edges)]).astype(np.float32)
        if table.any():
            place = np.searchsorted(np.asarray(edges, np.float32), np.asarray(values, np.float32), side="right")
            self._plus(table[place])

    def fresh(self) -> Odds:
        """Return an empty sum of the same weights."""
        return Odds(self.weights)

    def spread(self, other: Odds, index: Places) -> None:
        """Add the sums of distinct lines, for each line."""
        if other.total is not None:
            self._plus(other.total[index])


@dataclass(frozen=True)
class Lines:
    """The lines of some pages that are not blank: `row` of the frame they came from, `page` number.

    `look` is the place of each line among `looks`, the distinct ones. `cue` is the group of the label a rule left on the
    line, 0 for none; `heading` is true on a label that opens a list of other articles; `furniture` counts the lines of its
    page that labels of a site's own parts name; `above` is the share of the page's prose above the line; `indent` the
    white space it begins with, in code points; `gap` the blank lines before it.
    """

    row: Ints
    page: Ints
    look: Places
    looks: Looks
    words: Floats
    cue: npt.NDArray[np.int8]
    heading: Flags
    furniture: Ints
    above: Floats
    indent: Floats
    gap: Floats

    def __len__(self) -> int:
        """Return the number of lines."""
        return len(self.row)

    @cached_property
    def around(self) -> Around:
        """Where each line's neighbours are."""
        return Around(self.page)

    @cached_property
    def topics(self) -> Words:
        """The words that say what the lines are about."""
        return find_words(self, self.looks.first, self.looks.terms)

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
            self.furniture[rows],
            self.above[rows],
            self.indent[rows],
            self.gap[rows],
        )


def page_bounds(page: Ints) -> tuple[Ints, Ints]:
    """Page numbers of lines -> (the first line of each page, its number of lines)."""
    first = np.flatnonzero(np.r_[True, page[1:] != page[:-1]]) if len(page) else np.zeros(0, dtype=np.int64)
    return first, np.diff(np.r_[first, len(page)])


class Around:
    """The neighbours of lines within their pages: sums and moves that every feature asks for."""

    def __init__(self, page: Ints) -> None:
        """`page` numbers of the lines."""
        self.page = page
        self.first, self.sizes = page_bounds(page)
        self.start = np.repeat(self.first, self.sizes).astype(np.int32)
        self.length = np.repeat(self.sizes, self.sizes).astype(np.int32)
        self.index = np.arange(len(page), dtype=np.int32)
        self._same: dict[int, Floats] = {}
        self._ends: dict[tuple[int, int], tuple[Ints, Ints]] = {}

    def shift(self, values: Floats, by: int, fill: float = 0.0) -> Floats:
        """Value of the line `by` places further on in the same page (negative: before), else `fill`."""
        far = abs(by)
        if far not in self._same:
            self._same[far] = (self.page[:-far] == self.page[far:]).astype(np.float32)
        same = self._same[far]
        moved = np.zeros_like(values)
        to, source = (moved[:-far], values[far:]) if by > 0 else (moved[far:], values[:-far])
        np.multiply(source, same, out=to)
        if fill:
            to[same == 0] = fill
            (moved[-far:] if by > 0 else moved[:far])[:] = fill
        return moved

    def reach(self, low: int, high: int) -> tuple[Ints, Ints]:
        """Half-open range of the lines from `low` to `high` places away from each, within its page."""
        if (low, high) not in self._ends:
            end = self.start + self.length
            self._ends[low, high] = (
                np.clip(self.index + low, self.start, end).astype(np.intp),
                np.clip(self.index + high + 1, self.start, end).astype(np.intp),
            )
        return self._ends[low, high]

    def running(self, values: Numbers) -> Running:
        """Values of lines -> their running sum, for windows over them."""
        return Running(self, values)

    def window(self, values: Numbers, low: int, high: int) -> Floats:
        """Sum over the lines from `low` to `high` places away, within the page."""
        return Running(self, values).window(low, high)

    def each(self, sums: Numbers) -> Numbers:
        """Repeat one value a page for each of its lines."""
        return np.repeat(sums, self.sizes)

    def total(self, values: Numbers) -> Numbers:
        """Sum over the page, one a page."""
        return np.add.reduceat(values, self.first)

    def since(self, flag: Flags) -> Places:
        """Lines since the last true one above in the page, 0 on it, FAR where there is none."""
        return _since(flag, self.index, self.start)

    def until(self, flag: Flags) -> Places:
        """Lines until the next true one below in the page, 0 on it, FAR where there is none."""
        flipped = len(self.page) - (self.start + self.length)
        return _since(flag[::-1], self.index, flipped[::-1])[::-1]


class Running:
    """A running sum over lines; of whole numbers, so that a page's sums do not depend on the pages before it.

    Flags are counted, other values taken in steps of 1/4096.
    """

    def __init__(self, around: Around, values: Numbers) -> None:
        """Sum up the values of lines."""
        self.around = around
        flags = values.dtype == bool
        self.unit = 1 if flags else 4096
        self.total: Numbers = np.zeros(len(values) + 1, np.int32 if flags else np.int64)
        whole = values if flags else np.rint(np.multiply(values, 4096, dtype=np.float32)).astype(np.int64)
        np.cumsum(whole, out=self.total[1:])

    def window(self, low: int, high: int) -> Floats:
        """Sum over the lines from `low` to `high` places away, within the page."""
        start, end = self.around.reach(low, high)
        near = self.total[end] - self.total[start]
        return near.astype(np.float32) if self.unit == 1 else (near / self.unit).astype(np.float32)


def _since(flag: Flags, index: Places, start: Places) -> Places:
    last = np.maximum.accumulate(np.where(flag, index, np.int32(-1)))
    return np.where(last >= start, np.minimum(index - last, np.int32(FAR)), np.int32(FAR))


@dataclass(frozen=True)
class Words:
    """Some words of lines, line after line: `line` of each, `first[k]` the place of line k's first one, and `same`, the
    place of the first word in the same slot of the same page, `last` that of the last one."""

    line: Ints
    first: Ints
    same: Ints
    last: Ints

    def share(self, flag: Flags) -> Floats:
        """Share of each line's words of which something is true; 0 for a line without any."""
        size = np.diff(self.first)
        share = np.bincount(self.line, weights=flag, minlength=len(size)) / np.maximum(size, 1)
        return share.astype(np.float32)


def find_words(lines: Lines, first: Ints, slots: Slots) -> Words:
    """Lines and the words of their looks (`first[k]` is the place of look k's first one in `slots`) -> Words."""
    at, size = spread(first, lines.look)
    line = np.repeat(np.arange(len(lines)), size)
    own = np.r_[0, np.cumsum(size)]
    slot = slots[at] + np.repeat(((lines.page % _CHUNK) << SLOT_BITS).astype(np.int32), size)
    same, last = np.empty(len(slot), np.intp), np.empty(len(slot), np.intp)
    table = np.empty(_CHUNK << SLOT_BITS, np.int32)
    number = np.arange(len(slot), dtype=np.int32)
    # A chunk of pages after the other, each page in its own part of the table.
    change = np.flatnonzero(np.diff(lines.page // _CHUNK)) + 1
    for low, high in pairwise([0, *own[change].tolist(), len(slot)]):
        some, n = slot[low:high], number[low:high]
        table[some] = n  # of several words in a slot the one that is written last stays
        last[low:high] = table[some]
        table[some[::-1]] = n[::-1]
        same[low:high] = table[some]
    return Words(line, own, same, last)


def topic_overlap(lines: Lines, *inside: Floats) -> list[Floats]:
    """For each choice of lines: the share of every line's content words that other chosen lines of its page have too.

    0 for a line without any.
    """
    words = lines.topics
    overlaps = []
    for chosen in inside:
        counted = (chosen > 0)[words.line]
        seen = np.bincount(words.same[counted], minlength=len(words.same))
        overlaps.append(words.share(seen[words.same] > counted))
    return overlaps


def find_echoes(lines: Lines) -> tuple[Floats, Floats]:
    """Shares of each line's pairs of words that stand again in a line above it in the page, and in one below."""
    words = find_words(lines, lines.looks.first_pair, lines.looks.pairs)
    line = words.line
    return words.share(line[words.same] < line), words.share(line[words.last] > line)


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


_FAMILIES = {prefix.removesuffix("/"): number for name, number in GROUP.items() for prefix in GROUPS[name]}


def _read_labels(rule: pl.Series) -> tuple[npt.NDArray[np.int8], Flags]:
    """Labels -> the group of each, 0 for none, and whether each opens a list of other articles."""
    cue, heading = np.zeros(len(rule), np.int8), np.zeros(len(rule), bool)
    at = rule.is_not_null().arg_true().to_numpy()
    kinds, which = distinct(rule.gather(at))
    names = kinds.to_list()
    cue[at] = np.array([_FAMILIES.get(name.split("/")[0], len(GROUPS)) for name in names], np.int8)[which]
    heading[at] = np.array([name.startswith(HEADINGS) for name in names], bool)[which]
    return cue, heading


def measure_lines(pieces: pl.DataFrame, sink: Sink, lexicon: Lexicon | None = None) -> Lines:
    """Piece (one piece a line) -> the lines that are not blank; their features go to the sink."""
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
    page = pieces["id"].rle_id().cast(pl.Int64).to_numpy()[row]
    looks = look_at(texts, lexicon or load_lexicon())
    none = np.zeros(0, np.float32)
    if len(row) == 0:
        return Lines(row, page, look, looks, none, none.astype(np.int8), none > 0, row, none, none, none)
    alone = sink.fresh()
    _describe(looks, alone)
    sink.spread(alone, look)
    first, sizes = page_bounds(page)
    gap = np.r_[0, np.diff(row) - 1].astype(np.float32)
    gap[first] = 0
    cue, heading = _read_labels(pieces["rule"].gather(row))
    named = np.isin(cue, [GROUP[name] for name in FURNITURE])
    furniture = np.repeat(np.add.reduceat(named.astype(np.int64), first), sizes)
    lines = Lines(
        row, page, look, looks, looks["words"][look], cue, heading, furniture, none,
        np.minimum(white.to_numpy()[which], 60).astype(np.float32), gap,
    )  # fmt: skip
    return replace(lines, above=_among_neighbours(lines, sink))


def _among_neighbours(lines: Lines, sink: Sink) -> Floats:
    """Features of the lines by what stands around them -> the share of the page's prose above each."""
    look, looks, words, cue, gap, around = lines.look, lines.looks, lines.words, lines.cue, lines.gap, lines.around
    shift, window, since = around.shift, around.window, around.since
    length = around.length.astype(np.float32)
    position = (around.index - around.start).astype(np.float32)
    get = {
        name: looks[name][look]
        for name in (
            "final", "spaced_bullet", "bullet", "number", "dash", "date", "colon_end", "waw", "question", "headline",
        )
    }  # fmt: skip
    final = get["final"]
    arabic = (looks["arabic_letters"] / np.maximum(looks["arabic_letters"] + looks["latin_letters"], 1))[look]
    density = (looks["function"] / np.maximum(looks["words"], 1))[look]
    latin_only = ((looks["arabic_letters"] == 0) & (looks["latin_letters"] > 0))[look]
    labelled = cue > 0
    plain = ~labelled
    for number, group in enumerate(GROUPS, start=1):
        sink.add(f"cue:{group}", cue == number)

    repeated = pl.Series(look + lines.page * (int(look.max()) + 1)).is_duplicated().to_numpy()
    sink.add("repeated", repeated)
    sink.add("repeated*short", repeated & (words < 6))
    for name, echo in zip(("above", "below"), find_echoes(lines), strict=True):
        sink.steps(f"said again {name}", echo, (0.15, 0.4, 0.7, 0.95))
        sink.steps(f"said again {name}, long", np.where(words >= 9, echo, -1), (0.15, 0.4, 0.7, 0.95))

    solid = np.where(plain, final * words * (words >= 6) * (arabic > 0.5), 0).astype(np.float32)
    sentence = ((solid > 0) & (density >= 0.06)).astype(np.float32)
    headline = (plain & (words >= 4) & (words <= 22) & (final == 0) & (arabic > 0.5)).astype(np.float32)
    short = ((words <= 3) & plain).astype(np.float32)
    cued = labelled.astype(np.float32)
    prose = np.where(
        plain, words * np.clip(density * 6, 0, 1.5) * np.where(final > 0, 1.0, 0.5) * (words >= 5), 0
    ).astype(np.float32)
    for name, values in (
        ("sentence", sentence),
        ("headline", headline),
        ("short", short),
        ("cued", cued),
        ("latin", latin_only.astype(np.float32)),
        ("bulleted", get["spaced_bullet"]),
        ("dated", get["date"]),
    ):
        wide = name in ("sentence", "headline", "cued", "short")
        moved = {by: shift(values, by) for by in ((-3, -2, -1, 1, 2, 3) if wide else (-1, 1))}
        for by, value in moved.items():
            sink.add(f"{name}[{by:+d}]", value)
        sink.steps(f"{name}[±4]", window(values > 0, -4, 4) - values, (1, 2, 3, 5))
        sink.add(f"{name}[-1]&[+1]", moved[-1] * moved[1])
    sink.steps("prose[±3]", window(prose, -3, 3) - prose, (5, 15, 30, 60, 120))
    sink.steps("words[-1]", shift(words, -1), (1, 3, 6, 12, 25))
    sink.steps("words[+1]", shift(words, 1), (1, 3, 6, 12, 25))
    gap_after = shift(gap, 1)
    sink.steps("gap", gap, (1, 2, 3))
    sink.steps("gap_after", gap_after, (1, 2, 3))
    sink.add("gap==gap_after", gap == gap_after)
    indent = lines.indent
    sink.add("indented", indent > 0)
    sink.add("indent>[-1]", indent > shift(indent, -1, FAR))
    sink.add("indent<[-1]", indent < shift(indent, -1))
    sink.add("indent>[+1]", indent > shift(indent, 1, FAR))
    bulleted = get["spaced_bullet"]
    sink.add("same_bullet[-1]", bulleted * shift(bulleted, -1))
    sink.add("same_bullet[+1]", bulleted * shift(bulleted, 1))

    # Lists in running text: what a line ending in a colon opens, questions and answers, numbered items.
    colon = since((get["colon_end"] > 0) & plain & (words >= 3))
    listed = np.maximum(get["bullet"], get["number"])
    run = since(~((listed > 0) | (get["colon_end"] > 0)))
    sink.steps("colon above", -colon, (-16, -8, -4, -2, -1, 0))
    sink.add("list after colon", (listed > 0) & (colon <= run))
    sink.add("list after colon*long", (listed > 0) & (colon <= run) & (words >= 6))
    for name in ("dash", "number"):
        each = around.each(around.total(get[name]))
        sink.steps(f"{name} in page", np.where(get[name] > 0, each, 0), (2, 4, 8))
        sink.add(f"{name}[-1]", shift(get[name], -1))
        sink.add(f"{name}[+1]", shift(get[name], 1))
    sink.add("question[-1]", shift(get["question"], -1))

    # Where in the page.
    mass = around.each(np.maximum(around.total(prose), 1))
    above: Floats = ((around.window(prose, -len(lines), 0) - prose) / mass).astype(np.float32)
    below = (1 - above - prose / mass).astype(np.float32)
    sink.steps("prose_above", above, (0.001, 0.02, 0.1, 0.3, 0.5, 0.7, 0.9, 0.98, 0.999))
    sink.steps("prose_below", below, (0.001, 0.02, 0.1, 0.3, 0.5, 0.7))
    sink.steps("position", position, (1, 2, 3, 5, 8, 15, 30, 60))
    sink.steps("from_end", length - position - 1, (1, 2, 3, 5, 8, 15, 30, 60))
    sink.steps("lines", length, (2, 4, 8, 15, 30, 60, 120))
    cued_share = around.each(around.total(cued)) / length
    sentence_share = around.each(around.total(sentence)) / length
    sink.steps("cued_share", cued_share, (0.001, 0.05, 0.1, 0.2, 0.3))
    sink.steps("sentence_share", sentence_share, (0.05, 0.1, 0.2, 0.4, 0.6, 0.8))
    sink.add("sentence_share*short", sentence_share * short)
    sink.add("sentence_share*headline", sentence_share * headline)
    sink.add("sentence_share*waw", sentence_share * get["waw"])
    long = words >= 12
    for number, group in enumerate(GROUPS, start=1):
        flag = cue == number
        last = since(flag)
        sink.steps(f"{group} above", -last, (-FAR + 1, -20, -8, -4, -2, -1))
        sink.steps(f"{group} below", -around.until(flag), (-FAR + 1, -20, -8, -4, -2, -1))
        # The cue seen after real text has begun says more than the same cue in the header.
        seen = (since(flag & (above > 0.3)) < FAR).astype(np.float32)
        sink.add(f"{group} above, after text", seen)
        near = last <= 4
        for kind, values in (("headline", headline), ("sentence", sentence), ("long", (long & plain))):
            sink.add(f"{group} above, after text*{kind}", seen * values)
            sink.add(f"{group} 4 above*{kind}", near * values)
    sink.add("headline*above0", headline * (above <= 0.001))
    sink.add("sentence*above0", sentence * (above <= 0.001))
    sink.add("headline*mid", headline * (above > 0.02) * (below > 0.02))
    sink.add("short*mid", short * (above > 0.02) * (below > 0.02))
    return above
