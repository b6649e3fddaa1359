"""What changed between two releases: documents, cuts, fields, columns; and what to call the new one.

Cuts are compared by place where both releases hold the same page (same raw hash, same repairs), else by line
of text. What one release cuts and the other keeps is attributed to the rule that cuts it; text that another
rule cuts now is neither newly cut nor restored.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow.parquet as pq

from etl.manifest import ReleaseError, read_manifest

_RELEASE = "data/release"
"""Where a release lies in a git revision."""
_BUCKET_ROWS = 1_000_000
"""Audit rows, of both releases, compared at once; documents are divided by the first digit of their ids."""
_DIGITS = "0123456789abcdef"
_SAMPLES = 3
"""Samples of a rule and outlet, the riskiest first."""
_FIELDS = ("title", "date", "author", "source", "category")
"""Fields whose values are compared, document by document."""
_SHOWN = 25
"""Rows of the table of rules that people are shown; JSON has all."""
_WIDTH = 160
"""Code points of a sample."""
_BODY_WORDS = 12
"""Words from which a line may be a sentence of an article: shorter ones are labels, links, headlines."""
_FUNCTION_WORD = (
    r"(?:^|\s)(?:في|من|على|إلى|أن|إن|عن|مع|التي|الذي|بعد|قبل|خلال|كان|كانت|قال|وقال|هذا|هذه|ما|لا|لم)(?:\s|$)"
)
_SENTENCE_END = r"[.!؟?…»\"”]\s*$"


@dataclass(frozen=True)
class Diff:
    """The differences; `rules` is sorted by risk, `fields` and `documents` hold counts and some samples."""

    old_version: str
    new_version: str
    documents: dict[str, Any]
    rules: list[dict[str, Any]]
    fields: dict[str, Any]
    columns: dict[str, list[str]]
    bump: str
    because: list[str]
    suggested_version: str
    changelog: str


@dataclass(frozen=True)
class _Release:
    folder: Path
    manifest: Mapping[str, Any]

    def files(self, config: str) -> list[Path]:
        told = self.manifest["configs"].get(config, {})
        return [self.folder / file for split in told.values() for file in split["files"]]

    def scan(self, config: str) -> pl.LazyFrame:
        return pl.scan_parquet(self.files(config))

    @cached_property
    def index(self) -> pl.DataFrame:
        names = ["id", "outlet", "split", "date", "cluster_id", "cluster_role", "raw_sha256", "text_sha256"]
        return self.scan("index").select(names).collect().sort("id")

    def rows(self, config: str) -> int:
        return int(sum(split["rows"] for split in self.manifest["configs"].get(config, {}).values()))


def diff_releases(old: Path, new: Path) -> Diff:
    """Two releases -> what changed, and the version that says so.

    Bump, the first that applies. major: a column or a config is gone or has another type, or the schema's
    major version is another: code that reads the old release breaks. minor: documents were added, changed in
    text, moved to another split, or are gone without having been withdrawn, or there are new columns: results
    change. patch: only fields, clusters or the audit differ, or documents were withdrawn. none: every data
    file is the same.
    """
    before, after = (_Release(folder, read_manifest(folder)) for folder in (old, new))
    documents = _compare_documents(before, after)
    fields = _compare_fields(before, after)
    columns = _compare_columns(before, after)
    rules = _compare_cuts(before, after)
    bump, because = _suggest(before, after, documents, fields, columns)
    version = raise_version(str(before.manifest["version"]), bump)
    return Diff(
        str(before.manifest["version"]),
        str(after.manifest["version"]),
        documents,
        rules,
        fields,
        columns,
        bump,
        because,
        version,
        _write_changelog(version, documents, rules, fields, columns),
    )


@contextmanager
def open_release(name: str) -> Iterator[Path]:
    """Folder of a release, or git revision of the project in this folder -> the folder of that release.

    The release of a revision is fetched by DVC, from its cache or its remote, and removed afterwards.
    """
    if Path(name).is_dir():
        yield Path(name)
        return
    with tempfile.TemporaryDirectory(prefix="ghirbal-release-") as scratch:
        folder = Path(scratch) / "release"
        command = [sys.executable, "-m", "dvc", "get", ".", _RELEASE, "--rev", name, "--out", str(folder)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            why = (done.stderr.strip().splitlines() or ["DVC does not say why"])[-1]
            raise ReleaseError(f"{name}: is no folder, and as a git revision it has no {_RELEASE}: {why}")
        yield folder


def raise_version(version: str, bump: str) -> str:
    """Version and bump -> the next version; below 1.0.0 a major change raises the minor one (semver)."""
    major, minor, patch = map(int, version.split("."))
    if bump == "none":
        return version
    if bump == "patch":
        return f"{major}.{minor}.{patch + 1}"
    if bump == "minor" or major == 0:
        return f"{major}.{minor + 1}.0"
    return f"{major + 1}.0.0"


def _compare_documents(old: _Release, new: _Release) -> dict[str, Any]:
    common = old.index.join(new.index, on="id", suffix="_new", maintain_order="left")
    added = new.index.join(old.index, on="id", how="anti").select("id", "outlet").sort("id")
    gone = old.index.join(new.index, on="id", how="anti").select("id", "outlet").sort("id")
    changed = common.filter(pl.col("text_sha256") != pl.col("text_sha256_new"))
    moved = common.filter(pl.col("split") != pl.col("split_new"))
    return {
        "old": len(old.index),
        "new": len(new.index),
        "added": len(added),
        "added_from": _explain_absence(added, old),
        "gone": len(gone),
        "gone_to": _explain_absence(gone, new),
        "changed": len(changed),
        "source_changed": len(common.filter(pl.col("raw_sha256") != pl.col("raw_sha256_new"))),
        "split_moved": len(moved),
        "samples": {
            name: frame["id"].head(_SAMPLES).to_list()
            for name, frame in (
                ("added", added),
                ("gone", gone),
                ("changed", changed),
                ("split_moved", moved),
            )
        },
    }


def _explain_absence(documents: pl.DataFrame, other: _Release) -> dict[str, int]:
    """Documents that the other release lacks -> how many it rejected (by verdict), withdrew, never saw."""
    if documents.is_empty():
        return {}
    known = [documents.lazy().select("id", why=pl.lit(None, pl.String)).clear()]
    if other.files("rejected"):
        known.append(other.scan("rejected").select("id", why="verdict"))
    if other.files("withdrawn"):
        known.append(other.scan("withdrawn").select("id", why=pl.lit("withdrawn")))
    reasons = pl.concat(known).unique("id", keep="first", maintain_order=True)
    found = documents.lazy().join(reasons, on="id", how="left", maintain_order="left")
    counts = found.group_by(pl.col("why").fill_null("not in the input")).len().sort("why").collect()
    return dict(counts.iter_rows())


def _compare_fields(old: _Release, new: _Release) -> dict[str, Any]:
    columns = [release.scan("default").collect_schema().names() for release in (old, new)]
    names = [name for name in _FIELDS if all(name in known for known in columns)]
    left, right = (release.scan("default").select("id", *names) for release in (old, new))
    both = left.join(right, on="id", suffix="_new", maintain_order="left")
    fields: dict[str, Any] = {}
    for name in names:
        changed = both.filter(pl.col(name).ne_missing(pl.col(f"{name}_new")))
        old_new = [
            pl.col(name).cast(pl.String).alias("old"),
            pl.col(f"{name}_new").cast(pl.String).alias("new"),
        ]
        rows = changed.select("id", *old_new).collect().sort("id")
        fields[name] = {
            "changed": len(rows),
            "found": int(rows["old"].is_null().sum()),
            "lost": int(rows["new"].is_null().sum()),
            "samples": rows.head(_SAMPLES).to_dicts(),
        }
    # A cluster is its members among the documents of both releases, whatever it is called.
    common = old.index.join(new.index, on="id", suffix="_new", maintain_order="left")
    number = pl.int_range(pl.len(), dtype=pl.Int64)
    members = [number.min().over("cluster_id"), number.min().over("cluster_id_new")]
    sizes = [pl.len().over("cluster_id"), pl.len().over("cluster_id_new")]
    regrouped = common.filter((members[0] != members[1]) | (sizes[0] != sizes[1]))
    fields["cluster"] = {"changed": len(regrouped), "samples": regrouped["id"].head(_SAMPLES).to_list()}
    roles = common.filter(pl.col("cluster_role") != pl.col("cluster_role_new"))
    fields["cluster_role"] = {"changed": len(roles), "samples": roles["id"].head(_SAMPLES).to_list()}
    return fields


def _compare_columns(old: _Release, new: _Release) -> dict[str, list[str]]:
    def columns(release: _Release) -> dict[str, str]:
        found: dict[str, str] = {}
        for config in release.manifest["configs"]:
            for file in release.files(config)[:1]:
                found |= {f"{config}.{field.name}": str(field.type) for field in pq.read_schema(file)}
        return found

    left, right = columns(old), columns(new)
    return {
        "added": sorted(right.keys() - left.keys()),
        "gone": sorted(left.keys() - right.keys()),
        "retyped": sorted(name for name in left.keys() & right.keys() if left[name] != right[name]),
    }


def _compare_cuts(old: _Release, new: _Release) -> list[dict[str, Any]]:
    """Audit tables -> by rule and outlet, what is newly cut and newly restored, riskiest first."""
    pages = _pages_of_both(old, new)
    found = [
        _measure(_find_cuts(old, new, pages.filter(pl.col("id").str.slice(0, 1).is_in(list(digits)))))
        for digits in _buckets(old.rows("audit") + new.rows("audit"))
    ]
    cuts = pl.concat([totals for totals, _ in found])
    samples = pl.concat([rows for _, rows in found])
    keys = ["rule", "outlet"]
    order = ["body_like", "newly_cut", "restored", *keys]
    totals = cuts.group_by(keys).sum().sort(order, descending=[True] * 3 + [False] * 2, nulls_last=True)
    best = samples.sort("risk", "id", "start", descending=[True, False, False])
    best = best.group_by(*keys, "side", maintain_order=True).head(_SAMPLES)
    shown: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
    for row in best.select(*keys, "side", "id", pl.col("text").str.slice(0, _WIDTH)).iter_rows(named=True):
        shown.setdefault((row.pop("rule"), row.pop("outlet"), row.pop("side")), []).append(row)
    return [
        {
            **row,
            "samples_cut": shown.get((row["rule"], row["outlet"], "new"), []),
            "samples_restored": shown.get((row["rule"], row["outlet"], "old"), []),
        }
        for row in totals.iter_rows(named=True)
    ]


def _buckets(rows: int) -> Iterator[str]:
    """Rows -> groups of first digits of ids, so that about `_BUCKET_ROWS` are worked on at once."""
    size = max(1, len(_DIGITS) * _BUCKET_ROWS // max(rows, 1))
    for start in range(0, len(_DIGITS), size):
        yield _DIGITS[start : start + size]


def _pages_of_both(old: _Release, new: _Release) -> pl.DataFrame:
    """Pages whose audit both releases show, with their outlet and whether the page is the same in both."""
    told = []
    for release in (old, new):
        ids = (
            release.scan("default")
            .select("id", "outlet", "raw_sha256")
            .with_columns(pl.col("id").str.split(".").list.first(), own=~pl.col("id").str.contains(".", literal=True))
        )
        pages = ids.group_by("id").agg(pl.col("outlet", "raw_sha256").first(), pl.col("own").any())
        repairs = (
            release.scan("repairs")
            .group_by("id")
            .agg(repairs=pl.struct("start", "end", "before", "after").hash().sum())
        )
        told.append(pages.join(repairs, on="id", how="left", maintain_order="left"))
    both = told[0].join(told[1], on=["id", "own"], suffix="_new", maintain_order="left")
    same = (pl.col("raw_sha256") == pl.col("raw_sha256_new")) & pl.col("repairs").eq_missing(pl.col("repairs_new"))
    return both.select("id", "outlet", same=same).collect().sort("id")


def _find_cuts(old: _Release, new: _Release, pages: pl.DataFrame) -> pl.DataFrame:
    """Pages -> runs that only one release cuts: id, outlet, rule, side, start, length, text."""
    columns = ["id", "start", "end", "rule"]
    same = pages.filter("same").select("id")
    left, right = (
        release.scan("audit")
        .filter(pl.col("action") == "cut")
        .select(columns)
        .join(same.lazy(), on="id", how="semi")
        .collect()
        for release in (old, new)
    )
    place = ["id", "start", "end"]
    # What both cut alike, under whatever rule, overlaps nothing else: a page's cuts are disjoint.
    gone, came = left.join(right, on=place, how="anti"), right.join(left, on=place, how="anti")
    runs = [
        _give_text(parts_only_in(came, gone), new, "new"),
        _give_text(parts_only_in(gone, came), old, "old"),
    ]
    lines = _compare_lines(old, new, pages.filter(~pl.col("same")).select("id"))
    found = pl.concat([*runs, lines]).filter(pl.col("text").str.contains(r"\S"))
    return found.join(pages.select("id", "outlet"), on="id", maintain_order="left")


def parts_only_in(these: pl.DataFrame, those: pl.DataFrame) -> pl.DataFrame:
    """Disjoint cuts of one release, and of the other -> the parts (`low` to `high`) only in the first."""
    events = pl.concat(
        [
            these.select("id", at="start", mine=1, other=0, row=pl.int_range(pl.len())),
            these.select("id", at="end", mine=-1, other=0, row=pl.lit(None, pl.Int64)),
            those.select("id", at="start", mine=0, other=1, row=pl.lit(None, pl.Int64)),
            those.select("id", at="end", mine=0, other=-1, row=pl.lit(None, pl.Int64)),
        ]
    )
    steps = events.group_by("id", "at").agg(pl.col("mine", "other").sum(), pl.col("row").max()).sort("id", "at")
    parts = steps.select(
        pl.col("row").forward_fill().over("id"),
        low="at",
        high=pl.col("at").shift(-1).over("id"),
        alone=(pl.col("mine").cum_sum().over("id") > 0) & (pl.col("other").cum_sum().over("id") == 0),
    ).filter("alone")
    return these.with_row_index("row").with_columns(pl.col("row").cast(pl.Int64)).join(
        parts.drop("alone"), on="row", maintain_order="right"
    )  # fmt: skip


def _give_text(parts: pl.DataFrame, release: _Release, side: str) -> pl.DataFrame:
    texts = release.scan("audit").filter(pl.col("action") == "cut").select("id", "start", "end", "text")
    wanted = parts.lazy().select("id", "start", "end").unique()
    held = texts.join(wanted, on=["id", "start", "end"], how="semi").collect()
    length = pl.col("high") - pl.col("low")
    # Where personal data is masked, places in the page are not places in the text: the whole piece is shown.
    whole = pl.col("text").str.len_chars().cast(pl.Int64) != pl.col("end") - pl.col("start")
    cut = pl.col("text").str.slice(pl.col("low") - pl.col("start"), length)
    return parts.join(held, on=["id", "start", "end"], maintain_order="left").select(
        "id",
        "rule",
        side=pl.lit(side),
        start="low",
        length=length,
        text=pl.when(whole).then("text").otherwise(cut),
    )


def _compare_lines(old: _Release, new: _Release, pages: pl.DataFrame) -> pl.DataFrame:
    """Pages that are not the same in both releases -> lines that one of them cuts more often."""
    sides = []
    for release in (old, new):
        cuts = release.scan("audit").filter(pl.col("action") == "cut")
        lines = cuts.join(pages.lazy(), on="id", how="semi").with_columns(
            pl.col("text").str.split("\n").list.eval(pl.element().str.strip_chars())
        )
        lines = lines.explode("text", empty_as_null=False).filter(pl.col("text") != "")
        sides.append(
            lines.group_by("id", "text").agg(pl.col("rule").min(), pl.col("start").min(), times=pl.len()).collect()
        )
    parts = []
    for side, these, those in (("new", sides[1], sides[0]), ("old", sides[0], sides[1])):
        times = those.select("id", "text", other="times")
        more = these.join(times, on=["id", "text"], how="left", maintain_order="left").with_columns(
            pl.col("times").cast(pl.Int64) - pl.col("other").fill_null(0).cast(pl.Int64)
        )
        parts.append(
            more.filter(pl.col("times") > 0).select(
                "id",
                "rule",
                pl.lit(side).alias("side"),
                "start",
                length=pl.col("text").str.len_chars().cast(pl.Int64) * pl.col("times"),
                text="text",
            )
        )
    return pl.concat(parts)


def _measure(cuts: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Runs -> totals by rule and outlet, and the riskiest runs of each as samples.

    Risk of a run is its length in code points times how much it reads like body text: the share that holds of
    at least 12 words, a function word, a sentence's end.
    """
    text = pl.col("text")
    signs = [
        text.str.count_matches(r"\S+") >= _BODY_WORDS,
        text.str.contains(_FUNCTION_WORD),
        text.str.contains(_SENTENCE_END),
    ]
    body = pl.sum_horizontal(sign.cast(pl.Float64) for sign in signs) / len(signs)
    cuts = cuts.with_columns(risk=pl.col("length") * body, body_like=body > 0.5)
    is_new, length = pl.col("side") == "new", pl.col("length")
    totals = cuts.group_by("rule", "outlet").agg(
        newly_cut=length.filter(is_new).sum(),
        restored=length.filter(~is_new).sum(),
        body_like=length.filter(is_new & pl.col("body_like")).sum(),
        documents=pl.col("id").n_unique().cast(pl.Int64),
    )
    keys = ["rule", "outlet", "side"]
    ordered = cuts.sort("risk", "id", "start", descending=[True, False, False])
    samples = ordered.group_by(keys, maintain_order=True).head(_SAMPLES)
    return totals, samples.select(*keys, "id", "start", "risk", "text")


