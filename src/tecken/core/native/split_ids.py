# SPDX-License-Identifier: MPL-2.0

"""Which split units a program refers to: by their ids, it and the file with them (``.dwp``) find each other.

Each unit has an id of 64 bits, a digest of what it says: in the header of a unit in version 5, in an attribute
(``DW_AT_GNU_dwo_id``) before. A large program has some ten thousand, and the file has the same, or those of a few programs
together. Of each the smallest ids are compared, so that a few numbers tell: of two sets of random numbers, one in the
other, the smallest are the same but for those that only the larger has.
"""

import heapq
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from tecken.core.native.content import Content
from tecken.core.native.dwarf import constants as dw
from tecken.core.native.dwarf.sections import DebugSections
from tecken.core.native.dwarf.units import DebugFile
from tecken.core.native.elf import ElfFile
from tecken.core.native.unit_symbols import damage_named
from tecken.core.tempfiles.spooling import FreeSpace

SAMPLED_IDS: Final = 32
_WANTED_SECTIONS = frozenset({"info", "abbrev"})


def sample_of(ids: Iterable[int]) -> tuple[int, ...]:
    """Return the smallest of some ids, at most SAMPLED_IDS, in order."""
    return tuple(heapq.nsmallest(SAMPLED_IDS, set(ids)))


def split_ids_of(
    path: Path, free_space: FreeSpace | None = None, folder: Path | None = None
) -> tuple[int, ...]:
    """Return the smallest ids of the split units that an ELF file refers to; none where it has all itself.

    Temporary files go to ``folder``, else beside it. Raises NativeFileError, and OSError.
    """
    with tempfile.TemporaryDirectory(dir=folder or path.parent, prefix=".split-") as inflated:
        elf = ElfFile(Content.of_file(path), Path(inflated), free_space)

        def find(name: str) -> Content | None:
            return elf.debug_section(name) if name in _WANTED_SECTIONS else None

        return sample_of(_ids_in(DebugFile(DebugSections.find(find, elf.order))))


def _ids_in(file: DebugFile) -> Iterable[int]:
    for header in file.units.units:
        if header.kind == dw.UT_SKELETON and header.split_id is not None:
            yield header.split_id
        elif header.format.version < 5 and header.kind == dw.UT_COMPILE:
            with damage_named(f"the unit at {header.start:#x}"):
                split_id = file.open(header).split_id
            if split_id is not None:
                yield split_id
