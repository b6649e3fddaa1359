"""What stands behind a box that invites to read on is text, to the next heading of other articles."""

from __future__ import annotations

import polars as pl

from etl.zones.read_on import find_read_on

TEXT = "تراجعت المساحات المغمورة في الهور إلى أقل من عشرة في المئة مما كانت عليه"
BOX = [
    ("تخطى البودكاست وواصل القراءة", "related/skip-over"),
    ("حلقات أسبوعية", "related/boxed"),
    ("نهاية", "related/boxed"),
]


def read_on(*lines: tuple[str, str | None], of: str = "p") -> list[str]:
    frame = pl.DataFrame(
        {"id": of, "piece": [f"{line}\n" for line, _ in lines], "rule": [rule for _, rule in lines]},
        schema_overrides={"rule": pl.String},
    )
    return [line for (line, _), is_on in zip(lines, find_read_on(frame), strict=True) if is_on]


def test_the_text_goes_on_behind_a_box() -> None:
    """Past pictures; not past a heading, and not where hardly a word stands there."""
    behind = [("خارج الحسابات", None), ("صدر الصورة", "media/credit-label"), (TEXT, None), ("• دفعة مائية", None)]
    tail = [("مواضيع ذات صلة", "related/heading-items"), (TEXT, None)]
    assert read_on((TEXT, None), *BOX, *behind, *tail) == ["خارج الحسابات", TEXT, "• دفعة مائية"]
    assert read_on((TEXT, None), *BOX, ("محليات", None), ("رياضة", None)) == []
    assert read_on((TEXT, None), *BOX[1:], *behind) == []
    assert read_on((TEXT, None), *behind) == []
