# SPDX-License-Identifier: MPL-2.0

"""The lines of code outside of functions, of all shares of a file, by address."""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import pairwise

from tecken.core.native.dwarf.budget import Budget
from tecken.core.native.share_file import LooseRow, Share


class LooseRows:
    """Finds rows by address. Without split units all lines are of this kind, so they stay in arrays."""

    def __init__(self, shares: Sequence[Share]) -> None:
        unordered = [array("Q") for _ in LooseRow._fields]
        for share in shares:
            for row in share.rows():
                for column, value in zip(unordered, row, strict=True):
                    column.append(value)
        order = sorted(range(len(unordered[0])), key=unordered[0].__getitem__)
        self._columns = [array("Q", (column[at] for at in order)) for column in unordered]
        self._budget = Budget(len(order))

    def between(self, start: int, end: int) -> list[LooseRow]:
        """Return the rows that a range touches, cut at its ends. Raises UnsupportedNativeFileError."""
        starts = self._columns[0]
        first = max(bisect_right(starts, start) - 1, 0)
        after = bisect_left(starts, end, first)
        self._budget.take(after - first)  # symbols may overlap as often as they like
        rows = [LooseRow(*(column[at] for column in self._columns)) for at in range(first, after)]
        cut = [row._replace(start=max(row.start, start), end=min(row.end, end)) for row in rows]
        return [row for row in cut if row.start < row.end]


def without_gap(rows: list[LooseRow]) -> list[LooseRow]:
    """Return those of some rows, at least one, that follow each other."""
    for number, (row, following) in enumerate(pairwise(rows), 1):
        if row.end < following.start:
            return rows[:number]
    return rows
