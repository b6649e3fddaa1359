"""The thresholds of FineWeb-2 for Arabic, and what they are of: a preset for `quality`."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import polars as pl

from etl.arrays import Ints
from etl.repeats import find_repeated_lines, find_repeats, repeated_chars, span_keys
from etl.words import Words, byte_set, count_chars, find_words


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
    closed = byte_set(b".!?")[one]
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
    parts = [_count_fineweb2(words) for words in find_words(text)]
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
