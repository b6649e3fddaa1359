"""The numbers of a release, counted while it is written: what the manifest holds and the card prints."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

import numpy as np
import polars as pl

from etl.privacy import CHECKED, KINDS, mask_text
from etl.release_tables import INDEXED, REJECTED_FATE, RELEASED, WITHDRAWN, Part, show_cut
from etl.splits import SPLITS

_EDGES = (25, 50, 100, 200, 400, 800, 1600)
"""Words of a document at which a bin of the length distribution begins; the first begins at 0."""
_EXAMPLE = (3, 160)
"""Length of a cut, in code points, that makes a good example; others are shown only where a rule has none such."""


class Tally:
    """Counts over all documents; the same whatever the batches and their order."""

    def __init__(self) -> None:
        """Nothing is counted yet."""
        self.counts: Counter[tuple[str, ...]] = Counter()
        self.examples: dict[str, tuple[tuple[bool, str, int], str, str]] = {}

    def _add(self, what: str, rows: Iterable[tuple[Any, ...]]) -> None:
        for *key, value in rows:
            self.counts[(what, *(str(k) if k is not None else "" for k in key))] += int(value or 0)

    def _group(self, what: str, frame: pl.DataFrame, keys: list[Any], *values: pl.Expr) -> None:
        """Add one count for each group and value; the value's name is the last part of its key."""
        for row in frame.group_by(keys).agg(*values).iter_rows():
            names = row[: len(keys)]
            for name, value in zip([v.meta.output_name() for v in values], row[len(keys) :], strict=True):
                self._add(what, [(*names, name, value)])

    def take(self, part: Part, mask: bool) -> None:
        """Count some decided documents."""
        docs = part.docs
        second = pl.col("parent_id").is_not_null()
        self._group("fates", docs, ["_fate"], pl.len().alias("documents"), second.sum().alias("second"))
        rejected = docs.filter(pl.col("_fate") == REJECTED_FATE)
        self._group("verdicts", rejected, ["verdict"], pl.len().alias("documents"))
        length = pl.col("page").str.len_chars().cast(pl.Int64)
        self._group("pages", docs.filter(~second), ["_fate"], length.sum().alias("chars"))
        kept = docs.filter(pl.col("_fate").is_in([RELEASED, INDEXED]))
        sizes = (pl.len().alias("documents"), pl.col("n_words").sum(), pl.col("n_chars").sum())
        month = pl.col("date").dt.strftime("%Y-%m").alias("month")
        for what, key in (
            ("splits", "_split"),
            ("outlets", "outlet"),
            ("months", month),
            ("languages", "lang"),
        ):
            self._group(what, kept, [key, "_fate"], *sizes)
        self._group("outlet_months", kept, ["outlet", month], pl.len().alias("documents"))
        place = np.searchsorted(_EDGES, kept["n_words"].to_numpy(), side="right")
        self._add("lengths", ((str(bin_), n) for bin_, n in enumerate(np.bincount(place)) if n))
        flags = ["repaired", "mt_suspect", "likely_truncated", "has_editor_note", "has_correction"]
        self._add("flags", ((name, kept[name].sum()) for name in flags))
        dated = kept["date"].is_not_null()
        self._add("flags", [("dated", dated.sum()), ("titled", kept["title"].is_not_null().sum())])
        for name, fate in part.fates.items():
            if fate == RELEASED and name in part.spans and name in part.own:
                self._add("masked", ((span.kind, 1) for span in part.spans[name]))
        self._count_pieces(part, mask)

    def _count_pieces(self, part: Part, mask: bool) -> None:
        """Count what rules claimed on the pages that are released, and keep an example of each cut."""
        pages = part.docs.filter(pl.col("parent_id").is_null())
        kept = pages["_fate"].is_in([RELEASED, INDEXED])
        frame = part.tiles.frame
        frame = frame.filter(kept.gather(frame["doc"]))
        self._group(
            "pieces",
            frame,
            ["rule", "action", (pl.col("article") > 0).alias("second")],
            pl.len().alias("pieces"),
            pl.col("length").sum().alias("chars"),
        )
        # Of each rule the cut of the least id, so that the choice does not hang on batches.
        shown = (pages["_fate"] == RELEASED) & ~pages["id"].is_in(list(part.hurt))
        cuts = frame.filter(
            (pl.col("action") == "cut") & ~pl.col("rule").str.starts_with("space/") & shown.gather(frame["doc"])
        )
        rank = pages["id"].rank("ordinal").cast(pl.Int64).gather(cuts["doc"])
        cuts = cuts.select("rule", "doc", "start", "length", _place=rank * 2**32 + cuts["start"])
        cuts = cuts.with_columns(pl.col("_place") + (~pl.col("length").is_between(*_EXAMPLE)).cast(pl.Int64) * 2**62)
        first = cuts.group_by("rule").agg(pl.col("_place").min())
        for row in cuts.join(first, on=["rule", "_place"], how="semi").iter_rows(named=True):
            place = (row["_place"] >= 2**62, pages["id"][row["doc"]], row["start"])
            if row["rule"] not in self.examples or place < self.examples[row["rule"]][0]:
                page = pages["page"][row["doc"]]
                pieces = pages["pieces"][row["doc"]].to_list()
                before, after = show_cut(page, pieces, row["start"], row["start"] + row["length"])
                if mask:
                    before, after = mask_text(before), mask_text(after)
                self.examples[row["rule"]] = (place, before, after)

    def _table(self, what: str) -> dict[tuple[str, ...], dict[str, int]]:
        """Counts of one kind -> group -> name -> value, in order."""
        table: dict[tuple[str, ...], dict[str, int]] = {}
        for (kind, *key), value in sorted(self.counts.items()):
            if kind == what:
                table.setdefault(tuple(key[:-1]), {})[key[-1]] = value
        return table

    def numbers(self, merged: Iterable[str]) -> dict[str, Any]:
        """Return all numbers, sorted; the documents of a `merged` split count as train."""
        fates = self._table("fates")

        def fate(name: str, what: str = "documents") -> int:
            return fates.get((name,), {}).get(what, 0)

        pages = self._table("pages")
        pieces = self._table("pieces")
        families: Counter[str] = Counter()
        rules: dict[str, dict[str, Any]] = {}
        kept = moved = page_chars = 0
        for (rule, action, second), row in pieces.items():
            page_chars += row["chars"]
            if action != "cut":
                kept, moved = (kept, moved + row["chars"]) if second == "True" else (kept + row["chars"], moved)
            else:
                families[rule.split("/")[0]] += row["chars"]
            if rule:
                told = rules.setdefault(rule, {"action": action, "pieces": 0, "chars": 0})
                told["pieces"] += row["pieces"]
                told["chars"] += row["chars"]
        cut = sum(families.values())
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
                "characters_kept": kept + moved,
                "characters_second_articles": moved,
                "characters_cut_total": cut,
                "characters_cut": dict(sorted(families.items())),
                "verdicts": verdicts,
            },
            "shares": {
                "kept": round((kept + moved) / max(page_chars, 1), 4),
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
                    "documents": self.counts.get(("lengths", str(place)), 0),
                }
                for place in range(len(_EDGES) + 1)
            ],
            "rules": [{"rule": rule, **row} for rule, row in sorted(rules.items())],
            "flags": {key[1]: n for key, n in sorted(self.counts.items()) if key[0] == "flags"},
            "masked": {kind: self.counts.get(("masked", kind), 0) for kind in sorted(KINDS)},
            "mask_check": CHECKED,
        }

    def shown(self) -> list[dict[str, str]]:
        """Return an example of each rule's cuts: the line with the cut in ⟦ ⟧, and what is left of it."""
        return [
            {"rule": rule, "before": before, "after": after}
            for rule, (_, before, after) in sorted(self.examples.items())
        ]


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