def _suggest(
    old: _Release,
    new: _Release,
    documents: Mapping[str, Any],
    fields: Mapping[str, Any],
    columns: Mapping[str, list[str]],
) -> tuple[str, list[str]]:
    schemas = [str(release.manifest["schema_version"]) for release in (old, new)]
    unexplained = documents["gone"] - documents["gone_to"].get("withdrawn", 0)
    major = [
        *(f"column {name} is gone" for name in columns["gone"]),
        *(f"column {name} has another type" for name in columns["retyped"]),
    ]
    if schemas[0].split(".")[0] != schemas[1].split(".")[0]:
        major.append(f"the schema is {schemas[1]}, was {schemas[0]}")
    minor = [
        f"{count:,} documents {what}"
        for count, what in (
            (documents["added"], "added"),
            (unexplained, "gone, not withdrawn"),
            (documents["changed"], "with another text"),
            (documents["split_moved"], "in another split"),
        )
        if count
    ] + [f"column {name} is new" for name in columns["added"]]
    patch = [f"{told['changed']:,} documents with another {name}" for name, told in fields.items() if told["changed"]]
    if documents["gone"] - unexplained:
        patch.append(f"{documents['gone'] - unexplained:,} documents withdrawn")
    if _data_hashes(old) != _data_hashes(new):
        patch = patch or ["data files differ in the audit, scores or other columns"]
    for bump, because in (("major", major), ("minor", minor), ("patch", patch)):
        if because:
            return bump, because
    return "none", ["every data file is the same"]


