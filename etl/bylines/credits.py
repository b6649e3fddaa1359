"""Who tells a story: source lines, promos of an outlet, bylines, datelines.

What a function returns keeps the page's spelling. Where nothing names a value the answer is None: no guesses.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from etl.bylines.persons import (
    AUTHOR_WORDS,
    LIKELY,
    drop_epithets,
    is_named,
    is_person,
    may_be_person,
    split_persons,
    weigh_person,
)
from etl.dates import parse_date
from etl.dates.names import WEEKDAY, read_months, weekday_of
from etl.decoration import bare_line, part_at_signs
from etl.fold import fold, fold_offsets
from etl.names import (
    AGENCIES,
    EDGES,
    MEDIA,
    NOBODY,
    TELLERS,
    URL,
    after_label,
    bare_name,
    drop_preposition,
    either,
    load_names,
    name_key,
    name_kinds,
    tidy_text,
)
from etl.outlets import outlet_from_url

SOURCE_WORDS = 8
"""Words beyond which what stands after "source:" is a sentence, not a name."""
_DAY_LENGTH = 40
"""Code points of a day with its weekday, at most."""
BY = "بقلم: "
"""What is put before a name to have it read as a writer's."""
BYLINE_LENGTH = 120
"""Code points beyond which a byline is a sentence."""


class Dateline(NamedTuple):
    """Place and agency that open a story; `عواصم` ("capitals") stands as the place where no city does."""

    place: str | None
    agency: str | None


_SOURCE_LABEL = re.compile(
    r"[ *•(\[-]*(?:(?:ال)?مصدر(?: (?:ال)?(?:خبر|معلومات|نص|مقال)(?: والصوره?)?)?|المصادر|صاحب المقال|نقلا عن|منقول|sources?|kalla|källa|quelle|kaynak) ?(?=[:(\[/|-])[ :(\[/|-]*"
)
_SERVICE = re.compile(
    r"[ *•]*(?:خدمه|(?:هذا|هذه) \S+ (?:مقدم|منقول|مقتبس|ماخوذ)ه? (?:من|عن)|بالاتفاق مع|بالتعاون مع|نقلا عن|منقول (?:من|عن)|عن|خاص ب(?=[\" ])) ?(?=[\" ])"
)
_PRESS_OFFICE = re.compile(
    r"(?:المكتب|المركز) (?:الاعلامي|الصحفي) ?[-/|]|[-/|] ?(?:المكتب|المركز) (?:الاعلامي|الصحفي)$|"
    r"(?:اداره|دائره|قسم|وحده) الاعلام|العلاقات العامه"
)
_CALLED = re.compile(r"\S+ [«\"“(\[]([^«»\"“”()\[\]]{2,40})[»\"”)\]]?")
"""A paper's name in quotes or brackets, behind the word for a paper."""
_SOURCE_SPLIT = re.compile(r"\s*(?:[+/|،,;؛&\n•·]|\s[\-–—\u0640]+\s)\s*")


def _split_and(part: str) -> list[str]:
    """`رويترز ووكالات` -> both, where either side of the و is a known name; else the part as it is."""
    for match in re.finditer(r"\s+و\s*", part):
        left, right = part[: match.start()], part[match.end() :]
        if name_kinds(left) & TELLERS and name_kinds(right) & TELLERS:
            return [left, right]
    return [part]


CLOCK = re.compile(r"\d{1,2}[:.]\d{2}(?::\d{2})?(?:\s*(?:ص|م|صباحا|صباحاً|مساء|مساءً|am|pm)(?!\w))?", re.IGNORECASE)
READING = re.compile(
    r"(?:تستغرق )?(?:(?:مدة |وقت |زمن )?(?:ال)?قراءة:? (?:في )?)?\d{1,2} (?:دقائق|دقيقة|دقايق|min)(?: (?:ل?لقراءة|قراءة|read))?"
)
"""A time of day, and how long a text takes to read: what stands beside a name on its line."""


def _is_when(name: str) -> bool:
    """Whether a part of a source line is a day, a time or how long the text takes to read."""
    stated = CLOCK.fullmatch(name) or READING.fullmatch(name)
    return stated is not None or (len(name) <= _DAY_LENGTH and parse_date(name).precision == "day")


_FETCHED = re.compile(r"نُ?شر(?: أولاً?ا?)? (?:على|في) (?:موقع|صحيفة|قناة|وكالة) ([^.]{2,40}?)(?: وتم | تم |\.|$)")
"""How an aggregator says from which site it has fetched a text."""
_DOMAIN = re.compile(r"[a-z0-9-]+(?:\.[a-z0-9-]+){1,3}", re.IGNORECASE)
_LISTED = re.compile(r"[+،,;؛&]")
"""Signs that list sources, where others part what is said of one."""
_ISSUE = re.compile(r"[ ،,–-]*(?:ال)?عدد (?:رقم )?\(?\d+\)?$")


