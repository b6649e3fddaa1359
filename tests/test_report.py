"""The report is one file: whole, offline, the same on every run, and nothing that a page says is read as HTML."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import tomllib
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, get_args

import polars as pl
import pytest
from doc_rows import make_corpus, make_duplicates, page_id, release_docs, write_shards
from report_pages import HOSTILE

from etl import report
from etl.audit import draw_sample
from etl.corpus import open_corpus
from etl.read.row import Verdict
from etl.reasons import find_reason
from etl.report import ReportError, make_report
from etl.report.documents import find_place
from etl.rules import FAMILIES, load_rules
from etl.shipped import DATA

PARTS = Path(report.__file__).parent
ROOT = Path(__file__).parents[1]


class Blocks(HTMLParser):
    """What a browser would take for scripts and addresses."""

    def __init__(self) -> None:
        super().__init__()
        self.scripts: list[tuple[dict[str, str | None], str]] = []
        self.addresses: list[str] = []
        self.tags: list[str] = []
        self.policy = ""
        self._open = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.tags.append(tag)
        self.addresses += [str(given[name]) for name in ("src", "href", "action", "data") if name in given]
        if given.get("http-equiv") == "Content-Security-Policy":
            self.policy = given["content"] or ""
        if tag == "script":
            self.scripts.append((given, ""))
            self._open = True

    def handle_endtag(self, tag: str) -> None:
        self._open = self._open and tag != "script"

    def handle_data(self, data: str) -> None:
        if self._open:
            given, text = self.scripts[-1]
            self.scripts[-1] = (given, text + data)


def read(path: Path) -> tuple[Blocks, dict[str, Any]]:
    blocks = Blocks()
    blocks.feed(path.read_text("utf-8"))
    return blocks, json.loads(blocks.scripts[0][1])


@pytest.fixture(scope="module")
def page(build: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("report")
    make_report(build, out)
    return out / "index.html"


@pytest.fixture(scope="module")
def blocks(page: Path) -> Blocks:
    return read(page)[0]


@pytest.fixture(scope="module")
def data(page: Path) -> dict[str, Any]:
    return read(page)[1]


def test_the_same_build_gives_the_same_bytes(build: Path, page: Path, tmp_path: Path) -> None:
    """No clock, no random order, no counter that a first report leaves behind."""
    told = make_report(build, tmp_path)
    assert (tmp_path / "index.html").read_bytes() == page.read_bytes()
    assert told["bytes"] == page.stat().st_size
    assert told["all"]


def test_a_page_of_somebody_else_is_not_replaced(build: Path, page: Path, tmp_path: Path) -> None:
    """A report takes the place of a report; any other page there is named, with what to do."""
    make_report(build, tmp_path)
    make_report(build, tmp_path)
    assert (tmp_path / "index.html").read_bytes() == page.read_bytes()
    (tmp_path / "index.html").write_text("<title>my site</title>", "utf-8")
    with pytest.raises(ReportError, match=r"index.html: is no report of ours; move it away"):
        make_report(build, tmp_path)
    assert (tmp_path / "index.html").read_text("utf-8") == "<title>my site</title>"


def test_nothing_is_fetched(page: Path, blocks: Blocks) -> None:
    """No address leads out of the file, and its policy forbids every kind of fetch."""
    assert all(address.startswith("#") for address in blocks.addresses), blocks.addresses
    style = (PARTS / "style.css").read_text("utf-8")
    assert "url(" not in style
    assert "@import" not in style
    assert "default-src 'none'" in blocks.policy
    assert "unsafe-eval" not in blocks.policy
    assert "unsafe-inline" not in blocks.policy.split("script-src")[1].split(";")[0]


def test_only_our_scripts_may_run(blocks: Blocks) -> None:
    """The policy names the scripts by hash: one that a text would bring in is not among them."""
    data, *scripts = blocks.scripts
    assert data[0]["type"] == "application/json"
    assert len(scripts) == 2
    for _, text in scripts:
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in blocks.policy


def test_a_text_cannot_leave_its_place(blocks: Blocks, data: dict[str, Any]) -> None:
    """Markup in a text, a title, an outlet or a path comes out as it went in, and opens no element."""
    (doc,) = [doc for doc in data["documents"] if doc["id"] == page_id("hostile")]
    assert doc["page"].startswith("\n".join(HOSTILE))
    assert doc["outlet"] == HOSTILE[1]
    assert doc["articles"][0]["fields"]["title"]["value"] == [HOSTILE[0]]
    assert "img" not in blocks.tags
    script = "".join(path.read_text("utf-8") for path in (PARTS / "script").glob("*.js"))
    assert not re.search(r"\b(innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval)\b\s*[=(]", script)


def test_the_numbers_are_those_of_the_release(build: Path, tmp_path: Path) -> None:
    """Pages in, documents out and characters cut are counted twice, by different code, and agree."""
    shards = sorted((build / "docs").glob("*.parquet"))
    clusters = pl.read_parquet(build / "duplicates" / "clusters.parquet")
    asked = tmp_path / "withdrawn.csv"
    asked.write_text(f"id,url,outlet,date,reason\n{page_id('page 3')},,,2025-01-01,asked\n", "utf-8")
    release = tmp_path / "release"
    totals = release_docs(shards, release, clusters, withdrawn=asked)
    make_report(build, tmp_path, release=release)
    data = read(tmp_path / "index.html")[1]
    ours = data["numbers"]["totals"]
    for name in ("pages", "second_articles", "released", "rejected", "withdrawn"):
        assert ours[name] == totals[name], name
    assert ours["characters"] == totals["characters_read"]
    verdicts = {row["verdict"]: row["documents"] for row in data["numbers"]["verdicts"]}
    assert verdicts == totals["verdicts"]
    assert data["version"] == totals["version"]
    # What was withdrawn is counted and not shown.
    assert page_id("page 3") not in {doc["id"] for doc in data["documents"]}
    assert page_id("page 3") not in {row["id"] for row in data["numbers"]["losers"]}


def test_every_character_is_accounted_for(build: Path, data: dict[str, Any]) -> None:
    """Characters read = cut + released + text of what was left out; and each rule's add up to the families'."""
    numbers = data["numbers"]
    totals = numbers["totals"]
    docs = open_corpus(build).scan().collect()
    assert totals["characters"] == int(docs["page"].drop_nulls().str.len_chars().sum())
    parts = ("characters_cut", "characters_released", "characters_left_out")
    assert sum(totals[part] for part in parts) == totals["characters"]
    rejected = docs.filter(pl.col("fate") == "rejected")["text"].str.len_chars().sum()
    assert totals["characters_left_out"] == rejected
    assert sum(row["chars"] for row in numbers["families"]) == totals["characters_cut"]
    cuts = [row for row in numbers["rules"] if row["action"] == "cut"]
    assert sum(row["chars"] for row in cuts) == totals["characters_cut"]
    assert totals["pages"] + totals["second_articles"] == totals["released"] + totals["rejected"]


def test_pieces_tile_their_page(data: dict[str, Any]) -> None:
    """Lengths add up to the page's code points, also where a page holds characters beyond the first plane."""
    for doc in data["documents"]:
        assert sum(piece[1] for piece in doc["pieces"]) == len(doc["page"])
        for piece in doc["pieces"]:
            assert -1 <= piece[2] < len(data["labels"])
    labels = {label for label, _, _ in data["labels"]}
    assert {"related/see-also", "source/agency-in-brackets", "repair/ftfy"} <= labels
    assert [label for label, _, mark in data["labels"] if mark] == ["source/agency-in-brackets"]


