"""HTML pages in the manner of many systems, around articles of a corpus: the body is known by construction.

    python -m benchmarks.html_pages CORPUS.parquet OUT [--articles 6]

CORPUS has the columns title and text (paragraphs on lines). OUT gets `NAME.html` and `NAME.body.txt`, to be measured by
`python -m benchmarks.html --pages OUT --clean`. No text of the corpus is part of this project.
"""

from __future__ import annotations

import argparse
import html
import json
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import NamedTuple

import polars as pl


class Story(NamedTuple):
    """An article and what stands around it on a page."""

    title: str
    paragraphs: list[str]
    others: list[tuple[str, str]]
    rng: Random


MENU = ("الرئيسية", "أخبار", "سياسة", "اقتصاد", "رياضة", "ثقافة", "تكنولوجيا", "منوعات", "اتصل بنا")
e = html.escape


def _menu(tag: str = "ul") -> str:
    if tag == "ul":
        return "<ul>" + "".join(f'<li><a href="/{n}">{word}</a></li>' for n, word in enumerate(MENU)) + "</ul>"
    return " | ".join(f'<a href="/{n}">{word}</a>' for n, word in enumerate(MENU))


def _links(story: Story, count: int, teaser: bool = False) -> str:
    chosen = story.rng.sample(story.others, count)
    return "".join(
        f'<div class="item"><a href="/a/{n}"><h4>{e(title)}</h4></a>'
        + (f"<p>{e(lead)}</p>" if teaser else "")
        + "</div>"
        for n, (title, lead) in enumerate(chosen)
    )


def _head(story: Story, extra: str = "") -> str:
    return (
        f'<head><meta charset="utf-8"><title>{e(story.title)} - جريدة الميناء</title>'
        f'<meta property="og:title" content="{e(story.title)}"><meta property="og:site_name" content="جريدة الميناء">'
        f"{extra}</head>"
    )


def _ld(story: Story) -> str:
    said = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": story.title,
        "datePublished": "2024-03-05T10:00:00+02:00",
        "author": {"@type": "Person", "name": "ليلى الحداد"},
        "publisher": {"@type": "Organization", "name": "جريدة الميناء"},
    }
    return f'<script type="application/ld+json">{json.dumps(said, ensure_ascii=False)}</script>'


def _ps(story: Story, between: str = "") -> str:
    out = []
    for number, text in enumerate(story.paragraphs):
        out.append(f"<p>{e(text)}</p>")
        if between and number == len(story.paragraphs) // 2 - 1:
            out.append(between)
    return "\n".join(out)


def blog(story: Story) -> str:
    """A blog engine: entry-content, share buttons, related posts, comments, a sidebar."""
    return (
        f'<!DOCTYPE html><html dir="rtl" lang="ar">{_head(story, _ld(story))}<body class="single-post"><header><nav>{_menu()}</nav></header>'
        f'<main><article class="post"><header class="entry-header"><h1 class="entry-title">{e(story.title)}</h1>'
        '<div class="entry-meta"><time datetime="2024-03-05">5 مارس 2024</time> <a href="/author/1">ليلى الحداد</a></div></header>'
        f'<div class="entry-content">{_ps(story)}<div class="sharedaddy"><h3>شارك هذا الموضوع:</h3><ul><li><a href="#">فيس بوك</a></li><li><a href="#">تويتر</a></li></ul></div>'
        f'<div class="jp-relatedposts"><h3>مقالات ذات صلة</h3>{_links(story, 3)}</div></div></article>'
        '<div id="comments"><h2>تعليقات</h2><ol><li><p>خبر مهم شكرا لكم على هذا الموضوع الذي ننتظره منذ زمن طويل جدا.</p></li></ol><form><textarea></textarea></form></div></main>'
        f'<aside class="sidebar"><h3>الأكثر قراءة</h3>{_links(story, 5)}</aside><footer>جميع الحقوق محفوظة © 2024</footer></body></html>'
    )


