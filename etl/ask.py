"""Ask a build what happened to a document, or to a phrase in it.

Nothing is computed anew: a build's documents hold the page and its every repair, label, score and verdict.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from etl.build_files import ORDERS
from etl.corpus import Corpus, open_corpus
from etl.dates import parse_date, read_both
from etl.dates.order_table import GIVEN, PAGE, UNKNOWN, read_orders
from etl.edits import Repair
from etl.errors import UserError
from etl.fold import fold
from etl.knowledge import Knowledge, ship_knowledge
from etl.metadata import READ_FROM, rank_label
from etl.phrases import Placed, Span, find_phrase, place_pieces, place_repairs, plain_id, say, touches
from etl.reasons import find_reason, tell_reasons
from etl.wording import count_of
from schemas.columns import split_id

_PLACES = 5
"""Occurrences of a phrase that are explained."""
# Verdict -> the parameter it is measured against, and how.
_MEASURED_BY = {
    "quality/too-short": ("quality.min_words", "words; at least"),
    "quality/arabic-share": ("quality.min_arabic_share", "of the letters are Arabic; at least"),
    "quality/damaged": ("quality.max_damage_share", "of the characters are damaged; at most"),
    "zone/undecided": ("zones.undecided", "sure of the article's borders; at least"),
    "language/not-arabic": (
        None,
        "of the letters are in Arabic (its script in another language is not); the language is {lang}",
    ),
    "duplicate/near": ("duplicates.similarity", "similar to the document that is kept; joined from"),
    "duplicate/exact": (None, "similar: the same text or raw page as another document of its cluster"),
    "duplicate/recrawl": ("duplicates.recrawl", "similar: another crawl of one address; kept is the"),
}


class AskError(UserError):
    """A question that this build cannot answer; the message says what comes near, or what to do."""


def explain(
    build: Path,
    doc_id: str,
    at: str | None = None,
    know: Knowledge | None = None,
    release: Path | None = None,
) -> Iterator[str]:
    """Build and id -> lines: what happened to the document, or to a phrase in it, in order.

    Read, repairs, cuts and marks, fields and where each was read, scores, duplicates, verdict. The phrase is
    looked for in the page, the text and the raw page as it is spelt, then without regard to spelling. Of what was withdrawn
    nothing is told but that.
    """
    know, doc_id = know or ship_knowledge(), plain_id(doc_id)
    corpus = open_corpus(build, release)
    doc, page = _find_document(corpus, doc_id)
    if "withdrawn" in (doc["fate"], page["fate"]):
        yield _row(doc["id"], "withdrawn on request; what was withdrawn is not given out")
        return
    given = _find_given(corpus, page["id"])
    pieces = place_pieces(page)
    repairs = place_repairs(page)
    _, article = split_id(doc["id"])
    spans: list[Span] | None = None
    yield from _tell_read(doc, page, given)
    if at is not None:
        spans, where = find_phrase(at, page, doc["text"], pieces, article)
        yield _row("phrase", f"found {len(spans)} time{'s' if len(spans) != 1 else ''} in the {where}")
        spans = spans[:_PLACES]
    why = tell_reasons(know.rules, build)
    yield from _tell_repairs(repairs, spans, why)
    yield from _tell_pieces(pieces, article, spans, why)
    yield from _tell_fields(doc, pieces, article, given, spans, _read_orders(build, given.get("outlet")))
    yield from _tell_scores(doc)
    yield from _tell_duplicates(doc, corpus)
    yield from _tell_verdict(doc, given, know)


def _find_document(corpus: Corpus, doc_id: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Id, or path -> the row of the document and that of its page."""
    names: list[pl.DataFrame] = []
    for shard in corpus.shards:
        known = pl.read_parquet(shard, columns=["id", "parent_id", "path"])
        row = known.filter(id=doc_id)
        if len(row):
            page_id = row["parent_id"].item() or doc_id
            rows = corpus.scan(shard).filter(pl.col("id").is_in([doc_id, page_id])).collect()
            found = {one["id"]: one for one in rows.iter_rows(named=True)}
            return found[doc_id], found[page_id]
        names.append(known)
    known = pl.concat(names)
    there = known.filter(pl.col("path") == doc_id, pl.col("parent_id").is_null())
    if len(there) == 1:  # a page may be asked for by its path, if no other has it
        return _find_document(corpus, there["id"].item())
    ids = known["id"].to_list()
    same = known.filter(pl.col("id").str.starts_with(doc_id) | pl.col("path").str.contains(doc_id, literal=True))
    pool = [name for name in ids if name[:1] == doc_id[:1] or name[-1:] == doc_id[-1:]]
    near = [*same["id"].head(3), *difflib.get_close_matches(doc_id, pool, 3, 0.7)]
    paths = dict(known.select("id", "path").iter_rows())
    shown = ", ".join(f"{name} ({paths[name]})" for name in dict.fromkeys(near))
    folder = corpus.shards[0].parent
    raise AskError(
        f"no document {doc_id!r} among the {len(ids):,} of {folder}"
        + (f"; near are {shown}" if shown else "; the configs default, rejected and index of a release list all ids")
    )


