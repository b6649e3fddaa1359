"""Some documents of a shard on their way into a release: what becomes of them, their pieces, what of theirs is masked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import polars as pl

from etl.arrays import Flags, Ints, expand
from etl.privacy import Personal, find_in_column, mask_text, replace_rows
from etl.quality import measure_quality
from etl.release_params import ReleaseParams
from etl.tiles import Tiles
from etl.verdicts import RELEASED, WITHDRAWN
from schemas.columns import split_id

COUNTS = ("n_chars", "n_words", "n_sentences")
"""What is counted of a text, and is to be true of it as it is released."""


@dataclass
class Part:
    """Some documents of a shard, decided, with what of theirs is masked."""

    docs: pl.DataFrame
    """Document, with its cluster, `_fate` and `_split`; `verdict` and `verdict_value` are final, `text` is masked."""
    tiles: Tiles
    """The pieces of those of them that are pages, in order."""
    fates: Mapping[str, str]
    """Fate by id of all second articles of the shard."""
    spans: Mapping[str, list[Personal]] = field(default_factory=dict)
    """Personal data in the text, by id, of these documents and of all second articles of the shard."""

    @cached_property
    def order(self) -> Ints:
        """Rows of the documents by id: tables are made in this order."""
        return self.docs["id"].arg_sort().to_numpy().astype(np.int64)

    def where(self, chosen: pl.Expr) -> pl.Series:
        """Rows of the chosen documents, by id."""
        flags = self.docs.select(chosen.fill_null(False)).to_series().to_numpy()
        return pl.Series(self.order[flags[self.order]])

    def pieces(self, chosen: Flags, each: int = 1) -> Ints:
        """Flags, `each` of them a piece -> places of those that are true, by the id of their page, and in order."""
        places = np.flatnonzero(chosen)
        bounds = np.searchsorted(places, self.tiles.pieces.bounds * each)
        counts = np.diff(bounds)[self.order]
        return places[expand(bounds[self.order], counts)]

    @property
    def hurt(self) -> list[str]:
        """Ids of the pages of which a second article was withdrawn: their whole text is not shown."""
        return [split_id(name)[0] for name, fate in self.fates.items() if fate == WITHDRAWN]

    @cached_property
    def second(self) -> tuple[Ints, pl.Series]:
        """Pieces of second articles, and what becomes of the article of each."""
        rows = np.flatnonzero(self.tiles.pieces.article)
        pages, numbers = self.docs["id"].gather(self.tiles.doc[rows]), pl.Series(self.tiles.pieces.article[rows])
        names = pages + "." + numbers.cast(pl.String)
        return rows, names.replace_strict(dict(self.fates), default=None, return_dtype=pl.String)

    @cached_property
    def audited(self) -> tuple[Flags, Flags]:
        """Pieces that a rule claimed, and those that left for a second article, as far as the audit has rows of them.

        A page's rows show with the page; a second article's with either of them, unless withdrawn.
        """
        tiles, pieces = self.tiles, self.tiles.pieces
        own = (self.docs["_fate"] == RELEASED).to_numpy()[tiles.doc]
        named = pieces.labels["rule"].is_not_null().to_numpy()[pieces.label]
        claimed, moved = named & own, np.zeros(len(named), np.bool_)
        second, fate = self.second
        if len(second):
            left = (fate == WITHDRAWN).fill_null(False).to_numpy()
            free = (fate == RELEASED).fill_null(False).to_numpy()
            claimed[second] = named[second] & ~left & (own[second] | free)
            moved[second] = tiles.stays[second] & (pieces.length[second] > 0) & ~left & own[second]
        return claimed, moved


def find_spans(docs: pl.DataFrame, params: ReleaseParams) -> dict[str, list[Personal]]:
    """Documents (id, text) -> the personal data in their texts, by id."""
    if not params.mask_personal:
        return {}
    return {docs["id"][row]: spans for row, spans in find_in_column(docs["text"]).items()}


def mask_texts(docs: pl.DataFrame, spans: Mapping[str, list[Personal]]) -> pl.DataFrame:
    """Documents, and the personal data in their texts -> the same with it masked, `masked` spans each, and their characters, words and sentences counted anew."""
    ids = docs["id"]
    rows = ids.is_in(list(spans)).arg_true().to_list() if spans else []
    found = [spans[ids[row]] for row in rows]
    counts = np.zeros(len(ids), np.int64)
    counts[rows] = [len(each) for each in found]
    texts = [mask_text(docs["text"][row], each) for row, each in zip(rows, found, strict=True)]
    new = measure_quality(pl.DataFrame({"text": pl.Series(texts, dtype=pl.String)})).select("text", *COUNTS)
    changed = [replace_rows(docs[name], rows, new[name].to_list()) for name in new.columns]
    return docs.with_columns(*changed, masked=pl.Series(counts))
