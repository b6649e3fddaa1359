"""Presentation forms as letters, and marks that stand apart from their letters at these."""

from __future__ import annotations

import re
import unicodedata

from etl.edits import Repair

# Marks that stand on their own have a space or a tatweel in their decomposition, which is not in the text.
_STANDING_MARKS = [*range(0xFC5E, 0xFC64), *range(0xFCF2, 0xFCF5), *range(0xFE70, 0xFE80)]


def _forms() -> dict[str, str]:
    table = {}
    for code in (
        *range(0xFB50, 0xFD3E),
        *range(0xFD50, 0xFDF0),
        *range(0xFE70, 0xFEFD),
    ):  # FDF0-FDFD: ﷲ ﷺ ﷼ stay
        form = chr(code)
        plain = unicodedata.normalize("NFKC", form)
        if code in _STANDING_MARKS:
            plain = plain.replace(" ", "").replace("\u0640", "")
            if "\u0651" in plain:  # as it is typed: shadda, then the vowel
                plain = "\u0651" + plain.replace("\u0651", "")
        if plain and plain != form:
            table[form] = plain
    return table


FORMS: dict[str, str] = _forms()
"""Presentation form -> the letter or letters it shows."""

_ALLAH, _MANY_FORMS = re.compile("\ufdf2"), 20
_FORM_RUN = re.compile(f"[{''.join(FORMS)}]+")
_HAMZA = {"ا\u0653": "آ", "ا\u0654": "أ", "ا\u0655": "إ", "و\u0654": "ؤ", "ي\u0654": "ئ", "ى\u0654": "ئ"}
# Where Unicode takes letters apart, vowels come to stand between them and their hamza.
_DECOMPOSED = re.compile("([اويى])([\u064b-\u0652]*)([\u0653-\u0655])")


def plain_letters(text: str) -> list[Repair]:
    """Text -> presentation forms as letters, a run at a time; the name of God, which people type as one sign, among many alone."""
    found = [
        Repair(m.start(), m.end(), m[0], "".join(map(FORMS.__getitem__, m[0])), "repair/presentation-form")
        for m in _FORM_RUN.finditer(text)
    ]
    if len(found) >= _MANY_FORMS:
        found += [Repair(m.start(), m.end(), m[0], "الله", "repair/presentation-form") for m in _ALLAH.finditer(text)]
    return sorted(found)


def join_hamza(text: str) -> list[Repair]:
    """Arabic text -> a hamza or madda written apart joined to its letter, as Unicode composes them."""
    found = _DECOMPOSED.finditer(text) if any(pair[1] in text for pair in _HAMZA) else ()
    return [
        Repair(m.start(), m.end(), m[0], _HAMZA[m[1] + m[3]] + m[2], "repair/hamza")
        for m in found
        if m[1] + m[3] in _HAMZA
    ]


# A space before a sign that ends a word, or doubles a letter: readers of PDF draw it apart, hands type it behind the space.
APART = " [\u064b-\u064d\u0651]"
"""Pattern that every text with such a space contains."""
_APART = re.compile(
    "(?<=[ء-ي]) ([\u064b-\u064d]|\u0651(?=ال))(?=[ء-ي])|(?<=[اىءة]) ([\u064b-\u064d])(?![^ \n.،؛:؟!)»])|(?<=[ء-ي]) (\u0651)(?=[\u064b-\u0650]?[ء-ي])"
)


def join_marks(text: str) -> list[Repair]:
    """Text -> such signs at the letters they belong to, the space behind them where a word follows.

    A vowel alone may be the next word's, typed before its letter; so it stays where it is.
    """
    return [
        Repair(m.start(), m.end(), m[0], f"{m[1]} " if m[1] else m[2] or m[3], "repair/mark-apart")
        for m in _APART.finditer(text)
    ]
