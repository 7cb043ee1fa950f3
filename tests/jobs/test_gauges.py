# SPDX-License-Identifier: MPL-2.0

from datetime import timedelta

import pytest
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django.fixtures import DjangoAssertNumQueries

from tecken.jobs import gauges
from tecken.jobs.gauges import task_samples
from tecken.jobs.models import Task

pytestmark = pytest.mark.django_db


def make(count: int, state: str, run_after_seconds: float = 0) -> None:
    due = timezone.now() + timedelta(seconds=run_after_seconds)
    Task.objects.bulk_create(
        Task(name="tests.any", state=state, run_after=due) for _ in range(count)
    )


def found() -> dict[str, float]:
    return {
        sample.gauge.key.format(state=sample.labels[0] if sample.labels else ""): sample.value
        for sample in task_samples()
    }


def test_tasks_are_counted_by_state() -> None:
    make(3, "waiting", 60)
    make(2, "running")
    make(1, "failed")
    make(9, "done")
    assert found() == {
        "tasks.waiting": 3,
        "tasks.running": 2,
        "tasks.failed": 1,
        "tasks.overdue_seconds": 0,
    }


def test_the_task_that_has_been_due_for_longest_is_told_of() -> None:
    make(1, "waiting", -100)
    make(1, "waiting", -10)
    make(1, "failed", -1000)
    assert 100 <= found()["tasks.overdue_seconds"] < 160


def test_no_more_rows_are_looked_at_than_anybody_needs_to_know(
    monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    monkeypatch.setattr(gauges, "_MAX_COUNTED", 5)
    make(9, "failed")
    queries: CaptureQueriesContext
    with django_assert_num_queries(4) as queries:
        assert found()["tasks.failed"] == 5
    assert all(" LIMIT " in query["sql"] for query in queries.captured_queries)
