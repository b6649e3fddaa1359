"""The folder of third-party pages and corpora, which are not in the repository: tests that need it skip where it is not."""

from __future__ import annotations

import os
import sys
from pathlib import Path


def find_shared() -> Path:
    """Return the folder that `GHIRBAL_SHARED` names, else `shared` beside the checkout; it need not be there."""
    return Path(os.environ.get("GHIRBAL_SHARED") or Path(__file__).resolve().parents[2] / "shared")


def find_corpora(folder: Path | None = None) -> list[Path]:
    """Return the Parquet files of articles of a folder, of `corpora` in the shared one unless another is named; none is an error."""
    folder = folder or find_shared() / "corpora"
    files = sorted(folder.glob("*.parquet"))
    if not files:
        sys.exit(
            f"{folder}: no Parquet files of articles here; they lie in `corpora` of the folder that GHIRBAL_SHARED names"
        )
    return files
