# SPDX-License-Identifier: MPL-2.0

"""Background tasks, as superusers see them."""

from datetime import datetime
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from tecken.api.schemas.common import FormList, Id, OptionalText, PageShape, Shape

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
