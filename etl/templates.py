"""Lines that an outlet repeats on its pages: boilerplate that nobody wrote a rule for.

`count_lines` sees one shard and writes how often each short line stands on each outlet's pages;
`learn_templates` sees the counts of all shards and decides; `label_templates` cuts. Between the last two
lies a file that people read and edit: one line of an outlet, the evidence, and `cut`, `propose` or `keep`.

Lines are compared by a key: folded, with numbers and dates masked. Where in its page a line stands is told
by the paragraphs around it: before the first, after the last, right between two, or amid other short lines.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt
import polars as pl
from pydantic import BaseModel, ConfigDict, Field

from etl.duplicates import hash_words
from etl.errors import UserError
from etl.fold import fold_expr

if TYPE_CHECKING:
    from etl.knowledge import Knowledge

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

LONGEST: Final = 300
"""Bytes of the longest line that is counted, about 160 Arabic letters; longer boilerplate is for rules."""
_PARAGRAPH = 80
_LONG_PARAGRAPH = 400
_SENTENCE_END = r"(?:[^.]\.|[!؟?])[\"»”'’)]?$"
_KEPT_DAYS = 8
_KEPT_STORIES = 64
_KEPT_EXAMPLES = 3
_ROWS_AT_ONCE = 4_000_000
_PLACES = ("before", "body", "amid", "after")
_BEFORE, _BODY, _AMID, _AFTER = range(4)
_BETWEEN_EXAMPLES = " ⏎ "

COUNT = pl.Schema(
    {
        "outlet": pl.String(),
        "key": pl.String(),
        "pages": pl.Int64(),
        "dated": pl.Int64(),
        "before": pl.Int64(),
        "body": pl.Int64(),
        "amid": pl.Int64(),
        "after": pl.Int64(),
        "days": pl.List(pl.String()),
        "stories": pl.List(pl.UInt64()),
        "examples": pl.List(pl.String()),
    }
)
"""What `count_lines` writes: a key of an outlet, the pages (with a date) that hold it, and the lines
before, in and after the body.

`days`, `stories` and `examples` are the least few different ones, so that counts of shards add up to the
counts of all. The row with an empty key counts the outlet's pages.
"""

TEMPLATE = pl.Schema(
    {
        "rule": pl.String(),
        "outlet": pl.String(),
        "key": pl.String(),
        "zone": pl.String(),
        "count": pl.Int64(),
        "share": pl.Float64(),
        "decision": pl.String(),
        "why": pl.String(),
        "examples": pl.List(pl.String()),
    }
)
"""The table of templates. `zone` is where the line may be cut: before the body, after it, anywhere but
right between two paragraphs (null), or anywhere (body).
"""


class TemplateError(UserError):
    """A table of templates cannot be used; the message names the file, the line, and what to do."""


class TemplateParams(BaseModel):
    """The evidence on which a repeated line is listed, and on which it is cut."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    sample: float = Field(
        default=1.0,
        gt=0,
        le=1,
        description="Share of the pages that is counted, drawn by their ids: less costs less.",
    )
    list_pages: int = Field(
        default=5, ge=2, description="Pages of an outlet that must hold a line for it to be listed at all."
    )
    pages: int = Field(default=10, ge=2, description="Pages of an outlet that must hold a line for it to be cut.")
    share: float = Field(
        default=0.02,
        gt=0,
        le=1,
        description="Share of the outlet's pages that must hold a line for it to be cut.",
    )
    body_share: float = Field(
        default=0.3,
        gt=0,
        le=1,
        description="The same, for a line that stands between paragraphs, as subheadings do.",
    )
    stories: int = Field(
        default=8,
        ge=2,
        le=_KEPT_STORIES,
        description="Different stories, by their longest paragraphs, that it must stand beside.",
    )
    days: int = Field(
        default=3,
        ge=1,
        le=_KEPT_DAYS,
        description="Different days that it must appear on, where half of its pages have a date.",
    )
    times: float = Field(
        default=1.5,
        gt=1,
        description="Lines a page, on average, from which a line between paragraphs is no subheading.",
    )
    outside: float = Field(
        default=0.9,
        ge=0.5,
        le=1,
        description="Share of its lines that must not stand right between paragraphs, or it counts as such.",
    )
    wire_outlets: int = Field(
        default=3,
        ge=2,
        description="Outlets that hold a line on fewer than `days` days: shared copy, not a template.",
    )


