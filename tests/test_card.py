"""The card and the files beside it: generated, true to the manifest, and what other tools accept."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import yaml
from datasets import load_dataset
from doc_rows import make_corpus
from huggingface_hub import DatasetCard
from test_release import build, table

from etl.build import Build, run
from etl.card_facts import FactsError, read_changes, read_scores, tell_audit
from etl.knowledge import load_knowledge
from etl.licence import end_sentence
from etl.manifest import check_release, read_manifest
from etl.params import Params
from etl.reasons import tell_reasons
from etl.release.card import cell, shorten
from etl.release.plots import draw_plots
from etl.release_params import ReleaseParams
from etl.rules import load_rules
from etl.runners import local_runner
from schemas.audit import SECOND_ARTICLE
from schemas.columns import columns_table
from schemas.configs import CONFIGS

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small corpus, released as one would."""
    params = ReleaseParams(published=date(2025, 2, 3), homepage="https://example.com/news")
    folder = tmp_path_factory.mktemp("card")
    return build(folder, make_corpus(), why={"related/see-also": "A link."}, params=params)


def body(release: Path) -> str:
    """The card without its YAML."""
    return (release / "README.md").read_text("utf-8").split("\n---\n", 1)[1]


def prose(release: Path) -> str:
    """The card without YAML, code, hashes, links, page text in examples, and the column tables."""
    text = re.sub(r"(?s)```.*?```", "", body(release))
    text = re.sub(r"(?s)\n## Columns\n.*?(?=\n## )", "\n", text)
    text = re.sub(r"`[^`]*`|\]\([^)]*\)", "", text)
    return "\n".join(re.sub(r"[^|]*\|[^|]*\|$", "|", line) if "⟦" in line else line for line in text.split("\n"))


def leaves(value: Any) -> list[Any]:
    """All plain values in a nest of lists and dicts."""
    if isinstance(value, dict):
        return [leaf for item in value.values() for leaf in leaves(item)]
    if isinstance(value, list):
        return [leaf for item in value for leaf in leaves(item)]
    return [value]


def unknown_numbers(release: Path) -> set[str]:
    """Numbers of the prose that the manifest does not hold."""
    manifest = read_manifest(release)
    values = [v for v in leaves(manifest["numbers"]) if isinstance(v, (int, float)) and not isinstance(v, bool)]
    known = {f"{v:,}" for v in values} | {f"{v:.1%}" for v in values} | {f"{v:.3f}" for v in values}
    known |= {manifest["version"], manifest["schema_version"], "95%"}
    told = json.dumps([manifest["changes"], manifest["numbers"]["audit"]])
    known |= set(re.findall(r"\d[\d.,]*\d%?|\d%?", told))
    known |= {str(rank) for rank in range(1, len(manifest["numbers"]["outlets"]) + 1)}
    return set(re.findall(r"\d[\d.,]*\d%?|\d%?", prose(release))) - known


def test_every_number_of_the_prose_is_in_the_manifest(release: Path) -> None:
    """Nothing in the card was typed by hand."""
    assert len(re.findall(r"\d+", prose(release))) > 60
    assert unknown_numbers(release) == set()


