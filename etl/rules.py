"""Rules are data: this reads `rules/*.toml`, checks them, and says what they claim.

A rule claims a whole line (`line`) or a part of one (`span`), in the folded key of the line. It cuts what it claims, or
marks it: a marked span is read into a field and stays in the text. Each rule carries the examples that test it.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

from etl.decoration import dash_signs
from etl.errors import UserError
from etl.fold import TABLE, fold_offsets, span_of
from etl.names import list_cities
from schemas.zones import ZONES

SHIPPED = Path(__file__).parent / "rules"
FAMILIES = [
    "site",
    "ui",
    "ad",
    "legal",
    "share",
    "follow",
    "promo",
    "comment",
    "contact",
    "related",
    "title",
    "summary",
    "headline-en",
    "date",
    "source",
    "byline",
    "dateline",
    "category",
    "keywords",
    "counter",
    "media",
    "embed",
    "wire",
    "note",
    "template",
    "zone",
    "space",
    "repair",
    "quality",
    "language",
    "duplicate",
    "read",
]
EDGES = ("first", "last")
"""Where a rule may fire as well: on the first lines of a body and on its last ones, where no line between stays."""
_KEYS = {"id", "why", "line", "span", "until", "action", "heading", "zone", "outlet", "hits", "keeps"}
_ID = re.compile(r"[a-z]+(?:-[a-z]+)*/[a-z0-9]+(?:-[a-z0-9]+)*")
_UNPORTABLE = re.compile(r"\(\?(?!:)|[*+?}]\+|\[\[:|&&|~~")
_UNPORTABLE_ESCAPE = re.compile(r"\\[0-9A-CE-RT-Za-ce-rt-z]")
# Ornament that may stand around a label without being part of it: bullets, arrows, brackets, pipes, emoji.
ORNAMENT = r"\s\-\[\](){}<>|*/\\#_~=+•·∙◦▪▫●○■□◄►▶◀◆◇★☆←→↑↓⇐⇒✔✅➤➡⬅⭐❖❗\u2190-\u21ff\u2500-\u27bf\u2b00-\u2bff\U0001f300-\U0001faff"
LEAD = f"[{ORNAMENT}]*"
TAIL = r"[\s\])}<>|*\-\u2190-\u21ff\u25a0-\u27bf\U0001f300-\U0001faff]*"


class RuleError(UserError):
    """A rule file that cannot be used; the message names the file, the rule and what to do."""


class Claim(NamedTuple):
    """What a rule claims of a line: half-open code points of the line."""

    start: int
    end: int
    rule: str


@dataclass(frozen=True)
class Rule:
    """One rule as its file states it; `pattern` is folded and ready for either regex engine.

    `core` is the pattern without the ornament that may stand around a line; `until` is the pattern of the line that ends
    the box which a line of the rule opens, empty where it opens none.
    """

    id: str
    why: str
    kind: str
    pattern: str
    action: str = "cut"
    heading: str | None = None
    zone: tuple[str, ...] = ()
    outlet: str | None = None
    hits: tuple[str, ...] = ()
    keeps: tuple[str, ...] = ()
    file: str = ""
    core: str = ""
    until: str = ""
    own: bool = False
    """Whether it is a person's own, and not one of those shipped."""

    @cached_property
    def regex(self) -> re.Pattern[str]:
        """The pattern for Python's engine."""
        return re.compile(self.pattern)

    def fires_in(self, zone: str | None) -> bool:
        """Whether the rule may claim a line of this zone; a rule that names zones does not fire where none is known."""
        return not self.zone or zone in self.zone


@dataclass(frozen=True)
class Rules:
    """The rules of a run, in the order in which they are asked."""

    rules: tuple[Rule, ...] = ()
    _by_id: dict[str, Rule] = field(init=False, repr=False, compare=False, default_factory=dict)

    def __post_init__(self) -> None:
        """Index the rules by id."""
        self._by_id.update({rule.id: rule for rule in self.rules})

    def __iter__(self) -> Iterator[Rule]:
        """Iterate over the rules in order."""
        return iter(self.rules)

    def __getitem__(self, rule_id: str) -> Rule:
        """Return the rule with this id."""
        return self._by_id[rule_id]

    def get(self, rule_id: str) -> Rule | None:
        """Return the rule with this id, if there is one."""
        return self._by_id.get(rule_id)

    def lines(self, *, zoned: bool) -> list[Rule]:
        """Return the rules over whole lines: those that name zones, or those that do not."""
        return [rule for rule in self.rules if rule.kind == "line" and bool(rule.zone) == zoned]

    def headings(self, kind: str) -> list[str]:
        """Return the ids of the rules whose lines are headings of a kind: `related` opens a list of other articles, `masthead`
        names a post of the paper's staff."""
        return [rule.id for rule in self.rules if rule.heading == kind]

    def boxes(self) -> list[Rule]:
        """Return the rules whose lines open a box that another line ends."""
        return [rule for rule in self.rules if rule.until]

    def spans(self) -> list[Rule]:
        """Return the rules over parts of lines."""
        return [rule for rule in self.rules if rule.kind == "span"]


