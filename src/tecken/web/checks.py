# SPDX-License-Identifier: MPL-2.0

"""Questions asked at the same time, and waited for so long and no longer: is the server sound?"""

import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future, wait
from contextvars import copy_context
from typing import Generic, TypeVar

# A check returns what is wrong, or raises; None says that all is well.
Check = Callable[[], str | None]

NO_ANSWER = "It did not answer in time"


Found = TypeVar("Found")


class AtOnce(Generic[Found]):
    """Asks each question in a thread of its own.

    One that hangs is not begun again before it has ended: whoever asks next waits for the same one.
    So there are never more threads than questions, however often and for how long somebody asks.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._lock = threading.Lock()
        self._latest: dict[str, Future[Found]] = {}

    def run(self, questions: Mapping[str, Callable[[], Found]]) -> dict[str, Future[Found]]:
        """Return the futures of all; one that is not done in time is not done."""
        deadline = time.monotonic() + self._seconds
        running = {name: self._join(name, question) for name, question in questions.items()}
        wait(running.values(), deadline - time.monotonic())
        return running

    def _join(self, name: str, question: Callable[[], Found]) -> Future[Found]:
        with self._lock:
            latest = self._latest.get(name)
            if latest is not None and not latest.done():
                return latest
            future: Future[Found] = Future()
            self._latest[name] = future
        # Not a pool's: the end of the process would wait for those. The context has the request id.
        work = copy_context().run
        threading.Thread(target=work, args=(_settle, future, question), daemon=True).start()
        return future


class CheckRunner:
    """Runs checks of what the server stands on."""

    def __init__(self, seconds: float) -> None:
        self._at_once: AtOnce[str | None] = AtOnce(seconds)

    def run(self, checks: Mapping[str, Check]) -> dict[str, str | None]:
        """Return what each check found; ``NO_ANSWER`` for one that is not done in time."""
        running = self._at_once.run(checks)
        return {name: it.result() if it.done() else NO_ANSWER for name, it in running.items()}


def _settle(future: Future[Found], question: Callable[[], Found]) -> None:
    try:
        future.set_result(question())
    except BaseException as error:  # noqa: BLE001 - raised again where the result is asked for
        future.set_exception(error)
