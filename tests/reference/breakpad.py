# SPDX-License-Identifier: MPL-2.0

"""A slow, obvious reader of Breakpad symbol files, to check the fast one with.

It reads a whole file line by line and knows no index, no cache and no flush points. It shares no
code, regular expression or constant with ``tecken.core.symbols``; what it does is what SPEC 3.3 and
Breakpad's docs/symbol_files.md say, in the order in which they say it.

The one thing it puts off: the INLINE and line records of a function are kept as text and read when
an address of that function is asked for, so that a file of 177 MB takes seconds and not minutes.

Choices where the format leaves one open, which the fast reader must share:

- a FUNC, PUBLIC or STACK record ends the records of the function before it, readable or not;
- of several line records that cover an address, and of several ranges of INLINE records of one
  level, the one that starts last wins, and of those that start together the first. Neither overlap
  in real files.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property
from operator import itemgetter
from typing import NamedTuple, TypeVar

T = TypeVar("T")

HEX_DIGITS = b"0123456789abcdefABCDEF"
LOWER_DIGITS = frozenset(bytes([digit]) for digit in b"0123456789abcdef")


class NoSymbolsError(Exception):
    """The file has no FUNC and no PUBLIC record."""


class UnreadableError(Exception):
    """One record that cannot be read; it is skipped."""


@dataclass(frozen=True)
class Call:
    """One inlined call of an answer."""

    function: str | None
    file: str | None
    line: int | None


@dataclass(frozen=True)
class Answer:
    """What is known of one address; the fields are those of the product's ``Symbol``."""

    function: str
    function_offset: int
    function_size: int | None
    file: str | None
    line: int | None
    inlines: tuple[Call, ...]


@dataclass(frozen=True)
class Module:
    """``MODULE <os> <arch> <debug id> <debug file>``."""

    os: str
    arch: str
    debug_id: str
    debug_file: str


class Line(NamedTuple):
    """``<address> <size> <line> <file>``."""

    address: int
    size: int
    line: int
    file: int


class Inline(NamedTuple):
    """``INLINE <level> <call line> <call file> <origin> [<address> <size>]+``."""

    level: int
    call_line: int
    call_file: int
    origin: int
    ranges: tuple[tuple[int, int], ...]


@dataclass
class Function:
    """``FUNC [m] <address> <size> <parameter size> <name>`` and the lines that belong to it."""

    address: int
    size: int
    name: str
    multiple: bool
    own: list[bytes] | None = field(default_factory=list)

    @cached_property
    def lines(self) -> list[Line]:
        return [record for record in self._records if isinstance(record, Line)]

    @cached_property
    def inlines(self) -> list[Inline]:
        return [record for record in self._records if isinstance(record, Inline)]

    @cached_property
    def spans(self) -> list[tuple[int, int, Line]]:
        """Start and end of each line record, in the order of the file."""
        return [(line.address, line.address + line.size, line) for line in self.lines]

    @cached_property
    def spans_of_level(self) -> dict[int, list[tuple[int, int, Inline]]]:
        """The same of each range of the INLINE records of a level."""
        levels: dict[int, list[tuple[int, int, Inline]]] = {}
        for inline in self.inlines:
            spans = levels.setdefault(inline.level, [])
            spans += [(start, start + size, inline) for start, size in inline.ranges]
        return levels

    @cached_property
    def _records(self) -> list[Line | Inline]:
        records: list[Line | Inline] = []
        if self.own is None:
            raise ValueError(f"the records of {self.name} were not kept")
        for text in self.own:
            words = words_of(text.rstrip(b"\r\n"))
            try:
                records.append(read_inline(words) if words[:1] == [b"INLINE"] else read_line(words))
            except UnreadableError:
                continue
        return records


@dataclass(frozen=True)
class Public:
    """``PUBLIC [m] <address> <parameter size> <name>``."""

    address: int
    name: str
    multiple: bool


