"""Line -> what its parts are: a person, a date, a place, a paper, or words that nobody knows.

A byline without a label is told by its parts: they are few, one is a person by the given name, and the others are such as
stand beside a writer's name.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from etl.bylines.credits import (
    BY,
    BYLINE_LABEL,
    CLOCK,
    READING,
    WRITES,
    cut_byline_label,
    is_byline_label,
    names_day,
    parse_author,
    part_at_days,
)
from etl.bylines.persons import LIKELY, PAPER_ENDS, SURE, UNSURE, load_given, may_be_person, split_persons, weigh_person
from etl.dates import parse_date
from etl.decoration import part_at_signs
from etl.fold import fold
from etl.names import load_names, name_key, name_kinds, tidy_text

LENGTH = 90
"""Code points beyond which a line is no row of names."""
_PARTS = 5
_UNKNOWN_WORDS = 2
"""Words of a part that nobody knows: a town's or a small paper's name, not a clause."""

_JOINT = re.compile(
    r"\s*[|/:؛·]+\s*|\s\u0640+\s|\s+-{1,2}\s+|\s-(?!رحم|حفظ|غفر|طيب|أطال)(?=[^\W\dA-Za-z]{2})|\s*[–—]\s*|،\s+|(?<=\s)من(?=\s)|(?<=\S\S)-\s+|(?<=[^\W\dA-Za-z])-(?=[^\W\dA-Za-z])"
)
_NUMERIC = re.compile(r"\d{1,4}(?:[/.-]\d{1,2}[/.-]| [/.-] \d{1,2} [/.-] )\d{2,4}")
COUNTER = re.compile(
    r"(?:عدد )?(?:ال)?(?:مشاهدات|قراءات|زيارات|مشاهدة|قراءة|تعليقات) ?:? ?[\d,]+|(?<![\d,])(?!(?<=[^\W\d_] |\d[/.-])(?:19|20|١٩|٢٠)\d\d )[\d,]+ (?:مشاهدات|مشاهدة|قراءات|قراءة|زيارات|زيارة|تعليقا?ت?)(?!\w)(?: \d{1,3}$)?"
)
"""How often a page was read or answered, on the line that tells who wrote it and when."""
_AGO = re.compile(r"\s*\( ?(?:منذ|قبل) [^()]{3,20}\)\s*-?")
"""How long ago, in brackets behind a day."""
_DIGIT = re.compile(r"\d")
_BEFORE_DAY = re.compile(r"\s(?:(?:نشر|نُشر|نشرت) )?(?:بتاريخ|في|يوم)\s*:?\s*(?=\|)")
"""What stands before a day, where the day has become a sign between parts."""
_YEAR = re.compile(r"(?<!\d)(?:19|20|١٩|٢٠)\d\d(?!\d)")
_DOTTED = re.compile(r"(?:(?:أ\. ?)?د\.|أ\.د|م\.|أ\.) ?[^.]+")
"""A name with the first letter of its title before it."""
_TOWN_BEHIND = re.compile(r"([^()]{5,50}?) ?\(([^()\d]{2,25})\)$")
"""A name and the writer's town in brackets: `سالم حسن (بيروت)`; what is no town says who is shown or spoken of."""
_TITLE = re.compile(r"(?<!\S)((?:أ ?[./] ?)?[دم]|أ) ?/ ?(?=\S)")
"""The first letter of a title before a stroke: `د/ سالم حسن`."""
_COUNT = re.compile(r"[\d.,]+[kKم]?")
"""How often a page was read, liked or answered, behind a sign."""
_PAPER_BETWEEN = re.compile(
    r"([^«»\"“”()]{2,30}?)?\s*[«\"“(]\s*([^«»\"“”()]{2,25})\s*[»\"”)]\s*[-–:/|]?\s*([^«»\"“”():]{4,50}):?$"
)
_SENTENCE = re.compile(r"[.؟!?«»\"“”()\[\]{}#%$@…]|http|www")
_DATE_WORDS = re.compile(r"(?:على )?(?:الساعة|يوم|في|بتوقيت \S+|نشر في|نشرت في|آخر تحديث|gmt|utc|\s)*", re.IGNORECASE)
_PAPER = frozenset({"نيوز", "اونلاين", "الاخبار", "news"})
"""Words that end a paper's name."""
_WORD = re.compile(r"[^\W\d_]+")
_APART = re.compile(r"(?<=[^\W\d])(?:[ \xa0]{2,}|\t+)(?=\S)")
"""White space that parts a name from a date as a stroke does."""
_BRACKETED = re.compile(r"(?<=[-–—|/:] )\(([^()\d]{4,40})\)$")
"""A writer's name in brackets behind a paper's and a dash."""
_STOP_APART = re.compile(r"\s\.$")
"""A stop with a space before it: a sign at the end of a line of names."""
_STROKED = 3
_OF = "من "
"""What an agency writes before a reporter's name, as other languages do "by"."""
_FROM = re.compile(r"(?<=\s)من\s")
_ENDS_PART = re.compile(r"[-–—\u0640/|:]\s*$")
"""How a line ends before a new part of it."""


