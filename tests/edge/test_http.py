# SPDX-License-Identifier: MPL-2.0

"""HTTP/1.1 as clients, proxies and attackers write it (RFC 9110 and 9112)."""

import json
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Any

import pytest
from tests.edge.served import Served, StartResponse, receive_all, receive_until, served

from tecken.core.errors import TeckenError
from tecken.edge.limits import MAX_HEAD_BYTES, EdgeLimits


class InterruptedTask(BaseException):
    """No ``Exception``, so that nothing takes it for a fault that it may go on after."""


def app(environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
    """Tell what arrived: the environment, and the body as it was read."""
    path = environ["PATH_INFO"]
    if path == "/fails":
        raise RuntimeError("a fault of the application")
    if path == "/is-interrupted":
        raise InterruptedTask
    if path == "/exits":
        sys.exit("a fault that would end a process")
    try:
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    except TeckenError as error:
        start_response("400 Bad Request", [])
        return [json.dumps({"error": str(error)}).encode()]
    told = {name: value for name, value in environ.items() if isinstance(value, str)}
    answer = json.dumps({**told, "body": body.decode("latin-1")}).encode()
    if path == "/no-content":
        start_response("204 No Content", [])
        return []
    if path == "/slow":
        time.sleep(0.5)  # others are asked for meanwhile
    start_response("200 OK", [("Content-Type", "application/json")])
    return [answer[:10], answer[10:]]


@pytest.fixture(scope="module")
def server() -> Iterator[Served]:
    with served(app, EdgeLimits()) as server:
        yield server


def ask(server: Served, *lines: str, body: bytes = b"") -> tuple[bytes, dict[str, Any]]:
    """Send a request that ends its connection; return the head of the answer and its JSON."""
    head = "\r\n".join([lines[0], "Host: localhost", "Connection: close", *lines[1:], "", ""])
    answer = server.send(head.encode("latin-1") + body)
    head_of_answer, _, rest = answer.partition(b"\r\n\r\n")
    return head_of_answer, json.loads(rest) if rest else {}


def test_a_request_and_its_answer(server: Served) -> None:
    head, told = ask(server, "GET /a%20b/%C3%A9?q=1&r=%20 HTTP/1.1", "X-Some-Thing: yes")
    lines = head.split(b"\r\n")
    assert lines[0] == b"HTTP/1.1 200 OK"
    assert b"Connection: close" in lines
    assert any(line.startswith(b"Content-Length: ") for line in lines)
    assert any(line.startswith(b"Date: ") for line in lines)
    assert told["PATH_INFO"] == "/a b/\xc3\xa9"
    assert told["QUERY_STRING"] == "q=1&r=%20"
    assert told["HTTP_X_SOME_THING"] == "yes"
    assert (told["REQUEST_METHOD"], told["SERVER_PROTOCOL"]) == ("GET", "HTTP/1.1")
    assert told["REMOTE_ADDR"] == "127.0.0.1"
    assert told["SERVER_PORT"] == str(server.address[1])


def test_bytes_beyond_ascii_arrive_as_they_were_sent(server: Served) -> None:
    _, told = ask(server, "GET /\xc3\xa9\xff?\xfe HTTP/1.1", "X-Name: \xe9\xff")
    assert told["PATH_INFO"] == "/\xc3\xa9\xff"
    assert told["QUERY_STRING"] == "%FE"
    assert told["HTTP_X_NAME"] == "\xe9\xff"


def test_headers_that_repeat_are_joined(server: Served) -> None:
    _, told = ask(server, "GET / HTTP/1.1", "X-Two: a", "x-two: b", "Cookie: a=1", "Cookie: b=2")
    assert told["HTTP_X_TWO"] == "a,b"
    assert told["HTTP_COOKIE"] == "a=1; b=2"


def test_a_header_with_an_underscore_passes_for_no_other(server: Served) -> None:
    _, told = ask(server, "GET / HTTP/1.1", "Auth_Token: forged", "X-Forwarded_Proto: https")
    assert not [name for name in told if "TOKEN" in name or "FORWARDED" in name]


@pytest.mark.parametrize(
    ("target", "path"),
    [("http://other.example/a?b", "/a"), ("http://other.example", "/"), ("/a#b", "/a")],
)
def test_a_target_may_be_a_whole_url(server: Served, target: str, path: str) -> None:
    _, told = ask(server, f"GET {target} HTTP/1.1")
    assert told["PATH_INFO"] == path
    assert told["HTTP_HOST"] == "localhost"


@pytest.mark.parametrize("size", [0, 1, 1000, 65_536, 65_537, 2_000_000])
@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_of_any_size_arrives_whole(server: Served, size: int, chunked: bool) -> None:
    body = bytes(range(256)) * (size // 256 + 1)
    body = body[:size]
    if chunked:
        sent = b"".join(
            b"%x;ext=1\r\n%b\r\n" % (len(part), part)
            for at in range(0, size, 50_000)
            if (part := body[at : at + 50_000])
        )
        _, told = ask(
            server,
            "POST / HTTP/1.1",
            "Transfer-Encoding: chunked",
            body=sent + b"0\r\nTrailer: ignored\r\n\r\n",
        )
    else:
        _, told = ask(server, "POST / HTTP/1.1", f"Content-Length: {size}", body=body)
    assert told["body"].encode("latin-1") == body
    assert told.get("CONTENT_LENGTH", "0") == str(size)
    assert "HTTP_TRAILER" not in told


@pytest.mark.parametrize("framing", [b"Content-Length: 10", b"Transfer-Encoding: chunked"])
@pytest.mark.parametrize("asks_first", [False, True])
def test_a_request_that_ends_early_is_none(
    server: Served, framing: bytes, asks_first: bool
) -> None:
    with server.connect() as connection:
        expect = b"Expect: 100-continue\r\n" if asks_first else b""
        connection.sendall(
            b"POST / HTTP/1.1\r\nHost: localhost\r\n%b%b\r\n\r\n" % (expect, framing)
        )
        if asks_first:
            assert connection.recv(65536) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(b"5\r\nhello" if b"chunked" in framing else b"hello")
        connection.shutdown(1)
        answer = receive_all(connection)
    assert answer.startswith(b"HTTP/1.1 400 Bad Request")
    assert b"The body ended before its declared length or its last chunk" in answer


def test_head_has_no_body(server: Served) -> None:
    head, told = ask(server, "HEAD / HTTP/1.1")
    assert head.startswith(b"HTTP/1.1 200 OK")
    assert told == {}


def test_no_content_has_neither_body_nor_length(server: Served) -> None:
    head, told = ask(server, "GET /no-content HTTP/1.1")
    assert head.startswith(b"HTTP/1.1 204 No Content")
    assert b"Content-Length" not in head
    assert b"Transfer-Encoding" not in head
    assert told == {}


def test_http_1_0_ends_with_its_answer(server: Served) -> None:
    answer = server.send(b"GET / HTTP/1.0\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 200 OK")
    assert b"Transfer-Encoding" not in answer


def test_a_connection_is_used_again(server: Served) -> None:
    with server.connect() as connection:
        for number in range(3):
            connection.sendall(b"GET /%d HTTP/1.1\r\nHost: localhost\r\n\r\n" % number)
            answer = receive_until(connection, b"}")
            assert b'"/%d"' % number in answer
            assert b"Connection: close" not in answer


def test_a_connection_is_used_again_after_bodies_that_filled_what_is_received(
    server: Served,
) -> None:
    size = 1024 * 1024  # at which nothing more is received until somebody has read
    head = b"POST /no-content HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n" % size
    with server.connect() as connection:
        connection.settimeout(5)
        for _ in range(10):
            connection.sendall(head + bytes(size))
            assert receive_until(connection, b"\r\n\r\n").startswith(b"HTTP/1.1 204 ")


@pytest.mark.parametrize("count", [2, 50])
def test_requests_that_come_together_are_answered_in_their_order(
    server: Served, count: int
) -> None:
    requests = b"".join(
        b"POST /%d HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n\r\nabc" % number
        for number in range(count)
    )
    last = b"GET /last HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    answers = server.send(requests + last)
    found = [answers.index(b'"PATH_INFO": "/%d"' % number) for number in range(count)]
    assert found == sorted(found)
    assert answers.count(b"HTTP/1.1 200 OK") == count + 1


def test_a_client_that_shuts_its_half_still_gets_its_answer(server: Served) -> None:
    with server.connect() as connection:
        connection.sendall(b"GET /slow HTTP/1.1\r\nHost: localhost\r\n\r\n")
        connection.shutdown(1)
        assert receive_all(connection).startswith(b"HTTP/1.1 200 OK")


def test_one_who_asks_first_is_told_to_go_on(server: Served) -> None:
    with server.connect() as connection:
        connection.sendall(
            b"POST / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
            b"Expect: 100-continue\r\nContent-Length: 5\r\n\r\n"
        )
        assert connection.recv(65536) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(b"hello")
        answer = receive_all(connection)
    assert answer.startswith(b"HTTP/1.1 200 OK")
    assert b'"body": "hello"' in answer


def test_an_offer_of_another_protocol_is_not_taken(server: Served) -> None:
    """curl sends these headers when it is asked for HTTP/2."""
    head, told = ask(
        server,
        "GET /same HTTP/1.1",
        "Upgrade: h2c",
        "HTTP2-Settings: AAMAAABkAAQAAP__",
    )
    assert head.startswith(b"HTTP/1.1 200 OK")
    assert told["PATH_INFO"] == "/same"
    answer = server.send(
        b"GET /same HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade, HTTP2-Settings\r\n"
        b"Upgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n"
    )
    assert answer.startswith(b"HTTP/1.1 200 OK")


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",  # TLS
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost : localhost\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\x00b\r\n\r\n",
        b"GET /\r\n\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
        b"POST / HTTP/1.1\r\nContent-Length: -3\r\n\r\nabcd",
        b"POST / HTTP/1.1\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST / HTTP/1.1\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        b"POST / HTTP/1.1\r\nTransfer-Encoding: identity\r\n\r\nabc",
    ],
)
def test_what_is_no_request_is_answered_400(server: Served, request_bytes: bytes) -> None:
    answer = server.send(request_bytes)
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400 Bad Request"), answer
    assert json.loads(body)["error"].startswith("The request is not HTTP")
    for header in (b"X-Request-ID: ", b"X-Content-Type-Options: nosniff", b"Connection: close"):
        assert header in head


