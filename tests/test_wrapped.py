"""Paragraphs on several lines are seen as one; headlines below each other, verses and whole paragraphs are left as they are."""

from __future__ import annotations

import textwrap

import polars as pl
import pytest

from etl.api import raw_frame
from etl.knowledge import ship_knowledge
from etl.pipeline import clean_pages
from etl.repair import repair_pages
from etl.zones.wrapped import join_wrapped

PARAGRAPHS = [
    (
        "كشف مدير زراعة المحافظة، ستار محمد أمين، يوم الأربعاء، أن إنتاج الرمان في المحافظة تراجع هذا الموسم إلى نحو 11 ألف طن، "
        "بعد أن كان قد بلغ 22 ألفا و400 طن في العام الماضي."
    ),
    (
        "وتضم المحافظة أكثر من 9 آلاف دونم من بساتين الرمان، ويعتمد عليها ما يقرب من 4 آلاف عائلة مصدرا للدخل، ويباع معظم "
        "محصولها في أسواق المدن القريبة منها قبل أن يبدأ الشتاء."
    ),
    (
        "وطالب الفلاحون حكومة الإقليم بإغلاق المنافذ أمام الرمان المستورد حتى نهاية تشرين الثاني، لحماية المنتج المحلي في ذروة "
        "الموسم، كما طالبوا بإنشاء معمل للعصير في المدينة."
    ),
]
HEADLINES = [
    "مطار السليمانية يستأنف رحلاته إلى أنطاليا بعد توقف دام شهرا كاملا",
    "أربيل: افتتاح مجسر الستين متري أمام المركبات",
    "منظمة حقوقية: 14 حالة وفاة في كرميان منذ مطلع العام الحالي وحده",
    "الوفد التفاوضي يصل بغداد لبحث ملف الرواتب",
    "أسعار الصرف في الأسواق المحلية صباح اليوم قبل افتتاح البورصة",
    "وزير الري يزور السد الجديد غدا",
    "فريق المدينة يفوز على ضيفه في الجولة الأولى من بطولة الدوري",
    "طقس الغد: أمطار خفيفة في المناطق الجبلية",
]


def seen(lines: list[str], rule: str | None = None) -> list[str]:
    frame = pl.DataFrame(
        {"id": ["p"] * len(lines), "piece": [f"{line}\n" for line in lines], "rule": [rule] * len(lines)},
        schema_overrides={"piece": pl.String, "rule": pl.String},
    )
    return [piece.strip() for piece in join_wrapped(frame)]


@pytest.mark.parametrize("width", [58, 72, 80])
def test_a_wrapped_paragraph_stands_on_its_first_line(width: int) -> None:
    """Whatever the width of the page; a blank line or a sentence's end parts paragraphs, labelled lines are none of them."""
    lines = [line for text in PARAGRAPHS for line in [*textwrap.wrap(text, width), ""]]
    joined = seen(lines)
    assert [line for line in joined if line] == PARAGRAPHS
    assert len(joined) == len(lines)
    assert joined[0] == PARAGRAPHS[0] and not any(joined[1 : len(textwrap.wrap(PARAGRAPHS[0], width))])
    assert seen(lines, "related/item") == lines


@pytest.mark.parametrize(
    "lines",
    [
        PARAGRAPHS,
        HEADLINES,
        [line for text in PARAGRAPHS for line in textwrap.wrap(text, 40)],
        [*textwrap.wrap(PARAGRAPHS[0], 70), *HEADLINES],
        [line for text in PARAGRAPHS[:6] for line in [*textwrap.wrap(text, 58)[:2], ""]],
        [],
    ],
)
def test_other_lines_stay_as_they_are(lines: list[str]) -> None:
    """Paragraphs on a line each, headlines of any length below each other, lines as short as verses, a single paragraph, pairs of lines
    as verses stand in."""
    assert seen(lines) == lines


def test_a_wrapped_page_keeps_its_text() -> None:
    """Every line of it, as it stands."""
    body = [line for text in PARAGRAPHS for line in [*textwrap.wrap(text, 74), ""]]
    page = "\n".join(["الرئيسية", "رياضة", "رمان المحافظة يتراجع إلى النصف", "", *body, "تعليقات", "أضف تعليقا"])
    text = clean_pages(repair_pages(raw_frame([page])), ship_knowledge())["text"][0]
    assert [line for line in text.split("\n") if line] == [line for line in body if line]


def test_a_long_line_or_a_list_on_the_page_says_nothing_of_its_paragraphs() -> None:
    """A menu, what a forum says of itself, headlines that nothing closes; many long lines say that it is not wrapped."""
    long = " ".join(["انضم إلى المنتدى وشارك في النقاش مع آلاف الأعضاء"] * 4)
    lines = [line for text in PARAGRAPHS * 2 for line in [*textwrap.wrap(text, 58), ""]]
    joined = seen([long, "", *HEADLINES[:5], "", *lines])
    assert [line for line in joined if line] == [long, *HEADLINES[:5], *PARAGRAPHS * 2]
    many = [long, "", long, "", long, "", *lines]
    assert seen(many) == many


def test_pairs_that_close_a_sentence_are_paragraphs() -> None:
    """Short ones on two lines; verses in pairs close none."""
    pairs = [line for text in PARAGRAPHS * 2 for line in [*textwrap.wrap(" ".join(text.split()[:17]) + ".", 62), ""]]
    assert len([line for line in seen(pairs) if line]) == len(PARAGRAPHS) * 2
