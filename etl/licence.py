"""The licence of a release: one statement, from which front matter, card, LICENSE, citation and Croissant file all speak."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any, NamedTuple

from etl.shipped import read_data

OTHER = "other"
"""The Hub's identifier where no licence that it knows holds for all of a dataset."""
_PUBLISHERS = (
    "The texts belong to their publishers, who have not licensed them to us; they are passed on "
    "for research, under whatever exceptions the law of the reader's country has for it. What is ours "
    "(the selection, the labels, the audit, the scores) is free for any use."
)


class Licence(NamedTuple):
    """A licence that is known by name."""

    id: str
    name: str
    spdx: str
    address: str


class Rights(NamedTuple):
    """What a release says of its licence, in each place that asks for it."""

    id: str
    """Identifier for the Hub."""
    label: str | None
    """Of a licence that the Hub does not know: what it is called there."""
    text: str
    """Sentences for the card and LICENSE."""
    each: str
    """What holds for the texts of an outlet for which nothing else is said."""
    spdx: str | None
    address: str | None


@cache
def _known() -> dict[str, Licence]:
    """Return the known licences by every way in which they are called."""
    found: dict[str, Licence] = {}
    for name, told in read_data("licences")["licences"].items():
        licence = Licence(name, *told)
        found |= {_key(way): licence for way in licence}
    return found


def _key(text: str) -> str:
    return re.sub(r"[\s_-]+", "-", text.strip().rstrip("./").casefold())


def find_licence(text: str) -> Licence | None:
    """Text -> the licence that it is the identifier, the name or the address of, if it is no more than that."""
    return _known().get(_key(text))


def list_versions(text: str) -> list[str]:
    """Text -> the known identifiers that it is without their version: of `cc-by` those of 3.0 and 4.0."""
    begins = re.compile(rf"{re.escape(_key(text))}-\d[\d.]*")
    return sorted({licence.id for licence in _known().values() if begins.fullmatch(licence.id)})


def tell_rights(params: Mapping[str, Any]) -> Rights:
    """Parameters of a release -> what it says of its licence."""
    name, text = params["licence"], params["licence_text"]
    known = find_licence(name)
    if name == OTHER:
        mixed = "mixed" if params["outlet_licences"] else "rights-with-publishers"
        label, each = ("as-stated", "as said below") if text else (mixed, "rights with the publisher")
        return Rights(OTHER, label, end_sentence(text or _PUBLISHERS), each, None, None)
    told = f"{known.name} ({known.address})" if known else f"the licence `{name}`"
    sentences = [
        f"The dataset, its texts included, is passed on under {told}.",
        *([end_sentence(text)] if text else []),
    ]
    address, spdx = (known.address, known.spdx) if known else (None, None)
    return Rights(name, None, " ".join(sentences), spdx or name, spdx, address)


def end_sentence(text: str) -> str:
    """Text that somebody wrote -> the same with a stop, so that a sentence may follow."""
    text = text.strip()
    return text if re.search(r"[.!?؟…][)\]\"'»”’]*$", text) else text + "."
