"""Alarms: where an outlet's figures move from one release to the next build, a site has changed its layout or a rule has gone wrong.

`count_outlets` counts what the documents of a shard say of each outlet; `compare_builds` sets the sums beside those of
the last release. Nothing is decided here: an alarm is a line for people and an event for machines.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import polars as pl
from pydantic import BaseModel, ConfigDict, Field

from etl.shards import replacing

_COUNTED = ("pages", "page_chars", "text_chars", "rejected", "undecided")
Counts = dict[str, int]
"""Of an outlet: pages, page_chars and text_chars of those kept, pages rejected, pages undecided."""
SHARES = {
    "cut": ("share of text that is cut", "a site's layout may have changed, or a rule gone wrong"),
    "rejected": (
        "share of pages that are rejected",
        "pages may come in another form, or from another part of the site",
    ),
    "undecided": ("share of pages in which no article is sure", "a site's layout may have changed"),
}
"""What is watched, in words, and what a move may mean."""


class AlarmParams(BaseModel):
    """By how much an outlet's figures may move from one release to the next build before the run says so."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    pages: int = Field(default=30, ge=1, description="pages of the outlet in both builds; fewer say too little")
    cut: float = Field(default=0.1, gt=0, le=1, description="share of an outlet's text that is cut, up or down")
    rejected: float = Field(default=0.1, gt=0, le=1, description="share of its pages that are rejected, up or down")
    undecided: float = Field(default=0.05, gt=0, le=1, description="share of its pages without a sure article")


@dataclass(frozen=True)
class Alarm:
    """A figure of an outlet that moved: shares from 0 to 1, then and now."""

    outlet: str
    what: str
    was: float
    now: float
    margin: float
    pages: int

    def __str__(self) -> str:
        """Say it to people."""
        words, meaning = SHARES[self.what]
        return (
            f"{self.outlet or '(no outlet)'}: {words} was {self.was:.1%}, is {self.now:.1%} in {self.pages:,} pages "
            f"(margin {self.margin:.1%}): {meaning}"
        )

    def event(self) -> dict[str, Any]:
        """Say it to machines."""
        return asdict(self)


def count_outlets(docs: pl.DataFrame) -> dict[str, Counts]:
    """Document -> counts by outlet; "" stands for none. Characters are those of pages that no verdict rejects."""
    kept, own = pl.col("verdict").is_null(), pl.col("parent_id").is_null()
    undecided = pl.col("verdict").str.starts_with("zone/").fill_null(False)
    rows = (
        docs.group_by(pl.col("outlet").fill_null(""))
        .agg(
            pages=own.sum(),
            page_chars=pl.col("page").filter(kept & own).str.len_chars().sum(),
            text_chars=pl.col("text").filter(kept).str.len_chars().sum(),
            rejected=(own & ~kept).sum(),
            undecided=(own & undecided).sum(),
        )
        .sort("outlet")
    )
    return {str(row.pop("outlet")): {name: int(value) for name, value in row.items()} for row in rows.to_dicts()}


def add_counts(parts: Iterable[Mapping[str, Mapping[str, int]]]) -> dict[str, Counts]:
    """Counts of parts -> counts of the whole, by outlet in order."""
    total: dict[str, Counts] = {}
    for part in parts:
        for outlet, counts in part.items():
            sums = total.setdefault(outlet, dict.fromkeys(counts, 0))
            for name, value in counts.items():
                sums[name] += value
    return dict(sorted(total.items()))


def _shares(counts: Mapping[str, int]) -> dict[str, float]:
    return {
        "cut": 1 - counts["text_chars"] / max(counts["page_chars"], 1) if counts["page_chars"] else 0.0,
        "rejected": counts["rejected"] / max(counts["pages"], 1),
        "undecided": counts["undecided"] / max(counts["pages"], 1),
    }


def compare_builds(
    last: Mapping[str, Mapping[str, int]], now: Mapping[str, Mapping[str, int]], params: AlarmParams
) -> list[Alarm]:
    """Counts of the last build and of this one -> the figures that moved by more than their margin."""
    alarms = []
    for outlet in sorted(last.keys() & now.keys()):
        if min(last[outlet]["pages"], now[outlet]["pages"]) < params.pages:
            continue
        was, found = _shares(last[outlet]), _shares(now[outlet])
        for what in SHARES:
            margin = getattr(params, what)
            if abs(found[what] - was[what]) > margin:
                told = (round(was[what], 4), round(found[what], 4))
                alarms.append(Alarm(outlet, what, *told, margin, now[outlet]["pages"]))
    return alarms


def read_counts(path: Path) -> dict[str, Counts]:
    """Return the counts of the last release; none where there was none, or where they cannot be read."""
    try:
        found = json.loads(path.read_text("utf-8"))
        return {str(outlet): {name: int(counts[name]) for name in _COUNTED} for outlet, counts in found.items()}
    except (FileNotFoundError, ValueError, TypeError, KeyError, AttributeError):
        return {}


def write_counts(path: Path, counts: Mapping[str, Counts]) -> None:
    """Keep the counts for the next build to be compared with."""
    with replacing(path) as beside:
        beside.write_text(json.dumps(counts, ensure_ascii=False, indent=1, sort_keys=True) + "\n", "utf-8")
