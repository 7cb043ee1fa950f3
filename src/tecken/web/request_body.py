# SPDX-License-Identifier: MPL-2.0

"""How a view gets the body of its request, and what it says of it before there is one.

The edge (``tecken.edge``) runs a view before a large body was taken: whatever can be refused by the
head alone is refused then. The first time that the view reads, ``BodyNeeded`` tells the edge what it
wants, and the edge takes the body and runs the view again, from its start. Under any other WSGI
server the body is read as the view goes on.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NoReturn, Protocol, TypeVar

from django.http import HttpRequest

# Django reads as many bytes as CONTENT_LENGTH says, and a chunked body does not say it.
ENDLESS = 2**62
# Where the edge puts a sink that has taken a whole body.
TAKEN = "tecken.taken_body"

_FORM_BYTES = 2 * 1024 * 1024 + 64 * 1024  # what Django itself reads into memory, and its wrapping
_CHUNK_BYTES = 256 * 1024


class BodySink(Protocol):
    """Takes a body while it arrives. Each call is made in some thread, one after the other."""

    def write(self, data: bytes) -> None:
        """Take a chunk. Raises an error of the domain for a body that is refused."""

    def finish(self) -> None:
        """Note that the body is complete. Raises as ``write``."""

    def discard(self) -> None:
        """Let go of everything: the client has gone, or the request has been answered."""


Sink = TypeVar("Sink", bound=BodySink)


@dataclass(frozen=True, slots=True)
class BodyPlan:
    """What a view wants of a body: at most so many bytes, as a file or in a sink of its own."""

    max_bytes: int = _FORM_BYTES
    new_sink: Callable[[], BodySink] | None = None


class BodyNeeded(BaseException):
    """A view wants the body that it was run without.

    Nothing between the view and the edge may take it for a fault, so it is no ``Exception``.
    """

    def __init__(self, plan: BodyPlan) -> None:
        super().__init__(plan)
        self.plan = plan


class AbsentBody:
    """Stands for a body that has not been taken: to read it is to ask for it."""

    def read(self, _size: int = -1) -> bytes:
        raise BodyNeeded(BodyPlan())

    readline = read


class UnreadableBody:
    """Stands for a body that could not be taken: to read it raises why."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def read(self, _size: int = -1) -> NoReturn:
        raise self._error

    readline = read


def declared_length(meta: Mapping[str, Any]) -> int | None:
    """Return how many bytes a request's body has; None when it is chunked and not yet taken."""
    try:
        length = int(meta.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return 0
    return None if length == ENDLESS else length


def need_body(request: HttpRequest, max_bytes: int) -> None:
    """Go on only when there is a body of at most so many bytes, or none will come."""
    if isinstance(request.META["wsgi.input"], AbsentBody) and declared_length(request.META) != 0:
        raise BodyNeeded(BodyPlan(max_bytes))


def take_body(request: HttpRequest, max_bytes: int, new_sink: Callable[[], Sink]) -> Sink:
    """Return a sink that has the whole body; the caller discards it. Raises what the sink raises."""
    taken: Sink | None = request.META.get(TAKEN)
    if taken is not None:
        return taken
    if isinstance(request.META["wsgi.input"], AbsentBody):
        raise BodyNeeded(BodyPlan(max_bytes, new_sink))
    sink = new_sink()
    try:
        while data := request.read(_CHUNK_BYTES):
            sink.write(data)
        sink.finish()
    except BaseException:
        sink.discard()
        raise
    return sink
