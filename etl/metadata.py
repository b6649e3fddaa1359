"""Filed pieces -> fields. Taking a date line out of the body and learning the date are one act: filing a span.

Every field but those that the input gave beside the page is read from pieces of that page, so the audit says where.
The filed pieces of many pages are one table, and what a piece says is parsed once for each different text.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import polars as pl

from etl.around import first_rows
from etl.arrays import AnyInts, Flags, expand
from etl.articles import Articles, make_lists, or_null
from etl.bylines.credits import (
    agencies_behind,
    agencies_beside,
    author_by_place,
    author_of_date,
    author_of_post,
    author_of_source,
    author_of_title,
    own_of_dateline,
    parse_author,
    parse_dateline,
    parse_source,
    source_from_promo,
)
from etl.dates import PUBLISHED, parse_date, read_both
from etl.dates.day_order import settle_day, settle_given
from etl.dates.lines import tell_changes
from etl.dates.order_table import GIVEN, PAGE
from etl.dates.outlet_orders import comes_first
from etl.decoration import bare_value
from etl.distinct import distinct
from etl.fold import WHITE, fold, fold_texts
from etl.names import bare_name
from etl.outlets import outlet_from_text, outlet_from_url
from etl.pieces import rows_where
from etl.values import Embed, bare_title, parse_breadcrumb, parse_category, parse_tweet, split_keywords
from schemas.columns import EMBEDS

KINDS = {
    name: number
    for number, name in enumerate(
        (
            "title/headline", "title/long", "summary/deck", "headline-en/own", "headline-en/card", "related/item",
            "related/teaser", "related/heading-", "related", "media/caption", "embed/tweet-text", "embed/tweet-by",
            "note/correction", "note", "date", "source", "follow", "byline", "dateline", "category", "keywords",
            "source/own-name", "dateline/own-name", "byline/place-agency", "byline/town-agency", "byline/follow-ups", "byline/latin-names", "byline/signature", "byline/answerer",
            "byline/aggregator", "wire/initials-agencies", "site/breadcrumb", "site/blog-poster",
        )
    )
}  # fmt: skip
"""What is told apart of filed pieces, by number: a label, labels that begin alike, or the rest of a family."""
_NAMES = tuple(KINDS)
READ_FROM = {
    "title": ("title/headline",),
    "title_long": ("title/long",),
    "summary": ("summary/deck",),
    "headline_en": ("headline-en/own",),
    "date": ("date", "byline", "byline/follow-ups", "byline/aggregator", "byline/latin-names", "dateline"),
    "source": (
        "source", "byline/aggregator", "source/own-name", "follow", "dateline", "dateline/own-name", "byline/place-agency",
        "byline/town-agency", "byline/follow-ups", "wire/initials-agencies", "byline",
    ),
    "author": ("byline", "byline/follow-ups", "byline/aggregator", "byline/answerer", "byline/signature", "byline/latin-names", "title/headline", "source", "date", "site/blog-poster"),
    "dateline": ("dateline", "dateline/own-name"),
    "category": ("category", "site/breadcrumb"),
    "keywords": ("keywords",),
    "captions": ("media/caption",),
    "related": ("related/item", "related/teaser", "related", "headline-en/card"),
    "embeds": ("embed/tweet-text", "embed/tweet-by"),
}  # fmt: skip
"""Fields that people are shown, and the kinds of pieces that each is read from, the one that says it best first. What the input
gave beside the page, under the field's name, counts where no such piece says it; of a source, before all but its own lines."""
_RELATED = ("related", "related/item", "related/teaser", "related/heading-")
_RUN = rf"[{WHITE}]{{2,}}|[{WHITE}--\x20]"
_BEFORE, _BEHIND = "•·▪●■◄►▶○◦‣*|<>[](){}-–—/#", "|<>[]{}*"
_BEFORE_BRACKET = "".join(sign for sign in _BEFORE if sign not in "()[]")
_CLOSED = r"[^\s\[\]]\s*\[[^\[\]]+\]\s*$"
"""A text that ends in words in square brackets."""
_OPENED = r"^[^\p{L}\p{N}]*[(\[][^()\[\]]+[)\]].*[^)\]\s]\s*$"
"""A text that begins with words in brackets, and goes on."""
_SIGNS_BEFORE = r"^[\s\x{2190}-\x{21ff}\x{25a0}-\x{27bf}\x{2b00}-\x{2bff}\x{1f300}-\x{1faff}\x{fe0f}]+"
_HEADLINE = rf"(?:[^{WHITE}]+[{WHITE}]+){{2}}[^{WHITE}]"
"""Three words: what is shorter under a heading of other articles is a section or an author."""
_LINK_LABEL = (
    r"^(?:[^:|.\-–—>←]{2,30}?\s*(?:[:|：]|\.{2,}|>+|←|»|\s[-–—]\s)\s*"
    r"|\S+\s+(?:المزيد|أيضاً|أيضا|أيضًا|ايضا|ايضاً|ايضًا)\s+)(\S)"
)
_SPOKEN = tuple(
    map(fold, ("التعليق على", "شرح الصورة", "تعليق الصورة", "image caption", "video caption", "media caption"))
)
_DATED = r"\d{1,4} ?[/.\-] ?\d{1,2} ?[/.\-] ?\d{2,4}|(?:^|\D)\d{4}(?:\D|$|\d{1,2} (?:دقائق|دقيقة))"
_ITEM_DATE = r"^\W*GMT \d"
"""How a network of sites dates its lists of other articles: the zone of time stands before the time."""
_WIRE_HEAD = r"^[^\d\W]+(?: [^\d\W]+)* (?:في )?\d{1,2} .*\d{4} ?(?:هـ?|م)? ?[(/]?[^\d\W]{2,}"
_PAPER = r"نشر في (.+?) يوم \d"
"""The paper in an aggregator's line."""
_CAPTION_LABEL = re.compile(r"[^،,:]{4,30}[،,:] *")


