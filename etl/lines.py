"""Piece -> numbers: what the lines of pages look like, alone and among their neighbours, for the zone model.

Everything is vectorised over the lines of many pages at once; a page is a run of rows. Blank lines are left out of the
sequence and remembered as a gap before the next line. Features are not kept: a sink takes each in turn, and adds it to a
matrix (to learn weights) or to the log odds of each line (to use them).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import polars as pl

from etl.looks import Flags, Floats, Ints, Keys, Lexicon, Looks, load_lexicon, look_at

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
_SLOT_BITS = 13
"""Places in which the words of a page are counted, as a power of two; two words in one place are rare, and the same two
on every run."""
_CHUNK = 16
"""Pages whose words are counted at once."""

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

    def spread(self, other: Any, index: Ints) -> None:
        """Take all that another sink of the kind has taken, its row `index[k]` for line k."""
        ...


@dataclass
class Columns:
    """A sink that keeps every feature as a column, or those named in `only`; numbers as they are, instead of their steps."""

    only: frozenset[str] | None = None
    values: dict[str, Floats] = field(default_factory=dict)

    def add(self, name: str, values: Numbers) -> None:
        """Keep one feature."""
        if self.only is None or name in self.only:
            self.values[name] = np.asarray(values, dtype=np.float32)

    def steps(self, name: str, values: Numbers, edges: Sequence[float]) -> None:
        """Keep the number itself."""
        self.add(name, values)

    def fresh(self) -> Columns:
        """Return an empty one."""
        return Columns(self.only)

    def spread(self, other: Columns, index: Ints) -> None:
        """Keep the features of distinct lines, for each line."""
        self.values |= {name: column[index] for name, column in other.values.items()}


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

    def spread(self, other: Steps, index: Ints) -> None:
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

    def spread(self, other: Both, index: Ints) -> None:
        """Give each what its like has taken."""
        self.one.spread(other.one, index)
        self.two.spread(other.two, index)


@dataclass
class Odds:
    """A sink that adds each feature, weighed, to the log odds of every line."""

    weights: dict[str, float]
    total: Floats | None = None

    def _plus(self, values: Floats) -> None:
        self.total = values if self.total is None else self.total + values

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

    def spread(self, other: Odds, index: Ints) -> None:
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
    look: Ints
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


def shift(values: Floats, by: int, page: Ints, fill: float = 0.0) -> Floats:
    """Value of the line `by` places further on in the same page (negative: before), else `fill`."""
    moved = np.full_like(values, fill)
    if by > 0:
        moved[:-by] = np.where(page[:-by] == page[by:], values[by:], fill)
    elif by < 0:
        moved[-by:] = np.where(page[-by:] == page[:by], values[:by], fill)
    return moved


def exact(values: Numbers) -> npt.NDArray[np.float64]:
    """Values in steps of 1/4096: their sums are exact, so that a page's do not depend on the pages before it."""
    return np.round(np.asarray(values, dtype=np.float64) * 4096) / 4096


def window(values: Numbers, first: Ints, sizes: Ints, low: int, high: int) -> Floats:
    """Sum over the lines from `low` to `high` places away, within the page."""
    count = len(values)
    total = np.r_[0.0, np.cumsum(exact(values))]
    index = np.arange(count)
    start = np.repeat(first, sizes)
    end = start + np.repeat(sizes, sizes)
    near: Floats = (total[np.clip(index + high + 1, start, end)] - total[np.clip(index + low, start, end)]).astype(
        np.float32
    )
    return near


def _since(flag: Flags, start: Ints) -> Ints:
    """Lines since the last true one above in the page, 0 on it, FAR where there is none."""
    index = np.arange(len(flag))
    last = np.maximum.accumulate(np.where(flag, index, -1))
    return np.where(last >= start, np.minimum(index - last, FAR), FAR)


@dataclass(frozen=True)
class _Chunk:
    """Keys of the lines of some pages: `line` of each, and the `place` that its page keeps for it."""

    low: int
    high: int
    line: Ints
    place: Ints
    places: int


