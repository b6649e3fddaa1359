"""Tables against their models: a table that breaks one fails, and the message says where and what to do."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from doc_rows import make_corpus, make_docs, make_page, page_id
from hypothesis import given, settings
from hypothesis import strategies as st

from etl.tiles import byte_places
from etl.validate import InvalidTable, validate_docs, validate_frame
from schemas.audit import AUDIT, Audit
from schemas.columns import PATH, Strict, columns_table, document_id, polars_schema, split_id, text_columns
from schemas.doc import Doc
from schemas.record import Record

MODELS = [
    model
    for file in sorted((Path(__file__).parents[1] / "schemas").glob("*.py"))
    for model in vars(importlib.import_module(f"schemas.{file.stem}")).values()
    if isinstance(model, type)
    and issubclass(model, Strict)
    and model.__module__ == f"schemas.{file.stem}"
    and model is not Strict
]
AUDIT_ROW = {
    "id": "0" * 16,
    "article": 0,
    "start": 0,
    "end": 3,
    "rule": "share/widget",
    "action": "cut",
    "at": 0,
    "text": "abc",
    "masked": False,
}


def audit(*rows: dict[str, object]) -> pl.DataFrame:
    return pl.DataFrame([AUDIT_ROW | row for row in rows], schema=AUDIT)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_every_column_is_described(model: type[Strict]) -> None:
    """A column without a description cannot go into the card's table; each model says what one row is."""
    assert model.__doc__
    for column in columns_table(model):
        assert column.description.endswith("."), column.name
        assert len(column.description) > 8, column.name


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_every_value_that_a_column_may_have_is_told(model: type[Strict]) -> None:
    """Where the model lists the values, the description says each."""
    for name, column in model.to_schema().columns.items():
        for check in column.checks:
            for value in check.statistics.get("allowed_values", ()):
                assert f"`{value}`" in (column.description or ""), (name, value)


def test_a_path_is_told_in_the_same_words_everywhere() -> None:
    """One constant: what follows the `#` is the line of CSV and JSON lines, of all other records the number."""
    told = {
        model.__name__: model.to_schema().columns["path"].description
        for model in MODELS
        if "path" in model.to_schema().columns
    }
    assert {"Raw", "Document", "Index", "Rejected"} <= told.keys()
    assert set(told.values()) == {PATH}


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_an_empty_table_of_the_schema_is_valid(model: type[Strict]) -> None:
    """The polars schema is the model's."""
    validate_frame(polars_schema(model).to_frame(), model, "empty")


def test_types_are_those_every_reader_opens() -> None:
    """No 128-bit, unsigned, nanosecond or categorical type leaves the house."""
    names = {column.type for model in MODELS for column in columns_table(model)}
    words = set(re.findall(r"\w+", " ".join(names)))
    assert words.isdisjoint({"int128", "uint32", "uint64", "datetime", "categorical", "enum", "decimal"})


def test_good_documents_pass() -> None:
    """What the builder makes is valid, so the tests below fail for what they plant and nothing else."""
    docs = make_corpus()
    assert validate_docs(docs).equals(docs)


@pytest.mark.parametrize(
    ("plant", "column", "said"),
    [
        (lambda d: d.with_columns(pl.col("n_words").cast(pl.String)), "n_words", "cast the column"),
        (lambda d: d.with_columns(id=pl.lit(None, pl.String)), "id", "fill the column"),
        (lambda d: d.with_columns(pl.col("id").gather([0, 0, *range(2, len(d))])), "id", "-2, -3"),
        (lambda d: d.with_columns(arabic_share=pl.lit(1.5)), "arabic_share", "found '1.5'"),
        (lambda d: d.with_columns(arabic_share=pl.lit(float("nan"))), "arabic_share", "mend the value"),
        (lambda d: d.with_columns(date_precision=pl.lit("week")), "date_precision", "found 'week'"),
        (lambda d: d.with_columns(verdict=pl.lit("too short")), "verdict", "found 'too short'"),
        (lambda d: d.with_columns(surplus=1), "surplus", "describe it"),
        (lambda d: d.drop("outlet"), "outlet", "must fill the column"),
        (lambda d: d.with_columns(n_chars=pl.col("n_chars") + 1), "n_chars", "length of text"),
    ],
)
def test_a_planted_bad_value_names_place_and_remedy(plant, column, said) -> None:  # type: ignore[no-untyped-def]
    """File, table, column, value or document, and what to do: all in one message."""
    docs = make_corpus(5)
    with pytest.raises(InvalidTable) as caught:
        validate_docs(plant(docs), where="docs-007.parquet")
    message = str(caught.value)
    assert message.startswith("docs-007.parquet: Doc breaks")
    assert f"column '{column}'" in message
    assert said in message
    assert "To do: " in message


def test_the_message_names_the_document() -> None:
    """One bad value in one row: its id stands in the message, and no other."""
    docs = make_corpus(5)
    bad = pl.col("id") == page_id("page 3")
    planted = docs.with_columns(cut_share=pl.when(bad).then(7.0).otherwise("cut_share"))
    with pytest.raises(InvalidTable) as caught:
        validate_docs(planted)
    assert page_id("page 3") in str(caught.value)
    assert page_id("page 2") not in str(caught.value)


