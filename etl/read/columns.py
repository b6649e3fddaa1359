"""Which column or key of a record holds what: the names that a person gave first, then the usual ones."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from functools import lru_cache
from typing import Any

from etl.read.row import ColumnError, sound

USUAL: dict[str, tuple[str, ...]] = {
    "text": (
        "text", "content", "body", "article", "articletext", "articlebody", "fulltext", "maintext",
        "contenttext", "bodytext", "postcontent", "newscontent", "newstext", "newsbody", "rawtext", "rawcontent", "plaintext", "page", "document", "story", "raw",
        "النص", "نص", "المحتوى", "نصالخبر", "الخبر", "المقال",
    ),
    "html": ("html", "rawhtml", "contenthtml", "pagehtml", "htmlcontent", "bodyhtml"),
    "url": (
        "url", "link", "href", "uri", "pageurl", "articleurl", "sourceurl", "originalurl", "canonicalurl",
        "permalink", "weburl", "warctargeturi", "warcheaders.warctargeturi", "metadata.url", "meta.url",
        "الرابط", "رابط",
    ),
    "date": (
        "date", "publishdate", "publisheddate", "publicationdate", "datepublished", "pubdate", "publishedat",
        "published", "articledate", "datepublish", "dateextracted", "postdate", "newsdate", "timestamp", "time", "datetime",
        "التاريخ", "تاريخ",
    ),
    "title": ("title", "headline", "articletitle", "pagetitle", "posttitle", "newstitle", "heading", "العنوان", "عنوان"),
    "id": ("id", "docid", "documentid", "articleid", "pageid", "uid", "uuid", "guid"),
    "outlet": (
        "outlet", "site", "sitename", "publisher", "newspaper", "website", "sourcename", "sourcedomain",
        "domain", "source", "المصدر",
    ),
    "author": ("author", "authors", "byline", "writer", "creator", "الكاتب"),
    "category": ("category", "section", "topic", "label", "articlesection", "categories", "التصنيف", "القسم"),
    "keywords": (
        "keywords", "tags", "keyword", "newskeywords", "الكلماتالمفتاحية", "كلماتمفتاحية", "كلماتدلالية",
    ),
}  # fmt: skip
"""The usual names of each role, best first; compared without case, spaces, `_` and `-`."""
TEXTS = frozenset({"text", "html"})
"""The roles that hold the page itself."""
SHOWN = 50
"""Columns of a source that a message names at most."""
_SPLIT = re.compile(r"\s*[,،;؛|\n]\s*")
# A byte order mark or a direction mark sticks to the first name where a table went through another program.
_JOINTS = re.compile(r"[\s_\-\ufeff\u200e\u200f]+")


def _plain(name: str) -> str:
    return _JOINTS.sub("", name).lower()


class Columns:
    """What a person named of a source's columns, and what of it is there: asked for each table and each record.

    A named column that a table or record has is taken for its role; only where it has none of them the usual names are
    tried. `seen` and `found` say of the whole source which columns it has and which named ones are among them.
    """

    def __init__(self, named: Mapping[Any, Iterable[str]] | None = None) -> None:
        """Begin with nothing seen; `named` says for a role the names to try, in order."""
        self.named = {str(role): tuple(names) for role, names in (named or {}).items()}
        self.seen: dict[str, None] = {}
        self.found: set[str] = set()
        self._last: list[str] = []

    def match(self, record: Mapping[str, Any]) -> dict[str, str]:
        """Record, or a table's columns with what is inside of them -> role: column; a role that nothing fits is left out."""
        if not self.named:
            return match_columns(record)
        names = list(record)
        if names != self._last and len(self.seen) < SHOWN:
            self.seen.update(dict.fromkeys(_inside(record)))
            self._last = names
        mapping: dict[str, str] = {}
        for role, asked in self.named.items():
            there = {name: place for name in asked if (place := _find(record, name)) is not None}
            self.found.update(there)
            if there:
                mapping[role] = next(iter(there.values()))
        return match_columns(names, mapping)

    def learn(self, seen: Iterable[str], found: Iterable[str]) -> None:
        """Take what was seen of another part of the source."""
        self.seen.update(dict.fromkeys(seen))
        self.found.update(found)

    def check(self) -> str:
        """Raise ColumnError where none of the source's tables and records has a named text; return which other names none has.

        A source without any is none's business, and the empty text says that every name is somewhere.
        """
        lost = [(role, name) for role, names in self.named.items() for name in names if name not in self.found]
        if not lost or not self.seen:
            return ""
        names = ", ".join(f"{name!r} (read.columns.{role})" for role, name in lost)
        there = ", ".join(map(repr, list(self.seen)[:SHOWN]))
        words = f"no table or record of the source has a column {names}; there are {there}"
        texts = [name for role, names in self.named.items() if role in TEXTS for name in names]
        if texts and self.found.isdisjoint(texts):
            raise ColumnError(f"{words}; correct the name, or take it out and the usual names are tried")
        return words


