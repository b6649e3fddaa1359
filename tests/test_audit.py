"""The sample is a fair draw, and the rates are what the textbooks say."""

from __future__ import annotations

import hashlib
import json
import shutil
from itertools import product
from math import comb
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from doc_rows import make_corpus, make_duplicates, page_id, release_docs, write_shards
from hypothesis import given
from hypothesis import strategies as st

from etl.audit import SAMPLE, allot, draw_keys, draw_sample, read_sample, share_out, show_drawn, write_sample
from etl.card_facts import tell_audit
from etl.cli import main
from etl.commands import ERROR, OK
from etl.rates import (
    Rate,
    Stratum,
    correct_size,
    find_exact,
    find_limits,
    find_rates,
    find_stratified,
    find_wilson,
    leave_open,
    list_missed,
    list_rates,
    read_rates,
    show_rates,
    write_rates,
)
from etl.release.card import format_share
from etl.review import Opinion, ReviewError, read_review


@pytest.fixture(scope="module")
def build(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("build")
    write_shards(make_corpus(40), folder / "docs")
    (folder / "duplicates").mkdir()
    make_duplicates([page_id("page 1"), page_id("page 2")]).write_parquet(folder / "duplicates" / "clusters.parquet")
    return folder


@pytest.fixture(scope="module")
def sample(build: Path) -> pl.DataFrame:
    return draw_sample(build, 60, 7)


def judge(row: dict[str, Any], opinion: str, family: str | None = None) -> Opinion:
    return Opinion(row["id"], row["raw_sha256"], row["start"], row["end"], row["text"], opinion, row["rule"], family)


# Intervals


@pytest.mark.parametrize(
    ("wrong", "judged", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_gives_the_published_intervals(wrong: int, judged: int, low: float, high: float) -> None:
    """The examples of Newcombe (1998), Statistics in Medicine 17, 857-872, table I, method 3."""
    rate = find_wilson(wrong, judged)
    assert rate.rate == wrong / judged
    assert (round(rate.low, 4), round(rate.high, 4)) == (low, high)


@given(st.integers(1, 500), st.integers(0, 500))
def test_one_stratum_is_wilson(judged: int, wrong: int) -> None:
    """Over one stratum the stratified interval is the plain one, where the stratum is large."""
    wrong = min(wrong, judged)
    assert find_stratified([Stratum(10**12, judged, wrong)]) == pytest.approx(find_wilson(wrong, judged), abs=1e-6)


def test_nothing_is_in_doubt_where_all_was_judged() -> None:
    """The rate is that of the pieces of this build: of a stratum judged whole it is known, of half of one better."""
    assert find_stratified([Stratum(50, 50, 5)]) == (0.1, 0.1, 0.1)
    assert correct_size(Stratum(50, 50, 5)) == float("inf")
    half, endless = find_stratified([Stratum(100, 50, 5)]), find_wilson(5, 50)
    assert endless.low < half.low < half.rate < half.high < endless.high


def chances(size: int, bad: int, judged: int) -> dict[int, float]:
    """How often a draw of `judged` out of `size` shows how many of its `bad` ones."""
    shown = range(max(0, judged - (size - bad)), min(bad, judged) + 1)
    return {wrong: comb(bad, wrong) * comb(size - bad, judged - wrong) / comb(size, judged) for wrong in shown}


def test_the_interval_of_one_small_stratum_covers_every_truth() -> None:
    """Counted out, not simulated: of every size up to 30, every number judged, every number of errors, 95 in 100 at least."""
    for size in range(1, 31):
        for judged in range(1, size + 1):
            found = [find_stratified([Stratum(size, judged, wrong)]) for wrong in range(judged + 1)]
            for bad in range(size + 1):
                truth = bad / size
                held = sum(
                    chance
                    for wrong, chance in chances(size, bad, judged).items()
                    if found[wrong].low <= truth <= found[wrong].high
                )
                assert held >= 0.95 - 1e-12, (size, judged, bad)


@pytest.mark.parametrize(("judged", "size"), [(33, 40), (85, 100), (199, 200), (950, 1000), (1990, 2000)])
def test_an_unjudged_piece_may_be_wrong_or_right(judged: int, size: int) -> None:
    """However few are left: no error seen is not none, and all seen wrong is not all."""
    none, every = find_limits(Stratum(size, judged, 0)), find_limits(Stratum(size, judged, judged))
    assert (none.low, every.high) == (0, 1)
    assert none.high >= 1 / size
    assert every.low <= 1 - 1 / size
    assert find_stratified([Stratum(size, judged, 0)] * 3).high >= 1 / size - 1e-12


@pytest.mark.parametrize(
    ("sizes", "judged", "least"),
    [((6, 6), (5, 5), 0.95), ((20, 12), (17, 4), 0.95), ((12, 9), (3, 3), 0.95), ((7, 6, 5), (5, 2, 2), 0.9)],
)
def test_the_interval_of_a_few_small_strata_covers_every_truth(
    sizes: tuple[int, ...], judged: tuple[int, ...], least: float
) -> None:
    """Counted out for every number of errors in each: added up, small strata hold the truth about as often as one.

    Where each is in much doubt, the worst truth (all errors in one small stratum, two of its pieces judged) less often.
    """
    found = {
        wrong: find_stratified(map(Stratum, sizes, judged, wrong))
        for wrong in product(*(range(number + 1) for number in judged))
    }
    for bad in product(*(range(size + 1) for size in sizes)):
        truth = sum(bad) / sum(sizes)
        held = 0.0
        for drawn in product(*(chances(*row).items() for row in zip(sizes, bad, judged, strict=True))):
            one = found[tuple(wrong for wrong, _ in drawn)]
            if one.low - 1e-12 <= truth <= one.high + 1e-12:
                held += float(np.prod([chance for _, chance in drawn]))
        assert held >= least - 1e-12, bad


@pytest.mark.parametrize(
    ("size", "judged", "wrong", "least", "most"), [(40, 33, 0, 0, 2), (6, 5, 0, 0, 1), (500, 100, 0, 0, 16)]
)
def test_exact_limits_are_the_counts_that_show_so_many_often_enough(
    size: int, judged: int, wrong: int, least: int, most: int
) -> None:
    """The count at a limit shows what was seen in more than 2.5 of 100 draws, the next one beyond it does not."""
    found = find_exact(size, judged, wrong)
    assert found == (wrong / judged, least / size, most / size)
    fewer = [sum(chance for n, chance in chances(size, bad, judged).items() if n <= wrong) for bad in (most, most + 1)]
    assert fewer[0] > 0.025 >= fewer[1]


_strata = st.lists(
    st.tuples(st.integers(1, 10**6), st.integers(1, 50), st.integers(0, 50)).map(
        lambda row: Stratum(row[0], row[1], min(row[1], row[2]))
    ),
    min_size=1,
    max_size=12,
)


@given(_strata)
def test_a_stratified_rate_lies_in_its_interval_and_is_weighted_by_size(strata: list[Stratum]) -> None:
    """A stratum counts by its pieces in the corpus, not by how many were drawn from it."""
    found = find_stratified(strata)
    whole = sum(stratum.size for stratum in strata)
    expected = sum(stratum.size / whole * stratum.wrong / stratum.judged for stratum in strata)
    assert found.rate == pytest.approx(expected)
    assert 0 <= found.low <= found.rate + 1e-12
    assert found.rate - 1e-12 <= found.high <= 1 + 1e-12
    assert find_stratified(strata[::-1]) == pytest.approx(found)


def test_strata_without_opinions_are_left_out() -> None:
    """Where nobody looked, nothing is claimed."""
    seen = Stratum(100, 10, 1)
    assert find_stratified([seen, Stratum(10**6, 0, 0)]) == find_stratified([seen])


# With almost no errors to see, Wilson's interval holds the truth less often than stated, over strata as in one:
# Brown, Cai and DasGupta (2001), Statistical Science 16(2), 101-133.
@pytest.mark.parametrize(
    ("rates", "least"),
    [((0.01, 0.02, 0.05), 0.93), ((0.0, 0.3, 0.1), 0.93), ((0.5, 0.2, 0.02), 0.93), ((0.002,) * 3, 0.88)],
)
def test_the_stratified_interval_covers_the_truth(rates: tuple[float, ...], least: float) -> None:
    """Of 2,000 audits with a known error rate, about 95 in 100 hold it."""
    random = np.random.default_rng(1)
    sizes, judged = (50_000, 5_000, 800), (60, 25, 12)
    truth = sum(size * rate for size, rate in zip(sizes, rates, strict=True)) / sum(sizes)
    wrong = random.binomial(judged, rates, size=(2000, 3))
    held = 0
    for row in wrong:
        found = find_stratified(map(Stratum, sizes, judged, (int(n) for n in row)))
        held += found.low <= truth <= found.high
    assert held / 2000 >= least


@pytest.mark.parametrize("judged", [(60, 25, 12), (200, 80, 30)], ids=["a third", "most"])
def test_the_interval_of_a_small_build_covers_the_truth(judged: tuple[int, ...]) -> None:
    """Of strata of which much was judged the draw is without replacement, and the interval is narrower by right."""
    random = np.random.default_rng(2)
    sizes, bad = (220, 90, 40), (20, 6, 8)
    truth = sum(bad) / sum(sizes)
    wrong = np.stack(
        [random.hypergeometric(b, s - b, n, 2000) for s, b, n in zip(sizes, bad, judged, strict=True)], axis=1
    )
    found = [find_stratified(map(Stratum, sizes, judged, (int(n) for n in row))) for row in wrong]
    assert sum(one.low <= truth <= one.high for one in found) / 2000 >= 0.93


# The draw


@given(st.dictionaries(st.text(max_size=3), st.integers(1, 10**5), max_size=30), st.integers(0, 500))
def test_allotment_uses_the_budget_and_forgets_no_stratum(sizes: dict[str, int], n: int) -> None:
    """All of the budget is given out, no stratum gets more than it has, and each gets two where there are enough."""
    given_ = allot(sizes, n)
    assert sum(given_.values()) == min(n, sum(sizes.values()))
    assert all(given_[name] <= size for name, size in sizes.items())
    if n >= 2 * len(sizes):
        assert all(given_[name] >= min(2, size) for name, size in sizes.items())


def test_rules_and_outlets_are_drawn_in_proportion() -> None:
    """Over many seeds a cell of a stratum gets its share, and in each draw no more than one off."""
    sizes = {("a",): 50, ("b",): 30, ("c",): 15, ("d",): 4, ("e",): 1}
    total = dict.fromkeys(sizes, 0)
    for seed in range(3000):
        drawn = share_out(sizes, 10, str(seed))
        assert sum(drawn.values()) == 10
        for cell, number in drawn.items():
            assert abs(number - sizes[cell] / 10) < 1
            total[cell] += number
    for cell, size in sizes.items():
        assert total[cell] / 3000 == pytest.approx(size / 10, abs=0.03)


def test_keys_are_spread_evenly_and_depend_on_page_place_and_seed() -> None:
    """Sixteen equal bins hold about the same; another seed gives another order."""
    ids = pl.Series([f"{n:016x}" for n in range(200) for _ in range(40)])
    starts = pl.Series(list(range(0, 4000, 100)) * 200)
    keys = draw_keys(ids, starts, 1)
    assert len(set(keys.tolist())) == 8000
    bins = np.bincount((keys >> np.uint64(60)).astype(int), minlength=16)
    assert (np.abs(bins - 500) < 5 * 500**0.5).all()
    assert not np.array_equal(keys, draw_keys(ids, starts, 2))


def test_a_sample_is_drawn_again_by_its_seed_and_no_other(build: Path, sample: pl.DataFrame) -> None:
    """The same seed draws the same pieces in the same order, another seed others."""
    assert sample.equals(draw_sample(build, 60, 7))
    assert not sample.equals(draw_sample(build, 60, 8))
    assert len(sample) == 60
    assert sample.schema == SAMPLE


def test_shards_do_not_change_the_draw(build: Path, sample: pl.DataFrame, tmp_path: Path) -> None:
    """The same documents in one file, instead of two, give the same pieces in the same order."""
    write_shards(make_corpus(40), tmp_path / "docs", 1)
    (tmp_path / "duplicates").symlink_to(build / "duplicates")
    again = draw_sample(tmp_path, 60, 7)
    assert again.drop("drawn_from").equals(sample.drop("drawn_from"))


def test_the_order_of_a_sample_is_random(build: Path) -> None:
    """Over many seeds the first half of a sample holds what the whole does: pages, kinds, strata, small ones and large."""
    pages = {row: number for number, row in enumerate(make_corpus(40)["id"])}
    late, kind, small = [], [], []
    for seed in range(40):
        drawn = draw_sample(build, 60, seed)
        place = drawn["id"].replace_strict(pages, return_dtype=pl.Int64)
        for values, means in (
            (place > place.median(), late), (drawn["kind"] == "cut", kind), (drawn["size"] > drawn["size"].median(), small),
        ):  # fmt: skip
            means.append(values.head(30).mean() - values.mean())
    for means in (late, kind, small):
        assert abs(np.mean(means)) < 3 * np.std(means) / 40**0.5
        assert np.std(means) > 0


def test_a_review_that_stops_half_way_is_right_on_average(build: Path) -> None:
    """All errors on the last pages: whoever judges half of the sample in its order does not miss them."""
    ids = make_corpus(40)["id"].to_list()
    late = set(ids[len(ids) // 2 :])
    everything = draw_sample(build, 10**6, 0).filter(kind="cut")
    truth = float(everything["id"].is_in(sorted(late)).mean())
    rates, held = [], 0
    for seed in range(20):
        drawn = draw_sample(build, 60, seed)
        first = drawn.head(30).iter_rows(named=True)
        said = [judge(row, "wrong" if row["id"] in late else "right") for row in first if row["kind"] == "cut"]
        rate = find_rates(drawn, said)["false_cuts"]["overall"]
        rates.append(rate["rate"])
        held += rate["low"] <= truth <= rate["high"]
    assert 0.2 < truth < 0.8
    assert np.mean(rates) == pytest.approx(truth, abs=3 * np.std(rates) / 20**0.5)
    assert held >= 18


def test_only_pieces_of_released_documents_are_drawn(build: Path) -> None:
    """Not white space, not a page that was rejected, not a copy that another document stands for."""
    everything = draw_sample(build, 10**6, 7)
    docs = {row["id"]: row for row in make_corpus(40).iter_rows(named=True)}
    for row in everything.iter_rows(named=True):
        assert not (row["rule"] or "").startswith("space/")
        assert row["text"].strip()
        assert row["text"] == docs[row["id"]]["page"][row["start"] : row["end"]]
        assert (row["kind"] == "cut") == (row["action"] == "cut")
    drawn = set(everything["id"])
    assert page_id("short") not in drawn
    assert page_id("page 2") not in drawn
    assert page_id("page 1") in drawn
    # Asked for more than there is, the draw is the population: every stratum whole, and each piece once.
    assert everything.select("id", "start").is_duplicated().sum() == 0
    sizes = everything.group_by("kind", "stratum").agg(pl.len().cast(pl.Int64), pl.col("size").first())
    assert (sizes["len"] == sizes["size"]).all()


def test_an_empty_draw_and_an_empty_build_are_errors(build: Path, tmp_path: Path) -> None:
    """The message says what to do."""
    with pytest.raises(ValueError, match="at least"):
        draw_sample(build, 0, 7)
    with pytest.raises(FileNotFoundError, match="clean"):
        draw_sample(tmp_path, 10, 7)


# The rates


def test_rates_are_weighted_back_to_the_corpus(build: Path) -> None:
    """With every piece judged the rate is the true share, whatever the strata."""
    everything = draw_sample(build, 10**6, 7)
    said = []
    wrong = missed = 0
    for number, row in enumerate(everything.iter_rows(named=True)):
        bad = number % 5 == 0
        if row["kind"] == "cut":
            wrong += bad
            said.append(judge(row, "wrong" if bad else "right"))
        else:
            missed += bad
            said.append(judge(row, "cut" if bad else "right", "promo" if bad else None))
    found = find_rates(everything, said)
    cuts = everything.filter(pl.col("kind") == "cut")
    assert found["false_cuts"]["overall"]["rate"] == pytest.approx(wrong / len(cuts), abs=1e-6)
    kept = len(everything) - len(cuts)
    assert found["missed_noise"]["overall"]["rate"] == pytest.approx(missed / kept, abs=1e-6)
    assert [row["family"] for row in list_missed(found)] == ["all", "promo"]
    assert found["false_cuts"]["overall"]["covered"] == 1
    assert sum(row["wrong"] for row in found["false_cuts"]["families"]) == wrong


def test_many_audits_of_one_build_are_right_on_average_and_as_often_as_they_say(build: Path) -> None:
    """From the draw to the interval: of a build whose every error is known, twenty samples are drawn and judged.

    Related cuts are wrong far more often than others, so a rate that forgot the weights of the strata would be off.
    """
    everything = draw_sample(build, 10**6, 0)

    def is_bad(row: dict[str, Any]) -> bool:
        one_in = {"related": 2, "title": 9, "edge": 4, "inside": 12}.get(row["family"], 30)
        return int(hashlib.sha256(f"{row['id']} {row['start']}".encode()).hexdigest(), 16) % one_in == 0

    bad = {(row["id"], row["start"]): is_bad(row) for row in everything.iter_rows(named=True)}
    truth = {
        kind: sum(bad[row] for row in part.select("id", "start").iter_rows()) / len(part)
        for (kind,), part in everything.partition_by("kind", as_dict=True).items()
    }
    rates: dict[str, list[float]] = {"cut": [], "kept": []}
    held = 0
    for seed in range(20):
        said = []
        drawn = draw_sample(build, 60, seed)
        for row in drawn.iter_rows(named=True):
            wrong = {"cut": ("wrong", None), "kept": ("cut", "promo")}[row["kind"]]
            said.append(judge(row, *(wrong if bad[row["id"], row["start"]] else ("right", None))))
        found = find_rates(drawn, said)
        for kind, name in (("cut", "false_cuts"), ("kept", "missed_noise")):
            rate = found[name]["overall"]
            rates[kind].append(rate["rate"])
            held += rate["low"] <= truth[kind] <= rate["high"]
    for kind, share in truth.items():
        assert share > 0.05
        assert np.mean(rates[kind]) == pytest.approx(share, abs=3 * np.std(rates[kind]) / 20**0.5)
    assert held >= 0.9 * 40


def test_unsure_and_unanswered_are_counted_and_left_out(sample: pl.DataFrame) -> None:
    """They are no evidence either way; the strata that nobody judged are named by what is not covered."""
    cuts = sample.filter(pl.col("kind") == "cut")
    share = cuts.filter(pl.col("family") == "share")
    said = [judge(row, "right") for row in share.iter_rows(named=True)]
    said[0] = judge(share.row(0, named=True), "unsure")
    found = find_rates(sample, said)
    assert (found["unsure"], found["judged"]) == (1, len(share) - 1)
    assert found["unanswered"] == len(sample) - len(share)
    (row,) = found["false_cuts"]["families"]
    assert (row["family"], row["judged"], row["wrong"], row["rate"]) == ("share", len(share) - 1, 0, 0.0)
    assert 0 < row["high"] < find_wilson(0, len(share) - 1).high
    assert 0 < found["false_cuts"]["overall"]["covered"] < 1
    assert found["missed_noise"]["overall"] is None


def test_rates_are_shown_as_two_tables(sample: pl.DataFrame) -> None:
    """Each family has its line, what nobody judged is said, and the method names its sources."""
    said = [judge(row, "right") for row in sample.filter(kind="cut").iter_rows(named=True)]
    shown = "\n".join(show_rates(find_rates(sample, said)))
    assert "false cuts (cut that should have stayed), 95% interval" in shown
    assert "missed noise: not audited" in shown
    assert "Cochran 1977" in shown
    assert "Yan and Su 2010" in shown
    assert all(f"  {family} " in shown for family in sample.filter(kind="cut")["family"].unique())


@given(st.floats(0, 1), st.floats(0, 1), st.floats(0, 1))
def test_leave_open_widens_by_exactly_the_uncovered_share(low: float, high: float, covered: float) -> None:
    """The interval of all pieces is that of those covered, scaled, and the share of the others wider; the rate stays."""
    low, high = sorted((low, high))
    found = leave_open(Rate(high, low, high), covered)
    assert found.rate == high
    assert found.low == covered * low
    assert found.high - found.low == pytest.approx(covered * (high - low) + (1 - covered), abs=1e-12)
    assert leave_open(Rate(high, low, high), 1) == pytest.approx((high, low, high))


def test_what_nobody_judged_may_hold_anything(sample: pl.DataFrame) -> None:
    """A rate of some strata is no claim about the others: the interval of the family is open by their share."""
    family = sample.filter(kind="cut", family="related")
    seen = family.head(1).with_columns(stratum=pl.lit("related, sure"), size=pl.lit(1, pl.Int64))
    left = family.tail(-1).with_columns(size=pl.lit(40, pl.Int64))
    for opinion, low, high in (("wrong", 1 / 41, 1.0), ("right", 0.0, 40 / 41)):
        found = find_rates(pl.concat([seen, left]), [judge(seen.row(0, named=True), opinion)])
        (row,) = found["false_cuts"]["families"]
        assert (row["family"], row["judged"], row["pieces"], row["covered"]) == ("related", 1, 41, round(1 / 41, 6))
        assert (row["low"], row["high"]) == (round(low, 6), round(high, 6))
        shown = list(show_rates(found))
        assert any("97.56% in strata without an opinion" in line for line in shown)
        assert any("leave open whether none or all" in line for line in shown)


def test_a_stratum_that_nothing_was_drawn_from_belongs_to_its_family(build: Path) -> None:
    """A small sample leaves strata out; their pieces are of the family all the same."""
    everything = draw_sample(build, 10**6, 7)
    sizes = dict(
        everything.group_by("kind", "family").len().select(pl.format("{} {}", "kind", "family"), "len").iter_rows()
    )
    few = draw_sample(build, 4, 7)
    assert few["stratum"].n_unique() < everything["stratum"].n_unique()
    for row in few.iter_rows(named=True):
        assert row["in_family"] == sizes[f"{row['kind']} {row['family']}"]
    found = find_rates(few, [judge(row, "right") for row in few.iter_rows(named=True)])
    for row in found["false_cuts"]["families"]:
        assert row["pieces"] == sizes[f"cut {row['family']}"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "no opinion at all"),
        ("sample", "no opinion at all"),
        ("other", "its 1 are on others, of another sample or build"),
    ],
)
def test_a_review_without_an_opinion_on_the_sample_is_refused(
    text: str, told: str, build: Path, sample: pl.DataFrame, tmp_path: Path
) -> None:
    """Empty, not filled in or of another build: the message says which, and nothing is written."""
    write_sample(build, tmp_path, 20, 7)
    other = {"id": "0" * 16, "raw_sha256": "0" * 64, "start": 0, "end": 1, "text": "x", "opinion": "right"}
    texts = {"": "", "sample": (tmp_path / "sample.jsonl").read_text("utf-8"), "other": json.dumps(other)}
    review = tmp_path / "review.jsonl"
    review.write_text(texts[text], "utf-8")
    with pytest.raises(
        ReviewError, match=f"review.jsonl: none of the 20 pieces of the sample has an opinion: .*{told}"
    ):
        write_rates(tmp_path, review)
    assert not (tmp_path / "rates.json").exists()


def test_the_next_command_is_the_one_that_works(build: Path) -> None:
    """It names the build and the folder where these are not the defaults, ready to be pasted."""
    told = {"pieces": 4, "strata": 2, "shown": 1, "pages": 1, "file": "x", "build": "data", "out": "data/audit"}
    assert "then `ghirbal audit --opinions review.jsonl`" in show_drawn(told)
    away = told | {"build": "my build", "out": "my build/audit"}
    assert "then `ghirbal audit --build 'my build' --opinions review.jsonl`" in show_drawn(away)
    assert "`ghirbal audit --build b --out elsewhere --opinions" in show_drawn(
        told | {"build": "b", "out": "elsewhere"}
    )


def test_an_opinion_on_a_part_counts_for_the_piece(sample: pl.DataFrame) -> None:
    """Whoever gives back half a line has found a wrong cut."""
    row = sample.filter(pl.col("text").str.len_chars() > 10, kind="cut").row(0, named=True)
    part = judge(row | {"start": row["start"] + 2, "end": row["end"] - 2, "text": row["text"][2:-2]}, "wrong")
    assert find_rates(sample, [part])["false_cuts"]["overall"]["wrong"] == 1


def test_opinions_on_another_page_or_of_the_wrong_kind_are_refused(sample: pl.DataFrame) -> None:
    """A page that has changed since the draw gives no rate; a cut cannot be missed noise."""
    row = sample.filter(kind="cut").row(0, named=True)
    with pytest.raises(ReviewError, match="another version"):
        find_rates(sample, [judge(row | {"text": "x" * len(row["text"])}, "right")])
    with pytest.raises(ReviewError, match="no opinion on a piece that was cut"):
        find_rates(sample, [judge(row, "cut", "promo")])


def test_the_sample_is_written_for_people(build: Path, tmp_path: Path) -> None:
    """A review without opinions, that reads back as drawn, and a page that shows its pages alone."""
    told = write_sample(build, tmp_path, 30, 7)
    drawn = read_sample(tmp_path / "sample.jsonl")
    assert drawn.equals(draw_sample(build, 30, 7))
    assert read_review(tmp_path / "sample.jsonl") == []
    assert told["pieces"] == 30
    assert told["shown"] == drawn["id"].n_unique()
    lines = (tmp_path / "sample.jsonl").read_text("utf-8").splitlines()
    filled = [json.dumps(json.loads(line) | {"opinion": "right"}, ensure_ascii=False) for line in lines]
    (tmp_path / "review.jsonl").write_text("\n".join(filled), "utf-8")
    found = find_rates(tmp_path / "sample.jsonl", tmp_path / "review.jsonl")
    assert (found["judged"], found["false_cuts"]["overall"]["wrong"]) == (30, 0)
    assert write_rates(tmp_path, tmp_path / "review.jsonl") == found
    own = shutil.copytree(build, tmp_path / "build")
    (own / "audit").mkdir()
    shutil.copy(tmp_path / "rates.json", own / "audit")
    assert read_rates(own) == found
    with pytest.raises(ReviewError, match="`ghirbal audit` draws one"):
        read_sample(tmp_path / "none.jsonl")
    (tmp_path / "sample.jsonl").write_text("{}", "utf-8")
    with pytest.raises(ReviewError, match="draw it again"):
        read_sample(tmp_path / "sample.jsonl")


def test_a_sample_that_somebody_judges_is_not_drawn_over(
    build: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Opinions written into it are work of hours: the error says where they are and what to do, and no byte changes."""
    command = ["audit", "--build", str(build), "--out", str(tmp_path), "--sample", "20"]
    assert main([*command, "--seed", "7"]) == main([*command, "--seed", "8"]) == OK
    file = tmp_path / "sample.jsonl"
    lines = file.read_text("utf-8").splitlines()
    assert [json.loads(line)["opinion"] for line in lines] == [None] * 20
    lines[3] = json.dumps(json.loads(lines[3]) | {"opinion": "right"})
    for text, says in (
        ("\n".join(lines), f"{file}: holds 1 opinion, "),
        ("\n".join([*lines[:3], lines[3] + ","]), f"{file}:4: is no line of a sample"),
    ):
        file.write_text(text, "utf-8")
        before = {path: path.read_bytes() for path in tmp_path.iterdir()}
        capsys.readouterr()
        assert main(command) == ERROR
        told = capsys.readouterr().err
        assert says in told and "move it away" in told
        assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_rates_that_the_card_does_not_read_say_so(
    build: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The release looks for them in the audit of the build alone."""
    build = shutil.copytree(build, tmp_path / "build")
    for out, told in ((tmp_path, f"alone: copy {tmp_path / 'rates.json'} there"), (build / "audit", "")):
        where = ["audit", "--build", str(build), "--out", str(out)]
        assert main([*where, "--sample", "20"]) == OK
        lines = [json.loads(line) | {"opinion": "right"} for line in (out / "sample.jsonl").open(encoding="utf-8")]
        (tmp_path / "review.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
        capsys.readouterr()
        assert main([*where, "--opinions", str(tmp_path / "review.jsonl")]) == OK
        printed = capsys.readouterr().err
        assert told in printed and bool(told) == bool(printed)
        assert (read_rates(build) is None) == bool(told)


def test_rates_are_of_one_build_only(build: Path, sample: pl.DataFrame, tmp_path: Path) -> None:
    """When the documents change, what was measured on them is not said of the new ones."""
    same, other = shutil.copytree(build, tmp_path / "build"), tmp_path / "other"
    write_shards(make_corpus(39), other / "docs")
    said = [judge(row, "right") for row in sample.iter_rows(named=True)]
    for folder in (same, other):
        (folder / "audit").mkdir()
        (folder / "audit" / "rates.json").write_text(json.dumps(find_rates(sample, said)), "utf-8")
    assert read_rates(same) is not None
    assert read_rates(other) is None
    assert read_rates(build) is None
    for text, told in (("{}", None), ("[]", "rates.json")):
        (other / "audit" / "rates.json").write_text(text, "utf-8")
        if told is None:
            assert read_rates(other) is None
        else:
            with pytest.raises(ReviewError, match=told):
                read_rates(other)


def test_the_card_prints_the_rates(build: Path, sample: pl.DataFrame, tmp_path: Path) -> None:
    """False cuts and missed noise by family, the overall rates first, with the sources of the formulas."""
    said = [judge(row, "right") for row in sample.iter_rows(named=True)]
    cut, kept = (sample["kind"].index_of(kind) for kind in ("cut", "kept"))
    said[cut] = judge(sample.row(cut, named=True), "wrong")
    said[kept] = judge(sample.row(kept, named=True), "cut", "promo")
    rates = find_rates(sample, said)
    assert list_rates(rates)[0]["family"] == "all"
    assert [row["family"] for row in list_missed(rates)] == ["all", "promo"]
    release = tmp_path / "release"
    facts = tell_audit(rates)
    release_docs(sorted((build / "docs").glob("*.parquet")), release, facts={**facts, "evaluation": []})
    card = (release / "README.md").read_text("utf-8")
    assert "Not audited" not in card
    for name in ("false_cuts", "missed_noise"):
        assert f"| {format_share(rates[name]['overall']['rate'])} |" in card
    assert "| `promo` |" in card
    assert "Yan and Su 2010" in card
    for row in list_rates(rates):
        assert f"| {row['cuts']:,} | {row['pieces']:,} | {format_share(row['covered'])} |" in card
    assert "leaves open" in card
