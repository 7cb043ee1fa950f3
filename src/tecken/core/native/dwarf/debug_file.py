# SPDX-License-Identifier: MPL-2.0

"""A file with debug information: its units, and what they share."""

from functools import cached_property

from tecken.core.native.dwarf.abbreviations import AbbreviationReader
from tecken.core.native.dwarf.budget import Budget
from tecken.core.native.dwarf.sections import DebugSections
from tecken.core.native.dwarf.unit_headers import UnitHeader, UnitIndex, read_unit_headers
from tecken.core.native.dwarf.units import Unit

_UNITS_AT_ONCE = 1024  # that are kept open because entries of others refer to them


class DebugFile:
    """``alternate`` is dwz's file, if it is there, to which entries and strings may refer."""

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
