"""The rules as a book: a table of what each did in a build, and what is wrong with one that a person wrote.

A rule is tested by its own examples. The checks say in words what differs and what to do, for people who read
no Python; `tests/test_rules.py` holds every shipped rule to the same checks.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from etl.build_files import find_docs
from etl.corpus import list_shards, refuse_release
from etl.fold import fold
from etl.rule_hits import choose_labels, show_hits
from etl.rules import Claim, Rule, Rules, claim_line
from etl.wording import count_of, in_quotes
from schemas.audit import SECOND_ARTICLE

ORNAMENT = ("", "***", "- - -", "•", "---------", "* * *", "...", "|", "»")
"""Lines without a word, which no rule may claim wherever they stand."""
CLEAN = (
    "قال وزير النقل إن الطريق الساحلي سيفتح أمام السيارات قبل نهاية الشهر، وإن كلفته بلغت 40 مليون دينار.",
    "شارك 150 فنانا من 40 دولة في معرض أقيم على رصيف الميناء القديم.",
    "تابع الوزير مؤكدا أن الحكومة لن ترفع أسعار الخبز هذا العام",
    "واش كاين شي جديد؟ قال ليها وهو داخل، وهي ما جاوباتوش.",
    "سألني الحفيد: متى يعود البحارة؟ فقلت: حين يهدأ البحر.",
    "ألا يا نسيم البحر هل أنت حامل   سلامي إلى من غاب عني مراكبه",
    "﴿فَإِنَّ مَعَ الْعُسْرِ يُسْرًا ۝ إِنَّ مَعَ الْعُسْرِ يُسْرًا﴾",
    "أميرة: وصلت؟ سالم: نعم، قبل ساعة. أميرة: والحمد لله على السلامة.",
    "المقادير: كوبان من الطحين، ملعقة سكر، ورشة ملح، ثم يعجن الخليط ربع ساعة.",
    "الاتحاد 2 - 1 الأهلي، النصر 0 - 0 الشباب",
    "المادة 12: يعاقب بالحبس مدة لا تزيد على سنة كل من خالف أحكام هذا القانون.",
    "تاريخ طويل",
    "- الجيل الذي ولد في المخيم لا يعرف غيره، يقول الأستاذ.",
    "*وماذا عن البديل الذي تقترحونه على الناس؟",
    "ثانيا: تشكيل لجنة مشتركة لمتابعة التنفيذ ترفع تقريرها كل ثلاثة أشهر.",
)
"""Body text of several kinds, of which no rule may claim a character."""
KEEP_ZONES = (None, "body")
"""Zones in which a sentence to keep is tried: where none is known, and in the body."""
_LEAST_EXAMPLES = 2
_LEAST_WHY = 4
_OTHERS = 10
"""Faults that are shown of rules that one did not write."""
_BRACKETS = re.compile("[⟦⟧]")
_BARE = str.maketrans("أإآىة", "ااايه")
_STRETCH = re.compile("([جحسشصكلمهي])(?=[ا-ي])")


def read_example(example: str) -> tuple[str, list[tuple[int, int]]]:
    """Example with ⟦brackets⟧ -> the text without them and the spans they enclose, in code points."""
    spans: list[tuple[int, int]] = []
    start = 0
    for number, mark in enumerate(_BRACKETS.finditer(example)):
        if mark[0] == "⟦":
            start = mark.start() - number
        else:
            spans.append((start, mark.start() - number))
    return _BRACKETS.sub("", example), spans


def leave(rules: Rules, text: str, claims: Iterable[Claim]) -> str:
    """Text and claims -> the text without what the claims cut."""
    for claim in sorted(claims, reverse=True):
        if rules[claim.rule].action == "cut":
            text = text[: claim.start] + text[claim.end :]
    return text


def check_entry(rules: Rules, rule: Rule) -> list[str]:
    """Rule -> what is missing: a sentence of why, examples of both kinds, a pattern that needs a word."""
    wrong = []
    if len(rule.why.split()) < _LEAST_WHY or not rule.why.endswith("."):
        wrong.append(f"'why' is a sentence of {_LEAST_WHY} words or more, with a full stop")
    for name, examples in (("hits", rule.hits), ("keeps", rule.keeps)):
        if len(examples) < _LEAST_EXAMPLES:
            wrong.append(f"'{name}' holds {len(examples)} example; give {_LEAST_EXAMPLES} or more")
        twice = [text for text in dict.fromkeys(examples) if examples.count(text) > 1]
        wrong += [f"'{name}' holds {in_quotes(text)} more than once; give another, which differs" for text in twice]
    for hit in rule.hits:
        marks = "".join(_BRACKETS.findall(hit))
        if marks.replace("⟦⟧", ""):
            wrong.append(f"in {in_quotes(hit)} a bracket has no partner; write ⟦ before and ⟧ after what is claimed")
        elif rule.kind == "span" and not marks:
            wrong.append(f"{in_quotes(hit)} has no ⟦ ⟧; put them around the part that the rule claims")
    wrong += [
        f"{in_quotes(keep)} is a sentence to keep; take the brackets out"
        for keep in rule.keeps
        if _BRACKETS.search(keep)
    ]
    # Within a body signs alone part its sections; where a rule says that it looks elsewhere they part nothing.
    if any(rule.regex.search(key) for key in (ORNAMENT if not rule.zone else ("", " "))):
        wrong.append("the pattern matches a line without words; make it ask for at least one, or name its zones")
    return _name(rule, wrong)


def check_hits(rules: Rules, rule: Rule) -> list[str]:
    """Rule -> where it claims less or more than its brackets enclose; a line rule claims the whole line."""
    wrong = []
    for hit in rule.hits:
        text, spans = read_example(hit)
        if rule.kind == "span" and not spans:
            continue  # it has no brackets, as `check_entry` says
        wanted = spans if rule.kind == "span" else [(0, len(text))]
        for zone in rule.zone or (None,):
            claims = claim_line(rules, text, zone)
            own = [(claim.start, claim.end) for claim in claims if claim.rule == rule.id]
            if own != wanted:
                wrong.append(_tell_difference(rule, text, wanted, own, claims) + _in_zone(zone))
    return _name(rule, wrong)


def check_rest(rules: Rules, rule: Rule) -> list[str]:
    """Rule -> examples of which the rules cut more when they see what their first cut left."""
    wrong = []
    for hit in rule.hits:
        text, _ = read_example(hit)
        for zone in rule.zone or (None,):
            rest = leave(rules, text, claim_line(rules, text, zone))
            again = [claim for claim in claim_line(rules, rest, zone) if rules[claim.rule].action == "cut"]
            if leave(rules, rest, again) != rest:
                names = ", ".join(sorted({claim.rule for claim in again}))
                wrong.append(
                    f"of {in_quotes(text)} the cuts leave {in_quotes(rest)}, of which {names} cuts more; claim "
                    "both parts at once, or neither" + _in_zone(zone)
                )
    return _name(rule, wrong)


def check_keeps(rules: Rules, rule: Rule) -> list[str]:
    """Rule -> which of its sentences to keep some rule touches, this one or another."""
    wrong = []
    for sentence in rule.keeps:
        for claim in _claims_to_miss(rules, sentence):
            who, whose = (
                ("it", "the pattern") if claim.rule == rule.id else (claim.rule, f"the pattern of {claim.rule}")
            )
            part = sentence[claim.start : claim.end]
            what = "" if part == sentence else f"{in_quotes(part)} of "
            wrong.append(f"{who} claims {what}{in_quotes(sentence)}, which is to be kept; narrow {whose}")
    return _name(rule, wrong)


def check_clean(rules: Rules, rule: Rule) -> list[str]:
    """Rule -> the clean paragraphs of which it claims a part."""
    wrong = [
        f"it claims {in_quotes(text[claim.start : claim.end])} of {in_quotes(text)}, a clean paragraph; narrow the pattern"
        for text in CLEAN
        if rule.regex.search(fold(text))
        for claim in _claims_to_miss(rules, text)
        if claim.rule == rule.id
    ]
    return _name(rule, wrong)


def check_zones(rules: Rules, rule: Rule) -> list[str]:
    """Rule -> its examples that it claims without knowing the zone, though it names zones."""
    wrong = []
    for hit in rule.hits if rule.zone else ():
        text, _ = read_example(hit)
        if any(claim.rule == rule.id for claim in claim_line(rules, text, None)):
            wrong.append(f"it claims {in_quotes(text)} where the zone is not known")
    return _name(rule, wrong)


def check_spelling(rules: Rules, rule: Rule) -> list[str]:
    """Rule -> examples that another spelling hides: without hamza and dots, or with marks and tatweel."""
    wrong = []
    for hit in rule.hits:
        text, _ = read_example(hit)
        zone = rule.zone[0] if rule.zone else None
        claimed = [claim.rule for claim in claim_line(rules, text, zone)]
        for other in (text.translate(_BARE), _STRETCH.sub("\\1ـ\u064e", text)):
            if [claim.rule for claim in claim_line(rules, other, zone)] != claimed:
                wrong.append(
                    f"{in_quotes(text)} is claimed, but not spelt {in_quotes(other)}; spell no marks in patterns"
                )
    return _name(rule, wrong)


def check_engines(rules: Rules) -> list[str]:
    """Rules -> keys on which the engine that sweeps a corpus and the one that finds the offsets differ."""
    texts = {read_example(example)[0] for rule in rules for example in (*rule.hits, *rule.keeps)} | set(CLEAN)
    keys = pl.Series("key", sorted(map(fold, texts)))
    wrong = []
    for rule in rules:
        swept = keys.str.contains(rule.pattern)
        differ = [key for key, found in zip(keys, swept, strict=True) if found != bool(rule.regex.search(key))]
        wrong += _name(rule, [f"the two regex engines differ on {in_quotes(key)}; write it plainer" for key in differ])
    return wrong


def check_owners(rules: Rules) -> list[str]:
    """Rules -> the lines that are examples of two line rules: the later one would never fire there."""
    owners: dict[str, Rule] = {}
    wrong = []
    for rule in rules:
        for hit in dict.fromkeys(rule.hits) if rule.kind == "line" else ():
            first = owners.setdefault(hit, rule)
            if first is not rule:
                wrong += _name(rule, [f"{in_quotes(hit)} is an example of {first.id} already; leave it to that rule"])
    return wrong


CHECKS: tuple[Callable[[Rules, Rule], list[str]], ...] = (
    check_entry,
    check_hits,
    check_rest,
    check_keeps,
    check_clean,
    check_zones,
    check_spelling,
)
"""What each rule must stand, in the order in which a reader would mend it."""


def check_rules(rules: Rules) -> list[str]:
    """Rules -> what is wrong with them, each problem with its file and rule, a person's own first; none if they may be used."""
    own_first = sorted(rules, key=lambda rule: not rule.own)
    found = [problem for rule in own_first for check in CHECKS for problem in check(rules, rule)]
    return list(dict.fromkeys([*found, *check_engines(rules), *check_owners(rules)]))


