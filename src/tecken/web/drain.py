# This Source Code Form is subject to the terms of the Mozilla Public
# License, v. 2.0. If a copy of the MPL was not distributed with this
# file, You can obtain one at https://mozilla.org/MPL/2.0/.

"""Bodies of requests at the WSGI edge: those nobody read, and those without a length.

A server closes the connection when it answers a request whose body it has not read, and then many
clients, which first send all and then look for an answer, never see why they were refused. So the
answer goes out first, and then the rest of the body is read and thrown away, within bounds. Reading
it before the answer would keep the client waiting, and still lost answers when this was tried.
"""

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Protocol

Environ = dict[str, Any]
WsgiApplication = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]

MAX_DRAIN_BYTES = 4 * 1024**3  # as large as an archive may be by default
MAX_DRAIN_SECONDS = 60.0
MAX_IDLE_SECONDS = 5.0  # a client that sends nothing for so long is not sending
# A read cannot be given up: it lasts until the client sends or closes. So many may hang; more
# bodies are not read, and their connections closed.
MAX_READERS = 32
_READ_BYTES = 256 * 1024
# Django reads as many bytes as Content-Length says. A chunked body counts as one without end: the
# server marks where it stops, and every limit of Django's own applies to it.
ENDLESS = 2**62

_free_readers = threading.BoundedSemaphore(MAX_READERS)


class _Input(Protocol):
    def read(self, size: int = -1, /) -> bytes: ...

    def readline(self, size: int = -1, /) -> bytes: ...


class _CountedInput:
    """A request's body that knows how much of it was read."""

    def __init__(self, stream: _Input, length: int) -> None:
        self._stream = stream
        self._length = length
        self.count = 0
        self._ended = length == 0

    @property
    def unread(self) -> bool:
        return not self._ended and self.count < self._length

    def read(self, size: int = -1) -> bytes:
        return self._note(self._stream.read(size), size)

    def readline(self, size: int = -1) -> bytes:
        return self._note(self._stream.readline(size), size)

    def _note(self, data: bytes, size: int) -> bytes:
        self.count += len(data)
        self._ended = self._ended or (not data and size != 0)
        return data


class _Answer:
    """An answer after whose end the rest of the request's body is read."""

    def __init__(self, answer: Iterable[bytes], body: _CountedInput) -> None:
        self._answer = answer
        self._body = body

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._answer)

    def close(self) -> None:
        getattr(self._answer, "close", _nothing)()
        drain(self._body)


class DrainMiddleware:
    """Wraps a WSGI application, so that clients see answers given before their body was read."""

    def __init__(self, application: WsgiApplication) -> None:
        self._application = application

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        if not environ.get("CONTENT_LENGTH") and environ.get("HTTP_TRANSFER_ENCODING"):
            environ["CONTENT_LENGTH"] = str(ENDLESS)
        length = _content_length(environ)
        if length == 0:
            return self._application(environ, start_response)
        body = _CountedInput(environ["wsgi.input"], length)
        environ["wsgi.input"] = body
        answer = self._application(environ, start_response)
        # One who asks first gets "no" for an answer, and sends no body that could be read.
        asks_first = "HTTP_EXPECT" in environ and body.count == 0
        return answer if asks_first or not body.unread else _Answer(answer, body)


def drain(body: _CountedInput) -> None:
    """Read a body to its end, as long as it goes on coming, within the bounds.

    A thread reads and this one watches, so that this one is free again when the client stalls.
    """
    if not _free_readers.acquire(blocking=False):
        return
    reader = threading.Thread(target=_read_all, args=(body,), name="drain", daemon=True)
    reader.start()
    now = time.monotonic()
    deadline, idle_since, seen = now + MAX_DRAIN_SECONDS, now, body.count
    while reader.is_alive() and now < min(deadline, idle_since + MAX_IDLE_SECONDS):
        reader.join(0.5)
        now = time.monotonic()
        if body.count != seen:
            idle_since, seen = now, body.count


def _read_all(body: _CountedInput) -> None:
    limit = body.count + MAX_DRAIN_BYTES
    try:
        while body.unread and body.count < limit:
            body.read(_READ_BYTES)
    except OSError:
        pass  # the client has gone, which ends it as well
    finally:
        _free_readers.release()


def declared_length(meta: Environ) -> int | None:
    """Return how many bytes a request's body has; None when it is chunked."""
    length = _content_length(meta)
    return None if length == ENDLESS else length


def _content_length(environ: Environ) -> int:
    try:
        return int(environ.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return 0


def _nothing() -> None:
    """Close an answer that has nothing to close."""
