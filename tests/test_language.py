"""Language: Arabic stays, its neighbours in the same script go, and the answer is always the same."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.shared import find_shared
from etl import language
from etl.api import clean
from etl.language import LanguageParams, detect, judge_foreign_pages, judge_language, measure_language
from etl.letter_counts import ARABIC, FOREIGN, LATIN, LETTER, count_letters

UDHR: dict[str, list[str]] = json.loads((Path(__file__).parent / "data" / "udhr.json").read_text("utf-8"))["texts"]
ARABIC_SCRIPT = {
    "fa": "fa", "fa-AF": "fa", "ur": "ur", "ps": "ps", "pnb": "pnb", "ug": "ug", "ms-Arab": "ms-Arab",
    "ckb": "ckb", "sd": "sd", "azb": "azb",
}  # fmt: skip
DIALECTS = {
    "Egyptian": (
        "مبارح نزلت وسط البلد عشان أشتري شوية حاجات، ولقيت الدنيا زحمة قوي والناس كلها "
        "واقفة في الشارع مش عارفة تروح فين، فقلت أرجع البيت وأنزل بكرة الصبح بدري لما "
        "الجو يبقى أحسن شوية."
    ),
    "Gulf": (
        "أمس رحت السوق وشفت ناس وايد واقفين عند المحلات، وسألت واحد منهم شنو صاير قال ما "
        "أدري بس يقولون فيه تخفيضات قوية هالأسبوع، فقلت خلني أدخل أشوف وش عندهم اليوم."
    ),
    "Levantine": (
        "مبارح رحنا عالبحر أنا ورفقاتي وكان الطقس كتير حلو، بس ما لقينا محل نقعد فيه لأنو"
        " كل العالم كانت هونيك، فرجعنا عالبيت وطبخنا سوا وحكينا لنص الليل عن أيام "
        "المدرسة."
    ),
    "Moroccan": (
        "البارح مشيت للسوق باش نشري شي حوايج لولاد ختي ولكن لقيت الزحام بزاف وما قدرتش "
        "ندخل، داكشي علاش رجعت للدار وقلت غادي نمشي غدا فالصباح قبل ما يجيو الناس كاملين."
    ),
    "Iraqi": (
        "شلونك خوية، البارحة چنت گاعد ويه الجماعة بالگهوة وگالوا راح تمطر باچر، فگلت لهم "
        "خل نروح للسوگ هسه گبل ما تمطر ونرجع للبيت نتعشه وياكم ونسولف شوية للصبح."
    ),
}
# What a healthy text, and what a damaged or mixed one, is made of.
ALPHABET = (
    "اةلبتيىكیکپچگڤہھەێۆڠـ\u064b\u0670ءآأ،؛؟ \n.,abzAZ@[`{éøª×µº°«»“”…€™ℓⅠ\u2071ﻻﷲﷺپﭖпд\u0620\u063b"
    "\u06d4\u06d5\u06e5\u06ee۱١ۿݐࢠ漢😀\U0001ee00\ufeff\u0621\u063aغئ\u0671\u200c"
)
TEXTS = st.text(st.sampled_from(ALPHABET), max_size=40)
Label = Callable[[str], str]
PARAMS = LanguageParams()


def label(text: str, params: LanguageParams = PARAMS) -> str:
    """Text -> its language."""
    return str(measure_language(pl.DataFrame({"text": [text]}), params=params)["lang"][0])


def judged(*texts: str) -> pl.DataFrame:
    """Texts -> measured and judged."""
    docs = pl.DataFrame(
        {"text": texts, "verdict": None, "verdict_value": None},
        schema={"text": pl.String, "verdict": pl.String, "verdict_value": pl.Float64},
    )
    return judge_language(measure_language(docs, PARAMS), PARAMS)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Texts that reached the detector."""
    texts: list[str] = []
    real = language.detect

    def noting(text: str, names: tuple[str, ...] | None = None) -> tuple[str, float]:
        texts.append(text)
        return real(text, names)

    monkeypatch.setattr(language, "detect", noting)
    return texts


