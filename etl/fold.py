"""The folded key: what rules and comparisons see instead of the text, so that spelling does not matter.

The key is for matching only and is never stored as text. It is made character by character from one table, so every
character of the key knows the character of the text it came from; then runs of white space become one space.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

import polars as pl

WHITE = "".join(filter(str.isspace, map(chr, range(0x3001))))
"""All white space, as `str.strip` knows it."""
_SPACES = [character for character in WHITE if character not in " \x1c\x1d\x1e\x1f"]
"""White space that becomes a space: but for the space itself, and for separators of files and records, which are removed as controls."""
_REMOVED = [
    *(chr(c) for c in range(0x20) if chr(c) not in _SPACES),
    "\x7f",
    "\u00ad",
    "\u034f",
    "\u061c",
    *map(chr, range(0x200B, 0x2010)),
    *map(chr, range(0x202A, 0x202F)),
    *map(chr, range(0x2060, 0x2070)),
    *map(chr, range(0xFE00, 0xFE10)),
    "\ufeff",
    # Marks: vowels, Koranic signs, dagger alef; and tatweel.
    *map(chr, range(0x0610, 0x061B)),
    *map(chr, range(0x064B, 0x0660)),
    "\u0670",
    *(chr(c) for c in range(0x06D6, 0x06EE) if c not in (0x06DD, 0x06DE, 0x06E5, 0x06E6, 0x06E9)),
    "\u0640",
]
_LETTERS = {
    "أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ى": "ي", "ی": "ي", "ې": "ي", "ے": "ي", "ک": "ك",
    "ة": "ه", "ہ": "ه", "ھ": "ه", "ە": "ه",
}  # fmt: skip
_PUNCTUATION = {
    **dict.fromkeys("«»“”„‟″", '"'),
    **dict.fromkeys("‘’‚‛‹›′`´", "'"),
    "؛": ";",
    "：": ":",
    "︰": ":",
    "…": "...",
    "٫": ".",
    "٬": ",",
    **dict.fromkeys("–—―‐‑‒−", "-"),
    "｜": "|",
    "¦": "|",
}


def _table() -> dict[str, str]:
    table = dict.fromkeys(_SPACES, " ") | dict.fromkeys(_REMOVED, "") | _LETTERS | _PUNCTUATION
    table |= {chr(0x660 + d): str(d) for d in range(10)} | {chr(0x6F0 + d): str(d) for d in range(10)}
    table |= {c: c.lower() for c in map(chr, [*range(65, 91), *range(0xC0, 0xD7), *range(0xD8, 0xDF)])}
    for c in map(chr, range(0xFF01, 0xFF5F)):
        plain = unicodedata.normalize("NFKC", c).lower()
        table[c] = table.get(plain, plain)
    for c in map(chr, [*range(0xFB50, 0xFE00), *range(0xFE70, 0xFEFD)]):
        plain = unicodedata.normalize("NFKC", c)
        if plain != c:
            table[c] = "".join(table.get(p, p) for p in plain)
    return table


TABLE: dict[str, str] = _table()
"""Character of the text -> its place in the key (nothing, one character, or several for a ligature)."""

_TRANSLATE = str.maketrans(TABLE)
_RUNS = re.compile(" +")


def fold(text: str) -> str:
    """Text -> its folded key."""
    return _RUNS.sub(" ", text.translate(_TRANSLATE)).strip(" ")


# Up to a hundred strings polars finds twice as fast as more, and is ready to look for in a tenth of the time.
_COMMON = "أإآىة،؛«»“”‘’…–—\n\t\u00a0\u0640\u200e\u200f" + "".join(
    map(chr, (*range(0x64B, 0x653), *range(0x660, 0x66A), *range(65, 91)))
)


def _to_lists(table: dict[str, str]) -> tuple[pl.Series, pl.Series]:
    return pl.Series(list(table)).implode(), pl.Series(list(table.values())).implode()


_FOLD_COMMON = _to_lists({character: key for character, key in TABLE.items() if character in _COMMON})
_FOLD_RARE = _to_lists({character: key for character, key in TABLE.items() if character not in _COMMON})
_RARE = f"[{''.join(re.escape(character) for character in TABLE if character not in _COMMON)}]"


def fold_texts(texts: pl.Series) -> pl.Series:
    """Texts -> their folded keys, equal to `fold` on every value."""
    folded = texts.str.replace_many(*_FOLD_COMMON)
    rare = folded.str.contains(_RARE).arg_true()
    if len(rare):
        folded = folded.scatter(rare, folded.gather(rare).str.replace_many(*_FOLD_RARE))
    return folded.str.replace_all("  +", " ").str.strip_chars(" ")


def fold_expr(text: pl.Expr) -> pl.Expr:
    """Column of text -> column of folded keys, as `fold_texts` gives them."""
    return text.map_batches(fold_texts, return_dtype=pl.String, is_elementwise=True)


_SHIFTING = frozenset(character for character, folded in TABLE.items() if len(folded) != 1)
"""Characters that are nothing in the key, or several characters."""


def fold_offsets(text: str) -> tuple[str, Sequence[int]]:
    """Text -> its key and, for each character of the key, the code point of the text it came from."""
    key = text.translate(_TRANSLATE)
    if _SHIFTING.isdisjoint(text) and "  " not in key and key[:1] != " ":
        return key.rstrip(" "), range(len(key.rstrip(" ")))
    found: list[str] = []
    offsets: list[int] = []
    for at, character in enumerate(text):
        for folded in TABLE.get(character, character):
            if folded == " " and (not found or found[-1] == " "):
                continue
            found.append(folded)
            offsets.append(at)
    if found and found[-1] == " ":
        found.pop()
        offsets.pop()
    return "".join(found), offsets


def span_of(text: str, offsets: Sequence[int], start: int, end: int) -> tuple[int, int]:
    """Half-open span of the key -> the span of the text it stands for, with the marks that belong to its last letter."""
    first, last = offsets[start], offsets[end - 1] + 1
    while last < len(text) and TABLE.get(text[last]) == "":
        last += 1
    return first, last
