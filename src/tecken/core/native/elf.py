# SPDX-License-Identifier: MPL-2.0

"""ELF: sections, segments, and what links an executable with its debug files.

32 and 64 bit, both byte orders. Sizes and offsets are checked where they are used.

Source: the System V ABI, chapters 4 and 5 (gabi), and the GNU extensions of binutils.
"""

import struct
from functools import cached_property
from pathlib import Path
from typing import Final, NamedTuple

from tecken.core.errors import MalformedNativeFileError, UnsupportedNativeFileError
from tecken.core.native.content import Content
from tecken.core.native.inflating import ZLIB, inflated
from tecken.core.tempfiles.spooling import FreeSpace

MAGIC: Final = b"\x7fELF"
SHT_SYMTAB: Final = 2
SHT_NOTE: Final = 7
SHT_NOBITS: Final = 8
SHT_DYNSYM: Final = 11
SHF_ALLOC: Final = 0x2
SHF_EXECINSTR: Final = 0x4
SHF_COMPRESSED: Final = 0x800
PT_LOAD: Final = 1
PT_NOTE: Final = 4
PF_X: Final = 1
ET_REL: Final = 1

_NT_GNU_BUILD_ID = 3
_MAX_SECTIONS = 262_144  # relocatable files have some ten thousand
_MAX_SEGMENTS = 65_536
_MAX_NOTE_BYTES = 1024 * 1024
_PAGE_BYTES = 4096
_EXTENDED = 0xFFFF  # the number stands in the first section header


class Section(NamedTuple):
    """A section header; ``address``, ``offset`` and ``size`` in bytes."""

    name: str
    type: int
    flags: int
    address: int
    offset: int
    size: int
    link: int
    info: int
    alignment: int
    entry_size: int


class Segment(NamedTuple):
    """A program header."""

    type: int
    flags: int
    offset: int
    address: int
    file_size: int
    memory_size: int


class _Layouts(NamedTuple):
    """How the headers of one class and byte order are laid out."""

    file: struct.Struct
    section: struct.Struct
    segment: struct.Struct
    compression: struct.Struct


def _layouts(is_64: bool, order: str) -> _Layouts:
    if is_64:
        formats = ("HHIQQQIHHHHHH", "IIQQQQIIQQ", "IIQQQQQQ", "I4xQQ")
    else:
        formats = ("HHIIIIIHHHHHH", "IIIIIIIIII", "IIIIIIII", "III")
    return _Layouts(*(struct.Struct(order + text) for text in formats))


