"""Forests of symmetric trees: small tables that a person can read and numpy can look up.

A symmetric tree asks the same question of every line at each depth, so its answers make a number, and the number is a place
in a table of 2**depth values. A forest is the sum of its trees' values (boosting: Friedman 2001; symmetric trees:
Prokhorenkova et al. 2018, CatBoost).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Forest:
    """`features` by name; each tree's questions (place of the feature, least value for a yes) and its table."""

    features: tuple[str, ...]
    bias: float
    questions: tuple[tuple[tuple[int, float], ...], ...]
    tables: tuple[Floats, ...]

    def score(self, columns: dict[str, Floats]) -> Floats:
        """Columns of features -> the sum of all trees, for each row."""
        values = [columns[name] for name in self.features]
        total = np.full(len(values[0]), self.bias, dtype=np.float32)
        for questions, table in zip(self.questions, self.tables, strict=True):
            place = np.zeros(len(total), dtype=np.uint8)
            for bit, (feature, least) in enumerate(questions):
                place |= (values[feature] > np.float32(least)).view(np.uint8) << np.uint8(bit)
            total += table[place]
        return total


def read_forest(data: dict[str, Any]) -> Forest:
    """A forest as JSON has it: features, bias, and for each tree `if` (feature, value it must exceed) and `then`."""
    names = {name: place for place, name in enumerate(data["features"])}
    return Forest(
        tuple(data["features"]),
        float(data["bias"]),
        tuple(tuple((names[name], float(least)) for name, least in tree["if"]) for tree in data["trees"]),
        tuple(np.array(tree["then"], dtype=np.float32) for tree in data["trees"]),
    )
