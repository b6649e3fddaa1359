"""What a line is by where it stands: the text above a tweet's attribution; a table of contents; outside the body, the rest by its zone.

These stages label lines that no phrase gave away.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from etl.distinct import distinct
from etl.pieces import number_pages, take_solid

if TYPE_CHECKING:
    from etl.knowledge import Knowledge

_NEUTRAL = "^(?:related|headline-en|date|counter|ui|media|category|space|share|note|byline)/"
"""Families of labels that may stand among links: under a heading of other articles, the list goes on below them."""
_TEASER_WORDS = 25
"""Words beyond which a line under a heading of other articles is the opening of one, not its title."""
_LONG = rf"^(?:\S+\s+){{{_TEASER_WORDS}}}\S"


def label_tweets(pieces: pl.LazyFrame, know: Knowledge) -> pl.LazyFrame:
    """Piece -> Piece: the line above a tweet's attribution is the tweet."""
    frame = pieces.collect()
    attribution = frame["rule"] == "embed/tweet-by"
    if not attribution.any():
        return frame.lazy()
    page = frame["id"].rle_id()
    near = page.is_in(page.filter(attribution).unique().implode())
    lines = frame.select("piece", "rule", page=page).with_row_index("row").filter(near)
    tweets = lines.filter(pl.col("piece").str.strip_chars() != "").filter(
        (pl.col("rule").shift(-1) == "embed/tweet-by")
        & (pl.col("page") == pl.col("page").shift(-1))
        & pl.col("rule").is_null()
    )
    return frame.with_columns(frame["rule"].scatter(tweets["row"], "embed/tweet-text")).lazy()


_CONTENTS = (
    r"^\W*(?:(?:جدول |قائمة |فهرس )?(?:ال)?محتويات(?: (?:الصفحة|المقال|المقالة|الموضوع|التقرير|هذا المقال))?|فهرس (?:المقال|الموضوع|الصفحة)"
    r"|(?:اقرأ )?في هذا (?:المقال|التقرير|الموضوع)|(?i:table of contents|contents))\W*$"
)
_SWITCH = re.compile(r"\W*(?:إخفاء|اخفاء|إظهار|اظهار|عرض|hide|show|toggle)\W*", re.IGNORECASE)
_NUMBERED = re.compile(r"^[\d٠-٩.)\-–•\s]+")
_ENTRIES = (2, 40)
"""Entries of a table of contents."""


def label_contents(pieces: pl.LazyFrame, know: Knowledge) -> pl.LazyFrame:
    """Piece -> Piece: label a page's table of contents, `ui/contents`: its heading, and the lines below it that stand again further
    down."""
    frame = pieces.collect()
    heads = (frame["piece"].str.contains(_CONTENTS) & frame["rule"].is_null()).arg_true()
    if heads.is_empty():
        return frame.lazy()
    page = number_pages(frame)
    found: list[int] = []
    labelled = frame["rule"].is_not_null().to_numpy()
    firsts = pl.DataFrame({"head": heads, "page": page[heads.to_numpy()]}).unique(
        "page", keep="first", maintain_order=True
    )
    for head in firsts["head"].to_list():
        end = int(np.searchsorted(page, page[head], side="right"))
        lines = [_NUMBERED.sub("", line.strip()) for line in frame["piece"][head + 1 : end]]
        last: dict[str, int] = {line: place for place, line in enumerate(lines) if line}
        rows, entries = [head], set[str]()
        for place, line in enumerate(lines):
            is_free = not labelled[head + 1 + place] or _SWITCH.fullmatch(line) is not None
            if line and is_free and line not in entries and (last[line] > place or _SWITCH.fullmatch(line)):
                rows.append(head + 1 + place)
                entries.add(line)
            elif line:
                break
        # The first of them to stand again opens the text.
        if _ENTRIES[0] <= sum(last[line] > rows[-1] - head - 1 for line in entries) <= _ENTRIES[1]:
            found += rows
    return frame.with_columns(frame["rule"].scatter(found, "ui/contents") if found else frame["rule"]).lazy()


_BULLETS = "•*·▪-"
_ITEM = rf"^\s*[{_BULLETS}]\s+\S"
"""How an item of a list begins, and its signs."""
_SLIDES = 3
"""Items of a slider at least."""