@lru_cache(maxsize=1 << 12)
def _kind(label: str) -> int:
    family = label.split("/")[0]
    if label == "date/ticker-item":  # of another article
        return -1
    if label == "related/card":
        label = "related/item"
    elif family == "note" and "correction" in label:
        label = "note/correction"
    for begins in ("related/heading-", "media/caption", "byline/follow-ups"):
        label = begins if label.startswith(begins) else label
    return KINDS.get(label, KINDS.get(family, -1))


def rank_label(field: str, label: str | None) -> int | None:
    """A field, the label of a piece -> where its kind stands among those that the field is read from; None: not among them."""
    number = -1 if label is None else _kind(label)
    kinds = READ_FROM[field]
    return kinds.index(_NAMES[number]) if number >= 0 and _NAMES[number] in kinds else None


@dataclass(frozen=True)
class Filed:
    """The labelled pieces that say something of their article, by document (of `count`), in page order.

    `text` has no white space around it; `kind` is one of KINDS; `line` counts the lines with text; `start` and `end` are
    those of each document's first and last line of the body.
    """

    count: int
    doc: AnyInts
    line: AnyInts
    kind: AnyInts
    zone: pl.Series
    text: pl.Series
    start: AnyInts
    end: AnyInts

    def rows(self, *kinds: str, of: pl.Series | None = None) -> AnyInts:
        """Return the rows of these kinds; `of` chooses among all rows, and null is no."""
        which = np.isin(self.kind, [KINDS[kind] for kind in kinds])
        return np.flatnonzero(which if of is None else which & of.fill_null(False).to_numpy())

    def first(self, rows: AnyInts) -> AnyInts:
        """Rows, in the order in which they count -> the first of each document, -1 where there is none."""
        return first_rows(self.doc[rows], self.count, rows)

    def first_value(self, rows: AnyInts, values: pl.Series) -> pl.Series:
        """Rows, in the order in which they count, a value for each -> the first of each document that says something."""
        some = np.flatnonzero((values != "").fill_null(False).to_numpy())
        return values.gather(or_null(first_rows(self.doc[rows[some]], self.count, some)))

    def different(self, rows: AnyInts, values: pl.Series) -> pl.Series:
        """Rows, and a value for each -> the different values of each document that say something, as lists."""
        table = pl.DataFrame({"doc": self.doc[rows], "value": values}).filter(pl.col("value") != "")
        table = table.unique(maintain_order=True)
        return make_lists(table["value"], table["doc"].to_numpy(), self.count)

    def any(self, rows: AnyInts) -> pl.Series:
        """Rows -> which documents have any of them."""
        has = np.zeros(self.count, dtype=np.bool_)
        has[self.doc[rows]] = True
        return pl.Series(has)


_FAR = 1 << 20
"""Lines from any other to the body of an article that has none."""


