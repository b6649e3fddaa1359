"""Text that shows what encodings do, as an article on programs does: what it shows is no damage; text -> whether it does."""

from __future__ import annotations

import re

from etl.edits import Repair

_ENCODINGS = {
    "utf": r"utf-?(?:8|16|7)\b",
    "unicode": r"unicode\b|يونيكود|يونكود|يونيكد",
    "ascii": r"ascii\b|آسكي",
    "codec": r"(?:iso[- ]8859|windows-125\d|cp125\d|latin-?1)",
    "encoding": r"ترميز(?:ات)? (?:النص|النصوص|الحروف|المحارف|الأحرف|الصفحة|الملف|العرب|windows|utf|iso)|الترميز (?:العربي|الخاطئ|الصحيح)|mojibake\b|punycode\b",
}
_PROGRAMS = {
    "markup": r"(?:html|xml|json)\b",
    "language": r"(?:javascript|python|mysql|sql)\b|جافا ?سكري?بت|بايثون",
}
_TOPICS = {name: re.compile(rf"(?i)(?<![a-z])(?:{pattern})") for name, pattern in {**_ENCODINGS, **_PROGRAMS}.items()}
"""What an article on such things speaks of, by what is meant."""
_ANY = re.compile("|".join(pattern.pattern.removeprefix("(?i)") for pattern in _TOPICS.values()), re.IGNORECASE)
_HINTS = (
    "utf",
    "unicode",
    "ascii",
    "8859",
    "windows-125",
    "cp125",
    "latin1",
    "latin-1",
    "mojibake",
    "punycode",
    "ترميز",
    "يونيك",
    "يونك",
    "آسكي",
)
"""Strings of which every page that speaks of an encoding has one: looked for first, as hardly any page has."""
_LEAST = 2
"""Different ones of these on a page that speaks of them, one of them an encoding."""
_SOUND = re.compile("[\u0621-\u064a]{2,}")
_WORDS, _CODE = 4, 2
"""Sound words of a line beside what it shows, at least, and Latin ones of a line of a program."""
_LATIN = re.compile("[A-Za-z]{2,}")
_TAG = re.compile(r"<[^<>]{0,400}>")
_ADDRESS = re.compile(r"//|\.(?:php|html?|aspx|xml)(?:\W|$)")
_CODES = re.compile(r"&#?\w{1,8};|(?<!\\)\\+[ux]\w{2,4}")
_TYPOGRAPHIC = re.compile(
    r"(?i)&(?:amp;)?(?:quot|nbsp|[lr][sd]quo|[lr]aquo|[nm]dash|hellip|zw?n?j|#(?:0*(?:34|39|160|171|187|8\d{3})));"
)
"""Entities of signs and spaces, which an editor leaves in any text."""


def speaks_of_encodings(page: str) -> bool:
    """Whether a page speaks of encodings or programs, in its sentences: what is left of a page's own markup says nothing of it."""
    small = page.lower()
    if not any(hint in small for hint in _HINTS):
        return False
    spoken: set[str] = set()
    for line in page.split("\n"):
        if _ANY.search(line):
            words = " ".join(word for word in _TAG.sub(" ", line).split() if not _ADDRESS.search(word))
            if len(_SOUND.findall(words)) >= _WORDS:
                spoken |= {name for name, pattern in _TOPICS.items() if pattern.search(words)}
    return len(spoken) >= _LEAST and not spoken.isdisjoint(_ENCODINGS)


def keep_shown(page: str, step: list[Repair]) -> list[Repair]:
    """A page that speaks of encodings, the repairs of it -> those outside sound lines: what a sentence or a program shows stays.

    On a line of damage alone nothing else is left to be a sentence. Entities of signs are mended in any line.
    """
    found: list[Repair] = []
    sound: dict[int, bool] = {}
    for at, each in enumerate(step):
        first = page.rfind("\n", 0, each.start) + 1
        if first not in sound:
            end = page.find("\n", each.start)
            end = end if end >= 0 else len(page)
            # What stands between the repairs of the line.
            parts, last = [], first
            for other in step[at:]:
                if other.start >= end:
                    break
                parts.append(page[last : other.start])
                last = max(last, other.end)
            parts.append(page[last:end])
            beside = _CODES.sub(" ", " ".join(parts))
            sound[first] = len(_SOUND.findall(beside)) >= _WORDS or len(_LATIN.findall(beside)) >= _CODE
        if not sound[first] or _TYPOGRAPHIC.fullmatch(each.before):
            found.append(each)
    return found
