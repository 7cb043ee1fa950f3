# SPDX-License-Identifier: MPL-2.0

"""Wait for several things at the same time, in threads that all requests of a process share."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import copy_context
from functools import cache, partial
from threading import BoundedSemaphore, Lock
from typing import TypeVar

_THREADS = 64
_THREADS_OF_EACH = 32

Item = TypeVar("Item")
Result = TypeVar("Result")


def map_at_once(
    work: Callable[[Item], Result], items: Iterable[Item], at_once: int
) -> Iterator[Result]:
    """Yield ``work(item)`` of each item in order, ``at_once`` of them at work at any time.

    So many at most: those who do this at the same time share the threads evenly, and none has more under
    way than its share. The caller works too: what no thread has begun when its result is wanted it does
    itself, so that it never waits for others' work. With 1 no thread is used. After an error nothing new
    is begun. ``work`` sees the caller's context variables, and must not call this itself.
    """
    waiting = list(items)
    if at_once < 2 or len(waiting) < 2:
        yield from map(work, waiting)
        return
    running: deque[tuple[Future[Result], Item]] = deque()
    with _sharing.one_more():
        try:
            for item in waiting:
                while len(running) >= min(at_once, _sharing.share):
                    yield _result(*running.popleft(), work)
                running.append((_pool(_THREADS).submit(copy_context().run, work, item), item))
            while running:
                yield _result(*running.popleft(), work)
        finally:
            for future, _ in running:
                future.cancel()


def _result(future: Future[Result], item: Item, work: Callable[[Item], Result]) -> Result:
    return work(item) if future.cancel() else future.result()


def each_at_once(work: Callable[[Item], Result], items: Sequence[Item]) -> Iterator[Result]:
    """Yield ``work(item)`` of each item in order. All are begun when the first is wanted.

    The caller works on the first, other threads on the rest; what no thread is free for the caller
    does itself when it is wanted. Whoever wants no more waits for none: what was begun ends unseen.
    ``work`` must not call this itself, but may run in a thread of ``map_at_once``.
    """
    begun = [_begin(partial(work, item)) for item in items[1:]]
    yield from map(work, items[:1])
    for future, item in zip(begun, items[1:], strict=True):
        yield work(item) if future is None else future.result()


def _begin(work: Callable[[], Result]) -> "Future[Result] | None":
    if not _free.acquire(blocking=False):
        return None
    future = _pool(_THREADS_OF_EACH).submit(copy_context().run, work)
    future.add_done_callback(lambda _: _free.release())
    return future


class _Sharing:
    """Counts those who share the threads now."""

    def __init__(self) -> None:
        self._callers = 0
        self._lock = Lock()

    @property
    def share(self) -> int:
        """How many threads each of them may have at work; 1 at least."""
        return max(1, _THREADS // max(1, self._callers))

    @contextmanager
    def one_more(self) -> Iterator[None]:
        """Count the caller meanwhile."""
        self._add(1)
        try:
            yield
        finally:
            self._add(-1)

    def _add(self, callers: int) -> None:
        with self._lock:
            self._callers += callers


_sharing = _Sharing()
_free = BoundedSemaphore(_THREADS_OF_EACH)


@cache
def _pool(threads: int) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(threads, f"at-once-{threads}")
