"""Clusters: what is joined, which document stands for them, and that nothing but the texts decides."""

import hashlib
import re
from itertools import combinations
from random import Random
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.duplicates import make_families, make_text, make_vocabulary, shingles
from etl import duplicates
from etl.arrays import expand
from etl.duplicates import DuplicateParams, learn_duplicates, signatures
from etl.duplicates.signatures import SIGNATURE, SLOTS, hash_words, name_variants, sign_documents
from etl.fold import fold
from etl.release.fates import Decisions, decide
from etl.release_params import ReleaseParams
from etl.verdicts import REJECTED_FATE, RELEASED
from schemas.duplicates import DUPLICATES

PARAMS = DuplicateParams()
VOCABULARY = make_vocabulary(Random(0), 5000)


def some_text(seed: int, words: int = 60) -> str:
    return " ".join(make_text(Random(seed), VOCABULARY, words)) + "."


def documents(*rows: dict[str, Any]) -> pl.DataFrame:
    """Documents with what is not given left empty; the id is the number of the row."""
    names = ("id", "parent_id", "path", "url", "outlet", "date", "raw_sha256", "text", "verdict")
    filled = [
        {name: row.get(name) for name in names} | {"id": row.get("id", f"{number:016x}")}
        for number, row in enumerate(rows)
    ]
    schema = dict.fromkeys(names, pl.String)
    return pl.DataFrame(filled, schema=schema).with_columns(verdict_value=pl.lit(None, pl.Float64))


def clusters(*shards: pl.DataFrame, params: DuplicateParams = PARAMS) -> pl.DataFrame:
    """The clusters of the documents of some shards."""
    signed = [sign_documents(shard, params).lazy() for shard in shards]
    return pl.concat([DUPLICATES.to_frame(), *learn_duplicates(signed, params)])


def learn(docs: pl.DataFrame, params: DuplicateParams = PARAMS) -> dict[str, dict[str, Any]]:
    table = clusters(docs, params=params)
    return {row["id"]: row for row in table.iter_rows(named=True)}


def test_families_of_copies() -> None:
    """Every pair from similarity .7 up is together, and no edge joins two texts below .5."""
    families = list(make_families(Random(3), 150))
    texts = [{"text": text} for family in families for text in family]
    docs = documents(*texts)
    clusters = {key: row["cluster_id"] for key, row in learn(docs).items()}
    ids = iter(docs["id"])
    by_cluster: dict[str, list[tuple[int, str]]] = {}
    for number, family in enumerate(families):
        names = [next(ids) for _ in family]
        sets = [shingles(text) for text in family]
        likeness = {
            (a, b): len(sets[a] & sets[b]) / len(sets[a] | sets[b]) for a, b in combinations(range(len(family)), 2)
        }
        for (a, b), value in likeness.items():
            assert value < 0.7 or clusters[names[a]] == clusters[names[b]]
        for member, name in enumerate(names):
            mates = [b for b in range(len(family)) if b != member and clusters[names[b]] == clusters[name]]
            assert not mates or max(likeness[min(member, b), max(member, b)] for b in mates) >= 0.5
            by_cluster.setdefault(clusters[name], []).append((number, name))
    assert all(len({number for number, _ in members}) == 1 for members in by_cluster.values())


