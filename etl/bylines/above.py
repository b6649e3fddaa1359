"""Piece -> Piece: bylines without a label, a person's name between the title and the body, alone or with date and place.

What a line says is told by `etl.bylines.parts`; here it is told by where it stands. A person whom the title or the text
speaks of is in the news and did not write it. In doubt nothing is labelled.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from etl.arrays import Flags, Ints
from etl.bylines.credits import parse_author
from etl.bylines.own_names import own_key
from etl.bylines.parts import LENGTH, Byline, is_byline, read_byline, split_line
from etl.bylines.persons import LIKELY, is_person, outer_names
from etl.distinct import distinct
from etl.outlets import HEAD
from etl.page_heads import Heads, find_heads
from etl.pieces import number_pages, rows_where, solid_of

if TYPE_CHECKING:
    from etl.knowledge import Knowledge

NAME, PARTS = "byline/name", "byline/parts"
_BESIDE = "^(?:date|byline|counter/reading)"
"""Labels of what stands beside a byline."""
_PARTED = r"^[^|/]{2,40}(?:\s[-–—|/]+\s|[|/])[^|/]{2,40}$"
"""A line of two parts, with the sign between them that stands between a site's name and a writer's."""
_SHORT = re.compile(r"[^\W\d]{3,}[ .]+[^\W\d]{1,2}\.?")
"""A given name and the first letter of the family's, as Algeria's papers sign."""
_LAST_LINES = 3
"""Lines at a body's end that may say again who wrote it."""


def _find_said(frame: pl.DataFrame, page: Ints, heads: Heads, at: Ints, found: list[Byline]) -> Flags:
    """Lines of heads, and the byline in each -> whether the title or the text of its page speaks of that person.

    A body's last lines may begin with the name: they tell who wrote it. So does a line that begins with the whole byline, glued to it
    once more. Of a name that stands alone, as a caption's does, its first and
    its last word are enough.
    """
    pages = np.unique(heads.page[at])
    is_text = frame["rule"].is_null() & (frame["zone"] == "body") & pl.Series(np.isin(page, pages))
    is_text = is_text.scatter(heads.row[at], False)
    row, text = solid_of(frame, is_text)
    owner = page[row]
    left = np.searchsorted(owner, owner, side="right") - np.arange(len(row))
    titles = np.flatnonzero((heads.labelled("^(?:title|summary)/")) & np.isin(heads.page, pages))
    lines = pl.DataFrame(
        {
            "page": np.concatenate([owner, heads.page[titles]]),
            "text": pl.concat([text, heads.text.gather(titles)]),
            "ends": np.concatenate([left <= _LAST_LINES, np.zeros(len(titles), dtype=np.bool_)]),
        }
    )
    names = [(one.name, one.name) if one.told else outer_names(one.name) for one in found]
    first, last = zip(*names, strict=True)
    asked = pl.DataFrame(
        {
            "line": np.arange(len(at)),
            "page": heads.page[at],
            "first": first,
            "last": last,
            "own": [text if one.told else None for text, one in zip(heads.text.gather(at), found, strict=True)],
        }
    )
    line = pl.col("text").str
    said = asked.join(lines, on="page").filter(
        line.contains(pl.col("first"), literal=True)
        & line.contains(pl.col("last"), literal=True)
        & ~(pl.col("ends") & line.starts_with(pl.col("first")))
        & ~line.starts_with(pl.col("own")).fill_null(False)
    )
    return np.isin(np.arange(len(at)), said["line"].to_numpy())


def _read_beside_other(text: str) -> list[tuple[str, Byline]]:
    """A line of two or three parts that is no byline itself -> each part beside which the others are one, with that byline."""
    parts = split_line(text)
    if not 2 <= len(parts) <= 3:
        return []
    read = [read_byline(" - ".join(parts[:at] + parts[at + 1 :])) for at in range(len(parts))]
    return [(other, found) for other, found in zip(parts, read, strict=True) if found]


def _choose_beside_own(heads: Heads, line: int, beside: list[tuple[str, Byline]]) -> Byline | None:
    """A line near the title, what its parts say -> the byline beside the site's name, which stands alone in the page's head."""
    if not beside:
        return None
    first = int(np.searchsorted(heads.page, heads.page[line]))
    last = int(np.searchsorted(heads.page, heads.page[line], side="right"))
    # A site's name stands alone, or before what the site says of itself.
    own = {
        name
        for at in range(first, min(first + HEAD, last))
        if at != line and heads.rule[at] is None
        for name in split_line(heads.text[at])[:1]
        if own_key(name)
    }
    found = next((byline for other, byline in beside if other in own), None)
    return found._replace(told=found.told | {"place"}) if found else None


def _find_above_aggregator(heads: Heads, known: set[int]) -> list[tuple[int, Byline]]:
    """Lines of heads, those that are known to be bylines -> other names between the title and an aggregator's line, where its writer's
    name has its place; whether a list knows the name or not."""
    above = heads.beside(heads.labelled("^byline/aggregator$"), 1)
    at = np.flatnonzero(above & heads.titled & (heads.place == 1) & heads.plain)
    names = [(line, heads.text[line].strip()) for line in at.tolist() if line not in known]
    return [
        (line, Byline(name, LIKELY, frozenset())) for line, name in names if is_person(name) or _SHORT.fullmatch(name)
    ]


