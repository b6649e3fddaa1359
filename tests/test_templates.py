"""Learned templates: what is cut, what is told apart from it, and the table that people edit."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.templates import BODY, find_known, label_pages, make_corpus
from etl.knowledge import ship_knowledge
from etl.pieces import to_pieces
from etl.templates import learn as templates
from etl.templates import table as template_table
from etl.templates.counts import COUNT, count_lines, draw_pages
from etl.templates.keys import make_keys, may_have, read_beginnings
from etl.templates.learn import TemplateParams, label_templates, learn_templates
from etl.templates.table import (
    TemplateError,
    apply_edits,
    read_edits,
    read_templates,
    rule_id,
    take_cuts,
    write_templates,
)
from etl.validate import validate_frame
from schemas.templates import TEMPLATE, Template

PARAMS = TemplateParams()
WORDS = "وصل الوفد إلى المدينة مساء أمس وبحث مع المسؤولين سبل التعاون في الزراعة والمياه والطاقة والنقل"


def paragraph(rng: Random) -> str:
    return " ".join(rng.choice(WORDS.split()) for _ in range(rng.randint(14, 40))) + f" رقم {rng.random()}."


def article(rng: Random, paragraphs: int = 5) -> list[str]:
    return [paragraph(rng) for _ in range(paragraphs)]


def pages(*rows: tuple[str | None, list[str]], dated: bool = True) -> pl.DataFrame:
    """Pages of outlets, one a day."""
    days = [(date(2024, 1, 1) + timedelta(number)).isoformat() for number in range(len(rows))]
    return pl.DataFrame(
        {
            "id": [f"{number:016x}" for number in range(len(rows))],
            "outlet": pl.Series([outlet for outlet, _ in rows], dtype=pl.String),
            "page": ["\n".join(lines) for _, lines in rows],
            "given_date": pl.Series(days if dated else [None] * len(rows), dtype=pl.String),
        }
    )


def learn(frame: pl.DataFrame, params: TemplateParams = PARAMS) -> dict[tuple[str, str], dict[str, Any]]:
    table = learn_templates([count_lines(frame).lazy()], params)
    validate_frame(table, Template, "learned")
    return {(row["outlet"], row["key"]): row for row in table.iter_rows(named=True)}


def label(frame: pl.DataFrame, table: pl.DataFrame) -> list[tuple[str, str | None]]:
    know = replace(ship_knowledge(), templates=table)
    pieces = label_templates(to_pieces(frame.lazy()), know).collect()
    return list(zip(pieces["piece"], pieces["rule"], strict=True))


def one_template(**cells: Any) -> pl.DataFrame:
    row = {
        "outlet": "site",
        "key": "تابعونا علي المنصات",
        "zone": "after",
        "count": 9,
        "share": 0.5,
        "decision": "cut",
        "why": "",
        "examples": [],
    }
    row |= cells
    row["rule"] = rule_id(row["outlet"], row["key"])
    return pl.DataFrame([row], schema=TEMPLATE)


def test_known_templates() -> None:
    """On a corpus whose every line is known, at least .98 of the boilerplate is cut and nothing of a body."""
    frame, lines = make_corpus(5, sites=4, pages=60)
    _, pieces = label_pages(frame, PARAMS)
    cut = pieces["rule"].is_not_null()
    assert not (cut & lines["kind"].is_in(BODY)).any()
    known = find_known(lines, BODY, 0.1, PARAMS.pages)
    assert known.sum() > 4 * 60 * 10
    assert (cut & known).sum() >= 0.98 * known.sum()


def test_end_line_is_cut() -> None:
    """A line that ends an outlet's pages beside different stories over days is cut, with its evidence."""
    rng = Random(1)
    table = learn(pages(*(("site", [*article(rng), "تابعونا على المنصّات"]) for _ in range(20))))
    row = table["site", "تابعونا علي المنصات"]
    assert (row["decision"], row["zone"], row["count"], row["share"]) == ("cut", "after", 20, 1.0)
    assert row["rule"] == rule_id("site", "تابعونا علي المنصات")
    assert row["examples"] == ["تابعونا على المنصّات"]
    assert len(table) == 1


