"""Personal data in text: e-mail addresses, phone numbers, IBANs and national ids whose form is certain.

Found with offsets; masked in what is released, with the kind in place. In doubt a number is left alone:
scores, years, prices and the numbers of legal notices are not phone numbers. Digits may be Latin,
Arabic-Indic or Persian, and the span may be glued to Arabic letters.

"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
import polars as pl
import pyarrow as pa

from etl.arrays import Bytes, Flags, Ints
from etl.buffers import CHUNK, slices, text_bytes

KINDS = ("email", "iban", "id", "phone")
"""Kinds, in the order in which they are asked; the first to claim a character has it."""
CHECKED = {"articles": 36_059, "spans": 404, "wrong": 0, "low": 0.0, "high": 0.0094}
"""What reading every span by eye gave: 315 addresses, 88 phone numbers and an id in the articles of SaudiNewsNet and ANT.

`low` and `high` are the ends of Wilson's interval (95 %) for the share of wrong ones.
"""

_ARABIC_DIGITS = [chr(base + d) for base in (0x660, 0x6F0) for d in range(10)]
_LATIN_DIGITS = [str(d) for _ in range(2) for d in range(10)]
_DIGITS = str.maketrans(dict(zip(_ARABIC_DIGITS, _LATIN_DIGITS, strict=True)))
# What may stand between two digits of one number: a space, a point, a dash, a bracket, a mark of direction.
_SEP = r"[ .\-–()\u00a0\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]"
# Seven digits or more that may be one number, in polars' regex and in Python's.
_RUN = r"[0-9](?:[ .\-–()/\u00a0\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]{0,2}[0-9]){6,}"
_ANY_RUN = _RUN.replace("0-9", "0-9٠-٩۰-۹")
_GATE = "[A-Za-z0-9]@[A-Za-z0-9]|" + re.sub(r"\\u(....)", r"\\x{\1}", _ANY_RUN)
_NUMBERS = re.compile(_RUN)
_ANY_NUMBER = re.compile(_ANY_RUN)
_BEFORE_RUN, _AFTER_RUN = 60, 40
"""Code points around a run of digits in which its cue or its letters stand."""

_LOCAL = r"A-Za-z0-9._%+\-"
_EMAIL = re.compile(rf"(?<![{_LOCAL}])[{_LOCAL}]+@(?:[A-Za-z0-9\-]+\.)+[A-Za-z]{{2,24}}")

# The registry of IBAN lengths (ISO 13616).
_IBAN_SIZES = {
    pair[:2]: int(pair[2:])
    for pair in re.findall(
        r"\w+",
        "AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DK18 DO28 EE20 EG29 "
        "ES24 FI18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 "
        "LB28 LC32 LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MR27 MT31 MU30 NL18 NO15 PK24 PL28 PS29 PT25 "
        "QA29 RO24 RS22 SA24 SC31 SD18 SE24 SI19 SK24 SM27 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20",
    )
}
_IBAN = re.compile(r"(?<![A-Za-z0-9])[A-Z]{2}[0-9]{2}(?:[ \-]?[A-Z0-9]){11,30}")

# A national id without a cue: Egypt (century, birth date, governorate), Emirates (784, year, Luhn), Kuwait
# (century, birth date, weighted sum modulo 11).
_BIRTH = r"[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])"
_EGYPT = rf"[23]{_BIRTH}(?:0[1-4]|1[1-9]|2[1-9]|3[1-5]|88)[0-9]{{5}}"
_EMIRATES = r"784[ \-]?(?:19|20)[0-9]{2}[ \-]?[0-9]{7}[ \-]?[0-9]"
_KUWAIT = rf"[23]{_BIRTH}[0-9]{{5}}"
_ID = re.compile(
    rf"(?<![0-9.,/\-])(?:(?P<egypt>{_EGYPT})|(?P<emirates>{_EMIRATES})|(?P<kuwait>{_KUWAIT}))(?![0-9]|[.,/\-][0-9])"
)
_ID_CUE = re.compile(
    r"(?:سجل(?:ه)? (?:ال)?مدني|السجل المدني|(?:ال)?هوي[ةه] (?:ال)?وطني[ةه]|هوي[ةه] رقم|رقم (?:ال)?هوي[ةه]|"
    r"بطاق[ةه] (?:ال)?[أا]حوال|الرقم (?:القومي|الوطني)|[إا]قام[ةه] رقم|رقم ال[إا]قام[ةه]|"
    r"جواز (?:ال)?سفر رقم|[Nn]ational ID)"
    r"[^0-9\n.؟!]{0,20}(?<![0-9])([0-9]{9,14})(?![0-9]|[.,/\-][0-9])"
)

# Country codes of the Arab states and how many digits follow them (ITU-T E.164, national numbering plans).
_ARAB = (
    r"966(?:S){8,9}|971(?:S){8,9}|20(?:S){8,10}|962(?:S){8,9}|961(?:S){7,8}|963(?:S){8,9}|964(?:S){8,10}|"
    r"965(?:S){8}|968(?:S){8}|973(?:S){8}|974(?:S){8}|967(?:S){7,9}|97[02](?:S){8,9}|212(?:S){9}|213(?:S){8,9}|"
    r"216(?:S){8}|218(?:S){8,9}|249(?:S){9}|222(?:S){8}|252(?:S){7,9}|253(?:S){6,8}|269(?:S){7}"
).replace("S", rf"{_SEP}{{0,2}}[0-9]")
_BEFORE = r"(?<![0-9])(?<![0-9][.,/:\-])"
_AFTER = r"(?![0-9]|[.,/][0-9])"
_END = rf"{_AFTER}(?!-[0-9])"
_PHONE = re.compile(
    "|".join(
        (
            rf"{_BEFORE}(?:\+{_SEP}?|00){_SEP}?(?:{_ARAB}){_AFTER}",
            rf"{_BEFORE}\+{_SEP}?[1-9](?:{_SEP}{{0,2}}[0-9]){{8,13}}{_AFTER}",
            rf"{_BEFORE}00[1-9][0-9]{{9,13}}{_AFTER}",
            # The code without a plus, or with it behind, as right-to-left text often has it: mobiles only.
            rf"{_BEFORE}(?:9665|9715|9627|201[0125]|9647)[0-9]{{8,9}}\+?{_AFTER}",
            # National forms that begin with a trunk 0: mobile numbers, and Saudi landlines.
            rf"{_BEFORE}0(?:[5679][0-9]{{8}}|7[3-9][0-9]{{8}}|1[0125][0-9]{{8}}|1[1-7][0-9]{{7}}){_END}",
            rf"{_BEFORE}0[5679][0-9][ \-][0-9]{{3}}[ \-]?[0-9]{{4}}{_END}",
            rf"{_BEFORE}0[5679][0-9]{{2}}[ \-][0-9]{{3}}[ \-]?[0-9]{{3}}{_END}",
            rf"{_BEFORE}01[0125][0-9]?[ \-][0-9]{{3,4}}[ \-]?[0-9]{{4}}{_END}",
        )
    )
)
_ARABIC = r"[\u0621-\u064a]"
_CUE = re.compile(
    rf"(?:(?<!{_ARABIC})[وفبل]{{0,2}}(?:ال|لل)?(?:هاتف|جوال|موبايل|محمول|تليفون|تلفون|فاكس|واتساب|واتس [اآ]ب)"
    rf"(?:ه|ها|هم|ي|نا)?(?!{_ARABIC})|"
    rf"(?<!{_ARABIC})و?(?:للاتصال|الاتصال|اتصل|اتصلوا|للتواصل|التواصل|تواصلوا) (?:على|ب|معنا|بنا)|"
    r"(?<![A-Za-z])(?:[Tt]el|TEL|[Pp]hone|[Mm]obile|[Ff]ax|FAX|[Ww]hats[Aa]pp)(?![A-Za-z]))"
    r"[^0-9\n.؟!،,]{0,25}?(?=[+(0-9])"
)
_CUED = re.compile(rf"\(?(?P<number>\+?[0-9](?:{_SEP.replace('(', '')}{{0,2}}[0-9]){{6,14}})(?![0-9]|[.,/:%][0-9]|%|٪)")
_NEXT = re.compile(r"\)?[ \u00a0]*(?:[-–/,،]|و|أو)?[ \u00a0]*")
# What a run of seven digits and more is, when it is not a number to call: thousands, dates (the hour or the minutes of
# a clock may stand next to them), years, decimals. In words that Rust's regex knows too: the gate asks it as well.
_YEAR = r"(?:1[3-9]|20)[0-9]{2}"
_PLAIN = (
    r"[0-9]{1,3}(?:[.,][0-9]{3})+|[0-9]{1,2}\D{1,3}[0-9]{1,2}\D{1,3}[0-9]{4}|"
    r"[0-9]{4}\D{1,3}[0-9]{1,2}\D{1,3}[0-9]{1,2}|"
    rf"(?:[0-9]{{2}}\D{{1,3}})?[0-9]{{1,2}}\D{{1,3}}[0-9]{{1,2}}\D{{1,3}}{_YEAR}(?:\D{{1,3}}[0-9]{{1,2}})?|"
    rf"(?:[0-9]{{2}}\D{{1,3}})?{_YEAR}\D{{1,3}}[0-9]{{1,2}}\D{{1,3}}[0-9]{{1,2}}\D{{1,3}}[0-9]{{1,2}}|"
    rf"{_YEAR}(?:\D{{1,3}}{_YEAR})+|[0-9]+\.[0-9]{{1,2}}"
)
_NO_PHONE = re.compile(_PLAIN)
_UNIT = re.compile(
    r"\W{0,2}(?:ريال|دولار|جنيه|درهم|دينار|يورو|ليرة|ألف|الف|مليون|مليار|نسمة|شخص|زائر|مستخدم|مشترك|جهاز|هاتف|"
    r"وحدة|متر|طن|%|٪|[هم]ـ?(?!\w))"
)
# The number of a register, a deed, a decision: what a legal notice counts is no phone.
_LEGAL = re.compile(
    r"(?:سجل|تجاري|ترخيص|رخص[ةه]|صك|قرار|مرسوم|قضي[ةه]|معامل[ةه]|خطاب|حساب|عضوي[ةه]|طلب|فاتور[ةه]|بوليص[ةه]|"
    r"تعميم|عقد|منشأ[ةه]|مخطط)[^0-9\n]{0,20}$"
)


_LEAST, _APART = 7, 8
"""Digits of the shortest run, and the bytes from one to the next: two separators of three bytes, and the digit's own."""


