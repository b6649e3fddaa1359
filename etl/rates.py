"""How often cleaning is wrong: the opinions on an audit's sample -> rates with their intervals.

`BUILD/audit/rates.json` holds the rates; `read_rates(BUILD)` gives them where they are of this very build, and the
release prints them on its card. A rate is `{rate, low, high, judged, wrong, pieces, covered}`: shares of 0 to 1 of the
pieces, the interval's ends, how many were judged and found wrong, how many there are, and which share of these lie in
strata where somebody judged. The rate is that of these strata; the interval is of all pieces, so it leaves open what
the others hold. The file is

    {"false_cuts": {"overall": rate or null, "families": [{"family": name} | rate, …]},
     "missed_noise": {"overall": rate or null, "families": [{"family": name} | rate, …]},
     "asked": 400, "judged": 391, "unsure": 6, "unanswered": 3, "level": 0.95, "method": "…", "drawn_from": hash}

where `wrong` of missed noise is what should have been cut, and its families are those that readers named.
`list_rates` and `list_missed` make rows of it, as tables show them.
"""

from __future__ import annotations

import json
import math
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from statistics import NormalDist
from typing import Any, NamedTuple

import polars as pl

from etl.audit import AUDIT_FOLDER, SAMPLE_FILE, hash_build, read_sample
from etl.review import Opinion, ReviewError, read_review
from etl.shards import replacing

RATES_FILE = "rates.json"
LEVEL = 0.95
"""Confidence of every interval."""
Z = NormalDist().inv_cdf(0.5 + LEVEL / 2)
_SMALL = 1000
"""Pieces in a stratum up to which its limits are counted out: in one nearly exhausted a formula's are too narrow."""
METHOD = (
    "Strata of families (cuts) or places (kept lines) by score; square-root allocation (Bankier 1988); "
    "within a stratum equal chances, rules and outlets in proportion. Rates: stratified mean (Cochran 1977, "
    f"section 5.3). Intervals ({LEVEL:.0%}): exact limits of the hypergeometric (Buonaccorsi 1987) in a stratum of at most "
    f"{_SMALL:,} pieces, in a larger one Wilson (1927) with the finite population correction (Cochran 1977, section 2.6), "
    "over several strata each at a smaller quantile (Yan and Su 2010)."
)


class Rate(NamedTuple):
    """A share between 0 and 1, and the ends of its interval."""

    rate: float
    low: float
    high: float


class Stratum(NamedTuple):
    """Pieces in the population, pieces judged, and how many of these are wrong."""

    size: float
    judged: int
    wrong: int


def find_middle(share: float, judged: float, z: float = Z) -> float:
    """Share wrong of those judged -> the middle of Wilson's interval."""
    return (share + z * z / (2 * judged)) / (1 + z * z / judged)


def find_wilson(wrong: float, judged: float, z: float = Z) -> Rate:
    """Wrong out of judged -> rate and score interval: Wilson (1927), J. Am. Stat. Assoc. 22(158), 209-212."""
    share = wrong / judged
    middle = find_middle(share, judged, z)
    half = z / (1 + z * z / judged) * math.sqrt(share * (1 - share) / judged + z * z / (4 * judged * judged))
    return Rate(share, max(0.0, min(middle - half, share)), min(1.0, max(middle + half, share)))


def correct_size(stratum: Stratum) -> float:
    """Stratum -> how many judged pieces of an endless stratum would tell as much; infinite where all were judged.

    The variance of a share in a sample of n out of N is smaller by (N - n) / (N - 1): Cochran (1977), section 2.6.
    """
    left = stratum.size - stratum.judged
    return stratum.judged * (stratum.size - 1) / left if left > 0 else math.inf


