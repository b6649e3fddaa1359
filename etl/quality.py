"""How good is a text? Scores first, all of them kept; verdicts are few, and each names the value behind it.

What is counted are the words and lines of many documents at once (etl/words.py).
"""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

import numpy as np
import polars as pl
from pydantic import BaseModel, ConfigDict, Field

from etl.arrays import Bytes, Flags, Hashes, Ints
from etl.fineweb2 import FINEWEB2, measure_fineweb2
from etl.repeats import find_repeated_lines, find_repeats, find_stutters, repeated_chars
from etl.shipped import read_list
from etl.verdicts import give_verdicts
from etl.words import Words, byte_set, find_words, hash_words

STOP_WORDS = tuple(read_list("stop_words"))
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


_SEPARATORS = byte_set(b".-)")
_BULLETS = byte_set(b"\xa2\xa3\x93\x94")


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
        "stutters": find_stutters(words, again, SPAN).astype(np.int64),
        "open_end": (~closed).astype(np.int64),
        "suspect": words.suspects.astype(np.int64),
    }


def measure_quality(docs: pl.DataFrame, params: QualityParams | None = None) -> pl.DataFrame:
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
    text = docs["text"].fill_null("")
    parts = [_measure_words(words, params) for words in find_words(text)]
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


def judge_quality(docs: pl.DataFrame, params: QualityParams) -> pl.DataFrame:
    """Documents -> Documents: where there is no verdict yet, the first of these, with the value behind it.

    `quality/too-short` (words), `quality/arabic-share` (share of letters in Arabic), `quality/damaged`
    (share of characters); with a preset then `quality/fineweb2-…`, by the names of `FINEWEB2`.
    """
    n_words, arabic, damage = pl.col("n_words"), pl.col("arabic_share"), pl.col("damage_share")
    tests = [
        ("too-short", n_words < params.min_words, n_words.cast(pl.Float64)),
        ("arabic-share", arabic < params.min_arabic_share, arabic),
        ("damaged", damage > params.max_damage_share, damage),
    ]
    judged = docs
    if params.preset == "fineweb2":
        judged = docs.hstack(measure_fineweb2(docs["text"]).rename(lambda name: f"_{name}"))
        for bound in FINEWEB2:
            value = pl.col(f"_{bound.name}")
            tests.append((f"fineweb2-{bound.name}", (value < bound.low) | (value > bound.high), value))
    return give_verdicts(judged, [(f"quality/{name}", fails, value) for name, fails, value in tests]).select(
        docs.columns
    )
