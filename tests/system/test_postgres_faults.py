# SPDX-License-Identifier: MPL-2.0

"""What clients see while PostgreSQL is restarted."""

import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests
from tests.support import servers
from tests.support.proxy import Proxy
from tests.support.servers import Server
from tests.support.started_server import StartedServer, wait_until
from tests.support.symbol_texts import HELLO_ID, hello, write_zip
from tests.support.templates import postgres_template

LIMITS = {"DJANGO_DATABASE_CONNECT_TIMEOUT": "1", "DJANGO_DATABASE_TIMEOUT": "1"}


@pytest.fixture
def postgres(stoppable_postgres: tuple[Server, str]) -> Server:
    return stoppable_postgres[0]


@pytest.fixture
def database(stoppable_postgres: tuple[Server, str]) -> str:
    return stoppable_postgres[1]


@pytest.fixture
def node(postgres: Server, database: str, tmp_path: Path) -> Iterator[StartedServer]:
    url = servers.postgres_url(postgres, database)
    server = StartedServer(tmp_path / "data", {"DATABASE_URL": url})
    server.ready_token = postgres_template().token
    server.start()
    yield server
    server.stop(signal.SIGKILL)


def archive_of(folder: Path, name: str) -> Path:
    key = f"{name}.pdb/{HELLO_ID}/{name}.sym"
    return write_zip(folder / f"{name}.zip", {key: hello(f"{name}.pdb")})


def uploads_in(node: StartedServer) -> list[tuple[object, ...]]:
    """Return the names of uploads, and whether they were completed."""
    return node.rows("SELECT filename, completed_at IS NOT NULL FROM upload_upload ORDER BY id")


def test_a_restart_costs_nobody_an_answer(
    node: StartedServer, postgres: Server, tmp_path: Path
) -> None:
    token = node.token("upload_symbols")
    for number in range(6):  # both worker processes have connections
        assert node.upload(archive_of(tmp_path, f"a{number}"), token).status_code == 201
    postgres.stop()
    postgres.start()
    for number in range(6):
        assert node.upload(archive_of(tmp_path, f"b{number}"), token).status_code == 201
    assert uploads_in(node) == [("symbols.zip", True)] * 12
    assert "Traceback" not in node.log()


def test_while_it_is_away_uploads_are_told_to_come_again(
    node: StartedServer, postgres: Server, tmp_path: Path
) -> None:
    token = node.token("upload_symbols")
    assert node.upload(archive_of(tmp_path, "before"), token).status_code == 201
    postgres.stop()
    archive = archive_of(tmp_path, "meanwhile")
    refused = node.upload(archive, token)
    assert refused.status_code == 503
    assert int(refused.headers["Retry-After"]) > 0
    assert refused.json() == {"error": "The database cannot be used now"}
    assert requests.get(f"{node.url}/__heartbeat__", timeout=60).status_code == 500
    # Who does not need the database does not notice.
    url = f"{node.url}/before.pdb/{HELLO_ID}/before.sym"
    assert requests.get(url, allow_redirects=False, timeout=60).status_code == 302
    assert node.function_in("before.pdb") == "main"
    postgres.start()
    assert node.upload(archive, token).status_code == 201
    assert uploads_in(node) == [("symbols.zip", True)] * 2


def test_a_database_that_hangs_does_not_hold_up_the_heartbeat(
    postgres: Server, database: str, make_proxy: Callable[[int], Proxy], tmp_path: Path
) -> None:
    proxy = make_proxy(postgres.port)
    url = servers.postgres_url(postgres, database, proxy.port)
    server = StartedServer(tmp_path / "data", {"DATABASE_URL": url, **LIMITS}, workers=1)
    server.start()
    try:
        assert requests.get(f"{server.url}/__heartbeat__", timeout=60).status_code == 200
        proxy.pause()
        for _ in range(2):
            answer = requests.get(f"{server.url}/__heartbeat__", timeout=60)
            assert answer.status_code == 500
            assert list(answer.json()["details"]) == ["database", "migrations", "tasks"]
        proxy.resume()
        healthy = lambda: requests.get(f"{server.url}/__heartbeat__", timeout=60).ok  # noqa: E731
        wait_until(healthy, "the heartbeat has noticed that it is over")
    finally:
        server.stop(signal.SIGKILL)


def test_a_database_that_hangs_holds_no_request_for_long(
    postgres: Server, database: str, make_proxy: Callable[[int], Proxy], tmp_path: Path
) -> None:
    proxy = make_proxy(postgres.port)
    url = servers.postgres_url(postgres, database, proxy.port)
    server = StartedServer(tmp_path / "data", {"DATABASE_URL": url, **LIMITS})
    server.ready_token = postgres_template().token
    server.start("--workers", "1")
    try:
        token = server.token("upload_symbols")
        archive = archive_of(tmp_path, "a")
        assert server.upload(archive, token).status_code == 201
        proxy.pause()
        for _ in range(3):  # those that find an open connection, and those that find none
            began = time.monotonic()
            refused = server.upload(archive, token)
            assert refused.status_code == 503
            assert refused.json() == {"error": "The database cannot be used now"}
            assert time.monotonic() - began < 20  # of which a busy machine may need the most
        # Downloads ask it for code ids alone, and only now and then while it does not answer.
        seconds = [seconds_of_refusal(f"{server.url}/a.dll/5F0{n}/a.sym") for n in range(8)]
        assert min(seconds[1:]) < 1, seconds  # which it would wait for the database
        proxy.resume()
        stored = lambda: server.upload(archive, token).status_code == 201  # noqa: E731
        wait_until(stored, "uploads are taken again")
        missing = f"{server.url}/a.dll/5F00/a.sym"
        found = lambda: requests.get(missing, timeout=60).status_code == 404  # noqa: E731
        wait_until(found, "code ids are looked up again")
        assert "Traceback" not in server.log()
    finally:
        server.stop(signal.SIGKILL)


def seconds_of_refusal(url: str) -> float:
    began = time.monotonic()
    assert requests.get(url, timeout=60).status_code == 503
    return time.monotonic() - began
