# SPDX-License-Identifier: MPL-2.0

"""Lets an API token take the place of a session: ``Auth-Token``, and where a view says so ``Authorization``."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import patch_cache_control, patch_vary_headers

from tecken.accounts.blocked import require_not_blocked
from tecken.accounts.tokens.services import check_token
from tecken.core.errors import NotPermittedError
from tecken.web.errors import error_response
from tecken.web.middleware import Middleware, View
from tecken.web.private import is_reading
from tecken.web.responses import json_error

_BEARER = "bearer "


def takes_authorization(view: View) -> View:
    """Mark a view whose clients send a token as ``Authorization: Bearer``, and know 401 for a wrong one."""
    view.takes_authorization = True  # type: ignore[attr-defined]
    return view


def unauthorized(message: str) -> HttpResponse:
    """Answer that a token is missing or wrong, where a view is marked so."""
    response = json_error(message, 401)
    response["WWW-Authenticate"] = "Bearer"
    return response


class TokenMiddleware(Middleware):
    """Sets ``request.user`` and ``request.token`` from the header; a wrong token is refused at once.

    The check happens when the URL is resolved, so that the answer gets the headers of its view.
    """

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self._get_response(request)
        if "Auth-Token" in request.headers or request.session.accessed:
            patch_vary_headers(response, ("Auth-Token", "Cookie"))
            if not response.has_header("Cache-Control"):
                patch_cache_control(response, private=True)
        return response

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], _args: object, _kwargs: object
    ) -> HttpResponse | None:
        if is_reading(view):
            return None  # see tecken.accounts.reading
        is_marked = hasattr(view, "takes_authorization")
        header = request.headers.get("Auth-Token")
        if header is None and is_marked:
            header = bearer_of(request)
        if header is None or not settings.ENABLE_TOKENS_AUTHENTICATION:
            return None
        try:
            token = check_token(header)
            require_not_blocked(token.user)
        except NotPermittedError as error:
            return unauthorized(str(error)) if is_marked else error_response(error)
        request.user = token.user
        request.token = token  # type: ignore[attr-defined]
        # A page of another site can make a browser send its cookies, but not this header.
        request.csrf_processing_done = True  # type: ignore[attr-defined]
        return None


def bearer_of(request: HttpRequest) -> str | None:
    """Return the token of ``Authorization: Bearer`` (RFC 6750)."""
    header = request.headers.get("Authorization", "")
    return header[len(_BEARER) :] if header.lower().startswith(_BEARER) else None
