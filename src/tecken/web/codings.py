# SPDX-License-Identifier: MPL-2.0
"""Bodies of requests that come compressed: which views read them, and how they are inflated.

Only gzip is read, and only where a view says so; everywhere else a ``Content-Encoding`` is refused
instead of being taken for damaged content. What counts for limits are inflated bytes.
"""

import zlib
from collections.abc import Callable
from typing import Protocol

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from tecken.core.errors import InvalidRequestError, UnsupportedCodingError
from tecken.web.errors import answer_error
from tecken.web.middleware import Middleware, View
from tecken.web.request_body import need_body

_READ_BYTES = 64 * 1024
_MAX_MEMBERS = 1_000  # each takes time whatever is in it, and may have 20 bytes
_GZIP_WINDOW = 31  # of zlib: the largest, with the wrapping of gzip
_NAMES_OF_GZIP = {"gzip", "x-gzip"}  # RFC 9110, section 8.4.1.3


class Readable(Protocol):
    """Something that is read chunk by chunk."""

    def read(self, size: int, /) -> bytes:
        """Return at most ``size`` bytes, fewer only at the end."""


def reads_gzip(view: View) -> View:
    """Mark a view as one that reads bodies in gzip, by ``open_body``."""
    view.minds_codings = True  # type: ignore[attr-defined]
    return view


def reads_nothing(view: View) -> View:
    """Mark a view as one that answers whatever the body is."""
    view.minds_codings = True  # type: ignore[attr-defined]
    return view


class CodingsMiddleware(Middleware):
    """Refuses a body that its view would not understand."""

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponseBase], *_arguments: object
    ) -> HttpResponseBase | None:
        if "HTTP_CONTENT_ENCODING" not in request.META or request.method in {"GET", "HEAD"}:
            return None
        if hasattr(view, "minds_codings") or not _codings(request):
            return None
        return answer_error(request, _refusal(request, "no compressed body"))


def open_body(request: HttpRequest, max_bytes: int) -> Readable:
    """Return what a body is read from, inflated; as it came, it has at most so many bytes.

    Raises UnsupportedCodingError; reading from it raises InvalidRequestError for damaged gzip.
    """
    codings = _codings(request)
    if codings and (len(codings) > 1 or codings[0] not in _NAMES_OF_GZIP):
        raise _refusal(request, "only gzip")
    need_body(request, max_bytes)
    return _Inflated(request) if codings else request


def _codings(request: HttpRequest) -> list[str]:
    """Return the codings of a body in the order in which they were applied."""
    names = request.headers.get("Content-Encoding", "").lower().split(",")
    return [name for name in map(str.strip, names) if name not in {"", "identity"}]


def _refusal(request: HttpRequest, read: str) -> UnsupportedCodingError:
    given = request.headers.get("Content-Encoding", "")[:50]
    return UnsupportedCodingError(
        f"Content-Encoding {given!r} cannot be read: {read} is taken here"
    )


class _Inflated:
    """Inflates gzip of one or more members as far as it is read."""

    def __init__(self, source: Readable) -> None:
        self._source = source
        self._inflater = zlib.decompressobj(_GZIP_WINDOW)
        self._members = 1

    def read(self, size: int, /) -> bytes:
        chunks: list[bytes] = []
        left = size
        while left > 0:
            data = self._inflater.unconsumed_tail or self._inflater.unused_data
            data = data or self._source.read(_READ_BYTES)
            if self._inflater.eof:
                if not data:
                    break
                self._begin_member()
            chunk = self._inflate(data, left)
            if not chunk and not data and not self._inflater.eof:
                raise InvalidRequestError("The body is damaged gzip: it ends too early")
            chunks.append(chunk)
            left -= len(chunk)
        return b"".join(chunks)

    def _begin_member(self) -> None:
        self._members += 1
        if self._members > _MAX_MEMBERS:
            raise InvalidRequestError(f"The body has more than {_MAX_MEMBERS:,} members of gzip")
        self._inflater = zlib.decompressobj(_GZIP_WINDOW)

    def _inflate(self, data: bytes, most: int) -> bytes:
        try:
            return self._inflater.decompress(data, most)
        except zlib.error as error:
            raise InvalidRequestError(f"The body is damaged gzip: {error}") from error
