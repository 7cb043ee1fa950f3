# SPDX-License-Identifier: MPL-2.0

"""The worker processes of a process: started when they are needed, used again, ended when they are idle."""

import threading
import time
from collections.abc import Callable
from typing import TypeVar

from tecken.core.process_pool.errors import TaskStarvedError
from tecken.core.process_pool.worker_process import TaskLimits, WorkerProcess

Result = TypeVar("Result")
_NO_LIMITS = TaskLimits()
_BUSY_SECONDS = 60


class ProcessPool:
    """At most ``max_workers`` processes, each ended when it had nothing to do for ``idle_seconds``.

    They work in spare time. A task that gets hardly any is begun again in a process that has no more than
    its ``niceness``, and so are the next ones for a minute.
    """

    def __init__(self, max_workers: int, niceness: int, idle_seconds: float) -> None:
        self._room = threading.Semaphore(max_workers)
        self._niceness = niceness
        self._idle_seconds = idle_seconds
        self._lock = threading.Lock()
        self._idle: list[tuple[WorkerProcess, threading.Timer]] = []
        self._is_closed = False
        self._busy_until = time.monotonic()

    def run(
        self,
        function: Callable[..., Result],
        *arguments: object,
        limits: TaskLimits = _NO_LIMITS,
    ) -> Result:
        """Run a function in a worker process, as soon as one is free, and return what it returns.

        It must be one that can be imported; large input and output lie in files, whose paths are
        arguments. Its errors of the domain pass through. Raises WorkerError when it has no result; no
        other task is harmed by that.
        """
        with self._room:
            try:
                return self._run(function, arguments, limits)
            except TaskStarvedError:
                self._busy_until = time.monotonic() + _BUSY_SECONDS
                return self._run(function, arguments, limits)

    def close(self) -> None:
        """End those that have nothing to do, and the others after their tasks."""
        with self._lock:
            self._is_closed = True
            idle, self._idle = self._idle, []
        for process, timer in idle:
            timer.cancel()
            process.end()

    def _run(
        self, function: Callable[..., Result], arguments: tuple[object, ...], limits: TaskLimits
    ) -> Result:
        process = self._take()
        try:
            return process.run(function, arguments, limits)
        finally:
            self._put_back(process)

    def _take(self) -> WorkerProcess:
        in_spare_time = time.monotonic() >= self._busy_until
        while process := self._pop_idle():
            if process.is_ready and process.in_spare_time == in_spare_time:
                return process
            process.end()
        return WorkerProcess(self._niceness, in_spare_time=in_spare_time)

    def _pop_idle(self) -> WorkerProcess | None:
        with self._lock:
            if not self._idle:
                return None
            process, timer = self._idle.pop()
        timer.cancel()
        return process

    def _put_back(self, process: WorkerProcess) -> None:
        with self._lock:
            if process.is_ready and not self._is_closed:
                timer = threading.Timer(self._idle_seconds, self._end_idle, [process])
                timer.daemon = True
                self._idle.append((process, timer))
                timer.start()
                return
        process.end()

    def _end_idle(self, process: WorkerProcess) -> None:
        with self._lock:
            found = [entry for entry in self._idle if entry[0] is process]
            self._idle = [entry for entry in self._idle if entry[0] is not process]
        if found:
            process.end()
