"""How good is a text? Scores first, all of them kept; verdicts are few, and each names the value behind it.

The counting is done over the UTF-8 bytes of many documents at once. A word is a run of characters between
white space and control characters; a paragraph is a line that has words.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, NamedTuple

import numpy as np
import polars as pl
from pydantic import BaseModel, ConfigDict, Field

from etl.arrays import Bytes, Flags, Hashes, Ints
from etl.buffers import byte_chunks, text_bytes
from etl.language import sum_by_document

_STOP_WORDS = """
    في من على إلى الى عن مع أن ان إن لا ما لم لن قد هو هي هم هذا هذه ذلك تلك التي
    الذي الذين كان كانت يكون بين بعد قبل خلال عند عندما حتى ثم أو او أي كل غير دون
    منذ حيث كما أنه أنها إنه إنها له لها به بها فيه فيها منه منها عليه عليها وفي ومن
    وعلى وإلى وأن وهو وهي وكان وكانت ولا ولم وقد وقال قال قالت وذلك لكن ولكن إذا لدى
    ضد نحو عام يوم هناك أيضا
"""
STOP_WORDS = tuple(_STOP_WORDS.split())
"""The most frequent function words of Arabic news, with the ways in which their hamza is left out."""

SPAN = 5
"""Words in the n-grams whose repetition is measured, the shortest of Gopher's (Rae et al. 2021, table A1)."""

_SURE = r"[\u0080-\u009f\u00a1-\u00aa\u00ac-\u00ba\u00bc-\u00bf\u0152\u0153\u0192\u02c6\u2000-\u20ff\u2122]"
_ANY = r"[\u0080-\u00bf\u0152\u0153\u0192\u02c6\u2000-\u20ff\u2122،؛؟ٹپچژڈگکںڑھ]"
_DAMAGE = (
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\u0080-\u009f\ue000-\uf8ff\ufffd]"
    # UTF-8 read as windows-1252 or latin-1: Ø§Ù„
    r"|(?:[ÂÃØÙÚÛ][\u0080-\u00bf\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc\u2013-\u203a\u20ac\u2122])+"
    # UTF-8 read as windows-1256: ط§ظ„ , where at least one of the signs is none that may follow a word.
    rf"|[طظ]{_SURE}(?:[طظ]{_ANY})+|(?:[طظ]{_ANY})+[طظ]{_SURE}"
    # windows-1256 or ISO-8859-6 read as latin-1: ÇáÚÑÈíÉ
    r"|[À-ÖØ-öø-ÿ]{4,}"
    # Words of question marks: every letter was lost.
    r"|(?:\?{2,}\s+){2,}\?{2,}"
)
"""What no reader of Arabic can have meant; the share of the text that it covers is the damage."""

_FIRST, _SECOND, _THIRD = (np.uint64(n) for n in (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0xD6E8FEB86659FD93))


class QualityParams(BaseModel):
    """When a text is left out. The defaults reject little: scores are for the reader to use."""

    model_config = ConfigDict(extra="forbid")

    min_words: int = Field(default=25, ge=0, description="a body with fewer is not an article; words")
    min_arabic_share: float = Field(
        default=0.6, ge=0, le=1, description="a text with less is not an Arabic article; share of letters"
    )
    max_damage_share: float = Field(
        default=0.01,
        ge=0,
        le=1,
        description="a text with more lost or garbled characters is rejected; share of characters",
    )
    list_words: int = Field(
        default=6,
        ge=1,
        description="a line of as many or fewer, without a final stop, is as in a list; words",
    )
    preset: Literal["fineweb2"] | None = Field(
        default=None, description="thresholds of another corpus, applied on top; none by default"
    )


