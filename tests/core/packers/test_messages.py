# SPDX-License-Identifier: MPL-2.0

import fcntl
import socket
from pathlib import Path

from tests.core.packers.conftest import MakeJob

from tecken.core.packers.messages import Job, receive_files, receive_job, send_job
from tecken.core.tempfiles.held_files import leftover_files
from tecken.core.tempfiles.spooling import Scratch


def test_a_file_that_a_packer_still_has_is_held_by_nobody(
    make_job: MakeJob, tmp_path: Path
) -> None:
    archive, reading = make_job()
    path = tmp_path / "packed.part"
    server, packer = socket.socketpair()
    with server, packer:
        with path.open("w+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            job = Job.reserve(reading, Scratch(file))
            send_job(server, job, archive, Scratch(file))
            assert list(leftover_files(tmp_path)) == []
        of_archive, of_scratch = receive_files(packer)
        with of_archive, of_scratch, packer.makefile("rb") as stream:
            assert list(leftover_files(tmp_path)) == [path]
            assert receive_job(stream) == job


def test_parts_of_a_scratch_are_apart_and_large_enough(make_job: MakeJob) -> None:
    archive, reading = make_job()
    scratch = Scratch(archive.file)
    first, second = Job.reserve(reading, scratch), Job.reserve(reading, scratch)
    assert first.scratch_start + first.scratch_size == second.scratch_start
    assert first.scratch_size > 3 * reading.member.size
