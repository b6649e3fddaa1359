"""Headlines that a scraper has strung together on one line are no text; verses and paragraphs on one line are."""

from __future__ import annotations

import pytest

from etl.api import clean
from etl.tickers import TICKER, is_ticker

HEADLINES = [
    "وزير النقل يتفقد محطة المرفأ ويعد بفتحها في مايو",
    "بدء صرف معاشات مارس 2025 من فروع البنك",
    "إغلاق جسر الوادي ليلا لأعمال الصيانة",
    "«البلدية»: زراعة 4 آلاف شجرة قبل الصيف",
    "المنتخب يعود من معسكره.. والمدرب راض عن لاعبيه",
    "لماذا ارتفعت أسعار السمك؟",
]
BODY = (
    "افتتحت البلدية صباح اليوم حديقة جديدة على الكورنيش تضم ملعبا للأطفال ومسارا للمشي يمتد كيلومترين.\n"
    "وقال رئيس البلدية إن العمل فيها استغرق عاما كاملا، وإن الدخول إليها مجاني طوال أيام الأسبوع.\n"
    "وتفتح الحديقة أبوابها كل يوم من السابعة صباحا حتى منتصف الليل، وفيها مقهى وموقف للسيارات."
)


@pytest.mark.parametrize("gap", ["    ", "\t", "   "])
def test_headlines_with_wide_gaps_are_cut(gap: str) -> None:
    line = gap.join(HEADLINES)
    assert is_ticker(line)
    (record,) = clean([f"{line}\n{BODY}"])
    assert record["text"] == BODY
    assert [cut["text"].strip() for cut in record["cuts"] if cut["rule"] == TICKER] == [line]


@pytest.mark.parametrize(
    "line",
    [
        "    ".join(HEADLINES[:4]),
        "    ".join(sentence for sentence in BODY.split("\n") * 2),
        "    ".join(
            f"سلام على {name} في الصباح المنير    ويا طير بلغ 7 أهلها ما أسير" for name in ("بيروت", "بغداد", "تونس")
        ),
        "    ".join(["الهلال 20 15 3", "النصر 20 14 4", "الاتحاد 20 12 5", "الشباب 20 10 6", "الفتح 20 9 4"]),
        " ".join(HEADLINES),
        "",
    ],
    ids=["few", "paragraphs", "verses", "table", "no gaps", "empty"],
)
def test_other_lines_with_gaps_stay(line: str) -> None:
    assert not is_ticker(line)


def test_a_page_that_is_one_such_line_keeps_it() -> None:
    """In doubt the text stays: below it there is none."""
    line = "    ".join(HEADLINES)
    assert clean([line])[0]["text"].strip() == line
