"""Text that shows what encodings do, as an article on programs does: what it shows is no damage; text -> whether it does."""

from __future__ import annotations

import re

from etl.edits import Repair

_ENCODINGS = (
    r"\b(?:utf-?(?:8|16|7)|unicode|ascii|iso[- ]8859|windows-125\d|cp125\d|latin-?1|mojibake|punycode)\b"
    r"|ترميز|يونيكود|يونكود|يونيكد|آسكي"
)
_TOPICS = re.compile(rf"(?i){_ENCODINGS}|\b(?:html|xml|json|javascript|python|mysql|sql)\b|جافا ?سكري?بت|بايثون|برمجة")
"""What an article on such things speaks of."""
_STRICT = re.compile(rf"(?i){_ENCODINGS}")
_LEAST = 2
"""Different ones of these on a page that speaks of them, one of them an encoding."""
_SOUND = re.compile("[\u0621-\u064a]{2,}")
_WORDS, _CODE = 4, 2
"""Sound words of a line beside what it shows, at least, and Latin ones of a line of a program."""
_LATIN = re.compile("[A-Za-z]{2,}")
_MARKUP = re.compile(r"<[^<>]*>|&[^;\s]{1,8};|\S*(?://|\.(?:php|html?|aspx|xml)\b)\S*")
_CODES = re.compile(r"&#?\w{1,8};|\\+[ux]\w{2,4}")


def speaks_of_encodings(page: str) -> bool:
    """Whether a page speaks of encodings or programs, in its sentences: what is left of a page's own markup says nothing of it."""
    named = {match[0].lower() for match in _TOPICS.finditer(page)}
    if len(named) < _LEAST:
        return False
    lines = [_MARKUP.sub(" ", line) for line in page.split("\n") if _TOPICS.search(line)]
    spoken = {
        match[0].lower() for line in lines if len(_SOUND.findall(line)) >= _WORDS for match in _TOPICS.finditer(line)
    }
    return len(spoken) >= _LEAST and any(map(_STRICT.fullmatch, spoken))


def keep_shown(page: str, step: list[Repair]) -> list[Repair]:
    """A page that speaks of encodings, the repairs of it -> those outside sound lines: what a sentence or a program shows stays.

    On a line of damage alone nothing else is left to be a sentence.
    """
    found = []
    for each in step:
        first = page.rfind("\n", 0, each.start) + 1
        last = page.find("\n", each.end)
        beside = _CODES.sub(" ", page[first : each.start] + " " + page[each.end : last if last >= 0 else len(page)])
        if len(_SOUND.findall(beside)) < _WORDS and len(_LATIN.findall(beside)) < _CODE:
            found.append(each)
    return found
