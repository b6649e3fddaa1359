"""Forests of symmetric trees: small tables that a person can read and numpy can look up.

A symmetric tree asks the same question of every line at each depth, so its answers make a number, and the number is a place
in a table of 2**depth values. A forest is the sum of its trees' values (boosting: Friedman 2001; symmetric trees:
Prokhorenkova et al. 2018, CatBoost).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import Any

import numpy as np

from etl.arrays import Floats


@dataclass(frozen=True)
class Forest:
    """`features` by name; each tree's questions (place of the feature, least value for a yes) and its table."""

    features: tuple[str, ...]
    bias: float
    questions: tuple[tuple[tuple[int, float], ...], ...]
    tables: tuple[Floats, ...]

    @cached_property
    def _asked(self) -> dict[tuple[int, float], int]:
        """Each different question once, with its number: trees ask most of them twice."""
        return {question: number for number, question in enumerate(dict.fromkeys(chain(*self.questions)))}

    @cached_property
    def _trees(self) -> list[tuple[list[int], Floats]]:
        """Each tree's questions by number, the one that counts most first, and its table."""
        numbers = ([self._asked[question] for question in reversed(questions)] for questions in self.questions)
        return list(zip(numbers, self.tables, strict=True))

    def score(self, columns: dict[str, Floats]) -> Floats:
        """Columns of features -> the sum of all trees, for each row."""
        values = [columns[name] for name in self.features]
        count = len(values[0])
        yes = np.empty((len(self._asked), count), dtype=bool)
        for (feature, least), number in self._asked.items():
            np.greater(values[feature], np.float32(least), out=yes[number])
        answers = list(yes.view(np.uint8))
        total = np.full(count, self.bias, dtype=np.float32)
        place, value = np.empty(count, dtype=np.uint8), np.empty(count, dtype=np.float32)
        for (first, *others), table in self._trees:
            place[:] = answers[first]
            for number in others:
                np.add(place, place, out=place)
                np.bitwise_or(place, answers[number], out=place)
            # A place is always within its table: saying so spares a check of each.
            np.take(table, place, out=value, mode="clip")
            total += value
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
