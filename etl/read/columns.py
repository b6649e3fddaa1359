"""Which column or key of a record holds what: a person's own mapping first, then the usual names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date
from functools import lru_cache
from typing import Any

from etl.read.row import sound

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
_SPLIT = re.compile(r"\s*[,،;؛|\n]\s*")
# A byte order mark or a direction mark sticks to the first name where a table went through another program.
_JOINTS = re.compile(r"[\s_\-\ufeff\u200e\u200f]+")


def _plain(name: str) -> str:
    return _JOINTS.sub("", name).lower()


def match_columns(names: Iterable[str], mapping: Mapping[Any, str] | None = None) -> dict[str, str]:
    """Column names + a person's mapping -> role: column; a role that nothing fits is left out."""
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
        if not isinstance(value, Mapping):
            return None
        found = part if part in value else next((name for name in value if _plain(name) == part), None)
        value = value[found] if found is not None else None
    return value


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
