# SPDX-License-Identifier: MPL-2.0

"""What kinds of files a build leaves, told apart by their first bytes, and what is known of one.

Source: the System V ABI (gabi), the PE format and the MSF format as Microsoft publishes them, ECMA-335 II.24,
mach-o/loader.h and mach-o/fat.h.
"""

import struct
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from tecken.core.native.elf import MAGIC as ELF_MAGIC
from tecken.core.native.macho import FAT_MAGICS, MAX_SLICES
from tecken.core.native.macho import MAGICS as MACH_O_MAGICS

# As far as a file has to be read to know its kind: the header of a PE file follows a program for MS-DOS.
HEAD_BYTES: Final = 4096
PDB_MAGIC: Final = b"Microsoft C/C++ MSF 7.00\r\n\x1aDS\x00\x00\x00"
OLD_PDB_MAGIC: Final = b"Microsoft C/C++ program database 2.00\r\n\x1aJG"
PORTABLE_PDB_MAGIC: Final = b"BSJB"
SOURCE_BUNDLE_MAGIC: Final = b"SYSB"
_BREAKPAD_MAGIC = b"MODULE "
_PE_OFFSET_AT = 0x3C


class Kind(StrEnum):
    """What a file is. Only ``OTHER`` says nothing about itself."""

    BREAKPAD = "breakpad"
    ELF = "elf"
    PDB = "pdb"
    PE = "pe"
    MACHO = "macho"
    SOURCEBUNDLE = "sourcebundle"
    OTHER = "other"

    @property
    def is_native(self) -> bool:
        """Whether it is one of those that a build makes, and no symbol file."""
        return self not in {Kind.BREAKPAD, Kind.OTHER}

    @property
    def is_derivable(self) -> bool:
        """Whether symbols are derived from it."""
        return self in DERIVABLE_KINDS


DERIVABLE_KINDS: Final = (Kind.ELF, Kind.MACHO, Kind.PDB, Kind.PE)


class Role(StrEnum):
    """What a file is to its module, as the names of stored originals have it."""

    DEBUGINFO = "debuginfo"
    EXECUTABLE = "executable"
    SOURCEBUNDLE = "sourcebundle"
    SPLIT = "split"  # the packed split units of a program


LINES: Final = "lines"
UNWIND: Final = "unwind"
SYMBOLS: Final = "symbols"
SOURCES: Final = "sources"
# What a file can have, in the order in which it is told.
ALL_PARTS: Final = (LINES, SYMBOLS, UNWIND, SOURCES)


@dataclass(frozen=True, slots=True)
class Identified:
    """What a file says about one module.

    ``debug_id`` is as Breakpad has it, ``code_id`` in upper case; what is not known is empty. ``native_id`` is
    what originals are kept by: the build id, UUID, or GUID and age, in lower case. ``has`` is in the order of
    ALL_PARTS. ``alternate_id`` is the build id of a file of ``dwz`` that it refers to; such a file has no code.
    ``split_ids`` are some of the ids of the split units in it, see ``split_ids``; what ``may_be_split`` may refer to some.
    """

    kind: Kind
    role: Role
    debug_file: str
    native_id: str
    has: tuple[str, ...]
    arch: str = ""
    debug_id: str = ""
    code_file: str = ""
    code_id: str = ""
    has_code: bool = True
    alternate_id: str = ""
    split_ids: tuple[int, ...] = ()
    may_be_split: bool = False

    @property
    def is_derivable(self) -> bool:
        """Whether symbols are derived from it. Portable PDBs, which are of no processor, are kept only."""
        return self.kind.is_derivable and self.has_code and bool(self.debug_id and self.arch)

    @property
    def lacks(self) -> tuple[str, ...]:
        """What a symbol file could have and this one has not; split units are a part of another file."""
        if self.role == Role.SPLIT:
            return ()
        return tuple(part for part in (LINES, SYMBOLS, UNWIND) if part not in self.has)


def kind_of(head: bytes) -> Kind:
    """Return the kind of a file by its first HEAD_BYTES, or all of it."""
    magic = head[:4]
    if magic == ELF_MAGIC:
        return Kind.ELF
    if head.startswith((PDB_MAGIC, OLD_PDB_MAGIC, PORTABLE_PDB_MAGIC)):
        return Kind.PDB
    if magic in MACH_O_MAGICS or (magic in FAT_MAGICS and _is_fat(head)):
        return Kind.MACHO
    if magic == SOURCE_BUNDLE_MAGIC:
        return Kind.SOURCEBUNDLE
    if head.startswith(_BREAKPAD_MAGIC):
        return Kind.BREAKPAD
    return Kind.PE if _is_pe(head) else Kind.OTHER


def _is_fat(head: bytes) -> bool:
    return len(head) >= 8 and 0 < int.from_bytes(head[4:8], "big") <= MAX_SLICES


def _is_pe(head: bytes) -> bool:
    if not head.startswith(b"MZ") or len(head) < _PE_OFFSET_AT + 4:
        return False
    (offset,) = struct.unpack_from("<I", head, _PE_OFFSET_AT)
    return head[offset : offset + 4] == b"PE\0\0"


def features(
    *, lines: bool = False, symbols: bool = False, unwind: bool = False, sources: bool = False
) -> tuple[str, ...]:
    """Return what a file has, in the order of ALL_PARTS."""
    found = {LINES: lines, SYMBOLS: symbols, UNWIND: unwind, SOURCES: sources}
    return tuple(part for part in ALL_PARTS if found[part])
