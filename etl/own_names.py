"""Piece -> Piece: the name that a page calls itself by, where it stands in the place of a byline or of a dateline.

A name is a page's own where it stands alone in its head, and is proved where a line of rights, of an app or of a call to
follow says it again. The first line of a page alone is proof enough only beside a date, or in a line of the shape of a
byline or a dateline. In doubt nothing is labelled.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import polars as pl

from etl.byline_parts import LENGTH, split_line
from etl.credits import parse_author
from etl.knowledge import OWN_DATELINE
from etl.looks import Ints
from etl.names import load_names, name_key, name_kinds, tidy_text
from etl.page_heads import Heads, find_heads, number_pages, solid_of
from etl.persons import is_named
from etl.pieces import begins_line, split_pieces

if TYPE_CHECKING:
    from etl.knowledge import Knowledge

OWN = "source/own-name"
HEAD = 12
"""Lines with text, from the top of a page, among which a site writes its own name: as in `etl.outlets`."""
NAME_WORDS, NAME_LENGTH = 5, 40
"""Words and code points of an outlet's name, at most."""
OPENING = 100
"""Code points of a body's first line within which a dateline ends."""
_PLACE_WORDS = 6
"""Words before the site's name in a dateline: a place and a day."""
_CHROME = "^(?:legal|promo|follow)/"
_CLAIM = r"©|[Cc]opyright|حقوق"
_MEDIA = frozenset({"agency", "outlet"})
_EDGES = ' \t|/:*•-–—«»"“”'
_LABEL = re.compile(r"\s*(?:by|par|بواسطة|بقلم|كتب|نص|المصدر|الكاتب)(?:\s*[:/|]\s*|\s+)", re.IGNORECASE)
_SEPARATOR = re.compile(r"\s*(?:[-–—]{1,3}(?=\s)|/|:)\s*")
_NOT_OPENING = re.compile(r"[.!؟?«»\"“”()\[\]،؛]")


class Asked(NamedTuple):
    """A name that may be a page's own: its key, where it stands in its line, and whether it is all that the line says."""

    key: str
    start: int
    end: int
    is_alone: bool


@lru_cache(maxsize=1 << 15)
def own_key(text: str) -> str:
    """Text -> the key by which a site's name is compared; empty where it is none: a number, a town, too long."""
    text = tidy_text(text).strip(_EDGES)
    if len(text) > NAME_LENGTH or not 0 < len(text.split()) <= NAME_WORDS:
        return ""
    key, kinds = name_key(text), name_kinds(text)
    return "" if len(key) < 3 or key.isdecimal() or (kinds and not kinds & _MEDIA) else key


@lru_cache(maxsize=1 << 15)
def ask_line(line: str) -> tuple[Asked, ...]:
    """Line where a byline stands -> the names in it; one that names its writer, or a picture's, has none."""
    author = parse_author(line) if len(line) <= LENGTH else None
    if len(line) > LENGTH or (author and is_named(author)):
        return ()
    label = _LABEL.match(line)
    asked: list[Asked] = []
    at = label.end() if label else 0
    parts = split_line(line[at:])
    if any(name_key(part) in load_names().others for part in parts):
        return ()
    for part in parts:
        at = line.index(part, at)
        if key := own_key(part):
            asked.append(Asked(key, at, at + len(part), len(parts) == 1 and not label))
        at += len(part)
    return tuple(asked)


@lru_cache(maxsize=1 << 12)
def ask_opening(opening: str) -> tuple[Asked, ...]:
    """The beginning of a body's first line -> the names that may close its dateline, first or behind a place and a day."""
    asked: list[Asked] = []
    start = 0
    for number, joint in enumerate(_SEPARATOR.finditer(opening)):
        before, part = opening[:start], opening[start : joint.start()]
        if number > 1 or _NOT_OPENING.search(opening[: joint.start()]) or len(before.split()) > _PLACE_WORDS:
            break
        if key := own_key(part):
            asked.append(Asked(key, 0, joint.start() + len(joint[0].rstrip()), False))
        start = joint.end()
    return tuple(asked)


