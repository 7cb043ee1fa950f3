# SPDX-License-Identifier: MPL-2.0

"""Bytes of a native file that lies elsewhere: what is looked at is read, range by range, and nothing is mapped."""

import struct
from collections.abc import Callable
from typing import Final

from tecken.core.errors import MalformedNativeFileError, UnsupportedNativeFileError
from tecken.core.native.content import Content

# The tables of headers and names, which are read whole: those of the largest library seen have 300 KB.
MAX_TABLE_BYTES: Final = 4 * 1024 * 1024

Read = Callable[[int, int], bytes]


class RangedContent(Content):
    """A whole file of ``size`` bytes, of which ``read(start, end)`` returns a range.

    A part of it is read at once, and has MAX_TABLE_BYTES at most. Errors of ``read`` pass through.
    """

    __slots__ = ("_read",)

    def __init__(self, read: Read, size: int) -> None:
        super().__init__(b"", 0, 0, "the file")
        self.size = size
        self._read = read

    def part(self, start: int, size: int, name: str) -> Content:
        """Return a range. Raises NativeFileError when it is not within, or too large."""
        if start + size > self.size:
            raise MalformedNativeFileError(f"{name} goes beyond the end of {self.name}")
        if size > MAX_TABLE_BYTES:
            raise UnsupportedNativeFileError(f"{name} has more than {MAX_TABLE_BYTES:,} bytes")
        return Content(self.cut(start, start + size), 0, size, name)

    def cut(self, start: int, end: int) -> bytes:
        """Return the bytes from ``start`` to ``end``. Raises MalformedNativeFileError."""
        if not 0 <= start <= end <= self.size:
            raise MalformedNativeFileError(f"{self.name} ends before {end:#x}")
        data = self._read(start, end) if start < end else b""
        if len(data) != end - start:
            raise MalformedNativeFileError(f"{self.name} has fewer bytes than it should")
        return data

    def unpack(self, layout: struct.Struct, offset: int) -> tuple[int, ...]:
        """Return the numbers that stand there. Raises MalformedNativeFileError."""
        return layout.unpack(self.cut(offset, offset + layout.size))
