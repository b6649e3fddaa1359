"""Quality: every score is what a plain reading of its definition gives; verdicts carry their value."""

from __future__ import annotations

import re
from collections import Counter
from itertools import pairwise

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from etl import quality
from etl.fineweb2 import FINEWEB2, measure_fineweb2
from etl.quality import (
    SPAN,
    STOP_WORDS,
    QualityParams,
    judge_quality,
    measure_quality,
)

WORD = re.compile(r"[^\s\x00-\x1f]+")
CLOSING = re.compile(r"[)\]}\"'»«”“’›]{0,4}$")
BULLET = re.compile(r"[*\-·•‣–—\u2580-\u25ff]|[0-9]{1,2}[.\-)]|[٠-٩]{1,2}[.\-)]")
SENTENCE = "قال الوزير إن القمة ستعقد غدا في العاصمة."
# Few words and many signs, so that repeats, borders and endings of all kinds come up.
TOKENS = st.sampled_from(
    [
        *(
            "في",
            "من",
            "قال",
            "القمة",
            "جدا",
            "جداً",
            "مستشفياتهم",
            "وسيستقبلونهماالآنهناك",
            "a",
            "word",
            "5",
            "-",
            "•",
        ),
        *(
            "غدا.",
            "نعم؟",
            "كفى!",
            "انتهى…",
            "«قال.»",
            "(قال).",
            "”نعم.“",
            "د.",
            "1-",
            "٢)",
            "12.",
            "…",
            ".",
            "?",
            "??",
            "???",
        ),
        *(
            "محيط»",
            "ط§ظ„ط¹",
            "ÇáÚÑ",
            "Ø§Ù„",
            "\ufffd",
            "\x1a",
            "café",
            "漢字",
            "ﷺ",
            "😀",
            "ك" * 40,
            "ك" * 39 + "ل",
        ),
    ]
)
SPACES = st.sampled_from(
    [" ", "  ", "\n", "\n\n", "\t", "\r\n", "\u00a0", "\u2003", "\u3000", "\u2028", "\u1680", "\x85", ""]
)
TEXTS = st.lists(st.tuples(TOKENS, SPACES), max_size=30).map(lambda parts: "".join(a + b for a, b in parts))


def score(*texts: str, params: QualityParams | None = None) -> pl.DataFrame:
    """Texts -> their scores."""
    docs = pl.DataFrame({"text": texts}, schema={"text": pl.String})
    return measure_quality(docs, params=params).drop("text")


def one(text: str, name: str) -> object:
    """Text -> one of its scores."""
    return score(text)[name][0]


def closes(word: str) -> bool:
    """Word -> whether it ends a sentence, by the definition."""
    bare = CLOSING.sub("", word)
    return bare.endswith((".", "!", "?", "؟", "۔", "…")) and not re.fullmatch(r"[\u0600-\u06ff]\.", bare)


def by_definition(text: str) -> dict[str, object]:
    """Text -> its scores, computed in plain Python, slowly."""
    lines = [words for words in (WORD.findall(line) for line in text.split("\n")) if words]
    words = [word for line in lines for word in line]
    spans = [tuple(words[i : i + SPAN]) for i in range(len(words) - SPAN + 1)]
    seen: set[tuple[str, ...]] = set()
    covered: set[int] = set()
    for i, span in enumerate(spans):
        if span in seen:
            covered.update(range(i, i + SPAN))
        seen.add(span)
    sentences: list[tuple[int, tuple[str, ...]]] = []
    for number, line in enumerate(lines):
        start = 0
        for i, word in enumerate(line):
            if closes(word) or i == len(line) - 1:
                sentences.append((number, tuple(line[start : i + 1])))
                start = i + 1
    long = [sentence for sentence in sentences if len(sentence[1]) >= SPAN]
    triple = any(
        a == b == c and len(a.encode()) > 5 and "\u0600" <= a[0] <= "\u06ff"
        for line in lines
        for (a, b), (_, c) in pairwise(pairwise(line))
    )
    items = [BULLET.match(" ".join(line)) or (len(line) <= 6 and not closes(line[-1])) for line in lines]
    n_lines, n_words, n_chars = max(len(lines), 1), max(len(words), 1), max(len(text), 1)
    return {
        "n_chars": len(text),
        "n_words": len(words),
        "n_sentences": sum(map(closes, words)),
        "sentence_end_share": sum(closes(line[-1]) for line in lines) / n_lines,
        "duplicate_line_share": sum(n - 1 for n in Counter(map(tuple, lines)).values()) / n_lines,
        "repeated_ngram_share": sum(len(words[i]) for i in covered) / n_chars,
        "stop_word_share": sum(word in STOP_WORDS for word in words) / n_words,
        "mean_word_length": sum(map(len, words)) / n_words,
        "damage_share": sum(len(found[0]) for found in re.finditer(quality._DAMAGE, text)) / n_chars,
        "list_share": sum(map(bool, items)) / n_lines,
        "mt_suspect": triple or len(set(long)) < len(long),
        "likely_truncated": bool(words) and not closes(words[-1]),
    }


