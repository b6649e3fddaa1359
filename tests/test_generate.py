"""The made pages: same bytes for the same numbers, and a truth that fits the page character for character."""

import json
import re
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.bodies import _SHAPES
from benchmarks.chrome import Page, make_page
from benchmarks.generate import make_document, make_documents, plan_page, write_corpus
from benchmarks.make_training import as_record, clean_paragraphs, make_pages
from benchmarks.outlets import OUTLETS, Article, make_outlet

ARTICLE: Article = {
    "title": "بلدية الميناء تبدأ ترميم السوق القديم بعد عامين من الانتظار",
    "paragraphs": [
        "بدأت بلدية الميناء ترميم السوق القديم. وقالت إن العمل يستمر ستة أشهر.",
        "وأضافت أن الدكاكين ستبقى مفتوحة خلال العمل، وأن الأجور لن تتغير.",
        "وطلب التجار مهلة قصيرة. وقال أحدهم إنهم يخشون موسم الشتاء.",
        "وتابع المهندس المشرف أن السقف الخشبي سيرمم أولا",
    ],
    "related_titles": [f"عنوان خبر آخر عن المدينة رقم {k}" for k in range(40)],
    "teasers": ["افتتح المتحف أبوابه ليلا أمام الزوار للمرة الأولى. وقالت الإدارة إن الدخول مجاني."] * 9,
    "other": {"title": "خبر ثان عن الحافلات", "paragraphs": ["وصلت الحافلات.", "وبدأ العمل بها أمس."]},
}


def kept(page: Page) -> str:
    """The lines labelled body or subheading, glued ones without what is stuck to them."""
    lines = page.text.split("\n")
    spans = page.keeps
    return "\n".join(
        line[slice(*spans[k])] if k in spans else line.strip()
        for k, (line, label) in enumerate(zip(lines, page.labels, strict=True))
        if label in ("BODY", "SUBHEAD")
    )


@given(
    seed=st.integers(0, 10_000),
    outlet=st.integers(0, 4 * OUTLETS),
    kind=st.sampled_from(("full", "main")),
    layout=st.sampled_from((None, *_SHAPES[0])),
)
@settings(max_examples=300)
def test_labels_fit_the_lines_and_the_body_is_the_kept_lines(
    seed: int, outlet: int, kind: str, layout: str | None
) -> None:
    """Each line has one label, blank lines none, and the body is the kept lines."""
    page = make_page(seed, outlet, ARTICLE, kind, layout)
    lines = page.text.split("\n")
    assert len(lines) == len(page.labels)
    assert all(bool(line.strip()) == bool(label) for line, label in zip(lines, page.labels, strict=True))
    assert kept(page) == page.body
    assert page == make_page(seed, outlet, ARTICLE, kind, layout)
    assert not re.search(r"<[a-z_]+>|\{[^}]*\|", page.text), "a place left unfilled"


def test_an_article_survives_whole_on_a_plain_page() -> None:
    """With the plain layout no paragraph of the article is lost, added traps and datelines aside."""
    for index in range(OUTLETS):
        page = make_page(index, index, ARTICLE, "full", "plain")
        assert all(p.removesuffix(".") in page.body for p in ARTICLE["paragraphs"])


def test_outlets_have_words_and_layouts_of_their_own() -> None:
    """No two of the named outlets look alike: phrases and order of blocks together are unique."""
    looks = {
        (o.plan["header"], o.plan["after"], o.style, tuple(sorted(o.phrases.items())))
        for o in map(make_outlet, range(OUTLETS))
    }
    assert len(looks) == OUTLETS >= 40
    assert len({make_outlet(k).slug for k in range(OUTLETS)}) == OUTLETS


def test_page_i_is_a_function_of_seed_and_i() -> None:
    """A page does not depend on which pages were made before it, but on the seed."""
    together = dict(enumerate(make_documents(3, 0, 420)))
    for number in (0, 17, 333, 419):
        plan_page.cache_clear()
        assert make_document(3, number) == together[number]
    assert make_document(4, 17)[0]["raw"] != together[17][0]["raw"]


