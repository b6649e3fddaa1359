"""A project in git whose releases DVC keeps, as tests make one: DVC runs in this process, a call a second saved."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from dvc.cli import main as dvc_main


def dvc(folder: Path, *command: str) -> None:
    """Run a DVC command in a folder; a failure is an error with what it says."""
    assert dvc_main(["--cd", str(folder), *command]) == 0, f"dvc {' '.join(command)}"


def git(folder: Path, *command: str) -> None:
    """Run a git command in a folder."""
    subprocess.run(["git", "-C", str(folder), *command], check=True, capture_output=True)


def keep_releases(
    project: Path,
    releases: Mapping[str, Path],
    monkeypatch: pytest.MonkeyPatch,
    remote: Sequence[Sequence[str]] = (),
) -> None:
    """Version -> release: a new project with a commit and a tag for each, pushed to the remote if one is set up."""
    for name in ("GIT_AUTHOR", "GIT_COMMITTER"):
        monkeypatch.setenv(f"{name}_NAME", "test")
        monkeypatch.setenv(f"{name}_EMAIL", "test@example.org")
    monkeypatch.setenv("DVC_NO_ANALYTICS", "1")
    project.mkdir(exist_ok=True)
    git(project, "init", "-q")
    dvc(project, "init", "-q")
    for command in remote:
        dvc(project, *command)
    for version, release in releases.items():
        shutil.rmtree(project / "data" / "release", ignore_errors=True)
        shutil.copytree(release, project / "data" / "release")
        dvc(project, "add", "-q", "data/release")
        git(project, "add", "-A")
        git(project, "commit", "-q", "-m", version)
        git(project, "tag", f"v{version}")
        if remote:
            dvc(project, "push", "-q")
