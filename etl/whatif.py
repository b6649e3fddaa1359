"""What if a threshold were another? Answered from the scores that a build holds, without a rebuild.

The verdicts are given anew by the functions that gave them, over stored scores; text is read for samples.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
import yaml
from pydantic import ValidationError

from etl.ask import AskError
from etl.corpus import open_corpus
from etl.knowledge import Knowledge, ship_knowledge
from etl.language import judge_language
from etl.params import Params, list_names, tell_unknown, tell_wrong
from etl.quality import judge_quality
from etl.verdicts import value_copies
from etl.withdrawal import settle_clusters
from etl.wording import count_of, isolate
from etl.zones import judge_zones

DECIDABLE = (
    "quality.min_words",
    "quality.min_arabic_share",
    "quality.max_damage_share",
    "zones.undecided",
    "release.keep_duplicates",
)
"""Parameters that only compare a stored score, or choose among stored clusters."""
_JUDGED = (
    "zone/no-article",
    "zone/undecided",
    "quality/too-short",
    "quality/arabic-share",
    "quality/damaged",
)
_RERUN = {
    "run": ("it says where the work is done; it changes no result", ()),
    "read": ("it decides what is read", ("read", "repair", "templates", "clean", "duplicates", "release")),
    "repair": (
        "it decides which pages are beyond repair",
        ("repair", "templates", "clean", "duplicates", "release"),
    ),
    "templates": ("the counts of lines and dates are judged anew", ("templates", "clean", "duplicates", "release")),
    "zones": ("every line's zone depends on it", ("clean", "duplicates", "release")),
    "headlines": ("which lines are English headlines depends on it", ("clean", "duplicates", "release")),
    "dates": ("which lines are dates depends on it", ("clean", "duplicates", "release")),
    "language": ("the counts of letters behind it are not stored", ("clean", "duplicates", "release")),
    "quality": ("it is measured in the text", ("clean", "duplicates", "release")),
    "duplicates": (
        "the clusters depend on it; they are learned from stored signatures",
        ("duplicates", "release"),
    ),
    "release": ("it decides what is written, not what is judged", ("release",)),
}
_SCORES = (
    "id", "outlet", "verdict", "verdict_value", "n_chars", "zone_score", "lang", "arabic_share",
    "latin_share", "other_share", "n_words", "damage_share",
)  # fmt: skip
_OUTLETS_SHOWN = 20
_SHOWN = 100
"""Code points of a sample's text."""
NO_OUTLET = "(no outlet)"


@dataclass(frozen=True)
class Answer:
    """What a change would do to what is released."""

    changes: dict[str, tuple[Any, Any]]
    """Parameter -> its value in the build and the other one."""
    before: int
    after: int
    outlets: pl.DataFrame
    """outlet, before, enter, leave, after: documents."""
    verdicts: pl.DataFrame
    """verdict, before, after: documents left out for it."""
    samples: pl.DataFrame
    """move (enter or leave), id, outlet, verdict (the one it loses or gets), value, title, text."""
    notes: tuple[str, ...] = ()


def whatif(
    build: Path,
    changes: Mapping[str, str],
    know: Knowledge | None = None,
    release: Path | None = None,
    samples: int = 5,
) -> Answer:
    """Build and changed parameters -> which documents would enter or leave, by outlet, with samples.

    `know` holds the parameters that the build was made with; an error says where they are others, or where a
    parameter cannot be answered from stored scores and what to run instead.
    """
    params = (know or ship_knowledge()).params
    changed = change_params(params, changes)
    corpus = open_corpus(build, release)
    stored = pl.scan_parquet(list(corpus.shards), include_file_paths="_shard").select(*_SCORES, "_shard").collect()
    _check_made_with(stored, params)
    again = _judge(stored, changed)
    notes = []

    old_copies = _copies(corpus.clusters, params)
    left = corpus.clusters
    lost = again.filter(pl.col("verdict").is_not_null()).select("id")
    heads = left.filter(pl.col("cluster_size") > 1, cluster_role="representative").join(lost, on="id", how="semi")
    if len(heads):
        left = settle_clusters(left, lost)
        notes.append(
            f"{len(heads):,} of those that leave stand for a cluster: a copy is taken to enter for each; "
            "which one, the stage `duplicates` says"
        )
    new_copies = _copies(left, changed)

    moved = (
        stored.select("id", "outlet", "_shard", old="verdict", old_value="verdict_value")
        .with_columns(new=again["verdict"], new_value=again["verdict_value"])
        .join(old_copies, on="id", how="left", maintain_order="left")
        .join(new_copies, on="id", how="left", maintain_order="left", suffix="_new")
        .with_columns(
            old=pl.coalesce("old", "copy"),
            new=pl.coalesce("new", "copy_new"),
            old_value=pl.coalesce("old_value", "similarity"),
            new_value=pl.coalesce("new_value", "similarity_new"),
            outlet=pl.col("outlet").fill_null(NO_OUTLET),
        )
        .filter(~pl.col("id").is_in(list(corpus.withdrawn)))
        .with_columns(
            move=pl.when(pl.col("old").is_not_null() & pl.col("new").is_null())
            .then(pl.lit("enter"))
            .when(pl.col("old").is_null() & pl.col("new").is_not_null())
            .then(pl.lit("leave"))
        )
    )
    strangers = moved.filter(move="enter").join(corpus.clusters, on="id", how="anti")
    if len(strangers):
        notes.append(
            f"{len(strangers):,} of those that enter were never compared with others: copies among them are "
            "known once the stage `duplicates` has run"
        )
    return Answer(
        changes={name: (_get(params, name), _get(changed, name)) for name in changes},
        before=int(moved["old"].null_count()),
        after=int(moved["new"].null_count()),
        outlets=_by_outlet(moved),
        verdicts=_by_verdict(moved),
        samples=_draw(moved, samples),
        notes=tuple(notes),
    )


