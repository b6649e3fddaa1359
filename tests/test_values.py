"""Values of filed pieces: what a source line, a byline, a keyword line say, and what they do not."""

from __future__ import annotations

import datetime as dt
import json
import tomllib
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.shared import find_shared
from etl.bylines.credits import (
    Dateline,
    agencies_behind,
    agencies_beside,
    author_of_source,
    parse_author,
    parse_dateline,
    parse_source,
    source_from_promo,
)
from etl.fold import fold
from etl.names import list_cities, load_names, name_key
from etl.outlets import outlet_from_name, outlet_from_text, outlet_from_url
from etl.shipped import DATA
from etl.values import bare_title, parse_breadcrumb, parse_category, parse_tweet, split_keywords, split_summary

SEEDS = sorted((Path(__file__).parents[1] / "seeds").glob("*.txt"))


def seed_line(seed: str, number: int) -> str:
    (found,) = (path for path in SEEDS if path.name.startswith(f"{seed}_"))
    return found.read_text("utf-8").split("\n")[number - 1]


# Source.


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        ("المصدر: لجريدة عمان", "جريدة عمان"),
        ("Källa: Sveriges Radio", "Sveriges Radio"),
        ("المصدر: مدار، أ ف ب، رويترز", "مدار + أ ف ب + رويترز"),
        ("المصدر: RT", "RT"),
        ("المصدر : الجزيرة + وكالات", "الجزيرة + وكالات"),
        ("المصدر (سكاي نيوز)", "سكاي نيوز"),
        ("المصدر : وات", "وات"),
        ("المصدر : وكالة تونس افريقيا للأنباء", "وكالة تونس افريقيا للأنباء"),
        ("* خدمة «نيويورك تايمز»", "نيويورك تايمز"),
        ("* بالاتفاق مع «بلومبيرغ»", "بلومبيرغ"),
        ("خاص بـ«الشرق الأوسط»", "الشرق الأوسط"),
        ("المصدر: نقلاً عن رويترز ووكالات", "رويترز + وكالات"),
        ("المصدر: فرانس برس، رويترز", "فرانس برس + رويترز"),
        ("المصدر: الجزيرة نت/الأناضول/الجزيرة نت", "الجزيرة نت + الأناضول"),
        ("المصدر: وكالات", "وكالات"),
        ("المصدر: عن «الحياة»", "الحياة"),
        ("المصدر: لـ الأناضول", "الأناضول"),
        ("المصدر: للجزيرة نت", "الجزيرة نت"),
        ("أ.ف.ب", "أ.ف.ب"),
        ("المصدر: https://www.aljazeera.net/news/1", "الجزيرة نت"),
        ("المصدر: وزارة الصحة", "وزارة الصحة"),
        ("نقلاً عن صحيفة (مسار المدينة)", "مسار المدينة"),
        ("نقلا عن / جريدة مسار الجنوب", "جريدة مسار الجنوب"),
        ("المصدر: صحيفة «الأيام»", "الأيام"),
        ("مصدر المعلومات والصور: youm7", "youm7"),
        ("منقول من جريدة مسار الجنوب", "جريدة مسار الجنوب"),
        ("هذا المحتوى مقدم من صحيفة مسار المدينة", "صحيفة مسار المدينة"),
        ("*المصدر: وكالة مسار الإخبارية | masar.com", "وكالة مسار الإخبارية"),
        ("المصدر: masar.example", "masar.example"),
        ("المصدر: الميناء + masar.com", "الميناء + masar.com"),
    ],
)
def test_a_source_line_names_its_source(raw: str, name: str) -> None:
    """Label, brackets, quotes and one preposition go; the spelling stays; a plus joins several names."""
    assert parse_source(raw) == name


@pytest.mark.parametrize("raw", ["المصدر: لوموند", "المصدر: لبنان 24", "المصدر: ليبراسيون"])
def test_a_name_that_begins_with_the_letter_of_the_preposition_keeps_it(raw: str) -> None:
    """The ل of لوموند and لبنان is theirs."""
    assert parse_source(raw) == raw.removeprefix("المصدر: ")


def test_a_reporter_is_no_source() -> None:
    """Some papers write who wrote it, and where, behind the word for a source."""
    raw = "المصدر: سالم حسن ــ دبي"
    assert (parse_source(raw), author_of_source(raw)) == (None, "سالم حسن")
    assert author_of_source("المصدر: رويترز - دبي") is None
    assert parse_source("المصدر: سالم حسن - رويترز") == "رويترز"
    assert parse_source("المصدر: سالم حسن - وزارة الصحة") == "وزارة الصحة"


