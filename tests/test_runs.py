"""Whole runs: the same bytes whatever the workers, shards and order, and after whatever was killed on the way."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import psutil
import pytest
from whole_runs import PAGES, SMALL, bytes_of, make, write_source

from etl import shard_work as module
from etl.build import Build, make_raw, run, work_folder
from etl.errors import UserError
from etl.knowledge import load_knowledge
from etl.manifest import ReleaseError
from etl.params import Params
from etl.paths import put, put_folder, to_path
from etl.read import ReadError
from etl.release import check_out, list_release
from etl.runners import InProcess, Processes
from etl.shards import ShardsFailed

ROOT = Path(__file__).parents[1]


@pytest.mark.slow
def test_two_workers_small_shards_and_another_order_make_the_same_bytes(
    source: Path, calm: Path, tmp_path: Path
) -> None:
    """One worker and one shard, or two workers, many shards and files written in another order: one release."""
    mixed = write_source(tmp_path / "pages", random.Random(5).sample(range(PAGES // 4), PAGES // 4))
    assert make(mixed, tmp_path / "release", Processes(2), **SMALL) == bytes_of(calm)
    assert len(list((tmp_path / "release.build" / "docs").glob("*.parquet"))) > 3


def start(source: Path, out: Path, params: Path, *more: str) -> subprocess.Popen[str]:
    """Start `ghirbal run` as a user does, in a process group of its own."""
    command = [sys.executable, "-m", "etl", "run", str(source), str(out), "--params", str(params), "--json", *more]
    return subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, start_new_session=True
    )


def finish(process: subprocess.Popen[str]) -> list[dict[str, Any]]:
    """Wait for a run to end well; return its events."""
    _, told = process.communicate(timeout=300)
    assert process.returncode in (0, 3), told
    return [json.loads(line) for line in told.splitlines() if line.startswith("{")]


@pytest.fixture
def small(tmp_path: Path) -> Path:
    path = tmp_path / "params.yaml"
    path.write_text(json.dumps(SMALL), "utf-8")
    return path


@pytest.fixture(scope="module")
def built(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A release of small shards with its build beside it; a test takes a copy."""
    out = tmp_path_factory.mktemp("built") / "release"
    make(source, out, **SMALL)
    return out


def take_up_to_clean(built: Path, out: Path) -> None:
    """Copy a build without its documents: the next run has all pages to clean, and nothing to do before."""
    shutil.copytree(work_folder(built), work_folder(out))
    shutil.rmtree(work_folder(out) / "docs")


@pytest.mark.slow
def test_killed_at_random_moments_then_run_again(source: Path, calm: Path, tmp_path: Path, small: Path) -> None:
    """kill -9 of a whole run, several times, then run again: the same bytes, and what was done is not done again."""
    rng, out = random.Random(20), tmp_path / "release"
    noted: set[str] = set()
    for _ in range(3):
        process = start(source, out, small, "--workers", "1")
        assert process.stderr is not None
        # A random number of events after the start, so that the moment does not depend on the machine's speed.
        for _ in range(rng.randrange(4, 14)):
            if not process.stderr.readline():
                break
        time.sleep(rng.random() / 5)
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        now = {str(path) for path in work_folder(out).glob("*/*.parquet.json")}
        assert noted <= now
        noted = now
    kept = {str(path) for path in work_folder(out).glob("*/*.parquet.json")}
    events = finish(start(source, out, small, "--workers", "1"))
    shards = [event for event in events if event["event"] == "shard" and event["stage"] in ("repair", "clean")]
    assert {event["shard"] for event in shards if event["kept"]} >= {
        Path(path).name.removesuffix(".json") for path in kept if Path(path).parent.name == "docs"
    }
    assert bytes_of(out) == bytes_of(calm)


