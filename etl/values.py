"""What a filed piece says: source, author, dateline, category, keywords, tweet, summary, outlet.

Every function takes the characters as they stand on the page and compares folded keys; what it returns keeps
the page's spelling. The names it knows are data. Where nothing names a value the answer is None: no guesses.
"""

from __future__ import annotations

import datetime as dt
import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple, TypedDict
from urllib.parse import urlsplit

import tldextract

from etl.dates import parse_date
from etl.fold import fold, fold_offsets

DATA = Path(__file__).parent / "data"
SOURCE_WORDS = 8
"""Words beyond which what stands after "source:" is a sentence, not a name."""
AUTHOR_WORDS = (2, 4)
"""Words of a person's name, titles and particles aside: as in the author fields of SaudiNewsNet."""
BYLINE_LENGTH = 120
"""Code points beyond which a byline is a sentence."""
CATEGORY_WORDS = 6
"""Words beyond which a line is no section's name."""
HEAD, FOOT = 12, 15
"""Lines with text, from the top and from the end of a page, among which an outlet writes its own name."""
MENU_TIMES = 3
"""Times a name must stand in one menu line to be what its channels are called after."""

_INVISIBLE = re.compile("[\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufe00-\ufe0f\ufeff]")
_EDGES = " \t\n:،,;؛|/\\+-–—_*•·▪►◄■[](){}<>\"'«»“”„‘’"
_ARABIC = re.compile("[\u0620-\u064a\u066e-\u06d3]")
_URL = re.compile(r"https?://\S+|www\.\S+|pic\.twitter\.com/\S+", re.ASCII)


class Source(NamedTuple):
    """Where a story comes from; the role is `agency`, `outlet`, `aggregated` (several of them) or unknown."""

    name: str | None
    role: str | None


class Dateline(NamedTuple):
    """Place and agency that open a story; `عواصم` ("capitals") stands as the place where no city does."""

    place: str | None
    agency: str | None


class Embed(TypedDict):
    """A post shown inside the article; `kind` is `tweet`, the handle has no @, the date is the post's."""

    kind: str
    text: str
    url: str | None
    author: str | None
    handle: str | None
    date: dt.date | None


class Summary(NamedTuple):
    """Parts of a summary line, in half-open code points of it: sentences, a call to read on, hashtags."""

    sentence: tuple[int, int]
    call: tuple[int, int] | None
    hashtags: tuple[int, int] | None


def read_data(name: str) -> dict[str, Any]:
    """Read one TOML file of names that ships with the package."""
    return tomllib.loads((DATA / f"{name}.toml").read_text("utf-8"))


def _tidy(text: str) -> str:
    return " ".join(_INVISIBLE.sub("", text).split())


def _bare(text: str) -> str:
    return text.strip(_EDGES + ".")


_SIGNS = re.compile(r"[\"'()\[\].،,:*#]")


@lru_cache(maxsize=1 << 15)
def _key(name: str) -> str:
    """A name -> what it is compared by: folded, no quotes, no brackets; points in initials are spaces."""
    return " ".join(_SIGNS.sub(" ", fold(name)).split())


def _keys(names: Iterable[str]) -> frozenset[str]:
    return frozenset(map(_key, names))


@dataclass(frozen=True)
class Names:
    """The lists of names, by key."""

    agencies: frozenset[str]
    agency_words: frozenset[str]
    several: frozenset[str]
    desk: frozenset[str]
    outlets: dict[str, str]
    outlet_words: frozenset[str]
    domains: dict[str, str]
    menu: frozenset[str]
    platforms: frozenset[str]
    places: frozenset[str]
    titles: frozenset[str]
    particles: frozenset[str]
    not_names: frozenset[str]


