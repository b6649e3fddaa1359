"""Loading a release: as published, with cuts given back, or normalised."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import polars as pl
import pytest
from doc_rows import make_corpus, page_id
from test_release import build, table

from etl.diff import diff_releases
from etl.loading import load, normalized
from etl.manifest import ReleaseError
from schemas.audit import SECOND_ARTICLE
from schemas.record import RECORD


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small corpus, released with the defaults."""
    return build(tmp_path_factory.mktemp("load"), make_corpus(12))


def text_of(records: pl.DataFrame, name: str) -> str:
    """The text of one record."""
    return str(records.filter(id=name)["text"].item())


def test_records_come_as_published(release: Path) -> None:
    """Nothing asked, nothing changed: the records, with the split of each."""
    records = load(release)
    assert list(records.schema.items()) == [*RECORD.items(), ("split", pl.String())]
    assert records.drop("split").equals(table(release, "default"))
    assert load(release, split="train").equals(records)


def test_a_cut_is_given_back_where_it_stood(release: Path) -> None:
    """The line stands between its neighbours again; the other cuts stay cut; the length is counted anew."""
    name = page_id("page 4")
    lines = text_of(load(release), name).split("\n")
    back = load(release, include=["related/see-also"])
    assert text_of(back, name).split("\n") == [lines[0], "شاهد أيضا: خبر آخر رقم 4", lines[1]]
    assert back["n_chars"].to_list() == back["text"].str.len_chars().to_list()


def test_a_family_stands_for_its_rules(release: Path) -> None:
    """As it does for `ghirbal restore`; one name need not be in a list."""
    assert load(release, include="related").equals(load(release, include=["related/see-also"]))


def test_a_line_after_the_body_stays_a_line(release: Path) -> None:
    """The line feed before it was cut as well: it is set again, so that two lines do not run together."""
    name = page_id("page 4")
    back = text_of(load(release, include=["share/widget"]), name)
    assert back == text_of(load(release), name) + "\nFacebookTwitter"
    both = text_of(load(release, include=["title/first-line", "share/widget"]), name)
    assert both.startswith("عنوان الخبر رقم 4\nقال الوزير")


def test_all_cuts_together_are_the_page(release: Path) -> None:
    """Every rule asked for: the page as it was, but for a line feed at its end."""
    pages = {row["id"]: row["page"] for row in make_corpus(12).iter_rows(named=True) if row["page"]}
    rules = set(table(release, "audit").filter(action="cut")["rule"].to_list()) - {SECOND_ARTICLE}
    whole = load(release, include=rules).filter(pl.col("id") != page_id("spliced"))
    checked = 0
    for name, text in whole.select("id", "text").iter_rows():
        if "@" not in pages.get(name, "@"):
            assert text.rstrip("\n") == pages[name].rstrip("\n")
            checked += 1
    assert checked > 8


def test_what_is_masked_stays_masked(release: Path) -> None:
    """A published release gives back what it holds."""
    back = text_of(load(release, include=["related/see-also"]), page_id("personal"))
    assert back.split("\n")[1] == "شاهد أيضا: بريد ⟨email⟩"


def test_a_second_article_gets_its_own_cuts_back(release: Path) -> None:
    """Its cuts are filed under its page's id and its number."""
    back = load(release, include=["related/see-also"])
    child = text_of(back, page_id("two articles") + ".1")
    assert child.split("\n")[1:] == ["شاهد أيضا: رابط", "خاتمة المقال الثاني هنا."]
    assert "رابط" not in text_of(back, page_id("two articles"))


def test_normalised_text(release: Path) -> None:
    """For search the folded key, line by line; for models the spelling stays, invisibles go."""
    found = text_of(load(release, normalize="search"), page_id("page 4"))
    assert "القمه ستعقد" in found
    assert found.count("\n") == text_of(load(release), page_id("page 4")).count("\n")
    frame = pl.DataFrame({"text": ["مُحَمَّـد\u200f إلى ﷲ ﻷنّه\u00a0قال: ١٢\nGood"]})
    model = frame.select(normalized(pl.col("text"), "model")).item()
    assert model == "محمد إلى الله لأنه قال: ١٢\nGood"


def test_mistakes_are_told(release: Path, tmp_path: Path) -> None:
    """A rule that cut nothing here, a split that is not there, no release at all, a newer schema."""
    with pytest.raises(ValueError, match="no rule ad/none"):
        load(release, include=["ad/none"])
    with pytest.raises(ValueError, match="a record of its own"):
        load(release, include=[SECOND_ARTICLE])
    with pytest.raises(ValueError, match="no split 'test'"):
        load(release, split="test")
    with pytest.raises(ValueError, match="is search, model or None"):
        load(release, normalize="lower")  # type: ignore[arg-type]
    with pytest.raises(ReleaseError, match="not a release"):
        load(tmp_path)
    manifest = json.loads((release / "manifest.json").read_text("utf-8"))
    (tmp_path / "manifest.json").write_text(json.dumps(manifest | {"schema_version": "2.0.0"}), "utf-8")
    with pytest.raises(ReleaseError, match=r"schema 2.0.0.*newer Ghirbal"):
        load(tmp_path)


OLDER = Path(__file__).parent / "data" / "release-1.0.0"
"""A release as version 1.0.0 of the schema had it, kept as it was written then."""


@pytest.mark.parametrize("version", ["1.0.0", "0.9.0"])
def test_an_older_release_opens(version: str, tmp_path: Path) -> None:
    """Of an older minor version, and of the major version before: a column that it did not have yet is null."""
    assert "masked" not in table(OLDER, "default").columns
    shutil.copytree(OLDER, tmp_path / "old")
    manifest = json.loads((OLDER / "manifest.json").read_text("utf-8"))
    assert manifest["schema_version"] == "1.0.0"
    (tmp_path / "old" / "manifest.json").write_text(json.dumps(manifest | {"schema_version": version}), "utf-8")
    opened = load(tmp_path / "old")
    assert list(opened.schema.items()) == [*RECORD.items(), ("split", pl.String())]
    old = table(OLDER, "default")
    assert all(opened[name].is_null().all() for name in opened.columns if name not in (*old.columns, "split"))
    assert opened.select(old.columns).equals(old)
    back = load(tmp_path / "old", include="related")
    assert text_of(back, page_id("page 1")) != text_of(opened, page_id("page 1"))


def test_releases_of_two_schemas_are_compared(release: Path) -> None:
    """What both have is compared; a column that came is a minor change."""
    diff = diff_releases(OLDER, release)
    assert {"audit.masked", "default.masked"} <= set(diff.columns["added"])
    assert diff.columns["gone"] == diff.columns["retyped"] == []
    assert (diff.bump, diff.rules) == ("minor", [])
    assert "column default.masked is new" in diff.because