def fields(story: Story) -> str:
    """A content system of nested fields, with the body in `field-item`."""
    return (
        f'<!DOCTYPE html><html dir="rtl">{_head(story)}<body><div id="page"><div id="header">{_menu()}</div><div class="region-content">'
        f'<h1 class="page-header">{e(story.title)}</h1><div class="node node-article"><div class="submitted">الثلاثاء, 03/05/2024 - 10:00</div>'
        f'<div class="field field-name-field-image"><img src="a.jpg" alt="صورة"><span class="caption">صورة من الأرشيف</span></div>'
        f'<div class="field field-name-body"><div class="field-items"><div class="field-item even" property="content:encoded">{_ps(story)}</div></div></div>'
        f'<div class="field field-name-field-tags"><a href="/t/1">محليات</a> <a href="/t/2">الميناء</a></div></div></div>'
        f'<div class="region-sidebar-second"><div class="block"><h2>آخر الأخبار</h2>{_links(story, 6, True)}</div></div><div id="footer">{_menu("bar")}</div></div></body></html>'
    )


def tables(story: Story) -> str:
    """A site of twenty years ago: nested tables, fonts, breaks for paragraphs."""
    body = "<br><br>\r\n".join(e(text) for text in story.paragraphs)
    return (
        f'<html>{_head(story)}<body dir="rtl"><table width="100%"><tr><td colspan="3" bgcolor="#003366">{_menu("bar")}</td></tr><tr>'
        f'<td width="160" valign="top"><table><tr><td><b>أهم الأخبار</b></td></tr>'
        + "".join(
            f'<tr><td><a href="n.asp?id={n}">{e(t)}</a></td></tr>'
            for n, (t, _) in enumerate(story.rng.sample(story.others, 6))
        )
        + f'</table></td><td valign="top"><table><tr><td><font size="5"><b>{e(story.title)}</b></font></td></tr><tr><td><font size="2">2024-03-05</font></td></tr>'
        f'<tr><td align="right"><font face="Tahoma" size="3">{body}</font></td></tr><tr><td><a href="#">طباعة</a> <a href="#">أرسل لصديق</a></td></tr></table></td>'
        '<td width="120"><img src="ad.gif" alt="إعلان"></td></tr><tr><td colspan="3">جميع الحقوق محفوظة</td></tr></table></body></html>'
    )


def hashed(story: Story) -> str:
    """A page built by a program: divs with names that say nothing, its data once more in a script."""
    data = json.dumps({"props": {"article": {"title": story.title, "body": story.paragraphs}}}, ensure_ascii=False)
    body = "".join(
        f'<div class="sc-{n:x}9a"><p class="css-1x{n}">{e(t)}</p></div>' for n, t in enumerate(story.paragraphs)
    )
    return (
        f'<!doctype html><html dir="rtl">{_head(story, _ld(story))}<body><div id="__next"><div class="css-0"><div class="css-7">{_menu()}</div>'
        f'<div class="css-12"><h1 class="css-13">{e(story.title)}</h1><div class="css-14"><span>نشر في: 5 مارس 2024</span></div><div class="css-15">{body}</div>'
        f'<div class="css-16"><span>شارك</span><button>نسخ الرابط</button></div></div><div class="css-20"><div>اقرأ أيضا</div>{_links(story, 4, True)}</div></div></div>'
        f'<script id="__NEXT_DATA__" type="application/json">{data}</script></body></html>'
    )


