# SPDX-License-Identifier: MPL-2.0

"""What ends clients that stall, drip, stay silent or do not read, each limit set to a second or two.

Tests wait for what must happen far longer than it should take: a slow machine is no failure.
"""

import json
import os
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest
from benchmarks.hostile_clients import Target
from benchmarks.hostile_crowd import crowd, raise_descriptors
from benchmarks.hostile_kinds import head
from benchmarks.polite import ask
from tests.support.overload import (
    is_held_by_server,
    read_all,
    target_of,
)
from tests.support.processes import children
from tests.support.started_server import TECKEN, ServerMaker, StartedServer, wait_until

ENDED_WITHIN_SECONDS = 20.0  # limits are a second or two; the defaults fifteen and more
STALLED = {"Content-Length": "1000"}
FORM = {"Content-Type": "multipart/form-data; boundary=limits", "Content-Length": "5000000"}
HALF_A_FORM = (
    b'--limits\r\nContent-Disposition: form-data; name="a.zip"; filename="a.zip"\r\n\r\nPK'
)


def connect(target: Target) -> socket.socket:
    return socket.create_connection((target.address, target.port), ENDED_WITHIN_SECONDS)


def told(target: Target, sent: bytes, drip: bytes = b"", seconds: float = 0.3) -> bytes:
    """Send, and then drip, until the server ends the connection; return what it said."""
    with closing(connect(target)) as connection:
        connection.sendall(sent)
        connection.settimeout(seconds if drip else ENDED_WITHIN_SECONDS)
        received, deadline = b"", time.monotonic() + ENDED_WITHIN_SECONDS
        while time.monotonic() < deadline:
            try:
                data = connection.recv(65_536)
            except TimeoutError:
                connection.sendall(drip)
            except ConnectionResetError:
                return received
            else:
                received += data
                if not data:
                    return received
        pytest.fail(f"held for {ENDED_WITHIN_SECONDS} s, told {received!r}")


def parsed(answer: bytes) -> tuple[int, dict[str, str], bytes]:
    """Return status, headers with names in lower case, and body."""
    first, _, body = answer.partition(b"\r\n\r\n")
    line, *lines = first.decode().split("\r\n")
    headers = dict(each.split(": ", 1) for each in lines)
    return int(line.split()[1]), {name.lower(): value for name, value in headers.items()}, body


@pytest.fixture(scope="module")
def impatient(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StartedServer]:
    settings = {"DJANGO_BODY_IDLE_SECONDS": "2", "DJANGO_HEADER_SECONDS": "2"}
    server = StartedServer(tmp_path_factory.mktemp("impatient") / "data", settings)
    server.begin()
    yield server
    server.stop(signal.SIGKILL)


def test_a_stalled_body_is_answered_408_as_every_error_is(impatient: StartedServer) -> None:
    target = target_of(impatient)
    headers = {**STALLED, "X-Request-ID": "stalled-one"}
    sent = head(target, "POST", "/symbolicate/v5", headers) + b'{"j'
    status, answered, body = parsed(told(target, sent))
    assert status == 408
    assert set(json.loads(body)) == {"error"}
    assert answered["content-type"].startswith("application/json")
    assert answered["content-length"] == str(len(body))
    assert answered["access-control-allow-origin"] == "*"
    assert answered["x-request-id"] == "stalled-one"
    assert answered["x-content-type-options"] == "nosniff"
    assert "default-src 'self'" in answered["content-security-policy"]
    wait_until(lambda: "stalled-one" in impatient.log(), "the log had a line of it", 20)
    [line] = [line for line in impatient.log().splitlines() if "stalled-one" in line]
    assert "408" in line


def test_a_stalled_upload_is_answered_408_and_its_spool_is_gone(impatient: StartedServer) -> None:
    token = impatient.token("upload_symbols")
    target = target_of(impatient, token)
    sent = head(target, "POST", "/upload/", {**FORM, "Auth-Token": token}) + HALF_A_FORM
    status, _, body = parsed(told(target, sent))
    assert (status, set(json.loads(body))) == (408, {"error"})
    spools = impatient.data_dir / "tmp"
    wait_until(
        lambda: not [path for path in spools.rglob("*") if path.is_file()],
        "nothing was left of it",
        20,
    )
    assert impatient.rows("SELECT count(*) FROM upload_upload") == [(0,)]


def test_a_refused_body_that_stalls_is_refused_and_let_go(impatient: StartedServer) -> None:
    target = target_of(impatient)
    for path, refusal in {"/nonexistent": 404, "/upload/": 403}.items():
        sent = head(target, "POST", path, STALLED) + b"abc"
        status, _, body = parsed(told(target, sent))
        assert (status, "error" in json.loads(body)) == (refusal, True)


def test_a_stalled_chunked_body_is_answered_408(impatient: StartedServer) -> None:
    target = target_of(impatient)
    chunked = {"Transfer-Encoding": "chunked"}
    sent = head(target, "POST", "/symbolicate/v5", chunked) + b"3\r\n{}\n\r\n"
    assert parsed(told(target, sent))[0] == 408


def test_who_asks_to_continue_and_sends_nothing_is_let_go(impatient: StartedServer) -> None:
    target = target_of(impatient)
    sent = head(target, "POST", "/symbolicate/v5", {**STALLED, "Expect": "100-continue"})
    answer = told(target, sent).removeprefix(b"HTTP/1.1 100 Continue\r\n\r\n")
    assert parsed(answer)[0] == 408


