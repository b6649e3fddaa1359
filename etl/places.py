"""What a line is by where it stands: title, deck, caption, tweet, card of a related list; the rest by its zone.

These stages label lines that no phrase gave away. They run after the zones are known, and only over lines outside the
body and in boxes inside it, except for a tweet, whose attribution line gives its text away.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, NamedTuple

import polars as pl

from etl.fold import fold, fold_lines
from etl.pieces import split_pieces
from etl.values import split_summary

if TYPE_CHECKING:
    from etl.knowledge import Knowledge

_FINAL = re.compile(r"[.؟!?]\s*[\"»”’)\]'}]*\s*$")
_ENDS = ".؟!?\"»”’)]'}،"
"""Characters of which a paragraph ends in one."""
_ARABIC = re.compile("[\u0620-\u064a]")
_LATIN = re.compile("[A-Za-z]")
_WORD = re.compile(r"\w{3,}")
_PREFIX = re.compile(r"^[وفبلك]?ال|^[وفبلك](?=\w{3})")
_TEASER = re.compile(r"(?:\.\.\.?|…)\s*$")
_HASHTAGS = re.compile(r"(?:\s*#[^\s#]+)+\s*$")
_BULLET = re.compile(r"^\s*[•·▪●■◄►▶○◦‣*\-–—]\s*")


_FOLLOWING = frozenset({"date", "byline", "counter", "share", "media"})
"""Families of labels that stand below a title."""


class Line(NamedTuple):
    """A line of a page as the searches for titles and second articles see it; `key` is its folded text."""

    row: int
    text: str
    rule: str | None
    key: str = ""

    @property
    def family(self) -> str:
        """The family of its label, empty without one."""
        return self.rule.partition("/")[0] if self.rule else ""


class _Words(dict[str, tuple[str, ...]]):
    """Words as they stand -> their stems, worked out when first asked for: words repeat far more than texts."""

    def __missing__(self, token: str) -> tuple[str, ...]:
        if len(self) >= _WORDS_KEPT:
            self.clear()
        self[token] = stems = tuple(_PREFIX.sub("", word) for word in _WORD.findall(fold(token)))
        return stems


_SAME = 0.6
"""Share of the words of two headlines, of each, from which they say the same."""
_NAMED = re.compile(r"\s*[|\-–—:»>]+\s*\S")
"""What parts a headline from the name of its site, in a folded line."""
_WORDS_KEPT = 1 << 17
_words = _Words()


def _stems(text: str) -> set[str]:
    """Words of three letters and more, folded, without the article and one-letter prefixes."""
    return set().union(*map(_words.__getitem__, set(text.split(" "))))


@lru_cache(maxsize=1 << 16)
def _is_headline(text: str) -> bool:
    """Mostly Arabic, 3 to 40 words, and not a sentence: no final stop, and none inside but `..`, which parts headlines."""
    words = text.split()
    return (
        3 <= len(words) <= 40
        and len(text) <= 250
        and len(_ARABIC.findall(text)) > len(_LATIN.findall(text))
        and not re.search(r"[^.]\.\s*$|[^.\d]\.\s+\S", text)
        and not _HASHTAGS.search(text)
    )


def _says_the_same(text: str, given: str) -> bool:
    """Whether a line has most of the words of the title that came beside the page, and not many more."""
    own, wanted = _stems(text), _stems(given)
    shared = len(own & wanted)
    return shared >= _SAME * len(wanted) and shared >= _SAME * len(own)


def choose_titles(before: Sequence[Line], body: str, given: str | None) -> dict[int, str]:
    """Lines before the body -> row -> rule id, for the lines that are its title, long title, deck and captions.

    A headline is chosen by the words it shares with the text, by standing twice on the page, by what follows it (date,
    byline, share buttons). Where a title came beside the page, only a line that says the same is one. None is chosen
    without evidence, and a sentence of the body never is.
    """
    # What follows a label that stands alone is that label's value: a topic, a section, a name.
    valued = {at + 1 for at, line in enumerate(before) if line.rule and line.rule.endswith("/label-alone")}
    open_lines = [(at, line) for at, line in enumerate(before) if line.rule is None and at not in valued]
    likely = [(at, line) for at, line in open_lines if _is_headline(line.text.strip())]
    if given:
        likely = [(at, line) for at, line in likely if _says_the_same(line.text, given)]
    if not likely:
        return {}
    topic = _stems(body)
    wanted = fold(given) if given else None
    keys = [line.key for line in before]
    bullets = sum(1 for _, line in open_lines if _BULLET.match(line.text))
    scores: dict[int, float] = {}
    for at, line in likely:
        text = line.text.strip()
        stems = _stems(text)
        key = line.key
        shared = len(stems & topic)
        words = len(text.split())
        score = 2.5 * min(1.0, shared / 3) + shared / max(len(stems), 1) + min(words, 12) / 24
        # A title stands on a page twice; a short line that at once follows itself is a caption and its alternative text.
        twin = key in keys[max(at - 1, 0) : at] or key in keys[at + 1 : at + 2]
        score += -1.0 if twin and words <= 6 else 1.5 * (keys.count(key) > 1)
        score += 2.0 * (key == wanted)
        score += 0.8 * (not _FOLLOWING.isdisjoint(follower.family for follower in before[at + 1 : at + 4]))
        score += 0.4 * (at == 0) + 0.6 * (at >= len(before) - 4)
        if _BULLET.match(line.text):
            score -= 1.5 if bullets > 2 else 0.5
        scores[at] = score
    # A line that is another with the site's name behind it is the head of the document, not of the article.
    for at in list(scores):
        if any(
            keys[at] != keys[other] and _NAMED.match(keys[at], len(keys[other]))
            for other in scores
            if keys[at].startswith(keys[other])
        ):
            scores[at] -= 1.0
    labels: dict[int, str] = {}
    best = max(scores.values())
    good = [at for at in scores if scores[at] >= max(1.6, best - 1.2)]
    if good:
        first = next((at for at in good if scores[at] >= best - 0.9), good[0])
        _label_title(before, first, good, labels)
    return labels


def _label_title(before: Sequence[Line], first: int, good: list[int], labels: dict[int, str]) -> None:
    title = before[first].key
    for at, line in enumerate(before):
        if line.rule is None and line.key == title:
            labels[line.row] = "title/headline" if at == first else "title/again"
    keys = [line.key for line in before]
    longer = [at for at in good if at > first and keys[at] != title and keys.count(keys[at]) == 1]
    if longer:
        labels[before[longer[-1]].row] = "title/long"
    deck = False
    for at in range(first + 1, len(before)):
        line = before[at]
        if line.rule is not None or line.row in labels:
            continue
        text = line.text.strip()
        if not _ARABIC.search(text):
            continue
        words = len(text.split())
        final = _FINAL.search(_HASHTAGS.sub("", text))
        if words >= 10 and final and not deck:
            labels[line.row] = "summary/deck"
            deck = True
        elif 2 <= words <= 30 and not final:
            beside = [before[near].family for near in (at - 1, at + 1) if 0 <= near < len(before)]
            if keys.count(line.key) > 1 or "media" in beside or "ui" in beside:
                labels[line.row] = "media/caption"


def _apply(frame: pl.DataFrame, labels: dict[int, str]) -> pl.DataFrame:
    """Give the rows of `frame` their labels; a row that has one keeps it."""
    if not labels:
        return frame
    found = pl.DataFrame(
        {"_row": list(labels), "_rule": list(labels.values())}, schema={"_row": pl.UInt32, "_rule": pl.String}
    )
    return (
        frame.with_row_index("_row")
        .join(found, on="_row", how="left", maintain_order="left")
        .with_columns(rule=pl.coalesce("rule", "_rule"))
        .drop("_row", "_rule")
    )


def label_titles(pieces: pl.LazyFrame, know: Knowledge, given: pl.DataFrame | None = None) -> pl.LazyFrame:
    """Piece -> Piece: label title, long title, deck and captions among the lines before the body.

    `given` (id, given_title) is what the input said beside the page.
    """
    frame = pieces.collect()
    solid = frame.with_row_index("_row").filter((pl.col("article") == 0) & (pl.col("piece").str.strip_chars() != ""))
    before = solid.filter(pl.col("zone") == "before")
    wanted = before.filter(pl.col("rule").is_null())["id"].unique()
    if wanted.is_empty():
        return frame.lazy()
    text = (
        solid.filter((pl.col("zone") == "body") & pl.col("rule").is_null())
        .group_by("id", maintain_order=True)
        .agg(pl.col("piece").head(12).str.join(" "))
    )
    lines = before["piece"].unique()
    folded = pl.DataFrame({"piece": lines, "_key": fold_lines(lines)})
    before = before.join(folded, on="piece", how="left", maintain_order="left")
    bodies = dict(text.iter_rows())
    titles = dict(given.select("id", "given_title").iter_rows()) if given is not None else {}
    labels: dict[int, str] = {}
    asked = before.filter(pl.col("id").is_in(wanted.implode())).select("id", "_row", "piece", "rule", "_key")
    for page, group in groupby(asked.rows(), key=itemgetter(0)):
        found = choose_titles([Line(*row[1:]) for row in group], bodies.get(page, ""), titles.get(page))
        labels.update(found)
    return _apply(frame, labels).lazy()


def split_decks(pieces: pl.LazyFrame, know: Knowledge) -> pl.LazyFrame:
    """Piece -> Piece: a deck's call to read on becomes `promo/read-on`, its hashtags `keywords/hashtags`."""
    frame = pieces.collect()
    claims: list[tuple[int, int, int, str]] = []
    decks = frame.with_row_index("row").filter(pl.col("rule") == "summary/deck")
    for row, text, outlet in decks.select("row", "piece", "outlet").iter_rows():
        _, call, tags = split_summary(text, outlet)
        claims += [(row, *call, "promo/read-on")] if call else []
        claims += [(row, *tags, "keywords/hashtags")] if tags else []
    schema = {"row": pl.UInt32, "start": pl.Int64, "end": pl.Int64, "rule": pl.String}
    return split_pieces(frame, pl.DataFrame(claims, schema=schema, orient="row")).lazy()


