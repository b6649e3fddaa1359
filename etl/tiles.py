"""The pieces of many pages at once, without a copy of their text: for the replay law and the audit."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

Bytes = npt.NDArray[np.uint8]
Places = npt.NDArray[np.int64]


class Tiles(NamedTuple):
    """Pages laid end to end; piece `i` is `data[bounds[i] : bounds[i + 1]]`."""

    frame: pl.DataFrame
    """One row a piece, in order: doc (row of its page), start (in its page), article, length, rule, action, zone, score."""
    data: Bytes
    bounds: Places
    stays: npt.NDArray[np.bool_]
    """Whether the piece stays in its article's text: no rule cut it."""

    def texts(self) -> pl.Series:
        """The pieces as a column of text."""
        array = pa.LargeStringArray.from_buffers(
            len(self.bounds) - 1, pa.py_buffer(self.bounds), pa.py_buffer(self.data)
        )
        return pl.Series("text", array)


def list_pieces(pages: pl.DataFrame) -> pl.DataFrame:
    """Pages (pieces) -> one row a piece, in order: doc, article, length, rule, action, zone, score."""
    frame = pages.select("pieces").with_row_index("doc").explode("pieces", empty_as_null=False)
    frame = frame.filter(pl.col("pieces").is_not_null()).unnest("pieces")
    return frame.with_columns(pl.col("doc").cast(pl.Int64))


def lay_tiles(pages: pl.DataFrame, frame: pl.DataFrame | None = None) -> Tiles:
    """Pages (page, pieces), whose pieces tile them -> Tiles; `frame` are the pieces, if listed already."""
    frame = list_pieces(pages) if frame is None else frame
    data, _ = text_bytes(pages["page"])
    lengths = frame["length"].to_numpy().astype(np.int64)
    bounds = np.append(0, byte_places(data, np.cumsum(lengths)))
    stays = (frame["rule"].is_null() | (frame["action"] == "mark").fill_null(False)).to_numpy()
    start = pl.Series("start", sum_before(lengths, frame["doc"].to_numpy()))
    return Tiles(frame.with_columns(start), data, bounds, stays)


def sum_before(values: Places, groups: Places) -> Places:
    """Values, and the group of each (groups lie together) -> the sum of those before it in its group."""
    before = np.cumsum(values) - values
    first = np.flatnonzero(np.diff(groups, prepend=-1))
    return before - np.repeat(before[first], np.diff(np.append(first, len(groups))))


def byte_places(data: Bytes, places: Places) -> Places:
    """UTF-8 bytes, and places in code points -> the same places in bytes.

    Counted eight bytes at a time, as bits: an array as long as the text would cost ten times as much.
    """
    # All bytes but 0x80 to 0xBF, which as signed numbers are the least, begin a code point.
    bits = np.packbits(data.view(np.int8) > -65)
    counts = np.bitwise_count(bits)
    begun = np.cumsum(counts, dtype=np.int64)
    inside = places < (begun[-1] if len(begun) else 0)
    eight = np.searchsorted(begun, places[inside], side="right")
    nth = places[inside] - begun[eight] + counts[eight]
    found = np.full(len(places), len(data), np.int64)
    found[inside] = eight * 8 + _NTH_BIT[bits[eight], nth]
    return found


def _nth_bits() -> Bytes:
    """Table: byte, n -> the place of its n-th set bit, from the left."""
    table = np.zeros((256, 8), np.uint8)
    for byte in range(256):
        places = [place for place in range(8) if byte >> (7 - place) & 1]
        table[byte, : len(places)] = places
    return table


_NTH_BIT = _nth_bits()


def text_bytes(texts: pl.Series) -> tuple[Bytes, Places]:
    """Column of text -> its UTF-8 bytes in one array, and where each row begins in it."""
    array = texts.fill_null("").rechunk().to_arrow(compat_level=pl.CompatLevel.oldest())
    _, starts, data = array.buffers()
    at = np.frombuffer(starts, np.int64)[array.offset : array.offset + len(array) + 1]
    whole = np.frombuffer(data, np.uint8) if data is not None else np.zeros(0, np.uint8)
    return whole[at[0] : at[-1]], at - at[0]
