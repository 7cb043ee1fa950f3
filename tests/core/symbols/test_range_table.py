# SPDX-License-Identifier: MPL-2.0

from time import thread_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tecken.core.symbols.range_table import RangeTable


def table(*ranges: tuple[int, int, str]) -> RangeTable[str]:
    return RangeTable(*(list(column) for column in zip(*ranges, strict=True)))


def test_a_range_covers_its_start_but_not_its_end() -> None:
    ranges = table((10, 20, "a"), (20, 25, "b"), (30, 40, "c"))
    found = [ranges.at(address) for address in (9, 10, 19, 20, 24, 25, 29, 30, 39, 40)]
    assert found == [None, "a", "a", "b", "b", None, None, "c", "c", None]


def test_ranges_may_come_in_any_order() -> None:
    ranges = table((30, 40, "c"), (10, 20, "a"))
    assert [ranges.at(address) for address in (10, 25, 30)] == ["a", None, "c"]


def test_of_ranges_that_overlap_the_one_that_starts_last_wins() -> None:
    ranges = table((10, 40, "outer"), (20, 30, "inner"))
    assert [ranges.at(address) for address in (15, 25, 35)] == ["outer", "inner", "outer"]


def test_of_ranges_that_start_together_the_first_wins() -> None:
    ranges = table((10, 20, "first"), (10, 20, "second"))
    assert ranges.at(15) == "first"


@pytest.mark.parametrize("at", [0, 1, 2])
def test_an_empty_range_covers_nothing(at: int) -> None:
    ranges = [(10, 20, "a"), (20, 30, "b")]
    ranges.insert(at, (20, 20, "empty"))
    assert [table(*ranges).at(address) for address in (19, 20, 29)] == ["a", "b", "b"]


def test_no_ranges_cover_nothing() -> None:
    assert RangeTable([], [], []).at(0) is None


RANGES = st.lists(
    st.tuples(st.integers(0, 30), st.integers(0, 20), st.text(max_size=1)).map(
        lambda each: (each[0], each[0] + each[1], each[2])
    ),
    min_size=1,
    max_size=12,
)


@given(RANGES)
def test_any_ranges_are_searched_as_by_looking_at_each(ranges: list[tuple[int, int, str]]) -> None:
    searched = table(*ranges)
    for address in range(55):
        covering = [each for each in ranges if each[0] <= address < each[1]]
        winner = max(covering, key=lambda each: each[0])[2] if covering else None
        assert searched.at(address) == winner


@given(RANGES)
def test_between_two_borders_all_addresses_have_one_value(
    ranges: list[tuple[int, int, str]],
) -> None:
    searched = table(*ranges)
    borders = searched.borders
    for address in range(54):
        if address + 1 not in borders:
            assert searched.at(address) == searched.at(address + 1)


MANY = 150_000
FORMS = {
    "equal": lambda _: (10, 10 + MANY),
    "backwards": lambda number: (MANY - number, MANY - number + 1),
    "staircase": lambda number: (number, number + MANY),
    "within each other": lambda number: (number, 3 * MANY - number),
}


@pytest.mark.parametrize("form", FORMS)
def test_many_ranges_that_overlap_cost_no_look_at_each_for_an_address(form: str) -> None:
    # To look at each takes 10 ms an address, so 20,000 would take minutes; as it is they take
    # milliseconds, and what is prepared for them less than a second.
    starts, ends = (list(column) for column in zip(*map(FORMS[form], range(MANY)), strict=True))
    began = thread_time()
    searched = RangeTable(starts, ends, list(range(MANY)))
    for address in range(1, 20_001):
        searched.at(address * 7)
        assert thread_time() - began < 10, f"{address} addresses in 10 seconds"
    last = MANY + 5
    expected = {"equal": 0, "backwards": None, "staircase": MANY - 1, "within each other": MANY - 1}
    assert searched.at(last) == expected[form]
