# SPDX-License-Identifier: MPL-2.0

import gzip
import os
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO, cast

import pytest
from tests.core.packers.conftest import DEBUG_ID, TEXT, MakeJob
from tests.support.files import NamelessFile

from tecken.core.archives.reading import ReadMember, read_member
from tecken.core.errors import ArchiveRefusedError, NoRoomError
from tecken.core.packers.packer import Packer, PackerLostError
from tecken.core.storage.packing import PackedFile
from tecken.core.symbols.index import SymbolIndex
from tecken.core.symbols.index_file import open_index
from tecken.core.tempfiles.spooling import FreeSpace, Scratch

NICENESS = os.getpriority(os.PRIO_PROCESS, 0) + 1


@pytest.fixture
def packer() -> Iterator[Packer]:
    packer = Packer(NICENESS)
    yield packer
    packer.end()


def packed_by(read: ReadMember) -> PackedFile:
    assert read.packed is not None
    return read.packed


def index_of(packed: PackedFile) -> SymbolIndex:
    return open_index(b"".join(packed.index))


def test_it_packs_what_a_thread_packs(packer: Packer, make_job: MakeJob) -> None:
    archive, job = make_job()
    assert job.is_large
    theirs = packer.read(job, archive, Scratch(NamelessFile()))
    ours = read_member(archive, job, Scratch(NamelessFile()), iter)
    assert theirs.inspected == ours.inspected
    packed, expected = packed_by(theirs), packed_by(ours)
    assert b"".join(packed.stored) == b"".join(expected.stored)
    assert index_of(packed).object_id == packed.object_id
    assert (
        b"".join(packed.index).replace(packed.object_id.encode(), expected.object_id.encode())[:-4]
        == b"".join(expected.index)[:-4]
    )  # without the checksum


def test_several_files_of_a_scratch_stay_apart(packer: Packer, make_job: MakeJob) -> None:
    other_text = TEXT.replace(b"function_", b"method_")
    scratch = Scratch(NamelessFile())
    before = scratch.append(b"what was there")
    packed = []
    for text in (TEXT, other_text):
        archive, job = make_job(text)
        packed.append(packed_by(packer.read(job, archive, scratch)))
    after = scratch.append(b"what came after")
    assert [gzip.decompress(b"".join(one.stored)) for one in packed] == [TEXT, other_text]
    assert scratch.read(before) + scratch.read(after) == b"what was therewhat came after"


def test_a_file_is_read_without_being_packed(packer: Packer, make_job: MakeJob) -> None:
    archive, job = make_job(packs=False)
    scratch = NamelessFile()
    read = packer.read(job, archive, Scratch(scratch))
    assert read.inspected.digest.size == len(TEXT)
    assert read.packed is None
    assert os.fstat(scratch.fileno()).st_size == 0


@pytest.mark.parametrize("packs", [True, False])
@pytest.mark.parametrize(
    ("text", "damaged"),
    [
        (TEXT, True),
        (TEXT + b"FILE 1 forbidden/path/main.cc\n", False),
        (TEXT.replace(DEBUG_ID.encode(), DEBUG_ID[::-1].encode(), 1), False),
    ],
    ids=["damaged", "forbidden snippet", "MODULE of another file"],
)
def test_what_is_refused_is_refused_in_the_same_words(
    packer: Packer, make_job: MakeJob, text: bytes, *, damaged: bool, packs: bool
) -> None:
    archive, job = make_job(text, damaged=damaged, packs=packs)
    with pytest.raises(ArchiveRefusedError) as theirs:
        packer.read(job, archive, Scratch(NamelessFile()))
    with pytest.raises(ArchiveRefusedError) as ours:
        read_member(archive, job, Scratch(NamelessFile()), iter)
    assert str(theirs.value) == str(ours.value)
    archive, job = make_job()
    assert packer.read(job, archive, Scratch(NamelessFile())).inspected.digest.size == len(TEXT)


def test_a_full_disk_is_the_same_error(packer: Packer, make_job: MakeJob, tmp_path: Path) -> None:
    (tmp_path / "full").symlink_to("/dev/full")  # answers a write as a full disk does
    archive, job = make_job()
    with (tmp_path / "full").open("r+b", buffering=0) as disk, pytest.raises(NoRoomError) as full:
        packer.read(job, archive, Scratch(cast("BinaryIO", disk)))
    assert (full.value.source, full.value.reason) == ("uploads", "No space left on device")
    assert packer.is_ready


def test_it_leaves_room_on_the_disk(packer: Packer, make_job: MakeJob, tmp_path: Path) -> None:
    archive, job = make_job()
    scratch = NamelessFile()
    full = Scratch(scratch, free_space=FreeSpace(tmp_path, 1 << 60))
    with pytest.raises(NoRoomError, match="the disk has no room"):
        packer.read(job, archive, full)
    assert os.fstat(scratch.fileno()).st_size == 0
    assert packer.is_ready


def test_one_that_is_killed_is_lost(packer: Packer, make_job: MakeJob) -> None:
    archive, job = make_job()
    os.kill(packer.pid, signal.SIGSTOP)  # it does not come to its end before it is killed
    with ThreadPoolExecutor(1) as thread:
        reading = thread.submit(packer.read, job, archive, Scratch(NamelessFile()))
        os.kill(packer.pid, signal.SIGKILL)
        with pytest.raises(PackerLostError, match="ended with status -9"):
            reading.result()
    assert not packer.is_ready


def test_one_that_fails_is_lost_and_tells_why(
    capfd: pytest.CaptureFixture[str], make_job: MakeJob
) -> None:
    packer = Packer(NICENESS)
    archive, job = make_job()
    impossible = replace(job, member=replace(job.member, data_offset=-1))
    with pytest.raises(PackerLostError, match="ended with status 1"):
        packer.read(impossible, archive, Scratch(NamelessFile()))
    assert "OSError" in capfd.readouterr().err


def test_a_program_that_cannot_be_started_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.executable", "/nonexistent/python")
    with pytest.raises(PackerLostError, match="cannot be started"):
        Packer(NICENESS)


def test_it_has_no_files_of_its_server(packer: Packer, make_job: MakeJob) -> None:
    archive, job = make_job()
    packer.read(job, archive, Scratch(NamelessFile()))
    folder = Path(f"/proc/{packer.pid}/fd")
    files = {entry.name: os.readlink(entry) for entry in folder.iterdir()}
    assert files.pop("0") == files.pop("1") == "/dev/null"
    assert files.pop("2") == os.readlink("/proc/self/fd/2")
    assert [kind.partition(":")[0] for kind in files.values()] == ["socket"]


def test_it_goes_after_those_who_answer_requests(packer: Packer, make_job: MakeJob) -> None:
    archive, job = make_job()
    packer.read(job, archive, Scratch(NamelessFile()))
    assert os.getpriority(os.PRIO_PROCESS, packer.pid) == min(NICENESS, 19)
    policies = [os.sched_getscheduler(int(task.name)) for task in tasks(packer.pid)]
    assert policies[0] == os.SCHED_OTHER
    assert set(policies[1:]) == {os.SCHED_IDLE}


def tasks(process: int) -> list[Path]:
    return sorted(Path(f"/proc/{process}/task").iterdir(), key=lambda task: int(task.name))


def test_it_loads_nothing_that_requests_need(packer: Packer, make_job: MakeJob) -> None:
    archive, job = make_job()
    packer.read(job, archive, Scratch(NamelessFile()))
    mapped = Path(f"/proc/{packer.pid}/maps").read_text()
    assert "isal" in mapped
    assert "_ssl." not in mapped
    assert "sqlite3" not in mapped
