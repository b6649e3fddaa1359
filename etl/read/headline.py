"""The title that an HTML page gives itself, without the site's name, and the element in which it stands."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from itertools import takewhile

from lxml import etree
from lxml.etree import _Element as Element

from etl.fold import fold
from etl.read.attributes import class_words, is_elsewhere, is_label, near, text_of, words_of

SAME_TITLE = 0.8
"""Share of the words of a level-1 heading that the page's title must hold for the heading to be the title."""
_PARTED = re.compile(r"\s+[-–—|»«•·/]+\s+|\s*(?:::+|[|»«])\s*|(?<=\S):\s+")
"""Signs between the headline, the section and the site's name in a title."""
_ENDS = " \t\n-–—|»«•·:/"
_PARTS = 6
"""Parts of a title that are taken together at most."""
_SITE_WORDS = 7
"""Words of a site's name at most."""
_RIGHTS_LENGTH = 300
"""Code points beyond which a text that speaks of rights is an article."""
_HOME = re.compile(r"/?(?:(?:index|default|home)\.\w+)?|https?://[^/?#]+/?", re.IGNORECASE)
_RIGHTS = ("©", "&copy;", "opyright", "ights reserved", "حقوق محفوظ", "الحقوق محفوظ", "حقوق النشر", "حقوق الطبع")
HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_NAMED = etree.XPath("//body//*[@itemprop = 'headline' or @itemprop = 'name']")
_MAY_BE_HOME = etree.XPath(
    "//a[@href][string-length(@href) < 14 or @rel = 'home' or contains(@class, 'logo') or contains(@class, 'brand') or "
    "(starts-with(@href, 'http') and not(contains(substring-after(substring-after(@href, '//'), '/'), '/')))]"
)
"""Links by whose address or class it may be, told faster than by looking at each."""
LONG = 80
"""Code points from which a line, or a run of text between two tags, counts as text of an article."""
_SHOWN = "//body//text()[not(parent::script or parent::style or parent::noscript)]"
_TEXTS = etree.XPath(_SHOWN)
LONG_TEXTS = etree.XPath(f"{_SHOWN}[string-length(.) >= {LONG}]")
_SHORT_TEXTS = etree.XPath("//body//text()[string-length(.) > 5 and string-length(.) < 300]")
_NO_HEADLINE_WORDS = 3
"""Words of a title up to which it may be a section's or a site's name."""
_NAME_WORDS = 4
"""Words of a site's name, or of what it says of itself, at most, where nothing else tells."""
_SAID, _UNSAID = 0.3, 0.25
"""Share of a heading's words that the article says, at least, and of a title's, at most, for the heading to be the headline."""
_RANKS = {"h1": 0, "h2": 2, "h3": 3, "h4": 4, "h5": 4, "h6": 4}
_CUT_OFF = 3
"""Spaces between the words of a title at least, for a heading that goes on behind them to be it."""
_NO_TITLE = frozenset({"a", "option", "li", "script", "style", "title", "label", "button", "noscript", "em"})


def clean(text: str) -> str:
    """Text of an element -> the same with single spaces."""
    return " ".join(text.split())


def _words(text: str) -> str:
    return " ".join(re.findall(r"\w+", text))


def _key(text: str) -> str:
    return _words(fold(text))


class Site:
    """What a page calls the site: in its meta elements, its link home, its line of copyright."""

    def __init__(self, document: Element, markup: str, said: Iterable[str]) -> None:
        """Look for the names when they are asked for; `said` are those of meta elements."""
        self._document, self._markup, self._said = document, markup, tuple(said)

    @cached_property
    def _names(self) -> set[str]:
        names = list(self._said)
        for link in _MAY_BE_HOME(self._document):
            words = words_of(link)
            if link.get("rel") == "home" or {"logo", "brand"} & set(words) or _HOME.fullmatch(link.get("href").strip()):
                names += [clean(text_of(link)), link.get("title") or ""]
                names += [image.get("alt") or "" for image in link.iter("img", "amp-img")]
        return {_key(name) for name in set(names) if name and not is_label(name, "home")} - {""}

    @cached_property
    def _rights(self) -> set[str]:
        # The text between two tags: to find the word first is faster than to ask every text of the document.
        markup, lines = self._markup, set[str]()
        for claim in _RIGHTS:
            at = markup.find(claim)
            while at >= 0:
                start = markup.rfind(">", max(at - _RIGHTS_LENGTH, 0), at) + 1
                end = markup.find("<", at, at + _RIGHTS_LENGTH)
                if start and end > 0:
                    lines.add(f" {_key(html.unescape(markup[start:end]))} ")
                at = markup.find(claim, at + len(claim) if end < 0 else end)
        return lines

    @cached_property
    def _links(self) -> set[str]:
        return {_key(text_of(link)) for link in self._document.iter("a") if len(link) < 2}

    def is_name(self, text: str) -> bool:
        """Whether a text is what the site is called."""
        key = _key(text)
        if not key or len(key.split()) > _SITE_WORDS:
            return False
        if key in self._names:
            return True
        # A line of copyright says more than the name; what is as long is a headline on copyright.
        lines = [line for line in self._rights if len(line) > len(key) + 2]
        return any(f" {before}{key} " in line for line in lines for before in ("", "ل"))

    def is_link(self, title: str) -> bool:
        """Whether a title is as short as a section's name, and what a link of the page says."""
        return len(title.split()) <= _NO_HEADLINE_WORDS and _key(title) in self._links

    def is_section(self, word: str) -> bool:
        """Whether a keyword names the site, or is one word and what a link of the page is called, as sections are."""
        key = _key(word)
        return self.is_name(word) or (" " not in key and key in self._links)


