"""The card's plots, drawn from the manifest's numbers alone.

The bytes are the same on every machine: only the font that the renderer brings along is used, so labels keep
to ASCII; an outlet whose name is not ASCII is called by its number in the card's table.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

_FONT = "Liberation Sans"
_INK = "#3b5b7a"
_OUTLETS = 15
"""Outlets that the plot by month shows; the card's table has them all."""
_SCALE = 2


def draw_plots(numbers: dict[str, Any], folder: Path) -> list[Path]:
    """Numbers of a release -> PNG files: the funnel, the lengths, outlets by month where there are dates."""
    import altair as alt

    folder.mkdir(parents=True, exist_ok=True)
    totals = numbers["totals"]
    steps = [
        ("pages read", totals["characters_read"]),
        ("pages released", totals["characters_released_pages"]),
        ("text kept", totals["characters_kept"]),
    ]
    funnel = (
        alt.Chart(_data([{"step": step, "characters": n} for step, n in steps]))
        .mark_bar(color=_INK)
        .encode(
            x=alt.X("characters:Q", title="characters", axis=alt.Axis(format="~s")),
            y=alt.Y("step:N", sort=None, title=None),
        )
        .properties(width=520, height=120)
    )
    bins = numbers["lengths"]
    labels = [f"{row['from_words']}-{after['from_words'] - 1}" for row, after in pairwise(bins)] + [
        f"{bins[-1]['from_words']}+"
    ]
    lengths = (
        alt.Chart(
            _data([{"words": label, "documents": row["documents"]} for label, row in zip(labels, bins, strict=True)])
        )
        .mark_bar(color=_INK)
        .encode(
            x=alt.X("words:N", sort=None, title="words in a document", axis=alt.Axis(labelAngle=0)),
            y=alt.Y("documents:Q", title="documents", axis=alt.Axis(format="~s", tickMinStep=1)),
        )
        .properties(width=520, height=220)
    )
    drawn = [_save(funnel, folder / "funnel.png"), _save(lengths, folder / "lengths.png")]
    rows = _by_month(numbers)
    if rows:
        months = (
            alt.Chart(_data(rows))
            .mark_rect()
            .encode(
                x=alt.X("month:O", title=None, axis=alt.Axis(labelOverlap=True)),
                y=alt.Y("outlet:N", sort=None, title=None),
                color=alt.Color("documents:Q", title="documents", scale=alt.Scale(scheme="blues", domainMin=0)),
            )
            .properties(width=460, height={"step": 22})
        )
        drawn.append(_save(months, folder / "outlets.png"))
    return drawn


def outlet_label(outlet: str, number: int) -> str:
    """Outlet and its row in the card's table -> its name in a plot."""
    return outlet[:28] if outlet and outlet.isascii() else f"outlet {number}" if outlet else "no outlet known"


def _by_month(numbers: dict[str, Any]) -> list[dict[str, Any]]:
    """Documents of the largest outlets by month; empty where no document is dated."""
    names = {
        row["outlet"]: outlet_label(row["outlet"], number)
        for number, row in enumerate(largest_outlets(numbers)[:_OUTLETS], 1)
    }
    return [
        {"outlet": names[outlet], "month": row["month"], "documents": row["documents"]}
        for outlet in names
        for row in numbers["outlet_months"]
        if row["outlet"] == outlet and row["month"]
    ]


def largest_outlets(numbers: dict[str, Any]) -> Sequence[dict[str, Any]]:
    """Numbers of a release -> its outlets, the largest first."""
    return sorted(numbers["outlets"], key=lambda row: (-row["documents"] - row["without_text"], row["outlet"]))


def _data(rows: list[dict[str, Any]]) -> Any:
    import altair as alt

    return alt.InlineData(values=rows)


def _save(chart: Any, path: Path) -> Path:
    import vl_convert

    spec = chart.configure(font=_FONT, background="white").configure_view(stroke=None).to_dict()
    path.write_bytes(vl_convert.vegalite_to_png(spec, scale=_SCALE))
    return path