@pytest.mark.parametrize("tag", ARABIC_SCRIPT)
def test_neighbours_are_named_by_their_letters(tag: str, asked: list[str]) -> None:
    """A paragraph in a language that shares the script is named and rejected without a detector."""
    docs = judged(*UDHR[tag])
    assert docs["lang"].to_list() == [ARABIC_SCRIPT[tag]] * len(docs)
    assert docs["verdict"].unique().to_list() == ["language/not-arabic"]
    assert docs["verdict_value"].to_list() == docs["arabic_share"].to_list() == [0.0] * len(docs)
    assert docs["other_share"].to_list() == [1.0] * len(docs)
    assert asked == []


@pytest.mark.parametrize("text", [*UDHR["ar"], *DIALECTS.values()], ids=["UDHR 1", "UDHR 2", *DIALECTS])
def test_arabic_and_its_dialects_are_arabic(text: str) -> None:
    """Standard Arabic and its dialects are `ar`, letters of the dialects included."""
    docs = judged(text)
    assert docs["lang"].to_list() == ["ar"]
    assert docs["verdict"].to_list() == [None]
    assert docs["arabic_share"].to_list() == [1.0]


@pytest.mark.parametrize("letters", [("يك", "یک"), ("يكه", "یکہ"), ("يكه", "ےکھ")])
def test_arabic_in_neighbours_letters_is_arabic(letters: tuple[str, str]) -> None:
    """Arabic typed on a Persian or Urdu keyboard is Arabic, before and after its letters are repaired."""
    for text in UDHR["ar"]:
        assert label(text.translate(str.maketrans(*letters))) == "ar"


def test_persian_in_arabic_letters_goes_to_the_detector(asked: list[str]) -> None:
    """Persian typed with the Arabic ye and kaf has no letters to tell it by: the detector does."""
    plain = [text.translate(str.maketrans("یک", "يك")) for text in UDHR["fa"]]
    assert measure_language(pl.DataFrame({"text": plain}), PARAMS)["lang"].to_list() == ["fa", "fa"]
    assert len(asked) == 2


def test_azerbaijani_in_arabic_letters_goes_to_the_detector(asked: list[str]) -> None:
    """South Azerbaijani typed with the Arabic ye and kaf is told from Persian, and from Arabic, by its words."""
    docs = judged(*UDHR["azb-typed"])
    assert docs.select("lang", "verdict").row(0) == ("azb", "language/not-arabic")
    assert len(asked) == 1


@pytest.mark.parametrize(("tag", "name"), [("en", "en"), ("fr", "fr"), ("ru", "ru"), ("he", "he"), ("zh", "zh-Hans")])
def test_other_scripts_are_named_by_the_detector(tag: str, name: str) -> None:
    """A text in another script is named, with a BCP 47 tag, and rejected."""
    docs = judged(UDHR[tag][1])
    assert docs.select("lang", "verdict").row(0) == (name, "language/not-arabic")


FRAMED = {
    "en": (
        "Home | World | Business | Sport\nOld harbour reopens after two-year dredging project\nBy Nadia Karam\n14 March 2023\n"
        "The old harbour reopened to fishing boats on Tuesday after a dredging project that lasted two years and cost nearly "
        "nine million dollars.\nPort officials said the channel is now deep enough for vessels of up to three thousand tonnes.\n"
        "Fishermen welcomed the news but said that fuel prices remain their main concern.\n"
        '"We can leave the harbour again, but we cannot afford to," said one of them.\n'
        "Read also: Ferry service to the islands suspended\n© Harbour Times\n"
    ),
    "fr": (
        "Accueil | Monde | Économie | Sport\nLe vieux port rouvre après deux ans de travaux\nPar Nadia Karam\n14 mars 2023\n"
        "Les responsables du port affirment que le chenal est assez profond pour des navires de trois mille tonnes.\n"
        "Lire aussi : La liaison avec les îles suspendue\n© Le Journal du Port\n"
    ),
    "ckb": "\n".join(["سەرەکی | جیهان | ئابووری | وەرزش", *UDHR["ckb"], "© ڕۆژنامەی بەندەر"]),
}
"""Pages in other languages with a frame: a menu, a heading, a byline, rights."""


