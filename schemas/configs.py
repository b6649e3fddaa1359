"""The configs of a release, and the model of each one's table."""

from __future__ import annotations

from schemas.audit import Audit
from schemas.columns import Table
from schemas.headlines import Headlines
from schemas.index import Index
from schemas.record import Record
from schemas.rejected import Rejected
from schemas.repairs import Repairs
from schemas.withdrawn import Withdrawn

CONFIGS: dict[str, Table] = {
    "default": Record,
    "audit": Audit,
    "repairs": Repairs,
    "headlines": Headlines,
    "rejected": Rejected,
    "index": Index,
    "withdrawn": Withdrawn,
}
"""By name, in the order of the card; `default` lies in `data/`."""