@lru_cache(maxsize=1)
def load_names() -> Names:
    """Read agencies, outlets, places and the words of bylines into look-up tables."""
    agencies, outlets, places = read_data("agencies"), read_data("outlets"), read_data("places")
    words = read_data("bylines")
    owners: dict[str, set[str]] = {}
    safe: set[str] = set()
    for outlet in outlets["outlet"]:
        # A name in brackets tells two papers of one name apart; nobody writes it so.
        own = {_key(re.sub(r"\([^)]*\)", "", outlet["name"])), _key(outlet["latin"])}
        others = _keys(outlet.get("names", ()))
        safe |= others if outlet.get("ambiguous") else own | others
        for key in own | others:
            owners.setdefault(key, set()).add(outlet["name"])
    unique = {key: next(iter(names)) for key, names in owners.items() if len(names) == 1}
    return Names(
        agencies=_keys(name for agency in agencies["agency"] for name in agency["names"]),
        agency_words=_keys(name for agency in agencies["agency"] for name in agency.get("ambiguous", ())),
        several=_keys(agencies["generic"]["names"]),
        desk=_keys(agencies["generic"]["desk"]),
        outlets=unique,
        outlet_words=frozenset(owners) - (safe & unique.keys()),
        domains={domain: outlet["name"] for outlet in outlets["outlet"] for domain in outlet["domains"]},
        menu=_keys(outlets["menu"]),
        platforms=_keys(outlets["platforms"]),
        places=_keys(
            [
                *places["nowhere"],
                *(name for row in places["country"] for name in (*row["names"], *row["cities"])),
            ]
        ),
        titles=_keys(words["titles"]),
        particles=_keys(words["particles"]),
        not_names=_keys(words["not_names"]),
    )


_PAPER = re.compile(
    r"(?:ال)?(?:جريده|صحيفه|موقع|قناه|شبكه|مجله|بوابه|اذاعه|راديو|تلفزيون|تليفزيون|فضائيه|دار|يوميه)(?: |$)"
)
_BUREAU = re.compile(r"(?:ال)?وكاله(?: |$)")


@lru_cache(maxsize=1 << 14)
def _kinds(name: str) -> frozenset[str]:
    """What a name may be, in the place of a source or in a byline: agency, several, desk, outlet, place."""
    names, key = load_names(), _key(name)
    found = {
        "agency": key in names.agencies or key in names.agency_words or bool(_BUREAU.match(key)),
        "several": key in names.several,
        "desk": key in names.desk,
        "outlet": key in names.outlets or key in names.outlet_words or bool(_PAPER.match(key)),
        "place": key in names.places,
    }
    return frozenset(kind for kind, holds in found.items() if holds)


def _after(text: str, label: re.Pattern[str]) -> tuple[re.Match[str] | None, str]:
    """A line and a pattern of its key's beginning -> the match, and what follows it on the line."""
    match = label.match(fold(text))
    if not match or match.end() == 0:
        return None, text
    key, offsets = fold_offsets(text)
    return match, text[offsets[match.end()] :] if match.end() < len(key) else ""


_SOURCE_LABEL = re.compile(r"[ *•-]*(?:(?:ال)?مصدر(?: الخبر)?|المصادر|sources?) ?(?=[:(\[/|-])[ :(\[/|-]*")
_SERVICE = re.compile(r"[ *•]*(?:خدمه|بالاتفاق مع|بالتعاون مع|نقلا عن|عن|خاص ب(?=[\" ])) ?(?=[\" ])")
_SOURCE_SPLIT = re.compile(r"\s*(?:[+/|،,;؛&\n]|\s[\-–—]\s)\s*")


def _drop_preposition(name: str) -> str:
    """`لجريدة عمان` -> `جريدة عمان`: one ل in front, where what follows is a known name without it."""
    drawn_out = re.match(r"ل\u0640+\s*(?=\S)", name)
    if drawn_out:
        return name[drawn_out.end() :]
    named = frozenset({"agency", "outlet"})
    if not name.startswith("ل") or _kinds(name) & named:
        return name
    candidates = [name[1:], *(["ال" + name[2:]] if name.startswith("لل") else [])]
    return next((rest for rest in candidates if len(rest) > 2 and _kinds(rest) & named), name)


def _split_and(part: str) -> list[str]:
    """`رويترز ووكالات` -> both, where either side of the و is a known name; else the part as it is."""
    known = frozenset({"agency", "outlet", "several"})
    for match in re.finditer(r"\s+و\s*", part):
        left, right = part[: match.start()], part[match.end() :]
        if _kinds(left) & known and _kinds(right) & known:
            return [left, right]
    return [part]


