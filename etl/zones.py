"""Where in the page the article lies: which lines come before it, are its body, stand in boxes inside it, come after it.

A line is looked at up to three times. A linear model looks at it alone and by what surrounds it, and settles most lines of
menus and lists. Two forests of small trees look again, the first at those left open, the second at those still unsure, with
the scores that the page has so far: those of a line's neighbours, and what the page's runs of likely lines look like and
are about. The best path through before → body (with boxes) → after then gives every line its zone. The weights are in
`data/zones.json` and `data/words.json`, numbers a person can read; `benchmarks/train_zones.py` learns them.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import polars as pl
from pydantic import BaseModel, ConfigDict, Field

from etl.around import page_bounds
from etl.arrays import Flags, Floats, Ints
from etl.bare import BareParams, find_bare, find_links, tell_heads, tell_titles
from etl.lines import GROUP, Lines, measure_lines
from etl.live import find_stamps
from etl.rules import ZONES
from etl.sinks import Both, Columns, Odds, Sink
from etl.trees import Forest, read_forest

if TYPE_CHECKING:
    from etl.knowledge import Knowledge

BEFORE, BODY, BOX, AFTER = range(4)
_NEVER = np.float32(-1e9)
MODEL = Path(__file__).parent / "data" / "zones.json"


class ZoneParams(BaseModel):
    """How sure the page's borders must be."""

    model_config = ConfigDict(extra="forbid")

    lean: float = Field(0.4, description="added to every line's log odds of being body; more keeps more")
    bare: float = Field(
        6.0,
        description="added as well on a page where no label names a line as a site's furniture and no line is sure to be: it is "
        "most likely an article already cut out",
    )
    bare_above: float = Field(
        3.0, description="the same on the lines above the first such line, where the article began before it"
    )
    sure: float = Field(10.0, description="log odds against body from which a line is sure to be furniture")
    cut_out: BareParams = Field(default_factory=BareParams, description="what such an article and its head are told by")
    further: float = Field(2.0, description="added once more, up to `again` times, on a page left without a body")
    again: int = Field(3, ge=0, description="times a page without a body is asked again")
    late: float = Field(0.0, description="log odds that lines before the body must overcome")
    box_led: float = Field(0.3, description="log odds against a box in the body that a label opens")
    box_plain: float = Field(0.5, description="log odds against a box in the body that nothing announces")
    box_end: float = Field(0.3, description="log odds against the body going on after a box")
    box_line: float = Field(0.1, description="log odds against each line of a box: long ones are rare")
    wall: float = Field(
        100.0,
        description="log odds against the body going on where a list of other articles opens right after a source, "
        "keyword or comment line",
    )
    listed: float = Field(
        2.0,
        description="log odds against the body going on where such a list opens elsewhere, after a third of what looks like the article",
    )
    undecided: float = Field(0.2, description="a page whose zone score is under this is not released, 0 to 1")


@dataclass(frozen=True)
class Model:
    """The weights of the first look, by feature, and the forests of the further ones."""

    weights: dict[str, float]
    bias: float
    forests: tuple[Forest, ...]

    @cached_property
    def wanted(self) -> frozenset[str]:
        """Features that a forest asks for."""
        return frozenset(name for forest in self.forests for name in forest.features)


@lru_cache(maxsize=1)
def load_model(path: Path = MODEL) -> Model:
    """Read the model; features that are not named weigh nothing."""
    data = json.loads(path.read_text("utf-8"))
    return Model(data["weights"], data["bias"], tuple(read_forest(forest) for forest in data["forests"]))


OPEN, SURE = -5.0, 4.0
"""Log odds at first look under which a line is settled, and at a further one, for or against, from which it is."""


def find_open(first: Floats, lines: Lines) -> Ints:
    """Log odds at first look -> the lines that the forests look at: labels are none of the text."""
    return np.flatnonzero((first >= OPEN) & (lines.cue == 0))


