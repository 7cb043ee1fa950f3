# SPDX-License-Identifier: MPL-2.0

"""ELF files that are loaded without having been linked: kernel modules (``.ko``), which ``ld -r`` puts together.

All their sections begin at address 0, and what refers to an address is filled in when they are loaded. Here they are laid
out as the kernel does: sections of code one behind the other in the order of the file, then the others, and those of its
initialisation (``.init…``), which has memory of its own, last. Module offsets count from the first, which is ``.text``.

Source: the System V ABI, "Relocation", and those of x86-64, i386 and AArch64; ``layout_sections`` of Linux.
"""

import mmap
import struct
from array import array
from functools import cached_property
from pathlib import Path
from typing import IO, Final, NamedTuple

from tecken.core.errors import MalformedNativeFileError, UnsupportedNativeFileError
from tecken.core.native.content import Content
from tecken.core.native.elf import (
    ET_REL,
    SHF_ALLOC,
    SHF_EXECINSTR,
    SHT_SYMTAB,
    ElfFile,
    Section,
)
from tecken.core.native.inflating import in_mapped_file
from tecken.core.native.objects import MAX_SYMBOLS
from tecken.core.tempfiles.spooling import FreeSpace

_SHT_RELA, _SHT_REL = 4, 9
_FIRST_ADDRESS = 0x1000  # not 0, which says of code that a linker has left it out
_MAX_ALIGNMENT = 1 << 20
_CHUNK_BYTES = 1024 * 1024


class _Kind(NamedTuple):
    """A kind of relocation: how many bytes it fills in, and whether they count from where they stand."""

    size: int
    is_relative: bool = False


# By the machine and the type. Others, as those of thread-local variables, say nothing of code.
_KINDS: Final[dict[int, dict[int, _Kind]]] = {
    62: {1: _Kind(8), 2: _Kind(4, True), 10: _Kind(4), 11: _Kind(4), 24: _Kind(8, True)},
    3: {1: _Kind(4), 2: _Kind(4, True)},
    183: {257: _Kind(8), 258: _Kind(4), 260: _Kind(8, True), 261: _Kind(4, True)},
}


def open_elf(
    content: Content, folder: Path | None = None, free_space: FreeSpace | None = None
) -> ElfFile:
    """Open an ELF file, as ``ElfFile`` or, where it was not linked, ``RelocatableElf``. Raises NativeFileError."""
    elf = ElfFile(content, folder, free_space)
    return RelocatableElf(content, folder, free_space) if elf.type == ET_REL else elf


class RelocatableElf(ElfFile):
    """Such a file: its sections have addresses, and what they refer to is filled in."""

    def _laid_out(self, sections: list[Section]) -> list[Section]:
        found = [*sections]

        def order(number: int) -> tuple[bool, bool]:
            section = found[number]
            return section.name.startswith(".init"), not section.flags & SHF_EXECINSTR

        loaded = [number for number, section in enumerate(found) if section.flags & SHF_ALLOC]
        address = _FIRST_ADDRESS
        for number in sorted(loaded, key=order):
            alignment = max(found[number].alignment, 1)
            if alignment > _MAX_ALIGNMENT:
                raise MalformedNativeFileError(f"{found[number].name} has an odd alignment")
            address = -(-address // alignment) * alignment
            found[number] = found[number]._replace(address=address)
            address += found[number].size
        return found

    @property
    def base_address(self) -> int:
        """Where the first section begins."""
        return _FIRST_ADDRESS

    def loaded_address(self, section: int, value: int) -> int:
        """Return the address of a symbol, which counts from its section."""
        return value + self.sections[section].address if section < len(self.sections) else value

    def content_of(self, section: Section) -> Content:
        """Return the bytes of a section, with what it refers to."""
        content = super().content_of(section)
        tables = [one for one in self._tables if self.sections[one.info] == section]
        if not tables or not content.size:
            return content
        if self.machine not in _KINDS:
            raise UnsupportedNativeFileError(
                "it was not linked, and is for another processor than those known"
            )
        return self._filled_in(section, content, tables)

    @cached_property
    def _tables(self) -> list[Section]:
        kinds = {_SHT_RELA, _SHT_REL}
        return [one for one in self.sections if one.type in kinds and one.info < len(self.sections)]

    def _filled_in(self, section: Section, content: Content, tables: list[Section]) -> Content:
        """Return a copy in a mapped file, which processes that read the same file share, as ``inflated`` does."""

        def write(file: IO[bytes]) -> None:
            for start in range(0, content.size, _CHUNK_BYTES):
                file.write(content.cut(start, min(start + _CHUNK_BYTES, content.size)))
            file.flush()
            with mmap.mmap(file.fileno(), content.size) as mapped:
                for table in tables:
                    self._fill_in(mapped, section, table)

        key = f"filled-{self.sections.index(section)}"
        return in_mapped_file(
            write, section.name, content.size, key, self._folder, self._free_space
        )

    def _fill_in(self, target: mmap.mmap, section: Section, table: Section) -> None:
        has_addend = table.type == _SHT_RELA
        number = "Q" if self.is_64 else "I"
        layout = struct.Struct(self.order + number * 2 + number.lower() * has_addend)
        kinds, symbols = _KINDS[self.machine], self._symbols
        shift = 32 if self.is_64 else 8
        plain = {4: struct.Struct(self.order + "I"), 8: struct.Struct(self.order + "Q")}
        content = self.raw_content(table)
        for at, info, *addend in content.records(layout):
            kind = kinds.get(info & ((1 << shift) - 1))
            if kind is None:
                continue
            symbol, value = info >> shift, plain[kind.size]
            if symbol >= len(symbols) or at + kind.size > len(target):
                raise MalformedNativeFileError(f"{table.name} refers to what is not there")
            found = symbols[symbol] + (addend[0] if addend else value.unpack_from(target, at)[0])
            if kind.is_relative:
                found -= section.address + at
            value.pack_into(target, at, found & ((1 << 8 * kind.size) - 1))

    @cached_property
    def _symbols(self) -> "array[int]":
        """The addresses of all symbols."""
        layout = struct.Struct(self.order + ("4xBBHQQ" if self.is_64 else "4xIIBBH"))
        addresses = array("Q")
        for section in self.sections:
            if section.type != SHT_SYMTAB:
                continue
            table = self.raw_content(section)
            if table.size // layout.size > MAX_SYMBOLS:
                raise UnsupportedNativeFileError(f"it has more than {MAX_SYMBOLS:,} symbols")
            for fields in table.records(layout):
                value, index = (fields[3], fields[2]) if self.is_64 else (fields[0], fields[4])
                addresses.append(self.loaded_address(index, value) & 0xFFFF_FFFF_FFFF_FFFF)
            break
        return addresses
