"""HTML: the text of a page, line by line, and what its markup says of title, date, author, outlet."""

from __future__ import annotations

import quopri
import re
from collections.abc import Collection, Iterator
from hashlib import sha256
from html import escape
from importlib.metadata import version

from resiliparse.extract.html2text import extract_plain_text
from resiliparse.parse.html import HTMLTree

from etl.read.files import File
from etl.read.headline import LONG
from etl.read.markup import drop_site_keywords, take_markup
from etl.read.neighbours import part_neighbours
from etl.read.next_articles import drop_next_articles
from etl.read.params import ReadParams
from etl.read.row import Fault, Page, sound
from etl.read.streams import Opened, read_whole
from etl.read.text import begin_page, decode_page

EXTRACTOR = f"resiliparse {version('resiliparse')}"
_VOTER_VERSIONS = f"readability-lxml {version('readability-lxml')}, trafilatura {version('trafilatura')}"
LEAST_MAIN = 0.25
"""Share of the page's long lines that the main part must hold; below it the extractor has lost the article.
The least on six saved pages of five sites is 0.43."""
LEAST_VOTED = 0.25
"""Share of the main part's long lines that a vote must keep; below it the voters have lost the article. The
least on the same pages is 0.45."""
VOTED_BYTES = 500_000
"""Code points of HTML up to which a vote is held; beyond it the voters take minutes."""

_QUOTED, _LEAST_QUOTED = re.compile(rb"""\s\w+=3D["']"""), 3
"""An attribute in quoted-printable, and those of a page that is in nothing else."""
BULLET = "• "
LIST_DEPTH = 3
"""Lists inside lists that are looked at."""

_LIST = re.compile(r"<ul\b[^<>]*>((?:[^<]|<(?!/?ul\b))*)</ul\s*>", re.IGNORECASE)
_ITEM = re.compile(r"<li\b[^<>]*>\s*(?:<p\b[^<>]*>\s*)?", re.IGNORECASE)
_CHECKED = re.compile(r"(<li\b[^<>]*>)\s*<label\b[^<>]*>\s*<input\b[^<>]*checkbox[^<>]*>", re.IGNORECASE)
"""An ingredient with a box to tick: the extractor takes it for a form."""
_ITEM_END = re.compile(r"</li\s*>", re.IGNORECASE)
_LINK = re.compile(r"<a\b[^<>]*>(?:[^<]|<(?!/?a\b))*</a\s*>", re.IGNORECASE)
_ANY_TAG = re.compile(r"<[^<>]*>")
_CHARSET = re.compile(
    rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w.:\-]+)|<\?xml[^>]{0,100}?encoding\s*=\s*[\"']([\w.:\-]+)",
    re.I,
)
_TAG = re.compile(
    r"<(/?)(?!(?:area|base|br|col|embed|hr|img|input|link|meta|param|source|track|wbr|"
    r"p|li|dt|dd|tr|td|th|tbody|thead|option)\b)"
    r"[a-zA-Z][^<>]{0,2000}?(/?)>"
)
_DOCUMENT = re.compile(r"<(?:html|body|!doctype)\b", re.IGNORECASE)
_BLOCK_END = re.compile(r"</(?:p|div|body|html|article|section|table|ul|h[1-6])\s*>", re.IGNORECASE)


def unquote(data: bytes) -> bytes:
    """Bytes of a page of HTML -> the same, decoded where all of it is in quoted-printable, as a mail holds a page."""
    if not data.isascii() or len(_QUOTED.findall(data)) < _LEAST_QUOTED:
        return data
    return quopri.decodestring(data)


def declared_charset(data: bytes) -> str | None:
    """Return the encoding that the first 4,096 bytes of a page declare, if they do."""
    found = _CHARSET.search(data, 0, 4096)
    return (found[1] or found[2]).decode("ascii", "replace") if found else None


