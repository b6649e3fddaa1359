"""Measures what becomes of the last paragraph of a text where links to other articles stand above it.

`python -m benchmarks.links [PAGES]` makes two pages of each in a folder of pages with their bodies (`tests/pages`) whose body ends as a
sentence does: one with a link before the last paragraph, which is to stay, and one with a link and the opening of another article
below the text, which is not.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

from etl.api import clean

_HEAD = ["الرئيسية", "سياسة", "اقتصاد", "رياضة", "منوعات"]
_DAY, _LINKS = "12 مارس 2025", "اقرأ أيضا"
_FOOT = ["شارك", "فيسبوك", "تويتر", "جميع الحقوق محفوظة © 2026"]
_LEAST = 4
"""Paragraphs of a body, at least."""
_SHORT = 18
"""Words under which a last paragraph is short."""
_END = 20
"""Code points by which a paragraph is found again."""


def read_bodies(folder: Path) -> list[tuple[str, list[str]]]:
    """Folder of pages -> (title, paragraphs) of each that has a title, four paragraphs and more, and a full stop at its end."""
    found = []
    for fields in sorted(folder.glob("*/fields.json")):
        title = json.loads(fields.read_text("utf-8")).get("title")
        lines = [line.strip() for line in (fields.parent / "body.txt").read_text("utf-8").splitlines() if line.strip()]
        if title and len(lines) >= _LEAST and lines[-1].endswith("."):
            found.append((title, lines))
    return found


def make_page(title: str, above: Sequence[str], link: str, below: str) -> str:
    """A title, the paragraphs above a link, the link's text, what stands below it -> a page with a site's frame."""
    return "\n".join([*_HEAD, title, _DAY, *above, _LINKS, link, below, *_FOOT])


def main(argv: Sequence[str] | None = None) -> None:
    """Print how many last paragraphs stay, how many of the short ones, and how many teasers do."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pages", nargs="?", type=Path, default=Path("tests/pages"))
    bodies = read_bodies(parser.parse_args(argv).pages)
    # The link is to another page, in an order that is the same each time.
    others = [bodies[(7 * at + 3) % len(bodies)] for at in range(len(bodies))]
    resumed = [
        make_page(title, lines[:-1], other, lines[-1])
        for (title, lines), (other, _) in zip(bodies, others, strict=True)
    ]
    teased = [
        make_page(title, lines, other, f"{opening.split('. ')[0].removesuffix('.')}.")
        for (title, lines), (other, (opening, *_)) in zip(bodies, others, strict=True)
    ]
    kept = [
        record["text"].rstrip().endswith(lines[-1][-_END:])
        for record, (_, lines) in zip(clean(resumed), bodies, strict=True)
    ]
    short = [len(lines[-1].split()) < _SHORT for _, lines in bodies]
    stays = [lines[0][:_END] in record["text"] for record, (_, lines) in zip(clean(teased), others, strict=True)]
    print(f"{len(bodies)} pages: {sum(kept)} keep the last paragraph below a link")
    print(f"of {sum(short)} with fewer than {_SHORT} words: {sum(map(min, kept, short))}")
    print(f"teasers below a link that stay: {sum(stays)}")


if __name__ == "__main__":
    main()