@lru_cache(maxsize=1 << 12)
def parse_source(raw: str) -> str | None:
    """A source line -> the name in it, without label, brackets, quotes and one preposition.

    Several names are kept in their order and joined by ` + `.
    """
    _, text = after_label(_ISSUE.sub("", tidy_text(raw)), _SOURCE_LABEL)
    fetched = _FETCHED.search(text)
    text = fetched[1] if fetched else text
    address = URL.search(text)
    if address:
        return outlet_from_url(address[0])
    if _PRESS_OFFICE.search(fold(text)):
        # An office and whose it is are one name, not two sources.
        return bare_name(text) if len(text.split()) <= SOURCE_WORDS + 2 else None
    parts: dict[str, str] = {}
    for piece in _SOURCE_SPLIT.split(text):
        _, piece = after_label(piece, _SERVICE)
        for part in _split_and(bare_name(piece)):
            name = bare_name(drop_preposition(bare_name(part)))
            name = called[1] if (called := _CALLED.fullmatch(name)) else name
            if name and "desk" not in name_kinds(name) and not _is_when(name):
                parts.setdefault(name_key(name), name)
    # An address beside a name is that of the one named, unless a sign lists it.
    if not _LISTED.search(text):
        parts = {key: name for key, name in parts.items() if not _DOMAIN.fullmatch(name)} or parts
    # Some papers write their reporter and the town there.
    if any(weigh_person(name) >= LIKELY for name in parts.values()):
        parts = {
            key: name for key, name in parts.items() if weigh_person(name) < LIKELY and "place" not in name_kinds(name)
        }
    if not parts or any(len(name.split()) > SOURCE_WORDS for name in parts.values()):
        return None
    return " + ".join(parts.values())


@lru_cache(maxsize=1 << 12)
def agencies_beside(raw: str) -> str | None:
    """A paper or a person and agencies on one line (`الميناء نيوز + وكالات`) -> the agencies, joined as those of a source line."""
    parts = [bare_name(part) for part in _SOURCE_SPLIT.split(tidy_text(raw))]
    return " + ".join(part for part in parts if name_kinds(part) & AGENCIES) or None


_AND_AGENCIES = re.compile(r"[،,]? و ?((?:ال)?وكالات) ?:?$")
"""What a paper adds to its reporter's name."""


def agencies_behind(raw: str) -> str | None:
    """A byline (`كتبت هدى القصبي ووكالات`) -> the agencies that it adds to the writer's name."""
    added = _AND_AGENCIES.search(tidy_text(raw))
    return added[1] if added else None


@lru_cache(maxsize=1 << 12)
def author_of_source(raw: str) -> str | None:
    """A source line that names a reporter and a town (`المصدر: سالم حسن ــ دبي`) -> the reporter."""
    _, text = after_label(tidy_text(raw), _SOURCE_LABEL)
    names = [bare_name(part) for part in _SOURCE_SPLIT.split(text)]
    return next((name for name in names if weigh_person(name) >= LIKELY), None)


_FOLLOW = re.compile(
    r"^[ *•|-]*(?:تابع|تابعوا|تابعونا|تابعي|لمتابعه|اشترك|اشتركوا|انضم|انضموا) (?P<what>.{2,80}?) "
    r"(?:علي|عبر)(?: |:|$)"
)
_NEWS_OF = re.compile(r"^(?:(?:اخر|احدث|اهم|جميع|كل) )?(?:(?:ال)?اخبار|مستجدات|تغطيه|حساب|صفحه) ?")


@lru_cache(maxsize=1 << 12)
def source_from_promo(text: str) -> str | None:
    """A promo (`تابعوا أخبار العالم من البيان عبر غوغل نيوز`) -> the outlet it speaks for.

    It is the name behind `من`, or a known outlet's name between the verb and the platform.
    """
    tidy = tidy_text(text)
    match = _FOLLOW.match(fold(tidy))
    if not match:
        return None
    key, offsets = fold_offsets(tidy)
    start, end = match.span("what")
    behind = key.rfind(" من ", start, end)
    if behind >= 0:
        start = behind + len(" من ")
    else:
        start += news.end() if (news := _NEWS_OF.match(key[start:end])) else 0
    name = bare_name(tidy[offsets[start] : offsets[end - 1] + 1]) if start < end else ""
    if behind >= 0 and re.match("(?:خلال|قبل|هنا)", name):
        return None
    known = name_kinds(name) & MEDIA
    return name if name and (known or (behind >= 0 and len(name.split()) <= 3)) else None


