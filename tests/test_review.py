"""Opinions become overrides that the next build obeys, and examples that a person reads."""

from __future__ import annotations

import json
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from doc_rows import join_text
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from strategies import page_frame, pages

from etl.api import raw_frame
from etl.examples import add_example, find_nearest, propose_examples
from etl.knowledge import Knowledge, ship_knowledge
from etl.pieces import label_space, to_pieces, unpack_pieces
from etl.pipeline import clean_pages, label_pieces
from etl.repair import repair_pages
from etl.review import (
    BY_REVIEW,
    KEEP,
    OVERRIDES,
    Opinion,
    OverrideError,
    ReviewError,
    apply_reviews,
    check_overrides,
    label_overrides,
    read_overrides,
    read_review,
    show_applied,
    write_overrides,
)
from etl.rules import SHIPPED, load_rules

both_engines = pytest.mark.usefixtures("engine")
relaxed = settings(max_examples=40, suppress_health_check=list(HealthCheck))
SHA = "0" * 64
PAGE = (
    "بدء القمة في العاصمة\n\n"
    "وقال الوزير إن القمة ستعقد غدا في العاصمة، مؤكدا أن جميع الوفود وصلت وأن جدول الأعمال جاهز.\n\n"
    "شاهد ايضاً: البنك المركزي يثبت أسعار الفائدة\n\n"
    "وأضاف أن المحادثات ستتناول الأمن الغذائي والمياه، وأن نتائجها ستعلن في مؤتمر صحفي.\n\n"
    "وختم بأن الوفود ستغادر مساء اليوم نفسه بعد التوقيع على البيان الختامي للقمة.\n"
)
SEE_ALSO = "شاهد ايضاً: البنك المركزي يثبت أسعار الفائدة\n"
ADDED = "وأضاف أن المحادثات ستتناول الأمن الغذائي والمياه، وأن نتائجها ستعلن في مؤتمر صحفي."


def override(name: str, page: str, text: str, action: str, rule: str = "ad/label") -> dict[str, Any]:
    start = page.index(text)
    return {
        "id": name,
        "raw_sha256": SHA,
        "start": start,
        "end": start + len(text),
        "text": text,
        "action": action,
        "rule": rule,
        "reason": "because",
        "file": "overrides.toml",
    }


def knowing(*rows: dict[str, Any]) -> Knowledge:
    return replace(ship_knowledge(), overrides=pl.DataFrame(list(rows), schema=OVERRIDES))


def clean(page: str, know: Knowledge) -> pl.DataFrame:
    return clean_pages(repair_pages(raw_frame([page])), know)


def opinion(text: str, said: str, rule: str | None = None, page: str = PAGE, **more: Any) -> dict[str, Any]:
    start = page.index(text)
    return {
        "id": raw_frame([page])["id"][0],
        "raw_sha256": SHA,
        "start": start,
        "end": start + len(text),
        "text": text,
        "rule": rule,
        "opinion": said,
        **more,
    }


def write_review(path: Path, *opinions: dict[str, Any]) -> Path:
    path.write_text("".join(json.dumps(one, ensure_ascii=False) + "\n" for one in opinions), "utf-8")
    return path


# Overrides as data


@relaxed
@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20), max_size=5))
def test_overrides_come_back_as_written_whatever_the_text(
    tmp_path_factory: pytest.TempPathFactory, texts: list[str]
) -> None:
    """What is written is read back, quotes, controls and all; and the order of the rows does not change the file."""
    path = tmp_path_factory.mktemp("o") / "overrides.toml"
    rows = [override(f"{n:016x}", text, text, "keep") | {"file": str(path)} for n, text in enumerate(texts)]
    table = pl.DataFrame(rows, schema=OVERRIDES)
    write_overrides(path, table)
    first = path.read_bytes()
    assert read_overrides(path).equals(table)
    write_overrides(path, table.reverse())
    assert path.read_bytes() == first


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"action": "drop"}, "'keep' or 'cut'"),
        ({"end": 3}, "does not fill"),
        ({"start": "0"}, "must be a int"),
        ({"why": "x"}, "why"),
        ({"action": "cut", "rule": "nonsense/x"}, "family"),
    ],
)
def test_an_override_that_makes_no_sense_is_an_error(tmp_path: Path, change: dict[str, Any], told: str) -> None:
    """The message names the file, the document and what is wrong."""
    entry = {key: value for key, value in override("ab", "نص طويل", "نص", "keep").items() if key != "file"}
    path = tmp_path / "overrides.toml"
    lines = (f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in (entry | change).items())
    path.write_text("[[override]]\n" + "\n".join(lines), "utf-8")
    with pytest.raises(OverrideError, match=told) as error:
        read_overrides(path)
    assert "overrides.toml" in str(error.value)
    assert "document ab" in str(error.value)


