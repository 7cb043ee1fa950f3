# SPDX-License-Identifier: MPL-2.0

"""Fetching from real servers on loopback; 127.0.0.1 plays the public network where rules hold."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from ipaddress import ip_address
from itertools import repeat

import pytest
from tests.support.scripted_server import Answer, ScriptedServer

from tecken.core.errors import InvalidRequestError, RemoteUnavailableError
from tecken.core.fetching.addresses import Address, resolve
from tecken.core.fetching.fetch import MAX_REDIRECTS, fetch
from tecken.core.fetching.rules import FetchRules, FetchTimeOuts

TIME_OUTS = FetchTimeOuts(connect_seconds=5, read_seconds=5, total_seconds=20)
LIFTED = FetchRules.lifted(TIME_OUTS)
PUBLIC = ip_address("127.0.0.1")
STRICT = FetchRules(
    TIME_OUTS,
    https_only=True,
    hosts=frozenset({"localhost"}),
    may_connect=lambda address: address == PUBLIC,
    resolve=lambda _: (PUBLIC,),
)


def read(url: str, rules: FetchRules = LIFTED) -> bytes:
    with fetch(url, rules) as fetched:
        return b"".join(fetched.chunks)


def refused(url: str, rules: FetchRules = LIFTED) -> str:
    with pytest.raises(InvalidRequestError) as caught:
        read(url, rules)
    return str(caught.value)


def unavailable(url: str, rules: FetchRules = LIFTED) -> str:
    with pytest.raises(RemoteUnavailableError) as caught:
        read(url, rules)
    return str(caught.value)


def to(location: str, status: int = 302) -> Answer:
    return Answer(status, headers={"Location": location})


def asked(server: ScriptedServer) -> list[str]:
    return [f"{received.method} {received.path}" for received in server.received]


def test_a_file_is_asked_for_and_then_read(web: ScriptedServer) -> None:
    web.routes["/a.zip"] = Answer(body=b"x" * 1_000_000)
    with fetch(f"{web.url}/a.zip?b=c#d", LIFTED) as fetched:
        assert fetched.length == 1_000_000
        assert fetched.redirect_urls == ()
        assert b"".join(fetched.chunks) == b"x" * 1_000_000
    assert asked(web) == ["HEAD /a.zip?b=c", "GET /a.zip?b=c"]
    assert web.received[0].headers["Host"] == f"127.0.0.1:{web.port}"


def test_the_server_is_told_who_asks(web: ScriptedServer) -> None:
    web.routes["/a.zip"] = Answer(body=b"x")
    read(f"{web.url}/a.zip")
    told = [received.headers["User-Agent"] for received in web.received]
    assert told == ["tecken", "tecken"]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_followed_and_told(web: ScriptedServer, status: int) -> None:
    web.routes["/a.zip"] = to("b/c.zip?signature=1", status)
    web.routes["/b/c.zip"] = to(f"http://localhost:{web.port}/d e.zip", status)
    web.routes["/d%20e.zip"] = Answer(body=b"file")
    with fetch(f"{web.url}/a.zip", LIFTED) as fetched:
        assert fetched.redirect_urls == (
            f"{web.url}/b/c.zip?signature=1",
            f"http://localhost:{web.port}/d%20e.zip",
        )
        assert b"".join(fetched.chunks) == b"file"


@pytest.mark.parametrize("status", [400, 403, 405, 500, 501])
def test_a_server_that_refuses_head_is_asked_with_get(web: ScriptedServer, status: int) -> None:
    web.routes["HEAD /a.zip"] = Answer(status)
    web.routes["GET /a.zip"] = to("/b.zip")
    web.routes["HEAD /b.zip"] = Answer(status)
    web.routes["GET /b.zip"] = Answer(body=b"file")
    assert read(f"{web.url}/a.zip") == b"file"


def test_as_many_redirects_as_allowed_are_followed_and_no_more(web: ScriptedServer) -> None:
    for number in range(MAX_REDIRECTS + 1):
        web.routes[f"/{number}"] = to(f"/{number + 1}")
    web.routes[f"/{MAX_REDIRECTS + 1}"] = Answer(body=b"file")
    assert read(f"{web.url}/1") == b"file"
    assert refused(f"{web.url}/0") == f"Too many redirects trying to open {web.url}/0"


def test_a_loop_of_redirects_ends(web: ScriptedServer) -> None:
    web.routes["/a.zip"] = to("/a.zip")
    assert refused(f"{web.url}/a.zip").startswith("Too many redirects")
    assert len(web.received) == MAX_REDIRECTS + 1


@pytest.mark.parametrize("status", [404, 410])
def test_what_is_not_there_is_refused(web: ScriptedServer, status: int) -> None:
    web.routes["/a.zip"] = Answer(status)
    assert refused(f"{web.url}/a.zip") == f"{web.url}/a.zip can't be found ({status})"
    assert asked(web) == ["HEAD /a.zip"]


@pytest.mark.parametrize("status", [204, 206, 302, 304, 400, 401, 403])
def test_any_other_answer_than_a_file_is_refused(web: ScriptedServer, status: int) -> None:
    web.routes["GET /a.zip"] = Answer(status)
    web.routes["HEAD /a.zip"] = Answer()
    assert refused(f"{web.url}/a.zip") == f"{web.url}/a.zip can't be fetched ({status})"


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_trouble_of_the_other_server_is_trouble(web: ScriptedServer, status: int) -> None:
    web.routes["/a.zip"] = Answer(status)
    assert f"the server answered {status}" in unavailable(f"{web.url}/a.zip")


def test_a_server_that_is_not_there_is_trouble() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # and does not listen
        unavailable(f"http://127.0.0.1:{taken.getsockname()[1]}/a.zip")


def test_the_next_address_of_a_host_is_tried(web: ScriptedServer) -> None:
    web.routes["/a.zip"] = Answer(body=b"file")
    rules = replace(LIFTED, resolve=lambda _: (ip_address("::1"), PUBLIC))
    assert read(f"http://two.example:{web.port}/a.zip", rules) == b"file"
    assert web.received[0].headers["Host"] == f"two.example:{web.port}"


def test_a_body_that_is_shorter_than_its_length_is_trouble(web: ScriptedServer) -> None:
    web.routes["/a.zip"] = Answer(body=b"x" * 1000, cut_after=500)
    unavailable(f"{web.url}/a.zip")


def test_a_body_that_ends_before_its_last_chunk_is_trouble(web: ScriptedServer) -> None:
    headers = {"Transfer-Encoding": "chunked"}
    web.routes["/a.zip"] = Answer(headers=headers, chunks=lambda: [b"3\r\nabc\r\n"])
    unavailable(f"{web.url}/a.zip")


def test_a_body_is_not_read_further_than_is_asked_for(web: ScriptedServer) -> None:
    web.routes["/a.zip"] = Answer(chunks=lambda: repeat(b"x" * 65_536))
    with fetch(f"{web.url}/a.zip", LIFTED) as fetched:
        assert fetched.length is None
        assert len(next(fetched.chunks)) > 0


@pytest.mark.parametrize(
    "url",
    ["", "a.zip", "/a.zip", "http:///a.zip", "ftp://host/a.zip", "file:///etc/a.zip",
     "http://[::1/a.zip", "http://host:99999999/a.zip", "http://host/\0.zip", "http://" + "x" * 9000],
)  # fmt: skip
def test_what_is_no_url_of_a_file_is_refused(url: str) -> None:
    assert "URL" in refused(url)


def test_a_redirect_to_what_is_no_url_is_refused(web: ScriptedServer) -> None:
    web.routes["/a.zip"] = to("http://[::1/b.zip")
    assert "is not a URL" in refused(f"{web.url}/a.zip")


# --- with rules -------------------------------------------------------------------------------


def test_https_is_spoken_with_the_name_of_the_host(
    secure_web: ScriptedServer, trusted: None
) -> None:
    secure_web.routes["/a.zip"] = Answer(body=b"file")
    url = f"https://localhost:{secure_web.port}/a.zip"
    assert read(url, STRICT) == b"file"
    assert set(secure_web.names) == {"localhost"}
    assert secure_web.received[0].headers["Host"] == f"localhost:{secure_web.port}"


def test_a_certificate_that_nobody_trusts_is_trouble(secure_web: ScriptedServer) -> None:
    secure_web.routes["/a.zip"] = Answer(body=b"file")
    assert "certificate" in unavailable(f"https://localhost:{secure_web.port}/a.zip", STRICT)


def test_a_certificate_of_another_host_is_trouble(
    secure_web: ScriptedServer, trusted: None
) -> None:
    rules = replace(STRICT, hosts=frozenset({"other.example"}))
    assert "certificate" in unavailable(f"https://other.example:{secure_web.port}/a.zip", rules)


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("http://localhost/a.zip", "Insecure URL"),
        ("ftp://localhost/a.zip", "Insecure URL"),
        ("https://evil.example/a.zip", "Not an allowed domain ('evil.example') to download from."),
        ("https://localhost.evil.example/a.zip",
         "Not an allowed domain ('localhost.evil.example') to download from."),
        ("https://localhost@evil.example/a.zip",
         "A URL with a user name or password is not fetched"),
        ("https://evil.example\\@localhost/a.zip",
         "A URL with a user name or password is not fetched"),
    ],
)  # fmt: skip
def test_a_url_against_the_rules_is_refused(url: str, message: str) -> None:
    assert refused(url, STRICT) == message


@pytest.mark.parametrize("method", ["HEAD", "GET"])
def test_every_redirect_is_held_to_the_rules(
    secure_web: ScriptedServer, trusted: None, method: str
) -> None:
    start = f"https://localhost:{secure_web.port}/a.zip"
    secure_web.routes["HEAD /a.zip"] = Answer()
    for location, message in [
        (f"http://localhost:{secure_web.port}/b.zip", "Insecure URL"),
        ("https://evil.example/b.zip", "Not an allowed domain ('evil.example') to download from."),
        ("//evil.example/b.zip", "Not an allowed domain ('evil.example') to download from."),
    ]:
        secure_web.routes[f"{method} /a.zip"] = to(location)
        assert refused(start, STRICT) == message


def answers_in_turn(*answers: str) -> Callable[[str], tuple[Address, ...]]:
    """Make a name server that changes its mind."""
    turn = iter([ip_address(answer) for answer in answers])
    return lambda _: (next(turn),)


def test_a_second_answer_of_the_name_server_is_not_asked_for(
    secure_web: ScriptedServer, trusted: None
) -> None:
    secure_web.routes["/a.zip"] = Answer(body=b"file")
    rules = replace(STRICT, resolve=answers_in_turn("127.0.0.1", "127.0.0.2"))
    assert read(f"https://localhost:{secure_web.port}/a.zip", rules) == b"file"


def test_a_host_that_becomes_a_private_one_is_refused(
    secure_web: ScriptedServer, trusted: None
) -> None:
    secure_web.routes["/a.zip"] = to("/b.zip")
    secure_web.routes["/b.zip"] = Answer(body=b"secret")
    rules = replace(STRICT, resolve=answers_in_turn("127.0.0.1", "127.0.0.2"))
    message = refused(f"https://localhost:{secure_web.port}/a.zip", rules)
    assert message == "'localhost' has the address 127.0.0.2, which is not a public one"
    assert asked(secure_web) == ["HEAD /a.zip"]


def test_a_host_with_one_private_address_is_refused(web: ScriptedServer) -> None:
    rules = replace(STRICT, resolve=lambda _: (PUBLIC, ip_address("10.0.0.1")))
    assert "10.0.0.1" in refused("https://localhost/a.zip", rules)


def test_what_the_system_says_of_a_host_is_believed() -> None:
    rules = FetchRules(TIME_OUTS, https_only=False, hosts=None)
    assert "127.0.0.1" in refused("http://127.1/a.zip", rules)
    assert resolve("127.1") == (PUBLIC,)


# --- servers that keep one waiting ------------------------------------------------------------


@pytest.fixture
def dripping() -> Iterator[tuple[int, list[bytes]]]:
    """A server that sends a byte at a time, of whatever the list says; it never ends."""
    text: list[bytes] = []
    stop = threading.Event()

    def drip(connection: socket.socket) -> None:
        with connection:
            try:
                for at in range(10_000):
                    sent = text[0][at : at + 1] or b"x"
                    connection.sendall(sent)
                    if stop.wait(0.05):
                        return
            except OSError:
                return

    def accept(listener: socket.socket) -> None:
        while not stop.is_set():
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=drip, args=(connection,), daemon=True).start()

    listener = socket.create_server(("127.0.0.1", 0))
    thread = threading.Thread(target=accept, args=(listener,), daemon=True)
    thread.start()
    yield listener.getsockname()[1], text
    stop.set()
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    thread.join(5)


@pytest.mark.parametrize(
    ("scheme", "text"),
    [
        ("http", b"HTTP/1.1 200 OK\r\nX-Long: "),
        ("http", b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n"),
        ("http", b"HTTP/1.0 200 OK\r\n\r\n"),
        ("https", b"\x16\x03\x03\x3f\xff\x02\x00\x3f\xfb"),  # the beginning of a ServerHello
    ],
)
def test_a_server_that_drips_is_left_when_the_time_is_over(
    dripping: tuple[int, list[bytes]], scheme: str, text: bytes
) -> None:
    port, drips = dripping
    drips.append(text)
    rules = FetchRules.lifted(replace(TIME_OUTS, total_seconds=1.5))
    before = time.monotonic()
    assert "it took too long" in unavailable(f"{scheme}://127.0.0.1:{port}/a.zip", rules)
    assert time.monotonic() - before < 10


def test_a_server_that_says_nothing_is_left_after_the_time_out() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        rules = FetchRules.lifted(replace(TIME_OUTS, read_seconds=0.3))
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/a.zip"
        assert "did not answer in time" in unavailable(url, rules)


def test_a_host_with_many_addresses_that_do_not_answer_is_left_when_the_time_is_over() -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full, ExitStack() as waiting:
        address = full.getsockname()
        for _ in range(3):  # more than it lets wait: it answers no further one
            client = waiting.enter_context(socket.socket())
            client.setblocking(False)
            client.connect_ex(address)
        rules = replace(
            LIFTED,
            time_outs=FetchTimeOuts(connect_seconds=0.2, read_seconds=5, total_seconds=0.5),
            resolve=lambda _: (PUBLIC,) * 100,
        )
        before = time.monotonic()
        assert "did not answer in time" in unavailable(
            f"http://127.0.0.1:{address[1]}/a.zip", rules
        )
        assert time.monotonic() - before < 10
