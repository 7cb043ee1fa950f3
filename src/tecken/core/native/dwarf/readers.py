# SPDX-License-Identifier: MPL-2.0

"""The types of what reads entries, and of what it gets."""

from collections.abc import Callable
from typing import Protocol, TypeAlias

from tecken.core.native.dwarf.leb import Bytes

Ranges: TypeAlias = list[tuple[int, int]]  # start and end
StringRef: TypeAlias = int | bytes | None  # an offset into .debug_str, or the string
EntryRef: TypeAlias = int | None  # an offset into .debug_info; -1 - offset into that of dwz's file
Number: TypeAlias = int | None


class UnitValues(Protocol):
    """What readers ask a unit for."""

    start: int

    def indexed_string(self, index: int) -> StringRef: ...

    def alternate_string(self, offset: int) -> StringRef: ...

    def line_string(self, offset: int) -> StringRef: ...

    def indexed_address(self, index: int) -> int: ...

    def ranges_at(self, offset: int) -> Ranges: ...

    def indexed_ranges(self, index: int) -> Ranges: ...


# Of bytes, a position in them, and their unit. The first of a result is the position behind the entry.
Skip: TypeAlias = Callable[[Bytes, int, UnitValues], tuple[int]]
Sibling: TypeAlias = Callable[[Bytes, int, UnitValues], tuple[int, int]]
# Ranges, linkage name, name, origin or specification.
FunctionReader: TypeAlias = Callable[
    [Bytes, int, UnitValues], tuple[int, Ranges, StringRef, StringRef, EntryRef]
]
# Ranges, origin, file and line of the call.
CallReader: TypeAlias = Callable[
    [Bytes, int, UnitValues], tuple[int, Ranges, EntryRef, Number, Number]
]
# Linkage name, name, origin or specification.
NameReader: TypeAlias = Callable[
    [Bytes, int, UnitValues], tuple[int, StringRef, StringRef, EntryRef]
]
# Line program, and the bases of string offsets, addresses, the same of GNU, ranges, the same of GNU; GNU's split id.
BasesReader: TypeAlias = Callable[
    [Bytes, int, UnitValues],
    tuple[int, Number, Number, Number, Number, Number, Number, Number],
]
# Folder of the compilation, file of a split unit, lowest address, language.
UnitReader: TypeAlias = Callable[
    [Bytes, int, UnitValues], tuple[int, StringRef, StringRef, Number, Number]
]