@lru_cache(maxsize=4096)
def find_exact(size: int, judged: int, wrong: int, z: float = Z) -> Rate:
    """Pieces, judged, wrong -> rate and exact limits of the share wrong: Buonaccorsi (1987), Am. Stat. 41(3), 215-218.

    A count of wrong pieces is in the interval unless a random draw shows so many of them, or so few, less often than
    the level leaves to either side. Whatever the truth, the interval of one stratum holds it as often as stated.
    """
    draws = math.comb(size, judged)

    def find_least(shown: int, rest: float) -> int:
        """Pieces of a kind among the judged -> the least number in the stratum that shows as many often enough."""

        def show_often(number: int) -> float:
            fewer = sum(math.comb(number, few) * math.comb(size - number, judged - few) for few in range(shown))
            return (draws - fewer) / draws

        # Of as many as were shown and all the unjudged, no fewer can be shown: the search ends there at the latest.
        return shown + bisect_right(range(shown, size - judged + shown), rest, key=show_often)

    share, rest = wrong / judged, NormalDist().cdf(-z)
    low, high = find_least(wrong, rest) / size, (size - find_least(judged - wrong, rest)) / size
    return Rate(share, min(low, share), max(high, share))


def find_limits(stratum: Stratum, z: float = Z) -> Rate:
    """Stratum -> rate of its pieces, and interval: exact in a small one, Wilson's in a large, nothing open where all is known.

    While a piece is unjudged, that it is wrong is in the interval, and that it is right, however small the level.
    """
    share = stratum.wrong / stratum.judged
    left = stratum.size - stratum.judged
    if left <= 0:
        return Rate(share, share, share)
    if stratum.size <= _SMALL:
        rate = find_exact(int(stratum.size), stratum.judged, stratum.wrong, z)
    else:
        number = correct_size(stratum)
        rate = find_wilson(share * number, number, z)
    one_wrong, one_right = (stratum.wrong + 1) / stratum.size, (stratum.wrong + left - 1) / stratum.size
    return Rate(share, min(rate.low, one_right), max(rate.high, one_wrong))


def find_stratified(strata: Iterable[Stratum]) -> Rate:
    """Strata -> rate over all of them and its interval; strata in which nothing was judged are left out.

    The rate is the mean of the strata's rates weighted by size: Cochran (1977), Sampling Techniques, 3rd ed.,
    eq. 5.52. The interval adds the strata's (`find_limits`), each at the smaller quantile that gives the whole the
    stated confidence: Yan and Su (2010), Stat. Biopharm. Res. 2(3), 329-335. Variances in that quantile are taken at
    the middle of the Wilson interval: no error seen does not mean no doubt. The rate is that of the pieces there are,
    so where all of a stratum was judged nothing about it is in doubt: `correct_size`. Over several strata the level is
    held about, not exactly.

    It is assumed that the judged pieces of a stratum are a random draw from it. Those without an opinion may be the
    last of a sample in random order; those judged unsure are taken to be wrong as often as the others.
    """
    met = [stratum for stratum in strata if stratum.judged]
    whole = sum(stratum.size for stratum in met)
    weights = [stratum.size / whole for stratum in met]
    spreads = []
    for stratum, weight in zip(met, weights, strict=True):
        share, number = stratum.wrong / stratum.judged, correct_size(stratum)
        middle = find_middle(share, number)
        spreads.append(weight * math.sqrt(middle * (1 - middle) / number))
    # One stratum in doubt keeps the whole quantile, whatever the rounding of roots says.
    alone = sum(spread > 0 for spread in spreads) == 1
    smaller = Z if alone else Z * math.sqrt(sum(spread * spread for spread in spreads)) / (sum(spreads) or 1)
    parts = [find_limits(stratum, smaller) for stratum in met]
    rate, low, high = (
        sum(weight * part[place] for weight, part in zip(weights, parts, strict=True)) for place in range(3)
    )
    return Rate(rate, low, high)


def leave_open(rate: Rate, covered: float) -> Rate:
    """Rate of the share `covered` of the pieces -> the same, its interval that of all: of the rest none to all are wrong."""
    return Rate(rate.rate, covered * rate.low, covered * rate.high + 1 - covered)