@pytest.mark.parametrize(
    ("number", "to_all", "code"),
    [
        (signal.SIGINT, True, 130),
        (signal.SIGTERM, False, 143),
        pytest.param(signal.SIGTERM, True, 143, marks=pytest.mark.slow),
    ],
)
def test_a_request_to_stop_is_obeyed_cleanly_and_says_how_to_go_on(
    number: int, to_all: bool, code: int, source: Path, calm: Path, built: Path, tmp_path: Path, small: Path
) -> None:
    """Ctrl-C comes to all processes, SIGTERM to the first alone or to all: no traceback, no worker and no half-written file is
    left, every line on stderr is an event, and the same command goes on."""
    out = tmp_path / "release"
    take_up_to_clean(built, out)
    process = start(source, out, small, "--workers", "2")
    assert process.stderr is not None
    while '"clean"' not in (line := process.stderr.readline()):
        assert line
    while '"shard"' not in (line := process.stderr.readline()):  # the workers are at it
        assert line
    workers = psutil.Process(process.pid).children(recursive=True)
    (os.killpg if to_all else os.kill)(process.pid, number)
    _, told = process.communicate(timeout=60)
    assert process.returncode == code
    events = [json.loads(line) for line in told.splitlines()]
    assert [event["event"] for event in events if event["event"] not in ("shard", "end", "start")] == [
        "stopping",
        "stopped",
    ]
    assert "run the same command again to go on" in events[-1]["text"]
    assert psutil.wait_procs(workers, timeout=60)[1] == []
    assert not list(work_folder(out).rglob("*.part")) and not list(tmp_path.glob(".*"))
    if number == signal.SIGTERM and not to_all:
        finish(start(source, out, small, "--workers", "2"))
        assert bytes_of(out) == bytes_of(calm)


@pytest.mark.slow
def test_a_killed_worker_of_a_run_changes_nothing(source: Path, calm: Path, tmp_path: Path, small: Path) -> None:
    """One of two worker processes is killed while pages are cleaned; the run ends well, in the same bytes."""
    out = tmp_path / "release"
    process = start(source, out, small, "--workers", "2")
    assert process.stderr is not None
    while '"clean"' not in (line := process.stderr.readline()):
        assert line
    workers: list[psutil.Process] = []
    while not workers and process.poll() is None:
        workers = [p for p in psutil.Process(process.pid).children() if "spawn_main" in " ".join(p.cmdline())]
    workers[0].kill()
    finish(process)
    assert bytes_of(out) == bytes_of(calm)


