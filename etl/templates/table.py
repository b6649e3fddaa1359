"""The table of templates: what was learned of each repeated line of an outlet, as a file that people read and edit.

A person changes a decision, a zone, or adds a line.
"""

from __future__ import annotations

import hashlib
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Final

import polars as pl

from etl.edited_table import read_lines, write_edited
from etl.errors import UserError
from etl.templates.keys import make_keys
from schemas.templates import TEMPLATE

BETWEEN_EXAMPLES: Final = " ⏎ "
"""What parts the examples of a line in their cell."""

_KEY = ("outlet", "key")
_ROWS_AT_ONCE = 4096
"""Rows of a file that are held as Python's objects at once."""


class TemplateError(UserError):
    """A table of templates cannot be used; the message names the file, the line, and what to do."""


def rule_id(outlet: str, key: str, digits: int = 8) -> str:
    """Outlet and key -> the rule id that cuts the line."""
    return "template/" + hashlib.sha256((outlet + key).encode()).hexdigest()[:digits]


def name_rules(table: pl.DataFrame) -> pl.DataFrame:
    """TEMPLATE without rule ids -> TEMPLATE: give each row its rule id; where eight digits of two rows are the same, both get sixteen."""
    long = pl.Series(list(map(partial(rule_id, digits=16), table["outlet"], table["key"])), dtype=pl.String)
    short = long.str.slice(0, len(rule_id("", "")))
    rule = long.zip_with(short.is_duplicated(), short)
    return table.with_columns(rule=rule).select(pl.col(name).cast(dtype) for name, dtype in TEMPLATE.items())


def write_templates(table: pl.DataFrame, path: Path, edits: pl.DataFrame | None = None) -> None:
    """TEMPLATE -> a CSV file for people: a line each, the decision first, the examples parted by ⏎; `learned` is decision and zone."""
    columns = ["decision", "outlet", "key", "zone", "count", "share", "why", "examples", "rule", "learned"]
    shown = table.sort("outlet", -pl.col("count"), "key").with_columns(
        pl.col("share").round(4),
        pl.col("examples").list.join(BETWEEN_EXAMPLES),
        pl.col("zone").fill_null(""),
        learned=_decided(),
    )
    write_edited(shown.select(columns), path, _KEY, edits)


def _decided() -> pl.Expr:
    return pl.concat_str("decision", pl.col("zone").replace("", None), separator=" ", ignore_nulls=True)


def read_templates(path: Path) -> pl.DataFrame:
    """CSV file -> TEMPLATE; where an edit makes no sense, the error says what to do.

    A row needs `decision`, `outlet` and `key`; the other columns may be left empty in a row added by hand.
    """
    return _read(path)[0]


def read_edits(path: Path) -> pl.DataFrame:
    """CSV file -> TEMPLATE: the lines that a person added, or decided otherwise than `learned` says."""
    table, learned = _read(path)
    return (
        table.join(learned, on=_KEY, how="left", maintain_order="left")
        .filter(_decided() != pl.col("learned"))
        .select(list(TEMPLATE))
    )


def _read(path: Path) -> tuple[pl.DataFrame, pl.DataFrame]:
    """CSV file -> TEMPLATE, and what the program had decided of each line ("" where it had not)."""
    tables, learned = [TEMPLATE.to_frame()], [pl.Series(dtype=pl.String)]
    seen: dict[tuple[str, str], int] = {}
    lines = read_lines(path, ("decision", *_KEY, "zone"), TemplateError)
    read = (_read_row(row, seen, path, line) for line, row in lines)
    # Some at a time: as Python's objects a row takes many times what it takes in a table.
    while rows := list(islice(read, _ROWS_AT_ONCE)):
        *columns, told = zip(*rows, strict=True)
        some = pl.DataFrame(dict(zip(TEMPLATE, columns, strict=True)), schema={**TEMPLATE, "examples": pl.String})
        examples = pl.col("examples").str.split(BETWEEN_EXAMPLES).list.eval(pl.element().filter(pl.element() != ""))
        tables.append(some.with_columns(examples))
        learned.append(pl.Series(told, dtype=pl.String))
    table = pl.concat(tables)
    keys = make_keys(table["key"])
    for at in (keys != table["key"]).arg_true():
        rule, outlet, key = table.row(at)[:3]
        if not rule.startswith(rule_id(outlet, key)):  # Else the program wrote it, and it matches what it came from.
            where = f"{path}, line {seen[outlet, key]}"
            raise TemplateError(f"{where}: the key {key!r} matches no line; write it as {keys[at]!r}")
    decided = table.select(*_KEY, learned=pl.concat(learned))
    return name_rules(table.sort("outlet", -pl.col("count"), "key")), decided


def take_cuts(table: pl.DataFrame) -> pl.DataFrame:
    """TEMPLATE -> the rows that cut, without what is told of them to people."""
    return table.filter(pl.col("decision") == "cut").with_columns(
        why=pl.lit(""), examples=pl.lit([], TEMPLATE["examples"])
    )


def apply_edits(table: pl.DataFrame, edits: pl.DataFrame) -> pl.DataFrame:
    """TEMPLATE as learned + TEMPLATE as edited -> the edited lines, and the learned ones beside them."""
    learned = table.join(edits, on=_KEY, how="anti", maintain_order="left")
    return name_rules(pl.concat([learned, edits]).sort("outlet", -pl.col("count"), "key"))


def _read_row(row: dict[str, str], seen: dict[tuple[str, str], int], path: Path, line: int) -> tuple[object, ...]:
    """One line of a file, and the line of each outlet and key before it -> a row of TEMPLATE, its examples as they stand, and `learned`."""
    wrong = _find_fault(row, seen)
    if wrong:
        raise TemplateError(f"{path}, line {line}: {wrong}")
    seen[row["outlet"], row["key"]] = line
    numbers: list[float] = []
    for name, read in (("count", _read_count), ("share", float)):
        try:
            numbers.append(read(row.get(name) or 0))
        except ValueError:
            raise TemplateError(
                f"{path}, line {line}: {name} is {row[name]!r}; write a number or leave it empty"
            ) from None
    return (
        row.get("rule") or "",
        row["outlet"],
        row["key"],
        row["zone"] or None,
        *numbers,
        row["decision"],
        row.get("why") or "written by hand",
        row.get("examples") or "",
        row.get("learned") or "",
    )


def _read_count(cell: str | int) -> int:
    count = int(cell)
    if abs(count) >= 1 << 63:  # more than the table's column holds
        raise ValueError
    return count


def _find_fault(row: dict[str, str], seen: dict[tuple[str, str], int]) -> str | None:
    """One line of a file, and the line of each outlet and key before it -> what is wrong in it and what to do, or nothing."""
    if None in row or [name for name, cell in row.items() if cell is None and name != "learned"]:
        return "too many or too few cells; put quotes around a cell that holds a comma or a quote"
    if row["decision"] not in ("cut", "propose", "keep"):
        return f"decision is {row['decision']!r}; write cut, propose or keep"
    if row["zone"] not in ("before", "body", "after", ""):
        return f"zone is {row['zone']!r}; write before, after, body (anywhere) or nothing"
    if not row["outlet"] or not row["key"]:
        return "outlet or key is empty; fill it in or remove the line"
    if (row["outlet"], row["key"]) in seen:
        return f"the same outlet and key as in line {seen[row['outlet'], row['key']]}; remove one"
    return None
