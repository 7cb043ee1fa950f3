# SPDX-License-Identifier: MPL-2.0

"""Work that several callers want at the same time, and that one of them does for all.

Threads of a process share what came of it, trouble too. Between the processes of a node a lock makes
one wait for the other: the one that comes second looks first whether the work is still to be done.
"""

import fcntl
import threading
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Generic, TypeVar

# Many more than the threads of a node: different names seldom share one.
_LOCKS = 1024

Result = TypeVar("Result")


@contextmanager
def file_lock(path: Path) -> Iterator[None]:
    """Hold a lock that all threads of this node know by its file while the block runs.

    It is free again when its process dies. Where the folder cannot be used nobody waits.
    """
    with ExitStack() as stack:
        with suppress(OSError):
            path.parent.mkdir(parents=True, exist_ok=True)
            lock = stack.enter_context(path.open("wb"))
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def node_lock(folder: Path, name: str) -> AbstractContextManager[None]:
    """Return a lock that all threads of this node know by its name.

    There are 1,024 of them; names that share one wait for each other. Where the folder cannot be
    used work may be done more than once.
    """
    return file_lock(folder / f"{zlib.crc32(name.encode()) % _LOCKS}.lock")


class SingleFlight(Generic[Result]):
    """Does work by name, of which no two that have the same name run at once in this process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running: dict[str, Future[Result]] = {}

    def do(self, name: str, work: Callable[[], Result]) -> Result:
        """Return what ``work`` returns, or what it returned to a thread that had begun before.

        Raises what it raises.
        """
        with self._lock:
            running = self._running.get(name)
            if running is None:
                mine = self._running[name] = Future()
        return self._lead(name, work, mine) if running is None else running.result()

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
