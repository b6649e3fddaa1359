"""The table of orders: whether an outlet writes the day or the month first, as a file that people read and edit.

A person changes an order or adds an outlet; what they wrote stands when the corpus is learned from again.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import polars as pl

from etl.errors import UserError

DAY_FIRST: Final = "day-first"
MONTH_FIRST: Final = "month-first"
UNKNOWN: Final = "unknown"
"""Dates of the outlet that can be read both ways stay null where nothing on their page decides."""

ORDER = pl.Schema(
    {
        "order": pl.String(),
        "outlet": pl.String(),
        "day_first": pl.Int64(),
        "month_first": pl.Int64(),
        "neither": pl.Int64(),
        "why": pl.String(),
    }
)
"""The table of orders, a row an outlet whose date lines have numbers for months: pages on which only the day can come first,
only the month, and pages that show neither."""
_COUNTS = ("day_first", "month_first", "neither")
_BY_HAND = "written by hand"


class OrderError(UserError):
    """A table of orders cannot be used; the message names the file, the line, and what to do."""


def write_orders(table: pl.DataFrame, path: Path, edits: pl.DataFrame | None = None) -> None:
    """ORDER -> a CSV file for people, a line an outlet.

    The column `learned` repeats what the program decided. A line whose order is another one, or that has nothing there, is
    a person's; those of `edits` stay so.
    """
    by_hand = table["outlet"].is_in(edits["outlet"].implode()) if edits is not None else pl.lit(False)
    learned = pl.when(by_hand).then(pl.lit("")).otherwise("order")
    # The byte order mark tells spreadsheets that this is UTF-8.
    shown = table.sort("outlet").with_columns(learned=learned)
    shown.write_csv(path, quote_style="necessary", include_bom=True)


def read_orders(path: Path) -> pl.DataFrame:
    """CSV file -> ORDER; where an edit makes no sense, the error says what to do.

    A row needs `order` and `outlet`; the other columns may be left empty in a row added by hand.
    """
    return _read(path).select(list(ORDER))


def read_order_edits(path: Path) -> pl.DataFrame:
    """CSV file -> ORDER: the outlets that a person added, or decided otherwise than `learned` says."""
    return _read(path).filter(pl.col("order") != pl.col("learned")).select(list(ORDER))


def apply_order_edits(table: pl.DataFrame, edits: pl.DataFrame) -> pl.DataFrame:
    """ORDER as learned + ORDER as edited -> what people decided, with the counts of now, and the other outlets as learned."""
    counted = edits.select("order", "outlet", "why").join(
        table.select("outlet", *_COUNTS), on="outlet", how="left", maintain_order="left"
    )
    counted = counted.with_columns(pl.col(*_COUNTS).fill_null(0), why=pl.lit(_BY_HAND)).select(list(ORDER))
    return pl.concat([table.join(edits, on="outlet", how="anti"), counted]).sort("outlet")


def _read(path: Path) -> pl.DataFrame:
    """CSV file -> ORDER with `learned`, "" where the program had decided nothing."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = _read_lines(file, path)
    except UnicodeDecodeError as error:
        raise OrderError(f"{path}: not UTF-8; save it as a CSV file in UTF-8") from error
    return pl.DataFrame(rows, schema={**ORDER, "learned": pl.String()}, orient="row").sort("outlet")


def _read_lines(file: Iterable[str], path: Path) -> list[tuple[object, ...]]:
    reader = csv.DictReader(file)
    missing = {"order", "outlet"} - set(reader.fieldnames or ())
    if missing:
        raise OrderError(
            f"{path}, line 1: no column {', '.join(sorted(missing))}; put back the one that the program wrote, with commas"
        )
    rows: list[tuple[object, ...]] = []
    seen: dict[str, int] = {}
    for row in reader:
        line = reader.line_num
        wrong = _find_fault(row, seen)
        if wrong:
            raise OrderError(f"{path}, line {line}: {wrong}")
        seen[row["outlet"]] = line
        counts = [int(row.get(name) or 0) for name in _COUNTS]
        rows.append((row["order"], row["outlet"], *counts, row.get("why") or _BY_HAND, row.get("learned") or ""))
    return rows


def _find_fault(row: dict[str, str], seen: dict[str, int]) -> str | None:
    """One line of a file, and the line of each outlet before it -> what is wrong in it and what to do, or nothing."""
    if None in row:
        return "too many cells; put quotes around a cell that holds a comma or a quote"
    if row["order"] not in (DAY_FIRST, MONTH_FIRST, UNKNOWN):
        return f"order is {row['order']!r}; write {DAY_FIRST}, {MONTH_FIRST} or {UNKNOWN}"
    if not row["outlet"]:
        return "outlet is empty; fill it in or remove the line"
    if row["outlet"] in seen:
        return f"the same outlet as in line {seen[row['outlet']]}; remove one"
    for name in _COUNTS:
        if not (row.get(name) or "0").isdecimal():
            return f"{name} is {row[name]!r}; write a number or leave it empty"
    return None
