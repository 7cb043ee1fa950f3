# SPDX-License-Identifier: MPL-2.0

"""A worker process: an event loop that takes connections from the socket that all workers share."""

import asyncio
import logging
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress

from tecken.edge.application import Application, WsgiApplication
from tecken.edge.bodies import SpoolRoom
from tecken.edge.connection import Connection
from tecken.edge.exchange import Edge
from tecken.edge.limits import EdgeLimits
from tecken.edge.threads import Threads
from tecken.web.metrics import CONNECTIONS

# What worker and main process say to each other, a byte each.
READY, ALIVE, LEAVE = b"r", b".", b"l"
# A client that keeps its connection must be told that it ends, and one that connects at the moment
# of a stop be served: so long an answer says ``Connection: close``, and then so long new connections
# may bring their request.
LEAVE_SECONDS, LAST_SECONDS = 1.0, 0.3
DRAIN_SECONDS = 60.0  # how long requests under way may take after that
_TICK_SECONDS = 1.0
_ACCEPT_AT_ONCE = 8  # the rest is for other workers
_NO_DESCRIPTORS_SECONDS = 0.5
# How long one thread may compute while others wait to. Whatever is small needs its turn three times.
_SWITCH_SECONDS = 0.001
_ORPHAN_SECONDS = 5.0  # when the main process was killed, and its port is needed again

logger = logging.getLogger(__name__)


class Worker:
    """Serves until the main process says that it shall leave, or has gone itself."""

    def __init__(
        self,
        listener: socket.socket,
        channel: socket.socket,
        application: WsgiApplication,
        limits: EdgeLimits,
    ) -> None:
        """``channel`` leads to the main process."""
        self._listener = listener
        self._channel = channel
        room = SpoolRoom(limits)
        self.edge = Edge(Application(application, room), Threads(), room, limits)
        self.leaving = False
        self._accepting = False
        self._connections: set[Connection] = set()
        self._opening = 0

    def run(self) -> None:
        """Serve; return when all is done."""
        sys.setswitchinterval(_SWITCH_SECONDS)
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._ended = asyncio.Event()
        self._loop.add_signal_handler(signal.SIGTERM, self.leave)
        for end in (self._listener, self._channel):
            end.setblocking(False)
        self._loop.add_reader(self._channel, self._on_message)
        self._accept_again()
        self._channel.send(READY)
        ticking = self._loop.create_task(self._tick())
        await self._ended.wait()
        ticking.cancel()

    async def _tick(self) -> None:
        """Tell the main process that the loop runs, and look for clients that stall."""
        while True:
            with suppress(OSError):  # the main process is stopped, or has gone
                self._channel.send(ALIVE)
            for connection in list(self._connections):
                connection.check()
            await asyncio.sleep(_TICK_SECONDS)

    # --- connections ---

    def opened(self, connection: Connection) -> None:
        """Count one more."""
        self._connections.add(connection)
        CONNECTIONS.set(len(self._connections))

    def closed(self, connection: Connection) -> None:
        """Count one less, and take others again."""
        self._connections.discard(connection)
        CONNECTIONS.set(len(self._connections))
        if not self.leaving:
            self._accept_again()
        self._end_if_done()

    def _accept_again(self) -> None:
        if not self._accepting and self._listener.fileno() >= 0 and self._has_room():
            self._accepting = True
            self._loop.add_reader(self._listener, self._accept, _ACCEPT_AT_ONCE)

    def _accept_no_more(self) -> None:
        if self._accepting:
            self._accepting = False
            self._loop.remove_reader(self._listener)

    def _has_room(self) -> bool:
        return len(self._connections) + self._opening < self.edge.limits.max_connections

    def _accept(self, most: int) -> bool:
        """Take connections; say whether there may be more. Others of the same port take some, too."""
        for _ in range(most):
            if not self._has_room():
                self._accept_no_more()
                return False
            try:
                client, _address = self._listener.accept()
            except (BlockingIOError, InterruptedError, ConnectionAbortedError):
                return False
            except OSError as error:  # no descriptors are left
                logger.warning("No connection can be taken: %s", error.strerror)
                self._accept_no_more()
                self._loop.call_later(_NO_DESCRIPTORS_SECONDS, self._accept_again)
                return False
            client.setblocking(False)
            self._opening += 1
            self._loop.create_task(self._open(client))
        return True

    async def _open(self, client: socket.socket) -> None:
        try:
            await self._loop.connect_accepted_socket(lambda: Connection(self), client)
        except OSError:
            client.close()
        finally:
            self._opening -= 1

    # --- the end ---

    def _on_message(self) -> None:
        try:
            message = self._channel.recv(64)
        except BlockingIOError:
            return
        except OSError:
            message = b""
        if not message:
            self._loop.remove_reader(self._channel)
            threading.Thread(target=_end_soon, daemon=True).start()
        self.leave()

    def leave(self) -> None:
        """End all connections after their next answer, take no new ones after a while, and end."""
        if self.leaving:
            return
        self.leaving = True
        self._loop.call_later(LEAVE_SECONDS, self._stop_accepting)
        self._loop.call_later(LEAVE_SECONDS + DRAIN_SECONDS, self._for_all, Connection.abort)

    def _stop_accepting(self) -> None:
        """Take all that have connected already, and let the last one shut the door."""
        self._accept_no_more()
        while self._accept(_ACCEPT_AT_ONCE):
            pass
        self._listener.close()
        self._loop.call_later(LAST_SECONDS, self._for_all, Connection.close_if_idle)
        self._loop.call_later(LAST_SECONDS, self._end_if_done)

    def _for_all(self, act: Callable[[Connection], None]) -> None:
        for connection in list(self._connections):
            act(connection)

    def _end_if_done(self) -> None:
        if self._listener.fileno() < 0 and not self._connections and not self._opening:
            self._ended.set()


def _end_soon() -> None:
    time.sleep(_ORPHAN_SECONDS)
    os._exit(1)
