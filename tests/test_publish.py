"""Publishing, the real clients against a double of the Hub: whole under the tag, or not under it at all."""

from __future__ import annotations

import errno
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from doc_rows import make_corpus
from hub_double import TOKEN, HubDouble, read_xet_hashes
from test_release import build

from etl import publish as publishing
from etl.cli import main
from etl.commands import ERROR
from etl.manifest import note_outputs, read_manifest
from etl.publish import PublishError, check_local, publish
from etl.release_params import ReleaseParams

ROOT = Path(__file__).parents[1]
WORKER = """
import contextlib, io, json, sys
from pathlib import Path
from etl.publish import PublishError, publish
for line in sys.stdin:
    asked = json.loads(line)
    said = io.StringIO()
    try:
        with contextlib.redirect_stdout(said):
            told = {"url": publish(Path(asked.pop("release")), asked.pop("repo"), **asked)}
    except PublishError as error:
        told = {"error": str(error)}
    print(json.dumps({**told, "said": said.getvalue()}), flush=True)
"""
"""Publishes what it is asked to, in its own process: the clients read their settings when imported."""

READER = """
import json, sys
from datasets import get_dataset_config_names, load_dataset
from huggingface_hub import DatasetCard
repo, told = "alice/news", {}
for tag in ("v1.0.0", "v1.1.0"):
    told[tag] = load_dataset(repo, revision=tag, split="train").num_rows
told["configs"] = sorted(get_dataset_config_names(repo, revision="v1.0.0"))
audit = load_dataset(repo, "audit", revision="v1.0.0", split="train", streaming=True)
told["audit"] = sum(1 for _ in audit)
told["first"] = next(iter(load_dataset(repo, revision="v1.0.0", split="train", streaming=True)))["id"]
told["card"] = DatasetCard.load(repo).data.language
try:
    load_dataset(repo, revision="v9.9.9")
except Exception as error:
    told["missing"] = type(error).__name__
print(json.dumps(told))
"""

Ask = Callable[..., dict[str, Any]]


def settings(hub: HubDouble, home: Path, **more: str) -> dict[str, str]:
    """The environment of a client: its own home, the double for a Hub, plain LFS."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith("HF_")}
    return ours | {
        "HF_ENDPOINT": hub.url,
        "HF_HOME": str(home),
        "HF_TOKEN": TOKEN,
        "HF_HUB_DISABLE_XET": "1",
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "HF_HUB_DISABLE_PROGRESS_BARS": "1",
        "POLARS_MAX_THREADS": "1",
        **more,
    }


@pytest.fixture(scope="module")
def hub() -> Iterator[HubDouble]:
    """One double for all tests; each uses a repo of its own name."""
    with HubDouble() as double:
        yield double


@pytest.fixture(scope="module")
def ask(hub: HubDouble, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ask]:
    """Publish in a process of its own; its answer."""
    env = settings(hub, tmp_path_factory.mktemp("home"))
    command = [sys.executable, "-c", WORKER]
    log = (tmp_path_factory.mktemp("log") / "stderr").open("w+")
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, env=env, cwd=ROOT, text=True
    ) as process:

        def one(release: Path, repo: str, **more: Any) -> dict[str, Any]:
            assert process.stdin and process.stdout
            process.stdin.write(json.dumps({"release": str(release), "repo": repo, **more}) + "\n")
            process.stdin.flush()
            answer = process.stdout.readline()
            log.seek(0)
            assert answer, log.read()
            told: dict[str, Any] = json.loads(answer)
            assert TOKEN not in answer
            return told

        yield one
        process.kill()
    log.seek(0)
    assert TOKEN not in log.read()


@pytest.fixture(scope="module")
def v1(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A release of version 1.0.0."""
    params = ReleaseParams(version="1.0.0")
    return build(tmp_path_factory.mktemp("v1"), make_corpus(12), params=params)


