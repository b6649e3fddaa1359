"""The row: what reading makes of one page, and the schemas of the tables it goes into."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal

import pyarrow as pa

from etl.errors import UserError

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
        ("given_source", pa.string()),
        ("given_captions", pa.list_(pa.string())),
        ("given_from", pa.list_(pa.struct([("field", pa.string()), ("source", pa.string())]))),
        ("verdict", pa.string()),
        ("verdict_value", pa.float64()),
        ("reason", pa.string()),
    ]
)
"""What reading makes of pages."""
FOUND = pa.schema([column for column in RAW if column.name not in ("id", "raw_sha256")])
"""What a reader finds: RAW without what follows from it."""
GIVEN = tuple(name.removeprefix("given_") for name in RAW.names[10:18] if name != "given_keywords")
"""What an input may say beside the text, but for keywords, which are many."""


Verdict = Literal[
    "bad-record", "binary", "bomb", "empty", "link", "missing-column", "outside", "symlink-loop", "too-deep", "too-large",
    "truncated", "undecodable", "unreadable", "unsupported",
]  # fmt: skip
"""Why a page or record cannot be read; each has its reason in `etl/data/reasons.toml`."""


class ReadError(UserError):
    """The source cannot be read at all; the message names it and says what to do."""


class ColumnError(ReadError):
    """No table of the source has the column that `read.columns` names; the command line puts the parameters' file before it."""


class Fault(Exception):  # not an error of the program: it becomes the verdict of one row
    """A page or record that cannot be read: its verdict `read/…`, the reason in words, the measured value."""

    def __init__(self, verdict: Verdict, reason: str, value: float | None = None) -> None:
        """Say what is wrong and, in `reason`, what the person can do."""
        super().__init__(reason)
        self.verdict, self.reason, self.value = f"read/{verdict}", reason, value
        self._given = verdict

    def __reduce__(self) -> tuple[type[Fault], tuple[Verdict, str, float | None]]:
        """Travel to another process whole."""
        return Fault, (self._given, self.reason, self.value)


UNSET = re.compile(r"0000-|0001-01-01|1970-01-01(?:\b|T)|1969-12-31T(?:1[2-9]|2\d)|0?1[/.-]0?1[/.-]1970")
"""What systems write that were told no date: the first day of their calendar or of their clock."""


@dataclass(slots=True)
class Page:
    """One page as a reader found it; `given` is what the input said beside the text, `said_by` where.

    `data`: its text is these bytes, if they are UTF-8; that is told for many pages at once (etl/read/found.py).
    """

    path: str
    raw: str = ""
    data: bytes | None = None
    encoding: str | None = None
    encoding_score: float | None = None
    source_sha256: str | None = None
    extractor: str | None = None
    url: str | None = None
    outlet: str | None = None
    given: dict[str, str] = field(default_factory=dict)
    keywords: list[str] = field(default_factory=list)
    captions: list[str] = field(default_factory=list)
    said_by: dict[str, str] = field(default_factory=dict)
    fault: Fault | None = None

    def give(self, name: str, value: str | list[str], source: str) -> None:
        """Take what the input says of one field, unless something said it before."""
        if name in self.said_by or not value or (name == "date" and isinstance(value, str) and UNSET.match(value)):
            return
        if name == "keywords":
            self.keywords = [sound(word) for word in ([value] if isinstance(value, str) else value)]
        elif isinstance(value, str):
            self.given[name] = sound(value)
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
