# SPDX-License-Identifier: MPL-2.0

"""A worker process, as the process sees it that started it."""

import math
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import Pipe
from typing import TypeVar, cast

from tecken.core.process_pool import worker
from tecken.core.process_pool.errors import (
    TaskCancelledError,
    TaskMemoryError,
    TaskStarvedError,
    TaskTimeoutError,
    WorkerDiedError,
)

_LOOK_SECONDS = 1.0
_END_SECONDS = 1.0
_DYING_SECONDS = 10.0  # of a process that ends by itself, on a machine that does much else

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class TaskLimits:
    """What ends a task before its end.

    ``max_memory_bytes`` are of private memory (see ``worker.limited_memory``), with the 10 MB or so
    that a worker process has by itself. ``is_wanted`` is asked every second.
    """

    timeout_seconds: float = math.inf
    max_memory_bytes: int | None = None
    is_wanted: Callable[[], bool] = lambda: True


class WorkerProcess:
    """A process that runs one task at a time, ``in_spare_time`` only when nobody else wants a processor.

    Whoever makes one ends it. Raises WorkerDiedError.
    """

    def __init__(self, niceness: int, *, in_spare_time: bool) -> None:
        self.in_spare_time = in_spare_time
        self._connection, theirs = Pipe()
        with theirs:
            arguments = map(str, [theirs.fileno(), niceness, int(in_spare_time)])
            try:
                # It inherits one end of a connection and the log: the server's port and files
                # would stay open with it.
                self._process = subprocess.Popen(  # noqa: S603 - the program is our own
                    [sys.executable, "-P", "-m", worker.__name__, *arguments],
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    pass_fds=[theirs.fileno()],
                )
            except OSError as error:
                self._connection.close()
                raise WorkerDiedError(f"a worker process cannot be started: {error}") from error
        self._is_waiting = True

    @property
    def is_ready(self) -> bool:
        """Whether it waits for a task, and has not been killed meanwhile."""
        return self._is_waiting and self._process.poll() is None

    def run(
        self, function: Callable[..., Result], arguments: tuple[object, ...], limits: TaskLimits
    ) -> Result:
        """Return what the function returns. Raises its errors of the domain, and WorkerError."""
        self._is_waiting = False
        try:
            self._connection.send((function, arguments, limits.max_memory_bytes))
            self._wait_for_answer(limits)
            result, error = self._connection.recv()
        except (OSError, EOFError) as lost:
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(_DYING_SECONDS)  # its status says why
            self.end()
            status, pid = self._process.returncode, self._process.pid
            kind = TaskStarvedError if status == worker.STARVED_STATUS else WorkerDiedError
            raise kind(f"worker process {pid} ended with status {status}") from lost
        if isinstance(error, MemoryError):
            raise TaskMemoryError("it needs more memory than it may have")
        self._is_waiting = True
        if error is not None:
            raise error
        return cast("Result", result)

    def _wait_for_answer(self, limits: TaskLimits) -> None:
        end = time.monotonic() + limits.timeout_seconds
        while not self._connection.poll(min(_LOOK_SECONDS, max(0, end - time.monotonic()))):
            if time.monotonic() >= end:
                raise TaskTimeoutError(f"it took longer than {limits.timeout_seconds} s")
            if not limits.is_wanted():
                raise TaskCancelledError("it is not wanted any more")

    def end(self) -> None:
        """End the process, whatever it does: it does so itself when its connection is closed."""
        self._connection.close()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(_END_SECONDS)
            return
        self._process.kill()
        self._process.wait()