@pytest.mark.parametrize("tongue", FRAMED)
def test_a_framed_page_in_another_language_is_not_arabic(tongue: str) -> None:
    """The language is the reason, though hardly a line of such a page is found to be an article's; so it is where no text is left."""
    page = FRAMED[tongue]
    bare = "\n".join(line for line in page.split("\n") if len(line) < 100)
    for record in clean([page] if tongue == "ckb" else [page, bare]):
        assert record["verdict"] == "language/not-arabic"
        assert record["verdict_value"] == record["arabic_share"] == 0


def test_an_arabic_page_with_an_english_text_is_judged_by_its_zones_first() -> None:
    """Where the page is Arabic, an English line that was taken for its text is an article that was not found."""
    text, arabic = UDHR["en"][1], "\n".join(UDHR["ar"])
    docs = pl.DataFrame(
        {
            "id": ["a", "b", "c", "d"],
            "text": [text, text, "", "x"],
            "page": [f"{arabic}\n{text}", text, text, None],
            "verdict": [None, None, None, None],
            "verdict_value": [None, None, None, None],
        },
        schema_overrides={"verdict": pl.String(), "verdict_value": pl.Float64()},
    )
    judged = judge_foreign_pages(measure_language(docs, LanguageParams()), LanguageParams())
    assert judged["verdict"].to_list() == [None, "language/not-arabic", "language/not-arabic", None]


def test_a_script_without_a_profile_is_undetermined_and_rejected() -> None:
    """The detector knows no Armenian and would say anything: the script says that it is not Arabic."""
    assert judged(UDHR["hy"][1]).select("lang", "lang_score", "verdict").row(0) == (
        "und",
        0.0,
        "language/not-arabic",
    )


@pytest.mark.parametrize("text", ["", " \n ", "1 2 3 ٤ ۵", "… — !", "×", "😀"])
def test_a_text_without_letters_is_undetermined(text: str) -> None:
    """No letters: no language, shares of 0, no verdict and no error."""
    docs = judged(text).drop("text", "verdict_value")
    assert docs.row(0) == (None, "und", 0, 0, 0, 0)


@pytest.mark.parametrize("text", ["", "12", "…", "https://example.org/a"])
def test_the_detector_never_raises(text: str) -> None:
    """Where langdetect finds no features it raises: here that is `und`."""
    assert detect(text) == ("und", 0.0)


@pytest.mark.parametrize("text", ["آسيا", "طه جبريل", "سفر به روسيه", UDHR["fa"][0][:60]])
def test_a_short_text_in_arabic_script_stays(text: str, asked: list[str]) -> None:
    """Under `min_letters` nothing is claimed: Arabic script is kept, with a low score, nobody is asked."""
    docs = judged(text)
    assert docs["lang"].to_list() == ["ar"]
    assert docs["lang_score"][0] < 0.5
    assert docs["verdict"].to_list() == [None]
    assert asked == []


def test_shares_of_a_mixture_add_up() -> None:
    """Half Arabic, half English: Arabic, with the shares of both; a line of Urdu in it counts as other."""
    arabic, english, urdu = UDHR["ar"][1], UDHR["en"][1], UDHR["ur"][0]
    docs = judged(f"{arabic}\n{english}", f"{arabic}\n{urdu}", f"{arabic}\n{UDHR['ru'][0]}")
    assert docs["lang"].to_list() == ["ar"] * 3
    total = docs["arabic_share"] + docs["latin_share"] + docs["other_share"]
    assert total.to_list() == pytest.approx([1.0] * 3)
    letters = count_letters(pl.Series([arabic, english, urdu, UDHR["ru"][0]]))
    assert docs["latin_share"][0] == letters["latin"][1] / (letters["latin"][1] + letters["arabic"][0])
    assert docs["other_share"][1] == letters["arabic"][2] / (letters["arabic"][2] + letters["arabic"][0])
    assert docs["other_share"][2] == letters["other"][3] / (letters["other"][3] + letters["arabic"][0])
    assert docs["verdict"].to_list() == [None] * 3


