"""Controls, odd spaces and invisible marks, and what stands for them."""

from __future__ import annotations

import re

from etl.edits import Repair
from etl.repair.persian_letters import find_quoted

_LINE_ENDS = "\r\x0b\x0c\u2028\u2029"
_NO_BREAK = "\u00a0\u2007\u202f"
_INVISIBLE = "\u00ad\u061c\u200b\u200e\u200f\ufeff\ufffc\ufffe" + "".join(
    map(chr, (*range(0x202A, 0x202F), *range(0x2060, 0x2065), *range(0x2066, 0x2070)))
)
_JOINERS = "\u200c\u200d"
_CONTROLS = "".join(chr(code) for code in (*range(0x20), 0x7F) if chr(code) not in "\n\t" + _LINE_ENDS)


def _plain() -> dict[str, tuple[str, str]]:
    table = dict.fromkeys(_LINE_ENDS, ("\n", "repair/line-end"))
    table |= dict.fromkeys(_NO_BREAK, (" ", "repair/nbsp"))
    table |= dict.fromkeys(_INVISIBLE, ("", "repair/invisible"))
    table |= dict.fromkeys(_CONTROLS, ("", "repair/control"))
    return table


PLAIN: dict[str, tuple[str, str]] = _plain()
"""Character -> what stands for it, and the rule. But a carriage return before a line feed goes."""


# C1 controls that are left after all decoding: the punctuation of cp1252 read as latin-1, else nothing.
_C1 = dict.fromkeys(map(chr, range(0x80, 0xA0)), ("", "repair/control"))
_C1 |= {
    character.encode("cp1252").decode("latin-1"): (character, "repair/control") for character in "€‚„…†‡‰‹‘’“”•–—™›"
}
_ALL = PLAIN | _C1
# Thai, Lao, Burmese, Khmer, Javanese: no spaces between words, and U+200B says where a line may break.
_UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u1900-\u1cff\ua980-\ua9df"
KEPT_BREAK = f"[{_UNSPACED}]\u200b"
"""Pattern of a zero-width space that stays."""

# As the end of a line 0x85 stands between sentences, as the ellipsis of cp1252 a space follows it.
_NEXT_LINE = re.compile('(?<=[.؟!?:»”"])\u0085(?=[^ \n])')
_KEPT_BREAK = re.compile(KEPT_BREAK)
DIRTY = "".join(_ALL)
"""Every character that `plain_characters` changes."""
_PLAIN_CHARACTER = re.compile(f"[{re.escape(DIRTY)}]")
_ESCAPE = re.compile("\x1b\\[[0-9;]*[A-Za-z]")
# A joiner shapes letters; after a pictograph it makes one picture of two.
_JOINER = re.compile(f"(?<![\u2190-\u2bff\ufe0f\U0001f000-\U0001faff])[{_JOINERS}]")


def drop_escapes(text: str) -> list[Repair]:
    """Text -> the colour and cursor codes of a terminal removed."""
    return [Repair(m.start(), m.end(), m[0], "", "repair/control") for m in _ESCAPE.finditer(text)]


def plain_characters(text: str) -> list[Repair]:
    """Text -> line ends as line feeds, no-break spaces as spaces; controls and invisible marks removed."""
    found = []
    for match in _PLAIN_CHARACTER.finditer(text):
        at, before = match.start(), match[0]
        after, rule = _ALL[before]
        if before == "\r" and text.startswith("\n", at + 1):
            after = ""
        elif before == "\u0085" and _NEXT_LINE.match(text, at):
            after, rule = "\n", "repair/line-end"
        elif before == "\u200b" and at and _KEPT_BREAK.match(text, at - 1):
            continue
        found.append(Repair(at, at + 1, before, after, rule))
    return found


def drop_joiners(text: str) -> list[Repair]:
    """Arabic text -> joiners and non-joiners removed: Arabic needs neither (Persian and Urdu do)."""
    if not any(joiner in text for joiner in _JOINERS):
        return []
    quoted = find_quoted(text)
    return [
        Repair(m.start(), m.end(), m[0], "", "repair/invisible")
        for m in _JOINER.finditer(text)
        if not quoted[m.start()]
    ]


# Word processors take their bullets from fonts of symbols, whose characters have no meaning elsewhere.
SYMBOL = "\uf020-\uf0ff"
"""Characters of such fonts, in a class of a pattern."""
_BULLET = re.compile(f"^([ \\t]*)([{SYMBOL}])(?=[ \\t])", re.MULTILINE)


def plain_bullets(text: str) -> list[Repair]:
    """Text -> a character of a font of symbols that begins a line, before a space, as a bullet."""
    return [Repair(m.start(2), m.end(), m[2], "•", "repair/bullet") for m in _BULLET.finditer(text)]
