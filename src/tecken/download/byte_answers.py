# SPDX-License-Identifier: MPL-2.0

"""Answers that are bytes: whole or a range of them, for who has another version or none, and for HEAD.

They are made as the client reads. Source: RFC 9110, sections 13 and 14.
"""

from collections.abc import Callable, Iterator
from datetime import datetime

from django.http import HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response
from django.utils.http import http_date

from tecken.core.http_headers import ByteRange, UnsatisfiableRangeError, byte_range, is_current
from tecken.web.responses import json_error, mark_pulled

Chunks = Callable[[ByteRange], Iterator[bytes]]


def conditional_answer(
    request: HttpRequest, etag: str, last_modified: datetime
) -> HttpResponseBase | None:
    """Return the 304 or 412 that a condition of a request asks for; the ETag is in quotes."""
    response = get_conditional_response(request, etag, int(last_modified.timestamp()))
    if response is not None and response.status_code == 412:
        response = json_error("Precondition Failed", 412)
    return response


def set_version(response: HttpResponseBase, etag: str, last_modified: datetime) -> None:
    """Say which version an answer is of."""
    response["ETag"] = etag
    response["Last-Modified"] = http_date(int(last_modified.timestamp()))


def answer_bytes(
    request: HttpRequest,
    size: int,
    etag: str,
    last_modified: datetime,
    chunks: Chunks,
    *,
    is_far: bool,
) -> HttpResponseBase:
    """Answer with so many bytes of a version, or what is asked of them. ``is_far``: see ``mark_pulled``."""
    response = conditional_answer(request, etag, last_modified)
    if response is None:
        response = whole_or_range(request, size, etag, last_modified, chunks)
        if is_far and isinstance(response, StreamingHttpResponse) and request.method == "GET":
            mark_pulled(response, is_far=True)
    set_version(response, etag, last_modified)
    return response


def whole_or_range(
    request: HttpRequest, size: int, etag: str, last_modified: datetime, chunks: Chunks
) -> HttpResponseBase:
    """Answer the same, where the conditions hold."""
    if wants_range(request, etag, last_modified):
        response = ranged(request, size, chunks)
    else:
        response = body(request, lambda: chunks(ByteRange(0, size)))
        response["Content-Length"] = str(size)
    response["Accept-Ranges"] = "bytes"
    return response


def wants_range(request: HttpRequest, etag: str, last_modified: datetime) -> bool:
    """Say whether a range is asked for, and what the client has of it (``If-Range``) is still current."""
    if "Range" not in request.headers or request.method != "GET":
        return False
    if_range = request.headers.get("If-Range")
    return if_range is None or is_current(if_range, etag, last_modified)


def ranged(request: HttpRequest, size: int, chunks: Chunks) -> HttpResponseBase:
    """Answer with the range that is asked for of so many bytes, or with all where that is no range."""
    try:
        part = byte_range(request.headers["Range"], size)
    except UnsatisfiableRangeError:
        refusal = json_error("Range Not Satisfiable", 416)
        refusal["Content-Range"] = f"bytes */{size}"
        return refusal
    whole = part or ByteRange(0, size)
    response = body(request, lambda: chunks(whole), 206 if part else 200)
    response["Content-Length"] = str(whole.end - whole.start)
    if part:
        response["Content-Range"] = part.content_range(size)
    return response


def body(
    request: HttpRequest, chunks: Callable[[], Iterator[bytes]], status: int = 200
) -> HttpResponseBase:
    """Answer with these chunks, which are not even made for HEAD."""
    # Without a body, an ordinary answer would say that the file has no bytes.
    sent = iter(()) if request.method == "HEAD" else chunks()
    response = StreamingHttpResponse(sent, status=status)
    mark_pulled(response)
    return response
