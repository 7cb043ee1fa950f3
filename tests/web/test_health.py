# SPDX-License-Identifier: MPL-2.0

from collections.abc import Callable
from pathlib import Path

import pytest
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django.fixtures import Settings
from tests.support.environment import form
from tests.support.proxy import Fault, HttpProxy, Proxy
from tests.support.servers import S3, Server

from tecken.core.storage.s3_options import S3Options
from tecken.jobs.models import Runner, Task
from tecken.jobs.runners import SignOfLife
from tecken.jobs.watching import needs_workers, workers_warning
from tecken.web import health
from tecken.web.caches import RedisRules, redis_cache
from tecken.web.health import watch


@pytest.fixture
def bucket(settings: Settings, tmp_path: Path) -> Path:
    folder = tmp_path / "symbols"
    folder.mkdir()
    settings.SYMBOL_URLS = (folder.as_uri(),)
    settings.UPLOAD_DEFAULT_URL = folder.as_uri()
    settings.UPLOAD_TRY_SYMBOLS_URL = f"{folder.as_uri()}?prefix=try"
    return folder


@pytest.fixture
def _worker(db: None) -> None:
    """Where workers run the tasks, one is alive."""
    SignOfLife(Runner.Kind.WORKER).leave()


@pytest.mark.usefixtures("bucket", "_worker")
@pytest.mark.django_db(transaction=True)  # the checks have connections of their own
def test_a_sound_server_answers_200_with_a_line_for_everything(client: Client) -> None:
    answer = client.get("/__heartbeat__")
    assert answer.status_code == 200
    found = answer.json()
    assert found["status"] == "ok"
    assert found["details"] == {}
    kinds = [name.partition(" ")[0] for name in found["checks"]]
    assert kinds[:6] == ["database", "migrations", "cache", "cache", "source", "source"]
    assert kinds[6:] == (["workers", "tasks"] if needs_workers() else ["tasks"])
    assert set(found["checks"].values()) == {"ok"}


@pytest.mark.usefixtures("bucket", "_worker")
@pytest.mark.django_db(transaction=True)
def test_a_task_that_failed_is_a_warning_with_200(client: Client) -> None:
    Task.objects.create(name="tests.some", state="failed", error="secret")
    answer = client.get("/__heartbeat__")
    assert answer.status_code == 200
    found = answer.json()
    assert found["status"] == "warning"
    assert [name for name, status in found["checks"].items() if status == "warning"] == ["tasks"]
    assert list(found["details"]) == ["tasks"]
    assert found["details"]["tasks"].startswith("1 task has failed, the last is tests.some")
    assert "secret" not in found["details"]["tasks"]


@pytest.mark.usefixtures("_worker")
@pytest.mark.django_db(transaction=True)
def test_an_error_is_worse_than_a_warning(client: Client, bucket: Path) -> None:
    Task.objects.create(name="tests.some", state="failed")
    bucket.rmdir()
    answer = client.get("/__heartbeat__")
    assert (answer.status_code, answer.json()["status"]) == (500, "error")
    assert "tasks" in answer.json()["details"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("bucket")
def test_without_a_worker_it_warns_where_one_is_needed(client: Client, settings: Settings) -> None:
    settings.CELERY_BROKER_URL = "redis://127.0.0.1:1/0"
    watch("workers", workers_warning)
    try:
        answer = client.get("/__heartbeat__")
    finally:
        if form != "scaled-out":
            health._watched.pop("workers")
    assert (answer.status_code, answer.json()["status"]) == (200, "warning")
    assert answer.json()["details"]["workers"].startswith("No worker is alive")


@pytest.mark.usefixtures("bucket", "_worker")
@pytest.mark.django_db(transaction=True)
def test_migrations_that_are_missing_are_counted(client: Client) -> None:
    recorder = MigrationRecorder(connection)
    recorder.record_applied("upload", "9999_of_a_newer_version")
    recorder.record_unapplied("upload", "0001_initial")
    try:
        answer = client.get("/__heartbeat__")
    finally:
        recorder.record_applied("upload", "0001_initial")
        recorder.record_unapplied("upload", "9999_of_a_newer_version")
    assert answer.status_code == 500
    assert answer.json()["details"] == {"migrations": "Migrations that are not applied: 1"}


@pytest.mark.django_db
def test_a_vanished_bucket_is_500_and_named(client: Client, bucket: Path) -> None:
    bucket.rmdir()
    answer = client.get("/__heartbeat__")
    assert answer.status_code == 500
    found = answer.json()
    assert found["status"] == "error"
    broken = [name for name, status in found["checks"].items() if status == "error"]
    assert [name.partition("-")[0] for name in broken] == ["source symbols"] * 2
    assert found["details"].keys() >= set(broken)


@pytest.mark.django_db
@pytest.mark.usefixtures("bucket")
def test_a_cache_that_keeps_nothing_is_500(
    client: Client,
    settings: Settings,
    redis_server: Server,
    make_proxy: Callable[[int], Proxy],
) -> None:
    proxy = make_proxy(redis_server.port)
    proxy.refuse()
    rules = RedisRules(connect_timeout=1, timeout=1, ignore_exceptions=True)
    url = f"redis://127.0.0.1:{proxy.port}/0"
    settings.CACHES = {**settings.CACHES, "default": redis_cache("REDIS_URL", url, rules)}
    answer = client.get("/__heartbeat__")
    assert answer.status_code == 500
    assert answer.json()["details"]["cache default"] == "It does not keep what it was given"


@pytest.mark.django_db
@pytest.mark.usefixtures("bucket")
def test_sources_are_asked_at_the_same_time(
    client: Client,
    settings: Settings,
    s3: S3,
    s3_proxy: HttpProxy,
    make_bucket: Callable[..., str],
) -> None:
    settings.SYMBOL_URLS = tuple(f"{s3_proxy.url}/{make_bucket()}" for _ in range(3))
    settings.S3_OPTIONS = S3Options(s3.access_key, s3.secret_key)
    s3_proxy.add(Fault(delay_seconds=1))
    assert client.get("/__heartbeat__").status_code == 200
    assert s3_proxy.most_at_once() == 3


@pytest.mark.django_db
@pytest.mark.usefixtures("bucket")
def test_only_one_who_asks_for_the_heartbeat_waits_for_it(
    client: Client, django_assert_num_queries: Callable[[int], CaptureQueriesContext]
) -> None:
    with django_assert_num_queries(0):
        assert client.get("/__lbheartbeat__").status_code == 200


def test_it_is_asked_with_get_or_head(client: Client) -> None:
    assert client.post("/__heartbeat__").status_code == 405
