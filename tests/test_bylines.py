"""Bylines without a label, told by given names and by where they stand; and the name that a page calls itself by."""

from __future__ import annotations

import datetime as dt

import pytest
from place_reference import frame_of
from test_fields import fields

from etl.bylines.above import label_bylines
from etl.bylines.below import SIGNED, label_signatures
from etl.bylines.credits import (
    author_of_date,
    author_of_post,
    author_of_title,
    cut_byline_label,
    is_byline_label,
    names_day,
    own_of_dateline,
    parse_author,
    part_at_days,
)
from etl.bylines.own_names import label_own_teasers, split_own_names
from etl.bylines.parts import is_signature, read_byline
from etl.bylines.persons import LIKELY, SURE, drop_epithets, load_given, outer_names, split_persons, weigh_person
from etl.knowledge import Knowledge, ship_knowledge
from etl.names import either, load_names
from etl.page_heads import give_back_heads
from etl.pipeline import Stage
from etl.rules import Rules

TITLE = "البلدية تفتح حديقة جديدة على الكورنيش بعد عام من العمل"
BODY = (
    "افتتحت البلدية صباح اليوم حديقة جديدة على الكورنيش تضم ملعبا للأطفال ومسارا للمشي يمتد كيلومترين.\n"
    "وقال رئيس البلدية إن العمل فيها استغرق عاما كاملا، وإن الدخول إليها مجاني طوال أيام الأسبوع.\n"
    "وتفتح الحديقة أبوابها كل يوم من السابعة صباحا حتى منتصف الليل، وفيها مقهى وموقف للسيارات."
)
DATE = ("الخميس 20 يونيو 2024", "before", "date/line")
HEAD = (TITLE, "before", "title/headline")
TEXT = [(line, "body", None) for line in BODY.split("\n")]
KNOW = Knowledge(rules=Rules(()))


def label(stage: Stage, *lines: tuple[str, str, str | None], know: Knowledge = KNOW) -> list[tuple[str | None, str]]:
    """Lines (text, zone, label) of a page -> the labels and texts that a stage makes of them, those left open aside."""
    found = stage(frame_of([list(lines)]).lazy(), know).collect()
    return [
        (rule, text.strip()) for rule, text in found.select("rule", "piece").rows() if rule not in (None, "zone/before")
    ]


def bylines(*lines: tuple[str, str, str | None], know: Knowledge = KNOW) -> list[str]:
    return [text for rule, text in label(label_bylines, *lines, know=know) if (rule or "").startswith("byline/")]


def test_no_name_stands_in_two_lists() -> None:
    """A given name is a common word too, or it is not."""
    given = load_given()
    assert len(given.names) > 600
    assert not given.names & given.words


@pytest.mark.parametrize(
    "name",
    [
        "منى الشربيني",
        "د. بدر السويلم",
        "إسراء عبد المعطي",
        "كريم بوزيدي",
        "صلاح الدين حسن",
        "ربيع أبو شقرا",
        "محمد أيت بلعيد",
    ],
)
def test_a_given_name_and_another_name_are_a_person(name: str) -> None:
    """A name that is a word too needs another name, a family's ending or a title beside it."""
    assert weigh_person(name) >= LIKELY


@pytest.mark.parametrize(
    "words",
    [
        "جمال الطبيعة",
        "كريم عامر بالمحبة",
        "أمل جديد",
        "كمال الأجسام",
        "سبائك ذهب",
        "محمد صلاح وكفى",
        "نجوى كرم تحارب القرصنة",
        "رحم الله الفقيد",
        "عيد الفطر السعيد",
        "ربيع أبو ظبي",
        "جمال أم درمان",
        "محمد بانتظار القرار",
        "سعيد باستقالته",
    ],
)
def test_sections_and_headlines_are_no_person(words: str) -> None:
    """Nothing but a person's name in two to four words is one."""
    assert weigh_person(words) < LIKELY


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("بيروت: نديم الخازن", "نديم الخازن"),
        ("رائد العجلان من الرياض", "رائد العجلان"),
        ("مازن خليفة | 5 أبريل 2025", "مازن خليفة"),
        ("وكالة الميناء برس | بقلم سنية الجلاصي | الخميس 11 جانفي 2018 على الساعة 13:30", "سنية الجلاصي"),
        ("الميناء 24 - عبد الإله البقالي", "عبد الإله البقالي"),
        ("قنا ـ هناء عبد الباسط", "هناء عبد الباسط"),
        ("كفر الميناء ـ من هناء عبد الباسط:", "هناء عبد الباسط"),
        ("مراسلة من جبل الميناء - هناء عبد الباسط", "هناء عبد الباسط"),
        ("من طرف: زهيدة المرفئي", "زهيدة المرفئي"),
        ("سلمى الحدادأرسل بريدا إلكترونيا 13 يوليو، 2021آخر تحديث: 15 يوليو، 2021", "سلمى الحداد"),
        ("طاهر اليعقوبي طاهر اليعقوبي 9 ديسمبر 2020", "طاهر اليعقوبي"),
        ("هدى القصبي by هدى القصبي", "هدى القصبي"),
        ("كتبتها هدى القصبي بتاريخ 2024/04/17", "هدى القصبي"),
        ("من مازن الغيلاني", "مازن الغيلاني"),
        ("أحور « المرفأ » سالم باحكيم:", "سالم باحكيم"),
        ("(وادي المرفأ) شبام - كتب/ سالم باحميد", "سالم باحميد"),
        ("مرفأ القلعة / نور الدين أيدمير / المرمرة", "نور الدين أيدمير"),
        ("كتب: ليلى منصور | 16 / 7 / 2025 - 08:30 | عدد المشاهدات: 402", "ليلى منصور"),
        ("كتابة: الصيدلانية رولا أبو السعود", "الصيدلانية رولا أبو السعود"),
        ("بقلم العقيد الركن المتقاعد الدكتور سالم محمود الراشد", "العقيد الركن المتقاعد الدكتور سالم محمود الراشد"),
        ("بقلم / أ.د. هدى القصبي", "أ.د. هدى القصبي"),
        ("د/ هدى القصبي", "د. هدى القصبي"),
        ("الدكتورة هدى القصبي تكتب:", "الدكتورة هدى القصبي"),
    ],
)
def test_a_line_of_parts_names_its_person(line: str, name: str) -> None:
    """Date, place and paper stand beside a writer; one part may be a town or a paper that nobody knows."""
    found = read_byline(line)
    assert found is not None
    assert (found.name, found.weight >= LIKELY) == (name, True)


