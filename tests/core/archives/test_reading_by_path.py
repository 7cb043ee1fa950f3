# SPDX-License-Identifier: MPL-2.0

import gzip
import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, cast

import pytest
from tests.core.archives.large_members import DEBUG_ID, TEXT, large_member

from tecken.core.archives.reading import ReadMember
from tecken.core.archives.reading_by_path import ScratchPart
from tecken.core.errors import ArchiveRefusedError, NoRoomError
from tecken.core.process_pool.pool import ProcessPool
from tecken.core.storage.packing import PackedFile
from tecken.core.symbols.index_file import open_index
from tecken.core.tempfiles.spooling import FreeSpace, Scratch


@pytest.fixture(scope="module")
def pool() -> Iterator[ProcessPool]:
    pool = ProcessPool(1, niceness=0, idle_seconds=600)
    yield pool
    pool.close()


@pytest.fixture
def scratch(tmp_path: Path) -> Iterator[Scratch]:
    with (tmp_path / "scratch").open("w+b") as file:
        yield Scratch(file)


def size_of(scratch: Scratch) -> int:
    return os.fstat(scratch.file.fileno()).st_size


def packed_by(read: ReadMember) -> PackedFile:
    assert read.packed is not None
    return read.packed


def test_it_packs_what_a_thread_packs(pool: ProcessPool, scratch: Scratch, tmp_path: Path) -> None:
    member = large_member(tmp_path / "a.zip")
    assert member.job.is_large
    theirs, ours = member.read_by(pool, scratch), member.read_here(scratch)
    assert theirs.inspected == ours.inspected
    packed, expected = packed_by(theirs), packed_by(ours)
    assert b"".join(packed.stored) == b"".join(expected.stored)
    assert open_index(b"".join(packed.index)).object_id == packed.object_id
    assert (
        b"".join(packed.index).replace(packed.object_id.encode(), expected.object_id.encode())[:-4]
        == b"".join(expected.index)[:-4]
    )  # without the checksum


def test_several_files_of_a_scratch_stay_apart(
    pool: ProcessPool, scratch: Scratch, tmp_path: Path
) -> None:
    texts = [TEXT, TEXT.replace(b"function_", b"method_")]
    before = scratch.append(b"what was there")
    packed = [
        packed_by(large_member(tmp_path / f"{number}.zip", text).read_by(pool, scratch))
        for number, text in enumerate(texts)
    ]
    after = scratch.append(b"what came after")
    assert [gzip.decompress(b"".join(one.stored)) for one in packed] == texts
    assert scratch.read(before) + scratch.read(after) == b"what was therewhat came after"


def test_parts_of_a_scratch_are_apart_and_large_enough(scratch: Scratch, tmp_path: Path) -> None:
    job = large_member(tmp_path / "a.zip").job
    first, second = ScratchPart.reserve(scratch, job), ScratchPart.reserve(scratch, job)
    assert first.start + first.size == second.start
    assert first.size > 3 * job.member.size
    assert size_of(scratch) == 0


def test_a_file_is_read_without_being_packed(
    pool: ProcessPool, scratch: Scratch, tmp_path: Path
) -> None:
    read = large_member(tmp_path / "a.zip", packs=False).read_by(pool, scratch)
    assert read.inspected.digest.size == len(TEXT)
    assert read.packed is None
    assert size_of(scratch) == 0


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
    pool: ProcessPool,
    scratch: Scratch,
    tmp_path: Path,
    text: bytes,
    *,
    damaged: bool,
    packs: bool,
) -> None:
    member = large_member(tmp_path / "a.zip", text, damaged=damaged, packs=packs)
    with pytest.raises(ArchiveRefusedError) as theirs:
        member.read_by(pool, scratch)
    with pytest.raises(ArchiveRefusedError) as ours:
        member.read_here(scratch)
    assert str(theirs.value) == str(ours.value)


def test_a_full_disk_is_the_same_error(pool: ProcessPool, tmp_path: Path) -> None:
    (tmp_path / "full").symlink_to("/dev/full")  # answers a write as a full disk does
    with (tmp_path / "full").open("r+b", buffering=0) as disk, pytest.raises(NoRoomError) as full:
        large_member(tmp_path / "a.zip").read_by(pool, Scratch(cast("BinaryIO", disk)))
    assert (full.value.source, full.value.reason) == ("uploads", "No space left on device")


def test_it_leaves_room_on_the_disk(pool: ProcessPool, scratch: Scratch, tmp_path: Path) -> None:
    scratch.free_space = FreeSpace(tmp_path, 1 << 60)
    with pytest.raises(NoRoomError, match="the disk has no room"):
        large_member(tmp_path / "a.zip").read_by(pool, scratch)
    assert size_of(scratch) == 0
