"""A sink of features (etl/zones/sinks.py) that makes the matrix from which the linear first look is learned."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from etl.arrays import Floats, Numbers, Places


@dataclass
class Steps:
    """A sink that keeps every feature, a column for each step of a number, to learn a linear model from."""

    names: list[str] = field(default_factory=list)
    columns: list[Floats] = field(default_factory=list)

    def add(self, name: str, values: Numbers) -> None:
        """Keep one feature."""
        self.names.append(name)
        self.columns.append(np.asarray(values, dtype=np.float32))

    def steps(self, name: str, values: Numbers, edges: Sequence[float]) -> None:
        """Keep one feature a step."""
        for edge in edges:
            self.add(f"{name}>={edge:g}", values >= edge)

    def fresh(self) -> Steps:
        """Return an empty one."""
        return Steps()

    def spread(self, other: Steps, index: Places) -> None:
        """Keep the features of distinct lines, for each line."""
        self.names += other.names
        self.columns += [column[index] for column in other.columns]
