# SPDX-License-Identifier: MPL-2.0

"""The lines of code outside of functions, of all parts of a file, by address."""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from tecken.core.native.part_file import LooseRow, Part


class LooseRows:
    """Finds rows by address. Without split units all lines are of this kind, so they stay in arrays."""

    def __init__(self, parts: Sequence[Part]) -> None:
        unordered = [array("Q") for _ in LooseRow._fields]
        for part in parts:
            for row in part.rows():
                for column, value in zip(unordered, row, strict=True):
                    column.append(value)
        order = sorted(range(len(unordered[0])), key=unordered[0].__getitem__)
        self._columns = [array("Q", (column[at] for at in order)) for column in unordered]

    def between(self, start: int, end: int) -> list[LooseRow]:
        """Return the rows that a range touches, cut at its ends."""
        starts = self._columns[0]
        first = max(bisect_right(starts, start) - 1, 0)
        after = bisect_left(starts, end, first)
        rows = [LooseRow(*(column[at] for column in self._columns)) for at in range(first, after)]
        cut = [row._replace(start=max(row.start, start), end=min(row.end, end)) for row in rows]
        return [row for row in cut if row.start < row.end]
