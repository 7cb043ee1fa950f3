# SPDX-License-Identifier: MPL-2.0

"""Another symbol server as a source, and servers in its place that hang, drip and lie."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from tests.support.locators import Cache

from tecken.core.archives.inspection import InspectionRules
from tecken.core.fetching.rules import FetchTimeOuts
from tecken.core.identifiers import SymbolKey
from tecken.core.storage.filesystem import FolderBucket
from tecken.core.storage.sources import Source
from tecken.core.storage.storing import StoringRules
from tecken.core.tempfiles.spooling import FreeSpace
from tecken.core.upstreams.asking import AskedServer
from tecken.core.upstreams.client import UpstreamClient
from tecken.core.upstreams.credentials import Credentials
from tecken.core.upstreams.fetches import Patience
from tecken.core.upstreams.pace import Pace
from tecken.core.upstreams.receiving import ReceivingRules
from tecken.core.upstreams.upstream import Upstream, UpstreamRules
from tecken.core.upstreams.urls import parse_upstream_url
from tecken.core.upstreams.verdicts import Verdicts

MIB = 1024 * 1024


class VerdictCache(Cache):
    """What processes share of verdicts, in memory."""

    def delete(self, key: str) -> None:
        self.kept.pop(key, None)

    def add(self, key: str, value: bytes, seconds: float) -> bool:
        """As Redis does it, without the end of the lease."""
        return self.kept.setdefault(key, value) is value

    def touch(self, key: str, seconds: float) -> bool:
        return key in self.kept


@dataclass
class UpstreamMaker:
    """Makes the upstream of one process after the other; all are processes of one node with one cache."""

    folder: Path
    shared: VerdictCache = field(default_factory=VerdictCache)
    noted: list[tuple[str, int]] = field(default_factory=list)
    derived: list[tuple[str, SymbolKey, str]] = field(default_factory=list)
    request: Callable[[], object | None] = lambda: None

    def make(
        self,
        url: str,
        *,
        read_seconds: float = 5,
        total_seconds: float = 30,
        wait_seconds: float = 10,
        max_requests: int = 8,
        max_bytes: int = 8 * MIB,
        credentials: str = "",
        cabextract: str = "cabextract",
    ) -> Upstream:
        parsed = parse_upstream_url(url, allow_http=False)
        bucket = FolderBucket(self.folder / "cache")
        bucket.make()
        cache = Source("upstream", url, bucket, "upstream", public=False)
        pace = Pace(self.folder / "pace", parsed.at_once or 4, parsed.rate or 1000)
        receiving = ReceivingRules(
            max_bytes,
            200,
            FreeSpace(self.folder, 0),
            InspectionRules(("qcom/proprietary",), verify_module=True),
            cabextract,
        )
        rules = UpstreamRules(
            3600,
            StoringRules(frozenset({"sym"}), {"sym": "text/plain"}),
            self.folder / "tmp",
            self.folder / "locks",
            derive_later=lambda *asked: self.derived.append(asked),
            noted=lambda outcome, _seconds, size: self.noted.append((outcome, size)),
        )
        client = UpstreamClient(
            parsed,
            FetchTimeOuts(read_seconds, read_seconds, total_seconds),
            Credentials.parse(credentials) if credentials else None,
            before_each=lambda: pace.pause_for_rate(60),
        )
        patience = Patience(wait_seconds, max_requests, self.request)
        server = AskedServer(client, pace, receiving)
        return Upstream(cache, server, Verdicts("upstream", self.shared), patience, rules)

    def texts(self) -> list[str]:
        """What is left in the folder for temporary files."""
        return [path.name for path in (self.folder / "tmp").glob("*")]


@contextmanager
def raw_server(answer: Callable[[socket.socket], None], port: int = 0) -> Iterator["RawServer"]:
    """Run a server that reads the head of each request and then does what it likes with the connection."""
    server = RawServer(answer, port)
    with suppress(OSError), server.listening:
        yield server


class RawServer:
    """``paths`` are those it was asked for."""

    def __init__(self, answer: Callable[[socket.socket], None], port: int) -> None:
        self.listening = socket.create_server(("127.0.0.1", port), backlog=100)
        self.paths: list[str] = []
        self._answer = answer
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.listening.getsockname()[1]}"

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self.listening.accept()
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with suppress(OSError), connection:
            head = b""
            while b"\r\n\r\n" not in head:
                data = connection.recv(65536)
                if not data:
                    return
                head += data
            self.paths.append(head.split(b" ")[1].decode())
            self._answer(connection)


def hang(connection: socket.socket) -> None:
    """Say nothing, for as long as the client is there."""
    with suppress(OSError):
        connection.recv(1)


def drip_head(connection: socket.socket) -> None:
    """Send a header that never ends, byte by byte."""
    connection.sendall(b"HTTP/1.1 200 OK\r\nX-Drip: ")
    while True:
        connection.sendall(b"x")
        time.sleep(0.02)


def drip_body(connection: socket.socket) -> None:
    """Announce a megabyte, and send it byte by byte."""
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
    while True:
        connection.sendall(b"M")
        time.sleep(0.02)


def reset(connection: socket.socket) -> None:
    """Break the connection."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")


def endless(connection: socket.socket) -> None:
    """Send for as long as the client takes it."""
    connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    while True:
        connection.sendall(b"FUNC 1 1 0 f\n" * 10_000)
