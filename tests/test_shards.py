"""Shards: what is done is kept, what has changed is done again, what dies does not take the run with it."""

from __future__ import annotations

import json
import multiprocessing
import os
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shard_work import Watch, double, shout

from etl.api import raw_frame
from etl.arrow import read_columns
from etl.batches import cut_batch
from etl.knowledge import Knowledge
from etl.made_from import hash_rules
from etl.params import Params, RunParams
from etl.rules import Rule, Rules
from etl.runners import InProcess, Processes, local_runner, worker_environment, worker_variables
from etl.shard_work import repair_shard
from etl.shards import ShardsFailed, each_shard, hash_code, hash_file, hash_parts, prune, replacing


def sources(folder: Path, *names: str) -> list[Path]:
    folder.mkdir(exist_ok=True)
    for name in names:
        (folder / name).write_text(f"text of {name}", "utf-8")
    return [folder / name for name in sorted(names)]


def run(paths: list[Path], out: Path, depends: str = "one", **more: Any) -> Watch:
    watch = Watch()
    each_shard(shout, paths, out, depends, progress=watch, runner=more.get("runner", InProcess()))
    return watch


def test_a_second_run_does_nothing_and_a_change_redoes_what_it_touches(tmp_path: Path) -> None:
    """Same input, same code, same parameters: kept. Another input: that shard. Other parameters: all of them."""
    paths = sources(tmp_path / "in", "a", "b")
    out = tmp_path / "out"
    assert run(paths, out).done == ["a", "b"]
    assert (out / "a").read_text("utf-8") == "TEXT OF A"
    assert run(paths, out).kept == ["a", "b"]
    paths[1].write_text("new", "utf-8")
    second = run(paths, out)
    assert (second.kept, second.done) == (["a"], ["b"])
    assert run(paths, out, "two").done == ["a", "b"]


def test_a_damaged_result_is_done_again(tmp_path: Path) -> None:
    """A truncated shard, or one whose note is damaged, also where what is left of the note can be read, is no result."""
    paths = sources(tmp_path / "in", *"abcde")
    out = tmp_path / "out"
    run(paths, out)
    (out / "a").write_text("TEX", "utf-8")
    (out / "b.json").write_text("{", "utf-8")
    (out / "c.json").write_text("[1]", "utf-8")
    (out / "d.json").write_text(json.dumps(json.loads((out / "d.json").read_text("utf-8")) | {"summary": {}}), "utf-8")
    watch = run(paths, out)
    assert (watch.done, watch.kept) == (["a", "b", "c", "d"], ["e"])
    assert run(paths, out).kept == list("abcde")


def test_stale_shards_and_leftovers_are_removed(tmp_path: Path) -> None:
    """A file that no source stands for goes: a stale shard must not reach a release."""
    out = tmp_path / "out"
    run(sources(tmp_path / "in", "a", "b"), out)
    (out / ".a.1.part").touch()
    run(sources(tmp_path / "other", "a"), out)
    assert sorted(path.name for path in out.iterdir()) == ["a", "a.json"]
    prune(out, [out / "c"])
    assert list(out.iterdir()) == []


def test_files_that_are_no_shards_are_left_alone(tmp_path: Path) -> None:
    """Pages that lie where a stage writes are somebody's: shards, notes and leftovers alone are removed."""
    left = ["page.html", "page.json", "page.txt", "table.csv", ".hidden"]
    shards = ["a.parquet", "a.parquet.json"]
    for name in (*left, *shards, "b.parquet", "b.parquet.json", ".a.parquet.7.part"):
        (tmp_path / name).touch()
    prune(tmp_path, [tmp_path / "a.parquet"])
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([*left, *shards])


def test_a_shard_that_fails_is_named_and_the_others_are_done(tmp_path: Path) -> None:
    """The run ends with an error that names the shard; running again does only what is missing."""
    paths = sources(tmp_path / "in", "a", "fails", "z")
    out = tmp_path / "out"
    with pytest.raises(ShardsFailed, match=r"1 of 3 shards failed.*\n.*fails: RuntimeError: not today") as failed:
        run(paths, out)
    # It is a fault of the program, not of the input: where it arose is told.
    assert "shard_work.py" in str(failed.value)
    assert (out / "z").exists()
    paths[1].rename(tmp_path / "in" / "works")
    assert run([paths[0], tmp_path / "in" / "works", paths[2]], out).kept == ["a", "z"]


def test_a_killed_worker_does_not_end_the_run(tmp_path: Path) -> None:
    """The shard of a worker that died is tried again; the bytes are those of an undisturbed run."""
    paths = sources(tmp_path / "in", "a", "b", "kills")
    watch = run(paths, tmp_path / "out", runner=Processes(2))
    assert sorted(watch.done) == ["a", "b", "kills"]
    run(paths, tmp_path / "calm")
    for name in ("a", "b", "kills"):
        assert hash_file(tmp_path / "out" / name) == hash_file(tmp_path / "calm" / name)


def test_a_shard_that_kills_its_worker_thrice_is_named(tmp_path: Path) -> None:
    """What always kills is given up by name, and the other shards are done."""
    paths = sources(tmp_path / "in", "a", "b", "deadly")
    with pytest.raises(ShardsFailed, match="deadly: RuntimeError: its worker process died 3 times"):
        run(paths, tmp_path / "out", runner=Processes(2))
    assert (tmp_path / "out" / "a").exists()
    assert (tmp_path / "out" / "b").exists()


