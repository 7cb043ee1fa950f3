# This Source Code Form is subject to the terms of the Mozilla Public
# License, v. 2.0. If a copy of the MPL was not distributed with this
# file, You can obtain one at https://mozilla.org/MPL/2.0/.

"""The records of one FUNC: which line and which inlined calls an address belongs to."""

from array import array
from bisect import bisect_right
from collections.abc import Sequence
from operator import itemgetter, le
from typing import Generic, NamedTuple, TypeVar

from msgspec import Struct

from tecken.core.symbols.lookup import InlineCall
from tecken.core.symbols.records import (
    InlineRange,
    InlineRecord,
    find_usual_inline,
    parse_inlines,
    parse_lines,
    parse_usual_inlines,
    parse_usual_lines,
    split_usual,
)

T = TypeVar("T")

# A function's text beyond this is not read: twice the largest seen (1.7 MB). Parsed it may take 30
# times as much memory for a moment.
MAX_FUNCTION_BYTES = 4 * 1024 * 1024
_MAX_SCANNED_LEVELS = 16  # each costs a pass over the text; 95 % of all calls are less deep


class Position(NamedTuple):
    """Where an address is, in numbers of FILE and INLINE_ORIGIN records.

    ``line`` is ``(line, file)`` or None; ``calls`` has the outermost inlined call first.
    """

    line: tuple[int, int] | None
    calls: tuple[InlineRecord, ...]


class Location(Struct, frozen=True, gc=False):
    """Where an address is, in names: what a symbol has beside its function."""

    file: str | None
    line: int | None
    inlines: tuple[InlineCall, ...]


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


_Levels = list[
    RangeTable[InlineRecord]
]  # by nest level, without those behind a level that is empty


class FunctionRecords:
    """The INLINE and line records of a FUNC that covers ``start`` to ``end``.

    Most functions are asked for one address, and that needs few of the INLINE records: those of the
    nest levels that it is in. All are parsed when a second address comes. From then on the locations
    of addresses may be kept: no line and no call begins or ends between two neighbouring *borders*,
    so that all addresses there have the same one. Safe to use from several threads.
    """

    __slots__ = ("_asked", "_borders", "_bounds", "_inline_text", "_known", "_levels", "_lines")

    def __init__(self, body: bytes, start: int, end: int) -> None:
        usual = split_usual(body)
        self._asked = False
        self._bounds = start, end
        self._borders: Sequence[int] | None = None
        self._known: list[Location | None] = []  # by the number of borders before the address
        self._levels: _Levels | None = None
        if usual:
            self._inline_text = usual.inlines
            self._lines = RangeTable(*parse_usual_lines(usual.lines))
        else:
            self._inline_text = b""
            self._lines = RangeTable(*parse_lines(body))
            self._levels = _tables_by_level(parse_inlines(body, start, end))

    @property
    def memory_bytes(self) -> int:
        """About what the records take, once they are all parsed."""
        return 800 + 200 * len(self._lines) + 3 * len(self._inline_text)

    def location_at(self, address: int) -> Location | None:
        """Return the location of an address, if it was kept."""
        borders = self._borders
        return None if borders is None else self._known[bisect_right(borders, address)]

    def keep_location(self, address: int, location: Location) -> int:
        """Keep the location of an address and its neighbours; return about what that takes in bytes."""
        if self._borders is None:
            return 0
        piece = bisect_right(self._borders, address)
        if self._known[piece] is not None:
            return 0
        self._known[piece] = location
        return 200 + 60 * len(location.inlines)

    def parsed_at(self, address: int) -> Position | None:
        """Return the line and the inlined calls at an address, if all records are parsed."""
        if self._borders is None or self._levels is None:
            return None
        return Position(self._line_at(address), tuple(_calls(self._levels, address)))

    def at(self, addresses: Sequence[int]) -> list[Position]:
        """Return the line and the inlined calls at each address.

        A level that has no call at that address ends the chain of calls.
        """
        text = self._inline_text  # first: another thread drops it when it has parsed the levels
        if self._levels is None and not self._asked and len(addresses) == 1:
            self._asked = True
            calls_at = [self._first_calls(text, addresses[0])]
        else:
            levels = self._parsed_levels(text)
            calls_at = [_calls(levels, address) for address in addresses]
        return [
            Position(self._line_at(address), tuple(calls))
            for address, calls in zip(addresses, calls_at, strict=True)
        ]

    def _line_at(self, address: int) -> tuple[int, int] | None:
        line = self._lines.at(address)
        return (int(line[0]), int(line[1])) if line else None

    def _first_calls(self, text: bytes, address: int) -> list[InlineRecord]:
        calls: list[InlineRecord] = []
        while call := find_usual_inline(text, len(calls), address):
            calls.append(call)
            if len(calls) == _MAX_SCANNED_LEVELS:
                return _calls(self._parsed_levels(text), address)
        return calls

    def _parsed_levels(self, text: bytes) -> _Levels:
        levels = self._levels
        if levels is None:
            levels = _tables_by_level(parse_usual_inlines(text, *self._bounds))
            self._levels = levels
            self._inline_text = b""
        if self._borders is None:
            borders = self._lines.borders.union(*(level.borders for level in levels))
            self._known = [None] * (len(borders) + 1)
            self._borders = packed(sorted(borders))  # last: others look for them first
        return levels


def _calls(levels: _Levels, address: int) -> list[InlineRecord]:
    calls: list[InlineRecord] = []
    for level in levels:
        call = level.at(address)
        if call is None:
            break
        calls.append(call)
    return calls


def _tables_by_level(inlines: list[InlineRange]) -> _Levels:
    columns: dict[int, tuple[list[int], list[int], list[InlineRecord]]] = {}
    for start, end, inline in sorted(inlines, key=itemgetter(0)):  # few are not in this order
        starts, ends, records = columns.setdefault(inline.level, ([], [], []))
        starts.append(start)
        ends.append(end)
        records.append(inline)
    levels: _Levels = []
    while (table := columns.get(len(levels))) is not None:
        levels.append(RangeTable(*table))
    return levels