def split_title(title: str) -> list[tuple[int, int]]:
    """Title -> where its parts stand between the signs that part them."""
    parts, start = [], 0
    for sign in _PARTED.finditer(title):
        parts.append((start, sign.start()))
        start = sign.end()
    parts.append((start, len(title)))
    return [(start, end) for start, end in parts if title[start:end].strip(_ENDS)]


def drop_site(title: str, site: Site) -> str:
    """Title -> the title without the site's name, and what all its pages are called, before and behind it; nothing where it is
    only that."""
    if site.is_name(title):
        return ""
    parts = split_title(title)

    def is_name(part: tuple[int, int]) -> bool:
        return site.is_name(title[slice(*part)]) or is_label(title[slice(*part)], "page")

    while parts and is_name(parts[-1]):
        parts.pop()
    while parts and is_name(parts[0]):
        parts.pop(0)
    return title[parts[0][0] : parts[-1][1]].strip(_ENDS) if parts else ""


def _possible(titles: Iterable[str]) -> Iterator[str]:
    """Titles -> each whole, and each run of its parts."""
    for title in titles:
        parts = split_title(title)
        yield title
        for first in range(len(parts)):
            for last in range(first, min(len(parts), first + _PARTS)):
                yield title[parts[first][0] : parts[last][1]]


def find_heading(document: Element, titles: list[str], site: Site) -> tuple[Element | None, str]:
    """Document, what meta elements say its title is -> the element that says the same, and what it says.

    A level-1 heading may differ from the title by a word or two; another element must say the title or a part of it, and of
    several the one that looks most like a heading, then the longest, then the first is it. Where none does, a heading that goes on
    behind the words of a title is it: some systems cut their titles off.
    """
    known = [set(re.findall(r"\w+", title)) for title in titles]
    for element in document.iter("h1"):
        heading = clean(text_of(element))
        words = set(re.findall(r"\w+", heading))
        alike = any(len(words & title) >= SAME_TITLE * max(len(words), len(title) / 2) for title in known)
        if words and alike and not site.is_name(heading):
            return element, heading
    keys = {key for key in map(_words, _possible(titles)) if " " in key}
    if not keys:
        return None, ""
    best: tuple[tuple[int, int], Element, str] | None = None
    seen = [(element, clean(text_of(element))) for element in document.iter(*HEADINGS)]
    if not any(_words(text) in keys for _, text in seen):
        seen = [(element, clean(text_of(element))) for element in _NAMED(document)]
        seen += [(text.getparent(), clean(text)) for text in _SHORT_TEXTS(document) if not text.is_tail]
    for element, text in seen:
        key = _words(text)
        if key not in keys or site.is_name(text) or is_label(text, "page") or _in_furniture(element):
            continue
        rank = (_rank(element), -len(key))
        if best is None or rank < best[0]:
            best = rank, element, text
    if best is not None:
        return best[1], best[2]
    begun = tuple(f"{key} " for key in keys if key.count(" ") >= _CUT_OFF)
    for element in document.iter(*HEADINGS):
        heading = clean(text_of(element))
        if _words(heading).startswith(begun) and not site.is_name(heading) and not _in_furniture(element):
            return element, heading
    return None, ""