def file_pieces(articles: Articles) -> Filed:
    """Articles -> what their pieces say of them."""
    kind = articles.by_label(_kind)
    rows = np.flatnonzero(kind >= 0)
    doc = articles.doc[rows]
    if (doc[1:] < doc[:-1]).any():
        order = np.argsort(doc, kind="stable")
        rows, doc = rows[order], doc[order]
    pieces = articles.pieces
    text = pieces["piece"].gather(rows).str.strip_chars()
    line = np.cumsum((pieces["piece"] != "\n").to_numpy())
    body = rows_where(pieces["zone"] == "body")
    start = first_rows(articles.doc[body], len(articles), line[body], -_FAR)
    end = first_rows(articles.doc[body][::-1], len(articles), line[body][::-1], -_FAR)
    return Filed(len(articles), doc, line[rows], kind[rows], pieces["zone"].gather(rows), text, start, end)


def parse_once(texts: pl.Series, parse: Callable[[str], str | None]) -> pl.Series:
    """Texts and what reads one -> what it says of each, asked once for each different text."""
    once, place = distinct(texts)
    return pl.Series([parse(text) for text in once], dtype=pl.String).gather(place)


def tidy(texts: pl.Series) -> pl.Series:
    """Texts without the ornament around them, white space as single spaces; a bracket that opens what the text closes is none."""
    at = texts.str.contains(r"\[[0-9]|[a-z]_[a-z]").fill_null(False).arg_true()
    texts = texts.scatter(at, [bare_value(text) for text in texts.gather(at)]) if len(at) else texts
    bare = (
        texts.str.replace(_SIGNS_BEFORE, "").str.strip_chars_start(WHITE + _BEFORE).str.strip_chars_end(WHITE + _BEHIND)
    )
    opened = texts.str.contains(_OPENED).fill_null(False) & ~bare.str.contains(r"^[(\[]").fill_null(False)
    at = opened.arg_true()
    if len(at):
        whole = texts.gather(at).str.strip_chars_start(WHITE + _BEFORE_BRACKET).str.strip_chars_end(WHITE + _BEHIND)
        bare = bare.scatter(at, whole)
    closed = texts.str.contains(_CLOSED).fill_null(False).arg_true()
    if len(closed):
        bare = bare.scatter(closed, bare.gather(closed) + "]")
    return bare.str.replace_all(_RUN, " ")


def _bare_titles(titles: pl.Series) -> pl.Series:
    """Titles -> the same without the names of desks that agencies put before them, without labels, and once each."""
    return pl.Series([bare_title(title) if title else title for title in titles], dtype=pl.String)


def _caption(text: str) -> str:
    """A caption's line -> the caption, without the label that stands before it on a broadcaster's page."""
    label = _CAPTION_LABEL.match(text)
    return text[label.end() :] if label and fold(text).startswith(_SPOKEN) else text


_UNSET = re.compile(
    r"(?<!\d)(?:0?1 يناير[,،]? 1970|يناير 0?1[,،]? 1970|1970([-/.])0?1\1(?:0?1)|0?1([-/.])0?1\2(?:1970))(?!\d)"
)
"""The day that a system writes where none is set."""


def _parse_dates(texts: pl.Series) -> pl.DataFrame:
    once, place = distinct(texts)
    found = [parse_date(_UNSET.sub(" ", fold(text)) if "70" in text or "٧٠" in text else text)[:2] for text in once]
    return pl.DataFrame(found, schema={"date": pl.Date, "precision": pl.String}, orient="row")[place]


def _tells_publication(filed: Filed, dates: AnyInts) -> Flags:
    """Date lines -> which of them stand below the title and do not tell when the page was changed.

    What a label alone on its line says, it says of the line below.
    """
    text = filed.text.gather(dates)
    changed = tell_changes(text).copy()
    alone = ~text.str.contains(r"\d").to_numpy()
    changed[1:] |= changed[:-1] & alone[:-1] & (np.diff(dates) == 1)
    title = filed.first(filed.rows("title/headline"))[filed.doc[dates]]
    told: Flags = ~changed & (title >= 0) & (dates > title)
    return told


