"""How often cleaning is wrong: a random sample of cuts and kept lines, and the rates that opinions give.

The population is every cut and every kept piece of the documents that are released, white space aside.
Strata are families of rules (cuts) and places in the article (kept lines), each divided by how much the piece
looks like body text; within a stratum rules and outlets have the same share in the sample. Its order is random, so
that a review that stops half-way has judged a random half.

`etl/rates.py` makes rates of the opinions, and tells the shape of `rates.json`.
"""

from __future__ import annotations

import json
import math
import shlex
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from etl.build_files import CLUSTERS, find_docs
from etl.corpus import Corpus, open_corpus
from etl.errors import UserError
from etl.pieces import unpack_pieces
from etl.review import ReviewError
from etl.shards import hash_file, hash_number, hash_parts, replacing
from etl.wording import count_of
from schemas.columns import document_id

AUDIT_FOLDER, SAMPLE_FILE = "audit", "sample.jsonl"
"""Where in a build its audit lies, and what was drawn."""
_CUTS = 0.6
"""Share of the sample that is cuts; the rest are kept lines."""
_LEAST = 2
"""Pieces drawn from each stratum, where it has them: with one alone, nothing is known of its spread."""
_LOOKS_LIKE_BODY = 0.5
"""Score from which a line is taken for body text: a cut above it is in doubt, a kept line under it."""
_AROUND = 80
"""Code points of the page shown on either side of a piece."""
_LETTER = r"[\p{L}\p{N}]"
SAMPLE = pl.Schema(
    {
        "id": pl.String(),
        "raw_sha256": pl.String(),
        "article": pl.Int32(),
        "start": pl.Int64(),
        "end": pl.Int64(),
        "text": pl.String(),
        "rule": pl.String(),
        "action": pl.String(),
        "zone": pl.String(),
        "score": pl.Float64(),
        "outlet": pl.String(),
        "kind": pl.String(),
        "family": pl.String(),
        "stratum": pl.String(),
        "size": pl.Int64(),
        "in_family": pl.Int64(),
        "population": pl.Int64(),
        "drawn_from": pl.String(),
        "before": pl.String(),
        "after": pl.String(),
    }
)
"""A drawn piece: `kind` is cut or kept, `population` all pieces of that kind, `in_family` those of its family among them,
`size` those in its stratum.

`drawn_from` is the hash of the build: rates are true of that build and of no other.
"""


class AuditError(UserError):
    """A sample that cannot be drawn; the message says why."""


def draw_sample(build: Path, n: int, seed: int, release: Path | None = None) -> pl.DataFrame:
    """Build -> about `n` pieces to be judged, drawn at random by `seed`, in the order of the corpus."""
    if n < 1:
        raise AuditError(f"a sample of {n} pieces: ask for one at least")
    corpus = open_corpus(build, release)
    cells: dict[tuple[str, ...], int] = {}
    for _, population in _populations(corpus):
        counted = population.group_by("kind", "family", "stratum", "_cell").len()
        for *key, size in counted.iter_rows():
            cells[tuple(key)] = cells.get(tuple(key), 0) + size
    if not cells:
        raise AuditError(f"{build}: no document is released, so there is nothing to audit")
    wanted = _allot_cells(cells, n, seed)
    sizes: Counter[tuple[str, ...]] = Counter()
    for (kind, family, stratum, _), size in cells.items():
        for group in ((kind,), (kind, family), (kind, family, stratum)):
            sizes[group] += size
    quota = pl.DataFrame(
        [(*cell, number) for cell, number in sorted(wanted.items())],
        schema={**dict.fromkeys(("kind", "family", "stratum", "_cell"), pl.String), "_wanted": pl.Int64},
        orient="row",
    )
    on = ["kind", "family", "stratum", "_cell"]
    least: list[pl.DataFrame] = []
    for order, population in _populations(corpus):
        keys = pl.Series("_key", draw_keys(population["id"], population["start"], seed))
        near = (
            population.with_columns(keys, _shard=pl.lit(order))
            .join(quota, on=on, how="inner", maintain_order="left")
            .filter(pl.col("_key").rank("ordinal").over(on) <= pl.col("_wanted"))
        )
        least.append(near)
    drawn = pl.concat(least).filter(pl.col("_key").rank("ordinal").over(on) <= pl.col("_wanted"))
    groups = list(drawn.select("kind", "family", "stratum").iter_rows())
    counted_in = {"population": 1, "in_family": 2, "size": 3}
    drawn = drawn.with_columns(
        *(pl.Series(name, [sizes[g[:depth]] for g in groups], dtype=pl.Int64) for name, depth in counted_in.items()),
        drawn_from=pl.lit(hash_build(build)),
    )
    return shuffle_sample(_add_texts(corpus, drawn.sort("_shard", "_page", "start")), seed)


