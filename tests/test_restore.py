"""Cuts given back: what a rule took stands where it stood, and lines stay lines."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from random import Random

import polars as pl
import pytest
from doc_rows import join_text, make_corpus, make_page, page_id, release_docs, write_shards
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import LINES

from etl.api import raw_frame
from etl.ask import AskError
from etl.knowledge import ship_knowledge
from etl.loading import load
from etl.manifest import read_manifest
from etl.pieces import label_space, to_pieces, unpack_pieces
from etl.pipeline import STAGES, clean_pages
from etl.release_params import ReleaseParams
from etl.repair import repair_pages
from etl.restore import RESTORED, choose_rules, restore, write_restored
from etl.returns import give_back
from etl.rule_hits import NoSuchRule
from etl.titles import label_titles

Pieces = list[tuple[str, str | None, bool]]


@pytest.fixture(scope="module")
def build(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small corpus as a build without a release."""
    folder = tmp_path_factory.mktemp("restore")
    write_shards(make_corpus(6), folder / "docs")
    return folder


def back(pieces: Pieces, wanted: set[str] | None) -> str:
    """Pieces of one article (text, rule, stays) -> its text with the wanted cuts in it."""
    texts, rules, stays = zip(*pieces, strict=True) if pieces else ((), (), ())
    frame = pl.DataFrame(
        {"piece": texts, "rule": rules, "stays": stays},
        schema={"piece": pl.String, "rule": pl.String, "stays": pl.Boolean},
    ).with_columns(id=pl.lit("x"), article=pl.lit(0, pl.Int32))
    found = give_back(frame, wanted)["text"].to_list()
    return found[0] if found else ""


def text_of(build: Path, rules: list[str], name: str) -> str:
    return str(pl.concat(restore(build, rules, [name]))["text"].item())


def test_a_cut_stands_where_it_stood(build: Path) -> None:
    """The other cuts stay cut; length and what came back are counted."""
    frame = pl.concat(restore(build, ["related/see-also"], [page_id("page 4")]))
    assert frame.schema == RESTORED
    row = frame.row(0, named=True)
    lines = row["text"].split("\n")
    assert lines[1] == "شاهد أيضا: خبر آخر رقم 4" and lines[2].startswith("(رويترز) وأضاف")
    assert row["given_back"] == len(lines[1]) + 1 and row["n_chars"] == len(row["text"])


def test_lines_that_come_back_are_paragraphs_among_the_others(build: Path) -> None:
    """One a line, without the blank lines between, as the build sets them; a line at the end has its own line."""
    before = text_of(build, ["title/first-line"], page_id("page 4")).split("\n", 1)
    assert before[0] == "عنوان الخبر رقم 4" and before[1].startswith("قال الوزير")
    assert text_of(build, ["share/widget"], page_id("page 4")).endswith("بعد.\nFacebookTwitter")


def test_a_family_stands_for_its_rules(build: Path) -> None:
    assert choose_rules(build, ["related"]) == {"related/see-also"}
    assert "title/second" in choose_rules(build, ["title"])


def test_without_rules_the_article_is_as_it_stood_in_the_page(build: Path) -> None:
    pages_of = {row["id"]: row["page"] for row in make_corpus(6).iter_rows(named=True)}
    name = page_id("page 3")
    assert text_of(build, [], name) == pages_of[name]


def test_a_second_article_gets_its_own_cuts(build: Path) -> None:
    """The page and its second article do not mix."""
    child = text_of(build, ["related"], f"{page_id('two articles')}.1").split("\n")
    assert child[1] == "شاهد أيضا: رابط" and len(child) == 3
    assert text_of(build, ["related"], page_id("two articles")).count("\n") == 0


def test_all_documents_come_with_their_verdicts(build: Path) -> None:
    """Those left out too; what nothing came back to is as it was."""
    frame = pl.concat(restore(build, ["share"]))
    docs = make_corpus(6)
    assert sorted(frame["id"]) == sorted(docs["id"])
    same = frame.filter(given_back=0).join(docs, on="id", how="inner")
    assert len(same) and same["text"].equals(same["text_right"], check_names=False)
    assert frame.filter(id=page_id("short"))["verdict"].item() == "quality/too-short"


def test_nothing_personal_is_masked_at_home(build: Path) -> None:
    assert "other@example.com" in text_of(build, ["related"], page_id("personal"))