def _inside(record: Mapping[str, Any]) -> Iterator[str]:
    """Yield the names of a record, of an object in it those inside."""
    for name, value in record.items():
        yield from (f"{name}.{key}" for key in value) if isinstance(value, Mapping) and value else (name,)


def _find(record: Mapping[str, Any], column: str) -> str | None:
    """Return a column as the record writes it, inside objects where its name has dots; None where it has none."""
    whole = _key(record, column)
    if whole is not None:
        return whole
    value: Any = record
    place: list[str] = []
    for part in column.split("."):
        key = _key(value, part) if isinstance(value, Mapping) else None
        if key is None:
            return None
        place.append(key)
        value = value[key]
    return ".".join(place)


def match_columns(names: Iterable[str], mapping: Mapping[str, str] | None = None) -> dict[str, str]:
    """Column names + those taken for a role already -> role: column; a role that nothing fits is left out."""
    return dict(_match(tuple(names), tuple(sorted((mapping or {}).items()))))


@lru_cache(maxsize=256)
def _match(names: tuple[str, ...], mapping: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    chosen = dict(mapping)
    given_text = not TEXTS.isdisjoint(chosen)
    plain: dict[str, str] = {}
    for name in names:
        plain.setdefault(_plain(name), name)
    taken = set(chosen.values())
    for role, usual in USUAL.items():
        if role in chosen or (role in TEXTS and given_text):
            continue
        for guess in usual:
            column = plain.get(guess.partition(".")[0])
            if column is not None and column not in taken:
                chosen[role] = guess if "." in guess else column
                taken.add(chosen[role])
                break
    return tuple(chosen.items())


def look_up(record: Mapping[str, Any], column: str) -> Any:
    """Return a record's value under a column, inside objects where its name has dots; None without one."""
    if column in record:
        return record[column]
    value: Any = record
    for part in column.split("."):
        found = _key(value, part) if isinstance(value, Mapping) else None
        value = value[found] if found is not None else None
    return value


def _key(record: Mapping[str, Any], name: str) -> str | None:
    """Return a name as the record writes it, in whatever case, with whatever joints."""
    if name in record:
        return name
    plain = _plain(name)
    return next((key for key in record if _plain(key) == plain), None)


def as_text(value: Any) -> str | None:
    """Return a value as text: paragraphs joined by line feeds, dates in ISO form; None if it says nothing."""
    if isinstance(value, str):
        return sound(value)
    if value is None or isinstance(value, bool | bytes | dict):
        return None
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list | tuple):
        parts = [part for part in map(as_text, value) if part]
        return "\n".join(parts) if parts else None
    return None if value != value else str(value)  # NaN is how a table says nothing


def as_words(value: Any) -> list[str]:
    """Return keywords as a list: a list as it is, a string split at commas and the like."""
    if isinstance(value, list | tuple):
        return unique(" ".join((as_text(part) or "").split()) for part in value)
    return split_words(as_text(value) or "")


def split_words(text: str) -> list[str]:
    """Split a string of keywords at commas, semicolons, bars and line feeds, Latin or Arabic."""
    return unique(" ".join(word.split()) for word in _SPLIT.split(text))


def unique(words: Iterable[str]) -> list[str]:
    """Return the words that are not empty, once each, in order."""
    return list(dict.fromkeys(word for word in words if word))
