# SPDX-License-Identifier: MPL-2.0

"""Archives of one large member in a folder, and jobs to read it."""

import zipfile
from dataclasses import dataclass
from io import FileIO
from pathlib import Path

from tecken.core.archives.archive import Archive, open_archive
from tecken.core.archives.directory import ArchiveLimits
from tecken.core.archives.inspection import InspectionRules
from tecken.core.archives.layout import symbol_key_of
from tecken.core.archives.reading import ReadingJob, ReadMember, read_member
from tecken.core.archives.reading_by_path import ScratchPart, read_member_by_path
from tecken.core.process_pool.pool import ProcessPool
from tecken.core.tempfiles.spooling import Scratch

DEBUG_ID = "44E4EC8C2F41492B9369D6B9A059577C2"
NAME = f"xul.pdb/{DEBUG_ID}/xul.sym"
TEXT = f"MODULE windows x86_64 {DEBUG_ID} xul.pdb\nFILE 0 main.cc\n".encode() + b"".join(
    b"FUNC %x0 10 0 function_%d(int)\n%x0 10 %d 0\n" % (n, n * 7919 % 10_007, n, n)
    for n in range(1, 100_000)
)


class ClosedAtLast(FileIO):
    """A file that is closed when nobody knows of it any more."""

    def __del__(self) -> None:
        self.close()


@dataclass(frozen=True)
class LargeMember:
    """An archive, and the job to read its only member."""

    archive: Archive
    job: ReadingJob

    @property
    def path(self) -> Path:
        return Path(self.archive.file.name)

    def read_here(self, scratch: Scratch) -> ReadMember:
        return read_member(self.archive, self.job, scratch, iter)

    def read_by(self, pool: ProcessPool, scratch: Scratch) -> ReadMember:
        """Read it in a worker process."""
        part = ScratchPart.reserve(scratch, self.job)
        return pool.run(read_member_by_path, self.path, self.job, part).in_scratch(scratch)


def large_member(
    path: Path, text: bytes = TEXT, *, packs: bool = True, damaged: bool = False
) -> LargeMember:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as writer:
        writer.writestr(NAME, text)
    if damaged:
        data = bytearray(path.read_bytes())
        data[len(data) // 2] ^= 0xFF
        path.write_bytes(data)
    archive = open_archive(ClosedAtLast(path), ArchiveLimits(10, 1 << 30, 1 << 30, 2_000))
    [member] = archive.members
    rules = InspectionRules(("forbidden/path",), verify_module=True)
    return LargeMember(archive, ReadingJob(member, symbol_key_of(member.name), rules, packs))