def test_what_is_not_there_is_an_error_with_what_is_near(build: Path) -> None:
    with pytest.raises(NoSuchRule, match="near are related/see-also"):
        list(restore(build, ["related/see-als"]))
    with pytest.raises(AskError, match=page_id("page 1")):
        list(restore(build, [], [page_id("page 1")[:-1] + "x"]))
    with pytest.raises(AskError, match="a rule, a document"):
        list(restore(build))
    assert "legal/copyright" in choose_rules(build, ["legal/copyright"], ship_knowledge().rules)


@pytest.mark.parametrize("suffix", [".jsonl", ".parquet"])
def test_files_hold_what_was_restored(build: Path, tmp_path: Path, suffix: str) -> None:
    out = tmp_path / f"out{suffix}"
    counts = write_restored(restore(build, ["share"]), out)
    expected = pl.concat(restore(build, ["share"]))
    assert counts == {"documents": len(expected), "changed": 6, "given_back": expected["given_back"].sum()}
    if suffix == ".parquet":
        assert pl.read_parquet(out).equals(expected)
    else:
        rows = [json.loads(line) for line in out.read_text("utf-8").split("\n")[:-1]]
        assert [(row["id"], row["text"]) for row in rows] == list(expected.select("id", "text").iter_rows())
        assert list(rows[0]) == list(RESTORED)


def test_a_file_of_another_kind_is_refused(build: Path, tmp_path: Path) -> None:
    with pytest.raises(AskError, match=r"\.jsonl or \.parquet"):
        write_restored(restore(build, ["share"]), tmp_path / "out.csv")


def test_a_line_does_not_run_into_one_that_stays_cut() -> None:
    """The line feed between them was filed as the text's end; it is no end any more."""
    pieces: Pieces = [("أ", None, True), ("\n", "space/end", False), ("ب\n", "share/x", False)]
    pieces += [("ج\n", "related/x", False)]
    assert back(pieces, {"related/x"}) == "أ\nج"
    assert back(pieces, {"share/x"}) == "أ\nب"


def test_a_part_of_a_line_comes_back_with_the_white_space_beside_it() -> None:
    """A cut within a sentence left one white space of two; given back, the sentence is that of the page."""
    pieces: Pieces = [("قال ", None, True), ("(إعلان)", "ad/x", False), (" ", "space/edge", False), ("نعم", None, True)]
    assert back(pieces, {"wire/none"}) == "قال نعم"
    assert back(pieces, {"ad/x"}) == "قال (إعلان) نعم"


def test_a_paragraph_whose_tail_stays_cut_keeps_its_line() -> None:
    """The tail was cut with its line feed; what is given back before it does not run into the next paragraph."""
    pieces: Pieces = [
        ("مقدمة. ", "summary/x", False),
        ("اقرأ المزيد. ", "promo/x", False),
        ("#وسم\n", "keywords/x", False),
    ]
    pieces += [("متن.", None, True), ("\n", "space/end", False)]
    assert back(pieces, {"promo/x"}) == "اقرأ المزيد.\nمتن."
    assert back(pieces, {"summary/x", "promo/x"}) == "مقدمة. اقرأ المزيد.\nمتن."
    # The last paragraph has no line feed, whoever cut it.
    assert (
        back([*pieces[3:4], *pieces[4:], ("خاتمة ", "wire/x", False), ("#وسم\n", "keywords/x", False)], {"wire/x"})
        == "متن.\nخاتمة"
    )


kept_piece = st.tuples(st.sampled_from(["أ", "أ ب", " ب", "أ\n"]), st.none(), st.just(True))
cut_piece = st.tuples(st.sampled_from(["ج", "د ", "ج\n"]), st.sampled_from(["related/a", "share/b"]), st.just(False))
space_piece = st.tuples(st.sampled_from(["\n", " ", "\n \n"]), st.just("space/blank"), st.just(False))
piece = st.one_of(kept_piece, cut_piece, space_piece)


@settings(max_examples=60)
@given(st.lists(piece, max_size=12))
def test_what_comes_back_is_all_of_it(pieces: Pieces) -> None:
    """Nothing is added, nothing but white space is lost, the order stands; with every rule it is the page."""
    page = "".join(text for text, _, _ in pieces)
    found = back(pieces, {"related/a"})
    asked = "".join(text for text, rule, stays in pieces if stays or rule == "related/a")
    assert "".join(found.split()) == "".join(asked.split())
    assert all(line and line == line.strip() for line in found.split("\n") if found)
    assert back(pieces, {"related/a", "share/b", "space/blank", "space/edge", "space/end"}) == page
    assert back(pieces, None) == page


