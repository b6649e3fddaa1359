"""Lines with labels: a few different ones stand on very many lines, so each is asked only once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl

from etl.around import flags_beside
from etl.arrays import Flags, Ints, Places
from etl.distinct import distinct


@dataclass(frozen=True)
class LabelledLines:
    """Lines with text, page after page: `row` of the frame, `page` number, and label, null for none."""

    row: Ints
    page: Ints
    rule: pl.Series

    @cached_property
    def plain(self) -> Flags:
        """Lines without a label."""
        return self.rule.is_null().to_numpy()

    @cached_property
    def _labels(self) -> tuple[pl.Series, Places]:
        """The different labels, and the place of each line's among them."""
        return distinct(self.rule.fill_null(""))

    def labelled(self, pattern: str) -> Flags:
        """Lines with a label that has such a pattern, which must not fit the empty string."""
        different, place = self._labels
        found: Flags = different.str.contains(pattern).to_numpy().astype(np.bool_)[place]
        return found

    def beside(self, flags: Flags, *by: int) -> Flags:
        """Lines of which one `by` places further on in the same page (negative: before) has a flag."""
        return flags_beside(flags, self.page, *by)
