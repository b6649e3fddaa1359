"""The pieces of many pages at once, as columns of numbers and without a copy of their text: for the replay law and
the audit.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from etl.arrays import Bytes, Flags, Ints, Places
from etl.buffers import CHUNK, array_bytes, slices, text_bytes


class Pieces(NamedTuple):
    """The pieces of some pages, in order."""

    bounds: Ints
    """Those of page `i` are `bounds[i]` to `bounds[i + 1]`."""
    article: Places
    length: Ints
    """In code points."""
    label: Places
    """Row of `labels`."""
    labels: pl.DataFrame
    """rule, action: every pair that there is, once."""

    @property
    def doc(self) -> Ints:
        """Row of each piece's page."""
        return np.repeat(np.arange(len(self.bounds) - 1), np.diff(self.bounds))

    def sum_by_page(self, values: Ints) -> Ints:
        """Values, one a piece -> their sum in each page."""
        return np.diff(np.append(0, np.cumsum(values))[self.bounds])


class Tiles(NamedTuple):
    """Pages laid end to end; piece `i` is `data[bounds[i] : bounds[i + 1]]`."""

    pieces: Pieces
    doc: Ints
    """Row of its page."""
    start: Ints
    """Code point of its page at which it begins."""
    stays: Flags
    """Whether the piece stays in its article's text: no rule cut it."""
    data: Bytes
    bounds: Ints

    def texts(self) -> pl.Series:
        """The pieces as a column of text."""
        return pl.Series("text", self._array())

    def join(self, chosen: Flags) -> Bytes:
        """The bytes of the chosen pieces, one after the other."""
        return array_bytes(self._array().filter(pa.array(chosen)))

    def _array(self) -> pa.LargeStringArray:
        return slices(self.data, self.bounds)


def list_pieces(column: pa.ListArray | pa.LargeListArray) -> Pieces:
    """Column `pieces` of documents -> Pieces; a document without any has none."""
    counts = pc.fill_null(pc.list_value_length(column), 0).to_numpy(zero_copy_only=False)
    rows = column.flatten()
    (rule, rules), (action, actions) = (_encode(rows.field(name)) for name in ("rule", "action"))
    pair = rule * len(actions) + action
    there = np.flatnonzero(np.bincount(pair))
    place = np.zeros(len(rules) * len(actions), np.int32)
    place[there] = np.arange(len(there))
    labels = pl.DataFrame({"rule": rules.gather(there // len(actions)), "action": actions.gather(there % len(actions))})
    return Pieces(
        np.append(0, np.cumsum(counts, dtype=np.int64)),
        pc.fill_null(rows.field("article"), 0).to_numpy(),
        pc.fill_null(rows.field("length"), -1).to_numpy(),  # Which no piece has.
        place[pair],
        labels,
    )


def _encode(strings: pa.Array) -> tuple[Places, pl.Series]:
    """Column of text -> of each row its place in the values, and the values, the last of which is null."""
    coded = pc.dictionary_encode(strings)
    values = pl.Series([*coded.dictionary.to_pylist(), None], dtype=pl.String)
    return pc.fill_null(coded.indices, len(values) - 1).to_numpy(), values


def lay_tiles(pages: pl.DataFrame, pieces: Pieces) -> Tiles:
    """Pages (page) and their pieces, which tile them -> Tiles."""
    data, _ = text_bytes(pages["page"])
    ends = np.cumsum(pieces.length)
    doc, before = pieces.doc, np.append(0, ends)
    stays = (pieces.labels["rule"].is_null() | (pieces.labels["action"] == "mark").fill_null(False)).to_numpy()
    return Tiles(
        pieces,
        doc,
        before[:-1] - before[pieces.bounds[:-1]][doc],
        stays[pieces.label],
        data,
        np.append(0, byte_places(data, ends)),
    )


def byte_places(data: Bytes, places: Ints) -> Ints:
    """UTF-8 bytes, and places in code points, in order -> the same places in bytes."""
    found = np.full(len(places), len(data), np.int64)
    done = begun = 0
    for first in range(0, len(data), CHUNK):
        # All bytes but 0x80 to 0xBF, which as signed numbers are the least, begin a code point.
        points = np.flatnonzero(data[first : first + CHUNK].view(np.int8) > -65)
        here = done + int(np.searchsorted(places[done:], begun + len(points)))
        found[done:here] = points[places[done:here] - begun] + first
        done, begun = here, begun + len(points)
    return found
