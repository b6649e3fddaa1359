"""An English headline and an Arabic one -> the evidence that one translates the other.

Three measures say: length, numbers, and names by their consonants.
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict, Field

from etl.fold import fold
from etl.shipped import read_data


class HeadlineParams(BaseModel):
    """What makes a line of Latin letters a headline, and two headlines a pair."""

    model_config = ConfigDict(extra="forbid")

    ratio_low: float = Field(
        default=0.6, gt=0, description="length of the Arabic line over the English one's, at least"
    )
    ratio_high: float = Field(default=1.6, gt=0, description="the same, at most; true pairs measure 0.96 to 1.12")
    names: float = Field(
        default=0.6, ge=0, le=1, description="share of the English names that the Arabic line has, at least"
    )
    title_case: float = Field(
        default=0.4,
        ge=0,
        le=1,
        description="the same where Every Word Is Capitalised, with two names or more",
    )
    alone: float = Field(
        default=0.8,
        gt=0,
        le=1,
        description="length of the shorter over the longer, where no name can be tested",
    )
    reach: int = Field(default=6, ge=1, description="lines with text among which the other headline may stand")
    latin_list: int = Field(default=3, ge=1, description="Latin lines of one body that are a list, which stays")


DEFAULTS = HeadlineParams()


class Pair(NamedTuple):
    """How well an Arabic line translates an English one.

    `ratio`: code points of the Arabic over the English; `names`: share of the English names found, None where
    there is none to find; `numbers`: whether the digits agree, None where a side has none; `verified`: all
    three say so.
    """

    ratio: float
    names: float | None
    numbers: bool | None
    verified: bool


_WORDS = read_data("english")
FUNCTION_WORDS: list[str] = _WORDS["function"]
_WORDS_KEPT = 1 << 12
"""Words and pairs of lines of which what was found is remembered: both repeat, and a pair is asked for twice a page."""
_LATIN_SOUNDS = [
    ("ph", "f"), ("sh", "s"), ("ck", "k"), ("x", "ks"), ("q", "k"), ("j", "g"), ("p", "b"), ("v", "f"),
]  # fmt: skip
_SOUNDS = str.maketrans(
    {
        **dict(zip("بپتثجچخدذرزسشصضطظغفڤقكگلمن", "bbttgskddrssssdtsgffkkglmn", strict=True)),
        **dict.fromkeys("اأإآءئؤحعهةويى", ""),
    }
)
_NO_NAMES = frozenset(map(fold, _WORDS["arabic_function"]))


def _merge(sounds: str) -> str:
    return re.sub(r"(.)\1+", r"\1", sounds)


@lru_cache(maxsize=_WORDS_KEPT)
def _latin_skeletons(word: str) -> frozenset[str]:
    """A name in Latin letters -> its consonants as Arabic may write them (`Putin` -> `btn`)."""
    plain = re.sub(r"['’]s?$", "", word.lower())
    # -ian and -ean make a people of a country: روسي for Russian, كوري for Korean.
    stems = {plain, re.sub(r"(?<=\w{3})(?:ian|ean)s?$", "", plain)}
    found: set[str] = set()
    for stem in stems:
        softened = re.sub(r"c(?=[eiy])", "s", stem)
        for hushed in ("s", "k", "ts"):
            sounds = softened.replace("ch", hushed) if "ch" in softened else softened
            for spelling, sound in _LATIN_SOUNDS:
                sounds = sounds.replace(spelling, sound)
            found.add(_merge(re.sub("[^bdfgklmnrst]", "", sounds.replace("c", "k").replace("z", "s"))))
    return frozenset(found)


def _skeleton(form: str) -> str:
    return _merge(re.sub("[^a-z]", "", form.translate(_SOUNDS)))


@lru_cache(maxsize=_WORDS_KEPT)
def _bare_forms(word: str) -> frozenset[str]:
    """A folded Arabic word -> it, with and without ال and the letters ف ك ل ب و in front."""
    forms = {word}
    for _ in range(3):
        forms |= {form[1:] for form in forms if form[:1] in "وفبلك" and len(form) > 3}
        forms |= {form[2:] for form in forms if form.startswith(("ال", "لل")) and len(form) > 3}
    return frozenset(forms)


@lru_cache(maxsize=_WORDS_KEPT)
def _sounds(word: str) -> frozenset[str]:
    """A folded Arabic word -> the consonants of its forms."""
    return frozenset(map(_skeleton, _bare_forms(word)))


# Endings that make a people or an adjective of a place: سوري, السورية, السوريون of سوريا.
_ENDINGS = "(?:ي|يه|يا|ه|يون|يين|يان|يات|يتين|يتان|ين|ون)"


@lru_cache(maxsize=1)
def _translated() -> dict[str, re.Pattern[str]]:
    """English words of places and peoples -> the forms of their Arabic names."""
    places = read_data("places")
    found: dict[str, set[str]] = {word: set(names) for word, names in places["words"].items()}
    for country in places["country"]:
        single = {name for name in country["names"] if " " not in name}
        for word in country["latin"] if single else ():
            found.setdefault(word.lower(), set()).update(single)
    patterns: dict[str, re.Pattern[str]] = {}
    for word, names in found.items():
        keys = {re.sub("^ال", "", fold(name)) for name in names}
        stems = {re.sub("(?<=...)(?:يه|يا|ا|ه)$", "", key) for key in keys}
        patterns[word] = re.compile("|".join(sorted(keys) + [f"{stem}{_ENDINGS}" for stem in sorted(stems)]))
    return patterns


@lru_cache(maxsize=1)
def _left_out() -> frozenset[str]:
    return frozenset(read_data("places")["left_out"])


_CAPITALISED = re.compile(r"(?<![\w'’])[A-ZÀ-ÖØ-Þ][\w'’]*")
_SENTENCE_START = re.compile(r"(?:^|[.!?:]\s|[|–—]\s)[\"“‘'«(]*$")
_STOP_WORDS = frozenset(FUNCTION_WORDS)
_NUMBER = re.compile(r"\d+(?:\.\d+)?")


class _Names(NamedTuple):
    matched: int
    counted: int
    strong: int


def _may_be_missing(en: str, match: re.Match[str], plain: str, skeletons: frozenset[str]) -> bool:
    """Whether a capitalised word may be no name: it opens a sentence, is an acronym, or has no sound."""
    opens = bool(_SENTENCE_START.search(en[: match.start()]))
    acronym = match[0].isupper() and len(match[0]) <= 5
    return opens or acronym or plain in _left_out() or all(len(skeleton) < 2 for skeleton in skeletons)


@lru_cache(maxsize=_WORDS_KEPT)
def _match_names(en: str, ar: str) -> _Names:
    """Names of the English line -> how many the Arabic line has, of how many, and how many surely.

    A place or a people is found by its Arabic name, another name by its sound; two consonants alone are weak.
    """
    words = re.findall(r"\w+", fold(ar))
    names = [word for word in words if word not in _NO_NAMES]
    forms: set[str] = set().union(*map(_bare_forms, names))
    # A name in two words: أم درمان for Omdurman.
    double: set[str] = set().union(*(_sounds("".join(pair)) for pair in pairwise(words)))
    sounds = set().union(*map(_sounds, names), (skeleton for skeleton in double if len(skeleton) > 3))
    matched = counted = strong = 0
    for match in _CAPITALISED.finditer(en):
        word = match[0]
        plain = re.sub(r"['’]s?$", "", word.lower())
        if plain in _STOP_WORDS:
            continue
        listed = _translated().get(plain)
        skeletons = _latin_skeletons(word)
        heard = max((len(skeleton) for skeleton in skeletons & sounds), default=0)
        known = listed is not None and any(map(listed.fullmatch, forms))
        if known or heard > (2 if listed else 1):
            matched, counted = matched + 1, counted + 1
            strong += known or heard > 2
        elif listed or not _may_be_missing(en, match, plain, skeletons):
            counted += 1
    return _Names(matched, counted, strong)


def _read_numbers(text: str) -> frozenset[str]:
    """Line -> its numbers in digits, without marks of thousands."""
    return frozenset(_NUMBER.findall(re.sub(r"(?<=\d)[,،٬](?=\d{3}(?!\d))", "", fold(text))))


def score_pair(en: str, ar: str, params: HeadlineParams = DEFAULTS) -> Pair:
    """An English and an Arabic headline -> the evidence that one translates the other."""
    en, ar = " ".join(en.split()), " ".join(ar.split())
    ratio = round(len(ar) / len(en), 4) if en else 0.0
    left, right = _read_numbers(en), _read_numbers(ar)
    numbers = (left <= right or right <= left) if left and right else None
    names = _match_names(en, ar)
    share = round(names.matched / names.counted, 4) if names.counted else None
    possible = params.ratio_low <= ratio <= params.ratio_high and numbers is not False
    sure = names.strong > 0 or names.matched > 1
    return Pair(ratio, share, numbers, possible and sure and _has_names(en, names, params))


def _has_names(en: str, names: _Names, params: HeadlineParams) -> bool:
    share = names.matched / names.counted if names.counted else 0.0
    if share >= params.names:
        return names.matched > 0
    # In Title Case a name cannot be told from another word, so two that are found say more than the share.
    words = [word for word in re.findall(r"[^\W\d_][\w'’]*", en) if word.lower() not in _STOP_WORDS]
    title_case = len(words) > 3 and sum(word[0].isupper() for word in words) >= 0.9 * len(words)
    return title_case and names.matched > 1 and share >= params.title_case


def is_pair(pair: Pair, params: HeadlineParams = DEFAULTS) -> bool:
    """Whether two headlines that stand together may be called a pair: verified, or with no name to say no."""
    if pair.verified:
        return True
    low, high = params.ratio_low, params.ratio_high
    if pair.names is None:
        low, high = max(low, params.alone), min(high, 1 / params.alone)
    enough = pair.names is None or pair.names >= params.names
    return low <= pair.ratio <= high and pair.numbers is not False and enough
