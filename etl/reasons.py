"""Why a label, a verdict or a repair is given, in words: those of its rule, of `data/reasons.toml`, or of what was learned."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

from etl.build_files import TEMPLATES
from etl.review import BY_REVIEW
from etl.rules import Rule
from etl.shipped import read_data
from etl.templates.table import read_templates

_PRESET = {
    "quality/fineweb2-…": "Beyond one of FineWeb-2's limits, which the id names, where `quality.preset` asks for them; the value "
    "is what was measured."
}


@cache
def _read_reasons() -> dict[str, str]:
    """Return why, by id, of all that code gives: labels, verdicts, repairs."""
    return {name: why for group in read_data("reasons").values() for name, why in group.items()}


def list_labels() -> dict[str, str]:
    """Return why, by id, of the labels that stages give."""
    told: dict[str, str] = read_data("reasons")["labels"]
    return told


def list_verdicts() -> dict[str, str]:
    """Return why, by id, of all verdicts; those of a preset are one, by what their ids have in common."""
    told: dict[str, str] = read_data("reasons")["verdicts"]
    return dict(sorted((told | _PRESET).items()))


def tell_reasons(rules: Iterable[Rule], build: Path | None = None) -> dict[str, str]:
    """Rules -> why, by id: of every rule and of all that code gives, and of the lines that a build has learned."""
    why = _read_reasons() | {rule.id: rule.why for rule in rules}
    learned = build / TEMPLATES if build else None
    if learned and learned.exists():
        table = read_templates(learned).unique("rule", keep="first", maintain_order=True)
        for rule, outlet, count, share in table.select("rule", "outlet", "count", "share").iter_rows():
            why[rule] = f"{outlet} repeats this line: {count} of its pages ({share:.0%})."
    return why


def find_reason(label: str, why: Mapping[str, str]) -> str:
    """Label -> why it is given; empty where nobody wrote it down."""
    return "A person cut this." if label.endswith("/" + BY_REVIEW) else why.get(label, "")