def read_changes(pairs: Sequence[str]) -> dict[str, str]:
    """Arguments of the form `NAME=VALUE` -> name and value."""
    changes = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals:
            raise AskError(f"{pair}: write NAME=VALUE, as in quality.min_words=80")
        changes[name.strip()] = value.strip()
    return changes


def change_params(params: Params, changes: Mapping[str, str]) -> Params:
    """Parameters and `group.name` -> value, as text -> parameters with these; an error says what to do."""
    if not changes:
        raise AskError(f"name a parameter and its value: one of {', '.join(DECIDABLE)}")
    data = params.model_dump(mode="json")
    names = set(list_names(data)) - set(data)
    for name, value in changes.items():
        if name not in names:
            raise AskError(tell_unknown(name, DECIDABLE))
        group, _, key = name.partition(".")
        if name not in DECIDABLE:
            why, stages = _RERUN[group]
            rerun = "; set it in params.yaml and run " + ", ".join(f"`ghirbal {stage}`" for stage in stages)
            raise AskError(f"{name} cannot be answered from stored scores: {why}{rerun if stages else ''}")
        try:
            data[group][key] = yaml.safe_load(value)
        except yaml.YAMLError as error:
            raise AskError(f"{name}: {value!r} is not a value: {error}") from error
    if params.quality.preset:
        raise AskError(
            f"quality.preset {params.quality.preset} is measured in the text, not stored; set the parameter "
            "in params.yaml and run `ghirbal clean`, `ghirbal duplicates`, `ghirbal release`"
        )
    try:
        return Params.model_validate(data)
    except ValidationError as error:
        raise AskError(tell_wrong(error)) from error


def show_answer(answer: Answer) -> Iterator[str]:
    """Answer -> lines for reading: totals, the outlets in which most moves, samples, notes."""
    for name, (old, new) in answer.changes.items():
        yield f"{name}: {old} → {new}"
    enter, leave = (int(answer.outlets[move].sum()) for move in ("enter", "leave"))
    yield f"{count_of(answer.before, 'document')} released, {answer.after:,} then: {enter:,} enter, {leave:,} leave"
    moving = answer.outlets.filter(pl.col("enter") + pl.col("leave") > 0)
    if len(moving):
        yield ""
        yield from _lay_out(moving.head(_OUTLETS_SHOWN))
        if len(moving) > _OUTLETS_SHOWN:
            yield f"… and {count_of(len(moving) - _OUTLETS_SHOWN, 'outlet')} more"
    if len(answer.verdicts):
        yield ""
        yield from _lay_out(answer.verdicts)
    for move in ("enter", "leave"):
        shown = answer.samples.filter(move=move)
        if len(shown):
            yield ""
            yield f"{move}, {len(shown):,} of {enter if move == 'enter' else leave:,}:"
        for row in shown.iter_rows(named=True):
            value = f" {row['value']:.4g}" if row["value"] is not None else ""
            yield f"  {row['id']}  {row['verdict']}{value}  {isolate(row['outlet'])}"
            told = f"{row['title']} | {row['text']}" if row["title"] else row["text"]
            yield f"    {isolate(' '.join(told.split()) + '…')}"
    for note in answer.notes:
        yield ""
        yield note


