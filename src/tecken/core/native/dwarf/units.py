# SPDX-License-Identifier: MPL-2.0

"""A file with debug information and its units: entries can be read, and what their values refer to be looked up."""

import struct
from functools import cached_property

from tecken.core.native.content import Content
from tecken.core.native.dwarf import constants as dw
from tecken.core.native.dwarf.abbreviations import Abbreviation, AbbreviationReader
from tecken.core.native.dwarf.budget import Budget
from tecken.core.native.dwarf.leb import Bytes, read_unsigned
from tecken.core.native.dwarf.range_lists import RangeReader
from tecken.core.native.dwarf.readers import Ranges, StringRef
from tecken.core.native.dwarf.sections import DebugSections
from tecken.core.native.dwarf.unit_headers import UnitHeader, UnitIndex, read_unit_headers

_UNITS_AT_ONCE = 1024  # of a file, that are kept open because entries of others refer to them
_WITHOUT_SCOPES = frozenset({
    dw.LANG_C89, dw.LANG_C, dw.LANG_C99, dw.LANG_GO, dw.LANG_C11, dw.LANG_C17,
    dw.LANG_MIPS_ASSEMBLER,
})  # fmt: skip


class Unit:
    """An opened unit of a file; ``start`` is its offset in ``.debug_info``.

    Of a split unit, ``skeleton`` is the one in the executable, which has its addresses and lines.
    Raises NativeFileError when it is made, and by whatever looks something up.
    """

    def __init__(
        self, file: "DebugFile", header: UnitHeader, skeleton: "Unit | None" = None
    ) -> None:
        self.file = file
        self.header = header
        self.start = header.start
        self.skeleton = skeleton
        self.table = file.abbreviations.table(header.abbreviations, header.format)
        abbreviation, buffer, behind = self.entry_at(header.entry)
        _, *bases = abbreviation.unit_bases(buffer, behind, self)
        self.line_offset, strings, addresses, gnu_addresses, ranges, gnu_ranges, gnu_id = bases
        self.split_id = gnu_id if header.split_id is None else header.split_id
        is_five = header.format.version >= 5
        # Without a base: behind the header of the table, of which a split unit has its own.
        default = 0 if not is_five else 8 if header.format.offset_size == 4 else 16
        self._strings_base = default if strings is None else strings
        self._addresses_base = gnu_addresses or 0 if addresses is None else addresses
        if is_five:
            self._ranges_base = default + 4 if ranges is None else ranges
        else:
            self._ranges_base = 0
        self.gnu_ranges_base = gnu_ranges or 0
        if skeleton:
            self._addresses_base = skeleton._addresses_base
            self.line_offset = skeleton.line_offset
            self._ranges_base = self._ranges_base if is_five else skeleton.gnu_ranges_base

    @cached_property
    def _names(self) -> tuple[bytes, bytes, int, int]:
        abbreviation, buffer, behind = self.entry_at(self.header.entry)
        _, directory, split_name, low, language = abbreviation.unit_names(buffer, behind, self)
        return self.string(directory), self.string(split_name), low or 0, language or 0

    @property
    def directory(self) -> bytes:
        """The folder in which the compiler was run."""
        return self._names[0] or (self.skeleton.directory if self.skeleton else b"")

    @property
    def is_skeleton(self) -> bool:
        """Whether all but its lines is in a split unit."""
        return self.skeleton is None and self.split_id is not None and bool(self._names[1])

    @cached_property
    def low_address(self) -> int:
        """What the offsets of its lists of ranges count from."""
        return self._names[2] or (self.skeleton.low_address if self.skeleton else 0)

    @cached_property
    def has_scopes(self) -> bool:
        """Whether its language has scopes, or the names of its functions are complete."""
        return self._names[3] not in _WITHOUT_SCOPES

    def entry_at(self, offset: int) -> tuple[Abbreviation, Bytes, int]:
        """Return what the entry at an offset in the section is made of, the bytes, and where to read on in them.

        Raises MalformedNativeFileError where there is none.
        """
        content = self.file.sections.info
        buffer, position = content.buffer, content.start + offset
        code = buffer[position]
        position += 1
        if code > 127:
            code, position = read_unsigned(buffer, position - 1)
        return self.table[code], buffer, position

    def string(self, reference: StringRef) -> bytes:
        """Return a string that an entry refers to; none is empty."""
        if isinstance(reference, int):
            text = self.file.sections.strings.string_at(reference)
        else:
            text = reference or b""
        self.file.budget.take(len(text) >> 4)
        return text

    def indexed_string(self, index: int) -> int:
        """Return where in ``.debug_str`` the string of an index is."""
        size = self.header.format.offset_size
        return self._number(self.file.sections.str_offsets, self._strings_base + index * size, size)

    def alternate_string(self, offset: int) -> StringRef:
        """Return a string of dwz's file; None where that is not there."""
        alternate = self.file.alternate
        return alternate.sections.strings.string_at(offset) if alternate else None

    def line_string(self, offset: int) -> bytes:
        """Return a string of ``.debug_line_str``."""
        return self.file.sections.line_str.string_at(offset)

    def indexed_address(self, index: int) -> int:
        """Return an address of ``.debug_addr``."""
        size = self.header.format.address_size
        content = self.file.sections.addr
        return self._number(content, self._addresses_base + index * size, size)

    def ranges_at(self, offset: int) -> Ranges:
        """Return a list of ranges by its offset."""
        sections = self.file.sections
        if self.header.format.version >= 5:
            content = sections.rnglists
            return self._ranges.list_at(content, offset, self.low_address, self.indexed_address)
        return self._ranges.pairs_at(sections.ranges, offset + self._ranges_base, self.low_address)

    def indexed_ranges(self, index: int) -> Ranges:
        """Return a list of ranges by its index in the unit's table."""
        size = self.header.format.offset_size
        at = self._ranges_base + index * size
        offset = self._number(self.file.sections.rnglists, at, size)
        return self.ranges_at(self._ranges_base + offset)

    @cached_property
    def _ranges(self) -> RangeReader:
        return RangeReader(self.header.format, self.file.budget)

    def _number(self, content: Content, offset: int, size: int) -> int:
        layout = struct.Struct(self.header.format.order + ("I" if size == 4 else "Q"))
        return content.unpack(layout, offset)[0]


class DebugFile:
    """Its units, and what they share; ``alternate`` is dwz's file, if it is there, to which entries and strings may refer."""

    def __init__(self, sections: DebugSections, alternate: "DebugFile | None" = None) -> None:
        self.sections = sections
        self.alternate = alternate
        self.budget = Budget(sections.size)
        self.abbreviations = AbbreviationReader(sections.abbrev)
        self._opened: dict[int, Unit] = {}

    @cached_property
    def units(self) -> UnitIndex:
        """The headers of all units. Raises NativeFileError."""
        return UnitIndex(read_unit_headers(self.sections.info, self.sections.order))

    def open(self, header: UnitHeader) -> Unit:
        """Open a unit, which may be open already."""
        unit = self._opened.get(header.start)
        if unit is None:
            if len(self._opened) >= _UNITS_AT_ONCE:
                self._opened.clear()
            unit = self._opened[header.start] = Unit(self, header)
        return unit

    def unit_at(self, offset: int) -> Unit:
        """Open the unit that an offset of ``.debug_info`` lies in. Raises MalformedNativeFileError."""
        return self.open(self.units.at(offset))
