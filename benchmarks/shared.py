"""The folder of third-party pages and corpora, which are not in the repository: what needs it skips where it is not."""

from __future__ import annotations

import os
from pathlib import Path


def find_shared() -> Path:
    """Return the folder that `GHIRBAL_SHARED` names, else `shared` beside the checkout; it need not be there."""
    return Path(os.environ.get("GHIRBAL_SHARED") or Path(__file__).resolve().parents[2] / "shared")
