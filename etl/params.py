"""`params.yaml` as checked values: every threshold has a name, a unit and a default, and a misspelt one is an error."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from etl.alarms import AlarmParams
from etl.dates.lines import DateParams
from etl.duplicates import DuplicateParams
from etl.errors import UserError
from etl.headlines.pairs import HeadlineParams
from etl.language import LanguageParams
from etl.quality import QualityParams
from etl.read.params import ReadParams
from etl.release_params import ReleaseParams
from etl.repair import RepairParams
from etl.runners import RunnerName
from etl.templates.learn import TemplateParams
from etl.zones import ZoneParams


class ParamsError(UserError):
    """`params.yaml` cannot be used; the message names the file, the value and what is expected."""


class RunParams(BaseModel):
    """Where and how the shards are worked on."""

    model_config = ConfigDict(extra="forbid")

    runner: RunnerName = Field("local", description="local: processes of this machine; ray: a Ray cluster")
    address: str | None = Field(None, description="of a running Ray cluster; null: one is started on this machine")
    workers: int | None = Field(None, ge=1, description="worker processes of one thread each; null: one a core")
    batch: int = Field(
        1280,
        ge=1,
        description="pages that are held in memory at once, per worker; fewer where they are long (over 16 kB)",
    )
    alarms: AlarmParams = Field(default_factory=AlarmParams, description="when to say that an outlet's figures moved")


class Params(BaseModel):
    """All parameters, one group a stage."""

    model_config = ConfigDict(extra="forbid")

    run: RunParams = Field(default_factory=RunParams)
    read: ReadParams = Field(default_factory=ReadParams)
    repair: RepairParams = Field(default_factory=RepairParams)
    templates: TemplateParams = Field(default_factory=TemplateParams)
    zones: ZoneParams = Field(default_factory=ZoneParams)
    headlines: HeadlineParams = Field(default_factory=HeadlineParams)
    dates: DateParams = Field(default_factory=DateParams)
    language: LanguageParams = Field(default_factory=LanguageParams)
    quality: QualityParams = Field(default_factory=QualityParams)
    duplicates: DuplicateParams = Field(default_factory=DuplicateParams)
    release: ReleaseParams = Field(default_factory=ReleaseParams)


def read_params(path: Path | None) -> Params:
    """Read `params.yaml`; without a file, the defaults."""
    if path is None:
        return Params()
    try:
        data = yaml.safe_load(path.read_text("utf-8")) or {}
    except FileNotFoundError as error:
        raise ParamsError(f"{path}: no such file; leave --params out to use the defaults") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ParamsError(f"{path}: not readable as YAML: {error}") from error
    try:
        return Params.model_validate(data)
    except ValidationError as error:
        raise ParamsError(f"{path}: {tell_wrong(error)}") from error


def tell_wrong(error: ValidationError) -> str:
    """What is wrong with some parameters -> their names and why, and of a name that is none those that are near it."""
    told = []
    for fault in error.errors():
        name = ".".join(map(str, fault["loc"]))
        unknown = fault["type"] == "extra_forbidden"
        told.append(tell_unknown(name) if unknown else f"{name}: {fault['msg'].removeprefix('Value error, ')}")
    return "; ".join(told)


def tell_unknown(name: str, else_near: Sequence[str] = ()) -> str:
    """A name that no parameter has -> what to say of it."""
    near = get_close_matches(name, list_names(Params().model_dump(mode="json")), 3, 0.5) or else_near
    return f"{name}: no such parameter" + (f"; near are {', '.join(near)}" if near else "")


def list_names(values: Mapping[str, Any], above: str = "") -> Iterator[str]:
    """Parameters, in groups -> their names as `whatif` takes them: quality.min_words; those of the groups too."""
    for name, value in values.items():
        yield above + name
        if isinstance(value, Mapping):
            yield from list_names(value, f"{above}{name}.")
