# SPDX-License-Identifier: MPL-2.0

"""Native files in archives: told by their first bytes, and inflated into files, as their headers lie anywhere."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from tecken.core.archives.archive import Archive
from tecken.core.archives.directory import ArchiveMember
from tecken.core.archives.inspection import InspectedMember, Inspection, InspectionRules
from tecken.core.errors import NativeFileError
from tecken.core.native.identify import identify_file
from tecken.core.native.kinds import HEAD_BYTES, Identified, Kind, kind_of
from tecken.core.tempfiles.spooling import FreeSpace, spooling

Through: TypeAlias = Callable[[Iterable[bytes]], Iterator[bytes]]


@dataclass(frozen=True, slots=True)
class NativeMember:
    """A member that is a native file. ``problem`` says why it is of no module that can be told."""

    inspected: InspectedMember
    kind: Kind
    modules: tuple[Identified, ...]
    problem: str


def kind_of_member(archive: Archive, member: ArchiveMember) -> Kind:
    """Return the kind of a member, by its first bytes; what is called ``.sym`` is a symbol file."""
    if member.name.lower().endswith(".sym"):
        return Kind.BREAKPAD
    return kind_of(archive.beginning(member, HEAD_BYTES))


def read_native(
    archive: Archive,
    member: ArchiveMember,
    rules: InspectionRules,
    target: Path,
    free_space: FreeSpace,
    through: Through = iter,
) -> NativeMember:
    """Write a member to a file, check it on the way, and say what it is.

    Raises ArchiveRefusedError, NoRoomError, StorageUnavailableError.
    """
    inspection = Inspection(through(archive.stream(member)), member.size, None, rules)
    with spooling(), target.open("wb") as file:
        for chunk in inspection:
            for portion in free_space.portions(chunk):
                file.write(portion)
    inspected = inspection.finish()
    modules: tuple[Identified, ...] = ()
    problem = ""
    with target.open("rb") as file:
        kind = kind_of(file.read(HEAD_BYTES))
    try:
        modules = identify_file(target, member.name.rpartition("/")[2])
    except NativeFileError as error:
        problem = error.reason
    return NativeMember(inspected, kind, modules, problem)


def read_native_by_path(
    archive: Path,
    member: ArchiveMember,
    rules: InspectionRules,
    target: Path,
    free_space: FreeSpace,
) -> NativeMember:
    """Do so in another process, with the archive at this path. Raises as ``read_native``."""
    with archive.open("rb") as file:
        return read_native(Archive(file, ()), member, rules, target, free_space)
