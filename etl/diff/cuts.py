"""Cuts of two releases compared: what is newly cut and what is restored, by rule and outlet, the riskiest first.

By place where both releases hold the same page (same raw hash, same repairs), else by line of text. What one
release cuts and the other keeps is attributed to the rule that cuts it; text that another rule cuts now is neither
newly cut nor restored.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import polars as pl

from etl.manifest import list_files

SAMPLES = 3
"""Samples of a rule and outlet, the riskiest first."""
_BUCKET_ROWS = 1_000_000
"""Audit rows, of both releases, compared at once; documents are divided by the first digit of their ids."""
_DIGITS = "0123456789abcdef"
_WIDTH = 160
"""Code points of a sample."""
_BODY_WORDS = 12
"""Words from which a line may be a sentence of an article: shorter ones are labels, links, headlines."""
_FUNCTION_WORD = (
    r"(?:^|\s)(?:في|من|على|إلى|أن|إن|عن|مع|التي|الذي|بعد|قبل|خلال|كان|كانت|قال|وقال|هذا|هذه|ما|لا|لم)(?:\s|$)"
)
_SENTENCE_END = r"[.!؟?…»\"”]\s*$"


@dataclass(frozen=True)
class ReleaseFiles:
    """A release's folder, and its tables by config."""

    folder: Path
    manifest: Mapping[str, Any]

    def files(self, config: str) -> list[Path]:
        """Parquet files of a config."""
        return [self.folder / name for name in list_files(self.manifest["configs"], config)]

    def scan(self, config: str) -> pl.LazyFrame:
        """A config's table."""
        return pl.scan_parquet(self.files(config))

    @cached_property
    def index(self) -> pl.DataFrame:
        """What is compared of each document, by id."""
        names = ["id", "outlet", "split", "cluster_id", "cluster_role", "raw_sha256", "text_sha256", "text_released"]
        return self.scan("index").select(names).collect().sort("id")

    @cached_property
    def released(self) -> pl.DataFrame:
        """The same of the documents in `default`: the index has those too whose text is withheld."""
        return self.index.filter("text_released")


def compare_cuts(old: ReleaseFiles, new: ReleaseFiles) -> list[dict[str, Any]]:
    """Audit tables -> by rule and outlet, what is newly cut and newly restored, riskiest first."""
    pages = _pages_of_both(old, new)
    found = [
        _measure(_find_cuts(old, new, pages.filter(pl.col("id").str.slice(0, 1).is_in(list(digits)))))
        for digits in _buckets(sum(release.manifest["numbers"]["rows"]["audit"] for release in (old, new)))
    ]
    cuts = pl.concat([totals for totals, _ in found])
    samples = pl.concat([rows for _, rows in found])
    keys = ["rule", "outlet"]
    order = ["body_like", "newly_cut", "restored", *keys]
    totals = cuts.group_by(keys).sum().sort(order, descending=[True] * 3 + [False] * 2, nulls_last=True)
    best = samples.sort("risk", "id", "start", descending=[True, False, False])
    best = best.group_by(*keys, "side", maintain_order=True).head(SAMPLES)
    shown: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
    for row in best.select(*keys, "side", "id", pl.col("text").str.slice(0, _WIDTH)).iter_rows(named=True):
        shown.setdefault((row.pop("rule"), row.pop("outlet"), row.pop("side")), []).append(row)
    return [
        {
            **row,
            "samples_cut": shown.get((row["rule"], row["outlet"], "new"), []),
            "samples_restored": shown.get((row["rule"], row["outlet"], "old"), []),
        }
        for row in totals.iter_rows(named=True)
    ]


