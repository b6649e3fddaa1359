"""Pages in the layouts of `layouts/*.txt`: what article pages of many kinds of Arabic site look like as plain text.

A layout is written by hand, in the manner of a kind of site, and filled here with an article and its neighbours:
`LABEL<TAB>text` a line, `?0.5` after the label for a line that is not always there, `<2-5 … >` for a group that is
repeated, `{a|b}` for alternatives, `{headline}` and the like for what is drawn, `[main] … [/main]` for what an extractor of
main content would give. A line labelled NEUTRAL may stay or go: nothing is learned from it. `python -m benchmarks.layouts --check FILE…` prints a filled page of each, with its labels.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from random import Random

from benchmarks.bodies import SENTENCE, Body, lay_out_body
from benchmarks.chrome import Line, Page
from benchmarks.outlets import MONTHS, RELATIVE, Article, Voice, make_outlet, read_words, write_date

LAYOUTS = Path(__file__).parent / "layouts"
_NAMES = """
SITE_LOGO NAV MASTHEAD LOADING SHARE_LABEL SHARE_WIDGET FOLLOW_PROMO COUNTER TIME READING_TIME COMMENT_PROMPT
COMMENT NEWSLETTER APP_PROMO COPYRIGHT DISCLAIMER COOKIE AD VIDEO_UI CLOSE_X IMAGE_ALT PHOTO_CREDIT WIRE_END
WRITER_CONTACT CAPTION_DUP TICKER HEADLINE HEADLINE_LONG SUMMARY EN_HEADLINE EN_CAPTION CATEGORY DATE BYLINE
SOURCE KEYWORDS CAPTION EDITOR_NOTE INLINE_RELATED RELATED_HEADING READ_ALSO_HEADING RELATED_ITEM CARD_EN
CARD_AR CARD_TEASER CARD_CATEGORY A2_HEADLINE A2_BODY A2_SOURCE TWEET_TEXT TWEET_ATTRIBUTION WIDGET BODY
SUBHEAD NEUTRAL
"""
LABELS = frozenset(_NAMES.split())
_LINE = re.compile(r"([A-Z0-9_]+)(?: +\?([0-9.]+))?\t(.*)", re.DOTALL)
_GROUP = re.compile(r"<(\d+)(?:-(\d+))?")
_CHOICE = re.compile(r"\{([^{}]*\|[^{}]*)\}")
_PLACE = re.compile(r"\{([a-z_0-9]+)\}")
_GLUED = re.compile(r"⟦([^⟧]*)⟧")
_MOST_WORDS = 22
_INDIC = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")
_WEEKDAYS = ("الإثنين", "الثلاثاء", "الأربعاء", "الخميس", "الجمعة", "السبت", "الأحد")
_LONG = 4  # places for the body, from which on a layout is that of a long read
_TWICE = 0.25  # chance that an extractor gives a caption twice: the picture's alternative text, and the line below it
_GAPS = {"blank": 1, "tight": 0, "double": 2, "indent": 0}


@dataclass(frozen=True)
class Spot:
    """One line of a layout, or a group of them."""

    label: str = ""
    text: str = ""
    chance: float = 1.0
    main: bool = False
    times: tuple[int, int] = (1, 1)
    inner: tuple[Spot, ...] = ()


@dataclass(frozen=True)
class Layout:
    """What one kind of site's article page looks like."""

    name: str
    site: str
    latin: str
    months: str
    paragraphs: str
    digits: str
    spots: tuple[Spot, ...] = field(repr=False)


def parse_layout(text: str, name: str) -> Layout:
    """The text of a layout file -> Layout; an error names the file and the line."""
    heads = {
        "site": "صحيفة الميناء",
        "latin": "Almeenaa",
        "months": "egypt",
        "paragraphs": "blank",
        "digits": "latin",
    }
    stack: list[tuple[tuple[int, int], list[Spot]]] = [((1, 1), [])]
    main = False
    for number, line in enumerate(text.removesuffix("\n").split("\n"), start=1):
        where = f"{name}:{number}"
        if line.startswith("#") and "\t" not in line:
            continue
        if line.startswith("@"):
            key, _, value = line[1:].partition(" ")
            if key not in heads:
                raise ValueError(f"{where}: unknown header @{key}")
            heads[key] = value.strip()
        elif line.strip() in ("[main]", "[/main]"):
            main = line.strip() == "[main]"
        elif group := _GROUP.fullmatch(line.strip()):
            low = int(group[1])
            stack.append(((low, int(group[2] or low)), []))
        elif line.strip() == ">":
            if len(stack) == 1:
                raise ValueError(f"{where}: a group ends that was not begun")
            times, inner = stack.pop()
            stack[-1][1].append(Spot(times=times, inner=tuple(inner), main=main))
        elif not line.strip():
            stack[-1][1].append(Spot(main=main))
        elif (found := _LINE.fullmatch(line)) and found[1] in LABELS:
            stack[-1][1].append(Spot(found[1], found[3], float(found[2] or 1), main))
        else:
            raise ValueError(f"{where}: neither LABEL<TAB>text nor a sign of the format: {line[:60]}")
    if len(stack) > 1:
        raise ValueError(f"{name}: a group is not ended")
    if heads["paragraphs"] not in _GAPS or (heads["months"] not in MONTHS and heads["months"] != "double"):
        raise ValueError(f"{name}: unknown @paragraphs or @months")
    spots = stack[0][1]
    if not any("{body}" in spot.text for spot in _flat(spots)):
        raise ValueError(f"{name}: no {{body}}")
    return Layout(name, **heads, spots=tuple(spots))


