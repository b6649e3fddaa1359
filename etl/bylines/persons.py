"""Whether words are a person's name, by their shape and by the given name that they begin with.

Names are compared by folded keys. Where a name may be a common word as well, more must speak for the person: no guesses.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import dropwhile, pairwise

from etl.fold import fold
from etl.names import load_names, name_key, name_kinds
from etl.shipped import read_data

AUTHOR_WORDS = (2, 4)
"""Words of a person's name, titles and particles aside: as in the author fields of SaudiNewsNet."""
UNSURE, LIKELY, SURE = 1, 2, 3
"""How sure a line is a person's name by its words alone."""

_SENTENCE_MARKS = re.compile(r"[\d؟!?@#%$…=]|\.{2,}|\.$")
_INITIAL = re.compile(r"(?:^|\s)\S{1,2}\.")
_SHORTENED = re.compile(r"([^\W\d_]{3,})\s?\.\s?[^\W\d_]\.?")
"""A given name and the first letter of the family's, as Algerian papers sign."""
_SPELT = re.compile(r"[^\W\d_][\w.'\-]*")
_ATTRIBUTES = ("الدين", "الله", "الكريم", "الرب", "المولي", "النبي", "السيد")
"""The second words of given names of two, as keys."""
_COMPOUND = re.compile(rf"عبد(?:ال|رب)\S+|(\S+)(?:{'|'.join(_ATTRIBUTES)})")
_GLUED = re.compile(r"(?:ب|ك|ف)ال|لل|و|ي(?!\S*ي$)")
"""How words begin that go on a sentence: "and", a preposition before the article, a verb's first letter."""
_FAMILY = re.compile(r"ال\S{2,}ي|ال\S+ان|\S{3,}(?:اوي|اني)|بن\S{3,}|بو\S{3,}")
_KIN_OF_WORDS = frozenset({"ام", "ابن", "بنت"})
"""Particles behind which common words stand as well, with their article: «أم الشهداء»."""
_SONS, _SONS_WORDS = frozenset({"بن", "بنت"}), 4
"""What stands between a name and the father's, and the words of such a name at least: «سقوط بن علي» is none."""
_NAME_WORDS = 3
"""Words of a name of which the given name is in no list, at most."""
_HONOUR = frozenset({"د", "م", "الدكتور", "الدكتوره", "دكتور", "المهندس", "البروفيسور", "dr", "prof"})
"""Titles that papers write before an author's name; others (an officer's, a sheikh's) are of the people in the news."""


PAPER_ENDS = tuple(f" {name_key(end)}" for end in ("أون لاين", "أونلاين", "نيوز", "برس", "بوست"))
"""How names of papers end that begin as persons' names do: `ثورة أون لاين`."""


@dataclass(frozen=True)
class Given:
    """Names by key: given ones that are hardly another word and those that are, families', words that look like these, and those that open
    phrases as names do."""

    names: frozenset[str]
    words: frozenset[str]
    families: frozenset[str]
    nouns: frozenset[str]
    heads: frozenset[str]
    stems: frozenset[str]


@lru_cache(maxsize=1)
def load_given() -> Given:
    """Read the given names into look-up sets."""
    lists = {name: frozenset(map(name_key, keys)) for name, keys in read_data("given_names").items()}
    return Given(**lists)


@lru_cache(maxsize=1 << 12)
def _is_spelt(word: str) -> bool:
    return _SPELT.fullmatch(fold(word)) is not None


def _is_shortened(part: str) -> bool:
    short = _SHORTENED.fullmatch(part)
    return short is not None and name_key(short[1]) in load_given().names


def is_person(part: str) -> bool:
    """Whether words have the shape of a person's name: two to four of them, no word of a sentence, place or agency."""
    names, words = load_names(), part.split()
    if _is_shortened(part):
        return True
    keys = [name_key(word) for word in words]
    # Folding makes على ("on") of the name علي too, so that one word is told apart by its spelling; at the end of a line it is the name,
    # as Egypt writes it.
    if words and words[-1] == "على":
        words[-1] = "علي"
    if set(keys) & names.not_names or "على" in words or name_kinds(part) or f" {name_key(part)}".endswith(PAPER_ENDS):
        return False
    if _SENTENCE_MARKS.search(_INITIAL.sub(" ", part)) or not all(map(_is_spelt, words)):
        return False
    # Families are called so too: a title stands before the name.
    name = list(dropwhile(names.titles.__contains__, keys))
    return AUTHOR_WORDS[0] <= len(name) and len([key for key in name if key not in names.particles]) <= AUTHOR_WORDS[1]


def _bare_words(part: str) -> tuple[list[str], bool]:
    """A name -> its keys without titles before it, `عبد` joined to the word behind it; and whether a title honours it."""
    words = name_key(part).split()
    titles = load_names().titles
    first = next((at for at, word in enumerate(words) if word not in titles), len(words))
    joined: list[str] = []
    for word in words[first:]:
        if joined and (joined[-1] == "عبد" or word in _ATTRIBUTES):
            joined[-1] += word
        else:
            joined.append(word)
    return joined, any(word in _HONOUR for word in words[:first])


def outer_names(name: str) -> tuple[str, str]:
    """A person's name -> the first and the last word of it without titles, as they are spelt: a text may leave out those between."""
    words = [word for word in name.split() if name_key(word) not in load_names().titles] or [name]
    return words[0], words[-1]