def test_workers_that_die_between_shards_are_replaced() -> None:
    """All are killed as the first result comes, those at work and those that wait; the others' results come all the same."""
    results = Processes(2).map(double, None, [1, 2, 3, 4, 5])
    got = [next(results)]
    for process in multiprocessing.active_children():
        process.kill()
    assert sorted([*got, *results]) == [(1, 2), (2, 4), (3, 6), (4, 8), (5, 10)]


@pytest.mark.parametrize("times", [1, 2, 99])
def test_a_worker_that_cannot_be_started_is_tried_again(times: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A system out of processes, for a moment or for good: then each shard says so."""
    fail = iter(range(times))
    real = ProcessPoolExecutor.submit

    def submit(self: ProcessPoolExecutor, *call: Any) -> Any:
        if next(fail, None) is not None:
            raise OSError("no more processes")
        return real(self, *call)

    monkeypatch.setattr(ProcessPoolExecutor, "submit", submit)
    results = dict(Processes(2).map(double, None, [1, 2, 3]))
    if times < 99:
        assert results == {1: 2, 2: 4, 3: 6}
    else:
        assert {task: str(error) for task, error in results.items()} == dict.fromkeys([1, 2, 3], "no more processes")


def test_a_replacement_that_fails_leaves_what_was_there(tmp_path: Path) -> None:
    """The old file stays until the new one is whole, and nothing is left beside it."""
    target = tmp_path / "file"
    target.write_text("old", "utf-8")
    with pytest.raises(ValueError, match="broken off"), replacing(target) as beside:
        beside.write_text("half", "utf-8")
        raise ValueError("broken off")
    assert target.read_text("utf-8") == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_hashes_tell_parts_apart() -> None:
    """Parts are hashed with their borders; the code has one hash that is stable within a version."""
    assert hash_parts("ab", "c") != hash_parts("a", "bc")
    assert hash_code() == hash_code()
    assert len(json.dumps(hash_code())) == 66


def test_one_worker_works_here() -> None:
    """No processes are started where one is enough."""
    assert isinstance(local_runner(1), InProcess)
    assert isinstance(local_runner(2), Processes)


@pytest.mark.parametrize(
    "changed",
    [
        {"until": "^$"},
        {"heading": "related"},
        {"outlet": "site"},
        {"zone": ("after",)},
        {"pattern": "^أ$"},
        {"action": "mark"},
    ],
    ids=lambda changed: next(iter(changed)),
)
def test_whatever_a_rule_does_is_in_the_hash_that_keys_results(changed: dict[str, Any]) -> None:
    """A change of one's own rules, of the line that ends a box as of the pattern, has its shards done again."""
    rule = Rule("related/own", "a site's own box", "line", "^$")
    assert hash_rules([rule]) == hash_rules([replace(rule, why="told otherwise")])
    assert hash_rules([rule]) != hash_rules([replace(rule, **changed)])


@given(st.lists(st.text(max_size=50)), st.integers(1, 400))
def test_a_batch_is_cut_by_its_bytes(texts: list[str], most: int) -> None:
    """No row is lost or moved, and only a row that is alone holds more than asked for."""
    whole = pa.record_batch({"text": pa.array(texts, pa.string())})
    parts = list(cut_batch(whole, most))
    assert [text for part in parts for text in part["text"].to_pylist()] == texts
    assert all(part.nbytes <= most for part in parts if part.num_rows > 1)


@pytest.mark.parametrize(("words", "batches"), [(10, 2), (5000, 8)])
def test_fewer_pages_are_held_at_once_where_they_are_long(tmp_path: Path, words: int, batches: int) -> None:
    """Eight pages, four at once: two batches of short ones, each long one alone; all of them are there."""
    source, target = tmp_path / "in.parquet", tmp_path / "out.parquet"
    pages = raw_frame([f"{number} " + "كلمة " * words for number in range(8)])
    pages.write_parquet(source)
    assert repair_shard(source, target, know=Knowledge(Rules(()), Params(run=RunParams(batch=4)))) == {
        "pages": 8,
        "rows": 8,
    }
    with pq.ParquetFile(target) as done:
        assert done.num_row_groups == batches
        assert done.read(["id"])["id"].to_pylist() == pages["id"].to_list()


def test_a_worker_has_one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a worker's libraries read is set while workers start, and what was there before is there again after."""
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    monkeypatch.delenv("POLARS_MAX_THREADS", raising=False)
    with worker_variables():
        assert {name: os.environ[name] for name in worker_environment()} == worker_environment()
        assert os.environ["OMP_NUM_THREADS"] == os.environ["POLARS_MAX_THREADS"] == "1"
    assert os.environ["OMP_NUM_THREADS"] == "7"
    assert "POLARS_MAX_THREADS" not in os.environ


@pytest.mark.parametrize(("had", "taken"), [(["mimalloc", "jemalloc"], "jemalloc"), (["system"], None)])
def test_arrow_takes_its_memory_from_what_there_is(
    monkeypatch: pytest.MonkeyPatch, had: list[str], taken: str | None
) -> None:
    """A pool that this build of Arrow lacks is not asked for: Arrow would warn of it in every worker."""
    monkeypatch.setattr(pa, "supported_memory_backends", lambda: had)
    assert worker_environment().get("ARROW_DEFAULT_MEMORY_POOL") == taken


def test_columns_come_as_they_were_asked_for(tmp_path: Path) -> None:
    """In the order of the question, not of the file."""
    file = tmp_path / "a=1" / "_some.parquet"
    file.parent.mkdir()
    pq.write_table(pa.table({"a": [1, 2], "b": ["x", None], "c": [[1], []]}), file)
    assert read_columns(file, ["c", "a"]).to_pydict() == {"c": [[1], []], "a": [1, 2]}
    assert read_columns(file, []).num_columns == 0
