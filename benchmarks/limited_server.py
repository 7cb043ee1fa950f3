# This Source Code Form is subject to the terms of the Mozilla Public
# License, v. 2.0. If a copy of the MPL was not distributed with this
# file, You can obtain one at https://mozilla.org/MPL/2.0/.

"""A server that may have so much memory and no more, all of its processes together where possible."""

import os
import random
import signal
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from benchmarks.server import Server

_CGROUPS = Path("/sys/fs/cgroup")
_REMOVAL_ATTEMPTS = 100  # ten seconds


class ServerEndedError(Exception):
    """There is no server any more that could answer."""


@dataclass
class LimitedServer(Server):
    """A server in a memory cgroup (version 1 or 2); without one, each process has a limit."""

    memory_bytes: int = 0
    _group: Path | None = None

    def start(self) -> None:
        """Make the group, if it may be made, and start the server in it."""
        self._group = self._group or _make_group(self.memory_bytes)
        self.settings.setdefault("DJANGO_LOCAL_PROVIDER", "false")  # all children are workers then
        super().start()

    def stop(self) -> None:
        """End the server, and then the group."""
        super().stop()
        if self._group is not None:
            _remove(self._group)
            self._group = None

    def command(self) -> Sequence[str]:
        """Return the program, which enters the group or sets its limit, and then becomes it."""
        if self._group is None:
            enter = f"ulimit -v {self.memory_bytes // 1024}"
        else:
            enter = f"echo $$ > {self._group}/cgroup.procs"
        return ["bash", "-c", f'{enter}; exec "$@"', "bash", *super().command()]

    @property
    def limit(self) -> str:
        """Say what is limited, and how."""
        megabytes = self.memory_bytes // 1024**2
        how = "address space of each process" if self._group is None else "memory cgroup"
        return f"{megabytes} MiB ({how})"

    def limit_report(self) -> str:
        """Say how many processes the system killed for want of memory."""
        for name in ("memory.oom_control", "memory.events"):
            if self._group is not None and (self._group / name).exists():
                lines = (self._group / name).read_text().splitlines()
                killed = [line.split()[1] for line in lines if line.startswith("oom_kill ")]
                return f"killed for want of it: {' '.join(killed)}"
        return "nobody counts kills for want of it"

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


def _remove(group: Path) -> None:
    """Remove a group when the last of its processes, which are being killed, is reaped."""
    for _ in range(_REMOVAL_ATTEMPTS):
        with suppress(OSError):
            group.rmdir()
            return
        time.sleep(0.1)


def _make_group(memory_bytes: int) -> Path | None:
    """Make a group of our own that limits memory, if this user may."""
    name = f"tecken-unlucky-{os.getpid()}"
    for parent, limit in (
        (_CGROUPS / "memory", "memory.limit_in_bytes"),
        (_CGROUPS, "memory.max"),
    ):
        group = parent / name
        with suppress(OSError):
            group.mkdir()
            if (group / limit).exists():
                (group / limit).write_text(str(memory_bytes))
                return group
            group.rmdir()
    return None
