"""Dates near the title that no rule knows: told by their place and by what they state."""

from __future__ import annotations

from dataclasses import replace

import pytest
from place_reference import frame_of
from test_bylines import DATE, HEAD, KNOW, TEXT

from etl.dates.lines import STATED, DateParams, label_dates
from etl.params import Params


def labels(*lines: tuple[str, str, str | None], **thresholds: int) -> list[str]:
    """Lines of a head, thresholds that are not the usual ones -> the texts of those that become dates."""
    know = replace(KNOW, params=Params(dates=DateParams(**thresholds)))
    frame = label_dates(frame_of([[HEAD, *lines, *TEXT]]).lazy(), know).collect()
    return [text.strip() for rule, text in frame.select("rule", "piece").rows() if rule == STATED]


def line(text: str) -> tuple[str, str, str | None]:
    return (text, "before", None)


@pytest.mark.parametrize(
    "text",
    [
        "نُشر: 2025-01-22 kl. 09:15",
        "الأحد - 6 شهر ربيع الأول 1444 هـ - 02 أكتوبر 2022 مـ رقم العدد [ 4410 ]",
        "الأحد 1446/4/3 هـ الموافق 2024/10/06 م (وجن)",
        "27 فبراير، 2018سعادفيسبوكتويترواتساب",
        "الموافق 14 الربيع ( مارس ) 2022 م",
        "وكالة السنابل - 14 يونيو 2025",
        "السنابل | 14 يونيو 2025 - 10:22",
        "خرج إلى النور: 30 تشرين الثاني 2022",
        "أُدرج بتاريخ: 21 جوان 2023 على 18سا40",
        "دخل إلى الموقع: 03/08/2024 - 14:20",
        "Publié le 6 juillet 2023 à 16h10 – par la Rédaction – 0 commentaire",
        "Publicerat 2023-11-02 kl. 07.30 · Uppdaterat 2023-11-03 kl. 10.15",
        "◷ 14 يونيو 2025 • 212 مشاهدة",
        "صحيفة السنابل - 10 مارس 2024 مشاهدات 120",
        "السنابل24 | و.م.ع نشر في: 2 مارس 2021",
        "صدر هذا المقال بالنسخة الورقية للسنابل - تاريخ النشر : 2021/03/12",
        "محليات وقضاءمارس 13, 2023, 10:22 ص 731 مشاهدات 0",
        "date 2025-11-10 بنك السنابل التعاوني",
        "date_published: 2022-03-14",
        "pubdate 14 مارس 2022",
    ],
)
def test_a_line_that_states_a_day_is_a_date(text: str) -> None:
    """However it is written, and whatever stands beside it."""
    assert labels(line(text)) == [text]


@pytest.mark.parametrize(
    "text",
    [
        "الكتاب: رمل البحر - دار السنابل - تاريخ النشر: 14 مايو 2021",
        "الطبعة الأولى، تاريخ النشر: 10 أبريل 2019",
        "في 14 مارس 2022 فتحت البلدية الحديقة الأولى",
        "حديقة الكورنيش",
        "الأحد المقبل افتتاح الحديقة الثانية",
        "12/3/2006",
        "2022 عام الحدائق في المدينة",
        "تاريخ 11 سبتمبر 2001 يوم لا ينسى أبدا",
        "السبت الأسود 6 ديسمبر 1975 كما رآه الناس",
        "نشرت صحيفة الوطن في 12 مارس 2022 تحقيقا",
        "القانون الجديد للبلديات الذي نشر في 2 مارس 2021",
        "الخميس 4 أغسطس 2020: يوم انفجر المرفأ",
        "الأحداث التي بدأت في 14 مارس 2022 لم تنته",
        "هدى القصبي - 14 مارس 2022",
        "موعد المباراة: الأحد 3 مارس 2024",
        "تاريخ التأسيس: 12 مارس 1998",
        "وضع حجر الأساس: 3 مارس 2024",
        "رفع العلم: 3 مارس 2024",
        "صدر الحكم: 3 مارس 2024",
        "دخل حيز التنفيذ: 3 مارس 2024",
        "نشر القوات: 20 مارس 2003",
        "تعديل الدستور: 3 مارس 2024",
        "آخر أجل للترشح: 3 مارس 2024",
        "الإطلاق الرسمي: 3 مارس 2031",
        "تاريخ الوفاة عند أهله: 3 مارس 2024",
        "صورة من الاحتفال بتاريخ 12 يناير 2024",
    ],
)
def test_what_happened_on_a_day_is_none(text: str) -> None:
    """A sentence with a date in it, a day of no year, one of two days, a year alone; a writer beside the day is a byline."""
    assert labels(line(text)) == []


def test_a_page_with_a_date_needs_no_other() -> None:
    """Where a rule found a date nothing else is asked."""
    assert labels(DATE, line("نُشر: 2025-01-22 kl. 09:15")) == []


def test_a_page_that_tells_when_it_was_changed_may_tell_when_it_was_published() -> None:
    """In words of its own, which no rule knows."""
    changed = ("آخر تعديل: 19/08/2024 - 09:05", "before", "date/labelled")
    assert labels(changed, line("خرج إلى النور: 3 آب 2024")) == ["خرج إلى النور: 3 آب 2024"]


def test_a_date_far_above_the_title_is_another_one() -> None:
    """That of the visit, or of what a list above links to: it does not keep the page's own from being seen."""
    own = line("نُشر: 2025-01-22 kl. 09:15")
    items: list[tuple[str, str, str | None]] = [("رياضة", "before", "site/menu-item")] * 6

    def stated(*above: tuple[str, str, str | None]) -> list[str]:
        frame = label_dates(frame_of([[*above, HEAD, own, *TEXT]]).lazy(), KNOW).collect()
        return [text.strip() for rule, text in frame.select("rule", "piece").rows() if rule == STATED]

    assert stated(DATE, *items) == [own[0]]
    assert stated(*items, DATE) == []


def test_a_date_taken_for_a_caption_is_a_date() -> None:
    """Below the title a line without a verb may be one; another kind of line is what its rule says."""
    text = "27 فبراير، 2018سعادفيسبوكتويترواتساب"
    assert labels((text, "before", "media/caption")) == [text]
    assert labels((text, "before", "media/credit")) == []


def test_the_first_line_of_a_body_is_one_below_the_title() -> None:
    """Of an article already cut out, where the zones take all for its text."""
    assert labels(("الجمعة 14 رجب 1434هـ", "body", None)) == ["الجمعة 14 رجب 1434هـ"]


def test_a_line_of_the_body_is_none() -> None:
    """Only what stands before the body, or opens it."""
    assert labels(TEXT[0], ("نُشر: 2025-01-22 kl. 09:15", "body", None)) == []


def test_the_thresholds_are_parameters() -> None:
    """How long such a line may be, and how much else it may say."""
    text = "27 فبراير، 2018 سعاد الحداد"
    assert labels(line(text)) == [text]
    assert labels(line(text), words=1) == labels(line(text), length=20) == []
