# SPDX-License-Identifier: MPL-2.0

"""Faults reach a real HTTP server that stands for Sentry, without what clients sent."""

import gzip
import json
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from tests.support.scripted_server import Answer, Received, ScriptedServer
from tests.support.started_server import StartedServer, wait_until
from tests.support.started_worker import StartedWorker

PROGRAMS = Path(__file__).parents[1] / "support"


@pytest.fixture
def sentry() -> Iterator[ScriptedServer]:
    with ScriptedServer() as server:
        server.routes["/api/1/envelope/"] = Answer(200, b"{}")
        yield server


def dsn_of(sentry: ScriptedServer) -> str:
    return sentry.url.replace("http://", "http://key@") + "/1"


@pytest.fixture
def server(sentry: ScriptedServer, tmp_path: Path) -> Iterator[StartedServer]:
    program = (sys.executable, PROGRAMS / "faulty_views.py")
    server = StartedServer(tmp_path / "data", {"SENTRY_DSN": dsn_of(sentry)}, program, workers=1)
    server.begin()
    yield server
    server.stop(signal.SIGKILL)


def text_of(received: Received) -> str:
    packed = received.headers.get("Content-Encoding") == "gzip"
    return (gzip.decompress(received.body) if packed else received.body).decode()


def events_in(envelopes: list[str]) -> list[dict[str, Any]]:
    lines = [json.loads(line) for text in envelopes for line in text.splitlines() if line]
    return [line for line in lines if "exception" in line]


def test_a_fault_is_told_without_what_the_client_sent(
    sentry: ScriptedServer, server: StartedServer
) -> None:
    token = server.token("upload_symbols")
    answer = requests.post(
        f"{server.url}/fault?signature=squery",
        data={"field": "sbody"},
        headers={"Auth-Token": token, "Cookie": "sessionid=scookie", "X-Request-ID": "r-17"},
        timeout=60,
    )
    assert (answer.status_code, answer.json()) == (500, {"error": "Internal Server Error"})
    wait_until(lambda: bool(sentry.received), "Sentry was told")
    server.stop()

    envelopes = [text_of(received) for received in sentry.received]
    [event] = events_in(envelopes)
    [exception] = event["exception"]["values"]
    assert (exception["type"], exception["value"]) == ("RuntimeError", "this view fails")
    assert event["release"].startswith("tecken@")
    assert event["environment"] == "localdev"
    assert event["tags"]["request_id"] == "r-17"
    assert event["request"]["url"] == f"{server.url}/fault"
    assert event["request"]["method"] == "POST"
    for secret in (token, token[:12], "scookie", "sbody", "squery"):
        assert not any(secret in text for text in envelopes), secret
    assert token not in server.log()


@pytest.mark.parametrize("runner", ["server", "worker"])
def test_a_fault_of_a_task_is_told_without_its_arguments(
    sentry: ScriptedServer, tmp_path: Path, runner: str, request: pytest.FixtureRequest
) -> None:
    settings = {"SENTRY_DSN": dsn_of(sentry)}
    if runner == "worker":
        settings["DATABASE_URL"] = request.getfixturevalue("migrated_postgres_url")
        settings["REDIS_URL"] = request.getfixturevalue("redis_url")
    program = (sys.executable, PROGRAMS / "watched_tasks.py")
    server = StartedServer(tmp_path / "data", settings, program, workers=1)
    started = server if runner == "server" else StartedWorker(server)
    server.give_database()
    started.start()
    try:
        added = server.command("enqueue-failing", "sargument")
        assert added.returncode == 0, added.stderr
        wait_until(lambda: bool(sentry.received), "Sentry was told")
    finally:
        started.stop()

    envelopes = [text_of(received) for received in sentry.received]
    [event] = events_in(envelopes)
    [exception] = event["exception"]["values"]
    assert (exception["type"], exception["value"]) == ("RuntimeError", "this task fails")
    assert event["release"].startswith("tecken@")
    assert event["tags"]["request_id"] == "r-18"
    assert not any("sargument" in text for text in envelopes)


def test_a_dsn_that_cannot_be_used_is_one_line(tmp_path: Path) -> None:
    server = StartedServer(tmp_path, {"SENTRY_DSN": "https://sentry.example.com/hush"})
    done = server.command("serve")
    assert (done.returncode, done.stderr) == (
        1,
        "Error: SENTRY_DSN must be https://key@host/number\n",
    )
    checked = server.command("check", "--quiet")
    assert "error    SENTRY_DSN: must be https://key@host/number\n" in checked.stdout
