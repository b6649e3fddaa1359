"""Keywords that single spaces part, and names that they do not."""

from __future__ import annotations

import polars as pl
import pytest

from etl.spaced_keywords import part_keyword, part_keywords

ARTICLE = (
    "الرمان يذبل في درعا\n"
    "توقفت مضخات الري في حوض اليرموك، فذبل الرمان في بساتين بلدية السرو، وأغلق سوق الخضار أبوابه. وتراجعت رخص المهن، "
    "وقالت وزارة الزراعة إن الموسم ضاع."
)


@pytest.mark.parametrize(
    ("keyword", "parts"),
    [
        ("درعا الرمان اليرموك الري", ["درعا", "الرمان", "اليرموك", "الري"]),
        ("بلدية السرو رخص المهن سوق الخضار", ["بلدية السرو", "رخص المهن", "سوق الخضار"]),
        ("الري وزارة الزراعة درعا بيئة", ["الري", "وزارة الزراعة", "درعا", "بيئة"]),
    ],
)
def test_what_the_article_has_side_by_side_is_one_keyword(keyword: str, parts: list[str]) -> None:
    """Words that stand together in the article are one, the others one each."""
    assert part_keyword(keyword, ARTICLE) == parts


@pytest.mark.parametrize(
    "keyword",
    [
        "وزارة الزراعة",  # two words
        "حوض اليرموك",
        "بساتين بلدية السرو",  # stands in the article as it is
        "وزارة الزراعة السورية",  # most likely a name
        "انتخابات نقابة المهندسين التونسيين",  # the article has nothing of it
        "تراجع الري في درعا",  # a phrase
    ],
)
def test_a_name_or_a_phrase_stays_whole(keyword: str) -> None:
    """What may be one keyword is not parted."""
    assert part_keyword(keyword, ARTICLE) == [keyword]


def test_only_the_one_keyword_of_a_pages_own_line_is_parted() -> None:
    """Keywords that signs part, or that the input gave, stay as they are."""
    spaced = "درعا الرمان الري"
    docs = pl.DataFrame(
        {
            "title": [None, None, None, None],
            "text": [ARTICLE] * 4,
            "keywords": [[spaced], [spaced, "بيئة"], [spaced], []],
            "keywords_raw": [f"كلمات دلالية: {spaced}", f"{spaced}، بيئة", None, None],
        },
        schema_overrides={"title": pl.String, "keywords": pl.List(pl.String)},
    )
    parted = part_keywords(docs)
    assert parted["keywords"].to_list() == [["درعا", "الرمان", "الري"], [spaced, "بيئة"], [spaced], []]
    assert parted.drop("keywords").equals(docs.drop("keywords"))
    assert part_keywords(docs[1:]).equals(docs[1:])
