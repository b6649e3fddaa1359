"""The numbers of a release, counted while it is written: what the manifest holds and the card prints."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from itertools import pairwise
from typing import Any

import numpy as np
import polars as pl

from etl.arrays import Flags
from etl.privacy import CHECKED, KINDS, mask_text
from etl.release.fates import INDEXED
from etl.release.part import Part
from etl.splits import SPLITS
from etl.tiles import Tiles
from etl.verdicts import REJECTED_FATE, RELEASED, WITHDRAWN

_EDGES = (25, 50, 100, 200, 400, 800, 1600)
"""Words of a document at which a bin of the length distribution begins; the first begins at 0."""
_EXAMPLE = (3, 160)
"""Length of a cut, in code points, that makes a good example; others are shown only where a rule has none such."""
_FLAGS = ["repaired", "mt_suspect", "likely_truncated", "has_editor_note", "has_correction", "extracted"]
_KEYS = ["_fate", "verdict", "_split", "outlet", "lang", "month", "bin"]
_SUMS = ["documents", "second", "chars", "dated", "titled", "n_words", "n_chars", *_FLAGS]
_CLAIM = ["rule", "action", "article"]
_OWN, _SECOND, _LEFT_OUT = range(3)
"""Whose a piece is: the page's own article's, that of a second one that is released, or of one that is not."""
_PARTS = 32
"""Counts of so many parts are added up, else they would grow with the corpus."""


class Tally:
    """Counts over all documents; the same whatever the batches and their order."""

    def __init__(self) -> None:
        """Nothing is counted yet."""
        self.counts: dict[str, Counter[tuple[str, ...]]] = defaultdict(Counter)
        self.documents: list[pl.DataFrame] = []
        self.pieces: list[pl.DataFrame] = []
        self.examples: dict[str, tuple[tuple[bool, str, int], str, str]] = {}

    def _add(self, what: str, rows: Iterable[tuple[Any, ...]]) -> None:
        for *key, value in rows:
            self.counts[what][tuple(str(k) if k is not None else "" for k in key)] += int(value or 0)

    def _group(self, what: str, frame: pl.DataFrame, keys: list[str], *values: str) -> None:
        """Add one count for each group and value; the value's name is the last part of its key."""
        for row in frame.group_by(keys).agg(pl.col(values).sum()).iter_rows():
            names = row[: len(keys)]
            self._add(what, ((*names, *told) for told in zip(values, row[len(keys) :], strict=True)))

    def take(self, part: Part) -> None:
        """Count some decided documents."""
        docs = part.docs
        kept = docs["_fate"].is_in([RELEASED, INDEXED])
        chars = part.tiles.pieces.sum_by_page(part.tiles.pieces.length)
        rows = docs.select(
            *_KEYS[:-2],
            "n_words",
            "n_chars",
            *_FLAGS[:-1],
            # Of other HTML pages the text is all that a reader of the page sees.
            extracted=pl.col("extractor").is_not_null() & ~pl.col("extractor").str.ends_with(" full").fill_null(True),
            month=pl.col("date").dt.strftime("%Y-%m"),
            bin=pl.Series(np.searchsorted(_EDGES, docs["n_words"].to_numpy(), side="right")),
            documents=pl.lit(1, pl.Int64),
            second=pl.col("parent_id").is_not_null(),
            chars=pl.Series(chars),
            dated=pl.col("date").is_not_null(),
            titled=pl.col("title").is_not_null(),
        )
        self.documents = _gather(self.documents, rows.group_by(_KEYS).agg(pl.col(_SUMS).cast(pl.Int64).sum()), _KEYS)
        for name, fate in docs.select("id", "_fate").filter(pl.col("id").is_in(list(part.spans))).iter_rows():
            if fate == RELEASED:
                self._add("masked", ((span.kind, 1) for span in part.spans[name]))
        self._count_pieces(part, kept.to_numpy())
        self._count_audit(part)
        self._keep_examples(part)

    def _count_pieces(self, part: Part, kept: Flags) -> None:
        """Count what rules claimed on the pages that are released."""
        pieces = part.tiles.pieces
        whose = np.full(len(pieces.label), _OWN)
        second, fate = part.second
        whose[second] = np.where(fate.is_in([RELEASED, INDEXED]).fill_null(False).to_numpy(), _SECOND, _LEFT_OUT)
        mine = np.flatnonzero(kept[part.tiles.doc])
        group = pieces.label[mine] * (_LEFT_OUT + 1) + whose[mine]
        size = (_LEFT_OUT + 1) * len(pieces.labels)
        counts = np.bincount(group, minlength=size)
        chars = np.bincount(group, pieces.length[mine], size).astype(np.int64)
        there = np.flatnonzero(counts)
        label, article = np.divmod(there, _LEFT_OUT + 1)
        claims = pieces.labels[pl.Series(label)].with_columns(
            article=pl.Series(article), pieces=pl.Series(counts[there]), chars=pl.Series(chars[there])
        )
        self.pieces = _gather(self.pieces, claims, _CLAIM)

    def _count_audit(self, part: Part) -> None:
        """Count the characters of the audit's cut rows, and those of them that left their page for a second article."""
        pieces = part.tiles.pieces
        claimed, moved = part.audited
        cut = claimed & (pieces.labels["action"] == "cut").fill_null(False).to_numpy()[pieces.label]
        second = int(pieces.length[moved].sum())
        self._add("audit", [("second", second), ("cut", second + int(pieces.length[cut].sum()))])

    def _keep_examples(self, part: Part) -> None:
        """Keep an example of each rule's cuts: that of the least id, so that the choice does not hang on batches."""
        docs, tiles, pieces = part.docs, part.tiles, part.tiles.pieces
        rule = pieces.labels["rule"]
        cuts = (pieces.labels["action"] == "cut").fill_null(False) & ~rule.str.starts_with("space/").fill_null(False)
        shown = (docs["_fate"] == RELEASED) & ~docs["id"].is_in(part.hurt)
        rows = part.pieces(cuts.to_numpy()[pieces.label] & shown.to_numpy()[tiles.doc])
        good = (pieces.length[rows] >= _EXAMPLE[0]) & (pieces.length[rows] <= _EXAMPLE[1])
        first = np.full(len(rule), -1)
        for some in (rows[~good], rows[good]):
            # Of several rows with a label the first is written last, and stays.
            first[pieces.label[some[::-1]]] = some[::-1]
        chosen = first[first >= 0]
        lengths, docs_of = pieces.length[chosen].tolist(), tiles.doc[chosen]
        names, ids = rule.gather(pieces.label[chosen]).to_list(), docs["id"].gather(docs_of).to_list()
        data = b""
        for row, name, own, length, start in zip(
            chosen.tolist(), names, ids, lengths, tiles.start[chosen].tolist(), strict=True
        ):
            place = (not _EXAMPLE[0] <= length <= _EXAMPLE[1], own, start)
            if name not in self.examples or place < self.examples[name][0]:
                data = data or tiles.data.tobytes()
                self.examples[name] = (place, *show_cut(tiles, data, row))

    def _sum_up(self) -> None:
        """Bring the counts of all parts together."""
        docs = pl.concat(self.documents)
        docs = docs.with_columns(first=pl.col("documents") - pl.col("second"))
        kept = docs.filter(pl.col("_fate").is_in([RELEASED, INDEXED]))
        self._group("fates", docs, ["_fate"], "documents", "second")
        self._group("verdicts", docs.filter(pl.col("_fate") == REJECTED_FATE), ["verdict"], "documents")
        self._group("pages", docs.filter(pl.col("first") > 0), ["_fate"], "chars")
        for what, key in (("splits", "_split"), ("outlets", "outlet"), ("months", "month"), ("languages", "lang")):
            self._group(what, kept, [key, "_fate"], "documents", "n_words", "n_chars")
        self._group("outlet_months", kept, ["outlet", "month"], "documents")
        self._add("lengths", kept.group_by("bin").agg(pl.col("documents").sum()).iter_rows())
        self._add("flags", ((name, kept[name].sum()) for name in (*_FLAGS, "dated", "titled")))
        self._group("pieces", pl.concat(self.pieces), _CLAIM, "pieces", "chars")

    def _table(self, what: str) -> dict[tuple[str, ...], dict[str, int]]:
        """Counts of one kind -> group -> name -> value, in order."""
        table: dict[tuple[str, ...], dict[str, int]] = {}
        for key, value in sorted(self.counts[what].items()):
            table.setdefault(key[:-1], {})[key[-1]] = value
        return table

    def numbers(self, merged: Iterable[str]) -> dict[str, Any]:
        """Return all numbers, sorted; the documents of a `merged` split count as train."""
        self._sum_up()
        fates = self._table("fates")

        def fate(name: str) -> int:
            return fates.get((name,), {}).get("documents", 0)

        pages = self._table("pages")
        pieces = self._table("pieces")
        families: Counter[str] = Counter()
        rules: dict[str, dict[str, Any]] = {}
        stays = [0, 0, 0]
        for (rule, action, article), row in pieces.items():
            if action != "cut":
                stays[int(article)] += row["chars"]
            else:
                families[rule.split("/")[0]] += row["chars"]
            if rule:
                told = rules.setdefault(rule, {"action": action, "pieces": 0, "chars": 0})
                told["pieces"] += row["pieces"]
                told["chars"] += row["chars"]
        cut, kept = sum(families.values()), stays[_OWN] + stays[_SECOND]
        page_chars = kept + stays[_LEFT_OUT] + cut
        merged = set(merged)
        splits: dict[str, dict[str, int]] = {}
        for (split, made), row in self._table("splits").items():
            if made == RELEASED:
                total = splits.setdefault("train" if split in merged else split, dict.fromkeys(row, 0))
                for key, value in row.items():
                    total[key] += value
        total_documents = sum(row["documents"] for row in fates.values())
        seconds = sum(row["second"] for row in fates.values())
        verdicts = {key: row["documents"] for (key,), row in self._table("verdicts").items()}
        return {
            "totals": {
                "documents": total_documents,
                "pages": total_documents - seconds,
                "second_articles": seconds,
                "released": fate(RELEASED) + fate(INDEXED),
                "released_with_text": fate(RELEASED),
                "released_without_text": fate(INDEXED),
                "rejected": fate(REJECTED_FATE),
                "rejected_input": sum(n for rule, n in verdicts.items() if not rule.startswith("duplicate/")),
                "withdrawn": fate(WITHDRAWN),
                "words": sum(row["n_words"] for row in splits.values()),
                "characters": sum(row["n_chars"] for row in splits.values()),
                "characters_read": sum(row["chars"] for row in pages.values()),
                "characters_rejected": pages.get((REJECTED_FATE,), {}).get("chars", 0),
                "characters_released_pages": page_chars,
                "characters_kept": kept,
                "characters_second_articles": stays[_SECOND],
                "characters_second_articles_left_out": stays[_LEFT_OUT],
                "characters_cut_total": cut,
                "characters_cut": dict(sorted(families.items())),
                "characters_cut_in_audit": self.counts["audit"]["cut",],
                "characters_moved_in_audit": self.counts["audit"]["second",],
                "verdicts": verdicts,
            },
            "shares": {
                "kept": round(kept / max(page_chars, 1), 4),
                "cut": round(cut / max(page_chars, 1), 4),
            },
            "splits": {name: splits[name] for name in SPLITS if name in splits},
            "outlets": _rows(self._table("outlets"), "outlet"),
            "months": _rows(self._table("months"), "month"),
            "languages": _rows(self._table("languages"), "lang"),
            "outlet_months": [
                {"outlet": outlet, "month": month, **row}
                for (outlet, month), row in self._table("outlet_months").items()
            ],
            "lengths": [
                {
                    "from_words": ([0, *_EDGES])[place],
                    "documents": self.counts["lengths"][str(place),],
                }
                for place in range(len(_EDGES) + 1)
            ],
            "rules": [{"rule": rule, **row} for rule, row in sorted(rules.items())],
            "flags": {key: n for (key,), n in sorted(self.counts["flags"].items())},
            "masked": {kind: self.counts["masked"][kind,] for kind in sorted(KINDS)},
            "mask_check": CHECKED,
        }

    def shown(self, mask: bool) -> list[dict[str, str]]:
        """Return an example of each rule's cuts: the line with the cut in ⟦ ⟧, and what is left of it."""
        told = mask_text if mask else str
        return [
            {"rule": rule, "before": told(before), "after": told(after)}
            for rule, (_, before, after) in sorted(self.examples.items())
        ]


