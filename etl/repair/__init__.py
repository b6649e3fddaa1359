"""Raw -> page: what an encoding, an editor or a PDF has done to the text is undone; every change is a row.

Marks, hamza forms, ى/ي, ة/ه, digits, quotation marks and ، ؛ ؟ are the author's and are never touched.

The order matters. Mojibake goes before anything removes a character, because in it controls, soft hyphens and
no-break spaces are halves of letters; it goes once more after entities, which may hold such halves. ftfy
comes after, for what is left, and never over a repair. Healthy pages never reach Python: one pattern over the
column clears them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

import ftfy
import ftfy.badness
import numpy as np
import polars as pl
from polars._typing import PolarsDataType
from pydantic import BaseModel, ConfigDict, Field

from etl.arrays import Bytes
from etl.edits import Repair, compose, replay, to_column, trim
from etl.letters import price_text, to_units
from etl.repair.brackets import TURNED, turn_brackets
from etl.repair.controls import (
    DIRTY,
    KEPT_BREAK,
    PLAIN,
    SYMBOL,
    drop_escapes,
    drop_joiners,
    plain_bullets,
    plain_characters,
)
from etl.repair.entities import LOOSE_ENTITY, unescape
from etl.repair.escapes import ESCAPE, read_breaks, read_codes
from etl.repair.forms import APART, FORMS, join_hamza, join_marks, plain_letters
from etl.repair.inline_markup import (
    ESCAPED,
    FIELD,
    MARKDOWN,
    TAG,
    drop_backslashes,
    drop_markdown,
    drop_tags,
    part_field,
)
from etl.repair.letters_apart import close_letters
from etl.repair.ligatures import SIGN as LIGATURE
from etl.repair.ligatures import turn_ligatures
from etl.repair.misread import WAYS
from etl.repair.mojibake import is_joined, mend_mojibake, take_back
from etl.repair.persian_letters import LOOKALIKE, arabic_letters, is_arabic
from etl.repair.plain import repair_plain
from etl.repair.quoted import keep_shown, speaks_of_encodings
from etl.repair.suspicious import SUSPICIOUS, is_suspicious
from etl.repair.transfer import TRANSFER, read_transfer
from etl.repair.visual import BACKWARDS, restore_order
from etl.repair.wide import HANZI, WIDE, read_hanzi, read_wide
from schemas.columns import REPAIRS

_FTFY_SAVES = 10.0  # bits a line must gain for what ftfy makes of it to be taken


class RepairParams(BaseModel):
    """When a page is beyond repair."""

    model_config = ConfigDict(extra="forbid")

    max_lost: float = Field(
        default=0.005,
        ge=0,
        le=1,
        description="share of a page's characters that may be lost: U+FFFD, half letters, question marks for letters",
    )
    lost_line: float = Field(
        default=0.2,
        gt=0,
        le=1,
        description="words of question marks from which a line is lost; share of its characters",
    )
    lost_marks: int = Field(
        default=8, ge=1, description="and how many of them there must be in the line, or inside words; characters"
    )


_SPACED = "(?:^|[ \u00a0\n])(?:[ء-ي][ \u00a0]){4,}[ء-ي](?:[ \u00a0\n]|$)"
# U+061C begins with the byte of half the Arabic letters, so it is not looked for by bytes (etl/repair/plain.py).
_LETTERS = f"۰-۹\u061c\u0653-\u0655{''.join(LOOKALIKE)}\ufffd\x1b\u0080-\u009f\u200c\u200d{SYMBOL}{''.join(FORMS)}"
_LOST_INSIDE = "[ء-ي]\\?[ء-ي]"
_SERIOUS = f"{SUSPICIOUS}|{LOOSE_ENTITY}|{BACKWARDS}|{_SPACED}|{KEPT_BREAK}|{ESCAPE}|{TAG}|{MARKDOWN}|{LIGATURE}|{TRANSFER}|{APART}|{TURNED}|{WIDE}|{HANZI}|{ESCAPED}|{FIELD}|\\?\\?\\?|{_LOST_INSIDE}|[{_LETTERS}]"
_SPACED_LETTERS = re.compile(_SPACED)
_LIGATURE = re.compile(LIGATURE)
_WIDE, _HANZI = re.compile(WIDE), re.compile(HANZI)
# Printed forms alone between spaces are what a lesson in writing shows, several of them; of text they stand beside one another.
_JOINED_FORM = re.compile(f"[{''.join(FORMS)}][{''.join(FORMS)}ء-ي]|[ء-ي][{''.join(FORMS)}]")
_FORM = re.compile(f"[{''.join(FORMS)}]")
_LESSON = 3
_SENT = re.compile(TRANSFER)
_MARK_APART = re.compile(APART)
# The first byte of an Arabic letter in UTF-8, beside Arabic: the second byte was taken for junk and removed.
_HALF_LETTER = re.compile("(?<=[ء-ي])[ØÙÚÛ]|[ØÙÚÛ](?=[ء-يØÙÚÛ])")
# In the middle of a word, instead of a letter that an encoding did not have.
_QUESTION = re.compile(r"(?<=[ء-ي])\?(?=[ء-ي])")
# One letter alone between it and the word's edge: of a word that has lost a letter, not of two that a question parts.
_TORN = re.compile(r"(?<![ء-ي])[ء-ي]\?(?=[ء-ي])|(?<=[ء-ي])\?[ء-ي](?![ء-ي])")
_LEAST_TORN = 0.1  # share of the marks inside words; where one letter of the seed pages is lost it is .27 and more


def repair(raw: str) -> tuple[str, list[Repair]]:
    """Raw -> page, and the repairs that lead from one to the other."""
    page, repairs, _ = _repair(raw, is_suspicious(raw))
    return page, repairs


def _repair(raw: str, suspicious: bool) -> tuple[str, list[Repair], int]:
    """Raw, whether it is suspicious -> page, repairs, and the number of its characters damaged still, but not lost."""
    page = raw
    done: list[Repair] = []

    def take(step: list[Repair]) -> None:
        nonlocal page, done
        if step:
            done = compose(raw, done, step)
            page = replay(page, step)

    shows: bool | None = None

    def mend(step: list[Repair]) -> list[Repair]:
        """What an article on encodings shows of them is no damage: asked once, where there is any."""
        nonlocal shows
        if step and shows is None:
            shows = speaks_of_encodings(raw)
        return keep_shown(page, step) if shows else step

    if _WIDE.search(page):
        take(read_wide(page))
    if _HANZI.search(page):
        take(mend(read_hanzi(page)))
    if _SENT.search(page):
        take(read_transfer(page))
    coded = mend(read_codes(page)) if "\\" in page else []
    take(coded)
    suspicious = suspicious if page is raw else is_suspicious(page)
    for _ in range(2):  # again after the entities, which may have held it
        if suspicious:
            mended, suspect = mend_mojibake(page)
            mended = mend(mended)
            take(mended)
            # ftfy knows UTF-8 only: letters that were swapped it would make worse.
            rest = mend(_mend_rest(page, mended)) if is_joined(suspect.rule) else []
            take(rest)
            if suspect.size and not rest:  # below the margin nothing is changed: junk may be halves of letters
                return page, done, suspect.size
        entities = mend(unescape(page)) if ";" in page or "&" in page else []
        if not entities:
            break
        take(entities)
        suspicious = is_suspicious(page)
    if "\\" in page or "_x00" in page:
        take(read_breaks(page, among_codes=bool(coded)))
    take(part_field(page))
    if "<" in page or "[/" in page:
        take(drop_tags(page))
    if "](" in page or "**" in page:
        take(drop_markdown(page))
    if "\\" in page:
        take(mend(drop_backslashes(page)))
    if "\x1b" in page:
        take(drop_escapes(page))
    needs = find_needs(page)
    if needs & (Need.ORDER | Need.FORMS):
        take(restore_order(page))
    if needs & Need.FORMS and (_JOINED_FORM.search(page) or len(set(_FORM.findall(page))) < _LESSON):
        take(plain_letters(page))
        needs = find_needs(page)
    if needs & Need.PLAIN:
        take(plain_characters(page))
    take(plain_bullets(page))
    if _MARK_APART.search(page):
        take(join_marks(page))
    if needs & Need.SPACED:
        take(close_letters(page))
    take(turn_brackets(page))
    if _LIGATURE.search(page):
        take(turn_ligatures(page))
    if needs & Need.ARABIC and is_arabic(page):
        for step in (arabic_letters, drop_joiners, join_hamza):
            take(step(page))
    spaced = _SPACED_LETTERS.finditer(page) if needs & Need.SPACED else ()
    return page, done, sum(len(match[0].strip()) for match in spaced)


class Need:
    """A step that a page needs, as far as its characters tell, as a bit."""

    FORMS = 1  # presentation forms
    PLAIN = 2  # odd spaces, controls, invisible marks
    ARABIC = 4  # letters and marks that are wrong in Arabic, but not in Persian
    ORDER = 8  # a word that begins with what only ends words
    SPACED = 16  # letters with a space on either side


_SPACE, _LETTER, _LAST = 32, 64, 128  # of a word: what is between words, an Arabic letter, one that only ends words


@cache
def _load_needs() -> Bytes:
    """Code point of the basic plane -> the step it needs, of the first three, and what of a word it is."""
    needs = np.zeros(0x10000, np.uint8)
    needs[list(map(ord, FORMS))] = Need.FORMS
    needs[list(map(ord, DIRTY))] = Need.PLAIN
    needs[list(map(ord, [*LOOKALIKE, *"۰۱۲۳۴۵۶۷۸۹\u200c\u200d\u0653\u0654\u0655"]))] = Need.ARABIC
    needs[0x621:0x64B] |= _LETTER
    needs[list(map(ord, "ةى"))] |= _LAST
    needs[list(map(ord, " \u00a0\n"))] |= _SPACE
    return needs


def find_needs(page: str) -> int:
    """Page -> the steps it may need: every one that changes anything is among them."""
    each = _load_needs().take(to_units(f"\n{page}\n"))
    needs = int(np.bitwise_or.reduce(each)) & (Need.FORMS | Need.PLAIN | Need.ARABIC)
    begins = (each[:-2] & _SPACE > 0) & (each[1:-1] & _LETTER > 0)
    if (begins & (each[1:-1] & _LAST > 0)).any():
        needs |= Need.ORDER
    if np.count_nonzero(begins[:-1] & (each[2:-1] & _SPACE > 0)) > 3:
        needs |= Need.SPACED
    return needs


# What ftfy makes of Arabic it does not understand: Chinese and Korean, or nothing.
_NEVER_MADE = re.compile("[\u1100-\u11ff\u2e80-\ud7ff\uf900-\ufaff\ufffd]")

# Only the encoding: ftfy's other repairs are made above, or would change what an author typed.
_FTFY = ftfy.TextFixerConfig(
    unescape_html=False,
    remove_terminal_escapes=False,
    fix_latin_ligatures=False,
    fix_character_width=False,
    uncurl_quotes=False,
    fix_line_breaks=False,
    fix_surrogates=False,
    remove_control_chars=False,
    normalization=None,
)


def _mend_rest(text: str, mended: list[Repair]) -> list[Repair]:
    """Text after the mojibake repair -> what ftfy makes of the lines it left alone, where that is better."""
    if not is_suspicious(text):
        return []
    found: list[Repair] = []
    moved = 0
    touched = []  # spans of the text that are repairs already
    for each in mended:
        touched.append((each.start + moved, each.start + moved + len(each.after)))
        moved += len(each.after) - len(each.before)
    start = 0
    for line in text.split("\n"):
        end = start + len(line)
        if is_suspicious(line) and not any(at <= end and start <= to for at, to in touched):
            fixed = ftfy.fix_encoding(line, _FTFY) if ftfy.badness.is_bad(line) else line
            odd = set(_NEVER_MADE.findall(fixed)) - set(line)
            if fixed != line and not odd and price_text(line) - price_text(fixed) >= _FTFY_SAVES:
                edit = trim(start, line, fixed, "repair/ftfy")
                found += [edit] if edit else []
        start = end + 1
    return found


def _lost(page: str, params: RepairParams) -> int:
    """Page -> the number of its characters that no repair can bring back."""
    lost = page.count("\ufffd")
    if any(half in page for half in "ØÙÚÛ"):
        lost += len(_HALF_LETTER.findall(page))
    inside = len(_QUESTION.findall(page)) if "?" in page else 0
    if inside >= params.lost_marks and len(_TORN.findall(page)) >= _LEAST_TORN * inside:
        lost += inside
    if "???" in page:
        for line in page.split("\n"):
            words = line.split()
            marks = sum(word.count("?") for word in words if not any(map(str.isalnum, word)))
            if marks >= params.lost_marks and marks > params.lost_line * sum(map(len, words)):
                lost += marks
    return lost


def repair_pages(raw: pl.DataFrame, params: RepairParams | None = None) -> pl.DataFrame:
    """Raw -> Page: adds `page`, its `repairs`, `repaired`, and `suspect_share`, the share of characters still
    damaged. What the input gave beside the text (title, author, category) is repaired as the page was.

    A page of which more than `max_lost` is lost gets the verdict `repair/lost` with that share, if it has
    none yet.
    """
    params = params or RepairParams()
    absent = [pl.lit(None, kind).alias(name) for name, kind in _VERDICT.items() if name not in raw.columns]
    frame = raw.with_columns(absent).with_row_index("_row")
    # One pass clears most pages; of the rest, those with odd spaces and marks only are mended all at once.
    marked = frame.select("_row", "raw").filter(pl.col("raw").str.contains(f"{_SERIOUS}|{_PLAIN}"))
    serious = marked["raw"].str.contains(_SERIOUS)
    done = pl.concat([_repair_each(marked.filter(serious), params), repair_plain(marked.filter(~serious))])
    rejected = (pl.col("_lost") > params.max_lost) & pl.col("verdict").is_null()
    return _repair_given(
        frame.join(done, on="_row", how="left", maintain_order="left")
        .with_columns(
            pl.col("page").fill_null(pl.col("raw")),
            pl.col("repairs").fill_null(pl.lit([], REPAIRS)),
            pl.col("suspect_share").fill_null(0.0),
            verdict=pl.when(rejected).then(pl.lit("repair/lost")).otherwise("verdict"),
            verdict_value=pl.when(rejected).then("_lost").otherwise("verdict_value"),
        )
        .with_columns(repaired=pl.col("repairs").list.len() > 0)
        .select(*frame.drop("_row").columns, "page", "repairs", "repaired", "suspect_share")
    )


_GIVEN = ("given_title", "given_author", "given_category", "given_source")


def _repair_given(pages: pl.DataFrame) -> pl.DataFrame:
    """Page -> Page: what the input gave beside the text repaired too; no row tells of it, for it is not in raw."""
    rules = pages["repairs"].list.eval(pl.element().struct.field("rule").unique(maintain_order=True))
    misread = rules.list.eval(pl.element().is_in(WAYS)).list.any()
    for name in (name for name in _GIVEN if name in pages.columns):
        given = pages[name]
        at = (given.str.contains(f"{_SERIOUS}|{_PLAIN}") | (misread & given.is_not_null())).arg_true()
        if len(at):
            mended = [repair_beside(*each) for each in zip(given.gather(at), rules.gather(at), strict=True)]
            pages = pages.with_columns(given.scatter(at, mended))
    if "given_captions" in pages.columns and (misread & (pages["given_captions"].list.len() > 0)).any():
        told = zip(pages["given_captions"].to_list(), rules.to_list(), misread.to_list(), strict=True)
        captions = [
            [repair_beside(line, how) for line in lines] if lines and is_misread else lines
            for lines, how, is_misread in told
        ]
        pages = pages.with_columns(given_captions=pl.Series(captions, dtype=pl.List(pl.String)))
    return pages


def repair_beside(value: str, rules: Iterable[str]) -> str:
    """A title or name, the rules of its page's repairs -> the same repaired, by the page's decision where it has none.

    A headline alone may be too short to tell how it was misread; its article is not.
    """
    mended, _ = repair(value)
    for rule in rules:
        for _ in range(2 if rule in WAYS else 0):  # what was misread twice has its rule once
            mended, _ = repair(replay(mended, take_back(mended, rule)))
    return mended


_VERDICT: dict[str, PolarsDataType] = {"verdict": pl.String(), "verdict_value": pl.Float64()}
_PLAIN = "[" + "".join(rf"\x{{{ord(character):x}}}" for character in PLAIN) + "]"


def _repair_each(pages: pl.DataFrame, params: RepairParams) -> pl.DataFrame:
    """(_row, raw) -> (_row, page, repairs, suspect_share, _lost): the same pages repaired one by one."""
    mended = map(_repair, pages["raw"], pages["raw"].str.contains(SUSPICIOUS))
    made = [(page, repairs, damaged, _lost(page, params)) for page, repairs, damaged in mended]
    size = [max(len(page), 1) for page, *_ in made]
    return pl.DataFrame(
        {
            "_row": pages["_row"],
            "page": pl.Series([page for page, *_ in made], dtype=pl.String),
            "repairs": to_column([repairs for _, repairs, *_ in made]),
            "suspect_share": pl.Series(
                [(damaged + lost) / n for (*_, damaged, lost), n in zip(made, size, strict=True)], dtype=pl.Float64
            ),
            "_lost": pl.Series([lost / n for (*_, lost), n in zip(made, size, strict=True)], dtype=pl.Float64),
        }
    )
