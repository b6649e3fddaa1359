"""Bytes -> text, in the encoding the bytes themselves speak for; a declared charset is evidence, not truth.

UTF-8 is tried first and strictly: nothing else passes for it by accident. What has no byte order mark and is
not UTF-8 is read in each of the encodings Arabic was written in, and each reading is priced in bits as Arabic
(etl/letters.py). Latin-1, which reads anything, is never a candidate unless it is declared.
"""

from __future__ import annotations

import codecs
import re
from typing import NamedTuple

import numpy as np

from etl.letters import price, to_codes


class BinaryData(ValueError):
    """The bytes are not text in any encoding; the message says what gave them away."""


class Decoded(NamedTuple):
    """Text, its encoding, how probable that encoding is (0 to 1), whether bytes were lost."""

    text: str
    encoding: str
    score: float
    lossy: bool


_MARKS = (  # UTF-32 first: its little-endian mark begins with that of UTF-16
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CANDIDATES = {"windows-1256": "cp1256", "iso-8859-6": "iso8859-6", "mac-arabic": "mac_arabic", "cp720": "cp720"}
_DECLARED_BITS = 20.0  # what a declaration is worth: true far oftener than not, and wrong on whole sites
_RARE_BITS = 20.0  # what it takes to believe in MacArabic, which shares ISO-8859-6's letters, or in that of DOS
_OTHER_BITS = 8.0  # and in an encoding that is none of these
_UNKNOWN_BITS = 6.0  # bits a byte from 0x80 costs in an encoding one knows nothing about: one of 64 letters
_NO_CHARSETS = {"idna", "punycode", "undefined", "unicode-escape", "raw-unicode-escape"}  # Python's own
_SAMPLE = 20_000  # bytes from 0x80 that are enough to tell encodings apart
_HEAD = 4096  # bytes, or characters, in which a binary file gives itself away
_MAX_CONTROLS = 0.01  # share of control characters above which bytes are no text
# A vertical tab ends a line in what office programs export.
_CONTROLS = bytes(code for code in range(0x20) if code not in b"\t\n\v\f\r\x1a\x1b")
_MAGIC = {
    b"PK\x03\x04": "a zip file (or a document of an office program)",
    b"%PDF-": "a PDF file",
    b"\x1f\x8b": "a file compressed by gzip",
    b"\x28\xb5\x2f\xfd": "a file compressed by zstandard",
    b"\xfd7zXZ": "a file compressed by xz",
    b"7z\xbc\xaf": "a 7-Zip file",
    b"\x89PNG": "a PNG picture",
    b"\xff\xd8\xff": "a JPEG picture",
    b"GIF8": "a GIF picture",
    b"SQLite format 3\0": "an SQLite database",
    b"{\\rtf": "a document of a word processor (RTF)",
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1": "a document of an old office program",
}

_HIGH = re.compile(rb"[\x80-\xff]+")
_SIGNS = (*_MAGIC, *(mark for mark, _ in _MARKS))


def decode(data: bytes, declared: str | None = None) -> Decoded:
    """Bytes -> text, with the encoding it was read in; raise BinaryData for what is no text.

    `declared` is the charset that a header or the page itself names. A byte order mark is taken off; the
    encoding `utf-8-sig` says that there was one. `lossy` is true where bytes had to be replaced by U+FFFD.
    """
    if what := tell_binary(data):
        raise BinaryData(f"the bytes are {what}")
    for mark, name in _MARKS:
        if data.startswith(mark):
            return _read_marked(data, name)
    codec = _known_name(declared)
    wide = _read_utf16(data, codec)
    if wide:
        return wide
    # Some programs leave the zeros of their buffers between the letters; no other file is UTF-8 without them, and has such letters.
    text = _read_zeroed(data)
    if text:
        return text
    _refuse_controls(data)
    try:
        return Decoded(data.decode("utf-8"), "utf-8", 1.0, False)
    except UnicodeDecodeError:
        return _read_other(data, codec)


def tell_binary(data: bytes) -> str | None:
    """First bytes -> the kind of file that begins so and holds no text, in words."""
    return next((what for magic, what in _MAGIC.items() if data.startswith(magic)), None)


def is_clear(data: bytes) -> bool:
    """Whether bytes, if they are UTF-8 at all, are that and nothing else: no mark, no control, no other kind of file."""
    head = data[:_HEAD]
    return not data.startswith(_SIGNS) and len(head.translate(None, _CONTROLS)) == len(head)


def _read_marked(data: bytes, name: str) -> Decoded:
    try:
        decoded = Decoded(data.decode(name), name, 1.0, False)
    except UnicodeDecodeError:
        # The mark says how the file begins: other programs may have written on.
        text = _read_lines(data.removeprefix(codecs.BOM_UTF8)) if name == "utf-8-sig" else data.decode(name, "replace")
        decoded = Decoded(text, name, round(1.0 - text.count("\ufffd") / len(text), 6), True)
    _refuse_controls(decoded.text[:_HEAD].encode("utf-8", "replace"))
    return decoded


def _refuse_controls(data: bytes) -> None:
    """Raise BinaryData where control characters are more than an accident."""
    head = data[:_HEAD]
    count = len(head) - len(head.translate(None, _CONTROLS))
    if count > 2 and count > _MAX_CONTROLS * len(head):
        raise BinaryData(f"{count} of the first {len(head)} bytes are control characters")


def _read_zeroed(data: bytes) -> Decoded | None:
    """Bytes with zeros among them -> their text where the others are UTF-8 and mostly letters of more than a byte, else nothing."""
    if b"\x00" not in data[:_HEAD]:
        return None
    head = data[:_HEAD].translate(None, b"\x00")
    if 2 * sum(map(len, _HIGH.findall(head))) < len(head) or head.translate(None, _CONTROLS) != head:
        return None
    try:
        return Decoded(data.decode("utf-8"), "utf-8", 1.0, False)
    except UnicodeDecodeError:
        return None


def _known_name(declared: str | None) -> str | None:
    """Charset as declared -> Python's name for it, or nothing where it is none that makes text of bytes."""
    if not declared:
        return None
    try:
        info = codecs.lookup(declared.strip().strip("\"'"))
    except LookupError:
        return None
    if info.name in _NO_CHARSETS or not getattr(info, "_is_text_encoding", True):
        return None
    # Browsers read what calls itself Latin-1 or ASCII as cp1252, and pages are made for browsers.
    return "cp1252" if info.name in ("iso8859-1", "ascii") else info.name


def _read_utf16(data: bytes, declared: str | None) -> Decoded | None:
    """Bytes -> their text where they are UTF-16 without a mark, else nothing.

    In UTF-16 every second byte of Arabic is 0x06 and of Latin text 0x00: controls, which no other text is
    full of.
    """
    if len(data) < 2 or not (b"\x06" in data[:_HEAD] or b"\x00" in data[:_HEAD]):
        return None
    cut = len(data) % 2  # the file ends inside a character
    for name, high in (("utf-16-le", data[1:_HEAD:2]), ("utf-16-be", data[0:_HEAD:2])):
        if high.count(6) + high.count(0) >= 0.8 * len(high) or declared == name:
            try:
                text = data[: len(data) - cut].decode(name)
                _refuse_controls(text[:_HEAD].encode("utf-8"))
            except (UnicodeError, BinaryData):
                continue
            return Decoded(text + "\ufffd" * cut, name, 1.0, bool(cut))
    return None


def _sample(data: bytes) -> bytes:
    """Bytes -> those of the lines that hold bytes from 0x80, up to a number that is enough to judge by."""
    kept, size = [], 0
    for line in data.splitlines():
        high = sum(map(len, _HIGH.findall(line)))
        if high:
            kept.append(line)
            size += high
        if size >= _SAMPLE:
            break
    return b"\n".join(kept)


def _price(text: str) -> float:
    return float(price(to_codes(text.replace("\ufffd", ""))).sum()) + 3 * _UNKNOWN_BITS * text.count("\ufffd")


def _read_other(data: bytes, declared: str | None) -> Decoded:
    """Bytes that are not UTF-8 -> the most probable reading of them, by the letters it makes."""
    sample = _sample(data)
    # UTF-8 again, but broken: cut inside a letter, or with a few foreign bytes pasted in.
    readings = {**_CANDIDATES, "utf-8": "utf-8"}
    if declared and declared not in map(codec_name, readings.values()):
        readings[declared] = declared
    # An undefined byte speaks against a codec, three times as much as one that is merely unknown.
    bits = {name: _price(sample.decode(codec, "replace")) for name, codec in readings.items()}
    for name, codec in readings.items():
        bits[name] -= _DECLARED_BITS * (codec_name(codec) == declared)
    bits["mac-arabic"] += _RARE_BITS
    bits["cp720"] += _RARE_BITS
    high = sum(map(len, _HIGH.findall(sample)))
    unknown = _price(sample.decode("ascii", "ignore")) + _UNKNOWN_BITS * high + _OTHER_BITS
    best = min(bits, key=bits.__getitem__)
    if bits[best] > unknown:  # no reading makes sense; this one loses no byte
        best = "windows-1256"
    gaps = np.array([bits[best] - value for value in (*bits.values(), unknown)])
    score = float(1 / np.exp2(np.clip(gaps, -60, 60)).sum())
    text = _read_lines(data) if best == "utf-8" else data.decode(readings[best], "replace")
    return Decoded(text, best, round(score, 6), "\ufffd" in text)


_STRAY = {
    byte: bytes([byte]).decode("cp1252") for byte in b"\x85\x91\x92\x93\x94\x95\x96\x97\x99\xa0\xa9\xab\xae\xb7\xbb"
}
"""Quotation marks, dashes and the like that cp1252 and cp1256 write with the same byte."""
_HALVES = b"\x85\x91\x92\xa0\xab"  # at the start of a line, rather the second half of a letter that was cut in two
_MIXED_BITS = 20.0  # bits a line must save to be read in another encoding than the lines around it


def _read_lines(data: bytes) -> str:
    """Bytes of UTF-8 with others among them -> text, a line at a time: pages are put together from parts.

    A line that is Arabic in cp1256 is read so; a lone mark of the Windows code pages is that mark. What is neither has
    lost its letters, and they are U+FFFD.
    """
    return "\n".join(map(_read_line, data.split(b"\n")))


def _read_line(line: bytes) -> str:
    text = line.decode("utf-8", "surrogateescape")
    strays = [ord(one) & 0xFF for one in text if "\udc80" <= one <= "\udcff"]
    if not strays:
        return text
    if set(strays) <= _STRAY.keys() and line[0] not in _HALVES:
        return text.translate({0xDC00 + byte: mark for byte, mark in _STRAY.items()})
    broken, windows = line.decode("utf-8", "replace"), line.decode("cp1256")
    return windows if _price(windows) + _MIXED_BITS < _price(broken) else broken


def codec_name(codec: str) -> str:
    """Any name of a codec -> the one Python gives it."""
    return codecs.lookup(codec).name