@lru_cache(maxsize=1 << 14)
def parse_source(raw: str) -> Source:
    """A source line -> the name in it, without label, brackets, quotes and one preposition, and its role.

    Several names are kept in their order and joined by ` + `.
    """
    _, text = _after(_tidy(raw), _SOURCE_LABEL)
    address = _URL.search(text)
    if address:
        named = outlet_from_url(address[0])
        return Source(named, "outlet" if named else None)
    parts: dict[str, str] = {}
    for piece in _SOURCE_SPLIT.split(text):
        _, piece = _after(piece, _SERVICE)
        for part in _split_and(_bare(piece)):
            name = _bare(_drop_preposition(_bare(part)))
            if name and "desk" not in _kinds(name):
                parts.setdefault(_key(name), name)
    if not parts or any(len(name.split()) > SOURCE_WORDS for name in parts.values()):
        return Source(None, None)
    kinds = {kind for name in parts.values() for kind in _kinds(name)}
    if len(parts) > 1 or "several" in kinds:
        role: str | None = "aggregated"
    else:
        role = next((kind for kind in ("agency", "outlet") if kind in kinds), None)
    return Source(" + ".join(parts.values()), role)


_FOLLOW = re.compile(
    r"^[ *•|-]*(?:تابع|تابعوا|تابعونا|تابعي|لمتابعه|اشترك|اشتركوا|انضم|انضموا) (?P<what>.{2,80}?) "
    r"(?:علي|عبر)(?: |:|$)"
)
_NEWS_OF = re.compile(r"^(?:(?:اخر|احدث|اهم|جميع|كل) )?(?:(?:ال)?اخبار|مستجدات|تغطيه|حساب|صفحه) ?")


@lru_cache(maxsize=1 << 14)
def source_from_promo(text: str) -> str | None:
    """A promo (`تابعوا أخبار العالم من البيان عبر غوغل نيوز`) -> the outlet it speaks for.

    It is the name behind `من`, or a known outlet's name between the verb and the platform.
    """
    tidy = _tidy(text)
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
    name = _bare(tidy[offsets[start] : offsets[end - 1] + 1]) if start < end else ""
    if behind >= 0 and re.match("(?:خلال|قبل|هنا)", name):
        return None
    known = _kinds(name) & {"outlet", "agency"}
    return name if name and (known or (behind >= 0 and len(name.split()) <= 3)) else None


_BYLINE_LABEL = re.compile(
    r"[ *•|-]*(?:(?P<verb>كتبت|كتب|by|par)|كتبته|كتبه|كتبها|بقلم|(?:ال)?كاتبه?|(?:ال)?مؤلف|اعداد|اعده|اعدها|"
    r"اعدته|اعد|تحرير|حرره|حررته|ترجمه|ترجمها|حوار|حاوره|حاورها|حاورته|اجري الحوار|اجرت الحوار|تقرير|تحقيق|"
    r"متابعه|رصد وتصوير|رصد|نص وتصوير|مراسله|مراسلنا|مراسل|author|written by|auteur)(?P<gap> ?[:/|-]+ ?| |$)"
)
_MASTHEAD = re.compile(
    r"(?:رئيس|مدير|سكرتير|امين) (?:عام )?(?:ال)?(?:تحرير|تنفيذي|عام|مسؤول)|الاشراف العام|المشرف العام|"
    r"رئيس مجلس|هيئه التحرير|المؤسس|الناشر|صاحب الامتياز"
)
_PHOTOGRAPHER = re.compile(r"(?:تصوير|عدسه|كاميرا|مونتاج|الصور|صور|photos?|photo by)(?: |$)")
_BYLINE_SPLIT = re.compile(
    r"\s*(?:[:/|()\[\]«»\"“”،,;؛\n–—]|(?<![A-Za-z])-|-(?![A-Za-z])|(?<=\s)[\u0640_]+(?=\s)|(?<=\s)من(?=\s))+\s*"
)
_SENTENCE_MARKS = re.compile(r"[\d؟!?@#%$…=]|\.{2,}|\.$")


_INITIAL = re.compile(r"(?:^|\s)\S{1,2}\.")
_SPELT = re.compile(r"[^\W\d_][\w.'\-]*")


@lru_cache(maxsize=1 << 15)
def _is_spelt(word: str) -> bool:
    return _SPELT.fullmatch(fold(word)) is not None


