"""What other filed pieces say: category, keywords, posts, the parts of a summary.

What a function returns keeps the page's spelling. Where nothing names a value the answer is None: no guesses.
"""

from __future__ import annotations

import datetime as dt
import re
from functools import lru_cache
from typing import NamedTuple, TypedDict

from etl.dates import parse_date
from etl.decoration import bare_line
from etl.fold import fold
from etl.names import EDGES, INVISIBLE, URL, after_label, name_key, tidy_text

CATEGORY_WORDS = 6
"""Words beyond which a line is no section's name."""
_ARABIC = re.compile("[\u0620-\u064a\u066e-\u06d3]")


class Embed(TypedDict):
    """A post shown inside the article; `kind` is `tweet`, the handle has no @, the date is the post's."""

    kind: str
    text: str
    url: str | None
    author: str | None
    handle: str | None
    date: dt.date | None


class Summary(NamedTuple):
    """What a summary line has behind its sentences, in half-open code points of it: a call to read on, hashtags."""

    call: tuple[int, int] | None
    hashtags: tuple[int, int] | None


_CATEGORY_LABEL = re.compile(
    r"[ *•#|-]*(?:(?:ال)?تصنيف(?:ات)?|(?:ال)?قسم|(?:ال)?اقسام|(?:ال)?باب|(?:ال)?فئه|الموضوع|المحور|"
    r"category|categories|section) ?(?:[:/|] ?|$)"
)
_STEPS = re.compile(r"\s*(?:[»›>\\]|\s/\s|\s\|\s)\s*")
_YOU_ARE_HERE = re.compile(r"(?:انت هنا|you are here) ?:? ")
_HOME = re.compile(r"(?:الصفحه الرئيسيه|الرئيسيه|home)(?: |$)")


@lru_cache(maxsize=1 << 12)
def parse_category(raw: str) -> str | None:
    """A category line or a breadcrumb -> the section; of a breadcrumb the innermost one."""
    _, text = after_label(tidy_text(raw), _CATEGORY_LABEL)
    steps = [after_label(step.strip(EDGES + "#."), _HOME)[1].strip() for step in _STEPS.split(text)]
    named = [step for step in steps if step and len(step.split()) <= CATEGORY_WORDS]
    return named[-1].replace("_", " ") if named else None


_BREADCRUMB = re.compile(r"\s*[»›>\\/←◄]\s*")
_SECTION_WORDS, _STEPS_DOWN = 4, 3


@lru_cache(maxsize=1 << 12)
def parse_breadcrumb(raw: str) -> str | None:
    """The path of a page (`الرئيسية » اقتصاد » طاقة`) -> the innermost section; its last step may be the headline, and a menu has strokes."""
    first, *steps = (step.strip(EDGES) for step in _BREADCRUMB.split(after_label(tidy_text(raw), _YOU_ARE_HERE)[1]))
    if not _HOME.match(fold(first) + " ") or len(steps) > _STEPS_DOWN:
        return None
    named = [step for step in steps if step and len(step.split()) <= _SECTION_WORDS]
    return named[-1] if named else None


_DESK = re.compile(
    r"(?:عام|العامه|عامه|سياسي|سياسه|اقتصادي|اقتصاد|ثقافي|ثقافه|رياضي|رياضه|اجتماعي|مجتمع|محلي|محليات|دولي|عربي|علمي|علوم|فني|فن|امني"
    r"|تعليمي|تعليم|صحي|صحه|ديني|تقني|تقنيه|سياحي|سياحه|برلماني|بيئه|بييه|عاجل|تقرير|خبر) ?/ (?=\S+ \S+ \S)"
)
_TWICE = 2
"""Words of a headline that stands twice on one line, at least."""
_BEFORE_TITLE = re.compile(r"/|عنوان|مشاهدة|موضوع|title|headline", re.IGNORECASE)
"""Pattern that every headline contains of which a desk or a label is taken."""
_TITLE_LABEL = re.compile(
    r"[ *•|-]*(?:(?:ال)?عنوان(?: (?:ال)?(?:خبر|مقال|مقاله|ماده|موضوع|تقرير|رييسي|رئيسي))?|مشاهده النسخه كامله|(?:ال)?موضوع|title|headline) ?: ?(?=\S+ \S)"
)


