"""What the elements around an article say of it: title, author, date, keywords; and what they do not say."""

from __future__ import annotations

from typing import Any

import pytest
from lxml import etree

from etl.read.attributes import near, words_of
from etl.read.elements import is_nobody
from etl.read.html import read_markup
from etl.read.neighbours import part_neighbours
from etl.read.params import ReadParams
from etl.read.row import Page

TEXT = "".join(
    f"<p>{text}</p>"
    for text in (
        "قال الوزير إن القمة ستعقد غدا في العاصمة بحضور عدد من الرؤساء والوزراء من دول المنطقة كلها.",
        "وأضاف أن اتفاق المياه جاهز للتوقيع بعد أشهر من المفاوضات بين الطرفين في مدن عدة من المنطقة.",
    )
    * 3
)
TITLE = "توقيع اتفاق المياه بين البلدين بعد عام"


def page_of(
    above: str = "", below: str = "", head: str = "", around: str = "", heading: str = f"<h1>{TITLE}</h1>"
) -> Page:
    """Build and read a page: site's head, the article with what stands above and below its text, and what is around it."""
    page = Page("page.html")
    title = "" if "<title>" in head else f"<title>{TITLE}</title>"
    html = (
        f"<html><head>{title}{head}</head><body><div class=site><div class=main><article class='post tag-water'>{heading}{above}"
        f"<div class=entry>{TEXT}</div>{below}</article></div>{around}</div></body></html>"
    )
    read_markup(page, html, ReadParams(html="main"))
    return page


def said(page: Page, name: str) -> tuple[Any, str | None]:
    value = page.keywords if name == "keywords" else page.given.get(name)
    return value or None, page.said_by.get(name)


NONE = (None, None)


def test_sentences_and_quotations_tell_nothing_of_the_article() -> None:
    """The day of an event, in a time element of a long sentence; the author of what the text quotes."""
    sentence = TEXT[: TEXT.index("</p>")]
    event = f"{sentence} وتعود القضية إلى <time datetime=1948-05-15>15 مايو 1948</time> كما قال.</p>"
    assert said(page_of(below=event), "date") == NONE
    quoted = "<blockquote><p>الماء حياة.</p><cite class=author>منى العريان</cite></blockquote>"
    assert said(page_of(below=quoted), "author") == NONE
    assert said(page_of(below="<p class=author>منى العريان</p>"), "author") == ("منى العريان", "class:author")


