"""Live coverage: which times are those of its posts, and which are dates of a list of articles."""

from __future__ import annotations

import polars as pl
import pytest

from etl.cues import label_lines
from etl.knowledge import Knowledge, ship_knowledge
from etl.pieces import to_pieces
from etl.zones import label_zones
from etl.zones.live import find_live

POST = "قال متحدث باسم الدفاع المدني إن فرق الإنقاذ وصلت إلى القرى الجبلية كلها وبدأت بإجلاء الجرحى منها."
LIVE, PLAIN = "زلزال يضرب الجزيرة: تغطية مباشرة", "زلزال يضرب الجزيرة"
TIMES = ("11:40", "10:25", "09:48", "08:15")


@pytest.fixture(scope="module")
def know() -> Knowledge:
    return ship_knowledge()


def live_page(title: str, times: tuple[str, ...], below: str = POST) -> str:
    """Title and, for each time, a heading, the time and what stands below it."""
    posts = [f"تطور جديد رقم {number}\nنُشر في {time} بتوقيت غرينتش\n{below}" for number, time in enumerate(times, 1)]
    return "\n".join([title, *posts])


def stamps(know: Knowledge, *pages: str) -> list[str]:
    """Pages -> the lines that are found to be times of posts."""
    frame = pl.DataFrame(
        {"id": [str(number) for number in range(len(pages))], "outlet": None, "page": pages},
        schema={"id": pl.String, "outlet": pl.String, "page": pl.String},
    )
    pieces = label_lines(to_pieces(frame.lazy()), know).collect()
    return [line.strip() for line in pieces["piece"].filter(pl.Series(find_live(pieces)[0]))]


def told(times: tuple[str, ...]) -> list[str]:
    return [f"نُشر في {time} بتوقيت غرينتش" for time in times]


@pytest.mark.parametrize("times", [TIMES, TIMES[::-1], ("00:40", "00:05", "23:30", "22:10")])
def test_times_of_posts_are_found(know: Knowledge, times: tuple[str, ...]) -> None:
    """Newest first, oldest first, and past midnight."""
    assert stamps(know, live_page(LIVE, times)) == told(times)


@pytest.mark.parametrize(
    "page",
    [
        live_page(PLAIN, TIMES),  # nothing says that it is live
        live_page(f"البث المباشر\n{PLAIN}", TIMES),  # a menu's broadcast
        live_page(LIVE, TIMES, "حريق في السوق القديم"),  # headlines, no posts
        live_page(LIVE, ("11:40", "09:48", "10:25", "08:15")),  # in no order
        live_page(LIVE, TIMES[:2]),
    ],
)
def test_times_of_a_list_of_articles_are_not(know: Knowledge, page: str) -> None:
    assert stamps(know, page) == []


def test_other_times_on_a_live_page_are_passed_over(know: Knowledge) -> None:
    """When the page was changed, how long a video is; an agency's times, and what invites to share a post, go with the posts."""
    head = [LIVE, "07:12 GMT", "تحديث: 14:30 GMT", "الأحدث أولا"]
    posts = [line for time in TIMES for line in (f"{time} GMT", "تطور جديد", POST, "مشاركة")]
    page = [*head, *posts[:7], "شاهد لحظة الزلزال", "00:41", *posts[7:], "المصدر: وكالات"]
    wanted = [line for line in posts if line.endswith("GMT") or line == "مشاركة"][:-1]
    assert stamps(know, "\n".join(page)) == wanted


def test_a_headline_alone_may_be_a_post_past_midnight(know: Knowledge) -> None:
    """Between 00:10 and 23:50 lies 23:55, and not 03:41."""
    page = [LIVE]
    for time, below in (
        ("00:30", POST),
        ("00:10", POST),
        ("03:41", "فيديو"),
        ("23:55", "عاجل"),
        ("23:50", POST),
        ("22:10", POST),
    ):
        page += [f"{time} GMT", "تطور جديد", below]
    assert stamps(know, "\n".join(page)) == [f"{time} GMT" for time in ("00:30", "00:10", "23:55", "23:50", "22:10")]


def test_a_time_may_stand_alone_on_its_line(know: Knowledge) -> None:
    """Without a label, too; a sentence with a time in it is none."""
    page = [line for time in TIMES for line in (f"{time} بتوقيت غرينتش", "تطور جديد", POST)]
    other = "وصلت أول قافلة في 10:30 إلى القرى التي انقطعت عنها الطرق"
    assert stamps(know, "\n".join([LIVE, *page[:6], other, *page[6:]])) == page[::3]


def test_all_that_invites_to_share_a_post_goes(know: Knowledge) -> None:
    page = [line for time in TIMES for line in (f"{time} GMT", POST, "مشاركة", "", "نسخ الرابط")]
    assert stamps(know, "\n".join([LIVE, *page])) == [line for line in page if line and line != POST][:-2]


def test_what_posts_tell_is_told(know: Knowledge) -> None:
    """Of each its heading and its sentences, no caption and no label; the last one ends with its first line that is neither."""
    head, short, tail = (
        "تطور جديد",
        "ولم ترد أنباء عن إصابات.",
        "وقال الموقع إن جميع المواد التي ينشرها ملك لأصحابها وحدهم.",
    )
    page = [line for time in TIMES for line in (f"{time} GMT", head, POST, "صورة من القرية", short)]
    frame = pl.DataFrame(
        {"id": ["a"], "outlet": pl.Series([None], dtype=pl.String), "page": ["\n".join([LIVE, *page, tail])]}
    )
    pieces = label_lines(to_pieces(frame.lazy()), know).collect()
    lines = [line.strip() for line in pieces["piece"].filter(pl.Series(find_live(pieces)[1]))]
    assert lines == [head, POST, short] * (len(TIMES) - 1) + [head, POST]


def test_a_page_is_judged_alone(know: Knowledge) -> None:
    """What stands before and after it in the batch does not count."""
    pages = (live_page(PLAIN, TIMES), live_page(LIVE, TIMES), live_page(LIVE, TIMES[:2]))
    assert stamps(know, *pages) == told(TIMES)


def test_posts_are_the_body_and_their_times_go(know: Knowledge) -> None:
    """A time between posts is a box in the body."""
    frame = pl.DataFrame({"id": ["a"], "outlet": pl.Series([None], dtype=pl.String), "page": [live_page(LIVE, TIMES)]})
    pieces = label_zones(label_lines(to_pieces(frame.lazy()), know), know).collect()
    posts = pieces.filter(pl.col("piece").str.starts_with("قال متحدث"))
    assert posts["zone"].to_list() == ["body"] * len(TIMES)
    times = pieces.filter(pl.col("rule").str.starts_with("date/"))
    assert times.select("zone", "score").rows() == [("box", None)] * len(TIMES)
