# SPDX-License-Identifier: MPL-2.0

"""Running a row that was taken."""

import logging
from datetime import timedelta
from time import perf_counter

from django.db import DatabaseError, InterfaceError, close_old_connections, connections
from django.utils import timezone

from tecken.jobs.lease import Lease, TaskInterruptedError
from tecken.jobs.models import Task
from tecken.jobs.registry import BackgroundTask, UnknownTaskError, find_task
from tecken.jobs.services import finish, give_up, try_later
from tecken.web.database_limits import patience
from tecken.web.metrics import TASKS_DONE, TASKS_FAILED
from tecken.web.request_ids import NO_REQUEST, for_request

logger = logging.getLogger(__name__)

# A release that does not know a task leaves it to one that does, during an update of the nodes.
_UNKNOWN_DELAY_SECONDS = 60
# That is over after so long: then nobody knows it any more, such as a periodic one of an older release.
_UNKNOWN_FOR = timedelta(days=1)


def run(row: Task) -> None:
    """Run the function of a claimed row, and write down how it went.

    Log lines have the id of the request that added the row.
    """
    with for_request(row.request_id or NO_REQUEST):
        _run(row)


def _run(row: Task) -> None:
    try:
        task = find_task(row.name)
    except UnknownTaskError as error:
        logger.warning("%s: %s", row, error)
        if row.created_at < timezone.now() - _UNKNOWN_FOR:
            give_up(row, str(error))
        else:
            try_later(row, str(error), _UNKNOWN_DELAY_SECONDS)
        return
    if row.attempt > task.max_attempts:
        # Whoever had the row before died of it, perhaps by what it does: not again and again.
        _give_up(row, task, f"was interrupted in attempt {row.attempt - 1}, the last one")
        return
    started = perf_counter()
    failure = _call(row, task)
    outcome = TASKS_DONE if failure is None else TASKS_FAILED
    outcome.note(perf_counter() - started, task=row.name)
    close_old_connections()  # the database may have been restarted meanwhile
    if failure is None:
        finish(row)
    else:
        _note_failure(row, task, failure)


def _call(row: Task, task: BackgroundTask) -> BaseException | None:
    """Call the function; return what it raised."""
    try:
        with Lease(row, task.time_limit_seconds), patience():
            task.function(**row.arguments)
    except TaskInterruptedError as interruption:
        connections.close_all()  # it may have been anywhere, with a query half done
        return interruption
    except Exception as error:  # noqa: BLE001 - this is the edge of a task
        return error
    return None


def _note_failure(row: Task, task: BackgroundTask, error: BaseException) -> None:
    logger.error("%s failed in attempt %d", row, row.attempt, exc_info=error)
    message = f"{type(error).__name__}: {error}"
    if row.attempt == task.max_attempts:
        _give_up(row, task, message)
    else:
        try_later(row, message, task.delay_seconds(row.attempt))


def _give_up(row: Task, task: BackgroundTask, message: str) -> None:
    """Have what waits for a task told that it will not come, and write down that it has failed.

    In this order: whoever is killed in between, another does both again.
    """
    if task.when_given_up is not None:
        try:
            task.when_given_up(**row.arguments)
        except (DatabaseError, InterfaceError):
            raise  # the row waits until its lease ends
        except Exception:
            logger.exception("%s: what waits for it was not told", row)
    give_up(row, message)
