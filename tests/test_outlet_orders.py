"""An outlet's other pages say whether its dates have the day or the month first: counted, decided, edited, used."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from random import Random

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from etl.api import raw_frame, records
from etl.ask import explain
from etl.build import Build, make_docs, make_duplicates, make_pages, make_raw, make_templates
from etl.cli import main
from etl.dates.day_order import settle_day
from etl.dates.order_table import ORDER, OrderError, apply_order_edits, read_order_edits, read_orders, write_orders
from etl.dates.outlet_orders import ORDER_COUNT, OrderParams, comes_first, count_orders, learn_orders
from etl.knowledge import load_knowledge, ship_knowledge
from etl.params import Params
from etl.runners import InProcess

RULES = ship_knowledge().rules
BODY = "افتتحت البلدية حديقة جديدة على الكورنيش تضم ملعبا للأطفال ومسارا للمشي يمتد كيلومترين وسط حضور كبير من الأهالي."
PAPER = "جريدة الميناء"
NAMES = [
    "المكتبة",
    "المدرسة",
    "الحديقة",
    "السوق",
    "الميناء",
    "الجسر",
    "المتحف",
    "المسرح",
    "الملعب",
    "المصنع",
    "المستشفى",
    "المحطة",
]


def pages_of(outlet: str | None, pages: Sequence[str | None], given: Sequence[str | None] = ()) -> pl.DataFrame:
    columns = {"outlet": [outlet] * len(pages), "page": pages, "given_date": given or [None] * len(pages)}
    return pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String))


def count(*pages: str, outlet: str | None = "site") -> tuple[int, ...]:
    """Pages of an outlet -> how many show the day first, the month first, neither."""
    counts = count_orders(pages_of(outlet, pages), RULES)
    assert counts.schema == ORDER_COUNT
    return counts.row(0)[2:] if len(counts) else (0, 0, 0)


@pytest.mark.parametrize(
    ("line", "counted"),
    [
        ("Published On 25/8/2025", (1, 0, 0)),
        ("07:30 م 25/03/2025", (1, 0, 0)),
        ("٢٥\u200f/٠٣\u200f/٢٠٢٥", (1, 0, 0)),
        ("السبت 25-01-2020", (1, 0, 0)),
        ("• 6/20/2024", (0, 1, 0)),
        ("آخر تحديث: 6/20/2024 10:30 ص", (0, 1, 0)),
        ("كتب: أحمد علي 25/03/2025 07:30 م", (1, 0, 0)),
        ("نشر في 05/02/2020", (0, 0, 1)),
        # With points the day comes first on every page; a Hijri year and one of two digits tell nothing.
        ("25.01.2020", (0, 0, 0)),
        ("25/1/1441", (0, 0, 0)),
        ("25/1/20", (0, 0, 0)),
        ("2020/1/25", (0, 0, 0)),
        ("25/1-2020", (0, 0, 0)),
        ("25/13/2020", (0, 0, 0)),
        # No date, or one that a person wrote.
        ("فاز الفريق 25-1 في مباراة 2020", (0, 0, 0)),
        ("السعر: 25/1 دينارا", (0, 0, 0)),
        ("هاتف: 25-10-2020-77", (0, 0, 0)),
        ("هاتف: 02-25-1-2020", (0, 0, 0)),
        ("سعر الدولار في البنوك اليوم 25-1-2020", (0, 0, 0)),
        ("محمد صلاح يسجل هدفا 25/1/2020", (0, 0, 0)),
        ("14:05 انطلاق معرض الكتاب في دورته العاشرة 25/1/2020", (0, 0, 0)),
        ("وكان المجلس قرر في 25/1/2020 فتح الحديقة أمام الجميع.", (0, 0, 0)),
    ],
)
def test_only_date_lines_are_counted(line: str, counted: tuple[int, ...]) -> None:
    """A line that is a date line or a byline, in whatever digits, with a year of four; nothing else in numbers."""
    assert count(f"عنوان\n{line}\n{BODY}\n") == counted


def test_a_page_has_one_vote() -> None:
    """Ten dates of a page are one; dates that show neither order do not count beside one that does; two that differ are both told."""
    assert count("\n".join(["25/1/2020", "26/1/2020", "5/2/2020", BODY])) == (1, 0, 0)
    assert count("25/1/2020\n5/2/2020\n1/25/2020\n" + BODY) == (1, 1, 0)
    assert count("25/1/2020\n" + BODY, "5/2/2020\n" + BODY, BODY) == (1, 0, 1)
    assert count("25/1/2020\n" + BODY, outlet=None) == (0, 0, 0)


def test_dates_that_came_beside_the_pages_are_counted_apart() -> None:
    """A crawler may write dates in another order than the page; of a column every one is a date, and none is needed."""
    given = ["1/25/2020", "2/25/2020 10:00", "2/5/2020", "2020-01-25", None, ""]
    frame = pages_of("site", ["25/1/2020\n" + BODY] * 6, given)
    unread = pages_of("site", [None])
    counts = count_orders(pl.concat([frame, unread]), RULES)
    assert counts.rows() == [("site", "given", 0, 2, 1), ("site", "page", 6, 0, 0)]


def learn(*rows: tuple[str, int, int, int], params: OrderParams | None = None) -> dict[str, tuple[str, str]]:
    counts = pl.DataFrame([(outlet, "page", *counts) for outlet, *counts in rows], schema=ORDER_COUNT, orient="row")
    table = learn_orders(counts.lazy(), params or OrderParams())
    assert table.schema == ORDER and table["outlet"].is_sorted()
    return {outlet: (order, why) for outlet, order, why in table.select("outlet", "order", "why").iter_rows()}


@pytest.mark.parametrize(
    ("day_first", "month_first", "order"),
    [
        (5, 0, "day-first"),
        (4, 0, "unknown"),
        (0, 5, "month-first"),
        (5, 1, "unknown"),
        (49, 1, "day-first"),
        (1, 49, "month-first"),
        (48, 1, "unknown"),
        (50, 50, "unknown"),
        (0, 0, "unknown"),
    ],
)
def test_the_evidence_for_an_order(day_first: int, month_first: int, order: str) -> None:
    """Five pages, and at most two in a hundred that show the other one; in doubt no order."""
    assert learn(("site", day_first, month_first, 7))["site"][0] == order


def test_evidence_is_a_parameter() -> None:
    assert learn(("site", 3, 1, 0), params=OrderParams(pages=3, contrary=0.25))["site"][0] == "day-first"


def test_an_unknown_order_says_why() -> None:
    told = learn(("a", 0, 0, 9), ("b", 2, 0, 9), ("c", 9, 9, 0), ("d", 3, 0, 1), ("d", 4, 0, 1))
    assert told == {
        "a": ("unknown", "no page shows it"),
        "b": ("unknown", "too few pages show it"),
        "c": ("unknown", "its pages show both"),
        "d": ("day-first", "its pages show it"),
    }


@given(st.randoms(use_true_random=False), st.integers(1, 6))
@settings(max_examples=10, deadline=None)
def test_shards_and_order_do_not_matter(rng: Random, shards: int) -> None:
    """The same pages in any order and any shards teach the same orders."""
    pages = [("a", f"{day}/1/2020\n{BODY}") for day in range(1, 30)] + [
        ("b", f"1/{day}/2020\n{BODY}") for day in range(8, 22)
    ]
    frame = pl.concat(
        pages_of(outlet, [page for whose, page in pages if whose == outlet]).with_columns(
            given_date=pl.lit("3/25/2020")
        )
        for outlet in ("a", "b")
    )
    expected = learn_orders(count_orders(frame, RULES).lazy(), OrderParams())
    assert expected["order"].to_list() == ["month-first", "day-first", "month-first", "month-first"]
    frame = frame[rng.sample(range(len(frame)), len(frame))]
    cut = sorted(rng.randrange(len(frame) + 1) for _ in range(shards - 1))
    parts = [count_orders(frame[a:b], RULES) for a, b in zip([0, *cut], [*cut, len(frame)], strict=True)]
    assert learn_orders(pl.concat(parts).lazy(), OrderParams()).equals(expected)


FEBRUARY, MAY = dt.date(2020, 2, 5), dt.date(2020, 5, 2)


def test_the_outlets_order_is_one_voice_beside_the_pages_own() -> None:
    """It decides where the page says nothing; where they contradict each other nobody is sure."""
    raw = "نشر في 05/02/2020"
    assert (settle_day(raw, "", set(), True), settle_day(raw, "", set(), False)) == (FEBRUARY, MAY)
    assert settle_day(raw, "25/1/2020", {FEBRUARY}, True) == FEBRUARY
    assert settle_day(raw, "25/1/2020", set(), False) is settle_day(raw, "", {MAY}, True) is None


def orders(**of: str) -> pl.DataFrame:
    rows = [(order, outlet, "page", 9, 0, 3, "") for outlet, order in of.items()]
    return pl.DataFrame(rows, schema=ORDER, orient="row")


def test_whose_order_is_known() -> None:
    """That of an outlet in the table that has one; without an outlet or a table there is none."""
    outlets = pl.Series(["b", None, "a", "c", "x", "b"])
    known = comes_first(outlets, orders(a="day-first", b="month-first", c="unknown"), "page")
    assert known.to_list() == [False, None, True, None, None, False]
    assert comes_first(outlets, None, "page").to_list() == [None] * 6
    assert comes_first(outlets, orders(a="day-first"), "given").to_list() == [None] * 6


def test_records_know_the_order_of_their_outlet() -> None:
    """From Python too; another outlet's page, or one of none, stays as it was."""
    know = load_knowledge(Params(), orders=orders(site="day-first"))
    raw = raw_frame([f"افتتاح الحديقة الجديدة على الكورنيش\nنشر في 05/02/2020\n{BODY}\n{BODY}"] * 3)
    told = records(raw.with_columns(outlet=pl.Series(["site", "other", None])), know)
    assert [(one["date"], one["date_precision"]) for one in told] == [
        (FEBRUARY, "day"), (None, "ambiguous"), (None, "ambiguous"),
    ]  # fmt: skip


