"""Whether an outlet writes the day or the month first: told by those of its pages whose date can be read in one way only.

`5/2/2020` is the fifth of February or the second of May, `25/1/2020` is one day alone. `count_orders` sees one shard and
counts the pages of each outlet whose date lines show their order; `learn_orders` sees the counts of all shards and decides;
`settle_day` (etl/dates/day_order.py) hears it. Between the last two lies a file that people read and edit (etl/dates/order_table.py).
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import polars as pl
from pydantic import BaseModel, ConfigDict, Field

from etl.arrays import Flags
from etl.bylines.parts import read_byline
from etl.dates.order_table import DAY_FIRST, GIVEN, MONTH_FIRST, ORDER, PAGE, UNKNOWN
from etl.distinct import distinct
from etl.fold import fold_texts
from etl.rules import Rule
from etl.sieve import ask_rules
from etl.templates.keys import LONGEST


class OrderParams(BaseModel):
    """The evidence on which an outlet is taken to write the day, or the month, first."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    pages: int = Field(default=5, ge=1, description="Pages of an outlet that must show the order.")
    contrary: float = Field(
        default=0.02, ge=0, lt=0.5, description="Share, at most, of the other order among the pages that show any."
    )


ORDER_COUNT = pl.Schema(
    {"outlet": pl.String(), "dates": pl.String(), **dict.fromkeys(("day_first", "month_first", "neither"), pl.UInt32())}
)
"""What `count_orders` writes, a row for each outlet's dates on its pages and one for those that came beside them: pages with a date
in which only the day, or only the month, can come first, and pages whose dates show neither. A page with both counts for both.
"""

_LIKELY = r"[/-]\W{0,2}\d{1,2}\W{0,2}[/-]\W{0,2}\d{4}"
"""The end of a date in numbers: between them an Arabic page may write a mark of direction. Pages are asked first: to begin with a
stroke makes it a tenth as dear."""
_OPEN, _CLOSE = r"(?:^|[^0-9/.-]|(?:^|[^0-9])[/.-])", r"(?:$|[^0-9/.-]|[/.-](?:$|[^0-9]))"
_DAY, _MONTH, _YEAR = "(?:1[3-9]|2[0-9]|3[01])", "(?:0?[1-9]|1[0-2])", "(?:19|20)[0-9]{2}"


def _either_sign(first: str, second: str) -> str:
    """Two numbers -> a pattern of them and a year, with the same sign between. With points the day always comes first."""
    return "|".join(f"{_OPEN}{first} ?{sign} ?{second} ?{sign} ?{_YEAR}{_CLOSE}" for sign in "/-")


_READINGS = {
    "day_first": _either_sign(_DAY, _MONTH),
    "month_first": _either_sign(_MONTH, _DAY),
    "neither": _either_sign(_MONTH, _MONTH),
}
_TICKER = "date/ticker-item"
"""The one date rule whose lines hold a headline, and dates in headlines are written by people."""


def _is_date_line(lines: pl.Series, rules: Iterable[Rule]) -> Flags:
    """Lines with a date in them -> which of them a rule takes for a date line or a byline, or are a name and a date."""
    asked = [
        rule
        for rule in rules
        if rule.kind == "line" and rule.id.split("/")[0] in ("date", "byline") and rule.id != _TICKER
    ]
    found = np.zeros(len(lines), dtype=np.bool_)
    found[ask_rules(fold_texts(lines), asked)["_at"].to_numpy()] = True
    rest = np.flatnonzero(~found)
    found[rest] = [read_byline(line) is not None for line in lines.gather(rest)]
    return found


