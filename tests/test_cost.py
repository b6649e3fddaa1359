"""The benchmark's arithmetic: ratios are of one run, sums are of stages, bounds are told."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from benchmarks.cost import BOUNDS, check_short, copy_corpus, print_table, score_run, tabulate

COSTS = {
    "floor": [10.0, 20.0, 10.0],
    "read": [20.0, 40.0, 30.0],
    "duplicates": [10.0, 20.0, 10.0],
}


def test_a_ratio_is_of_the_run_it_was_taken_in() -> None:
    """A run on a slower machine is slower for the floor too; the median is of the ratios, not of their parts."""
    table = {name: (cost, ratio) for name, cost, ratio in tabulate(COSTS)}
    assert table["read"] == (30.0, 2.0)
    assert table["whole build"] == (40.0, 3.0)
    assert table["without dedup"] == (30.0, 2.0)


def test_the_table_is_markdown(capsys: pytest.CaptureFixture[str]) -> None:
    """One row a stage."""
    print_table(tabulate(COSTS))
    lines = capsys.readouterr().out.splitlines()
    assert lines[2] == "| floor | 10 | 1.0 |" and len(lines) == 2 + len(COSTS) + 2


def test_a_fast_wrong_answer_is_out_of_bounds() -> None:
    """The short form fails on a slow build and on a bad score, and names which."""
    slow = [("whole build", 1.0, BOUNDS["ratio"] + 1)]
    fine = [("whole build", 1.0, BOUNDS["ratio"])]
    good = {"body": 1.0, "copies": 1.0}
    assert check_short(fine, good) == []
    assert len(check_short(slow, good)) == 1
    assert "copies" in check_short(fine, good | {"copies": 0.0})[0]


def test_the_floor_reads_and_writes_every_row(tmp_path: Path) -> None:
    """What it writes is what it read."""
    frame = pl.DataFrame({"path": ["a", "b"], "raw": ["نص", "آخر"]})
    (tmp_path / "raw").mkdir()
    frame.write_parquet(tmp_path / "raw" / "part-0.parquet")
    copy_corpus(tmp_path / "raw", tmp_path / "floor")
    assert pl.read_parquet(tmp_path / "floor" / "part-0.parquet").equals(frame)


def test_a_build_is_scored_against_its_own_truth_alone(tmp_path: Path) -> None:
    """A truth of other pages is an error, not a score."""
    tables = {
        "truth": pl.DataFrame({"path": ["a", "b"]}),
        "build/docs": pl.DataFrame({"id": ["1"], "parent_id": [None], "url": [None], "text": [""]}),
        "build/raw": pl.DataFrame({"id": ["1"], "path": ["a"]}),
    }
    for name, table in tables.items():
        (tmp_path / name).mkdir(parents=True)
        table.write_parquet(tmp_path / name / "part-0.parquet")
    with pytest.raises(ValueError, match="its own truth"):
        score_run(tmp_path / "truth", tmp_path)
