"""One version, one content: what lies there under the same number is not lost to a second run."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from doc_rows import make_corpus, make_docs, make_page
from test_release import build
from whole_runs import bytes_of, write_source

from etl.build import Build, run, work_folder
from etl.knowledge import load_knowledge
from etl.manifest import ReleaseError, check_release, read_manifest
from etl.params import Params
from etl.paths import to_path
from etl.release_params import ReleaseParams
from etl.runners import InProcess


def test_other_data_under_the_same_version_is_refused(tmp_path: Path) -> None:
    """The last release stays as it is; the message has both numbers and the ways out, each of which works."""
    made = build(tmp_path, make_corpus(5))
    before = bytes_of(made)
    count = read_manifest(made)["numbers"]["totals"]["released"]
    with pytest.raises(ReleaseError) as error:
        build(tmp_path, make_corpus(6))
    told = str(error.value)
    assert f"version 0.1.0 was already made here with other content ({count} documents then, {count + 1} now)" in told
    assert "version of its own" in told and f"`mv {made} {made}-0.1.0`" in told and "`--replace`" in told
    assert bytes_of(made) == before and check_release(made) == []
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]
    build(tmp_path, make_corpus(6), params=ReleaseParams(version="0.2.0"))
    assert read_manifest(made)["version"] == "0.2.0"
    build(tmp_path, make_corpus(5), params=ReleaseParams(version="0.2.0"), may_replace=True)
    assert read_manifest(made)["numbers"]["totals"]["released"] == count


def test_what_is_said_of_the_same_data_may_change(tmp_path: Path) -> None:
    """A name or a licence that is put right makes no other data; and a release without documents is none to lose."""
    build(tmp_path, make_corpus(3))
    made = build(tmp_path, make_corpus(3), params=ReleaseParams(pretty_name="My News", licence="cc0-1.0"))
    assert "My News" in (made / "README.md").read_text("utf-8")
    nothing = make_docs(make_page("short", [("قصير.", None)], verdict="quality/too-short", verdict_value=1.0))
    build(tmp_path / "none", nothing, duplicates=None)
    made = build(tmp_path / "none", make_corpus(3))
    assert read_manifest(made)["numbers"]["totals"]["released"] > 1


def never(build: Build) -> None:
    """A stage that must not begin."""
    raise AssertionError("the pages were worked on")


@pytest.mark.parametrize("place", [str, lambda path: f"memory:/{path}"], ids=["a folder", "an address"])
def test_a_run_over_other_pages_is_told_when_they_are_read(
    place: Callable[[Path], str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before the long stages; other thresholds are known only by what they make. In a folder and at an address."""
    out = to_path(place(tmp_path / "made" / "release"))

    few, more = write_source(tmp_path / "few", [0]), write_source(tmp_path / "more", [0, 1])

    def make(source: Path, may_replace: bool = False, **params: Any) -> None:
        know = load_knowledge(Params.model_validate(params))
        run(source, out, Build(work_folder(out), know, InProcess()), may_replace=may_replace)

    make(few)
    before = (out / "manifest.json").read_bytes()
    with monkeypatch.context() as patch:
        patch.setattr("etl.build.make_pages", never)
        with pytest.raises(ReleaseError, match=r"version 0\.1\.0 was .* with other pages \(4 then, 8 now\)"):
            make(more)
    with pytest.raises(ReleaseError, match=r"other content \(\d documents then, \d now\)"):
        make(few, quality={"min_words": 170})
    assert (out / "manifest.json").read_bytes() == before
    make(more, may_replace=True)
    assert read_manifest(out)["made_from"]["inputs"]["pages"] == "8"


def test_a_manifest_that_was_cut_short_stops_a_run_with_the_way_out(tmp_path: Path) -> None:
    """Nobody knows any more which version lies there: that is for a person to say."""
    made = build(tmp_path, make_corpus(3))
    (made / "manifest.json").write_bytes(b"")
    with pytest.raises(ReleaseError, match=rf"manifest.json: cannot be read .*or move {made} away and make it again"):
        build(tmp_path, make_corpus(3))