def test_silent_rules_and_losers_are_listed(data: dict[str, Any]) -> None:
    """A rule is in one list or the other; the pages that lost most come first."""
    fired = {row["rule"] for row in data["numbers"]["rules"]}
    silent = {row["rule"] for row in data["numbers"]["silent"]}
    assert not fired & silent
    assert "related/see-also" in fired
    assert len(silent) > 100
    shares = [row["cut_share"] for row in data["numbers"]["losers"]]
    assert shares == sorted(shares, reverse=True)


def test_a_field_leads_to_the_piece_it_was_read_from() -> None:
    """Of the kinds that say it, in their order, in its own article, and folded as rules see it; else it was given beside."""
    pieces = [
        {"article": 0, "length": 4, "rule": None},
        {"article": 0, "length": 8, "rule": "follow/us"},
        {"article": 1, "length": 8, "rule": "source/line"},
        {"article": 0, "length": 8, "rule": "source/line"},
    ]
    page = "وكال" + "وكالة أ\n" * 3
    assert find_place(page, pieces, 0, "source", "وكاله ا") == 3
    assert find_place(page, pieces[:3], 0, "source", "وكالة") == 1
    assert find_place(page, pieces, 1, "source", "وكالة") == 2
    assert find_place(page, pieces, 0, "title", "وكالة") is None
    assert find_place(page, pieces, 0, "date", "وكا") == 0  # a day that the text calls today


