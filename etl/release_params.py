"""What is released and under which name: the group `release` of `params.yaml`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, field_validator

from etl.licence import OTHER, find_licence, list_versions
from etl.splits import SplitParams


class ReleaseParams(BaseModel):
    """What is released, under which name, and how it lies on disk."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    version: str = Field(
        default="0.1.0",
        pattern=r"^\d+\.\d+\.\d+$",
        description="one version names all: card, Croissant, citation, tag",
    )
    name: str = Field(
        default="arabic-news",
        pattern=r"^[a-z0-9][a-z0-9._-]*$",
        description="name of the dataset in addresses",
    )
    pretty_name: str = Field(default="Arabic news", description="name of the dataset for people")
    authors: tuple[str, ...] = Field(default=(), description="who answers for the dataset, as citations name them")
    repository: str | None = Field(
        default=None,
        pattern=r"^[\w.-]+/[\w.-]+$",
        description="OWNER/NAME under which the Hub has it, as the card's example loads it",
    )
    licence: str = Field(
        default=OTHER,
        pattern=r"^[a-z0-9][a-z0-9.-]*$",
        description="licence of the dataset, its texts included, by the Hub's identifier, as cc-by-4.0; `other`: none holds for all of it",
    )
    licence_text: str | None = Field(
        default=None,
        description="what card and LICENSE say about rights, in sentences, beside the licence; with `other` and without a "
        "text they say that the texts belong to their publishers",
    )
    outlet_licences: dict[str, str] = Field(default_factory=dict, description="licence by outlet, where one is known")
    contact: str = Field(
        default="Open a discussion on the page that you have this dataset from.",
        description="where to ask for a takedown",
    )
    published: date | None = Field(default=None, description="day of publication, as citations give it")
    homepage: str | None = Field(
        default=None,
        description="address of the dataset's page; where none is given, that of its `repository` on the Hub",
    )
    withheld_outlets: tuple[str, ...] = Field(default=(), description="outlets whose text is not passed on: index only")
    released_outlets: tuple[str, ...] | None = Field(
        default=None,
        description="if given, the only outlets whose text is passed on; pages of no known outlet are not",
    )
    splits: SplitParams = Field(default=SplitParams(), description="train, validation and test")
    shard_megabytes: int = Field(
        default=100, ge=1, description="megabytes of text, unpacked, from which a table is split in two"
    )
    row_group_megabytes: int = Field(
        default=100,
        ge=1,
        le=250,
        description="megabytes of a row group, unpacked; viewers refuse more than 286",
    )
    keep_duplicates: bool = Field(
        default=False, description="whether copies are released too, beside their representative"
    )
    mask_personal: bool = Field(default=True, description="whether e-mails, phone numbers, IBANs and ids are masked")

    @field_validator("licence", mode="before")
    @classmethod
    def _name_licence(cls, value: Any) -> Any:
        """A licence may be written as its own text or SPDX writes it: CC BY 4.0; without its version it is none."""
        known = find_licence(value) if isinstance(value, str) else None
        if not known and isinstance(value, str) and (versions := list_versions(value)):
            raise ValueError(f"{value!r} says no version: write {' or '.join(versions)}")
        return known.id if known else value

    @field_validator("licence_text")
    @classmethod
    def _refuse_name(cls, value: str | None) -> str | None:
        """The name of a licence is no sentence about rights, and the Hub would not learn of it."""
        known = find_licence(value) if value else None
        if known:
            raise ValueError(f"{value!r} is a licence and no sentence about one: write `licence: {known.id}`")
        return value


def find_home(params: Mapping[str, Any]) -> str | None:
    """Parameters of a release -> the address of its page: the one given, else that of its repository on the Hub."""
    repository = params["repository"]
    return params["homepage"] or (f"https://huggingface.co/datasets/{repository}" if repository else None)