def _is_person(part: str) -> bool:
    names, words = load_names(), part.split()
    keys = [_key(word) for word in words]
    # Folding makes على ("on") of the name علي too, so that one word is told apart by its spelling.
    if set(keys) & names.not_names or "على" in words or _kinds(part):
        return False
    if _SENTENCE_MARKS.search(_INITIAL.sub(" ", part)) or not all(map(_is_spelt, words)):
        return False
    name = [key for key in keys if key not in names.titles]
    return AUTHOR_WORDS[0] <= len(name) and len([key for key in name if key not in names.particles]) <= AUTHOR_WORDS[1]


@lru_cache(maxsize=1 << 14)
def parse_author(raw: str) -> str | None:
    """A byline -> the person or persons in it, in their order, joined by `، `; papers and agencies are none.

    After a bare verb (`كتب`, `كتبت` without a colon) a name must follow at once: the verb opens sentences.
    """
    text = _tidy(raw)
    if len(text) > BYLINE_LENGTH or _URL.search(text) or _MASTHEAD.search(fold(text)):
        return None
    label, rest = _after(text, _BYLINE_LABEL)
    must_follow = bool(label and label["verb"] and not label["gap"].strip())
    persons: dict[str, str] = {}
    parts = [part.strip(_EDGES) for part in _BYLINE_SPLIT.split(rest.strip(_EDGES))]
    for at, part in enumerate(filter(None, parts)):
        key = fold(part)
        if _PHOTOGRAPHER.match(key):
            break
        again, inner = _after(part, _BYLINE_LABEL) if _BYLINE_LABEL.match(key) else (None, part)
        name = inner if again and not again["verb"] and inner else part
        if _is_person(name):
            persons.setdefault(_key(name), name)
        elif at == 0 and (must_follow or (not _kinds(name) and len(name.split()) > AUTHOR_WORDS[1])):
            return None
    return "، ".join(persons.values()) or None


_QUOTED = re.compile(r"[«\"“(\[]\s*([^«»\"“”()\[\]]{1,60}?)\s*[»\"”)\]]")
_STAMP = re.compile(r"\s*\d{1,2}\s+\S.*\d{4}\s*(?:هـ?|م)?(?=\s|$)|\s+(?:في\s+)?\d{1,2}\s+[^\s/(|]+")
_TELLERS = frozenset({"agency", "several", "outlet", "desk"})


@lru_cache(maxsize=1 << 14)
def parse_dateline(raw: str) -> Dateline:
    """The opening of a story (`دمشق، سوريا (CNN) --`) -> its place and its agency; a person in it is neither.

    A town that no list holds is the place where an agency or a country stands in brackets behind it.
    """
    text = _tidy(raw)
    bracketed = [match[1] for match in _QUOTED.finditer(text)]
    # «الصخيرات (المغرب)»: a country in brackets, unless an agency is called so.
    countries = {
        part for part in bracketed if "place" in _kinds(part) and "agency" not in _kinds(part) and f"({part})" in text
    }
    agencies = [part for part in bracketed if _kinds(part) & _TELLERS and part not in countries]
    places: list[str] = []
    unknown: list[str] = []
    for part in map(_bare, _BYLINE_SPLIT.split(_STAMP.sub(" - ", _QUOTED.sub(" | ", text)))):
        kinds = _kinds(part)
        if "place" in kinds:
            places.append(part)
        elif kinds & _TELLERS:
            agencies.append(part)
        elif part:
            unknown.append(part)
    if not places and bracketed and len(unknown) == 1 and len(unknown[0].split()) <= 3:
        places = unknown
    places += [part for part in bracketed if part in countries and places]
    return Dateline("، ".join(dict.fromkeys(places)) or None, agencies[0] if agencies else None)


_CATEGORY_LABEL = re.compile(
    r"[ *•#|-]*(?:(?:ال)?تصنيف(?:ات)?|(?:ال)?قسم|(?:ال)?اقسام|(?:ال)?باب|(?:ال)?فئه|الموضوع|"
    r"category|categories|section) ?(?:[:/|] ?|$)"
)
_STEPS = re.compile(r"\s*(?:[»›>\\]|\s/\s|\s\|\s)\s*")
_HOME = re.compile(r"(?:الصفحه الرئيسيه|الرئيسيه|home)(?: |$)")


