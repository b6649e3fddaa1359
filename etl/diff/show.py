"""A diff for reading: as a terminal's table, as Markdown, as JSON, and as the entry of a changelog."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from etl.wording import isolate

if TYPE_CHECKING:
    from etl.diff import Diff

_SHOWN = 25
"""Rows of the table of rules that people are shown; JSON has all."""
_WHY = {"added": ("before", "added_from"), "gone": ("now", "gone_to")}
_NUMBERS = ("newly_cut", "body_like", "restored", "documents")


def write_changelog(
    version: str,
    documents: Mapping[str, Any],
    rules: list[dict[str, Any]],
    fields: Mapping[str, Any],
    columns: Mapping[str, list[str]],
) -> str:
    """Return the entry of this version for a changelog, in Markdown."""
    lines = [f"## {version}", ""]
    lines.append(f"- Documents: {documents['old']:,} -> {documents['new']:,}.")
    lines += [f"- {documents[name]:,} {name}{_tell_why(documents, name)}." for name in _WHY if documents[name]]
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


def _tell_why(documents: Mapping[str, Any], name: str) -> str:
    """Say what the documents that are added or gone were before or are now: rejected by a verdict, withdrawn, withheld."""
    when, reasons = _WHY.get(name, ("", ""))
    why = ", ".join(f"{count:,} {reason}" for reason, count in documents[reasons].items()) if reasons else ""
    return f" ({when}: {why})" if why else ""


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


def _line(sample: Mapping[str, Any]) -> str:
    return " ".join(str(sample["text"]).replace("```", "'''").split())


def to_table(diff: Diff) -> str:
    """Diff -> what a terminal shows."""
    told = diff.documents
    counts = [
        f"{told[name]:,} {name.replace('_', ' ')}{_tell_why(told, name)}"
        for name in ("added", "gone", "changed", "split_moved")
    ]
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
            lines += [f"  {sign} {sample['id']} {isolate(_line(sample))}" for sample in row[key]]
    if len(diff.rules) > _SHOWN:
        lines.append(f"… and {len(diff.rules) - _SHOWN} more rows; --json has all")
    return "\n".join(lines) + "\n"
