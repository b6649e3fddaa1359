"""The layouts a body may have: split, merged, with subheadings, interview, live blog, list, table, verse."""

from __future__ import annotations

import re
from collections.abc import Callable

from benchmarks.outlets import MONTHS, Voice, read_words

SENTENCE = re.compile(r"(?<=[.؟!])\s+")
_EDGES = '.،:"«»'

Body = list[tuple[str, str]]
"""The lines of a body: label (BODY, SUBHEAD or NEUTRAL) and text."""


def lay_out_body(voice: Voice, layout: str | None = None) -> Body:
    """The article's paragraphs as the lines of one layout: the given one, or one drawn."""
    rng = voice.rng
    paragraphs = [p.strip() for p in voice.article["paragraphs"] if p.strip()]
    shape = layout or rng.choices(*_SHAPES)[0]
    if shape == "split":
        paragraphs = [s for p in paragraphs for s in SENTENCE.split(p)]
        if rng.random() < 0.3:
            paragraphs = [p.removesuffix(".") for p in paragraphs]
    elif shape == "merged":
        paragraphs = [" ".join(paragraphs)]
    elif shape == "short":
        paragraphs = paragraphs[: rng.randint(1, 2)]
    if rng.random() < 0.25 and shape != "interview":
        paragraphs[0] = _dateline(voice) + paragraphs[0]
    body: Body = [("BODY", p) for p in paragraphs]
    if shape in _LAYOUTS:
        body = _LAYOUTS[shape](voice, body)
    if shape in ("plain", "subheads") and rng.random() < 0.1:
        body.insert(rng.randint(1, len(body)), ("BODY", voice.say("traps")))
    if rng.random() < 0.05:
        body = [(label, text.removesuffix(".")) for label, text in body]
    elif rng.random() < 0.1:
        body[-1] = (body[-1][0], body[-1][1].removesuffix("."))
    return [(label, text.strip()) for label, text in body if text.strip()]


def _dateline(voice: Voice) -> str:
    city, source, name = voice.outlet.city, voice.say("sources"), voice.outlet.name
    day = f"{voice.day.day} {MONTHS[voice.months].split()[voice.day.month - 1].replace('_', ' ')}"
    forms = (
        f"{city} - ", f"{city} ({source}) - ", f"{city} / {source}: ", f"{city}: ", f"{city} ـ «{name}»: ",
        f"{city} {day} ({source}) -- ", f"{city} – {source} – ", f"({source}) - ", f"{name} - {city}: ",
    )  # fmt: skip
    text = voice.rng.choice(forms)
    voice.fields["dateline"] = text.strip()
    return text


