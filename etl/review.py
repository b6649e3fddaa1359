"""Opinions count: what people say of cuts and of kept lines becomes data that the next build obeys.

A review (`review.jsonl`, one opinion a line) turns into `overrides.toml`: spans that stay in the text though
a rule cuts them, or leave it though none does. Each carries its text: where a page has it no more, the build
stops.
"""

from __future__ import annotations

import json
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from etl.errors import UserError
from etl.knowledge import KEEP
from etl.phrases import say
from etl.pieces import split_pieces
from etl.rules import FAMILIES, Rules
from etl.shards import replacing
from etl.wording import are_of, count_of

if TYPE_CHECKING:
    from etl.knowledge import Knowledge

BY_REVIEW = "by-review"
"""Name of the rule by which a person cuts; its family says what the span is: `related/by-review`."""
OPINIONS = ("right", "wrong", "cut", "unsure")
"""Of a cut or mark: right, or wrong (keep it). Of a kept line: right, or cut (it should have been)."""
OVERRIDES = pl.Schema(
    {
        "id": pl.String(),
        "raw_sha256": pl.String(),
        "start": pl.Int64(),
        "end": pl.Int64(),
        "text": pl.String(),
        "action": pl.String(),
        "rule": pl.String(),
        "reason": pl.String(),
        "file": pl.String(),
    }
)
_STORED = [name for name in OVERRIDES if name != "file"]
_REASONS = {"keep": "a reader says that the cut is wrong", "cut": "a reader says that it is no body"}
_HEAD = """\
# What people decided about single spans of single pages; written by `ghirbal review apply`, editable by hand.
# keep: the span stays in the text although `rule` cuts it. cut: it leaves the text, filed under `rule`.
# `start` and `end` are code points of the page. A text that is no longer at its place stops the build.
"""


class ReviewError(UserError):
    """A review that cannot be used; the message names the file, the line and what to do."""


class OverrideError(UserError):
    """An override that cannot be obeyed; the message names the file, the document and the text."""


@dataclass(frozen=True)
class Opinion:
    """What a person says of a span: half-open code points of the page `id`."""

    id: str
    raw_sha256: str
    start: int
    end: int
    text: str
    opinion: str
    rule: str | None = None
    family: str | None = None
    note: str = ""
    line: str = ""
    """The whole line that the span is a part of."""

    @property
    def place(self) -> tuple[str, int, int]:
        """What the opinion is about."""
        return self.id, self.start, self.end

    @property
    def is_of_decision(self) -> bool:
        """Whether it is about what a person decided, not a rule or a stage."""
        return self.rule == KEEP or (self.rule or "").endswith("/" + BY_REVIEW)


def read_review(path: Path) -> list[Opinion]:
    """Read `review.jsonl`: opinions by place, the last one of each; a line without one is skipped."""
    found: dict[tuple[str, int, int], Opinion] = {}
    try:
        text = path.read_text("utf-8")
    except UnicodeDecodeError as error:
        raise ReviewError(f"{path}: not UTF-8 ({error}); export the review again") from error
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        opinion = _read_opinion(line, f"{path}, line {number}")
        if opinion:
            found[opinion.place] = opinion
    return [found[place] for place in sorted(found)]


def _read_opinion(line: str, where: str) -> Opinion | None:
    try:
        row = json.loads(line)
    except ValueError as error:
        raise ReviewError(f"{where}: not JSON ({error}); export the review again") from error
    if not isinstance(row, dict) or "opinion" not in row:
        raise ReviewError(f"{where}: is not an export of the review page: one has an `opinion` on each line")
    if row["opinion"] is None:
        return None
    types = {"id": str, "raw_sha256": str, "start": int, "end": int, "text": str, "opinion": str}
    for name, kind in types.items():
        if not isinstance(row.get(name), kind):
            raise ReviewError(f"{where}: {name} must be a {kind.__name__}, not {row.get(name)!r}")
    if row["opinion"] not in OPINIONS:
        raise ReviewError(f"{where}: opinion is one of {', '.join(OPINIONS)}, not {row['opinion']!r}")
    if not 0 <= row["start"] < row["end"] or len(row["text"]) != row["end"] - row["start"]:
        raise ReviewError(f"{where}: text has {len(row['text'])} code points, its place {row['end'] - row['start']}")
    family = row.get("family") or None
    if row["opinion"] == "cut" and family not in FAMILIES:
        raise ReviewError(f"{where}: what should be cut needs a family, one of {', '.join(FAMILIES)}")
    return Opinion(
        **{name: row[name] for name in types},
        rule=row.get("rule") or None,
        family=family,
        note=str(row.get("note") or ""),
        line=str(row.get("line") or row["text"]),
    )


