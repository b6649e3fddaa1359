"""Reading a release: its records as a frame, with cuts given back by rule, or with the text normalised."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection
from pathlib import Path
from typing import Literal

import polars as pl

from etl.errors import UserError
from etl.fold import TABLE, fold_expr
from etl.manifest import ReleaseError, list_files, read_manifest
from etl.returns import give_back
from schemas import SCHEMA_VERSION
from schemas.audit import SECOND_ARTICLE
from schemas.columns import document_id
from schemas.record import RECORD

Normal = Literal["search", "model"]


class LoadError(UserError):
    """What was asked of a release, and it does not have."""


def load(
    release: str | Path,
    include: str | Collection[str] = (),
    normalize: Normal | None = None,
    split: str | None = None,
) -> pl.DataFrame:
    """Release folder -> its records, with the `split` of each; the text as published unless asked otherwise.

    `include`: ids of rules, or families, whose cuts are given back where they stood, as `ghirbal restore` gives them;
    `n_chars` is counted anew, other scores describe the published text. `normalize`: "search" folds spelling, case
    and digits as the rules see them; "model" drops marks, tatweel and invisible characters and keeps the spelling.
    """
    folder = Path(release)
    manifest = read_manifest(folder)
    _check_version(folder, str(manifest["schema_version"]))
    if normalize not in (None, "search", "model"):
        raise LoadError(f"normalize={normalize!r}: is search, model or None")
    include = {include} if isinstance(include, str) else set(include)
    if SECOND_ARTICLE in include:
        raise LoadError(f"{SECOND_ARTICLE} cannot be given back: a second article is a record of its own")
    known = {rule["rule"] for rule in manifest["numbers"]["rules"]} - {SECOND_ARTICLE}
    unknown = {name for name in include if not any(name in (rule, rule.split("/")[0]) for rule in known)}
    if unknown:
        raise LoadError(f"{folder}: no rule {', '.join(sorted(unknown))} in this release; see config audit")
    wanted = {rule for rule in known if rule in include or rule.split("/")[0] in include}
    splits = manifest["configs"]["default"]
    if split is not None and split not in splits:
        raise LoadError(f"{folder}: no split {split!r}; it has {', '.join(splits)}")
    frames = [
        pl.read_parquet(folder / file).with_columns(split=pl.lit(name))
        for name, told in splits.items()
        if split in (None, name)
        for file in told["files"]
    ]
    records = _complete(pl.concat(frames))
    if wanted:
        files = [folder / file for file in list_files(manifest["configs"], "audit")]
        records = restore_records(records, pl.scan_parquet(files), wanted)
    if normalize:
        records = records.with_columns(normalized(pl.col("text"), normalize).alias("text"))
    return records


def restore_records(records: pl.DataFrame, audit: pl.LazyFrame, rules: Collection[str]) -> pl.DataFrame:
    """Records and their audit -> the records with the cuts of these rules back in `text`."""
    cuts = audit.filter(pl.col("action") == "cut", pl.col("rule") != SECOND_ARTICLE).with_columns(
        doc=document_id(pl.col("article"))
    )
    touched = cuts.filter(pl.col("rule").is_in(sorted(rules))).select("doc").unique()
    rows = cuts.join(touched, on="doc", how="semi").sort("doc", "start").select("doc", "at", "text", "rule").collect()
    texts = records.filter(pl.col("id").is_in(rows["doc"].unique().implode()))
    new = give_back(lay_out(texts, rows), rules).select("id", _text="text")
    return (
        records.join(new, on="id", how="left", maintain_order="left")
        .with_columns(text=pl.coalesce("_text", "text"))
        .drop("_text")
        .with_columns(n_chars=pl.col("text").str.len_chars().cast(pl.Int64))
    )


def lay_out(records: pl.DataFrame, cuts: pl.DataFrame) -> pl.DataFrame:
    """Records and their cuts (doc, at, text, rule), in order -> the pieces of each article, in order of the page."""
    # The text is parted at each cut's place and ends with an empty one; what stands between two cuts is a piece that stays.
    texts = records.select(doc="id", _whole="text")
    last = texts.select("doc", at=pl.col("_whole").str.len_chars().cast(pl.Int64), text=pl.lit(""), rule=pl.lit(""))
    marks = (
        pl.concat([cuts, last.cast(cuts.schema)])
        .with_row_index("_order")
        .sort("doc", "_order")
        .with_columns(_from=pl.col("at").shift(1, fill_value=0).over("doc"))
        .join(texts, on="doc", how="left", maintain_order="left")
    )
    between = pl.col("_whole").str.slice("_from", pl.col("at") - pl.col("_from")).str.split("\n", inclusive=True)
    no_rule = pl.lit(None, pl.String)
    return (
        pl.concat(
            [
                marks.select("_order", id="doc", piece=between, rule=no_rule, stays=True, _turn=0).explode("piece"),
                marks.select("_order", id="doc", piece="text", rule="rule", stays=False, _turn=1),
            ]
        )
        .filter(pl.col("piece") != "")
        .sort("id", "_order", "_turn", maintain_order=True)
        .select("id", "piece", "rule", "stays", article=pl.lit(0, pl.Int32))
    )


def normalized(text: pl.Expr, how: Normal) -> pl.Expr:
    """Column of text -> the same, folded line by line for search, or rid of marks and invisibles only."""
    if how == "search":
        return text.str.split("\n").list.eval(fold_expr(pl.element())).list.join("\n")
    return text.str.replace_many(list(_MODEL), list(_MODEL.values()))


def _model_table() -> dict[str, str]:
    """What `model` changes: marks, tatweel, invisibles go; presentation forms and spaces become plain."""
    table = {}
    for character, folded in TABLE.items():
        if character in "\n\t\u200c":
            continue
        if folded in ("", " "):
            table[character] = folded
        elif "\ufb50" <= character <= "\ufefc":
            table[character] = unicodedata.normalize("NFKC", character)
    return table


_MODEL = _model_table()


def _check_version(folder: Path, version: str) -> None:
    """A reader of major version N opens N and N-1."""
    theirs, ours = int(version.split(".")[0]), int(SCHEMA_VERSION.split(".")[0])
    if theirs not in (ours, ours - 1):
        raise ReleaseError(
            f"{folder}: has schema {version}, this is a reader of schema {SCHEMA_VERSION}; "
            f"use a {'newer' if theirs > ours else 'older'} Ghirbal"
        )


def _complete(records: pl.DataFrame) -> pl.DataFrame:
    """Add the columns that an older release did not have, as nulls."""
    missing = [pl.lit(None, dtype).alias(name) for name, dtype in RECORD.items() if name not in records.columns]
    return records.with_columns(missing).select(*RECORD, "split")
