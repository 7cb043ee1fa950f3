# SPDX-License-Identifier: MPL-2.0

"""The paths that sentry-cli asks for when it uploads debug files. Organisation and project mean nothing.

Whoever asks is known by a token, ``Authorization: Bearer …``: sentry-cli has no session.
"""

from collections.abc import Callable
from contextlib import closing
from functools import wraps
from typing import Any, TypeVar, cast

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.utils.encoding import escape_uri_path
from django.views.decorators.csrf import csrf_exempt

from tecken.accounts.models import User
from tecken.accounts.permissions import granted, request_token
from tecken.accounts.tokens.middleware import takes_authorization, unauthorized
from tecken.core.errors import InvalidRequestError
from tecken.upload.buckets import destination_of, uploader_of
from tecken.upload.chunked.arriving import MAX_BODY_BYTES, ArrivingChunks
from tecken.upload.chunked.chunks import keep_chunks
from tecken.upload.chunked.protocol import (
    assemble_answer,
    read_assemble_request,
    token_answer,
    upload_options,
)
from tecken.upload.chunked.services import assemble
from tecken.upload.form import multipart_boundary
from tecken.web.codings import reads_gzip
from tecken.web.private import open_to_all
from tecken.web.request_body import take_body
from tecken.web.request_ids import current_request_id
from tecken.web.responses import json_response

View = TypeVar("View", bound=Callable[..., HttpResponse])

_NO_TOKEN = "This requires an API token of this server: Authorization: Bearer …"  # noqa: S105


def _with_token(view: View) -> View:
    """Let a view be asked with a token alone."""

    @open_to_all
    @csrf_exempt
    @takes_authorization
    @wraps(view)
    def answer(request: HttpRequest, **of_path: Any) -> HttpResponse:
        if request_token(request) is None:
            return unauthorized(_NO_TOKEN)
        response = view(request, **of_path)
        response["Cache-Control"] = "no-store"
        return response

    return cast("View", answer)


@_with_token
def about_token(request: HttpRequest) -> HttpResponse:
    """Tell whose the token is and what it may do, as ``sentry-cli info`` asks."""
    user = uploader_of(request)
    if request.method not in {"GET", "HEAD"}:
        return HttpResponseNotAllowed(["GET", "HEAD"])
    return json_response(token_answer(user, granted(request)))


@_with_token
def chunk_upload(request: HttpRequest, organization: str) -> HttpResponse:
    """Tell how chunks are to be sent, or take some."""
    user = uploader_of(request)
    if request.method in {"GET", "HEAD"}:
        return json_response(upload_options(escape_uri_path(request.path)))
    if request.method != "POST":
        return HttpResponseNotAllowed(["GET", "HEAD", "POST"])
    return _take_chunks(request, user)


@_with_token
@reads_gzip
def assemble_files(request: HttpRequest, organization: str, project: str) -> HttpResponse:
    """Tell of files what became of them, and begin with those whose chunks are there."""
    user = uploader_of(request)
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    wanted = read_assemble_request(request)
    destination = destination_of(request, user, wants_try=False)
    return json_response(assemble_answer(assemble(user, destination, wanted)))


def _take_chunks(request: HttpRequest, user: User) -> HttpResponse:
    boundary = multipart_boundary(request.headers.get("Content-Type", ""))
    if boundary is None:
        raise InvalidRequestError("Must be multipart form data with at least one chunk")
    destination = destination_of(request, user, wants_try=False)
    request_id = current_request_id()  # the body is read in another thread
    arrived = take_body(request, MAX_BODY_BYTES, lambda: ArrivingChunks(boundary, request_id))
    with closing(arrived):
        keep_chunks(user, destination.source, arrived)
    return json_response({})
