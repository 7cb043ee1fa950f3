# SPDX-License-Identifier: MPL-2.0

"""Archives of one large member, and jobs to read it."""

import zipfile
from collections.abc import Callable
from io import BytesIO

import pytest
from tests.support.files import NamelessFile

from tecken.core.archives.archive import Archive, open_archive
from tecken.core.archives.directory import ArchiveLimits
from tecken.core.archives.inspection import InspectionRules
from tecken.core.archives.layout import symbol_key_of
from tecken.core.archives.reading import ReadingJob

DEBUG_ID = "44E4EC8C2F41492B9369D6B9A059577C2"
NAME = f"xul.pdb/{DEBUG_ID}/xul.sym"
TEXT = f"MODULE windows x86_64 {DEBUG_ID} xul.pdb\nFILE 0 main.cc\n".encode() + b"".join(
    b"FUNC %x0 10 0 function_%d(int)\n%x0 10 %d 0\n" % (n, n * 7919 % 10_007, n, n)
    for n in range(1, 100_000)
)

Job = tuple[Archive, ReadingJob]
MakeJob = Callable[..., Job]


@pytest.fixture
def make_job() -> MakeJob:
    def make_job(text: bytes = TEXT, *, packs: bool = True, damaged: bool = False) -> Job:
        buffer = BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as writer:
            writer.writestr(NAME, text)
        data = bytearray(buffer.getvalue())
        if damaged:
            data[len(data) // 2] ^= 0xFF
        archive = open_archive(
            NamelessFile(bytes(data)), ArchiveLimits(10, 1 << 30, 1 << 30, 2_000)
        )
        [member] = archive.members
        rules = InspectionRules(("forbidden/path",), verify_module=True)
        return archive, ReadingJob(member, symbol_key_of(member.name), rules, packs)

    return make_job
