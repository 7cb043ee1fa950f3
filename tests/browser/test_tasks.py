# SPDX-License-Identifier: MPL-2.0

"""The page on background tasks, with some that failed and some that wait."""

import re
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect
from tests.browser.accessibility import assert_accessible, assert_fits_and_is_accessible
from tests.browser.conftest import Visit
from tests.browser.people import People
from tests.support.forms import EMBEDDED_ONLY, Form
from tests.support.started_server import StartedServer, wait_until
from tests.support.started_worker import StartedWorker

PROGRAM = Path(__file__).parents[1] / "support" / "watched_tasks.py"


@pytest.fixture(scope="module")
def server(form: Form, tmp_path_factory: pytest.TempPathFactory) -> Iterator[StartedServer]:
    """A server that has a task which fails."""
    started = StartedServer(
        tmp_path_factory.mktemp("tasks") / "data",
        {"DJANGO_TASK_LEASE_SECONDS": "1"},
        (sys.executable, PROGRAM),
    )
    form(started)
    started.start("--workers", "1")
    yield started
    started.stop(signal.SIGKILL)


@pytest.fixture(scope="module")
def people(server: StartedServer) -> People:
    return People(server)


def failed(server: StartedServer) -> int:
    [(count,)] = server.rows("SELECT count(*) FROM jobs_task WHERE state = 'failed'")
    return int(str(count))


@pytest.fixture(autouse=True)
def two_failed(server: StartedServer) -> None:
    """Two tasks have failed, and the worker, where there is one, was killed since."""
    if failed(server):
        return
    worker = StartedWorker(server)
    if "REDIS_URL" in server.settings:
        worker.start()
    for secret in ("first", "second" * 30):
        assert server.command("enqueue-failing", secret).returncode == 0
    wait_until(lambda: failed(server) == 2, "both have failed")
    worker.stop(signal.SIGKILL)


def row(page: Page, text: str) -> Locator:
    return (
        page.get_by_role("table", name="Background tasks").get_by_role("row").filter(has_text=text)
    )


@EMBEDDED_ONLY
def test_what_failed_is_listed_with_its_error(visit: Visit) -> None:
    page = visit("/tasks", "superuser")
    expect(page.get_by_role("note")).to_contain_text("2 tasks have failed, the last is tests.fai")
    page.get_by_role("link", name="2 failed").click()
    expect(row(page, "tests.failing")).to_have_count(2)
    first = row(page, '{"secret":"first"}')
    expect(first).to_contain_text("RuntimeError: this task fails")
    expect(first).to_contain_text("Failed")
    expect(first).to_contain_text("attempt 1")
    assert_fits_and_is_accessible(page)
    expect(first).to_contain_text("attempt 1")


def test_the_home_page_leads_there(visit: Visit) -> None:
    page = visit("/", "superuser")
    health = page.get_by_role("status").filter(has_text="tasks: 2 tasks have failed")
    health.get_by_role("link", name="Background tasks").click()
    expect(page.get_by_role("heading", level=1, name="Background tasks")).to_be_visible()


def test_tasks_are_retried_and_dropped(visit: Visit, server: StartedServer) -> None:
    page = visit("/tasks", "superuser")
    if "REDIS_URL" in server.settings:
        expect(page.get_by_role("note")).to_contain_text("No worker is alive (the last sign of")
        expect(page.get_by_text("Run by nobody at present")).to_be_visible()
    else:
        expect(page.get_by_text("Run by 1 process of the server")).to_be_visible()
    row(page, '"first"').get_by_role("button", name="Retry").click()
    expect(page.get_by_role("status")).to_have_text("1 task will be run again.")
    if "REDIS_URL" in server.settings:  # nobody is there to do it
        expect(row(page, '"first"')).to_contain_text("Waiting")
    else:
        wait_until(lambda: failed(server) == 2, "it failed once more")
        page.get_by_role("button", name="Refresh").click()
        expect(row(page, '"first"')).to_contain_text("Failed")

    row(page, '"first"').get_by_role("button", name="Drop").click()
    question = page.get_by_role("dialog", name=re.compile("Drop task [0-9]+"))
    expect(question).to_contain_text("tests.failing")
    assert_accessible(page)
    question.get_by_role("button", name="Keep").last.click()
    expect(row(page, '"first"')).to_be_visible()
    row(page, '"first"').get_by_role("button", name="Drop").click()
    question.get_by_role("button", name="Drop").click()
    expect(page.get_by_role("status")).to_have_text("1 task dropped.")
    expect(row(page, '"first"')).to_have_count(0)

    page.get_by_role("button", name="Drop all that failed").click()
    page.get_by_role("dialog").get_by_role("button", name="Drop").click()
    expect(page.get_by_role("link", name="0 failed")).to_be_visible()
    expect(row(page, "tests.failing")).to_have_count(0)
    assert failed(server) == 0
    page.goto("/audit?action=tasks")
    expect(page.get_by_role("row", name=re.compile("tasks dropped"))).to_have_count(2)
    expect(page.get_by_role("row", name=re.compile("tasks retried"))).to_have_count(1)
