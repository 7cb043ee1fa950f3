# SPDX-License-Identifier: MPL-2.0

"""Turns: what computes for long, or hundreds of times at once, does so on half of a node's processors.

Each thread that computes in a process makes a small request beside it wait for Python's lock, and longer
if that thread is not on a processor just then. So there are turns of the node, not of each process.
"""

import os
from contextlib import AbstractContextManager

from django.conf import settings

from tecken.core.concurrency.file_lock import file_lock

_TURNS = max(1, len(os.sched_getaffinity(0)) // 2)
# Longer than anything computes in one (to read the largest crash text takes 10 seconds): then who has it is stopped, or
# waits for a database that is down.
_MAX_WAIT_SECONDS = 20


def turn_to_compute() -> AbstractContextManager[bool]:
    """Return a turn, for which other threads of this process wait, and some of the node's others, but not for ever.

    Who has one must not wait for a client or for remote storage.
    """
    path = settings.DATA_DIR / "turns" / f"{os.getpid() % _TURNS}.lock"
    return file_lock(path, _MAX_WAIT_SECONDS)
