# SPDX-License-Identifier: MPL-2.0

"""The URLs below ``/api/``, each with and without its final slash."""

from collections.abc import Callable, Iterator

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from tecken.api.document import document
from tecken.api.interface import interface
from tecken.web.errors import method_not_allowed
from tecken.web.private import open_to_all
from tecken.web.request_body import declared_length
from tecken.web.responses import json_response

# What the web app has to know before anybody signs in.
_OPEN = frozenset({"_auth", "_app"})
View = Callable[..., HttpResponseBase]


def _at_the_edge(view: View) -> View:
    """Give a view of the interface what all answers here have.

    A body that is too large is refused before it is read, and HEAD is a GET.
    """

    @csrf_exempt  # sessions are checked by ``tecken.api.access``, once it is known who asks
    def edge(request: HttpRequest, **arguments: object) -> HttpResponseBase:
        _limit_body(request)
        is_head = request.method == "HEAD"
        request.method = "GET" if is_head else request.method
        try:
            response = view(request, **arguments)
        finally:
            request.method = "HEAD" if is_head else request.method
        if isinstance(response, HttpResponseNotAllowed):
            return method_not_allowed(request, _allowed(response["Allow"]))
        if not response.has_header("Cache-Control"):
            response["Cache-Control"] = "private, no-cache"
        return response

    return edge


def _limit_body(request: HttpRequest) -> None:
    """Refuse a body that is too large; one that is sent in chunks is read to know that."""
    limit: int = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    length = declared_length(request.META)
    if length is None:
        body = request.read(limit + 1)
        length = len(body)
        request.META["CONTENT_LENGTH"] = str(length)
        request._body = body  # where Django keeps what it has read
    if length > limit:
        raise RequestDataTooBig("The body of the request is too large")


def _allowed(methods: str) -> str:
    names = {name.strip() for name in methods.split(",")}
    return ", ".join(sorted(names | {"HEAD"} if "GET" in names else names))


@open_to_all
@csrf_exempt
@require_safe
def _schema(request: HttpRequest) -> HttpResponse:
    """Answer with the OpenAPI document."""
    response = json_response(document())
    response["Cache-Control"] = "no-cache"
    return response


def _patterns() -> Iterator[URLPattern]:
    for pattern in interface.urls[0]:
        if not isinstance(pattern, URLPattern) or pattern.name == "api-root":
            continue
        view, route = _at_the_edge(pattern.callback), str(pattern.pattern).rstrip("/")
        if route in _OPEN:
            view = open_to_all(view)
        yield path(route, view)
        yield path(f"{route}/", view)


urlpatterns = [path("schema.json", _schema), *_patterns()]
