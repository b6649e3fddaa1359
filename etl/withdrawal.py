"""Withdrawal on request: `withdrawn.csv` says what must go, and no release that still holds it is let out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import polars as pl

from etl.addresses import canonical_urls
from etl.errors import UserError
from etl.phrases import plain_id
from etl.privacy import text_leaves
from schemas.withdrawn import WITHDRAWN

_KEYS = ("id", "url", "outlet")
_LONG = 40
"""Code points from which a paragraph is telling enough to be searched for."""
_MOST = 0.8
"""Share of a body's telling paragraphs, by length, that make another text the same one, touched up."""
REQUESTS = pl.Schema({"by": pl.String(), "key": pl.String(), "date": pl.Date(), "reason": pl.String()})


class WithdrawalError(UserError):
    """A request that cannot be read, or a withdrawn document that is still in the release."""


def read_withdrawn(path: Path | None) -> pl.DataFrame:
    """`withdrawn.csv` (id or url or outlet, date, reason) -> one request a row: by, key, date, reason."""
    if path is None:
        return REQUESTS.to_frame()
    try:
        table = pl.read_csv(path, infer_schema=False)
    except FileNotFoundError as error:
        raise WithdrawalError(f"{path}: not found; check the path") from error
    except (pl.exceptions.PolarsError, OSError) as error:
        raise WithdrawalError(f"{path}: cannot be read as CSV: {error}") from error
    table = table.rename(str.strip)
    unknown = set(table.columns) - {*_KEYS, "date", "reason"}
    if unknown or not {"date", "reason"} <= set(table.columns):
        raise WithdrawalError(
            f"{path}: has the columns {', '.join(table.columns)}; wanted are id, url or outlet, date, reason"
        )
    rows = []
    for line, row in enumerate(table.iter_rows(named=True), 2):
        named = [key for key in _KEYS if (row.get(key) or "").strip()]
        if len(named) != 1:
            raise WithdrawalError(f"{path}:{line}: names {len(named)} of id, url and outlet; fill exactly one")
        day, reason = ((row[name] or "").strip() for name in ("date", "reason"))
        if not reason:
            raise WithdrawalError(f"{path}:{line}: gives no reason; write one, the release tells it")
        if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", day):
            raise WithdrawalError(f"{path}:{line}: date {day!r}; write it as YYYY-MM-DD")
        key = plain_id(row["id"]) if named[0] == "id" else row[named[0]].strip()
        rows.append((named[0], key, day, reason))
    frame = pl.DataFrame(rows, schema=["by", "key", "date", "reason"], orient="row")
    frame = frame.cast({"by": pl.String, "key": pl.String, "date": pl.String, "reason": pl.String})
    try:
        return frame.with_columns(pl.col("date").str.to_date("%Y-%m-%d"))
    except pl.exceptions.PolarsError as error:
        raise WithdrawalError(f"{path}: {error}") from error


def match_withdrawn(docs: pl.DataFrame, requests: pl.DataFrame) -> pl.DataFrame:
    """Documents of one shard (id, parent_id, url, outlet) -> those that must go: id, date, reason, by.

    A request for an id takes its second articles and the later records of the same page with it.
    """
    if requests.is_empty():
        return pl.DataFrame(schema={**WITHDRAWN, "by": pl.String()})
    told = _with_plain_keys(requests).unique(["by", "key"], keep="first", maintain_order=True)
    found = _list_keys(docs).join(told, on=["by", "key"], how="inner")
    children = (
        docs.select("id", "parent_id")
        .join(found, left_on="parent_id", right_on="id", how="inner")
        .select("id", "date", "reason", "by")
    )
    return (
        pl.concat([found.select("id", "date", "reason", "by"), children])
        .sort("id", "by", "date", "reason")
        .unique("id", keep="first", maintain_order=True)
    )


def find_unmet(docs: pl.DataFrame, requests: pl.DataFrame) -> pl.DataFrame:
    """Documents of one shard, requests -> those requests that name none of them."""
    keys = _with_plain_keys(requests).with_row_index("row")
    unmet = keys.join(_list_keys(docs), on=["by", "key"], how="anti", maintain_order="left")
    return requests[unmet["row"].to_list()]


def _with_plain_keys(requests: pl.DataFrame) -> pl.DataFrame:
    is_url = requests["by"] == "url"
    return requests.with_columns(key=_one_form(requests["key"]).zip_with(is_url, requests["key"]))


def _one_form(urls: pl.Series) -> pl.Series:
    """Addresses, with or without their scheme -> their one form; what is no web address stays as it is."""
    whole = urls.str.contains("://", literal=True)
    return canonical_urls(urls.zip_with(whole, "https://" + urls)).fill_null(urls)


def _list_keys(docs: pl.DataFrame) -> pl.DataFrame:
    """Documents (id, url, outlet) -> all that one can be asked for by: id, by, key."""
    page = pl.col("id").str.replace(r"\.\d+$", "")
    keys = docs.select(
        "id",
        pl.col("id").alias("id:0"),
        page.alias("id:1"),
        page.str.replace(r"-\d+$", "").alias("id:2"),
        _one_form(docs["url"]).alias("url:0"),
        pl.col("outlet").alias("outlet:0"),
    )
    return keys.unpivot(index="id", variable_name="by", value_name="key").with_columns(
        pl.col("by").str.split(":").list.first()
    )


