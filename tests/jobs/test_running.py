# SPDX-License-Identifier: MPL-2.0

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone
from pytest_django.fixtures import Settings

from tecken.jobs.execution import run
from tecken.jobs.models import Task
from tecken.jobs.registry import background_task, find_task
from tecken.jobs.services import (
    claim,
    claim_next,
    due_rows,
    enqueue,
    finish,
    finished_before,
)
from tecken.web.request_ids import current_request_id, for_request

pytestmark = pytest.mark.django_db

calls: list[str] = []
may_end = threading.Event()


@background_task("tests.write", time_limit_seconds=60)
def write(text: str) -> None:
    calls.append(text)


@background_task("tests.note_request", time_limit_seconds=60)
def note_request() -> None:
    calls.append(current_request_id())


@background_task("tests.fail", time_limit_seconds=60, max_attempts=3, first_delay_seconds=100)
def fail() -> None:
    calls.append("failed")
    raise ValueError("this\0 was wrong" + 5000 * "!")


@background_task("tests.run_on", time_limit_seconds=0.2, max_attempts=2)
def run_on() -> None:
    try:
        while True:
            time.sleep(0.001)
    finally:
        calls.append("cleaned up")


@background_task("tests.wait", time_limit_seconds=60)
def wait() -> None:
    while not may_end.is_set():
        time.sleep(0.001)
    calls.append("ended")


@pytest.fixture(autouse=True)
def _nothing_called() -> Iterator[None]:
    calls.clear()
    may_end.clear()
    yield
    may_end.set()


def run_next() -> Task:
    """Run the next row as a runner does, and return it as it is then."""
    row = claim_next()
    assert row is not None
    run(row)
    return Task.objects.get(pk=row.pk)


def change(row: Task, **seconds: float) -> None:
    """Put a time of a row this far from now."""
    times = {name: timezone.now() + timedelta(seconds=by) for name, by in seconds.items()}
    Task.objects.filter(pk=row.pk).update(**times)


def test_a_row_is_run_once_with_its_arguments() -> None:
    enqueue(write, text="täst")
    row = run_next()
    assert calls == ["täst"]
    assert (row.state, row.attempts, row.held_until, row.error) == ("done", 1, None, "")
    assert row.started_at is not None
    assert row.finished_at is not None
    assert claim_next() is None


def test_the_row_is_part_of_the_caller_s_transaction() -> None:
    with transaction.atomic():
        enqueue(write, text="never")
        transaction.set_rollback(True)
    assert not Task.objects.exists()


def test_a_task_has_the_id_of_the_request_that_added_it() -> None:
    with for_request("r1"):
        enqueue(note_request)
    enqueue(note_request)
    run_next()
    run_next()
    assert calls == ["r1", "-"]
    assert current_request_id() == "-"


def test_the_oldest_row_is_first() -> None:
    later, sooner = enqueue(write, text="later"), enqueue(write, text="sooner")
    change(sooner, run_after=-60)
    assert run_next().pk == sooner.pk
    assert run_next().pk == later.pk


def test_a_failed_attempt_is_repeated_later_and_later_and_then_given_up() -> None:
    enqueue(fail)
    pauses = []
    for attempt in (1, 2):
        row = run_next()
        pauses.append(row.run_after - timezone.now())
        assert (row.state, row.attempts) == ("waiting", attempt)
        assert claim_next() is None
        change(row, run_after=-1)
    row = run_next()
    assert (row.state, row.attempts) == ("failed", 3)
    assert timedelta(seconds=50) < pauses[0] < timedelta(seconds=101)
    assert timedelta(seconds=150) < pauses[1] < timedelta(seconds=201)
    assert row.error.startswith("ValueError: this\N{REPLACEMENT CHARACTER} was wrong!!")
    assert len(row.error) == 2000
    assert calls == ["failed"] * 3
    assert claim_next() is None


def test_pauses_end_at_an_hour() -> None:
    assert find_task("tests.fail").delay_seconds(attempts=1000) == 3600


@pytest.mark.django_db(transaction=True)
def test_a_task_that_runs_too_long_is_interrupted() -> None:
    enqueue(run_on)
    row = run_next()
    assert calls == ["cleaned up"]
    assert (row.state, row.attempts) == ("waiting", 1)
    assert row.error == "TaskInterruptedError: was not done after 0.2 s"
    change(row, run_after=-1)
    assert run_next().state == "failed"


def test_wrong_arguments_are_an_error_of_the_row() -> None:
    enqueue(write, colour="blue")
    assert "unexpected keyword argument 'colour'" in run_next().error


def test_a_task_of_another_release_waits_for_it() -> None:
    row = Task.objects.create(name="tests.of_tomorrow", attempts=1000)
    row = run_next()
    assert (row.state, row.error) == ("waiting", "there is no background task 'tests.of_tomorrow'")


def test_a_task_that_no_release_knows_is_given_up_after_a_day() -> None:
    row = Task.objects.create(name="tests.of_yesterday")
    change(row, created_at=-23 * 3600)
    assert run_next().state == "waiting"
    change(row, created_at=-25 * 3600, run_after=-1)
    assert run_next().state == "failed"


def test_a_row_whose_runner_died_is_run_again() -> None:
    enqueue(write, text="twice")
    dead = claim_next()
    assert dead is not None
    assert claim_next() is None
    change(dead, held_until=-1)
    row = run_next()
    assert (row.state, row.attempts, calls) == ("done", 2, ["twice"])


def test_a_row_whose_runners_died_each_time_is_given_up() -> None:
    enqueue(run_on)
    for _ in range(2):
        dead = claim_next()
        assert dead is not None
        change(dead, held_until=-1)
    row = run_next()
    assert (row.state, calls) == ("failed", [])
    assert row.error == "was interrupted in attempt 2, the last one"


def test_a_runner_that_was_believed_dead_changes_nothing() -> None:
    enqueue(write, text="x")
    slow = claim_next()
    assert slow is not None
    change(slow, held_until=-1)
    quick = claim_next()
    assert quick is not None
    finish(slow)
    assert Task.objects.get(pk=slow.pk).state == "running"
    finish(quick)
    assert Task.objects.get(pk=quick.pk).state == "done"


@pytest.mark.django_db(transaction=True)
def test_a_runner_keeps_its_row_and_ends_when_it_has_lost_it(settings: Settings) -> None:
    settings.TASK_LEASE_SECONDS = 0.3
    enqueue(wait)
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(run_in_thread)
        moved = set()
        while len(moved) < 3:
            moved.update(Task.objects.values_list("held_until", flat=True))
        assert due_rows().count() == 0
        Task.objects.update(attempts=7)  # as if another had taken it
        running.result()
    assert calls == []
    assert Task.objects.get().state == "running"


def run_in_thread() -> None:
    try:
        row = claim_next()
        assert row is not None
        run(row)
    finally:
        connection.close()


@pytest.mark.django_db(transaction=True)
def test_a_row_is_taken_by_one_of_many() -> None:
    row = enqueue(write, text="x")
    together = threading.Barrier(8)

    def take(_number: int) -> bool:
        try:
            together.wait()
            return claim(row.pk) is not None
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(take, range(8))) == [False] * 7 + [True]


def test_finished_rows_are_forgotten_after_a_while() -> None:
    for _ in range(2):
        enqueue(write, text="x")
    enqueue(fail)
    old, young, waiting = run_next(), run_next(), run_next()
    change(old, finished_at=-3601)
    assert finished_before(timedelta(hours=1)).delete()[0] == 1
    assert {row.pk for row in Task.objects.all()} == {young.pk, waiting.pk}
