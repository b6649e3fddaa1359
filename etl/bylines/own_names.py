"""Piece -> Piece: the name that a page calls itself by, where it stands in the place of a byline or of a dateline.

A name is a page's own where it stands alone in its head, and is proved where a line of rights, of an app or of a call to
follow says it again; one beside a place or a writer is proved where the text quotes it, as papers do of their own. The first line of a page alone is proof enough only beside a date, or in a line of the shape of a
byline or a dateline. In doubt nothing is labelled.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import polars as pl

from etl.around import page_bounds
from etl.arrays import Ints
from etl.bylines.credits import cut_byline_label, parse_author
from etl.bylines.parts import LENGTH, split_line
from etl.bylines.persons import is_named, weigh_person
from etl.knowledge import OWN_DATELINE
from etl.names import MEDIA, load_names, name_key, name_kinds, tidy_text
from etl.outlets import HEAD
from etl.page_heads import Heads, find_heads
from etl.pieces import begins_line, number_pages, rows_where, solid_of, split_pieces

if TYPE_CHECKING:
    from etl.knowledge import Knowledge

OWN = "source/own-name"
NAME_WORDS, NAME_LENGTH = 5, 40
"""Words and code points of an outlet's name, at most."""
OPENING = 100
"""Code points of a body's first line within which a dateline ends."""
_PLACE_WORDS = 6
"""Words before the site's name in a dateline: a place and a day."""
_CHROME = "^(?:legal|promo|follow)/"
_CLAIM = r"©|[Cc]opyright|حقوق"
_EDGES = ' \t|/:*•-–—«»"“”'
_SOURCE = re.compile("المصدر(?: ?[:/|] ?| )")
_SEPARATOR = re.compile(r"\s*(?:[-–—]{1,3}(?=\s)|/|:)\s*")
_OPENS = r"^[^.!؟?«»\"“”()\[\]،؛\n]{3,90}?(?:[-–—]\s|/|:)"
"""A body's first line that may open with a dateline."""
_WHERE = (
    "^(?:zone/before|media/caption|byline/(?:by|label|name|parts|name-place|follow-ups|place-agency|town-paper-own))$"
)
"""Labels of lines in which a page's own name may stand for the writer's."""
_AGENCY = r"\S\s+\S"
_PARTED = re.compile(r"\s[-–—\u0640]+\s|[|/:()«»\"“”]")
_NAME_PARTS = 4
_QUOTED, _QUOTES = r"[\"“«(]", "[«»“”()]"
_CREDITED = (
    r"(?:(?<![^\W\d_])[لب]\u0640*|(?:صحيفة|جريدة|موقع|وكالة|قناة|شبكة|منصة|إذاعة|راديو|مجلة|بوابة|مراسل|مراسلة|كاميرا|عدسة)\s+"
    r"|(?:[تي]?حصلت?|[تي]?علمت?|رصدت?|زارت?|التقت?ا?|تواصلت?|اطلعت?|كشفت?|نشرت?)(?:\s+(?:عليها|عليه|منه|منها))?\s+)"
)
"""What stands before the name of a paper that quotes itself: to it, in it, its kind, or what it has learned."""
_NOT_OPENING = re.compile(r"[.!؟?«»\"“”()\[\]،؛]")


_NAMES_OWN = "^(?:byline|source)/"
"""Labels of lines that may say the page's own name beside a town or a day."""
_STOPS, _LONG = r"[.!؟?…]\W*$", r"^(?:\S+\s+){11}\S"
"""How a line ends that does not break off, and the twelve words of one that begins to tell something."""


class Asked(NamedTuple):
    """A name that may be a page's own: its key, where it stands in its line, and whether it is all that the line says."""

    key: str
    start: int
    end: int
    is_alone: bool


@lru_cache(maxsize=1 << 12)
def own_key(text: str) -> str:
    """Text -> the key by which a site's name is compared; empty where it is none: a number, a town, too long."""
    text = tidy_text(text).strip(_EDGES)
    if len(text) > NAME_LENGTH or not 0 < len(text.split()) <= NAME_WORDS:
        return ""
    key, kinds = name_key(text), name_kinds(text)
    return "" if len(key) < 3 or key.isdecimal() or (kinds and not kinds & MEDIA) else key


@lru_cache(maxsize=1 << 12)
def ask_line(line: str) -> tuple[Asked, ...]:
    """Line where a byline stands -> the names in it; one that names its writer, or a picture's, has none."""
    author = parse_author(line) if len(line) <= LENGTH else None
    if len(line) > LENGTH or (author and is_named(author)):
        return ()
    label, rest = cut_byline_label(line)
    if not label and (source := _SOURCE.match(line)):
        label, rest = True, line[source.end() :]
    asked: list[Asked] = []
    at = len(line) - len(rest)
    parts = split_line(rest)
    if any(name_key(part) in load_names().others for part in parts):
        return ()
    for part in parts:
        at = line.index(part, at)
        if key := own_key(part):
            asked.append(Asked(key, at, at + len(part), len(parts) == 1 and not label))
        at += len(part)
    return tuple(asked)