def show_problems(rules: Rules, problems: Sequence[str]) -> Iterator[str]:
    """What `check_rules` found -> lines: of a person's own rules all, of the others some and their number.

    Others are at fault where one's own pattern takes what is theirs: the first of them tell of it as well as all.
    """
    own = tuple(f"{rule.file}: rule {rule.id}: " for rule in rules if rule.own)
    yield from (problem for problem in problems if problem.startswith(own))
    others = [problem for problem in problems if not problem.startswith(own)]
    yield from others[:_OTHERS]
    if len(others) > _OTHERS:
        yield f"… and {count_of(len(others) - _OTHERS, 'fault')} more of this kind, with the examples of other rules"


def count_hits(build: Path) -> pl.DataFrame:
    """Build -> (rule, hits, chars, share): pieces with each label, code points, share of the pages' own."""
    return (
        _scan_pieces(build)
        .group_by("rule")
        .agg(hits=pl.len().cast(pl.Int64), chars=pl.col("length").sum())
        .with_columns(share=pl.col("chars") / pl.col("chars").sum().clip(1))
        .filter(pl.col("rule").is_not_null())
        .sort("rule")
        .collect()
    )


def count_moved(build: Path) -> dict[str, Any]:
    """Build -> hits, chars and share of the pieces that left their page as text of a second article."""
    moved = pl.col("length").filter(pl.col("article") > 0, pl.col("action").ne_missing("cut"))
    return (
        _scan_pieces(build)
        .select(hits=moved.len().cast(pl.Int64), chars=moved.sum(), share=moved.sum() / pl.col("length").sum().clip(1))
        .collect()
        .row(0, named=True)
    )


