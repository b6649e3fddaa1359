"""The noun: a page is a row of pieces. A stage may split a piece or label it; it never edits one and never drops one.

A piece is `(id, article, piece, rule)`, a run of characters of the page, in order. Two columns of context travel with it:
`outlet`, whose page it is, and `zone`, where in the page it lies; `score` is the measured value behind a label by place.
"""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import polars as pl

PIECE = pl.Schema(
    {
        "id": pl.String(),
        "outlet": pl.String(),
        "article": pl.Int32(),
        "piece": pl.String(),
        "rule": pl.String(),
        "zone": pl.String(),
        "score": pl.Float64(),
    }
)


def to_pieces(pages: pl.LazyFrame) -> pl.LazyFrame:
    """Pages (id, outlet, page) -> Piece: one piece a line, each with the line feed that ends it."""
    lines = pl.col("page").str.split("\n", inclusive=True)
    # A page that ends in a line feed splits into one empty string more; an empty page must keep its one empty piece.
    lines = (
        pl.when(lines.list.len() > 1).then(lines.list.eval(pl.element().filter(pl.element() != ""))).otherwise(lines)
    )
    return (
        pages.select("id", "outlet", piece=lines)
        .explode("piece", empty_as_null=True)
        .select(
            "id",
            "outlet",
            pl.lit(0, pl.Int32).alias("article"),
            pl.col("piece").fill_null(""),
            pl.lit(None, pl.String).alias("rule"),
            pl.lit(None, pl.String).alias("zone"),
            pl.lit(None, pl.Float64).alias("score"),
        )
    )


def is_kept(marks: Collection[str]) -> pl.Expr:
    """Expression over Piece: true where the piece stays in the body, unlabelled or only marked."""
    return pl.col("rule").is_null() | pl.col("rule").is_in(sorted(marks))


def line_number() -> pl.Expr:
    """Expression over Piece: the running number of the line a piece belongs to, over the whole frame, from 0."""
    starts = ~pl.col("piece").str.ends_with("\n").shift(1, fill_value=True) & (pl.col("id") == pl.col("id").shift(1))
    return (~starts.fill_null(False)).cast(pl.Int64).cum_sum() - 1


def is_whole_line() -> pl.Expr:
    """Expression over Piece: true where a piece is all of a line, over the whole frame."""
    starts = pl.col("piece").str.ends_with("\n").shift(1, fill_value=True) | (
        pl.col("id") != pl.col("id").shift(1)
    ).fill_null(True)
    return starts & starts.shift(-1, fill_value=True)


def split_pieces(pieces: pl.DataFrame, claims: pl.DataFrame) -> pl.DataFrame:
    """Piece + claims (row, start, end, rule) -> Piece, the claimed parts split off and labelled.

    `row` counts the rows of `pieces` from 0; `start` and `end` are half-open code points of the piece; the claims of a
    row do not overlap. What is not claimed keeps its label.
    """
    if claims.is_empty():
        return pieces
    claims = claims.sort("row", "start")
    row = claims["row"].to_numpy().astype(np.int64)
    start, end = (claims[name].cast(pl.Int64).to_numpy() for name in ("start", "end"))
    size = pieces["piece"].gather(row).str.len_chars().cast(pl.Int64).to_numpy()
    # Each claim with the gap before it, and a gap after the last of its row: the parts, in order.
    first, last = np.r_[True, row[1:] != row[:-1]], np.r_[row[1:] != row[:-1], True]
    before = np.where(first, 0, np.r_[0, end[:-1]])
    number = np.arange(len(row))
    parts = pl.DataFrame(
        {
            "row": np.concatenate([row, row, row[last]]),
            "start": np.concatenate([before, start, end[last]]),
            "end": np.concatenate([start, end, size[last]]),
            "claim": np.concatenate([np.full(len(row), -1), number, np.full(last.sum(), -1)]),
        }
    )
    parts = parts.filter(pl.col("end") > pl.col("start")).sort("row", "start")
    # Every row once, and as often as it has parts.
    count = np.ones(len(pieces), dtype=np.int64)
    count[row] = 0
    np.add.at(count, parts["row"].to_numpy(), 1)
    frame = pieces[np.repeat(np.arange(len(pieces)), count)] if (count != 1).any() else pieces
    touched = np.zeros(len(pieces), dtype=bool)
    touched[row] = True
    places = np.flatnonzero(np.repeat(touched, count))
    text = pieces["piece"].gather(parts["row"])
    cut = parts.select("start", "end").with_columns(text=text)
    piece = cut.select(pl.col("text").str.slice(pl.col("start"), pl.col("end") - pl.col("start"))).to_series()
    claimed = (parts["claim"] >= 0).to_numpy()
    label = claims["rule"].gather(parts["claim"].to_numpy()[claimed])
    return frame.with_columns(frame["piece"].scatter(places, piece), frame["rule"].scatter(places[claimed], label))


