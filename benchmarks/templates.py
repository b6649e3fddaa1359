"""Learned templates, measured: what share of known boilerplate is cut, whether a line of a body ever is,
and the cost.

`python -m benchmarks.templates` scores two corpora whose every line is known: one made here, full of what
must be kept (wire copy, subheadings, quotations, prayers, tables, one story many times), and the general
one of `benchmarks.generate`. `--corpora DIR` prints every line above the cut threshold in real articles
(Parquet: id, outlet, date, text), to be read by eye.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from random import Random

import polars as pl

from benchmarks.duplicates import make_text, make_vocabulary
from benchmarks.generate import make_documents
from etl.knowledge import ship_knowledge
from etl.pieces import to_pieces
from etl.templates.counts import count_lines, draw_pages
from etl.templates.keys import make_keys
from etl.templates.learn import TemplateParams, label_templates, learn_templates

PRAYERS = ("إنا لله وإنا إليه راجعون.", "والله من وراء القصد.", "نسأل الله أن يتغمده بواسع رحمته.")
BODY = frozenset(("body", "subheading", "quotation", "prayer", "table", "wire"))
GENERATED_BODY = frozenset(("BODY", "SUBHEAD", "NEUTRAL"))

Lines = list[tuple[str, str]]


class Site:
    """A made-up outlet: the lines that stand on its pages, and how often, and its recurring true text."""

    def __init__(self, rng: Random, words: list[str], number: int) -> None:
        """Draw what recurs on the outlet's pages."""
        self.rng, self.words, self.name = rng, words, f"site-{number}"
        self.top = [(self.phrase(1, 4), rng.choice((1.0, 1.0, 0.6))) for _ in range(rng.randint(6, 20))]
        self.end = [(self.phrase(1, 7), rng.choice((1.0, 1.0, 0.5, 0.2))) for _ in range(rng.randint(6, 20))]
        self.box = self.phrase(3, 6)
        self.subheadings = [self.phrase(1, 3) for _ in range(4)]
        self.quotation = f"«{self.phrase(6, 10)}»."
        self.unit, self.label = self.phrase(1, 1), self.phrase(2, 2)

    def phrase(self, least: int, most: int) -> str:
        """A few words."""
        return " ".join(make_text(self.rng, self.words, self.rng.randint(least, most)))

    def paragraph(self) -> str:
        """A sentence or a few."""
        return f"{self.phrase(12, 60)}."

    def body(self, wire: str | None) -> Lines:
        """An article, with what returns in true articles."""
        rng = self.rng
        lines: Lines = [("body", self.paragraph()) for _ in range(rng.randint(3, 12))]
        if rng.random() < 0.15:
            lines.insert(rng.randint(1, len(lines) - 1), ("subheading", rng.choice(self.subheadings)))
        if rng.random() < 0.08:
            lines.insert(rng.randint(1, len(lines) - 1), ("quotation", self.quotation))
        if wire:
            lines.insert(rng.randint(1, len(lines) - 1), ("wire", wire))
        if rng.random() < 0.05:
            rows = [("table", f"{self.phrase(1, 1)} {rng.randint(1, 30)} {rng.randint(1, 90)}") for _ in range(8)]
            lines[-1:-1] = rows
        if rng.random() < 0.06:
            lines.append(("prayer", rng.choice(PRAYERS)))
        return lines

    def page(self, body: Lines, day: date) -> Lines:
        """The article among the furniture."""
        rng = self.rng
        lines: Lines = [("chrome", line) for line, share in self.top if rng.random() < share]
        lines.append(
            (
                "date",
                f"{self.label} {day.day}/{day.month}/{day.year} {rng.randint(0, 23)}:{rng.randint(10, 59)}",
            )
        )
        lines.append(("headline", self.phrase(5, 12)))
        lines += body[:2] + [("box", self.box)] * (rng.random() < 0.6) + body[2:]
        lines.append(("counter", f"{rng.randint(1, 9000)} {self.unit}"))
        lines += [("related", self.phrase(5, 12)) for _ in range(rng.randint(3, 8))]
        return lines + [("chrome", line) for line, share in self.end if rng.random() < share]


