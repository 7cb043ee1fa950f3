# SPDX-License-Identifier: MPL-2.0

"""The functions of a unit, with the calls that were inlined into them."""

import mmap
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from tecken.core.errors import MalformedNativeFileError
from tecken.core.native.content import MAX_CUT_BYTES
from tecken.core.native.dwarf.abbreviations import (
    ABSTRACT,
    CALL,
    FUNCTION,
    LEAF,
    TYPE,
    Abbreviation,
)
from tecken.core.native.dwarf.leb import Bytes, read_unsigned
from tecken.core.native.dwarf.readers import EntryRef, Ranges, StringRef
from tecken.core.native.dwarf.units import Unit

_IN_MEMORY_BYTES = 32 * 1024 * 1024
_NO_CALL: Final = -1


@dataclass(slots=True, eq=False)
class Call:
    """A call that was inlined at ``ranges``; ``parent`` is the position of the call that it was inlined into, or -1.

    ``file`` and ``line`` are those of the call site, in the numbers of the unit; 0 where they are not known.
    """

    ranges: Ranges
    origin: EntryRef
    file: int
    line: int
    parent: int
    level: int


@dataclass(slots=True, eq=False)
class Function:
    """The code of a function, at ``ranges``; ``calls`` have those that contain others before these."""

    ranges: Ranges
    linkage_name: StringRef
    name: StringRef
    origin: EntryRef
    offset: int
    calls: list[Call] = field(default_factory=list)


# What an entry lies in: a function, and the position of one of its calls.
_Owner: TypeAlias = tuple[Function | None, int]


def functions_of(unit: Unit, first: int, last: int) -> Iterator[Function]:
    """Yield the functions of a unit with code between two addresses, each when all of it was read.

    Code elsewhere belongs to functions that the linker has dropped. Raises NativeFileError, and
    IndexError and struct.error where the unit ends too early.
    """
    return _Walk(unit, first, last).run()


class _Walk:
    """Goes over all entries of a unit that may matter, once."""

    def __init__(self, unit: Unit, first: int, last: int) -> None:
        self._unit = unit
        self._bounds = first, last
        self._data = _bytes_of(unit)
        self._around: list[_Owner] = []  # what the entries lie in that are open
        self._owner: _Owner = (None, _NO_CALL)

    def run(self) -> Iterator[Function]:  # noqa: C901 - a call for each entry takes twice as long
        """Yield functions.

        Most entries are left by the first lines of the loop.
        """
        data, table, sizes = self._data, self._unit.table, self._unit.table.sizes
        position, end = self._unit.header.entry - self._unit.start, len(data)
        around = self._around
        while position < end:
            size = sizes[data[position]]
            if size:
                position += size
                continue
            begin = position
            code = data[position]
            position += 1
            if not code:
                if not around:
                    break
                function = self._owner[0]
                self._owner = around.pop()
                if function is not self._owner[0] and function and function.ranges:
                    yield function
                continue
            if code > 127:
                code, position = read_unsigned(data, position - 1)
            entry = table[code]
            kind = entry.kind
            if kind == LEAF:
                if entry.size is None:
                    position = entry.skip(data, position, self._unit)[0]
                else:
                    position += entry.size
            elif kind == TYPE and self._owner[0] is None:
                position = self._jump(entry, position)
            elif kind == CALL:
                position = self._read_call(entry, position)
            elif kind == FUNCTION:
                function, position = self._read_function(entry, position, begin)
                if entry.has_children:
                    around.append(self._owner)
                    self._owner = function, _NO_CALL
                elif function.ranges:
                    yield function
            else:
                position = entry.skip(data, position, self._unit)[0]
                around.append(self._owner)
                if kind == ABSTRACT:
                    self._owner = _NO_CODE, _NO_CALL
        yield from self._unfinished()

    def _unfinished(self) -> Iterator[Function]:
        """Yield the functions that are open at the end: the unit lacks some zeros."""
        function = self._owner[0]
        for owner in reversed(self._around):
            if function is not owner[0] and function and function.ranges:
                yield function
            function = owner[0]

    def _jump(self, entry: Abbreviation, position: int) -> int:
        """Return where the entry behind this one and all that is in it is."""
        behind, target = entry.sibling(self._data, position, self._unit)
        if not behind <= target <= len(self._data):
            raise MalformedNativeFileError(
                f"the entry at {self._unit.start + position:#x} ends at {target:#x} of its unit"
            )
        return target

    def _read_function(
        self, entry: Abbreviation, position: int, begin: int
    ) -> tuple[Function, int]:
        """Return a function and the position behind its entry; what the linker has dropped is _NO_CODE."""
        position, ranges, linkage_name, name, origin = entry.function(
            self._data, position, self._unit
        )
        first, last = self._bounds
        there = [span for span in ranges if first <= span[0] < span[1] <= last]
        if not there:
            return _NO_CODE, position
        return Function(there, linkage_name, name, origin, self._unit.start + begin), position

    def _read_call(self, entry: Abbreviation, position: int) -> int:
        function, parent = self._owner
        if function is None or function is _NO_CODE:
            if entry.has_children:
                self._around.append(self._owner)
            return entry.skip(self._data, position, self._unit)[0]
        position, ranges, origin, file, line = entry.call(self._data, position, self._unit)
        calls = function.calls
        level = calls[parent].level + 1 if parent >= 0 else 0
        if entry.has_children:
            self._around.append(self._owner)
            self._owner = function, len(calls)
        calls.append(Call(ranges, origin, file or 0, line or 0, parent, level))
        return position


# Stands for a function without code, or one that the linker has dropped; it gets no calls. GCC puts the code
# of classes that are local to a function into that: lambdas in inline functions, mostly.
_NO_CODE: Final = Function([], None, None, None, 0)


def _bytes_of(unit: Unit) -> Bytes:
    """Return the bytes of a unit, a large one mapped."""
    content, start, end = unit.file.sections.info, unit.start, unit.header.end
    if end - start <= _IN_MEMORY_BYTES:
        return content.cut(start, end)
    with tempfile.TemporaryFile(prefix="tecken-unit-") as file:
        for position in range(start, end, MAX_CUT_BYTES):
            file.write(content.cut(position, min(position + MAX_CUT_BYTES, end)))
        file.flush()
        return mmap.mmap(file.fileno(), end - start, access=mmap.ACCESS_READ)
