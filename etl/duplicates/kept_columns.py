"""What documents are compared by, in a temporary file: half a kilobyte a document, of which memory holds a column at a time."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from typing import BinaryIO

import numpy as np
import polars as pl

from etl.arrays import Numbers
from etl.arrow import to_arrow
from etl.duplicates.signatures import SLOTS

BANDS = SLOTS // 4
"""Bands of four slots that a signature has."""
_FRONT_PAGE = r"^[a-z]+://[^/?#]+/?$"


class KeptColumns:
    """Columns of numbers in a temporary file, an entry a document, in the order of the shards: each is read alone."""

    def __init__(self, dtypes: dict[str, str], count: int) -> None:
        """Make room for `count` entries of each column."""
        self._dtypes, self._count = dtypes, count
        self._starts: dict[str, int] = {}
        size = 0
        for name, dtype in dtypes.items():
            self._starts[name] = size
            size += count * np.dtype(dtype).itemsize
        self._file: BinaryIO = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115 (closed by `close`)

    def write(self, name: str, start: int, values: Numbers) -> None:
        """Write the entries of a column from `start` on."""
        dtype = np.dtype(self._dtypes[name])
        self._file.seek(self._starts[name] + start * dtype.itemsize)
        self._file.write(np.ascontiguousarray(values, dtype=dtype).data)

    def read(self, name: str) -> Numbers:
        """Return a column."""
        self._file.seek(self._starts[name])
        return np.fromfile(self._file, dtype=self._dtypes[name], count=self._count)

    def close(self) -> None:
        """Give the file back."""
        self._file.close()


_KEPT = {
    "n_words": "u4",
    "undated": "u1",
    "outlet": "u8",
    "text": "u8",
    "raw": "u8",
    "address": "u8",
    "paragraphs": "u4",
    **{f"band {band}": "<u8" for band in range(BANDS)},
}


def _hash(column: str, usable: pl.Expr) -> pl.Expr:
    """Column -> 64 bits of each value, 0 where there is none to use; the same in one process, which is all that is asked."""
    return pl.when(usable).then(pl.col(column).hash()).otherwise(None).fill_null(0)


def keep_columns(shards: Sequence[pl.LazyFrame], count: int) -> KeptColumns:
    """SIGNATURE of every shard -> the columns that documents are compared by, without their ids and paragraphs."""
    kept = KeptColumns(_KEPT, count)
    is_page = pl.col("parent_id").is_null()
    start = 0
    for shard in shards:
        frame = shard.select(
            "signature",
            n_words=pl.col("n_words"),
            undated=pl.col("date").is_null(),
            outlet=_hash("outlet", pl.col("outlet").is_not_null()),
            text=_hash("text_sha256", pl.lit(True)),
            raw=_hash("raw_sha256", is_page & pl.col("raw_sha256").is_not_null()),
            address=_hash("url", is_page & ~pl.col("url").str.contains(_FRONT_PAGE)),
            paragraphs=pl.col("paragraphs").list.len(),
        ).collect()
        for name in frame.columns[1:]:
            kept.write(name, start, frame[name].to_numpy())
        packed = to_arrow(frame["signature"]).buffers()[2]
        bands = np.frombuffer(packed or b"", dtype="<u8")[: len(frame) * BANDS].reshape(-1, BANDS)
        for band in range(BANDS):
            kept.write(f"band {band}", start, bands[:, band])
        start += len(frame)
    return kept
