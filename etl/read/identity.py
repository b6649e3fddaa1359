"""Numbers for the keys of pages that come again."""

from __future__ import annotations

import numpy as np

from etl.arrays import Keys

MERGE_AT = 1 << 20
"""Keys held in a Python set before they are merged into the sorted array, which takes 8 bytes a key."""


class Repeats:
    """Numbers the pages of a repeated key -2, -3 … in the order they come; holds 8 bytes a page."""

    def __init__(self) -> None:
        """Start with no key seen."""
        self._recent: set[int] = set()
        self._sorted: Keys = np.empty(0, np.uint64)
        self._counts: dict[int, int] = {}

    def number(self, key: str) -> str:
        """Return the id of the next page with this key, 16 hex digits."""
        value = int(key, 16)
        count = self._counts.get(value, 1)
        if count == 1 and not self._seen(value):
            self._recent.add(value)
            if len(self._recent) >= MERGE_AT:
                fresh = np.fromiter(self._recent, np.uint64, len(self._recent))
                self._sorted = np.sort(np.concatenate([self._sorted, fresh]))
                self._recent.clear()
            return key
        self._counts[value] = count + 1
        return f"{key}-{count + 1}"

    def _seen(self, value: int) -> bool:
        if value in self._recent:
            return True
        if not len(self._sorted):
            return False
        place = int(np.searchsorted(self._sorted, np.uint64(value)))
        return place < len(self._sorted) and int(self._sorted[place]) == value