def test_an_override_in_single_brackets_is_told(tmp_path: Path) -> None:
    """The likeliest slip in a file written by hand."""
    path = tmp_path / "overrides.toml"
    path.write_text('[override]\nid = "ab"\n', "utf-8")
    with pytest.raises(OverrideError, match=r"overrides.toml: write \[\[override\]\], with two brackets"):
        read_overrides(path)


def test_overlapping_overrides_are_an_error(tmp_path: Path) -> None:
    """Two decisions on one character contradict each other or say the same twice: neither is guessed at."""
    path = tmp_path / "overrides.toml"
    rows = [override("ab", "نص طويل هنا", text, "keep") for text in ("نص طويل", "طويل هنا")]
    write_overrides(path, pl.DataFrame(rows, schema=OVERRIDES))
    with pytest.raises(OverrideError, match="overlap"):
        read_overrides(path)


# The stage


@both_engines
def test_a_kept_span_is_in_the_text_again() -> None:
    """What a rule cut stays where a person says so, under a label of its own; all else is as before."""
    before = clean(PAGE, ship_knowledge())
    assert SEE_ALSO.strip() not in before["text"][0]
    know = knowing(override(before["id"][0], PAGE, SEE_ALSO, "keep", "related/see-also"))
    after = clean(PAGE, know)
    assert SEE_ALSO.strip() in after["text"][0].split("\n")
    assert after["text"][0].replace(SEE_ALSO, "") == before["text"][0]
    labels = unpack_pieces(after.lazy()).filter(pl.col("rule") == KEEP).collect()
    assert labels.select("piece", "action").rows() == [(SEE_ALSO, "mark")]


@both_engines
def test_a_cut_span_leaves_the_text() -> None:
    """What no rule cut leaves the text where a person says so, filed under the family that the person named."""
    before = clean(PAGE, ship_knowledge())
    after = clean(PAGE, knowing(override(before["id"][0], PAGE, ADDED, "cut", "promo/by-review")))
    assert after["text"][0] == before["text"][0].replace(ADDED + "\n", "")
    labels = unpack_pieces(after.lazy()).filter(pl.col("rule") == "promo/by-review").collect()
    assert labels.select("piece", "action").rows() == [(ADDED, "cut")]


@both_engines
def test_a_part_of_a_line_can_be_cut() -> None:
    """An override may begin and end within a line; the rest of the line stays."""
    before = clean(PAGE, ship_knowledge())
    part = "، وأن نتائجها ستعلن في مؤتمر صحفي"
    after = clean(PAGE, knowing(override(before["id"][0], PAGE, part, "cut", "promo/by-review")))
    assert after["text"][0] == before["text"][0].replace(part, "")


@both_engines
def test_a_text_that_is_no_longer_there_stops_the_build() -> None:
    """The page has changed since the opinion was given: the error names the file, the document and the text."""
    name = clean(PAGE, ship_knowledge())["id"][0]
    row = override(name, PAGE, ADDED, "cut")
    with pytest.raises(OverrideError) as error:
        clean(PAGE, knowing(row | {"start": row["start"] + 1, "end": row["end"] + 1}))
    for part in ("overrides.toml", name, ADDED, "remove it"):
        assert part in str(error.value)
    with pytest.raises(OverrideError, match="no longer at 9000"):
        clean(PAGE, knowing(row | {"start": 9000, "end": 9000 + len(ADDED)}))


@both_engines
def test_overrides_of_other_pages_change_nothing() -> None:
    """A shard that holds none of the documents is left as it is."""
    pages_ = repair_pages(raw_frame([PAGE]))
    know = knowing(override("f" * 16, PAGE, ADDED, "cut"))
    assert label_pieces(pages_, know).equals(label_pieces(pages_, ship_knowledge()))


