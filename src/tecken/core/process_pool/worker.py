# SPDX-License-Identifier: MPL-2.0

"""The program of a worker process: ``python -m tecken.core.process_pool.worker DESCRIPTOR NICENESS SPARE``.

It receives a task, runs it and answers, one after the other. It imports what its tasks need, and
nothing else.
"""

import faulthandler
import math
import os
import resource
import select
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection
from typing import Final, TypeAlias

from tecken.core.errors import TeckenError

STARVED_STATUS: Final = 75
_LOOK_SECONDS = 2.0
_LEAST_SHARE = 0.1  # of one processor: what a busy one gives to a thread of niceness 10

# A function that can be imported, its arguments, and how much memory it may have (None: any).
Task: TypeAlias = tuple[Callable[..., object], tuple[object, ...], int | None]


def main(descriptor: int, niceness: int, in_spare_time: int) -> None:
    """Run tasks until there are no more; ``in_spare_time`` is 1 or 0."""
    faulthandler.enable()  # the log then has the stack of a crash in a library
    # Whoever stops a server may tell all its processes; a task under way is finished nevertheless.
    for kind in (signal.SIGINT, signal.SIGTERM):
        signal.signal(kind, signal.SIG_IGN)
    os.setpriority(os.PRIO_PROCESS, 0, niceness)
    watch = Watch(descriptor)
    threading.Thread(target=watch.run, daemon=True).start()
    server = Connection(descriptor)
    with suppress(EOFError, ConnectionError):
        while True:
            task = server.recv()  # what it needs is imported, and only then it has spare time alone
            watch.is_starvable = bool(in_spare_time) and take_spare_time()
            watch.began = time.monotonic()
            answer = outcome(task)
            watch.began = math.inf
            server.send(answer)


class Watch:
    """Ends this process when its server has ended, in whatever way, or when a task hardly gets on."""

    def __init__(self, descriptor: int) -> None:
        self.began = math.inf  # when the task under way did
        self.is_starvable = False
        self._hang_up = select.poll()
        self._hang_up.register(descriptor, 0)

    def run(self) -> None:
        """Look for as long as the process lasts.

        PR_SET_PDEATHSIG means the end of the thread that started the process, which may come too early.
        """
        while True:
            since, had = time.monotonic(), time.process_time()
            if self._hang_up.poll(1000 * _LOOK_SECONDS):
                os._exit(0)
            least = _LEAST_SHARE * (time.monotonic() - since)
            if self.is_starvable and self.began < since and time.process_time() - had < least:
                os._exit(STARVED_STATUS)


def take_spare_time() -> bool:
    """Give this thread, and those that it starts, only processor time that nobody else wants.

    Linux interrupts a thread of SCHED_IDLE as soon as another wakes up; one that merely has a lower
    priority goes on for up to 3 ms (benchmarks/RECORD.md). There is no way back. Say whether that is so.
    """
    with suppress(OSError, AttributeError):  # a sandbox forbids it; other systems do not have it
        os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
        return True
    return False


def outcome(task: Task) -> tuple[object, Exception | None]:
    """Return what a task returns, or its error.

    An error that is neither of the domain nor for want of memory ends the process, with its traceback
    in the log.
    """
    function, arguments, max_memory_bytes = task
    try:
        with limited_memory(max_memory_bytes):
            return function(*arguments), None
    except (TeckenError, MemoryError) as error:
        return None, error


@contextmanager
def limited_memory(max_bytes: int | None) -> Iterator[None]:
    """Let this process have so much private memory: heap and stacks, but no files that it maps to read.

    Beyond it MemoryError is raised; a library may abort the process instead. Only Linux does this.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_DATA)
    if max_bytes is not None:
        most = max_bytes if hard == resource.RLIM_INFINITY else min(max_bytes, hard)
        resource.setrlimit(resource.RLIMIT_DATA, (most, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, (soft, hard))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