def _buckets(rows: int) -> Iterator[str]:
    """Rows -> groups of first digits of ids, so that about `_BUCKET_ROWS` are worked on at once."""
    size = max(1, len(_DIGITS) * _BUCKET_ROWS // max(rows, 1))
    for start in range(0, len(_DIGITS), size):
        yield _DIGITS[start : start + size]


def _pages_of_both(old: ReleaseFiles, new: ReleaseFiles) -> pl.DataFrame:
    """Pages whose audit both releases show, with their outlet and whether the page is the same in both."""
    told = []
    for release in (old, new):
        ids = (
            release.scan("default")
            .select("id", "outlet", "raw_sha256")
            .with_columns(pl.col("id").str.split(".").list.first(), own=~pl.col("id").str.contains(".", literal=True))
        )
        pages = ids.group_by("id").agg(pl.col("outlet", "raw_sha256").first(), pl.col("own").any())
        repairs = (
            release.scan("repairs")
            .group_by("id")
            .agg(repairs=pl.struct("start", "end", "before", "after").hash().sum())
        )
        told.append(pages.join(repairs, on="id", how="left", maintain_order="left"))
    both = told[0].join(told[1], on=["id", "own"], suffix="_new", maintain_order="left")
    same = (pl.col("raw_sha256") == pl.col("raw_sha256_new")) & pl.col("repairs").eq_missing(pl.col("repairs_new"))
    return both.select("id", "outlet", same=same).collect().sort("id")


def _find_cuts(old: ReleaseFiles, new: ReleaseFiles, pages: pl.DataFrame) -> pl.DataFrame:
    """Pages -> runs that only one release cuts: id, outlet, rule, side, start, length, text."""
    columns = ["id", "start", "end", "rule"]
    same = pages.filter("same").select("id")
    left, right = (
        release.scan("audit")
        .filter(pl.col("action") == "cut")
        .select(columns)
        .join(same.lazy(), on="id", how="semi")
        .collect()
        for release in (old, new)
    )
    place = ["id", "start", "end"]
    # What both cut alike, under whatever rule, overlaps nothing else: a page's cuts are disjoint.
    gone, came = left.join(right, on=place, how="anti"), right.join(left, on=place, how="anti")
    runs = [
        _give_text(parts_only_in(came, gone), new, "new"),
        _give_text(parts_only_in(gone, came), old, "old"),
    ]
    lines = _compare_lines(old, new, pages.filter(~pl.col("same")).select("id"))
    found = pl.concat([*runs, lines]).filter(pl.col("text").str.contains(r"\S"))
    return found.join(pages.select("id", "outlet"), on="id", maintain_order="left")


def parts_only_in(these: pl.DataFrame, those: pl.DataFrame) -> pl.DataFrame:
    """Disjoint cuts of one release, and of the other -> the parts (`low` to `high`) only in the first."""
    events = pl.concat(
        [
            these.select("id", at="start", mine=1, other=0, row=pl.int_range(pl.len())),
            these.select("id", at="end", mine=-1, other=0, row=pl.lit(None, pl.Int64)),
            those.select("id", at="start", mine=0, other=1, row=pl.lit(None, pl.Int64)),
            those.select("id", at="end", mine=0, other=-1, row=pl.lit(None, pl.Int64)),
        ]
    )
    steps = events.group_by("id", "at").agg(pl.col("mine", "other").sum(), pl.col("row").max()).sort("id", "at")
    parts = steps.select(
        pl.col("row").forward_fill().over("id"),
        low="at",
        high=pl.col("at").shift(-1).over("id"),
        alone=(pl.col("mine").cum_sum().over("id") > 0) & (pl.col("other").cum_sum().over("id") == 0),
    ).filter("alone")
    return these.with_row_index("row").with_columns(pl.col("row").cast(pl.Int64)).join(
        parts.drop("alone"), on="row", maintain_order="right"
    )  # fmt: skip


def _give_text(parts: pl.DataFrame, release: ReleaseFiles, side: str) -> pl.DataFrame:
    texts = release.scan("audit").filter(pl.col("action") == "cut").select("id", "start", "end", "text")
    wanted = parts.lazy().select("id", "start", "end").unique()
    held = texts.join(wanted, on=["id", "start", "end"], how="semi").collect()
    length = pl.col("high") - pl.col("low")
    # Where personal data is masked, places in the page are not places in the text: the whole piece is shown.
    whole = pl.col("text").str.len_chars().cast(pl.Int64) != pl.col("end") - pl.col("start")
    cut = pl.col("text").str.slice(pl.col("low") - pl.col("start"), length)
    return parts.join(held, on=["id", "start", "end"], maintain_order="left").select(
        "id",
        "rule",
        side=pl.lit(side),
        start="low",
        length=length,
        text=pl.when(whole).then("text").otherwise(cut),
    )


def _compare_lines(old: ReleaseFiles, new: ReleaseFiles, pages: pl.DataFrame) -> pl.DataFrame:
    """Pages that are not the same in both releases -> lines that one of them cuts more often."""
    sides = []
    for release in (old, new):
        cuts = release.scan("audit").filter(pl.col("action") == "cut")
        lines = cuts.join(pages.lazy(), on="id", how="semi").with_columns(
            pl.col("text").str.split("\n").list.eval(pl.element().str.strip_chars())
        )
        lines = lines.explode("text", empty_as_null=False).filter(pl.col("text") != "")
        sides.append(
            lines.group_by("id", "text").agg(pl.col("rule").min(), pl.col("start").min(), times=pl.len()).collect()
        )
    parts = []
    for side, these, those in (("new", sides[1], sides[0]), ("old", sides[0], sides[1])):
        times = those.select("id", "text", other="times")
        more = these.join(times, on=["id", "text"], how="left", maintain_order="left").with_columns(
            pl.col("times").cast(pl.Int64) - pl.col("other").fill_null(0).cast(pl.Int64)
        )
        parts.append(
            more.filter(pl.col("times") > 0).select(
                "id",
                "rule",
                pl.lit(side).alias("side"),
                "start",
                length=pl.col("text").str.len_chars().cast(pl.Int64) * pl.col("times"),
                text="text",
            )
        )
    return pl.concat(parts)


def _measure(cuts: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Runs -> totals by rule and outlet, and the riskiest runs of each as samples.

    Risk of a run is its length in code points times how much it reads like body text: the share that holds of
    at least 12 words, a function word, a sentence's end.
    """
    text = pl.col("text")
    signs = [
        text.str.count_matches(r"\S+") >= _BODY_WORDS,
        text.str.contains(_FUNCTION_WORD),
        text.str.contains(_SENTENCE_END),
    ]
    body = pl.sum_horizontal(sign.cast(pl.Float64) for sign in signs) / len(signs)
    cuts = cuts.with_columns(risk=pl.col("length") * body, body_like=body > 0.5)
    is_new, length = pl.col("side") == "new", pl.col("length")
    totals = cuts.group_by("rule", "outlet").agg(
        newly_cut=length.filter(is_new).sum(),
        restored=length.filter(~is_new).sum(),
        body_like=length.filter(is_new & pl.col("body_like")).sum(),
        documents=pl.col("id").n_unique().cast(pl.Int64),
    )
    keys = ["rule", "outlet", "side"]
    ordered = cuts.sort("risk", "id", "start", descending=[True, False, False])
    samples = ordered.group_by(keys, maintain_order=True).head(SAMPLES)
    return totals, samples.select(*keys, "id", "start", "risk", "text")
