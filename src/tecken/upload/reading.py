# SPDX-License-Identifier: MPL-2.0

"""Members of archives are read by packers, or in the caller's thread."""

import atexit
import logging
import os
from functools import lru_cache

from django.conf import settings

from tecken.core.archives.archive import Archive
from tecken.core.archives.reading import ReadingJob, ReadMember, read_member
from tecken.core.packers.packer import PackerLostError
from tecken.core.packers.pool import PackerPool
from tecken.core.tempfiles.spooling import Scratch
from tecken.upload.pool import NICENESS, giving_way

_MAX_PACKERS = 4  # of one process, of which a node has several
_IDLE_SECONDS = 60

logger = logging.getLogger(__name__)


def read_wherever(archive: Archive, job: ReadingJob, scratch: Scratch) -> ReadMember:
    """Read a member: a large one in a process of its own, and here if that is lost.

    A thread that inflates and packs holds the interpreter a part of the time, for which requests of
    this process would wait. Raises as ``read_member``.
    """
    if job.is_large:
        try:
            return packers().read(job, archive, scratch)
        except PackerLostError as error:
            logger.warning("%s; %s is read by the server itself", error, job.member.name)
    return read_member(archive, job, scratch, giving_way)


@lru_cache(maxsize=1)
def packers() -> PackerPool:
    """Return those of this process."""
    at_most = min(settings.UPLOAD_FILE_UPLOAD_MAX_WORKERS, _MAX_PACKERS)
    niceness = os.getpriority(os.PRIO_PROCESS, os.getpid()) + NICENESS
    pool = PackerPool(at_most, niceness, _IDLE_SECONDS)
    atexit.register(pool.end)
    return pool