class TestAuthor:
    @pytest.mark.parametrize(
        ("markup", "source"),
        [
            ("<div itemprop=author>بقلم <span itemprop=name>منى العريان</span></div>", "itemprop:author"),
            ("<p>كتب <a rel=author href='/a/1'>منى العريان</a></p>", "rel:author"),
            ("<span class=byline>بقلم: منى العريان</span>", "class:byline"),
            (
                "<div class=post_author><img alt='صورة'><span>بواسطة</span> <a href='/a/1'>منى العريان</a></div>",
                "class:author",
            ),
            ("<span id=lblWriter>منى العريان</span>", "id:writer"),
            ("<span class='author vcard'>جريدة الميناء - منى العريان</span>", "class:author"),
        ],
        ids=range(6),
    )
    def test_elements_that_name_the_author(self, markup: str, source: str) -> None:
        """itemprop, rel, class and id name the author, without label and without the site's name."""
        head = "<meta property='og:site_name' content='جريدة الميناء'>"
        assert said(page_of(above=markup, head=head), "author") == ("منى العريان", source)
        assert said(page_of(below=markup, head=head), "author") == ("منى العريان", source)

    @pytest.mark.parametrize(
        "markup",
        [
            "<span class=author>Super User</span>",
            "<span class=author>admin</span>",
            "<span class=author>غير معرف</span>",
            "<span class=author>جريدة الميناء</span>",
            "<span class=author>قسم التحرير والمتابعة</span>",
            "<a class=author-link rel=author href='/a'>جميع المقالات</a>",
            "<dd itemprop=author>المصدر: <span itemprop=name>منى العريان</span></dd>",
            "<div class=author-bio>منى العريان</div>",
            "<div class=byline_date>آخر تحديث (توقيت مكة)</div>",
            "<div class=byline>القاهرة 3 مايو <b>منى العريان</b></div>",
            "<div class=comments><cite class=fn>منى العريان</cite></div>",
            "<ul class=related-posts><li><span class=author>منى العريان</span></li></ul>",
            "<div><h3>خبر آخر تماما من الموقع</h3><span class=author>منى العريان</span></div>",
            "<span class=author>منى العريان</span><span class=author>خالد السيوفي</span>",
        ],
        ids=range(14),
    )
    def test_elements_that_name_no_author(self, markup: str) -> None:
        """Accounts, desks, labels, times, people of comments and of other articles are no author; nor is one of two."""
        head = "<meta property='og:site_name' content='جريدة الميناء'>"
        assert said(page_of(below=markup, head=head), "author") == NONE

    def test_an_account_in_the_head_is_no_author(self) -> None:
        """A meta element or JSON-LD that names an account, a paper or an agency leaves the author to the elements."""
        for head in (
            "<meta name=author content='جريدة الميناء'>",
            '<script type="application/ld+json">{"@type": "Article", "author": {"name": "وكالة الميناء"}}</script>',
            "<meta name=author content='Super User'>",
            '<script type="application/ld+json">{"@type": "Article", "author": {"name": "admin"}}</script>',
            "<meta property='og:site_name' content='الميناء 24'><meta name=author content='الميناء 24'>",
        ):
            assert said(page_of(head=head), "author") == NONE
            assert said(page_of("<b class=author>منى العريان</b>", head=head), "author")[0] == "منى العريان"

    def test_two_authors_by_rel(self) -> None:
        """Links that each name an author name them all."""
        links = "<a rel=author href='/1'>منى العريان</a> و<a rel=author href='/2'>خالد السيوفي</a>"
        assert said(page_of(links), "author") == ("منى العريان، خالد السيوفي", "rel:author")


def test_an_account_is_nobody() -> None:
    """One word in small Latin letters, as systems have them."""
    for name in ("almeenaa-news", "user_2", "editor", "salem.h"):
        assert is_nobody(name), name
    for name in ("Salem Hasan", "Salem", "سالم حسن"):
        assert not is_nobody(name), name