@lru_cache(maxsize=1 << 12)
def ask_beside(line: str) -> tuple[str, ...]:
    """Line where a byline stands -> what stands beside a place or a person in it and may be a paper's name."""
    if len(line) > LENGTH or _SOURCE.match(line):
        return ()
    parts = [part for part in (part.strip(_EDGES) for part in _PARTED.split(tidy_text(line))) if part]
    if not 1 < len(parts) <= _NAME_PARTS or any(name_key(part) in load_names().others for part in parts):
        return ()
    told = [part for part in parts if name_kinds(part) or weigh_person(part)]
    unknown = [part for part in parts if part not in told and own_key(part) and not re.search(r"\d{2}", part)]
    return tuple(unknown) if told and len(unknown) == 1 else ()


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


@lru_cache(maxsize=1 << 12)
def is_agency(text: str) -> bool:
    """Whether a line is the name of an agency of the list and nothing else; one word alone may be another."""
    key = name_key(tidy_text(text).strip(_EDGES))
    return " " in key and key in load_names().agencies


def _find_names(heads: Heads) -> pl.DataFrame:
    """Heads -> the lines that may be a page's name for itself: page, name, whether it is the page's first line."""
    place = np.arange(len(heads.row)) - np.searchsorted(heads.page, heads.page)
    free = heads.labelled("^(?:zone/before|site/logo|byline/name-place)$")
    at = np.flatnonzero((place < HEAD) & (~heads.titled | (heads.place < 0)) & free)
    name = heads.text.gather(at)
    names = pl.DataFrame({"page": heads.page[at], "name": name, "first": place[at] == 0})
    return names.filter(pl.col("name").str.len_chars().is_between(3, NAME_LENGTH))


def _find_lines(frame: pl.DataFrame, page: Ints, heads: Heads) -> pl.DataFrame:
    """Piece -> the lines below titles where a byline stands, and the first lines of bodies: row, page, text, opens, beside."""
    at = np.flatnonzero(heads.near_title() & (heads.place > 0) & heads.labelled(_WHERE))
    at = at[(heads.text.gather(at).str.len_chars() <= LENGTH).to_numpy()]
    body = rows_where((frame["zone"] == "body") & (frame["piece"] != "\n"))
    body = body[page_bounds(page[body])[0]]
    # A line of which something is claimed already stays as it is.
    body = body[frame.select(begins_line() & pl.col("rule").is_null()).to_series().to_numpy()[body]]
    row = np.concatenate([heads.row[at], body])
    opens = np.repeat([False, True], [len(at), len(body)])
    text = frame["piece"].gather(row).str.slice(0, OPENING)
    beside = np.append(heads.beside(heads.labelled("^date/"), -1, 1)[at], np.zeros(len(body), dtype=np.bool_))
    lines = pl.DataFrame({"row": row, "page": page[row], "text": text, "opens": opens, "beside": beside})
    return lines.filter(~pl.col("opens") | pl.col("text").str.contains(_OPENS))


def prove_names(frame: pl.DataFrame, page: Ints, names: pl.DataFrame) -> pl.DataFrame:
    """Names (page, key) -> which of them the chrome of their page says again (page, key)."""
    near = pl.Series(np.isin(page, names["page"].unique().to_numpy()))
    row, text = solid_of(frame, near & (frame["zone"] != "body"))
    says = frame["rule"].gather(row).str.contains(_CHROME).fill_null(False) | text.str.contains(_CLAIM)
    chrome = pl.DataFrame({"page": page[row], "line": text}).filter(says)
    chrome = chrome.with_columns(line=pl.Series([f" {name_key(line)} " for line in chrome["line"]], dtype=pl.String))
    said = names.join(chrome, on="page").filter(
        pl.col("line").str.contains(pl.concat_str(pl.lit(" "), "key", pl.lit(" ")), literal=True)
    )
    return said.select("page", "key").unique().with_columns(proved=True)


def _find_quoted(frame: pl.DataFrame, page: Ints, lines: pl.DataFrame) -> pl.DataFrame:
    """Lines where a byline stands -> the names in them that the text of their page has in quotes: row, start, end."""
    asked = [
        (row, owner, part, text.index(part))
        for row, owner, text in lines.filter(~pl.col("opens")).select("row", "page", "text").iter_rows()
        for part in ask_beside(text)
        if part in text  # not so where its words are more than a space apart
    ]
    schema = {"row": pl.Int64, "page": pl.Int64, "name": pl.String, "start": pl.Int64}
    names = pl.DataFrame(asked, schema=schema, orient="row")
    near = pl.Series(np.isin(page, names["page"].unique().to_numpy()))
    row, text = solid_of(frame, near & (frame["zone"] == "body"))
    body = pl.DataFrame({"page": page[row], "line": text}).filter(pl.col("line").str.contains(_QUOTED))
    body = body.with_columns(pl.col("line").str.replace_all(_QUOTES, '"'))
    quoted = pl.concat_str(pl.lit('"'), "name", pl.lit('"'))
    said = names.join(body, on="page").filter(pl.col("line").str.contains(quoted, literal=True))
    told = [_is_credited(name, line) for name, line in zip(said["name"], said["line"], strict=True)]
    said = said.filter(pl.Series(told, dtype=pl.Boolean))
    end = pl.col("start") + pl.col("name").str.len_chars().cast(pl.Int64)
    return said.unique("row", keep="first", maintain_order=True).select("row", "start", end=end, rule=pl.lit(OWN))