@dataclass(frozen=True)
class Words:
    """The words of some documents, in order: byte offsets, hashes, and what they belong to."""

    data: Bytes
    begin: Ints
    end: Ints
    hash: Hashes
    document: Ints
    bounds: Ints
    line_first: Ints
    closes: Flags
    space: Ints
    suspects: Flags

    @property
    def line_bounds(self) -> Ints:
        """Index of the first word of each line, and the number of words."""
        return np.append(self.line_first, len(self.begin))

    @property
    def line_last(self) -> Ints:
        """Index of the last word of each line."""
        return self.line_bounds[1:] - 1

    def per_document(self, flags: Flags) -> Ints:
        """Flags over words -> how many are set in each document."""
        return sum_by_document(flags.view(np.uint8), self.bounds[:-1], self.bounds[1:])


def find_words(data: Bytes, starts: Ints, ends: Ints, room: Bytes) -> Words:
    """Bytes of some documents -> their words. `room` is scratch memory: five rows, each eight bytes longer than these."""
    size = len(data)
    padded = room[0, : size + 8]
    padded[:size] = data
    padded[size:] = 0
    here, after = padded[:size], padded[1 : size + 1]
    solid, test, edge = (row[: size + 1].view(np.bool_) for row in room[1:4])
    solid[size] = test[size] = False
    np.greater(here, 0x20, out=solid[:size])
    control = np.flatnonzero(np.less(here, 0x20, out=test[:size]))
    newline = control[here[control] == 0x0A]
    kind = here[control]
    odd = [control[(kind < 9) | (kind == 11) | (kind == 12) | (kind > 13)]]

    # Characters of other blocks: white space among them parts words, and some are signs of damage.
    np.greater_equal(here, 0xC2, out=test[:size])
    np.not_equal(np.bitwise_and(here, 0xFC, out=room[4, :size]), 0xD8, out=edge[:size])
    at = np.flatnonzero(np.logical_and(test[:size], edge[:size], out=test[:size]))
    lead, second, third = here[at], after[at], padded[2 : size + 2][at]
    narrow = (lead == 0xC2) & ((second == 0xA0) | (second == 0x85))
    wide = (lead == 0xE2) & (second == 0x80) & ((third <= 0x8A) | (third == 0xA8) | (third == 0xA9) | (third == 0xAF))
    wide |= (lead == 0xE2) & (second == 0x81) & (third == 0x9F)
    wide |= (lead == 0xE3) & (second == 0x80) & (third == 0x80)
    wide |= (lead == 0xE1) & (second == 0x9A) & (third == 0x80)
    for step, which in ((0, narrow | wide), (1, narrow | wide), (2, wide)):
        solid[at[which] + step] = False
    before = at >= 2
    tah = before & (here[at - 2] == 0xD8) & ((here[at - 1] == 0xB7) | (here[at - 1] == 0xB8))
    tah &= (lead != 0xC2) | ((second != 0xA0) & (second != 0xAB) & (second != 0xBB))
    plain = (lead == 0xC2) & (second >= 0xA0) | (lead == 0xE2) | (lead == 0xE1) | ((lead >= 0xE3) & (lead < 0xEE))
    odd.append(at[tah | ~plain])
    np.equal(here, ord("?"), out=test[:size])
    odd.append(np.flatnonzero(np.logical_and(test[:size], test[1 : size + 1], out=edge[:size])))

    space = (ends - starts) - sum_by_document(solid[:size].view(np.uint8), starts, ends)
    owner = np.searchsorted(starts, at[narrow | wide], side="right") - 1
    space -= np.bincount(owner, weights=1 + wide[narrow | wide], minlength=len(starts)).astype(np.int64)
    # A word begins or ends where white space and the rest meet, and at the borders of documents.
    np.not_equal(solid[1 : size + 1], solid[:size], out=edge[1 : size + 1])
    edge[0] = size > 0 and solid[0]
    cuts = np.flatnonzero(edge[: size + 1])
    inner = starts[(starts > 0) & (ends > starts)]
    glued = np.repeat(inner[solid[inner] & solid[inner - 1]], 2)
    cuts = np.insert(cuts, np.searchsorted(cuts, glued), glued)
    begin, end = cuts[0::2].copy(), cuts[1::2].copy()
    bounds = np.append(np.searchsorted(begin, starts), len(begin))
    document = np.repeat(np.arange(len(starts)), np.diff(bounds))

    first = np.zeros(len(begin) + 1, dtype=np.bool_)
    first[np.searchsorted(begin, newline)] = True
    first[bounds] = True
    suspects = np.zeros(len(starts), dtype=np.bool_)
    suspects[np.searchsorted(starts, np.concatenate(odd), side="right") - 1] = True
    return Words(
        data=padded,
        begin=begin,
        end=end,
        hash=hash_words(padded, begin, end),
        document=document,
        bounds=bounds,
        line_first=np.flatnonzero(first[:-1]),
        closes=closes_sentence(padded, begin, end),
        space=space,
        suspects=suspects,
    )


