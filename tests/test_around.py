"""What stands around a line, against the plain definition, page by page."""

from __future__ import annotations

import numpy as np
import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from etl.around import FAR, Around, first_rows, flags_beside, page_bounds, place_in
from etl.arrays import expand
from etl.pieces import begins_line, is_whole_line, number_pages, rows_where, solid_of
from etl.zones.topics import find_page_words

pages = st.lists(st.lists(st.integers(0, 3), min_size=1, max_size=6), min_size=1, max_size=5)


def laid_out(pages: list[list[int]]) -> tuple[Around, np.ndarray]:
    page = np.repeat(np.arange(len(pages)), [len(one) for one in pages])
    return Around(page), np.array([value for one in pages for value in one], np.float32)


@given(pages, st.integers(-4, 4).filter(bool), st.sampled_from([0.0, 9.0]))
def test_a_move_stays_within_the_page(pages: list[list[int]], by: int, fill: float) -> None:
    """A line gets the value of the line so many places further on, or the filling where its page has none."""
    around, values = laid_out(pages)
    wanted = [page[at + by] if 0 <= at + by < len(page) else fill for page in pages for at in range(len(page))]
    assert around.shift(values, by, fill).tolist() == wanted
    if not fill:
        rows = np.arange(len(values))[::2]
        assert around.shift_at(rows, values, by).tolist() == wanted[::2]


@given(pages, st.lists(st.integers(-4, 4).filter(bool), max_size=3))
def test_flags_are_seen_within_the_page(pages: list[list[int]], by: list[int]) -> None:
    """A line is told where one of those so many places further on has a flag, and is of its page."""
    around, values = laid_out(pages)
    wanted = [
        any(0 <= at + step < len(page) and page[at + step] > 1 for step in by)
        for page in pages
        for at in range(len(page))
    ]
    assert flags_beside(values > 1, around.page, *by).tolist() == wanted


@given(pages, st.integers(-3, 3), st.integers(0, 3), st.booleans())
def test_a_window_sums_within_the_page(pages: list[list[int]], low: int, size: int, flags: bool) -> None:
    """A window is the sum of the lines in it, of flags as of numbers."""
    around, values = laid_out(pages)
    given = values > 1 if flags else values
    wanted = [
        sum((page[n] > 1 if flags else page[n]) for n in range(len(page)) if low <= n - at <= low + size)
        for page in pages
        for at in range(len(page))
    ]
    assert around.window(given, low, low + size).tolist() == wanted


@given(pages)
def test_distances_count_to_the_nearest_flag(pages: list[list[int]]) -> None:
    """Lines since the last flag above, and until the next one below; FAR where the page has none there."""
    around, values = laid_out(pages)
    since, until = [], []
    for page in pages:
        flags = [n for n, value in enumerate(page) if value == 3]
        since += [min((at - n for n in flags if n <= at), default=FAR) for at in range(len(page))]
        until += [min((n - at for n in flags if n >= at), default=FAR) for at in range(len(page))]
    assert around.since(values == 3).tolist() == since
    assert around.until(values == 3).tolist() == until


@given(pages)
def test_totals_are_of_a_page(pages: list[list[int]]) -> None:
    """A total has one value a page, and is repeated for each of its lines."""
    around, values = laid_out(pages)
    assert around.total(values).tolist() == [sum(page) for page in pages]
    assert around.each(around.total(values)).tolist() == [sum(page) for page in pages for _ in page]
    assert page_bounds(around.page)[1].tolist() == [len(page) for page in pages]


@given(pages)
def test_flags_are_asked_of_a_page(pages: list[list[int]]) -> None:
    """First, last, how many, any and all are those of its page, for each line; without any the first is the page's end."""
    around, values = laid_out(pages)
    flags = values == 3
    start = np.cumsum([0] + [len(page) for page in pages]).tolist()
    found = [[low + at for at, value in enumerate(page) if value == 3] for low, page in zip(start, pages, strict=False)]

    def spread(of_page: list[int]) -> list[int]:
        return [value for value, page in zip(of_page, pages, strict=True) for _ in page]

    first = [min(at, default=end) for at, end in zip(found, start[1:], strict=True)]
    assert around.first_of(flags).tolist() == spread(first)
    assert around.last_of(flags).tolist() == spread([max(at, default=-1) for at in found])
    assert around.count(flags).tolist() == spread([len(at) for at in found])
    assert around.any(flags).tolist() == spread([bool(at) for at in found])
    assert around.all(flags).tolist() == spread([set(page) == {3} for page in pages])


