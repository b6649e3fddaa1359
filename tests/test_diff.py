"""Two releases compared: what is newly cut and restored, what else changed, the version that says so."""

from __future__ import annotations

import json
import re
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow.parquet as pq
import pytest
from doc_rows import Piece, make_docs, make_page, page_id
from dvc_project import git, keep_releases
from hypothesis import given, settings
from hypothesis import strategies as st
from test_release import build

from etl.cli import main
from etl.commands import OK
from etl.diff import Diff, diff_releases, open_release, raise_version
from etl.diff.cuts import parts_only_in
from etl.diff.show import to_json, to_markdown, to_table
from etl.manifest import ReleaseError, read_manifest, write_manifest
from etl.release_params import ReleaseParams

ROOT = Path(__file__).parents[1]

BODY = "قال الوزير أمس إن القمة ستعقد غدا في العاصمة بحضور عدد من رؤساء الدول.\n"
SENTENCE = "وأضاف الوزير في ختام كلمته أن الحكومة ستعلن عن الخطة الجديدة خلال الأسبوع المقبل.\n"
LINK = "شاهد أيضا: خبر آخر عن الاقتصاد\n"
TAIL = "تابعنا على فيسبوك"


def page(key: str, *pieces: Piece, **more: Any) -> list[dict[str, Any]]:
    """A page of one outlet with a body, and what follows it."""
    return make_page(key, [(BODY, None), *pieces], outlet="sahifa", title="عنوان", **more)


def old_pages() -> list[list[dict[str, Any]]]:
    """What the old release is made of."""
    return [
        page("kept", (LINK, "related/see-also"), (TAIL, "follow/promo")),
        page("greedy", (SENTENCE, None), (LINK, "related/see-also")),
        page("shy", (LINK, "related/see-also")),
        page("renamed", (LINK, "related/see-also")),
        page("partly", (LINK + TAIL, "related/see-also")),
        page("gone", ("نفى المتحدث ما ورد في التقرير عن مصير الشحنة.\n", None), (LINK, "related/see-also")),
        page("repaired", (LINK, "related/see-also"), (TAIL, None)),
    ]


def new_pages() -> list[list[dict[str, Any]]]:
    """The same pages with other cuts, one of them gone and one new."""
    return [
        page("kept", (LINK, "related/see-also"), (TAIL, "follow/promo")),
        page("greedy", (SENTENCE, "zone/after"), (LINK, "related/see-also"), date=date(2024, 5, 1)),
        page("shy", (LINK, None)),
        page("renamed", (LINK, "zone/after")),
        page("partly", (LINK, "related/see-also"), (TAIL, None)),
        page("added", (LINK, "related/see-also")),
        make_page(
            "repaired",
            [("خبر\n", None), (BODY, None), (LINK, "related/see-also"), (TAIL, "follow/promo")],
            outlet="sahifa",
            title="عنوان",
        ),
    ]


def release(folder: Path, pages: list[list[dict[str, Any]]], version: str = "1.0.0") -> Path:
    """Pages -> their release, nothing judged a duplicate."""
    params = ReleaseParams(version=version)
    return build(folder, make_docs(*pages), shards=1, params=params, duplicates=None)


