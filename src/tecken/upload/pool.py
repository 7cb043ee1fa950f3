# SPDX-License-Identifier: MPL-2.0

"""Work on the files of uploads, shared by all requests of the process and bounded by a setting."""

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextvars import copy_context
from functools import lru_cache
from itertools import islice
from typing import TypeVar

from django.conf import settings

# With 10, symbolication beside uploads took a quarter less (benchmarks/RECORD.md); 19 gained no more.
NICENESS = 10

Item = TypeVar("Item")
Result = TypeVar("Result")


def run_in_pool(
    work: Callable[[Item], Result], items: Iterable[Item]
) -> Iterator[tuple[Item, Result]]:
    """Run ``work`` on every item, several at once, and yield each result as it comes.

    Log lines of the work have the id of the caller's request. An item is taken only when there is
    room to begin it. After an error nothing new is begun; what
    is under way ends, its results are yielded, and then the error is raised.
    """
    workers = settings.UPLOAD_FILE_UPLOAD_MAX_WORKERS
    waiting = iter(items)
    running: dict[Future[Result], Item] = {}
    failure: BaseException | None = None
    try:
        while True:
            room = workers - len(running) if not failure else 0
            for item in islice(waiting, room):
                running[_pool(workers).submit(copy_context().run, work, item)] = item
            if not running:
                break
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                item = running.pop(future)
                error = future.exception()
                if error is None:
                    yield item, future.result()
                failure = failure or error
    finally:
        wait(running)
    if failure is not None:
        raise failure


def giving_way(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Pass chunks on, and after each let others have the processor who wait for it.

    A thread that does not goes on for some milliseconds although one of higher priority has woken up:
    benchmarks/RECORD.md has what that is for symbolication beside uploads.
    """
    for chunk in chunks:
        yield chunk
        os.sched_yield()


@lru_cache(maxsize=1)
def _pool(workers: int) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(workers, "upload", initializer=_let_others_go_first)


def _let_others_go_first() -> None:
    """Give this thread, and those that it starts, less of a busy processor than requests have.

    It cannot be taken back, so no thread of this pool may start one that also works for requests.
    Only Linux knows this of a single thread; elsewhere it would be the whole process.
    """
    if sys.platform == "linux":
        os.nice(NICENESS)