class Personal(NamedTuple):
    """A span of personal data: half-open code points of the text, and its kind."""

    start: int
    end: int
    kind: str


def find_personal(text: str) -> list[Personal]:
    """Text -> the personal data in it, in order and without overlap; no span goes beyond its line."""
    found: list[Personal] = []
    at = 0
    for line in text.split("\n"):
        if "@" in line or _ANY_NUMBER.search(line):
            found += [Personal(at + start, at + end, kind) for start, end, kind in _find_in_line(line)]
        at += len(line) + 1
    return found


@lru_cache(maxsize=1 << 12)
def _find_in_line(line: str) -> tuple[Personal, ...]:
    """Line -> the spans in it; remembered, since the lines of a site's own furniture come again and again."""
    plain = line.translate(_DIGITS)
    found = list(_emails(plain)) if "@" in plain else []
    for start, end in _windows(plain):
        found += [*_ibans(plain, start, end), *_ids(plain, start, end), *_phones(plain, start, end)]
    taken: list[Personal] = []
    for span in found:
        if all(span.end <= other.start or other.end <= span.start for other in taken):
            taken.append(span)
    return tuple(sorted(taken))


def mask_text(text: str, spans: Sequence[Personal] | None = None) -> str:
    """Text -> the text with the kind in place of each span (found, unless they are given)."""
    parts: list[str] = []
    at = 0
    for start, end, kind in find_personal(text) if spans is None else spans:
        parts += [text[at:start], mask_of(kind)]
        at = end
    return "".join([*parts, text[at:]])


