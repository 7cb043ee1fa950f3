# SPDX-License-Identifier: MPL-2.0

"""A member of an archive is read by another process: paths and plain values cross, no open files."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tecken.core.archives.archive import Archive
from tecken.core.archives.inspection import InspectedMember
from tecken.core.archives.reading import ReadingJob, ReadMember, read_member
from tecken.core.storage.packing import PackedFile
from tecken.core.tempfiles.spooling import Extent, FreeSpace, PutAside, Scratch

# The index of a file has 12 bytes for a record that it must know, none of which takes less than 9
# bytes of the text; and what cannot be compressed hardly grows.
_PACKED_PER_TEXT = 3
_PACKED_AT_LEAST = 1024 * 1024


@dataclass(frozen=True, slots=True)
class ScratchPart:
    """A part of a scratch file, for what one member is packed into: larger than that can become."""

    path: Path
    start: int
    size: int
    free_space: FreeSpace

    @classmethod
    def reserve(cls, scratch: Scratch, job: ReadingJob) -> "ScratchPart":
        """Reserve a part, which takes no room by itself."""
        size = _PACKED_AT_LEAST + _PACKED_PER_TEXT * job.member.size if job.packs else 0
        path = Path(scratch.file.name)
        return cls(path, scratch.reserve(size), size, scratch.free_space)


@dataclass(frozen=True, slots=True)
class MemberRead:
    """What was read, and where what it was packed into lies; ``object_id`` is "" unless it was."""

    inspected: InspectedMember
    object_id: str = ""
    stored: Sequence[Extent] = ()
    index: Sequence[Extent] = ()

    def in_scratch(self, scratch: Scratch) -> ReadMember:
        """Return what ``read_member`` would have returned."""
        if not self.object_id:
            return ReadMember(self.inspected, None)
        stored, index = PutAside(scratch, self.stored), PutAside(scratch, self.index)
        return ReadMember(self.inspected, PackedFile(self.object_id, stored, index))


def read_member_by_path(archive: Path, job: ReadingJob, part: ScratchPart) -> MemberRead:
    """Read a member of the archive at this path. Raises as ``read_member``."""
    with archive.open("rb") as file, part.path.open("r+b") as packed:
        scratch = Scratch(packed, part.start, part.size, part.free_space)
        read = read_member(Archive(file, ()), job, scratch, iter)
    if read.packed is None:
        return MemberRead(read.inspected)
    object_id, stored, index = read.packed.object_id, read.packed.stored, read.packed.index
    return MemberRead(read.inspected, object_id, stored.extents, index.extents)
