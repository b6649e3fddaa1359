"""Letters and bytes counted wrong: UTF-16 that was read byte by byte, so that every letter has become two characters, one of them the
number of its block; and UTF-8 that was read as Chinese, in which the two bytes of a letter are one character."""

from __future__ import annotations

import re

from etl.edits import Repair, trim

WIDE = "\x06[^\x06]\x06"
"""Pattern that every such text contains: Arabic letters are U+0600 to U+06FF."""
_SHARE = 0.2
"""Share of such a text's characters that are the block of Arabic letters, at least."""
_ARABIC = re.compile("[\u0621-\u064a]")
RULE = "repair/utf16-as-latin1"


def read_wide(text: str) -> list[Repair]:
    """Text -> the same as the UTF-16 that it was, of either order of bytes."""
    if text.count("\x06") < _SHARE * len(text):
        return []
    try:
        data = text.encode("latin-1" if max(text) < "\u0100" else "cp1252")
    except UnicodeEncodeError:
        return []
    # What cut the text off, or stripped its ends, may have left half a character.
    for codec, drop in (("utf-16-le", 0), ("utf-16-be", 0), ("utf-16-le", 1), ("utf-16-be", 1)):
        some = data[drop:]
        some = some[: len(some) & ~1]
        try:
            read = some.decode(codec).lstrip("\ufeff")
        except UnicodeDecodeError:
            continue
        if "\x00" not in read and len(_ARABIC.findall(read)) * 2 >= len(read):
            edit = trim(0, text, read, RULE)
            return [edit] if edit else []
    return []


HANZI = "[\u4e00-\u9fff]{3}"
"""Pattern that every text read as Chinese contains."""
_HANZI = re.compile("[\u4e00-\u9fff]+")
_LEAST = 8
"""Letters that are to be read so on a page, at least: of the Chinese characters one in 150 would be an Arabic letter."""


def read_hanzi(text: str) -> list[Repair]:
    """Text -> Chinese characters as the Arabic letters whose UTF-8 their bytes are, where all of a run are."""
    found = []
    for run in _HANZI.finditer(text):
        try:
            read = run[0].encode("gbk").decode("utf-8")
        except (UnicodeEncodeError, UnicodeDecodeError):
            continue
        if all("\u0600" <= letter <= "\u06ff" or letter in "«»\u00a0" for letter in read):
            found.append(Repair(run.start(), run.end(), run[0], read, "repair/utf8-as-gbk"))
    return found if sum(len(each.after) for each in found) >= _LEAST else []
