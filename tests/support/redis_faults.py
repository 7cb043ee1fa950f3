# SPDX-License-Identifier: MPL-2.0

"""What a real Redis can be made to suffer, and how that ends."""

from collections.abc import Callable
from dataclasses import dataclass

from redis import Redis
from tests.support.servers import Server


@dataclass(frozen=True)
class Fault:
    """One kind of trouble, which begins and ends when a test says so."""

    name: str
    begin: Callable[[Server], None]
    end: Callable[[Server], None]


def admin(server: Server) -> Redis:
    """Return a client of the server itself, past everything that the product does."""
    return Redis(port=server.port, protocol=2)


def wipe(server: Server) -> None:
    """Drop all that it keeps."""
    with admin(server) as client:
        client.flushall()


def _limit(server: Server, max_bytes: int) -> None:
    with admin(server) as client:
        client.config_set("maxmemory", max_bytes)


STOPPED = Fault("stopped", Server.stop, Server.start)
PAUSED = Fault("paused", Server.pause, Server.resume)
FULL = Fault("full", lambda server: _limit(server, 1), lambda server: _limit(server, 0))
