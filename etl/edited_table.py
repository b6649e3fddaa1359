"""Tables that the corpus teaches and people edit: CSV files whose column `learned` repeats what the program decided.

A line that says otherwise than `learned`, or that has nothing there, is a person's, and stands when the corpus is learned from
again.
"""

from __future__ import annotations

import csv
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

import polars as pl

from etl.errors import UserError


def write_edited(shown: pl.DataFrame, path: Path, key: Sequence[str], edits: pl.DataFrame | None) -> None:
    """Table with `learned` -> a CSV file for people; the lines of `edits`, told by their `key`, stay a person's."""
    if edits is not None:
        by_hand = edits.select(*key, _hand=pl.lit(""))
        shown = shown.join(by_hand, on=key, how="left", maintain_order="left")
        shown = shown.with_columns(learned=pl.coalesce("_hand", "learned")).drop("_hand")
    # The byte order mark tells spreadsheets that this is UTF-8.
    shown.write_csv(path, quote_style="necessary", include_bom=True)


def read_lines(path: Path, needed: Collection[str], error: type[UserError]) -> Iterator[tuple[int, dict[str, str]]]:
    """CSV file -> the number of each line and its cells; `error` where it is not UTF-8 or lacks a column that is needed."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            missing = ", ".join(sorted(set(needed) - set(reader.fieldnames or ())))
            if missing:
                raise error(
                    f"{path}, line 1: no column {missing}; put back the one that the program wrote, with commas"
                )
            for row in reader:
                yield reader.line_num, row
    except UnicodeDecodeError as fault:
        raise error(f"{path}: not UTF-8; save it as a CSV file in UTF-8") from fault
