"""The address that a page prints as its own, as crawls of text have no other."""

from __future__ import annotations

import re

import numpy as np
import polars as pl

from etl.addresses import canonical_url
from etl.articles import Articles
from etl.decoration import bare_line
from etl.fold import fold
from etl.outlets import is_shared_host

_LABELS = ("share/copy-link", "embed/url")
_UNNAMED = ("zone/before", "zone/after")
"""Labels of lines outside the text that no rule knows: an address in them needs a label of its own."""
_URL = re.compile(r"https?://[^\s<>\"«»،؛]+[^\s<>\"«»،؛.,)\]]")
_OWN = re.compile(
    r"[ *•|-]*(?:(?:ال)?(?:رابط|وصله)(?: (?:ال)?(?:مختصر|قصير|دائم|دائمه|خبر|مقال|ماده|موضوع|تقرير|صفحه|تدوينه|وظيفه|فتوي|وصفه|حوار|تحقيق|قصه|منشور|بيان))?(?: لهذا المحتوي)?"
    r"|(?:page |source |short )?url|url source|source_?url|link|permalink|canonical"
    r"|(?:هذه )?(?:هي )?(?:ال)?نسخه (?:من )?(?:ال)?(?:ذاكره|مخب|موقت|مخزن|محفوظ).{0,60}|this is google's cache of)[ :/|-]*"
)
"""What stands before the address of the page itself; that of a source, a site or a form is another's."""
_WHOLE = re.compile(
    r"[^\w]*(?:(?:لقراءه |اقرا )?(?:ال)?(?:خبر|مقال|نص|تقرير|قصه|ماده|تحقيق)(?: علي الموقع)? (?:كاملا|كامله|الكامل|بالكامل)(?: علي موقعنا)?)[ :/|-]*"
)
"""What a copy of a story elsewhere has before the address of the story."""
_SHARES = re.compile(r"(?:لمشاركه|شارك|مشاركه|انسخ|نسخ|copy link)(?: \S+){0,4}[ :]*")
"""A button beside which the address that it shares stands."""
_CARRIES_A_NUMBER = re.compile(r"https://[^/?]+[/?].*[0-9]")
_IS_PAGES = re.compile(r"https://[^/?]+(?:[/?].*[0-9]|/(?:[^?]*/)?[^/?-]+(?:-[^/?-]+){2,}/?$)")
"""An address with a number in it, or that ends in three words and more: that of an article, not of a site's part."""
_ANNOUNCES = re.compile(r"[:：]\s*\Z|مصدر|مصادر|مراجع|هوامش|source", re.IGNORECASE)
"""What a line has that says whose the address below it is."""
_DECK = 1
"""Lines of the text that may stand above such an address: a deck that stayed."""


def read_urls(articles: Articles) -> pl.Series:
    """Articles -> the address that each document's page prints as its own; null where one came with the page.

    It stands outside the text, on a line of its own: behind a label (`رابط الخبر: …`), below a button that shares it, or with a number in
    it and below no line that announces it. Where such lines name two pages nobody knows; posts and shortened links are no page's; a second article has none.
    """
    lacks = articles.pages["url"].is_null().to_numpy()[articles.page] & (articles.article[articles.doc] == 0)
    unnamed = articles.by_label(lambda label: label in _UNNAMED) > 0
    rows = np.flatnonzero(((articles.by_label(lambda label: label in _LABELS) > 0) | unnamed) & lacks)
    lines = articles.pieces["piece"]
    rows = rows[lines.gather(rows).str.contains("://", literal=True).to_numpy()]
    stays = np.flatnonzero(articles.kept & (articles.size > 1))
    first, end = (np.searchsorted(articles.page[stays], articles.page[rows], side) for side in ("left", "right"))
    told: dict[int, dict[str, str]] = {}
    for row, text in zip(rows.tolist(), map(slice, first, end), strict=True):
        match = _URL.search(lines[row])
        address = canonical_url(match[0]) if match else None
        of_text = stays[text]
        is_outside = len(of_text) <= _DECK or not of_text[_DECK] < row < of_text[-1]
        if not match or not address or is_shared_host(address) or not is_outside:
            continue
        # The mark stands for the address: a link's number is one before something.
        label = fold(bare_line(lines[row][: match.start()] + "x")[:-1])
        above = _line_above(articles, row)
        is_whole = _WHOLE.fullmatch(label) and _IS_PAGES.match(address)
        is_shared = not label and _SHARES.fullmatch(fold(above)) is not None
        is_told = (
            _OWN.fullmatch(label) or is_whole if label else _OWN.fullmatch(fold(above)) or not _ANNOUNCES.search(above)
        )
        if is_told and (label or not unnamed[row]) and (label or is_shared or _CARRIES_A_NUMBER.match(address)):
            told.setdefault(int(articles.doc[row]), {}).setdefault(address, match[0])
    found = {doc: next(iter(urls.values())) for doc, urls in told.items() if len(urls) == 1}
    empty = pl.Series([None], dtype=pl.String).new_from_index(0, len(articles))
    return empty.scatter(list(found), list(found.values()))


def _line_above(articles: Articles, row: int) -> str:
    """Articles, a piece -> the line above it on its page that is not empty."""
    above = row - 1
    while above >= 0 and articles.page[above] == articles.page[row]:
        line = str(articles.pieces["piece"][above]).strip()
        if line:
            return line
        above -= 1
    return ""
