# SPDX-License-Identifier: MPL-2.0

"""Who runs the rows: the processes of the server, or Celery's workers."""

from functools import lru_cache
from typing import TYPE_CHECKING, Protocol

from django.conf import settings

if TYPE_CHECKING:
    from tecken.jobs.models import Task


class TaskQueue(Protocol):
    """Sees to it that rows are run."""

    def announce(self, row: "Task") -> None:
        """A row was added. Never fails: a row that nobody hears of is found a little later."""

    def start(self) -> None:
        """A process of the server has started."""


def task_queue() -> TaskQueue:
    """Return the queue that the settings choose: Celery's when it has a broker."""
    return _make(settings.CELERY_BROKER_URL)


@lru_cache(maxsize=2)
def _make(broker_url: str) -> TaskQueue:
    # Each is imported where it is used: Celery is large, and most servers do without.
    if broker_url:
        from tecken.jobs.celery_queue import CeleryQueue

        return CeleryQueue()
    from tecken.jobs.server_queue import ServerQueue

    return ServerQueue()
