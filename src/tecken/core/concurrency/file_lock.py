# SPDX-License-Identifier: MPL-2.0

"""Locks that all threads of a node know by a file. They are free again when their process dies."""

import fcntl
import time
import zlib
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from pathlib import Path

# Many more than the threads of a node: different names seldom share one.
_LOCKS = 1024
_LONGEST_PAUSE_SECONDS = 0.02


@contextmanager
def file_lock(path: Path, max_wait_seconds: float | None = None) -> Iterator[bool]:
    """Hold the lock of a file while the block runs, and say whether it is held.

    The block runs without it where the folder cannot be used, and after ``max_wait_seconds`` (0: it is tried once): who
    has the lock may be stopped.
    """
    is_held = False
    with ExitStack() as stack:
        with suppress(OSError):
            path.parent.mkdir(parents=True, exist_ok=True)
            lock = stack.enter_context(path.open("wb"))
            if max_wait_seconds is None:
                fcntl.flock(lock, fcntl.LOCK_EX)
                is_held = True
            else:
                is_held = _try_to_lock(lock.fileno(), max_wait_seconds)
        yield is_held


def node_lock(folder: Path, name: str) -> AbstractContextManager[bool]:
    """Return a lock that all threads of this node know by its name.

    There are 1,024 of them; names that share one wait for each other. Where the folder cannot be
    used work may be done more than once.
    """
    return file_lock(folder / f"{zlib.crc32(name.encode()) % _LOCKS}.lock")


def _try_to_lock(descriptor: int, max_wait_seconds: float) -> bool:
    until = time.monotonic() + max_wait_seconds
    pause = 0.001
    while True:
        with suppress(BlockingIOError):
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        if time.monotonic() >= until:
            return False
        time.sleep(pause)
        pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)
