"""Piece -> Piece: captions in the text that close with the name of the page's own paper, in brackets or behind a dash.

`جانب من توزيع البذور في المدينة (شنقيط برس)`: no sentence, as it has no stop; the name is the paper's own where the page's line of
rights, of an app or of a call to follow says it. In doubt nothing is labelled.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

import polars as pl

from etl.bylines.own_names import own_key, prove_names
from etl.pieces import number_pages, solid_of

if TYPE_CHECKING:
    from etl.knowledge import Knowledge

OWN_CAPTION = "media/own-credit"
LENGTH = 220
"""Code points of a caption, at most."""
_MAY_CLOSE = r"[^.؟!…)\]][)\]]\s*$|\s[-–—]\s[^-–—.؟!:]{3,40}$"
_NAME = r"[^()\[\]/|]{2,40}"
_CREDIT = re.compile(
    rf".{{8,}}[(\[]\s*(?P<pair>{_NAME}[/|]{_NAME})[)\]]"
    rf"|[^.؟!…]{{8,}}?(?:[(\[]\s*(?P<owner>{_NAME})[)\]]|\s[-–—]\s(?P<behind>[^-–—.؟!:()]{{3,40}}))",
)
"""An owner alone closes a sentence as well, as agencies sign: beside a photographer it does not."""
_PARTED = re.compile(r"[/|]")


@lru_cache(maxsize=1 << 12)
def ask_caption(line: str) -> tuple[str, ...]:
    """Line -> the keys of the names that close it as those of a picture's owner do; a sentence has none."""
    found = _CREDIT.fullmatch(line)
    names = next(filter(None, found.groups())) if found else ""
    return tuple(key for key in map(own_key, _PARTED.split(names)) if key)


def label_own_captions(pieces: pl.LazyFrame, know: Knowledge) -> pl.LazyFrame:
    """Piece -> Piece: label captions in bodies that the page's own paper owns, `media/own-credit`."""
    frame = pieces.collect()
    free = (frame["zone"] == "body") & frame["rule"].is_null() & frame["piece"].str.ends_with("\n")
    row, text = solid_of(frame, free)
    may = (text.str.len_chars() <= LENGTH) & text.str.contains(_MAY_CLOSE)
    row, text = row[may.to_numpy()], text.filter(may)
    page = number_pages(frame)
    asked = [(int(at), int(page[at]), key) for at, line in zip(row, text, strict=True) for key in ask_caption(line)]
    names = pl.DataFrame(asked, schema={"row": pl.Int64, "page": pl.Int64, "key": pl.String}, orient="row")
    if names.is_empty():
        return frame.lazy()
    proved = prove_names(frame, page, names.select("page", "key").unique())
    own = names.join(proved, on=["page", "key"], how="semi")["row"].unique().sort()
    rules = pl.repeat(OWN_CAPTION, len(own), dtype=pl.String, eager=True)
    return frame.with_columns(frame["rule"].scatter(own, rules)).lazy()
