"""Where in the page the article lies: which lines come before it, are its body, stand in boxes inside it, come after it.

A linear model scores each line twice, first alone and by what surrounds it, then with the scores of its neighbours. The
best path through before → body (with boxes) → after then gives every line its zone. The weights are in `data/zones.json`,
numbers a person can read; `benchmarks/train_zones.py` learns them.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import polars as pl
from pydantic import BaseModel, ConfigDict, Field

from etl.lines import GROUP, Floats, Ints, Lines, measure_lines, topic_overlap
from etl.rules import ZONES

if TYPE_CHECKING:
    from etl.knowledge import Knowledge

BEFORE, BODY, BOX, AFTER = range(4)
_NEVER = np.float32(-1e9)
MODEL = Path(__file__).parent / "data" / "zones.json"


class ZoneParams(BaseModel):
    """How sure the page's borders must be."""

    model_config = ConfigDict(extra="forbid")

    lean: float = Field(0.5, description="added to every line's log odds of being body; more keeps more")
    bare: tuple[float, ...] = Field(
        (6.0, 3.0),
        description="added as well on a page with 0, 1, … lines that labels name as a site's furniture: a page without "
        "any is most likely an article already cut out",
    )
    further: float = Field(2.0, description="added once more, up to `again` times, on a page left without a body")
    again: int = Field(3, ge=0, description="times a page without a body is asked again")
    late: float = Field(1.0, description="log odds that lines before the body must overcome")
    box_led: float = Field(0.3, description="log odds against a box in the body that a label opens")
    box_plain: float = Field(2.0, description="log odds against a box in the body that nothing announces")
    box_end: float = Field(1.0, description="log odds against the body going on after a box")
    box_line: float = Field(0.1, description="log odds against each line of a box: long ones are rare")
    wall: float = Field(
        100.0,
        description="log odds against the body going on where a list of other articles opens right after a source, "
        "keyword or comment line",
    )
    undecided: float = Field(0.2, description="a page whose zone score is under this is not released, 0 to 1")


@dataclass(frozen=True)
class Model:
    """Weights by feature name, for the first and the second look."""

    alone: dict[str, float]
    near: dict[str, float]
    bias: tuple[float, float]

    def weigh(self, look: str, names: list[str]) -> Floats:
        """Return the weights of some features, in order, at the look `alone` or `near`."""
        weights = self.alone if look == "alone" else self.near
        return np.array([weights.get(name, 0.0) for name in names], dtype=np.float32)


@lru_cache(maxsize=1)
def load_model(path: Path = MODEL) -> Model:
    """Read the weights; features that are not named weigh nothing."""
    data = json.loads(path.read_text("utf-8"))
    return Model(data["alone"], data["near"], (data["bias"]["alone"], data["bias"]["near"]))


def _window(values: Floats, page: Ints, low: int, high: int) -> Floats:
    """Sum over the lines from `low` to `high` places away, within the page."""
    total = np.zeros_like(values)
    for by in range(low, high + 1):
        if by == 0:
            total += values
        elif by > 0:
            total[:-by] += np.where(page[:-by] == page[by:], values[by:], 0)
        else:
            total[-by:] += np.where(page[-by:] == page[:by], values[:by], 0)
    return total


def look_again(lines: Lines, first: Floats) -> tuple[Floats, list[str]]:
    """Lines and their first log odds -> the features of the second look, and their names."""
    page = lines.page
    score = np.clip(first, -6, 6)
    mass = np.where(lines.cue > 0, 0, np.tanh(score / 2) * np.minimum(lines.words, 60)).astype(np.float32)
    columns: list[npt.NDArray[Any]] = [first, score]
    names = ["first", "first clipped"]
    for by in (-4, -3, -2, -1, 1, 2, 3, 4):
        columns.append(_window(score, page, by, by))
        names.append(f"first[{by:+d}]")
    for low, high in ((-3, -1), (1, 3), (-8, -1), (1, 8), (-20, -1), (1, 20)):
        near = _window(mass, page, low, high)
        for edge in (-60.0, -20.0, 0.0, 20.0, 60.0, 150.0):
            columns.append((near > edge).astype(np.float32))
            names.append(f"mass[{low:+d},{high:+d}]>{edge:g}")
    inside, above, below, best = _best_run(mass, page)
    for name, flag in (("inside", inside), ("above", above), ("below", below)):
        columns += [flag, flag * score, flag * (lines.words >= 12), flag * (lines.words <= 5)]
        names += [f"{name} the best run", f"{name}*first", f"{name}*long", f"{name}*short"]
    for distance in (1, 2, 4, 8):
        close = _window(inside, page, -distance, distance) > 0
        columns.append(close & (inside == 0))
        names.append(f"{distance} from the best run")
    overlap = topic_overlap(lines, inside)
    for edge in (0.05, 0.1, 0.2, 0.3, 0.45, 0.6):
        shared = overlap >= edge
        for name, where in (
            ("", np.ones_like(inside)),
            (" above", above),
            (" below", below),
            (" long", lines.words >= 10),
            (" short", lines.words <= 5),
        ):
            columns.append(shared * where)
            names.append(f"shares {edge:g} of its words{name}")
    around = _window(overlap * (lines.words >= 6), page, -3, 3) / np.maximum(
        _window((lines.words >= 6).astype(np.float32), page, -3, 3), 1
    )
    for edge in (0.05, 0.1, 0.2, 0.3, 0.45):
        columns += [around >= edge, (around >= edge) & (below > 0), (around >= edge) & (above > 0)]
        names += [
            f"near lines share {edge:g}",
            f"near lines share {edge:g} below",
            f"near lines share {edge:g} above",
        ]
    for most in (50, 150, 400, 1000):
        columns += [(best >= most) & (inside > 0), (best >= most) & (inside == 0)]
        names += [f"best run>={most}, inside", f"best run>={most}, outside"]
    return np.stack([np.asarray(c, dtype=np.float32) for c in columns], axis=1), names


