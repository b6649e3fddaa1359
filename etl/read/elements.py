"""What the elements around an article say of it: author, date, keywords. Where it is in doubt, nothing."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from typing import NamedTuple

from lxml.etree import _Element as Element

from etl.bylines.credits import BY, BYLINE_LENGTH, is_byline_label, parse_author, parse_source
from etl.bylines.parts import read_byline
from etl.bylines.persons import LIKELY
from etl.dates import parse_date
from etl.fold import fold
from etl.names import AGENCIES, NOBODY, TELLERS, URL, bare_name, name_kinds
from etl.read.attributes import (
    class_kinds,
    drop_label,
    has_word,
    is_label,
    is_tag_link,
    load_vocabulary,
    near,
    starts_with_label,
    text_of,
    text_parts,
    words_of,
)
from etl.read.columns import split_words, unique
from etl.read.headline import Site
from etl.read.place import Place, Told
from etl.read.row import UNSET

Said = tuple[str, str]
"""What an element says of a field, and by what: `rel:author`, `class:byline`."""

LINES = 300
"""Short texts beside an article that are looked at; where there are more, the page is a list."""
LINE_LENGTH = 90
"""Code points of a text beside an article beyond which it is no line of facts."""
DATE_LENGTH = 80
"""Code points of a text beyond which it is no date line."""
KEYWORD_LENGTH, KEYWORDS = 60, 30
"""Code points of a keyword, and keywords of an article, at most; more of them are a cloud of a site's tags."""
MANY = 50
"""Elements of one kind that are looked at; where there are more, the page is a list."""
_PERSONS = 3
"""Authors that elements may name one by one; more of them are a list of writers."""
_SECTION_LINK = re.compile(r"/(?:categor(?:y|ies)|cat|sections?)/|/author/", re.IGNORECASE)
_LISTS = frozenset({"tags", "labels", "keywords", "hashtags", "tagslist", "taglist", "posttags"})
"""Words of a class that name a list; `tag` alone is on a badge above the title as often."""


_ACCOUNT = re.compile(r"\s*[a-z][a-z0-9]*(?:[-_.][a-z0-9]+)*\s*")
"""One word in small Latin letters."""


def is_nobody(name: str) -> bool:
    """Whether an author's name is an account of a content management system, a site, a firm, a paper or an agency, and no person's."""
    known = fold(name).strip(" .@_0123456789") in load_vocabulary().labels["accounts"] or not NOBODY.isdisjoint(
        name_kinds(name)
    )
    return known or _ACCOUNT.fullmatch(name) is not None or URL.search(name) is not None or has_word(name, "firm")


def parse_person(texts: Iterable[str], site: Site) -> str | None:
    """Texts of an element that names an author -> the person: the first that is no label and not the site's name.

    What comes before a name and is neither says that the element tells something else.
    """
    for text in texts:
        if is_label(text, "author") or is_byline_label(text) or site.is_name(text) or not re.search(r"\w", text):
            continue
        if len(text) > BYLINE_LENGTH or re.search(r"\d", text) or starts_with_label(text, "source"):
            return None
        parts = re.split(r"\s[-–—|]\s", drop_label(text, "author"))
        # The element says what a label does: here a name needs not be one of the list.
        person = parse_author(BY + " - ".join(part for part in parts if not site.is_name(part)))
        return person if person and not is_nobody(person) and not has_word(person, "not_person") else None
    return None


def _person_in(element: Element, site: Site) -> str | None:
    texts = text_parts(element)
    if sum(map(len, texts)) > BYLINE_LENGTH or (texts and starts_with_label(texts[0], "source")):
        return None
    named = element.xpath("descendant::*[@itemprop='name']") or element.xpath("descendant::a[@rel='author']")
    return parse_person(text_parts(named[0]) if named else texts, site)


def read_author(place: Place, site: Site) -> Said | None:
    """Where an article stands -> its author, by itemprop, rel or class, above the text or else below it."""
    for say in (_author_by_name, _author_by_rel, _author_by_class):
        for several in (place.told[: place.above], place.told[place.below :]):
            found: dict[str, str] = {}
            for told, said in _speaking(several, say, place.is_inner):
                if place.is_about(told.element):
                    person = _person_in(told.element, site)
                    if person:
                        found.setdefault(person, said)
            if found and len(found) <= (1 if say is _author_by_class else _PERSONS):
                return "، ".join(found), next(iter(found.values()))
            if found:
                return None
    return None


