"""The ways a text can have been read in the wrong codec, and what taking each of them back saves.

Two families. A letter written in UTF-8 and read byte by byte has become several characters, which are joined
again. A letter written in one one-byte codec and read as another has become another letter, which is swapped.
What a reading saves is counted in bits (etl/letters.py), line by line.
"""

from __future__ import annotations

import re
from contextlib import suppress
from functools import cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from etl.arrays import Flags, Ints
from etl.letters import Codes, price, to_codes, to_text

_LINE = 8.0  # bits a line must save to count as evidence: one accented letter for two saves 6.5
_BESIDE_ARABIC = 12.0  # the same for a part of a line whose other parts are sound Arabic letters
_HOLE = 10.0  # bits lost for a byte that the supposed codec leaves undefined
_BMP = "".join(map(chr, range(0x10000)))

_FIRST_OF_TWO = (
    r"\u0080-\u009f\u00aa\u00b5\u00ba\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f\u02c6\u02dc"
    r"\u0370-\u045f\u0490\u0491\u2500-\u259f"
)
_SECOND_OF_TWO = _FIRST_OF_TWO + r"\u00a1-\u00bf\u2013-\u2044\u20ac\u2122\u2190-\u22ff\ufffd"
_AFTER_TAH = "§„†‡ˆƒ¨±"
SUSPICIOUS = f"[{_FIRST_OF_TWO}][{_SECOND_OF_TWO}]|[طظ][{_AFTER_TAH}]"
"""Pattern that every damaged text of two letters or more contains; Python and polars read it alike."""
_SUSPICIOUS = re.compile(SUSPICIOUS)
LETTER = re.compile("[\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u017f\u0192\u0400-\u045f\u0490\u0491]")
"""Letters that Arabic misread by a one-byte codec is made of."""
_SPEAKS = np.zeros(0x10000, np.bool_)
_SPEAKS[[code for code in range(0x80, 0x492) if LETTER.match(chr(code)) or code < 0xA0]] = True
_ARABIC = re.compile("[\u0621-\u064a]")
_HINT = re.compile(f"[{_FIRST_OF_TWO}{_AFTER_TAH}]")  # one class is searched several times faster


def is_suspicious(text: str) -> bool:
    """Whether a text has a pair of characters that comes of a wrong decoding, or of another language."""
    return _HINT.search(text) is not None and _SUSPICIOUS.search(text) is not None


_FIRST, _SECOND, _TAH, _AFTER = (1 << bit for bit in range(4))


@cache
def _load_pairs() -> npt.NDArray[np.uint8]:
    """Code point of the basic plane -> what of a suspicious pair it can be."""
    parts = {_FIRST: _FIRST_OF_TWO, _SECOND: _SECOND_OF_TWO, _TAH: "طظ", _AFTER: _AFTER_TAH}
    table = np.zeros(0x10000, np.uint8)
    for part, characters in parts.items():
        table[[match.start() for match in re.finditer(f"[{characters}]", _BMP)]] |= part
    return table


def _flag_pairs(codes: Codes) -> Flags:
    """Code points -> whether a suspicious pair begins at each; one flag less than there are characters."""
    part = _load_pairs().take(codes, mode="clip")
    first, second = part[:-1], part[1:]
    flags: Flags = ((first & _FIRST > 0) & (second & _SECOND > 0)) | ((first & _TAH > 0) & (second & _AFTER > 0))
    return flags


def find_suspicious(text: str) -> list[tuple[int, int]]:
    """Text -> the spans of its lines that are suspicious, line feeds left out."""
    codes = to_codes(text)
    at = np.flatnonzero(_flag_pairs(codes))
    if not len(at):
        return []
    feeds = np.flatnonzero(codes == 0x0A)
    line = np.searchsorted(feeds, at)
    line = line[np.diff(line, prepend=-1) > 0]
    starts, ends = np.append(0, feeds + 1)[line], np.append(feeds, len(codes))[line]
    return list(zip(starts.tolist(), ends.tolist(), strict=True))


_NO_BYTE = 0x100


class Codec(NamedTuple):
    """How bytes were read: each character's byte, the same as a table to translate by, all the characters."""

    byte: dict[str, int]
    table: npt.NDArray[np.uint16]
    high: str


class Priced(NamedTuple):
    """A text, its code points, and the bits each of them costs as it stands."""

    text: str
    codes: Codes
    bits: npt.NDArray[np.float32]


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
    """Byte, codec -> its character; in the gaps of a Windows page, the control of that number."""
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
    table = np.full(0x10000, _NO_BYTE, np.uint16)
    table[:0x80] = np.arange(0x80)
    table[[ord(character) for character in byte]] = list(byte.values())
    return Codec(byte, table, "".join(sorted(byte)))


