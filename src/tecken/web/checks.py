# This Source Code Form is subject to the terms of the Mozilla Public
# License, v. 2.0. If a copy of the MPL was not distributed with this
# file, You can obtain one at https://mozilla.org/MPL/2.0/.

"""Checks of what the server stands on, run at the same time, and waited for so long and no longer."""

import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future, wait
from contextvars import copy_context

# A check returns what is wrong, or raises; None says that all is well.
Check = Callable[[], str | None]

NO_ANSWER = "It did not answer in time"


class CheckRunner:
    """Runs each check in a thread of its own.

    One that hangs is not begun again before it has ended: whoever asks next waits for the same one.
    So there are never more threads than checks, however often and for how long somebody asks.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._lock = threading.Lock()
        self._latest: dict[str, Future[str | None]] = {}

    def run(self, checks: Mapping[str, Check]) -> dict[str, str | None]:
        """Return what each check found; ``NO_ANSWER`` for one that is not done in time."""
        deadline = time.monotonic() + self._seconds
        running = {name: self._join(name, check) for name, check in checks.items()}
        wait(running.values(), deadline - time.monotonic())
        return {name: it.result() if it.done() else NO_ANSWER for name, it in running.items()}

    def _join(self, name: str, check: Check) -> Future[str | None]:
        with self._lock:
            latest = self._latest.get(name)
            if latest is not None and not latest.done():
                return latest
            future: Future[str | None] = Future()
            self._latest[name] = future
        # Not a pool's: the end of the process would wait for those. The context has the request id.
        work = copy_context().run
        threading.Thread(target=work, args=(_settle, future, check), daemon=True).start()
        return future


def _settle(future: Future[str | None], check: Check) -> None:
    try:
        future.set_result(check())
    except BaseException as error:  # noqa: BLE001 - raised again where the result is asked for
        future.set_exception(error)
