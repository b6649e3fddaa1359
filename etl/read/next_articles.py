"""Articles that a page shows below its own, as sites do that load the next one where a reader reaches the end."""

from __future__ import annotations

import re

from lxml import etree
from lxml.etree import _Element as Element
from lxml.html import document_fromstring

from etl.dates import parse_date
from etl.read.attributes import class_kinds, text_of, words_of
from etl.read.headline import LONG, Site, clean, find_heading

_HEADING = re.compile(r"<h[12]\b", re.IGNORECASE)
_LONG_TEXTS = 2
"""Long texts that an article has at least."""
_MASS = 4 * LONG
"""Code points of its long texts at least."""
_SHORT = 80
"""Code points of a line that may tell the day of an article, at most."""
_TEXTS = etree.XPath(".//text()[not(parent::script or parent::style)]")


def drop_next_articles(html: str) -> tuple[str, int]:
    """HTML -> the same without the articles that follow the page's own, and their number.

    An article that follows is an element of the kind of the one around the page's own, behind it, with a heading like the title's,
    long texts, and a day or an author, as that has. Sections of one article have no such signs; the entries of a live blog have
    headings of another level than its title.
    """
    if len(_HEADING.findall(html)) < 2:
        return html, 0
    try:
        document = document_fromstring(html.encode(), parser=etree.HTMLParser(encoding="utf-8"))
    except etree.ParserError:  # nothing in it
        return html, 0
    titles = [*document.xpath("//meta[@property='og:title']/@content"), *map(text_of, document.xpath("//head/title"))]
    heading, _ = find_heading(document, [clean(title) for title in titles], Site(document, html, []))
    found = _find_next(heading) if heading is not None and heading.tag in ("h1", "h2") else []
    for element in found:
        element.clear(keep_tail=True)
    return (etree.tostring(document, encoding="unicode", method="html"), len(found)) if found else (html, 0)


def _find_next(heading: Element) -> list[Element]:
    """Title of a page -> the elements that hold the articles behind its own."""
    for own in heading.iterancestors():
        if own.tag in ("body", "html"):
            break
        found: list[Element] = []
        for behind in own.itersiblings():
            for other in behind.iter(own.tag):
                inside = found and found[-1] in other.iterancestors()
                if not inside and _is_alike(other, own) and _has_own_title(other, heading) and _is_article(other):
                    found.append(other)
        if found and _is_article(own):
            return found
    return []


def _is_alike(element: Element, other: Element) -> bool:
    """Whether two elements of one name are of one kind: articles both, or with a class in common."""
    return element.tag == "article" or not set(words_of(element)).isdisjoint(words_of(other))


def _has_own_title(element: Element, title: Element) -> bool:
    """Whether the first heading of an element is one like the title's, and says something else."""
    first = next(element.iter("h1", "h2"), None)
    return (
        first is not None
        and first.tag == title.tag
        and first.get("class") == title.get("class")
        and clean(text_of(first)) not in ("", clean(text_of(title)))
    )


def _is_article(element: Element) -> bool:
    """Whether an element holds text enough, and tells a day or an author."""
    texts = [clean(text) for text in _TEXTS(element)]
    long = [len(text) for text in texts if len(text) >= LONG]
    if len(long) < _LONG_TEXTS or sum(long) < _MASS:
        return False
    told = (class_kinds(here.get("class") or "").keys() for here in element.iter("*"))
    return (
        any(not kinds.isdisjoint({"date", "author"}) for kinds in told)
        or next(element.iter("time"), None) is not None
        or any(parse_date(text).precision == "day" for text in texts if 6 < len(text) < _SHORT)
    )
