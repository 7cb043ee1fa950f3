# SPDX-License-Identifier: MPL-2.0

"""Members of archives are read by worker processes, or in the caller's thread."""

import atexit
import logging
import os
from functools import lru_cache
from pathlib import Path

from django.conf import settings

from tecken.core.archives.archive import Archive
from tecken.core.archives.directory import ArchiveMember
from tecken.core.archives.native_members import NativeMember, read_native, read_native_by_path
from tecken.core.archives.reading import LARGE_BYTES, ReadingJob, ReadMember, read_member
from tecken.core.archives.reading_by_path import ScratchPart, read_member_by_path
from tecken.core.process_pool.errors import WorkerError
from tecken.core.process_pool.pool import ProcessPool
from tecken.core.tempfiles.spooling import FreeSpace, Scratch
from tecken.upload.pool import NICENESS, giving_way
from tecken.upload.rules import inspection_rules

_MAX_PROCESSES = 4  # of one process, of which a node has several
_MAX_DERIVING = 16
_IDLE_SECONDS = 60

logger = logging.getLogger(__name__)


def read_wherever(archive: Archive, job: ReadingJob, scratch: Scratch) -> ReadMember:
    """Read a member: a large one in a worker process, and here if that dies.

    A thread that inflates and packs holds the interpreter a part of the time, for which requests of
    this process would wait. Raises as ``read_member``.
    """
    if job.is_large:
        part = ScratchPart.reserve(scratch, job)
        try:
            read = process_pool().run(read_member_by_path, Path(archive.file.name), job, part)
        except WorkerError as error:
            logger.warning("%s; %s is read by the server itself", error, job.member.name)
        else:
            return read.in_scratch(scratch)
    return read_member(archive, job, scratch, giving_way)


def read_native_wherever(
    archive: Archive, member: ArchiveMember, target: Path, free_space: FreeSpace
) -> NativeMember:
    """Write a native file to ``target`` and say what it is, as above. Raises as ``read_native``."""
    rules = inspection_rules()
    if member.size >= LARGE_BYTES:
        try:
            return process_pool().run(
                read_native_by_path, Path(archive.file.name), member, rules, target, free_space
            )
        except WorkerError as error:
            logger.warning("%s; %s is read by the server itself", error, member.name)
    return read_native(archive, member, rules, target, free_space, giving_way)


@lru_cache(maxsize=1)
def process_pool() -> ProcessPool:
    """Return the one of this process that reads members of archives."""
    return _new_pool(min(settings.UPLOAD_FILE_UPLOAD_MAX_WORKERS, _MAX_PROCESSES))


@lru_cache(maxsize=1)
def deriving_pool() -> ProcessPool:
    """Return the one that derives symbols: for minutes, in which no upload shall wait for a process.

    How many are at work is bounded by who has the turn on the node (``deriving.turns``).
    """
    return _new_pool(_MAX_DERIVING)


def _new_pool(max_workers: int) -> ProcessPool:
    niceness = os.getpriority(os.PRIO_PROCESS, os.getpid()) + NICENESS
    pool = ProcessPool(max_workers, niceness, _IDLE_SECONDS)
    atexit.register(pool.close)
    return pool
