"""The names that fields may hold, and how they are compared: agencies, outlets, places, titles of persons.

Every function takes the characters as they stand on the page and compares folded keys; what it returns keeps the page's
spelling.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from etl.fold import fold, fold_offsets
from etl.shipped import read_data

INVISIBLE = re.compile("[\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufe00-\ufe0f\ufeff]")
EDGES = " \t\n:،,;؛|/\\+-–—_*•·▪►◄■[](){}<>\"'«»“”„‘’"
"""Signs that stand around a name without being part of it."""
URL = re.compile(r"https?://\S+|www\.\S+|pic\.twitter\.com/\S+", re.ASCII)


def tidy_text(text: str) -> str:
    """Text -> the same without invisible characters, white space as single spaces."""
    return " ".join(INVISIBLE.sub("", text).split())


def bare_name(text: str) -> str:
    """Text -> the same without the signs around it."""
    return text.strip(EDGES + ".")


_SIGNS = re.compile(r"[\"'()\[\].،,:*#]")


@lru_cache(maxsize=1 << 12)
def name_key(name: str) -> str:
    """A name -> what it is compared by: folded, no quotes, no brackets; points in initials are spaces."""
    return " ".join(_SIGNS.sub(" ", fold(name)).split())


def _keys(names: Iterable[str]) -> frozenset[str]:
    return frozenset(map(name_key, names))


def list_cities() -> list[str]:
    """Return the names under which datelines know cities, and those for no one city."""
    places = read_data("places")
    return [*places["nowhere"], *(name for country in places["country"] for name in country["cities"])]


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
    generic: frozenset[str]
    motto: frozenset[str]
    platforms: frozenset[str]
    shared_hosts: frozenset[str]
    places: frozenset[str]
    labels: frozenset[str]
    roles: frozenset[str]
    verbs: frozenset[str]
    titles: frozenset[str]
    particles: frozenset[str]
    not_names: frozenset[str]
    others: frozenset[str]


@lru_cache(maxsize=1)
def load_names() -> Names:
    """Read agencies, outlets, places and the words of bylines into look-up tables."""
    agencies, outlets, places = read_data("agencies"), read_data("outlets"), read_data("places")
    words = read_data("bylines")
    owners: dict[str, set[str]] = {}
    safe: set[str] = set()
    for outlet in outlets["outlet"]:
        # A name in brackets tells two papers of one name apart; nobody writes it so.
        own = {name_key(re.sub(r"\([^)]*\)", "", outlet["name"])), name_key(outlet["latin"])}
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
        generic=_keys(outlets["generic"]),
        motto=_keys(outlets["motto"]),
        platforms=_keys(outlets["platforms"]),
        shared_hosts=frozenset(outlets["shared_hosts"]),
        places=_keys([*list_cities(), *(name for country in places["country"] for name in country["names"])]),
        labels=_keys(words["labels"]),
        roles=_keys(words["roles"]),
        verbs=_keys(words["verbs"]),
        titles=_keys(words["titles"]),
        particles=_keys(words["particles"]),
        not_names=_keys(words["not_names"]),
        others=_keys(words["others"]),
    )


def either(words: Iterable[str]) -> str:
    """Words -> a pattern of any of them, longer ones first."""
    return "|".join(map(re.escape, sorted(words, key=lambda word: (-len(word), word))))


_PAPER = re.compile(
    r"(?:ال)?(?:جريده|صحيفه|موقع|قناه|شبكه|مجله|بوابه|اذاعه|راديو|تلفزيون|تليفزيون|فضائيه|دار|يوميه)(?: |$)"
)


def drop_medium(name: str) -> str:
    """`صحيفة عمان` -> `عمان`: a name without the word in front that says it is a newspaper's, a channel's, a site's."""
    first, space, rest = name.partition(" ")
    return rest if space and _PAPER.fullmatch(fold(first)) else name


_BUREAU = re.compile(r"(?:ال)?وكاله(?: |$)")
AGENCIES = frozenset({"agency", "several"})
"""Kinds of names that are an agency's, or of agencies together."""
MEDIA = frozenset({"agency", "outlet"})
"""Those of one agency or outlet."""
TELLERS = AGENCIES | MEDIA
"""Those from which a story may come."""
NOBODY = TELLERS | {"desk"}
"""Those that are no person's."""


@lru_cache(maxsize=1 << 12)
def name_kinds(name: str) -> frozenset[str]:
    """What a name may be, in the place of a source or in a byline: agency, several, desk, outlet, place."""
    names, key = load_names(), name_key(name)
    found = {
        "agency": key in names.agencies or key in names.agency_words or bool(_BUREAU.match(key)),
        "several": key in names.several,
        "desk": key in names.desk,
        "outlet": key in names.outlets or key in names.outlet_words or bool(_PAPER.match(key)),
        "place": key in names.places,
    }
    return frozenset(kind for kind, holds in found.items() if holds)


def after_label(text: str, label: re.Pattern[str]) -> tuple[re.Match[str] | None, str]:
    """A line and a pattern of its key's beginning -> the match, and what follows it on the line."""
    match = label.match(fold(text))
    if not match or match.end() == 0:
        return None, text
    key, offsets = fold_offsets(text)
    return match, text[offsets[match.end()] :] if match.end() < len(key) else ""


def drop_preposition(name: str) -> str:
    """`لجريدة عمان` -> `جريدة عمان`: one ل in front, where what follows is a known name without it."""
    drawn_out = re.match(r"ل\u0640+\s*(?=\S)", name)
    if drawn_out:
        return name[drawn_out.end() :]
    if not name.startswith("ل") or name_kinds(name) & MEDIA:
        return name
    candidates = [name[1:], *(["ال" + name[2:]] if name.startswith("لل") else [])]
    return next((rest for rest in candidates if len(rest) > 2 and name_kinds(rest) & MEDIA), name)
