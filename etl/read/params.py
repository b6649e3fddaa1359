"""What a reader may be told: which columns hold what, which limits hold, how HTML becomes text."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

Role = Literal["text", "html", "url", "date", "title", "id", "outlet", "author", "category", "keywords"]


def _as_list(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


Names = Annotated[tuple[Annotated[str, Field(min_length=1)], ...], BeforeValidator(_as_list), Field(min_length=1)]
"""One name, or several to be tried in order."""


class ReadParams(BaseModel):
    """Parameters of the `read` stage; the defaults suit a folder of pages of unknown origin."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    columns: dict[Role, Names] = Field(
        default_factory=dict,
        description="which column or key holds what, before the usual names are tried; several are tried in order, "
        "`a.b` looks inside `a`",
    )
    outlet_from_folder: bool = Field(
        default=False,
        description="take the first folder below the source as the outlet where nothing else names it",
    )
    ignore: tuple[str, ...] = Field(
        default=("README", "README.md", "README.txt", "LICENSE", "LICENSE.md", "LICENSE.txt", "SHA256SUMS"),
        description="names (patterns with * and ?) in a folder that are notes about it, not pages",
    )
    follow_links: bool = Field(
        default=False,
        description="follow symbolic links that leave the source and links to folders; else each is rejected",
    )
    html: Literal["voted", "main", "full"] = Field(
        default="voted",
        description="text of an HTML page: `voted` the lines that two of three extractors take for the "
        "article, its date and captions; `main` all of its main part, five times as fast; `full` every visible line",
    )
    max_page_bytes: int = Field(
        default=20_000_000,
        ge=1,
        description="bytes; a longer page, record or line is rejected and never held in memory whole",
    )
    max_ratio: float = Field(
        default=200.0,
        gt=1,
        description="decompressed bytes a compressed byte; beyond it (and beyond one page) a file is a bomb",
    )
    max_lost: float = Field(
        default=0.005,
        ge=0,
        le=1,
        description="share of characters that no encoding could read; a page with more is rejected",
    )
    max_depth: int = Field(
        default=1000,
        ge=1,
        description="open tags inside one another; deeper HTML is rejected, for it costs quadratic time",
    )
    shard_bytes: int = Field(default=100_000_000, ge=1, description="bytes of text (UTF-8) in one output shard")
