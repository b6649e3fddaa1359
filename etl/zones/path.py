"""The best path of a page's lines through its zones: before, body, with boxes in it, after."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from etl.around import flags_beside
from etl.arrays import Flags, Floats, Kinds
from etl.zones.lines import GROUP, Lines

if TYPE_CHECKING:
    from etl.zones import ZoneParams

BEFORE, BODY, BOX, AFTER = range(4)
_NEVER = np.float32(-1e9)
_MOST, _MOSTLY_DONE = 0.8, 2.0
"""Share of what looks like the article from which nearly all of it lies above a list of others, and how many times the
list's cost is added then."""


def find_walls(lines: Lines) -> Flags:
    """Lines -> true where the page turns to other articles: a related label within three lines after one that closes.

    Only after a fifth of the page's prose: the same labels stand in headers.
    """
    closing = np.isin(lines.cue, [GROUP["closing"], GROUP["comment"]])
    return lines.heading & flags_beside(closing, lines.page, -3, -2, -1) & (lines.above > 0.2)


def find_path(odds: Floats, lines: Lines, lists: Flags, params: ZoneParams) -> Kinds:
    """Log odds of each line, those that open a list of other articles -> its zone on the page's best path (Viterbi; one step a
    line, all pages at once)."""
    count = len(odds)
    if count == 0:
        return np.zeros(0, np.int8)
    around, cued = lines.around, lines.cue > 0
    led = cued | flags_beside(cued, lines.page, -1)
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
    box_end = np.float32(params.box_end)
    before = np.zeros(len(order), np.float32)
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
    turned: Kinds = path[at]
    return turned
