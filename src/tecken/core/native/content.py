# SPDX-License-Identifier: MPL-2.0

"""Bytes of native files, mapped and never read whole; every bound is checked.

A native file is hostile: each offset and size in it may be any number. What lies outside of a range of
bytes raises MalformedNativeFileError, which names the range.
"""

import mmap
import os
import struct
from collections.abc import Iterator
from typing import Final, Self

from tecken.core.errors import MalformedNativeFileError, UnsupportedNativeFileError

# One cut is at most as large as the largest unit of debug information that is copied into memory; the
# largest seen has 60 MB.
MAX_CUT_BYTES: Final = 128 * 1024 * 1024
_RECORDS_AT_ONCE = 4096
_MAX_STRING_BYTES = 1024 * 1024  # the longest linkage name seen has 17,000


class Content:
    """A range of a mapped file: a section, or all of the file.

    ``name`` is what errors call it: ``".debug_info"``. What is read very often is read from ``buffer``,
    where the range begins at ``start``.
    """

    __slots__ = ("buffer", "name", "size", "start")

    def __init__(self, mapped: mmap.mmap | bytes, start: int, size: int, name: str) -> None:
        if start + size > len(mapped):
            raise MalformedNativeFileError(f"{name} goes beyond the end of the file")
        self.buffer = mapped
        self.start = start
        self.size = size
        self.name = name

    @classmethod
    def of_file(cls, path: str | os.PathLike[str], name: str = "the file") -> Self:
        """Map a file. Raises OSError, and MalformedNativeFileError when it is empty."""
        with open(path, "rb") as file:
            size = os.fstat(file.fileno()).st_size
            if not size:
                raise MalformedNativeFileError(f"{name} is empty")
            return cls(mmap.mmap(file.fileno(), size, access=mmap.ACCESS_READ), 0, size, name)

    @classmethod
    def empty(cls, name: str) -> Self:
        """Return the content of a section that is not there."""
        return cls(b"", 0, 0, name)

    def part(self, start: int, size: int, name: str) -> "Content":
        """Return a range of this one. Raises MalformedNativeFileError when it is not within."""
        if start + size > self.size:
            raise MalformedNativeFileError(f"{name} goes beyond the end of {self.name}")
        return Content(self.buffer, self.start + start, size, name)

    def cut(self, start: int, end: int) -> bytes:
        """Return the bytes from ``start`` to ``end``.

        Raises MalformedNativeFileError, and UnsupportedNativeFileError beyond MAX_CUT_BYTES.
        """
        if not 0 <= start <= end <= self.size:
            raise MalformedNativeFileError(
                f"{self.name} ends at {self.size:#x}, before what begins at {start:#x}"
            )
        if end - start > MAX_CUT_BYTES:
            raise UnsupportedNativeFileError(
                f"a unit of {self.name} has more than {MAX_CUT_BYTES:,} bytes"
            )
        return self.buffer[self.start + start : self.start + end]

    def string_at(self, offset: int) -> bytes:
        """Return the bytes from there to the next zero. Raises MalformedNativeFileError."""
        start = self.start + offset
        limit = min(self.start + self.size, start + _MAX_STRING_BYTES)
        end = self.buffer.find(b"\0", start, limit)
        if end < 0 or offset < 0:
            raise MalformedNativeFileError(f"{self.name} has no string at {offset:#x}")
        return self.buffer[start:end]

    def unpack(self, layout: struct.Struct, offset: int) -> tuple[int, ...]:
        """Return the numbers that stand there. Raises MalformedNativeFileError."""
        if not 0 <= offset <= self.size - layout.size:
            raise MalformedNativeFileError(f"{self.name} ends before {offset + layout.size:#x}")
        return layout.unpack_from(self.buffer, self.start + offset)

    def records(self, layout: struct.Struct) -> Iterator[tuple[int, ...]]:
        """Yield the numbers of each record of a table; what is too short for one at its end is left out."""
        count = self.size // layout.size
        for start in range(0, count, _RECORDS_AT_ONCE):
            end = min(start + _RECORDS_AT_ONCE, count)
            yield from layout.iter_unpack(self.cut(start * layout.size, end * layout.size))
