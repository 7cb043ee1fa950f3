# SPDX-License-Identifier: MPL-2.0

"""Mach-O: the slices of a fat file, and of each its segments, sections and UUID.

Source: Apple's ``mach-o/fat.h``, ``mach-o/loader.h`` and ``mach/machine.h``.
"""

import struct
from collections.abc import Iterator
from functools import cached_property
from typing import Final, NamedTuple

from tecken.core.errors import MalformedNativeFileError, UnsupportedNativeFileError
from tecken.core.native.content import Content
from tecken.core.native.machines import MACH_O_PROCESSORS

MAGICS: Final = {
    b"\xcf\xfa\xed\xfe": ("<", True),
    b"\xce\xfa\xed\xfe": ("<", False),
    b"\xfe\xed\xfa\xcf": (">", True),
    b"\xfe\xed\xfa\xce": (">", False),
}
FAT_MAGICS: Final = {b"\xca\xfe\xba\xbe": "IIIII", b"\xca\xfe\xba\xbf": "IIQQII"}

_LC_SEGMENT, _LC_SYMTAB, _LC_SEGMENT_64, _LC_UUID = 0x1, 0x2, 0x19, 0x1B
# A compiled Java class begins with the same four bytes as a fat file; what follows is its version there, at least 45.
MAX_SLICES: Final = 40
_MAX_COMMANDS = 65_536
_MAX_SECTIONS = 16_384
_SUBTYPES: Final = {
    (0x0100000C, 2): "arm64e", (0x01000007, 8): "x86_64h",
    (12, 6): "armv6", (12, 9): "armv7", (12, 11): "armv7s", (12, 12): "armv7k",
}  # fmt: skip
_WITH_CODE = 0x80000400  # S_ATTR_PURE_INSTRUCTIONS, S_ATTR_SOME_INSTRUCTIONS


class MachOSection(NamedTuple):
    """A section; ``address`` as linked, ``offset`` in the slice, 0 where it is not in this file."""

    name: str
    segment: str
    address: int
    size: int
    offset: int
    flags: int

    @property
    def has_code(self) -> bool:
        """Whether there are instructions in it."""
        return bool(self.flags & _WITH_CODE)


class MachOSegment(NamedTuple):
    """A segment; ``address`` as linked."""

    name: str
    address: int
    size: int


class SymbolTableCommand(NamedTuple):
    """Where the symbol table and its names are in the slice."""

    offset: int
    symbol_count: int
    names_offset: int
    names_size: int


def slices_of(content: Content) -> list["MachOFile"]:
    """Return the slices of a fat file, or the only one. Raises NativeFileError."""
    magic = content.cut(0, min(4, content.size))
    if magic in MAGICS:
        return [MachOFile(content)]
    if magic not in FAT_MAGICS:
        raise UnsupportedNativeFileError("it is no Mach-O file")
    (count,) = content.unpack(struct.Struct(">I"), 4)
    if count > MAX_SLICES:
        raise MalformedNativeFileError(f"a fat file announces {count:,} slices")
    layout = struct.Struct(">" + FAT_MAGICS[magic])
    fields = [content.unpack(layout, 8 + number * layout.size) for number in range(count)]
    return [MachOFile(content.part(f[2], f[3], "a slice of the fat file")) for f in fields]


class MachOFile:
    """One slice. Raises NativeFileError at once when it is none, and later where it is damaged."""

    def __init__(self, content: Content) -> None:
        self.content = content
        magic = content.cut(0, min(4, content.size))
        if magic not in MAGICS:
            raise MalformedNativeFileError("a slice is no Mach-O file")
        self.order, self.is_64 = MAGICS[magic]
        header = content.unpack(struct.Struct(self.order + "6I"), 4)
        self.processor, self._subtype, self.type, self._command_count, self._commands_size = header[
            :5
        ]

    @property
    def arch(self) -> str:
        """What Breakpad calls the processor: ``"arm64"``, ``"x86_64"``."""
        subtype = self._subtype & 0x00FF_FFFF
        known = MACH_O_PROCESSORS.get(self.processor, f"mach{self.processor}")
        return _SUBTYPES.get((self.processor, subtype), known)

    @cached_property
    def _commands(self) -> list[tuple[int, Content]]:
        """The load commands: their kinds and contents."""
        if self._command_count > _MAX_COMMANDS:
            raise MalformedNativeFileError(f"it announces {self._command_count:,} load commands")
        start = 32 if self.is_64 else 28
        table = self.content.part(start, self._commands_size, "the table of load commands")
        offset = 0
        layout = struct.Struct(self.order + "II")
        commands = []
        for _ in range(self._command_count):
            kind, size = table.unpack(layout, offset)
            if size < layout.size:
                raise MalformedNativeFileError(f"a load command has {size} bytes")
            commands.append((kind, table.part(offset, size, "a load command")))
            offset += size
        return commands

    def _found(self, kind: int) -> Iterator[Content]:
        return (content for found, content in self._commands if found == kind)

    @cached_property
    def uuid(self) -> bytes | None:
        """The 16 bytes of the UUID."""
        for command in self._found(_LC_UUID):
            return command.cut(8, 24)
        return None

    @cached_property
    def symbol_table(self) -> SymbolTableCommand | None:
        """Where the symbol table is."""
        for command in self._found(_LC_SYMTAB):
            return SymbolTableCommand(*command.unpack(struct.Struct(self.order + "4I"), 8))
        return None

    @cached_property
    def segments(self) -> list[MachOSegment]:
        """All segments that have a name."""
        return [segment for segment, _ in self._segments if segment.name]

    @cached_property
    def sections(self) -> list[MachOSection]:
        """All sections, as symbols count them: the first has the number 1."""
        return [section for _, sections in self._segments for section in sections]

    @cached_property
    def _segments(self) -> list[tuple[MachOSegment, list[MachOSection]]]:
        word = "Q" if self.is_64 else "I"
        head = struct.Struct(f"{self.order}16s{word}{word}{word}{word}IIII")
        section = struct.Struct(f"{self.order}16s16s{word}{word}7I{'4x' if self.is_64 else ''}")
        found = []
        left = _MAX_SECTIONS
        for command in self._found(_LC_SEGMENT_64 if self.is_64 else _LC_SEGMENT):
            fields = command.unpack(head, 8)
            count = fields[7]
            left -= count
            if left < 0:
                raise MalformedNativeFileError(f"it announces more than {_MAX_SECTIONS:,} sections")
            sections = []
            for number in range(count):
                values = command.unpack(section, 8 + head.size + number * section.size)
                address, size, offset = values[2:5]
                names = _name(values[0]), _name(values[1])
                sections.append(MachOSection(*names, address, size, offset, values[8]))
            found.append((MachOSegment(_name(fields[0]), fields[1], fields[2]), sections))
        return found

    @property
    def base_address(self) -> int:
        """The address of ``__TEXT``: module offsets count from there."""
        return next((s.address for s in self.segments if s.name == "__TEXT"), 0)

    def find(self, name: str) -> MachOSection | None:
        """Return the first section of that name which has content in this file."""
        for section in self.sections:
            if section.name == name and section.offset:
                return section
        return None

    def content_of(self, section: MachOSection) -> Content:
        """Return the bytes of a section. Raises MalformedNativeFileError."""
        return self.content.part(section.offset, section.size, section.name)


def _name(field: object) -> str:
    """Return a name of at most 16 bytes, which ends at the first zero."""
    return (
        bytes(field).partition(b"\0")[0].decode("ascii", "replace")
        if isinstance(field, bytes)
        else ""
    )
