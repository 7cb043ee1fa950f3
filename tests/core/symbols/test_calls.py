# SPDX-License-Identifier: MPL-2.0

from hypothesis import given
from hypothesis import strategies as st

from tecken.core.symbols.calls import CallsByLevel, NestedCalls, inlined_calls
from tecken.core.symbols.records import InlineRange, InlineRecord


def call(start: int, end: int, level: int, origin: int = 1) -> InlineRange:
    return start, end, InlineRecord(level, 1, 1, origin)


def found(calls: CallsByLevel | NestedCalls, address: int) -> list[int]:
    return [each.origin for each in calls.at(address)]


NESTED = [
    call(10, 40, 0, 1),
    call(10, 20, 1, 2),
    call(10, 12, 2, 3),
    call(20, 30, 1, 4),
    call(22, 30, 2, 5),
    call(50, 60, 0, 6),
    call(52, 54, 1, 7),
]


def test_calls_that_lie_within_each_other_are_found_by_the_innermost() -> None:
    calls = inlined_calls(NESTED)
    assert isinstance(calls, NestedCalls)
    expected = {
        9: [], 10: [1, 2, 3], 11: [1, 2, 3], 12: [1, 2], 19: [1, 2], 20: [1, 4], 22: [1, 4, 5],
        29: [1, 4, 5], 30: [1], 39: [1], 40: [], 50: [6], 52: [6, 7], 54: [6], 59: [6], 60: [],
    }  # fmt: skip
    assert {address: found(calls, address) for address in expected} == expected


def test_calls_that_are_not_nested_are_found_level_by_level() -> None:
    for odd in (
        [call(10, 20, 0, 1), call(15, 25, 1, 2)],  # sticks out of what it is in
        [call(10, 20, 0, 1), call(15, 25, 0, 2)],  # overlaps one of its level
        [call(10, 20, 1, 1)],  # lies in no call of the level above
        [call(10, 20, 1, 2), call(10, 20, 0, 1)],  # the inner one comes first
    ):
        assert isinstance(inlined_calls(odd), CallsByLevel)


def test_both_kinds_have_the_same_borders() -> None:
    assert NestedCalls([], []).borders == CallsByLevel([]).borders == set()
    assert inlined_calls(NESTED).borders == CallsByLevel(NESTED).borders


@given(
    st.lists(
        st.builds(
            lambda start, size, level, origin: call(start, start + size, level, origin),
            st.integers(0, 30), st.integers(1, 20), st.integers(0, 3), st.integers(1, 9),
        ),
        max_size=8,
    )
)  # fmt: skip
def test_any_calls_are_found_as_level_by_level(inlines: list[InlineRange]) -> None:
    by_level = CallsByLevel(sorted(inlines, key=lambda each: each[0]))
    calls = inlined_calls(inlines)
    for address in range(55):
        assert calls.at(address) == by_level.at(address)


@st.composite
def nested_calls(
    draw: st.DrawFn, start: int = 0, end: int = 64, level: int = 0
) -> list[InlineRange]:
    """Draw calls within calls, in the order in which compilers write them."""
    inlines: list[InlineRange] = []
    borders = draw(st.lists(st.integers(start, end), max_size=6, unique=True).map(sorted))
    for first, after in zip(borders[::2], borders[1::2], strict=False):
        inlines.append(call(first, after, level, draw(st.integers(1, 99))))
        if level < 3:
            inlines += draw(nested_calls(first, after, level + 1))
    return inlines


@given(nested_calls())
def test_nested_calls_are_known_as_such_and_found_as_level_by_level(
    inlines: list[InlineRange],
) -> None:
    calls = inlined_calls(inlines)
    assert isinstance(calls, NestedCalls)
    by_level = CallsByLevel(sorted(inlines, key=lambda each: each[0]))
    for address in range(-1, 66):
        assert calls.at(address) == by_level.at(address)
