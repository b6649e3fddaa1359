"""Is a text Arabic? The script says so first; a detector is asked only where the script cannot tell.

Two things set Arabic apart from every language that shares its script. It is full of the article (ال) and
of the feminine ending (ة at the end of a word), which its neighbours keep in loanwords only; and it does
without the letters that they had to add (ٹ ێ ڠ …). Both are counted over the letters of the whole
document. `benchmarks/language.py` measures how far apart the two lie.
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

from etl.arrays import Bytes, Ints
from etl.buffers import each_chunk, sum_by_document
from etl.fold import fold

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

LOANS = "پچژگڤڭڨ"
"""Letters that Arabic itself takes for foreign names and for the sounds of its dialects."""

# Letters of the script that Arabic never uses. Most positional forms are of letters it uses.
_FOREIGN = (
    rf"[\p{{Arabic}}&&\p{{L}}--[\u0621-\u063a\u0641-\u064a\u0671{LOANS}\ufb56-\ufb59\ufb6a-\ufb6d\ufb7a-\ufb7d"
    r"\ufb8a\ufb8b\ufb92-\ufb95\ufbd3-\ufbd6\ufc00-\ufdff\ufe70-\ufefc]]"
)
_ARABIC = r"[\p{Arabic}&&\p{L}]"
_LATIN = r"[\p{Latin}&&\p{L}]"
_LETTER = r"[\p{L}--\u0640]"
_MARKER = r"ال|ة(?:[^\u0621-\u063a\u0641-\u064a]|$)"
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


_STANDARD, _STRANGE, _ROMAN, _ABROAD, _UNKNOWN = 1, 2, 4, 8, 0xFF
_KINDS = np.full(0x110000, _UNKNOWN, dtype=np.uint8)  # filled as characters are met


def _kinds_of(codes: Ints) -> Bytes:
    """Code points -> of which script their letters are: the patterns are asked once for each character."""
    kinds = _KINDS[codes]
    new = np.unique(codes[kinds == _UNKNOWN])
    if not len(new):
        return kinds
    character = pl.DataFrame({"c": list(map(chr, new))})["c"]
    arabic, strange, roman, letter = (
        character.str.contains(pattern).to_numpy() for pattern in (_ARABIC, _FOREIGN, _LATIN, _LETTER)
    )
    _KINDS[new] = np.select([strange, arabic, roman, letter], [_STRANGE, _STANDARD, _ROMAN, _ABROAD], 0)
    return _KINDS[codes]


def _code_points(data: Bytes, at: Ints) -> Ints:
    """Bytes of UTF-8 with three more, offsets of first bytes of characters that are not ASCII -> their code points."""
    one, two, three, four = (data[at + by].astype(np.int64) for by in range(4))
    two, three, four = two & 0x3F, three & 0x3F, four & 0x3F
    short, long = (one & 0x1F) << 6 | two, (one & 0x0F) << 12 | two << 6 | three
    return np.where(one < 0xE0, short, np.where(one < 0xF0, long, (long & 0x7FFF) << 6 | four))


def _count_plain(data: Bytes, starts: Ints, ends: Ints, room: Bytes) -> Ints:
    """Bytes of documents -> counts (arabic, foreign, latin, marker, other), a column a document.

    `room` is scratch memory: passes over fresh memory would cost three times as much.
    """
    count, size = len(starts), len(data)
    filled = ends > starts
    room[0, :size] = data
    room[0, size : size + 3] = 0
    here, after, after3 = (room[0, by : size + by] for by in (0, 1, 3))
    d8, letter, found, test = (row[:size].view(np.bool_) for row in room[1:5])
    d9 = room[5, : size + 2].view(np.bool_)
    letter8, test8 = letter.view(np.uint8), test.view(np.uint8)
    counts = np.zeros((5, count), dtype=np.int64)

    # Standard letters are D8 A1 to D8 BA and D9 81 to D9 8A. Subtraction wraps: one comparison does.
    np.equal(here, 0xD8, out=d8)
    np.equal(room[0, : size + 2], 0xD9, out=d9)
    np.less_equal(np.subtract(after, 0xA1, out=letter8), 0xBA - 0xA1, out=letter)
    letter &= d8
    np.less_equal(np.subtract(after, 0x81, out=test8), 0x8A - 0x81, out=test)
    test &= d9[:size]
    letter |= test
    counts[0] = sum_by_document(letter8, starts, ends)
    # Every other character that is not ASCII is looked at by itself: there are few.
    np.greater_equal(here, 0xC2, out=test)
    test ^= letter
    rare = np.flatnonzero(test)
    # ا then ل; and ة that no letter follows. What follows a document's end is another and does not count.
    np.equal(after, 0xA7, out=found)
    found &= d8
    found &= d9[2:]
    np.equal(after3, 0x84, out=test)
    found &= test
    np.equal(after, 0xA9, out=test)
    test &= d8
    last = ends[filled] - 2
    last = last[last >= starts[filled]]
    ending = test[last]
    np.greater(test[:-2], letter[2:], out=test[:-2])
    found |= test
    found[last] = ending
    counts[3] = sum_by_document(found.view(np.uint8), starts, ends)
    np.bitwise_or(here, 0x20, out=test8)
    np.less(np.subtract(test8, ord("a"), out=test8), 26, out=test)
    counts[2] = sum_by_document(test8, starts, ends)

    kinds = _kinds_of(_code_points(room[0], rare))
    rare, kinds = rare[kinds > 0], kinds[kinds > 0]
    owner = np.searchsorted(starts, rare, side="right") - 1
    for row, which in ((0, _STANDARD | _STRANGE), (1, _STRANGE), (2, _ROMAN), (4, _ABROAD)):
        counts[row] += np.bincount(owner[(kinds & which) > 0], minlength=count)
    return counts


def count_letters(text: pl.Series) -> pl.DataFrame:
    """Column of text -> per text the letters of Arabic, Latin and other scripts, foreign letters and markers.

    `arabic`, `latin`, `other`: Unicode letters by script, tatweel and marks left out; `foreign`: letters
    of Arabic script that Arabic never uses, not even for names (`LOANS`); `marker`: the pair ال, and ة at
    the end of a word.
    """
    parts = [_count_plain(*chunk) for chunk in each_chunk(text, 6, 4)]
    counts = dict(zip(("arabic", "foreign", "latin", "marker", "other"), np.concatenate(parts, axis=1), strict=True))
    return pl.DataFrame({name: counts[name] for name in ("arabic", "foreign", "latin", "other", "marker")})


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
        all=pl.col("t").str.count_matches(_ARABIC).cast(pl.Float64),
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


def measure_language(docs: pl.DataFrame, column: str = "text", params: LanguageParams | None = None) -> pl.DataFrame:
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
    params = params or LanguageParams()
    text = docs[column].fill_null("")
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


def judge_language(docs: pl.DataFrame, params: LanguageParams | None = None) -> pl.DataFrame:
    """Documents -> Documents: where there is no verdict yet, `language/not-arabic`, with `arabic_share`.

    It falls on a document in another language, and on one whose letters are of another script. Arabic
    script that the detector could not name, a mixture, and a document without letters get no verdict
    here.
    """
    params = params or LanguageParams()
    share, elsewhere = pl.col("arabic_share"), pl.col("latin_share") + pl.col("other_share")
    unnamed = pl.col("lang") == UNDETERMINED
    foreign = pl.when(unnamed).then((share < params.min_script) & (elsewhere > 0)).otherwise(pl.col("lang") != "ar")
    judged = foreign & pl.col("verdict").is_null()
    return docs.with_columns(
        verdict=pl.when(judged).then(pl.lit("language/not-arabic")).otherwise("verdict"),
        verdict_value=pl.when(judged).then(share).otherwise("verdict_value"),
    )
