"""Headlines that a scraper has strung together on one line are no text; verses and paragraphs on one line are."""

from __future__ import annotations

import pytest

from etl.api import clean
from etl.tickers import TICKER, count_listed, is_run, is_ticker

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


def test_headlines_may_end_as_so_many_words_do() -> None:
    """In ة: verses with that ending rhyme on the letter before it."""
    lines = [
        "بدء تعبئة الخزان الكبير في القرية",
        "صيانة 4 طرق رئيسية في المدينة",
        "«البلدية» تفتح باب التسجيل في الحديقة",
        "جولة للوزير في 12 مدرسة",
        "تدشين أول خط من خطوط الحافلة",
    ]
    assert is_ticker("    ".join(lines))


def test_some_headlines_have_a_sign() -> None:
    """Without any they may be verses."""
    lines = [f"البلدية تفتح حديقة جديدة في {town}" for town in ("بيروت", "بغداد", "تونس", "صنعاء", "عدن")]
    assert not is_ticker("    ".join(lines))
    assert is_ticker("    ".join(["وصول 24 حافلة جديدة من الميناء", *lines]))


def test_headlines_a_line_each_at_the_top_are_cut() -> None:
    """Of a text that is otherwise cut out; down to the one that says what the text says, which is its own."""
    own = "البلدية تفتح حديقة على الكورنيش"
    lines = [*HEADLINES[:3], "سقوط أمطار على 5 قرى في الشمال", *HEADLINES[4:]]
    (record,) = clean(["\n".join([*lines, own, BODY])])
    assert [cut["text"].strip() for cut in record["cuts"] if cut["rule"] == TICKER] == lines
    assert record["text"].endswith(BODY)


@pytest.mark.parametrize(
    "lines",
    [
        HEADLINES[:5],
        [f"إذا فقد المرء {part}.. يستطيع أن يحيا" for part in ("بصره", "سمعه", "ماله", "بيته", "أهله", "صوته", "ظله")],
        [f"سلام على {name} في الصباح المنير" for name in ("بيروت", "بغداد", "تونس", "صنعاء", "عدن", "حلب", "فاس")],
        [*HEADLINES[:3], "محليات", *HEADLINES[4:]],
        ["حديقة على الكورنيش تضم ملعبا للأطفال", *HEADLINES],
        [*HEADLINES, "صرف 20 ألف راتب قبل العيد"],
        [
            f"صوت {name}: هدنة هشة بانتظار ما يأتي"
            for name in ("الميناء", "الشاطئ", "المرفأ", "الرصيف", "الموج", "المد")
        ],
        [
            f"{1948 + year}: حدث كبير وخبر من {town}"
            for year, town in enumerate(["يافا", "حيفا", "عكا", "صور", "صيدا", "بيروت", "غزة"])
        ],
    ],
    ids=["few", "parallel", "verse", "menu", "own", "no own", "press", "chronicle"],
)
def test_other_lines_above_a_text_stay(lines: list[str]) -> None:
    """Few of them, the parts of one text, verses, a menu's, those below the article's own."""
    assert count_listed([*lines, *BODY.split("\n")]) == 0


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


RUN = (
    "بايدن: القنابل التي أوقفنا إرسالها قتلت مدنيين إخلاء مخيم اعتصام لطلبة في جامعة أميركية مندوب فلسطين يبعث رسائل إلى مسؤولين أمميين "
    "ألمانيا تطلب أسلحة ومعدات لجيشها بقيمة 23 مليار يورو ولي العهد يبحث هاتفيا جهود الحل طقس الغد حار على أغلب الأنحاء "
    "الأهلي يفوز على ضيفه بثلاثة أهداف ضبط 40 طنا من الدقيق قبل بيعها موعد صرف المعاشات للشهر المقبل"
)
"""Headlines of a site on one line, without a gap."""


def test_headlines_without_gaps_are_told_by_what_the_text_does_not_say() -> None:
    """Above a short line and a text; one with stops or commas, at the head of its own text or further down, is a paragraph."""
    head, text = (
        "السعودية تعلن موعد السيارة الكهربائية",
        ["أعلنت الشركة موعد دخول سيارتها الأولى إلى الطرق في البلاد كلها بعد عام."] * 2,
    )
    assert len(RUN.split()) >= 50
    assert is_run([RUN, head, *text], 0) and is_run(["سيارات", RUN, head, *text], 1)
    assert not is_run([RUN, *text], 0)
    assert not is_run([f"{RUN}.", head, *text], 0)
    assert not is_run([RUN.replace(" ", "، ", 3), head, *text], 0)
    assert not is_run([RUN, head, RUN], 0)
    assert not is_run([text[0] * 2, RUN, head, *text], 1)
    assert not is_run([RUN, head], 0)
