"""Pattern -> its tree, as Python's own `re` takes it apart: the one place that reaches into private modules.

Python has no public way: `sre_parse`, which was one, warns since 3.11 that it will go, and is these two modules by another
name. A tree is a sequence of nodes (kind, value), the kinds are the names of `op`; those of all shipped rules are the same
from 3.11 to 3.13. A kind that a reader does not know it takes for anything at all, so that a new one costs time and changes
no result; tests/test_sieve.py compares with running every pattern, and would tell of a Python whose trees are others.
"""

from __future__ import annotations

from re import _constants as op  # type: ignore[attr-defined]
from re import _parser  # type: ignore[attr-defined]
from typing import Any

__all__ = ["op", "parse_pattern"]


def parse_pattern(pattern: str) -> Any:
    """Pattern -> its nodes, in order."""
    return _parser.parse(pattern)
