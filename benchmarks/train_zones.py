"""Learn the weights of the zone model from labelled pages, and say how good they are on layouts left out.

`python -m benchmarks.train_zones --pages train.jsonl … --clean articles.parquet … [--folds 5] [--out etl/data]`

Pages come from `benchmarks.make_training`; clean articles teach that text without furniture is all body. The model is a
lexicon (`benchmarks.train_words`), a logistic regression for the first look (iteratively reweighted least squares, L2) and
a forest for each further look (symmetric trees, fitted by CatBoost: `uv sync --group train`), each learning from the odds
that the look before gives on layouts it has not seen. With `--folds` the layouts are left out in turn, lexicon and all.
"""

from __future__ import annotations

import argparse
import json
import re
import tempfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace as Knowledge
from typing import Any

import numpy as np
import polars as pl

from benchmarks.make_training import FURNITURE
from benchmarks.steps import Steps
from benchmarks.train_words import learn_words
from etl.arrays import Floats, Ints
from etl.cues import label_boxes, label_lines
from etl.duplicates.shingles import score_body
from etl.pieces import to_pieces
from etl.places import label_tweets
from etl.rules import load_rules
from etl.zones import SURE, ZoneParams, choose_zones, find_open
from etl.zones.bare import any_titles
from etl.zones.lexicon import make_lexicon
from etl.zones.lines import Lines, measure_lines
from etl.zones.path import BODY
from etl.zones.second_look import look_again
from etl.zones.sinks import Both, Columns
from etl.zones.trees import Forest, read_forest

KEPT = ("BODY", "SUBHEAD", "SPLIT", "GLUED")
FORESTS = 2
"""Looks after the first."""
LOST_WEIGHS = 2.0
"""A body line lost counts this many times a line of furniture left."""


def read_pages(paths: list[Path], clean: list[Path], clean_count: int) -> list[dict[str, Any]]:
    """Labelled pages from JSONL files, and clean articles as pages whose lines are all body."""
    pages = [json.loads(line) for path in paths for line in path.open(encoding="utf-8")]
    for path in clean:
        frame = pl.read_parquet(path).sample(clean_count, seed=7, shuffle=True)
        for number, (outlet, text) in enumerate(frame.select("outlet", "text").iter_rows()):
            labels = [
                ("NEUTRAL" if FURNITURE.search(line.strip()) else "BODY") if line.strip() else ""
                for line in text.split("\n")
            ]
            pages.append(
                {
                    "text": text,
                    "labels": labels,
                    "outlet": f"clean:{outlet}:{number % 2}",
                    "body": text,
                    "kind": "clean",
                }
            )
    return pages


def read_titles(paths: list[Path]) -> list[str]:
    """Headlines of articles."""
    return [t for path in paths for t in pl.read_parquet(path, columns=["title"])["title"].drop_nulls().to_list()]


@dataclass
class Data:
    """Measured lines: `target` is 1 for body, `weight` 0 where a line is not learned from; `steps` are the features of the
    linear first look, `columns` those of the forests."""

    lines: Lines
    names: list[str]
    steps: Floats
    columns: dict[str, Floats]
    target: Floats
    weight: Floats
    text: list[str]
    group: np.ndarray


def cue_pages(pages: list[dict[str, Any]]) -> pl.DataFrame:
    """Pages -> pieces with the labels that phrase rules leave."""
    frame = pl.DataFrame(
        {
            "id": [f"{i:07}" for i in range(len(pages))],
            "outlet": [None] * len(pages),
            "page": [p["text"] for p in pages],
        },
        schema={"id": pl.String, "outlet": pl.String, "page": pl.String},
    )
    know = Knowledge(rules=load_rules())
    return label_tweets(label_boxes(label_lines(to_pieces(frame.lazy()), know), know), know).collect()


def measure(pages: list[dict[str, Any]], pieces: pl.DataFrame, tables: dict[str, dict[str, float]]) -> Data:
    """Pages and their pieces -> lines with features and which of them are body."""
    labels = [label for p in pages for label in _per_piece(p)]
    assert len(labels) == len(pieces), (len(labels), len(pieces))
    steps, columns = Steps(), Columns()
    headings = load_rules().headings("related")
    lines = measure_lines(pieces, Both(steps, columns), headings, make_lexicon(tables))
    target = np.array([labels[row] in KEPT for row in lines.row], dtype=np.float32)
    neutral = np.array([labels[row].startswith("NEUTRAL") for row in lines.row])
    weight = np.where((lines.cue > 0) | neutral, 0, np.minimum(lines.words, 50) ** 0.6).astype(np.float32)
    group = np.array([zlib.crc32(p["outlet"].encode()) % 2 for p in pages])
    return Data(
        lines, steps.names, np.stack(steps.columns, axis=1), columns.take(), target, weight,
        pieces["piece"].gather(lines.row).to_list(), group,
    )  # fmt: skip


def _per_piece(page: dict[str, Any]) -> list[str]:
    labels = list(page["labels"])
    count = len(page["text"].split("\n"))
    labels += [""] * (count - len(labels))
    return labels[:-1] if page["text"].endswith("\n") and count > 1 else labels[:count]


