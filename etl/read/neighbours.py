"""Elements of a line that follow each other with nothing between them: browsers part them by style, text needs a space."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from etl.read.attributes import class_words

_JOINT = re.compile(r"</(?:a|time|span|small|button)\s*><(?:a|time|span|small|button)\b", re.IGNORECASE)
_TAG = re.compile(r"<(/?)(a|time|span|small|button)\b([^<>]*)>", re.IGNORECASE)
_BLOCKS = ("<div", "<p", "<li", "<td", "<h", "</div", "</p", "</li", "</h")
_BLOCK = re.compile(r"</?(?:div|p|li|ul|td|tr|table|h[1-6]|article|section)\b", re.IGNORECASE)
_CLASS = re.compile(r"\bclass\s*=\s*(\"[^\"]*\"|'[^']*'|[^\s>]+)", re.IGNORECASE)
_HREF = re.compile(r"\bhref\s*=\s*(\"[^\"]*\"|'[^']*'|[^\s>]+)", re.IGNORECASE)
_SAYS = frozenset(
    {
        "author", "writer", "byline", "date", "time", "day", "hour", "published", "posted", "updated", "modified", "meta",
        "info", "cat", "category", "section", "tag", "tags", "label", "badge", "comment", "comments", "view", "views",
        "hits", "read", "reading", "reader", "share", "source", "location", "caption", "credit", "count", "item", "sep",
        "separator", "divider", "icon", "src",
    }
)  # fmt: skip
"""Words of classes that say what an element is; fonts and colours cut words in two, these do not."""


@lru_cache(maxsize=1 << 12)
def _says(attributes: str) -> bool:
    found = _CLASS.search(attributes)
    return found is not None and not _SAYS.isdisjoint(class_words(found[1]))


def _are_apart(left: tuple[str, str], right: tuple[str, str]) -> bool:
    """Whether two elements, each its name and attributes, are things of their own rather than parts of a word."""
    names = {left[0], right[0]}
    if "time" in names or names == {"button"}:
        return True
    if names == {"a"}:
        # An editor that cuts a link in two leaves both halves with one address.
        addresses = [_HREF.search(attributes) for _, attributes in (left, right)]
        return (addresses[0] and addresses[0][1]) != (addresses[1] and addresses[1][1])
    return left[1] != right[1] and (_says(left[1]) or _says(right[1]))


def part_neighbours(html: str) -> str:
    """HTML -> the same with a space between neighbours that are times, links to two addresses, or classed as two things."""
    parts: list[str] = []
    done = seen = 0
    joint = _JOINT.search(html)
    while joint:
        # What stands in a line begins and ends with it: only lines that have a joint are looked at tag by tag.
        start = max(html.rfind(block, seen, joint.start()) for block in _BLOCKS)
        end = _BLOCK.search(html, joint.end() - 1)
        seen = end.start() if end else len(html)
        for place in _find_apart(html, max(start, done), seen):
            parts += (html[done:place], " ")
            done = place
        joint = _JOINT.search(html, seen)
    return "".join([*parts, html[done:]]) if parts else html


def _find_apart(html: str, start: int, end: int) -> Iterator[int]:
    """HTML and where a line of it stands -> the places in it where a space belongs."""
    ended = -1
    last = ("", "")
    still_open: list[tuple[str, str]] = []
    for tag in _TAG.finditer(html, start, end):
        name = tag[2].lower()
        if tag[1]:
            while still_open:
                last = still_open.pop()
                if last[0] == name:
                    ended = tag.end()
                    break
            continue
        right = (name, tag[3])
        if tag.start() == ended and _are_apart(last, right):
            yield ended
        if not tag[3].endswith("/"):
            still_open.append(right)
