"""Other people's engines: the examples of docs/engines.md run as they stand there."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pytest

import etl
from etl.read import ReadError

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "docs" / "engines.md").read_text("utf-8")
EXAMPLES = {
    part.partition("\n")[0].strip("# "): "\n".join(re.findall(r"```python\n(.*?)```", part, re.S))
    for part in re.split(r"(?m)^(?=#)", TEXT)
    if "```python" in part
}
NEEDS = {"Ray": "ray", "Spark": "pyspark", "datasets": "datasets"}


@pytest.mark.parametrize("name", sorted(EXAMPLES))
def test_the_examples_run(name: str) -> None:
    """Each example of the page runs in a process of its own, and its assertion holds."""
    needed = NEEDS.get(name)
    if needed and importlib.util.find_spec(needed) is None:
        pytest.skip(f"{needed} is not installed")
    if name == "Spark" and shutil.which("java") is None:
        pytest.skip("there is no Java")
    path = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    env = {
        **os.environ,
        "PYTHONPATH": path,
        "PYSPARK_PYTHON": sys.executable,
        "RAY_USAGE_STATS_ENABLED": "0",
        "RAY_worker_niceness": "0",
    }
    done = subprocess.run(
        [sys.executable, "-c", EXAMPLES[name]],
        cwd=ROOT,
        env=env,
        capture_output=True,
        text=True,
        timeout=400,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_there_is_an_example_of_each() -> None:
    assert set(NEEDS) <= set(EXAMPLES)


def test_a_table_with_a_text_column_is_enough() -> None:
    """Title, date and address under their usual names are taken; a page without text is a row that says so."""
    seed = (ROOT / "seeds" / "003_cee41d8d25e69044.txt").read_text("utf-8")
    table = pa.table({"content": [seed, ""], "link": ["https://www.example.com/a", None], "headline": ["عنوان", None]})
    first, second = etl.clean_table(table).to_pylist()
    assert (first["n_words"], first["url"], first["title"]) == (286, "https://www.example.com/a", "عنوان")
    assert first["verdict"] is None and second["verdict"] == "read/empty"


def test_a_table_without_a_text_says_which_columns_it_has() -> None:
    with pytest.raises(ReadError, match="no column that is known to hold the text; there are 'x'"):
        etl.clean_table(pa.table({"x": ["a"]}))