class TestDate:
    @pytest.mark.parametrize(
        ("markup", "date", "source"),
        [
            (
                "<abbr itemprop=datePublished title='2019-02-14T10:32:00+02:00'>10:32</abbr>",
                None,
                "itemprop:datePublished",
            ),
            ("<time>14 فبراير 2019</time>", "14 فبراير 2019", "time"),
            ("<div class=pressDate>14 فبراير 2019</div>", "14 فبراير 2019", "class:date"),
            ("<span id=lblDate>14/02/2019</span>", "14/02/2019", "id:date"),
            (
                "<div class=news-info><i></i> 2019/02/14 - 16:40 <b>|</b> المصدر: وكالة</div>",
                "2019/02/14 - 16:40",
                "class:info",
            ),
            ("<time class='entry-date published updated' datetime='2019-02-14'>أمس</time>", None, "time"),
            ("<div class=post-date>03-02-2019</div>", "03-02-2019", "class:date"),
        ],
        ids=range(7),
    )
    def test_elements_that_tell_the_date(self, markup: str, date: str | None, source: str) -> None:
        """itemprop, time elements and classes tell the date; a day in doubt is told as it stands."""
        value, by = said(page_of(markup), "date")
        assert by == source and value and value.startswith(date or "2019-02-14")

    @pytest.mark.parametrize(
        "unset",
        [
            "1970-01-01T03:00:00+03:00",
            "1970-01-01",
            "0000-00-00 00:00:00",
            "0001-01-01T00:00:00",
            "1969-12-31T19:00:00-05:00",
            "01/01/1970",
        ],
    )
    def test_the_first_day_of_a_clock_is_no_date(self, unset: str) -> None:
        """A system that knows no date writes it; the visible date is read instead."""
        markup = f"<time datetime='{unset}'></time><div class=post-date>14 فبراير 2019</div>"
        assert said(page_of(markup), "date") == ("14 فبراير 2019", "class:date")

    @pytest.mark.parametrize(
        "markup",
        [
            "<span class=last-updated>14 فبراير 2019</span>",
            "<span class=date>آخر تحديث: 14 فبراير 2019</span>",
            "<span class=date>آخر تحديث: <b>14 فبراير 2019</b></span>",
            "<time itemprop=dateModified datetime=2019-02-14></time>",
            "<div class=today-date>14 فبراير 2019</div>",
            "<span class=date>14 فبراير 2019</span><span class=date>15 فبراير 2019</span>",
            "<div class=comment-list><span class=date>14 فبراير 2019</span></div>",
            "<div><h4>خبر آخر تماما</h4><span class=date>14 فبراير 2019</span></div>",
            "<span class=date>اليوم</span>",
        ],
        ids=range(9),
    )
    def test_elements_that_do_not(self, markup: str) -> None:
        """When it was changed, today, comments' and other articles' days are not its date; nor is one of several."""
        assert said(page_of(markup), "date") == NONE

    def test_the_header_above_a_post(self) -> None:
        """Blogger writes the day above the post, outside it; a date further away is the site's."""
        header = "<h2 class=date-header><span>الخميس، 14 فبراير 2019</span></h2>"
        post = f"<div class=posts><div class=post><h3>{TITLE}</h3><div>{TEXT}</div></div></div>"
        for html, date in ((header + post, "الخميس، 14 فبراير 2019"), (f"<div><div>{header}</div></div>{post}", None)):
            page = Page("page.html")
            read_markup(
                page, f"<title>{TITLE}</title><body><div class=outer>{html}</div></body>", ReadParams(html="main")
            )
            assert page.given.get("date") == date

    def test_time_elements_between_the_texts(self) -> None:
        """A live blog's times stand in it: their day is its date where they agree; one in a sidebar never is."""
        for days, date in ((("14", "14"), "2019-02-14T10:00"), (("14", "15"), None)):
            live = "".join(f"<li><time datetime=2019-02-{day}T10:00>10:00</time>{TEXT}</li>" for day in days)
            page = Page("page.html")
            read_markup(
                page, f"<title>{TITLE}</title><body><h1>{TITLE}</h1>{TEXT}<ul>{live}</ul>", ReadParams(html="main")
            )
            assert page.given.get("date") == date
        assert said(page_of(around="<aside><time datetime=2019-02-14>x</time></aside>"), "date") == NONE

    def test_time_elements_of_a_page_without_an_article(self) -> None:
        """Where there is no long text, the day on which all time elements agree is the date."""
        for other, date in (("2019-02-14T11:00", "2019-02-14T10:00"), ("2019-02-15", None)):
            page = Page("page.html")
            read_markup(page, f"<time datetime=2019-02-14T10:00></time><time datetime={other}></time>نص", ReadParams())
            assert page.given.get("date") == date