def test_a_body_that_never_stalls_has_to_end_all_the_same(make_server: ServerMaker) -> None:
    target = target_of(make_server(DJANGO_BODY_MAX_SECONDS="3"))
    sent = head(target, "POST", "/symbolicate/v5", STALLED)
    begun = time.monotonic()
    assert parsed(told(target, sent, b" "))[0] == 408
    assert time.monotonic() - begun > 2  # not before its time


def test_a_body_that_comes_too_slowly_is_answered_408(make_server: ServerMaker) -> None:
    """The rate is looked at after half a minute; most of the time is waiting."""
    server = make_server(DJANGO_BODY_MIN_BYTES_PER_SECOND="2000")
    token = server.token("upload_symbols")
    target = target_of(server, token)
    sent = head(target, "POST", "/upload/", {**FORM, "Auth-Token": token}) + HALF_A_FORM
    with closing(connect(target)) as slow, closing(connect(target)) as quick:
        for connection in (slow, quick):
            connection.sendall(sent)
        deadline = time.monotonic() + 60
        while is_held_by_server(slow) and time.monotonic() < deadline:
            quick.sendall(bytes(3_000))
            slow.sendall(bytes(200))
            time.sleep(0.5)  # a pace of 400 and of 6,000 bytes a second
        assert parsed(read_all(slow))[0] == 408
        assert is_held_by_server(quick)


def test_a_slow_body_that_goes_on_coming_is_taken(impatient: StartedServer) -> None:
    target = target_of(impatient)
    body = json.dumps({"memoryMap": [["a.pdb", "0" * 33]], "stacks": [[[0, 1]]]}).encode()
    with closing(connect(target)) as connection:
        length = {"Content-Length": str(len(body)), "Connection": "close"}
        connection.sendall(head(target, "POST", "/symbolicate/v5", length))
        for at in range(0, len(body), 10):
            time.sleep(0.3)  # slower than all at once, and quicker than the limit
            connection.sendall(body[at : at + 10])
        assert parsed(read_all(connection))[0] == 200


@pytest.mark.parametrize(
    "sent",
    [b"", b"POST /symbol", b"GET /__lbheartbeat__ HTTP/1.1\r\nHost: localhost\r\nX-Half:"],
    ids=["nothing", "half a line", "half the headers"],
)
def test_a_head_has_to_come_in_time(impatient: StartedServer, sent: bytes) -> None:
    answer = told(target_of(impatient), sent)
    assert answer == b"" or parsed(answer)[0] == 408


def test_a_head_that_drips_has_to_end_in_time(impatient: StartedServer) -> None:
    target = target_of(impatient)
    sent = head(target, "GET", "/__lbheartbeat__", {})[:-2]
    answer = told(target, sent, b"X-More: yes\r\n")
    assert answer == b"" or parsed(answer)[0] == 408


def test_an_idle_connection_is_closed_after_its_answer(impatient: StartedServer) -> None:
    target = target_of(impatient)
    answer = told(target, head(target, "GET", "/__lbheartbeat__", {}))
    assert parsed(answer)[0] == 200


def test_more_connections_than_a_worker_takes_wait_and_are_served(
    make_server: ServerMaker,
) -> None:
    settings = {"DJANGO_MAX_CONNECTIONS": "50", "DJANGO_HEADER_SECONDS": "2"}
    server = make_server("--workers", "1", **settings)
    assert server.process is not None
    [worker] = children(server.process.pid)
    target, before = target_of(server), sockets_of(worker)
    with crowd("silent", target, 150, pause_seconds=60):
        assert sockets_of(worker) - before <= 50 + 10  # some are its own
        answer, _ = ask(target, "GET", "/__lbheartbeat__", timeout=ENDED_WITHIN_SECONDS)
        assert answer.status == 200
    answer, _ = ask(target, "GET", "/__lbheartbeat__", timeout=ENDED_WITHIN_SECONDS)
    assert answer.status == 200


def sockets_of(process: int) -> int:
    """Return how many sockets a process has open."""
    count = 0
    for entry in Path(f"/proc/{process}/fd").iterdir():
        with suppress(OSError):  # it has just been closed
            count += os.readlink(entry).startswith("socket:")
    return count


@pytest.fixture
def frugal(tmp_path: Path) -> Iterator[StartedServer]:
    program = tmp_path / "frugal"
    program.write_text(f'#!/bin/bash\nulimit -S -n 1024\nexec {TECKEN} "$@"\n')
    program.chmod(0o755)
    settings = {"DJANGO_LOCAL_PROVIDER": "false", "DJANGO_HEADER_SECONDS": "300"}
    server = StartedServer(tmp_path / "data", settings, program=(program,))
    yield server
    server.stop(signal.SIGKILL)


def test_four_thousand_idle_connections_leave_room_in_a_worker(frugal: StartedServer) -> None:
    """The server starts with as few descriptors as systems give by default."""
    raise_descriptors(6_000)
    frugal.begin("--workers", "1")
    target = target_of(frugal)
    with crowd("silent", target, 4_000, pause_seconds=60) as running:
        for _ in range(20):
            answer, _ = ask(target, "GET", "/__heartbeat__", timeout=ENDED_WITHIN_SECONDS)
            assert answer.status == 200
    assert running.told == {"no answer, held": 4_000}