def test_end_before_start_fails() -> None:
    """Offsets of the audit are half-open and not empty."""
    validate_frame(audit({}), Audit, "audit")
    with pytest.raises(InvalidTable, match=f"(?s)audit.*end after start.*{'0' * 16}.*end lies after start"):
        validate_frame(audit({}, {"start": 9, "end": 4}), Audit, "audit")


def test_a_failure_does_not_carry_the_text() -> None:
    """A hundred thousand characters of text do not end up in the message."""
    with pytest.raises(InvalidTable) as caught:
        validate_frame(audit({"text": "ط" * 100_000, "start": 9, "end": 4}), Audit, "audit")
    assert len(str(caught.value)) < 1000


def test_long_text_is_checked_by_type_only() -> None:
    """Every column of running text is marked as such."""
    assert {"text", "title", "related", "captions"} <= set(text_columns(Record))
    assert {"raw", "page", "pieces"} <= set(text_columns(Doc))


def test_pages_that_do_not_replay_fail() -> None:
    """Pieces tile the page, the page minus its cuts is the text, raw through its repairs is the page."""
    good = make_page("a", [("سطر أول\n", None), ("share", "share/widget")])

    def broken(**changed: object) -> str:
        with pytest.raises(InvalidTable) as caught:
            validate_docs(make_docs([good[0] | changed]), where="file")
        assert page_id("a") in str(caught.value)
        return str(caught.value)

    assert "is not the page minus its cuts" in broken(text="سطر ثان\n")
    assert "is not the page minus its cuts" in broken(text="سطر أول", n_chars=7)
    assert "lengths add up to 13, the page has 14" in broken(page="سطر أول\nshare!")
    assert "raw through its repairs is not the page" in broken(raw="سطر أولshare")
    wrong = [{"start": 0, "end": 1, "before": "X", "after": "س", "rule": "repair/x"}]
    assert "raw through its repairs is not the page" in broken(repairs=wrong)
    assert "ends before it starts" in broken(repairs=[wrong[0] | {"start": 5}])
    negative = [good[0]["pieces"][0] | {"length": 14}, good[0]["pieces"][1] | {"length": -1}]
    assert "ends before it starts" in broken(pieces=negative)
    assert "only a second article" in broken(page=None, pieces=None)


def test_second_articles_replay_too() -> None:
    """A second article is its pieces of its page, has its page's hash, and does not come without its page."""
    page, child = make_page("a", [("نص أول\n", None), ("نص ثان", None, "", 1)])
    validate_docs(make_docs([page, child]))
    for changed, said in (
        ({"text": "غيره", "n_chars": 4}, "is not its pieces of the parent's page"),
        ({"raw_sha256": "0" * 64}, "is not its parent's"),
    ):
        with pytest.raises(InvalidTable, match=said):
            validate_docs(make_docs([page, child | changed]))
    with pytest.raises(InvalidTable, match="without a record"):
        validate_docs(make_docs([page]))
    with pytest.raises(InvalidTable, match="the page is missing"):
        validate_docs(make_docs([child]))


PIECE = st.tuples(
    st.text(alphabet="aبج\n🜀 é", min_size=0, max_size=6),
    st.sampled_from([None, "cut", "mark"]),
    st.integers(0, 2),
)


@settings(max_examples=25)
@given(st.lists(st.lists(PIECE, max_size=8), min_size=1, max_size=4), st.data())
def test_replay_is_found_right_and_wrong(pages: list[list[tuple[str, str | None, int]]], data: st.DataObject) -> None:
    """Whatever the pieces, documents built from them pass, and one whose text gains a character does not."""
    made = [
        make_page(str(n), [(text, act and "share/x", act or "", article) for text, act, article in pieces])
        for n, pieces in enumerate(pages)
    ]
    docs = make_docs(*made)
    validate_docs(docs)
    row = data.draw(st.integers(0, len(docs) - 1))
    texts = docs["text"].to_list()
    texts[row] += "x"
    with pytest.raises(InvalidTable, match=r"minus its cuts|its pieces of"):
        validate_docs(docs.with_columns(text=pl.Series(texts), n_chars=pl.Series([len(t) for t in texts])))


@given(st.text(alphabet="aé漢🜀\n", max_size=80), st.data())
def test_places_in_code_points_and_in_bytes(text: str, data: st.DataObject) -> None:
    """A place in code points is the length of what lies before it in bytes; past the end it is the end."""
    places = sorted(data.draw(st.lists(st.integers(0, len(text) + 3), max_size=6)))
    found = byte_places(np.frombuffer(text.encode(), np.uint8), np.array(places, np.int64))
    assert found.tolist() == [len(text[:place].encode()) for place in places]


@given(st.sampled_from(["", "-2", "-13"]), st.integers(0, 12))
def test_the_id_of_a_document_is_taken_apart_again(later: str, article: int) -> None:
    """A page's own is the page's; a second article's has its number behind a dot."""
    page = "0123456789abcdef" + later
    [name] = pl.DataFrame({"id": [page], "article": [article]}).select(document_id(pl.col("article"))).to_series()
    assert split_id(name) == (page, article) and (name == page) == (article == 0)