class TestKeywords:
    @pytest.mark.parametrize(
        ("markup", "source"),
        [
            ("<ul><li itemprop=keywords><a href='/1'>مياه</a></li> <li itemprop=keywords><a href='/2'>قمة</a></li></ul>",
             "itemprop:keywords"),
            ("<p>الوسوم: <a rel=tag href='/x/1'>مياه</a>، <a rel=tag href='/x/2'>قمة</a></p>", "rel:tag"),
            ("<div class=post-labels><b>التسميات:</b> <a href='/1'>مياه</a><a href='/2'>#قمة</a></div>", "class:labels"),
            ("<div class=field-tags><a href='/1'>الوسوم</a> <a href='/1'>مياه</a> <a href='/2'>قمة</a></div>", "class:tags"),
            ("<div>الوسوم: <a href='/tag/1'>مياه</a> <a href='/tag/2'>قمة</a></div>", "link:tag"),
            ("<ul><li><a href='/search/label/1'>مياه</a></li><li><a href='/search/label/2'>قمة</a></li></ul>", "link:tag"),
        ],
        ids=range(6),
    )  # fmt: skip
    def test_elements_that_tell_keywords(self, markup: str, source: str) -> None:
        """itemprop, rel, class, and links to tags among their like tell keywords, without label and hash."""
        assert said(page_of(below=markup), "keywords") == (["مياه", "قمة"], source)

    @pytest.mark.parametrize(
        "markup",
        [
            "<span class=tag>مباشر</span>",
            "<div class=badge-tag><a href='/politics'>سياسة</a></div>",
            "<a rel='category tag' href='/c/1'>سياسة</a>",
            "<p>قال إن <a href='/tag/1'>المياه</a> هي ما يشغل الناس منذ سنوات طويلة في البلاد</p>",
            "<div class=tags>" + "".join(f"<a href='/tag/{n}'>وسم {n}</a>" for n in range(60)) + "</div>",
            "<div class=sidebar><div class=tags><a href='/tag/1'>مياه</a></div></div>",
        ],
        ids=range(6),
    )
    def test_elements_that_tell_none(self, markup: str) -> None:
        """Badges, sections, links in running text and clouds are no keywords of the article."""
        assert said(page_of(below=markup), "keywords") == NONE

    def test_a_cloud_around_the_article(self) -> None:
        """Tags right below the article are its own; a cloud there is the site's."""
        tags = "<div class={}><a rel=tag href='/tag/1'>مياه</a></div>"
        html = f"<body><div class=a><div class=b><article><h1>{TITLE}</h1>{TEXT}</article>{{}}</div></div></body>"
        for name, keywords in (("post-tags", ["مياه"]), ("tagcloud", [])):
            page = Page("page.html")
            read_markup(page, f"<title>{TITLE}</title>" + html.format(tags.format(name)), ReadParams(html="main"))
            assert page.keywords == keywords

    def test_tags_of_the_article_go_before_those_of_every_page(self) -> None:
        """Where none of those in the head is among them."""
        head = "".join(f"<meta property='article:tag' content='{word}'>" for word in ("أخبار", "الموقع"))
        tags = "<ul class=tags><li><a rel=tag href='/t/1'>مياه</a></li><li><a rel=tag href='/t/2'>{}</a></li></ul>"
        assert said(page_of(head=head, below=tags.format("قمة")), "keywords") == (["مياه", "قمة"], "rel:tag")
        for below in (tags.format("أخبار"), ""):
            assert said(page_of(head=head, below=below), "keywords") == (["أخبار", "الموقع"], "meta:article:tag")

    def test_words_of_the_title_are_no_keywords(self) -> None:
        """A forum lists them in the title's order, and itself."""
        words = "<meta name=keywords content='{}'>"
        assert said(page_of(head=words.format("توقيع, اتفاق, المياه, البلدين, منتديات الميناء")), "keywords") == NONE
        assert said(page_of(head=words.format("المياه, اتفاق, البلدين, توقيع")), "keywords")[1] == "meta:keywords"

    def test_keywords_of_the_site(self) -> None:
        """Meta keywords of which the text holds none but names of sections speak of the site, not of the article."""
        menu = "<ul class=menu><li><a href='/1'>المنطقة</a></li></ul>"
        for words, own in (
            ("اتفاق المياه، رياضة", True),
            ("أخبار، رياضة، جريدة الميناء", False),
            ("المنطقة، رياضة، فن", False),
            ("القمة، رياضة، فن، سينما، مسرح، اقتصاد، منوعات", False),
        ):
            page = page_of(head=f"<meta name=keywords content='{words}'>", around=menu)
            assert bool(page.keywords) is own, words
            assert page.said_by.get("keywords") == ("meta:keywords" if own else None)


