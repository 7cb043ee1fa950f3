# SPDX-License-Identifier: MPL-2.0

"""One other server: what is taken from it, what is refused, and what its trouble costs."""

import gzip
import re
import socket
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from tests.support.scripted_server import Answer, ScriptedServer
from tests.support.symbol_texts import HELLO_ID, hello
from tests.support.upstreams import (
    MIB,
    UpstreamMaker,
    drip_body,
    drip_head,
    endless,
    hang,
    raw_server,
    reset,
)

from tecken.core.errors import (
    BeingFetchedError,
    NoConnectionError,
    ObjectNotFoundError,
    StorageError,
    StorageUnavailableError,
)
from tecken.core.identifiers import SymbolKey
from tecken.core.upstreams import client
from tecken.core.upstreams.verdicts import MISSING, Verdict

KEY = SymbolKey.of_module("hello.pdb", HELLO_ID)
PATH = f"/{KEY}"
TEXT = hello().encode()
BREAKPAD = "?layout=breakpad"


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with ScriptedServer() as started:
        yield started


@pytest.fixture
def maker(tmp_path: Path) -> UpstreamMaker:
    return UpstreamMaker(tmp_path)


def key(number: int) -> SymbolKey:
    return SymbolKey.of_module("hello.pdb", f"{number:032X}1")


def test_a_file_is_fetched_once_and_then_lies_here(
    server: ScriptedServer, maker: UpstreamMaker
) -> None:
    server.routes[PATH] = Answer(body=TEXT)
    upstream = maker.make(server.url + BREAKPAD)
    info = upstream.find(KEY)
    assert info.content.content_encoding == "gzip"
    with upstream.cache.bucket.open(info.key) as reader:
        assert gzip.decompress(reader.read()) == TEXT
    assert maker.make(server.url + BREAKPAD).find(KEY) == info
    assert [received.method for received in server.received] == ["GET"]
    assert maker.noted == [("found", info.size)]
    assert maker.texts() == []


def test_a_file_may_come_compressed(server: ScriptedServer, maker: UpstreamMaker) -> None:
    packed = gzip.compress(TEXT)
    server.routes[PATH] = Answer(body=packed, headers={"Content-Encoding": "gzip"})
    upstream = maker.make(server.url + BREAKPAD)
    info = upstream.find(KEY)
    assert info.content.metadata["original_size"] == str(len(TEXT))


def test_a_miss_is_remembered_by_all_processes_until_it_is_forgotten(
    server: ScriptedServer, maker: UpstreamMaker
) -> None:
    upstream, other = (maker.make(server.url + BREAKPAD) for _ in range(2))
    for _ in range(2):
        for each in (upstream, other):
            with pytest.raises(ObjectNotFoundError):
                each.find(KEY)
    assert len(server.received) == 1
    server.routes[PATH] = Answer(body=TEXT)
    upstream.forget(KEY)
    assert upstream.find(KEY).size


def test_a_miss_is_forgotten_after_its_own_time(
    server: ScriptedServer, maker: UpstreamMaker
) -> None:
    upstream = maker.make(server.url + BREAKPAD)
    upstream.verdicts.clock = lambda: time.monotonic() + 3600
    with pytest.raises(ObjectNotFoundError):
        upstream.find(KEY)
    [(name, kept)] = maker.shared.kept.items()
    assert re.fullmatch(r"missing:\d+\.\d:", str(kept))
    maker.shared.kept.pop(name)  # as the cache does after so many seconds
    upstream.verdicts.clock = lambda: time.monotonic() + 7200
    with pytest.raises(ObjectNotFoundError):
        upstream.find(KEY)
    assert len(server.received) == 2


