"""Found -> RAW: many pages at once, with what follows from their text, address and path.

A reader yields pages one by one, or tables of them (FOUND) where they come as columns. Nothing here is done page by page
in Python but hashing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import PurePosixPath

import polars as pl
import pyarrow as pa

from etl.addresses import canonical_urls, is_address, key_of
from etl.arrow import hash_texts, to_arrow, to_frame
from etl.outlets import outlet_from_name, outlet_from_url
from etl.read.attributes import is_label
from etl.read.params import ReadParams
from etl.read.row import FOUND, GIVEN, RAW, Fault, Page, sound
from etl.read.text import decode_page

BATCH_ROWS, BATCH_BYTES = 2048, 16_000_000
"""Pages, and bytes of their text, worked on at once: at most so many pages, or the first with which the bytes are more."""
SPACE = r"\s\x1c-\x1f"
"""What Python's `str.strip` takes for white space, in a class of a pattern of polars."""
_BLANK = f"^[{SPACE}]*$"
_SITE = "^(https?://[A-Za-z0-9.-]+)(?:[/?#]|$)"


def list_given(said_by: Sequence[Mapping[str, str]]) -> pa.Array:
    """What said each field of some pages -> the column `given_from`; the pages of one source are mostly alike in it."""
    seen: dict[tuple[tuple[str, str], ...], int] = {}
    rows = [seen.setdefault(tuple(sorted(said.items())), len(seen)) for said in said_by]
    lists = [[{"field": name, "source": source} for name, source in said] for said in seen]
    return pa.array(lists, FOUND.field("given_from").type).take(pa.array(rows, pa.int64()))


def are_utf8(texts: pl.Series) -> bool:
    """Whether all of a column of bytes is UTF-8: asked of polars, which tells it ten times as fast as decoding."""
    try:
        texts.cast(pl.String)
    except pl.exceptions.ComputeError:
        return False
    return True


def decode_pages(pages: Iterable[Page], params: ReadParams) -> None:
    """Decode the pages that came as bytes; where they are UTF-8, as most are, they stay bytes."""
    waiting = [page for page in pages if page.data is not None]
    every = are_utf8(pl.Series([page.data for page in waiting], dtype=pl.Binary))
    for page in waiting:
        assert page.data is not None
        try:
            if not every:
                page.data.decode()
            page.encoding, page.encoding_score = "utf-8", 1.0
        except UnicodeDecodeError:
            data, page.data = page.data, None
            try:
                page.raw = decode_page(page, data, params)
            except Fault as fault:
                page.fault = fault


def _encode(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError:
        return sound(text).encode()


def to_found(pages: Sequence[Page], params: ReadParams) -> pa.Table:
    """Pages -> FOUND."""
    decode_pages(pages, params)
    texts = [_encode(page.raw) if page.data is None else page.data for page in pages]
    faults = [page.fault for page in pages]
    columns = {
        "path": [page.path for page in pages],
        "url": [page.url for page in pages],
        "outlet": [page.outlet for page in pages],
        "raw": pa.array(texts, pa.binary()).view(pa.string()),
        "encoding": [page.encoding for page in pages],
        "encoding_score": [page.encoding_score for page in pages],
        "source_sha256": [page.source_sha256 for page in pages],
        "extractor": [page.extractor for page in pages],
        **{f"given_{name}": [page.given.get(name) for page in pages] for name in GIVEN},
        "given_keywords": [page.keywords for page in pages],
        "given_captions": [page.captions for page in pages],
        "given_from": list_given([page.said_by for page in pages]),
        "verdict": [fault and fault.verdict for fault in faults],
        "verdict_value": [fault and fault.value for fault in faults],
        "reason": [fault and fault.reason for fault in faults],
    }
    return pa.table([pa.array(columns[column.name], column.type) for column in FOUND], schema=FOUND)


def gather(found: Iterable[Page | pa.Table], params: ReadParams) -> Iterator[pa.Table]:
    """What readers yield -> FOUND: pages that come one by one are put together."""
    held: list[Page] = []
    size = 0
    for one in found:
        if isinstance(one, Page):
            held.append(one)
            size += len(one.data or b"") + 2 * len(one.raw)  # an Arabic letter has two bytes
        if held and (not isinstance(one, Page) or len(held) >= BATCH_ROWS or size >= BATCH_BYTES):
            yield to_found(held, params)
            held, size = [], 0
        if not isinstance(one, Page):
            yield one
    if held:
        yield to_found(held, params)


def _first_folder(path: str) -> str | None:
    parts = PurePosixPath(path).parts
    return parts[0] if len(parts) > 1 else None


def _find_outlets(urls: pl.Series) -> pl.Series:
    """Addresses -> whose they are, asked once a site."""
    sites = urls.str.extract(_SITE).fill_null(urls)
    asked = sites.drop_nulls().unique()
    told = pl.Series(list(map(outlet_from_url, asked)), dtype=pl.String)
    return sites.replace_strict(asked, told, default=None, return_dtype=pl.String)


def _name_outlets(frame: pl.DataFrame) -> pl.Series:
    """Pages -> whose they are: as a column or sidecar says, else by the address, else by what the markup calls the site."""
    told = frame["outlet"].fill_null(_find_outlets(frame["url"]))
    said = frame["given_outlet"].filter(told.is_null()).drop_nulls().unique()
    if not len(said):
        return told
    answers = (None if is_label(name, "page") else outlet_from_name(name) for name in said)
    names = pl.Series(list(answers), dtype=pl.String)
    return told.fill_null(frame["given_outlet"].replace_strict(said, names, default=None, return_dtype=pl.String))


def to_raw(found: pa.Table, params: ReadParams) -> pa.Table:
    """FOUND -> RAW; `id` is still the page's key, without a number: of its address, else its text, else its path."""
    frame = to_frame(found.select(["path", "url", "outlet", "given_outlet", "raw", "verdict", "reason"]))
    address, digest = canonical_urls(frame["url"]), hash_texts(found["raw"])
    empty = pl.col("verdict").is_null() & pl.col("raw").str.contains(_BLANK)
    frame = frame.select(
        id=pl.when(is_address(address)).then(key_of(address)).when(pl.col("raw") != "").then(digest.str.slice(0, 16)),
        path="path",
        outlet=_name_outlets(frame),
        raw_sha256=digest,
        verdict=pl.when(empty).then(pl.lit("read/empty")).otherwise("verdict"),
        reason=pl.when(empty).then(pl.format("{}: there is no text in it", "path")).otherwise("reason"),
    )
    if frame["id"].null_count():
        frame = frame.with_columns(pl.col("id").fill_null(key_of("path\0" + frame["path"])))
    if params.outlet_from_folder:
        folders = pl.Series(list(map(_first_folder, frame["path"])), dtype=pl.String)
        frame = frame.with_columns(pl.col("outlet").fill_null(folders))
    made = {name: to_arrow(frame[name]) for name in ("id", "outlet", "raw_sha256", "verdict", "reason")}
    # The text stays where it is: a column less to copy.
    columns = [
        made[name].cast(kind) if name in made else found[name] for name, kind in zip(RAW.names, RAW.types, strict=True)
    ]
    return pa.table(columns, schema=RAW)
