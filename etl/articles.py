"""Pieces -> articles: which document each piece belongs to, what of it stays, and the text that this makes.

A page is a document, and so is each further article spliced into it. From here on both are numbers: of the page, in the
order of the pages; of the document, in the order in which the documents begin.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

import numpy as np
import polars as pl

from etl.around import page_bounds
from etl.arrays import AnyInts, Flags
from etl.buffers import pack_lists, slices, text_bytes
from etl.errors import UserError
from schemas.columns import document_id


@dataclass(frozen=True)
class Articles:
    """The documents of some pages, and for each piece: `page`, `doc`, `label` (its place among `labels`), `size`, `kept`.

    `owner` is the page of each document, `article` its number within the page; sizes are in code points.
    """

    pages: pl.DataFrame
    pieces: pl.DataFrame
    page: AnyInts
    doc: AnyInts
    labels: list[str | None]
    label: AnyInts
    size: AnyInts
    kept: Flags
    owner: AnyInts
    article: AnyInts

    def __len__(self) -> int:
        """Return the number of documents."""
        return len(self.owner)

    @property
    def own(self) -> pl.Series:
        """The page of each document, null for a second article: what to gather by what is said of the page alone."""
        return or_null(np.where(self.article == 0, self.owner, -1))

    def pieces_with(self, labels: Collection[str]) -> pl.DataFrame:
        """Return the pieces of the pages that have any of these labels."""
        has = np.zeros(len(self.pages), dtype=np.bool_)
        has[self.page[self.by_label(lambda label: label in labels) > 0]] = True
        return self.pieces.filter(has[self.page]) if has.any() else self.pieces.clear()

    def by_label(self, value: Callable[[str], int]) -> AnyInts:
        """What a function says of each piece's label, asked once a label; -1 for none."""
        return np.array([-1 if label is None else value(label) for label in self.labels], dtype=np.int8)[self.label]


def find_articles(pages: pl.DataFrame, pieces: pl.DataFrame, marks: Collection[str]) -> Articles:
    """Page and Piece -> their articles; the pieces of a page lie together, in the order of the pages."""
    page = pieces["id"].rle_id().cast(pl.Int32).to_numpy()
    if not pieces["id"].gather(page_bounds(page)[0]).equals(pages["id"]):
        twice = pages["id"].filter(pages["id"] == pages["id"].shift(1))
        raise UserError(f"two pages one after the other have the id {', '.join(twice[:1])}: give each page its own")
    number = pieces["article"].to_numpy()
    most = int(number.max()) + 1 if len(number) else 1
    # The documents in order of appearance: asked of the runs of pieces of one article, which are few.
    key = page * most + number
    run = page_bounds(key)[0]
    keys, first, place = np.unique(key[run], return_index=True, return_inverse=True)
    order = np.argsort(first)
    rank = np.empty(len(keys), dtype=np.int32)
    rank[order] = np.arange(len(keys))
    labels, label = _number_labels(pieces["rule"])
    stays = np.array([name is None or name in marks for name in labels], dtype=np.bool_)
    return Articles(
        pages=pages,
        pieces=pieces,
        page=page,
        doc=np.repeat(rank[place], np.diff(np.r_[run, len(key)])),
        labels=labels,
        label=label,
        size=pieces["piece"].str.len_chars().to_numpy(),
        kept=stays[label],
        owner=keys[order] // most,
        article=keys[order] % most,
    )


def _number_labels(rule: pl.Series) -> tuple[list[str | None], AnyInts]:
    """Labels of pieces -> the different ones, None among them, and the place of each among those."""
    number = rule.cast(pl.Categorical(pl.Categories.random())).to_physical()  # from 0 on, for this column alone
    most = number.max()
    none = most + 1 if isinstance(most, int) else 0
    label = number.fill_null(none).to_numpy()
    seen = np.zeros(none + 1, dtype=np.int64)
    seen[label] = np.arange(len(label))
    return [*rule.gather(seen[:none]), None], label


def make_lists(values: pl.Series, owner: AnyInts, count: int, null: Flags | None = None) -> pl.Series:
    """Values, each with the row of `count` rows that it belongs to, in their order -> a list a row, null where said."""
    return pack_lists(values, np.bincount(owner, minlength=count), null)


