"""Persian and Urdu letters in Arabic text, which only look like Arabic ones; and whether a text is Arabic."""

from __future__ import annotations

import re
from functools import cache, lru_cache

import numpy as np

from etl.arrays import Bytes, Flags
from etl.edits import Repair
from etl.letters import to_codes, to_units
from etl.shipped import read_list

_LETTER = "\u0621-\u063a\u0641-\u064a\u066e-\u06d3\u06d5\u06ee\u06ef\u06fa-\u06fc\u0750-\u077f"
_MARK = "\u064b-\u065f\u0670\u0640"
LOOKALIKE = {"ک": "ك", "ہ": "ه", "ۃ": "ة", "ھ": "ه", "ە": "ه", "ی": "ي", "ے": "ي"}
"""Letters of Persian, Urdu and Kurdish -> the Arabic ones that look like them."""
_GOES_ON = re.compile(f"[{_MARK}]*[{_LETTER}]")
_BEFORE, _BEHIND = re.compile(f"[{_LETTER}{_MARK}]+\\Z"), re.compile(f"[{_LETTER}{_MARK}]+")
# على is a hundred times as frequent as the name علي, but not beside another name.
_NAME_BEFORE = re.compile(r"(?:محمد|أحمد|حسن|حسين|السید|السيد|الشیخ|الشيخ|الإمام|بن|ابن|أبو) عل\Z")
_NAME_AFTER = re.compile(" (?:بن|خامنئ[يی]|أ[كک]بر|لار[يی]جان[يی]|عبدالله)(?![ء-ي])")
_SAME_LETTER = str.maketrans(LOOKALIKE)
_QUOTED = re.compile('[(«“"][^()«»“”"\n]{1,400}[)»”"]')
_SORANI = re.compile(f"[{_LETTER}]*ە[{_LETTER}]*ە[{_LETTER}]*")
_PERSIAN_DIGIT = re.compile("[۰-۹]")
_NON_JOINED = re.compile(f"[{_LETTER}]\u200c[{_LETTER}]")
# Words that Arabic news ends in ى as often as in ي, or more, and words in ي that look like one of them
# with a prefix (benchmarks/train_letters.py).
_IN_MAKSURA = frozenset(read_list("maksura"))
_PREFIX = re.compile("[وف]?(?:[بك]?ال|لل|[بلك])?")


def cut_prefixes(word: str) -> set[str]:
    """Word -> what it is without its conjunction, preposition and article, as far as it may have them."""
    longest = _PREFIX.match(word)
    cuts = {longest.end()} if longest else set()
    cuts |= {1} if word[:1] in "وفبلك" else set()
    return {word[cut:] for cut in cuts if 0 < cut < len(word) - 1}


@lru_cache(maxsize=4096)
def _is_maksura(word: str) -> bool:
    """Whether a word, spelt with ى for its last letter, is one of the list, with or without a prefix."""
    bare = re.sub(f"[{_MARK}]", "", word)
    if bare in _IN_MAKSURA:
        return True
    return bare[:-1] + "ي" not in _IN_MAKSURA and not cut_prefixes(bare).isdisjoint(_IN_MAKSURA)


def _is_name(text: str, at: int) -> bool:
    """Whether the word that ends at this offset stands beside a name."""
    before = _NAME_BEFORE.search(text, max(at - 12, 0), at)
    return before is not None or _NAME_AFTER.match(text, at + 1) is not None


def find_quoted(text: str) -> Flags:
    """Arabic text -> true on what it quotes in a kindred language, and on single words of one.

    A phrase in brackets or quotation marks is one where it holds a letter that Arabic has not, or a look-alike beside a Persian digit
    or a non-joiner between letters; a word by itself where it holds such a letter.
    """
    says = _load_script().take(to_codes(text), mode="clip")
    foreign = np.flatnonzero(says & _FOREIGN)
    quoted = np.zeros(len(says), np.bool_)
    if not len(foreign) and "\u200c" not in text and not _PERSIAN_DIGIT.search(text):
        return quoted
    for quote in _QUOTED.finditer(text):
        start, end = quote.span()
        held = says[start:end]
        alike = (held & _ALIKE).any()
        if (held & _FOREIGN).any() or (alike and (_NON_JOINED.search(quote[0]) or _PERSIAN_DIGIT.search(quote[0]))):
            quoted[start:end] = True
    for at in foreign.tolist():
        if not quoted[at]:
            before, behind = _BEFORE.search(text, max(at - 30, 0), at), _BEHIND.match(text, at)
            quoted[before.start() if before else at : behind.end() if behind else at + 1] = True
    # Sorani writes its a and e with a sign that Arabic has nowhere.
    for word in _SORANI.finditer(text) if len(foreign) else ():
        quoted[word.start() : word.end()] = True
    return quoted