def _find_given(corpus: Corpus, page_id: str) -> dict[str, Any]:
    """Page -> what was known of it before it was cleaned: what the input gave, whose it is, why it could not be read."""
    if corpus.pages is None:
        return {}
    pages = pl.scan_parquet(sorted(corpus.pages.glob("*.parquet"))).filter(id=page_id)
    rows = pages.select(pl.col("^(given_.*|reason|outlet)$")).collect()
    return rows.row(0, named=True) if len(rows) else {}


def _tell_read(doc: Mapping[str, Any], page: Mapping[str, Any], given: Mapping[str, Any]) -> Iterator[str]:
    sure = f" ({doc['encoding_score']:.2f})" if doc["encoding_score"] is not None else ""
    yield _row(doc["id"], doc["path"] + (f", {doc['url']}" if doc["url"] else ""))
    if doc["parent_id"]:
        yield _row("article", f"a second article on the page {doc['parent_id']}")
    yield _row("read", f"{doc['encoding'] or 'not decoded'}{sure}, {len(page['raw'] or ''):,} characters")
    yield _row("", f"raw sha256 {doc['raw_sha256']}")
    if doc["extractor"]:
        yield _row("", f"extracted by {doc['extractor']} from a source with sha256 {doc['source_sha256']}")
    origin = {row["field"]: row["source"] for row in given.get("given_from") or ()}
    for name, value in given.items():
        if name.startswith("given_") and name != "given_from" and value:
            field = name.removeprefix("given_")
            yield _row("", f"given {field} {say(value)}" + (f" ({origin[field]})" if field in origin else ""))


def _tell_repairs(
    repairs: Sequence[tuple[Span, Repair]], spans: Sequence[Span] | None, why: Mapping[str, str]
) -> Iterator[str]:
    shown = [(place, repair) for place, repair in repairs if touches(place, spans)]
    yield _row("repairs", f"{len(shown)}" if spans is None else f"{len(shown)} of {len(repairs)} touch it")
    alike: dict[tuple[str, str, str], list[Span]] = {}
    told: set[str] = set()
    for place, repair in shown:
        alike.setdefault((repair.rule, repair.before, repair.after), []).append(place)
    for (rule, before, after), places in alike.items():
        more = f" and {len(places) - 1:,} times more" if len(places) > 1 else ""
        yield _row("", f"{rule} {places[0][0]:,}-{places[0][1]:,}{more} {say(before)} → {say(after)}")
        if rule not in told and why.get(rule):
            told.add(rule)
            yield _row("", f"    {why[rule]}")