def hash_words(padded: Bytes, begin: Ints, end: Ints) -> Hashes:
    """Words, as byte offsets -> 64-bit hashes; of a word longer than 64 bytes its first 56 and last 8 count.

    Made of multiplications alone, so it is the same on every machine; nothing stores it.
    """
    eight = np.ndarray((len(padded) - 7,), dtype="<u8", buffer=padded, strides=(1,))
    masks = np.array([(1 << 8 * n) - 1 for n in range(9)], dtype=np.uint64)
    size = end - begin
    mask = masks[np.minimum(size, 8)]
    value = size.astype(np.uint64)
    value *= _FIRST
    value ^= eight[begin] & mask
    value *= _SECOND
    value ^= value >> np.uint64(32)
    value ^= eight[np.maximum(end - 8, begin)] & mask
    value *= _THIRD
    value ^= value >> np.uint64(29)
    live = np.flatnonzero(size > 16)
    for block in range(8, 56, 8):  # what lies between the first and the last eight bytes
        live = live[size[live] > block + 8]
        if len(live) == 0:
            break
        mixed = (value[live] ^ eight[begin[live] + block]) * _SECOND
        value[live] = mixed ^ (mixed >> np.uint64(31))
    return value


def closes_sentence(padded: Bytes, begin: Ints, end: Ints) -> Flags:
    """Words, as byte offsets -> which end a sentence: in . ؟ ! ? … or ۔, and then any closing quotes.

    A single letter and its dot is a title or an initial («د.»), not an end.
    """
    closes = np.zeros(len(begin), dtype=np.bool_)
    last = padded[end - 1]
    live = np.flatnonzero(_TAILS[last])
    first, stop = begin[live], end[live].copy()
    quoted: Ints = np.arange(len(live))
    for _ in range(4):
        at = stop[quoted]
        one, two, three = (padded[np.maximum(at - n, 0)] for n in (1, 2, 3))
        strip = _CLOSERS[one].astype(np.int64)
        strip += 2 * ((two == 0xC2) & ((one == 0xBB) | (one == 0xAB)))
        strip += 3 * ((three == 0xE2) & (two == 0x80) & ((one == 0x9C) | (one == 0x9D) | (one == 0x99) | (one == 0xBA)))
        some = np.flatnonzero(strip)
        if not len(some):
            break
        quoted = quoted[some]
        stop[quoted] = np.maximum(at[some] - strip[some], first[quoted])
    one, two, three = (padded[np.maximum(stop - n, 0)] for n in (1, 2, 3))
    dot = one == ord(".")
    dot &= ~((stop - first == 3) & ((padded[first] & 0xFC) == 0xD8))
    mark = dot | (one == ord("!")) | (one == ord("?"))
    mark |= ((two == 0xD8) & (one == 0x9F)) | ((two == 0xDB) & (one == 0x94))
    mark |= (three == 0xE2) & (two == 0x80) & (one == 0xA6)
    closes[live] = mark & (stop > first)
    return closes


