"""A release is made of what its manifest names: a stage refuses what other parameters, rules, tables or pages have made."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from whole_runs import bytes_of, make

from etl import build as stages
from etl.build import Build, run, work_folder
from etl.chain import Stale, check_before
from etl.cli import main
from etl.commands import ERROR
from etl.knowledge import Knowledge, load_knowledge
from etl.params import Params
from etl.review import read_overrides
from etl.runners import InProcess
from etl.shards import note_of

RULE = '[[rule]]\nid = "ui/mine"\nwhy = "x"\nline = "^سطر من عندي$"\nhits = ["⟦سطر من عندي⟧"]\nkeeps = ["قال إن سطرا من عندي."]\n'


def know(**params: Any) -> Knowledge:
    return load_knowledge(Params.model_validate(params))


@pytest.fixture
def made(calm: Path, tmp_path: Path) -> Path:
    """A copy of the build of an undisturbed run with the default parameters."""
    shutil.copytree(work_folder(calm), tmp_path / "release.build")
    return tmp_path / "release.build"


@pytest.mark.parametrize(
    ("params", "stage"),
    [
        ({"read": {"html": "full"}}, "read SRC"),
        ({"repair": {"max_lost": 0.5}}, "repair"),
        ({"templates": {"pages": 7}}, "templates"),
        ({"quality": {"min_words": 250}}, "clean"),
        ({"duplicates": {"similarity": 0.9}}, "duplicates"),
    ],
)
def test_shards_of_other_parameters_are_refused(params: dict[str, Any], stage: str, calm: Path) -> None:
    """The error names the stage that makes them anew."""
    with pytest.raises(Stale, match=rf"other parameters.*`ghirbal {stage} --build {work_folder(calm)}`"):
        check_before(know(**params), work_folder(calm), "release")


@pytest.mark.parametrize(
    "params",
    [
        {},
        {"release": {"version": "0.2.0", "keep_duplicates": True}},
        {"run": {"batch": 7, "workers": 3}},
        {"read": {"shard_bytes": 14_000}},
    ],
)
def test_parameters_that_touch_no_shard_are_no_matter(params: dict[str, Any], calm: Path) -> None:
    """How the work is done, how much of it lies in a shard, and what the release alone is told."""
    shards = check_before(know(**params), work_folder(calm), "release")
    assert sorted(shards) == sorted((work_folder(calm) / "docs").glob("*.parquet"))


def test_each_stage_looks_at_what_lies_before_it_alone(calm: Path) -> None:
    """Parameters of a later stage do not stop an earlier one, and its own are what it is about to obey."""
    build = work_folder(calm)
    for own, before in (
        ("repair", "pages"),
        ("templates", "templates"),
        ("quality", "docs"),
        ("duplicates", "duplicates"),
    ):
        value = {"repair": {"max_lost": 0.5}, "templates": {"pages": 7}, "quality": {"min_words": 250}}
        assert check_before(know(**{own: value.get(own, {"similarity": 0.9})}), build, before)
    with pytest.raises(Stale, match="ghirbal clean"):
        check_before(know(quality={"min_words": 250}), build, "duplicates")


def test_other_rules_tables_and_decisions_are_refused(made: Path, tmp_path: Path) -> None:
    """A rule of one's own, a line of templates.csv that a person has edited since, an override: the documents obey none of them."""
    (tmp_path / "mine.toml").write_text(RULE, "utf-8")
    with pytest.raises(Stale, match="ghirbal templates"):
        check_before(load_knowledge(Params(), [tmp_path]), made, "release")
    row = json.loads(
        pl.read_parquet(made / "pages" / "*.parquet", columns=["id", "raw_sha256", "page"]).head(1).write_json()
    )[0]
    override = {"id": row["id"], "raw_sha256": row["raw_sha256"], "start": 0, "end": 4, "text": row["page"][:4]}
    lines = [f"{name} = {json.dumps(value, ensure_ascii=False)}" for name, value in override.items()]
    more = ["[[override]]", *lines, 'action = "cut"', 'rule = "ui/person"', 'reason = "for a test"']
    (tmp_path / "mine-overrides.toml").write_text("\n".join(more) + "\n", "utf-8")
    decided = load_knowledge(Params(), overrides=read_overrides(tmp_path / "mine-overrides.toml"))
    with pytest.raises(Stale, match="ghirbal clean"):
        check_before(decided, made, "release")
    with (made / "templates" / "templates.csv").open("a", encoding="utf-8") as file:
        file.write("\n")
    with pytest.raises(Stale, match="ghirbal clean"):
        check_before(know(), made, "release")