@given(st.lists(TEXTS, min_size=1, max_size=6))
@settings(max_examples=200)
def test_scores_are_what_their_definitions_say(texts: list[str]) -> None:
    """Counted over the bytes of many texts at once, each score is what plain Python makes of one alone."""
    for text, row in zip(texts, score(*texts).iter_rows(named=True), strict=True):
        assert row == pytest.approx(by_definition(text)), text


def test_texts_longer_than_a_chunk_are_scored_alike() -> None:
    """A text scores the same alone, beside others, and in a batch that is cut into many chunks."""
    texts = [SENTENCE, "", f"{SENTENCE} " * 20_000, "كلمة " * 9, SENTENCE * 2]
    together = score(*texts * 4).rows()
    assert together == [score(text).row(0) for text in texts] * 4


def test_no_text_and_empty_texts_have_scores() -> None:
    """No rows give no rows; a null, empty or blank text scores 0 and is not cut short."""
    assert score().shape == (0, 12)
    docs = measure_quality(pl.DataFrame({"text": [None, "", " \n\u00a0"]}, schema={"text": pl.String})).drop("text")
    assert docs.drop("n_chars").unique().rows() == [(0, 0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, False, False)]


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("قال «نعم.» ثم مضى.", 2),
        ("هل تأتي؟! نعم…", 2),
        ("قال د. أحمد إن أ. خالد وصل.", 1),
        ("بلغ السعر 3.5 دولار، وفق (رويترز).", 1),
        ("قال: ”انتهى.“", 1),
        ("بلا نهاية", 0),
    ],
)
def test_sentences_end_in_a_stop_and_closing_quotes(text: str, sentences: int) -> None:
    """A stop inside closing quotes or brackets ends a sentence; a title's dot and a decimal point do not."""
    assert one(text, "n_sentences") == sentences


@pytest.mark.parametrize(
    ("text", "suspect"),
    [
        (f"{SENTENCE} وأضاف أن ذلك مهم. {SENTENCE}", True),
        (
            f"{SENTENCE} وأضاف أن ذلك مهم.\n{SENTENCE}",
            False,
        ),  # a pull quote repeats in a paragraph of its own
        ("وصل الفريق الفريق الفريق إلى العاصمة.", True),
        ("وصل الفريق الفريق إلى العاصمة.", False),
        ("قال لا لا لا لن نعود.", False),
        ("* * * * ثم عاد", False),
        ("بلغت 500 500 500 مرة", False),
        ("نعم. نعم. نعم.", True),
        ("قال لهم نعم. قال لهم نعم.", False),  # three words: an echo, not a machine
    ],
)
def test_a_machine_repeats_itself(text: str, suspect: bool) -> None:
    """A word three times in a row, or a long sentence twice in a paragraph, is a stuck machine."""
    assert one(text, "mt_suspect") is suspect


@pytest.mark.parametrize("end", ["// يتبع //", "(يتبع)", "يتبع", "يتبع.", "\nيتبع ... \n"])
def test_a_text_that_says_more_follows_is_cut_short(end: str) -> None:
    """«يتبع» at the end says that more follows, whatever stop comes after it."""
    assert one(f"{SENTENCE} {end}", "likely_truncated") is True
    assert one(f"{end.strip()} ذلك بيان آخر عن القمة في العاصمة. {SENTENCE}", "likely_truncated") is False


@pytest.mark.parametrize(
    ("text", "damaged"),
    [
        ("قال \ufffd\ufffd الوزير", 2),
        ("قال\x1aالوزير", 1),
        ("ط§ظ„ظˆط²ظٹط± قال", 12),
        ("Ø§Ù„ÙˆØ²ÙŠØ± قال", 12),
        ("ÇáæÒíÑ قال", 6),
        ("????? ??? ???? قال", 14),
        ("سفر إلى «حائط» و«محيط» في café façade", 0),
        ("حقا؟؟ نعم?? لماذا???", 0),
        ("ذهب إلى السوق ﷺ 😀 漢字 Москва", 0),
    ],
)
def test_damage_is_counted_in_characters(text: str, damaged: int) -> None:
    """Lost and garbled characters count; quotation marks after ط, accents and other scripts do not."""
    assert one(text, "damage_share") == pytest.approx(damaged / len(text))


@given(st.text(st.sampled_from("طظ§„”«»،ٹ\u0080\u00a0Øæáé\ufffd\x1a?\ue000 ا\n"), max_size=12))
@settings(max_examples=200)
def test_no_damage_slips_past_the_first_look(text: str) -> None:
    """The look at the bytes, which spares healthy texts the pattern, never clears a damaged one."""
    assert one(text, "damage_share") == pytest.approx(
        sum(len(found[0]) for found in re.finditer(quality._DAMAGE, text)) / max(len(text), 1)
    )


def test_long_words_are_told_apart() -> None:
    """Words that differ in any of their first 56 bytes or in their last 8 are different words."""
    base = "x" * 80
    for at in [*range(56), *range(72, 80)]:
        other = base[:at] + "y" + base[at + 1 :]
        assert one(f"{base}\n{other}\n{base}", "duplicate_line_share") == pytest.approx(1 / 3), at