def prove_names(frame: pl.DataFrame, page: Ints, heads: Heads, asked: pl.DataFrame) -> pl.DataFrame:
    """Names asked for (page, key) -> those that are their page's own (page, key, proved)."""
    place = np.arange(len(heads.row)) - np.searchsorted(heads.page, heads.page)
    may = (place < HEAD) & (~heads.titled | (heads.place < 0)) & np.isin(heads.page, asked["page"].unique().to_numpy())
    may &= heads.labelled("^(?:zone/before|site/logo|byline/name-place)$")
    near = np.flatnonzero(may)
    names = pl.DataFrame(
        {
            "page": heads.page[near],
            "key": pl.Series([own_key(line) for line in heads.text.gather(near)], dtype=pl.String),
            "first": place[near] == 0,
        }
    )
    names = names.join(asked.select("page", "key"), on=["page", "key"], how="semi")
    names = names.group_by("page", "key", maintain_order=True).agg(pl.col("first").any())
    is_near = pl.Series(np.isin(page, names["page"].unique().to_numpy()))
    row, text = solid_of(frame, is_near & (frame["zone"] != "body"))
    says = frame["rule"].gather(row).str.contains(_CHROME).fill_null(False) | text.str.contains(_CLAIM)
    chrome = pl.DataFrame({"page": page[row], "line": text}).filter(says)
    chrome = chrome.with_columns(line=pl.Series([f" {name_key(line)} " for line in chrome["line"]], dtype=pl.String))
    said = names.join(chrome, on="page").filter(
        pl.col("line").str.contains(pl.concat_str(pl.lit(" "), "key", pl.lit(" ")), literal=True)
    )
    said = said.select("page", "key").unique().with_columns(proved=True)
    names = names.join(said, on=["page", "key"], how="left", maintain_order="left")
    return names.with_columns(pl.col("proved").fill_null(False)).filter(pl.col("proved") | pl.col("first"))


def _ask(frame: pl.DataFrame, page: Ints, heads: Heads) -> pl.DataFrame:
    """Piece -> the names in lines near titles and in the openings of bodies: row, page, key, start, end, alone, opens, beside."""
    near = heads.near_title() & heads.labelled(
        "^(?:zone/before|media/caption|byline/(?:by|label|name-place|follow-ups|place-agency))$"
    )
    near &= heads.place > 0
    at = np.flatnonzero(near)
    beside = heads.beside(heads.labelled("^date/"))
    rows = [
        (int(heads.row[line]), int(heads.page[line]), *asked, False, bool(beside[line]))
        for line in at.tolist()
        for asked in ask_line(frame["piece"][int(heads.row[line])])
    ]
    begins = frame.select(begins_line()).to_series()
    row, _ = solid_of(frame, frame["zone"] == "body")
    row = row[np.append(True, page[row[1:]] != page[row[:-1]])[: len(row)]]
    row = row[(frame["rule"].gather(row).is_null() & begins.gather(row)).to_numpy()]
    openings = frame["piece"].gather(row).str.slice(0, OPENING)
    rows += [
        (at, int(page[at]), *asked, True, False)
        for at, opening in zip(row.tolist(), openings, strict=True)
        for asked in ask_opening(opening)
    ]
    schema = ["row", "page", "key", "start", "end", "alone", "opens", "beside"]
    return (
        pl.DataFrame(rows, schema=schema, orient="row")
        if rows
        else pl.DataFrame(schema=dict.fromkeys(schema, pl.Int64))
    )


def split_own_names(pieces: pl.LazyFrame, know: Knowledge) -> pl.LazyFrame:
    """Piece -> Piece: split off and label a page's own name, `source/own-name`, and datelines with it, which are marked."""
    frame = pieces.collect()
    page = number_pages(frame)
    heads = find_heads(frame, page)
    asked = _ask(frame, page, heads)
    if asked.is_empty():
        return frame.lazy()
    # An agency of the list needs no proof below the title: the story is its own.
    agencies = sorted(key for key in load_names().agencies if " " in key)
    agency = asked.filter(pl.col("alone") & pl.col("key").is_in(agencies))
    own = asked.join(agency, on="row", how="anti").join(
        prove_names(frame, page, heads, asked), on=["page", "key"], maintain_order="left"
    )
    own = own.filter(pl.col("proved") | ~pl.col("alone") | pl.col("beside")).unique(
        "row", keep="first", maintain_order=True
    )
    label = pl.when("opens").then(pl.lit(OWN_DATELINE)).otherwise(pl.lit(OWN))
    claims = [
        own.select("row", "start", "end", rule=label),
        agency.select("row", "start", "end", rule=pl.lit("source/agency-line")),
    ]
    return split_pieces(frame, pl.concat(claims)).lazy()