@dataclass
class SymbolText:
    """All records of one file, and lookup in them."""

    module: Module | None = None
    files: dict[int, str] = field(default_factory=dict)
    origins: dict[int, str] = field(default_factory=dict)
    functions: list[Function] = field(default_factory=list)
    publics: list[Public] = field(default_factory=list)
    skipped: int = 0

    @cached_property
    def symbols(self) -> dict[int, Function | Public]:
        """The symbol of each start address: a FUNC before a PUBLIC, an earlier one before a later."""
        symbols: dict[int, Function | Public] = {}
        for function in self.functions:
            symbols.setdefault(function.address, function)
        for public in self.publics:
            symbols.setdefault(public.address, public)
        return symbols

    @cached_property
    def starts(self) -> list[int]:
        return sorted(self.symbols)

    def lookup(self, address: int) -> Answer | None:
        """Say what is known of an address (relative to the module's start)."""
        if not 0 <= address < 2**64:
            return None
        below = bisect_right(self.starts, address)
        if below == 0:
            return None
        symbol = self.symbols[self.starts[below - 1]]
        offset = address - symbol.address
        if isinstance(symbol, Public):
            return Answer(symbol.name, offset, None, None, None, ())
        if offset >= symbol.size:
            return Answer(symbol.name, offset, symbol.size, None, None, ())
        inlines = calls_at(symbol, address)
        # The function itself stands where the outermost call was made, that one where the next was
        # made, and so on; the innermost stands where the line record says.
        places = [self.place(inline.call_file, inline.call_line) for inline in inlines]
        places.append(self.line_place(symbol, address))
        names = [self.origins.get(inline.origin) for inline in inlines]
        calls = [Call(name, *place) for name, place in zip(names, places[1:], strict=True)]
        return Answer(symbol.name, offset, symbol.size, *places[0], tuple(reversed(calls)))

    def line_place(self, function: Function, address: int) -> tuple[str | None, int | None]:
        last = last_covering(function.spans, address)
        return (None, None) if last is None else self.place(last.file, last.line)

    def place(self, file: int, line: int) -> tuple[str | None, int | None]:
        """Give the file and line; both unknown without a FILE record; line 0 means unknown."""
        if file not in self.files:
            return None, None
        return self.files[file], line or None


def calls_at(function: Function, address: int) -> list[Inline]:
    """Find the inlined calls at an address, outermost first: levels 0, 1, … up to the first gap."""
    found: list[Inline] = []
    while inline := last_covering(function.spans_of_level.get(len(found), []), address):
        found.append(inline)
    return found


def last_covering(spans: list[tuple[int, int, T]], address: int) -> T | None:
    """Return what belongs to the span around an address that starts last, of equal ones the first."""
    covering = [(start, record) for start, end, record in spans if start <= address < end]
    return max(covering, key=itemgetter(0))[1] if covering else None


def read(text: bytes) -> SymbolText:
    """Read a symbol file. Raises NoSymbolsError."""
    return read_lines(text.split(b"\n"))


def read_lines(
    lines: Iterable[bytes], keeps: Callable[[Function], bool] = lambda _function: True
) -> SymbolText:
    """Read a symbol file, each line with its line feed or without. Raises NoSymbolsError.

    Of a function that ``keeps`` refuses only the FUNC record stays, so that a file of any size fits
    into memory. Looking up an address in such a function raises ValueError.
    """
    result = SymbolText()
    keep: Callable[[bytes], object] = no_function
    for number, raw in enumerate(lines):
        if raw[:1] in LOWER_DIGITS:  # no keyword begins with one
            keep(raw)
            continue
        line = raw.rstrip(b"\r\n")
        keyword, _space, rest = line.partition(b" ")
        if keyword in (b"FUNC", b"PUBLIC", b"STACK"):
            keep = no_function
        try:
            if keyword == b"FUNC":
                function = read_function(rest)
                function.own = [] if keeps(function) else None
                keep = no_function if function.own is None else function.own.append
                result.functions.append(function)
            elif keyword in (b"PUBLIC", b"FILE", b"INLINE_ORIGIN"):
                read_other(result, keyword, rest)
            elif keyword == b"MODULE" and number == 0:
                result.module = read_module(rest)
            else:
                keep(line)
        except UnreadableError:
            result.skipped += 1
    if not result.functions and not result.publics:
        raise NoSymbolsError
    return result