@pytest.mark.parametrize(
    "line",
    [
        "محمد صلاح: لن أرحل عن ليفربول",
        "عبير الدخيل: راحت الأيام",
        "تصوير: هادي العياري",
        "سعد الشهري: 38 عاما",
        "السعودية - من الرياض إلى جدة",
        "وزير الصحة «الجديد» محمد صالح",
    ],
)
def test_what_a_person_says_or_is_makes_no_byline(line: str) -> None:
    """A quote's headline, a picture's credit, an age."""
    assert read_byline(line) is None


def test_a_name_beside_the_date_is_a_byline() -> None:
    """Alone, or with date and place on its line; a label in the head, of a writer, goes before it."""
    name = ("منى الشربيني", "before", None)
    assert bylines(HEAD, name, DATE, *TEXT) == ["منى الشربيني"]
    assert bylines(HEAD, ("مازن خليفة | 5 أبريل 2025", "before", None), *TEXT) == ["مازن خليفة | 5 أبريل 2025"]
    assert bylines(HEAD, ("كتب: سالم حسن", "before", "byline/label"), name, DATE, *TEXT) == ["كتب: سالم حسن"]


def test_where_a_line_stands_makes_a_name_of_no_list_a_byline() -> None:
    """Beside a date, or right above the text with a place or a paper before it; the family's name has the shape of one."""
    alone, placed = ("ناريتا بو ضاهر", "before", None), ("سرمين – سيلفا المعري", "before", None)
    assert bylines(HEAD, alone, DATE, *TEXT) == ["ناريتا بو ضاهر"]
    assert bylines(HEAD, DATE, ("مشاركة", "before", "share/label"), placed, *TEXT) == ["سرمين – سيلفا المعري"]
    assert bylines(HEAD, DATE, ("مشاركة", "before", "share/label"), alone, *TEXT) == []
    assert parse_author("سرمين – سيلفا المعري") == "سيلفا المعري"


@pytest.mark.parametrize(
    "line",
    [
        "قطاع الري",
        "رقم الفتوى",
        "مقالات الرأي",
        "ثيمز عربي",
        "أخبار محلية",
        "السوق المركزي",
        "تصوير الهاشمي",
        "كرة القدم",
    ],
)
def test_a_section_beside_the_date_is_no_name(line: str) -> None:
    """A word that opens phrases, or one with an article, is no given name; an adjective is no family's."""
    assert bylines(HEAD, (line, "before", None), DATE, *TEXT) == []


def test_the_first_line_of_a_text_may_be_its_byline() -> None:
    """Of an article already cut out, with a place or a paper beside the name: a name alone is as often a caption."""
    name, placed = ("منى الشربيني", "body", None), ("منى الشربيني ـ جدة", "body", None)
    assert bylines(HEAD, DATE, placed, *TEXT) == ["منى الشربيني ـ جدة"]
    assert bylines(HEAD, DATE, placed, *TEXT, ("قالت منى الشربيني إن الحديقة لها.", "body", None)) == []
    assert bylines(HEAD, DATE, name, *TEXT) == []
    assert bylines(HEAD, DATE, ("حديقة على الكورنيش", "body", None), *TEXT) == []


def test_a_day_beside_a_name_of_no_list_tells_that_it_wrote() -> None:
    """Glued to it or not; the name and the day are read."""
    found = read_byline("زهيدة المرفئي14 أوت 2016آخر تحديث :")
    assert found is not None and (found.name, "date" in found.told, found.listed) == ("زهيدة المرفئي", True, False)
    assert names_day("زهيدة المرفئي 14 أوت 2016") and not names_day("زهيدة المرفئي 14 كتابا 2016")
    assert part_at_days("زهيدة المرفئي في الأحد 14 أوت 2016 - تونس") == "زهيدة المرفئي | - تونس"


def test_a_family_may_be_its_first_letter() -> None:
    """As some papers sign: a given name, a point, a letter."""
    assert bylines(HEAD, ("نوال.ب", "before", None), DATE, *TEXT) == ["نوال.ب"]
    assert parse_author("نوال.ب") == "نوال.ب"
    assert parse_author("مرحبا.ب") is None


