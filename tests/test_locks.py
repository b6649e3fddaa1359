"""One command at a time writes in a build, and one in the place of a release."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest
from doc_rows import make_corpus
from test_release import build

from etl.build import Build, run
from etl.cli import main
from etl.commands import ERROR
from etl.knowledge import ship_knowledge
from etl.locks import LOCK, InUse, locked, locked_folder
from etl.paths import to_path


def test_a_second_command_in_a_build_ends_with_an_error_that_names_the_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A stage alone, a whole run and what reads all of a build alike; nothing is touched, and of the lock nothing is left."""
    monkeypatch.chdir(tmp_path)
    Path("page.txt").write_text("سطر من صفحة", "utf-8")
    with locked_folder(Path("out.build")):
        for command in (["repair", "--build", "out.build"], ["run", "page.txt", "out"]):
            assert main([*command, "--quiet", "--workers", "1"]) == ERROR
            told = capsys.readouterr().err
            assert f"out.build: another command is at work there (process {os.getpid()} on " in told
        for command in ("report", "audit"):
            assert main([command, "--build", "out.build"]) == ERROR
            assert "out.build: another command is at work there" in capsys.readouterr().err
        with pytest.raises(InUse):
            run("page.txt", Path("out"), Build(Path("out.build"), ship_knowledge()))
        assert [path.name for path in Path("out.build").iterdir()] == [LOCK]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["page.txt"]


def test_two_builds_do_not_write_one_release_at_once(tmp_path: Path) -> None:
    """Beside the release, as it is replaced as a whole."""
    with (
        locked(tmp_path / ".release.lock", tmp_path / "release"),
        pytest.raises(InUse, match="release: another command"),
    ):
        build(tmp_path, make_corpus(3))
    assert build(tmp_path, make_corpus(3)).exists() and not (tmp_path / ".release.lock").exists()


def test_the_lock_of_a_killed_process_holds_nobody(tmp_path: Path) -> None:
    """Its file stays, the lock does not."""
    code = (
        "import os, sys; from pathlib import Path; from etl.locks import locked_folder\n"
        "with locked_folder(Path(sys.argv[1])): os.kill(os.getpid(), 9)"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path / "build")], check=False, timeout=60)
    assert (tmp_path / "build" / LOCK).exists()
    with locked_folder(tmp_path / "build"):
        pass
    assert list((tmp_path / "build").iterdir()) == []


@pytest.mark.parametrize("refused", ["os.open", "fcntl.flock"])
def test_where_nothing_can_be_locked_the_work_is_done_all_the_same(
    refused: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folder that is read only, a file system without locks, an address."""

    def refuse(*given: object) -> int:
        raise OSError(errno.EROFS if refused == "os.open" else errno.ENOTSUP, "no")

    with locked_folder(to_path("memory://build")):
        pass
    (tmp_path / "build").mkdir()
    with monkeypatch.context() as patch:
        patch.setattr(refused, refuse)
        with locked_folder(tmp_path / "build"):
            pass