_POST_ICON = re.compile(
    r"(?:Post|Lightbulb|Exclamation|Question|Arrow|Smile|Wink|Cool|Talking|Thumbs (?:up|down)|Icon\d{1,2}) (?=[\u0620-\u064a])"
)
"""The name of the icon that a forum has before a post's title."""
_PAPER_BEHIND = re.compile(
    r"(?<=\S) +[-–—|»]+ +(?:صحيفة|جريدة|موقع|شبكة|وكالة|بوابة|قناة|مجلة|منتديات)(?: [^\s–—|»:-]+){0,3} (?:الإلكتروني|الالكتروني|الإخباري|الاخباري)ة?\s*$"
)
"""A paper's name by its kind behind the headline."""


def bare_title(title: str) -> str:
    """A headline -> it without the desk or label that an agency or an archive puts before it (`العامة / الأرصاد: منخفض جوي …`,
    `العنوان: …`), the icon of a forum's post and the name of the paper; of one that stands twice on its line, the first."""
    title = _PAPER_BEHIND.sub("", _POST_ICON.sub("", title, count=1))
    words = title.split()
    half = len(words) // 2
    once = " ".join(words[:half]) if half >= _TWICE and words[:half] == words[half:] else title
    return after_label(after_label(once, _TITLE_LABEL)[1], _DESK)[1] if _BEFORE_TITLE.search(once) else once


_OF_TEXT = "(?: (?:(?:هذا|هذه|تدل علي) )?(?:ال)?(?:خبر|مقال|مقاله|نص|موضوع|ماده|تقرير)| de l.article)?"
KEYWORDS_LABEL = re.compile(
    r"[ *•|_-]*(?:الكلمه (?:المفتاحيه|الدلاليه)|(?:ال)?كلمات (?:ال)?(?:دلاليه|داله|دليليه|مفتاحيه|مفاتيح|مفتاح|بحثيه|بحث)|(?:ال)?(?:وسوم|وسم|اوسمه|علامات|مواضيع|موضوعات)|"
    r"هاشتا[غج]|تا[غج]ات|ملصقات|هذا الخبر يتحدث عن|كلمات|مفاتيح|(?:ال)?تسميات|تصنيفات|دلائل|دلايل|دلالات|اشارات|بطاقات|سمات|tags?(?: icon)?|keywords?|filed under|"
    r"(?:related )?topics|mots[- ]cl[ée]s|[ée]tiquettes|(?:th[èe]mes|sujets)(?: associ[ée]s)?)"
    rf"{_OF_TEXT} ?(?:[:|/]|$)|(?:ال)?(?:وسوم|اوسمه|كلمات (?:ال)?(?:دلالي|مفتاحي)[هة])(?=[ء-ي]{{3}})|"
    r"[ *•|-]*(?:ال)?كلمات (?:ال)?(?:دلاليه|داله|دليليه|مفتاحيه) (?=\S)"
)
"""Words that sites call tags by, alone or with those for the text, before a line's tags."""
_ANY_LABEL = re.compile(r"^[^\d:،,|#]{2,40}? ?: ?(?=[^:\d][^:]*[،,|•/؛–-])")
"""A label of a site's own before a list."""
_RUNS = re.compile(r"[^\S\n]{2,}")
_NO_KEYWORDS = frozenset(
    map(fold, ("no tags", "لا يوجد", "لا توجد", "لا يوجد وسوم", "لا توجد وسوم", "لا توجد كلمات مفتاحية"))
)
"""What stands behind the label where an article has none."""
_PERSIAN = str.maketrans({"ی": "ي", "ک": "ك"})


def split_keywords(raw: str) -> tuple[list[str], str]:
    """A keyword line -> (keywords, the line without its label).

    It splits at `،` `,` `;` `|` and line feeds, else at two spaces and more, else at spaced dashes, bullets and strokes; hashtags
    at `#`. Where single spaces part the words they stay one string, behind a `#` at the line's beginning, too. Persian ی and ک
    are folded in the list alone.
    """
    whole = bare_line(INVISIBLE.sub("", raw)).strip()
    label, line = after_label(_RUNS.sub(" ", whole), KEYWORDS_LABEL)
    line = line if label else _ANY_LABEL.sub("", line)
    line = line.strip().removeprefix(":").strip()
    text = line.translate(_PERSIAN)
    if "#" in text[1:]:
        items = re.findall(r"#[^\s#،,;؛|]+|[^#،,;؛|\n]+", text)
        items = [item.replace("_", " ") if item.startswith("#") else item for item in items]
    elif re.search("[،,;؛|\n]", text):
        items = re.split("[،,;؛|\n]", text)
    elif len(parts := [part for part in _RUNS.split(whole) if part]) > 1:
        # Tags far apart: the label may be one of the parts, or open the first.
        items = [
            after_label(parts[0], KEYWORDS_LABEL)[1].translate(_PERSIAN),
            *(part.translate(_PERSIAN) for part in parts[1:]),
        ]
    else:
        items = re.split(r"\s+[\-–—•·/]\s+", text.replace("_", " ") if text.startswith("#") else text)
    cleaned = (" ".join(item.strip(EDGES + "#.").split()) for item in items)
    return list(dict.fromkeys(item for item in cleaned if item and fold(item) not in _NO_KEYWORDS)), line