def _best_run(mass: Floats, page: Ints) -> tuple[Floats, Floats, Floats, Floats]:
    """The run of lines of each page with the largest sum: inside it, above it, below it, and that sum.

    Sums are of whole numbers (1/4096 of a word): a page's are the same whatever pages stand before it in the batch.
    """
    count = len(mass)
    change = np.flatnonzero(np.r_[True, page[1:] != page[:-1]])
    sizes = np.diff(np.r_[change, count])
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


def score_lines(lines: Lines, names: list[str], model: Model) -> tuple[Floats, Floats]:
    """Lines -> (log odds of being body at first look, at second look)."""
    first = lines.features @ model.weigh("alone", names) + np.float32(model.bias[0])
    again, more = look_again(lines, first)
    near = lines.features @ model.weigh("near", names) + again @ model.weigh("near", more)
    return first, near + np.float32(model.bias[1])


def lean_odds(odds: Floats, lines: Lines, params: ZoneParams) -> Floats:
    """Log odds -> what each line adds to a path that takes it for body: labelled lines nothing, the others in bounds."""
    bare = np.zeros(int(lines.furniture.max(initial=0)) + len(params.bare) + 1, dtype=np.float32)
    bare[: len(params.bare)] = params.bare
    leaning = odds + np.float32(params.lean) + bare[lines.furniture]
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
        path[empty] = find_path(gain[empty], take_lines(lines, empty), params)
    return path


def take_lines(lines: Lines, rows: Ints) -> Lines:
    """Some of the lines, with what a path needs to know of them."""
    none = np.zeros(0, dtype=np.uint64)
    return Lines(
        lines.row[rows],
        lines.page[rows],
        lines.words[rows],
        lines.cue[rows],
        lines.heading[rows],
        lines.furniture[rows],
        lines.above[rows],
        lines.features[rows],
        none.astype(np.int64),
        none,
    )


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
    order = np.argsort(-sizes, kind="stable")
    change, sizes = change[order], sizes[order]
    late, box_end = np.float32(params.late), np.float32(params.box_end)
    cued = lines.cue > 0
    led = cued | np.r_[False, cued[:-1] & (page[1:] == page[:-1])]
    enter = np.where(led, params.box_led, params.box_plain).astype(np.float32)
    stay = np.where(cued, 0, params.box_line).astype(np.float32)
    wall = np.where(find_walls(lines), params.wall, 0).astype(np.float32)
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


def label_zones(pieces: pl.LazyFrame, know: Knowledge) -> pl.LazyFrame:
    """Piece -> Piece: give every line its zone, and its score: how likely it is body, 0 to 1.

    Nothing is cut here. A blank line lies in the zone of the line above it.
    """
    frame = pieces.collect()
    lines, names = measure_lines(frame)
    if len(lines.row) == 0:
        return frame.with_columns(zone=pl.lit("before"), score=pl.lit(None, pl.Float64)).lazy()
    params = know.params.zones
    _, odds = score_lines(lines, names, load_model())
    path = choose_zones(odds, lines, params)
    number = np.full(len(frame), -1, dtype=np.int32)
    number[lines.row] = path
    zone = pl.Series(ZONES).gather(pl.Series(number).replace(-1, None))
    score = np.full(len(frame), np.nan)
    score[lines.row] = np.round(1 / (1 + np.exp(-np.clip(odds.astype(np.float64), -30, 30))), 3)
    return (
        frame.with_columns(zone=zone, score=pl.Series(score).fill_nan(None))
        .with_columns(zone=pl.col("zone").forward_fill().over("id").fill_null("before"))
        .lazy()
    )


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