def find_rates(sample: pl.DataFrame | Path, opinions: Sequence[Opinion] | Path) -> dict[str, Any]:
    """Sample and opinions -> rates of false cuts and of missed noise, by family and over all, with intervals.

    `false_cuts`: share of the cut pieces that should have stayed. `missed_noise`: share of the kept pieces
    that should have been cut, by the family that readers name. Pieces judged unsure are left out of both.
    """
    drawn = read_sample(sample) if isinstance(sample, Path) else sample
    given = read_review(opinions) if isinstance(opinions, Path) else list(opinions)
    said = _match(drawn, given)
    if not any(said):
        of = opinions if isinstance(opinions, Path) else "the review"
        held = (
            f"its {len(given):,} are on others, of another sample or build" if given else "it holds no opinion at all"
        )
        raise ReviewError(
            f"{of}: none of the {len(drawn):,} pieces of the sample has an opinion: {held}; judge the pieces on the page "
            "that `ghirbal audit` wrote and export the review there"
        )
    answered = drawn.with_columns(
        pl.Series("_opinion", [one.opinion if one else None for one in said], pl.String),
        pl.Series("_named", [one.family if one else None for one in said], pl.String),
    )
    cuts = answered.filter(pl.col("kind") == "cut")
    kept = answered.filter(pl.col("kind") == "kept")
    wrong, missed = pl.col("_opinion") == "wrong", pl.col("_opinion") == "cut"
    named = sorted(set(kept.filter(missed)["_named"].drop_nulls()))
    return {
        "drawn_from": drawn["drawn_from"][0],
        "asked": len(drawn),
        "judged": int(answered["_opinion"].is_in(["right", "wrong", "cut"]).sum()),
        "unsure": int((answered["_opinion"] == "unsure").sum()),
        "unanswered": int(answered["_opinion"].null_count()),
        "level": LEVEL,
        "method": METHOD,
        "false_cuts": {
            "overall": _rate(cuts, wrong, "population"),
            "families": [
                {"family": family, **rate}
                for family in sorted(set(cuts["family"]))
                if (rate := _rate(cuts.filter(pl.col("family") == family), wrong, "in_family")) is not None
            ],
        },
        "missed_noise": {
            "overall": _rate(kept, missed, "population"),
            "families": [
                {"family": family, **(_rate(kept, missed & (pl.col("_named") == family), "population") or {})}
                for family in named
            ],
        },
    }