def _any(words: str) -> str:
    """Words of a table -> a pattern for a run of them, longer ones first; `_` is a space."""
    word = "(?:" + "|".join(sorted(words.split(), key=len, reverse=True)).replace("_", " ") + ")"
    return rf"{word}(?:[^\p{{L}}\p{{N}}]+{word})*"


# Beside a number: what else of a date or a time changes from page to page. In the folded key.
_MONTHS = """
يناير فبراير مارس ابريل مايو يونيو يونيه يوليو يوليه اغسطس سبتمبر اكتوبر نوفمبر ديسمبر
كانون_الثاني شباط اذار نيسان ايار حزيران تموز اب ايلول تشرين_الاول تشرين_الثاني كانون_الاول جانفي
فيفري افريل ماي جوان جويليه اوت محرم صفر ربيع_الاول ربيع_الثاني ربيع_الاخر جمادي_الاولي
جمادي_الاخره جمادي_الثانيه رجب شعبان رمضان شوال ذو_القعده ذي_القعده ذو_الحجه ذي_الحجه jan january
feb february mar march apr april may jun june jul july aug august sep sept september oct october
nov november dec december
"""
_WEEKDAYS = """
السبت الاحد الاثنين الثلاثاء الاربعاء الخميس الجمعه mon monday tue tuesday wed wednesday thu
thursday fri friday sat saturday sun sunday
"""
_TIMES = """
صباحا مساء ظهرا فجرا ص م ه am pm gmt ثانيه ثوان ثواني دقيقه دقائق ساعه ساعات يوم يوما ايام اسبوع اسابيع شهر
شهرا اشهر شهور سنه سنوات
"""
_APART = r"[^\p{L}\p{N}]"
_DATE_LINE = 80
_NUMBERS = [(r"[0-9]+(?:[.,:/\\-][0-9]+)*", "0")]
_DATES = [
    (f"(^|{_APART}){_any(_MONTHS)}($|{_APART})", "${1}[شهر]${2}"),
    (f"(^|{_APART}){_any(_WEEKDAYS)}($|{_APART})", "${1}[يوم]${2}"),
    (f"0 ?{_any(_TIMES)}($|{_APART})", "0 [وقت]${1}"),
]
# Formulas that authors close or open with, in the folded key: true text, however often it comes.
_FORMULAS = (
    "بسم الله|الحمد لله|الله اكبر|انا لله|اليه راجعون|صلي الله|رحمه الله|رحمها الله|رحمهم الله|حفظه الله|"
    "سبحان|اللهم|ان شاء الله|والله (?:من|ولي|الموفق|المستعان|اعلم)|قال تعالي|السلام عليكم|عليكم ورحمه|"
    r"فسيح جناته|امين\.?$"
)


def make_keys(lines: pl.Series) -> pl.Series:
    """Lines -> their keys: folded, numbers as 0; beside one, months, days and units masked."""
    keys = lines.to_frame("key").select(fold_expr(pl.col("key"))).to_series()
    for most, masks in ((LONGEST, _NUMBERS), (_DATE_LINE, _DATES)):
        rows = (keys.str.contains("[0-9]") & (keys.str.len_chars() <= most)).arg_true()
        masked = keys.gather(rows)
        for pattern, to in masks:
            masked = masked.str.replace_all(pattern, to)
        keys = keys.scatter(rows, masked)
    return keys