def test_numbers_are_those_of_the_files(release: Path) -> None:
    """What the card says is what the tables hold."""
    numbers, records = read_manifest(release)["numbers"], table(release, "default")
    assert numbers["totals"]["released_with_text"] == len(records)
    # As a stranger counts who has the texts alone, the masked ones among them.
    assert records["masked"].sum() > 3
    texts, totals = records["text"], numbers["totals"]
    assert totals["characters"] == records["n_chars"].sum() == texts.str.len_chars().sum()
    assert totals["words"] == records["n_words"].sum() == sum(len(text.split()) for text in texts)
    assert sum(row["characters"] for row in numbers["outlets"]) == totals["characters"]
    assert f"| characters | {totals['characters']:,} |" in body(release)
    assert sum(row["documents"] for row in numbers["lengths"]) == len(records)
    by_outlet = {row["outlet"]: row["documents"] for row in numbers["outlets"]}
    assert by_outlet == {k or "": n for k, n in records.group_by("outlet").len().iter_rows()}
    by_month = {row["month"]: row["documents"] for row in numbers["months"] if row["month"]}
    assert by_month == dict(records.group_by(pl.col("date").dt.strftime("%Y-%m")).len().drop_nulls().iter_rows())
    audit = table(release, "audit").filter(~pl.col("text").str.contains("⟨"))
    told = {row["rule"]: (row["pieces"], row["chars"]) for row in numbers["rules"]}
    for rule in ("share/widget", "title/first-line", "source/agency-in-brackets"):
        mine = audit.filter(rule=rule)
        assert told[rule] == (len(mine), mine["text"].str.len_chars().sum())
    assert numbers["masked"] == {"email": 3, "iban": 0, "id": 0, "phone": 1}
    for config, rows in numbers["rows"].items():
        assert rows == len(table(release, config))


def cut_in_audit(release: Path) -> dict[str, int]:
    """Rule -> the code points of its cut rows in the audit."""
    cuts = table(release, "audit").filter(action="cut").with_columns(size=pl.col("end") - pl.col("start"))
    return dict(cuts.group_by("rule").agg(pl.col("size").sum()).iter_rows())


def test_the_audit_sums_to_what_the_card_says(release: Path, tmp_path: Path) -> None:
    """The cut rows of the audit are the card's cuts, rule by rule, and the second articles that it names with their number."""
    audit, numbers = cut_in_audit(release), read_manifest(release)["numbers"]
    totals, told = numbers["totals"], {row["rule"]: row["chars"] for row in numbers["rules"] if row["action"] == "cut"}
    second = audit.pop(SECOND_ARTICLE)
    assert second > 50 and audit == told
    assert sum(audit.values()) == totals["characters_cut_total"] == sum(totals["characters_cut"].values())
    assert f"`cut` hold {sum(audit.values()) + second:,} characters (`end` minus `start`).\n{second:,} of them" in body(
        release
    )
    assert "differs from the table" not in body(release)
    # Where some pages are released without their text, the card says what the audit has.
    withheld = build(tmp_path, make_corpus(), params=ReleaseParams(withheld_outlets=("أخبار",)))
    audit, totals = cut_in_audit(withheld), read_manifest(withheld)["numbers"]["totals"]
    assert (sum(audit.values()), audit[SECOND_ARTICLE]) == (
        totals["characters_cut_in_audit"],
        totals["characters_moved_in_audit"],
    )
    assert f"`cut` hold {sum(audit.values()):,} characters" in body(withheld)
    assert "differs from the table" in body(withheld)


HTML = """<!DOCTYPE html><html lang="ar"><head><title>حديقة جديدة على الكورنيش</title></head><body>
<nav><ul><li><a href="/1">الرئيسية</a></li><li><a href="/2">سياسة</a></li><li><a href="/3">اقتصاد</a></li></ul></nav>
<article><h1>حديقة جديدة على الكورنيش</h1>
<p>افتتحت البلدية صباح اليوم حديقة جديدة على الكورنيش تضم ملعبا للأطفال ومسارا للمشي يمتد كيلومترين على الشاطئ.</p>
<p>وقال رئيس البلدية إن العمل فيها استغرق عاما كاملا، وإن الدخول إليها مجاني للجميع طوال أيام الأسبوع.</p>
<p>وتفتح الحديقة أبوابها كل يوم من السابعة صباحا حتى منتصف الليل، وفيها مقهى وموقف للسيارات ومكتبة صغيرة.</p>
</article><footer><p>جميع الحقوق محفوظة لصحيفة الكورنيش</p></footer></body></html>
"""


