# SPDX-License-Identifier: MPL-2.0

"""What a server and its packers say to each other, on a pair of sockets.

The server sends one byte that brings the descriptors of two files, the archive and the scratch file,
and then a Job; the packer answers with a Done, or with an error of the domain. Jobs and answers are
pickled: both ends are of one program, and nobody else has their sockets.
"""

import os
import pickle
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import FileIO
from typing import BinaryIO, TypeAlias, cast

from tecken.core.archives.archive import Archive
from tecken.core.archives.inspection import InspectedMember
from tecken.core.archives.reading import ReadingJob, ReadMember
from tecken.core.errors import TeckenError
from tecken.core.storage.packing import PackedFile
from tecken.core.tempfiles.spooling import Extent, FreeSpace, PutAside, Scratch

_FILES_FOLLOW = b"F"
_MAX_FILES = 2
# The index of a file has 12 bytes for a record that it must know, none of which takes less than 9
# bytes of the text; and what cannot be compressed hardly grows.
_SCRATCH_PER_TEXT = 3
_SCRATCH_AT_LEAST = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Job:
    """What is to be read, and which part of the scratch file is for what it is packed into."""

    reading: ReadingJob
    scratch_start: int
    scratch_size: int
    free_space: FreeSpace

    @classmethod
    def reserve(cls, reading: ReadingJob, scratch: Scratch) -> "Job":
        """Make a job that has a part of the scratch file, larger than it can ever need."""
        size = _SCRATCH_AT_LEAST + _SCRATCH_PER_TEXT * reading.member.size if reading.packs else 0
        return cls(reading, scratch.reserve(size), size, scratch.free_space)


@dataclass(frozen=True, slots=True)
class _Packed:
    object_id: str
    stored: list[Extent]
    index: list[Extent]


@dataclass(frozen=True, slots=True)
class Done:
    """What a packer has read, in words that mean the same to the server."""

    inspected: InspectedMember
    packed: _Packed | None

    @classmethod
    def of(cls, read: ReadMember) -> "Done":
        """Say what was read."""
        if read.packed is None:
            return cls(read.inspected, None)
        object_id, stored, index = read.packed.object_id, read.packed.stored, read.packed.index
        return cls(read.inspected, _Packed(object_id, stored.extents, index.extents))

    def in_scratch(self, scratch: Scratch) -> ReadMember:
        """Return what was read, as one has it who did that himself."""
        if self.packed is None:
            return ReadMember(self.inspected, None)
        stored = PutAside(scratch, self.packed.stored)
        index = PutAside(scratch, self.packed.index)
        return ReadMember(self.inspected, PackedFile(self.packed.object_id, stored, index))


Answer: TypeAlias = Done | TeckenError


def send_job(to: socket.socket, job: Job, archive: Archive, scratch: Scratch) -> None:
    """Send a job and its files. Raises ConnectionError."""
    with _opened_anew(archive.file) as of_archive, _opened_anew(scratch.file) as of_scratch:
        socket.send_fds(to, [_FILES_FOLLOW], [of_archive, of_scratch])
    to.sendall(pickle.dumps(job))


@contextmanager
def _opened_anew(file: BinaryIO) -> Iterator[int]:
    """Give a descriptor of the same file that does not share its lock.

    The lock says that somebody will remove the file (``held_files``), and would be held by a packer
    for a moment after its server was killed: the next one found such files, and left them there.
    """
    descriptor = os.open(f"/dev/fd/{file.fileno()}", os.O_RDWR)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def receive_files(connection: socket.socket) -> list[FileIO]:
    """Wait for a job; return its files, which are the caller's to close. None says there is no job."""
    _, descriptors, _, _ = socket.recv_fds(connection, len(_FILES_FOLLOW), _MAX_FILES)
    return [FileIO(descriptor, "r+b") for descriptor in descriptors]


def receive_job(stream: BinaryIO) -> Job:
    """Read the job whose files were received."""
    return cast("Job", pickle.load(stream))  # noqa: S301 - from the process that started this one


def send_answer(to: socket.socket, answer: Answer) -> None:
    """Answer a job. Raises ConnectionError."""
    to.sendall(pickle.dumps(answer))


def receive_answer(stream: BinaryIO) -> Answer:
    """Wait for an answer. Raises EOFError, UnpicklingError or ConnectionError if there will be none."""
    return cast("Answer", pickle.load(stream))  # noqa: S301 - from a process of our own
