"""The three laws, over every stage, in both polars engines, with generated pages and the pages of tests/pages."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from doc_rows import join_text
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from strategies import page_frame, pages

from etl.api import raw_frame
from etl.edits import Repair, replay, unreplay
from etl.knowledge import ship_knowledge
from etl.pieces import label_space, split_pieces, to_pieces, unpack_pieces
from etl.pipeline import STAGES, clean_pages
from etl.repair import repair_pages
from etl.validate import validate_frame
from schemas.piece import Piece

HERE = Path(__file__).parent
REAL = [path.read_text("utf-8", "replace") for path in sorted((HERE / "pages").glob("*/page.txt"))]
relaxed = settings(max_examples=15, suppress_health_check=list(HealthCheck))


pytestmark = pytest.mark.usefixtures("engine")


def joined(pieces: pl.DataFrame) -> dict[str, str]:
    return dict(pieces.group_by("id", maintain_order=True).agg(pl.col("piece").str.join("")).iter_rows())


def check_tiles(texts: list[str]) -> None:
    know = ship_knowledge()
    frame = page_frame(texts)
    pieces = to_pieces(frame.lazy())
    whole = dict(frame.select("id", "page").iter_rows())
    assert joined(pieces.collect()) == whole
    for stage in STAGES:
        pieces = stage(pieces, know).collect().lazy()
        found = pieces.collect()
        validate_frame(found, Piece, str(stage))
        assert joined(found) == whole, stage
        assert found["id"].unique(maintain_order=True).to_list() == frame["id"].to_list(), stage


@relaxed
@given(pages)
def test_pieces_tile_after_every_stage(texts: list[str]) -> None:
    """Joined in order, a page's pieces are the page, whatever stage has run; and no page is lost or moved."""
    check_tiles(texts)


def test_pieces_of_real_pages_tile() -> None:
    """The same for the pages whose right answer we keep."""
    assert REAL
    check_tiles(REAL)


@relaxed
@given(pages)
def test_the_record_replays(texts: list[str]) -> None:
    """Page minus cuts is text, raw through repairs is page and back, and every page is a document or more."""
    check_replay(texts)


def test_the_record_of_real_pages_replays() -> None:
    """The same for the pages whose right answer we keep."""
    check_replay(REAL)


def check_replay(texts: list[str]) -> None:
    raw = raw_frame(texts)
    docs = clean_pages(repair_pages(raw), ship_knowledge())
    own = docs.filter(pl.col("parent_id").is_null())
    assert own["id"].to_list() == raw["id"].to_list()
    parts = unpack_pieces(docs.lazy()).collect()
    texts_of: dict[tuple[str, int], str] = {}
    for row in parts.iter_rows(named=True):
        key = (row["id"], row["article"])
        texts_of[key] = texts_of.get(key, "") + ("" if row["action"] == "cut" else row["piece"])
    for doc in docs.iter_rows(named=True):
        page, article = (doc["parent_id"], int(doc["id"].split(".")[1])) if doc["parent_id"] else (doc["id"], 0)
        assert doc["text"] == texts_of.get((page, article), "")
        if doc["parent_id"] is None:
            assert "".join(parts.filter(pl.col("id") == doc["id"])["piece"]) == doc["page"]
            repairs = [Repair(**repair) for repair in doc["repairs"]]
            assert replay(doc["raw"], repairs) == doc["page"]
            assert unreplay(doc["page"], repairs) == doc["raw"]


@relaxed
@given(pages, st.integers(1, 3))
def test_any_split_into_shards_gives_the_same_documents(texts: list[str], size: int) -> None:
    """What is said of a page does not depend on the pages beside it."""
    raw = repair_pages(raw_frame(texts))
    know = ship_knowledge()
    together = clean_pages(raw, know)
    apart = pl.concat([clean_pages(raw.slice(at, size), know) for at in range(0, len(raw), size)])
    assert together.equals(apart)


def test_the_pages_beside_a_page_change_nothing() -> None:
    """The same for the pages of tests/pages in other orders: what ends one page and begins the next must not meet."""
    know = ship_knowledge()
    frame = repair_pages(raw_frame(list(dict.fromkeys(REAL))))
    docs = clean_pages(frame, know).sort("id")
    for seed in range(2):
        mixed = frame.sample(fraction=1, shuffle=True, seed=seed)
        assert clean_pages(mixed, know).sort("id").equals(docs), seed


def test_a_large_batch_changes_nothing() -> None:
    """The same for many long pages: sums over a batch must not lose what a page alone has."""
    know = ship_knowledge()
    raw = repair_pages(raw_frame(REAL * 4))
    again = repair_pages(raw_frame(REAL))
    together, alone = clean_pages(raw, know), clean_pages(again, know)
    last = together.tail(len(alone)).drop("id", "parent_id", "path", "pieces")
    assert last.equals(alone.drop("id", "parent_id", "path", "pieces"))


@given(st.data())
@relaxed
def test_splitting_pieces_keeps_every_character(data: st.DataObject) -> None:
    """Claims split a piece into parts that join to it; only what is claimed changes its label."""
    pieces = to_pieces(page_frame(data.draw(pages)).lazy()).collect()
    claims: list[tuple[int, int, int, str]] = []
    for row, text in enumerate(pieces["piece"]):
        cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=4)))
        claims += [(row, a, b, "ad/label") for a, b in zip(cuts[::2], cuts[1::2], strict=False) if a < b]
    schema = {"row": pl.UInt32, "start": pl.Int64, "end": pl.Int64, "rule": pl.String}
    split = split_pieces(pieces, pl.DataFrame(claims, schema=schema, orient="row"))
    assert joined(split) == joined(pieces)
    claimed = sum(end - start for _, start, end, _ in claims)
    assert split.filter(pl.col("rule") == "ad/label")["piece"].str.len_chars().sum() == claimed


@relaxed
@given(pages)
def test_filed_space_leaves_paragraphs_one_a_line(texts: list[str]) -> None:
    """After the space stage a text has no blank line, and no white space at any line's edge."""
    pieces = label_space(to_pieces(page_frame(texts).lazy()), frozenset())
    for text in join_text(pieces, frozenset())["text"]:
        for line in text.split("\n") if text else []:
            assert line and line == line.strip()
