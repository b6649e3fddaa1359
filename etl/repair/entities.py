"""HTML entities in a text, as the characters they name."""

from __future__ import annotations

import html
import re
from html.entities import html5, name2codepoint

from etl.edits import Repair

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
