# SPDX-License-Identifier: MPL-2.0

"""Views that scripts of any web site may call: the public ones, which ignore cookies."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from tecken.web.middleware import Middleware, View

_ALLOWED_HEADERS = (
    "accept, accept-encoding, auth-token, authorization, cache-control, content-type, debug, dnt, "
    "if-match, if-modified-since, if-none-match, if-range, if-unmodified-since, origin, range, "
    "user-agent, x-csrftoken, x-requested-with"
)
_EXPOSED_HEADERS = (
    "accept-ranges, content-length, content-range, debug-time, etag, retry-after, server-timing"
)


def any_origin(*methods: str) -> Callable[[View], View]:
    """Mark a view as one that any origin may call with these methods."""

    def mark(view: View) -> View:
        view.cors_methods = ", ".join((*methods, "OPTIONS"))  # type: ignore[attr-defined]
        return view

    return mark


class CorsMiddleware(Middleware):
    """Answers OPTIONS of the marked views, and adds the header to all their answers, errors too."""

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self._get_response(request)
        match = request.resolver_match
        if match is not None and hasattr(match.func, "cors_methods"):
            response["Access-Control-Allow-Origin"] = "*"
            response["Access-Control-Expose-Headers"] = _EXPOSED_HEADERS
            if response.status_code == 405:
                response["Allow"] = match.func.cors_methods
        return response

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], _args: object, _kwargs: object
    ) -> HttpResponse | None:
        methods = getattr(view, "cors_methods", None)
        if methods is None or request.method != "OPTIONS":
            return None
        response = HttpResponse()
        del response["Content-Type"]  # there is nothing in it
        response["Access-Control-Allow-Methods"] = methods
        response["Access-Control-Allow-Headers"] = _ALLOWED_HEADERS
        response["Access-Control-Max-Age"] = "86400"
        return response
