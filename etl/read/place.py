"""Where in an HTML page its article stands: what lies in it, above its text, below it, and what is another's."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from lxml import etree
from lxml.etree import _Element as Element

from etl.read.attributes import class_kinds, is_elsewhere, is_tag_link, text_of
from etl.read.headline import HEADINGS, LONG, LONG_TEXTS

_ASKED = {"author", "date", "tags", "facts"}
_INLINE = frozenset({"span", "font", "b", "strong", "i", "em", "u", "a", "small", "big", "center", "mark"})
_PARAGRAPH = frozenset({"p", "li", "div", "h2", "h3", "blockquote"})
_QUOTES = frozenset({"blockquote", "q"})
_NEAR = 3
"""Elements around a long text that are asked whether it is a comment's or a teaser's."""
_ABOVE = 3
"""Elements around the article's own that are looked at for what stands just above or below it."""


def _parents(element: Element) -> Iterator[Element]:
    """Yield an element and what it stands in, from the inside out."""
    here: Element | None = element
    while here is not None:
        yield here
        here = here.getparent()


def _block_of(text: etree._ElementUnicodeResult) -> Element:
    """A text of the page -> the element whose paragraphs it belongs to."""
    element = text.getparent()
    element = element.getparent() if text.is_tail else element
    while element.tag in _INLINE and element.getparent() is not None:
        element = element.getparent()
    return element.getparent() if element.tag in _PARAGRAPH else element


def find_body(document: Element) -> tuple[Element | None, list[Element]]:
    """Document -> the element with the most long text, and the elements that hold its texts, in order."""
    mass: dict[Element, int] = {}
    texts: dict[Element, list[Element]] = {}
    for text in LONG_TEXTS(document):
        block = _block_of(text)
        mass[block] = mass.get(block, 0) + len(text)
        holder = text.getparent()
        # What stands behind a comment of the markup belongs to the element around both.
        texts.setdefault(block, []).append(holder if isinstance(holder.tag, str) else holder.getparent())
    for block in sorted(mass, key=mass.__getitem__, reverse=True):
        if not any(is_elsewhere(near) for near, _ in zip(_parents(block), range(_NEAR), strict=False)):
            return block, texts[block]
    return None, []


class Told(NamedTuple):
    """An element and what its attributes say: its kinds, each with what says so, and the words of itemprop and rel."""

    element: Element
    kinds: dict[str, str]
    names: tuple[str, ...]
    rel: tuple[str, ...]


@dataclass
class Place:
    """Where the article of a page stands: its own element, and what holds its title and its text.

    `outer` is what stands right around it; `first` and `last` hold the first and the last of its long texts.
    `told` are the elements in and right around it that say something by their attributes, in order, but for those that hold
    its title or text; `above` of them stand before the text, those from `below` on behind it.
    """

    inner: Element
    outer: Element
    first: Element
    last: Element
    told: list[Told]
    above: int
    below: int
    _kin: set[Element]
    _known: dict[Element, bool] = field(default_factory=dict)

    def is_own(self, element: Element) -> bool:
        """Whether the element belongs to the article: nothing between it and what holds the article says otherwise."""
        walked: list[Element] = []
        own = True
        for here in _parents(element):
            if here in self._kin:
                break
            if here in self._known:
                own = self._known[here]
                break
            walked.append(here)
        for here in reversed(walked):
            own = own and not is_elsewhere(here)
            self._known[here] = own
        return own

    def is_about(self, element: Element) -> bool:
        """Whether the element may tell the article's author or date: not another's, and no part of a sentence or a quotation.

        The day of an event stands in a time element too, and whom the text quotes is an author elsewhere.
        """
        for here in _parents(element):
            if here in self._kin:
                break
            if here.tag in _QUOTES:
                return False
        around = element.getparent()
        in_text = around is not None and around.tag == "p" and len(text_of(around)) >= len(text_of(element)) + LONG
        return not in_text and self.is_own(element) and not self.is_on_card(element)

    def is_inner(self, element: Element) -> bool:
        """Whether the element stands in the article's own element, not only around it."""
        return any(here is self.inner for here in _parents(element))

    def is_near(self, element: Element, steps: int) -> bool:
        """Whether the element stands so few steps below what holds the article."""
        above = element
        for _ in range(steps):
            above = above.getparent()
            if above is None or above in self._kin:
                return above is not None
        return False

    def is_right_here(self, element: Element) -> bool:
        """Whether the element stands in the article, or beside what holds it: Blogger's date stands right above a post."""
        return self.is_inner(element) or self.is_near(element, 1)

    def is_on_card(self, element: Element) -> bool:
        """Whether the element shares a box with a heading that is not the article's: it speaks of another one."""
        around = [here for here, _ in zip(_parents(element), range(8), strict=False)]
        for here in around[1:]:
            if here in self._kin:
                return False
            if any(heading not in around for heading in here.iter(*HEADINGS)):
                return True
        return False


def find_place(document: Element, heading: Element | None) -> Place | None:
    """Document, the element that is its title -> where its article stands; None where there is no long text."""
    body, texts = find_body(document)
    if body is None:
        return None
    holds = list(_parents(body))
    title = set(_parents(heading)) if heading is not None else set(holds[1:])
    inner = next((here for here in holds if here in title), body)
    inner = body if inner.tag == "html" else inner
    outer = inner
    for here in list(_parents(inner))[1 : _ABOVE + 1]:
        if here.tag in ("body", "html"):
            break
        outer = here
    kin = {*holds, *title}
    told: list[Told] = []
    above = below = 0
    first, last = texts[0], texts[-1]
    for element in outer.iter("*"):
        if element is first:
            above = len(told)
        said = _read_attributes(element)
        if said is not None and element not in kin:
            told.append(said)
        if element is last:
            below = len(told)
    return Place(inner, outer, first, last, told, above, below, kin)


def _read_attributes(element: Element) -> Told | None:
    """Element -> what its attributes say, None where they say nothing of an author, a date or keywords."""
    kinds: dict[str, str] = {}
    names: list[str] = []
    rel: list[str] = []
    speaks = element.tag == "time"
    for attribute, value in element.items():
        if attribute in ("class", "id"):
            found = class_kinds(value)
            if found:
                kinds |= {kind: f"{attribute}:{word}" for kind, word in found.items()}
        elif attribute in ("itemprop", "property"):
            names += value.rpartition(":")[2].lower().split()
        elif attribute == "rel":
            rel = value.lower().split()
        elif attribute == "href":
            speaks = speaks or is_tag_link(value)
    if speaks or names or rel or not _ASKED.isdisjoint(kinds):
        return Told(element, kinds, tuple(names), tuple(rel))
    return None
