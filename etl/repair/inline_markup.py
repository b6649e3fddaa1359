"""Tags of HTML and of forums left in a text, as a database or a feed holds an article; text -> repairs of it.

A tag or two may be what an article speaks of. So tags go where many of them stand as only a page has them, against the
words they mark or at the ends of lines, and where the text is no whole page.
"""

from __future__ import annotations

import re

from etl.edits import Repair

TAG = r"</?[a-zA-Z]|<!--|\[/[a-zA-Z]"
"""Pattern that every tag contains, in the syntax common to Python and polars."""

MARKDOWN = r"\]\((?:https?:|[/#])|\*\*[^ *]|__[^ _a-zA-Z]"
"""Pattern that every text with Markdown in it contains."""

_SIGN = r"[_*\[\]()~`>#+=|{}.!-]"
ESCAPED = rf"\\{_SIGN}"
"""Pattern that every text with escapes of Markdown in it contains."""

FIELD = "\\A[\\s\u200e\u200f]*date \\d{4}-\\d{2}(?:-\\d{2})? "
"""Pattern of a field's name and its value before a text, as rows of some datasets hold it, in the syntax common to Python and polars."""
_FIELD = re.compile(FIELD)

_LEAST = 3  # line breaks and blocks that are closed; twice as many of the tags inside lines
_SHARE = 0.4  # and one for five lines of the page
_BLOCKS = (
    "p|br|div|h[1-6]|ul|ol|li|table|tbody|thead|tr|section|article|figure|figcaption|center|hr|blockquote|pre|dl|dt|dd"
)
_CELLS = "td|th"
_UNSEEN = "style|script"
"""What browsers do not show, with all that it holds."""
_INLINE = "span|strong|b|i|em|u|a|img|font|small|big|sup|sub|o:p|code|mark|del|ins|q|cite|abbr|kbd|s|strike"
_CODES = "b|i|u|s|color|size|font|url|center|right|left|justify|quote"
_ATTRIBUTE = r"""\s+[\w:-]+(?:\s?=\s?(?:"[^"<>]*"|'[^'<>]*'|[^\s"'<>=]+))?"""
_TAG = re.compile(
    rf"<(?P<end>/?)(?P<name>{_BLOCKS}|{_CELLS}|{_INLINE})(?:{_ATTRIBUTE})*\s?/?>|<!--\s?(?:/?wp:|more|nextpage|noteaser)[^<>]*-->"
    rf"|<(?P<unseen>{_UNSEEN})\b[^<>]*>.*?</(?P=unseen)\s*>|<!--[^<>]{{0,2000}}?-->|<!\[CDATA\[|\]\]>"
    r"|\[/?(?:caption|gallery|embed|audio|video|playlist|youtube|vimeo|tweet|contact-form[\w-]*|vc_\w+|et_pb_\w+|fusion_\w+)\b[^\[\]\n]{0,400}\]"
    r"|<!--\[if [^\]\n]{1,40}\]>[^\n]{0,2000}?<!\[endif\]-->"
    rf"|\[(?P<off>/?)(?P<code>{_CODES})(?:=[^\[\]\n]{{1,200}})?\]",
    re.IGNORECASE | re.DOTALL,
)
_ALIGNS = re.compile("center|right|left|justify|size|color|font", re.IGNORECASE)
"""Tags of a forum that say how its text stands and looks."""
_BLOCK = re.compile(_BLOCKS, re.IGNORECASE)
_CELL = re.compile(_CELLS, re.IGNORECASE)
_ENDS = re.compile("[ \t\r]*(?:\n|\\Z)")
_WHOLE = re.compile(r"<(?:!doctype|html|head|body|title|meta|\?)", re.IGNORECASE)
_WORDS = re.compile("[\u0621-\u064a]{2,}")
_SENTENCE = 8
"""Arabic words that make a line a sentence."""
_LINKS = 2
_LINK = re.compile(
    r"(?P<picture>!?)\[(?P<said>[^\[\]\n]{0,300})\](?P<address>\((?:https?://|/|#)[^()\s]{0,500}(?: \"[^\"\n]{0,300}\")?\))"
)
_STARS = re.compile(r"(?<![*\\\w])\*\*(?=[^\s*])[^*\n]{1,500}(?<=[^\s*])\*\*(?![*\w])")
_LINED = re.compile(r"(?<![\w\\])__(?=[^\s_])(?:[^_\n]|_(?!_)){1,500}(?<=[^\s_])__(?!\w)")
_HEADING = re.compile(r"^[^\S\n]*(?P<mark>#{1,6} +)(?=[^ #\n])", re.MULTILINE)


def drop_tags(text: str) -> list[Repair]:
    """Text -> tags removed, and line ends where those of blocks stood."""
    tags = list(_TAG.finditer(text))
    if _WHOLE.search(text):
        return []
    if len(tags) < _LEAST or not _are_left_over(text, tags):
        tags = _find_around(text, tags)
    found = []
    last, begins = 0, True  # where the last tag ended, and whether nothing but tags has come since the line began
    for tag in tags:
        between = text[last : tag.start()].rpartition("\n")
        begins = not between[2].strip() and (begins or between[1] != "")
        name, after = tag["name"] or tag["code"] or "", ""
        if _BLOCK.fullmatch(name):
            after = "" if (begins and name.lower() != "br") or _ENDS.match(text, tag.end()) else "\n"
        elif _CELL.fullmatch(name):
            after = " "
        found.append(Repair(tag.start(), tag.end(), tag[0], after, "repair/tag"))
        last, begins = tag.end(), begins or after == "\n"
    return found


