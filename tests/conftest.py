"""What several test files share: a small corpus and the release of an undisturbed run, a build, both engines of polars."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

# As in the Makefile, for those who start pytest themselves: the processes that tests start, and the workers of xdist, need
# not compile their libraries anew each.
if os.environ.pop("PYTHONDONTWRITEBYTECODE", None):
    sys.dont_write_bytecode = False
    sys.pycache_prefix = os.environ.setdefault("PYTHONPYCACHEPREFIX", str(Path(sys.prefix) / "pycache"))

# A shell starts what runs behind it with Ctrl-C ignored, and the tests of stopping would inherit that.
if threading.current_thread() is threading.main_thread() and signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# No test fails for being slow: a busy machine is no fault of the code.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


@pytest.fixture(scope="session")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    # Imported late, here and below: the process that only hands out the tests runs this file too, and needs none of it.
    from whole_runs import PAGES, write_source

    return write_source(tmp_path_factory.mktemp("source") / "pages", list(range(PAGES // 4)))


@pytest.fixture(scope="session")
def calm(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The release of an undisturbed run with one worker and the default parameters."""
    from whole_runs import make

    out = tmp_path_factory.mktemp("calm") / "release"
    made = make(source, out)
    assert len(made) > 10
    return out


@pytest.fixture(scope="session")
def build(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A build of pages as hostile as those of tests/report_pages.py; who changes a build makes one of their own."""
    from report_pages import write_build

    return write_build(tmp_path_factory.mktemp("build"))


@pytest.fixture(params=["streaming", "in-memory"])
def engine(request: pytest.FixtureRequest) -> Iterator[None]:
    """Run the test in each engine of polars."""
    import polars as pl

    with pl.Config(engine_affinity=request.param):
        yield
