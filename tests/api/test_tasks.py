# SPDX-License-Identifier: MPL-2.0

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings
from tests.api.conftest import SignIn

from tecken.accounts.models import AuditEntry, User
from tecken.jobs.models import Runner, Task
from tecken.jobs.runners import SignOfLife

URL = "/api/tasks/"
UNKNOWN = 10**9


@pytest.fixture
def browser(root: User, sign_in: SignIn) -> Client:
    return sign_in(root)


def add(state: str, name: str = "jobs.task_tester", **fields: object) -> Task:
    return Task.objects.create(name=name, state=state, **fields)


@pytest.mark.parametrize("path", ["", "state", "retry", "drop"])
def test_tasks_are_for_superusers(path: str, auditor: User, sign_in: SignIn) -> None:
    method = "post" if path in {"retry", "drop"} else "get"
    answer = getattr(sign_in(auditor), method)(URL + path, {"failed": True})
    assert answer.status_code == 403
    assert answer.json() == {"error": "Must be superuser to access this view."}


def test_a_task_is_told_with_all_that_is_known(browser: Client) -> None:
    finished = timezone.now()
    row = add(
        "failed",
        arguments={"day": "2026-11-28"},
        attempts=7,
        attempts_before=6,
        error="ValueError: no",
        finished_at=finished,
        request_id="r1",
    )
    [task] = browser.get(URL).json()["tasks"]
    for name in ("created_at", "run_after", "since", "finished_at"):
        assert task.pop(name).startswith("20")
    assert task == {
        "id": row.pk,
        "state": "failed",
        "name": "jobs.task_tester",
        "arguments": {"day": "2026-11-28"},
        "attempt": 1,
        "max_attempts": 1,
        "error": "ValueError: no",
        "request_id": "r1",
        "started_at": None,
    }


def test_a_task_of_another_release_is_told_too(browser: Client) -> None:
    add("waiting", "gone.task")
    [task] = browser.get(URL).json()["tasks"]
    assert (task["max_attempts"], task["error"]) == (None, None)


def test_the_list_can_be_filtered_and_sorted(browser: Client) -> None:
    first, second = add("failed", "tests.a", error="no disk"), add("waiting", "tests.b")

    def told(query: str) -> list[int]:
        return [task["id"] for task in browser.get(f"{URL}?{query}").json()["tasks"]]

    assert told("") == [second.pk, first.pk]
    assert told("state=failed") == [first.pk]
    assert told("name=.b") == [second.pk]
    assert told("error=disk") == [first.pk]
    assert told("created_at=yesterday") == []
    assert told("sort=name") == [first.pk, second.pk]
    refused = browser.get(f"{URL}?state=odd&sort=secret")
    assert refused.status_code == 400
    assert refused.json()["errors"]


def test_the_state_has_what_is_wrong_and_who_runs_tasks(
    browser: Client, settings: Settings
) -> None:
    settings.CELERY_BROKER_URL = "redis://127.0.0.1:1/0"
    add("failed", finished_at=timezone.now())
    add("waiting", run_after=timezone.now() + timedelta(hours=1))
    state = browser.get(f"{URL}state").json()
    assert [text[:24] for text in state["problems"]] == [
        "No worker is alive, so b",
        "1 task has failed, the l",
    ]
    assert (state["needs_workers"], state["runners"]) == (True, [])
    assert state["counts"] == {"waiting": 1, "running": 0, "failed": 1}

    SignOfLife(Runner.Kind.WORKER).leave()
    state = browser.get(f"{URL}state").json()
    assert len(state["problems"]) == 1
    [runner] = state["runners"]
    assert runner["kind"] == "worker"
    assert runner["pid"] > 0


def test_tasks_are_retried_and_dropped_by_number(browser: Client, root: User) -> None:
    first, second, running = add("failed"), add("failed"), add("running")
    body = {"ids": [first.pk, running.pk, UNKNOWN]}
    answer = browser.post(f"{URL}retry", body, content_type="application/json")
    assert answer.json() == {
        "done": [first.pk],
        "refused": [
            {
                "id": running.pk,
                "reason": "is running; only what has failed or waits can be retried",
            },
            {"id": UNKNOWN, "reason": "there is no such task"},
        ],
    }
    first.refresh_from_db()
    assert first.state == "waiting"
    answer = browser.post(f"{URL}drop", {"ids": [second.pk]})
    assert answer.json() == {"done": [second.pk], "refused": []}
    assert set(Task.objects.values_list("pk", flat=True)) == {first.pk, running.pk}

    dropped, retried = AuditEntry.objects.order_by("-pk")[:2]
    assert (dropped.action, retried.action) == ("tasks dropped", "tasks retried")
    assert (retried.actor, retried.subject_name) == (root, "background tasks")
    assert retried.details == {"count": 1, "tasks": [f"jobs.task_tester ({first.pk})"]}


def test_all_that_failed_can_be_meant(browser: Client) -> None:
    rows = [add("failed") for _ in range(60)]
    waiting = add("waiting")
    done = browser.post(f"{URL}drop", {"failed": "true"}).json()["done"]
    assert done == [row.pk for row in rows]
    assert AuditEntry.objects.latest("pk").details["count"] == 60
    assert len(AuditEntry.objects.latest("pk").details["tasks"]) == 50
    assert Task.objects.get() == waiting
    assert browser.post(f"{URL}drop", {"failed": "true"}).json() == {"done": [], "refused": []}


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"ids": []},
        {"ids": [1], "failed": True},
        {"ids": ["x"]},
        {"ids": [0]},
        {"ids": [2**63]},
        {"ids": list(range(1, 1002))},
        {"failed": "perhaps"},
    ],
)
def test_a_body_that_says_nothing_clear_is_refused(body: object, browser: Client) -> None:
    add("failed")
    answer = browser.post(f"{URL}drop", body, content_type="application/json")
    assert answer.status_code == 400
    assert answer.json()["errors"]
    assert Task.objects.count() == 1
