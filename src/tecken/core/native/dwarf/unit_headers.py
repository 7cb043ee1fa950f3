# SPDX-License-Identifier: MPL-2.0

"""The headers of the units of ``.debug_info``. Source: DWARF 5, section 7.5.1, and 7.5 of earlier versions."""

import struct
from bisect import bisect_right
from functools import lru_cache
from typing import NamedTuple

from tecken.core.errors import MalformedNativeFileError, UnsupportedNativeFileError
from tecken.core.native.content import Content
from tecken.core.native.dwarf import constants as dw
from tecken.core.native.dwarf.forms import UnitFormat

_MAX_UNITS = 500_000
_LONG = 0xFFFF_FFFF
_RESERVED = 0xFFFF_FFF0


class UnitHeader(NamedTuple):
    """A unit from ``start`` to ``end``, whose first entry is at ``entry`` (offsets in the section).

    ``split_id`` links a skeleton unit with its split unit in version 5.
    """

    start: int
    end: int
    entry: int
    kind: int
    format: UnitFormat
    abbreviations: int
    split_id: int | None


def read_length(content: Content, offset: int, order: str) -> tuple[int, int, int]:
    """Return the length that begins a unit or table, the bytes of its offsets (4 or 8), and what is behind.

    Raises MalformedNativeFileError where it goes beyond the end.
    """
    (length,) = content.unpack(struct.Struct(order + "I"), offset)
    size, offset = 4, offset + 4
    if length == _LONG:
        (length,) = content.unpack(struct.Struct(order + "Q"), offset)
        size, offset = 8, offset + 8
    elif length >= _RESERVED:
        raise MalformedNativeFileError(
            f"{content.name} has something of the reserved length {length:#x}"
        )
    if length > content.size - offset:
        raise MalformedNativeFileError(
            f"{content.name} has something at {offset:#x} that goes beyond its end"
        )
    return length, size, offset


def read_unit_headers(content: Content, order: str) -> list[UnitHeader]:
    """Read the headers of all units. Raises NativeFileError."""
    units: list[UnitHeader] = []
    offset = 0
    while offset + 4 <= content.size:
        if content.unpack(struct.Struct(order + "I"), offset) == (0,):
            offset += 4  # some linkers fill up with zeros
            continue
        unit = _read(content, offset, order)
        units.append(unit)
        offset = unit.end
        if len(units) > _MAX_UNITS:
            raise UnsupportedNativeFileError(f"it has more than {_MAX_UNITS:,} units")
    return units


def _read(content: Content, start: int, order: str) -> UnitHeader:
    length, size, offset = read_length(content, start, order)
    end = offset + length
    (version,) = content.unpack(struct.Struct(order + "H"), offset)
    offset += 2
    number = "I" if size == 4 else "Q"
    split_id, kind = None, dw.UT_COMPILE
    if version == 5:
        layout = struct.Struct(order + "BB" + number)
        kind, address_size, abbreviations = content.unpack(layout, offset)
        offset += layout.size
        if kind in {dw.UT_SKELETON, dw.UT_SPLIT_COMPILE}:
            (split_id,) = content.unpack(struct.Struct(order + "Q"), offset)
            offset += 8
        elif kind in {dw.UT_TYPE, dw.UT_SPLIT_TYPE}:
            offset += 8 + size
    elif 2 <= version <= 4:
        layout = struct.Struct(order + number + "B")
        abbreviations, address_size = content.unpack(layout, offset)
        offset += layout.size
    else:
        raise UnsupportedNativeFileError(f"it has debug information of DWARF version {version}")
    if address_size not in {4, 8}:
        raise UnsupportedNativeFileError(
            f"a unit at {start:#x} has addresses of {address_size} bytes"
        )
    if offset > end:
        raise MalformedNativeFileError(f"the unit at {start:#x} is shorter than its header")
    unit_format = _unit_format(version, address_size, size, order)
    return UnitHeader(start, end, offset, kind, unit_format, abbreviations, split_id)


# Units share the few there are.
_unit_format = lru_cache(64)(UnitFormat)


class UnitIndex:
    """Finds the unit that an offset in ``.debug_info`` lies in."""

    def __init__(self, units: list[UnitHeader]) -> None:
        self.units = units
        self._starts = [unit.start for unit in units]

    def at(self, offset: int) -> UnitHeader:
        """Return that unit. Raises MalformedNativeFileError."""
        position = bisect_right(self._starts, offset) - 1
        if position < 0 or not self.units[position].entry <= offset < self.units[position].end:
            raise MalformedNativeFileError(f"an entry at {offset:#x} is in no unit")
        return self.units[position]
