"""Letters that came through a channel for other ones: UTF-16, Chinese, octal bytes, named code points, Markdown; and what an article
on such things shows of them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etl.edits import replay, unreplay
from etl.repair import repair
from etl.repair.inline_markup import drop_backslashes
from etl.repair.quoted import keep_shown, speaks_of_encodings
from etl.repair.transfer import read_transfer
from etl.repair.wide import read_hanzi, read_wide

TEXT = "وزير النقل يفتتح الميناء\nقال الوزير إن العمل في الميناء «بدأ فعلا»، وإن السفن ستصل يوم الأحد.\nوأضاف أن الكلفة 12 مليونا."
ARABIC = st.text(alphabet="ابتثجحخدذرزسشصضطظعغفقكلمنهوي .\n", min_size=30)


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("cut", [0, 1])
def test_utf16_read_byte_by_byte_comes_back(codec: str, cut: int) -> None:
    """Of either order of bytes, and where half of the last character is gone."""
    raw = TEXT.replace("«", '"').replace("»", '"').encode(codec).decode("latin-1")
    page, repairs = repair(raw[: len(raw) - cut])
    assert page == TEXT.replace("«", '"').replace("»", '"')[: len(TEXT) - cut]
    assert [each.rule for each in repairs] == ["repair/utf16-as-latin1"]
    assert unreplay(page, repairs) == raw[: len(raw) - cut]


@given(ARABIC, st.sampled_from(["utf-16-le", "utf-16-be"]))
def test_any_arabic_in_utf16_comes_back(text: str, codec: str) -> None:
    """Whatever its letters are, where most of its characters are letters."""
    text = "وزير النقل يفتتح الميناء الجديد " + text
    raw = text.encode(codec).decode("latin-1")
    step = read_wide(raw)
    letters = sum(letter > "\u0600" for letter in text)
    assert step or letters < len(text) / 2
    assert not step or replay(raw, step) == text


def test_utf8_read_as_chinese_comes_back_and_chinese_stays() -> None:
    """A letter is one Chinese character then; a name in Chinese is no Arabic in that codec."""
    raw = TEXT.replace("،", "").encode("utf-8").decode("gbk", errors="replace")
    assert "�" not in raw
    page, repairs = repair(raw)
    assert page == TEXT.replace("،", "")
    assert {each.rule for each in repairs} == {"repair/utf8-as-gbk"}
    for sound in (
        "زار الرئيس الصيني شي جين بينغ (习近平) العاصمة، والتقى 李克强 في 人民大会堂.",
        "我们在北京学习阿拉伯语和中文" * 9,
    ):
        assert read_hanzi(sound) == []


def test_bytes_in_octal_and_named_code_points_are_letters() -> None:
    """As git and R write them; a word or two of such a code is what an article shows."""
    line = TEXT.split("\n")[1]
    octal = "".join(f"\\{byte:o}" if byte > 0x7F else chr(byte) for byte in line.encode())
    named = "".join(f"<U+{ord(letter):04X}>" if letter > "\x7f" else letter for letter in line)
    for raw in (octal, named):
        page, repairs = repair(f"الأولى\n{raw}\nاتصل بنا")
        assert page == f"الأولى\n{line}\nاتصل بنا"
        assert {each.rule for each in repairs} == {"repair/transfer"}
    emoji = "".join(f"<U+{ord(letter):04X}>" for letter in "الميناءالجديدفي") + "<U+D83D><U+DE00><U+1F600>"
    assert repair(emoji)[0] == "الميناءالجديدفي😀😀"
    for broken in ("<U+D83D>", "<U+FFFFFF>"):
        page, repairs = repair(emoji + "\n" + broken)
        assert page == "الميناءالجديدفي😀😀\n" + broken and page.encode()
    units = [word.encode("utf-16-be").hex() for word in "الميناءالجديدفي😀"]
    for mark in ("%u", "\\"):
        sent = "".join(mark + unit[at : at + 4] for unit in units for at in range(0, len(unit), 4))
        assert repair(sent)[0] == "الميناءالجديدفي😀"
        assert repair(sent[: -len(mark) - 4])[0] == "الميناءالجديدفي\ufffd"
    assert read_transfer("يكتب git الحرف هكذا \\330\\247 ويكتبه R هكذا <U+0627>.") == []


def test_quoted_printable_of_windows_is_letters_too() -> None:
    """Mail in Arabic was sent in it for years."""
    line = TEXT.split("\n")[0]
    raw = "".join(f"={byte:02X}" if byte > 0x7F else chr(byte) for byte in line.encode("cp1256"))
    assert repair(raw)[0] == line
    russian = (
        "Все люди рождаются свободными и равными в своём достоинстве и правах, и должны поступать в духе БРАТСТВА. " * 5
    )
    for codec in ("cp1251", "koi8-r"):
        sent = "".join(f"={byte:02X}" if byte > 0x7F else chr(byte) for byte in russian.encode(codec))
        assert read_transfer(sent) == []


def test_backslashes_before_every_sign_are_markdown_s() -> None:
    """Before all of them but an address's; who writes of a pattern or of a path has others without."""
    raw = "قال الوزير \\(أمس\\) إن \\#الميناء\\_الجديد بدأ العمل\\. وأضاف أن السفن ستصل\\."
    assert repair(raw)[0] == "قال الوزير (أمس) إن #الميناء_الجديد بدأ العمل. وأضاف أن السفن ستصل."
    assert (
        drop_backslashes("النمط \\d\\.\\d يطابق رقما (مثل 1.2). والمسار C:\\_a\\_b. انظر الدرس. ثم جرب. وانتهى.") == []
    )


