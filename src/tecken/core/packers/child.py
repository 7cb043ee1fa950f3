# SPDX-License-Identifier: MPL-2.0

"""The program of a packer: ``python -m tecken.core.packers.child SOCKET NICENESS``.

It takes one job after the other, and ends when the other end of its socket is closed: however the
server ends, that is. Within a job it looks after each piece.
"""

import faulthandler
import os
import signal
import socket
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from functools import partial
from typing import BinaryIO

from tecken.core.archives.archive import Archive
from tecken.core.archives.reading import read_member
from tecken.core.errors import TeckenError
from tecken.core.packers.messages import (
    Answer,
    Done,
    Job,
    receive_files,
    receive_job,
    send_answer,
)
from tecken.core.packers.spare_time import SpareTime
from tecken.core.tempfiles.spooling import Scratch


def main(descriptor: int, niceness: int) -> None:
    """Take jobs until there are no more."""
    faulthandler.enable()  # what a crash of a library was called by is in the log
    # Whoever stops a server may tell all its processes; an upload under way is finished nevertheless.
    for kind in (signal.SIGINT, signal.SIGTERM):
        signal.signal(kind, signal.SIG_IGN)
    os.setpriority(os.PRIO_PROCESS, 0, niceness)
    with socket.socket(fileno=descriptor) as server, suppress(ConnectionError):
        work(server)


def work(server: socket.socket) -> None:
    """Do the jobs of a server. Raises ConnectionError when it has gone in the middle of one."""
    spare_time = SpareTime()
    with server.makefile("rb") as stream:
        while files := receive_files(server):
            archive, scratch = files
            with archive, scratch:
                job = receive_job(stream)
                answer = spare_time.run(partial(answer_to, job, archive, scratch, server))
            send_answer(server, answer)


def answer_to(
    job: Job, archive: BinaryIO, scratch: BinaryIO, server: socket.socket, look: Callable[[], None]
) -> Answer:
    """Do a job. Errors that are not of the domain end the process, and tell of themselves there."""

    def while_wanted(pieces: Iterable[bytes]) -> Iterator[bytes]:
        for piece in pieces:
            if has_gone(server):
                os._exit(1)
            look()
            yield piece

    part = Scratch(scratch, job.scratch_start, job.scratch_size, job.free_space)
    try:
        return Done.of(read_member(Archive(archive, ()), job.reading, part, while_wanted))
    except TeckenError as error:
        return error


def has_gone(server: socket.socket) -> bool:
    """Say whether the other end is closed; who waits for an answer sends nothing."""
    try:
        return not server.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT)
    except BlockingIOError:
        return False
    except ConnectionError:
        return True


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
