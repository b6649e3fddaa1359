"""Piece -> Piece: the headlines of a site above an article, which a scraper has strung together on one line, with wide gaps between
them, or put at the top of an article that is otherwise cut out."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from etl.around import page_bounds, place_in
from etl.arrays import Ints
from etl.fold import fold
from etl.pieces import number_pages, rows_where, take_solid

if TYPE_CHECKING:
    from etl.knowledge import Knowledge

TICKER = "related/ticker"
_GAP = re.compile(r" {3,}|\t+")
_BYTES = 150
"""Bytes of such a line, at least."""
_FIRST_LINES = 60
"""Lines with text at the head of a page among which such a line stands."""
_HEADLINES, _WORDS = 5, (3, 25)
"""Headlines of such a line at least, and words of each."""
_MEAN_WORDS = 5
"""Words of each on average, at least: the halves of verses have fewer."""
_PARAGRAPH = 12
"""Words of a paragraph, which ends as a sentence does, at least."""
_FINAL = re.compile(r"[.؟!?…][\"»”’)\]]*$")
_SAID = 0.5
"""Share of a headline's long words that the text below has, from which it is the article's own."""
_LONG_WORD = re.compile(r"[^\W\d_]{4,}")
_OFTEN = 0.34
"""Share of such headlines in which one word may stand: of a headline's own words hardly one comes twice."""
_AS_LONG, _STOPPED = r"^\S+\s+\S+\s+\S", r"[.،,:]$"
"""What a headline has, and how it does not end."""
_MANY, _APART = 9, 0.08
"""Headlines above a text that has none of its own, at least, and the mean share of their words that it has, at most."""
_LISTS = (
    re.compile(r"^\W*(?:\d|(?:نصف|ربع|ثلث|كوب|كأس|ملعقة|ملاعق|رشة|حبة|حبتان|فص|كيلو|غرام|جرام|عصير|باقة)\w* )"),
    re.compile(r"[؟?]\W*$"),
)
"""How the lines of a chronicle, of a list of what is needed, and of questions begin or end."""
_SAYS = re.compile(":")
"""What the lines of a review of the press have, behind each paper's name, and some headlines."""
_LONGEST = 60
"""Lines of such a list, at most."""
_RUN, _RUN_BYTES, _HIGH = 50, 400, 5
"""Words and bytes of headlines on one line without gaps, at least, and lines with text at the head of a page among which it stands."""
_SHORT, _UNSAID = 14, 0.2
"""Words of the lines above and right below it, at most, and the share of its long words that the text may say: no article of
SaudiNewsNet and ANT, 36,059 cut out of their pages, begins with such a line."""
_COMMA, _STOP_INSIDE = re.compile("[،,؛]"), re.compile(r"[^.]\.\s")
_SHARE = 0.8
"""Share of the parts, at least, that are as long and end without a stop."""
_SIGNS = re.compile(r"\d|\.\.|[:«»\"“”؟?!]")
_SIGNED = 0.15
"""Share of the headlines that have a sign or a number, at least: verses have few."""
_END = re.compile(r"\W|[ةه]\W*$")
"""What is no letter, and the ending that so many words have that verses rhyme on the letter before it."""
_RHYMED = 0.5
"""Share of the parts that end with one letter from which they are verses."""


def are_headlines(parts: list[str]) -> bool:
    """Whether texts are headlines, by their words and their signs, and neither verses nor the paragraphs of a text."""
    if len(parts) < _HEADLINES:
        return False
    words = [len(part.split()) for part in parts]
    shortest, longest = _WORDS
    fits = [
        shortest <= count <= longest and not part.endswith((".", "،", ","))
        for part, count in zip(parts, words, strict=True)
    ]
    ends = Counter(_END.sub("", part)[-1:] for part in parts)
    signed = sum(_SIGNS.search(part) is not None for part in parts)
    return (
        sum(fits) >= _SHARE * len(parts)
        and sum(words) >= _MEAN_WORDS * len(parts)
        and signed >= _SIGNED * len(parts)
        and max(ends.values()) < _RHYMED * len(parts)
    )


def is_ticker(line: str) -> bool:
    """Whether a line is headlines with wide gaps between them."""
    return are_headlines([part for part in _GAP.split(line.strip()) if part])


def _share_said(line: str, text: str) -> float:
    """A headline and a text, both folded -> the share of its long words that the text has."""
    words = _LONG_WORD.findall(line)
    return sum(word.removeprefix("ال") in text for word in words) / max(len(words), 1)


def _say_one_thing(lines: list[str]) -> bool:
    """Whether some word stands in many of the lines, as in verse without rhyme and in the parts of one text."""
    words = Counter(word for line in lines for word in set(_LONG_WORD.findall(fold(line))))
    return max(words.values(), default=0) > max(_OFTEN * len(lines), 2)


def _are_alike(lines: list[str], *shapes: re.Pattern[str]) -> bool:
    """Whether most of the lines have one of the shapes."""
    return any(2 * sum(shape.search(line) is not None for line in lines) > len(lines) for shape in shapes)


