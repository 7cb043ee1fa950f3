# SPDX-License-Identifier: MPL-2.0

"""Answers of any size and length of making, to clients that read, drip or do not."""

import os
import socket
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.edge.served import App, Served, StartResponse, receive_all, receive_until, served
from tests.support.started_server import wait_until

from tecken.edge.limits import EdgeLimits

MEGABYTE = 1024 * 1024
GET = b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"


class Pulled:
    """An answer that is made as it is read; it notes how far it has come in a file."""

    pulled = True

    def __init__(self, chunks: Iterator[bytes], note: Path) -> None:
        self._chunks = chunks
        self._note = note

    def __iter__(self) -> Iterator[bytes]:
        for number, chunk in enumerate(self._chunks):
            self._note.write_text(str(number))
            yield chunk

    def close(self) -> None:
        self._note.write_text("closed")


def answering(make: Callable[[], Iterable[bytes]], *headers: tuple[str, str]) -> App:
    def app(_environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        start_response("200 OK", list(headers))
        return make()

    return app


@pytest.mark.parametrize("megabytes", [1, 5, 150])
def test_a_large_answer_arrives_whole(megabytes: int, tmp_path: Path) -> None:
    chunks = [os.urandom(MEGABYTE)] * megabytes
    app = answering(lambda: iter(chunks))
    with served(app, EdgeLimits(spool_folder=tmp_path)) as server:
        head, _, body = server.send(GET).partition(b"\r\n\r\n")
    assert b"Content-Length: %d" % (megabytes * MEGABYTE) in head
    assert body == b"".join(chunks)


def test_an_answer_that_nobody_reads_holds_no_thread_and_is_made_to_its_end(
    tmp_path: Path,
) -> None:
    made = tmp_path / "made"
    made.mkdir()

    def app(environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        start_response("200 OK", [])
        if environ["PATH_INFO"] == "/small":
            return [b"small"]
        (made / str(time.monotonic_ns())).touch()
        return iter([bytes(MEGABYTE)] * 8)

    with served(app, EdgeLimits(spool_folder=tmp_path / "spool")) as server:
        unread = [server.connect() for _ in range(100)]
        for connection in unread:
            connection.sendall(GET)
        wait_until(lambda: len(list(made.iterdir())) == len(unread), "all were made")
        small = GET.replace(b"/ ", b"/small ", 1)
        assert server.send(small).endswith(b"small")
        # A second later the last ones are in files, and all are there still.
        assert receive_all(unread[-1]).count(b"\0") == 8 * MEGABYTE
        for connection in unread:
            connection.close()


def test_answers_beyond_the_room_are_refused_429(tmp_path: Path) -> None:
    app = answering(lambda: iter([bytes(MEGABYTE)] * 40), ("Access-Control-Allow-Origin", "*"))
    limits = EdgeLimits(spool_folder=tmp_path, spool_max_bytes=50 * MEGABYTE)
    with served(app, limits) as server:
        # One or two wait in memory, one in a file.
        unread = [server.connect() for _ in range(4)]
        for connection in unread:
            connection.sendall(GET)
            time.sleep(0.2)  # its answer is made before the next is asked for
        head, _, body = server.send(GET).partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 429")
        assert b"Retry-After: " in head
        assert b"Access-Control-Allow-Origin: *" in head
        assert b'{"error":"Too much is being received and sent' in body
        for connection in unread:
            connection.close()

        def is_answered() -> bool:
            return server.send(GET).startswith(b"HTTP/1.1 200")

        wait_until(is_answered, "there is room again")


@pytest.mark.parametrize("version", [b"1.0", b"1.1"])
def test_an_answer_of_unknown_length_arrives_whole(version: bytes, tmp_path: Path) -> None:
    chunks = [os.urandom(100_000) for _ in range(5)]
    app = answering(lambda: Pulled(iter(chunks), tmp_path / "note"))
    with served(app, EdgeLimits()) as server:
        head, _, body = server.send(GET.replace(b"1.1", version)).partition(b"\r\n\r\n")
    if version == b"1.1":
        assert b"Transfer-Encoding: chunked" in head
        whole = b""
        while size := int(body[: body.index(b"\r\n")], 16):
            start = body.index(b"\r\n") + 2
            whole += body[start : start + size]
            body = body[start + size + 2 :]
        assert body == b"0\r\n\r\n"
    else:
        assert b"Transfer-Encoding" not in head
        whole = body
    assert whole == b"".join(chunks)
    assert (tmp_path / "note").read_text() == "closed"


def test_what_is_pulled_is_made_as_it_is_read(tmp_path: Path) -> None:
    note = tmp_path / "note"
    app = answering(lambda: Pulled((bytes(MEGABYTE) for _ in range(500)), note))
    with served(app, EdgeLimits()) as server:
        with server.connect() as connection:
            connection.sendall(GET)
            receive_until(connection, b"\0")
            time.sleep(1)  # in which all 500 would have been made
            # Sockets keep some megabytes by themselves.
            assert int(note.read_text()) < 100
        wait_until(lambda: note.read_text() == "closed", "it was closed with its client")


class Far(Pulled):
    """One whose chunks another server is asked for, which takes its time."""

    is_far = True

    def __init__(self, note: Path, seconds: float) -> None:
        super().__init__(self._made(seconds), note)

    def _made(self, seconds: float) -> Iterator[bytes]:
        for _ in range(4):
            time.sleep(seconds)
            yield b"far"


def get_far(server: Served) -> socket.socket:
    connection = server.connect()
    connection.sendall(GET)
    return connection


def test_who_waits_for_another_server_holds_up_no_body_that_arrives(tmp_path: Path) -> None:
    def app(environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] == "POST":
            size = len(environ["wsgi.input"].read())
            start_response("200 OK", [])
            return [b"%d" % size]
        start_response("200 OK", [])
        return Far(tmp_path / "note", seconds=1)

    head = b"POST / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: %d\r\n\r\n"
    with served(app, EdgeLimits(spool_folder=tmp_path)) as server:
        far = [get_far(server) for _ in range(40)]
        for connection in far[:8]:
            receive_until(connection, b"\r\n\r\n")
        began = time.monotonic()
        answer = server.send(head % MEGABYTE + bytes(MEGABYTE))
        assert answer.endswith(b"%d" % MEGABYTE)
        assert time.monotonic() - began < 1
        for connection in far:
            connection.close()


def test_of_answers_from_other_servers_there_are_so_many_at_a_time(tmp_path: Path) -> None:
    headers = [("Cache-Control", "public, max-age=600"), ("Access-Control-Allow-Origin", "*")]
    note = tmp_path / "note"
    with served(answering(lambda: Far(note, seconds=0.01), *headers), EdgeLimits()) as server:
        unread = [get_far(server) for _ in range(3)]
        assert all(receive_all(connection).count(b"far") == 4 for connection in unread)
        for connection in unread:
            connection.close()
    with served(answering(lambda: Far(note, seconds=60), *headers), EdgeLimits()) as server:
        far = [get_far(server) for _ in range(64)]
        for connection in far:
            receive_until(connection, b"\r\n\r\n")
        refused = server.send(GET)
        assert refused.startswith(b"HTTP/1.1 503")
        assert b"too many answers are being read from it" in refused
        assert b"Retry-After: " in refused
        assert b"Cache-Control" not in refused
        for connection in far:
            connection.close()


def test_an_answer_that_breaks_never_looks_whole(tmp_path: Path) -> None:
    def chunks() -> Iterator[bytes]:
        yield b"half"
        raise OSError("the disk")

    note = tmp_path / "note"
    with served(answering(lambda: Pulled(chunks(), note)), EdgeLimits()) as server:
        assert not receive_some(server.address).endswith(b"0\r\n\r\n")
    app = answering(lambda: Pulled(iter([b"1234"]), note), ("Content-Length", "5"))
    with served(app, EdgeLimits()) as server:
        assert b"200 OK" in receive_some(server.address)
    assert note.read_text() == "closed"


def receive_some(address: tuple[str, int]) -> bytes:
    received = b""
    with socket.create_connection(address, timeout=30) as connection:
        connection.sendall(GET.replace(b"Connection: close\r\n", b""))
        try:
            while data := connection.recv(65536):
                received += data
        except ConnectionResetError:
            pass
    return received


def test_a_client_that_never_reads_is_ended(tmp_path: Path) -> None:
    note = tmp_path / "note"
    app = answering(lambda: Pulled((bytes(MEGABYTE) for _ in range(500)), note))
    with served(app, EdgeLimits(answer_idle_seconds=1)) as server, server.connect() as connection:
        connection.sendall(GET)
        wait_until(lambda: note.exists() and note.read_text() == "closed", "it was given up", 30)


def test_threads_that_are_all_busy_take_no_body_from_anyone(tmp_path: Path) -> None:
    """Views that wait, for storage say, delay other views, and neither bodies nor files."""

    def app(environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        if environ["PATH_INFO"] == "/waits":
            time.sleep(20)  # longer than the other answer takes
        start_response("200 OK", [])
        return Pulled((bytes(MEGABYTE) for _ in range(50)), tmp_path / "note")

    with served(app, EdgeLimits()) as server:
        reader = server.connect()
        reader.sendall(GET)
        receive_until(reader, b"\0")
        waiting = [server.connect() for _ in range(16)]
        for connection in waiting:
            connection.sendall(GET.replace(b"/ ", b"/waits ", 1))
        time.sleep(0.5)  # they have all threads by now
        assert len(receive_all(reader)) > 40 * MEGABYTE
        for connection in [reader, *waiting]:
            connection.close()