def test_what_an_extractor_left_out_is_told(tmp_path: Path) -> None:
    """Of HTML the accounting begins at the extracted text, and the card says so; with `html: full` all of the page is in it."""
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages" / "a.html").write_text(HTML, "utf-8")
    made = {}
    for kind in ("voted", "full"):
        know = load_knowledge(Params.model_validate({"read": {"html": kind}}))
        run(tmp_path / "pages", tmp_path / kind, Build(tmp_path / f"{kind}.build", know, local_runner(1)))
        made[kind] = table(tmp_path / kind, "default")
        cuts = "".join(table(tmp_path / kind, "audit")["text"].to_list())
        assert ("الرئيسية" in cuts, "جميع الحقوق" in cuts) == (kind == "full", kind == "full")
        assert made[kind]["extractor"].item().endswith(" full") == (kind == "full")
        assert ("1 of the documents come from HTML" in body(tmp_path / kind)) == (kind != "full")
    assert made["voted"]["text"].item() == made["full"]["text"].item()


def test_a_release_names_those_who_made_it(tmp_path: Path) -> None:
    """Name, authors and place come from the parameters; without them no one's are claimed, this project's least of all."""
    files = ("README.md", "CITATION.cff", "croissant.json", "LICENSE")
    made = build(tmp_path / "plain", make_corpus(3))
    plain = "".join((made / name).read_text("utf-8") for name in files)
    assert "contributors" not in plain and "Ghirbal Arabic News" not in plain and "ghirbal-news" not in plain
    assert 'load_dataset("OWNER/arabic-news"' in plain and "author =" not in plain
    assert "huggingface.co/datasets/" not in plain
    params = ReleaseParams(name="my-news", pretty_name="My News", authors=("Lab A", "Lab B"), repository="lab/my-news")
    made = build(tmp_path / "own", make_corpus(3), params=params)
    assert 'load_dataset("lab/my-news", revision=' in body(made)
    assert "author = {{Lab A} and {Lab B}}," in body(made)
    assert "> Lab A, Lab B. My News, version 0.1.0." in body(made)
    address = "https://huggingface.co/datasets/lab/my-news"
    assert f"url = {{{address}}}," in body(made)
    told = [yaml.safe_load((made / name).read_text("utf-8"))["url"] for name in ("CITATION.cff", "croissant.json")]
    assert told == [address, address]
    assert yaml.safe_load((made / "CITATION.cff").read_text("utf-8"))["authors"] == [
        {"name": "Lab A"},
        {"name": "Lab B"},
    ]


def read_licences(made: Path) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """Release -> its front matter, Croissant file and citation."""
    return (
        DatasetCard((made / "README.md").read_text("utf-8")).data.to_dict(),
        json.loads((made / "croissant.json").read_text("utf-8")),
        yaml.safe_load((made / "CITATION.cff").read_text("utf-8")),
    )


def test_every_file_speaks_of_one_licence(tmp_path: Path) -> None:
    """A known licence is named to the Hub, in the card, its table of outlets, LICENSE, Croissant file and citation alike."""
    address = "https://creativecommons.org/licenses/by/4.0/"
    params = ReleaseParams(
        licence="CC BY 4.0", licence_text="Cite the papers too", outlet_licences={"أخبار": "by leave"}
    )
    made = build(tmp_path / "known", make_corpus(3), params=params)
    front, croissant, citation = read_licences(made)
    assert (front["license"], front.get("license_name"), front.get("license_link")) == ("cc-by-4.0", None, None)
    assert croissant["license"] == address and citation["license"] == "CC-BY-4.0"
    told = f"passed on under Creative Commons Attribution 4.0 ({address}). Cite the papers too."
    assert f"{told} Before you pass" in body(made) and told in (made / "LICENSE").read_text("utf-8")
    assert "rights with the publisher" not in body(made) and "belong to their publishers" not in body(made)
    assert "| by leave |" in body(made)
    plain = build(tmp_path / "plain", make_corpus(3), params=ReleaseParams(licence="cc-by-4.0"))
    assert "| CC-BY-4.0 |" in body(plain)


