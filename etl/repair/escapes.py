r"""What programs write instead of characters, left in a text: `\u0627`, `\n`, `\"`, `_x000D_`; text -> repairs of it.

An author may write one of them, in an article on programs. So each kind must be on the page more than once and where only
a program puts it: a break between two lines of Arabic, a backslash before every quotation mark.
"""

from __future__ import annotations

import re

from etl.edits import Repair

ESCAPE = r"\\[nrtux\"'/]|_x000[0-9A-Da-d]_"
"""Pattern that every escape contains, in the syntax common to Python and polars."""

_LEAST_BREAKS = 3  # breaks that stand between two lines of Arabic
_LEAST = 2  # code points, or quotation marks: a pair
_CODE = re.compile(
    r"\\{1,32}(?:u(?P<pair>[dD][89abAB][0-9a-fA-F]{2}\\{1,32}u[dD][c-fC-F][0-9a-fA-F]{2})|u(?P<code>[0-9a-fA-F]{4})|x(?P<byte>a0|ad))"
)
# What stands against a code in running text; one that is written about has a space or an opening mark before it.
_BEFORE, _BEHIND = re.compile(r"[^\s«\"“'(\[]"), re.compile(r"[\w\\]")
_SLASH = re.compile(r"\\{1,32}/")
_SPREADSHEET = re.compile("_x000[Dd]_\n?|_x000[Aa]_|_x0009_")
_BREAK = re.compile(r"(?:\\{1,32}[nrt] ?)+")
_FEED = re.compile(r"\\{1,32}n")
_TOKEN = re.compile(r"\\{1,32}([nrt])")
_ENDS, _BEGINS = re.compile("[ء-ي٠-٩0-9.؟!?:،؛»”\"')\\]…] ?\\Z"), re.compile("[ \n]*[«“\"'(\\[•#*-]? ?[ء-ي٠-٩0-9]")
_MARK = {mark: re.compile(rf"(\\{{0,32}}){mark}") for mark in "\"'"}


def read_codes(text: str) -> list[Repair]:
    r"""Text -> the characters that `\u0627` and the like name, beyond ASCII, where two of them or more stand in words.

    Who writes about a code leaves spaces or quotation marks on either side of it.
    """
    found = []
    within = 0
    for match in _CODE.finditer(text):
        if match["pair"]:
            high, low = (int(half[-4:], 16) for half in re.split(r"\\{1,32}u", match["pair"]))
            after = chr(0x10000 + (high - 0xD800 << 10) + low - 0xDC00)
        else:
            after = chr(int(match["code"] or match["byte"], 16))
        if after >= "\u0080" and not "\ud800" <= after <= "\udfff":
            found.append(Repair(match.start(), match.end(), match[0], after, "repair/escape"))
            before, behind = text[max(match.start() - 1, 0) : match.start()], text[match.end() : match.end() + 1]
            within += bool(_BEFORE.match(before) or _BEHIND.match(behind))
    if within < _LEAST:
        return []
    # Who escapes letters may escape strokes.
    slashes = (Repair(m.start(), m.end(), m[0], "/", "repair/escape") for m in _SLASH.finditer(text))
    return sorted([*found, *slashes])


def read_breaks(text: str, *, among_codes: bool = False) -> list[Repair]:
    """Text -> line ends, tabs and quotation marks of which a program has left the escapes; one is enough `among_codes` of letters."""
    return sorted(
        [*_read_spreadsheet(text), *_read_ends(text, 1 if among_codes else _LEAST_BREAKS), *_read_marks(text)]
    )


def _read_spreadsheet(text: str) -> list[Repair]:
    r"""`_x000D_` is how a spreadsheet writes a carriage return; nobody else does."""
    found = []
    for match in _SPREADSHEET.finditer(text):
        token = match[0].rstrip("\n")
        after = "\t" if token == "_x0009_" else "" if match[0].endswith("\n") else "\n"
        found.append(Repair(match.start(), match.start() + len(token), token, after, "repair/escape"))
    return found


def _read_ends(text: str, least: int) -> list[Repair]:
    runs = [match for match in _BREAK.finditer(text) if "n" in match[0] or "r" in match[0]]
    sure = [
        match
        for match in runs
        if _ENDS.search(text, max(match.start() - 2, 0), match.start()) and _BEGINS.match(text, match.end())
    ]
    # Where lines end in line feeds as well, those that were escaped are as many: each line's, or one whole field's.
    if len(sure) < least or (least > 1 and 2 * len(sure) < text.count("\n")):
        return []
    found = []
    for run in runs:
        # Latin letters after it may be the rest of a path or of a program.
        if text[run.end() : run.end() + 1].isascii() and text[run.end() : run.end() + 1].islower():
            continue
        for token in _TOKEN.finditer(text, run.start(), run.end()):
            after = {"n": "\n", "t": "\t"}.get(token[1], "")
            if token[1] == "r" and not _FEED.match(text, token.end()):
                after = "\n"
            if after == "\n" and text.startswith("\n", token.end()):
                after = ""
            found.append(Repair(token.start(), token.end(), token[0], after, "repair/escape"))
    return found


def _read_marks(text: str) -> list[Repair]:
    """A backslash before a quotation mark goes where all the marks of its kind have one."""
    found: list[Repair] = []
    for mark, pattern in _MARK.items():
        every = list(pattern.finditer(text)) if f"\\{mark}" in text else []
        if len(every) >= _LEAST and all(match[1] for match in every):
            found += [Repair(m.start(), m.end(1), m[1], "", "repair/escape") for m in every]
    return found
