"""What a command takes from the folder it is started in, unasked: it says so, and each can be named or left out."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import polars as pl
import pytest

from etl.cli import main, make_parser
from etl.commands import ERROR, OK

SEEDS = Path(__file__).parents[1] / "seeds"
FIRST, SECOND = "f3166afed086c542", "aded8de487979e95"
OVERRIDE = """[[override]]
id = "{id}"
raw_sha256 = "f3166afed086c542353820796404df293ee3a74006326c4325129e9d822ec4f2"
start = 0
end = 14
text = "خَبَرْيْن logo"
action = "keep"
rule = "site/logo"
reason = "for a test"
"""


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working folder with one page in it."""
    (tmp_path / "pages").mkdir()
    shutil.copy(next(SEEDS.glob("000_*.txt")), tmp_path / "pages")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*more: str, out: str = "out") -> int:
    return main(["run", "pages", out, "--quiet", "--workers", "1", *more])


def texts(out: str) -> list[str]:
    return [text for file in Path(out, "data").glob("*.parquet") for text in pl.read_parquet(file)["text"]]


def test_requests_of_withdrawal_that_lie_here_are_obeyed_and_told(capsys: pytest.CaptureFixture[str]) -> None:
    """`withdrawn.csv` of the working folder counts as params.yaml does, for a run and for the stage alone."""
    assert run(out="before") == OK
    assert "withdrawn.csv" not in capsys.readouterr().err and len(texts("before")) == 1
    Path("withdrawn.csv").write_text(f"id,date,reason\n{FIRST},2026-01-01,asked\n", "utf-8")
    assert run() == OK
    assert "\nwithdrawn.csv: 1 request, 1 document left out\n" in capsys.readouterr().err and not texts("out")
    assert main(["explain", FIRST]) != OK and "`--build before.build`" in capsys.readouterr().err
    assert main(["explain", "--build", "out.build", FIRST]) == OK
    assert capsys.readouterr().out.split("\n")[0].endswith("withdrawn on request; what was withdrawn is not given out")
    Path("other.csv").write_text("id,date,reason\n", "utf-8")
    assert run("--withdrawn", "other.csv", "--json", out="third") == OK
    told = json.loads(capsys.readouterr().out)
    assert told["files"]["withdrawn"] == "other.csv" and told["requests"] == 0 and len(texts("third")) == 1
    assert main(["release", "--build", "third.build", "--quiet"]) == OK
    assert "\nwithdrawn.csv: 1 request, 1 document left out\n" in capsys.readouterr().err
    assert not texts("third.build/release")


def test_a_table_of_no_requests_is_as_none(here: Path) -> None:
    """The head alone asks for nothing: the same release, byte for byte."""
    assert run() == OK
    Path("withdrawn.csv").write_text("id,url,outlet,date,reason\n", "utf-8")
    assert run(out="other") == OK
    assert (here / "out/manifest.json").read_bytes() == (here / "other/manifest.json").read_bytes()


def test_overrides_that_lie_here_are_obeyed_and_told(capsys: pytest.CaptureFixture[str]) -> None:
    """And can be named, or left out."""
    Path("overrides.toml").write_text(OVERRIDE.format(id=FIRST), "utf-8")
    assert run() == OK
    assert "\noverrides.toml: 1 decision of people obeyed\n" in capsys.readouterr().err
    assert texts("out")[0].startswith("خَبَرْيْن logo")
    assert run("--no-overrides", out="none") == OK
    assert "overrides" not in capsys.readouterr().err and not texts("none")[0].startswith("خَبَرْيْن logo")
    Path("overrides.toml").rename("mine.toml")
    page = str(next(Path("pages").iterdir()))
    for more, kept in (([], False), (["--overrides", "mine.toml"], True), (["--no-overrides"], False)):
        assert main(["page", page, *more]) == OK
        assert ("خَبَرْيْن logo" in capsys.readouterr().out) == kept


def test_overrides_of_another_corpus_stop_a_run_as_soon_as_the_pages_are_read(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Before anything is cleaned, and the message names the way out; so does the stage `clean`."""
    Path("overrides.toml").write_text(OVERRIDE.format(id=SECOND), "utf-8")
    assert run() == ERROR
    told = capsys.readouterr().err
    assert "overrides.toml: 1 override is of no page that was read" in told
    assert "`--overrides FILE`" in told and "`--no-overrides`" in told and SECOND in told
    assert [path.name for path in Path("out.build").iterdir()] == ["raw"]
    assert run("--no-overrides") == OK
    shutil.rmtree("out.build/docs")
    assert main(["clean", "--build", "out.build", "--quiet"]) == ERROR
    assert "is of no page that was read" in capsys.readouterr().err and not Path("out.build/docs").exists()


def test_questions_do_not_read_the_overrides(capsys: pytest.CaptureFixture[str]) -> None:
    """A command that obeys no decision is not stopped by a file of them that cannot be read."""
    assert run() == OK
    Path("overrides.toml").write_text("no TOML", "utf-8")
    assert main(["explain", FIRST, "--build", "out.build"]) == OK
    assert main(["page", *map(str, Path("pages").iterdir())]) == ERROR
    assert "overrides.toml: not readable as TOML" in capsys.readouterr().err


def test_a_run_says_whose_release_it_made(capsys: pytest.CaptureFixture[str]) -> None:
    """Name, version, authors and the file that says so: in somebody else's folder they are not one's own."""
    assert run() == OK
    told = "\nout: Arabic news, version 0.1.0, without named authors (no params.yaml here says otherwise)\n"
    assert told in capsys.readouterr().err
    release = "release: {pretty_name: Their News, authors: [Lab A, Lab B], version: 1.2.3}\n"
    Path("params.yaml").write_text(release, "utf-8")
    assert run(out="theirs") == OK
    told = "\ntheirs: Their News, version 1.2.3, by Lab A, Lab B (as params.yaml says)\n"
    assert told in capsys.readouterr().err
    assert run("--json", out="machine") == OK
    totals = json.loads(capsys.readouterr().out)
    assert (totals["version"], totals["authors"], totals["name"]) == ("1.2.3", ["Lab A", "Lab B"], "Their News")
    assert totals["files"] == {"params": "params.yaml", "overrides": None, "withdrawn": None}


def test_help_states_what_is_taken_unasked() -> None:
    """Each option's default file stands in its help."""
    commands = next(action for action in make_parser()._actions if action.choices)
    for name in ("run", "release"):
        words = " ".join(commands.choices[name].format_help().split())
        for file in ("params.yaml", "overrides.toml", "withdrawn.csv"):
            assert f"(default: {file} here" in words
