# SPDX-License-Identifier: MPL-2.0

"""Proxies in front of real servers, which misbehave as tests tell them.

``Proxy`` forwards any TCP protocol. ``HttpProxy`` knows requests: it logs them, and its faults apply
to some of them only.
"""

import itertools
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import BinaryIO, NamedTuple, Self

HOST = "127.0.0.1"
_CHUNK_BYTES = 64 * 1024
_HELD_SECONDS = 60.0


class Proxy:
    """Forwards connections to a port, from ``port``.

    ``delay_seconds`` holds back each chunk of an answer; ``cut_after`` closes a connection when so
    many bytes of answers have passed.
    """

    def __init__(self, target_port: int) -> None:
        self.target_port = target_port
        self.delay_seconds = 0.0
        self.cut_after: int | None = None
        self._flowing = threading.Event()
        self._flowing.set()
        self._closed = threading.Event()
        self._lock = threading.Lock()
        self._connections: set[socket.socket] = set()
        self._listener: socket.socket | None = None
        self.port = 0
        self.listen()

    @property
    def url(self) -> str:
        """``http://127.0.0.1:8333``, for servers that speak HTTP."""
        return f"http://{HOST}:{self.port}"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def listen(self) -> None:
        """Take connections: at first, and again after ``refuse``, on the same port."""
        self._listener = socket.create_server((HOST, self.port), backlog=128)
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def refuse(self) -> None:
        """Refuse new connections and cut those that are open, as if the server were down."""
        if self._listener is not None:
            with suppress(OSError):  # wakes the thread that accepts
                self._listener.shutdown(socket.SHUT_RDWR)
            self._listener.close()
            self._listener = None
        self.cut()

    def cut(self) -> None:
        """Close all connections, in the middle of whatever they do."""
        with self._lock:
            connections = list(self._connections)
        for connection in connections:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def pause(self) -> None:
        """Take connections and requests, and let no answer through until ``resume``."""
        self._flowing.clear()

    def resume(self) -> None:
        """Let answers through again."""
        self._flowing.set()

    def close(self) -> None:
        """End the proxy."""
        self._closed.set()
        self._flowing.set()
        self.refuse()

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        """Forward what one client says, until either side ends or something breaks."""
        with client, suppress(OSError, ValueError), self._connect() as server:
            with self._lock:
                self._connections |= {client, server}
            try:
                self._forward(client, server)
            finally:
                with self._lock:
                    self._connections -= {client, server}
                for connection in (client, server):
                    with suppress(OSError):
                        connection.shutdown(socket.SHUT_RDWR)

    def _connect(self) -> socket.socket:
        server = socket.create_connection((HOST, self.target_port))
        server.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return server

    def _forward(self, client: socket.socket, server: socket.socket) -> None:
        questions = threading.Thread(target=_pump, args=(client, server), daemon=True)
        questions.start()
        passed = 0
        while data := server.recv(_CHUNK_BYTES):
            self._hold(self.delay_seconds)
            if self.cut_after is not None:
                data = data[: self.cut_after - passed]
            client.sendall(data)
            passed += len(data)
            if passed == self.cut_after:
                return

    def _hold(self, seconds: float) -> None:
        """Wait for a delay and for the end of a pause."""
        self._closed.wait(seconds) if seconds else None
        self._flowing.wait()
        if self._closed.is_set():
            raise OSError("the proxy was closed")


def _pump(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(_CHUNK_BYTES):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)


class CountingProxy(Proxy):
    """Counts in ``round_trips`` how often a server answered at once; several commands may be one of them."""

    round_trips = 0

    def _hold(self, seconds: float) -> None:
        self.round_trips += 1
        super()._hold(seconds)


@dataclass
class Request:
    """A request that passed; times are those of ``time.monotonic``.

    ``ended`` is when the last bytes of its answer were about to leave: later, the client may have
    asked again already. 0 while there is no answer.
    """

    method: str
    path: str  # with its query
    headers: dict[str, str]  # by lower-case name
    began: float
    ended: float = 0.0
    status: int = 0


@dataclass
class Fault:
    """What to do to requests: ``when`` picks them, ``times`` bounds them.

    ``status``: answer so instead of asking the server. ``cut_after``: close after so many bytes of
    the answer's body. ``lose_answer``: let the server do it, and close instead of answering.
    ``until``: hold requests up until this is set. ``drop_headers``: take these from the request (lower-case names), as a
    server would that knows nothing of them.
    """

    delay_seconds: float = 0.0
    until: threading.Event | None = None
    status: int | None = None
    cut_after: int | None = None
    lose_answer: bool = False
    drop_headers: tuple[str, ...] = ()
    times: int | None = None
    when: Callable[[Request], bool] = lambda request: True