def make_corpus(seed: int, sites: int = 12, pages: int = 120) -> tuple[pl.DataFrame, pl.DataFrame]:
    """(pages, lines): `sites` outlets with `pages` pages each over forty days, and what every line is."""
    rng = Random(seed)
    words = make_vocabulary(rng, 20_000)
    outlets = [Site(rng, words, number) for number in range(sites)]
    wires = [f"{' '.join(make_text(rng, words, 14))}." for _ in range(40)]
    rows, truth = [], []
    for outlet in outlets:
        again = outlet.body(None)
        for number in range(pages):
            day = rng.randrange(40)
            story = again if number % 10 == 0 else outlet.body(wires[day] if rng.random() < 0.3 else None)
            lines = outlet.page(story, date(2024, 1, 1) + timedelta(day))
            key = f"{outlet.name}-{number:05}"
            given = (date(2024, 1, 1) + timedelta(day)).isoformat()
            rows.append((key, outlet.name, "\n".join(line for _, line in lines), given))
            truth += [(key, outlet.name, kind, line) for kind, line in lines]
    return (
        pl.DataFrame(rows, schema=["id", "outlet", "page", "given_date"], orient="row"),
        pl.DataFrame(truth, schema=["id", "outlet", "kind", "line"], orient="row"),
    )


def label_pages(pages: pl.DataFrame, params: TemplateParams) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Pages -> (templates learned from them, their pieces labelled)."""
    table = learn_templates([count_lines(draw_pages(pages, params.sample)).lazy()], params)
    know = replace(ship_knowledge(), templates=table)
    return table, label_templates(to_pieces(pages.lazy()), know).collect()


def score(lines: pl.DataFrame, pieces: pl.DataFrame, body: frozenset[str]) -> pl.DataFrame:
    """What each line is, and the pieces -> by kind: the lines, and how many were cut."""
    assert len(lines) == len(pieces)
    cut = lines.with_columns(cut=pieces["rule"].is_not_null())
    return (
        cut.group_by("kind")
        .agg(lines=pl.len(), cut=pl.col("cut").sum(), share=pl.col("cut").mean().round(4))
        .with_columns(kept=pl.col("kind").is_in(body))
        .sort("kept", "lines", "kind", descending=[False, True, False])
    )


def find_known(lines: pl.DataFrame, body: frozenset[str], share: float, least: int) -> pl.Series:
    """Lines -> true for known boilerplate: words on `share` of an outlet's pages, nowhere part of a body."""
    keys = lines.select("outlet", "id", "kind", key=make_keys(lines["line"].str.strip_chars()))
    mine = pl.struct("outlet", "key")
    known = keys.with_columns(
        total=pl.col("id").n_unique().over("outlet"),
        pages=pl.col("id").n_unique().over("outlet", "key"),
        true=pl.col("kind").is_in(body).any().over(mine),
        bare=pl.col("key").str.replace_all(r"\[\p{L}+\]|\b(?:gmt|utc|am|pm)\b", ""),
    )
    return known.select(
        (pl.col("pages") >= least)
        & (pl.col("pages") >= share * pl.col("total"))
        & ~pl.col("true")
        & pl.col("bare").str.contains(r"\p{L}")
    ).to_series()


def report(name: str, lines: pl.DataFrame, pieces: pl.DataFrame, body: frozenset[str]) -> None:
    """Print how much of the known boilerplate is cut, by how often it comes, and how much of the bodies."""
    params = TemplateParams()
    cut = pieces["rule"].is_not_null()
    wrong = int((cut & lines["kind"].is_in(body)).sum())
    print(f"\n{name}: {len(lines)} lines, {cut.sum()} cut, {wrong} of them body")
    rows = []
    for share in (params.share, 0.1, 0.2, 0.5, 0.9):
        known = find_known(lines, body, share, params.pages)
        rows.append((share, int(known.sum()), int((cut & known).sum())))
    table = pl.DataFrame(rows, schema=["on a share of pages from", "lines", "cut"], orient="row")
    print(table.with_columns(recall=(pl.col("cut") / pl.col("lines")).round(4)))


