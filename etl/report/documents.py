"""Pages of the build -> what the report's script draws: text, pieces, fields, and where each was read."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import polars as pl

from etl.corpus import Corpus
from etl.fold import fold
from etl.metadata import READ_FROM, rank_label
from schemas.columns import split_id
from schemas.zones import ZONES

SCORES = (
    "zone_score",
    "cut_share",
    "n_chars",
    "n_words",
    "arabic_share",
    "lang_score",
    "sentence_end_share",
    "duplicate_line_share",
    "repeated_ngram_share",
    "stop_word_share",
    "damage_share",
    "leftover",
    "list_share",
)
"""Scores that documents can be filtered by."""
FIELDS = [name for name in READ_FROM if name not in ("related", "embeds")]
"""Fields that the report shows: those that are texts."""
_COLUMNS = [
    "id",
    "parent_id",
    "path",
    "url",
    "outlet",
    "raw_sha256",
    "lang",
    "encoding",
    "date_raw",
    "date_precision",
    "mt_suspect",
    "likely_truncated",
    "cluster_id",
    "cluster_size",
    "cluster_role",
    "verdict",
    "verdict_value",
    "fate",
]


def read_documents(corpus: Corpus, ids: list[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Corpus and ids of pages -> (id, what the script draws of it), in the order of the corpus.

    Labels stand as they are; `pack` turns them into numbers once it is known which are used.
    """
    wanted = pl.Series(sorted(set(ids)), dtype=pl.String)
    columns = [*_COLUMNS, *SCORES, *FIELDS, "page", "pieces", "repairs"]
    for shard in corpus.shards:
        mine = pl.coalesce("parent_id", "id").is_in(wanted.implode())
        rows = corpus.scan(shard).filter(mine).select(columns).collect()
        given = _read_given(corpus, shard.name, rows["id"])
        second: dict[str, list[dict[str, Any]]] = {}
        for row in rows.filter(pl.col("parent_id").is_not_null()).iter_rows(named=True):
            second.setdefault(row["parent_id"], []).append(row)
        for row in rows.filter(pl.col("parent_id").is_null()).iter_rows(named=True):
            yield row["id"], _describe(row, second.get(row["id"], []), given.get(row["id"], {}))


def _read_given(corpus: Corpus, shard: str, ids: pl.Series) -> dict[str, dict[str, str]]:
    """Pages -> where in the input each field stood that was given beside the page, by id."""
    path = corpus.pages / shard if corpus.pages else None
    if path is None or not path.exists():
        return {}
    pages = pl.scan_parquet(path).filter(pl.col("id").is_in(ids.implode())).select("id", "given_from").collect()
    return {
        name: {one["field"]: one["source"] for one in told} for name, told in pages.drop_nulls("given_from").iter_rows()
    }


def _describe(row: Mapping[str, Any], second: list[dict[str, Any]], given: Mapping[str, str]) -> dict[str, Any]:
    """Rows of a page and of its second articles -> one object."""
    pieces: list[dict[str, Any]] = row["pieces"] or []
    page: str = row["page"] or ""
    articles = [(0, row)] + [(split_id(child["id"])[1], child) for child in second]
    return {
        "id": row["id"],
        "sha": row["raw_sha256"],
        "path": row["path"],
        "url": row["url"],
        "outlet": row["outlet"] or "",
        "encoding": row["encoding"],
        "page": page,
        "pieces": [
            [
                piece["article"],
                piece["length"],
                piece["rule"],
                ZONES.index(piece["zone"]) if piece["zone"] in ZONES else -1,
                None if piece["score"] is None else round(piece["score"], 3),
            ]
            for piece in pieces
        ],
        "repairs": [
            [one["start"], one["end"], one["before"], one["after"], one["rule"]] for one in row["repairs"] or []
        ],
        "articles": [_article(number, one, page, pieces, given) for number, one in articles],
    }


def _article(
    number: int,
    row: Mapping[str, Any],
    page: str,
    pieces: list[dict[str, Any]],
    given: Mapping[str, str],
) -> dict[str, Any]:
    fields = {}
    for name in FIELDS:
        value = row[name]
        if value in (None, "", []):
            continue
        shown = [str(one) for one in value] if isinstance(value, list) else [str(value)]
        sought = row["date_raw"] or shown[0] if name == "date" else shown[0]
        place = find_place(page, pieces, number, name, sought)
        told = given.get(name, "") if place is None and number == 0 else ""
        more = f"{row['date_raw']} ({row['date_precision']})" if name == "date" else ""
        fields[name] = {"value": shown, "at": place, "given": told, "more": more}
    return {
        "id": row["id"],
        "number": number,
        "fields": fields,
        "scores": {name: _plain(row[name]) for name in SCORES if row[name] is not None},
        "lang": row["lang"],
        "flags": [name for name in ("mt_suspect", "likely_truncated") if row[name]],
        "cluster": [row["cluster_id"], row["cluster_size"], row["cluster_role"]] if row["cluster_id"] else None,
        "fate": row["fate"],
        "verdict": row["verdict"] or "",
        "value": _plain(row["verdict_value"]),
    }


def _plain(value: Any) -> Any:
    return round(value, 4) if isinstance(value, float) else value


_IN_TEXT = 99
"""Behind every label that a date is read from."""


def find_place(page: str, pieces: list[dict[str, Any]], article: int, field: str, value: str) -> int | None:
    """Value of a field -> number of the piece that it was read from; null where it was given beside the page.

    The first piece of the article and of the kinds that the field is read from, in their order, whose key holds the value's; of a
    date that no such piece states the first one of the text.
    """
    key = fold(value)
    best: tuple[int, int] | None = None
    at = 0
    for number, piece in enumerate(pieces):
        end = at + piece["length"]
        rank = rank_label(field, piece["rule"]) if piece["article"] == article else None
        if field == "date" and piece["rule"] is None and piece["article"] == article:
            rank = _IN_TEXT
        if rank is not None and key and key in fold(page[at:end]):
            best = min(best or (rank, number), (rank, number))
        at = end
    return best[1] if best else None


def pack(documents: list[dict[str, Any]]) -> list[str]:
    """Documents -> the labels they use, sorted; in pieces and repairs a label's number takes its place."""
    used = {piece[2] for doc in documents for piece in doc["pieces"]}
    used |= {repair[4] for doc in documents for repair in doc["repairs"]}
    labels = sorted(label for label in used if label is not None)
    number = {label: place for place, label in enumerate(labels)}
    for doc in documents:
        for piece in doc["pieces"]:
            piece[2] = number.get(piece[2], -1)
        for repair in doc["repairs"]:
            repair[4] = number[repair[4]]
    return labels


def to_json(value: Any) -> str:
    """Value -> JSON for a data block of an HTML page: without `<`, so no text of a page can end the block."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c")