BYLINE_LABEL = re.compile(
    rf"[ *•|-]*(?:(?P<verb>{either(load_names().verbs)})|"
    r"(?:اعداد|ترجمه|كتابه|حوار) و ?(?:تقديم|تحرير|اعداد|ترجمه|حوار|تصوير)|"
    rf"(?P<role>{either(load_names().roles)})|{either(load_names().labels)})(?P<gap> ?[:,،/|-]+ ?| |$)"
)
_NO_WRITER = re.compile(
    r"(?:رئيس|مدير|سكرتير|امين) (?:عام )?(?:ال)?(?:تحرير|تنفيذي|عام|مسؤول)|الاشراف العام|المشرف العام|"
    r"رئيس مجلس|هيئه التحرير|المؤسس|الناشر|صاحب الامتياز|"
    r"(?:ال)?(?:مراجعه|تدقيق) (?:الطبي|العلمي|اللغوي)|(?:راجع|دقق)(?:ت?ه|ت?ها) |(?:reviewed|checked) by|"
    r"^[ *•|-]*(?:ترجمه|ترجم(?:ته|تها|ها)|نقل(?:ه|ها|ته|تها))(?: الي العربيه| عن [^ :/|]+)? ?[:/|]"
)
"""Who leads a paper, checked a text or translated it: they did not write it."""
_NO_WRITERS = re.compile(r"(?:تصوير|عدسه|كاميرا|مونتاج|الصور|صور|photos?|photo by|(?:ال)?اشراف)(?: |$)")
"""Who took the pictures, or supervised; they are named last."""
_NO_MORE = frozenset(map(fold, ("التصنيف", "التصنيفات", "القسم", "الأقسام", "الوسوم", "التعليقات")))
"""What stands behind a writer's name before the name of a section."""
_BYLINE_SPLIT = re.compile(
    r"\s*(?:\.{2,}|[:/|()\[\]«»\"“”،,;؛\n–—·•]|(?<![A-Za-z])-|-(?![A-Za-z])|(?<=\s)[\u0640_]+(?=\s)|(?<=\s)من(?=\s)|(?<=\s)(?:نشر في|بتاريخ)(?=\s)|(?<=\s)في(?=\s\d))+\s*"
)


WRITES = re.compile(r" (?:يكتب|تكتب) ?:?$")
"""What a columnist's name is followed by where it stands alone."""


_IN_PAPER = re.compile(r"\s+في\s*[\"«“(][^\"»”)]{2,30}[\"»”)]\s*:?$")
"""In which paper a writer wrote, as reviews of the press say: `كتبت هدى القصبي في "صوت الميناء":`."""
_WRITER = frozenset(map(fold, ("الكاتب", "الكاتبة", "كاتب المقال", "كاتبة المقال")))


def cut_byline_label(text: str) -> tuple[bool, str]:
    """A line -> whether a label of a writer opens it, and what follows; a verb or a role without a colon is none, unless
    nothing but a name follows the verb or the word for a writer. A columnist's name may also have it behind."""
    label, rest = after_label(text, BYLINE_LABEL)
    if label is None:
        writes = WRITES.search(text)
        return (
            (True, text[: writes.start()])
            if writes and weigh_person(text[: writes.start()]) >= LIKELY
            else (False, text)
        )
    if label["gap"].strip() or not (label["verb"] or label["role"]):
        return True, drop_epithets(rest)
    name = _IN_PAPER.sub("", rest)
    tells = label["verb"] or fold(label["role"] or "") in _WRITER
    return (True, name) if tells and weigh_person(name) >= LIKELY else (False, text)


def _must_follow(label: re.Match[str]) -> bool:
    """Whether a name must stand at once after a label."""
    return bool(label["verb"] and not label["gap"].strip())


def is_byline_label(text: str) -> bool:
    """Whether a text is only what stands before an author's name (`بقلم`, `حاورها:`)."""
    label, rest = after_label(tidy_text(text) + " ", BYLINE_LABEL)
    return label is not None and not rest.strip(EDGES)


_NAMED_DAY = re.compile(
    rf"(?:(?<!\w)(?:في|بتاريخ|يوم) )?(?:{WEEKDAY}[ ،,]+)?(?<![\d/.-])\d{{1,2}}(?:st|nd|rd|th)?[ .،,]{{1,3}}[^\W\d_]{{3,}}(?: [^\W\d_]{{3,}})?(?: ?/ ?[^\W\d_]{{3,}})?[ ،,]{{1,3}}(?:19|20|١٩|٢٠)\d{{2}}(?!\d)"
)
_TWICE = re.compile(r"(\S+(?: \S+){1,3}) (?:\| )?(by |بواسطة )?\1(?!\S)")
"""A name that a theme prints once for readers and once for machines, perhaps behind a label there."""


