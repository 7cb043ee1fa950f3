# SPDX-License-Identifier: MPL-2.0

"""Threads that ask other servers, and who may wait for them.

No thread that answers requests asks itself. A process that ends waits for none of these.
"""

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from contextvars import copy_context
from functools import partial
from typing import Generic, TypeVar
from weakref import WeakKeyDictionary

Result = TypeVar("Result")
_MAX_QUEUED = 2_000  # keys of up to a kilobyte each


class TooManyError(Exception):
    """As many wait already as may."""


class Fetches(Generic[Result]):
    """Does work by name in at most ``threads`` threads; of one name once at a time, in the order of asking."""

    def __init__(self, name: str, threads: int) -> None:
        self._name = name
        self._threads = threads
        self._lock = threading.Lock()
        self._running = 0
        self._queue: deque[tuple[str, Callable[[], Result], Future[Result]]] = deque()
        self._futures: dict[str, Future[Result]] = {}

    def begin(self, name: str, work: Callable[[], Result]) -> "Future[Result]":
        """Have work done, unless work of that name is under way; return what will have its result.

        Raises TooManyError.
        """
        with self._lock:
            known = self._futures.get(name)
            if known is not None:
                return known
            if len(self._queue) >= _MAX_QUEUED:
                raise TooManyError
            future: Future[Result] = Future()
            self._futures[name] = future
            # Log lines of the work have the id of the request that was the first to want it.
            self._queue.append((name, partial(copy_context().run, work), future))
            if self._running < self._threads:
                self._running += 1
                threading.Thread(target=self._work, name=self._name, daemon=True).start()
        return future

    def _work(self) -> None:
        while True:
            with self._lock:
                if not self._queue:
                    self._running -= 1
                    return
                name, work, future = self._queue.popleft()
            result: Result | None = None
            error: BaseException | None = None
            try:
                result = work()
            except BaseException as raised:  # noqa: BLE001 - whoever waits gets it
                error = raised
            with self._lock:
                del self._futures[name]
            if error is not None:
                future.set_exception(error)
            else:
                future.set_result(result)  # type: ignore[arg-type]


class Patience:
    """For how long the requests of a process wait for other servers, and how many of them at a time.

    ``request`` returns what stands for the request at hand, whose modules may wait at the same time in several
    threads; it has ``seconds`` for all of them together. What is no request waits as long for each.
    """

    def __init__(
        self, seconds: float, max_requests: int, request: Callable[[], object | None]
    ) -> None:
        self._seconds = seconds
        self._max_requests = max_requests
        self._request = request
        self._lock = threading.Lock()
        self._waiting: dict[object, int] = {}
        self._until: WeakKeyDictionary[object, float] = WeakKeyDictionary()

    @contextmanager
    def waiting(self) -> Iterator[float]:
        """Count the caller's request while the block runs, which gets the seconds that it may wait.

        Raises TooManyError when too many others wait.
        """
        request = self._request()
        if request is None:
            yield self._seconds
            return
        with self._lock:
            if request not in self._waiting and len(self._waiting) >= self._max_requests:
                raise TooManyError
            self._waiting[request] = self._waiting.get(request, 0) + 1
            until = self._until.setdefault(request, time.monotonic() + self._seconds)
        try:
            yield max(0.0, until - time.monotonic())
        finally:
            with self._lock:
                self._waiting[request] -= 1
                if not self._waiting[request]:
                    del self._waiting[request]
