"""Is a text Arabic? The script says so first; a detector is asked only where the script cannot tell.

Two things set Arabic apart from every language that shares its script. It is full of the article (ال) and
of the feminine ending (ة at the end of a word), which its neighbours keep in loanwords only; and it does
without the letters that they had to add (ٹ ێ ڠ …). Both are counted over the letters of the whole
document (etl/letter_counts.py). `benchmarks/language.py` measures how far apart the two lie.
"""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files
from threading import Lock

import numpy as np
import polars as pl
from langdetect.detector_factory import DetectorFactory
from langdetect.lang_detect_exception import LangDetectException
from pydantic import BaseModel, ConfigDict, Field

from etl.arrays import Ints
from etl.fold import fold
from etl.letter_counts import ARABIC, count_letters
from etl.verdicts import give_verdicts

UNDETERMINED = "und"
TAGS = {"zh-cn": "zh-Hans", "zh-tw": "zh-Hant"}
"""The detector's names that BCP 47 writes otherwise."""
DETECTED_ARABIC_SCRIPT = ("ar", "fa", "ur")
"""The detector's profiles of languages in Arabic script; others are told by their letters."""

LETTERS: dict[str, str] = {
    "ckb": "ێۆڕڵ",
    "ug": "ۇۈۋې",
    "sd": "ڪٿٽڀٻڄڃڇڏڊڌڙڦڳڱڻ",
    "ps": "ټډړږښګڼځڅۍې",
    "ur": "ٹڈڑںےہھ",
    "ms-Arab": "ڠڽۏݢڤ",
}
"""Language -> the letters that mark it among the languages in Arabic script; Persian has none of them."""

WORDS: dict[str, tuple[str, str, str]] = {
    "fa": (
        "azb",
        "بير بو ايله اوچون اولان وار اولسون دير ده دن ائدين",
        "در به از كه را اين است با براي آن مي شود هاي ها",
    ),
    "ur": ("pnb", "دا دے دي نوں وچ اے دياں تے", "كے كي كا ميں سے ہے كو اور پر ہيں نہيں"),
}
"""Language -> (another with much the same letters, words of that other one, words of the language itself)."""

# Scripts that the detector has profiles for; of others it says anything.
_KNOWN = (
    r"[\p{Latin}\p{Cyrillic}\p{Greek}\p{Hebrew}\p{Arabic}\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}\p{Thai}"
    r"\p{Devanagari}\p{Bengali}\p{Gujarati}\p{Gurmukhi}\p{Tamil}\p{Telugu}\p{Kannada}\p{Malayalam}]"
)


class LanguageParams(BaseModel):
    """When a document is Arabic."""

    model_config = ConfigDict(extra="forbid")

    min_letters: int = Field(default=100, ge=1, description="letters under which no other language is claimed; letters")
    min_arabic: int = Field(
        default=40, ge=1, description="letters of Arabic script from which markers are counted; letters"
    )
    min_script: float = Field(
        default=0.05,
        ge=0,
        le=1,
        description="Arabic script from which a text with markers is Arabic, as film titles under Arabic "
        "headings are, and under which a detector names the other script's language; share of letters",
    )
    markers: float = Field(
        default=0.05,
        gt=0,
        description="the article ال and word-final ة that make a text Arabic; per letter of Arabic script",
    )
    foreign: float = Field(
        default=0.02,
        gt=0,
        description="letters unknown to Arabic that, without markers, make a text foreign; "
        "share of letters of Arabic script",
    )
    line_letters: int = Field(
        default=40,
        ge=1,
        description="letters from which a line of an Arabic text can be foreign on its own; letters",
    )
    line_foreign: float = Field(
        default=0.06, gt=0, description="as `foreign`, for one line; share of letters of Arabic script"
    )
    detector_chars: int = Field(default=500, ge=100, description="how much of the text the detector reads; code points")
    detector_probability: float = Field(
        default=0.7,
        ge=0,
        le=1,
        description="probability under which the detector's answer is not taken; 0 to 1",
    )


_LOADING = Lock()


@lru_cache(maxsize=2)
def _load(names: tuple[str, ...] | None) -> DetectorFactory:
    # Sorted, because the order of the profiles changes the probabilities; seeded, because it draws lots.
    folder = files("langdetect") / "profiles"
    wanted = names or tuple(sorted(file.name for file in folder.iterdir() if not file.name.startswith(("_", "."))))
    factory = DetectorFactory()
    factory.load_json_profile([(folder / name).read_text("utf-8") for name in wanted])
    factory.set_seed(0)
    return factory