_ATTRIBUTION = re.compile(r"\s*[—–\-]*\s*(?P<author>.*?)\s*\(@(?P<handle>\w{1,15})\)\s*(?P<date>.*)", re.DOTALL)


def parse_tweet(text_line: str, attribution_line: str) -> Embed:
    """The text of a tweet and the line below it (`— Name (@handle) June 18, 2024`) -> the tweet, URL apart.

    Of a name in two languages (`Aljazeera.net • الجزيرة نت`) the Arabic one is kept.
    """
    urls = URL.findall(text_line)
    author = handle = date = None
    match = _ATTRIBUTION.fullmatch(INVISIBLE.sub("", attribution_line))
    if match:
        handle, author = match["handle"], tidy_text(match["author"]) or None
        arabic = [part for part in re.split(r"\s*[•·|]\s*", author or "") if _ARABIC.search(part)]
        author = arabic[0] if len(arabic) == 1 else author
        date = parse_date(URL.sub(" ", match["date"])).date
        urls += URL.findall(match["date"])
    url = next((url for url in urls if url.startswith("http")), urls[0] if urls else None)
    return Embed(
        kind="tweet",
        text=tidy_text(URL.sub(" ", text_line)),
        url=url,
        author=author,
        handle=handle,
        date=date,
    )


HASHTAGS = r"(?:\s*#[^\s#]+)+\s*$"
_SENTENCE_END = re.compile(r"[.!?؟…][\"»”’)\]]*(?=\s|$)")
_CALL = re.compile(
    r"(?:اكتشف|تعرف|اقرا|اقرؤ|تابع|شاهد|اطلع|استكشف|انضم|لا تفوت|لمتابعه|لمعرفه|لقراءه|للمزيد|لمزيد|المزيد|"
    r"كل التفاصيل|التفاصيل|تفاصيل (?:اكثر|اوفي)|read more|discover|find out|learn more)"
    r"(?:وا|ي|ك|كم|ونا|نا)?(?![^\W\d_])"
)
_CALLED_TO = re.compile(
    r"(?:هذا|هذه) (?:ال)?(?:تقرير|مقال|مقاله|خبر|تغطيه|موضوع)|التفاصيل|المزيد|"
    r"this (?:report|article|story)|full story|"
    r"(?:علي|عبر|مع|من|في) (?:موقعنا|منصتنا|صفحتنا|قناتنا|تطبيقنا)"
)


def split_summary(text: str, outlet: str | None = None) -> Summary:
    """A summary line -> where its call to read on lies (`اكتشف … على الموقع`), and its hashtags.

    A sentence at the end is a call where it opens with such a verb and names the outlet or the report itself.
    The first sentence is never one.
    """
    tags = re.search(HASHTAGS, text)
    end = tags.start() if tags else len(text)
    site = name_key(outlet) if outlet else None
    cut = end
    for start in reversed([match.end() for match in _SENTENCE_END.finditer(text, 0, end)]):
        key = fold(text[start:cut])
        named = _CALLED_TO.search(key) or (site and site in name_key(key))
        if key and not (_CALL.match(key) and named):
            break
        cut = start if key else cut
    return Summary(
        _trim(text, cut, end) if text[cut:end].strip() else None,
        _trim(text, end, len(text)) if tags else None,
    )


def _trim(text: str, start: int, end: int) -> tuple[int, int]:
    part = text[start:end]
    lead = len(part) - len(part.lstrip())
    return (start + lead, start + len(part.rstrip())) if part.strip() else (start, start)