def look_again(lines: Lines, odds: Floats, sink: Sink, rows: Ints) -> None:
    """Lines and their log odds so far -> the sink, for the lines of some `rows`: what the odds of the neighbours and of the
    whole page say."""
    page, around, cued = lines.page, lines.around, lines.cue > 0
    score = np.clip(odds, -6, 6)
    capped = np.where(cued, 0, np.minimum(lines.words, 60))
    mass = (np.tanh(score / 2) * capped).astype(np.float32)
    words, own = lines.words[rows], score[rows]
    long, short = words >= 12, words <= 5
    sink.add("first", odds[rows])
    sink.add("first clipped", own)
    for by in (-4, -3, -2, -1, 1, 2, 3, 4):
        sink.add(f"first[{by:+d}]", around.shift_at(rows, score, by))
    masses = around.running(mass)
    for low, high in ((-3, -1), (1, 3), (-8, -1), (1, 8), (-20, -1), (1, 20)):
        sink.steps(f"mass[{low:+d},{high:+d}]", masses.window(low, high, rows), (-60, -20, 0, 20, 60, 150))
    best_run, above, below, best = _best_run(mass, page)
    inside, above, below, best = best_run[rows], above[rows], below[rows], best[rows]
    for name, flag in (("inside", inside), ("above", above), ("below", below)):
        sink.add(f"{name} the best run", flag)
        sink.add(f"{name}*first", flag * own)
        sink.add(f"{name}*long", flag * long)
        sink.add(f"{name}*short", flag * short)
    outside = inside == 0
    insides = around.running(best_run > 0)
    for distance in (1, 2, 4, 8):
        sink.add(f"{distance} from the best run", (insides.window(-distance, distance, rows) > 0) & outside)
    lead, order, worth = find_lead(mass, cued, score, page)
    every_overlap, by_lead = lines.topics.echo(best_run > 0, lead > 0)
    overlap = every_overlap[rows]
    edges = (0.05, 0.1, 0.2, 0.3, 0.45, 0.6)
    sink.steps("shared", overlap, edges)
    for name, where in (("above", above > 0), ("below", below > 0), ("long", words >= 10), ("short", short)):
        sink.steps(f"shared {name}", np.where(where, overlap, -1), edges)
    broad = lines.words >= 6
    near = around.running(every_overlap * broad).window(-3, 3, rows)
    near /= np.maximum(around.running(broad).window(-3, 3, rows), 1)
    sink.steps("shared nearby", near, edges[:-1])
    sink.steps("shared nearby below", np.where(below > 0, near, -1), edges[:-1])
    sink.steps("shared nearby above", np.where(above > 0, near, -1), edges[:-1])
    sink.steps("best run, inside", np.where(inside > 0, best, -1), (50, 150, 400, 1000))
    sink.steps("best run, outside", np.where(outside, best, -1), (50, 150, 400, 1000))
    # The first run of the page that is long enough is most likely the article; another that shares no words with it is not.
    run = _run_mean(by_lead, capped, score, cued, page)
    order, worth = order[rows], worth[rows]
    after = order > 0
    for name, values in (("with the first", by_lead[rows]), ("of its run with the first", run[rows])):
        sink.steps(f"shared {name}, after it", np.where(after, values, -1), (0, 0.05, 0.1, 0.15, 0.2, 0.3, 0.45))
        sink.steps(f"shared {name}, before it", np.where(order < 0, values, -1), (0, 0.05, 0.1, 0.2, 0.3))
    sink.add("in the first run", order == 0)
    sink.steps("worth of its run, after the first", np.where(after, worth, -1), (0.1, 0.3, 0.6, 1, 2))
    sink.steps("worth of its run, before the first", np.where(order < 0, worth, -1), (0.03, 0.1, 0.15))
    # How the body is set: its lines mostly share one indent, one distance, one kind of bullet.
    weight = np.where(best_run > 0, np.maximum(mass, 0), 0)
    for name, values in (("indent", lines.indent), ("gap", np.minimum(lines.gap, 3))):
        common = _share_like(values, weight, page)[rows]
        sink.steps(f"as the run's {name}", common, (0.1, 0.5, 0.9))
        sink.steps(f"as the run's {name}, outside", np.where(outside, common, -1), (0.1, 0.5, 0.9))
        sink.steps(f"as the run's {name}, short", np.where(short, common, -1), (0.1, 0.5, 0.9))
    total, each = around.total, around.each
    mean = each(total(best_run * lines.words) / np.maximum(total(best_run), 1))[rows]
    sink.steps("length by the run's", words / np.maximum(mean, 1), (0.15, 0.3, 0.5, 0.8, 1.2))
    stop = lines.looks["final"][lines.look]
    sentences = best_run * broad
    stopped = each(total(sentences * stop) / np.maximum(total(sentences), 1))[rows]
    is_open = stop[rows] == 0
    sink.steps("run ends in stops, open line", np.where(is_open, stopped, -1), (0.3, 0.6, 0.9))
    sink.steps("run ends in stops, long open line", np.where(is_open & (words >= 6), stopped, -1), (0.3, 0.6, 0.9))


