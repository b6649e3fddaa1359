"""English headlines on Arabic pages: this article's, a related card's, a caption; and their Arabic twins.

A line of Latin letters alone is a headline by its shape. Whose it is, its place says; whether the Arabic line
near it is its translation, three measures say: length, numbers, and names by their consonants.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import polars as pl

from etl.arrays import Flags, Ints
from etl.buffers import text_bytes
from etl.headlines.lines import Line, find_near, read_lines, read_pages
from etl.headlines.pairs import HeadlineParams, is_pair, score_pair
from etl.headlines.shape import ARABIC, FINAL, FINAL_STOP, LENGTH, goes_on, headline_candidate
from etl.headlines.twins import find_twin, measure_closeness
from etl.pieces import is_whole_line, number_pages, rows_where, split_pieces

if TYPE_CHECKING:
    from etl.knowledge import Knowledge

OWN, CARD, CAPTION = "headline-en/own", "headline-en/card", "headline-en/caption"
PAIRED = (OWN, CARD)
CARD_TWIN, OWN_TWIN = "related/card", "title/long"
"""Labels of an Arabic line that has none: the twin of a card's headline, or of the article's in the body."""

_LIST_MARK = re.compile(r"^\s*(?:[-–—*•·▪]|\d{1,3}\s*[.)\-–:])")
_QUOTATION = re.compile(r"^[\"“«‘']")


class _Label(NamedTuple):
    row: int
    rule: str
    score: float | None


def _stays(lines: Sequence[Line], at: int) -> bool:
    """Whether a Latin line reads as part of the body: a sentence, a quotation, an item, or announced."""
    text = lines[at].text
    announced = at > 0 and lines[at - 1].text.rstrip().endswith((":", "："))
    ends = bool(re.search(r"[.:;,،؛…][\"»”’)\]']*$", text))
    return announced or ends or bool(_LIST_MARK.match(text) or _QUOTATION.match(text))


def _needed(lines: pl.DataFrame, headings: frozenset[str], params: HeadlineParams) -> pl.DataFrame:
    """Lines of pages -> what `_label_page` looks at, of the pages with a headline.

    Lines near a headline, and of the others those that open a list of other articles, are Latin, or end the first
    sentence of an article. Nothing else makes a difference.
    """
    wanted = lines["candidate"] & lines["rule"].is_null()
    lines = lines.with_columns(near=find_near(wanted & lines["zone"].is_not_null(), params)).with_row_index("at")
    lines = lines.filter(lines["id"].is_in(lines["id"].filter(wanted).unique().implode()))
    in_body = pl.col("zone") == "body"
    opens = lines.filter(in_body & pl.col("arabic") & pl.col("rule").is_null() & pl.col("text").str.contains(FINAL))
    opens = opens.unique(["id", "article"], keep="first")
    told = (
        pl.col("rule").is_in(sorted(headings)) | (in_body & pl.col("latin")) | pl.col("at").is_in(opens["at"].implode())
    )
    return lines.filter(pl.col("near") | told.fill_null(False)).select(Line._fields)


def _label_page(lines: Sequence[Line], headings: frozenset[str], params: HeadlineParams) -> Iterator[_Label]:
    """Lines of a page -> labels for its English headlines and for their Arabic twins that have none."""
    latin = sum(line.latin and line.zone == "body" and " " in line.text for line in lines)
    listed = latin >= params.latin_list
    opened: dict[int, int] = {}
    first_card = len(lines)
    for at, line in enumerate(lines):
        if line.rule in headings:
            first_card = min(first_card, at)
        elif line.zone == "body" and line.arabic and line.rule is None and FINAL_STOP.search(line.text):
            opened.setdefault(line.article, at)
    wanted = [
        at
        for at, line in enumerate(lines)
        if line.candidate
        and line.rule is None
        and line.zone is not None
        and not (line.zone == "body" and (listed or _stays(lines, at)))
    ]
    twins = {at: found for at in wanted if (found := find_twin(lines, at, params))}
    # Of two English lines beside one Arabic line the better pair is the headline.
    best: dict[int, int] = {}
    for at, (near, pair) in twins.items():
        rival = best.get(near)
        if rival is None or measure_closeness(pair) > measure_closeness(twins[rival][1]):
            best[near] = at
    paired = set(best.values())
    own: dict[int, int] = {}
    for at in sorted(paired):
        line = lines[at]
        start = min(first_card, opened.get(line.article, len(lines)))
        if line.zone in ("before", "body") and at < start:
            own[line.article] = at
    for at in wanted:
        line = lines[at]
        if at not in paired or (line.zone == "body" and own.get(line.article) != at):
            yield from (_Label(row, CAPTION, None) for row in line.rows)
            continue
        near, pair = twins[at]
        mine = own.get(line.article) == at
        yield from (_Label(row, OWN if mine else CARD, pair.names) for row in line.rows)
        twin = lines[near]
        if twin.rule is None and mine == (twin.zone == "body"):
            yield from (_Label(row, OWN_TWIN if mine else CARD_TWIN, pair.names) for row in twin.rows)


# Three words in a row without an Arabic letter: less is no headline, nor the start of a wrapped one.
_LATIN = "[A-Za-z]{2}"
_FEW_WORDS = r"[A-Za-z][^\s\u0600-\u06ff]*(?:\s+[^\s\u0600-\u06ff]+){2}"
_JOINTS = re.compile(r"\s*\|\s*|\s[\-–—]\s|(?<=[.!?؟])\s")


def _split_line(text: str) -> Iterator[tuple[int, int, tuple[int, int], str, str]]:
    """A mixed line -> each way to part it: start and end of the Latin part, the rest's span, both texts."""
    end = len(text.rstrip())
    for joint in _JOINTS.finditer(text, 0, end):
        left, right = text[: joint.start()], text[joint.end() : end]
        parts = (
            (0, joint.end(), (joint.end(), end), left, right),
            (joint.start(), end, (0, joint.start()), right, left),
        )
        for start, stop, rest, latin, other in parts:
            if not re.search(ARABIC, latin) and len(re.findall(f"{ARABIC}{{2,}}", other)) >= 4:
                yield start, stop, rest, latin.strip(), other.strip()


