"""Reading a release: its records as a frame, with cuts given back by rule, or with the text normalised."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Any, Literal

import polars as pl

from etl.errors import UserError
from etl.fold import TABLE, fold_expr
from etl.release import ReleaseError, read_manifest
from schemas import SCHEMA_VERSION
from schemas.audit import SECOND_ARTICLE
from schemas.record import RECORD

Normal = Literal["search", "model"]


class LoadError(UserError):
    """What was asked of a release, and it does not have."""


def load(
    release: str | Path,
    include: Collection[str] = (),
    normalize: Normal | None = None,
    split: str | None = None,
) -> pl.DataFrame:
    """Release folder -> its records, with the `split` of each; the text as published unless asked otherwise.

    `include`: ids of rules whose cuts are given back where they stood; `n_chars` is counted anew, other
    scores describe the published text. `normalize`: "search" folds spelling, case and digits as the rules see
    it; "model" drops marks, tatweel and invisible characters and keeps the spelling.
    """
    folder = Path(release)
    manifest = read_manifest(folder)
    _check_version(folder, str(manifest["schema_version"]))
    if normalize not in (None, "search", "model"):
        raise LoadError(f"normalize={normalize!r}: is search, model or None")
    wanted = set(include)
    if SECOND_ARTICLE in wanted:
        raise LoadError(f"{SECOND_ARTICLE} cannot be given back: a second article is a record of its own")
    unknown = wanted - {rule["rule"] for rule in manifest["numbers"]["rules"]}
    if unknown:
        raise LoadError(f"{folder}: no rule {', '.join(sorted(unknown))} in this release; see config audit")
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
        files = [folder / file for told in manifest["configs"]["audit"].values() for file in told["files"]]
        records = give_back(records, pl.scan_parquet(files), wanted)
    if normalize:
        records = records.with_columns(normalized(pl.col("text"), normalize).alias("text"))
    return records


def give_back(records: pl.DataFrame, audit: pl.LazyFrame, rules: Collection[str]) -> pl.DataFrame:
    """Records and their audit -> the records with the cuts of these rules back in `text`."""
    cuts = audit.filter(pl.col("action") == "cut").with_columns(
        doc=pl.when(pl.col("article") > 0).then(pl.col("id") + "." + pl.col("article").cast(pl.String)).otherwise("id"),
        back=pl.col("rule").is_in(list(rules)),
    )
    touched = cuts.filter("back").select("doc").unique()
    rows = cuts.join(touched, on="doc", how="semi").sort("doc", "start").collect()
    texts = dict(records.select("id", "text").iter_rows())
    restored = {
        name: restore_text(texts[name], mine.iter_rows(named=True))
        for (name,), mine in rows.partition_by("doc", as_dict=True, maintain_order=True).items()
        if name in texts
    }
    new = pl.DataFrame(
        {"id": list(restored), "_text": list(restored.values())}, schema={"id": pl.String, "_text": pl.String}
    )
    return (
        records.join(new, on="id", how="left", maintain_order="left")
        .with_columns(text=pl.coalesce("_text", "text"))
        .drop("_text")
        .with_columns(n_chars=pl.col("text").str.len_chars().cast(pl.Int64))
    )


def restore_text(text: str, cuts: Iterable[Mapping[str, Any]]) -> str:
    """Text and its cuts (at, text, back), in order of place -> the text with those cuts back that say so.

    Where a line feed between two parts stays cut, and one of them is new, it is set again: lines stay lines.
    """
    parts: list[str] = []
    at = 0
    broken = returned = False
    for cut in cuts:
        if cut["at"] > at:
            parts.append(_joined(parts, text[at : cut["at"]], broken and returned))
            at, broken, returned = cut["at"], False, False
        if cut["back"]:
            parts.append(_joined(parts, cut["text"], broken))
            broken, returned = False, True
        else:
            broken = broken or "\n" in cut["text"]
    if at < len(text):
        parts.append(_joined(parts, text[at:], broken and returned))
    whole = "".join(parts)
    return whole if text.endswith("\n") else whole.removesuffix("\n")


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


def _joined(parts: list[str], new: str, line: bool) -> str:
    return "\n" + new if line and parts and not parts[-1].endswith("\n") else new


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