def test_where_no_licence_holds_the_files_say_the_same_too(tmp_path: Path) -> None:
    """`other` has a name on the Hub, and the sentences of the card stand in LICENSE and Croissant file."""
    made = build(tmp_path / "none", make_corpus(3))
    front, croissant, citation = read_licences(made)
    assert (front["license"], front["license_name"]) == (
        "other",
        "rights-with-publishers",
    ) and "license" not in citation
    assert croissant["license"].startswith("The texts belong to their publishers") and croissant["license"] in body(
        made
    )
    assert croissant["license"] in (made / "LICENSE").read_text("utf-8")
    assert "| rights with the publisher |" in body(made)
    params = ReleaseParams(licence_text="The publishers gave leave", contact="desk@example.org")
    made = build(tmp_path / "own", make_corpus(3), params=params)
    front, croissant, _ = read_licences(made)
    assert (front["license"], front["license_name"]) == ("other", "as-stated")
    assert croissant["license"] == "The publishers gave leave." and "| as said below |" in body(made)
    # Sentences that somebody wrote do not run into the next ones.
    assert "The publishers gave leave. Before you pass" in body(made)
    assert "To have one withdrawn: desk@example.org. The config" in body(made)
    assert "To have a text withdrawn: desk@example.org.\n" in (made / "LICENSE").read_text("utf-8")
    assert [end_sentence(text) for text in ("a", "a. ", "a!", "نعم؟", "(a.)")] == [
        "a.", "a.", "a!", "نعم؟", "(a.)",
    ]  # fmt: skip


def test_a_licence_in_the_place_of_sentences_is_refused() -> None:
    """The Hub would not learn of it; the message says where to write it."""
    for name in ("CC-BY-4.0", "Creative Commons Attribution 4.0", "https://creativecommons.org/licenses/by/4.0/"):
        with pytest.raises(ValueError, match=r"write `licence: cc-by-4\.0`"):
            ReleaseParams(licence_text=name)
    with pytest.raises(ValueError, match="licence"):
        ReleaseParams(licence="All rights reserved")
    with pytest.raises(ValueError, match=r"'cc-by' says no version: write cc-by-3\.0 or cc-by-4\.0"):
        ReleaseParams(licence="cc-by")
    assert ReleaseParams(licence="bigscience-openrail-m").licence == "bigscience-openrail-m"


def test_citations_name_authors_and_a_year_where_they_are_given(release: Path, tmp_path: Path) -> None:
    """The Croissant file names its creators; the year is that of `published`, and of no clock."""
    assert "year = {2025}" in body(release)
    _, croissant, citation = read_licences(release)
    assert "creator" not in croissant and croissant["datePublished"] == str(citation["date-released"]) == "2025-02-03"
    made = build(tmp_path, make_corpus(3), params=ReleaseParams(authors=("Lab A", "Lab B")))
    _, croissant, citation = read_licences(made)
    read = pytest.importorskip("mlcroissant").Dataset(jsonld=made / "croissant.json")
    assert not read.metadata.ctx.issues.errors
    assert [each.name for each in read.metadata.creators] == ["Lab A", "Lab B"]
    assert croissant["creator"][0]["@type"] == ["sc:Person", "sc:Organization"]  # a name does not say which
    assert "year = " not in body(made) and "datePublished" not in croissant and "date-released" not in citation


def test_the_readme_names_what_a_release_may_be_told() -> None:
    """Every parameter of a release stands in README's table of them."""
    table = (ROOT / "README.md").read_text("utf-8").split("| under `release` | |")[1].split("\n\n")[0]
    assert set(re.findall(r"`(\w+)`", "".join(line.split("|")[1] for line in table.split("\n")[2:]))) == set(
        ReleaseParams.model_fields
    )


def test_the_front_matter_is_what_the_hub_reads(release: Path) -> None:
    """Configs, features, counts and sizes come from the files; a config without rows is not offered."""
    text = (release / "README.md").read_text("utf-8")
    data = DatasetCard(text).data.to_dict()
    assert data["language"] == ["ar"]
    assert data["license"] == "other"
    assert (release / data["license_link"]).is_file()
    assert data["size_categories"] == ["n<1K"]
    configs = {config["config_name"]: config for config in data["configs"]}
    assert set(configs) == set(CONFIGS) - {"withdrawn"}
    with pytest.raises(ValueError, match="'withdrawn' not found"):
        load_dataset(str(release), "withdrawn")
    assert configs["default"]["default"] is True
    for info in data["dataset_info"]:
        rows = table(release, info["config_name"])
        assert [split["num_examples"] for split in info["splits"]] == [len(rows)]
        assert [feature["name"] for feature in info["features"]] == rows.columns
        assert info["download_size"] > 0