@dataclass
class _Head:
    first: bytes
    lines: list[bytes] = field(default_factory=list)

    @property
    def headers(self) -> dict[str, str]:
        pairs = (line.decode("latin-1").partition(":") for line in self.lines)
        return {name.strip().lower(): value.strip() for name, _, value in pairs}

    def without(self, names: tuple[str, ...]) -> bytes:
        kept = [
            line for line in self.lines if line.partition(b":")[0].decode().lower() not in names
        ]
        return b"".join([self.first, *kept, b"\r\n"])


class _Answers(NamedTuple):
    """Where a request's answer goes; notes when it does."""

    client: socket.socket
    request: Request

    def sendall(self, data: bytes) -> None:
        self.request.ended = time.monotonic()
        self.client.sendall(data)


class HttpProxy(Proxy):
    """Forwards HTTP requests, logs them in ``requests``, and applies ``faults`` to them."""

    def __init__(self, target_port: int) -> None:
        self.requests: list[Request] = []
        self.faults: list[Fault] = []
        super().__init__(target_port)

    def add(self, fault: Fault) -> None:
        """Apply a fault from now on; the first that fits a request wins."""
        self.faults.append(fault)

    def clear(self) -> None:
        """Forget faults and requests."""
        self.faults.clear()
        self.requests.clear()

    def most_at_once(self) -> int:
        """Return how many requests were under way at the same time, at most."""
        began = [(request.began, 1) for request in self.requests]
        ended = [(request.ended, -1) for request in self.requests if request.ended]
        steps = [step for _, step in sorted(began + ended)]
        return max(itertools.accumulate(steps), default=0)

    def _forward(self, client: socket.socket, server: socket.socket) -> None:
        with client.makefile("rb") as questions, server.makefile("rb") as answers:
            while head := _read_head(questions):
                if not self._exchange(head, questions, client, answers, server):
                    return

    def _exchange(
        self,
        head: _Head,
        questions: BinaryIO,
        client: socket.socket,
        answers: BinaryIO,
        server: socket.socket,
    ) -> bool:
        """Pass one request and its answer on; return whether the connection can be kept."""
        method, path, _ = head.first.decode("latin-1").split(" ", 2)
        request = Request(method, path, head.headers, time.monotonic())
        with self._lock:
            self.requests.append(request)
            fault = self._fault(request)
        taker = _Answers(client, request)
        try:
            self._hold(fault.delay_seconds + self.delay_seconds)
            if fault.until is not None:
                fault.until.wait(_HELD_SECONDS)
            if fault.status is not None:
                request.status = fault.status
                return _refuse(fault.status, questions, taker)
            server.sendall(head.without(("expect", *fault.drop_headers)))
            if "expect" in request.headers:
                client.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
            _pass_body(questions, server, request.headers)
            if fault.lose_answer:
                _read_head(answers)
                return False
            return _pass_answer(answers, taker, fault.cut_after)
        finally:
            request.ended = request.ended or time.monotonic()

    def _fault(self, request: Request) -> Fault:
        for fault in self.faults:
            if fault.times != 0 and fault.when(request):
                if fault.times is not None:
                    fault.times -= 1
                return fault
        return Fault()


def _read_head(stream: BinaryIO) -> _Head | None:
    head = _Head(stream.readline())
    while (line := stream.readline()) not in {b"\r\n", b""}:
        head.lines.append(line)
    return head if head.first else None


def _refuse(status: int, questions: BinaryIO, taker: _Answers) -> bool:
    headers = taker.request.headers
    if "expect" not in headers:
        questions.read(int(headers.get("content-length", 0)))
    reason = HTTPStatus(status).phrase
    head = f"HTTP/1.1 {status} {reason}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    taker.sendall(head.encode())
    return False


def _pass_answer(answers: BinaryIO, taker: _Answers, cut_after: int | None) -> bool:
    head = _read_head(answers)
    if head is None:
        return False
    request = taker.request
    request.status = int(head.first.split()[1])
    taker.sendall(head.without(()))
    if request.method == "HEAD" or request.status in {204, 304}:
        return cut_after is None
    if cut_after is not None:
        taker.sendall(answers.read(cut_after))
        return False
    _pass_body(answers, taker, head.headers)
    return True


def _pass_body(source: BinaryIO, target: socket.socket | _Answers, headers: dict[str, str]) -> None:
    if headers.get("transfer-encoding", "").lower() == "chunked":
        _pass_chunks(source, target)
        return
    left = int(headers.get("content-length", 0))
    while left:
        data = source.read(min(left, _CHUNK_BYTES))
        if not data:
            raise OSError("the other side ended in the middle")
        target.sendall(data)
        left -= len(data)


def _pass_chunks(source: BinaryIO, target: socket.socket | _Answers) -> None:
    while line := source.readline():
        size = int(line.partition(b";")[0], 16)
        target.sendall(line + source.read(size) + source.readline())
        if size == 0:
            return