@pytest.mark.parametrize("raw", ["أخبار ووكالات", "رويترز وزارة الصحة", "وفا"])
def test_an_and_inside_a_name_does_not_split_it(raw: str) -> None:
    """Only a و between two known names joins two sources."""
    assert parse_source(raw) == raw


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "المصدر:",
        "المصدر: متابعات",
        "المصدر: خاص",
        "المصدر: قال إن العملية بدأت فجر اليوم في أكثر من مدينة وقرية",
    ],
)
def test_no_name_is_no_source(raw: str) -> None:
    """A desk's word, or a sentence behind the label, names nobody."""
    assert parse_source(raw) is None


# Author.


@pytest.mark.parametrize(
    ("raw", "author"),
    [
        ("كتب: محمد أحمد", "محمد أحمد"),
        ("كتبت/ سارة علي", "سارة علي"),
        ("كتبت أسماء نصار", "أسماء نصار"),
        ("بقلم: د. خالد حسن", "د. خالد حسن"),
        ("بقلم محمد أبو شعر", "محمد أبو شعر"),
        ("إعداد: سلوى سعد", "سلوى سعد"),
        ("حوار: آسيا العتروس", "آسيا العتروس"),
        ("مراسل الجزيرة: أحمد علي", "أحمد علي"),
        ("رصد وتصوير: أحمد حجازي – عين اليوم", "أحمد حجازي"),
        ("محمد علي (صنعاء)", "محمد علي"),
        ("عبدالله البرقاوي- سبق- الرياض:", "عبدالله البرقاوي"),
        ("محمد الحيدر من الرياض", "محمد الحيدر"),
        ("بغداد: فاضل النشمي", "فاضل النشمي"),
        ("حامد القرشي – قاسم الزرعي – عين اليوم", "حامد القرشي، قاسم الزرعي"),
        ("صقر خالد – جدة _ تصوير – مهند قحطان – احمد علي", "صقر خالد"),
        ("عبد الرحمن بن محمد آل سعود", "عبد الرحمن بن محمد آل سعود"),
        ("عبدالمجيد آلِ مبارك – عين اليوم", "عبدالمجيد آلِ مبارك"),
        ("ود السنوط: سليم عوض الكريم", "سليم عوض الكريم"),
        ("سالم حسن: علي أحمد", "سالم حسن، علي أحمد"),
        ("كفر الشيخ - كتبت هدى السعداوى - تصوير: محمد شوقى", "هدى السعداوى"),
        ("By John Smith", "John Smith"),
        ("Ziad Sankary", "Ziad Sankary"),
    ],
)
def test_a_byline_names_its_author(raw: str, author: str) -> None:
    """What is left without labels, places, papers and agencies, in two to four words, is a person."""
    assert parse_author(raw) == author


@pytest.mark.parametrize(
    "raw",
    [
        "لندن: «الشرق الأوسط»",
        "القاهرة: «الشرق الأوسط»",
        "«الاقتصادية» من الرياض",
        "الرياض : واس",
        "الرياض - واس",
        "الجزيرة - واس:",
        "واس - الرياض",
        "عكاظ (جدة)",
        "سبق- وكالات:",
        "متابعة - الرياض الإلكتروني",
        "لندن - د ب أ",
        "عين اليوم – متابعات",
        "متابعات",
        "وكالات",
        "خاص",
        "مكتب الرياض",
        "المحليات",
        "فريق التحرير",
        "تصوير: المركز الإعلامي",
        "تصوير: مشعل الزهراني",
        "رئيس التحرير: طه جبريل",
        "الإشراف العام إلهام أبو الفتح",
        "https://example.com/author/1",
        "",
        "admin",
    ],
)
def test_places_papers_agencies_desks_and_mastheads_are_no_authors(raw: str) -> None:
    """No person is named there, or not as the author."""
    assert parse_author(raw) is None


@pytest.mark.parametrize(
    "raw",
    [
        "كتب الرئيس على حسابه في موقع إكس: لن نتراجع.",
        "كتبت أول كتبها (في بريطانيا) وعمرها عشرون عاما.",
        "وقال رئيس التحرير إن الصحيفة لن تغلق أبوابها.",
        "كتب على جدار المدرسة",
        "كتب 12 مقالا",
    ],
)
def test_a_sentence_that_begins_with_wrote_names_no_author(raw: str) -> None:
    """كتب opens sentences too."""
    assert parse_author(raw) is None