def names_day(line: str) -> bool:
    """Whether a line has a day with a named month on it."""
    return any(parse_date(day[0]).precision == "day" for day in _NAMED_DAY.finditer(line))


def part_at_days(line: str) -> str:
    """A line -> it with ` | ` for the days with named months on it, and with a name that stands twice in a row once."""
    parted = _NAMED_DAY.sub(lambda day: " | " if parse_date(day[0]).precision == "day" else day[0], line)
    return _TWICE.sub(r"\2\1", " ".join(parted.split())).strip(" |")


@lru_cache(maxsize=1 << 12)
def parse_author(raw: str) -> str | None:
    """A byline -> the person or persons in it, in their order, joined by `، `; papers and agencies are none.

    After a bare verb (`كتب`, `كتبت` without a colon) a name must follow at once: the verb opens sentences. Without any
    label a person is told by the given name: a paper and its city have the same shape.
    """
    text = part_at_days(tidy_text(part_at_signs(raw))) if len(raw) <= 2 * BYLINE_LENGTH else raw
    if len(text) > BYLINE_LENGTH or URL.search(text):
        return None
    text = text.removeprefix("من ") if is_person(text.removeprefix("من ")) else text
    text = _AND_AGENCIES.sub("", text)
    writes, name = cut_byline_label(text)
    if writes and is_person(name) and weigh_person(name) >= LIKELY:
        return name
    if _NO_WRITER.search(fold(text)):
        return None
    label, rest = after_label(text, BYLINE_LABEL)
    must_follow = label is not None and _must_follow(label)
    town, _, writer = rest.partition(":")
    if (
        label is None
        and is_person(town.strip())
        and is_person(writer.strip())
        and weigh_person(writer) >= LIKELY > weigh_person(town)
    ):
        rest = writer
    persons: dict[str, str] = {}
    parts = (part.strip(EDGES) for part in _BYLINE_SPLIT.split(rest.strip(EDGES)))
    for at, part in enumerate(one for several in filter(None, parts) for one in split_persons(several)):
        key = fold(part)
        if _NO_WRITERS.match(key) or key in _NO_MORE:
            break
        again, inner = after_label(part, BYLINE_LABEL) if BYLINE_LABEL.match(key) else (None, part)
        name = inner if again and inner and (not again["verb"] or weigh_person(inner) >= LIKELY) else part
        if is_person(name) and (label or again or is_named(name) or may_be_person(name)):
            # A paper may be called after its town.
            if weigh_person(name) >= LIKELY or "place" not in name_kinds(name.split()[-1]):
                persons.setdefault(name_key(name), name)
        elif at == 0 and (must_follow or (not name_kinds(name) and len(name.split()) > AUTHOR_WORDS[1])):
            return None
    return "، ".join(persons.values()) or None


def author_by_place(text: str) -> str | None:
    """A line that is a byline by its place alone (`byline/name`) -> the person, whether a list knows the name or not."""
    name = tidy_text(text)
    return name if is_person(name) and all(fold(word).isalpha() for word in name.split()) else None


_BY_TAIL = re.compile(
    r"(?:^|[\s.…/|–-])(?:بقلم ?[:/]?|(?:حوار|حاوره|حاورها|حاورته|حاورتها|أجرى الحوار|أجرت الحوار) ?[:/]) ?(?P<by>[^:/|؟!]{5,50})$|\s?/ ?(?P<behind>[^:/|؟!.«»]{5,40})$"
)
_BY_HEAD = re.compile(r"(?P<name>[^:/|؟!.«»]{5,40}?) (?:يكتب|تكتب) ?(?::|\.\.)")
_BY_PEN = re.compile(r"\W*✍\W*(?P<name>[^:/|؟!«»]{5,40}?) ?:")
"""A writer's name behind the sign of a hand that writes."""


@lru_cache(maxsize=1 << 12)
def author_of_title(title: str) -> str | None:
    """A headline that names its writer (`ست الشاي .. بقلم: سالم حسن`, `كراس فارغة / سالم حسن`, `سالم حسن يكتب: …`) -> the writer."""
    text = tidy_text(title)
    head, tail = _BY_HEAD.match(text) or _BY_PEN.match(text), _BY_TAIL.search(text)
    if tail and tail["by"] and ("بقلم" in tail[0] or is_named(tail["by"])):
        return parse_author(f"{BY}{tail['by']}")
    if head:
        return parse_author(f"{BY}{head['name']}") if is_named(head["name"]) else None
    name = (tail["behind"] or "").strip() if tail else ""
    return name if name and weigh_person(name) >= LIKELY else None