def test_a_miss_that_was_read_is_remembered_no_longer_than_it_may(maker: UpstreamMaker) -> None:
    first, second = (maker.make("http://127.0.0.1:1" + BREAKPAD).verdicts for _ in range(2))
    first.write(KEY, "", Verdict(MISSING), 20)
    assert second.read(KEY, "") == Verdict(MISSING)
    maker.shared.kept.clear()
    assert second.read(KEY, "") == Verdict(MISSING)
    second.clock = lambda: time.monotonic() + 20.1  # it is kept to a tenth of a second
    assert second.read(KEY, "") is None


@pytest.mark.parametrize("status", [400, 403, 404, 410])
def test_these_are_misses(server: ScriptedServer, maker: UpstreamMaker, status: int) -> None:
    server.routes[PATH] = Answer(status)
    with pytest.raises(ObjectNotFoundError):
        maker.make(server.url + BREAKPAD).find(KEY)
    assert maker.noted == [("missing", 0)]


@pytest.mark.parametrize("status", [401, 429, 500, 502, 503])
def test_these_are_trouble_of_the_key_and_no_misses(
    server: ScriptedServer, maker: UpstreamMaker, status: int
) -> None:
    server.routes[PATH] = Answer(status)
    upstream = maker.make(server.url + BREAKPAD)
    with pytest.raises(StorageUnavailableError, match=rf"127\.0\.0\.1:{server.port}.*{status}"):
        upstream.find(KEY)
    with pytest.raises(StorageUnavailableError, match="not asked for a moment"):
        upstream.find(KEY)
    assert len(server.received) == 1
    server.routes[f"/{key(7)}"] = Answer(body=hello(debug_id=key(7).debug_id).encode())
    assert upstream.find(key(7))
    assert maker.shared.kept == {}


def bomb() -> bytes:
    return gzip.compress(TEXT) + gzip.compress(b"FUNC 1 1 0 f\n" * (MIB // 13), 1) * 60


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (Answer(body=hello(debug_id=key(9).debug_id).encode()), "has the debug id"),
        (Answer(body=b"<html>Please sign in</html>"), "no MODULE line"),
        (Answer(body=b""), "no MODULE line"),
        (Answer(body=TEXT + b"FILE 3 qcom/proprietary/x.c\n"), "qcom/proprietary"),
        (Answer(body=TEXT, headers={"Content-Encoding": "br"}), "coded as 'br'"),
        (Answer(body=TEXT, headers={"Content-Encoding": "gzip"}), "damaged gzip"),
        (Answer(body=gzip.compress(TEXT)[:-9], headers={"Content-Encoding": "gzip"}), "too early"),
        (Answer(body=bomb(), headers={"Content-Encoding": "gzip"}), "inflates to more than"),
        (Answer(body=TEXT + bytes(9 * MIB)), "at most 8,388,608 are fetched"),
    ],
)
def test_what_is_something_else_is_never_kept(
    server: ScriptedServer, maker: UpstreamMaker, answer: Answer, reason: str
) -> None:
    server.routes[PATH] = answer
    upstream = maker.make(server.url + BREAKPAD)
    for _ in range(2):
        with pytest.raises(ObjectNotFoundError):
            upstream.find(KEY)
    assert len(server.received) == 1
    assert maker.noted == [("refused", 0)]
    [kept] = maker.shared.kept.values()
    assert reason in str(kept)
    assert list(upstream.cache.bucket.list()) == []
    assert maker.texts() == []


def test_an_answer_without_end_is_cut_at_the_limit(maker: UpstreamMaker) -> None:
    with raw_server(endless) as server, pytest.raises(ObjectNotFoundError):
        maker.make(server.url + BREAKPAD).find(KEY)
    assert maker.noted == [("refused", 0)]


def test_an_answer_shorter_than_announced_is_trouble(
    server: ScriptedServer, maker: UpstreamMaker
) -> None:
    server.routes[PATH] = Answer(body=TEXT, cut_after=len(TEXT) - 5)
    with pytest.raises(StorageUnavailableError):
        maker.make(server.url + BREAKPAD).find(KEY)


