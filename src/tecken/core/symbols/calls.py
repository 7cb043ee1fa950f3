# SPDX-License-Identifier: MPL-2.0

"""Which inlined calls an address of a function is in."""

from array import array
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from operator import itemgetter
from typing import TypeAlias

from tecken.core.symbols.range_table import RangeTable, packed
from tecken.core.symbols.records import InlineRange, InlineRecord


class NestedCalls:
    """Calls each of which lies within one of the level above, as compilers write them.

    One search finds the innermost, which knows what it lies in.
    """

    __slots__ = ("_ends", "_parents", "_records", "_starts")

    def __init__(self, inlines: Iterable[InlineRange], parents: Sequence[int]) -> None:
        self._starts = packed([start for start, _, _ in inlines])
        self._ends = packed([end for _, end, _ in inlines])
        self._records = [inline for _, _, inline in inlines]
        self._parents = parents

    def __len__(self) -> int:
        """Return the number of address ranges that are kept."""
        return len(self._starts)

    @property
    def borders(self) -> set[int]:
        """All addresses at which a call begins or ends."""
        return {*self._starts, *self._ends}

    def at(self, address: int) -> list[InlineRecord]:
        """Return the calls at an address, the outermost first."""
        position = bisect_right(self._starts, address) - 1
        ends, parents = self._ends, self._parents
        while position >= 0 and ends[position] <= address:
            position = parents[position]
        calls = []
        while position >= 0:
            calls.append(self._records[position])
            position = parents[position]
        calls.reverse()
        return calls


def _parents(inlines: Iterable[InlineRange]) -> Sequence[int] | None:
    """Return the position of the call that each lies in, -1 for the outermost.

    None when a call is not wholly in one of the level above, or shares addresses with another of its level.
    """
    parents = array("i")
    around: list[tuple[int, int]] = []  # position and end of the calls that the last one lies in
    for position, (start, end, inline) in enumerate(inlines):
        while around and around[-1][1] <= start:
            around.pop()
        if len(around) != inline.level or (around and around[-1][1] < end):
            return None
        parents.append(around[-1][0] if around else -1)
        around.append((position, end))
    return parents


class CallsByLevel:
    """Calls of any kind: each nest level is searched."""

    __slots__ = ("_levels",)

    def __init__(self, inlines: Iterable[InlineRange]) -> None:
        columns: dict[int, tuple[list[int], list[int], list[InlineRecord]]] = {}
        for start, end, inline in inlines:
            starts, ends, records = columns.setdefault(inline.level, ([], [], []))
            starts.append(start)
            ends.append(end)
            records.append(inline)
        self._levels: list[RangeTable[InlineRecord]] = []
        while (table := columns.get(len(self._levels))) is not None:
            self._levels.append(RangeTable(*table))

    def __len__(self) -> int:
        return sum(map(len, self._levels))

    @property
    def borders(self) -> set[int]:
        """All addresses at which a call begins or ends."""
        return set().union(*(level.borders for level in self._levels))

    def at(self, address: int) -> list[InlineRecord]:
        """Return the calls at an address, the outermost first."""
        calls: list[InlineRecord] = []
        for level in self._levels:
            call = level.at(address)
            if call is None:
                break
            calls.append(call)
        return calls


InlinedCalls: TypeAlias = NestedCalls | CallsByLevel  # of a function


def inlined_calls(inlines: Iterable[InlineRange]) -> InlinedCalls:
    """Return the calls of ranges in the order of the file.

    A level that has no call at an address ends the chain of calls there.
    """
    # Of those that start together, the outer comes first in the file.
    ordered = sorted(inlines, key=itemgetter(0))
    parents = _parents(ordered)
    return CallsByLevel(ordered) if parents is None else NestedCalls(ordered, parents)