def mask_of(kind: str) -> str:
    """Kind -> what stands in its place, such as ⟨email⟩."""
    return f"⟨{kind}⟩"


def may_hold_personal(text: pl.Expr) -> pl.Expr:
    """Column of text -> whether it is worth a closer look; false only where `find_personal` finds nothing."""
    # Most runs of digits are dates: they are set aside here, where that costs no call a text.
    run = pl.element().str.replace_many(_ARABIC_DIGITS, _LATIN_DIGITS)
    signs = pl.when(text.str.contains(_GATE)).then(text).str.extract_all(_GATE)
    return signs.list.eval(~run.str.contains(f"^(?:{_PLAIN})$")).list.any()


def find_in_column(texts: pl.Series) -> dict[int, list[Personal]]:
    """Column of text -> the spans of the rows that hold any, by row."""
    some = texts.str.contains(_GATE).arg_true()
    if not len(some):
        return {}
    data, rows = text_bytes(texts.gather(some))
    # No span goes beyond its line, and few lines are worth a closer look.
    bounds = np.unique(np.concatenate((rows, np.flatnonzero(data == 0x0A) + 1)))
    near = np.flatnonzero(may_be_in_slices(data, bounds))
    lines = pl.Series("line", slices(data, bounds).take(pa.array(near)))
    found: dict[int, list[Personal]] = {}
    for place in lines.to_frame().select(may_hold_personal(pl.col("line")).arg_true()).to_series().to_list():
        if spans := _find_in_line(lines[place].removesuffix("\n")):
            first = int(bounds[near[place]])
            row = int(np.searchsorted(rows, first, side="right")) - 1
            at = len(data[rows[row] : first].tobytes().decode())
            found.setdefault(some[row], []).extend(Personal(at + start, at + end, kind) for start, end, kind in spans)
    return found