def list_rates(rates: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Rates -> rows on false cuts (family, false_cut, low, high, cuts, pieces, covered), the first over all families."""
    return _rows(rates["false_cuts"], "false_cut", "cuts")


def list_missed(rates: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Rates -> rows on missed noise (family, missed, low, high, kept, pieces, covered), the first over all families."""
    return _rows(rates["missed_noise"], "missed", "kept")


def _rows(told: Mapping[str, Any], rate: str, judged: str) -> list[dict[str, Any]]:
    names = {"family": "family", rate: "rate", "low": "low", "high": "high", judged: "judged"}
    names |= {"pieces": "pieces", "covered": "covered"}
    rows = [*([{"family": "all", **told["overall"]}] if told["overall"] else []), *told["families"]]
    return [{name: row[of] for name, of in names.items()} for row in rows]


def show_rates(rates: Mapping[str, Any]) -> Iterator[str]:
    """Rates -> lines for reading: what was judged, a table of false cuts and one of missed noise, the method."""
    yield (
        f"{rates['judged']:,} of {rates['asked']:,} pieces judged; {rates['unsure']:,} unsure, "
        f"{rates['unanswered']:,} without an opinion"
    )
    for name, what in (("false_cuts", "cut that should have stayed"), ("missed_noise", "kept that should be cut")):
        yield ""
        overall = rates[name]["overall"]
        if overall is None:
            yield f"{name.replace('_', ' ')}: not audited"
            continue
        rows = [{"family": "all", **overall}, *rates[name]["families"]]
        yield f"{name.replace('_', ' ')} ({what}), {rates['level']:.0%} interval"
        for row in rows:
            unseen = f", {1 - row['covered']:.2%} in strata without an opinion" if row["covered"] < 1 else ""
            yield (
                f"  {row['family']:<12}{row['rate']:>8.2%}  {row['low']:>7.2%} to {row['high']:>7.2%}  "
                f"{row['wrong']:>4,} of {row['judged']:>5,} judged, {row['pieces']:>9,} pieces{unseen}"
            )
        if overall["covered"] < 1:
            yield (
                f"  strata in which nothing was judged hold {1 - overall['covered']:.2%} of the pieces: the rates are not "
                "of these, and the intervals leave open whether none or all of them are wrong"
            )
    yield ""
    yield str(rates["method"])


def write_rates(folder: Path, review: Path) -> dict[str, Any]:
    """Folder of a drawn sample, review of it -> `rates.json` beside the sample; the rates."""
    rates = find_rates(folder / SAMPLE_FILE, review)
    with replacing(folder / RATES_FILE) as beside:
        beside.write_text(json.dumps(rates, ensure_ascii=False, indent=1, sort_keys=True) + "\n", "utf-8")
    return rates


def read_rates(build: Path) -> dict[str, Any] | None:
    """Build -> the rates in its folder `audit`, if there are any and they are of this very build."""
    path = build / AUDIT_FOLDER / RATES_FILE
    if not path.exists():
        return None
    try:
        rates: dict[str, Any] = json.loads(path.read_text("utf-8"))
        drawn_from = rates.get("drawn_from")
    except (ValueError, AttributeError) as error:
        raise ReviewError(
            f"{path}: is not what `ghirbal audit --opinions` writes ({error}); write it again, or put {{}} into it"
        ) from error
    return rates if drawn_from == hash_build(build) else None


def _match(sample: pl.DataFrame, opinions: Iterable[Opinion]) -> list[Opinion | None]:
    """Sample and opinions -> the opinion on each piece; one on a part of a piece counts for the piece."""
    by_page: dict[str, list[Opinion]] = {}
    for opinion in opinions:
        by_page.setdefault(opinion.id, []).append(opinion)
    said: list[Opinion | None] = []
    for row in sample.iter_rows(named=True):
        inside = [one for one in by_page.get(row["id"], ()) if row["start"] <= one.start and one.end <= row["end"]]
        for one in inside:
            first = one.start - row["start"]
            if one.text != row["text"][first : first + len(one.text)]:
                raise ReviewError(
                    f"document {row['id']}: the opinion on {one.text!r} is of another version of the page "
                    "than the sample; judge the page that was written with the sample"
                )
            if one.opinion == ("cut" if row["kind"] == "cut" else "wrong") and row["action"] != "mark":
                raise ReviewError(
                    f"document {row['id']}: {one.opinion!r} is no opinion on a piece that was "
                    f"{'cut' if row['kind'] == 'cut' else 'kept'} ({one.text!r})"
                )
        said.append(min(inside, key=lambda one: (one.start - row["start"], -one.end)) if inside else None)
    return said


def _rate(rows: pl.DataFrame, wrong: pl.Expr, of: str) -> dict[str, Any] | None:
    """Rows of the sample -> rate, interval, counts and the share of the pieces that the judged strata cover.

    `of` is the column that counts the pieces the rate is of, those of strata that nothing was drawn from included.
    """
    judged = pl.col("_opinion").is_in(["right", "wrong", "cut"])
    table = rows.group_by("stratum", maintain_order=True).agg(
        pl.col("size").first(),
        judged=judged.fill_null(False).sum().cast(pl.Int64),
        wrong=(judged & wrong).fill_null(False).sum().cast(pl.Int64),
    )
    strata = [Stratum(*row) for row in table.select("size", "judged", "wrong").iter_rows()]
    if not any(stratum.judged for stratum in strata):
        return None
    pieces = int(rows[of][0])
    covered = sum(stratum.size for stratum in strata if stratum.judged) / pieces
    rate = leave_open(find_stratified(strata), covered)
    return {
        "rate": round(rate.rate, 6),
        "low": round(rate.low, 6),
        "high": round(rate.high, 6),
        "judged": sum(stratum.judged for stratum in strata),
        "wrong": sum(stratum.wrong for stratum in strata),
        "pieces": pieces,
        "covered": round(covered, 6),
    }