def read_overrides(path: Path) -> pl.DataFrame:
    """Read `overrides.toml` -> a table in order of place; an error names the file and the document."""
    try:
        entries = tomllib.loads(path.read_text("utf-8")).get("override", [])
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise OverrideError(f"{path}: not readable as TOML: {error}") from error
    if not isinstance(entries, list):
        raise OverrideError(f"{path}: write [[override]], with two brackets, before each override")
    for entry in entries:
        where = f"{path}: override of document {entry.get('id', '(no id)')}"
        wrong = set(_STORED) ^ set(entry)
        if wrong:
            raise OverrideError(
                f"{where}: missing or unknown: {', '.join(sorted(wrong))}; the keys are {', '.join(_STORED)}"
            )
        for name in _STORED:
            kind = int if name in ("start", "end") else str
            if not isinstance(entry[name], kind):
                raise OverrideError(f"{where}: {name} must be a {kind.__name__}, not {entry[name]!r}")
        if entry["action"] not in ("keep", "cut"):
            raise OverrideError(f"{where}: action is 'keep' or 'cut', not {entry['action']!r}")
        if entry["action"] == "cut" and entry["rule"].partition("/")[0] not in FAMILIES:
            raise OverrideError(f"{where}: rule {entry['rule']!r} is of no known family")
        if entry["start"] < 0 or len(entry["text"]) != entry["end"] - entry["start"] or not entry["text"]:
            raise OverrideError(
                f"{where}: {say(entry['text'])} does not fill the place {entry['start']} to {entry['end']}"
            )
    table = pl.DataFrame([entry | {"file": str(path)} for entry in entries], schema=OVERRIDES)
    table = table.sort("id", "start")
    for one, other in pairwise(table.iter_rows(named=True)):
        if one["id"] == other["id"] and other["start"] < one["end"]:
            raise OverrideError(
                f"{path}: document {one['id']}: {say(one['text'])} and {say(other['text'])} overlap; remove one of them"
            )
    return table


def write_overrides(path: Path, table: pl.DataFrame) -> None:
    """Write `overrides.toml`, sorted by place: the same decisions give the same bytes."""
    blocks = [_HEAD]
    for row in table.sort("id", "start").select(_STORED).iter_rows(named=True):
        values = (f"{name} = {quote(value) if isinstance(value, str) else value}" for name, value in row.items())
        blocks.append("[[override]]\n" + "\n".join(values) + "\n")
    with replacing(path) as beside:
        beside.write_text("\n".join(blocks), "utf-8")


