# SPDX-License-Identifier: MPL-2.0

"""The head of a request, and the WSGI environment that is made of it (PEP 3333)."""

import re
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote_to_bytes

from tecken.edge.limits import MAX_HEAD_BYTES, MAX_HEADERS
from tecken.web.clients import CLIENT_IS_THERE
from tecken.web.request_ids import choose_request_id

Address = tuple[str, int]

_BEYOND_ASCII = re.compile(rb"[\x80-\xff]")


@dataclass(slots=True)
class Head:
    """Request line and headers as they came; ``target`` is what the request line names."""

    method: str
    target: bytes
    version: str
    headers: list[tuple[bytes, bytes]]
    keep_alive: bool
    length: int | None  # of the body in bytes; None: chunked
    expects_continue: bool = False


@dataclass(frozen=True, slots=True)
class Ends:
    """The two ends of a connection; ``client_is_there`` may be asked in any thread."""

    client: Address = ("", 0)
    server: Address = ("", 0)
    client_is_there: Callable[[], bool] = lambda: True


@dataclass(slots=True)
class HeadReader:
    """Collects what a parser finds of one head."""

    target: bytes = b""
    headers: list[tuple[bytes, bytes]] = field(default_factory=list)
    size: int = 0

    def add_target(self, part: bytes) -> None:
        self.target += part
        self.size += len(part)

    def add_header(self, name: bytes, value: bytes) -> None:
        self.headers.append((name.lower(), value))
        self.size += len(name) + len(value)
        if len(self.headers) > MAX_HEADERS or self.size > MAX_HEAD_BYTES:
            raise ValueError("its head is too large")

    def finish(self, method: bytes, version: str, *, keep_alive: bool) -> Head:
        """Return the head. Raises ValueError for one that cannot be understood."""
        if version not in {"1.0", "1.1"}:
            raise ValueError(f"HTTP/{version}")
        self._give_id()
        length: int | None = 0
        expects_continue = False
        for name, value in self.headers:
            if name == b"content-length":
                length = int(value)
            elif name == b"transfer-encoding":
                if value.lower() != b"chunked":
                    raise ValueError("a transfer coding other than chunked")
                length = None
            elif name == b"expect":
                expects_continue = value.lower() == b"100-continue"
        return Head(
            method.decode("ascii"),
            self.target,
            version,
            self.headers,
            keep_alive and version == "1.1",
            length,
            expects_continue and version == "1.1",
        )

    def _give_id(self) -> None:
        """See to it that the request has an id, the same however often the application is run."""
        if not any(name == b"x-request-id" for name, _ in self.headers):
            self.headers.append((b"x-request-id", choose_request_id(None).encode()))


def with_ascii_target(data: bytes) -> bytes:
    """Return the beginning of a request with the bytes of its first line as a URL has them.

    Some clients do not encode what is beyond ASCII; the parser takes such a target for none.
    """
    if data.isascii():
        return data
    line, newline, rest = data.partition(b"\n")
    return _BEYOND_ASCII.sub(lambda found: b"%%%02X" % found[0][0], line) + newline + rest


def environ_of(head: Head, ends: Ends) -> dict[str, Any]:
    """Return the environment of a request, without its body.

    A header whose name has an underscore is left out, as it would pass for another one.
    """
    path, query = _split_target(head.target)
    environ: dict[str, Any] = {
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
        "REQUEST_METHOD": head.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
        "QUERY_STRING": query.decode("latin-1"),
        "SERVER_PROTOCOL": f"HTTP/{head.version}",
        "SERVER_NAME": ends.server[0],
        "SERVER_PORT": str(ends.server[1]),
        "REMOTE_ADDR": ends.client[0],
        "REMOTE_PORT": str(ends.client[1]),
        CLIENT_IS_THERE: ends.client_is_there,
    }
    for name, value in head.headers:
        if b"_" not in name:
            _add(environ, name.decode("latin-1").upper().replace("-", "_"), value.decode("latin-1"))
    return environ


def _add(environ: dict[str, Any], name: str, value: str) -> None:
    if name not in {"CONTENT_TYPE", "CONTENT_LENGTH"}:
        name = f"HTTP_{name}"
    if name in environ:
        # RFC 9110 section 5.3; cookies are parted otherwise (RFC 6265 section 5.4).
        value = f"{environ[name]}{'; ' if name == 'HTTP_COOKIE' else ','}{value}"
    environ[name] = value


def _split_target(target: bytes) -> tuple[bytes, bytes]:
    """Return path and query of ``/path?query``, also of a whole URL (RFC 9112 section 3.2)."""
    if not target.startswith(b"/"):
        scheme, found, rest = target.partition(b"://")
        if found and scheme.isalpha():
            _authority, slash, path = rest.partition(b"/")
            target = slash + path or b"/"
    path, _, query = target.partition(b"?")
    return path.partition(b"#")[0], query.partition(b"#")[0]
