"""The hand-written layouts that the zone model is trained and tested on."""

from __future__ import annotations

from random import Random

import pytest

from benchmarks.layouts import fill_layout, parse_layout, read_layouts
from benchmarks.outlets import Article

STORY: Article = {
    "title": "وزارة الزراعة تطلق خطة لتوزيع البذور",
    "paragraphs": [f"وقال الوزير في الفقرة رقم {n} إن الخطة تشمل مئات المزارع في الشمال." for n in range(8)],
    "related_titles": [f"خبر آخر رقم {n}" for n in range(50)],
    "teasers": ["قال مسؤولون إن الطريق الجديد سيفتح الأسبوع المقبل."] * 20,
    "other": {"title": "مقال ثان", "paragraphs": ["فقرة من مقال ثان."] * 4},
}


@pytest.mark.parametrize("layout", read_layouts(), ids=lambda layout: layout.name)
def test_a_layout_fills_with_a_label_for_each_line_and_the_whole_body(layout):
    """Every layout gives pages whose labels fit their lines and whose body lines are the article's, in order."""
    for seed, kind in enumerate(("full", "main", "full")):
        page = fill_layout(Random(seed), layout, STORY, kind)
        lines = page.text.split("\n")
        assert len(lines) == len(page.labels)
        assert all(bool(line.strip()) == bool(label) for line, label in zip(lines, page.labels, strict=True))
        assert page.body
        assert all(paragraph in page.text for paragraph in page.body.split("\n"))


def test_the_same_seed_fills_the_same_page():
    """A page is a function of seed, layout and article."""
    layout = parse_layout("NAV\t{a|b|c}\nBODY\t{body}\n<1-9\nRELATED_ITEM ?0.5\t{headline}\n>\n", "x")
    assert fill_layout(Random(3), layout, STORY, "full") == fill_layout(Random(3), layout, STORY, "full")


def test_what_is_glued_to_a_body_line_is_no_part_of_the_body():
    """The bracketed text stands on the page, outside the part that is kept."""
    layout = parse_layout("BODY\t⟦شارك ⟧{body}⟦ تابعونا على تلغرام⟧\n", "x")
    page = fill_layout(Random(1), layout, STORY, "full")
    assert page.text.startswith("شارك ") and page.text.endswith("تابعونا على تلغرام")
    assert "شارك" not in page.body and "تلغرام" not in page.body
    for number, (start, end) in page.keeps.items():
        assert page.text.split("\n")[number][start:end] in page.body


def test_a_long_read_has_body_after_its_boxes_even_of_one_paragraph():
    """A paragraph of five sentences fills four places: none of the boxes has the last word."""
    layout = parse_layout("BODY\t{body}\nAD\tإعلان\n" * 3 + "BODY\t{body}\n", "x")
    one: Article = {**STORY, "paragraphs": [" ".join(STORY["paragraphs"][:5])]}
    for seed in range(20):
        labels = fill_layout(Random(seed), layout, one, "full").labels
        assert labels.count("AD") == 3
        assert labels[0] == "BODY" and labels[-1] in ("BODY", "SUBHEAD")


def test_a_subheading_of_the_layout_goes_where_no_body_is_left_for_it():
    """No heading stands over a box or over nothing when a body of one sentence leaves parts empty."""
    layout = parse_layout("BODY\t{body}\n" + "SUBHEAD\tعنوان الفقرة\nBODY\t{body}\nAD\tإعلان\n" * 2, "x")
    short: Article = {**STORY, "paragraphs": ["وقال الوزير إن الخطة تشمل مئات المزارع."]}
    for seed in range(20):
        page = fill_layout(Random(seed), layout, short, "full")
        lines = [line for line in page.text.split("\n") if line]
        for line, following in zip(lines, [*lines[1:], ""], strict=True):
            if line == "عنوان الفقرة":
                assert following not in ("إعلان", "عنوان الفقرة", "")


@pytest.mark.parametrize(
    "text", ["NAV الرئيسية", "BODY\t{body}\n>", "<2\nBODY\t{body}", "NAV\tx", "@foo x\nBODY\t{body}"]
)
def test_a_layout_that_is_wrong_says_where(text):
    """A line that is neither text nor sign, a group not closed, a page without a body: the file is named."""
    with pytest.raises(ValueError, match="name"):
        parse_layout(text, "name")