_BREAK = -1.5
"""Log odds under which a line parts two runs."""
_LEAD_WORDS, _LEAD_SHARE = 25.0, 0.2
"""Words, and share of the page's weightiest run, that make a run long enough to be the article."""


def _runs(score: Floats, cued: Flags, page: Ints) -> Ints:
    """Lines -> the number of the run each lies in; a labelled or unlikely line parts two of them and lies in the next."""
    return np.cumsum((score < _BREAK) | cued | np.r_[True, page[1:] != page[:-1]]) - 1


def _run_mean(values: Floats, weight: Floats, score: Floats, cued: Flags, page: Ints) -> Floats:
    """Mean of some values over the run of each line, weighed."""
    run = _runs(score, cued, page)
    total = np.maximum(np.bincount(run, weights=weight), 1e-6)
    return (np.bincount(run, weights=weight * values) / total)[run].astype(np.float32)


def find_lead(mass: Floats, cued: Flags, score: Floats, page: Ints) -> tuple[Floats, npt.NDArray[np.int8], Floats]:
    """Lines -> (those of their page's first long run, whether a line lies before it, in it or after it: -1, 0, 1, and the
    weight of each line's run by that run's)."""
    run = _runs(score, cued, page)
    weight = np.bincount(run, weights=np.maximum(mass, 0))
    owner = page[np.flatnonzero(np.r_[True, run[1:] != run[:-1]])]
    first, sizes = page_bounds(owner)
    best = np.repeat(np.maximum.reduceat(weight, first), sizes)
    long = weight >= np.maximum(_LEAD_SHARE * best, np.minimum(_LEAD_WORDS, best))
    index = np.arange(len(weight))
    lead = np.repeat(np.minimum.reduceat(np.where(long, index, len(weight)), first), sizes)
    order = np.sign(index - lead).astype(np.int8)[run]
    worth = (weight / np.maximum(weight[lead], 1))[run].astype(np.float32)
    return (order == 0).astype(np.float32) * (mass > 0), order, worth


def _share_like(values: Floats, mass: Floats, page: Ints) -> Floats:
    """Share of a page's mass that lies on lines with the same value as each line."""
    key = page * 64 + np.minimum(values, 63).astype(np.int64)
    same = np.bincount(key, weights=mass)[key]
    first, sizes = page_bounds(page)
    share: Floats = (same / np.maximum(np.repeat(np.add.reduceat(mass, first), sizes), 1e-6)).astype(np.float32)
    return share


def _best_run(mass: Floats, page: Ints) -> tuple[Floats, Floats, Floats, Floats]:
    """The run of lines of each page with the largest sum: inside it, above it, below it, and that sum.

    Sums are of whole numbers (1/4096 of a word): a page's are the same whatever pages stand before it in the batch.
    """
    count = len(mass)
    change, sizes = page_bounds(page)
    total = np.cumsum(np.rint(mass * np.float32(4096)).astype(np.int64))
    base = np.repeat(np.r_[0, total][change], sizes)
    run = total - base  # sum up to and including the line
    # Lowest sum before each line: a running minimum in each page, made page-wise by an offset no sum can reach.
    step = np.repeat(np.arange(len(sizes), dtype=np.int64) * -(2 * int(np.abs(run).max(initial=0)) + 1), sizes)
    previous = np.where(np.arange(count) == np.repeat(change, sizes), 0, np.r_[0, run[:-1]])
    lowest = np.minimum.accumulate(previous + step) - step
    gain = run - lowest
    best = np.maximum.reduceat(gain, change)
    spread = np.repeat(best, sizes)
    index = np.arange(count)
    at_end = np.where(gain >= spread, index, count)
    end = np.repeat(np.minimum.reduceat(at_end, change), sizes)
    start_value = lowest[end]
    starts = np.where((previous == start_value) & (index <= end), index, -1)
    start = np.repeat(np.maximum.reduceat(starts, change), sizes)
    inside = (index >= start) & (index <= end) & (spread > 0)
    flag = np.float32
    return inside.astype(flag), (index < start).astype(flag), (index > end).astype(flag), (spread / 4096).astype(flag)


