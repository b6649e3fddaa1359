"""What scrapers leave beside the words of a line: readers look past it, and the page keeps it."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from etl.api import clean
from etl.decoration import bare_line, bare_lines, bare_value, dash_signs, part_at_signs

TITLE = "مجلس المدينة يقر موازنة العام الجديد بعد نقاش طويل"
BODY = (
    "أقر مجلس المدينة في جلسته أمس موازنة العام الجديد بأغلبية أصواته، وقال رئيسه إن الأولوية فيها للطرق والمدارس.\n"
    "وأضاف أن الأعضاء ناقشوا البنود ثلاثة أيام قبل التصويت عليها، وأن لجنة خاصة ستتابع تنفيذها كل شهر.\n"
    "وكان المجلس قد أجل الجلسة مرتين لغياب النصاب، ثم دعا رئيسه الأعضاء إلى الحضور صباح الأحد.\n"
)


@pytest.mark.parametrize(
    ("line", "bare"),
    [
        ("   * [4]الرئيسية", "   * الرئيسية"),
        ("[14]#الخطة_الزراعية [15]#الري", "#الخطة_الزراعية #الري"),
        ("schedule 12:40 GMT 2024/05/07", "• 12:40 GMT 2024/05/07"),
        ("person فريق الأفق الرقمي", "• فريق الأفق الرقمي"),
        ("ريم قاسم person", "ريم قاسم •"),
        ("sell فيضانات sell البرازيل", "• فيضانات • البرازيل"),
        ("العالم chevron_left أمريكا", "العالم • أمريكا"),
        ("بغداد ـ وكالات", "بغداد - وكالات"),
        ("بغداد ــــ وكالات", "بغداد - وكالات"),
        ("جمـــيل ـ", "جمـــيل ـ"),
    ],
)
def test_numbers_of_links_and_names_of_icons_are_looked_past(line: str, bare: str) -> None:
    """As text browsers and scrapers of icon fonts leave them."""
    assert bare_line(line) == bare


@pytest.mark.parametrize("line", ["بيروت ـ أ ف ب", "بيروت ـــ أ ف ب", "العدد ـ ـ ـ 4", "جمـــيل ـ", "بـ«رويترز»"])
def test_a_sign_alone_is_a_dash_where_it_stands(line: str) -> None:
    """The line keeps its length, so that what is found in it is found in the page."""
    dashed = dash_signs(line)
    assert len(dashed) == len(line)
    assert dashed.replace("-", "ـ") == line
    assert ("-" in dashed) == (" ـ" in line and not line.endswith("ـ"))


def test_a_dateline_between_stretching_signs_is_one() -> None:
    """Papers of Lebanon, Palestine and Oman close it so; it stays in the text."""
    [record] = clean([f"{TITLE}\nالميناء ـ رويترز ـ {BODY}"])
    assert (record["source"], record["dateline"]) == ("رويترز", "الميناء ـ رويترز ـ")
    assert record["text"].startswith("الميناء ـ رويترز ـ أقر")


@pytest.mark.parametrize(
    "line",
    [
        "كما في المرجع [3].",
        "المرجع [1]: كتاب",
        "قال report اليوم إن",
        "share print bookmark_border",
        "report on a place",
        "Label",
    ],
)
def test_references_and_words_stay(line: str) -> None:
    """A reference stands behind a word; a word of English in a sentence, or where nothing else is on the line, is no icon."""
    assert bare_line(line) == line


WORDS = [
    "person",
    "schedule",
    "chevron_left",
    "link",
    "al",
    "x",
    "notes",
    "سالم",
    "أمس",
    "2024",
    "[12]",
    "[3].",
    "•",
    "3:",
    "*",
]


@given(st.lists(st.lists(st.sampled_from(WORDS)).map(" ".join)))
def test_a_column_says_what_each_line_says(lines: list[str]) -> None:
    """The cheap test clears no line that would be changed."""
    assert bare_lines(pl.Series(lines, dtype=pl.String)).to_list() == [bare_line(line) for line in lines]


def test_a_value_keeps_its_words() -> None:
    """Of what is published only names that no language has are left out, and no sign stands in their place."""
    assert bare_value("home depot تشتري متجر home الفرنسي") == "home depot تشتري متجر home الفرنسي"
    assert bare_value("العالم chevron_left أمريكا") == "العالم  أمريكا"
    assert bare_value("[3]مديرية الري") == "مديرية الري"


def test_signs_part_a_line() -> None:
    """Icons, bullets and escaped strokes stand between what a head says."""
    assert part_at_signs("سالم حسن ✎ 19 مارس 2024 ◷ 9:40 ❤ 212") == "سالم حسن | 19 مارس 2024 | 9:40 | 212"
    assert part_at_signs("بقلم سالم حسن \\| 3 مايو 2022 · 4 تعليقات") == "بقلم سالم حسن | 3 مايو 2022 | 4 تعليقات"
    assert part_at_signs("فاز الفريق - أمس - على ضيفه") == "فاز الفريق - أمس - على ضيفه"


def test_what_a_theme_has_glued_is_parted() -> None:
    """A button between the name and the day, the word for a change behind it, share buttons at the end."""
    glued = "سلمى الحدادأرسل بريدا إلكترونيا 13 يوليو، 2021آخر تحديث: 15 يوليو، 2021"
    assert part_at_signs(glued) == "سلمى الحداد | 13 يوليو، 2021 | آخر تحديث: 15 يوليو، 2021"
    assert part_at_signs("سلمى الحداد2021-07-13") == "سلمى الحداد | 2021-07-13"
    assert part_at_signs("سلمى الحداد14 أوت 2016") == "سلمى الحداد | 14 أوت 2016"
    assert part_at_signs("27 فبراير، 2018سلمى الحدادفيسبوكتويترواتساب") == "27 فبراير، 2018سلمى الحداد"
    assert part_at_signs("منتدى 2016 في تونس") == "منتدى 2016 في تونس"


@pytest.mark.parametrize(
    ("head", "author", "date"),
    [
        ("✍ سالم حسن   🗓 13 يونيو 2024   ⏱ تستغرق 3 دقائق", "سالم حسن", "2024-06-13"),
        ("سالم حسن | الخميس 29 أغسطس 2024 - 23:58 | 👁 6,210 | 💬 14", "سالم حسن", "2024-08-29"),
        ("schedule 12:40 GMT 2024/05/07", None, "2024-05-07"),
    ],
)
def test_heads_with_icons_are_read(head: str, author: str | None, date: str) -> None:
    """Who wrote a text and when, whatever stands between; the page keeps its signs."""
    page = f"الرئيسية\nسياسة\nاقتصاد\n{TITLE}\n{head}\n{BODY}شارك الخبر\nفيسبوك تويتر\n"
    [record] = clean([page])
    assert (record["title"], record["author"], str(record["date"])) == (TITLE, author, date)
    assert record["text"].strip() == BODY.strip()
    assert any(head in cut["text"] for cut in record["cuts"])
