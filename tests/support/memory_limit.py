# SPDX-License-Identifier: MPL-2.0

"""Programs that have only so much memory together: a control group, where this user may make one."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

_CGROUPS = Path("/sys/fs/cgroup")
_PLACES = (  # of groups that limit memory, and the file that says how much: versions 1 and 2
    (_CGROUPS / "memory", "memory.limit_in_bytes"),
    (_CGROUPS, "memory.max"),
)
_COUNTS = ("memory.oom_control", "memory.events")
_PEAKS = ("memory.max_usage_in_bytes", "memory.peak")
_REMOVAL_ATTEMPTS = 100  # ten seconds


@dataclass(frozen=True)
class MemoryLimit:
    """``program`` starts what comes behind it within the limit."""

    program: tuple[str, ...]
    group: Path | None

    @property
    def kills(self) -> int:
        """How many processes were killed for want of memory; without a group nobody is."""
        lines = self._read(_COUNTS).splitlines()
        return int(dict(line.split() for line in lines).get("oom_kill", 0))

    @property
    def peak_bytes(self) -> int:
        """How much they had at most, with the files that the system keeps for them; 0 without a group."""
        return int(self._read(_PEAKS) or 0)

    def _read(self, names: tuple[str, str]) -> str:
        for name in names:
            if self.group is not None and (self.group / name).exists():
                return (self.group / name).read_text()
        return ""


@contextmanager
def memory_limit(size: int) -> Iterator[MemoryLimit]:
    """Limit a program and its children to so many bytes together.

    Where no group can be made, each of them may have that much address space.
    """
    group = _make_group(size)
    if group is None:
        yield MemoryLimit(("prlimit", f"--as={size}"), None)
        return
    join = 'echo $$ > "$0/cgroup.procs" && exec "$@"'
    try:
        yield MemoryLimit(("sh", "-c", join, str(group)), group)
    finally:
        _remove(group)


def _make_group(size: int) -> Path | None:
    for parent, limit in _PLACES:
        group = parent / f"tecken-{os.getpid()}-{time.monotonic_ns()}"
        with suppress(OSError):
            group.mkdir()
            if (group / limit).exists():
                (group / limit).write_text(str(size))
                return group
            group.rmdir()
    return None


def _remove(group: Path) -> None:
    """Remove a group when the last of its processes, which are being killed, is reaped."""
    for _ in range(_REMOVAL_ATTEMPTS):
        with suppress(OSError):
            group.rmdir()
            return
        time.sleep(0.1)
