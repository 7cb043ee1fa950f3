# SPDX-License-Identifier: MPL-2.0

"""What a started server takes while it is asked for much, and whether others are answered beside that."""

import threading
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path

import requests
from tests.support.processes import children
from tests.support.started_server import StartedServer

MIB = 1024 * 1024


def tree(process: int) -> list[int]:
    """Return a process and all that it has started."""
    return [process, *(each for child in children(process) for each in tree(child))]


def private_bytes(process: int) -> int:
    """Return the memory that processes have for themselves; those that are gone have none."""
    total = 0
    for each in tree(process):
        with suppress(OSError):
            status = Path(f"/proc/{each}/status").read_text()
            total += next(
                (int(line.split()[1]) for line in status.splitlines() if "RssAnon" in line), 0
            )
    return 1024 * total


class Watch:
    """Looks at memory, and sends small requests, until it is told to end."""

    def __init__(self, server: StartedServer) -> None:
        assert server.process is not None
        self._pid = server.process.pid
        self._url = server.url
        self.most_bytes = 0
        self.seconds: list[float] = []
        self.statuses: Counter[int] = Counter()
        self._ended = threading.Event()
        self._threads = [threading.Thread(target=work) for work in (self._look, self._ask)]

    def __enter__(self) -> "Watch":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        for thread in self._threads:
            thread.join()

    def _look(self) -> None:
        while not self._ended.wait(0.5):
            self.most_bytes = max(self.most_bytes, private_bytes(self._pid))

    def _ask(self) -> None:
        job = {"memoryMap": [["other", "F" * 33]], "stacks": [[[0, 0x10]]]}
        while not self._ended.wait(0.2):
            began = time.monotonic()
            answer = requests.post(f"{self._url}/symbolicate/v5", json=job, timeout=60)
            self.statuses[answer.status_code] += 1
            self.seconds.append(time.monotonic() - began)