def _is_paragraph(line: str) -> bool:
    return len(line.split()) >= _PARAGRAPH and _FINAL.search(line) is not None


def count_listed(lines: list[str]) -> int:
    """The lines of an article already cut out -> how many at its top are headlines of others: of a list that stands above the first
    paragraph those down to the first that says what the text says, which is the article's own."""
    first = next((at for at, line in enumerate(lines[: _LONGEST + 1]) if _is_paragraph(line)), len(lines))
    if not _HEADLINES < first < len(lines) or any(len(line.split()) < _WORDS[0] for line in lines[:first]):
        return 0
    text = fold("\n".join(lines[first:]))
    own = next((at for at in range(first) if _share_said(fold(lines[at]), text) > _SAID), first)
    others = lines[:own]
    if own <= _HEADLINES or not are_headlines(others) or _say_one_thing(others) or _are_alike(others, *_LISTS):
        return 0
    # Without the article's own headline they may be how it begins: a review of the press, a list of what is needed.
    apart = sum(_share_said(fold(line), text) for line in others) < _APART * own
    return own if own < first or (own >= _MANY and apart and not _are_alike(others, _SAYS)) else 0


def _find_listed(frame: pl.DataFrame, page: Ints, solid: Ints) -> list[int]:
    """Piece, the page of each row, rows with text -> those of such headlines, on pages whose first lines have no label."""
    owner = page[solid]
    low, sizes = page_bounds(owner)
    high = np.flatnonzero(place_in(owner) <= _HEADLINES)
    text = frame["piece"].gather(solid[high]).str.strip_chars()
    free = frame["rule"].gather(solid[high]).is_null() & text.str.contains(_AS_LONG) & ~text.str.contains(_STOPPED)
    first, count = page_bounds(owner[high])
    # Few pages begin so: the lines of those are read.
    begins = np.logical_and.reduceat(free.to_numpy(), first) if len(first) else np.zeros(0, dtype=np.bool_)
    found: list[int] = []
    for at in np.flatnonzero(begins & (count > _HEADLINES) & (sizes > count)).tolist():
        rows = solid[low[at] : low[at] + sizes[at]]
        lines = frame["piece"].gather(rows).str.strip_chars().to_list()
        found += rows[: count_listed(lines)].tolist()
    return found


def is_run(lines: list[str], at: int) -> bool:
    """The lines of a page, the place of one near its head -> whether that is headlines without any gap between them: it is longer than
    a sentence, has hardly a comma and no stop, and says next to nothing of what the text says that begins below, with a short line.
    """
    line, below = lines[at], lines[at + 1 :]
    words = line.split()
    if len(words) < _RUN or line.startswith("و") or _FINAL.search(line) or _STOP_INSIDE.search(line):
        return False
    if _RUN * len(_COMMA.findall(line)) > len(words) or any(len(above.split()) > _SHORT for above in lines[:at]):
        return False
    if not below or len(below[0].split()) > _SHORT or _FINAL.search(below[0]):
        return False
    long = any(len(other.split()) >= _PARAGRAPH for other in below)
    return long and _share_said(fold(line), fold("\n".join(below))) <= _UNSAID


def _find_runs(frame: pl.DataFrame, page: Ints, solid: Ints) -> list[int]:
    """Piece, the page of each row, rows with text -> those of such lines."""
    owner = page[solid]
    first, sizes = page_bounds(owner)
    place = place_in(owner)
    high = np.flatnonzero(place < _HIGH)
    asked = frame["rule"].gather(solid[high]).is_null() & (
        frame["piece"].gather(solid[high]).str.len_bytes() >= _RUN_BYTES
    )
    starts = dict(zip(owner[first].tolist(), zip(first.tolist(), sizes.tolist(), strict=True), strict=True))
    found: list[int] = []
    for at in high[asked.to_numpy()].tolist():
        start, size = starts[int(owner[at])]
        lines = frame["piece"].gather(solid[start : start + size]).str.strip_chars().to_list()
        found += [int(solid[at])] if is_run(lines, at - start) else []
    return found


def label_tickers(pieces: pl.LazyFrame, know: Knowledge) -> pl.LazyFrame:
    """Piece -> Piece: label such lines at the head of a page, above its text, `related/ticker`."""
    frame = pieces.collect()
    at = rows_where(frame["rule"].is_null() & (frame["piece"].str.len_bytes() >= _BYTES))
    text = frame["piece"].gather(at)
    at = at[text.str.contains(r"\S(?: {3}|\t)[^\n]*\S(?: {3}|\t)").to_numpy()]
    rows = [row for row in at.tolist() if is_ticker(frame["piece"][row])]
    solid, _ = take_solid(frame, np.arange(len(frame)))
    page = number_pages(frame)
    if rows:
        owner = page[solid]
        high = (place_in(owner) < _FIRST_LINES) & np.append(owner[1:] == owner[:-1], False)[: len(owner)]
        rows = np.intersect1d(rows, solid[high]).tolist()
    rows += _find_runs(frame, page, solid) + _find_listed(frame, page, solid)
    return frame.with_columns(frame["rule"].scatter(rows, TICKER)).lazy() if rows else frame.lazy()
