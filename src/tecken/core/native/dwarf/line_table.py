# SPDX-License-Identifier: MPL-2.0

"""The rows of a unit's line program by address, whatever sequences they came in."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from operator import attrgetter
from typing import TypeAlias

from tecken.core.native.dwarf.line_program import NO_LOCATION, Sequence

LineRow: TypeAlias = tuple[int, int, int]  # start, end, location


class LineTable:
    """Rows of rising addresses; each covers what is before the next one. Some have NO_LOCATION.

    Of rows at one address the last counts, and of sequences that overlap the one that begins first.
    """

    __slots__ = ("_addresses", "_locations")

    def __init__(self, sequences: list[Sequence]) -> None:
        self._addresses: list[int] = []
        self._locations: list[int] = []
        for sequence in sorted(sequences, key=attrgetter("start")):
            first = 0
            if self._addresses and sequence.start < self._addresses[-1]:
                first = self._cut(sequence)
            self._addresses += sequence.addresses[first:]
            self._locations += sequence.locations[first:]

    def _cut(self, sequence: Sequence) -> int:
        """Return the first row of a sequence that counts, which then begins where the last one ended."""
        behind = self._addresses[-1]
        first = bisect_right(sequence.addresses, behind) - 1
        if first + 1 >= len(sequence.addresses):
            return len(sequence.addresses)
        sequence.addresses[first] = behind
        return first

    def between(self, start: int, end: int) -> list[LineRow]:
        """Return the rows that cover a range, cut at its ends; neighbours of one location are joined."""
        addresses, locations = self._addresses, self._locations
        first = max(bisect_right(addresses, start) - 1, 0)
        after = bisect_left(addresses, end, first)
        rows: list[LineRow] = []
        row_start, row_location = start, NO_LOCATION
        for address, location in zip(addresses[first:after], locations[first:after], strict=True):
            if location != row_location:
                if row_start < address:
                    if row_location >= 0:
                        rows.append((row_start, address, row_location))
                    row_start = address
                row_location = location
        if row_location >= 0 and row_start < end:
            rows.append((row_start, end, row_location))
        return rows

    def outside(self, covered: list[tuple[int, int]]) -> Iterator[LineRow]:
        """Yield the rows outside of ranges that are in order."""
        if not self._addresses:
            return
        start = self._addresses[0]
        for first, after in covered:
            if start < first:
                yield from self.between(start, first)
            start = max(start, after)
        if start < self._addresses[-1]:
            yield from self.between(start, self._addresses[-1])