def test_who_is_in_the_news_did_not_write_it() -> None:
    """A person whom the text or the title speaks of, a list of names, a card below a list of other articles."""
    name, spoken = ("سالم الشربيني", "before", None), ("قال سالم الشربيني إن الحديقة له.", "body", None)
    assert bylines(HEAD, name, DATE, *TEXT, spoken, *TEXT) == []
    assert bylines(("سالم الشربيني يعود", "before", "title/headline"), name, DATE, *TEXT) == []
    assert bylines(HEAD, name, ("هدى قنديل", "before", None), DATE, *TEXT) == []
    assert bylines(HEAD, ("الأكثر قراءة", "before", "related/heading-most"), name, DATE, *TEXT) == []
    assert bylines(name, DATE, *TEXT) == []


def test_who_holds_a_post_is_not_the_author() -> None:
    """The name below a line that names a post of the paper's staff; the next name, and one with its own label, is the writer's."""
    post, holder = ("رئيس التحرير", "before", "site/masthead"), ("أحمد محمود", "before", None)
    writer, labelled = ("منى الشربيني", "before", None), ("كتب: منى الشربيني | 5 أبريل 2025", "before", None)
    assert bylines(HEAD, post, holder, DATE, *TEXT, know=ship_knowledge()) == []
    assert bylines(HEAD, post, holder, writer, DATE, *TEXT, know=ship_knowledge()) == ["منى الشربيني"]
    assert bylines(HEAD, post, labelled, *TEXT, know=ship_knowledge()) == [labelled[0]]
    assert bylines(HEAD, post, holder, DATE, *TEXT) == ["أحمد محمود"]


def test_the_date_of_a_byline_is_read() -> None:
    """Name and date on one line tell both."""
    found = fields(("byline/parts", "before", "مازن خليفة | 5 أبريل 2025\n"), (None, "body", "نص\n"))
    assert (found["author"], found["date"]) == ("مازن خليفة", dt.date(2025, 4, 5))


def test_an_aggregators_line_tells_three_things() -> None:
    """Who wrote the text, in which paper it stood, when."""
    line = ("byline/aggregator", "before", "سارة الطالبي نشر في اليوم 24 يوم 01 - 03 - 2020\n")
    found = fields(("title/headline", "before", "عنوان\n"), line, (None, "body", "نص\n"))
    assert (found["author"], found["source"]) == ("سارة الطالبي", "اليوم 24")
    assert found["date"] == dt.date(2020, 3, 1)


def test_a_section_behind_the_writer_is_nobody() -> None:
    """A blog's line names the category after the day."""
    line = "نشر بواسطة: ريم الدوسري في 3 يونيو، 2022 | التصنيف: برمجيات حرة | 14 تعليقا"
    assert parse_author(line) == "ريم الدوسري"


def test_another_line_of_the_page_settles_the_day() -> None:
    """Of the two days that a date line may mean the one within a week of another; otherwise it stays open."""
    title, text = ("title/headline", "before", "عنوان\n"), (None, "body", "نص\n")
    above, below = ("date/line", "before", "الخميس 12 مارس 2009\n"), ("date/line", "before", "12/03/2009\n")
    assert fields(above, title, below, text)["date"] == dt.date(2009, 3, 12)
    assert fields(title, below, text)["date"] is None
    change = ("date/labelled", "before", "آخر تحديث الجمعة 13 مارس 2009\n")
    assert fields(title, below, change, text)["date"] == dt.date(2009, 3, 12)
    assert fields(title, below, ("date/labelled", "before", "آخر تحديث 1 مايو 2009\n"), text)["date"] is None
    # Above the title a masthead may tell today.
    assert fields(("date/line", "before", "الجمعة 13 مارس 2009\n"), title, below, text)["date"] is None


def test_what_was_given_settles_the_day() -> None:
    """One of the two days that the page's line may mean."""
    title, text = ("title/headline", "before", "عنوان\n"), (None, "body", "نص\n")
    line = ("date/line", "before", "12/03/2009\n")
    assert fields(title, line, text, date="2009-12-03")["date"] == dt.date(2009, 12, 3)
    assert fields(title, line, text, date="2011-01-01")["date"] is None


def test_the_day_of_publication_goes_before_that_of_a_change() -> None:
    """Below the title, whichever stands first, with the label on a line of its own too; a change alone is the date."""
    title, text = ("title/headline", "before", "عنوان\n"), (None, "body", "نص\n")
    day, change = ("date/line", "before", "19 مارس 2025\n"), ("date/labelled", "before", "آخر تحديث 20 مارس 2025\n")
    alone, later = ("date/label-alone", "before", "آخر تحديث\n"), ("date/line", "before", "20 مارس 2025\n")
    assert fields(title, day, change, text)["date"] == dt.date(2025, 3, 19)
    assert fields(title, day, alone, later, text)["date"] == dt.date(2025, 3, 19)
    assert fields(day, title, change, text)["date"] == dt.date(2025, 3, 20)


