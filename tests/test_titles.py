"""The title among the lines before the body: chosen by columns as the plain definition chooses it, line by line."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from place_reference import Line, Rows, choose_titles, find_document_title, frame_of, is_headline

from benchmarks.train_titles import Data, count_right, fit
from etl.knowledge import Knowledge
from etl.rules import Rules
from etl.titles import _PARTED, label_titles, split_decks
from etl.titles.lines import find_headlines
from etl.values import split_summary
from schemas.piece import PIECE

KNOW = Knowledge(rules=Rules(()))
TITLE = "الحكومة تقر خطة جديدة لدعم المزارعين في الجنوب"
LONG = "الحكومة تقر خطة جديدة لدعم المزارعين في الجنوب بعد موسم جفاف"
DECK = "قالت الحكومة إن الخطة الجديدة ستدعم آلاف المزارعين في محافظات الجنوب هذا العام."
BODY = "أعلنت الحكومة أنها أقرت خطة لدعم المزارعين في الجنوب، وقال الوزير إن الدعم سيبدأ الشهر المقبل."
OTHER = "المنتخب يفوز على ضيفه بثلاثة أهداف دون رد"


def label(lines: Rows, title: str | None = None) -> list[str | None]:
    beside = pl.DataFrame({"id": ["0"], "given_title": [title]}, schema={"id": pl.String, "given_title": pl.String})
    return label_titles(frame_of([lines]).lazy(), KNOW, beside).collect()["rule"].to_list()


def test_the_title_is_the_line_that_the_body_is_about() -> None:
    """Not a headline of another article, though it stands there first; what follows it is deck and caption."""
    lines: Rows = [
        (OTHER, "before", None),
        (TITLE, "before", None),
        ("6 مارس 2024", "before", "date/line"),
        (DECK, "before", None),
        ("مزارعون في حقل بالجنوب", "before", None),
        ("تكبير الصورة", "before", "media/zoom"),
        (TITLE, "before", None),
        (BODY, "body", None),
    ]
    assert label(lines) == [
        *(None, "title/headline", "date/line", "summary/deck", "media/caption", "media/zoom", "title/again", None),
    ]


def test_a_line_that_stands_more_than_three_times_is_the_title() -> None:
    """A caption stands twice or three times: as alternative text, and below its picture."""
    again = "طريق ترابي في القرية"
    found = [label([*[(again, "before", None)] * times, (BODY, "body", None)])[0] for times in (2, 3, 4)]
    assert found == [None, None, "title/headline"]


def test_a_line_that_goes_on_behind_a_title_cut_off_is_it() -> None:
    """The title that came beside the page has its first words; with fewer than four of them it is another's."""
    lines: Rows = [("الموقع الجديد للأخبار المحلية", "before", None), (LONG, "before", None), (BODY, "body", None)]
    assert label(lines, "الحكومة تقر خطة جديدة") == [None, "title/headline", None]
    assert label(lines, "الحكومة تقر خطة") == [None, None, None]


def test_a_caption_by_its_first_words_is_no_title() -> None:
    """However much it shares with the text, and though a byline stands below."""
    lines: Rows = [
        ("جانب من مزارعين في محافظات الجنوب", "before", None),
        ("كتب سالم حسن", "before", "byline/by"),
        (BODY, "body", None),
    ]
    assert label(lines)[0] is None


def test_a_longer_title_below_it() -> None:
    """Another line that the body is about, further down, is the long title."""
    assert label([(TITLE, "before", None), (LONG, "before", None), (BODY, "body", None)])[:2] == [
        "title/headline",
        "title/long",
    ]


def test_a_title_with_the_site_s_name_is_the_document_s() -> None:
    """The line without it is the title, though the other stands first."""
    lines: Rows = [
        (f"{TITLE} | الموقع", "before", None),
        *[("بحث", "before", "ui/search")] * 4,
        *[(TITLE, "before", None)] * 2,
    ]
    assert label([*lines, (BODY, "body", None)])[-3:] == ["title/headline", "title/again", None]


