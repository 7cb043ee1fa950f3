# SPDX-License-Identifier: MPL-2.0

"""The one place that turns an error into a status and a JSON body.

``status_of`` maps the errors of the domain; ``ErrorMiddleware`` catches what views raise. Django
calls the ``handler…`` functions for errors outside a view.
"""

import logging
import sys

from django.conf import settings
from django.core.exceptions import (
    BadRequest,
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
)
from django.core.signals import got_request_exception
from django.db import OperationalError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.http.multipartparser import MultiPartParserError
from django.http.request import UnreadablePostError
from django.http.response import HttpResponseBase
from django.utils.cache import patch_vary_headers

from tecken.core import errors
from tecken.web.middleware import Middleware
from tecken.web.page import app_page
from tecken.web.private import open_to_all
from tecken.web.responses import json_error, json_response

logger = logging.getLogger(__name__)

# The first class that fits decides, so the special ones come before their bases.
_STATUSES: tuple[tuple[type[Exception], int], ...] = (
    (errors.LimitExceededError, 413),
    (errors.RequestTimeoutError, 408),
    (errors.UnsupportedCodingError, 415),
    (errors.ConflictError, 409),
    (errors.GoneError, 410),
    (errors.NotPermittedError, 403),
    (errors.RefusedError, 400),
    (errors.BusyError, 429),
    (errors.ObjectNotFoundError, 404),
    (errors.StorageError, 503),
    (errors.RemoteUnavailableError, 503),
    (errors.SymbolFileError, 400),
    (errors.ProgramNotRunError, 503),
    (RequestDataTooBig, 413),
    (SuspiciousOperation, 400),
    (BadRequest, 400),  # a form that says it is not UTF-8
    (MultiPartParserError, 400),
    (UnreadablePostError, 400),
    (PermissionDenied, 403),
    (Http404, 404),
    # A database that is locked, full or away: nobody knows, so the client should come again.
    (OperationalError, 503),
)


def status_of(error: Exception) -> int:
    """Return the status for an error; 500 for one that should not have come this far."""
    return next((status for kind, status in _STATUSES if isinstance(error, kind)), 500)


def error_response(error: Exception) -> HttpResponse:
    """Answer an error: its sentence for the client, the details of a fault only for the log."""
    status = status_of(error)
    if status == 500:
        return json_error("Internal Server Error", status)
    if isinstance(error, OperationalError):
        return json_error("The database cannot be used now", status)
    if isinstance(error, errors.InvalidFieldsError):
        return json_response({"errors": error.errors}, status)
    details = error.details if isinstance(error, errors.TeckenError) else {}
    return json_error(str(error) or type(error).__name__, status, **details)


def answer_error(request: HttpRequest, error: Exception) -> HttpResponse:
    """Answer an error, and log it when the server is to blame.

    One of our own faults has its traceback. Trouble with a service is one line, however many
    requests meet it: what it says names the service, and often the key.
    """
    response = error_response(error)
    if response.status_code == 500:
        logger.error("%s %.200s", request.method, request.path, exc_info=error)
    elif response.status_code > 500:
        reason = " ".join(str(error).split())
        kind = type(error).__name__
        logger.log(
            _level_of(error), "%s %.200s: %s: %s", request.method, request.path, kind, reason
        )
    return response


def _level_of(error: Exception) -> int:
    """Return how grave it is: that somebody else is slow, or many ask at once, is no fault of this server."""
    # Where a module could not be asked for, the cause tells why.
    both = (error, error.__cause__)
    is_of_the_moment = any(
        isinstance(each, errors.BeingFetchedError | errors.CrowdedError) for each in both
    )
    return logging.INFO if is_of_the_moment else logging.ERROR


class ErrorMiddleware(Middleware):
    """Answers the errors of views, and gives Django's bare 405 its JSON body."""

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self._get_response(request)
        if isinstance(response, HttpResponseNotAllowed) and not response.content:
            return method_not_allowed(request, response["Allow"])
        return response

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse:
        response = answer_error(request, error)
        if response.status_code == 500:
            # Django sends this only for errors that nobody answers.
            got_request_exception.send(sender=None, request=request)
        return response


def method_not_allowed(request: HttpRequest, allow: str) -> HttpResponse:
    """Answer 405, naming the method and the path."""
    response = json_error(f"Method Not Allowed ({request.method}): {request.path}", 405)
    response["Allow"] = allow
    return response


@open_to_all
def not_found(request: HttpRequest) -> HttpResponse:
    """Answer a URL that is not routed: the app's page for a browser, JSON for everyone else.

    Only someone who prefers HTML gets a page, so that no debugger stores one as a symbol, and only
    where there is an app.
    """
    has_app = "web" in settings.SERVE_ONLY
    if has_app and request.get_preferred_type(["application/json", "text/html"]) == "text/html":
        return app_page(request, status=404)
    response = json_error("Not Found", 404, path=request.path)
    if has_app:
        patch_vary_headers(response, ("Accept",))
    return response


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer an unsafe request of a session that has no valid CSRF token."""
    return json_error(f"CSRF verification failed. {reason}".strip(), 403)


def handler400(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer a request that Django itself refuses, for example for its Host header."""
    return json_error(str(exception) or "Bad Request", 400)


def handler500(request: HttpRequest) -> HttpResponse:
    """Answer a fault outside of a view, which Django is handling while it calls this."""
    error = sys.exc_info()[1]
    return answer_error(request, error if isinstance(error, Exception) else RuntimeError())
