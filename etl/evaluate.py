"""How good is the cleaning? Scores against pages whose right answer is known.

The body is scored on runs of four words (`\\w+`), as multisets: precision, recall and F1 a page, then the mean over pages,
so that one long page does not outweigh the others. Beside it stand precision and recall of its characters, and the share
of labelled lines that were rightly kept or cut. Fields count as right when equal, a null for a null included.
"""

from __future__ import annotations

import json
import tomllib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from etl.api import read_source, records
from etl.duplicates.shingles import score_body, score_characters
from etl.errors import UserError
from etl.knowledge import Knowledge


@dataclass
class Case:
    """One page with its right answer."""

    name: str
    kind: str
    source: Path
    body: str
    fields: dict[str, Any] = field(default_factory=dict)
    labels: list[str] = field(default_factory=list)


@dataclass
class Score:
    """What came out for one page."""

    name: str
    kind: str
    precision: float
    recall: float
    f1: float
    char_precision: float = 0.0
    char_recall: float = 0.0
    lines: float | None = None
    fields: dict[str, bool] = field(default_factory=dict)
    left: Counter[str] = field(default_factory=Counter)
    lost: Counter[str] = field(default_factory=Counter)
    verdict: str | None = None


class CaseError(UserError):
    """Known answers or floors that cannot be read; the message names the file."""


def find_cases(folder: Path) -> list[Case]:
    """Folder -> its cases: subfolders with page.* and body.txt, or flat files NAME.full.txt beside NAME.body.txt."""
    cases: list[Case] = []
    for body in sorted(folder.rglob("body.txt")):
        here = body.parent
        source = next(iter(sorted(here.glob("page.*"))), None)
        if source is None:
            raise FileNotFoundError(f"{here}: a body.txt without a page.txt or page.html beside it")
        known = _read_facts(here / "fields.json")
        labels = here / "labels.txt"
        cases.append(
            Case(
                name=here.relative_to(folder).as_posix(),
                kind=known.get("kind", "page"),
                source=source,
                body=body.read_text("utf-8"),
                fields=known,
                labels=labels.read_text("utf-8").split("\n") if labels.exists() else [],
            )
        )
    for body in sorted(folder.glob("*.body.txt")):
        name = body.name.removesuffix(".body.txt")
        facts = folder / f"{name}.json"
        for kind, suffix in (("full", ".full.txt"), ("main", ".main.txt"), ("html", ".html")):
            source = folder / f"{name}{suffix}"
            if source.exists():
                known = _read_facts(facts)
                known = {key: value for key, value in known.items() if key == "title" and value}
                cases.append(Case(name, kind, source, body.read_text("utf-8"), known))
    if not cases:
        raise FileNotFoundError(
            f"{folder}: no cases: needs */body.txt with page.txt, or NAME.body.txt with NAME.full.txt"
        )
    return cases


def _read_facts(path: Path) -> dict[str, Any]:
    """File of known fields -> them; none where there is no file."""
    if not path.exists():
        return {}
    try:
        return dict(json.loads(path.read_text("utf-8")))
    except (ValueError, TypeError) as error:
        raise CaseError(f"{path}: is no JSON object of fields: {error}") from error


def _lost(cuts: Iterable[dict[str, Any]], gold: str) -> Counter[str]:
    """Characters of gold paragraphs that each rule cut."""
    paragraphs = [" ".join(line.split()) for line in gold.splitlines() if line.strip()]
    lost: Counter[str] = Counter()
    for cut in cuts:
        text = " ".join(cut["text"].split())
        if cut["action"] == "cut" and len(text) >= 12 and any(text in paragraph for paragraph in paragraphs):
            lost[cut["rule"]] += len(text)
    return lost


_BODY, _PARTLY = ("BODY", "SUBHEAD"), ("SPLIT", "GLUED", "NEUTRAL")
"""Labels of lines that belong to the article, and of those that do in part or may go either way."""