# Latin-1 and cp1252 differ in 0x80-0x9F only, and no text holds both readings of one byte: one table does.
_LATIN = ("cp1252", "latin-1")

UTF8_WAYS: dict[str, tuple[str, ...]] = {
    "repair/utf8-as-cp1252": _LATIN,
    "repair/utf8-as-cp1256": ("cp1256",),
    "repair/utf8-as-cp1251": ("cp1251",),
    "repair/utf8-as-cp1250": ("cp1250",),
    "repair/utf8-as-macroman": ("mac_roman",),
    "repair/utf8-as-cp437": ("cp437",),
    "repair/utf8-as-cp850": ("cp850",),
    "repair/utf8-as-cp720": ("cp720",),
    "repair/utf8-as-latin9": ("iso8859-15",),
}
"""Rule -> the codec that the bytes of UTF-8 were read in."""

SWAP_WAYS: dict[str, tuple[tuple[str, ...], str]] = {
    "repair/cp1256-as-cp1252": (_LATIN, "cp1256"),
    "repair/cp1256-as-cp1251": (("cp1251",), "cp1256"),
    "repair/cp1256-as-cp1250": (("cp1250",), "cp1256"),
    "repair/cp1256-as-cp1254": (("cp1254",), "cp1256"),
    "repair/cp1256-as-macroman": (("mac_roman",), "cp1256"),
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


# Letters swapped for letters


class Swaps(NamedTuple):
    """For each way, a row: what each code should have been; the codes both codecs have; those against the way.

    Against it: a byte that the right codec leaves undefined or to controls, a letter of such scripts that the
    wrong one does not have.
    """

    rules: tuple[str, ...]
    right: npt.NDArray[np.uint32]
    known: Flags
    hole: Flags


@cache
def load_swaps(*rules: str) -> Swaps:
    """Rules -> their tables."""
    right = np.tile(np.arange(0x10000, dtype=np.uint32), (len(rules), 1))
    known, hole = np.zeros(right.shape, np.bool_), np.zeros(right.shape, np.bool_)
    known[:, :0x80] = True
    for row, rule in enumerate(rules):
        read_as, written_in = SWAP_WAYS[rule]
        for character, byte in load_codec(*read_as).byte.items():
            letter, code = read_byte(byte, written_in), ord(character)
            if letter is None or "\x80" <= letter < "\xa0":
                hole[row, code] = True
            else:
                right[row, code], known[row, code] = ord(letter), True
    hole |= _SPEAKS & ~known
    return Swaps(rules, right, known, hole)


class Parts(NamedTuple):
    """Parts of lines that one of the ways can have changed: the way's row, where, and what that saves.

    `alone`: it is a whole line, or no other part of its line holds sound Arabic letters.
    """

    way: Ints
    start: Ints
    end: Ints
    bits: npt.NDArray[np.float64]
    sure: Flags
    alone: Flags


def _cut_parts(page: Priced, swaps: Swaps) -> tuple[Parts, npt.NDArray[np.uint32]]:
    """Text, ways -> the parts that each of them changes, and the text that each of them makes.

    The parts of a line between characters that the codec does not have are judged each for itself: a line may
    be damaged in part, and what is sound in it cannot be written in the codec it was misread as. All the ways
    are weighed in one go, as if the text stood there once for each, one copy a line after the other.
    """
    plain = np.append(np.minimum(page.codes, 0xFFFF), np.uint32(0x0A))  # beyond the basic plane no codec goes
    size, count = len(plain), len(swaps.rules)
    new = swaps.right.take(plain, axis=1, mode="clip")
    saved = np.append(page.bits, np.float32(0)) - price(new.ravel()).reshape(new.shape)
    can, feed = swaps.known.take(plain, axis=1, mode="clip").ravel(), plain == 0x0A
    feeds = np.tile(feed, count)
    starts = np.flatnonzero((can[1:] != can[:-1]) | feeds[1:] | feeds[:-1]) + 1
    starts = np.concatenate((np.zeros(1, np.int64), starts))
    changed = np.add.reduceat((new != plain).ravel(), starts, dtype=np.int64)
    touched = np.flatnonzero(changed)
    if not len(touched):
        none = np.zeros(0, np.int64)
        return Parts(none, none, none, none.astype(np.float64), none > 0, none > 0), new
    bits = np.add.reduceat(saved.ravel(), starts, dtype=np.float64)[touched]
    made = (new >= 0x621) & (new <= 0x652) & (new != plain)
    letters = np.add.reduceat(made.ravel(), starts, dtype=np.int64)[touched]
    way, start = np.divmod(starts[touched], size)
    end = np.append(starts, size * count)[touched + 1] - way * size
    # A part of a line that has sound Arabic letters elsewhere has to prove more.
    line = np.cumsum(feed) - feed
    arabic = np.bincount(line, weights=(plain >= 0x621) & (plain <= 0x6FF)) > 0
    alone = ~arabic[line[start]] | (np.append(True, feed)[start] & np.append(feed, True)[end])
    enough = bits >= np.where(alone, _LINE, _BESIDE_ARABIC)
    pairs = np.append(0, np.cumsum(_flag_pairs(plain)))
    sure = enough & (2 * letters > changed[touched]) & (pairs[end - 1] > pairs[start])
    return Parts(way, start, end, bits, sure, alone), new


def weigh_swaps(page: Priced, rules: tuple[str, ...] = tuple(SWAP_WAYS)) -> list[Finding]:
    """Text -> what speaks for each of the ways that swap letters, less what in the same lines speaks against it."""
    swaps = load_swaps(*rules)
    parts, _ = _cut_parts(page, swaps)
    way, start, end = (part[parts.sure] for part in parts[:3])
    line = np.cumsum(page.codes == 0x0A)
    told = np.zeros((len(rules), int(line[-1]) + 1 if len(line) else 1), np.bool_)
    told[way, line[start]] = True
    against = swaps.hole.take(page.codes, axis=1, mode="clip") & told[:, line]
    bits = np.bincount(way, parts.bits[parts.sure], len(rules)) - _HOLE * np.count_nonzero(against, axis=1)
    size = np.bincount(way, end - start, len(rules))
    return [Finding(float(bits[row]), rule, int(size[row])) for row, rule in enumerate(rules)]


def swap_letters(page: Priced, rule: str) -> list[Saving]:
    """Text, a way -> what it changes: parts that are evidence for it, and those with nothing sound beside."""
    parts, new = _cut_parts(page, load_swaps(rule))
    made = to_text(new[0])
    rows = zip(*(part[parts.sure | parts.alone].tolist() for part in parts[1:5]), strict=True)
    return [Saving(start, end, made[start:end], bits, sure) for start, end, bits, sure in rows]


# Letters that have become several characters

_UTF8 = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_CUT_SHORT = re.compile(rb"(?:[\xc2-\xf4]|[\xe0-\xf4][\x80-\xbf]|[\xf0-\xf4][\x80-\xbf]{2})\Z")
# The quotation marks of UTF-8 as cp1252 shows them, taken for Latin-9: arrows that no page has.
_ARROWS = re.compile("[\u2900-\u297f]")
_LOST = re.compile("(\ufffd+)")
# An initial or an item of a list with its comma: no lead byte of an Arabic letter, but of a Cyrillic or Latin one. And
# a word of Arabic letters alone, which in cp720 may be the bytes of a Chinese sign.
_SOUND = re.compile("[أ-ضعغـ-ي][،؛؟\u200c\u200d]|[\u0621-\u064a]+")


def read_utf8(run: str, codec: Codec) -> str:
    """Characters from 0x80 up -> the text their bytes spell in UTF-8; unchanged where most of them do not.

    Bytes that came out as U+FFFD are lost; the rest of such a run is still read, and the half letter beside
    goes with what was lost.
    """
    if _SOUND.fullmatch(run):
        return run
    parts = _LOST.split(run)
    made = []
    for at in range(0, len(parts), 2):
        part = parts[at]
        data = bytes(map(codec.byte.__getitem__, part))
        if at + 1 < len(parts):
            data = _CUT_SHORT.sub(b"", data)
        try:
            made.append(data.decode("utf-8"))
        except UnicodeDecodeError:
            read = _read_pieces(part, data)
            if read is None:
                return run
            made.append(read)
        made += parts[at + 1 : at + 2]
    text = "".join(made)
    return run if _ARROWS.search(text) else text


def _read_pieces(part: str, data: bytes) -> str | None:
    """A run that is not UTF-8 throughout -> the letters in it that are, if what is left over is little.

    Left over may be a quotation mark that stood beside, or half a letter whose other half was lost: no whole
    letters, or the run is sound Arabic with a comma after it.
    """
    made: list[str] = []
    left = ""
    at = 0
    for match in _UTF8.finditer(data):
        left += part[at : match.start()]
        made += part[at : match.start()], match[0].decode("utf-8", "replace")
        at = match.end()
    left += part[at : len(data)]
    if len(left) > 0.3 * len(data) or any("\u0621" <= one <= "\u064a" and one not in "طظ" for one in left):
        return None
    return "".join([*made, part[at : len(data)]])


@cache
def _runs(*read_as: str) -> re.Pattern[str]:
    high = re.escape(load_codec(*read_as).high)
    return re.compile(f"[{high}][{high}\ufffd]+")


class Bytes(NamedTuple):
    """For each way of UTF-8, a row: the byte of each code point, 0 where there is none; letters without one."""

    byte: npt.NDArray[np.uint8]
    strange: Flags


@cache
def _load_bytes() -> Bytes:
    """The tables of all the ways of UTF-8."""
    byte = np.stack([load_codec(*read_as).table for read_as in UTF8_WAYS.values()])
    return Bytes(np.where(byte == _NO_BYTE, 0, byte).astype(np.uint8), _SPEAKS & (byte == _NO_BYTE))


def may_be_utf8(page: Priced) -> list[str]:
    """Text -> the ways of UTF-8 that are possible: in some line most bytes, read so, pair up as UTF-8 does."""
    plain = np.append(np.minimum(page.codes, 0xFFFF), np.uint32(0x0A))
    tables = _load_bytes()
    starts = np.append(0, np.flatnonzero(plain[:-1] == 0x0A) + 1)

    def count(flags: Flags) -> Ints:
        made: Ints = np.add.reduceat(flags, starts, axis=-1, dtype=np.int64)
        return made

    data = tables.byte.take(plain, axis=1, mode="clip")
    follows = (data & 0xC0) == 0x80
    two, three = np.zeros_like(follows), np.zeros_like(follows)
    two[:, :-1] = (data[:, :-1] >= 0xC2) & (data[:, :-1] < 0xE0) & follows[:, 1:]
    three[:, :-2] = ((data[:, :-2] & 0xF0) == 0xE0) & follows[:, 1:-1] & follows[:, 2:]
    high, sound = count(plain >= 0x80), count((plain >= 0x621) & (plain <= 0x64A))
    paired = 2 * count(two) + 3 * count(three)
    strange = count(tables.strange.take(plain, axis=1, mode="clip"))
    good = (strange <= 0.1 * high) & (paired >= 0.3 * (high - sound)) & (paired > 0)
    return [rule for row, rule in enumerate(UTF8_WAYS) if good[row].any()]


def read_whole(page: Priced, rule: str) -> str | None:
    """Text, a way of UTF-8 -> the text that all its bytes spell, or nothing where they are not UTF-8."""
    data = load_codec(*UTF8_WAYS[rule]).table[np.minimum(page.codes, 0xFFFF)]
    if (data == _NO_BYTE).any():
        return None
    with suppress(UnicodeDecodeError):
        text = data.astype(np.uint8).tobytes().decode("utf-8")
        return None if _ARROWS.search(text) else text
    return None


def read_runs(page: Priced, rule: str) -> str:
    """Text, a way of UTF-8 -> the text with all that is UTF-8 read so."""
    codec, runs = load_codec(*UTF8_WAYS[rule]), _runs(*UTF8_WAYS[rule])
    return runs.sub(lambda match: read_utf8(match[0], codec), page.text)


def join_bytes(page: Priced, new: str) -> list[Saving]:
    """Text, what a way of UTF-8 makes of it -> the lines that are changed."""
    old_bits, new_bits = _line_bits(page), _line_bits(to_priced(new))
    found = []
    start = 0
    for old, line, bits in zip(page.text.split("\n"), new.split("\n"), (old_bits - new_bits).tolist(), strict=True):
        if old != line:
            found.append(Saving(start, start + len(old), line, bits, bits >= _LINE))
        start += len(old) + 1
    return found


def weigh_join(page: Priced, rule: str, new: str) -> Finding:
    """Text, a way of UTF-8, what it makes -> what speaks for the way, less what in the same lines speaks against it.

    Against it speaks what UTF-8 cannot have made of the codec's characters, sound Arabic excepted, and letters
    that the codec does not have.
    """
    codec, runs = load_codec(*UTF8_WAYS[rule]), _runs(*UTF8_WAYS[rule])
    bits, size = 0.0, 0
    for start, end, after, saved, sure in join_bytes(page, new):
        if sure:
            plain = np.minimum(page.codes[start:end], 0xFFFF)
            left = int(np.count_nonzero(_SPEAKS[plain] & (codec.table[plain] == _NO_BYTE)))
            old = page.text[start:end]
            left += sum(_ARABIC.search(run) is None for run in runs.findall(after) if run in old)
            bits, size = bits + saved - _HOLE * left, size + end - start
    return Finding(bits, rule, size)


def _line_bits(page: Priced) -> npt.NDArray[np.float64]:
    feeds = np.flatnonzero(page.codes == 0x0A)
    total = np.concatenate(([0.0], np.cumsum(page.bits, dtype=np.float64)))
    bounds = np.concatenate(([0], feeds + 1, [len(page.codes)]))
    return total[bounds[1:]] - total[bounds[:-1]]


def find_savings(page: Priced, rule: str) -> list[Saving]:
    """Text, a way it was damaged -> the stretches that taking it back changes, with what each saves."""
    if rule in SWAP_WAYS:
        return swap_letters(page, rule)
    new = read_whole(page, rule)
    return join_bytes(page, read_runs(page, rule) if new is None else new)