def _gather(held: list[pl.DataFrame], counts: pl.DataFrame, keys: list[str]) -> list[pl.DataFrame]:
    """Counts of some parts, those of one more -> all of them, added up from time to time."""
    held = [*held, counts]
    return held if len(held) < _PARTS else [pl.concat(held).group_by(keys).agg(pl.all().sum())]


def _rows(table: dict[tuple[str, ...], dict[str, int]], name: str) -> list[dict[str, Any]]:
    """Counts by key and fate -> one row a key: documents and words released with and without text."""
    rows: dict[str, dict[str, Any]] = {}
    for (key, fate), counts in table.items():
        row = rows.setdefault(key, {name: key, "documents": 0, "without_text": 0, "words": 0, "characters": 0})
        if fate == RELEASED:
            row["documents"] += counts["documents"]
            row["words"] += counts["n_words"]
            row["characters"] += counts["n_chars"]
        else:
            row["without_text"] += counts["documents"]
    return list(rows.values())


def show_cut(tiles: Tiles, data: bytes, row: int) -> tuple[str, str]:
    """Tiles, their bytes and the row of a cut -> the line with the cut in ⟦ ⟧, and what is left of it."""
    low, high = tiles.bounds[row : row + 2].tolist()
    begin, finish = tiles.bounds[tiles.pieces.bounds[tiles.doc[row] :][:2]].tolist()
    whole = data[low:high]
    start = high - len(whole.lstrip(b"\n"))
    cut = data[start:high].rstrip(b"\n")
    first = max(data.rfind(b"\n", begin, start) + 1, begin)
    last = data.find(b"\n", max(start, high - 1), finish)
    last = finish if last < 0 else last
    before = b"%b\xe2\x9f\xa6%b\xe2\x9f\xa7%b" % (data[first:start], cut, data[start + len(cut) : last])
    if low <= first and last <= high:  # Mostly the line is the cut, and nothing of it is left.
        return before.decode(), ""
    near = np.searchsorted(tiles.bounds[:-1], (first, last), side="right").tolist()
    ends = tiles.bounds[near[0] - 1 : near[1] + 1].tolist()
    left = [
        data[max(one, first) : min(other, last)]
        for (one, other), stays in zip(pairwise(ends), tiles.stays[near[0] - 1 : near[1]].tolist(), strict=True)
        if stays
    ]
    return before.decode(), b"".join(left).decode().strip()