def label_sliders(pieces: pl.LazyFrame, know: Knowledge) -> pl.LazyFrame:
    """Piece -> Piece: label the items of a slider, `related/slider`: each stands as an item of a list and once more right below it.

    An item that stands alone elsewhere on the page is one of them, too.
    """
    frame = pieces.collect()
    items = (frame["piece"].str.contains(_ITEM) & frame["rule"].is_null()).to_numpy()
    page = number_pages(frame)
    many = np.bincount(page[items], minlength=int(page.max(initial=-1)) + 1) >= _SLIDES
    if not many.any():
        return frame.lazy()
    row, text = take_solid(frame, np.flatnonzero(many[page]))
    item, bare = items[row], text.str.strip_chars_start(_BULLETS + " \t")
    twice = np.zeros(len(row), dtype=np.bool_)
    twice[:-1] = item[:-1] & ~item[1:] & (bare[:-1] == bare[1:]).to_numpy() & (page[row[:-1]] == page[row[1:]])
    # One below the other, without a paragraph between, and with a headline among them.
    follows = np.zeros(len(row), dtype=np.bool_)
    follows[2:] = twice[2:] & twice[:-2] & (page[row[2:]] == page[row[:-2]])
    runs = np.bincount(page[row[follows]], minlength=len(many)) >= _SLIDES - 1
    headed = np.isin(np.arange(len(many)), page[row[twice & (text.str.count_matches(r"\S+").to_numpy() > _SLIDES)]])
    slides = runs & headed
    twice &= slides[page[row]]
    names = pl.DataFrame({"page": page[row[twice]], "name": bare.filter(pl.Series(twice))}).unique()
    lines = pl.DataFrame({"row": row, "page": page[row], "name": bare, "free": frame["rule"].gather(row).is_null()})
    slider = lines.filter("free").join(names, on=["page", "name"], how="semi", maintain_order="left")["row"]
    return frame.with_columns(frame["rule"].scatter(slider, "related/slider")).lazy()


def label_rest(pieces: pl.LazyFrame, know: Knowledge) -> pl.LazyFrame:
    """Piece -> Piece: file every line outside the body that nothing has named, by its place.

    Under a heading of other articles it is `related/item`, or `related/teaser` where it is cut short; else
    `zone/before`, `zone/box` (inside the body's span) or `zone/after`.
    """
    frame = pieces.collect()
    rule, page = frame["rule"], number_pages(frame)
    outside = frame["zone"] != "body"
    labelled = rule.is_not_null().arg_true().to_numpy()
    labels = rule.gather(labelled)
    heading = labels.is_in(know.rules.headings("related")).to_numpy()
    # Of the labels above a line the last that opens or ends a list of other articles counts.
    told = heading | ~labels.str.contains(_NEUTRAL).to_numpy()
    turns, opens = labelled[told], heading[told]
    # An editor's note on another article is the opening of that article's teaser.
    notes = labelled[(labels.str.starts_with("note/") & outside.gather(labelled).fill_null(False)).to_numpy()]
    rows = np.r_[(outside & rule.is_null()).arg_true().to_numpy(), notes]
    rows, texts = take_solid(frame, rows)
    last = np.searchsorted(turns, rows, side="right") - 1
    under = (last >= 0) & opens[last] & (page[turns[last]] == page[rows]) if len(turns) else np.zeros(len(rows), bool)
    lines = pl.DataFrame({"row": rows, "under": under, "text": texts, "zone": frame["zone"].gather(rows)})
    lines = lines.filter(pl.col("under") | rule.gather(rows).is_null())
    listed = pl.col("under") & (pl.col("zone") != "before")
    lines = lines.with_columns(place=pl.when(listed).then(pl.lit("related/item")).otherwise("zone/" + pl.col("zone")))
    text = pl.col("text").str
    cut = text.ends_with("..") | text.ends_with("…")
    wide = lines.filter(listed & (text.len_bytes() > 2 * _TEASER_WORDS))
    texts, which = distinct(wide["text"])
    long = texts.str.contains(_LONG).gather(which)
    rule = rule.scatter(lines["row"], lines["place"])
    for teasers in (lines.filter(listed & cut), wide.filter(long)):
        rule = rule.scatter(teasers["row"], "related/teaser")
    return frame.with_columns(rule).lazy()
