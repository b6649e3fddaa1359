"""The noun: a page is a row of pieces. A stage may split a piece or label it; it never edits one and never drops one.

A piece is `(id, article, piece, rule)`, a run of characters of the page, in order (`schemas.piece.PIECE`). Two columns of context
travel with it: `outlet`, whose page it is, and `zone`, where in the page it lies: `before` the article, in its `body`, in a `box` between
its paragraphs, `after` it. The stage `label_zones` says so; until then it is null. `score` is the measured value behind it.

A rule either cuts a piece, or marks it: then it is read into a field and stays in the text, as a dateline does. `marks`, below, are
the ids of the rules and labels that mark; every other one cuts.
"""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import polars as pl

from etl.arrays import Ints


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


def begins_line() -> pl.Expr:
    """Expression over Piece: true where a piece begins a line, over the whole frame."""
    same_page = pl.col("id") == pl.col("id").shift(1)
    return pl.col("piece").str.ends_with("\n").shift(1, fill_value=True) | ~same_page.fill_null(False)


def is_whole_line() -> pl.Expr:
    """Expression over Piece: true where a piece is all of its line, over the whole frame."""
    return begins_line() & begins_line().shift(-1, fill_value=True)


def line_number() -> pl.Expr:
    """Expression over Piece: the running number of the line a piece belongs to, over the whole frame, from 0."""
    return begins_line().cast(pl.Int64).cum_sum() - 1


def take_solid(pieces: pl.DataFrame, row: Ints) -> tuple[Ints, pl.Series]:
    """Some rows of Piece -> those with text, and their texts without white space at the ends."""
    text = pieces["piece"].gather(row)
    solid = text != "\n"  # most pieces without text are nothing but a line feed, and soon told
    row, text = row[solid.to_numpy()], text.filter(solid).str.strip_chars()
    solid = text != ""
    return row[solid.to_numpy()], text.filter(solid)


def number_pages(pieces: pl.DataFrame) -> Ints:
    """Piece -> the running number of the page of each."""
    return pieces["id"].rle_id().cast(pl.Int64).to_numpy()


def rows_where(flags: pl.Series) -> Ints:
    """Flags, null for no -> the rows that have one."""
    return flags.arg_true().cast(pl.Int64).to_numpy()


def solid_of(pieces: pl.DataFrame, which: pl.Series) -> tuple[Ints, pl.Series]:
    """Piece, and flags of some, null for no -> the rows of those with text, and their texts without white space around."""
    return take_solid(pieces, rows_where(which))


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
    of = np.concatenate([np.stack([row, row], axis=1).ravel(), row[last]])
    begin = np.concatenate([np.stack([before, start], axis=1).ravel(), end[last]])
    stop = np.concatenate([np.stack([start, end], axis=1).ravel(), size[last]])
    claim = np.full(len(of), -1)
    claim[1 : 2 * len(row) : 2] = np.arange(len(row))
    order = np.lexsort((begin, of))
    order = order[stop[order] > begin[order]]
    of, begin, stop, claim = of[order], begin[order], stop[order], claim[order]
    # Every row once, and as often as it has parts.
    count = np.ones(len(pieces), dtype=np.int64)
    count[row] = 0
    np.add.at(count, of, 1)
    frame = pieces[np.repeat(np.arange(len(pieces)), count)] if (count != 1).any() else pieces
    touched = np.zeros(len(pieces), dtype=bool)
    touched[row] = True
    places = np.flatnonzero(np.repeat(touched, count))
    cut = pl.DataFrame({"text": pieces["piece"].gather(of), "begin": begin, "size": stop - begin})
    piece = cut.select(pl.col("text").str.slice(pl.col("begin"), pl.col("size"))).to_series()
    claimed = claim >= 0
    label = claims["rule"].gather(claim[claimed])
    return frame.with_columns(frame["piece"].scatter(places, piece), frame["rule"].scatter(places[claimed], label))