def _set_of(bytes_: bytes) -> Flags:
    table = np.zeros(256, dtype=np.bool_)
    table[list(bytes_)] = True
    return table


_CLOSERS = _set_of(b")]}\"'")
_SEPARATORS = _set_of(b".-)")
_BULLETS = _set_of(b"\xa2\xa3\x93\x94")
_TAILS = _set_of(b")]}\"'.!?\xbb\xab\x9c\x9d\x99\xba\x9f\x94\xa6")


def seen_before(keys: Hashes) -> Flags:
    """Keys -> which are equal to an earlier one.

    Their upper halves are sorted by themselves, which is quick; only what may repeat is then sorted as a whole.
    """
    half = (keys >> np.uint64(32)).astype(np.uint32)
    order = np.sort(half)
    twice = order[1:][order[1:] == order[:-1]]
    seen = np.zeros(len(keys), dtype=np.bool_)
    if len(twice):
        may = np.zeros(1 << 16, dtype=np.bool_)
        may[twice >> 16] = True
        some = np.flatnonzero(may[half >> 16])
        places = some[np.argsort(keys[some], kind="stable")]
        seen[places[1:][keys[places[1:]] == keys[places[:-1]]]] = True
    return seen


def span_keys(words: Words, size: int) -> Hashes:
    """Words -> a key for each run of `size` words by its first; equal for equal runs of one document.

    A run that reaches into the next document has a key of its own.
    """
    count = max(len(words.hash) - size + 1, 0)
    salts = np.arange(len(words.bounds) - 1, dtype=np.uint64) * _SECOND
    salted = words.hash + np.repeat(salts, np.diff(words.bounds))
    total = np.zeros(count, dtype=np.uint64)
    factor = 1
    for step in range(size):
        factor = factor * int(_FIRST) % (1 << 64)
        total += salted[step : step + count] * np.uint64(factor)
    return total


def find_repeats(words: Words, size: int) -> Ints:
    """Words -> the first words of runs of `size` words that were seen before in their document."""
    return np.flatnonzero(seen_before(span_keys(words, size)))


def repeated_chars(words: Words, again: Ints, size: int) -> Ints:
    """Words -> per document the characters of words in the runs of `size` words that begin at `again`."""
    covered = np.zeros(len(words.begin), dtype=np.bool_)
    for step in range(size):
        covered[again + step] = True
    at = np.flatnonzero(covered)
    chars = count_chars(words.data, words.begin[at], words.end[at])
    return np.bincount(words.document[at], weights=chars, minlength=len(words.bounds) - 1).astype(np.int64)


def find_repeated_lines(words: Words) -> Ints:
    """Words -> the lines, by number, that are equal to an earlier line of their document."""
    owner = words.document[words.line_first].astype(np.uint64)
    return np.flatnonzero(seen_before(_run_keys(words.hash, words.line_first) + owner * _SECOND))


def count_chars(data: Bytes, begin: Ints, end: Ints) -> Ints:
    """Spans of bytes, none of them empty -> their lengths in code points."""
    size = end - begin
    first = np.cumsum(size) - size
    where = np.arange(size.sum()) + np.repeat(begin - first, size)
    heads = (data[where] & 0xC0) != 0x80
    return np.add.reduceat(heads, first, dtype=np.int64) if len(size) else np.zeros(0, dtype=np.int64)


def _run_keys(hashes: Hashes, first: Ints) -> Hashes:
    """Hashes of words -> keys of runs of them that begin at the places `first`; equal for equal runs."""
    if len(first) == 0:
        return np.zeros(0, dtype=np.uint64)
    sizes = np.diff(np.append(first, len(hashes)))
    place = np.arange(len(hashes)) - np.repeat(first, sizes)
    weight = (place.astype(np.uint64) * _FIRST) | np.uint64(1)
    return np.add.reduceat(hashes * weight, first)