def shuffle_sample(drawn: pl.DataFrame, seed: int) -> pl.DataFrame:
    """Pieces -> the same in a random order, fixed by the seed: however many are judged, they are a random draw too."""
    places = drawn.select("id", "start").iter_rows()
    # Another hash than the draw's, by which the pieces of small strata would come last.
    keys = [hash_parts(str(seed), "order", name, str(start)) for name, start in places]
    return drawn.with_columns(_order=pl.Series(keys, dtype=pl.String)).sort("_order").drop("_order")


def hash_build(build: Path) -> str:
    """Return one hash over the documents of a build and their clusters: what a sample is drawn from."""
    files = [*find_docs(build), build / CLUSTERS]
    return hash_parts(*(hash_file(file) for file in files if file.exists()))


def draw_keys(ids: pl.Series, starts: pl.Series, seed: int) -> np.ndarray:
    """Ids and places -> a number each, uniform over 64 bits, fixed by the seed: a cell's least are drawn."""
    pages = ids.unique(maintain_order=True)
    drawn = {name: hash_number(str(seed), name) for name in pages}
    page = ids.replace_strict(list(drawn), pl.Series(list(drawn.values()), dtype=pl.UInt64)).to_numpy()
    # splitmix64 (Steele, Lea and Flood 2014): one hash a page, mixed with the place of the piece.
    mixed = page + (starts.to_numpy().astype(np.uint64) + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        mixed = (mixed ^ (mixed >> np.uint64(shift))) * np.uint64(factor)
    return np.asarray(mixed ^ (mixed >> np.uint64(31)))


def _populations(corpus: Corpus) -> Iterable[tuple[int, pl.DataFrame]]:
    """Corpus -> for each shard its number and the pieces that can be drawn, with stratum and cell."""
    for order, shard in enumerate(corpus.shards):
        docs = corpus.scan(shard)
        released = docs.filter(pl.col("fate") == "released").select(article_id="id").collect()
        pieces = (
            unpack_pieces(docs)
            .with_columns(
                article_id=document_id(pl.col("article")),
                _filled=pl.col("piece").str.contains(_LETTER),
            )
            .filter("_filled" & ~pl.col("rule").str.starts_with("space/").fill_null(False))
            .drop("piece", "_filled")
            .collect()
        )
        pieces = pieces.join(released, on="article_id", how="semi", maintain_order="left")
        pages = docs.select("id", "outlet").collect().with_row_index("_page")
        yield order, _stratify(pieces.join(pages, on="id", how="left", maintain_order="left"))


def _stratify(pieces: pl.DataFrame) -> pl.DataFrame:
    """Pieces of released documents -> the same with kind, family, stratum, and cell: the rule and outlet."""
    cut = pl.col("action") == "cut"
    kept = ~cut.fill_null(False)
    # The first and the last kept piece of an article are where noise is missed.
    number = pl.col("start").filter(kept)
    ends = [number.min().over("article_id"), number.max().over("article_id")]
    edge = (pl.col("start") == ends[0]) | (pl.col("start") == ends[1])
    place = pl.when(edge).then(pl.lit("edge")).otherwise(pl.lit("inside"))
    family = pl.when(kept).then(place).otherwise(pl.col("rule").str.split("/").list.first())
    score = pl.col("score").fill_null(_LOOKS_LIKE_BODY)
    doubt = pl.when(kept).then(score < _LOOKS_LIKE_BODY).otherwise(score >= _LOOKS_LIKE_BODY)
    rule = pl.when(pl.col("rule").str.starts_with("template/")).then(pl.lit("template/*")).otherwise("rule")
    return (
        pieces.with_columns(
            kind=pl.when(kept).then(pl.lit("kept")).otherwise(pl.lit("cut")), family=family, _doubt=doubt
        )
        .with_columns(
            stratum=pl.format("{}, {}", "family", pl.when("_doubt").then(pl.lit("in doubt")).otherwise(pl.lit("sure"))),
            _cell=pl.format("{}\n{}", rule.fill_null(""), pl.col("outlet").fill_null("")),
        )
        .drop("_doubt", "article_id")
    )


def _allot_cells(cells: Mapping[tuple[str, ...], int], n: int, seed: int) -> dict[tuple[str, ...], int]:
    """Cells (kind, family, stratum, rule and outlet) and their sizes -> how many to draw of each."""
    wanted: dict[tuple[str, ...], int] = {}
    kinds = sorted({cell[0] for cell in cells})
    budget = {"cut": round(n * _CUTS), "kept": n - round(n * _CUTS)} if len(kinds) == 2 else {kinds[0]: n}
    for kind in kinds:
        strata: dict[tuple[str, str], list[tuple[str, ...]]] = {}
        for cell in sorted(cells):
            if cell[0] == kind:
                strata.setdefault((cell[1], cell[2]), []).append(cell)
        sizes = {stratum: sum(cells[cell] for cell in mine) for stratum, mine in strata.items()}
        for stratum, number in allot(sizes, budget[kind]).items():
            wanted |= share_out({cell: cells[cell] for cell in strata[stratum]}, number, f"{seed}\0{stratum}")
    return {cell: number for cell, number in wanted.items() if number}


def allot(sizes: Mapping[Any, int], n: int) -> dict[Any, int]:
    """Sizes of strata -> how many to draw of each: two where there are two, the rest by the root of the size.

    Power allocation, Bankier (1988), Am. Stat. 42(3), 174-177: small strata are known too, large ones better.
    Where `n` is less than twice the number of strata, the largest are served first.
    """
    given = dict.fromkeys(sizes, 0)
    left = min(n, sum(sizes.values()))
    by_size = sorted(sizes, key=lambda name: (-sizes[name], str(name)))
    for _ in range(_LEAST):
        for name in by_size:
            if left and given[name] < sizes[name]:
                given[name] += 1
                left -= 1
    while left:
        # Highest quotient first (Sainte-Laguë): the same for any order of the strata.
        name = max(
            (name for name in by_size if given[name] < sizes[name]),
            key=lambda name: (math.sqrt(sizes[name]) / (2 * given[name] + 1), str(name)),
        )
        given[name] += 1
        left -= 1
    return given


def share_out(sizes: Mapping[tuple[str, ...], int], n: int, seed: str) -> dict[tuple[str, ...], int]:
    """Sizes of a stratum's cells -> how many to draw of each: in proportion, rounded by one random start.

    Systematic sampling over the cells in order (Cochran 1977, chapter 8): any piece has the chance n / size.
    """
    if not n:
        return {}
    step = sum(sizes.values()) / n
    start = hash_number(seed) / 2**64 * step
    drawn: dict[tuple[str, ...], int] = {}
    end = 0
    for cell in sorted(sizes):
        first = math.ceil((end - start) / step)
        end += sizes[cell]
        drawn[cell] = min(sizes[cell], max(0, math.ceil((end - start) / step) - max(first, 0)))
    return drawn


def _add_texts(corpus: Corpus, drawn: pl.DataFrame) -> pl.DataFrame:
    """Drawn places -> SAMPLE: with the text of each and what stands around it in the page."""
    frames = []
    for (order,), rows in drawn.partition_by("_shard", as_dict=True, maintain_order=True).items():
        ids = rows["id"].unique().to_list()
        docs = corpus.scan(corpus.shards[int(str(order))]).filter(pl.col("id").is_in(ids))
        frames.append(
            rows.join(docs.select("id", "page", "raw_sha256").collect(), on="id", how="left", maintain_order="left")
        )
    around = pl.col("start") - pl.max_horizontal(pl.col("start") - _AROUND, pl.lit(0))
    return (
        pl.concat(frames)
        .with_columns(
            text=pl.col("page").str.slice("start", pl.col("end") - pl.col("start")),
            before=pl.col("page").str.slice(pl.col("start") - around, around),
            after=pl.col("page").str.slice("end", _AROUND),
        )
        .select(list(SAMPLE))
        .cast(SAMPLE)
    )


def write_sample(build: Path, out: Path, n: int, seed: int, *, release: Path | None = None) -> dict[str, Any]:
    """Build -> `out/sample.jsonl`, one piece a line, opinions open, and `out/index.html` to judge them in.

    A sample in which somebody has begun to judge is not drawn over.
    """
    from etl.report import check_page, make_report

    _refuse_judged(out / SAMPLE_FILE)
    check_page(out)
    sample = draw_sample(build, n, seed, release)
    with replacing(out / SAMPLE_FILE) as beside:
        rows = sample.with_columns(pl.lit(None, pl.String).alias("opinion")).iter_rows(named=True)
        beside.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")
    told = make_report(build, out, release=release, sample=None, seed=seed, ask=sample)
    strata = sample.select("kind", "stratum").n_unique()
    return {"pieces": len(sample), "strata": strata, "build": str(build), "out": str(out), **told}


def _refuse_judged(path: Path) -> None:
    """Raise AuditError where a sample holds opinions, or lines that people have made of it and that cannot be read."""
    if not path.exists():
        return
    cure = "move it away to draw anew, or draw elsewhere with --out DIR"
    judged = 0
    for number, line in enumerate(path.read_text("utf-8", "replace").split("\n"), 1):
        if line.strip():
            try:
                judged += bool(json.loads(line).get("opinion"))
            except (ValueError, AttributeError) as error:
                raise AuditError(f"{path}:{number}: is no line of a sample; {cure}") from error
    if judged:
        raise AuditError(
            f"{path}: holds {count_of(judged, 'opinion')}, which a new sample would take the place of; make the rates of them "
            f"with `ghirbal audit --opinions {shlex.quote(str(path))}`, or {cure}"
        )


def show_drawn(told: Mapping[str, Any]) -> str:
    """What `write_sample` did -> a line for reading: what was drawn, and what to do with it."""
    build, out = Path(told["build"]), Path(told["out"])
    where = "" if build == Path("data") else f" --build {shlex.quote(told['build'])}"
    where += "" if out == build / AUDIT_FOLDER else f" --out {shlex.quote(told['out'])}"
    return (
        f"{count_of(told['pieces'], 'piece')} of {count_of(told['strata'], 'stratum', 'strata')}, on {told['shown']:,} of "
        f"{count_of(told['pages'], 'page')}; judge them in {told['file']}, export review.jsonl there, then `ghirbal audit{where} --opinions review.jsonl`"
    )


def show_apart(build: Path, out: Path) -> str | None:
    """Where rates lie in a folder of their own -> a line that says who does not read them there."""
    from etl.rates import RATES_FILE

    card = build / AUDIT_FOLDER
    if out.absolute() == card.absolute():
        return None
    return (
        f"the card and the report take the rates from {card} alone: copy {out / RATES_FILE} there, or leave out --out"
    )


def read_sample(path: Path) -> pl.DataFrame:
    """Read `sample.jsonl` -> SAMPLE."""
    try:
        rows = [json.loads(line) for line in path.read_text("utf-8").split("\n") if line.strip()]
        return pl.DataFrame([{name: row[name] for name in SAMPLE} for row in rows], schema=SAMPLE)
    except FileNotFoundError as error:
        raise ReviewError(f"{path}: no sample was drawn yet; `ghirbal audit` draws one") from error
    except (ValueError, KeyError, TypeError) as error:
        raise ReviewError(f"{path}: is no sample that `ghirbal audit` drew ({error!r}); draw it again") from error
