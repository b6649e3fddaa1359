"""Documents built by hand, as the pipeline would hand them to the release."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from etl.card_facts import tell_audit
from etl.pieces import is_kept
from etl.release import write_release
from etl.release_params import ReleaseParams
from schemas.doc import DOC
from schemas.duplicates import DUPLICATES

Piece = tuple[str, str | None] | tuple[str, str | None, str] | tuple[str, str | None, str, int]
"""Text, rule, action (`cut` where there is a rule), article (0)."""


def make_page(
    key: str,
    pieces: Sequence[Piece],
    repairs: Sequence[dict[str, Any]] = (),
    raw: str | None = None,
    **fields: Any,
) -> list[dict[str, Any]]:
    """Key and pieces -> the row of a page and those of its second articles."""
    rows = []
    packed = []
    texts: dict[int, str] = {0: ""}
    for text, rule, *more in pieces:
        action = (str(more[0]) if more else "cut") if rule else None
        article = int(str(more[1])) if len(more) > 1 else 0
        packed.append(
            {
                "article": article,
                "length": len(text),
                "rule": rule,
                "action": action,
                "zone": "body",
                "score": None,
            }
        )
        texts.setdefault(article, "")
        if action != "cut":
            texts[article] += text
    page = "".join(piece[0] for piece in pieces)
    raw = page if raw is None else raw
    name = hashlib.sha256(key.encode()).hexdigest()[:16]
    for article, text in sorted(texts.items()):
        row: dict[str, Any] = {
            "id": f"{name}.{article}" if article else name,
            "parent_id": name if article else None,
            "path": f"{key}.txt",
            "text": text,
            "subheadings": [],
            "date_precision": "none",
            "keywords": [],
            "captions": [],
            "embeds": [],
            "related": [],
            "lang": "ar",
            "lang_score": 1.0,
            "arabic_share": 1.0,
            "latin_share": 0.0,
            "other_share": 0.0,
            "encoding": "utf-8",
            "repaired": bool(repairs),
            "has_editor_note": False,
            "has_correction": False,
            "n_chars": len(text),
            "n_words": len(text.split()),
            "n_sentences": max(1, text.count(".")),
            "cut_share": 0.5,
            "sentence_end_share": 1.0,
            "mean_word_length": 4.5,
            "leftover": 0,
            "mt_suspect": False,
            "likely_truncated": False,
            "zone_score": 1.0,
            "raw_sha256": hashlib.sha256(raw.encode()).hexdigest(),
        }
        if article == 0:
            row |= {"page": page, "raw": raw, "pieces": packed, "repairs": list(repairs), "pairs": []}
            row |= fields
        else:
            row |= {key: fields[key] for key in ("outlet", "url", "date") if key in fields}
        rows.append({column: row.get(column) for column in DOC})
    return rows


def make_docs(*pages: list[dict[str, Any]]) -> pl.DataFrame:
    """Pages -> the table of documents."""
    return pl.DataFrame([row for page in pages for row in page], schema=DOC)


def release_docs(
    files: Sequence[Path],
    out: Path,
    duplicates: pl.DataFrame | None = None,
    params: ReleaseParams | None = None,
    **more: Any,
) -> dict[str, Any]:
    """Document shards -> a release in `out`, with nothing said of them but what is given; its totals."""
    told: dict[str, Any] = {
        "inputs": {},
        "made_from": {"rules": "0" * 64, "params": "0" * 64},
        "withdrawn": None,
        "why": {},
        "facts": {**tell_audit(None), "evaluation": []},
        "changes": (),
        "may_replace": False,
    }
    return write_release(
        files,
        DUPLICATES.to_frame() if duplicates is None else duplicates,
        out,
        params or ReleaseParams(),
        **{**told, **more},
    )


def make_corpus(count: int = 60) -> pl.DataFrame:
    """A small corpus that has one of everything a release must cope with."""
    plain = [
        make_page(
            f"page {n}",
            [
                (f"عنوان الخبر رقم {n}\n", "title/first-line"),
                ("\n", "space/blank"),
                (f"قال الوزير في اليوم {n} إن القمة ستعقد غدا في العاصمة بحضور عدد كبير من القادة.\n", None),
                (f"شاهد أيضا: خبر آخر رقم {n}\n", "related/see-also"),
                ("(رويترز)", "source/agency-in-brackets", "mark"),
                (f" وأضاف في الجلسة {n} أن الاتفاق يشمل بنودا عدة لم يعلن عنها بعد.", None),
                ("\n", "space/end"),
                ("FacebookTwitter", "share/widget"),
            ],
            outlet=["example.com", "أخبار", None][n % 3],
            url=f"https://example.com/{n}",
            title=f"عنوان الخبر رقم {n}",
            date=date(2024, 1 + n % 12, 1 + n % 28),
            date_precision="day",
        )
        for n in range(count)
    ]
    return make_docs(
        *plain,
        make_page(
            "two articles",
            [
                ("المقال الأول على الصفحة وفيه جملة طويلة عن الاقتصاد.", None),
                ("\n", "space/end"),
                ("عنوان المقال الثاني\n", "title/second", "cut", 1),
                ("نص المقال الثاني وفيه بريد name@example.com ثم جملة.\n", None, "", 1),
                ("شاهد أيضا: رابط\n", "related/see-also", "cut", 1),
                ("خاتمة المقال الثاني هنا.", None, "", 1),
                ("\n", "space/end", "cut", 1),
                ("حقوق النشر محفوظة", "legal/copyright"),
            ],
            outlet="example.com",
        ),
        make_page(
            "spliced",
            [
                ("فقرة أولى من خبر على صفحة فيها خبران.\n", None),
                ("خبر ثان بلا عنوان يبدأ هنا.\n", None, "", 1),
                ("حقوق\n", "legal/copyright", "cut", 1),
                ("وينتهي هنا.", None, "", 1),
                ("\n", "space/end", "cut", 1),
                ("فقرة أخيرة من الخبر الأول.", None),
            ],
            outlet="example.com",
        ),
        make_page(
            "personal",
            [
                ("للتواصل مع الكاتب name@example.comثم الهاتف ٠٥٠١٢٣٤٥٦٧ وانتهى.\n", None),
                ("شاهد أيضا: بريد other@example.com\n", "related/see-also"),
                ("فقرة أخيرة من النص.", None),
            ],
            outlet="example.com",
            author="name@example.com",
        ),
        make_page(
            "repaired",
            [("نص سليم بعد الإصلاح وفيه name@example.com هنا.", None)],
            repairs=[{"start": 0, "end": 3, "before": "Ù†Øµ"[:3], "after": "نص", "rule": "repair/utf8-as-1252"}],
            raw="Ù†Øµ"[:3] + " سليم بعد الإصلاح وفيه name@example.com هنا.",
            outlet="أخبار",
        ),
        make_page("short", [("قصير.", None)], outlet="example.com", verdict="quality/too-short", verdict_value=1.0),
        make_page("empty", [], path="empty.txt", verdict="read/empty", lang=None, raw=""),
        make_page(
            "paired",
            [("جسم الخبر المقترن بعنوان إنجليزي طويل.", None), ("\nRussia and Korea", "headline-en/line")],
            pairs=[
                {
                    "en": "Russia and Korea",
                    "ar": "روسيا وكوريا",
                    "position": "card",
                    "ratio": 0.8,
                    "names": 1.0,
                    "numbers": True,
                    "verified": True,
                }
            ],
            outlet="example.com",
        ),
    )


def page_id(key: str) -> str:
    """Key -> the id that `make_page` gives."""
    return hashlib.sha256(key.encode()).hexdigest()[:16]


def make_duplicates(*clusters: Sequence[str]) -> pl.DataFrame:
    """Clusters of ids, the representative first -> the table of duplicates."""
    rows = [
        {
            "id": name,
            "cluster_id": hashlib.sha256(min(cluster).encode()).hexdigest()[:16],
            "cluster_size": len(cluster),
            "cluster_outlets": 1,
            "cluster_role": "copy" if place else "representative",
            "similarity": 0.9 if place else 1.0,
            "shared_paragraph_share": 0.5,
            "verdict": "duplicate/near" if place else None,
        }
        for cluster in clusters
        for place, name in enumerate(cluster)
    ]
    return pl.DataFrame(rows, schema=DUPLICATES)


def write_shards(docs: pl.DataFrame, folder: Path, count: int = 2) -> list[Path]:
    """Documents -> shards, each page with its second articles."""
    folder.mkdir(parents=True, exist_ok=True)
    page = docs["id"].str.replace(r"\.\d+$", "")
    place = page.rle_id().cast(pl.Int64) % count
    paths = []
    for shard in range(count):
        path = folder / f"docs-{shard:03}.parquet"
        docs.filter(place == shard).write_parquet(path)
        paths.append(path)
    return paths


def join_text(pieces: pl.LazyFrame, marks: Collection[str]) -> pl.DataFrame:
    """Piece -> (id, article, text): the pieces that no rule cut, joined; an article with none has the empty text."""
    kept = pl.when(is_kept(marks)).then("piece").otherwise(pl.lit(""))
    return pieces.group_by("id", "article", maintain_order=True).agg(text=kept.str.join("")).collect()
