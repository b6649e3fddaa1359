"""Where in the page the article lies: the path, the walls, and what must hold on pages of every sort."""

from __future__ import annotations

from itertools import pairwise, product

import numpy as np
import polars as pl
import pytest
from strategies import page_frame

from benchmarks.steps import Steps
from etl.around import Around
from etl.knowledge import Knowledge, ship_knowledge
from etl.pieces import to_pieces
from etl.rules import Rule, Rules
from etl.zones import ZoneParams, judge_zones, label_zones
from etl.zones.lexicon import LEXICA, make_lexicon
from etl.zones.lines import Lines, find_echoes, measure_lines
from etl.zones.looks import look_at
from etl.zones.path import AFTER, BEFORE, BODY, BOX, find_path
from etl.zones.second_look import find_lead, look_again
from etl.zones.sinks import Columns, Odds
from etl.zones.trees import read_forest

LEXICON = make_lexicon({name: {"اعلان": -2.0} for name in LEXICA})
BODY_LINES = [
    "أعلنت وزارة الزراعة أمس بدء موسم الحصاد في المحافظات الشمالية، وقالت إن المساحات المزروعة زادت على العام الماضي.",
    "وأضافت الوزارة في بيان أن الأسعار التي ستدفعها للمزارعين حددت بعد مشاورات مع الاتحادات والجمعيات.",
    "وقال مزارعون إنهم ينتظرون صرف المستحقات قبل نهاية الشهر، لأن كلفة النقل ارتفعت في الأسابيع الأخيرة.",
]
MORE_LINES = [
    "وذكرت الوزارة أن مخازن المحافظات الشمالية جاهزة لاستقبال المحصول، وأن المزارعين سيتسلمون مستحقاتهم عند التسليم.",
    "وقال المزارعون إن موسم الحصاد هذا العام أفضل من الماضي، وإن كلفة النقل لا تزال تأكل جزءا كبيرا من الأسعار.",
    "ودعت الاتحادات والجمعيات الوزارة إلى مواصلة المشاورات حتى نهاية الشهر، قبل أن تبدأ المساحات الجنوبية الحصاد.",
]


def lines_of(odds: list[float], cue: list[int] | None = None, page: list[int] | None = None) -> Lines:
    count = len(odds)
    zeros = np.zeros(count, dtype=np.int64)
    cues = np.array(cue or [0] * count, dtype=np.int8)
    flat = np.zeros(count, np.float32)
    looks = look_at(pl.Series(["سطر"]), LEXICON)
    pages = np.array(page or [0] * count)
    return Lines(
        zeros, pages, zeros, looks, flat, cues, cues < 0, flat, flat, flat, Around(pages)
    )  # fmt: skip


def best_by_trying(odds: list[float], params: ZoneParams) -> float:
    """The value of the best path, by trying all."""
    after = {BEFORE: (BEFORE, BODY), BODY: (BODY, BOX, AFTER), BOX: (BODY, BOX), AFTER: (AFTER,)}
    best = -1e9
    for path in product((BEFORE, BODY, BOX, AFTER), repeat=len(odds)):
        if path[0] == BOX or path[-1] == BOX:
            continue
        if any(new not in after[old] for old, new in pairwise(path)):
            continue
        best = max(best, value_of(path, odds, params))
    return best


def value_of(path: tuple[int, ...], odds: list[float], params: ZoneParams) -> float:
    value = 0.0
    for at, zone in enumerate(path):
        value += odds[at] if zone == BODY else 0
        if at and zone == BODY and path[at - 1] == BOX:
            value -= params.box_end
        if at and zone == BOX:
            value -= params.box_line + (params.box_plain if path[at - 1] == BODY else 0)
    return value


