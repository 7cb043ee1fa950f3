# SPDX-License-Identifier: MPL-2.0

"""Read the symbol cache that ``symbolic`` makes of a debug file, all of it.

The library itself answers for single addresses only. Its format is none that it promises to keep: another
version than this one is refused.

Source: symbolic-symcache's documentation, "Structure of a SymCache", version 9; the numbers of this machine's
byte order, each table at a multiple of 8 bytes.
"""

import struct
from typing import Final, NamedTuple

from tecken.core.errors import MalformedNativeFileError, UnsupportedNativeFileError
from tecken.core.native.content import Content

VERSION: Final = 9
NONE: Final = 0xFFFF_FFFF  # no file, function, caller or text
_MAGIC = b"SYMC"
_HEAD = struct.Struct("=4sI")
_COUNTS = struct.Struct(
    "=6I"
)  # of the processor, files, functions, locations, ranges, bytes of text
_COUNTS_AT = 40
_TABLES_AT = 80
_FILE_NUMBERS, _FUNCTION_NUMBERS, _LOCATION_NUMBERS = 6, 4, 4


class Function(NamedTuple):
    """A function, or a symbol if ``is_symbol``; ``address`` is NONE where it is inlined."""

    name: bytes
    address: int
    is_symbol: bool


class Location(NamedTuple):
    """Where code comes from; ``file``, ``function`` and ``caller`` are numbers in their tables, or NONE.

    The caller is the location at which the function was called that was inlined there.
    """

    file: int
    line: int
    function: int
    caller: int


class SymbolCache:
    """A symbol cache. Raises MalformedNativeFileError, and UnsupportedNativeFileError for another version."""

    def __init__(self, content: Content) -> None:
        magic, version = _HEAD.unpack(content.cut(0, _HEAD.size))
        if magic != _MAGIC or version != VERSION:
            raise UnsupportedNativeFileError(
                f"the installed library makes symbol caches of version {version}, and {VERSION} is read"
            )
        self._content = content
        counts = content.unpack(_COUNTS, _COUNTS_AT)
        _, self.file_count, self.function_count, self._location_count, self.range_count, size = (
            counts
        )
        if self.range_count > self._location_count:
            raise MalformedNativeFileError("the symbol cache has more ranges than locations")
        self._at = _TABLES_AT
        self._files = self._table(self.file_count * _FILE_NUMBERS)
        self._functions = self._table(self.function_count * _FUNCTION_NUMBERS)
        self._locations = self._table(self._location_count * _LOCATION_NUMBERS)
        self._starts = self._table(self.range_count)
        self._text = content.part(self._at, size, "the text of the symbol cache")

    def _table(self, count: int) -> "memoryview[int]":
        part = self._content.part(self._at, 4 * count, "a table of the symbol cache")
        self._at += -(-part.size // 8) * 8
        view = memoryview(part.buffer)[part.start : part.start + part.size]
        return view.cast("I")

    def start(self, number: int) -> int:
        """Return the address at which a range begins; it ends where the next one does."""
        return self._starts[number]

    def location_of_range(self, number: int) -> int:
        """Return the number of a range's location: those of ranges are the last ones."""
        return self._location_count - self.range_count + number

    def location(self, number: int) -> Location:
        """Return a location. Raises MalformedNativeFileError where its numbers lead nowhere."""
        at = number * _LOCATION_NUMBERS
        found = Location(*self._locations[at : at + _LOCATION_NUMBERS])
        # Callers come first, so no chain of calls has a circle.
        is_known = (
            (found.file < self.file_count or found.file == NONE)
            and (found.function < self.function_count or found.function == NONE)
            and (found.caller < number or found.caller == NONE)
        )
        if not is_known:
            raise MalformedNativeFileError(f"location {number} of the symbol cache is damaged")
        return found

    def function(self, number: int) -> Function:
        """Return a function. Raises MalformedNativeFileError."""
        at = number * _FUNCTION_NUMBERS
        name, _, address, language = self._functions[at : at + _FUNCTION_NUMBERS]
        return Function(self._string(name), address, language == NONE)

    def file_path(self, number: int) -> bytes:
        """Return the path of a file. Raises MalformedNativeFileError."""
        at = number * _FILE_NUMBERS
        parts = [self._string(offset) for offset in self._files[at : at + 3]]
        path = b""
        for part in filter(None, parts):
            path = part if _is_absolute(part) else _joined(path, part)
        return path

    def _string(self, offset: int) -> bytes:
        """Return a text: its length as ULEB128, and its bytes."""
        if offset == NONE:
            return b""
        size = shift = 0
        while True:
            (byte,) = self._text.cut(offset, offset + 1)
            offset += 1
            size |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return self._text.cut(offset, offset + size)
            if shift > 28:
                raise MalformedNativeFileError("a text of the symbol cache is too long")


def _is_absolute(path: bytes) -> bool:
    return path[:1] in {b"/", b"\\"} or path[1:2] == b":"


def _joined(folder: bytes, name: bytes) -> bytes:
    if not folder or folder.endswith((b"/", b"\\")):
        return folder + name
    return folder + (b"\\" if b"\\" in folder or folder[1:2] == b":" else b"/") + name
