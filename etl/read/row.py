"""The row: what reading makes of one page, and the table it goes into."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import PurePosixPath
from typing import NamedTuple

import pyarrow as pa

from etl.errors import UserError
from etl.read.identity import page_key
from etl.read.params import ReadParams
from etl.values import outlet_from_url

RAW = pa.schema(
    [
        ("id", pa.string()),
        ("path", pa.string()),
        ("url", pa.string()),
        ("outlet", pa.string()),
        ("raw", pa.string()),
        ("encoding", pa.string()),
        ("encoding_score", pa.float64()),
        ("raw_sha256", pa.string()),
        ("source_sha256", pa.string()),
        ("extractor", pa.string()),
        ("given_id", pa.string()),
        ("given_title", pa.string()),
        ("given_date", pa.string()),
        ("given_author", pa.string()),
        ("given_category", pa.string()),
        ("given_keywords", pa.list_(pa.string())),
        ("given_outlet", pa.string()),
        ("given_from", pa.list_(pa.struct([("field", pa.string()), ("source", pa.string())]))),
        ("verdict", pa.string()),
        ("verdict_value", pa.float64()),
        ("reason", pa.string()),
    ]
)


class ReadError(UserError):
    """The source cannot be read at all; the message names it and says what to do."""


class Fault(Exception):  # not an error of the program: it becomes the verdict of one row
    """A page or record that cannot be read: its verdict `read/…`, the reason in words, the measured value."""

    def __init__(self, verdict: str, reason: str, value: float | None = None) -> None:
        """Say what is wrong and, in `reason`, what the person can do."""
        super().__init__(reason)
        self.verdict, self.reason, self.value = f"read/{verdict}", reason, value

    def __reduce__(self) -> tuple[type[Fault], tuple[str, str, float | None]]:
        """Travel to another process whole."""
        return Fault, (self.verdict.removeprefix("read/"), self.reason, self.value)


@dataclass(slots=True)
class Page:
    """One page as a reader found it; `given` is what the input said beside the text, `said_by` where."""

    path: str
    raw: str = ""
    encoding: str | None = None
    encoding_score: float | None = None
    source_sha256: str | None = None
    extractor: str | None = None
    url: str | None = None
    outlet: str | None = None
    given: dict[str, str] = field(default_factory=dict)
    keywords: list[str] = field(default_factory=list)
    said_by: dict[str, str] = field(default_factory=dict)
    fault: Fault | None = None

    def give(self, name: str, value: str | list[str], source: str) -> None:
        """Take what the input says of one field, unless something said it before."""
        if name in self.said_by or not value:
            return
        if name == "keywords":
            self.keywords = [value] if isinstance(value, str) else value
        elif isinstance(value, str):
            self.given[name] = value
        else:
            return
        self.said_by[name] = source


def sound(text: str) -> str:
    """Return the text with lone surrogates, which no UTF-8 can carry, as U+FFFD."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


class Row(NamedTuple):
    """The columns of RAW, in order."""

    id: str
    path: str
    url: str | None
    outlet: str | None
    raw: str
    encoding: str | None
    encoding_score: float | None
    raw_sha256: str
    source_sha256: str | None
    extractor: str | None
    given_id: str | None
    given_title: str | None
    given_date: str | None
    given_author: str | None
    given_category: str | None
    given_keywords: list[str]
    given_outlet: str | None
    given_from: list[dict[str, str]]
    verdict: str | None
    verdict_value: float | None
    reason: str | None


def to_row(page: Page, params: ReadParams) -> Row:
    """Page -> Row; `id` is still the page's key, without a number."""
    page.raw = sound(page.raw)
    digest = sha256(page.raw.encode()).hexdigest()
    fault = page.fault
    if fault is None and not page.raw.strip():
        fault = Fault("empty", f"{page.path}: there is no text in it")
    given = page.given
    outlet = page.outlet or outlet_from_url(page.url)
    if outlet is None and params.outlet_from_folder:
        parts = PurePosixPath(page.path.partition("#")[0]).parts
        outlet = parts[0] if len(parts) > 1 else None
    return Row(
        page_key(page.url, digest if page.raw else None, page.path),
        page.path,
        page.url,
        outlet,
        page.raw,
        page.encoding,
        page.encoding_score,
        digest,
        page.source_sha256,
        page.extractor,
        given.get("id"),
        given.get("title"),
        given.get("date"),
        given.get("author"),
        given.get("category"),
        page.keywords,
        given.get("outlet"),
        [{"field": name, "source": source} for name, source in sorted(page.said_by.items())],
        fault.verdict if fault else None,
        fault.value if fault else None,
        fault.reason if fault else None,
    )


def to_table(rows: Sequence[Row]) -> pa.Table:
    """Rows -> a table of RAW."""
    columns = zip(*rows, strict=True) if rows else ([] for _ in RAW)
    arrays = [pa.array(values, type=field.type) for values, field in zip(columns, RAW, strict=True)]
    return pa.table(arrays, schema=RAW)