def detect(text: str, names: tuple[str, ...] | None = None) -> tuple[str, float]:
    """Text -> (language, probability) by langdetect, among `names` or all it knows, or ("und", 0).

    The answer depends on the text alone: not on what was asked before, the process or the order of files.
    """
    with _LOADING:
        factory = _load(names)
    detector = factory.create()
    detector.append(text)
    try:
        best = detector.get_probabilities()[:1]
    except LangDetectException:
        return UNDETERMINED, 0.0
    if not best:
        return UNDETERMINED, 0.0
    return TAGS.get(best[0].lang, best[0].lang), round(best[0].prob, 4)


def _name_by_letters(text: pl.Series) -> list[str]:
    """Texts in Arabic script, not Arabic -> the language with the most letters of its own, or Persian."""
    own = pl.DataFrame({"t": text}).select(
        pl.lit(-1).alias("fa").cast(pl.Float64),
        *(
            pl.col("t").str.count_matches(f"[{letters}]").cast(pl.Float64).alias(name)
            for name, letters in LETTERS.items()
        ),
        all=pl.col("t").str.count_matches(ARABIC).cast(pl.Float64),
    )
    counts = own.drop("all").to_numpy()
    best = counts.argmax(axis=1)
    best[counts.max(axis=1) < 0.015 * own["all"].to_numpy()] = 0  # a neighbour's letter or two are in names
    names = ("fa", *LETTERS)
    return [names[i] for i in best]


def _name_by_words(text: pl.Series, names: list[str]) -> list[str]:
    """Refine names by words: languages that share their letters differ in their small words."""
    found = list(names)
    for name, (other, theirs, own) in WORDS.items():
        at = [place for place, one in enumerate(names) if one == name]
        key = pl.Series(map(fold, text.gather(at)), dtype=pl.String)
        more = key.str.count_matches(_any_word(theirs)) > key.str.count_matches(_any_word(own)) if at else ()
        for place, is_other in zip(at, more, strict=True):
            found[place] = other if is_other else name
    return found


def _any_word(words: str) -> str:
    return rf"\b(?:{'|'.join(fold(words).split())})\b"


def _foreign_in_lines(text: pl.Series, params: LanguageParams) -> Ints:
    """Arabic texts -> letters in those of their lines that are in another language of the same script."""
    lines = pl.DataFrame({"text": text}).with_row_index("row").select("row", pl.col("text").str.split("\n"))
    lines = lines.explode("text", empty_as_null=True)
    counts = count_letters(lines["text"])
    per_letter = pl.col("arabic").clip(1)
    foreign = (
        (pl.col("arabic") >= params.line_letters)
        & (pl.col("foreign") / per_letter >= params.line_foreign)
        & (pl.col("marker") / per_letter < params.markers)
    )
    letters = counts.select(pl.when(foreign).then("arabic").otherwise(0)).to_series().to_numpy()
    return np.bincount(lines["row"].to_numpy(), weights=letters, minlength=len(text)).astype(np.int64)