def fit(x: Floats, y: Floats, weight: Floats, ridge: float, most: int = 7) -> tuple[Floats, float]:
    """Weighted logistic regression by iteratively reweighted least squares -> (weights, bias)."""
    count = x.shape[1] + 1
    beta = np.zeros(count)
    weight = weight * np.where(y > 0.5, LOST_WEIGHS, 1.0)
    keep = np.flatnonzero(weight > 0)
    for _ in range(most):
        gradient, hessian = np.zeros(count), np.zeros((count, count))
        for start in range(0, len(keep), 16384):
            rows = keep[start : start + 16384]
            part = np.concatenate([x[rows], np.ones((len(rows), 1), np.float32)], axis=1)
            p = 1 / (1 + np.exp(-np.clip(part @ beta.astype(np.float32), -30, 30)))
            w = weight[rows]
            gradient += part.T.astype(np.float32) @ (w * (y[rows] - p)).astype(np.float32)
            hessian += part.T @ (part * (w * np.maximum(p * (1 - p), 1e-5)).astype(np.float32)[:, None])
        penalty = np.full(count, ridge)
        penalty[-1] = 1e-6
        step = np.linalg.solve(hessian + np.diag(penalty), gradient - penalty * beta)
        beta += step
        if np.abs(step).max() < 0.05:
            break
    return beta[:-1].astype(np.float32), float(beta[-1])


def grow(columns: dict[str, Floats], y: Floats, weight: Floats, trees: int, depth: int) -> dict[str, Any]:
    """Columns of features and what is body -> a forest, as JSON has it."""
    from catboost import CatBoostClassifier

    names = list(columns)
    rows = np.flatnonzero(weight > 0)
    model = CatBoostClassifier(
        iterations=trees, depth=depth, learning_rate=0.12, l2_leaf_reg=6, border_count=64, rsm=0.5, random_seed=1,
        boosting_type="Plain", bootstrap_type="No", thread_count=1, verbose=False, allow_writing_files=False,
    )  # fmt: skip
    model.fit(
        np.stack([columns[name][rows] for name in names], axis=1), y[rows],
        sample_weight=weight[rows] * np.where(y[rows] > 0.5, LOST_WEIGHS, 1.0),
    )  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.json"
        model.save_model(path, format="json")
        data = json.loads(path.read_text("utf-8"))
    scale, bias = data["scale_and_bias"]
    grown = [
        {
            "if": [[names[split["float_feature_index"]], float(f"{split['border']:.5g}")] for split in tree["splits"]],
            "then": [round(scale * value, 3) for value in tree["leaf_values"]],
        }
        for tree in data["oblivious_trees"]
    ]
    used = sorted({name for tree in grown for name, _ in tree["if"]})
    return {"features": used, "bias": round(bias[0], 4), "trees": grown}


def again(lines: Lines, odds: Floats) -> dict[str, Floats]:
    """Lines and their odds -> the features that another look adds."""
    sink = Columns()
    look_again(lines, odds, sink, np.arange(len(lines)))
    return sink.take()


@dataclass
class Fitted:
    """Weights and bias of the first look, and the forests of the further ones."""

    weights: Floats
    bias: float
    forests: list[dict[str, Any]]

    def first(self, data: Data) -> Floats:
        """Log odds at first look."""
        return (data.steps @ self.weights + np.float32(self.bias)).astype(np.float32)


def look(forest: Forest, columns: dict[str, Floats], odds: Floats, rows: Ints) -> Floats:
    """Odds so far -> odds after the look of a forest at some rows."""
    out = odds.copy()
    out[rows] = forest.score({name: columns[name][rows] for name in forest.features})
    return out


def train(data: Data, ridge: float, trees: int, depth: int) -> Fitted:
    """Data -> all looks; each learns from odds that models of the other half of the layouts gave."""
    half = data.group[data.lines.page]
    weights, bias = fit(data.steps, data.target, data.weight, ridge)
    first = np.zeros(len(data.target), np.float32)
    for side in (0, 1):
        own = half == side
        w, b = fit(data.steps[~own], data.target[~own], data.weight[~own], ridge, 5)
        first[own] = data.steps[own] @ w + b
    # Each forest learns from all the lines that the first look leaves open, though the second is then asked of fewer.
    odds, rows = first, find_open(first, data.lines)
    forests: list[dict[str, Any]] = []
    for number in range(FORESTS):
        columns = data.columns | again(data.lines, odds)
        weight = np.zeros_like(data.weight)
        weight[rows] = data.weight[rows]
        forests.append(grow(columns, data.target, weight, trees, depth))
        if number + 1 < FORESTS:
            for side in (0, 1):
                other = grow(columns, data.target, np.where(half == side, 0, weight), trees, depth)
                odds = look(read_forest(other), columns, odds, rows[half[rows] == side])
    return Fitted(weights, bias, forests)


def predict(data: Data, fitted: Fitted) -> Floats:
    """Data -> log odds at the last look."""
    odds = fitted.first(data)
    rows = find_open(odds, data.lines)
    for forest in fitted.forests:
        odds = look(read_forest(forest), data.columns | again(data.lines, odds), odds, rows)
        rows = rows[np.abs(odds[rows]) < SURE]
    return odds


