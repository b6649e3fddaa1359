"""Give cuts back: the texts of a build with what some rules cut in its place again, from the page itself."""

from __future__ import annotations

import difflib
import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path

import polars as pl
import pyarrow.parquet as pq

from etl.arrow import to_arrow
from etl.ask import AskError
from etl.corpus import Corpus, open_corpus
from etl.phrases import plain_id
from etl.returns import give_back
from etl.rule_hits import choose_labels
from etl.rulebook import count_hits
from etl.rules import Rules
from etl.shards import replacing
from etl.tiles import lay_tiles, list_pieces
from etl.wording import count_of
from schemas.columns import document_id, polars_schema
from schemas.document import Document

RESTORED = pl.Schema(
    {
        **polars_schema(Document),
        "verdict": pl.String(),
        "verdict_value": pl.Float64(),
        "given_back": pl.Int64(),
    }
)
"""What `restore` yields: a document, its last verdict, and the code points that its text got back."""


def restore(
    build: Path,
    rules: Collection[str] = (),
    ids: Collection[str] = (),
    known: Rules | None = None,
    release: Path | None = None,
) -> Iterator[pl.DataFrame]:
    """Build -> its documents, a shard at a time, with the cuts of these rules (or families) back in `text`.

    `ids`: only these documents; without them all, those left out too, with their verdict, but none withdrawn.
    A text is then the one that the build would have made had these rules cut nothing. Without rules, every cut of
    these documents comes back, white space too: the article as it stood in the page. `n_chars` is counted anew;
    the other scores describe the text without its cuts.
    """
    if not rules and not ids:
        raise AskError("say what to give back: a rule, a document, or both")
    ids = [plain_id(name) for name in ids]
    corpus = open_corpus(build, release)
    wanted = choose_rules(build, rules, known) if rules else None
    _check_ids(corpus, ids)
    for shard in corpus.shards:
        docs = corpus.scan(shard).filter(pl.col("fate") != "withdrawn")
        if ids:
            docs = docs.filter(pl.col("id").is_in(sorted(ids)))
        frame = docs.select(*polars_schema(Document), "verdict", "verdict_value").collect()
        if len(frame):
            yield _restore_shard(shard, frame, wanted)


def choose_rules(build: Path, names: Collection[str], known: Rules | None = None) -> frozenset[str]:
    """Rule ids or families -> ids of labels in this build and of known rules; an error names those near."""
    return frozenset(choose_labels(names, {*count_hits(build)["rule"], *(rule.id for rule in known or ())}))


def show_restored(out: Path, counts: Mapping[str, int]) -> str:
    """What `write_restored` counted -> a line for reading."""
    return (
        f"{out}: {count_of(counts['documents'], 'document')}, {counts['changed']:,} of them with "
        f"{count_of(counts['given_back'], 'character')} given back"
    )


def write_restored(frames: Iterable[pl.DataFrame], out: Path) -> dict[str, int]:
    """Restored documents -> a file, JSONL or Parquet by its suffix; counts of documents and characters."""
    if out.suffix not in (".jsonl", ".parquet"):
        raise AskError(f"{out}: name a file that ends in .jsonl or .parquet")
    out.parent.mkdir(parents=True, exist_ok=True)
    counts = {"documents": 0, "changed": 0, "given_back": 0}

    def counted() -> Iterator[pl.DataFrame]:
        for frame in frames:
            counts["documents"] += len(frame)
            counts["changed"] += int((frame["given_back"] != 0).sum())
            counts["given_back"] += int(frame["given_back"].sum())
            yield frame

    with replacing(out) as beside:
        if out.suffix == ".jsonl":
            with beside.open("w", encoding="utf-8") as file:
                for frame in counted():
                    for row in frame.iter_rows(named=True):
                        file.write(json.dumps(row, ensure_ascii=False, default=str) + "\n")
        else:
            schema = to_arrow(RESTORED.to_frame()).schema
            with pq.ParquetWriter(beside, schema, compression="zstd") as writer:
                for frame in counted():
                    writer.write_table(to_arrow(frame))
    return counts


def _check_ids(corpus: Corpus, ids: Collection[str]) -> None:
    if not ids:
        return
    known = pl.scan_parquet(list(corpus.shards)).select("id").collect()["id"]
    missing = sorted(set(ids) - set(known))
    if missing:
        near = difflib.get_close_matches(missing[0], known.to_list(), 3, 0.7)
        raise AskError(f"no document {', '.join(missing)}" + (f"; near are {', '.join(near)}" if near else ""))
    gone = sorted(set(ids) & set(corpus.withdrawn))
    if gone:
        raise AskError(f"{', '.join(gone)}: withdrawn on request; what was withdrawn is not given out")


def _restore_shard(shard: Path, docs: pl.DataFrame, wanted: frozenset[str] | None) -> pl.DataFrame:
    """Documents of a shard -> RESTORED; only those of which a wanted rule cut something are joined anew."""
    owners = docs.select(pl.coalesce("parent_id", "id")).to_series().unique().to_list()
    asked = pl.col("rule").is_in(sorted(wanted)) if wanted is not None else pl.col("rule").is_not_null()
    mine = pl.element().struct.field("rule")
    cut = mine.is_in(sorted(wanted)) if wanted is not None else mine.is_not_null()
    pages = (
        pl.scan_parquet(shard)
        .filter(pl.col("id").is_in(owners), pl.col("pieces").list.eval(cut).list.any())
        .select("id", "page", "pieces")
        .collect()
    )
    tiles = lay_tiles(pages, list_pieces(pages["pieces"].rechunk().to_arrow(compat_level=pl.CompatLevel.newest())))
    pieces = pl.DataFrame(
        {
            "article": tiles.pieces.article,
            "rule": tiles.pieces.labels["rule"].gather(tiles.pieces.label),
            "id": pages["id"].gather(tiles.doc),
            "piece": tiles.texts(),
            "stays": tiles.stays,
        }
    )
    changed = pieces.filter(asked & ~pl.col("stays")).select("id", "article").unique()
    new = (
        give_back(pieces, wanted)
        .join(changed, on=["id", "article"], how="semi", maintain_order="left")
        .select(id=document_id(pl.col("article")), _text="text")
    )
    size = pl.col("text").str.len_chars().cast(pl.Int64)
    return (
        docs.join(new, on="id", how="left", maintain_order="left")
        .with_columns(_before=size, text=pl.coalesce("_text", "text"))
        .with_columns(n_chars=size, given_back=size - pl.col("_before"))
        .select(list(RESTORED))
    )