def no_function(_line: bytes) -> None:
    """Take what is of no function, or of one whose records are not kept."""


def read_other(result: SymbolText, keyword: bytes, rest: bytes) -> None:
    """Read a PUBLIC, FILE or INLINE_ORIGIN record, which no other records belong to."""
    if keyword == b"PUBLIC":
        result.publics.append(read_public(rest))
    else:
        names = result.files if keyword == b"FILE" else result.origins
        names.update([read_numbered_name(rest)])


def read_module(rest: bytes) -> Module:
    fields = rest.split(b" ", 3)
    if len(fields) != 4:
        raise UnreadableError
    return Module(*(text_of(value) for value in fields))


def read_function(rest: bytes) -> Function:
    multiple, rest = split_multiple(rest)
    fields = rest.split(b" ", 3)
    if len(fields) < 3:
        raise UnreadableError
    address, size, _parameter_size = (address_number(value) for value in fields[:3])
    return Function(address, size, text_of(b"".join(fields[3:])), multiple)


def read_public(rest: bytes) -> Public:
    multiple, rest = split_multiple(rest)
    fields = rest.split(b" ", 2)
    if len(fields) < 2:
        raise UnreadableError
    address, _parameter_size = (address_number(value) for value in fields[:2])
    return Public(address, text_of(b"".join(fields[2:])), multiple)


def read_numbered_name(rest: bytes) -> tuple[int, str]:
    number, space, name = rest.partition(b" ")
    if not space:
        raise UnreadableError
    return small_number(number), text_of(name)


def read_inline(words: list[bytes]) -> Inline:
    numbers, ranges = words[1:5], words[5:]
    if not ranges or len(ranges) % 2:
        raise UnreadableError
    level, call_line, call_file, origin = (small_number(word) for word in numbers)
    starts = [address_number(word) for word in ranges[0::2]]
    sizes = [address_number(word) for word in ranges[1::2]]
    return Inline(level, call_line, call_file, origin, tuple(zip(starts, sizes, strict=True)))


def read_line(words: list[bytes]) -> Line:
    if len(words) != 4:
        raise UnreadableError
    address, size, line, file = words
    return Line(
        address_number(address), address_number(size), small_number(line), small_number(file)
    )


def split_multiple(rest: bytes) -> tuple[bool, bytes]:
    """Take off the ``m`` that says that several symbols have this address."""
    if rest.startswith(b"m "):
        return True, rest[2:]
    return False, rest


def words_of(line: bytes) -> list[bytes]:
    """Part a line at its runs of spaces and tabs; a record never begins with one."""
    if line[:1] in (b" ", b"\t"):
        return []
    return list(filter(None, line.replace(b"\t", b" ").split(b" ")))


def text_of(name: bytes) -> str:
    return name.decode("utf-8", "replace")


def address_number(word: bytes) -> int:
    """Read a hexadecimal number of at most 64 bits, with or without ``0x``."""
    word = word[2:] if word[:2] in (b"0x", b"0X") else word
    digits = word.lstrip(b"0")
    if not word or word.strip(HEX_DIGITS) or len(digits) > 16:
        raise UnreadableError
    return int(digits or b"0", 16)


def small_number(word: bytes) -> int:
    """Read a decimal number of at most 32 bits."""
    digits = word.lstrip(b"0")
    if not word.isdigit() or len(digits) > 10:
        raise UnreadableError
    number = int(digits or b"0")
    if number >= 2**32:
        raise UnreadableError
    return number