@lru_cache(maxsize=1 << 14)
def parse_category(raw: str) -> str | None:
    """A category line or a breadcrumb -> the section; of a breadcrumb the innermost one."""
    _, text = _after(_tidy(raw), _CATEGORY_LABEL)
    steps = [_after(step.strip(_EDGES + "#."), _HOME)[1].strip() for step in _STEPS.split(text)]
    named = [step for step in steps if step and len(step.split()) <= CATEGORY_WORDS]
    return named[-1].replace("_", " ") if named else None


_KEYWORDS_LABEL = re.compile(
    r"[ *•|-]*(?:(?:ال)?كلمات (?:ال)?(?:دلاليه|داله|مفتاحيه|بحثيه)|(?:ال)?(?:وسوم|وسم|علامات)|"
    r"هاشتا[غج]|تا[غج]ات|هذا الخبر يتحدث عن|مواضيع الخبر|tags?|keywords?|mots[- ]cl[ée]s)"
    r"(?: الخبر| المقال)? ?(?:[:|/]|$)"
)
_PERSIAN = str.maketrans({"ی": "ي", "ک": "ك"})


def split_keywords(raw: str) -> tuple[list[str], str]:
    """A keyword line -> (keywords, the line without its label).

    It splits at `،` `,` `;` `|` and line feeds, else at spaced dashes, bullets and strokes; hashtags at `#`.
    Where only spaces part the words they stay one string. Persian ی and ک are folded in the list alone.
    """
    _, line = _after(_INVISIBLE.sub("", raw).strip(), _KEYWORDS_LABEL)
    line = line.strip().removeprefix(":").strip()
    text = line.translate(_PERSIAN)
    if "#" in text:
        items = re.findall(r"#[^\s#،,;؛|]+|[^#،,;؛|\n]+", text)
        items = [item.replace("_", " ") if item.startswith("#") else item for item in items]
    elif re.search("[،,;؛|\n]", text):
        items = re.split("[،,;؛|\n]", text)
    else:
        items = re.split(r"\s+[\-–—•·/]\s+", text)
    cleaned = (" ".join(item.strip(_EDGES + "#.").split()) for item in items)
    return list(dict.fromkeys(item for item in cleaned if item)), line


_ATTRIBUTION = re.compile(r"\s*[—–\-]*\s*(?P<author>.*?)\s*\(@(?P<handle>\w{1,15})\)\s*(?P<date>.*)", re.DOTALL)


def parse_tweet(text_line: str, attribution_line: str | None) -> Embed:
    """The text of a tweet and the line below it (`— Name (@handle) June 18, 2024`) -> the tweet, URL apart.

    Of a name in two languages (`Aljazeera.net • الجزيرة نت`) the Arabic one is kept.
    """
    urls = _URL.findall(text_line)
    author = handle = date = None
    match = _ATTRIBUTION.fullmatch(_INVISIBLE.sub("", attribution_line)) if attribution_line else None
    if match:
        handle, author = match["handle"], _tidy(match["author"]) or None
        arabic = [part for part in re.split(r"\s*[•·|]\s*", author or "") if _ARABIC.search(part)]
        author = arabic[0] if len(arabic) == 1 else author
        date = parse_date(_URL.sub(" ", match["date"])).date
        urls += _URL.findall(match["date"])
    url = next((url for url in urls if url.startswith("http")), urls[0] if urls else None)
    return Embed(
        kind="tweet",
        text=_tidy(_URL.sub(" ", text_line)),
        url=url,
        author=author,
        handle=handle,
        date=date,
    )


_HASHTAGS = re.compile(r"(?:\s*#[^\s#]+)+\s*$")
_SENTENCE_END = re.compile(r"[.!?؟…][\"»”’)\]]*(?=\s|$)")
_CALL = re.compile(
    r"(?:اكتشف|تعرف|اقرا|اقرؤ|تابع|شاهد|اطلع|استكشف|انضم|لا تفوت|لمتابعه|لمعرفه|لقراءه|للمزيد|لمزيد|المزيد|"
    r"كل التفاصيل|التفاصيل|تفاصيل (?:اكثر|اوفي)|read more|discover|find out|learn more)"
    r"(?:وا|ي|ك|كم|ونا|نا)?(?![^\W\d_])"
)
_CALLED_TO = re.compile(
    r"(?:هذا|هذه) (?:ال)?(?:تقرير|مقال|مقاله|خبر|تغطيه|موضوع)|التفاصيل|المزيد|"
    r"this (?:report|article|story)|full story|"
    r"(?:علي|عبر|مع|من|في) (?:موقعنا|منصتنا|صفحتنا|قناتنا|تطبيقنا)"
)