def pack_answer(answer: Answer) -> dict[str, Any]:
    """Answer -> the same as lists and numbers, for JSON."""
    tables = {name: getattr(answer, name).to_dicts() for name in ("outlets", "verdicts", "samples")}
    changes = {name: list(values) for name, values in answer.changes.items()}
    counts = {"before": answer.before, "after": answer.after}
    return {"changes": changes, **counts, **tables, "notes": list(answer.notes)}


def _judge(stored: pl.DataFrame, params: Params) -> pl.DataFrame:
    """Scores -> verdicts by these parameters, by the functions that judge in a build; other verdicts stay.

    So does that of another language, which is judged before all these, of the page as well.
    """
    ours = pl.col("verdict").is_in(list(_JUDGED)).fill_null(False)
    docs = stored.with_columns(
        verdict=pl.when(~ours).then("verdict"),
        verdict_value=pl.when(~ours).then("verdict_value"),
        # Only whether there is a text is asked of it here.
        text=pl.when(pl.col("n_chars") == 0).then(pl.lit("")).otherwise(pl.lit("…")),
    )
    docs = judge_zones(docs, params.zones)
    docs = judge_language(docs, params.language)
    return judge_quality(docs, params.quality)


def _check_made_with(stored: pl.DataFrame, params: Params) -> None:
    """An error where these parameters do not give the verdicts that the build holds."""
    now = _judge(stored, params)["verdict"]
    differ = stored.filter(stored["verdict"].ne_missing(now))
    if len(differ):
        first = differ.row(0, named=True)
        raise AskError(
            f"{len(differ):,} documents have another verdict than these parameters give (the first is "
            f"{first['id']}: {first['verdict']}): give the build's own with --params, or run `ghirbal clean`"
        )


def _copies(clusters: pl.DataFrame, params: Params) -> pl.DataFrame:
    """Clusters -> (id, similarity, copy): the copies that are left out, with the value behind their verdict."""
    copies = clusters.filter(pl.col("verdict").is_not_null() & (not params.release.keep_duplicates))
    return copies.select("id", similarity=value_copies("verdict"), copy="verdict")


def _by_outlet(moved: pl.DataFrame) -> pl.DataFrame:
    return (
        moved.group_by("outlet")
        .agg(
            before=pl.col("old").is_null().sum().cast(pl.Int64),
            enter=(pl.col("move") == "enter").sum().cast(pl.Int64),
            leave=(pl.col("move") == "leave").sum().cast(pl.Int64),
            after=pl.col("new").is_null().sum().cast(pl.Int64),
        )
        .sort(-(pl.col("enter") + pl.col("leave")), -pl.col("before"), "outlet")
    )


def _by_verdict(moved: pl.DataFrame) -> pl.DataFrame:
    old, new = (
        moved.filter(pl.col(name).is_not_null()).group_by(verdict=name).agg(pl.len().cast(pl.Int64).alias(count))
        for name, count in (("old", "before"), ("new", "after"))
    )
    return (
        old.join(new, on="verdict", how="full", coalesce=True)
        .with_columns(pl.col("before", "after").fill_null(0))
        .sort("verdict")
    )


def _draw(moved: pl.DataFrame, count: int) -> pl.DataFrame:
    """Some of those that enter and that leave: as many outlets as there are, then by id, which is a hash."""
    chosen = (
        moved.filter(pl.col("move").is_not_null())
        .sort("id")
        .with_columns(_turn=pl.int_range(pl.len()).over("move", "outlet"))
        .sort("move", "_turn", "outlet", "id")
        .group_by("move", maintain_order=True)
        .head(count)
    )
    lost = pl.col("move") == "enter"
    columns = ("id", "title", "text")
    files = chosen["_shard"].unique().sort().to_list()
    texts = [
        pl.scan_parquet(file).filter(pl.col("id").is_in(chosen["id"].to_list())).select(columns).collect()
        for file in files
    ]
    known = pl.concat(texts) if texts else pl.DataFrame(schema=dict.fromkeys(columns, pl.String))
    return chosen.join(known, on="id", how="left", maintain_order="left").select(
        "move",
        "id",
        "outlet",
        verdict=pl.when(lost).then("old").otherwise("new"),
        value=pl.when(lost).then("old_value").otherwise("new_value"),
        title="title",
        text=pl.col("text").str.slice(0, _SHOWN),
    )


def _lay_out(table: pl.DataFrame) -> Iterator[str]:
    """Table -> lines: the first column, which may be Arabic, comes last."""
    name, *numbers = table.columns
    yield "  ".join(f"{column:>9}" for column in numbers) + f"  {name}"
    for row in table.iter_rows():
        yield "  ".join(f"{number:>9,}" for number in row[1:]) + f"  {isolate(row[0])}"


def _get(params: Params, name: str) -> Any:
    group, key = name.split(".")
    return getattr(getattr(params, group), key)