def score_lines(pieces: pl.DataFrame, model: Model) -> tuple[Lines, Floats]:
    """Piece (one piece a line) -> its lines, and the log odds that each is body, at the last look."""
    sums, columns = Odds(model.weights), Columns(model.wanted)
    lines = measure_lines(pieces, Both(sums, columns))
    if len(lines) == 0:
        return lines, np.zeros(0, np.float32)
    first = np.full(len(lines), model.bias, dtype=np.float32)
    if sums.total is not None:
        first += sums.total
    odds, rows = first, find_open(first, lines)
    known = columns.take(rows)
    del columns  # Those of the other lines are most of what is in memory.
    for forest in model.forests:
        again = Columns(model.wanted)
        look_again(lines, odds, again, rows)
        odds[rows] = forest.score(known | again.take())
        unsure = np.abs(odds[rows]) < SURE
        rows, known = rows[unsure], {name: values[unsure] for name, values in known.items()}
    return lines, odds


def lean_odds(odds: Floats, lines: Lines, titles: Flags, params: ZoneParams) -> Floats:
    """Log odds, lines that may be a title -> what each line adds to a path that takes it for body: labelled lines nothing, the
    others in bounds."""
    bare = find_bare(odds, lines, params.sure, params.cut_out)
    head, settled = tell_heads(odds, lines, bare, titles, params.cut_out)
    whole = lines.around.each(np.logical_and.reduceat(bare, lines.around.first))
    lean = np.where(whole, np.float32(params.bare), np.float32(params.bare_above)) * (bare & ~head)
    leaning = odds + np.float32(params.lean) + lean
    leaning[settled] = -8
    return np.where(lines.cue > 0, 0, np.clip(leaning, -8, 8)).astype(np.float32)


def choose_zones(odds: Floats, lines: Lines, titles: Flags, params: ZoneParams) -> npt.NDArray[np.int8]:
    """Log odds of each line -> its zone; a page that is left without a body is asked again, leaning further."""
    if not len(odds):
        return np.zeros(0, np.int8)
    gain = lean_odds(odds, lines, titles, params)
    linked = find_bare(odds, lines, params.sure, params.cut_out, linked=True)
    inside = find_links(odds, lines, linked, params.cut_out)
    lists = lines.heading & ~inside
    path = find_path(gain, lines, lists, params)
    for _ in range(params.again):
        found = np.zeros(int(lines.page.max(initial=-1)) + 1, dtype=bool)
        found[lines.page[(path == BODY) & (lines.cue == 0)]] = True
        empty = np.flatnonzero(~found[lines.page])
        if len(empty) == 0:
            break
        gain[empty] = np.where(lines.cue[empty] > 0, 0, np.clip(gain[empty] + params.further, -8, 8))
        path[empty] = find_path(gain[empty], lines.take(empty), lists[empty], params)
    return path


_MOST, _MOSTLY_DONE = 0.8, 2.0
"""Share of what looks like the article from which nearly all of it lies above a list of others, and how many times the
list's cost is added then."""


def find_walls(lines: Lines) -> Flags:
    """Lines -> true where the page turns to other articles: a related label within three lines after one that closes.

    Only after a fifth of the page's prose: the same labels stand in headers.
    """
    closing = np.isin(lines.cue, [GROUP["closing"], GROUP["comment"]])
    near = np.zeros(len(closing), dtype=bool)
    for by in (1, 2, 3):
        near[by:] |= closing[:-by] & (lines.page[by:] == lines.page[:-by])
    return lines.heading & near & (lines.above > 0.2)