def score_case(case: Case, records: Sequence[dict[str, Any]]) -> Score:
    """Case and the records made of its page (the article, then any second ones) -> its score."""
    own = records[0]
    precision, recall, f1 = score_body(own["text"], case.body)
    score = Score(
        case.name, case.kind, precision, recall, f1, *score_characters(own["text"], case.body), verdict=own.get("verdict")
    )  # fmt: skip
    for name, wanted in case.fields.items():
        if name in ("kind", "note", "children", "n_related"):
            continue
        got = own.get(name)
        score.fields[name] = (str(got) if got is not None and not isinstance(got, bool | list) else got) == wanted
    if "children" in case.fields:
        children = [(child["title"], child["text"]) for child in records[1:]]
        wanted_children = [(child["title"], child["body"]) for child in case.fields["children"]]
        score.fields["children"] = children == wanted_children
    kept = {" ".join(line.split()) for line in own["text"].splitlines()}
    lines = case.source.read_text("utf-8", "replace").split("\n") if case.labels else []
    right = []
    for line, label in zip(lines, case.labels, strict=False):
        if label and label not in _PARTLY:
            text = " ".join(line.split())
            # Of a body line to which something was glued, a part is kept.
            here = text in kept or (label in _BODY and any(part in text for part in kept))
            right.append(here == (label in _BODY))
    score.lines = sum(right) / len(right) if right else None
    for line, label in zip(lines, case.labels, strict=False):
        if label and label not in _BODY and " ".join(line.split()) in kept:
            score.left[label] += 1
    score.lost = _lost(own["cuts"], case.body)
    return score


def _mean(values: Sequence[float]) -> float | None:
    return round(sum(values) / len(values), 4) if values else None


def summarise(scores: Sequence[Score]) -> dict[str, Any]:
    """Scores -> the figures that floors are set on, by kind of page and in total."""
    kinds: dict[str, Any] = {}
    for kind in sorted({score.kind for score in scores}):
        of_kind = [score for score in scores if score.kind == kind]
        fields = [right for score in of_kind for right in score.fields.values()]
        kinds[kind] = {
            "pages": len(of_kind),
            "precision": _mean([score.precision for score in of_kind]),
            "recall": _mean([score.recall for score in of_kind]),
            "f1": _mean([score.f1 for score in of_kind]),
            "worst": round(min(score.f1 for score in of_kind), 4),
            "char_precision": _mean([score.char_precision for score in of_kind]),
            "char_recall": _mean([score.char_recall for score in of_kind]),
            "lines": _mean([score.lines for score in of_kind if score.lines is not None]),
            "fields": _mean(fields),
        }
    return kinds


@dataclass
class Scores:
    """The score of every page, and the figures in total."""

    pages: list[Score]
    summary: dict[str, Any]


def evaluate(folder: Path, know: Knowledge) -> Scores:
    """Clean every case of a folder and score what comes out."""
    cases = find_cases(folder)
    # All pages in one go: a call costs far more than a page. An id of its own keeps the same page in two cases apart.
    pages = [
        read_source(case.source, know).head(1).with_columns(id=pl.lit(f"{number:016x}"))
        for number, case in enumerate(cases)
    ]
    found: dict[str, list[dict[str, Any]]] = {}
    for record in records(pl.concat(pages), know):
        found.setdefault(record["parent_id"] or record["id"], []).append(record)
    scores = [score_case(case, found[f"{number:016x}"]) for number, case in enumerate(cases)]
    return Scores(scores, summarise(scores))


def check_floors(scores: Scores, floors: Path, corpus: str) -> list[str]:
    """Scores and a file of floors (TOML: corpus.kind → figure → least value) -> a line for each figure below its own."""
    below = []
    try:
        known = tomllib.loads(floors.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CaseError(f"{floors}: not readable as TOML: {error}") from error
    if corpus not in known:
        raise CaseError(f"{floors}: has no floors for {corpus!r}; it has {', '.join(known)}")
    for kind, figures in sorted(known[corpus].items()):
        for name, least in figures.items():
            got = scores.summary.get(kind, {}).get(name)
            if got is None or got < least:
                below.append(f"{kind}: {name} is {got}, under its floor of {least} ({floors})")
    return below


def print_scores(scores: Scores, as_json: bool = False) -> None:
    """Print a line a page, worst first, then the figures by kind."""
    if as_json:
        print(json.dumps(scores.summary, ensure_ascii=False, sort_keys=True))
        return
    print(
        f"{'page':<44} {'kind':<5} {'P':>6} {'R':>6} {'F1':>6}  wrong fields; body lost by rule; furniture left by class"
    )
    for score in sorted(scores.pages, key=lambda score: (score.f1, all(score.fields.values()), score.name)):
        wrong = ", ".join(name for name, right in score.fields.items() if not right)
        lost = ", ".join(f"{rule} {count}" for rule, count in score.lost.most_common(4))
        left = ", ".join(f"{label} {count}" for label, count in score.left.most_common(4))
        notes = "; ".join(part for part in (wrong, lost, left, score.verdict) if part)
        print(f"{score.name:<44} {score.kind:<5} {score.precision:6.3f} {score.recall:6.3f} {score.f1:6.3f}  {notes}")
    for kind, figures in scores.summary.items():
        print(f"{kind}: " + ", ".join(f"{name} {value}" for name, value in figures.items()))