@pytest.mark.parametrize("seed", range(12))
def test_the_path_is_the_best_one(seed: int) -> None:
    """Viterbi over several pages at once finds paths worth as much as the best found by trying them all."""
    rng = np.random.default_rng(seed)
    params = ZoneParams(box_plain=1.0, box_end=0.5, box_line=0.2)
    sizes = rng.integers(1, 7, size=3)
    odds = [rng.normal(scale=2, size=size).astype(np.float32).tolist() for size in sizes]
    pages = [page for page, size in enumerate(sizes) for _ in range(size)]
    every = [value for page in odds for value in page]
    lines = lines_of(every, page=pages)
    path = find_path(np.array(every, np.float32), lines, lines.heading, params)
    at = 0
    for page in odds:
        own = tuple(int(zone) for zone in path[at : at + len(page)])
        assert value_of(own, page, params) == pytest.approx(best_by_trying(page, params), abs=1e-4)
        at += len(page)


def zones_of(text: str) -> list[str]:
    know = ship_knowledge()
    return label_zones(to_pieces(page_frame([text]).lazy()), know).collect()["zone"].to_list()


def test_a_bare_article_is_all_body() -> None:
    """Text that shows no furniture keeps every line: paragraphs, a subheading, a verse, a list."""
    text = "\n".join(
        [
            *BODY_LINES,
            "أسعار القمح",
            BODY_LINES[1],
            "يا دار عبلة بالجواء تكلمي",
            "وعمي صباحا دار عبلة واسلمي",
            *BODY_LINES,
        ]
    )
    assert set(zones_of(text)) == {"body"}


@pytest.mark.parametrize(("heading", "below"), [("related", "after"), (None, "body")])
def test_a_rule_of_ones_own_may_open_the_list_of_other_articles(heading: str | None, below: str) -> None:
    """Whatever its id is: what stands under the article's source and such a heading is another article, else this one's."""
    lines = [*BODY_LINES, "المصدر: وكالة المرفأ", "جولة المرفأ", *MORE_LINES]
    labels = [None, None, None, "source/label", "related/harbour-round", None, None, None]
    pieces = to_pieces(page_frame(["\n".join(lines)]).lazy()).with_columns(rule=pl.Series(labels))
    own = Rule("related/harbour-round", "Why.", "line", "", heading=heading)
    zones = label_zones(pieces, Knowledge(rules=Rules((own,)))).collect()["zone"].to_list()
    assert (zones[:3], zones[5:]) == (["body"] * 3, [below] * 3)


def test_a_page_without_lines_has_no_body() -> None:
    """White space alone is no article."""
    assert set(zones_of("\n \n\n")) == {"before"}


def test_what_no_article_was_found_in_is_not_released() -> None:
    """An empty text is judged, and so is one whose lines are most likely not body; a verdict that stands is kept."""
    docs = pl.DataFrame(
        {
            "text": ["", "نص", "نص", ""],
            "zone_score": [0.0, 0.05, 0.9, 0.0],
            "verdict": [None, None, None, "read/empty"],
            "verdict_value": [None, None, None, 1.0],
        },
        schema_overrides={"verdict": pl.String, "verdict_value": pl.Float64},
    )
    judged = judge_zones(docs, ZoneParams())
    assert judged["verdict"].to_list() == ["zone/no-article", "zone/undecided", None, "read/empty"]
    assert judged["verdict_value"].to_list() == [0.0, 0.05, None, 1.0]


PAGES = [
    "\n".join(BODY_LINES),
    "الرئيسية\nأخبار\n" + BODY_LINES[0] + "\n\n  أخبار ذات صلة\nعنوان خبر آخر من الموقع\n" + BODY_LINES[0][:60],
    "\n",
    "😀 عنوان\n" + "\n".join(BODY_LINES[::-1]) + "\n• بند أول\n• بند ثان",
]


def measured(pages: list[str]) -> tuple[Lines, dict[str, np.ndarray]]:
    sink = Columns()
    lines = measure_lines(to_pieces(page_frame(pages).lazy()).collect(), sink, [])
    again = Columns()
    if len(lines):
        look_again(lines, sink.take()["words"] - 8, again, np.arange(len(lines)))
    return lines, sink.take() | again.take()


