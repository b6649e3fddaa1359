"""What ships with the package in `data/`: lists of words (`NAME.txt`, one a line), names and words by kind (`NAME.toml`)."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

DATA = Path(__file__).parent / "data"


def read_list(name: str) -> list[str]:
    """Name of a list -> its words."""
    return (DATA / f"{name}.txt").read_text("utf-8").split()


def read_data(name: str) -> dict[str, Any]:
    """Name of a TOML file -> what it holds."""
    return tomllib.loads((DATA / f"{name}.toml").read_text("utf-8"))