def test_the_name_ali_is_not_the_word_on() -> None:
    """علي is a name and على is "on", though folding makes them one."""
    assert parse_author("كتب: علي حسن") == "علي حسن"
    assert parse_author("كتب: على حسن") is None


# Dateline, category.


@pytest.mark.parametrize(
    ("raw", "place", "agency"),
    [
        ('عواصم "وكالات":', "عواصم", "وكالات"),
        ("دمشق، سوريا (CNN) --", "دمشق، سوريا", "CNN"),
        ("الرياض 26 شوال 1436 هـ الموافق 11 أغسطس 2015 م واس", "الرياض", "واس"),
        ("إسطنبول / الأناضول", "إسطنبول", "الأناضول"),
        ("القاهرة (رويترز) -", "القاهرة", "رويترز"),
        ("القاهرة في 20 يونيو/أ ش أ/", "القاهرة", "أ ش أ"),
        ("القاهرة: «الشرق الأوسط»", "القاهرة", "الشرق الأوسط"),
        ("سبق- الرياض:", "الرياض", "سبق"),
        ("عبدالله البرقاوي- سبق- الرياض:", "الرياض", "سبق"),
        ("واس- جدة:", "جدة", "واس"),
        ("لندن - د ب أ", "لندن", "د ب أ"),
        ("بوغازكوي (أ ف ب) -", "بوغازكوي", "أ ف ب"),
        ("رويترز- الصخيرات (المغرب)", "الصخيرات، المغرب", "رويترز"),
        ("باريس، لندن (رويترز)", "باريس، لندن", "رويترز"),
        ("القاهرة (قنا)", "القاهرة", "قنا"),
        ("القاهرة -", "القاهرة", None),
        ("الكويت - 12 - 3 (وكم) --", "الكويت", "وكم"),
        ("مسقط في 4 مارس /و.أ.م/", "مسقط", "و.أ.م"),
        ("القاهرة 5 مايو (أيار) -", "القاهرة", None),
        ("القاهرة 10 مايو (أيار) --", "القاهرة", None),
        ("الكويت 10 مايو (الأحد) --", "الكويت", None),
        ("قال الوزير:", None, None),
        ("الدوحة - قنا", "الدوحة", "قنا"),
        ("قنا - سالم حسن", "قنا", None),
        ("تل القصب 3-10-2023 وفا-", "تل القصب", "وفا"),
        ("وطنية - جبيل -", "جبيل", "وطنية"),
        ("تونس ـ وات ـ", "تونس", "وات"),
        ("سالم حسن ــ سبق ــ الرياض:", "الرياض", "سبق"),
    ],
)
def test_a_dateline_has_a_place_and_an_agency(raw: str, place: str | None, agency: str | None) -> None:
    """In either order, in brackets or quotes or behind a dash; a person is neither."""
    assert parse_dateline(raw) == Dateline(place, agency)


@pytest.mark.parametrize(
    ("raw", "category"),
    [
        ("التصنيف:آسيا", "آسيا"),
        ("القسم: اقتصاد وبورصة", "اقتصاد وبورصة"),
        ("الرئيسية » أخبار » العالم", "العالم"),
        ("الرئيسية / أخبار", "أخبار"),
        ("الرئيسية تقارير مصرية", "تقارير مصرية"),
        ("#أخبار_العالم", "أخبار العالم"),
        ("الرئيسية", None),
        ("الموضوع:", None),
        ("التصنيف: وقال الوزير إن القمة ستعقد غدا في العاصمة", None),
    ],
)
def test_a_category_is_the_innermost_section(raw: str, category: str | None) -> None:
    """Labels and the way to it go; a sentence is no section."""
    assert parse_category(raw) == category


