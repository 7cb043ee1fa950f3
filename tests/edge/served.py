# SPDX-License-Identifier: MPL-2.0

"""A worker process of the edge around an application that a test makes."""

import multiprocessing
import signal
import socket
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any

from tecken.edge.limits import EdgeLimits
from tecken.edge.sockets import listen
from tecken.edge.worker import READY, Worker

StartResponse = Callable[[str, list[tuple[str, str]]], object]
App = Callable[[dict[str, Any], StartResponse], Iterable[bytes]]


@dataclass(frozen=True)
class Served:
    address: tuple[str, int]
    pid: int

    def connect(self) -> socket.socket:
        return socket.create_connection(self.address, timeout=30)

    def send(self, data: bytes) -> bytes:
        """Send bytes on a connection of their own, and return all that comes until it is closed."""
        with self.connect() as connection:
            connection.sendall(data)
            return receive_all(connection)


def receive_all(connection: socket.socket) -> bytes:
    parts = []
    while data := connection.recv(1 << 20):
        parts.append(data)
    return b"".join(parts)


def receive_until(connection: socket.socket, end: bytes) -> bytes:
    received = b""
    while not received.endswith(end) and (data := connection.recv(65536)):
        received += data
    return received


@contextmanager
def served(app: App, limits: EdgeLimits) -> Iterator[Served]:
    """Run a worker with this application until the block ends."""
    listener = socket.create_server(("127.0.0.1", 0))
    listen(listener)
    ours, theirs = socket.socketpair()

    def run() -> None:
        ours.close()
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        Worker(listener, theirs, app, limits).run()

    process = multiprocessing.get_context("fork").Process(target=run, daemon=True)
    process.start()
    theirs.close()
    with closing(ours), listener:
        assert ours.recv(1) == READY
        assert process.pid
        try:
            yield Served(listener.getsockname(), process.pid)
        finally:
            process.kill()
            process.join()
