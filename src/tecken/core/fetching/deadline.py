# SPDX-License-Identifier: MPL-2.0

"""A moment at which connections are cut, whatever is going on with them."""

import socket
import threading
from contextlib import suppress
from typing import Self


class Deadline:
    """Cuts the connections it was told of when its time is over; the block's end forgets them.

    Time-outs of an HTTP client hold for each read alone, and a server that sends a byte now and
    then could keep it reading for ever: handshake, headers or body.
    """

    def __init__(self, seconds: float) -> None:
        self.passed = False
        self._sockets: list[socket.socket] = []
        self._lock = threading.Lock()
        self._timer = threading.Timer(seconds, self._pass)
        self._timer.daemon = True

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._timer.cancel()
        with self._lock:
            for connection in self._sockets:
                connection.close()
            self._sockets.clear()

    def watch(self, connection: socket.socket) -> None:
        """Cut this connection, too. A duplicate is kept, since TLS takes the socket over."""
        with self._lock:
            self._sockets.append(connection.dup())
        if self.passed:
            self._pass()

    def _pass(self) -> None:
        with self._lock:
            self.passed = True
            for connection in self._sockets:
                with suppress(OSError):  # it has ended by itself
                    connection.shutdown(socket.SHUT_RDWR)
