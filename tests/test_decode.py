"""Bytes -> text: the bytes decide, a declaration only helps, and what is no text is refused."""

from __future__ import annotations

import codecs
import encodings
import pkgutil
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from etl.decode import BinaryData, decode, is_clear

HEADLINE = "بوتين وكيم يعلنان شراكة استراتيجية جديدة"
QUOTED = "قال الوزير، في مؤتمر صحافي: «إن القمة ستعقد غدا في القاهرة»."
RUSSIAN = "Президент России Владимир Путин прибыл в Пекин"


@pytest.mark.parametrize("text", [HEADLINE, QUOTED, "", "plain", RUSSIAN])
def test_utf8_is_certain(text: str) -> None:
    """Bytes that are UTF-8 are read as UTF-8, with and without a mark; the mark is taken off and noted."""
    assert decode(text.encode()) == (text, "utf-8", 1.0, False)
    assert decode(codecs.BOM_UTF8 + text.encode()) == (text, "utf-8-sig", 1.0, False)


@pytest.mark.parametrize("declared", ["windows-1256", "iso-8859-1", "no-such-charset", "base64", ""])
def test_a_false_declaration_does_not_spoil_utf8(declared: str) -> None:
    """What decodes strictly as UTF-8 is UTF-8, whatever the page says, or fails to say."""
    assert decode(HEADLINE.encode(), declared).text == HEADLINE


@pytest.mark.parametrize("codec", ["utf-16", "utf-32"])
def test_wide_encodings_by_their_mark(codec: str) -> None:
    """UTF-16 and UTF-32 are known by their byte order mark, in either order."""
    marks = {
        "utf-16": (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE),
        "utf-32": (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE),
    }
    for mark, order in zip(marks[codec], ("le", "be"), strict=True):
        assert decode(mark + QUOTED.encode(f"{codec}-{order}")) == (QUOTED, codec, 1.0, False)


@pytest.mark.parametrize("order", ["le", "be"])
@pytest.mark.parametrize("text", [HEADLINE, "“a quoted headline”, café", "مزيج mixed ٢٠٠٩"])
def test_utf16_without_a_mark(order: str, text: str) -> None:
    """UTF-16 that lost its mark is known by every second byte."""
    assert decode(text.encode(f"utf-16-{order}")) == (text, f"utf-16-{order}", 1.0, False)


@pytest.mark.parametrize("text", [HEADLINE, QUOTED, "قال الوزير “نعم” – ثم سافر… إلى پاريس"])
@pytest.mark.parametrize(
    "declared", [None, "windows-1256", "cp1256", "iso-8859-1", "utf-8", "iso-8859-6", "windows-1252"]
)
def test_windows_1256_by_its_letters(text: str, declared: str | None) -> None:
    """The commonest one-byte encoding is found by the letters it makes, also against what the page
    declares.
    """
    found = decode(text.encode("cp1256"), declared)
    assert (found.text, found.encoding, found.lossy) == (text, "windows-1256", False)
    assert found.score > 0.9


@pytest.mark.parametrize("text", [HEADLINE, "وأضاف أن الوفود ستصل مساء اليوم؛ فهل يحضر الجميع؟", "وقال كيم"])
@pytest.mark.parametrize("declared", [None, "iso-8859-6", "utf-8", "windows-1256"])
def test_iso_8859_6_by_its_letters(text: str, declared: str | None) -> None:
    """ISO-8859-6 is told from windows-1256 by the letters, also where the page declares the other."""
    found = decode(text.encode("iso8859-6"), declared)
    assert (found.text, found.encoding) == (text, "iso-8859-6")


def test_other_encodings_need_a_declaration() -> None:
    """A declared charset is believed where the bytes do not speak against it."""
    assert decode(RUSSIAN.encode("cp1251"), "windows-1251").text == RUSSIAN
    assert decode("中国新闻网报道".encode("gb2312"), "GB2312").text == "中国新闻网报道"
    assert decode("créée à Orléans, où l’été".encode("cp1252"), "ISO-8859-1").text == "créée à Orléans, où l’été"


def test_never_latin_1_by_default() -> None:
    """French without a declaration is read as windows-1256, which has its letters; nothing is read as
    Latin-1.
    """
    found = decode("créée à Orléans, où l’été".encode("cp1252"))
    assert found.text == "créée à Orléans, où l’été"
    assert found.encoding == "windows-1256"


def test_what_no_encoding_explains_has_no_score() -> None:
    """Bytes of an undeclared foreign encoding lose nothing and are known to be misread."""
    for data in ("中国新闻网报道中国".encode("gbk"), RUSSIAN.encode("cp1251")):
        found = decode(data)
        assert not found.lossy
        assert found.score < 0.01
        assert found.text.encode("cp1256") == data


def test_a_cut_or_spoilt_utf8_file_is_still_utf8() -> None:
    """A file cut inside a letter, or with a few foreign bytes, is UTF-8 with a loss, not windows-1256."""
    data = QUOTED.encode()
    for spoilt in (data[:-3] + data[-3:-2], data[:40] + b"\xe9" + data[40:]):
        found = decode(spoilt)
        assert (found.encoding, found.lossy) == ("utf-8", True)
        assert "\ufffd" in found.text
        assert found.text.startswith(QUOTED[:15])


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_line_of_windows_1256_in_a_page_of_utf8(end: str) -> None:
    """A page put together from parts in two encodings is read part by part, and nothing of it is lost."""
    lines = [QUOTED, HEADLINE, QUOTED, QUOTED]
    parts = [line.encode("cp1256" if line == HEADLINE else "utf-8") for line in lines]
    found = decode(end.encode().join(parts))
    assert (found.text, found.encoding, found.lossy) == (end.join(lines), "utf-8", False)