def _is_credited(name: str, line: str) -> bool:
    """Whether a line quotes a name as a paper does its own: told to it, learned by it."""
    return re.search(_CREDITED + f'"{re.escape(name)}"', line) is not None


def split_own_names(pieces: pl.LazyFrame, know: Knowledge) -> pl.LazyFrame:
    """Piece -> Piece: split off and label a page's own name, `source/own-name`, and datelines with it, which are marked.

    An agency of the list needs no proof below the title: `source/agency-line`.
    """
    frame = pieces.collect()
    page = number_pages(frame)
    heads = find_heads(frame, page)
    lines = _find_lines(frame, page, heads)
    names = _find_names(heads)
    agency = lines.filter(~pl.col("opens") & pl.col("text").str.contains(_AGENCY))
    agency = agency.filter(pl.Series([is_agency(text) for text in agency["text"]], dtype=pl.Boolean))
    asked = lines.join(agency, on="row", how="anti").join(names, on="page", maintain_order="left")
    asked = asked.filter(pl.col("text").str.contains(pl.col("name"), literal=True))
    claims = [
        agency.select(
            "row",
            start=pl.lit(0, pl.Int64),
            end=pl.col("text").str.strip_chars_end().str.len_chars().cast(pl.Int64),
            rule=pl.lit("source/agency-line"),
        )
    ]
    found = [
        (row, owner, claim.key, claim.start, claim.end, claim.is_alone, opens, beside, first)
        for row, owner, text, opens, beside, name, first in asked.iter_rows()
        for claim in (ask_opening(text) if opens else ask_line(text))
        if claim.key == own_key(name)
    ]
    if found:
        schema = ["row", "page", "key", "start", "end", "alone", "opens", "beside", "first"]
        own = pl.DataFrame(found, schema=schema, orient="row")
        proved = prove_names(frame, page, own.select("page", "key").unique())
        own = own.join(proved, on=["page", "key"], how="left", maintain_order="left")
        own = own.filter(pl.col("proved").fill_null(False) | (pl.col("first") & (~pl.col("alone") | pl.col("beside"))))
        label = pl.when("opens").then(pl.lit(OWN_DATELINE)).otherwise(pl.lit(OWN))
        own = own.unique("row", keep="first", maintain_order=True)
        claims.append(own.select(pl.col("row").cast(pl.Int64), "start", "end", rule=label))
    claims.append(_find_quoted(frame, page, lines.join(pl.concat(claims), on="row", how="anti")))
    return split_pieces(frame, pl.concat(claims)).lazy()


def _opens_as(line: str, head: list[str], first: str) -> bool:
    """A text's last line, the lines that name who wrote it, its first line -> whether the last opens with a name that one of them has."""
    keys = {own_key(part) for text in head for part in split_line(text) if not weigh_person(part)}
    keys |= {one.key for one in ask_opening(first[:OPENING])}
    return not keys.isdisjoint(one.key for one in ask_opening(line[:OPENING]))


def label_own_teasers(pieces: pl.LazyFrame, know: Knowledge) -> pl.LazyFrame:
    """Piece -> Piece: a text's last line that breaks off and opens, as the text or its byline did, with the page's own name is the
    opening of another of its articles: `related/teaser`."""
    frame = pieces.collect()
    row, text = solid_of(frame, (frame["zone"] == "body") & (frame["article"] == 0) & frame["rule"].is_null())
    page = number_pages(frame)
    first, sizes = page_bounds(page[row])
    last = first + sizes - 1
    ends = text.gather(last)
    cut_off = ends.str.contains(_OPENS) & ends.str.contains(_LONG) & ~ends.str.contains(_STOPS)
    asked = np.flatnonzero(cut_off.to_numpy() & (sizes > 1))
    if not len(asked):
        return frame.lazy()
    heads = frame.select("piece", "rule", page=page).filter(pl.col("rule").str.contains(_NAMES_OWN))
    said = dict(heads.group_by("page").agg("piece").iter_rows())
    found = [
        number
        for number in asked.tolist()
        if _opens_as(ends[number], said.get(int(page[row[first[number]]]), []), text[int(first[number])])
        # An interview's lines, or those of a list, open so one after another.
        and not any(
            _opens_as(ends[number], [], line) for line in text[int(first[number]) + 1 : int(last[number])].to_list()
        )
    ]
    teasers = row[last[found]]
    return frame.with_columns(
        frame["rule"].scatter(teasers, "related/teaser"), frame["zone"].scatter(teasers, "after")
    ).lazy()
