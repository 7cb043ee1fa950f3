# SPDX-License-Identifier: MPL-2.0

"""Hostile clients against a listener that takes connections, and otherwise does what it is told."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest
from benchmarks.hostile_clients import Target
from benchmarks.hostile_crowd import Crowd, crowd, end
from benchmarks.hostile_kinds import KINDS
from tests.support.started_server import wait_until

CLIENTS = 3
REFUSAL = b"HTTP/1.1 408 Request Timeout\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}"


@contextmanager
def listener(answer: bytes = b"") -> Iterator[tuple[Target, list[socket.socket]]]:
    """Take connections; each is answered and closed, if there is an answer, or else kept."""
    taken: list[socket.socket] = []
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def take() -> None:
            with suppress(OSError):  # closed: the test is over
                while True:
                    connection, _ = listening.accept()
                    taken.append(connection)
                    if answer:
                        connection.sendall(answer)
                        connection.shutdown(socket.SHUT_WR)

        thread = threading.Thread(target=take)
        thread.start()
        try:
            yield Target("127.0.0.1", listening.getsockname()[1]), taken
        finally:
            listening.shutdown(socket.SHUT_RDWR)
            thread.join()
            for connection in taken:
                connection.close()


async def run_briefly(crowd: Crowd, seconds: float) -> None:
    running = asyncio.create_task(crowd.run(CLIENTS, pause_seconds=60))
    await asyncio.sleep(seconds)
    await end(running)


@pytest.mark.parametrize("kind", list(KINDS))
def test_each_client_of_a_kind_connects_and_goes_in_the_end(kind: str) -> None:
    with listener() as (target, taken):
        crowd = Crowd(target, KINDS[kind])
        asyncio.run(run_briefly(crowd, 0.2))
        assert crowd.connected == len(taken) == CLIENTS
        assert crowd.told.total() == CLIENTS
        for connection in taken:
            connection.settimeout(10)
            with suppress(ConnectionResetError):
                while connection.recv(65_536):
                    pass


def test_what_clients_were_told_is_counted_and_they_come_again() -> None:
    with listener(REFUSAL) as (target, taken):
        with crowd("silent", target, CLIENTS, pause_seconds=0.1) as running:
            wait_until(lambda: len(taken) > 2 * CLIENTS, "clients came again")
        assert running.told["408, closed"] >= CLIENTS