def _flat(spots: list[Spot] | tuple[Spot, ...]) -> list[Spot]:
    return [one for spot in spots for one in (_flat(spot.inner) if spot.inner else [spot])]


@cache
def read_layouts(folder: Path = LAYOUTS) -> tuple[Layout, ...]:
    """Every layout of a folder, by name."""
    return tuple(parse_layout(path.read_text("utf-8"), path.stem) for path in sorted(folder.glob("*.txt")))


_TAG_LETTERS = 4
"""Letters of the first and the last word of a tag: Arabic particles have fewer."""


class _Filler(Voice):
    """One page of a layout being filled."""

    def __init__(self, rng: Random, layout: Layout, article: Article) -> None:
        outlet = replace(make_outlet(rng.randrange(40)), name=layout.site, latin=layout.latin)
        super().__init__(rng, outlet, article)
        self.layout = layout
        self.months = "egypt" if layout.months == "double" else layout.months
        self.double = layout.months == "double"
        self.fields["title"] = article["title"]
        self.hour, self.minute = rng.randint(0, 23), rng.randint(0, 59)
        self.same = f"{article['paragraphs'][0]} "

    def draw(self, name: str) -> str:
        """What stands for one placeholder."""
        rng, words = self.rng, read_words()
        simple: dict[str, Callable[[], str]] = {
            "title": lambda: self.article["title"],
            "title2": self.second_title,
            "deck": self.deck,
            "kicker": lambda: " ".join(self.article["title"].split()[: rng.randint(2, 4)]),
            "caption": self.caption,
            "headline": self.headline,
            "teaser": lambda: self.teaser(rng.choice((90, 140, 220))),
            "lead": lambda: self.teaser(10_000),
            "comment": lambda: self.fill(rng.choice(words["comment_text"])),
            "person": lambda: self.person if rng.random() < 0.5 else self.name_person(),
            "city": lambda: self.outlet.city,
            "section": lambda: rng.choice(self.outlet.sections),
            "tag": self.tag,
            "site": lambda: self.outlet.name,
            "latin": lambda: self.outlet.latin,
            "n": lambda: str(rng.randint(1, 99)),
            "nnn": lambda: str(rng.randint(100, 99999)),
            "day": lambda: str(self.day.day),
            "d2": lambda: f"{self.day.day:02}",
            "m2": lambda: f"{self.day.month:02}",
            "month": self.month,
            "year": lambda: str(self.day.year),
            "weekday": lambda: _WEEKDAYS[self.day.weekday()],
            "hour": lambda: f"{(self.hour - 1) % 12 + 1:02}" if rng.random() < 0.5 else f"{self.hour:02}",
            "minute": lambda: f"{self.minute:02}",
            "date": lambda: self.dated(0),
            "odate": lambda: self.dated(9),
            "ago": lambda: rng.choice(RELATIVE).format(r=rng.randint(3, 9)),
            "en_headline": lambda: rng.choice(words["english"]),
            "url": lambda: f"https://{self.outlet.latin.lower().replace(' ', '')}.example/{rng.randint(1000, 999999)}",
            "handle": lambda: f"@{self.outlet.latin.replace(' ', '')}",
            "source": lambda: self.fill(rng.choice(words["sources"])),
            "price": lambda: f"{rng.randint(0, 4000)}.{rng.randint(0, 99):02}",
        }  # fmt: skip
        if name not in simple:
            raise ValueError(f"{self.layout.name}: unknown place {{{name}}}")
        return simple[name]()

    def tag(self) -> str:
        """One to three words of the title or of a paragraph, as a tag names a thing: no particle at either end."""
        words = self.rng.choice([self.article["title"], *self.article["paragraphs"]]).split()
        at, size = self.rng.randrange(len(words)), self.rng.randint(1, 3)
        chosen = [word.strip('.،؛:"«»()[]؟!') for word in words[at : at + size]]
        while chosen and len(chosen[-1]) < _TAG_LETTERS:
            chosen.pop()
        while chosen and len(chosen[0]) < _TAG_LETTERS:
            chosen.pop(0)
        return " ".join(chosen) or max(words, key=len)

    def month(self) -> str:
        return write_date(self.day, "{mon}", self.months, self.rng, self.double).replace("_", " ")

    def second_title(self) -> str:
        title = self.article["title"]
        roll = self.rng.random()
        if roll < 0.4 and len(title.split()) > 6:
            return " ".join(title.split()[: self.rng.randint(4, 7)])
        return f"{title}.. {self.headline()}" if roll < 0.6 else title

    def deck(self) -> str:
        """A summary: the first sentence, its first words, or words of a later paragraph turned into a phrase."""
        rng, paragraphs = self.rng, self.article["paragraphs"]
        roll = rng.random()
        first = paragraphs[0].split()
        if roll < 0.3:
            return " ".join(first[: rng.randint(9, 22)]).strip("،:") + rng.choice(("...", "", "."))
        if roll < 0.45:
            return re.split(r"(?<=[.؟!])\s", paragraphs[0])[0]
        later = rng.choice(paragraphs[-3:]).split()
        start = rng.randint(0, max(0, len(later) - 12))
        return " ".join(later[start : start + rng.randint(8, 18)]).strip('.،:"«»') + rng.choice(("", "."))

    def caption(self) -> str:
        rng = self.rng
        words = rng.choice([self.article["title"], rng.choice(self.article["paragraphs"])]).split()
        start = rng.randint(0, max(0, len(words) - 8))
        return " ".join(words[start : start + rng.randint(3, 9)]).strip('.،:"«»')

    def write(self, text: str) -> str:
        """A line's text with its alternatives and places filled in."""
        while choice := _CHOICE.search(text):
            text = text[: choice.start()] + self.rng.choice(choice[1].split("|")) + text[choice.end() :]
        date = any(f"{{{k}}}" in text for k in ("day", "d2", "m2", "year", "hour", "minute", "n", "nnn", "price"))
        text = _PLACE.sub(lambda found: self.draw(found[1]), text)
        return text.translate(_INDIC) if date and self.layout.digits == "indic" else text

    def headline(self) -> str:
        title = super().headline()
        if self.rng.random() < 0.06 and self.teasers:  # a headline as long as a sentence
            title = " ".join(self.teasers[-1].split()[: self.rng.randint(12, _MOST_WORDS)]).strip("،:")
        return title


