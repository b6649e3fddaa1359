"""etl/printed_urls.py: the address that a page prints as its own."""

from __future__ import annotations

import polars as pl
import pytest

from etl.addresses import keep_given, key_of
from etl.api import raw_frame
from etl.knowledge import ship_knowledge
from etl.pipeline import clean_pages
from etl.repair import repair_pages

TITLE = "مجلس المدينة يقر موازنة العام الجديد بعد نقاش طويل"
BODY = (
    "أقر مجلس المدينة في جلسته أمس موازنة العام الجديد بأغلبية أصواته، وقال رئيسه إن الأولوية فيها للطرق والمدارس.\n"
    "وأضاف أن الأعضاء ناقشوا البنود ثلاثة أيام قبل التصويت عليها، وأن لجنة خاصة ستتابع تنفيذها كل شهر.\n"
    "وكان المجلس قد أجل الجلسة مرتين لغياب النصاب، ثم دعا رئيسه الأعضاء إلى الحضور صباح الأحد.\n"
)


MENU = "الرئيسية\nسياسة\nاقتصاد\nرياضة\nمن نحن\nاتصل بنا\n"


def urls(page: str, url: str | None = None) -> tuple[str | None, str | None]:
    raw = raw_frame([page]).with_columns(url=pl.lit(url, pl.String), outlet=pl.lit(None, pl.String))
    docs = clean_pages(repair_pages(raw), ship_knowledge())
    return docs["url"][0], docs["outlet"][0]


@pytest.mark.parametrize(
    "page",
    [
        f"{TITLE}\n{BODY}رابط الخبر: https://www.example.com/news/4417\nالتعليقات\n",
        f"{TITLE}\n{BODY}الرابط المختصر:\nhttps://www.example.com/news/4417\nالتعليقات\n",
        f"{TITLE}\n{BODY}واتساب\nنسخ الرابط\nhttps://www.example.com/news/4417\n",
        f"{TITLE}\nhttps://www.example.com/news/4417\n{BODY}",
        f"{TITLE}\nhttps://www.example.com/news/4417\n{BODY}رابط دائم: http://example.com/news/4417/\n",
        f"{TITLE}\n{BODY}شاركها https://t.me/alnahr\nرابط المقال\nhttps://www.example.com/news/4417\n",
        f"URL Source: https://www.example.com/news/4417\n{TITLE}\n{BODY}",
        f"sourceURL: https://www.example.com/news/4417\n{TITLE}\n{BODY}",
        f"هذه هي نسخة ذاكرة التخزين المؤقت من Google للعنوان https://www.example.com/news/4417.\n{MENU}{TITLE}\n{BODY}",
        f"{TITLE}\n{BODY}رابط الخبر: [17]https://www.example.com/news/4417\nشارك\n",
    ],
)
def test_an_address_on_a_line_of_its_own_is_the_page_s(page: str) -> None:
    """Behind its label, below the button that copies it, between title and text; however often it stands."""
    url, outlet = urls(page)
    assert url == "https://www.example.com/news/4417"
    assert outlet == "example.com"


@pytest.mark.parametrize(
    ("line", "address"),
    [
        ("https://www.example.com/housing/old-town-tenants/", None),
        ("رابط الخبر: https://www.example.com/news/4417 content_copy", "https://www.example.com/news/4417"),
        ("لمشاركة التحقيق\nhttps://example.org/ar/medical-waste\nنسخ", "https://example.org/ar/medical-waste"),
        ("الخبر كاملا: https://example.org/news/emergency-room-11k", "https://example.org/news/emergency-room-11k"),
        ("https://www.example.com/about-us", None),
        ("التفاصيل: https://www.example.com/register", None),
    ],
)
def test_an_address_of_words_needs_a_label(line: str, address: str | None) -> None:
    """Below a button to share it, or behind a label of the story; alone it may be one that the text speaks of."""
    assert urls(f"{MENU}{TITLE}\n{BODY}واتساب\nفيسبوك\n{line}\nالتعليقات\nجميع الحقوق محفوظة\n")[0] == address


@pytest.mark.parametrize(
    "page",
    [
        f"{TITLE}\n{BODY}المصدر: https://www.example.com/news/4417\n",
        f"{TITLE}\n{BODY}المصدر:\nhttps://www.example.com/news/4417\n",
        f"{TITLE}\n{BODY}للتسجيل في الدورة:\nhttps://www.example.com/form/17\n",
        f"{TITLE}\n{BODY}https://www.example.com\n",
        f"{TITLE}\n{BODY}https://t.me/alnahr/4417\n",
        f"{TITLE}\n{BODY}رابط مختصر: https://bit.ly/3xYz1\n",
        f"{TITLE}\n{BODY}https://www.example.com/news/4417\nhttps://www.example.com/news/4418\n",
        f"{TITLE}\n{BODY.replace('وكان', 'https://www.example.com/news/4417' + chr(10) + 'وكان')}",
        f"{TITLE}\n{BODY}ونشرت الوزارة الجدول كاملا على https://www.example.com/news/4417 مساء أمس.\n",
    ],
)
def test_an_address_that_may_be_another_s_is_none(page: str) -> None:
    """A source's, a form's, a front page, a post, a shortened one, one of two, and those in the text."""
    assert urls(page)[0] is None


def test_the_address_that_came_with_a_page_counts() -> None:
    """What is printed is not looked at."""
    page = f"{TITLE}\n{BODY}رابط الخبر: https://www.example.com/news/4417\n"
    assert urls(page, "https://www.example.org/n/1")[0] == "https://www.example.org/n/1"


def test_two_crawls_are_not_told_by_what_pages_print() -> None:
    """A site may print one address on all its pages: an id made of the address says that it came with the page."""
    given, printed = "http://www.example.com/news/4417/", "https://www.example.com/news/4418"
    one_form = "https://example.com/news/4417"
    key = key_of(pl.Series([one_form]))[0]
    ids = pl.Series([key, f"{key}-2", f"{key}-3", "0123456789abcdef", "0123456789abcdee"])
    urls = pl.Series([given, given, f"{given}?utm_source=x", printed, None])
    assert keep_given(ids, urls).to_list() == [one_form, one_form, one_form, None, None]
