# SPDX-License-Identifier: MPL-2.0

"""The records of one FUNC: which line and which inlined calls an address belongs to, and their names."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from threading import Lock
from typing import NamedTuple

from msgspec import Struct

from tecken.core.symbols.calls import InlinedCalls, inlined_calls
from tecken.core.symbols.lookup import InlineCall
from tecken.core.symbols.lookup_limits import Meter
from tecken.core.symbols.range_table import RangeTable, packed
from tecken.core.symbols.records import (
    InlineRecord,
    find_usual_inline,
    parse_inlines,
    parse_lines,
    parse_usual_inlines,
    parse_usual_lines,
    split_usual,
)

# A function's text beyond this is not read: twice the largest seen (1.7 MB).
MAX_FUNCTION_BYTES = 4 * 1024 * 1024
# A text beyond this is read record by record, in bounded memory and time, instead of all at once, which
# takes up to 30 times as much memory for a moment. Twice the largest of our test files.
_MAX_AT_ONCE_BYTES = 1024 * 1024
# One text beyond this is parsed at a time: that bounds the memory of all threads, and those that come
# for the same function find it parsed. 99 % are smaller than 40 KB.
_LARGE_BYTES = 64 * 1024
_MAX_SCANNED_LEVELS = 16  # each costs a pass over the text; 95 % of all calls are less deep
_RECORD_BYTES = 200  # of memory that a line record or the range of a call takes
_parsing_large = Lock()
_FREE = nullcontext()
_NO_FILE = -1

Names = Mapping[int, str | None]


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


def turn_to_parse(size: int) -> AbstractContextManager[object]:
    """Return what to hold while so many bytes of a function's text are parsed."""
    return _parsing_large if size > _LARGE_BYTES else _FREE


class FunctionRecords:
    """The INLINE and line records of a FUNC that covers ``start`` to ``end``.

    Most functions are asked for one address, and that needs few of the INLINE records: those of the
    nest levels that it is in. All are parsed when a second address comes. From then on the locations
    of addresses may be kept: no line and no call begins or ends between two neighbouring *borders*,
    so that all addresses there have the same one. Safe to use from several threads.
    """

    __slots__ = ("_asked", "_borders", "_bounds", "_calls", "_inline_text", "_known", "_lines")

    def __init__(self, body: bytes, start: int, end: int, meter: Meter) -> None:
        """Parse the records that ``body`` begins with. Raises LimitExceededError when the meter does."""
        usual = split_usual(body) if len(body) <= _MAX_AT_ONCE_BYTES else None
        self._asked = False
        self._bounds = start, end
        self._borders: Sequence[int] | None = None
        self._known: list[Location | None] = []  # by the number of borders before the address
        self._calls: InlinedCalls | None = None
        if usual:
            self._inline_text = usual.inlines
            self._lines = RangeTable(*parse_usual_lines(usual.lines))
        else:
            self._inline_text = b""
            self._lines = RangeTable(*parse_lines(body, meter))
            self._note_calls(inlined_calls(parse_inlines(body, start, end, meter)))

    @property
    def memory_bytes(self) -> int:
        """About what the records take, once they are all parsed."""
        ranges = len(self._lines) + (len(self._calls) if self._calls else 0)
        return 800 + _RECORD_BYTES * ranges + 3 * len(self._inline_text)

    def location_at(self, address: int) -> Location | None:
        """Return the location of an address, if it was kept."""
        borders = self._borders
        return None if borders is None else self._known[bisect_right(borders, address)]

    def keep_location(self, address: int, location: Location) -> int:
        """Keep the location of an address and its neighbours; return about what that takes in bytes."""
        if self._borders is None:
            return 0
        interval = bisect_right(self._borders, address)
        if self._known[interval] is not None:
            return 0
        self._known[interval] = location
        return 200 + 60 * len(location.inlines)

    def parsed_at(self, address: int) -> Position | None:
        """Return the line and the inlined calls at an address, if all records are parsed."""
        if self._borders is None or self._calls is None:
            return None
        return Position(self._line_at(address), tuple(self._calls.at(address)))

    def at(self, addresses: Sequence[int]) -> list[Position]:
        """Return the line and the inlined calls at each address."""
        with turn_to_parse(len(self._inline_text)):
            calls_at = self._calls_at(addresses)
        return [
            Position(self._line_at(address), tuple(calls))
            for address, calls in zip(addresses, calls_at, strict=True)
        ]

    def _calls_at(self, addresses: Sequence[int]) -> list[list[InlineRecord]]:
        text = self._inline_text  # first: another thread drops it when it has parsed the calls
        if self._calls is None and not self._asked and len(addresses) == 1:
            self._asked = True
            return [self._first_calls(text, addresses[0])]
        return [*map(self._parsed_calls(text).at, addresses)]

    def _line_at(self, address: int) -> tuple[int, int] | None:
        line = self._lines.at(address)
        return (int(line[0]), int(line[1])) if line else None

    def _first_calls(self, text: bytes, address: int) -> list[InlineRecord]:
        calls: list[InlineRecord] = []
        while call := find_usual_inline(text, len(calls), address):
            calls.append(call)
            if len(calls) == _MAX_SCANNED_LEVELS:
                return self._parsed_calls(text).at(address)
        return calls

    def _parsed_calls(self, text: bytes) -> InlinedCalls:
        return self._calls or self._note_calls(
            inlined_calls(parse_usual_inlines(text, *self._bounds))
        )

    def _note_calls(self, calls: InlinedCalls) -> InlinedCalls:
        self._calls = calls
        self._inline_text = b""
        borders = self._lines.borders | calls.borders
        self._known = [None] * (len(borders) + 1)
        self._borders = packed(sorted(borders))  # last: others look for them first
        return calls


class RecordNames:
    """Makes locations, with the names of files and of inline origins by number.

    Equal calls are one object in all that it makes: a call that many others were inlined into is part of
    all their locations. Not safe to use from several threads.
    """

    def __init__(self, files: Names, origins: Names) -> None:
        self._files = files
        self._origins = origins
        self._calls: dict[tuple[int, int, int], InlineCall] = {}

    def locate(self, position: Position) -> Location:
        """Give each function of the chain its file and line: the line record's for the innermost, and for each
        caller the call site of what it called. Raises KeyError when a name is not there."""
        line, file = position.line or (0, _NO_FILE)
        inlines = []
        if position.calls:
            made = self._calls
            for call in reversed(position.calls):
                key = call.origin, file, line
                inlines.append(made.get(key) or self._make_call(key))
                file, line = call.call_file, call.call_line
        elif file >= 0:  # as most are
            name = self._files[file]
            return Location(name, None if name is None else line or None, ())
        return Location(*self._file_and_line(file, line), tuple(inlines))

    def _make_call(self, key: tuple[int, int, int]) -> InlineCall:
        origin, file, line = key
        call = InlineCall(self._origins[origin], *self._file_and_line(file, line))
        self._calls[key] = call
        return call

    def _file_and_line(self, file: int, line: int) -> tuple[str | None, int | None]:
        """Return the name of a file and a line in it; line 0 means unknown, as all do in no file."""
        name = None if file == _NO_FILE else self._files[file]
        return name, None if name is None else line or None