def label_tweets(pieces: pl.LazyFrame, know: Knowledge) -> pl.LazyFrame:
    """Piece -> Piece: the line above a tweet's attribution is the tweet."""
    solid = pl.col("piece").str.strip_chars() != ""
    attribution = pl.col("rule") == "embed/tweet-by"
    frame = pieces.with_row_index("_row").collect()
    if not frame.select(attribution.any()).item():
        return frame.drop("_row").lazy()
    lines = frame.filter(solid).with_columns(
        _tweet=attribution.shift(-1, fill_value=False)
        & (pl.col("id") == pl.col("id").shift(-1))
        & pl.col("rule").is_null()
    )
    rows = lines.filter("_tweet")["_row"].to_list()
    return _apply(frame.drop("_row"), dict.fromkeys(rows, "embed/tweet-text")).lazy()


def label_articles(pieces: pl.LazyFrame, know: Knowledge) -> pl.LazyFrame:
    """Piece -> Piece: a second article under a read-also heading gets its own number; its title is filed as a title.

    Evidence asked for: a heading that opens other articles, then within three lines a headline, then at least three
    paragraphs of sentences in a row (labels between them aside), none of them in a list.
    """
    headings = [rule.id for rule in know.rules if rule.heading == "related"]
    frame = pieces.with_row_index("_row").collect()
    with_heading = frame.filter((pl.col("zone") == "after") & pl.col("rule").is_in(headings))["id"].unique()
    if with_heading.is_empty():
        return frame.drop("_row").lazy()
    after = frame.filter((pl.col("zone") == "after") & pl.col("id").is_in(with_heading.implode()))
    # Three paragraphs it takes: lines of eight words and more that end as a sentence does.
    end = pl.col("piece").str.strip_chars_end().str.slice(-1)
    paragraph = pl.col("rule").is_null() & (pl.col("piece").str.len_chars() >= 15) & end.is_in(list(_ENDS))
    enough = after.filter(paragraph).group_by("id").len().filter(pl.col("len") >= 3)["id"]
    if enough.is_empty():
        return frame.drop("_row").lazy()
    solid = after.filter(pl.col("id").is_in(enough.implode()) & (pl.col("piece").str.strip_chars() != ""))
    labels: dict[int, str] = {}
    articles: dict[int, int] = {}
    bodies: set[int] = set()
    for _, group in groupby(solid.select("id", "_row", "piece", "rule").iter_rows(), key=lambda row: row[0]):
        lines = [Line(row, piece, rule) for _, row, piece, rule in group]
        for number, (title, members, text) in enumerate(_second_articles(lines, set(headings)), start=1):
            labels[title] = "title/headline"
            articles |= dict.fromkeys(members, number)
            bodies |= text
    if not articles:
        return frame.drop("_row").lazy()
    # White space between the lines of an article belongs to it.
    rows = sorted(articles)
    numbered = pl.DataFrame(
        {"_row": rows, "_number": [articles[row] for row in rows]},
        schema={"_row": pl.UInt32, "_number": pl.Int32},
    )
    frame = (
        frame.join(numbered, on="_row", how="left", maintain_order="left")
        .with_columns(
            _number=pl.when(
                pl.col("_number").forward_fill().over("id") == pl.col("_number").backward_fill().over("id")
            ).then(pl.col("_number").forward_fill().over("id"))
        )
        .with_columns(
            article=pl.coalesce("_number", "article").cast(pl.Int32),
            zone=pl.when(pl.col("_row").is_in(sorted(bodies))).then(pl.lit("body")).otherwise("zone"),
        )
        .drop("_row", "_number")
    )
    return _apply(frame, labels).lazy()