@pytest.fixture(scope="module")
def mixed() -> pl.DataFrame:
    """Documents cleaned from pages of all sorts of lines, of the pages of tests/pages, and of the seeds."""
    draw = Random(7)
    texts = ["\n".join(draw.choices(LINES, k=12)) for _ in range(40)]
    root = Path(__file__).parent
    texts += [path.read_text("utf-8", "replace") for path in sorted(root.glob("pages/*/page.txt"))[:12]]
    texts += [path.read_text("utf-8") for path in sorted((root.parent / "seeds").glob("*.txt"))]
    return clean_pages(repair_pages(raw_frame(texts)), ship_knowledge())


def test_nothing_wanted_is_the_text_of_the_build(mixed: pl.DataFrame) -> None:
    """Filing the white space of a finished document anew changes nothing: what is given back is all that differs."""
    found = give_back(pieces_of(mixed), {"wire/none"})
    texts = {(row["id"], row["article"]): row["text"] for row in found.iter_rows(named=True)}
    for row in mixed.filter(pl.col("page").is_not_null() | pl.col("parent_id").is_not_null()).iter_rows(named=True):
        page, _, number = row["id"].partition(".")
        assert texts.get((page, int(number or 0)), "") == row["text"]


def test_a_cut_given_back_is_a_cut_never_made(mixed: pl.DataFrame) -> None:
    """The text is that of the same stages over the same pieces, had the rule labelled none of them."""
    know = ship_knowledge()
    pages = repair_pages(raw_frame(mixed["raw"].drop_nulls().to_list()))
    pieces = to_pieces(pages.lazy())
    for stage in STAGES[:-1]:
        pieces = (partial(label_titles, given=pages) if stage is label_titles else stage)(pieces, know)
    before = pieces.collect()
    docs = clean_pages(pages, know)
    rules = sorted(set(before["rule"].drop_nulls()) - know.marks)
    assert len(rules) > 20
    for rule in rules:
        never = before.with_columns(rule=pl.when(pl.col("rule") != rule).then("rule"))
        wanted = give_back(pieces_of(docs), {rule})
        made = join_text(label_space(merged(never).lazy(), know.marks), know.marks)
        assert wanted.select("id", "article", "text").equals(made.select("id", "article", "text")), rule


def test_a_release_gives_back_what_the_build_gives_back(mixed: pl.DataFrame, tmp_path: Path) -> None:
    """`etl.load(include=…)` and `ghirbal restore` give the same text to the character, for every rule and for all."""
    files = write_shards(mixed, tmp_path / "docs", 2)
    release_docs(files, tmp_path / "release", params=ReleaseParams(mask_personal=False))
    known = {row["rule"] for row in read_manifest(tmp_path / "release")["numbers"]["rules"]}
    rules = sorted(known & set(pieces_of(mixed).filter(~pl.col("stays"))["rule"]))
    before = dict(load(tmp_path / "release").select("id", "text").iter_rows())
    changed = 0
    for wanted in [*([rule] for rule in rules), [rule for rule in rules if not rule.startswith("space/")], rules]:
        ours = {row["id"]: row["text"] for row in pl.concat(restore(tmp_path, wanted)).iter_rows(named=True)}
        published = load(tmp_path / "release", include=wanted)
        assert len(published) > 20
        for name, text in published.select("id", "text").iter_rows():
            assert text == ours[name], (wanted, name)
            changed += text != before[name]
    assert changed


def pieces_of(docs: pl.DataFrame) -> pl.DataFrame:
    """Documents -> their pieces as `give_back` takes them."""
    return unpack_pieces(docs.lazy()).with_columns(stays=(pl.col("action") != "cut").fill_null(True)).collect()


def merged(pieces: pl.DataFrame) -> pl.DataFrame:
    """Pieces -> the same, neighbours without a label one piece where they are of one line."""
    kept = pl.col("rule").is_null()
    new = ~(
        kept
        & kept.shift(1)
        & ~pl.col("piece").shift(1).str.ends_with("\n")
        & (pl.col("id") == pl.col("id").shift(1))
        & (pl.col("article") == pl.col("article").shift(1))
    ).fill_null(False)
    first = [pl.col(name).first() for name in pieces.columns if name != "piece"]
    return (
        pieces.group_by(new.cast(pl.Int64).cum_sum().alias("_run"), maintain_order=True)
        .agg(*first, pl.col("piece").str.join(""))
        .select(pieces.columns)
    )


def test_a_page_without_pieces_is_left_alone(tmp_path: Path) -> None:
    docs = pl.DataFrame(make_page("empty", [], verdict="read/empty", raw=""), schema=make_corpus(1).schema)
    write_shards(docs, tmp_path / "docs", 1)
    frame = pl.concat(restore(tmp_path, [], docs["id"].to_list()))
    assert frame["text"].to_list() == [""] and frame["given_back"].to_list() == [0]
