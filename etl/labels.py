"""Labels of lines: a few different ones stand on very many lines, so each is asked only once."""

from __future__ import annotations

import numpy as np
import polars as pl

from etl.arrays import Flags
from etl.distinct import distinct


class Labels:
    """The labels of some lines, null for none."""

    def __init__(self, rule: pl.Series) -> None:
        """`rule` of each line."""
        self._different, self._place = distinct(rule.fill_null(""))

    def match(self, pattern: str) -> Flags:
        """Lines with a label that has such a pattern, which must not fit the empty string."""
        found: Flags = self._different.str.contains(pattern).to_numpy().astype(np.bool_)[self._place]
        return found