def test_the_card_says_what_people_look_for(release: Path) -> None:
    """How to load, counts, cuts with an example, what was left out, columns, licence, takedown, hashes."""
    text = body(release)
    assert 'load_dataset("OWNER/arabic-news", revision="v0.1.0")' in text
    row = next(line for line in text.split("\n") if line.startswith("| `related/see-also`"))
    assert row.split(" | ")[1:4] == ["A link.", "60", "1,550"]
    assert "⟦شاهد أيضا: خبر آخر رقم" in row
    assert "| `quality/too-short` |  | 1 |" in text
    for model in CONFIGS.values():
        if model.__name__ != "Withdrawn":
            assert all(column.description in text for column in columns_table(model))
    assert "belong to their publishers" in text
    assert "withdrawn on request" in text
    assert read_manifest(release)["made_from"]["code"] in text
    for image in re.findall(r"!\[[^\]]+\]\(([^)]+)\)", text):
        assert (release / image).read_bytes().startswith(b"\x89PNG")


SCORES = {"made": {"pages": 44, "precision": 0.95, "recall": 0.9, "f1": 0.92, "worst": 0.4, "fields": None}}
RATE = {"rate": 0.0123, "low": 0.004, "high": 0.034, "judged": 400, "wrong": 5, "pieces": 9000, "covered": 1.0}
RATES = {
    "false_cuts": {"overall": RATE, "families": [{"family": "related", **RATE}]},
    "missed_noise": {"overall": RATE, "families": []},
    "asked": 400, "judged": 391, "unsure": 6, "unanswered": 3, "level": 0.95, "method": "Wilson (1927).",
    "drawn_from": "0" * 64,
}  # fmt: skip
CHANGES = """# Changelog

## 0.2.0

### Code

- Faster by 37 %.

### Data

- 12 outlets more.

## 0.1.0

### Data

- First version.
"""


def test_quality_is_claimed_only_where_it_was_measured(tmp_path: Path) -> None:
    """Without figures the card says so; with figures it prints them with intervals, and the manifest keeps them."""
    made = build(tmp_path, make_corpus(3))
    assert "Not audited" in body(made)
    assert "Not evaluated" in body(made)
    (tmp_path / "metrics.json").write_text(json.dumps(SCORES), "utf-8")
    facts = {**tell_audit(RATES), "evaluation": read_scores(tmp_path / "metrics.json")}
    made = build(tmp_path, make_corpus(3), facts=facts)
    row = "| pages of our own making, in the manner of many sites | F1 of the body | 0.920 | 0.802 to 0.970 | 44 |"
    assert row in body(made)
    assert body(made).count("pages of our own making") == 3
    assert "| `related` | 1.2% | 0.4% to 3.4% | 400 |" in body(made)
    assert "Not audited" not in body(made)
    assert "391 were judged,\n6 left as unsure, 3 without an opinion." in body(made)
    assert "It assumes that within a stratum" in body(made)
    assert unknown_numbers(made) == set()
    assert check_release(made) == []


def test_scores_that_are_none_are_an_error(tmp_path: Path) -> None:
    """No file is no score; a file of something else is named, not passed over."""
    assert read_scores(tmp_path / "metrics.json") == []
    (tmp_path / "metrics.json").write_text('{"made": {"f1": 1}}', "utf-8")
    with pytest.raises(FactsError, match=r"metrics.json: is not what `ghirbal evaluate --out` writes"):
        read_scores(tmp_path / "metrics.json")