def _tell_pieces(
    pieces: Sequence[Placed], article: int, spans: Sequence[Span] | None, why: Mapping[str, str]
) -> Iterator[str]:
    own = [piece for piece in pieces if piece.article == article or spans is not None]
    size = sum(piece.end - piece.start for piece in own)
    cut = sum(piece.end - piece.start for piece in own if not piece.stays)
    blank = [piece for piece in own if (piece.rule or "").startswith("space/")]
    if spans is None:
        yield _row("pieces", f"{size:,} characters, {cut:,} cut ({cut / max(size, 1):.1%}), {size - cut:,} kept")
    else:
        yield _row("pieces", ", ".join(f"{start:,}-{end:,}" for start, end in spans) + " of the page")
    told: set[str] = set()
    for piece in own:
        if not touches((piece.start, piece.end), spans) or (spans is None and (not piece.rule or piece in blank)):
            continue
        place = f"{piece.start:,}-{piece.end:,}"
        zone = f", zone {piece.zone}" if piece.zone else ""
        score = f" ({piece.score:.2f} body)" if piece.score is not None else ""
        other = f", article {piece.article}" if piece.article != article else ""
        does = f"{piece.action} {piece.rule}" if piece.rule else "kept"
        yield _row("", f"{does} {place}{zone}{score}{other} {say(piece.text)}")
        reason = find_reason(piece.rule, why) if piece.rule else ""
        if reason and piece.rule not in told:
            told.add(piece.rule or "")
            yield _row("", f"    {reason}")
    if spans is None and blank:
        yield _row("", f"cut space/… {sum(piece.end - piece.start for piece in blank):,} characters of white space")


def _tell_fields(
    doc: Mapping[str, Any],
    pieces: Sequence[Placed],
    article: int,
    given: Mapping[str, Any],
    spans: Sequence[Span] | None,
    orders: Mapping[str, str],
) -> Iterator[str]:
    head = "fields"
    for name in READ_FROM:
        value = doc[name]
        if value in (None, [], "") and not (name == "date" and doc["date_precision"] == "ambiguous"):
            continue
        filed = [piece for piece in pieces if piece.article == article and rank_label(name, piece.rule) is not None]
        words = _strings(doc["date_raw"] if name == "date" else value)
        found = [piece for piece in filed if any(_holds(piece.text, word) for word in words)]
        if name == "date" and not found:  # a day that the text calls today
            text = (piece for piece in pieces if piece.article == article and not piece.rule)
            found = [piece for piece in text if any(word in piece.text for word in words)][:1]
        was_given = given.get(f"given_{name}") if not found and article == 0 else None
        read = found or ([] if was_given else filed)
        if not isinstance(value, list):  # A text is read from the kind that says it best.
            ranks = [rank_label(name, piece.rule) or 0 for piece in read]
            read = [piece for piece, rank in zip(read, ranks, strict=True) if rank == min(ranks)]
        if spans is not None and not any(touches((piece.start, piece.end), spans) for piece in read):
            continue
        places = ", ".join(f"{piece.rule or 'the text'} {piece.start:,}-{piece.end:,}" for piece in read[:3])
        places += f" and {len(read) - 3} more" if len(read) > 3 else ""
        origin = f" from {places}" if places else " as the input gave it" if was_given else ""
        told = "null" if value is None else say(words if name in ("related", "embeds") else value)
        yield _row(head, f"{name} {told}{origin}")
        head = ""
        order = orders.get(GIVEN if was_given else PAGE, UNKNOWN) if article == 0 else UNKNOWN
        if name == "date" and (day := _tell_day(doc, order)):
            yield _row("", f"    {day}")


def _read_orders(build: Path, outlet: str | None) -> dict[str, str]:
    """A build, an outlet -> which of day and month come first in its dates on pages and in those that were given."""
    table = build / ORDERS
    if outlet is None or not table.exists():
        return {}
    return dict(read_orders(table).filter(outlet=outlet).select("dates", "order").iter_rows())


def _tell_day(doc: Mapping[str, Any], order: str) -> str | None:
    """A document whose date line can be read both ways, the order of such dates -> what decided, or why it is null."""
    raw = doc["date_raw"] or ""
    days = read_both(raw)
    if len(set(days)) != 2 or parse_date(raw).precision != "ambiguous":
        return None
    if order == UNKNOWN:
        why = "the page itself tells" if doc["date"] else "neither the page nor its outlet's others tell"
    else:
        why = f"its outlet's are {order}" + ("" if doc["date"] else ", the page says otherwise")
    return f"which of {days[0]} and {days[1]}: {why}"