def test_a_pages_own_name_is_split_off() -> None:
    """Alone beside the date, behind a city, or before the first sentence, where it is the end of a dateline."""
    logo, foot = (
        ("مدار الميناء", "before", "zone/before"),
        ("حقوق النشر محفوظة - مدار الميناء", "after", "legal/copyright"),
    )
    own = ("source/own-name", "مدار الميناء")
    for line in ("مدار الميناء", "مدار الميناء / بغداد", "by مدار الميناء"):
        assert own in label(split_own_names, logo, HEAD, DATE, (line, "before", "zone/before"), *TEXT, foot)
    opening = (f"عمان - مدار الميناء – {BODY}", "body", None)
    assert ("dateline/own-name", "عمان - مدار الميناء –") in label(split_own_names, logo, HEAD, DATE, opening, foot)


@pytest.mark.parametrize(
    "line",
    ["المينا سبورت - بغداد", "بغداد: المينا سبورت", "المكلا (المينا سبورت) خاص:", "المينا سبورت - محمد أيت بلعيد"],
)
def test_a_paper_that_the_text_quotes_is_its_own(line: str) -> None:
    """Beside a place or a writer; what the text does not quote may be anything."""
    quotes = ('وقال المدرب لـ"المينا سبورت" إن الفريق جاهز للمباراة.', "body", None)
    own = ("source/own-name", "المينا سبورت")
    apart = (line.replace("المينا سبورت", "المينا  سبورت"), "before", "zone/before")
    assert own not in label(split_own_names, HEAD, DATE, apart, *TEXT, quotes)
    other = ('وكانت "المينا سبورت" أول سفينة ترسو في المرفأ.', "body", None)
    assert own not in label(split_own_names, HEAD, DATE, (line, "before", "zone/before"), *TEXT, other)
    assert own in label(split_own_names, HEAD, DATE, (line, "before", "zone/before"), *TEXT, quotes)
    assert own not in label(split_own_names, HEAD, DATE, (line, "before", "zone/before"), *TEXT)


def test_a_name_that_the_page_does_not_call_itself_by_is_none() -> None:
    """No guesses: the head of the page must say it, a section's name is said there too, and a writer's stays a byline."""
    opening = (f"مدار الميناء – {BODY}", "body", None)
    assert all(rule != "dateline/own-name" for rule, _ in label(split_own_names, HEAD, DATE, opening))
    menu, section = ("شؤون الميناء", "before", "zone/before"), ("صحيفة المدار", "before", "zone/before")
    found = label(split_own_names, section, menu, HEAD, menu, DATE, *TEXT)
    assert all(rule != "source/own-name" for rule, _ in found)


def test_the_name_closes_the_dateline() -> None:
    """Behind a place and a day, whatever sign stands between."""
    assert own_of_dateline("رأس الميناء في 16 أبريل / وكالة الميناء /") == "وكالة الميناء"
    assert own_of_dateline("مدار الميناء –") == "مدار الميناء"


def test_sure_is_more_than_likely() -> None:
    """A list's name with a family's ending beside it is as sure as a name can be."""
    assert weigh_person("سلمى الشربيني") == SURE


@pytest.mark.parametrize(
    ("line", "label", "rest"),
    [
        ("بقلم: سلمى الحداد", True, "سلمى الحداد"),
        ("إعداد وتقديم: سلمى الحداد", True, "سلمى الحداد"),
        ("كتبت: سلمى الحداد", True, "سلمى الحداد"),
        ("كتبت سلمى الحداد رسالة", False, "كتبت سلمى الحداد رسالة"),
        ("تقرير محمد صلاح", False, "تقرير محمد صلاح"),
        ("تقرير: سلمى الحداد", True, "سلمى الحداد"),
        ("سلمى الحداد", False, "سلمى الحداد"),
        ("كتبت سلمى الحداد", True, "سلمى الحداد"),
        ("سلمى الحداد تكتب", True, "سلمى الحداد"),
        ('كتبت سلمى الحداد في "صوت الميناء":', True, "سلمى الحداد"),
        ("الأطفال يكتبون", False, "الأطفال يكتبون"),
        ("الأمل يكتب", False, "الأمل يكتب"),
        ("بقلم الناشطة السياسية سلمى الحداد", True, "سلمى الحداد"),
        ("بقلم رئيس التحرير سالم الحداد", True, "سالم الحداد"),
    ],
)
def test_the_label_of_a_byline_is_cut_but_a_verb_needs_its_colon(line: str, label: bool, rest: str) -> None:
    """What opens sentences as well is a label only before a colon or a dash, or where a name is all that follows."""
    assert cut_byline_label(line) == (label, rest)


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("الناشط السياسي محمد فريد", "محمد فريد"),
        ("عضو المجلس البلدي محمد فريد", "محمد فريد"),
        ("الدكتور محمد فريد", "الدكتور محمد فريد"),
        ("المدينة القديمة في الليل", "المدينة القديمة في الليل"),
        ("قلم محمد فريد", "قلم محمد فريد"),
    ],
)
def test_what_its_bearer_is_goes_from_a_name(line: str, name: str) -> None:
    """Only words with the article, or an office of something that has it; known titles stay as printed."""
    assert drop_epithets(line) == name


def test_the_outer_words_of_a_name_are_no_titles() -> None:
    """A text may name its writer without what stands between them, and without a title."""
    assert outer_names("الدكتورة سلمى بنت أحمد الحداد") == ("سلمى", "الحداد")


