"""Verdicts on whole pages."""

from __future__ import annotations

import polars as pl

from etl.verdicts import give_copies, give_verdicts


def test_the_first_verdict_stays_with_the_value_behind_it() -> None:
    """One that stands already is left, of several that fall the first is written, and none where the value is unknown."""
    docs = pl.DataFrame(
        {
            "words": [1, 1, 9, 9, None],
            "share": [0.1, 0.1, 0.1, 0.9, 0.9],
            "verdict": ["earlier", None, None, None, None],
            "verdict_value": [7.0, None, None, None, None],
        },
        schema_overrides={"verdict": pl.String(), "verdict_value": pl.Float64()},
    )
    words, share = pl.col("words"), pl.col("share")
    judged = give_verdicts(docs, [("short", words < 5, words.cast(pl.Float64)), ("foreign", share < 0.5, share)])
    assert judged.select("verdict", "verdict_value").rows() == [
        ("earlier", 7.0),
        ("short", 1.0),
        ("foreign", 0.1),
        (None, None),
        (None, None),
    ]
    assert judged.drop("verdict", "verdict_value").equals(docs.drop("verdict", "verdict_value"))


def test_a_copy_is_rejected_unless_copies_are_kept() -> None:
    """With its similarity, that of an exact copy to the text that it repeats, which is 1; what was rejected for another reason stays so."""
    docs = pl.DataFrame(
        {
            "_copy": ["duplicate/near", "duplicate/near", "duplicate/exact", None],
            "similarity": [0.9, 0.8, 0.7, 1.0],
            "verdict": ["earlier", None, None, None],
            "verdict_value": [7.0, None, None, None],
        },
        schema_overrides={"verdict": pl.String(), "verdict_value": pl.Float64()},
    )
    judged = give_copies(docs, keep=False)
    assert judged.select("verdict", "verdict_value").rows() == [
        ("earlier", 7.0),
        ("duplicate/near", 0.8),
        ("duplicate/exact", 1.0),
        (None, None),
    ]
    assert give_copies(docs.lazy(), keep=True).collect().equals(docs.drop("_copy"))