def fold_pattern(pattern: str) -> str:
    """Regex in ordinary spelling -> the same regex over the folded key; escapes and operators stay as they are."""
    folded: list[str] = []
    at = 0
    while at < len(pattern):
        character = pattern[at]
        if character == "\\":
            folded.append(pattern[at : at + 2])
            at += 2
            continue
        plain = TABLE.get(character, character)
        if plain == character or plain == " ":
            folded.append(plain)
        else:
            folded.extend(re.escape(p) if p in r".-[](){}*+?|^$\/" else p for p in plain)
        at += 1
    return "".join(folded)


def _expand(pattern: str, macros: dict[str, str]) -> str:
    for _ in range(8):
        names = re.findall(r"\{\{(\w+)\}\}", pattern)
        if not names:
            return pattern
        for name in names:
            if name not in macros:
                near = "".join(f"; near is {{{{{one}}}}}" for one in get_close_matches(name, macros, 1))
                raise RuleError(f"unknown macro {{{{{name}}}}}{near}; macros stand under [macros] in _macros.toml")
            pattern = pattern.replace("{{" + name + "}}", f"(?:{macros[name]})")
    raise RuleError("macros that name one another")


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _find_mistyped(entry: dict[str, Any]) -> Iterator[str]:
    """Entry of a rule -> keys that no rule has, and values of another type: with these it cannot be looked at further."""
    unknown = sorted(set(entry) - _KEYS)
    if unknown:
        yield f"unknown key {', '.join(unknown)}; the keys are {', '.join(sorted(_KEYS))}"
    for key, value in entry.items():
        texts = key in ("hits", "keeps", "zone")
        if not (isinstance(value, str) if not texts else isinstance(value, list) and all(map(_is_text, value))):
            yield f"{key} is {'a list of texts, in [ ]' if texts else 'a text'}, not {value!r}"


def _find_wrong(entry: dict[str, Any]) -> Iterator[str]:
    """Entry of a rule -> all that is wrong with it, its patterns aside."""
    rule_id = entry.get("id", "")
    if not _ID.fullmatch(rule_id) or rule_id.split("/")[0] not in FAMILIES:
        yield f"the id must be family/name, the family one of {', '.join(FAMILIES)}"
    if ("line" in entry) == ("span" in entry):
        yield "give it either 'line' (a whole line) or 'span' (part of one)"
    if not entry.get("why", "").strip():
        yield "say in one sentence 'why' it exists"
    for examples in ("hits", "keeps"):
        if not entry.get(examples):
            yield f"needs '{examples}': sentences it must {'claim' if examples == 'hits' else 'not touch'}"
    if entry.get("action", "cut") not in ("cut", "mark"):
        yield f"action is 'cut' or 'mark', not {entry['action']!r}"
    if not set(entry.get("zone", ())) <= {*ZONES, *EDGES}:
        yield f"zone is a list of {', '.join((*ZONES, *EDGES))}"
    if entry.get("heading") not in (None, "related", "masthead") or ("line" not in entry and entry.get("heading")):
        yield "heading is 'related' or 'masthead', and only of a line rule"
    if "line" not in entry and entry.get("until"):
        yield "'until' is only of a line rule: it names the line that ends the box"


def _read_rule(entry: dict[str, Any], macros: dict[str, str], file: Path, known: bool = False) -> Rule:
    """Entry of a rule -> the rule; an error tells all that is wrong with it, a line each."""
    where = f"{file.name}: rule {entry.get('id', '(no id)')}"
    compiled = {"until": ("", "")}
    wrong = list(_find_mistyped(entry))
    if not wrong:
        wrong += _find_wrong(entry)
        for key in ("line", "span", "until"):
            try:
                if entry.get(key):
                    compiled[key] = _compile(entry[key], "span" if key == "span" else "line", macros, known)
            except RuleError as error:
                wrong.append(str(error))
    if wrong:
        raise RuleError("\n".join(f"{where}: {fault}" for fault in wrong))
    kind = "line" if "line" in entry else "span"
    core, pattern = compiled[kind]
    until = compiled["until"][1]
    return Rule(
        id=entry["id"],
        why=entry["why"],
        kind=kind,
        pattern=pattern,
        action=entry.get("action", "cut"),
        heading=entry.get("heading"),
        zone=tuple(entry.get("zone", ())),
        outlet=entry.get("outlet"),
        hits=tuple(entry["hits"]),
        keeps=tuple(entry["keeps"]),
        file=file.name,
        core=core,
        until=until,
        own=not known,
    )


