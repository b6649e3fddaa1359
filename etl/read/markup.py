"""What HTML says of its page: JSON-LD, Open Graph, meta elements, the canonical link, then the elements of the article."""

from __future__ import annotations

import html
import json
import re
from collections import deque
from collections.abc import Iterator
from typing import Any

from lxml import etree
from lxml.etree import _Element as Element
from lxml.html import document_fromstring

from etl.addresses import canonical_url
from etl.bylines.persons import LIKELY, weigh_person
from etl.dates import parse_date, read_both
from etl.fold import fold
from etl.read.attributes import is_label, text_of
from etl.read.columns import split_words, unique
from etl.read.elements import (
    MANY,
    is_nobody,
    lines_beside,
    read_author,
    read_byline_line,
    read_date,
    read_date_line,
    read_keywords,
    read_source,
)
from etl.read.headline import (
    HEADINGS,
    LONG,
    Site,
    are_alike,
    drop_site,
    find_heading,
    find_only_heading,
    find_titled,
    is_said_better,
    is_unsaid,
    split_title,
)
from etl.read.place import Place, find_body, find_place
from etl.read.row import Page
from etl.titles.lines import MASTHEAD

_MASTHEAD = re.compile(MASTHEAD)
_ARTICLE = re.compile(r"(?:\w*Article|\w*BlogPosting|Report|SocialMediaPosting|Recipe|HowTo|Review)$")
LEAST_KEYWORDS = 0.5
"""Share of a meta element's keywords that the title and the text must hold for them to speak of the article."""
_OF_TITLE = 4
"""Keywords at least that are the title's words in their order, for them to have been made of it."""
_UNIVERSAL = re.compile(r"\dT\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]00:?00)$")
_MINUTE = len("2024-06-20T10:30")
_DAY = len("2024-06-20")
_HEADLINE = "json-ld:headline"
_META = {
    "title": ("og:title", "twitter:title", "dc.title", "headline"),
    "date": (
        "article:published_time", "datepublished", "og:published_time", "pubdate", "publishdate",
        "publish-date", "publish_date", "parsely-pub-date", "sailthru.date", "dc.date", "dc.date.issued",
        "dcterms.created", "dcterms.date", "date", "datecreated",
    ),
    "author": ("article:author", "author", "dc.creator", "parsely-author", "sailthru.author", "byl"),
    "category": ("article:section", "section", "parsely-section", "category"),
    "outlet": ("og:site_name", "application-name", "dc.publisher", "publisher"),
    "url": ("og:url", "twitter:url"),
}  # fmt: skip


def take_markup(page: Page, markup: str) -> Site | None:
    """Take what the markup says into the page; JSON-LD first, then meta elements, then plain elements.

    Returned is what the page calls the site, for what is asked of its keywords when its text is known.
    """
    try:
        document = document_fromstring(markup.encode(), parser=etree.HTMLParser(encoding="utf-8"))
    except etree.ParserError:  # nothing in it
        return None
    for entry in _json_ld(document):
        _take_json_ld(page, entry)
    said = _meta(document)
    if any(is_label(title.split(" - ")[0].split(" | ")[0], "home") for title in said.get("og:title", ())):
        # A system that forgets to change the head of its front page gives all pages the date and the section of that.
        said = {name: values for name, values in said.items() if not name.startswith(("og:", "article:", "twitter:"))}
    for field, names in _META.items():
        for name in names if field not in ("url", "title") else ():
            value = next((value for value in said.get(name, ()) if not _is_address(value)), "")
            page.give(field, "" if field == "author" and is_nobody(value) else value, f"meta:{name}")
    tags = unique(said.get("article:tag", ()))
    page.give("keywords", split_words(tags[0]) if len(tags) == 1 else tags, "meta:article:tag")
    outlets = [value for name in _META["outlet"] for value in said.get(name, ())]
    site = Site(document, markup, [*outlets, page.given.get("outlet", "")])
    author = page.given.get("author", "")
    if site.is_name(author) and weigh_person(author) < LIKELY:  # the elements may name who wrote it
        del page.given["author"], page.said_by["author"]
    heading = _take_title(page, document, said, site)
    _take_elements(page, document, heading, site)
    _settle_day(page, markup)
    for name in ("news_keywords", "keywords"):
        page.give("keywords", split_words(" , ".join(said.get(name, ()))), f"meta:{name}")
    _take_address(page, document, said)
    return site


