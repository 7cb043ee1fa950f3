# SPDX-License-Identifier: MPL-2.0

"""Lists of address ranges: ``.debug_ranges`` up to DWARF 4, ``.debug_rnglists`` from 5 on.

Empty ranges are left out. Source: DWARF 4, section 2.17.3; DWARF 5, section 7.25.
"""

import struct
from collections.abc import Callable

from tecken.core.errors import MalformedNativeFileError
from tecken.core.native.content import Content
from tecken.core.native.dwarf import constants as dw
from tecken.core.native.dwarf.budget import Budget
from tecken.core.native.dwarf.forms import UnitFormat
from tecken.core.native.dwarf.leb import Bytes, read_unsigned
from tecken.core.native.dwarf.readers import Ranges

IndexedAddress = Callable[[int], int]


class RangeReader:
    """Reads the lists of the units of one format."""

    def __init__(self, unit: UnitFormat, budget: Budget) -> None:
        number = "I" if unit.address_size == 4 else "Q"
        self._size = unit.address_size
        self._mask = (1 << 8 * unit.address_size) - 1
        self._pair = struct.Struct(unit.order + 2 * number)
        self._one = struct.Struct(unit.order + number)
        self._budget = budget

    def pairs_at(self, content: Content, offset: int, base: int) -> Ranges:
        """Read the list at an offset in ``.debug_ranges``; ``base`` is added to its addresses."""
        unpack, size, mask = self._pair.unpack_from, self._pair.size, self._mask
        buffer, position, end = _bounds(content, offset)
        begin = position
        ranges: Ranges = []
        while position < end:
            first, after = unpack(buffer, position)
            position += size
            if first == mask:
                base = after
            elif first < after:
                ranges.append((first + base & mask, after + base & mask))
            elif not first and not after:
                break
        self._budget.take(position - begin)
        return ranges

    def list_at(  # noqa: C901 - one loop, with a branch for each kind of entry
        self, content: Content, offset: int, base: int, indexed: IndexedAddress
    ) -> Ranges:
        """Read the list at an offset in ``.debug_rnglists``; ``indexed`` returns an address of ``.debug_addr``."""
        buffer, position, end = _bounds(content, offset)
        begin = position
        one, size, mask = self._one.unpack_from, self._size, self._mask
        ranges: Ranges = []
        while position < end:
            kind = buffer[position]
            position += 1
            if kind == dw.RLE_OFFSET_PAIR:
                first, position = read_unsigned(buffer, position)
                after, position = read_unsigned(buffer, position)
                first, after = first + base, after + base
            elif kind == dw.RLE_START_LENGTH:
                (first,) = one(buffer, position)
                length, position = read_unsigned(buffer, position + size)
                after = first + length
            elif kind == dw.RLE_BASE_ADDRESS:
                (base,) = one(buffer, position)
                position += size
                continue
            elif kind == dw.RLE_END_OF_LIST:
                break
            elif kind == dw.RLE_START_END:
                first, after = self._pair.unpack_from(buffer, position)
                position += 2 * size
            else:
                first, position = read_unsigned(buffer, position)
                first = indexed(first)
                if kind == dw.RLE_BASE_ADDRESSX:
                    base = first
                    continue
                length, position = read_unsigned(buffer, position)
                if kind == dw.RLE_STARTX_ENDX:
                    after = indexed(length)
                elif kind == dw.RLE_STARTX_LENGTH:
                    after = first + length
                else:
                    raise MalformedNativeFileError(f"a list of ranges has an entry of kind {kind}")
            if first < after <= mask:
                ranges.append((first, after))
        self._budget.take(position - begin)
        return ranges


def _bounds(content: Content, offset: int) -> tuple[Bytes, int, int]:
    """Return the bytes to read from, and the positions of ``offset`` and of the section's end in them."""
    if not 0 <= offset < content.size:
        raise MalformedNativeFileError(f"{content.name} has nothing at {offset:#x}")
    return content.buffer, content.start + offset, content.start + content.size
