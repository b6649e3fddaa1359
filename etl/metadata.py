"""Filed pieces -> fields. Taking a date line out of the body and learning the date are one act: filing a span.

Every field but those that the input gave beside the page is read from pieces of that page, so the audit says where.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, NamedTuple

import polars as pl

from etl.dates import parse_date
from etl.fold import fold
from etl.knowledge import Knowledge
from etl.pieces import is_kept, line_number
from etl.values import (
    Embed,
    outlet_from_text,
    parse_author,
    parse_category,
    parse_dateline,
    parse_source,
    parse_tweet,
    source_from_promo,
    split_keywords,
)
from schemas.columns import RELATED

_ORNAMENT = re.compile(r"^[\s•·▪●■◄►▶○◦‣*|<>\[\](){}\-–—/#]+|[\s|<>\[\]{}*]+$")
_FAMILIES = (
    "title", "summary", "headline-en", "date", "source", "byline", "dateline", "category", "keywords", "media", "embed",
    "note", "follow", "related",
)  # fmt: skip
_LABEL = re.compile(r"^[^:|.\-–—>←]{2,30}?\s*(?:[:|：]|\.{2,}|>+|←|»|\s[-–—]\s)\s*(?=\S)")
_BARE_LABEL = re.compile(r"^\S+\s+(?:المزيد|أيضاً|أيضا|أيضًا|ايضا|ايضاً|ايضًا)\s+(?=\S)")
EMBEDS = pl.List(
    pl.Struct({name: pl.String() for name in ("kind", "text", "url", "author", "handle")} | {"date": pl.Date()})
)
_LEAST_HEADLINE = 3
"""Words of a headline; what is shorter under a heading of other articles is a section or an author."""
FIELDS = pl.Schema(
    {
        "id": pl.String(),
        "article": pl.Int32(),
        "title": pl.String(),
        "title_long": pl.String(),
        "summary": pl.String(),
        "headline_en": pl.String(),
        "date": pl.Date(),
        "date_raw": pl.String(),
        "date_precision": pl.String(),
        "source": pl.String(),
        "author": pl.String(),
        "dateline": pl.String(),
        "category": pl.String(),
        "keywords": pl.List(pl.String()),
        "keywords_raw": pl.String(),
        "captions": pl.List(pl.String()),
        "embeds": EMBEDS,
        "related": RELATED,
        "has_editor_note": pl.Boolean(),
        "has_correction": pl.Boolean(),
    }
)


class Filed(NamedTuple):
    """A labelled piece: its rule id, its text without white space around it, where it lies, and what kind of thing it is."""

    rule: str
    text: str
    zone: str | None
    family: str


def _bare(text: str) -> str:
    # Most lines begin and end with a letter, which says it more cheaply than the pattern.
    if not (text[:1].isalpha() and text[-1:].isalnum()):
        text = _ORNAMENT.sub("", text)
    return " ".join(text.split())


def _link_text(text: str) -> str:
    """A read-also line -> the headline it links to."""
    text = _bare(text)
    found = _LABEL.match(text) or _BARE_LABEL.match(text)
    return text[found.end() :] if found else text


def _unique(values: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(value for value in values if value))


_CAPTION_LABEL = re.compile(r"[^،,:]{4,30}[،,:] *")


def _caption(text: str) -> str:
    """A caption's line -> the caption, without the label that stands before it on a broadcaster's page."""
    text = _bare(text)
    label = fold(text).startswith(_SPOKEN) and _CAPTION_LABEL.match(text)
    return text[label.end() :] if label else text


_SPOKEN = tuple(
    map(fold, ("التعليق على", "شرح الصورة", "تعليق الصورة", "image caption", "video caption", "media caption"))
)


def read_date(filed: list[Filed], given: str | None) -> dict[str, Any]:
    """Date lines of a page -> date, raw, precision: the last one before the body, else the first one right after it.

    Dates in a header or of related articles stand further away. What the input gave beside the page is used where the
    page itself says nothing certain.
    """
    before = [f.text for f in filed if f.family == "date" and f.zone in ("before", "body", "box")]
    after: list[str] = []
    for one in filed:
        if one.zone == "after":
            if one.family == "related":
                break
            if one.family == "date":
                after.append(one.text)
    raw = None
    for text in [*reversed(before), *after[:1]]:
        parsed = parse_date(text)
        raw = raw or (text if parsed.precision != "none" or re.search(r"\d", text) else None)
        if parsed.date is not None or parsed.precision == "ambiguous":
            return {"date": parsed.date, "date_raw": text, "date_precision": parsed.precision}
    if given:
        parsed = parse_date(given)
        return {"date": parsed.date, "date_raw": raw or given, "date_precision": parsed.precision}
    return {"date": None, "date_raw": raw, "date_precision": "none"}


def read_related(filed: list[Filed]) -> list[dict[str, str | None]]:
    """Related pieces of an article -> what they point to: Arabic headline, English headline, teaser."""
    found: list[dict[str, str | None]] = []
    english: str | None = None
    for one in filed:
        if one.rule == "headline-en/card":
            english = _bare(one.text)
        elif one.rule in ("related/item", "related/card") and len(one.text.split()) >= _LEAST_HEADLINE:
            found.append({"ar": _bare(one.text), "en": english, "teaser": None})
            english = None
        elif one.rule == "related/teaser":
            if found and found[-1]["teaser"] is None:
                found[-1]["teaser"] = _bare(one.text)
        elif (
            one.family == "related"
            and "/heading" not in one.rule
            and (link := _link_text(one.text))
            and len(link.split()) >= _LEAST_HEADLINE
        ):
            found.append({"ar": link, "en": None, "teaser": None})
    return found


def read_embeds(filed: list[Filed]) -> list[Embed]:
    """Embedded posts: the text of each with its attribution."""
    embeds = []
    text = ""
    for one in filed:
        if one.rule == "embed/tweet-text":
            text = one.text
        elif one.rule == "embed/tweet-by":
            embeds.append(parse_tweet(text, one.text))
            text = ""
    return embeds


def read_article(filed: list[Filed], given: dict[str, Any]) -> dict[str, Any]:
    """The labelled pieces of one article, in order, and what the input gave beside the page -> its fields."""

    kinds: dict[str, list[Filed]] = {}
    for one in filed:
        kinds.setdefault(one.family, []).append(one)

    def family(name: str) -> list[Filed]:
        return kinds.get(name, [])

    def texts(rule: str) -> list[str]:
        return [_bare(one.text) for one in family(rule.split("/")[0]) if one.rule == rule]

    def first(values: Iterable[str | None]) -> str | None:
        return next((value for value in values if value), None)

    sources = [*(parse_source(one.text)[0] for one in family("source"))]
    sources += [source_from_promo(one.text) for one in family("follow")]
    datelines = [one.text.strip() for one in family("dateline") if one.zone == "body"]
    sources += [parse_dateline(line)[1] for line in datelines[:1]]
    keyword_lines = [_bare(one.text) if "#" not in one.text else one.text.strip() for one in family("keywords")]
    keywords = _unique(word for line in keyword_lines for word in split_keywords(line)[0])
    notes = {one.rule for one in family("note") if one.zone != "after"}
    return {
        "title": first(texts("title/headline")) or given.get("given_title"),
        "title_long": first(texts("title/long")),
        "summary": first(texts("summary/deck")),
        "headline_en": first(texts("headline-en/own")),
        **read_date(filed, given.get("given_date")),
        "source": first(sources),
        "author": first(parse_author(one.text) for one in family("byline") if one.zone != "after")
        or given.get("given_author"),
        "dateline": first(datelines),
        "category": first(parse_category(one.text) for one in family("category") if one.zone == "before")
        or given.get("given_category"),
        "keywords": keywords or list(given.get("given_keywords") or []),
        "keywords_raw": "\n".join(keyword_lines) or None,
        "captions": _unique(_caption(one.text) for one in family("media") if one.rule.startswith("media/caption")),
        "embeds": read_embeds(filed),
        "related": read_related(filed),
        "has_editor_note": bool(notes),
        "has_correction": any("correction" in rule for rule in notes),
    }


def _measure_articles(pieces: pl.DataFrame, marks: frozenset[str]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Piece -> (id, article, text, zone_score) of each article, and (id, cut_share) of each page."""
    size = pl.col("piece").str.len_chars()
    measured = pieces.select("id", "article", "piece", "score", _size=size, _kept=is_kept(marks))
    articles = measured.group_by("id", "article", maintain_order=True).agg(
        size=pl.col("_size").sum().cast(pl.Int64), cut=pl.col("_size").filter(~pl.col("_kept")).sum().cast(pl.Int64)
    )
    shares = articles.group_by("id", maintain_order=True).agg(
        cut_share=pl.col("cut").sum() / pl.col("size").sum().clip(1)
    )
    # The body is the smaller part of most pages: its text alone is touched from here on.
    weight = pl.when(pl.col("piece").str.strip_chars() != "").then("_size").otherwise(0)
    texts = (
        measured.filter("_kept")
        .with_columns(_size=weight)
        .group_by("id", "article", maintain_order=True)
        .agg(
            text=pl.col("piece").str.join(""),
            zone_score=(pl.col("score").fill_null(1.0) * pl.col("_size")).sum() / pl.col("_size").sum(),
        )
        .with_columns(pl.col("zone_score").fill_nan(None).round(4))
    )
    texts = articles.select("id", "article").join(texts, on=["id", "article"], how="left", maintain_order="left")
    return texts.with_columns(pl.col("text").fill_null("")), shares


