"""Piece -> Piece: the date line that the look of its surroundings took for the body's first line.

A body that is parted by dates, a chronicle, begins with one too: only a date that stands alone in its body is meant, on a
page that shows no other below the title.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from etl.fits import fit_lines
from etl.looks import Flags
from etl.page_heads import find_heads, number_pages

if TYPE_CHECKING:
    from etl.knowledge import Knowledge

_LENGTH = 80
"""Code points beyond which a line is no date alone."""
_DATED = r"\d{4}"


def _is_short(lines: pl.Series) -> Flags:
    """Lines -> which of them may be a date alone."""
    some: Flags = ((lines.str.len_chars() <= _LENGTH) & lines.str.contains(_DATED)).to_numpy()
    return some


def label_head_dates(pieces: pl.LazyFrame, know: Knowledge) -> pl.LazyFrame:
    """Piece -> Piece: label a body's first line as a rule of dates would outside the body."""
    frame = pieces.collect()
    dates = [number for number, rule in enumerate(know.rules) if rule.id in ("date/line", "date/stamp")]
    page = number_pages(frame)
    is_body = ((frame["zone"] == "body").fill_null(False) & (frame["piece"] != "\n")).to_numpy()
    row = np.flatnonzero(is_body)
    first = np.append(True, page[row[1:]] != page[row[:-1]])[: len(row)]
    # Few bodies begin with a short line that holds a year: only of those all lines are asked.
    begins = row[first]
    begins = begins[_is_short(frame["piece"].gather(begins))]
    if not len(begins):
        return frame.lazy()
    kept = np.isin(page[row], page[begins])
    row, first = row[kept], first[kept]
    text, is_free = frame["piece"].gather(row), frame["rule"].gather(row).is_null().to_numpy()
    short = _is_short(text) & is_free
    pages = page[row[first & short]]
    asked = np.flatnonzero(short & np.isin(page[row], pages))
    if not len(asked):
        return frame.lazy()
    fits = fit_lines(text.gather(asked), know.rules).filter(pl.col("_rule").is_in(dates))
    fits = fits.unique("_at", keep="first", maintain_order=True)
    dated = asked[fits["_at"].to_numpy()]
    heads = find_heads(frame, page)
    is_told = heads.labelled("^date/") & heads.titled & (heads.place > 0)
    told = heads.page[is_told]
    many = np.bincount(page[row[dated]], minlength=int(page[-1]) + 1)
    chosen = first[dated] & (many[page[row[dated]]] == 1) & ~np.isin(page[row[dated]], told)
    rules = list(know.rules)
    labels = pl.Series([rules[number].id for number in fits["_rule"].filter(pl.Series(chosen))], dtype=pl.String)
    return frame.with_columns(frame["rule"].scatter(row[dated[chosen]], labels)).lazy()