def _data_hashes(release: _Release) -> dict[str, str]:
    outputs = release.manifest["outputs"]
    return {name: told["sha256"] for name, told in outputs.items() if name.endswith(".parquet")}


def _write_changelog(
    version: str,
    documents: Mapping[str, Any],
    rules: list[dict[str, Any]],
    fields: Mapping[str, Any],
    columns: Mapping[str, list[str]],
) -> str:
    """Return the entry of this version for a changelog, in Markdown."""
    lines = [f"## {version}", ""]
    lines.append(f"- Documents: {documents['old']:,} -> {documents['new']:,}.")
    for name, reasons in (("added", "added_from"), ("gone", "gone_to")):
        if documents[name]:
            why = ", ".join(f"{count:,} {reason}" for reason, count in documents[reasons].items())
            before = "before" if name == "added" else "now"
            lines.append(f"- {documents[name]:,} {name} ({before}: {why}).")
    if documents["changed"]:
        lines.append(f"- {documents['changed']:,} with another text.")
    if documents["split_moved"]:
        lines.append(f"- {documents['split_moved']:,} in another split.")
    for key, what in (("newly_cut", "Newly cut"), ("restored", "Restored")):
        told = _by_rule(rules, key)
        if told:
            shown = ", ".join(f"`{rule}` {count:,}" for rule, count in told[:5])
            more = f" and {len(told) - 5} more rules" if len(told) > 5 else ""
            total = sum(count for _, count in told)
            lines.append(f"- {what}: {total:,} characters: {shown}{more}.")
    changed = [f"{told['changed']:,} {name}" for name, told in fields.items() if told["changed"]]
    if changed:
        lines.append(f"- Fields changed: {', '.join(changed)}.")
    for key, what in (
        ("added", "New columns"),
        ("gone", "Columns gone"),
        ("retyped", "Columns of another type"),
    ):
        if columns[key]:
            lines.append(f"- {what}: {', '.join(f'`{name}`' for name in columns[key])}.")
    return "\n".join(lines) + "\n"