@lru_cache(maxsize=1 << 12)
def _is_compound(word: str) -> bool:
    """Whether the key of a word is a name of two: `عبدالعزيز`, `صلاحالدين`."""
    match = _COMPOUND.fullmatch(word)
    return match is not None and (match[1] is None or match[1] in load_given().stems)


@lru_cache(maxsize=1 << 12)
def _is_known(word: str) -> bool:
    """Whether the key of a word is a name, or has the shape of a family's."""
    given = load_given()
    return (
        any(word in names for names in (given.names, given.words, given.families))
        or (word.startswith("ال") and word[2:] in given.names)
        or _is_compound(word)
        or _FAMILY.fullmatch(word) is not None
    )


def _is_of_son(words: list[str]) -> bool:
    """Whether a name says whose son or daughter its bearer is (`درويش بن سالم`): then its first word is a given name, listed or not."""
    return (
        len(words) >= _SONS_WORDS
        and words[1] in _SONS
        and words[2] in load_given().names | load_given().words
        and not words[0].startswith("ال")
        and words[0] not in load_given().heads | load_names().others | load_names().particles
    )


@lru_cache(maxsize=1 << 12)
def weigh_person(part: str) -> int:
    """Words -> how sure they are a person's name: 0 where they are none, UNSURE, LIKELY, SURE.

    The first word must be a given name. One that is a common word too needs another name, a family's ending or a
    title beside it to be LIKELY; a name of the list with such company is SURE.
    """
    if _is_shortened(part):
        return LIKELY
    if not is_person(part):
        return 0
    given, particles = load_given(), load_names().particles
    words, is_honoured = _bare_words(part)
    first, rest = words[0], [word for word in words[1:] if word not in particles]
    is_sure = first in given.names or _is_compound(first) or _is_of_son(words)
    if not rest or not (is_sure or first in given.words):
        return 0
    if not given.nouns.isdisjoint(rest):
        return UNSURE if is_sure and len(rest) == 1 else 0
    # Behind `أبو`, `بن` or the like stands a family's name, but in the name of a town.
    pairs = list(pairwise(words))
    if any("place" in name_kinds(f"{before} {word}") for before, word in pairs if before in particles):
        return 0
    kin = {
        word
        for before, word in pairs
        if before in particles and not (before in _KIN_OF_WORDS and word.startswith("ال"))
    }
    known = [word in kin or _is_known(word) for word in rest]
    if any(_GLUED.match(word) for word, is_known in zip(rest, known, strict=True) if not is_known):
        return 0
    # Of a name of three words only the last may be unknown, with an article; a headline of three words has a verb.
    if len(rest) > 1 and not (all(known[:-1]) and (known[-1] or rest[-1].startswith("ال"))):
        return 0
    weight = LIKELY if is_sure else UNSURE
    return min(weight + all(known) + is_honoured, SURE)


@lru_cache(maxsize=1 << 12)
def may_be_person(part: str) -> bool:
    """Whether two or three words may be a person's name of which the given name is in no list: the others are known names, at the
    end one that has the shape of a family's.

    Where they stand must say that they are one.
    """
    if not is_person(part):
        return False
    given, particles = load_given(), load_names().particles
    words, _ = _bare_words(part)
    rest = [word for word in words[1:] if word not in particles]
    first = words[0]
    if not 0 < len(rest) < _NAME_WORDS or first.startswith("ال") or first in particles or _GLUED.match(first):
        return False
    if (
        not given.heads.isdisjoint(words)
        or not load_names().others.isdisjoint(words)
        or not given.nouns.isdisjoint(rest)
    ):
        return False
    kin = {word for before, word in pairwise(words) if before in particles and before not in _KIN_OF_WORDS}
    return all(
        word in kin or (_is_known(word) and word not in given.words and "place" not in name_kinds(word))
        for word in rest
    )


_AND = re.compile(r" و ?(?=[^\W\d_]{2}|[أدم]\.)")


@lru_cache(maxsize=1 << 12)
def split_persons(part: str) -> tuple[str, ...]:
    """Words -> the two persons that `و` joins (`سالم علي وليلى حسن`), else the words as they are."""
    for joint in _AND.finditer(part):
        pair = part[: joint.start()], part[joint.end() :]
        if all(weigh_person(name) >= LIKELY for name in pair):
            return pair
    return (part,)


_EPITHETS = 4
"""Words before a name that say who its bearer is, at most."""
_HEADED = frozenset({"رئيس", "رئيسه", "عضو", "امين", "مدير", "مديره", "نائب", "وزير"})


def drop_epithets(part: str) -> str:
    """Words -> the person behind what says who that is (`الناشط السياسي محمد فريد`), else the words as they are.

    Such words have the article, or name an office of something that has it. Only where a label tells that a writer's name follows.
    """
    if weigh_person(part) >= LIKELY:
        return part
    words = part.split()
    for at in range(1, min(_EPITHETS, len(words) - AUTHOR_WORDS[0]) + 1):
        key = name_key(words[at - 1])
        if not (key.startswith("ال") or key in _HEADED):
            break
        name = " ".join(words[at:])
        if weigh_person(name):
            return name
    return part


def is_named(part: str) -> bool:
    """Whether the first word of a name, titles aside, is a given name, an initial, or in Latin letters."""
    words, _ = _bare_words(part)
    given = load_given()
    first = words[0] if words else ""
    return bool(
        first in given.names
        or first in given.words
        or _is_compound(first)
        or _INITIAL.match(part)
        or _is_shortened(part)
        or first[:1].isascii()
        or first in load_names().particles
    )