def test_shares_and_copies_are_as_stated() -> None:
    """One page in ten is a near copy, on another outlet than its base; 2 % are crawled twice."""
    plans = [plan_page(9, k) for k in range(8000)]
    near = [p for p in plans if p.role == "near"]
    exact = [p for p in plans if p.role == "exact"]
    assert 0.08 < len(near) / len(plans) < 0.12
    assert 0.012 < len(exact) / len(plans) < 0.028
    assert all(p.outlet != plans[p.base].outlet and p.story == plans[p.base].story for p in near)
    assert all(p.outlet == plans[p.base].outlet and plans[p.base].role != "exact" for p in exact)


def test_crawled_twice_means_the_same_page() -> None:
    """An exact copy has the raw text of its base, under another path."""
    number = next(k for k in range(2000) if plan_page(1, k).role == "exact")
    raw, truth = make_document(1, number)
    base, base_truth = make_document(1, plan_page(1, number).base)
    assert raw["raw"] == base["raw"] and raw["path"] != base["path"]
    assert truth["body"] == base_truth["body"]


def test_shards_join_to_the_same_corpus(tmp_path: Path) -> None:
    """Shard size and number of workers leave every row as it is."""
    write_corpus(tmp_path / "a", 60, 5, shard=60)
    write_corpus(tmp_path / "b", 60, 5, shard=25, workers=2)
    for name in ("raw", "truth"):
        one = pl.read_parquet(tmp_path / "a" / name / "*.parquet")
        many = pl.read_parquet(tmp_path / "b" / name / "*.parquet")
        assert one.equals(many) and one.height == 60


@pytest.mark.parametrize(
    "outlet, text, wanted",
    [
        ("X", "قصير", None),
        ("X", ("كلمة " * 40).strip() + " https://example.org", None),
        ("X", "عين المدينة – متابعات\n" + ("كلمة " * 40).strip() + ".", [("كلمة " * 40).strip() + "."]),
        ("X", ("كلمة " * 40).strip() + ".\n* خدمة الصحيفة", [("كلمة " * 40).strip() + "."]),
    ],
)
def test_leftovers_of_corpora_do_not_become_body(outlet: str, text: str, wanted: list[str] | None) -> None:
    """Bylines above, notes below, and whole articles with links in them are left out of training pages."""
    assert clean_paragraphs(outlet, text, set()) == wanted


def test_training_pages_are_reproducible() -> None:
    """The same articles, number and seed give the same records."""
    articles = [("A", f"{ARTICLE['title']} {k}", ARTICLE["paragraphs"]) for k in range(60)]
    first = [as_record(*page) for page in make_pages(articles, 12, 7)]
    assert first == [as_record(*page) for page in make_pages(articles, 12, 7)]
    assert {r["kind"] for r in first} == {"full", "main"}


@pytest.mark.parametrize(
    "folder",
    sorted(
        path for path in Path(__file__).parent.glob("pages/*/labels.txt") if not path.parent.name.startswith("seed-")
    ),
    ids=lambda p: p.parent.name,
)
def test_made_pages_hold_together(folder: Path) -> None:
    """A labelled page has one label a line, and its body stands in it, in order, character for character."""
    page = (folder.parent / "page.txt").read_text("utf-8")
    labels = folder.read_text("utf-8").split("\n")
    body = (folder.parent / "body.txt").read_text("utf-8").splitlines()
    lines = page.split("\n")
    assert len(lines) == len(labels)
    kept = [line for line, label in zip(lines, labels, strict=True) if label in ("BODY", "SUBHEAD")]
    assert len(kept) == len(body)
    assert all(text in line for text, line in zip(body, kept, strict=True))
    fields = json.loads((folder.parent / "fields.json").read_text("utf-8"))
    assert fields["kind"] == "made" and all(c["title"] in page for c in fields.get("children", []))
