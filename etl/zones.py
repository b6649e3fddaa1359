"""Where in the page the article lies: which lines come before it, are its body, stand in boxes inside it, come after it.

Each line is looked at three times. A linear model looks at it alone and by what surrounds it, and settles most lines of
menus and lists. Two forests of small trees look again at those left open, with the scores that the page has so far: those
of a line's neighbours, and what the page's runs of likely lines look like and are about. The best path through before →
body (with boxes) → after then gives every line its zone. The weights are in `data/zones.json` and `data/words.json`,
numbers a person can read; `benchmarks/train_zones.py` learns them.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import polars as pl
from pydantic import BaseModel, ConfigDict, Field

from etl.lines import (
    GROUP,
    Both,
    Columns,
    Lines,
    Odds,
    Sink,
    measure_lines,
    page_bounds,
    shift,
    topic_overlap,
    window,
)
from etl.looks import Floats, Ints
from etl.rules import ZONES
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
    sure: float = Field(10.0, description="log odds against body from which a line is sure to be furniture")
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


OPEN = -6.0
"""Log odds at first look under which a line is settled: the forests look at the others."""


def look_again(lines: Lines, odds: Floats, sink: Sink) -> None:
    """Lines and their log odds so far -> the sink: what the odds of the neighbours and of the whole page say."""
    page, words = lines.page, lines.words
    first, sizes = page_bounds(page)
    plain = lines.cue == 0
    score = np.clip(odds, -6, 6)
    mass = np.where(plain, np.tanh(score / 2) * np.minimum(words, 60), 0).astype(np.float32)
    sink.add("first", odds)
    sink.add("first clipped", score)
    for by in (-4, -3, -2, -1, 1, 2, 3, 4):
        sink.add(f"first[{by:+d}]", shift(score, by, page))
    for low, high in ((-3, -1), (1, 3), (-8, -1), (1, 8), (-20, -1), (1, 20)):
        sink.steps(f"mass[{low:+d},{high:+d}]", window(mass, first, sizes, low, high), (-60, -20, 0, 20, 60, 150))
    inside, above, below, best = _best_run(mass, page)
    long, short = words >= 12, words <= 5
    for name, flag in (("inside", inside), ("above", above), ("below", below)):
        sink.add(f"{name} the best run", flag)
        sink.add(f"{name}*first", flag * score)
        sink.add(f"{name}*long", flag * long)
        sink.add(f"{name}*short", flag * short)
    outside = inside == 0
    for distance in (1, 2, 4, 8):
        sink.add(f"{distance} from the best run", (window(inside, first, sizes, -distance, distance) > 0) & outside)
    lead, order, worth = find_lead(mass, lines.cue > 0, score, page)
    overlap, by_lead = topic_overlap(lines, inside, lead)
    edges = (0.05, 0.1, 0.2, 0.3, 0.45, 0.6)
    sink.steps("shared", overlap, edges)
    for name, where in (("above", above > 0), ("below", below > 0), ("long", words >= 10), ("short", short)):
        sink.steps(f"shared {name}", np.where(where, overlap, -1), edges)
    broad = (words >= 6).astype(np.float32)
    around = window(overlap * broad, first, sizes, -3, 3) / np.maximum(window(broad, first, sizes, -3, 3), 1)
    sink.steps("shared nearby", around, edges[:-1])
    sink.steps("shared nearby below", np.where(below > 0, around, -1), edges[:-1])
    sink.steps("shared nearby above", np.where(above > 0, around, -1), edges[:-1])
    sink.steps("best run, inside", np.where(inside > 0, best, -1), (50, 150, 400, 1000))
    sink.steps("best run, outside", np.where(outside, best, -1), (50, 150, 400, 1000))
    # The first run of the page that is long enough is most likely the article; another that shares no words with it is not.
    run = _run_mean(by_lead, np.where(plain, np.minimum(words, 60), 0), score, lines.cue > 0, page)
    after = order > 0
    for name, values in (("with the first", by_lead), ("of its run with the first", run)):
        sink.steps(f"shared {name}, after it", np.where(after, values, -1), (0, 0.05, 0.1, 0.15, 0.2, 0.3, 0.45))
        sink.steps(f"shared {name}, before it", np.where(order < 0, values, -1), (0, 0.05, 0.1, 0.2, 0.3))
    sink.add("in the first run", order == 0)
    sink.steps("worth of its run, after the first", np.where(after, worth, -1), (0.1, 0.3, 0.6, 1, 2))
    sink.steps("worth of its run, before the first", np.where(order < 0, worth, -1), (0.03, 0.1, 0.15))
    # How the body is set: its lines mostly share one indent, one distance, one kind of bullet.
    for name, values in (("indent", lines.indent), ("gap", np.minimum(lines.gap, 3))):
        common = _share_like(values, np.where(inside > 0, np.maximum(mass, 0), 0), page)
        sink.steps(f"as the run's {name}", common, (0.1, 0.5, 0.9))
        sink.steps(f"as the run's {name}, outside", np.where(outside, common, -1), (0.1, 0.5, 0.9))
        sink.steps(f"as the run's {name}, short", np.where(short, common, -1), (0.1, 0.5, 0.9))
    mean = np.repeat(np.add.reduceat(inside * words, first) / np.maximum(np.add.reduceat(inside, first), 1), sizes)
    sink.steps("length by the run's", words / np.maximum(mean, 1), (0.15, 0.3, 0.5, 0.8, 1.2))
    stop = lines.looks["final"][lines.look]
    stopped = np.repeat(
        np.add.reduceat(inside * stop * (words >= 6), first)
        / np.maximum(np.add.reduceat(inside * (words >= 6), first), 1),
        sizes,
    )
    sink.steps("run ends in stops, open line", np.where(stop == 0, stopped, -1), (0.3, 0.6, 0.9))
    sink.steps("run ends in stops, long open line", np.where((stop == 0) & (words >= 6), stopped, -1), (0.3, 0.6, 0.9))


_BREAK = -1.5
"""Log odds under which a line parts two runs."""
_LEAD_WORDS, _LEAD_SHARE = 25.0, 0.2
"""Words, and share of the page's weightiest run, that make a run long enough to be the article."""


