# SPDX-License-Identifier: MPL-2.0

"""``/api/tasks/``: background tasks, for superusers."""

from collections.abc import Callable, Collection
from datetime import datetime
from typing import Annotated, Any, Literal, Self

from django.db import transaction
from django.db.models import Q
from django.http import HttpRequest
from ninja import Form, Router
from pydantic import Field, model_validator

from tecken.accounts.audit import Action, record_tasks
from tecken.accounts.permissions import require_user
from tecken.api.access import superuser
from tecken.api.free_text import FreeText
from tecken.api.listing import Filter, Listing, choice
from tecken.api.schemas.common import FormList, Id, OptionalText, PageShape, Shape
from tecken.jobs.models import Task
from tecken.jobs.operating import Operated, drop, ids_in, retry
from tecken.jobs.runners import live_runners
from tecken.jobs.watching import count_of, needs_workers, task_problems
from tecken.web import filters

MAX_TASKS = 1000  # that a request names


class TaskRow(Shape):
    """A task. ``since`` is when it came into its state; ``run_after`` when its next attempt is due.

    ``attempt`` is the number of the attempt under way or of the last one, of ``max_attempts``, which is
    null for a task that this release does not have. ``error`` is of the last attempt that failed.
    """

    id: int
    state: Literal["waiting", "running", "done", "failed"]
    name: str
    arguments: dict[str, Any]
    since: datetime
    attempt: int
    max_attempts: int | None
    error: OptionalText
    request_id: OptionalText
    created_at: datetime
    run_after: datetime
    started_at: datetime | None
    finished_at: datetime | None


class TasksPage(PageShape):
    """Tasks, the newest first."""

    tasks: list[TaskRow]


class RunnerRow(Shape):
    """A process that runs tasks, and when it left its last sign of life."""

    kind: Literal["worker", "server"]
    host: str
    pid: int
    started_at: datetime
    seen_at: datetime


class TaskCounts(Shape):
    """How many tasks are in each state; 1001 for any number over 1,000."""

    waiting: int
    running: int
    failed: int


class TasksState(Shape):
    """How tasks are: what is wrong, in sentences, who runs them, and how many there are.

    ``needs_workers`` is false where the server runs tasks itself.
    """

    problems: list[str]
    needs_workers: bool
    runners: list[RunnerRow]
    counts: TaskCounts


class TasksForm(Shape):
    """Which tasks: those of ``ids``, or with ``failed`` all that have failed."""

    ids: Annotated[list[Id], FormList, Field(default_factory=list, max_length=MAX_TASKS)]
    failed: bool = False

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if bool(self.ids) == self.failed:
            raise ValueError("name tasks by ids, or say failed=true for all that have failed")
        return self


class RefusedTask(Shape):
    """A task that was left as it is, and why."""

    id: int
    reason: str


class OperatedTasks(Shape):
    """The numbers of the tasks that were changed, and those that were not."""

    done: list[int]
    refused: list[RefusedTask]


router = Router(tags=["operations"], auth=superuser)


def _in_state(state: Task.State) -> Callable[[], Q]:
    return lambda: Q(state=state)


LISTING = Listing(
    {
        "state": choice({str(state): _in_state(state) for state in Task.State}, has_index=True),
        "name": Filter(filters.text),
        "error": Filter(filters.text),
        "created_at": Filter(filters.moment),
    },
    sorts=("id", "name", "state", "created_at", "run_after", "attempts"),
    default="-id",
    newest_by="created_at",
    search=FreeText(("name", "error"), "A part of the name or the error in the newest tasks."),
)


@router.get("", response=TasksPage, operation_id="list_tasks", openapi_extra=LISTING.extra())
def list_tasks(request: HttpRequest) -> TasksPage:
    """List background tasks, the newest first."""
    page = LISTING.page(Task.objects.all(), request.GET)
    return TasksPage.of(page, tasks=page.rows)


@router.get("state", response=TasksState, operation_id="get_tasks_state")
def get_tasks_state(request: HttpRequest) -> TasksState:
    """Tell who runs tasks, and what is wrong with them."""
    states = ("waiting", "running", "failed")
    return TasksState(
        problems=[problem.text for problem in task_problems()],
        needs_workers=needs_workers(),
        runners=[RunnerRow.model_validate(runner) for runner in live_runners()],
        counts=TaskCounts(
            **{state: count_of(Task.objects.filter(state=state)) for state in states}
        ),
    )


@router.post("retry", response=OperatedTasks, operation_id="retry_tasks")
def retry_tasks(request: HttpRequest, asked: Form[TasksForm]) -> OperatedTasks:
    """Run tasks that have failed again, and those that wait for their next attempt at once."""
    return _operate(request, asked, retry, Action.TASKS_RETRIED)


@router.post("drop", response=OperatedTasks, operation_id="drop_tasks")
def drop_tasks(request: HttpRequest, asked: Form[TasksForm]) -> OperatedTasks:
    """Delete tasks for good; one that is running is left as it is."""
    return _operate(request, asked, drop, Action.TASKS_DROPPED)


def _operate(
    request: HttpRequest,
    asked: TasksForm,
    operate: Callable[[Collection[int]], Operated],
    action: Action,
) -> OperatedTasks:
    with transaction.atomic():
        operated = operate(asked.ids or ids_in(Task.State.FAILED))
        record_tasks(action, operated.rows, by=require_user(request))
    return OperatedTasks(
        done=[row.pk for row in operated.rows],
        refused=[RefusedTask(id=pk, reason=why) for pk, why in operated.refused.items()],
    )
