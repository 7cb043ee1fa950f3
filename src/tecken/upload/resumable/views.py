# SPDX-License-Identifier: MPL-2.0

"""``/upload/resumable/``: an archive that arrives in parts, by tus 1.0."""

from collections.abc import Callable
from contextlib import closing
from functools import wraps
from typing import Any, TypeVar, cast

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed

from tecken.accounts.models import User
from tecken.core.errors import NotPermittedError, TeckenError
from tecken.upload.buckets import Destination, destination_of, uploader_of
from tecken.upload.models import ResumableUpload
from tecken.upload.resumable.lifetime import unfinished
from tecken.upload.resumable.parts import ChunkSink, append_part, too_many_bytes
from tecken.upload.resumable.protocol import (
    BODY_TYPE,
    EXTENSIONS,
    VERSION,
    described,
    put_state,
    read_announcement,
    read_number,
    url_of,
)
from tecken.upload.resumable.services import begin, end, finish, judge, refuse_expired
from tecken.web.errors import answer_error
from tecken.web.private import open_to_all
from tecken.web.request_body import declared_length, take_body
from tecken.web.request_ids import current_request_id
from tecken.web.responses import json_error, json_response

View = TypeVar("View", bound=Callable[..., HttpResponse])


def _speaks_tus(view: View) -> View:
    """Let a view's answers, errors too, have what the protocol wants of each."""

    @wraps(view)
    def answer(request: HttpRequest, **parts_of_path: Any) -> HttpResponse:
        try:
            response = view(request, **parts_of_path)
        except (TeckenError, Http404) as error:
            response = answer_error(request, error)
        response["Tus-Resumable"] = VERSION
        response["Cache-Control"] = "no-store"
        return response

    return cast("View", answer)


@open_to_all
@_speaks_tus
def uploads(request: HttpRequest) -> HttpResponse:
    """Begin an upload, or list those of whoever asks that are not complete."""
    match _method(request):
        case "OPTIONS":
            return _abilities()
        case "POST":
            return _begin(request)
        case "GET" | "HEAD":
            user = uploader_of(request)
            mine = unfinished().filter(user=user).order_by("created_at")
            return json_response({"uploads": [described(upload) for upload in mine]})
        case _:
            return HttpResponseNotAllowed(["GET", "HEAD", "OPTIONS", "POST"])


@open_to_all
@_speaks_tus
def upload(request: HttpRequest, resumable_id: str) -> HttpResponse:
    """Tell how far an upload is, go on with it, or end it."""
    method = _method(request)
    if method == "OPTIONS":
        return _abilities()
    if method not in {"GET", "HEAD", "PATCH", "DELETE"}:
        return HttpResponseNotAllowed(["DELETE", "GET", "HEAD", "OPTIONS", "PATCH"])
    user = uploader_of(request)
    if method != "GET" and (refusal := _other_version(request)):
        return refusal
    found = ResumableUpload.objects.filter(pk=resumable_id, user=user).first()
    if found is None:
        raise Http404("There is no such upload of yours")
    if found.error and method != "DELETE":
        return json_error(found.error, found.error_status or 400)
    refuse_expired(found)
    match method:
        case "PATCH":
            return _go_on(request, user, found)
        case "DELETE":
            end(found, _destination(request, user, found))
            return HttpResponse(status=204)
        case _:
            response = json_response(described(found))
            put_state(response, found)
            return response


def _method(request: HttpRequest) -> str:
    """Return what is asked for; some clients and proxies know no other methods than POST."""
    method = request.method or ""
    return request.headers.get("X-HTTP-Method-Override", method) if method == "POST" else method


def _abilities() -> HttpResponse:
    response = HttpResponse(status=204)
    response["Tus-Version"] = VERSION
    response["Tus-Extension"] = EXTENSIONS
    response["Tus-Max-Size"] = str(settings.UPLOAD_MAX_ARCHIVE_BYTES)
    return response


def _other_version(request: HttpRequest) -> HttpResponse | None:
    """Refuse a request of another version of the protocol."""
    if request.headers.get("Tus-Resumable") == VERSION:
        return None
    response = json_error(f"Tus-Resumable must be {VERSION}", 412)
    response["Tus-Version"] = VERSION
    return response


def _begin(request: HttpRequest) -> HttpResponse:
    user = uploader_of(request)
    if refusal := _other_version(request):
        return refusal
    announced = read_announcement(request)
    destination = destination_of(
        request, user, wants_try=announced.wants_try, bucket_name=announced.bucket_name
    )
    begun = begin(user, announced, destination)
    response = json_response(described(begun), 201)
    put_state(response, begun)
    response["Location"] = url_of(begun)
    return response


def _go_on(request: HttpRequest, user: User, upload: ResumableUpload) -> HttpResponse:
    """Take the bytes that follow, and store the archive when they are the last."""
    declared = declared_length(request.META)
    if declared != 0 and request.content_type != BODY_TYPE:
        return json_error(f"Content-Type must be {BODY_TYPE}", 415)
    offset = read_number(request, "Upload-Offset")
    destination = _destination(request, user, upload)
    judge(upload, destination, offset, declared)
    left = upload.size - offset
    if declared is not None and declared > left:
        raise too_many_bytes(left)
    request_id = current_request_id()  # the body is read in another thread
    sink = take_body(request, left, lambda: ChunkSink(upload.filename, left, request_id))
    with closing(sink):
        part = sink.part()
        if left and part.size == left:
            finish(upload, destination, part)
        elif part.size:
            append_part(upload, destination.source, part)
    response = HttpResponse(status=204)
    put_state(response, upload)
    return response


def _destination(request: HttpRequest, user: User, upload: ResumableUpload) -> Destination:
    """Return where an upload goes to, if that is still where it may go.

    Raises NotPermittedError when it is not: its token is another one, or the settings have changed.
    """
    destination = destination_of(
        request, user, wants_try=upload.try_symbols, bucket_name=upload.bucket_name
    )
    if (destination.source.name, destination.try_symbols) != (upload.source, upload.try_symbols):
        raise NotPermittedError("This upload was begun for another bucket than it may go to now")
    return destination
