"""What the models share: the form of ids, fields for text and shares, and the column table."""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple

import pandera.polars as pa
import polars as pl

ID = r"^[0-9a-f]{16}(-[0-9]+)?(\.[0-9]+)?$"
"""16 hex digits, `-2` and up for later records of the same key, `.1` and up for a second article."""
RULE = r"^[a-z]+(-[a-z]+)*/[a-z0-9]+(-[a-z0-9]+)*$"
"""A rule id, `family/name`."""
PATH = (
    "Input file relative to the source folder; of a file of records with `#` and, of CSV and JSON lines, the line of the "
    "record, else its number."
)
SHA256 = r"^[0-9a-f]{64}$"

ROLES = ["only", "representative", "copy"]
"""Parts a document can have in its cluster of near-duplicates."""
POSITIONS = ["own", "card"]
"""Whose headlines a pair is: the article's of the page, or those of another article's card."""
EMBED_KINDS = ("tweet",)
"""Kinds of embedded posts that are told."""

ROLE = (
    "Its part in the cluster. `only`: no other document tells nearly the same; `representative`: the one of several that stands "
    "for all; `copy`: another of them, left out unless `release.keep_duplicates` says otherwise."
)
WORDS = "Words in {}: runs of characters between white space, signs that stand alone among them."
SENTENCES = "Sentences in {}: words that end in . ! ? ؟ … or ۔ and closing quotes; an initial with its dot ends none."
STUTTERS = (
    "Whether {} shows signs of machine translation: an Arabic word of `3` letters or more three times in a row, or a sentence of "
    "`5` words or more twice in one paragraph. A translation without such a slip is not told."
)

PIECES = pl.List(
    pl.Struct(
        {
            "article": pl.Int32(),
            "length": pl.Int64(),
            "rule": pl.String(),
            "action": pl.String(),
            "zone": pl.String(),
            "score": pl.Float64(),
        }
    )
)
REPAIR = {
    "start": pl.Int64(),
    "end": pl.Int64(),
    "before": pl.String(),
    "after": pl.String(),
    "rule": pl.String(),
}
REPAIRS = pl.List(pl.Struct(REPAIR))
PAIR = {
    "en": pl.String(),
    "ar": pl.String(),
    "position": pl.String(),
    "ratio": pl.Float64(),
    "names": pl.Float64(),
    "numbers": pl.Boolean(),
    "verified": pl.Boolean(),
}
PAIRS = pl.List(pl.Struct(PAIR))
EMBEDS = pl.List(
    pl.Struct({name: pl.String() for name in ("kind", "text", "url", "author", "handle")} | {"date": pl.Date()})
)
GIVEN = pl.List(pl.Struct({"field": pl.String(), "source": pl.String()}))
RELATED = pl.List(pl.Struct({"ar": pl.String(), "en": pl.String(), "teaser": pl.String()}))

Table = type[pa.DataFrameModel]


def document_id(article: pl.Expr) -> pl.Expr:
    """Number of an article, beside the `id` of its page -> the id of the document: the page's own, or that and the number."""
    return pl.when(article > 0).then(pl.format("{}.{}", "id", article)).otherwise("id")


def split_id(document: str) -> tuple[str, int]:
    """Id of a document -> that of its page, and the number of the article."""
    page, _, article = document.partition(".")
    return page, int(article or 0)


def prose(description: str, *, nullable: bool = False) -> Any:
    """A field of running text: checked by type and null only, so that no failure report carries the text."""
    return pa.Field(nullable=nullable, description=description, metadata={"text": True})


def prose_list(description: str, *, nullable: bool = False) -> Any:
    """A field that is a list of texts, empty where there are none."""
    return pa.Field(
        dtype_kwargs={"inner": pl.String()},
        nullable=nullable,
        description=description,
        metadata={"text": True},
    )


def nested(dtype: pl.List, description: str, *, nullable: bool = False) -> Any:
    """A field that is a list of structs."""
    return pa.Field(
        dtype_kwargs={"inner": dtype.inner},
        nullable=nullable,
        description=description,
        metadata={"text": True},
    )


def share(description: str, *, nullable: bool = True) -> Any:
    """A field from 0 to 1; the bound above also keeps NaN out."""
    return pa.Field(ge=0, le=1, nullable=nullable, description=description)


def count(description: str) -> Any:
    """A field that counts something."""
    return pa.Field(ge=0, description=description)


class Strict(pa.DataFrameModel):
    """What holds for every table: exactly these columns, in this order, of these types; nothing is cast."""

    class Config:
        """Read by pandera."""

        strict = True
        ordered = True
        coerce = False


class Column(NamedTuple):
    """One row of a table's column table."""

    name: str
    type: str
    nullable: bool
    description: str


def columns_table(model: Table) -> list[Column]:
    """Model -> its columns in order, in the words that the card prints."""
    return [
        Column(name, type_name(polars_dtype(column.dtype)), column.nullable, column.description or "")
        for name, column in model.to_schema().columns.items()
    ]


@cache
def polars_schema(model: Table) -> pl.Schema:
    """Model -> the polars schema of its table."""
    return pl.Schema({name: polars_dtype(column.dtype) for name, column in model.to_schema().columns.items()})


def text_columns(model: Table) -> list[str]:
    """Names of the columns that hold running text, alone or nested."""
    return [name for name, column in model.to_schema().columns.items() if (column.metadata or {}).get("text")]


def polars_dtype(dtype: Any) -> pl.DataType:
    """Pandera's wrapper of a type -> the polars type in it."""
    inner = dtype.type
    return inner if isinstance(inner, pl.DataType) else inner()


def type_name(dtype: pl.DataType) -> str:
    """Polars type -> the name that a reader of any tool understands."""
    if isinstance(dtype, pl.List):
        return f"list of {type_name(_instance(dtype.inner))}"
    if isinstance(dtype, pl.Struct):
        fields = ", ".join(f"{field.name} {type_name(_instance(field.dtype))}" for field in dtype.fields)
        return f"{{{fields}}}"
    return {pl.String: "string", pl.Boolean: "bool", pl.Date: "date"}.get(type(dtype), str(dtype).lower())


def _instance(dtype: Any) -> pl.DataType:
    return dtype if isinstance(dtype, pl.DataType) else dtype()