@pytest.mark.parametrize("words", [8, 40, 200, 900])
def test_estimate_is_unbiased(words: int) -> None:
    """The estimated similarity is the exact one on average, for short texts as for long ones."""
    rng = Random(words)
    errors = []
    for _ in range(60):
        text = make_text(rng, VOCABULARY, words)
        copy = list(text)
        for _ in range(max(1, words // 40)):
            copy[rng.randrange(words)] = rng.choice(VOCABULARY)
        pair = sign_documents(documents({"text": " ".join(text)}, {"text": " ".join(copy)}), PARAMS)
        one, other = (np.frombuffer(packed, dtype="<u2") for packed in pair["signature"])
        a, b = shingles(" ".join(text)), shingles(" ".join(copy))
        errors.append(np.count_nonzero(one == other) / SLOTS - len(a & b) / len(a | b))
    assert abs(np.mean(errors)) < 0.015
    assert np.std(errors) < 0.05


def test_signature_is_pinned() -> None:
    """The bytes of a signature are the same on every machine and in every version of the libraries."""
    text = "وقّع الرئيسان في بيونغ يانغ اتفاق شراكة، بعد محادثات استمرت 90 دقيقة.\nوقال متحدث: «الاتفاق دفاعي»."
    row = sign_documents(documents({"text": text}), PARAMS).row(0, named=True)
    assert hashlib.sha256(row["signature"]).hexdigest()[:16] == "092856f33158dbf3"
    assert len(row["paragraphs"]) == 1
    assert row["n_words"] == 15
    assert row["text_sha256"] == hashlib.sha256(fold(text).encode()).hexdigest()


@given(st.text(alphabet=st.sampled_from("ابتسشةأإىي 01٢aB.،؟!:-«»“”•…\n\tًّ_#/"), max_size=120))
@settings(max_examples=150)
def test_words_are_runs_of_letters_and_digits(text: str) -> None:
    """A word is a run of letters and digits of the folded text; a text without one is not signed."""
    words = len(re.findall(r"[^\W_]+", fold(text)))
    signed = sign_documents(documents({"text": text}), PARAMS)
    assert len(signed) == (words > 0)
    if words:
        assert signed["n_words"][0] == words
        assert signed["text_sha256"][0] == hashlib.sha256(fold(text).encode()).hexdigest()


def test_name_variants_are_one() -> None:
    """Two desks' spellings of foreign names are one text: the signature is the same."""
    one = (
        "التقى كيم جونغ أون في بيونغ يانغ وفدا من الكونغرس، وقال البنتاغون إن صاروخا باليستيا أميركيا "
        "أطلق من هونغ كونغ."
    )
    other = (
        "التقى كيم جونج أون في بيونج يانج وفدا من الكونجرس، وقال البنتاجون إن صاروخا بالستيا أمريكيا أطلق من هونجكونج."
    )
    table = learn(documents({"text": one}, {"text": other}))
    assert [row["similarity"] for row in table.values()] == [1.0, 1.0]
    assert {row["cluster_size"] for row in table.values()} == {2}
    assert {row["verdict"] for row in table.values()} == {None, "duplicate/near"}


def test_variant_table() -> None:
    """The table of variants is folded, and what stands for a variant is no variant itself."""
    table = name_variants()
    assert all(fold(word) == word for pair in table.items() for word in pair)
    assert not set(table.values()) & set(table)
    hashes = hash_words(sorted({*table, *table.values()}))
    assert len(np.unique(hashes)) == len(hashes)


@pytest.mark.parametrize("word", ["غادر", "جادة", "المغرب", "الجبل", "قرار", "البلاغ"])
def test_arabic_words_stay_apart(word: str) -> None:
    """Letters are exchanged in listed names only: common words that differ by one of them stay two words."""
    assert fold(word) not in name_variants()


def test_exact_by_folded_text() -> None:
    """Texts that differ only in hamza, marks, quotes and white space are exact duplicates."""
    text = some_text(1)
    table = learn(documents({"text": "أحمدُ  قال «نعم»\n" + text}, {"text": 'احمد قال "نعم" ' + text}))
    assert sorted(str(row["verdict"]) for row in table.values()) == ["None", "duplicate/exact"]


def test_exact_by_raw_page() -> None:
    """The same raw page is an exact duplicate; a child shares its parent's page and is not one for that."""
    rows = [
        {"id": "a", "text": some_text(1), "raw_sha256": "x"},
        {"id": "b", "text": some_text(2), "raw_sha256": "x"},
        {
            "id": "a.1",
            "parent_id": "a",
            "text": some_text(3),
            "raw_sha256": "x",
            "url": "https://site.example/1",
        },
        {"id": "c", "text": some_text(4), "url": "https://site.example/1"},
    ]
    table = learn(documents(*rows))
    assert table["a"]["cluster_id"] == table["b"]["cluster_id"]
    assert {table["a"]["verdict"], table["b"]["verdict"]} == {None, "duplicate/exact"}
    assert table["a.1"]["cluster_role"] == table["c"]["cluster_role"] == "only"


@pytest.mark.parametrize(("which", "kept"), [("last", "late"), ("first", "early")])
def test_recrawl(which: str, kept: str) -> None:
    """Of one address crawled twice the stated crawl is kept, by date and then path, whatever the texts."""
    url = "https://site.example/news/1"
    docs = documents(
        {"id": "late", "path": "2024/b.txt", "url": url, "text": some_text(1, 40)},
        {"id": "early", "path": "2023/a.txt", "url": url, "text": some_text(2, 90)},
        {"id": "other", "path": "2023/c.txt", "url": "https://site.example/", "text": some_text(3)},
        {"id": "front", "path": "2023/d.txt", "url": "https://site.example/", "text": some_text(4)},
    )
    table = learn(docs, DuplicateParams(recrawl=which))
    gone = "early" if kept == "late" else "late"
    assert (table[kept]["cluster_role"], table[kept]["verdict"]) == ("representative", None)
    assert (table[gone]["cluster_role"], table[gone]["verdict"]) == ("copy", "duplicate/recrawl")
    assert table[gone]["similarity"] < 0.1
    assert table["other"]["cluster_role"] == table["front"]["cluster_role"] == "only"


def test_representative() -> None:
    """The representative has a date, then the most words, then the least id."""
    text = some_text(5, 80)
    longer = text + " " + some_text(6, 4)
    dated = documents({"text": longer}, {"text": text, "date": "2024-01-02"}, {"text": text})
    assert learn(dated)[f"{1:016x}"]["cluster_role"] == "representative"
    undated = documents({"text": text}, {"text": longer}, {"text": longer})
    table = learn(undated)
    assert table[f"{1:016x}"]["cluster_role"] == "representative"
    assert table[f"{2:016x}"]["verdict"] == "duplicate/exact"
    assert table[f"{0:016x}"]["verdict"] == "duplicate/near"
    assert 0.6 < table[f"{0:016x}"]["similarity"] < 1.0


def test_cluster_columns() -> None:
    """A cluster's id comes from its least document id; its known outlets are counted once."""
    text = some_text(7)
    outlets = ["one", "two", "two", None]
    table = learn(
        documents(
            *({"id": f"d{k}", "text": text, "outlet": o} for k, o in enumerate(outlets)),
            {"id": "z", "text": some_text(8)},
        )
    )
    assert {row["cluster_id"] for key, row in table.items() if key != "z"} == {hashlib.sha256(b"d0").hexdigest()[:16]}
    assert {row["cluster_outlets"] for key, row in table.items() if key != "z"} == {2}
    alone = table["z"]
    assert (alone["cluster_size"], alone["cluster_role"], alone["similarity"]) == (1, "only", 1.0)
    assert alone["cluster_id"] == hashlib.sha256(b"z").hexdigest()[:16]


def test_chain_is_one_cluster() -> None:
    """A cluster is what is connected: the ends of a chain are together though they share little."""
    rng = Random(11)
    text = make_text(rng, VOCABULARY, 300)
    chain = [" ".join(text[at : at + 200]) for at in range(0, 101, 25)]
    table = learn(documents(*({"text": link} for link in chain)))
    assert {row["cluster_size"] for row in table.values()} == {5}
    assert min(row["similarity"] for row in table.values()) < 0.6


@given(st.randoms(use_true_random=False), st.integers(1, 5))
@settings(max_examples=8)
def test_order_and_shards_do_not_matter(rng: Random, shards: int) -> None:
    """The same documents in any order and any shards give the same table, however much is looked at at once."""
    families = list(make_families(Random(8), 12))
    rows = [
        {
            "text": text,
            "outlet": f"o{number % 3}",
            "date": "2024-01-01" if number % 4 else None,
            "url": f"https://s.example/{number % 25}",
        }
        for number, text in enumerate(text for family in families for text in family)
    ]
    docs = documents(*rows)
    expected = clusters(docs)
    order = list(range(len(docs)))
    rng.shuffle(order)
    mixed = docs[order]
    cut = sorted(rng.randrange(len(docs) + 1) for _ in range(shards - 1))
    parts = [mixed[a:b] for a, b in zip([0, *cut], [*cut, len(docs)], strict=True)]
    with pytest.MonkeyPatch.context() as patch:
        for name, sizes in (("_PAIRS", (1, 10, 10**6)), ("_HASHES", (1, 50, 10**6)), ("_SLICE", (1, 7, 10**6))):
            patch.setattr(duplicates, name, rng.choice(sizes))
        found = clusters(*parts)
    assert found.equals(expected)


def test_hot_bucket_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Documents of one bucket that are not alike cost no more than their number times a constant."""
    count = 3000
    rng = np.random.default_rng(1)
    slots = rng.integers(0, 1 << 16, (count, SLOTS), dtype=np.uint16)
    slots[:, : 4 * 8] = 7  # Eight of the 32 bands are the same in all.
    compared = 0
    compare = duplicates._compare

    def count_pairs(kept: Any, one: Any, other: Any) -> Any:
        nonlocal compared
        compared += len(one)
        return compare(kept, one, other)

    monkeypatch.setattr(duplicates, "_compare", count_pairs)
    frame = pl.DataFrame({"id": [f"{n:05}" for n in range(count)], "signature": [row.tobytes() for row in slots]})
    frame = frame.match_to_schema(SIGNATURE, missing_columns="insert").with_columns(
        text_sha256="id", n_words=1, paragraphs=pl.lit([], SIGNATURE["paragraphs"])
    )
    table = pl.concat(learn_duplicates([frame.lazy()], PARAMS))
    assert table["cluster_size"].max() == 1
    assert compared <= 8 * PARAMS.neighbours * count


def test_a_thousand_copies_are_one_cluster() -> None:
    """A bucket of near-copies, however hot, ends as one cluster."""
    text = make_text(Random(13), VOCABULARY, 120)
    rows = [{"text": " ".join([*text[:100], *make_text(Random(number), VOCABULARY, 5)])} for number in range(1000)]
    table = learn(documents(*rows))
    assert {row["cluster_size"] for row in table.values()} == {1000}


def test_only_documents_without_a_verdict() -> None:
    """A document that is rejected already neither has a cluster nor stands for one."""
    text = some_text(9)
    docs = documents({"id": "a", "text": text, "verdict": "quality/too-short"}, {"id": "b", "text": text})
    table = clusters(docs)
    assert table["id"].to_list() == ["b"]
    judged = decided(docs, table)
    assert judged["id"].to_list() == ["a", "b"]
    assert judged["verdict"].to_list() == ["quality/too-short", None]
    assert judged["cluster_role"].to_list() == ["only", "only"]


def decided(docs: pl.DataFrame, table: pl.DataFrame) -> pl.DataFrame:
    """Documents and their clusters -> what becomes of them in a release."""
    none = pl.DataFrame(schema={"id": pl.String, "date": pl.Date, "reason": pl.String})
    return decide(docs, Decisions(ReleaseParams(), table.sort("id"), none, {}, {}))


def test_a_decision_keeps_rows_and_writes_the_value() -> None:
    """Deciding drops no row, moves none, and writes the similarity as the measured value of the verdict."""
    text = some_text(10, 80)
    docs = documents({"text": text + " زيادة في الآخر"}, {"text": text}, {"text": some_text(11)})
    judged = decided(docs, clusters(docs))
    assert judged["id"].to_list() == docs["id"].to_list()
    assert judged["verdict"].to_list() == [None, "duplicate/near", None]
    assert judged["verdict_value"][1] == judged["similarity"][1] > 0.9
    assert judged["verdict_value"][0] is None
    assert judged["_fate"].to_list() == [RELEASED, REJECTED_FATE, RELEASED]


def test_shared_paragraphs_are_a_score() -> None:
    """A paragraph that another story holds counts; one that only copies of the same story hold does not."""
    common, first, second = some_text(20, 15), some_text(21, 120), some_text(22, 120)
    short = some_text(23, 5)
    docs = documents(
        {"id": "a", "text": f"{first}\n{common}\n{short}"},
        {"id": "b", "text": f"{first}\n{common}\n{short}"},
        {"id": "c", "text": f"{common}\n{second}\n{short}"},
        {"id": "d", "text": some_text(24)},
    )
    table = learn(docs)
    shares = {key: row["shared_paragraph_share"] for key, row in table.items()}
    assert shares == {"a": 0.5, "b": 0.5, "c": 0.5, "d": 0.0}
    assert table["a"]["cluster_id"] != table["c"]["cluster_id"]


def test_nothing_to_compare() -> None:
    """No documents give empty tables with the right columns."""
    signed = sign_documents(documents(), PARAMS)
    assert signed.schema == SIGNATURE
    assert not list(learn_duplicates([signed.lazy()], PARAMS))
    assert not list(learn_duplicates([], PARAMS))
    assert sign_documents(documents({"text": ""}, {"text": " \n!"}), PARAMS).schema == SIGNATURE


def test_a_text_of_the_same_words_again_and_again_costs_no_more_than_another(monkeypatch: pytest.MonkeyPatch) -> None:
    """For the slots that few runs of words leave empty each run is asked once, however often it comes; the signature is theirs."""
    asked: list[int] = []

    def count(first: Any, times: Any) -> Any:
        asked.append(int(np.sum(times)))
        return expand(first, times)

    monkeypatch.setattr(signatures, "expand", count)
    once, often = "قال نعم أمس ثم لا", "قال نعم أمس ثم لا " * 2000
    both = sign_documents(documents({"text": f"{once} {once}"}, {"text": often}, {"text": some_text(1)}), PARAMS)
    assert both["signature"][0] == both["signature"][1] != both["signature"][2]
    assert max(asked) <= SLOTS * (5 + 5 + 60) + 10_010


def test_short_texts() -> None:
    """Texts of fewer than five words are compared whole, word order included."""
    docs = documents({"text": "قال نعم أمس"}, {"text": "قال نعم، أمس."}, {"text": "أمس قال نعم"}, {"text": "قال نعم"})
    clusters = [row["cluster_id"] for row in learn(docs).values()]
    assert clusters[0] == clusters[1]
    assert len(set(clusters)) == 3