@pytest.mark.parametrize(
    ("title", "headline"),
    [
        ("العامة / الأرصاد: منخفض جوي يصل غدا", "الأرصاد: منخفض جوي يصل غدا"),
        ("ثقافي/ افتتاح معرض الكتاب السنوي", "افتتاح معرض الكتاب السنوي"),
        ("عام 2024 / عام الإبل في المملكة", "عام 2024 / عام الإبل في المملكة"),
        ("صحة / فيتامين د", "صحة / فيتامين د"),
        ("مشاهدة النسخة كاملة : منخفض جوي يصل غدا", "منخفض جوي يصل غدا"),
        ("منخفض جوي يصل غدا منخفض جوي يصل غدا", "منخفض جوي يصل غدا"),
        ("غدا غدا", "غدا غدا"),
        ("الموضوع: منخفض جوي يصل غدا", "منخفض جوي يصل غدا"),
        ("Post منخفض جوي يصل غدا", "منخفض جوي يصل غدا"),
        ("Thumbs up منخفض جوي يصل غدا", "منخفض جوي يصل غدا"),
        ("Post office يغلق فروعه", "Post office يغلق فروعه"),
        ("منخفض جوي يصل غدا - صحيفة السهلين الإلكترونية", "منخفض جوي يصل غدا"),
        ("منخفض جوي يصل غدا | موقع الميناء الإخباري", "منخفض جوي يصل غدا"),
        ("عودة الورق - صحيفة في كل بيت", "عودة الورق - صحيفة في كل بيت"),
        ("صحيفة السهلين الإلكترونية", "صحيفة السهلين الإلكترونية"),
    ],
)
def test_a_desk_is_no_part_of_the_headline(title: str, headline: str) -> None:
    """The one word that an agency puts before a headline of three words and more, an archive's label, a forum's icon, the paper's name
    with its kind, and the same once more."""
    assert bare_title(title) == headline


# Keywords.


@pytest.mark.parametrize(
    ("raw", "words", "line"),
    [
        (
            "الوسوم: روسيا، كوريا الشمالية، بوتين",
            ["روسيا", "كوريا الشمالية", "بوتين"],
            "روسيا، كوريا الشمالية، بوتين",
        ),
        (
            "#روسيا #كوريا_الشمالية #بوتين",
            ["روسيا", "كوريا الشمالية", "بوتين"],
            "#روسيا #كوريا_الشمالية #بوتين",
        ),
        ("#روسيا#بوتين", ["روسيا", "بوتين"], "#روسيا#بوتين"),
        ("الكلمات المفتاحية: مصر | السودان", ["مصر", "السودان"], "مصر | السودان"),
        ("كلمات دالة: كوفيد-19 - مصر - لقاح", ["كوفيد-19", "مصر", "لقاح"], "كوفيد-19 - مصر - لقاح"),
        ("الوسومهيئة الطرق والجسور", ["هيئة الطرق والجسور"], "هيئة الطرق والجسور"),
        ("الكلمات الدلاليةالميناء، الصيد", ["الميناء", "الصيد"], "الميناء، الصيد"),
        ("__ كلمات دلالية :  بلدية الميناء", ["بلدية الميناء"], "بلدية الميناء"),
        ("الوسومات، الوشم", ["الوسومات", "الوشم"], "الوسومات، الوشم"),
        ("الوسوم:\nروسيا\nبوتين", ["روسيا", "بوتين"], "روسيا\nبوتين"),
        ("tags: oil, gas, oil", ["oil", "gas"], "oil, gas, oil"),
        ("كلمات دلالية: روسیا وکوریا الشمالیة", ["روسيا وكوريا الشمالية"], "روسیا وکوریا الشمالیة"),
        ("#بحر إيجه", ["بحر إيجه"], "#بحر إيجه"),
        ("#كوريا_الشمالية", ["كوريا الشمالية"], "#كوريا_الشمالية"),
        ("Mots-clés de l'article : صيد، ميناء", ["صيد", "ميناء"], "صيد، ميناء"),
        ("Sujets associés : صيد", ["صيد"], "صيد"),
        ("الكلمات المفتاحية صيد, ميناء, بحر", ["صيد", "ميناء", "بحر"], "صيد, ميناء, بحر"),
        ("كلمات دلالية صيد ميناء", ["صيد ميناء"], "صيد ميناء"),
        ("الكلمات   المفتاحية :  صيد،   ميناء \t العراة", ["صيد", "ميناء العراة"], "صيد، ميناء العراة"),
        ("الوسوم", [], ""),
        ("", [], ""),
        (
            "الوسوم:  زيت الزيتون  بورصة تونس  تصدير",
            ["زيت الزيتون", "بورصة تونس", "تصدير"],
            "زيت الزيتون بورصة تونس تصدير",
        ),
        ("المواضيع", [], ""),
        ("Tags: No tags", [], "No tags"),
        ("الوسوم: لا توجد وسوم", [], "لا توجد وسوم"),
        ("الوسوم: لا توجد مياه، عطش", ["لا توجد مياه", "عطش"], "لا توجد مياه، عطش"),
    ],
)
def test_keywords_split_only_where_something_parts_them(raw: str, words: list[str], line: str) -> None:
    """Where only spaces part the words they stay one string, a single hashtag too; Persian letters are folded in the list alone."""
    assert split_keywords(raw) == (words, line)