@pytest.mark.parametrize(("count", "decision"), [(4, None), (5, "propose"), (9, "propose"), (10, "cut")])
def test_evidence_in_pages(count: int, decision: str | None) -> None:
    """Below the stated number of pages a line is proposed, and below a smaller one not listed at all."""
    rng = Random(2)
    rows = [("site", [*article(rng), *(["تابعونا على المنصات"] if number < count else [])]) for number in range(30)]
    found = learn(pages(*rows)).get(("site", "تابعونا علي المنصات"))
    assert (found["decision"] if found else None) == decision


def test_few_days_are_not_enough() -> None:
    """A line of one day's pages is proposed only, unless the pages have no dates at all."""
    rng = Random(3)
    frame = pages(*(("site", [*article(rng), "تغطية مباشرة مستمرة"]) for _ in range(20)))
    one_day = frame.with_columns(given_date=pl.lit("Fri, 01 Jun 2018 ") + pl.col("id").str.slice(14) + ":10:00 GMT")
    assert learn(one_day)["site", "تغطيه مباشره مستمره"]["decision"] == "cut"
    same_day = frame.with_columns(
        given_date=pl.format("2018-06-01T{}:10", pl.int_range(pl.len(), dtype=pl.Int64).cast(pl.String).str.zfill(2))
    )
    row = learn(same_day)["site", "تغطيه مباشره مستمره"]
    assert (row["decision"], row["why"].split(";")[0]) == ("propose", "on too few days")
    undated = frame.with_columns(given_date=pl.lit(None, pl.String))
    assert learn(undated)["site", "تغطيه مباشره مستمره"]["decision"] == "cut"


def test_wire_copy_is_kept() -> None:
    """A sentence that several outlets carry within days is shared copy, however often each of them has it."""
    rng = Random(4)
    wire = "وقال المتحدث للصحفيين إن الاجتماع أرجئ إلى يوم آخر."
    rows = [(f"site-{number % 4}", [*article(rng), wire]) for number in range(80)]
    frame = pages(*rows).with_columns(
        given_date=pl.when(pl.int_range(pl.len()) % 2 == 0).then(pl.lit("2024-01-01")).otherwise(pl.lit("2024-01-02"))
    )
    found = [row for (_, key), row in learn(frame).items() if key.startswith("وقال المتحدث")]
    assert len(found) == 4
    assert {row["decision"] for row in found} == {"keep"}
    assert all("copy that they share" in row["why"] for row in found)


@pytest.mark.parametrize(
    ("line", "where", "why"),
    [
        ("خلفية الخبر", 3, "subheadings"),
        ("«لن نتراجع خطوة واحدة».", 2, "subheadings"),
        ("إنا لله وإنا إليه راجعون", 5, "formula"),
        ("الهلال 26 60", 5, "table"),
        ("* * *", 2, "ornament"),
        ("2024/1/15", 0, "a date"),
    ],
)
def test_true_text_that_returns_is_kept(line: str, where: int, why: str) -> None:
    """Subheadings, quotations, prayers, rows of tables, ornaments and dates are kept, with the reason."""
    rng = Random(5)
    rows = []
    for number in range(60):
        lines = article(rng)
        if number % 4 == 0:
            lines.insert(where, line)
        rows.append(("site", lines))
    table = learn(pages(*rows))
    row = table["site", make_keys(pl.Series([line]))[0]]
    assert row["decision"] == "keep"
    assert why in row["why"]


@pytest.mark.parametrize(
    ("line", "at"), [("بلغ سعر الذهب عيار 21 نحو {} جنيها للبيع.", 3), ("أسعار الذهب في مصر اليوم {} مايو", 0)]
)
def test_a_line_whose_numbers_are_the_news_is_proposed(line: str, at: int) -> None:
    """A daily bulletin says the same words every day; a line with a number that hardly says more is boilerplate."""
    rng = Random(8)

    def learned(line: str) -> tuple[str, str]:
        texts = (article(rng) for _ in range(30))
        rows = [("site", [*text[:at], line.format(1000 + number), *text[at:]]) for number, text in enumerate(texts)]
        (found,) = (row for (_, key), row in learn(pages(*rows)).items() if "رقم" not in key)
        return found["decision"], found["why"].split(";")[0]

    assert learned(line) == ("propose", "says another number each time, as news of prices, scores and weather do")
    assert learned("عدد زوار الموقع {}")[0] == "cut"


