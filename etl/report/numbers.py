"""Documents -> the numbers of the overview: where pages and characters went, by rule and outlet."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from etl.corpus import Corpus
from etl.reasons import find_reason
from etl.rules import Rules
from schemas.zones import ZONES

TEMPLATES = "template/*"
"""Stands for all learned lines where rules are compared: there are thousands, each of one outlet."""
LOSERS = 50
_TEMPLATES_SHOWN = 300
_CLUSTERS_SHOWN = 30
_EDGES = (1, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000)
"""Characters from which a bin of the length distribution begins."""


def count_all(corpus: Corpus, rules: Rules, why: Mapping[str, str]) -> dict[str, Any]:
    """Corpus -> every number of the overview."""
    docs = corpus.scan()
    labelled = _count_labels(corpus)
    totals = _count_totals(docs, labelled)
    fired = _list_rules(docs, labelled, totals["characters"], why)
    known = {row["rule"] for row in fired}
    return {
        "totals": totals,
        "verdicts": _list_verdicts(docs, why),
        "families": _list_families(labelled, totals["characters"]),
        "rules": fired,
        "silent": [
            {"rule": rule.id, "file": rule.file, "why": rule.why}
            for rule in sorted(rules, key=lambda rule: rule.id)
            if rule.id not in known
        ],
        "outlets": _list_outlets(docs, labelled),
        "heat": _map_heat(docs, labelled),
        "lengths": _count_lengths(docs),
        "months": _count_months(docs),
        "languages": _rows(
            docs.group_by(pl.col("lang").fill_null("")).agg(
                documents=_count(), released=_count(pl.col("fate") == "released")
            ),
            "documents",
        ),
        "roles": _rows(
            docs.filter(pl.col("cluster_role").is_not_null()).group_by(role="cluster_role").agg(documents=_count()),
            "documents",
        ),
        "clusters": _list_clusters(docs),
        "losers": list_losers(corpus).to_dicts(),
    }


def list_losers(corpus: Corpus) -> pl.DataFrame:
    """Corpus -> the pages that lost the largest share of their characters, and are not withdrawn."""
    return (
        _sizes(corpus.scan())
        .filter((pl.col("size") > 0) & (pl.col("fate") != "withdrawn"))
        .select("id", "outlet", "path", "title", "cut_share", "size", "n_chars", "verdict")
        .sort("cut_share", "id", descending=[True, False], nulls_last=True)
        .head(LOSERS)
        .with_columns(pl.col("cut_share").round(4))
        .collect()
    )


def _count(which: pl.Expr | None = None) -> pl.Expr:
    return (pl.len() if which is None else which.fill_null(False).sum()).cast(pl.Int64)


def _rows(frame: pl.LazyFrame, by: str) -> list[dict[str, Any]]:
    """Grouped frame -> its rows, the largest first, ties in the order of the first column."""
    found = frame.collect()
    return found.sort(by, found.columns[0], descending=[True, False]).to_dicts()


def _sizes(docs: pl.LazyFrame) -> pl.LazyFrame:
    """Documents -> pages alone, with `size`: their characters."""
    size = pl.col("pieces").list.eval(pl.element().struct.field("length")).list.sum().cast(pl.Int64)
    return docs.filter(pl.col("pieces").is_not_null()).with_columns(size=size)


def _count_labels(corpus: Corpus) -> pl.DataFrame:
    """Corpus -> (outlet, rule, action, zone) with pieces and characters; one shard in memory at a time."""
    keys = ["outlet", "rule", "action", "zone"]
    parts = [
        corpus.scan(shard)
        .filter(pl.col("pieces").list.len() > 0)
        .select("outlet", "pieces")
        .explode("pieces")
        .unnest("pieces")
        .group_by(keys)
        .agg(pieces=_count(), chars=pl.col("length").sum())
        .collect()
        for shard in corpus.shards
    ]
    return pl.concat(parts).group_by(keys).agg(pl.col("pieces", "chars").sum()).sort(keys)


def _count_totals(docs: pl.LazyFrame, labelled: pl.DataFrame) -> dict[str, int]:
    second = pl.col("parent_id").is_not_null()
    fate = pl.col("fate")
    row = (
        docs.select(
            pages=_count(~second),
            second_articles=_count(second),
            documents=_count(),
            released=_count(fate == "released"),
            rejected=_count(fate == "rejected"),
            withdrawn=_count(fate == "withdrawn"),
            repaired=_count(pl.col("repaired") & ~second),
            words=pl.col("n_words").filter(fate == "released").sum().cast(pl.Int64),
            characters_released=pl.col("n_chars").filter(fate == "released").sum().cast(pl.Int64),
        )
        .collect()
        .to_dicts()[0]
    )
    whole = int(labelled["chars"].sum())
    cut = int(labelled.filter(pl.col("action") == "cut")["chars"].sum())
    left_out = whole - cut - row["characters_released"]
    return {**row, "characters": whole, "characters_cut": cut, "characters_left_out": left_out}


def _list_verdicts(docs: pl.LazyFrame, why: Mapping[str, str]) -> list[dict[str, Any]]:
    found = docs.filter(pl.col("fate") == "rejected").group_by("verdict").agg(documents=_count())
    return [row | {"why": find_reason(row["verdict"], why)} for row in _rows(found, "documents")]


def _list_families(labelled: pl.DataFrame, characters: int) -> list[dict[str, Any]]:
    cuts = labelled.lazy().filter(pl.col("action") == "cut")
    family = pl.col("rule").str.split("/").list.first().alias("family")
    found = cuts.group_by(family).agg(pl.col("pieces", "chars").sum())
    return [row | {"share": _share(row["chars"], characters)} for row in _rows(found, "chars")]


def _share(part: int, whole: int) -> float:
    return round(part / whole, 6) if whole else 0.0


def _list_rules(
    docs: pl.LazyFrame, labelled: pl.DataFrame, characters: int, why: Mapping[str, str]
) -> list[dict[str, Any]]:
    """Every rule that fired, what it claimed and where; of the learned lines only the largest."""
    on_pages = (
        docs.select(rule=_labels_of()).explode("rule").drop_nulls().group_by("rule").agg(pages=_count()).collect()
    )
    in_zone = [pl.col("pieces").filter(pl.col("zone") == zone).sum().alias(zone) for zone in ZONES]
    table = (
        labelled.filter(pl.col("rule").is_not_null())
        .group_by("rule", "action")
        .agg(pl.col("pieces", "chars").sum(), *in_zone)
        .join(on_pages, on="rule", how="left")
        .sort("chars", "rule", descending=[True, False])
    )
    learned = pl.col("rule").str.starts_with("template/")
    shown = table.filter(~learned | (learned.cum_sum() <= _TEMPLATES_SHOWN))
    return [
        row | {"share": _share(row["chars"], characters), "why": find_reason(row["rule"], why)}
        for row in shown.iter_rows(named=True)
    ]


def _labels_of() -> pl.Expr:
    """Expression over Document: the labels of its page, each once."""
    return pl.col("pieces").list.eval(pl.element().struct.field("rule").drop_nulls()).list.unique()


def _list_outlets(docs: pl.LazyFrame, labelled: pl.DataFrame) -> list[dict[str, Any]]:
    outlet = pl.col("outlet").fill_null("")
    pages = (
        docs.filter(pl.col("parent_id").is_null())
        .group_by(outlet)
        .agg(
            pages=_count(),
            released=_count(pl.col("fate") == "released"),
            sure=pl.col("zone_score").mean().round(4),
        )
        .collect()
    )
    cut = pl.col("chars").filter(pl.col("action") == "cut").sum()
    sizes = labelled.group_by(outlet).agg(pl.col("chars").sum(), cut=cut)
    table = pages.join(sizes, on="outlet", how="left").with_columns(pl.col("chars", "cut").fill_null(0))
    table = table.with_columns(share=(pl.col("cut") / pl.col("chars").clip(1)).round(4))
    return table.sort("pages", "outlet", descending=[True, False]).to_dicts()


def _map_heat(docs: pl.LazyFrame, labelled: pl.DataFrame) -> list[dict[str, Any]]:
    """(outlet, rule) -> share of the outlet's pages where the rule fired, and characters claimed."""
    outlet = pl.col("outlet").fill_null("")
    pages = docs.filter(pl.col("pieces").is_not_null())
    whole = pages.group_by(outlet).agg(whole=_count()).collect()
    rule = pl.when(pl.col("rule").str.starts_with("template/")).then(pl.lit(TEMPLATES)).otherwise("rule")
    one_each = pl.col("pieces").list.eval(
        pl.element()
        .struct.field("rule")
        .drop_nulls()
        .str.replace("^template/.*", TEMPLATES)
        .filter(~pl.element().struct.field("rule").drop_nulls().str.starts_with("space/"))
    )
    fired = (
        pages.select(outlet, rule=one_each.list.unique())
        .explode("rule")
        .drop_nulls()
        .group_by("outlet", "rule")
        .agg(pages=_count())
        .collect()
    )
    chars = labelled.group_by(outlet, rule=rule).agg(pl.col("chars").sum())
    table = fired.join(chars, on=["outlet", "rule"], how="left").join(whole, on="outlet", how="left")
    table = table.with_columns(share=(pl.col("pages") / pl.col("whole")).round(4)).drop("whole")
    return table.sort("outlet", "rule").to_dicts()


