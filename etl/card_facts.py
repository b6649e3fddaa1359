"""What a card says that no document holds: scores, audit rates, the changes between versions."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from etl.errors import UserError
from etl.rates import find_wilson, list_missed, list_rates

_FIGURES = {"precision": "precision of the body", "recall": "recall of the body", "f1": "F1 of the body"}
_FIELDS = "fields that are right"
_PAGES = {
    "made": "pages of our own making, in the manner of many sites",
    "blind": "pages written without sight of rules and training pages, and looked at afterwards",
    "lifelike": "pages in our own words, built as real ones are, and looked at afterwards",
    "page": "the seeds, which the rules were made on",
}
"""Kinds of pages with a known answer that `evaluate` scores, as the card names them; other kinds by their own name."""


class FactsError(UserError):
    """Scores or changes that cannot be read; the message names the file and what it should hold."""


def read_scores(path: Path) -> list[dict[str, Any]]:
    """`metrics.json` of `ghirbal evaluate` -> rows of the card: pages, name, value, low, high, n; none where it is not.

    The interval is Wilson's (1927) for the mean over pages, each page's score taken as a share. For scores between 0
    and 1 that is wider than needed, never narrower, and it stays honest where all of a few pages are right.
    """
    if not path.exists():
        return []
    try:
        kinds = json.loads(path.read_text("utf-8"))
        return [
            {"pages": _PAGES.get(kind, kind), "name": name, **_interval(told[figure], told["pages"])}
            for kind, told in sorted(kinds.items())
            for figure, name in (*_FIGURES.items(), ("fields", _FIELDS))
            if told[figure] is not None
        ]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise FactsError(
            f"{path}: is not what `ghirbal evaluate --out` writes ({error!r}); write it again, or remove it"
        ) from error


def _interval(value: float, pages: int) -> dict[str, Any]:
    rate = find_wilson(value * pages, pages)
    return {"value": value, "low": round(rate.low, 4), "high": round(rate.high, 4), "n": pages}


def tell_audit(rates: Mapping[str, Any] | None) -> dict[str, Any]:
    """Rates of an audit -> what the card says of it: counts, method, rows of false cuts and of missed noise."""
    if not rates:
        return {"audit": None, "audit_rates": [], "missed_noise": []}
    counts = {name: rates[name] for name in ("asked", "judged", "unsure", "unanswered", "method")}
    return {"audit": counts, "audit_rates": list_rates(rates), "missed_noise": list_missed(rates)}


def read_changes(path: Path | None) -> list[dict[str, Any]]:
    """Changelog in Markdown -> version and changes of the data, newest first: what stands under `### Data`."""
    if path is None:
        return []
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise FactsError(f"{path}: cannot be read as a changelog: {error}") from error
    entries = []
    for entry in re.split(r"^## ", text, flags=re.MULTILINE)[1:]:
        version, _, body = entry.partition("\n")
        data = re.search(r"^### Data\n(.*?)(?=^### |\Z)", body, flags=re.MULTILINE | re.DOTALL)
        if data and data[1].strip():
            entries.append({"version": version.strip(), "changes": data[1].strip()})
    if not entries:
        raise FactsError(f"{path}: has no entry `## VERSION` with a part `### Data`")
    return entries