def rule_id(outlet: str, key: str, digits: int = 8) -> str:
    """Outlet and key -> the rule id that cuts the line."""
    return "template/" + hashlib.sha256((outlet + key).encode()).hexdigest()[:digits]


def _find_places(page: Ints, line: pl.Series) -> npt.NDArray[np.int8]:
    """Lines without blanks, page after page -> where each stands, as a number of _PLACES.

    A paragraph is a line of 80 bytes that ends a sentence, or of 400; where a page has none, its longest
    line. `before` the first one, `after` the last, `body`: right between two, as a subheading is; `amid`:
    between them, but beside another short line. A paragraph that is the first or the last itself lies
    outside the others.
    """
    sizes = line.str.len_bytes().cast(pl.Int64).to_numpy()
    ends = (line.str.slice(-3).str.contains(_SENTENCE_END)).to_numpy()
    paragraph = (sizes >= _LONG_PARAGRAPH) | ((sizes >= _PARAGRAPH) & ends)
    first = np.flatnonzero(np.diff(page, prepend=-1))
    if not len(first):
        return np.zeros(0, dtype=np.int8)
    length = np.diff(first, append=len(page))
    bare = ~np.logical_or.reduceat(paragraph, first)
    longest = np.repeat(np.maximum.reduceat(sizes, first), length)
    paragraph |= np.repeat(bare, length) & (sizes == longest)
    seen = np.cumsum(paragraph)
    start = np.repeat(seen[first] - paragraph[first], length)
    total = np.repeat(np.add.reduceat(paragraph.astype(np.int64), first), length)
    ahead = seen - paragraph - start
    behind = total - ahead - paragraph
    between = np.r_[False, paragraph[:-1]] & np.r_[paragraph[1:], False]
    # The one paragraph of a page is neither before nor after itself.
    alone = paragraph & (total == 1)
    places = np.select([alone, ahead == 0, behind == 0, between], [_BODY, _BEFORE, _AFTER, _BODY], _AMID)
    return places.astype(np.int8)


def _tell_stories(page: Ints, line: pl.Series, pages: int) -> npt.NDArray[np.uint64]:
    """Lines, page after page -> a number for each page's story: its three longest lines."""
    sizes = line.str.len_bytes().cast(pl.Int64).to_numpy()
    most = int(sizes.max(initial=0)) + 1
    order = np.argsort(page * most + (most - 1 - sizes), kind="stable")
    first = np.flatnonzero(np.diff(page, prepend=-1))
    place = np.arange(len(page)) - np.repeat(first, np.diff(first, append=len(page)))
    longest = np.sort(order[place < 3])
    hashes = hash_words(line.gather(longest).str.slice(0, 60)) + sizes[longest].astype(np.uint64)
    stories = np.zeros(pages, dtype=np.uint64)
    np.add.at(stories, page[longest], hashes)
    return stories


def _number(values: pl.Series) -> tuple[Ints, pl.Series]:
    """Strings -> the number of each, and the different ones in order: most lines of a site are the same."""
    distinct = values.unique().sort()
    numbers = distinct.to_frame("value").with_columns(number=pl.int_range(pl.len(), dtype=pl.Int64))
    found = values.to_frame("value").join(numbers, on="value", how="left", maintain_order="left", nulls_equal=True)
    return found["number"].to_numpy(), distinct


def _lists(groups: int, group: Ints, number: Ints, values: pl.Series, most: int) -> pl.Series:
    """Groups and numbers of values -> for each of `groups` groups, its least `most` different values."""
    pairs = np.sort(group * len(values) + number)
    pairs = pairs[np.diff(pairs, prepend=-1) != 0]
    group, number = np.divmod(pairs, max(len(values), 1))
    starts = np.flatnonzero(np.diff(group, prepend=-1))
    least = np.arange(len(group)) - np.repeat(starts, np.diff(starts, append=len(group))) < most
    listed = pl.DataFrame({"group": group[least], "value": values.gather(number[least])})
    listed = listed.group_by("group", maintain_order=True).agg("value")
    every = pl.DataFrame({"group": np.arange(groups)})
    return every.join(listed, on="group", how="left", maintain_order="left")["value"]