def settle_clusters(duplicates: pl.DataFrame, gone: pl.DataFrame) -> pl.DataFrame:
    """Duplicates without the withdrawn; the least id left takes the part of a representative that went."""
    lost = duplicates.join(gone, on="id", how="semi", maintain_order="left")
    if lost.is_empty():
        return duplicates
    left = duplicates.join(gone, on="id", how="anti", maintain_order="left")
    counts = lost.group_by("cluster_id").agg(
        _lost=pl.len().cast(pl.Int64), _orphaned=(pl.col("cluster_role") == "representative").any()
    )
    left = left.join(counts, on="cluster_id", how="left", maintain_order="left")
    heir = pl.col("_orphaned").fill_null(False) & (pl.col("id") == pl.col("id").min().over("cluster_id"))
    size = pl.col("cluster_size") - pl.col("_lost").fill_null(0)
    return left.with_columns(
        cluster_size=size,
        cluster_outlets=pl.min_horizontal("cluster_outlets", size),
        cluster_role=pl.when(size == 1)
        .then(pl.lit("only"))
        .otherwise(pl.when(heir).then(pl.lit("representative")).otherwise("cluster_role")),
        verdict=pl.when(heir).then(pl.lit(None, pl.String)).otherwise("verdict"),
    ).drop("_lost", "_orphaned")


def find_risen(duplicates: pl.DataFrame, settled: pl.DataFrame) -> list[str]:
    """Duplicates, the same without the withdrawn -> the ids of those that were left out as copies of one that was withdrawn, and stand
    for their clusters now."""
    left_out = duplicates.filter(pl.col("verdict").is_not_null()).select("id")
    risen = settled.filter(pl.col("verdict").is_null()).join(left_out, on="id", how="semi")
    return sorted(risen["id"].to_list())


def check_withdrawn(release: Path, gone: pl.DataFrame, texts: dict[str, str]) -> None:
    """Search every file of a release for what was withdrawn; an error where an id or most of a body still stands.

    `texts` are the bodies by id of what was withdrawn by id or url: a copy under another id is found too.
    What an outlet withdrew is looked for by its ids: a wire story that others print as well is theirs.
    """
    if gone.is_empty():
        return
    ids = gone["id"].to_list()
    bodies = {name: _paragraphs(text) for name, text in texts.items()}
    bodies = {name: lines for name, lines in bodies.items() if lines}
    signs = sorted({*ids, *(line for lines in bodies.values() for line in lines)})
    found: list[str] = []
    for file in sorted(path for path in release.rglob("*") if path.is_file()):
        tombstones = file.parent.name == "withdrawn"
        for owner, text in _suspects(file, signs):
            found += [
                f"{file.relative_to(release)}: id {name}" for name in ids if not tombstones and _has_id(text, name)
            ]
            beside = f", in document {owner}" if owner else ""
            found += [
                f"{file.relative_to(release)}: the text of {name}{beside}"
                for name, lines in bodies.items()
                if sum(len(line) for line in lines if line in text) >= _MOST * sum(map(len, lines))
            ]
    if found:
        shown = "\n  ".join(sorted(set(found))[:20])
        raise WithdrawalError(
            f"withdrawn documents would still be in the release:\n  {shown}\n"
            "where another document carries the same text, withdraw its id too"
        )


def _suspects(file: Path, signs: list[str]) -> Iterator[tuple[str, str]]:
    """Texts of a file, of whatever column, in which one of the signs occurs, behind the id of the document where it is known; of the audit
    those of a page together."""
    if file.suffix != ".parquet":
        data = file.read_bytes()
        if any(sign.encode() in data for sign in signs):
            yield "", data.decode("utf-8", "replace")
        return
    if file.parent.name == "audit":
        pages = pl.read_parquet(file, columns=["id", "text"]).group_by("id", maintain_order=True)
        texts = pages.agg(pl.col("text").str.join("\n"))
        yield from texts.filter(pl.col("text").str.contains_any(signs)).iter_rows()
    columns = pl.read_parquet_schema(file)
    if {"id", "text"} <= columns.keys():
        texts = pl.read_parquet(file, columns=["id", "text"])
        yield from texts.filter(pl.col("text").str.contains_any(signs)).iter_rows()
        del columns["text"]
    for column, dtype in columns.items():
        frame = pl.read_parquet(file, columns=[column])
        for leaf in text_leaves(pl.col(column), dtype):
            strings = frame.select(leaf).to_series()
            yield from (("", text) for text in strings.filter(strings.str.contains_any(signs).fill_null(False)))


def _paragraphs(text: str) -> list[str]:
    lines = [line for line in text.split("\n") if line.strip()]
    long = [line for line in lines if len(line) >= _LONG]
    return long or lines[:1]


def _has_id(text: str, name: str) -> bool:
    return re.search(rf"(?<![0-9a-f]){re.escape(name)}(?![0-9a-f]|-\d|\.\d)", text) is not None
