# SPDX-License-Identifier: MPL-2.0

"""The files of a module, opened, and which of them has what."""

from functools import cached_property
from pathlib import Path

from tecken.core.errors import MalformedNativeFileError, UnsupportedNativeFileError
from tecken.core.native.content import Content
from tecken.core.native.dwarf.sections import DebugSections
from tecken.core.native.dwarf.split_units import SplitUnits
from tecken.core.native.dwarf.units import DebugFile
from tecken.core.native.elf import MAGIC, ElfFile
from tecken.core.native.elf_object import ElfObject
from tecken.core.native.macho import FAT_MAGICS, MAGICS
from tecken.core.native.macho_object import open_slice
from tecken.core.native.model import NativeFiles
from tecken.core.native.objects import ObjectFile
from tecken.core.native.relocatable import open_elf
from tecken.core.native.unit_symbols import CodeBounds
from tecken.core.tempfiles.spooling import FreeSpace


class OpenedFiles:
    """The files of one module. Raises NativeFileError when they are none, or not of one build; OSError."""

    def __init__(self, files: NativeFiles) -> None:
        self._files = files
        given = {"debug": files.debug, "executable": files.executable}
        paths = {role: path for role, path in given.items() if path}
        if not paths:
            raise UnsupportedNativeFileError("there is neither an executable nor a debug file")
        self.objects = [
            open_object(path, files.arch, self._folder(role), files.free_space)
            for role, path in paths.items()
        ]
        ids = {found.debug_id for found in self.objects} - {None}
        if len(ids) > 1:
            raise MalformedNativeFileError("the executable and the debug file are of two builds")

    def _folder(self, role: str) -> Path | None:
        """Return where the inflated sections of one of the files are kept, if they are."""
        if self._files.inflated is None:
            return None
        folder = self._files.inflated / role
        folder.mkdir(exist_ok=True)
        return folder

    def _elf(self, path: Path, role: str) -> ElfFile:
        return ElfFile(Content.of_file(path), self._folder(role), self._files.free_space)

    @property
    def main(self) -> ObjectFile:
        """The executable, or the debug file where that is missing."""
        return self.objects[-1]

    @cached_property
    def bounds(self) -> CodeBounds:
        """Where the code is. Raises MalformedNativeFileError when there is none."""
        ranges = [span for found in self.objects for span in found.code_ranges]
        if not ranges:
            raise MalformedNativeFileError("it has no code")
        first, last = min(ranges)[0], max(end for _, end in ranges)
        base = self.main.base_address
        if base > first or last - base > _MAX_MODULE_BYTES:
            raise MalformedNativeFileError("its code lies outside of the segments that are loaded")
        return CodeBounds(base, max(first, 1), last)

    @cached_property
    def debug_object(self) -> ObjectFile | None:
        """The one with debug information, None where there is none."""
        for found in self.objects:
            if found.has_debug_info:
                return found
        return None

    @cached_property
    def debug_file(self) -> DebugFile | None:
        """The debug information."""
        found = self.debug_object
        if found is None:
            return None
        sections = DebugSections.find(found.debug_section, found.order)
        return DebugFile(sections, self._alternate)

    @cached_property
    def _alternate(self) -> DebugFile | None:
        """dwz's file."""
        if self._files.alternate is None:
            return None
        elf = self._elf(self._files.alternate, "alternate")
        wanted = self.debug_object.alternate_id if self.debug_object else None
        if wanted and elf.build_id != wanted:
            raise MalformedNativeFileError(
                f"the file of dwz has the build id {elf.build_id}, and {wanted} is wanted"
            )
        return DebugFile(DebugSections.find(elf.debug_section, elf.order))

    @cached_property
    def alternate_is_missing(self) -> bool:
        """Whether the debug file refers to a file of dwz that was not given."""
        found = self.debug_object
        return bool(found and found.alternate_id and self._files.alternate is None)

    @cached_property
    def split_units(self) -> SplitUnits | None:
        """The split units, where they were given."""
        if self._files.split is None or self.debug_file is None:
            return None
        elf = self._elf(self._files.split, "split")
        return SplitUnits(elf.debug_section, self.debug_file.sections)


_MAX_MODULE_BYTES = 1 << 47


def open_object(
    path: Path,
    arch: str | None,
    inflated: Path | None = None,
    free_space: FreeSpace | None = None,
) -> ObjectFile:
    """Open a file of any format that is read. Raises NativeFileError, and OSError."""
    content = Content.of_file(path)
    magic = content.cut(0, min(4, content.size))
    if magic == MAGIC:
        return ElfObject(open_elf(content, inflated, free_space))
    if magic in MAGICS or magic in FAT_MAGICS:
        return open_slice(content, arch)
    raise UnsupportedNativeFileError("it is neither an ELF nor a Mach-O file")