@lru_cache(maxsize=1)
def _stop_table() -> tuple[Hashes, Bytes]:
    """Hashes of the stop words, after a dummy, and a table from the top 16 bits of a hash to its place."""
    words = sorted(set(STOP_WORDS))
    begin = np.cumsum([0, *(len(word.encode()) + 1 for word in words[:-1])])
    end = begin + [len(word.encode()) for word in words]
    data = np.frombuffer(" ".join(words).encode() + bytes(8), dtype=np.uint8)
    hashes = hash_words(data, begin, end)
    table = np.zeros(1 << 16, dtype=np.uint8)
    table[(hashes >> np.uint64(48)).astype(np.int64)] = np.arange(1, len(words) + 1)
    if np.count_nonzero(table) != len(words):
        raise ValueError("two stop words share the top sixteen bits of their hashes: widen the table")
    return np.append(np.zeros(1, dtype=np.uint64), hashes), table


def _is_stop_word(words: Words) -> Flags:
    hashes, table = _stop_table()
    stop: Flags = hashes[table[(words.hash >> np.uint64(48)).astype(np.int64)]] == words.hash
    return stop


def _in_list(words: Words, params: QualityParams) -> Flags:
    """Lines -> which look like items of a list: with a bullet or number, or short without a final stop."""
    at = words.begin[words.line_first]
    byte = [words.data[np.minimum(at + n, len(words.data) - 1)] for n in range(6)]
    bullet = (byte[0] == ord("*")) | (byte[0] == ord("-")) | ((byte[0] == 0xC2) & (byte[1] == 0xB7))
    general = (byte[0] == 0xE2) & (byte[1] == 0x80)
    bullet |= general & _BULLETS[byte[2]]  # • ‣ – —
    bullet |= (byte[0] == 0xE2) & ((byte[1] == 0x96) | (byte[1] == 0x97))  # ■ ▪ ● ◄ and their like
    western = [(byte[n] - np.uint8(ord("0"))) < 10 for n in range(2)]
    bullet |= western[0] & (_SEPARATORS[byte[1]] | (western[1] & _SEPARATORS[byte[2]]))
    eastern = [(byte[n] == 0xD9) & ((byte[n + 1] - np.uint8(0xA0)) < 10) for n in (0, 2)]
    bullet |= eastern[0] & (_SEPARATORS[byte[2]] | (eastern[1] & _SEPARATORS[byte[4]]))
    short = np.diff(words.line_bounds) <= params.list_words
    items: Flags = bullet | (short & ~words.closes[words.line_last])
    return items


def _repeats_itself(words: Words, again: Ints) -> Flags:
    """Words -> documents with a word three times in a row, or a sentence twice in one paragraph.

    Both are what a translation machine does when it is stuck. Short words and signs may repeat («لا لا
    لا»), and so may sentences of fewer than `SPAN` words. `again`: the first words of spans seen before;
    no other sentence can be a repeat.
    """
    count = len(words.begin)
    found = np.zeros(len(words.bounds) - 1, dtype=np.bool_)
    stop = words.closes.copy()
    stop[words.line_last] = True
    same = words.hash[1:] == words.hash[:-1]
    third = np.flatnonzero(same[1:] & same[:-1]) + 2
    third = third[(words.end[third] - words.begin[third] > 5) & ((words.data[words.begin[third]] & 0xFC) == 0xD8)]
    lines = words.line_first
    row = np.searchsorted(lines, third, side="right")
    found[words.document[third[row == np.searchsorted(lines, third - 2, side="right")]]] = True

    opens = np.append(True, stop[:-1])[:count]
    doubtful = np.zeros(len(found), dtype=np.bool_)
    doubtful[words.document[again[opens[again]]]] = True
    at = np.flatnonzero(doubtful[words.document])
    if len(at):
        first = np.flatnonzero(opens[at])
        keys = _run_keys(words.hash[at], first)
        keys += np.searchsorted(lines, at[first], side="right").astype(np.uint64) * _SECOND
        long = np.diff(np.append(first, len(at))) >= SPAN
        found[words.document[at[first[long][seen_before(keys[long])]]]] = True
    return found