def _take_elements(page: Page, document: Element, heading: Element | None, site: Site) -> None:
    """Take what the elements of the article say; where there is none, the only day of all time elements is the date."""
    place = find_place(document, heading)
    if place is not None:
        if "title" not in page.said_by:
            element, title = find_titled(place.outer, place.first)
            page.give("title", title, "class:title")
            heading = element if element is not None else heading
            place = (find_place(document, element) if element is not None else None) or place
        lines = list(lines_beside(place, heading))
        page.give("source", *(read_source(lines) or ("", "")))
        if "author" not in page.said_by:
            page.give("author", *(read_author(place, site) or read_byline_line(lines, place) or ("", "")))
        if "date" not in page.said_by:
            page.give("date", *(read_date(place) or read_date_line(lines, place) or ("", "")))
        _take_keywords(page, place)
    elif "date" not in page.said_by:
        stamps = [_clean(stamp) for stamp in document.xpath("//time/@datetime")]
        page.give("date", stamps[0] if len({stamp[:_DAY] for stamp in stamps}) == 1 else "", "time")
    _take_shown_day(page, document)


def _take_keywords(page: Page, place: Place) -> None:
    """Take the keywords below the article where none are given, or others than all of those that the head of the page names, which are
    the same on every page then."""
    given = page.said_by.get("keywords")
    if given not in (None, "meta:article:tag"):
        return
    shown, said = read_keywords(place) or ([], "")
    if given is None or (shown and set(shown).isdisjoint(page.keywords)):
        page.keywords = []
        page.said_by.pop("keywords", None)
        page.give("keywords", shown, said)


def _take_shown_day(page: Page, document: Element) -> None:
    """A moment of universal time may fall on the next day where the page is read, or on the last: the day counts that the page
    shows for it."""
    stamp = page.given.get("date", "")
    if not _UNIVERSAL.search(stamp):
        return
    moment = parse_date(stamp).date
    for element in document.xpath("//time[@datetime]"):
        if moment and element.get("datetime")[:_MINUTE] == stamp[:_MINUTE]:
            shown = _clean(text_of(element))
            day, precision, _ = parse_date(shown)
            if day and precision == "day" and abs((day - moment).days) == 1:
                page.said_by.pop("date")
                page.give("date", shown, "time")
                return


def _settle_day(page: Page, markup: str) -> None:
    """A day that can be read both ways is the one of the two that the page's own data has, year first, if it has one of them alone."""
    stated = page.given.get("date", "")
    both = read_both(stated) if parse_date(stated).precision == "ambiguous" else []
    written = [day.isoformat() for day in both if day.isoformat() in markup]
    if len(written) == 1:
        page.given["date"] = written[0]


def drop_site_keywords(page: Page, site: Site) -> None:
    """Drop a meta element's keywords of which hardly one stands in the title or the text: they speak of the site.

    The name of a section or of the site is in a text by chance; it counts as not there. Forums list the words of the title.
    """
    if page.said_by.get("keywords") in ("meta:keywords", "meta:news_keywords"):
        lines = [line for line in page.raw.split("\n") if len(line) >= LONG]
        said = fold(" ".join([page.given.get("title", ""), *lines]))
        there = [
            word
            for word in page.keywords[:MANY]
            if _is_said(fold(word), said) and not site.is_section(word) and not is_label(word, "page")
        ]
        if len(there) < LEAST_KEYWORDS * len(page.keywords[:MANY]) or _are_the_titles(page):
            page.keywords = []
            del page.said_by["keywords"]


def _are_the_titles(page: Page) -> bool:
    """Whether a page's keywords are single words of its title in the title's order, those that name the site aside."""
    title = iter(fold(page.given.get("title", "")).split())
    words = [fold(word) for word in page.keywords]
    in_order = [word for word in words if " " not in word and word in title]  # asked of what is left of the title
    return len(in_order) >= _OF_TITLE and len(words) - len(in_order) <= 1


def _is_said(word: str, text: str) -> bool:
    """Whether a text, folded as the word is, has it, with or without what is written together with it in front."""
    return (
        word in text
        and re.search(rf"(?<![^\W\d_])(?:[وف]?[بكل]?(?:ال|لل)?)?{re.escape(word)}(?![^\W\d_])", text) is not None
    )


def _clean(text: str) -> str:
    return " ".join(html.unescape(text).split())


def _is_address(value: str) -> bool:
    return value.startswith(("http://", "https://", "//", "www.", "@"))


def _meta(document: Element) -> dict[str, list[str]]:
    said: dict[str, list[str]] = {}
    for element in document.xpath("//meta[@content]"):
        value = _clean(element.get("content"))
        if not value:
            continue
        for key in sorted({element.get(name) or "" for name in ("property", "name", "itemprop")}):
            for name in key.lower().split():
                said.setdefault(name, []).append(value)
    return said


def _json_ld(document: Element) -> Iterator[dict[str, Any]]:
    """Yield the article entries of a page's JSON-LD; what is not JSON is passed over, as browsers do."""
    for script in document.xpath('//script[@type="application/ld+json"]'):
        try:
            found = json.loads((script.text or "").strip().removeprefix("<!--").removesuffix("-->"), strict=False)
        except (ValueError, RecursionError):
            continue
        waiting = deque([found])
        while waiting:
            entry = waiting.popleft()
            if isinstance(entry, list):
                waiting.extendleft(reversed(entry))
            elif isinstance(entry, dict):
                kinds = entry.get("@type")
                if any(
                    isinstance(kind, str) and _ARTICLE.match(kind)
                    for kind in (kinds if isinstance(kinds, list) else [kinds])
                ):
                    yield entry
                graph = entry.get("@graph")
                if isinstance(graph, list | dict):
                    waiting.append(graph)


