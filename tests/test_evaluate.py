"""The gate: scores on pages with a known answer, against floors that may only rise."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.shared import find_shared
from etl.duplicates.shingles import score_body, score_characters, shingles
from etl.evaluate import Score, Scores, check_floors, evaluate, find_cases, summarise
from etl.knowledge import ship_knowledge

HERE = Path(__file__).parent
FLOORS = HERE / "floors.toml"
SHARED = find_shared() / "pages"


def test_our_pages_stay_above_their_floors() -> None:
    """Text and fields of the seeds and of the made pages score no lower than what floors.toml says."""
    scores = evaluate(HERE / "pages", ship_knowledge())
    assert len(scores.pages) == len(find_cases(HERE / "pages"))
    assert check_floors(scores, FLOORS, "pages") == []


def test_saved_pages_stay_above_their_floors() -> None:
    """The same for saved pages of real sites, where they are at hand."""
    if not SHARED.is_dir():
        pytest.skip(f"no saved pages in {SHARED}")
    assert check_floors(evaluate(SHARED, ship_knowledge()), FLOORS, "shared") == []


def test_a_figure_below_its_floor_is_named(tmp_path: Path) -> None:
    """A lower score fails with the figure, its floor and the file; a missing figure fails too."""
    floors = tmp_path / "floors.toml"
    floors.write_text("[pages.page]\nf1 = 0.9\nfields = 0.5\n[pages.html]\nf1 = 0.1\n", "utf-8")
    low = [Score("one", "page", 1.0, 0.5, 2 / 3, fields={"title": True})]
    problems = check_floors(Scores(low, summarise(low)), floors, "pages")
    assert len(problems) == 2
    assert "f1 is 0.6667, under its floor of 0.9" in problems[1]
    assert "html" in problems[0]


def test_shingles_are_counted_as_a_multiset() -> None:
    """A run that stands twice counts twice; a body shorter than a run is scored on its words."""
    assert shingles("ا ب ج د ه").total() == 2
    assert score_body("ا ب ج د ا ب ج د", "ا ب ج د") == (pytest.approx(1 / 5), 1.0, pytest.approx(1 / 3))
    assert score_body("نعم", "نعم لا") == (1.0, 0.5, pytest.approx(2 / 3))
    assert score_body("", "") == (1.0, 1.0, 1.0)
    assert score_body("نص", "") == (0.0, 1.0, 0.0)
    assert score_body("", "نص هنا") == (0.0, 0.0, 0.0)


def test_characters_count_where_their_words_stand_in_order() -> None:
    """What is kept and wanted counts by its letters; words out of order, or of another body, do not."""
    assert score_characters("اب جدهو", "اب جدهو") == (1.0, 1.0)
    assert score_characters("زائد اب جدهو", "اب جدهو") == (pytest.approx(6 / 10), 1.0)
    assert score_characters("اب", "اب جدهو") == (1.0, pytest.approx(2 / 6))
    assert score_characters("", "نص") == (0.0, 0.0) and score_characters("", "") == (1.0, 1.0)


def test_lines_are_right_where_their_labels_say_so() -> None:
    """Every labelled line of the seeds is kept if it is the article's, and only then; a glued line is kept in part."""
    scores = evaluate(HERE / "pages", ship_knowledge())
    assert scores.summary["page"]["lines"] == 1.0
    assert all(score.lines is None or 0 <= score.lines <= 1 for score in scores.pages)
