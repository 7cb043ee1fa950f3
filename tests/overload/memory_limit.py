# This Source Code Form is subject to the terms of the Mozilla Public
# License, v. 2.0. If a copy of the MPL was not distributed with this
# file, You can obtain one at https://mozilla.org/MPL/2.0/.

"""Programs that have only so much memory together: a control group, where a test may make one."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

_MEMORY = Path("/sys/fs/cgroup/memory")  # of control groups, version 1


@dataclass(frozen=True)
class MemoryLimit:
    """``program`` starts what comes behind it within the limit."""

    program: tuple[str | Path, ...]
    group: Path | None

    @property
    def kills(self) -> int:
        """How many processes were killed for want of memory; without a group nobody is."""
        if self.group is None:
            return 0
        lines = (self.group / "memory.oom_control").read_text().splitlines()
        return int(dict(line.split() for line in lines).get("oom_kill", 0))

    @property
    def peak_bytes(self) -> int:
        """How much they had at most, with the files that the system keeps for them; 0 without a group."""
        if self.group is None:
            return 0
        return int((self.group / "memory.max_usage_in_bytes").read_text())


@contextmanager
def memory_limit(size: int, processes: int, *program: str | Path) -> Iterator[MemoryLimit]:
    """Limit a program and its children to so many bytes together.

    Where no group can be made, each of the ``processes`` gets its part of address space.
    """
    group = _MEMORY / f"tecken-test-{os.getpid()}-{time.monotonic_ns()}"
    try:
        group.mkdir()
        (group / "memory.limit_in_bytes").write_text(str(size))
    except OSError:
        limited = ("prlimit", f"--as={size // processes}", *program)
        yield MemoryLimit(limited, None)
        return
    join = 'echo $$ > "$0/cgroup.procs" && exec "$@"'
    try:
        yield MemoryLimit(("sh", "-c", join, group, *program), group)
    finally:
        _remove(group)


def _remove(group: Path) -> None:
    for _ in range(100):
        with suppress(OSError):  # a process of it is still ending
            group.rmdir()
            return
        time.sleep(0.1)
