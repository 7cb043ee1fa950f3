# SPDX-License-Identifier: MPL-2.0

"""How many background tasks there are, for metrics: from the rows, whoever runs them."""

from collections.abc import Iterator

from django.utils import timezone

from tecken.jobs.models import Task
from tecken.web.gauges import Sample
from tecken.web.metrics import TASKS, TASKS_OVERDUE

# Those that are done are many. Nobody needs to know whether 10,000 wait or more.
_STATES = (Task.State.WAITING, Task.State.RUNNING, Task.State.FAILED)
_MAX_COUNTED = 10_001


def task_samples() -> Iterator[Sample]:
    """Yield the numbers of tasks; each costs a query of an index, which ends at a bound."""
    for state in _STATES:
        rows = Task.objects.filter(state=state)[:_MAX_COUNTED]
        yield Sample(TASKS, (state.value,), rows.count())
    now = timezone.now()
    due = Task.objects.filter(state=Task.State.WAITING, run_after__lte=now)
    since = due.order_by("run_after").values_list("run_after", flat=True).first()
    yield Sample(TASKS_OVERDUE, (), (now - since).total_seconds() if since else 0.0)