def _measure_words(words: Words, params: QualityParams) -> dict[str, Ints]:
    """Words of some documents -> the counts that the scores are made of, per document."""
    count = len(words.bounds) - 1
    line_owner = words.document[words.line_first]
    again = find_repeats(words, SPAN)
    last = words.bounds[1:] - 1
    filled = words.bounds[1:] > words.bounds[:-1]
    closed = np.ones(count, dtype=np.bool_)
    closed[filled] = words.closes[last[filled]]
    return {
        "n_words": np.diff(words.bounds),
        "n_sentences": words.per_document(words.closes),
        "space": words.space,
        "stop_words": words.per_document(_is_stop_word(words)),
        "repeated_chars": repeated_chars(words, again, SPAN),
        "lines": np.bincount(line_owner, minlength=count),
        "closed_lines": np.bincount(line_owner[words.closes[words.line_last]], minlength=count),
        "repeated_lines": np.bincount(line_owner[find_repeated_lines(words)], minlength=count),
        "list_lines": np.bincount(line_owner[_in_list(words, params)], minlength=count),
        "stutters": _repeats_itself(words, again).astype(np.int64),
        "open_end": (~closed).astype(np.int64),
        "suspect": words.suspects.astype(np.int64),
    }


def _each_chunk(text: pl.Series) -> Iterator[Words]:
    """Column of text -> its words, some documents at a time, to be used up before the next are asked for."""
    data, offsets = text_bytes(text)
    runs = list(byte_chunks(offsets)) or [(0, 0)]
    room = np.zeros((5, max(int(offsets[b] - offsets[a]) for a, b in runs) + 8), dtype=np.uint8)
    for a, b in runs:
        part = data[offsets[a] : offsets[b]]
        yield find_words(part, offsets[a:b] - offsets[a], offsets[a + 1 : b + 1] - offsets[a], room)


def measure_quality(docs: pl.DataFrame, column: str = "text", params: QualityParams | None = None) -> pl.DataFrame:
    """Documents -> Documents with the scores below; shares are 0 where there is nothing to share out.

    `n_chars` (code points), `n_words`, `n_sentences` (words that end in . ؟ ! ? … and closing quotes);
    `sentence_end_share` and `list_share` of paragraphs; `duplicate_line_share`, of paragraphs that repeat
    an earlier one; `repeated_ngram_share`, characters of words within a run of `SPAN` words seen before,
    of all characters: Gopher's duplicate 5-grams, the first occurrence not counted, as in datatrove;
    `stop_word_share` of words; `mean_word_length` (code points, marks and punctuation included);
    `damage_share` of characters, see `_DAMAGE`; `mt_suspect`, a word three times in a row or a sentence
    twice in a paragraph; `likely_truncated`, the last paragraph has no final stop, or says that more
    follows.
    """
    params = params or QualityParams()
    text = docs[column].fill_null("")
    parts = [_measure_words(words, params) for words in _each_chunk(text)]
    count = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    n_chars = text.str.len_chars().cast(pl.Int64).to_numpy()

    damage = np.zeros(len(text), dtype=np.int64)
    at = np.flatnonzero(count["suspect"])
    if len(at):
        found = text.gather(at).str.extract_all(_DAMAGE).list.join("").str.len_chars()
        damage[at] = found.cast(pl.Int64).to_numpy()
    continued = text.str.tail(24).str.strip_chars_end().str.contains(r"(?:^|[^\p{L}])يتبع\W*$").to_numpy()

    def share(part: Ints, whole: Ints) -> pl.Series:
        return pl.Series(part / np.maximum(whole, 1), dtype=pl.Float64)

    lines, n_words = count["lines"], count["n_words"]
    return docs.with_columns(
        n_chars=pl.Series(n_chars, dtype=pl.Int64),
        n_words=pl.Series(n_words, dtype=pl.Int64),
        n_sentences=pl.Series(count["n_sentences"], dtype=pl.Int64),
        sentence_end_share=share(count["closed_lines"], lines),
        duplicate_line_share=share(count["repeated_lines"], lines),
        repeated_ngram_share=share(count["repeated_chars"], n_chars),
        stop_word_share=share(count["stop_words"], n_words),
        mean_word_length=share(n_chars - count["space"], n_words),
        damage_share=share(damage, n_chars),
        list_share=share(count["list_lines"], lines),
        mt_suspect=pl.Series(count["stutters"] > 0, dtype=pl.Boolean),
        likely_truncated=pl.Series((count["open_end"] > 0) | continued, dtype=pl.Boolean),
    )


