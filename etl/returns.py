"""What is given back: the text as it would be had some cuts never been made, from its pieces."""

from __future__ import annotations

from collections.abc import Collection

import polars as pl

from etl.pieces import label_space

SPACE = "space/"


def give_back(pieces: pl.DataFrame, wanted: Collection[str] | None) -> pl.DataFrame:
    """(id, article, piece, rule, stays), in order of the page -> (id, article, text), the wanted cuts in it; None: all.

    The text is the one that the build would have made with those pieces kept: white space is filed anew by the same
    stage, so paragraphs stand one a line, and a part of a line stands between its neighbours as in the page. All white
    space comes back only where `space/…` is wanted too; with every rule wanted the text is the page.
    """
    if wanted is None:
        return pieces.group_by("id", "article", maintain_order=True).agg(text=pl.col("piece").str.join(""))
    rules = sorted(wanted)
    kept = pl.col("stays") | pl.col("rule").is_in(rules) | pl.col("rule").str.starts_with(SPACE)
    frame = pieces.select("id", "article", "piece", rule=pl.when(~kept.fill_null(True)).then("rule"))
    # Parts of one line that no cut divides are one piece again, or their white space would not be seen as one.
    divided = (
        pl.col("rule").is_not_null()
        | pl.col("rule").shift(1).is_not_null()
        | pl.col("piece").shift(1).str.ends_with("\n").fill_null(True)
        | pl.struct("id", "article").ne_missing(pl.struct("id", "article").shift(1))
    )
    frame = (
        frame.with_columns(_run=divided.fill_null(True).cast(pl.Int64).cum_sum())
        .group_by("_run", maintain_order=True)
        .agg(pl.col("id", "article", "rule").first(), pl.col("piece").str.join(""))
        .select("id", "article", "piece", "rule")
    )
    filed = label_space(frame.lazy(), frozenset()).collect()
    back = pl.col("rule").is_null() | pl.col("rule").is_in([rule for rule in rules if rule.startswith(SPACE)])
    text = pl.when(back).then("piece").otherwise(pl.lit("")).str.join("")
    return filed.group_by("id", "article", maintain_order=True).agg(text=text)