def bodies(data: Data, odds: Floats, params: ZoneParams) -> dict[int, str]:
    """Predicted body text of each page."""
    path = choose_zones(odds, data.lines, any_titles(data.lines, params.cut_out), params)
    found: dict[int, list[str]] = {}
    for page, line, zone, cue in zip(
        data.lines.page.tolist(), data.text, path.tolist(), data.lines.cue.tolist(), strict=True
    ):
        if zone == BODY and cue == 0:
            found.setdefault(page, []).append(line)
    return {page: "".join(parts) for page, parts in found.items()}


def left_out(pages: list[dict[str, Any]], titles: list[str], given: argparse.Namespace) -> None:
    """Leave the outlets and layouts out in turn and print the scores on them."""
    folds, save = given.folds, given.save
    outlets = sorted({p["outlet"] for p in pages if not p["outlet"].startswith("clean:")})
    pieces = cue_pages(pages)
    of_page = pieces["id"].cast(pl.Int64).to_numpy()
    rows: list[tuple[Any, ...]] = []
    for fold in given.only or range(folds):
        out = {outlet for number, outlet in enumerate(outlets) if number % folds == fold}
        inside = [i for i, p in enumerate(pages) if p["outlet"] not in out]
        test = [i for i, p in enumerate(pages) if p["outlet"] in out]
        tables = learn_words([pages[i] for i in inside], titles)
        data = measure([pages[i] for i in inside], pieces.filter(pl.Series(np.isin(of_page, inside))), tables)
        fitted = train(data, given.ridge, given.trees, given.depth)
        left = measure([pages[i] for i in test], pieces.filter(pl.Series(np.isin(of_page, test))), tables)
        odds = predict(left, fitted)
        if save:
            np.savez(save / f"fold{fold}.npz", odds=odds, test=np.array(test))
        found = bodies(left, odds, ZoneParams())
        for number, i in enumerate(test):
            score = score_body(found.get(number, ""), pages[i]["body"])
            rows.append((pages[i]["kind"], pages[i]["outlet"], i, *score))
        print(f"fold {fold}: f1 {sum(r[-1] for r in rows[-len(test) :]) / len(test):.4f}", flush=True)
    scores = pl.DataFrame(rows, schema=["kind", "outlet", "page", "precision", "recall", "f1"], orient="row")
    figures = (
        pl.col("precision", "recall", "f1").mean(),
        (pl.col("f1") < 0.9).mean().alias("bad"),
        pl.len().alias("n"),
    )
    with pl.Config(tbl_rows=120, fmt_str_lengths=60):
        print(scores.group_by("kind").agg(*figures).sort("kind"))
        print(scores.group_by("outlet").agg(*figures).sort("f1").head(100))
    if save:
        scores.write_parquet(save / "scores.parquet")


def write_lines(value: dict[str, Any]) -> str:
    """A model as JSON, one tree or one table a line, so that it can be read and compared."""
    text = json.dumps(value, ensure_ascii=False, indent=1)
    return re.sub(r"\n\s{4,}", " ", text).replace("[ ", "[").replace(" ]", "]") + "\n"


def main() -> None:
    """Train, and report scores on layouts left out in turn."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=Path, nargs="+", required=True)
    parser.add_argument("--clean", type=Path, nargs="*", default=[])
    parser.add_argument("--clean-count", type=int, default=1000)
    parser.add_argument("--folds", type=int, default=0)
    parser.add_argument("--ridge", type=float, default=4.0)
    parser.add_argument("--only", type=int, nargs="*", help="of the folds, only these")
    parser.add_argument("--trees", type=int, default=650)
    parser.add_argument("--depth", type=int, default=6)
    parser.add_argument("--save", type=Path, help="folder for the odds of each fold")
    parser.add_argument("--out", type=Path, help="folder to write zones.json and words.json to")
    given = parser.parse_args()
    pages = read_pages(given.pages, given.clean, given.clean_count)
    titles = read_titles(given.clean)
    if given.folds:
        left_out(pages, titles, given)
    if given.out:
        tables = learn_words(pages, titles)
        data = measure(pages, cue_pages(pages), tables)
        fitted = train(data, given.ridge, given.trees, given.depth)
        zones = {
            "about": "log odds that a line is body. weights: of the features of etl/zones/lines.py at first look; forests: trees over "
            "those of etl/zones/lines.py and etl/zones/second_look.py at the further looks (if: feature, value it must exceed; then: one value for "
            "each set of answers, the first question being the lowest bit)",
            "bias": round(fitted.bias, 4),
            "weights": {name: round(float(v), 4) for name, v in zip(data.names, fitted.weights, strict=True)},
            "forests": fitted.forests,
        }
        words = {"about": "log odds of words: see benchmarks/train_words.py", **tables}
        for name, value in (("zones.json", zones), ("words.json", words)):
            (given.out / name).write_text(write_lines(value), "utf-8")


if __name__ == "__main__":
    main()