class Bound(NamedTuple):
    """A threshold of a preset: what is measured, and the values at which a text passes."""

    name: str
    low: float = -math.inf
    high: float = math.inf


FINEWEB2 = (
    Bound("duplicate-lines", high=0.304),
    *(Bound(f"top-{n}-gram", high=share) for n, share in ((2, 0.197), (3, 0.172), (4, 0.146))),
    *(
        Bound(f"repeated-{n}-grams", high=share)
        for n, share in ((5, 0.165), (6, 0.153), (7, 0.142), (8, 0.131), (9, 0.12), (10, 0.109))
    ),
    Bound("line-ends", low=0.143),
    Bound("duplicate-characters", high=0.1),
    Bound("line-feeds", high=0.189),
    Bound("words", low=50),
    Bound("word-length", low=2, high=9),
    Bound("words-with-letters", low=0.787),
    Bound("stop-words", low=2),
)
"""FineWeb-2 for Arabic, from `configs/arb_Arab.yml` and `fineweb-2-pipeline.py` of huggingface/fineweb-2.

Words are those between white space, where FineWeb-2 takes the tokens of spaCy's Arabic tokenizer, which
parts signs from words; and its language score, a model's, is left out.
"""
_FINEWEB2_STOP_WORDS = r"،|\b(?:في|من|على|إلى|عام|أن|مع|أو|هو|عن|التي|كان|بين|ما|كانت|هي|المتحدة|بعد)\b"


def _top_chars(words: Words, size: int) -> Ints:
    """Words -> per document the characters of its most frequent run of `size` words, at every place."""
    top = np.zeros(len(words.bounds) - 1, dtype=np.int64)
    keys = span_keys(words, size)
    at = np.flatnonzero(words.document[: len(keys)] == words.document[size - 1 :][: len(keys)])
    keys = keys[at]
    if len(keys) == 0:
        return top
    order = np.argsort(keys, kind="stable")
    first = np.flatnonzero(np.append(True, keys[order][1:] != keys[order][:-1]))
    times, where = np.diff(np.append(first, len(order))), at[order[first]]
    # By document, the most frequent first; of several that are as frequent, the first in the text.
    rank = np.lexsort((where, -times, words.document[where]))
    owner = words.document[where[rank]]
    best = rank[np.append(True, owner[1:] != owner[:-1])]
    chars = count_chars(words.data, words.begin[where[best]], words.end[where[best] + size - 1])
    top[words.document[where[best]]] = times[best] * chars
    return top


def _count_fineweb2(words: Words) -> dict[str, Ints]:
    count = len(words.bounds) - 1
    owner, last = words.document[words.line_first], words.end[words.line_last]
    again = find_repeated_lines(words)
    chars = count_chars(words.data, words.begin[words.line_first[again]], last[again])
    one, two = words.data[last - 1], words.data[np.maximum(last - 2, 0)]
    closed = _set_of(b".!?")[one]
    closed |= ((two == 0xD8) & (one == 0x9F)) | ((two == 0xDB) & (one == 0x94))  # ؟ ۔
    return {
        **{f"top-{n}-gram": _top_chars(words, n) for n in range(2, 5)},
        **{f"repeated-{n}-grams": repeated_chars(words, find_repeats(words, n), n) for n in range(5, 11)},
        "words": np.diff(words.bounds),
        "space": words.space,
        "lines": np.bincount(owner, minlength=count),
        "duplicate-lines": np.bincount(owner[again], minlength=count),
        "duplicate-characters": np.bincount(owner[again], weights=chars, minlength=count).astype(np.int64),
        "line-ends": np.bincount(owner[closed], minlength=count),
    }