def quote(text: str) -> str:
    """Text -> a TOML basic string on one line."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007F")


def label_overrides(pieces: pl.LazyFrame, know: Knowledge) -> pl.LazyFrame:
    """Piece -> Piece: obey what people decided: a span kept is in the text again, a span cut is split off.

    Raises OverrideError where a page no longer has the text at its place.
    """
    table = know.overrides
    if table is None or table.is_empty():
        return pieces
    frame = pieces.collect()
    table = table.filter(pl.col("id").is_in(frame["id"].unique().implode()))
    if table.is_empty():
        return frame.lazy()
    end = pl.col("piece").str.len_chars().cast(pl.Int64).cum_sum().over("id")
    parts = (
        frame.select("id", "piece")
        .with_row_index("row")
        .filter(pl.col("id").is_in(table["id"].unique().implode()))
        .with_columns(piece_start=end - pl.col("piece").str.len_chars().cast(pl.Int64), piece_end=end)
        .join(table.with_row_index("override"), on="id", how="inner", maintain_order="left_right")
        .filter((pl.col("start") < pl.col("piece_end")) & (pl.col("end") > pl.col("piece_start")))
        .with_columns(
            first=pl.max_horizontal("start", "piece_start") - pl.col("piece_start"),
            last=pl.min_horizontal("end", "piece_end") - pl.col("piece_start"),
        )
        .with_columns(part=pl.col("piece").str.slice(pl.col("first"), pl.col("last") - pl.col("first")))
    )
    found = dict(parts.group_by("override", maintain_order=True).agg(pl.col("part").str.join("")).iter_rows())
    for number, row in enumerate(table.iter_rows(named=True)):
        if found.get(number) != row["text"]:
            raise OverrideError(
                f"{row['file']}: document {row['id']}: {say(row['text'])} is no longer at {row['start']} to "
                f"{row['end']}, where {say(found.get(number, ''))} stands now; look at the page "
                "again, then correct this override or remove it"
            )
    rule = pl.when(pl.col("action") == "keep").then(pl.lit(KEEP)).otherwise("rule")
    return split_pieces(frame, parts.select("row", start="first", end="last", rule=rule)).lazy()


def check_overrides(table: pl.DataFrame | None, pages: Sequence[Path]) -> None:
    """Overrides and shards of pages -> nothing; an error names pages that are no longer in the corpus, or never were."""
    if table is None or table.is_empty():
        return
    wanted = table["id"].unique()
    scan = pl.scan_parquet(list(pages)).select("id").filter(pl.col("id").is_in(wanted.implode()))
    gone = table.filter(~pl.col("id").is_in(scan.collect()["id"].implode()))
    if len(gone):
        names = "".join(f"\n  document {row['id']}: {say(row['text'])}" for row in gone.head(5).iter_rows(named=True))
        more = f"\n  and {len(gone) - 5} more" if len(gone) > 5 else ""
        raise OverrideError(
            f"{gone['file'][0]}: {are_of(len(gone), 'override')} of no page that was read. Of another corpus? "
            "`--overrides FILE` names the file of this one, `--no-overrides` says that it has none. Else bring the pages "
            f"back, or remove from the file the overrides of{names}{more}"
        )


def apply_reviews(review: Path, overrides: Path, rules: Rules, folders: Sequence[Path] = ()) -> dict[str, Any]:
    """Review -> `overrides.toml`, written or merged; what was done, and a proposal of examples as a diff.

    A later opinion on a span replaces the earlier decision; "wrong" on a span that was itself decided so
    takes the decision back. `folders` hold the user's own rules. The diff is to be read: no rule is written.
    """
    from etl.examples import propose_examples

    opinions = read_review(review)
    if not opinions:
        raise ReviewError(
            f"{review}: holds no opinion, so nothing was applied; give some on the review page and export it"
        )
    before = read_overrides(overrides) if overrides.exists() else OVERRIDES.to_frame()
    decided = {(row["id"], row["start"], row["end"]): row for row in before.iter_rows(named=True)}
    counts = Counter(opinion.opinion for opinion in opinions)
    done: Counter[str] = Counter()
    for opinion in opinions:
        done[_decide(opinion, decided, overrides)] += 1
    write_overrides(overrides, pl.DataFrame(list(decided.values()), schema=OVERRIDES))
    diff, unplaced = propose_examples(opinions, rules, folders)
    return {
        "file": str(overrides),
        "opinions": len(opinions),
        **{name: counts[name] for name in OPINIONS},
        "kept": done["keep"],
        "cut_off": done["cut"],
        "taken_back": done["take back"],
        "overrides": len(decided),
        "diff": diff,
        "without_rule": unplaced,
    }


def show_applied(told: Mapping[str, Any]) -> Iterator[str]:
    """What `apply_reviews` did -> lines for reading, without the diff."""
    yield f"{count_of(told['opinions'], 'opinion')}: " + ", ".join(f"{told[name]:,} {name}" for name in OPINIONS)
    yield (
        f"{told['file']}: {count_of(told['overrides'], 'decision')} ({told['kept']:,} to keep and {told['cut_off']:,} to cut from "
        f"this review, {told['taken_back']:,} taken back); the next build obeys them"
    )
    for what in told["without_rule"]:
        yield f"no example for {what}"
    if told["diff"]:
        yield "examples for the rules concerned, to read and to apply by hand or with `git apply`:"


def _decide(opinion: Opinion, decided: dict[tuple[str, int, int], dict[str, Any]], path: Path) -> str:
    """Enter one opinion into the decisions; return what came of it."""
    if opinion.opinion == "wrong" and opinion.is_of_decision:
        return "take back" if _make_room(opinion, decided) else "nothing"
    if opinion.opinion not in ("wrong", "cut"):
        return "nothing"
    action = "keep" if opinion.opinion == "wrong" else "cut"
    _make_room(opinion, decided)
    decided[opinion.place] = {
        "id": opinion.id,
        "raw_sha256": opinion.raw_sha256,
        "start": opinion.start,
        "end": opinion.end,
        "text": opinion.text,
        "action": action,
        "rule": (opinion.rule or KEEP) if action == "keep" else f"{opinion.family}/{BY_REVIEW}",
        "reason": opinion.note or _REASONS[action],
        "file": str(path),
    }
    return action


def _make_room(opinion: Opinion, decided: dict[tuple[str, int, int], dict[str, Any]]) -> bool:
    """Take a span out of the earlier decisions; what is left of one on a side stands, if not mere space."""
    met = [place for place in decided if place[0] == opinion.id and place[1] < opinion.end and opinion.start < place[2]]
    for name, start, end in met:
        row = decided.pop((name, start, end))
        for first, last in ((start, opinion.start), (opinion.end, end)):
            text = row["text"][max(first - start, 0) : max(last - start, 0)]
            if text.strip():
                decided[name, first, last] = row | {"start": first, "end": last, "text": text}
    return bool(met)