def _tell_scores(doc: Mapping[str, Any]) -> Iterator[str]:
    def shares(*names: str) -> str:
        told = ((name, doc[name]) for name in names)
        return ", ".join(f"{name} {value:.3g}" for name, value in told if value is not None)

    sure = f" ({doc['lang_score']:.2f})" if doc["lang_score"] is not None else ""
    letters = shares("arabic_share", "latin_share", "other_share")
    yield _row("language", f"{doc['lang'] or 'undetermined'}{sure}, {letters}")
    yield _row(
        "quality",
        f"{doc['n_words']:,} words, {doc['n_sentences']:,} sentences, {doc['n_chars']:,} characters",
    )
    yield _row("", shares("zone_score", "damage_share", "leftover", "stop_word_share", "list_share"))
    yield _row("", shares("sentence_end_share", "duplicate_line_share", "repeated_ngram_share", "mean_word_length"))
    signs = [name for name in ("mt_suspect", "likely_truncated", "has_editor_note", "has_correction") if doc[name]]
    if signs:
        yield _row("", ", ".join(signs))


def _tell_duplicates(doc: Mapping[str, Any], corpus: Corpus) -> Iterator[str]:
    if doc["cluster_id"] is None:
        yield _row("duplicates", "not compared: it had a verdict before, or the stage `duplicates` has not run")
        return
    if doc["cluster_role"] == "only":
        yield _row("duplicates", f"cluster {doc['cluster_id']}: it is alone")
        return
    others = corpus.clusters.filter(pl.col("cluster_id") == doc["cluster_id"], pl.col("id") != doc["id"])
    best = others.filter(cluster_role="representative")["id"].to_list()
    yield _row(
        "duplicates",
        f"cluster {doc['cluster_id']}: {doc['cluster_role']} among {doc['cluster_size']:,} documents of "
        f"{count_of(doc['cluster_outlets'], 'outlet')}"
        + (f", similarity {doc['similarity']:.2f} to {best[0]}" if best else ""),
    )
    shown = others["id"].sort().head(5).to_list()
    yield _row("", "with " + ", ".join(shown) + (" …" if len(others) > len(shown) else ""))


def _tell_verdict(doc: Mapping[str, Any], given: Mapping[str, Any], know: Knowledge) -> Iterator[str]:
    verdict, value = doc["verdict"], doc["verdict_value"]
    if verdict is None:
        yield _row("verdict", "released")
    elif verdict in _MEASURED_BY:
        name, measured = _MEASURED_BY[verdict]
        told = measured.format(lang=doc["lang"] or "undetermined")
        yield _row("verdict", f"{verdict}: {value:.4g} {told}" + (f" {_limit(know, name)}" if name else ""))
    else:
        number = f": {value:.4g}" if value is not None else ""
        reason = f" ({given['reason']})" if given.get("reason") else ""
        yield _row("verdict", f"{verdict}{number}{reason}")


def _limit(know: Knowledge, name: str) -> str:
    group, key = name.split(".")
    return f"{getattr(getattr(know.params, group), key)} ({name})"


def _strings(value: Any) -> list[str]:
    """Value of a field -> the texts in it."""
    if isinstance(value, list | tuple):
        return [text for one in value for text in _strings(one)]
    if isinstance(value, Mapping):
        return [text for name in ("ar", "en", "teaser", "text", "author") for text in _strings(value.get(name))]
    return [] if value is None else [str(value)]


def _holds(piece: str, value: str) -> bool:
    """Whether one is part of the other, without regard to spelling."""
    key, wanted = fold(piece), fold(value)
    return bool(key and wanted) and (wanted in key or key in wanted)


def _row(head: str, text: str) -> str:
    return f"{head:<12}{text}" if len(head) < 12 else f"{head}  {text}"