def _take_json_ld(page: Page, entry: dict[str, Any]) -> None:
    page.give("title", _named(entry.get("headline")) or _named(entry.get("name")), _HEADLINE)
    page.give(
        "date",
        _named(entry.get("datePublished")) or _named(entry.get("dateCreated")),
        "json-ld:datePublished",
    )
    author = _named(entry.get("author"))
    page.give("author", "" if _is_address(author) or is_nobody(author) else author, "json-ld:author")
    page.give("category", _named(entry.get("articleSection")), "json-ld:articleSection")
    page.give("outlet", _named(entry.get("publisher")), "json-ld:publisher")
    words = entry.get("keywords")
    listed = unique(map(_named, words)) if isinstance(words, list) else split_words(_named(words))
    page.give("keywords", listed, "json-ld:keywords")


def _named(value: Any) -> str:
    """Return the words of a JSON-LD value: a string, an object with a name, or a list of them."""
    if isinstance(value, str):
        return _clean(value)
    if isinstance(value, dict):
        return _named(value.get("name"))
    if isinstance(value, list):
        return "، ".join(unique(map(_named, value)))
    return ""


def _take_title(page: Page, document: Element, said: dict[str, list[str]], site: Site) -> Element | None:
    """Take the title and return its element; a heading that repeats it is preferred, for others carry the site's name."""
    titles = [(value, f"meta:{name}") for name in _META["title"] for value in said.get(name, ())]
    titles += [(_clean(text_of(element)), "title") for element in document.xpath("//head/title")]
    known = [page.given["title"]] if "title" in page.given else []
    element, heading = find_heading(document, known + [value for value, _ in titles], site)
    if element is None:
        element, heading = find_only_heading(document, known + [drop_site(value, site) for value, _ in titles], site)
    is_given = page.said_by.get("title") not in (None, _HEADLINE)  # What came beside the page says it best.
    if element is None and not is_given:
        element, heading = _find_said(document, known + [drop_site(value, site) for value, _ in titles])
        if element is not None:
            page.said_by.pop("title", None)
            page.give("title", heading, "class:title")
    elif (
        element is not None
        and element.tag != "h1"
        and known
        and not (is_given or are_alike(known[0], heading))
        and is_said_better(document, heading, known)
    ):
        page.said_by.pop("title")  # JSON-LD names the site, or what stood there before.
    if element is not None and element.tag == "h1":
        # What readers see says it best: JSON-LD cuts long headlines off, and a live page's changes.
        page.said_by.pop("title", None)
        page.give("title", heading, "h1")
    elif element is not None:
        # A plain element shows which part of the title is the headline; the title says it all the same.
        plain = element.tag not in HEADINGS
        page.give("title", heading, _said_by(heading, titles) if plain else element.tag)
    for value, source in titles:
        headline = drop_site(value, site)
        # A front page's title is what a link to a section says.
        named = is_label(headline, "page") or (
            source == "title" and (site.is_link(headline) or _is_masthead(value, site))
        )
        if "title" in page.said_by or named:
            continue
        if element is not None or not is_unsaid(document, find_body(document)[1], headline):
            page.give("title", headline, source)
    return element


def _find_said(document: Element, titles: list[str]) -> tuple[Element | None, str]:
    """Document, titles that no element of it repeats -> the headline above its article and what it says, where the article says that
    and not the titles."""
    place = find_place(document, None)
    element, heading = find_titled(place.outer, place.first) if place and any(titles) else (None, "")
    if element is None or element.tag == "h1":  # of which there is one that counts, or none
        return None, ""
    return (element, heading) if is_said_better(document, heading, titles) else (None, "")


def _is_masthead(title: str, site: Site) -> bool:
    """Whether a document's title is the paper's name by its kind, and a section that a link of the page names."""
    parts = [title[start:end].strip() for start, end in split_title(title)]
    return (
        len(parts) > 1
        and any(map(_MASTHEAD.match, parts))
        and all(_MASTHEAD.match(part) or site.is_link(part) for part in parts)
    )


def _said_by(heading: str, titles: list[tuple[str, str]]) -> str:
    return next((source for value, source in titles if heading in value), "title")


def _take_address(page: Page, document: Element, said: dict[str, list[str]]) -> None:
    """Take the address that the page names as its own; a front page is no article's address."""
    names = [(address, "link:canonical") for address in document.xpath('//link[@rel="canonical"]/@href')]
    names += [(value, f"meta:{name}") for name in _META["url"] for value in said.get(name, ())]
    for address, source in names:
        canonical = canonical_url(address)
        if canonical and canonical.count("/") > 2:
            page.url = page.url or address.strip()
            page.give("url", address.strip(), source)
            return
