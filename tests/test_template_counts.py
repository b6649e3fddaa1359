"""Lines and their places, and counts that add up."""

from random import Random

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.templates import make_corpus
from etl.templates.counts import KEPT_STORIES, MERGED, count_lines, key_counts, merge_counts
from etl.templates.keys import AFTER, AMID, BEFORE, BODY, find_places, is_paragraph

SENTENCE = "وصل الوفد إلى المدينة مساء أمس وبحث مع المسؤولين سبل التعاون في الزراعة والمياه والطاقة."
PLACES = {"before": BEFORE, "body": BODY, "amid": AMID, "after": AFTER}


def places_of(*pages: list[str]) -> list[int]:
    lines = pl.Series([line for page in pages for line in page])
    number = np.repeat(np.arange(len(pages), dtype=np.int32), [len(page) for page in pages])
    sizes = lines.str.len_bytes().cast(pl.Int32).to_numpy()
    return find_places(number, sizes, is_paragraph(lines)).tolist()


def test_a_paragraph_ends_a_sentence_or_is_long() -> None:
    """80 bytes that end a sentence are a paragraph; without an end, with dots that go on, or short, a line needs 400."""
    lines = [SENTENCE, SENTENCE + "»", SENTENCE[:-1], SENTENCE + "..", "نعم.", "كلام " * 50]
    assert is_paragraph(pl.Series(lines)).tolist() == [True, True, False, False, False, True]


@pytest.mark.parametrize(
    ("page", "places"),
    [
        (["قائمة", SENTENCE, "عنوان", SENTENCE, "تابعونا"], ["before", "before", "body", "after", "after"]),
        ([SENTENCE, "صورة", "عنوان", SENTENCE], ["before", "amid", "amid", "after"]),
        ([SENTENCE, SENTENCE, SENTENCE], ["before", "body", "after"]),
        (["قائمة", SENTENCE, "تابعونا"], ["before", "body", "after"]),
        (["قائمة", "خبر قصير هنا", "تابعونا"], ["before", "body", "after"]),
    ],
)
def test_places(page: list[str], places: list[str]) -> None:
    """A line stands before the first paragraph, after the last, right between two, or amid others; pages do not mix."""
    expected = [PLACES[place] for place in places]
    assert places_of(page) == expected
    assert places_of(page, page) == expected * 2


@given(st.randoms(use_true_random=False), st.integers(1, 5))
@settings(max_examples=10)
def test_counts_of_shards_add_up(rng: Random, shards: int) -> None:
    """Counts of parts, keyed and merged, are those of the whole, and a line of an outlet has one row."""
    frame, _ = make_corpus(3, sites=2, pages=20)
    whole = merge_counts(key_counts(count_lines(frame).filter(pl.col("mark").is_not_null())))
    cut = sorted(rng.randrange(len(frame) + 1) for _ in range(shards - 1))
    parts = [count_lines(frame[a:b]) for a, b in zip([0, *cut], [*cut, len(frame)], strict=True)]
    rows = [key_counts(part.filter(pl.col("mark").is_not_null())) for part in parts]
    assert merge_counts(pl.concat([MERGED.to_frame(), *rows])).equals(whole)
    assert whole.schema == MERGED
    assert not whole.select("outlet", "key").is_duplicated().any()
    assert (whole["stories"].list.len() <= KEPT_STORIES).all()
    assert (whole["pages"] <= whole.select(pl.sum_horizontal(*PLACES)).to_series()).all()


def test_marks_are_in_order_and_lines_of_a_key_share_one() -> None:
    """The rows of a shard stand in the order of their marks, and lines that differ in a number have one row."""
    frame = pl.DataFrame(
        {
            "id": ["a", "b", "c"],
            "outlet": ["site"] * 3,
            "page": ["12 قراءة\nأخبار", "7 قراءة\nأخبار\n 7 قراءة ", "١٢٣ قراءة"],
            "given_date": ["2024-01-02 10:00", "2024-01-02", None],
        }
    )
    counts = count_lines(frame)
    assert counts["mark"].drop_nulls().is_sorted()
    assert counts.filter(pl.col("mark").is_null()).select("outlet", "pages").rows() == [("site", 3)]
    [row] = counts.filter(pl.col("line").str.ends_with("قراءة")).rows(named=True)
    assert (row["pages"], row["dated"], row["line"]) == (3, 2, "12 قراءة")
    assert row["spellings"] == ["7 قراءة", "١٢٣ قراءة"]
    assert row["days"] == ["2024-01-02"]
    assert sum(row[name] for name in PLACES) == 4
