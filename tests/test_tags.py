"""Tags below an article: lines of the article's own words, and the lists and signatures of a body that are none."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from place_reference import Rows, frame_of

from etl.knowledge import Knowledge
from etl.rules import Rule, Rules
from etl.tags import label_tags
from etl.tails import REACH
from schemas.piece import PIECE

HEADING, SHARE, LABEL = "related/heading", "share/label", "keywords/label-alone"
LISTED, HASHTAGS = "keywords/listed", "keywords/hashtags"
KNOW = Knowledge(rules=Rules((Rule(HEADING, "opens other articles", "line", "^$", heading="related"),)))
BODY = "قال وزير النقل إن ميناء العقبة سيستقبل هذا العام سفن الصيد من مصر والسودان، وإن أسعار السمك ستنخفض في الأسواق."
TAGS = ["ميناء العقبة", "وزير النقل", "أسعار السمك"]


def found(lines: Rows) -> list[str | None]:
    """Lines below a body -> their labels."""
    frame = frame_of([[(BODY, "body", None), *lines]])
    return label_tags(frame.lazy(), KNOW).collect()["rule"].to_list()[1:]


def below(*texts: str, zone: str = "after") -> Rows:
    return [(text, zone, None) for text in texts]


def end(rule: str = SHARE) -> Rows:
    return [("سطر", "after", rule)]


def test_short_lines_of_the_articles_words_are_tags() -> None:
    """Below the body, whatever follows; blank lines between belong to nothing."""
    assert found(below(*TAGS)) == [LISTED] * 3
    assert found([*below("", TAGS[0], "", TAGS[1]), *end()]) == [None, LISTED, None, LISTED, SHARE]


def test_lines_at_the_edges_with_other_words_are_none() -> None:
    """A word above the list, what the next box says; half of a tag's words are enough where another line sets it off."""
    assert found(below("موضوعات", *TAGS, "في العدد نفسه")) == [None, *[LISTED] * 3, None]
    assert found([*below(*TAGS, "الصيد الجائر"), *end()]) == [*[LISTED] * 4, SHARE]
    assert found(below(*TAGS, "الصيد الجائر")) == [*[LISTED] * 3, None]


def test_a_tag_may_bear_a_sections_name() -> None:
    """It was labelled for its word alone; sections alone are no tags."""
    lines: Rows = [("الأسواق", "after", "site/menu-item"), *below(*TAGS)]
    assert found(lines) == [LISTED] * 4
    assert found([("الأسواق", "after", "site/menu-item"), ("مصر", "after", "site/menu-item")]) == ["site/menu-item"] * 2


@pytest.mark.parametrize(
    "texts",
    [
        ["سياسة", "رياضة", "اقتصاد"],
        ["الرئيسية", "مصر", "رياضة", "من نحن"],
        ["ميناء العقبة"],
        ["ميناء العقبة يستقبل سفن الصيد", "وزير النقل في زيارة إلى السودان"],
        ["ميناء العقبة.", "وزير النقل."],
        ["سارة الخطيب", "محررة في القسم"],
        [*TAGS] * 5,
    ],
)
def test_menus_headlines_and_names_are_no_tags(texts: list[str]) -> None:
    """Nor is one line alone, a sentence, or a list too long to be one of tags."""
    assert found(below(*texts)) == [None] * len(texts)


def test_lines_that_stand_above_the_article_too_are_a_menu() -> None:
    frame = frame_of([[*[(text, "before", None) for text in TAGS], (BODY, "body", None), *below(*TAGS)]])
    assert label_tags(frame.lazy(), KNOW).collect()["rule"].null_count() == len(frame)


@pytest.mark.parametrize("sign", [" ، ", " | ", " • ", " / ", " - ", ", "])
@pytest.mark.parametrize("label", ["كلمات تدل على الخبر", "مفاتيح الخبر", "دلائل", "وسم المقال"])
def test_a_label_of_the_site_s_own_and_the_article_s_words_are_tags(label: str, sign: str) -> None:
    """Whatever the label, and whatever parts the words."""
    assert found(below(f"{label}: {sign.join(TAGS)}")) == [LISTED]


def test_a_list_of_the_text_s_own_behind_a_colon_stays() -> None:
    """Below the body nothing but its words speaks for it; in the body the label must be a word for tags as well."""
    assert found(below("المشاركون في الحفل: سارة الخطيب، هدى القصبي، سالم حسن")) == [None]
    assert found(below(f"السفن القادمة: {'، '.join(TAGS)}", zone="body")) == [None]
    assert found(below(f"مواضيع هذا المقال: {'، '.join(TAGS)}", zone="body")) == [LISTED]
    assert found(below(f"محاور المؤتمر: {'، '.join(TAGS)}", zone="body")) == [None]
    assert found(below(f"دلائل التحسن: {'، '.join(TAGS)}", zone="body")) == [None]
    assert found([(f"تصنيفات: {' • '.join(TAGS)}", "after", "category/label")]) == [LISTED]
    assert found([("القسم: أسعار السمك", "after", "category/label")]) == ["category/label"]