# The sample


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("large")
    docs = make_corpus(400)
    rare = pl.col("id") == page_id("page 123")
    # One page with a rule of its own, and one outlet with a page alone.
    changed = pl.col("pieces").list.eval(
        pl.element().struct.with_fields(rule=pl.field("rule").str.replace("share/widget", "ad/label"))
    )
    docs = docs.with_columns(
        pieces=pl.when(rare).then(changed).otherwise("pieces"),
        outlet=pl.when(pl.col("id") == page_id("page 321")).then(pl.lit("rare.example")).otherwise("outlet"),
    )
    write_shards(docs, folder / "docs")
    (folder / "duplicates").mkdir()
    make_duplicates().write_parquet(folder / "duplicates" / "clusters.parquet")
    return folder


def test_a_large_corpus_is_sampled_under_the_size(large: Path, tmp_path: Path) -> None:
    """The file stays under its size, says what it shows, and has something of every rule, outlet and verdict."""
    told = make_report(large, tmp_path, size_mb=1.4)
    assert told["bytes"] <= 1_400_000
    assert told["bytes"] == (tmp_path / "index.html").stat().st_size
    data = read(tmp_path / "index.html")[1]
    assert data["how"] == {
        "all": False,
        "of": told["pages"],
        "shown": told["shown"],
        "seed": 7,
        "strata": data["how"]["strata"],
    }
    assert 60 < told["shown"] < told["pages"]
    shown = {doc["id"] for doc in data["documents"]}
    assert {page_id("page 123"), page_id("page 321"), page_id("short")} <= shown
    assert {row["id"] for row in data["numbers"]["losers"]} <= shown
    # The numbers are of the whole corpus all the same.
    assert data["numbers"]["totals"]["pages"] == told["pages"]


def test_a_sample_is_fixed_by_its_seed_and_its_number(large: Path, tmp_path: Path) -> None:
    """Another seed shows other pages; a number asked for is the most that is shown."""
    found = {}
    for seed in (1, 2):
        assert make_report(large, tmp_path, sample=90, seed=seed)["shown"] == 90
        found[seed] = {doc["id"] for doc in read(tmp_path / "index.html")[1]["documents"]}
    assert found[1] != found[2]


def test_too_small_a_size_is_an_error(build: Path, tmp_path: Path) -> None:
    """The report's own script does not fit in a tenth of a megabyte; the message says to allow more."""
    with pytest.raises(ReportError, match="allow more"):
        make_report(build, tmp_path, size_mb=0.1)
    assert not list(tmp_path.iterdir())


def test_an_audit_shows_its_pages_alone(build: Path, tmp_path: Path) -> None:
    """The pieces that wait for an opinion are named by page and place; no other page is in the file."""
    sample = draw_sample(build, 20, 7)
    make_report(build, tmp_path, ask=sample)
    data = read(tmp_path / "index.html")[1]
    assert {doc["id"] for doc in data["documents"]} == set(sample["id"])
    assert sorted(map(tuple, data["ask"])) == sorted(sample.select("id", "start", "end").iter_rows())
    assert data["how"]["audit"]


