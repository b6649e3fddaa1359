"""Validation that bites: tables against their models, and documents against the law that a record replays.

A failure raises `InvalidTable`, whose message names the file, the documents, the column, the value and
what to do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import pandera.errors
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
from pandera.polars import PolarsData

from etl.arrays import Bytes, Ints
from etl.buffers import array_bytes, slices, text_bytes
from etl.edits import Repair, replay
from etl.errors import UserError
from etl.tiles import Pieces, Tiles, byte_places, lay_tiles, list_pieces
from schemas.columns import Table, polars_schema, text_columns
from schemas.doc import DOC, Doc

_SHOWN = 5
"""Documents that a message names for one broken rule."""
_WIDTH = 60
"""Code points of a value that a message shows."""
_ADVICE = {
    "column_in_dataframe": "the stage that writes this table must fill the column",
    "column_in_schema": "drop the column, or describe it in the table's model in schemas/",
    "column_ordered": "select the columns in the order of the table's model in schemas/",
    "dtype": "cast the column where it is made; nothing is cast on the way out",
    "not_nullable": "fill the column where it is made, or allow null in the table's model in schemas/",
    "field_uniqueness": "an id names one document: give later records of the same key -2, -3",
    "end after start": "offsets are half-open code points: end lies after start",
    "end not before start": "offsets are half-open code points: end does not lie before start",
}
_OTHERWISE = "mend the value in the stage that writes the column"


class InvalidTable(UserError):
    """A table that breaks its model or its law; nothing is written from it."""


class Breach(NamedTuple):
    """One broken rule: where, in which documents, what was found, and what to do."""

    column: str
    rule: str
    ids: list[str]
    found: str
    total: int
    advice: str


def validate_frame(df: pl.DataFrame, model: Table, where: str) -> pl.DataFrame:
    """Frame -> the same frame, if it is exactly what its model says; `where` is the file in the message."""
    if df.columns == polars_schema(model).names() and passes_all([df], model):
        return df
    # Long text would only fatten the report of a failure; its type and nulls are all that models check of it.
    short = [pl.col(name).str.slice(0, _WIDTH) for name in text_columns(model) if df.schema.get(name) == pl.String]
    try:
        model.validate(df.with_columns(short), lazy=True)
    except pandera.errors.SchemaErrors as error:
        raise InvalidTable(_message(where, model.__name__, _breaches(error.failure_cases, df))) from None
    return df


def passes_all(frames: Sequence[pl.DataFrame], model: Table) -> bool:
    """Whether every check of the model holds, asked in one pass; false also where that cannot be said.

    The columns of a table may lie in several frames, each with all its values at least once; the checks of rows are asked of the
    first. The models decide and report; for a batch that is well, this costs a hundredth of what asking them costs.
    """
    if {name: kind for df in frames for name, kind in df.schema.items()} != dict(polars_schema(model)):
        return False
    tests = [_test_of(model, tuple(df.columns)) for df in frames]
    if any(test is None for test in tests):
        return False
    return all(df.select(test).item() for df, test in zip(frames, tests, strict=True)) and all(
        check._check_fn(PolarsData(frames[0].lazy())).collect().to_series().all() for check in model.to_schema().checks
    )


@cache
def _test_of(model: Table, columns: tuple[str, ...]) -> pl.Expr | None:
    """Model, some of its columns -> one aggregate, true where their checks hold; none where one is of another kind."""
    tests = _tests_of(model)
    return None if tests is None else pl.all_horizontal(True, *(test for name in columns for test in tests[name]))


def _tests_of(model: Table) -> dict[str, list[pl.Expr]] | None:
    """Model -> by column one aggregate a check, true where it holds; none where a check is of another kind."""
    schema = model.to_schema()
    if schema.unique:
        return None
    tests: dict[str, list[pl.Expr]] = {}
    for name, column in schema.columns.items():
        value = pl.col(name)
        mine = tests[name] = []
        if not column.nullable:
            mine.append(value.null_count() == 0)
        if column.unique:
            mine.append(value.is_unique().all())
        for check in column.checks:
            if check.name not in _ASKED:
                return None
            mine.append(_ASKED[check.name](value, next(iter(check.statistics.values()))).all())
    return tests


_ASKED: dict[str | None, Callable[[pl.Expr, Any], pl.Expr]] = {
    "isin": lambda value, allowed: value.is_in(list(allowed)),
    "less_than": lambda value, bound: value < bound,
    "less_than_or_equal_to": lambda value, bound: value <= bound,
    "greater_than_or_equal_to": lambda value, bound: value >= bound,
    "str_matches": lambda value, pattern: value.str.contains(pattern),
}


def validate_docs(df: pl.DataFrame, where: str = "documents") -> pl.DataFrame:
    """Doc -> the same Doc, if it keeps its model and each record replays.

    The pieces of a page tile it; the pieces that no rule cut are the text of each article; raw through its
    repairs is the page.
    """
    validate_tiles(df, None, where)
    return df


def validate_tiles(
    df: pl.DataFrame,
    children: pl.DataFrame | None,
    where: str,
    pieces_of: pa.ListArray | None = None,
) -> Tiles:
    """Doc, as `validate_docs` takes it -> the tiles of its pages, in order, if all is well.

    `children` are the second articles of these pages (id, parent_id, text, raw_sha256), where they are not all in `df`
    itself; `pieces_of` are the pieces of each document, where `df` is without them.
    """
    if pieces_of is None:
        validate_frame(df, Doc, where)
        pieces = list_pieces(df["pieces"].rechunk().to_arrow(compat_level=pl.CompatLevel.newest()))
    else:
        validate_frame(df.with_columns(pieces=pl.lit(None, DOC["pieces"])).select(list(DOC)), Doc, where)
        pieces = list_pieces(pieces_of)
    breaches: list[Breach] = []
    if children is None:
        children = df.filter(pl.col("parent_id").is_not_null())
        breaches += _check_orphans(df, children)
    breaches += _check_lengths(df)
    repairs = df.select("repairs").with_row_index("doc").explode("repairs").drop_nulls("repairs").unnest("repairs")
    breaches += _check_pages(df, pieces, repairs)
    if not breaches:
        tiles = lay_tiles(df, pieces)
        breaches += _check_texts(df, children, tiles)
        breaches += _check_repairs(df, repairs)
    if breaches:
        raise InvalidTable(_message(where, Doc.__name__, breaches))
    return tiles


def _check_orphans(df: pl.DataFrame, children: pl.DataFrame) -> Iterable[Breach]:
    lost = children.filter(~pl.col("parent_id").is_in(df["id"].to_list()))
    if len(lost):
        yield _breach(lost, "parent_id", "the page is missing", "a second article goes with the page it stood in")


def _rows_where(df: pl.DataFrame, wrong: pl.Expr) -> list[int]:
    return df.select(wrong.arg_true()).to_series().to_list()


def _check_lengths(df: pl.DataFrame) -> Iterable[Breach]:
    wrong = _rows_where(df, pl.col("text").str.len_chars() != pl.col("n_chars"))
    if wrong:
        yield _breach(df[wrong], "n_chars", "is not the length of text in code points", _OTHERWISE)


def _check_pages(df: pl.DataFrame, pieces: Pieces, repairs: pl.DataFrame) -> Iterable[Breach]:
    """What must hold before the pieces can be laid over their pages."""
    page = pl.col("parent_id").is_null()
    for column in ("page", "raw"):
        missing = _rows_where(df, page & pl.col(column).is_null())
        if missing:
            yield _breach(df[missing], column, "is null", "only a second article, with a parent_id, has no page")
    misplaced = _rows_where(df, page & pl.col("id").str.contains(".", literal=True))
    if misplaced:
        yield _breach(df[misplaced], "parent_id", "is null", "an id with a dot is a second article's: name its page")
    labels = pieces.labels
    half = (labels["rule"].is_null() != labels["action"].is_null()).to_numpy()
    unclear = (pieces.length < 0) | half[pieces.label]
    if unclear.any():
        yield _breach(
            df[np.unique(pieces.doc[unclear])],
            "pieces",
            "a piece that ends before it starts, or a rule without action",
            "a piece has a length of at least 0, and an action exactly where it has a rule",
        )
    sums = pieces.sum_by_page(pieces.length)
    sizes = df["page"].str.len_chars().fill_null(0).to_numpy().astype(np.int64)
    torn = np.flatnonzero(sums != sizes)
    if len(torn):
        yield _breach(
            df[torn],
            "pieces",
            f"lengths add up to {sums[torn[0]]}, the page has {sizes[torn[0]]} code points",
            "a stage dropped or edited a piece: pieces tile their page",
        )
    backwards = repairs.filter(pl.col("end") < pl.col("start"))["doc"].unique().sort()
    if len(backwards):
        yield _breach(df[backwards], "repairs", "a repair that ends before it starts", _ADVICE["end not before start"])


def _check_texts(df: pl.DataFrame, children: pl.DataFrame, tiles: Tiles) -> Iterable[Breach]:
    """Pages minus their cuts against the texts, on the bytes of all pages at once."""
    pages = df["parent_id"].is_null()
    text, text_at = text_bytes(pl.select(pl.when(pages).then(df["text"])).to_series())
    own = tiles.stays & (tiles.pieces.article == 0)
    sizes = np.diff(tiles.bounds)
    kept, lengths = tiles.join(own), tiles.pieces.sum_by_page(sizes * own)
    if not (np.array_equal(lengths, np.diff(text_at)) and np.array_equal(kept, text)):
        kept_at = np.append(0, np.cumsum(lengths))
        wrong_rows = [
            row
            for row in range(len(df))
            if not np.array_equal(kept[kept_at[row] : kept_at[row + 1]], text[text_at[row] : text_at[row + 1]])
        ]
        yield _breach(
            df[wrong_rows],
            "text",
            "is not the page minus its cuts",
            "text is edited nowhere: it is the pieces that no rule cut, joined",
        )
    told: dict[str, bytes] = {}
    spliced = np.flatnonzero((tiles.pieces.article > 0) & tiles.stays & (sizes > 0))
    ids, articles = df["id"].gather(tiles.doc[spliced]).to_list(), tiles.pieces.article[spliced].tolist()
    for row, name, article in zip(spliced.tolist(), ids, articles, strict=True):
        child = f"{name}.{article}"
        told[child] = told.get(child, b"") + tiles.data[tiles.bounds[row] : tiles.bounds[row + 1]].tobytes()
    parents = df.select("id", "parent_id", "raw_sha256").filter(pages)
    yield from _check_children(parents.select(parent_id="id", _sha256="raw_sha256"), children, told)


def _check_children(pages: pl.DataFrame, children: pl.DataFrame, told: dict[str, bytes]) -> Iterable[Breach]:
    mine = children.join(pages, on="parent_id", maintain_order="left")
    texts = dict(zip(mine["id"].to_list(), mine["text"].to_list(), strict=True))
    unwritten = sorted(set(told) - set(texts))
    if unwritten:
        yield Breach(
            "pieces",
            "a second article without a record",
            unwritten,
            "",
            len(unwritten),
            "each article of a page that keeps text is a record of its own",
        )
    wrong = [name for name, text in texts.items() if text.encode() != told.get(name, b"")]
    if wrong:
        yield _breach(
            mine.filter(pl.col("id").is_in(wrong)),
            "text",
            "is not its pieces of the parent's page",
            "text is edited nowhere: it is the pieces that no rule cut, joined",
        )
    strange = mine.filter(pl.col("raw_sha256") != pl.col("_sha256"))
    if len(strange):
        yield _breach(strange, "raw_sha256", "is not its parent's", _OTHERWISE)


def _check_repairs(df: pl.DataFrame, repairs: pl.DataFrame) -> Iterable[Breach]:
    touched = df["repairs"].list.len().fill_null(0) > 0
    wrong = _rows_where(df, ~pl.lit(touched) & (pl.col("raw") != pl.col("page")))
    rows = touched.arg_true()
    if len(rows) and not _all_replay(df["raw"].gather(rows), df["page"].gather(rows), repairs):
        # One by one, to name those that do not.
        for at in rows.to_list():
            row = df.select("raw", "page", "repairs").row(at, named=True)
            try:
                replayed = replay(row["raw"], (Repair(**repair) for repair in row["repairs"]))
            except ValueError:
                replayed = None
            if replayed != row["page"]:
                wrong.append(at)
    if wrong:
        yield _breach(
            df[sorted(wrong)],
            "repairs",
            "raw through its repairs is not the page",
            "every change to the page is a repair, in order and without overlap",
        )


def _all_replay(raws: pl.Series, pages: pl.Series, repairs: pl.DataFrame) -> bool:
    """Raw and repaired pages, the repairs of all in order -> whether `replay` gives each, asked of all bytes at once."""
    sizes = raws.str.len_chars().to_numpy().astype(np.int64)
    doc, low, high = (repairs[name].to_numpy().astype(np.int64) for name in ("doc", "start", "end"))
    doc = np.cumsum(np.diff(doc, prepend=doc[0]) > 0)  # Of the repaired pages alone.
    if (low < 0).any() or (low > high).any() or (high > sizes[doc]).any():
        return False
    low, high = (places + (np.cumsum(sizes) - sizes)[doc] for places in (low, high))
    if (low[1:] < high[:-1]).any():
        return False
    (raw, raw_at), (page, page_at) = text_bytes(raws), text_bytes(pages)
    (before, before_at), (after, after_at) = text_bytes(repairs["before"]), text_bytes(repairs["after"])
    low, high = byte_places(raw, np.column_stack((low, high)).ravel()).reshape(-1, 2).T
    longer = np.diff(after_at) - np.diff(before_at)
    grown = np.bincount(doc, weights=longer, minlength=len(raws)).astype(np.int64)
    if not (
        np.array_equal(high - low, np.diff(before_at)) and np.array_equal(np.diff(raw_at) + grown, np.diff(page_at))
    ):
        return False
    there = low + np.cumsum(longer) - longer
    old, kept = _part(raw, low, high)
    new, same = _part(page, there, there + np.diff(after_at))
    return np.array_equal(old, before) and np.array_equal(new, after) and np.array_equal(kept, same)


def _part(data: Bytes, low: Ints, high: Ints) -> tuple[Bytes, Bytes]:
    """Bytes, and spans of them in order and without overlap -> the bytes in the spans, and those between them."""
    bounds = np.concatenate(([0], np.column_stack((low, high)).ravel(), [len(data)]))
    parts = slices(data, bounds)
    inside = pa.array(np.arange(len(parts)) % 2 == 1)
    return array_bytes(parts.filter(inside)), array_bytes(parts.filter(pc.invert(inside)))


def _breach(rows: pl.DataFrame, column: str, rule: str, advice: str) -> Breach:
    value = _show(rows[column][0]) if column in rows.columns and rows[column].dtype != pl.List else ""
    return Breach(column, rule, rows["id"].head(_SHOWN).to_list(), value, len(rows), advice)


def _breaches(cases: pl.DataFrame, df: pl.DataFrame) -> list[Breach]:
    """Pandera's failure cases -> breaches, one for each column and check."""
    wrong_types = cases.filter(pl.col("check").str.starts_with("dtype("))["column"].to_list()
    breaches = []
    for (column, check), rows in cases.group_by("column", "check", maintain_order=True):
        # The checks of a column of the wrong type fail only because of its type.
        if column in wrong_types and not str(check).startswith("dtype("):
            continue
        name = str(check).split("(")[0]
        at = rows["index"].drop_nulls().to_list()
        ids = df["id"].gather(at[:_SHOWN]).to_list() if "id" in df.columns and at else []
        found = rows["failure_case"][0]
        about = str(found) if name in ("column_in_dataframe", "column_in_schema") else str(column)
        breaches.append(
            Breach(
                about if about != "None" else "start, end",
                str(check),
                [_show(i) or "null" for i in ids],
                _show(found),
                max(len(at), 1),
                _ADVICE.get(name, _OTHERWISE),
            )
        )
    return breaches


def _show(value: object) -> str:
    shown = str(value).replace("\n", "⏎")
    return shown if len(shown) <= _WIDTH else shown[: _WIDTH - 1] + "…"


def _message(where: str, table: str, breaches: list[Breach]) -> str:
    lines = [f"{where}: {table} breaks {len(breaches)} of its rules"]
    for breach in breaches:
        named = ", ".join(breach.ids)
        more = f" and {breach.total - len(breach.ids)} more" if breach.total > len(breach.ids) > 0 else ""
        documents = f"; document {named}{more}" if named else ""
        found = f"; found {breach.found!r}" if breach.found else ""
        lines.append(f"  column {breach.column!r}: {breach.rule}{found}{documents}. To do: {breach.advice}.")
    return "\n".join(lines)