def find_path(odds: Floats, lines: Lines, lists: Flags, params: ZoneParams) -> npt.NDArray[np.int8]:
    """Log odds of each line, those that open a list of other articles -> its zone on the page's best path (Viterbi; one step a
    line, all pages at once)."""
    count = len(odds)
    if count == 0:
        return np.zeros(0, np.int8)
    around, cued = lines.around, lines.cue > 0
    led = cued | np.r_[False, cued[:-1] & (lines.page[1:] == lines.page[:-1])]
    enter = np.where(led, params.box_led, params.box_plain).astype(np.float32)
    stay = np.where(cued, 0, params.box_line).astype(np.float32)
    mass = np.where(cued, 0, np.clip(odds, 0, 4) * np.minimum(lines.words, 60))
    read = (around.window(mass, -count, 0) - mass) / np.maximum(around.each(around.total(mass)), 1)
    done = (read > 1 / 3).astype(np.float32) + _MOSTLY_DONE * (read > _MOST)
    listed = np.where(lists, params.listed * done, 0)
    wall = np.where(find_walls(lines), params.wall, listed).astype(np.float32)
    # Step by step: the first lines of all pages, longest page first, then all second lines, …
    order = np.argsort(-around.sizes, kind="stable")
    live = np.bincount(around.index - around.start)
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order))
    begin = np.cumsum(live) - live
    at = begin[around.index - around.start] + around.each(rank)

    def by_step(values: Floats) -> Floats:
        turned = np.empty_like(values)
        turned[at] = values
        return turned

    gain, wall, enter, stay = (by_step(values) for values in (odds.astype(np.float32), wall, enter, stay))
    stay += wall
    late, box_end = np.float32(params.late), np.float32(params.box_end)
    before = np.full(len(order), -late)
    body, box, after = gain[: len(order)].copy(), np.full(len(order), _NEVER), before.copy()
    back = np.zeros((4, count), dtype=np.int8)
    back[BODY], back[BOX], back[AFTER] = BEFORE, BODY, BODY
    for low, many in zip(begin[1:].tolist(), live[1:].tolist(), strict=True):
        here = slice(low, low + many)
        last, box_, after_ = body[:many], box[:many], after[:many]
        # Of equal ways the earlier zone is come from.
        best = np.maximum(before[:many], last - wall[here])
        back[BODY, here] = last - wall[here] > before[:many]
        from_box = box_ - box_end - wall[here]
        back[BODY, here][from_box > best] = BOX
        into_box = last - enter[here]
        back[BOX, here] += box_ - (stay[here]) > into_box - stay[here]
        back[AFTER, here] += 2 * (after_ > last)
        np.maximum(after_, last, out=after_)
        np.maximum(into_box - stay[here], box_ - stay[here], out=box_)
        last[:] = np.maximum(best, from_box) + gain[here]
    path = np.zeros(count, dtype=np.int8)
    # A box that the body does not come back from is after the body.
    state = np.argmax(np.stack([before, body, np.full_like(box, _NEVER), after]), axis=0).astype(np.int8)
    for low, many in zip(begin[::-1].tolist(), live[::-1].tolist(), strict=True):
        path[low : low + many] = state[:many]
        state[:many] = back[state[:many], np.arange(low, low + many)]
    turned: npt.NDArray[np.int8] = path[at]
    return turned


def label_zones(pieces: pl.LazyFrame, know: Knowledge, given: pl.DataFrame | None = None) -> pl.LazyFrame:
    """Piece -> Piece: give every line its zone, and its score: how likely it is body, 0 to 1.

    `given` (id, given_title) is what the input said beside the page: an article already cut out may begin with its title.

    Nothing is cut here. A blank line lies in the zone of the line above it, and so do the time of a live page's post and
    what invites to share it.
    """
    frame = pieces.collect()
    stamps = find_stamps(frame)
    seen = frame.with_columns(piece=frame["piece"].scatter(np.flatnonzero(stamps), "\n")) if stamps.any() else frame
    lines, odds = score_lines(seen, load_model())
    zone, score = np.full(len(frame), -1, dtype=np.int32), np.full(len(frame), np.nan)
    titles = tell_titles(frame, lines, given, know.params.zones.cut_out)
    zone[lines.row] = choose_zones(odds, lines, titles, know.params.zones)
    score[lines.row] = np.round(1 / (1 + np.exp(-np.clip(odds.astype(np.float64), -30, 30))), 3)
    # The last line above that is not blank, in the same page; before the body where there is none.
    row = np.arange(len(frame))
    above = np.maximum.accumulate(np.where(zone >= 0, row, -1))
    first, sizes = page_bounds(frame["id"].rle_id().to_numpy())
    zone = np.where(above >= np.repeat(first, sizes), zone[above], BEFORE)
    names = pl.Series(ZONES, dtype=pl.String).gather(zone)
    return frame.with_columns(zone=names, score=pl.Series(score).fill_nan(None)).lazy()


def judge_zones(docs: pl.DataFrame, params: ZoneParams) -> pl.DataFrame:
    """Document -> Document: a page in which no article was found, or only an unlikely one, is not released.

    Verdicts: `zone/no-article` (value: 0), `zone/undecided` (value: the zone score, 0 to 1).
    """
    empty = pl.col("text") == ""
    unsure = pl.col("zone_score") < params.undecided
    open_row = pl.col("verdict").is_null()
    return docs.with_columns(
        verdict=pl.when(open_row & empty)
        .then(pl.lit("zone/no-article"))
        .when(open_row & unsure)
        .then(pl.lit("zone/undecided"))
        .otherwise("verdict"),
        verdict_value=pl.when(open_row & empty)
        .then(0.0)
        .when(open_row & unsure)
        .then("zone_score")
        .otherwise("verdict_value"),
    )
