"""Documents -> signatures: what of each text tells how alike it is to others, in half a kilobyte.

Texts are compared by their runs of five words, in the folded key, the spellings of foreign names made one.
All hashes are computed here, on the bytes, so that they are the same on every machine and in every version.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from itertools import pairwise, product
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from etl.arrays import Bytes, Flags, Hashes, Ints, Shorts, Uints, expand
from etl.buffers import text_bytes
from etl.fold import fold_texts

if TYPE_CHECKING:
    from etl.duplicates import DuplicateParams


SLOTS = 256
"""Slots of a signature, two bytes each: an estimated similarity has a standard error of at most .031."""
_SHINGLE = 5
_BATCH = 128
_THROWS = 16
_EMPTY = np.uint32(0xFFFFFFFF)
_TIMES = np.uint64(0x9E3779B97F4A7C15)
_MAYBE = np.uint64(0x3FFFF)

_IN_WORD = bytes(byte >= 0x80 or chr(byte) in "0123456789abcdefghijklmnopqrstuvwxyz" for byte in range(0x100))
"""Byte of folded text -> whether it can be part of a word."""

_TURNS = np.cumprod(np.full(_THROWS + SLOTS, 0x9E3779B1, dtype=np.uint32), dtype=np.uint32)

SIGNATURE = pl.Schema(
    {
        "id": pl.String(),
        "parent_id": pl.String(),
        "path": pl.String(),
        "url": pl.String(),
        "outlet": pl.String(),
        "date": pl.String(),
        "n_words": pl.Int64(),
        "raw_sha256": pl.String(),
        "text_sha256": pl.String(),
        "signature": pl.Binary(),
        "paragraphs": pl.List(pl.UInt64()),
    }
)
"""What `sign_documents` writes: `text_sha256` is the folded text's, `paragraphs` a hash for each long one."""

_GIVEN = ("id", "parent_id", "path", "url", "outlet", "date", "raw_sha256")
_SIGNED = pl.Schema({"row": pl.Int64(), **{name: SIGNATURE[name] for name in ("n_words", "text_sha256", "signature")}})

# In these foreign names some desks write غ for the sound g, others ج; no rule tells them from Arabic words.
_G_NAMES = """
اردوغان انغولا انغيلا انستغرام اوروغواي اوروغوياني اوغندا ايغور بطرسبرغ بلغراد بلومبرغ بلومبيرغ
بنتاغون بنغالي بنغلاديش بوغبا بوينغ بيونغ بيونغيانغ تشانغ تشونغ تشينغ جونغ جينبينغ دوغلاس دييغو
رودريغو رودريغيز روهينغا ريغان زوكربيرغ سالزبورغ سامسونغ ستراسبورغ سترلينغ سنغافوره سيرغي شانغهاي
شفاينشتايغر غارسيا غالاكسي غرام غراند غروب غروزني غرينتش غريغ غوارديولا غوانتانامو غوتيريز غوتيريش
غوغل غوميز غيغابايت فاغن فاغنر فولفسبورغ فولكسفاغن فيرغسون فيغاس فينغر كونغ كونغرس كيلوغرام كينغ
لاغارد لوكسمبورغ ميغابايت ميغاوات ميغاواط مورغان منغوليا نوفغورود هاشتاغ هامبورغ هونغ هيغل وانغ
وولفغانغ يانغ يونغ
"""
# Other spellings of a name or a word, in the folded key: the spelling that stands for all, then the others.
_OTHER_NAMES = {
    "امريك": "اميرك",
    "انجليز": "انكليز انغليز",
    "انجلترا": "انكلترا انغلترا",
    "باليستي": "بالستي",
    "سوفييت": "سوفيت سوفيات",
    "نتنياهو": "نتانياهو",
    "هاشتاج": "هاشتاق",
    "جونج": "يونج يونغ",
}
_PREFIXES = ["", "و", "ف", "ب", "ل", "ك", "ال", "وال", "فال", "بال", "كال", "لل", "ولل", "وب", "ول"]
_SUFFIXES = ["", "ي", "يه", "يا", "يين", "يون", "ا", "ات"]
# Two words that other desks write as one.
_JOINED = [
    ("بيونج", "يانج", "بيونجيانج"),
    ("بينج", "يانج", "بيونجيانج"),
    ("هونج", "كونج", "هونجكونج"),
    ("جين", "بينج", "جينبينج"),
]


