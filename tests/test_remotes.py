"""A release through DVC: pushed to a remote, pulled into a fresh clone, and fetched by its version alone."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from http.server import ThreadingHTTPServer
from pathlib import Path

import pytest
from doc_rows import make_corpus
from dvc_project import dvc, git, keep_releases
from test_release import build, hashes

from etl.manifest import check_release, read_manifest
from etl.release_params import ReleaseParams

VERSIONS = ("1.0.0", "1.1.0")


@pytest.fixture(scope="module")
def releases(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Two versions of a small release."""
    return {
        version: build(tmp_path_factory.mktemp("v"), make_corpus(3 + number), params=ReleaseParams(version=version))
        for number, version in enumerate(VERSIONS)
    }


@pytest.fixture
def bucket(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """An S3-compatible server on the loopback with a bucket `releases`; its address."""
    localbucket = pytest.importorskip("localbucket", reason="the group dev brings localbucket")
    pytest.importorskip("dvc_s3", reason="the extra s3 brings dvc-s3")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    (tmp_path / "s3" / "releases").mkdir(parents=True)
    handler = type("Bound", (localbucket.S3Handler,), {"data_root": tmp_path / "s3"})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture(params=["folder", "s3"])
def remote(request: pytest.FixtureRequest, tmp_path: Path) -> list[list[str]]:
    """The commands that set a remote up: a folder, or an S3-compatible store."""
    if request.param == "folder":
        return [["remote", "add", "-q", "-d", "store", str(tmp_path / "store")]]
    address = request.getfixturevalue("bucket")
    return [
        ["remote", "add", "-q", "-d", "store", "s3://releases/ghirbal"],
        ["remote", "modify", "-q", "store", "endpointurl", address],
    ]


def test_a_release_goes_through_a_remote_and_comes_back_whole(
    releases: dict[str, Path], remote: list[list[str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`dvc push` here, `dvc pull` in a clone, `dvc get --rev` of either version anywhere: every byte is there."""
    project = tmp_path / "project"
    keep_releases(project, releases, monkeypatch, remote)
    # From here on the remote alone holds them.
    shutil.rmtree(project / ".dvc" / "cache")
    shutil.rmtree(project / "data" / "release")
    git(tmp_path, "clone", "-q", str(project), "clone")
    dvc(tmp_path / "clone", "pull", "-q")
    assert check_release(tmp_path / "clone" / "data" / "release") == []
    assert hashes(tmp_path / "clone" / "data" / "release") == hashes(releases["1.1.0"])
    for version in VERSIONS:
        got = tmp_path / f"release-{version}"
        dvc(tmp_path, "get", "-q", str(project), "data/release", "--rev", f"v{version}", "--out", str(got))
        assert read_manifest(got)["version"] == version
        assert check_release(got) == []
        assert hashes(got) == hashes(releases[version])
