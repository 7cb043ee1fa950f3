# SPDX-License-Identifier: MPL-2.0

"""Write the functions and lines of units of debug information into a share."""

import heapq
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from operator import attrgetter

from tecken.core.errors import MalformedNativeFileError
from tecken.core.native.dwarf import constants as dw
from tecken.core.native.dwarf.functions import functions_of
from tecken.core.native.dwarf.line_header import LineHeader, read_line_header
from tecken.core.native.dwarf.line_program import LineTable, run_line_program
from tecken.core.native.dwarf.names import Names
from tecken.core.native.dwarf.readers import EntryRef
from tecken.core.native.dwarf.unit_headers import UnitHeader
from tecken.core.native.dwarf.units import DebugFile, Unit
from tecken.core.native.function_text import FunctionWriter
from tecken.core.native.numbers import NO_FILE, NumberedFunctions, NumberedNames
from tecken.core.native.share_file import LooseRow, ShareWriter

_WITHOUT_CODE = frozenset({dw.UT_TYPE, dw.UT_SPLIT_TYPE, dw.UT_PARTIAL})


@dataclass(frozen=True, slots=True)
class CodeBounds:
    """Where the code of a module is: addresses as linked; ``base`` is the module's start."""

    base: int
    first: int
    last: int


class UnitSymbols:
    """Writes units of a file, one after the other, into a share with a number."""

    def __init__(self, share: ShareWriter, number: int, bounds: CodeBounds) -> None:
        self._share = share
        self._bounds = bounds
        self._files = NumberedNames(b"FILE", number, share.write_file)
        self._origins = NumberedFunctions(number, share.write_origin)

    def write(self, unit: Unit, names: Names, position: int) -> None:
        """Write the functions of a unit, and its lines outside of them; ``position`` is where it begins in its file.

        Of a unit that was split off it is where its skeleton does. Raises NativeFileError.
        """
        with damage_named(f"the unit at {unit.start:#x}"):
            header, lines = self._lines_of(unit)
            files = _UnitFiles(self._files, header, unit.directory)
            origins = _UnitOrigins(self._origins, names)
            first, last = self._bounds.first, self._bounds.last
            writer = FunctionWriter(
                lines, self._bounds.base, files.__getitem__, origins.__getitem__, unit.file.budget
            )
            covered = []
            for function in functions_of(unit, first, last):
                name = names.name_of(
                    unit, function.linkage_name, function.name, function.origin, function.offset
                )
                for text in writer.texts(function, name):
                    self._share.add_function(text, position)
                covered += function.ranges
            self._write_rows(lines, sorted(covered), files)

    def _lines_of(self, unit: Unit) -> tuple[LineHeader | None, LineTable]:
        if unit.line_offset is None:
            return None, LineTable([])
        sections, size = unit.file.sections, unit.header.format.address_size
        header = read_line_header(sections, unit.line_offset, size)
        unit.file.budget.take(len(header.program))
        sequences = run_line_program(header, self._bounds.first, self._bounds.last)
        self._share.has_lines = self._share.has_lines or bool(sequences)
        return header, LineTable(sequences)

    def _write_rows(
        self, lines: LineTable, covered: list[tuple[int, int]], files: "_UnitFiles"
    ) -> None:
        base = self._bounds.base
        for start, end, location in lines.outside(covered):
            file = files[location >> 32]
            self._share.add_row(LooseRow(start - base, end - base, location & 0xFFFF_FFFF, file))


class _UnitFiles(dict[int, int]):
    """The numbers of FILE records by those of the files of a unit."""

    def __init__(self, files: NumberedNames, header: LineHeader | None, directory: bytes) -> None:
        self._files = files
        self._header = header
        self._directory = directory

    def __missing__(self, number: int) -> int:
        path = self._header.path_of(number, self._directory) if self._header else None
        self[number] = known = NO_FILE if path is None else self._files.number_of(path)
        return known


class _UnitOrigins(dict[EntryRef, int]):
    """The numbers of INLINE_ORIGIN records by what the calls of a unit refer to."""

    def __init__(self, origins: NumberedFunctions, names: Names) -> None:
        self._origins = origins
        self._names = names

    def __missing__(self, origin: EntryRef) -> int:
        self[origin] = number = self._origins.number_of(self._names.name_at(origin))
        return number


def bytes_of_share(file: DebugFile, share: int, shares: int) -> int:
    """Return how many bytes the units of a share have."""
    return sum(
        header.end - header.start for header in _headers_of_share(file.units.units, share, shares)
    )


def units_of_share(file: DebugFile, share: int, shares: int) -> Iterator[Unit]:
    """Yield the units that are read in one of several shares, in the order of the file."""
    for header in _headers_of_share(file.units.units, share, shares):
        if header.kind not in _WITHOUT_CODE:
            with damage_named(f"the unit at {header.start:#x}"):
                unit = Unit(file, header)
                is_partial = unit.entry_at(header.entry)[0].tag == dw.TAG_PARTIAL_UNIT
            if not is_partial:
                yield unit


def _headers_of_share(headers: list[UnitHeader], share: int, shares: int) -> list[UnitHeader]:
    """Return the units of a share. All have about as many bytes: the largest units are dealt out first."""
    if shares == 1:
        return headers
    loads = [(0, number) for number in range(shares)]
    mine = []
    for header in sorted(headers, key=lambda header: header.start - header.end):
        load, number = heapq.heappop(loads)
        heapq.heappush(loads, (load + header.end - header.start, number))
        if number == share:
            mine.append(header)
    return sorted(mine, key=attrgetter("start"))


@contextmanager
def damage_named(what: str) -> Iterator[None]:
    """Raise MalformedNativeFileError where something ends before it was read."""
    try:
        yield
    except (IndexError, struct.error, OverflowError) as error:
        raise MalformedNativeFileError(f"{what} is damaged: {error}") from error