def split_summary(text: str, outlet: str | None = None) -> Summary:
    """A summary line -> where its sentences lie, its call to read on (`اكتشف … على الموقع`) and its hashtags.

    A sentence at the end is a call where it opens with such a verb and names the outlet or the report itself.
    The first sentence is never one.
    """
    tags = _HASHTAGS.search(text)
    end = tags.start() if tags else len(text)
    site = _key(outlet) if outlet else None
    cut = end
    for start in reversed([match.end() for match in _SENTENCE_END.finditer(text, 0, end)]):
        key = fold(text[start:cut])
        named = _CALLED_TO.search(key) or (site and site in _key(key))
        if key and not (_CALL.match(key) and named):
            break
        cut = start if key else cut
    return Summary(
        _trim(text, 0, cut),
        _trim(text, cut, end) if text[cut:end].strip() else None,
        _trim(text, end, len(text)) if tags else None,
    )


def _trim(text: str, start: int, end: int) -> tuple[int, int]:
    part = text[start:end]
    lead = len(part) - len(part.lstrip())
    return (start + lead, start + len(part.rstrip())) if part.strip() else (start, start)


_LOGO = re.compile(
    r"logo (?P<after>.{2,40})|(?P<before>.{2,40}) logo|"
    r"شعار (?P<named>(?:موقع|قناة|جريدة|صحيفة|وكالة|شبكة) .{2,40})",
    re.IGNORECASE,
)
_PAGE_PARTS = re.compile(r"x|rss|site|the|header|footer|main|page|company|الموقع")
_RIGHTS = (
    r"(?:(?:جميع|كاف[ةه]|كل)\s+)?(?:ال)?حقوق(?:\s+(?:النشر|الطبع|الملكي[ةه]|والنشر|الطبع والنشر))?"
    r"\s*(?:©|\(c\))?\s*(?:ال)?محفوظ[ةه]"
)
_CLAIM = re.compile(rf"{_RIGHTS}|all rights? reserved|copyright|حقوق (?:النشر|الطبع)(?= ?©)", re.IGNORECASE)
_NOT_THE_OWNER = re.compile(
    rf"{_RIGHTS}|©|&copy;|\(c\)|copyright|all rights? reserved|\bby\b|"
    r"(?<!\d)(?:19|20)\d{2}(?!\d)(?: ?[-/–] ?(?:19|20)\d{2})?",
    re.IGNORECASE,
)
_OWNER_END = re.compile(
    r"\s*(?:[|؛;.]|\s[\-–—]\s|، |powered by|managed by|designed by|تصميم|تطوير|ولا يسمح|و ?يحظر)",
    re.IGNORECASE,
)
_FOR = re.compile(r"(?:ل\u0640*\s*(?=[\"«“])|ل\u0640+\s*|ل(?=مؤسسة|شركة|هيئة|مجموعة)|لدى |for |to )")
_MEDIUM = re.compile("(?:قناه|جريده|صحيفه|موقع|شبكه|راديو|اذاعه|مجموعه|بوابه|تلفزيون|تليفزيون|مجله) $")


def _is_name(name: str) -> bool:
    key = _key(name)
    words = key.split()
    return 0 < len(words) <= 5 and 2 < len(key) <= 40 and not set(words) <= load_names().menu and not key.isdecimal()


def _proper(name: str) -> str:
    """A name found on a page -> the list's spelling where one outlet alone has it, its country aside."""
    names, words = load_names(), _key(name).split()
    for size in range(len(words), 0, -1):
        known = names.outlets.get(" ".join(words[:size]))
        if known and (size == len(words) or " ".join(words[size:]) in names.places):
            return known
    return name


def _from_logo(lines: Sequence[str]) -> str | None:
    for line in lines[:HEAD]:
        match = _LOGO.fullmatch(line)
        name = next(filter(None, match.groups()), "").strip(_EDGES) if match else ""
        key = _key(name)
        if _is_name(name) and not _PAGE_PARTS.fullmatch(key) and not any(p in key for p in load_names().platforms):
            return _proper(name)
    return None


