# This Source Code Form is subject to the terms of the Mozilla Public
# License, v. 2.0. If a copy of the MPL was not distributed with this
# file, You can obtain one at https://mozilla.org/MPL/2.0/.

"""Wait for several things at the same time, in threads that all requests of a process share."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from functools import cache
from typing import TypeVar

_THREADS = 64

Item = TypeVar("Item")
Result = TypeVar("Result")


def map_at_once(
    work: Callable[[Item], Result], items: Iterable[Item], at_once: int
) -> Iterator[Result]:
    """Yield ``work(item)`` of each item in order, ``at_once`` of them at work at any time.

    So many at most, as other requests need the threads too; with 1 no thread is used. After an error
    nothing new is begun. ``work`` sees the caller's context variables, and must not call this itself.
    """
    waiting = list(items)
    if at_once < 2 or len(waiting) < 2:
        yield from map(work, waiting)
        return
    running: deque[Future[Result]] = deque()
    try:
        for item in waiting:
            if len(running) == at_once:
                yield running.popleft().result()
            running.append(_pool().submit(copy_context().run, work, item))
        while running:
            yield running.popleft().result()
    finally:
        for future in running:
            future.cancel()


@cache
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(_THREADS, "at-once")
