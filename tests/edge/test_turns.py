# SPDX-License-Identifier: MPL-2.0

"""Requests with large bodies are judged in turns of the node; nobody else waits for one."""

import socket
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, closing, contextmanager
from typing import Any

import pytest
from tests.edge.served import Served, StartResponse, receive_until, served

from tecken.core.concurrency.file_lock import file_lock
from tecken.edge.limits import EdgeLimits
from tecken.web import compute_turns

_WAITS_SECONDS = 0.3


def app(environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
    start_response("404 Not Found", [("Content-Length", "4")])
    return [b"none"]


@contextmanager
def begun(server: Served, method: str) -> Iterator[socket.socket]:
    with closing(server.connect()) as connection:
        head = f"{method} / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\n"
        connection.sendall(head.encode())
        yield connection


def test_only_what_has_a_large_body_to_judge_waits(
    monkeypatch: pytest.MonkeyPatch, settings, tmp_path
) -> None:
    settings.DATA_DIR = tmp_path
    monkeypatch.setattr(compute_turns, "_TURNS", 1)
    turn = file_lock(tmp_path / "turns" / "0.lock")
    with served(app, EdgeLimits()) as server, ExitStack() as opened:
        with turn:
            judged = opened.enter_context(begun(server, "POST"))
            assert server.send(b"GET / HTTP/1.0\r\nHost: localhost\r\n\r\n").endswith(b"none")
            with begun(server, "GET") as odd:
                assert receive_until(odd, b"none").endswith(b"none")
            judged.settimeout(_WAITS_SECONDS)
            with pytest.raises(TimeoutError):
                judged.recv(1)
        judged.settimeout(30)
        assert receive_until(judged, b"none").endswith(b"none")


def test_who_is_stopped_in_a_turn_keeps_nobody_for_ever(
    monkeypatch: pytest.MonkeyPatch, settings, tmp_path
) -> None:
    settings.DATA_DIR = tmp_path
    monkeypatch.setattr(compute_turns, "_TURNS", 1)
    monkeypatch.setattr(compute_turns, "_MAX_WAIT_SECONDS", 0.2)
    with (
        file_lock(tmp_path / "turns" / "0.lock"),  # as a process has it that got SIGSTOP
        served(app, EdgeLimits()) as server,
        begun(server, "POST") as judged,
    ):
        judged.settimeout(30)
        assert receive_until(judged, b"none").endswith(b"none")