def _compile(source: str, kind: str, macros: dict[str, str], known: bool) -> tuple[str, str]:
    """A pattern as its file states it -> (the folded core, the whole pattern), ready for either engine.

    A `known` one is not tried out: the shipped rules are, in the tests, and compiling them all takes a second.
    """
    # A long pattern may be broken over lines in its file; a line feed is no part of it.
    pattern = _expand(source, macros).replace("\n", "")
    bad = _UNPORTABLE.search(re.sub(r"\\.", "x", pattern)) or _UNPORTABLE_ESCAPE.search(pattern)
    if bad:
        raise RuleError(
            f"{bad[0]!r} is outside the portable regex subset (no look-around, back-references, flags); "
            "(?: ) makes a group"
        )
    core = fold_pattern(pattern)
    pattern = f"^{LEAD}(?:{core}){TAIL}$" if kind == "line" else core
    if known:
        return core, pattern
    try:
        compiled = re.compile(pattern)
    except re.error as error:
        fault = _find_fault(source) or error.msg
        raise RuleError(f"not a regular expression: {fault}") from error
    if compiled.groups > (0 if kind == "line" else 1):
        raise RuleError("use (?:…) for groups; only a span rule may have one ( ) for the part it claims")
    return core, pattern


def _find_fault(source: str) -> str | None:
    """A pattern as its file states it -> what is wrong and where in it; None where the fault is in a macro that it names."""
    try:
        re.compile(source)
    except re.error as error:
        at = error.pos or 0
        return f"{error.msg} at character {at + 1} of '{source}'"
    return None


def _read_toml(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        hint = "; write patterns between single quotes, '…'" if "'\\'" in str(error) else ""
        raise RuleError(f"{file}: not readable as TOML: {error}{hint}") from error


def load_rules(*folders: Path) -> Rules:
    """Read the shipped rules, then those of `folders`; a user's folder may use the shipped macros and define more.

    An error tells what is wrong with each rule that cannot be used.
    """
    macros = {"PLACE": "|".join(list_cities())}
    rules: list[Rule] = []
    wrong: list[str] = []
    for folder in (SHIPPED, *folders):
        if not folder.is_dir():
            there = "is a file; name the folder it lies in" if folder.exists() else "no such folder of rules"
            raise RuleError(f"{folder}: {there}")
        if not any(folder.glob("*.toml")):
            raise RuleError(f"{folder}: holds no rules; their files end in .toml")
        shared = folder / "_macros.toml"
        if shared.exists():
            macros |= _read_toml(shared).get("macros", {})
        for file in sorted(folder.glob("*.toml")):
            if file.name == "_macros.toml":
                continue
            entries = _read_toml(file).get("rule", [])
            if not isinstance(entries, list):
                wrong.append(f"{file.name}: write [[rule]], with two brackets, before each rule")
                continue
            for entry in entries:
                try:
                    rules.append(_read_rule(entry, macros, file, folder == SHIPPED))
                except RuleError as error:
                    wrong.append(str(error))
    seen: dict[str, str] = {}
    for rule in rules:
        if rule.id in seen:
            wrong.append(
                f"{rule.file}: rule {rule.id} has an id that {seen[rule.id]} uses already; ids are unique: choose another"
            )
        seen[rule.id] = f"your own {rule.file}" if rule.own else f"the shipped {rule.file}"
    if wrong:
        raise RuleError("\n".join(wrong))
    return Rules(tuple(rules))


def claim_spans(rules: Iterable[Rule], text: str) -> list[Claim]:
    """Line of text -> what span rules claim in it, in order, none overlapping; where two meet the earlier rule wins."""
    key, offsets = fold_offsets(dash_signs(text))
    claims: list[Claim] = []
    for rule in rules:
        for match in rule.regex.finditer(key):
            start, end = match.span(1) if rule.regex.groups else match.span()
            if start < end:
                first, last = span_of(text, offsets, start, end)
                if not any(first < claim.end and claim.start < last for claim in claims):
                    claims.append(Claim(first, last, rule.id))
    return sorted(claims)


def claim_line(rules: Rules, text: str, zone: str | None = None) -> list[Claim]:
    """One line of text -> the claims on it: the first line rule that fits takes all of it, else spans take their parts.

    This is the reference that the vectorised stages are tested against.
    """
    key, _ = fold_offsets(text)
    for rule in (*rules.lines(zoned=False), *rules.lines(zoned=True)):
        if rule.fires_in(zone) and rule.regex.search(key):
            return [Claim(0, len(text), rule.id)]
    return claim_spans([rule for rule in rules.spans() if rule.fires_in(zone)], text)