def test_a_build_without_documents_is_an_error(tmp_path: Path) -> None:
    """The message names the stage that is missing."""
    with pytest.raises(FileNotFoundError, match="clean"):
        make_report(tmp_path, tmp_path / "report")


# Words


def test_every_word_that_is_used_has_both_languages_and_none_is_left_over() -> None:
    """A key in the page or its script is in words.toml, and the other way round."""
    groups = tomllib.loads((PARTS / "words.toml").read_text("utf-8"))
    families = groups.pop("families")
    words = {key: both for group in groups.values() for key, both in group.items()}
    assert len(words) == sum(map(len, groups.values())), "a key stands in two groups"
    source = "\n".join(
        path.read_text("utf-8")
        for path in (*PARTS.glob("*.j2"), *(PARTS / "script").glob("*.js"), PARTS / "charts.py", PARTS / "__init__.py")
    )
    spoken = set(re.findall(r"word\(['\"](\w+)['\"]", source)) | set(re.findall(r'words\["(\w+)"\]', source))
    spoken -= {"page"}  # the dictionary itself
    spoken |= set(re.findall(r'"@(\w+)"', source)) | set(re.findall(r'data-(?:word|label)="(\w+)"', source))
    assert spoken <= set(words), spoken - set(words)
    for key, both in words.items():
        assert len(both) == 2, key
        assert all(both), key
        assert set(re.findall(r"\{(\w+)\}", both[0])) == set(re.findall(r"\{(\w+)\}", both[1])), key
        made_up = key.startswith(("field_", "flag_")) or key.endswith("_note")
        assert made_up or re.search(rf"\b{key}\b", source), f"{key} is used nowhere"
    assert set(families) >= set(FAMILIES) - {"repair", "quality", "language", "duplicate", "read"}


def test_an_outlet_is_no_source() -> None:
    """In Arabic too the site that a page is of, and the agency that it names, have a name each."""
    groups = tomllib.loads((PARTS / "words.toml").read_text("utf-8"))
    words = [both for group in groups.values() for both in group.values()]
    of_outlets = [arabic for arabic, english in words if "outlet" in english.lower()]
    assert len(of_outlets) > 4 and not [arabic for arabic in of_outlets if re.search("مصدر|مصادر", arabic)]
    assert groups["documents"]["field_source"][0] == "المصدر"


def test_labels_of_the_code_have_a_reason() -> None:
    """A label that no rule file explains is explained in reasons.toml."""
    reasons = tomllib.loads((DATA / "reasons.toml").read_text("utf-8"))
    code = "\n".join(path.read_text("utf-8") for path in PARTS.parent.glob("*.py"))
    given = set(re.findall(r'"((?:title|summary|headline-en|space|zone|embed)/[a-z-]+)"', code))
    verdicts = {label for label in given if label in ("zone/undecided", "zone/no-article")}
    known = set(reasons["labels"]) | {rule.id for rule in load_rules()}
    assert given - verdicts <= known
    assert verdicts <= set(reasons["verdicts"])
    assert find_reason("promo/by-review", {}) == "A person cut this."


def test_every_label_has_its_reason() -> None:
    """What the code calls a cut, a repair or a verdict is explained in words, in a rule file or in reasons.toml."""
    told = tomllib.loads((DATA / "reasons.toml").read_text("utf-8"))
    explained = {name for group in told.values() for name in group} | {rule.id for rule in load_rules()}
    named = {f"read/{name}" for name in get_args(Verdict)}
    for path in sorted((ROOT / "etl").rglob("*.py")):
        code = path.read_text("utf-8")
        named |= {
            name for name in re.findall(r'"([a-z-]+/[a-z0-9-]+[a-z0-9])"', code) if name.split("/")[0] in FAMILIES
        }
    assert len(named) > 60
    assert named - explained == set()
    assert all(why.endswith(".") for group in told.values() for why in group.values())