_ROW_DATE = r"^date \d{4}-"
"""How the row of a dataset tells, before its text, when that came out."""
_POST_DATE = r"^قديم |رقم المشاركه|^\d\d-\d\d-\d{4}, \d\d:\d\d [ap]m$"
"""How a forum dates a post, above all that it tells of its writer."""
_OVER = 2
"""Lines from a date down to the title within which it is of the post below, as blogs have it."""
_CLOCK_LABEL = r"^\W*(?:التوقيت|تاريخ اليوم|اليوم هو) "
"""What a site calls its clock."""
_NOW = r"\d{1,2}[:.]\d{2} ?(?:صـ?|مـ?|[ap]m)? ?[-|]? ?\d{1,2} \S+(?: \S+)? 1[34]\d\d"
"""A time of day and the day of the Hijri year behind it: above the title the clock of a site's head, as a system of Egypt's papers writes
it. So it stands on seven pages built like real ones; when the text came out is on another line of these, or on none."""
_HEADER = 5
"""Lines from a date to the title below it beyond which it is that of the site's head, which changes by the day: so on four of 66 pages
built like real ones, which have no other."""


def _tells_visit(filed: Filed, dates: AnyInts, given: pl.Series) -> Flags:
    """Date lines, what the input gave -> which of them stand above the title and tell another day than it, by more than one, or stand in
    the head of the page, a menu or headlines of others above the title.

    A day more or less is the same moment in another zone of time; a line that speaks of publication or of a printed issue tells of no
    visit.
    """
    title = filed.first(filed.rows("title/headline"))[filed.doc[dates]]
    says = fold_texts(filed.text.gather(dates)).str.contains(f"{PUBLISHED}|عدد|{_ROW_DATE}|{_POST_DATE}").to_numpy()
    above = (dates < title) & ~says
    at = np.flatnonzero(above & given.is_not_null().to_numpy()[filed.doc[dates]])
    told = _parse_dates(filed.text.gather(dates[at]))["date"]
    gave = _parse_dates(given.gather(filed.doc[dates[at]]))["date"]
    visit: Flags = above & (filed.line[title] - filed.line[dates] > _HEADER)
    # Between the site's clock and the title stand the headlines of the day.
    others = filed.rows(*_RELATED, of=filed.zone == "before")
    visit |= filed.text.gather(dates).str.contains(_CLOCK_LABEL).to_numpy()
    visit |= above & (np.searchsorted(others, title) > np.searchsorted(others, dates))
    visit |= (above | (title < 0) & ~says) & filed.text.gather(dates).str.contains(_NOW).to_numpy()
    visit[at] |= ((told - gave).dt.total_days().abs() > 1).fill_null(False).to_numpy()
    return visit