def fill_layout(rng: Random, layout: Layout, article: Article, kind: str) -> Page:
    """Article -> one page in a layout; `kind` is `full`, or `main` for what a main-content extractor would give."""
    voice = _Filler(rng, layout, article)
    spots: list[Spot] = []

    def open_up(group: tuple[Spot, ...]) -> None:
        for spot in group:
            if kind == "main" and not spot.main and not spot.inner:
                continue
            if spot.inner:
                for _ in range(rng.randint(*spot.times)):
                    open_up(spot.inner)
            elif rng.random() < spot.chance:
                spots.append(spot)

    open_up(layout.spots)
    if not any("{body}" in spot.text for spot in spots):  # no main part is marked, or the line was not drawn
        spots = [spot for spot in _flat(layout.spots) if "{body}" in spot.text or rng.random() < 0.5]
    body = lay_out_body(voice)
    places = [number for number, spot in enumerate(spots) if "{body}" in spot.text]
    if len(places) >= _LONG:
        body = _stretch(body, len(places))
    if len(body) < len(places):  # short as it is, it may go on after any box
        places = [places[0], *sorted(rng.sample(places[1:], len(body) - 1))]
    bare = _bare_subheads(spots, set(places))
    shares = _share_out(len(body), len(places), rng)
    gap = _GAPS[layout.paragraphs]
    lead = "  " if layout.paragraphs == "indent" else ""
    lines: list[Line] = []
    taken = 0
    for number, spot in enumerate(spots):
        if number in bare:
            continue
        if not spot.text:
            lines.append(("", "", None))
        elif "{body}" in spot.text:
            if number not in places:
                continue
            count = shares[places.index(number)]
            part = body[taken : taken + count]
            taken += count
            before, _, after = spot.text.partition("{body}")
            for k, (label, text) in enumerate(part):
                head = voice.write(_GLUED.sub(r"\1", before)) if k == 0 else _margin(before)
                tail = voice.write(_GLUED.sub(r"\1", after)) if k == count - 1 else ""
                if k:
                    lines.extend([("", "", None)] * gap)
                keep = (
                    (len(lead) + len(head), len(lead) + len(head) + len(text)) if head.strip() or tail.strip() else None
                )
                lines.append((lead + head + text + tail, "GLUED" if keep and label == "BODY" else label, keep))
        elif spot.label in ("A2_BODY",) and "{other}" in spot.text:
            other = article.get("other") or {"paragraphs": [article["paragraphs"][0]]}
            for k, text in enumerate(other["paragraphs"][: rng.randint(2, 6)]):
                if k:
                    lines.extend([("", "", None)] * gap)
                lines.append((lead + text, "A2_BODY", None))
        else:
            text = voice.write(spot.text.replace("{other}", "{lead}"))
            lines.append((text, spot.label, None))
            if spot.label == "CAPTION" and rng.random() < _TWICE:
                lines.append((text, "CAPTION_DUP", None))
    while lines and not lines[-1][0].strip():
        lines.pop()
    kept = [
        (text[keep[0] : keep[1]] if keep else text)
        for text, label, keep in lines
        if label in ("BODY", "SUBHEAD", "GLUED", "NEUTRAL")
    ]
    return Page(
        text="\n".join(text for text, _, _ in lines),
        labels=[label if text.strip() else "" for text, label, _ in lines],
        body="\n".join(text.strip() for text in kept),
        fields=voice.fields,
        keeps={number: keep for number, (_, label, keep) in enumerate(lines) if keep and label == "GLUED"},
        outlet=layout.name,
        kind=kind,
    )  # fmt: skip