def test_a_shard_that_cannot_be_done_is_named_and_the_others_are_kept(
    source: Path, built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All other shards are done; running again does only what is missing."""
    out = tmp_path / "release"
    shutil.copytree(built, out)
    take_up_to_clean(built, out)
    before = bytes_of(out)
    victim = sorted((work_folder(out) / "pages").glob("*.parquet"))[1]
    real = module._clean
    tried: list[str] = []

    def fail(table: Any, where: str, know: Any) -> Any:
        tried.append(where)
        if where == victim.name:
            raise RuntimeError("no memory left")
        return real(table, where, know)

    with monkeypatch.context() as patch:
        patch.setattr(module, "_clean", fail)
        with pytest.raises(ShardsFailed, match=rf"clean: 1 of \d+ shards failed.*\n.*{victim.name}: RuntimeError"):
            make(source, out, **SMALL)
    assert bytes_of(out) == before
    done = {path.name for path in (work_folder(out) / "docs").glob("*.parquet")}
    assert done == {path.name for path in (work_folder(out) / "pages").glob("*.parquet")} - {victim.name}
    assert make(source, out, **SMALL) == before


def test_a_full_disk_is_a_clear_error(calm: Path, source: Path, tmp_path: Path, small: Path) -> None:
    """The error names the file; the last release and the build are as they were, and there is room again after."""
    out = tmp_path / "release"
    shutil.copytree(calm, out)
    code = (
        "import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000));"
        "import signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
        "from etl.cli import main; sys.exit(main(sys.argv[1:]))"
    )
    command = [sys.executable, "-c", code, "run", str(source), str(out), "--params", str(small), "--workers", "1"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=200, check=False)
    assert done.returncode == 1
    assert (
        "file too large; allow larger files" in done.stderr
        and "part-" in done.stderr
        and "Traceback" not in done.stderr
    )
    assert bytes_of(out) == bytes_of(calm)
    assert not list(tmp_path.rglob("*.part"))


@pytest.mark.skipif(hasattr(os, "geteuid") and os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_cannot_be_written_to_is_a_clear_error(calm: Path, source: Path, tmp_path: Path) -> None:
    """The error names the folder."""
    folder = tmp_path / "locked"
    folder.mkdir(mode=0o555)
    with pytest.raises(OSError, match="locked"):
        make(source, folder / "release")


REQUEST = b"WARC/1.0\r\nWARC-Type: request\r\nWARC-Target-URI: https://a.example/\r\nContent-Length: 0\r\n\r\n\r\n\r\n"


@pytest.mark.parametrize("name", ["a.json", "a.csv", "a.parquet", "a.warc"])
def test_a_source_without_a_page_is_an_error(name: str, calm: Path, tmp_path: Path) -> None:
    """An export that broke must not take the place of yesterday's release, nor look like a success to a job that runs each night."""
    (tmp_path / "pages").mkdir()
    table = pl.DataFrame(schema={"text": pl.String})
    empty = {"a.json": b"[]", "a.csv": b"url,text\n", "a.warc": REQUEST}
    if name in empty:
        (tmp_path / "pages" / name).write_bytes(empty[name])
    else:
        table.write_parquet(tmp_path / "pages" / name)
    out = tmp_path / "release"
    shutil.copytree(calm, out)
    with pytest.raises(ReadError, match=r"pages: there is no page in it \(1 file read\)"):
        make(tmp_path / "pages", out)
    assert bytes_of(out) == bytes_of(calm)


# --- anywhere fsspec reaches


def test_a_build_in_memory_makes_the_same_bytes(source: Path, calm: Path) -> None:
    """Source and release at memory://, where nothing can be renamed: the same release."""
    import fsspec

    memory = fsspec.filesystem("memory")
    for file in source.iterdir():
        memory.pipe_file(f"/pages/{file.name}", file.read_bytes())
    out = to_path("memory://made/release")
    run("memory://pages", out, Build(work_folder(out), load_knowledge(Params.model_validate(SMALL)), InProcess()))
    found = {name: memory.cat_file(f"/made/release/{name}") for name in bytes_of(calm)}
    assert found == {name: (calm / name).read_bytes() for name in bytes_of(calm)}
    assert not [name for name in memory.find("/made") if name.endswith(".part")]
    # What is there and is no part of a release is somebody's: it would be removed.
    check_out(out)
    assert {path.name for path in out.iterdir()} == {path.name for path in calm.iterdir()}
    memory.pipe_file("/made/release/thesis.doc", b"of years")
    with pytest.raises(ReleaseError, match="holds thesis"):
        run("memory://pages", out, Build(work_folder(out), load_knowledge(Params.model_validate(SMALL)), InProcess()))
    assert memory.cat_file("/made/release/thesis.doc") == b"of years"


@pytest.fixture
def memory() -> Iterator[Any]:
    """An empty store at memory://."""
    import fsspec

    store = fsspec.filesystem("memory")
    store.store.clear()
    yield store
    store.store.clear()


def build_at(out: Path) -> Build:
    return Build(work_folder(out), load_knowledge(Params.model_validate(SMALL)), InProcess())


PAGE = "افتتحت البلدية صباح اليوم حديقة جديدة على الكورنيش تضم ملعبا للأطفال ومسارا للمشي يمتد كيلومترين.\n".encode()


@pytest.mark.parametrize(
    ("source", "out", "files", "says"),
    [
        ("in", "bucket", ["bucket/README.md", "bucket/data/precious.csv"], "holds README.md, and no manifest.json"),
        ("in", "bucket", ["bucket/bucket/mine.txt"], "holds bucket/mine.txt, and no"),
        ("in", "bucket", ["bucket/plots/mine.svg"], "holds plots/mine.svg, and no"),
        ("in", "bucket", ["bucket/manifest.json"], "is not the manifest of a release"),
        ("in", "bucket", ["bucket"], "is a file"),
        ("bucket/data", "bucket", [], "the source memory://bucket/data lies in it"),
        ("bucket/data/", "bucket/data/release", [], "lies in the source"),
        ("bucket/data/", "bucket/data", [], "is the source itself"),
    ],
)
def test_nothing_at_an_address_is_taken_for_a_release(
    source: str, out: str, files: list[str], says: str, memory: Any
) -> None:
    """What lies there is somebody's, whatever its name, and so is the source: nothing is written or removed."""
    for name in (f"{source.strip('/')}/page.txt", *files):
        memory.pipe_file(f"/{name}", b"{}" if name.endswith(".json") else PAGE)
    before = memory.find("/")
    target = to_path(f"memory://{out}")
    with pytest.raises(UserError, match=says):
        run(f"memory://{source}", target, build_at(target))
    assert memory.find("/") == before


@pytest.mark.parametrize(
    ("source", "out", "says"),
    [
        ("release/data", "release", "the source .* lies in it and would be lost"),
        ("release.build/pages", "release", "release.build/pages: is where the build keeps its own files"),
        ("pages", "pages/release", "lies in the source"),
        ("pages", "pages/../pages", "is the source itself"),
    ],
)
def test_a_release_does_not_take_the_place_of_its_source(source: str, out: str, says: str, tmp_path: Path) -> None:
    """Neither lies in the other: what was read would be replaced, or what is written be read."""
    (tmp_path / source).mkdir(parents=True)
    (tmp_path / source / "page.txt").write_bytes(PAGE)
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(UserError, match=says):
        run(tmp_path / source, tmp_path / out, build_at(tmp_path / out))
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize("folder", ["raw", "pages", "docs", "templates", "duplicates", "release"])
def test_a_stage_does_not_empty_its_source(folder: str, tmp_path: Path) -> None:
    """Pages in a folder where the build would keep shards are refused before any is read; beside them they are read."""
    for name in (folder, "mine"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "page.txt").write_bytes(PAGE)
    build = Build(tmp_path, load_knowledge(Params.model_validate(SMALL)), InProcess())
    with pytest.raises(UserError, match=f"{folder}: is where the build keeps its own files"):
        make_raw(build, tmp_path / folder)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([folder, "mine"])
    assert make_raw(build, tmp_path / "mine")["pages"] == 1


def test_a_copy_to_an_address_removes_what_is_its_own_and_goes_on_after_it_was_cut_short(
    memory: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The manifest is written last; a file of the last release goes, one that came since stays; a copy cut short is told."""
    here, out = tmp_path / "release", to_path("memory://shop/release")

    def write(*names: str) -> None:
        shutil.rmtree(here, ignore_errors=True)
        (here / "data").mkdir(parents=True)
        for name in names:
            (here / name).write_text(name, "utf-8")
        (here / "manifest.json").write_text(json.dumps({"outputs": {name: {} for name in names}}), "utf-8")

    write("data/a.parquet", "README.md")
    put_folder(here, out, "manifest.json", list_release(out))
    known = list_release(out)
    assert known == ["README.md", "data/a.parquet", "manifest.json"]
    memory.pipe_file("/shop/release/data/mine.csv", b"came meanwhile")
    write("data/b.parquet", "README.md")
    asked: list[str] = []

    def put_some(file: Path, target: Path) -> None:
        asked.append(target.name)
        if target.name == "manifest.json":
            raise ConnectionResetError
        put(file, target)

    monkeypatch.setattr("etl.paths.put", put_some)
    with pytest.raises(ConnectionResetError):
        put_folder(here, out, "manifest.json", known)
    assert asked == ["README.md", "b.parquet", "manifest.json"]
    monkeypatch.undo()
    left = ["README.md", "data/b.parquet", "data/mine.csv", "unfinished.json"]
    assert sorted(name.removeprefix("/shop/release/") for name in memory.find("/shop/release")) == left
    with pytest.raises(ReleaseError, match=r"holds data/mine.csv, which its manifest does not list"):
        check_out(out)
    memory.rm_file("/shop/release/data/mine.csv")
    put_folder(here, out, "manifest.json", list_release(out))
    assert list_release(out) == ["README.md", "data/b.parquet", "manifest.json"]