def test_features_do_not_depend_on_the_pages_beside() -> None:
    """The numbers of a page's lines are the same alone and among others."""
    values = measured(PAGES * 40)[1]
    at = 0
    for page in PAGES * 2:
        alone, own = measured([page])
        for name, column in own.items():
            np.testing.assert_array_equal(column, values[name][at : at + len(alone)], err_msg=name)
        at += len(alone)


def test_a_number_and_its_steps_weigh_the_same() -> None:
    """The odds that are summed on the way are those of the matrix of steps that the weights were learned from."""
    pieces = to_pieces(page_frame(PAGES).lazy()).collect()
    steps = Steps()
    measure_lines(pieces, steps, [])
    assert len(steps.names) == len(set(steps.names))
    rng = np.random.default_rng(1)
    weights = {name: float(w) for name, w in zip(steps.names, rng.normal(size=len(steps.names)), strict=True)}
    odds = Odds(weights)
    measure_lines(pieces, odds, [])
    wanted = np.stack(steps.columns, axis=1) @ np.array(list(weights.values()), np.float32)
    np.testing.assert_allclose(odds.total, wanted, rtol=1e-4, atol=1e-4)


def test_shared_words_are_found_under_prefixes() -> None:
    """A line shares a word with the body whatever article or one-letter prefix it carries; its own words do not count."""
    lines, _ = measured(["الوزارة تعلن\nبالوزارة ووزارة\nشيء آخر"])
    first, second = (np.array(chosen, bool) for chosen in ([1, 0, 0], [0, 0, 1]))
    assert [shared.tolist() for shared in lines.topics.echo(first, second)] == [[0.0, 1.0, 0.0], [0.0, 0.0, 0.0]]


def test_what_is_said_twice_is_known_above_and_below() -> None:
    """A line whose words stand again further down has an echo below, the later one an echo above."""
    lines, _ = measured(["تعلن الوزارة بدء الموسم\nشيء آخر تماما هنا\nتعلن الوزارة بدء الموسم غدا"])
    above, below = find_echoes(lines)
    assert below.tolist() == [1.0, 0.0, 0.0]
    assert above[0] == above[1] == 0.0 and 0.7 <= above[2] < 1.0


def test_the_first_long_run_leads() -> None:
    """Of two long runs the first leads, also where the second is longer; a short one before it does not."""
    mass = np.array([5, 0, 30, 30, 0, 60, 60, 60], np.float32)
    score = np.where(mass > 0, 3, -4).astype(np.float32)
    lead, order, worth = find_lead(mass, score < 0, score, np.zeros(8, np.int64))
    assert lead.tolist() == [0, 0, 1, 1, 0, 0, 0, 0]
    assert order.tolist() == [-1, 0, 0, 0, 1, 1, 1, 1]
    assert worth[5] == 3.0


def test_words_are_weighed_by_their_folded_letters() -> None:
    """Spelling that the key folds, marks included, does not change what a word weighs."""
    looks = look_at(pl.Series(["إعلان", "اعلانٌ", "أخرى"]), LEXICON)
    assert looks["prose"].tolist() == [-2.0, -2.0, 0.0]


def test_a_forest_is_the_sum_of_its_tables() -> None:
    """Each tree looks up the number that its answers make, the first question being the lowest bit."""
    forest = read_forest(
        {
            "features": ["a", "b"],
            "bias": 0.5,
            "trees": [{"if": [["a", 1], ["b", 0]], "then": [0, 1, 2, 3]}, {"if": [["b", 5]], "then": [10, 20]}],
        }
    )
    columns = {"a": np.array([0, 2, 2], np.float32), "b": np.array([-1, -1, 6], np.float32)}
    assert forest.score(columns).tolist() == [10.5, 11.5, 23.5]


def test_a_line_that_its_page_has_twice_is_repeated() -> None:
    """Every line that stands again in its own page is known, wherever; the same line of another page does not count."""
    _, values = measured(["أولى\nثانية\nأولى\nثالثة\nثانية", "ثالثة\nرابعة", "رابعة\nرابعة"])
    assert values["repeated"].tolist() == [1, 1, 1, 0, 1, 0, 0, 1, 1]