def _second_articles(lines: list[Line], headings: set[str]) -> Iterable[tuple[int, set[int], set[int]]]:
    """Lines after the body -> (row of the title, rows of the article, rows of its body) for each article spliced in."""
    at = 0
    while at < len(lines):
        if lines[at].rule not in headings:
            at += 1
            continue
        start = next(
            (
                nearby
                for nearby in range(at + 1, min(at + 4, len(lines)))
                if lines[nearby].rule is None
                and _is_headline(lines[nearby].text.strip())
                and not _BULLET.match(lines[nearby].text)
            ),
            None,
        )
        if start is None:
            at += 1
            continue
        body: list[int] = []
        last = start
        for nearby in range(start + 1, len(lines)):
            line = lines[nearby]
            words = len(line.text.split())
            if (
                line.rule is None
                and words >= 8
                and (_FINAL.search(line.text) or line.text.rstrip().endswith(('"', "»", "”", "،")))
                and not _BULLET.match(line.text)
                and not _TEASER.search(line.text)
            ):
                body.append(nearby)
                last = nearby
            elif (
                line.rule is not None
                and line.rule not in headings
                and line.rule.split("/")[0] in ("related", "source", "keywords", "media", "ad", "wire", "note")
            ):
                if line.rule.split("/")[0] in ("source", "keywords", "wire"):
                    last = nearby
            else:
                break
        if len(body) >= 3:
            yield (
                lines[start].row,
                {lines[i].row for i in range(start, last + 1)},
                {lines[i].row for i in body},
            )
            at = last + 1
        else:
            at += 1