def _from_menu(lines: Sequence[str]) -> str | None:
    """A menu of channels in one line (`قناة X`, `X سبورت`, `X جامعات`) -> the name they share, the longest.

    The name must be a known one, or stand behind a word for a medium: other words repeat in menus too.
    """
    names = load_names()
    for line in lines[:3]:
        words = line.split()
        if not 6 <= len(words) <= 60 or re.search(r"[.؟!:]\s*$", line):
            continue
        for size in (4, 3, 2):
            runs = Counter(tuple(words[at : at + size]) for at in range(len(words) - size + 1))
            for name in sorted(" ".join(run) for run, times in runs.items() if times >= MENU_TIMES):
                before = fold(line).partition(fold(name))[0]
                if _key(name) in names.outlets or (_MEDIUM.search(before) and _is_name(name)):
                    return _proper(name)
    return None


def _owner_of(line: str, following: str) -> str | None:
    """A line of copyright, and the line below it -> whose rights it says they are."""
    claim = _CLAIM.search(line)
    # At the line's start or with the sign: a sentence about rights is news.
    if not claim or not ("©" in line or re.fullmatch(r"[\W\d]*", line[: claim.start()])):
        return None
    if re.search("ل\u0640*[ :|]*$", line) and _is_name(_bare(following)):
        return _proper(_bare(following))
    for part in re.split(r"\s*\|+\s*|\s+[\-–—]\s+", _NOT_THE_OWNER.sub("|", line)):
        name = _bare(_FOR.sub("", _bare(_OWNER_END.split(_bare(part), maxsplit=1)[0]), count=1))
        if _is_name(name) and not re.search("www|http|حقوق|يحظر|نشر|^لل(?:مؤلف|كاتب|ناشر|موقع)", name):
            owner = _proper(_drop_preposition(name))
            # An agency's notice at the foot of its story speaks of the story.
            return None if "agency" in _kinds(owner) and "outlet" not in _kinds(owner) else owner
    return None


def _from_rights(lines: Sequence[str]) -> str | None:
    for at in range(len(lines) - 1, max(len(lines) - FOOT, 0) - 1, -1):
        owner = _owner_of(lines[at], lines[at + 1] if at + 1 < len(lines) else "")
        if owner:
            return owner
    return None


def _from_list(lines: Sequence[str]) -> str | None:
    """A line that is only one known outlet's own name: among the first three, or twice in head and foot."""
    names = load_names()
    ends = sorted({*range(min(HEAD, len(lines))), *range(max(len(lines) - FOOT, 0), len(lines))})
    keys = [_key(lines[at].strip(_EDGES)) for at in ends]
    times = Counter(names.outlets[key] for key in keys if key in names.outlets and key not in names.outlet_words)
    if len(times) != 1:
        return None
    outlet, count = times.most_common(1)[0]
    return outlet if count > 1 or any(names.outlets.get(key) == outlet for key in keys[:3]) else None


def outlet_from_text(lines: Iterable[str]) -> str | None:
    """The lines of a page -> the outlet, by its logo, menu or copyright line, or its name alone on a line."""
    solid = [tidy for tidy in map(_tidy, lines) if tidy]
    found = (look(solid) for look in (_from_logo, _from_menu, _from_rights, _from_list))
    return next((name for name in found if name), None)


@lru_cache(maxsize=1)
def _extractor() -> tldextract.TLDExtract:
    # The list of suffixes that the package carries: nothing is fetched and nothing is written.
    return tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)


@lru_cache(maxsize=1 << 16)
def _outlet_of_host(host: str) -> str | None:
    labels = host.split(".")
    hosts = (".".join(labels[at:]) for at in range(len(labels) - 1))
    named = next((outlet for outlet in map(load_names().domains.get, hosts) if outlet), None)
    if named:
        return named
    extracted = _extractor()(host)
    return f"{extracted.domain}.{extracted.suffix}" if extracted.domain and extracted.suffix else None


def outlet_from_url(url: str | None) -> str | None:
    """A URL -> the outlet's name where its domain is listed, else the registered domain, else None."""
    if not url:
        return None
    address = url.strip()
    try:
        host = urlsplit(address if "//" in address else f"//{address}").hostname
    except ValueError:
        return None
    return _outlet_of_host(host.rstrip(".")) if host else None