@pytest.mark.parametrize(
    "line", ["بقلم سلمى الحداد", "كتبت سلمى الحداد", "سلمى الحداد تكتب:", "د. سلمى الحداد", "بقلم: سلمى الحداد"]
)
def test_a_signature_names_its_writer(line: str) -> None:
    """Behind a label or before one, or by the first letter of a title."""
    assert is_signature(line)


@pytest.mark.parametrize(
    "line", ["سلمى الحداد", "كتبت سلمى الحداد رسالة إلى ابنها", "د. سلمى الحداد: لن نغلق المدرسة", "بقلم رصاص"]
)
def test_a_name_or_a_sentence_is_no_signature(line: str) -> None:
    """A name alone may be a caption's."""
    assert not is_signature(line)


def test_a_name_alone_below_the_title_is_the_writers_unless_the_text_knows_the_person() -> None:
    """A caption names whom the text speaks of, there perhaps without the name between."""
    name = ("سلمى أحمد الحداد", "body", None)
    first, *others = TEXT
    assert bylines(HEAD, name, *TEXT) == ["سلمى أحمد الحداد"]
    assert bylines(HEAD, name, first, ("وقالت سلمى الحداد إن الحديقة مفتوحة للجميع.", "body", None), *others) == []


@pytest.mark.parametrize(
    ("title", "author"),
    [
        ("كراس فارغة في محكمة العائلة / سالم حسن", "سالم حسن"),
        ("ست الشاي في المحكمة .. بقلم: سالم حسن", "سالم حسن"),
        ("سلمى الحداد تكتب: صينية الحاجة آمنة", "سلمى الحداد"),
        ("✍ د. سالم حسن : قهوة آخر الليل", "د. سالم حسن"),
        ("✍ قلم حر : قهوة آخر الليل", None),
        ("محمد صلاح يكتب التاريخ مع ليفربول", None),
        ("القلم الحر يكتب: نهاية الرقابة", None),
        ("لبنان / سوريا", None),
        ("قصة قصيرة بقلم رصاص", None),
        ("حديقة المدينة.. حوار: الإسلام والغرب", None),
        ("حديقة المدينة.. حوار: سالم حسن", "سالم حسن"),
    ],
)
def test_a_headline_may_name_its_writer(title: str, author: str | None) -> None:
    """At its end, before the word for writing and a colon, or behind the sign of a hand that writes."""
    assert author_of_title(title) == author


@pytest.mark.parametrize(
    ("line", "author"),
    [
        ("مرسلة بواسطة سلمى الحداد في 10:26 ص", "سلمى الحداد"),
        ("مرسلة بواسطة أم ياسين في 2:14 م", "أم ياسين"),
        ("مرسلة بواسطة admin في 2:14 م", None),
        ("مرسلة بواسطة مدونة الشاطئ في 2:14 م", None),
        ("سلمى الحداد في 10:26 ص", None),
    ],
)
def test_a_post_says_who_posted_it(line: str, author: str | None) -> None:
    """A person; an account or a blog's name is none."""
    assert author_of_post(line) == author
    title, text = ("title/headline", "before", "عنوان\n"), (None, "body", "نص\n")
    assert fields(title, text, ("site/blog-poster", "after", f"{line}\n"))["author"] == author


@pytest.mark.parametrize(
    ("line", "author"),
    [
        ("سلمى الحداد نشر في: 12 نونبر 2019", "سلمى الحداد"),
        ("سلمى الحداد نُشرت بتاريخ 3 يونيو 2022", "سلمى الحداد"),
        ("جريدة الشاطئ نشر في: 12 نونبر 2019", None),
        ("عبدة بوست نشر في: 12 نونبر 2019", None),
        ("نشر في: 12 نونبر 2019", None),
    ],
)
def test_a_date_line_may_begin_with_the_writer(line: str, author: str | None) -> None:
    """A paper before the word is none."""
    assert author_of_date(line) == author
    title, text = ("title/headline", "before", "عنوان\n"), (None, "body", "نص\n")
    assert fields(title, ("date/labelled", "before", f"{line}\n"), text)["author"] == author


def test_a_byline_right_below_the_body_is_of_the_text() -> None:
    """Where none stands above; further down it is another's."""
    title, text = ("title/headline", "before", "عنوان\n"), (None, "body", "نص\n")
    byline, other = ("byline/label", "after", "إعداد: سلمى الحداد\n"), ("share/label", "after", "شارك\n")
    assert fields(title, text, byline)["author"] == fields(title, text, other, byline)["author"] == "سلمى الحداد"
    assert fields(title, text, other, other, byline)["author"] is None
    above = ("byline/by", "before", "بقلم هدى القصبي\n")
    assert fields(title, above, text, byline)["author"] == "هدى القصبي"


def signatures(*lines: tuple[str, str, str | None]) -> list[str]:
    return [text for rule, text in label(label_signatures, *lines) if rule == SIGNED]


