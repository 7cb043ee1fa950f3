# SPDX-License-Identifier: MPL-2.0

"""Run a line program: the location of each address of a unit, whatever sequences they come in.

A **location** is one number, ``file << 32 | line``, so that the program adds to it in one step. Source:
DWARF 5, sections 6.2.2 and 6.2.5.
"""

import struct
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from operator import attrgetter, itemgetter
from typing import Final, Literal, TypeAlias

from tecken.core.errors import MalformedNativeFileError, UnsupportedNativeFileError
from tecken.core.native.dwarf.leb import read_signed, read_unsigned
from tecken.core.native.dwarf.line_header import LineHeader

# From here on an address has no location.
NO_LOCATION: Final = -1
_LINES = 0xFFFF_FFFF
_MAX_ROWS = 4_000_000  # of a unit; the largest seen has 310,000
_BYTES_AT_ONCE = 1024 * 1024

_START = 1 << 32 | 1  # file 1, line 1
_EXTENDED, _COPY, _ADVANCE_LINE, _SET_FILE, _SET_COLUMN = 0, 1, 3, 4, 5
_CONST_ADD_PC, _FIXED_ADVANCE_PC = 8, 9
_NEGATE_STATEMENT = 6
_END_SEQUENCE, _SET_ADDRESS = 1, 2

LineRow: TypeAlias = tuple[int, int, int]  # start, end, location


@dataclass(slots=True, eq=False)
class Sequence:
    """Rows of rising addresses, the last of which is behind the code and has NO_LOCATION."""

    addresses: list[int]
    locations: list[int]

    @property
    def start(self) -> int:
        """The first address."""
        return self.addresses[0]


def run_line_program(header: LineHeader, first: int, last: int) -> list[Sequence]:
    """Return the sequences of a program that begin between ``first`` and ``last``, in its order.

    Others belong to code that the linker has dropped, and left at 0, at 1 or at the end of all addresses:
    their rows are dropped whole, however they go on. Raises NativeFileError, IndexError and struct.error.
    """
    return _Machine(header, first, last).run(header.program)


@lru_cache(64)
def _special_opcodes(
    base: int, line_base: int, line_range: int, step: int
) -> tuple[list[int], list[int]]:
    """Return what each opcode from ``base`` on adds to the address, and to the line."""
    numbers = range(256 - base)
    return (
        [0] * base + [number // line_range * step for number in numbers],
        [0] * base + [line_base + number % line_range for number in numbers],
    )


class _Machine:
    def __init__(self, header: LineHeader, first: int, last: int) -> None:
        self._bounds = first, last
        self._address = struct.Struct(header.order + ("I" if header.address_size == 4 else "Q"))
        self._step = header.instruction_bytes
        self._byte_order: Literal["little", "big"] = "little" if header.order == "<" else "big"
        self._sequences: list[Sequence] = []
        self._kept = 0  # rows of all sequences
        self._operands = b"\0" + header.operands
        base = self._opcode_base = len(self._operands)
        if not header.line_range:
            raise MalformedNativeFileError("a line program has a range of 0 lines")
        self._advances, self._deltas = _special_opcodes(
            base, header.line_base, header.line_range, self._step
        )

    def run(self, program: bytes) -> list[Sequence]:
        """Run it, and stop now and then to look how many rows there are."""
        self._program = program
        self._rows: tuple[list[int], list[int]] = [], []
        self._registers = 0, _START
        position = 0
        while position < len(program):
            position = self._run_on(position, min(position + _BYTES_AT_ONCE, len(program)))
            if len(self._rows[0]) + self._kept > _MAX_ROWS:
                raise UnsupportedNativeFileError(
                    f"a unit has more than {_MAX_ROWS:,} lines of code"
                )
        return self._sequences

    def _run_on(self, position: int, end: int) -> int:  # noqa: C901 - a call for each opcode takes twice as long
        """Run the opcodes that begin before ``end``, and return the position of the next one.

        The most frequent are found by the fewest comparisons.
        """
        program, base, advances, deltas = (
            self._program, self._opcode_base, self._advances, self._deltas,
        )  # fmt: skip
        addresses, locations = self._rows
        address, location = self._registers
        while position < end:
            opcode = program[position]
            position += 1
            if opcode >= base:
                address += advances[opcode]
                location += deltas[opcode]
                addresses.append(address)
                locations.append(location)
            elif opcode > _ADVANCE_LINE:
                if opcode == _SET_COLUMN:
                    while program[position] > 127:
                        position += 1
                    position += 1
                elif opcode == _NEGATE_STATEMENT:
                    pass
                elif opcode == _SET_FILE:
                    number = program[position]
                    position += 1
                    if number > 127:
                        number, position = read_unsigned(program, position - 1)
                    location = (number & _LINES) << 32 | location & _LINES
                elif opcode == _CONST_ADD_PC:
                    address += advances[255]
                elif opcode == _FIXED_ADVANCE_PC:
                    address += int.from_bytes(program[position : position + 2], self._byte_order)
                    position += 2
                else:  # the end of a prologue and the like
                    for _ in range(self._operands[opcode]):
                        _, position = read_unsigned(program, position)
            elif opcode == _ADVANCE_LINE:
                number = program[position]
                position += 1
                if number > 127:
                    number, position = read_signed(program, position - 1)
                elif number > 63:
                    number -= 128
                location += number
            elif opcode == _COPY:
                addresses.append(address)
                locations.append(location)
            elif opcode == _EXTENDED:
                size = program[position]
                position += 1
                if size > 127:
                    size, position = read_unsigned(program, position - 1)
                kind = program[position] if size else 0
                if kind == _END_SEQUENCE:
                    addresses.append(address)
                    locations.append(NO_LOCATION)
                    addresses, locations = self._end_sequence()
                    address, location = 0, _START
                elif kind == _SET_ADDRESS:
                    address = self._read_address(position + 1, size - 1)
                position += size
            else:  # advance_pc
                number, position = read_unsigned(program, position)
                address += number * self._step
        self._registers = address, location
        return position

    def _read_address(self, position: int, size: int) -> int:
        if size == self._address.size:
            return int(self._address.unpack_from(self._program, position)[0])
        if size not in {2, 4, 8}:
            raise MalformedNativeFileError(f"a line program has an address of {size} bytes")
        return int.from_bytes(self._program[position : position + size], self._byte_order)

    def _end_sequence(self) -> tuple[list[int], list[int]]:
        """Keep the rows of a sequence if they are of code that is there; return where the next ones go."""
        addresses, locations = self._rows
        first, last = self._bounds
        if first <= addresses[0] < last and len(addresses) > 1:
            if sorted(addresses) != addresses:
                rows = sorted(zip(addresses, locations, strict=True), key=itemgetter(0))
                addresses, locations = [row[0] for row in rows], [row[1] for row in rows]
            self._sequences.append(Sequence(addresses, locations))
            self._kept += len(addresses)
        self._rows = [], []
        return self._rows


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