def label_space(pieces: pl.LazyFrame, marks: Collection[str]) -> pl.LazyFrame:
    """Piece -> Piece: file the white space that is left over, so that the body is its paragraphs, one a line.

    `space/blank`: a line with nothing in it; `space/edge`: white space at a paragraph's edges, or doubled where a cut
    was made; `space/end`: the line feed after an article's last paragraph. A paragraph whose tail was cut with its
    line feed gets the line feed back, or it would run into the next.
    """
    frame = pieces.collect()
    if frame.is_empty():
        return frame.lazy()
    piece = pl.col("piece")
    asked = frame.select(
        begins=begins_line(), ends=piece.str.ends_with("\n"), keep=is_kept(marks), feed=piece == "\n", empty=piece == ""
    )
    begins, ends, keep, feed = (asked[name].to_numpy() for name in ("begins", "ends", "keep", "feed"))
    count = len(frame)
    # Most of what is kept are empty lines; only the others are measured.
    row = np.flatnonzero(keep & ~feed)
    text = frame["piece"].gather(row)
    size, inner, lead = (np.zeros(count, dtype=np.int64) for _ in range(3))
    size[feed] = 1
    size[row], inner[row], lead[row] = (
        part.str.len_chars().to_numpy() for part in (text, text.str.strip_chars_end(), text.str.strip_chars_start())
    )
    lead[row] = size[row] - lead[row]
    core_size = size - ends
    solid_row = row[inner[row] > 0]
    solid = np.zeros(count, dtype=bool)
    solid[solid_row] = True

    # Solid pieces in each line, and before and after each piece of it.
    line = np.cumsum(begins, dtype=np.int32) - 1
    in_line = np.bincount(line[solid_row], minlength=line[-1] + 1)
    filled = in_line[line] > 0
    before_line = np.cumsum(in_line) - in_line

    def earlier(at: Ints) -> Ints:
        return running[at] - solid[at] - before_line[line[at]]

    def later(at: Ints) -> Ints:
        return in_line[line[at]] - running[at] + before_line[line[at]]

    running = np.cumsum(solid, dtype=np.int32)
    claims: list[pl.DataFrame] = []

    def file(at: Ints, start: Ints, end: Ints, rule: str | None) -> None:
        some = start < end
        claims.append(
            pl.DataFrame({"row": at[some].astype(np.uint32), "start": start[some], "end": end[some]}).with_columns(
                rule=pl.lit(rule, pl.String)
            )
        )

    # White space between two cuts of one line, or between a cut and the line's end.
    hollow = row[~solid[row] & filled[row]]
    hollow = hollow[(earlier(hollow) == 0) | (later(hollow) == 0)]
    file(hollow, np.zeros(len(hollow), np.int64), core_size[hollow], "space/edge")
    # At the edges of a paragraph; of two parts that a cut has brought together one white space between them is enough.
    left = np.r_[-1, solid_row[:-1]]
    doubled = (left < solid_row - 1) & (inner[left] < core_size[left])
    at = solid_row[(earlier(solid_row) == 0) | doubled]
    file(at, np.zeros(len(at), np.int64), lead[at], "space/edge")
    at = solid_row[later(solid_row) == 0]
    file(at, inner[at], core_size[at], "space/edge")
    # The line feed after the last paragraph of each article.
    article = frame["article"].to_numpy()
    owner = frame["id"].rle_id().to_numpy().astype(np.int64) * (int(article.max()) + 1) + article
    at = np.flatnonzero(keep & filled)
    if len(at):
        groups, backwards = np.unique(owner[at][::-1], return_index=True)
        last = at[len(at) - 1 - backwards]
        file(last, core_size[last], size[last], "space/end")
        # A line feed that was cut, in a line of which a part stays: all but the last such line of an article keep it.
        cut = np.flatnonzero(np.r_[begins[1:], True] & ~keep & filled)
        which = np.minimum(np.searchsorted(groups, owner[cut]), len(groups) - 1)
        cut = cut[(groups[which] == owner[cut]) & (line[last[which]] != line[cut])]
        whole = frame["piece"].gather(cut).str.len_chars().cast(pl.Int64).to_numpy()
        file(cut, whole - ends[cut], whole, None)
    blank = pl.Series(keep & ~filled & ~asked["empty"].to_numpy())
    frame = frame.with_columns(rule=pl.when(blank).then(pl.lit("space/blank")).otherwise("rule"))
    return split_pieces(frame, pl.concat(claims)).lazy()


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