@both_engines
@given(st.data())
@relaxed
def test_any_spans_kept_and_cut_leave_the_page_whole(data: st.DataObject) -> None:
    """Pieces tile after the stage; the text holds what is kept and none of what is cut."""
    texts = data.draw(pages)
    frame = page_frame(texts)
    rows = []
    for name, text in zip(frame["id"], texts, strict=True):
        borders = sorted(data.draw(st.sets(st.integers(0, len(text)), max_size=4)))
        for start, end in zip(borders[::2], borders[1::2], strict=False):
            action = data.draw(st.sampled_from(["keep", "cut"]))
            row = override(name, text[start:end], text[start:end], action)
            rows.append(row | {"start": start, "end": end})
    know = knowing(*rows)
    pieces = to_pieces(frame.lazy())
    # Every other line was cut before: a span may lie across both kinds.
    odd = pl.when(pl.int_range(pl.len()) % 2 == 1).then(pl.lit("ad/label")).alias("rule")
    pieces = label_overrides(pieces.with_columns(odd), know)
    joined = pieces.group_by("id", maintain_order=True).agg(pl.col("piece").str.join("")).collect()
    assert joined["piece"].to_list() == texts
    at = pl.col("piece").str.len_chars().cast(pl.Int64).cum_sum().over("id")
    found = pieces.with_columns(end=at, start=at - pl.col("piece").str.len_chars().cast(pl.Int64)).collect()
    for row in rows:
        inside = found.filter(
            (pl.col("id") == row["id"]) & (pl.col("start") < row["end"]) & (pl.col("end") > row["start"])
        )
        assert set(inside["rule"]) == {KEEP if row["action"] == "keep" else row["rule"]}
        assert inside["piece"].str.join("")[0] == row["text"]
    texts_after = dict(join_text(label_space(pieces, know.marks), know.marks).drop("article").rows())
    for row in rows:
        if row["action"] == "keep" and row["text"].strip():
            assert row["text"].split()[0] in texts_after[row["id"]]


@both_engines
def test_overrides_of_pages_that_are_gone_are_found(tmp_path: Path) -> None:
    """A page that is no longer read cannot obey: the error names the document, and a page that is there is no error."""
    docs = tmp_path / "docs.parquet"
    frame = clean(PAGE, ship_knowledge())
    frame.write_parquet(docs)
    table = knowing(override(frame["id"][0], PAGE, ADDED, "cut")).overrides
    check_overrides(table, [docs])
    check_overrides(None, [docs])
    with pytest.raises(
        OverrideError, match=r"toml: 1 override is of no page that was read[^\n]*`--overrides FILE`[^\n]*\n.*e{16}"
    ):
        check_overrides(knowing(override("e" * 16, PAGE, ADDED, "cut")).overrides, [docs])


# Reviews


def test_a_review_is_read_by_place_and_the_last_opinion_counts(tmp_path: Path) -> None:
    """Lines without an opinion are skipped: a drawn sample is a review that nobody has filled in yet."""
    path = write_review(
        tmp_path / "review.jsonl",
        opinion(SEE_ALSO, "right", "related/see-also"),
        opinion(ADDED, "right") | {"opinion": None},
        opinion(SEE_ALSO, "wrong", "related/see-also", note="جزء من القصة"),
    )
    (found,) = read_review(path)
    assert (found.opinion, found.note, found.line) == ("wrong", "جزء من القصة", SEE_ALSO)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"opinion": "maybe"}, "opinion is one of"),
        ({"end": 4000}, "code points"),
        ({"start": None}, "start must be a int"),
        ({"opinion": "cut", "family": "nonsense"}, "family"),
    ],
)
def test_a_review_that_cannot_be_used_names_the_line(tmp_path: Path, change: dict[str, Any], told: str) -> None:
    """The message names the file and the line."""
    path = write_review(tmp_path / "review.jsonl", opinion(ADDED, "right"), opinion(SEE_ALSO, "right") | change)
    with pytest.raises(ReviewError, match=told) as error:
        read_review(path)
    assert "review.jsonl, line 2" in str(error.value)
    path.write_text("{", "utf-8")
    with pytest.raises(ReviewError, match="line 1: not JSON"):
        read_review(path)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('{"a": 1}\n', "line 1: is not an export of the review page"),
        ("[1]\n", "line 1: is not an export of the review page"),
        ("", "holds no opinion"),
        ('{"opinion": null}\n', "holds no opinion"),
    ],
)
def test_a_file_without_opinions_is_refused_and_nothing_is_written(tmp_path: Path, text: str, told: str) -> None:
    """Any other JSON, an empty file, a sample that nobody judged: the message says so, and no override is touched."""
    review = tmp_path / "some.jsonl"
    review.write_text(text, "utf-8")
    with pytest.raises(ReviewError, match=f"some.jsonl.*{told}"):
        apply_reviews(review, tmp_path / "overrides.toml", load_rules())
    assert not (tmp_path / "overrides.toml").exists()


