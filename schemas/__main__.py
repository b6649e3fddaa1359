"""`python -m schemas` prints the column tables of a release as Markdown: the text of docs/schema.md."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from etl.reasons import list_verdicts
from schemas import SCHEMA_VERSION
from schemas.columns import columns_table
from schemas.configs import CONFIGS


def _lines() -> Iterator[str]:
    yield "# The tables of a release"
    yield ""
    yield f"Schema version {SCHEMA_VERSION}. Printed by `python -m schemas` from the models in `schemas/`;"
    yield "every row is checked against them before a release is written. Offsets are code points, half-open;"
    yield "shares lie between 0 and 1."
    for name, model in CONFIGS.items():
        yield ""
        yield f"## `{name}`"
        yield ""
        yield (model.__doc__ or "").strip().split("\n")[0]
        yield ""
        yield "| column | type | null | |"
        yield "|---|---|---|---|"
        for column in columns_table(model):
            null = "yes" if column.nullable else ""
            yield f"| `{column.name}` | {column.type} | {null} | {column.description} |"
    yield ""
    yield "## Verdicts"
    yield ""
    yield "Why a document is left out, in the column `verdict` of `rejected`. `verdict_value` is what was measured."
    yield ""
    yield "| verdict | |"
    yield "|---|---|"
    for verdict, why in list_verdicts().items():
        yield f"| `{verdict}` | {why} |"


def tables() -> str:
    """Return the column tables of all configs, as Markdown."""
    return "\n".join(_lines()) + "\n"


if __name__ == "__main__":
    sys.stdout.write(tables())