def _mix(values: Hashes) -> Hashes:
    """64 bits -> 64 bits, each of which depends on all."""
    values = (values ^ (values >> np.uint64(32))) * _TIMES
    values = (values ^ (values >> np.uint64(29))) * _TIMES
    mixed: Hashes = values ^ (values >> np.uint64(32))
    return mixed


def _read_bytes(lines: pl.Series) -> tuple[Bytes, Ints]:
    """Lines -> their bytes in one piece, with 8 to spare, and the edges between the lines."""
    text, edges = text_bytes(lines)
    return np.append(text, np.zeros(8, np.uint8)), edges


def _find_words(text: Bytes) -> tuple[Ints, Ints]:
    """Folded text as bytes -> where each word begins and ends: letters and digits of any script."""
    inside = np.frombuffer((bytearray(1) + text.data).translate(_IN_WORD), dtype=np.bool_)
    word = inside[1:]
    # The Arabic comma and question mark (two bytes); the block of punctuation, arrows and symbols (three).
    arabic = np.flatnonzero((text == 0x8C) | (text == 0x9F))
    arabic = arabic[text[arabic - 1] == 0xD8]
    symbols = np.flatnonzero(text == 0xE2)
    for at in (arabic - 1, arabic, symbols, symbols + 1, symbols + 2):
        word[at] = False
    edges = np.flatnonzero(word != inside[:-1])
    return edges[::2], edges[1::2]


def _hash_words(text: Bytes, starts: Ints, sizes: Ints) -> Hashes:
    """Spans of a buffer with 8 bytes to spare -> a hash each, of their first 64 bytes and their size."""
    eights = np.ndarray((len(text) - 7,), "<u8", text.data, strides=(1,))
    masks = np.array([(1 << (8 * size)) - 1 for size in range(9)], dtype=np.uint64)
    hashes = sizes.astype(np.uint64)
    longer: Ints | slice = slice(None)
    at, left, part = starts, sizes, hashes
    for _ in range(8):
        part = (part ^ (eights[at] & masks.take(left, mode="clip"))) * _TIMES
        part ^= part >> np.uint64(32)
        hashes[longer] = part
        rest = np.flatnonzero(left > 8)
        if not len(rest):
            break
        longer = rest if isinstance(longer, slice) else longer[rest]
        at, left, part = at[rest] + 8, left[rest] - 8, part[rest]
    return _mix(hashes)


def hash_words(words: pl.Series | list[str]) -> Hashes:
    """Folded words -> their hashes, the same as in a text; of each, the first 64 bytes and the size count."""
    text, edges = _read_bytes(pl.Series(words, dtype=pl.String))
    return _hash_words(text, edges[:-1], np.diff(edges))


def name_variants() -> dict[str, str]:
    """Folded word -> the spelling that stands for it: every known variant, with its prefixes and endings."""
    stems = {
        "".join(letters): name.replace("غ", "ج")
        for name in _G_NAMES.split()
        for letters in product(*(("غ", "ج") if letter == "غ" else (letter,) for letter in name))
    }
    stems |= {other: name for name, others in _OTHER_NAMES.items() for other in others.split()}
    table: dict[str, str] = {}
    for stem in sorted(stems, key=lambda stem: (-len(stem), stem)):  # A longer name is not a prefix and a shorter one.
        for prefix, suffix in product(_PREFIXES, _SUFFIXES):
            table.setdefault(prefix + stem + suffix, prefix + stems[stem] + suffix)
    return {word: name for word, name in table.items() if word != name}


@dataclass(frozen=True)
class _Names:
    """Variants by hash: `maybe` by the last 18 bits, `words` in order, `names` that stand for them."""

    maybe: Flags
    words: Hashes
    names: Hashes
    joined: tuple[tuple[np.uint64, np.uint64, np.uint64], ...]