# Tweet, summary.


def test_a_tweet_is_taken_apart() -> None:
    """Text, URL, author in Arabic, handle and date."""
    tweet = parse_tweet(
        "أعلنت المنصة عن الخدمة الجديدةhttps://t.co/Abc123",
        "— Example.net • منصة المثال (@ExampleNet) June 18, 2024",
    )
    assert tweet == {
        "kind": "tweet",
        "text": "أعلنت المنصة عن الخدمة الجديدة",
        "url": "https://t.co/Abc123",
        "author": "منصة المثال",
        "handle": "ExampleNet",
        "date": dt.date(2024, 6, 18),
    }


def test_a_tweet_without_its_attribution_has_no_author() -> None:
    """Nobody is named who does not sign."""
    tweet = parse_tweet("نص التغريدة pic.twitter.com/abc", "")
    assert (tweet["text"], tweet["url"], tweet["author"]) == ("نص التغريدة", "pic.twitter.com/abc", None)
    arabic = parse_tweet("نص", "— منصة المثال (@example) ٢٠ يونيو ٢٠٢٤")
    assert (arabic["author"], arabic["date"]) == ("منصة المثال", dt.date(2024, 6, 20))


def test_the_seed_tweet() -> None:
    """The tweet of the fourth seed, its URL glued to the last word."""
    tweet = parse_tweet(seed_line("003", 7), seed_line("003", 8))
    assert tweet["text"].endswith("عن كثب")
    assert tweet["url"] == "https://t.co/ED7rk538PN"
    assert (tweet["author"], tweet["handle"]) == ("الجزيرة نت", "AJArabicnet")
    assert tweet["date"] == dt.date(2024, 6, 18)


def parts_of(text: str, outlet: str | None = None) -> tuple[str, str | None, str | None]:
    found = split_summary(text, outlet)
    call = text[slice(*found.call)] if found.call else None
    tags = text[slice(*found.hashtags)] if found.hashtags else None
    behind = found.call or found.hashtags
    return text[: behind[0] if behind else None].strip(), call, tags


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        (
            "ارتفعت الأسعار في المدينة. اكتشف المزيد على موقعنا. #اقتصاد #أسعار",
            ("ارتفعت الأسعار في المدينة.", "اكتشف المزيد على موقعنا.", "#اقتصاد #أسعار"),
        ),
        (
            "ارتفعت الأسعار. تعرّف على التفاصيل في هذا المقال عبر المثال.",
            ("ارتفعت الأسعار.", "تعرّف على التفاصيل في هذا المقال عبر المثال.", None),
        ),
        ("ارتفعت الأسعار. اقرأ على المثال!", ("ارتفعت الأسعار.", "اقرأ على المثال!", None)),
        (
            "ارتفعت الأسعار. تابع الوزير قائلا إنها ستنخفض.",
            ("ارتفعت الأسعار. تابع الوزير قائلا إنها ستنخفض.", None, None),
        ),
        ("اكتشف المزيد على موقعنا.", ("اكتشف المزيد على موقعنا.", None, None)),
        ("ارتفعت الأسعار #اقتصاد", ("ارتفعت الأسعار", None, "#اقتصاد")),
        ("", ("", None, None)),
    ],
)
def test_a_summary_ends_before_its_call_to_read_on(text: str, parts: tuple[str, str | None, str | None]) -> None:
    """A last sentence goes only if it calls and says to what; the first one never; hashtags at the end do."""
    assert parts_of(text, "المثال") == parts


def test_the_seed_summary() -> None:
    """The summary of the first seed: a sentence, a call that names the site, three hashtags."""
    sentence, call, tags = parts_of(seed_line("000", 5), "خَبَرْيْن")
    assert sentence.endswith("لبيونغ يانغ.")
    assert call is not None
    assert call.startswith("اكتشف")
    assert tags == "#روسيا #كوريا_الشمالية #بوتين"