def test_a_name_alone_below_the_text_signs_it() -> None:
    """As the last line of the body or right behind it; not below a list, nor of somebody in the text, nor where a byline stands."""
    for zone in ("body", "after"):
        name = ("- سلمى أحمد الحداد", zone, None)
        assert signatures(HEAD, *TEXT, name) == ["- سلمى أحمد الحداد"]
        assert signatures(HEAD, ("بقلم هدى القصبي", "before", "byline/by"), *TEXT, name) == []
        for nameless in ("عين الشاطئ - رويترز", "byline/town-agency"), ("رياضة – متابعة", "byline/follow-ups"):
            beside = (nameless[0], "before", nameless[1])
            assert signatures(HEAD, beside, *TEXT, name) == ["- سلمى أحمد الحداد"]
        assert (
            signatures(
                HEAD, *TEXT, ("وشكر الحضور سلمى الحداد على ما بذلته من جهد في الحديقة طوال العام.", "body", None), name
            )
            == []
        )
        assert signatures(HEAD, *TEXT, ("الفائزون:", "body", None), name) == []
    assert signatures(HEAD, *TEXT, ("أخبار ذات صلة", "after", "related/heading"), ("سلمى الحداد", "after", None)) == []


def test_each_label_of_the_list_is_one() -> None:
    """The list of labels is one file, `bylines.toml`, and of two that begin alike the longer is read."""
    assert all(is_byline_label(label) for label in load_names().labels | load_names().roles | load_names().verbs)
    assert either(["رصد", "رصد وتصوير", "نص"]) == r"رصد\ وتصوير|رصد|نص"


def test_beside_the_sites_own_name_stands_its_writer() -> None:
    """A name of more words than a paper's that nobody knows: the page's head says it alone."""
    own, line = ("مدار الميناء اليوم 24", "before", None), ("مدار الميناء اليوم 24 - منى الشربيني", "before", None)
    assert bylines(own, HEAD, line, DATE, *TEXT) == ["مدار الميناء اليوم 24 - منى الشربيني"]
    assert bylines(("مدار آخر", "before", None), HEAD, line, DATE, *TEXT) == []
    slogan = ("مدار الميناء اليوم 24 - جريدة مستقلة", "before", None)
    placed = ("شبام – مدار الميناء اليوم 24: منى الشربيني", "before", None)
    assert bylines(slogan, HEAD, placed, DATE, *TEXT) == ["شبام – مدار الميناء اليوم 24: منى الشربيني"]


def test_who_stands_below_the_title_goes_before_who_leads_the_paper() -> None:
    """A paper's head names its editors; a translator did not write the text, and who checks a claim did."""
    editor, title = ("byline/initial-name", "before", "م. شريف الدمنهوري\n"), ("title/headline", "before", "عنوان\n")
    writer, text = ("byline/parts", "before", "كتبت- هاجر عبد التواب:\n"), (None, "body", "نص\n")
    assert fields(editor, title, writer, text)["author"] == "هاجر عبد التواب"
    assert fields(editor, title, text)["author"] == "م. شريف الدمنهوري"
    assert fields(title, ("byline/label", "before", "ترجمة: هدى سيف الدين\n"), text)["author"] is None
    assert fields(title, ("byline/label", "before", "ترجمة وتحرير: هدى سيف الدين\n"), text)["author"] == "هدى سيف الدين"
    assert fields(title, ("byline/parts", "before", "تحقق: سلمى الحداد\n"), text)["author"] == "سلمى الحداد"
    assert fields(title, text, ("byline/answerer", "after", "المفتي: صالح الحارثي\n"))["author"] == "صالح الحارثي"


def test_a_page_whose_title_came_beside_it_has_a_head_too() -> None:
    """A few lines above the text stood below the title; many are a site's, and nothing is told of them."""
    line = ("مازن خليفة | 5 أبريل 2025", "before", None)
    assert bylines(line, *TEXT) == ["مازن خليفة | 5 أبريل 2025"]
    assert bylines(*[("قسم", "before", None)] * 4, line, *TEXT) == []


def zones(*lines: tuple[str, str, str | None]) -> list[str]:
    """Lines of a page -> their zones, once heads without a name are given back."""
    return give_back_heads(frame_of([list(lines)]).lazy(), KNOW).collect()["zone"].to_list()


def test_a_head_without_a_name_is_the_bodys() -> None:
    """A label, a day, more lines than an article begins with, or no body below say that it is none."""
    line, many = ("ليس كل ما يلمع ذهبا", "before", None), [("سطر آخر", "before", None)] * 4
    assert zones(line, *TEXT) == ["body"] * 4
    assert zones(line, HEAD, *TEXT)[0] == "before"
    assert zones(line, ("سلمى الحداد، 7 أغسطس 2023", "before", None), *TEXT)[0] == "before"
    assert zones(*many, *TEXT)[0] == "before"
    assert zones(line) == ["before"]


def test_two_persons_are_joined_by_and() -> None:
    """Each is a person by itself; a name that begins with the letter is one."""
    assert split_persons("سالم علي وليلى حسن") == ("سالم علي", "ليلى حسن")
    for name in ("أحمد وجيه", "علي وحيد", "نادية وصفي عبد الله", "سالم علي وزير النقل"):
        assert split_persons(name) == (name,)
    assert parse_author("كتب: سالم علي وليلى حسن") == "سالم علي، ليلى حسن"
    assert parse_author("تحقيق: ريم العوضي · إشراف: مراد بن عاشور") == "ريم العوضي"
    assert parse_author("بيروت - كتب نديم أبو حمدان") == "نديم أبو حمدان"


def test_white_space_parts_a_name_from_a_date() -> None:
    """As a stroke does; what stands behind a number is a counter."""
    found = read_byline("مريم الطيب   17 نوفمبر 2020   قراءة 4 دقائق")
    assert found and (found.name, found.told) == ("مريم الطيب", {"date"})