@cache
def _names() -> _Names:
    table = name_variants()
    words, names = hash_words(list(table)), hash_words(list(table.values()))
    order = np.argsort(words)
    maybe = np.zeros(1 << 18, dtype=np.bool_)
    maybe[(words & _MAYBE).astype(np.int64)] = True
    joined = [
        hash_words([prefix + one, two, prefix + both]) for one, two, both in _JOINED for prefix in ("", "و", "ب", "ل")
    ]
    return _Names(maybe, words[order], names[order], tuple((one, two, both) for one, two, both in joined))


def _fold_names(words: Hashes, line: Ints) -> Flags:
    """Make the variants of names one, in place -> true for a word that a name before it has taken in."""
    known = _names()
    at = np.flatnonzero(known.maybe[(words & _MAYBE).view(np.int64)])
    place = np.minimum(np.searchsorted(known.words, words[at]), len(known.words) - 1)
    hit = known.words[place] == words[at]
    words[at[hit]] = known.names[place[hit]]
    out = np.zeros(len(words), dtype=np.bool_)
    for second in sorted({two for _, two, _ in known.joined}):
        after = np.flatnonzero(words == second)
        after = after[(after > 0) & (line[after] == line[after - 1])]
        for one, two, both in known.joined:
            if two == second:
                hit_at = after[words[after - 1] == one]
                words[hit_at - 1] = both
                out[hit_at] = True
    return out


def _shingles(words: Hashes, sizes: Ints) -> tuple[Uints, Ints]:
    """Words of documents one after the other -> hashes of their runs of five words, and how many each has.

    A document of fewer words is one run, whole.
    """
    count = len(words)
    starts = np.cumsum(sizes) - sizes
    runs = words.copy()
    for step in range(1, _SHINGLE):
        start_of = runs[: max(count - step, 0)]
        start_of[:] = start_of * _TIMES + words[step:]
    counts = np.maximum(sizes - _SHINGLE + 1, 1)
    whole = np.ones(count, dtype=np.bool_)
    for back in range(1, _SHINGLE):
        whole[(starts + sizes - back)[sizes - back > 0]] = False
    short = sizes < _SHINGLE
    for start, size in zip(starts[short].tolist(), sizes[short].tolist(), strict=True):
        run = np.uint64(size)
        for word in words[start : start + size]:
            run = _mix(np.array([run ^ word]))[0]
        runs[start], whole[start] = run, True
    return (_mix(runs[whole]) >> np.uint64(32)).astype(np.uint32), counts


def _sketch(shingles: Uints, counts: Ints) -> Shorts:
    """Shingles of documents one after the other -> signatures; equal slots estimate the Jaccard.

    Every shingle is thrown into one slot, and the least hash stays there. Slots that are still empty are
    filled by further throws, and at last by the least hash of all shingles for that slot. Earlier throws
    always win, so a slot of two documents is equal where the first that fills it comes from both: as often
    as in MinHash, at a cost that hardly grows with the slots (S. Dahlgaard, M. Knudsen, M. Thorup: Fast
    Similarity Sketching, FOCS 2017).
    """
    documents = len(counts)
    slots = np.full(documents * SLOTS, _EMPTY, dtype=np.uint32)
    owner = np.repeat(np.arange(documents, dtype=np.int64) * SLOTS, counts)
    for throw in range(_THROWS):
        draw = shingles * _TURNS[throw]  # The slot in 8 bits, and a value for it in 24.
        at = (draw >> np.uint32(24)).astype(np.int64)
        at += owner
        draw &= np.uint32(0xFFFFFF)
        draw |= np.uint32(throw << 24)
        np.minimum.at(slots, at, draw)
        if throw % 2:
            keep = (slots.reshape(documents, SLOTS) == _EMPTY).any(axis=1)[owner >> 8]
            shingles, owner = shingles[keep], owner[keep]
            if not len(shingles):
                break
    empty = np.flatnonzero(slots == _EMPTY)
    if len(empty):
        # Of a text that says a few words again and again each shingle once: millions, times the empty slots, were too many.
        once = np.unique((owner >> 8).view(np.uint64) << np.uint64(32) | shingles)
        shingles = once.astype(np.uint32)
        here = np.bincount((once >> np.uint64(32)).view(np.int64), minlength=documents)
        first = np.cumsum(here) - here
        times = here[empty >> 8]
        at = np.repeat(empty, times)
        item = expand(first[empty >> 8], times)
        draw = shingles[item] * _TURNS[_THROWS + (at & 0xFF)]
        np.minimum.at(slots, at, (draw >> np.uint32(8)) | np.uint32(_THROWS << 24))
    return (slots & np.uint32(0xFFFF)).astype("<u2").reshape(documents, SLOTS)


