# SPDX-License-Identifier: MPL-2.0

import logging
from datetime import timedelta

import pytest
from django.db import connection
from django.db.models import F
from django.utils import timezone
from pytest_django.fixtures import Settings

from tecken.jobs import runners
from tecken.jobs.models import Runner
from tecken.jobs.runners import SignOfLife, last_sign_of_a_worker, live_runners, sign_seconds

pytestmark = pytest.mark.django_db

WORKER, SERVER = Runner.Kind.WORKER, Runner.Kind.SERVER


def sign(kind: Runner.Kind = WORKER, seconds_ago: float = 0) -> SignOfLife:
    """Leave a sign as another process would, some time ago by the database's clock."""
    left = SignOfLife(kind)
    known = set(Runner.objects.values_list("pk", flat=True))
    left.leave()
    Runner.objects.exclude(pk__in=known).update(
        seen_at=F("seen_at") - timedelta(seconds=seconds_ago)
    )
    return left


def test_each_process_has_one_row_whose_time_it_moves() -> None:
    first, second = sign(seconds_ago=20), sign()
    first.leave()
    second.leave()
    assert len(live_runners()) == Runner.objects.count() == 2
    assert all(timezone.now() - one.seen_at < timedelta(seconds=10) for one in live_runners())


@pytest.mark.parametrize(("age", "count"), [(0, 1), (25, 1), (31, 0), (-25, 1), (-31, 0)])
def test_one_is_alive_for_a_lease_after_its_last_sign(age: int, count: int) -> None:
    sign(seconds_ago=age)
    assert len(live_runners()) == count


def test_several_signs_fit_into_a_lease(settings: Settings) -> None:
    settings.TASK_LEASE_SECONDS = 30
    assert sign_seconds() == 10


def test_it_does_not_matter_what_the_clock_of_a_node_says(monkeypatch: pytest.MonkeyPatch) -> None:
    past = timezone.now() - timedelta(hours=3)
    monkeypatch.setattr(timezone, "now", lambda: past)
    sign()
    assert len(live_runners()) == 1
    monkeypatch.undo()
    assert len(live_runners()) == 1


def test_one_that_ends_takes_its_row_with_it_and_does_not_come_back() -> None:
    left = sign()
    left.take_back()
    left.leave()
    assert not Runner.objects.exists()


def test_rows_of_killed_ones_are_deleted_by_one_that_starts_a_day_later() -> None:
    sign(seconds_ago=3600)
    sign(seconds_ago=25 * 3600)
    sign()
    assert Runner.objects.count() == 2


def test_a_row_that_was_deleted_meanwhile_is_made_anew() -> None:
    left = sign()
    Runner.objects.all().delete()
    left.leave()
    assert len(live_runners()) == 1


def test_the_last_sign_is_that_of_a_worker() -> None:
    assert last_sign_of_a_worker() is None
    sign(seconds_ago=100)
    sign(SERVER)
    last = last_sign_of_a_worker()
    assert last is not None
    assert timedelta(seconds=90) < timezone.now() - last < timedelta(seconds=110)


@pytest.mark.django_db(transaction=True)
def test_a_database_that_cannot_be_used_ends_nobody(caplog: pytest.LogCaptureFixture) -> None:
    left = SignOfLife(WORKER)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE jobs_runner RENAME TO jobs_hidden")
    try:
        with caplog.at_level(logging.WARNING, runners.__name__):
            left.leave()
            left.take_back()
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE jobs_hidden RENAME TO jobs_runner")
    assert [record.getMessage().partition(":")[0] for record in caplog.records] == [
        "cannot leave a sign of life",
        "cannot take back the sign of life",
    ]