def judged(texts: list[str], arabic: float = 1.0, params: QualityParams | None = None) -> pl.DataFrame:
    """Texts -> scores and verdicts, with a given share of Arabic."""
    docs = pl.DataFrame({"text": texts, "arabic_share": arabic}).with_columns(
        verdict=pl.lit(None, pl.String), verdict_value=pl.lit(None, pl.Float64)
    )
    return judge_quality(measure_quality(docs), params or QualityParams())


def test_verdicts_carry_the_value_that_earned_them() -> None:
    """Too short, too little Arabic, damaged: in this order, each with its measured value; else none."""
    healthy = f"{SENTENCE} " * 4
    docs = judged(["قال نعم", healthy, healthy + "\ufffd" * 40])
    assert docs.select("verdict", "verdict_value").rows() == [
        ("quality/too-short", 2.0),
        (None, None),
        ("quality/damaged", docs["damage_share"][2]),
    ]
    assert judged([healthy], arabic=0.59).select("verdict", "verdict_value").row(0) == (
        "quality/arabic-share",
        0.59,
    )
    assert judged([healthy], arabic=0.6)["verdict"].to_list() == [None]


def test_thresholds_come_from_the_parameters() -> None:
    """A text of exactly `min_words` passes, and one word fewer does not."""
    text = " ".join(["كلمة"] * 9)
    assert judged([text], params=QualityParams(min_words=9))["verdict"].to_list() == [None]
    assert judged([text], params=QualityParams(min_words=10))["verdict"].to_list() == ["quality/too-short"]


def test_a_standing_verdict_stays() -> None:
    """A verdict that is there already is not overwritten."""
    docs = judged(["قال"]).with_columns(verdict=pl.lit("language/not-arabic"), verdict_value=pl.lit(0.5))
    assert judge_quality(docs, QualityParams()).select("verdict", "verdict_value").row(0) == (
        "language/not-arabic",
        0.5,
    )


def prose(sentences: int, words: int = 11) -> str:
    """Paragraphs in which nothing repeats, of made-up words around common ones."""
    return "\n".join(
        " ".join(["في", "من", *(f"كلمة{'ابتثجح'[(i * words + j) % 6]}{i}س{j}" for j in range(words))]) + "."
        for i in range(sentences)
    )


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("duplicate-lines", "\n".join([*prose(9).split("\n"), *["نهاية الخبر."] * 6])),
        ("top-2-gram", prose(3) + " قال الوزير" * 20),
        ("repeated-5-grams", "\n".join([prose(10), prose(3).replace("\n", " و ") + " ونهاية."])),
        ("line-ends", prose(9).replace(".", "")),
        ("line-feeds", prose(1) + "\n" + prose(30, 2).replace("في من ", "")),
        ("words", prose(3)),
        ("word-length", prose(9).replace("كلمة", "كلمةطويلةجدا")),
        ("words-with-letters", prose(9) + "\n" + " ".join(map(str, range(70))) + "."),
        ("stop-words", prose(9).replace("في من ", "")),
    ],
)
def test_the_preset_rejects_what_fineweb2_does(name: str, text: str) -> None:
    """With the preset a text that breaks a threshold of FineWeb-2 is rejected by its name; else it is not."""
    docs = judged([prose(9), text], params=QualityParams(preset="fineweb2"))
    assert docs["verdict"].to_list() == [None, f"quality/fineweb2-{name}"]
    assert docs["verdict_value"][1] == measure_fineweb2(pl.Series([text]))[name][0]
    assert judged([text])["verdict"].to_list() == [None]
    assert docs.columns == judged([text]).columns


def datatrove(text: str) -> dict[str, float]:
    """Text -> the repetition measures of datatrove, in plain Python, over words between white space."""
    words = text.split()
    found: dict[str, float] = {}
    for size in (2, 3, 4):
        counts = Counter(" ".join(words[i : i + size]) for i in range(len(words) - size + 1))
        top = counts.most_common(1)
        found[f"top-{size}-gram"] = len(top[0][0]) * top[0][1] / len(text) if top else 0
    return found


@given(st.lists(st.sampled_from(["في", "من", "القمة", "قال", "غدا."]), min_size=1, max_size=40).map(" ".join))
@settings(max_examples=80)
def test_the_most_frequent_run_of_words_is_datatroves(text: str) -> None:
    """The most frequent run of words, the first of several, counts with all its characters."""
    measured = measure_fineweb2(pl.Series([text, text])).rows(named=True)[1]
    for name, share in datatrove(text).items():
        assert measured[name] == pytest.approx(share)


def test_every_threshold_of_the_preset_is_measured() -> None:
    """One column for each threshold, for no texts as well."""
    assert measure_fineweb2(pl.Series([], dtype=pl.String)).columns == [bound.name for bound in FINEWEB2]


def test_an_unknown_parameter_or_preset_is_an_error() -> None:
    """A misspelt threshold or preset is not ignored."""
    for wrong in ({"min_word": 5}, {"preset": "gopher"}):
        with pytest.raises(ValueError, match=next(iter(wrong))):
            QualityParams.model_validate(wrong)
