"""Learn which letter follows which in Arabic news, and write the counts' logarithms to etl/data/letters.json.

python -m benchmarks.train_letters          # reads the `corpora` of the shared folder: benchmarks/shared.py

Learns as well which words end in ى, the letter that Persian keyboards do not tell from ي, and writes them to
etl/data/maksura.txt; and which words have a lam-alef, to etl/data/lam_alef.txt. Half of the articles are read, those whose id has an even sha256; benchmarks/repair.py measures on the other
half.
"""

from __future__ import annotations

import collections
import hashlib
import json
import math
import re
from itertools import pairwise
from pathlib import Path

import polars as pl

from benchmarks.shared import find_corpora
from etl.repair.persian_letters import cut_prefixes

HOME = Path(__file__).parent.parent
LETTERS = "ءآأؤإئابةتثجحخدذرزسشصضطظعغفقكلمنهوىي"
# One sign for each kind of character: white space, the letters, marks and tatweel, digits, punctuation, Latin
# letters.
SIGNS = " " + LETTERS + "ـ0.a"
PUNCTUATION = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~«»،؛؟٪–—‘’“”•…"
CEILING = 14.0  # bits: what a pair that was never seen costs


def sign_of(character: str) -> str:
    """Character -> the sign of its kind, or an empty string for what the table leaves out."""
    if character in LETTERS:
        return character
    if character.isspace():
        return " "
    if "\u064b" <= character <= "\u0652" or character in "\u0640\u0670":
        return "ـ"
    if character.isdecimal():
        return "0"
    if character in PUNCTUATION:
        return "."
    return "a" if character.isascii() and character.isalpha() else ""


def is_for_training(name: str) -> bool:
    """Article id -> whether this half of the corpus is the one to learn from."""
    return hashlib.sha256(name.encode()).digest()[0] % 2 == 0


def read_training() -> list[str]:
    """The articles to learn from, titles included, white space as it stands."""
    texts = []
    for path in find_corpora():
        frame = pl.read_parquet(path, columns=["id", "title", "text"])
        rows = zip(frame["id"], frame["title"].fill_null(""), frame["text"].fill_null(""), strict=True)
        texts += [f"\n{title}\n{text}\n" for name, title, text in rows if is_for_training(name)]
    return texts


def learn_letters(texts: list[str]) -> dict[str, object]:
    """Texts -> the table: bits of a sign after another, bits of a mark of punctuation among its kind."""
    pairs: collections.Counter[str] = collections.Counter()
    single: collections.Counter[str] = collections.Counter()
    for text in texts:
        single.update(text)
        pairs.update(map("".join, pairwise(text)))
    seen: collections.Counter[tuple[str, str]] = collections.Counter()
    for pair, count in pairs.items():
        first, second = sign_of(pair[0]), sign_of(pair[1])
        if first and second:
            seen[first, second] += count
    bits = []
    for first in SIGNS:
        total = sum(seen[first, second] for second in SIGNS) + 0.5 * len(SIGNS)
        row = (-math.log2((seen[first, second] + 0.5) / total) for second in SIGNS)
        bits.append([round(min(value, CEILING), 2) for value in row])
    marks = sum(single[mark] + 0.5 for mark in PUNCTUATION)
    punctuation = {mark: round(min(-math.log2((single[mark] + 0.5) / marks), CEILING), 2) for mark in PUNCTUATION}
    return {
        "source": "SaudiNewsNet (2015) and ANT (2018): every second article, by sha256 of its id",
        "unit": "bits; row: the sign before, column: the sign; signs: white space, letters, "
        "ـ a mark, 0 a digit, . punctuation, a Latin letter",
        "articles": len(texts),
        "characters": single.total(),
        "signs": SIGNS,
        "bits": bits,
        "punctuation": punctuation,
    }


def write_letters(table: dict[str, object], path: Path) -> None:
    """Write the table with one row of numbers a line, so that it can be read and compared."""
    lines = [
        f"  {json.dumps(key)}: {json.dumps(value, ensure_ascii=False)}" for key, value in table.items() if key != "bits"
    ]
    rows = table["bits"]
    assert isinstance(rows, list)
    lines.insert(5, '  "bits": [\n' + ",\n".join(f"    {json.dumps(row)}" for row in rows) + "\n  ]")
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


_WITH_YE = re.compile("[ء-غف-ي\u064b-\u0652]+[ىي](?![ء-غف-ي\u064b-\u0652])")
_MARKS = re.compile("[\u064b-\u0652]")


def learn_maksura(texts: list[str], seen: int = 3, ratio: int = 1) -> list[str]:
    """Texts -> words that end in ى, `seen` times at least and no less than `ratio` times as often as in ي; and words in ي that
    are not among them, but look like one of them with a prefix. Left out are those in ى that are one with a prefix.
    """
    words: collections.Counter[str] = collections.Counter()
    for text in texts:
        words.update(_MARKS.sub("", word) for word in _WITH_YE.findall(text))
    found = {
        word
        for word, count in words.items()
        if word[-1] == "ى" and count >= seen and count >= ratio * words[word[:-1] + "ي"]
    }
    short = {word for word in found if not cut_prefixes(word) & found}
    other = {word[:-1] + "ى" for word, count in words.items() if word[-1] == "ي" and count >= seen} - found
    exceptions = {word[:-1] + "ي" for word in other if cut_prefixes(word) & found}
    return sorted(short | exceptions)


_LAM_ALEF = re.compile("(?<![ء-ي])[ء-ي]*ل[اأإآ][ء-ي]*(?![ء-ي])")


def learn_lam_alef(texts: list[str], seen: int = 10, ratio: int = 3) -> list[str]:
    """Texts -> words with a lam-alef, `seen` times at least and `ratio` times as often as what they are with each one turned round.

    Left out are those that are one of them with a prefix.
    """
    words: collections.Counter[str] = collections.Counter()
    for text in texts:
        words.update(re.findall("[ء-ي]+", _MARKS.sub("", text)))
    found = {
        word
        for word, count in words.items()
        if count >= seen and _LAM_ALEF.fullmatch(word) and count >= ratio * words[re.sub("ل([اأإآ])", r"\1ل", word)]
    }
    return sorted(word for word in found if cut_prefixes(word).isdisjoint(found))


if __name__ == "__main__":
    training = read_training()
    write_letters(learn_letters(training), HOME / "etl" / "data" / "letters.json")
    (HOME / "etl" / "data" / "lam_alef.txt").write_text("\n".join(learn_lam_alef(training)) + "\n", encoding="utf-8")
    (HOME / "etl" / "data" / "maksura.txt").write_text("\n".join(learn_maksura(training)) + "\n", encoding="utf-8")