class ElfFile:
    """An ELF file. Raises NativeFileError at once when it is none, and later where it is damaged.

    ``folder`` keeps inflated sections, see ``inflated``.
    """

    def __init__(
        self,
        content: Content,
        folder: Path | None = None,
        free_space: FreeSpace | None = None,
    ) -> None:
        self.content = content
        self._folder = folder
        self._free_space = free_space
        ident = content.cut(0, min(16, content.size))
        if not ident.startswith(MAGIC) or len(ident) < 16:
            raise UnsupportedNativeFileError("it is no ELF file")
        if ident[4] not in {1, 2} or ident[5] not in {1, 2}:
            raise MalformedNativeFileError("the ELF header names no known class or byte order")
        self.is_64 = ident[4] == 2
        self.order = "<" if ident[5] == 1 else ">"
        self._layouts = _layouts(self.is_64, self.order)
        header = content.unpack(self._layouts.file, 16)
        (self.type, self.machine, _version, _entry, self._segments_at, self._sections_at) = header[
            :6
        ]
        self.flags = header[6]
        self._segment_size, self._segment_count = header[8:10]
        self._section_size, self._section_count, self._names_index = header[10:13]

    @property
    def address_size(self) -> int:
        """The bytes of an address."""
        return 8 if self.is_64 else 4

    @cached_property
    def sections(self) -> list[Section]:
        """All sections, in the order of their headers; the first is an empty one."""
        headers = self._section_headers()
        if not headers:
            return []
        index = headers[0][6] if self._names_index == _EXTENDED else self._names_index
        names = self._names_of(headers, index)
        return self._laid_out(
            [Section(_name_at(names, header[0]), *header[1:]) for header in headers]
        )

    def _laid_out(self, sections: list[Section]) -> list[Section]:
        """Return the sections with the addresses that they are loaded at."""
        return sections

    def _section_headers(self) -> list[tuple[int, ...]]:
        if not self._sections_at:
            return []
        layout, size = self._layouts.section, self._section_size
        if size < layout.size:
            raise MalformedNativeFileError(f"its section headers have {size} bytes")
        count = self._section_count or self.content.unpack(layout, self._sections_at)[5]
        if count > _MAX_SECTIONS:
            raise UnsupportedNativeFileError(f"it has more than {_MAX_SECTIONS:,} sections")
        table = self.content.part(self._sections_at, count * size, "the table of section headers")
        return [table.unpack(layout, number * size) for number in range(count)]

    def _names_of(self, headers: list[tuple[int, ...]], index: int) -> bytes:
        if index >= len(headers):
            raise MalformedNativeFileError("the section with the names of sections is not there")
        offset, size = headers[index][4:6]
        return self.content.part(offset, size, "the table of section names").cut(0, size)

    @cached_property
    def segments(self) -> list[Segment]:
        """All segments, in the order of their headers."""
        layout, size = self._layouts.segment, self._segment_size
        count = self._segment_count
        if count == _EXTENDED and self._sections_at:
            count = self.content.unpack(self._layouts.section, self._sections_at)[7]
        if not count or not self._segments_at:
            return []
        if size < layout.size or count > _MAX_SEGMENTS:
            raise MalformedNativeFileError(f"it has {count:,} program headers of {size} bytes")
        table = self.content.part(self._segments_at, count * size, "the table of program headers")
        fields = [table.unpack(layout, number * size) for number in range(count)]
        if self.is_64:
            return [Segment(f[0], f[1], f[2], f[3], f[5], f[6]) for f in fields]
        return [Segment(f[0], f[6], f[1], f[2], f[4], f[5]) for f in fields]

    def find(self, name: str) -> Section | None:
        """Return the first section of that name which has content in this file."""
        for section in self.sections:
            if section.name == name and section.type != SHT_NOBITS:
                return section
        return None

    def raw_content(self, section: Section) -> Content:
        """Return the bytes of a section as they stand in the file."""
        if section.type == SHT_NOBITS:
            return Content.empty(section.name)
        return self.content.part(section.offset, section.size, section.name)

    def content_of(self, section: Section) -> Content:
        """Return the bytes of a section, inflated where they are compressed."""
        content = self.raw_content(section)
        if section.flags & SHF_COMPRESSED:
            layout = self._layouts.compression
            kind, size, _alignment = content.unpack(layout, 0)
            packed = content.part(layout.size, content.size - layout.size, section.name)
            return inflated(packed, kind, size, self._folder, self._free_space)
        if section.name.startswith(".zdebug_"):
            if content.cut(0, min(4, content.size)) != b"ZLIB":
                raise MalformedNativeFileError(f"{section.name} does not begin with ZLIB")
            (size,) = content.unpack(struct.Struct(">Q"), 4)
            packed = content.part(12, content.size - 12, section.name)
            return inflated(packed, ZLIB, size, self._folder, self._free_space)
        return content

    def announced_size(self, section: Section) -> int:
        """Return how many bytes a section says that its content has; inflating it costs as much."""
        if not section.flags & SHF_COMPRESSED:
            return section.size
        _kind, size, _alignment = self.raw_content(section).unpack(self._layouts.compression, 0)
        return int(size)

    def debug_section(self, name: str) -> Content | None:
        """Return the inflated content of ``.debug_<name>`` or ``.zdebug_<name>``, if it is there."""
        section = self.find(f".debug_{name}") or self.find(f".zdebug_{name}")
        return self.content_of(section) if section else None

    def loaded_address(self, section: int, value: int) -> int:
        """Return the address of a symbol that lies in the section of a number."""
        return value

    @property
    def base_address(self) -> int:
        """The lowest address of all loaded segments: module offsets count from there."""
        return min((s.address for s in self.segments if s.type == PT_LOAD), default=0)

    @property
    def code_ranges(self) -> list[tuple[int, int]]:
        """Start and end of all executable sections, or segments where there are no sections."""
        wanted = SHF_ALLOC | SHF_EXECINSTR
        ranges = [
            (s.address, s.address + s.size) for s in self.sections if s.flags & wanted == wanted
        ]
        if not ranges:
            ranges = [
                (s.address, s.address + s.memory_size)
                for s in self.segments
                if s.type == PT_LOAD and s.flags & PF_X
            ]
        return sorted(span for span in ranges if span[0] < span[1])

    @cached_property
    def build_id(self) -> str | None:
        """The build id in lower-case hexadecimal digits, from a section or segment of notes."""
        notes = [self.raw_content(s) for s in self.sections if s.type == SHT_NOTE]
        if not notes:
            notes = [
                self.content.part(s.offset, s.file_size, "a segment of notes")
                for s in self.segments
                if s.type == PT_NOTE
            ]
        for note in notes:
            found = _build_id_in(note, self.order)
            if found:
                return found.hex()
        return None

    @property
    def text_digest(self) -> str | None:
        """What Breakpad makes an id of without a build id: the first page of ``.text``, folded to 16 bytes.

        None where its bytes are not in the file. Source: Breakpad's ``FileID``.
        """
        section = self.find(".text")
        if section is None or not section.size:
            return None
        size = -(-min(section.size, _PAGE_BYTES) // 16) * 16
        text = self.content.part(section.offset, size, ".text").cut(0, size)
        folded = 0
        for start in range(0, size, 16):
            folded ^= int.from_bytes(text[start : start + 16], "big")
        return folded.to_bytes(16, "big").hex()

    @cached_property
    def alternate_id(self) -> str | None:
        """The build id of the file of ``dwz`` that ``.gnu_debugaltlink`` names, behind its path."""
        section = self.find(".gnu_debugaltlink")
        if section is None:
            return None
        content = self.raw_content(section)
        start = len(content.string_at(0)) + 1
        return content.cut(start, min(content.size, start + 64)).hex()


def _name_at(names: bytes, offset: int) -> str:
    end = names.find(b"\0", offset)
    if end < 0:
        raise MalformedNativeFileError(f"the name of a section at {offset:#x} is not there")
    return _text(names[offset : min(end, offset + 256)])


def _text(name: bytes) -> str:
    return name.decode("utf-8", "replace")


def _build_id_in(content: Content, order: str) -> bytes | None:
    """Return the description of the first build id among notes."""
    notes = content.cut(0, min(content.size, _MAX_NOTE_BYTES))
    header = struct.Struct(order + "III")
    position = 0
    while position + header.size <= len(notes):
        name_size, size, kind = header.unpack_from(notes, position)
        start = position + header.size
        description = start + -(-name_size // 4) * 4
        if kind == _NT_GNU_BUILD_ID and notes[start : start + name_size] == b"GNU\0":
            return notes[description : description + size][:64]
        position = description + -(-size // 4) * 4
    return None
