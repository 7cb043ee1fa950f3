# SPDX-License-Identifier: MPL-2.0

"""A value for each of many address ranges."""

from array import array
from bisect import bisect_right
from collections.abc import Sequence
from operator import le
from typing import Generic, TypeVar

T = TypeVar("T")


class RangeTable(Generic[T]):
    """Address ranges with a value each, given as columns.

    Compilers write disjoint ranges. Where they overlap all the same, the one that starts last
    wins, and of those that start together the first in the file. Such ranges are cut into disjoint ones
    at once, in n log n steps, so that each search is a bisection.
    """

    __slots__ = ("_ends", "_starts", "_values")

    def __init__(self, starts: list[int], ends: list[int], values: list[T]) -> None:
        if not (all(map(le, ends, starts[1:])) and all(map(le, starts, starts[1:]))):
            starts, ends, winners = _cut(starts, ends)
            values = [values[winner] for winner in winners]
        self._starts, self._ends, self._values = packed(starts), packed(ends), values

    def __len__(self) -> int:
        return len(self._starts)

    @property
    def borders(self) -> set[int]:
        """All addresses at which another value begins."""
        return {*self._starts, *self._ends}

    def at(self, address: int) -> T | None:
        """Return the value of the range that covers ``address``."""
        position = bisect_right(self._starts, address) - 1
        return self._values[position] if position >= 0 and address < self._ends[position] else None


def _cut(starts: list[int], ends: list[int]) -> tuple[list[int], list[int], list[int]]:
    """Cut ranges that overlap: return the starts and ends of disjoint ones, and whose range each is part of.

    Ranges are met in the order in which they win over those before. Those that are not over yet lie on
    a stack, the winner on top; each is put there once and taken from it once.
    """
    cut_starts: list[int] = []
    cut_ends: list[int] = []
    winners: list[int] = []
    covering: list[int] = []
    cut_until = 0

    def cut_up_to(address: int) -> None:
        nonlocal cut_until
        while covering and cut_until < address:
            end = min(ends[covering[-1]], address)
            if cut_until < end:
                cut_starts.append(cut_until)
                cut_ends.append(end)
                winners.append(covering[-1])
                cut_until = end
            if ends[covering[-1]] <= cut_until:
                covering.pop()
        cut_until = address

    # Of those that start together the first in the file comes last, and wins.
    for number in sorted(range(len(starts) - 1, -1, -1), key=starts.__getitem__):
        cut_up_to(starts[number])
        covering.append(number)
    cut_up_to(max(ends, default=0))
    return cut_starts, cut_ends, winners


def packed(numbers: list[int]) -> Sequence[int]:
    """Return the numbers in a quarter of a list's memory, unless one has more than 64 bits."""
    try:
        return array("Q", numbers)
    except OverflowError:  # a range may end behind the last address
        return numbers