def _chunks(lines: Lines, first_key: Ints, keys: Keys) -> Iterator[_Chunk]:
    """The keys of the lines' words, a few pages at a time."""
    begin, end = first_key[lines.look], first_key[lines.look + 1]
    first, sizes = page_bounds(lines.page)
    for chunk in range(0, len(first), _CHUNK):
        count = sizes[chunk : chunk + _CHUNK]
        low = int(first[chunk])
        high = low + int(count.sum())
        size = end[low:high] - begin[low:high]
        line = np.repeat(np.arange(high - low), size)
        within = np.arange(len(line)) - np.repeat(np.cumsum(size) - size, size)
        key = keys[begin[low:high][line] + within]
        spot = ((key * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(64 - _SLOT_BITS)).astype(np.int64)
        page = np.repeat(np.arange(len(count)), count)[line]
        yield _Chunk(low, high, line, (page << _SLOT_BITS) + spot, len(count) << _SLOT_BITS)


def topic_overlap(lines: Lines, *inside: Floats) -> list[Floats]:
    """For each choice of lines: the share of every line's content words that other chosen lines of its page have too.

    0 for a line without any.
    """
    overlaps = [np.zeros(len(lines), np.float32) for _ in inside]
    for chunk in _chunks(lines, lines.looks.first, lines.looks.terms):
        count = chunk.high - chunk.low
        size = np.maximum(np.bincount(chunk.line, minlength=count), 1)
        for chosen, overlap in zip(inside, overlaps, strict=True):
            counted = chosen[chunk.low : chunk.high][chunk.line] > 0
            seen = np.bincount(chunk.place[counted], minlength=chunk.places)
            known = seen[chunk.place] > counted
            overlap[chunk.low : chunk.high] = np.bincount(chunk.line, weights=known, minlength=count) / size
    return overlaps


def find_echoes(lines: Lines) -> tuple[Floats, Floats]:
    """Shares of each line's pairs of words that stand again in a line above it in the page, and in one below."""
    above, below = np.zeros(len(lines), np.float32), np.zeros(len(lines), np.float32)
    for chunk in _chunks(lines, lines.looks.first_pair, lines.looks.pairs):
        count = chunk.high - chunk.low
        size = np.maximum(np.bincount(chunk.line, minlength=count), 1)
        last = np.zeros(chunk.places, np.int64)
        last[chunk.place] = chunk.line  # of several, the one assigned last stays
        earliest = np.zeros(chunk.places, np.int64)
        earliest[chunk.place[::-1]] = chunk.line[::-1]
        above[chunk.low : chunk.high] = (
            np.bincount(chunk.line, weights=earliest[chunk.place] < chunk.line, minlength=count) / size
        )
        below[chunk.low : chunk.high] = (
            np.bincount(chunk.line, weights=last[chunk.place] > chunk.line, minlength=count) / size
        )
    return above, below


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


def _cues(rule: pl.Series) -> npt.NDArray[np.int8]:
    """Labels -> the group of each, 0 for none."""
    groups: dict[str, int] = {}
    for name in rule.unique().drop_nulls().to_list():
        found = [number for number, prefixes in enumerate(GROUPS.values(), start=1) if name.startswith(prefixes)]
        groups[name] = found[-1] if found else len(GROUPS)
    return rule.replace_strict(groups, default=0, return_dtype=pl.Int8).fill_null(0).to_numpy()


def _headings(rule: pl.Series) -> Flags:
    """Labels -> whether each opens a list of other articles."""
    opens = [name for name in rule.unique().drop_nulls().to_list() if name.startswith(HEADINGS)]
    return rule.is_in(opens).fill_null(False).to_numpy()


def _distinct(text: pl.Series) -> tuple[pl.Series, Ints]:
    """Lines -> the distinct ones, and the place of each line among them."""
    frame = pl.DataFrame({"hash": text.hash()}).with_row_index("row")
    kinds = frame.group_by("hash", maintain_order=True).agg(pl.col("row").first())
    index = frame.join(kinds.with_row_index("look").select("hash", "look"), on="hash", maintain_order="left")
    return text.gather(kinds["row"]), index["look"].cast(pl.Int64).to_numpy()


def measure_lines(pieces: pl.DataFrame, sink: Sink, lexicon: Lexicon | None = None) -> Lines:
    """Piece (one piece a line) -> the lines that are not blank; their features go to the sink."""
    piece = pieces["piece"]
    stripped = piece.str.strip_chars()
    row = (stripped != "").arg_true().cast(pl.Int64).to_numpy()
    text = stripped.gather(row)
    page = pieces["id"].rle_id().cast(pl.Int64).to_numpy()[row]
    distinct, look = _distinct(text)
    looks = look_at(distinct, lexicon or load_lexicon())
    alone = sink.fresh()
    _describe(looks, alone)
    sink.spread(alone, look)
    size = piece.str.len_bytes().gather(row).cast(pl.Int64).to_numpy()
    indent = size - piece.gather(row).str.strip_chars_start().str.len_bytes().cast(pl.Int64).to_numpy()
    first, sizes = page_bounds(page)
    gap = np.r_[0, np.diff(row) - 1].astype(np.float32) if len(row) else np.zeros(0, np.float32)
    gap[first] = 0
    rule = pieces["rule"].gather(row)
    cue = _cues(rule)
    named = np.isin(cue, [GROUP[name] for name in FURNITURE])
    furniture = np.repeat(np.add.reduceat(named.astype(np.int64), first), sizes) if len(row) else row
    words = looks["words"][look]
    lines = Lines(
        row, page, look, looks, words, cue, _headings(rule), furniture, np.zeros(0, np.float32),
        np.minimum(indent, 60).astype(np.float32), gap,
    )  # fmt: skip
    above = _among_neighbours(lines, sink) if len(row) else lines.above
    return Lines(
        row, page, look, looks, words, cue, lines.heading, furniture, above, lines.indent, gap,
    )  # fmt: skip


def _among_neighbours(lines: Lines, sink: Sink) -> Floats:
    """Features of the lines by what stands around them -> the share of the page's prose above each."""
    page, look, looks, words, cue, gap = lines.page, lines.look, lines.looks, lines.words, lines.cue, lines.gap
    count = len(lines)
    first, sizes = page_bounds(page)
    start = np.repeat(first, sizes)
    end = start + np.repeat(sizes, sizes)
    length = np.repeat(sizes, sizes).astype(np.float32)
    position = (np.arange(count) - start).astype(np.float32)
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

    key = look + page * (int(look.max()) + 1)
    _, which, times = np.unique(key, return_inverse=True, return_counts=True)
    repeated = times[which] > 1
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
        for by in (-3, -2, -1, 1, 2, 3):
            if name in ("sentence", "headline", "cued", "short") or abs(by) == 1:
                sink.add(f"{name}[{by:+d}]", shift(values, by, page))
        sink.steps(f"{name}[±4]", window(values, first, sizes, -4, 4) - values, (1, 2, 3, 5))
        sink.add(f"{name}[-1]&[+1]", shift(values, -1, page) * shift(values, 1, page))
    sink.steps("prose[±3]", window(prose, first, sizes, -3, 3) - prose, (5, 15, 30, 60, 120))
    sink.steps("words[-1]", shift(words, -1, page), (1, 3, 6, 12, 25))
    sink.steps("words[+1]", shift(words, 1, page), (1, 3, 6, 12, 25))
    gap_after = shift(gap, 1, page)
    sink.steps("gap", gap, (1, 2, 3))
    sink.steps("gap_after", gap_after, (1, 2, 3))
    sink.add("gap==gap_after", gap == gap_after)
    indent = lines.indent
    sink.add("indented", indent > 0)
    sink.add("indent>[-1]", indent > shift(indent, -1, page, FAR))
    sink.add("indent<[-1]", indent < shift(indent, -1, page, 0))
    sink.add("indent>[+1]", indent > shift(indent, 1, page, FAR))
    bulleted = get["spaced_bullet"]
    sink.add("same_bullet[-1]", bulleted * shift(bulleted, -1, page))
    sink.add("same_bullet[+1]", bulleted * shift(bulleted, 1, page))

    # Lists in running text: what a line ending in a colon opens, questions and answers, numbered items.
    colon = _since((get["colon_end"] > 0) & plain & (words >= 3), start)
    listed = np.maximum(get["bullet"], get["number"])
    run = _since(~((listed > 0) | (get["colon_end"] > 0)), start)
    sink.steps("colon above", -colon, (-16, -8, -4, -2, -1, 0))
    sink.add("list after colon", (listed > 0) & (colon <= run))
    sink.add("list after colon*long", (listed > 0) & (colon <= run) & (words >= 6))
    for name in ("dash", "number"):
        each = np.repeat(np.add.reduceat(get[name], first), sizes)
        sink.steps(f"{name} in page", np.where(get[name] > 0, each, 0), (2, 4, 8))
        sink.add(f"{name}[-1]", shift(get[name], -1, page))
        sink.add(f"{name}[+1]", shift(get[name], 1, page))
    sink.add("question[-1]", shift(get["question"], -1, page))

    # Where in the page.
    mass = np.repeat(np.maximum(np.add.reduceat(prose, first), 1), sizes)
    above: Floats = ((window(prose, first, sizes, -count, 0) - prose) / mass).astype(np.float32)
    below = (1 - above - prose / mass).astype(np.float32)
    sink.steps("prose_above", above, (0.001, 0.02, 0.1, 0.3, 0.5, 0.7, 0.9, 0.98, 0.999))
    sink.steps("prose_below", below, (0.001, 0.02, 0.1, 0.3, 0.5, 0.7))
    sink.steps("position", position, (1, 2, 3, 5, 8, 15, 30, 60))
    sink.steps("from_end", length - position - 1, (1, 2, 3, 5, 8, 15, 30, 60))
    sink.steps("lines", length, (2, 4, 8, 15, 30, 60, 120))
    cued_share = np.repeat(np.add.reduceat(cued, first), sizes) / length
    sentence_share = np.repeat(np.add.reduceat(sentence, first), sizes) / length
    sink.steps("cued_share", cued_share, (0.001, 0.05, 0.1, 0.2, 0.3))
    sink.steps("sentence_share", sentence_share, (0.05, 0.1, 0.2, 0.4, 0.6, 0.8))
    sink.add("sentence_share*short", sentence_share * short)
    sink.add("sentence_share*headline", sentence_share * headline)
    sink.add("sentence_share*waw", sentence_share * get["waw"])
    long = words >= 12
    flipped = (count - end)[::-1]
    for number, group in enumerate(GROUPS, start=1):
        flag = cue == number
        since = _since(flag, start)
        until = _since(flag[::-1], flipped)[::-1]
        sink.steps(f"{group} above", -since, (-FAR + 1, -20, -8, -4, -2, -1))
        sink.steps(f"{group} below", -until, (-FAR + 1, -20, -8, -4, -2, -1))
        # The cue seen after real text has begun says more than the same cue in the header.
        seen = (_since(flag & (above > 0.3), start) < FAR).astype(np.float32)
        sink.add(f"{group} above, after text", seen)
        near = since <= 4
        for kind, values in (("headline", headline), ("sentence", sentence), ("long", (long & plain))):
            sink.add(f"{group} above, after text*{kind}", seen * values)
            sink.add(f"{group} 4 above*{kind}", near * values)
    sink.add("headline*above0", headline * (above <= 0.001))
    sink.add("sentence*above0", sentence * (above <= 0.001))
    sink.add("headline*mid", headline * (above > 0.02) * (below > 0.02))
    sink.add("short*mid", short * (above > 0.02) * (below > 0.02))
    return above