def test_under_a_heading_of_other_articles_only_brief_lines_are_tags() -> None:
    """Headlines have more words; once one has come, nothing below it is a tag; nor is anything below comments."""
    heading: Rows = [("مواضيع ذات صلة", "after", HEADING)]
    assert found([*heading, *below(*TAGS)]) == [HEADING, *[LISTED] * 3]
    assert found([*heading, *below("سفن الصيد من مصر", "وزير النقل في السودان")]) == [HEADING, None, None]
    assert found([*heading, *below("كيف صار الكشري طبقا عالميا في المدن؟", *TAGS)]) == [HEADING, *[None] * 4]
    assert found([*end("comment/list"), *below(*TAGS)]) == ["comment/list", *[None] * 3]


def test_under_the_label_of_keywords_less_is_asked() -> None:
    """One tag is enough, whatever its words where another label follows; the author's name behind the tags is none."""
    label: Rows = [("الوسوم", "body", LABEL)]
    assert found([*label, *below("هواتف", "مراجعات"), *end()]) == [LABEL, LISTED, LISTED, SHARE]
    assert found([*label, *below("السمك", "مراجعات", "وزير النقل", "زياد حمدان")]) == [LABEL, *[LISTED] * 3, None]
    assert found([*label, *below("زياد حمدان")]) == [LABEL, None]


def test_what_the_zones_took_for_the_body_needs_more() -> None:
    """Three lines that a paragraph has to the letter, right below it, and a label below them."""
    lines = below(*TAGS, zone="body")
    assert found([*lines, *end()]) == [*[LISTED] * 3, SHARE]
    assert found(lines) == [None] * 3
    assert found([*lines[:2], *end()]) == [None, None, SHARE]
    # Two of which the zones took one already for none of the body are a list that its border has cut in two.
    assert found([*lines[:1], *below(TAGS[1]), *end()]) == [LISTED, LISTED, SHARE]
    assert found([*below("سوق", zone="body"), *below(TAGS[1]), *end()]) == [None, None, SHARE]
    assert found([*lines, *end("date/line")]) == [*[None] * 3, "date/line"]
    assert found([("وجاء في البيان", "body", None), *lines, *end()]) == [*[None] * 4, SHARE]


@pytest.mark.parametrize(
    "texts",
    [
        ["طحين", "سمك", "ملح"],
        ["مصر", "السودان", "المغرب", "الجزائر"],
        ["مصر: 40 طنا", "السودان: 12 طنا", "العقبة: 7 أطنان"],
        ["العقبة 2 - 1 السودان", "مصر 0 - 0 المغرب", "تونس 1 - 3 الأردن"],
        ["خالد العمري", "وزير النقل", "العقبة"],
        ["العقبة ميناء", "النقل وزير", "السمك أسعار"],
    ],
)
def test_the_last_list_of_a_body_stays(texts: list[str]) -> None:
    """Recipes, squads, prices, fixtures, signatures, verses: some of their words are the body's, too."""
    assert found([*below(*texts, zone="body"), *end()]) == [*[None] * len(texts), SHARE]


def test_a_list_that_a_paragraph_opens_stays() -> None:
    """The line above ends as one does that a list follows."""
    opening = f"{BODY} {BODY} وشارك فيه كل من:"
    frame = frame_of([[(opening, "body", None), *below(*TAGS, zone="body"), *end()]])
    assert label_tags(frame.lazy(), KNOW).collect()["rule"].to_list() == [*[None] * 4, SHARE]


def test_hashtags_that_the_article_announces_stay() -> None:
    """Where the zones took them for its own: they are what its last sentence speaks of."""
    announced, hashtags = ("وانتشرت وسوم منها:", "body", None), below("#ميناء_العقبة", "#السمك", zone="body")
    assert found([announced, *hashtags]) == [None] * 3
    assert found(hashtags) == [HASHTAGS] * 2
    assert found([announced, *below("#ميناء_العقبة", "#السمك")]) == [None, *[HASHTAGS] * 2]


def test_hashtags_one_a_line() -> None:
    """Several are tags whatever they say, one alone where the article has its words."""
    assert found(below("#الأحساء", "#بحر إيجه", zone="body")) == [HASHTAGS] * 2
    assert found(below("#وزير_النقل", "#السمك", zone="after")) == [HASHTAGS] * 2
    assert found(below("#السمك", zone="body")) == [HASHTAGS]
    assert found(below("#ارحل", zone="body")) == [None]
    assert found(below("#1", "#2", zone="body")) == [None, None]
    assert found(below("#السمك كلمة كتبها على جدار بيته ثم مضى.", zone="body")) == [None]


