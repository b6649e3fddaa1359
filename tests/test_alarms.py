"""Alarms: an outlet whose figures move between builds is named; one that stays as it was, or is small, is not."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path
from typing import Any

import pytest
from shard_work import Watch

from etl.alarms import AlarmParams, Counts, add_counts, compare_builds, read_counts, write_counts
from etl.build import Build, run, work_folder
from etl.knowledge import load_knowledge
from etl.manifest import ReleaseError
from etl.params import Params
from etl.progress import Events, Meter, PlainLines
from etl.runners import InProcess

SENTENCES = (
    "افتتحت البلدية صباح اليوم حديقة جديدة على الكورنيش تضم ملعبا للأطفال ومسارا للمشي يمتد كيلومترين.",
    "وقال رئيس البلدية إن العمل في الحديقة استغرق عاما كاملا، وإن الدخول إليها مجاني في كل أيام الأسبوع.",
    "وأضاف أن البلدية ستزرع ألف شجرة على جانبي الطريق المؤدي إلى الميناء قبل نهاية الشتاء المقبل.",
)
BOX = "شاهد أيضا: عنوان خبر آخر لا صلة له بما في هذه الصفحة من كلام عن الحديقة والميناء رقم {}"


def counts(pages: int = 100, cut: float = 0.2, rejected: int = 5, undecided: int = 1) -> Counts:
    return {
        "pages": pages,
        "page_chars": 100_000,
        "text_chars": round(100_000 * (1 - cut)),
        "rejected": rejected,
        "undecided": undecided,
    }


@pytest.mark.parametrize(
    ("now", "what"),
    [
        (counts(), []),
        (counts(cut=0.29), []),
        (counts(cut=0.31), ["cut"]),
        (counts(cut=0.05), ["cut"]),
        (counts(rejected=16), ["rejected"]),
        (counts(undecided=7), ["undecided"]),
        (counts(cut=0.9, rejected=90, undecided=50), ["cut", "rejected", "undecided"]),
    ],
)
def test_a_figure_that_moves_by_more_than_its_margin_is_an_alarm(now: Counts, what: list[str]) -> None:
    """Up or down, each figure by its own margin; the alarm says the outlet, then and now, and what it may mean."""
    alarms = compare_builds({"jarida.example": counts()}, {"jarida.example": now}, AlarmParams())
    assert [alarm.what for alarm in alarms] == what
    for alarm in alarms:
        assert "jarida.example" in str(alarm) and "margin" in str(alarm)
        assert abs(alarm.now - alarm.was) > alarm.margin


def test_few_pages_and_new_outlets_are_no_alarm() -> None:
    """Under the least number of pages a share says little, and what was not there cannot have moved."""
    last, now = {"small": counts(pages=29), "gone": counts()}, {"small": counts(cut=0.9), "new": counts(cut=0.9)}
    assert compare_builds(last, now, AlarmParams()) == []


def test_counts_add_up_whatever_the_shards() -> None:
    one, two = {"a": counts(), "b": counts(pages=3)}, {"a": counts(pages=7)}
    assert add_counts([one, two]) == add_counts([two, one])
    assert add_counts([one, two])["a"]["pages"] == 107


def write_pages(folder: Path, boxes: int) -> None:
    folder.mkdir(exist_ok=True)
    for number in range(6):
        lines = [f"{sentence} ({number})" for sentence in SENTENCES] + [BOX.format(n) for n in range(boxes)]
        (folder / f"{number}.txt").write_text("\n".join(lines), "utf-8")
        (folder / f"{number}.json").write_text(json.dumps({"outlet": "jarida.example"}), "utf-8")


def test_a_run_says_where_an_outlet_moved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A site adds boxes to its pages: builds say so until one is released, as a line and as an event; the one after is quiet."""
    out = tmp_path / "release"
    params: dict[str, Any] = {"run": {"alarms": {"pages": 5}}}

    def warned() -> list[dict[str, Any]]:
        watch = Watch()
        build = Build(work_folder(out), load_knowledge(Params.model_validate(params)), InProcess(), watch)
        run(tmp_path / "pages", out, build, may_replace=True)
        return watch.warned

    def refuse(*given: Any, **more: Any) -> None:
        raise ReleaseError("not under this version")

    write_pages(tmp_path / "pages", boxes=0)
    assert warned() == []
    write_pages(tmp_path / "pages", boxes=4)
    # A run that is refused in the end has published nothing: the next one says it again.
    with monkeypatch.context() as patch, pytest.raises(ReleaseError):
        patch.setattr("etl.build.write_release", refuse)
        warned()
    [alarm] = warned()
    assert (alarm["event"], alarm["outlet"], alarm["what"], alarm["pages"]) == ("alarm", "jarida.example", "cut", 6)
    assert alarm["now"] > alarm["was"] + 0.1
    assert warned() == []


@pytest.mark.parametrize(
    "damaged", ["", "{", "[1]", "null", '{"a": 1}', '{"a": {"pages": 3}}', '{"a": {"pages": null}}']
)
def test_figures_that_cannot_be_read_are_none(damaged: str, tmp_path: Path) -> None:
    """Nothing is compared with them, and the next release writes them anew."""
    (tmp_path / "outlets.json").write_text(damaged, "utf-8")
    assert read_counts(tmp_path / "outlets.json") == {}
    write_counts(tmp_path / "outlets.json", {"a": counts()})
    assert read_counts(tmp_path / "outlets.json") == {"a": counts()}


def test_alarms_are_told_to_people_and_to_machines() -> None:
    """A line that begins with `alarm:`, or a JSON object of that event."""
    line, event = io.StringIO(), io.StringIO()
    for progress in (PlainLines(line), Events(event)):
        progress.warn("alarm", "something moved", outlet="jarida.example", was=0.1, now=0.5)
    assert line.getvalue() == "alarm: something moved\n"
    assert json.loads(event.getvalue()) == {
        "event": "alarm",
        "text": "something moved",
        "outlet": "jarida.example",
        "was": 0.1,
        "now": 0.5,
    }


def test_kept_shards_do_not_count_as_speed() -> None:
    """Rate and time left come from the shards that were done now; memory is the most that any process held."""
    meter = Meter(4)
    meter.count({"pages": 1000}, kept=True)
    assert meter.left is None and meter.rate == 0
    meter.started -= 10
    meter.count({"pages": 50, "memory_mb": 10**6}, kept=False)
    assert 4 < meter.rate < 6 and meter.left is not None and 19 < meter.left < 25
    assert (meter.pages, meter.memory) == (1050, 10**6)


def test_what_is_not_counted_in_pages_tells_none() -> None:
    """The files of a release are no pages."""
    out = io.StringIO()
    with PlainLines(out, every=0).stage("write", 2) as advance:
        advance("a", {"rows": 3})
        advance("b", {"rows": 3})
    assert re.sub(r"[\d.,]+", "N", out.getvalue()).splitlines() == [
        "write …",
        "write: N/N shardsN N s leftN N MB",
        "write: N shardsN N sN N MB",
    ]


def test_events_carry_rate_time_left_and_memory() -> None:
    out = io.StringIO()
    with Events(out).stage("clean", 2) as advance:
        advance("a", {"pages": 3, "memory_mb": 7})
    _, shard, end = (json.loads(line) for line in out.getvalue().splitlines())
    assert shard["pages_per_second"] > 0 and shard["seconds_left"] >= 0 and shard["memory_mb"] == 7
    assert end["memory_mb"] > 0