def _runs(score: Floats, cued: npt.NDArray[np.bool_], page: Ints) -> Ints:
    """Lines -> the number of the run each lies in; a labelled or unlikely line parts two of them and lies in the next."""
    return np.cumsum((score < _BREAK) | cued | np.r_[True, page[1:] != page[:-1]]) - 1


def _run_mean(values: Floats, weight: Floats, score: Floats, cued: npt.NDArray[np.bool_], page: Ints) -> Floats:
    """Mean of some values over the run of each line, weighed."""
    run = _runs(score, cued, page)
    total = np.maximum(np.bincount(run, weights=weight), 1e-6)
    return (np.bincount(run, weights=weight * values) / total)[run].astype(np.float32)


def find_lead(
    mass: Floats, cued: npt.NDArray[np.bool_], score: Floats, page: Ints
) -> tuple[Floats, npt.NDArray[np.int8], Floats]:
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
    open_lines = np.flatnonzero((first >= OPEN) & (lines.cue == 0))
    odds = first
    for forest in model.forests:
        again = Columns(model.wanted)
        look_again(lines, odds, again)
        columns.values |= again.values
        odds = first.copy()
        odds[open_lines] = forest.score({name: columns.values[name][open_lines] for name in forest.features})
    return lines, odds


def lean_odds(odds: Floats, lines: Lines, params: ZoneParams) -> Floats:
    """Log odds -> what each line adds to a path that takes it for body: labelled lines nothing, the others in bounds."""
    first, sizes = page_bounds(lines.page)
    least = np.repeat(np.minimum.reduceat(np.where(lines.cue > 0, 0, odds), first), sizes) if len(odds) else odds
    bare = np.where((lines.furniture == 0) & (least > -params.sure), np.float32(params.bare), np.float32(0))
    leaning = odds + np.float32(params.lean) + bare
    return np.where(lines.cue > 0, 0, np.clip(leaning, -8, 8)).astype(np.float32)


def choose_zones(odds: Floats, lines: Lines, params: ZoneParams) -> npt.NDArray[np.int8]:
    """Log odds of each line -> its zone; a page that is left without a body is asked again, leaning further."""
    gain = lean_odds(odds, lines, params)
    path = find_path(gain, lines, params)
    for _ in range(params.again):
        found = np.zeros(int(lines.page.max(initial=-1)) + 1, dtype=bool)
        found[lines.page[(path == BODY) & (lines.cue == 0)]] = True
        empty = np.flatnonzero(~found[lines.page])
        if len(empty) == 0:
            break
        gain[empty] = np.where(lines.cue[empty] > 0, 0, np.clip(gain[empty] + params.further, -8, 8))
        path[empty] = find_path(gain[empty], lines.take(empty), params)
    return path


_MOST, _MOSTLY_DONE = 0.8, 2.0
"""Share of what looks like the article from which nearly all of it lies above a list of others, and how many times the
list's cost is added then."""


def find_walls(lines: Lines) -> npt.NDArray[np.bool_]:
    """Lines -> true where the page turns to other articles: a related label within three lines after one that closes.

    Only after a fifth of the page's prose: the same labels stand in headers.
    """
    closing = np.isin(lines.cue, [GROUP["closing"], GROUP["comment"]])
    near = np.zeros(len(closing), dtype=bool)
    for by in (1, 2, 3):
        near[by:] |= closing[:-by] & (lines.page[by:] == lines.page[:-by])
    return lines.heading & near & (lines.above > 0.2)


