"""Second articles: found by columns as the plain definition finds them, line by line."""

from __future__ import annotations

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st
from place_reference import Line, Rows, frame_of, second_articles

from etl.knowledge import Knowledge
from etl.rules import Rule, Rules
from etl.spliced import label_articles
from schemas.piece import PIECE

HEADING = "related/heading"
KNOW = Knowledge(rules=Rules((Rule(HEADING, "opens other articles", "line", "^$", heading="related"),)))
TITLE = "المنتخب يفوز على ضيفه بثلاثة أهداف دون رد"
PARAGRAPH = "وقال المدرب بعد المباراة إن الفريق لعب كما أراد له وإنه راض."
BODY = "أعلنت الحكومة أنها أقرت خطة لدعم المزارعين في الجنوب هذا العام."


def test_an_article_under_a_heading_is_a_document_of_its_own() -> None:
    """With its number, its title and its body; the white space and the labels between belong to it, what follows does not."""
    after: Rows = [
        ("اقرأ أيضا", "after", HEADING),
        (TITLE, "after", None),
        ("", "after", None),
        *[(PARAGRAPH, "after", None)] * 2,
        ("شاهد أيضا: خبر", "after", "related/see-also"),
        (PARAGRAPH, "after", None),
        ("المصدر: وكالات", "after", "source/line"),
        ("", "after", None),
        ("خبر آخر", "after", None),
    ]
    found = label_articles(frame_of([[(BODY, "body", None), *after]]).lazy(), KNOW).collect()
    assert found["article"].to_list() == [0, 0, *[1] * 7, 0, 0]
    assert found["rule"][2] == "title/headline"
    assert found["zone"].to_list() == ["body", *["after"] * 3, "body", "body", "after", "body", *["after"] * 3]


def test_two_paragraphs_are_no_article() -> None:
    lines: Rows = [("اقرأ أيضا", "after", HEADING), (TITLE, "after", None), *[(PARAGRAPH, "after", None)] * 2]
    frame = frame_of([lines, [(PARAGRAPH, "after", None)]])
    assert label_articles(frame.lazy(), KNOW).collect().equals(frame)


text = st.sampled_from(
    [TITLE, f"- {TITLE}", *[PARAGRAPH] * 3, f"{PARAGRAPH[:-1]}»", f"{PARAGRAPH}..", f"• {PARAGRAPH}", "خبر", "", " "]
)
RULES = [*[None] * 6, HEADING, "related/see-also", "source/line", "keywords/line", "share/widget", "media/caption"]
line = st.tuples(text, st.sampled_from(["after", "after", "after", "body"]), st.sampled_from(RULES))


@settings(max_examples=300)
@given(st.lists(st.lists(line, min_size=1, max_size=20), min_size=1, max_size=3))
def test_articles_are_those_of_the_plain_definition(pages: list[Rows]) -> None:
    """For any lines and labels; no label is taken away and no other page matters."""
    pages = [
        sorted(lines, key=lambda line: line[1] == "after") for lines in pages
    ]  # nothing stands after what is after
    frame = frame_of(pages)
    rules, zones, articles = (frame[name].to_list() for name in ("rule", "zone", "article"))
    rows = frame.with_row_index().filter((pl.col("piece").str.strip_chars() != "") & (pl.col("zone") == "after"))
    for page in range(len(pages)):
        lines = [
            Line(*row) for row in rows.filter(pl.col("id") == f"{page}").select("index", "piece", "rule").iter_rows()
        ]
        for number, (title, members, body) in enumerate(second_articles(lines, {HEADING}), start=1):
            rules[title] = "title/headline"
            for row in range(members[0], members[-1] + 1):
                articles[row] = number
            for row in body:
                zones[row] = "body"
    found = label_articles(frame.lazy(), KNOW).collect()
    assert found.schema == PIECE
    assert (found["rule"].to_list(), found["zone"].to_list(), found["article"].to_list()) == (rules, zones, articles)
    assert found.select("id", "piece", "score").equals(frame.select("id", "piece", "score"))


def test_without_pages_nothing_is_done() -> None:
    assert label_articles(pl.DataFrame(schema=PIECE).lazy(), KNOW).collect().schema == PIECE