def _speaking(
    several: Iterable[Told], say: Callable[[Told], str], stands: Callable[[Element], bool]
) -> list[tuple[Told, str]]:
    """Elements, a way to look at them, where they must stand -> those that say something, and by what.

    None where they are too many.
    """
    found = [(told, said) for told in several if (said := say(told)) and stands(told.element)]
    return found if len(found) <= MANY else []


def _author_by_name(told: Told) -> str:
    return "itemprop:author" if "author" in told.names else ""


def _author_by_rel(told: Told) -> str:
    return "rel:author" if "author" in told.rel and told.element.tag == "a" else ""


def _author_by_class(told: Told) -> str:
    return told.kinds.get("author", "") if told.kinds.keys().isdisjoint({"not_author", "date", "modified"}) else ""


def read_date(place: Place) -> Said | None:
    """Where an article stands -> its date, by itemprop, time elements or class; none where several differ."""
    for say in (_date_by_name, _date_by_time, _date_by_class, _date_by_facts):
        # A live blog has its times between its texts.
        sure = say in (_date_by_name, _date_by_time)
        within = place.told if sure else []
        for several in (place.told[: place.above], place.told[place.below :], within):
            found: dict[date | None, Said] = {}
            for told, said in _speaking(several, say, _anywhere if sure else place.is_right_here):
                if place.is_about(told.element):
                    dated = _date_in(told.element)
                    if dated:
                        found.setdefault(dated[0], (dated[1], said))
            certain = [said for day, said in found.items() if day is not None] or list(found.values())
            if found:
                return certain[0] if len(certain) == 1 else None
    return None


def _anywhere(element: Element) -> bool:
    return True


def _date_by_name(told: Told) -> str:
    return "itemprop:datePublished" if {"datepublished", "datecreated"} & set(told.names) else ""


def _date_by_time(told: Told) -> str:
    return "time" if told.element.tag == "time" and not _is_modified(told) else ""


def _date_by_class(told: Told) -> str:
    return told.kinds.get("date", "") if not _is_modified(told) and "not_date" not in told.kinds else ""


def _date_by_facts(told: Told) -> str:
    return told.kinds.get("facts", "") if not _is_modified(told) and "not_date" not in told.kinds else ""


def _is_modified(told: Told) -> bool:
    """Whether an element tells when the article was changed; `entry-date published updated` tells both, one day."""
    if "datemodified" in told.names:
        return True
    words = words_of(told.element)
    return "modified" in told.kinds and not {"published", "entry"} & set(words)


def _days_in(texts: list[str]) -> dict[date | None, str]:
    """Texts -> the days that they state, each with its text; under None what may be one of two days."""
    found: dict[date | None, str] = {}
    for before, text in zip(["", *texts], texts, strict=False):
        # «آخر تحديث:» stands before its date, in an element of its own or with it.
        if len(text) > DATE_LENGTH or is_label(before, "modified") or starts_with_label(text, "modified"):
            continue
        day, precision, _ = parse_date(text)
        if precision in ("day", "ambiguous"):
            found.setdefault(day, text)
    return found


def _date_in(element: Element) -> tuple[date | None, str] | None:
    """Element -> the one day that it states, and the text that states it; None for a day in doubt."""
    title = element.get("title") if element.tag == "abbr" else None
    stamp = element.get("datetime") or element.get("content") or title
    stamp = None if stamp and UNSET.match(stamp) else stamp
    texts = [stamp] if stamp else text_parts(element)
    if sum(map(len, texts)) > 2 * DATE_LENGTH:
        return None
    found = _days_in(texts)
    if not found and len(texts) > 1 and not any(is_label(text, "modified") for text in texts):
        found = _days_in([" ".join(texts)])
    return next(iter(found.items())) if len(found) == 1 else None


class Line(NamedTuple):
    """A short text beside an article: what holds it, the text, whether it stands above the article's."""

    holder: Element
    text: str
    above: bool


