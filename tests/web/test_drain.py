# This Source Code Form is subject to the terms of the Mozilla Public
# License, v. 2.0. If a copy of the MPL was not distributed with this
# file, You can obtain one at https://mozilla.org/MPL/2.0/.

"""Answers given before the body was read, seen by real clients of a real server."""

import http.client
import json
import socket
import subprocess
import threading
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
import requests
from tests.support.started_server import StartedServer

from tecken.web.drain import ENDLESS, DrainMiddleware, declared_length

BODY_BYTES = 30_000_000
REFUSED = {"error": "Not Found", "path": "/refused"}
PIECE = bytes(64 * 1024)


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, int]]:
    server = StartedServer(tmp_path_factory.mktemp("drain"))
    server.start()
    parts = urlsplit(server.url)
    yield parts.hostname or "", parts.port or 0
    server.stop()


def pieces() -> Iterator[bytes]:
    for _ in range(BODY_BYTES // len(PIECE)):
        yield PIECE


def receive(connection: socket.socket) -> bytes:
    """Read an answer up to the end of its JSON."""
    answer = b""
    while not answer.endswith(b"}"):
        data = connection.recv(65536)
        if not data:
            break
        answer += data
    return answer


@pytest.mark.parametrize("chunked", [False, True])
def test_a_client_that_sends_all_before_it_listens_sees_the_answer(
    address: tuple[str, int], chunked: bool
) -> None:
    length = sum(map(len, pieces()))
    for _ in range(3):
        connection = http.client.HTTPConnection(*address, timeout=30)
        headers = {"Transfer-Encoding": "chunked"} if chunked else {"Content-Length": str(length)}
        connection.request("POST", "/refused", pieces(), headers, encode_chunked=chunked)
        answer = connection.getresponse()
        assert (answer.status, json.loads(answer.read())) == (404, REFUSED)
        connection.close()


def test_requests_sees_the_answer(address: tuple[str, int]) -> None:
    for _ in range(3):
        url = f"http://{address[0]}:{address[1]}/refused"
        answer = requests.post(url, data=pieces(), timeout=30)
        assert (answer.status_code, answer.json()) == (404, REFUSED)


@pytest.mark.parametrize("expect", ["Expect:", "Expect: 100-continue"])
def test_curl_sees_the_answer(address: tuple[str, int], expect: str, tmp_path) -> None:
    (tmp_path / "body").write_bytes(bytes(BODY_BYTES))
    url = f"http://{address[0]}:{address[1]}/refused"
    command = ["curl", "-sS", "-H", expect, "-F", f"a.zip=@{tmp_path / 'body'}", url]
    for _ in range(3):
        done = subprocess.run(command, capture_output=True, check=True, timeout=30)
        assert json.loads(done.stdout) == REFUSED


def test_one_who_asks_first_is_answered_at_once_and_sends_nothing(
    address: tuple[str, int],
) -> None:
    with socket.create_connection(address, timeout=30) as connection:
        connection.sendall(
            b"POST /refused HTTP/1.1\r\nHost: localhost\r\n"
            b"Expect: 100-continue\r\nContent-Length: 1000000\r\n\r\n"
        )
        answer = receive(connection)
        assert answer.startswith(b"HTTP/1.1 404")
        assert connection.recv(1) == b""  # closed: the body is not waited for


def test_one_who_stalls_has_its_answer_already(address: tuple[str, int]) -> None:
    with socket.create_connection(address, timeout=30) as connection:
        connection.sendall(
            b"POST /refused HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\nabc"
        )
        assert receive(connection).startswith(b"HTTP/1.1 404")


def test_a_connection_goes_on_after_a_body_that_nobody_wanted(address: tuple[str, int]) -> None:
    with socket.create_connection(address, timeout=30) as connection:
        for _ in range(3):
            connection.sendall(
                b"POST /refused HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\n"
                + bytes(100_000)
            )
            assert receive(connection).startswith(b"HTTP/1.1 404")


class _Stream:
    """A body of ``length`` bytes that notes how much was read."""

    def __init__(self, length: int) -> None:
        self.left = length

    def read(self, size: int = -1) -> bytes:
        data = bytes(min(size, self.left) if size >= 0 else self.left)
        self.left -= len(data)
        return data


def call(application, stream: _Stream, **environ: str) -> None:
    wrapped = DrainMiddleware(application)
    answer = wrapped({"wsgi.input": stream, **environ}, lambda *_: None)
    assert b"".join(answer) == b"answer"
    close = getattr(answer, "close", None)
    if close is not None:
        close()


def test_the_rest_is_read_after_the_answer() -> None:
    stream = _Stream(1_000_000)

    def application(environ, start_response):
        environ["wsgi.input"].read(10)
        yield b"answer"
        assert stream.left == 1_000_000 - 10

    call(application, stream, CONTENT_LENGTH="1000000")
    assert stream.left == 0


def test_a_body_that_was_read_needs_no_thread() -> None:
    threads = threading.active_count()

    def application(environ, start_response):
        environ["wsgi.input"].read(5)
        assert threading.active_count() == threads
        return [b"answer"]

    call(application, _Stream(5), CONTENT_LENGTH="5")


def test_a_chunked_body_has_no_declared_length() -> None:
    seen = []

    def application(environ, start_response):
        seen.append((declared_length(environ), environ["CONTENT_LENGTH"]))
        return [b"answer"]

    call(application, _Stream(5), HTTP_TRANSFER_ENCODING="chunked")
    call(application, _Stream(5), CONTENT_LENGTH="5")
    assert seen == [(None, str(ENDLESS)), (5, "5")]