def _count(outlet: Ints, key: Ints, page: Ints, place: npt.NDArray[np.int8], dated: Flags) -> tuple[Ints, pl.DataFrame]:
    """One entry a line -> each line's group (outlet and key), and the numbers of every group."""
    pair = outlet * (int(key.max(initial=0)) + 1) + key
    order = np.argsort(pair * (int(page.max(initial=0)) + 1) + page)
    pairs, pages = pair[order], page[order]
    starts = np.flatnonzero(np.diff(pairs, prepend=-1))
    group = np.empty(len(pair), dtype=np.int64)
    group[order] = np.repeat(np.arange(len(starts)), np.diff(starts, append=len(pair)))
    another = np.ones(len(pair), dtype=np.int64)
    another[1:] = (np.diff(pairs) != 0) | (np.diff(pages) != 0)
    columns = {"pages": another, "dated": another * dated[order]}
    columns |= {name: (place[order] == at).astype(np.int64) for at, name in enumerate(_PLACES)}
    head = order[starts]
    sums = {name: np.add.reduceat(values, starts) if len(starts) else starts for name, values in columns.items()}
    return group, pl.DataFrame({"outlet": outlet[head], "key": key[head], **sums})


def count_lines(pages: pl.DataFrame, params: TemplateParams) -> pl.DataFrame:
    """Pages (id, outlet, page, given_date) -> COUNT: how often each short line stands on an outlet's pages.

    Pages without an outlet teach nothing. The result has at most one row for each short line of these
    pages.
    """
    day = pl.col("given_date").str.replace(r"[T ]*[0-9]{1,2}:[0-9]{2}.*$", "").str.strip_chars()
    known = pages.filter(pl.col("outlet").is_not_null())
    if params.sample < 1:
        known = known.filter(pl.col("id").str.slice(0, 4) < f"{round(params.sample * 0x10000):04x}")
    outlet, outlets = _number(known["outlet"])
    date, dates = _number(known.select(day).to_series())
    whole = {
        "outlet": outlets,
        "key": [""] * len(outlets),
        "pages": np.bincount(outlet, minlength=len(outlets)),
    }
    lines = (
        known.lazy()
        .select(page=pl.int_range(pl.len(), dtype=pl.Int64), line=pl.col("page").str.split("\n"))
        .explode("line", empty_as_null=True)
        .with_columns(pl.col("line").str.strip_chars())
        .filter(pl.col("line") != "")
        .collect(engine="in-memory")
    )
    page = lines["page"].to_numpy()
    place = _find_places(page, lines["line"])
    stories, story = np.unique(_tell_stories(page, lines["line"], len(known)), return_inverse=True)
    short = (lines["line"].str.len_bytes() <= LONGEST).to_numpy()
    line, texts = _number(lines["line"].filter(short))
    key, keys = _number(make_keys(texts))
    filled = (keys != "").to_numpy()[key[line]] if len(keys) else np.zeros(0, dtype=np.bool_)
    rows = np.flatnonzero(short)[filled]
    line, page, place = line[filled], page[rows], place[rows]
    date = date[page]
    dated = dates.is_not_null().to_numpy()[date] if len(dates) else np.zeros(0, dtype=np.bool_)

    group, sums = _count(outlet[page], key[line], page, place, dated)
    counts = sums.with_columns(
        outlets.gather(sums["outlet"]).alias("outlet"),
        keys.gather(sums["key"]).alias("key"),
        _lists(len(sums), group[dated], date[dated], dates, _KEPT_DAYS).alias("days"),
        _lists(len(sums), group, story[page], pl.Series(stories), _KEPT_STORIES).alias("stories"),
        _lists(len(sums), group, line, texts, _KEPT_EXAMPLES).alias("examples"),
    )
    return pl.concat(
        pl.DataFrame(part).match_to_schema(COUNT, missing_columns="insert", integer_cast="upcast").sort("outlet", "key")
        for part in (whole, counts)
    ).with_columns(pl.col(pl.Int64).fill_null(0), pl.col(pl.List).fill_null([]))