def test_the_staff_of_a_paper_is_not_the_writer() -> None:
    """A letter and a name above the title, where a post of the staff stands there; and who the text speaks of."""
    rule = "byline/initial-name"
    post, name = ("رئيس مجلس الإدارة", "before", "site/masthead"), ("د. سمير الحداد", "before", rule)
    assert bylines(post, name, HEAD, *TEXT, know=ship_knowledge()) == []
    assert bylines(name, HEAD, *TEXT, know=ship_knowledge()) == ["د. سمير الحداد"]
    said = ("وأضاف الدكتور سمير الحداد أن الحديقة لأهل المدينة كلهم.", "body", None)
    assert bylines(HEAD, name, *TEXT, know=ship_knowledge()) == ["د. سمير الحداد"]
    assert bylines(HEAD, name, *TEXT, said, know=ship_knowledge()) == []


def test_a_byline_that_is_glued_to_the_text_once_more_is_one() -> None:
    """The text does not speak of the writer by that; a dialogue's speaker, whose name stands alone, it does."""
    name, placed = "سمير الحداد", "المنامة - سمير الحداد"
    again = (f"{placed}  وقال رئيس البلدية إن الحديقة لأهل المدينة كلهم.", "body", None)
    assert bylines(HEAD, (placed, "before", None), again, *TEXT) == [placed]
    spoken = (f"{name}: نتوقف في هذه الحلقة عند حديقة المدينة.", "body", None)
    assert bylines(HEAD, (name, "before", None), spoken, *TEXT) == []


def test_the_name_above_an_aggregators_line_is_the_writers() -> None:
    """Whether a list knows it or not; of one line only, and none above the title."""
    line, unlisted = (
        ("نشر في الشاطئ يوم 14 - 09 - 2019", "before", "byline/aggregator"),
        ("قطوف المرزوقي", "before", None),
    )
    assert unlisted[0] in bylines(HEAD, unlisted, line, *TEXT)
    assert unlisted[0] not in bylines(unlisted, HEAD, line, *TEXT)
    assert "حديقة على الكورنيش" not in bylines(HEAD, ("حديقة على الكورنيش", "before", None), line, *TEXT)
    short = ("سلمى. ح", "before", None)
    assert short[0] in bylines(HEAD, short, line, *TEXT)


def test_a_name_that_is_a_word_too_needs_a_neighbour() -> None:
    """As one of no list does: a date, a town, a paper."""
    name = ("رشيد أوحمو", "before", None)
    assert bylines(HEAD, name, DATE, *TEXT) == ["رشيد أوحمو"]
    assert bylines(HEAD, name, *TEXT) == []
    assert bylines(HEAD, ("عين الشاطئ - رشيد أوحمو", "before", None), *TEXT) == ["عين الشاطئ - رشيد أوحمو"]


def test_the_word_on_that_ends_a_name_is_ali() -> None:
    """As Egypt writes it."""
    assert weigh_person("حسن على") >= LIKELY
    assert not weigh_person("حسن على وجه الماء")


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("سلمى الحداد (بيروت)", "سلمى الحداد"),
        ("سلمى الحداد - 10 مارس 2024 قراءات 120", "سلمى الحداد"),
        ("سلمى الحداد 1,204 قراءات - 10 مارس 2024", "سلمى الحداد"),
        ("الشاطئ الجديد - سلمى الحداد -منى الخطيب", "سلمى الحداد"),
        ("سلمى الحداد بي بي سي - القاهرة", "سلمى الحداد"),
        ("سلمى الحداد -", "سلمى الحداد"),
        ("2 أبريل 2019 ( منذ 3 ساعات ) - سلمى الحداد", "سلمى الحداد"),
        ("قطوف المرزوقيبواسطة قطوف المرزوقي24 يناير، 20233 دقائق", "قطوف المرزوقي"),
        ("كتب بواسطة: سلمى الحداد", "سلمى الحداد"),
        ("الكاتبة سلمى الحداد", "سلمى الحداد"),
    ],
)
def test_signs_part_a_name_from_what_stands_with_it(line: str, name: str) -> None:
    found = read_byline(line)
    assert found and found.name == name


def test_what_stands_in_brackets_or_before_a_colon_may_be_of_the_news() -> None:
    """What a person is in brackets, a speaker's name before a colon; beside the year a counter is one all the same."""
    assert read_byline("سلمى الحداد (ممثلة)") is None
    speaker = read_byline("محمود علي:")
    assert speaker and not speaker.told
    counted = read_byline("سلمى الحداد - 10 مارس 2024 قراءات 120")
    assert counted and "date" in counted.told


def test_words_that_may_be_names_do_not_contradict_a_sure_one() -> None:
    """Beside a date a subheading of two words may be somebody's name."""
    name, words = ("سلمى الحداد", "before", None), ("نداء أخير", "before", None)
    assert bylines(HEAD, name, DATE, words, *TEXT) == ["سلمى الحداد"]


def test_a_name_may_end_as_a_papers_word_does() -> None:
    """`برس` ("press") at its end; alone it is a paper's."""
    assert weigh_person("ضياء الدين بيبرس") >= LIKELY
    assert not weigh_person("ضياء برس")


