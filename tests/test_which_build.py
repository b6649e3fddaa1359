"""Which folder is asked: a build, and never the release that was made from it; and which release belongs to a build."""

from __future__ import annotations

from pathlib import Path

import pytest
from doc_rows import make_corpus, page_id, release_docs, write_shards

from etl.cli import ERROR, OK, main
from etl.corpus import find_release, open_corpus

ASKED = (
    ["explain", page_id("page 4")],
    ["report"],
    ["restore", "--rule", "related", "--out", "back.jsonl"],
    ["whatif", "quality.min_words=80"],
    ["audit"],
    ["rules"],
)


@pytest.fixture
def out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A release at OUT, one page of it withdrawn, its build at OUT.build, as a run leaves them."""
    monkeypatch.chdir(tmp_path)
    files = write_shards(make_corpus(6), tmp_path / "out.build" / "docs")
    Path("gone.csv").write_text(f"id,date,reason\n{page_id('page 4')},2026-01-01,asked\n", "utf-8")
    release_docs(files, tmp_path / "out", withdrawn=Path("gone.csv"))
    return Path("out")


@pytest.mark.parametrize("command", ASKED, ids=lambda command: command[0])
def test_a_release_that_is_asked_as_a_build_names_its_build(
    command: list[str], out: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """OUT is a release; pages, pieces and scores lie in OUT.build."""
    assert main([*command, "--build", "out"]) == ERROR
    told = capsys.readouterr().err
    assert "out: is a release, not a build; its build is out.build: say `--build out.build`" in told
    if command[0] != "whatif":  # its verdicts are made up
        assert main([*command, "--build", "out.build"]) == OK


def test_a_release_within_its_build_or_far_from_it(out: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """data/release names data; a release whose build is not here says where a run leaves it."""
    inside = out.rename("out.build/release")
    assert main(["rules", "--build", str(inside)]) == ERROR
    assert "its build is out.build: say" in capsys.readouterr().err
    assert find_release(Path("out.build")) == inside
    inside.rename("far")
    assert main(["report", "--build", "far"]) == ERROR
    assert (
        "far: is a release, not a build; its build is not here; `run` leaves it at OUT.build" in capsys.readouterr().err
    )
    assert find_release(Path("out.build")) is None


def test_a_build_knows_the_release_beside_it(out: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What OUT says is withdrawn, OUT.build does not give out."""
    assert open_corpus(Path("out.build")).withdrawn == (page_id("page 4"),)
    command = ["restore", "--build", "out.build", "--id", page_id("page 4"), "--out", "back.jsonl"]
    assert main(command) == ERROR
    assert "withdrawn on request; what was withdrawn is not given out" in capsys.readouterr().err