def read_dates(
    filed: Filed, given: pl.Series, pages: pl.Series, day_first: pl.Series, day_first_given: pl.Series
) -> pl.DataFrame:
    """Date lines of articles, what the input gave, their pages, whether the day comes first in these outlets' dates on pages
    and in those that were given (null: nobody knows) -> (date, date_raw, date_precision), a row a document.

    Of a page's dates it is the last one before the body, else the first one right after it, else that of a wire story's dateline: those in
    a header or of related articles stand further away. Below the title one of publication goes before one of change. A byline may have
    the date on its line. Which of two days it means the page may say, what was given, or the outlet's other pages. What was given
    is used where the page itself states no day, or only one above the title that is days away, which is that of the visit.
    """
    dated = (filed.text.str.contains(_DATED) & filed.zone.is_in(["before", "body"])).to_numpy()
    is_date = (filed.kind == KINDS["date"]) & filed.zone.is_in(["before", "body", "box"]).to_numpy()
    is_byline = np.isin(
        filed.kind, [KINDS[kind] for kind in ("byline", "byline/follow-ups", "byline/aggregator", "byline/latin-names")]
    )
    before = np.flatnonzero(is_date | (is_byline & dated))
    after, related = (filed.first(filed.rows(*kinds, of=filed.zone == "after")) for kinds in (("date",), _RELATED))
    after = after[(after >= 0) & ((related < 0) | (after < related))]
    after = after[~filed.text.gather(after).str.contains(_ITEM_DATE).to_numpy()]
    published = before[_tells_publication(filed, before)]
    # A day between the paragraphs may be that of a link.
    above = (filed.zone.gather(published) == "before").fill_null(False).to_numpy()
    # A wire story says in its first lines when it was sent, with the year, where nothing else does; one further down is quoted.
    sent = filed.rows("dateline", of=filed.text.str.contains(r"(?:^|\D)(?:19|20|١٩|٢٠)\d{2}(?:\D|$)"))
    sent = sent[given.is_null().to_numpy()[filed.doc[sent]] & (filed.line[sent] - filed.start[filed.doc[sent]] <= 1)]
    title = filed.first(filed.rows("title/headline"))[filed.doc[before]]
    near = before[(title > before) & (filed.line[title] - filed.line[before] <= _OVER)]
    head = before[(filed.zone.gather(before) == "before").fill_null(False).to_numpy() & (before > title)]
    order = (published[above], head, near, published[~above], before)
    rows = np.concatenate([*(rows[::-1] for rows in order), after, sent])
    rows = rows[~_tells_visit(filed, rows, given)]
    # Without a digit a line is the word for "date", or a time ago, and states none.
    rows = rows[filed.text.gather(rows).str.contains(r"\d").to_numpy()]
    raw = filed.first(rows)
    # Most pages have a date in the line that is looked at first; where there is none, the others are read.
    certain = pl.col("date").is_not_null() | (pl.col("precision") == "ambiguous")
    looked = raw[raw >= 0]
    told = _parse_dates(filed.text.gather(looked)).with_columns(row=looked).filter(certain)
    open_ = np.ones(filed.count, dtype=np.bool_)
    open_[filed.doc[told["row"].to_numpy()]] = False
    rest = rows[open_[filed.doc[rows]]]
    told = told.vstack(_parse_dates(filed.text.gather(rest)).with_columns(row=rest).filter(certain))
    chosen = first_rows(filed.doc[told["row"].to_numpy()], filed.count, np.arange(len(told)))
    told = told.select(pl.all().gather(or_null(chosen)))
    told = _settle_days(filed, told, _list_stated(filed, told, given), pages, day_first)
    coarse = told["precision"].is_in(["month", "year"]).fill_null(False)
    given = given.set(pl.Series(chosen >= 0) & ~coarse, "").fill_null("")
    gave = settle_given(given, _parse_dates(given), day_first_given)
    said = pl.coalesce(filed.text.gather(told["row"]), filed.text.gather(or_null(raw)), given.replace("", None))
    # A month of the page is less than a day that was given.
    finer = coarse & (gave["precision"] == "day").fill_null(False)
    return told.select(
        date=pl.when(finer).then(gave["date"]).otherwise(pl.coalesce("date", gave["date"])),
        date_raw=pl.when(finer).then(given).otherwise(said),
        date_precision=pl.when(finer).then(gave["precision"]).otherwise(pl.coalesce("precision", gave["precision"])),
    )


def _list_stated(filed: Filed, told: pl.DataFrame, given: pl.Series) -> dict[int, set[dt.date]]:
    """The date line of each document (date, precision, row), what was given -> of each document whose line is in doubt the days that
    its other lines and what was given state.

    Of lines above the title, which may tell today, and of those behind the text, which are other articles', only a day that the
    line in doubt may mean.
    """
    doubtful = (told["precision"] == "ambiguous").arg_true().to_numpy()
    days: dict[int, set[dt.date]] = {int(doc): set() for doc in doubtful}
    if not days:
        return days
    rows = filed.rows("date", "embed/tweet-by")
    rows = rows[np.isin(filed.doc[rows], doubtful)]
    title = filed.first(filed.rows("title/headline"))[filed.doc[rows]]
    zone = filed.zone.gather(rows)
    near = zone.is_in(["body", "box"]).to_numpy() | ((zone == "before").to_numpy() & (rows > title) & (title >= 0))
    both = {int(doc): set(read_both(filed.text[told["row"][int(doc)]])) for doc in doubtful}
    stated = _parse_dates(filed.text.gather(rows)).with_columns(doc=filed.doc[rows], near=near)
    for day, precision, doc, is_near in stated.iter_rows():
        if precision == "day" and (is_near or day in both[doc]):
            days[doc].add(day)
    gave = _parse_dates(given.gather(doubtful).fill_null(""))
    for doc, (day, precision) in zip(doubtful.tolist(), gave.iter_rows(), strict=True):
        if precision == "day":
            days[doc].add(day)
    return days