def _is_from(match: re.Match[str]) -> bool:
    """Whether the word before "from" ends a person's name or says what a writer is (`رائد العجلان من الرياض`, `مراسلنا من الرياض`), or
    the one behind it begins a name (`قنا ـ من رائد العجلان`)."""
    before, behind = split_line(match.string[: match.start()]), split_line(match.string[match.end() :])
    if _ENDS_PART.search(match.string[: match.start()]):
        return bool(behind) and weigh_person(behind[0]) >= LIKELY
    return bool(before) and (weigh_person(before[-1]) > 0 or name_key(before[-1]) in load_names().roles)


def _names_role(part: str) -> bool:
    """Whether a part says what its writer is to whom: `مراسل الميناء`."""
    role, _, whose = name_key(part).partition(" ")
    return role in load_names().roles and 0 < len(whose.split()) <= _UNKNOWN_WORDS


class Byline(NamedTuple):
    """A line that may tell its writer: the name, how sure it is one, and what stands on the line with it.

    `told` is what speaks for a byline: `label`, `date`, `place` (or a paper), `unknown` (a part that nobody knows), or
    nothing where the name is alone; `listed`: the given name is in a list.
    """

    name: str
    weight: int
    told: frozenset[str]
    listed: bool = True


def split_line(line: str) -> list[str]:
    """Line -> its parts, without the signs between them."""
    return [part for part in (part.strip(" \t*•▪-–—|") for part in _JOINT.split(line)) if part]


def _kind(part: str) -> str:
    """A part that is no person -> `date`, `place` or `unknown`; `clause` where no byline has such a part."""
    if parse_date(part).precision != "none" and len(part.split()) <= 10:
        return "date"
    if name_kinds(part):
        return "place"
    key, names = name_key(part), load_names()
    words = key.split()
    if f" {key}".endswith(PAPER_ENDS) and len(words) <= _UNKNOWN_WORDS + 2:
        return "unknown"
    if not words or len(words) > _UNKNOWN_WORDS or key in names.others or not names.others.isdisjoint(words):
        return "clause"
    if not names.not_names.isdisjoint(words) and words[-1] not in _PAPER:
        return "clause"
    return "unknown"


@lru_cache(maxsize=1)
def load_cues() -> frozenset[str]:
    """Return the words of which a byline has one: given names, the stems of more, and the last words of labels."""
    given = load_given()
    labels = {label.split()[-1] for label in load_names().labels | load_names().roles}
    return given.names | given.words | given.stems | labels


def _read_unlisted(line: str, dated: bool = False) -> Byline | None:
    """Line without any name of a list, whether a day stood on it -> the byline that it may be: a name alone, or a place or a paper
    and a name."""
    parts = [part for part in split_line(line) if not _DATE_WORDS.fullmatch(fold(part))]
    if len(line) > LENGTH // 2 or not 0 < len(parts) <= 2 or _SENTENCE.search(line):
        return None
    named = [may_be_person(part) for part in parts]
    if sum(named) != 1:
        return None
    told = {_kind(part) for part, is_name in zip(parts, named, strict=True) if not is_name}
    told |= {"date"} if dated else set()
    return Byline(parts[named.index(True)], UNSURE, frozenset(told), listed=False) if "clause" not in told else None


