"""Boxes of links that one line opens and another ends."""

from __future__ import annotations

from pathlib import Path

import pytest
from strategies import page_frame

from etl.cues import BOX_LINES, label_boxes, label_lines
from etl.knowledge import ship_knowledge
from etl.pieces import to_pieces
from etl.rules import RuleError, load_rules

OPEN, END = "تخطى الأكثر قراءة وواصل القراءة", "الأكثر قراءة نهاية"
BODY = "وقال المزارعون إن الماء عاد إلى الآبار بعد أشهر من العمل."


def labels(text: str) -> list[str | None]:
    know = ship_knowledge()
    return label_boxes(label_lines(to_pieces(page_frame([text]).lazy()), know), know).collect()["rule"].to_list()


def test_what_stands_between_the_two_lines_is_boxed() -> None:
    """Headlines between the line that opens a box and the one that ends it are labelled, blank lines and body are not."""
    found = labels("\n".join([BODY, OPEN, "هل تفهم القردة معنى الصفر؟", "", "مدينة تمشي على الماء", END, BODY]))
    assert found[0] is None and found[-1] is None
    assert found[2:5] == ["related/boxed", None, "related/boxed"]
    assert found[1] == "related/skip-over"


def test_a_heading_in_a_box_opens_no_list_below_it() -> None:
    """Nor does the line that ends the box, in whichever order its words stand."""
    for end in (END, "نهاية الأكثر قراءة"):
        found = labels("\n".join([BODY, OPEN, "الأكثر قراءة", "هل تفهم القردة معنى الصفر؟", end, BODY]))
        assert found == [None, "related/skip-over", "related/boxed", "related/boxed", found[4], None]
        assert found[4] in ("related/skip-list", "related/boxed")


def test_a_box_that_nothing_ends_is_left_alone() -> None:
    """Without its end in the same page, near enough, nothing is taken for the inside of a box."""
    assert "related/boxed" not in labels("\n".join([BODY, OPEN, BODY, BODY]))
    assert "related/boxed" not in labels("\n".join([OPEN, *[BODY] * (BOX_LINES + 1), END]))


def test_a_box_does_not_reach_into_the_next_page() -> None:
    """The end must stand in the same page."""
    know = ship_knowledge()
    pages = page_frame([f"{OPEN}\n{BODY}", f"{BODY}\n{END}"])
    found = label_boxes(label_lines(to_pieces(pages.lazy()), know), know).collect()
    assert "related/boxed" not in found["rule"].to_list()


def test_only_a_line_opens_a_box(tmp_path: Path) -> None:
    """`until` on a rule over parts of lines is an error that says so."""
    (tmp_path / "x.toml").write_text(
        '[[rule]]\nid = "ui/x"\nwhy = "x"\nspan = "كلمة"\nuntil = "نهاية"\nhits = ["⟦كلمة⟧"]\nkeeps = ["غيرها"]\n',
        "utf-8",
    )
    with pytest.raises(RuleError, match="until"):
        load_rules(tmp_path)
