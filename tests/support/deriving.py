# SPDX-License-Identifier: MPL-2.0

"""Processes that derive symbols from a large native file, stopped while they are at it."""

import os
import signal
from pathlib import Path

from tests.support.processes import children, workers_of
from tests.support.started_server import StartedServer, wait_until
from tests.support.started_worker import StartedWorker

TWO_PROCESSES = {"DJANGO_UPLOAD_DERIVE_PROCESSES": "2"}
_SECONDS = 120.0


def deriving(started: StartedServer | StartedWorker) -> list[int]:
    """The processes that derive symbols for one that people start; those that have nothing to do stay for a minute."""
    assert started.process is not None
    return [worker for child in children(started.process.pid) for worker in workers_of(child)]


def stop_at_work(*some: tuple[StartedServer | StartedWorker, Path]) -> tuple[int, list[int]]:
    """Wait until one derives, with two processes that have begun with a share each, and stop these.

    So they are at work for as long as a test needs. Each is given with its data folder, and ``TWO_PROCESSES``
    among its settings. Return which one it was, and the processes.
    """
    found: list[tuple[int, list[int]]] = []

    def look() -> bool:
        for number, (started, folder) in enumerate(some):
            begun = list((folder / "tmp").glob("**/*-share-*/progress"))
            if len(begun) == 2:
                found.append((number, deriving(started)))
        return bool(found)

    wait_until(look, "two processes derived symbols", _SECONDS)
    for process in found[0][1]:
        os.kill(process, signal.SIGSTOP)
    return found[0]
