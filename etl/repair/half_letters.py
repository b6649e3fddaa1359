"""Letters of UTF-8, read as Western, that have lost their second byte on the way: to a cleaner of controls, or of spaces.

cp1252 has no character for byte 0x81, and what browsers show for it, like a soft hyphen, is removed by most programs;
in Latin-1, 0x85 and 0xA0 are white space, which `" ".join(text.split())` makes a space of. So each such program takes the
same letters from all words: ف, ح, م, ٠, and a closing quotation mark. Where it has left one of them, it is not to blame.
"""

from __future__ import annotations

import re

from etl.edits import Repair, compose, replay, unreplay
from etl.letters import price_text
from etl.repair.misread import UTF8_WAYS, WESTERN, load_codec

RULE = "repair/half-letter"
_WINDOWS = "€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ"
_SECOND = f"\u0080-\u00bf{_WINDOWS}"
_AS_WINDOWS, _AS_LATIN1 = re.compile(f"[ØÙ][{_WINDOWS}]|â€"), re.compile("[ØÙ][\u0080-\u009f]")
_LETTER = "ء-غف-ي\u064b-\u0652"
_PAIRS = f"(?:[ØÙ][{_SECOND}])"
_WHOLE = re.compile(
    f"(?<=[{_LETTER}٠-٩ØÙ]){_PAIRS}+|{_PAIRS}+(?=[{_LETTER}٠-٩ØÙ])|{_PAIRS}{{2,}}|Â[\u00a1-\u00bf]|Ã[{_SECOND}]"
)
_DIGITS = re.compile(r"(?:Ù )+(?=[٠-٩])|(?<=[٠-٩٪-٬])(?:Ù )+")
_HALF = re.compile(f'(?<=[{_LETTER}ØÙ])[ØÙ]|[ØÙ](?=[{_LETTER}ØÙ])|(?<![^ \n«“"(])Ù(?= )')
_MEEM, _MEEM_AT_END = re.compile("Ù "), re.compile(r"(?<=[ء-ي])Ù(?=\n|\Z)")
_QUOTE = re.compile(f"â€(?![{_SECOND}])")
_NO_BREAK = re.compile("Â(?= )|Ã ")
"""A no-break space, and à, of which a program has made its second half a space."""
_LOST = re.compile("(Ù|â€|)\ufffd")
_VOWELS = re.compile("[\u064b\u064c\u064e\u0651\u0652]")
_LEAST_VOWELS = 0.01
"""Signs for a letter of a text in which others may be lost: of 34,000 places in such articles a ف is taken for one at 1 in 50."""
_NO_FA = 9.0  # bits that a ف costs where there is none
_ARABIC = re.compile("[ء-ي]")


def fill_halves(text: str, damage: str) -> list[Repair]:
    """Text of which most letters are mended, what was mended as it stood -> its half letters as what they were.

    `damage` says how the bytes were read, and which of them are still there.
    """
    is_windows = _AS_WINDOWS.search(damage) is not None
    if not is_windows and not _AS_LATIN1.search(damage):
        return []
    whole = [
        Repair(*pair.span(), pair[0], letter, RULE) for pair in _WHOLE.finditer(text) if (letter := _join(pair[0]))
    ]
    text = replay(text, whole)
    halves: list[Repair] = []
    if "\u00a0" not in damage:
        halves += [Repair(*m.span(), m[0], "" if m[0] == "Â" else "à", RULE) for m in _NO_BREAK.finditer(text)]
        for digits in _DIGITS.finditer(text):
            apart = " " if re.match("[ء-ي]", text[digits.end() :]) else ""
            halves.append(Repair(*digits.span(), digits[0], "٠" * (len(digits[0]) // 2) + apart, RULE))
    if is_windows:
        halves += _fill_windows(text, damage)
    else:
        halves += _fill_spaces(text, damage)
    if "\u00ad" not in damage:
        halves += [Repair(*half.span(), "Ø", "ح", RULE) for half in _HALF.finditer(text) if half[0] == "Ø"]
    kept: list[Repair] = []
    for repair in sorted(halves, key=lambda repair: (repair.start, -repair.end)):
        if not kept or repair.start >= kept[-1].end:
            kept.append(repair)
    return compose(unreplay(text, whole), whole, kept)


def fill_lost(repair: Repair) -> Repair:
    """What was read as cp1252 with U+FFFD for the bytes it does not have -> the same with the letters that these were."""
    lost = list(_LOST.finditer(repair.before))
    if not lost or len(lost) != repair.after.count("\ufffd") or not _AS_WINDOWS.search(repair.before):
        return repair
    letters = iter([{"Ù": "ف", "â€": "”"}.get(one[1], "\ufffd") for one in lost])
    return repair._replace(after=re.sub("\ufffd", lambda _: next(letters), repair.after))


def _fill_windows(text: str, damage: str) -> list[Repair]:
    """Text read as cp1252, from which the controls were removed -> its ف and its quotation marks; a vowel sign is lost.

    Kasra, damma and ف have lost the same: beside other signs that are there, the dearer reading is not it.
    """
    found = []
    if "\u009d" not in damage:
        for quote in _QUOTE.finditer(text):
            line = text[text.rfind("\n", 0, quote.start()) + 1 : quote.start()]
            found.append(Repair(*quote.span(), quote[0], "”" if line.count("“") > line.count("”") else "", RULE))
    if "\u0081" in damage:
        return found
    is_vowelled = len(_VOWELS.findall(text)) > _LEAST_VOWELS * len(_ARABIC.findall(text))
    for half in _HALF.finditer(text):
        if half[0] == "Ù":
            before, behind = text[: half.start()][-8:], text[half.end() :][:8]
            is_sign = is_vowelled and price_text(f"{before}ف{behind}") - price_text(before + behind) > _NO_FA
            found.append(Repair(*half.span(), "Ù", "" if is_sign else "ف", RULE))
    return found


def _fill_spaces(text: str, damage: str) -> list[Repair]:
    """Text read as latin-1, of whose white space other spaces were made, or none at the ends of lines -> its م.

    Where runs of spaces were made one, a space behind half a م may be its other half or the next word's: that stays.
    """
    found = [Repair(*half.span(), "Ù", "م", RULE) for half in _MEEM_AT_END.finditer(text)]
    if "\u0085" in damage:
        return found
    are_kept = "Ù  " in text
    halves = (half for half in _MEEM.finditer(text) if are_kept or not re.match("[ء-ي]", text[half.end() :]))
    return found + [Repair(*half.span(), half[0], "م", RULE) for half in halves]


def _join(pairs: str) -> str:
    """Pairs of bytes of UTF-8 as Western characters -> the Arabic letters, signs and digits they are, or the Western letter or
    quotation mark, else nothing."""
    codec = load_codec(*UTF8_WAYS[WESTERN])
    letters = bytes(codec.byte[one] for one in pairs).decode("utf-8", "replace")
    return letters if re.fullmatch(f"[{_LETTER}٠-٩٪-٬]+|[\u00a1-\u00bf\u00c0-\u00ff]", letters) else ""