def lines_beside(place: Place, heading: Element | None) -> Iterator[Line]:
    """Where an article stands, its title -> the short texts from the title on that are no picture's and no other part's."""
    above, begun, count = True, heading is None, 0
    for element in place.outer.iter("*"):
        begun |= element is heading
        above &= element is not place.first
        if not begun or element.tag in _NO_LINE:
            continue
        for holder, text in ((element, element.text), (element.getparent(), element.tail)):
            line = " ".join((text or "").split())
            fits = 2 < len(line) <= LINE_LENGTH and holder is not heading and not _is_of_picture(holder)
            if fits and (place.is_own(holder) or (above and _is_shared(holder))):
                count += 1
                yield Line(holder, line, above)
            if count >= LINES:
                return


def read_source(lines: Iterable[Line]) -> Said | None:
    """Lines beside an article -> whose text it is: behind the word for a source, or above the text an agency beside its place, or
    an outlet whose element is called a source."""
    for holder, line, above in lines:
        if _SOURCE_LABEL.match(fold(line)):
            name = parse_source(_around(holder, line))
            if name:
                return name, "text:source"
        elif above:
            agency = _agency_beside_place(line)
            if agency:
                return agency, "text:place-agency"
            if name_kinds(line) & TELLERS and _is_source(holder):
                return bare_name(line), "class:source"
    return None


def read_byline_line(lines: Iterable[Line], place: Place) -> Said | None:
    """Lines beside an article, where it stands -> the person whom one above the text names, beside a label, a day or a town.

    A name alone may be a tag, or somebody whom the article speaks of, but not where a day stands beside it in one element.
    """
    dated: Element | None = None
    for holder, line, above in lines:
        found = read_byline(line) if above else None
        beside = found is not None and holder is dated and found.weight >= LIKELY
        dated = holder if above and len(line) <= DATE_LENGTH and parse_date(line).precision == "day" else None
        told = found is not None and (beside or not found.told.isdisjoint({"label", "date", "place"}))
        if found and told and place.is_about(holder) and not _is_linked(holder):
            return (parse_author(line) if "label" in found.told else None) or found.name, "text:byline"
    return None


def _is_linked(element: Element) -> bool:
    """Whether an element is a link, or stands in one, or in a list of tags."""
    around = near(element, 3)
    return any(here.tag == "a" or "tags" in class_kinds(here.get("class") or "") for here in around)


def _is_shared(element: Element) -> bool:
    """Whether an element stands in a box that is called both a date's and that of buttons to share: a line of facts."""
    words = {word for here in near(element, 4) for word in words_of(here)}
    return {"date", "share"} <= words


def read_date_line(lines: Iterable[Line], place: Place) -> Said | None:
    """Lines beside an article, where it stands -> the one above the text that states a day; none where several do.

    What an element is called says more than its text: of those called dates, or changes, or today, none is asked again.
    """
    found: dict[str, None] = {}
    for holder, line, above in lines:
        stated = (
            above and not starts_with_label(line, "modified") and parse_date(line).precision in ("day", "ambiguous")
        )
        if stated and place.is_about(holder) and not _is_called_date(holder):
            found[line] = None
    return (next(iter(found)), "text:date") if len(found) == 1 else None


def _is_called_date(element: Element) -> bool:
    """Whether an element, or one of two around it, is called a date, or said to be none."""
    around = near(element, 3)
    kinds = {kind for here in around for name in ("class", "id") for kind in class_kinds(here.get(name) or "")}
    return any(here.tag == "time" for here in around) or not kinds.isdisjoint({"date", "modified", "not_date"})


_SOURCE_LABEL = re.compile(r"(?:ال)?مصدر(?: الخبر)? ?(?:[:|]|$)|source ?(?:[:|]|$)")
_SOURCES = frozenset({"source", "sources", "src", "masdar", "agency"})
_NO_LINE = frozenset({"script", "style", "noscript", "option", "button", "title"})
_PICTURE = frozenset(
    {"caption", "credit", "photo", "image", "img", "figure", "gallery", "video", "embed", "infographic"}
)


def _is_source(element: Element) -> bool:
    """Whether an element, or the one around it, is called a source."""
    around = near(element, 2)
    return any(not _SOURCES.isdisjoint(words_of(here)) for here in around)


