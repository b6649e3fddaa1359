"""A small corpus, whole runs over it, and the bytes they make."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from benchmarks.generate import make_documents
from etl.build import Build, run, work_folder
from etl.knowledge import load_knowledge
from etl.params import Params
from etl.runners import InProcess, Runner
from etl.shards import hash_file

PAGES = 8
SMALL = {"read": {"shard_bytes": 14_000}}
"""Parameters under which the pages lie in several shards."""


def write_source(folder: Path, names: list[int]) -> Path:
    """Pages of many outlets, with copies and old encodings, four to a JSONL file, written in this order."""
    rows = [raw for raw, _ in make_documents(11, 0, PAGES)]
    folder.mkdir(parents=True)
    for number in names:
        lines = [json.dumps(row, ensure_ascii=False) for row in rows[number * 4 : number * 4 + 4]]
        (folder / f"part-{number}.jsonl").write_text("\n".join(lines) + "\n", "utf-8")
    return folder


def bytes_of(release: Path) -> dict[str, str]:
    return {
        path.relative_to(release).as_posix(): hash_file(path) for path in sorted(release.rglob("*")) if path.is_file()
    }


def make(source: Path, out: Path, runner: Runner | None = None, **params: Any) -> dict[str, str]:
    build = Build(work_folder(out), load_knowledge(Params.model_validate(params)), runner or InProcess())
    run(source, out, build)
    return bytes_of(out)
