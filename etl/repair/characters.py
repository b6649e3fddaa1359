"""Characters that a page should not hold, and what stands for them; each step is text -> repairs of it.

Marks, hamza forms, ى/ي, ة/ه, digits, quotation marks and ، ؛ ؟ are the author's and are never touched.
"""

from __future__ import annotations

import html
import re
import unicodedata
from functools import cache, lru_cache
from html.entities import html5, name2codepoint

import numpy as np

from etl.arrays import Bytes, Flags
from etl.edits import Repair, trim
from etl.letters import to_codes, to_units
from etl.shipped import read_list

# Entities

_NAMES = sorted({name.rstrip(";") for name in html5} | set(name2codepoint), key=lambda name: (-len(name), name))
# Without its semicolon or its ampersand, only what Arabic pages are full of is an entity for certain.
_BARE = "quot|nbsp|apos|laquo|raquo|ldquo|rdquo|lsquo|rsquo|hellip|ndash|mdash|zwnj|zwj|rlm|lrm"
_COMMON = f"{_BARE}|amp|lt|gt"
_ENTITY = re.compile(
    rf"""
    & (?:amp;)* (?: (?=[A-Za-z0-9]{{2,31}};) (?P<name>{"|".join(_NAMES)})
                  | \#(?P<number>\d{{1,7}}) | \#[xX](?P<hex>[0-9a-fA-F]{{1,6}}) );
    | &[ ] (?: (?P<loose>{_COMMON}) | \#[ ]?(?P<loose_number>\d{{2,5}}) ) [ ]?;
    | & (?:amp;)* (?: (?P<cut>{_COMMON}) (?![A-Za-z0-9_;=]) | \#(?P<cut_number>\d{{2,5}}) (?![\d;]) )
    | (?<![A-Za-z0-9&]) (?:amp;)* (?P<bare>{_BARE});
    | (?<![\w&/]) \#(?P<bare_number>\d{{2,4}});
    """,
    re.VERBOSE,
)
LOOSE_ENTITY = f"&[a-zA-Z# ]|#[0-9]{{2,4}};|(?:{_BARE});"
"""Pattern that every entity the repair knows contains, in the syntax common to Python and polars."""


def _is_text(code: int) -> bool:
    """Whether a number without its ampersand can only have been an entity of an Arabic page."""
    return code in (34, 38, 39, 160, 171, 187) or 0x600 <= code <= 0x6FF or 0x200B <= code <= 0x2039


def unescape(text: str) -> list[Repair]:
    """Text -> HTML entities as the characters they name, also if escaped twice or with `&` or `;` lost."""
    found = []
    for match in _ENTITY.finditer(text):
        name = match["name"] or match["loose"] or match["cut"] or match["bare"]
        number = match["number"] or match["loose_number"] or match["cut_number"] or match["bare_number"]
        if match["bare_number"] and not _is_text(int(number)):
            continue
        # html.unescape reads 128-159 as cp1252, as browsers do, and makes U+FFFD of what is no character.
        after = html.unescape(f"&{name};" if name else f"&#x{match['hex']};" if match["hex"] else f"&#{number};")
        if after == "\ufffd":
            continue
        found.append(Repair(match.start(), match.end(), match[0], after, "repair/entity"))
    return found


# Controls, spaces, invisible marks

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


# Presentation forms and composed letters

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


# Brackets the wrong way round

_OPEN_CLOSED = {"(": ")", "«": "»", "[": "]"}
_TURNED = str.maketrans("()«»[]", ")(»«][")
TURNED = "(?:^|[ \n])[)»\\]][ء-ي0-9A-Za-z]"
"""Pattern that every text contains whose brackets a reader of PDF has turned; polars' syntax."""
_BACK, _LEAST_TURNED = re.compile(TURNED), 2


def turn_brackets(text: str) -> list[Repair]:
    """Text -> brackets and quotation marks of a kind the other way round, where all of them stand with their backs to what they hold."""
    found: list[Repair] = []
    if len(_BACK.findall(text)) < _LEAST_TURNED:
        return found
    for opening, closing in _OPEN_CLOSED.items():
        if closing not in text:
            continue
        right = len(re.findall(rf"(?<!\w){re.escape(opening)}\w|\w{re.escape(closing)}(?!\w)", text))
        wrong = len(re.findall(rf"(?<!\w){re.escape(closing)}\w|\w{re.escape(opening)}(?!\w)", text))
        if wrong >= _LEAST_TURNED + 1 and not right:
            pair = re.compile(f"[{re.escape(opening + closing)}]")
            found += [
                Repair(m.start(), m.end(), m[0], m[0].translate(_TURNED), "repair/bracket") for m in pair.finditer(text)
            ]
    return sorted(found)


# Letters apart

_SPREAD = re.compile(r"(?<!\S)\S \S \S {1,8}\S \S")
_GAP = re.compile(" {2,}")
_SPREAD_LINE, _SPREAD_SHARE = 8, 0.9


def close_letters(text: str) -> list[Repair]:
    """Text -> lines whose letters stand apart and whose words further apart, as words: `ق ا ل   ا ل و ز ي ر`.

    Where letters and words are the same space apart nothing tells the words.
    """
    found: list[Repair] = []
    start = 0
    for line in text.split("\n") if _SPREAD.search(text) else ():
        parts = line.split()
        alone = sum(len(part) == 1 for part in parts)
        if alone >= _SPREAD_LINE and alone >= _SPREAD_SHARE * len(parts) and _GAP.search(line.strip()):
            words = [word.replace(" ", "") for word in _GAP.split(line)]
            edit = trim(start, line, " ".join(words), "repair/letters-apart")
            found += [edit] if edit else []
        start += len(line) + 1
    return found


# Persian letters in Arabic text

_LETTER = "\u0621-\u063a\u0641-\u064a\u066e-\u06d3\u06d5\u06ee\u06ef\u06fa-\u06fc\u0750-\u077f"
_MARK = "\u064b-\u065f\u0670\u0640"
_LOOKALIKE = {"ک": "ك", "ہ": "ه", "ھ": "ه", "ە": "ه", "ی": "ي", "ے": "ي"}
_GOES_ON = re.compile(f"[{_MARK}]*[{_LETTER}]")
_BEFORE, _BEHIND = re.compile(f"[{_LETTER}{_MARK}]+\\Z"), re.compile(f"[{_LETTER}{_MARK}]+")
# على is a hundred times as frequent as the name علي, but not beside another name.
_NAME_BEFORE = re.compile(r"(?:محمد|أحمد|حسن|حسين|السید|السيد|الشیخ|الشيخ|الإمام|بن|ابن|أبو) عل\Z")
_NAME_AFTER = re.compile(" (?:بن|خامنئ[يی]|أ[كک]بر|لار[يی]جان[يی]|عبدالله)(?![ء-ي])")
_SAME_LETTER = str.maketrans(_LOOKALIKE)
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
        after = _LOOKALIKE[letter]
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
    for one, other in _LOOKALIKE.items():
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
