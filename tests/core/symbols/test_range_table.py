# This Source Code Form is subject to the terms of the Mozilla Public
# License, v. 2.0. If a copy of the MPL was not distributed with this
# file, You can obtain one at https://mozilla.org/MPL/2.0/.

import pytest

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