def test_marks_of_windows_in_a_page_of_utf8() -> None:
    """Quotation marks and dashes that an editor of Windows put among UTF-8 are those marks."""
    found = decode(b"\x93%s\x94 \x96 \xab%s\xbb\xa0\x85" % (HEADLINE.encode(), QUOTED.encode()))
    assert (found.text, found.encoding, found.lossy) == (f"“{HEADLINE}” – «{QUOTED}»\u00a0…", "utf-8", False)


def test_half_a_letter_is_no_mark() -> None:
    """What is left of a letter that was cut in two at the end of a line is lost, and no mark is made of it."""
    first, second = QUOTED.encode(), "مساء".encode()
    found = decode(first + b"\n" + second[1:] + b"\n" + first)
    assert found.text == f"{QUOTED}\n\ufffd{second[2:].decode()}\n{QUOTED}"
    assert decode(first + second[:1] + b"\n" + first).text == f"{QUOTED}\ufffd\n{QUOTED}"


def test_utf16_that_ends_inside_a_character() -> None:
    """A file without a mark that was cut between two bytes loses its last character alone."""
    assert decode(b"\0").encoding == "utf-8"
    assert decode(QUOTED.encode("utf-16-le")[:-1]) == (QUOTED[:-1] + "\ufffd", "utf-16-le", 1.0, True)


def test_the_code_page_of_dos() -> None:
    """Arabic as the console of Windows writes it is told by its letters."""
    text = QUOTED.replace("،", ",")
    assert decode(text.encode("cp720"))[:2] == (text, "cp720")


def test_vertical_tabs_end_lines() -> None:
    """A page whose lines end as office programs end them is text."""
    text = "\v".join([HEADLINE] * 20)
    assert decode(text.encode()).text == text


def test_a_marked_file_with_bad_bytes_is_lossy() -> None:
    """A mark settles the encoding; what does not decode is counted, not guessed."""
    found = decode(codecs.BOM_UTF8 + HEADLINE.encode() + b"\xff")
    assert (found.encoding, found.lossy) == ("utf-8-sig", True)
    assert found.score == pytest.approx(1 - 1 / (len(HEADLINE) + 1), abs=1e-6)


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"%PDF-1.7\n%\xe2\xe3", "a PDF"),
        (b"PK\x03\x04rest", "a zip file"),
        (b"\x89PNG\r\n\x1a\n", "a PNG picture"),
        (b"\x1f\x8b\x08\x00", "gzip"),
        (b"{\\rtf1\\ansi", "a word processor"),
        (bytes(range(256)) * 8, "control characters"),
        (b"\x00\x01\x02\x03" * 50, "control characters"),
    ],
    ids=["pdf", "zip", "png", "gzip", "rtf", "all bytes", "zeros"],
)
def test_binary_data_is_refused(data: bytes, what: str) -> None:
    """What is no text raises an error that says what it is."""
    with pytest.raises(BinaryData, match=what):
        decode(data)


def test_a_stray_control_is_no_binary() -> None:
    """A page with a few control characters, as pasted from an editor, is text."""
    text = "قال الوزير.\x1a\x1a وأضاف\x02"
    assert decode(text.encode()).text == text


def test_any_declaration_can_be_borne() -> None:
    """Whatever codec Python knows under the declared name, bytes are text or refused, and nothing else."""
    for module in pkgutil.iter_modules(encodings.__path__):
        assert decode(HEADLINE.encode("cp1256"), module.name).text
        with suppress(BinaryData):
            decode(b"\xff\\x00\xfe" + bytes(range(128, 256)), module.name)


@settings(max_examples=200)
@given(st.binary(max_size=200))
def test_any_bytes_are_text_or_refused(data: bytes) -> None:
    """Nothing but BinaryData is ever raised, the score is a probability, and a loss shows in the text."""
    try:
        found = decode(data)
    except BinaryData:
        return
    assert 0 <= found.score <= 1
    if found.lossy:
        assert "\ufffd" in found.text


@settings(max_examples=200)
@given(
    st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=80).filter(
        lambda text: not text.startswith("\ufeff")
    )
)
def test_every_utf8_text_comes_back(text: str) -> None:
    """No text without controls is taken for anything but itself."""
    try:
        assert decode(text.encode()).text == text
    except BinaryData as error:
        assert text.startswith(("%PDF-", "GIF8")), error


@settings(max_examples=300)
@given(
    st.one_of(
        st.binary(max_size=60), st.text(max_size=60).map(str.encode), st.sampled_from([b"%PDF-1", b"\xef\xbb\xbfa"])
    )
)
def test_clear_utf8_is_decoded_as_that(data: bytes) -> None:
    """What is clear need not be looked at again: if it is UTF-8, that is what decoding finds, with certainty."""
    with suppress(UnicodeDecodeError):
        text = data.decode()
        if is_clear(data):
            assert decode(data) == (text, "utf-8", 1.0, False)
