# SPDX-License-Identifier: MPL-2.0

"""Tasks run by the server itself: one thread in each of its processes, and one more while a task takes long."""

import logging
import threading
import time
from multiprocessing.util import Finalize

from django.db import DatabaseError, InterfaceError, close_old_connections, connections

from tecken.jobs.execution import run
from tecken.jobs.models import Runner, Task
from tecken.jobs.registry import long_tasks
from tecken.jobs.runners import SignOfLife, sign_seconds
from tecken.jobs.schedule import add_periodic_rows
from tecken.jobs.services import claim_next

logger = logging.getLogger(__name__)

# How soon this process finds rows that others added and did not run, retries, and periodic tasks.
_POLL_SECONDS = 2.0
# How long the end of the process waits for a task; one that takes longer is run again later.
_STOP_SECONDS = 10.0
# The sign of life of a process that could not take it back in this time ends with its lease.
_TAKE_BACK_SECONDS = 1.0


class ServerQueue:
    """Runs rows one after another, and one that takes long beside them; sleeps until this process adds one, or for a moment."""

    def __init__(self) -> None:
        self._news = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._work, name="tasks", daemon=True)
        self._long: threading.Thread | None = None
        self._ended = threading.Event()
        # A second one: the first is busy for as long as a task takes.
        self._witness = threading.Thread(target=self._bear_witness, name="task-signs", daemon=True)

    def announce(self, row: Task) -> None:
        """Wake the thread of this process."""
        self._news.set()

    def start(self) -> None:
        """Start the thread; it ends with the process."""
        self._thread.start()
        self._witness.start()
        # Not atexit: the processes of the server are multiprocessing's, which do not come to that.
        Finalize(None, self.stop, exitpriority=0)

    def stop(self) -> None:
        """Take no more rows, and wait for the one under way."""
        self._stopping.set()
        self._news.set()
        ends = time.monotonic() + _STOP_SECONDS
        self._thread.join(_STOP_SECONDS)
        long = self._long
        if long is not None:
            long.join(max(0.0, ends - time.monotonic()))
        self._ended.set()
        self._witness.join(_TAKE_BACK_SECONDS)

    def _bear_witness(self) -> None:
        sign = SignOfLife(Runner.Kind.SERVER)
        while self._thread.is_alive() and not self._ended.wait(sign_seconds()):
            sign.leave()
            connections.close_all()
        sign.take_back()
        connections.close_all()

    def _work(self) -> None:
        # It waits before it looks for the first time, too: the server has enough to do then.
        while not self._stopping.is_set():
            self._news.wait(_POLL_SECONDS)
            self._news.clear()
            while not self._stopping.is_set() and self._run_next():
                pass

    def _run_next(self) -> bool:
        close_old_connections()
        try:
            add_periodic_rows()
            row = claim_next(besides=long_tasks() if self._long is not None else ())
            if row is not None and row.name in long_tasks():
                self._begin_long(row)
            elif row is not None:
                run(row)
        except (DatabaseError, InterfaceError) as error:
            # A row under way is taken again when its lease has ended.
            logger.warning("background tasks wait, the database cannot be used: %s", error)
            connections.close_all()
            return False
        return row is not None

    def _begin_long(self, row: Task) -> None:
        self._long = threading.Thread(
            target=self._run_long, args=(row,), name="long-task", daemon=True
        )
        try:
            self._long.start()
        except RuntimeError:  # there can be no more threads
            self._run_long(row)

    def _run_long(self, row: Task) -> None:
        try:
            run(row)
        except (DatabaseError, InterfaceError) as error:
            logger.warning("%s waits, the database cannot be used: %s", row, error)
        finally:
            connections.close_all()
            self._long = None
            self._news.set()  # the next one may begin