@lru_cache(maxsize=1 << 12)
def read_byline(line: str) -> Byline | None:
    """Line -> the byline that it may be; where it stands must say whether it is."""
    # Most lines hold no name and no label, and are soon told.
    if len(line) > 2 * LENGTH:
        return None
    if load_cues().isdisjoint(_WORD.findall(fold(line))) and "عبد" not in line and "بواسطة" not in line:
        if not _YEAR.search(line):
            return _read_unlisted(tidy_text(line))
        return _read_unlisted(part_at_days(tidy_text(part_at_signs(line))), names_day(line))
    line = _BRACKETED.sub(r"\1", line.strip())
    text = _STOP_APART.sub("", tidy_text(part_at_signs(_APART.sub(" | ", line.strip()))))
    if len(text) > LENGTH:
        return None
    text = _AGO.sub(" | ", text)
    bare = COUNTER.sub(" | ", READING.sub(" | ", CLOCK.sub(" ", text)))
    dated = names_day(bare)
    bare = part_at_days(bare)
    # A paper calls itself by name between the town and its writer: «عدن «الأيام» سالم حسن:».
    paper = _PAPER_BETWEEN.match(bare)
    bare = _TITLE.sub(r"\1. ", f"{paper[1] or ''} | {paper[3]}" if paper else bare)
    town = _TOWN_BEHIND.match(bare)
    if (
        town
        and weigh_person(town[1]) >= LIKELY
        and any(name_kinds(part.strip()) for part in re.split("[-،,]", town[2]))
    ):
        bare = f"{town[2]} | {town[1]}"
    dated = dated or _NUMERIC.search(bare) is not None
    bare = _BEFORE_DAY.sub(" ", _NUMERIC.sub(" | ", bare))
    named = cut_byline_label(bare)[1].strip()
    dotted = _DOTTED.fullmatch(named) is not None or max(map(weigh_person, split_persons(named))) > 0
    if _SENTENCE.search(bare) and not dotted:
        return None
    if bare.startswith(_OF) and weigh_person(bare[len(_OF) :]) == SURE:
        return Byline(bare[len(_OF) :], LIKELY, frozenset({"unknown"}))
    parts = [part for part in split_line(bare) if not _COUNT.fullmatch(part)]
    if not 0 < len(parts) <= _PARTS:
        return None
    if not all(map(_is_from, _FROM.finditer(bare))):
        return None
    # Of agencies some write town, reporter and agency between strokes.
    is_agencys = len(parts) == _STROKED and text.count("/") == _STROKED - 1 and weigh_person(parts[1]) >= LIKELY
    told = ({"date"} if dated else set()) | ({"place"} if paper else set())
    name, weight = "", 0
    for at, part in enumerate(parts):
        label, inner = cut_byline_label(part)
        sure = max(map(weigh_person, split_persons(inner)))
        # Behind a label a name needs not be of the list; in Latin letters it may be an account's.
        labelled = label or (at > 0 and is_byline_label(parts[at - 1]) and not inner.isascii())
        if labelled and not sure:
            sure = LIKELY if parse_author(f"{BY}{inner}") else 0
        if sure:
            told |= {"label"} if label else set()
            if sure > weight:  # a town may look like a name
                name, weight = inner, sure
        elif (at + 1 < len(parts) and (is_byline_label(part) or _names_role(part))) or (
            name and name_key(part) in load_names().roles
        ):
            told.add("label")
        elif not _DATE_WORDS.fullmatch(part):
            kind = _kind(part)
            # A part that nobody knows stands first, as a town or a paper does, or it is where the writer is; behind a
            # colon it is what a person says.
            behind = at > 0 and (":" in text or _DIGIT.search(part))
            if kind == "clause" or (kind == "unknown" and not is_agencys and ("unknown" in told or at > 1 or behind)):
                return None
            told.add(kind)
    # A name and a dash, with nothing behind it: the text follows. A colon is behind who speaks.
    if not told and _ENDS_PART.search(line) and not line.rstrip().endswith(":"):
        told.add("unknown")
    return Byline(name, weight, frozenset(told)) if name else _read_unlisted(text)


MAY_BE_SIGNED = rf"^{BYLINE_LABEL.pattern}|{WRITES.pattern}|^ ?(?:ا ?[./] ?)?[دما] ?[./]"
"""What the key of a line has that names its writer behind a label or before one, or with the first letter of a title."""


def is_signature(line: str) -> bool:
    """Whether a line names its writer behind a label, or a person by the first letter of a title, and says no more."""
    found = read_byline(line)
    if found is None:
        return False
    return "label" in found.told or (
        not found.told and found.weight == SURE and _DOTTED.fullmatch(found.name) is not None
    )


MAY_BE_PLACED = r"\S ?[-–—/|] ?\S"
"""What a line has that names a town or a paper beside its writer."""


def is_placed(line: str) -> bool:
    """Whether a line names a town or a paper and a person, with a sign between them, and says no more: `الميناء - سالم حسن`."""
    found = read_byline(line)
    if found is None or not found.listed or found.told.isdisjoint(("place", "unknown")):
        return False
    return found.weight >= LIKELY or line.rstrip().endswith(":")


def is_byline(found: Byline, *, beside: bool, below: bool, first: bool, last: bool) -> bool:
    """Whether a line is a byline where it stands: `beside` a date or the like, `below` the title, the `first` line there, the
    `last` above the text.

    With a label it is one wherever it stands; above the title a bare name is one only with a date beside it. A name of no list,
    and one that is as often another word, is one with a date beside it or with a place, right above the text.
    """
    if "label" in found.told:
        return True
    if not found.listed or found.weight == UNSURE:
        return below and (beside or "date" in found.told or (last and not found.told.isdisjoint(("place", "unknown"))))
    if not (below or (beside and found.weight == SURE)):
        return False
    if "date" in found.told or "place" in found.told:
        return True
    if "unknown" in found.told:
        return below and (found.weight == SURE or beside or last)
    return beside or first or last or (below and found.weight == SURE)
