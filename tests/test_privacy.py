"""Personal data: what is found, where, and what must be left alone."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.shared import find_shared
from etl.privacy import (
    CHECKED,
    find_in_column,
    find_personal,
    mask_columns,
    mask_text,
    may_be_in_slices,
    may_hold_personal,
    text_leaves,
)

FOUND = [
    ("لمراسلة الكاتب: name@example.com", "email", "name@example.com"),
    ("name@example.comللتواصل مع الكاتب", "email", "name@example.com"),
    ("البريدname.last+tag@mail.example.co.uk.", "email", "name.last+tag@mail.example.co.uk"),
    ("على جوال 0501234567 مساء", "phone", "0501234567"),
    ("على جوال ابنه محمد ٠٥٠١٢٣٤٥٦٧.", "phone", "٠٥٠١٢٣٤٥٦٧"),
    ("شماره ۰۵۰۱۲۳۴۵۶۷", "phone", "۰۵۰۱۲۳۴۵۶۷"),
    ("واتساب050-123-4567ثم", "phone", "050-123-4567"),
    ("اتصل +966 50 123 4567 الآن", "phone", "+966 50 123 4567"),
    ("من الخارج 966501234567+ فقط", "phone", "966501234567+"),
    ("الرقم 00201001234567", "phone", "00201001234567"),
    ("خارج البلاد +44 20 7946 0958.", "phone", "+44 20 7946 0958"),
    ("هاتف: 4870000 تحويلة 121", "phone", "4870000"),
    ("فاكس (011) 487-1063", "phone", "011) 487-1063"),
    ("Tel: 2345 6789", "phone", "2345 6789"),
    ("الآيبان SA0380000000608010167519 للتبرع", "iban", "SA0380000000608010167519"),
    ("الآيبان SA03 8000 0000 6080 1016 7519", "iban", "SA03 8000 0000 6080 1016 7519"),
    ("IBAN GB33BUKB20201555555555", "iban", "GB33BUKB20201555555555"),
    ("رقم الهوية (1020000000)", "id", "1020000000"),
    ("سجل مدني رقم 1012345678", "id", "1012345678"),
    ("الرقم القومي 29001011234567", "id", "29001011234567"),
    ("بطاقة 784-1990-1234567-6", "id", "784-1990-1234567-6"),
]

LEFT_ALONE = [
    "فاز الهلال 3-2 على النصر 1-0 في 2014",
    "موسم 2012-2013 ثم موسم 2013/2014",
    "للأعوام 1993 1996 1998 2003",
    "يوم 22/9/1436 الموافق 09-07-2015",
    "بتاريخ 24 /10/ 1436 ه",
    "بتكلفة بلغت 113.422.552 ريالا",
    "قيمتها 10,137,732.07 دولار",
    "بسعر 0501234567 ريال",
    "صك رقم 0551234567 وتاريخ 1436/5/1",
    "السجل التجاري رقم 01010002475",
    "قرار رقم 3601127721 لسنة 1437",
    "المعاملة 3601129251 3601129267",
    "بلغ عدد التأشيرات 1019275 تأشيرة",
    "الأدوار 12-13-14-15",
    "باعت الشركة 1500000 هاتف",
    "هاتف جديد بسعر 12500000 ريال",
    "https://example.com/2015/05/31/12345678",
    "ارسل رسالة تبدأ بالرمز (20) إلى 88591",
    "تويتر @someone",
    "SA0380000000608010167518",
    "عند مستوى 17509.84 نقطة",
    "IBAN GB33BUKB20201555555556",
]


@pytest.mark.parametrize(("text", "kind", "span"), FOUND, ids=[f[2] for f in FOUND])
def test_personal_data_is_found_with_its_place(text: str, kind: str, span: str) -> None:
    """One span, of this kind, exactly these characters."""
    found = find_personal(text)
    assert [(f.kind, text[f.start : f.end]) for f in found] == [(kind, span)]
    assert mask_text(text) == text.replace(span, f"⟨{kind}⟩")


@pytest.mark.parametrize("text", LEFT_ALONE)
def test_numbers_that_are_no_ones_are_left_alone(text: str) -> None:
    """Scores, years, dates, prices, deeds, decisions and counts are not phone numbers."""
    assert find_personal(text) == []


def test_several_numbers_after_one_word() -> None:
    """Two numbers behind one cue are two spans."""
    assert mask_text("هاتف: 2345678 / 2345679 - 2345680") == "هاتف: ⟨phone⟩ / ⟨phone⟩ - ⟨phone⟩"


NOISE = st.text(alphabet="0123456789٠١٢٣٤٥٦٧٨٩ .-/()@abcA+سجل هاتف:\n", max_size=60)
PART = st.sampled_from([text for text, _, _ in FOUND] + LEFT_ALONE)


@given(st.lists(st.one_of(NOISE, PART), max_size=4).map(" ".join))
def test_spans_are_in_order_and_the_gate_lets_them_through(text: str) -> None:
    """Spans do not overlap; the vectorised gate is true wherever something is found."""
    found = find_personal(text)
    assert all(a.end <= b.start for a, b in pairwise(found))
    assert all(0 <= span.start < span.end <= len(text) for span in found)
    if found:
        assert pl.DataFrame({"t": [text]}).select(may_hold_personal(pl.col("t"))).item()
        assert find_in_column(pl.Series([text]))[0] == found


@given(st.lists(st.lists(st.one_of(NOISE, PART), max_size=3).map(" ".join), max_size=4), st.integers(1, 40))
def test_what_is_asked_of_bytes_lets_every_span_through(texts: list[str], chunk: int) -> None:
    """Asked of slices of one array, in chunks of whatever size: true wherever a slice alone holds something."""
    ends = np.cumsum([0, *(len(text.encode()) for text in texts)])
    data = np.frombuffer("".join(texts).encode(), np.uint8)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("etl.privacy.CHUNK", chunk)
        flags = may_be_in_slices(data, ends)
    assert [flag for text, flag in zip(texts, flags.tolist(), strict=True) if find_personal(text) and not flag] == []
    assert not flags[[not any(sign.isdigit() or sign == "@" for sign in text) for text in texts]].any()


def test_columns_of_any_depth_are_masked() -> None:
    """Text, lists of text and lists of structs; nulls and clean rows stay as they are."""
    bad, good = "اكتب إلى name@example.com", "فاز 3-2"
    masked = "اكتب إلى ⟨email⟩"
    plain = pl.Series("t", [bad, None, good])
    assert mask_columns(plain.to_frame(), ["t"])["t"].to_list() == [masked, None, good]
    assert mask_columns(plain.to_frame(), [])["t"].to_list() == [bad, None, good]
    listed = pl.Series("t", [[good, bad], [], None])
    assert mask_columns(listed.to_frame(), ["t"])["t"].to_list() == [[good, masked], [], None]
    shape = pl.List(pl.Struct({"a": pl.String(), "n": pl.Int64(), "b": pl.String()}))
    pairs = pl.Series("t", [[{"a": bad, "n": 1, "b": None}], [{"a": good, "n": 2, "b": bad}]], shape)
    assert mask_columns(pairs.to_frame(), ["t"])["t"].to_list() == [
        [{"a": masked, "n": 1, "b": None}],
        [{"a": good, "n": 2, "b": masked}],
    ]


def test_real_corpora_hold_the_spans_that_were_read_by_eye() -> None:
    """What the card says of the mask's precision is true of these spans: a change of their number asks for new eyes."""
    files = sorted((find_shared() / "corpora").glob("*.parquet"))
    if not files:
        pytest.skip("no corpora here")
    texts = pl.concat([pl.read_parquet(file, columns=["text"]) for file in files])["text"]
    kinds = Counter(span.kind for spans in find_in_column(texts).values() for span in spans)
    assert kinds == {"email": 315, "phone": 88, "id": 1}
    assert (len(texts), kinds.total()) == (CHECKED["articles"], CHECKED["spans"])


def test_every_text_of_a_nested_column_is_a_leaf() -> None:
    """Those of lists and of structs in them, one after the other; other types have none."""
    frame = pl.DataFrame({"a": [[{"b": "x", "c": [1]}, {"b": None, "c": []}], []], "n": [1, 2]})
    leaves = [
        frame.select(leaf).to_series().to_list()
        for name, dtype in frame.schema.items()
        for leaf in text_leaves(pl.col(name), dtype)
    ]
    assert leaves == [["x", None]]
