# SPDX-License-Identifier: MPL-2.0

"""Processes, as the system tells of them."""

import os
from contextlib import suppress
from pathlib import Path


def children(process: int) -> list[int]:
    """Return the processes that this one has started, from whatever thread."""
    found: list[int] = []
    for children_of_thread in Path(f"/proc/{process}/task").glob("*/children"):
        with suppress(FileNotFoundError):  # the thread has ended
            found += map(int, children_of_thread.read_text().split())
    return found


def workers_of(process: int) -> list[int]:
    """Return the worker processes of its pools, which read large members of archives for it."""
    return [child for child in children(process) if "tecken.core.process_pool" in command(child)]


def command(process: int) -> str:
    """Return the command line of a process; of one that is gone, or not reaped yet, nothing."""
    try:
        return Path(f"/proc/{process}/cmdline").read_text().replace("\0", " ")
    except FileNotFoundError:
        return ""


def is_there(process: int) -> bool:
    """Say whether there is such a process, or what remains of one until it is reaped."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def processor_seconds(*processes: int) -> float:
    """Return the processor time that processes have taken."""
    fields = [Path(f"/proc/{each}/stat").read_text().rpartition(")")[2] for each in processes]
    ticks = sum(sum(map(int, each.split()[11:13])) for each in fields)
    return ticks / os.sysconf("SC_CLK_TCK")
