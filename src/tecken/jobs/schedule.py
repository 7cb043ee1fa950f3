# SPDX-License-Identifier: MPL-2.0

"""Periodic tasks: a row for each turn, added by whoever sees first that the turn has come.

Time is cut into slots as long as a task's period, and a row names its slot, which the database
allows once. So no scheduler has to be chosen, and none can be missing: every server process of the
embedded form and every worker looks, and one of them adds the row.

A task that has no row yet has its first turn a period later: where an installation starts for the first
time there is nothing to tidy up, and its buckets may be large.
"""

from datetime import datetime, timedelta

from django.utils import timezone

from tecken.jobs.models import Task
from tecken.jobs.registry import BackgroundTask, periodic_tasks

_UNFINISHED = (Task.State.WAITING, Task.State.RUNNING)
_seen: dict[str, str] = {}  # the last slot of each task that this process knows a row of


def add_periodic_rows() -> None:
    """Add the turns that have come; a task whose last turn is not over waits for it."""
    new = {slot: task for task in periodic_tasks() if _seen.get(task.name) != (slot := _slot(task))}
    if not new:
        return
    turns = Task.objects.filter(slot__isnull=False)
    known = set(turns.values_list("name", flat=True).distinct())
    busy = set(turns.filter(state__in=_UNFINISHED).values_list("name", flat=True))
    rows = [
        Task(name=task.name, slot=slot, run_after=_due(task, known))
        for slot, task in new.items()
        if task.name not in busy
    ]
    Task.objects.bulk_create(rows, ignore_conflicts=True)
    _seen.update({row.name: row.slot for row in rows if row.slot})


def _due(task: BackgroundTask, known: set[str]) -> datetime:
    wait = 0 if task.name in known else task.every_seconds or 0
    return timezone.now() + timedelta(seconds=wait)


def _slot(task: BackgroundTask) -> str:
    return f"{task.name} {int(timezone.now().timestamp()) // (task.every_seconds or 1)}"