def _subheadings(pieces: pl.DataFrame, marks: frozenset[str]) -> pl.DataFrame:
    """Piece -> (id, article, subheadings): short kept lines without a sentence's end that another kept line follows."""
    kept = (
        pieces.lazy()
        .with_columns(_line=line_number())
        .filter(is_kept(marks) & (pl.col("piece") != ""))
        .group_by("id", "article", "_line", maintain_order=True)
        .agg(text=pl.col("piece").str.join(""))
        .with_columns(text=pl.col("text").str.strip_chars())
    )
    # A line that ends as a sentence does is none, which its last characters say; words are counted where it is not.
    bare = pl.col("text").str.strip_chars_end('"»”’)]').str.strip_chars_end()
    ends = bare.str.slice(-1).is_in(list(".؟!?…:،,;؛")) | pl.col("text").str.contains(r"^[\-–—*•]|^[0-9٠-٩]+\s*[.)\-]")
    words = pl.col("text").str.count_matches(r"\S+")
    same = (pl.col("id") == pl.col("id").shift(-1)) & (pl.col("article") == pl.col("article").shift(-1))
    near = kept.with_columns(_open=~ends & same.fill_null(False))
    near = near.filter(pl.col("_open") | pl.col("_open").shift(1, fill_value=False)).with_columns(_words=words)
    heading = pl.col("_open") & pl.col("_words").is_between(1, 12) & (pl.col("_words").shift(-1) >= 15)
    return near.filter(heading).group_by("id", "article", maintain_order=True).agg(subheadings="text").collect()