def test_one_story_many_times_is_kept() -> None:
    """The lines of an article that a site serves again and again are no templates."""
    rng = Random(6)
    story = ["كتب المراسل من العاصمة", *article(rng), "خاتمة المقال القصيرة"]
    rows = [("site", story if number % 2 else article(rng)) for number in range(60)]
    assert {row["decision"] for row in learn(pages(*rows)).values()} == {"keep"}


def test_box_in_every_article_is_cut() -> None:
    """A line between paragraphs is cut where far more pages have it than any subheading."""
    rng = Random(7)
    rows = []
    for _ in range(30):
        lines = article(rng)
        lines.insert(rng.randint(1, 4), "حمّل تطبيق الصحيفة")
        rows.append(("site", lines))
    row = learn(pages(*rows))["site", "حمل تطبيق الصحيفه"]
    assert (row["decision"], row["zone"]) == ("cut", "body")


@pytest.mark.parametrize(("amid", "decision"), [(0.8, "cut"), (0.2, "keep")])
def test_evidence_grows_with_the_places_between_paragraphs(amid: float, decision: str) -> None:
    """A box that mostly stands beside other short lines needs fewer pages than a subheading, and stays where it looks like one."""
    rng = Random(8)
    rows = []
    for number in range(100):
        lines = article(rng)
        if number < 15:
            lines[2:2] = ["أهم الأخبار", *(["خبر قصير"[: rng.randint(4, 8)]] if number < 15 * amid else [])]
        rows.append(("site", lines))
    frame = pages(*rows)
    table = learn_templates([count_lines(frame).lazy()], PARAMS)
    row = table.filter(pl.col("key") == "اهم الاخبار").row(0, named=True)
    assert row["decision"] == decision
    assert row["zone"] == (None if decision == "cut" else "body")
    assert sum(rule == row["rule"] for _, rule in label(frame, table)) == (12 if decision == "cut" else 0)


@pytest.mark.parametrize(
    ("lines", "key"),
    [
        (("12 قراءة", "1,204 قراءة", "٧ قراءة"), "0 قراءه"),
        (
            ("آخر تحديث: الأحد 12 مارس 2024 10:30 ص", "آخر تحديث: الاثنين 3 شباط/فبراير 2023 9:05 م"),
            "اخر تحديث: [يوم] 0 [شهر] 0 0 [وقت]",
        ),
        (("منذ 3 ساعات", "منذ 10 دقائق"), "منذ 0 [وقت]"),
        (("Published on 3 May 2024", "published on 21 december 2023"), "published on 0 [شهر] 0"),
        (("يوم الأحد في السوق",), "يوم الاحد في السوق"),
    ],
)
def test_keys(lines: tuple[str, ...], key: str) -> None:
    """Numbers, dates and times are masked in a key, months and weekdays only beside a number."""
    assert make_keys(pl.Series(lines)).to_list() == [key] * len(lines)


@given(st.lists(st.text(alphabet=st.sampled_from("ابتةأىهـ 019٣مايوص.:/-aPM«»"), max_size=90), min_size=1, max_size=8))
@settings(max_examples=100)
def test_a_key_is_its_own_key(lines: list[str]) -> None:
    """Masking what is masked changes nothing: a key copied from the table matches its lines."""
    keys = make_keys(pl.Series(lines, dtype=pl.String))
    assert make_keys(keys).equals(keys)


_PARTS = [
    "الأحد",
    "مارس",
    "تشرين الثاني",
    "12",
    "٣",
    "3:05",
    "ص",
    "ساعة",
    "قراءة",
    "أَخبـار",
    "منذ",
    "[",
    "|",
    "-",
    "\u200f",
    "ﷺ",
    "May",
    " ",
]


@given(
    st.lists(st.lists(st.sampled_from(_PARTS), min_size=1, max_size=5), min_size=1, max_size=8),
    st.sampled_from(["", " "]),
)
@settings(max_examples=200)
def test_a_line_may_have_its_own_key(lines: list[list[str]], between: str) -> None:
    """What passes lines by for how they begin passes none by that has one of the keys."""
    texts = pl.Series([between.join(parts) for parts in lines]).str.strip_chars()
    keys = make_keys(texts)
    assert may_have(texts, read_beginnings(keys)).all()
    for text, key in zip(texts, keys, strict=True):
        assert may_have(pl.Series([text]), read_beginnings(pl.Series([key]))).all()


