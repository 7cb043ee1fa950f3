# SPDX-License-Identifier: MPL-2.0

"""Tasks that take long, beside others."""

import threading

import pytest
from pytest_django.fixtures import Settings

from tecken.jobs import server_queue
from tecken.jobs.models import Task
from tecken.jobs.registry import background_task
from tecken.jobs.server_queue import ServerQueue
from tecken.jobs.services import enqueue

pytestmark = pytest.mark.django_db(transaction=True)
has_run = threading.Event()


@background_task("tests.take_long", time_limit_seconds=60, takes_long=True)
def take_long() -> None:
    has_run.set()


def test_one_that_takes_long_is_run_even_where_no_thread_can_be_started(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.CELERY_BROKER_URL = ""
    monkeypatch.setattr(server_queue, "_POLL_SECONDS", 0.05)
    start = threading.Thread.start

    def refuse(thread: threading.Thread) -> None:
        if thread.name == "long-task":
            raise RuntimeError("can't start new thread")
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", refuse)
    queue = ServerQueue()
    queue.start()
    for _ in range(2):  # whoever runs them is still there after the first
        has_run.clear()
        row = enqueue(take_long)
        assert has_run.wait(10)
    queue.stop()
    row.refresh_from_db()
    assert row.state == Task.State.DONE