def test_a_given_date_has_an_order_of_its_own() -> None:
    """That of the dates that were given for the outlet's other pages; what the page writes goes before it and says nothing of it."""
    know = load_knowledge(Params(), orders=orders(site="month-first").with_columns(dates=pl.lit("given")))
    bare = f"افتتاح الحديقة الجديدة على الكورنيش\n{BODY}\n{BODY}\n25/1/2020"
    dated = f"افتتاح الحديقة الجديدة على الكورنيش\nنشر في 06/02/2020\n{BODY}\n{BODY}"
    raw = raw_frame([bare, dated, bare])
    raw = raw.with_columns(outlet=pl.Series(["site", "site", "other"]), given_date=pl.lit("05/02/2020"))
    told = records(raw, know)
    assert [(one["date"], one["date_raw"]) for one in told] == [
        (MAY, "05/02/2020"), (None, "نشر في 06/02/2020"), (None, "05/02/2020"),
    ]  # fmt: skip


# --- the file


def edited(folder: Path, old: str, new: str) -> Path:
    path = folder / "day_order.csv"
    write_orders(orders(site="day-first", other="unknown"), path)
    text = path.read_text("utf-8-sig")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")
    return path


def test_table_survives_the_file(tmp_path: Path) -> None:
    """What is written is read back, in the same bytes when written again; nothing of it is a person's."""
    table = orders(**{"a": "day-first", "ب, «ج»": "month-first"})
    write_orders(table, tmp_path / "a.csv")
    assert read_orders(tmp_path / "a.csv").equals(table.with_columns(why=pl.lit("written by hand")))
    assert read_order_edits(tmp_path / "a.csv").is_empty()
    write_orders(read_orders(tmp_path / "a.csv").with_columns(why=pl.lit("")), tmp_path / "b.csv")
    assert (tmp_path / "a.csv").read_bytes() == (tmp_path / "b.csv").read_bytes()