def _scan_pieces(build: Path) -> pl.LazyFrame:
    """Build -> the pieces of all its pages."""
    return pl.scan_parquet(list_shards(build)).select("pieces").explode("pieces").unnest("pieces")


def rule_table(rules: Rules, build: Path, names: Collection[str] = ()) -> str:
    """Rules and build -> a table for reading: family, rule, what it does, hits, share of the text, why.

    Without a build the hits are left out. Labels that stages give by place or by comparison follow the rules where they were given.
    With `names` of rules, labels or families these alone, with some of what they claimed.
    """
    from etl.reasons import list_labels, tell_reasons

    why = tell_reasons(rules, build)
    rows: dict[str, list[str]] = {}
    for rule in rules:
        does = f"{rule.action} {rule.kind}" + (f" ({' '.join(rule.zone)})" if rule.zone else "")
        rows[rule.id] = [rule.id, does, "", "", rule.why]
    for label, reason in list_labels().items() if names else ():
        rows.setdefault(label, [label, "by stage", "", "", reason])
    head = ["rule", "does", "", "", "why"]
    note = "no build to count hits in; name one with --build"
    refuse_release(build)
    if find_docs(build):
        head = ["rule", "does", "hits", "share", "why"]
        note = f"hits and share of the text of all pages: {build}"
        found = {row["rule"]: row for row in count_hits(build).iter_rows(named=True)}
        learned = [found.pop(name) for name in set(found) - set(names) if name.startswith("template/")]
        if learned:
            found["template/*"] = {name: sum(row[name] for row in learned) for name in ("hits", "chars", "share")}
            why["template/*"] = f"{len(learned)} lines that an outlet repeats, learned from this build."
        moved = count_moved(build)
        if moved["hits"]:
            found[SECOND_ARTICLE] = moved
        for name, row in found.items():
            unknown = name not in why and name not in list_labels()
            does, reason = (
                ("by a rule", "No rule of these: the build was made with others, --rules names their folder.")
                if unknown
                else ("by stage", why.get(name, ""))
            )
            rows.setdefault(name, [name, does, "", "", reason])
            rows[name][2:4] = [f"{row['hits']:,}", f"{row['share']:.2%}"]
        for cells in rows.values():
            cells[2:4] = cells[2:4] if cells[2] else ["0", "0.00%"]
    hits: list[str] = []
    if names:
        chosen = choose_labels(names, rows)
        rows = {name: rows[name] for name in chosen}
        hits = ["", *show_hits(build, chosen)] if head[2] else []
    return "\n".join(
        [*_lay_out(head, rows), *hits, "", f"{count_of(len(rows if names else tuple(rules)), 'rule')}; {note}"]
    )