def measure_fineweb2(text: pl.Series) -> pl.DataFrame:
    """Column of text -> one column for each threshold of `FINEWEB2`."""
    text = text.fill_null("")
    parts = [_count_fineweb2(words) for words in _each_chunk(text)]
    counts = pl.DataFrame({name: np.concatenate([part[name] for part in parts]) for name in parts[0]})
    chars = pl.col("chars").clip(1)
    over = {
        **{bound.name: chars for bound in FINEWEB2 if bound.name.endswith(("-gram", "-grams"))},
        **dict.fromkeys(("duplicate-lines", "line-ends"), pl.col("lines").clip(1)),
        "duplicate-characters": (pl.col("chars") - pl.col("line-feeds")).clip(1),
        **dict.fromkeys(("line-feeds", "word-length", "words-with-letters"), pl.col("words").clip(1)),
    }
    whole = pl.col("text")
    return (
        counts.with_columns(text=text)
        .with_columns(
            whole.str.len_chars().cast(pl.Int64).alias("chars"),
            whole.str.count_matches("\n", literal=True).cast(pl.Int64).alias("line-feeds"),
            whole.str.count_matches(r"[^\s\p{L}]*\p{L}\S*").alias("words-with-letters"),
            whole.str.count_matches(_FINEWEB2_STOP_WORDS).alias("stop-words"),
        )
        .with_columns((pl.col("chars") - pl.col("space")).alias("word-length"))
        .select(
            (pl.col(bound.name) / over.get(bound.name, pl.lit(1))).cast(pl.Float64).alias(bound.name)
            for bound in FINEWEB2
        )
    )


def judge_quality(docs: pl.DataFrame, params: QualityParams | None = None, column: str = "text") -> pl.DataFrame:
    """Documents -> Documents: where there is no verdict yet, the first of these, with the value behind it.

    `quality/too-short` (words), `quality/arabic-share` (share of letters in Arabic), `quality/damaged`
    (share of characters); with a preset then `quality/fineweb2-…`, by the names of `FINEWEB2`.
    """
    params = params or QualityParams()
    n_words, arabic, damage = pl.col("n_words"), pl.col("arabic_share"), pl.col("damage_share")
    tests = [
        ("too-short", n_words < params.min_words, n_words.cast(pl.Float64)),
        ("arabic-share", arabic < params.min_arabic_share, arabic),
        ("damaged", damage > params.max_damage_share, damage),
    ]
    judged = docs
    if params.preset == "fineweb2":
        judged = docs.hstack(measure_fineweb2(docs[column]).rename(lambda name: f"_{name}"))
        for bound in FINEWEB2:
            value = pl.col(f"_{bound.name}")
            tests.append((f"fineweb2-{bound.name}", (value < bound.low) | (value > bound.high), value))
    verdict, number = pl.lit(None, pl.String), pl.lit(None, pl.Float64)
    for name, fails, value in reversed(tests):
        verdict = pl.when(fails).then(pl.lit(f"quality/{name}")).otherwise(verdict)
        number = pl.when(fails).then(value).otherwise(number)
    new = pl.col("verdict").is_null()
    return judged.with_columns(
        verdict=pl.when(new).then(verdict).otherwise("verdict"),
        verdict_value=pl.when(new).then(number).otherwise("verdict_value"),
    ).select(docs.columns)