def _settle_days(
    filed: Filed, told: pl.DataFrame, days: dict[int, set[dt.date]], pages: pl.Series, day_first: pl.Series
) -> pl.DataFrame:
    """The date line of each document (date, precision, row), the days that are stated beside those in doubt, the pages, what their
    outlets write first -> the same; which of two days one means these may say.

    An aggregator writes the day first.
    """
    doubtful = (told["precision"] == "ambiguous").arg_true()
    settled: dict[int, dt.date] = {}
    asked = told["row"], pages, day_first
    for doc, row, page, order in zip(doubtful, *(some.gather(doubtful) for some in asked), strict=True):
        is_day_first = filed.kind[row] == KINDS["byline/aggregator"]
        day = (
            next(iter(read_both(filed.text[row])), None)
            if is_day_first
            else settle_day(filed.text[row], page or "", days.get(doc, set()), order)
        )
        if day:
            settled[doc] = day
    docs, found = list(settled), list(settled.values())
    return told.with_columns(date=told["date"].scatter(docs, found), precision=told["precision"].scatter(docs, "day"))


def read_related(filed: Filed) -> pl.Series:
    """Related pieces of articles -> what they point to, a list a document: Arabic headline, English headline, teaser.

    A teaser belongs to the item above it, an English headline to the item below.
    """
    rows = filed.rows("headline-en/card", "related/item", "related/teaser", "related")
    doc, whole = filed.doc[rows], filed.text.gather(rows)
    english, item, teaser, link = (
        filed.kind[rows] == KINDS[name] for name in ("headline-en/card", "related/item", "related/teaser", "related")
    )
    text = tidy(whole)
    at = np.flatnonzero(link)
    text = text.scatter(at, text.gather(at).str.replace(_LINK_LABEL, "$1"))
    # An item is as long as it stands, a link without what announces it.
    long = whole.zip_with(pl.Series(item), text).str.contains(_HEADLINE).to_numpy()
    item &= long
    opens = item | (link & long)
    place = np.arange(len(rows))

    def last(which: Flags) -> AnyInts:
        """The last such row above each row, of any document."""
        above: AnyInts = np.r_[-1, np.maximum.accumulate(np.where(which, place, -1))][: len(rows)]
        return above

    card = last(english)
    has_english = item & (card > last(item)) & (doc[card] == doc)
    target = last(opens)
    told = np.flatnonzero(teaser & (target > last(teaser)) & (doc[target] == doc))
    teasers = np.full(len(rows), -1)
    teasers[target[told]] = told
    found = pl.DataFrame(
        {
            "ar": text,
            "en": text.gather(or_null(np.where(has_english, card, -1))),
            "teaser": text.gather(or_null(teasers)),
        }
    )
    at = np.flatnonzero(opens)
    return make_lists(found[at].to_struct("related"), doc[at], filed.count)


def read_embeds(filed: Filed) -> pl.Series:
    """Embedded posts of articles -> the text of each with its attribution, a list a document."""
    embeds: list[Embed] = []
    owners: list[int] = []
    text, last = "", -1
    rows = filed.rows("embed/tweet-text", "embed/tweet-by")
    told = zip(
        filed.doc[rows].tolist(), filed.kind[rows] == KINDS["embed/tweet-by"], filed.text.gather(rows), strict=True
    )
    for doc, is_by, line in told:
        text = text if doc == last else ""
        if is_by:
            embeds.append(parse_tweet(text, line))
            owners.append(doc)
        text, last = "" if is_by else line, doc
    return make_lists(pl.Series(embeds, dtype=EMBEDS.inner), np.array(owners, dtype=np.int64), filed.count)