def test_edits_outlive_learning(tmp_path: Path) -> None:
    """An order changed and an outlet added stand when the corpus teaches others, again and again; the counts are those of now."""
    path = edited(tmp_path, "\nunknown,other,", "\nmonth-first,other,")
    path.write_text(path.read_text("utf-8") + "day-first,new\n", "utf-8")
    for _ in range(2):
        edits = read_order_edits(path)
        learned = orders(site="unknown", other="day-first").with_columns(day_first=pl.lit(4, pl.Int64))
        write_orders(apply_order_edits(learned, edits), path, edits)
        assert read_orders(path).select("order", "outlet", "day_first").rows() == [
            ("day-first", "new", 0), ("month-first", "other", 4), ("unknown", "site", 4),
        ]  # fmt: skip
    assert sorted(read_order_edits(path)["outlet"]) == ["new", "other"]


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("\nday-first,", "\nfirst,", "line 3: order is 'first'; write day-first, month-first or unknown"),
        (",site,", ",,", "line 3: outlet is empty; fill it in or remove the line"),
        (",site,", ",other,", "line 3: the same outlet and dates as in line 2; remove one"),
        (",page,", ",text,", "line 2: dates is 'text'; write page, given or nothing"),
        (",9,", ",many,", "line 2: day_first is 'many'; write a number or leave it empty"),
        (",9,", f",{'9' * 20},", f"line 2: day_first is '{'9' * 20}'; write a number or leave it empty"),
        (",site,", ",site,x,1,1,1,1,1,", "line 3: too many cells; put quotes around"),
        ("order,outlet", "order;outlet", "line 1: no column order, outlet; put back the one that the program wrote"),
    ],
)
def test_a_senseless_edit_fails(tmp_path: Path, old: str, new: str, says: str) -> None:
    """An edit that makes no sense names the file and the line and says what to do."""
    path = edited(tmp_path, old, new)
    with pytest.raises(OrderError) as error:
        read_orders(path)
    assert str(error.value).startswith(f"{path}, {says}")