def test_opinions_become_overrides_that_a_build_obeys(tmp_path: Path) -> None:
    """A wrong cut is kept, a missed line is cut; what is right or unsure decides nothing."""
    review = write_review(
        tmp_path / "review.jsonl",
        opinion(SEE_ALSO, "wrong", "related/see-also", note="هذا من القصة"),
        opinion(ADDED, "cut", family="promo"),
        opinion("بدء القمة في العاصمة\n", "right", "title/headline"),
        opinion("\n\nوختم", "unsure"),
    )
    path = tmp_path / "overrides.toml"
    done = apply_reviews(review, path, load_rules())
    assert (done["kept"], done["cut_off"], done["right"], done["unsure"], done["overrides"]) == (
        1,
        1,
        1,
        1,
        2,
    )
    table = read_overrides(path)
    assert table.select("action", "rule", "reason").rows()[0] == ("keep", "related/see-also", "هذا من القصة")
    assert table["rule"][1] == f"promo/{BY_REVIEW}"
    text = clean(PAGE, replace(ship_knowledge(), overrides=table))["text"][0]
    assert SEE_ALSO.strip() in text
    assert ADDED not in text


def test_what_was_applied_is_told_in_words(tmp_path: Path) -> None:
    """How many decisions there are, that builds obey them, and which opinion no rule file can learn from."""
    review = write_review(
        tmp_path / "review.jsonl",
        opinion(SEE_ALSO, "wrong", "related/see-also"),
        opinion(ADDED, "wrong", "zone/after"),
    )
    shown = "\n".join(show_applied(apply_reviews(review, tmp_path / "overrides.toml", load_rules())))
    assert shown.startswith("2 opinions: 0 right, 2 wrong")
    assert "2 decisions (2 to keep and 0 to cut from this review" in shown
    assert "no example for zone/after: not a rule of a file" in shown
    assert "git apply" in shown


def test_a_kept_part_of_a_line_does_not_run_into_the_next() -> None:
    """The tail of the line was cut with its line feed; the part that a reader kept still ends its own line."""
    part = SEE_ALSO.strip()[:12]
    name = raw_frame([PAGE])["id"][0]
    text = clean(PAGE, knowing(override(name, PAGE, part, "keep", "related/see-also")))["text"][0]
    assert part.strip() in text.split("\n")


def test_the_same_review_applied_twice_is_applied_once(tmp_path: Path) -> None:
    """Merging is by place: nothing is added, and the file keeps its bytes."""
    review = write_review(tmp_path / "review.jsonl", opinion(SEE_ALSO, "wrong", "related/see-also"))
    path = tmp_path / "overrides.toml"
    apply_reviews(review, path, load_rules())
    first = path.read_bytes()
    apply_reviews(review, path, load_rules())
    assert path.read_bytes() == first


def test_a_decision_can_be_taken_back(tmp_path: Path) -> None:
    """Called wrong, a span that was kept or cut by review is left to the rules again."""
    path = tmp_path / "overrides.toml"
    first = write_review(
        tmp_path / "first.jsonl",
        opinion(SEE_ALSO, "wrong", "related/see-also"),
        opinion(ADDED, "cut", family="promo"),
    )
    apply_reviews(first, path, load_rules())
    second = write_review(
        tmp_path / "second.jsonl",
        # The line feed at the end of a page's last paragraph is a piece of its own: the span may be shorter now.
        opinion(SEE_ALSO.strip(), "wrong", KEEP),
        opinion(ADDED, "wrong", f"promo/{BY_REVIEW}"),
    )
    done = apply_reviews(second, path, load_rules())
    assert (done["taken_back"], done["overrides"]) == (2, 0)
    assert read_overrides(path).is_empty()


