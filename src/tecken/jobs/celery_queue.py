# SPDX-License-Identifier: MPL-2.0

"""Tasks run by Celery's workers: the row is the truth, a message only says which row to look at."""

import logging
from datetime import timedelta

from django.utils import timezone
from kombu.exceptions import OperationalError

from tecken.celery import app
from tecken.core.concurrency.circuit_breaker import CircuitBreaker
from tecken.jobs.execution import run
from tecken.jobs.models import Task
from tecken.jobs.registry import UnknownTaskError, find_task
from tecken.jobs.services import claim, due_rows
from tecken.web.metrics import BROKER_PAUSES

logger = logging.getLogger(__name__)

# When the workers have not come to a message in this time, it may be lost, and is sent again.
_MESSAGE_SECONDS = 60
_MAX_MESSAGES = 1000
_UNKNOWN_LIMIT_SECONDS = 600
_TICK_LIMIT_SECONDS = 60
_TICK_EXPIRES_SECONDS = 30

_breaker = CircuitBreaker()


class CeleryQueue:
    """Sends a message for each row."""

    def announce(self, row: Task) -> None:
        """Send the message of a new row; when that fails, ``announce_due`` does it later."""
        _announce(row)

    def start(self) -> None:
        """Nothing to do: the workers are processes of their own."""


def announce_due() -> None:
    """Send messages for rows that are due and have none on its way.

    These are retries, periodic tasks, rows whose worker died, and those whose message was lost.
    """
    for row in due_rows()[:_MAX_MESSAGES]:
        if not _announce(row):
            return
        until = timezone.now() + timedelta(seconds=_MESSAGE_SECONDS)
        # It waits again if its runner died; it is not due any more if a worker was quick.
        due_rows().filter(pk=row.pk).update(state=Task.State.WAITING, held_until=until)


def send_tick() -> None:
    """Tell the workers that it is time to look at all rows."""
    _send(
        "tecken.tick", time_limit=_TICK_LIMIT_SECONDS, queue="ticks", expires=_TICK_EXPIRES_SECONDS
    )


def run_row(pk: int) -> None:
    """Run the row that a message names, unless that was done or is being done."""
    row = claim(pk)
    if row is not None:
        run(row)


def _announce(row: Task) -> bool:
    try:
        task = find_task(row.name)
        limit = task.time_limit_seconds + task.kill_after_seconds
    except UnknownTaskError:
        limit = _UNKNOWN_LIMIT_SECONDS
    return _send("tecken.run_row", row.pk, time_limit=int(limit))


def _send(
    name: str, *args: int, time_limit: int, queue: str | None = None, expires: int | None = None
) -> bool:
    """Send a message, without waiting for a broker that did not answer a moment ago."""
    if not _breaker.may_ask():
        return False
    try:
        app.send_task(name, args, time_limit=time_limit, queue=queue, expires=expires, retry=False)
    except (OperationalError, OSError) as error:
        pause = _breaker.failed()
        if pause is not None:
            BROKER_PAUSES.add()
            logger.warning("no message to the workers in the next %g s: %s", pause, error)
        return False
    _breaker.worked()
    return True
