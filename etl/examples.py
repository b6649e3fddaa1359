"""Opinions -> examples for the rules concerned, as a unified diff that only a person applies."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Iterable, Sequence
from itertools import pairwise
from pathlib import Path

from etl.fold import fold
from etl.phrases import say
from etl.review import Opinion, ReviewError, quote
from etl.rules import SHIPPED, Rule, Rules

_LEAST_PREFIX = 4
"""Characters of the key, in whole words, in which a missed line must begin like an example of the rule."""


def propose_examples(opinions: Iterable[Opinion], rules: Rules, folders: Sequence[Path] = ()) -> tuple[str, list[str]]:
    """Opinions -> (unified diff over rule files, what no rule file can learn from).

    A wrong cut becomes a `keeps` of its rule: the whole line, as the rule saw it. A line that should have
    been cut becomes a `hits` of the rule whose examples begin most alike, else a comment in the family's
    file. Until the patterns are changed too, the rule tests fail: that is what the examples are for.
    """
    files = _find_files(rules, folders)
    texts = {path: path.read_text("utf-8") for path in set(files.values())}
    edited = dict(texts)
    unplaced: list[str] = []
    for opinion in opinions:
        line = opinion.line.strip()
        if opinion.opinion == "wrong" and not opinion.is_of_decision:
            rule = rules.get(opinion.rule or "")
            path = files.get(rule.file) if rule else None
            if rule is None or path is None:
                unplaced.append(_explain(opinion))
            elif line not in rule.keeps:
                edited[path] = add_example(edited[path], rule.id, "keeps", line)
        elif opinion.opinion == "cut":
            text = opinion.text.strip()
            rule = find_nearest(rules, opinion.family or "", text)
            path = files.get(rule.file) if rule else files.get(f"{opinion.family}.toml")
            if path is None:
                unplaced.append(_explain(opinion))
            elif rule is not None:
                example = line.replace(text, f"⟦{text}⟧", 1) if rule.kind == "span" else text
                edited[path] = add_example(edited[path], rule.id, "hits", example)
            else:
                said = f"# A reader of page {opinion.id} says that a rule of this file should claim:"
                marked = line if line == text else line.replace(text, f"⟦{text}⟧", 1)
                edited[path] = edited[path].rstrip("\n") + f"\n\n{said}\n# {quote(marked)}\n"
    diff = "".join(
        line
        for path in sorted(texts)
        for line in difflib.unified_diff(
            texts[path].splitlines(keepends=True),
            edited[path].splitlines(keepends=True),
            f"a/{_shown(path)}",
            f"b/{_shown(path)}",
        )
    )
    return diff, unplaced


def find_nearest(rules: Rules, family: str, text: str) -> Rule | None:
    """Missed text -> the rule of the family that has an example which begins most like it, word for word."""
    words = fold(text).split()
    best: tuple[int, str] = (_LEAST_PREFIX - 1, "")
    found: Rule | None = None
    for rule in rules:
        if rule.id.partition("/")[0] != family:
            continue
        for example in rule.hits:
            inside = re.search("⟦(.*)⟧", example)
            shared = _shared(words, fold(inside[1] if inside else example).split())
            if shared > best[0]:
                best, found = (shared, rule.id), rule
    return found


def _shared(words: list[str], other: list[str]) -> int:
    """Characters of the words that two lists begin with alike."""
    count = 0
    for one, two in zip(words, other, strict=False):
        if one != two:
            break
        count += len(one)
    return count


def add_example(source: str, rule_id: str, key: str, example: str) -> str:
    """Rule file -> the same with one more example in `hits` or `keeps` of a rule; all else stays as it is."""
    lines = source.splitlines(keepends=True)
    heads = [number for number, line in enumerate(lines) if line.strip() == "[[rule]]"] + [len(lines)]
    for first, last in pairwise(heads):
        block = tomllib.loads("".join(lines[first:last])).get("rule", [{}])[0]
        if block.get("id") != rule_id:
            continue
        if example in block.get(key, []):
            return source
        start = next(n for n in range(first, last) if re.match(rf"{key}\s*=\s*\[", lines[n]))
        for end in range(start, last):
            if (new := _extend(lines, start, end, example)) and _examples_of(new, rule_id, key) == [
                *block[key],
                example,
            ]:
                return new
    raise ReviewError(f"rule {rule_id}: no list {key} that can be extended; add {example!r} by hand")


def _extend(lines: list[str], start: int, end: int, example: str) -> str | None:
    """Lines of a file -> the file with the example before the bracket on line `end`, if one closes there."""
    line = lines[end].rstrip()
    if not line.endswith("]"):
        return None
    if end > start:
        before = [*lines[:end]]
        last = before[-1].rstrip("\n")
        if not last.rstrip().endswith((",", "[")):
            before[-1] = last + ",\n"
        return "".join([*before, f"  {quote(example)},\n", *lines[end:]])
    head = line[:-1].rstrip()
    comma = "" if head.endswith(("[", ",")) else ", "
    return "".join([*lines[:end], f"{head}{comma}{quote(example)}]\n", *lines[end + 1 :]])


def _examples_of(source: str, rule_id: str, key: str) -> list[str] | None:
    try:
        rules = tomllib.loads(source).get("rule", [])
    except tomllib.TOMLDecodeError:
        return None
    return next((list(rule.get(key, [])) for rule in rules if rule.get("id") == rule_id), None)


def _find_files(rules: Rules, folders: Sequence[Path]) -> dict[str, Path]:
    """Rules -> the path of each rule file, by its name; a user's own folder goes before the shipped one."""
    names = {rule.file for rule in rules}
    return {
        name: next(path for folder in (*folders, SHIPPED) if (path := folder / name).exists())
        for name in sorted(names)
        if any((folder / name).exists() for folder in (*folders, SHIPPED))
    }


def _shown(path: Path) -> str:
    """Path as a patch names it: shipped files from the top of the project."""
    root = SHIPPED.parents[1]
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else path.as_posix().lstrip("/")


def _explain(opinion: Opinion) -> str:
    rule = opinion.rule or f"{opinion.family}/…"
    how = "not a rule of a file, the override alone corrects it"
    if rule.startswith("template/"):
        how = "write `keep` in its row of templates.csv, if the line is never boilerplate"
    return f"{rule}: {how}: {say(opinion.text)}"