@given(st.text(alphabet=st.sampled_from("ابت .!؟#_ اكتشف\n"), max_size=40))
def test_the_parts_of_a_summary_do_not_overlap(text: str) -> None:
    """In order, inside the line, and all but white space."""
    found = split_summary(text)
    spans = [span for span in found if span]
    assert all(0 <= start <= end <= len(text) for start, end in spans)
    assert all(before[1] <= after[0] for before, after in pairwise(spans))
    first = spans[0][0] if spans else len(text)
    behind = "".join(text[start:end] for start, end in spans)
    assert "".join((text[:first] + behind).split()) == "".join(text.split())


# Outlet.


@pytest.mark.parametrize(
    ("text", "outlet"),
    [
        ("المثال الحر logo\n\nعنوان", "المثال الحر"),
        ("شعار صحيفة المثال\nعنوان", "صحيفة المثال"),
        ("قناة المثال الحر المثال الحر سبورت المثال الحر عقارات Example english", "المثال الحر"),
        ("عنوان\nنص\nجميع الحقوق محفوظة © 2024 شبكة الجزيرة الاعلامية", "الجزيرة نت"),
        ('جميع الحقوق © محفوظة لـ "دار الصباح" - و يحظر نشر أو توزيع', "الصباح"),
        ("كافة الحقوق محفوظة لصحيفة المثال الإلكترونية © 2023", "صحيفة المثال الإلكترونية"),
        ("© 2020 حقوق النشر محفوظة لـ\nبوابة المثال", "بوابة المثال"),
        ("© 2017 جميع الحقوق المحفوظة جوهرة أف آم تونس |", "جوهرة أف أم"),
        ("Copyright © 2019 - All Rights Reserved - Example News - Managed by Nobody", "Example News"),
        ("اليوم السابع\nAds\nالرئيسية\nعنوان الخبر", "اليوم السابع"),
    ],
)
def test_a_page_names_its_outlet(text: str, outlet: str) -> None:
    """By a logo's alternative text, a copyright line, a menu of channels, or its name alone at the top."""
    assert outlet_from_text(text.split("\n")) == outlet


@pytest.mark.parametrize(
    "text",
    [
        "",
        "عنوان الخبر\nوقالت الجزيرة نت إن القمة انتهت.",
        "المصدر: RT",
        "تابعوا أخبار العالم من البيان عبر غوغل نيوز",
        "الشرق\nالغد\nالوطن",
        "Facebook logo\nGoogle Play logo\nSite logo",
        'شعار "ارحل" يعود إلى الساحات\nنص',
        "دوري أبطال أوروبا دوري أبطال أفريقيا دوري أبطال آسيا",
        "وأكدت المحكمة أن حقوق النشر محفوظة للمؤلف بموجب القانون.",
        "حقوق النشر محفوظة للمؤلف",
        "جميع الحقوق محفوظة 2024",
        "© REUTERS / EXAMPLE PHOTOGRAPHER",
        "Copyright 2024 The Associated Press. All rights reserved.",
        "— Aljazeera.net • الجزيرة نت (@AJArabicnet) June 18, 2024",
    ],
)
def test_a_page_that_names_no_outlet_has_none(text: str) -> None:
    """A source, a sentence, a word that is also a name, an agency's picture, a platform's logo name none."""
    assert outlet_from_text(text.split("\n")) is None


@pytest.mark.parametrize(
    ("said", "outlet"),
    [
        ("الجزيرة.نت", "الجزيرة نت"),
        ("Al Jazeera", "الجزيرة نت"),
        ("موقع اليوم السابع", "اليوم السابع"),
        ("سكاي نيوز عربية - أخبار", "سكاي نيوز عربية"),
        ("اليوم السابع | لحظة بلحظة", "اليوم السابع"),
        ("العربية", "العربية"),
        ("Youm7.com", "اليوم السابع"),
        ("https://www.example.com/", "example.com"),
        ("  جسر\u200f الحروف ", "جسر الحروف"),
        ("جسر الحروف - الرئيسية", "جسر الحروف"),
        ("صحيفة الجسر العتيق اليوم", "صحيفة الجسر العتيق اليوم"),
    ],
)
def test_markup_may_name_the_outlet(said: str, outlet: str) -> None:
    """A listed name, in any of its spellings, as the list writes it; a domain as an address would; another name as it is."""
    assert outlet_from_name(said) == outlet