def is_markup(text: str) -> bool:
    """Whether a record's text is HTML after all: it begins with a tag and closes a block."""
    return text.lstrip()[:1] == "<" and _BLOCK_END.search(text) is not None


def measure_depth(html: str, limit: int) -> int:
    """Return how deep the tags are open inside one another, roughly; counting ends beyond `limit`."""
    depth = deepest = 0
    for tag in _TAG.finditer(html):
        if tag[1]:
            depth = max(depth - 1, 0)
        elif not tag[2]:
            depth += 1
            if depth > deepest:
                deepest = depth
                if deepest > limit:
                    break
    return deepest


def keep_lists(html: str) -> str:
    """Turn lists of text into blocks with bullets: the extractor takes every unordered list for a menu."""
    html = _CHECKED.sub(r"\1", html)
    for _ in range(LIST_DEPTH):
        changed = _LIST.sub(_keep_list, html)
        if changed == html:
            break
        html = changed
    return html


def _keep_list(found: re.Match[str]) -> str:
    inner = found[1]
    if 2 * _length(_LINK.sub("", inner)) <= _length(inner):
        return found[0]
    return f"<div>{_ITEM_END.sub('</div>', _ITEM.sub(f'<div>{BULLET}', inner))}</div>"


_DROPPED = re.compile(r"<(/?)(figure|figcaption|option|select|datalist|button|label)(?=[\s/>])", re.IGNORECASE)
"""Elements whose text the extractor leaves out, as a caption's or a form's, wherever they stand."""
_SHOWN_AS = {
    "figure": "div", "figcaption": "div", "select": "div", "option": "dd", "datalist": "template", "button": "span",
    "label": "span",
}  # fmt: skip
"""What is shown alike: lines of their own, parts of a line; what a field suggests is not shown. As `option`, `dd` needs no end."""
_TYPED = re.compile(r"<textarea\b[^<>]*>(.*?)</textarea\s*>", re.IGNORECASE | re.DOTALL)
_HIDDEN = ["[hidden]", '[style*="display:none"]', '[style*="display: none"]']


def show_dropped(html: str) -> str:
    """HTML -> the same, where captions and what forms show are elements whose text the extractor takes."""
    html = _TYPED.sub(lambda found: f"<div>{escape(found[1], quote=False)}</div>", html)
    return _DROPPED.sub(lambda found: f"<{found[1]}{_SHOWN_AS[found[2].lower()]}", html)


_PICTURED = re.compile(r"<(/?)(?:figure|figcaption)(?=[\s/>])", re.IGNORECASE)


def find_captions(html: str, title: str | None = None) -> list[str]:
    """HTML -> the lines of its captions, each once; one that says no more than the title is none."""
    if "<figcaption" not in html.lower():
        return []
    body = HTMLTree.parse(html).body
    found = body.query_selector_all("figcaption") if body else []
    texts = (str(extract_plain_text(_PICTURED.sub(r"<\1div", one.html), alt_texts=False)) for one in found)
    lines = (" ".join(line.split()) for text in texts for line in text.split("\n"))
    return list(dict.fromkeys(line for line in lines if line and line != title))


def _length(html: str) -> int:
    return len("".join(_ANY_TAG.sub("", html).split()))


def extract_text(
    html: str, params: ReadParams, title: str | None = None, captions: Collection[str] = ()
) -> tuple[str, str]:
    """Page -> its text, a block a line, and the extractor that made it, with its version; `title` and `captions` are known already."""
    if params.html == "full" or not _DOCUMENT.search(html):
        return extract_shown(html), f"{EXTRACTOR} full"
    tree = HTMLTree.parse(_PICTURED.sub(r"<\1div", html) if captions else html)
    everything = str(extract_plain_text(tree, alt_texts=False))
    main = str(extract_plain_text(tree, main_content=True, comments=False, alt_texts=False))
    if not main.strip() or _mass(main) < LEAST_MAIN * _mass(everything):
        return extract_shown(html), f"{EXTRACTOR} full"
    if params.html == "voted" and len(html) <= VOTED_BYTES:
        from etl.read.votes import vote_lines  # its voters take a quarter of a second to import

        voted, voters = vote_lines(html, main, title, captions)
        if voted and _mass(voted) >= LEAST_VOTED * _mass(main):
            return _give_lead(voted, everything, title), f"{EXTRACTOR} main, two of {voters} ({_VOTER_VERSIONS})"
    return _give_lead(main, everything, title), f"{EXTRACTOR} main"