def find_only_heading(document: Element, titles: list[str], site: Site) -> tuple[Element | None, str]:
    """Document, titles that no heading of it repeats -> its only level-1 heading and what it says, where that is the headline.

    The titles are a name then: they are short and the article says less of them than of the heading, or next to nothing of them.
    """
    headings = [(element, clean(text_of(element))) for element in document.iter("h1")]
    headings = [(element, text) for element, text in headings if text and not site.is_name(text)]
    if len(headings) != 1 or _in_furniture(headings[0][0]):
        return None, ""
    element, heading = headings[0]
    if len(heading.split()) <= _NO_HEADLINE_WORDS:
        return None, ""
    told = [title for title in titles if len(title.split()) > _NO_HEADLINE_WORDS]
    said = set(_key(" ".join(LONG_TEXTS(document))).split()) if told else set()
    share = _share(heading, said)
    likely = (
        _share(title, said) <= (_UNSAID if len(title.split()) > _SITE_WORDS else max(share, _UNSAID)) for title in told
    )
    return (element, heading) if not told or (share >= _SAID and all(likely)) else (None, "")


def is_said_better(document: Element, heading: str, titles: Iterable[str]) -> bool:
    """Document, a headline above its article, titles that no element repeats -> whether the article says much of the headline,
    and of each title at most half as much, unless its parts are as short as names: the site is called so then, or something to buy.
    """
    said = set(_key(" ".join(LONG_TEXTS(document))).split())
    share, shares = _share(heading, said), [_share(title, said) for title in titles]
    short = [all(title[slice(*part)].count(" ") < _NAME_WORDS for part in split_title(title)) for title in titles]
    names = all(is_short or share >= 2 * other for is_short, other in zip(short, shares, strict=True))
    return names and (share >= _SAID or (share > 0 and not any(shares)))


def are_alike(one: str, other: str) -> bool:
    """Whether two titles have half of their words in common, of the shorter."""
    words, others = set(_key(one).split()), set(_key(other).split())
    return 2 * len(words & others) >= min(len(words), len(others))


_TITLED = re.compile(r"(?<!sub)(?<!sub[-_])(?:title|headline|heading|head|hed|subject)$", re.IGNORECASE)
_HEADLINE_WORDS = (4, 30)
"""Words of a headline that is told by the class of its element alone."""


def is_unsaid(document: Element, body: Sequence[Element], title: str) -> bool:
    """Document, what holds its long texts -> whether a title that no element of the page repeats is a name: it is short, the article
    says next to nothing of it, and what may be the headline stands above the article."""
    said = set(_key(" ".join(map(text_of, body))).split())
    if len(title.split()) > _SITE_WORDS or not body or _share(title, said) > _UNSAID:
        return False
    above = takewhile(lambda text: text.getparent() is not body[0], _TEXTS(document))
    return any(_may_be_headline(clean(text)) for text in above)


def find_titled(element: Element, first: Element) -> tuple[Element | None, str]:
    """What stands around an article, what holds its first long text -> the last headline above that by its class, and what it
    says."""
    found: tuple[Element | None, str] = None, ""
    for here in element.iter("*"):
        if here is first:
            break
        names = f"{here.get('class') or ''} {here.get('id') or ''}".split()
        if here.tag in HEADINGS or any(map(_TITLED.search, names)):
            text = clean(text_of(here))
            found = (here, text) if _may_be_headline(text) and not _in_furniture(here) else found
    return found


def _may_be_headline(text: str) -> bool:
    return _HEADLINE_WORDS[0] <= len(text.split()) <= _HEADLINE_WORDS[1] and not text.endswith((".", "…"))


def _share(text: str, said: set[str]) -> float:
    """Share of a text's words, short ones aside, that are among some words."""
    words = [word for word in _key(text).split() if len(word) > _NO_HEADLINE_WORDS]
    return sum(word in said for word in words) / max(len(words), 1)


def _in_furniture(element: Element) -> bool:
    around = near(element, 4)
    return element.tag in _NO_TITLE or any(is_elsewhere(here) for here in around)


def _rank(element: Element) -> int:
    """Element -> how much it looks like a title, from 0; bold and large letters are what old pages have for headings."""
    if element.tag in _RANKS:
        return _RANKS[element.tag]
    if element.get("itemprop"):
        return 1
    words = {word for name in ("class", "id") for word in class_words(element.get(name) or "")}
    if words & {"title", "headline", "heading"}:
        return 3
    around = near(element, 3)
    sizes = [here.get("size") or "" for here in around if here.tag == "font"]
    large = any(re.fullmatch(r"\+?[4-7]", size) for size in sizes)
    return 5 if large else 6 + all(here.tag not in ("b", "strong", "big") for here in around)
