# SPDX-License-Identifier: MPL-2.0

import os
import shutil
import subprocess
import sys
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from itertools import repeat
from pathlib import Path
from typing import BinaryIO, cast

import pytest
from tests.support.files import NamelessFile

from tecken.core.errors import NoRoomError, StorageUnavailableError
from tecken.core.tempfiles.spooling import FreeSpace, PutAside, Scratch

MIB = 1024 * 1024
# What may be written before the promise is broken, and what is tried. They are far apart, as others
# may free some of this disk while a test runs, or fill it.
ALLOWED_BYTES = 96 * MIB
TRIED_BYTES = 1024 * MIB
OTHERS_BYTES = 32 * MIB

WRITER = """
import sys
from pathlib import Path
from tecken.core.errors import NoRoomError
from tecken.core.tempfiles.spooling import FreeSpace, Scratch
folder, min_free, number = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
with (folder / number).open("w+b") as file:
    scratch = Scratch(file, free_space=FreeSpace(folder, min_free))
    sys.stdin.read()
    try:
        for _ in range(128):
            scratch.append(bytes(1024 * 1024))
    except NoRoomError:
        print("refused")
"""


def put(scratch: Scratch, number: int) -> PutAside:
    aside = PutAside(scratch)
    for line in range(5000):
        aside.write(
            b"%d: line %d of a file that is put aside in several extents\n" % (number, line)
        )
        aside.write(b"")
    aside.finish()
    return aside


def test_what_several_threads_put_aside_stays_apart() -> None:
    scratch = Scratch(NamelessFile())
    with ThreadPoolExecutor(4) as threads:
        asides = list(threads.map(lambda number: put(scratch, number), range(8)))
    for number, aside in enumerate(asides):
        lines = b"".join(aside).splitlines()
        assert len(lines) == 5000
        assert all(line.startswith(b"%d: " % number) for line in lines)


def test_it_can_be_read_again_and_nothing_is_nothing() -> None:
    scratch = Scratch(NamelessFile())
    aside = put(scratch, 1)
    assert list(aside) == list(aside)
    assert list(PutAside(scratch)) == []


def test_a_full_disk_is_an_error_of_the_domain(tmp_path: Path) -> None:
    (tmp_path / "full").symlink_to("/dev/full")  # answers a write as a full disk does
    with (tmp_path / "full").open("r+b", buffering=0) as disk:
        aside = PutAside(Scratch(cast("BinaryIO", disk)))
        aside.write(b"more than fits")
        with pytest.raises(NoRoomError, match="uploads"):
            aside.finish()


def test_a_part_that_was_reserved_is_left_alone() -> None:
    file = NamelessFile()
    scratch = Scratch(file)
    before = scratch.append(b"before")
    start = scratch.reserve(10)
    after = scratch.append(b"after")
    part = Scratch(file, start, 10)
    within = [part.append(b"with"), part.append(b"in")]
    assert b"".join(map(scratch.read, [before, *within, after])) == b"beforewithinafter"
    with pytest.raises(ValueError, match="more is put aside than was reserved"):
        part.append(b"hello")


def nearly_full(folder: Path) -> FreeSpace:
    """Promise all that is free now but for what is allowed."""
    return FreeSpace(folder, shutil.disk_usage(folder).free - ALLOWED_BYTES)


def test_so_much_of_the_disk_stays_free_in_the_middle_of_writing(tmp_path: Path) -> None:
    free_space = nearly_full(tmp_path)
    with (tmp_path / "scratch").open("w+b") as file:
        aside = PutAside(Scratch(file, free_space=free_space))
        with pytest.raises(NoRoomError, match="uploads: the disk has no room"):
            deque(map(aside.write, repeat(bytes(MIB), TRIED_BYTES // MIB)), maxlen=0)
        assert shutil.disk_usage(tmp_path).free > free_space.min_free_bytes - OTHERS_BYTES


def test_one_large_chunk_is_refused_in_its_middle(tmp_path: Path) -> None:
    with (tmp_path / "scratch").open("w+b") as file:
        with pytest.raises(NoRoomError):
            Scratch(file, free_space=nearly_full(tmp_path)).append(bytes(TRIED_BYTES))
        assert 0 < os.fstat(file.fileno()).st_size < TRIED_BYTES


def test_several_processes_keep_the_promise_together(tmp_path: Path) -> None:
    promised = nearly_full(tmp_path).min_free_bytes
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, str(tmp_path), str(promised), str(number)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        for number in range(8)
    ]
    for writer in writers:
        assert writer.stdin is not None
        writer.stdin.close()
        writer.stdin = None
    answers = [writer.communicate()[0] for writer in writers]
    free = shutil.disk_usage(tmp_path).free
    for number in range(8):
        (tmp_path / str(number)).unlink()
    assert answers == [b"refused\n"] * 8
    assert free > promised - OTHERS_BYTES


def test_without_a_promise_nobody_looks(tmp_path: Path) -> None:
    FreeSpace(tmp_path / "gone", 0).check(1 << 60)


def test_a_folder_that_has_vanished_is_trouble(tmp_path: Path) -> None:
    with pytest.raises(StorageUnavailableError, match="bucket"):
        FreeSpace(tmp_path / "gone", 1, "bucket").check(0)
