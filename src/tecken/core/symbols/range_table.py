# This Source Code Form is subject to the terms of the Mozilla Public
# License, v. 2.0. If a copy of the MPL was not distributed with this
# file, You can obtain one at https://mozilla.org/MPL/2.0/.

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
    wins, and of those that start together the first in the file.
    """

    __slots__ = ("_disjoint", "_ends", "_starts", "_values")

    def __init__(self, starts: list[int], ends: list[int], values: list[T]) -> None:
        self._starts, self._ends, self._values = packed(starts), packed(ends), values
        self._disjoint = all(map(le, ends, starts[1:])) and all(map(le, starts, starts[1:]))

    def __len__(self) -> int:
        return len(self._starts)

    @property
    def borders(self) -> set[int]:
        """All addresses at which a range starts or ends."""
        return {*self._starts, *self._ends}

    def at(self, address: int) -> T | None:
        """Return the value of the range that covers ``address``."""
        if not self._disjoint:
            return self._scan(address)
        place = bisect_right(self._starts, address) - 1
        return self._values[place] if place >= 0 and address < self._ends[place] else None

    def _scan(self, address: int) -> T | None:
        places = range(len(self._starts))
        covering = [at for at in places if self._starts[at] <= address < self._ends[at]]
        return self._values[max(covering, key=self._starts.__getitem__)] if covering else None


def packed(numbers: list[int]) -> Sequence[int]:
    """Return the numbers in a quarter of a list's memory, unless one has more than 64 bits."""
    try:
        return array("Q", numbers)
    except OverflowError:  # a range may end behind the last address
        return numbers
