"""Attributes of elements -> what they say the element is: author, date, tags, or a part that is not the article's."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import chain, islice
from typing import NamedTuple

from lxml import etree
from lxml.etree import _Element as Element  # an element of lxml.html costs a call of Python each

from etl.fold import fold
from etl.shipped import read_data

_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_TAG_LINK = re.compile(r"[/?&](?:(?:tags?|labels?|keywords?|topics?|hashtags?)(?:[/?]|$)|search/label/|tag=)")
_STRING = etree.XPath("string()")
_TEXTS = etree.XPath("descendant::text()[not(parent::script or parent::style)]")
_ASIDE_TAGS = frozenset({"aside", "nav", "menu", "dialog", "form", "select", "button"})


class Vocabulary(NamedTuple):
    """Words of classes, by what they say; labels of the text, folded, by what they announce."""

    kinds: dict[str, frozenset[str]]
    labels: dict[str, frozenset[str]]


@lru_cache(maxsize=1)
def load_vocabulary() -> Vocabulary:
    """Read the words of etl/data/markup.toml."""
    data = read_data("markup")
    labels = {kind: frozenset(map(fold, words)) for kind, words in data["labels"].items()}
    return Vocabulary({kind: frozenset(words) for kind, words in data["kinds"].items()}, labels)


def is_tag_link(address: str) -> bool:
    """Whether an address is that of a tag's page."""
    return _TAG_LINK.search(address) is not None


@lru_cache(maxsize=1 << 12)
def class_words(classes: str) -> tuple[str, ...]:
    """A class or id (`pressDate`, `post-date big`) -> its words, in small letters."""
    return tuple(word.lower() for word in _WORD.findall(classes))


def words_of(element: Element) -> tuple[str, ...]:
    """Element -> the words of its class, in small letters."""
    return class_words(element.get("class") or "")


def near(element: Element, count: int) -> list[Element]:
    """Element -> it and those around it, the nearest first, `count` in all where there are so many."""
    return list(islice(chain([element], element.iterancestors()), count))


@lru_cache(maxsize=1 << 12)
def class_kinds(classes: str) -> dict[str, str]:
    """A class or id -> what it says the element is, each with the word that says so."""
    own = class_words(classes)
    if "elementor" in own:  # a builder of pages that calls every element a widget
        own = tuple(word for word in own if word != "widget")
    found: dict[str, str] = {}
    for kind, words in load_vocabulary().kinds.items():
        word = next((word for word in own if word in words), None)
        if word:
            found[kind] = word
    return found


def is_elsewhere(element: Element) -> bool:
    """Whether an element, by its name, class or id, speaks of other things than the page's article."""
    tag = element.tag
    if tag in _ASIDE_TAGS:
        # ASP.NET puts the whole page into one form.
        return tag != "form" or element.find(".//textarea") is not None
    return any("elsewhere" in class_kinds(value) for value in (element.get("class"), element.get("id")) if value)


def is_label(text: str, kind: str) -> bool:
    """Whether a text is a label of this kind and nothing else."""
    return fold(text).strip(" :/|-–—#.،,") in load_vocabulary().labels[kind]


def drop_label(text: str, kind: str) -> str:
    """Text -> what follows a label of this kind at its beginning, or the text."""
    words = text.split()
    for count in range(min(len(words), 3), 0, -1):
        if is_label(" ".join(words[:count]), kind):
            return " ".join(words[count:]).lstrip(":/|-–— ")
    return text


def starts_with_label(text: str, kind: str) -> bool:
    """Whether a text begins with a label of this kind."""
    return drop_label(text, kind) != text


def has_word(text: str, kind: str) -> bool:
    """Whether any word of a text is a label of this kind."""
    return not load_vocabulary().labels[kind].isdisjoint(fold(text).split())


def text_of(element: Element) -> str:
    """Element -> all the text in it."""
    return str(_STRING(element))


def text_parts(element: Element) -> list[str]:
    """Element -> the texts in it, each as it stands between tags, without white space around it."""
    return [part for part in (" ".join(text.split()) for text in _TEXTS(element)) if part]
