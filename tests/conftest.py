"""What several test files share: a small corpus and the release that an undisturbed run makes of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import settings
from whole_runs import PAGES, make, write_source

# No test fails for being slow: a busy machine is no fault of the code.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


@pytest.fixture(scope="session")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_source(tmp_path_factory.mktemp("source") / "pages", list(range(PAGES // 4)))


@pytest.fixture(scope="session")
def calm(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The release of an undisturbed run with one worker and the default parameters."""
    out = tmp_path_factory.mktemp("calm") / "release"
    made = make(source, out)
    assert len(made) > 10
    return out
