# SPDX-License-Identifier: MPL-2.0

"""Work that nobody waits for."""

import logging
import threading
from collections.abc import Callable
from queue import Empty, SimpleQueue

Job = Callable[[], object]
Later = Callable[[str, Job], None]  # a name of the work, and what does it

_MAX_WAITING = 1_000  # what is asked for beyond is left to whoever asks again
_IDLE_SECONDS = 10.0

logger = logging.getLogger(__name__)


def now(_name: str, job: Job) -> None:
    """Do the work at once: for a command line, where nobody is there later."""
    job()


class LaterThread:
    """Does one job after the other in a thread, which is there while there is work.

    A job whose name waits already is not done again. One that is being done is: what it is asked for now, it may have
    passed. The process ends without waiting for any.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._lock = threading.Lock()
        self._names: set[str] = set()
        self._jobs: SimpleQueue[tuple[str, Job]] = SimpleQueue()
        self._running = False

    def __call__(self, name: str, job: Job) -> None:
        """Have a job done, unless too many wait."""
        with self._lock:
            if name in self._names or len(self._names) >= _MAX_WAITING:
                return
            self._names.add(name)
            self._jobs.put((name, job))
            if not self._running:
                self._running = True
                threading.Thread(target=self._work, name=self._name, daemon=True).start()

    def _work(self) -> None:
        while (waiting := self._next()) is not None:
            name, job = waiting
            with self._lock:
                self._names.discard(name)
            try:
                job()
            except Exception:
                logger.exception("%s: %s failed", self._name, name)

    def _next(self) -> tuple[str, Job] | None:
        try:
            return self._jobs.get(timeout=_IDLE_SECONDS)
        except Empty:
            pass
        with self._lock:
            if self._jobs.empty():
                self._running = False
                return None
        return self._jobs.get()
