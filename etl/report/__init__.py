"""The page people look at: one file, offline, with every cut in place and room for opinions."""

from __future__ import annotations

import base64
import hashlib
import tomllib
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from etl.errors import UserError
from etl.wording import count_of

if TYPE_CHECKING:
    from etl.rules import Rules

_HERE = Path(__file__).parent
_SCRIPTS = ("words", "store", "table", "overview", "pieces", "documents", "opinions", "keys", "main")
"""Parts of the page's script, in the order in which they are joined."""
_MEGABYTE = 10**6
_DATA = '<script type="application/json" id="data">'
"""Where the template puts what the page shows: no other page holds it."""
_KEYS = (
    (("1", "2", "3"), "key_views"),
    (("N", "P"), "key_documents"),
    (("J", "K"), "key_cuts"),
    (("↓", "↑"), "key_pieces"),
    (("R",), "key_right"),
    (("W",), "key_wrong"),
    (("C",), "key_cut"),
    (("U",), "key_unsure"),
    (("X",), "key_back"),
    (("F",), "key_family"),
    (("M",), "key_note"),
    (("/",), "key_search"),
    (("E",), "key_export"),
    (("?",), "key_help"),
    (("Esc",), "key_escape"),
)


class ReportError(UserError):
    """A report that cannot be made; the message says what to do."""


def make_report(
    build: Path,
    out: Path,
    *,
    release: Path | None = None,
    sample: int | None = None,
    size_mb: float = 20,
    seed: int = 7,
    ask: pl.DataFrame | None = None,
    rules: Rules | None = None,
) -> dict[str, Any]:
    """Build -> `out/index.html`, at most `size_mb` megabytes; what is in it, in numbers.

    All pages are shown where they fit, else a stratified sample of them, of `sample` pages at most. `ask` has
    the pieces of an audit (id, start, end): their pages alone are shown, in the order of the pieces. `rules` default
    to the shipped ones.
    """
    from etl.corpus import open_corpus
    from etl.rates import read_rates
    from etl.reasons import find_reason, tell_reasons
    from etl.report.charts import draw_charts
    from etl.report.choose import choose_asked, choose_pages
    from etl.report.documents import SCORES, pack, read_documents, to_json
    from etl.report.numbers import count_all
    from etl.rules import load_rules
    from etl.shards import replacing

    check_page(out)
    corpus = open_corpus(build, release)
    rules = rules if rules is not None else load_rules()
    why = tell_reasons(rules, build)
    numbers = count_all(corpus, rules, why)
    words = _read_words()
    # Hues far apart from one family to the next; what a colour means is always written beside it.
    hues = {family: round(place * 137.5 % 360, 1) for place, family in enumerate(words["families"])}
    numbers["audit"] = read_rates(build)
    marks = {row["rule"] for row in numbers["rules"] if row["action"] == "mark"}
    data: dict[str, Any] = {
        "version": corpus.version,
        "numbers": numbers,
        "charts": draw_charts(numbers, hues),
        "words": words,
        "hues": hues,
        "scores": SCORES,
        "fold": _fold_table(),
        "ask": None if ask is None else [list(row) for row in ask.select("id", "start", "end").iter_rows()],
    }
    frame = len(_render(to_json(data), words).encode())
    budget = int(size_mb * _MEGABYTE) - frame
    if budget <= 0:
        raise ReportError(f"{size_mb} megabytes do not hold the report's own {frame:,} bytes; allow more")
    if ask is None:
        first = [row["id"] for row in numbers["losers"]]
        ids, how = choose_pages(corpus, first, budget, sample, seed)
    else:
        ids, how = choose_asked(corpus, set(ask["id"]))
    documents = _take(dict(read_documents(corpus, ids)), ids, budget, all_of_them=ask is not None)
    if ask is not None:
        turn = {name: place for place, name in enumerate(ask["id"].unique(maintain_order=True))}
        documents.sort(key=lambda doc: turn[doc["id"]])
    how |= {"all": how["all"] and len(documents) == how["of"], "shown": len(documents)}
    labels = pack(documents)
    data |= {
        "how": how,
        "labels": [[label, find_reason(label, why), label in marks] for label in labels],
        "documents": documents,
    }
    page = _render(to_json(data), words)
    with replacing(out / "index.html") as beside:
        beside.write_text(page, "utf-8", newline="\n")
    return {
        "file": str(out / "index.html"),
        "bytes": len(page.encode()),
        "pages": how["of"],
        "shown": len(documents),
        "all": how["all"],
    }


