"""Whose page it is: by its address, by the name that its markup gives the site, or by its logo, its menu and its rights.

Where nothing names an outlet the answer is None: no guesses.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache
from urllib.parse import urlsplit

import tldextract

from etl.fold import fold
from etl.names import (
    EDGES,
    MEDIA,
    bare_name,
    drop_medium,
    drop_preposition,
    load_names,
    name_key,
    name_kinds,
    tidy_text,
)

HEAD, FOOT = 12, 15
"""Lines with text, from the top and from the end of a page, among which an outlet writes its own name."""
MENU_TIMES = 3
"""Times a name must stand in one menu line to be what its channels are called after."""

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
SITE_WORDS = 4
"""Words at most of a site's name that is on no list and does not begin with what it is (newspaper, agency, channel)."""
_PARTED = re.compile(r"\s+[-–—|»«•·/]+\s+|\s*(?:::+|[|»«•])\s*|(?<=\S):\s+")
_HOST = re.compile(r"(?:https?://)?(?:[a-z0-9-]+\.)+[a-z]{2,}(?:/\S*)?", re.IGNORECASE)
_SENTENCE = re.compile(r"[!?؟،؛…@{}<>%]|\.\s")
_LINES = 1 << 12
"""Lines whose answers are remembered: the pages of an outlet share most of them."""
_tidy = lru_cache(maxsize=_LINES)(tidy_text)


def _is_name(name: str) -> bool:
    key = name_key(name)
    words = key.split()
    return 0 < len(words) <= 5 and 2 < len(key) <= 40 and not set(words) <= load_names().menu and not key.isdecimal()


def _proper(name: str) -> str:
    """A name found on a page -> the list's spelling where one outlet alone has it, its country aside."""
    names, words = load_names(), name_key(name).split()
    for size in range(len(words), 0, -1):
        known = names.outlets.get(" ".join(words[:size]))
        if known and (size == len(words) or " ".join(words[size:]) in names.places):
            return known
    return name


@lru_cache(maxsize=_LINES)
def _in_logo(line: str) -> str | None:
    match = _LOGO.fullmatch(line)
    name = next(filter(None, match.groups()), "").strip(EDGES) if match else ""
    key = name_key(name)
    is_page = _PAGE_PARTS.fullmatch(key) or any(platform in key for platform in load_names().platforms)
    return _proper(name) if _is_name(name) and not is_page else None


def _from_logo(lines: Sequence[str]) -> str | None:
    return next(filter(None, map(_in_logo, lines[:HEAD])), None)


@lru_cache(maxsize=_LINES)
def _in_menu(line: str) -> str | None:
    """A menu of channels in one line (`قناة X`, `X سبورت`, `X جامعات`) -> the name they share, the longest.

    The name must be a known one, or stand behind a word for a medium: other words repeat in menus too.
    """
    words = line.split()
    if not 6 <= len(words) <= 60 or re.search(r"[.؟!:]\s*$", line):
        return None
    for size in (4, 3, 2):
        runs = Counter(tuple(words[at : at + size]) for at in range(len(words) - size + 1))
        for name in sorted(" ".join(run) for run, times in runs.items() if times >= MENU_TIMES):
            before = fold(line).partition(fold(name))[0]
            if name_key(name) in load_names().outlets or (_MEDIUM.search(before) and _is_name(name)):
                return _proper(name)
    return None


def _from_menu(lines: Sequence[str]) -> str | None:
    return next(filter(None, map(_in_menu, lines[:3])), None)


@lru_cache(maxsize=_LINES)
def _claims_rights(line: str) -> bool:
    """Whether a line is of copyright: at its start or with the sign, as a sentence about rights is news."""
    claim = _CLAIM.search(line)
    return bool(claim and ("©" in line or re.fullmatch(r"[\W\d]*", line[: claim.start()])))


