"""Numbers with what they count, and texts that are isolated."""

from etl.wording import are_of, count_of, in_quotes, isolate


def test_one_is_one_and_all_else_is_many() -> None:
    """The noun has the form of its number, also where that is not an s."""
    assert [count_of(n, "page") for n in (0, 1, 2, 1234)] == ["0 pages", "1 page", "2 pages", "1,234 pages"]
    assert [count_of(n, "stratum", "strata") for n in (1, 2)] == ["1 stratum", "2 strata"]
    assert [are_of(n, "page") for n in (0, 1, 2)] == ["0 pages are", "1 page is", "2 pages are"]


def test_a_text_is_isolated_with_its_quotes() -> None:
    """What stands beside it on the line keeps its place, whatever its direction."""
    assert isolate("خبر") == "\u2068خبر\u2069"
    assert in_quotes("خبر") == "\u2068«خبر»\u2069"