def test_a_new_decision_makes_room_in_an_old_one(tmp_path: Path) -> None:
    """A part of a kept span that is cut later leaves the rest of it kept, and no overlap."""
    path = tmp_path / "overrides.toml"
    first = write_review(tmp_path / "first.jsonl", opinion(SEE_ALSO, "wrong", "related/see-also"))
    apply_reviews(first, path, load_rules())
    second = write_review(tmp_path / "second.jsonl", opinion("البنك المركزي ", "cut", KEEP, family="ad"))
    apply_reviews(second, path, load_rules())
    assert read_overrides(path).select("action", "text").rows() == [
        ("keep", "شاهد ايضاً: "),
        ("cut", "البنك المركزي "),
        ("keep", "يثبت أسعار الفائدة\n"),
    ]


# Proposals


def said(text: str, what: str, rule: str | None = None, family: str | None = None, line: str = "") -> Opinion:
    return Opinion("ab", SHA, 0, len(text), text, what, rule, family, "", line or text)


def test_a_wrong_cut_proposes_its_line_for_the_rule_and_writes_nothing() -> None:
    """The diff adds one line, to the `keeps` of the rule that cut; the rule files stay as they are."""
    before = {path: path.read_bytes() for path in SHIPPED.glob("*.toml")}
    line = "شاهد أيضاً: هكذا قال لهم المعلم"
    diff, unplaced = propose_examples([said(line, "wrong", "related/see-also")], load_rules())
    added = [text for text in diff.splitlines() if text.startswith("+") and not text.startswith("+++")]
    assert added == [f'+  "{line}",']
    assert "--- a/etl/rules/related.toml" in diff
    assert unplaced == []
    assert {path: path.read_bytes() for path in SHIPPED.glob("*.toml")} == before


def test_a_missed_line_goes_to_the_rule_whose_examples_begin_alike() -> None:
    """Else it stands as a comment at the end of the family's file, for whoever writes the rule."""
    rules = load_rules()
    nearest = find_nearest(rules, "related", "شاهد أيضا وبالصور: افتتاح المعرض")
    assert nearest is not None
    assert nearest.id.startswith("related/")
    assert find_nearest(rules, "related", "كلام لا يشبه شيئا") is None
    diff, _ = propose_examples([said("كلام لا يشبه شيئا", "cut", family="related")], rules)
    assert '+# "كلام لا يشبه شيئا"' in diff


def test_labels_that_no_file_holds_are_told_of() -> None:
    """A learned line and a label by place have no examples to add to: the review says what to do instead."""
    diff, unplaced = propose_examples(
        [said("سطر", "wrong", "template/0123abcd"), said("سطر", "wrong", "zone/after")], load_rules()
    )
    assert diff == ""
    assert "templates.csv" in unplaced[0]
    assert "override" in unplaced[1]


@pytest.mark.parametrize("key", ["hits", "keeps"])
def test_an_example_can_be_added_to_every_shipped_rule(key: str) -> None:
    """Whatever the layout of the list: the example comes last in it, and no other rule changes."""
    example = 'قال "شاهد" ثم مضى \\ وانتهى'
    for rule in load_rules():
        source = (SHIPPED / rule.file).read_text("utf-8")
        before = tomllib.loads(source)["rule"]
        after = tomllib.loads(add_example(source, rule.id, key, example))["rule"]
        place = next(number for number, one in enumerate(before) if one["id"] == rule.id)
        assert after[place] == {**before[place], key: [*before[place][key], example]}
        assert [*after[:place], *after[place + 1 :]] == [*before[:place], *before[place + 1 :]]


def test_an_example_that_is_there_already_is_not_added_again() -> None:
    """Two readers may paste the same sentence."""
    rule = load_rules()["related/see-also"]
    source = (SHIPPED / rule.file).read_text("utf-8")
    assert add_example(source, rule.id, "keeps", rule.keeps[0]) == source