def extract_shown(html: str) -> str:
    """Page -> all the text that it shows, a block a line.

    What is hidden is left out, unless that is most of the page: a script will show it then.
    """
    tree = HTMLTree.parse(show_dropped(html))
    everything, shown = (
        str(extract_plain_text(tree, alt_texts=False, skip_elements=skipped)) for skipped in (None, _HIDDEN)
    )
    return shown if shown.strip() and _mass(shown) >= LEAST_MAIN * _mass(everything) else everything


_GOES_ON = re.compile(
    "و(?:أضاف|تابع|قال|أكد|أوضح|أشار|لفت|ذكر|شدد|استطرد|اعتبر|أكمل|أردف|نوه|صرح)ت?(?![\u0621-\u064a])"
)
"""How a sentence opens that has another above it: "and he added"."""
_LEAD_WITHIN = 8
"""Lines above the first paragraph among which its lead stands."""


def _give_lead(text: str, everything: str, title: str | None) -> str:
    """Main part, all the text of a page, its title -> the main part with its lead, where the extractor has left it out.

    It has where the first paragraph goes on: some sites put the lead into a box of its own, below the title.
    """
    lines = text.split("\n")
    at = next((number for number, line in enumerate(lines) if len(line.strip()) >= LONG), None)
    if at is None or not _GOES_ON.match(lines[at].strip()):
        return text
    whole = [line.strip() for line in everything.split("\n")]
    first = lines[at].strip()
    place = whole.index(first) if first in whole else 0
    begin = next(
        (row + 1 for row in range(place - 1, -1, -1) if title and title in whole[row] and len(whole[row]) < LONG), place
    )
    for lead in reversed(whole[max(place - _LEAD_WITHIN, begin) : place]):
        if len(lead) >= LONG and lead.endswith((".", '."', "!", "؟", ".»", ".”")) and lead not in text:
            return "\n".join([*lines[:at], lead, *lines[at:]])
    return text


def _mass(text: str) -> int:
    return sum(len(line) for line in map(str.strip, text.split("\n")) if len(line) >= LONG)


def read_markup(page: Page, html: str, params: ReadParams) -> None:
    """Fill a page from its HTML: text, extractor, what the markup says; raise Fault where it is too deep."""
    depth = measure_depth(html, params.max_depth)
    if depth > params.max_depth:
        reason = f"{page.path}: tags more than {params.max_depth} deep inside one another (read.max_depth)"
        raise Fault("too-deep", reason, float(depth))
    html, followers = drop_next_articles(sound(html)) if params.html != "full" else (sound(html), 0)
    site = take_markup(page, html)
    text = part_neighbours(keep_lists(html))
    title = page.given.get("title")
    page.captions = find_captions(text, title)
    page.raw, page.extractor = extract_text(text, params, title, page.captions)
    if followers:
        page.extractor = f"first of {followers + 1} articles, {page.extractor}"
    if site is not None:
        drop_site_keywords(page, site)


def read_html(file: File, opened: Opened, params: ReadParams) -> Iterator[Page]:
    """HTML file -> its one page."""
    page = begin_page(file)
    try:
        data = read_whole(opened, file.path, params.max_page_bytes)
        plain = unquote(data)
        text = decode_page(page, plain, params, declared_charset(plain))
        page.source_sha256 = sha256(data).hexdigest() if plain is not data else page.source_sha256
        read_markup(page, text, params)
        page.fault = opened.fault
    except Fault as fault:
        page.fault = fault
    yield page