def _are_left_over(text: str, tags: list[re.Match[str]]) -> bool:
    """Text and its tags -> whether they are many, and no words of its sentences: those have spaces on either side."""
    blocks = pairs = 0
    opened: dict[str, int] = {}
    for tag in tags:
        name = (tag["name"] or tag["code"] or "br").lower()
        before, behind = text[max(tag.start() - 1, 0) : tag.start()], text[tag.end() : tag.end() + 1]
        if name == "br":
            blocks += before != " " or behind != " "
        elif not (tag["end"] or tag["off"]):
            opened[name] = opened.get(name, 0) + (behind != " ")
        elif opened.get(name) and before != " ":
            opened[name] -= 1
            pairs, blocks = pairs + 1, blocks + (_BLOCK.fullmatch(name) is not None)
    lines = sum(map(bool, map(str.strip, text.split("\n"))))
    return max(2 * blocks, pairs) >= max(2 * _LEAST, _SHARE * lines) or _are_in_sentences(text, tags)


def _find_around(text: str, tags: list[re.Match[str]]) -> list[re.Match[str]]:
    """Text and its tags -> those of a forum around what stands from the beginning of a line to the end of one, in pairs."""
    around: list[re.Match[str]] = []
    opened: re.Match[str] | None = None
    for tag in tags:
        if _ALIGNS.fullmatch(tag["code"] or "") is None:
            continue
        if not tag["off"]:
            opened = tag if not text[text.rfind("\n", 0, tag.start()) + 1 : tag.start()].strip() else None
        elif opened and opened["code"].lower() == tag["code"].lower():
            if _ENDS.match(text, tag.end()):
                around += [opened, tag]
            opened = None
    return around


def _touches(line: str, tag: re.Match[str]) -> bool:
    """Whether a tag stands against a word, a sign or the line's edge; one that is spoken of has spaces on either side."""
    before, behind = line[: tag.start()], line[tag.end() :]
    return not (before.endswith(" ") and behind.startswith(" ")) and bool(before.strip() or behind.strip())


def _are_in_sentences(text: str, tags: list[re.Match[str]]) -> bool:
    """Text and its tags -> whether many of its sentences hold one, among a site's lines that hold none; code has no sentences."""
    first = text.rfind("\n", 0, tags[0].start()) + 1
    last = text.find("\n", tags[-1].end())
    held = sentences = 0
    for line in text[first : last if last >= 0 else len(text)].split("\n"):
        if len(_WORDS.findall(_TAG.sub(" ", line))) >= _SENTENCE:
            sentences += 1
            held += any(_touches(line, tag) for tag in _TAG.finditer(line))
    return held >= _LEAST and held >= _SHARE * sentences


def drop_markdown(text: str) -> list[Repair]:
    """Text -> the signs of Markdown removed, where there are several: pictures, what a link leads to, stars and lines in pairs, headings."""
    links, stars = list(_LINK.finditer(text)), [*_STARS.finditer(text), *_LINED.finditer(text)]
    if len(links) < _LINKS and len(stars) < _LEAST:
        return []
    # A picture goes with all it holds; of a link, what is said stays.
    spans = [
        span
        for link in links
        for span in (
            [link.span()] if link["picture"] else [(link.start(), link.start("said")), (link.end("said"), link.end())]
        )
    ]
    spans += [span for star in stars for span in ((star.start(), star.start() + 2), (star.end() - 2, star.end()))]
    spans += [heading.span("mark") for heading in _HEADING.finditer(text)]
    found: list[Repair] = []
    for start, end in sorted(spans):
        if not found or found[-1].end <= start:
            found.append(Repair(start, end, text[start:end], "", "repair/markdown"))
    return found


_ESCAPED = re.compile(rf"(\\){_SIGN}")
_SIGNS = re.compile(r"[.!()#_]")
_BARE = 0.1
"""Share of such signs that may stand without a backslash: an address in the text has them."""


def part_field(text: str) -> list[Repair]:
    """Text -> a line's end behind a field's name and its value, where a text begins with them."""
    field = _FIELD.match(text)
    return [Repair(field.end() - 1, field.end(), " ", "\n", "repair/field")] if field else []


def drop_backslashes(text: str) -> list[Repair]:
    r"""Text -> the backslash removed that Markdown puts before every sign that may be one of its own: `\#`, `\.`, `\(`.

    A program writes it before all of them; who writes of a pattern or of a path does not.
    """
    escaped = list(_ESCAPED.finditer(text))
    signs = len(_SIGNS.findall(text))
    held = sum(match[0][1] in ".!()#_" for match in escaped)
    if len(escaped) < 2 * _LEAST or held < _LEAST or held < (1 - _BARE) * signs:
        return []
    return [Repair(match.start(), match.end(1), "\\", "", "repair/markdown") for match in escaped]