def read_sources(filed: Filed, given: pl.Series) -> pl.DataFrame:
    """Source lines, promos of an outlet and datelines of articles, and what the input gave -> (source, dateline), a row a
    document.

    A source line says it best, then what was given, then an aggregator's line, then the page's own name where a byline stands, then whose promo stands on
    the page, then the agency of the dateline, which may be the page's own name too, or stand on a line of its own.
    """
    lines, own, promos = filed.rows("source"), filed.rows("source/own-name"), filed.rows("follow")
    opening = filed.first(filed.rows("dateline", "dateline/own-name", of=filed.zone == "body"))
    opening = opening[opening >= 0]
    datelines = filed.text.gather(opening).str.strip_chars(WHITE)
    is_own = filed.kind[opening] == KINDS["dateline/own-name"]
    not_after = (filed.zone != "after").fill_null(True)
    # The head of a wire story on a line of its own has place, days and agency.
    heads = filed.rows("date", of=not_after & filed.text.str.contains(_WIRE_HEAD))
    apart = np.concatenate([filed.rows("byline/place-agency", "byline/town-agency", of=not_after), heads])

    def agency_of(texts: pl.Series) -> pl.Series:
        return parse_once(texts, lambda text: parse_dateline(text)[1])

    papers = filed.rows("byline/aggregator")
    said = filed.first_value(lines, parse_once(filed.text.gather(lines), parse_source))
    signed, beside = filed.rows("wire/initials-agencies"), filed.rows("byline/follow-ups", of=not_after)
    added = filed.rows("byline", of=not_after & filed.text.str.contains("وكالات"))
    named = [
        filed.text.gather(papers).str.extract(_PAPER).fill_null(""),
        parse_once(filed.text.gather(own), bare_name),
        parse_once(filed.text.gather(promos), source_from_promo),
        agency_of(datelines.filter(~pl.Series(is_own))),
        parse_once(datelines.filter(pl.Series(is_own)), own_of_dateline),
        agency_of(filed.text.gather(apart)),
        parse_once(filed.text.gather(beside), agencies_beside),
        parse_once(filed.text.gather(added), agencies_behind),
        parse_once(filed.text.gather(signed).str.extract(r"\(([^()]+)\)").fill_null(""), parse_source),
    ]
    rows = np.concatenate([papers, own, promos, opening[~is_own], opening[is_own], apart, beside, added, signed])
    told = pl.DataFrame({"said": said, "given": given, "named": filed.first_value(rows, pl.concat(named))})
    return told.select(source=pl.coalesce("said", "given", "named"), dateline=filed.first_value(opening, datelines))


def read_keywords(filed: Filed, given: pl.Series) -> pl.DataFrame:
    """Keyword lines of articles, and what the input gave -> (keywords, keywords_raw), a row a document.

    Behind the keywords below a text, those past the openings of other articles are theirs, or the site's.
    """
    rows = filed.rows("keywords")
    first = filed.first(filed.rows("keywords", of=filed.zone != "before"))
    others = filed.rows("related/item", "related/teaser", of=filed.zone == "after")
    others = others[(first[filed.doc[others]] >= 0) & (others > first[filed.doc[others]])]
    end = filed.first(others)[filed.doc[rows]]
    rows = rows[(end < 0) | (rows < end)]
    lines = filed.text.gather(rows)
    lines = lines.str.strip_chars(WHITE).zip_with(lines.str.contains("#", literal=True), tidy(lines))
    once, place = distinct(lines)
    words = [split_keywords(line)[0] for line in once]
    many = np.array([len(some) for some in words], dtype=np.int64)
    first = (np.cumsum(many) - many)[place]
    many = many[place]
    each = pl.Series([word for some in words for word in some], dtype=pl.String).gather(expand(first, many))
    keywords = filed.different(np.repeat(rows, many), each)
    raw = make_lists(lines, filed.doc[rows], filed.count).list.join("\n")
    own = pl.DataFrame({"keywords": keywords, "given": given, "keywords_raw": raw.replace("", None)})
    some = pl.col("keywords").list.len() > 0
    # What parted them on the page may be lost: `شوربة عدس وصفات شتوية` are the two that came beside it.
    same = pl.col("given").list.join(" ") == pl.col("keywords").list.join(" ")
    return own.select(
        pl.when(some & ~same.fill_null(False)).then("keywords").otherwise(pl.col("given").fill_null([])), "keywords_raw"
    )


_BELOW = 2
"""Lines below a body's last one down to which a byline is that of the text."""


def _find_below(filed: Filed) -> AnyInts:
    """Return the rows of bylines right below their article's body."""
    rows = filed.rows("byline", of=filed.zone == "after")
    return rows[filed.line[rows] - filed.end[filed.doc[rows]] <= _BELOW]


def _order_bylines(filed: Filed, not_behind: pl.Series) -> AnyInts:
    """Bylines down to the body's end -> their rows: those from the title to the body first, as above it editors are named, too."""
    # Who answered a question is named behind the answer.
    rows = np.union1d(
        filed.rows("byline", "byline/follow-ups", "byline/aggregator", of=not_behind), filed.rows("byline/answerer")
    )
    rows = np.append(rows, filed.rows("byline/signature", "byline/latin-names"))
    title = filed.first(filed.rows("title/headline"))[filed.doc[rows]]
    first = (filed.zone.gather(rows) == "before").fill_null(False).to_numpy() & (title >= 0) & (rows > title)
    # The same names in Latin letters say it last.
    latin = filed.kind[rows] == KINDS["byline/latin-names"]
    return rows[np.lexsort((~first, latin))]


