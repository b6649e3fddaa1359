"""Where in the page the article lies: which lines come before it, are its body, stand in boxes inside it, come after it.

A line is looked at up to three times. A linear model looks at it alone and by what surrounds it, and settles most lines of
menus and lists. Two forests of small trees look again, the first at those left open, the second at those still unsure, with
the scores that the page has so far: those of a line's neighbours, and what the page's runs of likely lines look like and
are about. The best path through before → body (with boxes) → after then gives every line its zone. The weights are in
`data/zones.json` and `data/words.json`, numbers a person can read; `benchmarks/train_zones.py` learns them.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from pydantic import BaseModel, ConfigDict, Field

from etl.around import page_bounds
from etl.arrays import Flags, Floats, Ints, Kinds
from etl.decoration import bare_lines
from etl.pieces import number_pages
from etl.shipped import DATA
from etl.titles.documents import find_document_titles
from etl.verdicts import give_verdicts
from etl.zones.bare import (
    BareParams,
    Titles,
    find_bare,
    find_framed_heads,
    find_links,
    find_signed_heads,
    tell_heads,
    tell_titles,
)
from etl.zones.broken import find_broken
from etl.zones.contents import find_headings
from etl.zones.lines import Lines, measure_lines
from etl.zones.live import find_live
from etl.zones.numbered import find_numbered
from etl.zones.path import BEFORE, BODY, BOX, find_path
from etl.zones.read_on import find_read_on
from etl.zones.resumed import (
    ResumedParams,
    find_closed,
    find_ends,
    find_following,
    find_listed,
    find_quotes,
    find_resumed,
    find_taken_up,
)
from etl.zones.second_look import look_again
from etl.zones.sinks import Both, Columns, Odds
from etl.zones.trees import Forest, read_forest
from etl.zones.verse import find_verse
from etl.zones.wrapped import join_wrapped
from schemas.zones import ZONES

if TYPE_CHECKING:
    from etl.knowledge import Knowledge

MODEL = DATA / "zones.json"


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
    long_words: int = Field(
        20, ge=1, description="words of a line from which it is a paragraph unless that is unlikely"
    )
    long_odds: float = Field(3.0, description="log odds against body from which it is unlikely")
    sentence_words: int = Field(12, ge=1, description="the words of a line that ends as a sentence does")
    sentence_odds: float = Field(1.5, description="the log odds of such a line")
    further: float = Field(2.0, description="added once more, up to `again` times, on a page left without a body")
    again: int = Field(3, ge=0, description="times a page without a body is asked again")
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
    resumed: ResumedParams = Field(
        default_factory=ResumedParams, description="what a text is told by that goes on behind links in its midst"
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
def load_model() -> Model:
    """Read the model; features that are not named weigh nothing."""
    data = json.loads(MODEL.read_text("utf-8"))
    return Model(data["weights"], data["bias"], tuple(read_forest(forest) for forest in data["forests"]))


OPEN, SURE = -5.0, 4.0
"""Log odds at first look under which a line is settled, and at a further one, for or against, from which it is."""


def find_open(first: Floats, lines: Lines) -> Ints:
    """Log odds at first look -> the lines that the forests look at: labels are none of the text."""
    return np.flatnonzero((first >= OPEN) & (lines.cue == 0))


def score_lines(pieces: pl.DataFrame, model: Model, headings: Sequence[str]) -> tuple[Lines, Floats]:
    """Piece (one piece a line), ids of headings of other articles -> its lines, and the log odds that each is body, at the last look."""
    sums, columns = Odds(model.weights), Columns(model.wanted)
    lines = measure_lines(pieces, Both(sums, columns), headings)
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


def lean_odds(odds: Floats, lines: Lines, titles: Titles, params: ZoneParams) -> Floats:
    """Log odds, lines that may be a title -> what each line adds to a path that takes it for body: labelled lines nothing, the
    others in bounds."""
    bare = find_bare(odds, lines, params.sure, params.cut_out)
    head, settled = tell_heads(odds, lines, bare, titles, params.cut_out)
    whole = lines.around.all(bare)
    lean = np.where(whole, np.float32(params.bare), np.float32(params.bare_above)) * (bare & ~head)
    leaning = odds + np.float32(params.lean) + lean
    settled |= find_framed_heads(odds, lines, params.cut_out) | find_signed_heads(odds, lines, titles, params.cut_out)
    leaning[settled] = -8
    return np.where(lines.cue > 0, 0, np.clip(leaning, -8, 8)).astype(np.float32)


def choose_zones(odds: Floats, lines: Lines, titles: Titles, params: ZoneParams, told: Flags | None = None) -> Kinds:
    """Log odds of each line -> its zone; a page that is left without a body is asked again, leaning further.

    `told` is true on lines that posts of live coverage tell, on headings that a table of contents lists, on verse, on parts of
    sentences that a scraper has broken, on numbered parts of a column, and on what stands behind a box that invites to read on.
    """
    if not len(odds):
        return np.zeros(0, np.int8)
    gain = lean_odds(odds, lines, titles, params)
    linked = find_bare(odds, lines, params.sure, params.cut_out, linked=True)
    inside = find_links(odds, lines, linked, params.cut_out)
    links, resumed = find_resumed(odds, lines, params.resumed)
    heads, taken = find_taken_up(odds, lines, params.resumed)
    links, resumed = links | heads, resumed | taken
    for find in (find_ends, find_following, find_closed, find_listed, find_quotes):
        resumed |= find(odds, lines, params.resumed)
    if told is not None:
        resumed |= told
    gain[resumed] = np.maximum(gain[resumed], params.resumed.gain)
    sentence = (lines.words >= params.sentence_words) & (lines.looks["final"][lines.look] > 0)
    doubtful = (sentence & (odds > -params.sentence_odds)) | (
        (lines.words >= params.long_words) & (odds > -params.long_odds)
    )
    # The last line of a page may break off, and end as no sentence does.
    last = np.append(lines.page[1:] != lines.page[:-1], True)
    doubtful |= last & (lines.words >= params.sentence_words) & (odds > -params.sentence_odds)
    doubtful &= lines.cue == 0
    gain[doubtful] = np.maximum(gain[doubtful], params.lean)
    lists = lines.heading & ~inside & ~links
    path = find_path(gain, lines, lists, params)
    for _ in range(params.again):
        empty = np.flatnonzero(~np.isin(lines.page, lines.page[(path == BODY) & (lines.cue == 0)]))
        if len(empty) == 0:
            break
        gain[empty] = np.where(lines.cue[empty] > 0, 0, np.clip(gain[empty] + params.further, -8, 8))
        path[empty] = find_path(gain[empty], lines.take(empty), lists[empty], params)
    return path


def _blank(piece: pl.Series, rows: Flags) -> pl.Series:
    return piece.scatter(np.flatnonzero(rows), "\n") if rows.any() else piece


def label_zones(pieces: pl.LazyFrame, know: Knowledge, given: pl.DataFrame | None = None) -> pl.LazyFrame:
    """Piece -> Piece: give every line its zone, and its score: how likely it is body, 0 to 1.

    `given` (id, given_title) is what the input said beside the page: an article already cut out may begin with its title.

    Nothing is cut here. A blank line lies in the zone of the line above it; the time of a live page's post and what invites to
    share it are a box in the body.
    """
    frame = pieces.collect()
    stamps, told = find_live(frame)
    told |= find_headings(frame) | find_verse(frame)
    told |= find_broken(frame) | find_numbered(frame) | find_read_on(frame)
    seen = frame.with_columns(piece=bare_lines(_blank(frame["piece"], stamps)))
    seen = seen.with_columns(piece=join_wrapped(seen))
    lines, odds = score_lines(seen, load_model(), know.rules.headings("related"))
    zone, score = np.full(len(frame), -1, dtype=np.int32), np.full(len(frame), np.nan)
    titles = tell_titles(frame, lines, given, know.params.zones.cut_out)
    titles = titles._replace(said=titles.said | find_document_titles(frame)[lines.row])
    zone[lines.row] = choose_zones(odds, lines, titles, know.params.zones, told[lines.row])
    score[lines.row] = np.round(1 / (1 + np.exp(-np.clip(odds.astype(np.float64), -30, 30))), 3)
    # The last line above that is not blank, in the same page; before the body where there is none.
    row = np.arange(len(frame))
    above = np.maximum.accumulate(np.where(zone >= 0, row, -1))
    first, sizes = page_bounds(number_pages(frame))
    zone = np.where(above >= np.repeat(first, sizes), zone[above], BEFORE)
    zone[stamps & (zone == BODY)] = BOX
    names = pl.Series(ZONES, dtype=pl.String).gather(zone)
    return frame.with_columns(zone=names, score=pl.Series(score).fill_nan(None)).lazy()


def judge_zones(docs: pl.DataFrame, params: ZoneParams) -> pl.DataFrame:
    """Document -> Document: a page in which no article was found, or only an unlikely one, is not released.

    Verdicts: `zone/no-article` (value: 0), `zone/undecided` (value: the zone score, 0 to 1).
    """
    empty, score = pl.col("text") == "", pl.col("zone_score")
    tests = [("zone/no-article", empty, pl.lit(0.0)), ("zone/undecided", score < params.undecided, score)]
    return give_verdicts(docs, tests)