def _merge(counts: pl.LazyFrame) -> pl.DataFrame:
    """COUNT of many shards -> COUNT, one row a key."""
    lists = {"days": _KEPT_DAYS, "stories": _KEPT_STORIES, "examples": _KEPT_EXAMPLES}
    rows = counts.collect()
    sums = rows.group_by("outlet", "key", maintain_order=True).agg(pl.col("pages", "dated", *_PLACES).sum())
    for name, most in lists.items():
        values = rows.select("outlet", "key", name).explode(name, empty_as_null=False)
        least = values.group_by("outlet", "key", maintain_order=True).agg(pl.col(name).unique().sort().head(most))
        sums = sums.join(least, on=["outlet", "key"], how="left", maintain_order="left").with_columns(
            pl.col(name).fill_null([])
        )
    return sums.select(pl.col(name).cast(dtype) for name, dtype in COUNT.items()).sort("outlet", "key")


def _find_repeated(counts: pl.LazyFrame, least: int) -> pl.DataFrame:
    """COUNT of many shards -> (outlet, key) on at least `least` pages, in passes that each fit in memory.

    Which keys a pass sees depends on polars' own hash, which may change; what all passes find together does
    not.
    """
    rows = counts.select(pl.len()).collect().item()
    passes = rows // _ROWS_AT_ONCE + 1
    found = [
        counts.select("outlet", "key", "pages")
        .filter(pl.col("key").hash() % passes == part)
        .group_by("outlet", "key")
        .agg(pl.col("pages").sum())
        .filter(pl.col("pages") >= least)
        .select("outlet", "key")
        .collect()
        for part in range(passes)
    ]
    return pl.concat(found).sort("outlet", "key")


def _decide(lines: pl.DataFrame, params: TemplateParams) -> pl.DataFrame:
    """COUNT with `total` pages of the outlet, `outlets` and `all_days` of the key -> TEMPLATE."""
    places = pl.sum_horizontal(*_PLACES)
    key, share = pl.col("key"), pl.col("pages") / pl.col("total")
    stories, days = pl.col("stories").list.len(), pl.col("days").list.len()
    numbers = key.str.count_matches(r"\b0\b")
    bare = key.str.replace_all(r"\[(?:شهر|يوم|وقت)\]|\b(?:gmt|utc|am|pm)\b", "0")
    zone = (
        pl.when(pl.col("before") >= params.outside * places)
        .then(pl.lit("before"))
        .when(pl.col("after") >= params.outside * places)
        .then(pl.lit("after"))
        .when(pl.col("body") > (1 - params.outside) * places)
        .then(pl.lit("body"))
    )
    # What comes several times on one page is no subheading.
    inside = zone.eq_missing(pl.lit("body")) & (places < params.times * pl.col("pages"))
    # The first that holds decides.
    reasons: list[tuple[pl.Expr, str, str]] = [
        (
            ~bare.str.contains(r"\p{L}") & (inside | bare.str.contains("0")),
            "keep",
            "no words: a number, a date, an ornament",
        ),
        (key.str.contains(_FORMULAS), "keep", "a formula that authors write"),
        (2 * numbers > key.str.count_matches(" ") + 1, "keep", "mostly numbers: a row of a table"),
        (
            (pl.col("outlets") >= params.wire_outlets) & pl.col("all_days").is_between(1, params.days - 1),
            "keep",
            "on several outlets within days: copy that they share",
        ),
        (
            stories < pl.min_horizontal(params.stories, "pages"),
            "keep",
            "the same few stories again and again",
        ),
        (
            inside & (share < params.body_share),
            "keep",
            "stands between paragraphs, as subheadings and quotations do",
        ),
        (pl.col("pages") < params.pages, "propose", "on too few pages"),
        (share < params.share, "propose", "on too small a share of the pages"),
        ((2 * pl.col("dated") >= pl.col("pages")) & (days < params.days), "propose", "on too few days"),
    ]
    decision: pl.Expr = pl.lit("cut")
    why: pl.Expr = pl.lit("repeated beside different stories")
    for holds, decided, reason in reversed(reasons):
        decision = pl.when(holds).then(pl.lit(decided)).otherwise(decision)
        why = pl.when(holds).then(pl.lit(reason)).otherwise(why)
    evidence = pl.format(
        "{}; days {}{}, stories {}{}, outlets {}, before {} body {} amid {} after {}",
        why, days, _full(days, _KEPT_DAYS), stories, _full(stories, _KEPT_STORIES), "outlets", *_PLACES,
    )  # fmt: skip
    table = lines.select(
        "outlet",
        "key",
        zone=zone,
        count="pages",
        share=share,
        decision=decision,
        why=evidence,
        examples="examples",
    )
    return _name(table.sort("outlet", -pl.col("count"), "key"))


