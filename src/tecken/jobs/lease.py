# SPDX-License-Identifier: MPL-2.0

"""Holding a row while its function runs, and ending the function when it may not go on."""

import ctypes
import logging
import threading
import time
from types import TracebackType
from typing import Self

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connections

from tecken.jobs.models import Task
from tecken.jobs.services import renew

logger = logging.getLogger(__name__)

_RENEWALS_PER_LEASE = 3


class TaskInterruptedError(BaseException):
    """Raised inside a background task that has to end.

    Not an ``Exception``, so that no library's way of going on after errors swallows it.
    """


class Lease:
    """Renews a claimed row from a second thread until the block ends.

    When the time limit has passed, or the row has gone to somebody else, the block is interrupted
    at its next Python instruction. A call that blocks in the operating system is not; what it calls
    must have a time-out of its own. The row is then no longer renewed, so that another runner takes
    it, and Celery ends the process.
    """

    def __init__(self, row: Task, time_limit_seconds: float) -> None:
        self._row = row
        self._time_limit_seconds = time_limit_seconds
        self._reason = ""
        self._over = threading.Event()
        self._interrupting = threading.Lock()
        self._thread_id = threading.get_ident()
        self._keeper = threading.Thread(target=self._keep, name="task-lease", daemon=True)

    def __enter__(self) -> Self:
        self._keeper.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        with self._interrupting:
            self._over.set()
        # An interruption that has not arrived yet must not hit what comes after the block.
        _raise_in(self._thread_id, None)
        self._keeper.join()
        if isinstance(error, TaskInterruptedError):
            raise TaskInterruptedError(self._reason) from error

    def _keep(self) -> None:
        deadline = time.monotonic() + self._time_limit_seconds
        try:
            while (left := deadline - time.monotonic()) > 0:
                if self._over.wait(min(left, settings.TASK_LEASE_SECONDS / _RENEWALS_PER_LEASE)):
                    return
                if not self._renew():
                    self._interrupt("another runner has taken over")
                    return
            self._interrupt(f"was not done after {self._time_limit_seconds:g} s")
        finally:
            connections.close_all()

    def _renew(self) -> bool:
        try:
            return renew(self._row)
        except (DatabaseError, InterfaceError) as error:
            # Nobody else can take the row either as long as the database is down.
            logger.warning("cannot renew the lease of %s: %s", self._row, error)
            connections.close_all()
            return True

    def _interrupt(self, reason: str) -> None:
        with self._interrupting:
            if not self._over.is_set():
                self._reason = reason
                _raise_in(self._thread_id, TaskInterruptedError)


def _raise_in(thread_id: int, error: type[BaseException] | None) -> None:
    """Raise an error in a thread; None takes back one that has not arrived yet."""
    pending = None if error is None else ctypes.py_object(error)
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread_id), pending)
