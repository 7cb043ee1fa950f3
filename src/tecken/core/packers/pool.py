# SPDX-License-Identifier: MPL-2.0

"""The packers of a process: started when they are needed, used again, ended when they are idle."""

import threading
import time

from tecken.core.archives.archive import Archive
from tecken.core.archives.reading import ReadingJob, ReadMember
from tecken.core.packers.packer import Packer
from tecken.core.tempfiles.spooling import Scratch


class PackerPool:
    """At most ``at_most`` packers, each ended when it had nothing to do for ``idle_seconds``."""

    def __init__(self, at_most: int, niceness: int, idle_seconds: float) -> None:
        self._room = threading.Semaphore(at_most)
        self._niceness = niceness
        self._idle_seconds = idle_seconds
        self._lock = threading.Lock()
        self._idle: list[tuple[float, Packer]] = []  # with the time to end it; the next to go first
        self._is_watched = False

    def read(self, job: ReadingJob, archive: Archive, scratch: Scratch) -> ReadMember:
        """Have a member read by a packer, as soon as one is free. Raises PackerLostError."""
        with self._room:
            packer = self._take()
            try:
                return packer.read(job, archive, scratch)
            finally:
                self._put_back(packer)

    def end(self) -> None:
        """End those that have nothing to do."""
        with self._lock:
            idle, self._idle = self._idle, []
        for _, packer in idle:
            packer.end()

    def _take(self) -> Packer:
        with self._lock:
            if self._idle:
                return self._idle.pop()[1]
        return Packer(self._niceness)

    def _put_back(self, packer: Packer) -> None:
        if not packer.is_ready:
            packer.end()
            return
        with self._lock:
            self._idle.append((time.monotonic() + self._idle_seconds, packer))
            if not self._is_watched:
                self._is_watched = True
                threading.Thread(target=self._end_idle, name="packers", daemon=True).start()

    def _end_idle(self) -> None:
        while (wait_seconds := self._end_those_whose_time_has_come()) is not None:
            time.sleep(max(0, wait_seconds))

    def _end_those_whose_time_has_come(self) -> float | None:
        """Return after how many seconds the next one's will; None when there is none."""
        now = time.monotonic()
        with self._lock:
            gone = [packer for until, packer in self._idle if until <= now]
            del self._idle[: len(gone)]
            self._is_watched = bool(self._idle)
            wait_seconds = self._idle[0][0] - now if self._idle else None
        for packer in gone:
            packer.end()
        return wait_seconds