def test_a_file_in_another_encoding_is_named(tmp_path: Path) -> None:
    path = tmp_path / "day_order.csv"
    path.write_bytes("order,outlet\nday-first,موقع\n".encode("windows-1256"))
    with pytest.raises(OrderError, match="not UTF-8; save it as a CSV file in UTF-8"):
        read_orders(path)


# --- a build


def write_pages(folder: Path, numbers: list[int], a_file: int) -> Path:
    """Pages of an invented paper in files of some; of the eighth of March and later, so that the first five can be read both ways."""
    folder.mkdir()
    rows = []
    for number in numbers:
        name = NAMES[number]
        lines = [
            f"افتتاح {name} بعد أعمال صيانة طويلة",
            f"نشر في {number + 8:02}/03/2025",
            f"أعلن المجلس أن {name} تفتح للزوار من التاسعة صباحا حتى العاشرة مساء بعد أعمال استمرت {number + 2} أشهر كاملة.",
            f"وقال مدير {name} إن العمل بدأ قبل عام، وإن التذاكر تباع عند المدخل الرئيسي بسعر {number + 20} ليرة للكبار.",
        ]
        page = {"id": f"p{number}", "outlet": PAPER, "text": "\n".join(lines), "date": f"03/{number + 8}/2025"}
        rows.append(json.dumps(page, ensure_ascii=False) + "\n")
    for at in range(0, len(rows), a_file):
        (folder / f"{at:02}.jsonl").write_text("".join(rows[at : at + a_file]), "utf-8")
    return folder


def build_of(folder: Path, **params: object) -> Build:
    return Build(folder, load_knowledge(Params.model_validate(params)), InProcess())


def docs_of(build: Build) -> pl.DataFrame:
    """Documents in the order of their days, without where they came from."""
    return pl.concat(pl.read_parquet(path) for path in build.shards("docs")).sort("date_raw").drop("path")