def _by_rule(rules: list[dict[str, Any]], key: str) -> list[tuple[str, int]]:
    totals: dict[str, int] = {}
    for row in rules:
        if row[key]:
            totals[row["rule"]] = totals.get(row["rule"], 0) + row[key]
    return sorted(totals.items(), key=lambda item: (-item[1], item[0]))


def to_json(diff: Diff) -> str:
    """Diff -> JSON, all of it."""
    return json.dumps(asdict(diff), ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def to_markdown(diff: Diff) -> str:
    """Diff -> the changelog entry, then the table of rules with samples, in Markdown."""
    lines = [
        f"# {diff.old_version} -> {diff.new_version}",
        "",
        f"Suggested: **{diff.bump}** ({diff.suggested_version}): {'; '.join(diff.because)}.",
        "",
        diff.changelog,
    ]
    if diff.rules:
        lines += [
            "| rule | outlet | newly cut | body-like | restored | documents |",
            "| --- | --- | ---: | ---: | ---: | ---: |",
        ]
        for row in diff.rules[:_SHOWN]:
            numbers = " | ".join(f"{row[key]:,}" for key in _NUMBERS)
            lines.append(f"| `{row['rule']}` | {row['outlet'] or ''} | {numbers} |")
        lines.append("")
        for row in diff.rules[:_SHOWN]:
            for key, sign in (("samples_cut", "-"), ("samples_restored", "+")):
                for sample in row[key]:
                    # The fence keeps whatever the page holds from being read as Markdown.
                    lines += [
                        f"`{row['rule']}` in {sample['id']}",
                        "",
                        "```diff",
                        f"{sign} {_line(sample)}",
                        "```",
                        "",
                    ]
    return "\n".join(lines).rstrip("\n") + "\n"


_NUMBERS = ("newly_cut", "body_like", "restored", "documents")


def _line(sample: Mapping[str, Any]) -> str:
    return " ".join(str(sample["text"]).replace("```", "'''").split())


def to_table(diff: Diff) -> str:
    """Diff -> what a terminal shows."""
    told = diff.documents
    counts = [f"{told[name]:,} {name.replace('_', ' ')}" for name in ("added", "gone", "changed", "split_moved")]
    lines = [
        f"{diff.old_version} -> {diff.new_version}   suggested: {diff.bump} ({diff.suggested_version})",
        *(f"  {reason}" for reason in diff.because),
        f"documents  {told['old']:,} -> {told['new']:,}: {', '.join(counts)}",
    ]
    changed = [f"{name} {field['changed']:,}" for name, field in diff.fields.items() if field["changed"]]
    if changed:
        lines.append(f"fields     {', '.join(changed)}")
    if diff.rules:
        heads = "".join(f"{name.replace('_', ' '):>12}" for name in _NUMBERS)
        lines += ["", f"{'rule':<32}{'outlet':<24}{heads}"]
    for row in diff.rules[:_SHOWN]:
        numbers = "".join(f"{row[key]:>12,}" for key in _NUMBERS)
        lines.append(f"{row['rule']:<32}{row['outlet'] or '-':<24}{numbers}")
        for key, sign in (("samples_cut", "✂"), ("samples_restored", "+")):
            # Isolated, so that a line of Arabic keeps its direction after the Latin id.
            lines += [f"  {sign} {sample['id']} \u2068{_line(sample)}\u2069" for sample in row[key]]
    if len(diff.rules) > _SHOWN:
        lines.append(f"… and {len(diff.rules) - _SHOWN} more rows; --json has all")
    return "\n".join(lines) + "\n"