@pytest.fixture(scope="module")
def old(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The old release."""
    return release(tmp_path_factory.mktemp("old"), old_pages())


@pytest.fixture(scope="module")
def new(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The new release."""
    return release(tmp_path_factory.mktemp("new"), new_pages(), "1.1.0")


@pytest.fixture(scope="module")
def diff(old: Path, new: Path) -> Diff:
    """The difference of the two."""
    return diff_releases(old, new)


def rule(diff: Diff, name: str) -> dict[str, Any]:
    """The row of a rule."""
    (row,) = (row for row in diff.rules if row["rule"] == name)
    return row


def test_a_body_line_newly_cut_comes_first(diff: Diff) -> None:
    """A sentence that a rule now cuts is the riskiest change: first row, its length, itself."""
    first = diff.rules[0]
    assert (first["rule"], first["outlet"]) == ("zone/after", "sahifa")
    assert first["newly_cut"] == first["body_like"] == len(SENTENCE)
    assert first["samples_cut"] == [{"id": page_id("greedy"), "text": SENTENCE}]
    assert first["restored"] == 0


def test_what_is_kept_again_is_restored(diff: Diff) -> None:
    """A line that no rule cuts any more, and the end of a longer cut, count for the rule that cut them."""
    row = rule(diff, "related/see-also")
    assert row["newly_cut"] == 0
    assert row["restored"] == len(LINK) + len(TAIL)
    assert {sample["id"]: sample["text"] for sample in row["samples_restored"]} == {
        page_id("shy"): LINK,
        page_id("partly"): TAIL,
    }


def test_another_rule_for_the_same_cut_is_no_change(diff: Diff) -> None:
    """The text stays cut: it is neither newly cut by the one rule nor restored by the other."""
    samples = [s["id"] for row in diff.rules for s in (*row["samples_cut"], *row["samples_restored"])]
    assert page_id("renamed") not in samples
    assert page_id("kept") not in samples


def test_a_page_that_came_anew_is_compared_by_line(diff: Diff) -> None:
    """All places have moved, yet only the line that was kept before counts as newly cut."""
    row = rule(diff, "follow/promo")
    assert (row["newly_cut"], row["restored"], row["body_like"]) == (len(TAIL), 0, 0)
    assert row["samples_cut"] == [{"id": page_id("repaired"), "text": TAIL}]


def test_documents_are_added_gone_and_changed(diff: Diff) -> None:
    """By id and by hash of the text; what is gone is looked for among the rejected and the withdrawn."""
    told = diff.documents
    assert (told["old"], told["new"], told["added"], told["gone"]) == (7, 7, 1, 1)
    assert told["samples"]["added"] == [page_id("added")]
    assert told["samples"]["gone"] == [page_id("gone")]
    assert told["gone_to"] == {"not in the input": 1}
    assert told["changed"] == 4
    assert told["source_changed"] == 1


def test_fields_that_changed_are_counted(diff: Diff) -> None:
    """A date found where there was none; titles stay."""
    assert diff.fields["title"]["changed"] == 0
    told = diff.fields["date"]
    assert (told["changed"], told["found"], told["lost"]) == (1, 1, 0)
    assert told["samples"] == [{"id": page_id("greedy"), "old": None, "new": "2024-05-01"}]


def test_results_change_so_the_minor_version_does(diff: Diff) -> None:
    """Texts and documents differ: minor, with the reasons, and an entry that says it all."""
    assert (diff.bump, diff.suggested_version) == ("minor", "1.1.0")
    assert diff.changelog.startswith("## 1.1.0\n\n- Documents: 7 -> 7.\n")
    assert f"- Newly cut: {len(SENTENCE) + len(TAIL)} characters: `zone/after` {len(SENTENCE)}" in diff.changelog


def test_the_three_forms_say_the_same(diff: Diff) -> None:
    """Terminal, Markdown and JSON hold the riskiest rule and its sample; JSON reads back whole."""
    for shown in (to_table(diff), to_markdown(diff), to_json(diff)):
        assert "zone/after" in shown and SENTENCE.strip() in shown
    assert diff.changelog in to_markdown(diff)
    assert json.loads(to_json(diff))["rules"] == diff.rules


def test_the_same_release_twice_is_no_difference(old: Path) -> None:
    """Nothing changed: no rule, no field, no new version."""
    same = diff_releases(old, old)
    assert (same.bump, same.suggested_version, same.rules) == ("none", "1.0.0", [])
    assert not any(told["changed"] for told in same.fields.values())


def test_a_column_that_is_gone_is_a_major_change(old: Path, tmp_path: Path) -> None:
    """Whoever reads it has code that breaks; a column more is minor."""
    narrow = tmp_path / "narrow"
    for path in (path for path in old.rglob("*") if path.is_file()):
        (narrow / path.relative_to(old)).parent.mkdir(parents=True, exist_ok=True)
        (narrow / path.relative_to(old)).write_bytes(path.read_bytes())
    file = read_manifest(old)["configs"]["headlines"]["train"]["files"][0]
    pq.write_table(pq.read_table(old / file).drop_columns(["en"]), narrow / file)
    manifest = read_manifest(old)
    manifest["version"] = "1.0.1"
    write_manifest(narrow, manifest)
    told = diff_releases(old, narrow)
    assert (told.bump, told.because) == ("major", ["column headlines.en is gone"])
    assert told.suggested_version == "2.0.0"
    back = diff_releases(narrow, old)
    assert (back.bump, back.because) == ("minor", ["column headlines.en is new"])


def test_a_withdrawal_alone_is_a_patch(old: Path, tmp_path: Path) -> None:
    """Nothing else differs than the document that was asked to go."""
    csv = tmp_path / "withdrawn.csv"
    csv.write_text(f"id,url,outlet,date,reason\n{page_id('gone')},,,2026-01-02,request\n", "utf-8")
    less = build(
        tmp_path,
        make_docs(*old_pages()),
        shards=1,
        params=ReleaseParams(version="1.0.1"),
        duplicates=None,
        withdrawn=csv,
    )
    told = diff_releases(old, less)
    assert told.documents["gone_to"] == {"withdrawn": 1}
    assert (told.bump, told.suggested_version) == ("patch", "1.0.1")
    assert told.because == ["1 document withdrawn"]


def test_a_withheld_outlet_leaves_the_texts(old: Path, tmp_path: Path) -> None:
    """A text that is not passed on any more is gone, though the index keeps its document: minor, and said as such; so is its return."""
    pages = [*old_pages(), make_page("other", [("أعلن النادي أمس عن افتتاح ملعبه الجديد.\n", None)], outlet="jarida")]
    both = release(tmp_path / "both", pages)
    csv = tmp_path / "withdrawn.csv"
    csv.write_text(f"id,url,outlet,date,reason\n{page_id('gone')},,,2026-01-02,request\n", "utf-8")
    params = ReleaseParams(version="1.1.0", withheld_outlets=("jarida",))
    less = build(tmp_path / "less", make_docs(*pages), shards=1, params=params, duplicates=None, withdrawn=csv)
    told = diff_releases(both, less)
    assert told.documents["gone_to"] == {"withdrawn": 1, "withheld": 1}
    assert (told.documents["old"], told.documents["new"], told.documents["gone"]) == (8, 6, 2)
    assert (told.bump, told.because) == ("minor", ["1 document withheld"])
    assert "documents  8 -> 6: 0 added, 2 gone (now: 1 withdrawn, 1 withheld), 0 changed" in to_table(told)
    assert "- 2 gone (now: 1 withdrawn, 1 withheld).\n" in told.changelog
    back = diff_releases(less, both)
    assert back.documents["added_from"] == {"withdrawn": 1, "withheld": 1}
    assert "2 added (before: 1 withdrawn, 1 withheld)" in to_table(back)
    # What had no text in the release can be withdrawn too.
    csv.write_text(csv.read_text("utf-8") + f"{page_id('other')},,,2026-01-03,request\n", "utf-8")
    least = build(tmp_path / "least", make_docs(*pages), shards=1, params=params, duplicates=None, withdrawn=csv)
    told = diff_releases(less, least)
    assert (told.bump, told.because) == ("patch", ["1 document withdrawn, withheld before"])


def test_the_entry_is_headed_with_the_version_that_was_given(old: Path, tmp_path: Path) -> None:
    """Whatever version is suggested, the entry is that of the new release."""
    told = diff_releases(old, release(tmp_path, new_pages(), "3.0.0"))
    assert told.suggested_version == "1.1.0"
    assert told.changelog.startswith("## 3.0.0\n")


@pytest.mark.parametrize(
    ("version", "bump", "after"),
    [
        ("1.2.3", "major", "2.0.0"),
        ("1.2.3", "minor", "1.3.0"),
        ("1.2.3", "patch", "1.2.4"),
        ("1.2.3", "none", "1.2.3"),
        ("0.2.3", "major", "0.3.0"),
    ],
)
def test_versions_rise_by_the_rule(version: str, bump: str, after: str) -> None:
    """Below 1.0.0 nothing is promised: a major change raises the minor number."""
    assert raise_version(version, bump) == after


def test_the_command_shows_the_same(old: Path, new: Path, diff: Diff, capsys: pytest.CaptureFixture[str]) -> None:
    """`ghirbal diff OLD NEW`, as a table, as Markdown, as JSON."""
    for form, show in ((), to_table), (("--markdown",), to_markdown), (("--json",), to_json):
        assert main(["diff", str(old), str(new), *form]) == OK
        assert capsys.readouterr().out == show(diff)


def test_git_revisions_are_compared_through_dvc(
    old: Path, new: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A tag of the project stands for the release that DVC keeps for it; what is neither is said to be."""
    keep_releases(tmp_path, {"1.0.0": old, "1.1.0": new}, monkeypatch)
    monkeypatch.chdir(tmp_path)
    with open_release("v1.0.0") as before, open_release(str(new)) as after:
        told = diff_releases(before, after)
    assert (told.old_version, told.new_version, told.documents["added"]) == ("1.0.0", "1.1.0", 1)
    assert not before.exists() and new.exists()
    with pytest.raises(ReleaseError, match=r"v9: is no folder.*unknown Git revision"), open_release("v9"):
        pass
    # A clone has the revision, and none of DVC's files.
    git(tmp_path, "clone", "-q", str(tmp_path), str(tmp_path / "clone"))
    monkeypatch.chdir(tmp_path / "clone")
    with pytest.raises(ReleaseError) as failed, open_release("v1.0.0"):
        pass
    said = str(failed.value)
    assert "neither in this clone's DVC cache nor on a remote" in said and "dvc remote add" in said
    assert "dvc.org/support" not in said and "unexpected" not in said
    # What it advises can be done: the revision beside the clone, whose release is then compared as a folder.
    told = re.search(
        r"`git (worktree add --detach) (\S+) (\S+)`, `make -C (\S+) dataset`\) and compare with (\S+),", said
    )
    assert told is not None
    git(tmp_path / "clone", *told[1].split(), told[2], told[3])
    assert (tmp_path / "before" / "data" / "release.dvc").is_file()
    assert (told[4], told[5]) == (told[2], f"{told[2]}/data/release")
    assert re.search(r"^dataset:", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)


@st.composite
def cuts(draw: st.DrawFn) -> pl.DataFrame:
    """Disjoint runs in two documents, touching or not."""
    rows = []
    for name in ("a", "b"):
        bounds = sorted(draw(st.sets(st.integers(0, 12), max_size=10)))
        for start, end in pairwise(bounds):
            if draw(st.booleans()):
                rows.append({"id": name, "start": start, "end": end, "rule": f"x/r{start}"})
    return pl.DataFrame(rows, {"id": pl.String, "start": pl.Int64, "end": pl.Int64, "rule": pl.String})


@settings(max_examples=80)
@given(cuts(), cuts())
def test_parts_only_in_one_are_the_difference_of_places(these: pl.DataFrame, those: pl.DataFrame) -> None:
    """Place by place: what the first covers and the second does not, under the first one's rule."""

    def places(frame: pl.DataFrame, low: str, high: str) -> dict[tuple[str, int], str]:
        rows = frame.select("id", low, high, "rule").iter_rows()
        return {(name, at): rule for name, start, end, rule in rows for at in range(start, end)}

    left, right = places(these, "start", "end"), places(those, "start", "end")
    found = places(parts_only_in(these, those), "low", "high")
    assert found == {place: rule for place, rule in left.items() if place not in right}
