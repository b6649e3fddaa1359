"""The first and last lines of a body: what rules may claim there, and what they may not."""

from __future__ import annotations

import polars as pl
import pytest

from etl.cues import label_zoned_lines
from etl.knowledge import Knowledge, ship_knowledge
from etl.page_heads import give_back_heads
from etl.pieces import to_pieces

DATE, NAME, ROLE, SENTENCE = (
    "الأربعاء 22 يوليوز 2020",
    "عمر الصالح – تبوك",
    "* كاتب وأستاذ جامعي",
    "افتتح المحافظ صباح اليوم المعرض السنوي للكتاب بحضور جمع كبير من القراء والناشرين.",
)


@pytest.fixture(scope="module")
def know() -> Knowledge:
    return ship_knowledge()


def label(know: Knowledge, *pages: str, zone: str = "body") -> dict[str, str | None]:
    """Pages whose lines all lie in one zone -> the rule of each line."""
    frame = pl.DataFrame(
        {"id": [str(number) for number in range(len(pages))], "outlet": None, "page": pages},
        schema={"id": pl.String, "outlet": pl.String, "page": pl.String},
    )
    pieces = to_pieces(frame.lazy()).with_columns(zone=pl.lit(zone))
    told = label_zoned_lines(pieces, know).collect()
    return {line.strip(): rule for line, rule in told.select("piece", "rule").iter_rows() if line.strip()}


def test_the_first_lines_of_a_body_are_asked_as_those_before_it(know: Knowledge) -> None:
    """A byline and a date above the first sentence are taken, blank lines between them or not."""
    told = label(know, f"{NAME}\n\n{DATE}\n{SENTENCE}")
    assert told == {NAME: "byline/name-place", DATE: "date/line", SENTENCE: None}


def test_the_last_lines_of_a_body_are_asked_as_those_after_it(know: Knowledge) -> None:
    """Who the author is, below the last sentence."""
    assert label(know, f"{SENTENCE}\n{ROLE}") == {SENTENCE: None, ROLE: "byline/role"}


def test_the_midst_of_a_body_stays(know: Knowledge) -> None:
    """The same lines between sentences: a chronicle's date, a name in a list."""
    told = label(know, f"{SENTENCE}\n{DATE}\n{NAME}\n{ROLE}\n{SENTENCE} ثم")
    assert set(told.values()) == {None}


def test_a_chronicle_keeps_its_first_date(know: Knowledge) -> None:
    """A body that is parted by dates begins with one; on another page the same date is that of the page."""
    later = "الخميس 30 يوليوز 2020"
    told = label(
        know, "\n".join([DATE, *[f"{SENTENCE} {n}" for n in "ابجدهو"], later, SENTENCE]), f"{NAME}\n{SENTENCE} ثم"
    )
    assert (told[DATE], told[later], told[NAME]) == (None, None, "byline/name-place")


def test_each_end_has_its_own_rules(know: Knowledge) -> None:
    """A statement ends with its date, and a list may begin with a bullet and an office."""
    assert label(know, f"{ROLE}\n{SENTENCE}\n{DATE}") == {ROLE: None, SENTENCE: None, DATE: None}


def test_a_body_of_such_lines_alone_stays(know: Knowledge) -> None:
    """Nothing would be left of it; what stands on the page before and after it does not count."""
    told = label(know, f"{SENTENCE}\n{SENTENCE} ثم", f"{NAME}\n{DATE}", SENTENCE)
    assert (told[NAME], told[DATE]) == (None, None)
    # Nor where one end claims what the other would leave.
    told = label(know, f"{NAME}\n{DATE}\n{ROLE}", f"{SENTENCE}\n{DATE}")
    assert (told[NAME], told[DATE], told[ROLE]) == (None, None, None)


def test_a_list_behind_a_colon_stays(know: Knowledge) -> None:
    """It is what the last sentence speaks of; the same line below a sentence that ends says who wrote it."""
    told = label(know, f"{SENTENCE}\nوشارك في اللقاء:\n{ROLE}")
    assert told[ROLE] is None
    assert label(know, f"{SENTENCE}\n{ROLE}")[ROLE] == "byline/role"


def test_a_department_at_the_end_stays(know: Knowledge) -> None:
    """The last of a list has the shape of a desk's signature."""
    assert label(know, f"{SENTENCE}\nقسم الطوارئ")["قسم الطوارئ"] is None


def test_lines_out_of_the_body_are_asked_in_their_zone(know: Knowledge) -> None:
    """All of them, wherever they stand."""
    told = label(know, f"{SENTENCE}\n{DATE}\n{SENTENCE} ثم", zone="after")
    assert told[DATE] == "date/line"


def test_a_head_that_is_given_back_is_asked_as_a_bodys_first_lines(know: Knowledge) -> None:
    """A site's name stays out of the text, what stands beside it is text."""
    pages = {"تايتل نيوز - محلي": "site/name-line", "زاد الميناء الإخباري -": "site/name-line", "مدرسة جديدة": None}
    for line, rule in pages.items():
        page = f"{line}\n{SENTENCE}\n{SENTENCE} ثم"
        frame = pl.DataFrame(
            {"id": ["0"], "outlet": [None], "page": [page]}, {"id": pl.String, "outlet": pl.String, "page": pl.String}
        )
        pieces = to_pieces(frame.lazy()).with_columns(
            zone=pl.when(pl.col("piece").str.starts_with(line)).then(pl.lit("before")).otherwise(pl.lit("body"))
        )
        told = give_back_heads(pieces, know).collect()
        assert (told["zone"][0], told["rule"][0]) == ("body", rule)