def _margin(text: str) -> str:
    """The indent or bullet that a layout gives every paragraph; what is glued stands only once."""
    return text if text.strip() == "" and "⟦" not in text else ""


def _stretch(body: Body, count: int) -> Body:
    """A body of at least so many lines, if need be by breaking its longest paragraphs near their middle sentence."""
    body = list(body)
    while len(body) < count:
        breakable = [k for k, (label, text) in enumerate(body) if label == "BODY" and SENTENCE.search(text)]
        if not breakable:
            break
        at = max(breakable, key=lambda k: len(body[k][1]))
        text = body[at][1]
        cut = min(SENTENCE.finditer(text), key=lambda found: abs(found.start() - len(text) // 2))
        body[at : at + 1] = [("BODY", text[: cut.start()]), ("BODY", text[cut.end() :])]
    return body


def _bare_subheads(spots: list[Spot], places: set[int]) -> set[int]:
    """The layout's own subheadings under which nothing of the body stands, for want of paragraphs."""
    bare: set[int] = set()
    waiting: list[int] = []
    before = ""
    for number, spot in enumerate(spots):
        if spot.label == "SUBHEAD" and "{body}" not in spot.text:
            if before != "SUBHEAD":  # one right under another shares its fate
                bare.update(waiting)
                waiting = []
            waiting.append(number)
        elif number in places or (spot.label == "BODY" and "{body}" not in spot.text):
            waiting = []
        before = spot.label or before
    return bare | set(waiting)


def _share_out(count: int, places: int, rng: Random) -> list[int]:
    """Paragraphs of a body over its places in the layout, in order, none empty."""
    if places <= 1:
        return [count] * places
    cuts = sorted(rng.sample(range(1, count), places - 1))
    return [b - a for a, b in zip([0, *cuts], [*cuts, count], strict=True)]


def main() -> None:
    """Check layouts and print a filled page of each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", type=Path, nargs="+", required=True)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kind", choices=("full", "main"), default="full")
    given = parser.parse_args()
    story: Article = {
        "title": "وزارة الزراعة تطلق خطة لتوزيع البذور على صغار المزارعين",
        "paragraphs": [
            "أطلقت وزارة الزراعة اليوم خطة لتوزيع البذور على صغار المزارعين في الأقاليم الشمالية.",
            "وقال الوزير إن الخطة تشمل ألف مزرعة في مرحلتها الأولى.",
            "وأضاف أن التوزيع يبدأ مطلع الشهر المقبل ويستمر حتى نهاية الموسم.",
            "ورحب مزارعون بالخطة لكنهم طالبوا بخفض أسعار الأسمدة.",
        ],
        "related_titles": [f"خبر آخر رقم {k} عن موضوع مختلف تماما" for k in range(60)],
        "teasers": ["قال مسؤولون إن الطريق الجديد سيفتح الأسبوع المقبل بعد أعمال استمرت عامين."] * 30,
        "other": {
            "title": "عنوان مقال ثان",
            "paragraphs": ["هذه فقرة أولى من مقال ثان.", "وهذه فقرة ثانية منه."],
        },
    }
    for path in given.check:
        layout = parse_layout(path.read_text("utf-8"), path.stem)
        page = fill_layout(Random(given.seed), layout, story, given.kind)
        print(f"== {path.name}")
        for label, text in zip(page.labels, page.text.split("\n"), strict=True):
            print(f"{label:<18}{text}")


if __name__ == "__main__":
    main()
