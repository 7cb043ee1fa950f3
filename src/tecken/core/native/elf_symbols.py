# SPDX-License-Identifier: MPL-2.0

"""The functions that the symbol tables of an ELF file name.

Source: the System V ABI, "Symbol Table"; for Arm's bit and mapping symbols the ABI of the Arm architecture.
"""

import struct
from collections.abc import Iterator
from typing import Final

from tecken.core.errors import MalformedNativeFileError, UnsupportedNativeFileError
from tecken.core.native.content import Content
from tecken.core.native.elf import SHT_DYNSYM, SHT_SYMTAB, ElfFile, Section
from tecken.core.native.symbols import MAX_SYMBOLS, CodeSymbol

EM_ARM: Final = 40
_AT_ONCE = 4096
_NOTYPE, _FUNC, _INDIRECT_FUNC = 0, 2, 10
_LOCAL = 0
_MAX_NAME_BYTES = 64 * 1024


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
    for start in range(0, table.size // layout.size, _AT_ONCE):
        end = min(start + _AT_ONCE, table.size // layout.size)
        for fields in layout.iter_unpack(table.cut(start * layout.size, end * layout.size)):
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
