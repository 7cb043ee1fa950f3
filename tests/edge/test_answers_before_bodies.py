# SPDX-License-Identifier: MPL-2.0

"""Answers given before the body was read, seen by real clients of a real server."""

import http.client
import json
import socket
import subprocess
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
import requests
from tests.support.started_server import StartedServer

BODY_BYTES = 16_000_000
REFUSED = {"error": "Not Found", "path": "/refused"}
CHUNK = bytes(64 * 1024)


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, int]]:
    server = StartedServer(tmp_path_factory.mktemp("drain"))
    server.start()
    parts = urlsplit(server.url)
    yield parts.hostname or "", parts.port or 0
    server.stop()


def chunks() -> Iterator[bytes]:
    for _ in range(BODY_BYTES // len(CHUNK)):
        yield CHUNK


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
    length = sum(map(len, chunks()))
    for _ in range(3):
        connection = http.client.HTTPConnection(*address, timeout=30)
        headers = {"Transfer-Encoding": "chunked"} if chunked else {"Content-Length": str(length)}
        connection.request("POST", "/refused", chunks(), headers, encode_chunked=chunked)
        answer = connection.getresponse()
        assert (answer.status, json.loads(answer.read())) == (404, REFUSED)
        connection.close()


def test_requests_sees_the_answer(address: tuple[str, int]) -> None:
    for _ in range(3):
        url = f"http://{address[0]}:{address[1]}/refused"
        answer = requests.post(url, data=chunks(), timeout=30)
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