def test_the_site_s_name_may_stand_before_a_title() -> None:
    """Wherever the line without it stands: that is the title, and a caption below is none. Alone the line with it stays one."""
    named, again = (f"الموقع - {TITLE}", "before", None), (TITLE, "before", None)
    date: Rows = [("الخميس 20 يونيو 2024", "before", "date/line")]
    buttons: Rows = [("بحث", "before", "ui/search")] * 4
    assert label([named, *date, *buttons, again, (BODY, "body", None)])[6] == "title/headline"
    assert label([named, *date, *buttons, (BODY, "body", None)])[0] == "title/headline"
    menu: Rows = [(section, "before", None) for section in ("محليات", "اقتصاد", "رياضة")]
    below: Rows = [named, ("مزارعون في حقل بالجنوب", "before", None), (BODY, "body", None)]
    assert label([*menu, again, ("الموقع -", "before", None), *below])[3:5] == ["title/headline", None]


@pytest.mark.parametrize(
    ("over", "is_title"),
    [
        ("خلال اجتماع عقده مجلس الوزراء لدعم المزارعين", False),
        ("بحضور وزير الزراعة وعدد من المزارعين", False),
        ("بحضور الوزير.. خطة جديدة لدعم المزارعين", True),
        ("خطة لدعم المزارعين في محافظات الجنوب", True),
    ],
)
def test_what_says_when_or_with_whom_stands_above_the_headline(over: str, is_title: bool) -> None:
    """A kicker shares words with the text as the headline does, and comes first."""
    labels = label([(over, "before", None), (LONG, "before", None), (BODY, "body", None)])
    assert labels[:2] == (["title/headline", "title/long"] if is_title else [None, "title/headline"])


def test_with_a_title_given_only_a_line_that_says_the_same_is_one() -> None:
    lines: Rows = [(TITLE, "before", None), (OTHER, "before", None), (BODY, "body", None)]
    assert label(lines, OTHER) == [None, "title/headline", None]
    assert label(lines, "خبر لا يقول شيئا من ذلك كله") == [None, None, None]


def test_what_stands_below_a_label_alone_is_its_value() -> None:
    lines: Rows = [("الكاتب", "before", "byline/label-alone"), (TITLE, "before", None), (BODY, "body", None)]
    assert label(lines) == ["byline/label-alone", None, None]


WORDS = [*TITLE.split(), *OTHER.split()[:3], *BODY.split()[:6], "|", "-", "..", "#وسم", "Reuters", "قال.", "3.5"]
TEXTS = [
    "خطة دعم المزارعين في الجنوب:",
    *(TITLE, f"{TITLE} | الموقع", f"{TITLE}: الموقع - أخبار", f"• {TITLE}", TITLE.replace("ة", "ه"), LONG, DECK, OTHER),
    *(
        BODY,
        "أخبار محلية اليوم",
        "- أخبار محلية اليوم",
        "",
        "  ",
        "صورة",
        f"الموقع - {TITLE}",
        "A headline in English words",
        f"{DECK} #وسم",
    ),
    *("ـ ـ ـ", "ـ ـ ـ | أخبار محلية"),
]
text = st.sampled_from(TEXTS) | st.lists(st.sampled_from(WORDS), max_size=45).map(" ".join)
RULES = [None, None, None, "date/line", "share/widget", "media/zoom", "ui/loading", "topic/label-alone", "related/item"]
line = st.tuples(text, st.sampled_from(["before", "before", "before", "body", None]), st.sampled_from(RULES))


@pytest.mark.parametrize(
    "line", ["جريدة الميناء اليوم", "وكالة الميناء للأنباء", "صحيفة الساحل الجديد - الأحد 12 مايو 2024"]
)
def test_a_papers_name_is_no_headline(line: str) -> None:
    """By its kind and what stands in names alone; a sentence that begins so is one."""
    assert find_headlines(pl.Series([line])).tolist() == [False]
    assert (
        find_headlines(pl.Series(["صحيفة تكشف تفاصيل الصفقة", "قناة السويس.. الدروس المستفادة"])).tolist() == [True] * 2
    )


@given(st.lists(text, max_size=8))
def test_headlines_by_their_look(texts: list[str]) -> None:
    assert find_headlines(pl.Series(texts, dtype=pl.String)).tolist() == [is_headline(text.strip()) for text in texts]


