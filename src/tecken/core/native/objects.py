# SPDX-License-Identifier: MPL-2.0

"""What is wanted of an executable or debug file, whatever its format."""

from collections.abc import Iterator
from typing import Protocol

from tecken.core.errors import UnsupportedNativeFileError
from tecken.core.identifiers import debug_id_of_build_id
from tecken.core.native.cfi import UnwindRecords, UnwindSection, unwind_records_of
from tecken.core.native.content import Content
from tecken.core.native.elf import ET_REL, ElfFile
from tecken.core.native.elf_symbols import code_symbols
from tecken.core.native.inflating import unpacked_xz
from tecken.core.native.machines import ELF_MACHINES, ELF_MACHINES_OF_SIZE
from tecken.core.native.symbols import CodeSymbol


class ObjectFile(Protocol):
    """An executable, a library, or a file with their debug information."""

    @property
    def kind(self) -> str:
        """The format: ``"elf"`` or ``"macho"``."""

    @property
    def os(self) -> str:
        """What Breakpad calls the system: ``"Linux"``, ``"mac"``."""

    @property
    def arch(self) -> str:
        """What Breakpad calls the processor: ``"x86_64"``."""

    @property
    def order(self) -> str:
        """The order of bytes: ``"<"`` or ``">"``."""

    @property
    def debug_id(self) -> str | None:
        """The debug id, None where it has none."""

    @property
    def code_id(self) -> str | None:
        """The build id or UUID in upper-case hexadecimal digits."""

    @property
    def base_address(self) -> int:
        """Where the module begins, as linked."""

    @property
    def code_ranges(self) -> list[tuple[int, int]]:
        """Start and end of all parts with code, in order."""

    @property
    def has_debug_info(self) -> bool:
        """Whether there is debug information in it."""

    @property
    def alternate_id(self) -> str | None:
        """The build id of the file of dwz that has a part of the debug information, None where there is none."""

    def debug_section(self, name: str) -> Content | None:
        """Return the content of a section with debug information: that of ``.debug_<name>``."""

    def symbols(self) -> Iterator[CodeSymbol]:
        """Yield the functions of its symbol tables."""

    def unwind_records(self) -> Iterator[UnwindRecords]:
        """Yield the unwind records that this file has itself. Raises NativeFileError, IndexError, struct.error."""


class ElfObject:
    """An ELF file as such. Raises UnsupportedNativeFileError for one that was not linked, and is no kernel module."""

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
        self.debug_section = elf.debug_section

    @property
    def debug_id(self) -> str | None:
        """That of the build id; a short one is filled up with zeros."""
        return debug_id_of_build_id(self.code_id.ljust(32, "0")) if self.code_id else None

    @property
    def code_id(self) -> str | None:
        """The build id, or what Breakpad takes where a linker gave none."""
        found = self._elf.build_id or self._elf.text_digest
        return found.upper() if found else None

    @property
    def has_debug_info(self) -> bool:
        """Whether there is a ``.debug_info``, compressed or not."""
        return bool(self._elf.find(".debug_info") or self._elf.find(".zdebug_info"))

    @property
    def alternate_id(self) -> str | None:
        """The build id in ``.gnu_debugaltlink``."""
        link = self._elf.alternate_link
        return link.build_id if link else None

    def symbols(self) -> Iterator[CodeSymbol]:
        """Yield the functions of ``.symtab`` and ``.dynsym``, and of ``.gnu_debugdata``."""
        yield from code_symbols(self._elf)
        if packed := self._elf.find(".gnu_debugdata"):
            content = self._elf.raw_content(packed)
            yield from code_symbols(ElfFile(unpacked_xz(content)))

    def unwind_records(self) -> Iterator[UnwindRecords]:
        """Yield those of ``.eh_frame``, which executables have, and of ``.debug_frame``."""
        found = []
        section = self._elf.find(".eh_frame")
        if section:
            content = self._elf.content_of(section)
            found.append(UnwindSection(content, section.address, is_eh_frame=True))
        if debug_frame := self._elf.debug_section("frame"):
            found.append(UnwindSection(debug_frame, 0, is_eh_frame=False))
        for unwind in found:
            yield from unwind_records_of(unwind, self.arch, self.order, self.address_size)
