"""Learn which words speak for running text, for headlines, for a site's own words: the lexicon of the zone model.

The weights are log odds with an informative Dirichlet prior (Monroe, Colaresi and Quinn 2008, "Fightin' Words"): how much
likelier a word is in one kind of line than in the other, drawn to 0 where it is rare. Only words that many lines share
are kept, so the table holds common words and no text.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from typing import Any

from etl.zones.lexicon import read_key

BODY = frozenset(("BODY", "SUBHEAD", "GLUED", "A2_BODY", "NEUTRAL"))
OTHERS = frozenset(
    ("RELATED_ITEM", "CARD_AR", "TICKER", "HEADLINE", "A2_HEADLINE", "CARD_TEASER", "SUMMARY", "CAPTION", "TWEET_TEXT")
)
"""Lines of content that are not the article's body; every label besides is a site's own words."""
PRIOR = 60.0
"""Words of the background's mixture that each kind of line is given before counting."""
LEAST_COUNT, LEAST_WEIGHT = 25, 0.35
MOST_WORDS = 1600


def split_words(line: str) -> list[str]:
    """Line -> its Arabic words, without marks and tatweel."""
    kept = "".join(c for c in line if not ("\u064b" <= c <= "\u065f" or c in "\u0670\u0640"))
    words, word = [], ""
    for c in kept + " ":
        if "\u0620" <= c <= "\u064a" or "\u066e" <= c <= "\u06d3":
            word += c
        elif word:
            words.append(word)
            word = ""
    return words


def weigh_words(left: Counter[str], right: Counter[str], least: int = LEAST_COUNT) -> dict[str, float]:
    """Counts of words in two kinds of line -> log odds of each word being of the first kind."""
    total = left + right
    n_left, n_right, n = left.total(), right.total(), max(total.total(), 1)
    weights = {}
    for word, count in total.items():
        if count < least:
            continue
        prior = PRIOR * count / n
        a, b = (left[word] + prior) / (n_left + PRIOR), (right[word] + prior) / (n_right + PRIOR)
        weight = math.log(a / b)
        if abs(weight) >= LEAST_WEIGHT:
            weights[word] = round(max(-3.0, min(3.0, weight)), 1)
    return weights


def _tables(body: Iterable[str], site: Iterable[str], titles: Iterable[str]) -> dict[str, dict[str, float]]:
    counts = {kind: (Counter[str](), Counter[str](), Counter[str]()) for kind in ("body", "site", "titles")}
    for kind, lines in (("body", body), ("site", site), ("titles", titles)):
        every, first, last = counts[kind]
        for line in lines:
            words = split_words(line)
            if words:
                every.update(words)
                first[words[0]] += 1
                last[words[-1]] += 1
    body_all, body_first, body_last = counts["body"]
    site_all, site_first, site_last = counts["site"]
    title_all, title_first, title_last = counts["titles"]
    return {
        "prose": weigh_words(body_all, site_all, 12),
        "headline": weigh_words(body_all, title_all),
        "opening": weigh_words(body_first, title_first + site_first, 12),
        "ending": weigh_words(body_last, title_last + site_last, 12),
    }


def learn_words(pages: list[dict[str, Any]], titles: Iterable[str]) -> dict[str, dict[str, float]]:
    """Labelled pages and headlines -> the tables of the lexicon; each distinct line counts once."""
    body: set[str] = set()
    site: set[str] = set()
    for page in pages:
        for line, label in zip(page["text"].split("\n"), page["labels"], strict=False):
            if label in BODY:
                body.add(line.strip())
            elif label and label not in OTHERS and label != "INLINE_RELATED":
                site.add(line.strip())
    tables = _tables(sorted(body), sorted(site), sorted(set(titles)))
    out = {}
    for name, table in tables.items():
        folded: dict[int, str] = {}
        for word in sorted(table, key=lambda w: (-abs(table[w]), w)):
            folded.setdefault(read_key(word), word)
        chosen = list(folded.values())[:MOST_WORDS]
        out[name] = {word: table[word] for word in sorted(chosen)}
    return out