def may_be_in_slices(data: Bytes, bounds: Ints) -> Flags:
    """UTF-8 bytes, and where each slice of them begins and the last ends -> whether it is worth a closer look.

    False only where `may_hold_personal` is: a slice has an at sign, or seven digits no further apart than in a number.
    """
    found = []
    digits = []
    for first in range(0, len(data), CHUNK):
        part = data[first : first + CHUNK + 1]  # A digit's second byte may lie in the next chunk.
        here = part[:CHUNK]
        digit = here - np.uint8(0x30) < 10
        lead, second = part[:-1], part[1:]
        digit[: len(lead)] |= (lead == 0xD9) & (second - np.uint8(0xA0) < 10)
        persian = np.flatnonzero(lead == 0xDB)
        digit[persian[second[persian] - np.uint8(0xB0) < 10]] = True
        digits.append(np.flatnonzero(digit) + first)
        found.append(np.flatnonzero(here == 0x40) + first)
    at = np.concatenate([*digits, np.zeros(0, np.int64)])
    run = np.flatnonzero(at[_LEAST - 1 :] - at[: 1 - _LEAST] <= (_LEAST - 1) * _APART)
    slice_of = np.searchsorted(bounds, np.concatenate((at[run], at[run + _LEAST - 1])), side="right") - 1
    begun, ended = slice_of[: len(run)], slice_of[len(run) :]
    flags = np.zeros(len(bounds) - 1, np.bool_)
    flags[begun[begun == ended]] = True
    flags[np.searchsorted(bounds, np.concatenate([*found, np.zeros(0, np.int64)]), side="right") - 1] = True
    return flags


def _windows(text: str) -> list[tuple[int, int]]:
    """Text -> the stretches that hold runs of digits, each with what stands around it."""
    windows: list[tuple[int, int]] = []
    for run in _NUMBERS.finditer(text):
        # Most runs are dates and sums; nothing of them can be personal.
        if _NO_PHONE.fullmatch(text, run.start(), run.end()):
            continue
        start, end = max(0, run.start() - _BEFORE_RUN), min(len(text), run.end() + _AFTER_RUN)
        if windows and start <= windows[-1][1]:
            start = windows.pop()[0]
        windows.append((start, end))
    return windows


def _emails(text: str) -> Iterator[Personal]:
    for match in _EMAIL.finditer(text):
        start = match.start() + len(match.group()) - len(match.group().lstrip("._%+-"))
        if text[start] != "@":
            yield Personal(start, match.end(), "email")


def _ibans(text: str, start: int, end: int) -> Iterator[Personal]:
    for match in _IBAN.finditer(text, start, end):
        size = _IBAN_SIZES.get(match.group()[:2])
        places = [at for at in range(match.start(), match.end()) if text[at].isalnum()]
        if size is None or len(places) < size:
            continue
        code = "".join(text[at] for at in places[:size])
        if int("".join(str(int(c, 36)) for c in code[4:] + code[:4])) % 97 == 1:
            yield Personal(match.start(), places[size - 1] + 1, "iban")