def test_shards_that_are_missing_damaged_or_nobodys_are_refused(made: Path) -> None:
    """A release of the others would be one of fewer pages, silently."""
    [shard] = (made / "docs").glob("*.parquet")
    whole = shard.read_bytes()
    shutil.copy(shard, shard.with_name("mine.parquet"))
    with pytest.raises(Stale, match=r"mine.parquet: is no shard of this build; remove it"):
        check_before(know(), made, "release")
    shard.with_name("mine.parquet").unlink()
    shard.write_bytes(whole[:-9] + b"x" + whole[-8:])
    with pytest.raises(Stale, match=r"is damaged.*ghirbal clean"):
        check_before(know(), made, "release")
    shard.write_bytes(whole)
    check_before(know(), made, "release")
    for folder, stage in (("docs", "clean"), ("pages", "repair"), ("duplicates/signatures", "duplicates")):
        place = made / folder / shard.name
        place.rename(made / "aside")
        with pytest.raises(Stale, match=rf"{shard.name} is not there.*ghirbal {stage}"):
            check_before(know(), made, "release")
        (made / "aside").rename(place)
    note_of(made / "duplicates" / "clusters.parquet").unlink()
    with pytest.raises(Stale, match=r"clusters.parquet was made of other.*ghirbal duplicates"):
        check_before(know(), made, "release")


def test_a_release_of_other_parameters_is_not_written(
    calm: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The command ends in 1, and nothing is there that claims them."""
    monkeypatch.chdir(tmp_path)
    shutil.copytree(work_folder(calm), "build")
    Path("other.yaml").write_text("quality: {min_words: 250}\n", "utf-8")
    assert main(["release", "--build", "build", "--params", "other.yaml", "--quiet"]) == ERROR
    assert "`ghirbal clean --build build` and the stages after it" in capsys.readouterr().err
    assert not Path("build/release").exists()


def test_what_another_run_has_put_there_meanwhile_is_not_released(
    source: Path, calm: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where no lock keeps it out, as at an address: the run that finds other documents than its own ends with an error."""
    out = tmp_path / "release"
    shutil.copytree(calm, out)
    shutil.copytree(work_folder(calm), work_folder(out))
    mine, other = (
        Build(work_folder(out), know(**params), InProcess()) for params in ({}, {"quality": {"min_words": 250}})
    )
    real = stages.make_duplicates

    def overtaken(build: Build) -> None:
        real(build)
        stages.make_docs(other)
        real(other)

    monkeypatch.setattr(stages, "make_duplicates", overtaken)
    with pytest.raises(Stale, match="ghirbal clean"):
        run(source, out, mine, may_replace=True)
    assert bytes_of(out) == bytes_of(calm)


def test_halves_of_files_that_a_killed_run_has_left_are_removed(source: Path, made: Path) -> None:
    """By the stage that writes there, so that they get into no record of what a stage made."""
    left = (
        "duplicates/.clusters.parquet.7.part",
        "templates/.templates.csv.7.part",
        "templates/.day_order.csv.7.part",
        ".outlets.json.7.part",
    )
    for name in left:
        (made / name).touch()
    make(source, made.with_name("release"))
    assert not list(made.rglob("*.part"))
