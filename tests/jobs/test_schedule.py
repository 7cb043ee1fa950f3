# SPDX-License-Identifier: MPL-2.0

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.db.models import Value
from django.db.models.functions import Concat
from django.utils import timezone

from tecken.jobs import schedule
from tecken.jobs.models import Task
from tecken.jobs.registry import periodic_tasks
from tecken.jobs.schedule import add_periodic_rows
from tecken.jobs.services import claim_next, due_rows

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _new_process() -> None:
    """Forget what this process has seen, as another one that starts has."""
    schedule._seen.clear()


def test_every_periodic_task_has_its_turn_once() -> None:
    add_periodic_rows()
    first = {row.name: row.pk for row in Task.objects.all()}
    assert set(first) == {task.name for task in periodic_tasks()}
    schedule._seen.clear()
    add_periodic_rows()
    assert {row.name: row.pk for row in Task.objects.all()} == first


def test_the_first_turn_of_an_installation_is_a_period_later() -> None:
    began = timezone.now()
    add_periodic_rows()
    for task in periodic_tasks():
        row = Task.objects.get(name=task.name)
        assert row.run_after - began >= timedelta(seconds=task.every_seconds or 0)
    assert claim_next() is None


def test_a_task_that_had_a_turn_has_the_next_at_once() -> None:
    add_periodic_rows()
    Task.objects.update(state=Task.State.DONE, slot=Concat("slot", Value(" before")))
    schedule._seen.clear()
    add_periodic_rows()
    assert due_rows().count() == len(list(periodic_tasks()))


@pytest.mark.django_db(transaction=True)
def test_of_many_schedulers_one_adds_the_turn() -> None:
    def look(_number: int) -> None:
        try:
            schedule._seen.clear()
            add_periodic_rows()
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(look, range(40)))
    assert Task.objects.count() == len(list(periodic_tasks()))


def test_the_next_turn_waits_for_the_one_before() -> None:
    add_periodic_rows()
    row = Task.objects.get(name="jobs.sweep_unfinished_objects")
    row.slot = "jobs.sweep_unfinished_objects 1"  # long ago
    row.save()
    schedule._seen.clear()
    add_periodic_rows()
    assert Task.objects.filter(name=row.name).count() == 1

    Task.objects.filter(pk=row.pk).update(state=Task.State.DONE)
    add_periodic_rows()
    assert Task.objects.filter(name=row.name).count() == 2


def test_a_process_asks_the_database_only_when_a_turn_has_come(
    django_assert_num_queries: pytest.FixtureRequest,
) -> None:
    add_periodic_rows()
    with django_assert_num_queries(0):  # type: ignore[operator]
        add_periodic_rows()