@pytest.fixture(scope="module")
def v2(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The next release, with more documents."""
    params = ReleaseParams(version="1.1.0")
    return build(tmp_path_factory.mktemp("v2"), make_corpus(14), params=params)


@pytest.fixture(scope="module")
def published(ask: Ask, v1: Path, v2: Path) -> dict[str, Any]:
    """Both versions in alice/news, a dry run before; the answers by name."""
    return {
        "dry": ask(v1, "alice/news", dry_run=True),
        "v1": ask(v1, "alice/news"),
        "v2": ask(v2, "alice/news"),
    }


def bytes_of(release: Path) -> dict[str, bytes]:
    """Every file of a release."""
    return {p.relative_to(release).as_posix(): p.read_bytes() for p in release.rglob("*") if p.is_file()}


def rows_of(release: Path, config: str) -> int:
    """Rows of the config, by the manifest."""
    return int(read_manifest(release)["configs"][config]["train"]["rows"])


def altered(release: Path, to: Path, name: str, data: bytes) -> Path:
    """A copy of the release with one file set to other bytes."""
    shutil.copytree(release, to)
    (to / name).write_bytes(data)
    return to


def test_the_tag_holds_the_release_byte_for_byte(hub: HubDouble, published: dict[str, Any], v1: Path, v2: Path) -> None:
    """Each version under its tag, whole; nothing of the first is left in the second."""
    for release, tag in ((v1, "v1.0.0"), (v2, "v1.1.0")):
        held = hub.files("alice/news", tag)
        held.pop(".gitattributes")
        assert held == bytes_of(release)
    assert published["v1"]["url"] == f"{hub.url}/datasets/alice/news/tree/v1.0.0"
    assert 'load_dataset("alice/news", revision="v1.0.0")' in published["v1"]["said"]


def test_a_dry_run_changes_nothing(published: dict[str, Any]) -> None:
    """It says what would happen; the repo was still to be made afterwards."""
    assert published["dry"]["said"].startswith("would create alice/news: ")
    assert "tagged v1.0.0" in published["dry"]["said"]


def test_readers_get_each_version_by_its_tag(
    hub: HubDouble, published: dict[str, Any], v1: Path, v2: Path, tmp_path: Path
) -> None:
    """`load_dataset` elsewhere: rows by revision, every config, streaming, the card, no such version."""
    env = settings(hub, tmp_path)
    del env["HF_TOKEN"]
    done = subprocess.run(
        [sys.executable, "-c", READER], env=env, capture_output=True, text=True, check=False, cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout.splitlines()[-1])
    assert (told["v1.0.0"], told["v1.1.0"]) == (rows_of(v1, "default"), rows_of(v2, "default"))
    assert told["configs"] == sorted(c for c in read_manifest(v1)["configs"] if rows_of(v1, c))
    assert told["audit"] == rows_of(v1, "audit")
    assert told["card"] == ["ar"]
    assert told["missing"] == "DatasetNotFoundError"


def test_the_hub_command_downloads_a_version(
    hub: HubDouble, published: dict[str, Any], v1: Path, tmp_path: Path
) -> None:
    """`hf download --revision` gives the files of that version, from another process."""
    command = [str(Path(sys.executable).with_name("hf")), "download", "alice/news", "--repo-type", "dataset"]
    command += ["--revision", "v1.0.0", "--local-dir", str(tmp_path / "got")]
    done = subprocess.run(command, env=settings(hub, tmp_path / "home"), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    got = {n: b for n, b in bytes_of(tmp_path / "got").items() if not n.startswith((".cache", ".git"))}
    assert got == bytes_of(v1)


def test_a_published_version_is_never_overwritten(
    hub: HubDouble, ask: Ask, published: dict[str, Any], v1: Path, tmp_path: Path
) -> None:
    """Other bytes under the same version: an error, the Hub as it was. The same bytes: nothing is sent."""
    before, uploads = dict(hub.repos["alice/news"].tags), hub.asked("POST", "/(commit|tag)/")
    params = ReleaseParams(version="1.0.0")
    other = build(tmp_path, make_corpus(13), params=params)
    told = ask(other, "alice/news")
    assert "v1.0.0 is published already" in told["error"] and "raise `version`" in told["error"]
    assert ask(v1, "alice/news")["url"] == published["v1"]["url"]
    assert hub.repos["alice/news"].tags == before
    assert hub.asked("POST", "/(commit|tag)/") == uploads


def test_a_release_that_was_touched_is_not_sent(hub: HubDouble, ask: Ask, v1: Path, tmp_path: Path) -> None:
    """A file that is not the one in the manifest, one too many: named, before the Hub is asked anything."""
    asked = len(hub.seen)
    told = ask(altered(v1, tmp_path / "a", "LICENSE", b"other"), "alice/touched")
    assert "LICENSE: is not the file that the manifest names" in told["error"]
    told = ask(altered(v1, tmp_path / "b", "notes.txt", b"mine"), "alice/touched")
    assert "notes.txt: is not in the manifest" in told["error"]
    assert len(hub.seen) == asked


def test_a_table_that_breaks_its_schema_is_not_sent(v1: Path, tmp_path: Path) -> None:
    """Its hash may be in the manifest: the values are checked all the same."""
    broken = shutil.copytree(v1, tmp_path / "broken")
    file = broken / read_manifest(v1)["configs"]["index"]["train"]["files"][0]
    pl.read_parquet(file).with_columns(n_chars=pl.lit(-1, pl.Int64)).write_parquet(file)
    note_outputs(broken, read_manifest(broken), [file])
    with pytest.raises(PublishError, match=r"(?s)index/train.*n_chars"):
        check_local(broken)


def test_a_line_that_drops_in_mid_file_is_taken_up_again(hub: HubDouble, ask: Ask, v1: Path) -> None:
    """Cut off in the middle of a file, once: the client sends it again and the release is whole."""
    file = read_manifest(v1)["configs"]["default"]["train"]["files"][0]
    sha256 = read_manifest(v1)["outputs"][file]["sha256"]
    hub.fail("PUT", f"alice/dropped/{sha256}", "drop")
    assert "url" in ask(v1, "alice/dropped")
    assert hub.asked("PUT", f"alice/dropped/{sha256}") == 2


def test_a_run_cut_short_is_finished_by_running_again(hub: HubDouble, ask: Ask, v1: Path) -> None:
    """The line drops for good in mid-commit: an error, no tag. Again: what has arrived is not sent again."""
    hub.fail("POST", "alice/cut-off/commit", "drop", times=10_000)
    told = ask(v1, "alice/cut-off")
    assert "run the same command again" in told["error"]
    assert hub.repos["alice/cut-off"].tags == {}
    hub.faults.clear()
    sent = hub.asked("PUT", "/lfs/alice/cut-off/")
    assert "url" in ask(v1, "alice/cut-off")
    assert set(hub.repos["alice/cut-off"].tags) == {"v1.0.0"}
    assert hub.asked("PUT", "/lfs/alice/cut-off/") == sent > 0


def test_two_errors_of_the_server_are_sat_out(hub: HubDouble, ask: Ask, v1: Path) -> None:
    """500, 500, then well: one run is enough."""
    hub.fail("POST", "alice/tired/preupload", 500, times=2)
    assert "url" in ask(v1, "alice/tired")
    assert hub.asked("POST", "alice/tired/preupload") == 3


def test_a_commit_in_between_stops_the_upload(hub: HubDouble, ask: Ask, v1: Path) -> None:
    """Someone else writes while we upload: 412 and no tag; the next run takes the new parent."""
    assert "url" not in ask(v1, "alice/busy", token="hf_wrong")
    hub.fail("POST", "alice/busy/commit", lambda: hub.write("alice/busy", "other.txt", b"x"))
    told = ask(v1, "alice/busy")
    assert "someone else has changed the repo" in told["error"]
    assert hub.repos["alice/busy"].tags == {}
    assert "url" in ask(v1, "alice/busy")
    assert "other.txt" not in hub.files("alice/busy", "v1.0.0")


def test_a_stale_parent_is_told_as_such(hub: HubDouble, ask: Ask, v1: Path) -> None:
    """A plain 412 from the server: no tag, and what to do."""
    hub.fail("POST", "alice/stale/commit", 412)
    told = ask(v1, "alice/stale")
    assert "someone else has changed the repo meanwhile; run the same command again" in told["error"]
    assert hub.repos["alice/stale"].tags == {}


def test_bytes_that_changed_on_the_way_get_no_tag(hub: HubDouble, ask: Ask, v1: Path) -> None:
    """What the Hub holds is compared before the tag is set."""
    hub.fail("GET", "alice/swapped/tree/[0-9a-f]{40}", lambda: spoil(hub, "alice/swapped"))
    told = ask(v1, "alice/swapped")
    assert "LICENSE is different" in told["error"] and "v1.0.0 was not set" in told["error"]
    assert hub.repos["alice/swapped"].tags == {}


def spoil(hub: HubDouble, name: str) -> None:
    """Change a file of the newest commit behind everyone's back."""
    repo = hub.repos[name]
    repo.commits[repo.branches["main"]]["LICENSE"] = hub.keep("LICENSE", b"not what was sent")


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"repo": "alice/none", "token": "hf_wrong"}, "does not accept the token"),
        ({"repo": "bob/news"}, "may not write there"),
        ({"repo": "alice/none", "endpoint": "http://127.0.0.1:9"}, "the connection failed"),
        ({"repo": "news"}, "OWNER/NAME"),
        ({"repo": "alice/news", "private": True}, "is there already and is public"),
    ],
)
def test_what_cannot_be_is_said_plainly(
    hub: HubDouble, ask: Ask, published: dict[str, Any], v1: Path, more: dict[str, Any], says: str
) -> None:
    """A wrong token, another's name, no answer, no owner, a public repo: one sentence, and no token in it."""
    told = ask(v1, more.pop("repo"), **more)
    assert says in told["error"]
    assert "hf_wrong" not in told["error"]
    assert "alice/none" not in hub.repos and "bob/news" not in hub.repos


