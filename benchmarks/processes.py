# SPDX-License-Identifier: MPL-2.0

"""What a server's processes take, from ``/proc``: memory while something goes on, and CPU time."""

import os
import threading
from contextlib import suppress
from pathlib import Path

from benchmarks.server import Server

_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
_TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
_INTERVAL_SECONDS = 0.01
_HOLDINGS_SECONDS = 0.5  # the system has to add up all pages for it


class MemoryWatch:
    """Watches the resident memory of a server's processes; a context manager.

    ``idle_bytes`` is what they had before anything went on: what they keep of earlier work counts.
    """

    def __init__(self, server: Server, idle_bytes: int) -> None:
        self._server = server
        self._idle_bytes = idle_bytes
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self.peak_bytes = resident_bytes(server)

    @property
    def above_idle_bytes(self) -> int:
        """The peak of the sum of all processes above what they have when they are idle."""
        return self.peak_bytes - self._idle_bytes

    def _watch(self) -> None:
        while not self._ended.wait(_INTERVAL_SECONDS):
            self.peak_bytes = max(self.peak_bytes, resident_bytes(self._server))

    def __enter__(self) -> "MemoryWatch":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()


class HoldingsWatch:
    """Watches what a server's processes hold while a block runs: memory, and open descriptors.

    ``peak_bytes`` is the peak of their sum, with pages that several share counted once (PSS).
    """

    def __init__(self, server: Server) -> None:
        self._server = server
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self.peak_bytes = 0
        self.most_descriptors = 0

    def _watch(self) -> None:
        while not self._ended.wait(_HOLDINGS_SECONDS):
            processes = self._server.processes()
            self.peak_bytes = max(self.peak_bytes, sum(map(_proportional_bytes, processes)))
            self.most_descriptors = max(self.most_descriptors, sum(map(_descriptors, processes)))

    def __enter__(self) -> "HoldingsWatch":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()


def _proportional_bytes(process: int) -> int:
    with suppress(OSError):  # it has just ended
        for line in Path(f"/proc/{process}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    return 0


def _descriptors(process: int) -> int:
    with suppress(OSError):  # it has just ended
        return len(os.listdir(f"/proc/{process}/fd"))
    return 0


def resident_bytes(server: Server) -> int:
    """Return the resident memory of a server's processes, what they share counted for each."""
    return sum(map(_resident_pages, server.processes())) * _PAGE_BYTES


def _resident_pages(process: int) -> int:
    with suppress(OSError):  # it has just ended
        return int(Path(f"/proc/{process}/statm").read_text().split()[1])
    return 0


def cpu_seconds(server: Server) -> float:
    """Return the CPU time, user and system, that a server's processes have taken so far."""
    ticks = 0
    for process in server.processes():
        with suppress(OSError):  # it has just ended
            fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
            ticks += int(fields[11]) + int(fields[12])
    return ticks / _TICKS_PER_SECOND