def test_bounds_of_pages() -> None:
    """The first line of each page and how many it has, whatever the numbers of the pages; none where there are no lines."""
    first, sizes = page_bounds(np.array([4, 4, 5, 7, 7], dtype=np.int32))
    assert (first.tolist(), sizes.tolist()) == ([0, 2, 3], [2, 1, 2])
    assert [len(part) for part in page_bounds(np.zeros(0, dtype=np.int32))] == [0, 0]


@given(pages)
def test_words_know_the_first_and_last_of_their_like_on_the_page(pages: list[list[int]]) -> None:
    """Each line is taken for a look that has as many words as its number says, in slots 0, 1, …"""
    around, values = laid_out(pages)
    look = values.astype(np.int32)
    first, slots = np.array([0, 0, 1, 3, 6]), np.array([0, 0, 1, 0, 1, 2], np.int32)
    words = find_page_words(around.page, look, first, slots)
    of_line = [list(range(n)) for n in look.tolist()]
    flat = [(page, slot) for page, own in zip(around.page.tolist(), of_line, strict=True) for slot in own]
    line = [line for line, own in enumerate(of_line) for _ in own]
    twice = [number for number, word in enumerate(flat) if flat.count(word) > 1]
    assert words.line.tolist() == [line[number] for number in twice]
    assert words.same.tolist() == [flat.index(flat[number]) for number in twice]
    assert words.last.tolist() == [len(flat) - 1 - flat[::-1].index(flat[number]) for number in twice]
    assert words.size.tolist() == [len(own) for own in of_line]
    assert words.first.tolist() == [sum(words.size[:number]) for number in range(len(of_line))]


@given(pages, st.data())
def test_words_are_echoed_by_others_in_chosen_lines(pages: list[list[int]], data: st.DataObject) -> None:
    """The share of a line's words that stand somewhere else in the chosen lines of its page; of two choices at once."""
    around, values = laid_out(pages)
    look = values.astype(np.int32)
    words = find_page_words(around.page, look, np.array([0, 0, 1, 3, 6]), np.array([0, 0, 1, 0, 1, 2], np.int32))
    choices = [np.array(data.draw(st.lists(st.booleans(), min_size=len(look), max_size=len(look)))) for _ in range(2)]

    def is_there(word: int, line: int, chosen: np.ndarray) -> bool:
        others = chosen & (look > word) & (around.page == around.page[line])
        return bool(np.delete(others, line).any())

    for chosen, found in zip(choices, words.echo(*choices), strict=True):
        wanted = [
            np.float32(sum(is_there(word, line, chosen) for word in range(size)) / max(size, 1))
            for line, size in enumerate(look.tolist())
        ]
        assert found.tolist() == wanted


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 4))))
def test_ranges_are_laid_end_to_end(ranges: list[tuple[int, int]]) -> None:
    """An empty one leaves nothing."""
    first, count = np.array(ranges, np.int64).reshape(-1, 2).T
    assert expand(first, count).tolist() == [first + by for first, count in ranges for by in range(count)]


@given(pages)
def test_lines_are_counted_in_their_page(pages: list[list[int]]) -> None:
    """From 0 on, in each page anew."""
    around, _ = laid_out(pages)
    assert place_in(around.page).tolist() == [at for page in pages for at in range(len(page))]


@given(st.lists(st.integers(0, 5)), st.sampled_from([-1, 99]))
def test_the_first_row_of_each_owner_is_found(owners: list[int], none: int) -> None:
    """Of one that owns none it is what was said."""
    found = first_rows(np.array(owners, np.int64), 6, np.arange(len(owners)) + 10, none)
    assert found.tolist() == [owners.index(one) + 10 if one in owners else none for one in range(6)]


def test_lines_with_text_are_told_by_flags_of_pieces() -> None:
    """No flag counts as no; pages are numbered as they come, and white space at the ends is no text."""
    frame = pl.DataFrame({"id": ["b", "b", "a", "a"], "piece": [" x \n", "\n", " \n", "y"]})
    flags = pl.Series([True, None, True, True])
    assert number_pages(frame).tolist() == [0, 0, 1, 1]
    assert rows_where(flags).tolist() == [0, 2, 3]
    row, text = solid_of(frame, flags)
    assert (row.tolist(), text.to_list()) == ([0, 3], ["x", "y"])


def test_a_line_begins_behind_a_line_feed_and_with_its_page() -> None:
    """A page may lack the line feed at its end; a line that is cut into parts is whole in none of them."""
    frame = pl.DataFrame({"id": ["a", "a", "a", "b", "c", "c"], "piece": ["x\n", "y", "z\n", "x", "\n", "y"]})
    told = frame.select(begins=begins_line(), whole=is_whole_line())
    assert told["begins"].to_list() == [True, True, False, True, True, True]
    assert told["whole"].to_list() == [True, False, False, True, True, True]
