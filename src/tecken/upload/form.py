# SPDX-License-Identifier: MPL-2.0

"""The multipart form of an upload: read while it arrives, its archive straight into the spool.

An archive is written once, so the form is parsed as it comes. Nothing is done with it before it is
complete: its fields may come after the file, and a client that dies in the middle has asked for nothing.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from email.message import Message

from django.http import HttpRequest, QueryDict
from multipart import MultipartError, MultipartSegment, PushMultipartParser

from tecken.core.errors import InvalidRequestError, LimitExceededError
from tecken.upload.spool import FORM_BYTES, Spool, SpooledArchive, new_spool
from tecken.web.request_body import declared_length, take_body
from tecken.web.request_ids import current_request_id

_MAX_PARTS = 100
_MAX_HEADERS = 16  # of a part


class UploadForm:
    """A sink for the body of an upload; ``fields`` has what is no file."""

    def __init__(self, boundary: str | None, spool: Spool) -> None:
        """Without a boundary the body is no form of parts, and has no file."""
        self.fields = QueryDict(mutable=True)
        self.spool = spool
        spool.is_used()
        self._parser = multipart_parser(boundary) if boundary is not None else None
        self._part: MultipartSegment | None = None
        self._is_file = False
        self._value = bytearray()
        self._fields_bytes = 0

    def write(self, data: bytes) -> None:
        """Take a chunk. Raises InvalidRequestError, LimitExceededError, NoRoomError."""
        if self._parser is None:
            return
        with refusing_unreadable():
            for event in self._parser.parse(data):
                self._take(event)

    def finish(self) -> None:
        """Note the end. Raises InvalidRequestError for a form whose last boundary is missing."""
        if self._parser is None or self._part is None:
            return
        with refusing_unreadable():
            self._parser.close()

    def discard(self) -> None:
        """Remove the archive."""
        self.spool.close()

    def archive(self) -> SpooledArchive:
        """Return the archive. Raises InvalidRequestError when there is none."""
        return self.spool.archive()

    def _take(self, event: MultipartSegment | bytes | bytearray | None) -> None:
        if isinstance(event, MultipartSegment):
            self._begin(event)
        elif event is None:
            self._end()
        elif self._is_file:
            self.spool.write(bytes(event))
        else:
            self._fields_bytes += len(event)
            if self._fields_bytes > FORM_BYTES:
                raise LimitExceededError(f"The fields of the form have over {FORM_BYTES} bytes")
            self._value += event

    def _begin(self, part: MultipartSegment) -> None:
        self._part = part
        self._is_file = part.filename is not None
        if self._is_file:
            self.spool.new_file(part.name or "", part.filename or "")

    def _end(self) -> None:
        if self._is_file:
            self.spool.complete()
        elif self._part is not None:
            value = bytes(self._value).decode("utf-8", "replace")
            self.fields.appendlist(self._part.name or "", value)
        self._value.clear()


def take_form(request: HttpRequest) -> UploadForm:
    """Return the form of a request, complete; the caller discards it.

    Raises what can be said of its length before it comes, and what its sink raises.
    """
    boundary = multipart_boundary(request.headers.get("Content-Type", ""))
    spool = new_spool()
    spool.check_length(declared_length(request.META) or 0)
    if boundary is None:
        form = UploadForm(None, spool)
        form.fields = request.POST.copy()
        return form
    request_id = current_request_id()  # the form is read in another thread
    form = take_body(
        request, spool.max_body_bytes, lambda: UploadForm(boundary, new_spool(request_id))
    )
    request.POST = form.fields  # type: ignore[assignment]  # where the check of CSRF looks
    return form


@contextmanager
def refusing_unreadable() -> Iterator[None]:
    """Raise InvalidRequestError for a form that the parser cannot read."""
    try:
        yield
    except (MultipartError, UnicodeError) as error:
        raise InvalidRequestError(f"The multipart form cannot be read: {error}") from error


def multipart_parser(boundary: str) -> PushMultipartParser:
    """Return a parser of a form of parts. Raises InvalidRequestError for an odd boundary."""
    try:
        return PushMultipartParser(
            boundary, max_header_count=_MAX_HEADERS, max_segment_count=_MAX_PARTS
        )
    except MultipartError as error:
        raise InvalidRequestError(f"Invalid boundary in multipart: {error}") from error


def multipart_boundary(content_type: str) -> str | None:
    """Return the boundary of a ``multipart/form-data``, or None for another type.

    Raises InvalidRequestError when there is none.
    """
    message = Message()
    message["Content-Type"] = content_type
    if message.get_content_type() != "multipart/form-data":
        return None
    boundary = message.get_boundary()
    if not boundary:
        raise InvalidRequestError(f"Invalid boundary in multipart: {boundary}")
    return boundary