def _is_of_picture(element: Element) -> bool:
    """Whether an element tells of a picture: whose it is, or what it shows."""
    around = near(element, 4)
    return any(here.tag in ("figure", "figcaption") or not _PICTURE.isdisjoint(words_of(here)) for here in around)


def _around(element: Element, line: str) -> str:
    """An element that holds a label -> the text of the line around it, where the label stands in an element of its own."""
    for here in near(element, 3):
        whole = " ".join(text_of(here).split())
        if len(whole) > LINE_LENGTH or not whole.startswith(line):
            break
        line = whole
    return line


def _agency_beside_place(line: str) -> str | None:
    """A line of a place and an agency and nothing else -> the agency."""
    parts = [bare_name(part) for part in re.split(r"\s*[-–—/|،:]\s*", line)]
    kinds = [name_kinds(part) for part in parts]
    told = [part for part, kind in zip(parts, kinds, strict=True) if kind & AGENCIES and "place" not in kind]
    return (
        told[0]
        if 2 <= len(parts) <= 3 and len(told) == 1 and all("place" in kind or kind & TELLERS for kind in kinds)
        else None
    )


def read_keywords(place: Place) -> tuple[list[str], str] | None:
    """Where an article stands -> its keywords, by itemprop, rel, class or the address of links, and by what."""
    below = {
        told.element for told in place.told[place.below :] if place.is_near(told.element, 3) and not _is_cloud(told)
    }

    def stands(element: Element) -> bool:
        return place.is_inner(element) or element in below

    for say in (_tags_by_name, _tags_by_rel, _tags_by_class, _tags_by_link):
        words: list[str] = []
        sources: list[str] = []
        for told, said in _speaking(place.told, say, stands):
            if place.is_own(told.element) and (say is not _tags_by_link or _is_listed(told.element)):
                found = list(_keywords_in(told.element, said))
                words += found
                sources += [said] * len(found)
        words = unique(words)
        if words and len(words) <= KEYWORDS:
            return words, sources[0]
    return None


def _is_cloud(told: Told) -> bool:
    """Whether an element is, or stands in, a cloud of the site's tags."""
    words = [words_of(element) for element in (told.element, told.element.getparent())]
    return any("cloud" in own or "tagcloud" in own for own in words)


def _tags_by_name(told: Told) -> str:
    return "itemprop:keywords" if "keywords" in told.names else ""


def _tags_by_rel(told: Told) -> str:
    section = "category" in told.rel or _SECTION_LINK.search(told.element.get("href") or "")
    return "rel:tag" if "tag" in told.rel and told.element.tag == "a" and not section else ""


def _tags_by_class(told: Told) -> str:
    said = told.kinds.get("tags", "")
    if not said or told.element.tag == "a":
        return ""
    links = [link for link in told.element.iter("a") if link.get("href")]
    if said.partition(":")[2] not in _LISTS:
        links = [link for link in links if is_tag_link(link.get("href"))]
    return said if links else ""


def _tags_by_link(told: Told) -> str:
    """Say of a link to a tag's page that it is one; whether it stands among its like is asked of those together."""
    return "link:tag" if told.element.tag == "a" and is_tag_link(told.element.get("href") or "") else ""


def _is_listed(link: Element) -> bool:
    """Whether a link to a tag's page stands among others of its kind, and not in running text."""
    box = link.getparent()
    box = box.getparent() if box.tag in ("li", "span") and len(box) == 1 and box.getparent() is not None else box
    links = [other for other in box.iter("a") if is_tag_link(other.get("href") or "")]
    return len(links) > 1 and 3 * sum(map(_length, links)) > _length(box)


def _length(element: Element) -> int:
    return len("".join(text_of(element).split()))


def _keywords_in(element: Element, said: str) -> Iterator[str]:
    links = [element] if element.tag == "a" else [link for link in element.iter("a") if link.get("href")]
    texts = [text_of(link) for link in links if not _SECTION_LINK.search(link.get("href") or "")]
    if not links and said == "itemprop:keywords":
        texts = split_words(element.get("content") or text_of(element))
    for text in texts:
        word = " ".join(text.split()).strip(" ,،;؛|•·-")
        if word.startswith("#"):
            word = word.lstrip("# ").replace("_", " ")
        if word and len(word) <= KEYWORD_LENGTH and not is_label(word, "tags"):
            yield word
