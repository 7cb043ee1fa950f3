# SPDX-License-Identifier: MPL-2.0

"""The application, run in a thread of its own for each request, and its answer.

An answer is complete before any of it is sent, so that no thread waits for a client: a large one lies
in a temporary file. The exception are answers that say that they are ``pulled``, such as files: they
are made chunk by chunk, as the client reads. Those whose chunks come from another server are few at a
time, and wait for each other only.
"""

import logging
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from io import BytesIO
from threading import BoundedSemaphore, Lock
from typing import Any, TypeAlias

from django.core.signals import request_finished

from tecken.core.errors import CrowdedError, TeckenError
from tecken.edge.bodies import SpoolFile, SpoolRoom
from tecken.edge.heads import Ends, Head, environ_of
from tecken.edge.limits import CHUNK_BYTES
from tecken.web.errors import error_response
from tecken.web.request_body import (
    ENDLESS,
    TAKEN,
    AbsentBody,
    BodyNeeded,
    BodyPlan,
    BodySink,
    UnreadableBody,
)

_MEMORY_BYTES = 64 * 1024 * 1024  # of unsent answers in memory; more are put in files
_SMALL_BYTES = 64 * 1024  # an answer that stays in memory in any case
_READ_BYTES = 256 * 1024
# What an answer that is not sent has said of itself.
_OF_CONTENT = (
    *("content-type", "content-length", "content-encoding", "content-range", "etag"),
    *("last-modified", "cache-control", "accept-ranges", "x-debuginfod-", "server-timing"),
)
# Each has half a megabyte in memory, and waits for its turn of the threads.
_FAR_AT_ONCE = 64

logger = logging.getLogger(__name__)

WsgiApplication = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


@dataclass(frozen=True, slots=True)
class FileBody:
    """A body that lies in a file."""

    file: SpoolFile


@dataclass(frozen=True, slots=True)
class TakenBody:
    """A body that a sink of the view's own has taken."""

    sink: BodySink


@dataclass(frozen=True, slots=True)
class NoBody:
    """The body that could not be taken, and why."""

    error: Exception


# None: it has not been taken yet.
Body: TypeAlias = bytes | FileBody | TakenBody | NoBody | None


class Chunks:
    """Chunks of an answer that are made as the client reads them.

    Each ``next`` is a short work, unless they come from another server: then they are ``far``.
    """

    def __init__(self, chunks: Iterable[bytes], *, is_far: bool = False) -> None:
        self._chunks = _cut(chunks)
        self.is_far = is_far

    def next(self) -> bytes:
        """Return the next chunk, of at most 64 KiB; nothing at the end."""
        return next(self._chunks, b"")


@dataclass(slots=True)
class Answer:
    """``status`` is ``200 OK``. ``close`` is called once it was sent, or cannot be."""

    status: str
    headers: list[tuple[str, str]]
    body: bytes | Chunks
    close: Callable[[], None]