def _full(count: pl.Expr, most: int) -> pl.Expr:
    return pl.when(count >= most).then(pl.lit("+")).otherwise(pl.lit(""))


def _name(table: pl.DataFrame) -> pl.DataFrame:
    """Give each row its rule id; where eight digits of two rows are the same, both get sixteen."""
    pairs = list(zip(table["outlet"], table["key"], strict=True))
    short = pl.Series([rule_id(outlet, key) for outlet, key in pairs], dtype=pl.String)
    long = pl.Series([rule_id(outlet, key, 16) for outlet, key in pairs], dtype=pl.String)
    rule = pl.select(pl.when(short.is_duplicated()).then(long).otherwise(short)).to_series()
    return table.with_columns(rule=rule).select(pl.col(name).cast(dtype) for name, dtype in TEMPLATE.items())


def learn_templates(
    counts: pl.LazyFrame | pl.DataFrame | Iterable[pl.DataFrame], params: TemplateParams
) -> pl.DataFrame:
    """COUNT of all shards -> TEMPLATE: the lines that an outlet repeats, the evidence, and what follows.

    Given a lazy scan of the side files, it holds no more than the repeated lines in memory. The result is
    the same for any split of the pages into shards.
    """
    if not isinstance(counts, pl.DataFrame | pl.LazyFrame):
        counts = pl.concat([COUNT.to_frame(), *counts])
    scan = counts.lazy()
    totals = scan.filter(pl.col("key") == "").group_by("outlet").agg(total=pl.col("pages").sum()).collect()
    repeated = _find_repeated(scan.filter(pl.col("key") != ""), params.list_pages)
    lines = _merge(scan.join(repeated.lazy(), on=["outlet", "key"], how="semi"))
    spread = (
        scan.join(repeated.lazy().select("key").unique(), on="key", how="semi")
        .select("outlet", "key", "days")
        .collect()
    )
    outlets = spread.group_by("key").agg(outlets=pl.col("outlet").n_unique())
    dates = spread.explode("days", empty_as_null=False).group_by("key").agg(all_days=pl.col("days").n_unique())
    lines = (
        lines.join(totals, on="outlet", how="left", maintain_order="left")
        .join(outlets, on="key", how="left", maintain_order="left")
        .join(dates, on="key", how="left", maintain_order="left")
    )
    return _decide(lines, params)