def test_terms_with_commas_between() -> None:
    """A line of the article's terms right below a paragraph; names that it does not have stay, and so does a sentence."""
    assert found(below("ميناء، أسعار السمك، السودان", zone="body")) == [LISTED]
    assert found(below("محمد صلاح، علي سالم، سعيد مراد", zone="body")) == [None]
    assert found(below("الأهداف", "ميناء، أسعار السمك، السودان", zone="body")) == [None, None]
    assert found(below("ميناء، أسعار السمك، السودان.", zone="body")) == [None]


TEXTS = [BODY, *TAGS, "الصيد الجائر", "سياسة", "#السمك", "#ارحل", "ميناء، أسعار السمك، السودان", "كتب: محمد", "", " "]
text = st.sampled_from(TEXTS)
RULE = st.sampled_from([*[None] * 8, HEADING, SHARE, LABEL, "site/menu-item", "date/line", "comment/list"])
line = st.tuples(text, st.sampled_from(["before", "body", "box", "after"]), RULE)


@settings(max_examples=100)
@given(st.lists(st.lists(line, min_size=1, max_size=24), min_size=1, max_size=3))
def test_only_open_lines_below_the_last_paragraph_change(pages: list[Rows]) -> None:
    """And nothing but their labels; what is said of a page does not depend on the pages beside it."""
    order = ["before", "body", "box", "after"]
    pages = [sorted(lines, key=lambda line: order.index(line[1])) for lines in pages]
    frame = frame_of(pages)
    labelled = label_tags(frame.lazy(), KNOW).collect()
    assert labelled.schema == PIECE
    assert labelled.drop("rule").equals(frame.drop("rule"))
    alone = [label_tags(frame_of([lines]).lazy(), KNOW).collect()["rule"] for lines in pages]
    assert labelled["rule"].to_list() == [rule for rules in alone for rule in rules]
    for lines, rules in zip(pages, alone, strict=True):
        last = max((at for at, line in enumerate(lines) if line[:2] == (BODY, "body") and line[2] is None), default=99)
        solid = [at for at, line in enumerate(lines) if line[0].strip()]
        labels = [
            min((at for at, line in enumerate(lines) if line[1:] == (zone, LABEL)), default=99)
            for zone in ("before", "after")
        ]
        tail = [at for above in (last, *labels) for at in [at for at in solid if at > above][:REACH]]
        changed = [at for at, (line, rule) in enumerate(zip(lines, rules, strict=True)) if line[2] != rule]
        assert set(changed) <= set(tail)
        assert {lines[at][2] for at in changed} <= {None, "site/menu-item"}
        assert {rules[at] for at in changed} <= {LISTED, HASHTAGS}


def test_the_label_of_keywords_may_stand_above_the_article() -> None:
    """Down to the next label they are tags, a comma before each or not; without one the article must have their words."""
    label, text = ("الوسوم", "before", LABEL), (BODY, "body", None)

    def above(*lines: str) -> Rows:
        return [label, *((line, "before", None) for line in lines)]

    def labelled(*lines: Rows) -> list[str | None]:
        frame = frame_of([[line for part in lines for line in part]])
        return label_tags(frame.lazy(), KNOW).collect()["rule"].to_list()

    share: Rows = [("سطر", "before", SHARE)]
    assert labelled(above("هواتف", "، مراجعات"), share, [text]) == [LABEL, LISTED, LISTED, SHARE, None]
    assert labelled(above(TAGS[0], f"، {TAGS[1]}", "ع"), [text]) == [LABEL, LISTED, LISTED, None, None]
    assert labelled(above("هواتف", "مراجعات", "ع"), [text]) == [LABEL, None, None, None, None]


def test_a_label_that_may_be_of_keywords_needs_one_of_the_articles_words() -> None:
    """It may open the site's topics as well."""
    hint: Rows = [("المواضيع", "after", "keywords/label-below")]
    assert found([*hint, *below("السودان", "هواتف", "مراجعات"), *end()])[1:] == [*[LISTED] * 3, SHARE]
    assert found([*hint, *below("عقارات", "هواتف", "مراجعات"), *end()])[1:] == [*[None] * 3, SHARE]


