"""Labelled pages for training and testing the zones: articles of a parquet file on pages of made-up outlets or layouts.

`python -m benchmarks.make_training --articles A.parquet --n 4000 --seed 1 --out train.jsonl`
writes one JSON object a page: text, labels (one a line), keeps (the body's part of glued lines), body, title,
fields, outlet, outlet_index, kind, source (the articles' own outlet). `words/articles.jsonl` holds articles of the genres that
news agencies do not write: lists, talks, guides, live coverage, verse; all of them are invented.
"""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import polars as pl

from benchmarks.chrome import Page, make_page
from benchmarks.layouts import fill_layout, read_layouts
from benchmarks.outlets import OUTLETS, Article

_END = re.compile(r"[.؟!:؛،…»\")\]”]$")
FURNITURE = re.compile(
    r"https?:|www\.|//|@|\[email|sms|SMS|للتواصل|لمراسلة|^\*\s*نقلا|^المصدر|^للمزيد"
    r"|^تصوير|^©|تابعوا|حمل تطبيق|^سمات |استلام إشعارات|^\*?\s*خدمة «|^خاص بـ"
)
_LEAST_WORDS = 30  # words of an article worth a page
_NEAR = 300  # rows: how far the neighbours reach that stand in for related articles


def clean_paragraphs(outlet: str, text: str, titles: set[str]) -> list[str] | None:
    """An article's paragraphs without what its corpus left in; None where that cannot be told apart."""
    lines = [line.strip() for line in text.split("\n")]
    lines = [line for line in lines if line]
    while lines and len(lines[0]) < 45 and not _END.search(lines[0]):
        lines.pop(0)  # a byline or a kicker above the text
    while lines and (lines[-1].startswith("*") or (len(lines[-1]) < 60 and FURNITURE.search(lines[-1]))):
        lines.pop()
    if any(FURNITURE.search(line) for line in lines):
        return None
    if outlet == "BBC":  # its related headlines stand between the paragraphs and look like subheadings
        lines = [x for k, x in enumerate(lines) if k == 0 or len(x) > 130 or _END.search(x)]
    lines = [x for x in lines if x not in titles and re.search(r"[\u0621-\u064a]{2}", x)]
    return lines if sum(len(x.split()) for x in lines) >= _LEAST_WORDS else None


def read_articles(path: Path) -> list[tuple[str, str, list[str]]]:
    """(outlet, title, paragraphs) of the usable rows of a file, Parquet or JSON lines, with columns outlet, title, text."""
    read = pl.read_ndjson if path.suffix == ".jsonl" else pl.read_parquet
    frame = read(path).select("outlet", "title", "text").drop_nulls()
    titles = {t.strip() for t in frame["title"].to_list()}
    out = []
    for outlet, title, text in frame.iter_rows():
        title = " ".join(title.split())
        if 15 <= len(title) <= 160 and (paragraphs := clean_paragraphs(outlet, text, titles)):
            out.append((outlet, title, paragraphs))
    return out


def make_pages(
    articles: list[tuple[str, str, list[str]]], count: int, seed: int, outlets: int = 3 * OUTLETS, layouts: bool = False
) -> Iterator[tuple[int, str, Page]]:
    """(outlet index, the article's own outlet, page) for `count` pages; the same for the same arguments.

    With `layouts` each page has one of the hand-written layouts, else the furniture of a made-up outlet.
    """
    written = read_layouts() if layouts else ()
    for number in range(count):
        rng = Random(f"{seed} {number}")
        place = rng.randrange(len(articles))
        source, title, paragraphs = articles[place]
        near = [articles[(place + rng.randint(1, _NEAR)) % len(articles)] for _ in range(30)]
        far = [articles[rng.randrange(len(articles))] for _ in range(50)]
        others = near + far
        rng.shuffle(others)
        article: Article = {
            "title": title,
            "paragraphs": paragraphs,
            "date": None,
            "related_titles": [t for _, t, _ in others],
            "teasers": [p[0] for _, _, p in others[:20]],
            "other": {"title": others[20][1], "paragraphs": others[20][2]},
        }
        index = rng.randrange(len(written) or outlets)
        kind = "full" if rng.random() < 0.6 else "main"
        page = fill_layout(rng, written[index], article, kind) if written else make_page(rng, index, article, kind)
        yield index, source, page


def as_record(index: int, source: str, page: Page) -> dict[str, Any]:
    """A page as one JSON object."""
    return {
        "text": page.text,
        "labels": page.labels,
        "keeps": {str(k): list(v) for k, v in page.keeps.items()},
        "outlet": page.outlet,
        "outlet_index": index,
        "kind": page.kind,
        "body": page.body,
        "title": page.fields["title"],
        "fields": page.fields,
        "source": source,
    }


def main() -> None:
    """Write the pages asked for on the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=Path, nargs="+", required=True)
    parser.add_argument("--n", type=int, default=4000, help="pages")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--outlets", type=int, default=3 * OUTLETS, help="how many made-up outlets to draw from")
    parser.add_argument("--layouts", action="store_true", help="pages in the layouts of benchmarks/layouts")
    parser.add_argument("--out", type=Path, required=True)
    given = parser.parse_args()
    articles = [a for path in given.articles for a in read_articles(path)]
    with given.out.open("w", encoding="utf-8") as out:
        for index, source, page in make_pages(articles, given.n, given.seed, given.outlets, given.layouts):
            out.write(json.dumps(as_record(index, source, page), ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