def test_a_prayer_behind_a_name_is_no_second_part() -> None:
    assert read_byline("سالم بن علي الحداد -رحمه الله-") is None


def test_below_a_list_the_title_stands_once_more() -> None:
    """What stands below it there is its head; without it, what stands below a list is another article's."""
    listed, name = ("آخر الأخبار", "before", "related/heading-latest"), ("عين الشاطئ - سلمى الحداد", "before", None)
    assert bylines(HEAD, listed, (TITLE, "before", "title/again"), name, *TEXT) == ["عين الشاطئ - سلمى الحداد"]
    assert bylines(HEAD, listed, name, *TEXT) == []


def test_an_invocation_opens_the_text() -> None:
    """The last line above a body, and no other line of the head."""
    line = ("الحمد لله رب العالمين، والصلاة والسلام على سيدنا محمد، وبعد", "before", None)
    assert zones(HEAD, DATE, line, *TEXT)[:3] == ["before", "before", "body"]
    assert zones(HEAD, line, DATE, *TEXT)[:3] == ["before"] * 3
    vowelled = ("إنّ الحمدَ للهِ نحمده ونستعينه ونستغفره، ونعوذ بالله من شرور أنفسنا", "before", None)
    assert zones(HEAD, DATE, vowelled, *TEXT)[:3] == ["before", "before", "body"]
    assert zones(HEAD, ("الحمد لله على السلامة", "before", None), *TEXT)[1] == "before"


def test_two_may_sign_a_text() -> None:
    """Both of them persons, and no more than two."""
    assert label(label_signatures, HEAD, *TEXT, ("سالم حسن / سلمى الحداد", "body", None))[-1] == (
        SIGNED,
        "سالم حسن / سلمى الحداد",
    )
    said = ("وشكر رئيس البلدية في ختام الحفل سلمى الحداد التي عملت في الحديقة سنوات.", "body", None)
    assert signatures(HEAD, said, *TEXT, ("سالم حسن / سلمى الحداد", "body", None)) == []
    results = ("ولعب في الأسبوع الأول من البطولة التي أقيمت في الحديقة كل من الآتية أسماؤهم:", "body", None)
    assert signatures(HEAD, *TEXT, results, ("سالم حسن / سلمى الحداد", "body", None)) == []
    for line in ("سالم حسن / حديقة الكورنيش", "سالم حسن / سلمى الحداد / منى الخطيب"):
        assert (SIGNED, line) not in label(label_signatures, HEAD, *TEXT, (line, "body", None))


def test_a_last_line_that_opens_with_the_pages_own_name_is_anothers() -> None:
    """Where the byline or the text's own dateline has it and the line breaks off; one that ends as a sentence does is the text's."""
    teaser = "مدار الميناء - متابعة في خضم التوترات السياسية التي تتناول مستقبل العلاقات بين المدينتين منذ"
    byline = ("مدار الميناء- القلعة", "before", "byline/place-agency")
    cut = ("related/teaser", teaser)
    assert cut in label(label_own_teasers, byline, *TEXT, (teaser, "body", None))
    opening = ("مدار الميناء - القلعة: أعلنت البلدية أمس فتح الحديقة الجديدة أمام الزوار.", "body", None)
    assert cut in label(label_own_teasers, opening, *TEXT, (teaser, "body", None))
    assert cut not in label(label_own_teasers, *TEXT, (teaser, "body", None))
    assert all(rule is None for rule, _ in label(label_own_teasers, opening, *TEXT, (f"{teaser} عام.", "body", None)))
    assert cut not in label(label_own_teasers, opening, (f"{teaser} نعم.", "body", None), *TEXT, (teaser, "body", None))
    for line in ("مدار الميناء: شكرا لكم معالي الوزير", "مدار الميناء / خاص بالتعاون مع مركز الدراسات"):
        assert label(label_own_teasers, byline, *TEXT, (line, "body", None)) == [(byline[2], byline[0])]


def test_a_name_that_says_whose_son_its_bearer_is_needs_no_list() -> None:
    """Behind a given name; what stands before it may be no name at all."""
    assert weigh_person("درويش بن سالم الكيومي") >= LIKELY
    assert weigh_person("مدينة بن سالم") == weigh_person("السوق بن سالم الكبير") == weigh_person("سقوط بن علي") == 0
    assert split_persons("أ. محمد الأحمدي و أ. مصطفى حسان") == ("أ. محمد الأحمدي", "أ. مصطفى حسان")


def test_a_name_alone_above_a_text_without_a_title_is_its_writers() -> None:
    """Columns open so; somebody whom the text names is shown or spoken of, and below another line a name is as often a caption."""
    name = ("ناصر الجديع", "body", None)
    assert bylines(name, *TEXT) == ["ناصر الجديع"]
    assert bylines(name, ("وقال ناصر الجديع إن الحديقة جميلة وإن العمل فيها استغرق عاما.", "body", None), *TEXT) == []
    assert bylines(("سطر آخر", "before", None), name, *TEXT) == bylines(name) == []


def test_a_byline_stands_below_the_copies_of_a_title() -> None:
    """Right below each other they are one headline."""
    rows = [HEAD, (TITLE, "before", "title/again"), ("مريم عوض", "before", None)]
    assert bylines(*rows, *TEXT) == ["مريم عوض"]
    assert read_byline("بلدي نيوز - (فراس عزالدين)") is not None