def _read_words(text: Bytes, line_edges: Ints) -> tuple[Hashes, Ints]:
    """Folded lines as bytes, each ending in a space -> the hash of every word, and the line it stands in."""
    starts, ends = _find_words(text)
    counts = np.diff(np.searchsorted(starts, line_edges))
    return _hash_words(text, starts, ends - starts), np.repeat(np.arange(len(counts)), counts)


def _fold_lines(texts: pl.DataFrame) -> pl.DataFrame:
    """Texts (row, text) -> (row, line): their folded paragraphs, each ending in a space: joined, they are the folded text."""
    lines = texts.select("row", line=pl.col("text").str.split("\n")).explode("line", empty_as_null=True)
    folded = fold_texts(lines["line"])
    return lines.select("row", line=folded + " ").filter(folded != "")


def _sign_batch(lines: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Folded paragraphs of texts (row, line) -> signatures of those that have words, and hashes of their paragraphs."""
    row = lines["row"].to_numpy()
    text, edges = _read_bytes(lines["line"])
    words, line = _read_words(text, edges)
    left_out = _fold_names(words, line)
    if left_out.any():
        words, line = words[~left_out], line[~left_out]
    first = np.flatnonzero(np.diff(line, prepend=-1))
    length = np.diff(first, append=len(words))
    begins = np.flatnonzero(np.diff(row[line[first]], prepend=-1))
    n_words = np.add.reduceat(length, begins) if len(begins) else length
    signed = row[line[first[begins]]]
    signature = _sketch(*_shingles(words, n_words)).tobytes() if len(begins) else b""

    # A paragraph's hash: the sum of its words, each turned by its place.
    place = expand(0, length)
    turned = _mix(words + place.view(np.uint64) * _TIMES)
    hashes = np.add.reduceat(turned, first) if len(first) else turned

    starts = edges[np.searchsorted(row, signed)].tolist()
    ends = (edges[np.searchsorted(row, signed, side="right")] - 1).tolist()
    buffer = memoryview(text.tobytes())
    digests = [hashlib.sha256(buffer[start:end]).hexdigest() for start, end in zip(starts, ends, strict=True)]
    packed = [signature[at : at + 2 * SLOTS] for at in range(0, len(signature), 2 * SLOTS)]
    return (
        pl.DataFrame({"row": signed, "n_words": n_words, "text_sha256": digests, "signature": packed}, schema=_SIGNED),
        pl.DataFrame({"row": row[line[first]], "words": length, "paragraphs": hashes}),
    )


def sign_documents(docs: pl.DataFrame, params: DuplicateParams) -> pl.DataFrame:
    """Documents -> SIGNATURE, one row for each that has no verdict and a word; the others take no part."""
    docs = docs.filter(pl.col("verdict").is_null()).with_columns(row=pl.int_range(pl.len(), dtype=pl.Int64))
    if docs.is_empty():
        return SIGNATURE.to_frame()
    lines = _fold_lines(docs.select("row", "text"))
    # What numpy works on at a time stays in the cache of a processor.
    bounds = np.searchsorted(lines["row"].to_numpy(), np.arange(0, len(docs) + _BATCH, _BATCH)).tolist()
    batches = [_sign_batch(lines[start:end]) for start, end in pairwise(bounds)]
    signed = pl.concat([batch for batch, _ in batches])
    hashed = pl.concat([batch for _, batch in batches])
    paragraphs = hashed.filter(pl.col("words") >= params.paragraph_words).group_by("row", maintain_order=True)
    return (
        signed.join(paragraphs.agg("paragraphs"), on="row", how="left", maintain_order="left")
        .with_columns(pl.col("paragraphs").fill_null([]))
        .join(docs.select("row", *_GIVEN), on="row", how="left", maintain_order="left")
        .select([pl.col(name).cast(dtype) for name, dtype in SIGNATURE.items()])
    )
