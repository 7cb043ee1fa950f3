# SPDX-License-Identifier: MPL-2.0

"""Numbers and strings of variable length. Source: DWARF 5, section 7.6."""

import mmap
from typing import TypeAlias

from tecken.core.errors import MalformedNativeFileError

Bytes: TypeAlias = bytes | mmap.mmap
_MAX_SHIFT = 70  # ten bytes are enough for 64 bits; compilers pad some numbers


def read_unsigned(data: Bytes, position: int) -> tuple[int, int]:
    """Return an unsigned number (ULEB128), and the position behind it. Raises IndexError at the end.

    Nearly all have one to three bytes.
    """
    first = data[position]
    if first < 0x80:
        return first, position + 1
    second = data[position + 1]
    if second < 0x80:
        return first & 0x7F | second << 7, position + 2
    third = data[position + 2]
    if third < 0x80:
        return first & 0x7F | (second & 0x7F) << 7 | third << 14, position + 3
    value, shift = first & 0x7F | (second & 0x7F) << 7 | (third & 0x7F) << 14, 21
    position += 3
    while True:
        byte = data[position]
        position += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value & 0xFFFF_FFFF_FFFF_FFFF, position
        shift += 7
        if shift > _MAX_SHIFT:
            raise MalformedNativeFileError("a number of variable length does not end")


def read_signed(data: Bytes, position: int) -> tuple[int, int]:
    """Return a signed number (SLEB128), and the position behind it. Raises IndexError at the end."""
    value = shift = 0
    while True:
        byte = data[position]
        position += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return (value - (1 << shift) if byte & 0x40 else value), position
        if shift > _MAX_SHIFT:
            raise MalformedNativeFileError("a number of variable length does not end")


def behind_string(data: bytes, position: int) -> int:
    """Return the position behind the zero that ends a string."""
    end = data.find(b"\0", position) + 1
    if not end:
        raise MalformedNativeFileError(f"a string at {position:#x} of its unit does not end")
    return end
