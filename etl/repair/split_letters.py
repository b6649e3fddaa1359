"""Letters that have become several characters: written in UTF-8 and read byte by byte; what joining them again saves."""

from __future__ import annotations

import re
from contextlib import suppress
from functools import cache
from typing import NamedTuple

import numpy as np

from etl.arrays import Bytes, Doubles, Flags, Ints
from etl.repair.misread import HOLE, LINE, NO_BYTE, UTF8_WAYS, Codec, Finding, Priced, Saving, load_codec, to_priced
from etl.repair.suspicious import SPEAKS

_ARABIC = re.compile("[\u0621-\u064a]")
_ARABIC_SIGN = re.compile("[\u0600-\u06ff]")
_PAIR = 2
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


class ByteTables(NamedTuple):
    """For each way of UTF-8, a row: the byte of each code point, 0 where there is none; letters without one."""

    byte: Bytes
    strange: Flags


@cache
def _load_bytes() -> ByteTables:
    """The tables of all the ways of UTF-8."""
    byte = np.stack([load_codec(*read_as).table for read_as in UTF8_WAYS.values()])
    return ByteTables(np.where(byte == NO_BYTE, 0, byte).astype(np.uint8), SPEAKS & (byte == NO_BYTE))


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
    if (data == NO_BYTE).any():
        return None
    with suppress(UnicodeDecodeError):
        text = data.astype(np.uint8).tobytes().decode("utf-8")
        return None if _ARROWS.search(text) else text
    return None


def read_runs(page: Priced, rule: str) -> str:
    """Text, a way of UTF-8 -> the text with all that is UTF-8 read so."""
    codec, runs = load_codec(*UTF8_WAYS[rule]), _runs(*UTF8_WAYS[rule])

    def read(run: re.Match[str]) -> str:
        new = read_utf8(run[0], codec)
        # Two characters at the end of a Latin word are its own, and a sign: `TIRAMISÙ€6`.
        ends_word = len(run[0]) == _PAIR and page.text[run.start() - 1 : run.start()].isascii()
        ends_word = ends_word and page.text[run.start() - 1 : run.start()].isalpha()
        return run[0] if ends_word and _ARABIC_SIGN.search(new) else new

    return runs.sub(read, page.text)


def join_bytes(page: Priced, new: str) -> list[Saving]:
    """Text, what a way of UTF-8 makes of it -> the lines that are changed."""
    old_bits, new_bits = _line_bits(page), _line_bits(to_priced(new))
    found = []
    start = 0
    for old, line, bits in zip(page.text.split("\n"), new.split("\n"), (old_bits - new_bits).tolist(), strict=True):
        if old != line:
            found.append(Saving(start, start + len(old), line, bits, bits >= LINE))
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
            left = int(np.count_nonzero(SPEAKS[plain] & (codec.table[plain] == NO_BYTE)))
            old = page.text[start:end]
            left += sum(_ARABIC.search(run) is None for run in runs.findall(after) if run in old)
            bits, size = bits + saved - HOLE * left, size + end - start
    return Finding(bits, rule, size)


def _line_bits(page: Priced) -> Doubles:
    feeds = np.flatnonzero(page.codes == 0x0A)
    total = np.concatenate(([0.0], np.cumsum(page.bits, dtype=np.float64)))
    bounds = np.concatenate(([0], feeds + 1, [len(page.codes)]))
    return total[bounds[1:]] - total[bounds[:-1]]
