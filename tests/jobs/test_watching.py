# SPDX-License-Identifier: MPL-2.0

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django.fixtures import Settings

from tecken.jobs.models import Runner, Task
from tecken.jobs.runners import SignOfLife
from tecken.jobs.watching import task_problems, tasks_warning, workers_warning

pytestmark = pytest.mark.django_db

_State = Task.State


@pytest.fixture
def _embedded(settings: Settings) -> None:
    settings.CELERY_BROKER_URL = ""


@pytest.fixture
def _scaled_out(settings: Settings) -> None:
    settings.CELERY_BROKER_URL = "redis://127.0.0.1:1/0"


def add(name: str = "tests.secret", due: float = 0, **fields: object) -> Task:
    """Add a row that is due so many seconds from now."""
    moment = timezone.now() + timedelta(seconds=due)
    return Task.objects.create(name=name, arguments={"key": "hunter2"}, run_after=moment, **fields)


def texts() -> list[str]:
    """What is wrong, without the times."""
    found = [re.sub(r"20[0-9 :-]+ UTC", "TIME", problem.text) for problem in task_problems()]
    assert not any("hunter2" in text for text in found)
    return found


def running(held_for: float) -> dict[str, object]:
    held = timezone.now() + timedelta(seconds=held_for)
    return {"state": _State.RUNNING, "attempts": 1, "held_until": held}


@pytest.mark.usefixtures("_embedded")
def test_nothing_is_wrong_where_nothing_is_late_and_nothing_failed() -> None:
    SignOfLife(Runner.Kind.SERVER).leave()
    add(due=-299)
    add(due=+1000)
    add(due=-1000, **running(held_for=10))
    add(due=-1000, **running(held_for=-299))
    add(due=-1000, state=_State.DONE, finished_at=timezone.now())
    assert texts() == []
    assert (workers_warning(), tasks_warning()) == (None, None)


@pytest.mark.usefixtures("_scaled_out")
def test_without_a_worker_that_is_said_with_what_is_due() -> None:
    assert texts() == ["No worker is alive, so background tasks do not run"]
    add()
    add()
    assert texts() == ["No worker is alive, so background tasks do not run; 2 are due"]
    SignOfLife(Runner.Kind.WORKER).leave()
    assert texts() == []


@pytest.mark.usefixtures("_scaled_out")
def test_of_a_worker_that_was_killed_the_last_sign_is_told() -> None:
    SignOfLife(Runner.Kind.WORKER).leave()
    Runner.objects.update(seen_at=timezone.now() - timedelta(minutes=1))
    expected = (
        "No worker is alive (the last sign of one was at TIME), so background tasks do not run"
    )
    assert texts() == [expected]


@pytest.mark.usefixtures("_embedded")
def test_tasks_that_wait_too_long_are_counted_and_the_first_is_named() -> None:
    SignOfLife(Runner.Kind.SERVER).leave()
    add(due=-301)
    assert texts() == ["1 task has waited for more than 300 s, tests.secret since TIME"]
    add("tests.first", due=-1000, held_until=timezone.now() + timedelta(seconds=50))
    add("tests.stuck", due=-900, **running(held_for=-301))
    assert texts() == ["3 tasks have waited for more than 300 s, tests.first since TIME"]


@pytest.mark.usefixtures("_embedded")
def test_where_the_server_runs_tasks_and_no_process_does_that_is_said() -> None:
    add(due=-301)
    assert texts()[0].endswith("; no process of the server runs tasks")


@pytest.mark.usefixtures("_scaled_out")
def test_how_late_is_too_late_can_be_set(settings: Settings) -> None:
    SignOfLife(Runner.Kind.WORKER).leave()
    settings.TASK_OVERDUE_SECONDS = 20
    add(due=-30)
    assert texts() == ["1 task has waited for more than 20 s, tests.secret since TIME"]


@pytest.mark.usefixtures("_embedded")
def test_failed_tasks_count_until_they_are_retried_or_dropped() -> None:
    for name in ("tests.one", "tests.two"):
        add(name, state=_State.FAILED, error="hunter2", finished_at=timezone.now())
    assert texts() == ["2 tasks have failed, the last is tests.two at TIME"]


@pytest.mark.usefixtures("_embedded")
def test_counting_ends_at_a_thousand() -> None:
    Task.objects.bulk_create(Task(name="x", state=_State.FAILED) for _ in range(1002))
    assert texts()[0].startswith("over 1,000 tasks have failed")
