"""Asking what happened to a document, or to a phrase in it."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import polars as pl
import pytest
from doc_rows import make_docs, make_duplicates, make_page, page_id, write_shards
from hypothesis import given, settings
from hypothesis import strategies as st

from etl.ask import AskError, explain
from etl.edits import Repair, replay
from etl.phrases import PhraseError, find_phrase, place_pieces, place_repairs, say
from etl.restore import restore

WIDGET = "FacebookTwitter"
BODY = "قال الوزير إن القمة ستعقد غدا في العاصمة."
SIGNED = "مازن خليفة | 5 أبريل 2025"
TODAY = "أعلنت الوزارة اليوم الأحد 9 أكتوبر 2022"
NOTE = "وأضاف أن الوفود وصلت كلها."
REPAIRED = {"start": 4, "end": 7, "before": "Ùˆ ", "after": "و", "rule": "repair/utf8-as-1252"}


@pytest.fixture(scope="module")
def build(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A build of a few pages: plain with a copy, repaired, too short, with a second article."""
    folder = tmp_path_factory.mktemp("ask")
    pieces = [
        ("القمة غدا\n", "title/headline"),
        ("20 يونيو 2024\n", "date/line"),
        (f"{BODY}\n", None),
        ("شاهد أيضا: خبر آخر\n", "related/see-also"),
        ("(رويترز)", "source/agency-in-brackets", "mark"),
        (f" {NOTE}", None),
        ("\n", "space/end"),
        (WIDGET, "share/widget"),
    ]
    fields = {"title": "القمة غدا", "date_raw": "20 يونيو 2024", "source": "رويترز", "date_precision": "day"}
    docs = make_docs(
        make_page("plain", pieces, **fields, category="اقتصاد"),
        make_page("copy", pieces, **fields),
        make_page("signed", [(f"{SIGNED}\n", "byline/parts"), (BODY, None)], date=dt.date(2025, 4, 5), date_raw=SIGNED),
        make_page("today", [(f"{TODAY} عن الفتح.", None)], date=dt.date(2022, 10, 9), date_raw=TODAY),
        make_page("repaired", [("سليمونص", None)], [REPAIRED], raw="سليمÙˆ نص"),
        make_page("short", [("قصير.", None)], verdict="quality/too-short", verdict_value=1.0),
        make_page("two", [(f"{BODY}\n", None), (f"{NOTE}\n", None, "", 1), ("حقوق\n", "legal/all", "cut", 1)]),
        make_page("empty", [], verdict="read/empty", lang=None, raw="", encoding=None),
        make_page("persian", [("رئیس جمهور گفت.", None)], verdict="language/not-arabic", verdict_value=0.0, lang="fa"),
    )
    write_shards(docs, folder / "docs")
    (folder / "duplicates").mkdir()
    clusters = make_duplicates([page_id("plain"), page_id("copy")], [page_id("repaired")])
    clusters.write_parquet(folder / "duplicates" / "clusters.parquet")
    (folder / "pages").mkdir()
    given = pl.DataFrame(
        {
            "id": [page_id("plain"), page_id("empty")],
            "given_category": ["اقتصاد", None],
            "given_from": [[{"field": "category", "source": "meta section"}], None],
            "reason": [None, "the file holds no bytes"],
        }
    )
    given.write_parquet(folder / "pages" / "p.parquet")
    return folder


def told(build: Path, key: str, at: str | None = None) -> str:
    return "\n".join(explain(build, page_id(key) if "." not in key else key, at))


def test_everything_is_told_in_the_order_in_which_it_happened(build: Path) -> None:
    """From reading to the verdict."""
    heads = [line.split()[0] for line in told(build, "plain").split("\n") if not line.startswith(" ")]
    assert heads == [
        *(page_id("plain"), "read", "repairs", "pieces", "fields", "language", "quality", "duplicates"),
        "verdict",
    ]


def test_each_cut_is_told_with_rule_place_and_reason(build: Path) -> None:
    lines = told(build, "plain").split("\n")
    at = next(number for number, line in enumerate(lines) if "related/see-also" in line)
    start = len("القمة غدا\n20 يونيو 2024\n") + len(BODY) + 1
    assert f"cut related/see-also {start}-{start + 19}, zone body" in lines[at]
    assert "'read also'" in lines[at + 1].lower()
    assert any("mark source/agency-in-brackets" in line for line in lines)
    assert any("cut space/… 1 characters" in line for line in lines)


def test_fields_name_the_pieces_they_were_read_from(build: Path) -> None:
    """Or say that the input gave them beside the page."""
    text = told(build, "plain")
    assert "title \u2068«القمة غدا»\u2069 from title/headline 0-10" in text
    assert "source \u2068«رويترز»\u2069 from source/agency-in-brackets" in text
    assert "category \u2068«اقتصاد»\u2069 as the input gave it" in text
    assert "given category \u2068«اقتصاد»\u2069 (meta section)" in text


def test_a_date_on_the_writers_line_is_told_from_there(build: Path) -> None:
    """Whatever kinds of lines a field is read from, `explain` names the one."""
    assert f"from byline/parts 0-{len(SIGNED) + 1}" in told(build, "signed", "خليفة | 5")


def test_a_day_that_the_text_calls_today_is_told_from_there(build: Path) -> None:
    """No label stands before it, and it stays in the text."""
    assert "«2022-10-09»\u2069 from the text 0-" in told(build, "today")


def test_letters_of_another_language_are_no_arabic_ones(build: Path) -> None:
    """A share of 0 of a text in Arabic script is explained where it stands."""
    verdict = told(build, "persian").split("\n")[-1]
    assert verdict.endswith(
        "0 of the letters are in Arabic (its script in another language is not); the language is fa"
    )