def _find_others(frame: pl.DataFrame, page: Ints, heads: Heads, masthead: Flags) -> Ints:
    """Lines of heads, those that name a post of the paper's staff -> the lines with a letter and a name, which a rule takes for a
    writer's, that are another's: of the staff, above a title with such a post there; of somebody whom the text speaks of."""
    named = heads.labelled("^byline/initial-name$")
    staff = named & heads.titled & (heads.place < 0) & np.isin(heads.page, heads.page[masthead & (heads.place < 0)])
    asked = np.flatnonzero(named & ~staff)
    if not len(asked):
        return np.flatnonzero(staff)
    bylines = [Byline(text, LIKELY, frozenset()) for text in heads.text.gather(asked)]
    said = asked[_find_said(frame, page, heads, asked, bylines)]
    return np.union1d(np.flatnonzero(staff), said)


def label_bylines(pieces: pl.LazyFrame, know: Knowledge) -> pl.LazyFrame:
    """Piece -> Piece: label bylines that no rule knows, `byline/name` (alone) or `byline/parts` (with date, place, paper).

    A page of which a byline names somebody already keeps that, and one with several such names has none: they are a list.
    """
    frame = pieces.collect()
    page = number_pages(frame)
    heads = find_heads(frame, page, with_opening=True)
    masthead = heads.rule.is_in(know.rules.headings("masthead")).fill_null(False).to_numpy()
    others = _find_others(frame, page, heads, masthead)
    if len(others):
        frame = frame.with_columns(rule=frame["rule"].scatter(heads.row[others], None))
        heads = replace(heads, rule=heads.rule.scatter(others, None))
    near = heads.near_title()
    # A town, a reporter and an agency between strokes look like a menu.
    is_free = (heads.rule.is_null() | heads.rule.is_in(["media/caption", "site/menu-bars"])).fill_null(False).to_numpy()
    at = np.flatnonzero(near & is_free)
    at = at[(heads.text.gather(at).str.len_chars() <= LENGTH).to_numpy()]
    texts, which = distinct(heads.text.gather(at))
    read = [read_byline(text) for text in texts]
    parted = texts.str.contains(_PARTED)
    beside_other = [
        _read_beside_other(text) if may and not found else []
        for found, text, may in zip(read, texts, parted, strict=True)
    ]
    told_by = [
        read[number] or _choose_beside_own(heads, line, beside_other[number])
        for line, number in zip(at.tolist(), which, strict=True)
    ]
    beside, last = heads.beside(heads.labelled(_BESIDE), -1, 1), heads.last()
    opening = (frame["zone"].gather(heads.row) == "body").to_numpy()
    below_masthead = heads.beside(masthead, -1)
    # With a name alone above it, and nothing else, a text begins with who wrote it; that of a picture stands in the text as well.
    start = np.append(True, heads.page[1:] != heads.page[:-1])[: len(heads.page)]
    bodies = np.bincount(page[rows_where((frame["zone"] == "body") & (frame["piece"] != "\n"))], minlength=len(frame))
    alone = opening & start & last & (bodies[heads.page] > 1)
    found = [
        (line, byline)
        for line, byline in zip(at.tolist(), told_by, strict=True)
        if byline
        # Below the title of a post stands who holds it.
        and (not below_masthead[line] or "label" in byline.told)
        # A bare name may be of somebody in the news, whom the title names; where a text opens with it, it is as often a caption.
        and (byline.told or alone[line] or not (heads.beside_page[line] or (opening[line] and heads.place[line] != 1)))
        and is_byline(
            byline,
            beside=bool(beside[line]),
            below=heads.place[line] > 0,
            first=heads.place[line] == 1,
            last=bool(last[line]),
        )
    ]
    found += _find_above_aggregator(heads, {line for line, _ in found})
    if not found:
        return frame.lazy()
    pages = {int(heads.page[line]) for line, _ in found}
    # Of names in Latin letters the Arabic ones stand below.
    told = np.flatnonzero(near & heads.labelled("^byline/(?:[^l]|label)") & np.isin(heads.page, sorted(pages)))
    named = {int(heads.page[line]) for line in told if parse_author(heads.text[int(line)])}
    found = [(line, byline) for line, byline in found if "label" in byline.told or heads.page[line] not in named]
    if not found:
        return frame.lazy()
    lines = np.array([line for line, _ in found], dtype=np.int64)
    said = _find_said(frame, page, heads, lines, [byline for _, byline in found])
    # A label or a date on the line itself says more than that the text knows the writer's name.
    found = [
        (line, byline)
        for (line, byline), is_said in zip(found, said, strict=True)
        if not is_said or "label" in byline.told
    ]
    # A name of which a list is sure is not doubted for words that may be one.
    sure = {int(heads.page[line]) for line, byline in found if byline.weight >= LIKELY}
    found = [(line, byline) for line, byline in found if byline.weight >= LIKELY or int(heads.page[line]) not in sure]
    many = Counter(owner for owner, _ in {(int(heads.page[line]), byline.name) for line, byline in found})
    found = [(line, byline) for line, byline in found if many[int(heads.page[line])] == 1]
    rows = heads.row[[line for line, _ in found]]
    labels = pl.Series([PARTS if byline.told else NAME for _, byline in found], dtype=pl.String)
    return frame.with_columns(frame["rule"].scatter(rows, labels)).lazy() if found else frame.lazy()
