"""Learn what speaks for a line before the body being the title, and say how often it is found on layouts left out.

`python -m benchmarks.train_titles --pages train.jsonl … [--folds 5] [--out etl/data]`

Pages come from `benchmarks.make_training`. Of the likely lines of a page one is the title, or none is: a softmax over them
and a none of log odds 0, fitted by gradient steps (Adam) with an L2 penalty. With `--folds` the layouts are left out in turn.
"""

from __future__ import annotations

import argparse
import json
import re
import zlib
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from benchmarks.train_zones import write_lines
from etl.around import page_bounds
from etl.arrays import Doubles, Flags, Ints
from etl.knowledge import Knowledge, load_knowledge
from etl.params import Params
from etl.pieces import to_pieces
from etl.pipeline import STAGES
from etl.read import read_table
from etl.repair import repair_pages
from etl.titles import label_titles
from etl.titles.lines import BULLET, describe, find_likely

_AT_ONCE = 1000
_MARKS = re.compile("[\u200b-\u200f\u202a-\u202e\ufeff]")


def _plain(line: str) -> str:
    """A line without bullet, marks of direction and extra spaces."""
    return " ".join(re.sub(BULLET, "", _MARKS.sub("", line)).split())


def _read_titles(record: dict[str, Any]) -> set[str]:
    """A labelled page -> its headline, in each of its forms."""
    lines = zip(record["text"].split("\n"), record["labels"], strict=False)
    return {_plain(line) for line, label in lines if label == "HEADLINE"}


class Data(NamedTuple):
    """Likely titles of pages: a flag a feature for each (`names`), the page of each, its outlet, whether it is the title."""

    names: list[str]
    features: Doubles
    page: Ints
    outlet: npt.NDArray[np.str_]
    target: Flags


def measure(records: list[dict[str, Any]], know: Knowledge) -> Data:
    """Labelled pages -> their likely titles, as the stage that labels titles meets them."""
    parts: list[Data] = []
    for low in range(0, len(records), _AT_ONCE):
        some = records[low : low + _AT_ONCE]
        table = pl.DataFrame({"text": [record["text"] for record in some]}).to_arrow()
        pages = repair_pages(pl.DataFrame(read_table(table, know.params.read)))
        pieces = to_pieces(pages.lazy())
        for stage in STAGES[: STAGES.index(label_titles)]:
            pieces = stage(pieces, know)
        frame = pieces.collect()
        found = find_likely(frame)
        if found is None:
            continue
        flags, lines, at = describe(found), found.lines, found.likely.at
        of_id = dict(zip(pages["id"], some, strict=True))
        of_page = [of_id[name] for name in frame["id"].unique(maintain_order=True)]
        titles = [_read_titles(record) for record in of_page]
        page = lines.page[at]
        texts = map(_plain, lines.texts.gather(lines.look[at]))
        target = [text in titles[number] for text, number in zip(texts, page, strict=True)]
        outlet = [of_page[number]["outlet"] for number in page]
        parts.append(
            Data(list(flags), np.stack(list(flags.values()), axis=1), page + low, np.array(outlet), np.array(target))
        )
    return Data(parts[0].names, *(np.concatenate(columns) for columns in list(zip(*parts, strict=True))[1:]))


def fit(data: Data, rows: Flags, ridge: float, steps: int) -> Doubles:
    """Some of the likely titles -> the weights of the features, and the bias, which comes last."""
    x, page = np.c_[data.features[rows], np.ones(rows.sum())].astype(float), data.page[rows]
    target = data.target[rows].astype(float)
    first, sizes = page_bounds(page)
    titled = np.repeat(np.add.reduceat(target, first) > 0, sizes)
    penalty = ridge * np.r_[np.ones(x.shape[1] - 1), 0.01]
    weights, mean, square = np.zeros((3, x.shape[1]))
    for step in range(1, steps + 1):
        score = x @ weights
        most = np.maximum(np.maximum.reduceat(score, first), 0)
        odds = np.exp(score - np.repeat(most, sizes))
        share = odds / np.repeat(np.add.reduceat(odds, first) + np.exp(-most), sizes)
        right = odds * target
        wanted = np.where(titled, right / np.maximum(np.repeat(np.add.reduceat(right, first), sizes), 1e-30), 0)
        slope = x.T @ (wanted - share) - penalty * weights
        mean, square = 0.9 * mean + 0.1 * slope, 0.99 * square + 0.01 * slope**2
        weights = weights + 0.08 * (mean / (1 - 0.9**step)) / (np.sqrt(square / (1 - 0.99**step)) + 1e-6)
    return weights


def count_right(data: Data, rows: Flags, weights: Doubles) -> tuple[int, int]:
    """Some of the likely titles, weights -> (pages whose best line is the title, or that rightly get none; pages)."""
    score = data.features[rows] @ weights[:-1] + weights[-1]
    first, sizes = page_bounds(data.page[rows])
    best = [low + int(np.argmax(score[low : low + size])) for low, size in zip(first, sizes, strict=True)]
    target = data.target[rows]
    titled = np.add.reduceat(target.astype(int), first) > 0
    right = np.where(score[best] >= 0, target[best], ~titled)
    return int(right.sum()), len(right)


def main() -> None:
    """Train, and say how often the title is found on layouts left out in turn."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=Path, nargs="+", required=True)
    parser.add_argument("--folds", type=int, default=0)
    parser.add_argument("--ridge", type=float, default=2.0)
    parser.add_argument("--steps", type=int, default=300)
    parser.add_argument("--out", type=Path, help="folder to write titles.json to")
    given = parser.parse_args()
    records = [json.loads(line) for path in given.pages for line in path.open(encoding="utf-8")]
    data = measure(records, load_knowledge(Params()))
    fold = np.array([zlib.crc32(name.encode()) % max(given.folds, 1) for name in data.outlet])
    counts = []
    for number in range(given.folds):
        counts.append(count_right(data, fold == number, fit(data, fold != number, given.ridge, given.steps)))
        print(f"fold {number}: {counts[-1][0] / counts[-1][1]:.4f} of {counts[-1][1]} pages", flush=True)
    if counts:
        print(f"all: {sum(c[0] for c in counts) / sum(c[1] for c in counts):.4f}")
    if given.out:
        weights = fit(data, np.ones(len(data.page), bool), given.ridge, given.steps)
        model = {
            "about": "what each feature of etl/titles/lines.py adds to the log odds that a line is the title, against there being none",
            "weights": {name: round(float(v), 2) for name, v in zip([*data.names, "bias"], weights, strict=True)},
        }
        (given.out / "titles.json").write_text(write_lines(model), "utf-8")


if __name__ == "__main__":
    main()
