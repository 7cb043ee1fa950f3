# This Source Code Form is subject to the terms of the Mozilla Public
# License, v. 2.0. If a copy of the MPL was not distributed with this
# file, You can obtain one at https://mozilla.org/MPL/2.0/.

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import BinaryIO, cast

import pytest
from tests.support.files import NamelessFile

from tecken.core.errors import NoRoomError
from tecken.core.spooling import PutAside, Scratch


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
