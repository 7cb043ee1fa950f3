# SPDX-License-Identifier: MPL-2.0

"""The numbers of FILE and INLINE_ORIGIN records.

Several processes may each number the names of a share of a file: their numbers do not meet. Number 0 has no
record: nobody knows the file.
"""

from typing import Final

from tecken.core.errors import UnsupportedNativeFileError
from tecken.core.native.demangling import demangled, in_one_style, one_line
from tecken.core.native.dwarf.names import FunctionName
from tecken.core.native.model import Write

NO_FILE: Final = 0
NUMBERS_OF_A_SHARE: Final = 4_000_000  # radosgw has 77,294 inlined functions
OMITTED: Final = b"<name omitted>"  # what dump_syms calls what has no name
_MAX_NAME_BYTES = 128 * 1024  # readers cut names at 256 KiB


class NumberedNames:
    """Gives names numbers, and writes a record of each; ``record`` is ``b"FILE"`` or ``b"INLINE_ORIGIN"``."""

    def __init__(self, record: bytes, share: int, write: Write) -> None:
        self._record = record
        self._first = self._next = 1 + share * NUMBERS_OF_A_SHARE
        self._write = write
        self._numbers: dict[bytes, int] = {}

    def number_of(self, name: bytes) -> int:
        """Return the number of a name. Raises UnsupportedNativeFileError when there are too many."""
        number = self._numbers.get(name)
        if number is None:
            number = self._numbers[name] = self.add(name)
        return number

    def add(self, name: bytes) -> int:
        """Write a record of a name, and return its number."""
        number = self._next
        if number - self._first >= NUMBERS_OF_A_SHARE:
            raise UnsupportedNativeFileError(f"it has more than {NUMBERS_OF_A_SHARE:,} names")
        self._next += 1
        self._write(b"%b %d %b\n" % (self._record, number, one_line(name)[:_MAX_NAME_BYTES]))
        return number


class NumberedFunctions:
    """Numbers the inlined functions: those with a linkage name by that, so that each is demangled once."""

    def __init__(self, share: int, write: Write) -> None:
        self._by_text = NumberedNames(b"INLINE_ORIGIN", share, write)
        self._by_linkage_name: dict[bytes, int] = {}

    def number_of(self, name: FunctionName) -> int:
        """Return the number of a function. Raises UnsupportedNativeFileError when there are too many."""
        if not name.is_linkage_name:
            return self._by_text.number_of(readable(name))
        number = self._by_linkage_name.get(name.text)
        if number is None:
            number = self._by_linkage_name[name.text] = self._by_text.add(readable(name))
        return number


def readable(name: FunctionName) -> bytes:
    """Return the name of a function as records have it."""
    if not name.text:
        return OMITTED
    if name.is_linkage_name:
        return demangled(name.text)
    return in_one_style(name.text)