class TestTitle:
    @pytest.mark.parametrize(
        ("title", "heading"),
        [
            (f"جريدة الميناء - أخبار - {TITLE}", f"<h2>{TITLE}</h2>"),
            (f":: شبكة الميناء :: {TITLE}", f"<font size=5><b>{TITLE}</b></font>"),
            (f"{TITLE} | أخبار | الميناء", f"<div class=newsTitle>{TITLE}</div>"),
            (f"الميناء: {TITLE}", f"<span itemprop=headline>{TITLE}</span>"),
        ],
        ids=range(4),
    )
    def test_the_part_that_an_element_repeats(self, title: str, heading: str) -> None:
        """Of a title in parts, that one is the headline which an element of the page says too."""
        assert said(page_of(head=f"<title>{title}</title>", heading=heading), "title")[0] == TITLE

    def test_the_part_that_is_the_site(self) -> None:
        """Without such an element, what the logo or the line of copyright names goes; what nothing names stays."""
        for around in ("<a href='/'><img alt='الميناء'></a>", "<p>حقوق النشر محفوظة لشبكة الميناء 2019</p>"):
            site = "الميناء" if "img" in around else "شبكة الميناء"
            page = page_of(head=f"<title>{TITLE} - {site}</title>", heading="", around=around)
            assert said(page, "title") == (TITLE, "title")
        page = page_of(head=f"<title>{TITLE} - تحليل</title>", heading="")
        assert said(page, "title") == (f"{TITLE} - تحليل", "title")

    def test_the_name_of_the_site_is_no_title(self) -> None:
        """A title that is only the site's name is none, and so is a level-1 heading around the logo."""
        rights = "<p>© 2019 وكالة الميناء للأنباء</p>"
        assert said(page_of(head="<title>وكالة الميناء للأنباء</title>", heading="", around=rights), "title") == NONE
        logo = "<h1><a href='/'>وكالة الميناء</a></h1>"
        page = page_of(head=f"<title>وكالة الميناء - {TITLE}</title>", heading=f"{logo}<h2>{TITLE}</h2>")
        assert said(page, "title") == (TITLE, "h2")

    def test_a_headline_on_copyright(self) -> None:
        """A headline that speaks of rights is no line of copyright that names the site."""
        title = "جدل حول حقوق النشر في المنطقة"
        assert said(page_of(head=f"<title>{title}</title>", heading=f"<h1>{title}</h1>"), "title") == (title, "h1")


class TestNeighbours:
    @pytest.mark.parametrize(
        "line",
        [
            "<a href='/1'>وسم</a>_<a href='/2'>آخر</a>",
            "<div><span class=author>منى</span>_<span class=post-date>2019</span></div>",
            "<span><a href='/a'>منى</a></span>_<time>2019</time>",
            "<SPAN><SPAN class=name>منى</SPAN></SPAN>_<SPAN class='date'>2019</SPAN>",
            "<button>نسخ</button>_<button>طباعة</button>",
        ],
        ids=range(5),
    )
    def test_things_are_parted(self, line: str) -> None:
        """Times, buttons, links to two addresses and elements classed as two things get a space between them."""
        assert part_neighbours(f"<p>{line.replace('_', '')}</p>") == f"<p>{line.replace('_', ' ')}</p>"

    @pytest.mark.parametrize(
        "line",
        [
            "<b>ال</b>كتاب",
            "<span>و</span>قال",
            "<span>ال</span><span>كتاب</span>",
            "<span class=s1>ال</span><span class=s2>كتاب</span>",
            "<span style='font-size:14pt'>ال</span><span lang=AR>كتاب</span>",
            "<span class=dropcap>ق</span><span>ال</span>",
            "<a href='/1'>ال</a><a href='/1'>كتاب</a>",
            "<a href='/1'>محمد</a><span>ين</span>",
            "<span class=date>2019</span> <span class=author>منى</span>",
            "<span class=date>2019</span><b>منى</b>",
        ],
        ids=range(10),
    )
    def test_words_are_not(self, line: str) -> None:
        """What may be a word in two colours, and what is parted already, stays as it is."""
        assert part_neighbours(f"<p>{line}</p>") == f"<p>{line}</p>"


def test_an_element_has_words_and_others_around_it() -> None:
    """Its class in small letters, and itself first; there may be fewer around it than asked for."""
    inner = etree.fromstring('<div><p class="postDate big"><b/></p></div>')[0][0]
    assert [here.tag for here in near(inner, 2)] == ["b", "p"]
    assert [words_of(here) for here in near(inner, 9)] == [(), ("post", "date", "big"), ()]
