"""What scrapers leave on lines beside their words: the numbers that text browsers give to links, the names of an icon font's signs.

`lynx -dump` writes `[12]` before the words of each link. An icon font shows a sign where the page says `schedule`; a scraper takes the word.
Neither is removed from a page: rules, zones and the readers of fields look past them. Nor is the sign that stretches words, where it
stands for a dash.
"""

from __future__ import annotations

import re

import polars as pl

from etl.shipped import read_list

_LINK = re.compile(r"(?<![^\s*#•(«\"'>-])\[[0-9]{1,4}\](?=[\w#«\"(])")
_ICONS = sorted(read_list("icons"), key=lambda name: (-len(name), name))
_ANY, _NAMES = "|".join(_ICONS), "|".join(name for name in _ICONS if "_" in name)
"""Names of icons, and those of them that no language has for words."""
_ICON = re.compile(rf"(?:(?<=\s)|^)(?:{_ANY})(?=\s|$)")
_NAME = re.compile(rf"(?:(?<=\s)|^)(?:{_NAMES})(?=\s|$)")
_SURE = re.compile(rf"{_NAME.pattern}|(?<=\s)(?:{_ANY})\s*$")
_FIRST = re.compile(rf"[\s•*-]*(?:{_ANY})(?=\s)")
_HAS_WORDS = re.compile(r"[\u0620-\u064a0-9٠-٩]")
SIGN = "•"
"""What stands for an icon: a bullet, which is ornament to all that read lines."""
_DASH = re.compile(r"(?<=\s)\u0640+(?=\s)")
_LIKELY = r"\[[0-9]{1,4}\]\S|(?:^|\s|•|\*|-)[a-z][a-z_0-9]{2,}(?:\s|$)|\s\x{640}+\s"
"""What every line has that is changed: a link's number, a small Latin word, a stretching sign alone; in the syntax of polars."""


def bare_line(line: str) -> str:
    """A line, or its folded key -> it without numbers of links, with a bullet for each icon that stands beside Arabic or a number, and a
    dash for a stretching sign that stands alone.

    A name that is a word of English, too, is an icon's at the line's ends, or where the line begins with one.
    """
    line = _DASH.sub("-", _LINK.sub("", line))
    icons = _ICON if _FIRST.match(line) else _SURE
    beside = icons.sub("", line)
    return icons.sub(SIGN, line) if beside != line and _HAS_WORDS.search(beside) else line


def dash_signs(line: str) -> str:
    """A line -> the same, as long as it was, with a dash for each stretching sign or run of them that stands alone."""
    return _DASH.sub(lambda run: "-".ljust(len(run[0]), "\u0640"), line) if "\u0640" in line else line


def bare_value(value: str) -> str:
    """What is read from a line -> it without numbers of links and names that only icons have."""
    return _NAME.sub("", _LINK.sub("", value))


def bare_lines(lines: pl.Series) -> pl.Series:
    """Lines -> the same, where they have such decoration; `bare_line` of each."""
    at = lines.str.contains(_LIKELY).fill_null(False).arg_true()
    return lines.scatter(at, [bare_line(line) for line in lines.gather(at)]) if len(at) else lines


_SIGNS = re.compile(
    r"(?<!\s)\s*(?:[•●■◆◇★☆✍✎✏⎙⏱⏰◷☰►▶◄◀|¦｜\u231a-\u23ff\u25c6-\u25d7\u2600-\u27bf\U0001f1e6-\U0001f1ff\U0001f300-\U0001faff][\ufe0e\ufe0f]?\s*)+|(?<!\s)\s*\\[|]\s*|(?<=\S)\s+·\s+"
)
_BUTTONS = re.compile(r"أرسل بريد(?:ا|اً|ًا) إ?لكتروني(?:ا|اً|ًا)|[Ss]end an email")
"""What a theme of WordPress has between the writer's name and the day, for screen readers."""
_ROW = re.compile(r"(?:(?:فيسبوك|فايسبوك|تويتر|واتساب|تيلقرام|تلغرام|ماسنجر|لينكدإن|بينتيريست|ڤايبر|طباعة)\s*){2,}$")
"""A row of share buttons glued to the end of a line."""
_GLUED = re.compile(
    r"(?<=\d{4})(?=(?:آخر )?تحديث)|(?<=[\u0621-\u064a]{3})(?=\d{1,2}[ .][^\W\d_]{3,}[^\d]{0,12}(?:19|20|١٩|٢٠)\d{2})"
    r"|(?<=[\u0621-\u064a]{3})(?=20\d\d-\d\d-\d\d)|(?<=[\u0621-\u064a]{3})(?=بواسطة )|(?<=20\d\d-\d\d-\d\d)(?=\d{1,2} (?:دقائق|دقيقة))|(?<=\D(?:20|٢٠)\d\d)(?=\d{1,2} (?:دقائق|دقيقة))"
    r"|(?<=[\u0621-\u064a]{3}) (?=بي بي سي(?: |$))"
)
"""Where a day is glued to a name before it, or to the word for a change behind it; where a writer's name is to its label, a year to the
minutes that a text takes to read, and a broadcaster's initials to the name of its reporter."""


def part_at_signs(line: str) -> str:
    """A line -> it with ` | ` for the signs and icons between its parts: `سالم حسن ✎ 19 مارس ◷ 9:40` has three."""
    parted = _ROW.sub("", _GLUED.sub(" | ", _BUTTONS.sub(" | ", bare_line(line))))
    return _SIGNS.sub(" | ", parted).strip(" |")