def bare_breaks(story: Story) -> str:
    """The body in one div, its paragraphs parted by breaks, related links in its middle."""
    half = max(1, len(story.paragraphs) // 2)
    first, second = (
        "<br/><br/>".join(e(t) for t in part) for part in (story.paragraphs[:half], story.paragraphs[half:])
    )
    related = "".join(
        f'<a href="/{n}">اقرأ أيضا: {e(t)}</a><br/>' for n, (t, _) in enumerate(story.rng.sample(story.others, 2))
    )
    return (
        f'<!DOCTYPE html><html dir="rtl">{_head(story)}<body><div class="top">{_menu()}</div><div class="cont"><h1>{e(story.title)}</h1><div class="date">05-03-2024 | 10:00</div>'
        f'<div class="details" id="articleBody">{first}<br/><br/><div class="inner-related">{related}</div>{second}</div></div>'
        f'<div class="left">{_links(story, 6)}</div><div class="foot">سياسة الخصوصية | من نحن</div></body></html>'
    )


def amp(story: Story) -> str:
    """A page for telephones: its own elements, a consent box, a sidebar menu."""
    return (
        f'<!doctype html><html amp lang="ar" dir="rtl">{_head(story, _ld(story))}<body><amp-sidebar id="s">{_menu()}</amp-sidebar><amp-consent><div>نستخدم ملفات تعريف الارتباط</div></amp-consent>'
        f'<article><h1>{e(story.title)}</h1><amp-img src="a.jpg" alt="{e(story.title)}"></amp-img><figcaption>تعبيرية</figcaption>{_ps(story, "<amp-ad></amp-ad>")}</article>'
        f'<amp-social-share type="twitter"></amp-social-share><section><h2>مواضيع ذات صلة</h2>{_links(story, 4)}</section></body></html>'
    )


def boxes(story: Story) -> str:
    """A large portal: live strip, related box between paragraphs, pull quote repeated, newsletter box, many links below."""
    box = f'<aside class="read-also"><h3>اقرأ المزيد</h3><ul>{"".join(f"<li><a href=#>{e(t)}</a></li>" for t, _ in story.rng.sample(story.others, 3))}</ul></aside>'
    return (
        f'<!DOCTYPE html><html dir="rtl">{_head(story, _ld(story))}<body><div class="breaking"><span>عاجل</span> {e(story.others[0][0])}</div><nav>{_menu()}</nav>'
        f'<main><h1>{e(story.title)}</h1><p class="author">كتب: ليلى الحداد</p><div class="wysiwyg">{_ps(story, box)}</div><p class="source">المصدر: وكالات</p>'
        '<div class="newsletter"><h3>اشترك في نشرتنا</h3><p>سجل بريدك الإلكتروني ليصلك أهم ما ننشره كل صباح من أخبار وتحليلات.</p><input></div></main>'
        f'<section class="more"><h2>المزيد من محليات</h2>{_links(story, 8, True)}</section><footer>{_menu()}<p>تابعنا على مواقع التواصل</p></footer></body></html>'
    )


def unclosed(story: Story) -> str:
    """Broken markup: nothing is closed, attributes without quotes, a stray end tag, a comment that stays open in the head."""
    body = "".join(f"<p class=txt>{e(t)}" for t in story.paragraphs)
    return (
        f"<html><head><title>{e(story.title)}</title></head></span><body dir=rtl><div id=nav>{_menu()}</div><div id=main><h1>{e(story.title)}</h2><div class=body>{body}"
        f"</td></div><div class=rel><b>أخبار متعلقة</b>{_links(story, 4)}<div id=footer>حقوق النشر محفوظة"
    )


def spans(story: Story) -> str:
    """Pasted from an office program: every paragraph a span in a span, empty ones between."""
    body = "".join(
        f'<p class="MsoNormal" dir="RTL" style="text-align:justify"><span lang="AR-SA" style="font-family:Arial"><o:p></o:p>{e(t)}</span></p><p>&nbsp;</p>'
        for t in story.paragraphs
    )
    return (
        f'<!DOCTYPE html><html dir="rtl">{_head(story)}<body><div id="wrapper"><div id="menu">{_menu()}</div><div class="item-page"><h2 itemprop="headline"><a href="/1">{e(story.title)}</a></h2>'
        f'<dl class="article-info"><dt>التفاصيل</dt><dd>نشر بتاريخ 05 آذار 2024</dd><dd>الزيارات: 311</dd></dl><div itemprop="articleBody">{body}</div><ul class="pager"><li><a href="/2">السابق</a></li><li><a href="/3">التالي</a></li></ul></div>'
        f'<div id="right">{_links(story, 5)}</div></div></body></html>'
    )


def divs(story: Story) -> str:
    """Paragraphs are divs with text in them, advertisements after every second."""
    body = "".join(
        f'<div class="par">{e(t)}</div>' + ('<div class="ad-slot">إعلان</div>' if n % 2 else "")
        for n, t in enumerate(story.paragraphs)
    )
    return (
        f'<!DOCTYPE html><html dir="rtl">{_head(story)}<body><div class="hd">{_menu()}</div><div class="story"><div class="kicker">محليات</div><h1>{e(story.title)}</h1>'
        f'<div class="info">الثلاثاء 5 مارس 2024 10:00 ص</div><div class="story-text">{body}</div><div class="tags">كلمات دلالية: <a>الميناء</a> <a>البلدية</a></div></div><div class="recommended"><div class="ttl">قد يعجبك أيضا</div>{_links(story, 6, True)}</div></body></html>'
    )


def sectioned(story: Story) -> str:
    """Modern elements, a summary list above, subheadings of the body, a quotation, a tweet."""
    half = max(1, len(story.paragraphs) // 2)
    tweet = '<blockquote class="twitter-tweet"><p lang="ar">تغريدة من حساب لا صلة له بنص الخبر https://t.co/abc</p>&mdash; حساب (@hesab) <a href="#">March 5, 2024</a></blockquote>'
    return (
        f'<!DOCTYPE html><html dir="rtl">{_head(story, _ld(story))}<body><header>{_menu()}</header><main><article><header><h1>{e(story.title)}</h1><p><time datetime="2024-03-05T10:00">منذ ساعتين</time></p></header>'
        f"<section>{''.join(f'<p>{e(t)}</p>' for t in story.paragraphs[:half])}</section>{tweet}<section>{''.join(f'<p>{e(t)}</p>' for t in story.paragraphs[half:])}</section>"
        f'<footer><a rel="tag">محليات</a></footer></article><aside><h2>شاهد أيضا</h2>{_links(story, 4, True)}</aside></main><footer>اتصل بنا</footer></body></html>'
    )


LAYOUTS: tuple[Callable[[Story], str], ...] = (
    blog, fields, tables, hashed, bare_breaks, amp, boxes, unclosed, spans, divs, sectioned,
)  # fmt: skip


def write_pages(corpus: pl.DataFrame, out: Path, articles: int, seed: int = 3) -> int:
    """Corpus -> pages of every layout around `articles` articles each, with their bodies; how many."""
    rng = Random(seed)
    rows = corpus.filter(
        pl.col("text").str.len_chars().is_between(700, 6000) & pl.col("title").str.len_chars().is_between(20, 120)
    ).sample(len(LAYOUTS) * articles + 60, seed=seed)
    stories = [
        (title, [line.strip() for line in text.split("\n") if line.strip()])
        for title, text in zip(rows["title"], rows["text"], strict=True)
    ]
    others = [(title, lines[0][:200] + " ...") for title, lines in stories[-60:]]
    out.mkdir(parents=True, exist_ok=True)
    number = 0
    for layout in LAYOUTS:
        for _ in range(articles):
            title, lines = stories[number]
            page = layout(Story(title, lines, others, rng))
            name = f"{layout.__name__}-{number:03d}"
            (out / f"{name}.html").write_text(page, "utf-8")
            (out / f"{name}.body.txt").write_text("\n".join(lines) + "\n", "utf-8")
            number += 1
    return number


def main() -> None:
    """Write the pages asked for on the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--articles", type=int, default=6, help="articles a layout (default: 6)")
    asked = parser.parse_args()
    print(write_pages(pl.read_parquet(asked.corpus, columns=["title", "text"]), asked.out, asked.articles), "pages")


if __name__ == "__main__":
    main()