DAYS = [dt.date(2025, 3, number + 8) for number in range(12)]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Build:
    """The paper's pages in one shard, as far as the documents."""
    folder = tmp_path_factory.mktemp("paper")
    build = build_of(folder / "build")
    make_raw(build, write_pages(folder / "pages", list(range(12)), 12))
    make_pages(build)
    make_templates(build)
    make_docs(build)
    return build


def test_a_build_settles_the_days_of_an_outlet(built: Build, tmp_path: Path) -> None:
    """Twelve pages, five of which can be read both ways: the other seven decide, in any shards and order."""
    assert read_orders(built.orders).rows() == [
        ("month-first", PAPER, "given", 0, 7, 5, "its pages show it"),
        ("day-first", PAPER, "page", 7, 0, 5, "its pages show it"),
    ]
    docs = docs_of(built)
    assert docs["date"].to_list() == DAYS and set(docs["date_precision"]) == {"day"}
    small = build_of(tmp_path / "build", read={"shard_bytes": 3_000})
    make_raw(small, write_pages(tmp_path / "pages", [7, 2, 11, 0, 5, 1, 9, 3, 10, 4, 8, 6], 5))
    make_pages(small)
    make_templates(small)
    make_docs(small)
    assert len(small.shards("docs")) > 1
    assert small.orders.read_bytes() == built.orders.read_bytes()
    assert docs_of(small).equals(docs)


def test_a_build_obeys_what_people_decide(built: Build, tmp_path: Path) -> None:
    """What depends on the table is done again, the rest is kept; learning leaves an edited line alone; without a table no order is used."""
    build = replace(built, folder=shutil.copytree(built.folder, tmp_path / "build"))
    counts = sorted(build.path("templates").glob("counts/*"))
    before = [path.stat().st_mtime_ns for path in counts]
    text = build.orders.read_text("utf-8")
    build.orders.write_text(text.replace("\nday-first,", "\nunknown,", 1), "utf-8")
    make_templates(build)
    make_docs(build)
    assert docs_of(build)["date"].to_list() == [None] * 5 + DAYS[5:]
    assert [path.stat().st_mtime_ns for path in counts] == before
    build.orders.write_text(text, "utf-8")
    make_docs(build)
    assert docs_of(build).equals(docs_of(built))
    build.orders.unlink()
    make_docs(build)
    assert docs_of(build)["date"].to_list() == [None] * 5 + DAYS[5:]


def test_explain_says_where_the_day_came_from(built: Build, tmp_path: Path) -> None:
    """That the outlet's other pages decided; without them, that nothing did; of a date that is clear nothing is said."""
    build = replace(built, folder=shutil.copytree(built.folder, tmp_path / "build"))
    make_duplicates(build)
    first, *_, last = docs_of(build)["id"]
    told = "\n".join(explain(build.folder, first))
    assert "date \u2068«2025-03-08»\u2069 from date/" in told
    assert "    which of 2025-03-08 and 2025-08-03: its outlet's are day-first\n" in told
    assert "which of" not in "\n".join(explain(build.folder, last))
    build.orders.unlink()
    make_docs(build)
    told = "\n".join(explain(build.folder, first))
    assert "date null from date/" in told
    assert "    which of 2025-03-08 and 2025-08-03: neither the page nor its outlet's others tell\n" in told


def test_a_page_alone_is_told_the_order(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`ghirbal page --day-order`: without the table the date stays open."""
    page = write_pages(tmp_path / "pages", [0], 1) / "00.jsonl"
    table = tmp_path / "day_order.csv"
    table.write_text(f"order,outlet\nmonth-first,{PAPER}\n", "utf-8")
    main(["page", "--json", str(page)])
    assert json.loads(capsys.readouterr().out)["date"] is None
    main(["page", "--json", "--day-order", str(table), str(page)])
    assert json.loads(capsys.readouterr().out)["date"] == "2025-08-03"