def test_a_verdict_is_told_with_its_value_and_the_parameter(build: Path) -> None:
    assert "quality/too-short: 1 words; at least 25 (quality.min_words)" in told(build, "short")
    assert "duplicate/near: 0.9 similar" in told(build, "copy")
    assert f"similarity 0.90 to {page_id('plain')}" in told(build, "copy")
    assert "read/empty (the file holds no bytes)" in told(build, "empty")
    assert told(build, "plain").endswith("released")


def test_a_phrase_brings_what_touched_it_and_nothing_else(build: Path) -> None:
    text = told(build, "plain", WIDGET)
    assert "found 1 time in the page" in text
    assert "cut share/widget" in text and "related/see-also" not in text
    kept = told(build, "plain", "القمة ستعقد")
    assert "kept 24-66" in kept and "cut " not in kept


def test_a_phrase_is_found_in_another_spelling(build: Path) -> None:
    assert "in the page, spelt another way" in told(build, "plain", "واضاف ان الوفـود وصلت")


def test_a_phrase_across_a_cut_shows_the_cut(build: Path) -> None:
    """The text joins what the page held apart."""
    text = told(build, "plain", f"العاصمة.\n(رويترز) {NOTE}")
    assert "in the text, across what was cut" in text and "cut related/see-also" in text


def test_a_phrase_of_the_raw_page_shows_its_repair(build: Path) -> None:
    text = told(build, "repaired", "مÙˆ ن")
    assert "in the raw page, before it was repaired" in text
    assert "1 of 1 touch it" in text and "repair/utf8-as-1252 4-5" in text
    assert "pieces      3-6 of the page" in text


def test_a_second_article_shows_its_own_pieces(build: Path) -> None:
    child = f"{page_id('two')}.1"
    text = told(build, child)
    assert f"a second article on the page {page_id('two')}" in text
    assert "legal/all" in text and f"{len(NOTE) + 6} characters" in text
    assert "legal/all" not in told(build, "two")
    assert "article 1" in told(build, "two", NOTE)


def test_an_id_may_be_pasted_with_what_stood_around_it(build: Path) -> None:
    """Signs of direction and spaces come along from a terminal or a page of Arabic; they are no part of an id."""
    name = pl.read_parquet(build / "docs" / "*.parquet")["id"].sort()[0]
    for pasted in (f"\u2068{name}\u2069", f" \u200f{name}\n", f"\u202a{name}\u202c"):
        assert list(explain(build, pasted)) == list(explain(build, name))
        assert pl.concat(restore(build, ids=[pasted])).equals(pl.concat(restore(build, ids=[name])))


def test_an_unknown_id_is_answered_with_those_near(build: Path) -> None:
    name = page_id("plain")
    for wrong in (name[:-1] + "x", name[:6], "plain.tx"):
        with pytest.raises(AskError, match=name):
            list(explain(build, wrong))


def test_a_page_may_be_asked_for_by_its_path(build: Path) -> None:
    """A run names what it rejects by that."""
    assert list(explain(build, "plain.txt")) == list(explain(build, page_id("plain")))


def test_an_unknown_phrase_is_answered_with_the_nearest_line(build: Path) -> None:
    with pytest.raises(PhraseError, match=r"nearest lines are .*القمة ستعقد"):
        told(build, "plain", "القمة ستعقد في مدينة أخرى")
    with pytest.raises(PhraseError, match="give some words"):
        told(build, "plain", " \u0640 ")


@st.composite
def repaired_pages(draw: st.DrawFn) -> tuple[str, list[Repair]]:
    """A raw page and repairs of it that do not touch."""
    raw = draw(st.text("ابجد", min_size=1, max_size=30))
    cuts = sorted(draw(st.sets(st.integers(0, len(raw)), max_size=8)))
    pairs = zip(cuts[::2], cuts[1::2], strict=False)
    after = st.text("xyz", max_size=3)
    return raw, [Repair(start, end, raw[start:end], draw(after), "repair/test") for start, end in pairs]


@settings(max_examples=80)
@given(repaired_pages(), st.data())
def test_a_place_in_the_raw_page_maps_to_the_page_around_it(
    case: tuple[str, list[Repair]], data: st.DataObject
) -> None:
    """What lies between the ends of the place, repaired, is what the page has there."""
    raw, repairs = case
    text = replay(raw, repairs)
    piece = {"article": 0, "length": len(text), "rule": None, "action": None, "zone": None, "score": None}
    rows = [one._asdict() for one in repairs]
    page = {"id": "x", "raw": raw, "page": text, "pieces": [piece], "repairs": rows}
    for (start, end), repair in place_repairs(page):
        assert text[start:end] == repair.after
    start = data.draw(st.integers(0, len(raw) - 1))
    phrase = raw[start : data.draw(st.integers(start + 1, len(raw)))]
    spans, where = find_phrase(phrase, page, text, place_pieces(page), 0)
    if where.startswith("raw"):
        first = raw.find(phrase)
        inside = [one for one in repairs if one.start < first + len(phrase) and first < one.end]
        low = min([first, *(one.start for one in inside)])
        high = max([first + len(phrase), *(one.end for one in inside)])
        begin, stop = spans[0]
        shifted = [Repair(one.start - low, one.end - low, *one[2:]) for one in inside]
        assert text[begin:stop] == replay(raw[low:high], shifted)
    else:
        assert all(text[begin:stop] == phrase for begin, stop in spans)


def test_a_date_is_said_like_a_text() -> None:
    """A field that is no text, as a date is, is told as it is written."""
    assert "2024-06-20" in say(dt.date(2024, 6, 20))
    assert "واحد، 2" in say(["واحد", 2])