def test_a_line_that_begins_as_no_key_does_is_passed_by() -> None:
    others = read_beginnings(pl.Series(["تابعونا علي المنصات", "0 قراءه", "[يوم] 0 [شهر]"]))
    assert not may_have(pl.Series(["وصل الوفد"]), others).any()


@given(st.randoms(use_true_random=False), st.integers(1, 6))
@settings(max_examples=10)
def test_shards_and_order_do_not_matter(rng: Random, shards: int) -> None:
    """The same pages in any order and any shards teach the same table, read at once or in passes."""
    frame, _ = make_corpus(9, sites=2, pages=25)
    expected = learn_templates([count_lines(frame).lazy()], PARAMS)
    order = list(range(len(frame)))
    rng.shuffle(order)
    mixed = frame[order]
    cut = sorted(rng.randrange(len(frame) + 1) for _ in range(shards - 1))
    counts = [count_lines(mixed[a:b]) for a, b in zip([0, *cut], [*cut, len(frame)], strict=True)]
    assert all(count.schema == COUNT for count in counts)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(templates, "_MARKS_AT_ONCE", rng.choice((10, 100, 10**6)))
        patch.setattr(templates, "_ROWS_AT_ONCE", rng.choice((10, 100, 10**6)))
        patch.setattr(templates, "_LINES_AT_ONCE", rng.choice((10, 100, 10**6)))
        assert learn_templates([count.lazy() for count in counts], PARAMS).equals(expected)


def test_pages_without_an_outlet_teach_nothing() -> None:
    """Whose page it is must be known; without it nothing is counted and nothing is cut."""
    rng = Random(10)
    frame = pages(*((None, [*article(rng), "تابعونا على المنصات"]) for _ in range(20)))
    assert count_lines(frame).is_empty()
    assert learn_templates([count_lines(frame).lazy()], PARAMS).schema == TEMPLATE
    assert all(rule is None for _, rule in label(frame, one_template()))


def test_outlets_do_not_mix() -> None:
    """A line that one outlet repeats stays on the pages of another."""
    rng = Random(11)
    mine = [("site", [*article(rng), "تابعونا على المنصات"]) for _ in range(20)]
    other = [("other", [*article(rng), "تابعونا على المنصات"]) for _ in range(2)]
    frame = pages(*mine, *other)
    labelled = label(frame, learn_templates([count_lines(frame).lazy()], PARAMS))
    assert sum(rule is not None for _, rule in labelled) == 20
    assert all(rule is None for _, rule in labelled[-12:])


def test_sample_draws_by_id() -> None:
    """A sample counts the pages whose ids fall into it, so it does not depend on shards."""
    frame, _ = make_corpus(12, sites=1, pages=40)
    frame = frame.with_columns(id=pl.Series([f"{number * 1638:04x}" for number in range(40)]))
    half = count_lines(draw_pages(frame, 0.5))
    assert half.filter(pl.col("mark").is_null())["pages"].item() == 20 + 1
    assert half.equals(count_lines(frame.head(21)))
    for all_but_none in (1.0, 0.999999, 0.99999):
        assert draw_pages(frame, all_but_none).equals(frame)


@pytest.mark.parametrize(("zone", "cut"), [("after", [7]), ("before", [0]), (None, [0, 7]), ("body", [0, 3, 7])])
def test_place_guards_the_body(zone: str | None, cut: list[int]) -> None:
    """A line learned at the page's end is not cut at its beginning or between paragraphs, and so on."""
    rng, line = Random(13), "تابعونا على المنصات"
    a, b, c, d, e = article(rng)
    frame = pages(("site", [line, a, b, line, c, d, e, line]))
    labelled = label(frame, one_template(zone=zone))
    assert [number for number, (_, rule) in enumerate(labelled) if rule] == cut
    assert "".join(piece for piece, _ in labelled) == frame["page"][0]


