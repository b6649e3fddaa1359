"""What the lines that look like body say of a line: the second look at a page, with the scores of the first.

The scores of its neighbours; the page's runs of likely lines, the best one and the first that is long enough; the words that
a line shares with them, and how they are set.
"""

from __future__ import annotations

import numpy as np

from etl.around import Around, page_bounds
from etl.arrays import Flags, Floats, Ints, Kinds
from etl.zones.lines import Lines
from etl.zones.sinks import Sink


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
    best_run, above, below, best = _best_run(mass, around)
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
        common = _share_like(values, weight, around)[rows]
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


def find_lead(mass: Floats, cued: Flags, score: Floats, page: Ints) -> tuple[Floats, Kinds, Floats]:
    """Lines -> (those of their page's first long run, whether a line lies before it, in it or after it: -1, 0, 1, and the
    weight of each line's run by that run's)."""
    run = _runs(score, cued, page)
    weight = np.bincount(run, weights=np.maximum(mass, 0))
    owner = page[page_bounds(run)[0]]
    first, sizes = page_bounds(owner)
    best = np.repeat(np.maximum.reduceat(weight, first), sizes)
    long = weight >= np.maximum(_LEAD_SHARE * best, np.minimum(_LEAD_WORDS, best))
    index = np.arange(len(weight))
    lead = np.repeat(np.minimum.reduceat(np.where(long, index, len(weight)), first), sizes)
    order = np.sign(index - lead).astype(np.int8)[run]
    worth = (weight / np.maximum(weight[lead], 1))[run].astype(np.float32)
    return (order == 0).astype(np.float32) * (mass > 0), order, worth


def _share_like(values: Floats, mass: Floats, around: Around) -> Floats:
    """Share of a page's mass that lies on lines with the same value as each line."""
    key = around.page * 64 + np.minimum(values, 63).astype(np.int64)
    same = np.bincount(key, weights=mass)[key]
    share: Floats = (same / np.maximum(around.each(around.total(mass)), 1e-6)).astype(np.float32)
    return share


def _best_run(mass: Floats, around: Around) -> tuple[Floats, Floats, Floats, Floats]:
    """The run of lines of each page with the largest sum: inside it, above it, below it, and that sum.

    Sums are of whole numbers (1/4096 of a word): a page's are the same whatever pages stand before it in the batch.
    """
    first, each, index = around.first, around.each, around.index
    total = np.cumsum(np.rint(mass * np.float32(4096)).astype(np.int64))
    run = total - each(np.r_[0, total][first])  # sum up to and including the line
    # Lowest sum before each line: a running minimum in each page, made page-wise by an offset no sum can reach.
    step = each(np.arange(len(first), dtype=np.int64) * -(2 * int(np.abs(run).max(initial=0)) + 1))
    previous = np.where(index == around.start, 0, np.r_[0, run[:-1]])
    lowest = np.minimum.accumulate(previous + step) - step
    gain = run - lowest
    spread = each(np.maximum.reduceat(gain, first))
    end = around.first_of(gain >= spread)
    start = around.last_of((previous == lowest[end]) & (index <= end))
    inside = (index >= start) & (index <= end) & (spread > 0)
    flag = np.float32
    return inside.astype(flag), (index < start).astype(flag), (index > end).astype(flag), (spread / 4096).astype(flag)