def _with_subheads(voice: Voice, body: Body) -> Body:
    rng = voice.rng
    out: Body = []
    every = rng.randint(2, 5)
    colon = rng.random() < 0.25
    for k, (label, text) in enumerate(body):
        if k and k % every == 0:
            if rng.random() < 0.45:
                words = text.split()
                start = rng.randint(1, max(1, len(words) // 2))
                head = " ".join(words[start : start + rng.randint(2, 5)]).strip(_EDGES)
            else:
                head = voice.say("subheads")
            out.append(("SUBHEAD", f"{head}:" if colon and not head.endswith("؟") else head))
        out.append((label, text))
    return out


def _as_interview(voice: Voice, body: Body) -> Body:
    rng, words = voice.rng, read_words()
    ask, _, answer = voice.fill(rng.choice(words["question_marks"])).partition("|")
    out: Body = body[:1]
    for label, text in body[1:]:
        if rng.random() < 0.75:
            topic = " ".join(text.split()[2 : 2 + rng.randint(2, 5)]).strip(_EDGES)
            own = rng.random() < 0.4 and topic
            out.append((label, ask + (f"ماذا عن {topic}؟" if own else rng.choice(words["questions"]))))
            out.append((label, answer + text))
        else:
            out.append((label, text))
    return out


def _as_live(voice: Voice, body: Body) -> Body:
    out: Body = []
    alone = voice.rng.random() < 0.6
    form = voice.say("live_time", time="{}")
    minute = voice.rng.randint(14, 23) * 60
    for label, text in body:
        minute -= voice.rng.randint(2, 50)
        time = form.format(f"{minute // 60 % 24:02}:{minute % 60:02}")
        out += [("NEUTRAL", time), (label, text)] if alone else [(label, f"{time} {text}")]
    return out[1:] if alone else out


def _as_list(voice: Voice, body: Body) -> Body:
    mark = voice.rng.choice(("{}. ", "{}- ", "{} - ", "• ", "- ", "({}) ", "* "))
    start = voice.rng.randint(1, 2)
    return [(label, (mark.format(k) if k >= start else "") + text) for k, (label, text) in enumerate(body)]


_ROWS = (
    "{a} {x} - {y} {b}", "- {a} * {b} الحكم: {p}", "{a} × {b} الساعة {x}:00", "{k}\t{a}\t{x}\t{y}", "{a} - {b}",
    "{k}- {a} ({x} نقطة)", "{a}: {x} مقابل {y}", "• {a} و{b}: {x}-{y}", "{p} ({a}) {x}",
)  # fmt: skip
_GROUPS = (
    "الجمعة", "نتائج الجولة", "الترتيب", "المجموعة الأولى", "المجموعة الثانية", "السبت 4 مارس", "الساعة الثالثة عصرا",
    "وفيما يلي القائمة", "الأحد 12 أكتوبر 2014", "في الدوري الممتاز", "النتائج الكاملة",
)  # fmt: skip


def _as_table(voice: Voice, body: Body) -> Body:
    rng = voice.rng
    shape = rng.choice(_ROWS)
    mark = rng.choice((":", " :", ""))
    rows: Body = []
    for _ in range(rng.randint(1, 3)):
        teams = rng.sample(read_words()["teams"][0].split("|"), 8)
        rows.append(("SUBHEAD", rng.choice(_GROUPS) + mark))
        if rng.random() < 0.3:
            rows.append(("SUBHEAD", rng.choice(_GROUPS) + mark))
        for k in range(0, 2 * rng.randint(2, 4), 2):
            row = {"a": teams[k], "b": teams[k + 1], "x": rng.randint(0, 5), "y": rng.randint(0, 4), "k": k + 1}
            rows.append(("BODY", shape.format(**row, p=voice.name_person())))
    lead = rng.randint(1, 2)
    return body[:lead] + rows + (body[lead : lead + rng.randint(1, 3)] if rng.random() < 0.5 else [])


def _with_lines(key: str, tail: int) -> Callable[[Voice, Body], Body]:
    def lay(voice: Voice, body: Body) -> Body:
        pool = read_words()[key]
        count = voice.rng.randint(4, len(pool))
        return body[:2] + [("BODY", voice.fill(t)) for t in pool[:count]] + body[2 : 2 + tail]

    return lay


def _as_free_verse(voice: Voice, body: Body) -> Body:
    """Lines of a few words without stops, in stanzas, after a paragraph or two."""
    rng = voice.rng
    words = [word.strip(_EDGES) for _, text in body[1:] for word in text.split()] or body[0][1].split()
    lines: Body = []
    at = 0
    for _ in range(rng.randint(6, 24)):
        size = rng.choice((1, 2, 3, 3, 4, 5, 6))
        line = " ".join(words[at % len(words) :][:size])
        at += size
        if rng.random() < 0.25:
            line += rng.choice((" ..", "...", "،", " !"))
        elif rng.random() < 0.2:
            line += " ... " + " ".join(words[at % len(words) :][:4])
        lines.append(("BODY", line))
        if rng.random() < 0.08:
            lines.append(("NEUTRAL", rng.choice(("* * *", "(2)", "***", "ــ"))))
    return body[: rng.randint(0, 2)] + lines + (body[2:3] if rng.random() < 0.3 else [])


def _with_facts(voice: Voice, body: Body) -> Body:
    """Short facts, a name and a value each, some of them on lines of their own, as notices and match reports have them."""
    rng = voice.rng
    words = [word.strip(_EDGES) for _, text in body for word in text.split() if len(word) > 3]
    mark = rng.choice((": ", " : ", " - ", ":", "\t"))
    lines: Body = []
    for _ in range(rng.randint(3, 9)):
        name = " ".join(rng.sample(words, min(len(words), rng.randint(1, 3))))
        value = rng.choice(
            (str(rng.randint(1, 99000)), voice.name_person(), " ".join(rng.sample(words, min(len(words), 3))))
        )
        lines += [("BODY", name), ("BODY", value)] if rng.random() < 0.15 else [("BODY", name + mark + value)]
    lead = rng.randint(1, 2)
    return body[:lead] + lines + body[lead : lead + rng.randint(0, 3)]


def _as_titles(voice: Voice, body: Body) -> Body:
    """A list of works with their foreign names, numbered or not."""
    rng = voice.rng
    words = [word.strip(_EDGES) for _, text in body for word in text.split() if len(word) > 3]
    mark = rng.choice(("{}. ", "{}- ", "- ", "* ", "", "• "))
    lines: Body = []
    for k in range(rng.randint(3, 8)):
        latin = " ".join(voice.say("english").split()[: rng.randint(2, 5)])
        arabic = " ".join(rng.sample(words, min(len(words), rng.randint(1, 4))))
        form = rng.choice(("{l}", "{a} {l}", "{l} ({y})", "{l} | {a}", "«{a}» {l}"))
        lines.append(("BODY", mark.format(k + 1) + form.format(l=latin, a=arabic, y=rng.randint(1960, 2024))))
    lead = rng.randint(1, 2)
    return body[:lead] + lines + body[lead : lead + rng.randint(0, 4)]


_SHAPES = (
    ("plain", "split", "merged", "subheads", "interview", "live", "list", "short", "table", "recipe",
     "verses", "legal", "free verse", "facts", "titles"),
    (45, 12, 6, 13, 7, 3, 4, 5, 3, 1.5, 1, 1, 1.5, 1, 1),
)  # fmt: skip
_LAYOUTS: dict[str, Callable[[Voice, Body], Body]] = {
    "subheads": _with_subheads, "interview": _as_interview, "live": _as_live, "list": _as_list,
    "table": _as_table, "recipe": _with_lines("recipe", 1), "verses": _with_lines("verses", 3),
    "legal": _with_lines("legal", 0), "free verse": _as_free_verse, "facts": _with_facts, "titles": _as_titles,
}  # fmt: skip