def read_fields(pages: pl.DataFrame, pieces: pl.DataFrame, know: Knowledge) -> pl.DataFrame:
    """Page and Piece -> one row a document: the page's columns, the text of each article, and its fields."""
    texts, shares = _measure_articles(pieces, know.marks)
    family = pl.col("rule").str.split_exact("/", 1).struct.field("field_0")
    wanted = (
        pieces.lazy()
        .filter(pl.col("rule").is_not_null())
        .select("id", "article", "rule", pl.col("piece").str.strip_chars(), "zone", _family=family)
        .filter(pl.col("_family").is_in(list(_FAMILIES)))
        .collect()
    )
    filed: dict[tuple[str, int], list[Filed]] = {}
    for page, article, *piece in wanted.rows():
        filed.setdefault((page, article), []).append(Filed(*piece))
    given_columns = [name for name in pages.columns if name.startswith("given_")]
    some_given = pages.select("id", *given_columns).filter(
        pl.any_horizontal([pl.col(name).is_not_null() for name in given_columns])
    )
    given = {row["id"]: row for row in some_given.to_dicts()}
    nothing: dict[str, Any] = {}
    rows = [
        {
            "id": page,
            "article": article,
            **read_article(filed.get((page, article), []), given.get(page, nothing) if article == 0 else nothing),
        }
        for page, article in texts.select("id", "article").rows()
    ]
    fields = pl.DataFrame(rows, schema=FIELDS)
    docs = (
        texts.join(fields, on=["id", "article"], how="left", maintain_order="left")
        .join(_subheadings(pieces, know.marks), on=["id", "article"], how="left", maintain_order="left")
        .join(shares, on="id", how="left", maintain_order="left")
        .join(pages.drop("repairs", *given_columns), on="id", how="left", maintain_order="left")
        .join(pages.select("id", "repairs"), on="id", how="left", maintain_order="left")
    )
    docs = _name_outlets(docs, pieces)
    child = pl.col("article") > 0
    return docs.with_columns(
        parent_id=pl.when(child).then("id"),
        id=pl.when(child).then(pl.format("{}.{}", "id", "article")).otherwise("id"),
        subheadings=pl.col("subheadings").fill_null([]),
        zone_score=pl.col("zone_score").fill_null(0.0),
        cut_share=pl.when(~child).then("cut_share"),
        page=pl.when(~child).then("page"),
        raw=pl.when(~child).then("raw"),
        repairs=pl.when(~child).then("repairs"),
    ).drop("article")


def _name_outlets(docs: pl.DataFrame, pieces: pl.DataFrame) -> pl.DataFrame:
    """Name the outlet of a page that came without one, where the page itself names it; a second article's is null."""
    nameless = docs.filter(pl.col("outlet").is_null() & (pl.col("article") == 0))["id"]
    if nameless.is_empty():
        return docs
    told = (
        pieces.filter(pl.col("id").is_in(nameless.implode()) & pl.col("rule").is_not_null() & (pl.col("article") == 0))
        .filter(pl.col("rule").str.contains("^(?:site|legal|zone|share|follow)/") & (pl.col("zone") != "body"))
        .group_by("id", maintain_order=True)
        .agg(pl.col("piece").str.strip_chars())
    )
    names = {page: outlet_from_text([line for line in lines if line]) for page, lines in told.iter_rows()}
    found = pl.DataFrame(
        {"id": list(names), "_outlet": list(names.values())}, schema={"id": pl.String, "_outlet": pl.String}
    )
    docs = docs.join(found, on="id", how="left", maintain_order="left")
    return docs.with_columns(outlet=pl.when(pl.col("article") == 0).then(pl.coalesce("outlet", "_outlet"))).drop(
        "_outlet"
    )