def measure_language(docs: pl.DataFrame, params: LanguageParams) -> pl.DataFrame:
    """Documents -> Documents with `lang`, `lang_score`, `arabic_share`, `latin_share` and `other_share`.

    `lang` is a BCP 47 tag: `ar` for standard Arabic and its dialects, or `und`. Markers make a text
    Arabic, whatever its letters. Without them, foreign letters make a text in Arabic script one of
    `LETTERS` or Persian; without either, the detector is asked. In doubt a text is kept: too short for a
    claim, it is taken for Arabic if most of it is in Arabic script; mixed with another script, it is
    `und`. The detector names the language of a text in another script.

    `lang_score` is the detector's probability where it was asked. Else it is 0.5 at the threshold and 1
    at twice the threshold, of markers for Arabic (times twice the share of the script, where that is
    under a half) and of foreign letters for others; in a short text without markers, half of the share of
    `min_letters` that it has.

    The three shares are of all letters and add up to 1, or to 0 where there are none: letters in Arabic;
    letters in Latin script; and the rest, which are other scripts and other languages in Arabic script,
    be it the whole document or some lines.
    """
    text = docs["text"].fill_null("")
    counts = count_letters(text)
    arabic, foreign, latin, other, marker = (counts[name].to_numpy() for name in counts.columns)
    letters = np.maximum(arabic + latin + other, 1)
    script, markers, strange = (
        arabic / letters,
        marker / np.maximum(arabic, 1),
        foreign / np.maximum(arabic, 1),
    )

    by_markers = (arabic >= params.min_arabic) & (script >= params.min_script) & (markers >= params.markers)
    mostly = ~by_markers & (script >= 0.5)
    enough = mostly & (arabic >= params.min_letters)
    by_letters = enough & (strange >= params.foreign)
    asked = enough & ~by_letters
    short = mostly & ~enough
    elsewhere = (script < params.min_script) & (arabic + latin + other >= params.min_letters)

    lang = np.full(len(docs), UNDETERMINED, dtype=object)
    score = np.zeros(len(docs))
    lang[by_markers | short] = "ar"
    sure = np.minimum(1, markers / (2 * params.markers)) * np.minimum(1, 2 * script)
    score[by_markers] = sure[by_markers]
    score[short] = np.minimum(1, arabic[short] / params.min_letters) / 2
    score[by_letters] = np.minimum(1, strange[by_letters] / (2 * params.foreign))
    at = np.flatnonzero(by_letters)
    if len(at):
        lang[at] = _name_by_words(text.gather(at), _name_by_letters(text.gather(at)))
    for which, names in ((asked, DETECTED_ARABIC_SCRIPT), (elsewhere, None)):
        at = np.flatnonzero(which)
        if len(at) == 0:
            continue
        # English lines in an Arabic text say nothing of the Arabic.
        drop = r"[\p{Latin}\s]+" if names else rf"[\p{{L}}--{_KNOWN}]+"
        sample = text.gather(at).str.replace_all(drop, " ").str.slice(0, params.detector_chars)
        answers = [detect(one, names) for one in sample]
        chance = np.array([probability for _, probability in answers])
        chance[chance < params.detector_probability] = 0
        found = [name if p else UNDETERMINED for (name, _), p in zip(answers, chance, strict=True)]
        lang[at] = _name_by_words(text.gather(at), found) if names else found
        score[at] = chance

    is_foreign = (script > 0) & (by_letters | (asked & (lang != "ar") & (lang != UNDETERMINED)))
    abroad = np.where(is_foreign, arabic, 0)
    at = np.flatnonzero((lang == "ar") & (foreign >= params.line_foreign * params.line_letters))
    if len(at):
        abroad[at] = _foreign_in_lines(text.gather(at), params)
    return docs.with_columns(
        pl.Series("lang", lang.tolist(), dtype=pl.String),
        pl.Series("lang_score", score.round(4), dtype=pl.Float64),
        pl.Series("arabic_share", (arabic - abroad) / letters, dtype=pl.Float64),
        pl.Series("latin_share", latin / letters, dtype=pl.Float64),
        pl.Series("other_share", (other + abroad) / letters, dtype=pl.Float64),
    )


def judge_foreign_pages(docs: pl.DataFrame, params: LanguageParams) -> pl.DataFrame:
    """Documents -> Documents: where there is no verdict yet, `language/not-arabic` if all of the page is in another language.

    It is asked before where the article lies: of a page in English the labels for Arabic pages leave next to nothing, and that
    no article was found there says little. A page in Arabic of which an English line was kept gets no verdict here.
    """
    other = pl.col("lang") != "ar"
    asked = docs.with_row_index("row").filter(pl.col("verdict").is_null() & other).select("row", text="page")
    if asked.is_empty():
        return docs
    # A page without a named language may be a mixture.
    foreign = measure_language(asked, params).filter(other & (pl.col("lang") != UNDETERMINED))["row"]
    falls = pl.int_range(pl.len(), dtype=pl.UInt32).is_in(foreign.to_list())
    return give_verdicts(docs, [("language/not-arabic", falls, pl.col("arabic_share"))])


def judge_language(docs: pl.DataFrame, params: LanguageParams) -> pl.DataFrame:
    """Documents -> Documents: where there is no verdict yet, `language/not-arabic`, with `arabic_share`.

    It falls on a document in another language, and on one whose letters are of another script. Arabic
    script that the detector could not name, a mixture, and a document without letters get no verdict
    here.
    """
    share, elsewhere = pl.col("arabic_share"), pl.col("latin_share") + pl.col("other_share")
    unnamed = pl.col("lang") == UNDETERMINED
    foreign = pl.when(unnamed).then((share < params.min_script) & (elsewhere > 0)).otherwise(pl.col("lang") != "ar")
    return give_verdicts(docs, [("language/not-arabic", foreign, share)])