def _claim_mixed(frame: pl.DataFrame, latin: pl.DataFrame, params: HeadlineParams) -> pl.DataFrame:
    """Lines that hold an English headline and an Arabic one -> claims (row, start, end, rule) that part them.

    Both parts have four words and more, with a bar, a spaced dash or a sentence's end between them; in the
    body only where the names prove the pair.
    """
    mixed = latin.filter("arabic", pl.col("zone").is_not_null(), pl.col("piece").str.len_chars() <= 3 * LENGTH[1])
    alone = frame.select(is_whole_line()).to_series().gather(mixed["row"])
    found = [
        (row, zone, *part)
        for row, zone, text in mixed.filter(alone).select("row", "zone", "piece").iter_rows()
        for part in _split_line(text)
    ]
    claims: dict[int, list[tuple[int, int, int, str]]] = {}
    if found:
        columns = ["row", "zone", "start", "end", "rest", "en", "ar"]
        proposals = pl.DataFrame(found, schema=columns, orient="row")
        for row, zone, start, end, rest, en, ar in proposals.filter(headline_candidate(pl.col("en"))).iter_rows():
            pair = score_pair(en, ar, params)
            whose = OWN if zone in ("before", "body") else CARD
            if zone != "body" or pair.verified:
                rule = whose if is_pair(pair, params) else CAPTION
                twin = [(row, *rest, CARD_TWIN)] if rule == CARD else []
                claims.setdefault(row, [(row, start, end, rule), *twin])
    schema = {"row": pl.UInt32(), "start": pl.Int64(), "end": pl.Int64(), "rule": pl.String()}
    return pl.DataFrame([part for parts in claims.values() for part in parts], schema=schema, orient="row")