def _count_lengths(docs: pl.LazyFrame) -> list[dict[str, Any]]:
    """Documents by length in characters: pages as they came, and the texts that are released."""
    before = _sizes(docs).select("size").collect()["size"]
    after = docs.filter(pl.col("fate") == "released").select("n_chars").collect()["n_chars"]
    rows = []
    for place, low in enumerate(_EDGES):
        high = _EDGES[place + 1] if place + 1 < len(_EDGES) else None
        for what, sizes in (("before", before), ("after", after)):
            inside = (sizes >= low) & (sizes < high) if high else sizes >= low
            rows.append({"from": low, "to": high, "what": what, "documents": int(inside.sum())})
    return rows


def _count_months(docs: pl.LazyFrame) -> list[dict[str, Any]]:
    dated = docs.filter(pl.col("fate") == "released")
    month = pl.col("date").dt.strftime("%Y-%m").fill_null("").alias("month")
    return dated.group_by(month).agg(documents=_count()).sort("month").collect().to_dicts()


def _list_clusters(docs: pl.LazyFrame) -> list[dict[str, Any]]:
    return (
        docs.filter((pl.col("cluster_role") == "representative") & (pl.col("fate") != "withdrawn"))
        .select("id", "parent_id", "title", "outlet", "cluster_size", "cluster_outlets")
        .sort("cluster_size", "id", descending=[True, False])
        .head(_CLUSTERS_SHOWN)
        .collect()
        .to_dicts()
    )