def check_page(out: Path) -> None:
    """Raise ReportError where `out/index.html` is a page of somebody else, which a report would take the place of."""
    page = out / "index.html"
    if page.exists() and not (page.is_file() and _DATA.encode() in page.read_bytes()):
        raise ReportError(f"{page}: is no report of ours; move it away, or name another folder with --out DIR")


def show_made(told: Mapping[str, Any]) -> str:
    """What `make_report` did -> a line for reading."""
    pages = count_of(told["pages"], "page")
    which = f"all {pages}" if told["all"] else f"{told['shown']:,} of {pages}, a sample"
    return f"{told['file']}: {which}, {told['bytes'] / _MEGABYTE:.1f} MB"


def _take(found: dict[str, dict[str, Any]], ids: list[str], budget: int, *, all_of_them: bool) -> list[dict[str, Any]]:
    """Described pages -> those that fit, the most wanted first; given back in the order of the corpus."""
    from etl.report.documents import to_json

    taken: set[str] = set()
    for name in ids:
        size = len(to_json(found[name]).encode()) + 1
        if size <= budget:
            taken.add(name)
            budget -= size
        elif all_of_them:
            raise ReportError("the pages of the audit do not fit in the report's size; allow more, or draw fewer")
    return [doc for name, doc in found.items() if name in taken]


def _read_words() -> dict[str, dict[str, list[str]]]:
    """Return the words of the page, in both languages, and the names of the families."""
    groups = tomllib.loads((_HERE / "words.toml").read_text("utf-8"))
    families = groups.pop("families")
    return {
        "page": {key: both for group in groups.values() for key, both in group.items()},
        "families": families,
    }


def _fold_table() -> dict[str, str]:
    """Return the folding of characters, so that a search in the page sees what the rules see."""
    from etl.fold import TABLE

    return {character: folded for character, folded in sorted(TABLE.items()) if character != folded}


@lru_cache(maxsize=1)
def _read_vega() -> str:
    """Return Vega, Vega-Lite and Vega-Embed as one script; it takes seconds to put together."""
    from vl_convert import javascript_bundle

    return javascript_bundle("window.vegaEmbed = vegaEmbed;")


def _render(data: str, words: dict[str, Any]) -> str:
    """Data as JSON, words -> the page; only scripts that its policy names may run, nothing is fetched."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    parts = [(_HERE / "script" / f"{name}.js").read_text("utf-8") for name in _SCRIPTS]
    script = "(() => {\n'use strict';\n" + "\n".join(parts) + "})();\n"
    vega = _read_vega()
    for text in (script, vega):
        if "</script" in text.lower() or "<!--" in text:
            raise ReportError("a script of the report holds text that would end it early")
    environment = Environment(loader=FileSystemLoader(_HERE), undefined=StrictUndefined, autoescape=True)
    environment.trim_blocks = environment.lstrip_blocks = True
    return environment.get_template("page.html.j2").render(
        words={key: both[0] for key, both in words["page"].items()},
        key_table=_KEYS,
        style=(_HERE / "style.css").read_text("utf-8"),
        script=script,
        vega=vega,
        script_hashes=" ".join(_hash(text) for text in (vega, script)),
        data=data,
    )


def _hash(script: str) -> str:
    """Script -> how a content security policy names it."""
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return f"'sha256-{digest}'"
