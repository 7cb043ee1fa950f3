# SPDX-License-Identifier: MPL-2.0

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings
from redis import Redis
from tests.support import servers

from tecken.jobs import tester
from tecken.jobs.execution import run
from tecken.jobs.models import Task
from tecken.jobs.services import claim_next
from tecken.jobs.tester import Trial
from tecken.web.caches import RedisRules, redis_cache

pytestmark = pytest.mark.django_db
URL = "/__task_tester__"


@pytest.fixture(autouse=True)
def _nothing_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    cache.delete("task-tester")
    monkeypatch.setattr(tester, "_WAIT_SECONDS", 0.0)  # nobody runs tasks beside a test


def test_a_task_that_ran_is_seen(client: Client) -> None:
    answer = client.post(URL)
    assert (answer.status_code, answer.content) == (201, b"Now make a GET request to this URL\n")
    row = claim_next()
    assert row is not None
    run(row)
    answer = client.get(URL)
    assert (answer.status_code, answer.content) == (200, b"It works!\n")


def test_before_a_post_there_is_nothing_to_see(client: Client) -> None:
    assert client.get(URL).status_code == 400


def test_a_task_that_did_not_run_is_500(client: Client) -> None:
    client.post(URL)
    assert client.get(URL).status_code == 500


@pytest.mark.parametrize("has_run", [True, False])
def test_after_a_post_a_cache_that_forgets_is_500(client: Client, *, has_run: bool) -> None:
    client.post(URL)
    row = claim_next()
    assert row is not None
    if has_run:
        run(row)
    cache.delete("task-tester")
    answer = client.get(URL)
    expected = (500, b"The cache does not keep what it is given\n")
    assert (answer.status_code, answer.content) == expected


def test_long_after_a_post_there_is_nothing_to_see(client: Client) -> None:
    client.post(URL)
    row = claim_next()
    assert row is not None
    run(row)
    cache.delete("task-tester")
    Task.objects.update(created_at=timezone.now() - timedelta(minutes=6))
    assert client.get(URL).status_code == 400


def test_no_cookie_and_no_csrf_token_is_needed() -> None:
    assert Client(enforce_csrf_checks=True).post(URL).status_code == 201


def test_other_methods_are_refused(client: Client) -> None:
    answer = client.put(URL)
    assert (answer.status_code, answer["Allow"]) == (405, "GET, HEAD, POST")


def test_asking_often_leaves_few_rows(client: Client) -> None:
    for _ in range(5):
        client.post(URL)
        client.post(URL)
        row = claim_next()
        assert row is not None
        run(row)
    assert Task.objects.count() == 1


def test_a_cache_that_is_full_does_not_keep_an_earlier_result(settings: Settings) -> None:
    with servers.redis() as server, Redis(port=server.port, protocol=2) as admin:
        rules = RedisRules(connect_timeout=1, timeout=1, ignore_exceptions=True)
        full = redis_cache("REDIS_URL", servers.redis_url(server), rules)
        settings.CACHES = {**settings.CACHES, "default": full}
        tester.leave_mark()
        assert tester.trial_result() is Trial.RAN
        admin.config_set("maxmemory", 1)
        tester.start_trial()
        assert tester.trial_result() is Trial.FORGOTTEN
