"""Where features go: a sink takes each in turn, and keeps it as a column or adds it to odds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np

from etl.arrays import Floats, Ints, Numbers, Places


class Sink(Protocol):
    """Takes features one after the other, each a value a line."""

    def add(self, name: str, values: Numbers) -> None:
        """Take one feature."""
        ...

    def steps(self, name: str, values: Numbers, edges: Sequence[float]) -> None:
        """Take a number as steps: 1 where it is at least an edge, so that weights add up along the scale."""
        ...

    def fresh(self) -> Sink:
        """Return an empty sink of the same kind, for the distinct lines."""
        ...

    def spread(self, other: Any, index: Places) -> None:
        """Take all that another sink of the kind has taken, its row `index[k]` for line k."""
        ...


@dataclass
class Columns:
    """A sink that keeps every feature as a column, or those named in `only`; numbers as they are, instead of their steps.

    `values` are those of lines, `alike` those of distinct lines: line k has row `look[k]` of them.
    """

    only: frozenset[str] | None = None
    values: dict[str, Numbers] = field(default_factory=dict)
    alike: dict[str, Numbers] = field(default_factory=dict)
    look: Places | None = None

    def add(self, name: str, values: Numbers) -> None:
        """Keep one feature."""
        if self.only is None or name in self.only:
            self.values[name] = values

    def steps(self, name: str, values: Numbers, edges: Sequence[float]) -> None:
        """Keep the number itself."""
        self.add(name, values)

    def fresh(self) -> Columns:
        """Return an empty one."""
        return Columns(self.only)

    def spread(self, other: Columns, index: Places) -> None:
        """Keep the features of distinct lines, and which of them each line is."""
        self.alike, self.look = other.values, index

    def take(self, rows: Ints | slice = slice(None)) -> dict[str, Floats]:
        """Return the features of some lines, or of all."""
        look = None if self.look is None else self.look[rows].astype(np.intp)
        alike = {name: column[look] for name, column in self.alike.items()}
        own = {name: column[rows] for name, column in self.values.items()}
        return {name: column.astype(np.float32, copy=False) for name, column in (alike | own).items()}


@dataclass
class Both:
    """Two sinks that take the same features."""

    one: Any
    two: Any

    def add(self, name: str, values: Numbers) -> None:
        """Give both one feature."""
        self.one.add(name, values)
        self.two.add(name, values)

    def steps(self, name: str, values: Numbers, edges: Sequence[float]) -> None:
        """Give both a number and its steps."""
        self.one.steps(name, values, edges)
        self.two.steps(name, values, edges)

    def fresh(self) -> Both:
        """Return an empty pair."""
        return Both(self.one.fresh(), self.two.fresh())

    def spread(self, other: Both, index: Places) -> None:
        """Give each what its like has taken."""
        self.one.spread(other.one, index)
        self.two.spread(other.two, index)


@dataclass
class Odds:
    """A sink that adds each feature, weighed, to the log odds of every line."""

    weights: dict[str, float]
    total: Floats | None = None

    def _plus(self, values: Floats) -> None:
        if self.total is None:
            self.total = values
        else:
            self.total += values

    def add(self, name: str, values: Numbers) -> None:
        """Add one feature."""
        weight = self.weights.get(name, 0.0)
        if weight:
            self._plus(np.multiply(values, np.float32(weight), dtype=np.float32))

    def steps(self, name: str, values: Numbers, edges: Sequence[float]) -> None:
        """Add all steps of a number at once: the sum of the weights up to it."""
        table = np.cumsum([0.0, *(self.weights.get(f"{name}>={edge:g}", 0.0) for edge in edges)]).astype(np.float32)
        if table.any():
            # Comparing with each edge is quicker than a search: there are few, and the processor compares many values at once.
            number = np.asarray(values, np.float32)
            place, at_least = np.zeros(len(number), np.uint8), np.empty(len(number), dtype=bool)
            for edge in edges:
                np.greater_equal(number, np.float32(edge), out=at_least)
                place += at_least.view(np.uint8)
            self._plus(np.take(table, place, mode="clip"))

    def fresh(self) -> Odds:
        """Return an empty sum of the same weights."""
        return Odds(self.weights)

    def spread(self, other: Odds, index: Places) -> None:
        """Add the sums of distinct lines, for each line."""
        if other.total is not None:
            self._plus(other.total[index])