def arabic_letters(text: str) -> list[Repair]:
    """Arabic text -> Persian and Urdu letters and digits that only look like Arabic ones as the Arabic ones.

    What is quoted in such a language stays, and digits do where no figure mixes both kinds.
    """
    quoted = find_quoted(text)
    found = _arabic_digits(text)
    for at in np.flatnonzero(_load_script().take(to_codes(text), mode="clip") & _ALIKE).tolist():
        letter = text[at]
        if quoted[at]:
            continue
        after = LOOKALIKE[letter]
        if after == "ي" and not _GOES_ON.match(text, at + 1):
            word = _BEFORE.search(text, max(at - 30, 0), at)
            spelt = word[0].translate(_SAME_LETTER) if word else ""
            name = spelt == "عل" and _is_name(text, at)
            after = "ى" if _is_maksura(spelt + "ى") and not name else "ي"
        found.append(Repair(at, at + 1, letter, after, "repair/persian-letter"))
    return sorted(found)


_MIXED = re.compile("[٠-٩][۰-۹]|[۰-۹][٠-٩]")


def _arabic_digits(text: str) -> list[Repair]:
    """Text -> its Persian digits as Arabic-Indic ones, where it has a figure of both."""
    digits = _PERSIAN_DIGIT.finditer(text) if _MIXED.search(text) else ()
    return [Repair(m.start(), m.end(), m[0], chr(ord(m[0]) - 0x90), "repair/persian-digit") for m in digits]


# What a character says of a text: that it is a letter of the script, a look-alike, or foreign, and what of an article or
# a ة it is, a look-alike as the letter it stands for. Foreign are the letters of Persian, Urdu, Pashto, Kurdish, Sindhi,
# Uyghur and Malay that stand for no Arabic one.
_WRITTEN, _ALIKE, _FOREIGN, _ALEF, _LAM, _PREFIXED, _MARBUTA = (1 << bit for bit in range(7))
_ROLES = {"ا": _ALEF, "ل": _LAM, **dict.fromkeys("وبكف", _PREFIXED), "ة": _MARBUTA}


@cache
def _load_script() -> Bytes:
    """What each code point of the basic plane says of a text."""
    says = np.zeros(0x10000, np.uint8)
    says[[match.start() for match in re.finditer(f"[{_LETTER}]", "".join(map(chr, range(0x10000))))]] = _WRITTEN
    says[0x66E:0x780] *= _WRITTEN | _FOREIGN
    for letter, role in _ROLES.items():
        says[ord(letter)] |= role
    for one, other in LOOKALIKE.items():
        says[ord(one)] = _WRITTEN | _ALIKE | _ROLES.get(other, 0)
    return says


def is_arabic(text: str) -> bool:
    """Whether the Arabic letters of a text spell Arabic: by letters it never uses, by its article and its ة.

    At most 3 % of its letters may be foreign; where look-alikes exceed 3 %, a quarter of the words with the
    article or 8 % with a ة must speak for Arabic, else 5 % with either. Persian and Urdu have next to none.
    """
    says = _load_script().take(to_units(f" {text}  "))
    letters = np.count_nonzero(says)
    if not letters or np.count_nonzero(says & _FOREIGN) >= 0.03 * letters:
        return False
    first, second, third = says[1:-2], says[2:-1], says[3:]
    starts = (first > 0) & (says[:-3] == 0)
    begun = (first & (_ALEF | _LAM) > 0) & (second & _LAM > 0)
    begun |= (first & _PREFIXED > 0) & (second & _ALEF > 0) & (third & _LAM > 0)
    article = int(np.count_nonzero(starts & begun))
    at = np.flatnonzero(starts)
    words = np.searchsorted(at, np.flatnonzero(first & _MARBUTA), side="right")
    marbuta = int(np.count_nonzero(np.diff(words, prepend=0)))
    if np.count_nonzero(says & _ALIKE) >= 0.03 * letters:
        return article >= 0.25 * len(at) or marbuta >= 0.08 * len(at)
    return article + marbuta >= 0.05 * len(at)