def test_film_titles_under_an_arabic_heading_are_not_called_english() -> None:
    """A mixture is Arabic if its Arabic shows markers, else undetermined; never another language."""
    heading = "قائمة أفضل الأفلام في السنة الماضية كما اختارها نقاد السينما العربية"
    docs = judged(f"{heading}\n{UDHR['en'][1]}", f"كما قال لهم\n{UDHR['en'][0]}")
    assert docs["lang"].to_list() == ["ar", "und"]
    assert docs["verdict"].to_list() == [None, None]


def test_a_standing_verdict_stays() -> None:
    """A verdict that is there already is not overwritten."""
    docs = judged(UDHR["fa"][0]).with_columns(verdict=pl.lit("read/empty"), verdict_value=pl.lit(7.0))
    assert judge_language(docs, PARAMS).select("verdict", "verdict_value").row(0) == ("read/empty", 7.0)


def test_score_is_half_at_the_threshold() -> None:
    """By script, the score is 0.5 at the threshold of markers and 1 at twice the threshold."""
    text = UDHR["ar"][1]
    counts = count_letters(pl.Series([text]))
    rate = counts["marker"][0] / counts["arabic"][0]
    for factor, score in ((1, 0.5), (0.75, 0.6667), (0.5, 1), (0.25, 1)):
        docs = measure_language(pl.DataFrame({"text": [text]}), params=LanguageParams(markers=rate * factor))
        assert docs["lang_score"][0] == pytest.approx(score, abs=1e-4)


MARKER = r"ال|ة(?:[^\u0621-\u063a\u0641-\u064a]|$)"
"""The article, and the feminine ending at the end of a word."""


def patterns_say(texts: list[str]) -> list[tuple[int, ...]]:
    """Texts -> the counts by regular expressions over characters."""
    text = pl.col("text")
    return (
        pl.DataFrame({"text": texts}, schema={"text": pl.String})
        .select(
            arabic=text.str.count_matches(ARABIC).cast(pl.Int64),
            foreign=text.str.count_matches(FOREIGN).cast(pl.Int64),
            latin=text.str.count_matches(LATIN).cast(pl.Int64),
            letter=text.str.count_matches(LETTER).cast(pl.Int64),
            marker=text.str.count_matches(MARKER).cast(pl.Int64),
        )
        .select("arabic", "foreign", "latin", pl.col("letter") - pl.col("arabic") - pl.col("latin"), "marker")
        .rows()
    )


@given(st.lists(TEXTS, max_size=12))
@settings(max_examples=150)
def test_counting_bytes_counts_characters(texts: list[str]) -> None:
    """Counts over bytes are counts over characters, whatever stands next to what, borders included."""
    assert count_letters(pl.Series("text", texts, dtype=pl.String)).rows() == patterns_say(texts)


def test_every_letter_of_the_basic_plane_is_counted_right() -> None:
    """Each code point alone is counted as the patterns count it."""
    texts = [chr(code) for code in range(0x10000) if not 0xD800 <= code < 0xE000]
    assert count_letters(pl.Series("text", texts)).rows() == patterns_say(texts)


def test_documents_longer_than_a_chunk_are_counted_whole() -> None:
    """A document of more than 65,535 letters, or longer than a chunk of bytes, overflows nothing."""
    long = "ال" * 200_000
    counts = count_letters(pl.Series(["ة", long, "", "a" * 70_000, "ال"]))
    assert counts["marker"].to_list() == [1, 200_000, 0, 0, 1]
    assert counts["latin"].to_list() == [0, 0, 0, 70_000, 0]