def _lay_out(head: list[str], rows: dict[str, list[str]]) -> Iterator[str]:
    """Cells -> lines in columns, numbers to the right, families divided by a blank line."""
    used = [at for at in range(len(head)) if head[at]]
    width = [max(len(cells[at]) for cells in (head, *rows.values())) for at in range(len(head))]
    family = ""
    for name, cells in [("", head), *sorted(rows.items())]:
        if name.split("/")[0] != family:
            family = name.split("/")[0]
            yield ""
        yield "  ".join(
            cells[at].rjust(width[at]) if head[at] in ("hits", "share") else cells[at].ljust(width[at]) for at in used
        ).rstrip()


def _tell_difference(
    rule: Rule, text: str, wanted: list[tuple[int, int]], own: list[tuple[int, int]], claims: list[Claim]
) -> str:
    """What a rule claims of an example, what the brackets enclose, and what to do."""
    should = " and ".join(in_quotes(text[start:end]) for start, end in wanted)
    if own:
        does = " and ".join(in_quotes(text[start:end]) for start, end in own)
        return f"of {in_quotes(text)} it claims {does}, not {should}; mend the pattern or move the brackets"
    others = sorted({claim.rule for claim in claims})
    if others and rule.regex.search(fold(text)):
        return (
            f"of {in_quotes(text)} it should claim {should}, but {', '.join(others)} is asked first and claims "
            "it; leave this example to that rule"
        )
    return f"of {in_quotes(text)} it should claim {should}, but the pattern does not match there; mend the pattern"


def _claims_to_miss(rules: Rules, text: str) -> list[Claim]:
    return list(dict.fromkeys(claim for zone in KEEP_ZONES for claim in claim_line(rules, text, zone)))


def _name(rule: Rule, wrong: Iterable[str]) -> list[str]:
    return [f"{rule.file}: rule {rule.id}: {problem}" for problem in wrong]


def _in_zone(zone: str | None) -> str:
    return f" (in zone {zone})" if zone else ""