def label_space(pieces: pl.LazyFrame, marks: Collection[str]) -> pl.LazyFrame:
    """Piece -> Piece: file the white space that is left over, so that the body is its paragraphs, one a line.

    `space/blank`: a line with nothing in it; `space/edge`: white space at a paragraph's edges, or doubled where a cut
    was made; `space/end`: the line feed after an article's last paragraph. A paragraph whose tail was cut with its
    line feed gets the line feed back, or it would run into the next.
    """
    frame = pieces.with_columns(_line=line_number(), _keep=is_kept(marks)).collect()
    text = frame["piece"]
    core = text.str.strip_chars_end("\n")
    solid = (frame["_keep"] & (core.str.strip_chars() != "")).to_numpy()
    keep = frame["_keep"].to_numpy()
    line = frame["_line"].to_numpy()
    count = len(frame)
    if count == 0:
        return frame.drop("_line", "_keep").lazy()
    # Solid pieces before and after each piece, within its line.
    running = np.cumsum(solid)
    first_of_line = np.flatnonzero(np.r_[True, line[1:] != line[:-1]])
    before_line = np.repeat(running[first_of_line] - solid[first_of_line], np.diff(np.r_[first_of_line, count]))
    line_total = np.repeat(np.add.reduceat(solid, first_of_line), np.diff(np.r_[first_of_line, count]))
    earlier = running - solid - before_line
    later = line_total - earlier - solid

    size = text.str.len_chars().cast(pl.Int64).to_numpy()
    lead = size - text.str.strip_chars_start().str.len_chars().cast(pl.Int64).to_numpy()
    core_size = core.str.len_chars().cast(pl.Int64).to_numpy()
    inner = core.str.strip_chars_end().str.len_chars().cast(pl.Int64).to_numpy()

    blank = keep & (line_total == 0)
    # White space between two cuts of one line, or between a cut and the line's end.
    hollow = keep & ~solid & (line_total > 0) & ((earlier == 0) | (later == 0)) & (core_size > 0)
    rows: list[np.ndarray] = []
    starts: list[np.ndarray] = []
    ends: list[np.ndarray] = []
    rules: list[str | None] = []

    def file(which: np.ndarray, start: np.ndarray, end: np.ndarray, rule: str | None) -> None:
        at = np.flatnonzero(which & (end > start))
        rows.append(at)
        starts.append(start[at])
        ends.append(end[at])
        rules.extend([rule] * len(at))

    nothing = np.zeros(count, dtype=np.int64)
    file(blank, nothing, size, "space/blank")
    file(hollow, nothing, core_size, "space/edge")
    open_left = np.zeros(count, dtype=bool)
    gap = np.flatnonzero(solid & (earlier > 0))
    if len(gap):  # Two kept parts of a line that a cut has brought together: one white space between them is enough.
        last_solid = np.maximum.accumulate(np.where(solid, np.arange(count), -1))
        left = last_solid[gap - 1]
        cut_between = left < gap - 1
        open_left[gap] = cut_between & (inner[left] < core_size[left])
    file(solid & ((earlier == 0) | open_left), nothing, lead, "space/edge")
    file(solid & (later == 0), inner, core_size, "space/edge")
    # The line feed after the last paragraph of each article.
    article = frame["article"].to_numpy()
    ids = frame["id"].rle_id().to_numpy().astype(np.int64)
    whole = keep & (line_total > 0)
    at = np.flatnonzero(whole)
    if len(at):
        group = ids[at] * (int(article.max()) + 1) + article[at]
        groups, backwards = np.unique(group[::-1], return_index=True)
        last = len(at) - 1 - backwards
        final = np.zeros(count, dtype=bool)
        final[at[last]] = True
        file(final & (size > core_size), core_size, size, "space/end")
        # A line feed that was cut, in a line of which a part stays: all but the last such line of an article keep it.
        last_of_line = np.r_[line[1:] != line[:-1], True]
        fed = np.flatnonzero(last_of_line & ~keep & (line_total > 0) & (size > core_size))
        owner = ids[fed] * (int(article.max()) + 1) + article[fed]
        which = np.minimum(np.searchsorted(groups, owner), len(groups) - 1)
        freed = np.zeros(count, dtype=bool)
        freed[fed[(groups[which] == owner) & (line[at[last[which]]] != line[fed])]] = True
        file(freed, core_size, size, None)
    claims = pl.DataFrame(
        {
            "row": np.concatenate(rows).astype(np.uint32),
            "start": np.concatenate(starts),
            "end": np.concatenate(ends),
            "rule": pl.Series(rules, dtype=pl.String),
        }
    )
    return split_pieces(frame.drop("_line", "_keep"), claims).lazy()


def join_text(pieces: pl.LazyFrame, marks: Collection[str]) -> pl.LazyFrame:
    """Piece -> (id, article, text): the pieces that no rule cut, joined; an article with none has the empty text."""
    kept = pl.when(is_kept(marks)).then("piece").otherwise(pl.lit(""))
    return pieces.group_by("id", "article", maintain_order=True).agg(text=kept.str.join(""))


def pack_pieces(pieces: pl.LazyFrame, marks: Collection[str]) -> pl.LazyFrame:
    """Piece -> (id, pieces): one row a page, its pieces as a list of lengths and labels; the text is in the page."""
    action = pl.when(pl.col("rule").is_not_null()).then(
        pl.when(is_kept(marks)).then(pl.lit("mark")).otherwise(pl.lit("cut"))
    )
    return pieces.group_by("id", maintain_order=True).agg(
        pieces=pl.struct(
            "article",
            pl.col("piece").str.len_chars().cast(pl.Int64).alias("length"),
            "rule",
            action.alias("action"),
            "zone",
            "score",
        )
    )


def unpack_pieces(docs: pl.LazyFrame) -> pl.LazyFrame:
    """Documents (id, page, pieces) -> (id, article, start, end, piece, rule, action, zone, score), in page order."""
    end = pl.col("length").cum_sum().over("id")
    return (
        docs.filter(pl.col("pieces").is_not_null())
        .select("id", "page", "pieces")
        .explode("pieces")
        .unnest("pieces")
        .with_columns(start=end - pl.col("length"), end=end)
        .select(
            "id",
            "article",
            "start",
            "end",
            pl.col("page").str.slice(pl.col("start"), pl.col("length")).alias("piece"),
            "rule",
            "action",
            "zone",
            "score",
        )
    )
