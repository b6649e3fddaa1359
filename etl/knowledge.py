"""What a stage must know besides the pieces: rules, parameters, and what a corpus has taught."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path

import polars as pl

from etl.params import Params
from etl.rules import Rules, load_rules

KEEP = "review/keep"
"""The label of a span that a person gave back: it says why the span is there, and stays in the text."""
OWN_DATELINE = "dateline/own-name"
"""The label of a dateline that names the page's own outlet: told by the page, not by a rule, and stays like the others."""


@dataclass(frozen=True)
class Knowledge:
    """The second argument of every stage; it can be pickled, so a worker process gets the same one."""

    rules: Rules
    params: Params = field(default_factory=Params)
    templates: pl.DataFrame | None = None
    overrides: pl.DataFrame | None = None
    orders: pl.DataFrame | None = None

    @cached_property
    def marks(self) -> frozenset[str]:
        """Labels whose pieces stay in the text: those of rules that mark, and two that no rule gives."""
        return frozenset(rule.id for rule in self.rules if rule.action == "mark") | {KEEP, OWN_DATELINE}


@lru_cache(maxsize=1)
def ship_knowledge() -> Knowledge:
    """Return what the package itself knows: its own rules, the default parameters, no templates."""
    return Knowledge(rules=load_rules())


def load_knowledge(
    params: Params,
    rules: list[Path] | None = None,
    templates: pl.DataFrame | None = None,
    overrides: pl.DataFrame | None = None,
    orders: pl.DataFrame | None = None,
) -> Knowledge:
    """Return what the stages know: the shipped rules and those in folders of one's own, parameters, what a corpus has taught, what people decided."""
    return Knowledge(
        rules=load_rules(*(rules or [])), params=params, templates=templates, overrides=overrides, orders=orders
    )
