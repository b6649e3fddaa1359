"""Captions that the markup of a page tells: its own lines alone, in whatever spelling, and none that a rule has."""

from __future__ import annotations

import polars as pl
import pytest
from doc_rows import page_id

from etl.given_lines import AUTHOR, CAPTION, label_given_lines
from etl.knowledge import Knowledge, ship_knowledge
from etl.repair import repair_pages
from schemas.columns import REPAIRS

LINE = "أعضاء الفريق في الملعب"
PIECES = pl.DataFrame(
    {
        "id": ["a"] * 4 + ["b"],
        "piece": [
            f"  {LINE}\n",
            "قال المدرب إن أعضاء الفريق في الملعب.\n",
            f"{LINE}\n",
            "اعضاء الفريق فى الملعب",
            LINE,
        ],
        "rule": [None, None, "title/headline", None, None],
    }
)


@pytest.fixture(scope="module")
def know() -> Knowledge:
    return ship_knowledge()


def given(**captions: list[str] | None) -> pl.DataFrame:
    rows = [(name, told, []) for name, told in captions.items()]
    schema = {"id": pl.String(), "given_captions": pl.List(pl.String()), "repairs": REPAIRS}
    return pl.DataFrame(rows, schema=schema, orient="row")


def test_lines_of_the_page_that_say_a_caption_are_captions(know: Knowledge) -> None:
    """Not another page's, not a sentence with the same words, not what a rule has labelled; spelling is no matter."""
    found = label_given_lines(PIECES.lazy(), know, given(a=[LINE, ""], b=[])).collect()
    assert found["rule"].to_list() == [CAPTION, None, "title/headline", CAPTION, None]
    assert found.drop("rule").equals(PIECES.drop("rule"))


def test_a_page_without_captions_is_left(know: Knowledge) -> None:
    """Pages of text have none, and pieces may come alone."""
    for told in (None, given(a=None, b=[]), given(a=[LINE]).drop("given_captions")):
        assert label_given_lines(PIECES.lazy(), know, told).collect().equals(PIECES)


def test_a_caption_is_repaired_as_its_page_is(know: Knowledge) -> None:
    """On a page whose encoding was mended the caption comes misread, and the line does not."""
    text = f"{LINE}\nقال الوزير إن القمة ستعقد غدا في العاصمة بحضور عدد من الرؤساء والوزراء من دول المنطقة.\n"
    raw = pl.DataFrame(
        {
            "id": [page_id("x")],
            "raw": [text.encode().decode("latin-1")],
            "given_captions": [[LINE.encode().decode("latin-1")]],
            "verdict": [None],
            "verdict_value": [None],
        },
        schema_overrides={"verdict": pl.String(), "verdict_value": pl.Float64()},
    )
    page = repair_pages(raw, know.params.repair)
    assert page["page"].item().startswith(LINE) and page["repairs"].list.len().item()
    assert page["given_captions"].to_list() == [[LINE]]
    pieces = pl.DataFrame(
        {"id": page["id"].to_list() * 2, "piece": page["page"].item().split("\n")[:2], "rule": [None, None]}
    )
    pieces = pieces.cast({"rule": pl.String})
    assert label_given_lines(pieces.lazy(), know, page).collect()["rule"].to_list() == [CAPTION, None]


def test_a_line_that_is_the_author_s_name_is_a_byline(know: Knowledge) -> None:
    """Above the text or below it; a sentence about the author is none."""
    pieces = PIECES.with_columns(
        piece=pl.Series(["عمار بوكرشة\n", "قال عمار بوكرشة ذلك.\n", "x\n", "عمّار بوكرشه", "عمار بوكرشة"])
    )
    told = given(a=[]).with_columns(given_author=pl.lit("عمار بوكرشة"))
    assert label_given_lines(pieces.lazy(), know, told).collect()["rule"].to_list() == [
        AUTHOR,
        None,
        "title/headline",
        AUTHOR,
        None,
    ]