@pytest.mark.parametrize(
    "said",
    [
        *(
            "",
            " | ",
            "موقع",
            "الأخبار",
            "أخبار عاجلة",
            "بوابة الأخبار",
            "My Site",
            "مصر",
            "وكالات",
            "هيئة التحرير",
            "admin",
        ),
        *("localhost", "WordPress", "Just another WordPress site", "https://www.facebook.com/example", "@example"),
        *("أول موقع إخباري في اليمن", "الخبر، كما هو", "جسر الحروف | نبض الشارع", "قلم يكتب ما لا يكتبه الآخرون"),
        *("الوطن", "اليوم السابع | سكاي نيوز عربية"),
    ],
)
def test_markup_may_name_none(said: str) -> None:
    """Words of menus, mottoes, platforms, desks, a name of several papers, and two names at once are no outlet."""
    assert outlet_from_name(said) is None


def test_the_outlets_of_the_seeds() -> None:
    """Two of the five pages say whose they are."""
    found = [outlet_from_text(seed.read_text("utf-8").split("\n")) for seed in SEEDS]
    assert found == ["خَبَرْيْن", None, None, None, "صدى البلد"]


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("تابعوا أخبار العالم من البيان عبر غوغل نيوز", "البيان"),
        ("تابع الجزيرة نت على:", "الجزيرة نت"),
        ("تابعوا آخر أخبار اليوم السابع عبر التطبيق", "اليوم السابع"),
        ("تابعوا أخبارنا من خلال صفحتنا على فيسبوك", None),
        ("تابعونا على", None),
        ("اشترك في قناتنا على يوتيوب", None),
        ("تابع الوزير مؤكدا على أن الأمر مستمر", None),
    ],
)
def test_a_promo_may_name_the_source(text: str, source: str | None) -> None:
    """The name behind من, or a known outlet's."""
    assert source_from_promo(text) == source


@pytest.mark.parametrize(
    ("url", "outlet"),
    [
        ("https://arabic.sputniknews.com/arab_world/1", "سبوتنيك عربي"),
        ("http://www.bbc.co.uk/arabic/1", "بي بي سي عربي"),
        ("https://arabic.cnn.com/world", "سي إن إن بالعربية"),
        ("https://edition.cnn.com/world", "cnn.com"),
        ("https://news.example.com.eg/a?b=c", "example.com.eg"),
        ("news.example.org/a", "example.org"),
        ("http://127.0.0.1/", None),
        ("http://[bad", None),
        ("not a url", None),
        ("", None),
        (None, None),
    ],
)
def test_an_address_names_its_outlet(url: str | None, outlet: str | None) -> None:
    """By the list, the longest domain first, else by the registered domain; a suffix may have two parts."""
    assert outlet_from_url(url) == outlet


# The lists.


@pytest.mark.parametrize("name", ["agencies", "outlets", "places", "bylines", "english"])
def test_the_lists_hold_no_name_twice(name: str) -> None:
    """A spelling in one list entry stands there once."""
    data = tomllib.loads((DATA / f"{name}.toml").read_text("utf-8"))
    entries = [entry for value in data.values() if isinstance(value, list) for entry in value]
    lists = [value for value in data.values() if isinstance(value, list) and all(isinstance(v, str) for v in value)]
    for entry in entries:
        if isinstance(entry, dict):
            lists += [value for value in entry.values() if isinstance(value, list)]
    assert all(len(values) == len(set(values)) for values in lists)


def test_ambiguous_agencies_are_words_that_bylines_alone_read_as_agencies() -> None:
    """A code is unique; a spelling is either safe or ambiguous; a domain has one outlet."""
    agencies = tomllib.loads((DATA / "agencies.toml").read_text("utf-8"))["agency"]
    assert len({agency["code"] for agency in agencies}) == len(agencies)
    names = load_names()
    assert not names.agencies & names.agency_words
    assert {"بنا", "وفا", "وام", "قنا"} <= names.agency_words
    outlets = tomllib.loads((DATA / "outlets.toml").read_text("utf-8"))["outlet"]
    domains = [domain for outlet in outlets for domain in outlet["domains"]]
    assert len(domains) == len(set(domains))
    assert all(len(place) > 1 for place in names.places)
    assert names.places > {name_key(city) for city in list_cities()} > {"بغداد", "عواصم"}


