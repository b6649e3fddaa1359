"""HTML extraction, measured: what each choice keeps of the article's body, and what it keeps besides.

    python -m benchmarks.html [--pages FOLDER] [--clean]

FOLDER holds `NAME.html` and, as people cut it, the body in `NAME.body.txt`. The score is of four-word
shingles, each with its number: recall is the share of the body's that are found, precision the share of those
found that are the body's. `--clean` adds what our own cleaning makes of each of our choices.
"""

from __future__ import annotations

import argparse
import re
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import polars as pl
import readability
import trafilatura
from resiliparse.extract.html2text import extract_plain_text

from benchmarks.shared import find_shared
from etl.api import records
from etl.read import ReadParams, read_pages

WORDS = 4
OURS = ("full", "main", "voted")
Shingles = Counter[tuple[str, ...]]


class Score(NamedTuple):
    """Shares from 0 to 1, and CPU milliseconds of the extraction."""

    precision: float
    recall: float
    f1: float
    milliseconds: float


def count_shingles(text: str) -> Shingles:
    """Text -> its runs of four words, each with its number."""
    words = re.findall(r"\w+", text)
    return Counter(tuple(words[i : i + WORDS]) for i in range(len(words) - WORDS + 1))


def score(found: str, body: str, milliseconds: float = 0.0) -> Score:
    """Extracted text, the body -> its score."""
    ours, gold = count_shingles(found), count_shingles(body)
    common = (ours & gold).total()
    precision, recall = common / max(ours.total(), 1), common / max(gold.total(), 1)
    f1 = 2 * common / max(ours.total() + gold.total(), 1)
    return Score(precision, recall, f1, milliseconds)


def _readability(html: str) -> str:
    return str(extract_plain_text(readability.Document(html).summary()))


PEERS: dict[str, Callable[[str], str]] = {
    "readability-lxml": _readability,
    "trafilatura": lambda html: trafilatura.extract(html) or "",
    "trafilatura, recall": lambda html: trafilatura.extract(html, favor_recall=True) or "",
    "trafilatura, precision": lambda html: (
        trafilatura.extract(html, favor_precision=True, include_comments=False) or ""
    ),
    "trafilatura, baseline": lambda html: trafilatura.baseline(html)[1],
    "trafilatura, html2txt": lambda html: trafilatura.html2txt(html),
    "resiliparse": lambda html: str(extract_plain_text(html)),
    "resiliparse, main": lambda html: str(extract_plain_text(html, main_content=True)),
    "resiliparse, no alt texts": lambda html: str(
        extract_plain_text(html, main_content=True, alt_texts=False, comments=False)
    ),
}


def read_one(file: Path, choice: str) -> pl.DataFrame:
    """HTML file -> the row that our reader makes of it."""
    row = pl.from_arrow(next(read_pages(file, ReadParams.model_validate({"html": choice}))))
    assert isinstance(row, pl.DataFrame)
    return row


def measure(files: list[Path], clean: bool) -> dict[str, list[Score]]:
    """HTML files -> for every choice the score of each file, in order."""
    results: dict[str, list[Score]] = {}
    for file in files:
        body = file.with_suffix(".body.txt").read_text("utf-8")
        html = file.read_text("utf-8", errors="replace")
        for name, extract in PEERS.items():
            begun = time.process_time()
            text = extract(html)
            milliseconds = 1000 * (time.process_time() - begun)
            results.setdefault(name, []).append(score(text, body, milliseconds))
        for choice in OURS:
            begun = time.process_time()
            row = read_one(file, choice)
            milliseconds = 1000 * (time.process_time() - begun)
            results.setdefault(f"ours: {choice}", []).append(score(row["raw"][0], body, milliseconds))
            if clean:
                cleaned = records(row)[0]["text"] or ""
                results.setdefault(f"ours: {choice}, cleaned", []).append(score(cleaned, body))
    return results


def print_table(results: dict[str, list[Score]], files: list[Path]) -> None:
    """Print the means, then precision and recall on every page."""
    print(f"{'':28} precision  recall   F1     ms   on each page: precision/recall")
    for name, scores in results.items():
        mean = [sum(values) / len(scores) for values in zip(*scores, strict=True)]
        pages = " ".join(f"{one.precision:.2f}/{one.recall:.3f}" for one in scores)
        print(f"{name:28} {mean[0]:9.3f} {mean[1]:7.3f} {mean[2]:6.3f} {mean[3]:6.1f}   {pages}")
    print("pages:", " ".join(file.stem for file in files))


def main() -> None:
    """Measure the pages of a folder and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--pages", type=Path, default=find_shared() / "pages", help="folder of NAME.html, NAME.body.txt"
    )
    parser.add_argument("--clean", action="store_true", help="also run our cleaning over each of our choices")
    asked = parser.parse_args()
    files = [file for file in sorted(asked.pages.glob("*.html")) if file.with_suffix(".body.txt").exists()]
    if not files:
        parser.error(f"{asked.pages}: no NAME.html with its NAME.body.txt here; name their folder with --pages")
    measure(files[:1], asked.clean)  # the first call of a library pays for its imports and caches
    print_table(measure(files, asked.clean), files)


if __name__ == "__main__":
    main()
