# SPDX-License-Identifier: MPL-2.0

"""Adding rows, taking them, and writing down how it went."""

from collections.abc import Collection
from datetime import datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from tecken.jobs.models import Task
from tecken.jobs.queues import task_queue
from tecken.jobs.registry import BackgroundTask
from tecken.web.request_ids import current_request_id

_State = Task.State
_MAX_ERROR_LENGTH = 2000
_CANDIDATES = 10  # of several runners that look at once, each should find one


def enqueue(task: BackgroundTask, **arguments: object) -> Task:
    """Add a row in the caller's transaction; when that is committed, somebody is told at once."""
    row = Task.objects.create(name=task.name, arguments=arguments, request_id=current_request_id())
    transaction.on_commit(lambda: task_queue().announce(row), robust=True)
    return row


def enqueue_once(
    task: BackgroundTask,
    *,
    delay_seconds: float = 0,
    or_runs: bool = False,
    slot: str | None = None,
    **arguments: object,
) -> bool:
    """Add a row unless the same call waits already; say whether it was added. As ``enqueue``, unless it is due later.

    So a burst of calls is one, and whatever was committed before this, that call will see: a row that waits has not
    begun. With ``or_runs`` none is added either while the same call runs, whatever it has seen. With a ``slot`` one is
    added for that slot until its row is forgotten: of several who do so at once, the database lets one through.
    """
    states = (_State.WAITING, _State.RUNNING) if or_runs else (_State.WAITING,)
    same = Task.objects.filter(state__in=states, name=task.name, arguments=arguments)
    if slot is None and same.exists():
        return False
    due = timezone.now() + timedelta(seconds=delay_seconds)
    try:
        with transaction.atomic():
            row = Task.objects.create(
                name=task.name,
                arguments=arguments,
                slot=slot,
                run_after=due,
                request_id=current_request_id(),
            )
    except IntegrityError:
        return False
    if not delay_seconds:
        transaction.on_commit(lambda: task_queue().announce(row), robust=True)
    return True


def is_crowded(task: BackgroundTask, limit: int) -> bool:
    """Say whether so many calls of a task wait that no more should be added."""
    waiting = Task.objects.filter(state=_State.WAITING, name=task.name)
    return waiting[:limit].count() >= limit


def claim(pk: int) -> Task | None:
    """Take a row; None when there is nothing to do, or somebody else has it."""
    row = Task.objects.filter(_claimable(timezone.now()), pk=pk).first()
    return row if row is not None and _take(row) else None


def claim_next(besides: Collection[str] = ()) -> Task | None:
    """Take the row that has waited longest, if there is one that nobody takes care of; none of some names."""
    due = due_rows().exclude(name__in=besides) if besides else due_rows()
    return next(filter(_take, due[:_CANDIDATES]), None)


def put_off(task: BackgroundTask) -> QuerySet[Task]:
    """Return the rows of a task that wait for a later time and were never attempted, the first one first."""
    later = Task.objects.filter(state=_State.WAITING, attempts=0, run_after__gt=timezone.now())
    return later.filter(name=task.name).order_by("run_after")


def bring_forward(row: Task) -> None:
    """Let a row that waits for a later time be due now, and tell whoever runs it."""
    waiting = Task.objects.filter(pk=row.pk, state=_State.WAITING, held_until=None)
    if waiting.update(run_after=timezone.now()):
        transaction.on_commit(lambda: task_queue().announce(row), robust=True)


def due_rows() -> QuerySet[Task]:
    """Return the rows that should be run now and that nobody takes care of."""
    now = timezone.now()
    unheld = Q(held_until=None) | Q(held_until__lt=now)
    return Task.objects.filter(_claimable(now), unheld).order_by("run_after")


def overdue_rows(seconds: float) -> QuerySet[Task]:
    """Return the rows that should have been begun so long ago, the first one first.

    Whether a message is on its way does not matter: it has not helped.
    """
    then = timezone.now() - timedelta(seconds=seconds)
    return Task.objects.filter(_claimable(then)).order_by("run_after")


def renew(row: Task) -> bool:
    """Keep a row for another lease; False when it was taken by somebody else."""
    return _still(row).update(held_until=_lease_end()) == 1


def finish(row: Task) -> None:
    """Note that a row is done."""
    _still(row).update(state=_State.DONE, held_until=None, error="", finished_at=timezone.now())


def give_up(row: Task, error: str) -> None:
    """Note that a row has failed for good."""
    _still(row).update(
        state=_State.FAILED, held_until=None, error=_bounded(error), finished_at=timezone.now()
    )


def try_later(row: Task, error: str, delay_seconds: float) -> None:
    """Note that an attempt has failed, and when the next one is due."""
    _still(row).update(
        state=_State.WAITING,
        held_until=None,
        error=_bounded(error),
        run_after=timezone.now() + timedelta(seconds=delay_seconds),
    )


def finished_before(age: timedelta) -> QuerySet[Task]:
    """Return the rows that were finished so long ago."""
    finished = Task.objects.filter(state__in=[_State.DONE, _State.FAILED])
    return finished.filter(finished_at__lt=timezone.now() - age)


def _claimable(now: datetime) -> Q:
    """Match rows that are due and wait, or whose runner is gone.

    The clocks of the nodes must agree to within a fraction of a lease.
    """
    return Q(run_after__lte=now) & (
        Q(state=_State.WAITING) | Q(state=_State.RUNNING, held_until__lt=now)
    )


def _take(row: Task) -> bool:
    """Take a row as it was read; of several who try, the database lets one through."""
    unchanged = Task.objects.filter(_claimable(timezone.now()), pk=row.pk, attempts=row.attempts)
    row.attempts += 1
    return (
        unchanged.update(
            state=_State.RUNNING,
            attempts=row.attempts,
            started_at=timezone.now(),
            held_until=_lease_end(),
        )
        == 1
    )


def _still(row: Task) -> QuerySet[Task]:
    """Match the row as long as it is its runner's: one that was believed dead changes nothing."""
    return Task.objects.filter(pk=row.pk, state=_State.RUNNING, attempts=row.attempts)


def _lease_end() -> datetime:
    return timezone.now() + timedelta(seconds=settings.TASK_LEASE_SECONDS)


def _bounded(error: str) -> str:
    # PostgreSQL has no NUL in texts.
    return error.replace("\0", "\N{REPLACEMENT CHARACTER}")[:_MAX_ERROR_LENGTH]
