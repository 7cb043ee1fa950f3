# SPDX-License-Identifier: MPL-2.0

"""A server that may have so much memory and no more, all of its processes together where possible."""

import os
import random
import signal
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from tests.support.memory_limit import MemoryLimit

from benchmarks.server import Server


class ServerEndedError(Exception):
    """There is no server any more that could answer."""


@dataclass(kw_only=True)
class LimitedServer(Server):
    """A server within a memory limit, whose workers can be killed."""

    limit: MemoryLimit

    def start(self) -> None:
        """Start it with nothing but workers for children."""
        self.settings.setdefault("DJANGO_LOCAL_PROVIDER", "false")
        super().start()

    def command(self) -> Sequence[str]:
        """Return the program, within its limit."""
        return [*self.limit.program, *super().command()]

    def check(self) -> None:
        """Raise ServerEndedError unless the main process is there."""
        if self._process is None or self._process.poll() is not None:
            raise ServerEndedError

    def kill_a_worker(self, rng: random.Random) -> bool:
        """Kill one at random; say whether there was one."""
        assert self._process is not None
        lists = Path(f"/proc/{self._process.pid}/task").glob("*/children")
        with suppress(OSError, IndexError):
            workers = [int(worker) for each in lists for worker in each.read_text().split()]
            os.kill(rng.choice(workers), signal.SIGKILL)
            return True
        return False

    def __exit__(self, *_: object) -> None:
        self.kill()  # what it does with its clients then is not measured
