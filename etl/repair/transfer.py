r"""Ways of sending letters through a channel of ASCII, left in a text: `%D8%A7`, `=D8=A7`, `b'\xd8\xa7'`, `\330\247`, `<U+0627>`,
`u0627`, `+BicG-`.

An article on programs shows a word or two of such a code, and an address has it in its path. So a way counts where it
gives a dozen Arabic letters and more, and a percent sign only where nothing else stands on its line.
"""

from __future__ import annotations

import ast
import base64
import quopri
import re
import warnings
from collections.abc import Callable, Iterable
from urllib.parse import unquote_to_bytes

from etl.edits import Repair, compose, replay

TRANSFER = r"%[dD][89]%|%u0[67]|=D[89]=|=\?[uU][tT][fF]-8\?|u06[0-9a-fA-F]{2}u06|\\0{0,2}6[0-9a-fA-F]{2} ?\\|\\x[dD][89]\\x|\+B[g-m]|\\33[0-3]\\2|<U\+06|=[CDE][0-9A-F]=[CDE]"
"""Pattern that every text sent in one of these ways contains, in the syntax common to Python and polars."""

_LEAST = 12  # Arabic letters; the longest word of news has eleven or so
_ARABIC = re.compile("[\u0621-\u064a]")
_SIGNS = "\u060c\u061b\u061f\u0640\u064b\u064c\u064d\u064e\u064f\u0650\u0651\u0652\u00ab\u00bb\u00a0\n .,:"
"""What stands between Arabic letters in such a code."""
_PERCENT = re.compile(r"(?:%u[0-9a-fA-F]{4})+")


def _join_units(codes: Iterable[str]) -> str:
    """Code units of UTF-16 as four hex digits each -> their letters; half of a sign, where the other was cut off, is U+FFFD."""
    return bytes.fromhex("".join(codes)).decode("utf-16-be", "replace")


def _read_percent(found: str) -> str:
    text = _PERCENT.sub(lambda codes: _join_units(codes[0].split("%u")), found)
    return unquote_to_bytes(text if "%20" in found else text.replace("+", " ")).decode("utf-8")


def _read_printed(found: str) -> str:
    sent = unquote_to_bytes(found.replace("=\n", "").replace("=", "%"))
    try:
        return sent.decode("utf-8")
    except UnicodeDecodeError:
        # Mail of Windows in Arabic; of another codec's letters hardly all are Arabic in this one.
        read = sent.decode("cp1256")
        if not all(_ARABIC.match(letter) or letter in _SIGNS for letter in read):
            raise
        return read


def _read_word(found: str) -> str:
    words = re.findall(r"=\?([\w-]+)\?([bBqQ])\?([^?\s]*)\?=", found)
    parts = [
        base64.b64decode(text) if way in "bB" else quopri.decodestring(text.replace("_", " "), header=True)
        for _, way, text in words
    ]
    return b"".join(parts).decode(words[0][0])


def _read_bytes(found: str) -> str:
    if found.startswith("b"):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of an escape that Python does not know
            return bytes(ast.literal_eval(found)).decode("utf-8")
    return bytes.fromhex(found.replace("\\x", "")).decode("utf-8")


def _read_octal(found: str) -> str:
    return bytes(int(byte, 8) for byte in found.split("\\")[1:]).decode("utf-8")


def _read_named(found: str) -> str:
    # A sign beyond the basic plane is written as two halves, or as one number; what is neither stays.
    codes = (int(code, 16) for code in re.findall(r"[0-9A-Fa-f]{4,6}", found))
    units = b"".join(code.to_bytes(2, "big") if code < 0x10000 else chr(code).encode("utf-16-be") for code in codes)
    return units.decode("utf-16-be")


def _read_codes(found: str) -> str:
    return _join_units(re.findall(r"[u\\]0{0,2}([0-9a-fA-F]{4})", found))


_WAYS: list[tuple[re.Pattern[str], Callable[[str], str]]] = [
    (
        re.compile(r"^(?!/|\S*://)(?:%(?:u[0-9a-fA-F]{4}|[0-9a-fA-F]{2})|[\w.~!*'()+;,/-])+$", re.MULTILINE),
        _read_percent,
    ),
    (re.compile(r"=\?[\w-]{3,20}\?[bBqQ]\?[^?\s]*\?=(?:\s+=\?[\w-]{3,20}\?[bBqQ]\?[^?\s]*\?=)*"), _read_word),
    (re.compile(r"(?:=(?:[0-9A-F]{2}|\n))+"), _read_printed),
    (re.compile(r"""(?<!\w)b(?:'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*")|(?:\\x[0-9a-fA-F]{2}){2,}"""), _read_bytes),
    (re.compile(r"(?<![\\%])(?:u(?:0[67]|20|00)[0-9a-f]{2})+"), _read_codes),
    (re.compile(r"\\0{0,2}0[67][0-9a-fA-F]{2}(?: ?\\0{0,2}[0-9a-fA-F]{4})*"), _read_codes),
    (re.compile(r"(?:\\[23][0-7]{2}){2,}"), _read_octal),
    (re.compile(r"(?:<U\+[0-9A-Fa-f]{4,6}>)+"), _read_named),
    (re.compile(r"\+[A-Za-z0-9+/]{2,}-?"), lambda found: found.encode("ascii").decode("utf-7")),
]


def read_transfer(text: str) -> list[Repair]:
    """Text -> what was sent in such a way as the letters that were sent."""
    done: list[Repair] = []
    page = text
    for pattern, read in _WAYS:
        found, other = [], 0
        for match in pattern.finditer(page):
            try:
                letters = read(match[0])
            except (ValueError, LookupError, SyntaxError):
                other += 1
                continue
            if letters != match[0]:
                found.append(Repair(*match.span(), match[0], letters, "repair/transfer"))
        # Of what was written in another codec some bytes are letters by chance.
        if other <= len(found) and sum(len(_ARABIC.findall(repair.after)) for repair in found) >= _LEAST:
            done, page = compose(text, done, found), replay(page, found)
    return done
