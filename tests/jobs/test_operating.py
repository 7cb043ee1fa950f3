# SPDX-License-Identifier: MPL-2.0

from datetime import timedelta

import pytest
from django.utils import timezone

from tecken.jobs.execution import run
from tecken.jobs.models import Task
from tecken.jobs.operating import drop, ids_in, retry
from tecken.jobs.registry import background_task
from tecken.jobs.services import claim_next, enqueue, finish

pytestmark = pytest.mark.django_db

_State = Task.State


@background_task("tests.operated", time_limit_seconds=60, max_attempts=2, first_delay_seconds=100)
def operated_task() -> None:
    raise ValueError("again")


def row(state: Task.State, **fields: object) -> Task:
    return Task.objects.create(name="tests.operated", state=state, **fields)


def run_next() -> Task:
    claimed = claim_next()
    assert claimed is not None
    run(claimed)
    return Task.objects.get(pk=claimed.pk)


def test_a_task_that_failed_has_all_its_attempts_again() -> None:
    enqueue(operated_task)
    run_next()
    Task.objects.update(run_after=timezone.now())
    failed = run_next()
    assert (failed.state, failed.attempt) == ("failed", 2)

    assert [one.pk for one in retry([failed.pk]).rows] == [failed.pk]
    waiting = Task.objects.get()
    assert (waiting.state, waiting.attempt, waiting.finished_at) == ("waiting", 0, None)
    assert waiting.error == "ValueError: again"
    again = run_next()
    assert (again.state, again.attempt) == ("waiting", 1)
    Task.objects.update(run_after=timezone.now())
    assert (run_next().state, Task.objects.get().attempt) == ("failed", 2)


def test_a_runner_that_was_believed_dead_changes_nothing_after_a_retry() -> None:
    enqueue(operated_task)
    dead = claim_next()
    assert dead is not None
    Task.objects.update(state=_State.FAILED, held_until=None)
    retry([dead.pk])
    assert claim_next() is not None
    finish(dead)
    assert Task.objects.get().state == "running"


def test_one_that_waits_for_its_next_attempt_is_due_at_once() -> None:
    waiting = row(_State.WAITING, run_after=timezone.now() + timedelta(hours=1), attempts=1)
    assert retry([waiting.pk]).refused == {}
    found = claim_next()
    assert found is not None
    assert found.attempt == 2


def test_what_is_done_or_running_is_not_retried() -> None:
    done, running = row(_State.DONE), row(_State.RUNNING)
    operated = retry([done.pk, running.pk, 10**9])
    assert operated.rows == []
    assert operated.refused == {
        done.pk: "is done; only what has failed or waits can be retried",
        running.pk: "is running; only what has failed or waits can be retried",
        10**9: "there is no such task",
    }


def test_all_is_dropped_but_what_runs() -> None:
    held = timezone.now() + timedelta(seconds=10)
    running = row(_State.RUNNING, held_until=held)
    left = row(_State.RUNNING, held_until=timezone.now() - timedelta(seconds=10))
    others = [row(state) for state in (_State.WAITING, _State.FAILED, _State.DONE)]
    operated = drop([running.pk, left.pk, *(one.pk for one in others), 10**9])
    assert [one.pk for one in operated.rows] == [left.pk, *(one.pk for one in others)]
    assert operated.refused == {
        running.pk: "is running; it can be dropped when it has ended",
        10**9: "there is no such task",
    }
    assert list(Task.objects.values_list("pk", flat=True)) == [running.pk]


def test_many_are_done_at_once() -> None:
    Task.objects.bulk_create(Task(name="x", state=_State.FAILED) for _ in range(1201))
    ids = ids_in("failed")
    assert len(retry(ids).rows) == 1201
    assert len(drop(ids).rows) == 1201
    assert not Task.objects.exists()
