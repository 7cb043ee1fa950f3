# SPDX-License-Identifier: MPL-2.0

"""An ELF file as one with symbols, and the functions that its symbol tables name.

Source: the System V ABI, "Symbol Table"; for Arm's bit and mapping symbols the ABI of the Arm architecture.
"""

import struct
from collections.abc import Iterator
from typing import Final

from tecken.core.errors import MalformedNativeFileError, UnsupportedNativeFileError
from tecken.core.identifiers import debug_id_of_build_id
from tecken.core.native.content import Content
from tecken.core.native.elf import ET_REL, SHT_DYNSYM, SHT_SYMTAB, ElfFile, Section
from tecken.core.native.inflating import unpacked_xz
from tecken.core.native.machines import ELF_MACHINES, ELF_MACHINES_OF_SIZE
from tecken.core.native.objects import MAX_SYMBOLS, CodeSymbol, ObjectFile

EM_ARM: Final = 40
_NOTYPE, _FUNC, _INDIRECT_FUNC = 0, 2, 10
_LOCAL = 0
_MAX_NAME_BYTES = 64 * 1024


class ElfObject(ObjectFile):
    """Its debug id is that of the build id. Raises UnsupportedNativeFileError for one that was not linked, and is no kernel module."""

    kind = "elf"
    os = "Linux"

    def __init__(self, elf: ElfFile) -> None:
        if elf.type == ET_REL and not elf.build_id:
            raise UnsupportedNativeFileError("it is an object file that was not linked")
        self._elf = elf
        self.order = elf.order
        self.address_size = elf.address_size
        known = ELF_MACHINES.get(elf.machine, f"elf{elf.machine}")
        self.arch = ELF_MACHINES_OF_SIZE.get((elf.machine, elf.address_size), known)
        self.base_address = elf.base_address
        self.code_ranges = elf.code_ranges
        found = elf.build_id or elf.text_digest  # what Breakpad takes where a linker gave none
        self.code_id = found.upper() if found else None
        self.debug_id = debug_id_of_build_id(found.ljust(32, "0")) if found else None
        self.alternate_id = elf.alternate_id
        self.has_debug_info = bool(elf.find(".debug_info") or elf.find(".zdebug_info"))

    def debug_section(self, name: str) -> Content | None:
        """Return the content of ``.debug_<name>``, compressed or not."""
        return self._elf.debug_section(name)

    def exception_frames(self) -> tuple[Content, int] | None:
        """Return the content and the address of ``.eh_frame``."""
        section = self._elf.find(".eh_frame")
        return (self._elf.content_of(section), section.address) if section else None

    def symbols(self) -> Iterator[CodeSymbol]:
        """Yield the functions of ``.symtab`` and ``.dynsym``, and of ``.gnu_debugdata``."""
        yield from code_symbols(self._elf)
        if packed := self._elf.find(".gnu_debugdata"):
            content = self._elf.raw_content(packed)
            yield from code_symbols(ElfFile(unpacked_xz(content)))


def code_symbols(elf: ElfFile) -> Iterator[CodeSymbol]:
    """Yield the functions of ``.symtab`` and of ``.dynsym``, as they stand there.

    Functions, and labels without a type, that lie in executable sections. Raises NativeFileError.
    """
    ranges = elf.code_ranges
    for kind in (SHT_SYMTAB, SHT_DYNSYM):
        for section in elf.sections:
            if section.type == kind:
                yield from _symbols_of(elf, section, ranges)


def _symbols_of(
    elf: ElfFile, section: Section, ranges: list[tuple[int, int]]
) -> Iterator[CodeSymbol]:
    layout = struct.Struct(elf.order + ("IBBHQQ" if elf.is_64 else "IIIBBH"))
    if section.size // layout.size > MAX_SYMBOLS:
        raise UnsupportedNativeFileError(f"it has more than {MAX_SYMBOLS:,} symbols")
    table = elf.content_of(section)
    names = _names_of(elf, section)
    is_arm = elf.machine == EM_ARM
    for fields in table.records(layout):
        if elf.is_64:
            name_at, info, _other, index, address, size = fields
        else:
            name_at, address, size, info, _other, index = fields
        if not index or not name_at or info & 0xF not in {_NOTYPE, _FUNC, _INDIRECT_FUNC}:
            continue
        address = elf.loaded_address(index, address)
        if is_arm and info & 0xF == _FUNC:
            address &= ~1  # the lowest bit says that it is Thumb code
        if not any(first <= address < after for first, after in ranges):
            continue
        name = names.string_at(name_at)
        if info & 0xF == _NOTYPE and (info >> 4 == _LOCAL or name.startswith(b"$")):
            continue  # labels within functions, and Arm's marks of code and data
        if name:
            yield CodeSymbol(address, size, name[:_MAX_NAME_BYTES])


def _names_of(elf: ElfFile, section: Section) -> Content:
    if section.link >= len(elf.sections):
        raise MalformedNativeFileError(f"the names of {section.name} are not there")
    return elf.content_of(elf.sections[section.link])
