"""Numbers -> the overview's charts, as Vega-Lite that the page's own copy of Vega draws.

Titles are keys of `words.toml` after an @: the script puts in the words of the language that is read.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

_RULES, _OUTLETS, _FAMILIES, _LANGUAGES = 30, 25, 30, 12
"""Most rows and columns of a chart; the tables beside them hold everything."""
_MONTHS = 60
"""Months from which years are drawn instead."""
_FEW = 36
"""Bars up to which each has a fixed width, so that one alone does not fill the page."""


def draw_charts(numbers: dict[str, Any], hues: Mapping[str, float]) -> dict[str, Any]:
    """Numbers of the overview, hues of the families -> charts by name; an empty one is left out."""
    totals = numbers["totals"]
    families = numbers["families"][:_FAMILIES]
    charts = {
        "documents": _draw_steps([(f"@{name}", totals[name]) for name in ("pages", "documents", "released")], "@count"),
        "funnel": _draw_steps(
            [
                ("@characters_read", totals["characters"]),
                ("@characters_uncut", totals["characters"] - totals["characters_cut"]),
                ("@characters_released", totals["characters_released"]),
            ],
            "@characters",
        ),
        "families": _draw_bars(families, "family", "chars", "@characters", hues),
        "heat": _draw_heat(numbers),
        "lengths": _draw_lengths(numbers["lengths"]),
        "months": _draw_months(numbers["months"]),
        "languages": _draw_bars(_named(numbers["languages"][:_LANGUAGES]), "lang", "documents", "@documents"),
        "roles": _draw_bars(numbers["roles"], "role", "documents", "@documents"),
    }
    return {name: chart for name, chart in charts.items() if chart is not None}


def _spec(chart: Any) -> dict[str, Any]:
    spec: dict[str, Any] = chart.to_dict()
    # Colours and fonts come from the page, which knows whether it is read by day or by night.
    spec.pop("config", None)
    spec.pop("$schema", None)
    return spec


def _data(rows: Sequence[dict[str, Any]]) -> Any:
    import altair as alt

    return alt.InlineData(values=list(rows))


def _count_axis(counts: Iterable[int], ticks: int = 5) -> Any:
    """Counts -> an axis for them: no ticks between whole numbers, and a nought that is not called 0k."""
    import altair as alt

    zero = "datum.value ? datum.label : '0'"
    return alt.Axis(format="~s", labelExpr=zero, tickMinStep=1, tickCount=max(1, min(ticks, max(counts, default=1))))


def _draw_bars(
    rows: Sequence[dict[str, Any]], name: str, value: str, title: str, hues: Mapping[str, float] | None = None
) -> dict[str, Any] | None:
    """Rows -> bars, one a row, in their order; in a hue each, where the names have one."""
    import altair as alt

    if not rows:
        return None
    tips = [alt.Tooltip(f"{name}:N", title="@name"), alt.Tooltip(f"{value}:Q", title=title, format=",")]
    if "share" in rows[0]:
        tips.append(alt.Tooltip("share:Q", title="@share", format=".2%"))
    if "pieces" in rows[0]:
        tips.append(alt.Tooltip("pieces:Q", title="@pieces", format=","))
    chart = (
        alt.Chart(_data(rows))
        .mark_bar()
        .encode(
            x=alt.X(f"{value}:Q", title=title, axis=_count_axis((row[value] for row in rows), 8)),
            y=alt.Y(f"{name}:N", sort=None, title=None),
            tooltip=tips,
        )
        .properties(width="container", height=20 * len(rows))
    )
    if hues is not None:
        names = [row[name] for row in rows]
        colours = [f"hsl({hues.get(one, 0):g}, 50%, 50%)" for one in names]
        scale = alt.Scale(domain=names, range=colours)
        chart = chart.encode(color=alt.Color(f"{name}:N", scale=scale, legend=None))
    return _spec(chart)


def _draw_steps(steps: Sequence[tuple[str, int]], title: str) -> dict[str, Any]:
    """Names and counts, one after the other -> bars, each with its share of the first."""
    import altair as alt

    rows = [{"step": step, "count": count, "share": count / max(steps[0][1], 1)} for step, count in steps]
    tips = [
        alt.Tooltip("step:N", title="@name"),
        alt.Tooltip("count:Q", title=title, format=","),
        alt.Tooltip("share:Q", title="@share", format=".1%"),
    ]
    return _spec(
        alt.Chart(_data(rows))
        .mark_bar()
        .encode(
            x=alt.X("count:Q", title=title, axis=_count_axis((count for _, count in steps), 8)),
            y=alt.Y("step:N", sort=None, title=None, axis=alt.Axis(labelLimit=170)),
            tooltip=tips,
        )
        .properties(width="container", height=28 * len(rows))
    )


def _draw_heat(numbers: dict[str, Any]) -> dict[str, Any] | None:
    """The rules that fire on most pages, against the outlets with most pages."""
    import altair as alt

    outlets = [row["outlet"] for row in numbers["outlets"][:_OUTLETS]]
    pages: dict[str, int] = {}
    for row in numbers["heat"]:
        pages[row["rule"]] = pages.get(row["rule"], 0) + row["pages"]
    rules = sorted(pages, key=lambda rule: (-pages[rule], rule))[:_RULES]
    rows = [
        {**row, "outlet": row["outlet"] or "@none"}
        for row in numbers["heat"]
        if row["rule"] in rules and row["outlet"] in outlets
    ]
    if not rows:
        return None
    names = [outlet or "@none" for outlet in outlets]
    tips = [
        alt.Tooltip("rule:N", title="@rule"),
        alt.Tooltip("outlet:N", title="@outlet"),
        alt.Tooltip("share:Q", title="@share_of_pages", format=".0%"),
        alt.Tooltip("pages:Q", title="@pages", format=","),
        alt.Tooltip("chars:Q", title="@characters", format=","),
    ]
    return _spec(
        alt.Chart(_data(rows))
        .mark_rect()
        .encode(
            x=alt.X("outlet:N", sort=names, title=None, axis=alt.Axis(labelAngle=-60, orient="top")),
            y=alt.Y("rule:N", sort=rules, title=None, axis=alt.Axis(labelLimit=170)),
            color=alt.Color(
                "share:Q",
                title="@share_of_pages",
                scale=alt.Scale(domain=[0, 1], interpolate="rgb"),
                legend=alt.Legend(format=".0%", orient="bottom", gradientLength=200, tickCount=3),
            ),
            tooltip=tips,
        )
        .properties(width={"step": 26}, height={"step": 18})
    )


def _draw_lengths(bins: list[dict[str, Any]]) -> dict[str, Any]:
    import altair as alt

    rows = [
        {
            "length": f"{row['from']:,}" + (f"-{row['to'] - 1:,}" if row["to"] else "+"),
            "what": f"@{row['what']}",
            "documents": row["documents"],
        }
        for row in bins
    ]
    return _spec(
        alt.Chart(_data(rows))
        .mark_bar()
        .encode(
            x=alt.X("length:N", sort=None, title="@characters", axis=alt.Axis(labelAngle=-45)),
            xOffset=alt.XOffset("what:N", sort=["@before", "@after"]),
            y=alt.Y("documents:Q", title="@count", axis=_count_axis(row["documents"] for row in rows)),
            color=alt.Color(
                "what:N", sort=["@before", "@after"], title=None, legend=alt.Legend(orient="bottom", columns=1)
            ),
            tooltip=[
                alt.Tooltip("what:N", title="@name"),
                alt.Tooltip("length:N", title="@characters"),
                alt.Tooltip("documents:Q", title="@count", format=","),
            ],
        )
        .properties(width="container", height=220)
    )


def _draw_months(months: list[dict[str, Any]]) -> dict[str, Any] | None:
    import altair as alt

    dated = [row for row in months if row["month"]]
    if not dated:
        return None
    if len(dated) > _MONTHS:
        years: dict[str, int] = {}
        for row in dated:
            years[row["month"][:4]] = years.get(row["month"][:4], 0) + row["documents"]
        dated = [{"month": year, "documents": count} for year, count in sorted(years.items())]
    return _spec(
        alt.Chart(_data(dated))
        .mark_bar()
        .encode(
            x=alt.X("month:O", title=None, axis=alt.Axis(labelOverlap=True, labelAngle=-45)),
            y=alt.Y("documents:Q", title="@documents", axis=_count_axis(row["documents"] for row in dated)),
            tooltip=[
                alt.Tooltip("month:O", title="@month"),
                alt.Tooltip("documents:Q", title="@documents", format=","),
            ],
        )
        .properties(width={"step": 22} if len(dated) <= _FEW else "container", height=200)
    )


def _named(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{**row, "lang": row["lang"] or "@none"} for row in rows]