def test_the_card_says_what_changed(tmp_path: Path) -> None:
    """Of each entry of the changelog what it says of the data, newest first; code is no reader's matter."""
    (tmp_path / "CHANGELOG.md").write_text(CHANGES, "utf-8")
    changes = read_changes(tmp_path / "CHANGELOG.md")
    assert changes == [
        {"version": "0.2.0", "changes": "- 12 outlets more."},
        {"version": "0.1.0", "changes": "- First version."},
    ]
    made = build(tmp_path, make_corpus(3), changes=changes)
    assert "### 0.2.0\n\n- 12 outlets more.\n" in body(made)
    assert "Faster" not in body(made)
    assert unknown_numbers(made) == set()
    (tmp_path / "CHANGELOG.md").write_text("# Changelog\n", "utf-8")
    with pytest.raises(FactsError, match=r"CHANGELOG.md: has no entry"):
        read_changes(tmp_path / "CHANGELOG.md")


def test_every_label_and_verdict_says_why(release: Path) -> None:
    """Labels that code gives, verdicts and rules all have a reason for the card."""
    why = tell_reasons(load_rules())
    assert {"zone/before", "duplicate/near", "related/see-also", "related/teaser"} <= why.keys()
    assert all(why.values())


def test_croissant_is_valid_and_reads_back(release: Path) -> None:
    """`mlcroissant` accepts the file and reads the records back; each file has its sha256."""
    mlcroissant = pytest.importorskip("mlcroissant")
    path = release / "croissant.json"
    dataset = mlcroissant.Dataset(jsonld=path)
    assert not dataset.metadata.ctx.issues.errors
    assert not dataset.metadata.ctx.issues.warnings
    described = json.loads(path.read_text("utf-8"))
    assert described["version"] == read_manifest(release)["version"]
    files = {f["@id"]: f["sha256"] for f in described["distribution"] if f["@type"] == "cr:FileObject"}
    assert files == {
        name: told["sha256"] for name, told in read_manifest(release)["outputs"].items() if told.get("rows")
    }
    for config in ("default", "audit", "rejected"):
        rows = list(dataset.records(config))
        ours = table(release, config)
        assert [row[f"{config}/id"].decode() for row in rows] == ours["id"].to_list()
    texts = [row["default/text"].decode() for row in dataset.records("default")]
    assert texts == table(release, "default")["text"].to_list()
    assert [key for key in described if key.startswith("rai:")]


def test_citation_and_licence(release: Path) -> None:
    """CITATION.cff is valid by the schema of its format, as the project's own is, and has the version that names all."""
    files = [str(release / "CITATION.cff"), str(Path(__file__).parents[1] / "CITATION.cff")]
    schema = ["--builtin-schema", "vendor.citation-file-format"]
    subprocess.run([sys.executable, "-m", "check_jsonschema", *schema, *files], check=True, capture_output=True)
    told = yaml.safe_load((release / "CITATION.cff").read_text("utf-8"))
    assert {"cff-version", "message", "title", "authors", "version", "type"} <= set(told)
    assert told["version"] == read_manifest(release)["version"]
    assert "withdrawn" in (release / "LICENSE").read_text("utf-8")


def test_plots_are_the_same_bytes(release: Path, tmp_path: Path) -> None:
    """They depend on the numbers alone, and on no font of the machine: labels are ASCII."""
    numbers = read_manifest(release)["numbers"]
    for path in draw_plots(numbers, tmp_path):
        assert path.read_bytes() == (release / "plots" / path.name).read_bytes()


def test_text_of_pages_cannot_break_the_card() -> None:
    """Pipes, tags and line feeds of a page stay in their cell; long lines are shortened around the cut."""
    assert cell("a|b\n<b>*x*</b>") == r"a\|b &lt;b&gt;\*x\*&lt;/b&gt;"
    assert shorten("ا" * 100 + "⟦قص⟧" + "ب" * 100) == "…" + "ا" * 60 + "⟦قص⟧" + "ب" * 60 + "…"
    assert shorten("⟦" + "ق" * 300 + "⟧") == "⟦" + "ق" * 100 + " … " + "ق" * 50 + "⟧"
