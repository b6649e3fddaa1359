"""The ways a text can have been read in the wrong codec, and what is said of each.

Two families. A letter written in UTF-8 and read byte by byte has become several characters, which are joined
again (etl/repair/split_letters.py). A letter written in one one-byte codec and read as another has become another letter, which
is swapped (etl/repair/swapped_letters.py). What a reading saves is counted in bits (etl/letters.py), line by line.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import numpy as np

from etl.arrays import Codes, Floats, Shorts
from etl.letters import price, to_codes

LINE = 8.0  # bits a line must save to count as evidence: one accented letter for two saves 6.5
HOLE = 10.0  # bits lost for a byte that the supposed codec leaves undefined
NO_BYTE = 0x100  # in the tables of codecs, of a character that the codec does not have


class Codec(NamedTuple):
    """How bytes were read: each character's byte, the same as a table to translate by, all the characters."""

    byte: dict[str, int]
    table: Shorts
    high: str


class Priced(NamedTuple):
    """A text, its code points, and the bits each of them costs as it stands."""

    text: str
    codes: Codes
    bits: Floats


def to_priced(text: str) -> Priced:
    """Text -> the same with its price."""
    codes = to_codes(text)
    return Priced(text, codes, price(codes))


class Saving(NamedTuple):
    """A stretch [start, end) of the text, what it becomes, and the bits that saves.

    `sure`: enough of them to be evidence.
    """

    start: int
    end: int
    after: str
    bits: float
    sure: bool


class Finding(NamedTuple):
    """A way a text may have been damaged, the bits that speak for it, the characters it changes."""

    bits: float
    rule: str
    size: int


NOTHING = Finding(0.0, "", 0)


def read_byte(byte: int, codec: str) -> str | None:
    """Byte, codec -> its character; in the gaps of a Windows page, the control of that number.

    Of `cp1252-lower` and `cp1252-upper` it is the small or the capital letter, as where a program changed the case afterwards.
    """
    codec, _, case = codec.partition("-") if codec.startswith("cp1252-") else (codec, "", "")
    if case:
        character = read_byte(byte, codec) or ""
        changed = character.lower() if case == "lower" else character.upper()
        return changed if len(changed) == 1 else None
    try:
        return bytes([byte]).decode(codec)
    except UnicodeDecodeError:
        return chr(byte) if codec.startswith("cp") else None


@cache
def load_codec(*names: str) -> Codec:
    """Codec names -> the bytes of their characters; the first to name a character wins."""
    byte: dict[str, int] = {}
    for name in names:
        for value in range(0x80, 0x100):
            character = read_byte(value, name)
            if character is not None:
                byte.setdefault(character, value)
    table = np.full(0x10000, NO_BYTE, np.uint16)
    table[:0x80] = np.arange(0x80)
    table[[ord(character) for character in byte]] = list(byte.values())
    return Codec(byte, table, "".join(sorted(byte)))


# Latin-1 and cp1252 differ in 0x80-0x9F only, and no text holds both readings of one byte: one table does.
_LATIN = ("cp1252", "latin-1")

WESTERN = "repair/utf8-as-cp1252"
"""The commonest way."""
UTF8_WAYS: dict[str, tuple[str, ...]] = {
    WESTERN: (*_LATIN, "cp1252-upper"),
    "repair/utf8-as-cp1252-lowered": ("cp1252-lower",),
    "repair/utf8-as-cp1256": ("cp1256",),
    "repair/utf8-as-cp1251": ("cp1251",),
    "repair/utf8-as-cp1250": ("cp1250",),
    "repair/utf8-as-macroman": ("mac_roman",),
    "repair/utf8-as-cp437": ("cp437",),
    "repair/utf8-as-cp850": ("cp850",),
    "repair/utf8-as-cp720": ("cp720",),
    "repair/utf8-as-latin9": ("iso8859-15",),
    "repair/utf8-as-koi8r": ("koi8-r",),
}
"""Rule -> the codec that the bytes of UTF-8 were read in."""

SWAP_WAYS: dict[str, tuple[tuple[str, ...], str]] = {
    "repair/cp1256-as-cp1252": (_LATIN, "cp1256"),
    "repair/cp1256-as-cp1251": (("cp1251",), "cp1256"),
    "repair/cp1256-as-cp1250": (("cp1250",), "cp1256"),
    "repair/cp1256-as-cp1254": (("cp1254",), "cp1256"),
    "repair/cp1256-as-macroman": (("mac_roman",), "cp1256"),
    "repair/cp1256-as-koi8r": (("koi8-r",), "cp1256"),
    "repair/iso-8859-6-as-latin1": (_LATIN, "iso8859-6"),
    "repair/iso-8859-6-as-cp1256": (("cp1256",), "iso8859-6"),
    "repair/macarabic-as-latin1": (_LATIN, "mac_arabic"),
    "repair/macarabic-as-macroman": (("mac_roman",), "mac_arabic"),
}
"""Rule -> the codec that the bytes were read in, and the one they had been written in.

The codecs are those Arabic was written in, and those of the systems it was read on: Western, Cyrillic,
Central European and Turkish Windows, the Macintosh, DOS.
"""

WAYS = (*UTF8_WAYS, *SWAP_WAYS)
"""Ways a text can have been damaged, by the rule that mends it. Latin-1 and cp1252 are one: see `_LATIN`."""