def test_only_unlabelled_whole_lines() -> None:
    """A line that a rule has claimed keeps its label, and a part of a line is never a template."""
    rng, line = Random(14), "تابعونا على المنصات"
    frame = pages(("site", [*article(rng, 3), line, line]))
    pieces = to_pieces(frame.lazy()).collect()
    rows = pieces.with_columns(rule=pl.when(pl.int_range(pl.len()) == 3).then(pl.lit("follow/label")).otherwise("rule"))
    know = replace(ship_knowledge(), templates=one_template())
    labelled = label_templates(rows.lazy(), know).collect()
    assert labelled["rule"].to_list() == [
        None,
        None,
        None,
        "follow/label",
        rule_id("site", "تابعونا علي المنصات"),
    ]
    split = pl.concat([pieces[:4], pieces[4:].with_columns(piece=pl.lit("وقال ")), pieces[4:]])
    assert label_templates(split.lazy(), know).collect()["rule"].to_list()[4:] == [None, None]


def test_no_table_no_change() -> None:
    """Without a table, or without a cut in it, the pieces pass as they are."""
    frame = pages(("site", [*article(Random(15)), "تابعونا على المنصات"]))
    pieces = to_pieces(frame.lazy()).collect()
    assert label_templates(pieces.lazy(), ship_knowledge()).collect().equals(pieces)
    for decision in ("propose", "keep"):
        know = replace(ship_knowledge(), templates=one_template(decision=decision))
        assert label_templates(pieces.lazy(), know).collect().equals(pieces)


def test_what_workers_are_given_cuts_the_same() -> None:
    """Of a table only the rows that cut, without evidence and examples, which grow with the corpus."""
    table = pl.concat([one_template(why="x", examples=["y"]), one_template(decision="propose", key="سطر مقترح")])
    cuts = take_cuts(table)
    assert cuts.select("decision", "why", "examples").rows() == [("cut", "", [])]
    frame = pages(("site", [*article(Random(15)), "تابعونا على المنصات"]))
    pieces = to_pieces(frame.lazy()).collect()
    told, slim = (
        label_templates(pieces.lazy(), replace(ship_knowledge(), templates=t)).collect() for t in (table, cuts)
    )
    assert told["rule"].null_count() < len(pieces) and slim.equals(told)


def test_table_survives_the_file(tmp_path: Path) -> None:
    """What is written is read back: the same rows and rules, in the same order and the same bytes."""
    frame, _ = make_corpus(16, sites=2, pages=30)
    table = learn_templates([count_lines(frame).lazy()], PARAMS)
    first, second = tmp_path / "a.csv", tmp_path / "b.csv"
    write_templates(table, first)
    found = read_templates(first)
    assert found.drop("share").equals(table.drop("share"))
    assert (found["share"] - table["share"]).abs().max() <= 0.00005
    write_templates(found, second)
    assert first.read_bytes() == second.read_bytes()
    validate_frame(found, Template, first.name)


def test_awkward_cells(tmp_path: Path) -> None:
    """Commas, quotes and a lone quote in a key survive the file."""
    keys = ['قال "نعم", ثم مضي', "'", "a;b", '"']
    table = pl.concat([one_template(key=key, examples=[key, "x y"]) for key in keys])
    write_templates(table, tmp_path / "t.csv")
    found = read_templates(tmp_path / "t.csv")
    assert sorted(found["key"]) == sorted(keys)
    assert found.filter(pl.col("key") == "'")["examples"].to_list() == [["'", "x y"]]


def edited(folder: Path, old: str, new: str) -> Path:
    path = folder / "templates.csv"
    write_templates(one_template(examples=["تابعونا على المنصات"]), path)
    text = path.read_text("utf-8-sig")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")
    return path


