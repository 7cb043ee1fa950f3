# SPDX-License-Identifier: MPL-2.0

"""What is wrong with background tasks: nobody runs them, they do not move, or they have failed."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from django.conf import settings
from django.db.models import QuerySet

from tecken.jobs.models import Task
from tecken.jobs.runners import last_sign_of_a_worker, live_runners
from tecken.jobs.services import due_rows, overdue_rows

# Counting ends here: the answer is "over 1,000", and the question stays cheap.
MAX_COUNT = 1000


@dataclass(frozen=True, slots=True)
class TaskProblem:
    """One thing that is wrong.

    ``text`` is a sentence that everybody may read: it has no arguments, no errors and no hosts.
    """

    kind: Literal["workers", "waiting", "failed"]
    text: str


def task_problems() -> list[TaskProblem]:
    """Return everything that is wrong now."""
    found = (_no_worker(), _overdue_tasks(), _failed_tasks())
    return [problem for problem in found if problem is not None]


def workers_warning() -> str | None:
    """Say for the heartbeat what is wrong with the workers."""
    problem = _no_worker()
    return None if problem is None else problem.text


def tasks_warning() -> str | None:
    """Say for the heartbeat what is wrong with the tasks."""
    found = [problem.text for problem in (_overdue_tasks(), _failed_tasks()) if problem is not None]
    return ". ".join(found) or None


def needs_workers() -> bool:
    """Say whether workers run the tasks; otherwise the server does it itself."""
    return bool(settings.CELERY_BROKER_URL)


def _no_worker() -> TaskProblem | None:
    if not needs_workers() or live_runners():
        return None
    last = last_sign_of_a_worker()
    seen = "" if last is None else f" (the last sign of one was at {_time(last)})"
    text = f"No worker is alive{seen}, so background tasks do not run"
    if number := count_of(due_rows()):
        text += f"; {_are(number, 'due')}"
    return TaskProblem("workers", text)


def _overdue_tasks() -> TaskProblem | None:
    seconds = settings.TASK_OVERDUE_SECONDS
    rows = overdue_rows(seconds)
    first = rows.first()
    if first is None:
        return None
    text = (
        f"{_tasks(count_of(rows))} waited for more than {seconds} s,"
        f" {first.name} since {_time(first.run_after)}"
    )
    if not needs_workers() and not live_runners():
        text += "; no process of the server runs tasks"
    return TaskProblem("waiting", text)


def _failed_tasks() -> TaskProblem | None:
    rows = Task.objects.filter(state=Task.State.FAILED).order_by("-run_after")
    last = rows.first()
    if last is None:
        return None
    text = f"{_tasks(count_of(rows))} failed, the last is {last.name} at {_time(last.finished_at)}"
    return TaskProblem("failed", text)


def count_of(rows: "QuerySet[Task]") -> int:
    """Return how many rows there are; one over ``MAX_COUNT`` for any number over that."""
    return rows[: MAX_COUNT + 1].count()


def _are(number: int, what: str) -> str:
    return f"1 is {what}" if number == 1 else f"{_number(number)} are {what}"


def _tasks(number: int) -> str:
    return "1 task has" if number == 1 else f"{_number(number)} tasks have"


def _number(number: int) -> str:
    return f"over {MAX_COUNT:,}" if number > MAX_COUNT else f"{number:,}"


def _time(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC" if moment else "an unknown time"
