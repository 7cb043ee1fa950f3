# SPDX-License-Identifier: MPL-2.0

"""``tecken tasks``."""

import json
from datetime import UTC, datetime

import pytest
from click.testing import CliRunner, Result
from pytest_django.fixtures import Settings

from tecken.accounts.models import AuditEntry
from tecken.commands.main import cli
from tecken.jobs.models import Runner, Task
from tecken.jobs.runners import SignOfLife

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("_is_migrated")]

NOON = datetime(2026, 11, 28, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _embedded(settings: Settings) -> None:
    settings.CELERY_BROKER_URL = ""


def tasks(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["tasks", *arguments])


def add(state: str, **fields: object) -> Task:
    return Task.objects.create(name="jobs.task_tester", state=state, **fields)


def failed(**fields: object) -> Task:
    return add("failed", attempts=1, finished_at=NOON, **fields)


def test_the_list_has_what_is_not_done_the_newest_first() -> None:
    SignOfLife(Runner.Kind.SERVER).leave()
    first = failed(arguments={"day": "täglich\x1b[31m"}, error="ValueError: no\x1b[31m\nmore")
    add("done", finished_at=NOON)
    second = add("waiting")
    result = tasks()
    assert result.exit_code == 0
    lines = result.output.splitlines()
    assert lines[0] == "Run by 1 process of the server."
    assert lines[1].startswith("! 1 task has failed, the last is jobs.task_tester at 2026-11-28")
    assert lines[2].split()[:3] == [str(second.pk), "waiting", "since"]
    assert "not begun" in lines[2]
    assert lines[3].split()[:4] == [str(first.pk), "failed", "since", "2026-11-28T12:00:00Z"]
    assert "attempt 1 of 1  jobs.task_tester" in lines[3]
    assert "täglich" in lines[3]
    assert lines[4].strip() == "ValueError: no\N{REPLACEMENT CHARACTER}[31m"
    assert "\x1b" not in result.output
    assert len(lines) == 5


def test_states_can_be_named() -> None:
    done, _, waiting = add("done", finished_at=NOON), failed(), add("waiting")
    listed = json.loads(tasks("--state", "done", "--state", "waiting", "--json").stdout)
    assert [task["id"] for task in listed["tasks"]] == [waiting.pk, done.pk]
    refused = tasks("--state", "lost")
    assert refused.exit_code == 2
    assert "'lost' is not one of 'waiting', 'running', 'failed', 'done'" in refused.output


def test_json_has_all_that_is_known() -> None:
    SignOfLife(Runner.Kind.WORKER).leave()
    row = failed(error="ValueError: no", arguments={"a": 1}, request_id="r1")
    listed = json.loads(tasks("--json").stdout)
    [task] = listed.pop("tasks")
    assert (task["id"], task["state"], task["name"]) == (row.pk, "failed", "jobs.task_tester")
    assert (task["arguments"], task["error"]) == ({"a": 1}, "ValueError: no")
    assert (task["attempt"], task["max_attempts"], task["request_id"]) == (1, 1, "r1")
    assert (task["since"], task["started_at"]) == ("2026-11-28T12:00:00Z", None)
    assert [runner["kind"] for runner in listed["runners"]] == ["worker"]
    assert len(listed["problems"]) == 1


def test_a_long_list_says_that_there_is_more() -> None:
    for _ in range(3):
        add("waiting")
    result = tasks("--limit", "2")
    assert result.output.splitlines()[-1] == "There are more; --limit shows more than 2."
    assert len(result.output.splitlines()) == 4


def test_an_empty_list_says_so() -> None:
    expected = "Nobody runs tasks at present.\nThere are none (waiting, running, failed).\n"
    assert tasks().output == expected


def test_failed_tasks_are_retried() -> None:
    first, second = failed(), failed()
    result = tasks("retry", str(first.pk))
    assert result.output == f"{first.pk} will be run again: jobs.task_tester {{}}\n"
    assert tasks("retry", "--failed").output.startswith(f"{second.pk} will be run again")
    assert set(Task.objects.values_list("state", flat=True)) == {"waiting"}
    entry = AuditEntry.objects.latest("pk")
    assert (entry.action, entry.actor_name) == ("tasks retried", "command line")


def test_tasks_are_dropped_and_named() -> None:
    waiting, lost = add("waiting", arguments={"a": 1}), failed()
    result = tasks("drop", "--waiting")
    assert result.output == f'{waiting.pk} dropped: jobs.task_tester {{"a": 1}}\n'
    assert tasks("drop", "--failed").exit_code == 0
    assert not Task.objects.exists()
    assert AuditEntry.objects.latest("pk").details["tasks"] == [f"jobs.task_tester ({lost.pk})"]
    assert tasks("drop", "--failed").output == "No task is failed.\n"


def test_what_could_not_be_done_is_told_and_the_rest_is_done() -> None:
    lost, done = failed(), add("done", finished_at=NOON)
    result = tasks("retry", str(lost.pk), str(done.pk), "999999")
    assert result.exit_code == 1
    assert result.stdout.startswith(f"{lost.pk} will be run again")
    assert result.stderr.splitlines() == [
        f"Error: {done.pk}: is done; only what has failed or waits can be retried",
        "Error: 999999: there is no such task",
    ]


@pytest.mark.parametrize(
    "arguments",
    [("drop",), ("retry",), ("drop", "1", "--failed"), ("retry", "x"), ("--json", "retry", "1")],
)
def test_what_says_nothing_clear_is_refused(arguments: tuple[str, ...]) -> None:
    row = failed()
    assert tasks(*arguments).exit_code == 2
    assert Task.objects.get().state == row.state
