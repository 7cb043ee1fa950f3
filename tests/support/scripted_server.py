# SPDX-License-Identifier: MPL-2.0

"""A real HTTP server on loopback that answers what a test tells it to, and keeps what it was sent."""

import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from email import message_from_bytes
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ssl import SSLContext
from types import TracebackType
from typing import Self


@dataclass(frozen=True)
class Answer:
    """What to answer. ``cut_after``: close the connection after so many bytes of the body.

    ``chunks`` makes a body without a length, chunk by chunk, until the client has had enough.
    """

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    cut_after: int | None = None
    chunks: Callable[[], Iterable[bytes]] | None = None


@dataclass(frozen=True)
class Received:
    """A request. ``path`` has its query."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    def form(self) -> dict[str, tuple[str | None, bytes]]:
        """Return the parts of a multipart form: name -> (file name, bytes)."""
        head = f"Content-Type: {self.headers['Content-Type']}\r\n\r\n".encode()
        parts = {}
        for part in message_from_bytes(head + self.body).get_payload():
            name = part.get_param("name", header="Content-Disposition")
            parts[name] = (part.get_filename(), part.get_payload(decode=True))
        return parts


class _Http(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Clients may go at any time, and need not like a certificate."""


class ScriptedServer:
    """Answers ``script`` first, an answer per request, then what ``routes`` has for a path, else 404.

    A route may have a method: ``"HEAD /a.zip"``. ``names`` are the hosts that TLS clients asked for.
    """

    def __init__(self, tls: SSLContext | None = None) -> None:
        self.script: list[Answer] = []
        self.routes: dict[str, Answer] = {}
        self.received: list[Received] = []
        self._http = _Http(("127.0.0.1", 0), self._handler_class())
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.01,))
        self.names: list[str | None] = []
        self.scheme = "https" if tls else "http"
        if tls:
            tls.sni_callback = lambda _, name, __: self.names.append(name)
            self._http.socket = tls.wrap_socket(
                self._http.socket, server_side=True, do_handshake_on_connect=False
            )

    @property
    def port(self) -> int:
        return self._http.server_port

    @property
    def url(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    def _answer_to(self, received: Received) -> Answer:
        self.received.append(received)
        if self.script:
            return self.script.pop(0)
        not_found = Answer(404, b"Symbol Not Found", {"Content-Type": "text/plain"})
        path = received.path.partition("?")[0]
        return self.routes.get(f"{received.method} {path}") or self.routes.get(path, not_found)

    def _handler_class(self) -> type[BaseHTTPRequestHandler]:
        scripted = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                received = Received(self.command, self.path, dict(self.headers), body)
                answer = scripted._answer_to(received)
                self.send_response(answer.status)
                if answer.chunks is None:
                    self.send_header("Content-Length", str(len(answer.body)))
                for name, value in answer.headers.items():
                    self.send_header(name, value)
                self.end_headers()
                if self.command == "HEAD":
                    return
                with suppress(OSError):  # the client may go at any time
                    for chunk in answer.chunks() if answer.chunks else ():
                        self.wfile.write(chunk)
                    self.wfile.write(answer.body[: answer.cut_after])

            do_HEAD = do_POST = do_PATCH = do_DELETE = do_GET  # noqa: N815 - http.server looks for these names

            def log_message(self, format: str, *args: object) -> None:
                """Tests read ``received`` instead."""

        return Handler