def _ids(text: str, start: int, end: int) -> Iterator[Personal]:
    for match in _ID_CUE.finditer(text, start, end):
        yield Personal(match.start(1), match.end(1), "id")
    for match in _ID.finditer(text, start, end):
        digits = [int(c) for c in match.group() if c.isdigit()]
        certain = {"egypt": lambda _: True, "emirates": _luhn, "kuwait": _kuwait}[match.lastgroup or ""]
        if certain(digits):
            yield Personal(match.start(), match.end(), "id")


def _luhn(digits: list[int]) -> bool:
    doubled = [d if i % 2 == 0 else d * 2 - 9 * (d > 4) for i, d in enumerate(reversed(digits))]
    return sum(doubled) % 10 == 0


def _kuwait(digits: list[int]) -> bool:
    weights = (2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return 11 - sum(d * w for d, w in zip(digits, weights, strict=False)) % 11 == digits[11]


def _phones(text: str, start: int, end: int) -> Iterator[Personal]:
    for match in _PHONE.finditer(text, start, end):
        before = text[max(0, match.start() - _BEFORE_RUN) : match.start()]
        if not (_UNIT.match(text, match.end()) or _LEGAL.search(before)):
            yield Personal(match.start(), match.end(), "phone")
    for cue in _CUE.finditer(text, start, end):
        at: int | None = cue.end()
        # Several numbers may follow one cue.
        while at is not None and (cued := _CUED.match(text, at)):
            if _NO_PHONE.fullmatch(cued["number"]) or _UNIT.match(text, cued.end()):
                break
            yield Personal(cued.start("number"), cued.end(), "phone")
            between = _NEXT.match(text, cued.end())
            at = between.end() if between and between.end() > cued.end() else None


def mask_columns(frame: pl.DataFrame, names: Iterable[str]) -> pl.DataFrame:
    """Frame -> the same with personal data masked in these columns of text, or of lists of text or structs."""
    # A column is asked row by row only where something in it looks like a number or an address.
    leaves = {name: list(text_leaves(pl.col(name), frame.schema[name])) for name in names}
    some = frame.select(
        pl.any_horizontal(leaf.str.contains(_GATE).any() for leaf in mine).alias(name) for name, mine in leaves.items()
    )
    names = [name for name in some.columns if some[name].item()]
    gates = [_gate_nested(pl.col(name), frame.schema[name]).fill_null(False).alias(name) for name in names]
    doubt = frame.select(gates)
    masked = []
    for name in doubt.columns:
        at = doubt[name].arg_true().to_list()
        if at:
            masked.append(replace_rows(frame[name], at, [_mask_value(value) for value in frame[name][at].to_list()]))
    return frame.with_columns(masked) if masked else frame


def text_leaves(value: pl.Expr, dtype: pl.DataType | Any) -> Iterator[pl.Expr]:
    """Column -> the columns of text in it, however nested."""
    if dtype == pl.String:
        yield value
    elif isinstance(dtype, pl.List):
        yield from text_leaves(value.explode(empty_as_null=False), dtype.inner)
    elif isinstance(dtype, pl.Struct):
        for field in dtype.fields:
            yield from text_leaves(value.struct.field(field.name), field.dtype)


def replace_rows(values: pl.Series, rows: list[int], new: list[Any]) -> pl.Series:
    """Column -> the same with some rows replaced, of whatever type."""
    if not rows:
        return values
    place = np.arange(len(values))
    place[rows] = len(values) + np.arange(len(rows))
    return pl.concat([values, pl.Series(values.name, new, dtype=values.dtype)]).gather(place)


def _gate_nested(value: pl.Expr, dtype: pl.DataType | Any) -> pl.Expr:
    if dtype == pl.String:
        return may_hold_personal(value)
    if isinstance(dtype, pl.List):
        return value.list.eval(_gate_nested(pl.element(), dtype.inner)).list.any()
    if isinstance(dtype, pl.Struct):
        return pl.any_horizontal([_gate_nested(value.struct.field(field.name), field.dtype) for field in dtype.fields])
    return pl.lit(False)


def _mask_value(value: Any) -> Any:
    if isinstance(value, str):
        return mask_text(value)
    if isinstance(value, list):
        return [_mask_value(item) for item in value]
    if isinstance(value, dict):
        return {key: _mask_value(item) for key, item in value.items()}
    return value
