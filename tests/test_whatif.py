"""What another threshold would do, from stored scores, is what a build with it does."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from doc_rows import make_docs, make_duplicates, make_page, page_id, write_shards

from etl.api import raw_frame
from etl.ask import AskError
from etl.knowledge import Knowledge, ship_knowledge
from etl.params import Params
from etl.pipeline import clean_pages
from etl.repair import repair_pages
from etl.whatif import NO_OUTLET, change_params, pack_answer, read_changes, show_answer, whatif

BODY = "قال الوزير إن القمة ستعقد غدا في العاصمة."


def write_build(folder: Path, docs: pl.DataFrame, *clusters: list[str]) -> Path:
    write_shards(docs, folder / "docs")
    if clusters:
        (folder / "duplicates").mkdir()
        make_duplicates(*clusters).write_parquet(folder / "duplicates" / "clusters.parquet")
    return folder


def page(key: str, **fields: Any) -> list[dict[str, Any]]:
    return make_page(key, [(BODY, None)], **({"outlet": "example.com", "n_words": 100} | fields))


@pytest.fixture
def build(tmp_path: Path) -> Path:
    """Three documents of one story, one of another, one too short, one unreadable."""
    docs = make_docs(
        page("long", n_words=300),
        page("copy", n_words=200),
        page("second copy", n_words=60),
        page("alone", n_words=50, outlet=None),
        page("short", n_words=10, verdict="quality/too-short", verdict_value=10.0, outlet="أخبار"),
        page("empty", n_words=0, n_chars=0, verdict="read/empty"),
    )
    story = [page_id("long"), page_id("copy"), page_id("second copy")]
    return write_build(tmp_path, docs, story, [page_id("alone")])


def moves(build: Path, **changes: str) -> dict[str, list[str]]:
    answer = whatif(build, {name.replace("__", "."): value for name, value in changes.items()}, samples=99)
    return {move: sorted(answer.samples.filter(move=move)["id"]) for move in ("enter", "leave")}


def test_a_higher_threshold_lets_documents_leave(build: Path) -> None:
    """Copies that would be too short as well were not released: they do not leave."""
    answer = whatif(build, {"quality.min_words": "80"})
    assert (answer.before, answer.after) == (2, 1)
    assert answer.changes == {"quality.min_words": (25, 80)}
    row = answer.outlets.filter(outlet=NO_OUTLET).row(0, named=True)
    assert row == {"outlet": NO_OUTLET, "before": 1, "enter": 0, "leave": 1, "after": 0}
    sample = answer.samples.row(0, named=True)
    assert (sample["move"], sample["id"], sample["verdict"], sample["value"]) == (
        "leave",
        page_id("alone"),
        "quality/too-short",
        50.0,
    )
    assert sample["text"] == BODY


def test_a_lower_threshold_lets_documents_enter(build: Path) -> None:
    """What could not be read stays out; nobody knows yet whether those that enter are copies."""
    answer = whatif(build, {"quality.min_words": "5"})
    assert moves(build, quality__min_words="5") == {"enter": [page_id("short")], "leave": []}
    assert any("never compared" in note for note in answer.notes)
    verdicts = {row["verdict"]: (row["before"], row["after"]) for row in answer.verdicts.iter_rows(named=True)}
    assert verdicts == {"duplicate/near": (2, 2), "quality/too-short": (1, 0), "read/empty": (1, 1)}


def test_an_heir_enters_where_the_representative_leaves(build: Path, tmp_path: Path) -> None:
    docs = make_docs(page("long", zone_score=0.3), page("copy"), page("alone"))
    other = write_build(tmp_path / "other", docs, [page_id("long"), page_id("copy")])
    assert moves(other, zones__undecided="0.5") == {"enter": [page_id("copy")], "leave": [page_id("long")]}
    assert any("stand for a cluster" in note for note in whatif(other, {"zones.undecided": "0.5"}).notes)


def test_copies_may_be_kept(build: Path) -> None:
    """And left out of a build that kept them: their verdicts are there."""
    answer = whatif(build, {"release.keep_duplicates": "true"})
    assert sorted(answer.samples["id"]) == sorted([page_id("copy"), page_id("second copy")])
    assert (answer.before, answer.after) == (2, 4)
    know = replace(ship_knowledge(), params=Params.model_validate({"release": {"keep_duplicates": True}}))
    answer = whatif(build, {"release.keep_duplicates": "false"}, know)
    assert (answer.before, answer.after) == (4, 2)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("quality.min_words", "0"),
        ("quality.min_words", "30"),
        ("quality.min_arabic_share", "0.99"),
        ("quality.min_arabic_share", "0.1"),
        ("quality.max_damage_share", "0"),
        ("quality.max_damage_share", "0.5"),
        ("zones.undecided", "0.99"),
        ("zones.undecided", "0"),
    ],
)
def test_the_answer_is_what_a_build_gives(tmp_path: Path, name: str, value: str) -> None:
    """Pages through the pipeline with either value: the same documents have a verdict, and the same one."""
    line = "وقال الوزير إن القمة ستعقد غدا في العاصمة، مؤكدا أن جميع الوفود وصلت وأن جدول الأعمال جاهز"
    texts = [
        "",
        "قصير جدا.",
        f"{line}.",
        f"{line}.\n{line}، وإن العمل مستمر.",
        f"{line}.\n" * 5,
        f"{line} \ufffd\ufffd\ufffd\ufffd\ufffd وإن العمل مستمر.\n{line}.",
        f"{line}.\nThe minister said that the summit would be held in the capital, and all is ready.",
        "The minister said that the summit would be held in the capital tomorrow, and that all is ready. " * 5,
    ]
    know = ship_knowledge()
    raw = repair_pages(raw_frame(texts))
    before = clean_pages(raw, know)
    changed = replace(know, params=change_params(know.params, {name: value}))
    after = clean_pages(raw, changed)
    build = write_build(tmp_path, before)
    answer = whatif(build, {name: value}, know, samples=99)
    both = before.select("id", "verdict").join(after.select("id", new="verdict"), on="id")
    enter = both.filter(pl.col("verdict").is_not_null() & pl.col("new").is_null())
    leave = both.filter(pl.col("verdict").is_null() & pl.col("new").is_not_null())
    moved = answer.samples
    assert sorted(moved.filter(move="enter")["id"]) == sorted(enter["id"])
    assert sorted(moved.filter(move="leave")["id"]) == sorted(leave["id"])
    assert answer.after == after["verdict"].null_count()
    counts = dict(after["verdict"].drop_nulls().value_counts().iter_rows())
    assert {row["verdict"]: row["after"] for row in answer.verdicts.filter(pl.col("after") > 0).to_dicts()} == counts


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"quality.list_words": "3"}, "ghirbal clean"),
        ({"quality.preset": "fineweb2"}, "measured in the text"),
        ({"zones.lean": "1"}, "every line's zone"),
        ({"zones.cut_out.links": "1"}, "every line's zone"),
        ({"headlines.reach": "1"}, "which lines are English headlines"),
        ({"zones": "1"}, "no such parameter"),
        ({"language.markers": "0.1"}, "are not stored"),
        ({"duplicates.similarity": "0.8"}, "ghirbal duplicates"),
        ({"templates.times": "2"}, "ghirbal templates"),
        ({"run.batch": "2"}, "changes no result"),
        ({"quality.min_word": "2"}, "near are quality.min_words"),
        ({"quality.min_words": "many"}, "quality.min_words: "),
        ({"quality.min_arabic_share": "1.5"}, "less than or equal to 1"),
        ({}, "name a parameter"),
    ],
)
def test_what_cannot_be_answered_says_why_and_what_to_run(build: Path, change: dict[str, str], says: str) -> None:
    with pytest.raises(AskError, match=says):
        whatif(build, change)


def test_a_preset_in_use_is_not_guessed_at(build: Path) -> None:
    know = Knowledge(ship_knowledge().rules, Params.model_validate({"quality": {"preset": "fineweb2"}}))
    with pytest.raises(AskError, match="fineweb2 is measured in the text"):
        whatif(build, {"quality.min_words": "30"}, know)


def test_parameters_that_the_build_was_not_made_with_are_noticed(build: Path) -> None:
    know = Knowledge(ship_knowledge().rules, Params.model_validate({"quality": {"min_words": 55}}))
    with pytest.raises(AskError, match=r"1 documents have another verdict .*--params"):
        whatif(build, {"quality.min_words": "80"}, know)


def test_samples_come_from_many_outlets(tmp_path: Path) -> None:
    keys = [(f"{outlet} {n}", outlet) for outlet in ("a", "b", "c") for n in range(5)]
    build = write_build(tmp_path, make_docs(*(page(key, outlet=outlet, n_words=30) for key, outlet in keys)))
    answer = whatif(build, {"quality.min_words": "40"}, samples=4)
    assert sorted(answer.samples["outlet"])[:4] in (
        ["a", "a", "b", "c"],
        ["a", "b", "b", "c"],
        ["a", "b", "c", "c"],
    )
    assert answer.samples.equals(whatif(build, {"quality.min_words": "40"}, samples=4).samples)


def test_the_answer_reads_as_a_text(build: Path) -> None:
    lines = list(show_answer(whatif(build, {"quality.min_words": "80"})))
    assert lines[:2] == ["quality.min_words: 25 → 80", "2 documents released, 1 then: 0 enter, 1 leave"]
    assert any(NO_OUTLET in line and line.split()[:4] == ["1", "0", "1", "0"] for line in lines)
    assert "leave, 1 of 1:" in lines and any(page_id("alone") in line for line in lines)


def test_the_answer_can_be_read_by_a_machine(build: Path) -> None:
    packed = json.loads(json.dumps(pack_answer(whatif(build, {"quality.min_words": "80"}))))
    assert packed["changes"] == {"quality.min_words": [25, 80]}
    assert (packed["before"], packed["after"]) == (2, 1)
    assert packed["outlets"][0]["leave"] == 1 and packed["samples"][0]["id"] == page_id("alone")


def test_changes_are_written_as_name_equals_value() -> None:
    assert read_changes(["a.b=1", "c.d = x=y"]) == {"a.b": "1", "c.d": "x=y"}
    with pytest.raises(AskError, match="NAME=VALUE"):
        read_changes(["quality.min_words"])
