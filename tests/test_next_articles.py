"""Articles that a page loads below its own are left out of it; sections, entries of a live blog and cards are not."""

from __future__ import annotations

from pathlib import Path

import pytest

from etl.read import ReadParams, read_pages
from etl.read.next_articles import drop_next_articles

TITLES = [
    "مجلس الوزراء يقر موازنة العام المقبل",
    "افتتاح معرض الكتاب بمشاركة خمسين دارا",
    "المنتخب يبدأ معسكره في الدوحة",
]
TEXT = [
    f"<p>قال المتحدث {name} إن الاجتماع انتهى إلى توصيات عدة سترفع في مطلع الأسبوع المقبل إلى اللجنة المختصة لدراستها.</p>"
    for name in ("الأول", "الثاني", "الثالث", "الرابع", "الخامس")
]


def page(*parts: str, title: str = TITLES[0]) -> str:
    """Parts of a page -> the page, with a menu above and a line of rights below them."""
    return (
        f"<html><head><title>{title} - صحيفة المرفأ</title></head><body><nav><a href='/a'>سياسة</a></nav>"
        f"<main>{''.join(parts)}</main><footer>جميع الحقوق محفوظة</footer></body></html>"
    )


def article(number: int, text: str = "".join(TEXT), heading: str = "h1", kind: str = "post") -> str:
    """One article as WordPress shows it."""
    return (
        f"<article id='post-{number}' class='post-{number} {kind} category-{number}'><{heading} class='entry-title'>"
        f"{TITLES[number]}</{heading}><time datetime='2024-03-0{number + 1}'>{number + 1} مارس 2024</time>{text}</article>"
    )


def block(number: int, told: str) -> str:
    """One article in plain elements."""
    return f"<div class='single clearfix'><h1>{TITLES[number]}</h1><div class='m'>{told}</div>{''.join(TEXT)}</div>"


@pytest.mark.parametrize(
    ("html", "count"),
    [
        (page(article(0), article(1), article(2)), 2),
        (page(article(0), "<hr>", f"<div id='infinite'>{article(1)}{article(2)}</div>"), 2),
        (page(f"<div class='scroll'>{article(0)}</div>", f"<div class='scroll'>{article(1)}</div>"), 1),
        (page(block(0, "الأحد 3 مارس 2024 - 10:15"), block(1, "الأحد 3 مارس 2024 - 09:40")), 1),
        (page(block(0, "<span class='author'>هدى</span>"), block(1, "<span class='author'>منى</span>")), 1),
    ],
    ids=["wordpress", "loaded", "wrapped", "days", "authors"],
)
def test_articles_that_follow_are_left_out(html: str, count: int) -> None:
    first, found = drop_next_articles(html)
    assert found == count
    assert TITLES[0] in first
    assert first.count("المتحدث") == len(TEXT)
    assert not any(title in first for title in TITLES[1:])
    assert "جميع الحقوق محفوظة" in first


@pytest.mark.parametrize(
    "html",
    [
        page(article(0)),
        page(article(0), article(1, heading="h2")),  # an entry of a live blog, under a title of the page
        page(article(0), article(1, text="<p>قال المتحدث إن الاجتماع انتهى إلى توصيات.</p>")),  # a card
        page(block(0, ""), block(1, "")),  # parts of one article, with no day of their own
        page(article(0), article(1), title=TITLES[1]),  # the page's own article stands last
        page(article(0), article(1), title="أخبار اليوم"),  # a list of articles
        page(article(0), article(0)),  # the same one, once for small screens
        page(
            article(0), f"<section><h1 class='other'>{TITLES[1]}</h1><time>3 مارس 2024</time>{''.join(TEXT)}</section>"
        ),
        "<h1></h1><h1>",
        "",
    ],
    ids=["alone", "live", "card", "parts", "last", "list", "twice", "section", "nothing", "empty"],
)
def test_a_page_without_such_articles_stays_as_it_is(html: str) -> None:
    assert drop_next_articles(html) == (html, 0)


@pytest.mark.parametrize(("mode", "wanted"), [("voted", True), ("main", True), ("full", False)])
def test_the_extractor_tells_of_them_unless_all_of_the_page_is_asked_for(
    tmp_path: Path, mode: str, wanted: bool
) -> None:
    (tmp_path / "a.html").write_text(page(article(0), article(1)), "utf-8")
    (table,) = read_pages(tmp_path / "a.html", ReadParams(html=mode))
    (row,) = table.to_pylist()
    assert row["extractor"].startswith("first of 2 articles, ") is wanted
    assert (TITLES[1] not in row["raw"]) is wanted
    assert row["given_title"] == TITLES[0]
    assert row["given_date"] == "2024-03-01"
