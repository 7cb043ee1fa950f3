# SPDX-License-Identifier: MPL-2.0

"""A slice of a Mach-O file, or of a dSYM, as a file with symbols."""

import struct
from collections.abc import Iterator
from typing import Final

from tecken.core.errors import UnsupportedNativeFileError
from tecken.core.native.cfi import UnwindRecords
from tecken.core.native.compact_unwind import compact_records
from tecken.core.native.content import Content
from tecken.core.native.macho import MachOFile, slices_of
from tecken.core.native.objects import MAX_SYMBOLS, CodeSymbol, ObjectFile

_N_STAB, _N_TYPE, _N_SECT = 0xE0, 0x0E, 0x0E
_NAME_BYTES: Final = 16  # a longer name of a section is cut


class MachOObject(ObjectFile):
    """Its debug id is the UUID with age 0."""

    kind = "macho"
    os = "mac"

    def __init__(self, file: MachOFile) -> None:
        self._file = file
        self.order = file.order
        self.arch = file.arch
        self.address_size = 8 if file.is_64 else 4
        self.base_address = file.base_address
        self.code_ranges = sorted(
            (s.address, s.address + s.size) for s in file.sections if s.has_code and s.size
        )
        self.code_id = file.uuid.hex().upper() if file.uuid else None
        self.debug_id = f"{self.code_id}0" if self.code_id else None
        self.has_debug_info = file.find("__debug_info") is not None

    def debug_section(self, name: str) -> Content | None:
        """Return the content of ``__debug_<name>``, whose name is cut where it is too long."""
        section = self._file.find(f"__debug_{name}"[:_NAME_BYTES])
        return self._file.content_of(section) if section else None

    def exception_frames(self) -> tuple[Content, int] | None:
        """Return the content and the address of ``__eh_frame``."""
        section = self._file.find("__eh_frame")
        return (self._file.content_of(section), section.address) if section else None

    def unwind_records(self) -> Iterator[UnwindRecords]:
        """Yield those of ``__eh_frame`` and ``__debug_frame``, then what ``__unwind_info`` has of other functions."""
        yield from super().unwind_records()
        if compact := self._file.find("__unwind_info"):
            content = self._file.content_of(compact)
            yield from compact_records(content, self.arch, self.base_address, self._number_at)

    def _number_at(self, address: int) -> int | None:
        """Return the 32 bits at an address of code; None where they are not in this file."""
        for section in self._file.sections:
            offset = address - section.address
            if section.has_code and section.offset and 0 <= offset <= section.size - 4:
                return self._file.content_of(section).unpack(struct.Struct("<I"), offset)[0]
        return None

    def symbols(self) -> Iterator[CodeSymbol]:
        """Yield the functions of the symbol table, without the underscore that C's names begin with."""
        table = self._file.symbol_table
        if table is None:
            return
        layout = struct.Struct(self.order + ("IBBHQ" if self._file.is_64 else "IBBHI"))
        if table.symbol_count > MAX_SYMBOLS:
            raise UnsupportedNativeFileError(f"it has more than {MAX_SYMBOLS:,} symbols")
        content = self._file.content
        entries = content.part(table.offset, table.symbol_count * layout.size, "the symbol table")
        names = content.part(table.names_offset, table.names_size, "the table of symbol names")
        with_code = {
            number for number, section in enumerate(self._file.sections, 1) if section.has_code
        }
        for name_at, kind, section_number, _description, address in entries.records(layout):
            is_function = not kind & _N_STAB and kind & _N_TYPE == _N_SECT
            if is_function and section_number in with_code:
                name = names.string_at(name_at)
                if name:
                    yield CodeSymbol(address, 0, name.removeprefix(b"_"))


def open_slice(content: Content, arch: str | None) -> MachOObject:
    """Return the slice of an architecture, or the only one. Raises UnsupportedNativeFileError where it is not clear."""
    slices = slices_of(content)
    wanted = [found for found in slices if arch in {None, found.arch}]
    if len(wanted) != 1:
        have = ", ".join(found.arch for found in slices)
        raise UnsupportedNativeFileError(
            f"it has slices for {have}" + (f", and none for {arch}" if arch else ": name one")
        )
    return MachOObject(wanted[0])