def test_the_label_of_keywords_may_stand_far_below_the_article() -> None:
    """Behind lists of other articles, further than tags without a label are looked for."""
    label: Rows = [("الوسوم", "after", LABEL)]
    far = below(*[f"خبر آخر في صفحة أخرى {number}" for number in range(2 * REACH)])
    assert found([*far, *label, *below("هواتف", "مراجعات"), *end()]) == [
        *[None] * len(far),
        LABEL,
        LISTED,
        LISTED,
        SHARE,
    ]


def test_persons_alone_are_no_tags() -> None:
    """The captions of pictures below the text; among other tags a person is one, and under the label."""
    body = (f"{BODY} وحضر خالد العمري وسالم المينائي.", "body", None)

    def labels(*lines: Rows) -> list[str | None]:
        frame = frame_of([[body, *(line for part in lines for line in part)]])
        return label_tags(frame.lazy(), KNOW).collect()["rule"].to_list()[1:]

    assert labels(below("خالد العمري", "سالم المينائي")) == [None, None]
    assert labels(below("خالد العمري", *TAGS)) == [LISTED] * 4
    assert labels([("الوسوم", "after", LABEL)], below("خالد العمري", "سالم المينائي")) == [LABEL, LISTED, LISTED]


def test_between_labels_one_line_may_have_other_words() -> None:
    """The article has one tag to the letter, half of the words of all others but the last."""
    lines = below("السودان", "الصيد الجائر", "أسعار الحديد", "أخبار المدن")
    assert found([*end(), *lines, *end()]) == [SHARE, *[LISTED] * 4, SHARE]
    assert found([*end(), *lines]) == [SHARE, *[None] * 4]


def test_a_line_of_two_tags_and_more_may_have_other_words() -> None:
    """Right below the paragraph or between labels, where the zones took none for the body; a person's name signs the text."""
    assert found([*below(*TAGS, "حوادث"), *end()]) == [*[LISTED] * 4, SHARE]
    assert found([*end(), *below(TAGS[0], TAGS[1], "حوادث"), *end()]) == [SHARE, *[LISTED] * 3, SHARE]
    assert found([*below("سالم حسن", *TAGS), *end()]) == [None, *[LISTED] * 3, SHARE]
    assert found([*below(*TAGS[:2], "حوادث", "أبراج"), *end()]) == [*[LISTED] * 2, None, None, SHARE]


def test_without_pages_nothing_is_done() -> None:
    empty = PIECE.to_frame()
    assert label_tags(empty.lazy(), KNOW).collect().equals(empty)
    frame = frame_of([below("", " ")])
    assert label_tags(frame.lazy(), KNOW).collect().equals(pl.DataFrame(frame))


def test_the_label_of_keywords_says_what_follows_wherever_it_stands() -> None:
    """Below it a line with commas is tags, whatever the article says, even under a list of other articles; an address is none."""
    other, label, tags = ("خبر آخر في صفحة أخرى", "after", None), ("وسوم:", "after", LABEL), "عاصفة, الساحل, شتاء"
    assert found([("اقرأ أيضا", "after", HEADING), other, label, *below(tags)]) == [HEADING, None, LABEL, LISTED]
    assert found(below("منطقة حرة، دبي، الإمارات العربية المتحدة")) == [None]
    several: Rows = [label, *below("الساحل", "شتاء", "عواصف البحر"), *end()]
    assert found([("اقرأ أيضا", "after", HEADING), other, *several]) == [HEADING, None, LABEL, *[LISTED] * 3, SHARE]
    assert found([label, *below("وقال الوزير، في كلمة له، إن القمة غدا، وإن الوفود وصلت")]) == [LABEL, None]


def test_tags_under_their_label_may_end_the_page() -> None:
    """Though the zones took them for the body's and nothing stands below."""
    lines: Rows = [("الوسوم", "body", LABEL), *below(*TAGS, zone="body")]
    assert found(lines) == [LABEL, *[LISTED] * 3]


def test_what_begins_the_next_page_signs_no_tags() -> None:
    """Tags with which a page ends are the same, whatever line stands first among the tails of the page after it."""
    tags: Rows = [("الوسوم", "body", LABEL), *below(*TAGS, zone="body")]
    alone = frame_of([[(BODY, "body", None), *tags]])
    both = frame_of([[(BODY, "body", None), *tags], [(BODY, "body", None), ("سالم علي", "after", "byline/name")]])
    labels = label_tags(both.lazy(), KNOW).collect()["rule"].to_list()[: len(alone)]
    assert labels == label_tags(alone.lazy(), KNOW).collect()["rule"].to_list()
    assert LISTED in labels


def test_a_comma_alone_on_its_line_parts_two_tags() -> None:
    """As where each tag is an element of its own, and the comma between them text."""
    lines = below(TAGS[0], "،", TAGS[1], "،", TAGS[2])
    assert found(lines) == [LISTED, None, LISTED, None, LISTED]
