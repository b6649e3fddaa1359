"""The table of orders: whether an outlet writes the day or the month first, as a file that people read and edit.

A person changes an order or adds an outlet.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import polars as pl

from etl.edited_table import read_lines, write_edited
from etl.errors import UserError

DAY_FIRST: Final = "day-first"
MONTH_FIRST: Final = "month-first"
UNKNOWN: Final = "unknown"
"""Dates of the outlet that can be read both ways stay null where nothing on their page decides."""

PAGE: Final = "page"
GIVEN: Final = "given"
"""Dates that a page writes, and dates that came beside it: of a column, a sidecar or markup. Another hand may have written them."""

ORDER = pl.Schema(
    {
        "order": pl.String(),
        "outlet": pl.String(),
        "dates": pl.String(),
        "day_first": pl.Int64(),
        "month_first": pl.Int64(),
        "neither": pl.Int64(),
        "why": pl.String(),
    }
)
"""The table of orders, a row for each outlet's dates with numbers for months, those of its pages and those given: pages on which
only the day can come first, only the month, and pages that show neither."""
_KEY = ("outlet", "dates")
_COUNTS = ("day_first", "month_first", "neither")
_BY_HAND = "written by hand"
_DIGITS = 18  # which a column of the table surely holds


class OrderError(UserError):
    """A table of orders cannot be used; the message names the file, the line, and what to do."""


def write_orders(table: pl.DataFrame, path: Path, edits: pl.DataFrame | None = None) -> None:
    """ORDER -> a CSV file for people."""
    write_edited(table.sort(_KEY).with_columns(learned="order"), path, _KEY, edits)


def read_orders(path: Path) -> pl.DataFrame:
    """CSV file -> ORDER; where an edit makes no sense, the error says what to do.

    A row needs `order` and `outlet`; the other columns may be left empty in a row added by hand, which is of the pages' own
    dates then.
    """
    return _read(path).select(list(ORDER))


def read_order_edits(path: Path) -> pl.DataFrame:
    """CSV file -> ORDER: the lines that a person added, or decided otherwise than `learned` says."""
    return _read(path).filter(pl.col("order") != pl.col("learned")).select(list(ORDER))


def apply_order_edits(table: pl.DataFrame, edits: pl.DataFrame) -> pl.DataFrame:
    """ORDER as learned + ORDER as edited -> what people decided, with the counts of now, and the other lines as learned."""
    counted = edits.drop(_COUNTS).join(table.select(*_KEY, *_COUNTS), on=_KEY, how="left", maintain_order="left")
    counted = counted.with_columns(pl.col(*_COUNTS).fill_null(0), why=pl.lit(_BY_HAND)).select(list(ORDER))
    return pl.concat([table.join(edits, on=_KEY, how="anti"), counted]).sort(_KEY)


def _read(path: Path) -> pl.DataFrame:
    """CSV file -> ORDER with `learned`, "" where the program had decided nothing."""
    rows: list[tuple[object, ...]] = []
    seen: dict[tuple[str, str], int] = {}
    for line, row in read_lines(path, ("order", "outlet"), OrderError):
        wrong = _find_fault(row, seen)
        if wrong:
            raise OrderError(f"{path}, line {line}: {wrong}")
        outlet, dates = row["outlet"], row.get("dates") or PAGE
        seen[outlet, dates] = line
        counts = [int(row.get(name) or 0) for name in _COUNTS]
        rows.append((row["order"], outlet, dates, *counts, row.get("why") or _BY_HAND, row.get("learned") or ""))
    return pl.DataFrame(rows, schema={**ORDER, "learned": pl.String()}, orient="row").sort(_KEY)


def _find_fault(row: dict[str, str], seen: dict[tuple[str, str], int]) -> str | None:
    """One line of a file, and the line of each outlet's dates before it -> what is wrong in it and what to do, or nothing."""
    if None in row:
        return "too many cells; put quotes around a cell that holds a comma or a quote"
    if row["order"] not in (DAY_FIRST, MONTH_FIRST, UNKNOWN):
        return f"order is {row['order']!r}; write {DAY_FIRST}, {MONTH_FIRST} or {UNKNOWN}"
    if not row["outlet"]:
        return "outlet is empty; fill it in or remove the line"
    dates = row.get("dates") or PAGE
    if dates not in (PAGE, GIVEN):
        return f"dates is {dates!r}; write {PAGE}, {GIVEN} or nothing"
    if (row["outlet"], dates) in seen:
        return f"the same outlet and dates as in line {seen[row['outlet'], dates]}; remove one"
    for name in _COUNTS:
        count = row.get(name) or "0"
        if not count.isdecimal() or len(count) > _DIGITS:
            return f"{name} is {row[name]!r}; write a number or leave it empty"
    return None