def write_templates(table: pl.DataFrame, path: Path, edits: pl.DataFrame | None = None) -> None:
    """TEMPLATE -> a CSV file for people: a line each, the decision first, the examples parted by ⏎.

    The column `learned` repeats what the program decided. A line whose decision or zone is another one, or that has
    none, is a person's; those of `edits` stay so.
    """
    columns = ["decision", "outlet", "key", "zone", "count", "share", "why", "examples", "rule", "learned"]
    shown = table.sort("outlet", -pl.col("count"), "key").with_columns(
        pl.col("share").round(4),
        pl.col("examples").list.join(_BETWEEN_EXAMPLES),
        pl.col("zone").fill_null(""),
        learned=_decided(),
    )
    if edits is not None:
        by_hand = edits.select("outlet", "key", _hand=pl.lit(""))
        shown = shown.join(by_hand, on=["outlet", "key"], how="left", maintain_order="left")
        shown = shown.with_columns(learned=pl.coalesce("_hand", "learned"))
    # The byte order mark tells spreadsheets that this is UTF-8.
    shown.select(columns).write_csv(path, quote_style="necessary", include_bom=True)


def _decided() -> pl.Expr:
    return pl.concat_str("decision", pl.col("zone").replace("", None), separator=" ", ignore_nulls=True)


def read_templates(path: Path) -> pl.DataFrame:
    """CSV file -> TEMPLATE; where an edit makes no sense, the error says what to do.

    A row needs `decision`, `outlet` and `key`; the other columns may be left empty in a row added by hand.
    """
    return _read(path)[0]


def read_edits(path: Path) -> pl.DataFrame:
    """CSV file -> TEMPLATE: the lines that a person added, or decided otherwise than `learned` says."""
    table, learned = _read(path)
    return (
        table.join(learned, on=["outlet", "key"], how="left", maintain_order="left")
        .filter(_decided() != pl.col("learned"))
        .select(list(TEMPLATE))
    )


def _read(path: Path) -> tuple[pl.DataFrame, pl.DataFrame]:
    """CSV file -> TEMPLATE, and what the program had decided of each line ("" where it had not)."""
    try:
        text = path.read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        raise TemplateError(f"{path}: not UTF-8; save it as a CSV file in UTF-8") from error
    reader = csv.DictReader(io.StringIO(text, newline=""))
    needed = {"decision", "outlet", "key", "zone"}
    if not needed <= set(reader.fieldnames or ()):
        missing = ", ".join(sorted(needed - set(reader.fieldnames or ())))
        raise TemplateError(
            f"{path}, line 1: no column {missing}; put back the one that the program wrote, with commas"
        )
    rows: list[dict[str, object]] = []
    learned: list[tuple[str, str, str]] = []
    seen: dict[tuple[str, str], int] = {}
    for row in reader:
        rows.append(_read_row(row, seen, f"{path}, line {reader.line_num}"))
        seen[row["outlet"], row["key"]] = reader.line_num
        learned.append((row["outlet"], row["key"], row.get("learned") or ""))
    table = pl.DataFrame(rows, schema=TEMPLATE)
    keys = make_keys(table["key"])
    for at in (keys != table["key"]).arg_true():
        rule, outlet, key = table.row(at)[:3]
        if not rule.startswith(rule_id(outlet, key)):  # Else the program wrote it, and it matches what it came from.
            where = f"{path}, line {seen[outlet, key]}"
            raise TemplateError(f"{where}: the key {key!r} matches no line; write it as {keys[at]!r}")
    decided = pl.DataFrame(learned, schema=dict.fromkeys(("outlet", "key", "learned"), pl.String), orient="row")
    return _name(table.sort("outlet", -pl.col("count"), "key")), decided


def apply_edits(table: pl.DataFrame, edits: pl.DataFrame) -> pl.DataFrame:
    """TEMPLATE as learned + TEMPLATE as edited -> the edited lines, and the learned ones beside them."""
    learned = table.join(edits, on=["outlet", "key"], how="anti", maintain_order="left")
    return _name(pl.concat([learned, edits]).sort("outlet", -pl.col("count"), "key"))