class Application:
    """Runs a WSGI application for one request at a time in each thread."""

    def __init__(self, application: WsgiApplication, room: SpoolRoom) -> None:
        self._application = application
        self._room = room
        self._lock = Lock()
        self._unsent_bytes = 0
        self._far_turns = BoundedSemaphore(_FAR_AT_ONCE)

    def answer(self, head: Head, ends: Ends, body: Body) -> Answer | BodyPlan:
        """Return the answer, or what the application wants of the body that it was run without."""
        try:
            return self._run(head, ends, body)
        except BodyNeeded as needed:
            request_finished.send(sender=type(self))  # a connection to the database is given back
            return needed.plan
        except Exception:
            raise
        except BaseException as error:
            # It would end the connection without an answer, or all of this process.
            raise RuntimeError(f"a view was ended by {type(error).__name__}") from error

    def _run(self, head: Head, ends: Ends, body: Body) -> Answer:
        started: list[tuple[str, list[tuple[str, str]]]] = []

        def start_response(
            status: str, headers: list[tuple[str, str]], _exc_info: object = None
        ) -> Callable[[bytes], object]:
            started.append((status, headers))
            return _cannot_write

        environ = environ_of(head, ends)
        _put_body(environ, body, head)
        response = self._application(environ, start_response)
        status, headers = started[-1]
        if getattr(response, "pulled", False):
            request_finished.send(sender=type(self))
            return self._pulled(status, headers, response)
        with closing(_closable(response)):
            return self._kept(status, headers, response)

    def _pulled(
        self, status: str, headers: list[tuple[str, str]], response: Iterable[bytes]
    ) -> Answer:
        """Return an answer that is made as it is read; or 503 when too many from other servers are."""
        close: Callable[[], None] = response.close  # type: ignore[attr-defined]
        if not getattr(response, "is_far", False):
            return Answer(status, headers, Chunks(response), close)
        if not self._far_turns.acquire(blocking=False):
            close()
            reason = "too many answers are being read from it; try again later"
            return _no_room(headers, CrowdedError("storage", None, reason))

        def close_and_leave() -> None:
            try:
                close()
            finally:
                self._far_turns.release()

        return Answer(status, headers, Chunks(response, is_far=True), close_and_leave)

    def _kept(
        self, status: str, headers: list[tuple[str, str]], response: Iterable[bytes]
    ) -> Answer:
        """Return an answer with all of its body: in memory, or in a file once that is full."""
        chunks: list[bytes] = []
        size = 0
        rest = iter(response)
        for chunk in rest:
            chunks.append(chunk)
            size += len(chunk)
            if size > _SMALL_BYTES and self._unsent_bytes + size > _MEMORY_BYTES:
                return self._in_file(status, headers, chunks, rest)
        body = chunks[0] if len(chunks) == 1 else b"".join(chunks)
        return Answer(status, headers, body, self._counted(size))

    def _in_file(
        self,
        status: str,
        headers: list[tuple[str, str]],
        chunks: list[bytes],
        rest: Iterator[bytes],
    ) -> Answer:
        file = SpoolFile(self._room)
        try:
            file.write(b"".join(chunks))
            chunks.clear()
            for chunk in rest:
                file.write(chunk)
        except TeckenError as error:
            file.discard()
            return _no_room(headers, error)
        except BaseException:
            file.discard()
            raise
        headers = [*_without_length(headers), ("Content-Length", str(file.size))]
        return Answer(status, headers, Chunks(_read(file)), file.discard)

    def _counted(self, size: int) -> Callable[[], None]:
        """Count the bytes of an answer in memory; what is returned ends that."""
        if size <= _SMALL_BYTES:
            return _nothing
        with self._lock:
            self._unsent_bytes += size

        def close() -> None:
            with self._lock:
                self._unsent_bytes -= size

        return close


def _no_room(headers: list[tuple[str, str]], error: TeckenError) -> Answer:
    """Say that an answer found no room; what its headers say of the request stays."""
    level = logging.INFO if isinstance(error, CrowdedError) else logging.WARNING
    logger.log(level, "An answer found no room: %s", error)
    response = error_response(error)
    kept = [header for header in headers if not header[0].lower().startswith(_OF_CONTENT)]
    status = f"{response.status_code} {response.reason_phrase}"
    return Answer(status, [*kept, *response.items()], response.content, _nothing)


def _put_body(environ: dict[str, Any], body: Body, head: Head) -> None:
    length = 0
    match body:
        case None:
            environ["wsgi.input"] = AbsentBody()
            length = ENDLESS if head.length is None else head.length
        case bytes():
            environ["wsgi.input"] = BytesIO(body)
            length = len(body)
        case FileBody(file):
            environ["wsgi.input"] = file.file
            length = file.size
        case TakenBody(sink):
            environ["wsgi.input"] = BytesIO()
            environ[TAKEN] = sink
        case NoBody(error):
            environ["wsgi.input"] = UnreadableBody(error)
            length = ENDLESS if head.length is None else max(1, head.length)
    if length or "CONTENT_LENGTH" in environ:
        environ["CONTENT_LENGTH"] = str(length)


def _cut(chunks: Iterable[bytes]) -> Iterator[bytes]:
    for chunk in chunks:
        for at in range(0, len(chunk), CHUNK_BYTES):
            yield chunk[at : at + CHUNK_BYTES]


def _read(file: SpoolFile) -> Iterator[bytes]:
    for at in range(0, file.size, _READ_BYTES):
        yield file.read_at(at, _READ_BYTES)


def _without_length(headers: list[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    return (header for header in headers if header[0].lower() != "content-length")


class _Closable:
    def __init__(self, response: object) -> None:
        self.close: Callable[[], None] = getattr(response, "close", _nothing)


def _closable(response: object) -> _Closable:
    return _Closable(response)


def _cannot_write(_data: bytes) -> object:
    raise NotImplementedError("an answer is what the application returns")


def _nothing() -> None:
    """Nothing is to be done at the end of a small answer."""
