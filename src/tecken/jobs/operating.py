# SPDX-License-Identifier: MPL-2.0

"""What people do with tasks: run them again, and drop them."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from tecken.core.batches import batches
from tecken.jobs.models import Task
from tecken.jobs.queues import task_queue

_State = Task.State
_BATCH = 500  # rows of a transaction, for which runners of these wait
# Runners look for all rows that are due every few seconds: what is not announced waits for that.
_MAX_ANNOUNCED = 20


@dataclass
class Operated:
    """The rows that were changed, as they were before, and why others were not, by their number."""

    rows: list[Task] = field(default_factory=list)
    refused: dict[int, str] = field(default_factory=dict)


def retry(ids: Collection[int]) -> Operated:
    """Run tasks that have failed again, with all their attempts; those that wait for one, at once."""
    operated = _each(ids, _why_no_retry, _run_again)
    announced = operated.rows[:_MAX_ANNOUNCED]
    transaction.on_commit(lambda: _announce(announced), robust=True)
    return operated


def drop(ids: Collection[int]) -> Operated:
    """Delete tasks, but not those that a process runs."""
    return _each(ids, _why_no_drop, _delete)


def _announce(rows: Sequence[Task]) -> None:
    for row in rows:
        task_queue().announce(row)


def ids_in(state: str) -> Sequence[int]:
    """Return the numbers of all tasks in a state, the oldest first."""
    return list(Task.objects.filter(state=state).order_by("pk").values_list("pk", flat=True))


def _each(
    ids: Collection[int],
    why_not: Callable[[Task], str | None],
    change: Callable[[Sequence[int]], object],
) -> Operated:
    operated = Operated()
    for batch in batches(sorted(set(ids)), _BATCH):
        with transaction.atomic():  # which is a lock with SQLite, where rows have none
            found = Task.objects.select_for_update().order_by("pk").in_bulk(batch)
            reasons = {pk: why_not(row) for pk, row in found.items()}
            operated.rows += [row for pk, row in found.items() if reasons[pk] is None]
            change([pk for pk, reason in reasons.items() if reason is None])
        refused = {pk: reasons.get(pk, "there is no such task") for pk in batch}
        operated.refused |= {pk: reason for pk, reason in refused.items() if reason is not None}
    return operated


def _why_no_retry(row: Task) -> str | None:
    if row.state in {_State.FAILED, _State.WAITING}:
        return None
    return f"is {row.state}; only what has failed or waits can be retried"


def _why_no_drop(row: Task) -> str | None:
    is_held = row.held_until is not None and row.held_until > timezone.now()
    if row.state == _State.RUNNING and is_held:
        return "is running; it can be dropped when it has ended"
    return None


def _run_again(ids: Sequence[int]) -> None:
    rows, now = Task.objects.filter(pk__in=ids), timezone.now()
    rows.filter(state=_State.WAITING).update(run_after=now)
    rows.filter(state=_State.FAILED).update(
        state=_State.WAITING,
        attempts_before=F("attempts"),
        run_after=now,
        held_until=None,
        finished_at=None,
    )


def _delete(ids: Sequence[int]) -> None:
    Task.objects.filter(pk__in=ids).delete()
