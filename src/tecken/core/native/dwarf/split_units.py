# SPDX-License-Identifier: MPL-2.0

"""Split units: debug information that the compiler left in ``.dwo`` files, packed as ``.dwp`` or not.

Source: DWARF 5, section 7.3; for version 2 of the index the wiki page "DebugFissionDWP" of GCC.
"""

import struct
from dataclasses import replace
from functools import cached_property
from typing import NamedTuple

from tecken.core.errors import MalformedNativeFileError, UnsupportedNativeFileError
from tecken.core.native.content import Content
from tecken.core.native.dwarf.sections import DebugSections, FindSection
from tecken.core.native.dwarf.units import DebugFile, Unit

# The sections that are read, by the number that an index has for them.
_INFO, _ABBREV, _STR_OFFSETS, _RNGLISTS = 1, 3, 6, 8
_MAX_COLUMNS = 16
_MAX_SLOTS = 1 << 20  # of up to 700,000 units; Chromium has some 60,000

_Row = dict[int, tuple[int, int]]  # offset and size in a section, by its number


class SplitUnits:
    """The split units of a file. ``find`` returns the content of ``.debug_<name>.dwo``, or of an index.

    ``sections`` are those of the executable, in which are the addresses and lines of all units.
    """

    def __init__(self, find: FindSection, sections: DebugSections) -> None:
        self._find = find
        self._skeleton_sections = sections
        self._sections = DebugSections.find(lambda name: find(f"{name}.dwo"), sections.order)

    def unit_of(self, skeleton: Unit) -> Unit | None:
        """Return the unit that was split from one of the executable; None where it is not there.

        Raises NativeFileError.
        """
        if skeleton.split_id is None:
            return None
        if self._rows is None:
            return self._unpacked(skeleton)
        row = self._rows.get(skeleton.split_id)
        return self._open(row, skeleton) if row else None

    def _open(self, row: _Row, skeleton: Unit) -> Unit | None:
        own = self._sections
        file = DebugFile(
            self._with_skeleton(
                replace(
                    own,
                    info=_part(own.info, row, _INFO),
                    abbrev=_part(own.abbrev, row, _ABBREV),
                    str_offsets=_part(own.str_offsets, row, _STR_OFFSETS),
                    rnglists=_part(own.rnglists, row, _RNGLISTS),
                )
            )
        )
        headers = file.units.units
        if not headers:
            raise MalformedNativeFileError("a split unit is empty")
        if headers[0].format.version != skeleton.header.format.version:
            return None  # clang gives a unit of another build the same id, though it is in another form
        return Unit(file, headers[0], skeleton)

    def _with_skeleton(self, own: DebugSections) -> DebugSections:
        theirs = self._skeleton_sections
        return replace(
            own, line=theirs.line, line_str=theirs.line_str, ranges=theirs.ranges, addr=theirs.addr
        )

    @cached_property
    def _unpacked_file(self) -> DebugFile:
        return DebugFile(self._with_skeleton(self._sections))

    def _unpacked(self, skeleton: Unit) -> Unit | None:
        """Look at the units of a ``.dwo`` file, of which there are few."""
        file = self._unpacked_file
        for header in file.units.units:
            if header.split_id in {None, skeleton.split_id}:
                unit = Unit(file, header, skeleton)
                if unit.split_id == skeleton.split_id:
                    return unit
        return None

    @cached_property
    def _rows(self) -> dict[int, _Row] | None:
        """The rows of the index by the ids of their units; None where there is no index."""
        index = self._find("cu_index")
        if index is None:
            return None
        order = self._sections.order
        table = _read_table(index, order)
        row = struct.Struct(f"{order}{table.columns}I")
        offsets_at = table.end + row.size
        kinds = index.unpack(row, table.end)
        rows: dict[int, _Row] = {}
        for split_id, number in table.numbers.items():
            offsets = index.unpack(row, offsets_at + (number - 1) * row.size)
            sizes = index.unpack(row, offsets_at + (table.row_count + number - 1) * row.size)
            rows[split_id] = dict(zip(kinds, zip(offsets, sizes, strict=True), strict=True))
        return rows


class _Table(NamedTuple):
    """The beginning of an index, up to ``end``: the numbers of the rows by the ids of units, from 1 on."""

    columns: int
    row_count: int
    numbers: dict[int, int]
    end: int


def _read_table(index: Content, order: str) -> _Table:
    version, columns, count, slots = index.unpack(struct.Struct(order + "4I"), 0)
    if version & 0xFFFF not in {2, 5} and version >> 16 != 5:
        raise UnsupportedNativeFileError(f"it has an index of split units of version {version}")
    if columns > _MAX_COLUMNS or slots > _MAX_SLOTS or count > slots:
        raise MalformedNativeFileError("the index of split units is larger than can be")
    ids = index.unpack(struct.Struct(f"{order}{slots}Q"), 16)
    numbers = index.unpack(struct.Struct(f"{order}{slots}I"), 16 + 8 * slots)
    used = {
        split_id: number
        for split_id, number in zip(ids, numbers, strict=True)
        if 1 <= number <= count
    }
    return _Table(columns, count, used, 16 + 12 * slots)


def packed_unit_ids(index: Content | None, order: str) -> list[int]:
    """Return the ids of the units in a ``.dwp``, by its ``.debug_cu_index``. Raises NativeFileError."""
    return [] if index is None or not index.size else [*_read_table(index, order).numbers]


def _part(content: Content, row: _Row, kind: int) -> Content:
    offset, size = row.get(kind, (0, 0))
    return content.part(offset, size, content.name)
