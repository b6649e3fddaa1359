"""Elsewhere: a store that speaks S3, a Ray cluster of one node or two. The bytes are those of one machine."""

from __future__ import annotations

import importlib.util
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from shard_work import Watch, shout
from whole_runs import SMALL, bytes_of, make

from etl.build import Build, run, work_folder
from etl.cli import main
from etl.commands import ERROR
from etl.knowledge import load_knowledge
from etl.params import Params
from etl.runners import RunnerError, choose_runner
from etl.shards import ShardsFailed, each_shard

needs_ray = pytest.mark.skipif(importlib.util.find_spec("ray") is None, reason="Ray is not installed")
needs_s3 = pytest.mark.skipif(
    importlib.util.find_spec("s3fs") is None or importlib.util.find_spec("localbucket") is None,
    reason="s3fs or localbucket is not installed",
)


@pytest.fixture
def bucket(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """An empty bucket on a server of this machine that speaks S3; the environment names the server."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    (tmp_path / "store" / "pages").mkdir(parents=True)
    command = [sys.executable, "-m", "localbucket", "--port", str(port), str(tmp_path / "store")]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    for name, value in {
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
        "AWS_ACCESS_KEY_ID": "any",
        "AWS_SECRET_ACCESS_KEY": "any",
        "AWS_DEFAULT_REGION": "us-east-1",
    }.items():
        monkeypatch.setenv(name, value)
    for _ in range(600):
        with socket.socket() as client:
            if client.connect_ex(("127.0.0.1", port)) == 0:
                break
        time.sleep(0.05)
    yield "s3://pages"
    server.terminate()
    server.wait()


@needs_s3
@pytest.mark.slow
def test_a_run_from_s3_to_s3_makes_the_same_bytes(
    source: Path,
    calm: Path,
    bucket: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Source, build and release in a bucket; the manifest is the last file written; a second run keeps all shards."""
    import s3fs

    store = s3fs.S3FileSystem(use_listings_cache=False)
    for file in source.iterdir():
        store.put_file(str(file), f"pages/in/{file.name}")
    params = tmp_path / "params.yaml"
    params.write_text(str(SMALL), "utf-8")
    command = ["run", f"{bucket}/in", f"{bucket}/out/release", "--params", str(params), "--workers", "1", "--json"]
    assert main(command) in (0, 3)
    made = tmp_path / "store" / "pages" / "out" / "release"
    assert bytes_of(made) == bytes_of(calm)
    newest = max((path for path in made.rglob("*") if path.is_file()), key=lambda path: path.stat().st_mtime_ns)
    assert newest.name == "manifest.json"
    capsys.readouterr()
    assert main(command) in (0, 3)
    shards = [event for event in map(json.loads, capsys.readouterr().err.splitlines()) if event["event"] == "shard"]
    fresh = {event["stage"] for event in shards if not event["kept"]}
    assert fresh == {"release", "write"} < {event["stage"] for event in shards}
    assert bytes_of(made) == bytes_of(calm)


def test_a_store_that_cannot_be_reached_is_a_clear_error(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """The message names the address and what to look at."""
    assert main(["run", "memory://nothing-here", str(tmp_path / "out"), "--quiet"]) == ERROR
    assert "memory://nothing-here: there is no file here" in capsys.readouterr().err


def test_an_address_is_for_ray(tmp_path: Path) -> None:
    with pytest.raises(RunnerError, match="add --runner ray"):
        choose_runner("local", address="127.0.0.1:1")


def test_without_ray_the_message_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(RunnerError, match=r"pip install '\.\[ray\]'"):
        list(choose_runner("ray").map(shout, None, [1]))


@pytest.fixture(scope="module")
def one_node() -> Iterator[Any]:
    """A Ray cluster of one node, started by the runner itself; its workers find the modules of the tests."""
    ray = pytest.importorskip("ray")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(Path(__file__).parent), prepend=os.pathsep)
        patch.setenv("RAY_worker_niceness", "0")  # as fast as the tests beside it
        yield choose_runner("ray", workers=2)
        ray.shutdown()


@needs_ray
@pytest.mark.slow
def test_ray_on_one_node(source: Path, calm: Path, one_node: Any, tmp_path: Path) -> None:
    """A whole run on Ray makes the bytes of one worker."""
    assert make(source, tmp_path / "release", one_node, **SMALL) == bytes_of(calm)


@needs_ray
def test_ray_names_what_fails_and_survives_killed_workers(one_node: Any, tmp_path: Path) -> None:
    """A worker killed once is replaced; what fails or kills each time is named, and all other shards are done."""
    folder = tmp_path / "in"
    folder.mkdir()
    for name in ("a", "kills", "fails", "deadly", "z"):
        (folder / name).write_text(f"text of {name}", "utf-8")
    watch = Watch()
    with pytest.raises(ShardsFailed, match="2 of 5 shards failed") as failed:
        each_shard(shout, sorted(folder.iterdir()), tmp_path / "out", "x", runner=one_node, progress=watch)
    assert "fails: RuntimeError: not today" in str(failed.value)
    assert "deadly: RuntimeError: its worker process died 3 times" in str(failed.value)
    assert sorted(watch.done) == ["a", "kills", "z"]


@needs_ray
@pytest.mark.slow
def test_ray_on_two_nodes_one_of_which_dies(
    source: Path, calm: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A whole run on two nodes, one killed abruptly while pages are cleaned, makes the bytes of one worker."""
    import ray
    from ray.cluster_utils import Cluster

    monkeypatch.setenv("RAY_worker_niceness", "0")
    ray.shutdown()
    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 1})
    killed: list[int] = []

    class Killer(Watch):
        """Told of the second cleaned shard, it kills the second node."""

        @contextmanager
        def stage(self, name: str, total: int) -> Iterator[Any]:
            def advance(shard: str, summary: dict[str, Any], kept: bool = False) -> None:
                self.done.append(shard)
                if name == "clean" and len(self.done) == 2:
                    killed.append(total)
                    cluster.remove_node(victim, allow_graceful=False)

            self.done.clear()
            yield advance

    try:
        victim = cluster.add_node(num_cpus=1)
        runner = choose_runner("ray", address=cluster.address)
        out = tmp_path / "release"
        run(source, out, Build(work_folder(out), load_knowledge(Params.model_validate(SMALL)), runner, Killer()))
        assert killed and killed[0] > 3
        assert bytes_of(out) == bytes_of(calm)
    finally:
        ray.shutdown()
        cluster.shutdown()