def read_fields(articles: Articles, orders: pl.DataFrame | None = None) -> pl.DataFrame:
    """Articles, and which of day and month their outlets write first -> their fields, a row a document."""
    filed = file_pieces(articles)
    given = articles.pages.select(pl.selectors.starts_with("given_").gather(articles.own))
    not_behind = (filed.zone != "after").fill_null(True)

    def told(kind: str) -> pl.Series:
        rows = filed.rows(kind)
        return filed.first_value(rows, tidy(filed.text.gather(rows)))

    def parsed(rows: AnyInts, parse: Callable[[str], str | None]) -> pl.Series:
        return filed.first_value(rows, parse_once(filed.text.gather(rows), parse))

    captions = filed.rows("media/caption")
    notes = filed.rows("note/correction", "note", of=not_behind)
    alone = pl.DataFrame(
        {
            "title": told("title/headline"),
            "title_long": told("title/long"),
            "summary": told("summary/deck"),
            "headline_en": told("headline-en/own"),
            "author": parsed(_order_bylines(filed, not_behind), parse_author)
            .fill_null(parsed(filed.rows("byline", of=filed.zone == "before"), author_by_place))
            .fill_null(parsed(filed.rows("title/headline"), author_of_title))
            .fill_null(parsed(filed.rows("source", of=filed.zone == "before"), author_of_source))
            .fill_null(parsed(filed.rows("date", of=filed.zone == "before"), author_of_date))
            .fill_null(parsed(filed.rows("site/blog-poster"), author_of_post)),
            "category": parsed(filed.rows("category", of=filed.zone == "before"), parse_category).fill_null(
                parsed(filed.rows("site/breadcrumb", of=filed.zone == "before"), parse_breadcrumb)
            ),
            "captions": filed.different(captions, parse_once(tidy(filed.text.gather(captions)), _caption)),
            "embeds": read_embeds(filed),
            "related": read_related(filed),
            "has_editor_note": filed.any(notes),
            "has_correction": filed.any(filed.rows("note/correction", of=not_behind)),
        }
    )
    alone = alone.with_columns(
        pl.coalesce(name, given[f"given_{name}"]).alias(name) for name in ("title", "author", "category")
    )
    alone = alone.with_columns(
        pl.col("author").fill_null(parsed(_find_below(filed), parse_author)), title=_bare_titles(alone["title"])
    )
    return pl.concat(
        [
            alone,
            read_dates(
                filed,
                given["given_date"],
                articles.pages["page"].gather(articles.own),
                *(comes_first(articles.pages["outlet"].gather(articles.own), orders, dates) for dates in (PAGE, GIVEN)),
            ),
            read_sources(filed, given["given_source"]),
            read_keywords(filed, given["given_keywords"]),
        ],
        how="horizontal",
    )


_TELLS_OUTLET = ("site", "legal", "zone", "share", "follow")


def name_outlets(articles: Articles, urls: pl.Series) -> pl.Series:
    """Articles, and the addresses that their pages print -> the outlet of each document: of a page that came without one the name
    that the page itself gives, else whose its address is.

    A second article of such a page has none.
    """
    outlets = articles.pages["outlet"].gather(articles.owner)
    nameless = outlets.is_null().to_numpy() & (articles.article == 0)
    if not nameless.any():
        return outlets
    tells = articles.by_label(lambda label: label.split("/")[0] in _TELLS_OUTLET) > 0
    rows = np.flatnonzero(tells & nameless[articles.doc])
    lines = articles.pieces[rows].select("zone", "rule", pl.col("piece").str.strip_chars(), doc=articles.doc[rows])
    # A line of rights says whose page it is right below the text, too, where the zones take it for its last.
    outside = (pl.col("zone") != "body") | pl.col("rule").str.starts_with("legal/")
    lines = lines.filter(outside & (pl.col("piece") != ""))
    told = lines.group_by("doc", maintain_order=True).agg("piece")
    names = pl.Series([outlet_from_text(lines) for lines in told["piece"].to_list()], dtype=pl.String)
    outlets = outlets.scatter(told["doc"], names)
    printed = (outlets.is_null() & urls.is_not_null()).arg_true()
    return outlets.scatter(printed, [outlet_from_url(url) for url in urls.gather(printed)])