def test_a_chunk_size_that_is_none_is_answered_400(server: Served) -> None:
    answer = server.send(
        b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n"
    )
    assert b" 400 Bad Request" in answer.split(b"\r\n")[0]


@pytest.mark.parametrize("part", [b"GET /" + b"a" * 2 * MAX_HEAD_BYTES, b"GET / HTTP/1.1\r\n"])
def test_a_head_without_end_is_refused(server: Served, part: bytes) -> None:
    with server.connect() as connection, suppress(ConnectionError):
        connection.sendall(part)
        for number in range(4 * MAX_HEAD_BYTES // 1000):
            connection.sendall(b"X-%d: " % number + b"a" * 990 + b"\r\n")
        connection.sendall(b"\r\n")
        answer = receive_all(connection)
        assert answer.startswith((b"HTTP/1.1 431", b"HTTP/1.1 400"))
    assert ask(server, "GET / HTTP/1.1")[0].startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize("part", [b"1;" + b"e" * 4096, b"0\r\nT: " + b"t" * 4096])
def test_what_is_around_a_body_is_bounded(server: Served, part: bytes) -> None:
    """Extensions of a chunk and trailers, which nobody reads, without end."""
    with server.connect() as connection, suppress(ConnectionError):
        connection.sendall(b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
        connection.sendall(part)
        for _ in range(100 * 1024):
            connection.sendall(b"t" * 4096)
        pytest.fail("400 MB were taken")


def test_requests_that_wait_are_bounded(server: Served) -> None:
    with server.connect() as connection, suppress(ConnectionError):
        connection.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n" * 5_000)
        assert receive_all(connection).count(b"HTTP/1.1 200") <= 101


def test_headers_are_bounded_in_number(server: Served) -> None:
    answer = server.send(b"GET / HTTP/1.1\r\n" + b"a:b\r\n" * 10_000 + b"\r\n")
    assert answer.startswith(b"HTTP/1.1 400")


@pytest.mark.parametrize("path", ["/is-interrupted", "/exits"])
def test_what_is_no_exception_is_answered_500_as_well(server: Served, path: str) -> None:
    head, _ = ask(server, f"GET {path} HTTP/1.1")
    assert head.startswith(b"HTTP/1.1 500 Internal Server Error")
    assert ask(server, "GET / HTTP/1.1")[0].startswith(b"HTTP/1.1 200")


def test_a_fault_is_answered_500(server: Served) -> None:
    head, told = ask(server, "GET /fails HTTP/1.1")
    assert head.startswith(b"HTTP/1.1 500 Internal Server Error")
    assert told == {"error": "Internal Server Error"}
