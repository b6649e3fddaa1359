"""Where in the folder of a build its documents and what it learned lie."""

from __future__ import annotations

from pathlib import Path

CLUSTERS = "duplicates/clusters.parquet"
TEMPLATES, ORDERS = "templates/templates.csv", "templates/day_order.csv"
"""The tables that the corpus teaches and people edit."""


def find_docs(build: Path) -> list[Path]:
    """Build folder -> its shards of documents, in order; none where no stage has made them."""
    return sorted((build / "docs").glob("*.parquet"))
