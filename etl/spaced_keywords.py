"""Keywords that single spaces part: `كلمات دلالية: درعا الرمان الري` are three where the article has none of them beside another.

Aggregators and some themes print an article's tags so, and nothing on the line tells one of two words from two of one. The article
does: what stands in it word by word as it stands on the line is one keyword.
"""

from __future__ import annotations

import re

import polars as pl

from etl.fold import fold
from etl.quality import STOP_WORDS

_LEAST = 3
"""Words of a line that may be several keywords: two are as likely one."""
_SHARE = 0.5
"""Share of the line's words that the article must have: of a line it has nothing of, it tells nothing."""
_ARTICLE = re.compile(r"^(?:[وفبك]?ال|لل)(?=\w{2})")
_FUNCTION = frozenset(map(fold, STOP_WORDS))


def _bare_words(text: str) -> list[str]:
    """A text -> its words, folded and without the definite article."""
    return [_ARTICLE.sub("", word) for word in re.findall(r"\w+", fold(text))]


def part_keyword(keyword: str, article: str) -> list[str]:
    """A keyword, and its article with the title -> the keywords that it is made of, or itself alone where it is one.

    From the first word on, the longest run of words that the article has is one keyword. One that the article has as a whole is
    one, so is what reads as a phrase or a sentence, and three words of which two belong together: they are most likely a name.
    """
    words = keyword.split()
    bare = [" ".join(_bare_words(word)) for word in words]
    if len(words) < _LEAST or not all(bare) or not _FUNCTION.isdisjoint(bare):
        return [keyword]
    within = f" {' '.join(_bare_words(article))} "
    parts: list[str] = []
    at = known = 0
    while at < len(words):
        size = next((n for n in range(len(words) - at, 0, -1) if f" {' '.join(bare[at : at + n])} " in within), 0)
        known += size
        parts.append(" ".join(words[at : at + max(size, 1)]))
        at += max(size, 1)
    is_name = len(words) == _LEAST and len(parts) < _LEAST
    return [keyword] if is_name or known < _SHARE * len(words) else list(dict.fromkeys(parts))


def part_keywords(docs: pl.DataFrame) -> pl.DataFrame:
    """Document -> Document: the only keyword of a page's own line is parted where its article tells that it is several."""
    only = (pl.col("keywords").list.len() == 1) & pl.col("keywords_raw").is_not_null()
    spaced = pl.col("keywords").list.first().str.contains(r"\S\s+\S+\s+\S").fill_null(False)
    at = docs.select(only & spaced).to_series().arg_true()
    if not len(at):
        return docs
    asked = docs[at].select(pl.col("keywords").list.first(), pl.col("title").fill_null("") + "\n" + pl.col("text"))
    keywords = docs["keywords"].to_list()
    for row, (keyword, article) in zip(at, asked.iter_rows(), strict=True):
        keywords[row] = part_keyword(keyword, article)
    return docs.with_columns(keywords=pl.Series(keywords, dtype=docs.schema["keywords"]))