def _read_row(row: dict[str, str], seen: dict[tuple[str, str], int], where: str) -> dict[str, object]:
    if None in row or any(cell is None for name, cell in row.items() if name != "learned"):
        raise TemplateError(
            f"{where}: too many or too few cells; put quotes around a cell that holds a comma or a quote"
        )
    if row["decision"] not in ("cut", "propose", "keep"):
        raise TemplateError(f"{where}: decision is {row['decision']!r}; write cut, propose or keep")
    if row["zone"] not in ("before", "body", "after", ""):
        raise TemplateError(f"{where}: zone is {row['zone']!r}; write before, after, body (anywhere) or nothing")
    if not row["outlet"] or not row["key"]:
        raise TemplateError(f"{where}: outlet or key is empty; fill it in or remove the line")
    if (row["outlet"], row["key"]) in seen:
        raise TemplateError(
            f"{where}: the same outlet and key as in line {seen[row['outlet'], row['key']]}; remove one"
        )
    numbers: dict[str, object] = {}
    for name, read in (("count", int), ("share", float)):
        try:
            numbers[name] = read(row.get(name) or 0)
        except ValueError:
            raise TemplateError(f"{where}: {name} is {row[name]!r}; write a number or leave it empty") from None
    return {
        "rule": row.get("rule") or "",
        "outlet": row["outlet"],
        "key": row["key"],
        "zone": row["zone"] or None,
        **numbers,
        "decision": row["decision"],
        "why": row.get("why") or "written by hand",
        "examples": [example for example in (row.get("examples") or "").split(_BETWEEN_EXAMPLES) if example],
    }


def label_templates(pieces: pl.LazyFrame, know: Knowledge) -> pl.LazyFrame:
    """Piece -> Piece: label the lines that the table cuts on this outlet's pages, where they belong."""
    if know.templates is None:
        return pieces
    cuts = know.templates.filter(pl.col("decision") == "cut").select(
        "outlet", "key", pl.col("rule").alias("_rule"), pl.col("zone").alias("_zone")
    )
    frame = pieces.collect()
    cuts = cuts.join(frame.select("outlet").unique(), on="outlet", how="semi")
    if cuts.is_empty():
        return frame.lazy()
    same_page = frame["id"] == frame["id"].shift(1)
    new_line = ~same_page.fill_null(False) | frame["piece"].str.ends_with("\n").shift(1, fill_value=True)
    whole = new_line & new_line.shift(-1, fill_value=True)
    line = frame["piece"].str.strip_chars()
    filled = (line != "").to_numpy()
    page = frame["id"].rle_id().cast(pl.Int64).to_numpy()
    place = np.full(len(frame), _BODY, dtype=np.int8)
    place[filled] = _find_places(page[filled], line.filter(line != ""))

    may = whole & (line != "") & (line.str.len_bytes() <= LONGEST) & frame["rule"].is_null()
    may &= frame["outlet"].is_in(cuts["outlet"].unique().implode())
    rows = may.arg_true()
    number, texts = _number(line.gather(rows))
    found = (
        pl.DataFrame(
            {
                "row": rows,
                "outlet": frame["outlet"].gather(rows),
                "key": make_keys(texts).gather(number),
                "place": place[rows.to_numpy()],
            }
        )
        .join(cuts, on=["outlet", "key"], how="inner", maintain_order="left")
        .filter(
            (pl.col("_zone") == "body")
            | (pl.col("_zone").is_null() & (pl.col("place") != _BODY))
            | ((pl.col("_zone") == "before") & (pl.col("place") == _BEFORE))
            | ((pl.col("_zone") == "after") & (pl.col("place") == _AFTER))
        )
    )
    return frame.with_columns(rule=frame["rule"].scatter(found["row"], found["_rule"])).lazy()