def label_rest(pieces: pl.LazyFrame, know: Knowledge) -> pl.LazyFrame:
    """Piece -> Piece: file every line outside the body that nothing has named, by its place.

    Under a heading of other articles it is `related/item`, or `related/teaser` where it is cut short; else
    `zone/before`, `zone/box` (inside the body's span) or `zone/after`.
    """
    headings = [rule.id for rule in know.rules if rule.heading == "related"]
    solid = pl.col("piece").str.strip_chars() != ""
    cue = (
        pl.when(pl.col("rule").is_in(headings))
        .then(True)
        .when(
            pl.col("rule").is_not_null()
            & ~pl.col("rule").str.contains(
                "^(?:related|headline-en|date|counter|ui|media|category|space|share|note|byline)/"
            )
        )
        .then(False)
    )
    under = cue.forward_fill().over("id").fill_null(False)
    # An editor's note on another article is the opening of that article's teaser.
    open_line = pl.col("rule").is_null() | (pl.col("rule").str.starts_with("note/") & under)
    outside = open_line & solid & (pl.col("zone") != "body").fill_null(False)
    teaser = pl.col("piece").str.contains(r"(?:\.\.\.?|…)\s*$") | (pl.col("piece").str.count_matches(r"\S+") > 25)
    place = (
        pl.when(under & (pl.col("zone") != "before"))
        .then(pl.when(teaser).then(pl.lit("related/teaser")).otherwise(pl.lit("related/item")))
        .otherwise(pl.lit("zone/") + pl.col("zone"))
    )
    return pieces.with_columns(rule=pl.when(outside).then(place).otherwise("rule"))