def test_a_field_of_a_dataset_s_row_is_parted_from_the_text() -> None:
    """Where a page begins with it; further down, and without words behind it, it stays as it is."""
    raw = "date 2024-05-14 أحبط المركز عملية تهريب.\ndate 2024-05-15 أحبط أخرى."
    page, repairs = repair(raw)
    assert page == "date 2024-05-14\nأحبط المركز عملية تهريب.\ndate 2024-05-15 أحبط أخرى."
    assert [each.rule for each in repairs] == ["repair/field"]
    for other in (
        "update 2024-05-14 من الشركة",
        "date 2024-05-14",
        "date 2024-05-14\nأحبط المركز",
        "date 14-05-2024 أحبط",
    ):
        assert repair(other) == (other, [])


@pytest.mark.parametrize(
    "line",
    [
        "كثيرا ما يرى القارئ مكان «السلام عليكم» نصا مثل «Ø§Ù„Ø³Ù„Ø§Ù… Ø¹Ù„ÙŠÙƒÙ…»، فما السبب؟",
        "لكتابة حرف الألف في HTML استخدم &#1575;&#1604; بالعشري أو &#x627; بالست عشري.",
        'وفي جافاسكربت اكتب "\\u0627\\u0644\\u0633" لتحصل على ثلاثة حروف.',
        "echo \"print('&#1575;&#1604;')\" | python3 && sed -i file.txt",
    ],
)
def test_what_an_article_on_encodings_shows_stays(line: str) -> None:
    """In its sentences and its programs; a line of damage alone is mended there as anywhere."""
    about = "لماذا تظهر الرموز الغريبة؟ شرح UTF-8 وترميز windows-1256"
    assert repair(f"{about}\n{line}") == (f"{about}\n{line}", [])
    assert repair(f"{about}\nØ§Ù„Ø³Ù„Ø§Ù… Ø¹Ù„ÙŠÙƒÙ…")[0] == f"{about}\nالسلام عليكم"


@pytest.mark.parametrize(
    "page",
    [
        "أعلن اتحاد يونيكود (Unicode) المسؤول عن الرموز عن &quot;رموز تعبيرية&quot; جديدة هذا العام.",
        "وقالت رابطة الأندية إن برمجة مباريات الجولة القادمة تأجلت.\nواعتبر المدير ترميز المنتجات الوطنية &quot;خطوة مهمة&quot; للتصدير.",
        "شرح UTF-8 وترميز windows-1256 في الصفحات العربية القديمة\nوقالت الشركة إن الرموز &quot;ستصل&quot; إلى الهواتف الحديثة.",
    ],
)
def test_signs_that_an_editor_left_are_mended_on_any_page(page: str) -> None:
    """A page that speaks of one encoding, of goods and matches, or of encodings: quotation marks are none of what it shows."""
    assert repair(page)[0] == page.replace("&quot;", '"')


@pytest.mark.parametrize(
    "raw", ["قال &amp;#1575; ثم " * 4000, "a" * 60_000, "\\" * 60_000, "<" * 60_000, "وترميز UTF-8 " * 9000]
)
def test_long_lines_take_no_long_time(raw: str) -> None:
    """A page on one line, a picture in letters, a run of strokes: each is read once, and comes back."""
    page = f"شرح UTF-8 وترميز windows-1256 في الصفحات العربية القديمة\n{raw}"
    mended, repairs = repair(page)
    assert unreplay(mended, repairs) == page


def test_a_page_speaks_of_encodings_by_two_of_their_words() -> None:
    """One is in the text of any site."""
    assert speaks_of_encodings("ما الفرق بين Unicode وترميز ASCII في الملفات القديمة؟")
    assert not speaks_of_encodings("برنامج جديد للأطفال بلغة Python")
    assert keep_shown("سطر", []) == []


def test_forms_that_a_lesson_shows_stay() -> None:
    """Alone between spaces, several of them; in words, and the lam-alef that is a word, they are letters."""
    lesson = "للعين أربعة أشكال: ﻉ ثم ﻋ ثم ﻌ ثم ﻊ كما ترى"
    assert repair(lesson) == (lesson, [])
    assert repair("صدى ضحكاته ﻻ يزال")[0] == "صدى ضحكاته لا يزال"
    assert repair("ﻗﺎﻝ ﺍﻟﻮﺯﻳﺮ ﺇﻥ ﺍﻟﻌﻤﻞ ﺑﺪﺃ")[0] == "قال الوزير إن العمل بدأ"
