# SPDX-License-Identifier: MPL-2.0

"""What is done with one member of an archive before it is known whether the archive is accepted."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final, TypeAlias

from tecken.core.archives.archive import Archive
from tecken.core.archives.directory import ArchiveMember
from tecken.core.archives.inspection import InspectedMember, Inspection, InspectionRules
from tecken.core.concurrency.read_ahead import read_ahead
from tecken.core.identifiers import SymbolKey
from tecken.core.storage.packing import PackedFile, pack
from tecken.core.tempfiles.spooling import Scratch

LARGE_BYTES: Final = 4 * 1024 * 1024  # from here on a second thread is worth its start

Through: TypeAlias = Callable[[Iterable[bytes]], Iterator[bytes]]


@dataclass(frozen=True, slots=True)
class ReadingJob:
    """A member that is to be read. ``key`` is None for one that is not stored; ``packs`` says more."""

    member: ArchiveMember
    key: SymbolKey | None
    rules: InspectionRules
    packs: bool

    @property
    def is_large(self) -> bool:
        """Say whether much more is to be done than beginning it costs."""
        return self.member.size >= LARGE_BYTES


@dataclass(frozen=True, slots=True)
class ReadMember:
    """A member that is acceptable; ``packed`` is None unless that was asked for."""

    inspected: InspectedMember
    packed: PackedFile | None


def read_member(
    archive: Archive, job: ReadingJob, scratch: Scratch, through: Through
) -> ReadMember:
    """Read a member once: check it and, if the job says so, pack it into ``scratch``.

    The chunks go ``through`` something on their way, in each thread that has to do with them. Raises
    ArchiveRefusedError, NoRoomError, StorageUnavailableError.
    """
    chunks = through(archive.stream(job.member))
    inspection = Inspection(chunks, job.member.size, job.key, job.rules)
    packed = None
    if job.packs:
        ahead = through(read_ahead(inspection)) if job.is_large else inspection
        packed = pack(ahead, scratch)
    return ReadMember(inspection.finish(), packed)