_AT_ONCE = 2048
"""Texts that are searched together: what is made of them stays in the processor's cache."""


def _find_letters(texts: pl.Series) -> Ints:
    """Texts -> those in which two ASCII letters stand side by side, and a few more: no pattern is as fast as the bytes."""
    found = []
    for low in range(0, len(texts), _AT_ONCE):
        part, edge = text_bytes(texts[low : low + _AT_ONCE])
        letter = (part | np.uint8(0x20)) - np.uint8(ord("a")) < np.uint8(26)
        before = np.searchsorted(np.flatnonzero(letter[1:] & letter[:-1]), edge)
        found.append(np.flatnonzero(before[1:] > before[:-1]) + low)
    return np.concatenate([np.zeros(0, np.int64), *found])


def _open_latin(frame: pl.DataFrame) -> pl.DataFrame:
    """Piece -> (row, piece, zone, arabic) of the pieces without a label that hold a few words in Latin letters."""
    row = rows_where(frame["rule"].is_null() & (frame["piece"] != "\n"))
    row = row[_find_letters(frame["piece"].gather(row))]
    some = pl.DataFrame({"row": row, "piece": frame["piece"].gather(row), "zone": frame["zone"].gather(row)})
    some = some.filter(pl.col("piece").str.contains(_LATIN) & pl.col("piece").str.contains(_FEW_WORDS))
    return some.with_columns(arabic=pl.col("piece").str.contains(ARABIC))


def _may_be_headlines(frame: pl.DataFrame, row: Ints) -> Flags:
    """Lines in Latin letters -> whether each has the shape of a headline, or may have it with the line above or below it."""
    last = len(frame) - 1
    lines = pl.DataFrame({"here": frame["piece"].gather(row)}).with_columns(
        above=frame["piece"].gather(np.maximum(row - 1, 0)), below=frame["piece"].gather(np.minimum(row + 1, last))
    )
    here, above, below = (pl.col(name).str.strip_chars() for name in lines.columns)
    may_be = headline_candidate(here) | goes_on(above, here) | goes_on(here, below)
    return lines.select(may_be).to_series().to_numpy()


def label_headlines(pieces: pl.LazyFrame, know: Knowledge) -> pl.LazyFrame:
    """Piece -> Piece: label the English headlines, and the Arabic twins of related cards that nothing has.

    Before the body one is this article's (`headline-en/own`) where an Arabic line near it translates it;
    after the body or under a heading of other articles it is a card's (`headline-en/card`); without a twin it
    is a caption. In the body a Latin line stays where it is one of a list, a sentence or a quotation. A
    headline that shares its line with its twin is split off. `score` is the share of names.
    """
    frame, params = pieces.collect(), know.params.headlines
    latin = _open_latin(frame)
    if latin.is_empty():
        return frame.lazy()
    row = latin.filter(~pl.col("arabic"))["row"].to_numpy()
    row = row[_may_be_headlines(frame, row)]
    page = number_pages(frame)
    asked = page[row]
    frame = split_pieces(frame, _claim_mixed(frame, latin, params))
    if not len(row):
        return frame.lazy()
    page = number_pages(frame) if len(frame) != len(page) else page
    labels: list[_Label] = []
    at = np.flatnonzero(np.isin(page, asked))
    lines = read_lines(frame[at].with_columns(_row=pl.Series(at, dtype=pl.UInt32)))
    headings = frozenset(know.rules.headings("related"))
    for of_page in read_pages(_needed(lines, headings, params)):
        labels.extend(_label_page(of_page, headings, params))
    schema = {"row": pl.UInt32(), "rule": pl.String(), "score": pl.Float64()}
    found = pl.DataFrame(labels, schema=schema, orient="row").unique("row", keep="first", maintain_order=True)
    scored = found.filter(pl.col("score").is_not_null())
    return frame.with_columns(
        frame["rule"].scatter(found["row"], found["rule"]), frame["score"].scatter(scored["row"], scored["score"])
    ).lazy()