def _owner_of(line: str, following: str) -> str | None:
    """A line of copyright, and the line below it -> whose rights it says they are."""
    if not _claims_rights(line):
        return None
    if re.search("ل\u0640*[ :|]*$", line) and _is_name(bare_name(following)):
        return _proper(bare_name(following))
    for part in re.split(r"\s*\|+\s*|\s+[\-–—]\s+", _NOT_THE_OWNER.sub("|", line)):
        name = bare_name(_FOR.sub("", bare_name(_OWNER_END.split(bare_name(part), maxsplit=1)[0]), count=1))
        if _is_name(name) and not re.search("www|http|حقوق|يحظر|نشر|^لل(?:مؤلف|كاتب|ناشر|موقع)", name):
            owner = _proper(drop_preposition(name))
            # An agency's notice at the foot of its story speaks of the story.
            return None if "agency" in name_kinds(owner) and "outlet" not in name_kinds(owner) else owner
    return None


def _from_rights(lines: Sequence[str]) -> str | None:
    for at in range(len(lines) - 1, max(len(lines) - FOOT, 0) - 1, -1):
        owner = _owner_of(lines[at], lines[at + 1] if at + 1 < len(lines) else "")
        if owner:
            return owner
    return None


@lru_cache(maxsize=_LINES)
def _alone(line: str) -> str:
    return name_key(line.strip(EDGES))


def _from_list(lines: Sequence[str]) -> str | None:
    """A line that is only one known outlet's own name: among the first three, or twice in head and foot."""
    names = load_names()
    ends = sorted({*range(min(HEAD, len(lines))), *range(max(len(lines) - FOOT, 0), len(lines))})
    keys = [_alone(lines[at]) for at in ends]
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


def _listed(name: str, by_itself: bool = True) -> str | None:
    """A name -> the listed outlet whose it is; a name that is a common word too only where it stands by itself."""
    names = load_names()
    for key in (name_key(name), name_key(drop_medium(name))):
        outlet = names.outlets.get(key)
        if outlet and (
            key not in names.outlet_words or (by_itself and key == name_key(name) and key not in names.menu)
        ):
            return outlet
    return None


def _may_be_a_site(name: str) -> bool:
    """Whether a name may be a site's: not the words of menus, a motto, a platform, a desk, a place or a name of several."""
    names, key = load_names(), name_key(name)
    words, kinds = key.split(), name_kinds(name)
    return (
        _is_name(name)
        and len(words) <= (SITE_WORDS + 1 if kinds & MEDIA else SITE_WORDS)
        and not set(words) <= names.menu | names.generic
        and names.motto.isdisjoint(words)
        and not kinds & {"desk", "several", "place"}
        and key not in names.outlet_words
        and not any(platform in key for platform in names.platforms)
        and not _SENTENCE.search(name)
    )


@lru_cache(maxsize=_LINES)
def outlet_from_name(said: str) -> str | None:
    """What a page's markup calls its site -> the outlet: as the list spells it, else as it is; None where it may be no name.

    Of several parts (`name | motto`) one must be a listed name, or one alone may be a name.
    """
    name = bare_name(tidy_text(said))
    listed = _listed(name)
    if listed or not name:
        return listed
    if _HOST.fullmatch(name):
        return None if any(platform in name.lower() for platform in load_names().platforms) else outlet_from_url(name)
    parts = [part for part in map(bare_name, _PARTED.split(name)) if part]
    known = {outlet for part in parts if (outlet := _listed(part, by_itself=False))}
    may_be = list(known) or [part for part in parts if _may_be_a_site(part)]
    return may_be[0] if len(may_be) == 1 else None


@lru_cache(maxsize=1)
def _extractor() -> tldextract.TLDExtract:
    # The list of suffixes that the package carries: nothing is fetched and nothing is written.
    return tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)


@lru_cache(maxsize=1 << 12)
def _outlet_of_host(host: str) -> str | None:
    labels = host.split(".")
    hosts = (".".join(labels[at:]) for at in range(len(labels) - 1))
    named = next((outlet for outlet in map(load_names().domains.get, hosts) if outlet), None)
    if named:
        return named
    extracted = _extractor()(host)
    return f"{extracted.domain}.{extracted.suffix}" if extracted.domain and extracted.suffix else None


def is_shared_host(url: str) -> bool:
    """A URL -> whether its host shows what many others write: posts, films, forms, shortened links."""
    host = urlsplit(url).hostname or ""
    return any(host == shared or host.endswith("." + shared) for shared in load_names().shared_hosts)


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