def generate(count: int, seed: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The general generated corpus, its undamaged pages, as (pages, lines)."""
    made = [(raw, truth) for raw, truth in make_documents(seed, 0, count) if truth["damage"] is None]
    pages = pl.DataFrame(
        {
            "id": [raw["path"] for raw, _ in made],
            "outlet": [raw["outlet"] for raw, _ in made],
            "page": [raw["raw"] for raw, _ in made],
            "given_date": pl.Series([None] * len(made), dtype=pl.String),
        }
    )
    lines = pl.DataFrame(
        {"id": pages["id"], "outlet": pages["outlet"], "kind": [truth["labels"] for _, truth in made],
         "line": pages["page"].str.split("\n")}
    )  # fmt: skip
    return pages, lines.explode("kind", "line")


def measure(pages: pl.DataFrame, params: TemplateParams, times: int = 5) -> pl.DataFrame:
    """Pages -> CPU microseconds a page of each step, against reading and writing them, in one run."""
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder) / "in.parquet", Path(folder) / "out.parquet"
        pages.write_parquet(source, compression="zstd", compression_level=3, row_group_size=4096)
        counts = count_lines(draw_pages(pages, params.sample))
        know = replace(ship_knowledge(), templates=learn_templates([counts.lazy()], params))
        pieces = to_pieces(pages.lazy()).collect()
        steps: dict[str, Callable[[], object]] = {
            "floor: scan + write": lambda: pl.read_parquet(source).write_parquet(
                target, compression="zstd", compression_level=3, row_group_size=4096
            ),
            "count_lines": lambda: count_lines(draw_pages(pages, params.sample)),
            "learn_templates": lambda: learn_templates([counts.lazy()], params),
            "label_templates": lambda: label_templates(pieces.lazy(), know).collect(),
        }
        spent: dict[str, list[float]] = {name: [] for name in steps}
        for _ in range(times):
            for name, step in steps.items():
                start = time.process_time()
                step()
                spent[name].append((time.process_time() - start) / len(pages) * 1e6)
    median = {name: statistics.median(values) for name, values in spent.items()}
    floor = median["floor: scan + write"]
    return pl.DataFrame(
        [(name, round(value, 1), round(value / floor, 2)) for name, value in median.items()],
        schema=["step", "us a page", "times the floor"],
        orient="row",
    )


def read_proposals(folder: Path, params: TemplateParams) -> None:
    """Print every line above the cut threshold in real articles, its evidence, and how often it is cut."""
    columns = ["id", "outlet", "date", "text"]
    docs = pl.concat([pl.read_parquet(file).select(columns) for file in sorted(folder.glob("*.parquet"))])
    pages = docs.rename({"text": "page", "date": "given_date"})
    table, pieces = label_pages(pages, params)
    cut = pieces["rule"].drop_nulls()
    print(table["decision"].value_counts(sort=True))
    print(f"{len(cut)} of {len(pieces)} lines cut")
    lines = dict(zip(*cut.value_counts(), strict=True))
    for row in table.filter(pl.col("decision") == "cut").iter_rows(named=True):
        count = lines.get(row["rule"], 0)
        print(f"\n{row['outlet']}, {row['zone']}, {row['share']:.3f} of pages, {count} lines cut")
        print(f"   {row['key']}\n   {row['why']}")


def main() -> None:
    """Print the tables that the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=5000, help="pages of the general corpus")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--corpora", type=Path, help="folder of real articles whose templates to print")
    given = parser.parse_args()
    params = TemplateParams()
    if given.corpora:
        read_proposals(given.corpora, params)
        return
    with pl.Config(tbl_rows=40, tbl_hide_column_data_types=True, tbl_hide_dataframe_shape=True):
        pages, lines = make_corpus(given.seed)
        pieces = label_pages(pages, params)[1]
        report("Made for this", lines, pieces, BODY)
        print(score(lines, pieces, BODY))
        pages, lines = generate(given.pages, given.seed)
        pieces = label_pages(pages, params)[1]
        report("The general corpus", lines, pieces, GENERATED_BODY)
        print(measure(pages, params))


if __name__ == "__main__":
    main()