FIELDS = (
    parse_source,
    parse_author,
    parse_dateline,
    parse_category,
    split_keywords,
    split_summary,
    source_from_promo,
)


@given(st.text() | st.text(alphabet=st.sampled_from("كتب: مصدر#،|-–«»()\n ولـ.ا"), max_size=30))
def test_no_text_makes_a_reader_fail(raw: str) -> None:
    """Whatever a piece holds, there is an answer."""
    for read in FIELDS:
        read(raw)
    parse_tweet(raw, raw)
    outlet_from_text(raw.split("\n"))
    outlet_from_url(raw)


def test_the_single_lines_of_the_reference() -> None:
    """Bylines, sources, keywords and categories of the reference's test lines are read as it says."""
    path = find_shared() / "domain" / "test_lines.jsonl"
    if not path.exists():
        pytest.skip("the reference's lines are not here")
    lines = {item["id"]: item["text"] for item in map(json.loads, path.read_text("utf-8").splitlines())}
    assert [parse_author(lines[f"T{n:03}"]) for n in (92, 93, 94, 95, 96, 97)] == [
        "محمد أحمد",
        "سارة علي",
        "د. خالد حسن",
        None,
        None,
        None,
    ]
    assert [parse_author(lines[f"T{n:03}"]) for n in (99, 100, 101)] == [None, None, None]
    assert parse_source(lines["T072"]) == "جريدة عمان"
    assert parse_category(lines["T085"]) == "آسيا"
    words, raw = split_keywords(lines["T087"])
    assert len(words) == 1
    assert words[0] == raw.translate(str.maketrans("یک", "يك"))
    assert fold(words[0]) == fold(raw)


@pytest.mark.parametrize(
    ("path", "section"),
    [
        ("الرئيسية » اقتصاد » طاقة", "طاقة"),
        ("أنت هنا: الرئيسية / ثقافة", "ثقافة"),
        ("الرئيسية > محليات > البلدية تفتح حديقة جديدة على الكورنيش بعد عام", "محليات"),
        ("الرئيسية", None),
        ("الرئيسية | أخبار | رياضة", None),
        ("الرئيسية / أخبار / رياضة / ثقافة / فن / علوم", None),
        ("اقتصاد » طاقة", None),
    ],
)
def test_the_path_of_a_page_ends_in_its_section(path: str, section: str | None) -> None:
    """Its last step may be the headline; a menu is no path."""
    assert parse_breadcrumb(path) == section


def test_a_label_before_a_headline_goes() -> None:
    """As archives write it; a headline on headlines keeps its words."""
    assert bare_title("العنوان: رحيل شيخ الخطاطين في حضرموت") == "رحيل شيخ الخطاطين في حضرموت"
    assert bare_title("Title: رحيل شيخ الخطاطين") == "رحيل شيخ الخطاطين"
    assert bare_title("العنوان الأبرز في الصحف اليوم") == "العنوان الأبرز في الصحف اليوم"


def test_the_issue_of_a_paper_is_none_of_its_name() -> None:
    """It says when, not who."""
    assert parse_source("المصدر: صحيفة «الوادي» - العدد 318") == "الوادي"


@pytest.mark.parametrize(
    ("raw", "agencies"),
    [
        ("مسار 2 نيوز + وكالات", "وكالات"),
        ("وكالات – رأي المسار 24", "وكالات"),
        ("المصدر / رويترز + أ ف ب", "رويترز + أ ف ب"),
        ("صحيفة المسار – متابعات", None),
        ("سلمى الحداد - متابعات", None),
    ],
)
def test_agencies_beside_a_paper_are_the_source(raw: str, agencies: str | None) -> None:
    """A desk of the paper's own is none, nor is the paper."""
    assert agencies_beside(raw) == agencies


@pytest.mark.parametrize(
    ("raw", "author", "agencies"),
    [
        ("كتبت- سلمى الحداد ووكالات:", "سلمى الحداد", "وكالات"),
        ("كتب: سالم حسن، والوكالات", "سالم حسن", "الوكالات"),
        ("كتب: سالم حسن", "سالم حسن", None),
    ],
)
def test_agencies_behind_a_writer_s_name_are_no_part_of_it(raw: str, author: str, agencies: str | None) -> None:
    assert (parse_author(raw), agencies_behind(raw)) == (author, agencies)