@settings(max_examples=150)
@given(st.lists(st.tuples(st.lists(line, min_size=1, max_size=14), st.none() | text), min_size=1, max_size=3))
def test_titles_are_those_of_the_plain_definition(generated: list[tuple[Rows, str | None]]) -> None:
    """For any lines, labels and titles beside the pages; no label is taken away and no other page matters."""
    frame = frame_of([lines for lines, _ in generated])
    beside = pl.DataFrame(
        {"id": [f"{at}" for at in range(len(generated))], "given_title": [title for _, title in generated]},
        schema={"id": pl.String, "given_title": pl.String},
    )
    wanted = frame["rule"].to_list()
    rows = frame.with_row_index().filter(pl.col("piece").str.strip_chars() != "")
    for at, (_, title) in enumerate(generated):
        page = rows.filter(pl.col("id") == f"{at}")
        before = [Line(*row) for row in page.filter(zone="before").select("index", "piece", "rule").iter_rows()]
        body = page.filter((pl.col("zone") == "body") & pl.col("rule").is_null())["piece"].head(12)
        told = find_document_title([piece.strip() for piece in page["piece"]])
        document = page["index"][told] if told >= 0 else -1
        for row, rule in choose_titles(before, " ".join(body), title, document).items():
            wanted[row] = rule
    found = label_titles(frame.lazy(), KNOW, beside).collect()
    assert found["rule"].to_list() == wanted
    assert found.drop("rule").equals(frame.drop("rule"))


# Decks.


def test_a_deck_is_parted_from_its_call_and_its_hashtags() -> None:
    deck = f"{DECK} اكتشف المزيد في هذا التقرير. #مصر #زراعة"
    found = split_decks(frame_of([[(deck, "before", "summary/deck"), (BODY, "body", None)]]).lazy(), KNOW).collect()
    assert found["rule"].to_list() == [
        "summary/deck",
        "promo/read-on",
        "summary/deck",
        "keywords/hashtags",
        *["summary/deck"],
        None,
    ]
    assert "".join(found["piece"]) == f"{deck}\n{BODY}\n"


@given(st.lists(st.sampled_from([DECK, "اكتشف المزيد في هذا التقرير.", "اقرأ التفاصيل", "#وسم", "؟", "…»", "\u0640"])))
def test_only_what_has_parts_is_asked_for_them(parts: list[str]) -> None:
    """The test by one pattern lets every deck through that is parted."""
    deck = " ".join(parts)
    call, tags = split_summary(deck)
    asked = pl.Series([deck]).str.contains(_PARTED).item()
    assert asked or not (call or tags)


@pytest.mark.parametrize("stage", [label_titles, split_decks])
def test_without_pages_nothing_is_done(stage) -> None:  # type: ignore[no-untyped-def]
    assert stage(pl.DataFrame(schema=PIECE).lazy(), KNOW).collect().schema == PIECE


# Learning.


def test_what_marks_titles_is_learned_and_so_is_that_there_is_none() -> None:
    """Of two lines a page the one with the mark is the title; pages without a marked line have none."""
    marked = np.tile([[True, False], [False, False], [False, True], [False, True]], (20, 1))
    page = np.repeat(np.arange(40), 2)
    target = np.tile([True, False, False, False], 20)
    data = Data(["mark", "noise"], marked, page, np.repeat("outlet", 80), target)
    every = np.ones(80, bool)
    weights = fit(data, every, ridge=0.1, steps=200)
    assert weights[0] > 2 > 0 > weights[1]
    assert count_right(data, every, weights) == (40, 40)
    assert count_right(data, every, np.zeros(3)) == (20, 40)


@pytest.mark.parametrize(
    ("over", "below", "is_title"),
    [
        ("خطة دعم المزارعين في الجنوب:", TITLE, False),
        ("خطة دعم المزارعين: في الجنوب", TITLE, True),
        (f"{TITLE}:", "المواعيد والشروط وخطة المزارعين", True),
    ],
)
def test_what_ends_in_a_colon_stands_above_the_headline(over: str, below: str, is_title: bool) -> None:
    """A line of fewer words goes on with it."""
    labels = label([(over, "before", None), (below, "before", None), (BODY, "body", None)])
    assert labels.index("title/headline") == (0 if is_title else 1)