def find_path(odds: Floats, lines: Lines, params: ZoneParams) -> npt.NDArray[np.int8]:
    """Log odds of each line -> its zone on the page's best path (Viterbi; one step a line, all pages at once)."""
    page = lines.page
    count = len(odds)
    if count == 0:
        return np.zeros(0, np.int8)
    change = np.flatnonzero(np.r_[True, page[1:] != page[:-1]])
    sizes = np.diff(np.r_[change, count])
    late, box_end = np.float32(params.late), np.float32(params.box_end)
    cued = lines.cue > 0
    led = cued | np.r_[False, cued[:-1] & (page[1:] == page[:-1])]
    enter = np.where(led, params.box_led, params.box_plain).astype(np.float32)
    stay = np.where(cued, 0, params.box_line).astype(np.float32)
    mass = np.where(lines.cue > 0, 0, np.clip(odds, 0, 4) * np.minimum(lines.words, 60))
    read = (window(mass, change, sizes, -count, 0) - mass) / np.maximum(
        np.repeat(np.add.reduceat(mass, change), sizes), 1
    )
    done = (read > 1 / 3).astype(np.float32) + _MOSTLY_DONE * (read > _MOST)
    listed = np.where(lines.heading, params.listed * done, 0)
    wall = np.where(find_walls(lines), params.wall, listed).astype(np.float32)
    order = np.argsort(-sizes, kind="stable")
    change, sizes = change[order], sizes[order]
    value = np.full((len(change), 4), _NEVER, dtype=np.float32)
    back = np.zeros((count, 4), dtype=np.int8)
    into_body, into_box, into_after = (np.array(s, np.int8) for s in ((BEFORE, BODY, BOX), (BODY, BOX), (BODY, AFTER)))
    for step in range(int(sizes[0])):
        live = int(np.searchsorted(-sizes, -step, side="left"))
        at = change[:live] + step
        gain = odds[at]
        if step == 0:
            never = np.full_like(gain, _NEVER)
            value[:live] = np.stack([np.full_like(gain, -late), gain, never, np.full_like(gain, -late)], axis=1)
            continue
        last = value[:live].copy()
        to_body = np.stack([last[:, BEFORE], last[:, BODY] - wall[at], last[:, BOX] - box_end - wall[at]], axis=1)
        to_box = np.stack([last[:, BODY] - enter[at], last[:, BOX]], axis=1) - (stay[at] + wall[at])[:, None]
        to_after = np.stack([last[:, BODY], last[:, AFTER]], axis=1)
        from_body, from_box, from_after = to_body.argmax(1), to_box.argmax(1), to_after.argmax(1)
        back[at, BODY] = into_body[from_body]
        back[at, BOX] = into_box[from_box]
        back[at, AFTER] = into_after[from_after]
        pick = np.arange(live)
        value[:live, BODY] = to_body[pick, from_body] + gain
        value[:live, BOX] = to_box[pick, from_box]
        value[:live, AFTER] = to_after[pick, from_after]
    zone = np.zeros(count, dtype=np.int8)
    value[:, BOX] = _NEVER  # a box that the body does not come back from is after the body
    state = value.argmax(1).astype(np.int8)
    for step in range(int(sizes[0]) - 1, -1, -1):
        live = int(np.searchsorted(-sizes, -step, side="left"))
        at = change[:live] + step
        zone[at] = state[:live]
        state[:live] = back[at, state[:live]]
    return zone


PAGES_AT_ONCE = 1024
"""Pages whose lines are measured together: more would cost memory, fewer time."""


def label_zones(pieces: pl.LazyFrame, know: Knowledge) -> pl.LazyFrame:
    """Piece -> Piece: give every line its zone, and its score: how likely it is body, 0 to 1.

    Nothing is cut here. A blank line lies in the zone of the line above it.
    """
    frame = pieces.collect()
    starts, _ = page_bounds(frame["id"].rle_id().cast(pl.Int64).to_numpy())
    cuts = [*starts[::PAGES_AT_ONCE].tolist(), len(frame)]
    parts = [_find_zones(frame[low:high], know.params.zones) for low, high in pairwise(cuts)]
    if not parts:
        return frame.with_columns(zone=pl.lit(None, pl.String), score=pl.lit(None, pl.Float64)).lazy()
    zone = pl.concat([part[0] for part in parts])
    score = pl.concat([part[1] for part in parts])
    return (
        frame.with_columns(zone=zone, score=score)
        .with_columns(zone=pl.col("zone").forward_fill().over("id").fill_null("before"))
        .lazy()
    )


def _find_zones(frame: pl.DataFrame, params: ZoneParams) -> tuple[pl.Series, pl.Series]:
    """Piece -> the zone of each line that is not blank, and its score; null for blank ones."""
    lines, odds = score_lines(frame, load_model())
    zone = np.full(len(frame), -1, dtype=np.int32)
    zone[lines.row] = choose_zones(odds, lines, params)
    score = np.full(len(frame), np.nan)
    score[lines.row] = np.round(1 / (1 + np.exp(-np.clip(odds.astype(np.float64), -30, 30))), 3)
    names = pl.Series(ZONES).gather(pl.Series(zone).replace(-1, None))
    return names, pl.Series(score).fill_nan(None)


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