_POSTED = re.compile(r"مرسل[هة] بواسطة (.+?) في \d")
_PUBLISHED = re.compile(r"([^\d:|]{5,40}?) (?:نُ?شرت?|تم النشر)(?: في| بتاريخ| يوم)?(?: ?:|(?= [\d\u0621-\u064a]))")


def author_of_post(raw: str) -> str | None:
    """The line below a post that says who posted it and when (`مرسلة بواسطة سالم حسن في 10:26 ص`) -> who did, if a person."""
    posted = _POSTED.match(tidy_text(raw))
    return parse_author(f"{BY}{posted[1]}") if posted and is_named(posted[1]) else None


def author_of_date(raw: str) -> str | None:
    """A date line that begins with a name (`سالم حسن نشر في: 12 نونبر 2019`) -> the name, if it is a person's."""
    published = _PUBLISHED.match(tidy_text(raw))
    return published[1] if published and weigh_person(published[1]) >= LIKELY else None


_QUOTED = re.compile(r"[«\"“(\[]\s*([^«»\"“”()\[\]]{1,60}?)\s*[»\"”)\]]")
_SIGNS_FIRST = re.compile(r"^[^\w(\[«\"“]+")
"""Bullets and strokes before a dateline."""
_STAMP = re.compile(
    r"\s+\d{1,2} ?[-/] ?\d{1,2} ?[-/] ?\d{4}(?!\d)|\s*\d{1,2}\s+\S.*\d{4}\s*(?:هـ?|م)?(?=\s|$)|\s+(?:في\s+)?\d{1,2}\s+[^\s/(|]+"
)
_DATED_AGENCY = re.compile(r"\d[^()/]{0,40}(?:\(([\u0621-\u064a]{2,5})\)\s*[-–—]{2,3}$|/\s*([^/()\d]{2,30}?)\s*/$)")
"""How a dateline closes that has the day: with the agency in brackets and a long dash, or between slashes."""


@lru_cache(maxsize=1 << 12)
def parse_dateline(raw: str) -> Dateline:
    """The opening of a story (`دمشق، سوريا (CNN) --`) -> its place and its agency; a person in it is neither.

    A town that no list holds is the place where an agency or a country stands in brackets behind it.
    """
    text = _SIGNS_FIRST.sub("", bare_line(f"{tidy_text(raw)} ").rstrip())
    bracketed = [match[1] for match in _QUOTED.finditer(text)]
    # «الصخيرات (المغرب)»: a country in brackets, unless an agency is called so.
    countries = {
        part
        for part in bracketed
        if "place" in name_kinds(part) and "agency" not in name_kinds(part) and f"({part})" in text
    }
    agencies = [part for part in bracketed if name_kinds(part) & NOBODY and part not in countries]
    places: list[str] = []
    unknown: list[str] = []
    stamped = _STAMP.sub(" - ", _QUOTED.sub(" | ", text))
    parts = [part for part in map(bare_name, _BYLINE_SPLIT.split(stamped)) if part]
    named_places = [part for part in parts if "place" in name_kinds(part)]
    for part in parts:
        kinds = name_kinds(part)
        # An agency that is called as a town is ("قنا") is the agency beside another town.
        if "place" in kinds and not ("agency" in kinds and len(named_places) > 1):
            places.append(part)
        elif kinds & NOBODY:
            agencies.append(part)
        else:
            unknown.append(part)
    named = None if agencies else _DATED_AGENCY.search(text)
    signed = bare_name(named[1] or named[2]) if named else ""
    if named and not read_months(fold(signed)) and weekday_of(fold(signed)) is None:
        agencies, unknown = [signed], [part for part in unknown if part not in named[0]]
    if (
        not places
        and (bracketed or (agencies and stamped != text))
        and len(unknown) == 1
        and len(unknown[0].split()) <= 3
    ):
        places = unknown
    places += [part for part in bracketed if part in countries and places]
    return Dateline("، ".join(dict.fromkeys(places)) or None, agencies[0] if agencies else None)


def own_of_dateline(raw: str) -> str | None:
    """A dateline that ends in the page's own name (`عمان – مدار الوطن –`) -> that name."""
    parts = [bare_name(part) for part in re.split(r"[/:]|[-–—]+(?=\s|$)", tidy_text(raw))]
    return next((part for part in reversed(parts) if part), None)