SAMPLE = [text for texts in UDHR.values() for text in texts] + list(DIALECTS.values()) + ["", "12", "آسيا"]
SAMPLE += [text.translate(str.maketrans("یک", "يك")) for text in UDHR["fa"]]


def answers(texts: list[str]) -> list[tuple[object, ...]]:
    """Texts -> all columns of their language."""
    return measure_language(pl.DataFrame({"text": texts}, schema={"text": pl.String}), PARAMS).rows()


@given(st.permutations(range(len(SAMPLE))), st.integers(1, len(SAMPLE)))
@settings(max_examples=5)
def test_the_answer_depends_on_the_text_alone(order: list[int], size: int) -> None:
    """Any order and any size of batch give the same answers."""
    shuffled = [SAMPLE[i] for i in order]
    batches = [answers(shuffled[at : at + size]) for at in range(0, len(shuffled), size)]
    found = dict(zip(order, (row for batch in batches for row in batch), strict=True))
    assert [found[i] for i in range(len(SAMPLE))] == answers(SAMPLE)


def test_threads_give_the_same_answer() -> None:
    """Threads that ask at the same time, even for the first time, get the same answers."""
    language._load.cache_clear()
    with ThreadPoolExecutor(4) as pool:
        runs = list(pool.map(answers, [SAMPLE] * 4))
    assert all(run == runs[0] for run in runs)


def test_another_process_gives_the_same_answer() -> None:
    """Another process, with another hash seed and another number of threads, gives the same answers."""
    code = (
        "import json, sys, polars as pl; from etl.language import LanguageParams, measure_language\n"
        "docs = pl.DataFrame({'text': json.load(sys.stdin)}, schema={'text': pl.String})\n"
        "print(json.dumps(measure_language(docs, LanguageParams()).rows()))"
    )
    run = subprocess.run(
        [sys.executable, "-c", code],
        cwd=Path(__file__).parent.parent,
        env={**os.environ, "PYTHONHASHSEED": "4321", "POLARS_MAX_THREADS": "1"},
        input=json.dumps(SAMPLE).encode(),
        capture_output=True,
        check=True,
    )
    assert json.loads(run.stdout) == [list(row) for row in answers(SAMPLE)]


def test_an_unknown_parameter_is_an_error() -> None:
    """A misspelt threshold is not ignored."""
    with pytest.raises(ValueError, match="marker"):
        LanguageParams.model_validate({"marker": 0.1})


def test_every_parameter_says_what_it_is_and_in_what_unit() -> None:
    """Each parameter has a description that ends in its unit."""
    units = (
        "letters",
        "letter of Arabic script",
        "letters of Arabic script",
        "code points",
        "0 to 1",
        "one line",
    )
    for name, field in LanguageParams.model_fields.items():
        assert field.description, name
        assert field.description.endswith(units), name


def corpora() -> Path:
    """The folder of real articles beside the project, or skip."""
    folder = find_shared() / "corpora"
    if not folder.is_dir():
        pytest.skip("no real articles here")
    return folder


@pytest.mark.parametrize("name", ["ant", "saudinewsnet"])
def test_no_real_article_is_called_foreign(name: str, asked: list[str]) -> None:
    """No real article with 100 letters is called not Arabic, and 1 % at most reach the detector."""
    docs = pl.read_parquet(corpora() / f"{name}.parquet", columns=["text"])
    docs = measure_language(docs, PARAMS).with_columns(
        verdict=pl.lit(None, pl.String), verdict_value=pl.lit(None, pl.Float64)
    )
    docs = judge_language(docs, PARAMS)
    letters = count_letters(docs["text"]).select(pl.sum_horizontal("arabic", "latin", "other")).to_series()
    assert docs.filter((letters >= 100) & pl.col("verdict").is_not_null()).is_empty()
    assert len(asked) <= 0.01 * len(docs)