@pytest.mark.parametrize("answer", [hang, drip_head])
def test_a_server_that_does_not_answer_costs_its_time_out_once(
    maker: UpstreamMaker, answer: Callable[[socket.socket], None]
) -> None:
    with raw_server(answer) as server:
        upstream = maker.make(server.url + BREAKPAD, read_seconds=0.3)
        with ThreadPoolExecutor(40) as threads:  # different files, at once
            errors = list(threads.map(lambda number: raised(upstream.find, key(number)), range(40)))
        assert {type(error) for error in errors} <= {NoConnectionError, StorageUnavailableError}
        assert len(server.paths) <= 4
        started = time.monotonic()
        for number in range(100, 200):
            assert isinstance(raised(upstream.find, key(number)), StorageUnavailableError)
        assert time.monotonic() - started < 20  # thirty, if each waited
        assert len(server.paths) <= 8  # some were asked when a pause was over


def test_a_server_that_is_slow_with_one_file_is_asked_for_others(maker: UpstreamMaker) -> None:
    answered = threading.Event()

    def answer(connection: socket.socket) -> None:
        if len(server.paths) == 1:
            answered.wait(5)
        else:
            connection.sendall(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")

    with raw_server(answer) as server, ThreadPoolExecutor(1) as threads:
        upstream = maker.make(server.url + BREAKPAD, read_seconds=0.4)
        slow = threads.submit(raised, upstream.find, key(1))
        while not server.paths:
            time.sleep(0.01)
        assert isinstance(raised(upstream.find, key(2)), ObjectNotFoundError)
        error = slow.result()
        assert isinstance(error, StorageUnavailableError)
        assert not isinstance(error, NoConnectionError)
        assert isinstance(raised(upstream.find, key(3)), ObjectNotFoundError)
        answered.set()


def test_a_body_that_drips_is_waited_for_within_bounds_and_cut(maker: UpstreamMaker) -> None:
    with raw_server(drip_body) as server:
        upstream = maker.make(server.url + BREAKPAD, wait_seconds=0.2, total_seconds=0.8)
        started = time.monotonic()
        with pytest.raises(BeingFetchedError):
            upstream.find(KEY)
        assert time.monotonic() - started < 0.6
        while not maker.noted:
            time.sleep(0.02)
        assert maker.noted == [("failed", 0)]
        assert time.monotonic() - started < 3
        with pytest.raises(StorageUnavailableError, match="not asked for a moment"):
            upstream.find(KEY)


def test_a_body_that_drips_is_cut_long_before_all_its_time_is_over(
    maker: UpstreamMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "_RATE_AFTER_SECONDS", 0.3)
    with raw_server(drip_body) as server:
        started = time.monotonic()
        with pytest.raises(StorageUnavailableError, match="comes too slowly"):
            maker.make(server.url + BREAKPAD).find(KEY)
        assert time.monotonic() - started < 3


def test_a_reset_and_a_closed_port_are_trouble(maker: UpstreamMaker) -> None:
    with raw_server(reset) as server:
        error = raised(maker.make(server.url + BREAKPAD).find, KEY)
        assert isinstance(error, StorageUnavailableError)
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    error = raised(maker.make(f"http://127.0.0.1:{port}{BREAKPAD}").find, KEY)
    assert isinstance(error, NoConnectionError)
    assert f"127.0.0.1:{port}" in str(error)


def test_those_who_want_one_file_ask_once(server: ScriptedServer, maker: UpstreamMaker) -> None:
    def slowly() -> Iterator[bytes]:
        time.sleep(0.2)
        yield TEXT

    server.routes[PATH] = Answer(chunks=slowly)
    processes = [maker.make(server.url + BREAKPAD) for _ in range(3)]
    with ThreadPoolExecutor(12) as threads:
        infos = list(threads.map(lambda number: processes[number % 3].find(KEY), range(12)))
    assert len({info.etag for info in infos}) == 1
    assert len(server.received) == 1


def test_only_so_many_requests_wait_and_the_others_are_told_at_once(tmp_path: Path) -> None:
    request = threading.local()
    maker = UpstreamMaker(tmp_path, request=lambda: getattr(request, "this", None))

    def ask(number: int) -> BaseException:
        request.this = Request()
        return raised(upstream.find, key(number))

    with raw_server(drip_body) as server, ThreadPoolExecutor(20) as threads:
        upstream = maker.make(
            server.url + BREAKPAD, max_requests=3, wait_seconds=0.6, total_seconds=2
        )
        started = time.monotonic()
        futures = [threads.submit(ask, number) for number in range(20)]
        errors = [future.result() for future in futures]
        assert time.monotonic() - started < 1.5
    fetched = [error for error in errors if isinstance(error, BeingFetchedError)]
    assert len(fetched) == 3
    assert sum("as many wait" in str(error) for error in errors) == 17


class Request:
    """Stands for one."""


def test_a_request_of_many_modules_has_one_patience(tmp_path: Path) -> None:
    request = Request()
    maker = UpstreamMaker(tmp_path, request=lambda: request)
    with raw_server(drip_body) as server:
        upstream = maker.make(server.url + BREAKPAD, wait_seconds=0.3, total_seconds=1)
        started = time.monotonic()
        for number in range(30):
            assert isinstance(raised(upstream.find, key(number)), StorageError)
        assert time.monotonic() - started < 1
        assert len(server.paths) == 1


def test_a_redirect_is_followed_and_gets_no_credentials(maker: UpstreamMaker) -> None:
    with ScriptedServer() as elsewhere, ScriptedServer() as server:
        elsewhere.routes["/there"] = Answer(body=TEXT)
        server.routes[PATH] = Answer(302, headers={"Location": f"{elsewhere.url}/there"})
        upstream = maker.make(server.url + BREAKPAD, credentials="Bearer very-secret")
        assert upstream.find(KEY).size
        assert server.received[0].headers["Authorization"] == "Bearer very-secret"
        assert "Authorization" not in elsewhere.received[0].headers
        assert "very-secret" not in repr(upstream)


@pytest.mark.parametrize(
    "location",
    [
        "http://10.0.0.1/x",
        "http://169.254.169.254/latest",
        "ftp://127.0.0.1/x",
        "http://[::1",
        "/again",
    ],
)
def test_a_redirect_leads_nowhere_else(
    server: ScriptedServer, maker: UpstreamMaker, location: str
) -> None:
    server.routes[PATH] = Answer(302, headers={"Location": location})
    server.routes["/again"] = Answer(302, headers={"Location": "/again"})
    with pytest.raises(StorageUnavailableError):
        maker.make(server.url + BREAKPAD).find(KEY)


def test_refused_credentials_are_trouble(server: ScriptedServer, maker: UpstreamMaker) -> None:
    server.routes[PATH] = Answer(403)
    upstream = maker.make(server.url + BREAKPAD, credentials="Basic me:wrong-word")
    with pytest.raises(StorageUnavailableError, match="credentials") as error:
        upstream.find(KEY)
    assert "wrong-word" not in str(error.value)


def raised(call: Callable[[SymbolKey], object], argument: SymbolKey) -> BaseException:
    """Call something that fails, and return its error."""
    try:
        call(argument)
    except StorageError as error:
        return error
    pytest.fail("nothing was raised")


def test_gzip_of_several_members_is_one_file(server: ScriptedServer, maker: UpstreamMaker) -> None:
    half = len(TEXT) // 2
    body = gzip.compress(TEXT[:half]) + gzip.compress(TEXT[half:])
    assert zlib.crc32(gzip.decompress(body)) == zlib.crc32(TEXT)
    server.routes[PATH] = Answer(body=body, headers={"Content-Encoding": "gzip"})
    assert maker.make(server.url + BREAKPAD).find(KEY).size
