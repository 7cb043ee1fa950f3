# This Source Code Form is subject to the terms of the Mozilla Public
# License, v. 2.0. If a copy of the MPL was not distributed with this
# file, You can obtain one at https://mozilla.org/MPL/2.0/.

"""The records of one FUNC: which line and which inlined calls an address belongs to."""

from bisect import bisect_right
from dataclasses import dataclass
from operator import itemgetter, le
from typing import Generic, TypeVar

from tecken.core.symbols.records import InlineRecord, parse_function

T = TypeVar("T")

# A function's text beyond this is not read: twice the largest seen (1.7 MB). Parsed it may take 30
# times as much memory for a moment.
MAX_FUNCTION_BYTES = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Position:
    """Where an address is, in numbers of FILE and INLINE_ORIGIN records.

    ``line`` is ``(line, file)`` or None; ``calls`` has the outermost inlined call first.
    """

    line: tuple[int, int] | None
    calls: tuple[InlineRecord, ...]


class RangeTable(Generic[T]):
    """Address ranges with a value each, given as columns.

    Compilers write disjoint ranges. Where they overlap all the same, the one that starts last
    wins, and of those that start together the first in the file.
    """

    __slots__ = ("_disjoint", "_ends", "_starts", "_values")

    def __init__(self, starts: list[int], ends: list[int], values: list[T]) -> None:
        self._starts, self._ends, self._values = starts, ends, values
        self._disjoint = all(map(le, ends, starts[1:])) and all(map(le, starts, starts[1:]))

    def __len__(self) -> int:
        return len(self._starts)

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


class FunctionRecords:
    """The parsed INLINE and line records of a FUNC that covers ``start`` to ``end``.

    The compiler repeats all INLINE records under every piece of a function; ranges that lie
    outside this piece are left out.
    """

    __slots__ = ("_levels", "_lines")

    def __init__(self, body: bytes, start: int, end: int) -> None:
        function = parse_function(body)
        self._lines = RangeTable(function.line_starts, function.line_ends, function.lines)
        by_level: dict[int, list[tuple[int, int, InlineRecord]]] = {}
        for entry in function.inlines:
            if entry[0] < end and entry[1] > start:
                by_level.setdefault(entry[2].level, []).append(entry)
        self._levels = {level: _range_table(entries) for level, entries in by_level.items()}

    @property
    def memory_bytes(self) -> int:
        """About what the parsed records take."""
        entries = len(self._lines) + sum(len(level) for level in self._levels.values())
        return 500 + 250 * entries

    def at(self, address: int) -> Position:
        """Return the line and the inlined calls at ``address``.

        A level that has no call at that address ends the chain of calls.
        """
        calls: list[InlineRecord] = []
        while (level := self._levels.get(len(calls))) and (call := level.at(address)):
            calls.append(call)
        line = self._lines.at(address)
        return Position((int(line[0]), int(line[1])) if line else None, tuple(calls))


def _range_table(entries: list[tuple[int, int, InlineRecord]]) -> RangeTable[InlineRecord]:
    entries.sort(key=itemgetter(0))  # few are not in order of address
    return RangeTable(*(list(column) for column in zip(*entries, strict=True)))