def test_a_repo_that_vanishes_is_named(hub: HubDouble, ask: Ask, v1: Path) -> None:
    """Removed between our look and our upload."""
    hub.fail("POST", "alice/vanishing/preupload", lambda: hub.repos.pop("alice/vanishing"))
    assert "no such repo" in ask(v1, "alice/vanishing")["error"]


def test_a_private_repo_is_private(hub: HubDouble, ask: Ask, v1: Path) -> None:
    """Made so, and read back with the token."""
    assert "url" in ask(v1, "alice/own", private=True)
    assert hub.repos["alice/own"].private


def test_a_full_disk_is_said_and_finished_later(
    hub: HubDouble, published: dict[str, Any], v1: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No room to read it back: the message says where; with room, the same call ends well."""

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patched:
        patched.setattr(publishing.HfApi, "snapshot_download", full)
        with pytest.raises(PublishError, match=r"disk is full.*TMPDIR"):
            publish(v1, "alice/news", endpoint=hub.url, token=TOKEN)
    assert publish(v1, "alice/news", endpoint=hub.url, token=TOKEN).endswith("v1.0.0")


def test_the_command_ends_with_an_error(
    v1: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`ghirbal publish` says what is wrong on stderr, and its exit code says that something is."""
    monkeypatch.setattr(publishing, "get_token", lambda: None)
    assert main(["publish", str(v1), "alice/news"]) == ERROR
    assert "no token: set HF_TOKEN" in capsys.readouterr().err


def test_without_a_token_nothing_is_asked(hub: HubDouble, v1: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither in the environment nor from a login: said at once."""
    monkeypatch.setattr(publishing, "get_token", lambda: None)
    asked = len(hub.seen)
    with pytest.raises(PublishError, match="HF_TOKEN"):
        publish(v1, "alice/news", endpoint=hub.url)
    assert len(hub.seen) == asked


def test_a_dry_run_without_a_token_checks_the_release_alone(
    hub: HubDouble, v1: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is wrong with it is said first; that the Hub was not asked is said too."""
    monkeypatch.setattr(publishing, "get_token", lambda: None)
    asked = len(hub.seen)
    assert publish(v1, "alice/news", endpoint=hub.url, dry_run=True) == ""
    told = capsys.readouterr().out
    assert "is whole: " in told and "tagged v1.0.0" in told and "alice/news was not looked at" in told
    touched = altered(v1, tmp_path / "touched", "LICENSE", b"other")
    with pytest.raises(PublishError, match="LICENSE"):
        publish(touched, "alice/news", endpoint=hub.url, dry_run=True)
    assert len(hub.seen) == asked


def test_the_xet_path_carries_a_release_too(v1: Path, v2: Path, tmp_path: Path) -> None:
    """The clients' own chunking, deduplication and upload, into a local store, and back: every hash is right."""
    pytest.importorskip("hf_xet")
    store = tmp_path / "store"
    store.mkdir()
    asks = [json.dumps({"release": str(release), "repo": "alice/news"}) for release in (v1, v2)]
    with HubDouble(xet=store) as hub:
        env = settings(hub, tmp_path / "home", HF_HUB_DISABLE_XET="0")
        done = subprocess.run(
            [sys.executable, "-c", WORKER],
            input="\n".join(asks),
            env=env,
            capture_output=True,
            text=True,
            check=False,
            cwd=ROOT,
        )
        told = [json.loads(line) for line in done.stdout.splitlines()]
        assert [set(one) for one in told] == [{"url", "said"}] * 2, (told, done.stderr)
        assert set(hub.repos["alice/news"].tags) == {"v1.0.0", "v1.1.0"}
        assert hub.asked("PUT", "/lfs/") == 0
        hashes = read_xet_hashes(store)
        for release in (v1, v2):
            outputs = read_manifest(release)["outputs"]
            assert all(told["sha256"] in hashes for name, told in outputs.items() if name.endswith(".parquet"))
