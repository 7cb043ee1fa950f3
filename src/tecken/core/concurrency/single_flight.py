# SPDX-License-Identifier: MPL-2.0

"""Work that several callers want at the same time, and that one of them does for all.

Threads of a process share what came of it, an error, too. Between the processes of a node a lock makes
one wait for the other: the one that comes second looks first whether the work is still to be done.
"""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Generic, TypeVar

from tecken.core.concurrency.file_lock import node_lock

Result = TypeVar("Result")


class SingleFlight(Generic[Result]):
    """Does work by name, of which no two that have the same name run at once in this process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running: dict[str, Future[Result]] = {}

    def do(self, name: str, work: Callable[[], Result]) -> Result:
        """Return what ``work`` returns, or what it returned to a thread that had begun before.

        Raises what it raises.
        """
        while True:
            with self._lock:
                running = self._running.get(name)
                if running is None:
                    mine = self._running[name] = Future()
            if running is None:
                return self._lead(name, work, mine)
            try:
                return running.result()
            except BaseException as error:
                if isinstance(error, Exception) or not _is_of(running, error):
                    raise
                # The leader was interrupted, as a background task is at its time limit: others were not.

    def _lead(self, name: str, work: Callable[[], Result], future: Future[Result]) -> Result:
        try:
            future.set_result(work())
        except BaseException as error:
            future.set_exception(error)
            raise
        finally:
            with self._lock:
                del self._running[name]
        return future.result()


def _is_of(future: Future[Result], error: BaseException) -> bool:
    return future.done() and future.exception() is error


class NodeSingleFlight(SingleFlight[Result]):
    """Does so for all processes of a node."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._folder = folder

    def do(self, name: str, work: Callable[[], Result]) -> Result:
        """Return what ``work`` returns, or what it returned to a thread that had begun before.

        Another process waits for its turn. Raises what ``work`` raises.
        """

        def locked() -> Result:
            with node_lock(self._folder, name):
                return work()

        return super().do(name, locked)