def count_orders(pages: pl.DataFrame, rules: Iterable[Rule]) -> pl.DataFrame:
    """Pages (outlet, page, given_date) -> ORDER_COUNT: on how many pages of each outlet the dates show the order of day and month.

    On the page those of date lines count: what a rule takes for one, or a writer's name and a date. Results, prices, phone
    numbers and dates in sentences and headlines are none.
    """
    known = pages.select("outlet", "page", "given_date").with_row_index("_page").drop_nulls("outlet")
    written = (
        known.lazy()
        .filter(pl.col("page").str.contains(_LIKELY))
        .select("outlet", "_page", pl.lit(PAGE).alias("dates"), line=pl.col("page").str.split("\n"))
        .explode("line", empty_as_null=False)
    )
    given = known.lazy().select("outlet", "_page", pl.lit(GIVEN).alias("dates"), line="given_date")
    likely = (pl.col("line").str.len_bytes() <= LONGEST) & pl.col("line").str.contains(_LIKELY)
    lines = pl.concat([written, given]).filter(likely).collect(engine="in-memory")
    texts, which = distinct(lines["line"])
    keys = fold_texts(texts)
    shown = pl.DataFrame({name: keys.str.contains(pattern) for name, pattern in _READINGS.items()})
    asked = np.zeros(len(keys), dtype=np.bool_)
    asked[which[(lines["dates"] == PAGE).to_numpy()]] = True
    asked &= shown.select(pl.any_horizontal(pl.all())).to_series().to_numpy()
    dated = asked.copy()
    dated[asked] = _is_date_line(texts.filter(pl.Series(asked)), rules)
    counts = (
        lines.select("outlet", "dates", "_page")
        .hstack(shown[which])
        .filter((pl.col("dates") == GIVEN) | pl.Series(dated[which]))
        .group_by("outlet", "dates", "_page")
        .agg(pl.col(*_READINGS).any())
        .with_columns(neither=pl.col("neither") & ~pl.col("day_first") & ~pl.col("month_first"))
        .group_by("outlet", "dates")
        .agg(pl.col(*_READINGS).sum())
        .filter(pl.sum_horizontal(*_READINGS) > 0)
    )
    return counts.sort("outlet", "dates").select(pl.col(name).cast(dtype) for name, dtype in ORDER_COUNT.items())


def learn_orders(counts: pl.LazyFrame, params: OrderParams) -> pl.DataFrame:
    """ORDER_COUNT of every shard -> ORDER: which comes first on an outlet's pages, the evidence, and what follows.

    Other columns and rows without any count are passed over: side files hold the counts of lines too.
    """
    both = pl.col("day_first") + pl.col("month_first")
    least, most = (choose("day_first", "month_first") for choose in (pl.min_horizontal, pl.max_horizontal))
    few, mixed = most < params.pages, least > params.contrary * both
    order = pl.when(pl.col("day_first") > pl.col("month_first")).then(pl.lit(DAY_FIRST)).otherwise(pl.lit(MONTH_FIRST))
    why = (
        pl.when(both == 0)
        .then(pl.lit("no page shows it"))
        .when(few)
        .then(pl.lit("too few pages show it"))
        .when(mixed)
        .then(pl.lit("its pages show both"))
        .otherwise(pl.lit("its pages show it"))
    )
    table = (
        counts.filter(pl.col("neither").is_not_null())
        .group_by("outlet", "dates")
        .agg(pl.col(*_READINGS).cast(pl.Int64).sum())
        .with_columns(order=pl.when(few | mixed).then(pl.lit(UNKNOWN)).otherwise(order), why=why)
        .sort("outlet", "dates")
    )
    return table.select(pl.col(name).cast(dtype) for name, dtype in ORDER.items()).collect()


def comes_first(outlets: pl.Series, table: pl.DataFrame | None, dates: str) -> pl.Series:
    """Outlets, ORDER, which dates of theirs -> whether the day comes first, or the month; null where nobody knows."""
    if table is None:
        return pl.repeat(None, len(outlets), dtype=pl.Boolean, eager=True)
    known = table.filter(pl.col("order") != UNKNOWN, pl.col("dates") == dates)
    known = known.select("outlet", first=pl.col("order") == DAY_FIRST)
    return outlets.to_frame("outlet").join(known, on="outlet", how="left", maintain_order="left")["first"]
