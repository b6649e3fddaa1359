"""Raw -> page: what must be repaired is, what must not is not, and every change replays both ways."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from etl.edits import Repair, compose, replay, restore_raw, store_raw, trim, unreplay
from etl.repair import RepairParams, repair, repair_pages
from etl.repair.controls import PLAIN
from etl.repair.forms import FORMS
from etl.repair.misread import WAYS, read_byte
from etl.repair.persian_letters import is_arabic
from etl.repair.visual import turn

CASES = Path(__file__).parent / "repair"

SENTENCES = [
    "قال الوزير، في مؤتمر صحافي: «إن القمة ستعقد غدا في القاهرة».",
    "وأضاف أن الوفود ستصل مساء اليوم؛ فهل يحضر الجميع؟",
    "ارتفعت أسعار النفط في الأسواق العالمية بعد قرار خفض الإنتاج.",
    "شهدت المدينة احتفالات كبيرة بمناسبة العيد الوطني، وأُطلقت الألعاب النارية.",
    "بوتين وكيم يعلنان شراكة استراتيجية جديدة",
]


def read_cases(name: str) -> list[Any]:
    cases = json.loads((CASES / f"{name}.json").read_text(encoding="utf-8"))
    return [pytest.param(case, id=case["name"]) for case in cases]


def misread(text: str, written: str, read: str) -> str:
    """Text written in one codec and read in another, no byte lost."""
    return "".join(read_byte(byte, read) or chr(byte) for byte in text.encode(written))


DAMAGES = {
    "utf8-as-cp1252": lambda text: misread(text, "utf-8", "cp1252"),
    "utf8-as-latin1": lambda text: misread(text, "utf-8", "latin-1"),
    "utf8-as-cp1256": lambda text: misread(text, "utf-8", "cp1256"),
    "utf8-as-cp1252 twice": lambda text: misread(misread(text, "utf-8", "cp1252"), "utf-8", "cp1252"),
    "utf8-as-cp1256 twice": lambda text: misread(misread(text, "utf-8", "cp1256"), "utf-8", "cp1256"),
    "cp1256-as-latin1": lambda text: misread(text, "cp1256", "latin-1"),
    "cp1256-as-cp1252": lambda text: misread(text, "cp1256", "cp1252"),
    "cp1256-as-cp1251": lambda text: misread(text, "cp1256", "cp1251"),
    "utf8-as-cp1251": lambda text: misread(text, "utf-8", "cp1251"),
    "utf8-as-macroman": lambda text: misread(text, "utf-8", "mac_roman"),
    "utf8-as-cp850": lambda text: misread(text, "utf-8", "cp850"),
    "utf8-as-cp720": lambda text: misread(text, "utf-8", "cp720"),
    "utf8-as-latin9": lambda text: misread(text, "utf-8", "iso8859-15"),
    "cp1256-as-cp1250": lambda text: misread(text, "cp1256", "cp1250"),
    "cp1256-as-cp1254": lambda text: misread(text, "cp1256", "cp1254"),
    "cp1256-as-macroman": lambda text: misread(text, "cp1256", "mac_roman"),
    "utf8-as-koi8r": lambda text: misread(text, "utf-8", "koi8-r"),
    "utf8-as-cp1252-lowered": lambda text: misread(text, "utf-8", "cp1252-lower"),
    "mac-as-latin1": lambda text: misread(text, "mac_arabic", "latin-1"),
    "mac-as-macroman": lambda text: misread(text, "mac_arabic", "mac_roman"),
}


@pytest.mark.parametrize("case", [*read_cases("in_the_wild"), *read_cases("synthetic")])
def test_damage_is_repaired(case: dict[str, Any]) -> None:
    """Each known damage comes back to the character, under the rules that the case names."""
    page, repairs = repair(case["raw"])
    assert page == case["page"]
    assert sorted({each.rule for each in repairs}) == sorted(case["rules"])


@pytest.mark.parametrize("case", read_cases("negative"))
def test_sound_text_is_untouched(case: dict[str, Any]) -> None:
    """Other languages, names, code, digits, marks and quotation marks stay as their authors wrote them."""
    assert repair(case["raw"]) == (case["raw"], [])


@pytest.mark.parametrize("case", read_cases("known_failures"))
def test_known_failures_still_fail(case: dict[str, Any]) -> None:
    """What cannot be repaired yet is on record; once it can, the case moves to another file."""
    assert repair(case["raw"])[0] != case["page"], "mended: move this case to in_the_wild or synthetic"
    assert case["why"]


@pytest.mark.parametrize("name", sorted(DAMAGES))
def test_a_document_comes_back_whole(name: str) -> None:
    """Every paragraph of a damaged document is restored, the short ones by the decision made for all."""
    text = "\n".join([*SENTENCES, "و..", "النهاية", *SENTENCES])
    assert repair(DAMAGES[name](text))[0] == text


@pytest.mark.parametrize("name", sorted(DAMAGES))
def test_sound_paragraphs_of_a_damaged_document_stay(name: str) -> None:
    """Where only some paragraphs are damaged, the others keep every character."""
    lines = [DAMAGES[name](line) if at % 2 else line for at, line in enumerate(SENTENCES)]
    assert repair("\n".join(lines))[0] == "\n".join(SENTENCES)


def test_every_way_has_a_damage() -> None:
    """No repair of mojibake is shipped without a text that needs it."""
    rules: set[str] = set()
    for name in ("in_the_wild", "synthetic"):
        for case in json.loads((CASES / f"{name}.json").read_text(encoding="utf-8")):
            rules |= set(case["rules"])
    assert set(WAYS) <= rules


texts = st.text(
    alphabet=st.one_of(
        st.sampled_from(sorted(set("".join(SENTENCES)))),
        st.sampled_from(
            [*PLAIN, *FORMS, *"کہۃھەیے&;#?", "\u200c", "\u200d", "\u0654", "\u0653", "\ufffd", "\x85", "\x1b"]
        ),
        st.sampled_from(sorted(set(misread("".join(SENTENCES), "utf-8", "cp1252")))),
        st.sampled_from(sorted(set(misread("".join(SENTENCES), "utf-8", "cp1256")))),
        st.characters(exclude_categories=["Cs"]),
    ),
    max_size=60,
)
pieces = st.one_of(
    texts,
    st.sampled_from(SENTENCES),
    st.tuples(st.sampled_from(SENTENCES), st.sampled_from(sorted(DAMAGES))).map(
        lambda drawn: DAMAGES[drawn[1]](drawn[0]) if _encodes(*drawn) else drawn[0]
    ),
    st.sampled_from(SENTENCES).map(turn),
    st.sampled_from(["&quot;", "&amp;#1575;", "\r\n", "\n", " ", "&nbsp;", "#8220;", "???? ????? ?????"]),
)
damaged = st.lists(pieces, max_size=6).map("".join)


def _encodes(sentence: str, name: str) -> bool:
    try:
        DAMAGES[name](sentence)
    except UnicodeEncodeError:
        return False
    return True


@settings(max_examples=200)
@given(damaged)
def test_repairs_replay_both_ways(raw: str) -> None:
    """Raw through its repairs is the page, and back; the rows are in order and each changes something."""
    page, repairs = repair(raw)
    assert replay(raw, repairs) == page
    assert unreplay(page, repairs) == raw
    at = 0
    for each in repairs:
        assert at <= each.start <= each.end
        assert raw[each.start : each.end] == each.before
        assert each.before != each.after
        assert each.rule.startswith("repair/")
        at = each.end


GENERATED = DAMAGES | {
    "iso-8859-6-as-latin1": lambda text: misread(text, "iso8859-6", "latin-1"),
    "cp1256-as-utf8, lost": lambda text: text.encode("cp1256").decode("utf-8", "replace"),
    "visual order": lambda text: "\n".join(map(turn, text.split("\n"))),
    "presentation forms": lambda text: text.translate(
        {ord(plain): form for form, plain in FORMS.items() if len(plain) == 1}
    ),
    "entities": lambda text: "".join(f"&#{ord(one)};" if one in "والقءة" else one for one in text),
    "entities twice": lambda text: text.replace(" ", "&amp;nbsp;"),
    "Persian letters": lambda text: text.translate(str.maketrans("يكه", "یکھ")),
    "hamza apart": lambda text: text.replace("أ", "ا\u0654").replace("آ", "ا\u0653"),
    "odd spaces and marks": lambda text: text.replace(" ", "\u00a0\u200f").replace("\n", "\r\n"),
}
words = st.text(sorted(set("".join(SENTENCES)) - set(" \n")), min_size=1, max_size=9)
lines = st.lists(st.lists(words, min_size=1, max_size=9).map(" ".join), min_size=1, max_size=5).map("\n".join)


@pytest.mark.parametrize("name", sorted(GENERATED))
@settings(max_examples=12)
@given(text=lines)
def test_each_kind_of_damage_replays(name: str, text: str) -> None:
    """Whatever is made of a text damaged in a known way, its rows lead to the page and back to what came."""
    try:
        raw = GENERATED[name](text)
    except UnicodeEncodeError:
        return
    page, repairs = repair(raw)
    assert replay(raw, repairs) == page
    assert unreplay(page, repairs) == raw


@settings(max_examples=100)
@given(st.lists(damaged, max_size=5))
def test_the_column_and_the_page_agree(raws: list[str]) -> None:
    """What the vectorised gate clears, or mends by its bytes, is what repairing each page alone gives."""
    done = repair_pages(
        pl.DataFrame({"id": list(map(str, range(len(raws)))), "raw": raws}, schema_overrides={"raw": pl.String})
    )
    assert done["raw"].to_list() == raws
    for raw, page, rows, repaired in done.select("raw", "page", "repairs", "repaired").iter_rows():
        wanted, repairs = repair(raw)
        assert page == wanted
        assert [Repair(**row) for row in rows] == repairs
        assert repaired is bool(repairs)


@settings(max_examples=200)
@given(texts)
def test_a_second_repair_of_sound_pages_changes_nothing(raw: str) -> None:
    """Spaces, controls and marks are all gone after one pass."""
    plain = "".join(one for one in raw if one in PLAIN or one in "".join(SENTENCES))
    page, _ = repair(plain)
    assert repair(page) == (page, [])


EDITS = st.lists(st.tuples(st.integers(0, 12), st.integers(1, 4), st.text("xyz", max_size=3)), max_size=5)


def _rows(text: str, drawn: list[tuple[int, int, str]], rule: str) -> list[Repair]:
    rows: list[Repair] = []
    at = 0
    for skip, size, after in drawn:
        start, end = at + skip % 4, at + skip % 4 + size
        if end > len(text):
            break
        if text[start:end] != after:
            rows.append(Repair(start, end, text[start:end], after, rule))
        at = end
    return rows


@settings(max_examples=300)
@given(st.text("abc", max_size=16), EDITS, EDITS)
def test_two_rounds_of_edits_compose_to_one(raw: str, first: list[Any], second: list[Any]) -> None:
    """The composed rows do to raw what both rounds did, one after the other, and can be undone."""
    ones = _rows(raw, first, "repair/one")
    between = replay(raw, ones)
    others = _rows(between, second, "repair/other")
    both = compose(raw, ones, others)
    page = replay(between, others)
    assert replay(raw, both) == page
    assert unreplay(page, both) == raw


def test_replay_refuses_another_text() -> None:
    """Repairs of one page cannot be applied to another in silence."""
    rows = [Repair(1, 2, "\u00a0", " ", "repair/nbsp")]
    with pytest.raises(ValueError, match="repair/nbsp at 1"):
        replay("abc", rows)
    with pytest.raises(ValueError, match="repair/nbsp at 1"):
        unreplay("abc", rows)


def test_trim_keeps_only_what_differs() -> None:
    """A row holds the change, not the sound text around it."""
    assert trim(5, "abXcd", "abYYcd", "repair/x") == Repair(7, 8, "X", "YY", "repair/x")
    assert trim(0, "same", "same", "repair/x") is None
    assert trim(0, "aa", "aaa", "repair/x") == Repair(2, 2, "", "a", "repair/x")


def _pages(*raws: str, **columns: list[Any]) -> pl.DataFrame:
    return repair_pages(pl.DataFrame({"id": list(map(str, range(len(raws)))), "raw": list(raws), **columns}))


def test_lost_pages_are_rejected_with_their_share() -> None:
    """U+FFFD and question marks for letters are never guessed: the page gets a verdict and the share."""
    sound = " ".join(SENTENCES)
    lost = sound + "\n" + "???? ?????? ??? ?????? ???? ??????"
    done = _pages(sound, "\ufffd\ufffd\ufffd " + sound, lost, sound + "\ufffd")
    assert done["verdict"].to_list() == [None, "repair/lost", "repair/lost", None]
    values = done["verdict_value"].to_list()
    assert values[0] is None
    assert values[1] == pytest.approx(3 / (len(sound) + 4))
    assert values[2] == pytest.approx(lost.count("?") / len(lost))
    assert done["suspect_share"].to_list()[0] == 0.0
    assert done["suspect_share"].to_list()[3] == pytest.approx(1 / (len(sound) + 1))


def test_half_letters_are_lost() -> None:
    """Where junk characters were stripped before the repair, the halves that are left reject the page."""
    raw = "".join(one for one in DAMAGES["utf8-as-latin1"](" ".join(SENTENCES)) if not "\x80" <= one <= "\x9f")
    done = _pages(raw, "Ø 20 mm, på Ø, RØDE")
    assert done["verdict"].to_list() == ["repair/lost", None]
    assert done["verdict_value"].to_list()[0] > 0.1
    assert done["suspect_share"].to_list()[1] == 0.0


def test_a_verdict_that_is_there_stays() -> None:
    """The first stage that rejects a page is the one that is on record."""
    done = _pages("\ufffd" * 10, verdict=["read/undecodable"], verdict_value=[1.0])
    assert done["verdict"].to_list() == ["read/undecodable"]
    assert done["verdict_value"].to_list() == [1.0]


@pytest.mark.parametrize("letter", "أيش")
def test_question_marks_inside_words_are_lost_letters(letter: str) -> None:
    """Where an encoding did not have one; a mark between two sentences without a space parts words, and loses none."""
    text = " ".join(path.read_text("utf-8") for path in sorted((Path(__file__).parents[1] / "seeds").glob("*.txt")))[
        :6000
    ]
    glued = "\n".join(
        f"هل عاد الصيادون إلى الميناء?نعم عادوا جميعا إلى قواربهم، ومعهم {number} آخرون." for number in range(20)
    )
    assert _pages(text.replace(letter, "?"), glued)["verdict"].to_list() == ["repair/lost", None]


def test_the_share_that_may_be_lost_is_a_parameter() -> None:
    """A threshold can be set from params.yaml."""
    frame = pl.DataFrame({"id": ["a"], "raw": ["قال\ufffd الوزير"]})
    assert repair_pages(frame, RepairParams(max_lost=0.5))["verdict"].to_list() == [None]
    assert repair_pages(frame)["verdict"].to_list() == ["repair/lost"]


def test_questions_are_not_losses() -> None:
    """A line with a few question marks, or an address with one, is sound."""
    done = _pages("What??? Really?? Who???", "هل يأتي??? ربما", "https://example.org/?q=???")
    assert done["verdict"].to_list() == [None, None, None]
    assert done["suspect_share"].to_list() == [0.0, 0.0, 0.0]


def test_suspects_below_the_margin_are_flagged_and_left() -> None:
    """What is probably damaged, but not surely, keeps its characters and shows in `suspect_share`."""
    raw = misread("وداعا", "cp1256", "latin-1")
    done = _pages(raw, "قال ب و ت ي ن إنه سيعود", "La Dépêche réélue")
    assert done["page"].to_list() == done["raw"].to_list()
    assert [value > 0 for value in done["suspect_share"]] == [True, True, False]


@pytest.mark.parametrize("name", sorted(DAMAGES))
def test_a_title_given_beside_the_page_follows_the_page(name: str) -> None:
    """A headline too short to decide by itself is taken back the way its article was, a sound one stays."""
    text, short = "\n".join(SENTENCES), "وداعا"
    done = _pages(DAMAGES[name](text), text, given_title=[DAMAGES[name](short), None], given_author=[short, "A\u00a0B"])
    assert done["given_title"].to_list() == [short, None]
    assert done["given_author"].to_list() == [short, "A B"]


def test_every_row_and_column_of_raw_survives() -> None:
    """No page is dropped or moved, whatever is wrong with it, and an empty frame keeps its columns."""
    frame = pl.DataFrame({"id": ["b", "a", "c"], "raw": ["", "قال\u00a0نعم", "abc"], "url": ["x", None, "y"]})
    done = repair_pages(frame)
    assert done.select(frame.columns).equals(frame)
    assert done.columns == [
        *frame.columns,
        "verdict",
        "verdict_value",
        "page",
        "repairs",
        "repaired",
        "suspect_share",
    ]
    assert done["repaired"].to_list() == [False, True, False]
    assert repair_pages(frame.clear()).columns == done.columns
    assert repair_pages(frame.clear()).schema == done.schema


def test_carriage_returns_at_the_seam_of_two_pages() -> None:
    """A page that ends in CR does not see the LF that the next page begins with."""
    done = _pages("a\r", "\nb\u00a0c", "c\r\n\u00a0")
    assert done["page"].to_list() == ["a\n", "\nb c", "c\n "]
    assert [[row["start"] for row in rows] for rows in done["repairs"]] == [[0 + 1], [2], [1, 3]]


def test_what_is_arabic_by_its_letters() -> None:
    """Arabic in Persian letters is Arabic; Persian and Urdu, also in few words, are not."""
    assert is_arabic("أكد الرئیس أن العلاقات التجاریة القائمة ممتازة")
    assert not is_arabic("رئیس جمهور روسیه وارد کره شمالی شد و با کیم جونگ اون دیدار کرد")
    assert not is_arabic("روسی صدر شمالی کوریا پہنچ گئے جہاں انہوں نے ملاقات کی")
    assert not is_arabic("می‌خواهد")
    assert not is_arabic("English only")


def test_raw_is_stored_where_repairs_changed_it() -> None:
    """A shard holds `raw` only where the page is another text, and gives all of it back; a second article has none."""
    done = _pages("سليم", "قال\u00a0نعم", "")
    child = done.head(1).with_columns(raw=pl.lit(None, pl.String), page=pl.lit(None, pl.String), repairs=None)
    done = pl.concat([done, child.match_to_schema(done.schema)])
    stored = store_raw(done)
    assert stored["raw"].to_list() == [None, "قال\u00a0نعم", None, None]
    assert restore_raw(stored).equals(done)
    assert restore_raw(stored.lazy()).collect().equals(done)


@pytest.mark.parametrize("code", ["JUSTIFY", "center", "right"])
def test_what_a_forum_aligns_its_text_with_goes(code: str) -> None:
    """A pair from the beginning of a line to the end of one; what a text says of such a tag stays."""
    text = "علّقت الإدارة الدراسة في ثلاثة مراكز.\nوقال المتحدث إن التعليق شمل سبع مدارس."
    assert repair(f"[{code}]{text}[/{code}]\nالتعليقات")[0] == f"{text}\nالتعليقات"
    said = f"يكتب العضو [{code}] قبل النص و [/{code}] بعده."
    assert repair(said)[0] == said