def join_pieces(articles: Articles) -> pl.DataFrame:
    """Articles -> (text, zone_score, cut_share), a row a document; the share is null for a second article.

    `zone_score` is the mean of the kept pieces' scores, by their size; 0 where there is nothing to weigh.
    """
    count = len(articles)
    rows = np.flatnonzero(articles.kept)
    doc = articles.doc[rows]
    if (doc[1:] < doc[:-1]).any():
        order = np.argsort(doc, kind="stable")
        rows, doc = rows[order], doc[order]
    piece = articles.pieces["piece"].gather(rows)
    weight = articles.size[rows] * (piece.str.strip_chars() != "").to_numpy()
    # In millionths, so that the sum is exact, whatever its order.
    score = np.rint(articles.pieces["score"].gather(rows).fill_null(1.0).to_numpy() * 1e6)
    whole = np.bincount(doc, weights=weight, minlength=count)
    mean = np.bincount(doc, weights=weight * score, minlength=count) / 1e6 / np.maximum(whole, 1)
    # Of a page's size what is kept of all its articles is not cut.
    starts = page_bounds(articles.page)[0]
    size = np.add.reduceat(articles.size, starts, dtype=np.int64) if len(starts) else np.zeros(0)
    kept = np.bincount(articles.page[rows], weights=articles.size[rows], minlength=len(articles.pages))
    share = ((size - kept) / np.maximum(size, 1))[articles.owner]
    return pl.DataFrame(
        {
            "text": _concatenate(piece, doc, count),
            "zone_score": pl.Series(mean, dtype=pl.Float64).round(4),
            "cut_share": pl.Series(share, dtype=pl.Float64).set(pl.Series(articles.article > 0), None),
        }
    )


def _concatenate(texts: pl.Series, owner: AnyInts, count: int) -> pl.Series:
    """Texts, each with its row, in the order of the rows -> one text a row: the bytes lie so already, one after the other."""
    data, at = text_bytes(texts)
    return pl.Series(slices(data, at[np.searchsorted(owner, np.arange(count + 1))]))


def list_documents(articles: Articles) -> pl.DataFrame:
    """Articles -> what is known of each document from its page; a second article has no page of its own."""
    pages = articles.pages.drop(pl.selectors.starts_with("given_"))
    pieces = pack_pieces(articles).alias("pieces")
    if not articles.article.any():
        return pages.with_columns(pieces, parent_id=pl.lit(None, pl.String))
    article = pl.lit(pl.Series(articles.article))
    return pages[articles.owner].with_columns(
        *(pages[name].gather(articles.own) for name in ("page", "raw", "repairs")),
        pieces,
        id=document_id(article),
        parent_id=pl.when(article > 0).then("id"),
    )


def _split_lines(text: pl.Series) -> tuple[pl.Series, AnyInts]:
    """Texts -> their lines, each with the line feed that ends it, and the text that each is of."""
    data, at = text_bytes(text)
    feeds = np.flatnonzero(data == 0x0A)
    before = np.searchsorted(feeds, at)
    starts = np.empty(len(feeds) + len(text) + 1, dtype=np.int64)
    opens = np.zeros(len(starts), dtype=np.bool_)
    opens[before + np.arange(len(at))] = True
    starts[opens], starts[~opens] = at, feeds + 1
    return pl.Series(slices(data, starts)), np.repeat(np.arange(len(text)), np.diff(before) + 1)


_ENDS = r"[.؟!?…:،,;؛]\s*[\"»”’)\]]*$|^[\-–—*•]|^[0-9٠-٩]+\s*[.)\-]"
"""The end of a sentence or of a clause; and an item of a list."""
_HEADING_WORDS = (1, 12)
_PARAGRAPH_WORDS = 15


def find_subheadings(text: pl.Series) -> pl.Series:
    """Texts -> their subheadings, a list a text: short lines without a sentence's end above a paragraph."""
    lines, owner = _split_lines(text)
    size = lines.str.len_bytes().to_numpy()
    # So many words with what parts them; most lines end a sentence, which their last byte but the line feed says.
    long = size >= 2 * _PARAGRAPH_WORDS - 1
    near = np.flatnonzero((owner[1:] == owner[:-1]) & long[1:])
    near = near[~lines.gather(near).str.ends_with(".\n").to_numpy()]
    line = lines.gather(near).str.strip_chars()
    is_open = ~line.str.contains(_ENDS)
    line, near = line.filter(is_open), near[is_open.to_numpy()]
    short = line.str.count_matches(r"\S+").is_between(*_HEADING_WORDS)
    line, near = line.filter(short), near[short.to_numpy()]
    paragraph = lines.gather(near + 1).str.count_matches(r"\S+") >= _PARAGRAPH_WORDS
    return make_lists(line.filter(paragraph), owner[near[paragraph.to_numpy()]], len(text))


def pack_pieces(articles: Articles) -> pl.Series:
    """Articles -> the pieces of each document's page as a list of lengths and labels, null for a second article.

    Their text is in the page.
    """
    rule = articles.pieces["rule"]
    action = np.where(articles.kept, np.where(rule.is_null().to_numpy(), -1, 0), 1)
    packed = articles.pieces.select(
        "article",
        pl.Series("length", articles.size, dtype=pl.Int64),
        "rule",
        pl.Series("action", ["mark", "cut"]).gather(or_null(action)),
        "zone",
        "score",
    )
    own = np.searchsorted(articles.owner, np.arange(len(articles.pages)))
    own[articles.owner[articles.article == 0]] = np.flatnonzero(articles.article == 0)
    return make_lists(packed.to_struct(), own[articles.page], len(articles), articles.article > 0)


def or_null(places: AnyInts) -> pl.Series:
    """Places in a column -> the same to gather by, null for -1."""
    return pl.Series(places, dtype=pl.Int64).replace(-1, None)