def test_an_edit_counts(tmp_path: Path) -> None:
    """A decision that a person changes is what is done, and a line that a person adds needs three cells."""
    found = read_templates(edited(tmp_path, "\ncut,", "\nkeep,"))
    assert found["decision"].to_list() == ["keep"]
    path = tmp_path / "templates.csv"
    path.write_text(path.read_text("utf-8-sig") + "cut,other,لا تفوت اي خبر,,,,,,\n", "utf-8")
    added = read_templates(path).filter(pl.col("outlet") == "other")
    assert added.select("decision", "zone", "why", "rule").row(0) == (
        "cut", None, "written by hand", rule_id("other", "لا تفوت اي خبر"),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("\ncut,", "\nremove,", "line 2: decision is 'remove'; write cut, propose or keep"),
        (",after,", ",end,", "line 2: zone is 'end'; write before, after, body (anywhere) or nothing"),
        (",9,", ",many,", "line 2: count is 'many'; write a number or leave it empty"),
        (",9,", f",{'9' * 20},", f"line 2: count is '{'9' * 20}'; write a number or leave it empty"),
        (",site,", ",,", "line 2: outlet or key is empty; fill it in or remove the line"),
        (
            "تابعونا علي",
            "تابعونا على",
            "line 2: the key 'تابعونا على المنصات' matches no line; write it as 'تابعونا علي المنصات'",
        ),
        ("\ncut,site,", "\ncut,site,x,", "line 2: too many or too few cells; put quotes around"),
        ("decision,", "verdict,", "line 1: no column decision; put back the one that the program wrote"),
        ("decision,outlet", "decision;outlet", "line 1: no column"),
    ],
)
def test_a_senseless_edit_fails(tmp_path: Path, old: str, new: str, says: str) -> None:
    """An edit that makes no sense names the file and the line and says what to do."""
    path = edited(tmp_path, old, new)
    with pytest.raises(TemplateError) as error:
        read_templates(path)
    assert str(error.value).startswith(f"{path}, {says}")


def test_other_senseless_files(tmp_path: Path) -> None:
    """A line twice, and a file in another encoding, are named too."""
    path = tmp_path / "templates.csv"
    write_templates(pl.concat([one_template(), one_template()]), path)
    with pytest.raises(TemplateError, match=r"line 3: the same outlet and key as in line 2; remove one"):
        read_templates(path)
    path.write_bytes("decision,outlet,key,zone\ncut,موقع,خبر,\n".encode("windows-1256"))
    with pytest.raises(TemplateError, match="not UTF-8; save it as a CSV file in UTF-8"):
        read_templates(path)


def test_edits_outlive_learning() -> None:
    """What people decided stands where the corpus teaches the line again; the rest is as learned."""
    learned = pl.concat([one_template(), one_template(key="لا تفوت اي خبر")])
    edits = pl.concat([one_template(decision="keep"), one_template(outlet="new")])
    found = apply_edits(learned, edits)
    decisions = {(row["outlet"], row["key"]): row["decision"] for row in found.iter_rows(named=True)}
    assert decisions == {
        ("new", "تابعونا علي المنصات"): "cut",
        ("site", "تابعونا علي المنصات"): "keep",
        ("site", "لا تفوت اي خبر"): "cut",
    }


def test_rule_ids_stay_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the short digits of two lines are the same, both rules get longer ones."""
    monkeypatch.setattr(
        template_table, "rule_id", lambda outlet, key, digits=8: "template/" + ("00000000" + key)[:digits]
    )
    found = apply_edits(pl.concat([one_template(key="ab"), one_template(key="cd")]), one_template().clear())
    assert sorted(found["rule"]) == ["template/00000000ab", "template/00000000cd"]


def test_edits_of_the_file_outlive_the_next_runs(tmp_path: Path) -> None:
    """A decision changed, a line added: still there after learning again, and again, and marked as a person's."""
    path = tmp_path / "templates.csv"
    frame, _ = make_corpus(16, sites=2, pages=30)
    learned = learn_templates([count_lines(frame).lazy()], PARAMS)
    assert learned.height > 1
    write_templates(learned, path)
    assert read_edits(path).is_empty()
    row = learned.row(0, named=True)
    other = "keep" if row["decision"] != "keep" else "cut"
    lines = path.read_text("utf-8-sig").splitlines()
    [at] = [number for number, line in enumerate(lines) if row["rule"] in line]
    lines[at] = other + lines[at].removeprefix(row["decision"])
    path.write_text("\n".join([*lines, f"cut,{row['outlet']},سطر من عندي,,,,,,,"]) + "\n", "utf-8")
    for _ in range(2):
        edits = read_edits(path)
        assert sorted(edits["decision"].to_list()) == sorted([other, "cut"])
        write_templates(apply_edits(learned, edits), path, edits)
        table = {(r["outlet"], r["key"]): r["decision"] for r in read_templates(path).iter_rows(named=True)}
        assert table[row["outlet"], row["key"]] == other
        assert table[row["outlet"], "سطر من عندي"] == "cut"
        assert len(table) == learned.height + 1
